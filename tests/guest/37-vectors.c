// SPDX-License-Identifier: GPL-2.0
/*
 * One call is one write, in however many pieces its memory is.  A read of a
 * control file ends at the end of a line, so that a copy in pieces never has a
 * part of a number.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"

#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#define CHILDREN 200

static int alice;	/* a child of the case, in the top container */

static void setup(void)
{
	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	alice = ct_child();
}

static bool in(int pid, const char *path)
{
	char *where = ct_where(pid, "debug");
	bool same = where && !strcmp(where, path);

	if (!same)
		ktap_note("%d: %s", pid, where ? where : "nothing");
	free(where);
	return same;
}

/* Write two texts in one call; what writev() returns. */
static ssize_t write_two(const char *path, const char *a, const char *b)
{
	struct iovec iov[] = {
		{ .iov_base = (void *)a, .iov_len = strlen(a) },
		{ .iov_base = (void *)b, .iov_len = strlen(b) },
	};
	int fd = open(path, O_WRONLY), saved;
	ssize_t n;

	if (fd < 0)
		return -1;
	n = writev(fd, iov, ARRAY_SIZE(iov));
	saved = errno;
	close(fd);
	errno = saved;
	return n;
}

/* A number that is cut at any place is still the same number. */
static void one_number(void)
{
	char text[16];
	size_t len, cut;

	setup();
	len = snprintf(text, sizeof(text), "%d\n", alice);
	for (cut = 0; cut <= len; cut++) {
		char *head = P("%.*s", (int)cut, text);

		CTX("%s after %zu bytes", ktap_quote(text), cut);
		EXPECT_EQ(write_two(M1 "/a/tasks", head, text + cut),
			  (long)len);
		EXPECT(in(alice, "/a"));
		EXPECT_EQ(ct_count(M1 "/a"), 1);
		EXPECT_OK(ct_move(M1, alice));
	}
	CTX_END();
}

static void one_limit(void)
{
	setup();
	EXPECT_EQ(write_two(M1 "/a/numtasks.limit", "1", "50\n"), 4);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.limit"), 150);
	EXPECT_EQ(write_two(M1 "/a/numtasks.limit", "ma", "x"), 3);
	EXPECT_STR(ct_slurp(M1 "/a/numtasks.limit"), "max\n");
	EXPECT_EQ(write_two(M1 "/a/notify_on_release", "", "1\n"), 2);
	EXPECT_EQ(ct_num(M1 "/a/notify_on_release"), 1);
}

/* What is refused is refused as a whole. */
static void nothing_of_it(void)
{
	struct iovec iov[] = {
		{ .iov_base = "1", .iov_len = 1 },
		{ .iov_base = (void *)8, .iov_len = 3 },	/* not mapped */
	};
	int fd;

	setup();
	EXPECT_ERRNO(write_two(M1 "/a/numtasks.limit", "70", " x"), EINVAL);
	EXPECT_STR(ct_slurp(M1 "/a/numtasks.limit"), "max\n");
	EXPECT_ERRNO(write_two(M1 "/a/tasks", P("%d\n", alice), "999999"),
		     ESRCH);
	EXPECT(in(alice, "/"));
	fd = open(M1 "/a/numtasks.limit", O_WRONLY);
	ASSERT_OK(fd);
	EXPECT_ERRNO(writev(fd, iov, ARRAY_SIZE(iov)), EFAULT);
	EXPECT_STR(ct_slurp(M1 "/a/numtasks.limit"), "max\n");
	close(fd);
}

/* Many pieces, empty ones between; the limit is that of one write. */
static void many_pieces(void)
{
	struct iovec iov[1024];
	char *blanks = ct_fill(' ', 65536);
	char *text;
	size_t i;
	int fd;

	setup();
	text = P("%d", alice);
	for (i = 0; i < ARRAY_SIZE(iov); i++) {
		iov[i].iov_base = i / 2 < strlen(text) ? text + i / 2 : blanks;
		iov[i].iov_len = i % 2;
	}
	fd = open(M1 "/a/tasks", O_WRONLY);
	ASSERT_OK(fd);
	EXPECT_EQ(writev(fd, iov, ARRAY_SIZE(iov)), 512);
	EXPECT(in(alice, "/a"));
	EXPECT_EQ(ct_count(M1 "/a"), 1);
	EXPECT_OK(ct_move(M1, alice));

	iov[0].iov_base = text;
	iov[0].iov_len = strlen(text);
	iov[1].iov_base = blanks;
	iov[1].iov_len = 65536 - strlen(text);
	EXPECT_EQ(writev(fd, iov, 2), 65536);
	EXPECT(in(alice, "/a"));
	EXPECT_OK(ct_move(M1, alice));
	iov[1].iov_len++;
	EXPECT_ERRNO(writev(fd, iov, 2), E2BIG);
	EXPECT(in(alice, "/"));
	close(fd);
	free(blanks);
}

static void at_a_position(void)
{
	struct iovec iov[] = {
		{ .iov_base = "4", .iov_len = 1 },
		{ .iov_base = "2\n", .iov_len = 2 },
	};
	int fd;

	setup();
	fd = open(M1 "/a/numtasks.limit", O_WRONLY);
	ASSERT_OK(fd);
	if (EXPECT_EQ(pwrite(fd, "7\n", 2, 100), 2))
		EXPECT_EQ(ct_num(M1 "/a/numtasks.limit"), 7);
	if (pwritev(fd, iov, ARRAY_SIZE(iov), 100) < 0 && errno == ENOSYS)
		ktap_note("no pwritev()");
	else
		EXPECT_EQ(ct_num(M1 "/a/numtasks.limit"), 42);
	close(fd);
}

/* C libraries write their buffer and new data in one call. */
static void stdio(void)
{
	FILE *f;

	setup();
	f = fopen(M1 "/a/tasks", "w");
	ASSERT(f);
	EXPECT_CMP(fprintf(f, "%d", alice), >, 0);
	EXPECT_CMP(fputs("\n", f), >=, 0);
	EXPECT_EQ(fclose(f), 0);
	EXPECT(in(alice, "/a"));
	f = fopen(M1 "/a/numtasks.limit", "w");
	ASSERT(f);
	setvbuf(f, NULL, _IOLBF, 1024);
	EXPECT_CMP(fprintf(f, "1%d\n", 50), >, 0);
	EXPECT_EQ(fclose(f), 0);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.limit"), 150);
}

/* Returns the length of the longest start of a text that ends with a line. */
static void whole_lines(const char *all, size_t room)
{
	size_t longest = strlen("12345\n"), seen = 0;
	char *copy = calloc(1, strlen(all) + 1);
	char buf[8192];
	ssize_t n = 0;
	int fd = open(M1 "/a/tasks", O_RDONLY);

	ASSERT_OK(fd);
	CTX("%zu bytes at a time", room);
	while (seen <= strlen(all) && (n = read(fd, buf, room)) > 0) {
		if (room >= longest && !EXPECT_EQ(buf[n - 1], '\n'))
			break;
		if (!EXPECT_CMP(seen + n, <=, strlen(all)))
			break;
		memcpy(copy + seen, buf, n);
		seen += n;
	}
	EXPECT_EQ(n, 0);
	EXPECT(!strcmp(copy, all));
	CTX_END();
	close(fd);
	free(copy);
}

static void reads_end_at_a_line(void)
{
	static const size_t rooms[] = {
		1, 2, 3, 5, 6, 7, 16, 100, 350, 352, 353, 512, 4095, 4096, 8192,
	};
	char *all, two[2][100];
	struct iovec iov[] = {
		{ two[0], sizeof(two[0]) }, { two[1], sizeof(two[1]) },
	};
	unsigned int i;
	ssize_t n;
	int fd;

	setup();
	for (i = 0; i < CHILDREN; i++)
		ASSERT_OK(ct_child_in(M1 "/a"));
	all = ct_slurp(M1 "/a/tasks");
	ASSERT(all);
	for (i = 0; i < ARRAY_SIZE(rooms); i++)
		whole_lines(all, rooms[i]);
	fd = open(M1 "/a/tasks", O_RDONLY);
	ASSERT_OK(fd);
	n = readv(fd, iov, ARRAY_SIZE(iov));
	if (EXPECT_CMP(n, >, 0)) {
		size_t first = n < 100 ? n : 100;

		EXPECT_EQ(two[(n - 1) / 100][(n - 1) % 100], '\n');
		EXPECT(!memcmp(two[0], all, first));
		EXPECT(!memcmp(two[1], all + 100, n - first));
	}
	/* The position is behind what was read. */
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), n);
	n = pread(fd, two[0], 50, 7);
	EXPECT_EQ(two[0][n - 1], '\n');
	EXPECT(!memcmp(two[0], all + 7, n));
	close(fd);
}

/*
 * Copies as dd does: each piece that is read is written, and moves its tasks.
 */
static void copied_in_pieces(void)
{
	int from, to, i, moved = 0;
	char buf[512];
	ssize_t n;

	setup();
	MKDIR(M1 "/b");
	for (i = 0; i < CHILDREN; i++)
		ASSERT_OK(ct_child_in(M1 "/a"));
	from = open(M1 "/a/tasks", O_RDONLY);
	to = open(M1 "/b/tasks", O_WRONLY);
	ASSERT_OK(from);
	ASSERT_OK(to);
	while ((n = read(from, buf, sizeof(buf))) > 0) {
		EXPECT_EQ(write(to, buf, n), n);
		moved++;
	}
	EXPECT_EQ(n, 0);
	EXPECT_CMP(moved, >, 1);
	EXPECT_EQ(ct_count(M1 "/a"), 0);
	EXPECT_EQ(ct_count(M1 "/b"), CHILDREN);
	EXPECT(in(alice, "/"));
	EXPECT(in(getpid(), "/"));
	EXPECT(in(1, "/"));
	close(from);
	close(to);
}

/* What sendfile() gets of a file, or NULL and errno. */
static char *sent(const char *path)
{
	int from = open(path, O_RDONLY);
	int to = open(CT_TMP "/copy", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ssize_t n = 0;
	int saved;

	if (from >= 0 && to >= 0)
		while ((n = sendfile(to, from, NULL, 512)) > 0)
			;
	saved = errno;
	close(from);
	close(to);
	errno = saved;
	return n ? NULL : ct_slurp(CT_TMP "/copy");
}

/* Write what is in a pipe. */
static ssize_t spliced(const char *path, const char *a, const char *b)
{
	int to = open(path, O_WRONLY), fds[2], saved;
	ssize_t n = -1;

	if (to < 0 || pipe(fds))
		return -1;
	if (write(fds[1], a, strlen(a)) >= 0 && write(fds[1], b, strlen(b)) >= 0)
		n = splice(fds[0], NULL, to, NULL, strlen(a) + strlen(b), 0);
	saved = errno;
	close(fds[0]);
	close(fds[1]);
	close(to);
	errno = saved;
	return n;
}

/* Linux 2.6.22 has no way to do it for files without pages: EINVAL. */
static void without_copying(void)
{
	struct utsname name;
	bool works;
	int i;

	setup();
	uname(&name);
	works = name.release[0] != '2';
	for (i = 0; i < CHILDREN; i++)
		ASSERT_OK(ct_child_in(M1 "/a"));
	if (!works) {
		EXPECT(!sent(M1 "/a/tasks") && errno == EINVAL);
		EXPECT_ERRNO(spliced(M1 "/a/numtasks.limit", "5", "0\n"),
			     EINVAL);
		EXPECT_STR(ct_slurp(M1 "/a/numtasks.limit"), "max\n");
		return;
	}
	EXPECT_STR(sent(M1 "/a/tasks"), ct_slurp(M1 "/a/tasks"));
	EXPECT_STR(sent(M1 "/a/numtasks.limit"), "max\n");
	EXPECT_EQ(spliced(M1 "/a/numtasks.limit", "5", "0\n"), 3);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.limit"), 50);
	EXPECT_EQ(spliced(M1 "/a/tasks", P("%d", alice), "\n"),
		  (long)strlen(P("%d\n", alice)));
	EXPECT(in(alice, "/a"));
	EXPECT_ERRNO(spliced(M1 "/a/tasks", "1", "x\n"), EINVAL);
	EXPECT(in(1, "/"));
}

/*
 * The rest of the line can be copied, what follows cannot: this is a short
 * read, and the next one continues at its end.
 */
static void half_a_buffer(void)
{
	char *all, *copy, *page, buf[64];
	size_t len, seen, room;
	ssize_t n;
	int fd, i;

	setup();
	for (i = 0; i < CHILDREN; i++)
		ASSERT_OK(ct_child_in(M1 "/a"));
	all = ct_slurp(M1 "/a/tasks");
	ASSERT(all);
	len = strlen(all);
	copy = calloc(1, len + 1);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(page != MAP_FAILED);
	ASSERT_OK(munmap(page + 4096, 4096));
	for (room = 1; room < 400; room += 7) {
		CTX("room for %zu bytes", room);
		ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
		seen = 0;
		/* First some bytes of a record, so that the rest is left. */
		n = read(fd, copy, 20);
		EXPECT_CMP(n, >, 0);
		seen = n;
		n = read(fd, page + 4096 - room, 4096);
		if (n > 0) {
			EXPECT_CMP(n, <=, (long)room);
			memcpy(copy + seen, page + 4096 - room, n);
			seen += n;
		} else {
			EXPECT(n == -1 && errno == EFAULT);
		}
		while ((n = read(fd, buf, sizeof(buf))) > 0) {
			if (!EXPECT_CMP(seen + n, <=, len))
				break;
			memcpy(copy + seen, buf, n);
			seen += n;
		}
		close(fd);
		if (!EXPECT_EQ(seen, len) || !EXPECT(!memcmp(copy, all, len)))
			break;
	}
	CTX_END();
}

static const struct ktap_case cases[] = {
	T(one_number),
	T(one_limit),
	T(nothing_of_it),
	T(many_pieces),
	T(at_a_position),
	T(stdio),
	T(reads_end_at_a_line),
	T(copied_in_pieces),
	T(half_a_buffer),
	T(without_copying),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

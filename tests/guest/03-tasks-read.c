// SPDX-License-Identifier: GPL-2.0
/*
 * Reading tasks: each thread once, in ascending order.  The view is taken at
 * the first read, and does not change while it is read in pieces of any size.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"

#define MANY 150

/* The expected text for some pids, sorted here. */
static int cmp_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static char *text_of(const int *ids, int n)
{
	int *copy = malloc((n + 1) * sizeof(*copy)), i;
	char *out = calloc(n + 1, 12), *p = out;

	memcpy(copy, ids, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), cmp_int);
	for (i = 0; i < n; i++)
		p += sprintf(p, "%d\n", copy[i]);
	free(copy);
	return out;
}

static void empty_and_one(void)
{
	int pid, i;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT_STR(ct_slurp(M1 "/a/debug.task_count"), "0\n");
	pid = ct_child_in(M1 "/a");
	for (i = 0; i < 3; i++)
		EXPECT_STR(ct_slurp(M1 "/a/tasks"), P("%d\n", pid));
	EXPECT_STR(ct_slurp(M1 "/a/debug.task_count"), "1\n");
	EXPECT(!ct_has(M1, pid));
	EXPECT(ct_has(M1, getpid()));
	EXPECT(ct_has(M1, 1));
	EXPECT_OK(ct_move(M1, pid));
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT(ct_has(M1, pid));
	ct_reap(pid);
	EXPECT(!ct_has(M1, pid));
}

/* The very first listing has every thread of the machine. */
/* Forks all the time, and what it forks stays. */
static void fork_slowly(int *forked)
{
	int n;

	for (n = 0; n < 150; n++) {
		IN_CHILD(for (;;) pause());
		INC(*forked);
		usleep(1000);
	}
	for (;;)
		pause();
}

/*
 * The first hierarchy is mounted while there are threads, zombies, and forks.
 * If another test has run before in the same guest, it is not the first any
 * more.
 */
static void everyone_is_listed(void)
{
	int *forked = ct_shared(sizeof(*forked)), zombie, k;
	struct ct_thread thread;

	ct_thread_start(&thread);
	zombie = ct_zombie();
	for (k = 0; k < 2; k++)
		IN_CHILD(fork_slowly(forked));
	ASSERT_SOON(GET(*forked) > 20, 10);
	MOUNT(M1, "debug,numtasks");
	EXPECT(ct_has(M1, thread.tid));
	EXPECT(!ct_has(M1, zombie));
	ASSERT_SOON(GET(*forked) == 300, 20);
	ct_check_hierarchy(M1, "debug");
	ct_thread_stop(&thread);
	ct_reap(zombie);
	ct_check_hierarchy(M1, "debug");
	MOUNT(M2, "none,name=x");
	ct_check_hierarchy(M2, "name=x");
	MKDIR(M1 "/a");
	ct_child_in(M1 "/a");
	ct_check_hierarchy(M1, "debug");
	ct_check_hierarchy(M2, "name=x");
}

/*
 * Returns how many bytes a read returns: up to the end of a line, if there is
 * one.
 */
static size_t whole_lines(const char *text, size_t room)
{
	size_t n = room;

	while (n && text[n - 1] != '\n')
		n--;
	return n ? n : room;
}

/* Processes and threads, read in every way there is. */
static void many_in_pieces(void)
{
	static const int sizes[] = { 1, 2, 3, 5, 7, 64, 1021, 4096, 65536 };
	static struct ct_thread threads[MANY];
	int many = ktap_scale() > 1 ? MANY / 5 : MANY;
	int ids[2 * MANY], n = 0, i, fd;
	char *want, buf[64];
	size_t len, at;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	ASSERT_OK(ct_move(M1 "/a", getpid()));
	for (i = 0; i < many; i++)
		ids[n++] = ct_child();
	for (i = 0; i < many - 1; i++)
		ids[n++] = ct_thread_start(&threads[i]);
	ids[n++] = getpid();
	want = text_of(ids, n);
	len = strlen(want);
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), want);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), n);
	for (i = 0; i < (int)ARRAY_SIZE(sizes); i++) {
		CTX("reads of %d bytes", sizes[i]);
		ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
		EXPECT_STR(ct_read_fd(fd, sizes[i]), want);
		EXPECT_EQ(read(fd, buf, 10), 0);
		EXPECT_EQ(lseek(fd, 0, SEEK_CUR), len);
		EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
		EXPECT_STR(ct_read_fd(fd, sizes[i]), want);
		close(fd);
	}
	CTX("%s", "seek and pread");
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
	for (at = 0; at < len; at += 37) {
		size_t part = len - at < 20 ? len - at : 20;

		part = whole_lines(want + at, part);
		EXPECT_EQ(lseek(fd, at, SEEK_SET), at);
		EXPECT_EQ(read(fd, buf, 20), part);
		if (!EXPECT_EQ(memcmp(buf, want + at, part), 0))
			break;
		at += 11;
		part = len > at && len - at < 20 ? len - at : 20;
		if (at >= len)
			break;
		part = whole_lines(want + at, part);
		EXPECT_EQ(pread(fd, buf, 20, at), part);
		if (!EXPECT_EQ(memcmp(buf, want + at, part), 0))
			break;
	}
	EXPECT_EQ(pread(fd, buf, 10, len), 0);
	EXPECT_EQ(pread(fd, buf, 10, len + 100), 0);
	EXPECT_EQ(lseek(fd, len - 1, SEEK_SET), len - 1);
	EXPECT_EQ(read(fd, buf, 10), 1);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	close(fd);
	CTX_END();
	for (i = 0; i < many - 1; i++)
		ct_thread_stop(&threads[i]);
	EXPECT_SOON(ct_count(M1 "/a") == many + 1, 5);
}

/* A thread that has been joined is gone from the list. */
static void threads_leave(void)
{
	struct ct_thread t[3];
	int ids[4], i;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	ASSERT_OK(ct_move(M1 "/a", getpid()));
	ids[0] = getpid();
	for (i = 0; i < 3; i++)
		ids[i + 1] = ct_thread_start(&t[i]);
	for (i = 3; i > 0; i--) {
		EXPECT_STR(ct_slurp(M1 "/a/tasks"), text_of(ids, i + 1));
		ct_thread_stop(&t[i - 1]);
		/* join returns when the thread is about to exit */
		EXPECT_SOON(ct_count(M1 "/a") == i, 5);
	}
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), text_of(ids, 1));
}

static void view_is_taken_at_first_read(void)
{
	int fd, fd2, one, two;
	char buf[64];

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
	one = ct_child_in(M1 "/a");
	/* opened before the change, read after it */
	EXPECT_EQ(read(fd, buf, 1), 1);
	EXPECT_EQ(buf[0], P("%d", one)[0]);
	two = ct_child_in(M1 "/a");
	EXPECT_OK(ct_move(M1, one));
	/* the rest of the view that the first read took */
	EXPECT_STR(ct_read_fd(fd, 3), P("%d\n", one) + 1);
	ASSERT_OK(fd2 = open(M1 "/a/tasks", O_RDONLY));
	EXPECT_STR(ct_read_fd(fd2, 100), P("%d\n", two));
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_STR(ct_read_fd(fd, 100), P("%d\n", two));
	ct_reap(two);
	EXPECT_EQ(lseek(fd2, 0, SEEK_SET), 0);
	EXPECT_STR(ct_read_fd(fd2, 1), "");
	EXPECT_OK(ct_move(M1 "/a", one));
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_STR(ct_read_fd(fd, 1), P("%d\n", one));
	ct_reap(one);
	close(fd);
	close(fd2);
}

/* A view that is being read does not change when its tasks have exited. */
static void view_survives_its_tasks(void)
{
	int ids[50], i, fd;
	char *want, *rest, c;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	for (i = 0; i < 50; i++)
		ids[i] = ct_child_in(M1 "/a");
	want = text_of(ids, 50);
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
	ASSERT_EQ(read(fd, &c, 1), 1);
	for (i = 0; i < 50; i++)
		ct_reap(ids[i]);
	for (i = 0; i < 10; i++)
		ct_child_in(M1 "/a");
	rest = ct_read_fd(fd, 7);
	EXPECT_EQ(c, want[0]);
	EXPECT_STR(rest, want + 1);
	close(fd);
}

/* Forks and exits all the time, beside ten tasks that stay. */
static void fork_storm(int workers, int *stop)
{
	while (workers--)
		(void)IN_CHILD({
			while (!GET(*stop)) {
				int pid = fork();

				if (!pid)
					_exit(0);
				if (pid > 0)
					waitpid(pid, NULL, 0);
			}
		});
}

static void listing_in_a_fork_storm(void)
{
	int *stop = ct_shared(4096), stay[10], i, n, rounds = 0, most = 0;

	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	ASSERT_OK(ct_move(M1 "/a", getpid()));
	fork_storm(3, stop);
	for (i = 0; i < 10; i++) {
		stay[i] = ct_child();
		usleep(5000);
	}
	EXPECT_OK(ct_move(M1, getpid()));
	/* only the tasks that stay: there has been no storm yet */
	while (GO_ON(rounds < ktap_loops(3600) || most <= 13)) {
		int *ids = ct_tasks(M1 "/a", &n);

		for (i = 0; i < 10; i++)
			if (!bsearch(&stay[i], ids, n, sizeof(int), cmp_int))
				FAIL("%d is not listed among %d", stay[i], n);
		if (n > most)
			most = n;
		EXPECT_CMP(n, >=, 13);
		EXPECT_CMP(n, <=, 16);
		free(ids);
		rounds++;
	}
	SET(*stop, 1);
	EXPECT_SOON(ct_count(M1 "/a") == 10, 10);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 10);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 10);
	ct_check_hierarchy(M1, "debug");
}

/* Tasks move in and out while they are listed; the listing comes to an end. */
static void listing_in_a_move_storm(void)
{
	int ids[20], stay, i, pid, rounds = 0, *moves = ct_shared(4096);

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	stay = ct_child_in(M1 "/a");
	for (i = 0; i < 20; i++)
		ids[i] = ct_child();
	pid = IN_CHILD({
		unsigned long rnd = ktap_seed();

		for (;;) {
			EXPECT_OK(ct_move(ktap_rand(&rnd) % 2 ? M1 "/a" :
					  M1 "/b",
					  ids[ktap_rand(&rnd) % 20]));
			INC(*moves);
		}
	});
	while (GO_ON(rounds < ktap_loops(9000) ||
		     GET(*moves) < ktap_loops(3000))) {
		int n, *list = ct_tasks(M1 "/a", &n);

		EXPECT(bsearch(&stay, list, n, sizeof(int), cmp_int));
		EXPECT_CMP(n, <=, 21);
		free(list);
		rounds++;
	}
	ktap_note("%d listings, %d moves", rounds, GET(*moves));
	ct_reap(pid);
	EXPECT_CMP(ct_count(M1 "/a") + ct_count(M1 "/b"), >=, 5);
	ct_check_hierarchy(M1, "debug");
}

/* Two processes read one open file; both get valid lines. */
static void shared_descriptor(void)
{
	int i, w, fd, pid[2], rounds = ktap_loops(240000);

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	for (i = 0; i < 30; i++)
		ct_child_in(M1 "/a");
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
	for (w = 0; w < 2; w++)
		pid[w] = IN_CHILD({
			char buf[16];
			int n;

			for (n = 0; GO_ON(n < rounds); n++) {
				long got, k;

				EXPECT_OK(got = read(fd, buf, 1 + n % 16));
				for (k = 0; k < got; k++)
					if (!isdigit(buf[k]) && buf[k] != '\n')
						FAIL("byte %d", buf[k]);
				if (!got)
					lseek(fd, 0, SEEK_SET);
			}
		});
	for (w = 0; w < 2; w++)
		ct_ended_well(pid[w]);
	lseek(fd, 0, SEEK_SET);
	free(ct_parse_tasks("the list", ct_read_fd(fd, 64), &i));
	EXPECT_EQ(i, 30);
	close(fd);
}

static const struct ktap_case cases[] = {
	T(everyone_is_listed),
	T(empty_and_one),
	T(many_in_pieces),
	T(threads_leave),
	T(view_is_taken_at_first_read),
	T(view_survives_its_tasks),
	T(listing_in_a_fork_storm),
	T(listing_in_a_move_storm),
	T(shared_descriptor),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Writing tasks: which numbers are valid, which tasks may be moved, by which
 * users, and that a write moves either all tasks that it names or none.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"

#define LIMIT 65536	/* the longest write */

static int alice;	/* two children of the case, in the top container */
static int bob;

static void setup(void)
{
	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	alice = ct_child();
	bob = ct_child();
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

/* A write that succeeds and moves alice to /a. */
static void moves(const char *text, size_t len)
{
	CTX("%zu bytes %s", len, ktap_quote(text));
	if (EXPECT_OK(ct_writen(M1 "/a/tasks", text, len))) {
		EXPECT(in(alice, "/a"));
		EXPECT_OK(ct_move(M1, alice));
	}
	CTX_END();
}

/* A write that fails and moves nobody. */
static void refuses(const char *text, size_t len, int err)
{
	CTX("%zu bytes %s", len, ktap_quote(text));
	EXPECT_ERRNO(ct_writen(M1 "/a/tasks", text, len), err);
	EXPECT(in(alice, "/"));
	EXPECT(in(bob, "/"));
	EXPECT(in(getpid(), "/"));
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	CTX_END();
}

static void moves_str(const char *text)
{
	moves(text, strlen(text));
}

static void refuses_str(const char *text, int err)
{
	refuses(text, strlen(text), err);
}

static void numbers(void)
{
	char *buf;

	setup();
	moves_str(P("%d", alice));
	moves_str(P("%d\n", alice));
	moves_str(P("%d\n\n", alice));
	moves_str(P(" %d", alice));
	moves_str(P("\t%d ", alice));
	moves_str(P("\n\t %d \t\n ", alice));
	moves_str(P("\v\f\r%d\v\f\r", alice));
	moves_str(P("000000000000000000000000%d", alice));
	buf = ct_fill(' ', LIMIT);
	memcpy(buf + 4080, P("%d", alice), strlen(P("%d", alice)));
	moves(buf, 4096);
	moves(buf, 8192);
	moves(buf, LIMIT);
	memset(buf, '0', LIMIT);
	memcpy(buf + LIMIT - strlen(P("%d", alice)), P("%d", alice),
	       strlen(P("%d", alice)));
	moves(buf, LIMIT);
}

static void no_numbers(void)
{
	static const char *const texts[] = {
		"\n", " ", "\t\n ", "abc", "-1", "-1000", "- 1", "+1", "-0",
		"0x1", "0X1", "1x", "x1", "1,2", "1;", "1.0", "1-2", "1e1",
		"2147483648", "4294967295", "4294967296", "4294967297",
		"9223372036854775808", "18446744073709551617",
		"99999999999999999999", "100000000000000000000000000000000",
		"\001", "\0331", "\3011", "self", "max",
	};
	unsigned int i;

	setup();
	EXPECT_OK(ct_writen(M1 "/a/tasks", "", 0));
	EXPECT(in(alice, "/"));
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		refuses_str(texts[i], EINVAL);
	refuses("\0", 1, EINVAL);
	refuses("\0001", 2, EINVAL);
	refuses(P("%d%c", alice, 0), strlen(P("%d", alice)) + 1, EINVAL);
	refuses_str(P("%dx", alice), EINVAL);
	refuses_str(P("+%d", alice), EINVAL);
	refuses_str(P("-%d", alice), EINVAL);
	refuses_str(P("0x%x", alice), EINVAL);
	refuses_str(P("%d -", alice), EINVAL);
	refuses_str(P("%ld", 4294967296L + alice), EINVAL);
	refuses_str(P("%ld", (1L << 62) + alice), EINVAL);
	refuses_str(P("%d%s", alice, ct_fill('9', 5000)), EINVAL);
}

static void no_such_task(void)
{
	int pid, zombie;

	setup();
	refuses_str("99999999", ESRCH);
	refuses_str("2147483647", ESRCH);
	zombie = ct_zombie();
	refuses_str(P("%d", zombie), ESRCH);
	ct_reap(zombie);
	refuses_str(P("%d", zombie), ESRCH);
	pid = ct_child();
	ct_reap(pid);
	refuses_str(P("%d", pid), ESRCH);
}

static int find_task(const char *name)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int pid = 0;

	while (d && (e = readdir(d)) && !pid) {
		char *s = atoi(e->d_name) > 0 ?
			  ct_slurp(P("/proc/%s/stat", e->d_name)) : NULL;

		if (s && strstr(s, P("(%s)", name)))
			pid = atoi(e->d_name);
		free(s);
	}
	closedir(d);
	return pid;
}

static void kernel_threads(void)
{
	int kthreadd = find_task("kthreadd"), other = find_task("ksoftirqd/0");

	setup();
	ASSERT_EQ(kthreadd, 2);
	refuses_str(P("%d", kthreadd), EINVAL);
	refuses_str(P("%d %d", alice, kthreadd), EINVAL);
	/* a thread bound to its CPU: only cpusets refuses that */
	ASSERT_CMP(other, >, 2);
	EXPECT_OK(ct_move(M1 "/a", other));
	EXPECT(in(other, "/a"));
	EXPECT_OK(ct_move(M1, other));
	/* init is a task like any other */
	EXPECT_OK(ct_move(M1 "/a", 1));
	EXPECT(in(1, "/a"));
	EXPECT_OK(ct_move(M1, 1));
}

static void size_limit(void)
{
	char *buf = ct_fill(' ', LIMIT + 10);

	setup();
	memcpy(buf, P("%d", alice), strlen(P("%d", alice)));
	refuses(buf, LIMIT + 1, E2BIG);
	refuses(buf, LIMIT + 9, E2BIG);
	memset(buf, '1', LIMIT);
	refuses(buf, LIMIT + 1, E2BIG);
}

static void bad_buffer(void)
{
	int fd, i, n = ktap_loops(3000), digits;
	long before;
	char *page;

	setup();
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(page != MAP_FAILED);
	ASSERT_OK(munmap(page + 4096, 4096));
	ASSERT_OK(fd = open(M1 "/a/tasks", O_WRONLY));
	EXPECT_ERRNO(write(fd, NULL, 1), EFAULT);
	EXPECT_ERRNO(write(fd, (void *)4096, 100), EFAULT);
	EXPECT_ERRNO(write(fd, (void *)-4096L, 100), EFAULT);
	/* the number is there, then the memory ends */
	memset(page, ' ', 4096);
	digits = strlen(P("%d", alice));
	memcpy(page + 4096 - digits, P("%d", alice), digits);
	EXPECT_ERRNO(write(fd, page, 4097), EFAULT);
	EXPECT_ERRNO(write(fd, page + 4096 - digits, digits + 1), EFAULT);
	EXPECT(in(alice, "/"));
	EXPECT_EQ(write(fd, page + 4096 - digits, digits), digits);
	EXPECT(in(alice, "/a"));
	/* no leak: 60,000 bytes each time would be seen */
	before = ct_mem_free();
	for (i = 0; i < n; i++)
		if (!EXPECT_ERRNO(write(fd, (void *)4096, 60000), EFAULT))
			break;
	ASSERT_CMP(before, >, 0);
	EXPECT_CMP(before - ct_mem_free(), <, n * 60L / 4);
	close(fd);
}

/* Every write to one descriptor is a write of its own, wherever it is. */
static void position_does_not_matter(void)
{
	char num[16];
	int fd, len;

	setup();
	len = sprintf(num, "%d", alice);
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDWR));
	EXPECT_EQ(pwrite(fd, num, len, 100), len);
	EXPECT(in(alice, "/a"));
	EXPECT_OK(ct_move(M1, alice));
	EXPECT_EQ(write(fd, num, len), len);
	EXPECT_EQ(write(fd, num, len), len);
	EXPECT(in(alice, "/a"));
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_STR(ct_read_fd(fd, 100), P("%d\n", alice));
	close(fd);
	EXPECT_OK(ct_move(M1, alice));
	ASSERT_OK(fd = open(M1 "/a/tasks", O_WRONLY | O_APPEND | O_CREAT |
			    O_TRUNC, 0666));
	EXPECT_EQ(write(fd, num, len), len);
	EXPECT(in(alice, "/a"));
	close(fd);
}

static void zero_is_the_writer(void)
{
	struct ct_thread t;
	int pid;

	setup();
	EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
	EXPECT(in(getpid(), "/a"));
	EXPECT_OK(ct_write(M1 "/a/tasks", "0\n"));
	EXPECT_OK(ct_write(M1 "/tasks", P("%d 0", bob)));
	EXPECT(in(getpid(), "/"));
	/* a child's 0 is the child */
	pid = IN_CHILD({
		ct_write(M1 "/a/tasks", "0");
		for (;;)
			pause();
	});
	EXPECT_SOON(ct_has(M1 "/a", pid), 10);
	EXPECT(in(getpid(), "/"));
	ct_reap(pid);
	/* a thread's 0 is the thread; here the other one writes */
	ct_thread_start(&t);
	EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
	EXPECT_STR(ct_where_tid(getpid(), t.tid, "debug"), "/");
	EXPECT(in(getpid(), "/a"));
	ct_thread_stop(&t);
}

static void threads_by_tid(void)
{
	struct ct_thread t;

	setup();
	ct_thread_start(&t);
	EXPECT_OK(ct_move(M1 "/a", t.tid));
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), P("%d\n", t.tid));
	EXPECT_STR(ct_where_tid(getpid(), t.tid, "debug"), "/a");
	EXPECT_STR(ct_where(0, "debug"), "/");
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M1, t.tid));
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), P("%d\n", getpid()));
	ct_thread_stop(&t);
}

static void *outlives_leader(void *arg)
{
	SET(*(int *)arg, ct_gettid());
	for (;;)
		pause();
	return NULL;
}

/* The leader of a process has exited, its threads have not. */
static void zombie_leader(void)
{
	int *tid = ct_shared(4096);
	pthread_t th;
	int pid;

	setup();
	pid = IN_CHILD({
		pthread_create(&th, NULL, outlives_leader, tid);
		syscall(SYS_exit, 0);	/* this thread only */
	});
	ASSERT_SOON(GET(*tid) && ktap_stat(pid, NULL, NULL) == 'Z', 10);
	refuses_str(P("%d", pid), ESRCH);
	refuses_str(P("%d %d", *tid, pid), ESRCH);
	EXPECT_STR(ct_where_tid(pid, *tid, "debug"), "/");
	EXPECT_OK(ct_move(M1 "/a", *tid));
	EXPECT_STR(ct_where_tid(pid, *tid, "debug"), "/a");
	EXPECT_STR(ct_where(pid, "debug"), "/");
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), P("%d\n", *tid));
	ct_reap(pid);
	EXPECT_SOON(ct_count(M1 "/a") == 0, 5);
}

static void several(void)
{
	int groups;

	setup();
	groups = ct_num(M1 "/debug.css_groups");
	EXPECT_OK(ct_write(M1 "/a/tasks", P("%d %d", alice, bob)));
	EXPECT(in(alice, "/a"));
	EXPECT(in(bob, "/a"));
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), groups + 1);
	EXPECT_OK(ct_write(M1 "/tasks", P("\n%d\n%d\n", bob, alice)));
	EXPECT_SOON(ct_num(M1 "/debug.css_groups") == groups, 2);
	/* named twice, moved once */
	EXPECT_OK(ct_write(M1 "/a/tasks", P("%d %d %d", alice, bob, alice)));
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 2);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 2);
	EXPECT_OK(ct_write(M1 "/tasks", P("%d 0 %d", alice, bob)));
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	/* some of them are there already */
	EXPECT_OK(ct_move(M1 "/a", alice));
	EXPECT_OK(ct_write(M1 "/a/tasks", P("%d %d", bob, alice)));
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 2);
}

static void all_or_none(void)
{
	int zombie, groups, i;

	setup();
	zombie = ct_zombie();
	groups = ct_num(M1 "/debug.css_groups");
	for (i = 0; i < ktap_loops(50); i++) {
		refuses_str(P("%d %d 99999999", alice, bob), ESRCH);
		refuses_str(P("99999999 %d %d", alice, bob), ESRCH);
		refuses_str(P("%d 99999999 %d", alice, bob), ESRCH);
		refuses_str(P("%d %d %d", alice, zombie, bob), ESRCH);
		refuses_str(P("%d 2 %d", alice, bob), EINVAL);
		refuses_str(P("0 %d x", alice), EINVAL);
		refuses_str(P("%d %d -1", alice, alice), EINVAL);
		refuses_str(P("%d 2147483648", alice), EINVAL);
		/* of two that fail, the first decides */
		refuses_str(P("%d 99999999 2", alice), ESRCH);
		refuses_str(P("%d 2 99999999", alice), EINVAL);
	}
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), groups);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 0);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.peak"), 0);
	ct_reap(zombie);
}

/*
 * A reader of the tasks file sees both of two tasks that move together, or
 * none.
 */
static void together(void)
{
	int mover, rounds = 0, both = 0;

	setup();
	mover = IN_CHILD({
		char *text = strdup(P("%d %d", alice, bob));

		for (;;) {
			EXPECT_OK(ct_write(M1 "/a/tasks", text));
			EXPECT_OK(ct_write(M1 "/tasks", text));
		}
	});
	while (GO_ON(rounds < ktap_loops(8400) || !both)) {
		int n = ct_count(M1 "/a");

		if (n != 0 && n != 2)
			FAIL("one of two tasks has moved");
		both += n == 2;
		rounds++;
	}
	ktap_note("%d listings, %d with both", rounds, both);
	ct_reap(mover);
}

static void a_thousand_in_one_write(void)
{
	int n = ktap_loops(1000), i, *ids = malloc(n * sizeof(*ids));
	char *text = malloc(n * 12 + 1), *p = text;

	setup();
	for (i = 0; i < n; i++) {
		ids[i] = ct_child();
		p += sprintf(p, "%d%c", ids[i], i % 2 ? '\n' : ' ');
	}
	EXPECT_OK(ct_write(M1 "/a/tasks", text));
	EXPECT_EQ(ct_count(M1 "/a"), n);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), n);
	EXPECT_OK(ct_write(M1 "/tasks", text));
	EXPECT_EQ(ct_count(M1 "/a"), 0);
	/* the last one has gone */
	ct_reap(ids[n - 1]);
	EXPECT_ERRNO(ct_write(M1 "/a/tasks", text), ESRCH);
	EXPECT_EQ(ct_count(M1 "/a"), 0);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 0);
}

static void same_container_again(void)
{
	int i, groups;

	setup();
	EXPECT_OK(ct_move(M1 "/a", alice));
	groups = ct_num(M1 "/debug.css_groups");
	for (i = 0; i < 20; i++)
		EXPECT_OK(ct_move(M1 "/a", alice));
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), groups);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 1);
}

/* Tasks are moved while they exit: moved or ESRCH, and then they are gone. */
static void exiting_tasks(void)
{
	unsigned long rnd = ktap_seed();
	int i, moved = 0, gone = 0;

	setup();
	for (i = 0; i < ktap_loops(1500); i++) {
		int spin = ktap_rand(&rnd) % 300000;
		int pid = IN_CHILD(ktap_spin(spin));

		if (!ct_move(M1 "/a", pid))
			moved++;
		else if (EXPECT_EQ(errno, ESRCH))
			gone++;
		EXPECT_EQ(waitpid(pid, NULL, 0), pid);
		if (!EXPECT_STR(ct_slurp(M1 "/a/tasks"), ""))
			break;
	}
	ktap_note("%d moved, %d were exiting", moved, gone);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 0);
	RMDIR(M1 "/a");
}

/*
 * A move waits for no grace period, neither for each task nor for each write.
 */
static void waits_for_nothing(void)
{
	setup();
	EXPECT_NO_WAIT(100, EXPECT_OK(ct_move(M1 "/a", alice));
		       EXPECT_OK(ct_move(M1, alice)));
}

static const struct ktap_case cases[] = {
	T(numbers),
	T(no_numbers),
	T(no_such_task),
	T(kernel_threads),
	T(size_limit),
	T(bad_buffer),
	T(position_does_not_matter),
	T(zero_is_the_writer),
	T(threads_by_tid),
	T(zombie_leader),
	T(several),
	T(all_or_none),
	T(together),
	T(a_thousand_in_one_write),
	T(same_container_again),
	T(exiting_tasks),
	T(waits_for_nothing),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

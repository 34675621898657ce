// SPDX-License-Identifier: GPL-2.0
/*
 * The owner subsystem: ids that are never reused, and the first task of a
 * container, which is never confused with another one.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"

#define ID(dir) ct_num(dir "/owner.id")
#define INIT(dir) ct_num(dir "/owner.init")
#define INIT_OF(pid) ct_num(P(M1 "/%d/owner.init", pid))
#define PID_MAX "/proc/sys/kernel/pid_max"

/* Microseconds until a removed container is freed, after a grace period. */
#define FREED 100000

/* The highest id there was before the case. */
static long last;

static void setup(void)
{
	MOUNT(M1, "owner");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	last = ID(M1 "/b");
}

/* A child in a container of its own, which is named after it. */
static int owner_clone(void)
{
	/* a fork, with CLONE_NEWUTS */
	int pid = syscall(SYS_clone, 0x04000000 | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		for (;;)
			pause();
	ASSERT_OK(pid);
	return pid;
}

static void files(void)
{
	static const char *const names[] = {
		M1 "/owner.id", M1 "/owner.init",
		M1 "/a/owner.id", M1 "/a/owner.init",
	};
	unsigned int i;

	setup();
	EXPECT_STR(ct_slurp(M1 "/owner.id"), "0\n");
	EXPECT_STR(ct_slurp(M1 "/owner.init"), "1\n");
	EXPECT_STR(ct_slurp(M1 "/a/owner.init"), "0\n");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		CTX("%s", names[i]);
		EXPECT_MODE(ct_mode(names[i]), S_IFREG | 0444);
		EXPECT_ERRNO(ct_write(names[i], "7"), EINVAL);
		RUN_AS(NOBODY, {
			EXPECT_ERRNO(ct_write(names[i], "7"), EACCES);
			EXPECT_CMP(ct_num(names[i]), >=, 0);
		});
	}
	CTX_END();
	EXPECT_STR(ct_slurp(M1 "/owner.id"), "0\n");
	EXPECT_STR(ct_slurp(M1 "/owner.init"), "1\n");
}

static void ids_ascend(void)
{
	long id;

	setup();
	EXPECT_CMP(ID(M1 "/a"), >, 0);
	EXPECT_EQ(ID(M1 "/b"), ID(M1 "/a") + 1);
	MKDIR(M1 "/a/c");
	MKDIR(M1 "/a/c/d");
	EXPECT_EQ(ID(M1 "/a/c"), last + 1);
	EXPECT_EQ(ID(M1 "/a/c/d"), last + 2);
	/* the name comes again, the id does not */
	id = ID(M1 "/a/c/d");
	RMDIR(M1 "/a/c/d");
	usleep(FREED);
	MKDIR(M1 "/a/c/d");
	EXPECT_EQ(ID(M1 "/a/c/d"), id + 1);
	/* a new name does not make a new container */
	EXPECT_OK(rename(M1 "/b", M1 "/x"));
	EXPECT_EQ(ID(M1 "/x"), last);
	/* there is no second one of this name, and nothing has happened */
	EXPECT_ERRNO(mkdir(M1 "/x", 0755), EEXIST);
	EXPECT_EQ(ID(M1 "/x"), last);
	EXPECT_EQ(ID(M1), 0);
}

/* The hierarchy dissolves and is made again, alone and with others. */
static void ids_outlive_hierarchies(void)
{
	long id, init;
	int pid;

	setup();
	RMDIR(M1 "/a");
	RMDIR(M1 "/b");
	UMOUNT(M1);
	usleep(FREED);
	MOUNT(M1, "owner,debug");
	EXPECT_EQ(ID(M1), 0);
	EXPECT_EQ(INIT(M1), 1);
	MKDIR(M1 "/a");
	id = ID(M1 "/a");
	EXPECT_CMP(id, >, last);
	pid = ct_child_in(M1 "/a");
	init = INIT(M1 "/a");
	EXPECT_EQ(init, pid);
	/* with a child it stays, and the child is the same one */
	UMOUNT(M1);
	MOUNT(M2, "debug,owner");
	EXPECT_EQ(ID(M2 "/a"), id);
	EXPECT_EQ(INIT(M2 "/a"), pid);
	EXPECT_EQ(ID(M2), 0);
	ct_reap(pid);
}

/* An open file of a removed container cannot be read. */
static void removed(void)
{
	int id, init, pid;

	setup();
	pid = ct_child_in(M1 "/a");
	id = open(M1 "/a/owner.id", O_RDONLY);
	init = open(M1 "/a/owner.init", O_RDONLY);
	ASSERT_OK(id);
	ASSERT_OK(init);
	ct_reap(pid);
	RMDIR(M1 "/a");
	EXPECT(!ct_read_fd(id, 100) && errno == ENODEV);
	EXPECT(!ct_read_fd(init, 100) && errno == ENODEV);
	close(id);
	close(init);
}

static void first_by_move(void)
{
	int pid[4], i;

	setup();
	for (i = 0; i < 4; i++)
		pid[i] = ct_child();
	EXPECT_OK(ct_move(M1 "/a", pid[1]));
	EXPECT_EQ(INIT(M1 "/a"), pid[1]);
	EXPECT_OK(ct_move(M1 "/a", pid[0]));
	EXPECT_EQ(INIT(M1 "/a"), pid[1]);
	/* a move that fails, and one that moves nothing, are none */
	EXPECT_ERRNO(ct_write(M1 "/b/tasks", P("%d 99999999", pid[2])), ESRCH);
	EXPECT_EQ(INIT(M1 "/b"), 0);
	EXPECT_OK(ct_move(M1 "/a", pid[1]));
	EXPECT_EQ(INIT(M1 "/a"), pid[1]);
	/* of several, the first one in the write */
	EXPECT_OK(ct_write(M1 "/b/tasks", P("%d %d %d", pid[3], pid[0],
					    pid[1])));
	EXPECT_EQ(INIT(M1 "/b"), pid[3]);
	/* it stays the first when it is elsewhere */
	EXPECT_EQ(INIT(M1 "/a"), pid[1]);
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT_OK(ct_move(M1 "/a", pid[2]));
	EXPECT_EQ(INIT(M1 "/a"), pid[1]);
	EXPECT_OK(ct_move(M1, pid[1]));
	EXPECT_EQ(INIT(M1 "/a"), pid[1]);
	EXPECT_EQ(INIT(M1), 1);
	for (i = 0; i < 4; i++)
		ct_reap(pid[i]);
	EXPECT_EQ(INIT(M1 "/a"), 0);
	EXPECT_EQ(INIT(M1 "/b"), 0);
	EXPECT_EQ(INIT(M1), 1);
}

/* A task below a container is not in it. */
static void containers_below(void)
{
	int one, two;

	setup();
	MKDIR(M1 "/a/c");
	one = ct_child_in(M1 "/a/c");
	EXPECT_EQ(INIT(M1 "/a/c"), one);
	EXPECT_EQ(INIT(M1 "/a"), 0);
	two = ct_child_in(M1 "/a");
	EXPECT_EQ(INIT(M1 "/a"), two);
	EXPECT_EQ(INIT(M1 "/a/c"), one);
	ct_reap(one);
	ct_reap(two);
}

/* The children are not the first, and do not become it. */
static void first_exits(void)
{
	int p[2], parent, child, status;
	siginfo_t info;
	char c;

	setup();
	ASSERT_OK(pipe(p));
	parent = IN_CHILD({
		int pid;

		EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
		pid = ct_child();
		EXPECT_EQ(write(p[1], &pid, sizeof(pid)), sizeof(pid));
		ktap_spin(1000);
		pause();
	});
	ASSERT_EQ(read(p[0], &child, sizeof(child)), sizeof(child));
	EXPECT_EQ(INIT(M1 "/a"), parent);
	kill(parent, SIGKILL);
	/*
	 * a zombie has left; its number is not free yet, but it counts as gone
	 */
	EXPECT_OK(waitid(P_PID, parent, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(INIT(M1 "/a"), 0);
	EXPECT_EQ(waitpid(parent, &status, 0), parent);
	EXPECT_EQ(INIT(M1 "/a"), 0);
	EXPECT(ct_has(M1 "/a", child));
	/* nor does a task that comes later */
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_EQ(INIT(M1 "/a"), 0);
	EXPECT_OK(ct_move(M1, getpid()));
	kill(child, SIGKILL);
	close(p[1]);
	EXPECT_EQ(read(p[0], &c, 1), 0);
	EXPECT_SOON(ct_count(M1 "/a") == 0, 5);
	EXPECT_EQ(INIT(M1 "/a"), 0);
	RMDIR(M1 "/a");
}

/* A thread alone is a task, too. */
static void thread(void)
{
	struct ct_thread t;
	int tid;

	setup();
	tid = ct_thread_start(&t);
	EXPECT_CMP(tid, !=, getpid());
	EXPECT_OK(ct_move(M1 "/a", tid));
	EXPECT_EQ(INIT(M1 "/a"), tid);
	EXPECT_OK(ct_move(M1 "/b", getpid()));
	EXPECT_EQ(INIT(M1 "/b"), getpid());
	ct_thread_stop(&t);
	EXPECT_SOON(INIT(M1 "/a") == 0, 5);
	EXPECT_EQ(INIT(M1 "/b"), getpid());
	EXPECT_OK(ct_move(M1, getpid()));
}

/*
 * A child that is forked into its own container, where no task has been before.
 */
static void first_by_fork(void)
{
	int pid, self;

	MOUNT(M1, "ns,owner");
	pid = owner_clone();
	EXPECT_EQ(INIT_OF(pid), pid);
	EXPECT_CMP(ct_num(P(M1 "/%d/owner.id", pid)), >, 0);
	ct_reap(pid);
	EXPECT_EQ(INIT_OF(pid), 0);
	RMDIR(P(M1 "/%d", pid));
	/* or moved there by itself */
	self = IN_CHILD({
		EXPECT_OK(syscall(SYS_unshare, 0x04000000));
		EXPECT_EQ(INIT_OF(getpid()), getpid());
	});
	ct_ended_well(self);
	EXPECT_EQ(INIT_OF(self), 0);
}

/* exec keeps the process, and the number. */
static void exec_keeps_it(void)
{
	int pid, p[2];
	char c;

	setup();
	ASSERT_OK(pipe(p));
	fcntl(p[0], F_SETFD, FD_CLOEXEC);
	fcntl(p[1], F_SETFD, FD_CLOEXEC);
	pid = IN_CHILD({
		EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
		execl("/bin/busybox", "sleep", "1000", NULL);
		FAIL("exec: %s", ktap_errno(errno));
	});
	close(p[1]);
	EXPECT_EQ(read(p[0], &c, 1), 0);	/* closed by exec */
	EXPECT_EQ(INIT(M1 "/a"), pid);
	ct_reap(pid);
	EXPECT_EQ(INIT(M1 "/a"), 0);
}

/*
 * Just after its parent has moved, a child starts in a container where no task
 * has been before the parent.
 */
static void the_parent_was_first(void)
{
	long rounds = 0, children = 0;
	int *sh = ct_shared(4096), parent;

	setup();
	parent = IN_CHILD({
		while (!GET(sh[0])) {
			/* the library's fork() has more to do */
			int pid = syscall(SYS_fork);

			if (!pid)
				_exit(0);
			EXPECT_OK(pid);
			INC(sh[1]);
			EXPECT_EQ(waitpid(pid, NULL, 0), pid);
		}
	});
	while (GO_ON(rounds < ktap_loops(1050) || rounds <= 20 ||
		     GET(sh[1]) < ktap_loops(600))) {
		long init;

		MKDIR(M1 "/a/x");
		children -= GET(sh[1]);
		EXPECT_OK(ct_move(M1 "/a/x", parent));
		init = INIT(M1 "/a/x");
		EXPECT_EQ(init, parent);
		EXPECT_OK(ct_move(M1, parent));
		children += GET(sh[1]);
		EXPECT_SOON(!rmdir(M1 "/a/x"), 5);
		rounds++;
	}
	SET(sh[0], 1);
	ct_ended_well(parent);
	ktap_note("%ld moves, %ld children meanwhile", rounds, children);
	EXPECT_CMP(rounds, >, 20);
	EXPECT_EQ(INIT(M1), 1);
}

/*
 * Makes a child with a pid from first to last, and returns the pid, or 0.  Pids
 * are given out in ascending order.  Those in between are used up in the
 * cheapest way.
 */
static int child_with_pid(int first, int last)
{
	int i, pid = 0;

	for (i = 0; i < 2000; i++) {
		if (pid >= first - 5 && pid < last) {
			pid = ct_child();
			if (pid >= first && pid <= last)
				return pid;
			ct_reap(pid);
		} else {
			pid = vfork();
			if (!pid)
				_exit(0);
			waitpid(pid, NULL, 0);
		}
	}
	return 0;
}

/* The number of the first task is given to another one. */
static void number_used_again(void)
{
	char *before = ct_slurp(PID_MAX);
	int pid, again;

	if (!before || ct_write(PID_MAX, "340"))
		SKIP("cannot write " PID_MAX);
	setup();
	/* lower ones are not given out twice */
	pid = child_with_pid(310, 330);
	EXPECT_CMP(pid, >, 0);
	EXPECT_OK(ct_move(M1 "/a", pid));
	EXPECT_EQ(INIT(M1 "/a"), pid);
	ct_reap(pid);
	EXPECT_EQ(INIT(M1 "/a"), 0);
	again = child_with_pid(pid, pid);
	EXPECT_EQ(again, pid);
	EXPECT_EQ(INIT(M1 "/a"), 0);
	/* not even if it comes here */
	EXPECT_OK(ct_move(M1 "/a", again));
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), P("%d\n", pid));
	EXPECT_EQ(INIT(M1 "/a"), 0);
	/* elsewhere it counts */
	EXPECT_OK(ct_move(M1 "/b", again));
	EXPECT_EQ(INIT(M1 "/b"), pid);
	EXPECT_EQ(INIT(M1 "/a"), 0);
	ct_reap(again);
	EXPECT_OK(ct_write(PID_MAX, before));
}

/* The reader's pid namespace decides which number is shown. */
static void in_namespace(void)
{
	/* we are 1 here, and so is the init process elsewhere */
	EXPECT_EQ(getpid(), 1);
	EXPECT_EQ(INIT(M1), 0);
	EXPECT_EQ(INIT(M1 "/a"), 0);
	EXPECT_EQ(INIT(M1 "/b"), 0);
	EXPECT_OK(ct_write(M1 "/b/tasks", "0"));
	EXPECT_EQ(INIT(M1 "/b"), 1);
	for (;;)
		pause();
}

static void pid_namespace(void)
{
	int outside, inside;

	if (access("/proc/self/ns/pid", F_OK))
		SKIP("no pid namespaces");
	setup();
	outside = ct_child_in(M1 "/a");
	/* a fork, with CLONE_NEWPID */
	inside = syscall(SYS_clone, 0x20000000 | SIGCHLD, 0, 0, 0, 0);
	if (!inside)
		in_namespace();
	ASSERT_OK(inside);
	EXPECT_SOON(INIT(M1 "/b") == inside, 10);
	EXPECT_EQ(INIT(M1 "/a"), outside);
	EXPECT_EQ(INIT(M1), 1);
	ct_reap(inside);
	EXPECT_EQ(INIT(M1 "/b"), 0);
	ct_reap(outside);
}

/* Readers, first tasks that come and go, and the release of their pids. */
static void storm(void)
{
	int *sh = ct_shared(4096), w[2], i, rounds = 0;
	long seen = 0;

	setup();
	for (i = 0; i < 2; i++)
		w[i] = IN_CHILD({
			char *dir = P(M1 "/%c/x", "ab"[i]);

			while (!GET(sh[0])) {
				int pid = ct_child();

				SET(sh[8 + i], pid);
				EXPECT_OK(mkdir(dir, 0755));
				EXPECT_OK(ct_move(dir, pid));
				ct_reap(pid);
				EXPECT_OK(rmdir(dir));
				INC(sh[1]);
			}
		});
	while (GO_ON(GET(sh[1]) < ktap_loops(1050) || !seen)) {
		for (i = 0; i < 2; i++) {
			int fd = open(i ? M1 "/b/x/owner.init" :
				      M1 "/a/x/owner.init", O_RDONLY);
			int pid = GET(sh[8 + i]);
			char buf[20] = "";

			rounds++;
			if (fd < 0)
				continue;
			if (read(fd, buf, sizeof(buf) - 1) < 0)
				EXPECT_EQ(errno, ENODEV);
			close(fd);
			/* what could be opened is of this pid or removed */
			if (atoi(buf) && EXPECT_EQ(atoi(buf), pid))
				seen++;
		}
	}
	SET(sh[0], 1);
	ct_ended_well(w[0]);
	ct_ended_well(w[1]);
	ktap_note("%d containers, read %d times, %ld times with a task",
		  sh[1], rounds, seen);
}

static void two_thousand(void)
{
	int n = ktap_scale() > 1 ? 400 : 2000, i;
	long id, prev;

	setup();
	prev = last;
	for (i = 0; i < n; i++) {
		if (!EXPECT_OK(mkdir(P(M1 "/a/%d", i), 0755)))
			break;
		id = ct_num(P(M1 "/a/%d/owner.id", i));
		if (!EXPECT_EQ(id, prev + 1))
			break;
		prev = id;
	}
	while (i--)
		EXPECT_OK(rmdir(P(M1 "/a/%d", i)));
	usleep(FREED);
	MKDIR(M1 "/a/0");
	EXPECT_EQ(ID(M1 "/a/0"), prev + 1);
	EXPECT_EQ(prev, last + n);
}

#define MAKERS 4

static int cmp_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Made at the same time: each maker's ascend, and no two are the same. */
static void made_in_parallel(void)
{
	int n = ktap_scale() > 1 ? 60 : 300, all = MAKERS * n;
	int *ids = ct_shared(all * sizeof(*ids)), w[MAKERS], i, k;

	setup();
	for (k = 0; k < MAKERS; k++)
		MKDIR(P(M1 "/a/%d", k));
	last += MAKERS;
	for (k = 0; k < MAKERS; k++)
		w[k] = IN_CHILD({
			for (i = 0; i < n; i++) {
				char *dir = P(M1 "/a/%d/%d", k, i % 7);

				EXPECT_OK(mkdir(dir, 0755));
				ids[k * n + i] =
					ct_num(P("%s/owner.id", dir));
				if (i)
					EXPECT_CMP(ids[k * n + i], >,
						   ids[k * n + i - 1]);
				EXPECT_OK(rmdir(dir));
			}
		});
	for (k = 0; k < MAKERS; k++)
		ct_ended_well(w[k]);
	qsort(ids, all, sizeof(*ids), cmp_int);
	for (i = 0; i < all; i++)
		if (!EXPECT_EQ(ids[i], last + 1 + i))
			break;
}

static const struct ktap_case cases[] = {
	T(files),
	T(ids_ascend),
	T(ids_outlive_hierarchies),
	T(removed),
	T(first_by_move),
	T(containers_below),
	T(first_exits),
	T(thread),
	T(first_by_fork),
	T(exec_keeps_it),
	T(the_parent_was_first),
	T(number_used_again),
	T(pid_namespace),
	T(storm),
	T(two_thousand),
	T(made_in_parallel),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * fork and exit: a child starts in the container of its parent, whatever kind
 * of child it is and whatever the parent does meanwhile, and a task that exits
 * leaves its container.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"

static char self_path[PATH_MAX];

static void setup(void)
{
	MOUNT(M1, "debug");
	MOUNT(M2, "numtasks");
	MOUNT(M3, "none,name=x");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	MKDIR(M2 "/n");
	MKDIR(M3 "/x");
}

#define HERE(word, path) EXPECT_STR(ct_where(0, word), path)
#define THERE(pid, word, path) EXPECT_STR(ct_where(pid, word), path)

static void child_inherits(void)
{
	int pid;

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M2 "/n", getpid()));
	pid = ct_child();
	THERE(pid, "debug", "/a");
	THERE(pid, "numtasks", "/n");
	THERE(pid, "name=x", "/");
	EXPECT(ct_has(M1 "/a", pid));
	EXPECT(ct_has(M2 "/n", pid));
	EXPECT(ct_has(M3, pid));
	/* a child stays where it is when its parent goes */
	EXPECT_OK(ct_move(M1 "/b", getpid()));
	THERE(pid, "debug", "/a");
	HERE("debug", "/b");
	ct_ended_well(IN_CHILD({
		HERE("debug", "/b");
		HERE("numtasks", "/n");
		ct_ended_well(IN_CHILD(HERE("debug", "/b")));
	}));
	EXPECT_EQ(ct_num(M2 "/n/numtasks.count"), 2);
	ct_reap(pid);
	EXPECT_EQ(ct_num(M2 "/n/numtasks.count"), 1);
}

static void vfork_inherits(void)
{
	int *ok = ct_shared(4096), pid;

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	pid = vfork();
	if (!pid) {
		char buf[64];
		int fd = open("/proc/self/container", O_RDONLY);
		ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

		if (n > 0) {
			buf[n] = 0;
			*ok = !!strstr(buf, "debug:/a\n");
		}
		_exit(0);
	}
	ct_ended_well(pid);
	EXPECT(GET(*ok));
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 1);
}

static void thread_inherits(void)
{
	struct ct_thread t;

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	ct_thread_start(&t);
	EXPECT_STR(ct_where_tid(getpid(), t.tid, "debug"), "/a");
	/* moved on its own, and what it makes then */
	EXPECT_OK(ct_move(M1 "/b", t.tid));
	HERE("debug", "/a");
	EXPECT_STR(ct_slurp(M1 "/b/tasks"), P("%d\n", t.tid));
	ct_thread_stop(&t);
	EXPECT_SOON(ct_count(M1 "/b") == 0, 5);
	RMDIR(M1 "/b");
}

static void *forks_elsewhere(void *arg)
{
	EXPECT_OK(ct_write(M1 "/b/tasks", "0"));
	*(int *)arg = fork();
	if (!*(int *)arg)
		for (;;)
			pause();
	return NULL;
}

/* A child inherits from the thread that forks, not from the leader. */
static void child_of_a_moved_thread(void)
{
	pthread_t th;
	int pid = 0;

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	ASSERT_EQ(pthread_create(&th, NULL, forks_elsewhere, &pid), 0);
	pthread_join(th, NULL);
	ASSERT_CMP(pid, >, 0);
	THERE(pid, "debug", "/b");
	HERE("debug", "/a");
	ct_reap(pid);
}

static void exec_stays(void)
{
	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	ct_ended_well(IN_CHILD({
		execl("/bin/busybox", "sh", "-c",
		      "grep -q debug:/a$ /proc/self/container", NULL);
		_exit(9);
	}));
}

static void *execs(void *arg)
{
	(void)arg;
	EXPECT_OK(ct_write(M1 "/b/tasks", "0"));
	execl(self_path, "exec-helper", "--wait", NULL);
	_exit(9);
}

/*
 * A thread other than the leader calls exec: it takes over the leader's pid
 * and stays in its own container.
 */
static void exec_from_a_thread(void)
{
	int pid, i;

	for (i = 0; i < ktap_loops(10); i++) {
		if (!i)
			setup();
		pid = IN_CHILD({
			pthread_t th;

			EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
			pthread_create(&th, NULL, execs, NULL);
			for (;;)
				pause();
		});
		ASSERT_SOON(ct_has(M1 "/b", pid), 10);
		THERE(pid, "debug", "/b");
		EXPECT_STR(ct_slurp(M1 "/b/tasks"), P("%d\n", pid));
		EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
		ct_reap(pid);
		EXPECT_STR(ct_slurp(M1 "/b/tasks"), "");
	}
	RMDIR(M1 "/a");
	RMDIR(M1 "/b");
}

static void exit_leaves(void)
{
	int zombie;

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M3 "/x", getpid()));
	zombie = ct_zombie();
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_OK(ct_move(M3, getpid()));
	THERE(zombie, "debug", "/");
	THERE(zombie, "name=x", "/");
	EXPECT(!ct_has(M1 "/a", zombie));
	EXPECT(!ct_has(M1, zombie));
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 0);
	RMDIR(M1 "/a");
	RMDIR(M3 "/x");
	ct_reap(zombie);
}

/* A process whose leader has exited, killed with all its threads. */
static void killed_with_threads(void)
{
	int i, pid, *ready = ct_shared(4096);

	setup();
	for (i = 0; i < ktap_loops(50); i++) {
		SET(*ready, 0);
		pid = IN_CHILD({
			static struct ct_thread t[8];
			int k;

			EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
			for (k = 0; k < 8; k++)
				ct_thread_start(&t[k]);
			INC(*ready);
			if (i % 2)
				syscall(SYS_exit, 0);
			for (;;)
				pause();
		});
		ASSERT_SOON(GET(*ready), 10);
		EXPECT_CMP(ct_count(M1 "/a"), >=, 8);
		ct_reap(pid);
		/* the last thread may still be exiting, but not for long */
		if (!EXPECT_SOON(ct_count(M1 "/a") == 0, 5))
			break;
	}
	RMDIR(M1 "/a");
}

static void many_forks_leave_nothing(void)
{
	int i, n = ktap_loops(10000), groups;
	long count, all;

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M2 "/n", getpid()));
	groups = ct_num(M1 "/debug.css_groups");
	count = ct_num(M1 "/a/debug.task_count");
	all = ct_num(M2 "/n/numtasks.count");
	for (i = 0; i < n; i++) {
		int pid = i % 4 ? vfork() : fork();

		if (!pid)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid) {
			FAIL("fork %d: %s", i, ktap_errno(errno));
			break;
		}
	}
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), groups);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), count);
	EXPECT_EQ(ct_num(M2 "/n/numtasks.count"), all);
	EXPECT_EQ(ct_num(M2 "/n/numtasks.peak"), all + 1);
}

/* Forks until sh[0], and counts in sh[1]; children fork, too, some wait a moment. */
static void forker(unsigned long rnd, int *sh)
{
	while (!GET(sh[0])) {
		int pid = fork(), r = ktap_rand(&rnd) % 4;

		if (!pid) {
			if (r == 0 && !fork())
				_exit(0);
			if (r == 1)
				sched_yield();
			if (r == 2)
				usleep(500);
			while (waitpid(-1, NULL, 0) > 0)
				;
			_exit(0);
		}
		INC(sh[1]);
		if (pid > 0 && r)
			waitpid(pid, NULL, 0);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/*
 * A storm of forks against a storm of moves in three hierarchies.  Afterwards
 * every thread is in exactly one container of each, all sources agree, and
 * every container can be removed.
 */
static void move_storm_fork_storm(void)
{
	static const char *const dirs[] = {
		M1, M1 "/a", M1 "/b", M2, M2 "/n", M3, M3 "/x",
	};
	int *sh = ct_shared(4096), workers[4], i, moves = 0, gone = 0;
	unsigned long rnd = ktap_seed();

	setup();
	for (i = 0; i < 4; i++)
		workers[i] = IN_CHILD(forker(ktap_seed() + i, sh));
	while (GO_ON(moves < ktap_loops(3000) ||
		     GET(sh[1]) < 50)) {
		const char *from = dirs[ktap_rand(&rnd) % 7];
		const char *to = dirs[ktap_rand(&rnd) % 7];
		int n, *ids, sid;

		if (ktap_rand(&rnd) % 2) {
			/* the workers, so that their children change places */
			EXPECT_OK(ct_move(to, workers[ktap_rand(&rnd) % 4]));
			moves++;
			continue;
		}
		ids = ct_tasks(from, &n);
		for (i = 0; i < n; i++) {
			if (!ktap_stat(ids[i], NULL, &sid) ||
			    sid != getsid(0) || ids[i] == getpid())
				continue;
			if (!ct_move(to, ids[i]))
				moves++;
			else if (EXPECT_EQ(errno, ESRCH))
				gone++;
		}
		free(ids);
	}
	ktap_note("%d moves, %d forks, %d tasks had exited", moves, GET(sh[1]),
		  gone);
	SET(*sh, 1);
	for (i = 0; i < 4; i++)
		ct_ended_well(workers[i]);
	for (i = 0; i < 10; i++)
		ct_child_in(dirs[i % 7]);
	ct_check_hierarchy(M1, "debug");
	ct_check_hierarchy(M2, "numtasks");
	ct_check_hierarchy(M3, "name=x");
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	ktap_note("peak of %s: %ld", "/n", ct_num(M2 "/n/numtasks.peak"));
}

/* A parent moves back and forth while it forks; no child is lost or doubled. */
static void moved_while_forking(void)
{
	int *sh = ct_shared(4096), pid, i, rounds = 0;

	setup();
	MKDIR(M2 "/m");
	pid = IN_CHILD(forker(ktap_seed(), sh));
	while (GO_ON(rounds < ktap_loops(24000) ||
		     GET(sh[1]) < 20)) {
		EXPECT_OK(ct_move(rounds & 1 ? M1 "/a" : M1 "/b", pid));
		EXPECT_OK(ct_move(rounds & 2 ? M2 "/n" : M2 "/m", pid));
		rounds++;
	}
	SET(*sh, 1);
	ct_ended_well(pid);
	ktap_note("%d rounds, %d forks", rounds, sh[1]);
	for (i = 0; i < 2; i++) {
		const char *dir = i ? M1 "/b" : M1 "/a";

		EXPECT_SOON(ct_num(P("%s/debug.task_count", dir)) == 0, 5);
		EXPECT_STR(ct_slurp(P("%s/tasks", dir)), "");
		EXPECT_OK(rmdir(dir));
	}
	EXPECT_SOON(ct_num(M2 "/n/numtasks.count") == 0, 5);
	EXPECT_SOON(ct_num(M2 "/m/numtasks.count") == 0, 5);
	RMDIR(M2 "/n");
	RMDIR(M2 "/m");
	EXPECT_SOON(ct_num(M1 "/debug.css_groups") == 1, 3);
}

/*
 * All tasks of a container leave it, and it is removed, while they fork: no
 * child appears in it afterwards.
 */
static void removed_behind_forks(void)
{
	int *sh = ct_shared(4096), pid[2], i, k, n = ktap_loops(240);

	setup();
	for (k = 0; k < 2; k++)
		pid[k] = IN_CHILD(forker(ktap_seed() + k, sh));
	for (i = 0; GO_ON(i < n || GET(sh[1]) < 10); i++) {
		char *dir = strdup(P(M1 "/gone%d", i)), *tasks;

		MKDIR(dir);
		EXPECT_OK(ct_write(P("%s/tasks", dir),
				   P("%d %d", pid[0], pid[1])));
		usleep(i % 3 * 500);
		while (rmdir(dir)) {
			if (!EXPECT_EQ(errno, EBUSY))
				break;
			tasks = ct_slurp(P("%s/tasks", dir));
			if (ct_write(M1 "/tasks", tasks))
				EXPECT_EQ(errno, ESRCH);
			free(tasks);
		}
		for (k = 0; k < 2; k++)
			EXPECT_STR(ct_where(pid[k], "debug"), "/");
		free(dir);
	}
	SET(*sh, 1);
	ktap_note("%d removed, %d forks", i, GET(sh[1]));
	ct_check_hierarchy(M1, "debug");
	for (k = 0; k < 2; k++)
		ct_ended_well(pid[k]);
	EXPECT_SOON(ct_num(M1 "/debug.css_groups") == 1, 3);
}

/*
 * A task that forks in a loop is moved.  When write() has returned, no child
 * starts in the old container, not even one whose fork had begun before.
 */
static void moved_from_forks(const char *charged)
{
	int *stop = ct_shared(4096), pid, seen, i, max = ktap_loops(600);

	setup();
	pid = IN_CHILD({
		if (charged)
			ASSERT_OK(ct_move(charged, getpid()));
		while (!GET(*stop)) {
			if (!fork()) {
				usleep(20000);
				_exit(0);
			}
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
		}
		while (waitpid(-1, NULL, 0) > 0)
			;
	});
	for (i = 0; i < max; i++) {
		const char *old = i & 1 ? M1 "/a" : M1 "/b";

		EXPECT_OK(ct_move(i & 1 ? M1 "/b" : M1 "/a", pid));
		seen = ct_num(P("%s/debug.task_count", old));
		usleep(1000);
		if (!EXPECT_CMP(ct_num(P("%s/debug.task_count", old)), <=,
				seen))
			break;
	}
	SET(*stop, 1);
	EXPECT(ct_ended_well(pid));
}

static void no_child_comes_later(void)
{
	moved_from_forks(NULL);
}

/* The same for a child that numtasks has counted before its parent moved. */
static void no_charged_child_comes_later(void)
{
	moved_from_forks(M2 "/n");
}

static const struct ktap_case cases[] = {
	T(child_inherits),
	T(vfork_inherits),
	T(thread_inherits),
	T(child_of_a_moved_thread),
	T(exec_stays),
	T(exec_from_a_thread),
	T(exit_leaves),
	T(killed_with_threads),
	T(many_forks_leave_nothing),
	T(move_storm_fork_storm),
	T(moved_while_forking),
	T(no_child_comes_later),
	T(no_charged_child_comes_later),
	T(removed_behind_forks),
};

int main(int argc, char **argv)
{
	ssize_t n;

	if (argc == 2 && !strcmp(argv[1], "--wait"))
		for (;;)
			pause();
	n = readlink("/proc/self/exe", self_path, sizeof(self_path) - 1);
	if (n < 0)
		return 1;
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

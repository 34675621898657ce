// SPDX-License-Identifier: GPL-2.0
/*
 * The numtasks subsystem under load: a fork bomb that stops at its limit while
 * the machine keeps working; counts that are exact after 100,000 forks, mixed
 * with refused forks, exits and moves; and forks that fail for other reasons.
 *
 * harness: alone=1 configs=base,debug,full timeout=180
 */
#include "ct.h"

#define COUNT(dir) ct_num(dir "/numtasks.count")
#define PEAK(dir) ct_num(dir "/numtasks.peak")
#define FAILCNT(dir) ct_num(dir "/numtasks.failcnt")
#define LIMIT(dir, num) \
	EXPECT_OK(ct_write(dir "/numtasks.limit", P("%d", num)))

#define TOP	M1 "/p"
#define LEFT	M1 "/p/a"
#define DEEP	M1 "/p/a/x"
#define RIGHT	M1 "/p/b"

/* Tasks that come by a move. */
#define GUESTS 7

static const char *const tree[] = { TOP, LEFT, DEEP, RIGHT };

static void setup(void)
{
	unsigned int i;

	MOUNT(M1, "numtasks");
	for (i = 0; i < ARRAY_SIZE(tree); i++)
		MKDIR(tree[i]);
}

/* The tasks that are listed in a container and below, by place in tree[]. */
static int listed(unsigned int i)
{
	unsigned int k;
	int n = 0;

	for (k = 0; k < ARRAY_SIZE(tree); k++)
		if (!strncmp(tree[i], tree[k], strlen(tree[i])))
			n += ct_count(tree[k]);
	return n;
}

/* No fork or exit is going on: each count is the number of listed tasks. */
static bool counts_are_exact(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tree); i++)
		if (ct_num(P("%s/numtasks.count", tree[i])) != listed(i))
			return false;
	return true;
}

/* --- the bomb ---------------------------------------------------------------- */

/* The number of tasks; fewer on slow kernels, since all of them run. */
static int bomb;

static void bomb_by_fork(void)
{
	for (;;)
		if (syscall(SYS_fork) < 0)
			sched_yield();
}

/* Every parent waits for its child, which uses its stack. */
static void bomb_by_vfork(void)
{
	for (;;)
		if (vfork() < 0)
			sched_yield();
}

static void *bomb_thread(void *arg)
{
	pthread_attr_t attr;
	pthread_t th;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	for (;;)
		if (pthread_create(&th, &attr, bomb_thread, arg))
			sched_yield();
	return NULL;
}

/* Never yields, and forks a child now and then. */
static void bomb_by_spinning(void)
{
	for (;;) {
		syscall(SYS_fork);
		ktap_spin(20000);
	}
}

/*
 * Returns when the bomb is in the container; it starts when the pipe is closed.
 */
static int plant_bomb(const char *dir, int kind, const int *fuse)
{
	int pid = IN_CHILD({
		char c;

		close(fuse[1]);
		EXPECT_EQ(read(fuse[0], &c, 1), 0);
		if (kind == 0)
			bomb_by_fork();
		else if (kind == 1)
			bomb_by_vfork();
		else if (kind == 2)
			bomb_thread(NULL);
		else
			bomb_by_spinning();
	});

	EXPECT_OK(ct_move(dir, pid));
	return pid;
}

/* Does some work, with processes of its own; returns how long it takes. */
static long bystander(int n)
{
	long start = ktap_ms();

	while (n--) {
		int pid = fork();

		if (!pid) {
			EXPECT_STR(ct_slurp("/proc/self/container"),
				   "numtasks:/other\n");
			_exit(0);
		}
		if (!EXPECT_OK(pid))
			break;
		EXPECT_EQ(waitpid(pid, NULL, 0), pid);
		EXPECT_CMP(COUNT(M1 "/other"), ==, 1);
		free(ct_slurp(TOP "/tasks"));
	}
	return ktap_ms() - start;
}

/* The times of the work alone and with the bomb, in shared memory. */
static void bystanders_work(long *sh, int *go)
{
	EXPECT_OK(ct_move(M1 "/other", getpid()));
	sh[0] = bystander(ktap_loops(16));
	SET(*go, 1);
	while (GET(*go) != 2)
		usleep(10000);
	sh[1] = bystander(ktap_loops(16));
	SET(*go, 3);
}

/*
 * Kills as an administrator would: signals to all that exist, again and again.
 */
static int kill_all(void)
{
	int passes = 0, n, *ids;
	unsigned int i, k;

	do {
		for (i = 0; i < ARRAY_SIZE(tree); i++) {
			ids = ct_tasks(tree[i], &n);
			for (k = 0; (int)k < n; k++)
				kill(ids[k], SIGKILL);
			free(ids);
		}
		passes++;
	} while (GO_ON(COUNT(TOP)));
	EXPECT_EQ(COUNT(TOP), 0);
	return passes;
}

static void fork_bomb(void)
{
	int bombs[8], guests[GUESTS], worker, left, deep, i;
	long *times = ct_shared(4096), start;
	int *go = ct_shared(4096), samples = 0, fuse[2];

	setup();
	bomb = ktap_scale() > 1 ? 50 : 200;
	left = bomb * 4 / 5;
	deep = bomb / 2;
	MKDIR(M1 "/other");
	LIMIT(M1 "/other", 2);
	LIMIT(TOP, bomb);
	LIMIT(LEFT, left);
	LIMIT(DEEP, deep);
	for (i = 0; i < GUESTS; i++)
		guests[i] = ct_child();
	worker = IN_CHILD(bystanders_work(times, go));
	ASSERT_SOON(GET(*go) == 1, 20);

	ASSERT_OK(pipe(fuse));
	for (i = 0; i < 8; i++)
		bombs[i] = plant_bomb(tree[i % 4], i / 2, fuse);
	start = ktap_ms();
	close(fuse[1]);
	ASSERT_SOON(COUNT(TOP) == bomb && listed(0) == bomb, 20);
	ktap_note("%d tasks after %ld ms", bomb, ktap_ms() - start);
	SET(*go, 2);
	while (GO_ON(samples < ktap_loops(90) || GET(*go) != 3 ||
		     FAILCNT(TOP) <= bomb)) {
		/* no task exits, so this is exact, and not only a limit */
		EXPECT_EQ(COUNT(TOP), bomb);
		EXPECT_CMP(COUNT(LEFT), <=, left);
		EXPECT_CMP(COUNT(DEEP), <=, deep);
		samples++;
		usleep(20000);
	}
	EXPECT_EQ(listed(0), bomb);
	EXPECT(counts_are_exact());

	/* Moves may exceed the limit; forks are still refused. */
	for (i = 0; i < GUESTS; i++) {
		EXPECT_OK(ct_move(tree[i % 4], guests[i]));
		EXPECT_EQ(COUNT(TOP), bomb + i + 1);
	}
	usleep(100000);
	EXPECT_EQ(COUNT(TOP), bomb + GUESTS);
	for (i = 0; i < GUESTS; i++) {
		EXPECT_OK(ct_move(M1, guests[i]));
		EXPECT_EQ(COUNT(TOP), bomb + GUESTS - i - 1);
	}
	usleep(100000);
	EXPECT_EQ(COUNT(TOP), bomb);
	EXPECT_EQ(PEAK(TOP), bomb + GUESTS);

	ct_ended_well(worker);
	EXPECT_EQ(GET(*go), 3);
	ktap_note("work outside: %ld ms alone, %ld ms with the bomb",
		  times[0], times[1]);
	ktap_note("%ld forks refused in %ld ms, %d looks at the count",
		  FAILCNT(TOP) + FAILCNT(LEFT) + FAILCNT(DEEP),
		  ktap_ms() - start, samples);
	EXPECT_EQ(FAILCNT(M1 "/other"), 0);
	EXPECT_EQ(PEAK(M1 "/other"), 2);

	start = ktap_ms();
	i = kill_all();
	ktap_note("killed by %d passes in %ld ms", i, ktap_ms() - start);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(waitpid(bombs[i], NULL, 0), bombs[i]);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(ct_num(P("%s/numtasks.count", tree[i])), 0);
		EXPECT_EQ(ct_count(tree[i]), 0);
	}
	EXPECT_CMP(PEAK(LEFT), <=, left + GUESTS);
	EXPECT_CMP(PEAK(DEEP), <=, deep + GUESTS);
	for (i = 3; i >= 0; i--)
		RMDIR(tree[i]);
	for (i = 0; i < GUESTS; i++)
		ct_reap(guests[i]);
}

/* --- the storm ---------------------------------------------------------------- */

#define WORKERS 5
#define IDLE 4
#define STORM_LIMIT (WORKERS + IDLE + 3)

/* Shared by all processes of the storm. */
struct storm {
	int forked, refused, moves, moved;
	int pause, stop;
	int guests;		/* how many come and go */
	int waiting;		/* workers that wait for ->pause to end */
	int still;		/* the mover waits, too */
};

static struct storm *st;
static int tasks_fd[ARRAY_SIZE(tree)];

static void storm_vfork(void)
{
	int pid = vfork();

	if (!pid)
		_exit(0);
	if (pid < 0) {
		INC(st->refused);
		return;
	}
	INC(st->forked);
	waitpid(pid, NULL, 0);
}

/* With a grandchild that no process waits for, and a move of its own. */
static void storm_fork(unsigned int rnd)
{
	int pid = syscall(SYS_fork);

	if (!pid) {
		if (rnd % 4 == 0)
			INC(*(syscall(SYS_fork) < 0 ? &st->refused :
			      &st->forked));
		if (rnd % 3 == 0 && !ct_put(tasks_fd[rnd / 4 % 4], "0", 1))
			INC(st->moves);
		_exit(0);
	}
	if (pid < 0) {
		INC(st->refused);
		return;
	}
	INC(st->forked);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void *storm_thread_fn(void *arg)
{
	return arg;
}

static void storm_thread(void)
{
	pthread_attr_t attr;
	pthread_t th;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	if (pthread_create(&th, &attr, storm_thread_fn, NULL)) {
		INC(st->refused);
		return;
	}
	INC(st->forked);
	pthread_join(th, NULL);
}

static void storm_worker(unsigned long rnd)
{
	while (!GET(st->stop)) {
		unsigned int r = ktap_rand(&rnd);

		if (GET(st->pause)) {
			INC(st->waiting);
			while (GET(st->pause))
				usleep(2000);
			__sync_sub_and_fetch(&st->waiting, 1);
		}
		if (r % 16 < 11)
			storm_vfork();
		else if (r % 16 < 13)
			storm_fork(r / 16);
		else if (r % 16 < 15)
			storm_thread();
		else if (EXPECT_OK(ct_put(tasks_fd[r / 16 % 4], "0", 1)))
			INC(st->moves);
	}
}

/* Moves all tasks of one container to another. */
static void storm_move(int from, int to)
{
	char *s = ct_slurp(P("%s/tasks", tree[from]));

	if (!s || !*s)
		return;
	if (!ct_put(tasks_fd[to], s, strlen(s)))
		INC(st->moved);
	else
		EXPECT_EQ(errno, ESRCH);	/* one has exited */
	free(s);
}

static void storm_mover(unsigned long rnd, const int *guests)
{
	while (!GET(st->stop)) {
		unsigned int r = ktap_rand(&rnd);

		while (GET(st->pause)) {
			SET(st->still, 1);
			usleep(2000);
		}
		SET(st->still, 0);
		storm_move(r % 4, r / 4 % 4);
		/* in, or out */
		if (GET(st->guests))
			EXPECT_OK(ct_move(r & 256 ? tree[r / 16 % 4] : M1,
					  guests[r / 64 % GUESTS]));
		usleep(1000);
	}
}

static void storm_open(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tree); i++)
		ASSERT_OK(tasks_fd[i] = open(P("%s/tasks", tree[i]),
					     O_WRONLY));
}

/* Waits until there are n forks, successful or refused, and enough moves. */
static void storm_until(int n)
{
	int total;

	SET(st->pause, 0);
	do {
		EXPECT_CMP(COUNT(TOP), <=, STORM_LIMIT + st->guests);
		usleep(20000);
		total = GET(st->forked) + GET(st->refused);
	} while (GO_ON(total < n || GET(st->moved) <= 10));
	SET(st->pause, 1);
	ASSERT_SOON(GET(st->waiting) == WORKERS && GET(st->still), 10);
	/* orphans and threads may still be exiting */
	EXPECT_SOON(counts_are_exact(), 10);
}

static void exact_after_100000(void)
{
	int all = ktap_loops(100000);
	int w[WORKERS], idle[IDLE], guests[GUESTS], mover, i;
	long start = ktap_ms();

	setup();
	storm_open();
	st = ct_shared(sizeof(*st));
	st->pause = 1;
	LIMIT(TOP, STORM_LIMIT);
	LIMIT(LEFT, STORM_LIMIT - 3);
	LIMIT(DEEP, 5);
	LIMIT(RIGHT, 6);
	for (i = 0; i < GUESTS; i++)
		guests[i] = ct_child();
	for (i = 0; i < IDLE; i++)
		idle[i] = ct_child_in(tree[i]);
	for (i = 0; i < WORKERS; i++)
		w[i] = IN_CHILD(storm_worker(ktap_seed() + 77 * i));
	/* before any of them forks: a move may exceed the limit */
	for (i = 0; i < WORKERS; i++)
		EXPECT_OK(ct_move(tree[i % 4], w[i]));
	mover = IN_CHILD(storm_mover(ktap_seed() + 5, guests));
	storm_until(all / 4);
	storm_until(all / 2);
	/* no fork has gone beyond the limit, not even for a moment */
	EXPECT_CMP(PEAK(TOP), <=, STORM_LIMIT);
	ktap_note("limit %d, peak %ld", STORM_LIMIT, PEAK(TOP));
	/* only moves from outside can exceed it */
	SET(st->guests, GUESTS);
	storm_until(all / 4 * 3);
	storm_until(all);
	EXPECT_CMP(PEAK(TOP), <=, STORM_LIMIT + GUESTS);
	ktap_note("with %d guests, peak %ld", GUESTS, PEAK(TOP));
	SET(st->stop, 1);
	SET(st->pause, 0);
	for (i = 0; i < WORKERS; i++)
		ct_ended_well(w[i]);
	ct_ended_well(mover);
	ktap_note("%d forks and %d refused, %d moves of one task, %d of many, in %ld ms",
		  st->forked, st->refused, st->moves, st->moved,
		  ktap_ms() - start);
	EXPECT_CMP(st->forked, >, st->refused / 50);
	EXPECT_CMP(st->refused, >, st->forked / 50);
	for (i = 1; i < 4; i++)
		EXPECT_CMP(ct_num(P("%s/numtasks.peak", tree[i])), <=,
			   PEAK(TOP));
	EXPECT_SOON(counts_are_exact(), 10);
	ct_check_hierarchy(M1, "numtasks");
	for (i = 0; i < IDLE; i++)
		ct_reap(idle[i]);
	for (i = 0; i < GUESTS; i++)
		ct_reap(guests[i]);
	EXPECT_SOON(COUNT(TOP) == 0, 10);
	for (i = 3; i >= 0; i--) {
		EXPECT_EQ(ct_num(P("%s/numtasks.count", tree[i])), 0);
		RMDIR(tree[i]);
	}
}

/* --- forks that fail for other reasons -------------------------------------------- */

/* A fork of each kind fails: n times, with err, and leaves no trace. */
static void forks_fail(int n, int err)
{
	static struct ct_thread t;
	pthread_t th;

	while (n--) {
		EXPECT_ERRNO(syscall(SYS_fork), err);
		EXPECT_ERRNO(vfork(), err);
		EXPECT_EQ(pthread_create(&th, NULL, ct_thread_fn, &t), err);
		if (ktap_sh->failed)
			break;
	}
}

/* Two processes fork at the same time in DEEP, and each count rises. */
static void two_fail(void (*prepare)(void), int n, int err)
{
	int pid[2], i;

	for (i = 0; i < 2; i++)
		pid[i] = IN_CHILD({
			EXPECT_OK(ct_move(DEEP, getpid()));
			prepare();
			forks_fail(n, err);
		});
	for (i = 0; i < 2; i++)
		ct_ended_well(pid[i]);
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(ct_num(P("%s/numtasks.count", tree[i])), 0);
		EXPECT_EQ(ct_num(P("%s/numtasks.failcnt", tree[i])), 0);
		EXPECT_CMP(ct_num(P("%s/numtasks.peak", tree[i])), <=, 4);
	}
}

static void become_nobody_without_children(void)
{
	struct rlimit none = { 0, 0 };

	ct_become(NOBODY);
	ASSERT_OK(setrlimit(RLIMIT_NPROC, &none));
}

static void too_many_of_a_user(void)
{
	setup();
	two_fail(become_nobody_without_children, ktap_loops(1000), EAGAIN);
}

static void *no_thread(void *unused)
{
	return unused;
}

/* Did the fork fail with err?  If there is a child, kills and reaps it. */
static int fork_failed(int pid, int err)
{
	if (pid < 0)
		return errno == err;
	ct_ended_well(pid);
	return 0;
}

static int vfork_failed(int err)
{
	int pid = vfork();

	if (!pid)
		_exit(0);
	return fork_failed(pid, err);
}

/*
 * One fork of each kind; returns how many failed with err.  A fork may succeed:
 * kernel threads come and go, and each that exits frees a pid.
 */
static int failing_forks(int err)
{
	pthread_t thread;
	int pid, failed;

	pid = fork();
	if (!pid)
		_exit(0);
	failed = fork_failed(pid, err) + vfork_failed(err);
	if (pthread_create(&thread, NULL, no_thread, NULL) == err)
		return failed + 1;
	pthread_join(thread, NULL);
	return failed;
}

/*
 * Uses up every pid, and each that becomes free, until the last writer of fd
 * has gone.
 */
static void take_all_pids(int fd)
{
	struct pollfd end = { .fd = fd };
	char c;

	while (!poll(&end, 1, 1)) {
		int pid = 0, n;

		for (n = 0; n < 1000 && pid >= 0; n++) {
			pid = fork();
			if (!pid) {
				EXPECT_EQ(read(fd, &c, 1), 0);
				_exit(0);
			}
		}
	}
	while (wait(NULL) > 0)
		;
}

/* All pids are used up.  Our own pid is at least 301. */
static void no_pid_left(void)
{
	static const char file[] = "/proc/sys/kernel/pid_max";
	char *before = ct_slurp(file);
	int p[2], n = ktap_loops(1500), failed = 0, keeper;

	if (!before || ct_write(file, "310"))
		SKIP("cannot write %s", file);
	setup();
	ASSERT_OK(pipe(p));
	LIMIT(DEEP, 20);
	keeper = IN_CHILD({
		close(p[1]);
		take_all_pids(p[0]);
	});
	close(p[0]);
	EXPECT_OK(ct_move(DEEP, getpid()));
	while (GO_ON(failed < n))
		failed += failing_forks(EAGAIN);
	EXPECT_EQ(COUNT(DEEP), 1);
	EXPECT_EQ(COUNT(TOP), 1);
	EXPECT_EQ(FAILCNT(DEEP), 0);
	EXPECT_OK(ct_move(M1, getpid()));
	close(p[1]);
	ct_ended_well(keeper);
	EXPECT_OK(ct_write(file, before));
	EXPECT_EQ(COUNT(TOP), 0);
}

#define PIDS "/tmp/pids"

static void enter_cgroup(void)
{
	ASSERT_OK(ct_write(PIDS "/x/cgroup.procs", "0"));
}

/* A control group refuses the fork after us: our charge is taken back. */
static void refused_by_a_cgroup(void)
{
	mkdir(PIDS, 0755);
	if (mount("pids", PIDS, "cgroup", 0, "pids"))
		SKIP("no pids control group: %s", ktap_errno(errno));
	setup();
	MKDIR(PIDS "/x");
	EXPECT_OK(ct_write(PIDS "/x/pids.max", "0"));
	two_fail(enter_cgroup, ktap_loops(1000), EAGAIN);
	/* it has been refused after our check, not before */
	EXPECT_CMP(PEAK(DEEP), >=, 2);
	EXPECT_SOON(!rmdir(PIDS "/x"), 10);
	EXPECT_OK(umount2(PIDS, 0));
}

/* Flags of clone() that exclude each other. */
static void bad_flags(void)
{
	int i;

	setup();
	EXPECT_OK(ct_move(DEEP, getpid()));
	for (i = 0; i < 100; i++)
		/* CLONE_THREAD without CLONE_SIGHAND */
		EXPECT_ERRNO(syscall(SYS_clone, 0x10000 | SIGCHLD, 0, 0, 0, 0),
			     EINVAL);
	EXPECT_EQ(COUNT(TOP), 1);
	EXPECT_EQ(PEAK(TOP), 1);
	EXPECT_EQ(FAILCNT(TOP), 0);
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_EQ(COUNT(TOP), 0);
}

static const struct ktap_case cases[] = {
	T(fork_bomb),
	T(exact_after_100000),
	T(too_many_of_a_user),
	T(no_pid_left),
	T(refused_by_a_cgroup),
	T(bad_flags),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

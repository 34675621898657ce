// SPDX-License-Identifier: GPL-2.0
/*
 * The numtasks subsystem: a limit on tasks that applies to all kinds of forks
 * and to whole subtrees, and counts that are always exact.
 *
 * harness: configs=base,debug,full
 */
#include <sched.h>
#include "ct.h"

#define COUNT(dir) ct_num(dir "/numtasks.count")
#define PEAK(dir) ct_num(dir "/numtasks.peak")
#define FAILCNT(dir) ct_num(dir "/numtasks.failcnt")
#define LIMIT(dir, text) EXPECT_OK(ct_write(dir "/numtasks.limit", text))

static void setup(void)
{
	MOUNT(M1, "numtasks");
	MKDIR(M1 "/p");
	MKDIR(M1 "/p/a");
	MKDIR(M1 "/p/b");
}

/* Forks a child and kills it.  Returns 0, or the errno of fork. */
static int fork_works(void)
{
	int pid = fork();

	if (!pid)
		_exit(0);
	if (pid < 0)
		return -1;
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
	return 0;
}

static void files(void)
{
	setup();
	EXPECT(!ct_exists(M1 "/numtasks.limit"));
	EXPECT(!ct_exists(M1 "/numtasks.count"));
	EXPECT(!ct_exists(M1 "/numtasks.peak"));
	EXPECT(!ct_exists(M1 "/numtasks.failcnt"));
	EXPECT_STR(ct_slurp(M1 "/p/numtasks.limit"), "max\n");
	EXPECT_STR(ct_slurp(M1 "/p/numtasks.count"), "0\n");
	EXPECT_STR(ct_slurp(M1 "/p/numtasks.peak"), "0\n");
	EXPECT_STR(ct_slurp(M1 "/p/numtasks.failcnt"), "0\n");
	/* no container of this hierarchy has files of another subsystem */
	EXPECT(!ct_exists(M1 "/p/debug.css_groups"));
	EXPECT_ERRNO(ct_write(M1 "/p/numtasks.count", "1"), EINVAL);
	EXPECT_ERRNO(ct_write(M1 "/p/numtasks.peak", "0"), EINVAL);
	EXPECT_ERRNO(ct_write(M1 "/p/numtasks.failcnt", "0"), EINVAL);
	EXPECT_STR(ct_slurp(M1 "/p/numtasks.count"), "0\n");
}

static void limit_values(void)
{
	static const struct {
		const char *text, *shown;
	} good[] = {
		{ "5", "5\n" }, { "0", "0\n" }, { "17\n", "17\n" },
		{ " 3 ", "3\n" }, { "\t4\n\n", "4\n" }, { "007", "7\n" },
		{ "2147483646", "2147483646\n" }, { "max", "max\n" },
		{ "12", "12\n" }, { "max\n", "max\n" }, { "13", "13\n" },
		{ " max ", "max\n" },
	};
	static const char *const bad[] = {
		"\n", " ", "abc", "-1", "+1", "0x10", "1x", "x1", "1 2",
		"1,2", "maxx", "ma", "MAX", "max 1", "1 max", "-max", "1.5",
		"2147483648", "4294967296", "4294967297",
		"18446744073709551616", "18446744073709551617",
		"99999999999999999999999999", "",
	};
	unsigned int i;
	char *big;

	setup();
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		CTX("limit %s", ktap_quote(good[i].text));
		EXPECT_OK(ct_write(M1 "/p/numtasks.limit", good[i].text));
		EXPECT_STR(ct_slurp(M1 "/p/numtasks.limit"), good[i].shown);
	}
	LIMIT(M1 "/p", "9");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		CTX("limit %s", ktap_quote(bad[i]));
		if (*bad[i])
			EXPECT_ERRNO(ct_write(M1 "/p/numtasks.limit", bad[i]),
				     EINVAL);
		else
			EXPECT_OK(ct_write(M1 "/p/numtasks.limit", bad[i]));
		EXPECT_STR(ct_slurp(M1 "/p/numtasks.limit"), "9\n");
	}
	CTX_END();
	EXPECT_ERRNO(ct_writen(M1 "/p/numtasks.limit", "\0005", 2), EINVAL);
	EXPECT_ERRNO(ct_writen(M1 "/p/numtasks.limit", "5\0", 2), EINVAL);
	EXPECT_ERRNO(ct_writen(M1 "/p/numtasks.limit", "max\0", 4), EINVAL);
	EXPECT_ERRNO(ct_writen(M1 "/p/numtasks.limit", (void *)4096, 5),
		     EFAULT);
	/* too long for any number: either answer is right */
	big = ct_fill(' ', 70000);
	big[69999] = '5';
	EXPECT_ERRNO2(ct_writen(M1 "/p/numtasks.limit", big, 70000), E2BIG,
		      EINVAL);
	EXPECT_STR(ct_slurp(M1 "/p/numtasks.limit"), "9\n");
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(ct_write(M1 "/p/numtasks.limit", "5"), EACCES);
		EXPECT_STR(ct_slurp(M1 "/p/numtasks.limit"), "9\n");
	});
	EXPECT_STR(ct_slurp(M1 "/p/a/numtasks.limit"), "max\n");
}

static void limit_holds(void)
{
	struct ct_thread t;
	pthread_t th;
	int pid, i;

	setup();
	LIMIT(M1 "/p", "3");
	EXPECT_OK(ct_move(M1 "/p", getpid()));
	EXPECT_EQ(COUNT(M1 "/p"), 1);
	EXPECT_OK(fork_works());
	pid = ct_child();
	ct_thread_start(&t);
	EXPECT_EQ(COUNT(M1 "/p"), 3);
	EXPECT_EQ(FAILCNT(M1 "/p"), 0);
	for (i = 1; i <= 20; i++) {
		EXPECT_ERRNO(fork_works(), EAGAIN);
		EXPECT_EQ(FAILCNT(M1 "/p"), i);
	}
	EXPECT_ERRNO(vfork(), EAGAIN);
	EXPECT_EQ(pthread_create(&th, NULL, ct_thread_fn, &t), EAGAIN);
	EXPECT_EQ(FAILCNT(M1 "/p"), 22);
	EXPECT_EQ(COUNT(M1 "/p"), 3);
	EXPECT_EQ(PEAK(M1 "/p"), 3);
	ct_reap(pid);
	EXPECT_OK(fork_works());
	EXPECT_EQ(COUNT(M1 "/p"), 2);
	ct_thread_stop(&t);
	EXPECT_SOON(COUNT(M1 "/p") == 1, 5);
	LIMIT(M1 "/p", "1");
	EXPECT_ERRNO(fork_works(), EAGAIN);
	LIMIT(M1 "/p", "0");
	EXPECT_ERRNO(fork_works(), EAGAIN);
	LIMIT(M1 "/p", "max");
	EXPECT_OK(fork_works());
	EXPECT_EQ(FAILCNT(M1 "/p"), 24);
	EXPECT_EQ(PEAK(M1 "/p"), 3);
}

/* A zombie has left the container: it neither counts nor prevents a fork. */
static void zombies_do_not_count(void)
{
	int zombie;

	setup();
	LIMIT(M1 "/p", "2");
	EXPECT_OK(ct_move(M1 "/p", getpid()));
	zombie = ct_zombie();
	EXPECT_EQ(COUNT(M1 "/p"), 1);
	EXPECT_OK(fork_works());
	ct_reap(zombie);
	EXPECT_EQ(COUNT(M1 "/p"), 1);
}

static void hierarchical(void)
{
	int one, two;

	setup();
	LIMIT(M1 "/p", "3");
	one = ct_child_in(M1 "/p/a");
	two = ct_child_in(M1 "/p/b");
	EXPECT_EQ(COUNT(M1 "/p"), 2);
	EXPECT_EQ(COUNT(M1 "/p/a"), 1);
	EXPECT_EQ(COUNT(M1 "/p/b"), 1);
	EXPECT_OK(ct_move(M1 "/p/a", getpid()));
	EXPECT_EQ(COUNT(M1 "/p"), 3);
	EXPECT_EQ(COUNT(M1 "/p/a"), 2);
	/* /p refuses and counts the failure; /p/a has no limit */
	EXPECT_ERRNO(fork_works(), EAGAIN);
	EXPECT_EQ(FAILCNT(M1 "/p"), 1);
	EXPECT_EQ(FAILCNT(M1 "/p/a"), 0);
	EXPECT_EQ(COUNT(M1 "/p"), 3);
	EXPECT_EQ(COUNT(M1 "/p/a"), 2);
	/* a fork that failed does not raise the peak */
	EXPECT_EQ(PEAK(M1 "/p"), 3);
	EXPECT_EQ(PEAK(M1 "/p/a"), 2);
	/* the nearer limit */
	LIMIT(M1 "/p", "max");
	LIMIT(M1 "/p/a", "2");
	EXPECT_ERRNO(fork_works(), EAGAIN);
	EXPECT_EQ(FAILCNT(M1 "/p"), 1);
	EXPECT_EQ(FAILCNT(M1 "/p/a"), 1);
	/* the limit of a sibling does not matter */
	LIMIT(M1 "/p/a", "max");
	LIMIT(M1 "/p/b", "0");
	EXPECT_OK(fork_works());
	EXPECT_EQ(FAILCNT(M1 "/p/b"), 0);
	EXPECT_OK(ct_move(M1, getpid()));
	ct_reap(one);
	ct_reap(two);
	EXPECT_EQ(COUNT(M1 "/p"), 0);
	RMDIR(M1 "/p/a");
	RMDIR(M1 "/p/b");
	EXPECT_EQ(COUNT(M1 "/p"), 0);
}

/* A move is not limited.  Over the limit no task can fork. */
static void moves_may_exceed(void)
{
	int ids[5], i;

	setup();
	LIMIT(M1 "/p", "2");
	for (i = 0; i < 5; i++)
		ids[i] = ct_child_in(M1 "/p/a");
	EXPECT_EQ(COUNT(M1 "/p"), 5);
	EXPECT_EQ(PEAK(M1 "/p"), 5);
	EXPECT_EQ(FAILCNT(M1 "/p"), 0);
	EXPECT_OK(ct_move(M1 "/p/b", getpid()));
	for (i = 4; i >= 1; i--) {
		EXPECT_ERRNO(fork_works(), EAGAIN);
		ct_reap(ids[i]);
	}
	/* one left and us: at the limit still */
	EXPECT_EQ(COUNT(M1 "/p"), 2);
	EXPECT_ERRNO(fork_works(), EAGAIN);
	ct_reap(ids[0]);
	EXPECT_OK(fork_works());
	EXPECT_EQ(PEAK(M1 "/p"), 6);
}

/* A move inside a subtree does not change the count of the subtree. */
static void moves_inside_a_subtree(void)
{
	int ids[4], i, round;

	setup();
	for (i = 0; i < 4; i++)
		ids[i] = ct_child_in(M1 "/p/a");
	for (round = 0; round < 10; round++) {
		EXPECT_OK(ct_write(M1 "/p/b/tasks", ct_slurp(M1
							"/p/a/tasks")));
		EXPECT_EQ(COUNT(M1 "/p"), 4);
		EXPECT_EQ(COUNT(M1 "/p/a"), 0);
		EXPECT_EQ(COUNT(M1 "/p/b"), 4);
		EXPECT_OK(ct_write(M1 "/p/tasks", ct_slurp(M1 "/p/b/tasks")));
		EXPECT_EQ(COUNT(M1 "/p"), 4);
		EXPECT_EQ(COUNT(M1 "/p/b"), 0);
		EXPECT_OK(ct_write(M1 "/p/a/tasks", ct_slurp(M1 "/p/tasks")));
	}
	EXPECT_EQ(PEAK(M1 "/p"), 4);
	EXPECT_EQ(PEAK(M1 "/p/a"), 4);
	EXPECT_EQ(PEAK(M1 "/p/b"), 4);
	for (i = 0; i < 4; i++)
		ct_reap(ids[i]);
	EXPECT_EQ(COUNT(M1 "/p"), 0);
	EXPECT_EQ(PEAK(M1 "/p"), 4);
}

/*
 * With one task below the limit a fork succeeds, whatever moves happen next to
 * it.
 */
static void moves_do_not_refuse_forks(void)
{
	int pid, mover, i;

	setup();
	LIMIT(M1 "/p", "3");
	pid = ct_child_in(M1 "/p/a");
	mover = IN_CHILD({
		for (;;) {
			EXPECT_OK(ct_move(M1 "/p/b", pid));
			EXPECT_OK(ct_move(M1 "/p/a", pid));
		}
	});
	EXPECT_OK(ct_move(M1 "/p", getpid()));
	for (i = 0; i < ktap_loops(3000); i++)
		if (!EXPECT_OK(fork_works()))
			break;
	ct_reap(mover);
	EXPECT_EQ(FAILCNT(M1 "/p"), 0);
	EXPECT_EQ(PEAK(M1 "/p"), 3);
	EXPECT_EQ(COUNT(M1 "/p"), 2);
}

static void failed_moves_change_nothing(void)
{
	int pid;

	setup();
	pid = ct_child();
	EXPECT_ERRNO(ct_write(M1 "/p/a/tasks", P("%d 99999999", pid)), ESRCH);
	EXPECT_ERRNO(ct_write(M1 "/p/a/tasks", P("%d 2", pid)), EINVAL);
	EXPECT_EQ(COUNT(M1 "/p/a"), 0);
	EXPECT_EQ(PEAK(M1 "/p/a"), 0);
	EXPECT_EQ(PEAK(M1 "/p"), 0);
}

static int signals;

static void on_signal(int sig)
{
	signals += sig == SIGUSR1;
}

/*
 * A signal that arrives in the middle of a fork makes it start over, after
 * it has been charged: the charge has to be taken back each time.
 */
static void *executes(void *rnd)
{
	ktap_spin(ktap_rand(rnd) % 20000);
	execl("/bin/busybox", "true", NULL);
	return NULL;
}

/* With two threads, of which one tries to make more, and the other executes. */
static void refused_beside_exec(unsigned long rnd)
{
	static char stack[4096];
	pthread_t thread;

	EXPECT_OK(ct_move(M1 "/p", getpid()));
	EXPECT_EQ(pthread_create(&thread, NULL, executes, &rnd), 0);
	for (;;)
		syscall(SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES |
			CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
			stack + sizeof(stack) / 2, 0, 0, 0);
}

/*
 * exec() waits for all other threads, and counts a thread that is being made.
 * So it has to be told when that thread is refused.
 */
static void exec_beside_refused_threads(void)
{
	unsigned long rnd = ktap_seed();
	int i, pid, ended = 1;

	setup();
	LIMIT(M1 "/p", "2");
	for (i = 0; i < ktap_loops(900) && ended; i++) {
		pid = IN_CHILD(refused_beside_exec(ktap_rand(&rnd)));
		ended = EXPECT_SOON(waitpid(pid, NULL, WNOHANG) == pid, 10);
	}
	EXPECT_CMP(ct_num(M1 "/p/numtasks.failcnt"), >, 0);
}

static void forks_that_fail_late(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags =
				SA_RESTART };
	int killer, i, *forked = ct_shared(4096);

	setup();
	sigaction(SIGUSR1, &sa, NULL);
	i = getpid();
	killer = IN_CHILD({
		unsigned long rnd = ktap_seed();
		int sent = 0;

		/* some for each fork, or a slow one would never succeed */
		for (;;) {
			if (sent > 4 * GET(*forked) + 4) {
				sched_yield();
				continue;
			}
			kill(i, SIGUSR1);
			sent++;
			ktap_spin(ktap_rand(&rnd) % 200000);
			sched_yield();
		}
	});
	LIMIT(M1 "/p", "2");
	EXPECT_OK(ct_move(M1 "/p", getpid()));
	for (i = 0; i < ktap_loops(2000); i++) {
		/* the library's fork() would block all signals */
		int pid = syscall(SYS_fork);

		if (!pid)
			_exit(0);
		if (!EXPECT_OK(pid))
			break;
		INC(*forked);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	kill(killer, SIGKILL);
	while (waitpid(killer, NULL, 0) < 0 && errno == EINTR)
		;
	ktap_note("%d forks, %d signals", *forked, signals);
	EXPECT_CMP(*forked, >, 0);
	EXPECT_CMP(signals, >, 0);
	EXPECT_EQ(COUNT(M1 "/p"), 1);
	EXPECT_EQ(FAILCNT(M1 "/p"), 0);
	EXPECT_OK(fork_works());
}

/* Killed in the middle of forking, with all children, and then again. */
static void killed_while_forking(void)
{
	unsigned long rnd = ktap_seed();
	int i, pid;

	setup();
	LIMIT(M1 "/p", "9");
	for (i = 0; i < ktap_loops(150); i++) {
		pid = IN_CHILD({
			setpgid(0, 0);
			EXPECT_OK(ct_write(M1 "/p/a/tasks", "0"));
			for (;;) {
				int child = fork();

				if (!child && ktap_rand(&rnd) % 2)
					_exit(0);
				while (waitpid(-1, NULL, WNOHANG) > 0)
					;
			}
		});
		ASSERT_SOON(COUNT(M1 "/p") > 1, 10);
		ktap_spin(ktap_rand(&rnd) % 100000);
		/*
		 * a task that is made during the walk is killed by the next one
		 */
		ASSERT_SOON((kill(-pid, SIGKILL), COUNT(M1 "/p") == 0), 10);
		EXPECT_EQ(waitpid(pid, NULL, 0), pid);
		EXPECT_EQ(COUNT(M1 "/p/a"), 0);
	}
	EXPECT_CMP(PEAK(M1 "/p"), >, 1);
	EXPECT_CMP(PEAK(M1 "/p"), <=, 9);
}

/* Forks as fast as it can, of which many are refused; until *stop. */
static void fork_at_the_limit(unsigned long rnd, int *stop,
			      int *refused)
{
	while (!GET(*stop)) {
		int pid = fork();

		if (!pid) {
			if (ktap_rand(&rnd) % 2)
				fork();
			if (ktap_rand(&rnd) % 2)
				usleep(1000);
			_exit(0);
		}
		if (pid < 0) {
			EXPECT_EQ(errno, EAGAIN);
			INC(*refused);
			waitpid(-1, NULL, 0);
		}
		ktap_rand(&rnd);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* Forks, refused forks, exits and moves at once; then every count is right. */
static void exact_after_a_storm(void)
{
	static const char *const dirs[] = { M1, M1 "/p", M1 "/p/a", M1 "/p/b" };
	int *sh = ct_shared(4096), w[4], i, moves = 0;
	unsigned long rnd = ktap_seed();

	setup();
	LIMIT(M1 "/p", "12");
	LIMIT(M1 "/p/a", "6");
	for (i = 0; i < 4; i++) {
		w[i] = IN_CHILD(fork_at_the_limit(ktap_seed() + i, sh,
						  sh + 1));
		EXPECT_OK(ct_move(dirs[2 + i % 2], w[i]));
	}
	while (GO_ON(moves < ktap_loops(600) ||
		     GET(sh[1]) < ktap_loops(2400))) {
		EXPECT_OK(ct_move(dirs[ktap_rand(&rnd) % 3 + 1],
				  w[ktap_rand(&rnd) % 4]));
		moves++;
		/* 4 moves exceeded it, and a fork counts while it is refused */
		EXPECT_CMP(COUNT(M1 "/p"), <=, 12 + 4 + 12);
		usleep(200);
	}
	SET(*sh, 1);
	for (i = 0; i < 4; i++)
		ct_ended_well(w[i]);
	ktap_note("%d moves, %d forks refused", moves, sh[1]);
	EXPECT_SOON(COUNT(M1 "/p") == 0, 5);
	EXPECT_EQ(COUNT(M1 "/p/a"), 0);
	EXPECT_EQ(COUNT(M1 "/p/b"), 0);
	EXPECT_CMP(FAILCNT(M1 "/p") + FAILCNT(M1 "/p/a"), >=, 1);
	for (i = 0; i < 5; i++)
		ct_child_in(dirs[1 + i % 3]);
	EXPECT_EQ(COUNT(M1 "/p"), 5);
	EXPECT_EQ(COUNT(M1 "/p/a"), 2);
	EXPECT_EQ(COUNT(M1 "/p/b"), 1);
	ct_check_hierarchy(M1, "numtasks");
}

static void bomb(void)
{
	for (;;)
		if (fork() < 0)
			sched_yield();
}

static void fork_bomb(void)
{
	int pid, rounds = 0;

	setup();
	LIMIT(M1 "/p", "20");
	pid = IN_CHILD({
		EXPECT_OK(ct_write(M1 "/p/a/tasks", "0"));
		bomb();
	});
	EXPECT_SOON(FAILCNT(M1 "/p") > 50 && ct_count(M1 "/p/a") == 20, 10);
	while (GO_ON(rounds < ktap_loops(1200) ||
		     FAILCNT(M1 "/p") < 100)) {
		long n = ct_count(M1 "/p/a");

		EXPECT_EQ(n, 20);	/* no task ends */
		rounds++;
	}
	EXPECT_EQ(PEAK(M1 "/p"), 20);
	/* a fork that is refused above counts below for a moment */
	EXPECT_CMP(PEAK(M1 "/p/a"), >=, 20);
	EXPECT_CMP(PEAK(M1 "/p/a"), <, 20 + 20);
	/* with the limit at 0 no fork succeeds */
	LIMIT(M1 "/p", "0");
	EXPECT_SOON(({
		int n, *ids = ct_tasks(M1 "/p/a", &n), i;

		for (i = 0; i < n; i++)
			kill(ids[i], SIGKILL);
		free(ids);
		!n;
	}), 10);
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
	EXPECT_EQ(COUNT(M1 "/p"), 0);
	RMDIR(M1 "/p/a");
}

/*
 * The hierarchy is mounted, used and dissolved while tasks fork at the limit.
 * Forks that have begun in one hierarchy end in the next one.  Each hierarchy
 * starts with no task charged, and counts exactly.
 */
static void mounted_beside_forks(void)
{
	int *sh = ct_shared(4096), w[4], i, pid, rounds = 0;

	for (i = 0; i < 4; i++)
		w[i] = IN_CHILD(fork_at_the_limit(ktap_seed() + i, sh,
						  sh + 1));
	while (GO_ON(rounds < ktap_loops(120) ||
		     GET(sh[1]) < ktap_loops(240))) {
		MOUNT(M1, rounds % 3 ? "numtasks" : "numtasks,debug");
		MKDIR(M1 "/p");
		EXPECT_EQ(COUNT(M1 "/p"), 0);
		LIMIT(M1 "/p", "6");
		for (i = 0; i < 4; i++)
			EXPECT_OK(ct_move(M1 "/p", w[i]));
		EXPECT_CMP(COUNT(M1 "/p"), >=, 4);
		usleep(rounds % 4 * 500);
		/* those that they have made go, too, or end */
		EXPECT_SOON(({
			int n, *ids = ct_tasks(M1 "/p", &n);

			for (i = 0; i < n; i++)
				if (ct_move(M1, ids[i]))
					EXPECT_EQ(errno, ESRCH);
			free(ids);
			!n;
		}), 10);
		EXPECT_SOON(COUNT(M1 "/p") == 0, 5);
		pid = ct_child_in(M1 "/p");
		EXPECT_EQ(COUNT(M1 "/p"), 1);
		ct_reap(pid);
		EXPECT_EQ(COUNT(M1 "/p"), 0);
		RMDIR(M1 "/p");
		UMOUNT(M1);
		rounds++;
	}
	SET(*sh, 1);
	for (i = 0; i < 4; i++)
		ct_ended_well(w[i]);
	ktap_note("%d rounds, %d forks refused", rounds, sh[1]);
}

/* With other hierarchies, and together with debug in one. */
static void with_other_hierarchies(void)
{
	int pid;

	MOUNT(M1, "debug,numtasks");
	MOUNT(M2, "none,name=x");
	MKDIR(M1 "/p");
	MKDIR(M2 "/x");
	LIMIT(M1 "/p", "2");
	EXPECT_OK(ct_move(M1 "/p", getpid()));
	pid = ct_child();
	/* a move elsewhere charges nothing here */
	EXPECT_OK(ct_move(M2 "/x", pid));
	EXPECT_OK(ct_move(M2 "/x", getpid()));
	EXPECT_EQ(COUNT(M1 "/p"), 2);
	EXPECT_ERRNO(fork_works(), EAGAIN);
	ct_reap(pid);
	EXPECT_OK(fork_works());
	EXPECT_EQ(COUNT(M1 "/p"), 1);
	EXPECT_EQ(PEAK(M1 "/p"), 2);
}

static const struct ktap_case cases[] = {
	T(files),
	T(limit_values),
	T(limit_holds),
	T(zombies_do_not_count),
	T(hierarchical),
	T(moves_may_exceed),
	T(moves_inside_a_subtree),
	T(moves_do_not_refuse_forks),
	T(failed_moves_change_nothing),
	T(exec_beside_refused_threads),
	T(forks_that_fail_late),
	T(killed_while_forking),
	T(exact_after_a_storm),
	T(fork_bomb),
	T(mounted_beside_forks),
	T(with_other_hierarchies),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

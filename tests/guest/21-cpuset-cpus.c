// SPDX-License-Identifier: GPL-2.0
/*
 * Cpusets and CPUs: tasks run where they are allowed to, and nowhere else,
 * whatever is moved, changed or forked at the same time.
 *
 * harness: configs=cpuset,cpuset_debug kernels=2.6.22 smp=4 append="numa=fake=4"
 */
#include "cpuset.h"

static void setup(void)
{
	MOUNT(M1, "cpuset");
	cs_make(M1 "/a", "0-1", "0-3");
	cs_make(M1 "/b", "2", "0-3");
	cs_make(M1 "/c", "3", "0-3");
}

/* A spinning task is seen on these CPUs only, for a while. */
static void stays_on(int pid, int mask)
{
	int i, cpu;

	EXPECT_SOON((mask >> cs_cpu(pid)) & 1, 5);
	for (i = 0; i < 50; i++) {
		usleep(1000);
		cpu = cs_cpu(pid);
		if (!EXPECT((mask >> cpu) & 1)) {
			ktap_note("on CPU %d, allowed %x", cpu, mask);
			break;
		}
	}
}

static void placement(void)
{
	int pid, i;

	setup();
	pid = cs_spinner();
	for (i = 0; i < ktap_loops(20); i++) {
		EXPECT_OK(ct_move(M1 "/b", pid));
		EXPECT_EQ(cs_cpu(pid), 2);
		EXPECT_EQ(cs_cpus(pid), 4);
		EXPECT_OK(ct_move(M1 "/c", pid));
		EXPECT_EQ(cs_cpu(pid), 3);
		EXPECT_EQ(cs_cpus(pid), 8);
	}
	stays_on(pid, 8);
	EXPECT_OK(ct_move(M1 "/a", pid));
	EXPECT_EQ(cs_cpus(pid), 3);
	stays_on(pid, 3);
	EXPECT_OK(ct_move(M1, pid));
	EXPECT_EQ(cs_cpus(pid), 15);
	ct_reap(pid);
}

/* Moves the writer itself, a task that sleeps, and a thread. */
static void who_is_moved(void)
{
	struct ct_thread t;
	int pid, tid;

	setup();
	EXPECT_OK(ct_write(M1 "/b/tasks", "0"));
	EXPECT_EQ(cs_cpu(getpid()), 2);
	EXPECT_OK(ct_write(M1 "/c/tasks", "0"));
	EXPECT_EQ(cs_cpu(getpid()), 3);
	pid = ct_child();
	EXPECT_EQ(cs_cpus(pid), 8);
	EXPECT_OK(ct_move(M1 "/b", pid));
	EXPECT_EQ(cs_cpus(pid), 4);
	tid = ct_thread_start(&t);
	EXPECT_OK(ct_move(M1 "/a", tid));
	EXPECT_EQ(cs_cpus(tid), 3);
	EXPECT_EQ(cs_cpus(getpid()), 8);
	ct_thread_stop(&t);
	ct_reap(pid);
}

/* A change takes effect for all tasks of the cpuset at once. */
static void changes_reach_tasks(void)
{
	int spin, child, other;

	setup();
	spin = cs_spinner();
	other = ct_child_in(M1 "/a");
	EXPECT_OK(ct_move(M1 "/b", spin));
	child = ct_child_in(M1 "/b");
	SET_OK(M1 "/b", "cpus", "3");
	EXPECT_EQ(cs_cpu(spin), 3);
	EXPECT_EQ(cs_cpus(spin), 8);
	EXPECT_EQ(cs_cpus(child), 8);
	EXPECT_EQ(cs_cpus(other), 3);
	EXPECT_EQ(cs_cpus(getpid()), 15);
	SET_OK(M1 "/b", "cpus", "1-2");
	stays_on(spin, 6);
	SET_OK(M1 "/b", "cpus", "0-3");
	EXPECT_EQ(cs_cpus(spin), 15);
	/* a change that fails changes no task */
	SET_OK(M1 "/b", "cpus", "2");
	SET_OK(M1 "/c", "cpu_exclusive", "1");
	SET_ERR(M1 "/b", "cpus", "2-3", EINVAL);
	EXPECT_EQ(cs_cpus(spin), 4);
	EXPECT_EQ(cs_cpus(child), 4);
	ct_reap(spin);
	ct_reap(child);
	ct_reap(other);
}

/* Many tasks, more than there is room for without asking for memory. */
static void change_for_many(void)
{
	int ids[200], i;

	setup();
	for (i = 0; i < 200; i++)
		ids[i] = ct_child_in(M1 "/a");
	SET_OK(M1 "/a", "cpus", "1");
	for (i = 0; i < 200; i++)
		if (!EXPECT_EQ(cs_cpus(ids[i]), 2))
			break;
	for (i = 0; i < 200; i++)
		ct_reap(ids[i]);
}

/*
 * sched_setaffinity() is limited to the cpuset, and changes keep the affinity.
 */
static void affinities(void)
{
	int pid;

	setup();
	pid = cs_spinner();
	EXPECT_OK(ct_move(M1 "/a", pid));
	EXPECT_OK(cs_bind(pid, 15));
	EXPECT_EQ(cs_cpus(pid), 3);
	EXPECT_OK(cs_bind(pid, 2));
	EXPECT_EQ(cs_cpus(pid), 2);
	EXPECT_OK(cs_bind(pid, 6));
	EXPECT_EQ(cs_cpus(pid), 2);
	EXPECT_ERRNO(cs_bind(pid, 12), EINVAL);
	EXPECT_EQ(cs_cpus(pid), 2);
	/* bound to CPU 1: remains so where possible */
	SET_OK(M1 "/a", "cpus", "1-3");
	EXPECT_EQ(cs_cpus(pid), 2);
	SET_OK(M1 "/a", "cpus", "0-1");
	EXPECT_EQ(cs_cpus(pid), 2);
	EXPECT_OK(ct_move(M1, pid));
	EXPECT_EQ(cs_cpus(pid), 2);
	EXPECT_OK(ct_move(M1 "/a", pid));
	EXPECT_EQ(cs_cpus(pid), 2);
	/* otherwise it gets all CPUs of the cpuset */
	SET_OK(M1 "/a", "cpus", "2-3");
	EXPECT_EQ(cs_cpus(pid), 12);
	stays_on(pid, 12);
	EXPECT_OK(cs_bind(pid, 4));
	EXPECT_OK(ct_move(M1 "/c", pid));
	EXPECT_EQ(cs_cpus(pid), 8);
	/* and is not bound any more */
	EXPECT_OK(ct_move(M1, pid));
	EXPECT_EQ(cs_cpus(pid), 15);
	ct_reap(pid);
}

/* The first task with this name; 0: none. */
static int find_task(const char *name)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int found = 0;

	while (d && !found && (e = readdir(d))) {
		char *s = atoi(e->d_name) ?
			  ct_slurp(P("/proc/%s/stat", e->d_name)) : NULL;

		if (s && strstr(s, P("(%s)", name)))
			found = atoi(e->d_name);
		free(s);
	}
	if (d)
		closedir(d);
	return found;
}

static void kernel_threads(void)
{
	static const char *const bound[] = {
		"migration/0", "migration/3", "ksoftirqd/0", "ksoftirqd/2",
		"events/1", "events/2",
	};
	static const char *const free_ones[] = { "pdflush", "khelper" };
	unsigned int i;
	int pid;

	setup();
	for (i = 0; i < ARRAY_SIZE(bound); i++) {
		CTX("%s", bound[i]);
		pid = find_task(bound[i]);
		if (!EXPECT_CMP(pid, >, 0))
			continue;
		EXPECT_ERRNO(ct_move(M1 "/b", pid), EINVAL);
		EXPECT_ERRNO(ct_move(M1 "/a", pid), EINVAL);
		EXPECT(!ct_has(M1 "/b", pid));
		EXPECT_EQ(cs_cpus(pid), 1 << (strchr(bound[i], '/')[1] - '0'));
	}
	EXPECT_ERRNO(ct_move(M1 "/b", 2), EINVAL);
	for (i = 0; i < ARRAY_SIZE(free_ones); i++) {
		CTX("%s", free_ones[i]);
		pid = find_task(free_ones[i]);
		if (!EXPECT_CMP(pid, >, 0))
			continue;
		EXPECT_OK(ct_move(M1 "/b", pid));
		EXPECT_EQ(cs_cpus(pid), 4);
		EXPECT_OK(ct_move(M1 "/c", pid));
		EXPECT_EQ(cs_cpus(pid), 8);
		EXPECT_OK(ct_move(M1, pid));
	}
	CTX_END();
}

/*
 * Scheduler domains cannot be seen.  But a task that builds them with a lock
 * held that is needed for it would hang, and load balancing shows their effect.
 */
static void exclusive_balances(void)
{
	int ids[3], i, seen = 0;

	setup();
	SET_OK(M1 "/a", "cpu_exclusive", "1");
	SET_OK(M1 "/b", "cpu_exclusive", "1");
	for (i = 0; i < 3; i++) {
		ids[i] = cs_spinner();
		EXPECT_OK(ct_move(M1 "/a", ids[i]));
	}
	EXPECT_SOON(({
		for (i = 0; i < 3; i++)
			seen |= 1 << cs_cpu(ids[i]);
		seen == 3;
	}), 10);
	SET_OK(M1 "/a", "cpus", "1");
	for (i = 0; i < 3; i++)
		stays_on(ids[i], 2);
	SET_OK(M1 "/a", "cpus", "0-1");
	seen = 0;
	EXPECT_SOON(({
		for (i = 0; i < 3; i++)
			seen |= 1 << cs_cpu(ids[i]);
		seen == 3;
	}), 10);
	for (i = 0; i < 3; i++)
		ct_reap(ids[i]);
	RMDIR(M1 "/a");
	RMDIR(M1 "/b");
}

/* All workers turn exclusiveness on and off, and make and remove cpusets. */
static void exclusive_storm(void)
{
	int *sh = ct_shared(4096), w[4], i;

	setup();
	for (i = 0; i < 4; i++)
		w[i] = IN_CHILD({
			char *dir = strdup(P(M1 "/x%d", i));
			unsigned long rnd = ktap_seed() + i;
			int pid = ct_child();

			while (!GET(*sh)) {
				mkdir(dir, 0755);
				SET_OK(dir, "mems", "0-3");
				cs_set(dir, "cpus", P("%d", i));
				cs_set(dir, "cpu_exclusive", "1");
				if (ktap_rand(&rnd) % 2)
					ct_move(dir, pid);
				ct_move(M1, pid);
				EXPECT_OK(rmdir(dir));
				INC(sh[1 + i]);
			}
		});
	for (i = 0; i < 4; i++)
		while (GO_ON(GET(sh[1 + i]) < ktap_loops(1200)))
			usleep(10000);
	SET(*sh, 1);
	for (i = 0; i < 4; i++)
		ct_reap(w[i]);
}

/* Forks as fast as it can; the children stay for a while. */
static void forks(int *stop, int *forked)
{
	while (!GET(*stop)) {
		int pid = fork();

		if (!pid) {
			usleep(50000);
			_exit(0);
		}
		if (pid > 0)
			INC(*forked);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* A list of CPUs as a mask; the lists of these tests have single digits. */
static long mask_of(const char *list)
{
	long mask = 0;
	int i, to;

	for (; *list && *list != '\n'; list += list[1] == ',' ? 2 : 1) {
		to = list[1] == '-' ? list[2] : *list;
		for (i = *list - '0'; i <= to - '0'; i++)
			mask |= 1 << i;
		if (list[1] == '-')
			list += 2;
	}
	return mask;
}

/*
 * Checks that every task of a cpuset is allowed the CPUs of the cpuset, or some
 * of them, and is on such a CPU.  Returns the number of tasks.
 */
static int check_all(const char *dir, bool bound)
{
	char *list = cs_get(dir, "cpus");
	int n, i, *ids = ct_tasks(dir, &n), checked = 0;
	long mask = mask_of(list);

	for (i = 0; ids && i < n; i++) {
		long cpus = cs_cpus(ids[i]);
		int cpu = cs_cpu(ids[i]);

		if (cpus < 0 || cpu < 0)	/* gone */
			continue;
		checked++;
		if (!EXPECT(bound ? cpus && !(cpus & ~mask) : cpus == mask) ||
		    !EXPECT((mask >> cpu) & 1)) {
			ktap_note("task %d in %s has CPUs %lx of %lx, is on %d",
				  ids[i], dir, cpus, mask, cpu);
			break;
		}
	}
	free(ids);
	free(list);
	return checked;
}

/*
 * A task is moved while it forks: the child starts in the new cpuset, although
 * it is a copy of the parent from before the move.  It sleeps, so its CPUs
 * stay.
 */
static void fork_and_move(void)
{
	static const char *const dirs[] = { M1 "/a", M1 "/b", M1 "/c" };
	int *sh = ct_shared(4096), pid, i, k, moves = 0, checked = 0;
	unsigned long rnd = ktap_seed();

	setup();
	while (GO_ON(moves < ktap_loops(900) || checked < ktap_loops(3000))) {
		SET(sh[0], 0);
		pid = IN_CHILD({
			for (k = 0; k < 60; k++) {
				int child = fork();

				if (!child)
					for (;;)
						pause();
			}
			SET(sh[0], 1);
			for (;;)
				pause();
		});
		while (!GET(sh[0])) {
			EXPECT_OK(ct_move(dirs[ktap_rand(&rnd) % 3], pid));
			moves++;
			ktap_spin(ktap_rand(&rnd) % 20000);
			if (ktap_rand(&rnd) % 4 == 0)
				usleep(100);
		}
		for (i = 0; i < 3; i++) {
			int n, *ids;

			checked += check_all(dirs[i], false);
			ids = ct_tasks(dirs[i], &n);
			for (k = 0; k < n; k++)
				kill(ids[k], SIGKILL);
			free(ids);
		}
		EXPECT_EQ(waitpid(pid, NULL, 0), pid);
	}
	ktap_note("%d moves, %d tasks looked at", moves, checked);
}

/* Stops tasks, and returns when they are stopped. */
static void stop(const int *ids, int n)
{
	int i;

	for (i = 0; i < n; i++)
		kill(ids[i], SIGSTOP);
	for (i = 0; i < n; i++)
		EXPECT_SOON(ktap_stat(ids[i], NULL, NULL) == 'T', 10);
}

/*
 * Forks, moves, changes of cpus and of affinities at the same time.  When all
 * workers pause, every task is where it is allowed to be.
 */
static void storm(void)
{
	static const char *const dirs[] = { M1 "/a", M1 "/b", M1 "/c" };
	static const char *const lists[] = { "0", "1-2", "3", "0-1", "2-3" };
	int *sh = ct_shared(4096), w[6], i, k, checked = 0, moves = 0;
	unsigned long rnd = ktap_seed();

	setup();
	for (i = 0; i < 4; i++) {
		w[i] = IN_CHILD(forks(sh, sh + 1));
		EXPECT_OK(ct_move(dirs[i % 3], w[i]));
	}
	w[4] = IN_CHILD({
		unsigned long r = ktap_seed() + 1;

		while (!GET(*sh)) {
			SET_OK(dirs[ktap_rand(&r) % 3], "cpus",
			       lists[ktap_rand(&r) % 5]);
			INC(sh[2]);
			usleep(500);
		}
	});
	w[5] = IN_CHILD({
		unsigned long r = ktap_seed() + 2;

		while (!GET(*sh)) {
			cs_bind(w[ktap_rand(&r) % 4], ktap_rand(&r) % 15 + 1);
			usleep(500);
		}
	});
	while (GO_ON(moves < ktap_loops(600) || checked <= 50)) {
		for (k = 0; k < 50; k++) {
			EXPECT_OK(ct_move(dirs[ktap_rand(&rnd) % 3],
					  w[ktap_rand(&rnd) % 4]));
			moves++;
			usleep(200);
		}
		stop(w, 6);
		for (i = 0; i < 3; i++)
			checked += check_all(dirs[i], true);
		for (i = 0; i < 6; i++)
			kill(w[i], SIGCONT);
	}
	SET(*sh, 1);
	for (i = 0; i < 6; i++)
		ct_ended_well(w[i]);
	ktap_note("%d moves, %d forks, %d changes, %d tasks looked at", moves,
		  sh[1], sh[2], checked);
}

/*
 * sched_setaffinity() looks up the cpuset, and then sets what it has found:
 * a move in between must not be lost.
 */
static void affinity_and_move(void)
{
	int *sh = ct_shared(4096), pid, binder[2], i, moves = 0;

	setup();
	pid = cs_spinner();
	for (i = 0; i < 2; i++)
		binder[i] = IN_CHILD({
			while (!GET(*sh))
				INC(sh[cs_bind(pid, 15) ? 2 : 1]);
		});
	while (GO_ON(moves < ktap_loops(1800) || GET(sh[1]) <= 100)) {
		EXPECT_OK(ct_move(moves % 2 ? M1 "/b" : M1 "/c", pid));
		moves++;
		/*
		 * a task that was in the middle of it has finished after a
		 * while
		 */
		if (moves % 8)
			continue;
		stop(binder, 2);
		EXPECT_EQ(cs_cpus(pid), moves % 2 ? 8 : 4);
		EXPECT_EQ(cs_cpu(pid), moves % 2 ? 3 : 2);
		kill(binder[0], SIGCONT);
		kill(binder[1], SIGCONT);
	}
	SET(*sh, 1);
	ktap_note("%d moves, %d affinities, %d refused", moves, sh[1], sh[2]);
	ct_reap(binder[0]);
	ct_reap(binder[1]);
	ct_reap(pid);
}

/* Occupies CPU 2, so that not even its migration thread runs. */
static int hog_cpu_2(int *stop)
{
	int pid = IN_CHILD({
		struct sched_param param = { .sched_priority = 99 };

		ASSERT_OK(cs_bind(0, 4));
		/* musl does not implement the function */
		ASSERT_OK(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO,
				  &param));
		INC(*stop);
		while (GET(*stop) == 1)
			;
	});

	ASSERT_SOON(GET(*stop) == 1, 10);
	return pid;
}

/*
 * A task is moved away from CPU 2, and the writer waits until that CPU is free.
 */
static void stuck_while_moving(void (*move)(int pid))
{
	int *sh = ct_shared(4096), victim, hog, mover, reader, looks = 0;

	victim = cs_spinner();
	EXPECT_OK(ct_move(M1 "/x", victim));
	EXPECT_OK(cs_bind(victim, 4));
	EXPECT_SOON(cs_cpu(victim) == 2, 10);
	/* tasks that only read, or need memory, do not have to wait for that */
	reader = IN_CHILD({
		int i;

		while (!GET(sh[2]))
			usleep(1000);
		for (i = 0; i < 20; i++) {
			GET_IS(M1 "/x", "cpus", "1-2");
			GET_IS(M1 "/b", "mems", "0-3");
		}
		SET(sh[1], 1);
	});
	hog = hog_cpu_2(sh);
	mover = IN_CHILD(move(victim));
	ASSERT_SOON(ktap_stat(mover, NULL, NULL) == 'D', 10);
	/* no fork from here on: it might have to wait for the move */
	SET(sh[2], 1);
	while (!GET(sh[1]) && looks < 50) {
		looks = ktap_stat(reader, NULL, NULL) == 'D' ? looks + 1 : 0;
		usleep(1000);
	}
	EXPECT_EQ(GET(sh[1]), 1);
	EXPECT_EQ(ktap_stat(mover, NULL, NULL), 'D');
	SET(sh[0], 2);
	ct_ended_well(reader);
	ct_ended_well(mover);
	ct_ended_well(hog);
	EXPECT(cs_cpu(victim) != 2);
	ct_reap(victim);
}

static void bind_to_1(int pid)
{
	EXPECT_OK(cs_bind(pid, 2));
}

static void move_to_c(int pid)
{
	EXPECT_OK(ct_move(M1 "/c", pid));
}

static void nobody_waits_for_a_migration(void)
{
	setup();
	cs_make(M1 "/x", "1-2", "0-3");
	EXPECT_OK(cs_bind(0, 3));
	stuck_while_moving(bind_to_1);
	stuck_while_moving(move_to_c);
	EXPECT_OK(cs_bind(0, 15));
}

static const struct ktap_case cases[] = {
	T(placement),
	T(who_is_moved),
	T(changes_reach_tasks),
	T(change_for_many),
	T(affinities),
	T(kernel_threads),
	T(exclusive_balances),
	T(exclusive_storm),
	T(fork_and_move),
	T(storm),
	T(affinity_and_move),
	T(nobody_waits_for_a_migration),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that go and come while cpusets are in use.
 *
 * harness: alone=1 configs=cpuset,cpuset_debug kernels=2.6.22 smp=4 append="numa=fake=4"
 */
#include "cpuset.h"

static int online(int cpu, int on)
{
	return ct_write(P("/sys/devices/system/cpu/cpu%d/online", cpu),
			on ? "1" : "0");
}

static void all_online(void)
{
	int i;

	for (i = 1; i < CPUS; i++)
		online(i, 1);
}

static void cleanup(void)
{
	all_online();
	ct_cleanup();
}

static void setup(void)
{
	MOUNT(M1, "cpuset");
	cs_make(M1 "/a", "2-3", "0");
	cs_make(M1 "/a/b", "3", "0");
	cs_make(M1 "/c", "1", "0");
}

/* A cpuset without CPUs gets those that the nearest one above has left. */
static void off_and_on(void)
{
	int a, b, c, top;

	setup();
	MKDIR(M1 "/empty");
	a = cs_spinner();
	b = cs_spinner();
	top = cs_spinner();
	EXPECT_OK(ct_move(M1 "/a", a));
	EXPECT_OK(ct_move(M1 "/a/b", b));
	c = ct_child_in(M1 "/c");
	ASSERT_OK(online(3, 0));
	GET_IS(M1, "cpus", "0-2");
	GET_IS(M1 "/a", "cpus", "2");
	GET_IS(M1 "/a/b", "cpus", "2");
	GET_IS(M1 "/c", "cpus", "1");
	GET_IS(M1 "/empty", "cpus", "");
	EXPECT_EQ(cs_cpus(a), 4);
	EXPECT_EQ(cs_cpus(b), 4);
	EXPECT_EQ(cs_cpus(c), 2);
	EXPECT_EQ(cs_cpus(top), 15);
	EXPECT_EQ(cs_cpu(a), 2);
	EXPECT_EQ(cs_cpu(b), 2);
	SET_ERR(M1 "/a", "cpus", "2-3", EINVAL);
	SET_ERR(M1 "/empty", "cpus", "3", EINVAL);
	ASSERT_OK(online(2, 0));
	GET_IS(M1, "cpus", "0-1");
	GET_IS(M1 "/a", "cpus", "0-1");
	GET_IS(M1 "/a/b", "cpus", "0-1");
	EXPECT_EQ(cs_cpus(a), 3);
	EXPECT_EQ(cs_cpus(b), 3);
	ASSERT_OK(online(2, 1));
	ASSERT_OK(online(3, 1));
	/* the administrator has to decide where tasks go from here */
	GET_IS(M1, "cpus", "0-3");
	GET_IS(M1 "/a", "cpus", "0-1");
	EXPECT_EQ(cs_cpus(a), 3);
	SET_OK(M1 "/a/b", "cpus", "1");
	SET_OK(M1 "/a", "cpus", "0-3");
	SET_OK(M1 "/a/b", "cpus", "3");
	SET_OK(M1 "/a", "cpus", "2-3");
	EXPECT_EQ(cs_cpus(a), 12);
	EXPECT_EQ(cs_cpus(b), 8);
	EXPECT_EQ(cs_cpu(b), 3);
	ct_reap(a);
	ct_reap(b);
	ct_reap(c);
	ct_reap(top);
}

/*
 * A task that came to the top while a CPU was away may use it when it is back.
 */
static void top_has_all(void)
{
	int pid;

	setup();
	pid = cs_spinner();
	EXPECT_OK(ct_move(M1 "/c", pid));
	ASSERT_OK(online(3, 0));
	EXPECT_OK(ct_move(M1, pid));
	ASSERT_OK(online(3, 1));
	EXPECT_EQ(cs_cpus(pid), 15);
	ct_reap(pid);
}

/* The task that takes a CPU down is treated like any other task. */
static void who_takes_it_down(void)
{
	int other;

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	other = ct_child_in(M1 "/a");
	EXPECT_EQ(cs_cpus(getpid()), 12);
	ASSERT_OK(online(3, 0));
	GET_IS(M1 "/a", "cpus", "2");
	EXPECT_EQ(cs_cpus(other), 4);
	EXPECT_EQ(cs_cpus(getpid()), 4);
	ASSERT_OK(online(3, 1));
	GET_IS(M1 "/a", "cpus", "2");
	EXPECT_EQ(cs_cpus(other), 4);
	EXPECT_EQ(cs_cpus(getpid()), 4);
	EXPECT_EQ(cs_cpu(getpid()), 2);
	/* the CPU that it is on, and has alone */
	ASSERT_OK(online(2, 0));
	GET_IS(M1 "/a", "cpus", "0-1,3");
	EXPECT_EQ(cs_cpus(other), 11);
	EXPECT_EQ(cs_cpus(getpid()), 11);
	ASSERT_OK(online(2, 1));
	EXPECT_EQ(cs_cpus(other), 11);
	EXPECT_EQ(cs_cpus(getpid()), 11);
	/* in the top it may use a CPU that comes back */
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_EQ(cs_cpus(getpid()), 15);
	ASSERT_OK(online(3, 0));
	ASSERT_OK(online(3, 1));
	EXPECT_EQ(cs_cpus(getpid()), 15);
	ct_reap(other);
}

/* Bound threads of a CPU that has come back still cannot be moved. */
static void threads_of_new_cpus(void)
{
	DIR *d;
	struct dirent *e;
	int found = 0;

	setup();
	ASSERT_OK(online(3, 0));
	ASSERT_OK(online(3, 1));
	d = opendir("/proc");
	while ((e = readdir(d))) {
		char *s = atoi(e->d_name) ?
			  ct_slurp(P("/proc/%s/stat", e->d_name)) : NULL;

		if (s && (strstr(s, "(ksoftirqd/3)") ||
			  strstr(s, "(migration/3)"))) {
			found++;
			EXPECT_ERRNO(ct_move(M1 "/c", atoi(e->d_name)), EINVAL);
			EXPECT_EQ(cs_cpus(atoi(e->d_name)), 8);
		}
		free(s);
	}
	closedir(d);
	EXPECT_EQ(found, 2);
}

/*
 * To take a CPU down the kernel has a thread of the highest priority on each
 * CPU, which never yields to our tasks, and forks the other threads meanwhile.
 * If one of these forks waited for a task that changes a cpuset, on a CPU that
 * has its thread already, the machine would hang.
 */
static void change_meanwhile(void)
{
	int *sh = ct_shared(4096), w[2], member[20], i, flips = 0;

	setup();
	for (i = 0; i < (int)ARRAY_SIZE(member); i++)
		member[i] = ct_child_in(M1 "/c");
	for (i = 0; i < 2; i++) {
		w[i] = IN_CHILD({
			EXPECT_OK(cs_bind(0, 1));
			while (!GET(*sh)) {
				EXPECT_OK(cs_set(M1 "/c", "cpus", "0-1"));
				EXPECT_OK(cs_set(M1 "/c", "cpus", "1"));
				INC(sh[1 + i]);
			}
		});
	}
	while (GO_ON(flips < ktap_loops(30) || !GET(sh[1]) || !GET(sh[2]))) {
		EXPECT_OK(online(3, 0));
		EXPECT_OK(online(3, 1));
		flips++;
	}
	SET(*sh, 1);
	for (i = 0; i < 2; i++)
		ct_ended_well(w[i]);
	for (i = 0; i < (int)ARRAY_SIZE(member); i++)
		ct_reap(member[i]);
}

/* CPUs go and come while everything else happens, with exclusive cpusets. */
static void storm(void)
{
	static const char *const dirs[] = { M1 "/a", M1 "/a/b", M1 "/c" };
	int *sh = ct_shared(4096), w[4], i, flips = 0, n = 5;

	setup();
	SET_OK(M1 "/a", "cpu_exclusive", "1");
	/* forks */
	w[0] = IN_CHILD({
		while (!GET(*sh)) {
			int pid = fork();

			if (!pid)
				_exit(0);
			waitpid(pid, NULL, 0);
			INC(sh[1]);
		}
	});
	/* moves */
	w[1] = IN_CHILD({
		unsigned long r = ktap_seed() + 1;

		while (!GET(*sh)) {
			if (ct_move(dirs[ktap_rand(&r) % 3], w[0]))
				EXPECT(GET(*sh));	/* it has ended */
			INC(sh[2]);
		}
	});
	/* changes, which may fail for good reasons */
	w[2] = IN_CHILD({
		unsigned long r = ktap_seed() + 2;

		while (!GET(*sh)) {
			cs_set(dirs[ktap_rand(&r) % 3], "cpus",
			       P("%d-3", ktap_rand(&r) % 4));
			cs_set(dirs[ktap_rand(&r) % 3], "cpu_exclusive",
			       ktap_rand(&r) % 2 ? "1" : "0");
			INC(sh[3]);
		}
	});
	/* cpusets come and go */
	w[3] = IN_CHILD({
		while (!GET(*sh)) {
			EXPECT_OK(mkdir(M1 "/x", 0755));
			cs_set(M1 "/x", "cpus", "0");
			cs_set(M1 "/x", "cpu_exclusive", "1");
			EXPECT_OK(rmdir(M1 "/x"));
			INC(sh[4]);
		}
	});
	while (GO_ON(flips < ktap_loops(30) || GET(sh[1]) < n ||
		     GET(sh[2]) < n || GET(sh[3]) < n || GET(sh[4]) < n)) {
		i = 1 + flips % 3;
		EXPECT_OK(online(i, 0));
		EXPECT_OK(online(i, 1));
		flips++;
	}
	SET(*sh, 1);
	for (i = 0; i < 4; i++)
		ct_ended_well(w[i]);
	ktap_note("%d CPUs, %d forks, %d moves, %d changes, %d cpusets", flips,
		  sh[1], sh[2], sh[3], sh[4]);
	GET_IS(M1, "cpus", "0-3");
}

static const struct ktap_case cases[] = {
	T(off_and_on),
	T(top_has_all),
	T(who_takes_it_down),
	T(threads_of_new_cpus),
	T(change_meanwhile),
	T(storm),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), cleanup);
}

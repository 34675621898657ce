// SPDX-License-Identifier: GPL-2.0
/*
 * cpuacct.load: what has been used in the last ten whole seconds.
 *
 * One spins for two seconds, one for all the time: the load of the first goes
 * up and, ten seconds later, down to nothing.  That is one case, since most of
 * it is waiting.
 *
 * harness: configs=base,debug smp=2 timeout=120
 */
#include "ct.h"

#define USAGE(dir) ct_num(dir "/cpuacct.usage")
#define LOAD(dir) ct_num(dir "/cpuacct.load")
#define PERCENT 100000000L	/* of ten seconds, in nanoseconds */
#define BEGUN 1500000000L	/* used in the second that has begun, at most */

static int spinner_in(const char *dir)
{
	int pid = fork();

	ASSERT_OK(pid);
	if (!pid) {
		ASSERT_OK(ct_write(P("%s/tasks", dir), "0"));
		for (;;)
			ktap_spin(1000);
	}
	return pid;
}

/*
 * As long as everything has been used within the last ten seconds the load is
 * the usage, but for what so many CPUs have used in the second that has begun.
 * Returns the load.
 */
static long check_young(const char *dir, int cpus)
{
	long before = ct_num(P("%s/cpuacct.usage", dir));
	long load = ct_num(P("%s/cpuacct.load", dir));
	long after = ct_num(P("%s/cpuacct.usage", dir));

	CTX("%s: usage %ld to %ld", dir, before, after);
	EXPECT_CMP(load * PERCENT - PERCENT / 2, <=, after);
	EXPECT_CMP(load * PERCENT + PERCENT / 2 + cpus * BEGUN, >=, before);
	CTX_END();
	return load;
}

/* What the spinner that never sleeps had used when. */
static struct {
	long ms, usage;
} samples[1000];
static int nr_samples;

static void sample(const char *dir)
{
	if (nr_samples == ARRAY_SIZE(samples))
		return;
	samples[nr_samples].usage = ct_num(P("%s/cpuacct.usage", dir));
	samples[nr_samples++].ms = ktap_ms();
	usleep(50000);
}

/* Its usage so long ago. */
static long usage_before(long ms)
{
	int i = nr_samples - 1;

	while (i > 0 && samples[i].ms > samples[nr_samples - 1].ms - ms)
		i--;
	return samples[i].usage;
}

/* The load lies between what has been used in nine seconds and in eleven. */
static void check_old(long load)
{
	long least = (usage_before(1000) - usage_before(10000)) / PERCENT;
	long most = (usage_before(0) - usage_before(11000)) / PERCENT;

	ktap_note("load of a spinner: %ld", load);
	EXPECT_CMP(load, >=, least - 3);
	EXPECT_CMP(load, <=, most + 3);
	EXPECT_CMP(load, >=, 20);
	EXPECT_CMP(load, <=, 120);
}

static void up_and_down(void)
{
	long start, was, load, most;
	int a, b;

	MOUNT(M1, "cpuacct");
	MKDIR(M1 "/p");
	MKDIR(M1 "/p/a");
	MKDIR(M1 "/p/b");
	EXPECT_EQ(LOAD(M1 "/p"), 0);
	start = ktap_ms();
	a = spinner_in(M1 "/p/a");
	b = spinner_in(M1 "/p/b");
	/* up */
	was = 0;
	while (ktap_ms() < start + 2200) {
		load = check_young(M1 "/p/a", 1);
		EXPECT_CMP(load, >=, was);
		was = load;
		EXPECT_CMP(check_young(M1 "/p", 2), >=, load);
		sample(M1 "/p/b");
	}
	ct_reap(a);
	EXPECT_SOON(LOAD(M1 "/p/a") > 0, 3);
	/* it stays, */
	usleep(1200000);
	most = check_young(M1 "/p/a", 1);
	EXPECT_CMP(most, >=, was);
	EXPECT_CMP(most, >=, 5);
	EXPECT_CMP(most, <, 60);
	while (ktap_ms() < start + 8000) {
		EXPECT_EQ(check_young(M1 "/p/a", 1), most);
		sample(M1 "/p/b");
	}
	/* and down */
	was = most;
	while (was && ktap_ms() < start + 20000) {
		load = LOAD(M1 "/p/a");
		EXPECT_CMP(load, <=, was);
		was = load;
		sample(M1 "/p/b");
	}
	ktap_note("most %ld, nothing after %ld ms", most, ktap_ms() - start);
	EXPECT_EQ(was, 0);
	EXPECT_CMP(USAGE(M1 "/p/a"), >=, most * PERCENT - PERCENT / 2);
	/* the other has never slept */
	load = LOAD(M1 "/p/b");
	sample(M1 "/p/b");
	check_old(load);
	EXPECT_CMP(LOAD(M1 "/p"), >=, load - 20);
	EXPECT_CMP(LOAD(M1), >=, load - 20);
	EXPECT_CMP(LOAD(M1), <=, 240);
	ct_reap(b);
	/* with the container it is forgotten */
	RMDIR(M1 "/p/b");
	MKDIR(M1 "/p/b");
	EXPECT_EQ(LOAD(M1 "/p/b"), 0);
}

static const struct ktap_case cases[] = {
	T(up_and_down),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

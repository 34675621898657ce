// SPDX-License-Identifier: GPL-2.0
/*
 * cpuacct.load: what has been used in the last ten whole seconds.
 *
 * One task works for a while, another one all the time: the load of the first
 * rises and, ten seconds later, falls to nothing.  This is one case, since most
 * of it is waiting.
 *
 * How much time a task gets in a second depends on the host.  So each load is
 * compared with cpuacct.usage, which is read all the time, together with the
 * kernel's clock from which the seconds are counted.
 *
 * harness: configs=base,debug,full smp=2
 */
#include <sys/times.h>

#include "ct.h"

#define PERCENT 100000000L	/* of ten seconds, in nanoseconds */
#define SECOND 100		/* of ticks() */
#define LOOKS 4000

/* The usage of a container at some time between two ticks. */
struct look {
	long from, to;
	long usage;
};

static struct container {
	const char *dir;
	long most;		/* load */
	int nr;
	struct look looks[LOOKS];
} all[] = {
	{ .dir = M1 }, { .dir = M1 "/p" }, { .dir = M1 "/p/a" },
	{ .dir = M1 "/p/b" },
};

#define TOP (&all[0])
#define A (&all[2])
#define B (&all[3])

/* The kernel's jiffies, in hundredths of a second. */
static long ticks(void)
{
	return times(NULL);
}

static long used_now(const struct container *c)
{
	return ct_num(P("%s/cpuacct.usage", c->dir));
}

static long load_now(const struct container *c)
{
	return ct_num(P("%s/cpuacct.load", c->dir));
}

static void look(struct container *c)
{
	struct look *l = &c->looks[c->nr++];

	ASSERT_CMP(c->nr, <, LOOKS);
	l->from = ticks();
	l->usage = used_now(c);
	l->to = ticks();
}

/* A lower bound of what it had used by then. */
static long used_before(const struct container *c, long when)
{
	int i = c->nr;

	while (i-- && c->looks[i].to >= when)
		;
	return i < 0 ? 0 : c->looks[i].usage;
}

/* An upper bound of what it had used by then. */
static long used_after(const struct container *c, long when)
{
	int i = 0;

	while (i < c->nr - 1 && c->looks[i].from <= when)
		i++;
	return c->looks[i].usage;
}

/*
 * The ten seconds end with the last complete second: at most one second ago.
 * Two percent are allowed for a tick that has begun.
 */
static long check(struct container *c)
{
	long from, to, percent, least, most;

	look(c);
	from = ticks();
	percent = load_now(c);
	to = ticks();
	look(c);
	least = used_before(c, from - SECOND) -
		used_after(c, to - 10 * SECOND);
	most = c->looks[c->nr - 1].usage -
	       used_before(c, from - 11 * SECOND);
	CTX("%s: at %ld, used %ld to %ld", c->dir, from - all[0].looks[0].from,
	    least, most);
	EXPECT_CMP(percent, >=, least / PERCENT - 2);
	EXPECT_CMP(percent, <=, most / PERCENT + 2);
	CTX_END();
	c->most = percent > c->most ? percent : c->most;
	return percent;
}

static void check_all(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		check(&all[i]);
	usleep(50000);
}

static int spinner_in(const struct container *c)
{
	int pid = fork();

	ASSERT_OK(pid);
	if (!pid) {
		ASSERT_OK(ct_write(P("%s/tasks", c->dir), "0"));
		for (;;)
			ktap_spin(1000);
	}
	return pid;
}

static void up_and_down(void)
{
	long was, now, end;
	int a, b;

	MOUNT(M1, "cpuacct");
	MKDIR(M1 "/p");
	MKDIR(A->dir);
	MKDIR(B->dir);
	EXPECT_EQ(load_now(A), 0);
	a = spinner_in(A);
	b = spinner_in(B);
	/* up; seven percent of the ten seconds */
	while (GO_ON(used_now(A) < 7 * PERCENT))
		check_all();
	ct_reap(a);
	/* it stays, when the second is over in which that happened, */
	for (end = ticks(); GO_ON(ticks() <= end + 2 * SECOND); )
		check_all();
	EXPECT_CMP(A->most, >=, 5);
	/* and down, until nothing is left */
	for (was = LONG_MAX; GO_ON(ticks() <= end + 11 * SECOND + 5); was = now) {
		now = load_now(A);
		EXPECT_CMP(now, <=, was);
		check_all();
	}
	ktap_note("most %ld", A->most);
	EXPECT_EQ(load_now(A), 0);
	/* the other has never slept */
	EXPECT_CMP(check(B), >, 0);
	EXPECT_CMP(check(TOP), >, 0);
	ktap_note("load of a spinner: %ld", load_now(B));
	ct_reap(b);
	/* a new container of this name starts with nothing */
	RMDIR(B->dir);
	MKDIR(B->dir);
	EXPECT_EQ(load_now(B), 0);
}

static const struct ktap_case cases[] = {
	T(up_and_down),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

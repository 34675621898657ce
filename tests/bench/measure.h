/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MEASURE_H
#define _MEASURE_H
/*
 * Counts guest instructions: under QEMU's -icount shift=0 that is what the
 * time stamp counter counts.  One number for each time an operation is done,
 * less what an operation that does nothing takes; of these the median and
 * the 10th and 90th percentile, in a line
 *
 *	# bench WHERE OPTIONS SCENE OPERATION X N MEDIAN P10 P90
 *
 * WHERE is container, cgroup1, cgroup2, or "-" where no hierarchy plays a
 * part; OPTIONS are those of the mount, or "-"; X is the number the scene is
 * about.  Lines are kept until flush(), for printing them disturbs.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_N 1001
#define PROFILED 20
#define MAX_TASKS 50000

typedef unsigned long long u64;

/*
 * Shared with children that have memory of their own.  All that is big is in
 * here: a fork does not copy the page tables of it, so it takes the same at
 * all times.
 */
struct shared {
	u64 from, to;		/* stamps of an operation that takes them itself */
	u64 took[MAX_N];
	int tasks[MAX_TASKS];	/* see tasks.h */
	int fds[MAX_TASKS];
	char out[65536];	/* of stdout */
	char ring[8][256];	/* see path() */
	char buffer[65536];
	char who[65536];	/* ids, with white space behind each */
};

/*
 * An operation.  Only run() is measured, between prepare() and undo(); what
 * it returns is negative when it has failed.
 */
struct op {
	const char *name;
	long (*run)(void);
	void (*prepare)(void);
	void (*undo)(void);
	int stamps;		/* run() takes the stamps, see struct shared */
	int quiet;		/* waits for quiet before, see number() */
	int least;		/* says the least of all numbers only */
	int n;			/* how many numbers, unless the scene says it */
};

static struct shared *shared;
static u64 nothing;		/* what no operation takes */
static char wrong[200];		/* the first thing that went wrong in a scene */

/* What is to be profiled. */
static char profiled_scene[40], profiled_op[40];

static const char *at_where = "-", *at_options = "-", *at_scene = "-";

static inline u64 stamp(void)
{
	unsigned int low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return low | (u64)high << 32;
}

/* Something that has to work did not.  The scene goes on, and has failed. */
__attribute__((format(printf, 1, 2)))
static void complain(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	size_t len;

	if (wrong[0])
		return;
	va_start(ap, fmt);
	vsnprintf(wrong, sizeof(wrong), fmt, ap);
	va_end(ap);
	len = strlen(wrong);
	snprintf(wrong + len, sizeof(wrong) - len, ": %s", strerror(saved));
}

static long must(long ret, int line, const char *what)
{
	if (ret < 0)
		complain("line %d: %s", line, what);
	return ret;
}

#define MUST(expr) must(expr, __LINE__, #expr)

static int by_size(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void say(const char *op, long x, int n, u64 median, u64 low, u64 high)
{
	printf("# bench %s %s %s %s %ld %d %llu %llu %llu\n", at_where,
	       at_options, at_scene, op, x, n, median, low, high);
}

/* A number that is not one of instructions, say bytes. */
static void say_one(const char *what, long x, u64 value)
{
	say(what, x, 1, value, value, value);
}

static u64 once(const struct op *op)
{
	u64 start, end;
	long ret;

	if (op->prepare)
		op->prepare();
	errno = 0;
	start = stamp();
	ret = op->run();
	end = stamp();
	if (ret < 0)
		complain("%s %s %s", at_where, at_scene, op->name);
	if (op->undo)
		op->undo();
	if (op->stamps)
		end = shared->to - shared->from + start;
	return end > start + nothing ? end - start - nothing : 0;
}

/*
 * One number.  What a fork takes depends on what earlier ones have left
 * behind, and on what grace periods have set free meanwhile.  So those begin
 * when all that is done, behind the tick of the clock that ends the sleep,
 * each time at another distance from it: the next one must not be in all of
 * them, and there are two clocks.
 */
static u64 number(const struct op *op)
{
	const struct timespec t = { .tv_nsec = 50 * 1000 * 1000 };
	static unsigned int spread;
	u64 until;

	if (op->quiet) {
		nanosleep(&t, NULL);
		spread = (spread + 377) % 1000;
		until = stamp() + 100000 + spread * 1000;
		while (stamp() < until)
			;
	}
	return once(op);
}

/*
 * For scripts/bench profile, which has QEMU write down which instructions are
 * executed.  It is told to do so by what this prints, and has time for that
 * while this does nothing.  What counts is between two calls of getppid().
 */
static void profile(const struct op *op)
{
	const u64 long_enough = 30 * 1000 * 1000;
	u64 start;
	int i;

	printf("# profile of %d\n", PROFILED);
	fflush(stdout);
	for (start = stamp(); stamp() - start < long_enough; )
		;
	for (i = 0; i < PROFILED; i++) {
		if (op->prepare)
			op->prepare();
		syscall(SYS_getppid);
		if (op->run() < 0)
			complain("%s %s %s", at_where, at_scene, op->name);
		syscall(SYS_getppid);
		if (op->undo)
			op->undo();
	}
	printf("# profile ends\n");
	fflush(stdout);
}

/* Do it some times to warm up, then n times; 0 for as often as it says. */
static void measure(const struct op *op, long x, int n)
{
	u64 *took = shared->took;
	int i, warm;

	n = n ? n : op->n;
	warm = n > 50 ? 10 : 2;
	for (i = -warm; i < n; i++) {
		u64 t = number(op);

		if (i >= 0)
			took[i] = t;
		/* The others would fail, too. */
		if (wrong[0])
			return;
	}
	qsort(took, n, sizeof(took[0]), by_size);
	if (op->least)
		say_one(op->name, x, took[0]);
	else
		say(op->name, x, n, took[n / 2], took[n / 10],
		    took[n - 1 - n / 10]);
	if (!strcmp(op->name, profiled_op) && !strcmp(at_scene, profiled_scene))
		profile(op);
}

static void measure_all(const struct op *ops, size_t count, long x, int n)
{
	size_t i;

	for (i = 0; i < count; i++)
		measure(&ops[i], x, n);
}

static long do_nothing(void)
{
	return 0;
}

/* What measuring itself takes. */
static void calibrate(void)
{
	static const struct op op = { "nothing", do_nothing, .n = 201 };
	u64 *took = shared->took;
	int i;

	for (i = 0; i < 201; i++)
		took[i] = once(&op);
	qsort(took, 201, sizeof(took[0]), by_size);
	nothing = took[100];
	at_scene = "calibrate";
	say_one("nothing", 0, nothing);
}

#endif /* _MEASURE_H */

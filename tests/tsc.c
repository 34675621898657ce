// SPDX-License-Identifier: GPL-2.0
/*
 * How fast does the time stamp counter of this host count?  Prints kHz, or
 * nothing where there is none.  Under QEMU's TCG it is the guest's as well, and
 * a guest that measures it while the host is busy may be wrong by a factor of
 * five: then all its clocks are.  Here only the ends of a tenth of a second are
 * looked at, each as closely as it can be.
 */
#include <stdio.h>
#include <time.h>

#if defined(__x86_64__)
static unsigned long long tsc(void)
{
	unsigned int low, high;

	__asm__ __volatile__("rdtsc" : "=a" (low), "=d" (high));
	return (unsigned long long)high << 32 | low;
}

/* The counter at the time *ns: of some looks the one that took least. */
static unsigned long long look(long long *ns)
{
	unsigned long long best = ~0ULL, at = 0, before, after;
	struct timespec ts;
	int i;

	for (i = 0; i < 20; i++) {
		before = tsc();
		clock_gettime(CLOCK_MONOTONIC, &ts);
		after = tsc();
		if (after - before >= best)
			continue;
		best = after - before;
		at = before + best / 2;
		*ns = ts.tv_sec * 1000000000LL + ts.tv_nsec;
	}
	return at;
}

int main(void)
{
	struct timespec tenth = { .tv_nsec = 100000000 };
	unsigned long long from, to;
	long long start, end;

	from = look(&start);
	nanosleep(&tenth, NULL);
	to = look(&end);
	printf("%lld\n", (long long)(to - from) * 1000000 / (end - start));
	return 0;
}
#else
int main(void)
{
	return 0;
}
#endif

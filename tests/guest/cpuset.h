/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CPUSET_H
#define _CPUSET_H
/*
 * Helpers for the tests of cpusets: a machine with four CPUs and four memory
 * nodes, and functions to see where a task runs and where its memory is.
 */
#include <sys/syscall.h>

#include "ct.h"

#define CPUS 4
#define NODES 4

/*
 * Returns the path of a file in dir: with the prefix, or below M4 without it.
 */
KTAP_FN char *cs_file(const char *dir, const char *name)
{
	bool prefix = strncmp(dir, M4, strlen(M4)) != 0;

	return P("%s/%s%s", dir, prefix ? "cpuset." : "", name);
}

KTAP_FN int cs_set(const char *dir, const char *name, const char *text)
{
	return ct_write(cs_file(dir, name), text);
}

KTAP_FN char *cs_get(const char *dir, const char *name)
{
	return ct_slurp(cs_file(dir, name));
}

#define SET_OK(dir, name, text) EXPECT_OK(cs_set(dir, name, text))
#define SET_ERR(dir, name, text, err) EXPECT_ERRNO(cs_set(dir, name, text), err)
#define GET_IS(dir, name, text) EXPECT_STR(cs_get(dir, name), text "\n")

/* Makes a cpuset that can have tasks. */
KTAP_FN void cs_make(const char *dir, const char *cpus, const char *mems)
{
	MKDIR(dir);
	ASSERT_OK(cs_set(dir, "cpus", cpus));
	ASSERT_OK(cs_set(dir, "mems", mems));
}

/* A field of /proc/<pid>/status, as a number in hexadecimal; -1: none. */
KTAP_FN long cs_status(int pid, const char *field)
{
	char *s = ct_slurp(P("/proc/%d/status", pid)), *p;
	long mask = -1;

	p = s ? strstr(s, P("\n%s:", field)) : NULL;
	if (p) {
		/* groups of 32 bits, of which only the last is of interest */
		char *end = strchr(p + 1, '\n'), *comma;

		*end = 0;
		comma = strrchr(p, ',');
		mask = strtol(comma ? comma + 1 : strchr(p, ':') + 1, NULL,
			      16);
	}
	free(s);
	return mask;
}

/* The CPUs that a task may use, of those that the machine has. */
KTAP_FN long cs_cpus(int pid)
{
	return cs_status(pid, "Cpus_allowed") & ((1 << CPUS) - 1);
}

/* The CPU that a task is on or was on last. */
KTAP_FN int cs_cpu(int pid)
{
	char *s = ct_slurp(P("/proc/%d/stat", pid)), *p;
	int i, cpu = -1;

	p = s ? strrchr(s, ')') : NULL;
	for (i = 2; p && i < 39; i++)
		p = strchr(p + 1, ' ');
	if (p)
		cpu = atoi(p + 1);
	free(s);
	return cpu;
}

/* A task may run on these CPUs only, as long as its cpuset has one of them. */
KTAP_FN int cs_bind(int pid, unsigned long cpus)
{
	return syscall(SYS_sched_setaffinity, pid, sizeof(cpus), &cpus);
}

/* A child that never sleeps. */
KTAP_FN int cs_spinner(void)
{
	int pid = fork();

	if (!pid)
		for (;;)
			ktap_spin(1000);
	ASSERT_OK(pid);
	return pid;
}

/* Pages of a process on each node, in the mapping that has addr. */
KTAP_FN void cs_pages(int pid, const void *addr, int pages[NODES])
{
	char *s = ct_slurp(P("/proc/%d/numa_maps", pid)), *line, *p;
	int node, n, used;

	memset(pages, 0, NODES * sizeof(*pages));
	line = s ? strstr(s, P("%08lx ", (unsigned long)addr)) : NULL;
	if (!line)
		FAIL("no mapping at %p in %s", addr, s ? ktap_quote(s) : "");
	p = line ? strchr(line, '\n') : NULL;
	if (p)
		*p = 0;
	for (p = line; p && (p = strstr(p, " N")); p++)
		if (sscanf(p, " N%d=%d%n", &node, &n, &used) == 2 &&
		    node < NODES)
			pages[node] = n;
	free(s);
}

#endif /* _CPUSET_H */

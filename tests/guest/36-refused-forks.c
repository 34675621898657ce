// SPDX-License-Identifier: GPL-2.0
/*
 * A fork that is refused leaves nothing behind: neither what containers add to
 * it nor what the kernel had already allocated for the child.  At that point
 * the child has everything except its pid and its parents.  So each kind of
 * fork is refused many times, for a parent that has one of everything, and then
 * the memory in use must be the same as before.
 *
 * Not with debug: KASAN keeps freed memory, so it would be counted.  Not with
 * full: there namespaces are freed by work that is delayed for too long.
 *
 * harness: alone=1 configs=base timeout=400
 */
#define KTAP_TIMEOUT_S 150
#include "ct.h"
#include <sys/io.h>
#include <sys/sem.h>
#include <sys/utsname.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#define CLONE_ALL_OF_A_THREAD						\
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
	 CLONE_SYSVSEM)

/* 2.6.22 knows nothing of these, and makes a child without them. */
#define FLAGS_OF_NEW_KERNELS						\
	(CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWCGROUP | CLONE_PIDFD)

/* What other tasks may use meanwhile; one page per fork would be more. */
#define SLACK_KB 2048

/* One line of /proc/meminfo in KiB, 0 where this kernel has none. */
static long meminfo(const char *field)
{
	char *s = ct_slurp("/proc/meminfo"), *p;
	long kb = 0;

	p = s ? strstr(s, P("\n%s:", field)) : NULL;
	if (!p && s && !strncmp(s, P("%s:", field), strlen(field) + 1))
		p = s - 1;
	if (p)
		kb = atol(p + strlen(field) + 2);
	free(s);
	return kb;
}

/* --- what is in the slabs ------------------------------------------------------- */

#define MAX_CACHES 400

struct slabs {
	int nr;
	struct {
		char name[40];
		long active;
	} cache[MAX_CACHES];
};

/* Empty where there is no such file. */
static void read_slabs(struct slabs *slabs)
{
	char *s = ct_slurp("/proc/slabinfo"), *line, *save;

	slabs->nr = 0;
	for (line = s ? strtok_r(s, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (slabs->nr == MAX_CACHES || *line == '#')
			continue;
		if (sscanf(line, "%39s %ld", slabs->cache[slabs->nr].name,
			   &slabs->cache[slabs->nr].active) == 2)
			slabs->nr++;
	}
	free(s);
}

/* The cache that has grown by more than limit objects, or NULL. */
static const char *grown(const struct slabs *before, const struct slabs *now,
			 long limit)
{
	int i, k;

	for (i = 0; i < now->nr; i++)
		for (k = 0; k < before->nr; k++)
			if (!strcmp(now->cache[i].name,
				    before->cache[k].name) &&
			    now->cache[i].active - before->cache[k].active >
			    limit)
				return P("%s: %ld objects, %ld before",
					 now->cache[i].name,
					 now->cache[i].active,
					 before->cache[k].active);
	return NULL;
}

static bool is_new_kernel(void)
{
	struct utsname u;

	uname(&u);
	return atoi(u.release) >= 3;
}

/* --- a parent that has one of everything ------------------------------------------ */

static void acquire_things(void)
{
	struct sembuf up = { .sem_op = 1, .sem_flg = SEM_UNDO };
	int sem;

	/* a bitmap of I/O ports, which a child gets a copy of */
	if (ioperm(0x80, 1, 1)) {
		EXPECT_EQ(errno, ENOSYS);
		EXPECT(is_new_kernel());
	}
	/* what is to be undone when it exits */
	sem = semget(IPC_PRIVATE, 1, 0600);
	if (sem >= 0)
		EXPECT_OK(semop(sem, &up, 1));
	else
		EXPECT_EQ(errno, ENOSYS);
	/* a keyring of its own */
	if (syscall(SYS_keyctl, 1, NULL, 0, 0, 0) < 0)
		EXPECT_EQ(errno, ENOSYS);
	/* more files than there is room for in a new table */
	EXPECT_OK(dup2(0, 200));
	/* the state of the floating-point unit */
	__asm__ __volatile__("fld1; fstp %%st(0)" : : : "memory");
}

static void let_go(void)
{
	ioperm(0x80, 1, 0);
	close(200);
}

/* --- forks ------------------------------------------------------------------------ */

/*
 * A child that is not refused uses the stack of its parent, so it exits at
 * once.
 */
static int refused_clone(unsigned long flags)
{
	int dummy, ret;

	ret = syscall(SYS_clone, flags, NULL, &dummy, &dummy, NULL);
	if (!ret)
		_exit(1);
	return ret;
}

static const struct {
	const char *name;
	unsigned long flags;
} kinds[] = {
	{ "fork", SIGCHLD },
	{ "vfork", CLONE_VFORK | CLONE_VM | SIGCHLD },
	{ "thread", CLONE_ALL_OF_A_THREAD },
	{ "files", CLONE_FILES | SIGCHLD },
	{ "fs", CLONE_FS | SIGCHLD },
	{ "handlers", CLONE_VM | CLONE_SIGHAND | SIGCHLD },
	{ "undo", CLONE_SYSVSEM | SIGCHLD },
	{ "sibling", CLONE_PARENT | SIGCHLD },
	{ "tids", CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
		  CLONE_CHILD_CLEARTID | SIGCHLD },
	{ "mounts", CLONE_NEWNS | SIGCHLD },
	{ "uts", CLONE_NEWUTS | SIGCHLD },
	{ "ipc", CLONE_NEWIPC | SIGCHLD },
	{ "namespaces", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD },
	{ "pids", CLONE_NEWPID | SIGCHLD },
	{ "users", CLONE_NEWUSER | SIGCHLD },
	{ "cgroup", CLONE_NEWCGROUP | SIGCHLD },
	{ "pidfd", CLONE_PIDFD | SIGCHLD },
};

/* A namespace costs thousands of instructions, and a grace period each. */
static int rounds(unsigned long flags)
{
	bool costly = flags & (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
			       CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWCGROUP);
	int n = ktap_loops(10000) / (ktap_scale() > 1 ? 4 : 1);

	return costly ? n / 10 : n;
}

/* Returns how many forks were refused; anything else is a failure. */
static int refuse(unsigned long flags, int n)
{
	int i, err = 0;

	for (i = 0; i < n; i++) {
		if (refused_clone(flags) < 0 && errno == EAGAIN)
			continue;
		err = errno;
		break;
	}
	if (err == EINVAL || err == ENOSPC)
		return 0;	/* configured out */
	if (i < n)
		FAIL("fork %d: %s", i, ktap_errno(err));
	return i;
}

/* The first ones fill caches that have nothing in them yet. */
static void nothing_is_left(const char *name, unsigned long flags)
{
	static struct slabs before, now;
	int n = rounds(flags);
	long bytes, free_kb, pinned_kb;

	CTX("%s", name);
	if (!refuse(flags, n / 10 + 10)) {
		ktap_note("%s: not in this kernel", name);
		return;
	}
	usleep(100000);		/* RCU has something to free, too */
	read_slabs(&before);
	free_kb = meminfo("MemFree");
	pinned_kb = meminfo("SUnreclaim");
	n = refuse(flags, n);
	usleep(100000);		/* as before */
	/*
	 * Some objects, and a page for a few of the forks, belong to other
	 * tasks.  Namespaces are freed one after the other, each after a grace
	 * period.
	 */
	EXPECT_SOON(({
		read_slabs(&now);
		!grown(&before, &now, n - n / 4);
	}), 15);
	if (grown(&before, &now, n - n / 4))
		ktap_note("%s", grown(&before, &now, n - n / 4));
	EXPECT_SOON(free_kb - meminfo("MemFree") < n + SLACK_KB, 5);
	bytes = (meminfo("SUnreclaim") - pinned_kb) * 1024;
	ktap_note("%s: %d refused, %ld bytes a fork, of which slab %ld", name,
		  n, (free_kb - meminfo("MemFree")) * 1024 / n, bytes / n);
	CTX_END();
}

/* In a container whose limit is reached by the caller alone. */
static void refused_by_a_limit(void)
{
	unsigned int i;

	MOUNT(M1, "numtasks");
	MKDIR(M1 "/full");
	EXPECT_OK(ct_write(M1 "/full/numtasks.limit", "1"));
	EXPECT_OK(ct_move(M1 "/full", getpid()));
	acquire_things();
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!(kinds[i].flags & FLAGS_OF_NEW_KERNELS) || is_new_kernel())
			nothing_is_left(kinds[i].name, kinds[i].flags);
	EXPECT_EQ(ct_num(M1 "/full/numtasks.count"), 1);
	EXPECT_CMP(ct_num(M1 "/full/numtasks.failcnt"), >, 100);
	let_go();
	EXPECT_OK(ct_move(M1, getpid()));
	RMDIR(M1 "/full");
}

static const struct ktap_case cases[] = {
	T(refused_by_a_limit),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

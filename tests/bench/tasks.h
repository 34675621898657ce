/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TASKS_H
#define _TASKS_H
/*
 * Tasks by the thousand.  They share everything but their process and do
 * nothing.  A process of its own, the holder, has them as its children: what
 * waits for a child looks at all of its children.
 */
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "measure.h"

#define SHARE (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND)

struct holder {
	pid_t pid;
	int count;
	int hold;		/* is closed to end them all */
};

/* A task that waits for ever.  It uses no stack, so it needs none. */
static long start_waiting(unsigned long flags)
{
	long ret;

	__asm__ __volatile__("xor %%esi, %%esi\n\t"
			     "xor %%edx, %%edx\n\t"
			     "xor %%r10d, %%r10d\n\t"
			     "mov $56, %%eax\n\t"	/* clone */
			     "syscall\n\t"
			     "test %%rax, %%rax\n\t"
			     "jnz 2f\n"
			     "1:\tmov $34, %%eax\n\t"	/* pause */
			     "syscall\n\t"
			     "jmp 1b\n"
			     "2:\n"
			     : "=a"(ret) : "D"(flags)
			     : "rsi", "rdx", "r10", "rcx", "r11", "memory");
	return ret;
}

/* A thread that exits at once, and waiting for that. */
static long thread(void)
{
	static volatile int tid;
	long ret;

	tid = 1;
	__asm__ __volatile__("xor %%esi, %%esi\n\t"
			     "mov %2, %%r10\n\t"
			     "xor %%edx, %%edx\n\t"
			     "mov $56, %%eax\n\t"	/* clone */
			     "syscall\n\t"
			     "test %%rax, %%rax\n\t"
			     "jnz 2f\n\t"
			     "xor %%edi, %%edi\n\t"
			     "mov $60, %%eax\n\t"	/* exit */
			     "syscall\n"
			     "2:\n"
			     : "=a"(ret)
			     : "D"(SHARE | CLONE_THREAD | CLONE_SYSVSEM |
				   CLONE_CHILD_CLEARTID), "b"(&tid)
			     : "rsi", "rdx", "r10", "rcx", "r11", "memory");
	while (ret > 0 && tid)
		syscall(SYS_futex, &tid, FUTEX_WAIT, 1, NULL, NULL, 0);
	return ret;
}

/* What the holder does before it makes its i'th task, say go somewhere. */
typedef void (*before_fn)(int i);

static void hold(int count, unsigned long flags, before_fn before, int ready,
		 int end)
{
	static int mine[MAX_TASKS];
	char c = 'r';
	int i;

	setsid();
	for (i = 0; i < count; i++) {
		if (before)
			before(i);
		mine[i] = start_waiting(flags);
		shared->tasks[i] = mine[i];
		if (mine[i] < 0)
			c = 'f';
	}
	if (write(ready, &c, 1) == 1 && read(end, &c, 1))
		_exit(1);
	/* With a thread goes the process, and that is this one. */
	if (flags & CLONE_THREAD)
		_exit(0);
	for (i = 0; i < count; i++)
		if (mine[i] > 0)
			kill(mine[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	_exit(0);
}

static struct holder start_tasks(int count, unsigned long flags,
				 before_fn before)
{
	struct holder h = { .count = count };
	int ready[2], end[2];
	char c = 0;

	MUST(pipe(ready));
	MUST(pipe(end));
	fflush(stdout);
	h.pid = MUST(fork());
	if (!h.pid) {
		close(ready[0]);
		close(end[1]);
		hold(count, flags, before, ready[1], end[0]);
	}
	close(ready[1]);
	close(end[0]);
	if (read(ready[0], &c, 1) != 1 || c != 'r') {
		errno = EAGAIN;
		complain("%d tasks", count);
	}
	close(ready[0]);
	h.hold = end[1];
	return h;
}

static void end_tasks(struct holder *h)
{
	close(h->hold);
	MUST(waitpid(h->pid, NULL, 0));
}

#endif /* _TASKS_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_CPUACCT_H
#define _LINUX_CONTAINER_CPUACCT_H
/*
 * Container subsystem "cpuacct": what the scheduler calls.
 */

#include <linux/container_switch.h>
#include <linux/types.h>

struct task_struct;

#ifdef CONFIG_CONTAINER_CPUACCT

/* Is cpuacct mounted, so that there is something to charge? */
extern struct container_switch container_charges_cputime;

void __container_charge_cputime(struct task_struct *task, u64 cputime);

/**
 * container_charge_cputime - charge CPU time to the containers of a task
 * @task: the task, which is running or has just run
 * @cputime: how long it ran, in the unit in which this kernel counts
 *
 * The scheduler calls this where it adds to the times of a task.
 *
 * Context: interrupts off; the lock of a run queue may be held.
 */
static inline void container_charge_cputime(struct task_struct *task,
					    u64 cputime)
{
	if (container_is_on(&container_charges_cputime))
		__container_charge_cputime(task, cputime);
}

#else

static inline void container_charge_cputime(struct task_struct *task,
					    u64 cputime) {}

#endif

#endif /* _LINUX_CONTAINER_CPUACCT_H */

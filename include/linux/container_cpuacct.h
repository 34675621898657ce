/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_CPUACCT_H
#define _LINUX_CONTAINER_CPUACCT_H
/*
 * Container subsystem "cpuacct": what the scheduler calls.
 */

#include <linux/types.h>

struct task_struct;

#ifdef CONFIG_CONTAINER_CPUACCT

void container_charge_cputime(struct task_struct *task, u64 cputime);

#else

static inline void container_charge_cputime(struct task_struct *task,
					    u64 cputime) {}

#endif

#endif /* _LINUX_CONTAINER_CPUACCT_H */

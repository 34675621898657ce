// SPDX-License-Identifier: GPL-2.0
/*
 * What the compiler makes of a kernel's headers: sizes are those of arrays,
 * and the instructions of functions are counted.  scripts/bench compiles
 * this with the flags of kernel/fork.c and does not link it.
 */
#include <linux/sched.h>
#ifdef CONFIG_CGROUPS
#include <linux/cgroup.h>

char probe_cgroup1_css_set_size[sizeof(struct css_set)];

struct cgroup_subsys_state *probe_cgroup1_task_css(struct task_struct *task)
{
	return task_css(task, pids_cgrp_id);
}
#endif
#include <linux/container.h>

char probe_task_struct_size[sizeof(struct task_struct)];

#ifdef CONFIG_CONTAINERS
/* What owner has there lies in a hole, and takes no room. */
static const struct task_struct *const task;
char probe_task_struct_members_size[sizeof(task->containers) +
				    sizeof(task->container_node)];
char probe_container_size[sizeof(struct container)];
char probe_css_group_size[sizeof(struct css_group)];
char probe_container_link_size[sizeof(struct container_link)];
char probe_container_open_size[sizeof(struct container_open)];

struct container_subsys_state *
probe_task_subsys_state(struct task_struct *task)
{
	return task_subsys_state(task, debug_subsys_id);
}
#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/<pid>/container shows the containers that a task is in, and
 * /proc/containers shows the subsystems.  The lines are printed, and the locks
 * taken, in kernel/container_root.c.
 */

#include <linux/container_hooks.h>
#include <linux/seq_file.h>

/**
 * proc_container_show - show /proc/<pid>/container
 * @m: the seq_file to print to
 * @ns: not used
 * @pid: not used
 * @task: the task, on which the caller has a reference
 *
 * Context: sleeps.
 * Return: 0.
 */
int proc_container_show(struct seq_file *m, struct pid_namespace *ns,
			struct pid *pid, struct task_struct *task)
{
	container_show_task(task, m);
	return 0;
}

/**
 * proc_containers_show - show /proc/containers
 * @m: the seq_file to print to
 * @v: not used
 *
 * Context: sleeps.
 * Return: 0.
 */
int proc_containers_show(struct seq_file *m, void *v)
{
	container_show_subsystems(m);
	return 0;
}

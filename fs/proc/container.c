// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/<pid>/container and /proc/containers: which containers a task is in,
 * and which subsystems there are.  What the lines mean is said, and locked,
 * in kernel/container.c.
 */

#include <linux/container_hooks.h>
#include <linux/seq_file.h>

/**
 * proc_container_show - content of /proc/<pid>/container
 * @m: gets it
 * @ns: not used
 * @pid: not used
 * @task: the task, kept by the caller
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
 * proc_containers_show - content of /proc/containers
 * @m: gets it
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

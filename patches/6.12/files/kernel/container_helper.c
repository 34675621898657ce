// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: starting a program, and being told when it has ended.
 *
 * UMH_WAIT_PROC would wait for the end as well, but there would be no telling
 * when the program has started, and no suspending of the machine until it has
 * ended.  So the program's own task, before it executes the program, notes
 * down which process it is, and a work item waits as poll() of a pidfd does.
 */

#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/umh.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "container_host.h"

/**
 * struct helper - a program that has been started
 * @work: waits for its end
 * @pid: the process, with a reference; NULL until there is one
 * @ended: what to call then
 * @data: for @ended
 */
struct helper {
	struct work_struct work;
	struct pid *pid;
	void (*ended)(void *data);
	void *data;
};

/* Called by the process that is going to be the program. */
static int note_pid(struct subprocess_info *info, struct cred *new)
{
	struct helper *helper = info->data;

	helper->pid = get_task_pid(current, PIDTYPE_TGID);
	return 0;
}

static bool has_ended(struct pid *pid)
{
	struct task_struct *task;
	bool ended;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_TGID);
	ended = !task || (READ_ONCE(task->exit_state) &&
			  thread_group_empty(task));
	rcu_read_unlock();
	return ended;
}

static void wait_for_end(struct work_struct *work)
{
	struct helper *helper = container_of(work, struct helper, work);
	struct pid *pid = helper->pid;

	/* There is none where starting programs has been made a no-op. */
	if (pid)
		wait_event_idle(pid->wait_pidfd, has_ended(pid));
	helper->ended(helper->data);
	put_pid(pid);
	kfree(helper);
}

/**
 * container_run_helper - start a program as root
 * @argv: its path and arguments
 * @envp: its environment
 * @ended: called once, when the program has ended; not when it did not start
 * @data: for @ended
 *
 * Context: sleeps until the program has started, or failed to.
 * Return: 0, or why it did not start.
 */
int container_run_helper(char **argv, char **envp, void (*ended)(void *data),
			 void *data)
{
	struct subprocess_info *info;
	struct helper *helper;
	int err = -ENOMEM;

	helper = kzalloc(sizeof(*helper), GFP_KERNEL);
	if (!helper)
		return -ENOMEM;
	INIT_WORK(&helper->work, wait_for_end);
	helper->ended = ended;
	helper->data = data;
	info = call_usermodehelper_setup(argv[0], argv, envp, GFP_KERNEL,
					 note_pid, NULL, helper);
	if (info)
		err = call_usermodehelper_exec(info, UMH_WAIT_EXEC);
	if (err) {
		put_pid(helper->pid);
		kfree(helper);
		return err;
	}
	queue_work(system_unbound_wq, &helper->work);
	return 0;
}

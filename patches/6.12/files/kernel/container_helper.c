// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: starting a program, and being told when it has ended.
 *
 * Nobody waits: neither for the program to start, since a file system may let
 * it wait for as long as it likes, nor for its end.  UMH_WAIT_PROC would do
 * both, in a thread of a work queue that all share, and there would be no
 * suspending of the machine until the program has ended.  So the program's own
 * task, before it executes the program, notes down which process it is; it says
 * when that has been done, or has failed; and from then on its end wakes up a
 * work item as it does a poll() of a pidfd.
 */

#include <linux/init.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/umh.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "container_host.h"

/**
 * struct helper - a program that is being started, or runs
 * @work: looks whether it has ended
 * @wait: queues @work; on the queue of @pid, whose lock guards it
 * @pid: the process, with a reference; NULL until there is one
 * @err: why it did not start, or 0
 * @ended: what to call when it has ended
 * @data: for @ended
 *
 * At each moment it belongs to one of these, which hands it on to the next: who
 * starts the program; @work; @wait.  So it needs no lock and no count.
 */
struct helper {
	struct work_struct work;
	struct wait_queue_entry wait;
	struct pid *pid;
	int err;
	void (*ended)(void *data, int err);
	void *data;
};

/* For the work items of helpers, none of which sleeps for long.  Set at boot. */
static struct workqueue_struct *helper_queue;

/* Called by the process that is going to be the program. */
static int note_pid(struct subprocess_info *info, struct cred *new)
{
	struct helper *helper = info->data;

	helper->pid = get_task_pid(current, PIDTYPE_TGID);
	return 0;
}

/*
 * Called once, last of all: by the process, when it has executed the program or
 * failed to; or by somebody else when there is no process.
 */
static void exec_done(struct subprocess_info *info)
{
	struct helper *helper = info->data;

	helper->err = info->retval;
	/*
	 * The machine is being suspended, which only the caller is told.  Else
	 * starting programs has been made a no-op, which is no error.
	 */
	if (!helper->pid && !helper->err && *info->path)
		helper->err = -EBUSY;
	queue_work(helper_queue, &helper->work);
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

/* With the lock of the wait queue, and tasklist_lock. */
static int wake_helper(struct wait_queue_entry *wait, unsigned int mode,
		       int flags, void *key)
{
	struct helper *helper = container_of(wait, struct helper, wait);

	lockdep_assert_held(&tasklist_lock);
	list_del_init(&wait->entry);
	queue_work(helper_queue, &helper->work);
	return 1;
}

/*
 * Let the helper's end queue its work.  Returns false when it has ended; then
 * the work is the caller's, and has not been queued.
 */
static bool wait_for_end(struct helper *helper)
{
	struct wait_queue_head *queue = &helper->pid->wait_pidfd;
	unsigned long flags;
	bool waits = true;

	init_waitqueue_func_entry(&helper->wait, wake_helper);
	spin_lock_irqsave(&queue->lock, flags);
	__add_wait_queue(queue, &helper->wait);
	/* Who ends after this look finds the entry. */
	if (has_ended(helper->pid)) {
		list_del_init(&helper->wait.entry);
		waits = false;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return waits;
}

/* The program has been executed, or not, or somebody woke up who waits for it. */
static void look_for_end(struct work_struct *work)
{
	struct helper *helper = container_of(work, struct helper, work);

	/* One that failed to start is on its way out. */
	if (helper->pid && wait_for_end(helper))
		return;
	helper->ended(helper->data, helper->err);
	put_pid(helper->pid);
	kfree(helper);
}

/**
 * container_run_helper - start a program as root, and do not wait for it
 * @argv: its path and arguments, to be kept until @ended is called
 * @envp: its environment, likewise
 * @ended: called once: with 0 when the program has ended, or with the reason
 *	why it did not start
 * @data: for @ended
 *
 * Context: a work queue's thread, sleeps; @ended may be called before this
 * returns, and must not sleep for long.
 * Return: 0; or -ENOMEM: it did not start, and @ended is not called.
 */
int container_run_helper(char **argv, char **envp,
			 void (*ended)(void *data, int err), void *data)
{
	struct subprocess_info *info;
	struct helper *helper;

	helper = kzalloc(sizeof(*helper), GFP_KERNEL);
	if (!helper)
		return -ENOMEM;
	INIT_WORK(&helper->work, look_for_end);
	helper->ended = ended;
	helper->data = data;
	info = call_usermodehelper_setup(argv[0], argv, envp, GFP_KERNEL,
					 note_pid, exec_done, helper);
	if (!info) {
		kfree(helper);
		return -ENOMEM;
	}
	/* Whatever becomes of it, exec_done() gets to know. */
	call_usermodehelper_exec(info, UMH_NO_WAIT);
	return 0;
}

static int __init helper_init(void)
{
	helper_queue = alloc_workqueue("container-agents",
				       WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!helper_queue)
		panic("containers: no memory for a work queue\n");
	return 0;
}
core_initcall(helper_init);

// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: start a release agent and notice when it has ended.
 *
 * container_release.c runs only a few release agents at a time.  So it has to
 * know when a program that it has started has ended.  This file provides
 * container_run_helper(), which starts a program and calls a function when the
 * program has ended or has failed to start.
 *
 * No task waits meanwhile: neither for the start of the program, which a file
 * system can delay for as long as it likes, nor for its end.
 * call_usermodehelper() with UMH_WAIT_PROC would wait for both, in a thread of
 * a work queue that is shared with others, and the machine could not be
 * suspended until the program has ended.  So instead:
 *
 *  - note_pid() runs in the process of the program before exec, and notes down
 *    which process it is.
 *  - exec_done() is called when the exec has succeeded or failed.  It queues a
 *    work item.
 *  - The work item adds an entry to the wait queue of the pid, as poll() of a
 *    pidfd does.  The end of the process queues the work item again, which
 *    calls the function.
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
 * struct helper - a program that is being started or is running
 * @work: checks whether the program has ended
 * @wait: queues @work; on the wait queue of @pid, whose lock protects it
 * @pid: the process, with a reference; NULL until there is one
 * @err: why the program was not started, or 0
 * @ended: the function to call when the program has ended
 * @data: for @ended
 *
 * At any time it belongs to one of these, each of which passes it on to the
 * next: the start of the program, @work, @wait.  So it needs no lock and no
 * reference count.
 */
struct helper {
	struct work_struct work;
	struct wait_queue_entry wait;
	struct pid *pid;
	int err;
	void (*ended)(void *data, int err);
	void *data;
};

/* The work queue for helpers.  No work item sleeps for long.  Set at boot. */
static struct workqueue_struct *helper_queue;

/* Called in the process that will run the program, before exec. */
static int note_pid(struct subprocess_info *info, struct cred *new)
{
	struct helper *helper = info->data;

	helper->pid = get_task_pid(current, PIDTYPE_TGID);
	return 0;
}

/*
 * Called once, after everything else: by the process, when it has executed the
 * program or failed to do so, or by another task when there is no process.
 */
static void exec_done(struct subprocess_info *info)
{
	struct helper *helper = info->data;

	helper->err = info->retval;
	/*
	 * There is no process and no error.  Either the machine is being
	 * suspended: only the caller of call_usermodehelper_exec() gets this
	 * error.  Or the configuration has disabled the start of programs, with
	 * an empty path: then it is not an error.
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

/* Called with the lock of the wait queue and tasklist_lock held. */
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
 * Let the end of the process queue the work.  Returns false when the process
 * has ended already: then the work is not queued, and still belongs to the
 * caller.
 */
static bool wait_for_end(struct helper *helper)
{
	struct wait_queue_head *queue = &helper->pid->wait_pidfd;
	unsigned long flags;
	bool waits = true;

	init_waitqueue_func_entry(&helper->wait, wake_helper);
	spin_lock_irqsave(&queue->lock, flags);
	__add_wait_queue(queue, &helper->wait);
	/*
	 * A process that ends first stores exit_state and then wakes up the
	 * queue, under the lock of the queue:
	 *
	 *   CPU 0                          CPU 1 (exits)
	 *   locks the queue                stores exit_state
	 *   adds the entry                 locks the queue
	 *   has it ended?                  wakes up all entries
	 *   unlocks the queue              unlocks the queue
	 *
	 * If CPU 0 gets the lock first, CPU 1 finds the entry.  If CPU 1 gets
	 * it first, CPU 0 sees exit_state.
	 */
	if (has_ended(helper->pid)) {
		list_del_init(&helper->wait.entry);
		waits = false;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return waits;
}

/*
 * The work item.  Runs after exec_done(), and again after each wake-up of the
 * wait queue of the process.
 */
static void look_for_end(struct work_struct *work)
{
	struct helper *helper = container_of(work, struct helper, work);

	/*
	 * A process whose exec has failed is about to exit.  Wait for it too.
	 */
	if (helper->pid && wait_for_end(helper))
		return;
	helper->ended(helper->data, helper->err);
	put_pid(helper->pid);
	kfree(helper);
}

/**
 * container_run_helper - start a program as root without waiting for it
 * @argv: its path and arguments; must stay until @ended is called
 * @envp: its environment; must stay as long
 * @ended: called once: with 0 when the program has ended, or with a negative
 *	errno when it could not be started
 * @data: for @ended
 *
 * Context: a thread of a work queue; sleeps.  @ended may be called before this
 * returns, and must not sleep for long.
 * Return: 0, or -ENOMEM: then the program was not started and @ended is not
 * called.
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
	/* exec_done() is called in any case and gets the result. */
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

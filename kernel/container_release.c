// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: telling user space that a container is no longer used.
 *
 *	notify_on_release	0 or 1; a new container inherits it
 *	release_agent		in a top container: the program to run
 *
 * A container with notify_on_release set is announced when its last task, its
 * last child or the last reference to its subsystems' states has gone and none
 * of these remains: the agent of the hierarchy is run with the container's
 * path as its only argument.  What it does about it is its own business; most
 * agents remove the directory.
 *
 * Whoever empties a container may hold tasklist_lock or more.  So the
 * container is put on a list, which takes no memory, and a work queue does the
 * rest.  It looks again under container_mutex: what is in use by then will be
 * back on the list when it has been emptied again.  A container is on the list
 * once, however often it was emptied before its turn came, and leaves it when
 * it is removed: the list is never longer than there are containers.
 *
 * Who may empty containers need not be root, but agents are.  So only some run
 * at a time, MAX_AGENTS for each hierarchy, whose agent it is that may be slow
 * or hang; the others wait on the list.  Nobody waits for an agent, not even for
 * its start: a file system that hangs would let the agents of all hierarchies
 * wait.
 */

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "container_host.h"
#include "container_internal.h"

/*
 * How many agents of a hierarchy run at a time.  Enough to keep some processors
 * busy while others wait for a lock or a disk, and few enough for a user who
 * was given a part of a hierarchy to do no harm by using up containers fast.
 */
#define MAX_AGENTS	8

/* How long to wait when an agent could not be started for now. */
#define RETRY_DELAY	(HZ / 10)

/*
 * release_lock guards release_roots, and what is called release_something in
 * hierarchies and containers.  It nests inside tasklist_lock; interrupts are
 * off, as there.
 */
static DEFINE_SPINLOCK(release_lock);

/* The hierarchies with containers on their release_list.  release_lock. */
static LIST_HEAD(release_roots);

/* Tells which of two containers came first.  release_lock. */
static u64 last_stamp;

/*
 * Agents are started by one thread, in the order in which containers became
 * unused.  Set at boot.
 */
static struct workqueue_struct *release_queue;

static void run_agents(struct work_struct *work);
static DECLARE_WORK(release_work, run_agents);

/* Not the same one: who is to be started now does not wait for a retry. */
static void retry_agents(struct work_struct *work);
static DECLARE_DELAYED_WORK(retry_work, retry_agents);

/**
 * struct agent - an agent that is being started, or runs
 * @cont: the container that is announced, with a reference
 * @argv: the agent and its argument, both allocated
 * @envp: its environment
 *
 * It belongs to whoever runs the program until that has ended.
 */
struct agent {
	struct container *cont;
	char *argv[3];
	char *envp[3];
};

static void start_work(void)
{
	if (release_queue)
		queue_work(release_queue, &release_work);
}

static bool may_start(const struct containerfs_root *root)
{
	return root->release_running < MAX_AGENTS && !root->release_paused;
}

/*
 * Is a container neither on the list nor removed?  Whoever removes one says so
 * before he takes release_lock to take it off the list.  With release_lock.
 */
static bool may_enqueue(const struct container *cont)
{
	lockdep_assert_held(&release_lock);
	return list_empty(&cont->release_node) && !container_is_removed(cont);
}

/* To the end of the list.  With release_lock. */
static void enqueue(struct container *cont)
{
	struct containerfs_root *root = cont->root;

	lockdep_assert_held(&release_lock);
	cont->release_stamp = ++last_stamp;
	if (list_empty(&root->release_list))
		list_add_tail(&root->release_root, &release_roots);
	list_add_tail(&cont->release_node, &root->release_list);
}

/* With release_lock. */
static void dequeue(struct container *cont)
{
	struct containerfs_root *root = cont->root;

	lockdep_assert_held(&release_lock);
	list_del_init(&cont->release_node);
	if (list_empty(&root->release_list)) {
		list_del_init(&root->release_root);
		root->release_paused = false;
	}
}

/**
 * container_check_release - a container may have become unused
 * @cont: the container, kept by the caller or by RCU
 *
 * Context: any but NMI.
 */
void container_check_release(struct container *cont)
{
	struct containerfs_root *root = cont->root;
	unsigned long flags;
	bool start = false;

	if (!test_bit(CONT_NOTIFY, &cont->flags) || is_top(cont))
		return;
	spin_lock_irqsave(&release_lock, flags);
	if (may_enqueue(cont) && atomic_inc_not_zero(&cont->count)) {
		/* Else somebody has, or the end of an agent or a pause will. */
		start = list_empty(&root->release_list) && may_start(root);
		enqueue(cont);
	}
	spin_unlock_irqrestore(&release_lock, flags);
	if (start)
		start_work();
}

/**
 * container_forget_release - there is nothing to announce about a container
 * @cont: the container, kept by the caller
 *
 * It has been removed.  Or it has been found unused and is being announced,
 * and with it whatever has put it on the list again meanwhile.  What is emptied
 * from now on has been used after container_mutex was dropped.
 *
 * Context: container_mutex.
 */
void container_forget_release(struct container *cont)
{
	bool there;

	lockdep_assert_held(&container_mutex);
	spin_lock_irq(&release_lock);
	there = !list_empty(&cont->release_node);
	if (there)
		dequeue(cont);
	spin_unlock_irq(&release_lock);
	if (there)
		put_container(cont);
}

/* The one that came first of those whose hierarchy may start an agent. */
static struct container *find_next(void)
{
	struct container *first, *next = NULL;
	struct containerfs_root *root;

	list_for_each_entry(root, &release_roots, release_root) {
		if (!may_start(root))
			continue;
		first = list_entry(root->release_list.next, struct container,
				   release_node);
		if (!next || first->release_stamp < next->release_stamp)
			next = first;
	}
	return next;
}

/*
 * The next container to look at, with a reference, or NULL.  From now on it
 * counts as one whose agent runs.
 */
static struct container *take_next(void)
{
	struct container *cont;

	spin_lock_irq(&release_lock);
	cont = find_next();
	if (cont) {
		dequeue(cont);
		cont->root->release_running++;
	}
	spin_unlock_irq(&release_lock);
	return cont;
}

/*
 * Is it not the agent's fault?  There is no memory, no process, or no starting
 * of programs while the machine is being suspended.  Linux 2.6.22 says ENFILE
 * when it has no memory for an open file.
 */
static bool may_retry(int err)
{
	return err == -ENOMEM || err == -EAGAIN || err == -ENFILE ||
	       err == -EBUSY;
}

/*
 * Put a container with its reference back, unless it is there again, or gone.
 * Its hierarchy pauses then: others are not to wait with it, and there is no use
 * in trying again at once.  Behind the others: an agent that never gets the
 * memory it wants is not in their way.  With release_lock.
 */
static bool put_back(struct container *cont)
{
	struct containerfs_root *root = cont->root;
	bool added;

	lockdep_assert_held(&release_lock);
	added = may_enqueue(cont);
	if (added)
		enqueue(cont);
	root->release_paused = !list_empty(&root->release_list);
	return added;
}

/*
 * What is to be done about a container that take_next() has returned has been
 * done, or cannot be done: for each one this is called once.
 */
static void finish(struct container *cont, int err)
{
	struct containerfs_root *root = cont->root;
	bool retry = may_retry(err);
	bool kept = false;
	bool more;

	spin_lock_irq(&release_lock);
	root->release_running--;
	if (retry)
		kept = put_back(cont);
	more = !list_empty(&root->release_list) && may_start(root);
	spin_unlock_irq(&release_lock);
	if (retry)
		queue_delayed_work(release_queue, &retry_work, RETRY_DELAY);
	else if (more)
		start_work();
	if (!kept)
		put_container(cont);
}

static void free_agent(struct agent *agent)
{
	kfree(agent->argv[1]);
	kfree(agent->argv[0]);
	kfree(agent);
}

/* What is called when an agent has ended, or why it did not start. */
static void agent_ended(void *data, int err)
{
	struct agent *agent = data;
	struct container *cont = agent->cont;

	if (err && !may_retry(err) && printk_ratelimit())
		pr_info("containers: release agent %s does not start: error %d\n",
			agent->argv[0], err);
	free_agent(agent);
	finish(cont, err);
}

/*
 * A path of any length: MAX_DEPTH names are less than the 128 KiB that a
 * program's argument may have.  Not in vmalloc memory: a kernel thread reads it,
 * and writes it, with whatever page tables the task before it has left.  Those
 * may lack an entry, and 2.6.22 looks for it in the wrong place, for ever.
 */
static char *make_path(struct container *cont)
{
	size_t size = 256;
	char *path;
	int err;

	for (;;) {
		path = kmalloc(size, GFP_KERNEL);
		if (!path)
			return ERR_PTR(-ENOMEM);
		err = container_path(cont, path, size);
		if (!err)
			return path;
		kfree(path);
		if (err != -ENAMETOOLONG)
			return ERR_PTR(err);
		size *= 2;
	}
}

/*
 * Copy what the agent needs, while nothing of it can change.  No agent, no
 * error: argv[0] is NULL when there is nothing to do.
 */
static int prepare_agent(struct agent *agent)
{
	struct container *cont = agent->cont;
	char *path;
	int err = 0;

	container_lock();
	if (!test_bit(CONT_NOTIFY, &cont->flags) ||
	    !cont->root->release_agent || !container_is_unused(cont))
		goto unlock;
	container_forget_release(cont);
	path = make_path(cont);
	if (IS_ERR(path)) {
		err = PTR_ERR(path);
		goto unlock;
	}
	agent->argv[1] = path;
	agent->argv[0] = kstrdup(cont->root->release_agent, GFP_KERNEL);
	if (!agent->argv[0])
		err = -ENOMEM;
unlock:
	container_unlock();
	return err;
}

static void run_agent(struct container *cont)
{
	struct agent *agent = kzalloc(sizeof(*agent), GFP_KERNEL);
	int err;

	if (!agent) {
		finish(cont, -ENOMEM);
		return;
	}
	agent->cont = cont;
	agent->envp[0] = "HOME=/";
	agent->envp[1] = "PATH=/sbin:/bin:/usr/sbin:/usr/bin";
	err = prepare_agent(agent);
	if (err || !agent->argv[0]) {
		free_agent(agent);
		finish(cont, err);
		return;
	}
	/* The agent is not ours any more, unless that fails. */
	err = container_run_helper(agent->argv, agent->envp, agent_ended,
				   agent);
	if (err)
		agent_ended(agent, err);
}

static void run_agents(struct work_struct *work)
{
	struct container *cont;

	while ((cont = take_next())) {
		run_agent(cont);
		cond_resched();
	}
}

static void retry_agents(struct work_struct *work)
{
	struct containerfs_root *root;

	spin_lock_irq(&release_lock);
	list_for_each_entry(root, &release_roots, release_root)
		root->release_paused = false;
	spin_unlock_irq(&release_lock);
	run_agents(NULL);
}

/*
 * Files.
 */

static u64 read_notify(struct container *cont, const struct cftype *cft)
{
	return test_bit(CONT_NOTIFY, &cont->flags);
}

static int write_notify(struct container *cont, const struct cftype *cft,
			u64 val)
{
	if (val > 1)
		return -EINVAL;
	if (val)
		set_bit(CONT_NOTIFY, &cont->flags);
	else
		clear_bit(CONT_NOTIFY, &cont->flags);
	return 0;
}

/* In every container. */
const struct cftype container_notify_file = {
	.name		= "notify_on_release",
	.read_uint	= read_notify,
	.write_uint	= write_notify,
};

/**
 * container_check_agent - can this be a release agent?
 * @path: its path
 *
 * Return: 0, or -EINVAL: not absolute, not a path that a program can have,
 * or with a newline, which the file release_agent could not show.
 */
int container_check_agent(const char *path)
{
	if (path[0] != '/' || strlen(path) >= PATH_MAX || strchr(path, '\n'))
		return -EINVAL;
	return 0;
}

static int read_agent(struct container *cont, const struct cftype *cft,
		      struct seq_file *m)
{
	const char *agent;

	container_lock();
	agent = cont->root->release_agent;
	seq_printf(m, "%s\n", agent ? agent : "");
	container_unlock();
	return 0;
}

static int write_agent(struct container *cont, const struct cftype *cft,
		       struct file *file, char *buf, size_t nbytes)
{
	char *agent = NULL, *old;
	int err;

	if (!container_may_set_agent(file))
		return -EPERM;
	if (nbytes >= PATH_MAX)
		return -E2BIG;
	if (nbytes) {
		err = container_check_agent(buf);
		if (err)
			return err;
		agent = kstrdup(buf, GFP_KERNEL);
		if (!agent)
			return -ENOMEM;
	}
	container_lock();
	old = cont->root->release_agent;
	cont->root->release_agent = agent;
	container_unlock();
	kfree(old);
	return 0;
}

const struct cftype container_agent_file = {
	.name		= "release_agent",
	.flags		= CFTYPE_ONLY_ON_TOP,
	.read_seq	= read_agent,
	.write_string	= write_agent,
};

static int __init release_init(void)
{
	release_queue = create_singlethread_workqueue("containers");
	if (!release_queue)
		panic("containers: no memory for a work queue\n");
	return 0;
}
core_initcall(release_init);

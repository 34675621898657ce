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
 * once, however often it was emptied before its turn came.
 *
 * Who may empty containers need not be root, but agents are.  So only some run
 * at a time, MAX_AGENTS for each hierarchy, whose agent it is that may be slow
 * or hang; the others wait on the list.
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
 * One thread: agents start one after the other, so a storm of released
 * containers is not one of forks that fail.  It does not wait for an agent to
 * end.  Set at boot.
 */
static struct workqueue_struct *release_queue;

static void run_agents(struct work_struct *work);
static DECLARE_DELAYED_WORK(release_work, run_agents);

static void start_work(unsigned long delay)
{
	if (release_queue)
		queue_delayed_work(release_queue, &release_work, delay);
}

static bool may_start(const struct containerfs_root *root)
{
	return root->release_running < MAX_AGENTS;
}

/* To the end of the list.  With release_lock. */
static void enqueue(struct container *cont)
{
	struct containerfs_root *root = cont->root;

	cont->release_stamp = ++last_stamp;
	if (list_empty(&root->release_list))
		list_add_tail(&root->release_root, &release_roots);
	list_add_tail(&cont->release_node, &root->release_list);
}

/* With release_lock. */
static void dequeue(struct container *cont)
{
	struct containerfs_root *root = cont->root;

	list_del_init(&cont->release_node);
	if (list_empty(&root->release_list))
		list_del_init(&root->release_root);
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
	if (list_empty(&cont->release_node) &&
	    atomic_inc_not_zero(&cont->count)) {
		/* Else somebody has started it, or an agent's end will. */
		start = list_empty(&root->release_list) && may_start(root);
		enqueue(cont);
	}
	spin_unlock_irqrestore(&release_lock, flags);
	if (start)
		start_work(0);
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

/* No agent runs for a container any more.  Returns whether others wait. */
static bool not_running(struct containerfs_root *root)
{
	bool more;

	spin_lock_irq(&release_lock);
	root->release_running--;
	more = !list_empty(&root->release_list);
	spin_unlock_irq(&release_lock);
	return more;
}

/* What is called when an agent has ended. */
static void agent_ended(void *data)
{
	struct containerfs_root *root = data;

	if (not_running(root))
		start_work(0);
	put_container(&root->top_container);
}

/*
 * Put a container with its reference back, unless it is there again.  Behind
 * the others: an agent that never gets the memory it wants is not in their way.
 */
static void put_back(struct container *cont)
{
	bool there;

	spin_lock_irq(&release_lock);
	there = !list_empty(&cont->release_node);
	if (!there)
		enqueue(cont);
	spin_unlock_irq(&release_lock);
	if (there)
		put_container(cont);
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
 * The container has been found unused, so this announces whatever has put it
 * on the list again meanwhile.  What is emptied from now on has been used after
 * container_mutex was dropped.
 */
static void forget_release(struct container *cont)
{
	bool there;

	container_assert_mutex(&container_mutex);
	spin_lock_irq(&release_lock);
	there = !list_empty(&cont->release_node);
	if (there)
		dequeue(cont);
	spin_unlock_irq(&release_lock);
	if (there)
		put_container(cont);
}

/*
 * Copy what the agent needs, while nothing of it can change.  No agent, no
 * error: *@agent is NULL when there is nothing to do.
 */
static int prepare_agent(struct container *cont, char **agent, char **path)
{
	int err = 0;

	*agent = NULL;
	*path = NULL;
	container_lock();
	if (!test_bit(CONT_NOTIFY, &cont->flags) ||
	    !cont->root->release_agent || !container_is_unused(cont))
		goto unlock;
	forget_release(cont);
	*path = make_path(cont);
	if (IS_ERR(*path)) {
		err = PTR_ERR(*path);
		*path = NULL;
		goto unlock;
	}
	*agent = kstrdup(cont->root->release_agent, GFP_KERNEL);
	if (!*agent)
		err = -ENOMEM;
unlock:
	container_unlock();
	return err;
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

static int start_agent(struct containerfs_root *root, char **argv)
{
	char *envp[3];
	int err;

	envp[0] = "HOME=/";
	envp[1] = "PATH=/sbin:/bin:/usr/sbin:/usr/bin";
	envp[2] = NULL;
	get_container(&root->top_container);
	err = container_run_helper(argv, envp, agent_ended, root);
	if (err)
		put_container(&root->top_container);
	return err;
}

/* Returns 0 with *@running when an agent runs, or there is nothing to do. */
static int run_agent(struct container *cont, bool *running)
{
	char *argv[3];
	int err;

	err = prepare_agent(cont, &argv[0], &argv[1]);
	argv[2] = NULL;
	*running = false;
	if (!err && argv[0]) {
		err = start_agent(cont->root, argv);
		*running = !err;
	}
	if (err && !may_retry(err) && printk_ratelimit())
		pr_info("containers: release agent %s does not start: error %d\n",
			argv[0] ? argv[0] : "", err);
	kfree(argv[1]);
	kfree(argv[0]);
	return err;
}

static void run_agents(struct work_struct *work)
{
	struct container *cont;
	bool running;
	int err;

	while ((cont = take_next())) {
		err = run_agent(cont, &running);
		if (!running)
			not_running(cont->root);
		if (may_retry(err)) {
			put_back(cont);
			start_work(RETRY_DELAY);
			return;
		}
		put_container(cont);
	}
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

/* In a top container. */
const struct cftype container_agent_file = {
	.name		= "release_agent",
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

// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: telling user space that a container is no longer used.
 *
 *	notify_on_release	0 or 1; a new container inherits it
 *	release_agent		in a top container: the program to run
 *
 * A container with notify_on_release set is announced when its last task, its
 * last child or the last reference to its subsystems' states has gone, and
 * nothing of these three is left.  To announce it, the release agent of the
 * hierarchy is run with the container's path as its only argument.  What the
 * agent does is its own business; most agents remove the directory.
 *
 * The code that empties a container may hold tasklist_lock or more.  So it
 * only puts the container on a list, which needs no memory, and a work queue
 * does the rest.  The work looks again under container_mutex: a container that
 * is in use by then will come back to the list when it has been emptied again.
 * A container is on the list only once, however often it has been emptied
 * before its turn comes, and it leaves the list when it is removed.  So the
 * list is never longer than there are containers.
 *
 * A user who empties containers need not be root, but the agents run as root.
 * So the number of agents that run at a time is limited, to MAX_AGENTS for
 * each hierarchy: it is the agent of the hierarchy that may be slow or hang.
 * The other containers wait on the list.  No code waits for an agent, not even
 * for its start: otherwise a file system that hangs would block the agents of
 * all hierarchies.
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
 * How many agents of a hierarchy run at a time.  Enough to keep some
 * processors busy while some agents wait for a lock or a disk, and few enough
 * that a user to whom a part of a hierarchy was given does no harm by emptying
 * containers fast.
 */
#define MAX_AGENTS	8

/* How long to wait when an agent could not be started for a passing reason. */
#define RETRY_DELAY	(HZ / 10)

/*
 * release_lock guards release_roots, and the fields whose names begin with
 * release_ in hierarchies and containers, but not release_work.  It nests
 * inside tasklist_lock, so it is taken with interrupts off.
 */
static DEFINE_SPINLOCK(release_lock);

/*
 * The hierarchies that have containers on their release_list.  Protected by
 * release_lock.
 */
static LIST_HEAD(release_roots);

/*
 * Orders containers by the time they were put on a list.  Protected by
 * release_lock.
 */
static u64 last_stamp;

/*
 * One thread starts all agents, in the order in which the containers became
 * unused.  Set at boot.
 */
static struct workqueue_struct *release_queue;

static void run_agents(struct work_struct *work);
static DECLARE_WORK(release_work, run_agents);

/* A work item of its own, so that release_work can run while this one waits. */
static void retry_agents(struct work_struct *work);
static DECLARE_DELAYED_WORK(retry_work, retry_agents);

/**
 * struct agent - an agent that is being started, or runs
 * @cont: the container that is announced, with a reference
 * @argv: the agent and its argument, both allocated
 * @envp: its environment
 *
 * It belongs to the code that runs the program, until the program has ended.
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
 * May a container be put on the list?  Not when it is there already, or
 * removed.  try_remove() sets CONT_REMOVED before it takes release_lock to
 * take the container off the list, so a removed container does not stay there.
 * Called with release_lock.
 */
static bool may_enqueue(const struct container *cont)
{
	lockdep_assert_held(&release_lock);
	return list_empty(&cont->release_node) && !container_is_removed(cont);
}

/* Add a container to the end of the list.  Called with release_lock. */
static void enqueue(struct container *cont)
{
	struct containerfs_root *root = cont->root;

	lockdep_assert_held(&release_lock);
	cont->release_stamp = ++last_stamp;
	if (list_empty(&root->release_list))
		list_add_tail(&root->release_root, &release_roots);
	list_add_tail(&cont->release_node, &root->release_list);
}

/* Take a container off the list.  Called with release_lock. */
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
 * Puts it on the list of those to be announced, if it has notify_on_release.
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
		/*
		 * Else the work is queued, or will be when an agent or the
		 * pause ends.
		 */
		start = list_empty(&root->release_list) && may_start(root);
		enqueue(cont);
	}
	spin_unlock_irqrestore(&release_lock, flags);
	if (start)
		start_work();
}

/**
 * container_forget_release - take a container off the list of announcements
 * @cont: the container, kept by the caller
 *
 * It is called for two reasons.  Either the container has been removed.  Or
 * prepare_agent() has found that it is unused, and announces it.  The
 * container may be on the list again by then, and must not be announced a
 * second time for that:
 *
 *	CPU 0				CPU 1
 *	-----				-----
 *	take_next() takes the
 *	container off the list
 *					a task joins the container
 *					and leaves it again:
 *					container_check_release()
 *					puts it on the list
 *	prepare_agent() finds that
 *	the container is unused
 *	container_forget_release()
 *
 * A container that comes to the list after this call is announced again,
 * because it has been in use since it was found unused.  (There is one
 * exception: container_css_put() has dropped a reference before that, but
 * calls container_check_release() only now.  Then the agent is run once more
 * than needed.)
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

/*
 * Of all containers whose hierarchy may start an agent, the one that has been
 * on a list for longest; or NULL.
 */
static struct container *find_next(void)
{
	struct container *first, *next = NULL;
	struct containerfs_root *root;

	lockdep_assert_held(&release_lock);
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
 * Take the next container from its list.  Returns it with a reference, or
 * NULL.  From now on until finish() it counts as one whose agent runs.
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
 * Is this error not the agent's fault, so that a later try may succeed?  There
 * is no memory, or no process, or no program can be started while the machine
 * is being suspended.  Linux 2.6.22 returns -ENFILE when it has no memory for
 * an open file.
 */
static bool may_retry(int err)
{
	return err == -ENOMEM || err == -EAGAIN || err == -ENFILE ||
	       err == -EBUSY;
}

/*
 * Put a container back on its list, unless it is there again or has been
 * removed.  Returns true when its reference has gone to the list.
 *
 * Its hierarchy pauses.  There is no use in another try at once, and the other
 * hierarchies need not wait.  The container goes to the end of the list, so
 * that one whose agent never gets the memory that it needs is not in the way
 * of the others.  Called with release_lock.
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
 * Called exactly once for each container that take_next() has returned, when
 * nothing is left to do for it: its agent has ended, or has not been started.
 * Drops the reference, or gives it back to the list.
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

/* The agent has ended (@err is 0), or @err says why it could not be started. */
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
 * A path of any length: MAX_DEPTH names are shorter than the 128 KiB that an
 * argument of a program may have.
 *
 * It must not be in vmalloc memory.  A kernel thread reads and writes it, and
 * runs on the page tables of whatever task ran before.  In those the entry for
 * vmalloc memory can be missing, and 2.6.22 then looks for it in the wrong
 * page tables, in an endless loop of page faults.
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
 * Copy what the agent needs.  Takes container_mutex, so that nothing of it
 * changes meanwhile.  It is not an error when there is nothing to announce or
 * no agent: argv[0] is NULL then.
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
	/* From here on @agent belongs to the helper, unless this fails. */
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

/* A control file of every container. */
const struct cftype container_notify_file = {
	.name		= "notify_on_release",
	.read_uint	= read_notify,
	.write_uint	= write_notify,
};

/**
 * container_check_agent - can this be a release agent?
 * @path: its path
 *
 * Context: any.
 * Return: 0; -EINVAL when the path is not absolute, is too long for a
 * program's path, or has a newline, which the file release_agent could not
 * show.
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

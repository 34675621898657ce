// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: containers.
 *
 * Tasks are grouped into containers, containers form hierarchies, and
 * subsystems keep state for every container of the hierarchy that they are
 * bound to.  The idea, the names and the interface are those of Paul Menage's
 * containers (2007), which grew out of cpusets.  Documentation/containers.txt
 * says how to use them, and gives the reasons.
 *
 * This file has the containers themselves: their names, their references, the
 * state of subsystems, and removal.  The other parts are
 *
 *	container_root.c	hierarchies
 *	container_dir.c		directories and control files
 *	container_task.c	which tasks are in which container
 *	container_fork.c	fork and exit
 *	container_move.c	moves from one container to another
 *	container_clone.c	containers that the kernel makes
 *	container_release.c	release agents
 */

#include <linux/types.h>	/* jhash.h needs it */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "container_host.h"
#include "container_internal.h"

/*
 * container_mutex guards the structure: which hierarchies, containers and
 * subsystem bindings there are.  While it is held, each task stays in its
 * containers, except that it may exit.  The holder may sleep, but must not
 * wait for a grace period, a user mode helper, CPU hotplug or mmap_sem.  It
 * nests inside the i_mutex of directories, s_umount, and namespace_sem (whose
 * holder may be showing mount options), and outside of tasklist_lock.
 *
 * Every reader of /proc/<pid>/container waits for it and, holding
 * namespace_sem, so does every reader of /proc/mounts.  So an unprivileged
 * user must not be able to decide how long it is held.  The limit of a memory
 * control group can stop an allocation for as long as its owner likes.  So
 * memory that is charged to one is allocated before the mutex is taken, or by
 * container_state_alloc(), which does not wait for the limit.  No lock of
 * control groups is taken inside.
 *
 * What can still take time has a bound, or needs privilege:
 *
 *  - A write of 64 KiB names 32,768 tasks, which are looked up and perhaps
 *    sorted.
 *  - When the machine is out of memory, an allocation that is charged to
 *    nobody waits like all others.
 *  - remount, which only root can do, looks for the names of some files in
 *    the dentry cache.
 *  - cpuset waits for a task to leave its CPU.  A user with the right to
 *    real-time priorities can delay that.
 *
 * A fork holds none of our locks when it calls the hooks, but it may hold the
 * lock by which the scheduler keeps from being extended (sched_ext).
 */
DEFINE_MUTEX(container_mutex);

/*
 * The reference count of a state while removal is being decided: see
 * container_css_tryget().
 */
#define CSS_DECIDING	(-1)

/* How often, and for how long, rmdir waits for references to be dropped. */
#define REMOVE_RETRIES	5
#define REMOVE_DELAY	1	/* jiffies */

/* The subsystems by id; see container_subsys_in(). */
#define SUBSYS(_x) &_x ## _subsys,
struct container_subsys *const container_subsystems[] = {
#include <linux/container_subsys.h>
};

#undef SUBSYS

/* See container_new_number().  Protected by container_mutex. */
static u64 last_number;

/**
 * container_lock - keep containers from being made, removed and rebound
 *
 * Also keeps every task in its containers until the task exits.
 *
 * Context: sleeps.
 */
void container_lock(void)
{
	mutex_lock(&container_mutex);
}

/**
 * container_unlock - undo container_lock()
 *
 * Context: process context; releases container_mutex.
 */
void container_unlock(void)
{
	mutex_unlock(&container_mutex);
}

/**
 * container_is_removed - has a container been removed?
 * @cont: the container
 *
 * Context: any; the answer lasts only under container_mutex.
 * Return: true when rmdir has succeeded.
 */
int container_is_removed(const struct container *cont)
{
	return test_bit(CONT_REMOVED, &cont->flags);
}

/**
 * container_new_number - get a number that nothing else has
 *
 * For a container that is being made, and for a subsystem that is being bound.
 * Each number is greater than all before it.
 *
 * Context: container_mutex.
 * Return: the number, greater than 0.
 */
u64 container_new_number(void)
{
	lockdep_assert_held(&container_mutex);
	return ++last_number;
}

/**
 * container_subsys_in - get the next subsystem of a set
 * @subsys_bits: the set, by id
 * @id: the id to start with
 *
 * For for_each_subsys_in().
 *
 * Context: any.
 * Return: the first subsystem of the set whose id is @id or greater, or NULL.
 */
struct container_subsys *container_subsys_in(u64 subsys_bits, int id)
{
	for (; id < CONTAINER_SUBSYS_COUNT; id++)
		if (subsys_bits & subsys_bit(container_subsystems[id]))
			return container_subsystems[id];
	return NULL;
}

/*
 * Names.
 */

/**
 * struct container_name - the last component of a container's path
 * @rcu: delays the release by a grace period, because paths are made under RCU
 * @text: the name
 */
struct container_name {
	struct rcu_head rcu;
	char text[];
};

static struct container_name *name_alloc(const char *text)
{
	struct container_name *name;

	name = container_zalloc(sizeof(*name) + strlen(text) + 1);
	if (name)
		strcpy(name->text, text);
	return name;
}

static void name_free_rcu(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct container_name, rcu));
}

/**
 * container_path - print the path of a container from the top of its hierarchy
 * @cont: the container; it may be removed, or not visible yet
 * @buf: gets the path, "/" for a top container
 * @buflen: size of @buf, including the terminating NUL
 *
 * Context: any; the caller keeps @cont by a reference or RCU.
 * Return: 0, or -ENAMETOOLONG.
 */
int container_path(const struct container *cont, char *buf, int buflen)
{
	const struct container_name *name;
	int pos = buflen;
	int len;

	if (buflen < (int)sizeof("/"))
		return -ENAMETOOLONG;
	buf[--pos] = '\0';
	if (is_top(cont))
		buf[--pos] = '/';

	rcu_read_lock();
	for (; !is_top(cont); cont = cont->parent) {
		name = rcu_dereference(cont->name);
		len = strlen(name->text);
		if (pos < len + 1)
			break;
		pos -= len;
		memcpy(buf + pos, name->text, len);
		buf[--pos] = '/';
	}
	rcu_read_unlock();
	if (!is_top(cont))
		return -ENAMETOOLONG;
	memmove(buf, buf + pos, buflen - pos);
	return 0;
}

/*
 * References to containers.
 */

/*
 * Runs the last part of the release of containers, one after the other.  This
 * part waits for container_mutex, and there can be thousands of containers at
 * once: on a queue that others use, they would delay all other work.  Set at
 * boot, when there are only top containers.
 */
static struct workqueue_struct *free_queue;

/* Memory of the containers that are not top containers.  Set at boot. */
static struct kmem_cache *container_cache;

static int __init containers_init(void)
{
	container_cache = KMEM_CACHE(container, SLAB_PANIC);
	free_queue = create_singlethread_workqueue("container-free");
	if (!free_queue)
		panic("containers: no memory for a work queue\n");
	return 0;
}
core_initcall(containers_init);

static void container_release_work(struct work_struct *work)
{
	struct container *cont =
		container_of(work, struct container, release_work);
	struct container *parent = cont->parent;
	int i;

	if (is_top(cont)) {
		container_drop_added(cont, ALL_SUBSYSTEMS);
		kfree(cont->root->release_agent);
		kfree(cont->root);
		return;
	}
	container_lock();
	for (i = CONTAINER_SUBSYS_COUNT - 1; i >= 0; i--)
		if (cont->subsys[i])
			container_subsystems[i]->destroy(container_subsystems[i], cont);
	container_unlock();
	container_drop_added(cont, ALL_SUBSYSTEMS);
	kfree(rcu_dereference_protected(cont->name, true));
	kmem_cache_free(container_cache, cont);
	put_container(parent);
}

static void container_release_rcu(struct rcu_head *rcu)
{
	struct container *cont = container_of(rcu, struct container, rcu);

	INIT_WORK(&cont->release_work, container_release_work);
	queue_work(free_queue, &cont->release_work);
}

/**
 * get_container - keep a container from being freed
 * @cont: the container; the caller has a reference or keeps it otherwise
 *
 * Does not keep the container from being removed: container_css_get() does.
 *
 * Context: any.
 * Return: @cont.
 */
struct container *get_container(struct container *cont)
{
	atomic_inc(&cont->count);
	return cont;
}
EXPORT_SYMBOL_GPL(get_container);

/**
 * put_container - drop a reference
 * @cont: the container
 *
 * Dropping the last one frees the container and its subsystems' state, after a
 * grace period.
 *
 * Context: any.
 */
void put_container(struct container *cont)
{
	if (atomic_dec_and_test(&cont->count))
		call_rcu(&cont->rcu, container_release_rcu);
}
EXPORT_SYMBOL_GPL(put_container);

/*
 * References to subsystem state.
 */

/**
 * container_init_css - initialize the core's part of a subsystem's state
 * @ss: the subsystem
 * @cont: the container
 * @css: the state, which becomes cont->subsys[ss->subsys_id]
 *
 * A create() callback that lets others see the new state before it returns
 * must call this first.  Other create() callbacks need not, if the memory of
 * the state was zeroed.
 *
 * Context: container_mutex, or boot.
 */
void container_init_css(struct container_subsys *ss, struct container *cont,
			struct container_subsys_state *css)
{
	css->container = cont;
	css->flags = is_top(cont) ? CSS_TOP : 0;
	atomic_set(&css->refcnt, 1);
	smp_wmb();	/* pairs with the dependency in task_subsys_state() */
	cont->subsys[ss->subsys_id] = css;
}

/**
 * container_css_get - keep a container from being removed
 * @css: a subsystem's state for the container
 *
 * The caller has a reference already; or knows that there are tasks in the
 * container and that they stay; or holds container_mutex and knows that the
 * container has not been removed.  All others use container_css_tryget().
 *
 * Context: any.
 */
void container_css_get(struct container_subsys_state *css)
{
	if (!(css->flags & CSS_TOP))
		atomic_inc(&css->refcnt);
}
EXPORT_SYMBOL_GPL(container_css_get);

/**
 * container_css_tryget - like container_css_get(), but fails after removal
 * @css: a subsystem's state for the container, kept by RCU or otherwise
 *
 * css_remove_all() takes the container's own reference from all its states, or
 * from none.  Until that is decided, the counts are negative and
 * container_css_tryget() spins.  The wait is short, because css_remove_all()
 * runs on another CPU, with interrupts off.
 *
 * Context: any but NMI.
 * Return: true; false when the container has been removed.
 */
bool container_css_tryget(struct container_subsys_state *css)
{
	int count;

	if (css->flags & CSS_TOP)
		return true;
	for (;;) {
		count = atomic_read(&css->refcnt);
		if (!count)
			return false;
		if (count == CSS_DECIDING)
			cpu_relax();
		else if (atomic_cmpxchg(&css->refcnt, count, count + 1) ==
			 count)
			return true;
	}
}
EXPORT_SYMBOL_GPL(container_css_tryget);

/**
 * container_css_put - drop a reference to a state
 * @css: the state
 *
 * When only the container's own reference is left, the container may have
 * become unused.  Then this may wake up the thread that starts release agents.
 *
 * Context: any but NMI, and not while a lock of the scheduler is held.  It
 * takes a spinlock, so with PREEMPT_RT not in a hard interrupt, nor in any
 * other context that must not sleep.
 */
void container_css_put(struct container_subsys_state *css)
{
	int count;

	if (css->flags & CSS_TOP)
		return;
	rcu_read_lock();	/* after the drop it may be removed and freed */
	do {
		count = atomic_read(&css->refcnt);
		/* 1 is the container's own reference: nothing to put. */
		if (WARN_ON_ONCE(count <= 1))
			goto unlock;
	} while (atomic_cmpxchg(&css->refcnt, count, count - 1) != count);
	if (count == 2)
		container_check_release(css->container);
unlock:
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(container_css_put);

/*
 * Take the container's own reference from the states of all its subsystems, if
 * it is the only reference to each of them, else from none.
 */
static bool css_remove_all(struct container *cont)
{
	struct container_subsys *busy = NULL;
	struct container_subsys *ss;
	unsigned long flags;
	atomic_t *refcnt;

	lockdep_assert_held(&container_mutex);
	local_irq_save(flags);	/* container_css_tryget() spins meanwhile */
	for_each_subsys(cont->root, ss) {
		refcnt = &cont->subsys[ss->subsys_id]->refcnt;
		if (atomic_cmpxchg(refcnt, 1, CSS_DECIDING) != 1) {
			busy = ss;
			break;
		}
	}
	for_each_subsys(cont->root, ss) {
		if (ss == busy)
			break;
		refcnt = &cont->subsys[ss->subsys_id]->refcnt;
		atomic_set(refcnt, busy ? 1 : 0);
	}
	local_irq_restore(flags);
	return !busy;
}

/*
 * Making and removing containers.
 */

/**
 * container_state_alloc - allocate memory for the state of a subsystem
 * @size: how many bytes
 *
 * For create(), and for everything else that is allocated while
 * container_mutex is held.  The memory control group of the current task is
 * charged where that is possible, but the allocation does not wait for its
 * limit.
 *
 * Context: container_mutex; sleeps.
 * Return: zeroed memory, to be freed with kfree(); or NULL.
 */
void *container_state_alloc(size_t size)
{
	lockdep_assert_held(&container_mutex);
	return container_zalloc_locked(size);
}
EXPORT_SYMBOL_GPL(container_state_alloc);

/**
 * container_create_state - let a subsystem make its state for a container
 * @ss: the subsystem
 * @cont: the container
 *
 * Context: container_mutex, or boot; sleeps.
 * Return: 0, or the error of the create() callback; -EINVAL when create() has
 * not set the pointer.
 */
int container_create_state(struct container_subsys *ss, struct container *cont)
{
	struct container_subsys_state *css;
	int err;

	err = ss->create(ss, cont);
	css = cont->subsys[ss->subsys_id];
	if (!err && WARN_ON_ONCE(!css))
		err = -EINVAL;
	if (err) {
		cont->subsys[ss->subsys_id] = NULL;
		return err;
	}
	if (css->container != cont)
		container_init_css(ss, cont, css);
	return 0;
}

/**
 * container_setup - initialize a container
 * @cont: the container, all zero
 * @parent: the parent, with a reference for @cont; NULL for a top container
 * @root: the hierarchy
 *
 * Context: any, also early at boot.
 */
void container_setup(struct container *cont, struct container *parent,
		     struct containerfs_root *root)
{
	atomic_set(&cont->count, 1);
	INIT_LIST_HEAD(&cont->sibling);
	INIT_LIST_HEAD(&cont->children);
	INIT_LIST_HEAD(&cont->css_groups);
	INIT_LIST_HEAD(&cont->files);
	INIT_LIST_HEAD(&cont->release_node);
	init_waitqueue_head(&cont->gone_wait);
	/*
	 * A hash of the address, since keys are combined by exclusive or:
	 * addresses in a slab lie at regular distances, and many sets of them
	 * would have the same result.
	 */
	if (parent)
		cont->key = jhash(&cont, sizeof(cont), 0);
	cont->uid = container_fsuid();
	cont->gid = container_fsgid();
	cont->born = container_now();
	cont->parent = parent;
	cont->root = root;
	cont->top_container = &root->top_container;
}

/**
 * container_alloc - make a container without state
 * @parent: its parent
 * @text: its name
 *
 * Context: sleeps.
 * Return: the container, with a reference for the caller; or NULL.
 */
struct container *container_alloc(struct container *parent, const char *text)
{
	struct container_name *name;
	struct container *cont;

	cont = container_cache_zalloc(container_cache);
	if (!cont)
		return NULL;
	name = name_alloc(text);
	if (!name) {
		kmem_cache_free(container_cache, cont);
		return NULL;
	}
	container_setup(cont, get_container(parent), parent->root);
	rcu_assign_pointer(cont->name, name);
	if (test_bit(CONT_NOTIFY, &parent->flags))
		set_bit(CONT_NOTIFY, &cont->flags);
	return cont;
}

/**
 * container_create_states - let all subsystems make their state for a container
 * @cont: the container
 *
 * Context: i_mutex of the parent's directory; sleeps.
 * Return: 0, or the error of a create() callback.  After an error, the states
 * that were made are freed with the container.
 */
int container_create_states(struct container *cont)
{
	struct container_subsys *ss;
	int err = 0;

	container_lock();
	for_each_subsys(cont->root, ss) {
		err = container_create_state(ss, cont);
		if (err)
			break;
	}
	container_unlock();
	return err;
}

static bool has_tasks(struct container *cont)
{
	bool empty;

	read_lock(&tasklist_lock);
	empty = list_empty(&cont->css_groups);
	read_unlock(&tasklist_lock);
	return !empty;
}

/*
 * Is the first task of the container being forked?  Must be called before
 * has_tasks(), because in the other order it could miss the task:
 *
 *	CPU 0				CPU 1, with tasklist_lock
 *	-----				-------------------------
 *	has_tasks() is false
 *					container_clone_join():
 *					the child joins,
 *					CONT_NEWBORN is cleared
 *	is_waiting() is false
 */
static bool is_waiting(const struct container *cont)
{
	return test_bit(CONT_NEWBORN, &cont->flags);
}

/**
 * container_is_unused - has a container no tasks, children and references?
 * @cont: the container, not a top container
 *
 * Context: container_mutex; sleeps.
 * Return: true when nothing prevents its removal.
 */
bool container_is_unused(struct container *cont)
{
	struct container_subsys *ss;

	lockdep_assert_held(&container_mutex);
	if (container_is_removed(cont) || is_waiting(cont) ||
	    !list_empty(&cont->children) || has_tasks(cont))
		return false;
	for_each_subsys(cont->root, ss)
		if (atomic_read(&cont->subsys[ss->subsys_id]->refcnt) != 1)
			return false;
	return true;
}

/* Returns -EAGAIN when there are references, which may be short-lived. */
static int try_remove(struct container *cont)
{
	lockdep_assert_held(&container_mutex);
	if (is_waiting(cont))
		return -EBUSY;
	/* It stays empty: a task can enter only by a move, with the mutex. */
	if (!list_empty(&cont->children) || has_tasks(cont))
		return -EBUSY;
	if (!css_remove_all(cont))
		return -EAGAIN;
	/* The commit point. */
	set_bit(CONT_REMOVED, &cont->flags);
	container_unlink_child(cont);
	container_forget_release(cont);
	if (list_empty(&cont->parent->children))
		container_check_release(cont->parent);
	return 0;
}

static int pre_destroy(struct container *cont)
{
	struct container_subsys *ss;
	int err = 0;
	int i;

	for (i = 0; !err && i < CONTAINER_SUBSYS_COUNT; i++) {
		ss = container_subsystems[i];
		if (cont->subsys[i] && ss->pre_destroy)
			err = ss->pre_destroy(ss, cont);
	}
	return err;
}

/**
 * container_remove - remove a container
 * @cont: the container, not a top container
 *
 * For container_dir_rmdir(), which removes the directory afterwards.
 *
 * Context: i_mutex of the directory and of its parent; sleeps.
 * Return: 0; -EBUSY when there are tasks, children, or references that stay;
 * the error of a pre_destroy() callback.
 */
int container_remove(struct container *cont)
{
	int tries;
	int err;

	err = pre_destroy(cont);
	if (err)
		return err;
	for (tries = 0; tries < REMOVE_RETRIES; tries++) {
		container_lock();
		err = try_remove(cont);
		container_unlock();
		if (!err)
			container_wake_pollers(cont);
		if (err != -EAGAIN)
			return err;
		schedule_timeout_uninterruptible(REMOVE_DELAY);
	}
	return -EBUSY;
}

/**
 * container_rename - give a container another name
 * @cont: the container
 * @name: the new name
 *
 * Context: i_mutex of the parent's directory; sleeps.
 * Return: 0, or -ENOMEM.
 */
int container_rename(struct container *cont, const char *name)
{
	struct container_name *new, *old;

	new = name_alloc(name);
	if (!new)
		return -ENOMEM;
	container_lock();
	old = rcu_dereference_protected(cont->name, lockdep_is_held(&container_mutex));
	rcu_assign_pointer(cont->name, new);
	container_unlock();
	call_rcu(&old->rcu, name_free_rcu);
	return 0;
}

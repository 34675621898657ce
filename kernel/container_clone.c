// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: containers that the kernel makes.
 *
 * container_clone() gives a task a container of its own, below the one that
 * the current task is in.  The task is the current one, which moves there, or
 * a child that it is forking, which starts there and is never seen anywhere
 * else.
 *
 * No lock is held from the making of the container to the end of a fork, which
 * takes locks of others, control groups' among them, and may wait for them.  So
 * the container of a child can be seen, and be looked into, before the child can.
 * A mark keeps it from being removed meanwhile, and no agent is told of it.
 * When the fork fails, the container is removed again.
 *
 * The current task can be moved meanwhile.  Then the child would start in the
 * wrong place.  Fork looks for that in the critical section in which the child
 * becomes visible, and gives up if it is so: the system call is called again,
 * and the container is made where the task is then.
 */

#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "container_host.h"
#include "container_internal.h"

/**
 * struct newborn - a child that is being forked, and gets its own container
 * @node: where container_node of the child points to
 * @cont: the container, with a reference
 * @src: the css_group of the parent when @cont was made, with a reference
 * @dst: the css_group that the child is to join, with a reference
 * @charged: the css_group that the child is charged to, with a reference
 * @was_charged: see container_is_charged(); if not, @charged is init_css_group
 *
 * It belongs to the task that forks, and nobody else looks at it.
 */
struct newborn {
	struct list_head node;
	struct container *cont;
	struct css_group *src;
	struct css_group *dst;
	struct css_group *charged;
	bool was_charged;
};

/*
 * What container_node.next of a newborn is; container_node.prev leads to its
 * struct newborn.  No list has it, so nothing else points here.
 */
static struct list_head newborn_mark;

/*
 * For the containers of forks that have failed.  Its work items wait for the lock
 * of a directory, so nobody else uses it.  Set at boot.
 */
static struct workqueue_struct *discard_queue;

/**
 * container_is_newborn - does a child get a container of its own?
 * @child: the child, which is not linked yet
 *
 * Context: any; the fork is the current task's.
 * Return: true when container_clone() has made one.
 */
bool container_is_newborn(const struct task_struct *child)
{
	return child->container_node.next == &newborn_mark;
}

static struct newborn *newborn_of(const struct task_struct *child)
{
	return list_entry(child->container_node.prev, struct newborn, node);
}

static void set_newborn(struct task_struct *child, struct newborn *newborn)
{
	child->container_node.next = &newborn_mark;
	child->container_node.prev = &newborn->node;
	rcu_assign_pointer(child->containers, newborn->dst);
}

/* Forget it.  The reference to what it is charged to goes to the child. */
static void unset_newborn(struct task_struct *child, struct newborn *newborn)
{
	child->container_node.next = NULL;
	if (newborn->was_charged)
		container_set_charged(child, newborn->charged);
	else
		rcu_assign_pointer(child->containers, &init_css_group);
}

static void newborn_free(struct newborn *newborn)
{
	css_group_put(newborn->dst);
	css_group_put(newborn->src);
	put_container(newborn->cont);
	kfree(newborn);
}

/* Longest name: two numbers and what separates them. */
#define CLONE_NAME_SIZE	24

/* The current task's css_group, which stays: tasks move under container_mutex. */
static struct css_group *own_group(void)
{
	return rcu_dereference_protected(current->containers,
					 lockdep_is_held(&container_mutex));
}

/* The container of the current task, if the subsystem is mounted. */
static struct container *current_parent(struct container_subsys *ss)
{
	lockdep_assert_held(&container_mutex);
	if (!container_subsys_mounted(ss))
		return NULL;
	return css_group_container(own_group(), ss->root);
}

/* The same, with what keeps its directory; NULL also while that is unmounted. */
static struct container *pin_parent(struct container_subsys *ss)
{
	struct container *parent;

	container_lock();
	parent = current_parent(ss);
	if (parent && !container_dir_pin(parent))
		parent = NULL;
	container_unlock();
	return parent;
}

static bool is_parent(struct container_subsys *ss, struct container *parent)
{
	bool is;

	container_lock();
	is = current_parent(ss) == parent;
	container_unlock();
	return is;
}

static void unlock_parent(struct container *parent, struct dentry *created)
{
	container_vfs_unlock_dir(parent, created);
	container_dir_unpin(parent);
}

/*
 * Find the container of the current task, and lock its directory.  Returns
 * NULL, with nothing locked, when the subsystem is not mounted, or an ERR_PTR().
 * The task can be moved at any time; looking once more is for its container not
 * to have been removed, which it can not be any more when the lock is held.
 */
static struct container *lock_parent(struct container_subsys *ss)
{
	struct container *parent;
	int err;

	for (;;) {
		parent = pin_parent(ss);
		if (!parent)
			return NULL;
		err = container_vfs_lock_dir(parent);
		if (err) {
			container_dir_unpin(parent);
			return ERR_PTR(err);
		}
		if (is_parent(ss, parent))
			return parent;
		unlock_parent(parent, NULL);
	}
}

/* The number of the task, and if that is taken another one behind it. */
static struct dentry *find_name(struct container *parent, char *name, int pid)
{
	struct dentry *dentry;
	unsigned int n;

	sprintf(name, "%d", pid);
	for (n = 1; ; n++) {
		dentry = container_vfs_new_name(parent, name);
		if (!IS_ERR(dentry) || PTR_ERR(dentry) != -EEXIST)
			return dentry;
		snprintf(name, CLONE_NAME_SIZE, "%d.%u", pid, n);
	}
}

/* Make the container of a task, which nobody sees yet, and its @dentry. */
static struct container *prepare(struct container *parent,
				 struct task_struct *task,
				 struct dentry **dentry)
{
	char name[CLONE_NAME_SIZE];
	struct container *cont;
	int err;

	*dentry = find_name(parent, name, task->pid);
	if (IS_ERR(*dentry)) {
		err = PTR_ERR(*dentry);
		return ERR_PTR(err);
	}
	cont = container_prepare(parent, *dentry, name, 0755);
	if (!IS_ERR(cont))
		return cont;
	dput(*dentry);
	/* What clone() and unshare() say of other things that nest. */
	return PTR_ERR(cont) == -ENAMETOOLONG ? ERR_PTR(-ENOSPC) : cont;
}

static void tell_subsystems(struct container *cont)
{
	struct container_subsys *ss;

	for_each_subsys(cont->root, ss)
		if (ss->post_clone)
			ss->post_clone(ss, cont);
}

/* Move the current task, and let the container be seen. */
static int enter(struct container *cont, struct container_subsys *ss)
{
	int err;

	lockdep_assert_held(&container_mutex);
	if (current_parent(ss) != cont->parent)
		return container_restart_syscall();
	tell_subsystems(cont);
	err = container_move_current(cont);
	if (!err)
		container_publish(cont);
	return err;
}

/* Note down where a child is to start, and let the container be seen. */
static int expect(struct container *cont, struct container_subsys *ss,
		  struct newborn *newborn, struct task_struct *child)
{
	struct css_group *src = own_group();

	if (current_parent(ss) != cont->parent)
		return container_restart_syscall();
	tell_subsystems(cont);
	newborn->dst = css_group_find(src, cont);
	if (!newborn->dst)
		return -ENOMEM;
	newborn->src = css_group_get(src);
	newborn->cont = get_container(cont);
	newborn->was_charged = container_is_charged(child);
	newborn->charged = newborn->was_charged ?
			   rcu_dereference_protected(child->containers, true) :
			   &init_css_group;
	set_newborn(child, newborn);
	set_bit(CONT_NEWBORN, &cont->flags);
	container_publish(cont);
	return 0;
}

/* @newborn is NULL for the current task, else it is used, or freed. */
static int clone_below(struct container *parent, struct container_subsys *ss,
		       struct task_struct *task, struct newborn *newborn)
{
	struct container *cont;
	struct dentry *dentry;
	int err;

	cont = prepare(parent, task, &dentry);
	if (IS_ERR(cont)) {
		kfree(newborn);
		unlock_parent(parent, NULL);
		return PTR_ERR(cont);
	}
	container_lock();
	err = newborn ? expect(cont, ss, newborn, task) : enter(cont, ss);
	container_unlock();
	if (err) {
		kfree(newborn);
		container_cancel(cont);
	}
	container_vfs_unlock_dir(parent, err ? NULL : dentry);
	/* Before the superblock, which may have no mount any more, can go. */
	dput(dentry);
	container_dir_unpin(parent);
	return err;
}

/**
 * container_clone - make a container for a task
 * @task: the current task, which moves there, or a task that it is forking
 *	and nobody sees yet, which starts there
 * @ss: a subsystem of the hierarchy concerned; where it is not mounted,
 *	nothing is done
 *
 * The container lies below that of the current task.  Its name is the number
 * of @task, with "." and another number where that name is taken.  Its owner
 * is the current task's; nobody's permission is asked.
 *
 * Context: no locks; sleeps.  For a task that is being forked only from
 * container_can_fork(), see there.
 * Return: 0; -ENOMEM; -ENOSPC when it would lie too deep; what a create() or
 * populate() says; for the current task what a can_attach() says;
 * -ERESTARTNOINTR when a signal is not to wait for the directory, or the current
 * task has been moved meanwhile.  After a failure nothing has changed.
 */
int container_clone(struct task_struct *task, struct container_subsys *ss)
{
	struct newborn *newborn = NULL;
	struct container *parent;
	int err;

	parent = lock_parent(ss);
	if (!parent)
		return 0;
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	if (task != current) {
		newborn = container_zalloc(sizeof(*newborn));
		if (!newborn) {
			unlock_parent(parent, NULL);
			return -ENOMEM;
		}
	}
	err = clone_below(parent, ss, task, newborn);
	if (!err && task == current)
		container_post_attach();
	return err;
}

/**
 * __container_confirm_fork - see container_confirm_fork()
 * @child: the new task
 *
 * Context: tasklist_lock held for writing, siglock of the current task.
 * Return: 0, or -ERESTARTNOINTR.
 */
int __container_confirm_fork(struct task_struct *child)
{
	lockdep_assert_held_write(&tasklist_lock);
	if (!container_is_newborn(child) ||
	    newborn_of(child)->src == rcu_access_pointer(current->containers))
		return 0;
	return container_restart_syscall();
}

/**
 * container_clone_join - a newborn joins the container that was made for it
 * @child: the newborn, confirmed
 *
 * From now on the container is like any other.
 *
 * Context: tasklist_lock held for writing.
 */
void container_clone_join(struct task_struct *child)
{
	struct newborn *newborn = newborn_of(child);

	lockdep_assert_held_write(&tasklist_lock);
	if (newborn->charged != newborn->dst) {
		css_group_transfer(child, newborn->charged, newborn->dst);
		css_group_transfer_count(newborn->charged, newborn->dst, 1);
	}
	css_group_join(newborn->dst, child);
	clear_bit(CONT_NEWBORN, &newborn->cont->flags);
	css_group_put(newborn->charged);
	newborn_free(newborn);
}

static void discard_later(struct work_struct *work)
{
	struct container *cont =
		container_of(work, struct container, release_work);

	container_vfs_discard(cont, true);
	put_container(cont);
}

/*
 * Remove a container that is not needed.  Those who read its parent's directory
 * can keep that locked for as long as they like, and the fork may have failed
 * because its task is being killed.  So where the kernel can say so it does not wait.
 * release_work is free until the last reference has gone.
 */
static void discard(struct container *cont)
{
	if (container_vfs_discard(cont, false))
		return;
	INIT_WORK(&cont->release_work, discard_later);
	get_container(cont);
	queue_work(discard_queue, &cont->release_work);
}

/**
 * container_clone_cancel - undo container_clone() for a fork that fails
 * @child: the newborn, which is an ordinary child afterwards
 *
 * The container is removed, unless somebody has found a use for it: has moved a
 * task there, or made another container below.  Then it is theirs.  It may be
 * removed a little later, when somebody has its parent's directory locked.
 *
 * Context: no locks; sleeps.
 */
void container_clone_cancel(struct task_struct *child)
{
	struct newborn *newborn = newborn_of(child);

	unset_newborn(child, newborn);
	discard(newborn->cont);
	newborn_free(newborn);
}

static int __init clone_init(void)
{
	discard_queue = create_singlethread_workqueue("container-undo");
	if (!discard_queue)
		panic("containers: no memory for a work queue\n");
	return 0;
}
core_initcall(clone_init);

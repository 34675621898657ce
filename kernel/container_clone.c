// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: containers that the kernel makes.
 *
 * container_clone() gives a task a container of its own, below the one that
 * the current task is in.  The task is the current one, which moves there, or
 * a child that it is forking, which starts there and is never seen anywhere
 * else.
 *
 * The container is prepared before the point where the fork can still fail,
 * and published after it.  In between its parent's directory and
 * container_mutex stay locked, so nobody can move the current task, remove the
 * parent, or take the name.  Failing means to forget what nobody has seen.
 */

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "container_host.h"
#include "container_internal.h"

/**
 * struct clone_state - a container that is being made for a task
 * @parent: the container above, pinned and its directory locked
 * @cont: the container, prepared
 * @dentry: its directory, with a reference
 * @group: the css_group of the child, with a reference; NULL when it is for
 *	the current task
 * @charged: the css_group that the child was charged to before
 */
struct clone_state {
	struct container *parent;
	struct container *cont;
	struct dentry *dentry;
	struct css_group *group;
	struct css_group *charged;
};

/* There is one at a time, since container_mutex is held.  container_mutex. */
static struct clone_state clone;

/*
 * The child that @clone is for, or NULL.  Written under container_mutex.
 * Fork reads it without, and compares: only who holds the mutex for a child
 * finds that child.
 */
struct task_struct *container_newborn;

/* Both go together: that fork finds its work, and none is left when it is over. */
static void set_newborn(struct task_struct *child)
{
	int work = container_post_fork_work & ~CONTAINER_FINISH_CLONE;

	container_assert_mutex(&container_mutex);
	container_write_once(container_newborn, child);
	container_write_once(container_post_fork_work,
			     child ? work | CONTAINER_FINISH_CLONE : work);
}

/* Longest name: two numbers and what separates them. */
#define CLONE_NAME_SIZE	24

/* The container of the current task, if the subsystem is mounted. */
static struct container *current_parent(struct container_subsys *ss)
{
	if (!container_subsys_mounted(ss))
		return NULL;
	return css_group_container(container_raw_pointer(current->containers),
				   ss->root);
}

/*
 * Find and lock the container of the current task.  The order of locks is
 * directory first, so look, lock, and look again.
 *
 * Returns false, with nothing locked, when the subsystem is not mounted, or
 * with an error.
 */
static bool lock_parent(struct container_subsys *ss, int *err)
{
	struct container *parent;

	*err = 0;
	for (;;) {
		container_lock();
		parent = current_parent(ss);
		if (!parent || !container_vfs_pin(parent)) {
			container_unlock();
			return false;
		}
		container_unlock();

		*err = container_vfs_lock_dir(parent);
		if (*err) {
			container_vfs_unpin(parent);
			return false;
		}
		container_lock();
		if (current_parent(ss) == parent) {
			clone.parent = parent;
			return true;
		}
		container_unlock();
		container_vfs_unlock_dir(parent, NULL);
		container_vfs_unpin(parent);
	}
}

static void unlock_parent(struct dentry *created)
{
	struct container *parent = clone.parent;
	struct dentry *dentry = clone.dentry;

	memset(&clone, 0, sizeof(clone));
	container_unlock();
	container_vfs_unlock_dir(parent, created);
	dput(dentry);
	container_vfs_unpin(parent);
}

/* The number of the task, and if that is taken another one behind it. */
static struct dentry *find_name(char *name, int pid)
{
	struct dentry *dentry;
	unsigned int n;

	sprintf(name, "%d", pid);
	for (n = 1; ; n++) {
		dentry = container_vfs_new_name(clone.parent, name);
		if (!IS_ERR(dentry) || PTR_ERR(dentry) != -EEXIST)
			return dentry;
		snprintf(name, CLONE_NAME_SIZE, "%d.%u", pid, n);
	}
}

static int prepare(struct task_struct *task)
{
	char name[CLONE_NAME_SIZE];
	struct container_subsys *ss;
	struct dentry *dentry;
	struct container *cont;
	int err;

	dentry = find_name(name, task->pid);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	clone.dentry = dentry;
	cont = container_prepare(clone.parent, dentry, name, 0755);
	if (IS_ERR(cont)) {
		err = PTR_ERR(cont);
		/* What clone() and unshare() say of other things that nest. */
		return err == -ENAMETOOLONG ? -ENOSPC : err;
	}
	clone.cont = cont;
	for_each_subsys(cont->root, ss)
		if (ss->post_clone)
			ss->post_clone(ss, cont);
	return 0;
}

static int clone_current(void)
{
	int err = container_move_current(clone.cont);

	if (err) {
		container_clone_cancel();
		return err;
	}
	container_clone_finish();
	container_post_attach();
	return 0;
}

static int clone_child(struct task_struct *child)
{
	struct css_group *group;

	group = css_group_find(container_raw_pointer(current->containers),
			       clone.cont);
	if (!group) {
		container_clone_cancel();
		return -ENOMEM;
	}
	clone.group = group;
	clone.charged = container_charged(child);
	rcu_assign_pointer(child->containers, group);
	set_newborn(child);
	return 0;
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
 * container_can_fork(); locks are held from then on until fork has succeeded
 * or failed.
 * Return: 0; -ENOMEM; -ENOSPC when it would lie too deep; what a create() or
 * populate() says; for the current task what a can_attach() says;
 * -ERESTARTNOINTR when a signal is not to wait for the directory.  After a
 * failure nothing has changed.
 */
int container_clone(struct task_struct *task, struct container_subsys *ss)
{
	bool mounted;
	int err;

	mounted = lock_parent(ss, &err);
	if (!mounted)
		return err;
	err = prepare(task);
	if (err) {
		unlock_parent(NULL);
		return err;
	}
	return task == current ? clone_current() : clone_child(task);
}

/**
 * container_clone_charged - the css_group that a newborn has been charged to
 *
 * The newborn itself points to the one that it is to join.
 *
 * Context: fork of the task that container_clone() was called for.
 * Return: the css_group.
 */
struct css_group *container_clone_charged(void)
{
	return clone.charged;
}

/**
 * container_clone_finish - let the container of a newborn be seen
 *
 * Context: with the locks of container_clone(), which it releases; sleeps.
 */
void container_clone_finish(void)
{
	struct css_group *group = clone.group;

	container_publish(clone.cont);
	set_newborn(NULL);
	unlock_parent(clone.dentry);
	if (group)
		css_group_put(group);
}

/**
 * container_clone_cancel - undo container_clone() for a fork that fails
 *
 * Context: with the locks of container_clone(), which it releases; sleeps.
 */
void container_clone_cancel(void)
{
	struct css_group *group = clone.group;

	if (group)
		rcu_assign_pointer(container_newborn->containers,
				   clone.charged);
	set_newborn(NULL);
	container_cancel(clone.cont);
	unlock_parent(NULL);
	if (group)
		css_group_put(group);
}

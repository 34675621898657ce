// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: containers that the kernel makes.
 *
 * container_clone() gives a task a container of its own, below the container
 * of the current task.  The task is either the current one, which moves there,
 * or a child that the current task is forking, which starts there and is never
 * seen anywhere else.
 *
 * Between making the container and the end of the fork no lock of ours is
 * held, because fork takes locks of others, among them those of control
 * groups, and may wait for them.  So the container of a child is visible, and
 * can be used, before the child is visible.  The flag CONT_NEWBORN keeps the
 * container from being removed or announced to a release agent meanwhile.
 * When the fork fails, the container is removed again.
 *
 * The current task can be moved meanwhile.  Then the child would start in the
 * wrong place.  So fork checks this in the critical section in which the child
 * becomes visible.  If the current task has been moved, the fork fails and the
 * system call is restarted, which makes a container where the task is then.
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
 * @node: the child's container_node.prev points to this
 * @cont: the container, with a reference
 * @src: the css_group of the parent when @cont was made, with a reference
 * @dst: the css_group that the child is to join, with a reference
 * @charged: the css_group that the child is charged to, with a reference
 * @was_charged: the result of container_is_charged() before; when it is false,
 *	@charged is init_css_group
 *
 * It belongs to the task that forks; no other task looks at it.
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
 * The mark of a newborn: its container_node.next points here, and its
 * container_node.prev leads to its struct newborn.  This is on no list, so no
 * other node points here.
 */
static struct list_head newborn_mark;

/*
 * Removes the containers of forks that have failed.  The work waits for the
 * lock of a directory, so it has a queue of its own.  Set at boot.
 */
static struct workqueue_struct *discard_queue;

/**
 * container_is_newborn - does a child get a container of its own?
 * @child: the child, which is not linked yet
 *
 * Context: any; the current task is the one that forks @child.
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

/* Undo set_newborn().  The reference to @newborn->charged goes to the child. */
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

/* For the longest name: two numbers and a dot. */
#define CLONE_NAME_SIZE	24

/*
 * The css_group of the current task.  It stays: tasks move under
 * container_mutex.
 */
static struct css_group *own_group(void)
{
	return rcu_dereference_protected(current->containers,
					 lockdep_is_held(&container_mutex));
}

/* The container of the current task; NULL when the subsystem is not mounted. */
static struct container *current_parent(struct container_subsys *ss)
{
	lockdep_assert_held(&container_mutex);
	if (!container_subsys_mounted(ss))
		return NULL;
	return css_group_container(own_group(), ss->root);
}

/*
 * The same, with its directory pinned.  Also NULL when the hierarchy is just
 * being unmounted.
 */
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
 * NULL, with nothing locked, when the subsystem is not mounted; or an
 * ERR_PTR().
 *
 * Before the directory is locked, the container can be removed:
 *
 *	CPU 0				CPU 1
 *	-----				-----
 *	pin_parent() finds A
 *					moves the task of CPU 0 to B
 *					removes A
 *	locks the directory of A
 *	is_parent(A) is false
 *
 * So look again with the lock held.  If the task is still in A, then A has not
 * been removed, and will not be while its directory is locked.  The task can
 * be moved again at any time: enter(), expect() and fork check for that.
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

/* The name is the pid; if that is taken, the pid with a dot and a number. */
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

/* Make the container of a task, and its @dentry, which nobody sees yet. */
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
	/* The error of clone() and unshare() for other things that nest. */
	return PTR_ERR(cont) == -ENAMETOOLONG ? ERR_PTR(-ENOSPC) : cont;
}

static void tell_subsystems(struct container *cont)
{
	struct container_subsys *ss;

	for_each_subsys(cont->root, ss)
		if (ss->post_clone)
			ss->post_clone(ss, cont);
}

/* Move the current task to the container, and make the container visible. */
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

/* Record where the child is to start, and make the container visible. */
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

/*
 * For the current task, @newborn is NULL; otherwise it is used or freed.
 * Unlocks the directory of @parent.
 */
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
	/* Before the superblock, which may have lost its last mount. */
	dput(dentry);
	container_dir_unpin(parent);
	return err;
}

/**
 * container_clone - make a container for a task
 * @task: the current task, which moves there; or a task that it is forking and
 *	that nobody sees yet, which starts there
 * @ss: a subsystem, which selects the hierarchy; when it is not mounted,
 *	nothing is done
 *
 * The container is made below that of the current task.  Its name is the pid
 * of @task; when that name is taken, a dot and a number are added.  It belongs
 * to the user of the current task.  No permission is checked.
 *
 * Context: no locks; sleeps.  For a task that is being forked only from
 * container_can_fork(), and with the locks that its caller may hold.
 * Return: 0; -ENOMEM; -ENOSPC when the container would be too deep; the error
 * of a create() or populate() callback; for the current task the error of a
 * can_attach() callback; -ERESTARTNOINTR when a signal ends the wait for the
 * lock of the directory, or when the current task has been moved meanwhile.
 * After an error nothing has changed.
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
 * __container_confirm_fork - the slow path of container_confirm_fork()
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
 * @child: the newborn, for which container_confirm_fork() has returned 0
 *
 * Afterwards the container is like any other.
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
 * Remove a container that is not needed after all.  Tasks that read the
 * parent's directory can keep it locked for as long as they like, and the fork
 * may have failed because its task is being killed.  So this does not wait for
 * the lock, where the kernel can tell that it would have to, but leaves the
 * removal to a work queue.  release_work has no other use before the last
 * reference is dropped.
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
 * @child: the newborn, which is like any other child afterwards
 *
 * The container is removed, unless another task has found a use for it: has
 * moved a task there, or has made a container below it.  Then it stays.  When
 * the directory of its parent is locked, the container may be removed a little
 * later.
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

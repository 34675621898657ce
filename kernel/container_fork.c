// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: fork, exit, and what subsystems want to know of them.
 *
 * These are the hooks that <linux/container_hooks.h> does not do inline, and
 * the callbacks of subsystems around the life of a task and its moves.
 *
 * A fork is charged before anybody can see the child, when it can still be
 * refused, and the child joins the css_group of its parent in the critical
 * section of tasklist_lock in which it becomes visible.  In between the parent
 * can be moved: then the charge follows.  An exiting task leaves in the
 * critical section in which its parent is notified.
 */

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>

#include "container_host.h"
#include "container_internal.h"

/*
 * The subsystems with callbacks in fork, exit, the commit of a move and after
 * it.  Set at boot.
 */
static struct container_subsys *can_fork_subsys[CONTAINER_SUBSYS_SLOTS];
static struct container_subsys *transfer_subsys[CONTAINER_SUBSYS_SLOTS];
static struct container_subsys *transfer_count_subsys[CONTAINER_SUBSYS_SLOTS];
static struct container_subsys *fork_subsys[CONTAINER_SUBSYS_SLOTS];
static struct container_subsys *exit_subsys[CONTAINER_SUBSYS_SLOTS];
static struct container_subsys *clone_subsys[CONTAINER_SUBSYS_SLOTS];
static struct container_subsys *post_attach_subsys[CONTAINER_SUBSYS_SLOTS];
static int nr_can_fork, nr_transfer, nr_transfer_count, nr_fork, nr_exit;
static int nr_clone, nr_post_attach;

unsigned int container_common_hooks __read_mostly;
unsigned long container_clone_flags __read_mostly;
bool container_tell_forks __read_mostly;

/**
 * css_group_hooks - what the subsystems have to do for tasks with these states
 * @group: the css_group, with its states
 *
 * Context: any.
 * Return: CONTAINER_HOOK_* bits.
 */
unsigned int css_group_hooks(const struct css_group *group)
{
	unsigned int hooks = container_common_hooks;
	struct container_subsys *ss;
	int i;

	for (i = 0; i < nr_can_fork; i++) {
		ss = can_fork_subsys[i];
		if (!(group->subsys[ss->subsys_id]->flags & CSS_TOP))
			hooks |= CONTAINER_HOOK_CAN_FORK;
	}
	for (i = 0; i < nr_exit; i++) {
		ss = exit_subsys[i];
		if (!(group->subsys[ss->subsys_id]->flags & CSS_TOP))
			hooks |= CONTAINER_HOOK_EXIT;
	}
	return hooks;
}

/**
 * container_is_charged - has this child, which is not linked yet, been charged?
 * @child: the child
 *
 * What container_node of a child that is not linked yet says:
 *
 *	an empty list	It is charged.  "containers" is the css_group that it
 *			is charged to, with a reference.
 *	another list	It is not charged, and this is a copy of its parent's
 *			node.  That one was on the list of a css_group, between
 *			tasks that were there when this child had its memory
 *			already.  So it does not point to this child.  Or the
 *			parent was on no list, and it points nowhere.
 *	a mark		It gets a container of its own, and what it is charged
 *			to has been written down elsewhere: see
 *			container_is_newborn().
 *
 * Context: any; the fork is the current task's.
 * Return: true when it has.
 */
bool container_is_charged(const struct task_struct *child)
{
	return list_empty(&child->container_node);
}

/**
 * container_set_charged - note down what a child is charged to
 * @child: the child, which nobody can see yet
 * @group: the css_group, with a reference
 *
 * Context: any; the fork is the current task's.
 */
void container_set_charged(struct task_struct *child, struct css_group *group)
{
	INIT_LIST_HEAD(&child->container_node);
	rcu_assign_pointer(child->containers, group);
}

/* Take back what the first @count subsystems were asked to charge. */
static void uncharge_fork(struct task_struct *child, struct css_group *group,
			  int count)
{
	struct container_subsys *ss;

	while (count--) {
		ss = can_fork_subsys[count];
		if (ss->cancel_fork)
			ss->cancel_fork(ss, group->subsys[ss->subsys_id],
					child);
	}
	css_group_put(group);
}

/*
 * Let the subsystems charge the child to the containers of its parent.  Where
 * none wants to, the child counts as charged to the top containers.  Until it
 * has joined it is in those for everybody who asks.
 */
static int charge_fork(struct task_struct *child)
{
	struct css_group *group = task_css_group_get(current);
	struct container_subsys *ss;
	int err;
	int i;

	rcu_assign_pointer(child->containers, &init_css_group);
	if (!(group->members.hooks & CONTAINER_HOOK_CAN_FORK)) {
		css_group_put(group);
		return 0;
	}
	for (i = 0; i < nr_can_fork; i++) {
		ss = can_fork_subsys[i];
		err = ss->can_fork(ss, group->subsys[ss->subsys_id], child);
		if (err) {
			uncharge_fork(child, group, i);
			return err;
		}
	}
	container_set_charged(child, group);
	return 0;
}

/**
 * css_group_transfer - let what subsystems count by task follow a task
 * @task: the task
 * @from: the css_group that it is counted in
 * @to: the css_group that it joins
 *
 * Context: tasklist_lock held for writing.
 */
void css_group_transfer(struct task_struct *task, struct css_group *from,
			struct css_group *to)
{
	struct container_subsys_state *old, *new;
	struct container_subsys *ss;
	int i;

	for (i = 0; i < nr_transfer; i++) {
		ss = transfer_subsys[i];
		old = from->subsys[ss->subsys_id];
		new = to->subsys[ss->subsys_id];
		if (old != new)
			ss->transfer(ss, new, old, task);
	}
}

/**
 * css_group_transfer_count - let what subsystems count follow some tasks
 * @from: the css_group that they were counted in
 * @to: the css_group that they join
 * @count: how many they are
 *
 * Context: tasklist_lock held for writing; the same critical section in which
 * the tasks move.
 */
void css_group_transfer_count(struct css_group *from, struct css_group *to,
			      int count)
{
	struct container_subsys_state *old, *new;
	struct container_subsys *ss;
	int i;

	container_assert_tasklist_write();
	for (i = 0; i < nr_transfer_count; i++) {
		ss = transfer_count_subsys[i];
		old = from->subsys[ss->subsys_id];
		new = to->subsys[ss->subsys_id];
		if (old != new)
			ss->transfer_count(ss, new, old, count);
	}
}

/* Give the child a container of its own if a subsystem wants that. */
static int clone_for_child(struct task_struct *child,
			   unsigned long clone_flags)
{
	struct container_subsys *ss;
	int err = 0;
	int i;

	/* One for each child, in the hierarchy of the first that wants one. */
	for (i = 0; !err && i < nr_clone && !container_is_newborn(child); i++) {
		ss = clone_subsys[i];
		if ((clone_flags & ss->clone_flags) &&
		    container_subsys_mounted(ss) &&
		    ss->wants_container(ss, child, clone_flags))
			err = container_clone(child, ss);
	}
	return err;
}

/**
 * __container_can_fork - ask the subsystems, see container_can_fork()
 * @child: the new task, which nobody can see yet
 * @clone_flags: the flags of clone()
 *
 * A child without a pid is an idle task.  These are in no container, as
 * container_fork_idle() says.
 *
 * Context: as container_can_fork().
 * Return: as container_can_fork().
 */
int __container_can_fork(struct task_struct *child, unsigned long clone_flags)
{
	int err;

	if (!child->pid)
		return 0;
	err = charge_fork(child);
	if (err || !(clone_flags & container_clone_flags))
		return err;
	err = clone_for_child(child, clone_flags);
	if (err)
		container_cancel_fork(child);
	return err;
}

/**
 * container_cancel_fork - undo container_can_fork()
 * @child: the new task, which nobody will see
 *
 * Context: no locks; may sleep.
 */
void container_cancel_fork(struct task_struct *child)
{
	struct css_group *group;

	if (container_is_newborn(child))
		container_clone_cancel(child);
	group = container_raw_pointer(child->containers);
	rcu_assign_pointer(child->containers, &init_css_group);
	if (container_is_charged(child))
		uncharge_fork(child, group, nr_can_fork);
}

/**
 * __container_fork - a child joins that needs more, see container_fork()
 * @child: the new task
 *
 * It may have been charged before anybody could see it.  Its css_group is the
 * one its parent is in now, which may have moved since; a newborn joins the
 * container that container_clone() has made for it.  A child that is counted
 * nowhere else than by the walk of a list needs no transfer().
 *
 * Context: tasklist_lock held for writing.
 */
void __container_fork(struct task_struct *child)
{
	struct css_group *group = container_raw_pointer(current->containers);
	struct css_group *charged = &init_css_group;
	bool counted = group->members.hooks & CONTAINER_HOOK_CAN_FORK;

	if (container_is_newborn(child)) {
		container_clone_join(child);
		return;
	}
	if (container_is_charged(child)) {
		charged = container_raw_pointer(child->containers);
		counted = true;
	}
	if (counted && charged != group) {
		css_group_transfer(child, charged, group);
		css_group_transfer_count(charged, group, 1);
	}
	css_group_join(group, child);
	css_group_put(charged);
}

/**
 * __container_post_fork - tell the subsystems, see container_post_fork()
 * @child: the new task, which is visible but has not run yet
 *
 * Context: no locks; may sleep.
 */
void __container_post_fork(struct task_struct *child)
{
	struct container_subsys *ss;
	int i;

	if (!child->pid)
		return;
	for (i = 0; i < nr_fork; i++) {
		ss = fork_subsys[i];
		ss->fork(ss, child);
	}
}

/**
 * container_post_attach - let the subsystems complete a move
 *
 * Context: no locks; may sleep.
 */
void container_post_attach(void)
{
	struct container_subsys *ss;
	int i;

	for (i = 0; i < nr_post_attach; i++) {
		ss = post_attach_subsys[i];
		ss->post_attach(ss);
	}
}

/**
 * __container_exit - subsystems want to know of it, see container_exit()
 * @task: the task, which nobody has reaped yet
 *
 * Context: tasklist_lock held for writing.
 */
void __container_exit(struct task_struct *task)
{
	struct css_group *group = container_raw_pointer(task->containers);
	struct container_subsys *ss;
	int i;

	rcu_assign_pointer(task->containers, &init_css_group);
	for (i = 0; i < nr_exit; i++) {
		ss = exit_subsys[i];
		ss->exit(ss, group->subsys[ss->subsys_id], task);
	}
	/* Last: an empty container can be removed at once. */
	css_group_leave(group, task);
}

#ifdef CONFIG_LOCKDEP
/**
 * container_assert_fork - what container_fork() relies on is so
 */
void container_assert_fork(void)
{
	container_assert_tasklist_write();
}

/**
 * container_assert_exit - what container_exit() relies on is so
 * @task: the task that exits
 *
 * Who has acted for another container has to have stopped before.
 */
void container_assert_exit(struct task_struct *task)
{
	container_assert_tasklist_write();
	WARN_ON_ONCE(container_end_acting(task));
}
#endif

/*
 * Boot.
 */

/**
 * container_enable_callbacks - from now on call a subsystem's callbacks
 * @ss: the subsystem, which can be mounted
 *
 * Those in fork, exit, the commit of a move and after it are meant.
 *
 * Context: boot, only the initial task.
 */
void __init container_enable_callbacks(struct container_subsys *ss)
{
	unsigned int hooks = 0;

	if (ss->can_fork) {
		can_fork_subsys[nr_can_fork++] = ss;
		hooks |= CONTAINER_HOOK_CAN_FORK;
	}
	if (ss->transfer)
		transfer_subsys[nr_transfer++] = ss;
	if (ss->transfer_count)
		transfer_count_subsys[nr_transfer_count++] = ss;
	if (ss->exit) {
		exit_subsys[nr_exit++] = ss;
		hooks |= CONTAINER_HOOK_EXIT;
	}
	if (ss->skips_top)
		hooks = 0;
	if (ss->fork) {
		fork_subsys[nr_fork++] = ss;
		container_tell_forks = true;
	}
	if (ss->wants_container) {
		clone_subsys[nr_clone++] = ss;
		container_clone_flags |= ss->clone_flags;
	}
	if (ss->post_attach)
		post_attach_subsys[nr_post_attach++] = ss;
	container_common_hooks |= hooks;
	init_css_group.members.hooks |= hooks;
}

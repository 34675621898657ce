// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: fork, exit, and what subsystems want to know of them.
 *
 * This file has the part of the hooks that <linux/container_hooks.h> does not
 * do inline, and it calls the subsystems' callbacks around the life of a task
 * and around moves.
 *
 * A fork is charged before anybody can see the child, while it can still be
 * refused.  The child joins the css_group of its parent in the critical
 * section of tasklist_lock in which it becomes visible.  If the parent has
 * been moved between these two points, the charge is transferred to the new
 * css_group.  An exiting task leaves its containers in the critical section in
 * which its parent is notified.
 */

#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "container_host.h"
#include "container_internal.h"

/* The callbacks in fork, in exit, in the commit of a move and after a move. */
enum callback {
	CAN_FORK,		/* and cancel_fork */
	WANTS_CONTAINER,
	TRANSFER,
	TRANSFER_COUNT,
	FORK,
	EXIT,
	POST_ATTACH,
	SWITCHED,		/* not a callback: the subsystem has a switch */
	NR_CALLBACKS
};

/**
 * struct callback_table - the subsystems that have a certain callback
 * @subsys: the subsystems, ascending by id
 * @nr: length of @subsys
 *
 * Set at boot, and never changed by a mount or a umount.
 */
static struct callback_table {
	struct container_subsys *subsys[CONTAINER_SUBSYS_SLOTS];
	int nr;
} callbacks[NR_CALLBACKS] __read_mostly;

/* Each subsystem _ss that has the callback; _i is its index in the table. */
#define for_each_callback(_which, _i, _ss)				\
	for (_i = 0; _i < callbacks[_which].nr &&			\
		     (_ss = callbacks[_which].subsys[_i]); _i++)

unsigned long container_clone_flags __read_mostly;
DEFINE_CONTAINER_SWITCH(container_asks_clones);
DEFINE_CONTAINER_SWITCH(container_tell_forks);

/*
 * The state of a subsystem that tasks of this css_group are charged to.  NULL
 * when it is the state of a top container, because no task is charged to a top
 * container.  Two things follow from that:
 *
 *  - A subsystem that is not mounted costs nothing, since all tasks are in
 *    its top container.
 *  - A mount or a umount changes nothing for forks in progress, since all
 *    tasks are in the subsystem's top container at that moment, too.  When a
 *    fork fails, its css_group alone says what has to be uncharged, whatever
 *    has been mounted or unmounted in the meantime.
 */
static struct container_subsys_state *
charged_state(const struct css_group *group, const struct container_subsys *ss)
{
	struct container_subsys_state *css = group->subsys[ss->subsys_id];

	return css->flags & CSS_TOP ? NULL : css;
}

/**
 * css_group_hooks - which hooks do the tasks of a css_group need?
 * @group: the css_group, whose states are set
 *
 * Context: any.
 * Return: CONTAINER_HOOK_* bits.
 */
unsigned int css_group_hooks(const struct css_group *group)
{
	struct container_subsys *ss;
	unsigned int hooks = 0;
	int i;

	for_each_callback(CAN_FORK, i, ss)
		if (charged_state(group, ss))
			hooks |= CONTAINER_HOOK_CAN_FORK;
	for_each_callback(EXIT, i, ss)
		if (charged_state(group, ss))
			hooks |= CONTAINER_HOOK_EXIT;
	return hooks;
}

/**
 * container_is_charged - has a child that is not linked yet been charged?
 * @child: the child
 *
 * Until the child joins a css_group, container_node is free, and tells how far
 * the fork has got:
 *
 *	container_node	charged	child->containers
 *	--------------	-------	-----------------------------------------
 *	empty list	yes	the css_group that the child is charged
 *				to, with a reference
 *	copy of the	no	no reference: init_css_group, or a copy
 *	parent's node		of the parent's pointer
 *	newborn_mark	maybe	the css_group that the child is to join; its
 *				struct newborn has what it is charged to,
 *				see container_is_newborn()
 *
 * The copy of the parent's node cannot look like an empty list, which would
 * have to point to the child itself.  It is made by dup_task_struct(), after
 * the memory of the child has been allocated.  If the parent was on the list
 * of a css_group then, its node pointed to another task or to the head of the
 * list, and neither can be in that memory.  If the parent was on no list, the
 * pointer is NULL.  (A move on another CPU can leave the poison of list_del()
 * there for a moment.)
 *
 * Context: any; the current task is the one that forks @child.
 * Return: true when @child has been charged, and is not a newborn.
 */
bool container_is_charged(const struct task_struct *child)
{
	return list_empty(&child->container_node);
}

/**
 * container_set_charged - record what a child is charged to
 * @child: the child, which nobody can see yet
 * @group: the css_group; its reference passes to the child
 *
 * Context: any; the current task is the one that forks @child.
 */
void container_set_charged(struct task_struct *child, struct css_group *group)
{
	INIT_LIST_HEAD(&child->container_node);
	rcu_assign_pointer(child->containers, group);
}

/* Undo can_fork() of the first @count subsystems that have it. */
static void uncharge_fork(struct task_struct *child, struct css_group *group,
			  int count)
{
	struct container_subsys_state *css;
	struct container_subsys *ss;

	while (count--) {
		ss = callbacks[CAN_FORK].subsys[count];
		css = charged_state(group, ss);
		if (css && ss->cancel_fork)
			ss->cancel_fork(ss, css, child);
	}
	css_group_put(group);
}

/*
 * Let the subsystems charge the child to the containers of its parent.  If
 * none of them has anything to charge, the child counts as charged to the top
 * containers.  While can_fork() is called, task_subsys_state() returns the
 * state of the top container for the child.
 */
static int charge_fork(struct task_struct *child)
{
	struct css_group *group = task_css_group_get(current);
	struct container_subsys_state *css;
	struct container_subsys *ss;
	int err;
	int i;

	rcu_assign_pointer(child->containers, &init_css_group);
	if (!(group->hooks & CONTAINER_HOOK_CAN_FORK)) {
		css_group_put(group);
		return 0;
	}
	for_each_callback(CAN_FORK, i, ss) {
		css = charged_state(group, ss);
		err = css ? ss->can_fork(ss, css, child) : 0;
		if (err) {
			uncharge_fork(child, group, i);
			return err;
		}
	}
	container_set_charged(child, group);
	return 0;
}

/**
 * css_group_transfer - call transfer() for a task
 * @task: the task
 * @from: the css_group in which the task was counted
 * @to: the css_group that the task joins
 *
 * Context: tasklist_lock held for writing.
 */
void css_group_transfer(struct task_struct *task, struct css_group *from,
			struct css_group *to)
{
	struct container_subsys_state *old, *new;
	struct container_subsys *ss;
	int i;

	lockdep_assert_held_write(&tasklist_lock);
	for_each_callback(TRANSFER, i, ss) {
		old = from->subsys[ss->subsys_id];
		new = to->subsys[ss->subsys_id];
		if (old != new)
			ss->transfer(ss, new, old, task);
	}
}

/**
 * css_group_transfer_count - call transfer_count() for some tasks
 * @from: the css_group in which the tasks were counted
 * @to: the css_group that the tasks join
 * @count: the number of tasks
 *
 * Context: tasklist_lock held for writing, in the critical section in which
 * the tasks move.
 */
void css_group_transfer_count(struct css_group *from, struct css_group *to,
			      int count)
{
	struct container_subsys_state *old, *new;
	struct container_subsys *ss;
	int i;

	lockdep_assert_held_write(&tasklist_lock);
	for_each_callback(TRANSFER_COUNT, i, ss) {
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
	int err;
	int i;

	for_each_callback(WANTS_CONTAINER, i, ss) {
		if (!(clone_flags & ss->clone_flags) ||
		    !container_subsys_mounted(ss) ||
		    !ss->wants_container(ss, child, clone_flags))
			continue;
		err = container_clone(child, ss);
		/* One for each child: the first subsystem wins. */
		if (err || container_is_newborn(child))
			return err;
	}
	return 0;
}

/**
 * __container_can_fork - call the subsystems, see container_can_fork()
 * @child: the new task, which nobody can see yet
 * @clone_flags: the flags of clone()
 *
 * A child without a pid is an idle task, and is in no container: see
 * container_fork_idle().
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
 * @child: the new task, which will never be visible
 *
 * Context: no locks; may sleep.
 */
void container_cancel_fork(struct task_struct *child)
{
	struct css_group *group;

	if (container_is_newborn(child))
		container_clone_cancel(child);
	group = rcu_dereference_protected(child->containers, true);
	rcu_assign_pointer(child->containers, &init_css_group);
	if (container_is_charged(child))
		uncharge_fork(child, group, callbacks[CAN_FORK].nr);
}

/**
 * __container_fork - the slow path of container_fork()
 * @child: the new task
 *
 * The child joins the css_group in which its parent is now.  If the parent has
 * been moved since container_can_fork(), the charge is transferred from where
 * it is: the css_group that the child was charged to, or the top containers.
 * No transfer is needed when the child has not been charged and the css_group
 * has no can_fork().  A newborn joins the container that container_clone() has
 * made for it.
 *
 * Context: tasklist_lock held for writing.
 */
void __container_fork(struct task_struct *child)
{
	struct css_group *group = container_locked_group(current);
	struct css_group *charged = &init_css_group;
	bool counted = group->hooks & CONTAINER_HOOK_CAN_FORK;

	lockdep_assert_held_write(&tasklist_lock);
	if (container_is_newborn(child)) {
		container_clone_join(child);
		return;
	}
	if (container_is_charged(child)) {
		charged = container_locked_group(child);
		if (likely(charged == group)) {
			container_link(group, child);
			/* Not the last one: the tasks have one together. */
			atomic_dec(&group->refcount);
			return;
		}
		counted = true;
	}
	if (counted) {
		css_group_transfer(child, charged, group);
		css_group_transfer_count(charged, group, 1);
	}
	css_group_join(group, child);
	css_group_put(charged);
}

/**
 * __container_post_fork - call fork() of the subsystems
 * @child: the new task, which is visible but has not run yet
 *
 * See container_post_fork().
 *
 * Context: no locks; may sleep.
 */
void __container_post_fork(struct task_struct *child)
{
	struct container_subsys *ss;
	int i;

	if (!child->pid)
		return;
	for_each_callback(FORK, i, ss)
		if (container_subsys_mounted(ss) || ss->fork_after_umount)
			ss->fork(ss, child);
}

/**
 * container_post_attach - call post_attach() of the subsystems
 *
 * Each subsystem that has one is called, whatever hierarchy the move was in.
 *
 * Context: no locks; may sleep.
 */
void container_post_attach(void)
{
	struct container_subsys *ss;
	int i;

	for_each_callback(POST_ATTACH, i, ss)
		ss->post_attach(ss);
}

/**
 * __container_exit - the slow path of container_exit()
 * @task: the task, which has not been reaped yet
 *
 * Some subsystem of the task's containers has an exit().
 *
 * Context: tasklist_lock held for writing.
 */
void __container_exit(struct task_struct *task)
{
	struct css_group *group = container_locked_group(task);
	struct container_subsys_state *css;
	struct container_subsys *ss;
	int i;

	lockdep_assert_held_write(&tasklist_lock);
	rcu_assign_pointer(task->containers, &init_css_group);
	for_each_callback(EXIT, i, ss) {
		css = charged_state(group, ss);
		if (css)
			ss->exit(ss, css, task);
	}
	/* Last: once it is empty, the container can be removed. */
	container_leave(group, task);
}

#ifdef CONFIG_LOCKDEP
/**
 * container_assert_fork - check what container_fork() relies on
 *
 * Context: as container_fork().
 */
void container_assert_fork(void)
{
	lockdep_assert_held_write(&tasklist_lock);
}

/**
 * container_assert_exit - check what container_exit() relies on
 * @task: the task that exits
 *
 * A task that acted for another container must have ended that before it
 * exits.
 *
 * Context: as container_exit().
 */
void container_assert_exit(struct task_struct *task)
{
	lockdep_assert_held_write(&tasklist_lock);
	WARN_ON_ONCE(container_end_acting(task));
}
#endif

/*
 * Which callbacks there are, and which are needed at the moment.
 */

/*
 * The subsystems with fork_after_umount that have been mounted at least once.
 * For each of them, container_tell_forks stays on for ever.
 */
static DECLARE_BITMAP(kept_on, CONTAINER_SUBSYS_SLOTS);

/**
 * container_switch_callbacks_on - these subsystems are about to be mounted
 * @subsys_bits: the subsystems, by id
 *
 * The caller calls container_switch_callbacks_off(), once for each subsystem,
 * when the mount has failed or the subsystem is not mounted any more.
 *
 * The switches are on before the subsystems are mounted, and also when the
 * mount fails in the end.  So what is behind a switch checks for itself
 * whether the subsystem is mounted.
 *
 * Context: s_umount of the hierarchy.
 */
void container_switch_callbacks_on(u64 subsys_bits)
{
	struct container_subsys *ss;
	int i;

	for_each_callback(WANTS_CONTAINER, i, ss)
		if (subsys_bits & subsys_bit(ss))
			container_switch_on(&container_asks_clones);
	for_each_callback(FORK, i, ss) {
		if (!(subsys_bits & subsys_bit(ss)))
			continue;
		container_switch_on(&container_tell_forks);
		if (ss->fork_after_umount &&
		    !test_and_set_bit(ss->subsys_id, kept_on))
			container_switch_on(&container_tell_forks);
	}
	for_each_callback(SWITCHED, i, ss)
		if (subsys_bits & subsys_bit(ss))
			container_switch_on(ss->when_mounted);
}

/**
 * container_switch_callbacks_off - undo container_switch_callbacks_on()
 * @subsys_bits: the subsystems, by id
 *
 * Context: as container_switch_callbacks_on().
 */
void container_switch_callbacks_off(u64 subsys_bits)
{
	struct container_subsys *ss;
	int i;

	for_each_callback(SWITCHED, i, ss)
		if (subsys_bits & subsys_bit(ss))
			container_switch_off(ss->when_mounted);
	for_each_callback(FORK, i, ss)
		if (subsys_bits & subsys_bit(ss))
			container_switch_off(&container_tell_forks);
	for_each_callback(WANTS_CONTAINER, i, ss)
		if (subsys_bits & subsys_bit(ss))
			container_switch_off(&container_asks_clones);
}

static void __init add_callback(enum callback which, bool has,
				struct container_subsys *ss)
{
	struct callback_table *table = &callbacks[which];

	if (has)
		table->subsys[table->nr++] = ss;
}

/**
 * container_enable_callbacks - put a subsystem into the callback tables
 * @ss: the subsystem, which is not disabled
 *
 * This is about the callbacks in fork, in exit, in the commit of a move and
 * after a move.
 *
 * Context: boot; there is only the initial task.
 */
void __init container_enable_callbacks(struct container_subsys *ss)
{
	add_callback(CAN_FORK, ss->can_fork, ss);
	add_callback(WANTS_CONTAINER, ss->wants_container, ss);
	add_callback(TRANSFER, ss->transfer, ss);
	add_callback(TRANSFER_COUNT, ss->transfer_count, ss);
	add_callback(FORK, ss->fork, ss);
	add_callback(EXIT, ss->exit, ss);
	add_callback(POST_ATTACH, ss->post_attach, ss);
	add_callback(SWITCHED, ss->when_mounted, ss);
	container_clone_flags |= ss->clone_flags;
}

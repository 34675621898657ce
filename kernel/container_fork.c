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

#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "container_host.h"
#include "container_internal.h"

/* The callbacks in fork, exit, the commit of a move and after it. */
enum callback {
	CAN_FORK,		/* and cancel_fork */
	WANTS_CONTAINER,
	TRANSFER,
	TRANSFER_COUNT,
	FORK,
	EXIT,
	POST_ATTACH,
	SWITCHED,		/* not a callback: has a switch of its own */
	NR_CALLBACKS
};

/**
 * struct callback_table - the subsystems that have a certain callback
 * @subsys: the subsystems, ascending by id
 * @nr: how many they are
 *
 * Set at boot: which of them are mounted is a matter of the moment.
 */
static struct callback_table {
	struct container_subsys *subsys[CONTAINER_SUBSYS_SLOTS];
	int nr;
} callbacks[NR_CALLBACKS] __read_mostly;

/* Each subsystem _ss with a callback; _i is its place in the table. */
#define for_each_callback(_which, _i, _ss)				\
	for (_i = 0; _i < callbacks[_which].nr &&			\
		     (_ss = callbacks[_which].subsys[_i]); _i++)

unsigned long container_clone_flags __read_mostly;
DEFINE_CONTAINER_SWITCH(container_asks_clones);
DEFINE_CONTAINER_SWITCH(container_tell_forks);

/*
 * The state of a subsystem for a css_group; NULL where that is the one of a top
 * container.  No task is charged to a top container.  So there is nothing to be
 * done for a subsystem that is not mounted, since all tasks are in its top
 * container; and a mount or a umount, at which they all are there, too, changes
 * nothing for forks that are in progress: what has been charged for a fork,
 * and has to be taken back, can be told from the css_group that it was charged
 * to, whatever has been mounted since.
 */
static struct container_subsys_state *
charged_state(const struct css_group *group, const struct container_subsys *ss)
{
	struct container_subsys_state *css = group->subsys[ss->subsys_id];

	return css->flags & CSS_TOP ? NULL : css;
}

/**
 * css_group_hooks - what the subsystems have to do for tasks with these states
 * @group: the css_group, with its states
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
 * Let the subsystems charge the child to the containers of its parent.  Where
 * none wants to, the child counts as charged to the top containers.  Until it
 * has joined it is in those for everybody who asks.
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

	lockdep_assert_held_write(&tasklist_lock);
	for_each_callback(TRANSFER, i, ss) {
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
		/* One for each child, where the first that wants one is. */
		if (err || container_is_newborn(child))
			return err;
	}
	return 0;
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
	group = rcu_dereference_protected(child->containers, true);
	rcu_assign_pointer(child->containers, &init_css_group);
	if (container_is_charged(child))
		uncharge_fork(child, group, callbacks[CAN_FORK].nr);
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
	for_each_callback(FORK, i, ss)
		if (container_subsys_mounted(ss) || ss->fork_after_umount)
			ss->fork(ss, child);
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

	for_each_callback(POST_ATTACH, i, ss)
		ss->post_attach(ss);
}

/**
 * __container_exit - subsystems want to know of it, see container_exit()
 * @task: the task, which nobody has reaped yet
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
	/* Last: an empty container can be removed at once. */
	container_leave(group, task);
}

#ifdef CONFIG_LOCKDEP
/**
 * container_assert_fork - what container_fork() relies on is so
 */
void container_assert_fork(void)
{
	lockdep_assert_held_write(&tasklist_lock);
}

/**
 * container_assert_exit - what container_exit() relies on is so
 * @task: the task that exits
 *
 * Who has acted for another container has to have stopped before.
 */
void container_assert_exit(struct task_struct *task)
{
	lockdep_assert_held_write(&tasklist_lock);
	WARN_ON_ONCE(container_end_acting(task));
}
#endif

/*
 * Which callbacks there are, and which are needed.
 */

/* Once mounted, these have switched container_tell_forks on for good. */
static DECLARE_BITMAP(kept_on, CONTAINER_SUBSYS_SLOTS);

/**
 * container_switch_callbacks_on - these subsystems are about to be mounted
 * @subsys_bits: the subsystems, by id
 *
 * Whoever has switched them on calls container_switch_callbacks_off(), once for
 * each, when the mount has failed or they are not mounted any more.  What is
 * called too early, or for a mount that fails, sees that by itself.
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
 * container_enable_callbacks - call a subsystem's callbacks when it is mounted
 * @ss: the subsystem, which can be mounted
 *
 * Those in fork, exit, the commit of a move and after it are meant.
 *
 * Context: boot, only the initial task.
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

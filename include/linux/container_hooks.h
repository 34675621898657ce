/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_HOOKS_H
#define _LINUX_CONTAINER_HOOKS_H
/*
 * Process containers: what the rest of the kernel calls.
 */

#include <linux/container_group.h>
#include <linux/container_switch.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

struct file_operations;
struct pid;
struct pid_namespace;
struct seq_file;

#ifdef CONFIG_CONTAINERS

/*
 * The flags of clone() for which a child may get a container of its own.  Set
 * at boot.
 */
extern unsigned long container_clone_flags;

/*
 * Is a subsystem mounted that may want that?  A fork tests this twice, in
 * container_can_fork() and in container_confirm_fork().  When the first hook
 * has made a container for the child, the second test is true as well: a
 * hierarchy with children keeps its subsystems, among them the one that wanted
 * the container.
 */
extern struct container_switch container_asks_clones;

/* Is a subsystem mounted that has a fork() callback? */
extern struct container_switch container_tell_forks;

static inline bool container_may_clone(unsigned long clone_flags)
{
	return container_is_on(&container_asks_clones) &&
	       (clone_flags & container_clone_flags);
}

/* Boot. */
int container_init_early(void);
int container_init(void);
void container_init_smp(void);

/* Fork and exit: the slow paths. */
int __container_can_fork(struct task_struct *child, unsigned long clone_flags);
int __container_confirm_fork(struct task_struct *child);
void __container_fork(struct task_struct *child);
void __container_post_fork(struct task_struct *child);
void __container_exit(struct task_struct *task);
void css_group_depopulate(struct css_group *group);

#ifdef CONFIG_LOCKDEP
void container_assert_fork(void);
void container_assert_exit(struct task_struct *task);
#else
static inline void container_assert_fork(void) {}
static inline void container_assert_exit(struct task_struct *task) {}
#endif

#ifdef CONFIG_CONTAINER_OWNER
/*
 * Make a task act for its own container.  Returns whether it acted for
 * another.
 */
static inline bool container_end_acting(struct task_struct *task)
{
	bool acted = task->effective_owner;

	task->effective_owner = 0;
	return acted;
}
#else
static inline bool container_end_acting(struct task_struct *task)
{
	return false;
}
#endif

/*
 * Another task may move the current one at any time, so RCU keeps the
 * css_group.
 */
static inline unsigned int container_current_hooks(void)
{
	unsigned int hooks;

	rcu_read_lock();
	hooks = rcu_dereference(current->containers)->hooks;
	rcu_read_unlock();
	return hooks;
}

/*
 * Has the task joined any container?  If not, it is in the top of each
 * hierarchy.
 */
static inline bool container_has_joined(const struct task_struct *task)
{
	return rcu_access_pointer(task->containers) != &init_css_group;
}

/**
 * container_can_fork - the first hook in fork
 * @child: the new task, which nobody can see yet
 * @clone_flags: the flags of clone()
 *
 * If no subsystem has to be called, this leaves in @child the copies of its
 * parent's pointer and list node.  They have no meaning and no reference until
 * container_fork(): see container_is_charged().
 *
 * Context: no locks, except for the one that keeps the scheduler from being
 * extended during forks, on kernels that have it; may sleep.  After success,
 * container_fork() or container_cancel_fork() must follow.
 * Return: 0, -ENOMEM, the error of a can_fork() callback, or an error of
 * container_clone().
 */
static inline int container_can_fork(struct task_struct *child,
				     unsigned long clone_flags)
{
	container_end_acting(child);
	if ((container_current_hooks() & CONTAINER_HOOK_CAN_FORK) ||
	    container_may_clone(clone_flags))
		return __container_can_fork(child, clone_flags);
	return 0;
}

void container_cancel_fork(struct task_struct *child);

/* The css_group of a task.  It stays until tasklist_lock is released. */
static inline struct css_group *container_locked_group(struct task_struct *task)
{
	return rcu_dereference_protected(task->containers,
					 lockdep_is_held(&tasklist_lock));
}

/* Add a child to its parent's css_group, which has tasks: the parent is one. */
static inline void container_link(struct css_group *group,
				  struct task_struct *child)
{
	group->nr_tasks++;
	list_add_tail(&child->container_node, &group->tasks);
}

/**
 * container_confirm_fork - is what container_can_fork() has prepared still right?
 * @child: the new task
 * @clone_flags: the flags of clone()
 *
 * When the child gets a container of its own, no lock is held from making it
 * until here.  If the parent has been moved since, the container is in the
 * wrong place.
 *
 * Context: tasklist_lock held for writing, siglock of the current task.
 * Return: 0; -ERESTARTNOINTR, which fork must return: the system call is
 * restarted.
 */
static inline int container_confirm_fork(struct task_struct *child,
					 unsigned long clone_flags)
{
	lockdep_assert_held_write(&tasklist_lock);
	if (container_may_clone(clone_flags))
		return __container_confirm_fork(child);
	return 0;
}

/**
 * container_fork - the child becomes visible: it joins its parent's containers
 * @child: the new task, not an idle task
 *
 * Called after the last point where fork can fail, and before the child is
 * hashed.  So a lockless lookup that finds the child by its pid finds it in
 * its containers.
 *
 * Context: tasklist_lock held for writing.
 */
static inline void container_fork(struct task_struct *child)
{
	struct css_group *group = container_locked_group(current);

	container_assert_fork();
	/* Else the parent has moved, or container_can_fork() has set it. */
	if (likely(rcu_access_pointer(child->containers) == group)) {
		if (likely(!(group->hooks & (CONTAINER_HOOK_CAN_FORK |
					     CONTAINER_NOT_LISTED)))) {
			container_link(group, child);
			return;
		}
		if (group == &init_css_group) {
			/* On no list: see container_is_charged(). */
			child->container_node.next = NULL;
			return;
		}
	}
	__container_fork(child);
}

/**
 * container_post_fork - the last hook in fork
 * @child: the new task, which is visible but has not run yet
 *
 * Context: no locks; may sleep.
 */
static inline void container_post_fork(struct task_struct *child)
{
	if (container_is_on(&container_tell_forks))
		__container_post_fork(child);
}

/**
 * container_fork_idle - an idle task is in no container, whatever forks it
 * @idle: the task, which has not run yet
 *
 * Context: any.
 */
static inline void container_fork_idle(struct task_struct *idle)
{
	rcu_assign_pointer(idle->containers, &init_css_group);
}

/*
 * Nobody looks at the node any more, so it is poisoned only if lists are
 * checked.
 */
static inline void container_unlink(struct task_struct *task)
{
#if defined(CONFIG_DEBUG_LIST) || defined(CONFIG_LIST_HARDENED)
	list_del(&task->container_node);
#else
	__list_del(task->container_node.prev, task->container_node.next);
#endif
}

/* A task leaves a css_group that has it on its list. */
static inline void container_leave(struct css_group *group,
				   struct task_struct *task)
{
	container_unlink(task);
	if (!--group->nr_tasks)
		css_group_depopulate(group);
}

/**
 * container_exit - an exiting task leaves its containers
 * @task: the task, which has not been reaped yet
 *
 * From here on the task is on no list, and counts as being in the top
 * container of each hierarchy.  A walk over a top container skips it because
 * of its exit_state, which is set before tasklist_lock is released.
 *
 * Context: tasklist_lock held for writing.
 */
static inline void container_exit(struct task_struct *task)
{
	struct css_group *group = container_locked_group(task);

	container_assert_exit(task);
	if (group->hooks & (CONTAINER_HOOK_EXIT | CONTAINER_NOT_LISTED)) {
		if (group != &init_css_group)
			__container_exit(task);
		return;
	}
	rcu_assign_pointer(task->containers, &init_css_group);
	/* Last: once it is empty, the container can be removed. */
	container_leave(group, task);
}

#ifdef CONFIG_CONTAINER_NS
int container_unshare(void);
#else
static inline int container_unshare(void) { return 0; }
#endif

/* For /proc.  Kernels without seq_file entries there use the operations. */
extern const struct file_operations proc_container_operations;
void container_show_task(struct task_struct *task, struct seq_file *m);
void container_show_subsystems(struct seq_file *m);
int proc_container_show(struct seq_file *m, struct pid_namespace *ns,
			struct pid *pid, struct task_struct *task);
int proc_containers_show(struct seq_file *m, void *v);

#else /* !CONFIG_CONTAINERS */

static inline int container_init_early(void) { return 0; }
static inline int container_init(void) { return 0; }
static inline void container_init_smp(void) {}

static inline int container_can_fork(struct task_struct *child,
				     unsigned long clone_flags)
{
	return 0;
}

static inline void container_cancel_fork(struct task_struct *child) {}
static inline int container_confirm_fork(struct task_struct *child,
					 unsigned long clone_flags)
{
	return 0;
}

static inline void container_fork(struct task_struct *child) {}
static inline void container_post_fork(struct task_struct *child) {}
static inline void container_fork_idle(struct task_struct *idle) {}
static inline void container_exit(struct task_struct *task) {}
static inline int container_unshare(void) { return 0; }

#endif /* !CONFIG_CONTAINERS */

#endif /* _LINUX_CONTAINER_HOOKS_H */

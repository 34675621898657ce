/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_HOOKS_H
#define _LINUX_CONTAINER_HOOKS_H
/*
 * Process containers: what the rest of the kernel calls.
 */

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

struct css_group;
struct file_operations;
struct pid;
struct pid_namespace;
struct seq_file;

#ifdef CONFIG_CONTAINERS

extern struct css_group init_css_group;

/*
 * What is to be called for the tasks of a css_group.  What init_css_group has
 * all others have, too.
 */
#define CONTAINER_HOOK_CAN_FORK		1	/* a subsystem may refuse */
#define CONTAINER_HOOK_POST_FORK	2
#define CONTAINER_HOOK_EXIT		4

/**
 * struct css_group_members - what fork and exit need of a css_group
 * @hooks: CONTAINER_HOOK_* bits (I)
 * @nr_tasks: length of @tasks; protected by tasklist_lock
 * @tasks: the tasks, linked by task_struct::container_node; unused in
 *	init_css_group; protected by tasklist_lock
 *
 * A css_group starts with it.  (I) means: does not change.
 */
struct css_group_members {
	unsigned int hooks;
	int nr_tasks;
	struct list_head tasks;
};

/*
 * The flags of clone() with which a child may get a container of its own.  Set
 * at boot.
 */
extern unsigned long container_clone_flags;

/* Boot. */
int container_init_early(void);
int container_init(void);
void container_init_smp(void);

/* Fork and exit: what there is to do. */
int __container_can_fork(struct task_struct *child, unsigned long clone_flags);
void __container_cancel_fork(struct task_struct *child);
void __container_fork(struct task_struct *child);
void __container_post_fork(struct task_struct *child);
void __container_exit(struct task_struct *task);
void css_group_depopulate(struct css_group *group);

#ifdef CONFIG_LOCKDEP
void container_assert_fork_locks(void);
#else
static inline void container_assert_fork_locks(void) {}
#endif

/* Its first member. */
static inline struct css_group_members *
css_group_members(struct css_group *group)
{
	return (struct css_group_members *)group;
}

/* A css_group lives as long as there is a task in it, and a grace period. */
static inline unsigned int container_current_hooks(void)
{
	unsigned int hooks;

	rcu_read_lock();
	hooks = css_group_members(rcu_dereference(current->containers))->hooks;
	rcu_read_unlock();
	return hooks;
}

/* Has the task joined a container?  If not it is in the top of each hierarchy. */
static inline bool container_has_joined(const struct task_struct *task)
{
	return rcu_access_pointer(task->containers) != &init_css_group;
}

/**
 * container_can_fork - first hook in fork
 * @child: the new task, which nobody can see yet
 * @clone_flags: the flags of clone()
 *
 * Context: no locks; may sleep.  After success, container_fork() or
 * container_cancel_fork() must follow, and locks may be held until then.
 * Return: 0, -ENOMEM, or what a subsystem answers.
 */
static inline int container_can_fork(struct task_struct *child,
				     unsigned long clone_flags)
{
	/* What it has is a copy of its parent's. */
	rcu_assign_pointer(child->containers, &init_css_group);
#ifdef CONFIG_CONTAINER_OWNER
	child->effective_container = NULL;
#endif
	if ((container_current_hooks() & CONTAINER_HOOK_CAN_FORK) ||
	    (clone_flags & container_clone_flags))
		return __container_can_fork(child, clone_flags);
	return 0;
}

/**
 * container_cancel_fork - undo container_can_fork()
 * @child: the new task, which nobody will see
 *
 * Context: no locks but those of container_can_fork(); may sleep.
 */
static inline void container_cancel_fork(struct task_struct *child)
{
	struct css_group *group = rcu_access_pointer(child->containers);

	if (group != &init_css_group ||
	    (css_group_members(group)->hooks & CONTAINER_HOOK_CAN_FORK))
		__container_cancel_fork(child);
}

/**
 * container_fork - the child becomes visible: it joins its parent's containers
 * @child: the new task
 *
 * Called behind the last point of failure, and before the child is hashed:
 * who finds it by its pid, without a lock, finds it where it belongs.
 *
 * Context: tasklist_lock held for writing.
 */
static inline void container_fork(struct task_struct *child)
{
	struct css_group *group = rcu_access_pointer(current->containers);
	struct css_group_members *members = css_group_members(group);

	container_assert_fork_locks();
	if (container_has_joined(child) ||
	    (members->hooks & CONTAINER_HOOK_CAN_FORK)) {
		__container_fork(child);
	} else if (group != &init_css_group) {
		/* Its parent is there, so it is populated. */
		members->nr_tasks++;
		list_add_tail(&child->container_node, &members->tasks);
		rcu_assign_pointer(child->containers, group);
	}
}

/**
 * container_post_fork - last hook in fork
 * @child: the new task, which is visible but has not run yet
 * @clone_flags: the flags of clone()
 *
 * Context: no locks but those of container_can_fork(); may sleep.
 */
static inline void container_post_fork(struct task_struct *child,
				       unsigned long clone_flags)
{
	if ((css_group_members(&init_css_group)->hooks &
	     CONTAINER_HOOK_POST_FORK) ||
	    (clone_flags & container_clone_flags))
		__container_post_fork(child);
}

/**
 * container_exit - an exiting task leaves its containers
 * @task: the task, which nobody has reaped yet
 *
 * From here on the task is listed nowhere and counts as being in the top
 * container of each hierarchy.  What tells it from those that are there is
 * its exit_state, which is set before the lock is released.
 *
 * Context: tasklist_lock held for writing.
 */
static inline void container_exit(struct task_struct *task)
{
	struct css_group *group = rcu_access_pointer(task->containers);
	struct css_group_members *members = css_group_members(group);

#ifdef CONFIG_CONTAINER_OWNER
	if (WARN_ON_ONCE(task->effective_container))
		task->effective_container = NULL;
#endif
	container_assert_fork_locks();
	if (members->hooks & CONTAINER_HOOK_EXIT) {
		__container_exit(task);
	} else if (group != &init_css_group) {
		rcu_assign_pointer(task->containers, &init_css_group);
		/* Last: an empty container can be removed at once. */
		list_del(&task->container_node);
		if (!--members->nr_tasks)
			css_group_depopulate(group);
	}
}

#ifdef CONFIG_CONTAINER_NS
int container_unshare(void);
#else
static inline int container_unshare(void) { return 0; }
#endif

/* /proc.  Kernels without seq_file entries there use the operations. */
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
static inline void container_fork(struct task_struct *child) {}
static inline void container_post_fork(struct task_struct *child,
				       unsigned long clone_flags) {}
static inline void container_exit(struct task_struct *task) {}
static inline int container_unshare(void) { return 0; }

#endif /* !CONFIG_CONTAINERS */

#endif /* _LINUX_CONTAINER_HOOKS_H */

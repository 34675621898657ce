/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_HOOKS_H
#define _LINUX_CONTAINER_HOOKS_H
/*
 * Process containers: what the rest of the kernel calls.
 */

struct css_group;
struct file_operations;
struct pid;
struct pid_namespace;
struct seq_file;
struct task_struct;

#ifdef CONFIG_CONTAINERS

extern struct css_group init_css_group;

/* Boot. */
int container_init_early(void);
int container_init(void);
void container_init_smp(void);

/* Fork and exit. */
int container_can_fork(struct task_struct *child, unsigned long clone_flags);
void container_cancel_fork(struct task_struct *child);
void container_fork(struct task_struct *child);
void container_post_fork(struct task_struct *child);
void container_exit(struct task_struct *task);

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
static inline void container_post_fork(struct task_struct *child) {}
static inline void container_exit(struct task_struct *task) {}
static inline int container_unshare(void) { return 0; }

#endif /* !CONFIG_CONTAINERS */

#endif /* _LINUX_CONTAINER_HOOKS_H */

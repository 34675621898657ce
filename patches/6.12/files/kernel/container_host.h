/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_CONTAINER_HOST_H
#define _KERNEL_CONTAINER_HOST_H
/*
 * What the container code needs of the kernel around it.  Each kernel has a
 * file of this name with the same helpers.
 */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uio.h>
#include <linux/user_namespace.h>

#ifdef CONFIG_LOCKDEP
/**
 * container_holds_none - does the current task hold no lock at all?
 *
 * A worker's work is a lock to lockdep.
 *
 * Return: true when it does not.
 */
static inline bool container_holds_none(void)
{
	return !lockdep_depth(current) || (current->flags & PF_WQ_WORKER);
}
#endif

/* Every thread p of every process g.  tasklist_lock. */
#define container_for_each_thread(g, p) for_each_process_thread(g, p)

/**
 * container_find_task - look up a task by the number that the caller uses
 * @pid: the number, or 0 for the current task
 *
 * A worker of io_uring writes for another task, and does not know which.
 *
 * Return: the task with a reference, or NULL.
 */
static inline struct task_struct *container_find_task(int pid)
{
	struct task_struct *task;

	if (!pid && (current->flags & PF_IO_WORKER))
		return NULL;
	rcu_read_lock();
	task = pid ? find_task_by_vpid(pid) : current;
	if (task)
		get_task_struct(task);
	rcu_read_unlock();
	return task;
}

/**
 * container_task_pid - the number that the caller uses for a task
 * @task: the task
 *
 * Return: the number, or 0 when the caller cannot see the task.
 */
static inline int container_task_pid(struct task_struct *task)
{
	/* Listing many tasks, the caller is mostly one who sees all. */
	if (ns_of_pid(task_pid(current)) == &init_pid_ns)
		return task_pid_nr(task);
	return task_pid_vnr(task);
}

/**
 * container_get_pid - the struct pid of a task
 * @task: the task, which may be being forked: then it has its number already,
 *	but points to its parent's struct pid still
 *
 * Context: tasklist_lock, and the task has not been reaped.
 * Return: the struct pid, with a reference.
 */
static inline struct pid *container_get_pid(struct task_struct *task)
{
	struct pid *pid;

	rcu_read_lock();
	pid = get_pid(find_pid_ns(task->pid, &init_pid_ns));
	rcu_read_unlock();
	return pid;
}

/**
 * container_may_move_task - may the opener of a file move a task?
 * @file: the open file, which keeps the credentials of its opener
 * @task: the task
 *
 * Return: true for root and for the owner of the task.
 */
static inline bool container_may_move_task(struct file *file,
					   struct task_struct *task)
{
	kuid_t uid = file->f_cred->euid;
	const struct cred *cred;
	bool ret;

	rcu_read_lock();
	cred = __task_cred(task);
	ret = uid_eq(uid, GLOBAL_ROOT_UID) || uid_eq(uid, cred->uid) ||
	      uid_eq(uid, cred->suid);
	rcu_read_unlock();
	return ret;
}

/**
 * container_fsuid - the owner of what the current task makes
 *
 * Return: the user, as a number of the initial user namespace.
 */
static inline u32 container_fsuid(void)
{
	return from_kuid(&init_user_ns, current_fsuid());
}

/**
 * container_fsgid - the group of what the current task makes
 *
 * Return: the group, as a number of the initial user namespace.
 */
static inline u32 container_fsgid(void)
{
	return from_kgid(&init_user_ns, current_fsgid());
}

/**
 * container_now - the time for what is made now
 *
 * Return: nanoseconds since 1970, as finely as file systems have it.
 */
static inline s64 container_now(void)
{
	return ktime_get_coarse_real_ns();
}

/* The flags of clone() and unshare() for namespaces that ns knows about. */
#define CONTAINER_NAMESPACE_FLAGS \
	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | \
	 CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME)

/**
 * container_is_admin - may the current task do as it likes with containers?
 *
 * Who may not does not learn about it, so it is no matter for the audit log.
 *
 * Return: true for CAP_SYS_ADMIN in the initial user namespace.
 */
static inline bool container_is_admin(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/**
 * container_may_set_agent - may the opener of a file choose what root runs?
 * @file: the open file, which keeps the credentials of its opener
 *
 * Return: true when it may, and the writer as well.
 */
static inline bool container_may_set_agent(struct file *file)
{
	return capable(CAP_SYS_ADMIN) &&
	       file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN);
}

/**
 * container_restart_syscall - let the current system call be called again
 *
 * Context: any, with or without siglock.
 * Return: what the system call has to return.
 */
static inline int container_restart_syscall(void)
{
	return restart_syscall();
}

int container_run_helper(char **argv, char **envp,
			 void (*ended)(void *data, int err), void *data);

/**
 * container_zalloc - allocate memory that somebody pays for
 * @size: how much
 *
 * The memory control group of the current task is charged.  Its limits may be
 * waited for, so this is not for those who hold container_mutex.
 *
 * Context: sleeps.
 * Return: zeroed memory for kfree(), or NULL.
 */
static inline void *container_zalloc(size_t size)
{
	return kzalloc(size, GFP_KERNEL_ACCOUNT);
}

/**
 * container_cache_zalloc - the same, of a cache for objects of one kind
 * @cache: the cache
 *
 * Context: sleeps.
 * Return: zeroed memory for kmem_cache_free(), or NULL.
 */
static inline void *container_cache_zalloc(struct kmem_cache *cache)
{
	return kmem_cache_zalloc(cache, GFP_KERNEL_ACCOUNT);
}

/*
 * With these the memory control group is charged, beyond its limits if need be,
 * and nothing is waited for.
 */
#define CONTAINER_GFP_LOCKED \
	(GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN | __GFP_NOMEMALLOC)

/**
 * container_zalloc_locked - allocate memory inside container_mutex
 * @size: how much
 *
 * As container_zalloc(), but limits are not waited for.  When there is no memory
 * without waiting, it waits, and nobody is charged.
 *
 * Context: sleeps.
 * Return: zeroed memory for kfree(), or NULL.
 */
static inline void *container_zalloc_locked(size_t size)
{
	void *p = kzalloc(size, CONTAINER_GFP_LOCKED);

	return p ? p : kzalloc(size, GFP_KERNEL);
}

/**
 * container_alloc_percpu - allocate per-CPU memory inside container_mutex
 * @type: what for
 *
 * See container_zalloc_locked().
 *
 * Context: sleeps.
 * Return: zeroed memory for free_percpu(), or NULL.
 */
#define container_alloc_percpu(type)					\
({									\
	type __percpu *p_ = alloc_percpu_gfp(type, CONTAINER_GFP_LOCKED); \
									\
	p_ ? p_ : alloc_percpu(type);					\
})

/**
 * container_alloc_array - allocate memory that may be large
 * @size: how much
 *
 * Not for kernel threads: some kernels have no end of page faults there.
 *
 * Context: sleeps.
 * Return: memory for container_free_array(), or NULL.
 */
static inline void *container_alloc_array(size_t size)
{
	return kvmalloc(size, GFP_KERNEL_ACCOUNT);
}

/**
 * container_free_array - free what container_alloc_array() returned
 * @p: the memory, or NULL
 *
 * Context: process context.
 */
static inline void container_free_array(void *p)
{
	kvfree(p);
}

/**
 * container_seq_seek - make the next seq_read() start somewhere else
 * @file: the open file
 * @pos: where
 *
 * seq_read() sees by itself that it is given another position.
 *
 * Context: serialized by the caller.
 * Return: 0, or a negative errno.
 */
static inline int container_seq_seek(struct file *file, loff_t pos)
{
	return 0;
}

/**
 * struct container_io - what one call reads from, or writes to, a control file
 * @iocb: the call
 * @iter: the memory, in any number of pieces of any kind
 * @nbytes: how much
 */
struct container_io {
	struct kiocb *iocb;
	struct iov_iter *iter;
	size_t nbytes;
};

/**
 * container_io_user - the memory, if it is one buffer in user space
 * @io: the memory of a call
 *
 * Return: the buffer, or NULL.
 */
static inline void __user *container_io_user(const struct container_io *io)
{
	if (!iter_is_ubuf(io->iter))
		return NULL;
	return iter_iov_addr(io->iter);
}

/**
 * container_io_copy_in - copy all that a call writes
 * @buf: room for io->nbytes
 * @io: the memory of the call
 *
 * Context: sleeps.
 * Return: 0, or -EFAULT.
 */
static inline int container_io_copy_in(void *buf, struct container_io *io)
{
	return copy_from_iter_full(buf, io->nbytes, io->iter) ? 0 : -EFAULT;
}

/**
 * container_seq_read - read from a seq_file
 * @file: the open file
 * @io: the memory of the call
 * @ppos: the position of the call, io->iocb->ki_pos
 *
 * Context: serialized by the caller; sleeps.
 * Return: as seq_read().
 */
static inline ssize_t container_seq_read(struct file *file,
					 struct container_io *io, loff_t *ppos)
{
	return seq_read_iter(io->iocb, io->iter);
}

/**
 * container_seq_back - have the last bytes that were read be read again
 * @m: the seq_file; it has more in its buffer
 * @nbytes: how many; they were copied from the buffer that is still there
 *
 * Context: serialized by the caller.
 */
static inline void container_seq_back(struct seq_file *m, size_t nbytes)
{
	m->from -= nbytes;
	m->count += nbytes;
	m->read_pos -= nbytes;
}

/**
 * container_seq_write - print some bytes
 * @m: gets them
 * @data: the bytes
 * @len: how many
 *
 * Return: 0, or not 0 when there is no room: then seq_file makes some and has
 * all of the record printed again.
 */
static inline int container_seq_write(struct seq_file *m, const void *data,
				      size_t len)
{
	return seq_write(m, data, len);
}

/**
 * container_cputime_to_ns - the unit of a task's times, in nanoseconds
 * @cputime: some time as the scheduler counts it
 *
 * Return: as getrusage() would show it.
 */
static inline u64 container_cputime_to_ns(u64 cputime)
{
	return cputime;
}

/*
 * Is there CPU time that is not in a task's times yet?  Yes: the scheduler
 * adds when something happens, at the latest in the next tick.
 */
#define CONTAINER_CPUTIME_LAGS	1

/**
 * container_settle_cputime - add to a task's times what it has run up to now
 * @task: the task
 *
 * Context: any but with the lock of a run queue.
 * Return: nanoseconds added.
 */
static inline u64 container_settle_cputime(struct task_struct *task)
{
	u64 before = READ_ONCE(task->se.sum_exec_runtime);

	return task_sched_runtime(task) - before;
}

#endif /* _KERNEL_CONTAINER_HOST_H */

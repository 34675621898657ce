/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_CONTAINER_HOST_H
#define _KERNEL_CONTAINER_HOST_H
/*
 * Helpers that hide the differences between kernels from the container code.
 * Each kernel has a file of this name with the same helpers.
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
 * Not checked in a worker thread: the work item that it runs counts as a lock
 * for lockdep.
 *
 * Context: any.
 * Return: true when it holds none.
 */
static inline bool container_holds_none(void)
{
	return !lockdep_depth(current) || (current->flags & PF_WQ_WORKER);
}
#endif

/* Iterate over every thread p of every process g, under tasklist_lock. */
#define container_for_each_thread(g, p) for_each_process_thread(g, p)

/**
 * container_find_task - find a task by pid number, as the caller sees it
 * @pid: the number, or 0 for the current task
 *
 * For a worker thread of io_uring, which writes on behalf of another task that
 * is not known here, 0 finds no task.
 *
 * Context: any.
 * Return: the task, with a reference; or NULL.
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
 * container_task_pid - the pid number of a task, as the caller sees it
 * @task: the task
 *
 * Context: any; the caller keeps @task.
 * Return: the number, or 0 when the caller cannot see the task.
 */
static inline int container_task_pid(struct task_struct *task)
{
	/*
	 * Fast path: a reader that lists many tasks usually sees all of them.
	 */
	if (ns_of_pid(task_pid(current)) == &init_pid_ns)
		return task_pid_nr(task);
	return task_pid_vnr(task);
}

/**
 * container_get_pid - the struct pid of a task
 * @task: the task.  It may be in fork: then it already has its number, but
 *	still points to the struct pid of its parent
 *
 * Context: tasklist_lock; the task has not been reaped.
 * Return: the struct pid, with a reference.
 */
static inline struct pid *container_get_pid(struct task_struct *task)
{
	struct pid *pid;

	lockdep_assert_held(&tasklist_lock);
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
 * Context: any; the caller keeps @task.
 * Return: true when the opener is root or the owner of the task.
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
 * Context: any.
 * Return: the uid, as a number of the initial user namespace.
 */
static inline u32 container_fsuid(void)
{
	return from_kuid(&init_user_ns, current_fsuid());
}

/**
 * container_fsgid - the group of what the current task makes
 *
 * Context: any.
 * Return: the gid, as a number of the initial user namespace.
 */
static inline u32 container_fsgid(void)
{
	return from_kgid(&init_user_ns, current_fsgid());
}

/**
 * container_now - the current time, for something that is made now
 *
 * Context: any.
 * Return: nanoseconds since 1970, with the resolution of file timestamps.
 */
static inline s64 container_now(void)
{
	return ktime_get_coarse_real_ns();
}

/* The namespace flags of clone() and unshare() that subsystem ns reacts to. */
#define CONTAINER_NAMESPACE_FLAGS \
	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | \
	 CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME)

/**
 * container_is_admin - is the current task allowed to administrate containers?
 *
 * A task that is not allowed to gets no error, so nothing is written to the
 * audit log.
 *
 * Context: process context.
 * Return: true with CAP_SYS_ADMIN in the initial user namespace.
 */
static inline bool container_is_admin(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/**
 * container_may_set_agent - may the opener of a file set a release agent?
 * @file: the open file, which keeps the credentials of its opener
 *
 * A release agent is run by root.
 *
 * Context: process context.
 * Return: true when both the opener and the writer may.
 */
static inline bool container_may_set_agent(struct file *file)
{
	return capable(CAP_SYS_ADMIN) &&
	       file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN);
}

/**
 * container_restart_syscall - have the current system call restarted
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
 * container_zalloc - allocate memory
 * @size: the size in bytes
 *
 * The memory control group of the current task is charged.  This may wait
 * because of its limits, so do not use it while holding container_mutex.
 *
 * Context: sleeps.
 * Return: zeroed memory for kfree(), or NULL.
 */
static inline void *container_zalloc(size_t size)
{
	return kzalloc(size, GFP_KERNEL_ACCOUNT);
}

/**
 * container_cache_zalloc - container_zalloc() from a slab cache
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
 * Flags for allocations inside container_mutex: charge the memory control
 * group, beyond its limits if necessary, and do not wait for anything.
 */
#define CONTAINER_GFP_LOCKED \
	(GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN | __GFP_NOMEMALLOC)

/**
 * container_zalloc_locked - allocate memory inside container_mutex
 * @size: the size in bytes
 *
 * As container_zalloc(), but does not wait because of the limits of a control
 * group.  When no memory can be had without waiting, it waits for memory, and
 * nobody is charged.
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
 * @type: the type of what is allocated
 *
 * Charges and waits as container_zalloc_locked().
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
 * @size: the size in bytes
 *
 * A kernel thread must not access this memory: on some kernels it would get the
 * same page fault for ever.
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
 * container_seq_seek - let the next seq_read() start at another position
 * @file: the open file
 * @pos: the position
 *
 * There is nothing to do: seq_read() of this kernel notices by itself that it
 * is given another position.
 *
 * Context: serialized by the caller.
 * Return: 0.
 */
static inline int container_seq_seek(struct file *file, loff_t pos)
{
	return 0;
}

/**
 * struct container_io - the memory that one read or write call is about
 * @iocb: the call
 * @iter: the memory, in any number of pieces of any kind
 * @nbytes: the size of all pieces together
 */
struct container_io {
	struct kiocb *iocb;
	struct iov_iter *iter;
	size_t nbytes;
};

/**
 * container_io_user - get the buffer, if the memory is one user space buffer
 * @io: the memory of a call
 *
 * Context: any.
 * Return: the buffer, or NULL.
 */
static inline void __user *container_io_user(const struct container_io *io)
{
	if (!iter_is_ubuf(io->iter))
		return NULL;
	return iter_iov_addr(io->iter);
}

/**
 * container_io_copy_in - copy everything that a call writes
 * @buf: has room for io->nbytes
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
 * container_seq_back - let the last bytes that were read be read again
 * @m: the seq_file; its buffer is not empty
 * @nbytes: how many bytes; they were copied from the current buffer
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
 * @m: the seq_file to print to
 * @data: the bytes
 * @len: their number
 *
 * Context: any.
 * Return: 0; not 0 when there is no room.  Then seq_file makes room and lets
 * the whole record be printed again.
 */
static inline int container_seq_write(struct seq_file *m, const void *data,
				      size_t len)
{
	return seq_write(m, data, len);
}

/**
 * container_cputime_to_ns - convert CPU time to nanoseconds
 * @cputime: a time as the scheduler counts it
 *
 * Context: any.
 * Return: what getrusage() would show.
 */
static inline u64 container_cputime_to_ns(u64 cputime)
{
	return cputime;
}

/*
 * Is CPU time added to the times of a task with a delay?  Yes: the scheduler
 * adds it at certain events, at the latest in the next tick.
 */
#define CONTAINER_CPUTIME_LAGS	1

/**
 * container_settle_cputime - bring the times of a task up to date
 * @task: the task
 *
 * Context: any, but not with the lock of a run queue.
 * Return: the number of nanoseconds added.
 */
static inline u64 container_settle_cputime(struct task_struct *task)
{
	u64 before = READ_ONCE(task->se.sum_exec_runtime);

	return task_sched_runtime(task) - before;
}

#endif /* _KERNEL_CONTAINER_HOST_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_CONTAINER_HOST_H
#define _KERNEL_CONTAINER_HOST_H
/*
 * Helpers that hide the differences between kernels from the container code.
 * Each kernel has a file of this name with the same helpers.
 */

#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kmod.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/time.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#ifdef CONFIG_LOCKDEP
/**
 * container_holds_none - does the current task hold no lock at all?
 *
 * Context: any.
 * Return: true when it holds none.
 */
static inline bool container_holds_none(void)
{
	return !current->lockdep_depth;
}
#endif

/* Iterate over every thread p of every process g, under tasklist_lock. */
#define container_for_each_thread(g, p) \
	for_each_process(g) \
		for (p = g; p; p = next_thread(p) == g ? NULL : next_thread(p))

/**
 * container_find_task - find a task by pid number, as the caller sees it
 * @pid: the number, or 0 for the current task
 *
 * Context: any.
 * Return: the task, with a reference; or NULL.
 */
static inline struct task_struct *container_find_task(int pid)
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid ? find_task_by_pid(pid) : current;
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
	return task->pid;
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
	lockdep_assert_held(&tasklist_lock);
	return find_get_pid(task->pid);
}

/**
 * container_may_move_task - may the opener of a file move a task?
 * @file: the open file, which keeps the uid of its opener
 * @task: the task
 *
 * Context: any; the caller keeps @task.
 * Return: true when the opener is root or the owner of the task.
 */
static inline bool container_may_move_task(struct file *file,
					   struct task_struct *task)
{
	uid_t uid = file->f_uid;

	return !uid || uid == task->uid || uid == task->suid;
}

/**
 * container_fsuid - the owner of what the current task makes
 *
 * Context: any.
 * Return: the uid.
 */
static inline u32 container_fsuid(void)
{
	return current->fsuid;
}

/**
 * container_fsgid - the group of what the current task makes
 *
 * Context: any.
 * Return: the gid.
 */
static inline u32 container_fsgid(void)
{
	return current->fsgid;
}

/**
 * container_now - the current time, for something that is made now
 *
 * Context: any.
 * Return: nanoseconds since 1970, with the resolution of file timestamps.
 */
static inline s64 container_now(void)
{
	struct timespec now = CURRENT_TIME;

	return timespec_to_ns(&now);
}

/* The namespace flags of clone() and unshare() that subsystem ns reacts to. */
#define CONTAINER_NAMESPACE_FLAGS (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC)

/**
 * container_is_admin - is the current task allowed to administrate containers?
 *
 * Context: process context.
 * Return: true with CAP_SYS_ADMIN.
 */
static inline bool container_is_admin(void)
{
	return capable(CAP_SYS_ADMIN);
}

/**
 * container_may_set_agent - may the opener of a file set a release agent?
 * @file: the open file, which keeps the uid of its opener
 *
 * A release agent is run by root.  This kernel does not keep the capabilities
 * of the opener.  So those of the writer are checked, and the opener has to be
 * the same user as the writer, or root.
 *
 * Context: process context.
 * Return: true when it may.
 */
static inline bool container_may_set_agent(struct file *file)
{
	return capable(CAP_SYS_ADMIN) &&
	       (!file->f_uid || file->f_uid == current->fsuid);
}

/**
 * container_restart_syscall - have the current system call restarted
 *
 * Context: any, with or without siglock.
 * Return: what the system call has to return.
 */
static inline int container_restart_syscall(void)
{
	set_thread_flag(TIF_SIGPENDING);
	return -ERESTARTNOINTR;
}

/**
 * container_run_helper - start a program as root without waiting for it
 * @argv: its path and arguments; must stay until @ended is called
 * @envp: its environment; must stay as long
 * @ended: called once: with 0 when the program has ended, or with a negative
 *	errno when it could not be started
 * @data: for @ended
 *
 * Context: a thread of a work queue; sleeps.  @ended may be called before this
 * returns, and may sleep.
 * Return: 0, or -ENOMEM or -EAGAIN: then the program was not started and @ended
 * is not called.
 */
static inline int container_run_helper(char **argv, char **envp,
				       void (*ended)(void *data, int err),
				       void *data)
{
	return call_usermodehelper_ended(argv[0], argv, envp, ended, data);
}

/**
 * container_zalloc - allocate memory
 * @size: the size in bytes
 *
 * This kernel has no control groups, so nobody is charged.
 *
 * Context: sleeps.
 * Return: zeroed memory for kfree(), or NULL.
 */
static inline void *container_zalloc(size_t size)
{
	return kzalloc(size, GFP_KERNEL);
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
	return kmem_cache_zalloc(cache, GFP_KERNEL);
}

/**
 * container_zalloc_locked - allocate memory inside container_mutex
 * @size: the size in bytes
 *
 * Context: sleeps.
 * Return: zeroed memory for kfree(), or NULL.
 */
static inline void *container_zalloc_locked(size_t size)
{
	return kzalloc(size, GFP_KERNEL);
}

/**
 * container_alloc_percpu - allocate per-CPU memory inside container_mutex
 * @type: the type of what is allocated
 *
 * Context: sleeps.
 * Return: zeroed memory for free_percpu(), or NULL.
 */
#define container_alloc_percpu(type) alloc_percpu(type)

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
	return size <= PAGE_SIZE ? kmalloc(size, GFP_KERNEL) : vmalloc(size);
}

/**
 * container_free_array - free what container_alloc_array() returned
 * @p: the memory, or NULL
 *
 * Context: process context.
 */
static inline void container_free_array(void *p)
{
	if ((unsigned long)p >= VMALLOC_START && (unsigned long)p < VMALLOC_END)
		vfree(p);
	else
		kfree(p);
}

/**
 * container_seq_seek - let the next seq_read() start at another position
 * @file: the open file
 * @pos: the position
 *
 * seq_read() of this kernel ignores the position that it is given and continues
 * where it was.  seq_lseek() moves only when the position differs from
 * file->f_pos.  Setting f_pos to force this would be visible to other users of
 * the same descriptor.  So seq_lseek() gets a struct file of our own.  It uses
 * private_data, f_pos and f_version of it, and nothing else.
 *
 * Context: serialized by the caller; sleeps.
 * Return: 0, or a negative errno.
 */
static inline int container_seq_seek(struct file *file, loff_t pos)
{
	struct file seeker = {
		.private_data	= file->private_data,
		.f_pos		= -1,
	};
	loff_t ret = seq_lseek(&seeker, pos, SEEK_SET);

	return ret < 0 ? ret : 0;
}

/**
 * struct container_io - the memory that one read or write call is about
 * @iov: the pieces of user memory
 * @nr_segs: their number, at least 1
 * @nbytes: the size of all pieces together
 */
struct container_io {
	const struct iovec *iov;
	unsigned long nr_segs;
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
	return io->nr_segs == 1 ? io->iov->iov_base : NULL;
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
	char *to = buf;
	unsigned long i;

	for (i = 0; i < io->nr_segs; i++) {
		if (copy_from_user(to, io->iov[i].iov_base,
				   io->iov[i].iov_len))
			return -EFAULT;
		to += io->iov[i].iov_len;
	}
	return 0;
}

/**
 * container_seq_read - read from a seq_file
 * @file: the open file
 * @io: the memory of the call
 * @ppos: the position; is advanced
 *
 * Context: serialized by the caller; sleeps.
 * Return: as seq_read().
 */
static inline ssize_t container_seq_read(struct file *file,
					 struct container_io *io, loff_t *ppos)
{
	ssize_t total = 0;
	unsigned long i;
	ssize_t ret;

	for (i = 0; i < io->nr_segs; i++) {
		ret = seq_read(file, io->iov[i].iov_base, io->iov[i].iov_len,
			       ppos);
		if (ret < 0)
			return total ? total : ret;
		total += ret;
		if ((size_t)ret < io->iov[i].iov_len)
			break;
	}
	return total;
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
	if (m->count + len >= m->size) {
		m->count = m->size;
		return -1;
	}
	memcpy(m->buf + m->count, data, len);
	m->count += len;
	return 0;
}

/**
 * container_cputime_to_ns - convert CPU time to nanoseconds
 * @cputime: a time as the scheduler counts it, in ticks on most machines
 *
 * Context: any.
 * Return: what getrusage() would show.
 */
static inline u64 container_cputime_to_ns(u64 cputime)
{
	struct timespec ts;

	cputime_to_timespec(cputime, &ts);
	return timespec_to_ns(&ts);
}

/*
 * Is CPU time added to the times of a task with a delay?  No: each tick is
 * added immediately, all of it to the task that it interrupts.
 */
#define CONTAINER_CPUTIME_LAGS	0

/**
 * container_settle_cputime - bring the times of a task up to date
 * @task: the task
 *
 * There is nothing to do, see CONTAINER_CPUTIME_LAGS.
 *
 * Context: any.
 * Return: the number of nanoseconds added.
 */
static inline u64 container_settle_cputime(struct task_struct *task)
{
	return 0;
}

#endif /* _KERNEL_CONTAINER_HOST_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_CONTAINER_HOST_H
#define _KERNEL_CONTAINER_HOST_H
/*
 * What the container code needs of the kernel around it.  Each kernel has a
 * file of this name with the same helpers.
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
 * Return: true when it does not.
 */
static inline bool container_holds_none(void)
{
	return !current->lockdep_depth;
}
#endif

/* Every thread p of every process g.  tasklist_lock. */
#define container_for_each_thread(g, p) \
	for_each_process(g) \
		for (p = g; p; p = next_thread(p) == g ? NULL : next_thread(p))

/**
 * container_find_task - look up a task by the number that the caller uses
 * @pid: the number, or 0 for the current task
 *
 * Return: the task with a reference, or NULL.
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
 * container_task_pid - the number that the caller uses for a task
 * @task: the task
 *
 * Return: the number, or 0 when the caller cannot see the task.
 */
static inline int container_task_pid(struct task_struct *task)
{
	return task->pid;
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
	return find_get_pid(task->pid);
}

/**
 * container_may_move_task - may the opener of a file move a task?
 * @file: the open file, which keeps the uid that its opener had
 * @task: the task
 *
 * Return: true for root and for the owner of the task.
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
 * Return: the user.
 */
static inline u32 container_fsuid(void)
{
	return current->fsuid;
}

/**
 * container_fsgid - the group of what the current task makes
 *
 * Return: the group.
 */
static inline u32 container_fsgid(void)
{
	return current->fsgid;
}

/**
 * container_now - the time for what is made now
 *
 * Return: nanoseconds since 1970, as finely as file systems have it.
 */
static inline s64 container_now(void)
{
	struct timespec now = CURRENT_TIME;

	return timespec_to_ns(&now);
}

/* The flags of clone() and unshare() for namespaces that ns knows about. */
#define CONTAINER_NAMESPACE_FLAGS (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC)

/**
 * container_is_admin - may the current task do as it likes with containers?
 *
 * Return: true for CAP_SYS_ADMIN.
 */
static inline bool container_is_admin(void)
{
	return capable(CAP_SYS_ADMIN);
}

/**
 * container_may_set_agent - may the opener of a file choose what root runs?
 * @file: the open file, which keeps the uid that its opener had
 *
 * What the opener was capable of is not kept.  So it is asked what the writer
 * is capable of, who must be the opener or have been opened for by root.
 *
 * Return: true when it may.
 */
static inline bool container_may_set_agent(struct file *file)
{
	return capable(CAP_SYS_ADMIN) &&
	       (!file->f_uid || file->f_uid == current->fsuid);
}

/**
 * container_restart_syscall - let the current system call be called again
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
 * container_run_helper - start a program as root, and do not wait for it
 * @argv: its path and arguments, to be kept until @ended is called
 * @envp: its environment, likewise
 * @ended: called once: with 0 when the program has ended, or with the reason
 *	why it did not start
 * @data: for @ended
 *
 * Context: a work queue's thread, sleeps; @ended may be called before this
 * returns, and may sleep.
 * Return: 0; or -ENOMEM, -EAGAIN: it did not start, and @ended is not called.
 */
static inline int container_run_helper(char **argv, char **envp,
				       void (*ended)(void *data, int err),
				       void *data)
{
	return call_usermodehelper_ended(argv[0], argv, envp, ended, data);
}

/**
 * container_zalloc - allocate memory
 * @size: how much
 *
 * This kernel has no control groups that could be charged.
 *
 * Context: sleeps.
 * Return: zeroed memory for kfree(), or NULL.
 */
static inline void *container_zalloc(size_t size)
{
	return kzalloc(size, GFP_KERNEL);
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
	return kmem_cache_zalloc(cache, GFP_KERNEL);
}

/**
 * container_zalloc_locked - allocate memory inside container_mutex
 * @size: how much
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
 * @type: what for
 *
 * Context: sleeps.
 * Return: zeroed memory for free_percpu(), or NULL.
 */
#define container_alloc_percpu(type) alloc_percpu(type)

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
 * container_seq_seek - make the next seq_read() start somewhere else
 * @file: the open file
 * @pos: where
 *
 * seq_read() goes on where it was, whatever position it is given, and
 * seq_lseek() moves only when it finds another position in the file.  Who
 * reads the same descriptor would see that position: let it be in a file of
 * our own, of which seq_lseek() looks at nothing else.
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
 * struct container_io - what one call reads from, or writes to, a control file
 * @iov: the pieces of user memory
 * @nr_segs: their number, at least 1
 * @nbytes: how much, altogether
 */
struct container_io {
	const struct iovec *iov;
	unsigned long nr_segs;
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
	return io->nr_segs == 1 ? io->iov->iov_base : NULL;
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
 * @ppos: the position; moved on
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
	if (m->count + len >= m->size) {
		m->count = m->size;
		return -1;
	}
	memcpy(m->buf + m->count, data, len);
	m->count += len;
	return 0;
}

/**
 * container_cputime_to_ns - the unit of a task's times, in nanoseconds
 * @cputime: some time as the scheduler counts it, in ticks on most machines
 *
 * Return: as getrusage() would show it.
 */
static inline u64 container_cputime_to_ns(u64 cputime)
{
	struct timespec ts;

	cputime_to_timespec(cputime, &ts);
	return timespec_to_ns(&ts);
}

/*
 * Is there CPU time that is not in a task's times yet?  No: a tick counts for
 * the task that it interrupts, all of it and at once.
 */
#define CONTAINER_CPUTIME_LAGS	0

/**
 * container_settle_cputime - add to a task's times what it has run up to now
 * @task: the task
 *
 * Return: nanoseconds added.
 */
static inline u64 container_settle_cputime(struct task_struct *task)
{
	return 0;
}

#endif /* _KERNEL_CONTAINER_HOST_H */

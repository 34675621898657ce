// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: operations on open control files.
 *
 * This file does what the file handlers of a subsystem would otherwise have to
 * do themselves: copy from and to user space, parse and print numbers, check
 * limits, seek, and refuse an operation that comes after the container has been
 * removed.
 */

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "container_host.h"
#include "container_internal.h"

/* The greatest size of a write, unless the file sets its own limit. */
#define MAX_WRITE	(64 * 1024)

/* A write that is smaller than this is copied to the stack. */
#define SMALL_WRITE	128

static bool can_read(const struct cftype *cft)
{
	return cft->read_uint || cft->read_int || cft->read_seq ||
	       cft->seq_ops || cft->read;
}

static bool can_write(const struct cftype *cft)
{
	return cft->write_uint || cft->write_int || cft->write_string ||
	       cft->write;
}

/**
 * container_file_mode - the mode that a control file gets
 * @cft: the file's description
 *
 * Context: any.
 * Return: 0644, 0444 or 0200, depending on the handlers; -EINVAL when there is
 * no handler at all.
 */
int container_file_mode(const struct cftype *cft)
{
	int mode = 0;

	if (can_read(cft))
		mode |= 0444;
	if (can_write(cft))
		mode |= 0200;
	return mode ? mode : -EINVAL;
}

/*
 * Reading.  Everything goes through seq_file, except a file's own read()
 * handler.
 */

static void *record_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? NULL : m;
}

static void *record_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void record_stop(struct seq_file *m, void *v)
{
}

static int record_show(struct seq_file *m, void *v)
{
	struct container_open *open = m->private;
	const struct cftype *cft = open->cft;

	if (cft->read_seq)
		return cft->read_seq(open->cont, cft, m);
	if (cft->read_uint)
		seq_printf(m, "%llu\n",
			   (unsigned long long)cft->read_uint(open->cont, cft));
	else
		seq_printf(m, "%lld\n",
			   (long long)cft->read_int(open->cont, cft));
	return 0;
}

static const struct seq_operations record_ops = {
	.start	= record_start,
	.next	= record_next,
	.stop	= record_stop,
	.show	= record_show,
};

/*
 * Returns NULL when the file is not open for reading or has its own read()
 * handler.
 */
static struct container_open *open_of_file(struct file *file)
{
	struct seq_file *m = file->private_data;

	if (!(file->f_mode & FMODE_READ) || !can_read(container_cftype(file)) ||
	    container_cftype(file)->read)
		return NULL;
	return m->private;
}

static int open_seq(struct file *file, const struct cftype *cft)
{
	unsigned int mode = (__force unsigned int)file->f_mode;
	struct container_open *open;
	int err;

	open = container_zalloc(sizeof(*open));
	if (!open)
		return -ENOMEM;
	mutex_init(&open->lock);
	open->cont = container_of_file(file);
	open->cft = cft;
	err = seq_open(file, cft->seq_ops ? cft->seq_ops : &record_ops);
	if (err) {
		kfree(open);
		return err;
	}
	((struct seq_file *)file->private_data)->private = open;
	/*
	 * seq_open() disables pwrite(), some kernels also pread(); both work
	 * here.
	 */
	file->f_mode = (__force typeof(file->f_mode))mode;
	return 0;
}

static void release_seq(struct inode *inode, struct file *file,
			struct container_open *open)
{
	if (open->cft->seq_release)
		open->cft->seq_release(open);
	kfree(open);
	seq_release(inode, file);
}

/**
 * container_file_open - open() of a control file
 * @inode: the file's inode
 * @file: the open file
 *
 * Context: no locks; sleeps.
 * Return: 0; -ENODEV when the file is gone; -ENOMEM; or the error of the file's
 * open() handler.
 */
int container_file_open(struct inode *inode, struct file *file)
{
	const struct cftype *cft = container_cftype(file);
	struct container_open *open;
	int err = 0;

	if (container_file_is_gone(file))
		return -ENODEV;
	if ((file->f_mode & FMODE_READ) && can_read(cft) && !cft->read)
		err = open_seq(file, cft);
	if (err || !cft->open)
		return err;
	err = cft->open(inode, file);
	open = open_of_file(file);
	if (err && open)
		release_seq(inode, file, open);
	return err;
}

/**
 * container_file_release - last close of an open control file
 * @inode: the file's inode
 * @file: the open file
 *
 * Context: no locks; sleeps.
 * Return: 0; the VFS ignores it.
 */
int container_file_release(struct inode *inode, struct file *file)
{
	const struct cftype *cft = container_cftype(file);
	struct container_open *open = open_of_file(file);

	if (cft->release)
		cft->release(inode, file);
	if (open)
		release_seq(inode, file, open);
	return 0;
}

/* A file's own read() handler supports only a single buffer in user space. */
static ssize_t read_by_itself(struct container *cont, const struct cftype *cft,
			      struct file *file, struct container_io *io,
			      loff_t *ppos)
{
	char __user *buf = container_io_user(io);

	if (!buf)
		return -EINVAL;
	return cft->read(cont, cft, file, buf, io->nbytes, ppos);
}

/*
 * A read has copied @copied bytes.  If the last line in them is incomplete,
 * give back the beginning of this line, so that the next read starts with it.
 * If there is no complete line before it, do nothing.  Returns the number of
 * bytes given back.
 *
 * seq_file still has the rest of the line in its buffer.  The bytes that were
 * copied last are in front of it in the same buffer, up to the start of their
 * line, because a buffer starts with a complete line.
 */
static size_t end_at_line(struct seq_file *m, size_t copied, loff_t *ppos)
{
	size_t part = 0;

	if (!m->count)
		return 0;
	while (part < m->from && m->buf[m->from - part - 1] != '\n')
		part++;
	if (part >= copied)
		return 0;
	container_seq_back(m, part);
	*ppos -= part;
	return part;
}

/**
 * container_file_read - read() of a control file
 * @file: the open file
 * @io: where to copy to, and how much
 * @ppos: the position to read from; is advanced
 *
 * If there is room for at least one line, a read ends at the end of a line.  So
 * a program that copies `tasks` in pieces never writes a part of a number.
 *
 * Context: no locks; sleeps.
 * Return: the number of bytes read; -ENODEV when the file is gone; -EINVAL when
 * the file cannot be read, or when the file's own handler would have to copy to
 * more than one buffer; -EFAULT; -ENOMEM; or the error of a handler.
 */
ssize_t container_file_read(struct file *file, struct container_io *io,
			    loff_t *ppos)
{
	struct container *cont = container_of_file(file);
	const struct cftype *cft = container_cftype(file);
	struct container_open *open = open_of_file(file);
	ssize_t ret = 0;

	if (container_file_is_gone(file))
		return -ENODEV;
	if (cft->read)
		return read_by_itself(cont, cft, file, io, ppos);
	if (!open)
		return -EINVAL;
	mutex_lock(&open->lock);
	/*
	 * After lseek() to the start the content must be generated anew.  The
	 * position does not always tell: a read() of 0 bytes may have filled
	 * the buffer at position 0.
	 */
	if (*ppos != open->read_pos || (open->rewound && !*ppos))
		ret = container_seq_seek(file, *ppos);
	if (!ret)
		ret = container_seq_read(file, io, ppos);
	if (ret > 0)
		ret -= end_at_line(file->private_data, ret, ppos);
	/*
	 * After an error the state of seq_file is unknown: seek before the next
	 * read.
	 */
	open->read_pos = ret < 0 ? -1 : *ppos;
	mutex_unlock(&open->lock);
	return ret;
}

/**
 * container_file_llseek - lseek() of a control file
 * @file: the open file
 * @offset: the offset
 * @whence: what the offset is relative to
 *
 * Seeking to the start asks for fresh content.  All other seeking is left to
 * the next read, which notices that the position has changed.
 *
 * Context: no locks; sleeps.
 * Return: the new position, or -EINVAL.
 */
loff_t container_file_llseek(struct file *file, loff_t offset, int whence)
{
	struct container_open *open = open_of_file(file);
	loff_t ret;

	ret = generic_file_llseek(file, offset, whence);
	if (!ret && open)
		open->rewound = true;
	return ret;
}

/*
 * Writing.
 */

/**
 * container_parse_uint - parse what was written to a control file
 * @str: must consist of one decimal number; leading zeros are allowed
 * @val: gets the number
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int container_parse_uint(const char *str, u64 *val)
{
	unsigned int digit;

	if (!*str)
		return -EINVAL;
	for (*val = 0; *str; str++) {
		if (!isdigit(*str))
			return -EINVAL;
		digit = *str - '0';
		if (*val > (~(u64)0 - digit) / 10)
			return -EINVAL;
		*val = *val * 10 + digit;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(container_parse_uint);

static int parse_int(const char *str, s64 *val)
{
	bool negative = *str == '-';
	u64 limit = ((u64)1 << 63) - !negative;
	u64 magnitude;
	int err;

	err = container_parse_uint(str + negative, &magnitude);
	if (err || magnitude > limit)
		return -EINVAL;
	*val = negative ? -magnitude : magnitude;
	return 0;
}

/* @buf has @nbytes bytes, followed by a NUL. */
static int write_buffer(struct container *cont, const struct cftype *cft,
			struct file *file, char *buf, size_t nbytes)
{
	u64 uval;
	s64 ival;
	int err;

	while (nbytes && isspace(buf[nbytes - 1]))
		buf[--nbytes] = '\0';
	while (isspace(*buf)) {
		buf++;
		nbytes--;
	}
	if (strlen(buf) != nbytes)
		return -EINVAL;
	if (cft->write_string)
		return cft->write_string(cont, cft, file, buf, nbytes);
	if (cft->write_uint) {
		err = container_parse_uint(buf, &uval);
		return err ? err : cft->write_uint(cont, cft, uval);
	}
	err = parse_int(buf, &ival);
	return err ? err : cft->write_int(cont, cft, ival);
}

/* See read_by_itself(). */
static ssize_t write_by_itself(struct container *cont,
			       const struct cftype *cft, struct file *file,
			       struct container_io *io, loff_t *ppos)
{
	const char __user *buf = container_io_user(io);

	if (!buf)
		return -EINVAL;
	return cft->write(cont, cft, file, buf, io->nbytes, ppos);
}

/**
 * container_file_write - write() to a control file
 * @file: the open file
 * @io: what is written, in any number of pieces; it is taken as one text,
 *	completely or not at all
 * @ppos: for a file's own write() handler; not used otherwise
 *
 * Context: no locks; sleeps.
 * Return: the number of bytes in @io; -ENODEV when the file is gone; -EINVAL
 * when the file cannot be written, the text is invalid, or the file's own
 * handler would have to copy from more than one buffer; -E2BIG; -EFAULT;
 * -ENOMEM; or the error of a handler.
 */
ssize_t container_file_write(struct file *file, struct container_io *io,
			     loff_t *ppos)
{
	struct container *cont = container_of_file(file);
	const struct cftype *cft = container_cftype(file);
	size_t nbytes = io->nbytes;
	char small[SMALL_WRITE];
	char *buf = small;
	int err;

	if (container_file_is_gone(file))
		return -ENODEV;
	if (cft->write)
		return write_by_itself(cont, cft, file, io, ppos);
	if (!can_write(cft))
		return -EINVAL;
	if (!nbytes)
		return 0;
	if (nbytes > (cft->max_write ? cft->max_write : MAX_WRITE))
		return -E2BIG;
	if (nbytes >= sizeof(small))
		buf = container_alloc_array(nbytes + 1);
	if (!buf)
		return -ENOMEM;
	err = container_io_copy_in(buf, io);
	if (!err) {
		buf[nbytes] = '\0';
		err = write_buffer(cont, cft, file, buf, nbytes);
	}
	if (buf != small)
		container_free_array(buf);
	return err ? err : (ssize_t)nbytes;
}

/* poll(). */

/**
 * container_file_poll - poll() of a control file
 * @file: the open file
 * @wait: the poll table, see poll_wait()
 *
 * A control file is always ready for reading and writing.  The only event to
 * wait for is that the file goes away.
 *
 * Context: no locks; sleeps.
 * Return: true when the file is gone.
 */
bool container_file_poll(struct file *file, struct poll_table_struct *wait)
{
	poll_wait(file, &container_of_file(file)->gone_wait, wait);
	/*
	 * Pairs with the barrier in container_wake_pollers():
	 *
	 *   CPU 0                          CPU 1
	 *   joins the wait queue           marks the file as gone
	 *   smp_mb()                       smp_mb()
	 *   is the file gone?              is somebody in the wait queue?
	 *
	 * At least one of the two answers is yes, so a wake-up is not lost.
	 */
	smp_mb();
	return container_file_is_gone(file);
}

/**
 * container_wake_pollers - wake up tasks that poll files which are gone
 * @cont: the container; container_file_is_gone() is already true for these
 *	files
 *
 * Context: any; the caller has a reference on @cont.
 */
void container_wake_pollers(struct container *cont)
{
	/* Pairs with the barrier in container_file_poll(). */
	smp_mb();
	/*
	 * Usually nobody waits.  Then this avoids the lock of the wait queue.
	 */
	if (waitqueue_active(&cont->gone_wait))
		wake_up_all(&cont->gone_wait);
}

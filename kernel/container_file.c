// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: what can be done with an open control file.
 *
 * Everything a subsystem's file handlers need not do by themselves: copying
 * from and to user space, parsing and printing numbers, limits, seeking, and
 * refusing what comes too late because the container is gone.
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

/* Most bytes that one write may have unless a file says otherwise. */
#define MAX_WRITE	(64 * 1024)

/* A write of less needs no memory. */
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
 * container_file_mode - which mode does a control file get?
 * @cft: the file's description
 *
 * Return: 0644, 0444, 0200, or -EINVAL when there is no handler at all.
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
 * Reading.  All but a file's own read() handler goes through seq_file.
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

/* NULL where the file was not opened for reading, or reads by itself. */
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
	/* seq_open() knows only files that are read from start to end. */
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
 * Return: 0, -ENODEV when the file is gone, -ENOMEM.
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
 * Return: 0; nobody looks at it.
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

/* The file's own handler knows one buffer in user space, no other. */
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
 * A read has copied @copied bytes.  If the last line of them is not complete,
 * give its beginning back, unless there is no other.  What a read copies last is
 * in the buffer of seq_file still when the rest of its line is, and a buffer
 * begins with a line.  Returns the number of bytes given back.
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
 * @io: where to, and how much
 * @ppos: where from; moved on
 *
 * Where there is room for a line, what is read ends at the end of a line.  So
 * a program that copies `tasks` in pieces never writes a part of a number.
 *
 * Context: no locks; sleeps.
 * Return: bytes read; -ENODEV when the file is gone, -EINVAL when
 * there is nothing to read, or the file's own handler would have to copy to
 * more than one buffer; -EFAULT, -ENOMEM, or what a handler says.
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
	/* A read of nothing may have filled the buffer before the lseek(). */
	if (*ppos != open->read_pos || (open->rewound && !*ppos))
		ret = container_seq_seek(file, *ppos);
	if (!ret)
		ret = container_seq_read(file, io, ppos);
	if (ret > 0)
		ret -= end_at_line(file->private_data, ret, ppos);
	/* After a failure nobody knows where seq_file is. */
	open->read_pos = ret < 0 ? -1 : *ppos;
	mutex_unlock(&open->lock);
	return ret;
}

/**
 * container_file_llseek - lseek() of a control file
 * @file: the open file
 * @offset: where to
 * @whence: from where
 *
 * To the start means: look again.  The next read finds the new position.
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
 * @str: all of it must be a decimal number; leading zeros are fine
 * @val: gets the number
 *
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

/* @buf has @nbytes bytes and a NUL behind them. */
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
 * @io: where from, in any number of pieces, and how much; all of it is taken as
 *	one text, or nothing
 * @ppos: for a file's own write() handler, else without meaning
 *
 * Context: no locks; sleeps.
 * Return: the number of bytes in @io; -ENODEV when the file is gone, -EINVAL
 * when the file cannot be written or not this, or the file's own handler would
 * have to copy from more than one buffer; -E2BIG, -EFAULT, -ENOMEM, or what a
 * handler says.
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

/*
 * Waiting.
 */

/**
 * container_file_poll - poll() of a control file
 * @file: the open file
 * @wait: who waits; see poll_wait()
 *
 * Files are always ready, so all there is to wait for is that one is gone.
 *
 * Context: no locks; sleeps.
 * Return: is it gone?
 */
bool container_file_poll(struct file *file, struct poll_table_struct *wait)
{
	poll_wait(file, &container_of_file(file)->gone_wait, wait);
	/*
	 * Pairs with container_wake_pollers(): either it finds who waits, or
	 * he finds that the file is gone.
	 */
	smp_mb();
	return container_file_is_gone(file);
}

/**
 * container_wake_pollers - files of a container are gone: tell who waits
 * @cont: the container; container_file_is_gone() is true of these files
 *
 * Context: the caller keeps @cont; any.
 */
void container_wake_pollers(struct container *cont)
{
	/* Pairs with container_file_poll(). */
	smp_mb();
	/* Mostly there is nobody: then it takes no lock. */
	if (waitqueue_active(&cont->gone_wait))
		wake_up_all(&cont->gone_wait);
}

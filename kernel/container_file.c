// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: what can be done with an open control file.
 *
 * Everything a subsystem's file handlers need not do by themselves: copying
 * from and to user space, parsing and printing numbers, limits, seeking, and
 * refusing what comes too late because the container is gone.  Below that,
 * the one file that every container has: tasks.
 */

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
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

	if (!cft->raw) {
		while (nbytes && isspace(buf[nbytes - 1]))
			buf[--nbytes] = '\0';
		while (isspace(*buf)) {
			buf++;
			nbytes--;
		}
		if (strlen(buf) != nbytes)
			return -EINVAL;
	}
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

/*
 * tasks.
 */

/* A view of up to so many ids is the open file's own business. */
#define SMALL_VIEW	256

/* So many ids, one MiB, larger views may have altogether. */
#define MAX_VIEWS	(256 * 1024)

/* One record for seq_file are the ids of a block, [n * 32, n * 32 + 31]. */
#define BLOCK_IDS	32

/* "2147483647\n" */
#define ID_CHARS	11

/**
 * struct pid_view - the tasks of a container, as an open file shows them
 * @node: links the large views (views_lock)
 * @open: the open file
 * @size: for how many ids there is memory
 * @nr: length of @pids
 * @pids: ascending
 *
 * Everybody can open files and read them, so what they keep has to have a
 * bound.  When there are too many ids in large views, the one that has not been
 * read for longest is taken away from its file.  If that is read on, it gets
 * another, and goes on behind the last block of ids that it has shown: the
 * position in the file, as far as seq_file is concerned, is a block's number.
 */
struct pid_view {
	struct list_head node;
	struct container_open *open;
	int size;
	int nr;
	int pids[];
};

/*
 * views_lock guards large_views, its length in ids, and for this file also
 * container_open::private.  It is held while a view is being read: not for
 * long, since nothing is copied to user space meanwhile.
 */
static DEFINE_MUTEX(views_lock);
static LIST_HEAD(large_views);	/* the one read last comes last */
static int nr_large_views;

/*
 * walk_lock: one at a time looks at many tasks for somebody who reads a file.
 * Where readers of tasklist_lock overtake its writers, some that walk all the
 * time would let nobody fork or exit.  A walk over a top container looks at all
 * tasks of the machine, and at all css_groups, however few are in it.
 * tasklist_lock nests inside; nothing that can wait for others is done with it.
 */
static DEFINE_MUTEX(walk_lock);

static bool is_large(const struct pid_view *view)
{
	return view->size > SMALL_VIEW;
}

/**
 * container_count_for_reader - how many tasks are in a container?
 * @cont: the container
 *
 * For those who read a file, which is anybody, and as often as they like.
 *
 * Context: no locks; sleeps.
 * Return: as container_task_count().
 */
int container_count_for_reader(struct container *cont)
{
	int count;

	if (!is_top(cont))
		return container_task_count(cont);
	mutex_lock(&walk_lock);
	count = container_task_count(cont);
	mutex_unlock(&walk_lock);
	return count;
}

/* The view of an open file, if any, is not its view any more. */
static struct pid_view *view_take(struct container_open *open)
{
	struct pid_view *view = open->private;

	container_assert_mutex(&views_lock);
	open->private = NULL;
	if (view && is_large(view)) {
		list_del(&view->node);
		nr_large_views -= view->size;
	}
	return view;
}

/* A view becomes that of an open file, which has none. */
static void view_give(struct container_open *open, struct pid_view *view)
{
	struct pid_view *oldest;

	container_assert_mutex(&views_lock);
	view->open = open;
	open->private = view;
	if (!is_large(view))
		return;
	list_add_tail(&view->node, &large_views);
	nr_large_views += view->size;
	while (nr_large_views > MAX_VIEWS) {
		oldest = list_entry(large_views.next, struct pid_view, node);
		if (oldest == view)
			break;
		container_free_array(view_take(oldest->open));
	}
}

static void view_drop(struct container_open *open)
{
	struct pid_view *view;

	mutex_lock(&views_lock);
	view = view_take(open);
	mutex_unlock(&views_lock);
	container_free_array(view);
}

static unsigned int block_of(int id)
{
	return (unsigned int)id / BLOCK_IDS;
}

/* The first id of block *@pos, or of the next that has one; or NULL. */
static int *view_find(struct pid_view *view, loff_t *pos)
{
	int low = 0, high = view->nr;
	int middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (block_of(view->pids[middle]) < *pos)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == view->nr)
		return NULL;
	*pos = block_of(view->pids[low]);
	return &view->pids[low];
}

static int cmp_pid(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/*
 * Fill @view with as many pids as there is memory for.  Returns how many tasks
 * there are: if it is more than that, @view is not complete.
 */
static int __pid_view_fill(struct pid_view *view, struct container *cont)
{
	struct container_iter it;
	struct task_struct *task;
	bool sorted = true;
	int last = 0;
	int count = 0;
	int pid;

	view->nr = 0;
	container_iter_start(cont, &it);
	while ((task = container_iter_next(&it))) {
		if (count++ >= view->size)
			continue;
		pid = container_task_pid(task);
		if (!pid)	/* not visible to the reader */
			continue;
		sorted = sorted && pid > last;
		last = pid;
		view->pids[view->nr++] = pid;
	}
	container_iter_end(&it);
	/* Tasks are linked in the order of their forks: mostly ascending. */
	if (!sorted)
		sort(view->pids, view->nr, sizeof(int), cmp_pid, NULL);
	return count;
}

static int pid_view_fill(struct pid_view *view, struct container *cont)
{
	int count;

	if (!is_large(view) && !is_top(cont))
		return __pid_view_fill(view, cont);
	mutex_lock(&walk_lock);
	count = __pid_view_fill(view, cont);
	mutex_unlock(&walk_lock);
	return count;
}

/* One critical section sees all, so the view is of one moment. */
static struct pid_view *pid_view_make(struct container *cont)
{
	int room = container_count_for_reader(cont);
	struct pid_view *view;
	int count;

	for (;;) {
		room += room / 8 + 8;	/* for forks while we look */
		view = container_alloc_array(sizeof(*view) +
					     room * sizeof(view->pids[0]));
		if (!view)
			return ERR_PTR(-ENOMEM);
		view->size = room;
		count = pid_view_fill(view, cont);
		if (count <= room)
			return view;
		container_free_array(view);
		room = count;
	}
}

static void tasks_release(struct container_open *open)
{
	view_drop(open);
}

/*
 * A view lasts until the reader goes back to the start of the file, or it is
 * taken away.
 */
static void *tasks_start(struct seq_file *m, loff_t *pos)
{
	struct container_open *open = m->private;
	struct pid_view *view;

	if (open->rewound && !*pos) {
		open->rewound = false;
		view_drop(open);
	}
	mutex_lock(&views_lock);
	view = open->private;
	if (!view) {
		mutex_unlock(&views_lock);
		view = pid_view_make(open->cont);
		mutex_lock(&views_lock);
		if (IS_ERR(view))
			return view;
		view_give(open, view);
	} else if (is_large(view)) {
		list_move_tail(&view->node, &large_views);
	}
	return view_find(view, pos);
}

/* Where the ids of the block end that begin at @id. */
static int *block_end(const struct pid_view *view, int *id)
{
	const int *end = view->pids + view->nr;
	unsigned int block = block_of(*id);

	while (id != end && block_of(*id) == block)
		id++;
	return id;
}

static void *tasks_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct container_open *open = m->private;
	struct pid_view *view = open->private;
	int *next = block_end(view, v);

	if (next == view->pids + view->nr) {
		++*pos;
		return NULL;
	}
	*pos = block_of(*next);
	return next;
}

static void tasks_stop(struct seq_file *m, void *v)
{
	mutex_unlock(&views_lock);
}

/* 00 to 99: half as many divisions as there are digits. */
#define TENS(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"
static const char two_digits[] = TENS("0") TENS("1") TENS("2") TENS("3")
	TENS("4") TENS("5") TENS("6") TENS("7") TENS("8") TENS("9");

/* Writes a line in front of @end, and returns where it begins; no id is 0. */
static char *put_id(char *end, unsigned int id)
{
	*--end = '\n';
	for (; id >= 10; id /= 100) {
		end -= 2;
		memcpy(end, &two_digits[id % 100 * 2], 2);
	}
	if (id)
		*--end = '0' + id;
	return end;
}

static int tasks_show(struct seq_file *m, void *v)
{
	struct container_open *open = m->private;
	char buf[BLOCK_IDS * ID_CHARS];
	char *const end = buf + sizeof(buf);
	char *line = end;
	int *id = block_end(open->private, v);

	while (id != v)
		line = put_id(line, *--id);
	return container_seq_write(m, line, end - line);
}

static const struct seq_operations tasks_seq_ops = {
	.start	= tasks_start,
	.next	= tasks_next,
	.stop	= tasks_stop,
	.show	= tasks_show,
};

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && isspace(*p))
		p++;
	return p;
}

static const char *skip_word(const char *p, const char *end)
{
	while (p < end && !isspace(*p))
		p++;
	return p;
}

static int count_words(const char *p, const char *end)
{
	int count = 0;

	for (p = skip_space(p, end); p < end; p = skip_space(p, end)) {
		count++;
		p = skip_word(p, end);
	}
	return count;
}

/* Not a space, so a NUL is part of a word, which then is no number. */
static int parse_pid(const char *p, const char *end, int *pid)
{
	u64 val = 0;

	for (; p < end; p++) {
		if (!isdigit(*p))
			return -EINVAL;
		val = val * 10 + (*p - '0');
		if (val > INT_MAX)
			return -EINVAL;
	}
	*pid = val;
	return 0;
}

static int parse_pids(const char *p, const char *end, int *pids)
{
	const char *word;
	int err;

	for (p = skip_space(p, end); p < end; p = skip_space(p, end)) {
		word = p;
		p = skip_word(p, end);
		err = parse_pid(word, p, pids++);
		if (err)
			return err;
	}
	return 0;
}

static int tasks_write(struct container *cont, const struct cftype *cft,
		       struct file *file, char *buf, size_t nbytes)
{
	int count = count_words(buf, buf + nbytes);
	int one;
	int *pids = &one;
	int err;

	if (!count)
		return -EINVAL;
	if (count > 1)
		pids = container_alloc_array(count * sizeof(*pids));
	if (!pids)
		return -ENOMEM;
	err = parse_pids(buf, buf + nbytes, pids);
	if (!err)
		err = container_move_tasks(cont, file, pids, count);
	if (pids != &one)
		container_free_array(pids);
	return err;
}

/* In every container. */
const struct cftype container_tasks_file = {
	.name		= "tasks",
	.seq_ops	= &tasks_seq_ops,
	.seq_release	= tasks_release,
	.write_string	= tasks_write,
	.raw		= true,
};

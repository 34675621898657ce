// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: the file "tasks", which lists the tasks of a container and
 * takes those that shall move there.
 */

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "container_host.h"
#include "container_internal.h"

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
 * walk_lock lets one reader of a file at a time walk over many tasks: when its
 * view is large, and for every top container, since that walk looks at all
 * tasks of the machine and all css_groups, however few are in the container.
 *
 * A walk holds tasklist_lock for reading.  Where a reader of that lock gets it
 * ahead of a waiting writer, as on 2.6.22, several readers that walk all the
 * time would keep fork and exit from ever getting it:
 *
 *	CPU 0			CPU 1			CPU 2
 *	-----			-----			-----
 *	read_lock()
 *				write_lock() waits
 *							read_lock()
 *	read_unlock()
 *	read_lock()
 *							read_unlock()
 *
 * With walk_lock there is a moment between two walks when no such reader has
 * it.  tasklist_lock nests inside.  Nothing that can wait for another task is
 * done with walk_lock held, such as an allocation or a copy to user space.
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

	lockdep_assert_held(&views_lock);
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

	lockdep_assert_held(&views_lock);
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

static char *skip_space(char *p)
{
	while (isspace(*p))
		p++;
	return p;
}

static char *skip_word(char *p)
{
	while (*p && !isspace(*p))
		p++;
	return p;
}

static int count_words(char *p)
{
	int count = 0;

	for (p = skip_space(p); *p; p = skip_space(skip_word(p)))
		count++;
	return count;
}

/* Overwrites the space between the words. */
static int parse_pids(char *p, int *pids)
{
	char *word;
	u64 val;

	for (p = skip_space(p); *p; p = skip_space(p)) {
		word = p;
		p = skip_word(p);
		if (*p)
			*p++ = '\0';
		if (container_parse_uint(word, &val) || val > INT_MAX)
			return -EINVAL;
		*pids++ = val;
	}
	return 0;
}

static int tasks_write(struct container *cont, const struct cftype *cft,
		       struct file *file, char *buf, size_t nbytes)
{
	int count = count_words(buf);
	int one;
	int *pids = &one;
	int err;

	if (!count)
		return -EINVAL;
	if (count > 1)
		pids = container_alloc_array(count * sizeof(*pids));
	if (!pids)
		return -ENOMEM;
	err = parse_pids(buf, pids);
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
};

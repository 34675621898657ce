// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: the control file "tasks".  Reading it lists the tasks of
 * a container, writing to it moves tasks into the container.
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

/*
 * A view with room for more ids than this is a large view, which counts against
 * MAX_VIEWS.
 */
#define SMALL_VIEW	256

/* The limit for all large views together, in ids.  They need 1 MiB. */
#define MAX_VIEWS	(256 * 1024)

/* A record of seq_file has the ids of one block: n * 32 to n * 32 + 31. */
#define BLOCK_IDS	32

/* "2147483647\n" */
#define ID_CHARS	11

/**
 * struct pid_view - a snapshot of the tasks of a container, for an open file
 * @node: links the large views (views_lock)
 * @open: the open file
 * @size: how many ids there is memory for
 * @nr: length of @pids
 * @pids: the ids, ascending
 *
 * Any user can open and read files, so the memory for views must be limited.
 * When the large views have too many ids altogether, the view that was read
 * least recently is taken away from its file and freed.  When this file is read
 * again, it gets a new view and continues after the last block of ids that it
 * has shown: the position that seq_file uses is the number of a block.
 */
struct pid_view {
	struct list_head node;
	struct container_open *open;
	int size;
	int nr;
	int pids[];
};

/*
 * views_lock protects large_views and nr_large_views and, for this file,
 * container_open::private.  It is held while a view is being read.  That does
 * not take long, because nothing is copied to user space meanwhile.
 */
static DEFINE_MUTEX(views_lock);
static LIST_HEAD(large_views);	/* ordered by the time of the last read */
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
 * container_count_for_reader - count the tasks of a container for a reader
 * @cont: the container
 *
 * To be used for reading a file, which any user can do as often as he likes:
 * only one walk over a top container runs at a time.
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

/* Take the view, if there is one, from an open file and return it. */
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

/*
 * Give a view to an open file, which has none.  Views of other files may have
 * to be freed for that.
 */
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

/*
 * Returns the first id in block *@pos, or in the next block that is not empty,
 * and sets *@pos to that block; NULL when there is none.
 */
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
 * Fill @view with as many pids as there is memory for.  Returns the number of
 * tasks.  If it is greater than view->size, @view is incomplete.
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
	/* Tasks are linked in the order of their forks, so mostly ascending. */
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

/*
 * Make a view of the tasks as they are at one moment: all of them are collected
 * in one critical section.  Without enough memory for that, start again.
 */
static struct pid_view *pid_view_make(struct container *cont)
{
	int room = container_count_for_reader(cont);
	struct pid_view *view;
	int count;

	for (;;) {
		room += room / 8 + 8;	/* for forks that happen meanwhile */
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
 * A view is used until the reader seeks back to the start of the file, or until
 * the view is taken away.
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

/* Returns the end of the block that starts at @id. */
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

/* The numbers 00 to 99, so that put_id() needs one division for two digits. */
#define TENS(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"
static const char two_digits[] = TENS("0") TENS("1") TENS("2") TENS("3")
	TENS("4") TENS("5") TENS("6") TENS("7") TENS("8") TENS("9");

/*
 * Write the line for @id so that it ends at @end.  Returns the start of the
 * line. @id is not 0.
 */
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

/* Put a NUL behind each word and parse it. */
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

/* The file "tasks", which is in every container. */
const struct cftype container_tasks_file = {
	.name		= "tasks",
	.seq_ops	= &tasks_seq_ops,
	.seq_release	= tasks_release,
	.write_string	= tasks_write,
};

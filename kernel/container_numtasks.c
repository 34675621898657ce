// SPDX-License-Identifier: GPL-2.0
/*
 * Container subsystem "numtasks": limits the number of tasks.
 *
 *	numtasks.limit		greatest count that a fork may reach, or "max"
 *	numtasks.count		tasks in this container and all below it
 *	numtasks.peak		highest count so far
 *	numtasks.failcnt	forks that were refused because of this limit
 *
 * A fork fails with EAGAIN when the container, or one above it, is at its
 * limit.  Moving tasks never fails: the administrator decides which task is
 * where.  So the count can exceed the limit after a move, or when the limit has
 * been lowered.  Then every fork is refused until enough tasks are gone.
 *
 * The top container has no limit, so it is not counted, and its tasks cost
 * nothing.  When a task moves or exits, its place in the list and the count
 * change in one critical section of tasklist_lock, so they agree at any time.
 * A fork in progress is already counted.
 *
 * See Documentation/container-numtasks.txt.
 */

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/container.h>

/* No limit.  No machine has so many tasks. */
#define NUMTASKS_MAX	INT_MAX

/**
 * struct numtasks - the state of a container
 * @css: the part that the core uses
 * @depth: 0 in the top container (I)
 * @parent: the state of the container above.  The container keeps its own
 *	parent until it is freed, and this keeps the state (I)
 * @limit: greatest @count that a fork may reach.  A fork that runs while the
 *	limit is changed may see either value (A)
 * @count: tasks here and below (A)
 * @peak: highest @count so far.  When two tasks raise it at the same time, the
 *	lower value may be recorded (A)
 * @failcnt: forks that were refused because of @limit.  A long, since a busy
 *	machine can have 2^31 of them within days (A)
 */
struct numtasks {
	struct container_subsys_state css;
	int depth;
	struct numtasks *parent;
	atomic_t limit;
	atomic_t count;
	atomic_t peak;
	atomic_long_t failcnt;
};

/* The top container is not counted. */
static struct numtasks top_numtasks;

static struct numtasks *css_numtasks(struct container_subsys_state *css)
{
	return container_of(css, struct numtasks, css);
}

static struct numtasks *cont_numtasks(struct container *cont)
{
	return css_numtasks(container_subsys_state(cont, numtasks_subsys_id));
}

/*
 * Counting.  Each of these functions goes up the tree from @nt and stops below
 * @end: the top container, or the first container whose count does not change.
 */

static void raise_peak(struct numtasks *nt, const struct numtasks *end)
{
	int count;

	for (; nt != end; nt = nt->parent) {
		count = atomic_read(&nt->count);
		if (count > atomic_read(&nt->peak))
			atomic_set(&nt->peak, count);
	}
}

static void uncharge(struct numtasks *nt, const struct numtasks *end, int n)
{
	for (; nt != end; nt = nt->parent)
		WARN_ON_ONCE(atomic_add_return(-n, &nt->count) < 0);
}

/* Charge without a check.  The count may exceed the limit. */
static void charge(struct numtasks *nt, const struct numtasks *end, int n)
{
	struct numtasks *at;

	for (at = nt; at != end; at = at->parent)
		atomic_add(n, &at->count);
	raise_peak(nt, end);
}

/*
 * Increment *@count unless it has reached @limit.
 *
 * The count never exceeds @limit, not even for a moment, or another fork could
 * be refused for no reason.  So atomic_inc_return() with an undo would not do.
 */
static bool inc_below(atomic_t *count, int limit)
{
	int old = atomic_read(count);
	int seen;

	while (old < limit) {
		seen = atomic_cmpxchg(count, old, old + 1);
		if (seen == old)
			return true;
		old = seen;
	}
	return false;
}

static int try_charge(struct numtasks *nt)
{
	struct numtasks *at;

	for (at = nt; at != &top_numtasks; at = at->parent) {
		if (!inc_below(&at->count, atomic_read(&at->limit))) {
			atomic_long_inc(&at->failcnt);
			uncharge(nt, at, 1);
			return -EAGAIN;
		}
	}
	raise_peak(nt, &top_numtasks);
	return 0;
}

static struct numtasks *common_ancestor(struct numtasks *a, struct numtasks *b)
{
	while (a != b) {
		if (a->depth >= b->depth)
			a = a->parent;
		else
			b = b->parent;
	}
	return a;
}

/* Life cycle. */

static int numtasks_create(struct container_subsys *ss, struct container *cont)
{
	struct numtasks *nt = &top_numtasks;

	if (cont->parent) {
		nt = container_state_alloc(sizeof(*nt));
		if (!nt)
			return -ENOMEM;
		nt->parent = cont_numtasks(cont->parent);
		nt->depth = nt->parent->depth + 1;
	}
	atomic_set(&nt->limit, NUMTASKS_MAX);
	cont->subsys[numtasks_subsys_id] = &nt->css;
	return 0;
}

static void numtasks_destroy(struct container_subsys *ss,
			     struct container *cont)
{
	kfree(cont_numtasks(cont));
}

/* Tasks. */

static int numtasks_can_fork(struct container_subsys *ss,
			     struct container_subsys_state *css,
			     struct task_struct *child)
{
	return try_charge(css_numtasks(css));
}

static void numtasks_cancel_fork(struct container_subsys *ss,
				 struct container_subsys_state *css,
				 struct task_struct *child)
{
	uncharge(css_numtasks(css), &top_numtasks, 1);
}

static void numtasks_transfer_count(struct container_subsys *ss,
				    struct container_subsys_state *css,
				    struct container_subsys_state *old_css,
				    int count)
{
	struct numtasks *to = css_numtasks(css);
	struct numtasks *from = css_numtasks(old_css);
	struct numtasks *end = common_ancestor(to, from);

	charge(to, end, count);
	uncharge(from, end, count);
}

static void numtasks_exit(struct container_subsys *ss,
			  struct container_subsys_state *old_css,
			  struct task_struct *task)
{
	uncharge(css_numtasks(old_css), &top_numtasks, 1);
}

/* Files. */

static int read_limit(struct container *cont, const struct cftype *cft,
		      struct seq_file *m)
{
	int limit = atomic_read(&cont_numtasks(cont)->limit);

	if (limit == NUMTASKS_MAX)
		seq_puts(m, "max\n");
	else
		seq_printf(m, "%d\n", limit);
	return 0;
}

static int write_limit(struct container *cont, const struct cftype *cft,
		       struct file *file, char *buf, size_t nbytes)
{
	u64 limit;
	int err;

	if (!strcmp(buf, "max")) {
		limit = NUMTASKS_MAX;
	} else {
		err = container_parse_uint(buf, &limit);
		if (err)
			return err;
		if (limit >= NUMTASKS_MAX)
			return -EINVAL;
	}
	atomic_set(&cont_numtasks(cont)->limit, limit);
	return 0;
}

static u64 read_count(struct container *cont, const struct cftype *cft)
{
	return atomic_read(&cont_numtasks(cont)->count);
}

static u64 read_peak(struct container *cont, const struct cftype *cft)
{
	return atomic_read(&cont_numtasks(cont)->peak);
}

static u64 read_failcnt(struct container *cont, const struct cftype *cft)
{
	return (unsigned long)atomic_long_read(&cont_numtasks(cont)->failcnt);
}

static const struct cftype files[] = {
	{
		.name		= "numtasks.limit",
		.flags		= CFTYPE_NOT_ON_TOP,
		.read_seq	= read_limit,
		.write_string	= write_limit,
	},
	{
		.name		= "numtasks.count",
		.flags		= CFTYPE_NOT_ON_TOP,
		.read_uint	= read_count,
	},
	{
		.name		= "numtasks.peak",
		.flags		= CFTYPE_NOT_ON_TOP,
		.read_uint	= read_peak,
	},
	{
		.name		= "numtasks.failcnt",
		.flags		= CFTYPE_NOT_ON_TOP,
		.read_uint	= read_failcnt,
	},
	{ }
};

struct container_subsys numtasks_subsys = {
	.name		= "numtasks",
	.subsys_id	= numtasks_subsys_id,
	.create		= numtasks_create,
	.destroy	= numtasks_destroy,
	.can_fork	= numtasks_can_fork,
	.cancel_fork	= numtasks_cancel_fork,
	.transfer_count	= numtasks_transfer_count,
	.exit		= numtasks_exit,
	.files		= files,
};

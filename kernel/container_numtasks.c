// SPDX-License-Identifier: GPL-2.0
/*
 * Container subsystem "numtasks": limits how many tasks there are.
 *
 *	numtasks.limit		most tasks that fork may make, or "max"
 *	numtasks.count		tasks in this container and all below it
 *	numtasks.peak		highest count ever
 *	numtasks.failcnt	forks refused because of this limit
 *
 * A fork in a container at its limit, or below one at its limit, fails with
 * EAGAIN.  Moving tasks never fails: the administrator decides what is where.
 * So the count can be above the limit, after a move or after the limit has
 * been lowered; then there is no fork until enough tasks are gone.
 *
 * The top container has no limit, so it is not counted, and a task in it
 * costs nothing.  A task that moves or exits is counted where it is listed at
 * every moment, since both change in one critical section of tasklist_lock.
 * A fork in progress is counted already.
 *
 * See Documentation/container-numtasks.txt.
 */

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/container.h>

/* No limit.  No machine has that many tasks. */
#define NUMTASKS_MAX	INT_MAX

/**
 * struct numtasks - what a container counts
 * @css: the core's part
 * @depth: 0 in the top container (I)
 * @parent: the state of the container above; kept by the container, whose
 *	own parent is kept until it is freed (I)
 * @limit: most tasks that fork may make; a racy read decides about a fork
 *	that comes at the same time as a change (A)
 * @count: tasks here and below (A)
 * @peak: highest @count; two that rise at once may record the lower (A)
 * @failcnt: forks refused because of @limit; a busy machine has 2^31 of them
 *	in some days (A)
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
 * The arithmetic.  All of it goes up the tree and stops below @end, which is
 * the top container or one that keeps its count.
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

/* May go beyond the limit. */
static void charge(struct numtasks *nt, const struct numtasks *end, int n)
{
	struct numtasks *at;

	for (at = nt; at != end; at = at->parent)
		atomic_add(n, &at->count);
	raise_peak(nt, end);
}

/* Never beyond @limit, not even for a moment: nobody else is to be refused. */
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

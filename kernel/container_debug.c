// SPDX-License-Identifier: GPL-2.0
/*
 * Container subsystem "debug": shows internal data of the core, controls
 * nothing.
 *
 *	debug.task_count		 tasks in this container
 *	debug.css_refcount		 references to this subsystem's state,
 *					 without the container's own one
 *	debug.current_css_group		 number of the reader's css_group
 *	debug.current_css_group_refcount references to this css_group
 *	debug.current_css_group_links	 its containers, as in
 *					 /proc/<pid>/container
 *	debug.css_groups		 number of all css_groups
 */

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "container_internal.h"

/* The state of the top container, which is never freed. */
static struct container_subsys_state top_css;

static int debug_create(struct container_subsys *ss, struct container *cont)
{
	struct container_subsys_state *css = &top_css;

	if (cont->parent)
		css = container_state_alloc(sizeof(*css));
	if (!css)
		return -ENOMEM;
	cont->subsys[debug_subsys_id] = css;
	return 0;
}

static void debug_destroy(struct container_subsys *ss, struct container *cont)
{
	kfree(cont->subsys[debug_subsys_id]);
}

static u64 read_task_count(struct container *cont, const struct cftype *cft)
{
	return container_count_for_reader(cont);
}

static u64 read_css_refcount(struct container *cont, const struct cftype *cft)
{
	struct container_subsys_state *css =
		container_subsys_state(cont, debug_subsys_id);

	int count = atomic_read(&css->refcnt);

	/* 0 or less while the container is being removed. */
	return count > 0 ? count - 1 : 0;
}

static u64 read_group(struct container *cont, const struct cftype *cft)
{
	u64 serial;

	rcu_read_lock();
	serial = rcu_dereference(current->containers)->serial;
	rcu_read_unlock();
	return serial;
}

static u64 read_group_refcount(struct container *cont,
			       const struct cftype *cft)
{
	u64 count;

	rcu_read_lock();
	count = atomic_read(&rcu_dereference(current->containers)->refcount);
	rcu_read_unlock();
	return count;
}

static int read_group_links(struct container *cont, const struct cftype *cft,
			    struct seq_file *m)
{
	container_show_current(m);
	return 0;
}

static u64 read_groups(struct container *cont, const struct cftype *cft)
{
	return container_count_groups();
}

static const struct cftype files[] = {
	{
		.name		= "debug.task_count",
		.read_uint	= read_task_count,
	},
	{
		.name		= "debug.css_refcount",
		.read_uint	= read_css_refcount,
	},
	{
		.name		= "debug.current_css_group",
		.read_uint	= read_group,
	},
	{
		.name		= "debug.current_css_group_refcount",
		.read_uint	= read_group_refcount,
	},
	{
		.name		= "debug.current_css_group_links",
		.read_seq	= read_group_links,
	},
	{
		.name		= "debug.css_groups",
		.read_uint	= read_groups,
	},
	{ }
};

struct container_subsys debug_subsys = {
	.name		= "debug",
	.subsys_id	= debug_subsys_id,
	.create		= debug_create,
	.destroy	= debug_destroy,
	.files		= files,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Container subsystem "forks": counts the tasks that have been started.
 *
 *	forks.count	tasks that were started in this container; writing 0
 *			resets it, and a mount resets it in the top container
 *
 * This is the example of Documentation/container-subsystems.txt, which shows
 * the whole file: change both.
 */

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include <linux/container.h>

/**
 * struct forks - the state of a container
 * @css: the part that the core uses
 * @count: tasks started here (A)
 */
struct forks {
	struct container_subsys_state css;
	atomic_long_t count;
};

static struct forks top_forks;

static struct forks *css_forks(struct container_subsys_state *css)
{
	return container_of(css, struct forks, css);
}

static struct forks *cont_forks(struct container *cont)
{
	return css_forks(container_subsys_state(cont, forks_subsys_id));
}

static int forks_create(struct container_subsys *ss, struct container *cont)
{
	struct forks *forks = &top_forks;

	if (cont->parent)
		forks = container_state_alloc(sizeof(*forks));
	if (!forks)
		return -ENOMEM;
	cont->subsys[forks_subsys_id] = &forks->css;
	return 0;
}

static void forks_destroy(struct container_subsys *ss, struct container *cont)
{
	kfree(cont_forks(cont));
}

static void forks_fork(struct container_subsys *ss, struct task_struct *task)
{
	struct container_subsys_state *css;

	rcu_read_lock();
	css = task_subsys_state(task, forks_subsys_id);
	atomic_long_inc(&css_forks(css)->count);
	rcu_read_unlock();
}

static void forks_bind(struct container_subsys *ss, struct container *top)
{
	atomic_long_set(&top_forks.count, 0);
}

static u64 read_count(struct container *cont, const struct cftype *cft)
{
	return (unsigned long)atomic_long_read(&cont_forks(cont)->count);
}

static int write_count(struct container *cont, const struct cftype *cft,
		       u64 val)
{
	if (val)
		return -EINVAL;
	atomic_long_set(&cont_forks(cont)->count, 0);
	return 0;
}

static const struct cftype files[] = {
	{
		.name		= "forks.count",
		.read_uint	= read_count,
		.write_uint	= write_count,
	},
	{ }
};

struct container_subsys forks_subsys = {
	.name		= "forks",
	.subsys_id	= forks_subsys_id,
	.create		= forks_create,
	.destroy	= forks_destroy,
	.fork		= forks_fork,
	.files		= files,
	.bind		= forks_bind,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Container subsystem "ns": a container for each set of namespaces.
 *
 * While this subsystem is mounted, a task that gets new namespaces by clone()
 * or unshare() also gets a container of its own, below the one that it was in.
 * Such a container is a border: a task can be moved into it from outside, but
 * not back out, since a task cannot get its old namespaces back either.  Tasks
 * can be moved freely between containers that are not separated by a border.
 *
 * See Documentation/container-ns.txt.
 */

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "container_host.h"
#include <linux/container.h>

/**
 * struct ns_state - the state of a container
 * @css: the part that the core uses
 * @border: the container was made for a set of namespaces (written before the
 *	container can be seen)
 */
struct ns_state {
	struct container_subsys_state css;
	bool border;
};

static struct ns_state top_state = { .border = true };

static struct ns_state *cont_state(struct container *cont)
{
	return container_of(container_subsys_state(cont, ns_subsys_id),
			    struct ns_state, css);
}

static int ns_create(struct container_subsys *ss, struct container *cont)
{
	struct ns_state *state = &top_state;

	if (cont->parent)
		state = container_state_alloc(sizeof(*state));
	if (!state)
		return -ENOMEM;
	cont->subsys[ns_subsys_id] = &state->css;
	return 0;
}

static void ns_destroy(struct container_subsys *ss, struct container *cont)
{
	kfree(cont_state(cont));
}

static void ns_post_clone(struct container_subsys *ss, struct container *cont)
{
	cont_state(cont)->border = true;
}

/*
 * Where there are user namespaces, a task without CAP_SYS_ADMIN can get any
 * number of new namespaces, one after the other.  A container is not removed
 * when its last task leaves.  So such a task gets no containers.
 */
static bool ns_wants_container(struct container_subsys *ss,
			       struct task_struct *child,
			       unsigned long clone_flags)
{
	return container_is_admin();
}

/**
 * container_unshare - make a container when the current task gets new
 * namespaces
 *
 * Called by unshare(), after everything else that can fail.
 *
 * Context: no locks; sleeps.
 * Return: 0, or an error as container_clone().
 */
int container_unshare(void)
{
	if (!container_subsys_mounted(&ns_subsys) || !container_is_admin())
		return 0;
	return container_clone(current, &ns_subsys);
}

/* Returns the nearest border: @cont itself or a container above it. */
static struct container *inside_of(struct container *cont)
{
	while (!cont_state(cont)->border)
		cont = cont->parent;
	return cont;
}

static int ns_can_attach(struct container_subsys *ss, struct container *cont,
			 struct task_struct *task)
{
	struct container *border;

	if (!task)
		return 0;
	rcu_read_lock();
	border = inside_of(task_container(task, ns_subsys_id));
	rcu_read_unlock();
	while (cont && cont != border)
		cont = cont->parent;
	return cont ? 0 : -EPERM;
}

struct container_subsys ns_subsys = {
	.name		= "ns",
	.subsys_id	= ns_subsys_id,
	.create		= ns_create,
	.destroy	= ns_destroy,
	.post_clone	= ns_post_clone,
	.wants_container = ns_wants_container,
	.clone_flags	= CONTAINER_NAMESPACE_FLAGS,
	.can_attach	= ns_can_attach,
};

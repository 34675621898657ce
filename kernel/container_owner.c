// SPDX-License-Identifier: GPL-2.0
/*
 * Container subsystem "owner": the identity of containers.
 *
 *	owner.id	a number that no other container has, ever; 0 for the
 *			top container
 *	owner.init	pid of the first task that was in the container, as
 *			the reader sees it; 0 if there was none, if it has
 *			exited, or if the reader cannot see it
 *
 * For the kernel it also records which container the current task acts for, see
 * <linux/container_owner.h>.
 *
 * The first task of a container either has been moved there, or has been forked
 * into it by a task in another container.  A child of a task that is in the
 * container already is not the first.  Both cases go through transfer(), in the
 * critical section of tasklist_lock in which the task joins the container.  So
 * a child cannot be taken for the first task when in fact its parent was, and
 * an ordinary fork costs nothing.
 *
 * See Documentation/container-owner.txt.
 */

#include <linux/err.h>
#include <linux/hardirq.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "container_host.h"
#include <linux/container_owner.h>	/* must be the last header */

/**
 * struct owner - the identity of a container
 * @css: the part that the core uses
 * @id: the number; 0 in the top container only (I)
 * @init: the first task, with a reference; NULL when there has been none.
 *	Never changes once it is set (T; also read under RCU)
 * @hash: links the entries of a bucket of owner_hash; unused in the top
 *	container (written under container_mutex, read under RCU)
 * @rcu: delays the release by a grace period, for tasks that walk the bucket
 */
struct owner {
	struct container_subsys_state css;
	u32 id;
	struct pid __rcu *init;
	struct list_head hash;
	struct rcu_head rcu;
};

static struct owner top_owner;

/* The top container at boot, which is never freed.  Set at boot. */
static struct container *boot_top;

/*
 * The highest id that is in use or has ever been used.  The greatest number is
 * not used as an id, because task_struct::effective_owner holds the id plus
 * one.  Protected by container_mutex.
 */
static u32 last_id;
#define OWNER_MAX_ID	(UINT_MAX - 1)

/* All owners except that of the top container, by id.  See owner::hash. */
static struct list_head owner_hash[64];

static struct list_head *owner_bucket(u32 id)
{
	return &owner_hash[id % ARRAY_SIZE(owner_hash)];
}

static struct owner *css_owner(struct container_subsys_state *css)
{
	return container_of(css, struct owner, css);
}

static struct owner *cont_owner(struct container *cont)
{
	return css_owner(container_subsys_state(cont, owner_subsys_id));
}

/* The interface for other parts of the kernel. */

/**
 * container_owner_top - the container that root_container stands for
 *
 * Context: RCU or container_mutex.  When the hierarchy is dissolved, the top
 * container of another hierarchy takes this role.  Use get_root_container() to
 * get a reference.
 * Return: the container, never NULL after boot.
 */
struct container *container_owner_top(void)
{
	return top_owner.css.container;
}
EXPORT_SYMBOL_GPL(container_owner_top);

/*
 * Returns the effective container of the current task, or NULL; @top if it is
 * the top container.
 *
 * The task does not have a pointer, which would make task_struct larger, but a
 * number: the id plus one.  There is room for it beside another int.  A task
 * that acts for a container has a reference on it, and with it on its state.
 * So the container is found here even if it was removed, or owner has been
 * bound to another hierarchy.
 *
 * Called under RCU.
 */
static struct container *effective_container(struct container *top)
{
	u32 id = current->effective_owner;
	struct owner *owner;

	if (!id)
		return NULL;
	if (!--id)
		return top;
	list_for_each_entry_rcu(owner, owner_bucket(id), hash)
		if (owner->id == id)
			return owner->css.container;
	return NULL;
}

/**
 * current_container - the container that the current task acts for
 *
 * This is the effective container if there is one, else the container that the
 * task is in.  An interrupt handler gets the container of the task that it has
 * interrupted.
 *
 * Context: RCU or container_mutex, since otherwise the task can be moved and
 * then the container be freed.  An effective container exists for as long as it
 * is effective.  If it is the top container, it is replaced by another one when
 * owner is bound to another hierarchy.  Use get_current_container() to get a
 * reference.
 * Return: the container, never NULL.  An effective container may have been
 * removed.
 */
struct container *current_container(void)
{
	struct container *cont;

	rcu_read_lock();
	cont = effective_container(container_owner_top());
	rcu_read_unlock();
	return cont ? cont : task_container(current, owner_subsys_id);
}
EXPORT_SYMBOL_GPL(current_container);

/*
 * Take a reference unless the last one has been dropped; then the caller must
 * look again.
 *
 * The state of owner goes from one top container to another one when its
 * hierarchy is dissolved.  Soon after that, and without a grace period in
 * between, the old top container loses its last reference.
 */
static struct container *try_get_container(struct container *cont)
{
	return atomic_inc_not_zero(&cont->count) ? cont : NULL;
}

/**
 * get_root_container - get a reference on root_container
 *
 * Context: any.
 * Return: the container, for put_container().
 */
struct container *get_root_container(void)
{
	struct container *cont;

	rcu_read_lock();
	do {
		cont = try_get_container(container_owner_top());
	} while (!cont);
	rcu_read_unlock();
	return cont;
}
EXPORT_SYMBOL_GPL(get_root_container);

/**
 * get_current_container - get a reference on current_container()
 *
 * Context: any.
 * Return: the container, for put_container().
 */
struct container *get_current_container(void)
{
	struct container *cont;

	rcu_read_lock();
	do {
		cont = try_get_container(current_container());
	} while (!cont);
	rcu_read_unlock();
	return cont;
}
EXPORT_SYMBOL_GPL(get_current_container);

/**
 * set_current_container - let the current task act for another container
 * @cont: a container of the hierarchy that owner is bound to, which becomes the
 *	effective container; NULL to act for the task's own container again
 *
 * This takes and drops no reference.  The caller has a reference from
 * get_container(), or knows for another reason that @cont exists, until it
 * calls this function again with the value that the first call returned.  It
 * must do so before it drops the reference, and before the task returns to user
 * space or exits.  So overrides can be nested:
 *
 *	old = set_current_container(cont);
 *	...
 *	set_current_container(old);
 *
 * The task itself stays in its own container: it is listed and counted there,
 * and its children start there and act for it.  It can be moved while it acts
 * for another container.  On exit it leaves its own container; a task that
 * exits with an effective container is a bug, which kernels with lockdep
 * report.
 *
 * A reference does not prevent the removal of @cont.  A caller that needs this
 * uses css_tryget() on a state of @cont.
 *
 * Context: process context; does not sleep.
 * Return: the previous effective container, or NULL when there was none.  If it
 * was a top container, this is a placeholder for whichever container is the top
 * at the time, and nobody has a reference: owner may be bound to another
 * hierarchy meanwhile.
 */
struct container *set_current_container(struct container *cont)
{
	struct container_subsys_state *css;
	struct container *old;

	WARN_ON_ONCE(in_interrupt());
	rcu_read_lock();
	old = effective_container(boot_top);
	css = cont ? container_subsys_state(cont, owner_subsys_id) : NULL;
	current->effective_owner = css ? css_owner(css)->id + 1 : 0;
	rcu_read_unlock();
	return old;
}
EXPORT_SYMBOL_GPL(set_current_container);

/**
 * container_id - the id of a container
 * @cont: the container; it may have been removed
 *
 * Context: any; @cont is protected by a reference, RCU or container_mutex.
 * Return: the id; 0 for a top container, and for a container of a hierarchy
 * that owner is not bound to.
 */
u32 container_id(struct container *cont)
{
	struct container_subsys_state *css;
	u32 id = 0;

	rcu_read_lock();	/* owner may be unbound meanwhile */
	css = container_subsys_state(cont, owner_subsys_id);
	if (css)
		id = css_owner(css)->id;
	rcu_read_unlock();
	return id;
}
EXPORT_SYMBOL_GPL(container_id);

/*
 * Life cycle.
 */

/* Ids are never reused, so a failure need not give the id back. */
static int owner_create(struct container_subsys *ss, struct container *cont)
{
	struct owner *owner = &top_owner;
	unsigned int i;

	if (cont->parent) {
		if (last_id >= OWNER_MAX_ID)
			return -ENOSPC;
		owner = container_state_alloc(sizeof(*owner));
		if (!owner)
			return -ENOMEM;
		owner->id = ++last_id;
		container_init_css(ss, cont, &owner->css);
		list_add_rcu(&owner->hash, owner_bucket(owner->id));
	} else {
		boot_top = cont;
		for (i = 0; i < ARRAY_SIZE(owner_hash); i++)
			INIT_LIST_HEAD(&owner_hash[i]);
		cont->subsys[owner_subsys_id] = &owner->css;
	}
	return 0;
}

static void free_owner(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct owner, rcu));
}

static void owner_destroy(struct container_subsys *ss, struct container *cont)
{
	struct owner *owner = cont_owner(cont);

	list_del_rcu(&owner->hash);
	put_pid(rcu_dereference_protected(owner->init, true));
	call_rcu(&owner->rcu, free_owner);
}

/* Boot option container_owner_id=N: the ids up to N have been used. */
static int __init last_id_setup(char *str)
{
	u64 id;

	if (container_parse_uint(str, &id) || id > UINT_MAX)
		pr_info("containers: %s is no id\n", str);
	else
		last_id = min_t(u64, id, OWNER_MAX_ID);
	return 1;
}
__setup("container_owner_id=", last_id_setup);

/*
 * The initial task has no pid.  The task that runs this is the next one, and
 * counts as the first task of the top container.
 */
static int __init owner_init(void)
{
	rcu_assign_pointer(top_owner.init,
			   get_task_pid(current, PIDTYPE_PID));
	return 0;
}
core_initcall(owner_init);

/*
 * The first task.
 */

static void note_task(struct owner *owner, struct task_struct *task)
{
	lockdep_assert_held_write(&tasklist_lock);
	if (rcu_access_pointer(owner->init) || task->exit_state)
		return;
	rcu_assign_pointer(owner->init, container_get_pid(task));
}

static void owner_transfer(struct container_subsys *ss,
			   struct container_subsys_state *css,
			   struct container_subsys_state *old_css,
			   struct task_struct *task)
{
	note_task(css_owner(css), task);
}

/*
 * A task that was in the container before owner was bound to the hierarchy has
 * not gone through transfer().  If no first task is known, it is this one.
 */
static void owner_attach(struct container_subsys *ss, struct container *cont,
			 struct container *old_cont, struct task_struct *task)
{
	struct owner *owner = cont_owner(cont);

	if (rcu_access_pointer(owner->init))
		return;
	write_lock_irq(&tasklist_lock);
	note_task(owner, task);
	write_unlock_irq(&tasklist_lock);
}

/*
 * Files.
 */

static u64 read_id(struct container *cont, const struct cftype *cft)
{
	return cont_owner(cont)->id;
}

/* Unlike a pid number, a struct pid is never reused for another task. */
static u64 read_init(struct container *cont, const struct cftype *cft)
{
	struct task_struct *task;
	u64 nr = 0;

	rcu_read_lock();
	task = pid_task(rcu_dereference(cont_owner(cont)->init), PIDTYPE_PID);
	if (task && !task->exit_state)
		nr = container_task_pid(task);
	rcu_read_unlock();
	return nr;
}

static const struct cftype files[] = {
	{
		.name		= "owner.id",
		.read_uint	= read_id,
	},
	{
		.name		= "owner.init",
		.read_uint	= read_init,
	},
	{ }
};

struct container_subsys owner_subsys = {
	.name		= "owner",
	.subsys_id	= owner_subsys_id,
	.create		= owner_create,
	.destroy	= owner_destroy,
	.attach		= owner_attach,
	.transfer	= owner_transfer,
	.files		= files,
};

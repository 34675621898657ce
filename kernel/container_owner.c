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
 * and, for the kernel, whom the current task acts for: see
 * <linux/container_owner.h>.
 *
 * The first task of a container has been moved there, or been forked by a
 * task elsewhere: who is forked by a task that is there already is not the
 * first.  Both go through transfer(), in the critical section of
 * tasklist_lock in which the task joins, so that a child cannot be taken for
 * the first task when its parent was, and fork costs nothing.
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
#include <linux/container_owner.h>	/* last, as it asks for */

/**
 * struct owner - the identity of a container
 * @css: the core's part
 * @id: the number; 0 in the top container only (I)
 * @init: the first task, with a reference; NULL when there has been none.
 *	Never changes once it is set (T; also read under RCU)
 * @hash: links those of a bucket of owner_hash; not that of the top container
 *	(written under container_mutex, read under RCU)
 * @rcu: delays the release by a grace period, for who looks for another id
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
 * The highest id in use or used before.  The last of all would leave no number
 * for task_struct::effective_owner.  container_mutex.
 */
static u32 last_id;
#define OWNER_MAX_ID	(UINT_MAX - 1)

/* All but that of the top container, by id.  See owner::hash. */
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

/*
 * For the kernel.
 */

/**
 * container_owner_top - what root_container stands for
 *
 * Context: RCU, or container_mutex: when the hierarchy is dissolved, this
 * becomes the top of another.  See get_root_container() for a reference.
 * Return: the container, never NULL after boot.
 */
struct container *container_owner_top(void)
{
	return top_owner.css.container;
}
EXPORT_SYMBOL_GPL(container_owner_top);

/*
 * The effective container of the current task, or NULL; @top for the top
 * container.  A pointer would make task_struct larger; beside an int there is
 * room for a number, which is the id plus one.  Whoever acts for a container has
 * it kept, with its state, so it is found, even if it was removed and owner has
 * gone to another hierarchy.
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
 * The effective one if there is one, else the one that the task is in.  An
 * interrupt handler gets that of the task it interrupts.
 *
 * Context: RCU, or container_mutex: the task can be moved, and the container
 * be freed then.  An effective container is there for as long as it is
 * effective, unless it is the top, which is another one when owner has gone to
 * another hierarchy.  See get_current_container() for a reference.
 * Return: the container, never NULL.  It may have been removed if it is the
 * effective one.
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
 * A top container has lost its last reference soon after its state has gone
 * to another top, without a grace period in between: look again.
 */
static struct container *try_get_container(struct container *cont)
{
	return atomic_inc_not_zero(&cont->count) ? cont : NULL;
}

/**
 * get_root_container - root_container, with a reference
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
 * get_current_container - current_container(), with a reference
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
 * @cont: a container of the hierarchy that owner is bound to; it becomes the
 *	effective one.  NULL: the task acts for its own again
 *
 * Takes and drops no reference.  The caller has one from get_container(), or
 * knows otherwise that @cont is there, until it calls this again with what
 * this call returned, which it must do before it lets go of the reference and
 * before the task returns to user space or exits.  So overrides nest:
 *
 *	old = set_current_container(cont);
 *	...
 *	set_current_container(old);
 *
 * The task stays where it is.  It is listed and counted there, its children
 * start there and act for it, and can move while they do so; when the task
 * exits it leaves that one, and to have an effective container still is a bug
 * that kernels with lockdep report.  A reference does not keep @cont from
 * being removed: who minds uses css_tryget() on a state of it.
 *
 * Context: process context; does not sleep.
 * Return: the effective container until now, NULL when there was none.  If it
 * was a top container, one that stands for whichever is the top, without a
 * reference of anybody's: owner may go to another hierarchy.
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
 * Context: any; @cont is kept by a reference, RCU or container_mutex.
 * Return: the id, which is 0 for a top container, and for a container of a
 * hierarchy that owner is not bound to.
 */
u32 container_id(struct container *cont)
{
	struct container_subsys_state *css;
	u32 id = 0;

	rcu_read_lock();	/* owner may be unbound */
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

/* An id is never used again, so there is no taking one back, either. */
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

/* container_owner_id=N: the ids up to N have been used. */
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

/* The initial task has no pid.  The next one is the first, and runs this. */
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

/* Here a task that was in the container when owner was bound is the first. */
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

/* A struct pid is never given to another task, unlike its number. */
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

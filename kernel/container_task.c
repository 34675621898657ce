// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: which tasks are where.
 *
 * Each task points to a css_group, which is shared by all tasks that are in
 * the same containers.  A css_group lists its containers, but not the top
 * containers: a task that has joined no other container of a hierarchy is in
 * the top container of that hierarchy.  So a hierarchy can be made and
 * dissolved without a change to any css_group.  As long as nobody makes a
 * container there is only one css_group, and it is not even reference-counted.
 *
 * Membership is protected by tasklist_lock, which fork and exit hold anyway.
 * A child joins the css_group of its parent in the same critical section that
 * makes it visible.  An exiting task leaves in exit_notify().  A move relinks
 * tasks in such critical sections, a few of them in each.  So when a move is
 * complete, no fork in progress can bring a child or a thread of a moved task
 * to the old container, and neither fork nor exit takes another lock for
 * containers.
 */

#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "container_host.h"
#include "container_internal.h"

/*
 * css_group_lock guards the hash of css_groups.  Dropping the last reference
 * to a css_group and taking the css_group out of the hash are one critical
 * section of it.  It is the innermost lock.  It is taken with interrupts off,
 * because it nests inside tasklist_lock, which interrupt handlers take for
 * reading.
 */
static DEFINE_SPINLOCK(css_group_lock);

/*
 * The css_group of all tasks that have joined no container.  It is never
 * counted, never freed, and in no hash bucket.  No list has its tasks, so that
 * they fork and exit as if there were no containers.  Code that needs to see
 * them walks over all threads.
 */
struct css_group init_css_group __read_mostly = {
	.hooks = CONTAINER_NOT_LISTED,
};

/* All other css_groups that have tasks.  Protected by tasklist_lock. */
static LIST_HEAD(populated_groups);

/*
 * All css_groups but init_css_group, by css_group::key.  Protected by
 * css_group_lock.
 */
#define CSS_GROUP_HASH_BITS	10
static struct list_head css_group_hash[1 << CSS_GROUP_HASH_BITS];
static int nr_css_groups = 1;
/* protected by container_mutex */
static unsigned int last_serial;

/*
 * css_groups.
 */

static struct list_head *css_group_bucket(u32 key)
{
	return &css_group_hash[key % ARRAY_SIZE(css_group_hash)];
}

/**
 * css_group_container - the container of a hierarchy that a css_group joins
 * @group: the css_group
 * @root: the hierarchy
 *
 * Context: any; the caller keeps @group.
 * Return: the container, never NULL.
 */
struct container *css_group_container(const struct css_group *group,
				      struct containerfs_root *root)
{
	int i;

	for (i = 0; i < group->nr_links; i++)
		if (group->links[i].cont->root == root)
			return group->links[i].cont;
	return &root->top_container;
}

/**
 * css_group_get - take another reference to a css_group
 * @group: the css_group.  The caller has a reference, or has found it in the
 *	hash and holds css_group_lock
 *
 * Context: any.
 * Return: @group.
 */
struct css_group *css_group_get(struct css_group *group)
{
	if (group != &init_css_group)
		atomic_inc(&group->refcount);
	return group;
}

static void css_group_free_rcu(struct rcu_head *rcu)
{
	struct css_group *group = container_of(rcu, struct css_group, rcu);
	int i;

	for (i = 0; i < group->nr_links; i++)
		put_container(group->links[i].cont);
	kfree(group);
}

/**
 * css_group_put - drop a reference to a css_group
 * @group: the css_group
 *
 * The last reference is dropped in the same critical section that takes the
 * css_group out of the hash.  So a css_group that is found in the hash has a
 * reference.
 *
 * Context: any.
 */
void css_group_put(struct css_group *group)
{
	unsigned long flags;
	bool last;

	if (group == &init_css_group ||
	    atomic_add_unless(&group->refcount, -1, 1))
		return;
	spin_lock_irqsave(&css_group_lock, flags);
	last = atomic_dec_and_test(&group->refcount);
	if (last) {
		list_del(&group->hash);
		nr_css_groups--;
	}
	spin_unlock_irqrestore(&css_group_lock, flags);
	if (last)
		call_rcu(&group->rcu, css_group_free_rcu);
}

/**
 * task_css_group_get - take a reference to a task's css_group
 * @task: the task, kept by the caller
 *
 * The reference count is zero only when the task has left that css_group and
 * points to another one already.  Then the loop looks again.  RCU keeps the
 * memory.
 *
 * Context: any.
 * Return: the css_group, never NULL.
 */
struct css_group *task_css_group_get(struct task_struct *task)
{
	struct css_group *group;

	rcu_read_lock();
	do {
		group = rcu_dereference(task->containers);
	} while (group != &init_css_group &&
		 !atomic_inc_not_zero(&group->refcount));
	rcu_read_unlock();
	return group;
}

/*
 * Is @group the one that a task of @old joins when it moves to @cont?  That
 * is: does it join what @old joins, but @cont in the hierarchy of @cont?
 *
 * The caller has compared the keys, but different sets can have the same key.
 * All links of a css_group are of different hierarchies.  So if each link of
 * @group is a wanted one, and there are as many as wanted, the two sets are
 * equal.
 */
static bool css_group_matches(const struct css_group *group, int nr_links,
			      const struct css_group *old,
			      struct container *cont)
{
	struct container *c;
	int i;

	if (group->nr_links != nr_links)
		return false;
	for (i = 0; i < nr_links; i++) {
		c = group->links[i].cont;
		if (c != cont && (c->root == cont->root ||
				  css_group_container(old, c->root) != c))
			return false;
	}
	return true;
}

static void css_group_add_link(struct css_group *group, struct container *cont)
{
	struct container_link *link = &group->links[group->nr_links++];
	struct container_subsys *ss;

	link->cont = get_container(cont);
	link->group = group;
	INIT_LIST_HEAD(&link->node);
	for_each_subsys(cont->root, ss)
		group->subsys[ss->subsys_id] = cont->subsys[ss->subsys_id];
}

static struct css_group *css_group_alloc(const struct css_group *old,
					 struct container *cont, int nr_links)
{
	struct css_group *group;
	int i;

	group = container_state_alloc(sizeof(*group) +
				      nr_links * sizeof(group->links[0]));
	if (!group)
		return NULL;
	atomic_set(&group->refcount, 1);
	INIT_LIST_HEAD(&group->tasks);
	INIT_LIST_HEAD(&group->populated);
	memcpy(group->subsys, init_css_group.subsys, sizeof(group->subsys));
	for (i = 0; i < old->nr_links; i++)
		if (old->links[i].cont->root != cont->root)
			css_group_add_link(group, old->links[i].cont);
	if (!is_top(cont))
		css_group_add_link(group, cont);
	group->hooks = css_group_hooks(group);
	return group;
}

/**
 * css_group_find - find or make the css_group for a task that moves
 * @old: the css_group of the task
 * @cont: the destination
 *
 * The key of a css_group is the exclusive or of the keys of its containers, so
 * the key of the new one follows from that of @old: take out the container
 * that the task leaves, put in @cont.  A top container is in no css_group, and
 * has the key 0.
 *
 * Context: container_mutex; sleeps.
 * Return: the css_group, with a reference for the caller; NULL when there is
 * no memory.
 */
struct css_group *css_group_find(const struct css_group *old,
				 struct container *cont)
{
	struct container *from = css_group_container(old, cont->root);
	u32 key = old->key ^ from->key ^ cont->key;
	int nr_links = old->nr_links - !is_top(from) + !is_top(cont);
	struct css_group *group;

	lockdep_assert_held(&container_mutex);
	if (!nr_links)
		return &init_css_group;

	spin_lock_irq(&css_group_lock);
	list_for_each_entry(group, css_group_bucket(key), hash) {
		if (group->key == key &&
		    css_group_matches(group, nr_links, old, cont)) {
			css_group_get(group);
			spin_unlock_irq(&css_group_lock);
			return group;
		}
	}
	spin_unlock_irq(&css_group_lock);

	group = css_group_alloc(old, cont, nr_links);
	if (!group)
		return NULL;
	group->key = key;
	group->serial = ++last_serial;
	/* container_mutex keeps others from adding the same css_group. */
	spin_lock_irq(&css_group_lock);
	list_add(&group->hash, css_group_bucket(key));
	nr_css_groups++;
	spin_unlock_irq(&css_group_lock);
	return group;
}

/**
 * container_count_groups - how many css_groups are there?
 *
 * Context: any.
 * Return: their number, including init_css_group.
 */
int container_count_groups(void)
{
	unsigned long flags;
	int count;

	spin_lock_irqsave(&css_group_lock, flags);
	count = nr_css_groups;
	spin_unlock_irqrestore(&css_group_lock, flags);
	return count;
}

/*
 * Membership.  All changes are made with tasklist_lock held for writing.
 */

/* The first task joins: add the css_group to the lists of its containers. */
static void css_group_populate(struct css_group *group)
{
	int i;

	css_group_get(group);
	list_add_tail(&group->populated, &populated_groups);
	for (i = 0; i < group->nr_links; i++)
		list_add_tail(&group->links[i].node,
			      &group->links[i].cont->css_groups);
}

/**
 * css_group_depopulate - the last task has left a css_group
 * @group: the css_group, which may be freed when this returns
 *
 * Context: tasklist_lock held for writing.
 */
void css_group_depopulate(struct css_group *group)
{
	int i;

	lockdep_assert_held_write(&tasklist_lock);
	for (i = group->nr_links - 1; i >= 0; i--) {
		list_del_init(&group->links[i].node);
		if (list_empty(&group->links[i].cont->css_groups))
			container_check_release(group->links[i].cont);
	}
	list_del_init(&group->populated);
	css_group_put(group);
}

/**
 * css_group_join - a task joins a css_group
 * @group: the css_group, kept by a reference of the caller or by its tasks
 * @task: the task, which is in no css_group
 *
 * Context: tasklist_lock held for writing.
 */
void css_group_join(struct css_group *group, struct task_struct *task)
{
	lockdep_assert_held_write(&tasklist_lock);
	if (group == &init_css_group) {
		/*
		 * NULL, as the copy in a child has to be: see
		 * container_is_charged().
		 */
		task->container_node.next = NULL;
	} else {
		if (!group->nr_tasks++)
			css_group_populate(group);
		list_add_tail(&task->container_node, &group->tasks);
	}
	rcu_assign_pointer(task->containers, group);
}

/**
 * css_group_leave - a task leaves its css_group
 * @group: the css_group
 * @task: the task; the caller changes task->containers, before or after this
 *
 * Context: tasklist_lock held for writing.
 */
void css_group_leave(struct css_group *group, struct task_struct *task)
{
	lockdep_assert_held_write(&tasklist_lock);
	if (group == &init_css_group)
		return;
	list_del(&task->container_node);
	if (!--group->nr_tasks)
		css_group_depopulate(group);
}

/*
 * Walking the tasks of a container.
 */

static struct css_group *iter_next_group(struct container_iter *it)
{
	struct container *cont = it->cont;
	struct list_head *head = is_top(cont) ? &populated_groups :
						&cont->css_groups;
	struct css_group *group;

	while (it->group_pos->next != head) {
		it->group_pos = it->group_pos->next;
		if (!is_top(cont))
			return list_entry(it->group_pos, struct container_link,
					  node)->group;
		group = list_entry(it->group_pos, struct css_group, populated);
		if (css_group_container(group, cont->root) == cont)
			return group;
	}
	return NULL;
}

/**
 * container_iter_start - start to walk the tasks of a container
 * @cont: the container
 * @it: the state of the walk
 *
 * The walk sees each task of the container once.  No task enters, leaves or
 * exits until container_iter_end().
 *
 * Context: returns with tasklist_lock held for reading.
 */
void container_iter_start(struct container *cont, struct container_iter *it)
	__acquires(tasklist_lock)
{
	read_lock(&tasklist_lock);
	it->cont = cont;
	it->group = NULL;
	it->group_pos = is_top(cont) ? &populated_groups : &cont->css_groups;
	it->thread = &init_task;
}

/*
 * The next one of all threads of all processes.  The walk starts with
 * init_task, the head of the list of processes, and ends when it comes back
 * there.  init_task itself is not part of the walk.
 */
static struct task_struct *next_of_all(struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;

	if (task != &init_task)
		task = next_thread(task);
	return task == leader ? next_task(leader) : task;
}

/*
 * The tasks that have joined no container of any hierarchy are the last part
 * of the walk over each top container.  They are found by a walk over all
 * threads.
 */
static struct task_struct *iter_next_unlisted(struct container_iter *it)
{
	if (!is_top(it->cont))
		return NULL;
	do {
		it->thread = next_of_all(it->thread);
		if (it->thread == &init_task)
			return NULL;
	} while (container_has_joined(it->thread) || it->thread->exit_state);
	return it->thread;
}

/**
 * container_iter_next - get the next task of a walk
 * @it: the state of the walk
 *
 * Context: between container_iter_start() and container_iter_end().
 * Return: the task, kept until container_iter_end(); NULL after the last one.
 */
struct task_struct *container_iter_next(struct container_iter *it)
{
	for (;;) {
		if (it->group) {
			it->task_pos = it->task_pos->next;
			if (it->task_pos != &it->group->tasks)
				return list_entry(it->task_pos,
						  struct task_struct, container_node);
		}
		it->group = iter_next_group(it);
		if (!it->group)
			return iter_next_unlisted(it);
		it->task_pos = &it->group->tasks;
	}
}

/**
 * container_iter_end - end a walk
 * @it: the state of the walk
 *
 * Context: releases tasklist_lock.
 */
void container_iter_end(struct container_iter *it)
	__releases(tasklist_lock)
{
	read_unlock(&tasklist_lock);
}

/**
 * container_task_count - how many tasks are in a container?
 * @cont: the container
 *
 * Context: tasklist_lock is not held.
 * Return: the number of tasks, without those of the containers below.
 */
int container_task_count(struct container *cont)
{
	struct container_iter it;
	struct css_group *group;
	int count = 0;

	container_iter_start(cont, &it);
	while ((group = iter_next_group(&it)))
		count += group->nr_tasks;
	while (iter_next_unlisted(&it))
		count++;
	container_iter_end(&it);
	return count;
}

/**
 * container_is_descendant - is a container the current task's, or below it?
 * @cont: the container
 *
 * Context: container_mutex, or RCU.
 * Return: true when @cont is the container of the current task in the
 * hierarchy of @cont, or a descendant of that container.
 */
int container_is_descendant(const struct container *cont)
{
	const struct container *own;

	rcu_read_lock();
	own = css_group_container(rcu_dereference(current->containers),
				  cont->root);
	rcu_read_unlock();
	while (cont && cont != own)
		cont = cont->parent;
	return cont == own;
}

/*
 * Boot.
 */

/**
 * container_init_groups - set up the hash of css_groups
 *
 * Context: boot, one CPU, no memory allocation yet.
 */
void __init container_init_groups(void)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(css_group_hash); n++)
		INIT_LIST_HEAD(&css_group_hash[n]);
}

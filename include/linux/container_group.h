/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_GROUP_H
#define _LINUX_CONTAINER_GROUP_H
/*
 * Process containers: what a task points to, for the hooks in fork and exit
 * and for the core.  <linux/container.h> explains the letters at the end of
 * the fields' comments.
 */

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct container;
struct container_subsys_state;

#ifdef CONFIG_CONTAINERS

#define SUBSYS(_x) _x ## _subsys_id,
enum container_subsys_id {
#include <linux/container_subsys.h>
	CONTAINER_SUBSYS_COUNT
};

#undef SUBSYS

/* An array must not be empty, even when there is no subsystem. */
#define CONTAINER_SUBSYS_SLOTS \
	(CONTAINER_SUBSYS_COUNT ? CONTAINER_SUBSYS_COUNT : 1)

/*
 * Which hooks the tasks of a css_group need, and whether they are on its list.
 */
#define CONTAINER_HOOK_CAN_FORK		1	/* a subsystem may refuse */
#define CONTAINER_HOOK_EXIT		2
#define CONTAINER_NOT_LISTED		4	/* only init_css_group */

/**
 * struct container_link - a css_group's membership in a container
 * @cont: a container that is not the top of its hierarchy (I)
 * @group: the css_group (I)
 * @node: links @cont->css_groups while @group has tasks (T)
 */
struct container_link {
	struct container *cont;
	struct css_group *group;
	struct list_head node;
};

/**
 * struct css_group - the containers that some tasks have in common
 * @tasks: the tasks, linked by task_struct::container_node; unused in
 *	init_css_group (T)
 * @nr_tasks: length of @tasks (T)
 * @hooks: CONTAINER_HOOK_* bits, and CONTAINER_NOT_LISTED (I)
 * @subsys: the state of each subsystem for these tasks (R)
 * @refcount: one reference while there are tasks, and one for each move or
 *	fork in progress; unused in init_css_group (A)
 * @populated: links all css_groups that have tasks (T)
 * @hash: links the css_groups of a hash bucket (H)
 * @key: selects the hash bucket: the exclusive or of container::key of all
 *	containers in @links, so it does not depend on their order (I)
 * @serial: tells one css_group from another (I)
 * @rcu: delays the release by a grace period
 * @nr_links: length of @links (I)
 * @links: the containers, without top containers: a css_group that has no
 *	container of a hierarchy in @links joins the top of that hierarchy (I)
 *
 * Every task points to a css_group.  The set of containers that a css_group
 * stands for never changes; a task that moves gets another css_group.
 */
struct css_group {
	struct list_head tasks;
	int nr_tasks;
	unsigned int hooks;
	struct container_subsys_state *subsys[CONTAINER_SUBSYS_SLOTS];
	atomic_t refcount;
	struct list_head populated;
	struct list_head hash;
	u32 key;
	unsigned int serial;
	struct rcu_head rcu;
	int nr_links;
	struct container_link links[];
};

extern struct css_group init_css_group;

#endif /* CONFIG_CONTAINERS */

#endif /* _LINUX_CONTAINER_GROUP_H */

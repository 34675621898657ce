// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: containers and hierarchies.
 *
 * Tasks are grouped into containers, containers form hierarchies, and
 * subsystems keep state for every container of the hierarchy that they are
 * bound to.  The idea, the names and the interface are those of Paul Menage's
 * containers (2007), which grew out of cpusets.  See
 * Documentation/containers.txt for how to use it and for the reasons.
 *
 * This file knows containers and hierarchies: their names, references, state
 * of subsystems, mounting, and boot.  Their directories and control files are
 * the business of container_dir.c, which tasks are in which container that of
 * container_task.c, how they come and go that of container_fork.c, how they get
 * from one to another that of container_move.c.
 * Containers that the kernel makes are in container_clone.c, and release agents
 * in container_release.c.
 */

#include <linux/types.h>	/* jhash.h needs it */
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "container_host.h"
#include "container_internal.h"

/*
 * container_mutex guards structure: which hierarchies, containers and
 * subsystem bindings there are.  Its holder may sleep, but must not wait for
 * a grace period, a user mode helper, CPU hotplug or mmap_sem.  A task stays
 * in its containers while it is held, except that it may exit.  It nests
 * inside the i_mutex of directories, s_umount, and namespace_sem (whose holder
 * may be showing mount options), outside of tasklist_lock.
 *
 * Everybody who reads /proc/<pid>/container waits for it, and, holding
 * namespace_sem, everybody who reads /proc/mounts.  So nobody without privilege
 * may decide how long it is held.  Memory that is charged to a memory control
 * group, whose limit can stop an allocation for as long as its owner likes, is
 * allocated before, or by container_state_alloc(), which does not wait for that.
 * No lock of control groups is taken inside.
 *
 * What is left, each with its bound: a write of 64 KiB names 32,768 tasks, which
 * are looked up and perhaps sorted; the machine is out of memory, and an
 * allocation that is charged to nobody waits like all others; mount and
 * remount, for which one has to be root, make the files of a top container; and
 * cpuset waits for a task to leave its CPU, which somebody with the right to
 * real-time priorities can delay.  In a fork, nothing of ours is held, but the
 * scheduler's own lock against being extended (sched_ext) may be held around us.
 */
DEFINE_MUTEX(container_mutex);

/* A css reference count while removal is being decided: see css_tryget(). */
#define CSS_DECIDING	(-1)

/* How often, and for how long, rmdir waits for references to go away. */
#define REMOVE_RETRIES	5
#define REMOVE_DELAY	1	/* jiffies */

/* The subsystems by id. */
#define SUBSYS(_x) &_x ## _subsys,
static struct container_subsys *subsys[] = {
#include <linux/container_subsys.h>
};

#undef SUBSYS

/* The subsystems that can be mounted, by id.  Set at boot. */
static u64 enabled_bits;

/*
 * The hierarchy of the subsystems that are in no other.  It has one
 * container, is not on the list of active hierarchies and is never mounted.
 */
static struct containerfs_root rootnode;
#define dummytop (&rootnode.top_container)

/* The active hierarchies, in order of creation.  container_mutex. */
static LIST_HEAD(roots);
static int last_root_id;

/* See container_new_number().  container_mutex. */
static u64 last_number;

/**
 * container_lock - keep containers from being made, removed and rebound
 *
 * Also keeps every task in its containers until it exits.
 *
 * Context: sleeps.
 */
void container_lock(void)
{
	mutex_lock(&container_mutex);
}

/**
 * container_unlock - undo container_lock()
 */
void container_unlock(void)
{
	mutex_unlock(&container_mutex);
}

/**
 * container_is_removed - has a container been removed?
 * @cont: the container
 *
 * Context: any; the answer lasts only under container_mutex.
 * Return: true when rmdir has succeeded.
 */
int container_is_removed(const struct container *cont)
{
	return test_bit(CONT_REMOVED, &cont->flags);
}

/**
 * container_new_number - a number that nothing else has
 *
 * For a container that is being made, and a subsystem that is being bound.  What
 * comes later gets a greater number.
 *
 * Context: container_mutex.
 * Return: the number, greater than 0.
 */
u64 container_new_number(void)
{
	container_assert_mutex(&container_mutex);
	return ++last_number;
}

/*
 * Names.
 */

/**
 * struct container_name - the last component of a container's path
 * @rcu: delays the release by a grace period: paths are made under RCU
 * @text: the name
 */
struct container_name {
	struct rcu_head rcu;
	char text[];
};

static struct container_name *name_alloc(const char *text)
{
	struct container_name *name;

	name = container_zalloc(sizeof(*name) + strlen(text) + 1);
	if (name)
		strcpy(name->text, text);
	return name;
}

static void name_free_rcu(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct container_name, rcu));
}

/**
 * container_path - where a container is, seen from the top of its hierarchy
 * @cont: the container; it may be removed, or not visible yet
 * @buf: gets the path, "/" for a top container
 * @buflen: size of @buf, the terminating NUL included
 *
 * Context: any; @cont must be kept by a reference or RCU.
 * Return: 0, or -ENAMETOOLONG.
 */
int container_path(const struct container *cont, char *buf, int buflen)
{
	const struct container_name *name;
	int pos = buflen;
	int len;

	if (buflen < (int)sizeof("/"))
		return -ENAMETOOLONG;
	buf[--pos] = '\0';
	if (is_top(cont))
		buf[--pos] = '/';

	rcu_read_lock();
	for (; !is_top(cont); cont = cont->parent) {
		name = rcu_dereference(cont->name);
		len = strlen(name->text);
		if (pos < len + 1)
			break;
		pos -= len;
		memcpy(buf + pos, name->text, len);
		buf[--pos] = '/';
	}
	rcu_read_unlock();
	if (!is_top(cont))
		return -ENAMETOOLONG;
	memmove(buf, buf + pos, buflen - pos);
	return 0;
}

/* Print a path of any length: a full buffer makes seq_file call again. */
static void seq_container_path(struct seq_file *m, const struct container *cont)
{
	char *start = m->buf + m->count;

	if (m->count < m->size &&
	    !container_path(cont, start, m->size - m->count))
		m->count += strlen(start);
	else
		m->count = m->size;
}

/*
 * References to containers.
 */

/*
 * What is left to do about containers that have gone, one after the other.  It
 * waits for container_mutex, and there may be thousands at once: on a queue
 * that others use they would be in the way of all its work.  Set at boot, when
 * there are no containers yet but tops.
 */
static struct workqueue_struct *free_queue;

/* The containers that are not tops.  Set at boot. */
static struct kmem_cache *container_cache;

static int __init containers_init(void)
{
	container_cache = KMEM_CACHE(container, SLAB_PANIC);
	free_queue = create_singlethread_workqueue("container-free");
	if (!free_queue)
		panic("containers: no memory for a work queue\n");
	return 0;
}
core_initcall(containers_init);

static void container_release_work(struct work_struct *work)
{
	struct container *cont =
		container_of(work, struct container, release_work);
	struct container *parent = cont->parent;
	int i;

	if (is_top(cont)) {
		container_drop_added(cont, ~(u64)0);
		kfree(cont->root->release_agent);
		kfree(cont->root);
		return;
	}
	container_lock();
	for (i = CONTAINER_SUBSYS_COUNT - 1; i >= 0; i--)
		if (cont->subsys[i])
			subsys[i]->destroy(subsys[i], cont);
	container_unlock();
	container_drop_added(cont, ~(u64)0);
	kfree(container_raw_pointer(cont->name));
	kmem_cache_free(container_cache, cont);
	put_container(parent);
}

static void container_release_rcu(struct rcu_head *rcu)
{
	struct container *cont = container_of(rcu, struct container, rcu);

	INIT_WORK(&cont->release_work, container_release_work);
	queue_work(free_queue, &cont->release_work);
}

/**
 * get_container - keep a container from being freed
 * @cont: a container that the caller knows to be there
 *
 * Does not keep the container from being removed: see css_get() for that.
 *
 * Context: any.
 * Return: @cont.
 */
struct container *get_container(struct container *cont)
{
	atomic_inc(&cont->count);
	return cont;
}
EXPORT_SYMBOL_GPL(get_container);

/**
 * put_container - drop a reference
 * @cont: the container
 *
 * The last one frees the container and its subsystems' state, after a grace
 * period.
 *
 * Context: any.
 */
void put_container(struct container *cont)
{
	if (atomic_dec_and_test(&cont->count))
		call_rcu(&cont->rcu, container_release_rcu);
}
EXPORT_SYMBOL_GPL(put_container);

/*
 * References to subsystem state.
 */

/**
 * container_init_css - initialize the core's part of a subsystem's state
 * @ss: the subsystem
 * @cont: the container
 * @css: the state, which becomes cont->subsys[ss->subsys_id]
 *
 * A create() callback that lets others see the new state before it returns
 * must call this first.  Other create() callbacks need not, if the memory of
 * the state was zeroed.
 *
 * Context: container_mutex, or boot.
 */
void container_init_css(struct container_subsys *ss, struct container *cont,
			struct container_subsys_state *css)
{
	css->container = cont;
	css->flags = is_top(cont) ? CSS_TOP : 0;
	atomic_set(&css->refcnt, 1);
	smp_wmb();	/* task_subsys_state() depends on the pointer */
	cont->subsys[ss->subsys_id] = css;
}

/**
 * css_get - keep a container from being removed
 * @css: a subsystem's state for it
 *
 * The caller has a reference already, or knows that there are tasks in the
 * container and that they stay, or holds container_mutex and knows that the
 * container is not removed.  Others use css_tryget().
 *
 * Context: any.
 */
void css_get(struct container_subsys_state *css)
{
	if (!(css->flags & CSS_TOP))
		atomic_inc(&css->refcnt);
}
EXPORT_SYMBOL_GPL(css_get);

/**
 * css_tryget - keep a container from being removed, unless it is
 * @css: a subsystem's state for it, kept by RCU or otherwise
 *
 * Removal takes all references of a container's subsystems or none.  While
 * it is at it the count is negative, on another CPU and with interrupts off,
 * so the wait is short.
 *
 * Context: any but NMI.
 * Return: true; false when the container has been removed.
 */
bool css_tryget(struct container_subsys_state *css)
{
	int count;

	if (css->flags & CSS_TOP)
		return true;
	for (;;) {
		count = atomic_read(&css->refcnt);
		if (!count)
			return false;
		if (count == CSS_DECIDING)
			cpu_relax();
		else if (atomic_cmpxchg(&css->refcnt, count, count + 1) ==
			 count)
			return true;
	}
}
EXPORT_SYMBOL_GPL(css_tryget);

/**
 * css_put - drop a reference from css_get() or css_tryget()
 * @css: the state
 *
 * The last but the container's own may start a release agent, by waking up a
 * thread.
 *
 * Context: any but NMI, and not with a lock of the scheduler.  It takes a
 * spinlock, so with PREEMPT_RT no hard interrupt and nothing else that may not
 * sleep.
 */
void css_put(struct container_subsys_state *css)
{
	int count;

	if (css->flags & CSS_TOP)
		return;
	rcu_read_lock();	/* without a reference it may be removed */
	do {
		count = atomic_read(&css->refcnt);
		/* The last one is the container's own. */
		if (WARN_ON_ONCE(count <= 1))
			goto unlock;
	} while (atomic_cmpxchg(&css->refcnt, count, count - 1) != count);
	if (count == 2)
		container_check_release(css->container);
unlock:
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(css_put);

/*
 * Take the container's own reference from all its subsystems' states if it
 * is the only one everywhere, else from none.
 */
static bool css_remove_all(struct container *cont)
{
	struct container_subsys *busy = NULL;
	struct container_subsys *ss;
	unsigned long flags;
	atomic_t *refcnt;

	container_assert_mutex(&container_mutex);
	local_irq_save(flags);	/* css_tryget() waits for us */
	for_each_subsys(cont->root, ss) {
		refcnt = &cont->subsys[ss->subsys_id]->refcnt;
		if (atomic_cmpxchg(refcnt, 1, CSS_DECIDING) != 1) {
			busy = ss;
			break;
		}
	}
	for_each_subsys(cont->root, ss) {
		if (ss == busy)
			break;
		refcnt = &cont->subsys[ss->subsys_id]->refcnt;
		atomic_set(refcnt, busy ? 1 : 0);
	}
	local_irq_restore(flags);
	return !busy;
}

/*
 * Making and removing containers.
 */

/**
 * container_state_alloc - memory for the state of a subsystem
 * @size: how much
 *
 * For create(), and what else is allocated inside container_mutex.  The memory
 * control group of the current task is charged where that is possible, but its
 * limits are not waited for.
 *
 * Context: container_mutex; sleeps.
 * Return: zeroed memory for kfree(), or NULL.
 */
void *container_state_alloc(size_t size)
{
	return container_zalloc_locked(size);
}
EXPORT_SYMBOL_GPL(container_state_alloc);

static int create_css(struct container_subsys *ss, struct container *cont)
{
	struct container_subsys_state *css;
	int err;

	err = ss->create(ss, cont);
	css = cont->subsys[ss->subsys_id];
	if (!err && WARN_ON_ONCE(!css))
		err = -EINVAL;
	if (err) {
		cont->subsys[ss->subsys_id] = NULL;
		return err;
	}
	if (css->container != cont)
		container_init_css(ss, cont, css);
	return 0;
}

static void init_container(struct container *cont, struct container *parent,
			   struct containerfs_root *root)
{
	atomic_set(&cont->count, 1);
	INIT_LIST_HEAD(&cont->sibling);
	INIT_LIST_HEAD(&cont->children);
	INIT_LIST_HEAD(&cont->css_groups);
	INIT_LIST_HEAD(&cont->files);
	INIT_LIST_HEAD(&cont->release_node);
	init_waitqueue_head(&cont->gone_wait);
	/* Addresses lie in regular distances; combined they have to differ. */
	if (parent)
		cont->key = jhash(&cont, sizeof(cont), 0);
	cont->uid = container_fsuid();
	cont->gid = container_fsgid();
	cont->born = container_now();
	cont->parent = parent;
	cont->root = root;
	cont->top_container = &root->top_container;
}

/**
 * container_alloc - make a container without state
 * @parent: where it will be
 * @text: its name
 *
 * Context: sleeps.
 * Return: the container, with a reference for the caller; or NULL.
 */
struct container *container_alloc(struct container *parent, const char *text)
{
	struct container_name *name;
	struct container *cont;

	cont = container_cache_zalloc(container_cache);
	if (!cont)
		return NULL;
	name = name_alloc(text);
	if (!name) {
		kmem_cache_free(container_cache, cont);
		return NULL;
	}
	init_container(cont, get_container(parent), parent->root);
	rcu_assign_pointer(cont->name, name);
	if (test_bit(CONT_NOTIFY, &parent->flags))
		set_bit(CONT_NOTIFY, &cont->flags);
	return cont;
}

/**
 * container_create_states - let subsystems make their state for a container
 * @cont: the container
 *
 * Context: i_mutex of the parent's directory; sleeps.
 * Return: 0, or what a create() says; then states that were made are freed with
 * the container.
 */
int container_create_states(struct container *cont)
{
	struct container_subsys *ss;
	int err = 0;

	container_lock();
	for_each_subsys(cont->root, ss) {
		err = create_css(ss, cont);
		if (err)
			break;
	}
	container_unlock();
	return err;
}

static bool has_tasks(struct container *cont)
{
	bool empty;

	read_lock(&tasklist_lock);
	empty = list_empty(&cont->css_groups);
	read_unlock(&tasklist_lock);
	return !empty;
}

/*
 * Is its first task being forked?  To be asked before has_tasks(): the fork
 * joins first and then takes the mark away, with tasklist_lock held for writing.
 */
static bool is_waiting(const struct container *cont)
{
	return test_bit(CONT_NEWBORN, &cont->flags);
}

/**
 * container_is_unused - has a container neither tasks nor children nor users?
 * @cont: the container, not a top container
 *
 * Context: container_mutex; sleeps.
 * Return: true when nothing is in the way of removing it.
 */
bool container_is_unused(struct container *cont)
{
	struct container_subsys *ss;

	container_assert_mutex(&container_mutex);
	if (container_is_removed(cont) || is_waiting(cont) ||
	    !list_empty(&cont->children) || has_tasks(cont))
		return false;
	for_each_subsys(cont->root, ss)
		if (atomic_read(&cont->subsys[ss->subsys_id]->refcnt) != 1)
			return false;
	return true;
}

/* -EAGAIN: there are references, which may be short-lived. */
static int try_remove(struct container *cont)
{
	container_assert_mutex(&container_mutex);
	if (is_waiting(cont))
		return -EBUSY;
	/* Once empty it stays empty: only a move could bring a task. */
	if (!list_empty(&cont->children) || has_tasks(cont))
		return -EBUSY;
	if (!css_remove_all(cont))
		return -EAGAIN;
	/* The commit point. */
	set_bit(CONT_REMOVED, &cont->flags);
	container_unlink_child(cont);
	container_forget_release(cont);
	if (list_empty(&cont->parent->children))
		container_check_release(cont->parent);
	return 0;
}

static int pre_destroy(struct container *cont)
{
	struct container_subsys *ss;
	int err = 0;
	int i;

	for (i = 0; !err && i < CONTAINER_SUBSYS_COUNT; i++) {
		ss = subsys[i];
		if (cont->subsys[i] && ss->pre_destroy)
			err = ss->pre_destroy(ss, cont);
	}
	return err;
}

/**
 * container_remove - remove a container
 * @cont: the container, not a top container
 *
 * For container_dir_rmdir(), which then takes the directory away.
 *
 * Context: i_mutex of the directory and of its parent; sleeps.
 * Return: 0; -EBUSY when there are tasks, children, or references that stay;
 * what a subsystem's pre_destroy() says.
 */
int container_remove(struct container *cont)
{
	int tries;
	int err;

	err = pre_destroy(cont);
	if (err)
		return err;
	for (tries = 0; tries < REMOVE_RETRIES; tries++) {
		container_lock();
		err = try_remove(cont);
		container_unlock();
		if (!err)
			container_wake_pollers(cont);
		if (err != -EAGAIN)
			return err;
		schedule_timeout_uninterruptible(REMOVE_DELAY);
	}
	return -EBUSY;
}

/**
 * container_rename - give a container another name
 * @cont: the container
 * @name: the name
 *
 * Context: i_mutex of the parent's directory; sleeps.
 * Return: 0, or -ENOMEM.
 */
int container_rename(struct container *cont, const char *name)
{
	struct container_name *new, *old;

	new = name_alloc(name);
	if (!new)
		return -ENOMEM;
	container_lock();
	old = container_raw_pointer(cont->name);
	rcu_assign_pointer(cont->name, new);
	container_unlock();
	call_rcu(&old->rcu, name_free_rcu);
	return 0;
}

/*
 * Hierarchies.
 */

static struct container_subsys *find_subsys(const char *name)
{
	int i;

	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++)
		if (!strcmp(subsys[i]->name, name))
			return subsys[i];
	return NULL;
}

static u64 subsys_bit(const struct container_subsys *ss)
{
	return (u64)1 << ss->subsys_id;
}

/* Not isalnum(), which knows more letters than ASCII has. */
static bool root_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

static int parse_root_name(struct container_options *opts, const char *name)
{
	size_t len = strlen(name);
	size_t i;

	if (opts->name[0] || !len || len > CONTAINER_MAX_ROOT_NAME)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (!root_name_char(name[i]))
			return -EINVAL;
	strcpy(opts->name, name);
	return 0;
}

/* An empty path means no agent, as an empty line in the file does. */
static int parse_agent(struct container_options *opts, char *path)
{
	int err;

	if (opts->has_agent)
		return -EINVAL;
	err = *path ? container_check_agent(path) : 0;
	if (err)
		return err;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	opts->has_agent = true;
	opts->release_agent = *path ? path : NULL;
	return 0;
}

static int parse_subsys(struct container_options *opts, const char *word)
{
	struct container_subsys *ss = find_subsys(word);

	if (!ss || ss->disabled)
		return -ENOENT;
	opts->subsys_bits |= subsys_bit(ss);
	return 0;
}

/* One word.  "all" and "none" are counted in @nr_all and @nr_none. */
static int parse_word(struct container_options *opts, char *word, int *nr_all,
		      int *nr_none)
{
	if (!*word)
		return -EINVAL;
	if (!strncmp(word, "name=", 5))
		return parse_root_name(opts, word + 5);
	if (!strncmp(word, "release_agent=", 14))
		return parse_agent(opts, word + 14);
	if (!strcmp(word, "noprefix"))
		opts->noprefix = true;
	else if (!strcmp(word, "all"))
		++*nr_all;
	else if (!strcmp(word, "none"))
		++*nr_none;
	else
		return parse_subsys(opts, word);
	return 0;
}

/* Only those who know the files of a subsystem without prefix want that. */
static bool noprefix_allowed(u64 subsys_bits)
{
	int i;

	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++)
		if (subsys_bits == subsys_bit(subsys[i]))
			return subsys[i]->noprefix;
	return false;
}

/*
 * Parse the words of mount options, without filling in what is not said.
 * Overwrites @data.
 */
static int parse_options(char *data, struct container_options *opts)
{
	int nr_all = 0, nr_none = 0;
	char *word;
	int err;

	memset(opts, 0, sizeof(*opts));
	if (data && !*data)
		data = NULL;
	while ((word = strsep(&data, ","))) {
		err = parse_word(opts, word, &nr_all, &nr_none);
		if (err)
			return err;
	}
	if (!!opts->subsys_bits + !!nr_all + !!nr_none > 1)
		return -EINVAL;
	if (nr_none && !opts->name[0])
		return -EINVAL;
	opts->has_set = opts->subsys_bits || nr_all || nr_none;
	if (nr_all)
		opts->subsys_bits = enabled_bits;
	if (opts->noprefix && !noprefix_allowed(opts->subsys_bits))
		return -EINVAL;
	return 0;
}

/**
 * container_mount_options - parse the options of a mount
 * @data: the options, comma-separated, or NULL; overwritten
 * @opts: gets the result, which may point into @data
 *
 * Context: any.
 * Return: 0; -ENOENT for a word that is no enabled subsystem; -EPERM for an
 * agent from somebody without CAP_SYS_ADMIN; -EINVAL for anything else that
 * Documentation/containers.txt does not allow.
 */
int container_mount_options(char *data, struct container_options *opts)
{
	int err = parse_options(data, opts);

	if (err)
		return err;
	if (!opts->has_set && !opts->name[0]) {
		opts->subsys_bits = enabled_bits;
		opts->has_set = true;
	}
	/* Without subsystems there must be a name to tell it by. */
	return opts->subsys_bits || opts->name[0] ? 0 : -EINVAL;
}

static void init_container_root(struct containerfs_root *root)
{
	INIT_LIST_HEAD(&root->subsys_list);
	INIT_LIST_HEAD(&root->root_list);
	INIT_LIST_HEAD(&root->release_list);
	INIT_LIST_HEAD(&root->release_root);
	root->number_of_containers = 1;
	init_container(&root->top_container, NULL, root);
}

/**
 * container_root_alloc - make a hierarchy that is not active yet
 * @opts: which
 *
 * Return: the hierarchy, to be freed with container_root_put(); or NULL.
 */
struct containerfs_root *container_root_alloc(struct container_options *opts)
{
	struct containerfs_root *root = kzalloc(sizeof(*root), GFP_KERNEL);

	if (!root)
		return NULL;
	if (opts->release_agent) {
		root->release_agent = kstrdup(opts->release_agent, GFP_KERNEL);
		if (!root->release_agent) {
			kfree(root);
			return NULL;
		}
	}
	init_container_root(root);
	root->subsys_bits = opts->subsys_bits;
	root->noprefix = opts->noprefix;
	strcpy(root->name, opts->name);
	return root;
}

/**
 * container_root_put - let go of a hierarchy that is not active
 * @root: the hierarchy
 *
 * Context: any.
 */
void container_root_put(struct containerfs_root *root)
{
	put_container(&root->top_container);
}

/**
 * container_root_matches - do mount options mean this hierarchy?
 * @root: the hierarchy
 * @opts: the mount options
 *
 * The agent does not matter: it can be changed, the rest tells which one it
 * is.
 *
 * Context: container_mutex or s_umount; or sb_lock, and look again later.
 * Return: true when they do.
 */
bool container_root_matches(const struct containerfs_root *root,
			    const struct container_options *opts)
{
	bool same_name = !strcmp(root->name, opts->name);

	if (!opts->has_set)
		return same_name;
	if (container_read_once(root->subsys_bits) != opts->subsys_bits ||
	    root->noprefix != opts->noprefix)
		return false;
	/* A name may be left out where the subsystems tell which it is. */
	return same_name || (!opts->name[0] && opts->subsys_bits);
}

/* Is any of these subsystems, or the name, in use by another hierarchy? */
static bool root_conflicts(const struct containerfs_root *root,
			   u64 subsys_bits)
{
	struct containerfs_root *other;

	list_for_each_entry(other, &roots, root_list) {
		if (other == root)
			continue;
		if ((other->subsys_bits & subsys_bits) ||
		    (root->name[0] && !strcmp(other->name, root->name)))
			return true;
	}
	return false;
}

/* Where in the list a subsystem belongs: behind those with lower ids. */
static struct list_head *subsys_position(struct containerfs_root *root,
					 const struct container_subsys *ss)
{
	struct container_subsys *before;

	list_for_each_entry_reverse(before, &root->subsys_list, sibling)
		if (before->subsys_id < ss->subsys_id)
			return &before->sibling;
	return &root->subsys_list;
}

/* Let a hierarchy have subsystems, without telling anybody yet. */
static void attach_subsystems(struct containerfs_root *root, u64 subsys_bits)
{
	struct container *top = &root->top_container;
	int i;

	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++) {
		if (!(subsys_bits & subsys_bit(subsys[i])))
			continue;
		top->subsys[i] = dummytop->subsys[i];
		list_add(&subsys[i]->sibling, subsys_position(root, subsys[i]));
	}
}

/*
 * The pointers to the state of the top container stay: somebody may still
 * look at them, and the state is always there.
 */
static void detach_subsystems(struct containerfs_root *root, u64 subsys_bits)
{
	struct container_subsys *ss, *next;

	list_for_each_entry_safe(ss, next, &root->subsys_list, sibling)
		if (subsys_bits & subsys_bit(ss))
			list_del_init(&ss->sibling);
}

/* The subsystem's top container is now the top of @root. */
static void bind_subsys(struct container_subsys *ss,
			struct containerfs_root *root)
{
	struct container *top = &root->top_container;

	smp_wmb();	/* who finds the container finds it initialized */
	dummytop->subsys[ss->subsys_id]->container = top;
	ss->root = root;
	/* Its files, if there are any, are not those of the new hierarchy. */
	container_write_once(ss->generation, container_new_number());
	if (ss->bind)
		ss->bind(ss, top);
}

static void bind_subsystems(u64 subsys_bits, struct containerfs_root *root)
{
	int i;

	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++)
		if (subsys_bits & subsys_bit(subsys[i]))
			bind_subsys(subsys[i], root);
}

/**
 * container_root_activate - make a hierarchy active
 * @root: the hierarchy
 * @sb: its superblock
 * @dentry: its root directory, which nobody can see yet
 *
 * Context: s_umount of @sb; sleeps.
 * Return: 0; -EBUSY when a subsystem or the name is in use; -ENOMEM; what a
 * populate() says.
 */
int container_root_activate(struct containerfs_root *root,
			    struct super_block *sb, struct dentry *dentry)
{
	int err = -EBUSY;

	container_switch_callbacks_on(root->subsys_bits);
	container_lock();
	if (root_conflicts(root, root->subsys_bits))
		goto unlock;
	root->sb = sb;
	root->top_container.dentry = dentry;
	attach_subsystems(root, root->subsys_bits);
	err = container_populate(&root->top_container, root->subsys_bits);
	if (err) {
		detach_subsystems(root, root->subsys_bits);
		goto unlock;
	}
	/* The commit point. */
	root->id = ++last_root_id;
	container_number_dir(&root->top_container, dentry->d_inode);
	list_add_tail(&root->root_list, &roots);
	bind_subsystems(root->subsys_bits, root);
unlock:
	container_unlock();
	if (err)
		container_switch_callbacks_off(root->subsys_bits);
	return err;
}

/**
 * container_root_deactivate - dissolve a hierarchy
 * @root: an active hierarchy without children
 *
 * Every task is in its top container, and stays in the top container of its
 * subsystems, whichever hierarchy they are bound to.
 *
 * Context: s_umount of its superblock; sleeps.
 */
void container_root_deactivate(struct containerfs_root *root)
{
	container_lock();
	WARN_ON_ONCE(root->number_of_containers != 1);
	bind_subsystems(root->subsys_bits, &rootnode);
	list_del_init(&root->root_list);
	detach_subsystems(root, root->subsys_bits);
	root->top_container.dentry = NULL;
	root->sb = NULL;
	container_unlock();
	container_switch_callbacks_off(root->subsys_bits);
}

/* Would files of these subsystems get the name that a container has? */
static bool names_taken(const struct containerfs_root *root, u64 subsys_bits)
{
	int i;

	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++)
		if ((subsys_bits & subsys_bit(subsys[i])) &&
		    container_names_taken(&root->top_container, subsys[i]))
			return true;
	return false;
}

/*
 * Give a live hierarchy another set of subsystems.  What stays is not touched.
 * All tasks are in the top container, whose state of each subsystem stays the
 * same object, so nothing changes for them.
 */
static int root_rebind(struct containerfs_root *root, u64 subsys_bits)
{
	u64 added = subsys_bits & ~root->subsys_bits;
	u64 removed = root->subsys_bits & ~subsys_bits;
	struct container *top = &root->top_container;
	int err;

	if (!added && !removed)
		return 0;
	if (root_conflicts(root, added))
		return -EBUSY;
	if (names_taken(root, added))
		return -EEXIST;
	if (root->number_of_containers > 1)
		return -EBUSY;
	err = -EBUSY;
	if (!container_hide_files(top, removed))
		goto show_files;
	attach_subsystems(root, added);
	err = container_populate(top, added);
	if (err)
		goto drop_added;
	/* The commit point. */
	bind_subsystems(removed, &rootnode);
	detach_subsystems(root, removed);
	bind_subsystems(added, root);
	container_forget_absence(top, added);
	container_write_once(root->subsys_bits, subsys_bits);
	container_drop_added(top, removed);
	return 0;

drop_added:
	container_drop_added(top, added);
	detach_subsystems(root, added);
show_files:
	container_show_files(top, removed);
	return err;
}

static int root_change(struct containerfs_root *root,
		       const struct container_options *opts)
{
	char *agent = NULL;
	int err;

	container_assert_mutex(&container_mutex);
	if (opts->name[0] && strcmp(root->name, opts->name))
		return -EBUSY;
	if (opts->has_set && opts->noprefix != root->noprefix)
		return -EINVAL;
	if (opts->release_agent) {
		agent = kstrdup(opts->release_agent, GFP_KERNEL);
		if (!agent)
			return -ENOMEM;
	}
	err = opts->has_set ? root_rebind(root, opts->subsys_bits) : 0;
	if (err) {
		kfree(agent);
		return err;
	}
	if (opts->has_agent) {
		kfree(root->release_agent);
		root->release_agent = agent;
	}
	return 0;
}

/**
 * container_root_remount - change an active hierarchy, completely or not at all
 * @root: the hierarchy
 * @data: mount options; what they do not mention stays; overwritten
 *
 * Context: s_umount of its superblock, i_mutex of its root directory; sleeps.
 * Return: 0; as container_mount_options(); -EBUSY for another name, for a
 * subsystem that is in use, for another set of subsystems while there are
 * children, and when something is in the way of removing files; -EEXIST when a
 * container has the name of a file that would be added; -EINVAL when "noprefix"
 * would change, or nothing remain by which to find the hierarchy; -ENOMEM; what
 * a populate() says.
 */
int container_root_remount(struct containerfs_root *root, char *data)
{
	struct container *top = &root->top_container;
	struct container_options opts;
	u64 added, removed;
	int err;

	err = parse_options(data, &opts);
	if (err)
		return err;
	if (opts.has_set && !opts.subsys_bits && !root->name[0])
		return -EINVAL;
	/* s_umount keeps the subsystems as they are. */
	added = opts.has_set ? opts.subsys_bits & ~root->subsys_bits : 0;
	removed = opts.has_set ? root->subsys_bits & ~opts.subsys_bits : 0;
	container_switch_callbacks_on(added);
	container_lock();
	err = root_change(root, &opts);
	container_unlock();
	container_switch_callbacks_off(err ? added : removed);
	if (removed && !err) {
		container_wake_pollers(top);
		container_forget_files(top, removed);
	}
	return err;
}

/**
 * container_root_show_options - print what finds a hierarchy again
 * @root: the hierarchy
 * @m: gets ",option" for each
 *
 * Context: sleeps.
 */
void container_root_show_options(struct containerfs_root *root,
				 struct seq_file *m)
{
	struct container_subsys *ss;

	container_lock();
	for_each_subsys(root, ss)
		seq_printf(m, ",%s", ss->name);
	if (!root->subsys_bits)
		seq_puts(m, ",none");
	if (root->name[0])
		seq_printf(m, ",name=%s", root->name);
	if (root->noprefix)
		seq_puts(m, ",noprefix");
	if (root->release_agent) {
		seq_puts(m, ",release_agent=");
		seq_escape(m, root->release_agent, " \t\n\\,");
	}
	container_unlock();
}

/*
 * What /proc shows.
 */

static void show_root(struct containerfs_root *root, struct container *cont,
		      struct seq_file *m)
{
	struct container_subsys *ss;
	bool first = true;

	for_each_subsys(root, ss) {
		if (!first)
			seq_putc(m, ',');
		seq_puts(m, ss->name);
		first = false;
	}
	if (root->name[0]) {
		if (!first)
			seq_putc(m, ',');
		seq_puts(m, "name=");
		seq_puts(m, root->name);
	}
	seq_putc(m, ':');
	seq_container_path(m, cont);
	seq_putc(m, '\n');
}

/**
 * container_show_task - print the containers of a task
 * @task: the task, kept by the caller
 * @m: gets a line for each active hierarchy
 *
 * Context: sleeps.
 */
void container_show_task(struct task_struct *task, struct seq_file *m)
{
	struct containerfs_root *root;
	struct css_group *group;

	container_lock();
	rcu_read_lock();	/* the task may exit */
	group = rcu_dereference(task->containers);
	list_for_each_entry(root, &roots, root_list)
		show_root(root, css_group_container(group, root), m);
	rcu_read_unlock();
	container_unlock();
}

/**
 * container_show_current - print what the current task's css_group joins
 * @m: gets a line for each container that is not a top container
 *
 * Context: sleeps.
 */
void container_show_current(struct seq_file *m)
{
	struct css_group *group;
	struct container *cont;
	int i;

	container_lock();	/* so current stays */
	group = container_raw_pointer(current->containers);
	for (i = 0; i < group->nr_links; i++) {
		cont = group->links[i].cont;
		show_root(cont->root, cont, m);
	}
	container_unlock();
}

/**
 * container_show_subsystems - print the table of subsystems
 * @m: gets it
 *
 * Context: sleeps.
 */
void container_show_subsystems(struct seq_file *m)
{
	struct container_subsys *ss;
	int i;

	seq_puts(m, "#subsys_name\thierarchy\tnum_containers\tenabled\n");
	container_lock();
	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++) {
		ss = subsys[i];
		seq_printf(m, "%s\t%d\t%d\t%d\n", ss->name, ss->root->id,
			   ss->root->number_of_containers, !ss->disabled);
	}
	container_unlock();
}

/*
 * Boot.
 */

/* A subsystem that breaks the rules of its author's guide cannot be used. */
static bool __init subsys_valid(const struct container_subsys *ss, int id)
{
	return ss->name && ss->name[0] && !strpbrk(ss->name, ",. \t\n:=") &&
	       strlen(ss->name) <= MAX_CONTAINER_TYPE_NAMELEN &&
	       ss->create && ss->destroy && ss->subsys_id == id &&
	       (!ss->can_fork || ss->transfer || ss->transfer_count) &&
	       !ss->wants_container == !ss->clone_flags;
}

static void __init init_subsys(struct container_subsys *ss)
{
	INIT_LIST_HEAD(&ss->sibling);
	ss->root = &rootnode;
	if (create_css(ss, dummytop))
		panic("containers: no memory for subsystem %s\n", ss->name);
	init_css_group.subsys[ss->subsys_id] = dummytop->subsys[ss->subsys_id];
	ss->active = 1;
}

/**
 * container_init_early - set up containers as early as possible
 *
 * Also creates the state of the subsystems that ask for it.
 *
 * Context: boot, interrupts off, one CPU, no memory allocation yet.
 * Return: 0.
 */
int __init container_init_early(void)
{
	int i;

	container_init_groups();
	init_container_root(&rootnode);
	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++) {
		if (!subsys_valid(subsys[i], i) ||
		    !container_number_files(subsys[i]))
			panic("containers: bad subsystem number %d\n", i);
		if (subsys[i]->early_init)
			init_subsys(subsys[i]);
	}
	return 0;
}

/**
 * container_init - set up what container_init_early() could not
 *
 * Context: boot, one CPU, only the initial task; may allocate memory.
 * Return: 0, or why the file system could not be registered.
 */
int __init container_init(void)
{
	int i;

	/* The bits of a mask of subsystems. */
	BUILD_BUG_ON(CONTAINER_SUBSYS_COUNT > 64);

	container_lock();
	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++) {
		if (!subsys[i]->active)
			init_subsys(subsys[i]);
		if (!subsys[i]->disabled) {
			enabled_bits |= subsys_bit(subsys[i]);
			container_enable_callbacks(subsys[i]);
		}
	}
	container_unlock();
	return container_vfs_register();
}

/**
 * container_init_smp - called when all CPUs are up
 *
 * Nothing needs it yet.
 */
void __init container_init_smp(void)
{
}

/* container_disable=a,b: subsystems that cannot be mounted. */
static int __init disable_setup(char *str)
{
	struct container_subsys *ss;
	char *word;

	while ((word = strsep(&str, ","))) {
		ss = find_subsys(word);
		if (ss)
			ss->disabled = 1;
		else
			pr_info("containers: no subsystem %s to disable\n",
				word);
	}
	return 1;
}
__setup("container_disable=", disable_setup);

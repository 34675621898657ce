// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: hierarchies.
 *
 * Which hierarchies there are, the mount options that select one, which
 * subsystems belong to which hierarchy, what /proc shows of all that, and
 * boot.
 */

#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "container_host.h"
#include "container_internal.h"

/* The subsystems that can be mounted, by id.  Set at boot. */
static u64 enabled_bits;

/*
 * The hierarchy of the subsystems that belong to no other hierarchy.  It has
 * one container, is not on the list of active hierarchies and is never
 * mounted.
 */
static struct containerfs_root rootnode;
#define dummytop (&rootnode.top_container)

/*
 * The active hierarchies, in order of creation.  Protected by container_mutex.
 */
static LIST_HEAD(roots);
static int last_root_id;

/*
 * Mount options.
 */

static struct container_subsys *find_subsys(const char *name)
{
	int i;

	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++)
		if (!strcmp(container_subsystems[i]->name, name))
			return container_subsystems[i];
	return NULL;
}

/* Not isalnum(), which also accepts letters that are not ASCII. */
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

/*
 * An empty path means no agent, like an empty line in the file release_agent.
 */
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

/* Parse one word.  Counts "all" in @nr_all and "none" in @nr_none. */
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

/* Only users of a subsystem that is older than containers need "noprefix". */
static bool noprefix_allowed(u64 subsys_bits)
{
	const struct container_subsys *ss = container_subsys_in(subsys_bits, 0);

	return ss && subsys_bits == subsys_bit(ss) && ss->noprefix;
}

/*
 * Parse the words of mount options, without adding defaults.  Overwrites
 * @data.
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
 * @data: the options, separated by commas, or NULL; overwritten
 * @opts: gets the result, which may point into @data
 *
 * Context: any.
 * Return: 0; -ENOENT for a word that is not an enabled subsystem; -EPERM for
 * an agent when the caller lacks CAP_SYS_ADMIN; -EINVAL for anything else that
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
	/* A hierarchy without subsystems can only be found by its name. */
	return opts->subsys_bits || opts->name[0] ? 0 : -EINVAL;
}

/*
 * Hierarchies.
 */

static void init_container_root(struct containerfs_root *root)
{
	INIT_LIST_HEAD(&root->subsys_list);
	INIT_LIST_HEAD(&root->root_list);
	INIT_LIST_HEAD(&root->release_list);
	INIT_LIST_HEAD(&root->release_root);
	root->number_of_containers = 1;
	container_setup(&root->top_container, NULL, root);
}

/**
 * container_root_alloc - make a hierarchy that is not active yet
 * @opts: the mount options that describe it
 *
 * Context: sleeps.
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
 * container_root_put - drop the reference to a hierarchy that is not active
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
 * The release agent is not compared, since it can be changed.
 *
 * Context: container_mutex or s_umount.  With sb_lock alone, the answer may be
 * outdated at once: the caller asks again when it holds s_umount.
 * Return: true when they do.
 */
bool container_root_matches(const struct containerfs_root *root,
			    const struct container_options *opts)
{
	bool same_name = !strcmp(root->name, opts->name);

	if (!opts->has_set)
		return same_name;
	if (READ_ONCE(root->subsys_bits) != opts->subsys_bits ||
	    root->noprefix != opts->noprefix)
		return false;
	/* The name may be left out when there are subsystems to find it by. */
	return same_name || (!opts->name[0] && opts->subsys_bits);
}

/* Does another hierarchy have one of these subsystems, or the name of @root? */
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

/* The entry of the list behind which a subsystem belongs. */
static struct list_head *subsys_position(struct containerfs_root *root,
					 const struct container_subsys *ss)
{
	struct container_subsys *before;

	list_for_each_entry_reverse(before, &root->subsys_list, sibling)
		if (before->subsys_id < ss->subsys_id)
			return &before->sibling;
	return &root->subsys_list;
}

/*
 * The first half of adding subsystems to a hierarchy: put them on its list,
 * and give its top container the pointers to their state.  They were on no
 * list.
 *
 * Apart from container_subsys_mounted(), which is true from now on, nothing
 * outside of the hierarchy sees this yet: ss->root, and the container that the
 * state points to, are changed in the second half, bind_subsystems(), which
 * cannot fail.  Until then detach_subsystems() undoes it.
 */
static void attach_subsystems(struct containerfs_root *root, u64 subsys_bits)
{
	struct container *top = &root->top_container;
	struct container_subsys *ss;

	lockdep_assert_held(&container_mutex);
	for_each_subsys_in(subsys_bits, ss) {
		top->subsys[ss->subsys_id] = dummytop->subsys[ss->subsys_id];
		list_add(&ss->sibling, subsys_position(root, ss));
	}
}

/*
 * Take subsystems off the list of a hierarchy.  Its top container keeps the
 * pointers to their state, because readers may still use them.  They stay
 * valid: the state of a top container is never freed.
 */
static void detach_subsystems(struct containerfs_root *root, u64 subsys_bits)
{
	struct container_subsys *ss, *next;

	lockdep_assert_held(&container_mutex);
	list_for_each_entry_safe(ss, next, &root->subsys_list, sibling)
		if (subsys_bits & subsys_bit(ss))
			list_del_init(&ss->sibling);
}

/*
 * Make the top of @root the top container of a subsystem, and tell the
 * subsystem.  The barrier pairs with the address dependency in
 * task_container() and other readers: a reader that finds the container
 * through the state finds it initialized.
 */
static void bind_subsys(struct container_subsys *ss,
			struct containerfs_root *root)
{
	struct container *top = &root->top_container;

	smp_wmb();	/* pairs with task_container() */
	dummytop->subsys[ss->subsys_id]->container = top;
	ss->root = root;
	/* Files that were made up to now are not those of the new hierarchy. */
	WRITE_ONCE(ss->generation, container_new_number());
	if (ss->bind)
		ss->bind(ss, top);
}

static void bind_subsystems(u64 subsys_bits, struct containerfs_root *root)
{
	struct container_subsys *ss;

	for_each_subsys_in(subsys_bits, ss)
		bind_subsys(ss, root);
}

/**
 * container_root_activate - make a hierarchy active
 * @root: the hierarchy
 * @sb: its superblock
 * @dentry: its root directory, which nobody can see yet
 *
 * Context: s_umount of @sb; sleeps.
 * Return: 0; -EBUSY when another hierarchy has one of the subsystems or the
 * name; -ENOMEM; the error of a populate() callback.
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
 * All tasks are in its top container.  The state of each subsystem stays the
 * same object, so the tasks are in the top container of the hierarchy that the
 * subsystem is bound to next, without any change to them.
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

/* Does a container have the name that a file of these subsystems would get? */
static bool names_taken(const struct containerfs_root *root, u64 subsys_bits)
{
	struct container_subsys *ss;

	for_each_subsys_in(subsys_bits, ss)
		if (container_names_taken(&root->top_container, ss))
			return true;
	return false;
}

/*
 * Give an active hierarchy another set of subsystems.  Those that stay are not
 * touched.  All tasks are in the top container, whose state of each subsystem
 * stays the same object, so nothing changes for them.
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
	if (!container_hide_files(top, &removed)) {
		err = -EBUSY;
		goto show_files;
	}
	attach_subsystems(root, added);
	err = container_populate(top, added);
	if (err)
		goto drop_added;
	/* The commit point. */
	bind_subsystems(removed, &rootnode);
	detach_subsystems(root, removed);
	bind_subsystems(added, root);
	container_forget_absence(top, added);
	WRITE_ONCE(root->subsys_bits, subsys_bits);
	container_drop_added(top, removed);
	return 0;

drop_added:
	container_drop_added(top, added);
	detach_subsystems(root, added);
show_files:
	container_show_files(top, &removed);
	return err;
}

static int root_change(struct containerfs_root *root,
		       const struct container_options *opts)
{
	char *agent = NULL;
	int err;

	lockdep_assert_held(&container_mutex);
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
 * @data: mount options; what they do not mention stays as it is; overwritten
 *
 * Context: s_umount of its superblock, i_mutex of its root directory; sleeps.
 * Return: 0; an error as from container_mount_options(); -EBUSY for another
 * name, for a subsystem that another hierarchy has, for another set of
 * subsystems while there are children, and when a mount on a file prevents its
 * removal; -EEXIST when a container has the name of a file that would be
 * added; -EINVAL when "noprefix" would change, or when nothing would remain by
 * which the hierarchy can be found; -ENOMEM; the error of a populate()
 * callback.
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
	/* s_umount keeps others from changing the set of subsystems. */
	added = opts.has_set ? opts.subsys_bits & ~root->subsys_bits : 0;
	removed = opts.has_set ? root->subsys_bits & ~opts.subsys_bits : 0;
	container_switch_callbacks_on(added);
	container_lock();
	err = root_change(root, &opts);
	container_unlock();
	container_switch_callbacks_off(err ? added : removed);
	if (removed && !err) {
		container_wake_pollers(top);
		container_forget_files(top, &removed);
	}
	return err;
}

/**
 * container_root_show_options - print the options that find a hierarchy again
 * @root: the hierarchy
 * @m: gets ",option" for each of them
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

/*
 * Print a path of any length.  When there is no room the buffer is marked as
 * full, and seq_file calls again with a larger one.
 */
static void seq_container_path(struct seq_file *m, const struct container *cont)
{
	char *start = m->buf + m->count;

	if (m->count < m->size &&
	    !container_path(cont, start, m->size - m->count))
		m->count += strlen(start);
	else
		m->count = m->size;
}

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
 * container_show_current - print the containers of the current task's css_group
 * @m: gets a line for each container that is not a top container
 *
 * Context: sleeps.
 */
void container_show_current(struct seq_file *m)
{
	struct css_group *group;
	struct container *cont;
	int i;

	container_lock();	/* keeps the current task where it is */
	group = rcu_dereference_protected(current->containers,
					  lockdep_is_held(&container_mutex));
	for (i = 0; i < group->nr_links; i++) {
		cont = group->links[i].cont;
		show_root(cont->root, cont, m);
	}
	container_unlock();
}

/**
 * container_show_subsystems - print the table of subsystems
 * @m: gets the table
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
		ss = container_subsystems[i];
		seq_printf(m, "%s\t%d\t%d\t%d\n", ss->name, ss->root->id,
			   ss->root->number_of_containers, !ss->disabled);
	}
	container_unlock();
}

/*
 * Boot.
 */

/* Does a subsystem follow the rules of container-subsystems.txt? */
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
	if (container_create_state(ss, dummytop))
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
		if (!subsys_valid(container_subsystems[i], i) ||
		    !container_number_files(container_subsystems[i]))
			panic("containers: bad subsystem number %d\n", i);
		if (container_subsystems[i]->early_init)
			init_subsys(container_subsystems[i]);
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

	/* A set of subsystems is a u64. */
	BUILD_BUG_ON(CONTAINER_SUBSYS_COUNT > 64);

	container_lock();
	for (i = 0; i < CONTAINER_SUBSYS_COUNT; i++) {
		if (!container_subsystems[i]->active)
			init_subsys(container_subsystems[i]);
		if (!container_subsystems[i]->disabled) {
			enabled_bits |= subsys_bit(container_subsystems[i]);
			container_enable_callbacks(container_subsystems[i]);
		}
	}
	container_unlock();
	return container_vfs_register();
}

/**
 * container_init_smp - called when all CPUs are up
 *
 * Nothing needs it yet.
 *
 * Context: boot; sleeps.
 */
void __init container_init_smp(void)
{
}

/* container_disable=a,b: these subsystems cannot be mounted. */
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

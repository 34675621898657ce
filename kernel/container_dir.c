// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: directories, and the control files in them.
 *
 * This is the part of the file system that is the same for all kernels.  What
 * differs between kernels is in container_vfs.c: operation tables, superblocks
 * and mounting.
 *
 * Control files are made on demand.  Which files a container has is given by
 * tables: the core has one, and each subsystem has one.  The inode and the
 * dentry of a file are made when a task looks the file up, and the kernel may
 * free them when they are no longer in use.  Nothing is lost by that: when the
 * owner, mode, times or label of an inode are changed, the inode is kept until
 * its file goes.
 *
 * Each file in the tables has a slot: a small number that is the same in every
 * container.  Each container has a number of its own.  The inode number of a
 * file is computed from these two, so it is the same again when the inode is
 * made anew.  Positions in a directory are computed from them as well, so no
 * state is needed for a task that reads a directory.
 *
 * References:
 *
 *  - The inode of a directory has a reference on its container, which is
 *    dropped when the inode is evicted.  An open file or a child holds the
 *    dentry of the directory, and the dentry holds the inode.
 *  - A container that is not removed has a reference on the dentry of its
 *    directory.
 *  - A container that is not removed, and is not a top container, has an active
 *    reference on the superblock, so the hierarchy survives umount.
 */

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "container_host.h"
#include "container_internal.h"

/*
 * The greatest depth of a container.  There has to be a limit: a task that
 * leaves a container may have to walk up to the top with interrupts off, and a
 * path has to fit into the arguments of a program.
 */
#define MAX_DEPTH	256

/* The table of control files. */

/* The files that every hierarchy has, whatever its subsystems. */
static const struct cftype *const core_files[] = {
	&container_tasks_file,
	&container_notify_file,
	&container_agent_file,
};

/* Slot 0 stands for the directory itself. */
#define FIRST_SLOT	1

/* The number of files that populate() can add for one subsystem. */
#define MAX_ADDED	16

/* The number of slots of a container.  Set at boot. */
static unsigned int nr_slots = FIRST_SLOT + ARRAY_SIZE(core_files);

/**
 * struct container_added - a control file that a populate() callback has added
 * @next: the next one of the same container (V)
 * @cft: its description (I)
 * @ss: the subsystem (I)
 * @slot: its slot (I)
 */
struct container_added {
	struct container_added *next;
	const struct cftype *cft;
	struct container_subsys *ss;
	unsigned int slot;
};

/**
 * struct file_spec - a control file that a container has
 * @cft: its description
 * @ss: the subsystem, or NULL for a file of the core
 * @slot: its slot
 */
struct file_spec {
	const struct cftype *cft;
	struct container_subsys *ss;
	unsigned int slot;
};

/* The name of a file without the prefix "<subsystem>."; NULL if it has none. */
static const char *strip_prefix(const struct cftype *cft,
				const struct container_subsys *ss)
{
	size_t len = strlen(ss->name);

	if (strncmp(cft->name, ss->name, len) || cft->name[len] != '.')
		return NULL;
	return cft->name + len + 1;
}

/* The name of a file as users see it in the hierarchy. */
static const char *visible_name(const struct containerfs_root *root,
				const struct cftype *cft,
				const struct container_subsys *ss)
{
	return ss && root->noprefix ? strip_prefix(cft, ss) : cft->name;
}

static unsigned int first_slot(const struct container_subsys *ss)
{
	return ss ? ss->first_slot : FIRST_SLOT;
}

/* Entry @i of the table of @ss, NULL for the core.  NULL behind the end. */
static const struct cftype *table_entry(const struct container_subsys *ss,
					unsigned int i)
{
	if (!ss)
		return i < ARRAY_SIZE(core_files) ? core_files[i] : NULL;
	return i < ss->nr_files ? &ss->files[i] : NULL;
}

static bool is_for(const struct cftype *cft, const struct container *cont)
{
	return !(cft->flags & (is_top(cont) ? CFTYPE_NOT_ON_TOP :
					      CFTYPE_ONLY_ON_TOP));
}

/*
 * Find the first file of @ss, or of the core if @ss is NULL, whose slot is
 * @slot or greater.  Returns false if there is none.
 */
static bool next_file_of(const struct container *cont,
			 struct container_subsys *ss, unsigned int slot,
			 struct file_spec *spec)
{
	unsigned int i = slot > first_slot(ss) ? slot - first_slot(ss) : 0;
	const struct container_added *added;

	spec->ss = ss;
	for (; (spec->cft = table_entry(ss, i)); i++) {
		spec->slot = first_slot(ss) + i;
		if (is_for(spec->cft, cont))
			return true;
	}
	for (added = cont->added; added; added = added->next) {
		if (added->ss != ss || added->slot < slot)
			continue;
		spec->cft = added->cft;
		spec->slot = added->slot;
		return true;
	}
	return false;
}

/*
 * The same among all files of a container.
 *
 * The i_mutex of the directory is held, perhaps shared; see for_each_subsys().
 */
static bool next_file(const struct container *cont, unsigned int slot,
		      struct file_spec *spec)
{
	struct container_subsys *ss;

	if (next_file_of(cont, NULL, slot, spec))
		return true;
	for_each_subsys(cont->root, ss)
		if (next_file_of(cont, ss, slot, spec))
			return true;
	return false;
}

static bool find_file(const struct container *cont, const char *name,
		      struct file_spec *spec)
{
	unsigned int slot;

	for (slot = 0; next_file(cont, slot, spec); slot = spec->slot + 1)
		if (!strcmp(visible_name(cont->root, spec->cft, spec->ss),
			    name))
			return true;
	return false;
}

static bool table_valid(const struct container_subsys *ss)
{
	unsigned int i, k;

	for (i = 0; i < ss->nr_files; i++) {
		if (!strip_prefix(&ss->files[i], ss) ||
		    container_file_mode(&ss->files[i]) < 0)
			return false;
		for (k = 0; k < i; k++)
			if (!strcmp(ss->files[i].name, ss->files[k].name))
				return false;
	}
	return true;
}

/**
 * container_number_files - give the control files of a subsystem their slots
 * @ss: the subsystem
 *
 * Context: boot.
 * Return: false when the table is invalid: a file has no handler, its name does
 * not begin with the name of the subsystem, or a name is there twice.
 */
bool __init container_number_files(struct container_subsys *ss)
{
	ss->first_slot = nr_slots;
	while (ss->files && ss->files[ss->nr_files].name[0])
		ss->nr_files++;
	nr_slots += ss->nr_files + (ss->populate ? MAX_ADDED : 0);
	return table_valid(ss);
}

static int add_file(struct container *cont, const struct cftype *cft,
		    struct container_subsys *ss)
{
	unsigned int slot = ss->first_slot + ss->nr_files;
	struct container_added **pos, *added;
	struct file_spec spec;

	if (container_file_mode(cft) < 0)
		return -EINVAL;
	if (find_file(cont, visible_name(cont->root, cft, ss), &spec))
		return -EEXIST;
	for (pos = &cont->added; *pos; pos = &(*pos)->next)
		slot += (*pos)->ss == ss;
	if (slot == ss->first_slot + ss->nr_files + MAX_ADDED)
		return -ENOSPC;
	added = container_zalloc(sizeof(*added));
	if (!added)
		return -ENOMEM;
	added->cft = cft;
	added->ss = ss;
	added->slot = slot;
	*pos = added;
	return 0;
}

/**
 * container_add_file - add a control file to a container's directory
 * @cont: the container
 * @cft: describes the file; must stay for as long as the subsystem does
 *
 * For populate() callbacks, where some containers have files that others do not
 * have.  Files that all containers have belong in the table
 * container_subsys::files.
 *
 * Context: as populate(); may sleep.
 * Return: 0; -EEXIST; -ENOMEM; -ENOSPC when the subsystem has added 16 files
 * here already; -EINVAL when the file has no handler, or its name does not
 * begin with the name of a subsystem of the hierarchy that has a populate().
 */
int container_add_file(struct container *cont, const struct cftype *cft)
{
	struct container_subsys *ss;

	for_each_subsys(cont->root, ss)
		if (ss->populate && strip_prefix(cft, ss))
			return add_file(cont, cft, ss);
	return -EINVAL;
}
EXPORT_SYMBOL_GPL(container_add_file);

/**
 * container_add_files - add several control files
 * @cont: the container
 * @cft: an array that describes the files
 * @count: its length
 *
 * Context: as container_add_file().
 * Return: as container_add_file(), for the first file that fails.  The
 * populate() callback must then fail too, and the files that it has added are
 * taken away.
 */
int container_add_files(struct container *cont, const struct cftype cft[],
			int count)
{
	int err;
	int i;

	for (i = 0; i < count; i++) {
		err = container_add_file(cont, &cft[i]);
		if (err)
			return err;
	}
	return 0;
}
EXPORT_SYMBOL_GPL(container_add_files);

/**
 * container_drop_added - undo container_add_file()
 * @cont: the container
 * @subsys_bits: the subsystems whose files are dropped
 *
 * Context: i_mutex of the directory, or a container that nobody else can see.
 */
void container_drop_added(struct container *cont, u64 subsys_bits)
{
	struct container_added **pos = &cont->added;
	struct container_added *added;

	while ((added = *pos)) {
		if (subsys_bits & subsys_bit(added->ss)) {
			*pos = added->next;
			kfree(added);
		} else {
			pos = &added->next;
		}
	}
}

/**
 * container_populate - call populate() of subsystems
 * @cont: the container
 * @subsys_bits: the subsystems
 *
 * After a failure the files that were added are still there, see
 * container_drop_added().
 *
 * Context: as populate(); sleeps.
 * Return: 0, or the error of a populate().
 */
int container_populate(struct container *cont, u64 subsys_bits)
{
	struct container_subsys *ss;
	int err;

	for_each_subsys(cont->root, ss) {
		if (!ss->populate || !(subsys_bits & subsys_bit(ss)))
			continue;
		err = ss->populate(ss, cont);
		if (err)
			return err;
	}
	return 0;
}

/**
 * container_names_taken - is a file name of a subsystem the name of a
 * container?
 * @top: a top container
 * @ss: a subsystem that is not bound to the hierarchy
 *
 * Context: i_mutex of the directory.
 * Return: true when a child of @top has the name of a file that @ss would add.
 */
bool container_names_taken(const struct container *top,
			   struct container_subsys *ss)
{
	struct file_spec spec;
	unsigned int slot;

	for (slot = 0; next_file_of(top, ss, slot, &spec); slot = spec.slot + 1)
		if (container_vfs_has_dir(top, visible_name(top->root, spec.cft,
							    ss)))
			return true;
	return false;
}

/**
 * container_forget_absence - drop the negative dentries of files that now exist
 * @top: the top container
 * @subsys_bits: the subsystems that have been added to the hierarchy
 *
 * Negative dentries are not cached, but one exists for as long as a task uses
 * it:
 *
 *   task A                             task B
 *   looks the name up: negative dentry
 *   is preempted before its dput()
 *                                      remount adds the subsystem
 *                                      looks the name up
 *
 * Without this, B would find the negative dentry, and the file would seem not
 * to exist until A runs again.
 *
 * Context: i_mutex of the directory, perhaps container_mutex.
 */
void container_forget_absence(const struct container *top, u64 subsys_bits)
{
	struct file_spec spec;
	unsigned int slot;

	for (slot = 0; next_file(top, slot, &spec); slot = spec.slot + 1)
		if (spec.ss && (subsys_bits & subsys_bit(spec.ss)))
			container_vfs_forget_absence(top,
						     visible_name(top->root,
								  spec.cft,
								  spec.ss));
}

/*
 * Inodes and dentries of control files.
 */

/**
 * struct container_file - a control file that has an inode
 * @node: links container::files; empty when the file has been taken away
 *	(control_files_lock)
 * @inode: the inode, whose i_private points back here (I)
 * @cont: the container.  It may be freed before an inode that has no link or is
 *	being evicted, so do not dereference it there (I)
 * @cft: the file's description (I)
 * @ss: the subsystem, or NULL for a file of the core (I)
 * @generation: container_subsys::generation when the inode was made (I)
 * @kept: there is a reference on @inode, because its owner, mode, times or
 *	label have been changed (control_files_lock)
 */
struct container_file {
	struct list_head node;
	struct inode *inode;
	const struct container *cont;
	const struct cftype *cft;
	struct container_subsys *ss;
	unsigned long generation;
	bool kept;
};

/*
 * control_files_lock protects the lists of control files, container::files.
 * While it is held, references to inodes may be taken, but not dropped.
 */
static DEFINE_SPINLOCK(control_files_lock);

static struct container_file *file_of(const struct inode *inode)
{
	return inode->i_private;
}

/**
 * container_cftype - get the description of an open control file
 * @file: the open file
 *
 * Context: any.
 * Return: the description.
 */
const struct cftype *container_cftype(const struct file *file)
{
	return file_of(file->f_path.dentry->d_inode)->cft;
}

static unsigned long generation_of(const struct container_subsys *ss)
{
	return ss ? READ_ONCE(ss->generation) : 0;
}

/*
 * The inode number of a file.
 *
 * Files below the top are told apart by the number of their container: the
 * subsystems of a hierarchy cannot change while it has children.  In a top
 * container, a subsystem can leave and come back, and its new files have the
 * names of old files that may still be open.  So the number of the binding, the
 * generation, is used there.
 */
static unsigned long inode_number(const struct container *cont,
				  const struct container_subsys *ss,
				  unsigned int slot)
{
	unsigned long number = cont->number;

	if (ss && is_top(cont))
		number = generation_of(ss);
	return number * nr_slots + slot;
}

/*
 * The test callback of iget5_locked().
 *
 * The inode number alone does not identify a file, since it wraps around where
 * it has 32 bits.
 *
 * The inode of a file that has been taken away has no link.  It may stay for as
 * long as somebody watches it, and must not be found again.
 */
static int is_same_file(struct inode *inode, void *data)
{
	const struct container_file *file = data, *old = file_of(inode);

	return old->cont == file->cont && old->cft == file->cft &&
	       old->generation == file->generation && inode->i_nlink;
}

static int init_file_inode(struct inode *inode, void *data)
{
	struct container_file *file = data;

	inode->i_private = file;
	file->inode = inode;
	return 0;
}

/*
 * Returns the inode of a control file with a reference, or NULL when there is
 * no memory.  An existing inode is used; otherwise one is made.
 *
 * The i_mutex of the directory is held, so the file is not taken away
 * meanwhile.
 */
static struct inode *get_file_inode(struct container *cont,
				    const struct file_spec *spec)
{
	unsigned long ino = inode_number(cont, spec->ss, spec->slot);
	struct container_file *file = container_zalloc(sizeof(*file));
	struct inode *inode;

	if (!file)
		return NULL;
	INIT_LIST_HEAD(&file->node);
	file->cont = cont;
	file->cft = spec->cft;
	file->ss = spec->ss;
	file->generation = generation_of(spec->ss);
	inode = iget5_locked(cont->dentry->d_sb, ino, is_same_file,
			     init_file_inode, file);
	if (!inode || file_of(inode) != file) {
		kfree(file);
		return inode;
	}
	inode->i_ino = ino;
	inode->i_mode = S_IFREG | container_file_mode(spec->cft);
	container_vfs_init_inode(inode, cont);
	spin_lock(&control_files_lock);
	list_add(&file->node, &cont->files);
	spin_unlock(&control_files_lock);
	unlock_new_inode(inode);
	return inode;
}

/**
 * container_file_evict - free what belongs to the inode of a control file
 * @inode: the inode, which is being evicted
 *
 * The VFS removes an inode from the hash only after this function has returned.
 * Until then iget5_locked() can call is_same_file(), which uses what is freed
 * here.  So the inode has to leave the hash first.
 *
 * Context: sleeps.
 */
void container_file_evict(struct inode *inode)
{
	struct container_file *file = file_of(inode);

	remove_inode_hash(inode);
	spin_lock(&control_files_lock);
	list_del_init(&file->node);
	spin_unlock(&control_files_lock);
	kfree(file);
}

/**
 * container_file_keep - keep the inode of a control file in memory
 * @inode: the inode, whose attributes have been changed; it stays until the
 *	file is taken away
 *
 * Context: the caller has a reference on @inode.
 */
void container_file_keep(struct inode *inode)
{
	struct container_file *file = file_of(inode);

	spin_lock(&control_files_lock);
	if (!file->kept && !list_empty(&file->node))
		file->kept = igrab(inode);
	spin_unlock(&control_files_lock);
}

/**
 * container_drop_kept - undo container_file_keep() for all files of a container
 * @cont: a top container whose superblock is being shut down
 *
 * Context: nobody else can use the files; sleeps.
 */
void container_drop_kept(struct container *cont)
{
	struct container_file *file;
	struct inode *inode;

	do {
		inode = NULL;
		spin_lock(&control_files_lock);
		list_for_each_entry(file, &cont->files, node) {
			if (!file->kept)
				continue;
			file->kept = false;
			inode = file->inode;
			break;
		}
		spin_unlock(&control_files_lock);
		iput(inode);
	} while (inode);
}

/*
 * Does the file belong to one of these subsystems?  NULL stands for all files.
 */
static bool is_among(const struct container_file *file, const u64 *subsys_bits)
{
	if (!subsys_bits)
		return true;
	return file->ss && (*subsys_bits & subsys_bit(file->ss));
}

/*
 * Move files of a container to the list @passed, up to and including the first
 * one that belongs to these subsystems and is not being evicted.  Returns the
 * inode of this file with a reference, or NULL when there is none any more.
 *
 * A file that is being evicted (igrab() fails) is taken off all lists.  The
 * last reference may have been dropped by somebody who watched the inode, and
 * such a reference does not pin the directory.  So the container, which has the
 * head of the list, may be freed before container_file_evict() is called.
 */
static struct inode *pass_files(struct container *cont,
				const u64 *subsys_bits,
				struct list_head *passed)
{
	struct container_file *file, *next;
	struct inode *inode = NULL;

	spin_lock(&control_files_lock);
	list_for_each_entry_safe(file, next, &cont->files, node) {
		list_move(&file->node, passed);
		if (!is_among(file, subsys_bits))
			continue;
		inode = igrab(file->inode);
		if (inode)
			break;
		list_del_init(&file->node);
	}
	spin_unlock(&control_files_lock);
	return inode;
}

static void give_back_files(struct container *cont, struct list_head *passed)
{
	spin_lock(&control_files_lock);
	list_splice(passed, &cont->files);
	spin_unlock(&control_files_lock);
}

/**
 * container_hide_files - prepare for taking files away
 * @cont: the container
 * @subsys_bits: the subsystems whose files are meant; NULL for all files
 *
 * On a kernel that cannot take away what is mounted on a file, this prevents
 * new mounts there.  The caller must call container_forget_files() or
 * container_show_files() before it unlocks the directory.
 *
 * Context: i_mutex of the directory; perhaps container_mutex; sleeps.
 * Return: false when something is mounted on one of the files.  Some of the
 * files are hidden then.
 */
bool container_hide_files(struct container *cont, const u64 *subsys_bits)
{
	struct inode *inode;
	LIST_HEAD(passed);
	bool hidden = true;

	while (hidden && (inode = pass_files(cont, subsys_bits, &passed))) {
		hidden = container_vfs_hide_file(inode);
		iput(inode);
	}
	give_back_files(cont, &passed);
	return hidden;
}

/**
 * container_show_files - undo container_hide_files()
 * @cont: the container
 * @subsys_bits: the subsystems whose files stay; NULL for all files
 *
 * Context: as container_hide_files().
 */
void container_show_files(struct container *cont, const u64 *subsys_bits)
{
	struct inode *inode;
	LIST_HEAD(passed);

	while ((inode = pass_files(cont, subsys_bits, &passed))) {
		container_vfs_show_file(inode);
		iput(inode);
	}
	give_back_files(cont, &passed);
}

/* Take a file off its list for good.  Returns whether its inode was kept. */
static bool take_file(struct inode *inode)
{
	struct container_file *file = file_of(inode);
	bool kept;

	spin_lock(&control_files_lock);
	list_del_init(&file->node);
	kept = file->kept;
	file->kept = false;
	spin_unlock(&control_files_lock);
	return kept;
}

/**
 * container_forget_files - take files away, so that they are not found again
 * @cont: the container
 * @subsys_bits: the subsystems whose files are gone; NULL for all files
 *
 * This may unmount what is mounted on the files, which takes namespace_sem.  A
 * task that reads /proc/mounts holds namespace_sem and takes container_mutex
 * inside it.  So container_mutex must not be held here.
 *
 * Context: i_mutex of the directory, not container_mutex; sleeps.
 */
void container_forget_files(struct container *cont, const u64 *subsys_bits)
{
	struct inode *inode;
	LIST_HEAD(passed);

	while ((inode = pass_files(cont, subsys_bits, &passed))) {
		clear_nlink(inode);
		if (take_file(inode))
			iput(inode);
		container_vfs_forget_file(inode);
		iput(inode);
	}
	give_back_files(cont, &passed);
}

/**
 * container_dir_lookup - lookup() in a directory
 * @dir: the directory's inode
 * @dentry: the name to look up; not hashed yet
 *
 * The dentry of a container is in the dcache for as long as the container
 * exists.  So the VFS calls this only for a control file, or for a name that
 * does not exist.
 *
 * Context: i_mutex of the directory, perhaps shared; sleeps.
 * Return: NULL, or an ERR_PTR(): -ENAMETOOLONG, -ENOMEM.
 */
struct dentry *container_dir_lookup(struct inode *dir, struct dentry *dentry)
{
	struct container *cont = dir->i_private;
	struct inode *inode = NULL;
	struct file_spec spec;

	if (dentry->d_name.len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	container_vfs_init_dentry(dentry);
	/* Some kernels call this for a directory that has just been removed. */
	if (!container_is_removed(cont) &&
	    find_file(cont, dentry->d_name.name, &spec)) {
		inode = get_file_inode(cont, &spec);
		if (!inode)
			return ERR_PTR(-ENOMEM);
		dentry->d_fsdata = spec.ss;
		dentry->d_time = file_of(inode)->generation;
	}
	d_add(dentry, inode);
	return NULL;
}

/*
 * Directories.
 */

/*
 * The inode of a directory that is not published yet.  It is stored in d_time,
 * a field of the dentry that is for the file system.
 */
static struct inode *unpublished_inode(const struct dentry *dentry)
{
	return (struct inode *)dentry->d_time;
}

/**
 * container_dir_inode - make the inode of a directory
 * @sb: the superblock
 * @cont: the container
 * @mode: mode of the directory
 *
 * Context: sleeps.
 * Return: the inode, which has a reference on @cont; NULL when there is no
 * memory.
 */
struct inode *container_dir_inode(struct super_block *sb,
				  struct container *cont, int mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_mode = S_IFDIR | mode;
	container_vfs_init_inode(inode, cont);
	inode->i_private = get_container(cont);
	inc_nlink(inode);	/* for "." */
	return inode;
}

/**
 * container_number_dir - give a container and its directory their numbers
 * @cont: the container
 * @inode: the inode of its directory
 *
 * Context: container_mutex; nobody else can see @cont and @inode yet.
 */
void container_number_dir(struct container *cont, struct inode *inode)
{
	lockdep_assert_held(&container_mutex);
	cont->number = container_new_number();
	inode->i_ino = inode_number(cont, NULL, 0);
}

/* Returns the first child whose number is @number or greater, or NULL. */
static struct container *first_child(const struct container *cont, u64 number)
{
	struct rb_node *node = cont->child_tree.rb_node;
	struct container *child, *found = NULL;

	while (node) {
		child = rb_entry(node, struct container, child_node);
		if (child->number >= number) {
			found = child;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

static struct container *next_child(const struct container *cont,
				    const struct container *child)
{
	if (child->sibling.next == &cont->children)
		return NULL;
	return list_entry(child->sibling.next, struct container, sibling);
}

/*
 * Positions in a directory: 0 and 1 are "." and "..", then the files follow by
 * slot, then the children by number.
 */
static loff_t file_pos(unsigned int slot)
{
	return slot - FIRST_SLOT + 2;
}

static unsigned int slot_at(loff_t pos)
{
	return pos - 2 + FIRST_SLOT;
}

static loff_t child_pos(u64 number)
{
	return file_pos(nr_slots) + number;
}

static loff_t emit_files(const struct container *cont, loff_t pos,
			 container_emit_t emit, void *to)
{
	struct file_spec spec;
	const char *name;

	while (pos < child_pos(0) && next_file(cont, slot_at(pos), &spec)) {
		pos = file_pos(spec.slot);
		name = visible_name(cont->root, spec.cft, spec.ss);
		if (!emit(to, name, strlen(name), pos,
			  inode_number(cont, spec.ss, spec.slot), DT_REG))
			return pos;
		pos++;
	}
	return max(pos, child_pos(0));
}

/**
 * container_dir_emit - readdir() without "." and ".."
 * @cont: the container
 * @pos: the position to start from, at least 2
 * @emit: takes one entry; returns false when there is no room for it
 * @to: passed to @emit
 *
 * Files come first, in the order of the tables.  Then containers follow, in the
 * order in which they were made.  The position of an entry never changes, and
 * no other entry gets it while the hierarchy exists.  So an entry that exists
 * all the time is shown exactly once, and the reader always reaches an end.
 *
 * Context: i_mutex of the directory, perhaps shared; sleeps.
 * Return: the position to continue from.
 */
loff_t container_dir_emit(const struct container *cont, loff_t pos,
			  container_emit_t emit, void *to)
{
	const struct container *child;
	const struct qstr *name;

	pos = emit_files(cont, pos, emit, to);
	if (pos < child_pos(0))
		return pos;
	for (child = first_child(cont, pos - child_pos(0)); child;
	     child = next_child(cont, child)) {
		pos = child_pos(child->number);
		name = &child->dentry->d_name;
		if (!emit(to, (const char *)name->name, name->len, pos,
			  inode_number(child, NULL, 0), DT_DIR))
			return pos;
		pos++;
	}
	return pos;
}

/*
 * Making and removing containers.
 */

/* Is a container so deep that no container can be made below it? */
static bool is_deepest(const struct container *cont)
{
	int depth = 0;

	for (; !is_top(cont); cont = cont->parent)
		depth++;
	return depth >= MAX_DEPTH;
}

/*
 * Link a container to its parent.  It has the greatest number of all, so it
 * comes last in the list and in the tree.
 */
static void link_child(struct container *cont)
{
	struct container *parent = cont->parent;
	struct rb_node **link = &parent->child_tree.rb_node;
	struct rb_node *last = NULL;

	if (!list_empty(&parent->children)) {
		last = &list_entry(parent->children.prev, struct container,
				   sibling)->child_node;
		link = &last->rb_right;
	}
	list_add_tail(&cont->sibling, &parent->children);
	rb_link_node(&cont->child_node, last, link);
	rb_insert_color(&cont->child_node, &parent->child_tree);
}

/* Undo what container_prepare() has done to the directory. */
static void cancel_dir(struct container *cont)
{
	struct inode *inode = unpublished_inode(cont->dentry);

	container_drop_added(cont, ALL_SUBSYSTEMS);
	cont->dentry = NULL;
	iput(inode);
}

/**
 * container_prepare - make a container that nobody else can see yet
 * @parent: the parent
 * @dentry: the dentry of its directory, which has no inode yet
 * @name: its name
 * @mode: mode of the directory
 *
 * The caller must call container_publish() or container_cancel() before it
 * unlocks the directory of the parent.
 *
 * While the directory of a container is locked, the container cannot be
 * removed, and its hierarchy keeps its subsystems: changing them takes the lock
 * of the top directory, and is possible only without children.  So
 * container_mutex is needed only to call create(), and memory can be allocated
 * without it.
 *
 * Context: i_mutex of the parent's directory; sleeps.
 * Return: the container, or an ERR_PTR(): -ENAMETOOLONG when it would be too
 * deep, -ENOMEM, or the error of a create() or populate().
 */
struct container *container_prepare(struct container *parent,
				    struct dentry *dentry, const char *name,
				    int mode)
{
	struct container *cont;
	struct inode *inode;
	int err = -ENOMEM;

	if (is_deepest(parent))
		return ERR_PTR(-ENAMETOOLONG);
	cont = container_alloc(parent, name);
	if (!cont)
		return ERR_PTR(-ENOMEM);
	inode = container_dir_inode(dentry->d_sb, cont, mode);
	if (!inode)
		goto put_cont;
	dentry->d_time = (unsigned long)inode;
	cont->dentry = dentry;
	err = container_create_states(cont);
	if (err)
		goto cancel_dir;
	err = container_populate(cont, ALL_SUBSYSTEMS);
	if (err)
		goto cancel_dir;
	return cont;

cancel_dir:
	cancel_dir(cont);
put_cont:
	put_container(cont);
	return ERR_PTR(err);
}

/**
 * container_publish - make a container visible; this is the commit point
 * @cont: what container_prepare() returned; the directory takes over the
 *	caller's reference
 *
 * Context: i_mutex of the parent's directory, container_mutex; sleeps.
 */
void container_publish(struct container *cont)
{
	struct inode *inode = unpublished_inode(cont->dentry);
	struct inode *dir = cont->parent->dentry->d_inode;

	lockdep_assert_held(&container_mutex);
	container_number_dir(cont, inode);
	link_child(cont);
	cont->root->number_of_containers++;
	atomic_inc(&dir->i_sb->s_active);
	dget(cont->dentry);
	d_instantiate(cont->dentry, inode);
	inc_nlink(dir);
	container_vfs_touch_dir(dir);
	put_container(cont);
}

/**
 * container_cancel - undo container_prepare()
 * @cont: what it returned
 *
 * Context: as container_prepare().
 */
void container_cancel(struct container *cont)
{
	cancel_dir(cont);
	put_container(cont);
}

/* A newline would make the lines of /proc/<pid>/container ambiguous. */
static int check_name(const char *name)
{
	return strchr(name, '\n') ? -EINVAL : 0;
}

/**
 * container_dir_mkdir - mkdir()
 * @dir: inode of the parent's directory
 * @dentry: the directory, without an inode yet
 * @mode: its mode
 *
 * The container and its directory become visible only when both are complete.
 *
 * Context: i_mutex of @dir; sleeps.
 * Return: 0, -EINVAL for a name that is not allowed, or as container_prepare().
 */
int container_dir_mkdir(struct inode *dir, struct dentry *dentry, int mode)
{
	const char *name = (const char *)dentry->d_name.name;
	struct container *cont;
	int err;

	err = check_name(name);
	if (err)
		return err;
	cont = container_prepare(dir->i_private, dentry, name, mode);
	if (IS_ERR(cont))
		return PTR_ERR(cont);
	container_lock();
	container_publish(cont);
	container_unlock();
	return 0;
}

/**
 * container_unlink_child - unlink a removed container from its parent
 * @cont: the container
 *
 * Context: container_mutex, i_mutex of the parent's directory.
 */
void container_unlink_child(struct container *cont)
{
	lockdep_assert_held(&container_mutex);
	list_del_init(&cont->sibling);
	rb_erase(&cont->child_node, &cont->parent->child_tree);
	cont->root->number_of_containers--;
}

/**
 * container_dir_rmdir - rmdir()
 * @dir: inode of the parent's directory
 * @dentry: the directory; the caller has a reference on it
 *
 * Context: i_mutex of both; sleeps.
 * Return: 0; -EBUSY when something is mounted on a control file and the kernel
 * cannot take it away; or as container_remove().
 */
int container_dir_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct container *cont = dentry->d_inode->i_private;
	struct super_block *sb = dentry->d_sb;
	int err = -EBUSY;

	if (container_hide_files(cont, NULL))
		err = container_remove(cont);
	if (err) {
		container_show_files(cont, NULL);
		return err;
	}
	container_forget_files(cont, NULL);
	clear_nlink(dentry->d_inode);
	drop_nlink(dir);
	container_vfs_touch_dir(dir);
	/* The reference of the container.  The caller has another one. */
	dput(dentry);
	/*
	 * Not the last active reference: the caller came through a mount, or
	 * has taken a reference.
	 */
	deactivate_super(sb);
	return 0;
}

/**
 * container_dir_rename - rename()
 * @old_dir: inode of the directory that has the old name
 * @old_dentry: what is to be renamed
 * @new_dir: inode of the directory that is to have the new name
 * @new_dentry: the dentry of the new name
 *
 * Context: i_mutex of both directories; sleeps.
 * Return: 0; -ENOTDIR for a control file; -EEXIST when the new name exists;
 * -EIO when the two directories differ; -EINVAL for a name that is not allowed;
 * -ENOMEM.
 */
int container_dir_rename(struct inode *old_dir, struct dentry *old_dentry,
			 struct inode *new_dir, struct dentry *new_dentry)
{
	const char *name = (const char *)new_dentry->d_name.name;
	int err;

	if (!S_ISDIR(old_dentry->d_inode->i_mode))
		return -ENOTDIR;
	if (new_dentry->d_inode)
		return -EEXIST;
	if (old_dir != new_dir)
		return -EIO;
	err = check_name(name);
	if (!err)
		err = container_rename(old_dentry->d_inode->i_private, name);
	if (err)
		return err;
	container_vfs_touch_dir(old_dir);
	return 0;
}

/* Containers that the kernel itself makes. */

/**
 * container_dir_pin - take references on the directory and superblock
 * @cont: the container
 *
 * Context: container_mutex.
 * Return: true; false when the superblock is being shut down.
 */
bool container_dir_pin(struct container *cont)
{
	lockdep_assert_held(&container_mutex);
	if (!atomic_inc_not_zero(&cont->root->sb->s_active))
		return false;
	dget(cont->dentry);
	return true;
}

/**
 * container_dir_unpin - undo container_dir_pin()
 * @cont: the container
 *
 * Context: no locks; sleeps.
 */
void container_dir_unpin(struct container *cont)
{
	struct super_block *sb = cont->dentry->d_sb;

	dput(cont->dentry);
	deactivate_super(sb);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: directories, and the control files in them.
 *
 * This is the part of the file system that all kernels have in common.  What
 * they do differently is in container_vfs.c: operation tables, superblocks and
 * mounting.
 *
 * Control files are made on demand.  Which files a container has follows from
 * tables: the core has one, and each subsystem has one.  Inode and dentry of a
 * file are made when somebody looks it up, and the kernel may drop them again
 * when nobody uses them.  Nothing is lost by that, because an inode whose owner,
 * mode, times or label somebody has changed is kept until the container goes.
 *
 * Each file of the tables has a slot, a small number that is the same in every
 * container.  Each container has a number of its own.  The inode number of a file
 * is made of these two, so it is the same whenever the inode is made again.  They
 * are also what a position in a directory is, so nothing has to be remembered about
 * who is reading a directory.
 *
 * Who keeps what:
 *
 *  - The inode of a directory has a reference on its container, dropped when
 *    the inode goes.  An open file or a child keeps the dentry of the
 *    directory, which keeps the inode.
 *  - A container that is not removed pins the dentry of its directory.
 *  - A container other than the top pins the superblock while it is not
 *    removed, so the hierarchy survives umount.
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
 * How deep containers may lie.  A task that leaves one may have to walk to the
 * top with interrupts off, and a path has to fit where programs take their
 * arguments.
 */
#define MAX_DEPTH	256

/*
 * Which files there are.
 */

/* The files that every hierarchy has, whatever its subsystems. */
static const struct cftype *const core_files[] = {
	&container_tasks_file,
	&container_notify_file,
	&container_agent_file,
};

/* Slot 0 stands for the directory itself. */
#define FIRST_SLOT	1

/* So many files a populate() callback may add for its subsystem. */
#define MAX_ADDED	16

/* How many slots a container has.  Set at boot. */
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

/* What a file of @ss has behind the name of @ss, else NULL. */
static const char *strip_prefix(const struct cftype *cft,
				const struct container_subsys *ss)
{
	size_t len = strlen(ss->name);

	if (strncmp(cft->name, ss->name, len) || cft->name[len] != '.')
		return NULL;
	return cft->name + len + 1;
}

/* The name by which users know a file of the hierarchy. */
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

/* The table of a subsystem, or of the core (NULL); NULL behind its end. */
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

/* The first file of a subsystem, or of the core, that has @slot or a later one. */
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
 * The same for all files of a container.  The i_mutex of the directory is held,
 * perhaps for reading only; see for_each_subsys().
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
 * Return: false when its table cannot be used: a file without a handler, or
 * whose name does not begin with that of the subsystem, or the same name twice.
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
 * For populate() callbacks, where containers do not all have the same files.
 * Those that all have belong in the table container_subsys::files.
 *
 * Context: as populate(); may sleep.
 * Return: 0, -EEXIST, -ENOMEM, -ENOSPC (16 are there already), -EINVAL (no
 * handler, or a name that does not begin with that of a subsystem of the
 * hierarchy).
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
 * @cft: describe the files
 * @count: their number
 *
 * Context: as container_add_file().
 * Return: as container_add_file(), for the first that fails.  Its caller then
 * fails too, and those that were added are taken away.
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
 * @subsys_bits: for these subsystems
 *
 * Context: i_mutex of the directory, or nobody can see the container.
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
 * container_populate - ask subsystems for the files that are in no table
 * @cont: the container
 * @subsys_bits: the subsystems
 *
 * After a failure what was added is still there, see container_drop_added().
 *
 * Context: as populate(); sleeps.
 * Return: 0, or what a populate() says.
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
 * container_names_taken - would files of a subsystem get the name of a container?
 * @top: a top container
 * @ss: the subsystem, which the hierarchy does not have
 *
 * Context: i_mutex of the directory.
 * Return: true when one of the containers below @top has such a name.
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
 * container_forget_absence - files are there now, whatever somebody has found
 * @top: the top container
 * @subsys_bits: the subsystems that have been added
 *
 * A dentry that says that there is no file of this name goes as soon as nobody uses
 * it.  But somebody may be just about to let go of it, and would be for long when
 * others run instead of him.  Until then everybody would find the dentry.
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
 * @cont: the container, which may be freed before an inode that has no link or
 *	is just going (I)
 * @cft: the file's description (I)
 * @ss: the subsystem, or NULL for a file of the core (I)
 * @generation: container_subsys::generation when it was made (I)
 * @kept: has a reference on @inode, because somebody has changed its owner, mode,
 *	times or label (control_files_lock)
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
 * control_files_lock guards the lists of control files, container::files.  References to
 * inodes may be taken, but not dropped, while it is held.
 */
static DEFINE_SPINLOCK(control_files_lock);

static struct container_file *file_of(const struct inode *inode)
{
	return inode->i_private;
}

/**
 * container_cftype - the description of an open control file
 * @file: the open file
 *
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
 * Below the top, containers come and go while their hierarchy has the same
 * subsystems.  In a top container another file can have the name of one that is
 * gone but still open, so its number has to be another one.
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
 * For iget5_locked().  The number does not tell files apart: where it has 32 bits it
 * begins again some day.
 *
 * An inode of a file that has been taken away has no link; it can be there for as
 * long as somebody watches it, and is never found again.
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
 * The inode of a control file: the one that is there, or a new one; NULL where
 * there is no memory.  The i_mutex of the directory is held, so the file does not
 * go meanwhile.
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
 * container_file_evict - the inode of a control file goes
 * @inode: the inode, which nobody uses any more
 *
 * The VFS takes an inode from its hash only when this has returned.  Until then
 * iget5_locked() would ask is_same_file(), which looks at what is freed here.
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
 * container_file_keep - the attributes of a control file have changed
 * @inode: its inode, which stays from now on until the file is taken away
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
 * @cont: a top container that is being unmounted
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

/* Is it a file of one of these subsystems?  NULL means all, the core as well. */
static bool is_among(const struct container_file *file, const u64 *subsys_bits)
{
	if (!subsys_bits)
		return true;
	return file->ss && (*subsys_bits & subsys_bit(file->ss));
}

/*
 * Move the files of a container to another list, up to the first that belongs to
 * these subsystems and is not just going by itself.  Returns its inode with a
 * reference, or NULL when there is none any more.
 *
 * One that goes by itself is on no list from now on.  Who dropped the last reference
 * may have been somebody who watched it, and then nothing keeps the directory: the
 * container, and with it the head of the list, may be freed before
 * container_file_evict() is called.
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
 * container_hide_files - let nothing get in the way of taking files away
 * @cont: the container
 * @subsys_bits: the subsystems whose files are meant; NULL for all files
 *
 * Where a kernel cannot take away what is mounted on a file, nobody can mount
 * anything there from now on.  container_forget_files() or container_show_files()
 * must follow, with the directory still locked.
 *
 * Context: i_mutex of the directory; perhaps container_mutex; sleeps.
 * Return: false when something is mounted on one of them; some are hidden then.
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

/* Take a file from its list for good.  Returns whether it was kept. */
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
 * container_forget_files - files are gone: let nobody find them again
 * @cont: the container
 * @subsys_bits: the subsystems whose files are gone; NULL for all files
 *
 * What is mounted on them goes with them, for which namespace_sem is needed.
 * Readers of /proc/mounts hold that when they ask for container_mutex.
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
 * @dentry: what to look up; not hashed yet
 *
 * A container has its dentry for as long as it is there, so what is looked for
 * is a control file, or nothing.
 *
 * Context: i_mutex of the directory, perhaps for reading only; sleeps.
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
	/* Some kernels look up in a directory that has just been removed. */
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

/* The file system's own field of a dentry, while its directory is not published. */
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
 * Return: the inode, which has a reference on @cont; or NULL.
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
	inc_nlink(inode);	/* its "." */
	return inode;
}

/**
 * container_number_dir - give a container and its directory their numbers
 * @cont: the container
 * @inode: the inode of its directory
 *
 * Context: container_mutex; nobody else can see any of both.
 */
void container_number_dir(struct container *cont, struct inode *inode)
{
	lockdep_assert_held(&container_mutex);
	cont->number = container_new_number();
	inode->i_ino = inode_number(cont, NULL, 0);
}

/* The first child whose number is @number or more. */
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
 * Positions in a directory: 0 and 1 are "." and "..", then the files by slot,
 * then the children by number.
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
 * container_dir_emit - readdir() of a directory, behind "." and ".."
 * @cont: the container
 * @pos: the position from which on entries are wanted, at least 2
 * @emit: takes an entry, or says that there is no room
 * @to: for @emit
 *
 * Files come in the order of the tables, then containers in the order in which
 * they were made.  Each has its position, which nothing else gets while the
 * hierarchy is there.  So an entry that is there all the time is shown exactly
 * once, and there is always an end.
 *
 * Context: i_mutex of the directory, perhaps for reading only; sleeps.
 * Return: the position from which to go on.
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

/* Is a container so deep that there can be none below it? */
static bool is_deepest(const struct container *cont)
{
	int depth = 0;

	for (; !is_top(cont); cont = cont->parent)
		depth++;
	return depth >= MAX_DEPTH;
}

/* Its number is the greatest, so it comes last in the list and in the tree. */
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

/* Undo what container_prepare() has made for the file system. */
static void cancel_dir(struct container *cont)
{
	struct inode *inode = unpublished_inode(cont->dentry);

	container_drop_added(cont, ALL_SUBSYSTEMS);
	cont->dentry = NULL;
	iput(inode);
}

/**
 * container_prepare - make a container that nobody sees yet
 * @parent: where
 * @dentry: its directory, without an inode yet
 * @name: its name
 * @mode: mode of the directory
 *
 * container_publish() or container_cancel() must follow, with the directory of
 * the parent still locked.  Whose directory is locked stays where it is, and
 * its hierarchy keeps its subsystems: changing them takes the lock of the top
 * directory, and a hierarchy without children.  So container_mutex is needed
 * for create() only, and memory is allocated without it.
 *
 * Context: i_mutex of the parent's directory; sleeps.
 * Return: the container, or an ERR_PTR(): -ENAMETOOLONG when it would lie too
 * deep, -ENOMEM, or what a subsystem's create() or populate() says.
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
 * container_publish - the commit point: let a container be seen
 * @cont: what container_prepare() returned; now it is the directory's
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
 * Nobody sees the container or its directory before both are complete.
 *
 * Context: i_mutex of @dir; sleeps.
 * Return: 0, -EINVAL for a name that cannot be, or as container_prepare().
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
 * container_unlink_child - a container is removed: take it away from its parent
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
 * @dentry: the directory
 *
 * Context: i_mutex of both; sleeps.
 * Return: 0; -EBUSY when something is mounted on a control file, where the kernel
 * cannot take that away; or as container_remove().
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
	/* The caller has a reference of its own. */
	dput(dentry);
	/* Not the last one: the caller came through a mount, or has one. */
	deactivate_super(sb);
	return 0;
}

/**
 * container_dir_rename - rename()
 * @old_dir: inode of the directory where it is
 * @old_dentry: what is to be renamed
 * @new_dir: inode of the directory where it is to be
 * @new_dentry: what has the new name
 *
 * Context: i_mutex of both directories; sleeps.
 * Return: 0; -ENOTDIR for a control file, -EEXIST when there is something of the
 * new name, -EIO for another directory, -EINVAL for a name that cannot be,
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

/*
 * For containers that the kernel makes.
 */

/**
 * container_dir_pin - keep the directory of a container
 * @cont: the container
 *
 * Context: container_mutex.
 * Return: true; false when the hierarchy is just being unmounted.
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

// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: the file system, in terms of superblocks, inodes and
 * dentries.  What the operations mean is decided in container.c.
 *
 * Who keeps what:
 *
 *  - The inode of a directory has a reference on its container, dropped when
 *    the inode goes.  An open file or a child keeps the dentry of the
 *    directory, which keeps the inode.
 *  - A container that is not removed pins its dentry and those of its control
 *    files.  The control files are chained by d_fsdata, so removing them does
 *    not touch what else is in the directory's list, like the cursors of
 *    those who are reading it.
 *  - A container other than the top pins the superblock while it is not
 *    removed, so the hierarchy survives umount.
 */

#include <linux/backing-dev.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fsnotify.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pagemap.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/time.h>

#include "container_host.h"
#include "container_internal.h"

static struct backing_dev_info container_backing_dev_info = {
	.ra_pages	= 0,
	.capabilities	= BDI_CAP_NO_ACCT_DIRTY | BDI_CAP_NO_WRITEBACK,
};

static const struct inode_operations dir_inode_ops;
static const struct inode_operations file_inode_ops;
static const struct file_operations file_ops;

static struct inode *new_container_inode(struct super_block *sb, int mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_mode = mode;
	inode->i_uid = current->fsuid;
	inode->i_gid = current->fsgid;
	inode->i_atime = CURRENT_TIME;
	inode->i_mtime = inode->i_atime;
	inode->i_ctime = inode->i_atime;
	inode->i_mapping->backing_dev_info = &container_backing_dev_info;
	return inode;
}

/* The content of a directory has changed. */
static void touch_dir(struct inode *dir)
{
	dir->i_mtime = CURRENT_TIME;
	dir->i_ctime = dir->i_mtime;
}

static struct inode *new_dir_inode(struct super_block *sb,
				   struct container *cont, int mode)
{
	struct inode *inode = new_container_inode(sb, S_IFDIR | mode);

	if (!inode)
		return NULL;
	inode->i_op = &dir_inode_ops;
	inode->i_fop = &simple_dir_operations;
	inode->i_private = get_container(cont);
	inc_nlink(inode);	/* its "." */
	return inode;
}

/*
 * Control files.
 */

/*
 * A dentry is instantiated only below a directory that has its inode, since
 * fsnotify looks at that.  A control file is made before its directory has one,
 * so until it is published its inode is kept here, in the field of the dentry
 * that belongs to the file system.  NULL for a file that is published.
 */
static struct inode *pending_inode(const struct dentry *dentry)
{
	return (struct inode *)dentry->d_time;
}

static void set_pending_inode(struct dentry *dentry, struct inode *inode)
{
	dentry->d_time = (unsigned long)inode;
}

static struct inode *inode_of_file(const struct dentry *dentry)
{
	return dentry->d_inode ? dentry->d_inode : pending_inode(dentry);
}

static const struct cftype *cftype_of_dentry(const struct dentry *dentry)
{
	return inode_of_file(dentry)->i_private;
}

static bool has_file(const struct container *cont, const char *name)
{
	const struct dentry *d;

	for (d = cont->files; d; d = d->d_fsdata)
		if (!strcmp(d->d_name.name, name))
			return true;
	return false;
}

/**
 * container_vfs_add_file - make a control file that nobody sees yet
 * @cont: the container
 * @cft: describes the file
 * @name: name of the file
 *
 * container_vfs_publish_files() or container_vfs_remove_files() must follow.
 *
 * Context: i_mutex of the directory, or of its parent where nobody can see it
 * yet; sleeps.
 * Return: 0, -EEXIST, -ENOMEM, -EINVAL (no handler).
 */
int container_vfs_add_file(struct container *cont, const struct cftype *cft,
			   const char *name)
{
	int mode = container_file_mode(cft);
	struct dentry *dentry;
	struct inode *inode;
	struct qstr qname;

	if (mode < 0)
		return mode;
	if (has_file(cont, name))
		return -EEXIST;
	qname.name = name;
	qname.len = strlen(name);
	qname.hash = full_name_hash(qname.name, qname.len);
	dentry = d_alloc(cont->dentry, &qname);
	if (!dentry)
		return -ENOMEM;
	inode = new_container_inode(cont->root->sb, S_IFREG | mode);
	if (!inode) {
		dput(dentry);
		return -ENOMEM;
	}
	inode->i_op = &file_inode_ops;
	inode->i_fop = &file_ops;
	inode->i_private = (void *)cft;
	dentry->d_fsdata = cont->files;
	cont->files = dentry;
	set_pending_inode(dentry, inode);
	return 0;
}

/**
 * container_vfs_publish_files - let new control files be seen
 * @cont: the container
 *
 * Context: as container_vfs_add_file(); the directory has its inode.
 */
void container_vfs_publish_files(struct container *cont)
{
	struct dentry *dentry;
	struct inode *inode;

	for (dentry = cont->files; dentry; dentry = dentry->d_fsdata) {
		inode = pending_inode(dentry);
		if (inode) {
			set_pending_inode(dentry, NULL);
			d_add(dentry, inode);
		}
	}
}

static void drop_file(struct dentry *dentry)
{
	if (pending_inode(dentry))
		iput(pending_inode(dentry));
	else
		d_drop(dentry);
	dput(dentry);
}

static void remove_file(struct dentry *dentry)
{
	dentry->d_fsdata = NULL;
	drop_nlink(inode_of_file(dentry));
	drop_file(dentry);
}

static void remove_all_files(struct container *cont)
{
	struct dentry *dentry;

	while ((dentry = cont->files)) {
		cont->files = dentry->d_fsdata;
		remove_file(dentry);
	}
}

/* Below all directories, which have the other subclasses; for lockdep. */
enum { I_MUTEX_FILE = I_MUTEX_QUOTA + 1 };

/*
 * What is mounted on a file that is gone could never be unmounted.  So a file
 * that is about to go is marked as dead with its i_mutex held, as the VFS
 * does it with a directory: whoever mounts looks for that mark with the same
 * mutex held.  Until hold_file() is undone or the file is gone he is told
 * ENOENT.
 *
 * Nothing that holds this i_mutex needs a lock of ours, so it may be taken
 * inside container_mutex.
 */
static bool hold_file(struct dentry *dentry)
{
	struct inode *inode = inode_of_file(dentry);
	bool mounted;

	mutex_lock_nested(&inode->i_mutex, I_MUTEX_FILE);
	mounted = d_mountpoint(dentry);
	if (!mounted)
		inode->i_flags |= S_DEAD;
	mutex_unlock(&inode->i_mutex);
	return !mounted;
}

static void unhold_file(struct dentry *dentry)
{
	struct inode *inode = inode_of_file(dentry);

	mutex_lock_nested(&inode->i_mutex, I_MUTEX_FILE);
	inode->i_flags &= ~S_DEAD;
	mutex_unlock(&inode->i_mutex);
}

/**
 * container_vfs_hold_files - let nothing get in the way of removing files
 * @cont: the container
 * @ss: the subsystem that has them, or NULL for all files
 *
 * container_vfs_unhold_files() must follow, unless the files are removed.
 *
 * Context: i_mutex of the directory; perhaps container_mutex; sleeps.
 * Return: false when something is mounted on one of them.
 */
bool container_vfs_hold_files(const struct container *cont,
			      const struct container_subsys *ss)
{
	struct dentry *d;

	for (d = cont->files; d; d = d->d_fsdata)
		if ((!ss || container_file_is_of(cftype_of_dentry(d), ss)) &&
		    !hold_file(d))
			return false;
	return true;
}

/**
 * container_vfs_unhold_files - undo container_vfs_hold_files()
 * @cont: the container
 * @ss: the subsystem, or NULL
 *
 * Also where it has returned false, or was not called.
 *
 * Context: as container_vfs_hold_files().
 */
void container_vfs_unhold_files(const struct container *cont,
				const struct container_subsys *ss)
{
	struct dentry *d;

	for (d = cont->files; d; d = d->d_fsdata)
		if (!ss || container_file_is_of(cftype_of_dentry(d), ss))
			unhold_file(d);
}

/**
 * container_vfs_remove_files - take the control files of a subsystem away
 * @cont: the container
 * @ss: the subsystem
 * @removed: for container_vfs_drop_files(), which must follow; NULL at first
 *
 * Those who have them open get -ENODEV from now on.
 *
 * Context: container_mutex, i_mutex of the directory.
 */
void container_vfs_remove_files(struct container *cont,
				const struct container_subsys *ss,
				struct dentry **removed)
{
	struct dentry *dentry, *next, *kept = NULL;

	for (dentry = cont->files; dentry; dentry = next) {
		next = dentry->d_fsdata;
		if (!container_file_is_of(cftype_of_dentry(dentry), ss)) {
			kept = dentry;
			continue;
		}
		if (kept)
			kept->d_fsdata = next;
		else
			cont->files = next;
		drop_nlink(inode_of_file(dentry));
		dentry->d_fsdata = *removed;
		*removed = dentry;
	}
}

/**
 * container_vfs_drop_files - let files that have been removed be seen no more
 * @removed: from container_vfs_remove_files()
 *
 * Context: i_mutex of the directory; sleeps.
 */
void container_vfs_drop_files(struct dentry *removed)
{
	struct dentry *dentry;

	while ((dentry = removed)) {
		removed = dentry->d_fsdata;
		dentry->d_fsdata = NULL;
		drop_file(dentry);
	}
}

/*
 * Truncation is what the shell's > does.  There is nothing to truncate, and
 * the size stays 0.
 */
static int container_setattr(struct dentry *dentry, struct iattr *attr)
{
	int err;

	attr->ia_valid &= ~ATTR_SIZE;
	err = inode_change_ok(dentry->d_inode, attr);
	return err ? err : inode_setattr(dentry->d_inode, attr);
}

static unsigned int container_poll(struct file *file, poll_table *wait)
{
	if (container_file_poll(file, wait))
		return POLLERR | POLLPRI;
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static const struct inode_operations file_inode_ops = {
	.setattr	= container_setattr,
};

static ssize_t container_read(struct file *file, char __user *buf,
			      size_t nbytes, loff_t *ppos)
{
	struct iovec iov = { .iov_base = buf, .iov_len = nbytes };
	struct container_io io = { &iov, 1, nbytes };

	return container_file_read(file, &io, ppos);
}

static ssize_t container_write(struct file *file, const char __user *buf,
			       size_t nbytes, loff_t *ppos)
{
	struct iovec iov = {
		.iov_base = (void __user *)buf, .iov_len = nbytes,
	};
	struct container_io io = { &iov, 1, nbytes };

	return container_file_write(file, &io, ppos);
}

static ssize_t container_aio_read(struct kiocb *iocb, const struct iovec *iov,
				  unsigned long nr_segs, loff_t pos)
{
	struct container_io io = { iov, nr_segs, iov_length(iov, nr_segs) };

	return container_file_read(iocb->ki_filp, &io, &iocb->ki_pos);
}

static ssize_t container_aio_write(struct kiocb *iocb, const struct iovec *iov,
				   unsigned long nr_segs, loff_t pos)
{
	struct container_io io = { iov, nr_segs, iov_length(iov, nr_segs) };

	return container_file_write(iocb->ki_filp, &io, &iocb->ki_pos);
}

/*
 * Without .aio_write the VFS would call .write for each piece of a writev(), and
 * half a number is another number.
 */
static const struct file_operations file_ops = {
	.open		= container_file_open,
	.release	= container_file_release,
	.read		= container_read,
	.write		= container_write,
	.aio_read	= container_aio_read,
	.aio_write	= container_aio_write,
	.llseek		= container_file_llseek,
	.poll		= container_poll,
};

/*
 * Directories.
 */

/**
 * container_vfs_make_dir - make a directory that nobody sees yet
 * @cont: the container
 * @dentry: its dentry, negative and looked up
 * @mode: mode of the directory
 *
 * Control files can be added; container_vfs_publish_dir() or
 * container_vfs_cancel_dir() must follow.
 *
 * Context: i_mutex of the parent; sleeps.
 * Return: 0, or -ENOMEM.
 */
int container_vfs_make_dir(struct container *cont, struct dentry *dentry,
			   int mode)
{
	struct inode *inode = new_dir_inode(dentry->d_sb, cont, mode);

	if (!inode)
		return -ENOMEM;
	cont->dentry = dentry;
	/* Nobody looks at this in a negative dentry. */
	dentry->d_fsdata = inode;
	return 0;
}

/**
 * container_vfs_publish_dir - let a new directory be seen
 * @cont: the container
 *
 * Context: i_mutex of the parent.
 */
void container_vfs_publish_dir(struct container *cont)
{
	struct dentry *dentry = cont->dentry;
	struct inode *dir = dentry->d_parent->d_inode;
	struct inode *inode = dentry->d_fsdata;

	atomic_inc(&dentry->d_sb->s_active);
	dentry->d_fsdata = NULL;
	dget(dentry);
	/*
	 * Those who find the directory wait here until it has all its files.
	 * Nobody has it yet, so this does not wait, which must not be inside
	 * container_mutex.
	 */
	WARN_ON_ONCE(!mutex_trylock(&inode->i_mutex));
	d_instantiate(dentry, inode);
	container_vfs_publish_files(cont);
	mutex_unlock(&inode->i_mutex);
	inc_nlink(dir);
	touch_dir(dir);
}

/**
 * container_vfs_cancel_dir - undo container_vfs_make_dir()
 * @cont: the container
 *
 * Context: i_mutex of the parent; sleeps.
 */
void container_vfs_cancel_dir(struct container *cont)
{
	struct dentry *dentry = cont->dentry;
	struct inode *inode = dentry->d_fsdata;

	remove_all_files(cont);
	dentry->d_fsdata = NULL;
	cont->dentry = NULL;
	iput(inode);
}

static int container_mkdir(struct inode *dir, struct dentry *dentry, int mode)
{
	int err = container_check_name(dentry->d_name.name);

	if (err)
		return err;
	return container_create(dir->i_private, dentry, dentry->d_name.name,
				mode);
}

static int container_rmdir(struct inode *dir, struct dentry *dentry)
{
	struct container *cont = dentry->d_inode->i_private;
	struct super_block *sb = dentry->d_sb;
	int err = -EBUSY;

	/* The VFS looks at the directory only. */
	if (container_vfs_hold_files(cont, NULL))
		err = container_remove(cont);
	if (err) {
		container_vfs_unhold_files(cont, NULL);
		return err;
	}
	remove_all_files(cont);
	clear_nlink(dentry->d_inode);
	drop_nlink(dir);
	touch_dir(dir);
	/* The caller has a reference of its own. */
	dput(dentry);
	/* Not the last one: the caller came through a mount. */
	deactivate_super(sb);
	return 0;
}

static int container_rename_dir(struct inode *old_dir,
				struct dentry *old_dentry,
				struct inode *new_dir,
				struct dentry *new_dentry)
{
	int err;

	if (!S_ISDIR(old_dentry->d_inode->i_mode))
		return -ENOTDIR;
	if (new_dentry->d_inode)
		return -EEXIST;
	if (old_dir != new_dir)
		return -EIO;
	err = container_rename(old_dentry->d_inode->i_private,
			       new_dentry->d_name.name);
	if (err)
		return err;
	touch_dir(old_dir);
	return 0;
}

static const struct inode_operations dir_inode_ops = {
	.lookup		= simple_lookup,
	.mkdir		= container_mkdir,
	.rmdir		= container_rmdir,
	.rename		= container_rename_dir,
};

/*
 * Making a directory from within the kernel.
 */

/**
 * container_vfs_pin - keep the directory of a container
 * @cont: the container
 *
 * Context: container_mutex.
 * Return: true; false when the hierarchy is just being unmounted.
 */
bool container_vfs_pin(struct container *cont)
{
	if (!atomic_inc_not_zero(&cont->root->sb->s_active))
		return false;
	dget(cont->dentry);
	return true;
}

/**
 * container_vfs_unpin - undo container_vfs_pin()
 * @cont: the container
 *
 * Context: no locks; sleeps.
 */
void container_vfs_unpin(struct container *cont)
{
	struct super_block *sb = cont->dentry->d_sb;

	dput(cont->dentry);
	deactivate_super(sb);
}

/**
 * container_vfs_lock_dir - keep others from making and removing containers
 * @cont: the parent, pinned
 *
 * Context: takes i_mutex of the directory; sleeps.
 * Return: 0; -ERESTARTNOINTR when there is a signal: whoever reads the
 * directory can hold the lock for long.
 */
int container_vfs_lock_dir(struct container *cont)
{
	if (mutex_lock_interruptible(&cont->dentry->d_inode->i_mutex))
		return -ERESTARTNOINTR;
	return 0;
}

/**
 * container_vfs_unlock_dir - undo container_vfs_lock_dir()
 * @cont: the parent, pinned
 * @created: a directory that has been made meanwhile, or NULL
 *
 * Context: releases i_mutex of the directory; sleeps.
 */
void container_vfs_unlock_dir(struct container *cont, struct dentry *created)
{
	struct inode *dir = cont->dentry->d_inode;

	if (created)
		fsnotify_mkdir(dir, created);
	mutex_unlock(&dir->i_mutex);
}

/**
 * container_vfs_new_name - a dentry for a directory that is to be made
 * @parent: the parent, locked by container_vfs_lock_dir()
 * @name: the name
 *
 * Nobody's permission is asked: it is the kernel that makes the directory.
 *
 * Context: sleeps.
 * Return: the dentry, or an ERR_PTR(): -EEXIST, -ENOMEM.
 */
struct dentry *container_vfs_new_name(struct container *parent,
				      const char *name)
{
	struct dentry *dentry;
	struct qstr qname;

	qname.name = name;
	qname.len = strlen(name);
	qname.hash = full_name_hash(qname.name, qname.len);
	dentry = d_lookup(parent->dentry, &qname);
	if (!dentry) {
		dentry = d_alloc(parent->dentry, &qname);
		if (!dentry)
			return ERR_PTR(-ENOMEM);
		simple_lookup(parent->dentry->d_inode, dentry, NULL);
	}
	if (dentry->d_inode) {
		dput(dentry);
		return ERR_PTR(-EEXIST);
	}
	return dentry;
}

/**
 * container_vfs_discard - remove a container that the kernel has made
 * @cont: the container, kept by the caller, with CONT_NEWBORN set
 * @wait: if somebody has the directory of its parent locked
 *
 * As rmdir(2) does, but nobody's permission is asked.  Where rmdir would fail,
 * nothing happens but that the mark is taken away.
 *
 * Context: no locks; sleeps.
 * Return: true; other kernels return false when they would have to wait.
 */
bool container_vfs_discard(struct container *cont, bool wait)
{
	struct dentry *dentry = dget(cont->dentry);
	struct dentry *parent = dget(dentry->d_parent);
	struct super_block *sb = dentry->d_sb;
	struct inode *dir = parent->d_inode;
	struct inode *inode = dentry->d_inode;
	int err = -EBUSY;

	/* A trylock cannot be told that this is a parent, so it waits always. */
	mutex_lock_nested(&dir->i_mutex, I_MUTEX_PARENT);
	atomic_inc(&sb->s_active);	/* container_rmdir() drops one */
	mutex_lock(&inode->i_mutex);
	clear_bit(CONT_NEWBORN, &cont->flags);
	dentry_unhash(dentry);
	if (!d_mountpoint(dentry))
		err = container_rmdir(dir, dentry);
	if (!err)
		inode->i_flags |= S_DEAD;
	mutex_unlock(&inode->i_mutex);
	if (!err)
		d_delete(dentry);
	dput(dentry);	/* dentry_unhash() has taken one */
	mutex_unlock(&dir->i_mutex);
	dput(parent);
	dput(dentry);
	deactivate_super(sb);
	return true;
}

/*
 * Superblocks.
 */

static void container_clear_inode(struct inode *inode)
{
	if (S_ISDIR(inode->i_mode))
		put_container(inode->i_private);
}

/* Called while a mount of the same hierarchy still waits for us. */
static void container_put_super(struct super_block *sb)
{
	container_root_deactivate(sb->s_fs_info);
}

static int container_remount(struct super_block *sb, int *flags, char *data)
{
	struct containerfs_root *root = sb->s_fs_info;
	struct inode *dir = sb->s_root->d_inode;
	u64 before = root->subsys_bits;
	int err;

	/* Not for as long as a reader of the directory likes: s_umount is held. */
	if (mutex_lock_interruptible(&dir->i_mutex))
		return -EINTR;
	err = container_root_remount(root, data);
	if (root->subsys_bits != before)
		touch_dir(dir);
	mutex_unlock(&dir->i_mutex);
	return err;
}

static int container_show_options(struct seq_file *m, struct vfsmount *mnt)
{
	container_root_show_options(mnt->mnt_sb->s_fs_info, m);
	return 0;
}

static struct super_operations container_super_ops = {
	.statfs		= simple_statfs,
	.drop_inode	= generic_delete_inode,
	.clear_inode	= container_clear_inode,
	.put_super	= container_put_super,
	.remount_fs	= container_remount,
	.show_options	= container_show_options,
};

/* What the options ask for, and the hierarchy to make if there is none. */
struct mount_request {
	struct container_options opts;
	struct containerfs_root *root;
};

static int test_super(struct super_block *sb, void *data)
{
	struct mount_request *req = data;

	return container_root_matches(sb->s_fs_info, &req->opts);
}

/* Must not fail: sget() then frees a superblock that it has locked. */
static int set_super(struct super_block *sb, void *data)
{
	struct mount_request *req = data;

	sb->s_fs_info = req->root;
	req->root = NULL;
	return 0;
}

static int fill_super(struct super_block *sb, int flags)
{
	struct containerfs_root *root = sb->s_fs_info;
	struct dentry *dentry;
	struct inode *inode;
	int err;

	err = set_anon_super(sb, NULL);
	if (err)
		return err;
	sb->s_flags = flags;
	sb->s_blocksize = PAGE_CACHE_SIZE;
	sb->s_blocksize_bits = PAGE_CACHE_SHIFT;
	sb->s_magic = CONTAINER_SUPER_MAGIC;
	sb->s_time_gran = 1;
	sb->s_op = &container_super_ops;

	inode = new_dir_inode(sb, &root->top_container, 0755);
	if (!inode)
		return -ENOMEM;
	dentry = d_alloc_root(inode);
	if (!dentry) {
		iput(inode);
		return -ENOMEM;
	}
	err = container_root_activate(root, sb, dentry);
	if (err) {
		remove_all_files(&root->top_container);
		dput(dentry);
		return err;
	}
	/* Only now a mount that waits for this superblock may have it. */
	sb->s_root = dentry;
	sb->s_flags |= MS_ACTIVE;
	return 0;
}

static int get_super_for(struct file_system_type *type, int flags,
			 struct mount_request *req, struct vfsmount *mnt)
{
	struct super_block *sb;
	int err;

	for (;;) {
		sb = sget(type, test_super, set_super, req);
		if (IS_ERR(sb))
			return PTR_ERR(sb);
		/* A remount may have changed it before we had s_umount. */
		if (container_root_matches(sb->s_fs_info, &req->opts))
			break;
		up_write(&sb->s_umount);
		deactivate_super(sb);
	}
	if (!sb->s_root) {
		err = fill_super(sb, flags);
		if (err) {
			up_write(&sb->s_umount);
			deactivate_super(sb);
			return err;
		}
	}
	return simple_set_mnt(mnt, sb);
}

static int container_get_sb(struct file_system_type *type, int flags,
			    const char *dev_name, void *data,
			    struct vfsmount *mnt)
{
	struct mount_request req;
	int err;

	err = container_mount_options(data, &req.opts);
	if (err)
		return err;
	req.root = container_root_alloc(&req.opts);
	if (!req.root)
		return -ENOMEM;
	err = get_super_for(type, flags, &req, mnt);
	if (req.root)
		container_root_put(req.root);
	return err;
}

static void container_kill_sb(struct super_block *sb)
{
	struct containerfs_root *root = sb->s_fs_info;

	if (sb->s_dev)
		kill_litter_super(sb);
	else
		generic_shutdown_super(sb);	/* set_anon_super() failed */
	container_root_put(root);
}

static struct file_system_type container_fs_type = {
	.owner		= THIS_MODULE,
	.name		= "container",
	.get_sb		= container_get_sb,
	.kill_sb	= container_kill_sb,
};

/*
 * /proc.
 */

#ifdef CONFIG_PROC_FS
/* One record; single_open() would need memory for its operations. */
static void *start_pid(struct seq_file *m, loff_t *pos)
{
	return *pos ? NULL : m->private;
}

static void *next_pid(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void stop_pid(struct seq_file *m, void *v)
{
}

static int show_pid(struct seq_file *m, void *v)
{
	struct task_struct *task = get_pid_task(m->private, PIDTYPE_PID);
	int err;

	if (!task)
		return -ESRCH;
	err = proc_container_show(m, NULL, m->private, task);
	put_task_struct(task);
	return err;
}

static const struct seq_operations pid_ops = {
	.start		= start_pid,
	.next		= next_pid,
	.stop		= stop_pid,
	.show		= show_pid,
};

/* The inode keeps its struct pid for as long as the file is open. */
static int open_pid(struct inode *inode, struct file *file)
{
	int err = seq_open(file, &pid_ops);

	if (!err)
		((struct seq_file *)file->private_data)->private =
			PROC_I(inode)->pid;
	return err;
}

const struct file_operations proc_container_operations = {
	.open		= open_pid,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= seq_release,
};

static int open_subsystems(struct inode *inode, struct file *file)
{
	return single_open(file, proc_containers_show, NULL);
}

static const struct file_operations proc_containers_operations = {
	.open		= open_subsystems,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static int __init register_proc(void)
{
	struct proc_dir_entry *entry;

	entry = create_proc_entry("containers", 0444, NULL);
	if (!entry)
		return -ENOMEM;
	entry->proc_fops = &proc_containers_operations;
	return 0;
}
#else
static int __init register_proc(void)
{
	return 0;
}
#endif

/**
 * container_vfs_register - make the file system and /proc/containers known
 *
 * Context: boot.
 * Return: 0, or why it cannot be.
 */
int __init container_vfs_register(void)
{
	int err = register_filesystem(&container_fs_type);

	return err ? err : register_proc();
}

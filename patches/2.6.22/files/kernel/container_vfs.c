// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: the file system glue for this kernel.
 *
 * This file connects the VFS to the container code: inodes, dentries, control
 * files, directories, superblocks and mounting.  The part of the file system
 * that is the same for all kernels is in container_dir.c.
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
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/time.h>
#include <linux/xattr.h>

#include "container_host.h"
#include "container_internal.h"

static struct backing_dev_info container_backing_dev_info = {
	.ra_pages	= 0,
	.capabilities	= BDI_CAP_NO_ACCT_DIRTY | BDI_CAP_NO_WRITEBACK,
};

static const struct inode_operations dir_inode_ops;
static const struct file_operations dir_file_ops;
static const struct inode_operations file_inode_ops;
static const struct file_operations file_ops;

/**
 * container_vfs_init_inode - set owner, times and operations of a new inode
 * @inode: the inode; its mode is already set
 * @cont: the container that the directory or control file belongs to
 *
 * Context: any.
 */
void container_vfs_init_inode(struct inode *inode,
			      const struct container *cont)
{
	inode->i_uid = cont->uid;
	inode->i_gid = cont->gid;
	inode->i_ctime = ns_to_timespec(cont->born);
	inode->i_mtime = inode->i_ctime;
	inode->i_atime = inode->i_ctime;
	inode->i_mapping->backing_dev_info = &container_backing_dev_info;
	if (S_ISDIR(inode->i_mode)) {
		inode->i_op = &dir_inode_ops;
		inode->i_fop = &dir_file_ops;
	} else {
		inode->i_op = &file_inode_ops;
		inode->i_fop = &file_ops;
	}
}

/**
 * container_vfs_touch_dir - update mtime and ctime of a directory
 * @dir: the inode of the directory, whose content has changed
 *
 * Context: i_mutex of the directory.
 */
void container_vfs_touch_dir(struct inode *dir)
{
	dir->i_mtime = CURRENT_TIME;
	dir->i_ctime = dir->i_mtime;
}

/*
 * Dentries.
 */

static int container_d_revalidate(struct dentry *dentry, struct nameidata *data)
{
	return !container_file_is_stale(dentry);
}

/* Negative dentries are not cached. */
static int container_d_delete(struct dentry *dentry)
{
	return !dentry->d_inode;
}

static struct dentry_operations dentry_ops = {
	.d_revalidate	= container_d_revalidate,
	.d_delete	= container_d_delete,
};

/**
 * container_vfs_init_dentry - set the operations of a new dentry
 * @dentry: the dentry
 *
 * Context: any.
 */
void container_vfs_init_dentry(struct dentry *dentry)
{
	dentry->d_op = &dentry_ops;
}

/*
 * A lockdep subclass of i_mutex for control files.  It is taken inside the
 * i_mutex of directories, which use the other subclasses.
 */
enum { I_MUTEX_FILE = I_MUTEX_QUOTA + 1 };

/**
 * container_vfs_hide_file - unhash a file so that nothing can be mounted on it
 * @inode: the file, which is about to be removed
 *
 * Something that is mounted on a removed file could never be unmounted.  This
 * function and a mount are serialized by the i_mutex of the file: a task that
 * mounts checks with this lock held whether its dentry is still hashed, and
 * gets -ENOENT if it is not.  The caller holds the i_mutex of the directory, so
 * no new dentry of the file can appear.
 *
 * A task that holds the i_mutex of a control file takes neither container_mutex
 * nor the i_mutex of a directory, so the i_mutex of a file may be taken inside
 * container_mutex.
 *
 * Context: i_mutex of the directory; perhaps container_mutex; sleeps.
 * Return: false when something is mounted on the file.
 */
bool container_vfs_hide_file(struct inode *inode)
{
	struct dentry *dentry = d_find_alias(inode);
	bool mounted;

	if (!dentry)
		return true;
	mutex_lock_nested(&inode->i_mutex, I_MUTEX_FILE);
	mounted = d_mountpoint(dentry);
	if (!mounted)
		d_drop(dentry);
	mutex_unlock(&inode->i_mutex);
	dput(dentry);
	return !mounted;
}

/* Returns the dentry of a file, hashed or not, with a reference; or NULL. */
static struct dentry *any_alias(struct inode *inode)
{
	struct dentry *dentry = NULL;

	spin_lock(&dcache_lock);
	if (!list_empty(&inode->i_dentry)) {
		dentry = list_entry(inode->i_dentry.next, struct dentry,
				    d_alias);
		dget_locked(dentry);
	}
	spin_unlock(&dcache_lock);
	return dentry;
}

/**
 * container_vfs_show_file - undo container_vfs_hide_file()
 * @inode: the file, which stays
 *
 * Without this, /proc would show the file as deleted to a task that has it
 * open.
 *
 * Context: i_mutex of the directory, held since the file was hidden, so the
 * file has at most one dentry; perhaps container_mutex; sleeps.
 */
void container_vfs_show_file(struct inode *inode)
{
	struct dentry *dentry = any_alias(inode);

	if (!dentry)
		return;
	if (d_unhashed(dentry))
		d_rehash(dentry);
	dput(dentry);
}

/**
 * container_vfs_forget_file - make sure that a removed file is not found again
 * @inode: the file, which has no link any more and is hidden
 *
 * Context: i_mutex of its directory; sleeps.
 */
void container_vfs_forget_file(struct inode *inode)
{
	/*
	 * Tell fsnotify that the file is deleted.  When the file has a dentry,
	 * the VFS does this when the last dentry goes.
	 */
	if (list_empty(&inode->i_dentry))
		fsnotify_inoderemove(inode);
}

static struct dentry *find_dentry(struct dentry *dir, const char *name,
				  struct qstr *qname)
{
	qname->name = (const unsigned char *)name;
	qname->len = strlen(name);
	qname->hash = full_name_hash(qname->name, qname->len);
	return d_lookup(dir, qname);
}

/**
 * container_vfs_has_dir - does a container have a directory of this name?
 * @cont: the container to look in
 * @name: the name
 *
 * Context: i_mutex of the directory of @cont.
 * Return: true when there is such a directory.
 */
bool container_vfs_has_dir(const struct container *cont, const char *name)
{
	struct qstr qname;
	struct dentry *dentry = find_dentry(cont->dentry, name, &qname);
	bool is_dir = dentry && dentry->d_inode &&
		      S_ISDIR(dentry->d_inode->i_mode);

	dput(dentry);
	return is_dir;
}

/**
 * container_vfs_forget_absence - drop the negative dentry of a name, if any
 * @cont: the container that has a file of this name from now on
 * @name: the name
 *
 * Context: i_mutex of the directory of @cont, so no task looks the name up at
 * the same time.
 */
void container_vfs_forget_absence(const struct container *cont,
				  const char *name)
{
	struct qstr qname;
	struct dentry *dentry = find_dentry(cont->dentry, name, &qname);

	if (dentry && !dentry->d_inode)
		d_drop(dentry);
	dput(dentry);
}

/*
 * Control files.
 */

/*
 * The shell truncates a file when it redirects output with ">".  A control file
 * has nothing to truncate: ATTR_SIZE is ignored and the size stays 0.
 */
static int container_setattr(struct dentry *dentry, struct iattr *attr)
{
	int err;

	attr->ia_valid &= ~ATTR_SIZE;
	err = inode_change_ok(dentry->d_inode, attr);
	if (!err)
		err = inode_setattr(dentry->d_inode, attr);
	if (!err)
		container_file_keep(dentry->d_inode);
	return err;
}

/*
 * Setting a security label changes the inode, so the inode has to be kept, see
 * container_file_keep().  The label itself is stored in memory by the security
 * module.  Without this method the VFS would ask the security module directly,
 * and we would not know that the label has changed.
 */
static int container_setxattr(struct dentry *dentry, const char *name,
			      const void *value, size_t size, int flags)
{
	size_t len = sizeof(XATTR_SECURITY_PREFIX) - 1;
	int err;

	if (strncmp(name, XATTR_SECURITY_PREFIX, len))
		return -EOPNOTSUPP;
	err = security_inode_setsecurity(dentry->d_inode, name + len, value,
					 size, flags);
	if (!err)
		container_file_keep(dentry->d_inode);
	return err;
}

static unsigned int container_poll(struct file *file, poll_table *wait)
{
	if (container_file_poll(file, wait))
		return POLLERR | POLLPRI;
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

static const struct inode_operations file_inode_ops = {
	.setattr	= container_setattr,
	.setxattr	= container_setxattr,
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
 * There must be an .aio_write.  Without it the VFS would split a writev() into
 * several calls of .write, and a number that is cut in two would be taken for
 * two numbers.
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

static struct dentry *container_lookup(struct inode *dir,
				       struct dentry *dentry,
				       struct nameidata *data)
{
	return container_dir_lookup(dir, dentry);
}

static const struct inode_operations dir_inode_ops = {
	.lookup		= container_lookup,
	.mkdir		= container_dir_mkdir,
	.rmdir		= container_dir_rmdir,
	.rename		= container_dir_rename,
};

/* Tells emit_entry() where the entries go. */
struct filldir_to {
	filldir_t filldir;
	void *dirent;
};

static bool emit_entry(void *to, const char *name, int len, loff_t pos,
		       unsigned long ino, unsigned int type)
{
	struct filldir_to *fill = to;

	return fill->filldir(fill->dirent, name, len, pos, ino, type) >= 0;
}

static int container_readdir(struct file *file, void *dirent,
			     filldir_t filldir)
{
	struct dentry *dentry = file->f_path.dentry;
	struct inode *dir = dentry->d_inode;
	struct filldir_to fill = { filldir, dirent };

	if (file->f_pos == 0) {
		if (!emit_entry(&fill, ".", 1, 0, dir->i_ino, DT_DIR))
			return 0;
		file->f_pos = 1;
	}
	if (file->f_pos == 1) {
		if (!emit_entry(&fill, "..", 2, 1, parent_ino(dentry), DT_DIR))
			return 0;
		file->f_pos = 2;
	}
	file->f_pos = container_dir_emit(dir->i_private, file->f_pos,
					 emit_entry, &fill);
	return 0;
}

static const struct file_operations dir_file_ops = {
	.llseek		= generic_file_llseek,
	.read		= generic_read_dir,
	.readdir	= container_readdir,
	.fsync		= simple_sync_file,
};

/* Directories that the kernel itself makes and removes. */

/**
 * container_vfs_lock_dir - prevent others from making and removing containers
 * @cont: the parent, pinned
 *
 * The wait can be long, since a task that reads the directory holds the lock
 * while it copies to user memory.
 *
 * Context: takes i_mutex of the directory; sleeps.
 * Return: 0; -ERESTARTNOINTR when a signal interrupts the wait.
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
 * @created: a directory that was made while the lock was held, or NULL
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
 * container_vfs_new_name - get a negative dentry for a directory to be made
 * @parent: the parent, locked by container_vfs_lock_dir()
 * @name: the name
 *
 * No permission is checked: the kernel itself makes the directory.
 *
 * Context: i_mutex of the directory of @parent; sleeps.
 * Return: the dentry, or an ERR_PTR(): -EEXIST, -ENOMEM.
 */
struct dentry *container_vfs_new_name(struct container *parent,
				      const char *name)
{
	struct qstr qname;
	struct dentry *dentry = find_dentry(parent->dentry, name, &qname);
	struct dentry *err;

	if (!dentry) {
		dentry = d_alloc(parent->dentry, &qname);
		if (!dentry)
			return ERR_PTR(-ENOMEM);
		err = container_dir_lookup(parent->dentry->d_inode, dentry);
		if (err) {
			dput(dentry);
			return err;
		}
	}
	if (dentry->d_inode) {
		dput(dentry);
		return ERR_PTR(-EEXIST);
	}
	return dentry;
}

/**
 * container_vfs_discard - remove a container that the kernel has made
 * @cont: the container, on which the caller has a reference, with CONT_NEWBORN
 *	set
 * @wait: whether to wait for the lock of the parent's directory; ignored here
 *
 * Does the same as rmdir(2), but checks no permission.  CONT_NEWBORN is cleared
 * in any case.  Where rmdir(2) would fail, nothing else happens.
 *
 * Context: no locks; sleeps.
 * Return: true.  Other kernels return false when @wait is false and somebody
 * else holds the lock.
 */
bool container_vfs_discard(struct container *cont, bool wait)
{
	struct dentry *dentry = dget(cont->dentry);
	struct dentry *parent = dget(dentry->d_parent);
	struct super_block *sb = dentry->d_sb;
	struct inode *dir = parent->d_inode;
	struct inode *inode = dentry->d_inode;
	int err = -EBUSY;

	/*
	 * mutex_trylock() takes no lockdep subclass, so this waits even if
	 * @wait is false.
	 */
	mutex_lock_nested(&dir->i_mutex, I_MUTEX_PARENT);
	atomic_inc(&sb->s_active);	/* container_dir_rmdir() drops one */
	mutex_lock(&inode->i_mutex);
	clear_bit(CONT_NEWBORN, &cont->flags);
	dentry_unhash(dentry);
	if (!d_mountpoint(dentry))
		err = container_dir_rmdir(dir, dentry);
	if (!err)
		inode->i_flags |= S_DEAD;
	mutex_unlock(&inode->i_mutex);
	if (!err)
		d_delete(dentry);
	dput(dentry);	/* taken by dentry_unhash() */
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
	else
		container_file_evict(inode);
}

/*
 * Called with s_umount held, when the superblock has no reference any more.
 *
 * A mount of the same hierarchy can run at the same time.  It has to start
 * after the hierarchy is dissolved, else its own new hierarchy would conflict
 * with this one:
 *
 *   CPU 0                              CPU 1
 *   last reference is dropped
 *                                      mount: sget() finds the superblock
 *                                      and waits
 *   ->kill_sb(), ->put_super():
 *     the hierarchy is dissolved
 *                                      sget() wakes up, starts again, and
 *                                      allocates a new superblock
 *
 * So the hierarchy must be dissolved here, while sget() still waits, and not at
 * the end of ->kill_sb().
 */
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

	/*
	 * A task that reads the directory can hold i_mutex for long.  s_umount
	 * is held here, so let a signal interrupt the wait.
	 */
	if (mutex_lock_interruptible(&dir->i_mutex))
		return -EINTR;
	err = container_root_remount(root, data);
	if (root->subsys_bits != before)
		container_vfs_touch_dir(dir);
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

/**
 * struct mount_request - what one mount asks for
 * @opts: the options, parsed
 * @root: a hierarchy with these options that a new superblock can take over;
 *	NULL when it has.  Made in advance, because set_super() cannot sleep
 */
struct mount_request {
	struct container_options opts;
	struct containerfs_root *root;
};

/*
 * Is a superblock the one that a mount asks for?
 *
 * sget() calls this under sb_lock, which does not prevent a remount from
 * changing the subsystems at the same time.  So a match is only a hint, see
 * get_super_for().
 */
static int test_super(struct super_block *sb, void *data)
{
	struct mount_request *req = data;

	return container_root_matches(sb->s_fs_info, &req->opts);
}

/*
 * Called by sget() under sb_lock, for a superblock that it has just allocated.
 * The superblock takes over the reference to the hierarchy.
 *
 * This must not fail.  After an error sget() frees the superblock while its
 * s_umount is still held, which lockdep reports.  So set_anon_super(), which
 * can fail, is called later, in fill_super().
 */
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
	sb->s_maxbytes = MAX_LFS_FILESIZE;	/* for directory positions */
	sb->s_op = &container_super_ops;

	inode = container_dir_inode(sb, &root->top_container, 0755);
	if (!inode)
		return -ENOMEM;
	dentry = d_alloc_root(inode);
	if (!dentry) {
		iput(inode);
		return -ENOMEM;
	}
	err = container_root_activate(root, sb, dentry);
	if (err) {
		dput(dentry);
		return err;
	}
	/*
	 * s_root makes the superblock complete.  A mount that waits for this
	 * superblock in sget() gets it only if s_root is set.  And from here on
	 * generic_shutdown_super() calls ->put_super(), which undoes
	 * container_root_activate().
	 */
	sb->s_root = dentry;
	sb->s_flags |= MS_ACTIVE;
	return 0;
}

/*
 * Find the superblock that a mount asks for, or make one, and let @mnt have it.
 *
 * sget() returns with s_umount held.  A remount can get in between:
 *
 *	CPU 0 (remount, holds s_umount)     CPU 1 (mount)
 *					    test_super() matches, under sb_lock
 *					    waits for s_umount
 *	changes the subsystems
 *	releases s_umount
 *					    has s_umount of a superblock that
 *					    does not match any more
 *
 * So the match is checked again with s_umount held, which keeps the subsystems
 * as they are.  If there is no match any more, the superblock is given back and
 * the search starts again.  A superblock without s_root is a new one.
 */
static int get_super_for(struct file_system_type *type, int flags,
			 struct mount_request *req, struct vfsmount *mnt)
{
	struct super_block *sb;
	int err;

	for (;;) {
		sb = sget(type, test_super, set_super, req);
		if (IS_ERR(sb))
			return PTR_ERR(sb);
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

	container_drop_kept(&root->top_container);
	if (sb->s_dev)
		kill_anon_super(sb);
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
/*
 * A seq_file with one record.  single_open() would allocate memory for a struct
 * seq_operations each time; this uses a static one.
 */
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

/* An open file pins the inode, which has a reference on its struct pid. */
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
 * container_vfs_register - register the file system and create /proc/containers
 *
 * Context: boot.
 * Return: 0 or a negative errno.
 */
int __init container_vfs_register(void)
{
	int err = register_filesystem(&container_fs_type);

	return err ? err : register_proc();
}

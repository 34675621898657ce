// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: how the VFS of this kernel gets to directories and control
 * files, superblocks, and mounting.  What all kernels have in common is in
 * container_dir.c.
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
 * container_vfs_init_inode - give a new inode its owner, times and operations
 * @inode: the inode, which has its mode
 * @cont: the container whose directory it is, or whose control file
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
 * container_vfs_touch_dir - the content of a directory has changed
 * @dir: its inode
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

/* That there is no such name is not worth being remembered. */
static int container_d_delete(struct dentry *dentry)
{
	return !dentry->d_inode;
}

static struct dentry_operations dentry_ops = {
	.d_revalidate	= container_d_revalidate,
	.d_delete	= container_d_delete,
};

/**
 * container_vfs_init_dentry - give a new dentry its operations
 * @dentry: the dentry
 */
void container_vfs_init_dentry(struct dentry *dentry)
{
	dentry->d_op = &dentry_ops;
}

/* Below all directories, which have the other subclasses; for lockdep. */
enum { I_MUTEX_FILE = I_MUTEX_QUOTA + 1 };

/**
 * container_vfs_hide_file - let nobody mount on a file that is to go
 * @inode: the file
 *
 * What is mounted on a file that is gone could never be unmounted.  A task that
 * mounts looks, with the i_mutex of the file held, whether its dentry is hashed
 * still, and is told ENOENT if it is not.  With the i_mutex of the directory held
 * there will be no other dentry.
 *
 * Nothing that holds the i_mutex of a control file needs a lock of ours, so it
 * may be taken inside container_mutex.
 *
 * Context: i_mutex of the directory; perhaps container_mutex; sleeps.
 * Return: false when something is mounted on it.
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

/* The dentry of a file, hashed or not, with a reference; NULL when there is none. */
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
 * @inode: the file
 *
 * Whoever has it open would be told in /proc that it has been deleted.
 *
 * Context: i_mutex of the directory, held since the file was hidden, so it has one
 * dentry at most; perhaps container_mutex; sleeps.
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
 * container_vfs_forget_file - let nobody find a file again
 * @inode: the file, which has no link any more, and is hidden
 *
 * Context: i_mutex of its directory; sleeps.
 */
void container_vfs_forget_file(struct inode *inode)
{
	/* Otherwise the last dentry tells those who watch it. */
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
 * container_vfs_has_dir - is there a directory of this name?
 * @cont: the container where to look
 * @name: the name
 *
 * Context: i_mutex of the directory of @cont.
 * Return: true when there is.
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
 * container_vfs_forget_absence - there is a file of this name now
 * @cont: the container where it is
 * @name: the name
 *
 * Context: i_mutex of the directory of @cont, so nobody looks it up just now.
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
 * Truncation is what the shell's > does.  There is nothing to truncate, and
 * the size stays 0.
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
 * The label of an inode is a change like any other.  It is the security module that
 * keeps it, in memory, as it would if there were no setxattr() here.
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

/* Where filldir() is to put the entries. */
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

/*
 * Directories that the kernel makes and removes.
 */

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
	else
		container_file_evict(inode);
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
	sb->s_maxbytes = MAX_LFS_FILESIZE;	/* positions in directories */
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

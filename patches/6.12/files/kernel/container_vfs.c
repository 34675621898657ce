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

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fsnotify.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "container_host.h"
#include "container_internal.h"

static const struct inode_operations dir_inode_ops;
static const struct inode_operations file_inode_ops;
static const struct file_operations file_ops;

static struct inode *new_container_inode(struct super_block *sb, int mode)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = mode;
	inode->i_uid = current_fsuid();
	inode->i_gid = current_fsgid();
	simple_inode_init_ts(inode);
	return inode;
}

/* The content of a directory has changed. */
static void touch_dir(struct inode *dir)
{
	inode_set_mtime_to_ts(dir, inode_set_ctime_current(dir));
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

	if (mode < 0)
		return mode;
	if (has_file(cont, name))
		return -EEXIST;
	dentry = d_alloc_name(cont->dentry, name);
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
		d_invalidate(dentry);	/* takes away what is mounted on it */
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

/**
 * container_vfs_hold_files - let nothing get in the way of removing files
 * @cont: the container
 * @ss: the subsystem that has them
 *
 * Nothing can: what is mounted on a file goes with it, and when the file has
 * gone the VFS lets nobody mount on it.
 *
 * Return: true.
 */
bool container_vfs_hold_files(const struct container *cont,
			      const struct container_subsys *ss)
{
	return true;
}

/**
 * container_vfs_unhold_files - undo container_vfs_hold_files()
 * @cont: the container
 * @ss: the subsystem
 */
void container_vfs_unhold_files(const struct container *cont,
				const struct container_subsys *ss)
{
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
 * Takes away what is mounted on them, for which it needs namespace_sem.  That
 * is held by readers of /proc/mounts when they ask for container_mutex.
 *
 * Context: i_mutex of the directory, not container_mutex; sleeps.
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
static int container_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
			     struct iattr *attr)
{
	attr->ia_valid &= ~ATTR_SIZE;
	return simple_setattr(idmap, dentry, attr);
}

static __poll_t container_poll(struct file *file, poll_table *wait)
{
	if (container_file_poll(file, wait))
		return EPOLLERR | EPOLLPRI;
	return DEFAULT_POLLMASK;
}

static const struct inode_operations file_inode_ops = {
	.setattr	= container_setattr,
};

static ssize_t container_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct container_io io = {
		.iocb = iocb, .iter = to, .nbytes = iov_iter_count(to),
	};

	return container_file_read(iocb->ki_filp, &io, &iocb->ki_pos);
}

static ssize_t container_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct container_io io = {
		.iocb = iocb, .iter = from, .nbytes = iov_iter_count(from),
	};

	return container_file_write(iocb->ki_filp, &io, &iocb->ki_pos);
}

/*
 * No .write: then the VFS would call it for each piece of a writev(), and half
 * a number is another number.
 */
static const struct file_operations file_ops = {
	.open		= container_file_open,
	.release	= container_file_release,
	.read_iter	= container_read_iter,
	.write_iter	= container_write_iter,
	.splice_read	= copy_splice_read,
	.splice_write	= iter_file_splice_write,
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
	WARN_ON_ONCE(!inode_trylock(inode));
	d_instantiate(dentry, inode);
	container_vfs_publish_files(cont);
	inode_unlock(inode);
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

static int container_mkdir(struct mnt_idmap *idmap, struct inode *dir,
			   struct dentry *dentry, umode_t mode)
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
	int err;

	err = container_remove(cont);
	if (err)
		return err;
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

static int container_rename_dir(struct mnt_idmap *idmap,
				struct inode *old_dir,
				struct dentry *old_dentry,
				struct inode *new_dir,
				struct dentry *new_dentry, unsigned int flags)
{
	int err;

	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
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
 * Return: 0; -ERESTARTNOINTR when there is a fatal signal: whoever reads the
 * directory can hold the lock for long.
 */
int container_vfs_lock_dir(struct container *cont)
{
	if (down_write_killable(&d_inode(cont->dentry)->i_rwsem))
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
	inode_unlock(dir);
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
	struct qstr qname = QSTR_INIT(name, strlen(name));
	struct dentry *dentry;

	qname.hash = full_name_hash(parent->dentry, name, qname.len);
	dentry = d_lookup(parent->dentry, &qname);
	if (!dentry) {
		dentry = d_alloc(parent->dentry, &qname);
		if (!dentry)
			return ERR_PTR(-ENOMEM);
		simple_lookup(d_inode(parent->dentry), dentry, 0);
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
 * Return: true; false when it would have to wait.
 */
bool container_vfs_discard(struct container *cont, bool wait)
{
	struct dentry *dentry = dget(cont->dentry);
	struct dentry *parent = dget(dentry->d_parent);
	struct super_block *sb = dentry->d_sb;
	struct inode *dir = d_inode(parent);
	struct inode *inode = d_inode(dentry);
	int err;

	if (wait) {
		inode_lock_nested(dir, I_MUTEX_PARENT);
	} else if (!inode_trylock(dir)) {
		dput(parent);
		dput(dentry);
		return false;
	}
	atomic_inc(&sb->s_active);	/* container_rmdir() drops one */
	inode_lock_nested(inode, I_MUTEX_CHILD);
	clear_bit(CONT_NEWBORN, &cont->flags);
	err = container_rmdir(dir, dentry);
	if (!err) {
		inode->i_flags |= S_DEAD;
		dont_mount(dentry);
		d_invalidate(dentry);	/* takes away what is mounted on it */
		fsnotify_rmdir(dir, dentry);
	}
	inode_unlock(inode);
	inode_unlock(dir);
	dput(parent);
	dput(dentry);
	deactivate_super(sb);
	return true;
}

/*
 * Superblocks.
 */

static void container_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (S_ISDIR(inode->i_mode))
		put_container(inode->i_private);
}

/* Called while a mount of the same hierarchy still waits for us. */
static void container_put_super(struct super_block *sb)
{
	container_root_deactivate(sb->s_fs_info);
}

static int container_show_options(struct seq_file *m, struct dentry *dentry)
{
	container_root_show_options(dentry->d_sb->s_fs_info, m);
	return 0;
}

static const struct super_operations container_super_ops = {
	.statfs		= simple_statfs,
	.drop_inode	= generic_delete_inode,
	.evict_inode	= container_evict_inode,
	.put_super	= container_put_super,
	.show_options	= container_show_options,
};

static int fill_super(struct super_block *sb)
{
	struct containerfs_root *root = sb->s_fs_info;
	struct dentry *dentry;
	struct inode *inode;
	int err;

	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = CONTAINER_SUPER_MAGIC;
	sb->s_time_gran = 1;
	/* Nothing here can be executed or is a device, whatever chmod says. */
	sb->s_iflags |= SB_I_NOEXEC | SB_I_NODEV;
	sb->s_op = &container_super_ops;

	inode = new_dir_inode(sb, &root->top_container, 0755);
	if (!inode)
		return -ENOMEM;
	dentry = d_make_root(inode);
	if (!dentry)
		return -ENOMEM;
	err = container_root_activate(root, sb, dentry);
	if (err) {
		remove_all_files(&root->top_container);
		dput(dentry);
		return err;
	}
	/* Only now a mount that waits for this superblock may have it. */
	sb->s_root = dentry;
	sb->s_flags |= SB_ACTIVE;
	return 0;
}

/*
 * Mounting.
 */

/**
 * struct mount_request - what is asked for in a mount or remount
 * @data: the options as text, comma-separated, or NULL
 * @opts: the same, parsed
 */
struct mount_request {
	char *data;
	struct container_options opts;
};

/* The options of mount(2).  Those for security modules are taken out first. */
static int parse_monolithic(struct fs_context *fc, void *data)
{
	struct mount_request *req = fc->fs_private;
	int err;

	if (!data)
		return 0;
	err = security_sb_eat_lsm_opts(data, &fc->security);
	if (err)
		return err;
	req->data = kstrdup(data, GFP_KERNEL);
	return req->data ? 0 : -ENOMEM;
}

/* One option of fsconfig(2): collect them, they are judged together. */
static int parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct mount_request *req = fc->fs_private;
	bool has_value = param->type == fs_value_is_string;
	char *data;

	if (!strcmp(param->key, "source"))
		return -ENOPARAM;
	if (!has_value && param->type != fs_value_is_flag)
		return -EINVAL;
	/* One word is to stay one word. */
	if (!*param->key || strchr(param->key, ',') ||
	    (has_value && strchr(param->string, ',')))
		return -EINVAL;
	data = kasprintf(GFP_KERNEL_ACCOUNT, "%s%s%s%s%s",
			 req->data ? req->data : "", req->data ? "," : "",
			 param->key, has_value ? "=" : "",
			 has_value ? param->string : "");
	if (!data)
		return -ENOMEM;
	if (strlen(data) >= PAGE_SIZE) {
		kfree(data);
		return -EINVAL;
	}
	kfree(req->data);
	req->data = data;
	return 0;
}

static int test_super(struct super_block *sb, struct fs_context *fc)
{
	struct mount_request *req = fc->fs_private;

	return container_root_matches(sb->s_fs_info, &req->opts);
}

static struct super_block *sget_matching(struct fs_context *fc)
{
	struct mount_request *req = fc->fs_private;
	struct super_block *sb;

	for (;;) {
		sb = sget_fc(fc, test_super, set_anon_super_fc);
		/* A remount may have changed it before we had s_umount. */
		if (IS_ERR(sb) ||
		    container_root_matches(sb->s_fs_info, &req->opts))
			return sb;
		deactivate_locked_super(sb);
	}
}

static int get_tree(struct fs_context *fc)
{
	struct mount_request *req = fc->fs_private;
	struct super_block *sb;
	int err;

	err = container_mount_options(req->data, &req->opts);
	if (err)
		return err;
	fc->s_fs_info = container_root_alloc(&req->opts);
	if (!fc->s_fs_info)
		return -ENOMEM;
	/* A new superblock takes s_fs_info. */
	sb = sget_matching(fc);
	if (fc->s_fs_info)
		container_root_put(fc->s_fs_info);
	fc->s_fs_info = NULL;
	if (IS_ERR(sb))
		return PTR_ERR(sb);
	if (!sb->s_root) {
		err = fill_super(sb);
		if (err) {
			deactivate_locked_super(sb);
			return err;
		}
	}
	fc->root = dget(sb->s_root);
	return 0;
}

static int reconfigure(struct fs_context *fc)
{
	struct mount_request *req = fc->fs_private;
	struct super_block *sb = fc->root->d_sb;
	struct containerfs_root *root = sb->s_fs_info;
	struct inode *dir = d_inode(sb->s_root);	/* fc->root may be a bind mount's */
	u64 before = root->subsys_bits;
	int err;

	/* Not for as long as a reader of the directory likes: s_umount is held. */
	if (down_write_killable(&dir->i_rwsem))
		return -EINTR;
	err = container_root_remount(root, req->data);
	if (root->subsys_bits != before)
		touch_dir(dir);
	inode_unlock(dir);
	return err;
}

static void free_request(struct fs_context *fc)
{
	struct mount_request *req = fc->fs_private;

	kfree(req->data);
	kfree(req);
}

static const struct fs_context_operations container_context_ops = {
	.parse_monolithic	= parse_monolithic,
	.parse_param		= parse_param,
	.get_tree		= get_tree,
	.reconfigure		= reconfigure,
	.free			= free_request,
};

static int container_init_fs_context(struct fs_context *fc)
{
	struct mount_request *req = kzalloc(sizeof(*req), GFP_KERNEL);

	if (!req)
		return -ENOMEM;
	fc->fs_private = req;
	fc->ops = &container_context_ops;
	return 0;
}

static void container_kill_sb(struct super_block *sb)
{
	struct containerfs_root *root = sb->s_fs_info;

	kill_litter_super(sb);
	container_root_put(root);
}

static struct file_system_type container_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "container",
	.init_fs_context	= container_init_fs_context,
	.kill_sb		= container_kill_sb,
};

/**
 * container_vfs_register - make the file system and /proc/containers known
 *
 * Context: boot.
 * Return: 0, or why it cannot be.
 */
int __init container_vfs_register(void)
{
	int err = register_filesystem(&container_fs_type);

	if (err)
		return err;
	proc_create_single("containers", 0444, NULL, proc_containers_show);
	return 0;
}

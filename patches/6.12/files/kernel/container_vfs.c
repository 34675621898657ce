// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: the file system glue for this kernel.
 *
 * This file connects the VFS to the container code: inodes, dentries, control
 * files, directories, superblocks and mounting.  The part of the file system
 * that is the same for all kernels is in container_dir.c.
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
#include <linux/xattr.h>

#include "container_host.h"
#include "container_internal.h"

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
	struct timespec64 born = ns_to_timespec64(cont->born);

	inode->i_uid = make_kuid(&init_user_ns, cont->uid);
	inode->i_gid = make_kgid(&init_user_ns, cont->gid);
	inode_set_ctime_to_ts(inode, born);
	inode_set_mtime_to_ts(inode, born);
	inode_set_atime_to_ts(inode, born);
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
	inode_set_mtime_to_ts(dir, inode_set_ctime_current(dir));
}

/*
 * Dentries.
 */

static int container_d_revalidate(struct dentry *dentry, unsigned int flags)
{
	return !container_file_is_stale(dentry);
}

/* Negative dentries are not cached. */
static int container_d_delete(const struct dentry *dentry)
{
	return d_is_negative(dentry);
}

static const struct dentry_operations dentry_ops = {
	.d_revalidate	= container_d_revalidate,
	.d_delete	= container_d_delete,
};

/**
 * container_vfs_init_dentry - set the operations of a new dentry
 * @dentry: the dentry
 *
 * There is nothing to do: the dentry has got its operations from s_d_op.
 *
 * Context: any.
 */
void container_vfs_init_dentry(struct dentry *dentry)
{
}

/**
 * container_vfs_hide_file - make sure that nothing can be mounted on a file
 * @inode: the file, which is about to be removed
 *
 * There is nothing to do: this kernel can take away what is mounted on a file,
 * see container_vfs_forget_file(), and the VFS does not let anybody mount on a
 * file that has been removed.
 *
 * Context: i_mutex of the directory; perhaps container_mutex.
 * Return: true.
 */
bool container_vfs_hide_file(struct inode *inode)
{
	return true;
}

/**
 * container_vfs_show_file - undo container_vfs_hide_file()
 * @inode: the file, which stays
 *
 * Context: as container_vfs_hide_file().
 */
void container_vfs_show_file(struct inode *inode)
{
}

/* Unhash one dentry of a file.  Returns false when none is left. */
static bool forget_alias(struct inode *inode)
{
	struct dentry *dentry = d_find_alias(inode);

	if (!dentry)
		return false;
	d_invalidate(dentry);
	dput(dentry);
	return true;
}

/**
 * container_vfs_forget_file - make sure that a removed file is not found again
 * @inode: the file, which has no link any more
 *
 * What is mounted on the file is unmounted.
 *
 * Context: i_mutex of its directory; sleeps.
 */
void container_vfs_forget_file(struct inode *inode)
{
	/*
	 * Tell fsnotify that the file is deleted.  When the file has a dentry,
	 * the VFS does this when the last dentry goes.
	 */
	if (hlist_empty(&inode->i_dentry))
		fsnotify_inoderemove(inode);
	while (forget_alias(inode))
		;
}

static struct dentry *find_dentry(const struct dentry *dir, const char *name)
{
	struct qstr qname = QSTR_INIT(name, strlen(name));

	qname.hash = full_name_hash(dir, name, qname.len);
	return d_lookup(dir, &qname);
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
	struct dentry *dentry = find_dentry(cont->dentry, name);
	bool is_dir = dentry && d_is_dir(dentry);

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
	struct dentry *dentry = find_dentry(cont->dentry, name);

	if (dentry && d_is_negative(dentry))
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
static int container_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
			     struct iattr *attr)
{
	int err;

	attr->ia_valid &= ~ATTR_SIZE;
	err = simple_setattr(idmap, dentry, attr);
	if (!err)
		container_file_keep(d_inode(dentry));
	return err;
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
 * There must be no .write.  With it the VFS would split a writev() into several
 * calls of .write, and a number that is cut in two would be taken for two
 * numbers.
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

static struct dentry *container_lookup(struct inode *dir,
				       struct dentry *dentry,
				       unsigned int flags)
{
	return container_dir_lookup(dir, dentry);
}

static int container_mkdir(struct mnt_idmap *idmap, struct inode *dir,
			   struct dentry *dentry, umode_t mode)
{
	return container_dir_mkdir(dir, dentry, mode);
}

static int container_rename_dir(struct mnt_idmap *idmap,
				struct inode *old_dir,
				struct dentry *old_dentry,
				struct inode *new_dir,
				struct dentry *new_dentry, unsigned int flags)
{
	if (flags & ~RENAME_NOREPLACE)
		return -EINVAL;
	return container_dir_rename(old_dir, old_dentry, new_dir, new_dentry);
}

static const struct inode_operations dir_inode_ops = {
	.lookup		= container_lookup,
	.mkdir		= container_mkdir,
	.rmdir		= container_dir_rmdir,
	.rename		= container_rename_dir,
};

static bool emit_entry(void *to, const char *name, int len, loff_t pos,
		       unsigned long ino, unsigned int type)
{
	struct dir_context *ctx = to;

	ctx->pos = pos;
	return dir_emit(ctx, name, len, ino, type);
}

static int container_iterate(struct file *file, struct dir_context *ctx)
{
	if (dir_emit_dots(file, ctx))
		ctx->pos = container_dir_emit(file_inode(file)->i_private,
					      ctx->pos, emit_entry, ctx);
	return 0;
}

static const struct file_operations dir_file_ops = {
	.llseek		= generic_file_llseek,
	.read		= generic_read_dir,
	.iterate_shared	= container_iterate,
	.fsync		= noop_fsync,
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
 * Return: 0; -ERESTARTNOINTR when a fatal signal interrupts the wait.
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
 * @created: a directory that was made while the lock was held, or NULL
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
	struct dentry *dentry = find_dentry(parent->dentry, name);
	struct dentry *err;

	if (!dentry) {
		dentry = d_alloc_name(parent->dentry, name);
		if (!dentry)
			return ERR_PTR(-ENOMEM);
		err = container_dir_lookup(d_inode(parent->dentry), dentry);
		if (err) {
			dput(dentry);
			return err;
		}
	}
	if (d_really_is_positive(dentry)) {
		dput(dentry);
		return ERR_PTR(-EEXIST);
	}
	return dentry;
}

/**
 * container_vfs_discard - remove a container that the kernel has made
 * @cont: the container, on which the caller has a reference, with CONT_NEWBORN
 *	set
 * @wait: whether to wait for the lock of the parent's directory
 *
 * Does the same as rmdir(2), but checks no permission.  CONT_NEWBORN is cleared
 * unless false is returned.  Where rmdir(2) would fail, nothing else happens.
 *
 * Context: no locks; sleeps.
 * Return: true; false when @wait is false and somebody else holds the lock.
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
	atomic_inc(&sb->s_active);	/* container_dir_rmdir() drops one */
	inode_lock_nested(inode, I_MUTEX_CHILD);
	clear_bit(CONT_NEWBORN, &cont->flags);
	err = container_dir_rmdir(dir, dentry);
	if (!err) {
		inode->i_flags |= S_DEAD;
		dont_mount(dentry);
		d_invalidate(dentry);	/* unmounts what is mounted on it */
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
 *                                      mount: sget_fc() finds the superblock
 *                                      and waits
 *   ->kill_sb(), ->put_super():
 *     the hierarchy is dissolved
 *                                      sget_fc() wakes up, starts again, and
 *                                      allocates a new superblock
 *
 * So the hierarchy must be dissolved here, while sget_fc() still waits, and not
 * at the end of ->kill_sb().
 */
static void container_put_super(struct super_block *sb)
{
	container_root_deactivate(sb->s_fs_info);
}

static int container_show_options(struct seq_file *m, struct dentry *dentry)
{
	container_root_show_options(dentry->d_sb->s_fs_info, m);
	return 0;
}

/*
 * Setting a security label changes the inode, so the inode has to be kept, see
 * container_file_keep().  The label itself is stored in memory by the security
 * module: -EAGAIN tells the VFS to ask the security module.
 */
static int label_changes(const struct xattr_handler *handler,
			 struct mnt_idmap *idmap, struct dentry *dentry,
			 struct inode *inode, const char *name,
			 const void *value, size_t size, int flags)
{
	if (!value)
		return -EOPNOTSUPP;	/* a NULL @value means removal */
	if (S_ISREG(inode->i_mode))
		container_file_keep(inode);
	return -EAGAIN;
}

static const struct xattr_handler label_handler = {
	.prefix	= XATTR_SECURITY_PREFIX,
	.set	= label_changes,
};

static const struct xattr_handler *const xattr_handlers[] = {
	&label_handler,
	NULL
};

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
	sb->s_maxbytes = MAX_LFS_FILESIZE;	/* for directory positions */
	/*
	 * Control files can be neither programs nor devices, whatever their
	 * mode is.
	 */
	sb->s_iflags |= SB_I_NOEXEC | SB_I_NODEV;
	sb->s_op = &container_super_ops;
	sb->s_d_op = &dentry_ops;
	sb->s_xattr = xattr_handlers;

	inode = container_dir_inode(sb, &root->top_container, 0755);
	if (!inode)
		return -ENOMEM;
	dentry = d_make_root(inode);
	if (!dentry)
		return -ENOMEM;
	err = container_root_activate(root, sb, dentry);
	if (err) {
		dput(dentry);
		return err;
	}
	/*
	 * s_root makes the superblock complete: from here on
	 * generic_shutdown_super() calls ->put_super(), which undoes
	 * container_root_activate().  A mount that waits for this superblock in
	 * sget_fc() gets it when the VFS sets SB_BORN.
	 */
	sb->s_root = dentry;
	sb->s_flags |= SB_ACTIVE;
	return 0;
}

/*
 * Mounting.
 */

/**
 * struct mount_request - what one mount or remount asks for
 * @data: the options as text, comma-separated, or NULL
 * @opts: the same options, parsed
 */
struct mount_request {
	char *data;
	struct container_options opts;
};

/*
 * The options of mount(2).  The security modules take theirs out of the text
 * first.
 */
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

/*
 * One option of fsconfig(2).  Options are only collected here, and parsed later
 * all together.
 */
static int parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct mount_request *req = fc->fs_private;
	bool has_value = param->type == fs_value_is_string;
	char *data;

	if (!strcmp(param->key, "source"))
		return -ENOPARAM;
	if (!has_value && param->type != fs_value_is_flag)
		return -EINVAL;
	/* A comma would turn one option into two. */
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

/*
 * Is a superblock the one that a mount asks for?
 *
 * sget_fc() calls this under sb_lock, which does not prevent a remount from
 * changing the subsystems at the same time.  So a match is only a hint, see
 * sget_matching().
 */
static int test_super(struct super_block *sb, struct fs_context *fc)
{
	struct mount_request *req = fc->fs_private;

	return container_root_matches(sb->s_fs_info, &req->opts);
}

/*
 * Find the superblock that a mount asks for, or allocate one.
 *
 * sget_fc() returns with s_umount held.  A remount can get in between:
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
static struct super_block *sget_matching(struct fs_context *fc)
{
	struct mount_request *req = fc->fs_private;
	struct super_block *sb;

	for (;;) {
		sb = sget_fc(fc, test_super, set_anon_super_fc);
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
	/*
	 * A new superblock takes over the reference in s_fs_info, and sget_fc()
	 * sets the field to NULL.
	 */
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

	/*
	 * A task that reads the directory can hold i_mutex for long.  s_umount
	 * is held here, so let a fatal signal interrupt the wait.
	 */
	if (down_write_killable(&dir->i_rwsem))
		return -EINTR;
	err = container_root_remount(root, req->data);
	if (root->subsys_bits != before)
		container_vfs_touch_dir(dir);
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

	container_drop_kept(&root->top_container);
	kill_anon_super(sb);
	container_root_put(root);
}

static struct file_system_type container_fs_type = {
	.owner			= THIS_MODULE,
	.name			= "container",
	.init_fs_context	= container_init_fs_context,
	.kill_sb		= container_kill_sb,
};

/**
 * container_vfs_register - register the file system and create /proc/containers
 *
 * Context: boot.
 * Return: 0 or a negative errno.
 */
int __init container_vfs_register(void)
{
	int err = register_filesystem(&container_fs_type);

	if (err)
		return err;
	proc_create_single("containers", 0444, NULL, proc_containers_show);
	return 0;
}

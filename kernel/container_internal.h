/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_CONTAINER_INTERNAL_H
#define _KERNEL_CONTAINER_INTERNAL_H
/*
 * What the parts of the container code share with each other, and with no
 * other code.
 *
 *	container.c		containers
 *	container_root.c	hierarchies
 *	container_task.c	which tasks are where
 *	container_fork.c	fork and exit, and the callbacks for them
 *	container_move.c	moves
 *	container_clone.c	containers that the kernel makes for a task
 *	container_release.c	telling user space that one is unused
 *	container_dir.c		directories, and which files are in them
 *	container_vfs.c		the glue to the VFS, one for each kernel
 *	container_file.c	what can be done with an open control file
 *	container_pidlist.c	the control file "tasks"
 */

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/container.h>	/* last, as it asks for */

#include "container_host.h"

struct container_io;

/* Longest name of a hierarchy, without the terminating NUL. */
#define CONTAINER_MAX_ROOT_NAME 63

#define CONTAINER_SUPER_MAGIC 0x27e0eb

/**
 * struct containerfs_root - a hierarchy of containers
 * @top_container: its top; has the reference count of the hierarchy
 * @subsys_bits: the bound subsystems, or those that are to be bound, by id.
 *	Written under M and s_umount together, so each of them is enough to
 *	read it.  A reader that holds only sb_lock must check again later
 * @name: name given with name=, or empty (I)
 * @noprefix: control files lack the name of their subsystem (I)
 * @release_agent: path of the program to run when a container is no longer
 *	used, or NULL (M)
 * @subsys_list: the bound subsystems, ascending by id (M)
 * @root_list: links the active hierarchies in order of creation (M)
 * @number_of_containers: including the top container (M)
 * @id: unique among active hierarchies, greater than 0 (M)
 * @sb: the superblock; valid while the hierarchy is active (M)
 * @release_list: containers that may have become unused, in this order
 *	(release_lock)
 * @release_root: links the hierarchies whose release_list is not empty
 *	(release_lock)
 * @release_running: how many agents are being started, or run (release_lock)
 * @release_paused: an agent could not be started for a passing reason, and
 *	release_list is not empty (release_lock)
 */
struct containerfs_root {
	struct container top_container;
	u64 subsys_bits;
	char name[CONTAINER_MAX_ROOT_NAME + 1];
	bool noprefix;
	char *release_agent;
	struct list_head subsys_list;
	struct list_head root_list;
	int number_of_containers;
	int id;
	struct super_block *sb;
	struct list_head release_list;
	struct list_head release_root;
	int release_running;
	bool release_paused;
};

/**
 * struct container_options - mount options, parsed
 * @subsys_bits: the subsystems that are asked for
 * @name: the name that is asked for, or empty
 * @release_agent: the agent that is asked for, within the parsed text; NULL
 *	for none
 * @has_agent: an option was about the agent
 * @has_set: an option was about subsystems
 * @noprefix: "noprefix" was given
 */
struct container_options {
	u64 subsys_bits;
	char name[CONTAINER_MAX_ROOT_NAME + 1];
	char *release_agent;
	bool has_agent;
	bool has_set;
	bool noprefix;
};

/**
 * for_each_subsys - iterate over the subsystems bound to a hierarchy
 * @_root: the hierarchy
 * @_ss: the loop variable
 *
 * Context: container_mutex; or the i_mutex of any directory of the hierarchy,
 * held at least for reading, see container_prepare(); or a hierarchy that
 * nobody can see yet.
 */
#define for_each_subsys(_root, _ss) \
	list_for_each_entry(_ss, &(_root)->subsys_list, sibling)

/* Bits of container::flags. */
enum {
	CONT_REMOVED,		/* rmdir has succeeded */
	CONT_NOTIFY,		/* notify_on_release */
	CONT_NEWBORN,		/* made for a child that is being forked */
};

/* container.c */
extern struct mutex container_mutex;
extern struct container_subsys *const container_subsystems[];
struct container_subsys *container_subsys_in(u64 subsys_bits, int id);

/* The set of all subsystems. */
#define ALL_SUBSYSTEMS	(~(u64)0)

/* The set that has only this subsystem. */
static inline u64 subsys_bit(const struct container_subsys *ss)
{
	return (u64)1 << ss->subsys_id;
}

/**
 * for_each_subsys_in - iterate over a set of subsystems, ascending by id
 * @_bits: the set, see subsys_bit()
 * @_ss: the loop variable
 *
 * Context: any.
 */
#define for_each_subsys_in(_bits, _ss)					\
	for (_ss = container_subsys_in(_bits, 0); _ss;			\
	     _ss = container_subsys_in(_bits, _ss->subsys_id + 1))

static inline bool is_top(const struct container *cont)
{
	return !cont->parent;
}

/* container_root.c, for container_vfs.c */
int container_mount_options(char *data, struct container_options *opts);
struct containerfs_root *container_root_alloc(struct container_options *opts);
void container_root_put(struct containerfs_root *root);
bool container_root_matches(const struct containerfs_root *root,
			    const struct container_options *opts);
int container_root_activate(struct containerfs_root *root,
			    struct super_block *sb, struct dentry *dentry);
void container_root_deactivate(struct containerfs_root *root);
int container_root_remount(struct containerfs_root *root, char *data);
void container_root_show_options(struct containerfs_root *root,
				 struct seq_file *m);

/* container.c, for container_root.c */
void container_setup(struct container *cont, struct container *parent,
		     struct containerfs_root *root);
int container_create_state(struct container_subsys *ss,
			   struct container *cont);

/* container.c, for container_dir.c */
struct container *container_alloc(struct container *parent, const char *name);
int container_create_states(struct container *cont);
u64 container_new_number(void);
int container_remove(struct container *cont);
int container_rename(struct container *cont, const char *name);

/* container_dir.c, for container.c: which files there are */
bool container_number_files(struct container_subsys *ss);
int container_populate(struct container *cont, u64 subsys_bits);
void container_drop_added(struct container *cont, u64 subsys_bits);
bool container_names_taken(const struct container *top,
			   struct container_subsys *ss);
void container_forget_absence(const struct container *top, u64 subsys_bits);
bool container_hide_files(struct container *cont, const u64 *subsys_bits);
void container_show_files(struct container *cont, const u64 *subsys_bits);
void container_forget_files(struct container *cont, const u64 *subsys_bits);
void container_number_dir(struct container *cont, struct inode *inode);
void container_unlink_child(struct container *cont);

/* container_dir.c, for container_clone.c: directories that the kernel makes */
struct container *container_prepare(struct container *parent,
				    struct dentry *dentry, const char *name,
				    int mode);
void container_publish(struct container *cont);
void container_cancel(struct container *cont);
bool container_dir_pin(struct container *cont);
void container_dir_unpin(struct container *cont);

/*
 * Called by container_dir_emit() for each entry of a directory.  Returns false
 * when there is no room for it.
 */
typedef bool (*container_emit_t)(void *to, const char *name, int len,
				 loff_t pos, unsigned long ino,
				 unsigned int type);

/* container_dir.c, for container_vfs.c */
struct inode *container_dir_inode(struct super_block *sb,
				  struct container *cont, int mode);
struct dentry *container_dir_lookup(struct inode *dir, struct dentry *dentry);
loff_t container_dir_emit(const struct container *cont, loff_t pos,
			  container_emit_t emit, void *to);
int container_dir_mkdir(struct inode *dir, struct dentry *dentry, int mode);
int container_dir_rmdir(struct inode *dir, struct dentry *dentry);
int container_dir_rename(struct inode *old_dir, struct dentry *old_dentry,
			 struct inode *new_dir, struct dentry *new_dentry);
void container_file_keep(struct inode *inode);
void container_file_evict(struct inode *inode);
void container_drop_kept(struct container *cont);

/* container_dir.c, for container_file.c */
const struct cftype *container_cftype(const struct file *file);

/* container.c, for container_release.c */
bool container_is_unused(struct container *cont);

/* container_root.c, for container_debug.c */
void container_show_current(struct seq_file *m);

/* container_task.c */
struct container *css_group_container(const struct css_group *group,
				      struct containerfs_root *root);
struct css_group *css_group_find(const struct css_group *old,
				 struct container *cont);
struct css_group *css_group_get(struct css_group *group);
void css_group_put(struct css_group *group);
struct css_group *task_css_group_get(struct task_struct *task);
void css_group_join(struct css_group *group, struct task_struct *task);
void css_group_leave(struct css_group *group, struct task_struct *task);
void container_init_groups(void);
int container_count_groups(void);

/* container_fork.c */
unsigned int css_group_hooks(const struct css_group *group);
void css_group_transfer(struct task_struct *task, struct css_group *from,
			struct css_group *to);
void css_group_transfer_count(struct css_group *from, struct css_group *to,
			      int count);
void container_post_attach(void);
void container_enable_callbacks(struct container_subsys *ss);
void container_switch_callbacks_on(u64 subsys_bits);
void container_switch_callbacks_off(u64 subsys_bits);

/* container_fork.c, for container_clone.c */
bool container_is_charged(const struct task_struct *child);
void container_set_charged(struct task_struct *child, struct css_group *group);

/* container_clone.c */
bool container_is_newborn(const struct task_struct *child);
void container_clone_join(struct task_struct *child);
void container_clone_cancel(struct task_struct *child);

/* container_move.c */
int container_move_current(struct container *cont);
int container_move_tasks(struct container *cont, struct file *file,
			 const int *pids, int count);

/* container_vfs.c */
void container_vfs_init_inode(struct inode *inode,
			      const struct container *cont);
void container_vfs_init_dentry(struct dentry *dentry);
bool container_vfs_hide_file(struct inode *inode);
void container_vfs_show_file(struct inode *inode);
void container_vfs_forget_file(struct inode *inode);
bool container_vfs_has_dir(const struct container *cont, const char *name);
void container_vfs_forget_absence(const struct container *cont,
				  const char *name);
void container_vfs_touch_dir(struct inode *dir);
int container_vfs_lock_dir(struct container *cont);
void container_vfs_unlock_dir(struct container *cont, struct dentry *created);
struct dentry *container_vfs_new_name(struct container *parent,
				      const char *name);
bool container_vfs_discard(struct container *cont, bool wait);
int container_vfs_register(void);

/* container_release.c */
extern const struct cftype container_notify_file;
extern const struct cftype container_agent_file;
int container_check_agent(const char *path);
void container_check_release(struct container *cont);
void container_forget_release(struct container *cont);

/* container_pidlist.c */
extern const struct cftype container_tasks_file;
int container_count_for_reader(struct container *cont);

/* container_file.c */
int container_file_mode(const struct cftype *cft);
int container_file_open(struct inode *inode, struct file *file);
int container_file_release(struct inode *inode, struct file *file);
ssize_t container_file_read(struct file *file, struct container_io *io,
			    loff_t *ppos);
ssize_t container_file_write(struct file *file, struct container_io *io,
			     loff_t *ppos);
loff_t container_file_llseek(struct file *file, loff_t offset, int whence);
bool container_file_poll(struct file *file, struct poll_table_struct *wait);
void container_wake_pollers(struct container *cont);

/**
 * container_of_file - get the container that an open control file belongs to
 * @file: the open file
 *
 * An open file pins its dentry, which pins the dentry of its directory, whose
 * inode has a reference on the container.
 *
 * Context: any.
 * Return: the container; it may have been removed.
 */
static inline struct container *container_of_file(struct file *file)
{
	return file->f_path.dentry->d_parent->d_inode->i_private;
}

/**
 * container_file_is_stale - has the file of a dentry been taken away?
 * @dentry: the dentry of a control file; or of a directory, which has no
 *	d_fsdata
 *
 * A file that was taken away does not come back: when its subsystem returns to
 * the hierarchy, it has other files, of another generation.
 *
 * Context: any; the caller keeps @dentry.
 * Return: true when the file's subsystem has left the hierarchy since the
 * dentry was made.
 */
static inline bool container_file_is_stale(const struct dentry *dentry)
{
	const struct container_subsys *ss = dentry->d_fsdata;

	return ss && READ_ONCE(ss->generation) != dentry->d_time;
}

/**
 * container_file_is_gone - has an open control file been taken away?
 * @file: the open file
 *
 * A file is gone when its container has been removed, or when its subsystem
 * has left the hierarchy.
 *
 * Context: any; the answer true is final.
 * Return: true when it is gone.  An operation that starts after that fails
 * with -ENODEV.
 */
static inline bool container_file_is_gone(struct file *file)
{
	return container_is_removed(container_of_file(file)) ||
	       container_file_is_stale(file->f_path.dentry);
}

#endif /* _KERNEL_CONTAINER_INTERNAL_H */

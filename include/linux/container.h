/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_H
#define _LINUX_CONTAINER_H
/*
 * Process containers: the interface for subsystems.  The hooks in fork, exit
 * and boot are in <linux/container_hooks.h>.
 *
 * Include this after all other headers: a kernel may have control groups as
 * well, which use some of the same names, see below.
 *
 * Documentation/containers.txt describes the system, kernel/container.c and
 * its neighbours implement it.
 */

#include <linux/container_hooks.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct container;
struct container_subsys;
struct container_subsys_state;
struct containerfs_root;
struct dentry;
struct file;
struct inode;
struct seq_file;
struct seq_operations;

#ifdef CONFIG_CONTAINERS

/*
 * Names that containers had first, and that control groups have inherited.  In
 * code that follows this header they mean those of containers.  For the linker
 * the two are different.
 */
#define cftype		container_cftype
#define css_get		container_css_get
#define css_tryget	container_css_tryget
#define css_put		container_css_put

/*
 * The letter at the end of a field's comment says what protects the field:
 *
 *  I  set before others can see the object, and never changed after that
 *  M  container_mutex
 *  R  written under container_mutex, read under it or under RCU
 *  T  tasklist_lock; written with it held for writing
 *  H  css_group_lock
 *  D  written under container_mutex and the i_mutex of the parent's
 *     directory, read under any of these
 *  A  atomic, or a bit operation
 *  V  the file system glue, under the i_mutex of the container's directory
 */

/**
 * struct container_subsys_state - what a subsystem keeps for a container
 * @container: the container that this state belongs to (R)
 * @refcnt: one reference for the container being alive, and one for each
 *	container_css_get(); zero once the container is removed, negative while
 *	css_remove_all() decides about that; unused in a top container (A)
 * @flags: CSS_* bits (I)
 *
 * A subsystem embeds this in a structure of its own, which its create()
 * callback allocates and its destroy() callback frees.
 */
struct container_subsys_state {
	struct container *container;
	atomic_t refcnt;
	unsigned long flags;
};

/* The state of a top container: it always exists, and is not counted. */
#define CSS_TOP		(1UL << 0)

void container_init_css(struct container_subsys *ss, struct container *cont,
			struct container_subsys_state *css);
void container_css_get(struct container_subsys_state *css);
bool container_css_tryget(struct container_subsys_state *css);
void container_css_put(struct container_subsys_state *css);

struct container_added;
struct container_name;

/**
 * struct container - a set of tasks, and a directory
 * @subsys: the state of each subsystem that is bound to the hierarchy, else
 *	NULL; in a top container also of those that were bound before (R)
 * @flags: CONT_* bits (A)
 * @count: references: one each for the code that makes it, the inode of the
 *	directory, each child, each css_group that joins it, the list of
 *	containers to be announced while it is there, and each get_container()
 *	(A)
 * @key: a hash of the address, for the hash of css_groups, see css_group::key;
 *	0 in a top container (I)
 * @name: last component of the path; empty in a top container (R)
 * @parent: the container above, NULL in a top container (I)
 * @root: the hierarchy (I)
 * @top_container: the top of the hierarchy (I)
 * @number: see container_new_number() (D)
 * @sibling: links the children of @parent, by ascending number (D)
 * @children: the containers below (D)
 * @child_node: links the children of @parent in a tree as well (D)
 * @child_tree: the containers below, by number (D)
 * @css_groups: the css_groups that have tasks and join this container.  Unused
 *	in a top container: every css_group that joins no other container of
 *	the hierarchy is in the top container (T)
 * @dentry: the directory (V)
 * @files: the control files that have an inode (control_files_lock)
 * @added: the control files that are in no table (V)
 * @uid: the user who made it, and so owns its control files (I)
 * @gid: the group of that user (I)
 * @born: when it was made, in nanoseconds since 1970 (I)
 * @gone_wait: tasks that poll one of its files, until the file is gone; has a
 *	lock of its own
 * @release_node: links the containers whose release agent may have to be run
 *	(release_lock)
 * @release_stamp: orders the containers by the time they came to such a list
 *	(release_lock)
 * @rcu: delays the release by a grace period
 * @release_work: the part of the release that may sleep
 */
struct container {
	struct container_subsys_state *subsys[CONTAINER_SUBSYS_SLOTS];
	unsigned long flags;
	atomic_t count;
	u32 key;
	struct container_name __rcu *name;
	struct container *parent;
	struct containerfs_root *root;
	struct container *top_container;
	u64 number;
	struct list_head sibling;
	struct list_head children;
	struct rb_node child_node;
	struct rb_root child_tree;
	struct list_head css_groups;
	struct dentry *dentry;
	struct list_head files;
	struct container_added *added;
	u32 uid;
	u32 gid;
	s64 born;
	wait_queue_head_t gone_wait;
	struct list_head release_node;
	u64 release_stamp;
	struct rcu_head rcu;
	struct work_struct release_work;
};

/**
 * struct container_open - an open control file
 * @cont: the container of the file; the open file keeps it (I)
 * @cft: the file's description (I)
 * @lock: serializes readers, and protects the fields below
 * @read_pos: where the last read() ended (f_pos is where the next one starts)
 * @private: for the file's own seq_operations
 * @rewound: set by an lseek() to the start, without @lock; cleared by the
 *	file's seq_operations when they look again
 *
 * This is seq_file::private for the seq_operations of a control file.
 */
struct container_open {
	struct container *cont;
	const struct cftype *cft;
	struct mutex lock;	/* serializes readers */
	loff_t read_pos;
	void *private;
	bool rewound;
};

#define MAX_CFTYPE_NAME 64

/* Bits of cftype::flags. */
enum {
	CFTYPE_ONLY_ON_TOP	= 1,	/* only in top containers */
	CFTYPE_NOT_ON_TOP	= 2,	/* not in top containers */
};

/**
 * struct cftype - a control file, the same in many containers
 * @name: the name, "<subsystem>.<file>"
 * @flags: CFTYPE_* bits
 * @private: for the subsystem
 * @read_uint: returns the number that a read shows
 * @read_int: the same, signed
 * @read_seq: prints the whole content
 * @write_uint: takes a decimal number; white space around it is ignored
 * @write_int: the same, signed
 * @write_string: takes what was written, NUL-terminated, and may modify the
 *	buffer; white space around it has been stripped; a NUL in what was
 *	written is -EINVAL
 * @max_write: how many bytes one write may have; 0 means 64 KiB
 * @seq_ops: iterates over the content; seq_file::private is a container_open
 * @seq_release: frees container_open::private when the file is closed
 * @open: called after the file has been opened
 * @read: replaces the read handlers above, and copies to user space itself.  A
 *	call with anything but one buffer in user space fails with -EINVAL
 * @write: replaces the write handlers above, and copies from user space
 *	itself; the same restriction as for @read
 * @release: called when the file is closed
 *
 * A file has at most one kind of read handler and one kind of write handler,
 * and its mode follows from them: 0644, 0444 or 0200.  Handlers are called
 * without locks, may sleep, and get a container whose state exists until they
 * return.  Handlers return 0 or a negative errno.  A handler that fails must
 * not have changed anything.
 */
struct cftype {
	char name[MAX_CFTYPE_NAME];
	unsigned int flags;
	int private;
	u64 (*read_uint)(struct container *cont, const struct cftype *cft);
	s64 (*read_int)(struct container *cont, const struct cftype *cft);
	int (*read_seq)(struct container *cont, const struct cftype *cft,
			struct seq_file *m);
	int (*write_uint)(struct container *cont, const struct cftype *cft,
			  u64 val);
	int (*write_int)(struct container *cont, const struct cftype *cft,
			 s64 val);
	int (*write_string)(struct container *cont, const struct cftype *cft,
			    struct file *file, char *buf, size_t nbytes);
	size_t max_write;
	const struct seq_operations *seq_ops;
	void (*seq_release)(struct container_open *open);
	int (*open)(struct inode *inode, struct file *file);
	ssize_t (*read)(struct container *cont, const struct cftype *cft,
			struct file *file, char __user *buf, size_t nbytes,
			loff_t *ppos);
	ssize_t (*write)(struct container *cont, const struct cftype *cft,
			 struct file *file, const char __user *buf,
			 size_t nbytes, loff_t *ppos);
	int (*release)(struct inode *inode, struct file *file);
};

int container_add_file(struct container *cont, const struct cftype *cft);
int container_add_files(struct container *cont, const struct cftype cft[],
			int count);
int container_parse_uint(const char *str, u64 *val);

/**
 * struct container_subsys - a kind of state that containers can have
 * @create: makes the state for @cont, in memory of container_state_alloc(),
 *	and stores it in cont->subsys[].  container_mutex is held; may sleep.
 *	The directory of the parent stays locked until @cont is visible, but
 *	container_mutex is dropped before that.  The state of the top container
 *	is made once, at boot (for @early_init without the mutex); @cont has no
 *	parent then.  On failure the pointer stays NULL, and destroy() is not
 *	called for it
 * @destroy: frees the state.  container_mutex is held; may sleep.  Called
 *	once, a grace period after the last reference, open file and task are
 *	gone.  Never called for a top container
 * @pre_destroy: called at the start of rmdir, without container_mutex; may
 *	sleep.  Drops references that would keep the container busy.  An error
 *	makes rmdir fail
 * @can_attach: may @task move into @cont?  container_mutex is held; may sleep.
 *	The answer must stay true until container_mutex is dropped.  When @task
 *	is NULL the question is about any task
 * @cancel_attach: undoes can_attach(): the move that it has allowed does not
 *	take place, or it has allowed the same move twice
 * @attach: the task has moved.  container_mutex is held; may sleep
 * @post_clone: container_clone() has made @cont, with the settings of
 *	create(), for a task that will enter it at once.  Gives it settings
 *	with which this task can run.  container_mutex is held; may sleep
 * @wants_container: shall @child, which is being forked with @clone_flags,
 *	start in a container of its own, below that of its parent?  Called
 *	while the subsystem is mounted, for each fork with any flag of
 *	.clone_flags.  See container_clone().  No locks are held
 * @post_attach: a move is complete.  No locks are held, except for those that
 *	write(2) holds; may sleep.  For work that attach() cannot wait for
 *	because container_mutex is held.  Called by the task that made the
 *	move, before its system call returns, whatever hierarchy the move was
 *	in
 * @can_fork: may @child be forked into the container of @css?  No locks are
 *	held; may sleep.  @child is not visible yet.  Not called for a top
 *	container, see below
 * @cancel_fork: undoes can_fork(): the fork that it has allowed fails
 * @transfer: @task, which belonged to @old_css, now belongs to @css.  Either
 *	it moves; or it is being forked, and its parent has moved since
 *	can_fork(), or it starts in a container of its own.  tasklist_lock is
 *	held for writing with interrupts off (on, where spinlocks sleep:
 *	PREEMPT_RT); must not sleep.  A subsystem with can_fork() needs this or
 *	@transfer_count
 * @transfer_count: the same, for subsystems that only count: @count tasks,
 *	which belonged to @old_css, now belong to @css.  Called in the same
 *	critical section, but once for neighbouring tasks with the same source
 *	and destination, so that the subsystem goes up the tree only once
 * @fork: @task has been forked and is visible, but has not run yet.  No locks
 *	are held; may sleep.  But a kernel thread must not wait here for a lock
 *	under which a request from user space is served: stop_machine() of
 *	2.6.22 forks while no task of a lower priority can run.  Called for
 *	every task while the subsystem is mounted, and perhaps for forks that
 *	are in progress when it is mounted or unmounted
 * @exit: @task is exiting and has just left @old_css.  Locks as for @transfer;
 *	must not sleep.  Not called for a top container
 * @populate: adds files that only @cont has, with container_add_file(); the
 *	files of all containers are in @files.  Neither @cont nor the files are
 *	visible yet.  The i_mutex of its directory, or that of its parent's, is
 *	held; container_mutex may be held; may sleep
 * @bind: the subsystem's top container is now @top.  container_mutex is held;
 *	may sleep
 * @files: the control files of every container, or of every top container, or
 *	of all others; ends with an entry that has no name; or NULL
 * @nr_files: length of @files (I)
 * @first_slot: see container_dir.c (I)
 * @generation: changes whenever the subsystem is bound or unbound, see
 *	container_new_number() (R)
 * @subsys_id: index in the subsys[] arrays (I)
 * @active: the state of the top container exists (I)
 * @disabled: switched off by container_disable= (I)
 * @fork_after_umount: once the subsystem has been mounted, fork() is called
 *	for ever, also while it is not mounted: it has to see the forks that
 *	were in progress (I)
 * @when_mounted: a switch that is on while the subsystem is mounted, from
 *	before the bind() of the mount until after the bind() of the umount; or
 *	NULL.  For hooks elsewhere in the kernel, see
 *	<linux/container_switch.h> (I)
 * @clone_flags: the flags of clone() that make a fork call @wants_container
 *	(I)
 * @early_init: create() is called by container_init_early(), before memory can
 *	be allocated
 * @noprefix: may be mounted with "noprefix", for users who know its files from
 *	before there were containers (I)
 * @name: as in mount options; without comma, dot, colon, equals sign and white
 *	space (I)
 * @root: the hierarchy that the subsystem is bound to (R)
 * @sibling: links the subsystems of @root, by ascending id (M)
 * @private: for the subsystem
 *
 * The callbacks around fork and exit get the subsystem's state and not the
 * container.  They do not hold container_mutex, so the state of a top
 * container can become the state of the top of another hierarchy at any time.
 *
 * Tasks in a top container are not charged: can_fork(), cancel_fork() and
 * exit() are only called with states of other containers.  When a task leaves
 * or enters a top container, transfer() and transfer_count() get the state of
 * the top container as one of the two.  So a subsystem that is not mounted
 * costs nothing, and a mount or a umount does not disturb forks in progress.
 * A subsystem that needs the number of tasks in a top container can call
 * container_task_count().
 *
 * Only create and destroy are mandatory.  A subsystem is an object of this
 * type named <name>_subsys, with an entry in <linux/container_subsys.h>.
 */
struct container_subsys {
	int (*create)(struct container_subsys *ss, struct container *cont);
	void (*destroy)(struct container_subsys *ss, struct container *cont);
	int (*pre_destroy)(struct container_subsys *ss,
			   struct container *cont);
	int (*can_attach)(struct container_subsys *ss, struct container *cont,
			  struct task_struct *task);
	void (*cancel_attach)(struct container_subsys *ss,
			      struct container *cont,
			      struct task_struct *task);
	void (*attach)(struct container_subsys *ss, struct container *cont,
		       struct container *old_cont, struct task_struct *task);
	void (*post_clone)(struct container_subsys *ss, struct container *cont);
	bool (*wants_container)(struct container_subsys *ss,
				struct task_struct *child,
				unsigned long clone_flags);
	void (*post_attach)(struct container_subsys *ss);
	int (*can_fork)(struct container_subsys *ss,
			struct container_subsys_state *css,
			struct task_struct *child);
	void (*cancel_fork)(struct container_subsys *ss,
			    struct container_subsys_state *css,
			    struct task_struct *child);
	void (*transfer)(struct container_subsys *ss,
			 struct container_subsys_state *css,
			 struct container_subsys_state *old_css,
			 struct task_struct *task);
	void (*transfer_count)(struct container_subsys *ss,
			       struct container_subsys_state *css,
			       struct container_subsys_state *old_css,
			       int count);
	void (*fork)(struct container_subsys *ss, struct task_struct *task);
	void (*exit)(struct container_subsys *ss,
		     struct container_subsys_state *old_css,
		     struct task_struct *task);
	int (*populate)(struct container_subsys *ss, struct container *cont);
	void (*bind)(struct container_subsys *ss, struct container *top);
	const struct cftype *files;
	unsigned int nr_files;
	unsigned int first_slot;
	unsigned long generation;
	int subsys_id;
	int active;
	int disabled;
	int fork_after_umount;
	struct container_switch *when_mounted;
	unsigned long clone_flags;
	int early_init;
	int noprefix;
#define MAX_CONTAINER_TYPE_NAMELEN 32
	const char *name;
	struct containerfs_root *root;
	struct list_head sibling;
	void *private;
};

#define SUBSYS(_x) extern struct container_subsys _x ## _subsys;
#include <linux/container_subsys.h>
#undef SUBSYS

/**
 * container_subsys_state - get the state of a subsystem for a container
 * @cont: the container
 * @subsys_id: the subsystem
 *
 * Context: container_mutex, or RCU, or a file handler or callback that was
 * called for @cont.
 * Return: the state; NULL when the subsystem is not bound to the hierarchy.
 * The top container of a hierarchy that the subsystem has left still has the
 * state.
 */
static inline struct container_subsys_state *
container_subsys_state(struct container *cont, int subsys_id)
{
	return cont->subsys[subsys_id];
}

/**
 * container_subsys_mounted - does a subsystem belong to an active hierarchy?
 * @ss: the subsystem
 *
 * A hierarchy stays active after umount while it has containers below the top.
 *
 * Context: any; the answer lasts only under container_mutex.
 * Return: true when it does.
 */
static inline bool container_subsys_mounted(const struct container_subsys *ss)
{
	return !list_empty(&ss->sibling);
}

/**
 * task_subsys_state - get the state of a subsystem for a task
 * @task: the task
 * @subsys_id: the subsystem
 *
 * Context: RCU.  The task can move at any time unless the caller also holds
 * container_mutex or tasklist_lock; task_lock() does not prevent that.
 * Return: the state, never NULL.
 */
static inline struct container_subsys_state *
task_subsys_state(struct task_struct *task, int subsys_id)
{
	return rcu_dereference(task->containers)->subsys[subsys_id];
}

/**
 * task_container - get the container of a task in a subsystem's hierarchy
 * @task: the task
 * @subsys_id: the subsystem
 *
 * Context: as task_subsys_state().
 * Return: the container, never NULL.
 */
static inline struct container *task_container(struct task_struct *task,
					       int subsys_id)
{
	return task_subsys_state(task, subsys_id)->container;
}

/**
 * struct container_iter - a walk over the tasks of a container
 * @cont: the container
 * @group: the css_group whose tasks are being walked, or NULL
 * @group_pos: position in the list of css_groups
 * @task_pos: position in the list of tasks of @group
 * @thread: position among all threads, for the last part of a walk over a top
 *	container: the tasks that are on no css_group's list
 *
 * Valid with tasklist_lock, which container_iter_start() takes.
 */
struct container_iter {
	struct container *cont;
	struct css_group *group;
	struct list_head *group_pos;
	struct list_head *task_pos;
	struct task_struct *thread;
};

void container_iter_start(struct container *cont, struct container_iter *it)
	__acquires(tasklist_lock);
struct task_struct *container_iter_next(struct container_iter *it);
void container_iter_end(struct container_iter *it)
	__releases(tasklist_lock);

void container_lock(void);
void container_unlock(void);
void *container_state_alloc(size_t size);
struct container *get_container(struct container *cont);
void put_container(struct container *cont);
int container_is_removed(const struct container *cont);
int container_is_descendant(const struct container *cont);
int container_path(const struct container *cont, char *buf, int buflen);
int container_task_count(struct container *cont);
int container_clone(struct task_struct *task, struct container_subsys *ss);

#else /* !CONFIG_CONTAINERS */

static inline void container_lock(void) {}
static inline void container_unlock(void) {}

#endif /* !CONFIG_CONTAINERS */

#endif /* _LINUX_CONTAINER_H */

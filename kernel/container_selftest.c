// SPDX-License-Identifier: GPL-2.0
/*
 * CONFIG_CONTAINER_SELFTEST: subsystems that check how they are called.
 *
 * These are the subsystem "selftest" and as many others, "st01" and so on, as
 * are needed to fill the table of subsystems.  They are all alike and have
 * every callback that exists.  A callback asserts the locks that
 * <linux/container.h> promises for it, and whatever else must be true at that
 * moment.  It counts its calls, records what it was told, and fails when it has
 * been asked to.  A broken promise is described in the kernel log and fails the
 * test "callbacks".
 *
 * The control file stNN.id shows the number of the subsystem.  The control
 * files of selftest are described in container_selftest_run.c.
 */

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "container_selftest.h"	/* must be the last header */

/* Values of selftest_state::magic: in use, and destroyed. */
#define MAGIC_LIVE	0x57a7e000
#define MAGIC_DEAD	0xdead57a7

/* The number of broken promises that are described in the log. */
#define MAX_SHOWN	20

#define CALLBACK_NAME(_name) #_name,
const char *const selftest_callback_names[] = {
	SELFTEST_CALLBACKS(CALLBACK_NAME)
};

/**
 * struct watched - what is recorded for one subsystem
 * @top: its state for the top container
 * @calls: number of calls of each callback (A)
 * @asked: number of moves that can_attach() has allowed and that have neither
 *	taken place nor been cancelled (M)
 * @file: describes its control file (I)
 */
static struct watched {
	struct selftest_state top;
	atomic_t calls[SELFTEST_NR_CALLBACKS];
	int asked;
	struct cftype file;
} watched[CONTAINER_SUBSYS_COUNT];

/* Number of states that exist, without those of top containers. */
static atomic_t live;

/* Number of broken promises, by callback. */
static atomic_t violations[SELFTEST_NR_CALLBACKS];
static atomic_t shown;

/**
 * struct fault - a callback that is to fail
 * @pid: the task whose calls are meant; only this task uses the other fields
 * @cb: the callback
 * @nth: how many calls until it fails; counted down
 * @err: the error, as a positive number
 */
static struct fault {
	int pid;
	enum selftest_callback cb;
	int nth;
	int err;
} fault;

static struct watched *watched_of(const struct container_subsys *ss)
{
	return &watched[ss->subsys_id];
}

static struct selftest_state *css_state(struct container_subsys_state *css)
{
	return container_of(css, struct selftest_state, css);
}

static struct selftest_state *cont_state(struct container_subsys *ss,
					 struct container *cont)
{
	return css_state(container_subsys_state(cont, ss->subsys_id));
}

/*
 * Assertions.
 */

static void check(struct container_subsys *ss, enum selftest_callback cb,
		  bool ok, const char *what)
{
	if (ok)
		return;
	atomic_inc(&violations[cb]);
	if (atomic_add_return(1, &shown) <= MAX_SHOWN)
		pr_info("container-selftest: # %s: %s(): not so: %s\n",
			ss->name, selftest_callback_names[cb], what);
}

#define CHECK(_ss, _cb, _cond) check(_ss, SELFTEST_ ## _cb, _cond, #_cond)

static void count(struct container_subsys *ss, enum selftest_callback cb)
{
	atomic_inc(&watched_of(ss)->calls[cb]);
}

/* "may sleep" */
static void called_sleeping(struct container_subsys *ss,
			    enum selftest_callback cb)
{
	count(ss, cb);
	might_sleep();
	check(ss, cb, !lockdep_is_held_type(&tasklist_lock, -1),
	      "no tasklist_lock");
}

/* "container_mutex is held; may sleep" */
static void called_with_mutex(struct container_subsys *ss,
			      enum selftest_callback cb)
{
	count(ss, cb);
	might_sleep();
	check(ss, cb, lockdep_is_held_type(&container_mutex, 0), "container_mutex");
	check(ss, cb, !lockdep_is_held_type(&tasklist_lock, -1),
	      "no tasklist_lock");
}

/* "without container_mutex, may sleep" */
static void called_without_mutex(struct container_subsys *ss,
				 enum selftest_callback cb)
{
	count(ss, cb);
	might_sleep();
	check(ss, cb, !lockdep_is_held_type(&container_mutex, -1),
	      "no container_mutex");
	check(ss, cb, !lockdep_is_held_type(&tasklist_lock, -1),
	      "no tasklist_lock");
}

/*
 * "No locks are held": also none of other subsystems of the kernel, except at
 * boot.
 */
static void called_without_locks(struct container_subsys *ss,
				 enum selftest_callback cb)
{
	called_without_mutex(ss, cb);
	check(ss, cb, system_state != SYSTEM_RUNNING || container_holds_none(),
	      "no locks");
}

/* "tasklist_lock is held for writing with interrupts off; must not sleep" */
static void called_with_tasklist(struct container_subsys *ss,
				 enum selftest_callback cb)
{
	count(ss, cb);
	check(ss, cb, lockdep_is_held_type(&tasklist_lock, 0), "tasklist_lock");
	check(ss, cb, irqs_disabled(), "interrupts off");
}

/* Is this call to fail?  Returns 0 or a negative errno. */
static int faulty(enum selftest_callback cb)
{
	if (fault.pid != current->pid || fault.cb != cb || --fault.nth)
		return 0;
	fault.pid = 0;
	return -fault.err;
}

/**
 * selftest_set_fault - let a callback fail
 * @cb: the callback
 * @nth: which of the calls that the current task causes, counted from 1; 0:
 *	none
 * @err: the error, as a positive number
 *
 * Context: any.
 */
void selftest_set_fault(enum selftest_callback cb, int nth, int err)
{
	fault.cb = cb;
	fault.nth = nth;
	fault.err = err;
	fault.pid = nth ? current->pid : 0;
}

/* Records of what is charged. */

static void charge(struct container_subsys_state *css, int count)
{
	atomic_add(count, &css_state(css)->charged);
}

static void uncharge(struct container_subsys *ss, enum selftest_callback cb,
		     struct container_subsys_state *css, int count)
{
	int left = atomic_add_return(-count, &css_state(css)->charged);

	check(ss, cb, left >= 0 || (css->flags & CSS_TOP), "was charged");
}

static int calls_of(const struct container_subsys *ss,
		    enum selftest_callback cb)
{
	return atomic_read(&watched_of(ss)->calls[cb]);
}

/*
 * Life cycle of a container.
 */

static int st_create(struct container_subsys *ss, struct container *cont)
{
	struct selftest_state *state = &watched_of(ss)->top;
	int err;

	/* Very early at boot there is no lockdep, and no lock is needed. */
	if (cont->parent || !ss->early_init)
		called_with_mutex(ss, SELFTEST_create);
	CHECK(ss, create, !cont->subsys[ss->subsys_id]);
	if (cont->parent) {
		if (ss == &selftest_subsys)
			CHECK(ss, create, selftest_path_ok(cont));
		err = faulty(SELFTEST_create);
		if (err)
			return err;
		state = kzalloc(sizeof(*state), GFP_KERNEL);
		if (!state)
			return -ENOMEM;
		atomic_inc(&live);
	}
	state->magic = MAGIC_LIVE;
	cont->subsys[ss->subsys_id] = &state->css;
	return 0;
}

/*
 * The container has been removed, or has never been visible because making it
 * has failed.
 */
static void st_destroy(struct container_subsys *ss, struct container *cont)
{
	struct selftest_state *state = cont_state(ss, cont);

	called_with_mutex(ss, SELFTEST_destroy);
	CHECK(ss, destroy, cont->parent);
	CHECK(ss, destroy, state->magic == MAGIC_LIVE);
	CHECK(ss, destroy, state->css.container == cont);
	CHECK(ss, destroy, atomic_read(&state->css.refcnt) ==
			   !container_is_removed(cont));
	CHECK(ss, destroy, !atomic_read(&state->charged));
	CHECK(ss, destroy, list_empty(&cont->css_groups));
	CHECK(ss, destroy, list_empty(&cont->children));
	if (ss == &selftest_subsys)
		CHECK(ss, destroy, selftest_path_ok(cont));
	state->magic = MAGIC_DEAD;
	atomic_dec(&live);
	kfree(state);
}

static int st_pre_destroy(struct container_subsys *ss, struct container *cont)
{
	called_without_mutex(ss, SELFTEST_pre_destroy);
	CHECK(ss, pre_destroy, cont_state(ss, cont)->magic == MAGIC_LIVE);
	return faulty(SELFTEST_pre_destroy);
}

static void st_post_clone(struct container_subsys *ss, struct container *cont)
{
	called_with_mutex(ss, SELFTEST_post_clone);
	CHECK(ss, post_clone, cont_state(ss, cont)->css.container == cont);
	CHECK(ss, post_clone, list_empty(&cont->sibling));	/* not visible */
}

static void st_bind(struct container_subsys *ss, struct container *top)
{
	called_with_mutex(ss, SELFTEST_bind);
	CHECK(ss, bind, !top->parent);
	CHECK(ss, bind, watched_of(ss)->top.css.container == top);
}

/*
 * Moves.
 */

static int st_can_attach(struct container_subsys *ss, struct container *cont,
			 struct task_struct *task)
{
	int err;

	called_with_mutex(ss, SELFTEST_can_attach);
	CHECK(ss, can_attach, !container_is_removed(cont));
	err = faulty(SELFTEST_can_attach);
	if (!err && task)
		watched_of(ss)->asked++;
	return err;
}

static void st_cancel_attach(struct container_subsys *ss,
			     struct container *cont, struct task_struct *task)
{
	called_with_mutex(ss, SELFTEST_cancel_attach);
	CHECK(ss, cancel_attach, --watched_of(ss)->asked >= 0);
}

/*
 * The task may have left the container again since it was moved, but only by
 * its own exit: then its state is that of the top container.
 */
static void st_attach(struct container_subsys *ss, struct container *cont,
		      struct container *old_cont, struct task_struct *task)
{
	struct container_subsys_state *css;

	called_with_mutex(ss, SELFTEST_attach);
	CHECK(ss, attach, --watched_of(ss)->asked >= 0);
	CHECK(ss, attach, old_cont != cont && old_cont->root == cont->root);
	rcu_read_lock();
	css = task_subsys_state(task, ss->subsys_id);
	CHECK(ss, attach, css->container == cont || (css->flags & CSS_TOP));
	rcu_read_unlock();
}

/*
 * Not called_without_locks(): the task that writes to the file may hold locks
 * that the file system takes for a write.
 */
static void st_post_attach(struct container_subsys *ss)
{
	called_without_mutex(ss, SELFTEST_post_attach);
}

static void st_transfer(struct container_subsys *ss,
			struct container_subsys_state *css,
			struct container_subsys_state *old_css,
			struct task_struct *task)
{
	called_with_tasklist(ss, SELFTEST_transfer);
	CHECK(ss, transfer, css != old_css);
	CHECK(ss, transfer, css_state(css)->magic == MAGIC_LIVE);
}

/* The charges are recorded here.  So this checks that each task counts once. */
static void st_transfer_count(struct container_subsys *ss,
			      struct container_subsys_state *css,
			      struct container_subsys_state *old_css, int count)
{
	called_with_tasklist(ss, SELFTEST_transfer_count);
	CHECK(ss, transfer_count, css != old_css);
	/* The core moves at most 16 tasks with interrupts off. */
	CHECK(ss, transfer_count, count > 0 && count <= 16);
	charge(css, count);
	uncharge(ss, SELFTEST_transfer_count, old_css, count);
}

/*
 * Fork and exit.
 */

static bool st_wants_container(struct container_subsys *ss,
			       struct task_struct *child,
			       unsigned long clone_flags)
{
	called_without_locks(ss, SELFTEST_wants_container);
	CHECK(ss, wants_container, clone_flags & CLONE_FS);
	return faulty(SELFTEST_wants_container);
}

static int st_can_fork(struct container_subsys *ss,
		       struct container_subsys_state *css,
		       struct task_struct *child)
{
	int err;

	called_without_locks(ss, SELFTEST_can_fork);
	CHECK(ss, can_fork, css_state(css)->magic == MAGIC_LIVE);
	CHECK(ss, can_fork, !(css->flags & CSS_TOP));
	CHECK(ss, can_fork, !container_has_joined(child));
	err = faulty(SELFTEST_can_fork);
	if (err)
		return err;
	charge(css, 1);
	return 0;
}

static void st_cancel_fork(struct container_subsys *ss,
			   struct container_subsys_state *css,
			   struct task_struct *child)
{
	called_without_locks(ss, SELFTEST_cancel_fork);
	CHECK(ss, cancel_fork, !(css->flags & CSS_TOP));
	uncharge(ss, SELFTEST_cancel_fork, css, 1);
}

static void st_fork(struct container_subsys *ss, struct task_struct *task)
{
	called_without_locks(ss, SELFTEST_fork);
	CHECK(ss, fork, task != current);
}

static void st_exit(struct container_subsys *ss,
		    struct container_subsys_state *old_css,
		    struct task_struct *task)
{
	called_with_tasklist(ss, SELFTEST_exit);
	CHECK(ss, exit, !(old_css->flags & CSS_TOP));
	rcu_read_lock();	/* the task has left already */
	CHECK(ss, exit, task_subsys_state(task, ss->subsys_id) ==
			&watched_of(ss)->top.css);
	rcu_read_unlock();
	uncharge(ss, SELFTEST_exit, old_css, 1);
}

/*
 * Control files.  Those of selftest are in container_selftest_run.c.
 */

static u64 read_id(struct container *cont, const struct cftype *cft)
{
	return cft->private;
}

static int st_populate(struct container_subsys *ss, struct container *cont)
{
	struct cftype *file = &watched_of(ss)->file;
	int err;

	/*
	 * mkdir calls this without container_mutex, mount and remount with it.
	 */
	called_sleeping(ss, SELFTEST_populate);
	CHECK(ss, populate, cont_state(ss, cont)->magic == MAGIC_LIVE);
	if (ss == &selftest_subsys) {
		err = selftest_add_files(cont);
	} else {
		err = container_add_file(cont, file);
		/* The same name cannot be added twice. */
		CHECK(ss, populate,
		      err || container_add_file(cont, file) == -EEXIST);
	}
	/*
	 * Fail when files are there already, so that they must be taken away.
	 */
	return err ? err : faulty(SELFTEST_populate);
}

/* Set the name of the control file; for all subsystems but selftest. */
static void name_file(struct container_subsys *ss)
{
	struct cftype *file = &watched_of(ss)->file;

	snprintf(file->name, sizeof(file->name), "%s.id", ss->name);
	file->private = ss->subsys_id;
	file->read_uint = read_id;
}

static int st_create_named(struct container_subsys *ss, struct container *cont)
{
	if (!cont->parent)
		name_file(ss);
	return st_create(ss, cont);
}

/*
 * The subsystems.
 */

#define WATCHED(_x, _create, _early)				\
	struct container_subsys _x ## _subsys = {		\
		.name		= #_x,				\
		.subsys_id	= _x ## _subsys_id,		\
		.early_init	= _early,			\
		.create		= _create,			\
		.destroy	= st_destroy,			\
		.pre_destroy	= st_pre_destroy,		\
		.can_attach	= st_can_attach,		\
		.cancel_attach	= st_cancel_attach,		\
		.attach		= st_attach,			\
		.post_attach	= st_post_attach,		\
		.post_clone	= st_post_clone,		\
		.wants_container = st_wants_container,		\
		.clone_flags	= CLONE_FS,			\
		.can_fork	= st_can_fork,			\
		.cancel_fork	= st_cancel_fork,		\
		.transfer	= st_transfer,			\
		.transfer_count	= st_transfer_count,		\
		.fork		= st_fork,			\
		.exit		= st_exit,			\
		.populate	= st_populate,			\
		.bind		= st_bind,			\
	};

WATCHED(selftest, st_create, 1)

#define SUBSYS(_x) WATCHED(_x, st_create_named, 0)
#include <linux/container_selftest_subsys.h>
#undef SUBSYS

#define SUBSYS(_x) &_x ## _subsys,
static struct container_subsys *const all[] = {
	&selftest_subsys,
#include <linux/container_selftest_subsys.h>
};

#undef SUBSYS

/* The interface for the tests. */

/**
 * selftest_state - get the state of "selftest" for a container
 * @cont: a container of its hierarchy
 *
 * Context: the hierarchy keeps its subsystems.
 * Return: the state.
 */
struct selftest_state *selftest_state(struct container *cont)
{
	return cont_state(&selftest_subsys, cont);
}

/**
 * selftest_last_state - get the state of the last selftest subsystem
 * @cont: a container of the hierarchy of "selftest"
 *
 * Context: the hierarchy keeps its subsystems.
 * Return: the state; that of "selftest" if there is no other.
 */
struct selftest_state *selftest_last_state(struct container *cont)
{
	int i = ARRAY_SIZE(all) - 1;

	while (!cont->subsys[all[i]->subsys_id])
		i--;
	return cont_state(all[i], cont);
}

/**
 * selftest_nr_subsys - count the selftest subsystems of a container
 * @cont: the container
 *
 * Context: the hierarchy keeps its subsystems.
 * Return: their number.
 */
int selftest_nr_subsys(struct container *cont)
{
	int nr = 0;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(all); i++)
		nr += !!cont->subsys[all[i]->subsys_id];
	return nr;
}

/**
 * selftest_calls - count the calls of a callback
 * @cb: the callback
 *
 * Context: any.
 * Return: the number of calls by all subsystems together.
 */
int selftest_calls(enum selftest_callback cb)
{
	int sum = 0;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(all); i++)
		sum += calls_of(all[i], cb);
	return sum;
}

/**
 * selftest_live - count the states that exist
 *
 * Context: any.
 * Return: their number, without those of top containers.
 */
int selftest_live(void)
{
	return atomic_read(&live);
}

/**
 * selftest_violations - count the broken promises about a callback
 * @cb: the callback
 *
 * Context: any.
 * Return: their number.
 */
int selftest_violations(enum selftest_callback cb)
{
	return atomic_read(&violations[cb]);
}

/**
 * selftest_check_balance - check that nothing is left unfinished
 * @st: the test
 *
 * Each move that was allowed has either taken place or been cancelled.  For
 * forks see selftest_check_charges() and the checks of st_destroy().
 *
 * Context: no locks; sleeps.
 */
void selftest_check_balance(struct selftest *st)
{
	int i;

	container_lock();
	for (i = 0; i < (int)ARRAY_SIZE(all); i++)
		SELFTEST_EXPECT(st, !watched_of(all[i])->asked);
	container_unlock();
}

/**
 * selftest_check_charges - check that each task is charged once, where it is
 * @st: the test
 *
 * Context: no locks; no task in the container forks.
 */
void selftest_check_charges(struct selftest *st)
{
	int tasks = container_task_count(st->cont);
	struct selftest_state *state;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(all); i++) {
		if (!st->cont->subsys[all[i]->subsys_id])
			continue;
		state = cont_state(all[i], st->cont);
		SELFTEST_EXPECT(st, atomic_read(&state->charged) == tasks);
	}
}

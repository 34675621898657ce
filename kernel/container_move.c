// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: moving tasks.
 *
 * A migration has four phases: collect what is to be moved and all that is
 * needed for it, ask the subsystems, commit, and finish.  Until the commit
 * everything can be undone, after it nothing can fail.
 */

#include <linux/kernel.h>
#include <linux/sort.h>

#include "container_host.h"
#include "container_internal.h"

/*
 * So many tasks move while interrupts are off.  When each comes from another
 * place at the bottom of the tree, that is about 100,000 instructions.
 */
#define COMMIT_TASKS	16

/**
 * struct migration_task - a task to be moved
 * @task: the task, with a reference
 * @src: its css_group, with a reference
 * @dst: its css_group after the move, with a reference; the same as @src
 *	when the task is there already
 * @order: position among the tasks that were asked for
 * @moved: the commit has moved it, so it was not exiting
 */
struct migration_task {
	struct task_struct *task;
	struct css_group *src;
	struct css_group *dst;
	int order;
	bool moved;
};

/**
 * struct migration - tasks on their way to a container
 * @cont: the destination
 * @tasks: the tasks
 * @nr: their number
 * @one: room for @tasks in the common case
 */
struct migration {
	struct container *cont;
	struct migration_task *tasks;
	int nr;
	struct migration_task one;
};

static int migration_init(struct migration *m, struct container *cont, int max)
{
	m->cont = cont;
	m->nr = 0;
	m->tasks = &m->one;
	if (max > 1)
		m->tasks = container_alloc_array(max * sizeof(*m->tasks));
	return m->tasks ? 0 : -ENOMEM;
}

static void migration_drop(struct migration_task *t)
{
	css_group_put(t->dst);
	css_group_put(t->src);
	put_task_struct(t->task);
}

static void migration_release(struct migration *m)
{
	while (m->nr)
		migration_drop(&m->tasks[--m->nr]);
	if (m->tasks != &m->one)
		container_free_array(m->tasks);
}

/* May the opener of @file move @task, as far as the core is concerned? */
static int migration_check(struct task_struct *task, struct file *file)
{
	if (READ_ONCE(task->flags) & PF_EXITING)
		return -ESRCH;
	/* Every kernel thread to come would follow it. */
	if (task == kthreadd_task)
		return -EINVAL;
	if (!container_may_move_task(file, task))
		return -EACCES;
	return 0;
}

/* Where a task goes that is in @src.  Most go where the one before has gone. */
static struct css_group *migration_dst(const struct migration *m,
				       const struct css_group *src)
{
	const struct migration_task *end = &m->tasks[m->nr];

	if (m->nr && end[-1].src == src)
		return css_group_get(end[-1].dst);
	return css_group_find(src, m->cont);
}

/* Take a task, with a reference of its own, and find its css_groups. */
static int migration_add(struct migration *m, struct task_struct *task)
{
	struct migration_task *t = &m->tasks[m->nr];

	t->src = task_css_group_get(task);
	t->dst = migration_dst(m, t->src);
	if (!t->dst) {
		css_group_put(t->src);
		return -ENOMEM;
	}
	get_task_struct(task);
	t->task = task;
	t->order = m->nr++;
	t->moved = false;
	return 0;
}

static int migration_collect_pid(struct migration *m, struct file *file,
				 int pid)
{
	struct task_struct *task = container_find_task(pid);
	int err;

	if (!task)
		return -ESRCH;
	err = migration_check(task, file);
	if (!err)
		err = migration_add(m, task);
	put_task_struct(task);
	return err;
}

static int cmp_task(const void *a, const void *b)
{
	const struct migration_task *x = a, *y = b;

	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	return x->order - y->order;
}

static int cmp_order(const void *a, const void *b)
{
	const struct migration_task *x = a, *y = b;

	return x->order - y->order;
}

/* Is no number there twice?  They come in order from who has read them. */
static bool is_ascending(const int *pids, int count)
{
	int i;

	for (i = 1; i < count; i++)
		if (pids[i] <= pids[i - 1])
			return false;
	/* 0 is a task that has another number, too. */
	return count < 2 || pids[0];
}

/* A task that was asked for twice is to be moved, and charged for, once. */
static void migration_unique(struct migration *m)
{
	struct migration_task *t = m->tasks;
	int i, kept = 1;

	sort(t, m->nr, sizeof(*t), cmp_task, NULL);
	for (i = 1; i < m->nr; i++) {
		if (t[i].task == t[kept - 1].task)
			migration_drop(&t[i]);
		else
			t[kept++] = t[i];
	}
	m->nr = kept;
	sort(t, m->nr, sizeof(*t), cmp_order, NULL);
}

/*
 * Phase 1: look up the tasks, check permission, take references and make the
 * destination css_groups.  Fails with the error of the first bad pid.
 */
static int migration_collect(struct migration *m, struct file *file,
			     const int *pids, int count)
{
	int err;
	int i;

	lockdep_assert_held(&container_mutex);
	if (container_is_removed(m->cont))
		return -ENODEV;
	for (i = 0; i < count; i++) {
		err = migration_collect_pid(m, file, pids[i]);
		if (err)
			return err;
	}
	if (!is_ascending(pids, count))
		migration_unique(m);
	return 0;
}

/* Take back what was allowed before @end, task number @nr_end, was asked. */
static void migration_cancel(struct migration *m, struct container_subsys *end,
			     int nr_end)
{
	struct container_subsys *ss;
	struct migration_task *t;
	int i, nr;

	for_each_subsys(m->cont->root, ss) {
		nr = ss == end ? nr_end : m->nr;
		for (i = 0; ss->cancel_attach && i < nr; i++) {
			t = &m->tasks[i];
			if (t->src != t->dst)
				ss->cancel_attach(ss, m->cont, t->task);
		}
		if (ss == end)
			break;
	}
}

/* Phase 2: ask every subsystem for every task that really moves. */
static int migration_ask(struct migration *m)
{
	struct container_subsys *ss;
	struct migration_task *t;
	int err;
	int i;

	for_each_subsys(m->cont->root, ss) {
		for (i = 0; ss->can_attach && i < m->nr; i++) {
			t = &m->tasks[i];
			if (t->src == t->dst)
				continue;
			err = ss->can_attach(ss, m->cont, t->task);
			if (err) {
				migration_cancel(m, ss, i);
				return err;
			}
		}
	}
	return 0;
}

/*
 * Move one task.  One that has exited meanwhile has left its containers
 * already.  A thread whose execve() has given it the number of its process may
 * have been found by both.  Returns false when there is nothing to do.
 */
static bool relink_task(struct migration_task *t)
{
	struct css_group *now;

	lockdep_assert_held_write(&tasklist_lock);
	if (t->src == t->dst || t->task->exit_state)
		return false;
	now = rcu_dereference_protected(t->task->containers,
					lockdep_is_held(&tasklist_lock));
	if (now != t->src) {
		WARN_ON_ONCE(now != t->dst);
		return false;
	}
	css_group_leave(t->src, t->task);
	css_group_transfer(t->task, t->src, t->dst);
	css_group_join(t->dst, t->task);
	t->moved = true;
	return true;
}

/* Those that go the same way, one after the other, are counted at once. */
static void relink_tasks(struct migration_task *t, struct migration_task *end)
{
	struct migration_task *last = NULL;
	int count = 0;

	for (; t < end; t++) {
		if (!relink_task(t))
			continue;
		if (count && (last->src != t->src || last->dst != t->dst)) {
			css_group_transfer_count(last->src, last->dst, count);
			count = 0;
		}
		last = t;
		count++;
	}
	if (count)
		css_group_transfer_count(last->src, last->dst, count);
}

/*
 * Phase 3, the commit point.  Interrupts are off, so this does nothing but
 * relink, and let what is counted by task follow the task.
 *
 * The time with interrupts off has a bound: a write names as many tasks as it
 * likes, and what follows a task may go up the whole tree.  So many tasks move
 * in pieces, and somebody who looks in between sees some that have moved and
 * some that have not.  Nothing escapes, since it is decided who moves: a child
 * is born where its parent is at that moment, as ever.
 */
static void migration_commit(struct migration *m)
{
	struct migration_task *t = m->tasks;
	struct migration_task *end = t + m->nr;
	struct migration_task *stop;

	for (; t < end; t = stop) {
		stop = end - t > COMMIT_TASKS ? t + COMMIT_TASKS : end;
		write_lock_irq(&tasklist_lock);
		relink_tasks(t, stop);
		write_unlock_irq(&tasklist_lock);
	}
}

/* Phase 4: tell the subsystems. */
static void migration_finish(struct migration *m)
{
	struct container_subsys *ss;
	struct migration_task *t;
	struct container *old;
	int i;

	for_each_subsys(m->cont->root, ss) {
		if (!ss->attach && !ss->cancel_attach)
			continue;
		for (i = 0; i < m->nr; i++) {
			t = &m->tasks[i];
			if (t->src == t->dst)
				continue;
			old = css_group_container(t->src, m->cont->root);
			if (!t->moved && ss->cancel_attach)
				ss->cancel_attach(ss, m->cont, t->task);
			else if (t->moved && ss->attach)
				ss->attach(ss, m->cont, old, t->task);
		}
	}
}

/**
 * container_move_tasks - move tasks into a container, all of them or none
 * @cont: the destination
 * @file: the open file through which this was asked; its opener's rights count
 * @pids: the tasks, 0 for the current one
 * @count: their number, at least 1
 *
 * Context: no locks; sleeps.
 * Return: 0; -ESRCH (no such task, or exiting), -EACCES (neither root nor
 * the owner of the task), -EINVAL (kthreadd), -ENODEV (@cont is removed),
 * -ENOMEM, or what a subsystem's can_attach() says.
 */
int container_move_tasks(struct container *cont, struct file *file,
			 const int *pids, int count)
{
	struct migration m;
	int err;

	/*
	 * Outside of the mutex: getting memory may take as long as those like
	 * who decide about the control group that it is charged to.
	 */
	err = migration_init(&m, cont, count);
	if (err)
		return err;
	container_lock();
	err = migration_collect(&m, file, pids, count);
	if (!err)
		err = migration_ask(&m);
	if (!err) {
		migration_commit(&m);
		migration_finish(&m);
	}
	container_unlock();
	if (!err)
		container_post_attach();
	migration_release(&m);
	return err;
}

/**
 * container_move_current - move the current task, whoever it is
 * @cont: the destination, which may not be visible yet
 *
 * Context: container_mutex; sleeps.
 * Return: 0, -ENOMEM, or what a subsystem's can_attach() says.
 */
int container_move_current(struct container *cont)
{
	struct migration m;
	int err;

	lockdep_assert_held(&container_mutex);
	migration_init(&m, cont, 1);
	err = migration_add(&m, current);
	if (!err)
		err = migration_ask(&m);
	if (!err) {
		migration_commit(&m);
		migration_finish(&m);
	}
	migration_release(&m);
	return err;
}

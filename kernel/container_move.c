// SPDX-License-Identifier: GPL-2.0
/*
 * Process containers: moving tasks.
 *
 * A migration has four phases: collect the tasks and everything that is needed
 * to move them; ask the subsystems; commit; finish.  Before the commit
 * everything can be undone, and after it nothing can fail.
 */

#include <linux/kernel.h>
#include <linux/sort.h>

#include "container_host.h"
#include "container_internal.h"

/*
 * How many tasks are moved in one critical section with interrupts off.  In
 * the worst case, when each task comes from another container at the bottom of
 * the tree, that is about 100,000 instructions.
 */
#define COMMIT_TASKS	16

/**
 * struct migration_task - a task to be moved
 * @task: the task, with a reference
 * @src: the css_group of the task, with a reference
 * @dst: the css_group of the task after the move, with a reference; the same
 *	as @src when the task is in the destination already
 * @order: index among the tasks as the caller listed them
 * @moved: the commit has moved the task, so the task had not exited
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
 * @nr: length of @tasks
 * @one: memory for @tasks when there is only one
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

/* Does the core allow the opener of @file to move @task? */
static int migration_check(struct task_struct *task, struct file *file)
{
	if (READ_ONCE(task->flags) & PF_EXITING)
		return -ESRCH;
	/* Kernel threads that it forks would start in the container. */
	if (task == kthreadd_task)
		return -EINVAL;
	if (!container_may_move_task(file, task))
		return -EACCES;
	return 0;
}

/*
 * The css_group for a task that is in @src now.  Most often it is the same as
 * for the task before, so look there first.
 */
static struct css_group *migration_dst(const struct migration *m,
				       const struct css_group *src)
{
	const struct migration_task *end = &m->tasks[m->nr];

	if (m->nr && end[-1].src == src)
		return css_group_get(end[-1].dst);
	return css_group_find(src, m->cont);
}

/* Add a task, with a reference of its own, and find its css_groups. */
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

/*
 * Is it certain, without sorting, that no pid is listed twice?  Pids that were
 * read from a "tasks" file ascend.
 */
static bool is_ascending(const int *pids, int count)
{
	int i;

	for (i = 1; i < count; i++)
		if (pids[i] <= pids[i - 1])
			return false;
	/* 0 is the current task, which can be listed under its pid as well. */
	return count < 2 || pids[0];
}

/*
 * A task that is listed twice must be moved, and charged, only once.  Sort by
 * task, which puts equal ones side by side with the one listed first in front,
 * keep that one, and sort back into the order of the list.
 */
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
 * css_groups of the destination.  Fails with the error of the first bad pid.
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

/*
 * Undo what can_attach() has allowed: to subsystems before @end for all tasks,
 * and to @end for the first @nr_end tasks.
 */
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

/* Phase 2: ask every subsystem for every task that is not there already. */
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
 * Move one task.  Returns false when there is nothing to do: the task is in
 * the destination already, or it has exited since it was looked up, and has
 * left its containers.
 *
 * Or the task is listed twice, and the other entry has moved it.  A thread T
 * can be found twice when its execve() takes over the pid of its process, L:
 *
 *	this CPU			T
 *	--------			-
 *	finds T by its own pid
 *					execve(): T has the pid L now
 *	finds T by the pid L
 *
 * If the own pid of T is less than L, the list ascends and migration_unique()
 * is not called.  The second can_attach() for T is undone by
 * migration_finish().
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

/* Relink tasks.  Neighbours that go the same way are counted together. */
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
 * Phase 3, the commit point.  Interrupts are off, so this only relinks the
 * tasks, and calls transfer() and transfer_count().
 *
 * The time with interrupts off must have a bound, but a write can name any
 * number of tasks, and transfer() of one task may go up the whole tree.  So
 * many tasks are moved in several critical sections, and a reader that comes
 * in between sees that some have moved and some have not.  No task escapes by
 * this: which tasks move has been decided, and a child is born where its
 * parent is at that moment, as always.
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

/* Phase 4: tell the subsystems what has been moved, and what has not. */
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
 * @file: the open file that was written to; the rights of its opener count
 * @pids: the pids of the tasks, 0 for the current task
 * @count: length of @pids, at least 1
 *
 * Context: no locks; sleeps.
 * Return: 0; -ESRCH (no such task, or it is exiting), -EACCES (the opener is
 * neither root nor the owner of the task), -EINVAL (kthreadd), -ENODEV (@cont
 * is removed), -ENOMEM, or the error of a can_attach() callback.
 */
int container_move_tasks(struct container *cont, struct file *file,
			 const int *pids, int count)
{
	struct migration m;
	int err;

	/*
	 * Allocate before container_mutex is taken: the memory is charged to a
	 * memory control group, and the limit of that can make the allocation
	 * wait for any length of time.
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
 * container_move_current - move the current task, without a permission check
 * @cont: the destination, which may not be visible yet
 *
 * Context: container_mutex; sleeps.
 * Return: 0, -ENOMEM, or the error of a can_attach() callback.
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

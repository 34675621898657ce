// SPDX-License-Identifier: GPL-2.0
/*
 * CONFIG_CONTAINER_SELFTEST: the tests that run inside the kernel.
 *
 * Each test is one function, which reports as many results as the table at the
 * end of this file says.  Some tests need activity in the meantime: containers
 * that are made and removed, tasks that fork and are moved.  The program that
 * writes to selftest.run provides it.  What is needed is described above each
 * test; "the writer" is this program.
 */

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#ifdef CONFIG_CONTAINER_OWNER
#include <linux/container_owner.h>
#endif

#include "container_selftest.h"	/* must be the last header */

/* The minimum and the maximum time for which a test keeps the load running. */
#define STORM		(3 * HZ / 2)
#define STORM_MAX	(20 * HZ)

/* Run the load any longer?  On a busy host it takes longer to see enough. */
static bool go_on(unsigned long start, bool enough)
{
	return time_before(jiffies, start + STORM) ||
	       (!enough && time_before(jiffies, start + STORM_MAX));
}

/*
 * Wait until the states that were made are destroyed again, except for @left of
 * them.
 */
static bool wait_destroyed(int left)
{
	int tries;

	for (tries = 0; tries < 5 * HZ; tries++) {
		if (selftest_live() == left)
			return true;
		schedule_timeout_uninterruptible(1);
	}
	return false;
}

/*
 * references: css_tryget() while containers are removed.
 *
 * The writer has another task make and remove containers below this one.  One
 * thread calls css_tryget() for the first subsystem in a loop.  Another one
 * holds references of the last subsystem and sleeps.  So a removal has to undo
 * what it has already done, and the first thread must not notice this.
 */

/**
 * struct hammer - a thread that takes and drops references
 * @parent: references to containers below this one
 * @last: use the last subsystem, and sleep while holding a reference
 * @thread: the thread
 * @got: number of times that css_tryget() has succeeded
 * @refused: number of times that css_tryget() has failed
 * @got_removed: it succeeded although the container was removed
 * @refused_live: it failed although the container was not removed
 * @freed: the state was destroyed before the end of a grace period
 */
struct hammer {
	struct container *parent;
	bool last;
	struct task_struct *thread;
	int got;
	int refused;
	int got_removed;
	int refused_live;
	int freed;
};

static struct container *get_youngest(struct container *parent)
{
	struct container *cont = NULL;

	container_lock();
	if (!list_empty(&parent->children))
		cont = get_container(list_entry(parent->children.prev,
						struct container, sibling));
	container_unlock();
	return cont;
}

static bool hammer_once(struct hammer *h, struct container *cont,
			struct container_subsys_state *css)
{
	if (!css_tryget(css))
		return false;
	h->got++;
	if (h->last)
		schedule_timeout_uninterruptible(1);
	h->got_removed += container_is_removed(cont);
	css_put(css);
	return true;
}

/*
 * A thread that is preempted while it has a reference would keep it for long,
 * so disable preemption.
 */
static bool hammer_many(struct hammer *h, struct container *cont,
			struct container_subsys_state *css)
{
	bool got = true;
	int i;

	preempt_disable();
	for (i = 0; got && i < 100; i++) {
		got = hammer_once(h, cont, css);
		cpu_relax();	/* mostly no reference is held */
	}
	preempt_enable();
	return got;
}

/* Take and drop references until the container is removed. */
static void hammer_container(struct hammer *h, struct container *cont)
{
	struct container_subsys_state *css = h->last ?
		&selftest_last_state(cont)->css : &selftest_state(cont)->css;
	bool alone = num_online_cpus() == 1;
	unsigned long start = jiffies;
	bool got = true;

	while (got && !kthread_should_stop()) {
		got = h->last ? hammer_once(h, cont, css) :
				hammer_many(h, cont, css);
		/* let others run, so that the container can be removed */
		if (h->last || (alone && time_after(jiffies, start))) {
			schedule_timeout_interruptible(1 + h->last);
			start = jiffies;
		}
	}
	if (got)
		return;
	h->refused++;
	container_lock();	/* removal takes two steps */
	h->refused_live += !container_is_removed(cont);
	container_unlock();
}

/*
 * Drop the reference to a removed container, and check for 20 ms that its state
 * is not destroyed: it has to stay for a grace period, which cannot end before
 * rcu_read_unlock().  Meanwhile the other thread notices the removal and drops
 * the last reference.
 */
static void hammer_watch(struct hammer *h, struct container *cont)
{
	struct selftest_state *state = selftest_last_state(cont);
	unsigned int magic = state->magic;
	int i;

	rcu_read_lock();
	put_container(cont);
	for (i = 0; i < 4000 && READ_ONCE(state->magic) == magic; i++)
		udelay(5);
	h->freed += i < 4000;
	rcu_read_unlock();
}

static int hammer_thread(void *data)
{
	struct hammer *h = data;
	struct container *cont;

	while (!kthread_should_stop()) {
		cont = get_youngest(h->parent);
		if (cont) {
			hammer_container(h, cont);
			if (!h->last && h->refused % 4 == 1)
				hammer_watch(h, cont);
			else
				put_container(cont);
		} else {
			schedule_timeout_interruptible(1);
		}
	}
	return 0;
}

static void test_references(struct selftest *st)
{
	struct hammer h[2];
	unsigned long start = jiffies;
	int i;

	memset(h, 0, sizeof(h));
	for (i = 0; i < 2; i++) {
		h[i].parent = st->cont;
		h[i].last = i;
		h[i].thread = kthread_run(hammer_thread, &h[i], "ct-hammer");
		SELFTEST_EXPECT(st, !IS_ERR(h[i].thread));
	}
	while (go_on(start, h[0].refused > 10 && h[1].refused > 10))
		schedule_timeout_uninterruptible(1);
	for (i = 0; i < 2; i++)
		if (!IS_ERR(h[i].thread))
			kthread_stop(h[i].thread);
	pr_info("container-selftest: # got %d and %d, refused %d and %d\n",
		h[0].got, h[1].got, h[0].refused, h[1].refused);
	SELFTEST_EXPECT(st, h[0].refused > 10 && h[1].refused > 10);
	SELFTEST_EXPECT(st, h[0].got > 100 && h[1].got > 10);
	selftest_report(st, "hammered");
	SELFTEST_EXPECT(st, !h[0].got_removed && !h[1].got_removed);
	selftest_report(st, "a_reference_keeps_from_removal");
	SELFTEST_EXPECT(st, !h[0].refused_live && !h[1].refused_live);
	selftest_report(st, "refused_only_once_removed");
	SELFTEST_EXPECT(st, !h[0].freed);
	selftest_report(st, "there_for_a_grace_period");
}

/* underflow: one css_put() too many is caught, with a warning. */

static void test_underflow(struct selftest *st)
{
	struct container_subsys_state *css = &selftest_state(st->cont)->css;

	SELFTEST_EXPECT(st, !(css->flags & CSS_TOP));
	SELFTEST_EXPECT(st, atomic_read(&css->refcnt) == 1);
	css_put(css);
	SELFTEST_EXPECT(st, atomic_read(&css->refcnt) == 1);
	SELFTEST_EXPECT(st, css_tryget(css));
	css_put(css);
	selftest_report(st, "a_put_too_much_changes_nothing");
}

/*
 * iterator: walks over the tasks of a container during fork, exit and moves.
 *
 * The writer makes tasks that fork, exit, and move in and out.
 */

#define WALK_MAX	4096

static bool is_in(struct task_struct *task, struct container *cont)
{
	return !task->exit_state &&
	       css_group_container(container_locked_group(task),
				   cont->root) == cont;
}

/**
 * struct walk - the result of a walk
 * @seen: the tasks; later only their addresses may be used
 * @nr: their number
 * @nr_there: number of tasks that were in the container at that moment
 * @strangers: number of tasks seen that were not in it
 */
struct walk {
	struct task_struct **seen;
	int nr;
	int nr_there;
	int strangers;
};

static void walk(struct container *cont, struct walk *w)
{
	struct task_struct *g, *p, *task;
	struct container_iter it;

	w->nr = 0;
	w->nr_there = 0;
	w->strangers = 0;
	container_iter_start(cont, &it);
	while (w->nr < WALK_MAX && (task = container_iter_next(&it))) {
		w->seen[w->nr++] = task;
		w->strangers += !is_in(task, cont);
	}
	container_for_each_thread(g, p)
		w->nr_there += is_in(p, cont);
	container_iter_end(&it);
}

static int cmp_address(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a;
	unsigned long y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

static bool seen_twice(struct walk *w)
{
	int i;

	sort(w->seen, w->nr, sizeof(w->seen[0]), cmp_address, NULL);
	for (i = 1; i < w->nr; i++)
		if (w->seen[i] == w->seen[i - 1])
			return true;
	return false;
}

static void test_iterator(struct selftest *st)
{
	unsigned long start = jiffies;
	int walks = 0, most = 0, changes = 0, last = -1;
	int twice = 0, incomplete = 0, strangers = 0, endless = 0;
	struct container *cont = st->cont;
	struct walk w;

	w.seen = container_alloc_array(WALK_MAX * sizeof(w.seen[0]));
	SELFTEST_EXPECT(st, w.seen);
	while (w.seen && go_on(start, walks > 100 && changes > 10)) {
		walk(walks++ % 4 ? cont : cont->top_container, &w);
		endless += w.nr == WALK_MAX;
		incomplete += w.nr != w.nr_there;
		strangers += w.strangers;
		twice += seen_twice(&w);
		most = max(most, w.nr);
		changes += w.nr != last;
		last = w.nr;
		cond_resched();
	}
	container_free_array(w.seen);
	pr_info("container-selftest: # %d walks, up to %d tasks\n", walks,
		most);
	SELFTEST_EXPECT(st, walks > 100 && changes > 10);
	SELFTEST_EXPECT(st, !endless);
	selftest_report(st, "walks_end");
	SELFTEST_EXPECT(st, !twice);
	selftest_report(st, "no_task_twice");
	SELFTEST_EXPECT(st, !incomplete);
	selftest_report(st, "no_task_left_out");
	SELFTEST_EXPECT(st, !strangers);
	selftest_report(st, "no_task_from_elsewhere");
}

/*
 * path: container_path() with buffers of every length, while the container is
 * renamed.
 *
 * The writer renames this container, which is a child of the top container,
 * between "ab" and "longer-name".
 */

#define PATH_ROOM	128

/* Are all bytes of the buffer from @from on unchanged? */
static bool untouched(const char *buf, int from)
{
	int i;

	for (i = max(from, 0); i < PATH_ROOM; i++)
		if (buf[i] != '#')
			return false;
	return true;
}

/**
 * selftest_path_ok - does container_path() respect the length of the buffer?
 * @cont: a container whose path fits into PATH_ROOM bytes and does not change
 *
 * Context: any.
 * Return: true when it does, for every length.
 */
bool selftest_path_ok(const struct container *cont)
{
	char full[PATH_ROOM], buf[PATH_ROOM];
	int len, n, err;

	if (container_path(cont, full, sizeof(full)))
		return false;
	len = strlen(full) + 1;
	for (n = -1; n <= min(len + 2, PATH_ROOM); n++) {
		memset(buf, '#', sizeof(buf));
		err = container_path(cont, buf, n);
		if (!untouched(buf, n))
			return false;
		if (n < len && err != -ENAMETOOLONG)
			return false;
		if (n >= len && (err || strcmp(buf, full)))
			return false;
	}
	return full[0] == '/';
}

static void test_path(struct selftest *st)
{
	unsigned long start = jiffies;
	int torn = 0, shorter = 0, longer = 0, n = 0, err;
	char buf[PATH_ROOM];

	SELFTEST_EXPECT(st, selftest_path_ok(st->cont->top_container));
	selftest_report(st, "path_of_the_top");
	while (go_on(start, shorter > 10 && longer > 10)) {
		memset(buf, '#', sizeof(buf));
		n = (n + 1) % 16;
		err = container_path(st->cont, buf, n);
		if (!err && !strcmp(buf, "/ab"))
			shorter++;
		else if (!err && !strcmp(buf, "/longer-name"))
			longer++;
		else if (!err || err != -ENAMETOOLONG || n >= 13)
			torn++;
		torn += !untouched(buf, n);
		cond_resched();
	}
	pr_info("container-selftest: # %d short paths, %d long ones\n",
		shorter, longer);
	SELFTEST_EXPECT(st, shorter > 10 && longer > 10);
	SELFTEST_EXPECT(st, !torn);
	selftest_report(st, "path_against_rename");
}

/* clone: container_clone() of the current task, with a failure at each step. */

/*
 * Let the @nth call of @cb fail.  The clone must fail and leave nothing behind.
 */
static void clone_fails(struct selftest *st, enum selftest_callback cb, int nth)
{
	struct css_group *group = rcu_access_pointer(current->containers);
	int count = st->cont->root->number_of_containers;

	selftest_set_fault(cb, nth, ENOSPC);
	SELFTEST_EXPECT(st, container_clone(current, &selftest_subsys) ==
			    -ENOSPC);
	selftest_set_fault(cb, 0, 0);
	SELFTEST_EXPECT(st, rcu_access_pointer(current->containers) ==
			    group);
	SELFTEST_EXPECT(st, st->cont->root->number_of_containers == count);
	SELFTEST_EXPECT(st, list_empty(&st->cont->children));
}

static void clone_fails_everywhere(struct selftest *st,
				   enum selftest_callback cb, const char *name)
{
	int others = st->cont->root->number_of_containers - 1;
	int nth;

	for (nth = 1; nth <= selftest_nr_subsys(st->cont); nth++)
		clone_fails(st, cb, nth);
	SELFTEST_EXPECT(st, nth > 2);
	SELFTEST_EXPECT(st, wait_destroyed(others * selftest_nr_subsys(st->cont)));
	selftest_report(st, name);
}

/*
 * Without a failure the clone succeeds.  The container remains; the writer has
 * to remove it.
 */
static void clone_succeeds(struct selftest *st)
{
	int post = selftest_calls(SELFTEST_post_clone);

	SELFTEST_EXPECT(st, !container_clone(current, &selftest_subsys));
	SELFTEST_EXPECT(st, selftest_calls(SELFTEST_post_clone) ==
			    post + selftest_nr_subsys(st->cont));
	container_lock();
	SELFTEST_EXPECT(st, !list_empty(&st->cont->children));
	rcu_read_lock();
	SELFTEST_EXPECT(st, task_container(current, selftest_subsys_id) !=
			    st->cont);
	rcu_read_unlock();
	SELFTEST_EXPECT(st, !container_move_current(st->cont));
	container_unlock();
	selftest_report(st, "clone_with_nothing_failing");
}

/*
 * The writer is in the container, which has no children.  No other hierarchy
 * exists.
 */
static void test_clone(struct selftest *st)
{
	clone_fails_everywhere(st, SELFTEST_create, "clone_without_create");
	clone_fails_everywhere(st, SELFTEST_populate, "clone_without_populate");
	clone_fails_everywhere(st, SELFTEST_can_attach,
			       "clone_without_can_attach");
	clone_succeeds(st);
}

/*
 * acting, not_acting, acting_no_more: set_current_container().
 *
 * The test lets the writer, which is in this container, act for the youngest
 * container below it, and return to user space like that, which kernel code
 * must not do otherwise.  There the writer forks and exits, and a child checks
 * which container it acts for.  The directory of the youngest container keeps
 * that container alive.
 */

#ifdef CONFIG_CONTAINER_OWNER
static void expect_acting_for(struct selftest *st, struct container *cont)
{
	struct container *got = get_current_container();

	SELFTEST_EXPECT(st, cont);
	SELFTEST_EXPECT(st, got == cont);
	put_container(got);
	rcu_read_lock();
	SELFTEST_EXPECT(st, current_container() == cont);
	SELFTEST_EXPECT(st, task_container(current, owner_subsys_id) ==
			    st->cont);
	rcu_read_unlock();
}

static void test_acting(struct selftest *st)
{
	struct container *other = get_youngest(st->cont);
	struct container *top = st->cont->top_container;
	struct container *old;

	expect_acting_for(st, st->cont);
	SELFTEST_EXPECT(st, !set_current_container(other));
	expect_acting_for(st, other);
	selftest_report(st, "acts_for_another_and_stays");
	SELFTEST_EXPECT(st, set_current_container(top) == other);
	expect_acting_for(st, top);
	old = set_current_container(other);
	SELFTEST_EXPECT(st, old && !container_id(old));
	expect_acting_for(st, other);
	SELFTEST_EXPECT(st, set_current_container(old) == other);
	expect_acting_for(st, top);
	SELFTEST_EXPECT(st, set_current_container(other) == old);
	expect_acting_for(st, other);
	selftest_report(st, "nested");
	if (other)
		put_container(other);
}

static void test_not_acting(struct selftest *st)
{
	expect_acting_for(st, st->cont);
	SELFTEST_EXPECT(st, !set_current_container(NULL));
	selftest_report(st, "acts_for_its_own");
}

static void test_acting_no_more(struct selftest *st)
{
	struct container *other = get_youngest(st->cont);

	expect_acting_for(st, other);
	SELFTEST_EXPECT(st, set_current_container(NULL) == other);
	expect_acting_for(st, st->cont);
	selftest_report(st, "acts_for_its_own_again");
	if (other)
		put_container(other);
}
#endif

/*
 * callbacks: has every callback been called, and every promise been kept?
 *
 * The writer must have caused a call of every callback, or the test fails.
 */

/* Wait, since a removed container is destroyed a moment later. */
static bool is_called(int cb)
{
	int i;

	for (i = 0; !selftest_calls(cb) && i < 100; i++)
		schedule_timeout_uninterruptible(HZ / 50);
	return selftest_calls(cb) > 0;
}

static void test_callbacks(struct selftest *st)
{
	int cb;

	for (cb = 0; cb < SELFTEST_NR_CALLBACKS; cb++) {
		SELFTEST_EXPECT(st, is_called(cb));
		SELFTEST_EXPECT(st, !selftest_violations(cb));
		selftest_report(st, selftest_callback_names[cb]);
	}
	selftest_check_balance(st);
	selftest_report(st, "what_was_begun_is_over");
	selftest_check_charges(st);
	selftest_report(st, "tasks_are_charged_where_they_are");
}

/*
 * pin, let_go: the release of many containers does not block other work.
 *
 * The writer makes PINNED containers below this one, runs "pin", which takes a
 * reference on each of them, removes them, and runs "let_go".  This drops the
 * references with container_mutex held, so that no container can be freed yet,
 * and then checks that the work queue of the system still does other work.
 */

/* More work items than any work queue runs at the same time. */
#define PINNED		1100

static struct container *pinned[PINNED];
static struct completion others_ran;
static struct delayed_work others[NR_CPUS];

static void other_work(struct work_struct *work)
{
	complete(&others_ran);
}

static void test_pin(struct selftest *st)
{
	struct container *child;
	int n = 0;

	container_lock();
	list_for_each_entry(child, &st->cont->children, sibling)
		if (n < PINNED && !pinned[n])
			pinned[n++] = get_container(child);
	container_unlock();
	SELFTEST_EXPECT(st, n == PINNED);
	selftest_report(st, "pinned");
}

/* Queue work on each CPU.  Returns on how many of @nr_cpus CPUs it has run. */
static int do_others(int nr_cpus)
{
	int cpu, n = 0;

	init_completion(&others_ran);
	for_each_online_cpu(cpu) {
		INIT_DELAYED_WORK(&others[cpu], other_work);
		schedule_delayed_work_on(cpu, &others[cpu], 0);
	}
	while (n < nr_cpus &&
	       wait_for_completion_timeout(&others_ran, 10 * HZ))
		n++;
	return n;
}

static void test_let_go(struct selftest *st)
{
	int nr_cpus = num_online_cpus();
	int i, n;

	container_lock();
	for (i = 0; i < PINNED; i++) {
		if (pinned[i])
			put_container(pinned[i]);
		pinned[i] = NULL;
	}
	rcu_barrier();	/* against the rule; all get queued */
	n = do_others(nr_cpus);
	SELFTEST_EXPECT(st, n == nr_cpus);
	container_unlock();
	for (; n < nr_cpus; n++)
		wait_for_completion(&others_ran);
	SELFTEST_EXPECT(st, wait_destroyed(0));
	selftest_report(st, "others_work");
}

/* The table of tests. */

const struct selftest_entry selftest_table[] = {
	{ "references", 4, test_references },
	{ "underflow", 1, test_underflow },
	{ "iterator", 4, test_iterator },
	{ "path", 2, test_path },
	{ "pin", 1, test_pin },
	{ "let_go", 1, test_let_go },
	{ "clone", 4, test_clone },
#ifdef CONFIG_CONTAINER_OWNER
	{ "acting", 2, test_acting },
	{ "not_acting", 1, test_not_acting },
	{ "acting_no_more", 1, test_acting_no_more },
#endif
	{ "callbacks", SELFTEST_NR_CALLBACKS + 2, test_callbacks },
	{ NULL, 0, NULL },
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Container subsystem "cpuacct": shows how much CPU time tasks use.
 *
 *	cpuacct.usage	CPU time used so far, in nanoseconds
 *	cpuacct.load	percent of the last 10 seconds; 100 is one CPU
 *
 * Both count the tasks of a container and of all containers below it.  The top
 * container counts all tasks except the idle tasks, since the mount.  While
 * cpuacct is not mounted nothing is charged.
 *
 * What is charged is exactly what the kernel adds to the times of a task, at
 * the same place and in the same amounts: see container_charge_cputime().  So
 * the usage is the sum of what getrusage() and /proc/<pid>/stat show for the
 * tasks.  Time is charged to the container that the task is in at that moment.
 * A kernel that adds time late makes up for it before a task moves and when a
 * task exits: see container_settle_cputime().
 *
 * Each CPU has its own counters for each container, and only this CPU writes
 * them.  So no lock and no locked instruction is needed, and no cache line is
 * written by several CPUs.  A reader adds up the counters of all CPUs.
 *
 * See Documentation/container-cpuacct.txt.
 */

#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/time.h>

#include <asm/local.h>

#include <linux/container_cpuacct.h>
#include "container_host.h"
#include <linux/container.h>

/*
 * The load covers so many whole seconds.  The current second is not included.
 */
#define LOAD_SECONDS	10

/* One more slot is being filled, and one lets a slow reader finish. */
#define LOAD_SLOTS	(LOAD_SECONDS + 2)

/*
 * A slot holds the time used in one second.  Its upper bits hold the number of
 * this second.  So both change with one store, and old slots need not be
 * cleared.
 */
#define SLOT_NS_BITS	40
#define SLOT_NS_MASK	((1UL << SLOT_NS_BITS) - 1)

/*
 * The most that is added to a slot at once.  It is more than one CPU can use
 * between two ticks, and far below an overflow of the slot.
 */
#define SLOT_NS_MAX	((u64)LOAD_SECONDS * NSEC_PER_SEC)

/**
 * struct cpuacct_cpu - the counters of one CPU for a container
 * @usage: nanoseconds
 * @slots: nanoseconds in each of the last seconds
 *
 * Only this CPU writes them, with interrupts off.  Others may read them at any
 * time: each field is one word.
 */
struct cpuacct_cpu {
	local_t usage;
	local_t slots[LOAD_SLOTS];
} ____cacheline_aligned_in_smp;

/**
 * struct cpuacct - the state of a container
 * @css: the part that the core uses
 * @parent: the state of the container above, which lives longer; NULL in the
 *	top container (I)
 * @cpus: the counters of each CPU; see struct cpuacct_cpu (I)
 * @usage_before: what all CPUs had counted before the mount, which is not
 *	shown; 0 except in the top container.  Written under container_mutex
 * @load_since: the second of the mount; earlier ones are not shown.  Written as
 *	@usage_before
 * @load_before: what all CPUs had counted in that second before the mount;
 *	written as @usage_before
 *
 * A new mount does not reset the counters, since each can be written only by
 * its own CPU.
 */
struct cpuacct {
	struct container_subsys_state css;
	struct cpuacct *parent;
	struct cpuacct_cpu __percpu *cpus;
	u64 usage_before;
	unsigned long load_since;
	u64 load_before;
};

static struct cpuacct top_cpuacct;

DEFINE_CONTAINER_SWITCH(container_charges_cputime);

static struct cpuacct *css_cpuacct(struct container_subsys_state *css)
{
	return container_of(css, struct cpuacct, css);
}

static struct cpuacct *cont_cpuacct(struct container *cont)
{
	return css_cpuacct(container_subsys_state(cont, cpuacct_subsys_id));
}

/*
 * The counters.
 */

static unsigned long this_second(void)
{
	return jiffies / HZ;
}

static unsigned long slot_stamp(unsigned long second)
{
	return second << SLOT_NS_BITS;
}

static void slot_add(local_t *slot, unsigned long stamp, unsigned long ns)
{
	unsigned long val = local_read(slot);

	if ((val ^ stamp) & ~SLOT_NS_MASK)
		val = stamp;	/* the slot is of an earlier second */
	local_set(slot, val + ns);
}

/*
 * Charge @ca and the containers above it, but not @end and what is above that.
 *
 * Interrupts are off.  Nothing else is needed, since nobody else writes the
 * counters of this CPU.  The caller keeps @ca, and this keeps those above it.
 */
static void charge(struct cpuacct *ca, const struct cpuacct *end, u64 ns)
{
	unsigned long second = this_second();
	unsigned long stamp = slot_stamp(second);
	unsigned long slot_ns = min_t(u64, ns, SLOT_NS_MAX);
	unsigned int slot = second % LOAD_SLOTS;
	int cpu = smp_processor_id();
	struct cpuacct_cpu *counts;

	lockdep_assert_irqs_disabled();
	for (; ca != end; ca = ca->parent) {
		counts = per_cpu_ptr(ca->cpus, cpu);
		local_add(ns, &counts->usage);
		slot_add(&counts->slots[slot], stamp, slot_ns);
	}
}

/* Returns the time that all CPUs have used in one second. */
static u64 usage_in(struct cpuacct *ca, unsigned long second)
{
	unsigned long val;
	u64 ns = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		val = local_read(&per_cpu_ptr(ca->cpus, cpu)->slots[second %
								    LOAD_SLOTS]);
		if (!((val ^ slot_stamp(second)) & ~SLOT_NS_MASK))
			ns += val & SLOT_NS_MASK;
	}
	return ns;
}

/*
 * Returns the time that all CPUs have used in the LOAD_SECONDS seconds before
 * the start of @second.
 */
static u64 recent_usage(struct cpuacct *ca, unsigned long second)
{
	unsigned long since = READ_ONCE(ca->load_since);
	u64 before = READ_ONCE(ca->load_before);
	u64 ns = 0, used;
	int i;

	for (i = 0; i < LOAD_SECONDS && second > since; i++) {
		second--;
		used = usage_in(ca, second);
		/*
		 * During a mount @since and @before may belong to two different
		 * mounts, so do not go below 0.
		 */
		if (second == since)
			used -= min(used, before);
		ns += used;
	}
	return ns;
}

/*
 * Tasks.
 */

/**
 * __container_charge_cputime - see container_charge_cputime()
 * @task: the task, which runs or has just run
 * @cputime: how long it has run, in the unit in which this kernel counts
 *
 * Idle tasks are not counted.  There are no other tasks until container_init()
 * is done.
 *
 * Context: interrupts off; perhaps with the lock of a run queue.
 */
void __container_charge_cputime(struct task_struct *task, u64 cputime)
{
	struct container_subsys_state *css;

	/*
	 * Read the pid once.  Idle tasks have pid 0.  The pid of another task
	 * can change: a thread that calls execve() takes over the pid of the
	 * leader.
	 */
	if (!READ_ONCE(task->pid))
		return;
	rcu_read_lock();
	css = task_subsys_state(task, cpuacct_subsys_id);
	charge(css_cpuacct(css), NULL, container_cputime_to_ns(cputime));
	rcu_read_unlock();
}

/*
 * Used only where CONTAINER_CPUTIME_LAGS is 1.  What is added to the times of
 * the task is still charged to the container that the task is leaving.
 */
static void cpuacct_transfer(struct container_subsys *ss,
			     struct container_subsys_state *css,
			     struct container_subsys_state *old_css,
			     struct task_struct *task)
{
	container_settle_cputime(task);
}

/*
 * Used only where CONTAINER_CPUTIME_LAGS is 1.
 *
 * The task already belongs to the top container, so only this is charged by
 * container_settle_cputime().  Charge the containers that the task has left as
 * well.
 */
static void cpuacct_exit(struct container_subsys *ss,
			 struct container_subsys_state *old_css,
			 struct task_struct *task)
{
	struct cpuacct *ca = css_cpuacct(old_css);
	unsigned long flags;
	u64 ns;

	ns = container_settle_cputime(task);
	/* On PREEMPT_RT tasklist_lock does not disable interrupts. */
	local_irq_save(flags);
	charge(ca, &top_cpuacct, ns);
	local_irq_restore(flags);
}

/*
 * Life cycle.
 */

static int cpuacct_create(struct container_subsys *ss, struct container *cont)
{
	struct cpuacct *ca = &top_cpuacct;

	if (cont->parent) {
		ca = container_state_alloc(sizeof(*ca));
		if (!ca)
			return -ENOMEM;
		ca->parent = cont_cpuacct(cont->parent);
	}
	ca->cpus = container_alloc_percpu(struct cpuacct_cpu);
	if (!ca->cpus) {
		if (cont->parent)
			kfree(ca);
		return -ENOMEM;
	}
	cont->subsys[cpuacct_subsys_id] = &ca->css;
	return 0;
}

static void cpuacct_destroy(struct container_subsys *ss,
			    struct container *cont)
{
	struct cpuacct *ca = cont_cpuacct(cont);

	free_percpu(ca->cpus);
	kfree(ca);
}

static u64 all_usage(struct cpuacct *ca)
{
	u64 ns = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		ns += local_read(&per_cpu_ptr(ca->cpus, cpu)->usage);
	return ns;
}

/*
 * The top container starts to count at the mount.  Its counters already have
 * what was charged during earlier mounts, and since this mount has begun to
 * charge, a little earlier.  So remember what they are now.  All other
 * containers are made later and start with 0.
 */
static void cpuacct_bind(struct container_subsys *ss, struct container *top)
{
	unsigned long second = this_second();
	u64 ns = all_usage(&top_cpuacct);

	WRITE_ONCE(top_cpuacct.load_before, usage_in(&top_cpuacct, second));
	WRITE_ONCE(top_cpuacct.load_since, second);
	smp_mb();	/* pairs with read_usage() */
	WRITE_ONCE(top_cpuacct.usage_before, ns);
}

/*
 * Files.
 */

static u64 read_usage(struct container *cont, const struct cftype *cft)
{
	struct cpuacct *ca = cont_cpuacct(cont);
	u64 before = READ_ONCE(ca->usage_before);

	/*
	 * Pairs with the smp_mb() in cpuacct_bind(): the counters that are read
	 * here include what was counted in @before, so the difference is not
	 * negative.
	 */
	smp_rmb();
	return all_usage(ca) - before;
}

static u64 read_load(struct container *cont, const struct cftype *cft)
{
	struct cpuacct *ca = cont_cpuacct(cont);
	u64 one_percent = (u64)LOAD_SECONDS * NSEC_PER_SEC / 100;
	u64 ns = recent_usage(ca, this_second());

	return (ns + one_percent / 2) / one_percent;
}

static const struct cftype files[] = {
	{
		.name		= "cpuacct.usage",
		.read_uint	= read_usage,
	},
	{
		.name		= "cpuacct.load",
		.read_uint	= read_load,
	},
	{ }
};

struct container_subsys cpuacct_subsys = {
	.name		= "cpuacct",
	.subsys_id	= cpuacct_subsys_id,
	.create		= cpuacct_create,
	.destroy	= cpuacct_destroy,
	.transfer	= CONTAINER_CPUTIME_LAGS ? cpuacct_transfer : NULL,
	.exit		= CONTAINER_CPUTIME_LAGS ? cpuacct_exit : NULL,
	.files		= files,
	.bind		= cpuacct_bind,
	.when_mounted	= &container_charges_cputime,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Container subsystem "cpuacct": shows how much CPU time tasks use.
 *
 *	cpuacct.usage	CPU time used so far, in nanoseconds
 *	cpuacct.load	percent of the last 10 seconds; 100 is one CPU
 *
 * Both are about the tasks of a container and of all containers below it; in
 * the top container about all tasks but the idle ones, from the mount on.  Where
 * cpuacct is not mounted nothing is charged.
 *
 * What is charged is what the kernel adds to the times of a task, at the same
 * place and in the same amounts: see container_charge_cputime().  So usage is
 * the sum of what getrusage() and /proc/<pid>/stat say of the tasks.  It is
 * charged to where the task is just then.  A kernel that adds time late makes
 * up for it before a task moves and when it exits: see
 * container_settle_cputime().
 *
 * Each CPU has counters of its own for each container, which nobody else
 * writes.  So there is no lock and no locked instruction, and no cache line
 * that CPUs fight over.  Readers add up what all CPUs have.
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

/* The load is about that many whole seconds, which end with the last one. */
#define LOAD_SECONDS	10

/* One more is being filled, and one lets a slow reader finish. */
#define LOAD_SLOTS	(LOAD_SECONDS + 2)

/*
 * A slot holds the time used in one second.  The number of that second is in
 * its upper bits, so that both change at once and no slot needs clearing.
 */
#define SLOT_NS_BITS	40
#define SLOT_NS_MASK	((1UL << SLOT_NS_BITS) - 1)

/* No lower than what one CPU can use between two ticks, far from overflow. */
#define SLOT_NS_MAX	((u64)LOAD_SECONDS * NSEC_PER_SEC)

/**
 * struct cpuacct_cpu - what one CPU has counted for a container
 * @usage: nanoseconds
 * @slots: nanoseconds for each of the last seconds
 *
 * Only that CPU writes, with interrupts off.  Others may read at any time:
 * each field is one word.
 */
struct cpuacct_cpu {
	local_t usage;
	local_t slots[LOAD_SLOTS];
} ____cacheline_aligned_in_smp;

/**
 * struct cpuacct - what a container counts
 * @css: the core's part
 * @parent: the state of the container above, which lives longer; NULL in the
 *	top container (I)
 * @cpus: the counters of each CPU; see struct cpuacct_cpu (I)
 * @usage_before: what all CPUs had counted before the mount, which is not
 *	shown; 0 but in the top container.  Written under container_mutex
 * @load_since: the second before which nothing is shown; as @usage_before
 * @load_before: what all CPUs had counted in that second; as @usage_before
 *
 * The counters go on where they were when there is another mount: only their
 * CPU writes them.
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
		val = stamp;	/* what it had was of an earlier second */
	local_set(slot, val + ns);
}

/*
 * Charge from @ca up the tree to below @end.  Interrupts are off, which is
 * all it takes: nobody else writes the counters of this CPU.  The caller
 * keeps @ca, which keeps those above.
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

/* What all CPUs have used in a second. */
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

/* What all CPUs have used in LOAD_SECONDS that end where @second starts. */
static u64 recent_usage(struct cpuacct *ca, unsigned long second)
{
	unsigned long since = READ_ONCE(ca->load_since);
	u64 before = READ_ONCE(ca->load_before);
	u64 ns = 0, used;
	int i;

	for (i = 0; i < LOAD_SECONDS && second > since; i++) {
		second--;
		used = usage_in(ca, second);
		/* At the moment of a mount both may not be of the same one. */
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
 * @cputime: how long, in the unit in which this kernel counts
 *
 * Idle tasks are not counted; there are no others until container_init() is
 * done.
 *
 * Context: interrupts off; perhaps the lock of a run queue.
 */
void __container_charge_cputime(struct task_struct *task, u64 cputime)
{
	struct container_subsys_state *css;

	/* A thread that executes a program takes its leader's number meanwhile. */
	if (!READ_ONCE(task->pid))
		return;
	rcu_read_lock();
	css = task_subsys_state(task, cpuacct_subsys_id);
	charge(css_cpuacct(css), NULL, container_cputime_to_ns(cputime));
	rcu_read_unlock();
}

/* Only where CONTAINER_CPUTIME_LAGS.  The task is charged where it was. */
static void cpuacct_transfer(struct container_subsys *ss,
			     struct container_subsys_state *css,
			     struct container_subsys_state *old_css,
			     struct task_struct *task)
{
	container_settle_cputime(task);
}

/*
 * Only where CONTAINER_CPUTIME_LAGS.  The task counts as being in the top
 * container, which is charged with what it has run up to here.  Charge those
 * that it has left.
 */
static void cpuacct_exit(struct container_subsys *ss,
			 struct container_subsys_state *old_css,
			 struct task_struct *task)
{
	struct cpuacct *ca = css_cpuacct(old_css);
	unsigned long flags;
	u64 ns;

	ns = container_settle_cputime(task);
	/* Where spinlocks sleep, tasklist_lock does not switch them off. */
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
 * The top container begins to count.  Charges have begun a little earlier, and
 * those of an earlier mount are in the counters.  All other containers are made
 * later.
 */
static void cpuacct_bind(struct container_subsys *ss, struct container *top)
{
	unsigned long second = this_second();
	u64 ns = all_usage(&top_cpuacct);

	WRITE_ONCE(top_cpuacct.load_before,
			     usage_in(&top_cpuacct, second));
	WRITE_ONCE(top_cpuacct.load_since, second);
	smp_mb();	/* read_usage() */
	WRITE_ONCE(top_cpuacct.usage_before, ns);
}

/*
 * Files.
 */

static u64 read_usage(struct container *cont, const struct cftype *cft)
{
	struct cpuacct *ca = cont_cpuacct(cont);
	u64 before = READ_ONCE(ca->usage_before);

	/* What is older is in the counters, see cpuacct_bind(). */
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

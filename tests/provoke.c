// SPDX-License-Identifier: GPL-2.0
/*
 * Mistakes to order, for scripts/detectors: is a kernel that makes one found out?
 *
 * Not a part of the series, and of no kernel that other tests see.
 *
 *	echo MISTAKE >/sys/module/container_provoke/parameters/mistake
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pid.h>	/* brings lists that RCU protects along */
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(lock);

/* What the compiler is not to know. */
static volatile int forty = 40;
static char *volatile lost;

static void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void lock_balance(void)
{
	spin_unlock(&lock);
}

static void lock_kept(void)
{
	mutex_lock(&first);
}

static void sleep_atomic(void)
{
	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static void preempt(void)
{
	(void)smp_processor_id();
}

/* 2.6.22 notices when the object is given out again. */
static void use_after_free(void)
{
	char *volatile p = kmalloc(100, GFP_KERNEL);
	int i;

	kfree(p);
	p[10] = 1;
	for (i = 0; i < 1000; i++)
		lost = kmalloc(100, GFP_KERNEL);
}

static void overrun(void)
{
	char *volatile p = kmalloc(128, GFP_KERNEL);

	p[forty + 88] = 1;
	kfree(p);
}

static void double_free(void)
{
	char *volatile p = kmalloc(100, GFP_KERNEL);

	kfree(p);
	kfree(p);
}

static void leak(void)
{
	int i;

	for (i = 0; i < 10; i++)
		lost = kmalloc(100, GFP_KERNEL);
	lost = NULL;
}

static void list(void)
{
	static LIST_HEAD(head);
	static struct list_head a, b;

	list_add(&a, &head);
	a.prev = &b;
	b.next = &b;
	head.next->prev = &b;
	list_add(&b, &head);
}

static volatile int sink;

static void shift(void)
{
	sink = 1 << forty;
}

static void bounds(void)
{
	static int array[8];

	sink = array[forty];
}

static void warn(void)
{
	WARN_ON(forty == 40);
}

#ifdef rcu_dereference_check
struct thing {
	struct rcu_head rcu;
	struct list_head node;
};

static void rcu_pointer(void)
{
	static struct thing __rcu *p;

	sink = !rcu_dereference(p);
}

static void rcu_list(void)
{
	static LIST_HEAD(head);
	struct thing *t;

	list_for_each_entry_rcu(t, &head, node)
		sink++;
}

static void rcu_nothing(struct rcu_head *rcu)
{
}

static void rcu_twice(void)
{
	struct thing *t = kzalloc(sizeof(*t), GFP_KERNEL);

	call_rcu(&t->rcu, rcu_nothing);
	call_rcu(&t->rcu, rcu_nothing);
}
#endif

/* Processors and tasks that are stuck. */

static void hang(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule();
}

static int hang_thread(void *unused)
{
	for (;;)
		hang();
	return 0;
}

static void hang_other(void)
{
	kthread_run(hang_thread, NULL, "stuck");
}

static int spin_off(void *unused)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
	return 0;
}

static int spin_on(void *unused)
{
	preempt_disable();
	for (;;)
		cpu_relax();
	return 0;
}

/* On every processor, this one last. */
static void spin_everywhere(int (*fn)(void *))
{
	struct task_struct *t;
	int me = get_cpu(), cpu;

	put_cpu();
	for_each_online_cpu(cpu) {
		if (cpu == me)
			continue;
		t = kthread_create(fn, NULL, "spin");
		kthread_bind(t, cpu);
		wake_up_process(t);
	}
	msleep(200);
	fn(NULL);
}

static void spin_irqs_off(void)
{
	spin_everywhere(spin_off);
}

static void spin_no_preempt(void)
{
	spin_everywhere(spin_on);
}

static void spin_one(void)
{
	spin_on(NULL);
}

static void spin_lock_twice(void)
{
	spin_lock(&lock);
	spin_lock(&lock);
}

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
#define MISTAKE(fn) { #fn, fn }
	MISTAKE(lock_order),
	MISTAKE(lock_balance),
	MISTAKE(lock_kept),
	MISTAKE(sleep_atomic),
	MISTAKE(preempt),
	MISTAKE(use_after_free),
	MISTAKE(overrun),
	MISTAKE(double_free),
	MISTAKE(leak),
	MISTAKE(list),
	MISTAKE(shift),
	MISTAKE(bounds),
	MISTAKE(warn),
#ifdef rcu_dereference_check
	MISTAKE(rcu_pointer),
	MISTAKE(rcu_list),
	MISTAKE(rcu_twice),
#endif
	MISTAKE(hang),
	MISTAKE(hang_other),
	MISTAKE(spin_irqs_off),
	MISTAKE(spin_no_preempt),
	MISTAKE(spin_one),
	MISTAKE(spin_lock_twice),
};

/* The second argument is const or not, as the kernel likes it. */
static int make_mistake(const char *val, void *kp)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		size_t len = strlen(mistakes[i].name);

		if (strncmp(val, mistakes[i].name, len) || (val[len] && val[len] != '\n'))
			continue;
		mistakes[i].make();
		return 0;
	}
	return -EINVAL;
}

module_param_call(mistake, (void *)make_mistake, NULL, NULL, 0200);

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_SWITCH_H
#define _LINUX_CONTAINER_SWITCH_H
/*
 * Process containers: switches for hooks that are called often and seldom
 * needed.
 *
 * A switch is a variable that is read often and hardly ever written, so each
 * CPU has it in its cache.  On kernels that have static keys, a static key
 * would save an instruction or two.  But a change of a static key stops all
 * CPUs for a moment and can wait for CPU hotplug, and it would happen at each
 * mount and umount.
 */

#include <linux/cache.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct container_switch - is what is behind this switch needed?
 * @on: written under @lock, read without it.  It is a bool because that can be
 *	compared in memory by one instruction
 * @users: how many callers have switched it on; protected by @lock
 * @lock: serializes container_switch_on() and container_switch_off()
 */
struct container_switch {
	bool on;
	int users;
	spinlock_t lock;	/* serializes writers */
};

#define DEFINE_CONTAINER_SWITCH(_name)				\
	struct container_switch _name __read_mostly = {		\
		.lock = __SPIN_LOCK_UNLOCKED(_name.lock),	\
	}

/**
 * container_is_on - is a switch on?
 * @_switch: the address of the switch, a constant
 *
 * The switch may be changing at this moment.  So what is behind it may be
 * called once too often, or may be missed once, and must cope with both.
 *
 * Context: any.
 * Return: true when it is on.
 */
#define container_is_on(_switch) unlikely((_switch)->on)

/**
 * container_switch_on - request what is behind a switch
 * @sw: the switch
 *
 * Context: process context.
 */
static inline void container_switch_on(struct container_switch *sw)
{
	spin_lock(&sw->lock);
	sw->users++;
	sw->on = true;
	spin_unlock(&sw->lock);
}

/**
 * container_switch_off - undo container_switch_on()
 * @sw: the switch; it stays on while others need it
 *
 * Context: as container_switch_on().
 */
static inline void container_switch_off(struct container_switch *sw)
{
	spin_lock(&sw->lock);
	sw->on = --sw->users > 0;
	spin_unlock(&sw->lock);
}

#endif /* _LINUX_CONTAINER_SWITCH_H */

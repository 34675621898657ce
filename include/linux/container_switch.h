/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_SWITCH_H
#define _LINUX_CONTAINER_SWITCH_H
/*
 * Process containers: switches for what is called often and seldom needed.
 *
 * A switch is a variable that is read and hardly ever written, so it is in the
 * cache of each CPU.  A static key would save an instruction or two where a kernel
 * has them.  But changing it makes all CPUs stop for a moment and can wait for CPU
 * hotplug, at each mount and umount.
 */

#include <linux/cache.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct container_switch - is there anybody who needs what is behind it?
 * @on: written under @lock, and read without.  A bool, since that is compared
 *	where it is, in one instruction
 * @users: how many have switched it on; under @lock
 * @lock: serializes those who switch
 */
struct container_switch {
	bool on;
	int users;
	spinlock_t lock;	/* serializes those who switch */
};

#define DEFINE_CONTAINER_SWITCH(_name)				\
	struct container_switch _name __read_mostly = {		\
		.lock = __SPIN_LOCK_UNLOCKED(_name.lock),	\
	}

/**
 * container_is_on - is a switch on?
 * @_switch: the address of the switch, a constant
 *
 * It can just be changing: what is behind it must bear to be called once more, or
 * not yet.
 *
 * Context: any.
 * Return: true when it is.
 */
#define container_is_on(_switch) unlikely((_switch)->on)

/**
 * container_switch_on - somebody needs what is behind a switch
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

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_SWITCH_H
#define _LINUX_CONTAINER_SWITCH_H
/*
 * Process containers: switches for what is called often and seldom needed.
 * Each kernel has a file of this name with the same helpers.
 *
 * Here they are static keys: a switch that is off is an instruction that does
 * nothing.
 */

#include <linux/jump_label.h>

/**
 * struct container_switch - is there anybody who needs what is behind it?
 * @key: counts how many have switched it on
 */
struct container_switch {
	struct static_key_false key;
};

#define DEFINE_CONTAINER_SWITCH(_name) \
	struct container_switch _name = { STATIC_KEY_FALSE_INIT }

/**
 * container_is_on - is a switch on?
 * @_switch: the address of the switch, a constant
 *
 * Context: any.
 * Return: true when it is.
 */
#define container_is_on(_switch) static_branch_unlikely(&(_switch)->key)

/**
 * container_switch_on - somebody needs what is behind a switch
 * @sw: the switch; on for all CPUs when this returns
 *
 * Context: sleeps, and waits for CPU hotplug: so without container_mutex.
 */
static inline void container_switch_on(struct container_switch *sw)
{
	static_branch_inc(&sw->key);
}

/**
 * container_switch_off - undo container_switch_on()
 * @sw: the switch; it stays on while others need it
 *
 * Context: as container_switch_on().
 */
static inline void container_switch_off(struct container_switch *sw)
{
	static_branch_dec(&sw->key);
}

#endif /* _LINUX_CONTAINER_SWITCH_H */

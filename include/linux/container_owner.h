/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_OWNER_H
#define _LINUX_CONTAINER_OWNER_H
/*
 * Process containers: for which container does a task act?
 *
 * The containers of the hierarchy that the subsystem "owner" is bound to have
 * an identity: an id that no other container ever has.  There, the current
 * task acts for the container that it is in, its real container.  With
 * set_current_container() it acts for another one for a while, its effective
 * container.  The two are like uid and euid: the effective one says on whose
 * behalf something is done; the real one is what a child inherits and what the
 * task leaves at exit.
 *
 * Include this after all other headers, like <linux/container.h>.
 *
 * Documentation/container-owner.txt has an example.
 */

#include <linux/container.h>

#ifdef CONFIG_CONTAINER_OWNER

/*
 * The top container of the hierarchy that owner is bound to; when owner is not
 * mounted, that of the hierarchy of the subsystems that are not mounted.  This
 * is an object: its address is what container_owner_top() returns.
 */
#define root_container (*container_owner_top())

struct container *container_owner_top(void);
struct container *current_container(void);
struct container *get_root_container(void);
struct container *get_current_container(void);
struct container *set_current_container(struct container *cont);
u32 container_id(struct container *cont);

#endif /* CONFIG_CONTAINER_OWNER */

#endif /* _LINUX_CONTAINER_OWNER_H */

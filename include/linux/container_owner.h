/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_CONTAINER_OWNER_H
#define _LINUX_CONTAINER_OWNER_H
/*
 * Process containers: whom does a task act for?
 *
 * The containers of the hierarchy that subsystem "owner" is bound to have an
 * identity, an id that no other container ever has.  The current task acts
 * for its own container there, its real one, unless set_current_container()
 * says for a while that it acts for another, the effective one.  As with uid
 * and euid, the effective one says on whose behalf something is done, and the
 * real one is what a child inherits and what is left at exit.
 *
 * Include this behind all other headers, as <linux/container.h>.
 *
 * Documentation/container-owner.txt has an example.
 */

#include <linux/container.h>

#ifdef CONFIG_CONTAINER_OWNER

/*
 * The top container of the hierarchy that owner is bound to, or of the
 * hierarchy of the subsystems that are not mounted.  An object: it has an
 * address, which is what container_owner_top() returns.
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

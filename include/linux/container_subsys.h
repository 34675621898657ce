/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The container subsystems built into this kernel, in the order in which
 * they are registered, listed and called.
 *
 * Included several times, each time with another meaning of SUBSYS().  An
 * entry SUBSYS(x) refers to a struct container_subsys named x_subsys and
 * gives it the id x_subsys_id.  Keep the blank comment lines between the
 * entries: they let patches that add a subsystem apply side by side.
 */

/* These come first, so that the others get the highest ids. */

#ifdef CONFIG_CONTAINER_SELFTEST
SUBSYS(selftest)
#include <linux/container_selftest_subsys.h>
#endif

/* */

#ifdef CONFIG_CONTAINER_CPUSET
SUBSYS(cpuset)
#endif

/* */

#ifdef CONFIG_CONTAINER_DEBUG
SUBSYS(debug)
#endif

/* */

#ifdef CONFIG_CONTAINER_NUMTASKS
SUBSYS(numtasks)
#endif

/* */

#ifdef CONFIG_CONTAINER_NS
SUBSYS(ns)
#endif

/* */

#ifdef CONFIG_CONTAINER_FORKS
SUBSYS(forks)
#endif

/* */

#ifdef CONFIG_CONTAINER_CPUACCT
SUBSYS(cpuacct)
#endif

/* */

#ifdef CONFIG_CONTAINER_OWNER
SUBSYS(owner)
#endif

/* */

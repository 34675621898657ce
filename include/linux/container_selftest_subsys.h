/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subsystems without a meaning that CONFIG_CONTAINER_SELFTEST adds.  There
 * are CONFIG_CONTAINER_SELFTEST_SUBSYS of them, which fill the table up to the
 * maximum of 64 subsystems.  This is included by <linux/container_subsys.h>,
 * and so several times, and by the file that defines them.
 *
 * Each binary digit of the number adds as many subsystems as its value.
 */

#if CONFIG_CONTAINER_SELFTEST_SUBSYS & 1
SUBSYS(st01)
#endif

#if CONFIG_CONTAINER_SELFTEST_SUBSYS & 2
SUBSYS(st02) SUBSYS(st03)
#endif

#if CONFIG_CONTAINER_SELFTEST_SUBSYS & 4
SUBSYS(st04) SUBSYS(st05) SUBSYS(st06) SUBSYS(st07)
#endif

#if CONFIG_CONTAINER_SELFTEST_SUBSYS & 8
SUBSYS(st08) SUBSYS(st09) SUBSYS(st10) SUBSYS(st11)
SUBSYS(st12) SUBSYS(st13) SUBSYS(st14) SUBSYS(st15)
#endif

#if CONFIG_CONTAINER_SELFTEST_SUBSYS & 16
SUBSYS(st16) SUBSYS(st17) SUBSYS(st18) SUBSYS(st19)
SUBSYS(st20) SUBSYS(st21) SUBSYS(st22) SUBSYS(st23)
SUBSYS(st24) SUBSYS(st25) SUBSYS(st26) SUBSYS(st27)
SUBSYS(st28) SUBSYS(st29) SUBSYS(st30) SUBSYS(st31)
#endif

#if CONFIG_CONTAINER_SELFTEST_SUBSYS & 32
SUBSYS(st32) SUBSYS(st33) SUBSYS(st34) SUBSYS(st35)
SUBSYS(st36) SUBSYS(st37) SUBSYS(st38) SUBSYS(st39)
SUBSYS(st40) SUBSYS(st41) SUBSYS(st42) SUBSYS(st43)
SUBSYS(st44) SUBSYS(st45) SUBSYS(st46) SUBSYS(st47)
SUBSYS(st48) SUBSYS(st49) SUBSYS(st50) SUBSYS(st51)
SUBSYS(st52) SUBSYS(st53) SUBSYS(st54) SUBSYS(st55)
SUBSYS(st56) SUBSYS(st57) SUBSYS(st58) SUBSYS(st59)
SUBSYS(st60) SUBSYS(st61) SUBSYS(st62) SUBSYS(st63)
#endif

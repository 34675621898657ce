// SPDX-License-Identifier: GPL-2.0
/*
 * container_disable= with a list; hierarchies for job tracking work without
 * any subsystem.
 *
 * harness: configs=base smp=1 append="container_disable=numtasks,debug,cpuacct"
 */
#include "ct.h"

#define SELF "/proc/self/container"

static void all_are_disabled(void)
{
	EXPECT_EQ(ct_subsys_field("debug", 2), 0);
	EXPECT_EQ(ct_subsys_field("numtasks", 2), 0);
	EXPECT_EQ(ct_subsys_field("cpuacct", 2), 0);
	EXPECT_ERRNO(ct_mount(M1, "debug"), ENOENT);
	EXPECT_ERRNO(ct_mount(M1, "numtasks"), ENOENT);
	EXPECT_ERRNO(ct_mount(M1, "cpuacct"), ENOENT);
	EXPECT_STR(ct_slurp(SELF), "");
}

static void job_tracking(void)
{
	int pid;

	MOUNT(M1, "none,name=jobs");
	MOUNT(M2, "name=other");
	MKDIR(M1 "/a");
	EXPECT_STR(ct_ls(M1 "/a"), "notify_on_release tasks ");
	EXPECT_STR(ct_ls(M2), "notify_on_release release_agent tasks ");
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	pid = ct_child();
	EXPECT_STR(ct_where(pid, "name=jobs"), "/a");
	EXPECT_STR(ct_where(pid, "name=other"), "/");
	ct_check_hierarchy(M1, "name=jobs");
	ct_check_hierarchy(M2, "name=other");
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	ct_reap(pid);
	EXPECT_OK(ct_move(M1, getpid()));
	RMDIR(M1 "/a");
	UMOUNT(M1);
	UMOUNT(M2);
	EXPECT_STR(ct_slurp(SELF), "");
}

static const struct ktap_case cases[] = {
	T(all_are_disabled),
	T(job_tracking),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

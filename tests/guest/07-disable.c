// SPDX-License-Identifier: GPL-2.0
/*
 * container_disable=debug on the kernel command line: the subsystem is named
 * in /proc/containers and nowhere else.
 *
 * harness: configs=base,debug,full smp=1 append="container_disable=debug"
 */
#include "ct.h"

#define SELF "/proc/self/container"

static void shown_as_disabled(void)
{
	EXPECT_EQ(ct_subsys_field("debug", 2), 0);
	EXPECT_EQ(ct_subsys_field("debug", 0), 0);
	EXPECT_EQ(ct_subsys_field("numtasks", 2), 1);
	EXPECT_STR(ct_slurp(SELF), "");
}

static void not_mountable(void)
{
	EXPECT_ERRNO(ct_mount(M1, "debug"), ENOENT);
	EXPECT_ERRNO(ct_mount(M1, "debug,numtasks"), ENOENT);
	EXPECT_ERRNO(ct_mount(M1, "numtasks,debug"), ENOENT);
	EXPECT_ERRNO(ct_mount(M1, "debug,name=x"), ENOENT);
	EXPECT_STR(ct_slurp(SELF), "");
}

static void not_in_all(void)
{
	static const char *const opts[] = { "all", "", NULL };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		MOUNT(M1, opts[i]);
		EXPECT_STR(ct_slurp(SELF), P("%s:/\n", ct_all_subsys()));
		EXPECT(!ct_where(0, "debug"));
		EXPECT(!ct_has_word(ct_mount_opts(M1), "debug"));
		EXPECT(!ct_exists(M1 "/debug.css_groups"));
		MKDIR(M1 "/a");
		EXPECT(!ct_exists(M1 "/a/debug.task_count"));
		EXPECT(ct_exists(M1 "/a/numtasks.count"));
		ct_child_in(M1 "/a");
		EXPECT_EQ(ct_count(M1 "/a"), 1);
		EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
		EXPECT_OK(ct_write(M1 "/tasks", ct_slurp(M1 "/a/tasks")));
		RMDIR(M1 "/a");
		UMOUNT(M1);
		EXPECT_STR(ct_slurp(SELF), "");
	}
}

static void the_rest_works(void)
{
	MOUNT(M1, "numtasks");
	MOUNT(M2, "none,name=x");
	MKDIR(M1 "/a");
	MKDIR(M2 "/b");
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M2 "/b", getpid()));
	ct_ended_well(IN_CHILD({
		EXPECT_STR(ct_where(0, "numtasks"), "/a");
		EXPECT_STR(ct_where(0, "name=x"), "/b");
	}));
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
	ct_check_hierarchy(M1, "numtasks");
	ct_check_hierarchy(M2, "name=x");
}

static const struct ktap_case cases[] = {
	T(shown_as_disabled),
	T(not_mountable),
	T(not_in_all),
	T(the_rest_works),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

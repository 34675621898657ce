// SPDX-License-Identifier: GPL-2.0
/*
 * The last ids of the owner subsystem: there is none after 4294967294.  Also the
 * first task where no subsystem can refuse a fork.
 *
 * harness: smp=1 append="container_owner_id=4294967290 container_disable=numtasks"
 */
#include "ct.h"

#define ID(dir) ct_slurp(dir "/owner.id")

/* A child in a container of its own, which is named after it. */
static int owner_clone(void)
{
	/* a fork, with CLONE_NEWUTS */
	int pid = syscall(SYS_clone, 0x04000000 | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		for (;;)
			pause();
	ASSERT_OK(pid);
	return pid;
}

static void first_by_fork(void)
{
	int pid;

	EXPECT_EQ(ct_subsys_field("numtasks", 2), 0);
	MOUNT(M1, "ns,owner");
	pid = owner_clone();
	EXPECT_EQ(ct_num(P(M1 "/%d/owner.init", pid)), pid);
	EXPECT_EQ(ct_num(P(M1 "/%d/owner.id", pid)), 4294967291);
	ct_reap(pid);
}

static void used_up(void)
{
	int i;

	MOUNT(M1, "owner,debug");
	EXPECT_STR(ID(M1), "0\n");
	MKDIR(M1 "/a");
	EXPECT_STR(ID(M1 "/a"), "4294967292\n");
	MKDIR(M1 "/a/b");
	EXPECT_STR(ID(M1 "/a/b"), "4294967293\n");
	MKDIR(M1 "/c");
	EXPECT_STR(ID(M1 "/c"), "4294967294\n");
	RMDIR(M1 "/a/b");
	for (i = 0; i < 3; i++) {
		EXPECT_ERRNO(mkdir(M1 "/d", 0755), ENOSPC);
		EXPECT(!ct_exists(M1 "/d"));
		EXPECT_ERRNO(mkdir(M1 "/a/b", 0755), ENOSPC);
		EXPECT_EQ(ct_subsys_field("owner", 1), 3);
		EXPECT_EQ(ct_nlink(M1), 4);
	}
	/* the others work, and so does what needs no id */
	EXPECT_EQ(ct_child_in(M1 "/a"), ct_num(M1 "/a/owner.init"));
	MOUNT(M2, "none,name=x");
	MKDIR(M2 "/a");
}

/* Dissolving the hierarchy gives no id back. */
static void used_up_for_good(void)
{
	/* also not when what the case before had is freed */
	usleep(100000);
	MOUNT(M1, "owner");
	EXPECT_STR(ID(M1), "0\n");
	EXPECT_ERRNO(mkdir(M1 "/a", 0755), ENOSPC);
}

static const struct ktap_case cases[] = {
	T(first_by_fork),
	T(used_up),
	T(used_up_for_good),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

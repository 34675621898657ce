// SPDX-License-Identifier: GPL-2.0
/*
 * The files of cpusets: what they accept, what they show, and the rules that
 * apply between the cpusets of a tree.
 *
 * harness: configs=cpuset,cpuset_debug kernels=2.6.22 smp=4 append="numa=fake=4"
 */
#include "cpuset.h"

static const char all_files[] =
	"cpu_exclusive cpus mem_exclusive memory_migrate memory_pressure "
	"memory_pressure_enabled memory_spread_page memory_spread_slab mems ";

static void setup(void)
{
	MOUNT(M1, "cpuset");
	MKDIR(M1 "/a");
}

static void machine(void)
{
	setup();
	GET_IS(M1, "cpus", "0-3");
	GET_IS(M1, "mems", "0-3");
	EXPECT_EQ(cs_status(getpid(), "Cpus_allowed") & 15, 15);
	EXPECT_EQ(cs_status(getpid(), "Mems_allowed"), 15);
}

static void defaults(void)
{
	static const char *const flags[] = {
		"memory_migrate", "memory_pressure", "memory_spread_page",
		"memory_spread_slab",
	};
	unsigned int i;

	setup();
	GET_IS(M1, "cpu_exclusive", "1");
	GET_IS(M1, "mem_exclusive", "1");
	GET_IS(M1, "memory_pressure_enabled", "0");
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		CTX("%s", flags[i]);
		GET_IS(M1, flags[i], "0");
		GET_IS(M1 "/a", flags[i], "0");
	}
	CTX_END();
	GET_IS(M1 "/a", "cpus", "");
	GET_IS(M1 "/a", "mems", "");
	GET_IS(M1 "/a", "cpu_exclusive", "0");
	GET_IS(M1 "/a", "mem_exclusive", "0");
	EXPECT(!ct_exists(M1 "/a/cpuset.memory_pressure_enabled"));
	EXPECT(!ct_exists(M1 "/a/cpus"));
}

/* The syntax of lists; there are four CPUs as well as four nodes. */
static void lists(void)
{
	static const struct {
		const char *text, *shown;
	} good[] = {
		{ "0", "0\n" }, { "0,0", "0\n" }, { "0-0", "0\n" },
		{ "0-3", "0-3\n" }, { "3", "3\n" }, { "1,3", "1,3\n" },
		{ "0-1,3", "0-1,3\n" }, { "3,0", "0,3\n" }, { "2\n", "2\n" },
		{ " 1-2 ", "1-2\n" }, { "\n", "\n" }, { "0,1-2,", "0-2\n" },
		{ "0-1,1-2", "0-2\n" }, { " ", "\n" }, { "03", "3\n" },
	};
	static const char *const bad[] = {
		"4", "-1", "0-4", "0--3", "0AAA", "AAA", "0-", "1-0", ",",
		"0,,1", "0 1", "0x1", "0-3,4", "3-5", "7", "64", "99999999",
		"0-99999999", "0;1", "+1", "0.1", "0-1-2", "all",
	};
	static const char *const names[] = { "cpus", "mems" };
	unsigned int i, n;
	char *big;

	setup();
	for (n = 0; n < 2; n++) {
		for (i = 0; i < ARRAY_SIZE(good); i++) {
			CTX("%s %s", names[n], ktap_quote(good[i].text));
			SET_OK(M1 "/a", names[n], good[i].text);
			EXPECT_STR(cs_get(M1 "/a", names[n]), good[i].shown);
		}
		SET_OK(M1 "/a", names[n], "1-2");
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			CTX("%s %s", names[n], ktap_quote(bad[i]));
			SET_ERR(M1 "/a", names[n], bad[i], EINVAL);
			GET_IS(M1 "/a", names[n], "1-2");
		}
		CTX("%s", names[n]);
		big = ct_fill(',', 5000);
		big[0] = '0';
		SET_ERR(M1 "/a", names[n], big, E2BIG);
		EXPECT_ERRNO(ct_writen(cs_file(M1 "/a", names[n]),
				       (void *)4096, 4), EFAULT);
		EXPECT_ERRNO(ct_writen(cs_file(M1 "/a", names[n]), "0\0", 2),
			     EINVAL);
		GET_IS(M1 "/a", names[n], "1-2");
		/* the top has what there is */
		SET_ERR(M1, names[n], "0", EACCES);
		SET_ERR(M1, names[n], "0-3", EACCES);
		SET_ERR(M1, names[n], "\n", EACCES);
		GET_IS(M1, names[n], "0-3");
	}
	CTX_END();
}

static void flags(void)
{
	static const char *const names[] = {
		"memory_migrate", "memory_spread_page", "memory_spread_slab",
		"cpu_exclusive", "mem_exclusive",
	};
	static const char *const bad[] = {
		"-1", "A", "1A", "\n", "0x1", "1 1", "18446744073709551616",
	};
	unsigned int i, n;

	setup();
	for (n = 0; n < ARRAY_SIZE(names); n++) {
		CTX("%s", names[n]);
		SET_OK(M1 "/a", names[n], "1");
		GET_IS(M1 "/a", names[n], "1");
		SET_OK(M1 "/a", names[n], "0\n");
		GET_IS(M1 "/a", names[n], "0");
		SET_OK(M1 "/a", names[n], "2");
		GET_IS(M1 "/a", names[n], "1");
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			CTX("%s %s", names[n], ktap_quote(bad[i]));
			SET_ERR(M1 "/a", names[n], bad[i], EINVAL);
			GET_IS(M1 "/a", names[n], "1");
		}
		SET_OK(M1 "/a", names[n], "0");
	}
	CTX_END();
	SET_ERR(M1 "/a", "memory_pressure", "0", EACCES);
	SET_ERR(M1, "memory_pressure", "0", EACCES);
	SET_OK(M1, "memory_pressure_enabled", "1");
	GET_IS(M1, "memory_pressure_enabled", "1");
	SET_OK(M1, "memory_pressure_enabled", "0");
	GET_IS(M1, "memory_pressure_enabled", "0");
}

/* A child is a subset of its parent, whichever of them is changed. */
static void subsets(void)
{
	static const char *const names[] = { "cpus", "mems" };
	unsigned int n;

	setup();
	MKDIR(M1 "/a/b");
	for (n = 0; n < 2; n++) {
		CTX("%s", names[n]);
		SET_ERR(M1 "/a/b", names[n], "1", EACCES);
		SET_OK(M1 "/a", names[n], "1-3");
		SET_ERR(M1 "/a/b", names[n], "0", EACCES);
		SET_ERR(M1 "/a/b", names[n], "0-1", EACCES);
		SET_OK(M1 "/a/b", names[n], "1-2");
		SET_ERR(M1 "/a", names[n], "2-3", EBUSY);
		SET_ERR(M1 "/a", names[n], "\n", EBUSY);
		SET_OK(M1 "/a", names[n], "1-2");
		SET_ERR(M1 "/a/b", names[n], "1-3", EACCES);
		GET_IS(M1 "/a", names[n], "1-2");
		GET_IS(M1 "/a/b", names[n], "1-2");
		SET_OK(M1 "/a/b", names[n], "\n");
		SET_OK(M1 "/a", names[n], "\n");
	}
	CTX_END();
}

static void exclusive(void)
{
	static const struct {
		const char *list, *flag;
	} kinds[] = {
		{ "cpus", "cpu_exclusive" }, { "mems", "mem_exclusive" },
	};
	unsigned int n;

	setup();
	MKDIR(M1 "/b");
	MKDIR(M1 "/a/c");
	for (n = 0; n < 2; n++) {
		const char *list = kinds[n].list, *flag = kinds[n].flag;

		CTX("%s", flag);
		/* only if the parent is */
		SET_ERR(M1 "/a/c", flag, "1", EACCES);
		SET_OK(M1 "/a", list, "0-1");
		SET_OK(M1 "/b", list, "1-2");
		/* siblings must not overlap, whichever is exclusive */
		SET_ERR(M1 "/a", flag, "1", EINVAL);
		GET_IS(M1 "/a", flag, "0");
		SET_OK(M1 "/b", list, "2-3");
		SET_OK(M1 "/a", flag, "1");
		SET_ERR(M1 "/b", list, "1-3", EINVAL);
		SET_ERR(M1 "/a", list, "0-2", EINVAL);
		GET_IS(M1 "/a", list, "0-1");
		GET_IS(M1 "/b", list, "2-3");
		SET_OK(M1 "/b", flag, "1");
		SET_ERR(M1 "/a", list, "0-3", EINVAL);
		/* children may */
		SET_OK(M1 "/a/c", list, "0");
		SET_OK(M1 "/a/c", flag, "1");
		/* and then the parents cannot be changed */
		SET_ERR(M1 "/a", flag, "0", EBUSY);
		SET_ERR(M1, flag, "0", EBUSY);
		SET_ERR(M1 "/a", list, "1", EBUSY);
		SET_OK(M1 "/a/c", flag, "0");
		SET_OK(M1 "/a", flag, "0");
		SET_OK(M1 "/b", flag, "0");
		SET_OK(M1 "/a", list, "0-2");
		SET_OK(M1 "/a", list, "0");
		SET_OK(M1 "/b", list, "\n");
		SET_OK(M1, flag, "0");
		SET_OK(M1, flag, "1");
	}
	CTX_END();
}

/* If several things are wrong, the first error in this order is returned. */
static void order_of_errors(void)
{
	setup();
	cs_make(M1 "/a/b", "\n", "\n");
	SET_OK(M1 "/a", "cpus", "0-1");
	SET_OK(M1 "/a", "mems", "0-1");
	SET_OK(M1 "/a/b", "cpus", "0-1");
	cs_make(M1 "/x", "3", "3");
	SET_OK(M1 "/x", "cpu_exclusive", "1");
	SET_OK(M1 "/x", "mem_exclusive", "1");
	ct_child_in(M1 "/a");
	SET_ERR(M1 "/a", "cpus", "x", EINVAL);
	SET_ERR(M1 "/a", "cpus", "\n", ENOSPC);
	SET_ERR(M1 "/a", "mems", "\n", ENOSPC);
	SET_ERR(M1 "/a", "cpus", "3", EBUSY);
	SET_ERR(M1 "/a/b", "cpus", "3", EACCES);
	SET_OK(M1 "/a/b", "cpus", "\n");
	SET_ERR(M1 "/a", "cpus", "3", EINVAL);
	SET_ERR(M1 "/a", "mems", "3", EINVAL);
	GET_IS(M1 "/a", "cpus", "0-1");
	GET_IS(M1 "/a", "mems", "0-1");
}

static void attach_to_empty(void)
{
	int pid, zombie;

	setup();
	pid = ct_child();
	EXPECT_ERRNO(ct_move(M1 "/a", pid), ENOSPC);
	EXPECT_ERRNO(ct_write(M1 "/a/tasks", "0"), ENOSPC);
	SET_OK(M1 "/a", "cpus", "1");
	EXPECT_ERRNO(ct_move(M1 "/a", pid), ENOSPC);
	SET_OK(M1 "/a", "mems", "1");
	SET_OK(M1 "/a", "cpus", "\n");
	EXPECT_ERRNO(ct_move(M1 "/a", pid), ENOSPC);
	SET_OK(M1 "/a", "cpus", "1");
	EXPECT_OK(ct_move(M1 "/a", pid));
	/* a cpuset with tasks cannot be emptied */
	SET_ERR(M1 "/a", "cpus", "\n", ENOSPC);
	SET_ERR(M1 "/a", "mems", "\n", ENOSPC);
	GET_IS(M1 "/a", "cpus", "1");
	GET_IS(M1 "/a", "mems", "1");
	EXPECT_STR(ct_where(pid, "cpuset"), "/a");
	ct_reap(pid);
	zombie = ct_zombie();
	EXPECT_ERRNO(ct_move(M1 "/a", zombie), ESRCH);
	SET_OK(M1 "/a", "cpus", "\n");
	SET_OK(M1 "/a", "mems", "\n");
}

/* Either all tasks are attached or none; the cpuset is asked about each. */
static void attach_several(void)
{
	int a, b;

	setup();
	cs_make(M1 "/b", "1", "1");
	a = ct_child();
	b = ct_child();
	EXPECT_ERRNO(ct_write(M1 "/b/tasks", P("%d %d 2", a, b)), EINVAL);
	EXPECT_EQ(ct_count(M1 "/b"), 0);
	EXPECT_EQ(cs_cpus(a), 15);
	EXPECT_OK(ct_write(M1 "/b/tasks", P("%d %d", a, b)));
	EXPECT_EQ(cs_cpus(a), 2);
	EXPECT_EQ(cs_cpus(b), 2);
	EXPECT_ERRNO(ct_write(M1 "/a/tasks", P("%d %d", a, b)), ENOSPC);
	EXPECT_EQ(ct_count(M1 "/b"), 2);
	ct_reap(a);
	ct_reap(b);
}

static void inheritance(void)
{
	setup();
	SET_OK(M1 "/a", "cpus", "0-1");
	SET_OK(M1 "/a", "mems", "0-1");
	SET_OK(M1 "/a", "memory_migrate", "1");
	SET_OK(M1 "/a", "cpu_exclusive", "1");
	MKDIR(M1 "/a/b");
	GET_IS(M1 "/a/b", "memory_spread_page", "0");
	GET_IS(M1 "/a/b", "memory_spread_slab", "0");
	SET_OK(M1 "/a", "memory_spread_page", "1");
	GET_IS(M1 "/a/b", "memory_spread_page", "0");
	MKDIR(M1 "/a/c");
	GET_IS(M1 "/a/c", "memory_spread_page", "1");
	GET_IS(M1 "/a/c", "memory_spread_slab", "0");
	SET_OK(M1 "/a", "memory_spread_page", "0");
	SET_OK(M1 "/a", "memory_spread_slab", "1");
	MKDIR(M1 "/a/d");
	GET_IS(M1 "/a/d", "memory_spread_page", "0");
	GET_IS(M1 "/a/d", "memory_spread_slab", "1");
	/* and nothing else */
	GET_IS(M1 "/a/d", "memory_migrate", "0");
	GET_IS(M1 "/a/d", "cpu_exclusive", "0");
	GET_IS(M1 "/a/d", "cpus", "");
	GET_IS(M1 "/a/d", "mems", "");
	EXPECT_OK(ct_write(M1 "/a/notify_on_release", "1"));
	MKDIR(M1 "/a/e");
	EXPECT_EQ(ct_num(M1 "/a/e/notify_on_release"), 1);
}

static void removed(void)
{
	static const char *const names[] = {
		"cpus", "mems", "cpu_exclusive", "memory_migrate",
	};
	int fd[4], i;
	char c;

	setup();
	for (i = 0; i < 4; i++)
		fd[i] = open(cs_file(M1 "/a", names[i]), O_RDWR);
	SET_OK(M1 "/a", "cpus", "1");
	SET_OK(M1 "/a", "cpu_exclusive", "1");
	RMDIR(M1 "/a");
	for (i = 0; i < 4; i++) {
		CTX("%s", names[i]);
		EXPECT_ERRNO(read(fd[i], &c, 1), ENODEV);
		EXPECT_ERRNO(ct_put(fd[i], "1", 1), ENODEV);
		close(fd[i]);
	}
	CTX_END();
	/* a removed exclusive cpuset is not in the way of others */
	cs_make(M1 "/b", "0-1", "0");
	SET_OK(M1 "/b", "cpu_exclusive", "1");
}

/* rmdir of exclusive cpusets, also where it fails. */
static void rmdir_exclusive(void)
{
	int pid, i;

	setup();
	SET_OK(M1 "/a", "cpus", "0-1");
	SET_OK(M1 "/a", "mems", "0");
	SET_OK(M1 "/a", "cpu_exclusive", "1");
	MKDIR(M1 "/a/b");
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	GET_IS(M1 "/a", "cpu_exclusive", "1");
	RMDIR(M1 "/a/b");
	pid = ct_child_in(M1 "/a");
	for (i = 0; i < 3; i++)
		EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	GET_IS(M1 "/a", "cpu_exclusive", "1");
	EXPECT_EQ(ct_count(M1 "/a"), 1);
	ct_reap(pid);
	MKDIR(M1 "/c");
	SET_OK(M1 "/c", "cpus", "2-3");
	SET_ERR(M1 "/c", "cpus", "1-3", EINVAL);
	RMDIR(M1 "/a");
	SET_OK(M1 "/c", "cpus", "1-3");
}

/*
 * A task arrives after rmdir has begun: a cpuset that is not removed is
 * unchanged.
 */
static void rmdir_races(void)
{
	int *sh = ct_shared(4096), mover, pid, failed = 0, removed = 0;

	setup();
	RMDIR(M1 "/a");
	pid = ct_child();
	mover = IN_CHILD({
		while (!GET(*sh)) {
			ct_move(M1 "/a", pid);
			EXPECT_OK(ct_move(M1, pid));
		}
	});
	cs_make(M1 "/a", "0-1", "0");
	SET_OK(M1 "/a", "cpu_exclusive", "1");
	while (GO_ON(removed + failed < ktap_loops(3000) || failed <= 20)) {
		if (rmdir(M1 "/a")) {
			EXPECT_EQ(errno, EBUSY);
			GET_IS(M1 "/a", "cpu_exclusive", "1");
			failed++;
			continue;
		}
		cs_make(M1 "/a", "0-1", "0");
		SET_OK(M1 "/a", "cpu_exclusive", "1");
		removed++;
	}
	SET(*sh, 1);
	ct_ended_well(mover);
	ct_reap(pid);
	ktap_note("%d removed, %d not", removed, failed);
}

static void renames(void)
{
	int pid;

	setup();
	SET_OK(M1 "/a", "cpus", "2");
	SET_OK(M1 "/a", "mems", "2");
	pid = ct_child_in(M1 "/a");
	EXPECT_OK(rename(M1 "/a", M1 "/z"));
	GET_IS(M1 "/z", "cpus", "2");
	EXPECT_STR(ct_slurp(P("/proc/%d/cpuset", pid)), "/z\n");
	EXPECT_EQ(cs_cpus(pid), 4);
	MKDIR(M1 "/a");
	GET_IS(M1 "/a", "cpus", "");
	EXPECT_ERRNO(rename(M1 "/z", M1 "/a"), EEXIST);
	EXPECT_ERRNO(rename(M1 "/z", M1 "/a/z"), EIO);
	ct_reap(pid);
}

static void proc_cpuset(void)
{
	char name[200], *path = strdup("");
	siginfo_t info;
	int pid, zombie, i;

	EXPECT_STR(ct_slurp("/proc/self/cpuset"), "/\n");
	EXPECT_STR(ct_slurp("/proc/1/cpuset"), "/\n");
	EXPECT_STR(ct_slurp("/proc/2/cpuset"), "/\n");
	setup();
	cs_make(M1 "/b", "1", "1");
	EXPECT_STR(ct_slurp("/proc/self/cpuset"), "/\n");
	pid = ct_child_in(M1 "/b");
	EXPECT_STR(ct_slurp(P("/proc/%d/cpuset", pid)), "/b\n");
	EXPECT_STR(ct_slurp(P("/proc/%d/task/%d/cpuset", pid, pid)), "/b\n");
	kill(pid, SIGKILL);
	EXPECT_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_STR(ct_slurp(P("/proc/%d/cpuset", pid)), "/\n");
	waitpid(pid, NULL, 0);
	zombie = ct_zombie();
	EXPECT_STR(ct_slurp(P("/proc/%d/cpuset", zombie)), "/\n");
	ct_reap(zombie);

	/* longer than a page */
	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	ASSERT_OK(chdir(M1));
	for (i = 0; i < 30; i++) {
		ASSERT_OK(mkdir(name, 0755));
		ASSERT_OK(chdir(name));
		ASSERT_OK(ct_write("cpuset.cpus", "0-3"));
		ASSERT_OK(ct_write("cpuset.mems", "0-3"));
		path = strdup(P("%s/%s", path, name));
	}
	pid = ct_child();
	EXPECT_OK(ct_write("tasks", P("%d", pid)));
	EXPECT_STR(ct_slurp(P("/proc/%d/cpuset", pid)), P("%s\n", path));
	ct_reap(pid);
	for (i = 0; i < 30; i++) {
		ASSERT_OK(chdir(".."));
		ASSERT_OK(rmdir(name));
	}
	ASSERT_OK(chdir("/"));
}

/* A very deep hierarchy is walked when CPUs change. */
static void deep(void)
{
	int i, depth = ktap_loops(250);

	setup();
	ASSERT_OK(chdir(M1));
	for (i = 0; i < depth; i++) {
		ASSERT_OK(mkdir("d", 0755));
		ASSERT_OK(chdir("d"));
		ASSERT_OK(ct_write("cpuset.cpus", "0-3"));
		ASSERT_OK(ct_write("cpuset.mems", "0-3"));
	}
	EXPECT_OK(ct_write("cpuset.cpus", "2"));
	for (i = 0; i < depth; i++) {
		ASSERT_OK(chdir(".."));
		ASSERT_OK(rmdir("d"));
	}
	ASSERT_OK(chdir("/"));
}

static void prefixes(void)
{
	char *expect, *got;

	MOUNT(M1, "cpuset");
	EXPECT(ct_exists(M1 "/cpuset.cpus"));
	EXPECT(!ct_exists(M1 "/cpus"));
	/* no second hierarchy can have it */
	EXPECT_ERRNO(ct_mount(M2, "cpuset,noprefix"), EBUSY);
	EXPECT_ERRNO(ct_mount(M2, "cpuset,debug,noprefix"), EINVAL);
	EXPECT_ERRNO(ct_mount(M2, "debug,noprefix"), EINVAL);
	UMOUNT(M1);
	MOUNT(M4, "cpuset,noprefix");
	expect = strdup(P("%snotify_on_release release_agent tasks ",
			  all_files));
	got = ct_ls(M4);
	EXPECT_STR(got, expect);
	MKDIR(M4 "/a");
	SET_OK(M4 "/a", "cpus", "1");
	GET_IS(M4 "/a", "cpus", "1");
	EXPECT_ERRNO(ct_mount(M1, "cpuset"), EBUSY);
}

static void mode_of_files(void)
{
	setup();
	EXPECT_MODE(ct_mode(M1 "/a/cpuset.cpus"), 0100644);
	EXPECT_MODE(ct_mode(M1 "/a/cpuset.mems"), 0100644);
	EXPECT_MODE(ct_mode(M1 "/a/cpuset.cpu_exclusive"), 0100644);
	RUN_AS(NOBODY, {
		SET_ERR(M1 "/a", "cpus", "1", EACCES);
		SET_ERR(M1 "/a", "cpu_exclusive", "1", EACCES);
		GET_IS(M1 "/a", "cpus", "");
	});
	/* part of the tree can be given away */
	EXPECT_OK(chown(M1 "/a/cpuset.cpus", USER, USER));
	RUN_AS(USER, {
		SET_OK(M1 "/a", "cpus", "1");
		SET_ERR(M1 "/a", "mems", "1", EACCES);
	});
}

static void with_others(void)
{
	int pid;

	MOUNT(M1, "cpuset,debug,numtasks");
	cs_make(M1 "/a", "1", "1");
	pid = ct_child_in(M1 "/a");
	EXPECT_EQ(cs_cpus(pid), 2);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
	/* what cpuset refuses is not counted */
	MKDIR(M1 "/b");
	EXPECT_ERRNO(ct_move(M1 "/b", pid), ENOSPC);
	EXPECT_EQ(ct_num(M1 "/b/numtasks.count"), 0);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
	/* a move in another hierarchy does not concern cpusets */
	MOUNT(M2, "none,name=x");
	MKDIR(M2 "/x");
	EXPECT_OK(ct_move(M2 "/x", pid));
	EXPECT_EQ(cs_cpus(pid), 2);
	EXPECT_STR(ct_where(pid, "cpuset"), "/a");
	ct_reap(pid);
}

/* Leaves its hierarchy and comes back. */
static void rebound(void)
{
	MOUNT(M1, "cpuset,debug");
	EXPECT_OK(ct_mount_flags(M1, "debug", MS_REMOUNT));
	EXPECT(!ct_exists(M1 "/cpuset.cpus"));
	EXPECT_STR(ct_slurp("/proc/self/cpuset"), "/\n");
	EXPECT_OK(ct_mount_flags(M1, "debug,cpuset", MS_REMOUNT));
	GET_IS(M1, "cpus", "0-3");
	cs_make(M1 "/a", "1", "1");
	ct_reap(ct_child_in(M1 "/a"));
}

static const struct ktap_case cases[] = {
	T(machine),
	T(defaults),
	T(lists),
	T(flags),
	T(subsets),
	T(exclusive),
	T(order_of_errors),
	T(attach_to_empty),
	T(attach_several),
	T(inheritance),
	T(removed),
	T(rmdir_exclusive),
	T(rmdir_races),
	T(renames),
	T(proc_cpuset),
	T(deep),
	T(prefixes),
	T(mode_of_files),
	T(with_others),
	T(rebound),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

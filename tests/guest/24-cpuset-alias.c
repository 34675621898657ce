// SPDX-License-Identifier: GPL-2.0
/*
 * "mount -t cpuset": what programs that are older than containers find,
 * including the release agent.  Cpusets that the kernel makes.
 *
 * harness: configs=cpuset,cpuset_debug kernels=2.6.22 smp=4 append="numa=fake=4"
 */
#include "cpuset.h"

#define AGENT "/sbin/cpuset_release_agent"
#define LOG CT_TMP "/agent.log"

static int cpuset_mount(const char *dir, const char *opts)
{
	mkdir(CT_TMP, 0755);
	mkdir(dir, 0755);
	return mount("none", dir, "cpuset", 0, opts);
}

static void files(void)
{
	ASSERT_OK(cpuset_mount(M4, NULL));
	GET_IS(M4, "cpus", "0-3");
	GET_IS(M4, "mems", "0-3");
	EXPECT_STR(ct_ls(M4), "cpu_exclusive cpus mem_exclusive memory_migrate "
		   "memory_pressure memory_pressure_enabled "
		   "memory_spread_page memory_spread_slab mems "
		   "notify_on_release release_agent tasks ");
	EXPECT_STR(ct_slurp(M4 "/release_agent"), AGENT "\n");
	EXPECT_EQ(ct_num(M4 "/notify_on_release"), 0);
	MKDIR(M4 "/a");
	EXPECT_STR(ct_ls(M4 "/a"), "cpu_exclusive cpus mem_exclusive "
		   "memory_migrate memory_pressure memory_spread_page "
		   "memory_spread_slab mems notify_on_release tasks ");
}

/* The example of Documentation/cpusets.txt. */
static void charlie(void)
{
	ASSERT_OK(cpuset_mount(M4, NULL));
	cs_make(M4 "/Charlie", "2-3", "1");
	RUN_AS(0, {
		EXPECT_OK(ct_write(M4 "/Charlie/tasks", P("%d", getpid())));
		EXPECT_STR(ct_slurp("/proc/self/cpuset"), "/Charlie\n");
		EXPECT_STR(ct_slurp("/proc/self/container"),
			   "cpuset:/Charlie\n");
		EXPECT_EQ(cs_cpus(getpid()), 12);
		free(calloc(1, 200000));
		EXPECT_EQ(cs_status(getpid(), "Mems_allowed"), 2);
	});
	RMDIR(M4 "/Charlie");
}

/* There is only one such hierarchy, with any options, and it is found again. */
static void one_hierarchy(void)
{
	char *opts;

	ASSERT_OK(cpuset_mount(M4, "nonsense,a=b"));
	EXPECT_OK(cpuset_mount(M3, "other"));
	MKDIR(M4 "/a");
	EXPECT(ct_exists(M3 "/a/cpus"));
	RMDIR(M3 "/a");
	opts = ct_mount_words(M4);
	EXPECT(ct_has_word(opts, "cpuset"));
	EXPECT(ct_has_word(opts, "noprefix"));
	/* the same by its full name, and not another one */
	EXPECT_OK(ct_mount(M2, "cpuset,noprefix"));
	EXPECT(ct_exists(M2 "/cpus"));
	EXPECT_ERRNO(ct_mount(M1, "cpuset"), EBUSY);
	EXPECT_ERRNO(ct_mount(M1, "cpuset,debug"), EBUSY);
	UMOUNT(M2);
	UMOUNT(M3);
	MKDIR(M4 "/kept");
	SET_OK(M4 "/kept", "cpus", "1");
	UMOUNT(M4);
	EXPECT_OK(cpuset_mount(M4, NULL));
	GET_IS(M4 "/kept", "cpus", "1");
	RMDIR(M4 "/kept");
	UMOUNT(M4);
	/* now it can be with others, and cannot be mounted alone */
	MOUNT(M1, "cpuset,debug");
	EXPECT_ERRNO(cpuset_mount(M4, NULL), EBUSY);
}

static void permission(void)
{
	mkdir(CT_TMP, 0755);
	mkdir(M4, 0755);
	RUN_AS(USER, EXPECT_ERRNO(mount("none", M4, "cpuset", 0, NULL),
				  EPERM));
}

/* Waits for the agent to have been told just this. */
static void told(const char *text)
{
	char *s = NULL;
	bool same;

	same = WAIT_FOR((free(s), s = ct_slurp(LOG), s && !strcmp(s, text)),
			10);
	if (!same)
		FAIL("the agent was told %s, expected %s",
		     s ? ktap_quote(s) : "nothing", ktap_quote(text));
}

static void release_agent(void)
{
	int fd;

	unlink(LOG);
	unlink(AGENT);
	fd = open(AGENT, O_CREAT | O_WRONLY, 0755);
	ASSERT_OK(ct_put(fd, "#!/bin/sh\necho $1 >>" LOG "\n"
			 "rmdir " M4 "$1\n",
			 strlen("#!/bin/sh\necho $1 >>" LOG "\n"
				"rmdir " M4 "$1\n")));
	close(fd);
	ASSERT_OK(cpuset_mount(M4, NULL));
	EXPECT_OK(ct_write(M4 "/notify_on_release", "1"));
	cs_make(M4 "/a", "0-1", "0");
	cs_make(M4 "/a/b", "1", "0");
	SET_OK(M4 "/a", "cpu_exclusive", "1");
	/* the last task, by exit; then the last child, removed by the agent */
	ct_reap(ct_child_in(M4 "/a/b"));
	told("/a/b\n/a\n");
	EXPECT_SOON(!ct_exists(M4 "/a"), 10);
	/* by a move */
	cs_make(M4 "/c", "2", "1");
	fd = ct_child_in(M4 "/c");
	EXPECT_OK(ct_move(M4, fd));
	told("/a/b\n/a\n/c\n");
	EXPECT_SOON(!ct_exists(M4 "/c"), 10);
	ct_reap(fd);
	/* a cpuset with the flag off */
	cs_make(M4 "/d", "2", "1");
	EXPECT_OK(ct_write(M4 "/d/notify_on_release", "0"));
	ct_reap(ct_child_in(M4 "/d"));
	usleep(200000);
	EXPECT(ct_exists(M4 "/d"));
	told("/a/b\n/a\n/c\n");
	unlink(AGENT);
}

#define NEWUTS 0x04000000

/* A child with a namespace of its own, that does nothing. */
static int child_with_namespace(void)
{
	int pid = syscall(SYS_clone, NEWUTS | SIGCHLD, NULL, NULL, NULL, NULL);

	if (!pid)
		for (;;)
			pause();
	return pid;
}

/* A container for new namespaces, with a cpuset: its task has to be placed. */
static void cloned(void)
{
	int pid;

	if (ct_mount(M1, "cpuset,ns"))
		SKIP("no ns subsystem");
	cs_make(M1 "/p", "1-2", "1");
	EXPECT_OK(ct_write(M1 "/p/tasks", "0"));
	pid = child_with_namespace();
	ASSERT_OK(pid);
	GET_IS(P(M1 "/p/%d", pid), "cpus", "1-2");
	GET_IS(P(M1 "/p/%d", pid), "mems", "1");
	EXPECT_STR(ct_slurp(P("/proc/%d/cpuset", pid)), P("/p/%d\n", pid));
	EXPECT_EQ(cs_cpus(pid), 6);
	/* its own cpuset is what counts from now on */
	SET_OK(P(M1 "/p/%d", pid), "cpus", "2");
	EXPECT_EQ(cs_cpus(pid), 4);
	ct_reap(pid);
	/* CPUs of an exclusive cpuset are not given away */
	SET_OK(M1 "/p", "cpu_exclusive", "1");
	cs_make(M1 "/p/x", "1", "1");
	SET_OK(M1 "/p/x", "cpu_exclusive", "1");
	pid = child_with_namespace();
	if (pid > 0) {
		GET_IS(P(M1 "/p/%d", pid), "cpus", "");
		EXPECT_EQ(cs_cpus(pid) & ~6, 0);
		ct_reap(pid);
	}
	EXPECT_OK(ct_write(M1 "/tasks", "0"));
}

static const struct ktap_case cases[] = {
	T(files),
	T(charlie),
	T(one_hierarchy),
	T(permission),
	T(release_agent),
	T(cloned),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

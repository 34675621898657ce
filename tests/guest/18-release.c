// SPDX-License-Identifier: GPL-2.0
/*
 * notify_on_release and release_agent: the files, the mount option, and that
 * the agent runs once for each time that a container has become unused, with
 * the whole path, whatever else happens meanwhile.
 *
 * The agents are links to /bin/agent, see helper-agent.c.
 *
 * harness: alone=1 configs=base,debug,full timeout=240
 */
#define KTAP_TIMEOUT_S 150
#include "ct.h"
#include "agents.h"

#include <linux/elf.h>
#include <linux/capability.h>

/* --- the flag ----------------------------------------------------------------- */

static void flag_values(void)
{
	static const struct {
		const char *text;
		int value;
	} good[] = {
		{ "1", 1 }, { "0", 0 }, { "1\n", 1 }, { "0\n", 0 },
		{ " 1 ", 1 }, { "00", 0 }, { "01", 1 }, { "\t0\n\n", 0 },
		{ "000000000000000000000000001", 1 },
	};
	static const char *const bad[] = {
		"2", "-1", "+1", "0x1", "a", "1a", "1 1", "0 1", "\n", " ",
		"4294967297", "18446744073709551616", "18446744073709551617",
		"1,", "~", "010 0",
	};
	static const char file[] = M1 "/a/notify_on_release";
	unsigned int i, old;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_MODE(ct_mode(file), S_IFREG | 0644);
	EXPECT_MODE(ct_mode(M1 "/notify_on_release"), S_IFREG | 0644);
	EXPECT_STR(ct_slurp(M1 "/notify_on_release"), "0\n");
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		CTX("%s", ktap_quote(good[i].text));
		EXPECT_OK(ct_write(file, good[i].text));
		EXPECT_EQ(ct_num(file), good[i].value);
	}
	for (old = 0; old < 2; old++) {
		EXPECT_OK(ct_write(file, old ? "1" : "0"));
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			CTX("%s after %u", ktap_quote(bad[i]), old);
			EXPECT_ERRNO(ct_write(file, bad[i]), EINVAL);
			EXPECT_EQ(ct_num(file), old);
		}
		CTX("after %u", old);
		EXPECT_OK(ct_write(file, ""));
		EXPECT_ERRNO(ct_writen(file, "1\0", 2), EINVAL);
		EXPECT_ERRNO(ct_writen(file, "\0", 1), EINVAL);
		EXPECT_ERRNO(ct_writen(file, (void *)8, 1), EFAULT);
		EXPECT_ERRNO(ct_writen(file, ct_fill(' ', 65537), 65537),
			     E2BIG);
		EXPECT_EQ(ct_num(file), old);
	}
	CTX_END();
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

static void flag_is_inherited(void)
{
	MOUNT(M1, "none,name=x");
	MKDIR(M1 "/a");
	EXPECT_EQ(ct_num(M1 "/a/notify_on_release"), 0);
	EXPECT_OK(ct_write(M1 "/notify_on_release", "1"));
	EXPECT_EQ(ct_num(M1 "/a/notify_on_release"), 0);
	MKDIR(M1 "/b");
	MKDIR(M1 "/b/c");
	MKDIR(M1 "/a/c");
	EXPECT_EQ(ct_num(M1 "/b/notify_on_release"), 1);
	EXPECT_EQ(ct_num(M1 "/b/c/notify_on_release"), 1);
	EXPECT_EQ(ct_num(M1 "/a/c/notify_on_release"), 0);
	EXPECT_OK(ct_write(M1 "/b/notify_on_release", "0"));
	MKDIR(M1 "/b/d");
	EXPECT_EQ(ct_num(M1 "/b/d/notify_on_release"), 0);
	EXPECT_EQ(ct_num(M1 "/b/c/notify_on_release"), 1);
	/*
	 * another hierarchy has its own flag; a new container of this name is
	 * new
	 */
	MOUNT(M2, "debug");
	EXPECT_EQ(ct_num(M2 "/notify_on_release"), 0);
	ct_empty_mount(M1);
	UMOUNT(M1);
	MOUNT(M1, "none,name=x");
	EXPECT_EQ(ct_num(M1 "/notify_on_release"), 0);
	UMOUNT(M1);
	UMOUNT(M2);
}

/* --- the agent's file ------------------------------------------------------------ */

#define AGENT M1 "/release_agent"

static void agent_file(void)
{
	static const char *const bad[] = {
		"x", "bin/x", "./x", "-", "~/x", "/a\nb", "/a\n/b\n",
		"x\n/bin/y", "0", "none",
	};
	char *max = ct_fill('m', 4095), *blanks;
	unsigned int i;

	*max = '/';
	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_ERRNO(open(M1 "/a/release_agent", O_RDONLY), ENOENT);
	EXPECT_ERRNO(open(M1 "/a/release_agent", O_WRONLY), ENOENT);
	EXPECT_OK(mkdir(M1 "/a/release_agent", 0755));
	RMDIR(M1 "/a/release_agent");
	EXPECT_ERRNO(mkdir(M1 "/release_agent", 0755), EEXIST);
	EXPECT_MODE(ct_mode(AGENT), S_IFREG | 0644);
	EXPECT_STR(ct_slurp(AGENT), "\n");
	EXPECT_OK(ct_write(AGENT, "/bin/x\n"));
	EXPECT_STR(ct_slurp(AGENT), "/bin/x\n");
	EXPECT_OK(ct_write(AGENT, " \t /bin/y  z\\,\t \n\n"));
	EXPECT_STR(ct_slurp(AGENT), "/bin/y  z\\,\n");
	EXPECT_OK(ct_write(AGENT, ""));
	EXPECT_STR(ct_slurp(AGENT), "/bin/y  z\\,\n");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		CTX("%s", ktap_quote(bad[i]));
		EXPECT_ERRNO(ct_write(AGENT, bad[i]), EINVAL);
		EXPECT_STR(ct_slurp(AGENT), "/bin/y  z\\,\n");
	}
	CTX_END();
	EXPECT_ERRNO(ct_writen(AGENT, "/a\0b", 4), EINVAL);
	EXPECT_ERRNO(ct_writen(AGENT, "/a\0", 3), EINVAL);
	EXPECT_ERRNO(ct_writen(AGENT, (void *)8, 100), EFAULT);
	EXPECT_ERRNO(ct_writen(AGENT, (void *)8, 1000), EFAULT);
	EXPECT_ERRNO(ct_write(AGENT, P("%sm", max)), E2BIG);
	EXPECT_ERRNO(ct_write(AGENT, P("/%s", ct_fill('m', 65535))), E2BIG);
	EXPECT_ERRNO(ct_write(AGENT, P("/%s", ct_fill('m', 65536))), E2BIG);
	EXPECT_STR(ct_slurp(AGENT), "/bin/y  z\\,\n");
	EXPECT_OK(ct_writen(AGENT, max, 4094));
	EXPECT_STR(ct_slurp(AGENT), P("%.4094s\n", max));
	EXPECT_OK(ct_write(AGENT, max));
	EXPECT_STR(ct_slurp(AGENT), P("%s\n", max));
	EXPECT(strstr(ct_slurp("/proc/mounts"), P("release_agent=%s", max)));
	/* white space does not count, up to the limit of a write */
	EXPECT_OK(ct_write(AGENT, "\n"));
	EXPECT_STR(ct_slurp(AGENT), "\n");
	blanks = ct_fill(' ', 65536);
	memcpy(blanks + 5000, max, 4095);
	EXPECT_OK(ct_writen(AGENT, blanks, 65536));
	EXPECT_STR(ct_slurp(AGENT), P("%s\n", max));
	EXPECT_ERRNO(ct_write(AGENT, P(" %s", blanks)), E2BIG);
	/* every mount of the hierarchy shows it, no other hierarchy does */
	EXPECT_OK(ct_write(AGENT, "/bin/one"));
	MOUNT(M2, "debug");
	MOUNT(M3, "numtasks");
	EXPECT_STR(ct_slurp(M2 "/release_agent"), "/bin/one\n");
	EXPECT_STR(ct_slurp(M3 "/release_agent"), "\n");
	EXPECT(!ct_has_word(ct_mount_words(M3), "release_agent=/bin/one"));
	EXPECT_OK(ct_write(AGENT, "  "));
	EXPECT_STR(ct_slurp(M2 "/release_agent"), "\n");
	EXPECT(!strstr(ct_slurp("/proc/mounts"), "release_agent"));
	RMDIR(M1 "/a");
	UMOUNT(M1);
	UMOUNT(M2);
	UMOUNT(M3);
}

/* Keeps uid 0, but drops the right to set a release agent. */
static void drop_sys_admin(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_1,
						 0 };
	struct __user_cap_data_struct data;

	ASSERT_OK(syscall(SYS_capget, &head, &data));
	data.effective &= ~(1U << CAP_SYS_ADMIN);
	data.permitted &= ~(1U << CAP_SYS_ADMIN);
	data.inheritable &= ~(1U << CAP_SYS_ADMIN);
	ASSERT_OK(syscall(SYS_capset, &head, &data));
}

/* Returns a descriptor that was opened by a process without CAP_SYS_ADMIN. */
static int opened_without_sys_admin(void)
{
	int *fd = ct_shared(4096), status;
	int pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	if (!pid) {
		drop_sys_admin();
		*fd = open(AGENT, O_WRONLY);
		syscall(SYS_exit, 0);
	}
	ASSERT_OK(pid);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	ASSERT_EQ(status, 0);
	ASSERT_OK(*fd);
	return *fd;
}

static void agent_needs_sys_admin(void)
{
	int fd;

	MOUNT(M1, "debug");
	EXPECT_OK(ct_write(AGENT, "/bin/old"));
	ASSERT_OK(fd = open(AGENT, O_WRONLY));
	/* the writer counts */
	ct_ended_well(IN_CHILD({
		drop_sys_admin();
		EXPECT_STR(ct_slurp(AGENT), "/bin/old\n");
		EXPECT_ERRNO(ct_write(AGENT, "/bin/new"), EPERM);
		EXPECT_ERRNO(ct_write(AGENT, "\n"), EPERM);
		EXPECT_ERRNO(ct_put(fd, "/bin/new", 8), EPERM);
		EXPECT_OK(ct_write(M1 "/notify_on_release", "0"));
		EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT,
				   "release_agent=/bin/new"), EPERM);
		mkdir(M2, 0755);
		EXPECT_ERRNO(mount("ct", M2, "container", 0,
				   "numtasks,release_agent=/bin/new"), EPERM);
	}));
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(open(AGENT, O_WRONLY), EACCES);
		EXPECT_ERRNO(ct_put(fd, "/bin/new", 8), EPERM);
	});
	EXPECT_STR(ct_slurp(AGENT), "/bin/old\n");
	/* ownership of the file is not enough */
	EXPECT_OK(chown(AGENT, NOBODY, NOBODY));
	EXPECT_OK(chmod(AGENT, 0666));
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(ct_write(AGENT, "/bin/new"), EPERM);
		EXPECT_ERRNO(ct_write(AGENT, "\n"), EPERM);
	});
	EXPECT_STR(ct_slurp(AGENT), "/bin/old\n");
	close(fd);
	/* the opener counts: root cannot use a descriptor of a user */
	ASSERT_OK(seteuid(NOBODY));
	fd = open(AGENT, O_WRONLY);
	ASSERT_OK(seteuid(0));
	ASSERT_OK(fd);
	EXPECT_ERRNO(ct_put(fd, "/bin/new", 8), EPERM);
	EXPECT_ERRNO(ct_put(fd, "\n", 1), EPERM);
	EXPECT_STR(ct_slurp(AGENT), "/bin/old\n");
	close(fd);
	fd = opened_without_sys_admin();
	if (is_old_kernel())	/* does not keep what the opener could do */
		EXPECT_OK(ct_put(fd, "/bin/old", 8));
	else
		EXPECT_ERRNO(ct_put(fd, "/bin/new", 8), EPERM);
	EXPECT_STR(ct_slurp(AGENT), "/bin/old\n");
	close(fd);
	EXPECT_OK(ct_write(AGENT, "/bin/new"));
	EXPECT_STR(ct_slurp(AGENT), "/bin/new\n");
	UMOUNT(M1);
}

static void agent_option(void)
{
	static const char *const bad[] = {
		"debug,release_agent=/a,release_agent=/a",
		"release_agent=/a,debug,release_agent=/b",
		"debug,release_agent=x", "debug,release_agent=./x",
		"debug,release_agent=/a\nb", "release_agent=/a,",
		"none,release_agent=/a", "none,release_agent=",
		"debug,release_agent=,release_agent=",
		"debug,release_agent=,release_agent=/a",
		"debug,release_agent=/a,release_agent=",
		"release_agent=,", "debug,release_agent= ",
	};
	char *longest = ct_fill('m', 4000);
	unsigned int i;

	*longest = '/';
	MOUNT(M1, "debug,release_agent=/bin/x");
	EXPECT_STR(ct_slurp(AGENT), "/bin/x\n");
	EXPECT_STR(ct_mount_words(M1), "debug,release_agent=/bin/x");
	/* the same hierarchy keeps its agent */
	MOUNT(M2, "debug,release_agent=/bin/y");
	EXPECT_STR(ct_slurp(AGENT), "/bin/x\n");
	EXPECT_STR(ct_mount_words(M2), "debug,release_agent=/bin/x");
	UMOUNT(M2);
	MOUNT(M2, "debug");
	EXPECT_STR(ct_slurp(M2 "/release_agent"), "/bin/x\n");
	UMOUNT(M2);
	MKDIR(M1 "/a");
	UMOUNT(M1);
	MOUNT(M1, "debug");
	EXPECT_STR(ct_slurp(AGENT), "/bin/x\n");
	RMDIR(M1 "/a");
	UMOUNT(M1);
	/* the option alone means all subsystems */
	MOUNT(M1, "release_agent=/x y");
	EXPECT_STR(ct_slurp(AGENT), "/x y\n");
	EXPECT_STR(ct_mount_words(M1),
		   P("%s,release_agent=/x\\040y", ct_all_subsys()));
	UMOUNT(M1);
	MOUNT(M1, "name=n,release_agent=/x");
	EXPECT_STR(ct_mount_words(M1), "none,name=n,release_agent=/x");
	UMOUNT(M1);
	MOUNT(M1, "debug,name=n,release_agent=/x");
	EXPECT_STR(ct_mount_words(M1), "debug,name=n,release_agent=/x");
	EXPECT_OK(ct_write(AGENT, "/a,b\\c"));
	EXPECT_STR(ct_mount_words(M1),
		   "debug,name=n,release_agent=/a\\054b\\134c");
	UMOUNT(M1);
	MOUNT(M1, P("debug,release_agent=%s", longest));
	EXPECT_STR(ct_slurp(AGENT), P("%s\n", longest));
	EXPECT_STR(ct_mount_words(M1), P("debug,release_agent=%s", longest));
	UMOUNT(M1);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		CTX("%s", ktap_quote(bad[i]));
		if (!EXPECT_ERRNO(ct_mount(M1, bad[i]), EINVAL))
			umount2(M1, 0);
		EXPECT_STR(ct_slurp("/proc/self/container"), "");
	}
	CTX("%s", "an unknown word");
	EXPECT_ERRNO(ct_mount(M1, "release_agent=/a,nosuch"), ENOENT);
	EXPECT_ERRNO(ct_mount(M1, "nosuch,release_agent=/a"), ENOENT);
	EXPECT_ERRNO(ct_mount(M1, "release_agents=/a"), ENOENT);
	EXPECT_ERRNO(ct_mount(M1, "release_agent"), ENOENT);
	CTX_END();
	/*
	 * no agent, as with an empty line; an existing hierarchy keeps its own
	 */
	MOUNT(M1, "debug,release_agent=");
	EXPECT_STR(ct_slurp(AGENT), "\n");
	EXPECT_STR(ct_mount_words(M1), "debug");
	EXPECT_OK(ct_write(AGENT, "/bin/x"));
	MOUNT(M2, "debug,release_agent=");
	EXPECT_STR(ct_slurp(AGENT), "/bin/x\n");
	UMOUNT(M2);
	UMOUNT(M1);
	MOUNT(M1, "release_agent=");
	EXPECT_STR(ct_mount_words(M1), ct_all_subsys());
	UMOUNT(M1);
	/* a new hierarchy inherits nothing from an old one */
	MOUNT(M1, "debug");
	EXPECT_STR(ct_slurp(AGENT), "\n");
	UMOUNT(M1);
}

/* --- what is announced ------------------------------------------------------------ */

static void by_exit(void)
{
	char *agent = mount_with_agent(M1, "debug", "exit");
	int pid[2], zombie;

	MKDIR(M1 "/a");
	EXPECT_RUNS(agent, "");		/* not used yet */
	use(M1 "/a");
	EXPECT_RUNS(agent, "/a\n");
	use(M1 "/a");			/* and again */
	EXPECT_RUNS(agent, "/a\n");
	pid[0] = ct_child_in(M1 "/a");
	pid[1] = ct_child_in(M1 "/a");
	ct_reap(pid[0]);
	EXPECT_RUNS(agent, "");
	/* a zombie has left */
	kill(pid[1], SIGKILL);
	EXPECT_RUNS(agent, "/a\n");
	EXPECT_EQ(waitpid(pid[1], NULL, 0), pid[1]);
	zombie = ct_zombie();
	EXPECT_ERRNO(ct_move(M1 "/a", zombie), ESRCH);
	EXPECT_EQ(waitpid(zombie, NULL, 0), zombie);
	EXPECT_RUNS(agent, "");
	/* the flag counts as it is when the container becomes unused */
	EXPECT_OK(ct_write(M1 "/a/notify_on_release", "0"));
	use(M1 "/a");
	EXPECT_OK(ct_write(M1 "/a/notify_on_release", "1"));
	EXPECT_RUNS(agent, "");
	use(M1 "/a");
	EXPECT_RUNS(agent, "/a\n");
	/* an orphan */
	pid[0] = IN_CHILD({
		if (!fork())
			usleep(100000 * ktap_scale());
	});
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_EQ(waitpid(pid[0], NULL, 0), pid[0]);
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_RUNS(agent, "/a\n");
	RMDIR(M1 "/a");
	EXPECT_RUNS(agent, "");		/* the top is never announced */
	UMOUNT(M1);
}

static void while_children_remain(void)
{
	char *agent = mount_with_agent(M1, "debug,numtasks", "children");

	MKDIR(M1 "/p");
	MKDIR(M1 "/p/q");
	MKDIR(M1 "/p/r");
	use(M1 "/p");
	EXPECT_RUNS(agent, "");
	RMDIR(M1 "/p/r");
	EXPECT_RUNS(agent, "");
	use(M1 "/p/q");
	EXPECT_RUNS(agent, "/p/q\n");
	RMDIR(M1 "/p/q");
	EXPECT_RUNS(agent, "/p\n");
	/* a task also keeps it in use */
	MKDIR(M1 "/p/q");
	EXPECT_OK(ct_move(M1 "/p", getpid()));
	RMDIR(M1 "/p/q");
	EXPECT_RUNS(agent, "");
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_RUNS(agent, "/p\n");
	EXPECT_OK(ct_write(M1 "/p/notify_on_release", "0"));
	MKDIR(M1 "/p/q");
	RMDIR(M1 "/p/q");
	EXPECT_RUNS(agent, "");
	RMDIR(M1 "/p");
	UMOUNT(M1);
}

static void by_move(void)
{
	char *agent = mount_with_agent(M1, "debug", "move"), text[64];
	int pid[4], i, n = 0;

	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	pid[0] = ct_child_in(M1 "/a");
	EXPECT_OK(ct_move(M1 "/a", pid[0]));	/* where it is */
	EXPECT_RUNS(agent, "");
	EXPECT_OK(ct_move(M1 "/b", pid[0]));
	EXPECT_RUNS(agent, "/a\n");
	EXPECT_OK(ct_move(M1, pid[0]));
	EXPECT_RUNS(agent, "/b\n");
	ct_reap(pid[0]);
	EXPECT_RUNS(agent, "");
	for (i = 0; i < 4; i++) {
		pid[i] = ct_child_in(i < 3 ? M1 "/a" : M1 "/b");
		n += sprintf(text + n, "%d ", pid[i]);
	}
	/* a write that fails moves no task */
	EXPECT_ERRNO(ct_write(M1 "/tasks", P("%s 2147483647", text)), ESRCH);
	EXPECT_RUNS(agent, "");
	EXPECT_OK(ct_write(M1 "/tasks", text));
	EXPECT_RUNS(agent, "/a\n/b\n");
	/* from one into the other: only one is left */
	EXPECT_OK(ct_write(M1 "/a/tasks", text));
	EXPECT_OK(ct_write(M1 "/b/tasks", text));
	EXPECT_RUNS(agent, "/a\n");
	/* and a container that another task still uses */
	EXPECT_OK(ct_move(M1 "/a", pid[3]));
	EXPECT_RUNS(agent, "");
	for (i = 0; i < 4; i++)
		ct_reap(pid[i]);
	EXPECT_RUNS(agent, "/a\n/b\n");
	RMDIR(M1 "/a");
	RMDIR(M1 "/b");
	UMOUNT(M1);
}

static void leader_exits_first(int *ready, int *stop)
{
	static struct ct_thread t;
	int tid = ct_thread_start(&t);

	EXPECT_OK(ct_move(M1 "/t", tid));
	SET(*ready, 1);
	while (!GET(*stop))
		usleep(5000);
	EXPECT_OK(ct_move(M1 "/l", getpid()));
	syscall(SYS_exit, 0);	/* this thread only */
}

static void by_threads(void)
{
	char *agent = mount_with_agent(M1, "debug", "threads");
	int *sh = ct_shared(4096), pid;
	struct ct_thread t;

	MKDIR(M1 "/t");
	MKDIR(M1 "/l");
	EXPECT_OK(ct_move(M1 "/t", ct_thread_start(&t)));
	EXPECT_RUNS(agent, "");
	ct_thread_stop(&t);
	EXPECT_RUNS(agent, "/t\n");
	pid = IN_CHILD(leader_exits_first(sh, sh + 1));
	ASSERT_SOON(GET(*sh), 10);
	EXPECT_RUNS(agent, "");
	SET(sh[1], 1);
	ASSERT_SOON(ktap_stat(pid, NULL, NULL) == 'Z', 10);
	EXPECT_RUNS(agent, "/l\n");	/* its other thread lives */
	ct_reap(pid);
	EXPECT_RUNS(agent, "/t\n");
	RMDIR(M1 "/t");
	RMDIR(M1 "/l");
	UMOUNT(M1);
}

/*
 * A move in another hierarchy takes the task out of its css_group for a moment.
 * A check for unused containers because of that may happen just when the last
 * task leaves.  The container must be announced once, not twice.
 */
static void announced_once(void)
{
	char *agent = mount_with_agent(M1, "debug", "agent");
	int pid, i, n = ktap_loops(100);

	MKDIR(M1 "/x");
	MOUNT(M2, "numtasks");
	MKDIR(M2 "/a");
	pid = ct_child_in(M1 "/x");
	for (i = 0; i < n; i++) {
		EXPECT_OK(ct_move(M1 "/x", pid));
		EXPECT_OK(ct_move(i % 2 ? M2 : M2 "/a", pid));
		EXPECT_OK(ct_move(M1, pid));
		EXPECT_RUNS(agent, "/x\n");
	}
	ct_reap(pid);
}

/* A task in several hierarchies exits: all of them announce it. */
static void several_hierarchies(void)
{
	char *one = mount_with_agent(M1, "debug", "one");
	char *two = mount_with_agent(M2, "numtasks", "two");
	char *three = mount_with_agent(M3, "none,name=three", "three");
	int pid;

	MKDIR(M1 "/x");
	MKDIR(M2 "/x");
	MKDIR(M2 "/y");
	MKDIR(M3 "/z");
	MOUNT(M4, "none,name=four");
	EXPECT_OK(ct_write(M4 "/notify_on_release", "1"));
	MKDIR(M4 "/x");
	pid = ct_child_in(M1 "/x");
	EXPECT_OK(ct_move(M2 "/x", pid));
	EXPECT_OK(ct_move(M3 "/z", pid));
	EXPECT_OK(ct_move(M4 "/x", pid));
	EXPECT_OK(ct_move(M2 "/y", pid));
	EXPECT_RUNS(one, "");
	EXPECT_RUNS(two, "/x\n");
	ct_reap(pid);
	EXPECT_RUNS(one, "/x\n");
	EXPECT_RUNS(two, "/y\n");
	EXPECT_RUNS(three, "/z\n");
	/* nothing is kept for an agent that is set later */
	EXPECT_OK(ct_write(M4 "/release_agent", one));
	EXPECT_RUNS(one, "");
	EXPECT_OK(ct_write(M4 "/release_agent", "\n"));
	EXPECT_OK(ct_write(M1 "/release_agent", "\n"));
	use(M1 "/x");
	EXPECT_RUNS(one, "");
	EXPECT_OK(ct_write(M1 "/release_agent", two));
	use(M1 "/x");
	EXPECT_RUNS(one, "");
	EXPECT_RUNS(two, "/x\n");
}

/* No mount, but the hierarchy is there. */
static void hidden(void)
{
	char *agent = mount_with_agent(M1, "debug", "hidden");
	int pid, other;

	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	pid = ct_child_in(M1 "/a");
	other = ct_child_in(M1 "/b");
	UMOUNT(M1);
	EXPECT(!ct_exists(M1 "/tasks"));
	ct_reap(pid);
	EXPECT_RUNS(agent, "/a\n");
	MOUNT(M2, "debug");
	EXPECT_STR(ct_slurp(M2 "/release_agent"), P("%s\n", agent));
	RMDIR(M2 "/a");
	ct_reap(other);
	EXPECT_RUNS(agent, "/b\n");
	RMDIR(M2 "/b");
	UMOUNT(M2);
	EXPECT_OK(umount2(CT_TMP "/barrier", 0));
	EXPECT_STR(ct_slurp("/proc/self/container"), "name=barrier:/\n");
}

/* --- agents that cannot be started ---------------------------------------------------- */

static void bad_agents(void)
{
	static const struct {
		const char *path;
		int err;
	} bad[] = {
		{ AGENTS "/nosuch", ENOENT },
		{ "/nosuch/agent", ENOENT },
		{ AGENTS, EACCES },
		{ AGENTS "/data", EACCES },
		{ AGENTS "/text", ENOEXEC },
	};
	char *agent = mount_with_agent(M1, "debug", "good");
	unsigned int i;
	int fd;

	MKDIR(M1 "/a");
	ASSERT_OK(fd = open(AGENTS "/data", O_WRONLY | O_CREAT, 0644));
	close(fd);
	ASSERT_OK(fd = open(AGENTS "/text", O_WRONLY | O_CREAT, 0755));
	EXPECT_OK(ct_put(fd, "exit 0\n", 7));
	close(fd);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		CTX("agent %s", bad[i].path);
		syscall(SYS_syslog, 5, NULL, 0);
		EXPECT_OK(ct_write(AGENT, bad[i].path));
		use(M1 "/a");
		drain();
		EXPECT_SOON(kernel_said(P("containers: release agent %s does "
					  "not start: error -%d", bad[i].path,
					  bad[i].err)), 10);
		EXPECT_OK(ct_write(AGENT, agent));
		EXPECT_RUNS(agent, "");
		use(M1 "/a");
		EXPECT_RUNS(agent, "/a\n");
	}
	CTX_END();
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

/* Makes a copy of a program that wants more memory than there is. */
static void copy_too_large(const char *from, const char *to)
{
	int fd = open(from, O_RDONLY), out, i;
	char *image = fd < 0 ? NULL : ct_read_fd(fd, 65536);
	struct elf64_phdr *phdr, *last = NULL;
	struct stat st;

	ASSERT(image);
	ASSERT_OK(fstat(fd, &st));
	phdr = (void *)(image + ((struct elf64_hdr *)image)->e_phoff);
	for (i = 0; i < ((struct elf64_hdr *)image)->e_phnum; i++)
		if (phdr[i].p_type == PT_LOAD)
			last = &phdr[i];
	ASSERT(last);
	last->p_memsz = 1UL << 45;
	ASSERT_OK(out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755));
	EXPECT_OK(ct_put(out, image, st.st_size));
	close(out);
	close(fd);
}

/* There is never enough memory for this agent; others do not wait for it. */
static void too_large_agent(void)
{
	char *good, *bad;
	int i;

	good = mount_with_agent(M2, "numtasks", "small");
	bad = mount_with_agent(M1, "debug", "large");
	copy_too_large("/bin/agent", AGENTS "/too-large");
	EXPECT_OK(ct_write(AGENT, AGENTS "/too-large"));
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	MKDIR(M2 "/x");
	for (i = 0; i < 3; i++) {
		use(M1 "/a");
		use(M1 "/b");
		use(M2 "/x");
		EXPECT_RUNS(good, "/x\n");
	}
	EXPECT_RUNS(bad, "");
	EXPECT_OK(ct_write(AGENT, bad));
	EXPECT_SOON(count_runs(bad) == 2, 5);
	EXPECT_RUNS(bad, "/a\n/b\n");
	RMDIR(M1 "/a");
	RMDIR(M1 "/b");
	RMDIR(M2 "/x");
	UMOUNT(M1);
	UMOUNT(M2);
}

/* The example of the guide. */
static void script(void)
{
	static const char text[] = "#!/bin/sh\nrmdir " M1 "\"$1\"\n";
	int fd, i;

	mkdir(CT_TMP, 0755);
	mkdir(AGENTS, 0755);
	ASSERT_OK(fd = open(AGENTS "/script", O_WRONLY | O_CREAT | O_TRUNC,
			    0755));
	EXPECT_OK(ct_put(fd, text, strlen(text)));
	close(fd);
	MOUNT(M1, "debug,release_agent=" AGENTS "/script");
	EXPECT_OK(ct_write(M1 "/notify_on_release", "1"));
	for (i = 0; i < 5; i++) {
		MKDIR(M1 "/a job");
		use(M1 "/a job");
		EXPECT_SOON(!ct_exists(M1 "/a job"), 10);
	}
	UMOUNT_SOON(M1);
}

/* --- agents at work --------------------------------------------------------------------- */

/* How many agents of a hierarchy run at a time. */
#define MAX_AGENTS 8

/*
 * Agents that do not end delay only the agents of their own hierarchy.  These
 * have to wait, and none is lost.
 */
static void slow_agent(void)
{
	char *agent = mount_with_agent(M1, "debug", "slow"), *fast;
	long start;
	int fd, i;

	ASSERT_OK(fd = open(P("%s.wait", agent), O_WRONLY | O_CREAT, 0644));
	close(fd);
	fast = mount_with_agent(M2, "numtasks", "fast");
	for (i = 0; i < 10; i++)
		MKDIR(P(M1 "/c%d", i));
	start = ktap_ms();
	for (i = 0; i < 10; i++)
		use(P(M1 "/c%d", i));
	EXPECT_SOON(count_runs(agent) == MAX_AGENTS, 10);
	EXPECT_RUNS(agent, "/c0\n/c1\n/c2\n/c3\n/c4\n/c5\n/c6\n/c7\n");
	MKDIR(M2 "/x");
	use(M2 "/x");
	EXPECT_RUNS(fast, "/x\n");
	use(M1 "/c3");
	EXPECT_RUNS(agent, "");
	for (i = 0; i < 10; i++)
		if (i != 3 && i != 9)
			RMDIR(P(M1 "/c%d", i));
	MOUNT(M3, "none,name=slow");
	UMOUNT(M3);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, "debug"));
	ktap_note("%ld ms", ktap_ms() - start);
	/*
	 * /c8 has been removed; the agents of the others run when there is room
	 */
	EXPECT_OK(unlink(P("%s.wait", agent)));
	EXPECT_SOON(count_runs(agent) == 2, 10);
	EXPECT_RUNS(agent, "/c3\n/c9\n");
	RMDIR(M1 "/c3");
	RMDIR(M1 "/c9");
	/* a hierarchy can go while its agents run */
	ASSERT_OK(fd = open(P("%s.wait", agent), O_WRONLY | O_CREAT, 0644));
	close(fd);
	MKDIR(M1 "/d");
	use(M1 "/d");
	EXPECT_SOON(count_runs(agent) == 1, 10);
	RMDIR(M1 "/d");
	UMOUNT(M1);
	MOUNT(M1, "debug");
	UMOUNT(M1);
	EXPECT_OK(unlink(P("%s.wait", agent)));
}

static void removes_itself(const char *name, const char *opts)
{
	char *agent = mount_with_agent(M1, opts, name);
	int i, n = ktap_loops(40), pid;

	ASSERT_OK(symlink(M1, P("%s.rmdir", agent)));
	for (i = 0; i < n; i++) {
		MKDIR(M1 "/p");
		MKDIR(M1 "/p/q");
		MKDIR(M1 "/p/q/r");
		pid = ct_child_in(M1 "/p/q/r");
		if (i % 2) {
			EXPECT_OK(ct_move(M1, pid));
			ct_reap(pid);
		} else {
			ct_reap(pid);
		}
		if (!EXPECT_SOON(!ct_exists(M1 "/p"), 10))
			break;
	}
	EXPECT_STR(ct_ls(M1 "/p") ? "there" : "gone", "gone");
	UMOUNT_SOON(M1);
}

/*
 * The agent removes containers: the parents become unused one after the other.
 */
static void chain(void)
{
	removes_itself("chain1", "debug,numtasks");
	removes_itself("chain2", "none,name=chain");
}

static void any_name(void)
{
	static const char *const names[] = {
		"a b", " ", "\t", "-", "--help", "*", "$HOME", "'", "\"",
		"\\", ";", "a\rb", "\377\376", ":", ",", "=", "%s", ".hidden",
		"x ", " x",
	};
	char *agent = mount_with_agent(M1, "debug", "names"), *dir;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		CTX("name %s", ktap_quote(names[i]));
		dir = strdup(P(M1 "/%s", names[i]));
		MKDIR(dir);
		use(dir);
		EXPECT_RUNS(agent, P("/%s\n", names[i]));
		RMDIR(dir);
		free(dir);
	}
	CTX_END();
	dir = strdup(P(M1 "/%s", ct_fill('d', 255)));
	MKDIR(dir);
	use(dir);
	EXPECT_RUNS(agent, P("/%s\n", ct_fill('d', 255)));
	RMDIR(dir);
	UMOUNT(M1);
}

/* Deeper than any path that a system call accepts. */
static void deep(void)
{
	char *agent = mount_with_agent(M1, "none,name=deep", "deep");
	char *name = ct_fill('d', 250), *want = calloc(1, 64 * 252);
	int depth = 60, level, i, fd, pid;

	ASSERT_OK(chdir(M1));
	for (level = 1; level <= depth; level++) {
		sprintf(name, "%03d", level);
		name[3] = 'd';
		strcat(strcat(want, "/"), name);
		MKDIR(name);
		ASSERT_OK(chdir(name));
		if (level != 1 && level != 16 && level != 17 && level != depth)
			continue;
		pid = ct_child();
		ASSERT_OK(fd = open("tasks", O_WRONLY));
		EXPECT_OK(ct_put(fd, P("%d", pid), strlen(P("%d", pid))));
		close(fd);
		ct_reap(pid);
		CTX("depth %d, %zu bytes", level, strlen(want));
		EXPECT_RUNS(agent, P("%s\n", want));
		CTX_END();
	}
	ASSERT_OK(fchdir(fd = open("..", O_RDONLY)));
	close(fd);
	for (i = depth; i >= 1; i--) {
		sprintf(name, "%03d", i);
		name[3] = 'd';
		RMDIR(name);
		/* the parent is next, and has been used by nothing else */
		ASSERT_OK(chdir(".."));
	}
	ASSERT_OK(chdir("/"));
	drain();
	/* those that had not been removed when their turn came */
	EXPECT_CMP(count_runs(agent), <, depth);
	UMOUNT(M1);
}

/* Renamed in a loop: the agent gets one name or the other, never a mixture. */
static void renames(void)
{
	char *agent = mount_with_agent(M1, "debug", "renames"), **paths;
	char *a = strdup(P("/%s", ct_fill('a', 200)));
	char *b = "/b", *c = strdup(P("/%s", ct_fill('c', 30)));
	int *sh = ct_shared(4096), pid, n, i, k, used = 0, rounds = 0;
	char *ok[3];

	/* never a and c, which would combine names of different moments */
	ok[0] = strdup(P("%s%s", a, b));
	ok[1] = strdup(P("%s%s", c, b));
	ok[2] = strdup(P("%s%s", c, c));
	MKDIR(P(M1 "%s", a));
	MKDIR(P(M1 "%s%s", a, b));
	pid = IN_CHILD({
		while (!GET(*sh)) {
			EXPECT_OK(rename(P(M1 "%s", a), P(M1 "%s", c)));
			EXPECT_OK(rename(P(M1 "%s%s", c, b),
					 P(M1 "%s%s", c, c)));
			EXPECT_OK(rename(P(M1 "%s%s", c, c),
					 P(M1 "%s%s", c, b)));
			EXPECT_OK(rename(P(M1 "%s", c), P(M1 "%s", a)));
			INC(sh[1]);
			sched_yield();
		}
	});
	ASSERT_SOON(GET(sh[1]), 10);
	while (GO_ON(rounds++ < ktap_loops(300) || used <= 10 ||
		     GET(sh[1]) <= 20)) {
		int kid = ct_child(), fd;

		for (i = 0; i < 3; i++) {
			fd = open(P(M1 "%s/tasks", ok[i]), O_WRONLY);
			if (fd < 0)
				continue;
			EXPECT_OK(ct_put(fd, P("%d", kid),
					 strlen(P("%d", kid))));
			close(fd);
			used++;
			break;
		}
		ct_reap(kid);
	}
	SET(*sh, 1);
	ct_ended_well(pid);
	drain();
	n = runs(agent, &paths);
	ktap_note("%d runs, used %d times, renamed %d times", n, used,
		  4 * sh[1]);
	EXPECT_CMP(n, >, 0);
	EXPECT_CMP(n, <=, used);
	for (i = 0; i < n; i++) {
		for (k = 0; k < 3 && strcmp(paths[i], ok[k]); k++)
			;
		if (k == 3)
			FAIL("torn: %s", ktap_quote(paths[i]));
	}
	unlink(P("%s.log", agent));
	RMDIR(P(M1 "%s%s", a, b));
	RMDIR(P(M1 "%s", a));
	drain();
	UMOUNT(M1);
}

/* The agent and the flag are changed while they are needed. */
/* Returns how often the kernel log says that an agent could not be started. */
static int not_started(void)
{
	static char log[1 << 18];
	int n = syscall(SYS_syslog, 3, log, sizeof(log) - 1), count = 0;
	char *p = log;

	ASSERT_CMP(n, >=, 0);
	log[n] = 0;
	while ((p = strstr(p, "does not start"))) {
		p++;
		count++;
	}
	return count;
}

static void changes_meanwhile(void)
{
	char *one = mount_with_agent(M1, "debug", "change1");
	char *two = new_agent("change2");
	int *sh = ct_shared(4096), pid, i, used = 0, before = not_started();

	for (i = 0; i < 4; i++)
		MKDIR(P(M1 "/c%d", i));
	pid = IN_CHILD({
		while (!GET(*sh)) {
			EXPECT_OK(ct_write(AGENT, two));
			EXPECT_OK(ct_write(M1 "/c1/notify_on_release", "0"));
			EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT,
					P("release_agent=%s", one)));
			EXPECT_OK(ct_write(M1 "/c1/notify_on_release", "1"));
			sched_yield();
			INC(sh[1]);
		}
	});
	ASSERT_SOON(GET(sh[1]), 10);
	while (GO_ON(used < ktap_loops(390) || GET(sh[1]) <= 20))
		use(P(M1 "/c%d", used++ % 4));
	SET(*sh, 1);
	ct_ended_well(pid);
	drain();
	/* it is one agent or the other, never a mixture */
	EXPECT_CMP(not_started(), <=, before);
	EXPECT_CMP(runs(one, NULL) + runs(two, NULL), <=, used);
	EXPECT_CMP(runs(one, NULL) + runs(two, NULL), >=, 3);
	ktap_note("used %d times, %d and %d runs", used, runs(one, NULL),
		  runs(two, NULL));
}

/*
 * The hierarchy is dissolved while its containers wait for their agents: no
 * removed container is announced, and nothing is left behind.
 */
static void removed_meanwhile(void)
{
	char *agent = mount_with_agent(M1, "debug,numtasks", "removed");
	int i, k, pid[5];

	UMOUNT(M1);
	for (i = 0; i < ktap_loops(60); i++) {
		MOUNT(M1, P("debug,numtasks,release_agent=%s", agent));
		EXPECT_OK(ct_write(M1 "/notify_on_release", "1"));
		MKDIR(M1 "/p");
		for (k = 0; k < 5; k++) {
			MKDIR(P(M1 "/p/c%d", k));
			pid[k] = ct_child_in(P(M1 "/p/c%d", k));
		}
		for (k = 0; k < 5; k++)
			ct_reap(pid[k]);
		for (k = 0; k < 5; k++)
			RMDIR(P(M1 "/p/c%d", k));
		RMDIR(M1 "/p");
		UMOUNT(M1);
	}
	EXPECT_STR(ct_slurp("/proc/self/container"), "");
	drain();
	EXPECT_CMP(runs(agent, NULL), <=, 6 * ktap_loops(60));
}

/* --- many ----------------------------------------------------------------------------------- */

/* Puts a new thread into each of the containers from..to, and waits. */
static void fill(int from, int to, int *ready)
{
	int i;

	for (i = from; i < to; i++) {
		long tid = ct_idle_thread();

		if (tid < 0) {
			FAIL("thread %d: %s", i, ktap_errno(-tid));
			break;
		}
		if (!EXPECT_OK(ct_move(P(M1 "/c%d", i), tid)))
			break;
	}
	SET(*ready, 1);
	for (;;)
		pause();
}

static void check_storm(const char *agent, int n)
{
	char **paths;
	int i, total = runs(agent, &paths), different = !!total;

	for (i = 1; i < total; i++)
		different += !!strcmp(paths[i], paths[i - 1]);
	EXPECT_EQ(total, n);
	EXPECT_EQ(different, n);
	for (i = 0; i < total; i++) {
		int nr = -1, end = 0;

		if (sscanf(paths[i], "/c%d%n", &nr, &end) != 1 || nr < 0 ||
		    nr >= n || paths[i][end])
			FAIL("path %s", ktap_quote(paths[i]));
	}
}

/* Counts the zombies that are not reaped; agents are not our children. */
static int zombies(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		if (atoi(e->d_name) > 1 &&
		    ktap_stat(atoi(e->d_name), NULL, NULL) == 'Z')
			n++;
	if (d)
		closedir(d);
	return n;
}

static void storm(const char *opts, const char *name, int n, int at_once)
{
	char *agent = mount_with_agent(M1, opts, name);
	int *sh = ct_shared(4096), i, pid, from;
	long start = ktap_ms(), made, killed = 0, t;

	ct_write("/proc/sys/kernel/threads-max", "60000");
	for (i = 0; i < n; i++)
		MKDIR(P(M1 "/c%d", i));
	made = ktap_ms();
	for (from = 0; from < n; from += at_once) {
		SET(*sh, 0);
		pid = IN_CHILD(fill(from, from + at_once < n ?
				    from + at_once : n, sh));
		ASSERT_SOON(GET(*sh), 60);
		t = ktap_ms();
		ct_reap(pid);
		killed += ktap_ms() - t;
	}
	t = ktap_ms();
	WAIT_FOR((usleep(50000), count_runs(agent) >= n), 60);
	ktap_note("%s: %d containers made in %ld ms", opts, n, made - start);
	ktap_note("killing, %d at once, took %ld ms; agents %ld ms", at_once,
		  killed, ktap_ms() - t);
	drain();
	check_storm(agent, n);
	EXPECT_SOON(!zombies(), 5);
	t = ktap_ms();
	unlink(P("%s.log", agent));
	for (i = 0; i < n; i++)
		RMDIR(P(M1 "/c%d", i));
	ktap_note("removed in %ld ms", ktap_ms() - t);
	EXPECT_EQ(count_runs(agent), 0);
	UMOUNT(M1);
}

static void many(void)
{
	int n = ktap_loops(10000);

	/* 6.12 has less room for so many threads at a time */
	storm("none,name=storm", "storm", n, is_old_kernel() ? n : 2500);
}

static void many_with_subsystems(void)
{
	int n = ktap_loops(1000);

	storm("debug,numtasks", "storm2", n, n);
}

/*
 * Many processes use a few containers again and again, in two hierarchies.  How
 * often each is announced depends on chance, but it must be announced after the
 * last use.
 */
static void last_use_is_announced(void)
{
	char *one = mount_with_agent(M1, "debug,numtasks", "last1");
	char *two = mount_with_agent(M2, "none,name=last", "last2");
	int *sh = ct_shared(4096), pid[4], i, round;

	for (i = 0; i < 2; i++) {
		MKDIR(P(M1 "/c%d", i));
		MKDIR(P(M2 "/c%d", i));
	}
	for (round = 0; round < ktap_loops(30); round++) {
		int before1 = count_runs(one), before2 = count_runs(two);

		for (i = 0; i < 4; i++)
			pid[i] = IN_CHILD({
				int k;

				for (k = 0; k < 5; k++) {
					int kid = ct_child();

					ct_move(P(M1 "/c%d", i % 2), kid);
					ct_move(P(M2 "/c%d", k % 2), kid);
					ct_reap(kid);
					INC(sh[1]);
				}
			});
		for (i = 0; i < 4; i++)
			ct_ended_well(pid[i]);
		drain();
		CTX("round %d", round);
		/* both containers of each have been emptied since */
		EXPECT_SOON(count_runs(one) >= before1 + 2, 10);
		EXPECT_SOON(count_runs(two) >= before2 + 2, 10);
		EXPECT_CMP(count_runs(one), <=, 20 * (round + 1));
	}
	CTX_END();
	ktap_note("%d uses, %d and %d runs", sh[1], runs(one, NULL),
		  runs(two, NULL));
}

static const struct ktap_case cases[] = {
	T(flag_values),
	T(flag_is_inherited),
	T(agent_file),
	T(agent_needs_sys_admin),
	T(agent_option),
	T(by_exit),
	T(while_children_remain),
	T(by_move),
	T(by_threads),
	T(announced_once),
	T(several_hierarchies),
	T(hidden),
	T(bad_agents),
	T(too_large_agent),
	T(script),
	T(slow_agent),
	T(chain),
	T(any_name),
	T(deep),
	T(renames),
	T(changes_meanwhile),
	T(removed_meanwhile),
	T(last_use_is_announced),
	T(many_with_subsystems),
	T(many),
};

static void cleanup(void)
{
	ct_cleanup();
}

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), cleanup);
}

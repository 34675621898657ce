// SPDX-License-Identifier: GPL-2.0
/*
 * Faults where subsystems allocate their state, each subsystem alone and all
 * together, and where the kernel makes a container by itself, for clone() and
 * unshare().  On 2.6.22 with cpusets also their files, moves, and the mount for
 * older programs.  See fault.h.
 *
 * harness: alone=1 leak=deep configs=debug,cpuset_debug smp=1 timeout=150 append="slab_nomerge"
 */
#include "fault.h"

/* --- each subsystem alone, and all ------------------------------------------ */

static const char *subsys;

static int mount_it(void)
{
	return mount("ct", M1, "container", 0, subsys);
}

static void unmount_it(void)
{
	UMOUNT(M1);
}

static void be_mounted(void)
{
	EXPECT_OK(mount_it());
}

static int make_dir(void)
{
	return mkdir(M1 "/a", 0755);
}

static void remove_dir(void)
{
	RMDIR(M1 "/a");
}

static void have_dir(void)
{
	MKDIR(M1 "/a");
}

static int rmdir_it(void)
{
	return rmdir(M1 "/a");
}

static void sweep_subsys(const char *name, bool deep)
{
	struct fault_op ops[] = {
		{ strdup(P("mount of %s", name)), .run = mount_it,
		  .undo = unmount_it, .flags = deep ? FO_DEEP : 0 },
		{ strdup(P("mkdir with %s", name)), .prepare = be_mounted,
		  .run = make_dir, .undo = remove_dir,
		  .flags = deep ? FO_SLOW : 0 },
		{ strdup(P("rmdir with %s", name)), .prepare = have_dir,
		  .run = rmdir_it, .undo = have_dir,
		  .flags = deep ? FO_DEEP : 0 },
	};

	subsys = name;
	fault_sweeps(ops, ARRAY_SIZE(ops));
	if (ct_exists(M1 "/a"))
		RMDIR(M1 "/a");
	umount2(M1, 0);	/* it may not be mounted */
}

static void alone(void)
{
	char *all = ct_all_subsys(), *name, *save;

	fault_setup();
	mkdir(CT_TMP, 0755);
	mkdir(M1, 0755);
	for (name = strtok_r(all, ",", &save); name;
	     name = strtok_r(NULL, ",", &save))
		sweep_subsys(name, true);
	ktap_check(true);	/* on 6.12 there may be nothing to do */
}

static void together(void)
{
	fault_setup();
	mkdir(CT_TMP, 0755);
	mkdir(M1, 0755);
	sweep_subsys("all", false);
}

/* --- containers that the kernel makes ---------------------------------------- */

static int clone_uts(void)
{
	return fault_clone(fault_idle, CLONE_NEWUTS | SIGCHLD);
}

static int clone_ipc(void)
{
	return fault_clone(fault_idle, CLONE_NEWIPC | SIGCHLD);
}

static int clone_all(void)
{
	return fault_clone(fault_idle, CLONE_NEWUTS | CLONE_NEWIPC |
			   CLONE_NEWNS | SIGCHLD);
}

/* The container is called after the process. */
static void end_clone(void)
{
	char *dir = strdup(P(M1 "/a/%d", fault_kid));

	fault_reap();
	EXPECT_SOON(!rmdir(dir), 5);
	free(dir);
}

static int unshare_uts(void)
{
	return unshare(CLONE_NEWUTS);
}

static int unshare_ipc(void)
{
	return unshare(CLONE_NEWIPC);
}

static int unshare_mounts(void)
{
	return unshare(CLONE_NEWNS);
}

static const struct fault_op clones[] = {
	{ "clone", .run = clone_uts, .undo = end_clone, .also = { EAGAIN } },
	{ "clone, ipc", .run = clone_ipc, .undo = end_clone,
	  .also = { EAGAIN }, .flags = FO_DEEP },
	{ "clone, all", .run = clone_all, .undo = end_clone,
	  .also = { EAGAIN }, .flags = FO_DEEP },
	{ "unshare", .run = unshare_uts, .undo = end_clone,
	  .flags = FO_CHILD },
	{ "unshare, ipc", .run = unshare_ipc, .undo = end_clone,
	  .flags = FO_CHILD | FO_DEEP },
	{ "unshare, mounts", .run = unshare_mounts, .undo = end_clone,
	  .flags = FO_CHILD | FO_DEEP },
};

static void clones_and_unshares(void)
{
	fault_setup();
	MOUNT(M1, "debug,numtasks,owner,cpuacct,forks,ns");
	MKDIR(M1 "/a");
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	fault_spends = true;
	if (fault_by_number)
		fault_hide_warnings();
	fault_sweeps(clones, ARRAY_SIZE(clones));
	if (fault_by_number)
		fault_look_at_warnings();
}

/* --- cpusets ----------------------------------------------------------------- */

static int mount_cpuset(void)
{
	return mount("ct", M2, "cpuset", 0, NULL);
}

static void unmount_cpuset(void)
{
	UMOUNT(M2);
}

static char move_text[64];
static int move_fd, back_fd;

static int move_two(void)
{
	return ct_put(move_fd, move_text, strlen(move_text));
}

static void two_back(void)
{
	EXPECT_OK(ct_put(back_fd, move_text, strlen(move_text)));
}

static int write_mems(void)
{
	return ct_write(M1 "/b/cpuset.mems", "0");
}

static int write_cpus(void)
{
	return ct_write(M1 "/b/cpuset.cpus", "0");
}

static int write_spread(void)
{
	return ct_write(M1 "/b/cpuset.memory_spread_page", "1");
}

static void spread_no_more(void)
{
	EXPECT_OK(ct_write(M1 "/b/cpuset.memory_spread_page", "0"));
}

static int write_root_pressure(void)
{
	return ct_write(M1 "/cpuset.memory_pressure_enabled", "1");
}

static void no_pressure(void)
{
	EXPECT_OK(ct_write(M1 "/cpuset.memory_pressure_enabled", "0"));
}

static int read_path_of_kid(void)
{
	int fd = open("/proc/self/cpuset", O_RDONLY), n, saved;

	if (fd < 0)
		return -1;
	n = read(fd, fault_said, sizeof(fault_said) - 1);
	saved = errno;
	close(fd);
	errno = saved;
	return n;
}

static const struct fault_op cpusets[] = {
	{ "move into a cpuset", .run = move_two, .undo = two_back },
	{ "write cpuset.mems", .run = write_mems, .also = { ENFILE } },
	{ "write cpuset.cpus", .run = write_cpus, .also = { ENFILE } },
	{ "write cpuset.memory_spread_page", .run = write_spread,
	  .undo = spread_no_more, .also = { ENFILE } },
	{ "write cpuset.memory_pressure_enabled",
	  .run = write_root_pressure, .undo = no_pressure,
	  .also = { ENFILE } },
	{ "read /proc/self/cpuset", .run = read_path_of_kid,
	  .also = { ENFILE, ENOENT } },
};

static const struct fault_op cpuset_mount[] = {
	{ "mount -t cpuset", .run = mount_cpuset, .undo = unmount_cpuset,
	  .also = { ENODEV } },
};

static void in_cpusets(void)
{
	static const char *const dirs[] = { "a", "b" };
	unsigned int i;

	fault_setup();
	if (ct_subsys_field("cpuset", 2) != 1)
		SKIP("no cpusets in this kernel");
	MOUNT(M1, "cpuset");
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		MKDIR(P(M1 "/%s", dirs[i]));
		EXPECT_OK(ct_write(P(M1 "/%s/cpuset.cpus", dirs[i]), "0"));
		EXPECT_OK(ct_write(P(M1 "/%s/cpuset.mems", dirs[i]), "0"));
		EXPECT_OK(ct_write(P(M1 "/%s/cpuset.memory_migrate", dirs[i]),
				   "1"));
	}
	sprintf(move_text, "%d %d", ct_child_in(M1 "/b"),
		ct_child_in(M1 "/b"));
	ASSERT_OK(move_fd = open(M1 "/a/tasks", O_WRONLY));
	ASSERT_OK(back_fd = open(M1 "/b/tasks", O_WRONLY));
	fault_sweeps(cpusets, ARRAY_SIZE(cpusets));
	close(move_fd);
	close(back_fd);
}

static void mounts_of_cpusets(void)
{
	fault_setup();
	if (ct_subsys_field("cpuset", 2) != 1)
		SKIP("no cpusets in this kernel");
	mkdir(CT_TMP, 0755);
	mkdir(M2, 0755);
	fault_sweeps(cpuset_mount, ARRAY_SIZE(cpuset_mount));
}

static const struct ktap_case cases[] = {
	T(alone),
	T(together),
	T(clones_and_unshares),
	T(in_cpusets),
	T(mounts_of_cpusets),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), fault_cleanup);
}

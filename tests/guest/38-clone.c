// SPDX-License-Identifier: GPL-2.0
/*
 * Containers that the kernel makes in a fork that continues without our locks:
 * the fork may fail, and the parent may be moved, after the container was made.
 *
 * harness: configs=base,debug,full timeout=90
 */
#include <sched.h>
#include "ct.h"

#define PIDS CT_TMP "/pids"

static int nr_dirs(const char *dir)
{
	return ct_nlink(dir) - 2;
}

static int clone_uts(void)
{
	int pid = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		for (;;)
			pause();
	return pid;
}

/* A fork that a control group refuses leaves no container behind. */
static void refused_late(void)
{
	int i, pid;

	MOUNT(M1, "ns,numtasks,debug");
	MKDIR(M1 "/a");
	ASSERT_OK(ct_write(M1 "/a/notify_on_release", "1"));
	mkdir(PIDS, 0755);
	if (mount("pids", PIDS, "cgroup", 0, "pids"))
		SKIP("no control groups that limit processes");
	MKDIR(PIDS "/one");
	pid = IN_CHILD({
		ASSERT_OK(ct_write(M1 "/a/tasks", "0"));
		ASSERT_OK(ct_write(PIDS "/one/pids.max", "1"));
		ASSERT_OK(ct_write(PIDS "/one/cgroup.procs", "0"));
		for (i = 0; i < ktap_loops(300); i++)
			if (!EXPECT_ERRNO(clone_uts(), EAGAIN))
				break;
	});
	EXPECT(ct_ended_well(pid));
	/*
	 * A container is removed later when a task reads the directory at that
	 * time.
	 */
	EXPECT_SOON(!nr_dirs(M1 "/a"), 10);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 0);
	EXPECT_EQ(ct_num(M1 "/a/debug.css_refcount"), 0);
	EXPECT_EQ(ct_subsys_field("ns", 1), 2);
	RMDIR(M1 "/a");
	RMDIR(PIDS "/one");
	umount(PIDS);
}

/* What the two processes of parent_moves() tell each other. */
struct moves {
	int stop;
	int cloned;	/* calls that have returned */
};

/*
 * The parent leaves a job.  Tasks that are in the job after that may have been
 * forked before; none may appear later.
 */
static void leaves_job(int pid, struct moves *sh)
{
	int *before, *after, nr_before, nr_after, i, k, cloned;

	EXPECT_OK(ct_move(M2 "/x", pid));
	cloned = GET(sh->cloned);
	while (GET(sh->cloned) == cloned && !GET(sh->stop))
		sched_yield();
	EXPECT_OK(ct_move(M2, pid));
	before = ct_tasks(M2 "/x", &nr_before);
	cloned = GET(sh->cloned);
	while (GET(sh->cloned) < cloned + 2 && !GET(sh->stop))
		sched_yield();
	after = ct_tasks(M2 "/x", &nr_after);
	for (i = 0; i < nr_after; i++) {
		for (k = 0; k < nr_before && before[k] != after[i]; k++)
			;
		if (k == nr_before)
			FAIL("%d has come to the job after its parent left",
			     after[i]);
	}
	free(before);
	free(after);
}

static void mover(int pid, struct moves *sh)
{
	while (!GET(sh->stop)) {
		EXPECT_OK(ct_move(M1 "/a", pid));
		leaves_job(pid, sh);
		EXPECT_OK(ct_move(M1 "/b", pid));
		leaves_job(pid, sh);
	}
}

/* Is the path that of the child's own container below /a or /b? */
static bool is_own(const char *path, int pid)
{
	return path && (!strcmp(path, P("/a/%d", pid)) ||
			!strcmp(path, P("/b/%d", pid)));
}

/*
 * The parent is moved in a loop.  Each child is in the container that was made
 * for it, no other container was made, and all counts are right.
 */
static void parent_moves(void)
{
	struct moves *sh = ct_shared(sizeof(*sh));
	int i, pid, other, children = 0, dirs, last = 0;

	MOUNT(M1, "ns,numtasks,debug");
	MOUNT(M2, "none,name=jobs");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	MKDIR(M2 "/x");
	ASSERT_OK(ct_move(M1 "/a", getpid()));
	pid = getpid();
	other = IN_CHILD({
		ASSERT_OK(ct_move(M1, getpid()));
		mover(pid, sh);
	});
	for (i = 0; i < ktap_loops(600); i++) {
		char *path;
		int child = clone_uts();

		if (!EXPECT(child > 0))
			break;
		path = ct_where(child, "ns");
		if (!EXPECT(is_own(path, child))) {
			ktap_note("%d is in %s", child, path ? path : "nothing");
			break;
		}
		free(path);
		children++;
		INC(sh->cloned);
		/* Keep the last child alive for those that check. */
		if (last)
			ct_reap(last);
		last = child;
	}
	SET(sh->stop, 1);
	EXPECT(ct_ended_well(other));
	if (last)
		ct_reap(last);
	EXPECT_SOON((dirs = nr_dirs(M1 "/a") + nr_dirs(M1 "/b")) == children,
		    10);
	ktap_note("%d below /a, %d below /b", nr_dirs(M1 "/a"),
		  nr_dirs(M1 "/b"));
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count") +
		  ct_num(M1 "/b/numtasks.count"), 1);
	EXPECT_OK(ct_move(M1, getpid()));
	ct_empty_mount(M1);
	EXPECT_EQ(ct_num(M1 "/debug.css_refcount"), 0);
}

/* The container of a child that is not visible yet cannot be removed. */
static void removed_at_once(void)
{
	int *stop = ct_shared(sizeof(*stop));
	int i, other;

	MOUNT(M1, "ns");
	other = IN_CHILD({
		while (!GET(*stop)) {
			DIR *d = opendir(M1);
			struct dirent *e;

			while ((e = readdir(d)))
				if (isdigit(e->d_name[0]))
					rmdir(P(M1 "/%s", e->d_name));
			closedir(d);
		}
	});
	for (i = 0; i < ktap_loops(600); i++) {
		int child = clone_uts();

		if (!EXPECT(child > 0) ||
		    !EXPECT_STR(ct_where(child, "ns"), P("/%d", child)))
			break;
		ct_reap(child);
	}
	SET(*stop, 1);
	EXPECT(ct_ended_well(other));
	ct_empty_mount(M1);
}

/*
 * lockdep has recorded which locks are taken inside which others.  Locks of
 * control groups are never taken inside ours.
 */
static void no_lock_of_control_groups(void)
{
	char *all, *ours, *end;

	MOUNT(M1, "ns");
	ct_reap(clone_uts());
	all = ct_slurp("/proc/lockdep");
	if (!all)
		SKIP("no lockdep");
	ours = strstr(all, ": container_mutex\n");
	if (!ours)
		ours = strstr(all, ": &container_mutex\n");
	if (!ours)
		ours = strstr(all, ": container_mutex");
	ASSERT(ours);
	end = strstr(ours, "\n\n");
	if (end)
		*end = 0;
	EXPECT(strstr(ours, " -> "));
	EXPECT(!strstr(ours, "cgroup_threadgroup_rwsem"));
	EXPECT(!strstr(ours, "cgroup_mutex"));
	EXPECT(!strstr(ours, "cpu_hotplug_lock"));
	free(all);
}

static const struct ktap_case cases[] = {
	T(refused_late),
	T(parent_moves),
	T(removed_at_once),
	T(no_lock_of_control_groups),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

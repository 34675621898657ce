// SPDX-License-Identifier: GPL-2.0
/*
 * The ns subsystem: a container for each set of namespaces.
 */
#include <sched.h>
#include "ct.h"

#define SELF "/proc/self/container"

/* fork() with flags: the child pauses, its pid is returned. */
static int clone_child(unsigned long flags)
{
	int pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		for (;;)
			pause();
	return pid;
}

static int nr_dirs(const char *dir)
{
	return ct_nlink(dir) - 2;
}

static void clone_starts_in_its_own(void)
{
	struct stat st;
	char *dir;
	int pid;

	MOUNT(M1, "ns");
	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	dir = strdup(P(M1 "/%d", pid));
	EXPECT_STR(ct_where(pid, "ns"), P("/%d", pid));
	EXPECT_STR(ct_where(0, "ns"), "/");
	ASSERT_OK(stat(dir, &st));
	EXPECT_MODE(st.st_mode, S_IFDIR | 0755);
	EXPECT_EQ(st.st_uid, 0);
	EXPECT_EQ(ct_count(dir), 1);
	EXPECT(ct_has(dir, pid));
	EXPECT_STR(ct_ls(dir), "notify_on_release tasks ");
	EXPECT_ERRNO(rmdir(dir), EBUSY);
	ct_check_hierarchy(M1, "ns");
	ct_reap(pid);
	EXPECT_EQ(ct_count(dir), 0);
	RMDIR(dir);
	EXPECT_EQ(nr_dirs(M1), 0);
	UMOUNT(M1);
	EXPECT_STR(ct_slurp(SELF), "");
}

static void each_flag(void)
{
	static const unsigned long flags[] = {
		CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC,
		CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC,
	};
	unsigned int i;
	int pid;

	MOUNT(M1, "ns");
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		CTX("flags %lx", flags[i]);
		ASSERT_OK(pid = clone_child(flags[i]));
		EXPECT_STR(ct_where(pid, "ns"), P("/%d", pid));
		ct_reap(pid);
		RMDIR(P(M1 "/%d", pid));
	}
	CTX_END();
}

static void plain_fork_stays(void)
{
	int pid;

	MOUNT(M1, "ns");
	MKDIR(M1 "/a");
	pid = ct_child();
	EXPECT_STR(ct_where(pid, "ns"), "/");
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	ct_reap(pid);
	pid = ct_child();
	EXPECT_STR(ct_where(pid, "ns"), "/a");
	ct_reap(pid);
	EXPECT_EQ(nr_dirs(M1), 1);
	EXPECT_EQ(nr_dirs(M1 "/a"), 0);
}

static void below_the_parent(void)
{
	int pid;

	MOUNT(M1, "ns");
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/b");
	EXPECT_OK(ct_move(M1 "/a/b", getpid()));
	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	EXPECT_STR(ct_where(pid, "ns"), P("/a/b/%d", pid));
	EXPECT_STR(ct_where(0, "ns"), "/a/b");
	ct_reap(pid);
}

static void not_mounted(void)
{
	int pid;

	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	EXPECT_STR(ct_slurp(SELF), "");
	ct_reap(pid);
	MOUNT(M1, "debug");
	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	EXPECT_STR(ct_where(pid, "debug"), "/");
	EXPECT_EQ(nr_dirs(M1), 0);
	ct_reap(pid);
	/* mounted, and gone again */
	MOUNT(M2, "ns");
	UMOUNT(M2);
	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	EXPECT_STR(ct_slurp(SELF), "debug:/\n");
	ct_reap(pid);
}

static void unshare_moves(void)
{
	MOUNT(M1, "ns");
	ct_ended_well(IN_CHILD({
		int me = getpid();
		int kid = ct_child();
		int born;

		ASSERT_OK(unshare(CLONE_NEWUTS));
		EXPECT_STR(ct_slurp(SELF), P("ns:/%d\n", me));
		EXPECT_STR(ct_where(kid, "ns"), "/");
		born = ct_child();
		EXPECT_STR(ct_where(born, "ns"), P("/%d", me));
		/* no namespaces, no container */
		ASSERT_OK(unshare(CLONE_FS));
		EXPECT_STR(ct_slurp(SELF), P("ns:/%d\n", me));
		ASSERT_OK(unshare(CLONE_NEWNS));
		EXPECT_STR(ct_slurp(SELF), P("ns:/%d/%d\n", me, me));
		EXPECT_STR(ct_where(born, "ns"), P("/%d", me));
		ct_check_hierarchy(M1, "ns");
		ct_reap(kid);
		ct_reap(born);
	}));
}

static void *unsharing_thread(void *arg)
{
	int *tid = arg;

	*tid = ct_gettid();
	EXPECT_OK(unshare(CLONE_NEWUTS));
	EXPECT_STR(ct_where_tid(getpid(), *tid, "ns"), P("/%d", *tid));
	EXPECT_STR(ct_where(0, "ns"), "/");
	return NULL;
}

static void unshare_of_a_thread(void)
{
	pthread_t thread;
	int tid;

	MOUNT(M1, "ns");
	ASSERT_EQ(pthread_create(&thread, NULL, unsharing_thread, &tid), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_STR(ct_where(0, "ns"), "/");
	EXPECT_EQ(nr_dirs(M1), 1);
	EXPECT(ct_exists(P(M1 "/%d", tid)));
}

static void name_is_taken(void)
{
	MOUNT(M1, "ns");
	ct_ended_well(IN_CHILD({
		int me = getpid();

		MKDIR(P(M1 "/%d", me));
		MKDIR(P(M1 "/%d.1", me));
		ASSERT_OK(unshare(CLONE_NEWUTS));
		EXPECT_STR(ct_slurp(SELF), P("ns:/%d.2\n", me));
	}));
	EXPECT_EQ(nr_dirs(M1), 3);
}

static void borders(void)
{
	char *dir;
	int pid;

	MOUNT(M1, "ns");
	MKDIR(M1 "/a");
	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	dir = strdup(P(M1 "/%d", pid));
	/* neither out of the border nor into another one */
	EXPECT_ERRNO(ct_move(M1, pid), EPERM);
	EXPECT_ERRNO(ct_move(M1 "/a", pid), EPERM);
	EXPECT_STR(ct_where(pid, "ns"), P("/%d", pid));
	/* inside the border every move is allowed */
	MKDIR(P("%s/x", dir));
	MKDIR(P("%s/x/y", dir));
	EXPECT_OK(ct_move(P("%s/x/y", dir), pid));
	EXPECT_OK(ct_move(P("%s/x", dir), pid));
	EXPECT_OK(ct_move(dir, pid));
	EXPECT_ERRNO(ct_move(M1, pid), EPERM);
	/* if one of two tasks may not move, neither moves */
	MKDIR(P("%s/z", dir));
	EXPECT_ERRNO(ct_write(M1 "/a/tasks", P("%d %d", getpid(), pid)),
		     EPERM);
	EXPECT_STR(ct_where(0, "ns"), "/");
	/* into it from outside; then there is no way back */
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M1, getpid()));
	ct_ended_well(IN_CHILD({
		EXPECT_OK(ct_move(P("%s/z", dir), 0));
		EXPECT_STR(ct_slurp(SELF), P("ns:/%d/z\n", pid));
		EXPECT_ERRNO(ct_move(M1, 0), EPERM);
	}));
	ct_reap(pid);
}

static void with_other_subsystems(void)
{
	long groups;
	int pid;

	MOUNT(M1, "ns,numtasks,debug");
	MKDIR(M1 "/a");
	EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "3"));
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 2);
	EXPECT_EQ(ct_num(P(M1 "/a/%d/numtasks.count", pid)), 1);
	EXPECT_EQ(ct_num(P(M1 "/a/%d/debug.task_count", pid)), 1);
	ct_reap(pid);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
	RMDIR(P(M1 "/a/%d", pid));

	/* refused: nothing is left */
	EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "1"));
	groups = ct_num(M1 "/debug.css_groups");
	EXPECT_ERRNO(clone_child(CLONE_NEWUTS), EAGAIN);
	EXPECT_EQ(nr_dirs(M1 "/a"), 0);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), groups);
	/* unshare makes no task */
	ct_write(M1 "/a/numtasks.limit", "2");
	ct_ended_well(IN_CHILD({
		EXPECT_OK(unshare(CLONE_NEWUTS));
		EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 2);
		EXPECT_EQ(nr_dirs(M1 "/a"), 1);
	}));
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
}

static void in_another_hierarchy(void)
{
	int pid;

	MOUNT(M1, "ns");
	MOUNT(M2, "numtasks");
	MKDIR(M2 "/b");
	EXPECT_OK(ct_move(M2 "/b", getpid()));
	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	EXPECT_STR(ct_where(pid, "ns"), P("/%d", pid));
	EXPECT_STR(ct_where(pid, "numtasks"), "/b");
	EXPECT_EQ(ct_num(M2 "/b/numtasks.count"), 2);
	ct_reap(pid);
	EXPECT_EQ(ct_num(M2 "/b/numtasks.count"), 1);
}

static void unprivileged(void)
{
	MOUNT(M1, "ns");
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(clone_child(CLONE_NEWUTS), EPERM);
		EXPECT_ERRNO(unshare(CLONE_NEWUTS), EPERM);
		EXPECT_STR(ct_slurp(SELF), "ns:/\n");
	});
	EXPECT_EQ(nr_dirs(M1), 0);
}

static void flag_is_inherited(void)
{
	int pid;

	MOUNT(M1, "ns");
	EXPECT_OK(ct_write(M1 "/notify_on_release", "1"));
	ASSERT_OK(pid = clone_child(CLONE_NEWUTS));
	EXPECT_EQ(ct_num(P(M1 "/%d/notify_on_release", pid)), 1);
	ct_reap(pid);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/*
 * A signal makes fork start again when it has nearly succeeded.  The failed
 * attempt must not leave a container behind.  One signal for each fork: with
 * more, a slow fork would never succeed.
 */
static void interrupted(void)
{
	struct itimerval timer = { { 0, 0 }, { 0, 0 } };
	struct itimerval off = timer;
	int i, pid, made = 0;

	MOUNT(M1, "ns");
	signal(SIGALRM, on_alarm);
	for (i = 0; i < ktap_loops(300); i++) {
		timer.it_value.tv_usec = 50 + i * 37 % 1500;
		setitimer(ITIMER_REAL, &timer, NULL);
		pid = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);
		if (!pid)
			_exit(0);
		setitimer(ITIMER_REAL, &off, NULL);
		if (!EXPECT(pid > 0))
			break;
		made++;
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		/* The pid may be used again, then the name has a suffix. */
		if (!EXPECT_EQ(nr_dirs(M1), made))
			break;
	}
	setitimer(ITIMER_REAL, &off, NULL);
}

/*
 * Clones in several processes, while these are moved about between containers
 * of this and of another hierarchy, and containers are renamed and removed.
 */
static void cloner(const int *stop, int *made)
{
	while (!GET(*stop)) {
		int pid = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0,
				  0);

		if (!pid)
			_exit(0);
		if (pid > 0) {
			__sync_add_and_fetch(made, 1);
			waitpid(pid, NULL, 0);
		}
	}
}

/* Removes what it can of the containers that clones have left in dir. */
static int sweep(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int left = 0;

	while (d && (e = readdir(d))) {
		char from[PATH_MAX], to[PATH_MAX];

		if (!strpbrk(e->d_name, "0123456789"))
			continue;
		snprintf(from, sizeof(from), "%s/%s", dir, e->d_name);
		snprintf(to, sizeof(to), "%s/r%s", dir, e->d_name);
		if (e->d_name[0] != 'r' && e->d_ino % 2 && !rename(from, to))
			left += rmdir(to) != 0;
		else
			left += rmdir(from) != 0;
	}
	if (d)
		closedir(d);
	return left;
}

static void storm(void)
{
	struct shared { int stop, made; } *sh = ct_shared(sizeof(*sh));
	int pids[3], i, n = 0;

	MOUNT(M1, "ns,debug");
	MOUNT(M2, "numtasks");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	MKDIR(M2 "/x");
	for (i = 0; i < 3; i++)
		pids[i] = IN_CHILD(cloner(&sh->stop, &sh->made));
	while (GO_ON(n < ktap_loops(3000) ||
		     GET(sh->made) < ktap_loops(3000))) {
		i = n % 3;
		EXPECT_OK(ct_move(n % 2 ? M1 "/a" : M1 "/b", pids[i]));
		EXPECT_OK(ct_move(n % 4 < 2 ? M2 : M2 "/x", pids[i]));
		sweep(n % 8 < 4 ? M1 "/a" : M1 "/b");
		n++;
	}
	SET(sh->stop, 1);
	for (i = 0; i < 3; i++)
		ct_ended_well(pids[i]);
	ktap_note("%d clones, %d moves", sh->made, n);
	ct_check_hierarchy(M1, "ns");
	EXPECT_SOON(!sweep(M1 "/a") && !sweep(M1 "/b") && !sweep(M1), 10);
	EXPECT_EQ(nr_dirs(M1), 2);
	EXPECT_EQ(ct_num(M2 "/x/numtasks.count"), 0);
}

/* The hierarchy comes and goes while tasks call clone(). */
static void mount_storm(void)
{
	struct shared { int stop, made; } *sh = ct_shared(sizeof(*sh));
	int pids[2], i, n = 0;

	for (i = 0; i < 2; i++)
		pids[i] = IN_CHILD(cloner(&sh->stop, &sh->made));
	while (GO_ON(n < ktap_loops(2400) ||
		     GET(sh->made) < ktap_loops(2400))) {
		if (EXPECT_OK(ct_mount(M1, "ns"))) {
			sweep(M1);
			while (umount2(M1, 0) && EXPECT_EQ(errno, EBUSY))
				continue;
		}
		n++;
	}
	SET(sh->stop, 1);
	for (i = 0; i < 2; i++)
		ct_ended_well(pids[i]);
	ktap_note("%d clones, %d mounts", sh->made, n);
	EXPECT_OK(ct_mount(M1, "ns"));
	EXPECT_SOON(!sweep(M1), 10);
}

static const struct ktap_case cases[] = {
	T(clone_starts_in_its_own),
	T(each_flag),
	T(plain_fork_stays),
	T(below_the_parent),
	T(not_mounted),
	T(unshare_moves),
	T(unshare_of_a_thread),
	T(name_is_taken),
	T(borders),
	T(with_other_subsystems),
	T(in_another_hierarchy),
	T(unprivileged),
	T(flag_is_inherited),
	T(interrupted),
	T(storm),
	T(mount_storm),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

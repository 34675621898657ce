// SPDX-License-Identifier: GPL-2.0
/*
 * mount -t container: options, sharing, overlap, hidden hierarchies, remount.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"

#define SELF "/proc/self/container"

/* The /proc line of a hierarchy with all enabled subsystems. */
static char *all_line(const char *path)
{
	return P("%s:%s\n", ct_all_subsys(), path);
}

/* Mounts, expects this line in /proc/self/container, unmounts, expects none. */
static void works(const char *opts, const char *line)
{
	CTX("options %s", ktap_quote(opts));
	if (EXPECT_OK(ct_mount(M1, opts))) {
		EXPECT_STR(ct_slurp(SELF), line);
		EXPECT(ct_exists(M1 "/tasks"));
		EXPECT_OK(umount2(M1, 0));
	}
	EXPECT_STR(ct_slurp(SELF), "");
	CTX_END();
}

/* Expects an error, and that nothing has happened. */
static void fails(const char *opts, int err)
{
	char *before = ct_slurp(SELF), *subsys = ct_slurp("/proc/containers");

	CTX("options %s", ktap_quote(opts));
	if (!EXPECT_ERRNO(ct_mount(M2, opts), err))
		umount2(M2, 0);
	EXPECT_STR(ct_slurp(SELF), before);
	EXPECT_STR(ct_slurp("/proc/containers"), subsys);
	CTX_END();
	free(before);
	free(subsys);
}

static void sets(void)
{
	char *all = strdup(all_line("/"));

	works(NULL, all);
	works("", all);
	works("all", all);
	works("debug", "debug:/\n");
	works("numtasks", "numtasks:/\n");
	works("debug,numtasks", "debug,numtasks:/\n");
	works("numtasks,debug", "debug,numtasks:/\n");
	works("debug,debug", "debug:/\n");
	works("none,name=x", "name=x:/\n");
	works("name=x,none", "name=x:/\n");
	works("name=x", "name=x:/\n");
	works("debug,name=x", "debug,name=x:/\n");
	works("name=x,debug", "debug,name=x:/\n");
}

static void bad_options(void)
{
	fails(",", EINVAL);
	fails("debug,", EINVAL);
	fails(",debug", EINVAL);
	fails("debug,,numtasks", EINVAL);
	fails("nosuch", ENOENT);
	fails("debug,nosuch", ENOENT);
	fails("nosuch,debug", ENOENT);
	fails("debug2", ENOENT);
	fails("debu", ENOENT);
	fails("Debug", ENOENT);
	fails(" debug", ENOENT);
	fails("debug ", ENOENT);
	fails(ct_fill('a', 4090), ENOENT);
	fails("all,debug", EINVAL);
	fails("debug,all", EINVAL);
	fails("all,none", EINVAL);
	fails("none", EINVAL);
	fails("none,debug", EINVAL);
	fails("debug,none", EINVAL);
	fails("none,debug,name=x", EINVAL);
	fails("name=", EINVAL);
	fails("none,name=", EINVAL);
	fails("name=a,name=b", EINVAL);
	fails(P("name=%s", ct_fill('n', 64)), EINVAL);
	fails(P("none,name=%s", ct_fill('n', 65)), EINVAL);
	fails(P("name=%s", ct_fill('n', 4000)), EINVAL);
}

/* A bad word comes behind words that are valid, many times. */
static void bad_options_leak_nothing(void)
{
	int i;

	MOUNT(M1, "debug");
	for (i = 0; i < ktap_loops(2000); i++)
		if (!EXPECT_ERRNO(ct_mount(M2, "numtasks,name=x,nosuch"),
				  ENOENT))
			break;
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), 1);
	EXPECT_STR(ct_slurp(SELF), "debug:/\n");
	UMOUNT(M1);
	works("numtasks", "numtasks:/\n");
}

static void names(void)
{
	char name[8], line[24];
	int c;

	works(P("none,name=%s", ct_fill('n', 63)),
	      P("name=%s:/\n", ct_fill('n', 63)));
	works("name=A-Z_a.z-0", "name=A-Z_a.z-0:/\n");
	for (c = 1; c < 256; c++) {
		if (c == ',')
			continue;
		snprintf(name, sizeof(name), "name=%c", c);
		snprintf(line, sizeof(line), "%s:/\n", name);
		if (c < 128 && (isalnum(c) || strchr("_.-", c)))
			works(name, line);
		else
			fails(name, EINVAL);
	}
}

/* A page holds 4095 characters of options and a NUL; the VFS cuts the rest. */
static void options_of_a_page(void)
{
	char opts[4097];
	int i;

	for (i = 0; i < 679; i++)
		memcpy(opts + 6 * i, "debug,", 6);
	memcpy(opts + 6 * i, "name=", 5);
	memset(opts + 6 * i + 5, 'n', 16);
	opts[4095] = 0;
	works(opts, P("debug,name=%s:/\n", ct_fill('n', 16)));
	opts[4095] = 'n';
	opts[4096] = 0;
	works(opts, P("debug,name=%s:/\n", ct_fill('n', 16)));
}

/* name= alone finds whatever has the name; with a set it must be that set. */
static void name_rules(void)
{
	MOUNT(M1, "debug,name=x");
	MKDIR(M1 "/c");
	EXPECT_OK(ct_mount(M2, "name=x"));
	EXPECT(ct_exists(M2 "/c"));
	UMOUNT(M2);
	EXPECT_OK(ct_mount(M2, "debug,name=x"));
	EXPECT(ct_exists(M2 "/c"));
	UMOUNT(M2);
	/* the set is active; it may have a name as well */
	EXPECT_OK(ct_mount(M2, "debug"));
	EXPECT(ct_exists(M2 "/c"));
	UMOUNT(M2);
	fails("none,name=x", EBUSY);
	fails("numtasks,name=x", EBUSY);
	fails("debug,numtasks,name=x", EBUSY);
	fails("debug,name=y", EBUSY);
	RMDIR(M1 "/c");
	UMOUNT(M1);

	MOUNT(M1, "none,name=x");
	fails("debug,name=x", EBUSY);
	MOUNT(M2, "none,name=xx");
	MOUNT(M3, "debug");
	fails("debug,name=z", EBUSY);
	EXPECT_STR(ct_where(0, "name=x"), "/");
	EXPECT_STR(ct_where(0, "name=xx"), "/");
	EXPECT_STR(ct_where(0, "debug"), "/");
	UMOUNT(M3);
	UMOUNT(M2);
	UMOUNT(M1);
}

static void same_set_is_same_hierarchy(void)
{
	struct stat a, b;

	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/c");
	MOUNT(M2, "numtasks,debug");
	EXPECT(ct_exists(M2 "/c"));
	ASSERT_OK(stat(M1 "/c/tasks", &a));
	ASSERT_OK(stat(M2 "/c/tasks", &b));
	EXPECT_EQ(a.st_dev, b.st_dev);
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_STR(ct_slurp(SELF), "debug,numtasks:/\n");
	UMOUNT(M1);
	EXPECT_OK(ct_move(M2 "/c", getpid()));
	EXPECT_STR(ct_where(0, "debug"), "/c");
	EXPECT_OK(ct_move(M2, getpid()));
	RMDIR(M2 "/c");
	/* the same root on the same mount point */
	EXPECT_ERRNO(ct_mount(M2, "debug,numtasks"), EBUSY);
	UMOUNT(M2);
	EXPECT_STR(ct_slurp(SELF), "");
}

static void overlap_is_busy(void)
{
	int i;

	MOUNT(M1, "debug");
	for (i = 0; i < ktap_loops(100); i++) {
		fails("debug,numtasks", EBUSY);
		fails("all", EBUSY);
		fails("", EBUSY);
		fails(NULL, EBUSY);
	}
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), 1);
	MOUNT(M2, "numtasks");
	EXPECT_STR(ct_where(0, "numtasks"), "/");
	UMOUNT(M2);
	UMOUNT(M1);
	works("debug,numtasks", "debug,numtasks:/\n");
	/* the other way round */
	MOUNT(M1, "debug,numtasks");
	fails("debug", EBUSY);
	fails("numtasks", EBUSY);
	UMOUNT(M1);
}

static void hidden_hierarchy(void)
{
	int pid, i;

	MOUNT(M1, "debug");
	ASSERT_OK(mkdir(M1 "/c", 0700));
	EXPECT_OK(chmod(M1 "/c/tasks", 0600));
	pid = ct_child_in(M1 "/c");
	UMOUNT(M1);
	EXPECT(!ct_exists(M1 "/tasks"));
	EXPECT_STR(ct_slurp(SELF), "debug:/\n");
	EXPECT_STR(ct_where(pid, "debug"), "/c");
	EXPECT_EQ(ct_subsys_field("debug", 1), 2);
	for (i = 0; i < ktap_loops(100); i++) {
		fails("debug,numtasks", EBUSY);
		fails("all", EBUSY);
	}
	MOUNT(M2, "debug");
	EXPECT_MODE(ct_mode(M2 "/c"), S_IFDIR | 0700);
	EXPECT_MODE(ct_mode(M2 "/c/tasks"), S_IFREG | 0600);
	EXPECT(ct_has(M2 "/c", pid));
	ct_reap(pid);
	EXPECT_EQ(ct_num(M2 "/c/debug.task_count"), 0);
	UMOUNT(M2);
	/* still there without tasks */
	EXPECT_STR(ct_slurp(SELF), "debug:/\n");
	MOUNT(M1, "debug");
	RMDIR(M1 "/c");
	UMOUNT(M1);
	/* dissolved: its subsystem is free for another set */
	EXPECT_STR(ct_slurp(SELF), "");
	EXPECT_EQ(ct_subsys_field("debug", 0), 0);
	works("debug,numtasks", "debug,numtasks:/\n");
}

static void hidden_by_name(void)
{
	MOUNT(M1, "none,name=jobs");
	MKDIR(M1 "/a");
	UMOUNT(M1);
	EXPECT_STR(ct_slurp(SELF), "name=jobs:/\n");
	fails("debug,name=jobs", EBUSY);
	MOUNT(M1, "name=jobs");
	RMDIR(M1 "/a");
	UMOUNT(M1);
	works("debug,name=jobs", "debug,name=jobs:/\n");
}

/* Mounting with what /proc/mounts shows finds the same hierarchy. */
static void shown_options(void)
{
	static const char *const opts[] = {
		"debug", "debug,numtasks", "all", "", "none,name=x", "name=x",
		"debug,name=x",
	};
	unsigned int i;
	char *words;

	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		CTX("options \"%s\"", opts[i]);
		MOUNT(M1, opts[i]);
		MKDIR(M1 "/c");
		EXPECT(ct_has_word(ct_mount_opts(M1), "rw"));
		words = ct_mount_words(M1);
		EXPECT_EQ(ct_has_word(words, "debug"),
			  !strstr(opts[i], "name=") || strstr(opts[i], "debug"));
		EXPECT_EQ(ct_has_word(words, "name=x"),
			  !!strstr(opts[i], "name=x"));
		if (!EXPECT_OK(ct_mount(M2, words)))
			ktap_note("/proc/mounts shows %s", words);
		EXPECT(ct_exists(M2 "/c"));
		UMOUNT(M2);
		RMDIR(M1 "/c");
		UMOUNT(M1);
	}
	CTX_END();
}

static void statfs_and_modes(void)
{
	static const char *const readonly[] = {
		"debug.task_count", "debug.css_refcount",
		"debug.current_css_group", "debug.current_css_group_refcount",
		"debug.current_css_group_links", "debug.css_groups",
	};
	struct statfs sf;
	struct stat st;
	unsigned int i;

	MOUNT(M1, "debug");
	ASSERT_OK(statfs(M1, &sf));
	EXPECT_EQ(sf.f_type, CT_MAGIC);
	EXPECT_EQ(sf.f_namelen, 255);
	EXPECT_EQ(sf.f_bsize, 4096);
	ASSERT_OK(stat(M1, &st));
	EXPECT_MODE(st.st_mode, S_IFDIR | 0755);
	EXPECT_EQ(st.st_nlink, 2);
	EXPECT_EQ(st.st_uid, 0);
	EXPECT_EQ(st.st_gid, 0);
	EXPECT_MODE(ct_mode(M1 "/tasks"), S_IFREG | 0644);
	EXPECT_EQ(ct_nlink(M1 "/tasks"), 1);
	for (i = 0; i < ARRAY_SIZE(readonly); i++) {
		CTX("file %s", readonly[i]);
		EXPECT_MODE(ct_mode(P(M1 "/%s", readonly[i])), S_IFREG | 0444);
		EXPECT(ct_slurp(P(M1 "/%s", readonly[i])));
	}
	CTX_END();
	UMOUNT(M1);
}

static void readonly_mount(void)
{
	ASSERT_OK(ct_mount_flags(M1, "debug", MS_RDONLY));
	EXPECT(ct_has_word(ct_mount_opts(M1), "ro"));
	EXPECT_ERRNO(mkdir(M1 "/c", 0755), EROFS);
	EXPECT_ERRNO(open(M1 "/tasks", O_WRONLY), EROFS);
	EXPECT_ERRNO(open(M1 "/tasks", O_RDWR), EROFS);
	EXPECT_ERRNO(chmod(M1 "/tasks", 0600), EROFS);
	EXPECT(ct_has(M1, getpid()));
	UMOUNT(M1);
	EXPECT_STR(ct_slurp(SELF), "");
}

static void remount_readonly(void)
{
	char *words;

	MOUNT(M1, "debug");
	MKDIR(M1 "/c");
	words = ct_mount_words(M1);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT | MS_RDONLY, words));
	EXPECT(ct_has_word(ct_mount_opts(M1), "ro"));
	EXPECT_ERRNO(mkdir(M1 "/d", 0755), EROFS);
	EXPECT_ERRNO(rmdir(M1 "/c"), EROFS);
	EXPECT_ERRNO(ct_move(M1 "/c", getpid()), EROFS);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, words));
	EXPECT_OK(ct_move(M1 "/c", getpid()));
	/* as `mount -o remount,ro DIR` of a small userland does it */
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT | MS_RDONLY, NULL));
	EXPECT_ERRNO(mkdir(M1 "/d", 0755), EROFS);
	EXPECT_STR(ct_slurp(SELF), "debug:/c\n");
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, ""));
	EXPECT_STR(ct_slurp(SELF), "debug:/c\n");
	EXPECT_OK(ct_move(M1, getpid()));
	RMDIR(M1 "/c");
	UMOUNT(M1);
}

static void remount_same_set(void)
{
	struct stat before, after;
	int fd, i;

	MOUNT(M1, "numtasks,debug,name=x");
	MKDIR(M1 "/c");
	EXPECT_OK(chmod(M1 "/c/tasks", 0604));
	EXPECT_OK(chown(M1 "/c/tasks", USER, USER));
	EXPECT_OK(ct_write(M1 "/c/numtasks.limit", "7"));
	ASSERT_OK(stat(M1 "/c/tasks", &before));
	ASSERT_OK(fd = open(M1 "/c/numtasks.limit", O_RDONLY));
	for (i = 0; i < ktap_loops(100); i++) {
		EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT,
				"debug,numtasks,name=x"));
		EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT,
				   "debug,numtasks,nosuch"), ENOENT);
		EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT,
				   "debug,numtasks,"), EINVAL);
		EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT,
				   "debug,none"), EINVAL);
	}
	ASSERT_OK(stat(M1 "/c/tasks", &after));
	EXPECT_EQ(after.st_ino, before.st_ino);
	EXPECT_MODE(after.st_mode, S_IFREG | 0604);
	EXPECT_EQ(after.st_uid, USER);
	EXPECT_STR(ct_read_fd(fd, 100), "7\n");
	EXPECT_STR(ct_slurp(SELF), "debug,numtasks,name=x:/\n");
	close(fd);
	RMDIR(M1 "/c");
	UMOUNT(M1);
}

static void unprivileged(void)
{
	MOUNT(M1, "debug");
	mkdir(M2, 0777);
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(mount("ct", M2, "container", 0, "debug"), EPERM);
		EXPECT_ERRNO(mount("ct", M2, "container", 0, "numtasks"),
			     EPERM);
		EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT, "debug"),
			     EPERM);
		EXPECT_ERRNO(umount2(M1, 0), EPERM);
	});
	UMOUNT(M1);
}

static void busy_mounts(void)
{
	int fd;

	MOUNT(M1, "debug");
	ASSERT_OK(fd = open(M1 "/tasks", O_RDONLY));
	EXPECT_ERRNO(umount2(M1, 0), EBUSY);
	close(fd);
	ASSERT_OK(chdir(M1));
	EXPECT_ERRNO(umount2(M1, 0), EBUSY);
	ASSERT_OK(chdir("/"));
	/* being in a container keeps no mount busy */
	MKDIR(M1 "/c");
	EXPECT_OK(ct_move(M1 "/c", getpid()));
	UMOUNT(M1);
	MOUNT(M1, "debug");
	EXPECT_OK(ct_move(M1, getpid()));
	RMDIR(M1 "/c");
	/* a lazy umount: the hierarchy goes when its last file is closed */
	ASSERT_OK(fd = open(M1 "/tasks", O_RDONLY));
	EXPECT_OK(umount2(M1, MNT_DETACH));
	EXPECT_STR(ct_slurp(SELF), "debug:/\n");
	EXPECT(ct_read_fd(fd, 4096));
	close(fd);
	EXPECT_STR(ct_slurp(SELF), "");
}

/* Mounts and unmounts opts on dir until *stop; counts what happened. */
static void mounter(const char *dir, const char *opts, bool may_overlap,
		    int *stop, int *done)
{
	char *child = strdup(P("%s/%d", dir, getpid()));

	while (!GET(*stop)) {
		if (ct_mount(dir, opts)) {
			if (!may_overlap || errno != EBUSY)
				FAIL("mount %s: %s", opts, ktap_errno(errno));
			sched_yield();
			continue;
		}
		EXPECT(ct_exists(P("%s/tasks", dir)));
		if (INC(*done) % 4 == 0) {
			EXPECT_OK(mkdir(child, 0755));
			EXPECT_OK(rmdir(child));
		}
		EXPECT_OK(umount2(dir, 0));
		/* let the other one have it, too, when there is one CPU */
		if (*done % 16 == 0)
			usleep(1000);
	}
}

/* Two processes, one hierarchy that dissolves and comes up all the time. */
static void race(const char *one, const char *two, bool may_overlap)
{
	int *sh = ct_shared(4096), pid[2], n = ktap_loops(900);

	pid[0] = IN_CHILD(mounter(M1, one, may_overlap, sh, sh + 1));
	pid[1] = IN_CHILD(mounter(M2, two, may_overlap, sh, sh + 2));
	while (GO_ON(GET(sh[1]) < n || GET(sh[2]) < n))
		usleep(10000);
	SET(*sh, 1);
	ct_ended_well(pid[0]);
	ct_ended_well(pid[1]);
	ktap_note("%d and %d mounts", sh[1], sh[2]);
	EXPECT_STR(ct_slurp(SELF), "");
	works("debug,numtasks", "debug,numtasks:/\n");
}

static void race_of_same_set(void)
{
	race("debug", "debug", false);
}

static void race_of_same_name(void)
{
	race("none,name=x", "name=x", false);
}

static void race_of_overlapping_sets(void)
{
	race("debug", "debug,numtasks", true);
}

static const struct ktap_case cases[] = {
	T(sets),
	T(bad_options),
	T(bad_options_leak_nothing),
	T(names),
	T(options_of_a_page),
	T(name_rules),
	T(same_set_is_same_hierarchy),
	T(overlap_is_busy),
	T(hidden_hierarchy),
	T(hidden_by_name),
	T(shown_options),
	T(statfs_and_modes),
	T(readonly_mount),
	T(remount_readonly),
	T(remount_same_set),
	T(unprivileged),
	T(busy_mounts),
	T(race_of_same_set),
	T(race_of_same_name),
	T(race_of_overlapping_sets),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

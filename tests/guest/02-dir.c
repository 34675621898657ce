// SPDX-License-Identifier: GPL-2.0
/*
 * mkdir, rmdir, rename and other operations on the directory of a container:
 * names, modes, errors.  Open files and directories of removed containers, and
 * reading directories, are in 02-open.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"

/* Expects the same files as in any other container of the hierarchy at M1. */
static void whole(const char *dir)
{
	char *want;

	MKDIR(M1 "/model");
	want = ct_ls(M1 "/model");
	RMDIR(M1 "/model");
	EXPECT(strstr(want, "tasks "));
	EXPECT_STR(ct_ls(dir), want);
	free(want);
}

static void mkdir_errors(void)
{
	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_ERRNO(mkdir(M1 "/a", 0755), EEXIST);
	EXPECT_ERRNO(mkdir(M1, 0755), EEXIST);
	EXPECT_ERRNO(mkdir(M1 "/tasks", 0755), EEXIST);
	EXPECT_ERRNO(mkdir(M1 "/debug.task_count", 0755), EEXIST);
	EXPECT_ERRNO(mkdir(M1 "/a/debug.css_groups", 0755), EEXIST);
	EXPECT_ERRNO(mkdir(M1 "/none/b", 0755), ENOENT);
	EXPECT_ERRNO(mkdir(M1 "/tasks/b", 0755), ENOTDIR);
	EXPECT_ERRNO(mkdir(M1 "/a\nb", 0755), EINVAL);
	EXPECT_ERRNO(mkdir(M1 "/\n", 0755), EINVAL);
	EXPECT_ERRNO(mkdir(P(M1 "/%s", ct_fill('d', 256)), 0755),
		     ENAMETOOLONG);
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(mkdir(M1 "/u", 0755), EACCES);
		EXPECT_ERRNO(mkdir(M1 "/a/u", 0755), EACCES);
	});
	EXPECT_EQ(ct_nlink(M1), 3);
	EXPECT_EQ(ct_subsys_field("debug", 1), 2);
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

static void odd_names(void)
{
	static const char *const names[] = {
		"a b", "back\\slash", "comma,", "co:lon", "...", ".hidden",
		"debug.foo", "debug", "-", "\"quoted\"", "tab\there",
		"\303\244\377", "tasks2", "name=x",
	};
	unsigned int i;

	MOUNT(M1, "debug");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char *dir = strdup(P(M1 "/%s", names[i]));

		CTX("name %s", ktap_quote(names[i]));
		if (!EXPECT_OK(mkdir(dir, 0755)))
			continue;
		whole(dir);
		EXPECT_OK(ct_move(dir, getpid()));
		EXPECT_STR(ct_where(0, "debug"), P("/%s", names[i]));
		EXPECT_OK(ct_move(M1, getpid()));
		EXPECT_OK(rmdir(dir));
		free(dir);
	}
	CTX_END();
	EXPECT_OK(mkdir(P(M1 "/%s", ct_fill('d', 255)), 0755));
	whole(P(M1 "/%s", ct_fill('d', 255)));
	EXPECT_OK(rmdir(P(M1 "/%s", ct_fill('d', 255))));
	EXPECT_OK(mkdir(M1 "/slash/", 0755));
	EXPECT_OK(rmdir(M1 "/slash/"));
	UMOUNT(M1);
}

static void mkdir_modes(void)
{
	static const struct {
		int mode, umask, want;
	} rows[] = {
		{ 0, 0, 0 }, { 0777, 0, 0777 }, { 01777, 0, 01777 },
		{ 02755, 0, 0755 }, { 04755, 0, 0755 }, { 0700, 0, 0700 },
		{ 0777, 022, 0755 }, { 0777, 077, 0700 }, { 0777, 0777, 0 },
		{ 0666, 0, 0666 },
	};
	unsigned int i;

	MOUNT(M1, "debug,numtasks");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		CTX("mkdir mode %o, umask %o", rows[i].mode, rows[i].umask);
		umask(rows[i].umask);
		EXPECT_OK(mkdir(M1 "/d", rows[i].mode));
		EXPECT_MODE(ct_mode(M1 "/d"), S_IFDIR | rows[i].want);
		EXPECT_MODE(ct_mode(M1 "/d/tasks"), S_IFREG | 0644);
		EXPECT_MODE(ct_mode(M1 "/d/debug.task_count"), S_IFREG | 0444);
		EXPECT_MODE(ct_mode(M1 "/d/numtasks.limit"), S_IFREG | 0644);
		EXPECT_MODE(ct_mode(M1 "/d/numtasks.count"), S_IFREG | 0444);
		EXPECT_MODE(ct_mode(M1 "/d/numtasks.peak"), S_IFREG | 0444);
		EXPECT_MODE(ct_mode(M1 "/d/numtasks.failcnt"), S_IFREG | 0444);
		umask(022);
		whole(M1 "/d");
		RMDIR(M1 "/d");
	}
	CTX_END();
	UMOUNT(M1);
}

/*
 * Directories that a user makes are complete, whatever access he has to them.
 */
static void mkdir_by_user(void)
{
	struct stat st;

	MOUNT(M1, "debug");
	MKDIR(M1 "/home");
	EXPECT_OK(chown(M1 "/home", USER, USER));
	RUN_AS(USER, {
		EXPECT_OK(mkdir(M1 "/home/plain", 0755));
		EXPECT_OK(mkdir(M1 "/home/nox", 0600));
		umask(0777);
		EXPECT_OK(mkdir(M1 "/home/nothing", 0777));
		umask(022);
		/* his own child in his own container */
		EXPECT_OK(ct_move(M1 "/home/plain", ct_child()));
		EXPECT_ERRNO(ct_move(M1, getpid()), EACCES);
	});
	ASSERT_OK(stat(M1 "/home/plain", &st));
	EXPECT_EQ(st.st_uid, USER);
	EXPECT_EQ(st.st_gid, USER);
	ASSERT_OK(stat(M1 "/home/plain/tasks", &st));
	EXPECT_EQ(st.st_uid, USER);
	EXPECT_MODE(ct_mode(M1 "/home/nox"), S_IFDIR | 0600);
	EXPECT_MODE(ct_mode(M1 "/home/nothing"), S_IFDIR);
	whole(M1 "/home/plain");
	whole(M1 "/home/nox");
	whole(M1 "/home/nothing");
	RUN_AS(USER, {
		EXPECT_OK(rmdir(M1 "/home/nox"));
		EXPECT_OK(rmdir(M1 "/home/nothing"));
		EXPECT_ERRNO(rmdir(M1 "/home"), EACCES);
	});
}

static void rmdir_errors(void)
{
	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_ERRNO(rmdir(M1), EBUSY);
	EXPECT_ERRNO(rmdir(M1 "/."), EINVAL);
	EXPECT_ERRNO(rmdir(M1 "/a/."), EINVAL);
	EXPECT_ERRNO(rmdir(M1 "/a/.."), ENOTEMPTY);
	EXPECT_ERRNO(rmdir(M1 "/tasks"), ENOTDIR);
	EXPECT_ERRNO(rmdir(M1 "/none"), ENOENT);
	RUN_AS(NOBODY, EXPECT_ERRNO(rmdir(M1 "/a"), EACCES));
	MKDIR(M1 "/a/b");
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	RMDIR(M1 "/a/b");
	RMDIR(M1 "/a");
	EXPECT_ERRNO(rmdir(M1 "/a"), ENOENT);
	UMOUNT(M1);
}

/* A container that is busy stays as it was, and usable. */
static void rmdir_busy(void)
{
	int i, pid;

	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "9"));
	pid = ct_child_in(M1 "/a");
	for (i = 0; i < ktap_loops(300); i++)
		if (!EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY))
			break;
	whole(M1 "/a");
	EXPECT(ct_has(M1 "/a", pid));
	EXPECT_STR(ct_where(pid, "debug"), "/a");
	EXPECT_STR(ct_slurp(M1 "/a/numtasks.limit"), "9\n");
	MKDIR(M1 "/a/b");
	RMDIR(M1 "/a/b");
	ct_reap(pid);
	/* gone at once: no grace period, no second attempt */
	RMDIR(M1 "/a");
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
	UMOUNT(M1);
}

static void rmdir_after_exit(void)
{
	int i, zombie;

	MOUNT(M1, "debug,numtasks");
	for (i = 0; i < ktap_loops(200); i++) {
		MKDIR(M1 "/a");
		ct_reap(ct_child_in(M1 "/a"));
		ASSERT_OK(rmdir(M1 "/a"));
	}
	/* a zombie does not keep a container busy */
	MKDIR(M1 "/a");
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	zombie = ct_zombie();
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT_STR(ct_where(zombie, "debug"), "/");
	RMDIR(M1 "/a");
	ct_reap(zombie);
	UMOUNT(M1);
}

static void nlink(void)
{
	MOUNT(M1, "debug");
	EXPECT_EQ(ct_nlink(M1), 2);
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	EXPECT_EQ(ct_nlink(M1), 4);
	EXPECT_EQ(ct_nlink(M1 "/a"), 2);
	MKDIR(M1 "/a/c");
	EXPECT_EQ(ct_nlink(M1 "/a"), 3);
	EXPECT_EQ(ct_nlink(M1), 4);
	RMDIR(M1 "/a/c");
	RMDIR(M1 "/b");
	EXPECT_EQ(ct_nlink(M1 "/a"), 2);
	EXPECT_EQ(ct_nlink(M1), 3);
	RMDIR(M1 "/a");
	EXPECT_EQ(ct_nlink(M1), 2);
	UMOUNT(M1);
}

static void rename_in_place(void)
{
	struct stat before, after;
	int pid, fd, i;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/sub");
	pid = ct_child_in(M1 "/a/sub");
	ASSERT_OK(stat(M1 "/a", &before));
	ASSERT_OK(fd = open(M1 "/a/sub/tasks", O_RDONLY));
	EXPECT_OK(rename(M1 "/a", M1 "/a"));
	EXPECT_OK(rename(M1 "/a", M1 "/b"));
	EXPECT(!ct_exists(M1 "/a"));
	ASSERT_OK(stat(M1 "/b", &after));
	EXPECT_EQ(before.st_ino, after.st_ino);
	EXPECT_STR(ct_where(pid, "debug"), "/b/sub");
	EXPECT_STR(ct_read_fd(fd, 99), P("%d\n", pid));
	whole(M1 "/b/sub");
	EXPECT_ERRNO(mkdir(M1 "/b", 0755), EEXIST);
	EXPECT_OK(mkdir(M1 "/a", 0755));
	RMDIR(M1 "/a");
	/* longer and shorter names, all seen at once in /proc */
	for (i = 1; i < 255; i += 9) {
		char *old = strdup(ct_fill('b', i == 1 ? 1 : i - 9));
		char *name = ct_fill('b', i);

		if (i > 1)
			EXPECT_OK(rename(P(M1 "/%s", old), P(M1 "/%s", name)));
		EXPECT_STR(ct_where(pid, "debug"), P("/%s/sub", name));
		free(old);
		free(name);
	}
	EXPECT_OK(rename(P(M1 "/%s", ct_fill('b', 253)), M1 "/b"));
	ct_reap(pid);
	close(fd);
	RMDIR(M1 "/b/sub");
	RMDIR(M1 "/b");
	UMOUNT(M1);
}

static void rename_errors(void)
{
	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	MKDIR(M1 "/a/c");
	EXPECT_ERRNO(rename(M1 "/tasks", M1 "/tasks2"), ENOTDIR);
	EXPECT_ERRNO(rename(M1 "/a/tasks", M1 "/a/x"), ENOTDIR);
	EXPECT_ERRNO(rename(M1 "/a", M1 "/b"), EEXIST);
	EXPECT_ERRNO(rename(M1 "/a", M1 "/tasks"), ENOTDIR);
	EXPECT_ERRNO(rename(M1 "/tasks", M1 "/a"), EISDIR);
	EXPECT_ERRNO(rename(M1 "/a/c", M1 "/b/c"), EIO);
	EXPECT_ERRNO(rename(M1 "/a/c", M1 "/c"), EIO);
	EXPECT_ERRNO(rename(M1 "/a", M1 "/a/c/d"), EINVAL);
	EXPECT_ERRNO(rename(M1 "/none", M1 "/x"), ENOENT);
	EXPECT_ERRNO(rename(M1 "/a", M1 "/x\ny"), EINVAL);
	EXPECT_ERRNO(rename(M1 "/a", P(M1 "/%s", ct_fill('r', 256))),
		     ENAMETOOLONG);
	EXPECT_ERRNO(rename(M1 "/a", CT_TMP "/a"), EXDEV);
	EXPECT_OK(mkdir(CT_TMP "/out", 0755));
	EXPECT_ERRNO(rename(CT_TMP "/out", M1 "/out"), EXDEV);
	EXPECT_OK(rmdir(CT_TMP "/out"));
	RUN_AS(NOBODY, EXPECT_ERRNO(rename(M1 "/a", M1 "/x"), EACCES));
	EXPECT(ct_exists(M1 "/a/c/tasks"));
	EXPECT(ct_exists(M1 "/b/tasks"));
	EXPECT(!ct_exists(M1 "/x"));
	EXPECT_OK(rename(M1 "/a", P(M1 "/%s", ct_fill('r', 255))));
	EXPECT_OK(rename(P(M1 "/%s", ct_fill('r', 255)), M1 "/a"));
	RMDIR(M1 "/a/c");
	RMDIR(M1 "/a");
	RMDIR(M1 "/b");
	UMOUNT(M1);
}

static void no_other_objects(void)
{
	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_ERRNO(unlink(M1 "/tasks"), EPERM);
	EXPECT_ERRNO(unlink(M1 "/a/tasks"), EPERM);
	EXPECT_ERRNO(unlink(M1 "/a/debug.task_count"), EPERM);
	/* the VFS answers for a directory before any file system is asked */
	EXPECT_ERRNO2(unlink(M1 "/a"), EISDIR, EPERM);
	EXPECT_ERRNO(symlink("tasks", M1 "/sym"), EPERM);
	EXPECT_ERRNO(link(M1 "/tasks", M1 "/tasks2"), EPERM);
	EXPECT_ERRNO(link(M1 "/tasks", CT_TMP "/tasks2"), EXDEV);
	EXPECT_ERRNO(mknod(M1 "/fifo", S_IFIFO | 0644, 0), EPERM);
	EXPECT_ERRNO(mknod(M1 "/null", S_IFCHR | 0644, 0x103), EPERM);
	EXPECT_ERRNO(open(M1 "/new", O_CREAT | O_WRONLY, 0644), EACCES);
	EXPECT_ERRNO(open(M1 "/a/new", O_CREAT | O_EXCL | O_RDWR, 0644),
		     EACCES);
	EXPECT_ERRNO(open(M1 "/tasks", O_CREAT | O_EXCL | O_RDWR, 0644),
		     EEXIST);
	EXPECT_ERRNO(open(M1 "/tasks", O_RDONLY | O_DIRECTORY), ENOTDIR);
	EXPECT_ERRNO(open(M1 "/a", O_WRONLY), EISDIR);
	EXPECT_ERRNO(execl(M1 "/tasks", "tasks", NULL), EACCES);
	/* what a shell opens for > and >> */
	EXPECT_OK(close(open(M1 "/tasks", O_CREAT | O_WRONLY | O_TRUNC, 0666)));
	EXPECT_OK(close(open(M1 "/tasks", O_CREAT | O_WRONLY | O_APPEND,
			     0666)));
	whole(M1 "/a");
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

static void shrink_dcache(void)
{
	/* best effort: the sysctl may be configured out */
	if (ct_write("/proc/sys/vm/drop_caches", "2\n"))
		ktap_note("cannot: %s", ktap_errno(errno));
}

static void attributes_hold(void)
{
	struct utimbuf when = { 1000000, 2000000 };
	struct stat st;
	int pass;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_OK(chmod(M1 "/a", 0711));
	EXPECT_OK(chmod(M1 "/a/tasks", 0666));
	EXPECT_OK(chmod(M1 "/tasks", 0640));
	EXPECT_OK(chmod(M1, 0701));
	EXPECT_OK(chown(M1 "/a", USER, NOBODY));
	EXPECT_OK(chown(M1 "/a/tasks", NOBODY, USER));
	EXPECT_OK(utime(M1 "/a/tasks", &when));
	EXPECT_OK(utime(M1 "/a", &when));
	for (pass = 0; pass < 2; pass++) {
		CTX("pass %d", pass);
		ASSERT_OK(stat(M1 "/a", &st));
		EXPECT_MODE(st.st_mode, S_IFDIR | 0711);
		EXPECT_EQ(st.st_uid, USER);
		EXPECT_EQ(st.st_gid, NOBODY);
		EXPECT_EQ(st.st_mtime, 2000000);
		ASSERT_OK(stat(M1 "/a/tasks", &st));
		EXPECT_MODE(st.st_mode, S_IFREG | 0666);
		EXPECT_EQ(st.st_uid, NOBODY);
		EXPECT_EQ(st.st_gid, USER);
		EXPECT_EQ(st.st_atime, 1000000);
		EXPECT_EQ(st.st_mtime, 2000000);
		EXPECT_MODE(ct_mode(M1 "/tasks"), S_IFREG | 0640);
		EXPECT_MODE(ct_mode(M1), S_IFDIR | 0701);
		EXPECT_MODE(ct_mode(M1 "/a/debug.css_groups"), S_IFREG | 0444);
		/* neither memory pressure nor other containers change it */
		shrink_dcache();
		MKDIR(M1 "/b");
		RMDIR(M1 "/b");
	}
	CTX_END();
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(chmod(M1 "/a", 0777), EPERM);
		EXPECT_ERRNO(chown(M1 "/a", NOBODY, NOBODY), EPERM);
		EXPECT_OK(chmod(M1 "/a/tasks", 0644));
	});
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

static void truncate_does_nothing(void)
{
	int fd;

	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "5"));
	EXPECT_OK(truncate(M1 "/a/numtasks.limit", 0));
	EXPECT_OK(truncate(M1 "/a/tasks", 0));
	EXPECT_OK(truncate(M1 "/a/tasks", 100));
	ASSERT_OK(fd = open(M1 "/a/numtasks.limit", O_RDWR | O_TRUNC));
	EXPECT_OK(ftruncate(fd, 0));
	EXPECT_STR(ct_read_fd(fd, 10), "5\n");
	close(fd);
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

/* longer than any path that the VFS accepts */
static void deep(void)
{
	char *name = ct_fill('D', 100);
	int i, depth = 60;

	MOUNT(M1, "debug");
	ASSERT_OK(chdir(M1));
	for (i = 0; i < depth; i++) {
		ASSERT_OK(mkdir(name, 0755));
		ASSERT_OK(chdir(name));
	}
	EXPECT_EQ(ct_subsys_field("debug", 1), depth + 1);
	EXPECT_OK(ct_write("tasks", "0"));
	EXPECT_STR(ct_slurp("debug.task_count"), "1\n");
	EXPECT_EQ(strlen(ct_where(0, "debug")), depth * 101);
	EXPECT_OK(ct_move(M1, getpid()));
	for (i = 0; i < depth; i++) {
		ASSERT_OK(chdir(".."));
		ASSERT_OK(rmdir(name));
	}
	ASSERT_OK(chdir("/"));
	UMOUNT(M1);
}

static void many_siblings(void)
{
	int i, n = ktap_loops(2000), files, found = 0;
	struct dirent *e;
	DIR *d;

	MOUNT(M1, "debug");
	MKDIR(M1 "/m");
	d = opendir(M1 "/m");
	for (files = 0; (e = readdir(d)); files++)
		;
	closedir(d);
	for (i = 0; i < n; i++)
		ASSERT_OK(mkdir(P(M1 "/m/%d", i), 0755));
	EXPECT_EQ(ct_nlink(M1 "/m"), n + 2);
	EXPECT_EQ(ct_subsys_field("debug", 1), n + 2);
	d = opendir(M1 "/m");
	while ((e = readdir(d)))
		found++;
	EXPECT_EQ(found, files + n);
	rewinddir(d);
	while ((e = readdir(d)))
		found--;
	EXPECT_EQ(found, 0);
	closedir(d);
	EXPECT_ERRNO(rmdir(M1 "/m"), EBUSY);
	for (i = 0; i < n; i++)
		ASSERT_OK(rmdir(P(M1 "/m/%d", i)));
	EXPECT_EQ(ct_nlink(M1 "/m"), 2);
	RMDIR(M1 "/m");
	UMOUNT(M1);
}

/* Two processes make, rename and remove the same names; some must succeed. */
static void race_for_names(void)
{
	static const int allowed[] = { EEXIST, ENOENT, 0 };
	int *done = ct_shared(4096), pid[2], i, w;
	int n = ktap_loops(24000);

	MOUNT(M1, "debug,numtasks");
	for (w = 0; w < 2; w++)
		pid[w] = IN_CHILD({
			unsigned long rnd = ktap_seed() + w;

			int *my = done + 8 * w;

			while (GO_ON(my[3]++ < n || my[0] < 3 || my[1] < 3 ||
				     my[2] < 3)) {
				char *a = P(M1 "/%u", ktap_rand(&rnd) % 3);
				char *b = P(M1 "/%u", ktap_rand(&rnd) % 3);
				int op = ktap_rand(&rnd) % 3;

				if (op == 0 ? !mkdir(a, 0755) :
				    op == 1 ? !rmdir(a) : !rename(a, b)) {
					my[op]++;
					continue;
				}
				for (i = 0; allowed[i]; i++)
					if (errno == allowed[i])
						break;
				if (!allowed[i])
					FAIL("operation %d: %s", op,
					     ktap_errno(errno));
			}
		});
	for (w = 0; w < 2; w++)
		ct_ended_well(pid[w]);
	for (i = 0; i < 3; i++)
		rmdir(P(M1 "/%d", i));
	EXPECT_EQ(ct_nlink(M1), 2);
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
	UMOUNT(M1);
}

/* The dentries of containers are not a cache, so they are not freed. */
static void not_a_cache(void)
{
	int i;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/b");
	for (i = 0; i < 3; i++)
		ASSERT_OK(ct_write("/proc/sys/vm/drop_caches", "3"));
	EXPECT_EQ(ct_nlink(M1 "/a"), 3);
	EXPECT_EQ(ct_num(M1 "/a/b/debug.task_count"), 0);
	EXPECT(ct_exists(M1 "/a/b/notify_on_release"));
	RMDIR(M1 "/a/b");
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

/* A removed container is freed later: rmdir waits for no grace period. */
static void waits_for_nothing(void)
{
	MOUNT(M1, "debug,numtasks");
	EXPECT_NO_WAIT(100, MKDIR(M1 "/a"); RMDIR(M1 "/a"));
	UMOUNT(M1);
}

/* Times are stored with the resolution of the clock, and as they are set. */
static void times_are_fine(void)
{
	struct timespec when[2] = { { 1000, 123456789 }, { 2000, 987654321 } };
	int mtime = 0, ctime = 0, own = 0, i;
	struct stat st;

	MOUNT(M1, "debug");
	for (i = 0; i < 20; i++) {
		MKDIR(M1 "/a");
		EXPECT_OK(chmod(M1 "/tasks", 0640 | (i % 2)));
		ASSERT_OK(stat(M1, &st));
		mtime += st.st_mtim.tv_nsec != 0;
		ASSERT_OK(stat(M1 "/tasks", &st));
		ctime += st.st_ctim.tv_nsec != 0;
		ASSERT_OK(stat(M1 "/a", &st));
		own += st.st_mtim.tv_nsec != 0;
		RMDIR(M1 "/a");
		usleep(3000);
	}
	/* each may come with the first tick of a second, but not all of them */
	EXPECT_CMP(mtime, >, 10);
	EXPECT_CMP(ctime, >, 10);
	EXPECT_CMP(own, >, 10);
	if (utimensat(AT_FDCWD, M1 "/tasks", when, 0)) {
		EXPECT_EQ(errno, ENOSYS);
	} else {
		ASSERT_OK(stat(M1 "/tasks", &st));
		EXPECT_EQ(st.st_atim.tv_nsec, when[0].tv_nsec);
		EXPECT_EQ(st.st_mtim.tv_nsec, when[1].tv_nsec);
		EXPECT_EQ(st.st_mtim.tv_sec, when[1].tv_sec);
	}
	UMOUNT(M1);
}

/* A mount on a control file while its container is being removed. */
static void mounted_in_a_race(void)
{
	int *sh = ct_shared(4096), n = ktap_loops(6000), mounted = 0, i, pid;
	unsigned long rnd = ktap_seed();
	char *mounts;

	MOUNT(M1, "none,name=race");
	pid = IN_CHILD({
		unsigned long r = ktap_seed() + 1;

		for (i = 1; i <= n; i++) {
			SPIN_FOR(GET(sh[0]) == i);
			ktap_spin(ktap_rand(&r) % 3000);
			sh[2] = mount("/proc/version", M1 "/a/tasks", NULL,
				      MS_BIND, NULL);
			if (sh[2] && errno != ENOENT)
				FAIL("mount: %s", ktap_errno(errno));
			SET(sh[1], i);
		}
	});
	for (i = 1; i <= n; i++) {
		bool removed;

		MKDIR(M1 "/a");
		SET(sh[0], i);
		ktap_spin(ktap_rand(&rnd) % 3000);
		removed = !rmdir(M1 "/a");
		if (!removed)
			ASSERT_EQ(errno, EBUSY);
		SPIN_FOR(GET(sh[1]) == i);
		mounted += !sh[2];
		if (!removed) {
			/* so it has been mounted, and can be used */
			ASSERT_OK(sh[2]);
			ASSERT_OK(umount2(M1 "/a/tasks", 0));
			RMDIR(M1 "/a");
			continue;
		}
		mounts = ct_slurp("/proc/mounts");
		if (strstr(mounts, M1 "/")) {
			FAIL("removed, but %s", ktap_quote(strstr(mounts, M1 "/")));
			break;
		}
		free(mounts);
	}
	ktap_note("%d of %d times it was mounted", mounted, i - 1);
	SET(sh[0], 0);
	if (i > n)
		ct_ended_well(pid);
	else
		ct_reap(pid);
	UMOUNT(M1);
}

static const struct ktap_case cases[] = {
	T(mkdir_errors),
	T(odd_names),
	T(mkdir_modes),
	T(mkdir_by_user),
	T(rmdir_errors),
	T(rmdir_busy),
	T(rmdir_after_exit),
	T(nlink),
	T(rename_in_place),
	T(rename_errors),
	T(no_other_objects),
	T(attributes_hold),
	T(truncate_does_nothing),
	T(deep),
	T(many_siblings),
	T(race_for_names),
	T(not_a_cache),
	T(waits_for_nothing),
	T(times_are_fine),
	T(mounted_in_a_race),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

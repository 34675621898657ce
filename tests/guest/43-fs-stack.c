// SPDX-License-Identifier: GPL-2.0
/*
 * Other mounts over containers and under them: bind mounts of directories and
 * of single files, file systems mounted on them, overlays with containers in
 * either layer, and handles of files.
 *
 * harness: configs=full timeout=90
 */
#include <sys/utsname.h>

#include "ct.h"

#define ALL "debug,numtasks"
#define SIDE CT_TMP "/side"	/* another place to mount at */
#define TMPFS CT_TMP "/tmpfs"	/* 2.6.22 binds nothing of its rootfs */
#define FILE_AT TMPFS "/file"

static bool old_kernel(void)
{
	struct utsname u;

	return uname(&u) || !strncmp(u.release, "2.6.", 4);
}

static void setup(void)
{
	int fd;

	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	mkdir(SIDE, 0755);
	mkdir(TMPFS, 0755);
	ASSERT_OK(mount("t", TMPFS, "tmpfs", 0, NULL));
	ASSERT_OK(fd = open(FILE_AT, O_CREAT | O_WRONLY, 0644));
	close(fd);
}

/* --- bind mounts --------------------------------------------------------------- */

/* A bind mount of a subtree shows the same containers. */
static void a_directory_elsewhere(void)
{
	setup();
	MKDIR(M1 "/a/b");
	ASSERT_OK(mount(M1 "/a", SIDE, NULL, MS_BIND, NULL));
	EXPECT_OK(ct_move(SIDE "/b", 0));
	EXPECT_STR(ct_where(0, "debug"), "/a/b");
	EXPECT_OK(mkdir(SIDE "/c", 0755));
	EXPECT(ct_exists(M1 "/a/c/tasks"));
	EXPECT_OK(ct_move(M1, 0));
	EXPECT_OK(rmdir(M1 "/a/c"));
	EXPECT(!ct_exists(SIDE "/c"));
	EXPECT_OK(rmdir(SIDE "/b"));
	EXPECT_OK(rmdir(M1 "/a"));
	EXPECT_ERRNO(mkdir(SIDE "/d", 0755), ENOENT);
	EXPECT_ERRNO(open(SIDE "/tasks", O_RDONLY), ENOENT);
	EXPECT_OK(umount2(SIDE, 0));
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
}

/* A bind mount of one control file, for a user that gets nothing else. */
static void a_file_elsewhere(void)
{
	int fd;

	setup();
	ASSERT_OK(mount(M1 "/a/tasks", FILE_AT, NULL, MS_BIND, NULL));
	EXPECT_OK(ct_write(FILE_AT, P("%d", getpid())));
	EXPECT_STR(ct_where(0, "debug"), "/a");
	EXPECT_OK(ct_move(M1, 0));
	ASSERT_OK(fd = open(FILE_AT, O_RDWR));
	EXPECT_OK(rmdir(M1 "/a"));
	EXPECT_ERRNO(ct_put(fd, "0", 1), ENODEV);
	EXPECT_ERRNO(open(FILE_AT, O_RDONLY), ENODEV);
	EXPECT_ERRNO(ct_write(FILE_AT, "0"), ENODEV);
	close(fd);
	EXPECT_OK(umount2(FILE_AT, 0));
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
}

/* A bind mount keeps the hierarchy when its own mount goes. */
static void survives_umount(void)
{
	setup();
	ASSERT_OK(mount(M1 "/a/numtasks.limit", FILE_AT, NULL, MS_BIND, NULL));
	UMOUNT(M1);
	EXPECT_OK(ct_write(FILE_AT, "5"));
	MOUNT(M2, ALL);
	EXPECT_EQ(ct_num(M2 "/a/numtasks.limit"), 5);
	EXPECT_OK(umount2(FILE_AT, 0));
}

/* --- mounts on containers -------------------------------------------------------- */

static void on_a_directory(void)
{
	setup();
	MKDIR(M1 "/a/b");
	ASSERT_OK(mount("t", M1 "/a", "tmpfs", 0, NULL));
	EXPECT(!ct_exists(M1 "/a/tasks"));
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	MKDIR(M1 "/a/b");
	EXPECT(!ct_exists(M1 "/a/b/tasks"));
	EXPECT_EQ(ct_subsys_field("debug", 1), 3);
	EXPECT_ERRNO(rename(M1 "/a", M1 "/c"), EBUSY);
	EXPECT_OK(umount2(M1 "/a", 0));
	EXPECT(ct_exists(M1 "/a/b/tasks"));
	RMDIR(M1 "/a/b");
	RMDIR(M1 "/a");
}

/* A write goes to what covers the file; a container below is not affected. */
static void on_a_file(void)
{
	setup();
	ASSERT_OK(mount(FILE_AT, M1 "/a/tasks", NULL, MS_BIND, NULL));
	EXPECT_OK(ct_write(M1 "/a/tasks", "hello"));
	EXPECT_STR(ct_slurp(FILE_AT), "hello");
	EXPECT_STR(ct_where(0, "debug"), "/");
	if (old_kernel()) {
		EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
		EXPECT_OK(umount2(M1 "/a/tasks", 0));
	}
	RMDIR(M1 "/a");
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
	EXPECT_STR(ct_slurp(FILE_AT), "hello");
}

/* --- overlays ---------------------------------------------------------------------- */

static int overlay(const char *lower, const char *upper)
{
	mkdir(CT_TMP "/work", 0755);
	mkdir(SIDE, 0755);
	return mount("o", SIDE, "overlay", 0,
		     P("lowerdir=%s,upperdir=%s,workdir=%s", lower, upper,
		       CT_TMP "/work"));
}

static void drop_side(void)
{
	EXPECT_OK(umount2(SIDE, 0));
	system("rm -rf " CT_TMP "/up " CT_TMP "/work");
}

/*
 * Containers in the lower layer of an overlay can be read.  All changes happen
 * in the upper layer, and never in a container.
 */
static void below_an_overlay(void)
{
	if (old_kernel())
		SKIP("no overlayfs");
	setup();
	MKDIR(M1 "/a/b");
	EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "7"));
	EXPECT_OK(ct_move(M1 "/a/b", 0));
	mkdir(CT_TMP "/up", 0755);
	ASSERT_OK(overlay(M1 "/a", CT_TMP "/up"));
	EXPECT_STR(ct_slurp(SIDE "/numtasks.limit"), "7\n");
	EXPECT_STR(ct_slurp(SIDE "/b/tasks"), P("%d\n", getpid()));
	/* A write goes to a copy. */
	ct_write(SIDE "/numtasks.limit", "9");
	EXPECT_STR(ct_slurp(M1 "/a/numtasks.limit"), "7\n");
	EXPECT_OK(mkdir(SIDE "/c", 0755));
	EXPECT(!ct_exists(M1 "/a/c"));
	EXPECT(!ct_exists(SIDE "/c/tasks"));
	ct_write(SIDE "/b/tasks", "1");
	EXPECT_STR(ct_slurp(M1 "/a/b/tasks"), P("%d\n", getpid()));
	/* What is removed in the lower layer is gone. */
	EXPECT_OK(ct_move(M1, 0));
	RMDIR(M1 "/a/b");
	rmdir(SIDE "/b");
	ct_slurp(SIDE "/numtasks.count");
	RMDIR(M1 "/a");
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
	ct_slurp(SIDE "/notify_on_release");
	drop_side();
}

/* No data can be stored in a container, so it cannot be the upper layer. */
static void above_an_overlay(void)
{
	int before;

	if (old_kernel())
		SKIP("no overlayfs");
	setup();
	mkdir(CT_TMP "/low", 0755);
	MKDIR(M1 "/a/up");
	MKDIR(M1 "/a/work");
	before = ct_subsys_field("debug", 1);
	if (!mount("o", SIDE, "overlay", 0, "lowerdir=" CT_TMP "/low,upperdir="
		   M1 "/a/up,workdir=" M1 "/a/work")) {
		int fd = open(SIDE "/new", O_CREAT | O_WRONLY, 0644);

		EXPECT_CMP(fd, <, 0);
		umount2(SIDE, 0);
	}
	/* The overlay may have made its own directory below "work". */
	EXPECT_CMP(ct_subsys_field("debug", 1), <=, before + 2);
	EXPECT(ct_exists(M1 "/a/up/tasks"));
	rmdir(CT_TMP "/low");
}

/* --- handles ---------------------------------------------------------------------- */

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200
#endif

/* Containers cannot be opened by a file handle. */
static void handles(void)
{
	struct {
		struct {
			unsigned int bytes;
			int type;
		} h;
		unsigned char data[128];
	} handle = { .h.bytes = 128 };
	int mnt;

	if (old_kernel())
		SKIP("no system call for them");
	setup();
	EXPECT_ERRNO(syscall(SYS_name_to_handle_at, AT_FDCWD, M1 "/a", &handle,
			     &mnt, 0), EOPNOTSUPP);
	/* Handles that only identify a file work; fanotify uses them. */
	EXPECT_OK(syscall(SYS_name_to_handle_at, AT_FDCWD, M1 "/a", &handle,
			  &mnt, AT_HANDLE_FID));
	ASSERT_OK(mnt = open(M1, O_RDONLY | O_DIRECTORY));
	EXPECT_ERRNO(syscall(SYS_open_by_handle_at, mnt, &handle, O_RDONLY),
		     ESTALE);
	close(mnt);
}

static void cleanup(void)
{
	while (!umount2(SIDE, MNT_DETACH) || !umount2(FILE_AT, MNT_DETACH) ||
	       !umount2(M1 "/a/tasks", MNT_DETACH))
		;
	umount2(TMPFS, MNT_DETACH);
	rmdir(TMPFS);
	rmdir(SIDE);
	ct_cleanup();
}

static const struct ktap_case cases[] = {
	T(a_directory_elsewhere),
	T(a_file_elsewhere),
	T(survives_umount),
	T(on_a_directory),
	T(on_a_file),
	T(below_an_overlay),
	T(above_an_overlay),
	T(handles),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), cleanup);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Events about directories and control files: inotify and dnotify, and fanotify
 * where it exists; above all when the watched object is removed, and when a
 * listener is slow.
 *
 * harness: alone=1 configs=full timeout=90
 */
#include <poll.h>
#include <sys/inotify.h>
#include <linux/fanotify.h>
#include <sys/utsname.h>

#include "ct.h"

#define ALL "debug,numtasks"

/* --- inotify ---------------------------------------------------------------- */

static int notify_open(void)
{
	int fd = inotify_init();

	ASSERT_OK(fd);
	ASSERT_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	return fd;
}

static int watch(int fd, const char *path)
{
	int wd;

	ASSERT_OK(wd = inotify_add_watch(fd, path, IN_ALL_EVENTS));
	return wd;
}

static const struct {
	unsigned int bit;
	const char *name;
} bits[] = {
	{ IN_ACCESS, "access" }, { IN_MODIFY, "modify" },
	{ IN_ATTRIB, "attrib" }, { IN_CLOSE_WRITE, "close_write" },
	{ IN_CLOSE_NOWRITE, "close" }, { IN_OPEN, "open" },
	{ IN_MOVED_FROM, "from" }, { IN_MOVED_TO, "to" },
	{ IN_CREATE, "create" }, { IN_DELETE, "delete" },
	{ IN_DELETE_SELF, "delete_self" }, { IN_MOVE_SELF, "move_self" },
	{ IN_UNMOUNT, "unmount" }, { IN_IGNORED, "ignored" },
	{ IN_Q_OVERFLOW, "overflow" },
};

/*
 * Returns the events of one watch since the last call: "create/:b delete/:b ".
 */
static char *told(int fd, int wd)
{
	static char out[4096];
	static long space[1024];
	char *buf = (char *)space, *p;
	struct inotify_event *e;
	ssize_t n;
	size_t i;

	*out = 0;
	while ((n = read(fd, space, sizeof(space))) > 0) {
		for (p = buf; p < buf + n; p += sizeof(*e) + e->len) {
			e = (void *)p;
			if (wd >= 0 && e->wd != wd)
				continue;
			for (i = 0; i < ARRAY_SIZE(bits); i++)
				if (e->mask & bits[i].bit)
					strcat(out, bits[i].name);
			if (e->mask & IN_ISDIR)
				strcat(out, "/");
			if (e->len)
				strcat(strcat(out, ":"), e->name);
			strcat(out, " ");
			if (strlen(out) > sizeof(out) - 400)
				return out;
		}
	}
	return out;
}

/* A watched directory reports the containers in it. */
static void containers_come_and_go(void)
{
	int fd, wd;

	MOUNT(M1, ALL);
	fd = notify_open();
	wd = watch(fd, M1);
	MKDIR(M1 "/a");
	EXPECT_STR(told(fd, wd), "create/:a ");
	EXPECT_OK(rename(M1 "/a", M1 "/b"));
	EXPECT_STR(told(fd, wd), "from/:a to/:b ");
	EXPECT_OK(chmod(M1 "/b", 0700));
	EXPECT_STR(told(fd, wd), "attrib/:b ");
	RMDIR(M1 "/b");
	EXPECT_STR(told(fd, wd), "delete/:b ");
	EXPECT_ERRNO(mkdir(M1 "/tasks", 0755), EEXIST);
	EXPECT_ERRNO(rmdir(M1 "/b"), ENOENT);
	EXPECT_STR(told(fd, wd), "");
	close(fd);
}

/* What is done to a control file is reported for it and for its directory. */
static void control_files(void)
{
	int fd, dir, file, f;
	char buf[64];

	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	fd = notify_open();
	dir = watch(fd, M1 "/a");
	ASSERT_OK(f = open(M1 "/a/numtasks.limit", O_RDWR));
	EXPECT_STR(told(fd, dir), "open:numtasks.limit ");
	EXPECT_CMP(read(f, buf, sizeof(buf)), >, 0);
	EXPECT_STR(told(fd, dir), "access:numtasks.limit ");
	EXPECT_OK(ct_put(f, "7", 1));
	EXPECT_STR(told(fd, dir), "modify:numtasks.limit ");
	EXPECT_ERRNO(ct_put(f, "x", 1), EINVAL);
	EXPECT_STR(told(fd, dir), "");
	close(f);
	EXPECT_STR(told(fd, dir), "close_write:numtasks.limit ");
	EXPECT_OK(inotify_rm_watch(fd, dir));
	EXPECT_STR(told(fd, dir), "ignored ");

	file = watch(fd, M1 "/a/tasks");
	free(ct_slurp(M1 "/a/tasks"));
	EXPECT_STR(told(fd, file), "open close ");
	EXPECT_OK(ct_move(M1 "/a", 0));
	EXPECT_STR(told(fd, file), "open modify close_write ");
	EXPECT_OK(ct_move(M1, 0));
	EXPECT_STR(told(fd, file), "");
	EXPECT_OK(chmod(M1 "/a/tasks", 0600));
	EXPECT_STR(told(fd, file), "attrib ");
	close(fd);
}

/*
 * A watched file is still the same file after the kernel has freed its dentry.
 */
static void forgotten_meanwhile(void)
{
	int fd, file, i;

	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	fd = notify_open();
	file = watch(fd, M1 "/a/tasks");
	for (i = 0; i < 3; i++) {
		ASSERT_OK(ct_write("/proc/sys/vm/drop_caches", "2"));
		free(ct_slurp(M1 "/a/tasks"));
		EXPECT_STR(told(fd, file), "open close ");
	}
	EXPECT_OK(chmod(M1 "/a/tasks", 0600));
	EXPECT_STR(told(fd, file), "attrib ");
	ASSERT_OK(ct_write("/proc/sys/vm/drop_caches", "2"));
	RMDIR(M1 "/a");
	EXPECT_STR(told(fd, file), "delete_self ignored ");
	/* without having changed it */
	MKDIR(M1 "/a");
	file = watch(fd, M1 "/a/tasks");
	ASSERT_OK(ct_write("/proc/sys/vm/drop_caches", "2"));
	RMDIR(M1 "/a");
	EXPECT_STR(told(fd, file), "delete_self ignored ");
	close(fd);
}

/* A watched directory is removed, and its files with it. */
static void rmdir_of_what_is_watched(void)
{
	int fd, dir, file;

	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	fd = notify_open();
	dir = watch(fd, M1 "/a");
	RMDIR(M1 "/a");
	EXPECT_STR(told(fd, dir), "delete_self ignored ");

	MKDIR(M1 "/a");
	file = watch(fd, M1 "/a/tasks");
	RMDIR(M1 "/a");
	EXPECT_STR(told(fd, file), "delete_self ignored ");

	/* A watch keeps nothing from being removed. */
	MKDIR(M1 "/a");
	watch(fd, M1 "/a");
	watch(fd, M1 "/a/tasks");
	EXPECT_ERRNO(inotify_rm_watch(fd, file), EINVAL);
	RMDIR(M1 "/a");
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
	close(fd);
}

/* An open file keeps the inode, and so the watch on it. */
static void removed_but_open(void)
{
	int fd, dir, file, d, f;
	char c;

	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	ASSERT_OK(d = open(M1 "/a", O_RDONLY | O_DIRECTORY));
	ASSERT_OK(f = open(M1 "/a/tasks", O_RDWR));
	fd = notify_open();
	dir = watch(fd, M1 "/a");
	file = watch(fd, M1 "/a/tasks");
	RMDIR(M1 "/a");
	EXPECT(!strstr(told(fd, file), "ignored"));
	EXPECT_ERRNO(read(f, &c, 1), ENODEV);
	EXPECT_ERRNO(ct_put(f, "0", 1), ENODEV);
	EXPECT_ERRNO(mkdirat(d, "b", 0755), ENOENT);
	told(fd, dir);
	close(f);
	close(d);
	/* Now it is not open any more, and both watches end. */
	told(fd, -1);
	EXPECT_ERRNO(inotify_rm_watch(fd, file), EINVAL);
	EXPECT_ERRNO(inotify_rm_watch(fd, dir), EINVAL);
	close(fd);
}

/* The files of a subsystem that a remount takes away, and its hierarchy. */
static void remount_and_umount(void)
{
	int fd, gone, stays;

	MOUNT(M1, "debug,cpuacct");
	fd = notify_open();
	gone = watch(fd, M1 "/cpuacct.usage");
	stays = watch(fd, M1 "/tasks");
	ASSERT_OK(ct_mount_flags(M1, "debug", MS_REMOUNT));
	EXPECT_ERRNO(inotify_rm_watch(fd, gone), EINVAL);
	told(fd, gone);
	ASSERT_OK(ct_mount_flags(M1, "debug,cpuacct", MS_REMOUNT));
	free(ct_slurp(M1 "/tasks"));
	EXPECT(!strncmp(told(fd, stays), "open access ", 12));
	UMOUNT(M1);
	EXPECT_STR(told(fd, stays), "unmount ignored ");
	close(fd);
}

/* A container made for a new namespace is reported as by mkdir. */
static void made_by_clone(void)
{
	int fd, wd, pid;

	MOUNT(M1, "ns");
	fd = notify_open();
	wd = watch(fd, M1);
	pid = syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		_exit(0);
	ASSERT_OK(pid);
	EXPECT_OK(waitpid(pid, NULL, 0));
	EXPECT(!strncmp(told(fd, wd), "create/:", 8));
	close(fd);
}

/* --- dnotify ---------------------------------------------------------------- */

static void dnotify(void)
{
	sigset_t set;
	siginfo_t info;
	struct timespec now = { 0, 0 };
	int d;

	MOUNT(M1, ALL);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ASSERT_OK(d = open(M1, O_RDONLY | O_DIRECTORY));
	ASSERT_OK(fcntl(d, F_SETSIG, SIGRTMIN));
	ASSERT_OK(fcntl(d, F_NOTIFY, DN_CREATE | DN_DELETE | DN_MODIFY |
			DN_MULTISHOT));
	MKDIR(M1 "/a");
	EXPECT_EQ(sigtimedwait(&set, &info, &now), SIGRTMIN);
	EXPECT_EQ(info.si_fd, d);
	EXPECT_OK(ct_write(M1 "/notify_on_release", "0"));
	EXPECT_EQ(sigtimedwait(&set, &info, &now), SIGRTMIN);
	RMDIR(M1 "/a");
	EXPECT_EQ(sigtimedwait(&set, &info, &now), SIGRTMIN);
	EXPECT_ERRNO(sigtimedwait(&set, &info, &now), EAGAIN);
	close(d);
}

/* --- all at once ------------------------------------------------------------- */

#define ROUNDS 300

/* Watches come and go while the watched objects come and go. */
static void storm(void)
{
	int i, rounds = ktap_loops(ROUNDS), pid[3], w;

	MOUNT(M1, ALL);
	for (w = 0; w < 3; w++)
		pid[w] = IN_CHILD({
			int fd = notify_open();

			for (i = 0; i < rounds; i++) {
				if (w == 0) {
					mkdir(M1 "/a", 0755);
					rmdir(M1 "/a");
					continue;
				}
				inotify_add_watch(fd, M1, IN_ALL_EVENTS);
				inotify_add_watch(fd, w == 1 ? M1 "/a" :
						  M1 "/a/tasks",
						  IN_ALL_EVENTS);
				ct_write(M1 "/a/notify_on_release", "1");
				if (i % 7 == 0) {
					close(fd);
					fd = notify_open();
				}
			}
		});
	for (w = 0; w < 3; w++)
		EXPECT(ct_ended_well(pid[w]));
	rmdir(M1 "/a");
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
}

/* --- fanotify ---------------------------------------------------------------- */

static int fan_init(unsigned int flags)
{
	return syscall(SYS_fanotify_init, flags, O_RDWR | O_LARGEFILE);
}

static int fan_mark(int fd, unsigned int flags, unsigned long long mask, const char *path)
{
	return syscall(SYS_fanotify_mark, fd, flags, mask, AT_FDCWD, path);
}

static bool old_kernel(void)
{
	struct utsname u;

	return uname(&u) || !strncmp(u.release, "2.6.", 4);
}

/* The events since the last call, as a union of their bits. */
static unsigned long long fan_told(int fd)
{
	static long space[1024];
	struct fanotify_event_metadata *e;
	unsigned long long all = 0;
	ssize_t n;

	while ((n = read(fd, space, sizeof(space))) > 0) {
		for (e = (void *)space; FAN_EVENT_OK(e, n);
		     e = FAN_EVENT_NEXT(e, n)) {
			all |= e->mask;
			if (e->fd >= 0)
				close(e->fd);
		}
	}
	return all;
}

/* By file, by directory entry, by mount. */
static void fanotify_events(void)
{
	int fd;

	if (old_kernel())
		SKIP("no fanotify");
	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	ASSERT_OK(fd = fan_init(FAN_CLASS_NOTIF | FAN_NONBLOCK));
	ASSERT_OK(fan_mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_ACCESS |
			   FAN_MODIFY | FAN_CLOSE, M1 "/a/tasks"));
	EXPECT_OK(ct_move(M1 "/a", 0));
	EXPECT_EQ(fan_told(fd), FAN_OPEN | FAN_MODIFY | FAN_CLOSE_WRITE);
	EXPECT_OK(ct_move(M1, 0));
	EXPECT_EQ(fan_told(fd), 0);
	ASSERT_OK(fan_mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT,
			   FAN_OPEN | FAN_MODIFY, M1));
	EXPECT_OK(ct_move(M1, 0));
	EXPECT_EQ(fan_told(fd), FAN_OPEN | FAN_MODIFY);
	RMDIR(M1 "/a");
	close(fd);

	ASSERT_OK(fd = fan_init(FAN_CLASS_NOTIF | FAN_NONBLOCK |
				FAN_REPORT_DFID_NAME));
	ASSERT_OK(fan_mark(fd, FAN_MARK_ADD, FAN_CREATE | FAN_DELETE |
			   FAN_RENAME | FAN_ONDIR, M1));
	MKDIR(M1 "/a");
	EXPECT_EQ(fan_told(fd), FAN_CREATE | FAN_ONDIR);
	EXPECT_OK(rename(M1 "/a", M1 "/b"));
	EXPECT_EQ(fan_told(fd), FAN_RENAME | FAN_ONDIR);
	ASSERT_OK(fan_mark(fd, FAN_MARK_ADD, FAN_DELETE_SELF | FAN_ONDIR,
			   M1 "/b"));
	RMDIR(M1 "/b");
	EXPECT_EQ(fan_told(fd), FAN_DELETE | FAN_DELETE_SELF | FAN_ONDIR);
	close(fd);
}

/*
 * A listener that is asked for permission and does not answer makes one reader
 * wait, and no other task: none of our locks is held meanwhile.
 */
static void permission_that_is_not_given(void)
{
	struct fanotify_event_metadata e;
	struct fanotify_response r;
	int fd, pid, f;

	if (old_kernel())
		SKIP("no fanotify");
	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	ASSERT_OK(fd = fan_init(FAN_CLASS_CONTENT));
	ASSERT_OK(fan_mark(fd, FAN_MARK_ADD, FAN_ACCESS_PERM, M1 "/a/tasks"));
	ASSERT_OK(f = open(M1 "/a/tasks", O_RDWR));
	pid = IN_CHILD({
		char buf[16];

		EXPECT_ERRNO(read(f, buf, sizeof(buf)), EPERM);
	});
	ASSERT_EQ(read(fd, &e, sizeof(e)), (long)sizeof(e));
	EXPECT_EQ(e.mask, FAN_ACCESS_PERM);
	EXPECT_EQ(e.pid, pid);
	/* The reader waits. */
	MKDIR(M1 "/b");
	EXPECT_OK(ct_move(M1 "/a", 0));
	EXPECT_OK(ct_move(M1 "/b", 0));
	EXPECT_STR(ct_where(0, "debug"), "/b");
	EXPECT_OK(ct_move(M1, 0));
	RMDIR(M1 "/b");
	RMDIR(M1 "/a");
	r.fd = e.fd;
	r.response = FAN_DENY;
	EXPECT_OK(ct_put(fd, &r, sizeof(r)));
	EXPECT(ct_ended_well(pid));
	close(e.fd);
	close(f);
	close(fd);
}

static const struct ktap_case cases[] = {
	T(containers_come_and_go),
	T(control_files),
	T(forgotten_meanwhile),
	T(rmdir_of_what_is_watched),
	T(removed_but_open),
	T(remount_and_umount),
	T(made_by_clone),
	T(dnotify),
	T(storm),
	T(fanotify_events),
	T(permission_that_is_not_given),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

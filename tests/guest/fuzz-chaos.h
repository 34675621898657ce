/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FUZZ_CHAOS_H
#define _FUZZ_CHAOS_H
/*
 * The fuzzer's mode "chaos": several processes with one table of descriptors do
 * random operations, valid or not.  The results are ignored.  The machine has
 * to survive, and everything has to be consistent afterwards.
 */
#include <linux/types.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#include "fuzz.h"

#define MAX_WORKERS 4
#define SLOTS 12
#define KIDS 10
#define KID_FORKS 60		/* per worker; its zombies remain until it ends */

struct chaos_shared {
	int fd[SLOTS];
	int kid[KIDS];
	int mounts;
};

static struct chaos_shared *cs;
static int forks;
static char *unmapped;		/* a page, behind which nothing is mapped */

static int slot_fd(unsigned int nr)
{
	int fd = GET(cs->fd[nr % SLOTS]);

	return fd > 2 ? fd : -1;
}

static void keep_fd(unsigned int nr, int fd)
{
	int old;

	if (fd < 0)
		return;
	old = __atomic_exchange_n(&cs->fd[nr % SLOTS], fd, __ATOMIC_SEQ_CST);
	if (old > 2)
		close(old);
}

static int any_pid(unsigned int nr)
{
	static const int odd[] = { 0, 1, 2, 3, 99999, INT_MAX };

	nr %= 16;
	return nr < KIDS ? GET(cs->kid[nr]) : odd[nr - KIDS];
}

static const char *const some_files[] = {
	"tasks", "notify_on_release", "release_agent", "numtasks.limit",
	"numtasks.peak", "numtasks.failcnt", "debug.current_css_group_links",
	"debug.css_refcount", "forks.count", "cpuacct.usage", "cpuacct.load",
	"owner.id", "owner.init", ".", "..", "nothing",
};

static const char *file_of(unsigned int mp, unsigned int path,
			   unsigned int file)
{
	static char buf[2200];

	sprintf(buf, "%s/%s", path_of(mp, path),
		some_files[file % ARRAY_SIZE(some_files)]);
	return buf;
}

/* Flags of mount(2) that have an effect here, and one without. */
static const int mount_flags[] = {
	0, 0, 0, MS_RDONLY, MS_NOSUID, MS_SILENT, MS_NODEV, 1 << 30,
};

/* mount MP OPTIONS FLAGS */
static void c_mount(const struct op *op)
{
	if (INC(cs->mounts) > 60)
		return;
	counted(op, mount("ct", mps[op->a % NR_MP], "container",
			  mount_flags[op->c % 8],
			  op->d % 16 ? opt_of(op->b) : NULL));
}

/* umount MP FLAGS PATH */
static void c_umount(const struct op *op)
{
	static const int flags[] = { 0, 0, 0, MNT_DETACH, MNT_FORCE, 8 };

	counted(op, umount2(op->c % 4 ? mps[op->a % NR_MP] :
			    P("%s/a", mps[op->a % NR_MP]), flags[op->b % 6]));
}

/* remount MP OPTIONS FLAGS */
static void c_remount(const struct op *op)
{
	counted(op, mount(NULL, mps[op->a % NR_MP], NULL,
			  MS_REMOUNT | mount_flags[op->c % 8],
			  op->d % 8 ? opt_of(op->b) : NULL));
}

/* bind MP FROM MP TO: also onto a directory, or a control file */
static void c_bind(const struct op *op)
{
	const char *from = op->b % 2 ? P("%s/a", mps[op->a % NR_MP]) :
				       P("%s/tasks", mps[op->a % NR_MP]);
	const char *to = op->d % 3 == 0 ? mps[op->c % NR_MP] : op->d % 3 == 1 ?
			 P("%s/a", mps[op->c % NR_MP]) :
			 P("%s/a/tasks", mps[op->c % NR_MP]);

	if (INC(cs->mounts) > 60)
		return;
	counted(op, mount(from, to, NULL, MS_BIND, NULL));
}

#ifndef SYS_fsopen
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#define SYS_fspick 433
#define SYS_move_mount 429
#endif

/* newmount MP OPTIONS KEYS HOW: the new system calls, where they exist */
static void c_newmount(const struct op *op)
{
	static const char *const keys[] = {
		"debug", "numtasks", "name", "release_agent", "a,b", "", "ro",
		"source",
	};
	int fd, mnt = -1, i;

	fd = op->d & 1 ? syscall(SYS_fspick, AT_FDCWD, mps[op->a % NR_MP], 0) :
			 syscall(SYS_fsopen, "container", 0);
	if (counted(op, fd) < 0)
		return;
	for (i = 0; i < 3; i++) {
		const char *key = keys[op->c >> (3 * i) & 7];
		/* flag, string, binary, path */
		int cmd = op->b >> (2 * i) & 3;

		syscall(SYS_fsconfig, fd, cmd, key,
			cmd ? opt_of(op->b + i) : NULL,
			cmd == 2 ? 4 : cmd == 3 ? AT_FDCWD : 0);
	}
	/* create, or reconfigure */
	syscall(SYS_fsconfig, fd, op->d & 1 ? 7 : 6, NULL, NULL, 0);
	if (!(op->d & 1) && INC(cs->mounts) <= 60)
		mnt = syscall(SYS_fsmount, fd, 0, 0);
	if (mnt >= 0 && op->d & 2)
		syscall(SYS_move_mount, mnt, "", AT_FDCWD, mps[op->a % NR_MP],
			4);
	close(fd);
	keep_fd(op->a, mnt);
}

/* mkdir MP PATH MODE SLOT: sometimes below a descriptor */
static void c_mkdir(const struct op *op)
{
	if (op->d % 4)
		counted(op, mkdir(path_of(op->a, op->b), op->c & 07777));
	else
		counted(op, mkdirat(slot_fd(op->d / 4), path_name(op->b, 0),
				    op->c & 07777));
}

/* rmdir MP PATH SLOT */
static void c_rmdir(const struct op *op)
{
	if (op->c % 4)
		counted(op, rmdir(path_of(op->a, op->b)));
	else
		counted(op, unlinkat(slot_fd(op->c / 4),
				     path_name(op->b, 0), AT_REMOVEDIR));
}

/* rename MP PATH PATH FLAGS */
static void c_rename(const struct op *op)
{
	char *from = strdup(path_of(op->a, op->b));

	if (op->d % 4)
		counted(op, rename(from, path_of(op->a + op->d % 4 / 3,
						 op->c)));
	else
		counted(op, syscall(316 /* renameat2 */, AT_FDCWD, from,
				    AT_FDCWD, path_of(op->a, op->c),
				    op->d / 4 % 8));
	free(from);
}

/*
 * Any kind of file except a FIFO.  Our file system allows none, but where it is
 * not mounted mknod() would make one, and a task that opens it waits for ever.
 */
static mode_t node_mode(unsigned int mode)
{
	mode &= 0170777;
	return S_ISFIFO(mode) ? mode ^ S_IFIFO ^ S_IFSOCK : mode;
}

/* Operations that are not for our files: odd MP PATH FILE WHICH */
static void c_odd(const struct op *op)
{
	char *path = strdup(op->d & 16 ? path_of(op->a, op->b) :
				file_of(op->a, op->b, op->c)), buf[64];
	struct utimbuf ut = { 1, 2 };
	struct statfs sf;
	long ret = -1;

	switch (op->d % 16) {
	case 0: ret = unlink(path); break;
	case 1: ret = symlink("tasks", path); break;
	case 2: ret = link(file_of(op->a, op->b, 0), path); break;
	case 3: ret = mknod(path, node_mode(op->c), op->c); break;
	case 4: ret = chmod(path, op->c & 07777); break;
	case 5: ret = chown(path, op->c % 3 * 1000, -1); break;
	case 6: ret = utime(path, &ut); break;
	case 7: ret = truncate(path, op->c % 3 * 100); break;
	case 8: ret = readlink(path, buf, sizeof(buf)); break;
	case 9: ret = access(path, op->c % 8); break;
	case 10: ret = statfs(path, &sf); break;
	case 11: ret = setxattr(path, "user.x", "y", 1, 0); break;
	case 12: ret = getxattr(path, "trusted.x", buf, sizeof(buf)); break;
	case 13: ret = listxattr(path, buf, sizeof(buf)); break;
	case 14: ret = chdir(op->c % 2 ? "/" : path); break;
	case 15: ret = rename(path, CT_TMP "/out/x"); break;
	}
	counted(op, ret);
	free(path);
}

/* --- tasks ----------------------------------------------------------------------- */

static void kid_main(unsigned int what)
{
	static const int unshared[] = {
		CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNS, 0x20000000 /* pid */,
		CLONE_FS, CLONE_NEWUTS | CLONE_NEWIPC, 0x02000000 /* cgroup */,
		CLONE_FILES,
	};

	if (what & 1)
		syscall(SYS_unshare, unshared[what / 16 % 8]);
	if (what & 2)
		if (!fork())
			_exit(0);
	if (what & 4 && setuid(USER))
		_exit(1);
	if (what & 8)
		_exit(0);
	/* waits until the session is killed */
	for (;;)
		pause();
}

/* fork KID FLAGS WHAT: clone() with all kinds of flags */
static void c_fork(const struct op *op)
{
	static const unsigned long flags[] = {
		0, 0, CLONE_VFORK, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNS,
		CLONE_PARENT, CLONE_FILES, CLONE_FS, CLONE_FS | CLONE_NEWNS,
		CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWIPC, 0x20000000,
		CLONE_SIGHAND /* without CLONE_VM: EINVAL */, CLONE_UNTRACED,
		CLONE_NEWUTS | CLONE_VFORK, 0x10000000 /* user */,
	};
	unsigned long f = flags[op->b % 16];
	unsigned int what = op->c | (f & CLONE_VFORK ? 8 : 0);
	int pid;

	if (forks++ >= KID_FORKS)
		return;
	pid = syscall(SYS_clone, f | SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		kid_main(what);
	if (counted(op, pid) > 0)
		SET(cs->kid[op->a % KIDS], pid);
}

/* kill KID */
static void c_kill(const struct op *op)
{
	int pid = __atomic_exchange_n(&cs->kid[op->a % KIDS], 0,
				      __ATOMIC_SEQ_CST);

	if (pid > 0)
		counted(op, kill(pid, SIGKILL));
}

/* move MP PATH TASK TASK */
static void c_move(const struct op *op)
{
	const char *file = file_of(op->a, op->b, 0);

	counted(op, ct_write(file, op->d % 3 ? P("%d", any_pid(op->c)) :
			     P("%d %d\n%d", any_pid(op->c), any_pid(op->d),
			       any_pid(op->c + op->d))));
}

/* --- descriptors ------------------------------------------------------------------- */

#ifndef O_PATH
#define O_PATH 010000000
#endif

/* open SLOT MP PATH FILE+FLAGS; the slot's old descriptor is closed */
static void c_open(const struct op *op)
{
	static const int flags[] = {
		O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_TRUNC,
		O_WRONLY | O_APPEND, O_RDWR | O_CREAT, O_RDWR | O_NONBLOCK,
		O_RDONLY | O_DIRECTORY, O_PATH, O_RDWR | O_DIRECT,
		O_RDONLY | O_NOFOLLOW, O_RDWR | O_SYNC, O_CREAT | O_EXCL,
		O_RDONLY, O_RDWR, 3,
	};
	int how = flags[op->d / 16 % 16], fd;

	if (op->d & 0x1000)
		fd = openat(slot_fd(op->b), some_files[op->d % 16], how, 0600);
	else
		fd = open(file_of(op->b, op->c, op->d), how, 0600);
	counted(op, fd);
	keep_fd(op->a, fd);
}

/* close SLOT */
static void c_close(const struct op *op)
{
	int fd = __atomic_exchange_n(&cs->fd[op->a % SLOTS], 0,
				     __ATOMIC_SEQ_CST);

	if (fd > 2)
		counted(op, close(fd));
}

/* dup SLOT SLOT */
static void c_dup(const struct op *op)
{
	int fd = dup(slot_fd(op->a));

	counted(op, fd);
	keep_fd(op->b, fd);
}

/* write SLOT TEXT HOW */
static void c_write(const struct op *op)
{
	int fd = slot_fd(op->a);
	struct iovec v[3];
	const char *s;
	size_t len;
	long ret = -1;

	s = text_of(op->b, &len);
	v[0] = (struct iovec){ (void *)s, len / 2 };
	v[1] = (struct iovec){ (void *)s, 0 };
	v[2] = (struct iovec){ (void *)(s + len / 2), len - len / 2 };
	switch (op->c % 6) {
	case 0: ret = writev(fd, v, 3); break;
	case 1: ret = pwrite(fd, s, len, 100); break;
	case 2: ret = write(fd, unmapped + 4095, 1 + op->d % 9000); break;
	case 3: ret = write(fd, (void *)-1UL, op->d % 200); break;
	default: ret = write(fd, s, len);
	}
	counted(op, ret);
}

/* read SLOT SIZE HOW */
static void c_read(const struct op *op)
{
	static char buf[8192 + 64];
	int fd = slot_fd(op->a);
	size_t size = op->b % (op->d & 1 ? 8192 : 20);
	long ret = -1;

	switch (op->c % 8) {
	case 0: ret = pread(fd, buf, size, op->d % 64); break;
	case 1: ret = read(fd, unmapped + 4095, 100); break;
	case 2: ret = read(fd, (void *)-1UL, size); break;
	case 3: ret = lseek(fd, op->d % 3 ? 0 : op->d % 100, SEEK_SET); break;
	case 4: ret = lseek(fd, op->d % 50 - 25, op->d % 5); break;
	case 5: ret = syscall(SYS_getdents64, fd, buf, size + 24); break;
	default: ret = read(fd, buf, size);
	}
	counted(op, ret);
}

/* Other uses of a descriptor: fd SLOT SLOT WHICH NUMBER */
static void c_fd(const struct op *op)
{
	int fd = slot_fd(op->a), other = slot_fd(op->b);
	struct pollfd p = { fd, POLLIN | POLLPRI | POLLOUT, 0 };
	struct stat st;
	char buf[64];
	long ret = -1;
	void *map;

	switch (op->c % 20) {
	case 0: ret = fstat(fd, &st); break;
	case 1: ret = ftruncate(fd, op->d); break;
	case 2: ret = fsync(fd); break;
	case 3: ret = fchmod(fd, op->d & 07777); break;
	case 4: ret = fchown(fd, op->d % 2 * 1000, 0); break;
	case 5: ret = poll(&p, 1, 0); break;
	case 6: ret = ioctl(fd, op->d, buf); break;
	/*
	 * A read of an inotify descriptor must not wait: nothing would end it.
	 */
	case 7: ret = fcntl(fd, F_SETFL, O_NONBLOCK |
			    (op->d & (O_APPEND | O_DIRECT))); break;
	case 8: ret = sendfile(other, fd, NULL, op->d % 5000); break;
	case 9: ret = splice(fd, NULL, other, NULL, op->d % 5000, 0); break;
	case 10: ret = flock(fd, op->d % 2 ? LOCK_EX | LOCK_NB : LOCK_UN);
		break;
	case 11: ret = fsetxattr(fd, "trusted.x", "y", 1, 0); break;
	case 12: ret = fgetxattr(fd, "user.x", buf, sizeof(buf)); break;
	case 13: ret = fchdir(fd); break;
	/*
	 * Not on 2.6.22, which has no flags.  There an inotify descriptor looks
	 * like a directory without lookup(), and an openat() below it is an
	 * oops.
	 */
	case 14: ret = inotify_init1(IN_NONBLOCK); break;
	case 15: ret = inotify_add_watch(other, path_of(op->a, op->d),
					 IN_ALL_EVENTS); break;
	case 16: ret = fallocate(fd, 0, 0, op->d); break;
	case 17: ret = fcntl(fd, F_SETLEASE, op->d % 3); break;
	case 18: ret = syscall(SYS_readahead, fd, 0L, (size_t)op->d); break;
	case 19:
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		ret = map == MAP_FAILED ? -1 : munmap(map, 4096);
		break;
	}
	if (op->c % 20 == 14)
		keep_fd(op->b, ret);
	counted(op, ret);
}

/* proc WHICH PID SIZE: what /proc shows, in small pieces */
static void c_proc(const struct op *op)
{
	static const char *const all[] = {
		"/proc/containers", "/proc/mounts", "/proc/self/container",
		"/proc/1/container",
	};
	int fd = open(op->a % 8 < 4 ? all[op->a % 4] :
		      P("/proc/%d/container", any_pid(op->b)), O_RDONLY), n;
	char buf[200];

	if (counted(op, fd) < 0)
		return;
	for (n = 0; n < 50 && read(fd, buf, 1 + op->c % 200) > 0; n++)
		;
	close(fd);
}

static void c_fault(const struct op *op);

static const struct op_desc chaos_ops[] = {
	{ "mount", 8, c_mount },
	{ "umount", 3, c_umount },
	{ "remount", 4, c_remount },
	{ "bind", 2, c_bind },
	{ "newmount", 3, c_newmount },
	{ "mkdir", 14, c_mkdir },
	{ "rmdir", 8, c_rmdir },
	{ "rename", 5, c_rename },
	{ "odd", 6, c_odd },
	{ "fork", 6, c_fork },
	{ "kill", 4, c_kill },
	{ "move", 14, c_move },
	{ "open", 14, c_open },
	{ "close", 4, c_close },
	{ "dup", 2, c_dup },
	{ "write", 14, c_write },
	{ "read", 10, c_read },
	{ "fd", 10, c_fd },
	{ "proc", 4, c_proc },
	{ "fault", 12, c_fault },
};

/*
 * fault NTH WHICH B C: another operation, in which the NTH allocation or copy
 * fails; only on 6.12 with fault injection.  Not for a fork: the kernel
 * complains when there is no memory for a stack.
 */
static void c_fault(const struct op *op)
{
	static const char *const names[] = {
		"mount", "remount", "newmount", "mkdir", "rename", "move",
		"open", "rmdir", "write", "read", "mkdir", "proc",
	};
	struct op sub = { 0, op->d, op->c, op->d / 3, op->c / 3 };
	int fd = open(P("/proc/self/task/%d/fail-nth", ct_gettid()), O_RDWR);
	char nth[16];
	int n = sprintf(nth, "%u", 1 + op->a % 60);

	sub.kind = op_kind(chaos_ops, ARRAY_SIZE(chaos_ops),
			   names[op->b % ARRAY_SIZE(names)]);
	n = fd < 0 ? -1 : pwrite(fd, nth, n, 0);
	chaos_ops[sub.kind].run(&sub);
	while (n > 0 && n++ < 100 && pwrite(fd, "0", 1, 0) != 1)
		;
	if (fd >= 0)
		close(fd);
	counted(op, n);
}

/* Lets allocations fail that may wait, too, without messages. */
static void chaos_faults(void)
{
	ct_write("/sys/kernel/debug/failslab/ignore-gfp-wait", "N");
	ct_write("/sys/kernel/debug/failslab/verbose", "0");
	ct_write("/sys/kernel/debug/fail_page_alloc/verbose", "0");
	ct_write("/sys/kernel/debug/fail_usercopy/verbose", "0");
}

struct chaos_worker {
	const struct seq *q;
	int nr;
};

static int chaos_worker(void *arg)
{
	struct chaos_worker *w = arg;
	int i;

	forks = 0;
	for (i = w->nr; i < w->q->nr; i += w->q->workers) {
		chaos_ops[w->q->ops[i].kind].run(&w->q->ops[i]);
		INC(fz->executions);
	}
	return 0;
}

/* Runs the sequence in its own process, and leaves behind what it has made. */
static void chaos_run(const struct seq *q)
{
	struct chaos_worker w[MAX_WORKERS];
	char *stack;
	int i, n = 0;

	cs = ct_shared(sizeof(*cs));
	chaos_faults();
	unmapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(unmapped + 4096, 4096);
	memset(unmapped, '0', 4096);
	mkdir(CT_TMP, 0755);
	for (i = 0; i < NR_MP; i++)
		mkdir(mps[i], 0755);
	for (i = 0; i < q->workers; i++) {
		w[i] = (struct chaos_worker){ q, i };
		stack = malloc(65536);
		if (clone(chaos_worker, stack + 65536, CLONE_FILES | SIGCHLD,
			  &w[i]) > 0)
			n++;
	}
	if (!n)
		BAD("no worker could be started: %s", ktap_errno(errno));
	while (n && wait(&i) > 0)
		n -= 1;
	_exit(0);
}

#endif /* _FUZZ_CHAOS_H */

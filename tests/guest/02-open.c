// SPDX-License-Identifier: GPL-2.0
/*
 * Open files and directories of existing containers, and what they return when
 * the container has been removed; reading directories while they change.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"
#include <sys/epoll.h>
#include <sys/select.h>

static int read_dir(int fd, void *buf, size_t size)
{
	return syscall(SYS_getdents64, fd, buf, size);
}

static int poll_once(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	EXPECT_CMP(poll(&p, 1, 0), >=, 0);
	return p.revents;
}

static void live_file(void)
{
	char buf[64];
	int fd, wfd;

	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	ASSERT_OK(fd = open(M1 "/a/numtasks.limit", O_RDONLY));
	ASSERT_OK(wfd = open(M1 "/a/numtasks.limit", O_WRONLY));
	EXPECT_EQ(poll_once(fd, POLLIN) & (POLLIN | POLLERR), POLLIN);
	EXPECT_ERRNO(write(fd, "1", 1), EBADF);
	EXPECT_ERRNO(read(wfd, buf, 1), EBADF);
	EXPECT_EQ(read(fd, buf, 0), 0);
	EXPECT_ERRNO(read(fd, (void *)16, 10), EFAULT);
	EXPECT_ERRNO(write(wfd, (void *)16, 10), EFAULT);
	EXPECT_EQ(write(wfd, "", 0), 0);
	EXPECT_STR(ct_read_fd(fd, 1), "max\n");
	EXPECT_EQ(read(fd, buf, 10), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_STR(ct_read_fd(fd, 3), "max\n");
	EXPECT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	EXPECT_EQ(lseek(fd, 1, SEEK_SET), 1);
	EXPECT_STR(ct_read_fd(fd, 100), "ax\n");
	EXPECT_EQ(pread(fd, buf, 2, 1), 2);
	EXPECT_EQ(memcmp(buf, "ax", 2), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_ERRNO2(ioctl(fd, 0x5401, buf), ENOTTY, EINVAL);
	close(fd);
	/* a file without this handler, opened by root */
	ASSERT_OK(fd = open(M1 "/a/debug.task_count", O_RDWR));
	EXPECT_ERRNO(write(fd, "1", 1), EINVAL);
	EXPECT_STR(ct_read_fd(fd, 10), "0\n");
	close(fd);
	close(wfd);
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(open(M1 "/a/numtasks.limit", O_WRONLY), EACCES);
		EXPECT_ERRNO(open(M1 "/a/debug.task_count", O_WRONLY), EACCES);
		EXPECT_ERRNO(open(M1 "/a/tasks", O_WRONLY), EACCES);
		EXPECT_OK(open(M1 "/a/tasks", O_RDONLY));
	});
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

/* Every file of a removed container, opened before, read before or not. */
static void removed_files(void)
{
	char *names, *name, *save, buf[64];
	int fds[64], n = 0, i, old;
	struct stat st;

	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	names = ct_ls(M1 "/a");
	for (name = strtok_r(names, " ", &save); name && n < 64;
	     name = strtok_r(NULL, " ", &save)) {
		ASSERT_OK(fds[n] = open(P(M1 "/a/%s", name), O_RDWR));
		if (n % 2)
			EXPECT_OK(read(fds[n], buf, 1));
		n++;
	}
	EXPECT_CMP(n, >=, 11);
	RMDIR(M1 "/a");
	EXPECT_ERRNO(stat(M1 "/a", &st), ENOENT);
	EXPECT_ERRNO(open(M1 "/a/tasks", O_RDONLY), ENOENT);
	for (old = 0; old < 2; old++) {
		CTX("%s the name is taken again", old ? "after" : "before");
		for (i = 0; i < n; i++) {
			EXPECT_ERRNO(read(fds[i], buf, 10), ENODEV);
			EXPECT_EQ(lseek(fds[i], 0, SEEK_SET), 0);
			EXPECT_ERRNO(read(fds[i], buf, 10), ENODEV);
			EXPECT_ERRNO(pread(fds[i], buf, 1, 3), ENODEV);
			EXPECT_ERRNO(write(fds[i], "1", 1), ENODEV);
			EXPECT(poll_once(fds[i], POLLIN) & POLLERR);
			EXPECT_OK(fstat(fds[i], &st));
			EXPECT(S_ISREG(st.st_mode));
		}
		if (!old)
			MKDIR(M1 "/a");
	}
	CTX_END();
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), 1);
	RMDIR(M1 "/a");
	/* open files keep the mount busy, as anywhere else */
	EXPECT_ERRNO(umount2(M1, 0), EBUSY);
	for (i = 0; i < n; i++)
		close(fds[i]);
	UMOUNT(M1);
}

static void removed_directory(void)
{
	char buf[1024];
	int fd, pfd;
	struct stat st;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/b");
	ASSERT_OK(fd = open(M1 "/a", O_RDONLY | O_DIRECTORY));
	ASSERT_OK(pfd = open(M1 "/a", O_RDONLY | O_DIRECTORY));
	EXPECT_CMP(read_dir(pfd, buf, 64), >, 0);
	ASSERT_OK(chdir(M1 "/a"));
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	RMDIR("b");
	RMDIR(M1 "/a");
	EXPECT_OK(fstat(fd, &st));
	EXPECT(S_ISDIR(st.st_mode));
	EXPECT_ERRNO(openat(fd, "tasks", O_RDONLY), ENOENT);
	EXPECT_ERRNO(mkdirat(fd, "x", 0755), ENOENT);
	EXPECT_ERRNO(unlinkat(fd, "x", AT_REMOVEDIR), ENOENT);
	EXPECT_ERRNO(read_dir(fd, buf, sizeof(buf)), ENOENT);
	EXPECT_ERRNO(read_dir(pfd, buf, sizeof(buf)), ENOENT);
	EXPECT_ERRNO(open("tasks", O_RDONLY), ENOENT);
	EXPECT_ERRNO(mkdir("x", 0755), ENOENT);
	EXPECT_ERRNO(mkdir(M1 "/a/x", 0755), ENOENT);
	EXPECT_OK(chdir(".."));
	EXPECT(ct_exists("tasks"));
	MKDIR(M1 "/a");
	EXPECT_ERRNO(openat(fd, "tasks", O_RDONLY), ENOENT);
	ASSERT_OK(chdir("/"));
	close(fd);
	close(pfd);
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

/* Two opens, a read or none, close and rmdir, in every order. */
static void any_order(void)
{
	static const char orders[6][3] = {
		"01r", "0r1", "10r", "1r0", "r01", "r10",
	};
	int round, i, fd[2];
	char buf[16];

	MOUNT(M1, "debug,numtasks");
	for (round = 0; round < ktap_loops(240); round++) {
		const char *order = orders[round % 6];

		CTX("order %.3s, round %d", order, round);
		MKDIR(M1 "/a");
		ASSERT_OK(fd[0] = open(M1 "/a/tasks", O_RDONLY));
		ASSERT_OK(fd[1] = open(round & 8 ? M1 "/a/tasks" :
				       M1 "/a/numtasks.count", O_RDONLY));
		if (round & 16)
			EXPECT_OK(read(fd[0], buf, 1));
		for (i = 0; i < 3; i++) {
			if (order[i] == 'r') {
				EXPECT_OK(rmdir(M1 "/a"));
				continue;
			}
			if ((round & 32) &&
			    read(fd[order[i] - '0'], buf, sizeof(buf)) < 0)
				EXPECT_EQ(errno, ENODEV);
			EXPECT_OK(close(fd[order[i] - '0']));
		}
		EXPECT_ERRNO(rmdir(M1 "/a"), ENOENT);
	}
	CTX_END();
	UMOUNT(M1);
}

static void bind_mount(void)
{
	DIR *d;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	mkdir(M2, 0755);
	ASSERT_OK(mount(M1 "/a", M2, NULL, MS_BIND, NULL));
	EXPECT_OK(ct_move(M2, getpid()));
	EXPECT_STR(ct_where(0, "debug"), "/a");
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	EXPECT_OK(ct_move(M1, getpid()));
	RMDIR(M1 "/a");
	EXPECT_ERRNO(open(M2 "/tasks", O_RDONLY), ENOENT);
	EXPECT_ERRNO(mkdir(M2 "/x", 0755), ENOENT);
	d = opendir(M2);
	errno = 0;
	EXPECT(!d || !readdir(d));
	if (d)
		closedir(d);
	UMOUNT(M2);
	/* a container that something is mounted on */
	MKDIR(M1 "/a");
	ASSERT_OK(mount("proc", M1 "/a", "proc", 0, NULL));
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	EXPECT_ERRNO(rename(M1 "/a", M1 "/b"), EBUSY);
	EXPECT_OK(umount2(M1 "/a", 0));
	EXPECT(ct_exists(M1 "/a/tasks"));
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

static void directory_reading(void)
{
	char buf[4096], *once, *again;
	long n, total = 0;
	int fd;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	once = ct_ls(M1);
	EXPECT(strstr(once, "a b debug."));
	EXPECT(strstr(once, "tasks "));
	ASSERT_OK(fd = open(M1, O_RDONLY | O_DIRECTORY));
	EXPECT_ERRNO(read_dir(fd, buf, 20), EINVAL);
	EXPECT_ERRNO(read(fd, buf, 20), EISDIR);
	/* one or two entries at a time show the same */
	while ((n = read_dir(fd, buf, 64)) > 0) {
		struct dirent64_ *e = (void *)buf;
		long at;

		for (at = 0; at < n; at += e->len) {
			e = (void *)(buf + at);
			EXPECT_EQ(e->type, strchr(e->name, '.') == e->name ||
				  strlen(e->name) == 1 ? DT_DIR : DT_REG);
			total++;
		}
	}
	EXPECT_EQ(n, 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	while ((n = read_dir(fd, buf, sizeof(buf))) > 0) {
		long at;

		for (at = 0; at < n;
		     at += ((struct dirent64_ *)(buf + at))->len)
			total--;
	}
	EXPECT_EQ(total, 0);
	close(fd);
	RMDIR(M1 "/a");
	RMDIR(M1 "/b");
	again = ct_ls(M1);
	EXPECT_EQ(strlen(once) - strlen("a b "), strlen(again));
	UMOUNT(M1);
}

/*
 * A directory that is read halfway: siblings come and go, the hierarchy is
 * remounted, and more directories are read halfway.  An entry that exists all
 * the time is seen exactly once.
 */
static void half_read_directory(void)
{
	int i, round, fd, half, stable = 20, seen[20];
	char buf[256];

	MOUNT(M1, "debug");
	for (i = 0; i < stable; i++)
		MKDIR(P(M1 "/stay%d", i));
	for (round = 0; round < ktap_loops(40); round++) {
		int op = 0;
		long n;

		CTX("round %d", round);
		memset(seen, 0, sizeof(seen));
		ASSERT_OK(fd = open(M1, O_RDONLY | O_DIRECTORY));
		ASSERT_OK(half = open(M1, O_RDONLY | O_DIRECTORY));
		EXPECT_OK(read_dir(half, buf, 100 + round));
		while ((n = read_dir(fd, buf, 64 + round * 3)) > 0) {
			struct dirent64_ *e;
			long at;

			for (at = 0; at < n; at += e->len) {
				e = (void *)(buf + at);
				if (sscanf(e->name, "stay%d", &i) == 1 &&
				    i >= 0 && i < stable)
					seen[i]++;
			}
			op++;
			if (op % 3 == 0)
				EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT,
						"debug"));
			if (op % 2)
				mkdir(P(M1 "/go%d", op % 5), 0755);
			else
				rmdir(P(M1 "/go%d", (op - 1) % 5));
			if (op > 500) {
				FAIL("the directory has no end");
				break;
			}
		}
		EXPECT_EQ(n, 0);
		for (i = 0; i < stable; i++)
			if (!EXPECT_EQ(seen[i], 1))
				break;
		close(round % 2 ? fd : half);
		for (i = 0; i < 5; i++)
			rmdir(P(M1 "/go%d", i));
		close(round % 2 ? half : fd);
	}
	CTX_END();
	for (i = 0; i < stable; i++)
		RMDIR(P(M1 "/stay%d", i));
	UMOUNT(M1);
}

/* The same while another process makes changes in a loop. */
static void directory_read_in_a_storm(void)
{
	int pid, i, rounds = 0, seen[4], *changes = ct_shared(4096);
	char buf[200];

	MOUNT(M1, "debug");
	for (i = 0; i < 4; i++)
		MKDIR(P(M1 "/stay%d", i));
	pid = IN_CHILD({
		unsigned long rnd = ktap_seed();

		for (;;) {
			char *dir = P(M1 "/go%u", ktap_rand(&rnd) % 8);

			if (mkdir(dir, 0755) && ktap_rand(&rnd) % 3)
				rmdir(dir);
			else if (ktap_rand(&rnd) % 4 == 0)
				rename(dir, P(M1 "/go%u",
					      ktap_rand(&rnd) % 8));
			INC(*changes);
		}
	});
	while (GO_ON(rounds < ktap_loops(12000) ||
		     GET(*changes) < ktap_loops(6000))) {
		int fd = open(M1, O_RDONLY | O_DIRECTORY), reads = 0;
		long n;

		memset(seen, 0, sizeof(seen));
		while ((n = read_dir(fd, buf, 80 + rounds % 100)) > 0 &&
		       reads++ < 5000) {
			struct dirent64_ *e;
			long at;

			for (at = 0; at < n; at += e->len) {
				e = (void *)(buf + at);
				if (sscanf(e->name, "stay%d", &i) == 1)
					seen[i & 3]++;
			}
		}
		EXPECT_EQ(n, 0);
		for (i = 0; i < 4; i++)
			if (!EXPECT_EQ(seen[i], 1))
				break;
		close(fd);
		rounds++;
	}
	ktap_note("%d listings, %d changes", rounds, GET(*changes));
	ct_reap(pid);
}

/*
 * Returns the amount of memory that views could have: objects of the general
 * caches or, where the kernel does not count these, kilobytes of all caches.
 */
static long allocated(bool *objects)
{
	char *all = ct_slurp("/proc/slabinfo"), *line, *save, *p;
	long sum = 0, n;

	*objects = all;
	for (line = all ? strtok_r(all, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "size-%*[0-9] %ld", &n) == 1 ||
		    sscanf(line, "kmalloc-%*s %ld", &n) == 1)
			sum += n;
	free(all);
	if (*objects)
		return sum;
	all = ct_slurp("/proc/meminfo");
	p = all ? strstr(all, "SUnreclaim:") : NULL;
	ASSERT(p);
	sum = atol(p + 11);
	free(all);
	return sum;
}

/* Opens, reads and closes it n times; what has been allocated meanwhile. */
static long open_many(int n, bool *objects)
{
	long before = allocated(objects);
	int i, fd;
	char c;

	for (i = 0; i < n; i++) {
		ASSERT_OK(fd = open(M1 "/tasks", O_RDONLY));
		ASSERT_EQ(read(fd, &c, 1), 1);
		close(fd);
	}
	return allocated(objects) - before;
}

/*
 * Opening a file many times needs memory only for what is open.  A leak would
 * grow each time; caches of processors, and what waits for a grace period, are
 * filled only once.
 */
static void many_opens(void)
{
	int i, fd, fds[200], n = ktap_loops(10000);
	long more = 0, most = 0;
	bool objects;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	ct_child_in(M1 "/a");
	for (i = 0; i < 5; i++) {
		more = open_many(n, &objects);
		/* a view has 64 bytes or more; KASAN keeps what was freed */
		most = objects ? n / 2 : n / 16;
		ktap_note("%d opens: %ld %s more", n, more,
			  objects ? "objects" : "kB");
		if (more < most || !access("/sys/kernel/debug/kmemleak", F_OK))
			break;
	}
	EXPECT(i < 5);
	for (i = 0; i < 200; i++) {
		ASSERT_OK(fds[i] = open(M1 "/a/tasks", O_RDONLY));
		EXPECT_CMP(read(fds[i], &fd, 2), ==, 2);
	}
	EXPECT_OK(ct_write(M1 "/tasks", ct_slurp(M1 "/a/tasks")));
	RMDIR(M1 "/a");
	for (i = 0; i < 200; i++)
		EXPECT_ERRNO(read(fds[i], &fd, 1), ENODEV);
	for (i = 0; i < 200; i++)
		close(fds[i]);
	UMOUNT(M1);
}

/* --- waiting for a file to go --------------------------------------------------- */

static int wait_by_poll(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	return poll(&p, 1, -1) == 1 ? p.revents : -1;
}

static int wait_by_ppoll(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	return ppoll(&p, 1, NULL, NULL) == 1 ? p.revents : -1;
}

/*
 * Only the set of exceptions shows it: a control file is always ready
 * otherwise.
 */
static int wait_by_select(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	if (select(fd + 1, NULL, NULL, &set, NULL) != 1)
		return -1;
	return FD_ISSET(fd, &set) ? POLLERR | POLLPRI : 0;
}

static int wait_by_epoll(int fd, unsigned int flags)
{
	struct epoll_event ev = { .events = EPOLLPRI | flags };
	int ep = epoll_create(1);

	EXPECT_OK(ep);
	EXPECT_OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	if (epoll_wait(ep, &ev, 1, -1) != 1)
		return -1;
	/* It stays so, but EPOLLET and EPOLLONESHOT report it once. */
	if (!(flags & (EPOLLET | EPOLLONESHOT)))
		EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 1);
	else
		EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	close(ep);
	return ev.events;
}

static int wait_by_level(int fd)
{
	return wait_by_epoll(fd, 0);
}

static int wait_by_edge(int fd)
{
	return wait_by_epoll(fd, EPOLLET);
}

static int wait_by_one_shot(int fd)
{
	return wait_by_epoll(fd, EPOLLONESHOT);
}

static int (*const waits[])(int fd) = {
	wait_by_poll, wait_by_ppoll, wait_by_select, wait_by_level,
	wait_by_edge, wait_by_one_shot,
};

/* Children that wait, in each way, for a file to go. */
static void start_waiters(const char *file, int pids[ARRAY_SIZE(waits)])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(waits); i++)
		pids[i] = IN_CHILD({
			int fd;
			int events;

			ASSERT_OK(fd = open(file, O_RDONLY));
			events = waits[i](fd);
			EXPECT_EQ(events & (POLLERR | POLLPRI),
				  POLLERR | POLLPRI);
			EXPECT_EQ(events & (POLLIN | POLLOUT), 0);
			EXPECT_ERRNO(read(fd, &fd, 1), ENODEV);
		});
}

/* They sleep, all of them. */
static void are_waiting(const int pids[ARRAY_SIZE(waits)])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(waits); i++)
		EXPECT_SOON(ktap_stat(pids[i], NULL, NULL) == 'S', 10);
}

static void have_been_woken(const int pids[ARRAY_SIZE(waits)])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(waits); i++) {
		CTX("way %d to wait", i);
		if (EXPECT_SOON(waitpid(pids[i], NULL, WNOHANG), 5))
			continue;
		ct_reap(pids[i]);
	}
	CTX_END();
}

/* Removing a container wakes up tasks that wait for one of its files. */
static void woken_by_rmdir(void)
{
	static const char *const files[] = {
		"tasks", "notify_on_release", "numtasks.limit",
	};
	int gone[ARRAY_SIZE(waits)], stay[ARRAY_SIZE(waits)];
	unsigned int i;

	MOUNT(M1, "debug,numtasks");
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		MKDIR(M1 "/a");
		MKDIR(M1 "/a/b");
		start_waiters(P(M1 "/a/b/%s", files[i]), gone);
		start_waiters(P(M1 "/a/%s", files[i]), stay);
		are_waiting(gone);
		are_waiting(stay);
		/* an rmdir that fails wakes up nobody */
		EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
		usleep(20000);
		are_waiting(gone);
		are_waiting(stay);
		RMDIR(M1 "/a/b");
		have_been_woken(gone);
		/* the removal of another container wakes up nobody */
		are_waiting(stay);
		RMDIR(M1 "/a");
		have_been_woken(stay);
	}
	UMOUNT(M1);
}

/* So does a subsystem that leaves the hierarchy, for its files. */
static void woken_by_remount(void)
{
	int gone[ARRAY_SIZE(waits)], stay[ARRAY_SIZE(waits)];

	MOUNT(M1, "debug,numtasks,name=w");
	start_waiters(M1 "/debug.task_count", gone);
	start_waiters(M1 "/debug.css_groups", stay);
	are_waiting(gone);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, "debug,name=w"));
	are_waiting(gone);
	are_waiting(stay);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, "none,name=w"));
	have_been_woken(gone);
	have_been_woken(stay);
	UMOUNT(M1);
}

/* The container is removed just when a task begins to wait. */
static void woken_in_a_race(void)
{
	int *sh = ct_shared(4096), i, n = ktap_loops(3000), pid;

	MOUNT(M1, "debug");
	pid = IN_CHILD({
		unsigned long rnd = ktap_seed();
		int fd;

		for (i = 1; i <= n; i++) {
			SPIN_FOR(GET(sh[0]) == i);
			ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
			SET(sh[1], i);
			ktap_spin(ktap_rand(&rnd) % 2000);
			EXPECT_CMP(i % 2 ? wait_by_poll(fd) :
					   wait_by_select(fd), >, 0);
			close(fd);
			SET(sh[2], i);
		}
	});
	for (i = 1; i <= n; i++) {
		MKDIR(M1 "/a");
		SET(sh[0], i);
		SPIN_FOR(GET(sh[1]) == i);
		RMDIR(M1 "/a");
		ASSERT_SOON(GET(sh[2]) == i, 10);
	}
	ct_ended_well(pid);
	UMOUNT(M1);
}

static const struct ktap_case cases[] = {
	T(live_file),
	T(removed_files),
	T(removed_directory),
	T(any_order),
	T(bind_mount),
	T(directory_reading),
	T(half_read_directory),
	T(directory_read_in_a_storm),
	T(many_opens),
	T(woken_by_rmdir),
	T(woken_by_remount),
	T(woken_in_a_race),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

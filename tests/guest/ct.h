/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _CT_H
#define _CT_H
/*
 * Helpers for the tests of the container file system: mounting, reading and
 * writing control files, children that can be moved, and the cleanup after each
 * case.  The cleanup is a test in itself: every container can be removed, every
 * hierarchy dissolves, and no css_group is left.
 */
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <utime.h>

#include "ktap.h"

#define CT_MAGIC 0x27e0eb
#define CT_TMP "/tmp/ct"
#define M1 CT_TMP "/m1"
#define M2 CT_TMP "/m2"
#define M3 CT_TMP "/m3"
#define M4 CT_TMP "/m4"
#define NOBODY 65534
#define USER 1000

/* --- texts and files ----------------------------------------------------- */

/*
 * Returns a formatted string.  The last 16 strings are valid.  Not for threads.
 */
__attribute__((format(printf, 1, 2)))
KTAP_FN char *P(const char *fmt, ...)
{
	static char *ring[16];
	static unsigned int slot;
	char **p = &ring[slot++ % 16];
	va_list ap;

	free(*p);
	va_start(ap, fmt);
	if (vasprintf(p, fmt, ap) < 0)
		_exit(1);
	va_end(ap);
	return *p;
}

/*
 * Returns everything that can be read from fd, with reads of up to chunk bytes.
 */
KTAP_FN char *ct_read_fd(int fd, size_t chunk)
{
	size_t len = 0, size = 4096;
	char *buf = malloc(size);

	for (;;) {
		size_t want = chunk;
		ssize_t n;

		if (len + want + 1 > size) {
			size = 2 * (len + want + 1);
			buf = realloc(buf, size);
		}
		if (!buf)
			_exit(1);
		n = read(fd, buf + len, want);
		if (n < 0) {
			int saved = errno;

			free(buf);
			errno = saved;
			return NULL;
		}
		if (!n)
			break;
		len += n;
	}
	buf[len] = 0;
	return buf;
}

/* Returns the content of a file, which need not be freed; NULL and errno. */
KTAP_FN char *ct_slurp(const char *path)
{
	int fd = open(path, O_RDONLY), saved;
	char *s;

	if (fd < 0)
		return NULL;
	s = ct_read_fd(fd, 16384);
	saved = errno;
	close(fd);
	errno = saved;
	return s;
}

/* One write of len bytes to an open file: 0, or -1 and errno. */
KTAP_FN int ct_put(int fd, const void *buf, size_t len)
{
	ssize_t n = write(fd, buf, len);

	if (n < 0)
		return -1;
	if ((size_t)n != len) {
		errno = EUCLEAN;	/* a short write */
		return -1;
	}
	return 0;
}

KTAP_FN int ct_writen(const char *path, const void *buf, size_t len)
{
	int fd = open(path, O_WRONLY), ret, saved;

	if (fd < 0)
		return -1;
	ret = ct_put(fd, buf, len);
	saved = errno;
	close(fd);
	errno = saved;
	return ret;
}

KTAP_FN int ct_write(const char *path, const char *s)
{
	return ct_writen(path, s, strlen(s));
}

/* Returns the number in a file; -1 when the file has anything else in it. */
KTAP_FN long ct_num(const char *path)
{
	char *s = ct_slurp(path), *end;
	long val;

	if (!s)
		return -1;
	val = strtol(s, &end, 10);
	if (end == s || strcmp(end, "\n"))
		val = -1;
	free(s);
	return val;
}

KTAP_FN int ct_mode(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : (int)st.st_mode;
}

KTAP_FN int ct_nlink(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : (int)st.st_nlink;
}

KTAP_FN bool ct_exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

/* Returns the free memory of the machine in kB; -1 if unknown. */
KTAP_FN long ct_mem_free(void)
{
	char *s = ct_slurp("/proc/meminfo"), *p = s ? strstr(s, "MemFree:") : s;
	long kb = p ? atol(p + 8) : -1;

	free(s);
	return kb;
}

/* Returns how often the calling task has gone to sleep. */
KTAP_FN long ct_sleeps(void)
{
	struct rusage r;

	ASSERT_OK(getrusage(RUSAGE_SELF, &r));
	return r.ru_nvcsw;
}

/*
 * EXPECT_NO_WAIT(n, statements): runs the statements n times, and expects that
 * the task sleeps less than n / 2 times.  A task that waits for a grace period
 * sleeps each time; it may also have to wait for a lock now and then.
 */
#define EXPECT_NO_WAIT(n, ...) ({					\
	long n_ = (n), sleeps_ = ct_sleeps();				\
	int i_;								\
	for (i_ = 0; i_ < n_; i_++) {					\
		__VA_ARGS__;						\
	}								\
	sleeps_ = ct_sleeps() - sleeps_;				\
	ktap_note("slept %ld times in %ld rounds", sleeps_, n_);	\
	EXPECT_CMP(sleeps_, <, n_ / 2); })

/* A string of n times c. */
KTAP_FN char *ct_fill(char c, size_t n)
{
	char *s = malloc(n + 1);

	if (!s)
		_exit(1);
	memset(s, c, n);
	s[n] = 0;
	return s;
}

/* An entry in the format of getdents64(2). */
struct dirent64_ {
	unsigned long long ino;
	long long off;
	unsigned short len;
	unsigned char type;
	char name[];
};

KTAP_FN int ct_cmp_str(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Returns the names in a directory, sorted, with a blank behind each; NULL:
 * errno.
 */
KTAP_FN char *ct_ls(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0, size = 64, len = 1, i;
	char **names, *out;
	struct dirent *e;

	if (!d)
		return NULL;
	names = malloc(size * sizeof(*names));
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (n == size) {
			size *= 2;
			names = realloc(names, size * sizeof(*names));
		}
		names[n++] = strdup(e->d_name);
		len += strlen(e->d_name) + 1;
	}
	closedir(d);
	qsort(names, n, sizeof(*names), ct_cmp_str);
	out = calloc(1, len);
	for (i = 0; i < n; i++) {
		strcat(strcat(out, names[i]), " ");
		free(names[i]);
	}
	free(names);
	return out;
}

/* --- mounting ------------------------------------------------------------ */

KTAP_FN int ct_mount_flags(const char *dir, const char *opts, int flags)
{
	mkdir(CT_TMP, 0755);
	mkdir(dir, 0755);
	return mount("ct", dir, "container", flags, opts);
}

KTAP_FN int ct_mount(const char *dir, const char *opts)
{
	return ct_mount_flags(dir, opts, 0);
}

/* Mount, or end the case. */
#define MOUNT(dir, opts) ASSERT_OK(ct_mount(dir, opts))
#define MKDIR(path) ASSERT_OK(mkdir(path, 0755))
#define RMDIR(path) EXPECT_OK(rmdir(path))
#define UMOUNT(dir) EXPECT_OK(umount2(dir, 0))

/* Returns the options of the last mount on dir from /proc/mounts; or NULL. */
KTAP_FN char *ct_mount_opts(const char *dir)
{
	char *all = ct_slurp("/proc/mounts"), *line, *save, *found = NULL;

	if (!all)
		return NULL;
	for (line = strtok_r(all, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *dev = strtok(line, " "), *mnt = strtok(NULL, " ");
		char *type = strtok(NULL, " "), *opts = strtok(NULL, " ");

		if (dev && mnt && type && opts && !strcmp(mnt, dir) &&
		    !strcmp(type, "container")) {
			free(found);
			found = strdup(opts);
		}
	}
	free(all);
	return found;
}

/* Is word in a comma separated list? */
KTAP_FN bool ct_has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (list && *list) {
		if (!strncmp(list, word, n) && (!list[n] || list[n] == ','))
			return true;
		list = strchr(list, ',');
		if (list)
			list++;
	}
	return false;
}

/*
 * Returns those mount options of dir that belong to the container file system.
 */
KTAP_FN char *ct_mount_words(const char *dir)
{
	static const char vfs[] =
		"rw,ro,relatime,noatime,nodiratime,nosuid,nodev,noexec,sync";
	char *opts = ct_mount_opts(dir), *out, *word, *save;

	if (!opts)
		return NULL;
	out = calloc(1, strlen(opts) + 1);
	for (word = strtok_r(opts, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		if (ct_has_word(vfs, word))
			continue;
		if (*out)
			strcat(out, ",");
		strcat(out, word);
	}
	free(opts);
	return out;
}

/* Enabled subsystems in order of registration, comma separated. */
KTAP_FN char *ct_all_subsys(void)
{
	char *s = ct_slurp("/proc/containers"), *line, *save;
	char *out = calloc(1, 1024);

	for (line = s ? strtok_r(s, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char name[64];
		int hier, num, on;

		if (*line == '#' || sscanf(line, "%63s %d %d %d", name, &hier,
					   &num, &on) != 4 || !on)
			continue;
		if (*out)
			strcat(out, ",");
		strcat(out, name);
	}
	free(s);
	return out;
}

/* A column of the line of a subsystem: 0 hierarchy, 1 containers, 2 enabled. */
KTAP_FN int ct_subsys_field(const char *subsys, int column)
{
	char *s = ct_slurp("/proc/containers"), *line, *save;
	int v[3], ret = -1;
	char name[64];

	for (line = s ? strtok_r(s, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%63s %d %d %d", name, &v[0], &v[1],
			   &v[2]) == 4 && !strcmp(name, subsys))
			ret = v[column];
	free(s);
	return ret;
}

/* --- where a task is ------------------------------------------------------ */

/*
 * Returns the path that a /proc/<pid>/container file shows for the hierarchy
 * with word in its list; NULL when there is no such line.
 */
KTAP_FN char *ct_path_in(const char *procfile, const char *word)
{
	char *s = ct_slurp(procfile), *line, *next, *found = NULL;

	for (line = s; line && *line && !found; line = next) {
		char *colon;

		next = strchr(line, '\n');
		if (!next)
			break;
		*next++ = 0;
		colon = strchr(line, ':');
		if (!colon)
			break;
		*colon = 0;
		if (ct_has_word(line, word))
			found = strdup(colon + 1);
	}
	free(s);
	return found;
}

/* Returns the container of a process; pid 0 is the caller. */
KTAP_FN char *ct_where(int pid, const char *word)
{
	char file[64];

	if (pid)
		snprintf(file, sizeof(file), "/proc/%d/container", pid);
	else
		sprintf(file, "/proc/self/container");
	return ct_path_in(file, word);
}

KTAP_FN char *ct_where_tid(int pid, int tid, const char *word)
{
	char file[64];

	snprintf(file, sizeof(file), "/proc/%d/task/%d/container", pid, tid);
	return ct_path_in(file, word);
}

KTAP_FN int ct_move(const char *dir, int pid)
{
	char num[16], file[PATH_MAX];

	snprintf(file, sizeof(file), "%s/tasks", dir);
	snprintf(num, sizeof(num), "%d", pid);
	return ct_write(file, num);
}

/* Parses the text of a tasks file.  What is malformed is a failure. */
KTAP_FN int *ct_parse_tasks(const char *what, const char *s, int *count)
{
	int n = 0, size = 64, *ids = malloc(size * sizeof(*ids));

	while (s && *s) {
		char *end;
		long val;

		if (!isdigit((unsigned char)*s) || *s == '0') {
			FAIL("%s: %s is no thread id", what, ktap_quote(s));
			break;
		}
		val = strtol(s, &end, 10);
		if (*end != '\n') {
			FAIL("%s: no newline after %ld", what, val);
			break;
		}
		if (n && ids[n - 1] >= val)
			FAIL("%s: %ld after %d: not ascending", what, val,
			     ids[n - 1]);
		if (n == size)
			ids = realloc(ids, (size *= 2) * sizeof(*ids));
		if (!ids)
			_exit(1);
		ids[n++] = val;
		s = end + 1;
	}
	ktap_check(true);
	*count = n;
	return ids;
}

/* The tasks of a container, ascending; NULL and errno. */
KTAP_FN int *ct_tasks(const char *dir, int *count)
{
	char file[PATH_MAX], *s;
	int *ids;

	snprintf(file, sizeof(file), "%s/tasks", dir);
	s = ct_slurp(file);
	*count = -1;
	if (!s)
		return NULL;
	ids = ct_parse_tasks(file, s, count);
	free(s);
	return ids;
}

KTAP_FN int ct_count(const char *dir)
{
	int n;

	free(ct_tasks(dir, &n));
	return n;
}

KTAP_FN bool ct_has(const char *dir, int pid)
{
	int n, i, found = 0;
	int *ids = ct_tasks(dir, &n);

	for (i = 0; i < n; i++)
		found += ids[i] == pid;
	free(ids);
	return found == 1;
}

/* --- tasks to move about --------------------------------------------------- */

KTAP_FN int ct_gettid(void)
{
	return syscall(SYS_gettid);
}

/* A child that does nothing until it is killed. */
KTAP_FN int ct_child(void)
{
	int pid = fork();

	if (!pid)
		for (;;)
			pause();
	ASSERT_OK(pid);
	return pid;
}

KTAP_FN int ct_child_in(const char *dir)
{
	int pid = ct_child();

	ASSERT_OK(ct_move(dir, pid));
	return pid;
}

/* Makes a thread that uses no memory, so it needs no stack.  x86_64 only. */
KTAP_FN long ct_idle_thread(void)
{
	register long tls __asm__("r8") = 0;
	register long tid __asm__("r10") = 0;
	long ret;

	__asm__ __volatile__("syscall\n\t"
			     "test %%rax, %%rax\n\t"
			     "jnz 2f\n"
			     "1:\tmov %4, %%eax\n\t"
			     "syscall\n\t"
			     "jmp 1b\n"
			     "2:"
			     : "=a" (ret)
			     : "0" ((long)SYS_clone),
			       "D" ((long)(CLONE_VM | CLONE_FS | CLONE_FILES |
					   CLONE_SIGHAND | CLONE_THREAD |
					   CLONE_SYSVSEM)),
			       "S" (0L), "i" (SYS_pause), "d" (0L), "r" (tid),
			       "r" (tls)
			     : "rcx", "r11", "memory");
	return ret;
}

/* Kills and reaps a child. */
KTAP_FN void ct_reap(int pid)
{
	kill(pid, SIGKILL);
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
}

/* A child that has exited and has not been reaped. */
KTAP_FN int ct_zombie(void)
{
	int pid = fork();
	siginfo_t info;

	if (!pid)
		_exit(0);
	ASSERT_OK(pid);
	ASSERT_OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	return pid;
}

/* Waits for a child of the case and expects that its exit status is 0. */
KTAP_FN bool ct_ended_well(int pid)
{
	int status = -1;

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	return EXPECT_EQ(status, 0);
}

/* IN_CHILD(statements): runs them in a child; its pid. */
#define IN_CHILD(...) ({						\
	int pid_ = fork();						\
	if (!pid_) {							\
		__VA_ARGS__;						\
		_exit(0);						\
	}								\
	ASSERT_OK(pid_);						\
	pid_; })

/* Changes all ids of the process to uid. */
KTAP_FN void ct_become(int uid)
{
	ASSERT_OK(setgroups(0, NULL));
	ASSERT_OK(setgid(uid));
	ASSERT_OK(setuid(uid));
}

/* RUN_AS(uid, statements): in a child with that uid, waited for. */
#define RUN_AS(uid, ...)						\
	ct_ended_well(IN_CHILD(ct_become(uid); __VA_ARGS__))

/* Memory shared with the children of the case. */
KTAP_FN void *ct_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ASSERT(p != MAP_FAILED);
	return p;
}

struct ct_thread {
	pthread_t thread;
	int tid;
	int stop;
};

static void *ct_thread_fn(void *arg)
{
	struct ct_thread *t = arg;

	SET(t->tid, ct_gettid());
	while (!GET(t->stop))
		usleep(20000);
	return NULL;
}

/* A thread that waits for ->stop; returns its id. */
KTAP_FN int ct_thread_start(struct ct_thread *t)
{
	pthread_attr_t attr;

	memset(t, 0, sizeof(*t));
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	ASSERT_EQ(pthread_create(&t->thread, &attr, ct_thread_fn, t), 0);
	ASSERT_SOON(GET(t->tid), 10);
	return t->tid;
}

KTAP_FN void ct_thread_stop(struct ct_thread *t)
{
	SET(t->stop, 1);
	EXPECT_EQ(pthread_join(t->thread, NULL), 0);
}

/* --- cleanup ---------------------------------------------------------------- */

/*
 * Empties the container name in dirfd, and removes it unless it is the top:
 * moves its tasks to the top by rootfd, an open tasks file of the top, and
 * waits a moment for tasks that are exiting.
 */
KTAP_FN void ct_empty(int dirfd, const char *name, int rootfd, bool top)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY), tfd, dupfd;
	int looks = 0;
	bool again = true, last;
	struct dirent *e;
	DIR *d;

	if (fd < 0)
		return;
	dupfd = dup(fd);
	d = fdopendir(dupfd);
	while (d && (e = readdir(d))) {
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISDIR(st.st_mode))
			continue;
		ct_empty(fd, e->d_name, rootfd, false);
	}
	if (d)
		closedir(d);
	while (!top && unlinkat(dirfd, name, AT_REMOVEDIR)) {
		char *s, *id, *save;
		int err = errno;

		last = err != EBUSY || !again;
		tfd = openat(fd, "tasks", O_RDONLY);
		s = tfd < 0 ? NULL : ct_read_fd(tfd, 16384);
		for (id = s ? strtok_r(s, "\n", &save) : NULL; id;
		     id = strtok_r(NULL, "\n", &save))
			if (write(rootfd, id, strlen(id)) < 0 &&
			    errno != ESRCH && last)
				FAIL("cannot move %s: %s", id,
				     ktap_errno(errno));
		free(s);
		if (tfd >= 0)
			close(tfd);
		if (last) {
			FAIL("rmdir %s: %s", name, ktap_errno(err));
			break;
		}
		again = ktap_again(&looks, 5);
	}
	close(fd);
}

/* Removes all containers of the hierarchy mounted on dir. */
KTAP_FN void ct_empty_mount(const char *dir)
{
	int rootfd;

	if (access(dir, W_OK) && errno == EROFS)
		mount(NULL, dir, NULL, MS_REMOUNT, ct_mount_words(dir));
	rootfd = open(P("%s/tasks", dir), O_WRONLY);
	ct_empty(AT_FDCWD, dir, rootfd, true);
	if (rootfd >= 0)
		close(rootfd);
}

/* Unmounts everything below CT_TMP, newest first. */
KTAP_FN void ct_unmount_all(void)
{
	char *all = ct_slurp("/proc/mounts"), *lines[256], *line, *save;
	int n = 0;

	for (line = all ? strtok_r(all, "\n", &save) : NULL; line && n < 256;
	     line = strtok_r(NULL, "\n", &save))
		lines[n++] = line;
	while (n--) {
		char *mnt, *type;

		/* the mount source may be empty */
		mnt = strchr(lines[n], ' ');
		mnt = mnt ? strtok(mnt, " ") : NULL;
		type = strtok(NULL, " ");
		if (!mnt || !type || strncmp(mnt, CT_TMP "/", 8))
			continue;
		if (!strcmp(type, "container"))
			ct_empty_mount(mnt);
		if (!WAIT_FOR(!umount2(mnt, 0), 5))
			FAIL("umount %s: %s, of %s", mnt, ktap_errno(errno),
			     ktap_quote(ct_slurp("/proc/mounts")));
	}
	free(all);
}

/* Returns the number of css_groups; -1 without the debug subsystem. */
KTAP_FN long ct_css_groups(void)
{
	long n = -1;

	if (!ct_mount(CT_TMP "/groups", "debug")) {
		n = ct_num(CT_TMP "/groups/debug.css_groups");
		umount2(CT_TMP "/groups", 0);
	}
	return n;
}

/*
 * Takes down everything, until nothing is mounted.  Anything that prevents this
 * is a failure of the case before.
 */
KTAP_FN void ct_cleanup(void)
{
	int i;

	ct_unmount_all();
	for (i = 0; i < 20; i++) {
		char *s = ct_slurp("/proc/self/container"), *colon;

		if (!s || !*s) {
			free(s);
			break;
		}
		colon = strchr(s, ':');
		if (!colon) {
			FAIL("/proc/self/container: %s", ktap_quote(s));
			break;
		}
		*colon = 0;
		CTX("hidden hierarchy %s", s);
		if (EXPECT_OK(ct_mount(CT_TMP "/hidden", s))) {
			ct_empty_mount(CT_TMP "/hidden");
			EXPECT_OK(umount2(CT_TMP "/hidden", 0));
		}
		CTX_END();
		free(s);
	}
	EXPECT_STR(ct_slurp("/proc/self/container"), "");
	if (!ct_mount(CT_TMP "/groups", "debug")) {
		const char *f = CT_TMP "/groups/debug.css_groups";

		if (!WAIT_FOR(ct_num(f) == 1, 3))
			FAIL("%ld css_groups are left, expected 1", ct_num(f));
		EXPECT_OK(umount2(CT_TMP "/groups", 0));
	}
}

/* --- the invariants ---------------------------------------------------------- */

struct ct_seen {
	int tid;
	char *path;
};

struct ct_census {
	struct ct_seen *seen;
	int n, size;
	const char *trouble;	/* the first thing that is wrong, or NULL */
};

__attribute__((format(printf, 2, 3)))
KTAP_FN void ct_trouble(struct ct_census *c, const char *fmt, ...)
{
	va_list ap;
	char *s;

	if (c->trouble)
		return;
	va_start(ap, fmt);
	c->trouble = vasprintf(&s, fmt, ap) < 0 ? "out of memory" : s;
	va_end(ap);
}

/* Collects the (thread, container) pairs of all containers at dir and below. */
KTAP_FN int ct_census_dir(struct ct_census *c, const char *dir,
			  const char *path)
{
	int n, i, total, *ids = ct_tasks(dir, &n);
	long num;
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!ids || !d) {
		ct_trouble(c, "cannot list %s: %s", dir, ktap_errno(errno));
		return 0;
	}
	for (i = 0; i < n; i++) {
		if (c->n == c->size) {
			c->size = 2 * c->size + 64;
			c->seen = realloc(c->seen,
					  c->size * sizeof(*c->seen));
		}
		c->seen[c->n].tid = ids[i];
		c->seen[c->n++].path = strdup(path);
	}
	free(ids);
	num = ct_num(P("%s/debug.task_count", dir));
	if (num >= 0 && num != n)
		ct_trouble(c, "%s: debug.task_count %ld, tasks %d", path, num,
			   n);
	total = n;
	while ((e = readdir(d))) {
		char sub[PATH_MAX], subpath[PATH_MAX];
		struct stat st;

		snprintf(sub, sizeof(sub), "%s/%s", dir, e->d_name);
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    stat(sub, &st) || !S_ISDIR(st.st_mode))
			continue;
		snprintf(subpath, sizeof(subpath), "%s/%s",
			 strcmp(path, "/") ? path : "", e->d_name);
		total += ct_census_dir(c, sub, subpath);
	}
	closedir(d);
	num = ct_num(P("%s/numtasks.count", dir));
	if (num >= 0 && num != total)
		ct_trouble(c, "%s: numtasks.count %ld, tasks %d", path, num,
			   total);
	return total;
}

KTAP_FN int ct_cmp_seen(const void *a, const void *b)
{
	return ((struct ct_seen *)a)->tid - ((struct ct_seen *)b)->tid;
}

/* One attempt of ct_check_hierarchy().  Returns what is wrong, or NULL. */
KTAP_FN const char *ct_census(const char *mnt, const char *word)
{
	struct ct_census c = { NULL, 0, 0, NULL };
	DIR *proc = opendir("/proc"), *tasks;
	struct dirent *e, *t;
	int i, live = 0;

	ct_census_dir(&c, mnt, "/");
	qsort(c.seen, c.n, sizeof(*c.seen), ct_cmp_seen);
	for (i = 1; i < c.n; i++)
		if (c.seen[i].tid == c.seen[i - 1].tid)
			ct_trouble(&c, "%d is listed in %s and in %s",
				   c.seen[i].tid, c.seen[i - 1].path,
				   c.seen[i].path);
	while (proc && (e = readdir(proc))) {
		int pid = atoi(e->d_name);

		if (pid <= 0)
			continue;
		tasks = opendir(P("/proc/%d/task", pid));
		while (tasks && (t = readdir(tasks))) {
			struct ct_seen key = { atoi(t->d_name), NULL }, *s;
			char *where, state;

			if (key.tid <= 0)
				continue;
			state = ktap_stat(key.tid, NULL, NULL);
			where = ct_where_tid(pid, key.tid, word);
			s = c.n ? bsearch(&key, c.seen, c.n, sizeof(key),
					  ct_cmp_seen) : NULL;
			if (state == 'Z' || state == 'X') {
				if (s)
					ct_trouble(&c, "zombie %d in %s",
						   key.tid, s->path);
				if (where && strcmp(where, "/"))
					ct_trouble(&c, "zombie %d shows %s",
						   key.tid, where);
			} else if (!s || !where) {
				ct_trouble(&c, "%d (%c) shows %s, listed in %s",
					   key.tid, state ? state : '-',
					   where ? where : "nothing",
					   s ? s->path : "no container");
			} else {
				live++;
				if (strcmp(where, s->path))
					ct_trouble(&c, "%d is in %s, shows %s",
						   key.tid, s->path, where);
			}
			free(where);
		}
		if (tasks)
			closedir(tasks);
	}
	if (proc)
		closedir(proc);
	if (live != c.n)
		ct_trouble(&c, "%d live threads, %d listed", live, c.n);
	for (i = 0; i < c.n; i++)
		free(c.seen[i].path);
	free(c.seen);
	return c.trouble;
}

/*
 * Checks that every live thread is in exactly one container of the hierarchy
 * mounted on mnt, and that its /proc file shows this container.  Kernel threads
 * are made and exit at any time, so an error counts only when it is seen in
 * several attempts.
 */
KTAP_FN void ct_check_hierarchy(const char *mnt, const char *word)
{
	const char *trouble = NULL;
	int i;

	for (i = 0; i < 60; i++) {
		trouble = ct_census(mnt, word);
		if (!trouble)
			break;
		usleep(20000);
	}
	ktap_check(true);
	if (trouble)
		FAIL("%s: %s", word, trouble);
}

#endif /* _CT_H */

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FAULT_H
#define _FAULT_H
/*
 * Fault sweeps: an operation is run again and again, and each time another one
 * of its allocations fails, on 6.12 also each copy from and to user space.
 *
 * Everything that can be seen of containers is written down as a text, called a
 * picture: the mounts with their options, all directories and files with modes,
 * owners and inode numbers, the content of the files, and where every task is.
 * An operation that fails must not change the picture, not even an inode
 * number.  An operation that succeeds in spite of a fault must lead to the same
 * picture as without faults.  On 2.6.22 the objects that our functions have
 * allocated are counted as well; on 6.12 kmemleak looks for leaks.
 *
 * 6.12 fails the n-th fault point of a thread: n is counted up until no fault
 * point is hit.  2.6.22 fails the first allocation that exceeds a budget, in
 * bytes for slab objects and in pages for pages, and what is left of the budget
 * shows how much was taken before.  So the sweep starts with the budget that
 * the whole operation takes, so that only the last allocation fails, and then
 * reduces it by what was left: each step fails exactly one allocation earlier.
 */
#include <sched.h>

#define KTAP_TIMEOUT_S 300	/* with DEEP=1 there is much to do */

#include "ct.h"

#define FAULTS "/sys/kernel/debug/"

struct fault_op {
	const char *name;
	void (*prepare)(void);	/* once, before the sweep */
	int (*run)(void);	/* 0 or more, or -1 and errno */
	void (*undo)(void);	/* undoes a success */
	int also[2];		/* errnos that are allowed, besides ENOMEM */
	int flags;
};

#define FO_NOTHING	1	/* may be without a fault point */
#define FO_CHILD	2	/* a child runs it, a new one each time */
#define FO_EXIT		4	/* with FO_CHILD: it does not come back */
#define FO_DEEP		8	/* only with DEEP=1 */
#define FO_NEW		16	/* only 6.12 has it */
#define FO_SLOW		32	/* on 6.12 only with DEEP=1 */

struct fault_result {
	int ret, err;
	bool hit;
	long left;		/* of the budget */
};

static bool fault_by_number;	/* fail-nth */
static bool fault_deep;
static bool fault_cpusets;	/* there are /proc/<pid>/cpuset */
static int fault_kid;		/* the process or thread that the operation made */
static bool fault_spends;	/* the test is in a container below the top */
static char fault_said[8192];	/* what the operation has read */
static struct fault_result *fault_res;	/* shared with the child */

KTAP_FN bool fault_begins(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* --- steering --------------------------------------------------------------- */

KTAP_FN void fault_set(const char *attr, const char *name, const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), FAULTS "%s/%s", attr, name);
	if (ct_write(path, value))
		FAIL("%s: %s", path, ktap_errno(errno));
}

/* Opens the switch of the current thread. */
KTAP_FN int fault_switch(void)
{
	int fd = open(P("/proc/self/task/%d/%s", ct_gettid(), fault_by_number ?
			"fail-nth" : "make-it-fail"), O_RDWR);

	ASSERT_OK(fd);
	return fd;
}

static const char *const fault_attrs[] = { "failslab", "fail_page_alloc" };

/*
 * kmemleak and debugobjects allocate an object for each object of others.
 * These must not fail: no error depends on them, and there are just as many.
 */
KTAP_FN void fault_choose_caches(void)
{
	DIR *d = opendir("/sys/kernel/slab");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		if (!fault_begins(e->d_name, "kmemleak") &&
		    !fault_begins(e->d_name, "debug_objects"))
			n += !ct_write(P("/sys/kernel/slab/%s/failslab",
					 e->d_name), "1");
	if (d)
		closedir(d);
	ASSERT_CMP(n, >, 50);
	fault_set("failslab", "cache-filter", "Y");
}

/* Has init reaped all orphans of earlier cases? */
KTAP_FN bool fault_no_zombie(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	bool found = false;

	while (proc && (e = readdir(proc)))
		found |= atoi(e->d_name) > 0 &&
			 ktap_stat(atoi(e->d_name), NULL, NULL) == 'Z';
	if (proc)
		closedir(proc);
	return !found;
}

KTAP_FN void fault_setup(void)
{
	unsigned int i;

	fault_by_number = !access("/proc/self/fail-nth", F_OK);
	fault_deep = ktap_deep();
	if (!fault_by_number && access("/proc/self/make-it-fail", F_OK))
		SKIP("no fault injection in this kernel");
	if (access(FAULTS "failslab", F_OK))
		SKIP("no debugfs on " FAULTS);
	for (i = 0; i < ARRAY_SIZE(fault_attrs); i++) {
		fault_set(fault_attrs[i], "ignore-gfp-wait", "N");
		fault_set(fault_attrs[i], "verbose", "0");
		if (fault_by_number)
			continue;
		fault_set(fault_attrs[i], "task-filter", "Y");
		fault_set(fault_attrs[i], "probability", "100");
		fault_set(fault_attrs[i], "interval", "1");
		fault_set(fault_attrs[i], "times", "0");
	}
	if (fault_by_number) {
		fault_set("fail_page_alloc", "min-order", "0");
		fault_set("fail_usercopy", "verbose", "0");
		fault_choose_caches();
	}
	EXPECT_SOON(fault_no_zombie(), 10);
	fault_cpusets = !access("/proc/self/cpuset", F_OK);
	fault_res = ct_shared(4096);
	/* no page faults in the middle of an operation */
	EXPECT_OK(mlockall(MCL_CURRENT | MCL_FUTURE));
}

/* After a fork pages are shared: write to the pages that will be written to. */
KTAP_FN void fault_touch(void)
{
	volatile char room[32768];
	size_t i;

	for (i = 0; i < sizeof(room); i += 1024)
		room[i] = 0;
	memset(fault_said, 0, sizeof(fault_said));
	errno = 0;
}

KTAP_FN void fault_arm(int fd, const char *attr, long n)
{
	char buf[24];
	int len = sprintf(buf, "%ld", n);

	fault_touch();
	if (!fault_by_number) {
		if (n) {
			fault_set(attr, "space", buf);
			fault_set(attr, "times", "1");
		}
		len = sprintf(buf, "%d", !!n);
	}
	if (pwrite(fd, buf, len, 0) != len)
		FAIL("cannot switch faults on: %s", ktap_errno(errno));
}

KTAP_FN void fault_disarm(int fd, const char *attr, struct fault_result *r)
{
	char end[16] = "";
	int n = 0;

	if (fault_by_number) {
		/* fails itself when its copy is the next fault point */
		n = pread(fd, end, sizeof(end) - 1, 0);
		r->hit = n >= 0 && !atoi(end);
	}
	while (pwrite(fd, "0", 1, 0) != 1 && n++ < 100)
		;
	if (fault_by_number)
		return;
	r->hit = !ct_num(P(FAULTS "%s/times", attr));
	r->left = ct_num(P(FAULTS "%s/space", attr));
	fault_set(attr, "times", "0");
}

/* Runs an operation with fault n; 0 is none. */
KTAP_FN void fault_run(const struct fault_op *o, const char *attr, long n)
{
	struct fault_result r = { 0 };
	int fd = fault_switch();

	fault_arm(fd, attr, n);
	errno = 0;
	r.ret = o->run();
	r.err = errno;
	if (n)
		fault_disarm(fd, attr, &r);
	close(fd);
	*fault_res = r;
}

/* The same in a child, which then waits until fault_undo(). */
static int fault_go, fault_done;

KTAP_FN void fault_child_main(const struct fault_op *o, const char *attr,
			      const long *n, int go, int done)
{
	int fd = fault_switch();
	char c;

	if (read(go, &c, 1) != 1)
		_exit(1);
	if (o->flags & FO_EXIT) {
		fault_arm(fd, attr, *n);
		syscall(SYS_exit_group, 0);
	}
	fault_run(o, attr, *n);
	if (write(done, &c, 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* Makes the child that will run an operation.  It reads *n when it does so. */
KTAP_FN void fault_child(const struct fault_op *o, const char *attr,
			 const long *n)
{
	int go[2], done[2];

	ASSERT_OK(pipe(go));
	ASSERT_OK(pipe(done));
	fault_kid = fork();
	if (!fault_kid)
		fault_child_main(o, attr, n, go[0], done[1]);
	ASSERT_OK(fault_kid);
	close(go[0]);
	close(done[1]);
	fault_go = go[1];
	fault_done = done[0];
}

KTAP_FN void fault_child_run(const struct fault_op *o, const char *attr,
			     long n)
{
	struct fault_result r = { 0 };
	siginfo_t info;
	char c;
	int fd;

	EXPECT_EQ(write(fault_go, "x", 1), 1);
	if (o->flags & FO_EXIT) {
		ASSERT_OK(waitid(P_PID, fault_kid, &info, WEXITED | WNOWAIT));
		EXPECT_EQ(info.si_status, 0);
		fd = open(P("/proc/%d/task/%d/%s", fault_kid, fault_kid,
			    fault_by_number ? "fail-nth" : "make-it-fail"),
			  O_RDWR);
		if (n)
			fault_disarm(fd, attr, &r);
		close(fd);
		*fault_res = r;
	} else {
		EXPECT_EQ(read(fault_done, &c, 1), 1);
	}
	close(fault_go);
	close(fault_done);
}

/*
 * Ends and reaps the process that the operation has made, or that has run it.
 */
KTAP_FN void fault_reap(void)
{
	kill(fault_kid, SIGKILL);
	EXPECT_EQ(waitpid(fault_kid, NULL, __WALL), fault_kid);
	fault_kid = 0;
}

/* --- pictures --------------------------------------------------------------- */

struct fault_text {
	char *s;
	size_t len, size;
};

__attribute__((format(printf, 2, 3)))
KTAP_FN void fault_add(struct fault_text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	for (;;) {
		va_start(ap, fmt);
		n = vsnprintf(t->s + t->len, t->size - t->len, fmt, ap);
		va_end(ap);
		if ((size_t)n < t->size - t->len)
			break;
		t->size = 2 * t->size + n + 4096;
		t->s = realloc(t->s, t->size);
		if (!t->s)
			_exit(1);
	}
	t->len += n;
}

/*
 * Returns the content of a file, or the error.  Valid until the next call:
 * there are many pictures, and locked memory is scarce.
 */
KTAP_FN const char *fault_read_fd(int fd)
{
	static char buf[65536];
	int n, len = 0;

	do {
		n = read(fd, buf + len, sizeof(buf) - 1 - len);
		if (n > 0)
			len += n;
	} while (n > 1024);	/* a short read has read everything */
	buf[len] = 0;
	return n < 0 ? ktap_errno(errno) : buf;
}

KTAP_FN const char *fault_read(const char *path)
{
	int fd = open(path, O_RDONLY);
	const char *s;

	if (fd < 0)
		return ktap_errno(errno);
	s = fault_read_fd(fd);
	close(fd);
	return s;
}

/* Adds a text, in which the pid of the operation's process becomes KID. */
KTAP_FN void fault_add_text(struct fault_text *t, const char *s)
{
	const char *p, *end;

	for (p = s; *p; p = end) {
		end = p + 1;
		if (isdigit((unsigned char)*p)) {
			long val = strtol(p, (char **)&end, 10);

			if (fault_kid && val == fault_kid) {
				fault_add(t, "KID");
				continue;
			}
		} else if (isalpha((unsigned char)*p) || *p == '_') {
			while (isalnum((unsigned char)*end) || *end == '_')
				end++;
		}
		fault_add(t, "%.*s", (int)(end - p), p);
	}
}

/*
 * Files that change by themselves, or because of other tasks.  In containers
 * below the top all tasks except the test itself sleep.
 */
KTAP_FN bool fault_moves_by_itself(const char *name, bool top)
{
	return !strcmp(name, "cpuacct.load") ||
	       (!strcmp(name, "cpuacct.usage") && (top || fault_spends)) ||
	       (top && (!strcmp(name, "debug.task_count") ||
			!strcmp(name, "forks.count")));
}

/* Files that still show a success after it was undone. */
KTAP_FN bool fault_remembers(const char *name)
{
	return fault_begins(name, "cpuacct.") || !strcmp(name, "forks.count") ||
	       fault_begins(name, "owner.") ||
	       !strcmp(name, "numtasks.peak") ||
	       !strcmp(name, "numtasks.failcnt") ||
	       !strcmp(name, "debug.current_css_group");
}

/* Is it not a kernel thread?  Those come and go. */
KTAP_FN bool fault_is_user(int pid)
{
	static int known[1024];
	int *k = &known[pid % 1024], ppid = 0;

	if (pid == fault_kid || pid == 1)
		return true;
	if (abs(*k) != pid)
		*k = pid == 2 || (ktap_stat(pid, &ppid, NULL) && ppid == 2) ?
		     -pid : pid;
	return *k > 0;
}

KTAP_FN void fault_add_tasks(struct fault_text *t, const char *s)
{
	int pid, used;

	for (; sscanf(s, "%d\n%n", &pid, &used) == 1; s += used)
		if (fault_is_user(pid))
			fault_add_text(t, P(" %d", pid));
	fault_add(t, " %s\n", s);
}

KTAP_FN void fault_add_stat(struct fault_text *t, const char *path,
			    const struct stat *st, bool exact)
{
	fault_add_text(t, path);
	fault_add(t, " %06o %d.%d links=%d size=%ld", st->st_mode, st->st_uid,
		  st->st_gid, (int)st->st_nlink, (long)st->st_size);
	if (exact)
		fault_add(t, " ino=%lu", (long)st->st_ino);
	fault_add(t, "\n");
}

KTAP_FN void fault_add_content(struct fault_text *t, const char *path, int fd,
			       bool top, bool exact)
{
	const char *name = ktap_base(path);

	if (fault_moves_by_itself(name, top) ||
	    (!exact && fault_remembers(name)))
		return;
	if (!strcmp(name, "tasks"))
		fault_add_tasks(t, fault_read_fd(fd));
	else
		fault_add_text(t, fault_read_fd(fd));
}

/* Adds a file, or a directory with everything below it. */
KTAP_FN void fault_add_path(struct fault_text *t, const char *path, bool top,
			    bool in_top, bool exact)
{
	int fd = open(path, O_RDONLY);
	char *names, *name, *save, *sub;
	struct stat st;

	if (fd < 0 ? stat(path, &st) : fstat(fd, &st)) {
		fault_add(t, "%s: %s\n", path, ktap_errno(errno));
	} else {
		fault_add_stat(t, path, &st, exact);
		if (fd >= 0 && !S_ISDIR(st.st_mode) && (st.st_mode & 0400))
			fault_add_content(t, path, fd, in_top, exact);
	}
	if (fd < 0)
		return;
	close(fd);
	names = S_ISDIR(st.st_mode) ? ct_ls(path) : NULL;
	for (name = names ? strtok_r(names, " ", &save) : NULL; name;
	     name = strtok_r(NULL, " ", &save)) {
		sub = strdup(P("%s/%s", path, name));
		fault_add_path(t, sub, false, top, exact);
		free(sub);
	}
	free(names);
}

KTAP_FN void fault_add_mounts(struct fault_text *t, bool exact)
{
	static const char *const dirs[] = { M1, M2, M3, M4 };
	const char *line;
	struct statfs fs;
	unsigned int i;
	int len;

	for (line = fault_read("/proc/mounts"); *line; line += len + 1) {
		len = strcspn(line, "\n");
		/* without memory 2.6.22 forgets the device's name */
		i = exact ? 0 : strcspn(line, " ");
		if (!strncmp(line + strcspn(line, " ") + 1, CT_TMP,
			     strlen(CT_TMP)))
			fault_add(t, "%.*s\n", len - i, line + i);
	}
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (statfs(dirs[i], &fs) || fs.f_type != CT_MAGIC)
			continue;
		fault_add_path(t, dirs[i], true, false, exact);
	}
}

/* The number of a hierarchy is not used again, so it is left out. */
KTAP_FN void fault_add_subsystems(struct fault_text *t, bool exact)
{
	const char *s = fault_read("/proc/containers");
	int hier, num, on, used;
	char name[64];

	s += strcspn(s, "\n");
	for (; sscanf(s, "%63s %d %d %d%n", name, &hier, &num, &on,
		      &used) == 4; s += used)
		fault_add(t, "%s %d %d %d\n", name, exact ? hier : !!hier,
			  num, on);
}

KTAP_FN void fault_add_process(struct fault_text *t, int pid)
{
	fault_add_text(t, P("%d: ", pid));
	fault_add_text(t, fault_read(P("/proc/%d/container", pid)));
	if (fault_cpusets)
		fault_add_text(t, fault_read(P("/proc/%d/cpuset", pid)));
}

KTAP_FN void fault_add_processes(struct fault_text *t)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	int pid;

	while (proc && (e = readdir(proc))) {
		pid = atoi(e->d_name);
		if (pid > 0 && pid != fault_kid && fault_is_user(pid))
			fault_add_process(t, pid);
	}
	if (proc)
		closedir(proc);
	if (fault_kid)	/* it may be a thread */
		fault_add_process(t, fault_kid);
}

KTAP_FN char *fault_picture(bool exact)
{
	struct fault_text t = { NULL, 0, 0 };

	fault_add_mounts(&t, exact);
	fault_add_subsystems(&t, exact);
	fault_add_processes(&t);
	return t.s;
}

/* Prints the first line that differs, and frees the picture. */
KTAP_FN void fault_same(char *now, const char *want, const char *what)
{
	size_t i, start = 0;

	ktap_check(true);
	if (strcmp(now, want)) {
		for (i = 0; now[i] && now[i] == want[i]; i++)
			if (now[i] == '\n')
				start = i + 1;
		FAIL("%s: %.*s instead of %.*s", what,
		     (int)strcspn(now + start, "\n"), now + start,
		     (int)strcspn(want + start, "\n"), want + start);
	}
	free(now);
}

/* --- objects ---------------------------------------------------------------- */

#define FAULT_SYMBOLS 512

/*
 * The functions whose allocations are counted: all of ours, and those of
 * mounts.
 */
static char *fault_symbols[FAULT_SYMBOLS] = {
	"alloc_super", "alloc_vfsmnt", "seq_open", "dup_task_struct",
};

static int fault_nr_symbols = 4;

KTAP_FN void fault_find_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long addr, first = 0, last = 0;
	char name[128], type;
	int pass;

	for (pass = 0; f && pass < 2; pass++) {
		rewind(f);
		while (fscanf(f, "%lx %c %127s%*[^\n]", &addr, &type,
			      name) == 3) {
			if (!strcmp(name, "container_lock"))
				first = addr - 0x600;
			if (!strcmp(name, "container_owner_top"))
				last = addr;
			if (pass && addr >= first && addr <= last &&
			    fault_nr_symbols < FAULT_SYMBOLS)
				fault_symbols[fault_nr_symbols++] =
					strdup(name);
		}
	}
	if (f)
		fclose(f);
	EXPECT_CMP(fault_nr_symbols, >, 50);
}

struct fault_objects {
	int n;
	struct {
		char *who;	/* cache and caller */
		long count;
	} line[256];
};

KTAP_FN bool fault_is_ours(const char *caller)
{
	size_t len = strcspn(caller, "+");
	int i;

	for (i = 0; i < fault_nr_symbols; i++)
		if (len == strlen(fault_symbols[i]) &&
		    !strncmp(caller, fault_symbols[i], len))
			return true;
	return false;
}

/* Parses the lines "cache: count caller" of 2.6.22's /proc/slab_allocators. */
KTAP_FN void fault_count(struct fault_objects *o)
{
	char *all = ct_slurp("/proc/slab_allocators"), *line, *save;
	char cache[64], caller[128];
	long count;

	o->n = 0;
	if (all && fault_nr_symbols < 50)
		fault_find_symbols();
	for (line = all ? strtok_r(all, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%63[^:]: %ld %127s", cache, &count,
			   caller) != 3 || !fault_is_ours(caller) ||
		    o->n == ARRAY_SIZE(o->line))
			continue;
		o->line[o->n].who = strdup(P("%s %s", cache, caller));
		o->line[o->n++].count = count;
	}
	free(all);
}

/* Are there more objects than before?  Prints which, if what is not NULL. */
KTAP_FN bool fault_more(const struct fault_objects *before,
			const struct fault_objects *now, const char *what)
{
	bool more = false;
	int i, k;

	for (i = 0; i < now->n; i++) {
		long was = 0;

		for (k = 0; k < before->n; k++)
			if (!strcmp(now->line[i].who, before->line[k].who))
				was = before->line[k].count;
		if (now->line[i].count <= was)
			continue;
		more = true;
		if (what)
			FAIL("%s: %ld objects of %s instead of %ld", what,
			     now->line[i].count, now->line[i].who, was);
	}
	return more;
}

/*
 * Counts the objects, after a grace period and the work queues have freed
 * theirs.
 */
KTAP_FN void fault_settle(struct fault_objects *o)
{
	static struct fault_objects before;
	int i;

	fault_count(o);
	for (i = 0; o->n && i < 20; i++) {
		before = *o;
		usleep(30000);
		fault_count(o);
		if (!fault_more(o, &before, NULL))
			break;
	}
}

KTAP_FN void fault_no_leak(const struct fault_objects *before, const char *what)
{
	static struct fault_objects now;

	if (!WAIT_FOR((fault_count(&now), !fault_more(before, &now, NULL)), 1))
		fault_more(before, &now, what);
	ktap_check(true);
}

/* --- sweeps ----------------------------------------------------------------- */

struct fault_sweep {
	const struct fault_op *op;
	const char *attr;	/* which kind of allocation, on 2.6.22 */
	char *start;		/* where an operation begins */
	char *exact;		/* the same with inode numbers */
	char *end;		/* what a success leads to */
	char *said;
	int faults, surfaced;
};

KTAP_FN bool fault_errno_is_right(const struct fault_op *o, int err)
{
	return err == ENOMEM || (err == EFAULT && fault_by_number) ||
	       err == o->also[0] || err == o->also[1];
}

/*
 * Runs the operation and returns the result.  The child, if any, still exists.
 */
KTAP_FN struct fault_result fault_try(struct fault_sweep *s, long n)
{
	if (s->op->flags & FO_CHILD) {
		fault_child(s->op, s->attr, &n);
		free(s->exact);
		s->exact = fault_picture(true);
		fault_child_run(s->op, s->attr, n);
	} else {
		fault_run(s->op, s->attr, n);
	}
	return *fault_res;
}

KTAP_FN void fault_undo(struct fault_sweep *s)
{
	if (s->op->undo)
		s->op->undo();
	else if (s->op->flags & FO_CHILD)
		fault_reap();
	fault_same(fault_picture(false), s->start, "after undo");
	free(s->exact);
	s->exact = fault_picture(true);
}

/* One run.  Returns whether a fault was hit, and what is left of the budget. */
KTAP_FN bool fault_step(struct fault_sweep *s, long n, long *left)
{
	struct fault_result r = fault_try(s, n);

	*left = r.left;
	s->faults += r.hit;
	if (r.ret == -1) {
		CTX("%s, %s %ld, %s", s->op->name, s->attr, n,
		    ktap_errno(r.err));
		s->surfaced++;
		EXPECT(r.hit);
		EXPECT(fault_errno_is_right(s->op, r.err));
		fault_same(fault_picture(true), s->exact, "after a failure");
		if (s->op->flags & FO_CHILD)
			fault_reap();
	} else {
		CTX("%s, %s %ld, success", s->op->name, s->attr, n);
		fault_same(fault_picture(false), s->end, "after a success");
		EXPECT_STR(fault_said, s->said);
		fault_undo(s);
	}
	CTX_END();
	return r.hit && ktap_sh->failed < 20;
}

/*
 * Returns what an operation takes altogether of a budget that is never
 * exceeded.
 */
KTAP_FN long fault_used(struct fault_sweep *s)
{
	long all = 1 << 28, left;

	EXPECT(!fault_step(s, all, &left));
	return all - left;
}

KTAP_FN void fault_by_budget(struct fault_sweep *s)
{
	long budget, left;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fault_attrs); i++) {
		s->attr = fault_attrs[i];
		/* without a fault: the operation took less this time */
		for (budget = fault_used(s); budget > 0; budget -= left) {
			fault_step(s, budget, &left);
			if (!EXPECT_CMP(left, >, 0) || ktap_sh->failed > 20)
				break;
		}
	}
}

/*
 * Runs it twice without faults, to see the result and whether it is the same.
 */
KTAP_FN void fault_rehearse(struct fault_sweep *s)
{
	struct fault_result r;
	int i;

	CTX("%s, no faults", s->op->name);
	s->start = fault_picture(false);
	s->exact = fault_picture(true);
	for (i = 0; i < 2; i++) {
		r = fault_try(s, 0);
		if (r.ret == -1) {
			FAIL("%s", ktap_errno(r.err));
			ktap_abort();
		}
		if (!i) {
			s->end = fault_picture(false);
			s->said = strdup(fault_said);
		} else {
			fault_same(fault_picture(false), s->end, "success");
		}
		fault_undo(s);
	}
	CTX_END();
}

KTAP_FN void fault_sweep(const struct fault_op *o)
{
	struct fault_sweep s = { .op = o, .attr = "fault" };
	long n = 1, start = ktap_ms(), left;
	static struct fault_objects objects;

	if (((o->flags & FO_DEEP) && !fault_deep) ||
	    ((o->flags & FO_NEW) && !fault_by_number) ||
	    ((o->flags & FO_SLOW) && fault_by_number && !fault_deep))
		return;
	if (o->prepare)
		o->prepare();
	fault_rehearse(&s);
	fault_settle(&objects);
	if (fault_by_number)
		while (fault_step(&s, n, &left) && n < 5000)
			n++;
	else
		fault_by_budget(&s);
	fault_no_leak(&objects, o->name);
	CTX("%s", o->name);
	EXPECT(s.faults || (o->flags & FO_NOTHING));
	CTX_END();
	ktap_note("faults: %s %d/%d surfaced, %ld ms", o->name, s.faults,
		  s.surfaced, ktap_ms() - start);
	free(s.start);
	free(s.exact);
	free(s.end);
	free(s.said);
}

KTAP_FN void fault_sweeps(const struct fault_op *ops, int count)
{
	int i;

	for (i = 0; i < count && ktap_sh->failed < 20; i++)
		fault_sweep(&ops[i]);
}

KTAP_FN void fault_cleanup(void)
{
	ct_write("/proc/sys/kernel/printk", "7\n");
	if (!access(FAULTS "failslab", F_OK))
		fault_set("failslab", "probability", "0");
	ct_cleanup();
}

/* --- warnings --------------------------------------------------------------- */

/*
 * 6.12 warns on the console when it has no memory for a stack.  For a case that
 * forks, warnings stay in the kernel's log buffer, where other warnings are
 * looked for.
 */
KTAP_FN void fault_hide_warnings(void)
{
	ct_write("/proc/sys/kernel/printk", "4\n");
	syscall(SYS_syslog, 5, NULL, 0);	/* clear */
}

KTAP_FN void fault_look_at_warnings(void)
{
	static const char *const bad[] = {
		"WARNING:", "BUG:", "INFO:", "possible", "KASAN", "UBSAN",
	};
	size_t size = 1 << 20;
	char *log = calloc(1, size + 1);
	unsigned int i;
	long n = syscall(SYS_syslog, 3, log, size);

	EXPECT_OK(n);
	if (n > 0 && strstr(log, "does not start"))
		ktap_note("the kernel said %.80s",
			  strstr(log, "does not start"));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (n > 0 && strstr(log, bad[i]))
			FAIL("the kernel said %.60s", strstr(log, bad[i]));
	free(log);
}

/* --- processes -------------------------------------------------------------- */

static char fault_stack[16384] __attribute__((aligned(16)));
static int fault_stop;

/* Allocates nothing, and touches no memory. */
KTAP_FN int fault_idle(void *unused)
{
	static const struct timespec ms = { 0, 1000000 };
	long ret;

	(void)unused;
	while (!GET(fault_stop))
		__asm__ __volatile__("syscall" : "=a"(ret)
				     : "0"(SYS_nanosleep), "D"(&ms), "S"(0)
				     : "rcx", "r11", "memory");
	return 0;
}

KTAP_FN int fault_ends(void *unused)
{
	(void)unused;
	return 0;
}

/* clone() of a process or thread that runs fn; it becomes fault_kid. */
KTAP_FN int fault_clone(int (*fn)(void *), int flags)
{
	int pid = clone(fn, fault_stack + sizeof(fault_stack), flags, NULL);

	if (pid > 0)
		fault_kid = pid;
	return pid;
}

#endif /* _FAULT_H */

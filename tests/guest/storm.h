/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _STORM_H
#define _STORM_H
/*
 * The actors of the storm, see 09-storm.c.
 *
 * A worker is a process that does one operation after the other, as its random
 * numbers say.  The operations are in a table, with how often they should
 * happen (actors[]).  The processes that a worker forks are called kids.  There
 * are several kinds (kinds[]), and each kid has a slot that all workers can
 * see: any worker moves, stops, traces or kills any kid.  Only the worker that
 * has forked a kid reaps it.  It never waits for that, since another worker may
 * be tracing the kid.
 *
 * Every operation counts itself, and lists the errors that are allowed; any
 * other error fails the test.
 */
#include "ct.h"

#include <sys/ptrace.h>

#define WORKERS 6
#define KIDS 10		/* children that a worker can have at the same time */
#define SLOTS (WORKERS * KIDS)
#define FDS 6
#define FIXED 4		/* hierarchies that are mounted all the time */
#define MAX_SUBSYS 16
#define AGENTS CT_TMP "/agents"

/* What is counted.  The order is that of the enum and of the report. */
#define OPERATIONS(X)							\
	X(mkdir) X(rmdir) X(rename) X(chmod) X(sweep)			\
	X(move) X(move_many) X(move_all) X(move_thread) X(move_self)	\
	X(move_dying) X(fork) X(vfork) X(thread) X(exec) X(unshare)	\
	X(clone) X(reap) X(signal) X(attach) X(detach) X(list) X(seek)	\
	X(proc) X(open) X(poll) X(read) X(readdir) X(limit) X(cpuset)	\
	X(chdir) X(notify) X(agent) X(mount) X(mount_gone)		\
	X(mount_some) X(umount) X(remount) X(rebind)

#define X(name) OP_##name,
enum operation { OPERATIONS(X) NR_OPS };
#undef X

#define X(name) #name,
static const char *const op_name[] = { OPERATIONS(X) };
#undef X

struct shared {
	int stop;		/* the storm is over */
	int hold;		/* workers are to wait */
	int parked;		/* workers that wait */
	int kids[SLOTS];	/* pids; 0: none, or about to be reaped */
	int tids[SLOTS];	/* a thread of that kid; it may have exited */
	long ops[NR_OPS], ok[NR_OPS];
};

static struct shared *sh;

/* What was chosen from the seed; the same for all workers. */
static struct {
	char dir[FIXED][32];	/* where each hierarchy is mounted */
	char opts[FIXED][128];	/* and how */
	char *some[MAX_SUBSYS];	/* subsystems that come and go */
	int nr_some;
	bool cpuset;		/* this kernel has it */
	int names;		/* different names of containers */
} sky;

struct worker {
	unsigned long rnd;
	int nr;
	int kids[KIDS];
	int slot;		/* in a kid: its place in sh->kids */
	int fds[FDS];
	bool fd_is_dir[FDS];
	int traced;		/* pid that this worker is attached to */
	char mnt[32];		/* where this worker mounts something */
	bool mounted;
	bool home;		/* is "/" the working directory? */
};

/* --- chance, places, results ----------------------------------------------- */

static unsigned int rnd(struct worker *w, unsigned int n)
{
	return ktap_rand(&w->rnd) % n;
}

static void seed_worker(struct worker *w, unsigned long seed, int nr)
{
	int i;

	w->rnd = seed * 1000003 + nr + 1;
	/* similar seeds start with similar numbers, so skip some */
	for (i = 0; i < 16; i++)
		ktap_rand(&w->rnd);
}

/* The top of a random hierarchy, sometimes one that a worker has mounted. */
static const char *some_top(struct worker *w)
{
	if (!rnd(w, 8))
		return P(CT_TMP "/w%u", rnd(w, WORKERS));
	return sky.dir[rnd(w, FIXED)];
}

static bool is_top(const char *dir)
{
	return !strchr(dir + strlen(CT_TMP "/"), '/');
}

/* A random container of a random hierarchy, which may or may not exist. */
static char *some_dir(struct worker *w)
{
	char *s = strdup(some_top(w));
	int depth = rnd(w, 4);

	while (depth--) {
		char *t = strdup(P("%s/c%u", s, rnd(w, sky.names)));

		free(s);
		s = t;
	}
	return s;
}

/* A random one of the containers in dir, or NULL. */
static char *some_child(struct worker *w, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char *found = NULL;
	unsigned int n = 0;

	while (d && (e = readdir(d))) {
		if (e->d_type != DT_DIR || *e->d_name == '.' || rnd(w, ++n))
			continue;
		free(found);
		found = strdup(P("%s/%s", dir, e->d_name));
	}
	if (d)
		closedir(d);
	return found;
}

/* A random container that existed a moment ago. */
static char *real_dir(struct worker *w)
{
	char *dir = strdup(some_top(w)), *sub;
	int depth = 1 + rnd(w, 4);

	while (depth-- && (sub = some_child(w, dir))) {
		free(dir);
		dir = sub;
	}
	return dir;
}

static char *any_dir(struct worker *w)
{
	return rnd(w, 4) ? some_dir(w) : real_dir(w);
}

/* Counts an operation; ret -1 with an errno not in the list is a failure. */
static bool result(enum operation op, const char *arg, int ret,
		   const int *allowed)
{
	int err = errno;

	INC(sh->ops[op]);
	if (ret != -1) {
		INC(sh->ok[op]);
		return true;
	}
	for (; *allowed; allowed++)
		if (*allowed == err)
			return false;
	FAIL("%s %s: %s", op_name[op], arg, ktap_errno(err));
	return false;
}

#define RESULT(op, arg, call, ...) ({					\
	static const int allowed_[] = { __VA_ARGS__, 0 };		\
	int ret_ = (call);						\
	result(OP_##op, arg, ret_, allowed_); })

static int any_kid(struct worker *w)
{
	return GET(sh->kids[rnd(w, SLOTS)]);
}

/* --- containers ------------------------------------------------------------ */

static void do_mkdir(struct worker *w)
{
	char *dir = some_dir(w);

	if (RESULT(mkdir, dir, mkdir(dir, 0755), EEXIST, ENOENT) &&
	    sky.cpuset) {
		/* needed to move tasks there; without cpusets: ENOENT */
		ct_write(P("%s/cpuset.cpus", dir), rnd(w, 2) ? "0" : "0-1");
		ct_write(P("%s/cpuset.mems", dir), "0");
	}
	free(dir);
}

/* ENOTEMPTY, EXDEV: below a directory in which a worker has mounted nothing. */
static void do_rmdir(struct worker *w)
{
	char *dir = some_dir(w);

	if (!is_top(dir))
		RESULT(rmdir, dir, rmdir(dir), ENOENT, EBUSY, ENOTEMPTY);
	free(dir);
}

static void do_rename(struct worker *w)
{
	char *dir = some_dir(w), *slash = strrchr(dir, '/'), *to;

	to = P("%.*s/c%u", (int)(slash - dir), dir, rnd(w, sky.names));
	if (slash[1] == 'c')
		RESULT(rename, dir, rename(dir, to), ENOENT, EEXIST, EXDEV,
		       ENOTEMPTY, EBUSY);
	free(dir);
}

static void do_chmod(struct worker *w)
{
	char *dir = any_dir(w);

	RESULT(chmod, dir,
	       chmod(P("%s/tasks", dir), rnd(w, 2) ? 0644 : 0664), ENOENT);
	free(dir);
}

/*
 * Removes all containers it finds, also those that the kernel made for
 * namespaces.
 */
static void do_sweep(struct worker *w)
{
	char *dir = real_dir(w);

	if (!is_top(dir))
		RESULT(sweep, dir, rmdir(dir), ENOENT, EBUSY, ENOTEMPTY);
	free(dir);
}

/* --- moves ------------------------------------------------------------------ */

/*
 * ENODEV and ENOENT: the container has been removed.  EPERM: across the border
 * of a set of namespaces.  ENOSPC: a cpuset without CPUs or memory.
 */
#define MOVE(op, dir, text)						\
	RESULT(op, dir, ct_write(P("%s/tasks", dir), text), ENOENT,	\
	       ENODEV, ESRCH, EPERM, ENOSPC)

static void do_move(struct worker *w)
{
	char *dir = any_dir(w);

	MOVE(move, dir, P("%d", any_kid(w)));
	free(dir);
}

/* Moves up to eight tasks in one write, some of them twice. */
static void do_move_many(struct worker *w)
{
	char *dir = any_dir(w), text[200] = "";
	int n = 2 + rnd(w, 7), len = 0;

	while (n--)
		len += sprintf(text + len, "%d%c", any_kid(w),
			       rnd(w, 2) ? ' ' : '\n');
	MOVE(move_many, dir, text);
	free(dir);
}

/* Moves all tasks of one container to another, as an administrator would. */
static void do_move_all(struct worker *w)
{
	char *from = real_dir(w), *to = any_dir(w), *text = NULL;

	/* not from a top, which has the rest of the machine as well */
	if (!is_top(from))
		text = ct_slurp(P("%s/tasks", from));
	if (text && *text)
		MOVE(move_all, to, text);
	free(text);
	free(from);
	free(to);
}

static void do_move_thread(struct worker *w)
{
	char *dir = any_dir(w);

	MOVE(move_thread, dir, P("%d", GET(sh->tids[rnd(w, SLOTS)])));
	free(dir);
}

static void do_move_self(struct worker *w)
{
	char *dir = any_dir(w);

	MOVE(move_self, dir, rnd(w, 2) ? "0" : P("%d", getpid()));
	free(dir);
}

/* Moves a kid that is dying, or has died and is not reaped yet. */
static void do_move_dying(struct worker *w)
{
	int pid = any_kid(w);
	char *dir;

	if (pid <= 0)
		return;
	dir = any_dir(w);
	kill(pid, SIGKILL);
	ktap_spin(rnd(w, 3000));
	MOVE(move_dying, dir, P("%d", pid));
	free(dir);
}

/* --- kids ---------------------------------------------------------------------- */

static void stay(void)
{
	for (;;)
		pause();
}

static void kid_exits(struct worker *w)
{
	if (rnd(w, 2))
		usleep(rnd(w, 20000));
}

static void kid_stays(struct worker *w)
{
	(void)w;
	stay();
}

static void kid_moves(struct worker *w)
{
	do_move(w);
	do_move_self(w);
	if (rnd(w, 2))
		stay();
}

/* Makes children, and may exit before they do. */
static void kid_has_kids(struct worker *w)
{
	int n = 1 + rnd(w, 3), pid;

	while (n--) {
		pid = fork();
		RESULT(fork, "of a kid", pid, EAGAIN);
		if (!pid && rnd(w, 3))
			_exit(0);
		if (!pid)
			usleep(rnd(w, 50000));
		if (!pid)
			_exit(0);
		if (pid > 0 && rnd(w, 2))
			waitpid(pid, NULL, 0);
	}
	if (rnd(w, 2))
		stay();
}

static void run_program(struct worker *w)
{
	INC(sh->ops[OP_exec]);
	INC(sh->ok[OP_exec]);
	if (rnd(w, 2))
		execl("/bin/busybox", "true", NULL);
	else
		execl("/bin/busybox", "sleep", "1000", NULL);
	FAIL("exec: %s", ktap_errno(errno));
	_exit(1);
}

static void kid_vforks(struct worker *w)
{
	bool run = rnd(w, 2);
	int pid = vfork();

	if (!pid && run)
		execl("/bin/busybox", "true", NULL);
	if (!pid)
		_exit(0);
	RESULT(vfork, "", pid, EAGAIN);
	if (rnd(w, 2))
		stay();
}

/* What a thread is to do, with the worker's numbers for this thread alone. */
struct job {
	struct worker w;
	int slot, kind;
};

/* Threads must not use P().  The top of a hierarchy always exists. */
static void thread_moves(struct job *job)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/c%u/tasks",
		 sky.dir[rnd(&job->w, FIXED)], rnd(&job->w, sky.names));
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return;
	RESULT(move_self, path, ct_put(fd, "0", 1), ENODEV, EPERM, ENOSPC);
	close(fd);
}

static void *thread(void *arg)
{
	struct job *job = arg;

	SET(sh->tids[job->slot], ct_gettid());
	switch (job->kind) {
	case 0:
		thread_moves(job);
		break;
	case 1:
		usleep(rnd(&job->w, 20000));
		break;
	case 2:
		/* becomes the leader, and all other threads end */
		run_program(&job->w);
		break;
	default:
		stay();
	}
	return NULL;
}

static void start_thread(struct worker *w, struct job *job)
{
	pthread_attr_t attr;
	pthread_t id;
	int err;

	job->w = *w;
	job->w.rnd += rnd(w, 1000000);
	job->slot = w->slot;
	job->kind = rnd(w, 6);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	err = pthread_create(&id, &attr, thread, job);
	errno = err;
	RESULT(thread, "", err ? -1 : 0, EAGAIN);
}

static void kid_has_threads(struct worker *w)
{
	static struct job jobs[4];
	int i, n = 1 + rnd(w, ARRAY_SIZE(jobs));

	for (i = 0; i < n; i++)
		start_thread(w, &jobs[i]);
	switch (rnd(w, 4)) {
	case 0:
		/* a process whose leader is a zombie */
		syscall(SYS_exit, 0);
		break;
	case 1:
		usleep(rnd(w, 20000));
		break;
	default:
		stay();
	}
}

static int some_namespaces(struct worker *w)
{
	/* the mounts go, perhaps with the last one of a hierarchy */
	static const int flags[] = {
		CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUTS | CLONE_NEWIPC,
		CLONE_NEWNS, CLONE_NEWNS | CLONE_NEWUTS,
	};

	return flags[rnd(w, ARRAY_SIZE(flags))];
}

static void kid_unshares(struct worker *w)
{
	RESULT(unshare, "", unshare(some_namespaces(w)), ENOSPC, EPERM);
	if (rnd(w, 2))
		stay();
}

static void kid_clones(struct worker *w)
{
	int pid = syscall(SYS_clone, some_namespaces(w) | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(0);
	RESULT(clone, "", pid, EAGAIN, ENOSPC, EPERM);
	if (rnd(w, 2))
		waitpid(pid, NULL, 0);
	if (rnd(w, 2))
		stay();
}

static void (*const kinds[])(struct worker *w) = {
	kid_exits, kid_exits, kid_stays, kid_stays, kid_stays, kid_moves,
	kid_moves, kid_has_kids, kid_vforks, kid_has_threads, kid_has_threads,
	kid_has_threads, run_program, kid_unshares, kid_clones,
};

/*
 * On 2.6.22 a process forgets to handle signals that came while one of its
 * threads was in exec, even SIGKILL, and further SIGKILLs are ignored as long
 * as the first one is pending.  But a thread can get one of its own.
 */
static void kill_for_sure(int pid)
{
	DIR *threads = opendir(P("/proc/%d/task", pid));
	struct dirent *e;

	kill(pid, SIGKILL);
	while (threads && (e = readdir(threads)))
		if (isdigit((unsigned char)*e->d_name))
			syscall(SYS_tkill, atoi(e->d_name), SIGKILL);
	if (threads)
		closedir(threads);
}

/* Reaps a kid, if it can.  Returns true when the slot is free. */
static bool reap(struct worker *w, int i)
{
	int slot = w->nr * KIDS + i;

	if (w->kids[i] <= 0)
		return true;
	SET(sh->kids[slot], 0);
	kill_for_sure(w->kids[i]);
	/* its tracer may have to wait for it first */
	if (waitpid(w->kids[i], NULL, WNOHANG) != w->kids[i])
		return false;
	INC(sh->ops[OP_reap]);
	INC(sh->ok[OP_reap]);
	w->kids[i] = 0;
	return true;
}

static void do_fork(struct worker *w)
{
	int i = rnd(w, KIDS), kind = rnd(w, ARRAY_SIZE(kinds));

	if (!reap(w, i))
		return;
	w->kids[i] = fork();
	if (!w->kids[i]) {
		w->slot = w->nr * KIDS + i;
		w->rnd += kind + 1;
		kinds[kind](w);
		_exit(0);
	}
	/* EAGAIN: a limit that another worker has set */
	if (RESULT(fork, "", w->kids[i], EAGAIN))
		SET(sh->kids[w->nr * KIDS + i], w->kids[i]);
}

static void do_signal(struct worker *w)
{
	static const int sig[] = { SIGSTOP, SIGCONT, SIGCONT, SIGKILL, SIGTERM };
	int pid = any_kid(w);

	if (pid > 0)
		RESULT(signal, "", kill(pid, sig[rnd(w, ARRAY_SIZE(sig))]),
		       ESRCH);
}

/* Detaches from the traced task, unless this has not stopped yet. */
static void do_detach(struct worker *w)
{
	int status, got = waitpid(w->traced, &status, WNOHANG | __WALL);

	if (got < 0 || (got && !WIFSTOPPED(status))) {
		/* it has died, and only now its parent can see that */
		w->traced = 0;
		return;
	}
	if (RESULT(detach, "", ptrace(PTRACE_DETACH, w->traced, 0, 0), ESRCH))
		w->traced = 0;
}

static void do_trace(struct worker *w)
{
	int slot = rnd(w, SLOTS), pid = GET(sh->kids[slot]);

	if (w->traced) {
		do_detach(w);
		return;
	}
	/* not its own: do_detach() would reap it */
	if (pid <= 0 || slot / KIDS == w->nr)
		return;
	/* EPERM: traced already, or exiting */
	if (RESULT(attach, "", ptrace(PTRACE_ATTACH, pid, 0, 0), ESRCH, EPERM))
		w->traced = pid;
}

/* --- looking ---------------------------------------------------------------------- */

/* Reads a little, seeks to another position, and back to the start. */
static void seek_about(struct worker *w, int fd, const char *dir)
{
	char buf[64];

	RESULT(seek, dir, lseek(fd, rnd(w, 400), SEEK_SET), EINVAL);
	RESULT(read, dir, read(fd, buf, 1 + rnd(w, 63)), ENODEV);
	RESULT(read, dir, pread(fd, buf, 1 + rnd(w, 63), rnd(w, 300)), ENODEV);
	RESULT(seek, dir, lseek(fd, 0, SEEK_SET), EINVAL);
}

static void do_list(struct worker *w)
{
	static const int sizes[] = { 1, 3, 17, 100, 4095, 4096 };
	char *dir = any_dir(w), *s = NULL;
	int fd, n;

	fd = open(P("%s/tasks", dir), O_RDONLY);
	if (fd >= 0) {
		if (!rnd(w, 3))
			seek_about(w, fd, dir);
		s = ct_read_fd(fd, sizes[rnd(w, 6)]);
		n = errno;
		close(fd);
		errno = n;
	}
	RESULT(list, dir, s ? 0 : -1, ENOENT, ENODEV);
	if (s)
		free(ct_parse_tasks(dir, s, &n));
	free(s);
	free(dir);
}

static void do_proc(struct worker *w)
{
	int kind = rnd(w, 8), pid = kind & 1 ? any_kid(w) : (int)rnd(w, 4000);
	char *s = ct_slurp(kind == 0 ? "/proc/containers" :
			   kind == 2 ? "/proc/mounts" :
			   P("/proc/%d/container", pid));
	char *line, *save;

	/* 2.6.22's /proc says EINVAL when the task exits during the lookup */
	RESULT(proc, "", s ? 0 : -1, ENOENT, ESRCH, EINVAL);
	if (kind == 0 || kind == 2) {
		free(s);
		return;
	}
	for (line = s ? strtok_r(s, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *colon = strchr(line, ':');

		if (!colon || colon[1] != '/')
			FAIL("/proc/PID/container: %s", ktap_quote(line));
	}
	free(s);
}

static void open_something(struct worker *w, int i)
{
	static const char *const names[] = {
		"", "", "tasks", "tasks", "notify_on_release",
		"debug.task_count", "debug.css_refcount", "debug.css_groups",
		"debug.current_css_group_links", "numtasks.count",
		"numtasks.limit", "forks.count", "cpuacct.usage",
		"cpuacct.load", "owner.id", "owner.init", "cpuset.cpus",
	};
	const char *name = names[rnd(w, ARRAY_SIZE(names))];
	char *dir = any_dir(w);

	w->fds[i] = open(P("%s/%s", dir, name), O_RDONLY);
	w->fd_is_dir[i] = !*name;
	RESULT(open, dir, w->fds[i], ENOENT, ENODEV);
	free(dir);
}

static void read_something(struct worker *w, int fd, bool is_dir)
{
	char buf[300];
	int n;

	if (is_dir) {
		n = syscall(SYS_getdents64, fd, buf, 100 + rnd(w, 200));
		RESULT(readdir, "", n < 0 ? -1 : 0, ENOENT);
	} else {
		n = read(fd, buf, 1 + rnd(w, 200));
		RESULT(read, "an open file", n < 0 ? -1 : 0, ENODEV);
	}
}

/* Keeps files and directories open for long, and directories half read. */
static void do_files(struct worker *w)
{
	int i = rnd(w, FDS);
	struct pollfd p;

	if (w->fds[i] < 0) {
		open_something(w, i);
		return;
	}
	switch (rnd(w, 10)) {
	case 0:
		close(w->fds[i]);
		w->fds[i] = -1;
		break;
	case 1:
		RESULT(seek, "", lseek(w->fds[i], rnd(w, 2) ? 0 : rnd(w, 20),
				       SEEK_SET), EINVAL, ENODEV);
		break;
	case 2:
		p.fd = w->fds[i];
		p.events = POLLIN;
		RESULT(poll, "", poll(&p, 1, 0), EINTR);
		break;
	default:
		read_something(w, w->fds[i], w->fd_is_dir[i]);
		break;
	}
}

static void do_chdir(struct worker *w)
{
	char *dir = any_dir(w);

	if (!w->home)
		w->home = RESULT(chdir, "/", chdir("/"), ENOENT);
	else
		w->home = !RESULT(chdir, dir, chdir(dir), ENOENT);
	free(dir);
}

/* --- settings ------------------------------------------------------------------------ */

static void do_limit(struct worker *w)
{
	char *dir = any_dir(w);

	/* the hierarchy decides whether the file is there at all */
	RESULT(limit, dir,
	       ct_write(P("%s/numtasks.limit", dir),
			rnd(w, 3) ? "max" : P("%u", rnd(w, 10))),
	       ENOENT, ENODEV);
	free(dir);
}

static void do_cpuset(struct worker *w)
{
	static const char *const cpus[] = { "", "0", "1", "0-1" };
	char *dir;

	if (!sky.cpuset)
		return;
	dir = any_dir(w);
	/* more than the parent has, exclusive, less than a child has ... */
	if (rnd(w, 3))
		RESULT(cpuset, dir,
		       ct_write(P("%s/cpuset.cpus", dir), cpus[rnd(w, 4)]),
		       ENOENT, ENODEV, EACCES, EINVAL, EBUSY, ENOSPC, EPERM);
	else
		RESULT(cpuset, dir,
		       ct_write(P("%s/cpuset.cpu_exclusive", dir),
				rnd(w, 4) ? "0" : "1"),
		       ENOENT, ENODEV, EACCES, EINVAL, EBUSY, ENOSPC, EPERM);
	free(dir);
}

static void do_notify(struct worker *w)
{
	char *dir = any_dir(w);

	RESULT(notify, dir,
	       ct_write(P("%s/notify_on_release", dir), rnd(w, 4) ? "1" : "0"),
	       ENOENT, ENODEV);
	free(dir);
}

/* Sets an agent that removes unused containers, or none. */
static void do_agent(struct worker *w)
{
	int i = rnd(w, FIXED);

	RESULT(agent, sky.dir[i],
	       ct_write(P("%s/release_agent", sky.dir[i]),
			rnd(w, 3) ? P(AGENTS "/h%d", i) : "\n"), ENOENT);
}

/* --- mounts ---------------------------------------------------------------------------- */

/* A random set of the subsystems that are in no fixed hierarchy. */
static const char *some_set(struct worker *w)
{
	static char set[256];
	int i;

	sprintf(set, "%s", rnd(w, 2) ? "name=some" : "");
	for (i = 0; i < sky.nr_some; i++)
		if (rnd(w, 2))
			sprintf(set + strlen(set), "%s%s", *set ? "," : "",
				sky.some[i]);
	if (!strcmp(set, "name=some") || !*set)
		return "none,name=some";
	return set;
}

static void do_umount(struct worker *w)
{
	if (RESULT(umount, w->mnt, umount2(w->mnt, 0), EBUSY))
		w->mounted = false;
}

static void do_mount(struct worker *w)
{
	if (w->mounted) {
		do_umount(w);
		return;
	}
	switch (rnd(w, 4)) {
	case 0:
		/* a hierarchy that dissolves with its last mount */
		w->mounted = RESULT(mount_gone, w->mnt,
				    ct_mount(w->mnt, "none,name=gone"), EBUSY);
		break;
	case 1:
		/* one that others have mounted, too */
		w->mounted = RESULT(mount, w->mnt,
				    ct_mount(w->mnt, sky.opts[rnd(w, FIXED)]),
				    EBUSY);
		break;
	default:
		w->mounted = RESULT(mount_some, w->mnt,
				    ct_mount(w->mnt, some_set(w)), EBUSY);
		break;
	}
}

static int remount(const char *dir, const char *opts)
{
	return mount(NULL, dir, NULL, MS_REMOUNT, opts);
}

static void do_remount(struct worker *w)
{
	int i = rnd(w, FIXED);

	if (w->mounted && rnd(w, 3)) {
		/* EINVAL: nothing would identify the hierarchy any more */
		RESULT(rebind, w->mnt, remount(w->mnt, some_set(w)), EBUSY,
		       EINVAL);
		return;
	}
	RESULT(remount, sky.dir[i],
	       remount(sky.dir[i], rnd(w, 2) ? sky.opts[i] :
		       P("%s,release_agent=" AGENTS "/h%d", sky.opts[i], i)),
	       EBUSY);
}

/* --- the table --------------------------------------------------------------------------- */

static const struct {
	int weight;
	void (*act)(struct worker *w);
} actors[] = {
	{ 16, do_mkdir },	{ 7, do_rmdir },	{ 4, do_sweep },
	{ 4, do_rename },	{ 2, do_chmod },
	{ 12, do_move },	{ 4, do_move_many },	{ 2, do_move_all },
	{ 4, do_move_thread },	{ 3, do_move_self },	{ 2, do_move_dying },
	{ 14, do_fork },	{ 4, do_signal },	{ 2, do_trace },
	{ 6, do_list },		{ 5, do_proc },		{ 12, do_files },
	{ 2, do_chdir },	{ 3, do_limit },	{ 3, do_cpuset },
	{ 4, do_notify },	{ 1, do_agent },
	{ 4, do_mount },	{ 3, do_remount },
};

static void act(struct worker *w)
{
	static unsigned int sum;
	unsigned int i, n;

	if (!sum)
		for (i = 0; i < ARRAY_SIZE(actors); i++)
			sum += actors[i].weight;
	n = rnd(w, sum);
	for (i = 0; n >= (unsigned int)actors[i].weight; i++)
		n -= actors[i].weight;
	actors[i].act(w);
}

/* Waits until the checker has finished. */
static void park(void)
{
	INC(sh->parked);
	while (GET(sh->hold) && !GET(sh->stop))
		usleep(2000);
	__sync_sub_and_fetch(&sh->parked, 1);
}

/*
 * The main function of a worker.  It does not clean up its files, directory and
 * kids.
 */
static void work(struct worker *w)
{
	int i;

	for (i = 0; i < FDS; i++)
		w->fds[i] = -1;
	w->home = true;
	snprintf(w->mnt, sizeof(w->mnt), CT_TMP "/w%d", w->nr);
	while (!GET(sh->stop) && !ktap_sh->failed) {
		if (GET(sh->hold))
			park();
		else
			act(w);
	}
}

#endif /* _STORM_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: some processes make, rename and remove containers, move
 * tasks, fork, exit, kill, list, mount and unmount in several hierarchies and
 * hold files open over all that.  Each operation may fail, but only with an
 * error that makes sense; when the storm is over, everything adds up.
 *
 * The sequence of each worker follows from the seed (cseed=), how they
 * interleave does not.
 *
 * harness: configs=base,debug timeout=90
 */
#include "ct.h"

#define WORKERS 6
#define KIDS 12		/* children of a worker at a time */
#define FDS 6

static const struct {
	const char *dir, *opts, *word;
} hier[] = {
	{ M1, "debug", "debug" },
	{ M2, "numtasks", "numtasks" },
	{ M3, "none,name=storm", "name=storm" },
};

#define HIERS (ARRAY_SIZE(hier))

struct worker {
	unsigned long rnd;
	int nr, names;
	int kids[KIDS];
	int fds[FDS];
	bool fd_is_dir[FDS];
	char mnt[32];
	int mounted;		/* 1 + index in hier[], 0: nothing */
	bool home;		/* is "/" the working directory? */
};

struct shared {
	int stop;
	int kids[WORKERS * KIDS];	/* all workers' children */
	long ops[32], ok[32];		/* by kind of operation */
};

static struct shared *sh;

static unsigned int rnd(struct worker *w, unsigned int n)
{
	return ktap_rand(&w->rnd) % n;
}

/* Some container of some hierarchy, which may or may not exist. */
static char *some_dir(struct worker *w, int *h)
{
	int i = rnd(w, HIERS), depth = rnd(w, 4);
	char *s = strdup(hier[i].dir);

	while (depth--) {
		char *t = strdup(P("%s/c%u", s, rnd(w, w->names)));

		free(s);
		s = t;
	}
	if (h)
		*h = i;
	return s;
}

/* Counts an operation; ret -1 with an errno not in the list is a failure. */
static void result(int op, const char *what, const char *arg, int ret,
		   const int *allowed)
{
	int err = errno;

	INC(sh->ops[op]);
	if (ret != -1) {
		INC(sh->ok[op]);
		return;
	}
	for (; *allowed; allowed++)
		if (*allowed == err)
			return;
	FAIL("%s %s: %s", what, arg, ktap_errno(err));
}

#define RESULT(op, what, arg, call, ...) do {				\
	static const int allowed_[] = { __VA_ARGS__, 0 };		\
	int ret_ = (call);						\
	result(op, what, arg, ret_, allowed_);				\
} while (0)

static void op_dirs(struct worker *w)
{
	char *dir = some_dir(w, NULL), *to, *slash;

	switch (rnd(w, 5)) {
	case 0:
	case 1:
		RESULT(0, "mkdir", dir, mkdir(dir, 0755), EEXIST, ENOENT);
		break;
	case 2:
		/* a top is a mount point */
		RESULT(1, "rmdir", dir, rmdir(dir), ENOENT, EBUSY);
		break;
	case 3:
		slash = strrchr(dir, '/');
		to = P("%.*s/c%u", (int)(slash - dir), dir,
		       rnd(w, w->names));
		if (!strncmp(slash, "/m", 2))
			break;
		RESULT(2, "rename", dir, rename(dir, to), ENOENT, EEXIST);
		break;
	case 4:
		RESULT(3, "chmod", dir, chmod(P("%s/tasks", dir),
					      rnd(w, 2) ? 0644 : 0664),
		       ENOENT);
		break;
	}
	free(dir);
}

static int any_kid(struct worker *w)
{
	return sh->kids[rnd(w, WORKERS * KIDS)];
}

static void op_move(struct worker *w)
{
	char *dir = some_dir(w, NULL), *text;

	if (rnd(w, 3))
		text = P("%d", any_kid(w));
	else
		text = P("%d %d\n%d", any_kid(w), any_kid(w), any_kid(w));
	RESULT(4, "move to", dir, ct_write(P("%s/tasks", dir), text), ENOENT,
	       ESRCH, ENODEV);
	free(dir);
}

/* What a child does; it may have children of its own. */
static void kid(struct worker *w, int kind)
{
	w->rnd += getpid();
	if (kind & 4) {
		int pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0 && rnd(w, 2))
			waitpid(pid, NULL, 0);
	}
	if (kind & 8)
		op_move(w);
	switch (kind & 3) {
	case 0:
		_exit(0);
	case 1:
		usleep(rnd(w, 20000));
		_exit(0);
	default:
		for (;;)
			pause();
	}
}

static void op_fork(struct worker *w)
{
	int i = rnd(w, KIDS), *shown = &sh->kids[w->nr * KIDS + i];
	int kind = rnd(w, 16);

	if (w->kids[i] > 0) {
		*shown = 0;
		kill(w->kids[i], SIGKILL);
		EXPECT_EQ(waitpid(w->kids[i], NULL, 0), w->kids[i]);
	}
	w->kids[i] = fork();
	if (!w->kids[i])
		kid(w, kind);
	*shown = w->kids[i] > 0 ? w->kids[i] : 0;
	/* a limit that another worker has set */
	RESULT(5, "fork", "", w->kids[i], EAGAIN);
}

static void op_list(struct worker *w)
{
	static const int sizes[] = { 1, 3, 17, 100, 4095, 4096 };
	char *dir = some_dir(w, NULL), *s = NULL;
	int fd, n;

	fd = open(P("%s/tasks", dir), O_RDONLY);
	if (fd >= 0) {
		s = ct_read_fd(fd, sizes[rnd(w, 6)]);
		n = errno;
		close(fd);
		errno = n;
	}
	RESULT(6, "list", dir, s ? 0 : -1, ENOENT, ENODEV);
	if (s)
		free(ct_parse_tasks(dir, s, &n));
	free(s);
	free(dir);
}

static void op_proc(struct worker *w)
{
	char *s = ct_slurp(P("/proc/%d/container",
			     rnd(w, 2) ? any_kid(w) : (int)rnd(w, 2000)));
	char *line, *save;

	/* 2.6.22's /proc says EINVAL when the task exits during the lookup */
	RESULT(7, "read", "/proc/PID/container", s ? 0 : -1, ENOENT, ESRCH,
	       EINVAL);
	for (line = s ? strtok_r(s, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *colon = strchr(line, ':');

		if (!colon || colon[1] != '/')
			FAIL("/proc/PID/container: %s", ktap_quote(line));
	}
	free(s);
}

static void op_files(struct worker *w)
{
	static const char *const names[] = {
		"tasks", "debug.task_count", "debug.css_refcount",
		"debug.css_groups", "numtasks.count", "numtasks.limit", "",
	};
	int i = rnd(w, FDS), h, n;
	char buf[300], *dir;
	struct pollfd p;

	if (w->fds[i] < 0) {
		const char *name = names[rnd(w, 7)];

		dir = some_dir(w, &h);
		w->fds[i] = open(P("%s/%s", dir, name), O_RDONLY);
		w->fd_is_dir[i] = !*name;
		RESULT(8, "open in", dir, w->fds[i], ENOENT);
		free(dir);
		return;
	}
	switch (rnd(w, 5)) {
	case 0:
		close(w->fds[i]);
		w->fds[i] = -1;
		break;
	case 1:
		lseek(w->fds[i], 0, SEEK_SET);
		break;
	case 2:
		p.fd = w->fds[i];
		p.events = POLLIN;
		RESULT(9, "poll", "", poll(&p, 1, 0), EINTR);
		break;
	default:
		n = w->fd_is_dir[i] ?
			    syscall(SYS_getdents64, w->fds[i], buf, 100 +
				    rnd(w, 200)) :
			    read(w->fds[i], buf, 1 + rnd(w, 200));
		RESULT(10, "read", "an open file", n < 0 ? -1 : 0, ENODEV,
		       ENOENT);
		break;
	}
}

static void op_limit(struct worker *w)
{
	char *dir = some_dir(w, NULL);

	/* the hierarchy decides whether the file is there at all */
	RESULT(11, "limit of", dir,
	       ct_write(P("%s/numtasks.limit", dir),
			rnd(w, 3) ? "max" : P("%u", rnd(w, 10))),
	       ENOENT, ENODEV);
	free(dir);
}

static void op_cwd(struct worker *w)
{
	char *dir = some_dir(w, NULL);

	if (!w->home) {
		RESULT(12, "chdir", "/", chdir("/"), ENOENT);
		w->home = true;
	} else if (!chdir(dir)) {
		w->home = false;
	}
	free(dir);
}

static void op_mount(struct worker *w)
{
	int i;

	if (w->mounted) {
		int ret = umount2(w->mnt, 0);

		RESULT(13, "umount", w->mnt, ret, EBUSY);
		if (!ret)
			w->mounted = 0;
		return;
	}
	i = rnd(w, HIERS + 2);
	switch (i) {
	case HIERS:
		/* a hierarchy that dissolves with its last mount */
		i = ct_mount(w->mnt, "none,name=gone");
		RESULT(14, "mount", "name=gone", i, EBUSY);
		break;
	case HIERS + 1:
		/* what overlaps must fail */
		if (!ct_mount(w->mnt, "debug,numtasks"))
			FAIL("mounted a set that overlaps");
		i = -1;
		break;
	default:
		/* one that others have mounted, too */
		i = ct_mount(w->mnt, hier[i].opts);
		RESULT(15, "mount", w->mnt, i, 0);
		break;
	}
	w->mounted = !i;
}

static void op_remount(struct worker *w)
{
	int i = rnd(w, HIERS);

	RESULT(16, "remount", hier[i].dir,
	       mount(NULL, hier[i].dir, NULL, MS_REMOUNT, hier[i].opts),
	       0);
}

static void work(struct worker *w)
{
	int i;

	for (i = 0; i < FDS; i++)
		w->fds[i] = -1;
	w->home = true;
	snprintf(w->mnt, sizeof(w->mnt), CT_TMP "/w%d", w->nr);
	while (!GET(sh->stop) && !ktap_sh->failed) {
		unsigned int op = rnd(w, 100);

		if (op < 30)
			op_dirs(w);
		else if (op < 50)
			op_move(w);
		else if (op < 65)
			op_fork(w);
		else if (op < 72)
			op_list(w);
		else if (op < 78)
			op_proc(w);
		else if (op < 90)
			op_files(w);
		else if (op < 93)
			op_limit(w);
		else if (op < 95)
			op_cwd(w);
		else if (op < 98)
			op_mount(w);
		else
			op_remount(w);
	}
	/* leaves its files, directory and children to others */
}

static void kill_others(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while ((e = readdir(d))) {
		int pid = atoi(e->d_name), sid;

		if (pid > 1 && pid != getpid() &&
		    ktap_stat(pid, NULL, &sid) && sid == getsid(0))
			kill(pid, SIGKILL);
	}
	closedir(d);
}

static bool alone(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	kill_others();
	return ktap_signal_session(getsid(0), 0) == 1;
}

/* Removes all containers below dir, none of which may have any reason left. */
static void remove_all(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	ASSERT(d);
	while ((e = readdir(d))) {
		char *sub;
		struct stat st;

		if (*e->d_name != 'c')
			continue;
		sub = strdup(P("%s/%s", dir, e->d_name));
		if (!stat(sub, &st) && S_ISDIR(st.st_mode)) {
			remove_all(sub);
			EXPECT_STR(ct_slurp(P("%s/tasks", sub)), "");
			CTX("%s", sub);
			if (strstr(sub, M1)) {
				const char *f = strdup(P("%s/debug.css_refcount",
							 sub));

				EXPECT_SOON(ct_num(f) == 0, 2);
			}
			if (strstr(sub, M2))
				EXPECT_EQ(ct_num(P("%s/numtasks.count", sub)),
					  0);
			EXPECT_OK(rmdir(sub));
			CTX_END();
		}
		free(sub);
	}
	closedir(d);
}

static const char *const what[] = {
	"mkdir", "rmdir", "rename", "chmod", "move", "fork", "list",
	"proc", "open", "poll", "read", "limit", "chdir", "umount",
	"mount gone", "mount", "remount",
};

/* Has every kind of operation succeeded at least once? */
static bool enough(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(what); i++)
		if (!GET(sh->ok[i]))
			return false;
	return true;
}

static void storm(int names, int seconds)
{
	struct worker w[WORKERS] = { { 0 } };
	int pid[WORKERS];
	unsigned int i;
	long end;

	sh = ct_shared(sizeof(*sh));
	for (i = 0; i < HIERS; i++)
		MOUNT(hier[i].dir, hier[i].opts);
	for (i = 0; i < WORKERS; i++) {
		w[i].nr = i;
		w[i].names = names;
		w[i].rnd = ktap_seed() * 1000003 + i + 1;
		pid[i] = IN_CHILD(work(&w[i]));
	}
	end = ktap_ms() + seconds * 1000L;
	while (GO_ON(end, enough()))
		usleep(50000);
	SET(sh->stop, 1);
	for (i = 0; i < WORKERS; i++)
		ct_ended_well(pid[i]);
	for (i = 0; i < ARRAY_SIZE(what); i++) {
		ktap_note("%-10s %6ld of %6ld", what[i], sh->ok[i],
			  sh->ops[i]);
		CTX("%s", what[i]);
		EXPECT_CMP(sh->ok[i], >, 0);
	}
	CTX_END();
	/* with the workers' children where they are */
	for (i = 0; i < HIERS; i++)
		ct_check_hierarchy(hier[i].dir, hier[i].word);
	ASSERT_SOON(alone(), 10);
	for (i = 0; i < HIERS; i++)
		ct_check_hierarchy(hier[i].dir, hier[i].word);
	for (i = 0; i < WORKERS; i++)
		while (!umount2(P(CT_TMP "/w%d", i), 0))
			;
	for (i = 0; i < HIERS; i++)
		remove_all(hier[i].dir);
	EXPECT_SOON(ct_num(M1 "/debug.css_groups") == 1, 3);
	for (i = 0; i < HIERS; i++) {
		EXPECT_EQ(ct_nlink(hier[i].dir), 2);
		UMOUNT(hier[i].dir);
	}
	EXPECT_STR(ct_slurp("/proc/self/container"), "");
	/* nothing keeps the subsystems from another set */
	MOUNT(M1, "debug,numtasks");
	UMOUNT(M1);
}

static void many_containers(void)
{
	storm(5, 7);
}

static void few_containers(void)
{
	storm(2, 6);
}

static const struct ktap_case cases[] = {
	T(many_containers),
	T(few_containers),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What users other than root, and root in a user namespace, can do with
 * containers, and above all what they cannot do: move the tasks of others, use
 * a setuid program to write what they may not, leave what was delegated to
 * them, make root run any number of agents, forge lines of /proc, use up
 * memory.  The rules for moving tasks are tested in 04-permission.c.
 *
 * harness: alone=1 configs=base,debug,full smp=2
 */
#include <sys/prctl.h>
#include "ct.h"
#include "agents.h"

#define OTHER 2000
#define HELPER CT_TMP "/helper"		/* this program, setuid root */
#define ALL "debug,numtasks,cpuacct,owner"

/* --- a setuid program ------------------------------------------------------- */

/*
 * What the helper does: "write TEXT" to its output, as su and others do with
 * their prompts; "wait" until it is killed; "root" becomes root for good first.
 * Exits with the errno of what has failed.
 */
static int helper(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "write"))
		return ct_put(1, argv[2], strlen(argv[2])) ? errno : 0;
	if (!strcmp(argv[1], "root") && setuid(0))
		return errno;
	if (ct_put(1, ".", 1))
		return errno;
	for (;;)
		pause();
}

static void make_helper(int owner)
{
	char buf[65536];
	int in, out;
	ssize_t n;

	mkdir(CT_TMP, 0755);
	unlink(HELPER);
	ASSERT_OK(in = open("/proc/self/exe", O_RDONLY));
	ASSERT_OK(out = open(HELPER, O_WRONLY | O_CREAT | O_EXCL, 0755));
	while ((n = read(in, buf, sizeof(buf))) > 0)
		ASSERT_OK(ct_put(out, buf, n));
	close(in);
	close(out);
	ASSERT_OK(chown(HELPER, owner, owner));
	ASSERT_OK(chmod(HELPER, 04755));
}

/* Runs the helper as uid with fd as its output; returns its pid. */
static int run_helper(int uid, int fd, const char *what, const char *text)
{
	return IN_CHILD({
		ct_become(uid);
		ASSERT_OK(dup2(fd, 1));
		execl(HELPER, "helper", what, text, NULL);
		_exit(255);
	});
}

/* Returns the errno when a user lets the helper write to what he has open. */
static int helper_writes(int fd, const char *text)
{
	int pid = run_helper(USER, fd, "write", text), status = -1;

	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Opens a file as another user; the descriptor is in our table as well. */
static int opened_by(int uid, const char *file, int flags)
{
	int *fd = ct_shared(4096), status;
	int pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	if (!pid) {
		ct_become(uid);
		*fd = open(file, flags);
		syscall(SYS_exit, 0);
	}
	ASSERT_OK(pid);
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	ASSERT_EQ(status, 0);
	return *fd;
}

/* --- tasks of others ---------------------------------------------------------- */

static bool is_mine(const char *task)
{
	struct stat st;

	return !stat(task, &st) && st.st_uid == USER;
}

/* A user cannot move any thread of the machine that does not belong to him. */
static void everybody_elses_tasks(void)
{
	DIR *proc, *threads;
	struct dirent *p, *t;
	struct ct_thread thread;
	int fd, n = 0, zombie;

	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	EXPECT_OK(chmod(M1 "/a/tasks", 0666));
	ct_thread_start(&thread);
	zombie = ct_zombie();
	ASSERT_OK(fd = opened_by(USER, M1 "/a/tasks", O_WRONLY));
	proc = opendir("/proc");
	while (proc && (p = readdir(proc))) {
		if (atoi(p->d_name) <= 0)
			continue;
		threads = opendir(P("/proc/%s/task", p->d_name));
		while (threads && (t = readdir(threads))) {
			int tid = atoi(t->d_name);

			if (tid <= 0 || is_mine(P("/proc/%d", tid)))
				continue;
			CTX("thread %d", tid);
			EXPECT_ERRNO(ct_put(fd, t->d_name, strlen(t->d_name)),
				     tid == zombie ? ESRCH :
				     tid == 2 ? EINVAL : EACCES);
			n++;
		}
		if (threads)
			closedir(threads);
	}
	CTX_END();
	closedir(proc);
	EXPECT_CMP(n, >, 5);
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT_EQ(ct_num(M1 "/a/numtasks.peak"), 0);
	close(fd);
	ct_thread_stop(&thread);
}

/*
 * A task that has started a setuid program has the user's real uid and the
 * program's saved uid, until it gives them up.
 */
static void setuid_programs(void)
{
	static const struct {
		int owner, starter;
		const char *what;
		bool may;
	} rows[] = {
		{ 0, USER, "wait", true },
		{ 0, USER, "root", false },
		{ 0, OTHER, "wait", false },
		{ USER, OTHER, "wait", true },
		{ OTHER, USER, "wait", true },
		{ OTHER, OTHER, "wait", false },
	};
	unsigned int i;
	int out[2], pid;
	char c;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_OK(chmod(M1 "/a/tasks", 0666));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		CTX("set to %d, started by %d, %s", rows[i].owner,
		    rows[i].starter, rows[i].what);
		make_helper(rows[i].owner);
		ASSERT_OK(pipe(out));
		pid = run_helper(rows[i].starter, out[1], rows[i].what, NULL);
		ASSERT_EQ(read(out[0], &c, 1), 1);
		RUN_AS(USER, {
			if (rows[i].may)
				EXPECT_OK(ct_move(M1 "/a", pid));
			else
				EXPECT_ERRNO(ct_move(M1 "/a", pid), EACCES);
		});
		EXPECT_EQ(ct_count(M1 "/a"), rows[i].may);
		ct_reap(pid);
		close(out[0]);
		close(out[1]);
	}
	CTX_END();
}

/* --- files and descriptors ------------------------------------------------------ */

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* Runs on every control file of a directory; returns how many there are. */
static int each_file(const char *dir, void (*fn)(const char *path))
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d))) {
		char *path = strdup(P("%s/%s", dir, e->d_name));

		if (is_file(path)) {
			CTX("%s", path);
			fn(path);
			n++;
		}
		free(path);
	}
	CTX_END();
	if (d)
		closedir(d);
	return n;
}

/* A file of root cannot be written by a user that may only read it. */
static void no_writing(const char *path)
{
	EXPECT_ERRNO(open(path, O_WRONLY), EACCES);
	EXPECT_ERRNO(open(path, O_RDWR), EACCES);
	EXPECT_ERRNO(open(path, O_RDONLY | O_TRUNC), EACCES);
	EXPECT_ERRNO(truncate(path, 0), EACCES);
	EXPECT_ERRNO(chmod(path, 0666), EPERM);
	EXPECT_ERRNO(chown(path, getuid(), getgid()), EPERM);
	EXPECT_ERRNO(utime(path, &(struct utimbuf){ 1, 1 }), EPERM);
	EXPECT_ERRNO2(unlink(path), EACCES, EPERM);
}

/* A descriptor for reading cannot be turned into one for writing. */
static void no_reopening(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return;		/* cannot be read */
	ct_ended_well(IN_CHILD({
		ct_become(USER);
		EXPECT_ERRNO(ct_put(fd, "1", 1), EBADF);
		EXPECT_ERRNO(ftruncate(fd, 0), EINVAL);
		EXPECT_ERRNO(fchmod(fd, 0666), EPERM);
		EXPECT_ERRNO(open(P("/proc/self/fd/%d", fd), O_WRONLY),
			     EACCES);
	}));
	close(fd);
}

/*
 * A user has one of his files open, and a setuid program writes to it: it does
 * what the user could have done himself, or nothing.
 */
static void helper_writes_to(const char *path)
{
	static const char *const texts[] = {
		"1", "max", "/bin/evil", "99999999", "-1", "\n",
	};
	int fd = opened_by(USER, path, O_WRONLY), mine = fd < 0, his;
	unsigned int i;

	if (mine)	/* not to be written at all */
		return;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		his = 0;
		CTX("%s, %s", path, ktap_quote(texts[i]));
		mine = helper_writes(fd, texts[i]);
		ct_ended_well(IN_CHILD({
			ct_become(USER);
			EXPECT_EQ(ct_put(fd, texts[i], strlen(texts[i])) ?
				  errno : his, mine);
		}));
	}
	close(fd);
}

static void inherited_descriptors(void)
{
	int fd, root, n;

	make_helper(0);
	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	MKDIR(M1 "/u");
	EXPECT_OK(chown(M1 "/u", USER, USER));
	n = each_file(M1, no_reopening);
	EXPECT_CMP(n, >, 8);
	each_file(M1 "/a", no_reopening);
	RUN_AS(USER, {
		EXPECT_EQ(each_file(M1, no_writing), n);
		EXPECT_CMP(each_file(M1 "/a", no_writing), >, 8);
		EXPECT_CMP(each_file(M1 "/u", no_writing), >, 0);
		EXPECT_OK(mkdir(M1 "/u/v", 0755));
	});
	EXPECT_CMP(each_file(M1 "/u/v", helper_writes_to), >, 8);
	/* root's tasks, and root's own */
	root = ct_child();
	ASSERT_OK(fd = opened_by(USER, M1 "/u/v/tasks", O_WRONLY));
	EXPECT_EQ(helper_writes(fd, P("%d", root)), EACCES);
	EXPECT_EQ(helper_writes(fd, "1"), EACCES);
	EXPECT_EQ(helper_writes(fd, "2"), EINVAL);
	EXPECT_ERRNO(ct_put(fd, "0", 1), EACCES);
	EXPECT_STR(ct_slurp(M1 "/u/v/tasks"), "");
	close(fd);
	/*
	 * the right to write the file does not include the choice of the agent
	 */
	EXPECT_OK(ct_write(M1 "/release_agent", "/bin/good"));
	EXPECT_OK(chown(M1 "/release_agent", USER, USER));
	ASSERT_OK(fd = opened_by(USER, M1 "/release_agent", O_WRONLY));
	EXPECT_EQ(helper_writes(fd, "/bin/evil"), EPERM);
	EXPECT_EQ(helper_writes(fd, "\n"), EPERM);
	EXPECT_ERRNO(ct_put(fd, "/bin/evil", 9), EPERM);
	EXPECT_STR(ct_slurp(M1 "/release_agent"), "/bin/good\n");
	close(fd);
}

/* --- user namespaces --------------------------------------------------------------- */

#ifndef CLONE_NEWUSER
#define CLONE_NEWUSER 0x10000000
#endif
#define SYS_FSOPEN 430
#define SYS_FSCONFIG 431
#define SYS_FSPICK 433

/* Root, but only in its own user namespace. */
static void become_fake_root(int uid)
{
	if (uid)
		ct_become(uid);
	ASSERT_OK(unshare(CLONE_NEWUSER));
	/* or its /proc files belong to root */
	ASSERT_OK(prctl(PR_SET_DUMPABLE, 1));
	ct_write("/proc/self/setgroups", "deny");
	ASSERT_OK(ct_write("/proc/self/uid_map", P("0 %d 1", uid)));
	ASSERT_OK(setuid(0));
	ASSERT_OK(unshare(CLONE_NEWNS));
}

static void no_mounting(void)
{
	int fd;

	mkdir(M2, 0755);
	EXPECT_ERRNO(ct_mount(CT_TMP, "none,name=evil"), EPERM);
	EXPECT_ERRNO(ct_mount(CT_TMP, ALL), EPERM);
	EXPECT_ERRNO(ct_mount(CT_TMP, "cpuacct,release_agent=/bin/evil"),
		     EPERM);
	EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT,
			   "release_agent=/bin/evil"), EPERM);
	EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT | MS_RDONLY, ""), EPERM);
	EXPECT_ERRNO2(umount2(M1, MNT_DETACH), EINVAL, EPERM);
	fd = syscall(SYS_FSOPEN, "container", 0);
	if (fd >= 0) {
		EXPECT_OK(syscall(SYS_FSCONFIG, fd, 0, "debug", NULL, 0));
		EXPECT_ERRNO(syscall(SYS_FSCONFIG, fd, 6, NULL, NULL, 0),
			     EPERM);
		close(fd);
	}
	fd = syscall(SYS_FSPICK, AT_FDCWD, M1, 0);
	if (fd >= 0) {
		syscall(SYS_FSCONFIG, fd, 1, "release_agent", "/bin/evil", 0);
		EXPECT_ERRNO(syscall(SYS_FSCONFIG, fd, 7, NULL, NULL, 0),
			     EPERM);
		close(fd);
	}
}

static void user_namespaces(void)
{
	int root, before;

	if (access("/proc/self/ns/user", F_OK))
		SKIP("no user namespaces");
	MOUNT(M1, "debug,ns");
	MKDIR(M1 "/a");
	EXPECT_OK(chmod(M1 "/a/tasks", 0666));
	EXPECT_OK(ct_write(M1 "/release_agent", "/bin/good"));
	EXPECT_OK(chmod(M1 "/release_agent", 0666));
	root = ct_child();
	before = ct_subsys_field("ns", 1);
	ct_ended_well(IN_CHILD({
		int mine;

		become_fake_root(USER);
		EXPECT_ERRNO(open(M1 "/tasks", O_WRONLY), EACCES);
		EXPECT_ERRNO(open(M1 "/a/notify_on_release", O_WRONLY),
			     EACCES);
		EXPECT_ERRNO(chmod(M1 "/tasks", 0666), EPERM);
		EXPECT_ERRNO2(chown(M1 "/tasks", 0, 0), EPERM, EINVAL);
		EXPECT_ERRNO(mkdir(M1 "/x", 0755), EACCES);
		EXPECT_ERRNO(rmdir(M1 "/a"), EACCES);
		EXPECT_ERRNO(ct_move(M1 "/a", root), EACCES);
		EXPECT_ERRNO(ct_move(M1 "/a", 1), EACCES);
		ASSERT_OK(mine = fork());
		if (!mine)
			for (;;)
				pause();
		EXPECT_OK(ct_move(M1 "/a", mine));
		kill(mine, SIGKILL);
		waitpid(mine, NULL, 0);
		EXPECT_ERRNO(ct_write(M1 "/release_agent", "/bin/evil"),
			     EPERM);
		EXPECT_ERRNO(ct_write(M1 "/release_agent", "\n"), EPERM);
		no_mounting();
		/*
		 * no container for a task that can get any number of namespaces
		 */
		EXPECT_OK(unshare(CLONE_NEWUTS));
		EXPECT_STR(ct_where(0, "debug"), "/");
	}));
	/* the real root, inside the user namespace */
	ct_ended_well(IN_CHILD({
		become_fake_root(0);
		EXPECT_ERRNO(ct_write(M1 "/release_agent", "/bin/evil"),
			     EPERM);
		no_mounting();
	}));
	EXPECT_EQ(ct_subsys_field("ns", 1), before);
	EXPECT_STR(ct_slurp(M1 "/release_agent"), "/bin/good\n");
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
}

/* --- delegation ---------------------------------------------------------------------- */

/* Gives a directory to a user, with some of its files. */
static void delegate(const char *dir, int uid)
{
	MKDIR(dir);
	EXPECT_OK(chown(dir, uid, uid));
	EXPECT_OK(chown(P("%s/tasks", dir), uid, uid));
}

/* Forks until it cannot any more, within reason; children are in dir then. */
static int forks_in(const char *dir)
{
	int *n = ct_shared(4096);

	ct_ended_well(IN_CHILD({
		int pid[40], i;

		ct_become(USER);
		ASSERT_OK(ct_move(dir, getpid()));
		while (*n < 40 && (pid[*n] = fork()) >= 0) {
			if (!pid[*n])
				for (;;)
					pause();
			++*n;
		}
		EXPECT_EQ(errno, EAGAIN);
		for (i = 0; i < *n; i++)
			ct_reap(pid[i]);
	}));
	return *n;
}

static void delegated(void)
{
	int mine, root;

	MOUNT(M1, ALL);
	delegate(M1 "/u", USER);
	delegate(M1 "/o", OTHER);
	EXPECT_OK(ct_write(M1 "/u/numtasks.limit", "4"));
	mine = IN_CHILD({
		ct_become(USER);
		for (;;)
			pause();
	});
	ASSERT_SOON(is_mine(P("/proc/%d", mine)), 10);
	root = ct_child_in(M1 "/u");
	RUN_AS(USER, {
		/* what he can do */
		EXPECT_OK(mkdir(M1 "/u/v", 0755));
		EXPECT_OK(ct_write(M1 "/u/v/notify_on_release", "1"));
		EXPECT_OK(ct_write(M1 "/u/v/numtasks.limit", "max"));
		EXPECT_OK(chmod(M1 "/u/v", 0700));
		EXPECT_OK(ct_move(M1 "/u/v", mine));
		EXPECT_OK(ct_move(M1 "/u", mine));
		/* what he cannot do: anything above, beside, or not his own */
		EXPECT_ERRNO(ct_write(M1 "/u/notify_on_release", "1"), EACCES);
		EXPECT_ERRNO(ct_write(M1 "/u/numtasks.limit", "5"), EACCES);
		EXPECT_ERRNO(ct_move(M1, mine), EACCES);
		EXPECT_ERRNO(ct_move(M1 "/o", mine), EACCES);
		EXPECT_ERRNO(ct_move(M1 "/u/v", root), EACCES);
		EXPECT_ERRNO(mkdir(M1 "/x", 0755), EACCES);
		EXPECT_ERRNO(mkdir(M1 "/o/x", 0755), EACCES);
		EXPECT_ERRNO(rmdir(M1 "/u"), EACCES);
		EXPECT_ERRNO(rename(M1 "/u", M1 "/x"), EACCES);
		EXPECT_ERRNO2(rename(M1 "/u/v", M1 "/o/v"), EACCES, EIO);
		EXPECT_ERRNO2(rename(M1 "/u/v", M1 "/v"), EACCES, EIO);
		EXPECT_ERRNO(chown(M1 "/u/v", 0, 0), EPERM);
		EXPECT_ERRNO(chown(M1 "/u/v/tasks", OTHER, OTHER), EPERM);
	});
	/* the limit above applies; root's task and his own count there, too */
	EXPECT_EQ(forks_in(M1 "/u/v"), 1);
	EXPECT_STR(ct_where(mine, "debug"), "/u");
	EXPECT_STR(ct_where(root, "debug"), "/u");
}

static int lines(const char *file)
{
	char *s = ct_slurp(file), *p;
	int n = 0;

	for (p = s; p && (p = strchr(p, '\n')); p++)
		n++;
	free(s);
	return n;
}

/* A user makes and leaves containers as fast as he likes; few agents run. */
static void agents_are_bounded(void)
{
	static const char agent[] = CT_TMP "/bounded";
	int n = 30, i, fd, most = 0, now;

	mkdir(CT_TMP, 0755);
	unlink(CT_TMP "/bounded.log");
	unlink(agent);
	ASSERT_OK(symlink("/bin/agent", agent));
	ASSERT_OK(fd = open(CT_TMP "/bounded.wait", O_WRONLY | O_CREAT, 0644));
	close(fd);
	MOUNT(M1, P("debug,release_agent=%s", agent));
	delegate(M1 "/u", USER);
	RUN_AS(USER, {
		for (i = 0; i < n; i++) {
			EXPECT_OK(mkdir(P(M1 "/u/%d", i), 0755));
			EXPECT_OK(ct_write(P(M1 "/u/%d/notify_on_release", i),
					   "1"));
			ct_reap(ct_child_in(P(M1 "/u/%d", i)));
		}
	});
	EXPECT_SOON(running_agents() == 8, 10);
	EXPECT_SOON(lines(CT_TMP "/bounded.log") == 8, 10);
	usleep(200000);
	EXPECT_EQ(running_agents(), 8);
	/* now they end, at least one after the other */
	EXPECT_OK(unlink(CT_TMP "/bounded.wait"));
	while ((now = lines(CT_TMP "/bounded.log")) < n && !ktap_sh->failed) {
		i = running_agents();
		most = i > most ? i : most;
		EXPECT_SOON(lines(CT_TMP "/bounded.log") > now, 20);
	}
	EXPECT_CMP(most, <=, 8);
	EXPECT_SOON(!running_agents(), 10);
	EXPECT_EQ(lines(CT_TMP "/bounded.log"), n);
}

/* The greatest depth of containers that a user can make. */
#define MAX_DEPTH 256

static void depth(void)
{
	char *name = ct_fill('d', 200), *where, *p;
	int i, pid = 0, fd, len;

	MOUNT(M1, "debug,numtasks");
	delegate(M1 "/u", USER);
	pid = IN_CHILD({
		ct_become(USER);
		ASSERT_OK(chdir(M1 "/u"));
		for (i = 2; i <= MAX_DEPTH; i++) {
			ASSERT_OK(mkdir(name, 0755));
			ASSERT_OK(chdir(name));
		}
		EXPECT_ERRNO(mkdir("x", 0755), ENAMETOOLONG);
		EXPECT_ERRNO(mkdir("x", 0755), ENAMETOOLONG);
		ASSERT_OK(fd = open("tasks", O_WRONLY));
		EXPECT_OK(ct_put(fd, "0", 1));
		where = ct_where(0, "debug");
		len = 2 + (MAX_DEPTH - 1) * 201;
		EXPECT_EQ(strlen(where), len);
		for (i = 0, p = where; (p = strchr(p, '/')); p++)
			i++;
		EXPECT_EQ(i, MAX_DEPTH);
		ct_ended_well(IN_CHILD(close(fd)));
		/* out again, and all of it can be removed */
		ASSERT_OK(chdir(".."));
		EXPECT_OK(rename(name, "y") ? 0 : rename("y", name));
	});
	ct_ended_well(pid);
	RUN_AS(USER, {
		ASSERT_OK(chdir(M1 "/u"));
		for (i = 2; i <= MAX_DEPTH; i++)
			ASSERT_OK(chdir(name));
		for (; i > 2; i--) {
			ASSERT_OK(chdir(".."));
			if (!EXPECT_OK(rmdir(name)))
				break;
		}
	});
}

/* Containers that the kernel makes have the same limit. */
static void depth_of_namespaces(void)
{
	MOUNT(M1, "ns");
	ct_ended_well(IN_CHILD({
		int i;

		for (i = 0; i < MAX_DEPTH && !unshare(CLONE_NEWUTS); i++)
			;
		EXPECT_EQ(i, MAX_DEPTH);
		EXPECT_ERRNO(unshare(CLONE_NEWUTS), ENOSPC);
		EXPECT_ERRNO(syscall(SYS_clone, CLONE_NEWUTS | SIGCHLD, 0, 0,
				     0, 0), ENOSPC);
		ct_ended_well(IN_CHILD(EXPECT(true)));
	}));
	ct_empty_mount(M1);
	UMOUNT(M1);
}

/* --- what is shown ------------------------------------------------------------------------ */

/* Whatever name a container has, /proc shows one line for each hierarchy. */
static void forged_lines(void)
{
	static const char *const names[] = {
		"x:", ":", "::", ",", "a,b:", "name=z:", "debug,numtasks:",
		"\\", "\\012", "\\n", "\033[2J", "\r", "a\rdebug:", "\t",
		"\b\b\b", "\177", "\377", "#", " (deleted)", "..x",
		"\342\200\250",
	};
	char *dir, *want;
	int pid, subsystems = lines("/proc/containers");
	unsigned int i;

	MOUNT(M1, "debug,numtasks");
	MOUNT(M2, "none,name=second");
	MOUNT(M3, "cpuacct");
	MKDIR(M3 "/x");
	pid = ct_child_in(M3 "/x");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		CTX("name %s", ktap_quote(names[i]));
		dir = strdup(P(M1 "/%s", names[i]));
		MKDIR(dir);
		ASSERT_OK(mkdir(P(M2 "/%s", names[i]), 0755));
		EXPECT_OK(ct_move(dir, pid));
		EXPECT_OK(ct_move(P(M2 "/%s", names[i]), pid));
		want = strdup(P("debug,numtasks:/%s\nname=second:/%s\n"
				"cpuacct:/x\n", names[i], names[i]));
		EXPECT_STR(ct_slurp(P("/proc/%d/container", pid)), want);
		EXPECT_EQ(lines("/proc/containers"), subsystems);
		EXPECT_OK(ct_move(M1, pid));
		EXPECT_OK(ct_move(M2, pid));
		RMDIR(dir);
		RMDIR(P(M2 "/%s", names[i]));
		free(dir);
	}
	CTX_END();
	MKDIR(M1 "/a");
	EXPECT_ERRNO(mkdir(M1 "/a\nnumtasks:", 0755), EINVAL);
	EXPECT_ERRNO(mkdir(M1 "/\n", 0755), EINVAL);
	EXPECT_ERRNO(rename(M1 "/a", M1 "/a\n"), EINVAL);
	EXPECT_ERRNO(rename(M1 "/a", M1 "/\na"), EINVAL);
	EXPECT_ERRNO(ct_mount(M4, "none,name=x:/\ny"), EINVAL);
	EXPECT_ERRNO(ct_mount(M4, "none,name=x:"), EINVAL);
	/* other users may read it, as /proc/<pid>/cpuset or cgroup */
	RUN_AS(NOBODY, EXPECT_STR(ct_where(pid, "cpuacct"), "/x"));
}

/* --- memory ------------------------------------------------------------------------------- */

/* A process of n threads in a container; its pid. */
static int crowd(const char *dir, int n)
{
	int *ready = ct_shared(4096), pid;

	pid = IN_CHILD({
		int i;

		ASSERT_OK(ct_move(dir, getpid()));
		for (i = 1; i < n; i++)
			if (ct_idle_thread() < 0)
				FAIL("thread %d", i);
		SET(*ready, 1);
		for (;;)
			pause();
	});
	ASSERT_SOON(GET(*ready), 60);
	return pid;
}

/* KiB, of lines of /proc/meminfo that begin with these words. */
static long meminfo(const char *word)
{
	char *s = ct_slurp("/proc/meminfo"), *p = s ? strstr(s, word) : NULL;
	long kib = p ? atol(p + strlen(word)) : -1;

	free(s);
	return kib;
}

/* Opens a file n times, and reads a byte; KiB of memory gone. */
static long cost_of_opens(const char *file, int n, int *fds)
{
	long before = meminfo("MemFree:");
	int i;
	char c;

	for (i = 0; i < n; i++) {
		ASSERT_OK(fds[i] = open(file, O_RDONLY));
		if (!EXPECT_EQ(read(fds[i], &c, 1), 1))
			break;
	}
	return before - meminfo("MemFree:");
}

static void close_all(int *fds, int n)
{
	while (n--)
		close(fds[n]);
}

/*
 * Many open files that list many tasks need not much more memory than for few.
 */
static void memory_of_opens(void)
{
	struct rlimit many = { 4096, 4096 };
	int tasks = ktap_scale() > 1 ? 600 : 6000;
	int n = ktap_scale() > 1 ? 600 : 1500, pid, one;
	long few, lots;
	char *list;

	ct_write("/proc/sys/kernel/threads-max", "60000");
	MOUNT(M1, "debug");
	MKDIR(M1 "/many");
	MKDIR(M1 "/few");
	pid = crowd(M1 "/many", tasks);
	one = ct_child_in(M1 "/few");
	list = ct_slurp(M1 "/many/tasks");
	ASSERT_OK(setrlimit(RLIMIT_NOFILE, &many));
	RUN_AS(NOBODY, {
		int *fds = calloc(n, sizeof(*fds));
		int i;

		cost_of_opens(M1 "/few/tasks", n, fds);	/* caches, slabs */
		close_all(fds, n);
		few = cost_of_opens(M1 "/few/tasks", n, fds);
		close_all(fds, n);
		lots = cost_of_opens(M1 "/many/tasks", n, fds);
		ktap_note("%d opens: %ld KiB for 1 task, %ld for %d", n, few,
			  lots, tasks);
		if (ktap_scale() == 1)
			EXPECT_CMP(lots, <, few + 6 * 1024);
		/* the first and the last files continue where they were */
		for (i = 0; i < n; i += i < 20 || i > n - 20 ? 1 : 97) {
			char *rest = ct_read_fd(fds[i], 1000 + i);

			CTX("open file %d", i);
			if (!EXPECT_STR(rest, list + 1))
				break;
			free(rest);
		}
		CTX_END();
		close_all(fds, n);
	});
	ct_reap(pid);
	ct_reap(one);
}

/*
 * A view that was taken away and made again: the pids are ascending, tasks that
 * exist all the time are listed, and tasks that had exited before the new view
 * was made are not.
 */
static void view_taken_away(void)
{
	struct rlimit many = { 4096, 4096 };
	int n = 600, i, first, last, count, fd, pid, *ids;
	int *fds = calloc(n, sizeof(*fds));
	char buf[8192], *text;
	ssize_t got;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	first = ct_child_in(M1 "/a");
	pid = crowd(M1 "/a", 600);
	last = ct_child_in(M1 "/a");
	ASSERT_OK(setrlimit(RLIMIT_NOFILE, &many));
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
	ASSERT_OK(got = read(fd, buf, 100));
	cost_of_opens(M1 "/a/tasks", n, fds);	/* more than there may be */
	EXPECT_OK(ct_move(M1, first));
	EXPECT_OK(ct_move(M1, last));
	text = ct_read_fd(fd, 333);
	memcpy(buf + got, "", 1);
	ids = ct_parse_tasks("what was read", P("%s%s", buf, text), &count);
	EXPECT_EQ(count, 601);
	EXPECT_EQ(ids[0], first);
	EXPECT_CMP(ids[count - 1], <, last);
	EXPECT_EQ(read(fd, buf, 10), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	free(ct_parse_tasks("again", ct_read_fd(fd, 4096), &count));
	EXPECT_EQ(count, 600);
	/* the file read last still has its view */
	text = ct_read_fd(fds[n - 1], 4096);
	free(ct_parse_tasks("the last", P("1%s", text), &i));
	EXPECT_EQ(i, 602);
	for (i = 0; i < n; i++)
		close(fds[i]);
	close(fd);
	ct_reap(pid);
}

/* The longest writes there are, several at a time. */
static void memory_of_writes(void)
{
	int workers = 4, w, pid[4];

	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	EXPECT_OK(chmod(M1 "/a/tasks", 0666));
	for (w = 0; w < workers; w++)
		pid[w] = IN_CHILD({
			char *text = ct_fill(' ', 65536);
			int i, fd;

			ct_become(USER);
			ASSERT_OK(fd = open(M1 "/a/tasks", O_WRONLY));
			for (i = 0; i < 65536; i += 2)
				text[i] = '0';
			EXPECT_OK(ct_put(fd, text, 65536));
			text[65535] = 'x';
			EXPECT_ERRNO(ct_put(fd, text, 65536), EINVAL);
			memcpy(text + 65532, " 1 ", 4);
			EXPECT_ERRNO(ct_put(fd, text, 65535), EACCES);
			EXPECT_ERRNO(ct_put(fd, text, 1 << 30), E2BIG);
			EXPECT(ct_has(M1 "/a", getpid()));
			free(text);
		});
	for (w = 0; w < workers; w++)
		ct_ended_well(pid[w]);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 0);
	EXPECT_CMP(ct_num(M1 "/a/numtasks.peak"), <=, workers);
}

static const struct ktap_case cases[] = {
	T(everybody_elses_tasks),
	T(setuid_programs),
	T(inherited_descriptors),
	T(user_namespaces),
	T(delegated),
	T(agents_are_bounded),
	T(depth),
	T(depth_of_namespaces),
	T(forged_lines),
	T(memory_of_opens),
	T(view_taken_away),
	T(memory_of_writes),
};

int main(int argc, char **argv)
{
	/* the copy is called helper, and no test is */
	if (argc > 1 && !strcmp(argv[0], "helper"))
		return helper(argc, argv);
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

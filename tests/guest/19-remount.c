// SPDX-License-Identifier: GPL-2.0
/*
 * Remount with another set of subsystems, or another agent: it succeeds
 * completely or changes nothing.  What stays is not touched, files that leave
 * are gone for tasks that have them open, and other tasks notice nothing.
 *
 * harness: configs=base,debug,full timeout=150
 */
#include "ct.h"

#include <sys/utsname.h>

#define SELF "/proc/self/container"
#define AGENT M1 "/release_agent"

/* Bits of a set; only debug has files in a top container. */
enum { DEBUG = 1, NUMTASKS = 2, SETS = 4 };

static const char *const set_words[SETS] = {
	"none", "debug", "numtasks", "debug,numtasks",
};

/* As above, in the opposite order. */
static const char *const set_sdrow[SETS] = {
	"none", "debug", "numtasks", "numtasks,debug",
};

static int remount(const char *opts)
{
	return mount(NULL, M1, NULL, MS_REMOUNT, opts);
}

static bool is_old_kernel(void)
{
	struct utsname u;

	return !uname(&u) && !strncmp(u.release, "2.6.", 4);
}

/* Everything that can be seen of a hierarchy, as one text. */
static char *picture(void)
{
	char *ls = ct_ls(M1), *words = ct_mount_words(M1);
	char *self = ct_slurp(SELF), *all = ct_slurp("/proc/containers");
	char *agent = ct_slurp(AGENT), *out;
	struct stat st;

	ASSERT_OK(stat(M1 "/tasks", &st));
	ASSERT(ls && words && self && all && agent);
	if (asprintf(&out, "%s| %s| %s| %s| %s| tasks %lu %o %d", ls, words,
		     self, all, agent, (long)st.st_ino, st.st_mode,
		     st.st_uid) < 0)
		_exit(1);
	free(ls);
	free(words);
	free(self);
	free(all);
	free(agent);
	return out;
}

/* A remount that fails changes nothing. */
static void fails_with(const char *opts, int flags, int err)
{
	char *before = picture(), *after;

	CTX("options %s", ktap_quote(opts));
	EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT | flags, opts), err);
	after = picture();
	EXPECT_STR(after, before);
	CTX_END();
	free(before);
	free(after);
}

static void fails(const char *opts, int err)
{
	fails_with(opts, 0, err);
}

#define DEBUG_FILES "debug.css_groups debug.css_refcount "	\
	"debug.current_css_group debug.current_css_group_links "	\
	"debug.current_css_group_refcount debug.task_count "

/* Expects the hierarchy on M1, named name or "", to have this set. */
static void expect_set(int set, const char *name)
{
	const char *words = set_words[set];
	char *line, *got;
	int i;

	got = ct_ls(M1);
	EXPECT_STR(got, P("%snotify_on_release release_agent tasks ",
			  set & DEBUG ? DEBUG_FILES : ""));
	free(got);
	got = ct_mount_words(M1);
	EXPECT_STR(got, P("%s%s%s", words, *name ? ",name=" : "", name));
	free(got);
	line = P("%s%s%s%s:/\n", set ? words : "", set && *name ? "," : "",
		 *name ? "name=" : "", name);
	got = ct_slurp(SELF);
	EXPECT_STR(got, line);
	free(got);
	for (i = 1; i < SETS; i *= 2)
		EXPECT_EQ(ct_subsys_field(set_words[i], 0) > 0,
			  !!(set & i));
	if (set & DEBUG) {
		EXPECT_EQ(ct_num(M1 "/debug.css_groups"), 1);
		EXPECT_STR(ct_where(0, "debug"), "/");
	}
	/*
	 * the subsystems that it does not have are free for others, the rest is
	 * not
	 */
	for (i = 1; i < SETS; i++) {
		if (set & i) {
			if (i != set)
				EXPECT_ERRNO(ct_mount(M2, set_words[i]), EBUSY);
			continue;
		}
		if (EXPECT_OK(ct_mount(M2, set_words[i])))
			UMOUNT(M2);
	}
}

/* --- the set ------------------------------------------------------------------ */

static void transitions(const char *name, int first)
{
	const char *suffix = *name ? strdup(P(",name=%s", name)) : "";
	struct stat before, after;
	int from, to, fd, kid = ct_child();

	MOUNT(M1, P("%s%s", set_words[first], suffix));
	EXPECT_OK(chown(M1 "/tasks", USER, USER));
	EXPECT_OK(chmod(M1 "/tasks", 0620));
	ASSERT_OK(stat(M1 "/tasks", &before));
	ASSERT_OK(fd = open(M1 "/tasks", O_RDWR));
	for (from = first; from < SETS; from++)
		for (to = first; to < SETS; to++) {
			CTX("%s to %s", set_words[from], set_words[to]);
			EXPECT_OK(remount(P("%s%s", set_words[from], suffix)));
			expect_set(from, name);
			EXPECT_OK(remount(P("%s%s", set_sdrow[to], suffix)));
			expect_set(to, name);
			ASSERT_OK(stat(M1 "/tasks", &after));
			EXPECT_EQ(after.st_ino, before.st_ino);
			EXPECT_MODE(after.st_mode, S_IFREG | 0620);
			EXPECT_EQ(after.st_uid, USER);
			EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
			EXPECT(strstr(ct_read_fd(fd, 7), P("\n%d\n", kid)));
			EXPECT_OK(ct_put(fd, P("%d", kid),
					 strlen(P("%d", kid))));
		}
	CTX_END();
	close(fd);
	ct_reap(kid);
	UMOUNT(M1);
	EXPECT_STR(ct_slurp(SELF), "");
}

static void all_transitions(void)
{
	transitions("", DEBUG);
	transitions("r", 0);
}

static void all_and_nothing(void)
{
	char *all = ct_all_subsys();

	MOUNT(M1, "numtasks");
	EXPECT_OK(remount("all"));
	EXPECT_STR(ct_slurp(SELF), P("%s:/\n", all));
	EXPECT_OK(remount(NULL));
	EXPECT_STR(ct_slurp(SELF), P("%s:/\n", all));
	EXPECT_OK(remount("debug"));
	expect_set(DEBUG, "");
	/* no word about subsystems: nothing about them changes */
	EXPECT_OK(remount(NULL));
	EXPECT_OK(remount(""));
	expect_set(DEBUG, "");
	fails("none", EINVAL);
	UMOUNT(M1);

	MOUNT(M1, "debug,name=r");
	/* the name may be left out, unless the set is "none" */
	EXPECT_OK(remount("numtasks"));
	expect_set(NUMTASKS, "r");
	EXPECT_OK(remount("name=r"));
	expect_set(NUMTASKS, "r");
	fails("none", EINVAL);
	EXPECT_OK(remount("name=r,none"));
	expect_set(0, "r");
	EXPECT_OK(ct_mount(M2, "name=r"));
	UMOUNT(M2);
	EXPECT_OK(remount("all"));
	EXPECT_STR(ct_slurp(SELF), P("%s,name=r:/\n", all));
	/* every mount of it shows the same */
	EXPECT_OK(ct_mount(M2, "name=r"));
	EXPECT_OK(remount("debug,name=r"));
	EXPECT_STR(ct_mount_words(M2), "debug,name=r");
	EXPECT(ct_exists(M2 "/debug.task_count"));
	UMOUNT(M1);
	UMOUNT(M2);
	EXPECT_STR(ct_slurp(SELF), "");
}

static void bad_options(void)
{
	static const struct {
		const char *opts;
		int err;
	} bad[] = {
		{ "nosuch", ENOENT }, { "debug,nosuch", ENOENT },
		{ "nosuch,numtasks", ENOENT }, { "numtasks ", ENOENT },
		{ "numtasks,release_agent", ENOENT },
		{ ",", EINVAL }, { "numtasks,", EINVAL },
		{ ",numtasks", EINVAL }, { "debug,,numtasks", EINVAL },
		{ "all,numtasks", EINVAL }, { "numtasks,none", EINVAL },
		{ "none", EINVAL }, { "none,name=r,all", EINVAL },
		{ "numtasks,noprefix", EINVAL }, { "noprefix", EINVAL },
		{ "debug,noprefix", EINVAL }, { "noprefix,name=r", EINVAL },
		{ "numtasks,name=", EINVAL }, { "numtasks,name=/", EINVAL },
		{ "numtasks,name=r,name=r", EINVAL },
		{ "numtasks,release_agent=,release_agent=/a", EINVAL },
		{ "numtasks,release_agent=,release_agent=", EINVAL },
		{ "numtasks,release_agent=,name=x", EBUSY },
		{ "numtasks,release_agent=,nosuch", ENOENT },
		{ "numtasks,release_agent= ", EINVAL },
		{ "numtasks,release_agent=x", EINVAL },
		{ "numtasks,release_agent=/a\nb", EINVAL },
		{ "numtasks,release_agent=/a,release_agent=/a", EINVAL },
		{ "release_agent=/a,release_agent=/b", EINVAL },
		{ "numtasks,name=x", EBUSY }, { "name=x", EBUSY },
		{ "release_agent=/x,name=x", EBUSY },
		{ "numtasks,release_agent=/x,nosuch", ENOENT },
	};
	unsigned int i;

	MOUNT(M1, "debug,name=r,release_agent=/bin/old");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		fails(bad[i].opts, bad[i].err);
	EXPECT_OK(remount("none,name=r"));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		fails(bad[i].opts, bad[i].err);
	UMOUNT(M1);
	/* a hierarchy without a name cannot be given one */
	MOUNT(M1, "debug");
	fails("name=r", EBUSY);
	fails("debug,name=r", EBUSY);
	fails("numtasks,name=r", EBUSY);
	UMOUNT(M1);
}

static void busy(void)
{
	char *before, *after;
	int kid;

	MOUNT(M1, "debug,release_agent=/bin/old");
	/* in use elsewhere */
	MOUNT(M2, "numtasks");
	fails("debug,numtasks", EBUSY);
	fails("numtasks", EBUSY);
	fails("all", EBUSY);
	fails("numtasks,release_agent=/bin/new", EBUSY);
	EXPECT_STR(ct_mount_words(M2), "numtasks");
	/* a hidden hierarchy counts, too */
	MKDIR(M2 "/c");
	kid = ct_child_in(M2 "/c");
	UMOUNT(M2);
	fails("debug,numtasks", EBUSY);
	MOUNT(M2, "numtasks");
	EXPECT_EQ(ct_num(M2 "/c/numtasks.count"), 1);
	ct_reap(kid);
	RMDIR(M2 "/c");
	UMOUNT(M2);
	/* with children */
	MKDIR(M1 "/c");
	kid = ct_child_in(M1 "/c");
	before = ct_ls(M1 "/c");
	fails("debug,numtasks", EBUSY);
	fails("numtasks", EBUSY);
	fails("numtasks,release_agent=/bin/new", EBUSY);
	after = ct_ls(M1 "/c");
	EXPECT_STR(after, before);
	EXPECT_EQ(ct_num(M1 "/c/debug.task_count"), 1);
	EXPECT_STR(ct_where(kid, "debug"), "/c");
	if (EXPECT_OK(ct_mount(M2, "numtasks")))
		UMOUNT(M2);
	/* but the agent can be changed, and the same set be given */
	EXPECT_OK(remount("debug"));
	EXPECT_OK(remount("debug,release_agent=/bin/new"));
	EXPECT_STR(ct_slurp(AGENT), "/bin/new\n");
	EXPECT_OK(remount("release_agent=/bin/newer"));
	EXPECT_STR(ct_slurp(AGENT), "/bin/newer\n");
	EXPECT_STR(ct_mount_words(M1), "debug,release_agent=/bin/newer");
	ct_reap(kid);
	RMDIR(M1 "/c");
	/* without children it works, and the agent stays */
	EXPECT_OK(remount("numtasks"));
	EXPECT_STR(ct_mount_words(M1), "numtasks,release_agent=/bin/newer");
	EXPECT_OK(remount("debug,numtasks,release_agent=/bin/last"));
	EXPECT_STR(ct_slurp(AGENT), "/bin/last\n");
	EXPECT_STR(ct_mount_words(M1), "debug,numtasks,release_agent=/bin/last");
	/* no agent, and nothing else */
	EXPECT_OK(remount("release_agent="));
	EXPECT_STR(ct_slurp(AGENT), "\n");
	EXPECT_STR(ct_mount_words(M1), "debug,numtasks");
	EXPECT_OK(remount("release_agent="));
	EXPECT_OK(remount("debug,release_agent=/bin/new"));
	EXPECT_STR(ct_mount_words(M1), "debug,release_agent=/bin/new");
	EXPECT_OK(remount("numtasks,release_agent="));
	EXPECT_STR(ct_mount_words(M1), "numtasks");
	UMOUNT(M1);
}

/* A child has the name of a file that a new subsystem would bring. */
static void name_is_taken(void)
{
	MOUNT(M1, "numtasks");
	MKDIR(M1 "/debug.task_count");
	MKDIR(M1 "/other");
	fails("debug,numtasks", EEXIST);
	RMDIR(M1 "/debug.task_count");
	fails("debug,numtasks", EBUSY);
	RMDIR(M1 "/other");
	EXPECT_OK(remount("debug,numtasks"));
	EXPECT_MODE(ct_mode(M1 "/debug.task_count"), S_IFREG | 0444);
	EXPECT_ERRNO(mkdir(M1 "/debug.task_count", 0755), EEXIST);
	EXPECT_OK(remount("numtasks"));
	EXPECT_OK(mkdir(M1 "/debug.task_count", 0755));
	EXPECT_OK(rename(M1 "/debug.task_count", M1 "/debug.css_groups"));
	RMDIR(M1 "/debug.css_groups");
	UMOUNT(M1);
}

static void readonly(void)
{
	int fd;

	MOUNT(M1, "debug,release_agent=/bin/old");
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT | MS_RDONLY,
			"debug,numtasks"));
	EXPECT_STR(ct_mount_words(M1),
		   "debug,numtasks,release_agent=/bin/old");
	EXPECT(ct_has_word(ct_mount_opts(M1), "ro"));
	EXPECT_ERRNO(mkdir(M1 "/c", 0755), EROFS);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT | MS_RDONLY, "numtasks"));
	EXPECT_ERRNO(mkdir(M1 "/c", 0755), EROFS);
	fails_with("debug,nosuch", 0, ENOENT);
	EXPECT(ct_has_word(ct_mount_opts(M1), "ro"));
	EXPECT_OK(remount("debug"));
	EXPECT(ct_has_word(ct_mount_opts(M1), "rw"));
	MKDIR(M1 "/c");
	RMDIR(M1 "/c");
	fails_with("numtasks,", MS_RDONLY, EINVAL);
	EXPECT(ct_has_word(ct_mount_opts(M1), "rw"));
	/* a file open for writing prevents "ro", and then nothing changes */
	ASSERT_OK(fd = open(M1 "/tasks", O_WRONLY));
	fails_with("numtasks,release_agent=/bin/new", MS_RDONLY, EBUSY);
	fails_with("release_agent=/bin/new", MS_RDONLY, EBUSY);
	EXPECT_OK(ct_put(fd, "0", 1));
	close(fd);
	UMOUNT(M1);
}

static void unprivileged(void)
{
	MOUNT(M1, "debug");
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(remount("debug,numtasks"), EPERM);
		EXPECT_ERRNO(remount("release_agent=/x"), EPERM);
		EXPECT_ERRNO(remount("release_agent="), EPERM);
	});
	expect_set(DEBUG, "");
	UMOUNT(M1);
}

/* --- files ------------------------------------------------------------------------ */

static void files_that_stay(void)
{
	static const char file[] = M1 "/debug.task_count";
	struct stat before, after;
	int fd, half, i;
	char c;

	MOUNT(M1, "debug");
	EXPECT_OK(chmod(file, 0440));
	EXPECT_OK(chown(file, USER, NOBODY));
	EXPECT_OK(chmod(M1, 0751));
	EXPECT_OK(chown(M1, USER, USER));
	ASSERT_OK(stat(file, &before));
	ASSERT_OK(fd = open(file, O_RDONLY));
	ASSERT_OK(half = open(M1 "/tasks", O_RDONLY));
	EXPECT_EQ(read(half, &c, 1), 1);
	for (i = 0; i < ktap_loops(100); i++) {
		EXPECT_OK(remount(i % 2 ? "debug" : "debug,numtasks"));
		ASSERT_OK(stat(file, &after));
		EXPECT_EQ(after.st_ino, before.st_ino);
		EXPECT_MODE(after.st_mode, S_IFREG | 0440);
		EXPECT_EQ(after.st_uid, USER);
		EXPECT_EQ(after.st_gid, NOBODY);
		EXPECT_EQ(after.st_nlink, 1);
		EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
		EXPECT(atoi(ct_read_fd(fd, 100)) > 0);
	}
	EXPECT_EQ(read(half, &c, 1), 1);
	EXPECT_MODE(ct_mode(M1), S_IFDIR | 0751);
	EXPECT_EQ(ct_nlink(M1), 2);
	close(fd);
	close(half);
	UMOUNT(M1);
}

static short poll_fd(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };

	EXPECT_EQ(poll(&p, 1, 0), 1);
	return p.revents;
}

static void expect_dead(int fd)
{
	struct stat st;
	char c;

	EXPECT_ERRNO(read(fd, &c, 1), ENODEV);
	EXPECT_ERRNO(pread(fd, &c, 1, 5), ENODEV);
	EXPECT(poll_fd(fd) & POLLERR);
	EXPECT(!(poll_fd(fd) & (POLLIN | POLLOUT)));
	EXPECT_OK(lseek(fd, 0, SEEK_SET));
	EXPECT_ERRNO(read(fd, &c, 1), ENODEV);
	EXPECT_OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
}

static void files_that_leave(void)
{
	static const char *const files[] = {
		M1 "/debug.task_count", M1 "/debug.css_refcount",
		M1 "/debug.current_css_group_links", M1 "/debug.css_groups",
	};
	int dead[8][ARRAY_SIZE(files)], dir, tasks, round, fd, dying;
	struct stat old, new;
	unsigned int i;
	char c;

	MOUNT(M1, "debug,name=r");
	ASSERT_OK(dir = open(M1, O_RDONLY | O_DIRECTORY));
	ASSERT_OK(tasks = open(M1 "/tasks", O_RDONLY));
	for (round = 0; round < 8; round++) {
		CTX("round %d", round);
		EXPECT_OK(remount("debug,numtasks"));
		for (i = 0; i < ARRAY_SIZE(files); i++) {
			ASSERT_OK(dead[round][i] = open(files[i], O_RDONLY));
			if (i % 2)
				EXPECT_CMP(read(dead[round][i], &c, 1), >=, 0);
		}
		EXPECT(poll_fd(dead[round][0]) & POLLIN);
		EXPECT(!(poll_fd(dead[round][0]) & POLLERR));
		ASSERT_OK(stat(files[0], &old));
		ASSERT_OK(dying = openat(dir, "debug.css_groups", O_RDONLY));
		EXPECT_OK(remount(round % 2 ? "numtasks" : "none,name=r"));
		for (i = 0; i < ARRAY_SIZE(files); i++) {
			EXPECT_ERRNO(open(files[i], O_RDONLY), ENOENT);
			EXPECT_ERRNO(stat(files[i], &new), ENOENT);
			expect_dead(dead[round][i]);
		}
		EXPECT_ERRNO(openat(dir, "debug.css_groups", O_RDONLY), ENOENT);
		/* when it comes back the files are new ones */
		EXPECT_OK(remount("debug"));
		expect_dead(dying);
		close(dying);
		ASSERT_OK(fd = open(files[0], O_RDONLY));
		EXPECT_OK(fstat(fd, &new));
		EXPECT(new.st_ino != old.st_ino);
		EXPECT_EQ(new.st_nlink, 1);
		EXPECT(atoi(ct_read_fd(fd, 100)) > 0);
		EXPECT(poll_fd(fd) & POLLIN);
		close(fd);
		expect_dead(dead[0][0]);
		EXPECT_EQ(lseek(tasks, 0, SEEK_SET), 0);
		EXPECT(ct_read_fd(tasks, 100));
	}
	CTX_END();
	for (round = 0; round < 8; round++)
		for (i = 0; i < ARRAY_SIZE(files); i++) {
			expect_dead(dead[round][i]);
			if (i < 2)
				close(dead[round][i]);
		}
	EXPECT_ERRNO(umount2(M1, 0), EBUSY);	/* they are open */
	for (round = 0; round < 8; round++)
		for (i = 2; i < ARRAY_SIZE(files); i++)
			close(dead[round][i]);
	close(dir);
	close(tasks);
	UMOUNT(M1);
	EXPECT_STR(ct_slurp(SELF), "");
}

/* Writes to every writable file of every subsystem. */
static void writes_to_files_that_leave(void)
{
	int fds[64], n = 0, i;
	struct dirent *e;
	DIR *d;

	MOUNT(M1, "name=r");
	EXPECT_OK(remount("all"));
	ASSERT(d = opendir(M1));
	while ((e = readdir(d)) && n < 64) {
		if (!strchr(e->d_name + 1, '.') || *e->d_name == '.' ||
		    !(ct_mode(P(M1 "/%s", e->d_name)) & 0200))
			continue;
		ASSERT_OK(fds[n] = open(P(M1 "/%s", e->d_name), O_WRONLY));
		n++;
	}
	closedir(d);
	EXPECT_OK(remount("name=r,none"));
	for (i = 0; i < n; i++) {
		EXPECT_ERRNO(ct_put(fds[i], "0", 1), ENODEV);
		EXPECT_ERRNO(write(fds[i], "0", 0), ENODEV);
		EXPECT(poll_fd(fds[i]) & POLLERR);
	}
	EXPECT_OK(remount("all"));
	for (i = 0; i < n; i++) {
		EXPECT_ERRNO(ct_put(fds[i], "0", 1), ENODEV);
		close(fds[i]);
	}
	UMOUNT(M1);
	if (!n)
		SKIP("no subsystem has a file in its top container to write");
}

/* An open descriptor and a removed container, while the set changes. */
static void removed_children(void)
{
	int i, count, limit, dir, kid;
	char c;

	for (i = 0; i < ktap_loops(50); i++) {
		MOUNT(M1, "debug,numtasks");
		MKDIR(M1 "/c");
		MKDIR(M1 "/c/d");
		kid = ct_child_in(M1 "/c/d");
		EXPECT_OK(ct_write(M1 "/c/numtasks.limit", "9"));
		ASSERT_OK(count = open(M1 "/c/d/debug.task_count", O_RDONLY));
		ASSERT_OK(limit = open(M1 "/c/numtasks.limit", O_RDWR));
		ASSERT_OK(dir = open(M1 "/c/d", O_RDONLY | O_DIRECTORY));
		EXPECT_OK(ct_move(M1, kid));
		RMDIR(M1 "/c/d");
		RMDIR(M1 "/c");
		/* a removed container does not matter for remount */
		EXPECT_OK(remount(i % 2 ? "debug" : "numtasks"));
		EXPECT_OK(ct_mount(M2, i % 2 ? "numtasks" : "debug"));
		MKDIR(M2 "/x");
		EXPECT_OK(ct_move(M2 "/x", kid));
		EXPECT_ERRNO(read(count, &c, 1), ENODEV);
		EXPECT_ERRNO(ct_put(limit, "8", 1), ENODEV);
		EXPECT_ERRNO(openat(dir, "tasks", O_RDONLY), ENOENT);
		EXPECT_ERRNO(mkdirat(dir, "x", 0755), ENOENT);
		close(count);
		if (i % 3)
			EXPECT_OK(remount(i % 2 ? "debug" : "numtasks"));
		close(limit);
		close(dir);
		ct_reap(kid);
		RMDIR(M2 "/x");
		UMOUNT(M2);
		EXPECT_OK(remount("debug,numtasks"));
		EXPECT_EQ(ct_num(M1 "/debug.css_groups"), 1);
		UMOUNT(M1);
	}
}

/* Something is mounted on a file of a subsystem that is to leave. */
static void mounted_on_files(void)
{
	int i;

	MOUNT(M1, "debug");
	ct_slurp("/proc/mounts");	/* lockdep learns an order of locks */
	for (i = 0; i < 3; i++) {
		ASSERT_OK(mount("/proc/version", M1 "/debug.task_count",
				NULL, MS_BIND, NULL));
		if (is_old_kernel()) {
			/* it prevents the remount, as it prevents rmdir */
			fails("numtasks", EBUSY);
			EXPECT_OK(remount("debug,numtasks"));
			fails("numtasks", EBUSY);
			EXPECT_OK(umount2(M1 "/debug.task_count", 0));
			EXPECT_OK(remount("numtasks"));
		} else {
			/* it is unmounted */
			EXPECT_OK(remount("debug,numtasks"));
			EXPECT(strstr(ct_slurp("/proc/mounts"),
				      M1 "/debug.task_count"));
			EXPECT_OK(remount("numtasks"));
			EXPECT(!strstr(ct_slurp("/proc/mounts"), "task_count"));
		}
		EXPECT(!ct_exists(M1 "/debug.task_count"));
		EXPECT_OK(remount("debug"));
		EXPECT_CMP(ct_num(M1 "/debug.task_count"), >, 0);
	}
	UMOUNT(M1);
}

/* A mount on a file while its subsystem leaves. */
static void mounted_in_a_race(void)
{
	int *sh = ct_shared(4096), n = ktap_loops(6000), mounted = 0, i, pid;
	unsigned long rnd = ktap_seed();
	char *mounts;

	MOUNT(M1, "debug,name=r");
	pid = IN_CHILD({
		unsigned long r = ktap_seed() + 1;

		for (i = 1; i <= n; i++) {
			SPIN_FOR(GET(sh[0]) == i);
			ktap_spin(ktap_rand(&r) % 3000);
			sh[2] = mount("/proc/version", M1 "/debug.task_count",
				      NULL, MS_BIND, NULL);
			if (sh[2] && errno != ENOENT)
				FAIL("mount: %s", ktap_errno(errno));
			SET(sh[1], i);
		}
	});
	for (i = 1; i <= n; i++) {
		bool left;

		SET(sh[0], i);
		ktap_spin(ktap_rand(&rnd) % 3000);
		left = !remount("none,name=r");
		if (!left)
			ASSERT_EQ(errno, EBUSY);
		SPIN_FOR(GET(sh[1]) == i);
		mounted += !sh[2];
		if (!left) {
			ASSERT_OK(sh[2]);
			ASSERT_OK(umount2(M1 "/debug.task_count", 0));
			continue;
		}
		mounts = ct_slurp("/proc/mounts");
		if (strstr(mounts, "task_count")) {
			FAIL("it has left, but %s",
			     ktap_quote(strstr(mounts, M1)));
			break;
		}
		free(mounts);
		EXPECT_OK(remount("debug,name=r"));
	}
	ktap_note("%d of %d times it was mounted", mounted, i - 1);
	if (i > n)
		ct_ended_well(pid);
	else
		ct_reap(pid);
	UMOUNT(M1);
}

/* --- what the subsystems know ---------------------------------------------------------- */

static void state_survives(void)
{
	int *sh = ct_shared(4096), pid, i, kids[8];

	MOUNT(M1, "debug,name=r");
	for (i = 0; i < 8; i++)
		kids[i] = ct_child();
	pid = IN_CHILD({
		while (!GET(*sh)) {
			int p = fork();

			if (!p)
				_exit(0);
			waitpid(p, NULL, 0);
			sched_yield();
		}
	});
	for (i = 0; i < ktap_loops(50); i++) {
		EXPECT_OK(remount("none,name=r"));
		EXPECT_OK(remount("numtasks"));
		EXPECT_OK(remount("debug,numtasks"));
		MKDIR(M1 "/c");
		EXPECT_OK(ct_move(M1 "/c", kids[i % 8]));
		EXPECT_EQ(ct_num(M1 "/c/numtasks.count"), 1);
		EXPECT_EQ(ct_num(M1 "/c/debug.task_count"), 1);
		EXPECT_OK(ct_move(M1, kids[i % 8]));
		RMDIR(M1 "/c");
	}
	SET(*sh, 1);
	ct_ended_well(pid);
	ct_check_hierarchy(M1, "debug");
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), 1);
	EXPECT_OK(remount("none,name=r"));
	ct_check_hierarchy(M1, "name=r");
	for (i = 0; i < 8; i++)
		ct_reap(kids[i]);
	UMOUNT(M1);
}

/* Tasks that are at the same time in containers of another hierarchy. */
static void other_hierarchies(void)
{
	int kids[4], i;

	MOUNT(M1, "debug,name=r");
	MOUNT(M2, "none,name=other");
	MKDIR(M2 "/a");
	for (i = 0; i < 4; i++)
		kids[i] = ct_child_in(M2 "/a");
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), 2);
	EXPECT_OK(remount("numtasks"));
	EXPECT_OK(ct_mount(M3, "debug"));
	EXPECT_EQ(ct_num(M3 "/debug.css_groups"), 2);
	MKDIR(M3 "/x");
	MKDIR(M1 "/y");
	EXPECT_OK(ct_move(M3 "/x", kids[0]));
	EXPECT_OK(ct_move(M1 "/y", kids[0]));
	EXPECT_OK(ct_move(M1 "/y", kids[1]));
	EXPECT_EQ(ct_num(M1 "/y/numtasks.count"), 2);
	EXPECT_EQ(ct_num(M3 "/x/debug.task_count"), 1);
	fails("numtasks,debug", EBUSY);
	EXPECT_OK(ct_move(M1, kids[0]));
	EXPECT_OK(ct_move(M1, kids[1]));
	RMDIR(M1 "/y");
	EXPECT_OK(remount("none,name=r"));
	/* the other hierarchy gets it, while it has tasks in /x */
	EXPECT_ERRNO(mount(NULL, M3, NULL, MS_REMOUNT, "debug,numtasks"),
		     EBUSY);
	EXPECT_OK(ct_move(M3, kids[0]));
	RMDIR(M3 "/x");
	EXPECT_OK(mount(NULL, M3, NULL, MS_REMOUNT, "debug,numtasks"));
	ct_check_hierarchy(M1, "name=r");
	ct_check_hierarchy(M2, "name=other");
	ct_check_hierarchy(M3, "debug");
	for (i = 0; i < 4; i++) {
		EXPECT_STR(ct_where(kids[i], "name=other"), "/a");
		EXPECT_STR(ct_where(kids[i], "debug"), "/");
		ct_reap(kids[i]);
	}
	RMDIR(M2 "/a");
	EXPECT_EQ(ct_num(M3 "/debug.css_groups"), 1);
	UMOUNT(M1);
	UMOUNT(M2);
	UMOUNT(M3);
}

/* --- races ------------------------------------------------------------------------------- */

struct entry {
	unsigned long ino, off;
	unsigned short len;
	unsigned char type;
	char name[];
};

/* A directory read in small pieces, with op() in between. */
static void read_in_pieces(void (*op)(int))
{
	int seen[3] = { 0 }, fd, i, calls = 0;
	static const char *const stay[] = {
		"tasks", "notify_on_release", "release_agent",
	};
	char buf[128];
	long n, pos;

	ASSERT_OK(fd = open(M1, O_RDONLY | O_DIRECTORY));
	while ((n = syscall(SYS_getdents64, fd, buf, 64)) > 0) {
		for (pos = 0; pos < n; ) {
			struct entry *e = (void *)(buf + pos);

			for (i = 0; i < 3; i++)
				seen[i] += !strcmp(e->name, stay[i]);
			pos += e->len;
		}
		if (op)
			op(calls);
		if (!EXPECT_CMP(++calls, <, 200))
			break;
	}
	EXPECT_OK(n);
	for (i = 0; i < 3; i++)
		if (seen[i] != 1)
			FAIL("%s was listed %d times", stay[i], seen[i]);
	ktap_check(true);
	close(fd);
}

static void change_set(int n)
{
	EXPECT_OK(remount(n % 2 ? "numtasks" : "debug"));
}

static void change_set_slowly(int n)
{
	if (n % 3 == 1)
		EXPECT_OK(remount(n % 2 ? "none,name=r" : "debug"));
}

static void change_sets(int *sh)
{
	while (!GET(*sh))
		change_set(INC(sh[1]));
}

static void read_pieces(const int *stop)
{
	char buf[64];
	int fd, n;

	for (n = 0; !GET(*stop); n++) {
		fd = open(M1, O_RDONLY | O_DIRECTORY);
		syscall(SYS_getdents64, fd, buf, sizeof(buf));
		if (n % 2)
			lseek(fd, n % 7, SEEK_SET);
		syscall(SYS_getdents64, fd, buf, sizeof(buf));
		close(fd);
	}
}

static void half_read_directory(void)
{
	int *sh = ct_shared(4096), pid[2], i;

	MOUNT(M1, "debug,name=r");
	for (i = 0; i < ktap_loops(100); i++) {
		read_in_pieces(change_set);
		read_in_pieces(change_set_slowly);
	}
	/* and from another processor */
	pid[0] = IN_CHILD(change_sets(sh));
	pid[1] = IN_CHILD(read_pieces(sh));
	while (GO_ON(GET(sh[1]) < ktap_loops(4500) ||
		     sh[2] < ktap_loops(9000))) {
		read_in_pieces(NULL);
		sh[2]++;
	}
	SET(*sh, 1);
	ct_ended_well(pid[0]);
	ct_ended_well(pid[1]);
	ktap_note("%d remounts, %d listings", sh[1], sh[2]);
	UMOUNT(M1);
}

/* Mounts the set during a remount: finds the same hierarchy, or it is busy. */
static void mount_and_compare(const char *opts, int *stop, int *done)
{
	struct stat one, two;
	char *words;
	int i = 0;

	while (!GET(*stop)) {
		if (ct_mount(M2, opts)) {
			if (errno != EBUSY)
				FAIL("mount %s: %s", opts, ktap_errno(errno));
		} else {
			INC(*done);
			ASSERT_OK(stat(M1 "/tasks", &one));
			ASSERT_OK(stat(M2 "/tasks", &two));
			EXPECT_EQ(two.st_dev, one.st_dev);
			words = ct_mount_words(M2);
			EXPECT(words && strstr(words, "name=r"));
			free(words);
			EXPECT_OK(umount2(M2, 0));
		}
		if (++i % 4 == 0)
			sched_yield();
	}
}

static void race_with_mount(void)
{
	static const char *const opts[] = {
		"debug,numtasks", "debug", "name=r", "debug,name=r",
	};
	int *sh = ct_shared(4096), pid;
	int n = ktap_loops(3000);
	unsigned int i;

	MOUNT(M1, "debug,numtasks,name=r");
	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		CTX("mount %s", opts[i]);
		memset(sh, 0, 3 * sizeof(*sh));
		pid = IN_CHILD(mount_and_compare(opts[i], sh, sh + 1));
		while (GO_ON(sh[2] < n || GET(sh[1]) <= 2)) {
			EXPECT_OK(remount(sh[2]++ % 2 ? "debug,numtasks" :
							"debug"));
			if (sh[2] % 4 == 0)
				sched_yield();
		}
		SET(*sh, 1);
		ct_ended_well(pid);
		ktap_note("%s: %d remounts, mounted %d times", opts[i], sh[2],
			  sh[1]);
	}
	CTX_END();
	UMOUNT(M1);
	EXPECT_STR(ct_slurp(SELF), "");
}

/* The same, but the hierarchy comes and goes, and each mount is remounted. */
static void churn(const char *dir, unsigned long seed, int *stop, int *done)
{
	static const char *const sets[] = {
		"debug", "numtasks", "debug,numtasks", "all",
	};
	unsigned long rnd = ktap_seed() * 1000 + seed;
	int n = 0;

	while (!GET(*stop)) {
		const char *opts = sets[ktap_rand(&rnd) % 4];

		if (ct_mount(dir, opts)) {
			if (errno != EBUSY)
				FAIL("mount %s: %s", opts, ktap_errno(errno));
		} else {
			opts = sets[ktap_rand(&rnd) % 4];
			if (mount(NULL, dir, NULL, MS_REMOUNT, opts) &&
			    errno != EBUSY)
				FAIL("remount %s: %s", opts,
				     ktap_errno(errno));
			EXPECT(ct_exists(P("%s/release_agent", dir)));
			EXPECT_OK(umount2(dir, 0));
			INC(*done);
		}
		if (++n % 4 == 0)
			sched_yield();
	}
}

static void race_of_hierarchies(void)
{
	int *sh = ct_shared(4096), pid[3], i, n = ktap_loops(1050);

	pid[0] = IN_CHILD(churn(M1, 1, sh, sh + 1));
	pid[1] = IN_CHILD(churn(M2, 2, sh, sh + 2));
	pid[2] = IN_CHILD(churn(M3, 3, sh, sh + 3));
	while (GO_ON(GET(sh[1]) < n || GET(sh[2]) < n || GET(sh[3]) < n))
		usleep(10000);
	SET(*sh, 1);
	for (i = 0; i < 3; i++)
		ct_ended_well(pid[i]);
	ktap_note("%d, %d and %d rounds", sh[1], sh[2], sh[3]);
	EXPECT_STR(ct_slurp(SELF), "");
	MOUNT(M1, "debug,numtasks");
	expect_set(DEBUG | NUMTASKS, "");
	UMOUNT(M1);
}

/* --- the storm ------------------------------------------------------------------------------- */

static void allow(const char *what, int ret, int e1, int e2, int e3)
{
	if (ret == -1 && errno != e1 && errno != e2 && errno != e3)
		FAIL("%s: %s", what, ktap_errno(errno));
}

static void storm_remounts(unsigned long *rnd)
{
	static const char *const sets[] = {
		"debug", "numtasks", "debug,numtasks", "none,name=r", "all",
		"debug,release_agent=/bin/x", "release_agent=/bin/y",
		"numtasks,nosuch",
	};
	int flags = ktap_rand(rnd) % 10 ? 0 : MS_RDONLY;
	const char *opts = sets[ktap_rand(rnd) % 8];

	allow("remount", mount(NULL, M1, NULL, MS_REMOUNT | flags, opts),
	      EBUSY, ENOENT, 0);
}

static void storm_mounts(unsigned long *rnd)
{
	static const char *const sets[] = {
		"debug", "numtasks", "debug,numtasks", "name=r", "name=q",
	};

	if (ct_mount(M2, sets[ktap_rand(rnd) % 5])) {
		allow("mount", -1, EBUSY, 0, 0);
		return;
	}
	allow("remount", mount(NULL, M2, NULL, MS_REMOUNT,
			       sets[ktap_rand(rnd) % 4]), EBUSY, 0, 0);
	allow("umount", umount2(M2, MNT_DETACH), 0, 0, 0);
}

static void storm_files(unsigned long *rnd)
{
	static const char *const files[] = {
		M1 "/debug.task_count", M1 "/debug.css_groups",
		M1 "/debug.current_css_group_links", M1 "/tasks",
		M1 "/release_agent", "/proc/mounts", SELF,
		"/proc/containers",
	};
	static int open_fds[6] = { -1, -1, -1, -1, -1, -1 };
	int *fd = &open_fds[ktap_rand(rnd) % 6];
	char buf[4096];

	if (*fd >= 0) {
		allow("read", read(*fd, buf, sizeof(buf)), ENODEV, 0, 0);
		close(*fd);
	}
	*fd = open(files[ktap_rand(rnd) % 8], O_RDONLY);
	/* ENODEV: it was removed between lookup and open */
	allow("open", *fd, ENOENT, ENODEV, 0);
	if (*fd >= 0)
		allow("read", read(*fd, buf, ktap_rand(rnd) % 100), ENODEV, 0,
		      0);
	if (ktap_rand(rnd) % 8 == 0)
		free(ct_ls(M1));
	if (ktap_rand(rnd) % 8 == 0)
		allow("chmod", chmod(M1 "/debug.task_count", 0440), ENOENT,
		      EROFS, 0);
}

static void storm_tasks(unsigned long *rnd)
{
	char *dir = P(M1 "/%d", getpid());
	int pid = fork(), i;

	if (!pid)
		for (i = 0; ; i++) {
			int kid = fork();

			if (!kid)
				_exit(0);
			waitpid(kid, NULL, 0);
			sched_yield();
		}
	allow("fork", pid, EAGAIN, 0, 0);
	if (pid < 0)
		return;
	if (!mkdir(dir, 0755)) {
		allow("move", ct_move(dir, pid), EROFS, EBUSY, 0);
		ktap_spin(ktap_rand(rnd) % 10000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		/* its last child may still be exiting */
		for (i = 0; i < 2000 && rmdir(dir); i++) {
			allow("rmdir", -1, EBUSY, EROFS, 0);
			usleep(1000);
		}
		if (i == 2000)
			FAIL("%s stays", dir);
	} else {
		allow("mkdir", -1, EROFS, 0, 0);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void storm(void)
{
	static void (*const kinds[])(unsigned long *) = {
		storm_remounts, storm_mounts, storm_files, storm_files,
		storm_tasks,
	};
	int *sh = ct_shared(4096), pid[ARRAY_SIZE(kinds)];
	int n = ktap_loops(450);
	unsigned int i;
	bool enough;

	MOUNT(M1, "debug,name=r");
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		pid[i] = IN_CHILD({
			unsigned long rnd = ktap_seed() * 100 + i;

			while (!GET(*sh)) {
				kinds[i](&rnd);
				if (INC(sh[1 + i]) % 8 == 0)
					sched_yield();
			}
		});
	do {
		usleep(10000);
		for (i = 0, enough = true; i < ARRAY_SIZE(kinds); i++)
			enough = enough && GET(sh[1 + i]) >= n;
	} while (GO_ON(!enough));
	SET(*sh, 1);
	ct_ended_well(pid[0]);
	/* its last one may have been read-only, and the others still remove */
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, NULL));
	for (i = 1; i < ARRAY_SIZE(kinds); i++)
		ct_ended_well(pid[i]);
	ktap_note("%d remounts, %d mounts, %d and %d files, %d tasks", sh[1],
		  sh[2], sh[3], sh[4], sh[5]);
	ASSERT_SOON(!remount("none,name=r"), 5);
	EXPECT_OK(remount("debug,numtasks"));
	EXPECT_SOON(ct_num(M1 "/debug.css_groups") == 1, 5);
	ct_check_hierarchy(M1, "debug");
	EXPECT_STR(ct_ls(M1), DEBUG_FILES
		   "notify_on_release release_agent tasks ");
	UMOUNT(M1);
	EXPECT_STR(ct_slurp(SELF), "");
}

/* The subsystems are shown as they are at one moment. */
static void shown_at_one_moment(void)
{
	int pid, i, max = ktap_loops(900);

	MOUNT(M1, "debug");
	pid = IN_CHILD({
		for (;;) {
			EXPECT_OK(remount("numtasks"));
			EXPECT_OK(remount("debug"));
		}
	});
	for (i = 0; i < max && !GET(ktap_sh->failed); i++) {
		char *words = ct_mount_words(M1), *self = ct_slurp(SELF);

		ASSERT(words && self);
		if (strcmp(words, "debug") && strcmp(words, "numtasks"))
			FAIL("/proc/mounts: %s", ktap_quote(words));
		if (strcmp(self, "debug:/\n") && strcmp(self, "numtasks:/\n"))
			FAIL("%s: %s", SELF, ktap_quote(self));
		free(words);
		free(self);
	}
	ct_reap(pid);
}

static const struct ktap_case cases[] = {
	T(all_transitions),
	T(all_and_nothing),
	T(bad_options),
	T(busy),
	T(name_is_taken),
	T(readonly),
	T(unprivileged),
	T(files_that_stay),
	T(files_that_leave),
	T(writes_to_files_that_leave),
	T(removed_children),
	T(mounted_on_files),
	T(mounted_in_a_race),
	T(state_survives),
	T(other_hierarchies),
	T(half_read_directory),
	T(race_with_mount),
	T(race_of_hierarchies),
	T(shown_at_one_moment),
	T(storm),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

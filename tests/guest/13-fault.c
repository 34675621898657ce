// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation of every operation fails once, and on 6.12 every copy from
 * and to user space.  The operation must either succeed completely in spite of
 * that, or fail with a suitable error and change nothing.  fault.h describes
 * how this is done; make check DEEP=1 also does what takes longer.
 *
 * harness: alone=1 leak=deep configs=debug smp=1 timeout=150 append="slab_nomerge"
 */
#include "fault.h"

static int remount(const char *opts)
{
	return mount(NULL, M1, NULL, MS_REMOUNT, opts);
}

static int mount2(const char *opts)
{
	return mount("ct", M2, "container", 0, opts);
}

static void unmount2(void)
{
	UMOUNT(M2);
}

/* --- mount, umount -------------------------------------------------------- */

static int mount_none(void)
{
	return mount2("none,name=fault");
}

static int mount_some(void)
{
	return mount2("debug,numtasks,owner");
}

static int mount_agent(void)
{
	return mount2("numtasks,name=fault,release_agent=/bin/agent");
}

static int mount_all(void)
{
	return mount2(NULL);
}

static int mount_again(void)
{
	return mount2("name=core");
}

static void mount_forks(void)
{
	MOUNT(M2, "forks");
}

/* A hierarchy that exists only because of its child. */
static void hide(void)
{
	umount2(M2, 0);
	mount_forks();
	MKDIR(M2 "/child");
	UMOUNT(M2);
}

static int mount_hidden(void)
{
	return mount2("forks");
}

static int umount_it(void)
{
	return umount2(M2, 0);
}

/* The same by one system call for each step; 6.12 only. */
static int mount_by_steps(void)
{
	int fs, mnt, saved, ret = -1;

	fs = syscall(430, "container", 0);		/* fsopen */
	if (fs < 0)
		return -1;
	if (!syscall(431, fs, 0, "debug", NULL, 0) &&	/* fsconfig */
	    !syscall(431, fs, 1, "release_agent", "/bin/agent", 0) &&
	    !syscall(431, fs, 6, NULL, NULL, 0)) {
		mnt = syscall(432, fs, 0, 0);		/* fsmount */
		if (mnt >= 0) {
			ret = syscall(429, mnt, "", AT_FDCWD, M2, 4);
			saved = errno;
			close(mnt);
			errno = saved;
		}
	}
	saved = errno;
	close(fs);
	errno = saved;
	return ret;
}

static const struct fault_op mounts[] = {
	{ "mount", .run = mount_none, .undo = unmount2 },
	{ "mount with subsystems", .run = mount_some, .undo = unmount2,
	  .flags = FO_SLOW },
	{ "mount with agent", .run = mount_agent, .undo = unmount2,
	  .flags = FO_SLOW },
	{ "mount all", .run = mount_all, .undo = unmount2, .flags = FO_DEEP },
	{ "mount again", .run = mount_again, .undo = unmount2 },
	{ "umount", .prepare = mount_forks, .run = umount_it,
	  .undo = mount_forks, .flags = FO_NOTHING },
	{ "fsmount", .prepare = unmount2, .run = mount_by_steps,
	  .undo = unmount2, .flags = FO_NEW | FO_SLOW },
	{ "mount hidden", .prepare = hide, .run = mount_hidden,
	  .undo = unmount2, .flags = FO_DEEP },
	{ "umount, children stay", .prepare = mount_forks, .run = umount_it,
	  .undo = mount_forks, .flags = FO_DEEP | FO_NOTHING },
};

static void faults_in_mounts(void)
{
	fault_setup();
	MOUNT(M1, "none,name=core");
	MKDIR(M1 "/a");
	ct_child_in(M1 "/a");
	mkdir(M2, 0755);
	fault_sweeps(mounts, ARRAY_SIZE(mounts));
}

/* --- remount ---------------------------------------------------------------- */

#define ALL_OF_IT "debug,numtasks,owner,forks,cpuacct,ns"

static void be_old(void)
{
	EXPECT_OK(remount("numtasks,release_agent=/bin/old"));
}

static void be_all(void)
{
	EXPECT_OK(remount(ALL_OF_IT ",release_agent=/bin/old"));
}

static int remount_same(void)
{
	return remount("numtasks");
}

static int remount_adds(void)
{
	return remount("debug,numtasks,owner,release_agent=/bin/new");
}

static int remount_adds_all(void)
{
	return remount("all");
}

static int remount_removes(void)
{
	return remount("numtasks,release_agent=/bin/new");
}

static int remount_removes_all(void)
{
	return remount("none,name=core");
}

static int remount_swaps(void)
{
	return remount("debug");
}

static int remount_agent(void)
{
	return remount("release_agent=/bin/new");
}

static const struct fault_op remounts[] = {
	{ "remount", .prepare = be_old, .run = remount_same },
	{ "remount with agent", .prepare = be_old, .run = remount_agent,
	  .undo = be_old, .flags = FO_SLOW },
	{ "remount adds", .prepare = be_old, .run = remount_adds,
	  .undo = be_old },
	{ "remount adds all", .prepare = be_old, .run = remount_adds_all,
	  .undo = be_old, .flags = FO_DEEP },
	{ "remount swaps", .prepare = be_old, .run = remount_swaps,
	  .undo = be_old, .flags = FO_SLOW },
	{ "remount removes", .prepare = be_all, .run = remount_removes,
	  .undo = be_all },
	{ "remount removes all", .prepare = be_all,
	  .run = remount_removes_all, .undo = be_all, .flags = FO_DEEP },
};

static void faults_in_remounts(void)
{
	fault_setup();
	MOUNT(M1, "numtasks,name=core");
	ct_child();
	fault_sweeps(remounts, ARRAY_SIZE(remounts));
}

/* --- writes ------------------------------------------------------------------ */

static int write_fd;
static const char *write_text, *write_back;
static size_t write_len;

static int write_it(void)
{
	return ct_put(write_fd, write_text, write_len);
}

static void write_it_back(void)
{
	EXPECT_OK(ct_put(write_fd, write_back, strlen(write_back)));
}

static void faults_in_write(const char *file, const char *text,
			    const char *back)
{
	struct fault_op op = { .run = write_it, .undo = write_it_back,
			       .flags = FO_NOTHING };

	write_text = strdup(text);
	write_len = strlen(text);
	write_back = back;
	op.name = strdup(P("write %s, %zu bytes", ktap_base(file), write_len));
	ASSERT_OK(write_fd = open(file, O_WRONLY));
	fault_sweep(&op);
	close(write_fd);
}

/* A path of so many characters. */
static char *long_path(size_t len)
{
	char *s = ct_fill('n', len);

	*s = '/';
	return s;
}

static void faults_in_writes(void)
{
	char *blanks = ct_fill(' ', 200);

	fault_setup();
	MOUNT(M1, "debug,numtasks,forks,release_agent=/bin/old");
	MKDIR(M1 "/a");
	faults_in_write(M1 "/release_agent", "/bin/new", "/bin/old");
	faults_in_write(M1 "/release_agent", long_path(4000), "/bin/old");
	faults_in_write(M1 "/a/notify_on_release", "1", "0");
	faults_in_write(M1 "/a/notify_on_release", P("1%s", blanks), "0");
	faults_in_write(M1 "/a/numtasks.limit", "5", "max");
	faults_in_write(M1 "/a/forks.count", "0", "0");
}

/* --- directories ------------------------------------------------------------- */

#define LONG_NAME "a-name-that-is-not-in-the-directory-entry-itself"

static int make_dir(void)
{
	return mkdir(M1 "/b", 0755);
}

static void remove_dir(void)
{
	RMDIR(M1 "/b");
}

static int make_dir_below(void)
{
	return mkdir(M1 "/a/" LONG_NAME, 0711);
}

static void remove_dir_below(void)
{
	RMDIR(M1 "/a/" LONG_NAME);
}

static void have_dir(void)
{
	MKDIR(M1 "/b");
}

static int rmdir_it(void)
{
	return rmdir(M1 "/b");
}

static int rename_it(void)
{
	return rename(M1 "/b", M1 "/" LONG_NAME);
}

static void rename_back(void)
{
	EXPECT_OK(rename(M1 "/" LONG_NAME, M1 "/b"));
}

static int rename_short(void)
{
	return rename(M1 "/b", M1 "/c");
}

static void rename_short_back(void)
{
	EXPECT_OK(rename(M1 "/c", M1 "/b"));
}

static int chown_it(void)
{
	return chown(M1 "/b/tasks", USER, USER);
}

static void chown_back(void)
{
	EXPECT_OK(chown(M1 "/b/tasks", 0, 0));
}

static int chmod_it(void)
{
	return chmod(M1 "/b", 0700);
}

static void chmod_back(void)
{
	EXPECT_OK(chmod(M1 "/b", 0755));
}

/* Opens and reads a directory; the names are the result. */
static int read_dir(void)
{
	int fd = open(M1 "/a", O_RDONLY | O_DIRECTORY), len = 0, saved;
	long n, pos;
	char buf[512];

	if (fd < 0)
		return -1;
	while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0)
		for (pos = 0; pos < n; pos += *(unsigned short *)(buf + pos +
								  16))
			len += sprintf(fault_said + len, "%s ",
				       buf + pos + 19);
	saved = errno;
	close(fd);
	errno = saved;
	return n;
}

static const struct fault_op dirs[] = {
	{ "mkdir", .run = make_dir, .undo = remove_dir },
	{ "mkdir below", .run = make_dir_below, .undo = remove_dir_below,
	  .flags = FO_DEEP },
	{ "rmdir", .prepare = have_dir, .run = rmdir_it, .undo = have_dir },
	{ "rename", .run = rename_it, .undo = rename_back },
	{ "rename, short", .run = rename_short, .undo = rename_short_back,
	  .flags = FO_DEEP },
	{ "chown", .run = chown_it, .undo = chown_back, .flags = FO_DEEP },
	{ "chmod", .run = chmod_it, .undo = chmod_back, .flags = FO_DEEP },
	{ "readdir", .run = read_dir, .also = { ENFILE } },
};

static void faults_in_directories(void)
{
	fault_setup();
	MOUNT(M1, "debug,numtasks,owner,forks,cpuacct");
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/deep");
	EXPECT_OK(ct_write(M1 "/a/notify_on_release", "1"));
	EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "7"));
	EXPECT_OK(chown(M1 "/a/tasks", USER, USER));
	EXPECT_OK(chmod(M1 "/a", 0750));
	ct_child_in(M1 "/a");
	fault_sweeps(dirs, ARRAY_SIZE(dirs));
}

/* --- moves ------------------------------------------------------------------- */

#define KIDS 8

static int kids[KIDS], into_fd, back_fd;
static char one_kid[16], all_kids[16 * KIDS], many_kids[9000];
static int one_len, all_len;

static int move_one(void)
{
	return ct_put(into_fd, one_kid, one_len);
}

static void one_back(void)
{
	EXPECT_OK(ct_put(back_fd, one_kid, one_len));
}

static int move_all(void)
{
	return ct_put(into_fd, all_kids, all_len);
}

static int move_many(void)
{
	return ct_put(into_fd, many_kids, sizeof(many_kids));
}

static void all_back(void)
{
	EXPECT_OK(ct_put(back_fd, all_kids, all_len));
}

static void all_there(void)
{
	EXPECT_OK(move_all());
}

static int move_up(void)
{
	return ct_put(back_fd, all_kids, all_len);
}

static void all_down(void)
{
	EXPECT_OK(move_all());
}

static const struct fault_op moves[] = {
	{ "move", .run = move_one, .undo = one_back },
	{ "move of 8", .run = move_all, .undo = all_back },
	{ "move of 8, 9000 bytes", .run = move_many, .undo = all_back },
	{ "move of 8 up", .prepare = all_there, .run = move_up,
	  .undo = all_down },
};

/* The tasks come from different css_groups, so that several must be made. */
static void faults_in_moves(void)
{
	size_t len;
	int i;

	fault_setup();
	MOUNT(M1, "debug,numtasks,owner,cpuacct");
	MOUNT(M2, "none,name=other");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	MKDIR(M2 "/x");
	MKDIR(M2 "/y");
	for (i = 0; i < KIDS; i++) {
		kids[i] = ct_child();
		if (i % 3)
			EXPECT_OK(ct_move(i % 3 == 1 ? M2 "/x" : M2 "/y",
					  kids[i]));
		EXPECT_OK(ct_move(M1 "/b", kids[i]));
		all_len += sprintf(all_kids + all_len, "%d ", kids[i]);
	}
	one_len = sprintf(one_kid, "%d", kids[1]);
	/* the same again and again */
	for (len = 0; len + all_len < sizeof(many_kids); len += all_len)
		memcpy(many_kids + len, all_kids, all_len);
	memset(many_kids + len, ' ', sizeof(many_kids) - len);
	ASSERT_OK(into_fd = open(M1 "/a/tasks", O_WRONLY));
	ASSERT_OK(back_fd = open(M1 "/b/tasks", O_WRONLY));
	fault_sweeps(moves, ARRAY_SIZE(moves));
}

/* --- fork and exit ---------------------------------------------------------- */

static int do_fork(void)
{
	return fault_clone(fault_idle, SIGCHLD);
}

static int do_vfork(void)
{
	return fault_clone(fault_ends, CLONE_VFORK | CLONE_VM | SIGCHLD);
}

static int do_thread(void)
{
	SET(fault_stop, 0);
	return fault_clone(fault_idle, CLONE_VM | CLONE_FS | CLONE_FILES |
			   CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM);
}

static void end_thread(void)
{
	SET(fault_stop, 1);
	EXPECT_SOON(!ct_exists(P("/proc/self/task/%d", fault_kid)), 5);
	fault_kid = 0;
}

static void forget_thread(void)
{
	SET(fault_stop, 0);
}

static const struct fault_op forks[] = {
	{ "fork", .run = do_fork, .undo = fault_reap, .also = { EAGAIN },
	  .flags = FO_SLOW },
	{ "vfork", .run = do_vfork, .undo = fault_reap, .also = { EAGAIN },
	  .flags = FO_DEEP },
	{ "thread", .run = do_thread, .undo = end_thread, .also = { EAGAIN } },
	{ "exit", .prepare = forget_thread,
	  .flags = FO_CHILD | FO_EXIT | FO_NOTHING },
};

static void faults_in_forks(void)
{
	fault_setup();
	MOUNT(M1, "debug,numtasks,owner,forks,cpuacct");
	MKDIR(M1 "/a");
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	fault_spends = true;
	if (fault_by_number)
		fault_hide_warnings();
	fault_sweeps(forks, ARRAY_SIZE(forks));
	if (fault_by_number)
		fault_look_at_warnings();
}

/* --- release agents ------------------------------------------------------------ */

/*
 * Lets faults happen to the kernel's threads whose names begin with prefix:
 * the children of kthreadd.  A child of one of them has its name, too, until it
 * executes or ends.
 */
static int fault_threads(const char *prefix, const char *onoff)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d))) {
		char *stat, *name;
		int ppid;

		if (!ktap_stat(atoi(e->d_name), &ppid, NULL) || ppid != 2)
			continue;
		stat = ct_slurp(P("/proc/%s/stat", e->d_name));
		name = stat ? strchr(stat, '(') : NULL;
		if (name && !strncmp(name + 1, prefix, strlen(prefix)))
			n += !ct_write(P("/proc/%s/make-it-fail", e->d_name),
				       onoff);
		free(stat);
	}
	if (d)
		closedir(d);
	return n;
}

static int agent_runs(void)
{
	char *s = ct_slurp(CT_TMP "/agent.log"), *p;
	int n = 0;

	for (p = s; p && (p = strchr(p, '\n')); p++)
		n++;
	free(s);
	return n;
}

/*
 * On 6.12 execve() may fail for lack of memory with another error, which looks
 * like an agent that cannot be started.  But it is logged.
 */
static int agent_refusals(void)
{
	size_t size = 1 << 20;
	char *log = calloc(1, size + 1), *p = log;
	int n = 0;

	if (fault_by_number && syscall(SYS_syslog, 3, log, size) > 0)
		for (; (p = strstr(p, "does not start")); p++)
			n++;
	free(log);
	return n;
}

static void use_all(int n, int runs)
{
	int i;

	for (i = 0; i < n; i++)
		ct_reap(ct_child_in(P(M1 "/c%d", i)));
	EXPECT_SOON(agent_runs() + agent_refusals() >= runs, 10);
}

/* Waits until no agent has run for many looks; returns how many have run. */
static int agents_that_came(void)
{
	int last = -1, looks, n;

	for (looks = 0; looks < 100; looks++) {
		n = agent_runs() + agent_refusals();
		if (n != last)
			looks = 0;
		last = n;
		usleep(20000);
	}
	return last;
}

/*
 * No announcement is lost for lack of memory.  This is checked where faults
 * happen only to kernel threads: where agents inherit the faults, a missing
 * record proves nothing.
 */
static void faults_in_release(void)
{
	int n = 20, i, t, used = 0;

	fault_setup();
	MOUNT(M1, "debug,numtasks,owner");
	unlink(CT_TMP "/agent");
	unlink(CT_TMP "/agent.log");
	ASSERT_OK(symlink("/bin/agent", CT_TMP "/agent"));
	EXPECT_OK(ct_write(M1 "/release_agent", CT_TMP "/agent"));
	EXPECT_OK(ct_write(M1 "/notify_on_release", "1"));
	for (i = 0; i < n; i++)
		MKDIR(P(M1 "/c%d", i));
	fault_set("failslab", "space", "0");
	fault_set("failslab", "task-filter", "Y");
	fault_set("failslab", "interval", "1");
	if (fault_by_number) {
		/* forks and execs by workers; they inherit it */
		fault_hide_warnings();
		ASSERT_CMP(fault_threads("kworker/", "1"), >, 0);
		/* an exec has some hundred fault points: let it succeed at last */
		for (t = 0; t < 3; t++) {
			fault_set("failslab", "probability", t ? "2" : "20");
			fault_set("failslab", "times", "15");
			/* a fault can also kill an agent that has started */
			use_all(n, (used += n) - n / 2);
		}
		fault_set("failslab", "probability", "0");
		fault_threads("kworker/", "0");
		/* not looked at: 6.12's vmalloc warns when it has no memory */
		t = agents_that_came();
		EXPECT_CMP(t, <=, used);
		/* nothing is stuck */
		used = t + 1;
		use_all(1, used);
	} else {
		fault_set("failslab", "probability", "100");
		/* it starts agents, and they inherit it until they run */
		ASSERT_EQ(fault_threads("containers", "1"), 1);
		fault_set("failslab", "times", "12");
		use_all(n, used += n);
		EXPECT_EQ(ct_num(FAULTS "failslab/times"), 0);
		/* so much memory that it forks, or what it forks, or an exec fails */
		for (t = 0; t < 13000; t += 256) {
			CTX("space %d", t);
			fault_set("failslab", "space", P("%d", t));
			fault_set("failslab", "times", "1");
			use_all(1, ++used);
		}
		CTX_END();
		fault_threads("containers", "0");
	}
	usleep(200000);
	EXPECT_EQ(agent_runs() + agent_refusals(), used);
}

/* --- reading ---------------------------------------------------------------------- */

static const char *read_path;

/* Opens, reads to the end and closes; what it read is the result. */
static int read_it(void)
{
	int fd = open(read_path, O_RDONLY), len = 0, n, saved;

	if (fd < 0)
		return -1;
	while ((n = read(fd, fault_said + len,
			 sizeof(fault_said) - 1 - len)) > 0)
		len += n;
	saved = errno;
	close(fd);
	errno = saved;
	return n;
}

/* On 2.6.22 a lookup in /proc without memory returns ENOENT. */
static void faults_in_read(const char *path, int flags)
{
	struct fault_op op = { .run = read_it, .also = { ENFILE },
			       .flags = flags };

	if (fault_begins(path, "/proc/"))
		op.also[1] = ENOENT;
	read_path = path;
	op.name = strdup(P("read %s", path));
	fault_sweep(&op);
}

/* All files of a directory with DEEP=1, else one of each kind. */
static int how_deep(const char *name)
{
	if (!strcmp(name, "tasks"))
		return 0;
	return !strcmp(name, "debug.css_groups") ||
	       !strcmp(name, "numtasks.limit") ? FO_SLOW : FO_DEEP;
}

static void faults_in_files(const char *dir)
{
	char *names = ct_ls(dir), *name, *save;

	for (name = strtok_r(names, " ", &save); name;
	     name = strtok_r(NULL, " ", &save)) {
		char *path = strdup(P("%s/%s", dir, name));

		if (S_ISREG(ct_mode(path)) && (ct_mode(path) & 0400) &&
		    !fault_moves_by_itself(name, true))
			faults_in_read(path, how_deep(name));
		free(path);
	}
	free(names);
}

static void faults_in_reads(void)
{
	int i, kid;

	fault_setup();
	MOUNT(M1, ALL_OF_IT ",release_agent=/bin/old");
	MOUNT(M2, "none,name=other");
	MKDIR(M1 "/a");
	MKDIR(M2 "/x");
	for (i = 0; i < 4; i++)
		kid = ct_child_in(M1 "/a");
	EXPECT_OK(ct_move(M2 "/x", kid));
	faults_in_files(M1 "/a");
	faults_in_read("/proc/containers", FO_SLOW);
	faults_in_read(strdup(P("/proc/%d/container", kid)), 0);
	faults_in_read("/proc/mounts", FO_SLOW);
	faults_in_read(M1 "/release_agent", FO_DEEP);
}

/*
 * With fragmented memory, where no two free pages are adjacent, a large
 * allocation need not be contiguous: 8000 tasks in one write need some 400 kB.
 */
static void fragmented(void)
{
	const char *attr = "failslab";
	char *text = ct_fill(' ', 16000);
	int i, fd, ret, err;

	for (i = 0; i < 16000; i += 2)
		text[i] = '0';
	fault_setup();
	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	if (fault_by_number) {
		attr = "fail_page_alloc";
		fault_set(attr, "min-order", "1");
		fault_set(attr, "task-filter", "Y");
		fault_set(attr, "probability", "100");
		fault_set(attr, "interval", "1");
	} else {
		fault_set(attr, "space", "24000");
	}
	ASSERT_OK(fd = open("/proc/self/make-it-fail", O_RDWR));
	fault_set(attr, "times", "1");
	ASSERT_EQ(pwrite(fd, "1", 1, 0), 1);
	ret = ct_writen(M1 "/a/tasks", text, 16000);
	err = errno;
	ASSERT_EQ(pwrite(fd, "0", 1, 0), 1);
	/* on 2.6.22 nothing allocates so large a piece */
	if (fault_by_number)
		EXPECT_EQ(ct_num(P(FAULTS "%s/times", attr)), 0);
	fault_set(attr, "times", "0");
	fault_set(attr, "probability", "0");
	close(fd);
	if (ret)
		FAIL("8000 tasks: %s", ktap_errno(err));
	EXPECT(ct_has(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M1, getpid()));
}

static const struct ktap_case cases[] = {
	T(faults_in_mounts),
	T(faults_in_remounts),
	T(faults_in_writes),
	T(faults_in_directories),
	T(faults_in_moves),
	T(faults_in_forks),
	T(faults_in_release),
	T(faults_in_reads),
	T(fragmented),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), fault_cleanup);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation of every operation fails once, and on 6.12 every copy from
 * and to user space: the operation succeeds all the same or fails with an
 * error that says so, and then nothing has happened.
 *
 * 2.6.22 fails the allocation that exceeds a budget of bytes (failslab's
 * "space"), 6.12 the n-th fault point of a thread (fail-nth).  Either is
 * raised step by step until the operation meets no fault any more.
 *
 * harness: leak=1 configs=debug smp=1 timeout=120
 */
#include "ct.h"

#define FAULTS "/sys/kernel/debug/"

static int switch_fd = -1;	/* fail-nth or make-it-fail of this process */
static bool by_number;		/* fail-nth */

static void set(const char *file, const char *value)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), FAULTS "%s", file);
	if (ct_write(path, value))
		ktap_note("%s: %s", path, ktap_errno(errno));
}

static void setup(void)
{
	by_number = !access("/proc/self/fail-nth", F_OK);
	if (!by_number && access("/proc/self/make-it-fail", F_OK))
		SKIP("no fault injection in this kernel");
	if (access(FAULTS "failslab", F_OK))
		SKIP("no debugfs on " FAULTS);
	set("failslab/ignore-gfp-wait", "N");
	set("failslab/verbose", "0");
	if (by_number) {
		set("fail_page_alloc/ignore-gfp-wait", "N");
		set("fail_page_alloc/verbose", "0");
		set("fail_page_alloc/min-order", "0");
		set("fail_usercopy/verbose", "0");
		switch_fd = open(P("/proc/self/task/%d/fail-nth",
				   ct_gettid()), O_RDWR);
	} else {
		set("failslab/task-filter", "Y");
		set("failslab/probability", "100");
		set("failslab/interval", "1");
		switch_fd = open("/proc/self/make-it-fail", O_RDWR);
	}
	ASSERT_OK(switch_fd);
	/* no page faults in the middle of an operation */
	EXPECT_OK(mlockall(MCL_CURRENT | MCL_FUTURE));
	MOUNT(M1, "debug,numtasks,owner");
	MKDIR(M1 "/a");
}

/* Runs op with one fault, if it gets that far: did it? */
static bool with_fault(int step, int (*op)(void), int *ret, int *err)
{
	char buf[16], end[16] = "";
	int n = sprintf(buf, "%d", by_number ? step : step * 16);

	if (!by_number) {
		set("failslab/space", buf);
		set("failslab/times", "1");
		n = sprintf(buf, "1");
	}
	if (pwrite(switch_fd, buf, n, 0) != n)
		FAIL("cannot switch faults on: %s", ktap_errno(errno));
	errno = 0;
	*ret = op();
	*err = errno;
	n = 0;
	if (by_number) {
		/* fails itself when its copy is the next fault point */
		n = pread(switch_fd, end, sizeof(end) - 1, 0);
		if (n < 0)
			strcpy(end, "1");
	}
	while (pwrite(switch_fd, "0", 1, 0) != 1 && n++ < 100)
		;
	if (!by_number)
		return ct_num(FAULTS "failslab/times") == 0;
	return atoi(end) == 0;
}

struct fault_op {
	void (*before)(void);
	int (*run)(void);
	void (*worked)(void);	/* checks it and takes it back */
	void (*failed)(void);	/* checks that nothing has happened */
	int also;		/* another errno that is right */
	bool may_need_nothing;
};

static void sweep(const struct fault_op *o)
{
	int step, ret, err, hits = 0, failures = 0;
	bool hit = true;

	for (step = 1; hit && step < 3000; step++) {
		CTX("step %d", step);
		if (o->before)
			o->before();
		hit = with_fault(step, o->run, &ret, &err);
		hits += hit;
		if (ret != -1) {
			o->worked();
		} else {
			failures++;
			CTX("step %d, %s", step, ktap_errno(err));
			EXPECT(hit);
			EXPECT(err == ENOMEM || err == ENFILE ||
			       err == EFAULT || err == EAGAIN ||
			       err == o->also);
			o->failed();
		}
		if (ktap_sh->failed > 20)
			break;
	}
	CTX_END();
	EXPECT(!hit);
	EXPECT(hits || o->may_need_nothing);
	ktap_note("%d faults, %d failures", hits, failures);
}

/* --- mkdir, rmdir, rename ------------------------------------------------- */

static int do_mkdir(void)
{
	return mkdir(M1 "/b", 0755);
}

static void mkdir_worked(void)
{
	EXPECT_STR(ct_ls(M1 "/b"), ct_ls(M1 "/a"));
	EXPECT_EQ(ct_subsys_field("debug", 1), 3);
	RMDIR(M1 "/b");
}

static void mkdir_failed(void)
{
	EXPECT(!ct_exists(M1 "/b"));
	EXPECT_EQ(ct_nlink(M1), 3);
	EXPECT_EQ(ct_subsys_field("debug", 1), 2);
	EXPECT(!strstr(ct_ls(M1), " b "));
}

static void faults_in_mkdir(void)
{
	static const struct fault_op op = {
		NULL, do_mkdir, mkdir_worked, mkdir_failed,
		0, false,
	};

	setup();
	sweep(&op);
}

static void make_b(void)
{
	if (!ct_exists(M1 "/b"))
		MKDIR(M1 "/b");
}

static int do_rmdir(void)
{
	return rmdir(M1 "/b");
}

static void b_is_whole(void)
{
	EXPECT_STR(ct_ls(M1 "/b"), ct_ls(M1 "/a"));
	EXPECT_STR(ct_slurp(M1 "/b/tasks"), "");
	EXPECT_EQ(ct_subsys_field("debug", 1), 3);
}

static void faults_in_rmdir(void)
{
	static const struct fault_op op = {
		make_b, do_rmdir, mkdir_failed, b_is_whole,
		0, false,
	};

	setup();
	sweep(&op);
}

static int do_rename(void)
{
	return rename(M1 "/b", M1 "/a-name-that-is-not-in-the-dentry-itself");
}

static void rename_worked(void)
{
	EXPECT(!ct_exists(M1 "/b"));
	EXPECT_OK(rename(M1 "/a-name-that-is-not-in-the-dentry-itself",
			 M1 "/b"));
}

static void faults_in_rename(void)
{
	static const struct fault_op op = {
		make_b, do_rename, rename_worked, b_is_whole,
		0, false,
	};

	setup();
	sweep(&op);
}

/* --- mount ----------------------------------------------------------------- */

static int do_mount(void)
{
	return mount("ct", M2, "container", 0, "none,name=fault");
}

static void mount_worked(void)
{
	EXPECT_STR(ct_where(0, "name=fault"), "/");
	EXPECT(ct_exists(M2 "/tasks"));
	UMOUNT(M2);
	EXPECT(!ct_where(0, "name=fault"));
}

static void mount_failed(void)
{
	EXPECT(!ct_where(0, "name=fault"));
	EXPECT(!ct_mount_opts(M2));
}

static void faults_in_mount(void)
{
	static const struct fault_op op = {
		NULL, do_mount, mount_worked, mount_failed,
		0, false,
	};

	setup();
	mkdir(M2, 0755);
	sweep(&op);
}

static void let_go(void)
{
	umount2(M1, 0);
	EXPECT_STR(ct_slurp("/proc/self/container"), "");
}

static int do_mount_all(void)
{
	return mount("ct", M1, "container", 0, "debug,numtasks,owner");
}

static void mount_all_worked(void)
{
	EXPECT_STR(ct_slurp("/proc/self/container"), "debug,numtasks,owner:/\n");
	EXPECT(ct_exists(M1 "/debug.css_groups"));
}

static void mount_all_failed(void)
{
	EXPECT_STR(ct_slurp("/proc/self/container"), "");
	EXPECT_EQ(ct_subsys_field("debug", 0), 0);
	EXPECT_EQ(ct_subsys_field("numtasks", 0), 0);
}

static void faults_in_mount_with_subsystems(void)
{
	static const struct fault_op op = {
		let_go, do_mount_all, mount_all_worked, mount_all_failed,
		0, false,
	};

	setup();
	RMDIR(M1 "/a");
	sweep(&op);
}

static int do_remount(void)
{
	return mount(NULL, M1, NULL, MS_REMOUNT, "debug,numtasks,owner");
}

static void still_mounted(void)
{
	EXPECT_STR(ct_slurp("/proc/self/container"), "debug,numtasks,owner:/\n");
	EXPECT(ct_exists(M1 "/a/tasks"));
}

static void faults_in_remount(void)
{
	static const struct fault_op op = {
		NULL, do_remount, still_mounted, still_mounted,
		0, false,
	};

	setup();
	sweep(&op);
}

/* --- remount with another set, and the agent ------------------------------ */

static char *as_before;

/* What a failure must leave as it was. */
static char *picture(void)
{
	char *ls = ct_ls(M1), *words = ct_mount_words(M1);
	char *self = ct_slurp("/proc/self/container");
	char *all = ct_slurp("/proc/containers");
	char *agent = ct_slurp(M1 "/release_agent"), *out;

	if (asprintf(&out, "%s| %s| %s| %s| %s", ls, words, self, all,
		     agent) < 0)
		_exit(1);
	free(ls);
	free(words);
	free(self);
	free(all);
	free(agent);
	return out;
}

static void nothing_changed(void)
{
	char *now = picture();

	EXPECT_STR(now, as_before);
	free(now);
}

static int remount(const char *opts)
{
	return mount(NULL, M1, NULL, MS_REMOUNT, opts);
}

static void start_with(const char *opts)
{
	RMDIR(M1 "/a");
	EXPECT_OK(remount(opts));
	as_before = picture();
}

static int do_add(void)
{
	return remount("debug,numtasks,owner,release_agent=/bin/new");
}

static void add_worked(void)
{
	EXPECT_STR(ct_mount_words(M1),
		   "debug,numtasks,owner,release_agent=/bin/new");
	EXPECT_EQ(ct_num(M1 "/debug.css_groups"), 1);
	EXPECT_OK(remount("numtasks,release_agent=/bin/old"));
	nothing_changed();
}

static void faults_in_remount_that_adds(void)
{
	static const struct fault_op op = {
		NULL, do_add, add_worked, nothing_changed, 0, false,
	};

	setup();
	start_with("numtasks,release_agent=/bin/old");
	sweep(&op);
}

static int do_take(void)
{
	return remount("numtasks,release_agent=/bin/new");
}

static void take_worked(void)
{
	EXPECT_STR(ct_ls(M1), "notify_on_release release_agent tasks ");
	EXPECT_STR(ct_mount_words(M1), "numtasks,release_agent=/bin/new");
	EXPECT_OK(remount("debug,numtasks,owner,release_agent=/bin/old"));
	nothing_changed();
}

static void faults_in_remount_that_removes(void)
{
	static const struct fault_op op = {
		NULL, do_take, take_worked, nothing_changed, 0, false,
	};

	setup();
	start_with("debug,numtasks,owner,release_agent=/bin/old");
	sweep(&op);
}

static int do_swap(void)
{
	return remount("debug");
}

static void swap_worked(void)
{
	EXPECT_STR(ct_mount_words(M1), "debug,release_agent=/bin/old");
	EXPECT_EQ(ct_subsys_field("numtasks", 0), 0);
	EXPECT_OK(remount("numtasks"));
	nothing_changed();
}

static void faults_in_remount_that_swaps(void)
{
	static const struct fault_op op = {
		NULL, do_swap, swap_worked, nothing_changed, 0, false,
	};

	setup();
	start_with("numtasks,release_agent=/bin/old");
	sweep(&op);
}

static int agent_fd;
static char agent_path[4000];

static int do_agent(void)
{
	return ct_put(agent_fd, agent_path, strlen(agent_path));
}

static void agent_worked(void)
{
	EXPECT_STR(ct_slurp(M1 "/release_agent"), P("%s\n", agent_path));
	EXPECT_OK(ct_write(M1 "/release_agent", "/bin/old"));
	nothing_changed();
}

static void faults_in_release_agent(void)
{
	static const struct fault_op op = {
		NULL, do_agent, agent_worked, nothing_changed, 0, false,
	};
	unsigned int i;

	setup();
	start_with("release_agent=/bin/old");
	ASSERT_OK(agent_fd = open(M1 "/release_agent", O_WRONLY));
	for (i = 10; i < sizeof(agent_path); i *= 9) {
		ktap_note("%u bytes:", i);
		memset(agent_path, 'n', i);
		agent_path[0] = '/';
		sweep(&op);
	}
	close(agent_fd);
}

static int do_mount_agent(void)
{
	return mount("ct", M1, "container", 0,
		     "debug,numtasks,owner,release_agent=/bin/new");
}

static void mount_agent_worked(void)
{
	mount_all_worked();
	EXPECT_STR(ct_slurp(M1 "/release_agent"), "/bin/new\n");
}

static void faults_in_mount_with_agent(void)
{
	static const struct fault_op op = {
		let_go, do_mount_agent, mount_agent_worked, mount_all_failed,
		0, false,
	};

	setup();
	RMDIR(M1 "/a");
	sweep(&op);
}

/* --- moves ------------------------------------------------------------------- */

static int move_fd, kids[3], text_len;
static char text[64];

static int do_move(void)
{
	return ct_put(move_fd, text, text_len);
}

static void move_worked(void)
{
	EXPECT_EQ(ct_count(M1 "/a"), 3);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 3);
	EXPECT_OK(ct_write(M1 "/tasks", text));
	EXPECT_SOON(ct_num(M1 "/debug.css_groups") == 1, 2);
}

static void move_failed(void)
{
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 0);
	EXPECT_SOON(ct_num(M1 "/debug.css_groups") == 1, 2);
}

static void faults_in_moves(void)
{
	static const struct fault_op op = {
		NULL, do_move, move_worked, move_failed,
		0, false,
	};
	int i;

	setup();
	for (i = 0; i < 3; i++) {
		kids[i] = ct_child();
		text_len += sprintf(text + text_len, "%d ", kids[i]);
	}
	ASSERT_OK(move_fd = open(M1 "/a/tasks", O_WRONLY));
	sweep(&op);
	close(move_fd);
}

static int do_limit(void)
{
	return ct_put(move_fd, "5", 1);
}

static void limit_worked(void)
{
	EXPECT_STR(ct_slurp(M1 "/a/numtasks.limit"), "5\n");
	EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "max"));
}

static void limit_failed(void)
{
	EXPECT_STR(ct_slurp(M1 "/a/numtasks.limit"), "max\n");
}

static void faults_in_limit(void)
{
	static const struct fault_op op = {
		NULL, do_limit, limit_worked, limit_failed, 0, true,
	};

	setup();
	ASSERT_OK(move_fd = open(M1 "/a/numtasks.limit", O_WRONLY));
	sweep(&op);
	close(move_fd);
}

/* --- fork ---------------------------------------------------------------------- */

/*
 * 6.12 warns on the console when it has no memory for a stack.  For this case
 * warnings stay in the kernel's buffer, where others are looked for.
 */
static void hide_warnings(void)
{
	ct_write("/proc/sys/kernel/printk", "4\n");
	syscall(SYS_syslog, 5, NULL, 0);	/* clear */
}

static void look_at_warnings(void)
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

static int forked;

static int do_fork(void)
{
	forked = fork();
	if (!forked)
		_exit(0);
	return forked;
}

static void fork_worked(void)
{
	EXPECT_EQ(waitpid(forked, NULL, 0), forked);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 1);
}

static void fork_failed(void)
{
	EXPECT_EQ(ct_num(M1 "/a/numtasks.count"), 1);
	EXPECT_EQ(ct_num(M1 "/a/numtasks.failcnt"), 0);
	EXPECT_EQ(ct_count(M1 "/a"), 1);
}

static void faults_in_fork(void)
{
	static const struct fault_op op = {
		NULL, do_fork, fork_worked, fork_failed,
		0, false,
	};

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	if (by_number)
		hide_warnings();
	sweep(&op);
	if (by_number)
		look_at_warnings();
}

/* --- release agents ------------------------------------------------------------ */

/* Lets faults happen to the kernel's threads whose names begin with prefix. */
static int fault_threads(const char *prefix, const char *onoff)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d))) {
		char *stat, *name;

		if (atoi(e->d_name) <= 1)
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
 * 6.12's execve may fail for want of memory and call it something else, which
 * nobody can tell from an agent that cannot be started.  But it is said.
 */
static int agent_refusals(void)
{
	size_t size = 1 << 20;
	char *log = calloc(1, size + 1), *p = log;
	int n = 0;

	if (by_number && syscall(SYS_syslog, 3, log, size) > 0)
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

/*
 * Nothing is lost for want of memory.  Proved where faults happen to the
 * kernel's threads only: where the agents inherit them, a record that is
 * missing says nothing.
 */
static void faults_in_release(void)
{
	static const char *const old_threads[] = { "containers", "khelper" };
	int n = 20, i, t, used = 0;

	setup();
	unlink(CT_TMP "/agent");
	unlink(CT_TMP "/agent.log");
	ASSERT_OK(symlink("/bin/agent", CT_TMP "/agent"));
	EXPECT_OK(ct_write(M1 "/release_agent", CT_TMP "/agent"));
	EXPECT_OK(ct_write(M1 "/notify_on_release", "1"));
	for (i = 0; i < n; i++)
		MKDIR(P(M1 "/c%d", i));
	set("failslab/space", "0");
	set("failslab/task-filter", "Y");
	set("failslab/interval", "1");
	if (by_number) {
		/* forks and execs by workers; they inherit it */
		hide_warnings();
		ASSERT_CMP(fault_threads("kworker/", "1"), >, 0);
		/* an exec has some hundred fault points: let it succeed at last */
		for (t = 0; t < 3; t++) {
			set("failslab/probability", t ? "2" : "20");
			set("failslab/times", "15");
			/* a fault can also kill an agent that has started */
			use_all(n, (used += n) - n / 2);
		}
		set("failslab/probability", "0");
		fault_threads("kworker/", "0");
		/* not looked at: 6.12's vmalloc warns when it has no memory */
		sleep(2);
		t = agent_runs() + agent_refusals();
		EXPECT_CMP(t, <=, used);
		/* nothing is stuck */
		used = t + 1;
		use_all(1, used);
	} else {
		set("failslab/probability", "100");
		for (t = 0; t < 2; t++) {
			ASSERT_EQ(fault_threads(old_threads[t], "1"), 1);
			set("failslab/times", "6");
			use_all(n, used += n);
			EXPECT_EQ(ct_num(FAULTS "failslab/times"), 0);
			fault_threads(old_threads[t], "0");
		}
		/* so much memory that the fork works and then the exec fails */
		ASSERT_EQ(fault_threads("khelper", "1"), 1);
		for (t = 10000; t < 13000; t += 128) {
			CTX("space %d", t);
			set("failslab/space", P("%d", t));
			set("failslab/times", "1");
			use_all(1, ++used);
		}
		CTX_END();
		fault_threads("khelper", "0");
	}
	usleep(200000);
	EXPECT_EQ(agent_runs() + agent_refusals(), used);
}

/* --- reading ---------------------------------------------------------------------- */

static const char *file;
static char *content, got[8192];

/* Opens, reads to the end and closes: the whole content, or an error. */
static int do_read(void)
{
	int fd = open(file, O_RDONLY), len = 0, n, saved;

	if (fd < 0)
		return -1;
	while ((n = read(fd, got + len, sizeof(got) - 1 - len)) > 0)
		len += n;
	saved = errno;
	got[len] = 0;
	close(fd);
	errno = saved;
	return n;
}

static void read_worked(void)
{
	EXPECT_STR(got, content);
}

static void read_failed(void)
{
	EXPECT_STR(ct_slurp(file), content);
}

static void faults_in_reads(void)
{
	static const struct fault_op op = {
		NULL, do_read, read_worked, read_failed, 0, false,
	};
	/* 2.6.22's /proc takes a lookup without memory for "not there" */
	static const struct fault_op proc_op = {
		NULL, do_read, read_worked, read_failed, ENOENT, false,
	};
	static const char *const files[] = {
		M1 "/a/tasks", M1 "/a/debug.task_count",
		M1 "/a/numtasks.limit", M1 "/debug.current_css_group_links",
		"/proc/self/container", "/proc/containers",
	};
	unsigned int i;

	setup();
	for (i = 0; i < 50; i++)
		ct_child_in(M1 "/a");
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		file = files[i];
		content = ct_slurp(file);
		ASSERT(content);
		ktap_note("%s:", file);
		sweep(strncmp(file, "/proc", 5) ? &op : &proc_op);
		free(content);
	}
}

/*
 * Where there are no two free pages side by side any more, what has to be large
 * need not be in one piece: 8000 tasks in one write take some 400 kB.
 */
static void fragmented(void)
{
	char *text = ct_fill(' ', 16000);
	int i, ret, err;

	for (i = 0; i < 16000; i += 2)
		text[i] = '0';
	setup();
	if (by_number) {
		switch_fd = open("/proc/self/make-it-fail", O_RDWR);
		ASSERT_OK(switch_fd);
		set("fail_page_alloc/min-order", "1");
		set("fail_page_alloc/task-filter", "Y");
		set("fail_page_alloc/probability", "100");
		set("fail_page_alloc/interval", "1");
	} else {
		set("failslab/space", "24000");
	}
	set(by_number ? "fail_page_alloc/times" : "failslab/times", "1");
	ASSERT_EQ(pwrite(switch_fd, "1", 1, 0), 1);
	ret = ct_writen(M1 "/a/tasks", text, 16000);
	err = errno;
	ASSERT_EQ(pwrite(switch_fd, "0", 1, 0), 1);
	set("fail_page_alloc/probability", "0");
	set("fail_page_alloc/task-filter", "N");
	if (ret)
		FAIL("8000 tasks: %s", ktap_errno(err));
	EXPECT(ct_has(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M1, getpid()));
}

static const struct ktap_case cases[] = {
	T(faults_in_mkdir),
	T(faults_in_rmdir),
	T(faults_in_rename),
	T(faults_in_mount),
	T(faults_in_mount_with_subsystems),
	T(faults_in_remount),
	T(faults_in_remount_that_adds),
	T(faults_in_remount_that_removes),
	T(faults_in_remount_that_swaps),
	T(faults_in_release_agent),
	T(faults_in_mount_with_agent),
	T(faults_in_moves),
	T(faults_in_limit),
	T(faults_in_fork),
	T(faults_in_release),
	T(faults_in_reads),
	T(fragmented),
};

static void cleanup(void)
{
	ct_write("/proc/sys/kernel/printk", "7\n");
	if (!access(FAULTS "failslab", F_OK))
		set("failslab/probability", "0");
	ct_cleanup();
}

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), cleanup);
}

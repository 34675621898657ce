// SPDX-License-Identifier: GPL-2.0
/*
 * Tests that need a kernel built for them (CONFIG_CONTAINER_SELFTEST): a table
 * of 64 subsystems, all of which assert the locks they are called with, record
 * their calls, and fail on demand; and tests inside the kernel.  These are
 * started here, while this program provides the activity that they race with,
 * and their reports are taken from the kernel log.  See
 * kernel/container_selftest.c.
 *
 * harness: configs=selftest smp=1,2 timeout=180
 */
#include "ct.h"
#include "agents.h"

#define NR 64			/* subsystems that there can be */
#define AGENT CT_TMP "/agent"
#define AGENT_LOG CT_TMP "/agent.log"

/* --- the subsystems ----------------------------------------------------- */

static char names[NR + 1][40];	/* of all subsystems, by id */
static int nr_names;
static int nr_ours;		/* those made for this */

static void setup(void)
{
	char *all = strdup(ct_all_subsys()), *word, *save;

	nr_names = 0;
	nr_ours = 0;
	for (word = strtok_r(all, ",", &save); word && nr_names <= NR;
	     word = strtok_r(NULL, ",", &save)) {
		nr_ours += !strncmp(word, "st", 2) || !strcmp(word, "selftest");
		snprintf(names[nr_names++], sizeof(names[0]), "%s", word);
	}
	free(all);
	ASSERT_EQ(nr_names, NR);
	ASSERT_CMP(nr_ours, >, 32);
}

static bool is_ours(int id)
{
	return !strncmp(names[id], "st", 2) || !strcmp(names[id], "selftest");
}

/* The mount option for the subsystems in a mask, but only ours if asked. */
static char *words(unsigned long mask, bool ours)
{
	char *s = P("%3000s", "");
	int id;

	*s = 0;
	for (id = 0; id < NR; id++)
		if ((mask >> id & 1) && (!ours || is_ours(id)))
			strcat(strcat(s, *s ? "," : ""), names[id]);
	return s;
}

/* The subsystems that /proc/containers says are in some hierarchy. */
static unsigned long bound(int *nr_containers)
{
	char *s = ct_slurp("/proc/containers"), *line, *save;
	unsigned long mask = 0;
	int id = 0, v[3];
	char name[40];

	if (nr_containers)
		*nr_containers = -1;
	for (line = s ? strtok_r(s, "\n", &save) : NULL; line && id < NR;
	     line = strtok_r(NULL, "\n", &save)) {
		if (*line == '#')
			continue;
		EXPECT_EQ(sscanf(line, "%39s %d %d %d", name, v, v + 1, v + 2),
			  4);
		EXPECT_STR(name, names[id]);
		if (v[0])
			mask |= 1UL << id;
		if (v[0] && nr_containers)
			*nr_containers = v[1];
		id++;
	}
	free(s);
	EXPECT_EQ(id, NR);
	return mask;
}

/* --- control files ------------------------------------------------------ */

static const char *top = M1;

static long calls(const char *callback)
{
	char *s = ct_slurp(P("%s/selftest.calls", top)), *line, *save;
	size_t len = strlen(callback);
	long n = -1;

	for (line = s ? strtok_r(s, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, callback, len) && line[len] == ' ')
			n = atol(line + len);
	free(s);
	EXPECT_CMP(n, >=, 0);
	return n;
}

/* Lets the nth call of a callback that this process causes fail. */
static void fault(const char *callback, int nth)
{
	ASSERT_OK(ct_write(P("%s/selftest.fault", top),
			   P("%s %d %d", callback, nth, ENOSPC)));
}

/* --- reports ------------------------------------------------------------ */

static char *kernel_log(void)
{
	size_t size = 1 << 18;
	char *log = calloc(1, size + 1);

	ASSERT(log);
	ASSERT_OK(syscall(SYS_syslog, 3, log, size));
	return log;
}

/* Handles one line of a report.  Returns false for the last line. */
static bool report_line(const char *line, const char *end, int *plan, int *seen)
{
	char name[80];
	int n = 0;

	if (!strcmp(line, end))
		return false;
	if (*line == '#') {
		ktap_note("in the kernel:%s", line + 1);
		return true;
	}
	ktap_raw("    %s", line);
	if (sscanf(line, "1..%d", &n) == 1) {
		EXPECT_EQ(*plan, -1);
		*plan = n;
	} else if (sscanf(line, "ok %d %79s", &n, name) == 2) {
		EXPECT_EQ(n, ++*seen);
	} else if (sscanf(line, "not ok %d %79s", &n, name) == 2) {
		EXPECT_EQ(n, ++*seen);
		FAIL("in the kernel: %s", name);
	} else {
		EXPECT_STR(line, "KTAP version 1");
	}
	return true;
}

/* Prints the report that begins with a token; it has to be complete. */
static void relay(char *log, const char *test, const char *token)
{
	static const char mark[] = "container-selftest: ";
	char *start = strstr(log, P("%srun %s %s\n", mark, token, test));
	char *line, *save, *text;
	int plan = -1, seen = 0;
	bool ended = false;

	EXPECT(start);
	line = start ? strtok_r(start, "\n", &save) : NULL;
	while (line && !ended && (line = strtok_r(NULL, "\n", &save))) {
		text = strstr(line, mark);
		if (text)
			ended = !report_line(text + strlen(mark),
					     P("end %s", token), &plan, &seen);
	}
	EXPECT(ended);
	EXPECT_CMP(plan, >, 0);
	EXPECT_EQ(seen, plan);
}

/* Runs a test through an open selftest.run, and prints its report. */
static void run_fd(int fd, const char *test)
{
	char *token = strdup(P("%d-%ld", getpid(), ktap_ms()));
	char *line = strdup(P("%s %s", test, token)), *log;

	EXPECT_OK(ct_put(fd, line, strlen(line)));
	log = kernel_log();
	relay(log, test, token);
	free(log);
	free(line);
	free(token);
}

static void run(const char *dir, const char *test)
{
	int fd;

	ASSERT_OK(fd = open(P("%s/selftest.run", dir), O_WRONLY));
	run_fd(fd, test);
	close(fd);
}

/* --- masks -------------------------------------------------------------- */

/* A hierarchy with these subsystems works, and is the only one. */
static void try_set(unsigned long mask)
{
	int child, count, id;

	CTX("mask %lx", mask);
	MOUNT(M1, words(mask, false));
	EXPECT_EQ(bound(NULL), mask);
	MKDIR(M1 "/a");
	EXPECT_EQ(bound(&count), mask);
	EXPECT_EQ(count, 2);
	child = ct_child_in(M1 "/a");
	EXPECT_STR(ct_slurp(P("/proc/%d/container", child)),
		   P("%s:/a\n", words(mask, false)));
	for (id = 0; id < NR; id++)
		if ((mask >> id & 1) && !strncmp(names[id], "st", 2))
			EXPECT_EQ(ct_num(P(M1 "/a/%s.id", names[id])), id);
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	ct_reap(child);
	RMDIR(M1 "/a");
	UMOUNT(M1);
	EXPECT_EQ(bound(NULL), 0);
	CTX_END();
}

static void each_subsystem_alone(void)
{
	int id;

	setup();
	for (id = 0; id < NR; id++)
		try_set(1UL << id);
}

static void sets_of_subsystems(void)
{
	static const unsigned long masks[] = {
		1UL << 31 | 1UL << 32, 1UL << 32 | 1UL << 33,
		1UL << 31 | 1UL << 63, 1UL << 0 | 1UL << 63,
		0xffffffffUL, 0xffffffffUL << 32, 0x5555555555555555UL,
		0x7fffffffffffffffUL, 0xfffffffffffffffeUL, ~0UL,
	};
	unsigned int i;

	setup();
	for (i = 0; i < ARRAY_SIZE(masks); i++)
		try_set(masks[i]);
	MOUNT(M1, NULL);
	EXPECT_EQ(bound(NULL), ~0UL);
	UMOUNT(M1);
}

/* Bits that an error could confuse belong to two hierarchies. */
static void sets_side_by_side(void)
{
	static const int pairs[][2] = {
		{ 31, 63 }, { 63, 31 }, { 0, 32 }, { 32, 0 }, { 1, 33 },
		{ 31, 32 }, { 62, 63 },
	};
	unsigned int i;

	setup();
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		unsigned long a = 1UL << pairs[i][0], b = 1UL << pairs[i][1];

		CTX("%d and %d", pairs[i][0], pairs[i][1]);
		MOUNT(M1, words(a, false));
		MOUNT(M2, words(b, false));
		EXPECT_EQ(bound(NULL), a | b);
		EXPECT_ERRNO(ct_mount(M3, words(a | b, false)), EBUSY);
		EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT,
				   words(a | b, false)), EBUSY);
		UMOUNT(M1);
		EXPECT_OK(mount(NULL, M2, NULL, MS_REMOUNT, words(a, false)));
		EXPECT_EQ(bound(NULL), a);
		UMOUNT(M2);
	}
	MOUNT(M1, words(0xffffffffUL, false));
	MOUNT(M2, words(0xffffffffUL << 32, false));
	MKDIR(M1 "/a");
	MKDIR(M2 "/a");
	EXPECT_ERRNO(ct_mount(M3, NULL), EBUSY);
}

/* --- each step fails ---------------------------------------------------- */

static void mkdir_fails(const char *callback, bool makes_all)
{
	char *before = ct_ls(M1);
	int n;

	/* those of an earlier case take a grace period */
	ASSERT_SOON(calls("live") == 0, 5);

	for (n = 1; n <= nr_ours; n++) {
		long made = calls("create");

		CTX("call %d of %s", n, callback);
		fault(callback, n);
		EXPECT_ERRNO(mkdir(M1 "/a", 0755), ENOSPC);
		EXPECT_EQ(calls("create") - made, makes_all ? nr_ours : n);
		EXPECT(!ct_exists(M1 "/a"));
		CTX_END();
	}
	EXPECT_STR(ct_ls(M1), before);
	/* each was destroyed exactly once, or the count would be wrong */
	EXPECT_SOON(calls("live") == 0, 5);
	fault(callback, n);
	MKDIR(M1 "/a");
	EXPECT_EQ(calls("live"), nr_ours);
	RMDIR(M1 "/a");
	EXPECT_SOON(calls("live") == 0, 5);
	fault(callback, 0);
}

static void create_fails_at_each_step(void)
{
	setup();
	MOUNT(M1, NULL);
	mkdir_fails("create", false);
}

static void populate_fails_at_each_step(void)
{
	setup();
	MOUNT(M1, NULL);
	mkdir_fails("populate", true);
}

/* Idles.  The subsystems want to know of each child made with this flag. */
static int asking_child(void)
{
	int pid = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		for (;;)
			pause();
	ASSERT_OK(pid);
	return pid;
}

/* A mount that fails leaves the fork callbacks off. */
static void mount_fails_at_each_step(void)
{
	long asked;
	int n;

	setup();
	for (n = 1; n <= nr_ours; n++) {
		CTX("step %d", n);
		MOUNT(M1, "selftest");
		asked = calls("wants_container");
		fault("populate", n);
		UMOUNT(M1);
		EXPECT_ERRNO(ct_mount(M1, NULL), ENOSPC);
		EXPECT_EQ(bound(NULL), 0);
		EXPECT_STR(ct_slurp("/proc/self/container"), "");
		ct_reap(asking_child());
		MOUNT(M1, "selftest");
		EXPECT_EQ(calls("wants_container"), asked);
		UMOUNT(M1);
	}
	CTX_END();
	MOUNT(M1, NULL);
	EXPECT_EQ(bound(NULL), ~0UL);
}

static void remount_fails_at_each_step(void)
{
	char *before;
	int n;

	setup();
	MOUNT(M1, "selftest,st63");
	before = ct_ls(M1);
	for (n = 1; n <= nr_ours - 2; n++) {
		CTX("step %d", n);
		fault("populate", n);
		EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT, "all"), ENOSPC);
		EXPECT_EQ(bound(NULL), 1UL << 0 | 1UL << (nr_ours - 1));
		EXPECT_STR(ct_ls(M1), before);
	}
	CTX_END();
	fault("populate", n);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, "all"));
	EXPECT_EQ(bound(NULL), ~0UL);
	fault("populate", 0);
}

/* Each state goes back to the subsystem that has made it. */
static void removed_and_rebound(void)
{
	int fd;

	setup();
	MOUNT(M1, words(~0UL, true));
	MKDIR(M1 "/a");
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
	RMDIR(M1 "/a");
	EXPECT_EQ(calls("live"), nr_ours);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, "selftest"));
	MKDIR(M1 "/b");
	EXPECT_EQ(calls("live"), nr_ours + 1);
	close(fd);
	EXPECT_SOON(calls("live") == 1, 5);
	RMDIR(M1 "/b");
	EXPECT_SOON(calls("live") == 0, 5);
}

static void rmdir_refused_at_each_step(void)
{
	int n;

	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	for (n = 1; n <= nr_ours; n++) {
		CTX("step %d", n);
		fault("pre_destroy", n);
		EXPECT_ERRNO(rmdir(M1 "/a"), ENOSPC);
		EXPECT(ct_exists(M1 "/a/tasks"));
	}
	CTX_END();
	RMDIR(M1 "/a");
}

/*
 * Subsystems that have allowed a move are told that it is cancelled, no others
 * are.
 */
static void moves_refused_at_each_step(void)
{
	int kids[3], fd, n, i;
	char text[64] = "";

	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	ASSERT_OK(fd = open(M1 "/a/tasks", O_WRONLY));
	for (i = 0; i < 3; i++) {
		kids[i] = ct_child();
		sprintf(text + strlen(text), "%d ", kids[i]);
	}
	for (n = 1; n <= 3 * nr_ours + 1; n++) {
		long cancelled = calls("cancel_attach");
		long attached = calls("attach");
		long transferred = calls("transfer");
		bool works = n > 3 * nr_ours;

		CTX("step %d", n);
		fault("can_attach", n);
		if (works)
			EXPECT_OK(ct_put(fd, text, strlen(text)));
		else
			EXPECT_ERRNO(ct_put(fd, text, strlen(text)), ENOSPC);
		EXPECT_EQ(calls("cancel_attach") - cancelled,
			  works ? 0 : n - 1);
		EXPECT_EQ(calls("attach") - attached, works ? n - 1 : 0);
		EXPECT_EQ(calls("transfer") - transferred, works ? n - 1 : 0);
		EXPECT_EQ(ct_count(M1 "/a"), works ? 3 : 0);
	}
	CTX_END();
	fault("can_attach", 0);
	for (i = 0; i < 3; i++)
		ct_reap(kids[i]);
	close(fd);
}

static int try_fork(void)
{
	int pid = fork();

	if (!pid)
		_exit(0);
	return pid;
}

static void forks_refused_at_each_step(void)
{
	long cancelled;
	int n;

	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	ASSERT_OK(ct_move(M1 "/a", getpid()));
	for (n = 1; n <= nr_ours; n++) {
		CTX("step %d", n);
		cancelled = calls("cancel_fork");
		fault("can_fork", n);
		EXPECT_ERRNO(try_fork(), ENOSPC);
		EXPECT_EQ(calls("cancel_fork") - cancelled, n - 1);
	}
	CTX_END();
	/* refused by a subsystem that is asked after all of ours */
	cancelled = calls("cancel_fork");
	ASSERT_OK(ct_write(M1 "/a/numtasks.limit", "1"));
	EXPECT_ERRNO(try_fork(), EAGAIN);
	EXPECT_EQ(calls("cancel_fork") - cancelled, nr_ours);
	ASSERT_OK(ct_write(M1 "/a/numtasks.limit", "max"));
	EXPECT(ct_ended_well(IN_CHILD()));
	EXPECT_EQ(ct_count(M1 "/a"), 1);
	EXPECT_OK(ct_move(M1, getpid()));
}

#define FORKS 200

static void do_forks(void)
{
	int i;

	for (i = 0; i < FORKS; i++)
		EXPECT(ct_ended_well(IN_CHILD()));
}

/*
 * A fork is reported to the subsystems that are mounted, and to no other.  A few
 * forks may be of tasks that the kernel makes for itself.
 */
static void only_mounted_are_told(void)
{
	long told;

	setup();
	MOUNT(M1, "selftest");
	told = calls("fork");
	do_forks();
	EXPECT_CMP(calls("fork") - told, >=, FORKS);
	EXPECT_CMP(calls("fork") - told, <, 2 * FORKS);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, "selftest,st63"));
	told = calls("fork");
	do_forks();
	EXPECT_CMP(calls("fork") - told, >=, 2 * FORKS);
	EXPECT_CMP(calls("fork") - told, <, 3 * FORKS);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, "selftest"));
	told = calls("fork");
	UMOUNT(M1);
	do_forks();
	MOUNT(M1, "selftest");
	EXPECT_CMP(calls("fork") - told, <, FORKS);
	/* a mount that fails leaves them as they were */
	fault("populate", 1);
	UMOUNT(M1);
	EXPECT_ERRNO(ct_mount(M1, "selftest"), ENOSPC);
	do_forks();
	MOUNT(M1, "selftest");
	EXPECT_CMP(calls("fork") - told, <, FORKS);
	/* the same for a mount that conflicts with another hierarchy */
	EXPECT_ERRNO(ct_mount(M2, "selftest,st62"), EBUSY);
	fault("populate", 1);
	EXPECT_ERRNO(mount(NULL, M1, NULL, MS_REMOUNT, "selftest,st63"),
		     ENOSPC);
	told = calls("fork");
	do_forks();
	EXPECT_CMP(calls("fork") - told, >=, FORKS);
	EXPECT_CMP(calls("fork") - told, <, 2 * FORKS);
}

/* In the top container no task is charged, whatever is mounted. */
static void top_is_not_charged(void)
{
	static const char *const names[] = { "can_fork", "cancel_fork", "exit" };
	unsigned int i;
	long before;

	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		before = calls(names[i]);
		do_forks();
		CTX("%s", names[i]);
		EXPECT_EQ(calls(names[i]), before);
	}
	CTX_END();
	before = calls("can_fork");
	ASSERT_OK(ct_move(M1 "/a", getpid()));
	do_forks();
	EXPECT_EQ(calls("can_fork") - before, (long)FORKS * nr_ours);
	EXPECT_OK(ct_move(M1, getpid()));
}

static void fork_all_the_time(int *sh)
{
	while (!GET(sh[0])) {
		int pid = fork();

		if (!pid)
			_exit(0);
		INC(sh[1]);
		waitpid(pid, NULL, 0);
	}
}

#define FORKERS 4

/*
 * A hierarchy is mounted, charges forks, and is dissolved during forks.  What a
 * fork has been charged with is taken back exactly once, even if nothing is
 * mounted any more by then.  destroy() checks that no charge is left.
 */
static void mounted_beside_forks(void)
{
	int *sh = ct_shared(4096), w[FORKERS], i, rounds = 0, seen = 0;

	setup();
	for (i = 0; i < FORKERS; i++)
		w[i] = IN_CHILD(fork_all_the_time(sh));
	while (GO_ON(rounds < ktap_loops(120) || GET(sh[1]) < 100)) {
		MOUNT(M1, rounds % 2 ? NULL : "selftest,st63,numtasks");
		MKDIR(M1 "/a");
		for (i = 0; i < FORKERS; i++)
			EXPECT_OK(ct_move(M1 "/a", w[i]));
		seen += ct_num(M1 "/a/numtasks.peak") >= FORKERS;
		ktap_spin(rounds % 8 * 20000);
		for (i = 0; i < FORKERS; i++)
			EXPECT_OK(ct_move(M1, w[i]));
		/* a child may still be in there, with its charge */
		EXPECT_SOON(!rmdir(M1 "/a"), 10);
		UMOUNT(M1);
		rounds++;
	}
	SET(sh[0], 1);
	for (i = 0; i < FORKERS; i++)
		ct_ended_well(w[i]);
	ktap_note("%d rounds, %d forks", rounds, sh[1]);
	EXPECT_EQ(seen, rounds);
	MOUNT(M1, "selftest");
	EXPECT_SOON(calls("live") == 0, 5);
}

/* Makes a child that one of the subsystems wants to have its own container. */
static void wanted(int nth)
{
	int child;
	char *dir;

	fault("wants_container", nth);
	child = asking_child();
	dir = P(M1 "/%d", child);
	EXPECT_STR(ct_where(child, "selftest"), P("/%d", child));
	EXPECT(ct_has(dir, child));
	EXPECT_STR(ct_where(0, "selftest"), "/");
	ct_reap(child);
	EXPECT_OK(rmdir(P(M1 "/%d", child)));
}

static void containers_for_newborns(void)
{
	long post, asked;

	setup();
	MOUNT(M1, words(~0UL, true));
	post = calls("post_clone");
	asked = calls("wants_container");
	ct_reap(ct_child());
	EXPECT_EQ(calls("wants_container"), asked);
	ct_reap(asking_child());
	EXPECT_EQ(calls("wants_container") - asked, nr_ours);
	wanted(1);
	wanted(32);
	wanted(nr_ours);
	EXPECT_EQ(calls("post_clone") - post, 3 * nr_ours);
}

/* --- references --------------------------------------------------------- */

static void write_agent(void)
{
	static const char text[] = "#!/bin/sh\necho \"$1\" >>" AGENT_LOG "\n";
	int fd = open(AGENT, O_CREAT | O_TRUNC | O_WRONLY, 0755);

	ASSERT_OK(fd);
	ASSERT_OK(ct_put(fd, text, strlen(text)));
	close(fd);
	unlink(AGENT_LOG);
}

static bool agent_said(const char *want)
{
	char *s = ct_slurp(AGENT_LOG);
	bool same = !strcmp(s ? s : "", want);

	free(s);
	return same;
}

static void held_reference(void)
{
	long start;
	int fd;

	setup();
	MOUNT(M1, NULL);
	write_agent();
	ASSERT_OK(ct_write(M1 "/release_agent", AGENT));
	MKDIR(M1 "/a");
	ASSERT_OK(ct_write(M1 "/a/notify_on_release", "1"));
	ASSERT_OK(fd = open(M1 "/a/selftest.hold", O_WRONLY));
	ASSERT_OK(ct_put(fd, "1", 1));
	ASSERT_OK(ct_put(fd, "1", 1));
	start = ct_sleeps();
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	EXPECT_CMP(ct_sleeps() - start, <, 50);	/* it gives up */
	EXPECT_OK(ct_put(fd, "0", 1));
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	usleep(200000);
	EXPECT(agent_said(""));
	EXPECT_OK(ct_put(fd, "0", 1));
	EXPECT_SOON(agent_said("/a\n"), 5);
	usleep(200000);
	EXPECT(agent_said("/a\n"));
	EXPECT_ERRNO(ct_put(fd, "0", 1), EINVAL);
	RMDIR(M1 "/a");
	EXPECT_ERRNO(ct_put(fd, "1", 1), ENODEV);
	close(fd);
}

/* How many agents of a hierarchy run at a time. */
#define MAX_AGENTS 8

/* The number of states, after those that are gone have been destroyed. */
static long states(void)
{
	return calls("create") - calls("destroy");
}

/*
 * A user that may make containers, but not set an agent, makes and removes them
 * while agents hang.  Removed containers must not wait for an agent: there is
 * nothing to announce, and they would only use up memory.
 */
static void removed_while_agents_hang(void)
{
	char *agent;
	int i, n = ktap_loops(10000), fd;
	long before;

	MOUNT(M1, "selftest");
	agent = new_agent("hangs");
	ASSERT_OK(fd = open(P("%s.wait", agent), O_WRONLY | O_CREAT, 0644));
	close(fd);
	ASSERT_OK(ct_write(M1 "/release_agent", agent));
	MKDIR(M1 "/u");
	ASSERT_OK(ct_write(M1 "/u/notify_on_release", "1"));
	before = states();
	for (i = 0; i < n && !ktap_sh->failed; i++) {
		MKDIR(M1 "/u/x");
		use(M1 "/u/x");
		RMDIR(M1 "/u/x");
		if (i < 2 * MAX_AGENTS)
			usleep(20000);	/* let some get to run */
	}
	EXPECT_SOON(count_runs(agent) > 0, 10);
	EXPECT_SOON(states() <= before + MAX_AGENTS, 10);
	ktap_note("%d containers came and went, %ld are there, %d agents", n,
		  states() - before, running_agents());
	EXPECT_OK(unlink(P("%s.wait", agent)));
	EXPECT_SOON(states() == before, 10);
	EXPECT_SOON(!running_agents(), 10);
	RMDIR(M1 "/u");
	EXPECT_SOON(states() == before - 1, 10);
	UMOUNT(M1);
}

/*
 * Many containers are freed at once: the system's work queue still does other
 * work.
 */
static void many_go_at_once(void)
{
	int i, n = 1100;

	MOUNT(M1, "selftest");
	for (i = 0; i < n; i++)
		MKDIR(P(M1 "/c%d", i));
	run(M1, "pin");
	for (i = 0; i < n; i++)
		RMDIR(P(M1 "/c%d", i));
	run(M1, "let_go");
	UMOUNT(M1);
}

/*
 * Many tasks in one write are not all moved in one section with interrupts off.
 */
static void many_move_at_once(void)
{
	enum { MANY = 70 };
	char text[MANY * 12], *p = text;
	long counted, moved;
	int i;

	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	for (i = 0; i < MANY; i++)
		p += sprintf(p, "%d\n", ct_child());
	moved = calls("transfer");
	counted = calls("transfer_count");
	ASSERT_OK(ct_write(M1 "/a/tasks", text));
	EXPECT_EQ(ct_count(M1 "/a"), MANY);
	EXPECT_EQ(calls("transfer") - moved, (long)MANY * nr_ours);
	EXPECT_EQ(calls("transfer_count") - counted,
		  (long)(MANY + 15) / 16 * nr_ours);
}

/* All tasks use the top container, so its references are not counted. */
static void top_is_not_counted(void)
{
	setup();
	MOUNT(M1, NULL);
	EXPECT_EQ(ct_num(M1 "/debug.css_refcount"), 0);
	EXPECT_EQ(ct_num(M1 "/selftest.hold"), 0);
	ASSERT_OK(ct_write(M1 "/selftest.hold", "1"));
	EXPECT_EQ(ct_num(M1 "/selftest.hold"), 0);
	ASSERT_OK(ct_write(M1 "/selftest.hold", "0"));
	EXPECT_EQ(ct_num(M1 "/selftest.hold"), 0);
	/* but in other containers they are */
	MKDIR(M1 "/a");
	ASSERT_OK(ct_write(M1 "/a/selftest.hold", "1"));
	EXPECT_EQ(ct_num(M1 "/a/selftest.hold"), 1);
	ASSERT_OK(ct_write(M1 "/a/selftest.hold", "0"));
	RMDIR(M1 "/a");
}

/* Makes and removes a container for as long as it lives. */
static void churn(int *busy, int *removed)
{
	int tries;

	for (;;) {
		EXPECT_OK(mkdir(M1 "/a/x", 0755));
		usleep(8000);	/* time for the threads to find it */
		for (tries = 0; tries < 50 && rmdir(M1 "/a/x"); tries++) {
			EXPECT_EQ(errno, EBUSY);
			INC(*busy);
		}
		EXPECT_CMP(tries, <, 50);
		INC(*removed);
	}
}

static void references_against_rmdir(void)
{
	int *counts = ct_shared(2 * sizeof(int)), child;

	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	child = IN_CHILD(churn(&counts[0], &counts[1]));
	run(M1 "/a", "references");
	ct_reap(child);
	ktap_note("%d removed, %d times busy", GET(counts[1]), GET(counts[0]));
	/*
	 * a reference that is held for a moment mostly does not prevent rmdir
	 */
	EXPECT_CMP(GET(counts[0]), <=, GET(counts[1]) / 4);
}

/*
 * The case provokes a warning: it stays in the kernel's log buffer, where it is
 * looked for among all others.
 */
static void hide_warnings(void)
{
	EXPECT_OK(ct_write("/proc/sys/kernel/printk", "3\n"));
	EXPECT_OK(syscall(SYS_syslog, 5, NULL, 0));	/* clear */
}

static int occurrences(const char *s, const char *what)
{
	int n = 0;

	while ((s = strstr(s, what))) {
		s++;
		n++;
	}
	return n;
}

/* Expects exactly one warning, in this function. */
static void expect_warning(const char *function)
{
	static const char *const bad[] = {
		"INFO: ", "BUG: unable", "possible", "slab error", "Oops",
		"corruption",
	};
	char *log = kernel_log();
	unsigned int i;

	EXPECT(strstr(log, function));
	EXPECT_EQ(occurrences(log, "WARNING: ") +
		  occurrences(log, "BUG: at "), 1);
	EXPECT_EQ(occurrences(log, "Call Trace:"), 1);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (strstr(log, bad[i]))
			FAIL("the kernel said %.60s", strstr(log, bad[i]));
	free(log);
	EXPECT_OK(ct_write("/proc/sys/kernel/printk", "7\n"));
}

static void a_put_too_much(void)
{
	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	hide_warnings();
	run(M1 "/a", "underflow");
	expect_warning("css_put");
	RMDIR(M1 "/a");
}

/* --- walks and paths ---------------------------------------------------- */

static void fork_storm(const char *dir)
{
	int pids[8], i;

	ASSERT_OK(ct_move(dir, getpid()));
	for (;;) {
		for (i = 0; i < 8; i++)
			pids[i] = IN_CHILD();
		for (i = 0; i < 8; i++)
			waitpid(pids[i], NULL, 0);
	}
}

static void move_storm(int *kids, int nr)
{
	unsigned long seed = 7;
	int n;

	for (;;) {
		n = ktap_rand(&seed) % nr;
		EXPECT_OK(ct_move(ktap_rand(&seed) % 2 ? M1 "/a" : M1 "/b",
				  kids[n]));
	}
}

static void walks_over_tasks(void)
{
	int storms[3], kids[6], i;

	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	for (i = 0; i < 6; i++)
		kids[i] = ct_child_in(M1 "/a");
	storms[0] = IN_CHILD(fork_storm(M1 "/a"));
	storms[1] = IN_CHILD(fork_storm(M1));
	storms[2] = IN_CHILD(move_storm(kids, 6));
	run(M1 "/a", "iterator");
	for (i = 0; i < 3; i++)
		ct_reap(storms[i]);
	for (i = 0; i < 6; i++)
		ct_reap(kids[i]);
}

static void rename_storm(void)
{
	for (;;) {
		EXPECT_OK(rename(M1 "/ab", M1 "/longer-name"));
		EXPECT_OK(rename(M1 "/longer-name", M1 "/ab"));
	}
}

static void paths(void)
{
	int fd, child;

	setup();
	MOUNT(M1, NULL);
	MKDIR(M1 "/ab");
	ASSERT_OK(fd = open(M1 "/ab/selftest.run", O_WRONLY));
	child = IN_CHILD(rename_storm());
	run_fd(fd, "path");
	ct_reap(child);
	close(fd);
}

/* --- container_clone() -------------------------------------------------- */

static void clones_that_fail(void)
{
	char *before;

	setup();
	MOUNT(M1, words(~0UL, true));
	MKDIR(M1 "/a");
	before = ct_ls(M1 "/a");
	ASSERT_OK(ct_move(M1 "/a", getpid()));
	run(M1 "/a", "clone");
	EXPECT_STR(ct_where(0, "selftest"), "/a");
	/* the one that did not fail */
	RMDIR(P(M1 "/a/%d", getpid()));
	EXPECT_STR(ct_ls(M1 "/a"), before);
	EXPECT_OK(ct_move(M1, getpid()));
}

/* --- set_current_container() -------------------------------------------- */

static void own_setup(void)
{
	setup();
	if (ct_subsys_field("owner", 2) != 1)
		SKIP("no subsystem owner");
	MOUNT(M1, NULL);
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/x");
	ASSERT_OK(ct_move(M1 "/a", getpid()));
}

/* A task that acts for another container stays in its own, and forks there. */
static void acting_for_another(void)
{
	int child;

	own_setup();
	run(M1 "/a", "acting");
	EXPECT_STR(ct_where(0, "owner"), "/a");
	child = ct_child();
	EXPECT_STR(ct_where(child, "owner"), "/a");
	EXPECT_EQ(ct_count(M1 "/a"), 2);
	EXPECT_EQ(ct_count(M1 "/a/x"), 0);
	EXPECT(ct_ended_well(IN_CHILD(run(M1 "/a", "not_acting"))));
	ct_reap(child);
	run(M1 "/a", "acting_no_more");
	EXPECT_EQ(ct_count(M1 "/a"), 1);
	ASSERT_OK(ct_move(M1, getpid()));
	RMDIR(M1 "/a/x");
	RMDIR(M1 "/a");
}

/*
 * A task that exits while it acts for another leaves its own, with a warning.
 */
static void exit_while_acting(void)
{
	own_setup();
	hide_warnings();
	EXPECT(ct_ended_well(IN_CHILD(run(M1 "/a", "acting"))));
	expect_warning("exit");
	EXPECT_EQ(ct_count(M1 "/a"), 1);
	EXPECT_EQ(ct_count(M1 "/a/x"), 0);
	ASSERT_OK(ct_move(M1, getpid()));
	RMDIR(M1 "/a/x");
	RMDIR(M1 "/a");
}

/* --- all callbacks ------------------------------------------------------ */

static void *thread_main(void *arg)
{
	return arg;
}

static void make_threads(void)
{
	pthread_t threads[4];
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, thread_main, NULL),
			  0);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

/* Everything that makes the core call a subsystem. */
static void call_all(void)
{
	char text[64];
	int a, b;

	wanted(2);
	MKDIR(M1 "/b");
	a = ct_child();
	b = ct_child();
	sprintf(text, "%d %d", a, b);
	fault("can_attach", 70);
	EXPECT_ERRNO(ct_write(M1 "/b/tasks", text), ENOSPC);
	EXPECT_OK(ct_write(M1 "/b/tasks", text));
	EXPECT_OK(ct_write(M1 "/a/tasks", text));
	ct_reap(a);
	ct_reap(b);
	fault("pre_destroy", 3);
	EXPECT_ERRNO(rmdir(M1 "/b"), ENOSPC);
	RMDIR(M1 "/b");
	fault("create", 3);
	EXPECT_ERRNO(mkdir(M1 "/b", 0755), ENOSPC);
	ASSERT_OK(ct_move(M1 "/a", getpid()));
	fault("can_fork", 3);
	EXPECT_ERRNO(try_fork(), ENOSPC);
	EXPECT(ct_ended_well(IN_CHILD(make_threads())));
	EXPECT_OK(ct_move(M1, getpid()));
}

static void callbacks(void)
{
	int child;

	setup();
	MOUNT(M1, "selftest");
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, words(~0UL, true)));
	MKDIR(M1 "/a");
	call_all();
	child = ct_child_in(M1 "/a");
	run(M1 "/a", "callbacks");
	ct_reap(child);
}

static const struct ktap_case cases[] = {
	T(each_subsystem_alone),
	T(sets_of_subsystems),
	T(sets_side_by_side),
	T(create_fails_at_each_step),
	T(populate_fails_at_each_step),
	T(mount_fails_at_each_step),
	T(remount_fails_at_each_step),
	T(removed_and_rebound),
	T(rmdir_refused_at_each_step),
	T(moves_refused_at_each_step),
	T(forks_refused_at_each_step),
	T(only_mounted_are_told),
	T(top_is_not_charged),
	T(mounted_beside_forks),
	T(containers_for_newborns),
	T(held_reference),
	T(removed_while_agents_hang),
	T(many_go_at_once),
	T(many_move_at_once),
	T(top_is_not_counted),
	T(references_against_rmdir),
	T(walks_over_tasks),
	T(paths),
	T(clones_that_fail),
	T(callbacks),
	T(a_put_too_much),
	T(acting_for_another),
	T(exit_while_acting),
};

/* Reports the callbacks that have seen a broken promise during the case. */
static void look_at_promises(void)
{
	char *log = kernel_log(), *line, *save;

	for (line = strtok_r(log, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (strstr(line, "container-selftest: #") &&
		    strstr(line, "not so:"))
			FAIL("%s", strstr(line, "container-selftest: #"));
	ktap_check(true);
	free(log);
	EXPECT_OK(syscall(SYS_syslog, 5, NULL, 0));	/* clear */
}

static void cleanup(void)
{
	ct_write("/proc/sys/kernel/printk", "7\n");
	ct_cleanup();
	look_at_promises();
}

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), cleanup);
}

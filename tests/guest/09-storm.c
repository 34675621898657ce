// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: workers fork, exec, make threads, die, move themselves and
 * others, make, rename and remove containers, mount, remount and unmount, list,
 * hold files and directories open, stop and trace each other's kids, in several
 * hierarchies with all subsystems that there are (storm.h).  Every now and then
 * all of them wait, and somebody checks that everything adds up (storm-check.h).
 * In the end everything can be taken down, the subsystems can be mounted in any
 * other way, and no memory is lost.
 *
 * How long a storm is says the number of operations.
 *
 * What each worker does follows from the seed (cseed=), and so do the sets of
 * subsystems; how the workers interleave does not.  With cminutes= there is one
 * case, which goes on for that long, with another seed each round.
 *
 * harness: alone=1 configs=base,debug,full,cpuset timeout=150
 * harness: smp_base=2 smp_debug=4 smp_cpuset=4
 */
static int storm_seconds(void);
#define KTAP_TIMEOUT_S storm_seconds()
#include "storm.h"
#include "storm-check.h"

/* Operations of a phase. */
#define STORM_OPS ktap_loops(15000)

/* Time that a case has; multiplied by the scale of the kernel. */
static int storm_seconds(void)
{
	const char *s = ktap_param("CMINUTES");

	return 100 + (s ? 60 * atoi(s) : 0);
}

/* --- the sky: which subsystems are where ----------------------------------------- */

/* Appends to a list. */
static void add_word(char *list, size_t size, const char *word)
{
	size_t n = strlen(list);

	snprintf(list + n, size - n, "%s%s", n ? "," : "", word);
}

static void add_subsys(unsigned int place, char *name)
{
	if (place < FIXED - 1)
		add_word(sky.opts[place], sizeof(sky.opts[0]), name);
	else if (sky.nr_some < MAX_SUBSYS)
		sky.some[sky.nr_some++] = name;
	sky.cpuset |= !strcmp(name, "cpuset");
}

/*
 * The last fixed hierarchy has no subsystem, of the others each has what chance
 * gives it, and what remains comes and goes.  Without chance: the same spread
 * every time.
 */
static void draw_sky(unsigned long seed, bool chance)
{
	char *all = ct_all_subsys(), *name, *save;
	unsigned int i = 0;
	struct worker w;

	seed_worker(&w, seed, WORKERS);
	memset(&sky, 0, sizeof(sky));
	for (name = strtok_r(all, ",", &save); name;
	     name = strtok_r(NULL, ",", &save), i++)
		add_subsys(chance ? rnd(&w, 5) : i % FIXED, name);
	for (i = 0; i < FIXED; i++) {
		char own[32];

		snprintf(sky.dir[i], sizeof(sky.dir[i]), CT_TMP "/m%u", i);
		snprintf(own, sizeof(own), "none,name=storm%u", i);
		if (!*sky.opts[i])
			add_word(sky.opts[i], sizeof(sky.opts[0]), own);
		else if (chance && rnd(&w, 2))
			add_word(sky.opts[i], sizeof(sky.opts[0]), own + 5);
	}
	sky.names = chance ? 2 + rnd(&w, 4) : 5;
}

/* Agents that remove what has become unused. */
static void make_agents(void)
{
	int i;

	mkdir(CT_TMP, 0755);
	mkdir(AGENTS, 0755);
	for (i = 0; i < FIXED; i++) {
		char *agent = strdup(P(AGENTS "/h%d", i));

		unlink(P("%s.log", agent));
		symlink("/bin/agent", agent);
		symlink(sky.dir[i], P("%s.rmdir", agent));
		free(agent);
	}
}

/* --- taking it down ----------------------------------------------------------------- */

/* Has a process a thread that has not exited?  Its leader may have. */
static bool is_alive(int pid)
{
	DIR *d = opendir(P("/proc/%d/task", pid));
	struct dirent *e;
	bool alive = false;

	while (d && !alive && (e = readdir(d))) {
		char *s = ct_slurp(P("/proc/%d/task/%s/stat", pid, e->d_name));
		char *paren = s ? strrchr(s, ')') : NULL;

		alive = paren && !strchr("ZX", paren[2]);
		free(s);
	}
	if (d)
		closedir(d);
	return alive;
}

/* Kills all but the caller; how many are left, with the caller. */
static int kill_session(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0, sid;

	while (d && (e = readdir(d))) {
		int pid = atoi(e->d_name);

		if (pid <= 1 || !ktap_stat(pid, NULL, &sid) ||
		    sid != getsid(0) || !is_alive(pid))
			continue;
		n++;
		if (pid != getpid())
			kill_for_sure(pid);
	}
	if (d)
		closedir(d);
	return n;
}

static bool alone(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return kill_session() == 1;
}

static void show_thread(int pid, const char *tid)
{
	char *s = ct_slurp(P("/proc/%d/task/%s/status", pid, tid));
	char *wchan = ct_slurp(P("/proc/%d/task/%s/wchan", pid, tid));
	char *state = s ? strstr(s, "State:") : NULL;
	char *pending = s ? strstr(s, "SigPnd:") : NULL;

	ktap_note("%d survives: thread %s %.18s %.48s in %s", pid, tid,
		  state ? state : "", pending ? pending : "",
		  wchan ? wchan : "?");
	free(s);
	free(wchan);
}

/* Prints the tasks that do not die, and their pending signals. */
static void show_survivors(void)
{
	DIR *d = opendir("/proc"), *task;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		int pid = atoi(e->d_name), sid;

		if (pid <= 1 || pid == getpid() ||
		    !ktap_stat(pid, NULL, &sid) || sid != getsid(0) ||
		    !is_alive(pid))
			continue;
		task = opendir(P("/proc/%d/task", pid));
		while (task && (e = readdir(task)))
			if (isdigit((unsigned char)*e->d_name))
				show_thread(pid, e->d_name);
		if (task)
			closedir(task);
	}
	if (d)
		closedir(d);
	ktap_sysrq('t');
}

/* Is it removed, by us or by an agent? */
static bool gone(const char *dir)
{
	return !rmdir(dir) || errno == ENOENT;
}

/* Removes all containers below dir, which must all be unused. */
static void remove_all(const char *top)
{
	char *dir = strdup(top);
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && !ktap_sh->failed && (e = readdir(d))) {
		char *sub, *tasks;

		if (e->d_type != DT_DIR || *e->d_name == '.')
			continue;
		sub = strdup(P("%s/%s", dir, e->d_name));
		remove_all(sub);
		tasks = ct_slurp(P("%s/tasks", sub));
		if (tasks && *tasks)
			FAIL("%s still has %s", sub, ktap_quote(tasks));
		CTX("%s", sub);
		EXPECT_SOON(gone(sub), 2);
		CTX_END();
		free(tasks);
		free(sub);
	}
	if (d)
		closedir(d);
	free(dir);
}

static void take_down(void)
{
	int i;

	for (i = 0; i < FIXED; i++)
		EXPECT_OK(ct_write(P("%s/release_agent", sky.dir[i]), "\n"));
	for (i = 0; i < WORKERS; i++)
		while (!umount2(P(CT_TMP "/w%d", i), 0))
			;
	for (i = 0; i < FIXED && !ktap_sh->failed; i++) {
		remove_all(sky.dir[i]);
		EXPECT_EQ(ct_nlink(sky.dir[i]), 2);
		/* an agent may still be on its way through */
		EXPECT_SOON(!umount2(sky.dir[i], 0), 5);
	}
	for (i = 0; i < WORKERS; i++)
		remove_all(P(CT_TMP "/w%d", i));
	/* what is hidden, and a last css_group */
	if (!ktap_sh->failed)
		ct_cleanup();
}

/* Nothing keeps the subsystems from any other set. */
static void mount_others(void)
{
	char *all = ct_all_subsys();

	MOUNT(M1, all);
	UMOUNT(M1);
	draw_sky(ktap_seed() + 1, true);
	MOUNT(M1, sky.opts[0]);
	MOUNT(M2, sky.opts[1]);
	UMOUNT(M1);
	UMOUNT(M2);
	EXPECT_STR(ct_slurp("/proc/self/container"), "");
	free(all);
}

/* --- a round --------------------------------------------------------------------------- */

static int workers[WORKERS];

static void start_workers(unsigned long seed)
{
	static struct worker w;
	int i;

	SET(sh->stop, 0);
	SET(sh->hold, 0);
	memset(sh->kids, 0, sizeof(sh->kids));
	memset(sh->tids, 0, sizeof(sh->tids));
	for (i = 0; i < WORKERS; i++) {
		memset(&w, 0, sizeof(w));
		w.nr = i;
		seed_worker(&w, seed, i);
		workers[i] = IN_CHILD(work(&w));
	}
}

static void stop_workers(void)
{
	int i;

	SET(sh->stop, 1);
	for (i = 0; i < WORKERS; i++)
		ct_ended_well(workers[i]);
}

/*
 * Waits until all workers wait.  If they do not, the machine is stuck: a
 * failure.
 */
static bool rendezvous(void)
{
	SET(sh->hold, 1);
	if (WAIT_FOR(GET(sh->parked) == WORKERS || ktap_sh->failed, 30))
		return !ktap_sh->failed;
	FAIL("%d of %d workers have come", GET(sh->parked), WORKERS);
	ktap_show_session(getsid(0));
	ktap_sysrq('t');
	ktap_sysrq('d');
	return false;
}

static void go_on(void)
{
	SET(sh->hold, 0);
	WAIT_FOR(!GET(sh->parked), 10);
}

static long total(const long *counts)
{
	long sum = 0;
	int i;

	for (i = 0; i < NR_OPS; i++)
		sum += GET(counts[i]);
	return sum;
}

static void show_sky(unsigned long seed)
{
	int i;

	for (i = 0; i < FIXED; i++)
		ktap_note("seed %lu: hierarchy %s", seed, sky.opts[i]);
	for (i = 0; i < sky.nr_some; i++)
		ktap_note("seed %lu: comes and goes: %s", seed, sky.some[i]);
}

/* A storm has some phases, of so many operations each. */
static void one_round(unsigned long seed, bool chance, int phases, int ops)
{
	long enough;
	int i;

	draw_sky(seed, chance);
	make_agents();
	for (i = 0; i < FIXED; i++) {
		CTX("%s", sky.opts[i]);
		MOUNT(sky.dir[i], sky.opts[i]);
		CTX_END();
	}
	start_workers(seed);
	while (phases-- && !ktap_sh->failed) {
		enough = total(sh->ops) + ops;
		while (GO_ON(total(sh->ops) < enough))
			usleep(10000);
		if (!rendezvous() || !all_adds_up("rendezvous"))
			break;
		go_on();
	}
	stop_workers();
	/* with the workers' children where they are */
	if (!ktap_sh->failed)
		all_adds_up("after the storm");
	if (!EXPECT_SOON(alone(), 20)) {
		show_survivors();
		return;
	}
	if (!ktap_sh->failed)
		all_adds_up("with everybody dead");
	take_down();
	if (!ktap_sh->failed)
		mount_others();
	if (ktap_sh->failed) {
		draw_sky(seed, chance);
		show_sky(seed);
	}
}

/* --- the report -------------------------------------------------------------------------- */

static void report(void)
{
	char line[120] = "";
	int i;

	for (i = 0; i < NR_OPS; i++) {
		size_t n = strlen(line);

		snprintf(line + n, sizeof(line) - n, " %s %ld/%ld", op_name[i],
			 sh->ok[i], sh->ops[i]);
		if (i % 5 < 4 && i < NR_OPS - 1)
			continue;
		ktap_note("ops%s", line);
		*line = 0;
	}
	ktap_note("total %ld operations, %ld of them well", total(sh->ops),
		  total(sh->ok));
}

/* Has every kind of operation been of use, if it was tried often enough? */
static void all_of_use(void)
{
	int i;

	for (i = 0; i < NR_OPS; i++) {
		if (sh->ops[i] < 100 && i != OP_fork && i != OP_move)
			continue;
		CTX("%s", op_name[i]);
		EXPECT_CMP(sh->ok[i], >, 0);
	}
	CTX_END();
}

/* The first round warms up caches, unless objects are counted by their makers. */
static void rounds(int count, bool chance, int phases, int ops)
{
	static struct slabs before;
	int i;

	sh = ct_shared(sizeof(*sh));
	slabs_count(&before);
	for (i = 0; i < count && !ktap_sh->failed; i++) {
		one_round(ktap_seed() + i, chance, phases, ops);
		if (!i && !before.exact)
			slabs_count(&before);
	}
	report();
	if (ktap_sh->failed)
		return;
	check_slabs(&before, 500);
}

static void many_containers(void)
{
	rounds(2, false, 2, STORM_OPS);
	all_of_use();
}

static void any_subsystems(void)
{
	rounds(2, true, 2, STORM_OPS);
}

/* Rounds of different length until the time is over. */
static void long_storm(void)
{
	long start = ktap_ms(), end = start, ops;
	unsigned long seed = ktap_seed();
	static struct slabs before;
	int nr = 0;

	sh = ct_shared(sizeof(*sh));
	slabs_count(&before);
	end += atol(ktap_param("CMINUTES")) * 60000;
	while (ktap_ms() < end && !ktap_sh->failed) {
		one_round(seed, true, 3 + seed % 6,
			  STORM_OPS / 2 * (1 + seed % 7));
		ops = total(sh->ops);
		ktap_note("round %d seed %lu: %ld operations, %ld a minute",
			  ++nr, seed, ops,
			  ops * 60000 / (ktap_ms() - start + 1));
		if (nr == 2 && !before.exact)
			slabs_count(&before);
		if (!ktap_sh->failed && nr > 2)
			check_slabs(&before, 2000);
		if (ktap_sh->failed)
			ktap_note("failed with seed %lu", seed);
		seed++;
	}
	report();
}

static const struct ktap_case short_cases[] = {
	T(many_containers),
	T(any_subsystems),
};

static const struct ktap_case long_case[] = {
	T(long_storm),
};

int main(int argc, char **argv)
{
	if (ktap_param("CMINUTES"))
		return ktap_main(argc, argv, long_case, 1, ct_cleanup);
	return ktap_main(argc, argv, short_cases, ARRAY_SIZE(short_cases),
			 ct_cleanup);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Sequences of random operations, and those that have found an error before.
 *
 * "corpus" replays the files of tests/corpus.  "model" compares the machine
 * with a model after each operation (fuzz-model.h).  "chaos" lets several
 * workers do anything, and then checks that everything is consistent
 * (fuzz-chaos.h).  A failure is printed as a sequence that can become a file of
 * the corpus; in mode model it is shortened first.
 *
 * Model and chaos run a number of sequences each; fuzz=SECONDS on the kernel
 * command line lets them run for this time instead.  fuzzseq=model:NUMBER (or
 * chaos:) runs the one sequence with this number, which the kernel log shows
 * before each sequence.
 *
 * harness: alone=1 configs=base,debug,full smp=2 timeout=150 leak=1
 */
#define KTAP_TIMEOUT_S fuzz_timeout()
static int fuzz_timeout(void);

#include "fuzz-model.h"
#include "fuzz-chaos.h"

#define CORPUS "/tests/corpus"
#define MODEL_LENGTH 70
#define CHAOS_LENGTH 300
#define SHRINK_RUNS 400

/* For how long to run; 0: a fixed number of sequences. */
static int seconds(void)
{
	const char *s = ktap_param("FUZZ");

	return s ? atoi(s) : 0;
}

static int fuzz_timeout(void)
{
	return seconds() + 100;
}

/* --- sequences -------------------------------------------------------------------- */

static const struct op_desc *ops_of(const struct seq *q, int *nr)
{
	*nr = q->chaos ? ARRAY_SIZE(chaos_ops) : ARRAY_SIZE(model_ops);
	return q->chaos ? chaos_ops : model_ops;
}

/* First operations; without them half of a sequence has nothing to work on. */
static const struct op start[] = {
	{ 0 /* mount */, 0, 0, 0, 1 }, { 1, 0, 1, 0755, 1 },
	{ 1, 0, 2049, 0755, 1 }, { 1, 0, 5, 0755, 1 }, { 2, 0, 0, 0, 0 },
	{ 0, 1, 5, 0, 1 }, { 1, 1, 1, 0755, 1 }, { 2, 1, 0, 0, 0 },
};

static void seq_start(struct seq *q, unsigned long *rnd)
{
	static const char *const kinds[] = { "mount", "mkdir", "fork" };
	const struct op_desc *table;
	unsigned int i, nr, skip = ktap_rand(rnd) % 3;

	table = ops_of(q, (int *)&nr);
	for (i = 0; i + skip < ARRAY_SIZE(start); i++) {
		q->ops[i] = start[i];
		q->ops[i].kind = op_kind(table, nr, kinds[start[i].kind]);
		if (!start[i].kind)
			q->ops[i].b = ktap_rand(rnd) | 1;
	}
}

static void seq_make(struct seq *q, bool chaos, unsigned long number)
{
	unsigned long rnd = number * 2654435761UL + 88172645463325252UL;
	const struct op_desc *table;
	int i, nr;

	q->chaos = chaos;
	table = ops_of(q, &nr);
	for (i = 0; i < 5; i++)
		ktap_rand(&rnd);
	q->workers = chaos ? 2 + ktap_rand(&rnd) % 3 : 1;
	q->nr = chaos ? CHAOS_LENGTH : MODEL_LENGTH;
	for (i = 0; i < q->nr; i++)
		op_random(table, nr, &q->ops[i], &rnd);
	seq_start(q, &rnd);
}

static void seq_print(const struct seq *q)
{
	const struct op_desc *table;
	char buf[80];
	int i, nr;

	table = ops_of(q, &nr);
	if (q->chaos)
		ktap_note("| mode chaos %d", q->workers);
	else
		ktap_note("| mode model");
	for (i = 0; i < q->nr; i++) {
		op_text(&table[q->ops[i].kind], &q->ops[i], buf);
		ktap_note("| %s", buf);
	}
}

/* Parses a line of a file; false when it is invalid. */
static bool seq_line(struct seq *q, char *line)
{
	const struct op_desc *table;
	struct op op = { 0 };
	char name[32];
	int nr, kind;

	if (!*line || *line == '#')
		return true;
	if (!strcmp(line, "mode model")) {
		q->chaos = false;
		return true;
	}
	if (sscanf(line, "mode chaos %d", &q->workers) == 1) {
		q->chaos = true;
		return q->workers > 0 && q->workers <= MAX_WORKERS;
	}
	if (sscanf(line, "%31s %hu %hu %hu %hu", name, &op.a, &op.b, &op.c,
		   &op.d) < 1)
		return false;
	table = ops_of(q, &nr);
	kind = op_kind(table, nr, name);
	op.kind = kind;
	if (kind < 0 || q->nr == MAX_OPS)
		return false;
	q->ops[q->nr++] = op;
	return true;
}

static void seq_load(struct seq *q, const char *file)
{
	char *text = ct_slurp(file), *line, *save;

	memset(q, 0, sizeof(*q));
	q->workers = 1;
	ASSERT(text);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (!seq_line(q, line))
			FAIL("%s: %s: no such operation", file,
			     ktap_quote(line));
	EXPECT_CMP(q->nr, >, 0);
	free(text);
}

/* --- running one -------------------------------------------------------------------- */

/* Unmounts everything below CT_TMP, however it was mounted, and on what. */
static void detach_all(void)
{
	char *all, *line, *save, *deleted, dir[PATH_MAX];
	int tries, n = 1;

	for (tries = 0; n && tries < 20; tries++) {
		all = ct_slurp("/proc/mounts");
		n = 0;
		for (line = all ? strtok_r(all, "\n", &save) : NULL; line;
		     line = strtok_r(NULL, "\n", &save)) {
			/* the mount source may be empty */
			line = strchr(line, ' ');
			if (!line || sscanf(line, " %4095s", dir) != 1 ||
			    strncmp(dir, CT_TMP "/", strlen(CT_TMP) + 1))
				continue;
			n++;
			/* 2.6.22 shows this for a directory that was removed */
			deleted = strstr(dir, "\\040(deleted)");
			if (deleted)
				*deleted = 0;
			umount2(dir, MNT_DETACH);
		}
		free(all);
	}
}

#define HIDDEN CT_TMP "/hidden"

/*
 * Mounts the first hierarchy that exists, checks it, and removes its
 * containers.  False when there is none.  What still keeps it, such as a
 * namespace that is being freed, does so only for a moment.
 */
static bool dissolve_one(bool check)
{
	char *s = ct_slurp("/proc/self/container"), *colon, *comma;

	colon = s ? strchr(s, ':') : NULL;
	if (!colon) {
		free(s);
		return false;
	}
	*colon = 0;
	if (ct_mount(HIDDEN, s)) {
		usleep(2000);
		free(s);
		return true;
	}
	mount(NULL, HIDDEN, NULL, MS_REMOUNT, NULL);	/* was it read-only? */
	comma = strchr(s, ',');
	if (comma)
		*comma = 0;
	if (check)
		ct_check_hierarchy(HIDDEN, s);
	ct_empty_mount(HIDDEN);
	umount2(HIDDEN, 0);
	free(s);
	return true;
}

static void dissolve_all(bool check)
{
	char seen[128] = "";
	int looks = 0;

	detach_all();
	for (;;) {
		char *s = ct_slurp("/proc/self/container");
		bool again = s && !strncmp(s, seen, strlen(seen)) && *seen;

		snprintf(seen, sizeof(seen), "%.100s", s ? s : "");
		free(s);
		if (again && !ktap_again(&looks, 5))
			break;
		if (!dissolve_one(check && !again))
			break;
	}
	ct_cleanup();
}

static void run_in_child(const struct seq *q)
{
	int status, pid = fork();

	if (!pid) {
		signal(SIGALRM, SIG_DFL);
		setsid();
		if (q->chaos)
			chaos_run(q);
		model_run(q);
	}
	ASSERT_OK(pid);
	if (!WAIT_FOR(waitpid(pid, &status, WNOHANG) == pid, 20)) {
		snprintf(fz->bad, sizeof(fz->bad), "it does not end");
		ktap_show_session(pid);
	} else if (status && !*fz->bad) {
		snprintf(fz->bad, sizeof(fz->bad), "it ended with status %#x",
			 status);
	}
	ktap_kill_session(pid);
}

/* Runs a sequence and takes everything down.  Returns whether all went well. */
static bool seq_run(const struct seq *q)
{
	int failed = ktap_sh->failed;

	*fz->bad = 0;
	INC(fz->sequences);
	run_in_child(q);
	dissolve_all(q->chaos);
	if (!*fz->bad && ktap_sh->failed != failed)
		snprintf(fz->bad, sizeof(fz->bad), "see above");
	ktap_check(!*fz->bad);
	return !*fz->bad;
}

/* Removes operations that are not needed for the failure, in limited time. */
static void seq_shrink(struct seq *q)
{
	int failed = ktap_sh->failed, diags = ktap_sh->diags, part, i, runs = 0;
	static struct seq shorter;

	ktap_sh->diags = KTAP_MAX_DIAG + 1;	/* quiet */
	for (part = q->nr / 2; part; part /= 2) {
		for (i = 0; i + part <= q->nr && runs < SHRINK_RUNS; ) {
			runs++;
			shorter = *q;
			shorter.nr -= part;
			memmove(&shorter.ops[i], &shorter.ops[i + part],
				(q->nr - i - part) * sizeof(q->ops[0]));
			if (seq_run(&shorter))
				i += part;
			else
				*q = shorter;
		}
	}
	ktap_sh->failed = failed;
	ktap_sh->diags = diags;
}

static void seq_failed(struct seq *q, const char *name)
{
	FAIL("%s, operation %d: %s", name, q->chaos ? 0 : fz->at, fz->bad);
	if (!q->chaos) {
		q->nr = fz->at + 1 < q->nr ? fz->at + 1 : q->nr;
		seq_shrink(q);
		seq_run(q);
		ktap_note("shortened: %s", *fz->bad ? fz->bad :
			  "does not fail every time");
	}
	seq_print(q);
}

/* --- cases ----------------------------------------------------------------------------- */

static void begin(void)
{
	fz = ct_shared(sizeof(*fz));
	umask(0);
}

static void corpus(void)
{
	DIR *d = opendir(CORPUS);
	static struct seq q;
	struct dirent *e;
	int n = 0, i;

	begin();
	ASSERT(d);
	while ((e = readdir(d))) {
		char *name = strdup(e->d_name);

		if (*name == '.')
			continue;
		seq_load(&q, P(CORPUS "/%s", name));
		for (i = 0; i < (q.chaos ? 3 : 1); i++)
			if (!seq_run(&q))
				FAIL("%s: operation %d: %s", name, fz->at,
				     fz->bad);
		n++;
		free(name);
	}
	closedir(d);
	EXPECT_CMP(n, >, 0);
	ktap_note("fuzz: %d sequences of the corpus, %ld executions", n,
		  fz->executions);
}

/* Prints how often each kind of operation was tried, and was successful. */
static void report(const struct seq *q)
{
	const struct op_desc *table;
	int i, nr;

	table = ops_of(q, &nr);
	for (i = 0; i < nr; i++)
		ktap_note("fuzz: %-9s %7ld of %7ld", table[i].name,
			  fz->good[i], fz->calls[i]);
	ktap_note("fuzz: %ld executions, %ld sequences", fz->executions,
		  fz->sequences);
}

/*
 * Objects that our functions have allocated and that are not free, where the
 * kernel tells (2.6.22 debug); -1 elsewhere.
 */
static long allocated(void)
{
	char *s = ct_slurp("/proc/slab_allocators"), *line, *save, who[128];
	long total = 0, n;

	if (!s)
		return -1;
	for (line = strtok_r(s, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "%*s %ld %127s", &n, who) == 2 &&
		    (strstr(who, "container") || strstr(who, "css_group") ||
		     strstr(who, "name_alloc")))
			total += n;
	free(s);
	return total;
}

/* Is only one sequence of the other mode asked for?  Then skip this case. */
static bool only_one(bool chaos, unsigned long *number)
{
	const char *s = ktap_param("FUZZSEQ");

	if (!s)
		return false;
	if (strncmp(s, chaos ? "chaos:" : "model:", 6))
		SKIP("fuzzseq=");
	*number = strtoul(s + 6, NULL, 0);
	return true;
}

static void fuzz(bool chaos)
{
	unsigned long number = ktap_seed() * 1000003;
	const char *mode = chaos ? "chaos" : "model";
	bool one = only_one(chaos, &number);
	static struct seq q;
	int n = ktap_loops(chaos ? 90 : 18);
	long end, before;

	begin();
	before = allocated();
	end = ktap_ms() + 1000L * seconds();
	do {
		seq_make(&q, chaos, number);
		ktap_kmsg("fuzz", P("%s:%lu", mode, number));
		if (one)
			seq_print(&q);
		if (!seq_run(&q)) {
			seq_failed(&q, P("%s:%lu", mode, number));
			break;
		}
		number++;
		n--;
	} while (!one && (seconds() ? ktap_ms() < end : n > 0));
	report(&q);
	/* what is freed by RCU and work queues takes a moment */
	EXPECT_SOON(allocated() <= before, 5);
}

static void model(void)
{
	fuzz(false);
}

static void chaos(void)
{
	fuzz(true);
}

static const struct ktap_case cases[] = {
	T(corpus),
	T(model),
	T(chaos),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

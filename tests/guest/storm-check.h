/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _STORM_CHECK_H
#define _STORM_CHECK_H
/*
 * Checks that everything is consistent, while the workers wait.  Their kids
 * continue what they were doing, and kernel threads come and go.  So only an
 * error that is seen in many looks in a row is a failure.
 *
 *  - Each thread in /proc is listed in one container of each hierarchy, once,
 *    and it is the container that its /proc file shows; no other thread is
 *    listed.  Threads that have exited are listed nowhere.
 *  - There are as many css_groups as there are different sets of containers
 *    that threads are in.
 *  - The link count of a directory, /proc/containers and the existing
 *    directories agree; reading a directory twice shows the same.
 *  - debug: task_count is the number of listed tasks, and no reference is left.
 *  - numtasks: count is the number of listed tasks, here and below; peak is not
 *    less.
 *  - forks: not more than all forks of the machine.
 *  - cpuacct: not less than the containers below together.
 *  - owner: no id twice.
 *  - cpuset: no CPU that the container above does not have.
 */
#include "ct.h"

#define CHECK_DIR CT_TMP "/check"
#define MAX_THREADS 4096
#define MAX_OWNERS 4096
#define LOOKS 25

struct look_thread {
	int tid;
	int seen;		/* in how many containers of the hierarchy */
	char *text;		/* its /proc file */
};

/* The result of one look at the machine. */
static struct {
	struct look_thread t[MAX_THREADS];
	int n;
	const char *key;	/* the hierarchy, as its /proc line begins */
	long owners[MAX_OWNERS];
	int nr_owners;
	char wrong[4][300];
	int nr_wrong;
} look;

/* Sums over a container and all containers below it. */
struct sums {
	long tasks, dirs, usage;
};

__attribute__((format(printf, 1, 2)))
static void wrong(const char *fmt, ...)
{
	va_list ap;

	if (look.nr_wrong < (int)ARRAY_SIZE(look.wrong)) {
		va_start(ap, fmt);
		vsnprintf(look.wrong[look.nr_wrong], sizeof(look.wrong[0]),
			  fmt, ap);
		va_end(ap);
	}
	look.nr_wrong++;
}

/* --- threads ------------------------------------------------------------------ */

static void look_at_thread(int pid, int tid)
{
	char *stat = ct_slurp(P("/proc/%d/task/%d/stat", pid, tid)), *text;
	char *paren = stat ? strrchr(stat, ')') : NULL;
	bool dead = !paren || strchr("ZX", paren[2]);

	free(stat);
	if (dead || look.n == MAX_THREADS)
		return;
	text = ct_slurp(P("/proc/%d/task/%d/container", pid, tid));
	if (!text)
		return;
	look.t[look.n].tid = tid;
	look.t[look.n++].text = text;
}

static int cmp_tid(const void *a, const void *b)
{
	const struct look_thread *x = a, *y = b;

	return x->tid - y->tid;
}

static void look_at_threads(void)
{
	DIR *proc = opendir("/proc"), *task;
	struct dirent *e;
	int pid;

	while (proc && (e = readdir(proc))) {
		pid = atoi(e->d_name);
		task = pid ? opendir(P("/proc/%d/task", pid)) : NULL;
		while (task && (e = readdir(task)))
			if (isdigit((unsigned char)*e->d_name))
				look_at_thread(pid, atoi(e->d_name));
		if (task)
			closedir(task);
	}
	if (proc)
		closedir(proc);
	qsort(look.t, look.n, sizeof(look.t[0]), cmp_tid);
}

static int cmp_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Counts the different texts, that is, sets of containers. */
static int different_sets(void)
{
	const char **text = malloc((look.n + 1) * sizeof(*text));
	int i, n = 0;

	for (i = 0; i < look.n; i++)
		text[i] = look.t[i].text;
	qsort(text, look.n, sizeof(*text), cmp_text);
	for (i = 0; i < look.n; i++)
		n += !i || strcmp(text[i], text[i - 1]);
	free(text);
	return n;
}

/* Does the /proc file of the thread show this path for this hierarchy? */
static bool text_says(const char *text, const char *path)
{
	size_t key = strlen(look.key), len = strlen(path);

	for (; text && *text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (!strncmp(text, look.key, key) && text[key] == ':')
			return !strncmp(text + key + 1, path, len) &&
			       text[key + 1 + len] == '\n';
	}
	return false;
}

/* --- containers ----------------------------------------------------------------- */

/* Checks the tasks listed in dir, the container at path. */
static long check_tasks(const char *dir, const char *path)
{
	int n, i, *ids = ct_tasks(dir, &n);

	for (i = 0; i < n; i++) {
		struct look_thread key = { .tid = ids[i] }, *t;

		t = bsearch(&key, look.t, look.n, sizeof(key), cmp_tid);
		if (!t) {
			wrong("%s:%s lists %d, which is no live thread",
			      look.key, path, ids[i]);
			continue;
		}
		t->seen++;
		if (!text_says(t->text, path))
			wrong("%s:%s lists %d, whose file says %s", look.key,
			      path, ids[i], ktap_quote(t->text));
	}
	free(ids);
	return n;
}

static void check_number(const char *dir, const char *file, long want)
{
	const char *path = P("%s/%s", dir, file);
	long got;

	if (!ct_exists(path))
		return;
	got = ct_num(path);
	if (got != want)
		wrong("%s is %ld, expected %ld", path, got, want);
}

static void check_numtasks(const char *dir, bool top, long tasks)
{
	const char *peak = P("%s/numtasks.peak", dir);

	if (top || !ct_exists(peak))
		return;
	check_number(dir, "numtasks.count", tasks);
	if (ct_num(peak) < tasks)
		wrong("%s is %ld, expected %ld or more", peak, ct_num(peak),
		      tasks);
}

/* The number of forks since boot. */
static long all_forks(void)
{
	char *s = ct_slurp("/proc/stat"), *p;
	long n = -1;

	p = s ? strstr(s, "\nprocesses ") : NULL;
	if (p)
		n = atol(p + 11);
	free(s);
	return n;
}

static void check_forks(const char *dir)
{
	const char *file = P("%s/forks.count", dir);
	long n;

	if (!ct_exists(file))
		return;
	n = ct_num(file);
	if (n < 0 || n > all_forks())
		wrong("%s is %ld, of %ld forks in all", file, n, all_forks());
}

static void check_owner(const char *dir, bool top)
{
	const char *file = P("%s/owner.id", dir);
	long id;
	int i;

	if (!ct_exists(file))
		return;
	id = ct_num(file);
	if (top ? id : id <= 0)
		wrong("%s is %ld", file, id);
	for (i = 0; i < look.nr_owners; i++)
		if (look.owners[i] == id)
			wrong("%s is %ld, and so is another", file, id);
	if (look.nr_owners < MAX_OWNERS)
		look.owners[look.nr_owners++] = id;
}

/* The CPUs in a list such as "0-1,3", as a mask. */
static long cpu_mask(const char *dir)
{
	char *s = ct_slurp(P("%s/cpuset.cpus", dir)), *p = s;
	long mask = 0;

	while (p && isdigit((unsigned char)*p)) {
		long from = strtol(p, &p, 10), to = from;

		if (*p == '-')
			to = strtol(p + 1, &p, 10);
		while (from <= to)
			mask |= 1L << from++;
		p += *p == ',';
	}
	free(s);
	return mask;
}

static void check_cpuset(const char *dir, const char *sub)
{
	if (cpu_mask(sub) & ~cpu_mask(dir))
		wrong("%s has CPUs %lx, above it has %lx", sub, cpu_mask(sub),
		      cpu_mask(dir));
}

static void check_dir(const char *dir, long dirs)
{
	char *a = ct_ls(dir), *b = ct_ls(dir);

	if (!a || !b || strcmp(a, b))
		wrong("%s shows %s, then %s", dir, ktap_quote(a),
		      ktap_quote(b));
	if (ct_nlink(dir) != 2 + dirs)
		wrong("%s has %d links and %ld directories", dir,
		      ct_nlink(dir), dirs);
	free(a);
	free(b);
}

static struct sums check_container(const char *dir, const char *path);

/* Checks all containers below dir, and returns their sums. */
static struct sums check_children(const char *dir, const char *path)
{
	struct sums all = { 0 }, one;
	DIR *d = opendir(dir);
	struct dirent *e;
	long dirs = 0;

	while (d && (e = readdir(d))) {
		char *sub, *subpath;

		if (e->d_type != DT_DIR || *e->d_name == '.')
			continue;
		sub = strdup(P("%s/%s", dir, e->d_name));
		subpath = strdup(P("%s/%s", strcmp(path, "/") ? path : "",
				   e->d_name));
		one = check_container(sub, subpath);
		check_cpuset(dir, sub);
		all.tasks += one.tasks;
		all.dirs += one.dirs;
		all.usage += one.usage;
		dirs++;
		free(sub);
		free(subpath);
	}
	if (d)
		closedir(d);
	check_dir(dir, dirs);
	return all;
}

static struct sums check_container(const char *dir, const char *path)
{
	struct sums sum = check_children(dir, path);
	long own = check_tasks(dir, path), used;
	bool top = !strcmp(path, "/");
	const char *usage;

	sum.tasks += own;
	sum.dirs++;
	check_number(dir, "debug.task_count", own);
	if (!top)
		check_number(dir, "debug.css_refcount", 0);
	check_numtasks(dir, top, sum.tasks);
	check_forks(dir);
	check_owner(dir, top);
	usage = P("%s/cpuacct.usage", dir);
	if (ct_exists(usage)) {
		used = ct_num(usage);
		if (used < sum.usage)
			wrong("%s is %ld, those below have %ld", usage, used,
			      sum.usage);
		sum.usage = used;
	}
	return sum;
}

/* --- hierarchies ------------------------------------------------------------------ */

/* Checks the hierarchy look.key, which is mounted on dir. */
static void check_tree(const char *dir)
{
	struct sums sum;
	char *name;
	int i;

	for (i = 0; i < look.n; i++)
		look.t[i].seen = 0;
	look.nr_owners = 0;
	sum = check_container(dir, "/");
	for (i = 0; i < look.n; i++)
		if (look.t[i].seen != 1)
			wrong("%s: %d is listed in %d containers, its file says %s",
			      look.key, look.t[i].tid, look.t[i].seen,
			      ktap_quote(look.t[i].text));
	name = strndup(look.key, strcspn(look.key, ","));
	if (strncmp(name, "name=", 5) && ct_subsys_field(name, 1) != sum.dirs)
		wrong("%s: %ld directories, in /proc/containers %d", look.key,
		      sum.dirs, ct_subsys_field(name, 1));
	free(name);
	if (ct_exists(P("%s/debug.css_groups", dir)))
		check_number(dir, "debug.css_groups", different_sets());
}

/* Checks all hierarchies, mounted or not. */
static void check_hierarchies(void)
{
	char *all = ct_slurp("/proc/self/container"), *line, *save;

	for (line = all ? strtok_r(all, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		*strchr(line, ':') = 0;
		look.key = line;
		/*
		 * it may have dissolved, and another have taken its subsystems
		 */
		if (ct_mount(CHECK_DIR, P("%s%s", strncmp(line, "name=", 5) ?
					  "" : "none,", line))) {
			wrong("mount %s: %s", line, ktap_errno(errno));
			continue;
		}
		check_tree(CHECK_DIR);
		EXPECT_OK(umount2(CHECK_DIR, 0));
	}
	free(all);
}

static void look_around(void)
{
	while (look.n)
		free(look.t[--look.n].text);
	look.nr_wrong = 0;
	look_at_threads();
	check_hierarchies();
}

/* The check: fails when something is still wrong after many looks. */
static bool all_adds_up(const char *when)
{
	int i, looks = LOOKS;

	do {
		look_around();
		if (!look.nr_wrong)
			break;
		usleep(20000 + 20000 * ktap_scale());
	} while (--looks && !ktap_sh->failed);
	ktap_check(!look.nr_wrong);
	for (i = 0; i < look.nr_wrong && i < (int)ARRAY_SIZE(look.wrong); i++)
		FAIL("%s: %s", when, look.wrong[i]);
	return !look.nr_wrong;
}

/* --- memory ------------------------------------------------------------------------- */

#define MAX_SLABS 400

/* Objects by cache or, where the kernel says so, by the function that made them. */
struct slabs {
	int n;
	bool exact;
	struct { char name[64]; long objects; } slab[MAX_SLABS];
};

static void slabs_add(struct slabs *s, const char *name, long objects)
{
	int i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->slab[i].name, name))
			break;
	if (i == MAX_SLABS)
		return;
	if (i == s->n) {
		snprintf(s->slab[i].name, sizeof(s->slab[i].name), "%s", name);
		s->slab[s->n++].objects = 0;
	}
	s->slab[i].objects += objects;
}

/* "size-128: 3 container_prepare+0x12/0x34" */
static bool slabs_by_caller(struct slabs *s)
{
	static const char *const ours[] = {
		"container", "css_group", "numtasks", "cpuacct", "owner_",
		"forks_", "ns_create", "debug_create", "cpuset",
	};
	char *all = ct_slurp("/proc/slab_allocators"), *line, *save;
	char name[128];
	unsigned int i;
	long n;

	if (!all)
		return false;
	for (line = strtok_r(all, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%*[^:]: %ld %63[^+]", &n, name) != 2)
			continue;
		for (i = 0; i < ARRAY_SIZE(ours); i++)
			if (strstr(name, ours[i]))
				break;
		if (i < ARRAY_SIZE(ours))
			slabs_add(s, name, n);
	}
	free(all);
	return true;
}

/* Counts the caches that this code uses. */
static void slabs_by_cache(struct slabs *s)
{
	static const char *const ours[] = {
		"kmalloc-", "size-", "inode_cache", "dentry", "pid",
		"task_struct", "mnt_cache",
	};
	char *all = ct_slurp("/proc/slabinfo"), *line, *save;
	char name[64];
	unsigned int i;
	long n;

	for (line = all ? strtok_r(all, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%63s %ld", name, &n) != 2)
			continue;
		for (i = 0; i < ARRAY_SIZE(ours); i++)
			if (!strncmp(name, ours[i], strlen(ours[i])))
				break;
		if (i < ARRAY_SIZE(ours))
			slabs_add(s, name, n);
	}
	free(all);
}

/* Lets the kernel free what is not in use. */
static void slabs_shrink(void)
{
	DIR *d = opendir("/sys/kernel/slab");
	struct dirent *e;

	ct_write("/proc/sys/vm/drop_caches", "3");
	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			ct_write(P("/sys/kernel/slab/%s/shrink", e->d_name),
				 "1");
	if (d)
		closedir(d);
}

static void slabs_count(struct slabs *s)
{
	memset(s, 0, sizeof(*s));
	slabs_shrink();
	s->exact = slabs_by_caller(s);
	if (!s->exact)
		slabs_by_cache(s);
}

/*
 * Returns what has grown.  Only objects with a known caller are counted
 * exactly.
 */
static const char *slabs_grown(const struct slabs *old, long slack)
{
	static struct slabs new;
	static char text[120];
	long before;
	int i, k;

	slabs_count(&new);
	for (i = 0; i < new.n; i++) {
		before = 0;
		for (k = 0; k < old->n; k++)
			if (!strcmp(old->slab[k].name, new.slab[i].name))
				before = old->slab[k].objects;
		if (new.slab[i].objects <= before + (new.exact ? 0 : slack))
			continue;
		snprintf(text, sizeof(text), "%ld objects of %s, were %ld",
			 new.slab[i].objects, new.slab[i].name, before);
		return text;
	}
	return NULL;
}

/* Checks for growth, waiting for what is freed after a grace period. */
static void check_slabs(const struct slabs *before, long slack)
{
	if (WAIT_FOR(!slabs_grown(before, slack), 3))
		ktap_check(true);
	else
		FAIL("there are %s", slabs_grown(before, slack) ?: "fewer now");
}

#endif /* _STORM_CHECK_H */

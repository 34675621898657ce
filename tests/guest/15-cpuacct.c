// SPDX-License-Identifier: GPL-2.0
/*
 * The cpuacct subsystem: the usage of a container is what its tasks have used,
 * exact to the nanosecond where the tasks do not run while it is read.
 *
 * harness: configs=base,debug,full timeout=120
 * harness: append="tsc_early_khz=2500000 clocksource=refined-jiffies"
 */
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "ct.h"

#define USAGE(dir) ct_num(dir "/cpuacct.usage")
#define LOAD(dir) ct_num(dir "/cpuacct.load")
#define MS 1000000L		/* in nanoseconds */
#define TICK (4 * MS)

/*
 * Does this kernel measure tasks between ticks?  2.6.22 shows ticks in
 * getrusage() and /proc/<pid>/stat, 6.12 what the scheduler has measured.
 */
static bool measures(void)
{
	struct utsname u;

	uname(&u);
	return strncmp(u.release, "2.6.", 4);
}

/*
 * Returns the user and system time of a process with all its threads, in the
 * unit in which the kernel keeps it: the clock of the profiling timer or that
 * of the scheduler.  0 is the caller.
 */
static long read_clock(int pid, int thread)
{
	clockid_t id = ~pid * 8 + thread * 4 + (measures() ? 2 : 0);
	struct timespec ts;

	if (syscall(SYS_clock_gettime, id, &ts))
		return -1;
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

static long clock_of(int pid)
{
	return read_clock(pid, 0);
}

static long own_clock(void)
{
	return clock_of(0);
}

static long own_thread_clock(void)
{
	return read_clock(0, 1);
}

static long rusage_ns(const struct rusage *r)
{
	return (r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1000 * MS +
	       (r->ru_utime.tv_usec + r->ru_stime.tv_usec) * 1000;
}

/* utime and stime of /proc/<pid>/stat, together */
static long stat_ns(int pid)
{
	char *s = ct_slurp(P("/proc/%d/stat", pid)), *p;
	long utime = 0, stime = 0;

	p = s ? strrchr(s, ')') : NULL;
	if (!p || sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
			 " %ld %ld", &utime, &stime) != 2)
		return -1;
	free(s);
	return (utime + stime) * (1000 / sysconf(_SC_CLK_TCK)) * MS;
}

/* --- a process that works when it is told to ----------------------------- */

struct worker {
	int pid;
	int cmd, done;		/* pipes */
};

static void work_user(long ns)
{
	long end = own_clock() + ns;

	while (own_clock() < end)
		ktap_spin(20000);
}

static void work_system(long ns)
{
	long end = own_clock() + ns;

	while (own_clock() < end)
		free(ct_slurp("/proc/self/stat"));
}

static void *work_thread(void *arg)
{
	long *ns = arg;

	while (own_thread_clock() < *ns)
		ktap_spin(20000);
	return NULL;
}

#define THREADS 3

/* Three threads at a time, which work for ns each and end. */
static void work_threads(long ns)
{
	pthread_t t[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(pthread_create(&t[i], NULL, work_thread, &ns), 0);
	for (i = 0; i < THREADS; i++)
		EXPECT_EQ(pthread_join(t[i], NULL), 0);
}

/*
 * Returns how many loops take this time.  A process that reads its clock makes
 * the scheduler update its times, which a test may not want.
 */
static unsigned int loops_for(long ns)
{
	unsigned int n = 1000;
	long start, took;

	do {
		n *= 2;
		start = own_clock();
		ktap_spin(n);
		took = own_clock() - start;
	} while (took < 10 * TICK);
	return n / (took / (double)ns);
}

#define FORKS 100

static int forks(void)
{
	int n = ktap_loops(2 * FORKS);

	return n < FORKS ? n : FORKS;
}

/* Children that live for less than a tick. */
static void work_forks(long ns)
{
	unsigned int n = loops_for(ns);
	int i;

	for (i = 0; i < forks(); i++)
		ct_ended_well(IN_CHILD(ktap_spin(n)));
}

static void worker_main(int cmd, int done)
{
	static void (*const fn[])(long) = {
		['u'] = work_user, ['s'] = work_system, ['t'] = work_threads,
		['f'] = work_forks,
	};
	struct {
		char what;
		long ns;
	} c;

	while (read(cmd, &c, sizeof(c)) == sizeof(c) && c.what != 'q') {
		fn[(int)c.what](c.ns);
		if (write(done, &c, 1) != 1)
			break;
	}
	_exit(0);
}

static struct worker worker_start(void)
{
	struct worker w;
	int cmd[2], done[2];

	ASSERT_OK(pipe(cmd));
	ASSERT_OK(pipe(done));
	w.pid = fork();
	ASSERT_OK(w.pid);
	if (!w.pid) {
		close(cmd[1]);
		close(done[0]);
		worker_main(cmd[0], done[1]);
	}
	close(cmd[0]);
	close(done[1]);
	w.cmd = cmd[1];
	w.done = done[0];
	return w;
}

static void begin(const struct worker *w, char what, long ns)
{
	struct {
		char what;
		long ns;
	} c = { what, ns };

	ASSERT_EQ(write(w->cmd, &c, sizeof(c)), sizeof(c));
}

/* Does it sleep, so that its clock does not run? */
static bool stands(const struct worker *w)
{
	long was = clock_of(w->pid);

	if (ktap_stat(w->pid, NULL, NULL) != 'S')
		return false;
	usleep(2 * TICK / 1000);
	return clock_of(w->pid) == was &&
	       ktap_stat(w->pid, NULL, NULL) == 'S';
}

static void finish(const struct worker *w)
{
	char c;

	ASSERT_EQ(read(w->done, &c, 1), 1);
	ASSERT_SOON(stands(w), 10);
}

static void work(const struct worker *w, char what, long ns)
{
	begin(w, what, ns);
	finish(w);
}

static struct worker worker_in(const char *dir)
{
	struct worker w = worker_start();

	ASSERT_SOON(stands(&w), 10);
	ASSERT_OK(ct_move(dir, w.pid));
	return w;
}

static void worker_end(struct worker *w, struct rusage *r)
{
	begin(w, 'q', 0);
	close(w->cmd);
	EXPECT_EQ(wait4(w->pid, NULL, 0, r), w->pid);
	close(w->done);
}

#define EXPECT_NEAR(a, b, tolerance) do {				\
	long near_a_ = (a), near_b_ = (b);				\
	if (labs(near_a_ - near_b_) <= (tolerance))			\
		ktap_check(true);					\
	else								\
		FAIL(#a " is %ld, " #b " is %ld", near_a_, near_b_);	\
} while (0)

static void setup(void)
{
	MOUNT(M1, "cpuacct");
	MKDIR(M1 "/p");
	MKDIR(M1 "/p/a");
	MKDIR(M1 "/p/b");
}

/* --- the cases ------------------------------------------------------------ */

static void files(void)
{
	static const char *const names[] = {
		M1 "/cpuacct.usage", M1 "/cpuacct.load",
		M1 "/p/cpuacct.usage", M1 "/p/cpuacct.load",
	};
	unsigned int i;

	setup();
	EXPECT_STR(ct_ls(M1 "/p/a"),
		   "cpuacct.load cpuacct.usage notify_on_release tasks ");
	EXPECT_STR(ct_slurp(M1 "/p/cpuacct.usage"), "0\n");
	EXPECT_STR(ct_slurp(M1 "/p/cpuacct.load"), "0\n");
	/* since the mount */
	EXPECT_SOON((ktap_spin(100000), USAGE(M1) > 0), 10);
	EXPECT_CMP(LOAD(M1), >=, 0);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		CTX("%s", names[i]);
		EXPECT_MODE(ct_mode(names[i]), S_IFREG | 0444);
		EXPECT_ERRNO(ct_write(names[i], "0"), EINVAL);
		EXPECT_ERRNO(ct_write(names[i], "1\n"), EINVAL);
		RUN_AS(NOBODY, {
			EXPECT_ERRNO(ct_write(names[i], "0"), EACCES);
			EXPECT_CMP(ct_num(names[i]), >=, 0);
		});
	}
	CTX_END();
	EXPECT_STR(ct_slurp(M1 "/p/cpuacct.usage"), "0\n");
	EXPECT_CMP(USAGE(M1), >, 0);
}

/* Open files of a removed container return an error. */
static void removed(void)
{
	char buf[32];
	int fd;

	setup();
	fd = open(M1 "/p/a/cpuacct.usage", O_RDONLY);
	ASSERT_OK(fd);
	RMDIR(M1 "/p/a");
	EXPECT_ERRNO(read(fd, buf, sizeof(buf)), ENODEV);
	close(fd);
}

/* User time and system time; a task that sleeps uses nothing. */
static void as_the_times_of_a_task(void)
{
	long start, before, times;
	struct rusage r;
	struct worker w;

	setup();
	w = worker_in(M1 "/p/a");
	start = clock_of(w.pid);
	EXPECT_EQ(USAGE(M1 "/p/a"), 0);
	work(&w, 'u', 100 * MS);
	EXPECT_CMP(USAGE(M1 "/p/a"), >=, 50 * MS);
	EXPECT_EQ(USAGE(M1 "/p/a"), clock_of(w.pid) - start);
	before = USAGE(M1 "/p/a");
	work(&w, 's', 100 * MS);
	EXPECT_CMP(USAGE(M1 "/p/a"), >=, before + 50 * MS);
	EXPECT_EQ(USAGE(M1 "/p/a"), clock_of(w.pid) - start);
	EXPECT_EQ(USAGE(M1 "/p"), clock_of(w.pid) - start);
	EXPECT_EQ(USAGE(M1 "/p/b"), 0);
	/* what all programs show; it counts hundredths, each rounded down */
	EXPECT_NEAR(stat_ns(w.pid), USAGE(M1 "/p/a") + start, 20 * MS);
	times = clock_of(w.pid);
	worker_end(&w, &r);
	/* its exit takes some more time, of which the last part is lost */
	EXPECT_CMP(rusage_ns(&r), >=, times - 2000);
	EXPECT_CMP(USAGE(M1 "/p/a") + start, >=, times);
	EXPECT_CMP(USAGE(M1 "/p/a") + start, <=, rusage_ns(&r) + 2000);
	before = USAGE(M1 "/p/a");
	usleep(5 * TICK / 1000);
	EXPECT_EQ(USAGE(M1 "/p/a"), before);
}

/*
 * Reading while a task runs: usage rises, never falls, and is never far behind.
 */
static void while_it_runs(void)
{
	long start, last = 0, now, times;
	struct worker w;
	int reads = 0;

	setup();
	w = worker_in(M1 "/p/a");
	start = clock_of(w.pid);
	begin(&w, 'u', 300 * MS);
	while (GO_ON(last <= 100 * MS || reads < ktap_loops(3000))) {
		times = clock_of(w.pid) - start;
		now = USAGE(M1 "/p/a");
		/* there may be a moment between what both show */
		if (!EXPECT_CMP(now, >=, last) ||
		    !EXPECT_CMP(now, >=, times - 2 * TICK))
			break;
		last = now;
		times = clock_of(w.pid) - start;
		if (!EXPECT_CMP(now, <=, times))
			break;
		reads++;
	}
	finish(&w);
	ktap_note("%d reads", reads);
	EXPECT_EQ(USAGE(M1 "/p/a"), clock_of(w.pid) - start);
	worker_end(&w, NULL);
}

/* A container shows its own time plus that of all containers below. */
static void hierarchical(void)
{
	static const char *const dirs[] = { M1 "/p", M1 "/p/a", M1 "/p/b",
					    M1 "/p/a/deep" };
	struct worker w[4];
	long t[4];
	int i;

	setup();
	MKDIR(M1 "/p/a/deep");
	for (i = 0; i < 4; i++) {
		w[i] = worker_in(dirs[i]);
		t[i] = clock_of(w[i].pid);
	}
	for (i = 0; i < 4; i++)
		begin(&w[i], "us"[i % 2], (20 + 20 * i) * MS);
	for (i = 0; i < 4; i++)
		finish(&w[i]);
	for (i = 0; i < 4; i++)
		t[i] = clock_of(w[i].pid) - t[i];
	EXPECT_EQ(USAGE(M1 "/p/a/deep"), t[3]);
	EXPECT_EQ(USAGE(M1 "/p/a"), t[1] + t[3]);
	EXPECT_EQ(USAGE(M1 "/p/b"), t[2]);
	EXPECT_EQ(USAGE(M1 "/p"), t[0] + t[1] + t[2] + t[3]);
	EXPECT_CMP(USAGE(M1), >=, USAGE(M1 "/p"));
	/* what has been used remains when the container goes */
	worker_end(&w[3], NULL);
	RMDIR(M1 "/p/a/deep");
	EXPECT_CMP(USAGE(M1 "/p/a"), >=, t[1] + t[3]);
	MKDIR(M1 "/p/a/deep");
	EXPECT_EQ(USAGE(M1 "/p/a/deep"), 0);
	for (i = 0; i < 3; i++)
		worker_end(&w[i], NULL);
}

/* The times of all processes together. */
static long all_clocks(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	long sum = 0, ns;

	while (d && (e = readdir(d))) {
		int pid = atoi(e->d_name);

		ns = pid > 0 ? clock_of(pid) : 0;
		if (ns > 0)
			sum += ns;
	}
	if (d)
		closedir(d);
	return sum;
}

/* The top container has the time of all tasks, wherever they are. */
static void top_has_all(void)
{
	struct worker w, v;
	long all, most, least, top;

	setup();
	w = worker_in(M1 "/p/a");
	v = worker_in(M1);
	most = USAGE(M1);
	all = all_clocks();
	least = USAGE(M1);
	begin(&w, 'u', 200 * MS);
	begin(&v, 's', 200 * MS);
	finish(&w);
	finish(&v);
	least = USAGE(M1) - least;
	all = all_clocks() - all;
	most = USAGE(M1) - most;
	EXPECT_CMP(all, >=, 200 * MS);
	/* a task may have exited, and is in no sum any more */
	EXPECT_CMP(all, >=, least - TICK);
	EXPECT_CMP(all, <=, most);
	worker_end(&w, NULL);
	worker_end(&v, NULL);
	/* idle time does not count: most of a second on each CPU is left */
	top = USAGE(M1);
	usleep(1000000);
	EXPECT_CMP(USAGE(M1) - top, <, 800 * MS);
}

static void threads(void)
{
	struct worker w;
	long start, i;

	setup();
	w = worker_in(M1 "/p/a");
	start = clock_of(w.pid);
	for (i = 1; i <= 3; i++) {
		work(&w, 't', 30 * MS);
		/* all their work, but not all of their exit */
		EXPECT_CMP(USAGE(M1 "/p/a"), >=, i * THREADS * 30 * MS);
		EXPECT_CMP(USAGE(M1 "/p/a"), <=, clock_of(w.pid) - start);
	}
	worker_end(&w, NULL);
}

/* What a thread uses that was moved alone is not charged to the others. */
static void one_thread_moves(void)
{
	struct ct_thread t;
	long start;
	int tid;

	setup();
	ASSERT_OK(ct_move(M1 "/p/a", getpid()));
	tid = ct_thread_start(&t);
	EXPECT_OK(ct_move(M1 "/p/b", tid));
	start = USAGE(M1 "/p/b");
	work_user(100 * MS);
	EXPECT_CMP(USAGE(M1 "/p/a"), >=, 50 * MS);
	EXPECT_CMP(USAGE(M1 "/p/b") - start, <, 50 * MS);
	ct_thread_stop(&t);
}

/*
 * Children that exit before the next tick.  Everything that they have used is
 * charged, except the last part of their exit.
 */
static void short_lives(void)
{
	struct rusage r;
	struct worker w;
	long start, used;

	setup();
	w = worker_in(M1 "/p/a");
	start = clock_of(w.pid);
	work(&w, 'f', TICK / 2);	/* each */
	worker_end(&w, &r);
	/* with the children that it has waited for */
	used = rusage_ns(&r) - start;
	/*
	 * How much less depends on the host: time that it takes from this
	 * machine is charged to the task that runs at that time.
	 */
	ktap_note("%ld us, of which the container has %ld", used / 1000,
		  USAGE(M1 "/p/a") / 1000);
	EXPECT_CMP(USAGE(M1 "/p/a"), <=, used + TICK);
	if (measures())
		EXPECT_CMP(USAGE(M1 "/p/a"), >, 0);
}

/*
 * The same one by one.  They live for an eighth of a tick, so most would be
 * charged with nothing if that were not done when they exit.  All run on one
 * CPU: where the clocks of CPUs are not in step, a task that wakes its parent
 * on another CPU may have its own clock put forward after it has left.
 */
static void until_the_end(void)
{
	long *born = ct_shared(4096), used, before, charged, sum = 0, all = 0;
	unsigned long first_cpu = 1;
	unsigned int n = loops_for(TICK / 8);
	struct rusage r;
	int i, pid, some = 0;

	if (!measures())
		SKIP("ticks are never late");
	setup();
	ASSERT_OK(syscall(SYS_sched_setaffinity, 0, sizeof(first_cpu),
			  &first_cpu));
	for (i = 0; i < forks(); i++) {
		before = USAGE(M1 "/p/a");
		pid = IN_CHILD({
			ASSERT_OK(ct_write(M1 "/p/a/tasks", "0"));
			*born = own_clock();
			ktap_spin(n);
		});
		EXPECT_EQ(wait4(pid, NULL, 0, &r), pid);
		charged = USAGE(M1 "/p/a") - before;
		used = rusage_ns(&r) - *born;
		some += charged > 0;
		sum += charged;
		all += used;
	}
	ktap_note("%d of %d were charged, with %ld of %ld us", some, forks(),
		  sum / 1000, all / 1000);
	EXPECT_CMP(some, >, forks() / 2);
}

/*
 * A task that works while it is moved: each bit of time is charged once,
 * somewhere.
 */
static void moves(void)
{
	long start, a, b;
	struct worker w;
	int i;

	setup();
	w = worker_in(M1 "/p/a");
	start = clock_of(w.pid);
	begin(&w, 'u', 400 * MS);
	for (i = 0; i < 200; i++) {
		EXPECT_OK(ct_move(i % 2 ? M1 "/p/a" : M1 "/p/b", w.pid));
		usleep(1000);
	}
	finish(&w);
	a = USAGE(M1 "/p/a");
	b = USAGE(M1 "/p/b");
	ktap_note("%ld + %ld ms", a / MS, b / MS);
	EXPECT_CMP(a, >, 0);
	EXPECT_CMP(b, >, 0);
	EXPECT_EQ(a + b, clock_of(w.pid) - start);
	EXPECT_EQ(USAGE(M1 "/p"), clock_of(w.pid) - start);
	worker_end(&w, NULL);
}

/*
 * Works in one container for an eighth of a tick and sleeps in another one:
 * charged to the first.
 */
static void charged_where_it_ran(void)
{
	unsigned int n = loops_for(TICK / 8);
	int *some = ct_shared(4096), i;
	long a;

	setup();
	ct_ended_well(IN_CHILD({
		ASSERT_OK(ct_write(M1 "/p/b/tasks", "0"));
		for (i = 0; i < 100; i++) {
			usleep(1000);
			a = USAGE(M1 "/p/a");
			ASSERT_OK(ct_write(M1 "/p/a/tasks", "0"));
			ktap_spin(n);
			ASSERT_OK(ct_write(M1 "/p/b/tasks", "0"));
			*some += USAGE(M1 "/p/a") > a;
		}
	}));
	a = USAGE(M1 "/p/a");
	ktap_note("%ld of %ld us, %d times of 100", a / 1000,
		  USAGE(M1 "/p") / 1000, *some);
	EXPECT_EQ(a + USAGE(M1 "/p/b"), USAGE(M1 "/p"));
	/* 2.6.22 sees no work that is over before the next tick */
	if (measures())
		EXPECT_CMP(*some, >, 50);
}

#define STORMERS 3

/*
 * Containers come and go while their tasks run, with forks and exits at the
 * same time.  In the end every nanosecond of the first task is accounted for.
 */
static void storm(void)
{
	unsigned long rnd = ktap_seed();
	struct worker w[STORMERS];
	long start = 0, sum = 0;
	int i, forker, *stop = ct_shared(4096), rounds = 0, forks;

	setup();
	for (i = 0; i < STORMERS; i++) {
		w[i] = worker_in(M1 "/p/a");
		start += clock_of(w[i].pid);
		begin(&w[i], "usu"[i], 500 * MS);
	}
	forker = IN_CHILD({
		while (!GET(stop[0])) {
			ct_ended_well(IN_CHILD(ktap_spin(100000)));
			INC(stop[1]);
		}
	});
	while (GO_ON(rounds < ktap_loops(1200) ||
		     GET(stop[1]) < ktap_loops(300))) {
		MKDIR(M1 "/p/b/x");
		MKDIR(M1 "/p/b/x/y");
		i = ktap_rand(&rnd) % STORMERS;
		EXPECT_OK(ct_move(M1 "/p/b/x/y", w[i].pid));
		EXPECT_OK(ct_move(M1 "/p/b/x", forker));
		ktap_spin(ktap_rand(&rnd) % 100000);
		EXPECT_CMP(USAGE(M1 "/p/b/x/y"), >=, 0);
		EXPECT_CMP(LOAD(M1 "/p/b"), >=, 0);
		EXPECT_OK(ct_move(M1 "/p/a", w[i].pid));
		RMDIR(M1 "/p/b/x/y");
		EXPECT_OK(ct_move(M1, forker));
		/* a child of the forker may be in there yet */
		EXPECT_SOON(!rmdir(M1 "/p/b/x"), 10);
		rounds++;
	}
	SET(stop[0], 1);
	ct_ended_well(forker);
	forks = stop[1];
	for (i = 0; i < STORMERS; i++) {
		finish(&w[i]);
		sum += clock_of(w[i].pid);
	}
	ktap_note("%d rounds, %d forks", rounds, forks);
	EXPECT_CMP(USAGE(M1 "/p"), >=, sum - start);
	/* and some of the forker's and its children's */
	EXPECT_CMP(USAGE(M1 "/p/a"), <=, sum - start);
	EXPECT_EQ(USAGE(M1 "/p"), USAGE(M1 "/p/a") + USAGE(M1 "/p/b"));
	for (i = 0; i < STORMERS; i++)
		worker_end(&w[i], NULL);
	ct_check_hierarchy(M1, "cpuacct");
}

/*
 * Another hierarchy groups the tasks differently, and this changes nothing
 * here.
 */
static void with_other_hierarchies(void)
{
	struct worker w;
	long start;

	setup();
	MOUNT(M2, "numtasks");
	MKDIR(M2 "/n");
	w = worker_in(M1 "/p/a");
	start = clock_of(w.pid);
	work(&w, 'u', 40 * MS);
	EXPECT_OK(ct_move(M2 "/n", w.pid));
	work(&w, 'u', 40 * MS);
	EXPECT_EQ(USAGE(M1 "/p/a"), clock_of(w.pid) - start);
	EXPECT_OK(ct_move(M2, w.pid));
	RMDIR(M2 "/n");
	worker_end(&w, NULL);
}

/*
 * The top container starts to count at each mount.  Time that a task ran before
 * the mount but that is added later, at the latest in the next tick, counts.
 */
static void begins_at_the_mount(void)
{
	long before, usage, load, start;
	struct worker w;

	MOUNT(M1, "cpuacct");
	w = worker_in(M1);
	/* until it is to be seen in the load, so in whole seconds that are over */
	ASSERT_SOON((work(&w, 'u', 300 * MS), LOAD(M1) >= 6), 60);
	EXPECT_CMP(USAGE(M1), >=, 600 * MS - 50 * MS);
	UMOUNT(M1);
	work(&w, 'u', 100 * MS);
	before = all_clocks();
	MOUNT(M1, "cpuacct,numtasks");
	load = LOAD(M1);
	usage = USAGE(M1);
	EXPECT_CMP(usage, <=, all_clocks() - before + 4 * TICK);
	EXPECT_CMP(load * 100 * MS, <=, usage + 50 * MS);
	/* and then it has everything */
	start = clock_of(w.pid);
	work(&w, 'u', 40 * MS);
	EXPECT_CMP(USAGE(M1) - usage, >=, clock_of(w.pid) - start);
	/* also where another subsystem comes */
	usage = USAGE(M1);
	EXPECT_OK(mount(NULL, M1, NULL, MS_REMOUNT, "cpuacct"));
	EXPECT_CMP(USAGE(M1), >=, usage);
	worker_end(&w, NULL);
}

static const struct ktap_case cases[] = {
	T(files),
	T(removed),
	T(as_the_times_of_a_task),
	T(while_it_runs),
	T(hierarchical),
	T(top_has_all),
	T(threads),
	T(one_thread_moves),
	T(short_lives),
	T(until_the_end),
	T(moves),
	T(charged_where_it_ran),
	T(storm),
	T(with_other_hierarchies),
	T(begins_at_the_mount),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

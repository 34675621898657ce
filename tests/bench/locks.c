// SPDX-License-Identifier: GPL-2.0
/*
 * Which locks do forks take, and how often do processors fight for them?
 * Started like a test, by scripts/scaling, on a kernel with CONFIG_LOCK_STAT.
 * One worker on each processor forks and waits, all of them at once: in the
 * top container, in one container, each in a container of its own.  Kernels
 * without containers have one scene.  For each prints
 *
 *	# locks SCENE FORKS LOCK ACQUISITIONS BOUNCES CONTENTIONS
 *
 * where LOCK is "all", or tasklist_lock, which forks and exits have to take
 * one after the other.  A lock bounces when another processor had it last: its
 * cache line has to move.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORKS 3000
#define MAX_CPUS 8
#define MNT "/mnt"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Of all locks whose names begin with a word. */
struct sum {
	const char *lock;
	double acquisitions, bounces, contentions;
};

static volatile int *go;		/* shared: the workers may start */
static const char *wrong;		/* what has failed first */

static bool did(bool ok, const char *what)
{
	if (!ok && !wrong)
		wrong = what;
	return ok;
}

static bool put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* A class, or one half of it: "name: con-bounces contentions wait[4] bounces acquisitions". */
static void add_line(struct sum *sums, size_t n, char *line)
{
	double v[8];
	char *colon = strrchr(line, ':');
	size_t i;

	if (!colon || sscanf(colon + 1, "%lf %lf %lf %lf %lf %lf %lf %lf", &v[0],
			     &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) != 8)
		return;
	line += strspn(line, " ");
	/* Known to lockdep as a lock, but there is nothing that is written. */
	if (!strncmp(line, "rcu_read_lock", strlen("rcu_read_lock")))
		return;
	for (i = 0; i < n; i++) {
		if (strcmp(sums[i].lock, "all") &&
		    strncmp(line, sums[i].lock, strlen(sums[i].lock)))
			continue;
		sums[i].contentions += v[1];
		sums[i].bounces += v[6];
		sums[i].acquisitions += v[7];
	}
}

static void say_locks(const char *scene, int forks)
{
	struct sum sums[] = { { .lock = "all" }, { .lock = "tasklist_lock" } };
	FILE *f = fopen("/proc/lock_stat", "r");
	char line[1000];
	size_t i;

	if (!did(f, "/proc/lock_stat"))
		return;
	while (fgets(line, sizeof(line), f))
		add_line(sums, ARRAY_SIZE(sums), line);
	fclose(f);
	for (i = 0; i < ARRAY_SIZE(sums); i++)
		printf("# locks %s %d %s %.0f %.0f %.0f\n", scene, forks,
		       sums[i].lock, sums[i].acquisitions, sums[i].bounces,
		       sums[i].contentions);
	did(sums[0].acquisitions > forks, "nothing was counted");
}

__attribute__((noreturn))
static void work(int cpu, const char *tasks)
{
	cpu_set_t set;
	pid_t pid;
	int i;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || (tasks && !put(tasks, "0")))
		_exit(1);
	__sync_fetch_and_add(go + 1, 1);
	while (!*go)
		sched_yield();
	for (i = 0; i < FORKS; i++) {
		pid = vfork();
		if (!pid)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			_exit(1);
	}
	_exit(0);
}

/* Which container a worker is in: a file tasks, or none. */
typedef const char *(*place)(int cpu);

static const char *nowhere(int cpu)
{
	(void)cpu;
	return NULL;
}

static const char *one_for_all(int cpu)
{
	(void)cpu;
	return MNT "/0/tasks";
}

static const char *one_for_each(int cpu)
{
	static char path[40];

	sprintf(path, MNT "/%d/tasks", cpu);
	return path;
}

static void storm(const char *scene, place where)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int i, status;

	go[0] = 0;
	go[1] = 0;
	fflush(stdout);
	for (i = 0; i < cpus; i++)
		if (!fork())
			work(i, where(i));
	while (go[1] < cpus && waitpid(-1, NULL, WNOHANG) <= 0)
		usleep(1000);
	did(go[1] == cpus, "a worker could not start");
	did(put("/proc/lock_stat", "0"), "clearing /proc/lock_stat");
	*go = 1;
	for (i = 0; i < cpus; i++)
		did(wait(&status) > 0 && !status, "a worker");
	say_locks(scene, FORKS * cpus);
}

/* A container for each processor. */
static bool make_all(void)
{
	char path[40];
	int i;

	for (i = 0; i < MAX_CPUS; i++) {
		sprintf(path, MNT "/%d", i);
		if (mkdir(path, 0755))
			return false;
	}
	return true;
}

int main(void)
{
	static const struct {
		const char *name;
		place where;
	} scenes[] = {
		{ "top", nowhere },
		{ "one", one_for_all },
		{ "own", one_for_each },
	};
	bool containers, failed = false;
	size_t i, n;

	go = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		  -1, 0);
	if (go == MAP_FAILED)
		return 1;
	mkdir(MNT, 0755);
	containers = !mount("locks", MNT, "container", 0, "debug");
	n = containers ? ARRAY_SIZE(scenes) : 1;
	printf("KTAP version 1\n1..%d\n", (int)n);
	did(!containers || make_all(), "mkdir");
	for (i = 0; i < n; i++) {
		storm(containers ? scenes[i].name : "off", scenes[i].where);
		if (wrong)
			printf("# %s: %s\n", wrong, strerror(errno));
		printf("%sok %d %s\n", wrong ? "not " : "", (int)i + 1,
		       scenes[i].name);
		failed |= !!wrong;
		wrong = NULL;
	}
	return failed;
}

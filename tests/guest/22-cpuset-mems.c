// SPDX-License-Identifier: GPL-2.0
/*
 * Cpusets and memory nodes: where pages come from, where they go when tasks
 * are moved or cpusets are changed, and what becomes of mempolicies.
 *
 * harness: configs=cpuset,cpuset_debug kernels=2.6.22 smp=4 append="numa=fake=4"
 */
#include "cpuset.h"

#define PAGES 64
#define BYTES (PAGES * 4096)

#define MPOL_BIND 2
#define MPOL_INTERLEAVE 3

/*
 * A child with memory of its own that does what it is told: 't' touches the
 * next quarter of the memory, 'f' forks, 'b' binds it to some nodes.
 */
struct worker {
	int pid;
	char *mem;
	volatile char *cmd;	/* shared; 0 when done */
	volatile int *arg;
};

static void work(struct worker *w)
{
	unsigned long mask;
	int quarter = 0, i;

	for (;;) {
		while (!*w->cmd)
			usleep(500);
		switch (*w->cmd) {
		case 't':
			for (i = 0; i < PAGES / 4; i++)
				w->mem[(quarter * PAGES / 4 + i) * 4096] = 1;
			quarter = (quarter + 1) % 4;
			break;
		case 'b':
			mask = *w->arg;
			*w->arg = syscall(SYS_mbind, w->mem, BYTES, MPOL_BIND,
					  &mask, 8 * sizeof(mask), 0);
			break;
		case 'i':
			mask = *w->arg;
			*w->arg = syscall(SYS_set_mempolicy, MPOL_INTERLEAVE,
					  &mask, 8 * sizeof(mask));
			break;
		}
		*w->cmd = 0;
	}
}

static void worker_do(struct worker *w, char cmd)
{
	*w->cmd = cmd;
	ASSERT_SOON(!*w->cmd, 10);
}

static void worker_start(struct worker *w, const char *dir)
{
	char *sh = ct_shared(4096);

	w->cmd = sh;
	w->arg = (int *)(sh + 64);
	w->mem = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(w->mem != MAP_FAILED);
	/* a mapping of its own in numa_maps */
	ASSERT_OK(munmap(mmap(NULL, 4096, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096));
	ASSERT_OK(mprotect(w->mem, BYTES, PROT_READ | PROT_WRITE));
	w->pid = IN_CHILD(work(w));
	if (dir)
		ASSERT_OK(ct_move(dir, w->pid));
}

/* The pages of a worker by node, as text: "16 0 0 0". */
static char *where(struct worker *w)
{
	int pages[NODES];

	cs_pages(w->pid, w->mem, pages);
	return P("%d %d %d %d", pages[0], pages[1], pages[2], pages[3]);
}

static void setup(void)
{
	MOUNT(M1, "cpuset");
	cs_make(M1 "/a", "0-3", "1");
	cs_make(M1 "/b", "0-3", "2");
}

static void placement(void)
{
	struct worker w;

	setup();
	worker_start(&w, M1 "/a");
	EXPECT_STR(where(&w), "0 0 0 0");
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "0 16 0 0");
	/* existing pages stay, new pages come from the new node */
	EXPECT_OK(ct_move(M1 "/b", w.pid));
	EXPECT_STR(where(&w), "0 16 0 0");
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "0 16 16 0");
	EXPECT_EQ(cs_status(w.pid, "Mems_allowed"), 4);
	/* a change takes effect with the next page */
	SET_OK(M1 "/b", "mems", "3");
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "0 16 16 16");
	EXPECT_EQ(cs_status(w.pid, "Mems_allowed"), 8);
	/* there and back between two pages */
	EXPECT_OK(ct_move(M1 "/a", w.pid));
	EXPECT_OK(ct_move(M1 "/b", w.pid));
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "0 16 16 32");
	ct_reap(w.pid);
}

static void children(void)
{
	struct worker w;

	setup();
	EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
	worker_start(&w, NULL);
	EXPECT_STR(ct_slurp(P("/proc/%d/cpuset", w.pid)), "/a\n");
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "0 16 0 0");
	EXPECT_OK(ct_write(M1 "/tasks", "0"));
	ct_reap(w.pid);
}

/* memory_migrate: pages follow a move and a change of mems. */
static void migrate(void)
{
	struct worker w;

	setup();
	worker_start(&w, M1 "/a");
	worker_do(&w, 't');
	SET_OK(M1 "/b", "memory_migrate", "1");
	/* done when the write is done */
	EXPECT_OK(ct_move(M1 "/b", w.pid));
	EXPECT_STR(where(&w), "0 0 16 0");
	SET_OK(M1 "/b", "mems", "0");
	EXPECT_STR(where(&w), "16 0 0 0");
	SET_OK(M1 "/b", "mems", "2-3");
	worker_do(&w, 't');
	SET_OK(M1 "/b", "memory_migrate", "0");
	SET_OK(M1 "/b", "mems", "1");
	EXPECT_STR(where(&w), "0 0 32 0");
	/* without memory_migrate in the destination nothing moves */
	SET_OK(M1 "/a", "memory_migrate", "0");
	EXPECT_OK(ct_move(M1 "/a", w.pid));
	EXPECT_STR(where(&w), "0 0 32 0");
	ct_reap(w.pid);
}

/* The place within the cpuset is kept; pages from elsewhere stay. */
static void migrate_relative(void)
{
	struct worker w;

	setup();
	SET_OK(M1 "/a", "mems", "0");
	worker_start(&w, M1 "/a");
	worker_do(&w, 't');
	SET_OK(M1 "/a", "mems", "1");
	worker_do(&w, 't');
	SET_OK(M1 "/a", "mems", "2");
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "16 16 16 0");
	SET_OK(M1 "/a", "mems", "0-1");
	SET_OK(M1 "/a", "memory_migrate", "1");
	SET_OK(M1 "/a", "mems", "2-3");
	EXPECT_STR(where(&w), "0 0 32 16");
	ct_reap(w.pid);
}

/* Neither the writer nor a task that only reads gets other memory. */
static void migrate_for_others(void)
{
	struct worker w[3];
	int i;

	setup();
	SET_OK(M1 "/a", "memory_migrate", "1");
	for (i = 0; i < 3; i++) {
		worker_start(&w[i], M1 "/a");
		worker_do(&w[i], 't');
	}
	EXPECT_OK(ct_write(M1 "/b/tasks", "0"));
	SET_OK(M1 "/a", "mems", "3");
	EXPECT_EQ(cs_status(getpid(), "Mems_allowed"), 4);
	for (i = 0; i < 3; i++)
		EXPECT_STR(where(&w[i]), "0 0 0 16");
	EXPECT_OK(ct_write(M1 "/tasks", "0"));
	free(calloc(1, 1000000));
	for (i = 0; i < 3; i++)
		ct_reap(w[i].pid);
}

/* Several tasks in one write, and threads that share their memory. */
static void migrate_several(void)
{
	struct worker w[3];
	char *ids = strdup("");
	int i;

	setup();
	SET_OK(M1 "/b", "memory_migrate", "1");
	for (i = 0; i < 3; i++) {
		worker_start(&w[i], M1 "/a");
		worker_do(&w[i], 't');
		ids = strdup(P("%s %d", ids, w[i].pid));
	}
	EXPECT_OK(ct_write(M1 "/b/tasks", ids));
	for (i = 0; i < 3; i++) {
		EXPECT_STR(where(&w[i]), "0 0 16 0");
		ct_reap(w[i].pid);
	}
}

/*
 * The writer may itself be the task with the memory, and in the cpuset that is
 * changed.
 */
static void migrate_oneself(void)
{
	struct worker w = { .pid = getpid() };
	int i;

	setup();
	SET_OK(M1 "/a", "memory_migrate", "1");
	SET_OK(M1 "/b", "memory_migrate", "1");
	w.mem = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT(w.mem != MAP_FAILED);
	EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
	for (i = 0; i < 16; i++)
		w.mem[i * 4096] = 1;
	EXPECT_STR(where(&w), "0 16 0 0");
	EXPECT_OK(ct_write(M1 "/b/tasks", "0"));
	EXPECT_STR(where(&w), "0 0 16 0");
	SET_OK(M1 "/b", "mems", "3");
	EXPECT_STR(where(&w), "0 0 0 16");
	for (i = 0; i < 32; i++)
		w.mem[i * 4096] = 1;
	EXPECT_STR(where(&w), "0 0 0 32");
	EXPECT_EQ(cs_status(getpid(), "Mems_allowed"), 8);
	EXPECT_OK(ct_write(M1 "/tasks", "0"));
}

/* A bound mapping is bound relative to the cpuset. */
static void policies(void)
{
	struct worker w;

	setup();
	SET_OK(M1 "/a", "mems", "0-1");
	SET_OK(M1 "/b", "mems", "2-3");
	worker_start(&w, M1 "/a");
	*w.arg = 1 << 1;
	worker_do(&w, 'b');
	EXPECT_EQ(*w.arg, 0);
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "0 16 0 0");
	EXPECT_OK(ct_move(M1 "/b", w.pid));
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "0 16 0 16");
	SET_OK(M1 "/b", "mems", "0-1");
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "0 32 0 16");
	/* nodes outside of the cpuset cannot be used */
	*w.arg = 1 << 3;
	worker_do(&w, 'b');
	EXPECT_EQ(*w.arg, -1);
	ct_reap(w.pid);
}

/* The policy of a task is relative, too. */
static void task_policy(void)
{
	struct worker w;

	setup();
	SET_OK(M1 "/a", "mems", "0-1");
	SET_OK(M1 "/b", "mems", "2-3");
	worker_start(&w, M1 "/a");
	*w.arg = 3;
	worker_do(&w, 'i');
	EXPECT_EQ(*w.arg, 0);
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "8 8 0 0");
	EXPECT_OK(ct_move(M1 "/b", w.pid));
	worker_do(&w, 't');
	EXPECT_STR(where(&w), "8 8 8 8");
	ct_reap(w.pid);
}

/* Pages of a file in the page cache of a node, from its meminfo. */
static long node_file_pages(int node)
{
	char *s = ct_slurp(P("/sys/devices/system/node/node%d/meminfo", node));
	char *p = s ? strstr(s, "FilePages:") : NULL;
	long kb = p ? strtol(p + 10, NULL, 10) : -1;

	free(s);
	return kb < 0 ? -1 : kb / 4;
}

/*
 * memory_spread_page: the page cache uses all nodes in turn.  The numbers in
 * meminfo are late by some pages for each CPU.
 */
static void spread(void)
{
	static char buf[400 * 4096];
	long before[NODES], got;
	int i, round;

	setup();
	SET_OK(M1 "/a", "mems", "0-3");
	for (round = 0; round < 2; round++) {
		SET_OK(M1 "/a", "memory_spread_page", round ? "1" : "0");
		for (i = 0; i < NODES; i++)
			before[i] = node_file_pages(i);
		RUN_AS(0, {
			int fd = open("/spread", O_CREAT | O_RDWR, 0600);

			EXPECT_OK(cs_bind(0, 1));
			EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
			EXPECT_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
			close(fd);
		});
		for (i = 0; i < NODES; i++) {
			got = node_file_pages(i) - before[i];
			ktap_note("spread %d, node %d: %ld pages", round, i,
				  got);
			if (round)
				EXPECT_CMP(got, >=, 50);
			else if (i)
				EXPECT_CMP(got, <=, 25);
		}
		unlink("/spread");
	}
}

/*
 * A task that needs more memory than its nodes have causes pressure in its
 * cpuset, and is killed, and no other task is.
 */
static void pressure(void)
{
	const char *burst = "/proc/sys/kernel/printk_ratelimit_burst";
	int pid, bystander, status = 0;

	setup();
	GET_IS(M1 "/a", "memory_pressure", "0");
	SET_OK(M1, "memory_pressure_enabled", "1");
	/* otherwise the kernel prints where it ran out of memory */
	ASSERT_OK(ct_write(burst, "0"));
	bystander = ct_child_in(M1 "/b");
	pid = IN_CHILD({
		EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
		for (;;)
			memset(malloc(65536), 1, 65536);
	});
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ASSERT_OK(ct_write(burst, "10"));
	EXPECT_SOON(ct_num(M1 "/a/cpuset.memory_pressure") > 0, 20);
	GET_IS(M1 "/b", "memory_pressure", "0");
	SET_OK(M1, "memory_pressure_enabled", "0");
	EXPECT_EQ(ktap_stat(bystander, NULL, NULL), 'S');
	ct_reap(bystander);
}

/*
 * Address spaces are changed without the lock that everything else needs:
 * moves, changes, forks and exits continue meanwhile, and in the end every page
 * is where it belongs.
 */
static void storm(void)
{
	static const char *const dirs[] = { M1 "/a", M1 "/b" };
	static const char *const lists[] = { "0", "1", "2-3", "0-3", "1-2" };
	int *sh = ct_shared(4096), i, moves = 0, changer, other;
	unsigned long rnd = ktap_seed();
	struct worker w[4];
	int pages[NODES];

	setup();
	SET_OK(M1 "/a", "memory_migrate", "1");
	SET_OK(M1 "/b", "memory_migrate", "1");
	for (i = 0; i < 4; i++) {
		worker_start(&w[i], dirs[i % 2]);
		worker_do(&w[i], 't');
	}
	changer = IN_CHILD({
		unsigned long r = ktap_seed() + 1;

		while (!GET(*sh)) {
			SET_OK(dirs[ktap_rand(&r) % 2], "mems",
			       lists[ktap_rand(&r) % 5]);
			INC(sh[1]);
		}
	});
	other = IN_CHILD({
		unsigned long r = ktap_seed() + 2;

		/* comes and goes, in the middle of what the others do */
		while (!GET(*sh)) {
			int pid = fork();

			if (!pid) {
				ct_write(P("%s/tasks", dirs[ktap_rand(&r) % 2]),
					 "0");
				_exit(0);
			}
			ktap_rand(&r);
			waitpid(pid, NULL, 0);
			INC(sh[2]);
		}
	});
	while (GO_ON(moves < ktap_loops(600) || GET(sh[1]) <= 20 ||
		     GET(sh[2]) <= 20)) {
		EXPECT_OK(ct_move(dirs[ktap_rand(&rnd) % 2],
				  w[ktap_rand(&rnd) % 4].pid));
		moves++;
	}
	SET(*sh, 1);
	ct_ended_well(changer);
	ct_ended_well(other);
	SET_OK(M1 "/a", "mems", "0-3");
	SET_OK(M1 "/a", "mems", "3");
	for (i = 0; i < 4; i++) {
		EXPECT_OK(ct_move(M1 "/b", w[i].pid));
		SET_OK(M1 "/b", "mems", "0-3");
		EXPECT_OK(ct_move(M1 "/a", w[i].pid));
		worker_do(&w[i], 't');
		cs_pages(w[i].pid, w[i].mem, pages);
		EXPECT_EQ(pages[3], 32);
		ct_reap(w[i].pid);
	}
	ktap_note("%d moves, %d changes, %d others", moves, sh[1], sh[2]);
}

/* Where the mapping of a task is bound to, from numa_maps; -1: no such task. */
static int bound_to(int pid, const void *addr)
{
	char *s = ct_slurp(P("/proc/%d/numa_maps", pid)), *line, *p;
	int node = -1;

	line = s ? strstr(s, P("%08lx ", (unsigned long)addr)) : NULL;
	p = line ? strchr(line, '\n') : NULL;
	if (p)
		*p = 0;
	p = line ? strstr(line, "bind=") : NULL;
	if (p)
		node = atoi(p + 5);
	else if (line)
		FAIL("not bound: %s", ktap_quote(line));
	free(s);
	return node;
}

/*
 * A bound mapping is copied by fork while its cpuset is changed, once, since a
 * later change would repair it: the copy must be bound to the new nodes.  What
 * lies behind the mapping makes the time between its copy and the end of the
 * fork long.
 */
static void fork_and_change(void)
{
	int *sh = ct_shared(4096), pid, rounds, child;
	unsigned long rnd = ktap_seed(), mask = 1;
	size_t behind = 8 << 20;
	char *mem;

	setup();
	mem = mmap(NULL, BYTES + behind, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT(mem != MAP_FAILED);
	SET_OK(M1 "/a", "mems", "0-1");
	pid = IN_CHILD({
		EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
		EXPECT_OK(syscall(SYS_mbind, mem, BYTES, MPOL_BIND, &mask,
				  8 * sizeof(mask), 0));
		memset(mem + BYTES, 1, behind);
		for (;;) {
			while (!GET(sh[0]))
				;
			SET(sh[0], 0);
			child = fork();
			if (!child)
				for (;;)
					pause();
			SET(sh[1], child);
		}
	});
	for (rounds = 0; GO_ON(rounds < ktap_loops(300)); rounds++) {
		SET(sh[1], 0);
		SET(sh[0], 1);
		while (GET(sh[0]))
			;
		ktap_spin(ktap_rand(&rnd) % 500000);
		SET_OK(M1 "/a", "mems", rounds % 2 ? "0-1" : "2-3");
		ASSERT_SOON(GET(sh[1]), 10);
		/* the first of the nodes */
		EXPECT_EQ(bound_to(sh[1], mem), rounds % 2 ? 0 : 2);
		EXPECT_EQ(bound_to(pid, mem), rounds % 2 ? 0 : 2);
		kill(sh[1], SIGKILL);
		EXPECT_SOON(ct_count(M1 "/a") == 1, 10);
	}
	ktap_note("%d rounds", rounds);
	ct_reap(pid);
}

static const struct ktap_case cases[] = {
	T(placement),
	T(children),
	T(migrate),
	T(migrate_relative),
	T(migrate_for_others),
	T(migrate_several),
	T(migrate_oneself),
	T(policies),
	T(task_policy),
	T(spread),
	T(pressure),
	T(storm),
	T(fork_and_change),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What do containers cost?  Measures operations, in guest instructions, in
 * scenes, in one hierarchy after the other, of ours and of what the kernel
 * has of control groups; see measure.h for what is printed.  Kernels without
 * containers run what can be run there, to compare with.
 *
 * Started like a test, by scripts/bench.  bench=gate, quick or full on the
 * kernel command line says how much is measured, the default is quick; many
 * is only what there is to see on a kernel with many subsystems.  alone=1 is for
 * one that has all but the first of them disabled: only who is in a container.
 * profile=SCENE/OPERATION has one of them profiled, too.  Each scene
 * in each hierarchy is a KTAP case, which fails when one of its operations
 * does.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "measure.h"
#include "tasks.h"

#define N 201
#define MNT "/mnt"

enum mode { GATE, QUICK, FULL, MANY };

/* A kind of hierarchy. */
struct fs {
	const char *where, *type;
	const char *tasks, *procs;	/* control files */
	const char *proc;		/* of a task, says where it is */
};

static const struct fs nowhere = { .where = "-" };

static const struct fs container = {
	"container", "container", "tasks", "procs", "/proc/self/container"
};

static const struct fs cgroup1 = {
	"cgroup1", "cgroup", "tasks", "cgroup.procs", "/proc/self/cgroup"
};

static const struct fs cgroup2 = {
	"cgroup2", "cgroup2", "cgroup.procs", "cgroup.procs",
	"/proc/self/cgroup"
};

/* A hierarchy of that kind. */
struct hierarchy {
	const struct fs *fs;
	const char *label, *options;
	const char *more;		/* options for a remount */
};

static bool is_first(const struct hierarchy *h);

static const struct hierarchy none = { &nowhere, "-", NULL, NULL };

static enum mode mode = QUICK;
static bool alone;
static const struct hierarchy *here;
static char self_path[256];

/* --- files ----------------------------------------------------------------- */

__attribute__((format(printf, 1, 2)))
static const char *path(const char *fmt, ...)
{
	static unsigned int slot;
	char *s = shared->ring[slot++ % 8];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s, sizeof(shared->ring[0]), fmt, ap);
	va_end(ap);
	return s;
}

/* Opens, reads all, closes. */
static long read_all(const char *file)
{
	int fd = open(file, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	do {
		n = read(fd, shared->buffer, sizeof(shared->buffer));
	} while (n > 0);
	close(fd);
	return n;
}

/*
 * All of a file of /proc, or nothing.  Without stdio: that has memory mapped and
 * unmapped, which a fork later copies.
 */
static char *slurp(const char *file)
{
	const ssize_t room = sizeof(shared->buffer) - 1;
	int fd = open(file, O_RDONLY);
	ssize_t n, len = 0;

	do {
		n = read(fd, shared->buffer + len, room - len);
		len += n > 0 ? n : 0;
	} while (n > 0);
	if (fd >= 0)
		close(fd);
	shared->buffer[len] = 0;
	return shared->buffer;
}

/* The number behind a word in /proc/meminfo, in bytes. */
static long meminfo(const char *word)
{
	const char *line = strstr(slurp("/proc/meminfo"), path("\n%s:", word));

	return line ? atol(strchr(line, ':') + 1) * 1024 : 0;
}

/* Lines are "nodev", a tab and the name. */
static bool known(const char *type)
{
	return strstr(slurp("/proc/filesystems"), path("\t%s\n", type));
}

static void put(const char *file, const char *text)
{
	int fd = MUST(open(file, O_WRONLY));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

/* Time for what is left to work queues and grace periods. */
static void settle(void)
{
	struct timespec t = { .tv_nsec = 200 * 1000 * 1000 };

	nanosleep(&t, NULL);
}

/* --- hierarchies ------------------------------------------------------------ */

static void mount_at(const char *dir, const char *options)
{
	int i;

	mkdir(dir, 0755);
	/* What a control group leaves behind goes away by itself. */
	for (i = 0; i < 50; i++) {
		if (!mount("bench", dir, here->fs->type, 0, options))
			return;
		settle();
	}
	complain("mount %s %s", here->fs->type, options);
}

static void umount_at(const char *dir)
{
	int i;

	for (i = 0; i < 50; i++) {
		if (!umount(dir))
			return;
		settle();
	}
	complain("umount %s", dir);
}

static void begin(void)
{
	mount_at(MNT, here->options);
	if (here->fs == &cgroup2 && !strcmp(here->label, "pids"))
		put(MNT "/cgroup.subtree_control", "+pids");
}

static void end(void)
{
	if (here->fs == &cgroup2 && !strcmp(here->label, "pids"))
		put(MNT "/cgroup.subtree_control", "-pids");
	/* A hierarchy of cgroups stays as long as one that was removed does. */
	settle();
	umount_at(MNT);
	settle();
}

static int open_tasks(const char *dir)
{
	return MUST(open(path("%s/%s", dir, here->fs->tasks), O_WRONLY));
}

/* The caller goes to a container. */
static void go(const char *dir)
{
	put(path("%s/%s", dir, here->fs->tasks), "0");
}

static void make(const char *dir)
{
	MUST(mkdir(dir, 0755));
}

static void unmake(const char *dir)
{
	int i;

	/* A cgroup can be busy for a while after the last exit. */
	for (i = 0; i < 50; i++) {
		if (!rmdir(dir))
			return;
		settle();
	}
	complain("rmdir %s", dir);
}

/* --- operations: tasks ------------------------------------------------------- */

static long op_getppid(void)
{
	return syscall(SYS_getppid);
}

static long op_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return waitpid(pid, NULL, 0);
}

static long op_vfork(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(0);
	return waitpid(pid, NULL, 0);
}

/* Starts this program again, which ends at once. */
static long op_exec(void)
{
	static char *const argv[] = { "exit", NULL };
	pid_t pid = vfork();

	if (!pid) {
		execve(self_path, argv, argv + 1);
		_exit(127);
	}
	return waitpid(pid, NULL, 0);
}

/* Until one of the two runs in user space again. */
static long op_fork_only(void)
{
	pid_t pid;
	u64 now;

	shared->to = 0;
	shared->from = stamp();
	pid = fork();
	now = stamp();
	if (!shared->to)
		shared->to = now;
	if (!pid)
		_exit(0);
	return waitpid(pid, NULL, 0);
}

/* And from there until the child is gone. */
static long op_exit_only(void)
{
	long ret = op_fork_only();
	u64 now = stamp();

	shared->from = shared->to;
	shared->to = now;
	return ret;
}

static const struct op task_ops[] = {
	{ "vfork", op_vfork, .n = 101, .quiet = 1 },
	{ "fork", op_fork, .n = 101, .quiet = 1 },
	{ "thread", thread, .n = 101, .quiet = 1 },
	{ "getppid", op_getppid, .n = 101, .quiet = 1 },
	{ "exec", op_exec, .n = 101, .quiet = 1 },
	{ "fork_only", op_fork_only, .n = 101, .quiet = 1, .stamps = 1 },
	{ "exit_only", op_exit_only, .n = 101, .quiet = 1, .stamps = 1 },
};

/*
 * One behind the other.  Now and then nothing has to be fetched, given back, or
 * done for others, on a kernel with the option on as on one with it off.
 */
static const struct op least_ops[] = {
	{ "vfork_least", op_vfork, .n = MAX_N, .least = 1 },
	{ "fork_least", op_fork, .n = MAX_N, .least = 1 },
	{ "thread_least", thread, .n = MAX_N, .least = 1 },
};

static void measure_tasks(long x)
{
	measure_all(least_ops, ARRAY_SIZE(least_ops), x, 0);
	if (mode != GATE)
		measure_all(task_ops, ARRAY_SIZE(task_ops), x, 0);
}

/* --- operations: moves ------------------------------------------------------- */

static int fd_to, fd_back;
static int one_by_one;			/* one write for each id */

static long move(int fd)
{
	const char *s = shared->who, *next;

	if (!one_by_one)
		return write(fd, shared->who, strlen(shared->who));
	for (; *s; s = next) {
		next = strchr(s, ' ') + 1;
		if (write(fd, s, next - s - 1) < 0)
			return -1;
	}
	return 0;
}

static long op_move(void) { return move(fd_to); }
static void move_back(void) { MUST(move(fd_back)); }

static const struct op move_self = { "move_self", op_move, NULL, move_back, .n = N };
static const struct op move_one = { "move", op_move, NULL, move_back, .n = N };
static const struct op move_shared = { "move_shared", op_move, NULL, move_back, .n = N };
static const struct op move_1000 = { "move_1000", op_move, NULL, move_back, .n = 21 };
static const struct op move_process = { "move_process", op_move, NULL, move_back, .n = 51 };

/* Who is moved: a leader, if any, and the first of what start_tasks() has started last. */
static void choose(pid_t leader, int count)
{
	char *s = shared->who;
	int i;

	if (leader)
		s += sprintf(s, "%d ", leader);
	for (i = 0; i < count; i++)
		s += sprintf(s, "%d ", shared->tasks[i]);
	/* A single one is written as it is. */
	if (count == 1)
		s[-1] = 0;
}

/* --- operations: directories and files ---------------------------------------- */

static long op_mkdir(void) { return mkdir("n", 0755); }
static long op_rmdir(void) { return rmdir("n"); }
static void do_mkdir(void) { MUST(op_mkdir()); }
static void do_rmdir(void) { MUST(op_rmdir()); }

/* In the current directory. */
static const struct op dir_ops[] = {
	{ "mkdir", op_mkdir, NULL, do_rmdir, .n = N },
	{ "rmdir", op_rmdir, do_mkdir, NULL, .n = N },
};

static const char *file;

static long op_read(void) { return read_all(file); }

static const struct op read_tasks = { "read_tasks", op_read, .n = N };
static const struct op read_procs = { "read_procs", op_read, .n = N };
static const struct op read_proc = { "read_proc", op_read, .n = N };

static void measure_proc(long x)
{
	file = here->fs->proc;
	measure(&read_proc, x, 0);
}

static void measure_dirs(const char *dir, long x)
{
	MUST(chdir(dir));
	measure_all(dir_ops, ARRAY_SIZE(dir_ops), x, 0);
	MUST(chdir("/"));
}

static long op_mount(void) { return mount("bench", MNT, here->fs->type, 0, here->options); }
static long op_umount(void) { return umount(MNT); }
static void do_mount(void) { mount_at(MNT, here->options); }
static void do_umount(void) { umount_at(MNT); settle(); }

static long op_remount(void)
{
	return mount("bench", MNT, here->fs->type, MS_REMOUNT, here->options);
}

static long op_change(void)
{
	return mount("bench", MNT, here->fs->type, MS_REMOUNT, here->more);
}

static void do_remount(void) { MUST(op_remount()); }

static const struct op op_mounts[] = {
	{ "mount", op_mount, NULL, do_umount, .n = 51 },
	{ "umount", op_umount, do_mount, settle, .n = 51 },
};

static const struct op op_remounts[] = {
	{ "remount", op_remount, .n = 51 },
	{ "remount_change", op_change, NULL, do_remount, .n = 51 },
};

/* --- scenes -------------------------------------------------------------------- */

static void unmounted(long x)
{
	measure_tasks(x);
}

static void mounted(long x)
{
	begin();
	measure_tasks(x);
	end();
}

static void child(long x)
{
	begin();
	make(MNT "/x");
	go(MNT "/x");
	measure_tasks(x);
	measure_proc(x);
	go(MNT);
	unmake(MNT "/x");
	end();
}

static int inside = -1;

/* The first thing that a holder does. */
static void go_inside(int i)
{
	if (!i && inside >= 0)
		MUST(write(inside, "0", 1));
}

/* The rest of measuring moves: several at a time. */
static void moves_of_many(void)
{
	struct holder h;

	one_by_one = here->fs != &container;
	h = start_tasks(1000, SHARE | SIGCHLD, go_inside);
	choose(0, 1000);
	measure(&move_1000, 1000, 0);
	end_tasks(&h);

	h = start_tasks(99, SHARE | CLONE_THREAD | CLONE_SYSVSEM, go_inside);
	close(fd_to);
	close(fd_back);
	one_by_one = 0;
	if (!access(path(MNT "/%s", here->fs->procs), F_OK)) {
		fd_to = MUST(open(path(MNT "/b/%s", here->fs->procs), O_WRONLY));
		fd_back = MUST(open(path(MNT "/a/%s", here->fs->procs), O_WRONLY));
		sprintf(shared->who, "%d", h.pid);
	} else {
		fd_to = open_tasks(MNT "/b");
		fd_back = open_tasks(MNT "/a");
		choose(h.pid, 99);
	}
	measure(&move_process, 100, 0);
	end_tasks(&h);
}

static void moves(long x)
{
	struct holder h, h2;
	int last;

	begin();
	make(MNT "/a");
	make(MNT "/b");
	fd_to = open_tasks(MNT "/b");
	fd_back = open_tasks(MNT "/a");

	go(MNT "/a");
	strcpy(shared->who, "0");
	measure(&move_self, x, 0);
	go(MNT);

	/* A task of its own, not even its holder is there. */
	h = start_tasks(1, SHARE | SIGCHLD, NULL);
	last = shared->tasks[0];
	choose(0, 1);
	move_back();
	measure(&move_one, x, 0);

	/* Somebody is in both containers already. */
	inside = fd_back;
	h2 = start_tasks(1, SHARE | SIGCHLD, go_inside);
	choose(0, 1);
	MUST(move(fd_to));
	sprintf(shared->who, "%d", last);
	measure(&move_shared, x, 0);
	end_tasks(&h2);
	end_tasks(&h);

	if (mode != GATE)
		moves_of_many();
	close(fd_to);
	close(fd_back);
	inside = -1;
	unmake(MNT "/a");
	unmake(MNT "/b");
	end();
}

/* x tasks in a container; how the others feel about it. */
static void tasks(long x)
{
	int n = x > 3000 ? 11 : x > 300 ? 51 : 0;
	struct holder h;

	begin();
	make(MNT "/x");
	inside = open_tasks(MNT "/x");
	/* One of them is the holder. */
	h = start_tasks(x - 1, SHARE | SIGCHLD, go_inside);
	file = path(MNT "/x/%s", here->fs->tasks);
	measure(&read_tasks, x, n);
	file = path(MNT "/x/%s", here->fs->procs);
	if (here->fs->tasks != here->fs->procs && !access(file, F_OK) &&
	    mode != GATE)
		measure(&read_procs, x, n);
	if (x <= 10000 && mode != GATE) {
		go(MNT "/x");
		measure_all(task_ops, 3, x, 0);
		go(MNT);
		measure_dirs(MNT, x);
	}
	end_tasks(&h);
	close(inside);
	inside = -1;
	unmake(MNT "/x");
	end();
}

/* x tasks, and no hierarchy. */
static void tasks_alone(long x)
{
	struct holder h = start_tasks(x, SHARE | SIGCHLD, NULL);

	measure_all(task_ops, 3, x, 0);
	end_tasks(&h);
}

static int first[100], second[100], side;

static void go_pair(int i)
{
	if (i % side == 0)
		MUST(write(first[i / side], "0", 1));
	MUST(write(second[i % side], "0", 1));
}

/* Two hierarchies with side containers each, and one of their own for who is measured. */
static void make_pairs(int count)
{
	int i;

	for (side = 1; side * side < count; side++)
		;
	mount_at("/mnt1", "none,name=first");
	mount_at("/mnt2", "none,name=second");
	for (i = 0; i < side; i++) {
		make(path("/mnt1/%d", i));
		make(path("/mnt2/%d", i));
		first[i] = open_tasks(path("/mnt1/%d", i));
		second[i] = open_tasks(path("/mnt2/%d", i));
	}
}

static void unmake_pairs(void)
{
	int i;

	for (i = 0; i < side; i++) {
		close(first[i]);
		close(second[i]);
		unmake(path("/mnt1/%d", i));
		unmake(path("/mnt2/%d", i));
	}
	umount_at("/mnt1");
	umount_at("/mnt2");
	settle();
}

/* x css_groups, or css_sets, with a task each. */
static void groups(long x)
{
	struct holder h, h2;

	make_pairs(x);
	make("/mnt1/own");
	make("/mnt2/a");
	make("/mnt2/b");
	h = start_tasks(x, SHARE | SIGCHLD, go_pair);

	inside = open_tasks("/mnt1/own");
	h2 = start_tasks(1, SHARE | SIGCHLD, go_inside);
	fd_to = open_tasks("/mnt2/b");
	fd_back = open_tasks("/mnt2/a");
	choose(0, 1);
	move_back();
	measure(&move_one, x, 0);
	end_tasks(&h2);

	if (mode != GATE) {
		go("/mnt1/own");
		go("/mnt2/a");
		measure_all(task_ops, 3, x, 0);
		measure_proc(x);
		strcpy(shared->who, "0");
		measure(&move_self, x, 0);
		go("/mnt1");
		go("/mnt2");
	}
	close(fd_to);
	close(fd_back);
	close(inside);
	inside = -1;
	end_tasks(&h);
	unmake("/mnt1/own");
	unmake("/mnt2/a");
	unmake("/mnt2/b");
	unmake_pairs();
}

/* mkdir and rmdir beside x others; for many, one of each kind will do. */
static void siblings(long x)
{
	long i;

	if (x > 1000 && !is_first(here))
		return;
	begin();
	for (i = 0; i < x; i++)
		make(path(MNT "/s%ld", i));
	measure_dirs(MNT, x);
	for (i = 0; i < x; i++)
		unmake(path(MNT "/s%ld", i));
	end();
}

/* mkdir and rmdir at depth x. */
static void depth(long x)
{
	long i;

	begin();
	MUST(chdir(MNT));
	for (i = 1; i < x; i++) {
		make("d");
		MUST(chdir("d"));
	}
	measure_all(dir_ops, ARRAY_SIZE(dir_ops), x, 0);
	/* And who is there. */
	if (x > 1) {
		put(here->fs->tasks, "0");
		measure_all(task_ops, 3, x, 0);
		measure_proc(x);
		go(MNT);
	}
	for (i = 1; i < x; i++) {
		MUST(chdir(".."));
		unmake("d");
	}
	MUST(chdir("/"));
	end();
}

/* x hierarchies without subsystems, the caller in a child container of each. */
static void hierarchies(long x)
{
	long i;

	for (i = 1; i <= x; i++) {
		mount_at(path("/mnt%ld", i), path("none,name=h%ld", i));
		make(path("/mnt%ld/x", i));
		go(path("/mnt%ld/x", i));
	}
	measure_proc(x);
	measure_all(task_ops, mode == GATE ? 0 : 3, x, 0);
	for (i = 1; i <= x; i++) {
		go(path("/mnt%ld", i));
		unmake(path("/mnt%ld/x", i));
		umount_at(path("/mnt%ld", i));
	}
	settle();
}

/* The names of the first x subsystems, as options of a mount. */
static int subsystem_names(char *names, size_t size, long x)
{
	char *rest, *line = strtok_r(slurp("/proc/containers"), "\n", &rest);
	int enabled, found = 0;
	char name[40];

	*names = 0;
	for (; line && found < x; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%39s %*d %*d %d", name, &enabled) != 2 ||
		    line[0] == '#' || !enabled)
			continue;
		snprintf(names + strlen(names), size - strlen(names), "%s%s",
			 found ? "," : "", name);
		found++;
	}
	return found;
}

/* x subsystems in the hierarchy. */
static void subsystems(long x)
{
	char names[1000];
	struct holder h;

	if (subsystem_names(names, sizeof(names), x) != x) {
		errno = ENODEV;
		complain("%ld subsystems", x);
		return;
	}
	mount_at(MNT, names);
	make(MNT "/a");
	make(MNT "/b");
	go(MNT "/a");
	measure_all(task_ops, 3, x, 0);
	go(MNT);
	fd_to = open_tasks(MNT "/b");
	fd_back = open_tasks(MNT "/a");
	h = start_tasks(1, SHARE | SIGCHLD, NULL);
	choose(0, 1);
	move_back();
	measure(&move_one, x, 0);
	end_tasks(&h);
	close(fd_to);
	close(fd_back);
	measure_dirs(MNT, x);
	unmake(MNT "/a");
	unmake(MNT "/b");
	end();
}

static void mounts(long x)
{
	/* Control groups sleep there, and their next mount waits for work. */
	measure_all(op_mounts, ARRAY_SIZE(op_mounts), x, 0);
	begin();
	if (here->fs != &cgroup2)
		measure_all(op_remounts, here->more ? 2 : 1, x, 0);
	end();
}

/* --- scenes: memory -------------------------------------------------------------- */

static long slab, percpu;

static void memory_before(void)
{
	settle();
	slab = meminfo("Slab");
	percpu = meminfo("Percpu");
}

/* What each of count objects has taken since, up to 0. */
static void memory_after(const char *what, long count)
{
	long more;

	settle();
	more = meminfo("Slab") - slab;
	say_one(path("%s_slab", what), count, more > 0 ? more / count : 0);
	more = meminfo("Percpu") - percpu;
	say_one(path("%s_percpu", what), count, more > 0 ? more / count : 0);
}

static void make_many(long from, long to)
{
	for (; from < to; from++)
		make(path(MNT "/m%ld", from));
}

/* Looks at each file of each container. */
static void stat_many(long from, long to)
{
	struct dirent *e;
	struct stat st;
	DIR *dir;

	for (; from < to; from++) {
		dir = opendir(path(MNT "/m%ld", from));
		while (dir && (e = readdir(dir)))
			if (fstatat(dirfd(dir), e->d_name, &st, 0))
				complain("stat");
		if (dir)
			closedir(dir);
	}
}

static void memory_containers(long x)
{
	long i;

	begin();
	make_many(0, x / 4);
	memory_before();
	make_many(x / 4, x / 4 + x);
	memory_after("container", x);
	stat_many(0, x / 4);
	memory_before();
	stat_many(x / 4, x / 4 + x);
	memory_after("container_looked_at", x);
	for (i = 0; i < x / 4 + x; i++)
		unmake(path(MNT "/m%ld", i));
	end();
}

static void memory_opens(long x)
{
	const struct rlimit limit = { 20000, 20000 };
	int last[] = { 1, 300 };
	struct holder h;
	size_t i;
	long j;

	MUST(setrlimit(RLIMIT_NOFILE, &limit));
	/* The table of descriptors grows here and not later. */
	close(MUST(dup2(1, 19999)));
	begin();
	make(MNT "/x");
	for (i = 0; i < ARRAY_SIZE(last); i++) {
		inside = open_tasks(MNT "/x");
		h = start_tasks(last[i] - 1, SHARE | SIGCHLD, go_inside);
		memory_before();
		for (j = 0; j < x; j++)
			shared->fds[j] = MUST(open(path(MNT "/x/%s", here->fs->tasks), O_RDONLY));
		if (last[i] == 1)
			memory_after("open", x);
		for (j = 0; j < x; j++)
			MUST(read(shared->fds[j], shared->buffer, 8));
		memory_after(path("open_read_%d", last[i]), x);
		for (j = 0; j < x; j++)
			close(shared->fds[j]);
		end_tasks(&h);
		close(inside);
		inside = -1;
	}
	unmake(MNT "/x");
	end();
}

static void memory_tasks(long x)
{
	struct holder h = start_tasks(x / 4, SHARE | SIGCHLD, NULL);
	struct holder h2;

	memory_before();
	h2 = start_tasks(x, SHARE | SIGCHLD, NULL);
	memory_after("task", x);
	end_tasks(&h2);
	end_tasks(&h);
}

static void memory_groups(long x)
{
	struct holder h;

	make_pairs(x);
	memory_before();
	h = start_tasks(x, SHARE | SIGCHLD, NULL);
	memory_after("task_alone", x);
	end_tasks(&h);
	memory_before();
	h = start_tasks(x, SHARE | SIGCHLD, go_pair);
	memory_after("task_and_group", x);
	end_tasks(&h);
	unmake_pairs();
}

/* --- which scenes, and where -------------------------------------------------------- */

/* The hierarchies that a scene is about: the first of each kind, or all. */
enum places { NOWHERE, FIRST, ALL, OURS, V1 };

struct scene {
	const char *name;
	void (*run)(long x);
	enum places places;
	enum mode mode;			/* the shortest that has it */
	long x[4][10];			/* for each mode, until 0 */
};

static const struct scene scenes[] = {
	{ "unmounted", unmounted, NOWHERE, GATE, { {1}, {1}, {1} } },
	{ "mounted", mounted, ALL, GATE, { {1}, {1}, {1} } },
	{ "child", child, ALL, GATE, { {1}, {1}, {1} } },
	{ "moves", moves, ALL, GATE, { {1}, {1}, {1} } },
	{ "siblings", siblings, ALL, GATE,
	  { {1}, {1, 1000}, {1, 10, 100, 1000, 10000} } },
	{ "depth", depth, FIRST, QUICK,
	  { {1}, {1, 50}, {1, 2, 5, 10, 20, 30, 40, 50} } },
	{ "mounts", mounts, ALL, QUICK, { {1}, {1}, {1} } },
	{ "hierarchies", hierarchies, V1, QUICK,
	  { {1}, {1, 8}, {1, 2, 4, 8} } },
	{ "subsystems", subsystems, OURS, QUICK,
	  { {1}, {1, 5}, {1, 2, 4, 5}, {1, 5, 8, 16, 24, 32} } },
	{ "tasks", tasks, FIRST, GATE,
	  { {1, 300}, {1, 300},
	    {1, 10, 100, 300, 1000, 3000, 10000, 50000} } },
	{ "tasks_alone", tasks_alone, NOWHERE, QUICK,
	  { {1}, {300, 1000}, {1, 10, 100, 300, 1000, 3000, 10000} } },
	{ "groups", groups, V1, GATE,
	  { {2, 1000}, {2, 1000}, {2, 10, 100, 1000, 3000, 10000} } },
	{ "memory_containers", memory_containers, ALL, QUICK,
	  { {1}, {1000}, {2000} } },
	{ "memory_opens", memory_opens, FIRST, QUICK, { {1}, {1000}, {4000} } },
	{ "memory_tasks", memory_tasks, NOWHERE, QUICK,
	  { {1}, {1000}, {4000} } },
	{ "memory_groups", memory_groups, V1, QUICK, { {1}, {1000}, {4000} } },
};

static const struct hierarchy hierarchy[] = {
	{ &container, "debug", "debug", "debug,numtasks" },
	{ &container, "numtasks", "numtasks", NULL },
	{ &container, "named", "none,name=bench", NULL },
	{ &container, "all", "all", NULL },
	{ &cgroup1, "named", "none,name=bench", NULL },
	{ &cgroup1, "pids", "pids", "pids,freezer" },
	{ &cgroup2, "-", NULL, NULL },
	{ &cgroup2, "pids", NULL, NULL },
};

/* The first of its kind? */
static bool is_first(const struct hierarchy *h)
{
	return h == hierarchy || h[-1].fs != h->fs;
}

/* Is this scene played there? */
static bool wanted(const struct scene *s, const struct hierarchy *h)
{
	const struct fs *fs = h->fs;

	if (mode < s->mode || (mode == MANY && s->run != subsystems) ||
	    (alone && s->run != child) ||
	    (profiled_scene[0] && strcmp(s->name, profiled_scene)))
		return false;
	if (s->places == NOWHERE || h == &none)
		return s->places == NOWHERE && h == &none;
	/* On a kernel without containers there is nothing to compare with. */
	if (!known(fs->type) || !known(container.type))
		return false;
	/* What a fork costs where there is everything is compared with a target. */
	if (mode == GATE && s->run == child && !strcmp(h->label, "all"))
		return true;
	if ((mode == GATE || s->places != ALL) && !is_first(h))
		return false;
	if (mode == GATE || s->places == OURS)
		return fs == &container;
	return s->places != V1 || fs != &cgroup2;
}

static void play(const struct scene *s, const struct hierarchy *h, int number)
{
	const long *x;

	here = h;
	at_where = h->fs->where;
	at_options = h->label;
	at_scene = s->name;
	wrong[0] = 0;
	for (x = s->x[mode]; *x && !wrong[0]; x++)
		s->run(*x);
	if (wrong[0])
		printf("# %s\n", wrong);
	printf("%sok %d %s %s %s\n", wrong[0] ? "not " : "", number, s->name,
	       at_where, at_options);
	fflush(stdout);
}

/* Calls play() for all, or counts them. */
static int play_all(bool count, bool *failed)
{
	size_t i, j;
	int n = 0;

	for (i = 0; i < ARRAY_SIZE(scenes); i++) {
		for (j = 0; j <= ARRAY_SIZE(hierarchy); j++) {
			const struct hierarchy *h = j ? &hierarchy[j - 1] : &none;

			if (!wanted(&scenes[i], h))
				continue;
			n++;
			if (count)
				continue;
			play(&scenes[i], h, n);
			*failed |= wrong[0];
		}
	}
	return n;
}

static void read_mode(void)
{
	const char *line = slurp("/proc/cmdline"), *word;

	if (strstr(line, "bench=gate"))
		mode = GATE;
	if (strstr(line, "bench=full"))
		mode = FULL;
	if (strstr(line, "bench=many"))
		mode = MANY;
	alone = strstr(line, "alone=1");
	word = strstr(line, "profile=");
	if (word)
		sscanf(word, "profile=%39[^/]/%39[^ \n]", profiled_scene,
		       profiled_op);
}

static pid_t start(const char *name, const char *arg)
{
	char *const argv[] = { (char *)name, (char *)arg, NULL };
	pid_t pid = vfork();

	if (!pid) {
		execve(arg, argv, argv + 2);
		_exit(127);
	}
	return pid;
}

/*
 * The boot has left slabs with room for some tasks each.  A fork that finds
 * one of these takes longer than one that does not, and which it is depends
 * on everything.  Tasks that stay fill them, as children of another process.
 */
__attribute__((noreturn))
static void ballast(const char *program)
{
	int i;

	for (i = 0; i < 150; i++)
		start("wait", program);
	for (;;)
		pause();
}

/*
 * To print the number of a task takes as long as it has digits, and each exit
 * does.  The scenes are not to differ in that.
 */
static void same_digits(void)
{
	while (op_vfork() < 1000)
		;
}

/*
 * A fork copies what the program has touched, which is not to be more in one
 * scene than in another.
 */
static void touch_all(void)
{
	char stack[32768];

	memset(stack, 1, sizeof(stack));
	__asm__ __volatile__("" : : "r"(stack) : "memory");
	if (mlockall(MCL_CURRENT) || munlockall())
		complain("mlockall");
}

int main(int argc, char **argv)
{
	bool failed = false;

	if (argc && !strcmp(argv[0], "exit"))
		return 0;
	if (argc > 1 && !strcmp(argv[0], "ballast"))
		ballast(argv[1]);
	if (argc && !strcmp(argv[0], "wait"))
		for (;;)
			pause();
	snprintf(self_path, sizeof(self_path), "%s", argv[0]);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	setvbuf(stdout, shared->out, _IOFBF, sizeof(shared->out));
	read_mode();
	touch_all();
	/* From now on the exit of a thread looks for its directory in there. */
	read_all("/proc/self/status");
	start("ballast", self_path);
	settle();
	put("/proc/sys/kernel/threads-max", "100000");
	put("/proc/sys/kernel/pid_max", "200000");
	same_digits();
	printf("TAP version 13\n1..%d\n", play_all(true, NULL));
	calibrate();
	play_all(false, &failed);
	return failed;
}

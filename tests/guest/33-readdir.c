// SPDX-License-Identifier: GPL-2.0
/*
 * A task that reads a directory has a position among its entries.  The position
 * stays valid whatever comes and goes around it: files with remount, containers
 * with mkdir and rmdir.  An entry that stays is seen once, the end is reached,
 * and no task hangs.
 *
 * harness: configs=base,debug,full smp=2
 */
#include "ct.h"

#define STAY		8	/* containers that stay */
#define COME		4	/* containers that come and go */
#define SPOTS		40	/* more than entries in a directory at any time */
#define READERS		2

/* Which of the entries that stay have been seen, and how often. */
struct seen {
	int stay[STAY];
	int tasks;
};

/*
 * Reads about one entry of a directory; a name has up to 32 bytes here, so
 * there is always room for one.  Returns 0 at the end, 1 otherwise, -1 for an
 * error.
 */
static int step(int fd, struct seen *seen)
{
	char buf[64] __attribute__((aligned(8)));
	struct dirent64_ *e;
	long n, pos;
	int i;

	n = syscall(SYS_getdents64, fd, buf, sizeof(buf));
	for (pos = 0; pos < n; pos += e->len) {
		e = (void *)(buf + pos);
		if (sscanf(e->name, "stay%d", &i) == 1 && i >= 0 && i < STAY)
			seen->stay[i]++;
		else if (!strcmp(e->name, "tasks"))
			seen->tasks++;
	}
	return n > 0 ? 1 : n;
}

/* Reads on to the end. */
static void finish(int fd, struct seen *seen)
{
	int i, ret = 1;

	for (i = 0; i < 1000 && ret == 1; i++)
		ret = step(fd, seen);
	EXPECT_OK(ret);
	EXPECT_CMP(i, <, 1000);
}

/*
 * Entries that stay were seen once.  A hierarchy with children keeps its set.
 */
static void expect_once(const struct seen *seen, bool kids)
{
	int i;

	EXPECT_EQ(seen->tasks, 1);
	for (i = 0; kids && i < STAY; i++)
		EXPECT_EQ(seen->stay[i], 1);
}

static void make_kids(const char *name, int count)
{
	int i;

	for (i = 0; i < count; i++)
		MKDIR(P(M1 "/%s%d", name, i));
}

static void remove_kids(const char *name, int count)
{
	int i;

	for (i = 0; i < count; i++)
		RMDIR(P(M1 "/%s%d", name, i));
}

static int remount(const char *opts)
{
	return mount(NULL, M1, NULL, MS_REMOUNT, opts);
}

/* Opens the directory SPOTS times, and stops at a different entry each time. */
static void cursors(int *fd, struct seen *seen)
{
	int i, k;

	memset(seen, 0, SPOTS * sizeof(*seen));
	for (i = 0; i < SPOTS; i++) {
		ASSERT_OK(fd[i] = open(M1, O_RDONLY | O_DIRECTORY));
		for (k = 0; k < i; k++)
			EXPECT_OK(step(fd[i], &seen[i]));
	}
}

static void expect_cursors(int *fd, struct seen *seen, bool kids)
{
	struct seen again;
	int i;

	for (i = 0; i < SPOTS; i++) {
		CTX("a cursor after %d reads", i);
		finish(fd[i], &seen[i]);
		expect_once(&seen[i], kids);
		/* a read from the start shows all entries, too */
		memset(&again, 0, sizeof(again));
		EXPECT_EQ(lseek(fd[i], 0, SEEK_SET), 0);
		finish(fd[i], &again);
		expect_once(&again, kids);
		close(fd[i]);
	}
	CTX_END();
}

/* Open files at all positions, then one change. */
static void around_remount(void)
{
	static const char *const sets[] = {
		"none,name=r", "debug,name=r", "debug,numtasks,name=r",
		"numtasks,name=r", "debug,cpuacct,name=r", "all,name=r",
	};
	struct seen seen[SPOTS];
	int fd[SPOTS];
	unsigned int i;

	MOUNT(M1, "debug,name=r");
	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		cursors(fd, seen);
		EXPECT_OK(remount(sets[i]));
		expect_cursors(fd, seen, false);
	}
	UMOUNT(M1);
}

static void around_mkdir(void)
{
	struct seen seen[SPOTS];
	int fd[SPOTS];

	MOUNT(M1, "debug");
	make_kids("stay", STAY);
	cursors(fd, seen);
	make_kids("come", COME);
	expect_cursors(fd, seen, true);
	cursors(fd, seen);
	remove_kids("come", COME);
	expect_cursors(fd, seen, true);
	/*
	 * the same names, with another container next to the position each time
	 */
	make_kids("come", COME);
	cursors(fd, seen);
	remove_kids("come", COME);
	make_kids("come", COME);
	remove_kids("come", COME);
	expect_cursors(fd, seen, true);
	remove_kids("stay", STAY);
	UMOUNT(M1);
}

/* The directory itself is removed. */
static void around_rmdir(void)
{
	char buf[256] __attribute__((aligned(8)));
	int fd[8], i;

	MOUNT(M1, "debug");
	MKDIR(M1 "/gone");
	for (i = 0; i < 8; i++) {
		struct seen seen;
		int k;

		memset(&seen, 0, sizeof(seen));
		ASSERT_OK(fd[i] = open(M1 "/gone", O_RDONLY | O_DIRECTORY));
		for (k = 0; k < i; k++)
			EXPECT_OK(step(fd[i], &seen));
	}
	RMDIR(M1 "/gone");
	for (i = 0; i < 8; i++) {
		EXPECT_ERRNO(syscall(SYS_getdents64, fd[i], buf, sizeof(buf)), ENOENT);
		EXPECT_OK(lseek(fd[i], 0, SEEK_SET));
		EXPECT_OK(lseek(fd[i], 3, SEEK_SET));
		close(fd[i]);
	}
	UMOUNT(M1);
}

struct shared {
	int stop;
	long passes;
	long changes;
};

static struct shared *sh;

/* Lists from the start, sometimes from a position where it has been before. */
static void reader(bool kids)
{
	unsigned long rnd = ktap_seed() + getpid();
	struct seen seen;
	long pos;
	int fd, i;

	ASSERT_OK(fd = open(M1, O_RDONLY | O_DIRECTORY));
	while (!GET(sh->stop)) {
		memset(&seen, 0, sizeof(seen));
		EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
		finish(fd, &seen);
		expect_once(&seen, kids);
		INC(sh->passes);
		EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
		for (i = ktap_rand(&rnd) % 16; i > 0; i--)
			EXPECT_OK(step(fd, &seen));
		EXPECT_OK(pos = lseek(fd, 0, SEEK_CUR));
		EXPECT_EQ(lseek(fd, pos / 2, SEEK_SET), pos / 2);
		EXPECT_OK(step(fd, &seen));
		EXPECT_EQ(lseek(fd, pos, SEEK_SET), pos);
		finish(fd, &seen);
	}
	close(fd);
}

static void changer(void (*change)(void))
{
	while (!GET(sh->stop)) {
		change();
		INC(sh->changes);
	}
}

/* Failed checks of children are counted with those of the case. */
static void storm(void (*change)(void), bool kids)
{
	int pid[READERS + 1], i;

	sh = ct_shared(sizeof(*sh));
	for (i = 0; i < READERS; i++)
		pid[i] = IN_CHILD(reader(kids));
	pid[i] = IN_CHILD(changer(change));
	while (GO_ON(GET(sh->passes) < ktap_loops(30000) ||
		     GET(sh->changes) < ktap_loops(2700)))
		usleep(20000);
	SET(sh->stop, 1);
	for (i = 0; i <= READERS; i++)
		EXPECT(ct_ended_well(pid[i]));
	ktap_note("%ld listings, %ld changes", sh->passes, sh->changes);
}

static void change_set(void)
{
	EXPECT_OK(remount("none,name=r"));
	EXPECT_OK(remount("debug,numtasks,cpuacct,name=r"));
}

static void change_kids(void)
{
	make_kids("come", COME);
	remove_kids("come", COME);
}

static void during_remounts(void)
{
	MOUNT(M1, "debug,name=r");
	storm(change_set, false);
	UMOUNT(M1);
}

static void during_mkdir(void)
{
	MOUNT(M1, "debug");
	make_kids("stay", STAY);
	storm(change_kids, true);
	remove_kids("stay", STAY);
	UMOUNT(M1);
}

static const struct ktap_case cases[] = {
	T(around_remount),
	T(around_mkdir),
	T(around_rmdir),
	T(during_remounts),
	T(during_mkdir),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

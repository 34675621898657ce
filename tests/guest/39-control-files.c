// SPDX-License-Identifier: GPL-2.0
/*
 * Control files are made when a task looks them up, and the kernel may free
 * them again.  This must not be visible: the listing and its order stay the
 * same, changed attributes stay changed, and a file's name is taken from the
 * start.
 *
 * harness: configs=base,debug,full smp=2
 */
#include "ct.h"

#include <sys/resource.h>

#define SUBSYSTEMS "debug,numtasks,cpuacct"
#define USER 1000

/* The number of unused dentries that are cached. */
static int unused_dentries(void)
{
	int all, unused;

	ASSERT_EQ(sscanf(ct_slurp("/proc/sys/fs/dentry-state"), "%d %d", &all,
			 &unused), 2);
	return unused;
}

/* Lets the kernel free some of what it caches. */
static void forget_some(void)
{
	ASSERT_OK(ct_write("/proc/sys/vm/drop_caches", "2"));
}

#define FILLERS 100

/*
 * Lets it free all unused dentries.  A kernel ignores a few of them, so more
 * are made, in a hierarchy of their own.
 */
static void forget(void)
{
	int i;

	if (!ct_exists(M2 "/tasks")) {
		MOUNT(M2, "none,name=fillers");
		for (i = 0; i < FILLERS; i++)
			MKDIR(P(M2 "/%d", i));
	}
	for (i = 0; i < FILLERS; i++) {
		EXPECT(ct_exists(P(M2 "/%d/tasks", i)));
		EXPECT(ct_exists(P(M2 "/%d/notify_on_release", i)));
	}
	EXPECT_CMP(unused_dentries(), >=, 2 * FILLERS);
	ASSERT_OK(ct_write("/proc/sys/vm/vfs_cache_pressure", "10000"));
	for (i = 0; i < 20 && unused_dentries() > FILLERS; i++)
		forget_some();
	forget_some();
	ASSERT_OK(ct_write("/proc/sys/vm/vfs_cache_pressure", "100"));
	EXPECT_CMP(i, <, 20);
}

/* One entry of a directory, as found in it. */
struct entry {
	char name[64];
	unsigned long long ino;
	long long next;		/* the position behind it */
	unsigned char type;
};

#define MAX_ENTRIES 64

/*
 * Reads a directory from the current position to the end, about one entry at a
 * time.  Returns the number of entries.
 */
static int list(int fd, struct entry *entries)
{
	char buf[64] __attribute__((aligned(8)));
	struct dirent64_ *e;
	long n, pos;
	int count = 0;

	while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0) {
		for (pos = 0; pos < n; pos += e->len) {
			e = (void *)(buf + pos);
			ASSERT_CMP(count, <, MAX_ENTRIES);
			snprintf(entries[count].name, sizeof(entries->name),
				 "%s", e->name);
			entries[count].ino = e->ino;
			entries[count].next = e->off;
			entries[count].type = e->type;
			count++;
		}
	}
	EXPECT_OK(n);
	return count;
}

static int list_path(const char *path, struct entry *entries)
{
	int fd, count;

	ASSERT_OK(fd = open(path, O_RDONLY | O_DIRECTORY));
	count = list(fd, entries);
	close(fd);
	return count;
}

/* The names of a listing in their order. */
static char *names(const struct entry *entries, int count)
{
	static char text[MAX_ENTRIES * 64];
	int i;

	*text = 0;
	for (i = 0; i < count; i++)
		strcat(strcat(text, entries[i].name), " ");
	return text;
}

/* The order is that of the tables, whatever was looked up before. */
static void order(void)
{
	static const char in_top[] =
		". .. tasks notify_on_release release_agent "
		"debug.task_count debug.css_refcount debug.current_css_group "
		"debug.current_css_group_refcount debug.current_css_group_links "
		"debug.css_groups cpuacct.usage cpuacct.load b a ";
	static const char in_child[] =
		". .. tasks notify_on_release "
		"debug.task_count debug.css_refcount debug.current_css_group "
		"debug.current_css_group_refcount debug.current_css_group_links "
		"debug.css_groups numtasks.limit numtasks.count numtasks.peak "
		"numtasks.failcnt cpuacct.usage cpuacct.load c ";
	struct entry entries[MAX_ENTRIES];
	int i;

	MOUNT(M1, SUBSYSTEMS);
	MKDIR(M1 "/b");
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/c");
	for (i = 0; i < 3; i++) {
		CTX("round %d", i);
		EXPECT_STR(names(entries, list_path(M1, entries)), in_top);
		EXPECT_STR(names(entries, list_path(M1 "/a", entries)), in_child);
		EXPECT(ct_exists(M1 "/a/cpuacct.load"));
		EXPECT(ct_exists(M1 "/notify_on_release"));
		if (i)
			forget();
	}
	CTX_END();
	RMDIR(M1 "/a/c");
	RMDIR(M1 "/a");
	RMDIR(M1 "/b");
	UMOUNT(M1);
}

/* readdir and stat show the same inode number, before and after. */
static void check_numbers(const char *dir, unsigned long long *all, int *nr)
{
	struct entry entries[MAX_ENTRIES];
	int count = list_path(dir, entries), i, k;
	struct stat st;

	for (i = 0; i < count; i++) {
		if (!strcmp(entries[i].name, ".."))
			continue;
		CTX("%s/%.60s", dir, entries[i].name);
		ASSERT_OK(stat(P("%s/%s", dir, entries[i].name), &st));
		EXPECT_EQ(st.st_ino, entries[i].ino);
		EXPECT_EQ(S_ISDIR(st.st_mode), entries[i].type == DT_DIR);
		forget();
		ASSERT_OK(stat(P("%s/%s", dir, entries[i].name), &st));
		EXPECT_EQ(st.st_ino, entries[i].ino);
		if (entries[i].type == DT_DIR &&
		    strcmp(entries[i].name, "."))
			continue;	/* it comes again as "." */
		for (k = 0; k < *nr; k++)
			EXPECT_CMP(all[k], !=, st.st_ino);
		all[(*nr)++] = st.st_ino;
	}
	CTX_END();
}

static void inode_numbers(void)
{
	static const char *const below[] = { M1 "/0", M1 "/1", M1 "/2" };
	unsigned long long all[6 * MAX_ENTRIES];
	int nr = 0, i;

	MOUNT(M1, SUBSYSTEMS);
	for (i = 0; i < 3; i++) {
		MKDIR(P(M1 "/%d", i));
		MKDIR(P(M1 "/%d/x", i));
	}
	RMDIR(M1 "/1/x");
	RMDIR(M1 "/1");
	MKDIR(M1 "/1");
	check_numbers(M1, all, &nr);
	for (i = 0; i < 3; i++)
		check_numbers(below[i], all, &nr);
	check_numbers(M1 "/0/x", all, &nr);
	EXPECT_CMP(nr, >, 50);
}

static void has_changes(const char *path)
{
	struct stat st;

	CTX("%s", path);
	ASSERT_OK(stat(path, &st));
	EXPECT_MODE(st.st_mode, S_IFREG | 0604);
	EXPECT_EQ(st.st_uid, USER);
	EXPECT_EQ(st.st_gid, USER + 1);
	EXPECT_EQ(st.st_mtime, 2000);
	EXPECT_EQ(st.st_atime, 1000);
	EXPECT_EQ(st.st_size, 0);
	CTX_END();
}

/* Owner, mode and times stay until the container is removed. */
static void changes_stay(void)
{
	static const char *const files[] = {
		M1 "/tasks", M1 "/debug.task_count", M1 "/a/tasks",
		M1 "/a/notify_on_release", M1 "/a/numtasks.limit",
		M1 "/a/b/cpuacct.usage",
	};
	struct timeval when[2] = { { 1000, 0 }, { 2000, 0 } };
	unsigned int i, k;
	struct stat st;

	MOUNT(M1, SUBSYSTEMS);
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/b");
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		EXPECT_OK(chown(files[i], USER, USER + 1));
		forget();
		EXPECT_OK(chmod(files[i], 0604));
		forget();
		EXPECT_OK(utimes(files[i], when));
	}
	for (k = 0; k < 4; k++) {
		for (i = 0; i < ARRAY_SIZE(files); i++)
			has_changes(files[i]);
		forget();
		/* a hidden hierarchy keeps them, too */
		if (k % 2) {
			UMOUNT(M1);
			forget();
			MOUNT(M1, SUBSYSTEMS);
		}
	}
	/* other files are unchanged, and so is a later file of the same name */
	EXPECT_MODE(ct_mode(M1 "/a/b/tasks"), S_IFREG | 0644);
	RMDIR(M1 "/a/b");
	RMDIR(M1 "/a");
	MKDIR(M1 "/a");
	for (i = 2; i < 5; i++) {
		ASSERT_OK(stat(files[i], &st));
		EXPECT_MODE(st.st_mode, S_IFREG | 0644);
		EXPECT_EQ(st.st_uid, 0);
		EXPECT_CMP(st.st_mtime, >, 2000);
	}
	RMDIR(M1 "/a");
	UMOUNT(M1);
	/* and of a new hierarchy */
	MOUNT(M1, SUBSYSTEMS);
	EXPECT_MODE(ct_mode(M1 "/tasks"), S_IFREG | 0644);
	UMOUNT(M1);
}

/* Unchanged files have the time and the owner of the container. */
static void as_they_were_made(void)
{
	struct stat before, after;

	MOUNT(M1, SUBSYSTEMS);
	EXPECT_OK(chmod(M1, 0777));
	RUN_AS(USER, MKDIR(M1 "/a"));
	ASSERT_OK(stat(M1 "/a/tasks", &before));
	EXPECT_EQ(before.st_uid, USER);
	EXPECT_OK(chown(M1 "/a", 0, 0));
	usleep(1100000);
	MKDIR(M1 "/a/b");
	forget();
	ASSERT_OK(stat(M1 "/a/tasks", &after));
	EXPECT_EQ(after.st_uid, USER);
	EXPECT_EQ(after.st_mtime, before.st_mtime);
	EXPECT_EQ(after.st_ctime, before.st_ctime);
	EXPECT_EQ(after.st_atime, before.st_atime);
	EXPECT_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	RMDIR(M1 "/a/b");
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

/* A name is taken even if the file was never looked up. */
static void taken_from_the_start(void)
{
	static const char *const taken[] = {
		"tasks", "debug.css_groups", "cpuacct.usage", "notify_on_release",
	};
	unsigned int i;

	MOUNT(M1, SUBSYSTEMS);
	for (i = 0; i < ARRAY_SIZE(taken); i++) {
		CTX("%s", taken[i]);
		MKDIR(M1 "/a");
		EXPECT_ERRNO(mkdir(P(M1 "/a/%s", taken[i]), 0755), EEXIST);
		forget();
		EXPECT_ERRNO(mkdir(P(M1 "/a/%s", taken[i]), 0755), EEXIST);
		MKDIR(M1 "/a/b");
		/* a directory does not take the place of a file */
		EXPECT_ERRNO2(rename(M1 "/a/b", P(M1 "/a/%s", taken[i])),
			      EEXIST, ENOTDIR);
		EXPECT_ERRNO(open(P(M1 "/a/%s", taken[i]), O_RDWR | O_CREAT |
				  O_EXCL, 0644), EEXIST);
		RMDIR(M1 "/a/b");
		RMDIR(M1 "/a");
	}
	CTX_END();
	/* what only the top has, or only what is below */
	EXPECT_ERRNO(mkdir(M1 "/release_agent", 0755), EEXIST);
	MKDIR(M1 "/numtasks.limit");
	MKDIR(M1 "/numtasks.limit/release_agent");
	EXPECT_ERRNO(mkdir(M1 "/numtasks.limit/numtasks.limit", 0755), EEXIST);
	RMDIR(M1 "/numtasks.limit/release_agent");
	RMDIR(M1 "/numtasks.limit");
	UMOUNT(M1);
}

/* A position in a directory leads to the same place as long as it exists. */
static void old_positions(void)
{
	struct entry before[MAX_ENTRIES], after[MAX_ENTRIES];
	int fd, count, i, k, left;
	char *rest;

	MOUNT(M1, SUBSYSTEMS);
	MKDIR(M1 "/d");
	for (i = 0; i < 6; i++)
		MKDIR(P(M1 "/d/%d", i));
	ASSERT_OK(fd = open(M1 "/d", O_RDONLY | O_DIRECTORY));
	count = list(fd, before);
	EXPECT_CMP(count, >, 16);
	for (i = 0; i < count; i++) {
		CTX("behind %.60s", before[i].name);
		EXPECT_EQ(lseek(fd, before[i].next, SEEK_SET), before[i].next);
		left = list(fd, after);
		EXPECT_EQ(left, count - i - 1);
		rest = strdup(names(before + i + 1, count - i - 1));
		EXPECT_STR(names(after, left), rest);
		free(rest);
		forget();
	}
	/* the same when others have come and gone */
	for (k = 0; k < 3; k++) {
		RMDIR(P(M1 "/d/%d", k));
		MKDIR(P(M1 "/d/%d", k));
	}
	for (i = 0; i < count; i++) {
		CTX("now behind %.60s", before[i].name);
		EXPECT_EQ(lseek(fd, before[i].next, SEEK_SET), before[i].next);
		left = list(fd, after);
		ASSERT_CMP(left, >=, 3);
		EXPECT_STR(names(after + left - 3, 3), "0 1 2 ");
		if (before[i].type != DT_DIR && before[i + 1].type != DT_DIR)
			EXPECT_STR(after[0].name, before[i + 1].name);
	}
	CTX_END();
	/* where no entry has ever been */
	EXPECT_OK(lseek(fd, 1LL << 60, SEEK_SET));
	EXPECT_EQ(list(fd, after), 0);
	EXPECT_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
	close(fd);
	for (i = 0; i < 6; i++)
		RMDIR(P(M1 "/d/%d", i));
	RMDIR(M1 "/d");
	UMOUNT(M1);
}

/* A mount on a file prevents nothing, and the file is not freed. */
static void mounted_on(void)
{
	MOUNT(M1, SUBSYSTEMS);
	MKDIR(M1 "/a");
	ASSERT_OK(mount("/proc/version", M1 "/a/tasks", NULL, MS_BIND, NULL));
	forget();
	EXPECT(strstr(ct_slurp(M1 "/a/tasks"), "ersion"));
	EXPECT(ct_exists(M1 "/a/debug.task_count"));
	EXPECT_OK(umount2(M1 "/a/tasks", 0));
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

/* A removal that fails is not noticed by a task that has a file open. */
static void still_there(void)
{
	char link[PATH_MAX];
	int fd;

	MOUNT(M1, SUBSYSTEMS);
	MKDIR(M1 "/a");
	EXPECT_OK(ct_move(M1 "/a", 0));
	ASSERT_OK(fd = open(M1 "/a/debug.task_count", O_RDONLY));
	EXPECT_ERRNO(rmdir(M1 "/a"), EBUSY);
	memset(link, 0, sizeof(link));
	ASSERT_OK(readlink(P("/proc/self/fd/%d", fd), link, sizeof(link) - 1));
	EXPECT_STR(link, M1 "/a/debug.task_count");
	close(fd);
	/* and the same where something is mounted on another file */
	EXPECT_OK(ct_move(M1, 0));
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
	ASSERT_OK(mount("/proc/version", M1 "/a/cpuacct.usage", NULL, MS_BIND,
			NULL));
	if (rmdir(M1 "/a")) {
		EXPECT_EQ(errno, EBUSY);
		memset(link, 0, sizeof(link));
		ASSERT_OK(readlink(P("/proc/self/fd/%d", fd), link,
				   sizeof(link) - 1));
		EXPECT_STR(link, M1 "/a/tasks");
		EXPECT_OK(umount2(M1 "/a/cpuacct.usage", 0));
		RMDIR(M1 "/a");
	}
	close(fd);
	UMOUNT(M1);
}

/* Looks up a file in a loop, at low priority, until stop can be read. */
static void look_for_usage(int stop)
{
	char c;

	setpriority(PRIO_PROCESS, 0, 19);
	while (read(stop, &c, 1) < 0)
		ct_exists(M1 "/cpuacct.usage");
}

/*
 * A lookup that has found nothing must not prevent others from finding a file
 * that exists now.  The first task is preempted while it still has the negative
 * dentry.
 */
static void found_at_once(void)
{
	int stop[2], pid, i, missing = 0, made = 0;

	MOUNT(M1, "debug,name=once");
	ASSERT_OK(pipe2(stop, O_NONBLOCK));
	pid = IN_CHILD(look_for_usage(stop[0]));
	for (i = 0; i < ktap_loops(30000); i++) {
		ASSERT_OK(ct_mount_flags(M1, "debug,cpuacct,name=once",
					 MS_REMOUNT));
		missing += !ct_exists(M1 "/cpuacct.usage");
		made += !mkdir(M1 "/cpuacct.usage", 0755);
		rmdir(M1 "/cpuacct.usage");
		ASSERT_OK(ct_mount_flags(M1, "debug,name=once", MS_REMOUNT));
	}
	EXPECT_EQ(missing, 0);
	EXPECT_EQ(made, 0);
	EXPECT_EQ(write(stop[1], "x", 1), 1);
	EXPECT(ct_ended_well(pid));
	UMOUNT(M1);
}

/* --- all at once --------------------------------------------------------------- */

struct shared {
	int stop;
	long looks;
	long rounds;
};

static struct shared *sh;

/* Looks up, opens and changes whatever exists. */
static void looker(unsigned long rnd)
{
	static const char *const files[] = {
		"tasks", "notify_on_release", "numtasks.limit", "cpuacct.usage",
		"debug.css_groups", "nothing",
	};
	struct stat st;
	char *path;
	int fd;

	while (!GET(sh->stop)) {
		path = P(M1 "/%d/%s", ktap_rand(&rnd) % 4,
			 files[ktap_rand(&rnd) % ARRAY_SIZE(files)]);
		switch (ktap_rand(&rnd) % 4) {
		case 0:
			stat(path, &st);
			break;
		case 1:
			fd = open(path, O_RDONLY);
			if (fd >= 0) {
				ktap_spin(ktap_rand(&rnd) % 2000);
				free(ct_read_fd(fd, 4096));
				close(fd);
			}
			break;
		case 2:
			if (!chmod(path, 0640) && !stat(path, &st))
				EXPECT_CMP(st.st_nlink, <=, 1);
			break;
		case 3:
			free(ct_ls(P(M1 "/%d", ktap_rand(&rnd) % 4)));
			break;
		}
		INC(sh->looks);
	}
}

static void forgetter(void)
{
	while (!GET(sh->stop)) {
		forget_some();
		usleep(1000);
	}
}

static void storm(void)
{
	unsigned long rnd = ktap_seed();
	struct stat st;
	int pid[4], i;

	MOUNT(M1, SUBSYSTEMS ",name=storm");
	sh = ct_shared(sizeof(*sh));
	for (i = 0; i < 3; i++)
		pid[i] = IN_CHILD(looker(ktap_seed() + i + 1));
	pid[i] = IN_CHILD(forgetter());
	while (GO_ON(sh->rounds < ktap_loops(6000) ||
		     GET(sh->looks) < ktap_loops(60000))) {
		char *dir = P(M1 "/%d", ktap_rand(&rnd) % 4);

		if (!mkdir(dir, 0755)) {
			/* a change that no other task makes */
			EXPECT_OK(chown(P("%s/tasks", dir), USER, USER));
			if (ktap_rand(&rnd) % 2)
				forget_some();
			EXPECT_OK(stat(P("%s/tasks", dir), &st));
			EXPECT_EQ(st.st_uid, USER);
		} else {
			EXPECT_OK(rmdir(dir));
		}
		sh->rounds++;
	}
	SET(sh->stop, 1);
	for (i = 0; i < 4; i++)
		EXPECT(ct_ended_well(pid[i]));
	ktap_note("%ld looks, %ld rounds", sh->looks, sh->rounds);
	for (i = 0; i < 4; i++)
		rmdir(P(M1 "/%d", i));
	UMOUNT(M1);
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
}

static const struct ktap_case cases[] = {
	T(order),
	T(inode_numbers),
	T(changes_stay),
	T(as_they_were_made),
	T(taken_from_the_start),
	T(old_positions),
	T(mounted_on),
	T(still_there),
	T(found_at_once),
	T(storm),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

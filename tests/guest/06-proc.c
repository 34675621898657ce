// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/<pid>/container, /proc/<pid>/task/<tid>/container, /proc/containers.
 *
 * harness: configs=base,debug,full
 */
#include "ct.h"

#define SELF "/proc/self/container"
#define SUBSYS "/proc/containers"
#define HEADER "#subsys_name\thierarchy\tnum_containers\tenabled\n"

/* Must be the first case: nothing has been mounted since the machine booted. */
static void before_anything_is_mounted(void)
{
	char *s = ct_slurp(SUBSYS), *line, *save, name[64];
	int hier, num, on, n = 0;
	char end;

	EXPECT_STR(ct_slurp(SELF), "");
	EXPECT_STR(ct_slurp("/proc/1/container"), "");
	EXPECT_STR(ct_slurp("/proc/2/container"), "");
	EXPECT_STR(ct_slurp(P("/proc/self/task/%d/container", getpid())), "");
	EXPECT_EQ(strncmp(s, HEADER, strlen(HEADER)), 0);
	for (line = strtok_r(s + strlen(HEADER), "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		CTX("line %s", ktap_quote(line));
		EXPECT_EQ(sscanf(line, "%63[^\t]\t%d\t%d\t%d%c", name, &hier,
				 &num, &on, &end), 4);
		EXPECT_EQ(hier, 0);
		EXPECT_EQ(on, 1);
		n++;
	}
	CTX_END();
	EXPECT_CMP(n, >=, 2);
	EXPECT_EQ(ct_subsys_field("debug", 0), 0);
	EXPECT_EQ(ct_subsys_field("numtasks", 0), 0);
	EXPECT(strstr(ct_all_subsys(), "debug,numtasks"));
}

static void modes(void)
{
	int fd;

	EXPECT_MODE(ct_mode(SELF), S_IFREG | 0444);
	EXPECT_MODE(ct_mode(P("/proc/self/task/%d/container", getpid())),
		    S_IFREG | 0444);
	EXPECT_MODE(ct_mode(SUBSYS), S_IFREG | 0444);
	/* root may open them for writing, but no write is possible */
	ASSERT_OK(fd = open(SELF, O_WRONLY));
	EXPECT_ERRNO2(write(fd, "0", 1), EINVAL, EIO);
	close(fd);
	ASSERT_OK(fd = open(SUBSYS, O_WRONLY));
	EXPECT_ERRNO2(write(fd, "0", 1), EINVAL, EIO);
	close(fd);
	RUN_AS(NOBODY, {
		EXPECT_ERRNO(open(SELF, O_WRONLY), EACCES);
		EXPECT_STR(ct_slurp(SELF), "");
		EXPECT_STR(ct_slurp("/proc/1/container"), "");
		EXPECT(ct_slurp(SUBSYS));
	});
	EXPECT_ERRNO(open("/proc/99999999/container", O_RDONLY), ENOENT);
}

static void several_hierarchies(void)
{
	struct ct_thread t;
	char *s;
	int pid;

	MOUNT(M1, "debug,name=jobs");
	EXPECT_STR(ct_slurp(SELF), "debug,name=jobs:/\n");
	MOUNT(M2, "numtasks");
	MOUNT(M3, "none,name=x");
	MKDIR(M1 "/a");
	MKDIR(M2 "/n");
	MKDIR(M2 "/n/m");
	pid = ct_child_in(M1 "/a");
	EXPECT_OK(ct_move(M2 "/n/m", pid));
	s = ct_slurp(P("/proc/%d/container", pid));
	EXPECT(strstr(s, "debug,name=jobs:/a\n"));
	EXPECT(strstr(s, "numtasks:/n/m\n"));
	EXPECT(strstr(s, "name=x:/\n"));
	EXPECT_EQ(strlen(s), strlen("debug,name=jobs:/a\nnumtasks:/n/m\n"
				    "name=x:/\n"));
	EXPECT_STR(ct_slurp(P("/proc/%d/task/%d/container", pid, pid)), s);
	RUN_AS(NOBODY, EXPECT_STR(ct_slurp(P("/proc/%d/container", pid)), s));
	/* the order stays */
	EXPECT_OK(ct_move(M3, pid));
	EXPECT_STR(ct_slurp(P("/proc/%d/container", pid)), s);
	/* each thread its own */
	ct_thread_start(&t);
	EXPECT_OK(ct_move(M1 "/a", t.tid));
	EXPECT_STR(ct_where_tid(getpid(), t.tid, "debug"), "/a");
	EXPECT_STR(ct_where_tid(getpid(), getpid(), "debug"), "/");
	EXPECT_STR(ct_where(0, "debug"), "/");
	EXPECT_STR(ct_where(0, "name=jobs"), "/");
	ct_thread_stop(&t);
	ct_reap(pid);
	RMDIR(M1 "/a");
	UMOUNT(M1);
	EXPECT(!ct_where(0, "debug"));
	EXPECT(!ct_where(0, "name=jobs"));
	EXPECT_STR(ct_where(0, "numtasks"), "/");
}

/* Twenty hierarchies at a time, each with a container that we are in. */
static void many_hierarchies(void)
{
	char dir[64];
	int i;

	for (i = 0; i < 20; i++) {
		snprintf(dir, sizeof(dir), CT_TMP "/h%d", i);
		MOUNT(dir, P("none,name=h%d", i));
		MKDIR(P("%s/c%d", dir, i));
		EXPECT_OK(ct_move(P("%s/c%d", dir, i), getpid()));
	}
	for (i = 0; i < 20; i++)
		EXPECT_STR(ct_where(0, P("name=h%d", i)), P("/c%d", i));
	ct_ended_well(IN_CHILD({
		for (i = 0; i < 20; i++)
			EXPECT_STR(ct_where(0, P("name=h%d", i)),
				   P("/c%d", i));
	}));
	for (i = 0; i < 20; i += 2) {
		snprintf(dir, sizeof(dir), CT_TMP "/h%d", i);
		EXPECT_OK(ct_move(dir, getpid()));
		EXPECT_OK(rmdir(P("%s/c%d", dir, i)));
		EXPECT_OK(umount2(dir, 0));
	}
	for (i = 0; i < 20; i++) {
		char *where = ct_where(0, P("name=h%d", i));

		if (i % 2)
			EXPECT_STR(where, P("/c%d", i));
		else
			EXPECT(!where);
	}
}

/* Reads of any size; the content is a few pages. */
static void long_paths(void)
{
	char *name = ct_fill('L', 200), *want, *p;
	static const int sizes[] = { 7, 1000, 4095, 4096, 4097, 65536 };
	int i, depth = 45, fd, part;

	MOUNT(M1, "debug");
	MOUNT(M2, "none,name=x");
	want = malloc(depth * 201 + 100);
	p = want + sprintf(want, "debug:");
	ASSERT_OK(chdir(M1));
	for (i = 0; i < depth; i++) {
		ASSERT_OK(mkdir(name, 0755));
		ASSERT_OK(chdir(name));
		p += sprintf(p, "/%s", name);
		EXPECT_OK(ct_write("tasks", "0"));
		EXPECT_EQ(strlen(ct_where(0, "debug")), (i + 1) * 201);
	}
	EXPECT_STR(ct_where(0, "debug"), want + 6);
	EXPECT_STR(ct_slurp("debug.current_css_group_links"),
		   P("%s\n", want));
	for (i = 0; i < (int)ARRAY_SIZE(sizes); i++) {
		CTX("reads of %d bytes", sizes[i]);
		ASSERT_OK(fd = open(SELF, O_RDONLY));
		EXPECT(strstr(ct_read_fd(fd, sizes[i]), want));
		close(fd);
	}
	CTX_END();
	/* a component is renamed: seen at once */
	ASSERT_OK(chdir(M1));
	EXPECT_OK(rename(name, "short"));
	EXPECT_EQ(strlen(ct_where(0, "debug")), (depth - 1) * 201 + 6);
	EXPECT_OK(rename("short", name));
	part = strlen(ct_where(0, "debug"));
	EXPECT_EQ(part, depth * 201);
	EXPECT_OK(ct_move(M1, getpid()));
	ASSERT_OK(chdir("/"));
}

/*
 * Names are shown as they are: neither subsystems nor hierarchies can have a
 * colon in their name, so the first one ends the list.
 */
static void odd_names(void)
{
	static const char *const names[] = {
		"a b", "co:lon", "com,ma", "back\\slash", "\\040", "%s",
		"debug:", ":", "tab\there", "\303\244", "\377",
	};
	unsigned int i;

	MOUNT(M1, "debug,name=n");
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char *dir = strdup(P(M1 "/%s", names[i]));

		CTX("name %s", ktap_quote(names[i]));
		ASSERT_OK(mkdir(dir, 0755));
		EXPECT_OK(ct_move(dir, getpid()));
		EXPECT_STR(ct_slurp(SELF),
			   P("debug,name=n:/%s\n", names[i]));
		EXPECT_OK(ct_move(M1, getpid()));
		EXPECT_OK(rmdir(dir));
		free(dir);
	}
}

static void zombies_and_the_dead(void)
{
	int zombie, pid, fd;
	char buf[64];

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	zombie = ct_zombie();
	pid = ct_child();
	ASSERT_OK(fd = open(P("/proc/%d/container", pid), O_RDONLY));
	EXPECT_STR(ct_slurp(P("/proc/%d/container", zombie)), "debug:/\n");
	EXPECT_STR(ct_slurp(P("/proc/%d/container", pid)), "debug:/a\n");
	ct_reap(zombie);
	ct_reap(pid);
	EXPECT_ERRNO(open(P("/proc/%d/container", zombie), O_RDONLY), ENOENT);
	/* opened while the task lived */
	errno = 0;
	if (read(fd, buf, sizeof(buf)) < 0)
		EXPECT_EQ(errno, ESRCH);
	EXPECT_OK(ct_move(M1, getpid()));
	RMDIR(M1 "/a");
	close(fd);
}

static void containers_file(void)
{
	int a, b;

	MOUNT(M1, "debug");
	a = ct_subsys_field("debug", 0);
	EXPECT_CMP(a, >, 0);
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
	EXPECT_EQ(ct_subsys_field("numtasks", 0), 0);
	MOUNT(M2, "numtasks");
	b = ct_subsys_field("numtasks", 0);
	EXPECT_CMP(b, >, 0);
	EXPECT(a != b);
	MKDIR(M1 "/a");
	MKDIR(M1 "/a/b");
	EXPECT_EQ(ct_subsys_field("debug", 1), 3);
	EXPECT_EQ(ct_subsys_field("numtasks", 1), 1);
	RMDIR(M1 "/a/b");
	EXPECT_EQ(ct_subsys_field("debug", 1), 2);
	RMDIR(M1 "/a");
	EXPECT_EQ(ct_subsys_field("debug", 1), 1);
	UMOUNT(M1);
	UMOUNT(M2);
	EXPECT_EQ(ct_subsys_field("debug", 0), 0);
	MOUNT(M1, "debug,numtasks");
	EXPECT_CMP(ct_subsys_field("debug", 0), >, 0);
	EXPECT_EQ(ct_subsys_field("debug", 0), ct_subsys_field("numtasks", 0));
}

#define LONGER "/a-much-longer-name-than-before-xxxxxxx"

/* Readers of everything in /proc while all of it changes. */
static void readers_in_a_storm(void)
{
	int pid[4], i, fd, rounds = 0, *sh = ct_shared(4096);
	int n = ktap_loops(450);

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	ASSERT_OK(fd = open(M1 "/a/tasks", O_WRONLY));
	/* renames, while readers walk the path */
	pid[0] = IN_CHILD({
		for (;;) {
			EXPECT_OK(rename(M1 "/a", M1 LONGER));
			EXPECT_OK(rename(M1 LONGER, M1 "/a"));
			INC(sh[0]);
		}
	});
	pid[1] = IN_CHILD({
		for (;;) {
			EXPECT_OK(ct_put(fd, "0", 1));
			EXPECT_OK(ct_write(M1 "/b/tasks", "0"));
			INC(sh[1]);
		}
	});
	/* a hierarchy that comes and goes */
	pid[2] = IN_CHILD({
		for (;;) {
			EXPECT_OK(ct_mount(M2, "numtasks,name=gone"));
			EXPECT_OK(umount2(M2, 0));
			INC(sh[2]);
		}
	});
	/* tasks that come and go */
	pid[3] = IN_CHILD({
		for (;;) {
			int p = fork();

			if (!p)
				_exit(0);
			waitpid(p, NULL, 0);
			INC(sh[3]);
		}
	});
	while (GO_ON(rounds < n || GET(sh[0]) < n || GET(sh[1]) < n ||
		     GET(sh[2]) < n || GET(sh[3]) < n)) {
		for (i = 0; i < 5; i++) {
			int who = i < 4 ? pid[i] : pid[3] + 1 + rounds % 500;
			char *s = ct_slurp(P("/proc/%d/container", who));
			char *p = s ? strstr(s, "debug:") : NULL;

			if (!s && i < 4)
				FAIL("%d: %s", who, ktap_errno(errno));
			if (!s)
				continue;
			if (!p || (strncmp(p + 6, "/\n", 2) &&
				   strncmp(p + 6, "/b\n", 3) &&
				   strncmp(p + 6, "/a\n", 3) &&
				   strncmp(p + 6, LONGER "\n",
					   strlen(LONGER "\n"))))
				FAIL("%d: %s", who, ktap_quote(s));
			free(s);
		}
		EXPECT_EQ(ct_subsys_field("debug", 1), 3);
		EXPECT(ct_mount_opts(M1));
		rounds++;
	}
	ktap_note("%d rounds, %d renames, %d moves, %d mounts, %d forks", rounds,
		  GET(sh[0]), GET(sh[1]), GET(sh[2]), GET(sh[3]));
}

static const struct ktap_case cases[] = {
	T(before_anything_is_mounted),
	T(modes),
	T(several_hierarchies),
	T(many_hierarchies),
	T(long_paths),
	T(odd_names),
	T(zombies_and_the_dead),
	T(containers_file),
	T(readers_in_a_storm),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

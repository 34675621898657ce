// SPDX-License-Identifier: GPL-2.0
/*
 * css_groups, seen through the debug subsystem: tasks in the same containers
 * share a css_group, an existing one is found again, and it is freed when its
 * last task has left.
 *
 * harness: leak=deep configs=base,debug,full
 */
#include "ct.h"

#define GROUP group_at(M1)
#define GROUPS ct_num(M1 "/debug.css_groups")
#define REFS ct_num(M1 "/debug.current_css_group_refcount")
#define LINKS ct_slurp(M1 "/debug.current_css_group_links")

/* The reader's css_group: any 64 bits. */
static long group_at(const char *dir)
{
	char *s = ct_slurp(P("%s/debug.current_css_group", dir)), *end;
	unsigned long id;

	ASSERT(s);
	id = strtoul(s, &end, 0);
	EXPECT_STR(end, "\n");
	return id;
}

/* What a child reads when it is moved to these containers. */
struct answer {
	long group, refs;
	char links[400];
};

/* Three hierarchies with two containers and a child container each. */
static void setup(void)
{
	static const char *const mounts[] = { M1, M2, M3 };
	int i;

	MOUNT(M1, "debug");
	MOUNT(M2, "numtasks");
	MOUNT(M3, "none,name=x");
	for (i = 0; i < 3; i++) {
		MKDIR(P("%s/a", mounts[i]));
		MKDIR(P("%s/b", mounts[i]));
		MKDIR(P("%s/a/c", mounts[i]));
	}
}

static void at_rest(void)
{
	MOUNT(M1, "debug");
	EXPECT_EQ(GROUPS, 1);
	EXPECT_STR(LINKS, "");
	EXPECT_EQ(ct_num(M1 "/debug.css_refcount"), 0);
	/* its tasks and their forks and moves do not count */
	EXPECT_EQ(ct_num(M1 "/debug.current_css_group_refcount"), 0);
	MKDIR(M1 "/a");
	EXPECT_EQ(ct_num(M1 "/a/debug.css_refcount"), 0);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 0);
	EXPECT_EQ(ct_num(M1 "/debug.task_count"), ct_count(M1));
	/* a container without tasks needs no css_group */
	EXPECT_EQ(GROUPS, 1);
	EXPECT_EQ(group_at(M1 "/a"), GROUP);
	RMDIR(M1 "/a");
	EXPECT_EQ(GROUPS, 1);
}

static void counts_follow_the_tasks(void)
{
	int ids[5], i;
	long refs;

	setup();
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_EQ(GROUPS, 2);
	refs = REFS;
	EXPECT_CMP(refs, >=, 1);
	for (i = 0; i < 5; i++)
		ids[i] = ct_child();
	EXPECT_EQ(GROUPS, 2);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 6);
	EXPECT_CMP(REFS, >=, refs);
	for (i = 0; i < 5; i++)
		ct_reap(ids[i]);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 1);
	EXPECT_SOON(REFS == refs, 2);
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_SOON(GROUPS == 1, 2);
}

/* The links are what /proc/self/container says, without the tops. */
static void links(void)
{
	char *s;

	setup();
	EXPECT_STR(LINKS, "");
	EXPECT_OK(ct_move(M1 "/a/c", getpid()));
	EXPECT_STR(LINKS, "debug:/a/c\n");
	EXPECT_OK(ct_move(M3 "/b", getpid()));
	s = LINKS;
	EXPECT(strstr(s, "debug:/a/c\n"));
	EXPECT(strstr(s, "name=x:/b\n"));
	EXPECT_EQ(strlen(s), strlen("debug:/a/c\nname=x:/b\n"));
	EXPECT_OK(ct_move(M2 "/a", getpid()));
	EXPECT_EQ(strlen(LINKS), strlen("debug:/a/c\nname=x:/b\n"
					"numtasks:/a\n"));
	EXPECT_OK(rename(M3 "/b", M3 "/renamed"));
	EXPECT(strstr(LINKS, "name=x:/renamed\n"));
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_OK(ct_move(M2, getpid()));
	EXPECT_STR(LINKS, "name=x:/renamed\n");
	EXPECT_OK(ct_move(M3, getpid()));
	EXPECT_STR(LINKS, "");
}

static void ask(struct answer *a)
{
	a->group = GROUP;
	a->refs = REFS;
	snprintf(a->links, sizeof(a->links), "%s", LINKS);
}

/* All 64 combinations of 4 containers in 3 hierarchies, twice each. */
static void shared_by_combination(void)
{
	static const char *const sub[] = { "", "/a", "/b", "/a/c" };
	struct answer *one = ct_shared(64 * sizeof(*one));
	struct answer *two = ct_shared(64 * sizeof(*two));
	int i, k, ids[2];
	char c;

	setup();
	for (i = 0; i < 64; i++) {
		for (k = 0; k < 2; k++) {
			int start[2], done[2];

			ASSERT_OK(pipe(start));
			ASSERT_OK(pipe(done));
			ids[k] = IN_CHILD({
				close(start[1]);
				if (read(start[0], &c, 1) < 0)
					_exit(1);
				ask(k ? &two[i] : &one[i]);
				if (write(done[1], "x", 1) != 1)
					_exit(1);
				for (;;)
					pause();
			});
			EXPECT_OK(ct_move(P(M1 "%s", sub[i & 3]), ids[k]));
			EXPECT_OK(ct_move(P(M2 "%s", sub[i >> 2 & 3]),
					  ids[k]));
			EXPECT_OK(ct_move(P(M3 "%s", sub[i >> 4]), ids[k]));
			EXPECT_EQ(write(start[1], "x", 1), 1);
			EXPECT_EQ(read(done[0], &c, 1), 1);
			close(start[0]);
			close(start[1]);
			close(done[0]);
			close(done[1]);
		}
		CTX("combination %d: %s", i, one[i].links);
		EXPECT_EQ(one[i].group, two[i].group);
		EXPECT_STR(one[i].links, two[i].links);
	}
	for (i = 0; i < 64; i++)
		for (k = 0; k < i; k++)
			EXPECT(one[i].group != one[k].group);
	CTX_END();
	EXPECT_EQ(GROUPS, 64);
	ct_check_hierarchy(M1, "debug");
	ct_check_hierarchy(M2, "numtasks");
	ct_check_hierarchy(M3, "name=x");
}

static void away_and_back(void)
{
	long top, in_a, i;
	int stays;

	setup();
	stays = ct_child_in(M1 "/a");
	top = GROUP;
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	in_a = GROUP;
	EXPECT(in_a != top);
	for (i = 0; i < 50; i++) {
		EXPECT_OK(ct_move(M1, getpid()));
		EXPECT_EQ(GROUP, top);
		EXPECT_OK(ct_move(M1 "/a", getpid()));
		EXPECT_EQ(GROUP, in_a);
	}
	/* by another way round */
	EXPECT_OK(ct_move(M3 "/b", getpid()));
	EXPECT_OK(ct_move(M1, getpid()));
	EXPECT_OK(ct_move(M3, getpid()));
	EXPECT_EQ(GROUP, top);
	EXPECT_OK(ct_move(M3 "/b", getpid()));
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	EXPECT_OK(ct_move(M3, getpid()));
	EXPECT_EQ(GROUP, in_a);
	EXPECT_SOON(GROUPS == 2, 2);
	ct_reap(stays);
}

/* A css_group is looked up at the moment when its last task leaves. */
static void found_while_it_goes(void)
{
	int pid[3], w, k, n = ktap_loops(900);

	setup();
	for (w = 0; w < 3; w++)
		pid[w] = IN_CHILD({
			for (k = 0; GO_ON(k < n); k++) {
				int child = fork();

				if (!child) {
					EXPECT_OK(ct_write(k % 2 ?
						M1 "/a/tasks" :
						M3 "/a/c/tasks", "0"));
					_exit(0);
				}
				waitpid(child, NULL, 0);
			}
		});
	for (w = 0; w < 3; w++)
		ct_ended_well(pid[w]);
	EXPECT_SOON(GROUPS == 1, 2);
	EXPECT_EQ(ct_num(M1 "/a/debug.task_count"), 0);
	RMDIR(M1 "/a/c");
	RMDIR(M1 "/a");
	RMDIR(M3 "/a/c");
}

/* After random moves there are as many css_groups as there are places. */
static void nothing_is_left(void)
{
	static const char *const dirs[] = {
		M1, M1 "/a", M1 "/b", M1 "/a/c", M2, M2 "/a", M2 "/b",
		M2 "/a/c", M3, M3 "/a", M3 "/b", M3 "/a/c",
	};
	unsigned long rnd = ktap_seed();
	int ids[10], i;

	setup();
	for (i = 0; i < 10; i++)
		ids[i] = ct_child();
	for (i = 0; i < ktap_loops(3000); i++)
		EXPECT_OK(ct_move(dirs[ktap_rand(&rnd) % 12],
				  ids[ktap_rand(&rnd) % 10]));
	EXPECT_SOON(GROUPS <= 11, 2);
	for (i = 0; i < 10; i++)
		ct_reap(ids[i]);
	EXPECT_SOON(GROUPS == 1, 2);
	for (i = 0; i < 12; i++)
		if (i % 4)
			EXPECT_EQ(ct_count(dirs[i]), 0);
}

/* css_groups of a hierarchy that is gone, among those of one that stays. */
static void hierarchies_come_and_go(void)
{
	long before, i;

	MOUNT(M1, "debug");
	MKDIR(M1 "/a");
	EXPECT_OK(ct_move(M1 "/a", getpid()));
	before = GROUP;
	for (i = 0; i < ktap_loops(50); i++) {
		MOUNT(M2, "none,name=x");
		MKDIR(M2 "/t");
		EXPECT_EQ(GROUP, before);
		EXPECT_OK(ct_move(M2 "/t", getpid()));
		EXPECT(GROUP != before);
		EXPECT_CMP(GROUPS, >=, 2);
		EXPECT_OK(ct_move(M2, getpid()));
		RMDIR(M2 "/t");
		UMOUNT(M2);
		EXPECT_STR(LINKS, "debug:/a\n");
		before = GROUP;
	}
	EXPECT_SOON(GROUPS == 2, 2);
}

static void thousand_groups(void)
{
	int i, n = ktap_loops(1000), *ids = malloc(n * sizeof(*ids));

	MOUNT(M1, "debug");
	for (i = 0; i < n; i++) {
		MKDIR(P(M1 "/g%d", i));
		ids[i] = ct_child_in(P(M1 "/g%d", i));
	}
	EXPECT_EQ(GROUPS, n + 1);
	for (i = 0; i < n; i += 97)
		EXPECT_STR(ct_where(ids[i], "debug"), P("/g%d", i));
	for (i = 0; i < n; i++)
		EXPECT_OK(ct_move(P(M1 "/g%d", (i + 1) % n), ids[i]));
	EXPECT_SOON(GROUPS == n + 1, 2);
	for (i = 0; i < n; i++)
		ct_reap(ids[i]);
	EXPECT_SOON(GROUPS == 1, 2);
	for (i = 0; i < n; i++)
		RMDIR(P(M1 "/g%d", i));
}

static const struct ktap_case cases[] = {
	T(at_rest),
	T(counts_follow_the_tasks),
	T(links),
	T(shared_by_combination),
	T(away_and_back),
	T(found_while_it_goes),
	T(nothing_is_left),
	T(hierarchies_come_and_go),
	T(thousand_groups),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

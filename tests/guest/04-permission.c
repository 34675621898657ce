// SPDX-License-Identifier: GPL-2.0
/*
 * Which tasks a user may move: root all of them, another user the tasks whose
 * uid or saved uid is the effective uid with which the tasks file was opened.
 *
 * harness: configs=base,debug,full smp=2
 */
#include "ct.h"

#define OTHER 2000

static bool in_a(int pid)
{
	char *where = ct_where(pid, "debug");
	bool yes = where && !strcmp(where, "/a");

	free(where);
	return yes;
}

/* A container that every user may write to. */
static void setup(void)
{
	MOUNT(M1, "debug,numtasks");
	MKDIR(M1 "/a");
	EXPECT_OK(chmod(M1 "/a/tasks", 0666));
	EXPECT_OK(chmod(M1 "/tasks", 0666));
}

/* A child with these ids that waits. */
static int child_with(int uid, int euid, int suid)
{
	int *ready = ct_shared(4096), pid;

	pid = IN_CHILD({
		ASSERT_OK(setresuid(uid, euid, suid));
		INC(*ready);
		for (;;)
			pause();
	});
	ASSERT_SOON(GET(*ready), 10);
	return pid;
}

static void by_a_user(void)
{
	int root, mine, other;

	setup();
	root = ct_child();
	mine = child_with(USER, USER, USER);
	other = child_with(OTHER, OTHER, OTHER);
	RUN_AS(USER, {
		EXPECT_OK(ct_move(M1 "/a", mine));
		EXPECT_OK(ct_move(M1 "/a", ct_child()));
		EXPECT_ERRNO(ct_move(M1 "/a", root), EACCES);
		EXPECT_ERRNO(ct_move(M1 "/a", other), EACCES);
		EXPECT_ERRNO(ct_move(M1 "/a", 1), EACCES);
		EXPECT_ERRNO(ct_move(M1 "/a", getppid()), EACCES);
		EXPECT_OK(ct_write(M1 "/a/tasks", "0"));
		EXPECT(in_a(getpid()));
		EXPECT_OK(ct_move(M1, getpid()));
		EXPECT_ERRNO(ct_move(M1 "/a", 99999999), ESRCH);
		EXPECT_ERRNO(ct_write(M1 "/a/tasks", "x"), EINVAL);
		EXPECT_OK(ct_move(M1, mine));
	});
	EXPECT(!in_a(root));
	EXPECT(!in_a(other));
	EXPECT(!in_a(1));
	EXPECT(!in_a(mine));
}

static void file_mode_decides_first(void)
{
	int mine;

	setup();
	EXPECT_OK(chmod(M1 "/tasks", 0644));
	mine = child_with(USER, USER, USER);
	RUN_AS(USER, {
		EXPECT_OK(ct_move(M1 "/a", mine));
		EXPECT_ERRNO(ct_move(M1, mine), EACCES);
		EXPECT_ERRNO(ct_move(M1, getpid()), EACCES);
	});
	EXPECT(in_a(mine));
	EXPECT_OK(chmod(M1 "/a/tasks", 0600));
	RUN_AS(USER, EXPECT_ERRNO(open(M1 "/a/tasks", O_RDONLY), EACCES));
	EXPECT_OK(chmod(M1 "/a", 0700));
	RUN_AS(USER, EXPECT_ERRNO(open(M1 "/a/debug.task_count", O_RDONLY),
				  EACCES));
}

/* The real or the saved uid of the target counts, not its effective uid. */
static void which_uid_of_the_target(void)
{
	static const struct {
		int uid, euid, suid;
		bool may;
	} rows[] = {
		{ USER, 0, 0, true },
		{ 0, 0, USER, true },
		{ USER, OTHER, OTHER, true },
		{ OTHER, OTHER, USER, true },
		{ 0, USER, 0, false },
		{ OTHER, USER, OTHER, false },
		{ OTHER, OTHER, OTHER, false },
		{ 0, 0, 0, false },
	};
	unsigned int i;

	setup();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		int pid = child_with(rows[i].uid, rows[i].euid, rows[i].suid);

		CTX("a target with uid %d, euid %d, suid %d", rows[i].uid,
		    rows[i].euid, rows[i].suid);
		RUN_AS(USER, {
			if (rows[i].may)
				EXPECT_OK(ct_move(M1 "/a", pid));
			else
				EXPECT_ERRNO(ct_move(M1 "/a", pid), EACCES);
		});
		EXPECT_EQ(in_a(pid), rows[i].may);
		CTX_END();
	}
}

/* The effective uid of the writer counts, at the time of the open. */
static void which_uid_of_the_writer(void)
{
	int mine = 0, root;

	setup();
	mine = child_with(USER, USER, USER);
	root = ct_child();
	ct_ended_well(IN_CHILD({
		ASSERT_OK(setresuid(0, USER, 0));
		EXPECT_OK(ct_move(M1 "/a", mine));
		EXPECT_ERRNO(ct_move(M1 "/a", root), EACCES);
	}));
	EXPECT_OK(ct_move(M1, mine));
	ct_ended_well(IN_CHILD({
		ASSERT_OK(setresuid(USER, OTHER, USER));
		EXPECT_ERRNO(ct_move(M1 "/a", mine), EACCES);
	}));
	ct_ended_well(IN_CHILD({
		ASSERT_OK(setresuid(USER, 0, USER));
		EXPECT_OK(ct_move(M1 "/a", root));
	}));
	EXPECT(in_a(root));
	EXPECT(!in_a(mine));
}

static int put_pid(int fd, int pid)
{
	char num[16];

	return ct_put(fd, num, sprintf(num, "%d", pid));
}

/* A setuid program that gets a descriptor of a user as its output. */
static void opened_by_user_written_by_root(void)
{
	int fd, root, mine;

	setup();
	root = ct_child();
	mine = child_with(USER, USER, USER);
	ASSERT_OK(seteuid(USER));
	ASSERT_OK(fd = open(M1 "/a/tasks", O_RDWR));
	ASSERT_OK(seteuid(0));
	EXPECT_ERRNO(put_pid(fd, root), EACCES);
	EXPECT_ERRNO(put_pid(fd, 1), EACCES);
	EXPECT_ERRNO(put_pid(fd, getpid()), EACCES);
	EXPECT_ERRNO(put_pid(fd, 0), EACCES);
	EXPECT_ERRNO(ct_put(fd, P("%d %d", mine, root),
			    strlen(P("%d %d", mine, root))), EACCES);
	EXPECT(!in_a(mine));
	EXPECT_OK(put_pid(fd, mine));
	EXPECT(in_a(mine));
	/* the same from another process with all rights */
	ct_ended_well(IN_CHILD(EXPECT_ERRNO(put_pid(fd, root), EACCES)));
	EXPECT(!in_a(root));
	EXPECT(!in_a(getpid()));
	close(fd);
}

/* A descriptor that root gives to a user as a permission. */
static void opened_by_root_written_by_user(void)
{
	int fd, root, other;

	setup();
	EXPECT_OK(chmod(M1 "/a/tasks", 0600));
	root = ct_child();
	other = child_with(OTHER, OTHER, OTHER);
	ASSERT_OK(fd = open(M1 "/a/tasks", O_WRONLY));
	ct_ended_well(IN_CHILD({
		ct_become(USER);
		EXPECT_ERRNO(open(M1 "/a/tasks", O_WRONLY), EACCES);
		EXPECT_OK(put_pid(fd, root));
		EXPECT_OK(put_pid(fd, other));
		EXPECT_OK(put_pid(fd, 0));
		EXPECT(in_a(getpid()));
	}));
	EXPECT(in_a(root));
	EXPECT(in_a(other));
	close(fd);
}

static void one_of_several_is_not_mine(void)
{
	int root, mine, second;

	setup();
	root = ct_child();
	mine = child_with(USER, USER, USER);
	second = child_with(USER, USER, USER);
	RUN_AS(USER, {
		EXPECT_ERRNO(ct_write(M1 "/a/tasks",
				      P("%d %d %d", mine, second, root)),
			     EACCES);
		EXPECT_ERRNO(ct_write(M1 "/a/tasks",
				      P("%d %d %d", root, mine, second)),
			     EACCES);
		EXPECT_ERRNO(ct_write(M1 "/a/tasks",
				      P("%d 99999999 %d", mine, root)),
			     ESRCH);
	});
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT_EQ(ct_num(M1 "/a/numtasks.peak"), 0);
	RUN_AS(USER, EXPECT_OK(ct_write(M1 "/a/tasks",
					P("%d %d", mine, second))));
	EXPECT_EQ(ct_count(M1 "/a"), 2);
}

/* A user's own subtree, given to him by chown. */
static void delegated_subtree(void)
{
	int mine;

	setup();
	EXPECT_OK(chmod(M1 "/tasks", 0644));
	EXPECT_OK(chown(M1 "/a", USER, USER));
	EXPECT_OK(chown(M1 "/a/tasks", USER, USER));
	EXPECT_OK(chmod(M1 "/a/tasks", 0644));
	mine = child_with(USER, USER, USER);
	RUN_AS(USER, {
		EXPECT_OK(mkdir(M1 "/a/b", 0755));
		EXPECT_OK(ct_move(M1 "/a", mine));
		EXPECT_OK(ct_move(M1 "/a/b", mine));
		EXPECT_STR(ct_where(mine, "debug"), "/a/b");
		EXPECT_OK(ct_move(M1 "/a", mine));
		EXPECT_OK(rename(M1 "/a/b", M1 "/a/c"));
		EXPECT_OK(rmdir(M1 "/a/c"));
		EXPECT_ERRNO(rmdir(M1 "/a"), EACCES);
		/* the limit of the subtree still belongs to root */
		EXPECT_ERRNO(ct_write(M1 "/a/numtasks.limit", "max"), EACCES);
	});
	EXPECT(in_a(mine));
}

static const struct ktap_case cases[] = {
	T(by_a_user),
	T(file_mode_decides_first),
	T(which_uid_of_the_target),
	T(which_uid_of_the_writer),
	T(opened_by_user_written_by_root),
	T(opened_by_root_written_by_user),
	T(one_of_several_is_not_mine),
	T(delegated_subtree),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

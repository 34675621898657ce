// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks that are moved while they are being forked, by a writer that has
 * guessed their pid.  A child can be found by its pid a moment before fork is
 * done.  It must already be in its css_group then, or a css_group that it was
 * never in loses a task.
 *
 * harness: smp=2
 */
#include "ct.h"

/* Write the pids that come next to a tasks file, over and over. */
static void guess_pids(const char *dir, volatile int *last)
{
	int fd = open(P("%s/tasks", dir), O_WRONLY);
	char buf[16];
	int i;

	for (;;)
		for (i = 1; i <= 3; i++) {
			int len = sprintf(buf, "%d", *last + i);

			if (write(fd, buf, len) != len && errno != ESRCH)
				_exit(1);
		}
}

static void fork_many(int n, volatile int *last)
{
	while (n--) {
		int pid = vfork();

		if (!pid)
			_exit(0);
		*last = pid;
		waitpid(pid, NULL, 0);
	}
}

static void send_back(const char *dir)
{
	int i, n, *ids = ct_tasks(dir, &n);

	for (i = 0; i < n; i++)
		if (ct_move(M1, ids[i]) && errno != ESRCH)
			FAIL("%d: %s", ids[i], strerror(errno));
}

static void guessed_while_forked(const char *opts)
{
	volatile int *last = ct_shared(sizeof(*last));
	int guesser, forker;

	MOUNT(M1, opts);
	MKDIR(M1 "/a");
	MKDIR(M1 "/b");
	*last = getpid();
	guesser = fork();
	if (!guesser)
		guess_pids(M1 "/b", last);
	forker = fork();
	if (!forker) {
		ct_move(M1 "/a", getpid());
		fork_many(ktap_loops(60000), last);
		_exit(0);
	}
	waitpid(forker, NULL, 0);
	kill(guesser, SIGKILL);
	waitpid(guesser, NULL, 0);
	/* Some other task may have had a pid that was guessed. */
	send_back(M1 "/b");
	EXPECT_STR(ct_slurp(M1 "/a/tasks"), "");
	EXPECT_STR(ct_slurp(M1 "/b/tasks"), "");
	/* Fails for ever if a count was wrong. */
	EXPECT_SOON(!rmdir(M1 "/a"), 2);
	EXPECT_SOON(!rmdir(M1 "/b"), 2);
}

static void bare(void)
{
	guessed_while_forked("none,name=newborn");
}

static void with_numtasks(void)
{
	guessed_while_forked("numtasks");
}

static const struct ktap_case cases[] = {
	T(bare),
	T(with_numtasks),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

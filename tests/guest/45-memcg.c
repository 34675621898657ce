// SPDX-License-Identifier: GPL-2.0
/*
 * Control groups in addition to containers: a task that has used up the memory
 * of its control group is slowed down when it allocates more, for seconds,
 * wherever it is at that time.  With containers it must delay only itself.
 *
 * harness: configs=full kernels=6.12 timeout=180
 */
#include "ct.h"

#define ALL "debug,numtasks"
#define CG CT_TMP "/cg"
#define SLOW CG "/slow"
#define SIGHTINGS 20

static struct shared {
	int writes;	/* writes that the slow task has begun */
	int ends;	/* is to end */
} *sh;

static void setup(void)
{
	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	mkdir(CG, 0755);
	ASSERT_OK(mount("cg", CG, "cgroup2", 0, NULL));
	ASSERT_OK(ct_write(CG "/cgroup.subtree_control", "+memory"));
	ASSERT_OK(mkdir(SLOW, 0755));
	sh = ct_shared(sizeof(*sh));
}

/* Is the task slowed down by its control group inside our code? */
static bool is_slowed_down(int pid)
{
	char *stack = ct_slurp(P("/proc/%d/stack", pid));
	bool yes = stack && strstr(stack, "handle_over_high") &&
		strstr(stack, "container_");

	free(stack);
	return yes;
}

/* Writes the same number very often, so that a lot of memory is needed. */
static void write_much(int pid, const char *file)
{
	char num[16], *text = malloc(65000);
	size_t len = 0;
	int fd;

	snprintf(num, sizeof(num), "%d ", pid);
	while (len + strlen(num) < 60000)
		len += sprintf(text + len, "%s", num);
	ASSERT_OK(fd = open(file, O_WRONLY));
	ASSERT_OK(ct_write(SLOW "/cgroup.procs", "0"));
	while (!GET(sh->ends)) {
		INC(sh->writes);
		ct_put(fd, text, len);
	}
	exit(0);
}

/* What other tasks do with containers, in a loop. */
static void live(int pid)
{
	EXPECT_OK(mkdir(M1 "/b", 0755));
	EXPECT_OK(ct_move(M1 "/b", pid));
	EXPECT_STR(ct_where(pid, "debug"), "/b");
	EXPECT_OK(ct_move(M1, pid));
	free(ct_slurp("/proc/mounts"));
	free(ct_slurp("/proc/containers"));
	free(ct_slurp(M1 "/tasks"));
	EXPECT_OK(rmdir(M1 "/b"));
}

/*
 * While the slow task sleeps in a write, other tasks do all of this, and
 * afterwards it is still in the same write.  This would be impossible if it
 * held one of our locks.
 */
static void writer(void)
{
	int slow, other, seen, begun, passed = 0;

	setup();
	other = ct_child();
	ASSERT_OK(ct_write(SLOW "/memory.high", "0"));
	slow = IN_CHILD(write_much(other, M1 "/a/tasks"));
	for (seen = 0; seen < SIGHTINGS && !passed; seen++) {
		if (!WAIT_FOR(is_slowed_down(slow), 20))
			break;
		begun = GET(sh->writes);
		live(getpid());
		passed += is_slowed_down(slow) && GET(sh->writes) == begun;
	}
	ktap_note("slowed down %d times, %d writes", seen, GET(sh->writes));
	EXPECT_CMP(seen, >, 0);
	EXPECT_EQ(passed, 1);
	SET(sh->ends, 1);
	EXPECT_OK(ct_write(SLOW "/memory.high", "max"));
	EXPECT_OK(kill(slow, SIGKILL));
	EXPECT_OK(waitpid(slow, NULL, 0));
}

static void cleanup(void)
{
	ct_cleanup();
	rmdir(SLOW);
	umount2(CG, MNT_DETACH);
}

static const struct ktap_case cases[] = {
	T(writer),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), cleanup);
}

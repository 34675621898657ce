// SPDX-License-Identifier: GPL-2.0
/*
 * A release agent, /bin/agent in the guest, which keeps a record of its runs.
 * It is meant to be run under another name, by a symbolic link: what it does
 * depends on the files that lie next to that name.
 *
 *	NAME.log	gets a line for each run, in one write:
 *			ARGC UID CWD HOME=... PATH=... NR-OF-VARIABLES ARGV[1]
 *			Then it calls itself "logged", see /proc/PID/comm.
 *	NAME.wait	as long as it is there the agent does not end
 *	NAME.rmdir	a symbolic link to where the hierarchy is mounted: the
 *			agent removes the container
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

extern char **environ;

static const char *name;

static const char *beside(const char *suffix)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s.%s", name, suffix);
	return path;
}

/*
 * The task that starts it may be subject to fault injection, which is
 * inherited.
 */
static void no_faults(void)
{
	int i, fd;

	if (access("/proc/self/make-it-fail", F_OK))
		return;
	for (i = 0; i < 10000; i++) {
		fd = open("/proc/self/make-it-fail", O_WRONLY);
		if (fd < 0)
			continue;
		if (write(fd, "0", 1) == 1)
			i = 10000;
		close(fd);
	}
}

static const char *variable(const char *key)
{
	const char *val = getenv(key);

	return val ? val : "?";
}

static int record(int argc, char **argv)
{
	size_t size = 1024 + (argc > 1 ? strlen(argv[1]) : 0);
	char cwd[256], *line = malloc(size);
	int n, fd, vars = 0;

	while (environ[vars])
		vars++;
	if (!line || !getcwd(cwd, sizeof(cwd)))
		return -1;
	n = snprintf(line, size, "%d %d %s HOME=%s PATH=%s %d %s\n", argc,
		     (int)getuid(), cwd, variable("HOME"), variable("PATH"),
		     vars, argc > 1 ? argv[1] : "");
	fd = open(beside("log"), O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd < 0 || write(fd, line, n) != n)
		return -1;
	return close(fd);
}

static void remove_container(const char *path)
{
	char mnt[256], *full;
	ssize_t n = readlink(beside("rmdir"), mnt, sizeof(mnt) - 1);

	if (n < 0)
		return;
	mnt[n] = 0;
	if (asprintf(&full, "%s%s", mnt, path) < 0)
		return;
	rmdir(full);
}

int main(int argc, char **argv)
{
	no_faults();
	name = argv[0];
	if (record(argc, argv))
		return 1;
	prctl(PR_SET_NAME, "logged", 0, 0, 0);
	while (!access(beside("wait"), F_OK))
		usleep(20000);
	if (argc > 1)
		remove_container(argv[1]);
	return 0;
}

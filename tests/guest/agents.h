/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _AGENTS_H
#define _AGENTS_H
/*
 * Release agents, which are links to /bin/agent (see helper-agent.c), and their
 * records.
 */
#include <sys/utsname.h>

#include "ct.h"

#define AGENTS CT_TMP "/agents"
#define ENVIRONMENT "0 / HOME=/ PATH=/sbin:/bin:/usr/sbin:/usr/bin 2 "

/*
 * Makes an agent with an empty record, and returns its path.  Not for threads.
 */
KTAP_FN char *new_agent(const char *name)
{
	static const char *const beside[] = { "log", "wait", "rmdir" };
	char *path = strdup(P(AGENTS "/%s", name));
	unsigned int i;

	mkdir(CT_TMP, 0755);
	mkdir(AGENTS, 0755);
	unlink(path);
	for (i = 0; i < ARRAY_SIZE(beside); i++)
		unlink(P("%s.%s", path, beside[i]));
	ASSERT_OK(symlink("/bin/agent", path));
	return path;
}

/* Mounts a hierarchy with an agent that runs for each container made later. */
KTAP_FN char *mount_with_agent(const char *dir, const char *opts,
			       const char *name)
{
	char *agent = new_agent(name);

	MOUNT(dir, opts);
	ASSERT_OK(ct_write(P("%s/release_agent", dir), agent));
	ASSERT_OK(ct_write(P("%s/notify_on_release", dir), "1"));
	return agent;
}

/* Reads the record of an agent: the number of runs, and the paths, sorted. */
KTAP_FN int runs(const char *agent, char ***paths)
{
	char *s = ct_slurp(P("%s.log", agent)), *line, *save;
	char prefix[128];
	int n = 0, size = 64;
	char **got = malloc(size * sizeof(*got));

	snprintf(prefix, sizeof(prefix), "2 " ENVIRONMENT);
	for (line = s ? strtok_r(s, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, prefix, strlen(prefix))) {
			FAIL("%s: %s, expected %s", agent, ktap_quote(line),
			     prefix);
			continue;
		}
		if (n == size)
			got = realloc(got, (size *= 2) * sizeof(*got));
		got[n++] = line + strlen(prefix);
	}
	qsort(got, n, sizeof(*got), ct_cmp_str);
	if (paths) {
		*paths = got;	/* not freed, nor the text that they point to */
	} else {
		free(got);
		free(s);
	}
	return n;
}

/* Only the number of runs; cheap enough to be called in a loop. */
KTAP_FN int count_runs(const char *agent)
{
	char *s = ct_slurp(P("%s.log", agent)), *p;
	int n = 0;

	for (p = s; p && (p = strchr(p, '\n')); p++)
		n++;
	free(s);
	return n;
}

/* The number of processes that run /bin/agent, under any name. */
KTAP_FN int running_agents(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	char exe[64];
	int n = 0;

	while (d && (e = readdir(d))) {
		ssize_t len = readlink(P("/proc/%s/exe", e->d_name), exe,
				       sizeof(exe) - 1);

		n += len == 10 && !strncmp(exe, "/bin/agent", 10);
	}
	if (d)
		closedir(d);
	return n;
}

/*
 * Is there an agent that has been started and has not written its record yet?
 * Does not use P(), since callers do.
 */
KTAP_FN bool agent_to_log(void)
{
	char path[64], exe[64], *s;
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool found = false;

	while (d && !found && (e = readdir(d))) {
		if (!isdigit((unsigned char)*e->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/exe", e->d_name);
		if (readlink(path, exe, sizeof(exe)) != 10 ||
		    strncmp(exe, "/bin/agent", 10))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/stat", e->d_name);
		s = ct_slurp(path);
		found = s && !strstr(s, "(logged)");
		free(s);
	}
	if (d)
		closedir(d);
	return found;
}

/*
 * Waits until the agents of all containers that have become unused by now have
 * run, as far as they can be started.  They run in order, so this adds a
 * container of another hierarchy and waits for its agent.
 */
KTAP_FN void drain(void)
{
	static char *agent;
	static int n;

	if (!agent) {
		agent = strdup(new_agent("barrier"));
		MOUNT(CT_TMP "/barrier", "none,name=barrier");
		ASSERT_OK(ct_write(CT_TMP "/barrier/release_agent", agent));
		MKDIR(CT_TMP "/barrier/b");
		ASSERT_OK(ct_write(CT_TMP "/barrier/b/notify_on_release", "1"));
	}
	ct_reap(ct_child_in(CT_TMP "/barrier/b"));
	n++;
	ASSERT_SOON(count_runs(agent) == n, 20);
	/* Those before it have been started or are about to be. */
	ASSERT_SOON(!agent_to_log(), 20);
}

/*
 * Checks that the agent has run for exactly these paths (sorted, each with a
 * newline).
 */
KTAP_FN void expect_runs(const char *file, int line, const char *agent,
			 const char *expected)
{
	/* It is often made by P(), which is used while this waits. */
	char *want = strdup(expected);
	char **paths, *got;
	size_t len = 1;
	int n, i, many = 0;
	const char *p;

	for (p = want; (p = strchr(p, '\n')); p++)
		many++;
	drain();
	WAIT_FOR(count_runs(agent) >= many, 5);
	n = runs(agent, &paths);
	for (i = 0; i < n; i++)
		len += strlen(paths[i]) + 1;
	got = calloc(1, len);
	for (i = 0; i < n; i++)
		strcat(strcat(got, paths[i]), "\n");
	ktap_str(file, line, agent, got, 0, want);
	unlink(P("%s.log", agent));
	free(want);
	free(got);
	free(paths);
}

#define EXPECT_RUNS(agent, want) expect_runs(KTAP_AT, agent, want)

/* Makes a child in dir and reaps it. */
KTAP_FN void use(const char *dir)
{
	ct_reap(ct_child_in(dir));
}

KTAP_FN bool is_old_kernel(void)
{
	struct utsname u;

	return !uname(&u) && !strncmp(u.release, "2.6.", 4);
}

/*
 * Unmounts, and waits for an agent that removes a container of dir: the removal
 * can be seen before the agent has left rmdir(), where it has a reference on
 * the mount.
 */
#define UMOUNT_SOON(dir) EXPECT_SOON(!umount2(dir, 0), 10)

/* Has the kernel logged the text since the log was cleared? */
KTAP_FN bool kernel_said(const char *text)
{
	size_t size = 1 << 20;
	char *log = calloc(1, size + 1);
	bool said = syscall(SYS_syslog, 3, log, size) > 0 && strstr(log, text);

	free(log);
	return said;
}

#endif /* _AGENTS_H */

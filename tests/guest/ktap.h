/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KTAP_H
#define _KTAP_H
/*
 * Test cases with KTAP output, for static programs that also run on 2.6.22.
 *
 * A test is a table of functions.  Each case runs in a process and a session of
 * its own, so that the crash or hang of one case does not affect the others.  A
 * case has passed when its function has returned and every check that was made
 * by it, its threads and its children was successful.  After each case its
 * remaining processes are killed, and the cleanup function of the test runs,
 * which makes checks too.
 *
 * EXPECT_x() records a failure and continues, ASSERT_x() ends the process.  Both
 * may be used in threads and in children of a case: failures are counted in
 * memory that all of them share.
 *
 * NN-name [CASE...] runs only the cases that match a shell pattern; so does
 * case=PATTERN on the kernel command line.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define KTAP_FN static __attribute__((unused))

/* The time in seconds after which a case counts as hung; times ktap_scale(). */
#ifndef KTAP_TIMEOUT_S
#define KTAP_TIMEOUT_S	(ktap_scale() > 1 ? 45 : 100)
#endif
#define KTAP_MAX_DIAG	40

struct ktap_case {
	const char *name;
	void (*fn)(void);
};

#define T(fn) { #fn, fn }

struct ktap_shared {
	int failed;		/* checks that did not hold */
	int checks;		/* checks made */
	int diags;		/* diagnostic lines printed */
	int done;		/* the case's function has returned */
	int unkillable;		/* a process survived SIGKILL */
	char skip[160];		/* reason, when the case skipped itself */
};

static struct ktap_shared *ktap_sh;
static char ktap_ctx[240];	/* printed with each failure, see CTX() */
static int ktap_scale_;
static unsigned long ktap_seed_;

/* --- output ------------------------------------------------------------ */

KTAP_FN void ktap_put(const char *s, size_t len)
{
	while (len) {
		ssize_t n = write(1, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		s += n;
		len -= n;
	}
}

__attribute__((format(printf, 2, 0)))
KTAP_FN void ktap_vline(const char *prefix, const char *fmt, va_list ap)
{
	int saved = errno;
	char buf[2048];
	size_t n, m;
	char *p;

	n = snprintf(buf, 64, "%s", prefix);
	vsnprintf(buf + n, sizeof(buf) - n - 1, fmt, ap);
	m = strlen(buf);
	for (p = buf; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			*p = '?';
	buf[m++] = '\n';
	ktap_put(buf, m);
	errno = saved;
}

/*
 * Prints a "# " line.  The number of these lines is not limited, unlike
 * failures.
 */
__attribute__((format(printf, 1, 2)))
KTAP_FN void ktap_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ktap_vline("# ", fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 1, 2)))
KTAP_FN void ktap_raw(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ktap_vline("", fmt, ap);
	va_end(ap);
}

KTAP_FN const char *ktap_base(const char *file)
{
	const char *s = strrchr(file, '/');

	return s ? s + 1 : file;
}

/* Records a failed check and prints where it is and what has failed. */
__attribute__((format(printf, 3, 4)))
KTAP_FN void ktap_fail(const char *file, int line, const char *fmt, ...)
{
	int saved = errno, n;
	char msg[1536];
	va_list ap;

	__sync_add_and_fetch(&ktap_sh->failed, 1);
	n = __sync_add_and_fetch(&ktap_sh->diags, 1);
	if (n == KTAP_MAX_DIAG)
		ktap_note("further failures of this case are not shown");
	if (n < KTAP_MAX_DIAG) {
		va_start(ap, fmt);
		vsnprintf(msg, sizeof(msg), fmt, ap);
		va_end(ap);
		ktap_note("%s:%d: %s%s%s", ktap_base(file), line, msg,
			  *ktap_ctx ? ", with " : "", ktap_ctx);
	}
	errno = saved;
}

/* --- texts ------------------------------------------------------------- */

KTAP_FN const char *ktap_errno(int err)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
#define E(x) { x, #x }
		E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(E2BIG),
		E(EBADF), E(ECHILD), E(EAGAIN), E(ENOMEM), E(EACCES),
		E(EFAULT), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV),
		E(ENOTDIR), E(EISDIR), E(EINVAL), E(ENFILE), E(EMFILE),
		E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC), E(ESPIPE),
		E(EROFS), E(EMLINK), E(EPIPE), E(ERANGE), E(EDEADLK),
		E(ENAMETOOLONG), E(ENOSYS), E(ENOTEMPTY), E(ELOOP),
		E(EOVERFLOW), E(EOPNOTSUPP), E(ESTALE), E(ENODATA),
		E(ETIMEDOUT), E(EUSERS), E(EUCLEAN),
#undef E
	};
	static char other[8][16];
	static unsigned int slot;
	size_t i;

	if (!err)
		return "success";
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].err == err)
			return names[i].name;
	slot = (slot + 1) % 8;
	snprintf(other[slot], sizeof(other[slot]), "errno %d", err);
	return other[slot];
}

/* A string as a C literal, cut when long. */
KTAP_FN const char *ktap_quote(const char *s)
{
	static char bufs[4][520];
	static unsigned int slot;
	char *p, *end;

	if (!s)
		return "(null)";
	slot = (slot + 1) % 4;
	p = bufs[slot];
	end = p + sizeof(bufs[slot]) - 12;
	*p++ = '"';
	for (; *s && p < end; s++) {
		unsigned char c = *s;

		if (c == '\n')
			p += sprintf(p, "\\n");
		else if (c == '\t')
			p += sprintf(p, "\\t");
		else if (c == '"' || c == '\\')
			p += sprintf(p, "\\%c", c);
		else if (c < ' ' || c > '~')
			p += sprintf(p, "\\%03o", c);
		else
			*p++ = c;
	}
	strcpy(p, *s ? "\"..." : "\"");
	return bufs[slot];
}

/* --- checks ------------------------------------------------------------ */

KTAP_FN bool ktap_check(bool ok)
{
	__sync_add_and_fetch(&ktap_sh->checks, 1);
	return ok;
}

KTAP_FN bool ktap_true(const char *file, int line, const char *expr, bool val)
{
	if (ktap_check(val))
		return true;
	ktap_fail(file, line, "%s: does not hold", expr);
	return false;
}

KTAP_FN bool ktap_ok(const char *file, int line, const char *expr, long ret,
		     int err)
{
	if (ktap_check(ret != -1))
		return true;
	ktap_fail(file, line, "%s: %s, expected success", expr,
		  ktap_errno(err));
	return false;
}

KTAP_FN bool ktap_err(const char *file, int line, const char *expr, long ret,
		      int err, int want, int want2)
{
	bool ok = ret == -1 && (err == want || (want2 && err == want2));
	char got[40];

	if (ktap_check(ok))
		return true;
	if (ret == -1)
		snprintf(got, sizeof(got), "%s", ktap_errno(err));
	else
		snprintf(got, sizeof(got), "success (%ld)", ret);
	ktap_fail(file, line, "%s: %s, expected %s%s%s", expr, got,
		  ktap_errno(want), want2 ? " or " : "",
		  want2 ? ktap_errno(want2) : "");
	return false;
}

KTAP_FN bool ktap_eq(const char *file, int line, const char *a, long va,
		     const char *b, long vb)
{
	if (ktap_check(va == vb))
		return true;
	ktap_fail(file, line, "%s: %ld, expected %s (%ld)", a, va, b, vb);
	return false;
}

KTAP_FN bool ktap_cmp(const char *file, int line, const char *a, long va,
		      const char *op, const char *b, long vb, bool ok)
{
	if (ktap_check(ok))
		return true;
	ktap_fail(file, line, "%s: %ld, expected %s %s (%ld)", a, va, op, b,
		  vb);
	return false;
}

KTAP_FN bool ktap_mode(const char *file, int line, const char *a, long va,
		       long vb)
{
	if (ktap_check(va == vb))
		return true;
	ktap_fail(file, line, "%s: %06lo, expected %06lo", a, va, vb);
	return false;
}

KTAP_FN bool ktap_str(const char *file, int line, const char *expr,
		      const char *s, int err, const char *want)
{
	if (ktap_check(s && !strcmp(s, want)))
		return true;
	if (!s)
		ktap_fail(file, line, "%s: NULL (%s), expected %s", expr,
			  ktap_errno(err), ktap_quote(want));
	else
		ktap_fail(file, line, "%s: %s, expected %s", expr,
			  ktap_quote(s), ktap_quote(want));
	return false;
}

/* Ends the process after a failed ASSERT, which is recorded already. */
KTAP_FN void ktap_abort(void)
{
	_exit(1);
}

#define KTAP_AT __FILE__, __LINE__

/*
 * Each check is implemented once, as KTAP_x(text, ...).  The text is the source
 * of the checked expression, before macros in it are expanded.
 */
#define KTAP_MUST(check) do { if (!(check)) ktap_abort(); } while (0)

#define KTAP_TRUE(text, cond) ktap_true(KTAP_AT, text, !!(cond))
#define KTAP_OK(text, expr) ({						\
	long r_;							\
	errno = 0;							\
	r_ = (long)(expr);						\
	ktap_ok(KTAP_AT, text, r_, errno); })
#define KTAP_ERR(text, expr, want, want2) ({				\
	long r_;							\
	errno = 0;							\
	r_ = (long)(expr);						\
	ktap_err(KTAP_AT, text, r_, errno, want, want2); })
#define KTAP_EQ(ta, a, tb, b) ({					\
	long a_ = (long)(a), b_ = (long)(b);				\
	ktap_eq(KTAP_AT, ta, a_, tb, b_); })
#define KTAP_CMP(ta, a, op, tb, b) ({					\
	long a_ = (long)(a), b_ = (long)(b);				\
	ktap_cmp(KTAP_AT, ta, a_, #op, tb, b_, a_ op b_); })
#define KTAP_STR(text, s, want) ({					\
	const char *s_;							\
	errno = 0;							\
	s_ = (s);							\
	ktap_str(KTAP_AT, text, s_, errno, want); })

#define EXPECT(cond) KTAP_TRUE(#cond, cond)
#define ASSERT(cond) KTAP_MUST(KTAP_TRUE(#cond, cond))

/* EXPECT_OK(call): the call does not return -1. */
#define EXPECT_OK(expr) KTAP_OK(#expr, expr)
#define ASSERT_OK(expr) KTAP_MUST(KTAP_OK(#expr, expr))

/* EXPECT_ERRNO(call, EBUSY): the call returns -1 and sets this errno. */
#define EXPECT_ERRNO(expr, want) KTAP_ERR(#expr, expr, want, 0)
#define ASSERT_ERRNO(expr, want) KTAP_MUST(KTAP_ERR(#expr, expr, want, 0))
#define EXPECT_ERRNO2(expr, want, want2) KTAP_ERR(#expr, expr, want, want2)

#define EXPECT_EQ(a, b) KTAP_EQ(#a, a, #b, b)
#define ASSERT_EQ(a, b) KTAP_MUST(KTAP_EQ(#a, a, #b, b))
#define EXPECT_CMP(a, op, b) KTAP_CMP(#a, a, op, #b, b)
#define ASSERT_CMP(a, op, b) KTAP_MUST(KTAP_CMP(#a, a, op, #b, b))
#define EXPECT_MODE(a, b) ktap_mode(KTAP_AT, #a, (long)(a), (long)(b))
#define EXPECT_STR(s, want) KTAP_STR(#s, s, want)
#define ASSERT_STR(s, want) KTAP_MUST(KTAP_STR(#s, s, want))

/* FAIL(format, ...): a failure that no macro above describes. */
#define FAIL(...) do {							\
	ktap_check(false);						\
	ktap_fail(KTAP_AT, __VA_ARGS__);				\
} while (0)

/* SKIP(format, ...): ends the case; only in the case's own process. */
#define SKIP(...) do {							\
	snprintf(ktap_sh->skip, sizeof(ktap_sh->skip), __VA_ARGS__);	\
	_exit(0);							\
} while (0)

/*
 * CTX(format, ...): text that is printed with failures; CTX("%s", "") ends it.
 */
#define CTX(...) snprintf(ktap_ctx, sizeof(ktap_ctx), __VA_ARGS__)
#define CTX_END() ((void)(ktap_ctx[0] = 0))

/* --- how much, how often, which seed -------------------------------------- */

/*
 * No result may depend on the speed of the host, which may be busy or stop for
 * seconds.  So a storm ends when it has done a certain amount of work (GO_ON).
 * What is expected to happen soon is checked a certain number of times
 * (EXPECT_SOON).  To see that a task does not wait, it is counted how often it
 * has slept (EXPECT_NO_WAIT in ct.h).  Times are used only for notes, and to
 * end a case that hangs.
 */
KTAP_FN long ktap_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/*
 * Returns the value of NAME= in the environment or on the kernel command line.
 */
KTAP_FN const char *ktap_param(const char *name)
{
	static char line[4096];
	const char *s = getenv(name);
	char key[32];
	size_t i, n;
	int fd;
	char *p;

	if (s && *s)
		return s;
	for (i = 0; name[i] && i < sizeof(key) - 2; i++)
		key[i] = tolower(name[i]);
	key[i++] = '=';
	key[i] = 0;
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd < 0)
		return NULL;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	if (n >= sizeof(line))
		return NULL;
	line[n] = 0;
	for (p = strtok(line, " \n"); p; p = strtok(NULL, " \n"))
		if (!strncmp(p, key, strlen(key)))
			return p + strlen(key);
	return NULL;
}

/* How many times this kernel is slower than a plain one: CSCALE. */
KTAP_FN int ktap_scale(void)
{
	const char *s;

	if (ktap_scale_)
		return ktap_scale_;
	s = ktap_param("CSCALE");
	if (s)
		ktap_scale_ = atoi(s);
	else if (!access("/proc/lockdep", F_OK) ||
		 !access("/proc/slab_allocators", F_OK) ||
		 !access("/sys/kernel/debug/kcsan", F_OK))
		ktap_scale_ = 8;
	if (ktap_scale_ < 1)
		ktap_scale_ = 1;
	return ktap_scale_;
}

/* Should storms and sweeps run in their full length?  CDEEP. */
KTAP_FN bool ktap_deep(void)
{
	const char *s = ktap_param("CDEEP");

	return s && *s == '1';
}

/*
 * Divides the number of rounds, where base runs the same rounds as well: CLESS,
 * which scripts/lib.sh sets for each configuration.
 */
KTAP_FN int ktap_less(void)
{
	const char *s = ktap_param("CLESS");
	int n = s ? atoi(s) : 1;

	return n < 1 ? 1 : n;
}

/*
 * Scales a number of iterations or an amount of work: fewer on a slow kernel,
 * and without DEEP=1 only a third, divided by ktap_less().
 */
KTAP_FN int ktap_loops(int n)
{
	static int share;

	if (!share)
		share = ktap_scale() * (ktap_deep() ? 1 : 3 * ktap_less());
	n /= share;
	return n < 2 ? 2 : n;
}

KTAP_FN unsigned long ktap_seed(void)
{
	const char *s = ktap_param("CSEED");
	struct timeval tv;

	if (ktap_seed_)
		return ktap_seed_;
	gettimeofday(&tv, NULL);
	ktap_seed_ = s ? strtoul(s, NULL, 0) :
		     (unsigned long)(tv.tv_sec ^ (tv.tv_usec << 8)) % 1000000;
	if (!ktap_seed_)
		ktap_seed_ = 1;
	return ktap_seed_;
}

/* xorshift64*: the same sequence for the same state everywhere */
KTAP_FN unsigned int ktap_rand(unsigned long *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 2685821657736338717UL) >> 33;
}

/*
 * Lets other tasks run.  Returns false when this was done so often that what
 * the caller waits for will not come.  On a quiet host this takes the given
 * seconds, or on a plain kernel three times as long.  The number of looks is
 * counted, not the seconds: time also passes while the guest gets no processor.
 */
KTAP_FN bool ktap_again(int *looks, int seconds)
{
	int scale = ktap_scale() > 1 ? ktap_scale() : 3;

	usleep(*looks < 50 ? 2000 : 10000);
	return ++*looks < 50 + 100 * seconds * scale;
}

/* WAIT_FOR(cond, seconds): checks until cond holds; false if it never does. */
#define WAIT_FOR(cond, seconds) ({					\
	int looks_ = 0;							\
	bool ok_;							\
	while (!(ok_ = !!(cond)) && ktap_again(&looks_, seconds))	\
		;							\
	ok_; })

#define KTAP_SOON(text, cond, seconds)					\
	ktap_true(KTAP_AT, text " (soon)",				\
		  WAIT_FOR(cond, seconds))
#define EXPECT_SOON(cond, seconds) KTAP_SOON(#cond, cond, seconds)
#define ASSERT_SOON(cond, seconds)					\
	KTAP_MUST(KTAP_SOON(#cond, cond, seconds))

/* Takes some time without sleeping, to vary the timing. */
KTAP_FN void ktap_spin(unsigned int n)
{
	while (n--)
		__asm__ __volatile__("" : : : "memory");
}

/* For variables that other processes and threads change or read. */
#define GET(x) __atomic_load_n(&(x), __ATOMIC_SEQ_CST)
#define SET(x, val) __atomic_store_n(&(x), val, __ATOMIC_SEQ_CST)
#define INC(x) __sync_add_and_fetch(&(x), 1)

/*
 * Waits for something that another process is about to do, without sleeping: a
 * task that sleeps would miss the race.  It yields, or on one processor each
 * turn would take a whole time slice.
 */
#define SPIN_FOR(cond)							\
	do {								\
		while (!(cond))						\
			sched_yield();					\
	} while (0)

/*
 * Should a storm go on?  GO_ON(rounds < n || GET(*moves) < m), with numbers
 * from ktap_loops(): until all tasks that matter have done their part.
 */
#define GO_ON(unfinished) (!GET(ktap_sh->failed) && (unfinished))

/* --- processes ---------------------------------------------------------- */

/*
 * Returns the state letter of a process, and its parent and session; 0: no
 * process.
 */
KTAP_FN char ktap_stat(int pid, int *ppid, int *sid)
{
	char path[64], buf[512], state, *p;
	int fd, pp, pgrp, s;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	buf[n] = 0;
	p = strrchr(buf, ')');
	if (!p || sscanf(p + 1, " %c %d %d %d", &state, &pp, &pgrp, &s) != 4)
		return 0;
	if (ppid)
		*ppid = pp;
	if (sid)
		*sid = s;
	return state;
}

/* Signals every process of a session; returns how many are alive. */
KTAP_FN int ktap_signal_session(int session, int sig)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	if (!d)
		return 0;
	while ((e = readdir(d))) {
		int pid = atoi(e->d_name), sid;
		char state;

		if (pid <= 1)
			continue;
		state = ktap_stat(pid, NULL, &sid);
		if (!state || state == 'Z' || state == 'X' || sid != session)
			continue;
		n++;
		kill(pid, sig);
	}
	closedir(d);
	return n;
}

/* Prints what the processes of a session are doing. */
KTAP_FN void ktap_show_session(int session)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		int pid = atoi(e->d_name), sid, fd;
		char path[64], wchan[128] = "";
		char state = ktap_stat(pid, NULL, &sid);

		if (pid <= 1 || !state || state == 'Z' || sid != session)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
		fd = open(path, O_RDONLY);
		if (fd >= 0) {
			if (read(fd, wchan, sizeof(wchan) - 1) < 0)
				*wchan = 0;
			close(fd);
		}
		ktap_note("pid %d: state %c in %s", pid, state, wchan);
	}
	if (d)
		closedir(d);
}

KTAP_FN void ktap_sysrq(char c)
{
	int fd;

	if (access("/tests", F_OK))	/* not in a guest */
		return;
	fd = open("/proc/sysrq-trigger", O_WRONLY);
	if (fd < 0)
		return;
	if (write(fd, &c, 1) != 1)
		ktap_note("cannot write sysrq %c", c);
	close(fd);
}

/* Kills all processes of a case. */
KTAP_FN void ktap_kill_session(int session)
{
	int looks = 0;

	while (ktap_signal_session(session, SIGSTOP) &&
	       ktap_signal_session(session, SIGKILL)) {
		if (!ktap_again(&looks, 10)) {
			ktap_note("these survived SIGKILL:");
			ktap_show_session(session);
			/* their stacks, and which locks they hold */
			ktap_sysrq('w');
			ktap_sysrq('d');
			ktap_sh->unkillable = 1;
			return;
		}
	}
}

KTAP_FN void ktap_kmsg(const char *what, const char *name)
{
	int fd = open("/dev/kmsg", O_WRONLY);
	char buf[160];
	int n;

	if (fd < 0)
		return;
	n = snprintf(buf, sizeof(buf), "container-test: %s %s\n", what, name);
	if (write(fd, buf, n) != n)
		ktap_note("cannot write /dev/kmsg");
	close(fd);
}

static void ktap_tick(int sig)
{
	(void)sig;
}

/*
 * Waits for a child, as long as a case may take.  Returns the wait status, or
 * -1.
 */
KTAP_FN int ktap_wait(pid_t pid)
{
	long end = ktap_ms() + KTAP_TIMEOUT_S * 1000L * ktap_scale();
	int status;

	for (;;) {
		pid_t r = waitpid(pid, &status, 0);

		if (r == pid)
			return status;
		if (r < 0 && errno != EINTR)
			return -1;
		if (ktap_ms() > end)
			break;
	}
	return -1;
}

KTAP_FN void ktap_reap_all(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/*
 * Runs fn in a child with its own session.  Returns true when fn has returned.
 */
KTAP_FN bool ktap_isolated(void (*fn)(void), const char *what)
{
	int status;
	pid_t pid;

	ktap_sh->done = 0;
	pid = fork();
	if (pid < 0) {
		ktap_note("%s: fork: %s", what, ktap_errno(errno));
		return false;
	}
	if (!pid) {
		struct itimerval off = { { 0, 0 }, { 0, 0 } };

		setitimer(ITIMER_REAL, &off, NULL);
		signal(SIGALRM, SIG_DFL);
		setsid();
		umask(022);
		if (chdir("/"))
			_exit(1);
		fn();
		ktap_sh->done = 1;
		_exit(0);
	}
	status = ktap_wait(pid);
	if (status == -1) {
		ktap_note("%s: no end within %d s", what,
			  KTAP_TIMEOUT_S * ktap_scale());
		ktap_show_session(pid);
	} else if (WIFSIGNALED(status)) {
		ktap_note("%s: killed by signal %d", what, WTERMSIG(status));
	} else if (WEXITSTATUS(status) && !ktap_sh->failed) {
		ktap_note("%s: exit status %d", what, WEXITSTATUS(status));
	}
	ktap_kill_session(pid);
	ktap_reap_all();
	return status == 0;
}

/* --- the runner --------------------------------------------------------- */

enum ktap_result { KTAP_PASS, KTAP_FAILED, KTAP_SKIPPED };

KTAP_FN enum ktap_result ktap_case_result(const struct ktap_case *c,
					  void (*cleanup)(void))
{
	enum ktap_result res = KTAP_FAILED;
	bool back;

	memset(ktap_sh, 0, sizeof(*ktap_sh));
	ktap_kmsg("case", c->name);
	back = ktap_isolated(c->fn, c->name);
	if (back && !ktap_sh->failed) {
		if (*ktap_sh->skip)
			res = KTAP_SKIPPED;
		else if (ktap_sh->done && ktap_sh->checks)
			res = KTAP_PASS;
		else
			ktap_note("%s: %s", c->name, ktap_sh->done ?
				  "made no check" : "ended early");
	}
	if (ktap_sh->unkillable)
		return KTAP_FAILED;
	if (cleanup) {
		int failed = ktap_sh->failed;

		if (!ktap_isolated(cleanup, "cleanup") ||
		    ktap_sh->failed != failed) {
			ktap_note("cleanup after %s failed", c->name);
			res = KTAP_FAILED;
		}
	}
	return res;
}

KTAP_FN bool ktap_selected(const char *name, int argc, char **argv)
{
	const char *s = ktap_param("CASE");
	int i;

	if (argc > 1) {
		for (i = 1; i < argc; i++)
			if (!fnmatch(argv[i], name, 0))
				return true;
		return false;
	}
	return !s || !fnmatch(s, name, 0);
}

/* The main function, with the table of cases and what to do after each case. */
KTAP_FN int ktap_main(int argc, char **argv, const struct ktap_case *cases,
		      int count, void (*cleanup)(void))
{
	struct itimerval tick = { { 0, 200000 }, { 0, 200000 } };
	struct sigaction sa = { .sa_handler = ktap_tick };
	int i, n = 0, failed = 0, fd;
	bool *run;

	ktap_sh = mmap(NULL, sizeof(*ktap_sh), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	run = calloc(count, sizeof(*run));
	if (ktap_sh == MAP_FAILED || !run)
		return 1;
	for (i = 0; i < count; i++) {
		run[i] = ktap_selected(cases[i].name, argc, argv);
		n += run[i];
	}
	/*
	 * Otherwise 6.12 drops messages of user space beyond a few per second.
	 */
	fd = open("/proc/sys/kernel/printk_devkmsg", O_WRONLY);
	if (fd >= 0) {
		if (write(fd, "on\n", 3) != 3)
			ktap_note("printk_devkmsg stays as it is");
		close(fd);
	}
	ktap_raw("KTAP version 1");
	ktap_raw("1..%d", n);
	ktap_note("seed %lu, scale %d", ktap_seed(), ktap_scale());
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);

	for (i = 0, n = 0; i < count; i++) {
		enum ktap_result res;
		long start = ktap_ms();

		if (!run[i])
			continue;
		n++;
		if (ktap_sh->unkillable) {
			ktap_note("not run: an earlier case hangs in the kernel");
			res = KTAP_FAILED;
		} else {
			res = ktap_case_result(&cases[i], cleanup);
		}
		ktap_note("%s: %ld ms", cases[i].name, ktap_ms() - start);
		if (res == KTAP_SKIPPED)
			ktap_raw("ok %d %s # SKIP %s", n, cases[i].name,
				 ktap_sh->skip);
		else
			ktap_raw("%sok %d %s", res == KTAP_PASS ? "" : "not ",
				 n, cases[i].name);
		failed += res == KTAP_FAILED;
	}
	return failed ? 1 : 0;
}

#endif /* _KTAP_H */

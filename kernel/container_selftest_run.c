// SPDX-License-Identifier: GPL-2.0
/*
 * CONFIG_CONTAINER_SELFTEST: control files and reports.
 *
 *	selftest.run	"TEST TOKEN" runs a test of container_selftest_tests.c
 *	selftest.fault	"CALLBACK N ERRNO" lets the Nth call of the callback fail,
 *			counting the calls that the writer causes; a
 *			wants_container that fails says yes
 *	selftest.calls	how often each callback has been called, and "live", the
 *			number of states, without those of top containers
 *	selftest.hold	1 takes a reference by css_tryget(), 0 drops it
 *
 * Writing "TEST TOKEN" to selftest.run runs a test on the container of this
 * file and returns when the test has ended.  The program that writes also has
 * to do what the test needs in the meantime: make and remove containers, fork
 * and move tasks.  The result is written to the kernel log as KTAP:
 *
 *	container-selftest: run TOKEN TEST
 *	container-selftest: KTAP version 1
 *	container-selftest: 1..2
 *	container-selftest: ok 1 one_thing
 *	container-selftest: # the check that has failed
 *	container-selftest: not ok 2 another
 *	container-selftest: end TOKEN
 *
 * The write succeeds whenever a test of this name exists, whatever the results
 * are.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "container_selftest.h"	/* must be the last header */

/*
 * Reporting.
 */

/**
 * selftest_true - record the result of a check
 * @st: the test
 * @func: the function where the check is
 * @line: the line where it is
 * @expr: the text of the condition
 * @ok: the condition
 *
 * Context: any.
 */
void selftest_true(struct selftest *st, const char *func, int line,
		   const char *expr, bool ok)
{
	if (ok)
		return;
	st->failed = true;
	if (printk_ratelimit())
		pr_info("container-selftest: # %s:%d: %s: does not hold\n",
			func, line, expr);
}

/**
 * selftest_report - report a case: the checks since the last report
 * @st: the test
 * @name: the name of the case
 *
 * Context: any.
 */
void selftest_report(struct selftest *st, const char *name)
{
	pr_info("container-selftest: %sok %d %s\n", st->failed ? "not " : "",
		++st->seen, name);
	st->failed = false;
}

/*
 * Run the test named in @buf.  The word behind the name is repeated in the log.
 */
static int run_test(struct container *cont, const char *buf)
{
	struct selftest st = { .cont = cont };
	const struct selftest_entry *test;
	char name[20], token[20];

	/* Otherwise CONFIG_CONTAINER_SELFTEST_SUBSYS must be changed. */
	BUILD_BUG_ON(CONTAINER_SUBSYS_COUNT != 64);

	if (sscanf(buf, "%19s %19s", name, token) != 2)
		return -EINVAL;
	for (test = selftest_table; test->name; test++) {
		if (strcmp(test->name, name))
			continue;
		pr_info("container-selftest: run %s %s\n", token, name);
		pr_info("container-selftest: KTAP version 1\n");
		pr_info("container-selftest: 1..%d\n", test->planned);
		test->run(&st);
		pr_info("container-selftest: end %s\n", token);
		return 0;
	}
	return -EINVAL;
}

/*
 * Control files.
 */

static int write_run(struct container *cont, const struct cftype *cft,
		     struct file *file, char *buf, size_t nbytes)
{
	return run_test(cont, buf);
}

static int write_fault(struct container *cont, const struct cftype *cft,
		       struct file *file, char *buf, size_t nbytes)
{
	char name[20];
	int nth, err;
	int cb;

	if (sscanf(buf, "%19s %d %d", name, &nth, &err) != 3)
		return -EINVAL;
	for (cb = 0; cb < SELFTEST_NR_CALLBACKS; cb++) {
		if (!strcmp(name, selftest_callback_names[cb])) {
			selftest_set_fault(cb, nth, err);
			return 0;
		}
	}
	return -EINVAL;
}

static int read_calls(struct container *cont, const struct cftype *cft,
		      struct seq_file *m)
{
	int cb;

	seq_printf(m, "live %d\n", selftest_live());
	for (cb = 0; cb < SELFTEST_NR_CALLBACKS; cb++)
		seq_printf(m, "%s %d\n", selftest_callback_names[cb],
			   selftest_calls(cb));
	return 0;
}

/* The number of references to the state of selftest, by anybody. */
static u64 read_hold(struct container *cont, const struct cftype *cft)
{
	int count = atomic_read(&selftest_state(cont)->css.refcnt);

	return count > 0 ? count - 1 : 0;
}

static int write_hold(struct container *cont, const struct cftype *cft, u64 val)
{
	struct selftest_state *state = selftest_state(cont);

	if (val) {
		if (!css_tryget(&state->css))
			return -ENODEV;
		atomic_inc(&state->held);
		return 0;
	}
	if (!atomic_add_unless(&state->held, -1, 0))
		return -EINVAL;
	css_put(&state->css);
	return 0;
}

static const struct cftype files[] = {
	{
		.name		= "selftest.run",
		.write_string	= write_run,
	},
	{
		.name		= "selftest.fault",
		.write_string	= write_fault,
	},
	{
		.name		= "selftest.calls",
		.read_seq	= read_calls,
	},
	{
		.name		= "selftest.hold",
		.read_uint	= read_hold,
		.write_uint	= write_hold,
	},
};

/**
 * selftest_add_files - add the control files of the subsystem selftest
 * @cont: the container
 *
 * Context: as container_add_files().
 * Return: as container_add_files().
 */
int selftest_add_files(struct container *cont)
{
	return container_add_files(cont, files, ARRAY_SIZE(files));
}

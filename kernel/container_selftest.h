/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_CONTAINER_SELFTEST_H
#define _KERNEL_CONTAINER_SELFTEST_H
/*
 * CONFIG_CONTAINER_SELFTEST: what the selftest subsystems share with the tests
 * that run inside the kernel.
 */

#include "container_host.h"
#include "container_internal.h"	/* must be the last header */

/*
 * All callbacks of a subsystem: for SELFTEST_create and so on, and their names.
 */
#define SELFTEST_CALLBACKS(_do) \
	_do(create) _do(destroy) _do(pre_destroy) _do(can_attach) \
	_do(cancel_attach) _do(attach) _do(post_attach) _do(post_clone) \
	_do(wants_container) \
	_do(can_fork) _do(cancel_fork) _do(transfer) _do(transfer_count) \
	_do(fork) _do(exit) _do(populate) _do(bind)

#define SELFTEST_ENUM(_name) SELFTEST_ ## _name,
enum selftest_callback {
	SELFTEST_CALLBACKS(SELFTEST_ENUM)
	SELFTEST_NR_CALLBACKS
};

/**
 * struct selftest_state - the state of a selftest subsystem for a container
 * @css: the part that the core uses
 * @magic: tells a live state from one that has been destroyed (M)
 * @charged: number of tasks and forks in progress; without meaning in a top
 *	container, which had tasks before they were counted (A)
 * @held: references taken by writing to selftest.hold (A)
 */
struct selftest_state {
	struct container_subsys_state css;
	unsigned int magic;
	atomic_t charged;
	atomic_t held;
};

/**
 * struct selftest - a running test
 * @cont: the container whose selftest.run was written to
 * @failed: a check of the current case has failed
 * @seen: number of cases reported
 */
struct selftest {
	struct container *cont;
	bool failed;
	int seen;
};

/**
 * struct selftest_entry - an entry of the table of tests
 * @name: the name of the test; NULL at the end of the table
 * @planned: the number of results that it reports
 * @run: the test
 */
struct selftest_entry {
	const char *name;
	int planned;
	void (*run)(struct selftest *st);
};

/* container_selftest.c */
extern const char *const selftest_callback_names[];
struct selftest_state *selftest_state(struct container *cont);
struct selftest_state *selftest_last_state(struct container *cont);
int selftest_nr_subsys(struct container *cont);
int selftest_calls(enum selftest_callback cb);
int selftest_live(void);
int selftest_violations(enum selftest_callback cb);
void selftest_check_balance(struct selftest *st);
void selftest_check_charges(struct selftest *st);
void selftest_set_fault(enum selftest_callback cb, int nth, int err);

/* container_selftest_run.c */
int selftest_add_files(struct container *cont);
void selftest_true(struct selftest *st, const char *func, int line,
		   const char *expr, bool ok);
void selftest_report(struct selftest *st, const char *name);

/* container_selftest_tests.c */
extern const struct selftest_entry selftest_table[];
bool selftest_path_ok(const struct container *cont);

/* Check a condition.  If it is false, the current case of the test fails. */
#define SELFTEST_EXPECT(_st, _cond) \
	selftest_true(_st, __func__, __LINE__, #_cond, _cond)

#endif /* _KERNEL_CONTAINER_SELFTEST_H */

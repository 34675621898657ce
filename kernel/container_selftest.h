/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KERNEL_CONTAINER_SELFTEST_H
#define _KERNEL_CONTAINER_SELFTEST_H
/*
 * CONFIG_CONTAINER_SELFTEST: what the subsystems made for it and the tests
 * that run inside the kernel share.
 */

#include "container_host.h"
#include "container_internal.h"	/* last, as <linux/container.h> asks for */

/* The callbacks of a subsystem: SELFTEST_create and so on, and their names. */
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
 * struct selftest_state - what each of the subsystems keeps for a container
 * @css: the core's part
 * @magic: tells a state that is there from one that has been destroyed (M)
 * @charged: tasks, and forks in progress; means nothing in a top container,
 *	where tasks were before they were counted (A)
 * @held: references taken by writing to selftest.hold (A)
 */
struct selftest_state {
	struct container_subsys_state css;
	unsigned int magic;
	atomic_t charged;
	atomic_t held;
};

/**
 * struct selftest - a test that is being run
 * @cont: the container in whose directory it was asked for
 * @failed: a check of the current case did not hold
 * @seen: cases reported
 */
struct selftest {
	struct container *cont;
	bool failed;
	int seen;
};

/**
 * struct selftest_entry - a test
 * @name: its name, NULL at the end of the table
 * @planned: how many results it reports
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

/* A check of a test: what does not hold fails the current case. */
#define SELFTEST_EXPECT(_st, _cond) \
	selftest_true(_st, __func__, __LINE__, #_cond, _cond)

#endif /* _KERNEL_CONTAINER_SELFTEST_H */

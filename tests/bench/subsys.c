// SPDX-License-Identifier: GPL-2.0
/*
 * Subsystems that do nothing, bench7 to bench32, to see what their number
 * costs.  scripts/bench adds this file to a tree of its own.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/container.h>

static int bench_create(struct container_subsys *ss, struct container *cont)
{
	struct container_subsys_state *css;

	css = kzalloc(sizeof(*css), GFP_KERNEL);
	if (!css)
		return -ENOMEM;
	cont->subsys[ss->subsys_id] = css;
	return 0;
}

static void bench_destroy(struct container_subsys *ss, struct container *cont)
{
	kfree(cont->subsys[ss->subsys_id]);
}

#define BENCH(n) \
struct container_subsys bench ## n ## _subsys = { \
	.name		= "bench" #n, \
	.subsys_id	= bench ## n ## _subsys_id, \
	.create		= bench_create, \
	.destroy	= bench_destroy, \
}

BENCH(6);
BENCH(7);
BENCH(8);
BENCH(9);
BENCH(10);
BENCH(11);
BENCH(12);
BENCH(13);
BENCH(14);
BENCH(15);
BENCH(16);
BENCH(17);
BENCH(18);
BENCH(19);
BENCH(20);
BENCH(21);
BENCH(22);
BENCH(23);
BENCH(24);
BENCH(25);
BENCH(26);
BENCH(27);
BENCH(28);
BENCH(29);
BENCH(30);
BENCH(31);
BENCH(32);

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FUZZ_H
#define _FUZZ_H
/*
 * What the two modes of the fuzzer share: operations as numbers, so that a
 * sequence can be printed, replayed and shortened; the texts, names and options
 * that they choose from; and what to do after an error.
 *
 * A sequence is a file of lines:
 *
 *	# a comment
 *	mode model		or: mode chaos WORKERS
 *	NAME A B C D		an operation; missing numbers are 0
 *
 * The meaning of the numbers is described at each operation.  Each number is
 * taken modulo the length of the table that it selects from, so every sequence
 * is valid.  In mode chaos, operation number i belongs to worker i modulo
 * WORKERS.
 */
#include "ct.h"

#define NR_MP 3			/* mount points */
#define MAX_OPS 1024

struct op {
	unsigned char kind;
	unsigned short a, b, c, d;
};

struct op_desc {
	const char *name;
	int weight;
	void (*run)(const struct op *op);
};

struct seq {
	bool chaos;
	int workers;
	int nr;
	struct op ops[MAX_OPS];
};

/* The state of the running sequence, which other processes can see. */
struct fuzz_shared {
	long executions, sequences;
	long calls[64], good[64];	/* by kind of operation: all calls, successful calls */
	int at;				/* operation number, in mode model */
	int stop;
	char bad[1000];			/* what is wrong, or empty */
};

static struct fuzz_shared *fz;

/* Ends the sequence: the kernel did not do what it should. */
#define BAD(...) do {							\
	snprintf(fz->bad, sizeof(fz->bad), __VA_ARGS__);		\
	_exit(3);							\
} while (0)

static const char *const mps[NR_MP] = { M1, M2, M3 };

/* --- names ---------------------------------------------------------------- */

#define NR_NAMES 32
#define LONG_NAME 28

static const char *const name_table[NR_NAMES] = {
	"a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b", "a", "b",
	"a", "b", "a", "b", "a", "b", "c d", "a", "b", "x\\y", "\303\274",
	"n\nl", "a:b,c", "tasks", NULL /* 255 */, NULL /* 256 */, "debug.task_count",
	".",
};

static const char *name_of(unsigned int nr)
{
	static char *longs[2];
	int i = nr % NR_NAMES;

	if (name_table[i])
		return name_table[i];
	i -= LONG_NAME;
	if (!longs[i])
		longs[i] = ct_fill('l', 255 + i);
	return longs[i];
}

/* A path has up to three names: 3 bits for the depth, 4, 4 and 5 for names. */
static int path_depth(unsigned int nr)
{
	static const int depth[8] = { 0, 1, 1, 1, 1, 2, 2, 3 };

	return depth[nr % 8];
}

static const char *path_name(unsigned int nr, int level)
{
	int depth = path_depth(nr);

	/* only the last name may be an odd one */
	return name_of(level == depth - 1 ? nr >> 11 : nr >> (3 + 4 * level) &
		       15);
}

static const char *path_of(unsigned int mp, unsigned int nr)
{
	static char buf[2048];
	int len = sprintf(buf, "%s", mps[mp % NR_MP]), i;

	for (i = 0; i < path_depth(nr); i++)
		len += sprintf(buf + len, "/%s", path_name(nr, i));
	return buf;
}

/* --- what is written ------------------------------------------------------- */

struct text {
	const char *s;
	size_t len;		/* 0: strlen(s); else filled with s[0] */
};

static const struct text texts[] = {
	{ "", 0 }, { "\n", 0 }, { "0", 0 }, { "1", 0 }, { "0\n", 0 },
	{ " 0", 0 }, { "0 ", 0 }, { "\t1\n\n", 0 }, { "-1", 0 }, { "+1", 0 },
	{ "2", 0 }, { "abc", 0 }, { "0x0", 0 }, { "010", 0 }, { "0a", 0 },
	{ "0 0", 0 }, { "0\n0\n", 0 }, { "max", 0 }, { " max\n", 0 },
	{ "7", 0 }, { "3", 0 }, { "2147483646", 0 }, { "2147483647", 0 },
	{ "2147483648", 0 }, { "4294967295", 0 }, { "4294967296", 0 },
	{ "18446744073709551615", 0 }, { "18446744073709551616", 0 },
	{ "99999999999999999999", 0 }, { "0 99999999", 0 }, { " ", 0 },
	{ "~", 0 }, { "/bin/true", 0 }, { " /bin/true\n", 0 }, { "bin", 0 },
	{ "/a\nb", 0 }, { "/", 4094 }, { "/", 4095 }, { "/", 4096 },
	{ "0", 63 }, { "0", 64 }, { "0", 127 }, { "0", 128 }, { "0", 129 },
	{ "0", 4095 }, { "0", 4096 }, { "0", 4097 }, { "0", 65535 },
	{ "0", 65536 }, { "0", 65537 }, { " ", 8192 }, { "9", 20 },
	{ "\0", 1 }, { "\0", 2 }, { "9", 65536 }, { "\n", 65536 },
};

/* Every second text is valid for some file: 0, 1, max, 3, /bin/true. */
static const char *text_of(unsigned int nr, size_t *len)
{
	static const unsigned char right[] = { 2, 3, 17, 20, 32 };
	const struct text *t = &texts[nr & 1 ? right[nr / 2 % sizeof(right)] :
					       nr / 2 % ARRAY_SIZE(texts)];
	static char buf[65537 + 1];

	*len = t->len ? t->len : strlen(t->s);
	if (!t->len)
		return t->s;
	memset(buf, t->s[0], t->len);
	return buf;
}

/* --- mount options ----------------------------------------------------------- */

static const char *const opt_table[] = {
	"debug", "numtasks", "owner", "debug,numtasks", "none,name=x", "",
	"all", "owner,debug,owner", "cpuacct,forks", "name=x", "name=y",
	"none,name=y", "debug,name=x", "ns", "numtasks,owner,cpuacct",
	"debug,release_agent=/bin/true", "none", "nosuch", "debug,nosuch", ",",
	"debug,", ",debug", "debug,,numtasks", "all,debug", "none,debug,name=z",
	"noprefix", "debug,noprefix", "release_agent=/bin/true",
	"debug,release_agent=/a,release_agent=/b", "release_agent=x", "name=",
	"name=x,name=x", "name=a/b", "all,all", "none,none,name=z", "Debug",
	"debug ", "name=x,debug", "release_agent=", "name=\303\274", NULL,
	NULL, NULL, NULL, NULL,
};

/* The long ones: a name of 63 and of 64, a word, an agent, the whole page. */
static const char *long_opt(int nr)
{
	static char buf[4100];
	static const struct { const char *start; int c, len; } t[] = {
		{ "name=", 'n', 68 }, { "name=", 'n', 69 }, { "", 'a', 4090 },
		{ "release_agent=/", 'r', 4094 }, { "", ',', 4095 },
	};

	strcpy(buf, t[nr].start);
	memset(buf + strlen(buf), t[nr].c, t[nr].len - strlen(t[nr].start));
	buf[t[nr].len] = 0;
	return buf;
}

static const char *opt_of(unsigned int nr)
{
	/* the first entries are those that often work */
	int i = nr % 4 ? nr / 4 % 16 : nr / 4 % ARRAY_SIZE(opt_table);

	return opt_table[i] ? opt_table[i] :
	       long_opt(i - (ARRAY_SIZE(opt_table) - 5));
}

/* --- sequences as text --------------------------------------------------------- */

static int op_kind(const struct op_desc *table, int nr, const char *name)
{
	while (nr--)
		if (!strcmp(table[nr].name, name))
			return nr;
	return -1;
}

static void op_text(const struct op_desc *d, const struct op *op, char *buf)
{
	sprintf(buf, "%s %u %u %u %u", d->name, op->a, op->b, op->c, op->d);
}

static void op_random(const struct op_desc *table, int nr, struct op *op,
		      unsigned long *rnd)
{
	int total = 0, i, w;

	for (i = 0; i < nr; i++)
		total += table[i].weight;
	w = ktap_rand(rnd) % total;
	for (i = 0; w >= table[i].weight; i++)
		w -= table[i].weight;
	op->kind = i;
	op->a = ktap_rand(rnd);
	op->b = ktap_rand(rnd);
	op->c = ktap_rand(rnd);
	op->d = ktap_rand(rnd);
}

/* Counts a call, and by ret whether it was successful. */
static long counted(const struct op *op, long ret)
{
	INC(fz->calls[op->kind]);
	if (ret >= 0)
		INC(fz->good[op->kind]);
	return ret;
}

#endif /* _FUZZ_H */

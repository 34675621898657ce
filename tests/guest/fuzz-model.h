/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FUZZ_MODEL_H
#define _FUZZ_MODEL_H
/*
 * The fuzzer's mode "model": one process, and a model in its memory that
 * follows Documentation/containers.txt.  The model predicts the result of each
 * operation.  After each operation the kernel's state is compared with the
 * model: where the tasks are, seen from the tasks and from the containers;
 * which containers exist; and what their files show.
 */
#include "fuzz.h"

#define MAX_CONTS 512
#define MAX_ROOTS 128
#define NR_TASKS 5		/* number 0 is this process */
#define NR_FDS 6
#define NO_LIMIT INT_MAX

enum { FILE_TASKS, FILE_NOTIFY, FILE_AGENT, FILE_LIMIT, FILE_COUNT, FILE_DIR, NR_FILE_KINDS };

static const char *const file_names[NR_FILE_KINDS] = {
	"tasks", "notify_on_release", "release_agent", "numtasks.limit",
	"debug.task_count", ".",
};

struct m_cont {
	int root, parent;	/* parent -1: a top container */
	char name[NAME_MAX + 1];
	bool removed;
	int notify, limit;
};

struct m_root {
	bool live;
	unsigned int bits;
	char name[64];
	char agent[PATH_MAX];
	int top;
};

enum { T_NONE, T_LIVE, T_ZOMBIE };

struct m_task {
	int pid, state;
	int cont[MAX_ROOTS];
};

struct m_fd {
	int fd;			/* -1: not open */
	int cont, file, mp, flags;
	bool gone;		/* its subsystem has left the hierarchy */
};

static struct m_cont conts[MAX_CONTS];
static struct m_root mroots[MAX_ROOTS];
static struct m_task mtasks[NR_TASKS];
static struct m_fd fds[NR_FDS];
static int nr_conts, nr_roots, failed_before;
static int mounted[NR_MP];	/* the root, or -1 */
static char *subsys[16];
static int nr_subsys;

/* --- the model ---------------------------------------------------------------- */

static int subsys_nr(const char *name)
{
	int i;

	for (i = 0; i < nr_subsys; i++)
		if (!strcmp(subsys[i], name))
			return i;
	return -1;
}

static bool has_subsys(int root, const char *name)
{
	int nr = subsys_nr(name);

	return nr >= 0 && (mroots[root].bits & (1U << nr));
}

static bool is_top(int c)
{
	return conts[c].parent < 0;
}

static int new_cont(int root, int parent, const char *name)
{
	struct m_cont *c = &conts[nr_conts];

	if (nr_conts == MAX_CONTS)
		_exit(0);	/* enough for a sequence */
	memset(c, 0, sizeof(*c));
	c->root = root;
	c->parent = parent;
	c->limit = NO_LIMIT;
	c->notify = parent < 0 ? 0 : conts[parent].notify;
	strcpy(c->name, name);
	return nr_conts++;
}

static int new_root(unsigned int bits, const char *name, const char *agent)
{
	struct m_root *r = &mroots[nr_roots];
	int i;

	if (nr_roots == MAX_ROOTS)
		_exit(0);
	r->live = true;
	r->bits = bits;
	strcpy(r->name, name);
	strcpy(r->agent, agent ? agent : "");
	r->top = new_cont(nr_roots, -1, "");
	for (i = 0; i < NR_TASKS; i++)
		mtasks[i].cont[nr_roots] = r->top;
	return nr_roots++;
}

/* The container with this name in another, or -1. */
static int child_of(int parent, const char *name)
{
	int i;

	for (i = 0; i < nr_conts; i++)
		if (conts[i].parent == parent && !conts[i].removed &&
		    !strcmp(conts[i].name, name))
			return i;
	return -1;
}

static int nr_children(int parent)
{
	int i, n = 0;

	for (i = 0; i < nr_conts; i++)
		n += conts[i].parent == parent && !conts[i].removed;
	return n;
}

static int nr_in_root(int root)
{
	int i, n = 0;

	for (i = 0; i < nr_conts; i++)
		n += conts[i].root == root && !conts[i].removed;
	return n;
}

static bool is_below(int c, int above)
{
	for (; c >= 0; c = conts[c].parent)
		if (c == above)
			return true;
	return false;
}

/* Counts the tasks in a container, or in all below it as well. */
static int count_tasks(int c, bool below)
{
	int i, n = 0, at;

	for (i = 0; i < NR_TASKS; i++) {
		at = mtasks[i].cont[conts[c].root];
		n += mtasks[i].state == T_LIVE &&
		     (below ? is_below(at, c) : at == c);
	}
	return n;
}

static bool file_is_in(int c, int file)
{
	switch (file) {
	case FILE_AGENT:
		return is_top(c);
	case FILE_LIMIT:
		return !is_top(c) && has_subsys(conts[c].root, "numtasks");
	case FILE_COUNT:
		return has_subsys(conts[c].root, "debug");
	}
	return true;
}

static bool name_is_file(int c, const char *name)
{
	int i;

	for (i = 0; i < FILE_DIR; i++)
		if (!strcmp(name, file_names[i]) && file_is_in(c, i))
			return true;
	return false;
}

static bool cont_is_mounted(int root)
{
	int i;

	for (i = 0; i < NR_MP; i++)
		if (mounted[i] == root)
			return true;
	return false;
}

static void dissolve_unused(int root)
{
	if (!cont_is_mounted(root) && nr_in_root(root) == 1)
		mroots[root].live = false;
}

/* --- paths ----------------------------------------------------------------------- */

/* Where a path leads. */
struct where {
	int err;		/* the way there is blocked: errno */
	int parent;		/* the container that has the last name */
	const char *name;	/* the last name; "" for the mount point */
	int cont;		/* the container, or -1 */
	bool file;		/* it is a control file */
};

static struct where resolve(int mp, unsigned int path)
{
	struct where w = { 0, -1, "", mroots[mounted[mp]].top, false };
	int i;

	for (i = 0; i < path_depth(path); i++) {
		const char *name = path_name(path, i);

		if (w.err)
			return w;
		if (w.file || w.cont < 0) {
			w.err = w.file ? ENOTDIR : ENOENT;
			return w;
		}
		if (!strcmp(name, "."))
			continue;
		if (strlen(name) > NAME_MAX) {
			w.err = ENAMETOOLONG;
			return w;
		}
		w.parent = w.cont;
		w.name = name;
		w.file = name_is_file(w.cont, name);
		w.cont = child_of(w.cont, name);
	}
	return w;
}

static bool ends_with_dot(unsigned int path)
{
	int depth = path_depth(path);

	return depth && !strcmp(path_name(path, depth - 1), ".");
}

/* Returns the errno of a path that is blocked, missing, or a file; 0: go on. */
static int blocked(const struct where *w, int of_file)
{
	if (w->err)
		return w->err;
	if (w->file)
		return of_file;
	return w->cont < 0 ? ENOENT : 0;
}

/* Is there a container with the name of a file? */
static bool name_is_taken(const struct where *w, int file)
{
	return w->cont >= 0 && child_of(w->cont, file_names[file]) >= 0;
}

/* --- comparing ------------------------------------------------------------------- */

/* Compares the result of a call with the predicted errno; 0: no error. */
static bool answer(const struct op *op, const char *what, long ret, int want)
{
	int err = errno;

	counted(op, ret);
	if (ret < 0 ? err != want : want)
		BAD("%s: %s, expected %s", what,
		    ret < 0 ? ktap_errno(err) : "success", ktap_errno(want));
	return ret >= 0;
}

static int cont_path(int c, char *buf)
{
	int len;

	if (is_top(c))
		return sprintf(buf, "/");
	len = is_top(conts[c].parent) ? 0 : cont_path(conts[c].parent, buf);
	return len + sprintf(buf + len, "/%s", conts[c].name);
}

static void expect_text(const char *file, const char *want)
{
	char *got = ct_slurp(file);

	if (!got)
		BAD("%s: %s, expected %s", file, ktap_errno(errno),
		    ktap_quote(want));
	if (strcmp(got, want))
		BAD("%s: %s, expected %s", file, ktap_quote(got),
		    ktap_quote(want));
	free(got);
}

/* The line of /proc/<pid>/container for a root, up to the colon. */
static int root_words(int root, char *buf)
{
	int i, len = 0;

	for (i = 0; i < nr_subsys; i++)
		if (mroots[root].bits & (1U << i))
			len += sprintf(buf + len, "%s%s", len ? "," : "",
				       subsys[i]);
	if (mroots[root].name[0])
		len += sprintf(buf + len, "%sname=%s", len ? "," : "",
			       mroots[root].name);
	return len + sprintf(buf + len, ":");
}

static void compare_task(const struct m_task *t)
{
	static char want[MAX_ROOTS * 512];
	int i, len = 0;

	for (i = 0; i < nr_roots; i++) {
		if (!mroots[i].live)
			continue;
		len += root_words(i, want + len);
		len += t->state == T_LIVE ? cont_path(t->cont[i], want + len) :
					    sprintf(want + len, "/");
		len += sprintf(want + len, "\n");
	}
	want[len] = 0;
	expect_text(P("/proc/%d/container", t->pid), want);
}

static void compare_tasks_file(int c, const char *dir)
{
	int n, i, *ids = ct_tasks(dir, &n), want = 0, seen = 0, k;

	if (!ids)
		BAD("%s/tasks: %s", dir, ktap_errno(errno));
	if (ktap_sh->failed != failed_before)
		BAD("%s/tasks is not well formed", dir);
	for (i = 0; i < NR_TASKS; i++) {
		bool in = mtasks[i].state == T_LIVE &&
			  mtasks[i].cont[conts[c].root] == c;
		bool is = false;

		for (k = 0; k < n; k++)
			is |= mtasks[i].state != T_NONE &&
			      ids[k] == mtasks[i].pid;
		if (in != is)
			BAD("%s/tasks: task %d, %d, is %slisted", dir, i,
			    mtasks[i].pid, is ? "" : "not ");
		want += in;
		seen += is;
	}
	if (!is_top(c) && n != want)
		BAD("%s/tasks has %d tasks, expected %d", dir, n, want);
	free(ids);
}

static void compare_cont(int c, const char *dir)
{
	int links = 2 + nr_children(c);

	if (ct_nlink(dir) != links)
		BAD("%s has %d links, expected %d", dir, ct_nlink(dir), links);
	compare_tasks_file(c, dir);
	expect_text(P("%s/notify_on_release", dir),
		    conts[c].notify ? "1\n" : "0\n");
	if (is_top(c))
		expect_text(P("%s/release_agent", dir),
			    P("%s\n", mroots[conts[c].root].agent));
	if (!file_is_in(c, FILE_LIMIT))
		return;
	expect_text(P("%s/numtasks.limit", dir), conts[c].limit == NO_LIMIT ?
		    "max\n" : P("%d\n", conts[c].limit));
	expect_text(P("%s/numtasks.count", dir),
		    P("%d\n", count_tasks(c, true)));
}

static void compare_tree(int c, const char *dir)
{
	char *path = strdup(dir);
	int i;

	compare_cont(c, path);
	for (i = 0; i < nr_conts; i++)
		if (conts[i].parent == c && !conts[i].removed)
			compare_tree(i, P("%s/%s", path, conts[i].name));
	free(path);
}

static void compare_subsystems(void)
{
	int i, r;
	bool bound;

	for (i = 0; i < nr_subsys; i++) {
		for (r = 0; r < nr_roots; r++)
			if (mroots[r].live && (mroots[r].bits & (1U << i)))
				break;
		bound = r < nr_roots;
		if (!!ct_subsys_field(subsys[i], 0) != bound)
			BAD("/proc/containers: %s belongs to hierarchy %d",
			    subsys[i], ct_subsys_field(subsys[i], 0));
		if (r < nr_roots && ct_subsys_field(subsys[i], 1) !=
				    nr_in_root(r))
			BAD("/proc/containers: %d containers of %s, expected %d",
			    ct_subsys_field(subsys[i], 1), subsys[i],
			    nr_in_root(r));
	}
}

static void compare(void)
{
	bool seen[MAX_ROOTS] = { false };
	int i;

	for (i = 0; i < NR_TASKS; i++)
		if (mtasks[i].state != T_NONE)
			compare_task(&mtasks[i]);
	compare_subsystems();
	for (i = 0; i < NR_MP; i++) {
		if (mounted[i] < 0 || seen[mounted[i]])
			continue;
		seen[mounted[i]] = true;
		compare_tree(mroots[mounted[i]].top, mps[i]);
	}
}

/* --- what is parsed ---------------------------------------------------------------- */

static bool m_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Returns the number, up to max, that the whole text consists of; or -1. */
static long parse_number(const char *s, size_t len, unsigned long max)
{
	unsigned long val = 0;

	if (!len)
		return -1;
	for (; len; s++, len--) {
		if (*s < '0' || *s > '9')
			return -1;
		val = val * 10 + (*s - '0');
		if (val > max)
			return -1;
	}
	return val;
}

static void strip(const char **s, size_t *len)
{
	while (*len && m_space((*s)[*len - 1]))
		--*len;
	while (*len && m_space(**s)) {
		++*s;
		--*len;
	}
}

/* Predicts the errno that the core returns before a handler is called. */
static int text_error(const char *s, size_t len)
{
	return memchr(s, 0, len) ? EINVAL : 0;
}

static int write_number(int c, int file, const char *s, size_t len)
{
	long val;

	if (file == FILE_LIMIT && len == 3 && !memcmp(s, "max", 3)) {
		conts[c].limit = NO_LIMIT;
		return 0;
	}
	val = parse_number(s, len, file == FILE_LIMIT ? NO_LIMIT - 1 : 1);
	if (val < 0)
		return EINVAL;
	if (file == FILE_LIMIT)
		conts[c].limit = val;
	else
		conts[c].notify = val;
	return 0;
}

static int write_agent(int c, const char *s, size_t len)
{
	char *agent = mroots[conts[c].root].agent;

	if (len >= PATH_MAX)
		return E2BIG;
	if (len && (*s != '/' || memchr(s, '\n', len)))
		return EINVAL;
	memcpy(agent, s, len);
	agent[len] = 0;
	return 0;
}

/* In the texts only 0 stands for a task that exists. */
static int write_tasks(int c, const char *s, size_t len)
{
	const char *end = s + len, *word;
	int err = 0, words = 0;
	long val;

	for (; s < end; words++) {
		while (s < end && m_space(*s))
			s++;
		if (s == end)
			break;
		for (word = s; s < end && !m_space(*s); s++)
			;
		val = parse_number(word, s - word, INT_MAX);
		if (val < 0)
			return EINVAL;
		if (val == 2 && !err)
			err = EINVAL;	/* kthreadd */
		else if (val > 100 && !err)
			err = ESRCH;
	}
	if (!words)
		return EINVAL;
	if (!err)
		mtasks[0].cont[conts[c].root] = c;
	return err;
}

/*
 * Predicts the result of one write() to a file, 0 or errno; changes the model.
 */
static int write_predicted(int c, int file, const char *s, size_t len)
{
	int err;

	if (file == FILE_COUNT)
		return EINVAL;
	if (!len)
		return 0;
	if (len > 65536)
		return E2BIG;
	if (file == FILE_TASKS)
		return write_tasks(c, s, len);
	strip(&s, &len);
	err = text_error(s, len);
	if (err)
		return err;
	return file == FILE_AGENT ? write_agent(c, s, len) :
				 write_number(c, file, s, len);
}

/* Would the text move tasks that the model does not know? */
static bool unfit(int file, const char *s, size_t len)
{
	return file == FILE_TASKS && len < 8 && (memchr(s, '1', len) ||
					      memchr(s, '3', len) ||
					      memchr(s, '7', len));
}

struct m_opts {
	unsigned int bits;
	char name[64], agent[PATH_MAX];
	bool has_set, all, none, noprefix, has_agent;
};

static int parse_name(struct m_opts *o, const char *s)
{
	const char *p;

	if (o->name[0] || !*s || strlen(s) > 63)
		return EINVAL;
	for (p = s; *p; p++)
		if (!isascii(*p) || (!isalnum(*p) && !strchr("_.-", *p)))
			return EINVAL;
	strcpy(o->name, s);
	return 0;
}

static int parse_word(struct m_opts *o, const char *s)
{
	int nr = subsys_nr(s);

	if (!*s)
		return EINVAL;
	if (!strncmp(s, "name=", 5))
		return parse_name(o, s + 5);
	if (!strncmp(s, "release_agent=", 14)) {
		if (o->has_agent || (s[14] && s[14] != '/'))
			return EINVAL;
		o->has_agent = true;
		strcpy(o->agent, s + 14);
	} else if (!strcmp(s, "all")) {
		o->all = true;
	} else if (!strcmp(s, "none")) {
		o->none = true;
	} else if (!strcmp(s, "noprefix")) {
		o->noprefix = true;
	} else if (nr >= 0) {
		o->bits |= 1U << nr;
	} else {
		return ENOENT;
	}
	return 0;
}

static int parse_opts(struct m_opts *o, const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;
	int err = 0;

	memset(o, 0, sizeof(*o));
	while (!err && *text && (word = strsep(&rest, ",")))
		err = parse_word(o, word);
	free(copy);
	if (err)
		return err;
	if (!!o->bits + o->all + o->none > 1 || (o->none && !o->name[0]) ||
	    o->noprefix)	/* there is no cpuset here */
		return EINVAL;
	o->has_set = o->bits || o->all || o->none;
	if (o->all)
		o->bits = (1U << nr_subsys) - 1;
	return 0;
}

static int find_root(const struct m_opts *o)
{
	int i;

	for (i = 0; i < nr_roots; i++) {
		bool same = !strcmp(mroots[i].name, o->name);

		if (!mroots[i].live)
			continue;
		if (o->has_set && mroots[i].bits != o->bits)
			continue;
		if (same || (o->has_set && !o->name[0] && o->bits))
			return i;
	}
	return -1;
}

static bool conflicts(unsigned int bits, const char *name, int but)
{
	int i;

	for (i = 0; i < nr_roots; i++)
		if (i != but && mroots[i].live &&
		    ((mroots[i].bits & bits) ||
		     (*name && !strcmp(mroots[i].name, name))))
			return true;
	return false;
}

/* --- operations: mounting ------------------------------------------------------------ */

/* mount MP OPTIONS */
static void m_mount(const struct op *op)
{
	int mp = op->a % NR_MP, root = -1, err;
	const char *text = opt_of(op->b);
	struct m_opts o;

	err = parse_opts(&o, text);
	if (!err && !o.has_set && !o.name[0]) {
		o.has_set = true;
		o.bits = (1U << nr_subsys) - 1;
	}
	if (!err) {
		root = find_root(&o);
		if (root < 0 && conflicts(o.bits, o.name, -1))
			err = EBUSY;
		else if (mounted[mp] >= 0 && mounted[mp] == root)
			err = EBUSY;
		else if (mounted[mp] >= 0)
			return;		/* one on top of the other */
	}
	if (answer(op, P("mount %s on %s", ktap_quote(text), mps[mp]),
		   ct_mount(mps[mp], text), err))
		mounted[mp] = root >= 0 ? root :
			      new_root(o.bits, o.name, o.agent);
}

/* umount MP */
static void m_umount(const struct op *op)
{
	int mp = op->a % NR_MP, root = mounted[mp], err = 0, i;

	if (root < 0)
		err = EINVAL;
	for (i = 0; i < NR_FDS; i++)
		if (fds[i].fd >= 0 && fds[i].mp == mp)
			err = EBUSY;
	if (!answer(op, P("umount %s", mps[mp]), umount2(mps[mp], 0), err))
		return;
	mounted[mp] = -1;
	dissolve_unused(root);
}

static int remount_error(const struct m_root *r, const struct m_opts *o,
			 int root)
{
	if (o->has_set && !o->bits && !r->name[0])
		return EINVAL;
	if (o->name[0] && strcmp(o->name, r->name))
		return EBUSY;
	if (!o->has_set || o->bits == r->bits)
		return 0;
	if (nr_in_root(root) > 1 || conflicts(o->bits & ~r->bits, "", root))
		return EBUSY;
	return 0;
}

/* Marks open files of subsystems that have left the hierarchy. */
static void lose_files(int root, unsigned int bits)
{
	int i, nr = subsys_nr("debug");

	for (i = 0; i < NR_FDS; i++)
		if (fds[i].fd >= 0 && conts[fds[i].cont].root == root &&
		    fds[i].file == FILE_COUNT && !(bits & (1U << nr)))
			fds[i].gone = true;
}

/* remount MP OPTIONS */
static void m_remount(const struct op *op)
{
	int mp = op->a % NR_MP, root = mounted[mp], err;
	const char *text = opt_of(op->b);
	struct m_opts o;

	if (root < 0)
		return;
	err = parse_opts(&o, text);
	if (!err)
		err = remount_error(&mroots[root], &o, root);
	if (!answer(op, P("remount %s with %s", mps[mp], ktap_quote(text)),
		    mount(NULL, mps[mp], NULL, MS_REMOUNT, text), err))
		return;
	if (o.has_set) {
		lose_files(root, o.bits);
		mroots[root].bits = o.bits;
	}
	if (o.has_agent)
		strcpy(mroots[root].agent, o.agent);
}

/* --- operations: directories ----------------------------------------------------------- */

/* mkdir MP PATH MODE */
static void m_mkdir(const struct op *op)
{
	int mp = op->a % NR_MP, err;
	const char *path = path_of(mp, op->b);
	struct where w;

	if (mounted[mp] < 0)
		return;
	w = resolve(mp, op->b);
	err = w.err;
	if (!err && (w.cont >= 0 || w.file))
		err = EEXIST;
	if (!err && strchr(w.name, '\n'))
		err = EINVAL;
	if (answer(op, P("mkdir %s", ktap_quote(path)),
		   mkdir(path, op->c & 0777), err))
		new_cont(conts[w.parent].root, w.parent, w.name);
}

/* rmdir MP PATH */
static void m_rmdir(const struct op *op)
{
	int mp = op->a % NR_MP, err;
	const char *path = path_of(mp, op->b);
	struct where w;

	if (mounted[mp] < 0 || ends_with_dot(op->b))
		return;
	w = resolve(mp, op->b);
	err = blocked(&w, ENOTDIR);
	if (!err && (is_top(w.cont) || nr_children(w.cont) ||
		     count_tasks(w.cont, false)))
		err = EBUSY;
	if (answer(op, P("rmdir %s", ktap_quote(path)), rmdir(path), err))
		conts[w.cont].removed = true;
}

/* rename MP PATH NAME */
static void m_rename(const struct op *op)
{
	int mp = op->a % NR_MP, err;
	const char *path = path_of(mp, op->b), *name = name_of(op->c);
	struct where w;
	char *to;

	if (mounted[mp] < 0 || ends_with_dot(op->b) || !strcmp(name, "."))
		return;
	w = resolve(mp, op->b);
	if (w.err || w.file || w.cont < 0 || is_top(w.cont))
		return;
	to = P("%.*s/%s", (int)(strrchr(path, '/') - path), path, name);
	err = 0;
	if (strlen(name) > NAME_MAX)
		err = ENAMETOOLONG;
	else if (child_of(w.parent, name) == w.cont)
		err = 0;		/* the VFS does nothing */
	else if (name_is_file(w.parent, name))
		err = ENOTDIR;
	else if (child_of(w.parent, name) >= 0)
		err = EEXIST;
	else if (strchr(name, '\n'))
		err = EINVAL;
	if (answer(op, P("rename %s to %s", ktap_quote(path),
			 ktap_quote(name)), rename(path, to), err))
		strcpy(conts[w.cont].name, name);
}

/* Operations that are never allowed: odd MP PATH WHICH */
static void m_odd(const struct op *op)
{
	int mp = op->a % NR_MP, which = op->c % 5;
	static const char *const what[] = {
		"mknod", "symlink", "link", "creat", "unlink",
	};
	const char *path = path_of(mp, op->b);
	struct where w;
	long ret = -1;

	if (mounted[mp] < 0 || ends_with_dot(op->b))
		return;
	w = resolve(mp, op->b);
	if (w.err || (w.file || w.cont >= 0 ? which != 4 : which == 4))
		return;
	if (which == 4 && !w.file)
		return;
	switch (which) {
	case 0:
		ret = mknod(path, S_IFIFO | 0600, 0);
		break;
	case 1:
		ret = symlink("x", path);
		break;
	case 2:
		ret = link(P("%s/tasks", mps[mp]), path);
		break;
	case 3:
		ret = open(path, O_CREAT | O_WRONLY, 0600);
		break;
	case 4:
		ret = unlink(path);
		break;
	}
	answer(op, P("%s %s", what[which], ktap_quote(path)), ret,
	       which == 3 ? EACCES : EPERM);
}

/* chmod MP PATH FILE MODE: stays in effect */
static void m_chmod(const struct op *op)
{
	int mp = op->a % NR_MP, file = op->c % NR_FILE_KINDS;
	struct where w;
	char *path;

	if (mounted[mp] < 0 || ends_with_dot(op->b))
		return;
	w = resolve(mp, op->b);
	if (name_is_taken(&w, file))
		return;
	path = P("%s/%s", path_of(mp, op->b), file_names[file]);
	answer(op, P("chmod %s", ktap_quote(path)), chmod(path, op->d & 07777),
	       blocked(&w, ENOTDIR) ? blocked(&w, ENOTDIR) :
	       file_is_in(w.cont, file) ? 0 : ENOENT);
	if (!blocked(&w, ENOTDIR) && file_is_in(w.cont, file) &&
	    (ct_mode(path) & 07777) != (op->d & 07777))
		BAD("%s has mode %o", ktap_quote(path), ct_mode(path));
}

/* --- operations: tasks ----------------------------------------------------------------- */

static bool fork_is_refused(void)
{
	int r, c;

	for (r = 0; r < nr_roots; r++) {
		if (!mroots[r].live || !has_subsys(r, "numtasks"))
			continue;
		for (c = mtasks[0].cont[r]; c >= 0 && !is_top(c);
		     c = conts[c].parent)
			if (count_tasks(c, true) >= conts[c].limit)
				return true;
	}
	return false;
}

static int *ready;		/* shared: the child has closed all */

static void child_main(void)
{
	int fd;

	for (fd = 3; fd < 64; fd++)
		close(fd);
	SET(*ready, 1);
	for (;;)
		pause();
}

/* fork TASK */
static void m_fork(const struct op *op)
{
	struct m_task *t = &mtasks[1 + op->a % (NR_TASKS - 1)];
	bool refused = fork_is_refused();
	int pid;

	if (t->state != T_NONE)
		return;
	SET(*ready, 0);
	pid = fork();
	if (!pid)
		child_main();
	if (!answer(op, "fork", pid, refused ? EAGAIN : 0))
		return;
	while (!GET(*ready))
		usleep(100);
	t->pid = pid;
	t->state = T_LIVE;
	memcpy(t->cont, mtasks[0].cont, sizeof(t->cont));
}

/* kill TASK: makes it a zombie */
static void m_kill(const struct op *op)
{
	struct m_task *t = &mtasks[1 + op->a % (NR_TASKS - 1)];
	siginfo_t info;

	if (t->state != T_LIVE)
		return;
	kill(t->pid, SIGKILL);
	answer(op, "waitid", waitid(P_PID, t->pid, &info, WEXITED | WNOWAIT),
	       0);
	t->state = T_ZOMBIE;
}

/* reap TASK */
static void m_reap(const struct op *op)
{
	struct m_task *t = &mtasks[1 + op->a % (NR_TASKS - 1)];

	if (t->state != T_ZOMBIE)
		return;
	answer(op, "waitpid", waitpid(t->pid, NULL, 0), 0);
	t->state = T_NONE;
}

static int task_error(const struct m_task *t)
{
	return t->state == T_LIVE ? 0 : ESRCH;
}

/* move MP PATH TASK TASK: to that container; the same task twice is one task */
static void m_move(const struct op *op)
{
	struct m_task *t = &mtasks[op->c % NR_TASKS];
	struct m_task *u = &mtasks[op->d % NR_TASKS];
	int mp = op->a % NR_MP, err, root;
	const char *path = path_of(mp, op->b);
	struct where w;

	if (mounted[mp] < 0 || ends_with_dot(op->b) || !t->pid || !u->pid)
		return;
	root = mounted[mp];
	w = resolve(mp, op->b);
	err = blocked(&w, ENOTDIR);
	if (!err)
		err = task_error(t);
	if (!err)
		err = task_error(u);
	if (!answer(op, P("move %d and %d to %s", t->pid, u->pid,
			  ktap_quote(path)),
		    ct_write(P("%s/tasks", path),
			     t == u ? P("%d\n", t->pid) :
				      P("%d %d", t->pid, u->pid)), err))
		return;
	t->cont[root] = w.cont;
	u->cont[root] = w.cont;
}

/* --- operations: files ------------------------------------------------------------------ */

/* write MP PATH FILE TEXT */
static void m_write(const struct op *op)
{
	int mp = op->a % NR_MP, file = op->c % FILE_DIR, err;
	struct where w;
	const char *s, *path;
	size_t len;

	s = text_of(op->d, &len);
	if (mounted[mp] < 0 || ends_with_dot(op->b) || unfit(file, s, len))
		return;
	w = resolve(mp, op->b);
	if (name_is_taken(&w, file))
		return;
	err = blocked(&w, ENOTDIR);
	if (!err && !file_is_in(w.cont, file))
		err = ENOENT;
	if (!err)
		err = write_predicted(w.cont, file, s, len);
	path = P("%s/%s", path_of(mp, op->b), file_names[file]);
	answer(op, P("write %zu bytes %s to %s", len, len ? ktap_quote(s) : "",
		     ktap_quote(path)), ct_writen(path, s, len), err);
}

static const int open_flags[] = {
	O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_TRUNC, O_WRONLY | O_APPEND,
	O_RDWR | O_CREAT, O_RDONLY | O_NONBLOCK, O_RDWR,
};

/* open SLOT MP PATH FILE+FLAGS */
static void m_open(const struct op *op)
{
	struct m_fd *f = &fds[op->a % NR_FDS];
	int mp = op->b % NR_MP, file = op->d % NR_FILE_KINDS, err;
	int flags = open_flags[op->d / 8 % ARRAY_SIZE(open_flags)];
	struct where w;
	const char *path;

	if (f->fd >= 0 || mounted[mp] < 0 || ends_with_dot(op->c))
		return;
	if (file == FILE_DIR)
		flags = O_RDONLY;
	w = resolve(mp, op->c);
	if (name_is_taken(&w, file))
		return;
	err = blocked(&w, ENOTDIR);
	if (!err && !file_is_in(w.cont, file))
		err = flags & O_CREAT ? EACCES : ENOENT;
	path = P("%s/%s", path_of(mp, op->c), file_names[file]);
	f->fd = open(path, flags);
	if (answer(op, P("open %s", ktap_quote(path)), f->fd, err))
		*f = (struct m_fd){ f->fd, w.cont, file, mp, flags, false };
}

static bool fd_gone(const struct m_fd *f)
{
	return f->gone || conts[f->cont].removed;
}

static int fd_write_error(const struct m_fd *f, const char *s, size_t len)
{
	if ((f->flags & O_ACCMODE) == O_RDONLY)
		return EBADF;
	if (fd_gone(f))
		return ENODEV;
	return write_predicted(f->cont, f->file, s, len);
}

/* fdwrite SLOT TEXT */
static void m_fdwrite(const struct op *op)
{
	struct m_fd *f = &fds[op->a % NR_FDS];
	const char *s;
	size_t len;
	int err;

	s = text_of(op->b, &len);
	if (f->fd < 0 || f->file == FILE_COUNT || unfit(f->file, s, len))
		return;
	err = fd_write_error(f, s, len);
	answer(op, P("write %zu bytes to an open %s", len,
		     file_names[f->file]), ct_put(f->fd, s, len), err);
}

/* fdread SLOT SIZE */
static void m_fdread(const struct op *op)
{
	struct m_fd *f = &fds[op->a % NR_FDS];
	char buf[4200];
	int err = 0;

	if (f->fd < 0)
		return;
	if (f->file == FILE_DIR)
		err = EISDIR;
	else if ((f->flags & O_ACCMODE) == O_WRONLY)
		err = EBADF;
	else if (fd_gone(f))
		err = ENODEV;
	answer(op, P("read an open %s", file_names[f->file]),
	       read(f->fd, buf, op->b % sizeof(buf)), err);
}

/* fdmkdir SLOT NAME: mkdirat() */
static void m_fdmkdir(const struct op *op)
{
	struct m_fd *f = &fds[op->a % NR_FDS];
	const char *name = name_of(op->b);
	int err = 0;

	if (f->fd < 0 || !strcmp(name, "."))
		return;
	if (f->file != FILE_DIR)
		err = ENOTDIR;
	else if (strlen(name) > NAME_MAX && !fd_gone(f))
		err = ENAMETOOLONG;
	else if (strlen(name) > NAME_MAX)
		return;
	else if (fd_gone(f))
		err = ENOENT;
	else if (child_of(f->cont, name) >= 0 || name_is_file(f->cont, name))
		err = EEXIST;
	else if (strchr(name, '\n'))
		err = EINVAL;
	if (answer(op, P("mkdirat %s", ktap_quote(name)),
		   mkdirat(f->fd, name, 0755), err))
		new_cont(conts[f->cont].root, f->cont, name);
}

/* close SLOT */
static void m_close(const struct op *op)
{
	struct m_fd *f = &fds[op->a % NR_FDS];

	if (f->fd < 0)
		return;
	answer(op, "close", close(f->fd), 0);
	f->fd = -1;
}

static const struct op_desc model_ops[] = {
	{ "mount", 6, m_mount },
	{ "umount", 2, m_umount },
	{ "remount", 5, m_remount },
	{ "mkdir", 16, m_mkdir },
	{ "rmdir", 8, m_rmdir },
	{ "rename", 5, m_rename },
	{ "odd", 4, m_odd },
	{ "chmod", 2, m_chmod },
	{ "fork", 6, m_fork },
	{ "kill", 3, m_kill },
	{ "reap", 3, m_reap },
	{ "move", 16, m_move },
	{ "write", 14, m_write },
	{ "open", 8, m_open },
	{ "fdwrite", 8, m_fdwrite },
	{ "fdread", 5, m_fdread },
	{ "fdmkdir", 3, m_fdmkdir },
	{ "close", 4, m_close },
};

/* In a process of its own: runs the sequence and ends. */
static void model_run(const struct seq *q)
{
	char *all = ct_all_subsys(), *save, *word;
	int i;

	for (word = strtok_r(all, ",", &save); word;
	     word = strtok_r(NULL, ",", &save))
		subsys[nr_subsys++] = word;
	mkdir(CT_TMP, 0755);
	for (i = 0; i < NR_MP; i++) {
		mkdir(mps[i], 0755);
		mounted[i] = -1;
	}
	for (i = 0; i < NR_FDS; i++)
		fds[i].fd = -1;
	failed_before = ktap_sh->failed;
	mtasks[0].pid = getpid();
	mtasks[0].state = T_LIVE;
	ready = ct_shared(sizeof(*ready));
	for (i = 0; i < q->nr; i++) {
		SET(fz->at, i);
		errno = 0;
		model_ops[q->ops[i].kind].run(&q->ops[i]);
		compare();
		INC(fz->executions);
	}
	_exit(0);
}

#endif /* _FUZZ_MODEL_H */

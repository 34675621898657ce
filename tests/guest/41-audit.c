// SPDX-License-Identifier: GPL-2.0
/*
 * The audit log of operations on containers: rules about system calls, about a
 * control file by its name, and about a directory that is removed while a rule
 * watches it.
 *
 * harness: configs=full timeout=90 append="audit=1"
 */
#include <stddef.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/audit.h>

#include "ct.h"

#define ALL "debug,numtasks"

/* --- how to talk to it -------------------------------------------------------- */

static int audit;		/* the socket; all records are sent to it */
static char records[65536];	/* what has come since it was emptied */

/* One message, without waiting: its type and its text behind @prefix; 0: none. */
static int receive(int flags, int *err)
{
	static long space[1200];
	struct nlmsghdr *h = (void *)space;
	ssize_t n = recv(audit, space, sizeof(space) - 1, flags);

	if (n < (ssize_t)sizeof(*h))
		return 0;
	((char *)space)[n] = 0;
	if (h->nlmsg_type == NLMSG_ERROR) {
		*err = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
		return NLMSG_ERROR;
	}
	if (h->nlmsg_type >= AUDIT_FIRST_USER_MSG &&
	    strlen(records) + strlen(NLMSG_DATA(h)) + 32 < sizeof(records))
		sprintf(records + strlen(records), "%d %s\n", h->nlmsg_type,
			(char *)NLMSG_DATA(h));
	return h->nlmsg_type;
}

/* Send a request and wait for the answer: 0, or -1 and errno. */
static int request(int type, const void *data, size_t len)
{
	struct {
		struct nlmsghdr h;
		char data[2048];
	} m = { .h = {
		.nlmsg_len = NLMSG_LENGTH(len),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.nlmsg_seq = 1,
	} };
	int err = 0;

	memcpy(m.data, data, len);
	if (send(audit, &m, m.h.nlmsg_len, 0) < 0)
		return -1;
	while (receive(0, &err) != NLMSG_ERROR)
		;
	errno = err;
	return err ? -1 : 0;
}

static void set_status(unsigned int mask, unsigned int val)
{
	struct audit_status s = { .mask = mask };

	if (mask == AUDIT_STATUS_PID)
		s.pid = val;
	else if (mask == AUDIT_STATUS_ENABLED)
		s.enabled = val;
	/* Only the part that the oldest of our kernels knows. */
	ASSERT_OK(request(AUDIT_SET, &s, offsetof(struct audit_status, backlog) +
			  sizeof(s.backlog)));
}

static void start(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int size = 1 << 20;

	audit = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
	ASSERT_OK(audit);
	setsockopt(audit, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	ASSERT_OK(bind(audit, (void *)&addr, sizeof(addr)));
	set_status(AUDIT_STATUS_ENABLED, 1);
	set_status(AUDIT_STATUS_PID, getpid());
}

static void stop(void)
{
	set_status(AUDIT_STATUS_PID, 0);
	close(audit);
}

/* Collects all records: a kernel thread sends them. */
static bool recorded(const char *text)
{
	int err;

	while (receive(MSG_DONTWAIT, &err))
		;
	return strstr(records, text);
}

static void forget(void)
{
	recorded("");
	*records = 0;
}

/*
 * What is to be recorded is done by a child: the process that receives the
 * records makes none.
 */
#define DO(statement) EXPECT(ct_ended_well(IN_CHILD({ statement; })))

struct rule {
	struct audit_rule_data r;
	char text[200];
};

/* A rule for the end of system call @nr, or of all of them for -1. */
static struct rule *rule_for(int nr)
{
	static struct rule rule;
	int i;

	memset(&rule, 0, sizeof(rule));
	rule.r.flags = AUDIT_FILTER_EXIT;
	rule.r.action = AUDIT_ALWAYS;
	if (nr >= 0)
		rule.r.mask[AUDIT_WORD(nr)] = AUDIT_BIT(nr);
	for (i = 0; nr < 0 && i < AUDIT_BITMASK_SIZE; i++)
		rule.r.mask[i] = ~0U;
	return &rule;
}

static void add_text(struct rule *rule, int field, const char *text)
{
	int i = rule->r.field_count++;

	rule->r.fields[i] = field;
	rule->r.fieldflags[i] = AUDIT_EQUAL;
	rule->r.values[i] = strlen(text);
	strcpy(rule->r.buf + rule->r.buflen, text);
	rule->r.buflen += strlen(text);
}

static void add_number(struct rule *rule, int field, int number)
{
	int i = rule->r.field_count++;

	rule->r.fields[i] = field;
	rule->r.fieldflags[i] = AUDIT_EQUAL;
	rule->r.values[i] = number;
}

static int tell_rule(int type, const struct rule *rule)
{
	return request(type, rule, sizeof(rule->r) + rule->r.buflen);
}

/* --- cases ------------------------------------------------------------------- */

static void mkdir_and_rmdir(void)
{
	struct rule *rule;

	MOUNT(M1, ALL);
	start();
	rule = rule_for(SYS_mkdir);
	rule->r.mask[AUDIT_WORD(SYS_rmdir)] |= AUDIT_BIT(SYS_rmdir);
	add_number(rule, AUDIT_PPID, getpid());
	ASSERT_OK(tell_rule(AUDIT_ADD_RULE, rule));
	DO(MKDIR(M1 "/alice"));
	EXPECT_SOON(recorded("name=\"" M1 "/alice\""), 10);
	EXPECT(recorded("success=yes"));
	forget();
	DO(EXPECT_ERRNO(mkdir(M1 "/alice", 0755), EEXIST));
	EXPECT_SOON(recorded("success=no exit=-17"), 10);
	forget();
	DO(RMDIR(M1 "/alice"));
	EXPECT_SOON(recorded("name=\"" M1 "/alice\""), 10);
	EXPECT_OK(tell_rule(AUDIT_DEL_RULE, rule));
	forget();
	stop();
}

static void write_to_a_file(void)
{
	struct rule *rule;
	int fd;

	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	start();
	ASSERT_OK(fd = open(M1 "/a/numtasks.limit", O_WRONLY));
	rule = rule_for(SYS_write);
	add_number(rule, AUDIT_PPID, getpid());
	add_number(rule, AUDIT_ARG0, fd);
	ASSERT_OK(tell_rule(AUDIT_ADD_RULE, rule));
	DO(EXPECT_OK(ct_put(fd, "12", 2)));
	EXPECT_SOON(recorded("success=yes exit=2"), 10);
	forget();
	DO(EXPECT_ERRNO(ct_put(fd, "x", 1), EINVAL));
	EXPECT_SOON(recorded("success=no exit=-22"), 10);
	EXPECT_OK(tell_rule(AUDIT_DEL_RULE, rule));
	close(fd);
	stop();
}

/* A rule about a name looks at the directory, through fsnotify. */
static void watch_a_file(void)
{
	struct rule *rule;
	int i;

	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	start();
	rule = rule_for(-1);
	add_text(rule, AUDIT_WATCH, M1 "/a/tasks");
	add_number(rule, AUDIT_PERM, AUDIT_PERM_WRITE);
	ASSERT_OK(tell_rule(AUDIT_ADD_RULE, rule));
	DO(EXPECT_OK(ct_move(M1 "/a", 0)));
	EXPECT_SOON(recorded("name=\"" M1 "/a/tasks\""), 10);
	forget();
	DO(free(ct_slurp(M1 "/a/tasks")));
	DO(EXPECT_OK(ct_write(M1 "/a/notify_on_release", "1")));
	/*
	 * Afterwards something that does not match, so no record is still on
	 * its way.
	 */
	DO(EXPECT_OK(ct_move(M1 "/a", 0)));
	EXPECT_SOON(recorded("name=\"" M1 "/a/tasks\""), 10);
	EXPECT(!recorded("notify_on_release"));

	/* The rule is removed with the directory. */
	for (i = 0; i < 3; i++) {
		RMDIR(M1 "/a");
		MKDIR(M1 "/a");
		forget();
		EXPECT_ERRNO2(tell_rule(AUDIT_DEL_RULE, rule), ENOENT, 0);
		ASSERT_OK(tell_rule(AUDIT_ADD_RULE, rule));
		DO(EXPECT_OK(ct_move(M1 "/a", 0)));
		EXPECT_SOON(recorded("name=\"" M1 "/a/tasks\""), 10);
		}
	RMDIR(M1 "/a");
	stop();
}

/*
 * A rule about a container that does not exist yet; it survives the hierarchy.
 */
static void watch_a_name(void)
{
	struct rule *rule;

	MOUNT(M1, ALL);
	start();
	rule = rule_for(-1);
	add_text(rule, AUDIT_WATCH, M1 "/bob");
	ASSERT_OK(tell_rule(AUDIT_ADD_RULE, rule));
	DO(MKDIR(M1 "/bob"));
	EXPECT_SOON(recorded("name=\"" M1 "/bob\""), 10);
	forget();
	DO(RMDIR(M1 "/bob"));
	EXPECT_SOON(recorded("name=\"" M1 "/bob\""), 10);
	DO(MKDIR(M1 "/bob"));
	EXPECT_OK(rename(M1 "/bob", M1 "/c"));
	EXPECT_OK(rename(M1 "/c", M1 "/bob"));
	DO(RMDIR(M1 "/bob"));
	UMOUNT(M1);
	forget();
	tell_rule(AUDIT_DEL_RULE, rule);
	EXPECT_ERRNO(tell_rule(AUDIT_DEL_RULE, rule), ENOENT);
	stop();
}

static const struct ktap_case cases[] = {
	T(mkdir_and_rmdir),
	T(write_to_a_file),
	T(watch_a_file),
	T(watch_a_name),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

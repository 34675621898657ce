// SPDX-License-Identifier: GPL-2.0
/*
 * SELinux: the labels of directories and control files, and mount options that
 * are for a security module and not for us, before and after a policy is loaded.
 *
 * harness: configs=full timeout=90 append="security=selinux selinux=1 enforcing=0"
 */
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <linux/mount.h>

#include "ct.h"

#define ALL "debug,numtasks"
#define SELINUXFS CT_TMP "/selinux"

static bool old_kernel(void)
{
	struct utsname u;

	return uname(&u) || !strncmp(u.release, "2.6.", 4);
}

/* --- a policy ------------------------------------------------------------------ */

/*
 * The smallest policy that 6.12 accepts, in the binary format of version 18: a
 * user u, a role r, three types.  Everything is allowed, known to the policy or
 * not.  Everything is "task", what is in our file system is "file".
 */
enum { TASK = 1, FILE_ = 2, SPECIAL = 3 };
enum { FS_USE_TRANS = 2 };
enum { USER_U = 1, OBJECT_R = 1, ROLE_R = 2, CLASS_PROCESS = 1, CLASS_FILE = 2 };

static unsigned char policy[4096];
static size_t policy_len;

static void put32(unsigned int val)
{
	memcpy(policy + policy_len, &val, 4);
	policy_len += 4;
}

static void put_string(const char *s)
{
	memcpy(policy + policy_len, s, strlen(s));
	policy_len += strlen(s);
}

static void put_bits(unsigned int bits)
{
	put32(64);		/* bits in a word */
	put32(bits ? 64 : 0);	/* bits in all */
	put32(bits ? 1 : 0);	/* words */
	if (!bits)
		return;
	put32(0);		/* the first bit */
	put32(bits);
	put32(0);
}

static void put_context(unsigned int type)
{
	put32(USER_U);
	put32(ROLE_R);
	put32(type);
}

static void put_type(const char *name, unsigned int val)
{
	put32(strlen(name));
	put32(val);
	put32(1);		/* no alias */
	put_string(name);
}

/* Labels of files can be changed only if the policy has a class for files. */
static void put_symbols(bool class_of_files)
{
	put32(0);		/* common permissions */
	put32(0);

	/* classes: the largest number, how many */
	put32(1 + class_of_files);
	put32(1 + class_of_files);
	put32(strlen("process"));
	put32(0);
	put32(CLASS_PROCESS);
	put32(2);
	put32(2);
	put32(0);
	put_string("process");
	put32(strlen("transition"));
	put32(1);
	put_string("transition");
	put32(strlen("dyntransition"));
	put32(2);
	put_string("dyntransition");
	if (class_of_files) {
		put32(strlen("file"));
		put32(0);
		put32(CLASS_FILE);
		put32(0);
		put32(0);
		put32(0);
		put_string("file");
	}

	put32(ROLE_R);		/* roles; object_r is there already */
	put32(1);
	put32(1);
	put32(ROLE_R);
	put_string("r");
	put_bits(1 << (ROLE_R - 1));
	put_bits(7);		/* its types */

	put32(3);		/* types */
	put32(3);
	put_type("task", TASK);
	put_type("file", FILE_);
	put_type("special", SPECIAL);

	put32(1);		/* users */
	put32(1);
	put32(1);
	put32(USER_U);
	put_string("u");
	put_bits(1 << (ROLE_R - 1));

	put32(0);		/* booleans */
	put32(0);
}

/* Files get their label from @behaviour, a FS_USE_ of SELinux, or by name (0). */
static void make_policy(unsigned int behaviour)
{
	unsigned int i;

	policy_len = 0;
	put32(0xf97cff8c);
	put32(strlen("SE Linux"));
	put_string("SE Linux");
	put32(18);
	put32(4);		/* allow what is not known */
	put32(6);		/* kinds of symbols */
	put32(7);		/* kinds of things that have a context */
	put_symbols(behaviour);
	put32(3);		/* rules: a task may do all to all */
	for (i = TASK; i <= SPECIAL; i++) {
		put32(5);
		put32(TASK);
		put32(i);
		put32(CLASS_PROCESS);
		put32(1);
		put32(~0U);
	}
	put32(0);		/* conditions */
	put32(0);		/* transitions of roles */
	put32(0);		/* pairs of roles */
	put32(27);		/* initial contexts */
	for (i = 1; i <= 27; i++) {
		put32(i);
		put_context(TASK);
	}
	for (i = 1; i < 5; i++)
		put32(0);	/* ports, interfaces, nodes... */
	put32(!!behaviour);
	if (behaviour) {
		put32(behaviour);
		put32(strlen("container"));
		put_string("container");
		put_context(FILE_);
	}
	put32(0);
	put32(1);		/* file systems by name */
	put32(strlen("container"));
	put_string("container");
	put32(1);
	put32(1);
	put_string("/");
	put32(0);
	put_context(FILE_);
}

/* Loads the policy; the case is skipped where that is not possible. */
static void load_policy_for(unsigned int behaviour)
{
	if (old_kernel())
		SKIP("its policy would have to describe every class");
	make_policy(behaviour);
	mkdir(CT_TMP, 0755);
	mkdir(SELINUXFS, 0755);
	ASSERT_OK(mount("selinuxfs", SELINUXFS, "selinuxfs", 0, NULL));
	EXPECT_OK(ct_writen(SELINUXFS "/load", policy, policy_len));
	EXPECT_OK(umount2(SELINUXFS, 0));
}

static void load_policy(void)
{
	load_policy_for(0);
}

static const char *label(const char *path)
{
	static char buf[256];
	ssize_t n = getxattr(path, "security.selinux", buf, sizeof(buf) - 1);

	if (n < 0)
		return ktap_errno(errno);
	buf[n] = 0;
	return buf;
}

/* --- cases ---------------------------------------------------------------------- */

/* Before a policy is loaded the security module refuses, not we. */
static void before_a_policy(void)
{
	if (old_kernel()) {
		MOUNT(M1, "debug,context=u:r:special,numtasks");
		EXPECT_STR(ct_mount_words(M1), ALL);
		MKDIR(M1 "/a");
		UMOUNT(M1);
	} else {
		EXPECT_ERRNO(ct_mount(M1, "debug,context=u:r:special"), EINVAL);
		EXPECT_ERRNO(ct_mount(M1, "context=u:r:special"), EINVAL);
		EXPECT_EQ(ct_subsys_field("debug", 0), 0);
		MOUNT(M1, ALL);
		MKDIR(M1 "/a");
		EXPECT_ERRNO(ct_mount_flags(M1, "debug,context=u:r:special",
					    MS_REMOUNT), EINVAL);
		EXPECT_STR(ct_mount_words(M1), ALL);
	}
}

static void labels_by_file_system(void)
{
	load_policy();
	MOUNT(M1, ALL);
	EXPECT_STR(label(M1), "u:r:file");
	EXPECT_STR(label(M1 "/tasks"), "u:r:file");
	MKDIR(M1 "/a");
	EXPECT_STR(label(M1 "/a"), "u:r:file");
	EXPECT_STR(label(M1 "/a/numtasks.limit"), "u:r:file");
	EXPECT_OK(ct_move(M1 "/a", 0));
	EXPECT_OK(ct_move(M1, 0));
}

static int relabel(const char *path, const char *to)
{
	return setxattr(path, "security.selinux", to, strlen(to) + 1, 0);
}

/* Setting a label of a file is a change of the file like any other. */
static void changed_label(void)
{
	const char *other = "u:object_r:special", *before;

	if (old_kernel())
		other = "kernel";	/* the name of an initial context */
	else
		load_policy_for(FS_USE_TRANS);
	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	before = strdup(label(M1 "/a/tasks"));
	ASSERT(strcmp(before, other));
	EXPECT_OK(relabel(M1 "/a/tasks", other));
	EXPECT_STR(label(M1 "/a/tasks"), other);
	/* A remount frees everything unused, drop_caches only frees much. */
	ASSERT_OK(ct_mount_flags(M1, ALL, MS_REMOUNT));
	EXPECT_STR(label(M1 "/a/tasks"), other);
	EXPECT_STR(label(M1 "/a/numtasks.limit"), before);
	/*
	 * There is no other kind of attribute, and a label cannot be removed.
	 */
	EXPECT_ERRNO(setxattr(M1 "/a/tasks", "user.x", "y", 1, 0), EOPNOTSUPP);
	EXPECT_ERRNO(setxattr(M1 "/a/tasks", "security.x", "y", 1, 0),
		     EOPNOTSUPP);
	EXPECT_ERRNO(setxattr(M1 "/a/tasks", "trusted.x", "y", 1, 0),
		     EOPNOTSUPP);
	EXPECT_ERRNO2(removexattr(M1 "/a/tasks", "security.selinux"),
		      EOPNOTSUPP, EACCES);
	EXPECT_ERRNO2(removexattr(M1 "/a/tasks", "security.x"),
		      EOPNOTSUPP, EACCES);
	RMDIR(M1 "/a");
	UMOUNT(M1);
}

static void given_label(void)
{
	load_policy();
	MOUNT(M1, "debug,context=u:r:special,numtasks");
	EXPECT(ct_has_word(ct_mount_opts(M1), "context=u:r:special"));
	EXPECT(ct_has_word(ct_mount_opts(M1), "debug"));
	EXPECT(ct_has_word(ct_mount_opts(M1), "numtasks"));
	EXPECT_STR(label(M1), "u:r:special");
	MKDIR(M1 "/a");
	EXPECT_STR(label(M1 "/a"), "u:r:special");
	EXPECT_STR(label(M1 "/a/tasks"), "u:r:special");

	/* The same hierarchy again, with the same and with another label. */
	MOUNT(M2, "debug,numtasks,context=u:r:special");
	EXPECT_ERRNO(ct_mount(M3, "debug,numtasks,context=u:r:task"), EINVAL);
	EXPECT_ERRNO(ct_mount(M3, "debug,numtasks"), EINVAL);
	EXPECT_ERRNO(ct_mount(M3, "debug,numtasks,context=nonsense"), EINVAL);
	EXPECT_EQ(ct_subsys_field("debug", 1), 2);
	UMOUNT(M2);

	/* Without options of ours: all subsystems. */
	RMDIR(M1 "/a");
	UMOUNT(M1);
	MOUNT(M1, "context=u:r:special");
	EXPECT_EQ(ct_subsys_field("debug", 0), ct_subsys_field("numtasks", 0));
	EXPECT_STR(label(M1 "/tasks"), "u:r:special");
}

static void remount(void)
{
	load_policy();
	MOUNT(M1, "debug,context=u:r:special");
	EXPECT_ERRNO(ct_mount_flags(M1, "debug,cpuacct,context=u:r:task",
				    MS_REMOUNT), EINVAL);
	EXPECT_EQ(ct_subsys_field("cpuacct", 0), 0);
	EXPECT_OK(ct_mount_flags(M1, "debug,cpuacct,context=u:r:special",
				 MS_REMOUNT));
	EXPECT_EQ(ct_subsys_field("cpuacct", 0), ct_subsys_field("debug", 0));
	EXPECT_STR(label(M1 "/cpuacct.usage"), "u:r:special");
	EXPECT_ERRNO(ct_mount_flags(M1, "nothing,context=u:r:special",
				    MS_REMOUNT), ENOENT);
}

/* The same through fsconfig(2), which passes one option at a time. */
static void word_by_word(void)
{
	int fs, mnt;

	load_policy();
	mkdir(CT_TMP, 0755);
	mkdir(M1, 0755);
	ASSERT_OK(fs = syscall(430, "container", 0));
	EXPECT_OK(syscall(431, fs, FSCONFIG_SET_FLAG, "debug", NULL, 0));
	EXPECT_OK(syscall(431, fs, FSCONFIG_SET_STRING, "context",
			  "u:r:special", 0));
	EXPECT_OK(syscall(431, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	ASSERT_OK(mnt = syscall(432, fs, 0, 0));
	EXPECT_OK(syscall(429, mnt, "", AT_FDCWD, M1, MOVE_MOUNT_F_EMPTY_PATH));
	close(mnt);
	close(fs);
	EXPECT_STR(label(M1 "/tasks"), "u:r:special");
	EXPECT(ct_has_word(ct_mount_opts(M1), "context=u:r:special"));
}

static const struct ktap_case cases[] = {
	T(before_a_policy),
	T(labels_by_file_system),
	T(changed_label),
	T(given_label),
	T(remount),
	T(word_by_word),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

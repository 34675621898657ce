// SPDX-License-Identifier: GPL-2.0
/*
 * Release agents that misbehave: they fail to start after the point where exec
 * can return an error, they block during the start, or they do not end.
 *
 * harness: configs=base,debug,full timeout=120
 */
#define KTAP_TIMEOUT_S 60
#include "ct.h"
#include "agents.h"

#include <stddef.h>
#include <linux/elf.h>
#include <linux/elf-em.h>

/* How many agents of a hierarchy run at a time. */
#define MAX_AGENTS 8

/* --- exec fails behind the point of no return ---------------------------------- */

#define MAX_SEGMENTS 200

/**
 * struct program - an executable file
 * @filesz: how much of its last segment is in the file
 * @memsz: and in memory
 * @bytes: so much of it there is in fact; 0 means all
 *
 * There is a page of zeros, with which it begins when it is started.
 */
struct program {
	long filesz, memsz, bytes;
};

/*
 * Writes a program.  All segments but the last are valid: the more there are,
 * the longer it takes until exec fails because of the last one.
 */
static void make_program(const char *path, const struct program *prog,
			 int segments)
{
	static struct {
		struct elf64_hdr head;
		struct elf64_phdr segment[MAX_SEGMENTS];
		char code[4096];
	} image;
	int fd, i;

	memset(&image, 0, sizeof(image));
	image.head = (struct elf64_hdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = 0x400000 + offsetof(typeof(image), code) % 4096,
		.e_phoff = offsetof(typeof(image), segment),
		.e_ehsize = sizeof(image.head),
		.e_phentsize = sizeof(image.segment[0]),
		.e_phnum = segments,
	};
	for (i = 0; i < segments; i++)
		image.segment[i] = (struct elf64_phdr){
			.p_type = PT_LOAD,
			.p_flags = PF_R | PF_W | PF_X,
			.p_offset = i < segments - 1 || prog->bytes ? 0 : 4096,
			.p_vaddr = 0x400000 + i * 4096,
			.p_filesz = i < segments - 1 ? 4096 : prog->filesz,
			.p_memsz = i < segments - 1 ? 4096 : prog->memsz,
			.p_align = 4096,
		};
	ASSERT_OK(fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755));
	EXPECT_OK(ct_put(fd, &image, prog->bytes ?: (long)sizeof(image)));
	close(fd);
}

/*
 * Each agent is counted as running, and later, once, as ended.  So exactly
 * MAX_AGENTS run at the same time afterwards.
 */
static void fails_late(const struct program *prog)
{
	char *good = mount_with_agent(M1, "debug,numtasks", "good");
	int i, k, fd, rounds = 20 / ktap_less();

	for (i = 0; i < rounds; i++) {
		const char *bad = P(AGENTS "/bad%d", i);

		/* it fails at once, or much later */
		make_program(bad, prog, 1 + i * (MAX_SEGMENTS - 1) / rounds);
		EXPECT_OK(ct_write(M1 "/release_agent", bad));
		for (k = 0; k < 10; k++) {
			MKDIR(P(M1 "/c%d", k));
			use(P(M1 "/c%d", k));
		}
		drain();
		for (k = 0; k < 10; k++)
			RMDIR(P(M1 "/c%d", k));
	}
	EXPECT_OK(ct_write(M1 "/release_agent", good));
	ASSERT_OK(fd = open(P("%s.wait", good), O_WRONLY | O_CREAT, 0644));
	close(fd);
	for (k = 0; k < 10; k++) {
		MKDIR(P(M1 "/d%d", k));
		use(P(M1 "/d%d", k));
	}
	EXPECT_SOON(count_runs(good) == MAX_AGENTS, 20);
	drain();
	EXPECT_EQ(count_runs(good), MAX_AGENTS);
	EXPECT_OK(unlink(P("%s.wait", good)));
	EXPECT_SOON(count_runs(good) == 10, 20);
	for (k = 0; k < 10; k++)
		RMDIR(P(M1 "/d%d", k));
	EXPECT_SOON(!running_agents(), 10);
	UMOUNT(M1);
}

static void bad_segment(void)
{
	static const struct program prog = { 2048, 1024, 0 };

	fails_late(&prog);
}

/*
 * The part behind the end of the file, which exec has to zero, cannot be
 * zeroed.
 */
static void cut_short(void)
{
	static const struct program prog = { 65536 + 100, 65536 + 200, 12000 };

	fails_late(&prog);
}

/* It dies at its first instruction: treated as any other agent. */
static void no_code(void)
{
	static const struct program prog = { 4096, 4096, 0 };

	fails_late(&prog);
}

/* There is no memory for it, but later there may be, so it is tried again. */
static void too_large(void)
{
	static const struct program prog = { 200, 1L << 45, 0 };

	fails_late(&prog);
}

/* --- exec does not come back ------------------------------------------------------ */

static void copy_file(const char *from, const char *to)
{
	char *image;
	struct stat st;
	int in, out;

	ASSERT_OK(in = open(from, O_RDONLY));
	image = ct_read_fd(in, 65536);
	ASSERT_OK(fstat(in, &st));
	ASSERT_OK(out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755));
	EXPECT_OK(ct_put(out, image, st.st_size));
	close(out);
	close(in);
	free(image);
}

/*
 * A program whose exec does not return before unblock(): a task has a lease on
 * the file and does not react.  Linux 2.6.22 does not check leases here, but it
 * can execute a file of the kernel's messages, and waits until there is one.
 */
static int lease = -1;

static const char *block(void)
{
	static char path[64];
	char buf[4096];
	int n;

	if (is_old_kernel()) {
		ASSERT_OK(chmod("/proc/kmsg", 0500));
		while ((n = syscall(SYS_syslog, 9, NULL, 0)) > 0)
			ASSERT_OK(syscall(SYS_syslog, 2, buf, sizeof(buf)));
		EXPECT_EQ(n, 0);
		return "/proc/kmsg";
	}
	ASSERT_OK(ct_write("/proc/sys/fs/lease-break-time", "600"));
	signal(SIGIO, SIG_IGN);
	snprintf(path, sizeof(path), AGENTS "/leased");
	copy_file("/bin/agent", path);
	unlink(AGENTS "/leased.log");
	ASSERT_OK(lease = open(path, O_RDONLY));
	ASSERT_OK(fcntl(lease, F_SETLEASE, F_WRLCK));
	return path;
}

static bool is_blocked(void)
{
	return is_old_kernel() || fcntl(lease, F_GETLEASE) != F_WRLCK;
}

static void unblock(void)
{
	if (is_old_kernel()) {
		/* each one gets something, until no reader is left */
		do {
			ASSERT_OK(ct_write("/dev/kmsg", "that is all\n"));
		} while (WAIT_FOR(!syscall(SYS_syslog, 9, NULL, 0), 1));
		ASSERT_OK(chmod("/proc/kmsg", 0400));
		return;
	}
	EXPECT_OK(fcntl(lease, F_SETLEASE, F_UNLCK));
	close(lease);
	ASSERT_OK(ct_write("/proc/sys/fs/lease-break-time", "45"));
}

/*
 * An agent that blocks during its start delays no other task, not even other
 * agents of its hierarchy, as long as there are not too many.
 */
static void blocked_start(void)
{
	char *other = mount_with_agent(M2, "numtasks", "other");
	char *mine = mount_with_agent(M1, "debug", "mine");
	const char *path;
	int i;

	for (i = 0; i < MAX_AGENTS; i++)
		MKDIR(P(M1 "/b%d", i));
	MKDIR(M1 "/x");
	MKDIR(M2 "/x");
	drain();
	path = block();
	EXPECT_OK(ct_write(M1 "/release_agent", path));
	for (i = 0; i < MAX_AGENTS - 1; i++)
		use(P(M1 "/b%d", i));
	EXPECT_SOON(is_blocked(), 20);
	for (i = 0; i < 3; i++) {
		use(M2 "/x");
		EXPECT_RUNS(other, "/x\n");
	}
	EXPECT_OK(ct_write(M1 "/release_agent", mine));
	use(M1 "/x");
	EXPECT_RUNS(mine, "/x\n");
	EXPECT_OK(ct_write(M1 "/release_agent", path));
	use(M1 "/b7");
	/* now there are as many as there can be, and no room for this one */
	drain();
	EXPECT_OK(ct_write(M1 "/release_agent", mine));
	use(M1 "/x");
	use(M2 "/x");
	EXPECT_RUNS(other, "/x\n");
	EXPECT_EQ(count_runs(mine), 0);
	unblock();
	EXPECT_RUNS(mine, "/x\n");
	if (!is_old_kernel())
		EXPECT_RUNS(AGENTS "/leased",
			    "/b0\n/b1\n/b2\n/b3\n/b4\n/b5\n/b6\n/b7\n");
	for (i = 0; i < MAX_AGENTS; i++)
		RMDIR(P(M1 "/b%d", i));
	RMDIR(M1 "/x");
	RMDIR(M2 "/x");
	UMOUNT(M1);
	UMOUNT(M2);
}

static const struct ktap_case cases[] = {
	T(bad_segment),
	T(cut_short),
	T(no_code),
	T(too_large),
	T(blocked_start),
};

static void cleanup(void)
{
	ct_cleanup();
}

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), cleanup);
}

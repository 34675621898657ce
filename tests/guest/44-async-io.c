// SPDX-License-Identifier: GPL-2.0
/*
 * Control files with asynchronous I/O: io_submit(2) of both kernels and
 * io_uring of 6.12.  One request is one read or one write, in however many
 * pieces its memory is, and whichever task executes it: the rights of the
 * opener count.
 *
 * harness: configs=full timeout=90
 */
#include <stdint.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>

#include "ct.h"

#define ALL "debug,numtasks"
#define NR 64

static int alice;	/* a child of the case, in the top container */

static bool old_kernel(void)
{
	struct utsname u;

	return uname(&u) || !strncmp(u.release, "2.6.", 4);
}

static void setup(void)
{
	MOUNT(M1, ALL);
	MKDIR(M1 "/a");
	alice = ct_child();
}

static const char *where(int pid)
{
	static char buf[256];
	char *s = ct_where(pid, "debug");

	snprintf(buf, sizeof(buf), "%s", s ? s : "nothing");
	free(s);
	return buf;
}

/* --- what asks ------------------------------------------------------------------- */

enum how { AIO, AIO_VECTOR, RING, RING_VECTOR, RING_WORKER, NR_HOW };

static const char *const how_name[] = {
	"io_submit", "io_submit of a vector", "io_uring", "io_uring of a vector",
	"io_uring in a worker",
};

static aio_context_t aio;

static struct {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
} ring;

static void aio_start(void)
{
	ASSERT_OK(syscall(SYS_io_setup, NR, &aio));
}

static void ring_start(void)
{
	struct io_uring_params *p = &ring.p;
	size_t size;

	memset(p, 0, sizeof(*p));
	ring.fd = syscall(SYS_io_uring_setup, NR, p);
	ASSERT_OK(ring.fd);
	size = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
	if (size < p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe))
		size = p->cq_off.cqes +
			p->cq_entries * sizeof(struct io_uring_cqe);
	ASSERT(p->features & IORING_FEAT_SINGLE_MMAP);
	ring.sq = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQ_RING);
	ASSERT(ring.sq != MAP_FAILED);
	ring.cq = ring.sq;
	ring.sqes = mmap(NULL, p->sq_entries * sizeof(*ring.sqes),
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			 ring.fd, IORING_OFF_SQES);
	ASSERT(ring.sqes != MAP_FAILED);
}

/* Makes one request; returns what read(2) or write(2) would return. */
static long aio_do(bool writes, bool vector, int fd, struct iovec *iov, int nr)
{
	struct iocb cb = { .aio_fildes = fd }, *cbs = &cb;
	struct io_event e;
	long ret;

	if (vector) {
		cb.aio_lio_opcode = writes ? IOCB_CMD_PWRITEV : IOCB_CMD_PREADV;
		cb.aio_buf = (unsigned long)iov;
		cb.aio_nbytes = nr;
	} else {
		cb.aio_lio_opcode = writes ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
		cb.aio_buf = (unsigned long)iov->iov_base;
		cb.aio_nbytes = iov->iov_len;
	}
	ret = syscall(SYS_io_submit, aio, 1, &cbs);
	if (ret != 1)
		return ret;
	ASSERT_EQ(syscall(SYS_io_getevents, aio, 1, 1, &e, NULL), 1);
	ret = (long)e.res;
	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	return ret;
}

static unsigned int *ring_word(char *base, unsigned int off)
{
	return (unsigned int *)(base + off);
}

static long ring_do(bool writes, bool vector, bool worker, int fd,
		    struct iovec *iov, int nr)
{
	struct io_uring_params *p = &ring.p;
	unsigned int *tail = ring_word(ring.sq, p->sq_off.tail);
	unsigned int *head = ring_word(ring.cq, p->cq_off.head);
	unsigned int mask = *ring_word(ring.sq, p->sq_off.ring_mask);
	unsigned int at = *tail & mask;
	struct io_uring_sqe *sqe = &ring.sqes[at];
	struct io_uring_cqe *cqe;
	long ret;

	memset(sqe, 0, sizeof(*sqe));
	if (vector) {
		sqe->opcode = writes ? IORING_OP_WRITEV : IORING_OP_READV;
		sqe->addr = (unsigned long)iov;
		sqe->len = nr;
	} else {
		sqe->opcode = writes ? IORING_OP_WRITE : IORING_OP_READ;
		sqe->addr = (unsigned long)iov->iov_base;
		sqe->len = iov->iov_len;
	}
	sqe->fd = fd;
	if (worker)
		sqe->flags = IOSQE_ASYNC;
	ring_word(ring.sq, p->sq_off.array)[at] = at;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	ASSERT_EQ(syscall(SYS_io_uring_enter, ring.fd, 1, 1,
			  IORING_ENTER_GETEVENTS, NULL, 0), 1);
	ASSERT(*head != __atomic_load_n(ring_word(ring.cq, p->cq_off.tail),
					__ATOMIC_ACQUIRE));
	cqe = (struct io_uring_cqe *)(ring.cq + p->cq_off.cqes) +
		(*head & *ring_word(ring.cq, p->cq_off.ring_mask));
	ret = cqe->res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	return ret;
}

static long request(enum how how, bool writes, int fd, struct iovec *iov, int nr)
{
	if (how == AIO || how == AIO_VECTOR)
		return aio_do(writes, how == AIO_VECTOR, fd, iov, nr);
	return ring_do(writes, how == RING_VECTOR, how == RING_WORKER, fd, iov,
		       nr);
}

static bool takes_vectors(enum how how)
{
	return how == AIO_VECTOR || how == RING_VECTOR;
}

/* Writes a text, in two pieces where pieces are possible. */
static long put(enum how how, int fd, const char *a, const char *b)
{
	char all[256];
	struct iovec iov[2] = {
		{ (void *)a, strlen(a) }, { (void *)b, strlen(b) },
	};

	if (takes_vectors(how))
		return request(how, true, fd, iov, 2);
	snprintf(all, sizeof(all), "%s%s", a, b);
	iov[0].iov_base = all;
	iov[0].iov_len = strlen(all);
	return request(how, true, fd, iov, 1);
}

/* For each way to make a request that this kernel has. */
#define FOR_EACH_WAY(how)						\
	for (aio_start(), old_kernel() ? (void)0 : ring_start(), how = 0; \
	     how < (old_kernel() ? RING : NR_HOW) &&			\
	     CTX("%s", how_name[how]); how++)

/* --- cases ---------------------------------------------------------------------- */

/* One request is one write. */
static void writes(void)
{
	char *pid, *half;
	int how, tasks, limit;

	setup();
	ASSERT_OK(tasks = open(M1 "/a/tasks", O_WRONLY));
	ASSERT_OK(limit = open(M1 "/a/numtasks.limit", O_WRONLY));
	pid = strdup(P("%d\n", alice));
	half = pid + 1;
	FOR_EACH_WAY(how) {
		EXPECT_EQ(put(how, tasks, pid, ""), (long)strlen(pid));
		EXPECT_STR(where(alice), "/a");
		EXPECT_OK(ct_move(M1, alice));
		EXPECT_EQ(put(how, tasks, P("%.1s", pid), half),
			  (long)strlen(pid));
		EXPECT_STR(where(alice), "/a");
		EXPECT_EQ(ct_count(M1 "/a"), 1);
		EXPECT_OK(ct_move(M1, alice));

		EXPECT_EQ(put(how, limit, "1", "50\n"), 4);
		EXPECT_EQ(ct_num(M1 "/a/numtasks.limit"), 150);
		EXPECT_ERRNO(put(how, limit, "7", "0 x"), EINVAL);
		EXPECT_EQ(ct_num(M1 "/a/numtasks.limit"), 150);
		EXPECT_ERRNO(put(how, tasks, pid, "x"), EINVAL);
		EXPECT_STR(where(alice), "/");
		EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "max"));
	}
	CTX_END();
}

/*
 * "0" stands for the task that makes the request.  A worker of io_uring is not
 * this task, and would move itself: so nothing moves then.
 */
static void myself(void)
{
	int how, tasks;

	setup();
	ASSERT_OK(tasks = open(M1 "/a/tasks", O_WRONLY));
	FOR_EACH_WAY(how) {
		if (how >= RING) {
			EXPECT_ERRNO(put(how, tasks, "0", "\n"), ESRCH);
			EXPECT_STR(where(0), "/");
			EXPECT_EQ(ct_count(M1 "/a"), 0);
			continue;
		}
		EXPECT_EQ(put(how, tasks, "0", "\n"), 2);
		EXPECT_STR(where(0), "/a");
		EXPECT_OK(ct_move(M1, 0));
	}
	CTX_END();
}

static void reads(void)
{
	char buf[300], want[64];
	struct iovec iov[2] = { { buf, 1 }, { buf + 1, 200 } };
	int how, fd;

	setup();
	EXPECT_OK(ct_move(M1 "/a", alice));
	EXPECT_OK(ct_write(M1 "/a/numtasks.limit", "1234"));
	snprintf(want, sizeof(want), "%d\n", alice);
	FOR_EACH_WAY(how) {
		int nr = takes_vectors(how) ? 2 : 1;

		iov[0].iov_len = nr == 2 ? 1 : 200;
		memset(buf, 0, sizeof(buf));
		ASSERT_OK(fd = open(M1 "/a/tasks", O_RDONLY));
		EXPECT_EQ(request(how, false, fd, iov, nr), (long)strlen(want));
		EXPECT_STR(buf, want);
		close(fd);
		memset(buf, 0, sizeof(buf));
		ASSERT_OK(fd = open(M1 "/a/numtasks.limit", O_RDONLY));
		EXPECT_EQ(request(how, false, fd, iov, nr), 5);
		EXPECT_STR(buf, "1234\n");
		close(fd);
	}
	CTX_END();
}

/* Requests fail where read(2) and write(2) fail. */
static void errors(void)
{
	struct iovec bad = { (void *)8, 4 };
	int how, fd, ro;

	setup();
	MKDIR(M1 "/b");
	ASSERT_OK(fd = open(M1 "/b/tasks", O_RDWR));
	ASSERT_OK(ro = open(M1 "/a/tasks", O_RDONLY));
	RMDIR(M1 "/b");
	FOR_EACH_WAY(how) {
		EXPECT_ERRNO(put(how, fd, "1", "\n"), ENODEV);
		EXPECT_ERRNO(put(how, ro, "1", "\n"), EBADF);
	}
	close(fd);
	close(ro);
	ASSERT_OK(fd = open(M1 "/a/numtasks.limit", O_RDWR));
	for (how = 0; how < (old_kernel() ? RING : NR_HOW); how++) {
		CTX("%s", how_name[how]);
		EXPECT_ERRNO(request(how, true, fd, &bad, 1), EFAULT);
		EXPECT_ERRNO(put(how, fd, "", "x"), EINVAL);
	}
	CTX_END();
	close(fd);
}

/* The rights of the opener count, also in a worker thread of the kernel. */
static void rights(void)
{
	int how, fd;

	setup();
	EXPECT_OK(chmod(M1 "/a/tasks", 0666));
	FOR_EACH_WAY(how) {
		EXPECT(ct_ended_well(IN_CHILD({
			aio = 0;
			ct_become(USER);
			ASSERT_OK(fd = open(M1 "/a/tasks", O_WRONLY));
			if (how >= RING)
				ring_start();
			else
				aio_start();
			EXPECT_ERRNO(put(how, fd, P("%d", alice), "\n"),
				     EACCES);
		})));
		EXPECT_STR(where(alice), "/");
	}
	CTX_END();
}

/* Many requests are in progress while their container is removed. */
static void while_it_goes(void)
{
	struct iocb cb[NR], *cbs[NR];
	struct io_event e[NR];
	int fd, i, round, rounds = ktap_loops(60);

	setup();
	aio_start();
	for (round = 0; round < rounds; round++) {
		int pid;

		mkdir(M1 "/b", 0755);
		ASSERT_OK(fd = open(M1 "/b/numtasks.limit", O_RDWR));
		pid = IN_CHILD(EXPECT_OK(rmdir(M1 "/b")));
		memset(cb, 0, sizeof(cb));
		for (i = 0; i < NR; i++) {
			cbs[i] = &cb[i];
			cb[i].aio_fildes = fd;
			cb[i].aio_lio_opcode = IOCB_CMD_PWRITE;
			cb[i].aio_buf = (unsigned long)"12";
			cb[i].aio_nbytes = 2;
		}
		EXPECT_EQ(syscall(SYS_io_submit, aio, (long)NR, cbs), NR);
		EXPECT_EQ(syscall(SYS_io_getevents, aio, (long)NR, (long)NR, e,
				  NULL), NR);
		for (i = 0; i < NR; i++)
			EXPECT((long)e[i].res == 2 ||
			       (long)e[i].res == -ENODEV);
		close(fd);
		EXPECT(ct_ended_well(pid));
	}
}

static const struct ktap_case cases[] = {
	T(writes),
	T(myself),
	T(reads),
	T(errors),
	T(rights),
	T(while_it_goes),
};

int main(int argc, char **argv)
{
	return ktap_main(argc, argv, cases, ARRAY_SIZE(cases), ct_cleanup);
}

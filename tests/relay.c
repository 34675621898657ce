// SPDX-License-Identifier: GPL-2.0
/*
 * relay PORT PROGRAM [ARG...]
 *
 * Run a program and send what it prints to the serial port at I/O address PORT by polling the
 * chip. The serial driver is not asked: on 2.6.22 with two processors it loses an interrupt every
 * few boots, and with it everything still to be sent.
 *
 * What the program writes to its standard error goes to the kernel's log, whole lines at a time, so
 * that it cannot tear the text of a report of the kernel apart; to PORT, too, if RELAY_ALL is set.
 *
 * Ends when the program does, although descendants may still hold the pipes, with its exit status
 * (128 + signal if it was killed).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define UART_LSR	5	/* line status register ... */
#define UART_LSR_THRE	0x20	/* ... the transmitter is empty */

static int port_fd, kmsg_fd;
static off_t port;

static void send(const char *text, size_t len)
{
	unsigned char lsr;

	for (; len; text++, len--) {
		do {
			if (pread(port_fd, &lsr, 1, port + UART_LSR) != 1)
				exit(126);
		} while (!(lsr & UART_LSR_THRE));
		if (pwrite(port_fd, text, 1, port) != 1)
			exit(126);
	}
}

/* One write to /dev/kmsg is one line of the log. */
static void log_lines(const char *text, size_t len)
{
	static char line[200];
	static size_t used;

	for (; len; text++, len--) {
		line[used++] = *text;
		if (*text != '\n' && used < sizeof(line) - 1)
			continue;
		if (write(kmsg_fd, line, used) < 0)
			exit(126);
		used = 0;
	}
}

/* Pass on what is there. Returns 0 when there was nothing. */
static int pump(struct pollfd *p)
{
	char buf[4096];
	int got = 0, i;
	ssize_t len;

	for (i = 0; i < 2; i++) {
		len = read(p[i].fd, buf, sizeof(buf));
		if (len == 0)
			p[i].fd = -1;
		if (len <= 0)
			continue;
		got = 1;
		if (i == 0)
			send(buf, len);
		else
			log_lines(buf, len);
	}
	return got;
}

int main(int argc, char **argv)
{
	int all = !!getenv("RELAY_ALL"), out[2], err[2], status;
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };
	pid_t pid;

	if (argc < 3)
		return 126;
	port = strtol(argv[1], NULL, 0);
	port_fd = open("/dev/port", O_RDWR | O_CLOEXEC);
	kmsg_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (port_fd < 0 || kmsg_fd < 0 || pipe(out) || pipe(err))
		return 126;

	pid = fork();
	if (pid < 0)
		return 126;
	if (pid == 0) {
		dup2(out[1], 1);
		dup2(all ? out[1] : err[1], 2);
		close(out[0]);
		close(out[1]);
		close(err[0]);
		close(err[1]);
		execvp(argv[2], argv + 2);
		fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
		_exit(127);
	}
	close(out[1]);
	close(err[1]);
	p[0].fd = out[0];
	p[1].fd = err[0];
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);

	while (waitpid(pid, &status, WNOHANG) == 0) {
		poll(p, 2, 10);
		pump(p);
	}
	while (pump(p))
		;
	log_lines("\n", 1);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A kernel with CONFIG_CONTAINERS off: no trace of containers for the user.
#
# harness: configs=off smp=1,2

# shellcheck source=tests/guest/ktap.sh
. /tests/ktap.sh

no_file_system() {
	works grep -qw proc /proc/filesystems
	if grep -qw container /proc/filesystems; then
		fail "container is in /proc/filesystems"
	fi
}

no_mount() {
	works mkdir -p /tmp/m
	refused "No such device" mount -t container none /tmp/m
	refused "No such device" mount -t container -o debug none /tmp/m
	refused "No such device" mount -t container -o none,name=x none /tmp/m
}

no_proc_files() {
	for file in /proc/containers /proc/self/container /proc/1/container \
		/proc/self/task/*/container; do
		[ ! -e "$file" ] || fail "there is $file"
	done
}

tasks_come_and_go() {
	i=0
	while [ "$i" -lt 200 ]; do
		works true
		(exit 0) || fail "fork $i"
		i=$((i + 1))
	done
}

ktap_run no_file_system no_mount no_proc_files tasks_come_and_go

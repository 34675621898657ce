#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Makes the mistake that the kernel command line names (provoke=), for scripts/detectors. By itself
# this passes.
word=$(sed 's/.*provoke=\([a-z_]*\).*/\1/' /proc/cmdline)
echo "KTAP version 1"
echo "1..1"
echo "container-test: case $word" >/dev/kmsg
[ "$word" = nothing ] || echo "$word" >/sys/module/container_provoke/parameters/mistake || {
	echo "not ok 1 $word"
	exit 1
}
echo "ok 1 $word"

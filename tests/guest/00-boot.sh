#!/bin/sh
# harness: configs=base,debug,full,off
# The machine the other tests run on: are its CPUs, /proc and clean console there?

n=0
failed=0
echo "KTAP version 1"
echo "1..5"

result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n $2"
	else
		failed=1
		echo "not ok $n $2"
	fi
}

wants=$(sed -n 's/.*ccpus=\([0-9]*\).*/\1/p' /proc/cmdline)
[ "$(uname -s)" = Linux ]
result $? "uname"
has=$(grep -c '^processor' /proc/cpuinfo)
echo "# $has CPUs, $wants wanted"
[ "$has" = "$wants" ]
result $? "every CPU is up"
grep -q '^proc /proc proc ' /proc/mounts
result $? "/proc/mounts"
# the boot test is the first to meet a driver that complains
! dmesg | grep -E 'BUG|WARNING|Oops|INFO: '
result $? "nothing was reported while booting"
# "<6>" is KERN_INFO; a boot has many tasks
dmesg | grep -i container | grep -v -e container-test -e 'Command line' -e 'command line' -e 'Linux version' >/tmp/said
head -n 5 /tmp/said | sed 's/^/# /'
! grep '^<[0-5]>' /tmp/said >/dev/null && [ "$(wc -l </tmp/said)" -lt 5 ]
result $? "quiet_about_containers"
exit $failed

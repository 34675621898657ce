# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Test cases with KTAP output for busybox's shell. A test defines functions and
# ends with
#
#	ktap_run FUNCTION...
#
# Each function is a case. It runs in a subshell of its own, and has passed when
# it comes to its end: every check that does not hold leaves the subshell. What
# it prints becomes diagnostics. After each case ktap_cleanup is called; a test
# may define its own.

# It ends what hangs, no more: a case needs a hundredth of it.
ktap_timeout=100
if [ -e /proc/lockdep ] || [ -e /proc/slab_allocators ]; then
	ktap_timeout=360
fi

# fail TEXT: ends the case.
fail() {
	echo "$*"
	exit 1
}

# skip REASON: ends the case.
skip() {
	echo "$*" >/tmp/ktap.skip
	exit 4
}

# works COMMAND...: it must succeed.
works() {
	"$@" 2>&1 || fail "$*: exit status $?"
}

# refused TEXT COMMAND...: it must fail with TEXT in what it prints.
refused() {
	_text=$1
	shift
	_said=$("$@" 2>&1) && fail "$*: success, expected $_text"
	case $_said in
	*"$_text"*) ;;
	*) fail "$*: said '$_said', expected $_text" ;;
	esac
}

# same WHAT VALUE EXPECTED
same() {
	[ "$2" = "$3" ] || fail "$1: '$2', expected '$3'"
}

ktap_cleanup() {
	:
}

# Runs a case with a time limit; its exit status, 9 for the limit.
ktap_case() {
	("$1") >/tmp/ktap.out 2>&1 &
	_case=$!
	(
		# in front of what it kills: the case may be over at any time
		trap 'kill $!; exit' TERM
		sleep "$ktap_timeout" &
		wait $!
		kill -9 $_case
	) >/dev/null 2>&1 &
	_dog=$!
	wait $_case
	_status=$?
	kill $_dog
	wait $_dog
	return $_status
} 2>/dev/null

ktap_run() {
	_n=0
	_failed=0
	echo "KTAP version 1"
	echo "1..$#"
	for _name in "$@"; do
		_n=$((_n + 1))
		echo "container-test: case $_name" >/dev/kmsg
		rm -f /tmp/ktap.skip
		ktap_case "$_name"
		_status=$?
		sed 's/^/# /' /tmp/ktap.out
		[ $_status -lt 128 ] || echo "# killed: signal $((_status - 128)), perhaps after $ktap_timeout s"
		if ! (ktap_cleanup) >/tmp/ktap.out 2>&1; then
			sed 's/^/# cleanup: /' /tmp/ktap.out
			_status=1
		fi
		case $_status in
		0) echo "ok $_n $_name" ;;
		4) echo "ok $_n $_name # SKIP $(cat /tmp/ktap.skip)" ;;
		*)
			echo "not ok $_n $_name"
			_failed=1
			;;
		esac
	done
	return $_failed
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the documentation shows, typed in. Lines that begin with a tab and "# " (in the manual
# pages, with "# ") are commands; they must succeed. Indented lines right behind one are what it
# has to print. All commands of a document are given to one shell, in order.
#
# harness: alone=1 configs=base,debug,full,cpuset

# shellcheck source=tests/guest/ktap.sh
. /tests/ktap.sh

ktap_cleanup() {
	cd /
	# what an example has left running goes first
	awk '$3 == "container" { print $2 }' /proc/mounts | while read -r dir; do
		find "$dir" -type d | grep -vx "$dir" | sort -r | while read -r sub; do
			while read -r pid; do
				echo "$pid" >"$dir/tasks"
			done <"$sub/tasks"
			rmdir "$sub"
		done
		umount "$dir"
	done
	rm -f /sbin/agent
	rmdir /dev/container /dev/cpuset 2>/dev/null
	[ -z "$(cat /proc/self/container)" ]
}

# Turns a document into a script.
script_of() {
	awk -v man="${1##*.}" '
	function flush() {
		if (cmd == "")
			return
		gsub(/\047/, "\047\\\047\047", cmd)
		gsub(/\047/, "\047\\\047\047", want)
		print "try \047" cmd "\047 \047" want "\047 " checked
		cmd = ""; want = ""; checked = ""
	}
	man == "txt" && !/^\t/ { flush(); next }
	man != "txt" && /^\./ { flush(); next }
	man == "txt" { sub(/^\t/, "") }
	man != "txt" { gsub(/\\-/, "-"); gsub(/\\\(aq/, "\047") }
	/^# / { flush(); cmd = substr($0, 3); next }
	cmd ~ /\\$/ { sub(/\\$/, "", cmd); sub(/^\t*/, ""); cmd = cmd $0; next }
	cmd != "" { want = want (checked ? "\n" : "") $0; checked = 1 }
	END { flush() }' "$1"
}

document() {
	script_of "/tests/doc/$1" >/tmp/examples
	[ -s /tmp/examples ] || fail "$1 has no examples"
	echo "$(wc -l </tmp/examples) commands of $1"
	cat >/tmp/typed <<-'END'
		try() {
			eval "$1" >/tmp/said 2>&1 || { echo "$1: exit status $?, said: $(cat /tmp/said)"; exit 1; }
			[ -z "$3" ] || [ "$(cat /tmp/said)" = "$2" ] ||
				{ echo "$1: said '$(cat /tmp/said)', expected '$2'"; exit 1; }
		}
	END
	cat /tmp/examples >>/tmp/typed
	mkdir -p /dev/container
	sh /tmp/typed || exit 1
}

# container-NAME.txt needs subsystem NAME, and the guide for authors its example.
subsystem() {
	grep -q "^$1	" /proc/containers || skip "this kernel has no $1"
	document "${2:-container-$1.txt}"
}

cases=
for doc in /tests/doc/*; do
	doc=${doc##*/}
	case $doc in
	container-subsystems.txt) run="subsystem forks $doc" ;;
	container-*.txt) run="subsystem $(basename "${doc#container-}" .txt)" ;;
	*) run="document $doc" ;;
	esac
	name=$(echo "$doc" | tr .- __)
	eval "$name() { $run; }"
	cases="$cases $name"
done
# shellcheck disable=SC2086
ktap_run $cases

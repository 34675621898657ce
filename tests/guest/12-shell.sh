#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Containers as somebody at a shell uses them: what Documentation shows works
# as it is typed, and what cannot work says why.
#
# harness: configs=base,debug,full

# shellcheck source=tests/guest/ktap.sh
. /tests/ktap.sh

dir=/tmp/container

ktap_cleanup() {
	cd /
	grep -q " $dir container " /proc/mounts || return 0
	find "$dir" -type d | grep -vx "$dir" | sort -r | while read -r sub; do
		while read -r pid; do
			echo "$pid" >$dir/tasks
		done <"$sub/tasks"
		rmdir "$sub"
	done
	umount "$dir" || return 1
	# nothing is left that would keep the next case from mounting
	[ -z "$(cat /proc/self/container)" ]
}

begin() {
	works mkdir -p "$dir"
	works mount -t container -o "${1:-debug}" "${1:-debug}" "$dir"
	works cd "$dir"
	# the pid of this very shell: $$ would be that of the test's first one
	me=$(sh -c 'echo $PPID')
}

# The example of the documentation.
charlie() {
	begin debug
	works mkdir Charlie
	works test -f Charlie/tasks
	echo "$me" >Charlie/tasks || fail "echo PID >Charlie/tasks"
	same /proc/self/container "$(cat /proc/self/container)" debug:/Charlie
	same "a child" "$(sh -c 'cat /proc/$$/container')" debug:/Charlie
	grep -qx "$me" Charlie/tasks || fail "$me is not in Charlie/tasks"
	refused busy rmdir Charlie
	echo "$me" >tasks || fail "echo PID >tasks"
	same "left behind" "$(cat Charlie/tasks)" ""
	works rmdir Charlie
	same /proc/self/container "$(cat /proc/self/container)" debug:/
	works cd /
	works umount "$dir"
	same "after umount" "$(cat /proc/self/container)" ""
}

redirections() {
	begin debug
	works mkdir a
	echo 0 >a/tasks || fail "echo 0 >a/tasks"
	same ">" "$(cat /proc/self/container)" debug:/a
	echo "$me" >>tasks || fail "echo PID >>tasks"
	same ">>" "$(cat /proc/self/container)" debug:/
	echo "$me" | dd of=a/tasks 2>/dev/null || fail "dd of=a/tasks"
	same dd "$(cat /proc/self/container)" debug:/a
	printf %s "$me" | cat >tasks || fail "cat >tasks"
	same "cat without a newline" "$(cat /proc/self/container)" debug:/
	/bin/echo "$me" >a/tasks || fail "/bin/echo PID >a/tasks"
	same /bin/echo "$(cat /proc/self/container)" debug:/a
	cp a/tasks /tmp/tasks || fail "cp a/tasks"
	cat /tmp/tasks >tasks 2>/dev/null
	echo "$me" >tasks
	works rmdir a
}

errors_have_names() {
	begin debug
	works mkdir a
	refused "No such process" sh -c 'echo 99999999 >a/tasks'
	refused "nvalid argument" sh -c 'echo hello >a/tasks'
	refused "nvalid argument" sh -c 'echo 2 >a/tasks'
	refused "ermission denied" sh -c 'echo 1 >a/new'
	refused "not permitted" rm a/tasks
	refused "not permitted" ln -s tasks a/link
	refused "exists" mkdir a
	refused "exists" mkdir tasks
	refused "No such file" mount -t container -o nosuch none /mnt
	refused "nvalid argument" mount -t container -o debug,all none /mnt
	refused "busy" mount -t container -o all none /mnt
	refused "busy" umount "$dir"
	works rmdir a
}

mount_with_remount() {
	begin debug
	works mkdir a
	works mount -o remount,ro "$dir"
	refused "ead-only" mkdir b
	works mount -o remount,rw "$dir"
	works mkdir b
	same "the set" "$(cat /proc/self/container)" debug:/
	works rmdir a b
}

mounted_twice() {
	begin debug,numtasks
	works mkdir -p /tmp/second a
	works mount -t container -o numtasks,debug none /tmp/second
	works test -d /tmp/second/a
	works rmdir /tmp/second/a
	works test ! -e a
	works umount /tmp/second
}

# find, ls and cp -r see a tree of plain files
tree_walks() {
	begin debug,numtasks
	works mkdir -p a/b/c d
	same directories "$(find . -type d | sort | xargs)" ". ./a ./a/b ./a/b/c ./d"
	same "tasks files" "$(find . -name tasks | wc -l)" 5
	works ls -lR . >/dev/null
	works cat a/b/c/* >/dev/null
	works rm -rf /tmp/copy
	works cp -r a /tmp/copy
	same "tasks of a copy" "$(cat /tmp/copy/b/tasks)" ""
	works rmdir a/b/c a/b a d
}

pipeline() {
	begin numtasks
	works mkdir a
	echo 0 >a/tasks
	# this shell and its cat
	same count "$(cat a/numtasks.count)" 2
	yes 2>/dev/null | head -n 1000 | sort | uniq >/dev/null
	echo 0 >tasks
	same count "$(cat a/numtasks.count)" 0
	echo 1 >a/numtasks.limit
	refused "can't fork" sh -c 'echo 0 >a/tasks; ls | cat'
	works rmdir a
}

ktap_run charlie redirections errors_have_names mount_with_remount mounted_twice \
	tree_walks pipeline

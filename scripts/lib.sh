# shellcheck shell=bash disable=SC2034 # much here is for those who source it
# Sourced by every script here. Knows where things are, which kernels there are
# and how to say something; does nothing by itself.
#
# The Makefile hands the user's variables over as CT_KERNEL, CT_CONFIG, ... so that
# O=, V=, KERNEL= and the rest never leak into the makefiles of a kernel.

set -euo pipefail
export LC_ALL=C
umask 022
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
unset KERNEL CONFIG TEST SMP SEED QUICK MUTANT DEEP MINUTES GDB V O CC QEMU ARCH CROSS_COMPILE

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${CT_O:-$top/build}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/linux-containers

# Exit codes; those of a run are in scripts/report.
EXIT_USAGE=2
EXIT_NOSOURCE=3
EXIT_BROKEN=125

# A kbuild-style progress line.
say() {
	printf '  %-7s %s\n' "$1" "$2"
}

# die MESSAGE [STATUS]: the one clear line a user gets.
die() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit "${2:-$EXIT_BROKEN}"
}

kernels() {
	local conf
	for conf in "$top"/patches/*/kernel.conf; do
		[ -f "$conf" ] && basename "$(dirname "$conf")"
	done
}

configs() {
	echo base debug full off cpuset cpuset_debug selftest gcov kcsan rt
}

# Where a test runs that does not say so.
default_configs=base,debug,full

tests() {
	local file
	for file in "$top"/tests/guest/[0-9][0-9]-*.c "$top"/tests/guest/[0-9][0-9]-*.sh; do
		[ -f "$file" ] || continue
		file=${file##*/}
		echo "${file%.*}"
	done | sort
}

# What a test declares in its "harness:" line, else $3.
declared() {
	local line
	line=$(sed -n '1,20s/.*harness: *//p' "$top/tests/guest/$1".[cs]* | paste -sd' ')
	if [[ " $line" =~ [[:space:]]$2=\"([^\"]*)\" ]] || [[ " $line" =~ [[:space:]]$2=([^[:space:]]*) ]]; then
		echo "${BASH_REMATCH[1]}"
	else
		echo "$3"
	fi
}

# choose WHAT VALUE VALID...: print VALUE, or all VALID for an empty VALUE or "all".
choose() {
	local what=$1 value=$2 word
	shift 2
	if [ -z "$value" ] || [ "$value" = all ]; then
		printf '%s\n' "$@"
		return
	fi
	for word in "$@"; do
		[ "$word" = "$value" ] && echo "$word" && return
	done
	die "unknown $what=$value, valid: $* all" $EXIT_USAGE
}

# Read patches/KERNEL/kernel.conf into KERNEL_* variables.
load_kernel() {
	[ -f "$top/patches/$1/kernel.conf" ] ||
		die "unknown KERNEL=$1, valid: $(kernels | xargs)" $EXIT_USAGE
	unset "${!KERNEL_@}"
	# shellcheck source=/dev/null
	. "$top/patches/$1/kernel.conf"
}

# The names in a quilt series, without comments.
series() {
	[ -f "$1" ] || return 0
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$1"
}

# Files of the repository that enter the tree of kernel $1: "file<TAB>place in the tree".
overlay() {
	local files=$top/patches/$1/files file
	for file in "$top"/include/linux/container*.h "$top"/kernel/container*.[ch] \
		"$top"/init/Kconfig.container "$top"/fs/proc/container.c "$top"/Documentation/container*.txt; do
		[ -f "$file" ] && printf '%s\t%s\n' "$file" "${file#"$top/"}"
	done
	[ -d "$files" ] || return 0
	(cd "$files" && find . -type f ! -name '.*' ! -name '*~' -printf '%P\n' | sort) |
		while read -r file; do
			printf '%s\t%s\n' "$files/$file" "$file"
		done
}

# The objects that our files of kernel $1 become, without their directories.
object_names() {
	overlay "$1" | sed -n 's,.*/\(.*\)\.c$,\1.o,p' | sort -u
}

# copy_tree DIR: all files of this tree, with their times; what DIR had goes away.
copy_tree() {
	rm -rf "$1"
	mkdir -p "$1"
	(cd "$top" && find . -path ./build -prune -o -path ./.git -prune -o -path "./${out#"$top/"}" -prune -o -type f -print0 |
		tar -c --null -T -) | tar -x -C "$1"
}

# One make at a time in a build directory. Children find the lock taken.
lock() {
	[ -n "${CT_LOCKED:-}" ] && return
	mkdir -p "$out"
	exec 9>"$out/.lock"
	if ! flock -n 9; then
		say WAIT "another make is at work in $out"
		flock 9
	fi
	export CT_LOCKED=1
}

# The compiler, through ccache. Paths are made relative to the checkout and the
# build is dated, so that another clone finds the same objects.
setup_ccache() {
	export CCACHE_DIR=$cache/ccache CCACHE_BASEDIR=$out CCACHE_NOHASHDIR=1
	export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-3G}
	export KBUILD_BUILD_TIMESTAMP='Sun Jul  8 23:32:17 UTC 2007'
	export KBUILD_BUILD_USER=containers KBUILD_BUILD_HOST=localhost
	mkdir -p "$CCACHE_DIR"
}

# result ok|fail|skip NAME [WHY]: one host check, shown and counted.
result() {
	local word=$1
	[ "$word" = fail ] && word=FAILED failures=$((${failures:-0} + 1))
	[ "$word" = skip ] && word=SKIPPED
	say CHECK "$(printf '%-40s %s' "$2" "$word")${3:+ ($3)}"
	[ -z "${CT_RESULTS:-}" ] || echo "$1 $2" >>"$CT_RESULTS"
}

elapsed() {
	local s=$((SECONDS - $1))
	[ $s -ge 60 ] && printf '%dm%02ds' $((s / 60)) $((s % 60)) || printf '%ds' $s
}

# All subsystems but debug, for container_disable=: what one costs, in a kernel that has them all.
all_but_debug() {
	sed -n 's/^SUBSYS(\(.*\))$/\1/p' "$top/include/linux/container_subsys.h" | grep -vx -e debug -e selftest | paste -sd ,
}

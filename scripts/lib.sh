# shellcheck shell=bash disable=SC2034 # much here is for those who source it
# Sourced by every script here. Knows where things are, which kernels there are
# and how to say something. Does nothing by itself but refuse what the user's
# variables must not be.
#
# The Makefile hands the user's variables over as CT_KERNEL, CT_CONFIG, ... so that
# O=, V=, KERNEL= and the rest never leak into the makefiles of a kernel.

set -euo pipefail
export LC_ALL=C
umask 022
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
unset KERNEL CONFIG TEST SMP SEED QUICK MUTANT DEEP MINUTES ROUNDS GDB V O CC QEMU ARCH CROSS_COMPILE

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=$(realpath -ms -- "${CT_O:-$top/build}")
[ -z "${CT_O:-}" ] || export CT_O=$out
# without HOME it is what the list of users says
export HOME=${HOME:-~}
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
	local line='' lines i
	# without a process of its own: it is asked a thousand times
	for i in "$top/tests/guest/$1".[cs]*; do
		mapfile -t -n 20 lines <"$i"
	done
	for i in "${lines[@]}"; do
		[[ $i != *harness:* ]] || line+=" ${i##*harness:}"
	done
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

# Is there a configuration $2 of kernel $1? X_Y is made of the files of X and of Y.
has_config() {
	local part
	for part in ${2//_/ }; do
		[ -f "$top/patches/$1/config/$part.config" ] || return
	done
}

# one_config DEFAULT KERNEL...: print CONFIG=, else DEFAULT: one configuration, which one of the kernels has.
one_config() {
	local config=${CT_CONFIG:-$1} k
	shift
	for k in "$@"; do
		has_config "$k" "$config" && echo "$config" && return
	done
	die "CONFIG=$config is no configuration of $*, valid: $(configs_of "$@")" $EXIT_USAGE
}

# Those that at least one of the kernels has.
configs_of() {
	local config k
	for config in $(configs); do
		for k in "$@"; do
			has_config "$k" "$config" && echo "$config" && break
		done
	done | xargs
}

# The tests that TEST= selects.
selected_tests() {
	local test found=
	for test in $(tests); do
		# shellcheck disable=SC2053
		[[ $test == ${CT_TEST:-*} ]] && echo "$test" && found=1
	done
	[ -n "$found" ] || die "unknown TEST=${CT_TEST:-}, valid: $(tests | xargs)" $EXIT_USAGE
}

# Print the runs of kernel $1 in configuration $2, of the tests that TEST= selects: arguments of scripts/try, tab
# separated.
plan() {
	local k=$1 config=$2 test smp cpus timeout append leak
	for test in $(selected_tests); do
		[[ ,$(declared "$test" kernels "$k"), == *,$k,* ]] || continue
		[[ ,$(declared "$test" configs $default_configs), == *,$config,* ]] || continue
		cpus=2
		[ "$config" = base ] && cpus=1,2
		cpus=${CT_SMP:-$(declared "$test" "smp_$config" "$(declared "$test" smp $cpus)")}
		append=$(declared "$test" append '')
		timeout=$(declared "$test" timeout 120)
		[ -z "${CT_DEEP:-}" ] || timeout=$((timeout * 2))
		if [[ $config == *debug ]]; then
			timeout=$((timeout * 4))
			# it makes a boot take twice as long, so it has to be asked for
			leak=$(declared "$test" leak 0)
			if [ "$leak" = 1 ] || { [ "$leak" = deep ] && [ -n "${CT_DEEP:-}" ]; }; then
				append="cleak=1 $append"
			else
				append="kmemleak=off $append"
			fi
		fi
		# what runs on base with all its rounds
		[ -n "${CT_DEEP:-}" ] || case $config in
		debug) append="cless=3 $append" ;;
		full) append="cless=4 $append" ;;
		esac
		for smp in ${cpus//,/ }; do
			printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$k" "$config" "$smp" "$test" "$timeout" "$append"
		done
	done
}

# Several tests in one guest are a batch: those for which all else is the same, in the order of their names, until their
# time limits come to that of eight plain tests. A test that says alone=1 has a guest of its own, and so has each with
# DEEP=1 or GDB=1. Makes the directory $2 of the runs in the file $1: a file for each guest; what takes longest comes
# first by name.
batches() {
	rm -rf "$2"
	mkdir -p "$2"
	sort -s -t $'\t' -k 1,3 -k 6,6 "$1" | while IFS=$'\t' read -r k config smp test timeout append; do
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$(alone "$test")" "$k" "$config" "$smp" "$test" "$timeout" "$append"
	done | awk -F'\t' -v OFS='\t' -v dir="$2" '
		BEGIN { split("debug 1 cpuset_debug 2 full 3 selftest 4 cpuset 5 base 6 off 7", o, " ")
			for (i = 1; i in o; i += 2) order[o[i]] = o[i + 1] }
		{
			key = $2 OFS $3 OFS $4 OFS $7
			most = $3 ~ /debug$/ ? 3840 : 960
			if ($1) file = sprintf("%s/tmp%d", dir, ++n)
			else if (!(key in open) || sum[key] + $6 > most) { file = open[key] = sprintf("%s/tmp%d", dir, ++n); sum[key] = 0 }
			else file = open[key]
			if (!$1) sum[key] += $6
			time[file] += $6
			first[file] = ($2 == "6.12" ? 0 : 10) + ($3 in order ? order[$3] : 8)
			print $2, $3, $4, $5, $6, $7 >file
		}
		END { for (f in time) print f, sprintf("%02d-%05d-%s", first[f], 99999 - time[f], substr(f, length(dir) + 5)) }' |
		while IFS=$'\t' read -r file name; do mv "$file" "$2/$name"; done
}

# Is test $1 to have a guest of its own? 1 or 0.
alone() {
	if [ -n "${CT_DEEP:-}${CT_GDB:-}" ]; then
		echo 1
	else
		declared "$1" alone 0
	fi
}

# show_verdict DIR WHERE TEST TENTHS: judge a results directory, say so in a line that has the time. The counts go to
# DIR/verdict. The status is that of scripts/report.
show_verdict() {
	local rc=0 name passed failed skipped
	"$top/scripts/report" -v "$1" >"$1/report" || rc=$?
	head -n 1 "$1/report" >"$1/verdict"
	read -r name passed failed skipped _ <"$1/verdict"
	[ "$name" = PASS ] && name=ok
	{
		say BOOT "$(printf '%-28s %-20s %-8s%4d/%-4d %3d.%ds' "$2" "$3" "$name" \
			"$passed" $((passed + failed + skipped)) $(($4 / 10)) $(($4 % 10)))"
		tail -n +2 "$1/report"
	} | cat
	return $rc
}

# The runs of all kernels $1 and configurations $2.
runs() {
	local k config
	for k in $1; do
		for config in $2; do
			! has_config "$k" "$config" || plan "$k" "$config"
		done
	done
}

# number NAME VALID REGEXP: a variable that is a number, if it is set.
number() {
	local var=CT_$1
	[ -z "${!var:-}" ] || [[ ${!var} =~ ^($3)$ ]] || die "$1=${!var} is not possible, valid: $2" $EXIT_USAGE
}

# A directory that kernels are built in, or from. Neither kbuild nor QEMU's options can quote such names.
buildable() {
	local bad='[][:space:][:cntrl:],:;=&|()<>*?!$#%`"'\''\{}^[]'
	[[ ! $2 =~ $bad ]] || die "no kernel can be built where a name has ${BASH_REMATCH[0]@Q} in it: $1 $2" $EXIT_USAGE
}

# What the user's variables say is refused here, before anything is installed or built. TEST= and MUTANT= mean
# something else to different scripts, which do so themselves.
check_variables() {
	local name var word
	[ -z "${CT_CHECKED:-}" ] || return 0
	[ "${cache:0:1}" = / ] || die "where is the cache? HOME and XDG_CACHE_HOME are not set to a directory" $EXIT_USAGE
	buildable "the checkout" "$top"
	buildable "O=" "$out"
	buildable "the cache" "$cache"
	# shellcheck disable=SC2046
	{
		choose KERNEL "${CT_KERNEL:-}" $(kernels) >/dev/null
		choose CONFIG "${CT_CONFIG:-}" $(configs) >/dev/null
	}
	number SMP 1-8 '[1-8]'
	number SEED 0-999999999 '0|[1-9][0-9]{0,8}'
	number MINUTES 1-9999 '[1-9][0-9]{0,3}'
	number ROUNDS 1-9999 '[1-9][0-9]{0,3}'
	number JOBS 1-999 '[1-9][0-9]{0,2}'
	for name in QUICK DEEP GDB V; do
		number $name '0 1' '[01]'
		var=CT_$name
		[ "${!var:-}" != 0 ] || export "$var="
	done
	[ -z "${CT_QEMU:-}" ] || command -v -- "$CT_QEMU" >/dev/null || die "QEMU=$CT_QEMU is no program" $EXIT_USAGE
	word=${CT_CC:-}
	[ -z "$word" ] || command -v -- "${word%% *}" >/dev/null || die "CC=$word is no program" $EXIT_USAGE
	[ -z "${CT_LINUX_TARBALL:-}" ] || [ -f "$CT_LINUX_TARBALL" ] ||
		die "LINUX_TARBALL=$CT_LINUX_TARBALL does not exist, or is no file" $EXIT_USAGE
	[ -z "${CT_LINUX_GIT:-}" ] || [ -d "$CT_LINUX_GIT" ] ||
		die "LINUX_GIT=$CT_LINUX_GIT is no directory" $EXIT_USAGE
	export CT_CHECKED=1
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

# obtain KERNEL NAME: its source. Where there is none to be had, NAME is skipped and the status 1.
obtain() {
	local rc=0
	"$top/scripts/fetch" "$1" || rc=$?
	[ $rc != 0 ] || return 0
	[ $rc = $EXIT_NOSOURCE ] || exit $rc
	result skip "$2" "no source"
	return 1
}

# pristine KERNEL DIR: the files that its patches edit, as the kernel has them. Fails when one is missing.
pristine() {
	local k=$1 to=$2 dir=$top/patches/$1 name path missing=0
	mkdir -p "$to"
	while read -r path; do
		mkdir -p "$(dirname "$to/$path")"
		cp "$out/$k/pristine/$path" "$to/$path" 2>/dev/null || cp "$out/$k/src/$path" "$to/$path" 2>/dev/null || {
			echo "there is no $path in $k"
			missing=1
		}
	done < <({ series "$dir/toolchain/series" | sed 's,^,toolchain/,' && series "$dir/series"; } | while read -r name; do
		sed -n 's,^--- a/\([^[:space:]]*\).*,\1,p' "$dir/$name"
	done | sort -u)
	return $missing
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

# What we make in a build directory, a name a line. Whoever writes something else there adds it here: "make selftest"
# looks for it.
made() {
	kernels
	printf '%s\n' guest plan runs batches results apt.log busybox.log quilt.log offcheck.diff selftest bench combos mutants \
		provoke deep flakes
}

# O= may name a directory with other things in it. A mark says that it is ours, and that what has one of our names
# was made by us: else "make clean" could not tell.
mark() {
	local name
	[ ! -f "$out/.linux-containers" ] || return 0
	if [ "$out" != "$top/build" ]; then
		for name in $(made); do
			[ ! -e "$out/$name" ] || die "there is a $name in O=$out that is not ours: name another directory" $EXIT_USAGE
		done
	fi
	mkdir -p "$out"
	: >"$out/.linux-containers"
}

# One make at a time in a build directory. Children find the lock taken.
lock() {
	[ -n "${CT_LOCKED:-}" ] && return
	mark
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

check_variables

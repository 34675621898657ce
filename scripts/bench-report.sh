# shellcheck shell=bash disable=SC2154 # work, mode, have, compiler, published are those of scripts/bench
# Sourced by scripts/bench: what it knows without booting, its tables and its plots.

# What the headers of kernel $1 say, compiled as kernel/fork.c is; $2 is on or off, $3 the configuration.
probe() {
	local k=$1 option=$2 obj=$out/$1/$3 saved name size
	# shellcheck disable=SC2016
	saved=$(sed -n 's/^\(saved\)\?cmd_[^ ]* := //p' "$obj/kernel/.fork.o.cmd" |
		sed -e 's/;.*//' -e 's/\$(pound)/#/g' -e 's/-Wp,-MM\?D,[^ ]*//' -e 's/ -o [^ ]*\.o / /' -e 's/^.*gcc //' -e 's/ *$//')
	mkdir -p "$work/$k"
	(cd "$obj" && eval "${CT_CC:-gcc} ${saved% *} -o '$work/$k/$option.o' '$top/tests/bench/probe.c'") \
		>"$work/$k/$option.log" 2>&1 || {
		say WARN "tests/bench/probe.c does not compile for $k/$3, see $work/$k/$option.log"
		return 0
	}
	nm -S "$work/$k/$option.o" | while read -r _ size _ name; do
		case $name in
		probe_*_size) size=$((16#$size)) name=${name%_size} ;;
		# all but the return
		probe_*) size=$(($(objdump -d --no-show-raw-insn --disassemble="$name" "$work/$k/$option.o" | grep -c '^ *[0-9a-f]*:.[a-z]') - 1)) ;;
		*) continue ;;
		esac
		name=${name#probe_}
		case $name in
		cgroup1_*) echo "$k,$option,cgroup1,-,probe,${name#cgroup1_},1,1,$size,$size,$size" ;;
		*) echo "$k,$option,container,-,probe,$name,1,1,$size,$size,$size" ;;
		esac
	done >"$work/$k/$option.probe"
}

# What was measured.
about() {
	local k
	echo 'What containers cost, in guest instructions. See performance.txt.'
	echo
	for k in $have; do
		echo "kernel    $k: $(cat "$out/$k/identity"), patches/$k/config/base.config and off.config"
	done
	echo "compiler  $compiler"
	echo "emulator  $("${CT_QEMU:-qemu-system-x86_64}" --version | head -n 1)"
	echo "points    $mode"
}

tables() {
	local k
	table_targets "$1"
	for k in $have; do
		table_tasks "$k" "$1"
		table_files "$k" "$1"
		table_memory "$k" "$1"
	done
}

# The figures with a target.
table_targets() {
	printf '\nTargets\n\n%-8s%-24s%10s%10s\n' kernel figure is target
	figures "$1" | while read -r k name value _; do
		read -r _ target _ < <(goals | awk -v k="$k" -v name="$name" '$1 == k && $2 == name { print $3, $4, $5 }') || target=-
		say=met
		[ "$target" != - ] || say=
		[ "$target" = - ] || [ "$value" -le "$target" ] || say=MISSED
		printf '%-8s%-24s%10s%10s  %s\n' "$k" "$name" "$value" "$target" "$say"
	done
	# what is missed by padding alone is said: the size is a multiple of an alignment
	awk -F, '$5 == "probe" && $6 ~ /^task_struct/ { size[$1, $2, $6] = $9; k[$1] = 1 }
		END { for (i in k) if (size[i, "on", "task_struct"] && size[i, "off", "task_struct"]) {
			grown = size[i, "on", "task_struct"] - size[i, "off", "task_struct"]
			members = size[i, "on", "task_struct_members"]
			say = grown <= 24 ? "met" : members <= 24 ? "met by its members, the rest is padding" : "MISSED"
			printf "%-8s%-24s%10d%10d  %s\n", i, "task_struct_members", members, 24, members <= 24 ? "met" : "MISSED"
			printf "%-8s%-24s%10d%10d  %s\n", i, "task_struct_grows", grown, 24, say } }' "$1" | sort
}

# Operations of tasks: with the option on, and off where as many tasks are.
table_tasks() {
	printf '\n%s: tasks that do something, option on and off\n\n' "$1"
	printf 'added: the difference of the medians, and of the 10th percentiles\n\n'
	printf '%-34s%-14s%6s%12s%12s%8s%8s%8s\n' where operation x off on added added ratio
	awk -F, -v k="$1" '
		$1 != k || $9 == 0 || $2 == "many" && $5 != "subsystems" { next }
		$6 !~ /^((vfork|fork|thread)(_least)?|getppid|exec|fork_only|exit_only)$/ { next }
		$2 == "off" { off[$5, $6, $7] = $9; low[$5, $6, $7] = $10; next }
		{ n++; line[n] = $0 }
		END {
			for (i = 1; i <= n; i++) {
				split(line[i], f, ",")
				base = off["unmounted", f[6], 1]
				least = low["unmounted", f[6], 1]
				if (f[5] ~ /^(tasks|groups)/ && off["tasks_alone", f[6], f[7]]) {
					base = off["tasks_alone", f[6], f[7]]
					least = low["tasks_alone", f[6], f[7]]
				}
				where = f[5] (f[3] == "-" ? "" : ", " f[3] (f[4] == "-" ? "" : " " f[4]))
				if (base)
					printf "%-34s%-14s%6d%12d%12d%+8d%+8d%8.3f\n", where, f[6], f[7],
						base, f[9], f[9] - base, f[10] - least, f[9] / base
			}
		}' "$2"
}

# Operations on files: ours, and what cgroups take for the like.
table_files() {
	printf '\n%s: operations on hierarchies, and how many times as much cgroups take\n\n' "$1"
	printf '%-34s%-14s%8s%12s%12s%8s%12s%8s\n' scene operation x ours cgroup1 times cgroup2 times
	awk -F, -v k="$1" '
		$1 != k || $2 == "off" || $5 ~ /^memory|^probe/ { next }
		$6 ~ /^((vfork|fork|thread)(_least)?|getppid|exec|fork_only|exit_only|nothing)$/ { next }
		$2 == "many" { $5 = $5 " of many" }
		{ v[$3, $4, $5, $6, $7] = $9 }
		$3 == "container" { n++; what[n] = $4; scene[n] = $5; op[n] = $6; x[n] = $7; ours[n] = $9 }
		function peer(fs, i, like) {
			# the first kind of each is measured where only one of each is
			like = what[i] == "numtasks" ? "pids" : fs == "cgroup2" ? "-" : "named"
			if (what[i] == "all")
				return "           -       -"
			if (!v[fs, like, scene[i], op[i], x[i]] || !ours[i])
				return "           -       -"
			return sprintf("%12d%8.2f", v[fs, like, scene[i], op[i], x[i]], v[fs, like, scene[i], op[i], x[i]] / ours[i])
		}
		END { for (i = 1; i <= n; i++)
			printf "%-34s%-14s%8d%12d%s%s\n", scene[i] ", " what[i], op[i], x[i], ours[i], peer("cgroup1", i), peer("cgroup2", i) }' "$2"
}

# Bytes.
table_memory() {
	printf '\n%s: bytes, or instructions for task_subsys_state and task_css\n\n' "$1"
	printf '%-20s%-10s%-24s%10s%10s\n' where options what of bytes
	awk -F, -v k="$1" '$1 == k && $5 ~ /^memory|^probe/ {
		printf "%-20s%-10s%-24s%10d%10d\n", ($3 == "-" ? "option " $2 : $3 ($5 == "probe" ? ", option " $2 : "")), $4, $6, $7, $9 }' "$2"
}

# plot FILE TITLE X-AXIS KERNEL SCENE OPERATION: all hierarchies in one picture.
plot() {
	local svg=$1 title=$2 axis=$3 k=$4 scene=$5 op=$6 where options name lines=
	while IFS=, read -r where options; do
		name=$svg.$where-$options
		awk -F, -v OFS=' ' -v k="$k" -v s="$scene" -v o="$op" -v w="$where" -v p="$options" \
			'$1 == k && $2 != "off" && $3 == w && $4 == p && $5 == s && $6 == o { print $7, $9, $10, $11 }' \
			"$work/bench.csv" | sort -n -u -k 1,1 >"$work/plots/$name"
		[ "$(wc -l <"$work/plots/$name")" -gt 1 ] || continue
		lines+="${lines:+, }'$work/plots/$name' using 1:2 with linespoints title '$where $options'"
	done < <(awk -F, -v k="$k" -v s="$scene" -v o="$op" '$1 == k && $2 != "off" && $5 == s && $6 == o { print $3 "," $4 }' \
		"$work/bench.csv" | sort -u)
	[ -n "$lines" ] || return 0
	gnuplot >"$work/plots/$svg.log" 2>&1 <<-END || say WARN "gnuplot: $(head -n 1 "$work/plots/$svg.log")"
		set terminal svg size 780,400 font 'sans,11' background 'white'
		set output '$work/$svg.svg'
		set title '$title, Linux $k'
		set xlabel '$axis'
		set ylabel 'guest instructions'
		set key outside right top
		set logscale xy
		set grid
		plot $lines
	END
}

plots() {
	local k
	rm -f "$work"/*.svg
	if ! command -v gnuplot >/dev/null; then
		say SKIP "plots: there is no gnuplot (Debian: gnuplot-nox)"
		return
	fi
	mkdir -p "$work/plots"
	for k in $have; do
		plot "read-tasks-$k" 'open, read and close the list of tasks' 'tasks in the container' "$k" tasks read_tasks
		plot "fork-tasks-$k" 'fork, exit, wait' 'tasks in the container' "$k" tasks fork
		plot "mkdir-tasks-$k" 'mkdir' 'tasks in the hierarchy' "$k" tasks mkdir
		plot "move-groups-$k" 'move one task' 'css_groups, css_sets' "$k" groups move
		plot "fork-groups-$k" 'fork, exit, wait' 'css_groups, css_sets' "$k" groups fork
		plot "mkdir-siblings-$k" 'mkdir' 'containers beside it' "$k" siblings mkdir
		plot "rmdir-siblings-$k" 'rmdir' 'containers beside it' "$k" siblings rmdir
		plot "mkdir-depth-$k" 'mkdir' 'depth' "$k" depth mkdir
		plot "rmdir-depth-$k" 'rmdir' 'depth' "$k" depth rmdir
		plot "proc-depth-$k" 'read /proc/self/container, cgroup' 'depth' "$k" depth read_proc
		plot "proc-hierarchies-$k" 'read /proc/self/container, cgroup' 'hierarchies' "$k" hierarchies read_proc
		plot "fork-subsystems-$k" 'fork, exit, wait' 'subsystems' "$k" subsystems fork
		plot "move-subsystems-$k" 'move one task' 'subsystems' "$k" subsystems move
		plot "mkdir-subsystems-$k" 'mkdir' 'subsystems' "$k" subsystems mkdir
	done
}

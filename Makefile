# SPDX-License-Identifier: GPL-2.0
# The only entry point: every target is a script in scripts/, which says more about it.

# What `make help` prints about a target or a variable stands beside it, after "##".

KERNEL ?=	## @KERNELS@ all; default: all (make run: the first that can be had)
CONFIG ?=	## @CONFIGS@ all; default: what each test asks for, and what make run has most in
TEST ?=		## a test in tests/guest, or a pattern: TEST='0[1-3]-*'
SMP ?=		## number of CPUs; default: what each test asks for
SEED ?=		## for tests with chance in them
QUICK ?=	## 1: make bench with fewer points
DEEP ?=		## 1: storms and sweeps in their full length
MINUTES ?=	## how long make storm and make fuzz take for each kernel, default 10
ROUNDS ?=	## how often make flakes runs each test, default 10
MUTANT ?=	## a mutant in tests/mutants, or a pattern: MUTANT='21-*'
GDB ?=		## 1: QEMU waits for gdb
V ?=		## 1: show the commands of a kernel build
O ?=		## build directory, default build
QEMU ?=		## the emulator, default qemu-system-x86_64
LINUX_GIT ?=	## a git repository that holds Linux v2.6.22
LINUX_TARBALL ?=	## a tarball of Linux 2.6.22
## CC=, JOBS=    compiler (default gcc), parallel jobs of a kernel build

export CT_KERNEL := $(strip $(KERNEL))
export CT_CONFIG := $(strip $(CONFIG))
export CT_TEST := $(strip $(TEST))
export CT_SMP := $(strip $(SMP))
export CT_SEED := $(strip $(SEED))
export CT_QUICK := $(strip $(QUICK))
export CT_DEEP := $(strip $(DEEP))
export CT_MINUTES := $(strip $(MINUTES))
export CT_ROUNDS := $(strip $(ROUNDS))
export CT_MUTANT := $(strip $(MUTANT))
export CT_GDB := $(strip $(GDB))
export CT_V := $(strip $(V))
export CT_O := $(O)
export CT_QEMU := $(QEMU)
export CT_LINUX_GIT := $(LINUX_GIT)
export CT_LINUX_TARBALL := $(LINUX_TARBALL)
export CT_CC := $(if $(filter default,$(origin CC)),,$(CC))
export CT_JOBS := $(strip $(JOBS))

MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run shell check quick build check-patches series bisect refresh lint selftest deps deep bench bench-record scaling \
	storm fuzz flakes coverage kcsan rt detectors mutants combos clean distclean

run:		## build, boot, play the "Charlie" example, then a shell in the guest
	@scripts/run demo
shell:		## build, boot, a shell in the guest
	@scripts/run shell
check:		## everything, as CI runs it; with CONFIG, TEST or SMP only those guest tests
	@scripts/check
quick:		## the guest tests of 2.6.22 in the base configuration, one CPU
	@CT_KERNEL=$(or $(CT_KERNEL),2.6.22) CT_CONFIG=$(or $(CT_CONFIG),base) CT_SMP=$(or $(CT_SMP),1) scripts/check
deep:		## check with DEEP=1 and all of the next ones: hours
	@scripts/deep
storm:		## the storm test for MINUTES, each round with another seed
	@scripts/storm
build:		## fetch, patch and build kernels
	@scripts/check build
selftest:	## does the harness tell good from bad?
	@scripts/selftest
bench:		## what containers cost, in guest instructions; tables, bench.csv and plots in build/bench
	@scripts/bench
bench-record:	## bench and scaling, and keep the results, also as what check compares with
	@scripts/bench record
	@scripts/scaling record
scaling:	## which locks forks take, and fight for, on 6.12
	@scripts/scaling
coverage:	## which lines of our files do the tests run, on 6.12
	@scripts/coverage
fuzz:		## random operations for MINUTES, on base and debug of each kernel
	@scripts/fuzz
flakes:		## every test ROUNDS times on a host that is kept busy; false failures
	@scripts/flakes
kcsan:		## the tests that race, on a 6.12 that looks for data races
	@scripts/kcsan
rt:		## all tests on a 6.12 with PREEMPT_RT and lockdep
	@scripts/rt
detectors:	## is a kernel that makes a mistake found out?
	@scripts/detectors
mutants:	## do the tests notice when a rule is broken? half an hour
	@scripts/mutants
combos:		## does every combination of options build?
	@scripts/combos
lint:		## style and static checks
	@scripts/lint
deps:		## install the tools that are missing, or say what to type
	@scripts/deps build
	@scripts/deps lint
check-patches:	## do the series apply cleanly and hold together?
	@scripts/check-patches
refresh:	## rewrite the patches in their canonical form
	@scripts/refresh
series:		## the series as mails, in build/KERNEL/series
	@scripts/series
bisect:		## build the kernel after every patch of the series
	@scripts/bisect
clean:		## remove what we have made in the build directory
	@scripts/clean
distclean:	## also the cache of sources, busybox and compiler results
	@scripts/clean all
help:		## this
	@scripts/help $(firstword $(MAKEFILE_LIST))

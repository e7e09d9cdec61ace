# countersign: build, test, install. `make help` lists the targets.
#
# Sources are found by folder, so a new room needs no line here: ledger/*.c, controls/*.c, controls/compiler/*.c,
# audit/*.c, audit/*/*.c and cli/*.c become one library each; tests/test_*.c one program each.

BUILD   ?= debug
PREFIX  ?= /usr/local
DESTDIR ?=
DATA    ?=
OUT     := build/$(BUILD)

CC_release := gcc
CC_debug   := gcc
CC_asan    := clang
CC_tsan    := clang
CC_valgrind := gcc
CC_coverage := gcc
CC_fuzz    := clang
CC_afl     := afl-clang-fast
CC         := $(or $(CC_$(BUILD)),$(error BUILD is one of debug, release, asan, tsan, valgrind, coverage, fuzz, afl))

# Each record that the cache of the books hands out is held against the store (ledger/books.c).
CHECKED := -DBOOKS_CACHE_CHECKED=1
OPT_debug   := -O1 -g $(CHECKED)
OPT_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -ffile-prefix-map='$(CURDIR)'=. -Wl,-z,relro,-z,now
OPT_asan    := $(CHECKED) -O1 -gline-tables-only -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_fuzz    := $(OPT_asan) -fsanitize=fuzzer-no-link
OPT_afl     := $(OPT_asan)
OPT_tsan    := -O1 -gline-tables-only -fsanitize=thread -fno-omit-frame-pointer
# Of the address space that it leaves, chance takes up to two thirds before a program starts.
OPT_tsan    += -D'STORE_MAP_BYTES_DEFAULT=((uint64_t)1 << 36)'
# It leaves some tens of gigabytes; and it is slow, so tests do as little as under a sanitizer.
OPT_valgrind := -O1 -g -D'STORE_MAP_BYTES_DEFAULT=((uint64_t)1 << 30)' -DSANITIZED=1 -DUNDER_VALGRIND=1
# Threads count too; and tests do as much as they do without a sanitizer.
OPT_coverage := -O0 -g $(CHECKED) --coverage -fprofile-update=atomic -include tests/support/counted.h

# A hundred test programs: linking them is a third of their build, and lld takes half as long over it. Releases keep what gcc takes.
FAST_LINK := $(if $(filter release,$(BUILD)),,$(if $(shell command -v ld.lld),-fuse-ld=lld))

# How much of its symbols a program keeps for itself.
STRIP := $(if $(filter release,$(BUILD)),--strip-unneeded,--strip-debug)

WARN     := -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Wvla -Wno-unknown-warning-option -Wno-format-truncation -Werror
CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L -D_GNU_SOURCE
CFLAGS   += -std=c11 $(WARN) $(OPT_$(BUILD)) -pthread -MMD -MP
LDFLAGS  += $(OPT_$(BUILD)) -pthread $(FAST_LINK)

# What each floor may link. The ledger and the gate need no more than libsodium, lmdb, jansson and libc.
LIBS_GATE := -lsodium -llmdb -ljansson
LIBS_CLI  := -lfyaml -lcsv -lsmartcols -lncursesw -ltinfo -lsqlite3 -lxlsxwriter -lz
# The server's program links these and LIBS_GATE, and no more: what holds a ledger for others parses no YAML and draws no tables.
LIBS_SERVER := -luv
# An auditor's program: what decides again, the compiler of policies, tables on the screen.
LIBS_VERIFY := -lfyaml -lsmartcols
LIBS_TEST := -lcmocka

objects = $(patsubst %.c,$(OUT)/%.o,$(1))

LEDGER   := $(call objects,$(wildcard ledger/*.c))
CONTROLS := $(call objects,$(wildcard controls/*.c controls/kinds/*.c controls/rules/*.c controls/feeds/*.c))
COMPILER := $(call objects,$(wildcard controls/compiler/*.c))
# Files of audit/embed/ are built in as they are (audit/embed.h).
EMBEDDED := $(patsubst %,$(OUT)/%.o,$(wildcard audit/embed/*))
# evidence.html is put together of the files of audit/page/.
PAGE     := $(OUT)/audit/embed/evidence.html
EMBEDDED += $(PAGE).o
AUDIT    := $(call objects,$(wildcard audit/*.c audit/*/*.c)) $(EMBEDDED)
CLI      := $(call objects,$(filter-out cli/main.c,$(wildcard cli/*.c cli/commands/*.c)))
SERVER   := $(call objects,$(filter-out cli/server/main.c,$(wildcard cli/server/*.c)))

ARCHIVES := $(OUT)/libcli.a $(OUT)/libaudit.a $(OUT)/libcompiler.a $(OUT)/libcontrols.a $(OUT)/libledger.a

# The longest first, so that the others run beside them.
TESTS     := $(addprefix $(OUT)/tests/,test_read_access test_verify test_year test_rules_random test_book_remote)
TESTS     += $(filter-out $(TESTS),$(patsubst tests/%.c,$(OUT)/tests/%,$(wildcard tests/test_*.c)))
# Programs in which more than one thread runs; the others have nothing for the thread sanitizer to see.
# (Some make books of the size that people's have, for which that sanitizer leaves no room.)
THREADED  := $(filter-out %/test_restore %/test_backup %/test_store_remote %/test_verify_state,$(patsubst tests/%.c,$(OUT)/tests/%,$(shell grep -lE '"audit/(verify/|child)|pthread\.h|stdatomic\.h' tests/test_*.c)))
# Programs that do less under a sanitizer, so that make test runs them without one too.
SHORTENED := $(patsubst tests/%.c,$(OUT)/tests/%,$(shell grep -lE 'SANITIZED|support/tampered.h' tests/test_*.c))
TEST_HELP := $(call objects,$(wildcard tests/support/*.c))
PRELOADS  := $(patsubst tests/preload/%.c,$(OUT)/tests/%.so,$(wildcard tests/preload/*.c))
# Sees and spoils a command's calls that change files; crashes, failing disks and power cuts are driven with it.
CALLS     := $(OUT)/tests/calls
PRELOADS  += $(CALLS)
LINKS     := $(patsubst tests/links/%.c,$(OUT)/links/%,$(wildcard tests/links/*.c))
# What is fuzzed: tests/fuzz/fuzz_NAME.c, each a libFuzzer program of its own (make fuzz), and all in tests/test_corpus.c.
FUZZED    := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZERS   := $(FUZZED:%=$(OUT)/%)

# What is installed.
PROGRAMS  := $(OUT)/countersign $(OUT)/countersignd $(OUT)/countersign-verify

.PHONY: countersign-verify
countersign-verify: ## the auditor's program alone
	@$(MAKE) --no-print-directory -s BUILD=release build/release/countersign-verify

.PHONY: bitflips tampering all programs demo bench bench-programs bench-packages sim agree test tests-built shortened-built unit unit-shortened unit-threaded scenarios scenarios-served check-style pages realdata sanitizers fuzz mutants seeded unit-books packages install uninstall release release-test clean help format sanitized-scenarios valgrind allocations analyse fuzzers fuzz-cli gate-mutations flips crashes failures powercuts stops coverage
.DELETE_ON_ERROR:
.SECONDARY:

all: packages ## build the program (BUILD=debug|release|asan|tsan)
	@$(MAKE) --no-print-directory $(PROGRAMS)

packages: ## install the Debian packages that are missing (or name them, elsewhere)
	@.ci/packages

# Each entry names the hash of the program that made it, so each command hashes its own file: what debuggers read stands beside it.
$(OUT)/countersign: $(OUT)/cli/main.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE) $(LIBS_CLI)
	@objcopy --only-keep-debug $@ $@.debug && objcopy $(STRIP) --add-gnu-debuglink=$@.debug $@

# Of the command line's rooms it takes what it calls: options, help, answers to whoever starts it; of the auditor's, time stamps.
$(OUT)/countersignd: $(OUT)/cli/server/main.o $(OUT)/libserver.a $(OUT)/libcli.a $(OUT)/libaudit.a $(OUT)/libcontrols.a $(OUT)/libledger.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE) $(LIBS_SERVER)
	@objcopy --only-keep-debug $@ $@.debug && objcopy $(STRIP) --add-gnu-debuglink=$@.debug $@

# Nothing that opens or writes a journal comes with what it calls (tests/scenarios/verify_bundle.sh).
$(OUT)/countersign-verify: $(OUT)/cli/verify/main.o $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE) $(LIBS_VERIFY)
	@objcopy --only-keep-debug $@ $@.debug && objcopy $(STRIP) --add-gnu-debuglink=$@.debug $@

$(OUT)/libserver.a: $(SERVER)
$(OUT)/libledger.a: $(LEDGER)
$(OUT)/libcontrols.a: $(CONTROLS)
$(OUT)/libcompiler.a: $(COMPILER)
$(OUT)/libaudit.a: $(AUDIT)
$(OUT)/libcli.a: $(CLI)
$(OUT)/%.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) qcs $@ $^

# Under a sanitizer the compiler takes three times as long to optimise as not to, which pays where the time goes: not in tests and
# in what talks to people.
$(OUT)/tests/%.o $(OUT)/cli/%.o: CFLAGS += $(if $(filter asan tsan,$(BUILD)),-O0)

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(filter-out $(PAGE).o,$(EMBEDDED)): $(OUT)/%.o: %
	@mkdir -p $(@D)
	ld -r -b binary -z noexecstack -o $@ $<

$(PAGE): $(wildcard audit/page/*)
	@mkdir -p $(@D)
	audit/page/assemble >$@

$(PAGE).o: $(PAGE)
	cd $(OUT) && ld -r -b binary -z noexecstack -o audit/embed/evidence.html.o audit/embed/evidence.html

$(OUT)/tests/test_%: $(OUT)/tests/test_%.o $(TEST_HELP) $(OUT)/libserver.a $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE) $(LIBS_CLI) $(LIBS_SERVER) $(LIBS_TEST) -ldl

BENCH_SHARED := $(call objects,$(wildcard tests/bench/shared/*.c))
$(OUT)/bench/%: $(OUT)/tests/bench/%.o $(BENCH_SHARED) $(TEST_HELP) $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE) $(LIBS_CLI) $(LIBS_TEST) -ldl

# Measures verification without its signature checks too; no other program is linked so.
$(OUT)/bench/verify: LDFLAGS += -Wl,--wrap=crypto_sign_verify_detached

# Other ways to keep the same (tests/bench/peer_*.c and peer/), which link none of our code.
PEER_ROOMS := $(call objects,$(addprefix tests/bench/peer/,work.c check.c times.c ahead.c append.c))
PEERS := $(addprefix $(OUT)/bench/,peer_statements peer_sqlite peer_postgres)
$(OUT)/bench/peer_statements: $(OUT)/tests/bench/peer_statements.o $(OUT)/tests/bench/peer/work.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium

$(OUT)/bench/peer_sqlite: $(OUT)/tests/bench/peer_sqlite.o $(PEER_ROOMS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lsqlite3

LIBPQ := $(wildcard /usr/include/postgresql/libpq-fe.h)
ifneq ($(LIBPQ),)
$(OUT)/tests/bench/peer%.o: CPPFLAGS += -I$(dir $(LIBPQ))
$(OUT)/bench/peer_postgres: $(call objects,$(addprefix tests/bench/,peer_postgres.c peer/rows.c peer/cluster.c)) $(PEER_ROOMS)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lsodium -lpq
else
$(OUT)/bench/peer_postgres: tests/bench/peer/missing_postgres
	@mkdir -p $(@D)
	cp $< $@
endif

SIM := $(call objects,$(wildcard tests/sim/*.c))
$(OUT)/sim: $(SIM) $(TEST_HELP) $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE) $(LIBS_CLI) $(LIBS_TEST) -ldl

# What stands here links the ledger and the gate with their own libraries only.
$(OUT)/links/%: $(OUT)/tests/links/%.o $(OUT)/libcontrols.a $(OUT)/libledger.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE)

$(OUT)/tests/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	gcc $(CPPFLAGS) -std=c11 $(WARN) -O1 -g -shared -fPIC -o $@ $< -ldl -Wl,--as-needed -lsodium

$(CALLS): tests/calls/calls.c tests/calls/look.c tests/calls/watched.h
	@mkdir -p $(@D)
	gcc $(CPPFLAGS) -std=c11 $(WARN) -O1 -g -o $@ $(filter %.c,$^)

# One object for both: in a fuzzer the function has libFuzzer's name, beside the others its file's.
$(OUT)/tests/fuzz/%.o: CPPFLAGS += $(if $(filter fuzz afl,$(BUILD)),,-DLLVMFuzzerTestOneInput=$(notdir $*))
$(FUZZERS): $(OUT)/%: $(OUT)/tests/fuzz/%.o $(TEST_HELP) $(OUT)/libserver.a $(ARCHIVES)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS_GATE) $(LIBS_CLI) $(LIBS_SERVER) $(LIBS_TEST) -ldl

$(OUT)/tests/test_corpus: $(OUT)/tests/test_corpus.o $(FUZZED:%=$(OUT)/tests/fuzz/%.o) $(TEST_HELP) $(OUT)/libserver.a $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE) $(LIBS_CLI) $(LIBS_SERVER) $(LIBS_TEST) -ldl

$(OUT)/tests/test_command_line: $(OUT)/tests/test_command_line.o $(OUT)/tests/fuzz/fuzz_cli.o $(TEST_HELP) $(OUT)/libserver.a $(ARCHIVES)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_GATE) $(LIBS_CLI) $(LIBS_SERVER) $(LIBS_TEST) -ldl

# It undoes what the gate would write (see there).
$(OUT)/tests/test_gate_mutation: LDFLAGS += -Wl,--wrap=gate_submit,--wrap=append_entry,--wrap=append_commit

fuzzers: $(FUZZERS)

tests-built: $(TESTS) $(LINKS) $(PRELOADS) $(PROGRAMS)

BENCH := book bounds decide files load pack reads verify
bench-programs: $(BENCH:%=$(OUT)/bench/%) $(PEERS) $(PROGRAMS)

bench: packages ## measures everything, writes tests/bench/RESULTS.md (FULL=1: all sizes, hours; ONLY=name,name; ROUNDS=5; DATA=dir)
	@tests/bench/run $(if $(FULL),--full) $(if $(ONLY),--only "$(ONLY)") $(if $(ROUNDS),--rounds "$(ROUNDS)") $(if $(WRITE),--write)

bench-packages: ## install the peers of make bench that are missing: PostgreSQL, git, hledger
	@tests/bench/packages


unit: $(TESTS) $(LINKS) $(PRELOADS) $(PROGRAMS)
	@COUNTERSIGN=$(OUT)/countersign PRELOAD_DIR=$(OUT)/tests tests/run $(LINKS) $(TESTS)

shortened-built: $(SHORTENED) $(LINKS) $(PRELOADS) $(PROGRAMS) $(OUT)/tests/test_year $(OUT)/sim

unit-shortened: shortened-built
	@COUNTERSIGN=$(OUT)/countersign PRELOAD_DIR=$(OUT)/tests tests/run $(LINKS) $(SHORTENED)

unit-threaded: $(THREADED)
	@PRELOAD_DIR=$(OUT)/tests tests/run $(THREADED)

SCENARIOS := $(addprefix tests/scenarios/,realdata.sh year.sh serve_limits.py three_checkers.sh evidence_html.py)
SCENARIOS += $(filter-out %/lib.sh $(SCENARIOS),$(wildcard tests/scenarios/*.sh tests/scenarios/*.py))

scenarios: $(PRELOADS) $(PROGRAMS) $(OUT)/tests/test_year $(OUT)/sim bench-programs
	@COUNTERSIGN=$(OUT)/countersign PRELOAD_DIR=$(OUT)/tests DATA="$(DATA)" tests/run $(firstword $(SCENARIOS)) tests/check_floors $(wordlist 2,999,$(SCENARIOS))

realdata: packages ## both years of real documents, of which make test takes the first months (DATA=dir)
	@REALDATA_DAYS=all DATA="$(DATA)" tests/scenarios/realdata.sh

# Scenarios that hold through a server too: those not here are about files, serve one themselves, or were not looked at.
SERVED := absence acquisition approver backup bad_input batch_stream bots break_glass controller currencies day \
    disputes duplicates duties engagement exceptions exports feeds gl_extract key_ending leaver limits meter money \
    month_end outbox policy_change policy_tool reading refused_close refused_duties refused_governance \
    refused_limits refused_money refused_people refused_rest refused_splitting reports reports_rest review sampling \
    security_key specialist splitting transfer witness

scenarios-served: $(PRELOADS) $(PROGRAMS) ## scenarios again, through a server's socket (long)
	@SERVED=1 COUNTERSIGN=$(OUT)/countersign PRELOAD_DIR=$(OUT)/tests tests/run $(SERVED:%=tests/scenarios/%.sh)

flips: $(OUT)/tests/test_verify ## every byte of a small book flipped, of which make test takes each seventh
	@FLIPS=all $(OUT)/tests/test_verify

bitflips: $(OUT)/tests/test_bitflips ## bits flipped at random in a book's files: BITFLIPS=10000, of which make test takes 60 (BITFLIPS_SEED, BITFLIPS_AT=file:byte:bit); each 500th of its entries (ENTRYBITS=1: each; a day)
	@BITFLIPS="$(or $(BITFLIPS),10000)" ENTRYBITS="$(or $(ENTRYBITS),500)" $(OUT)/tests/test_bitflips

tampering: $(OUT)/tests/test_tamper $(OUT)/tests/test_tamper_books $(OUT)/tests/test_truncated ## everything done to every entry, decision, record and page of a small book, of which make test takes a sample
	@TAMPER=all $(OUT)/tests/test_tamper
	@TAMPER=all $(OUT)/tests/test_tamper_books
	@TAMPER=all $(OUT)/tests/test_truncated

DRIVEN := COUNTERSIGN=$(OUT)/countersign PRELOAD_DIR=$(OUT)/tests

crashes: $(PRELOADS) $(PROGRAMS) ## killed at every call of every writing command, of which make test takes two each (long: half an hour)
	@DEATHS=all $(DRIVEN) tests/scenarios/crash.py

failures: $(PRELOADS) $(PROGRAMS) ## each of these calls failing in each way, of which make test takes two of a command (long: an hour)
	@FAILURES=all $(DRIVEN) tests/scenarios/failing_disk.py

powercuts: $(PRELOADS) $(PROGRAMS) ## the power goes CUTS times (150) at each writing command, and ROUNDS times (40) under a real file system
	@CUTS="$(or $(CUTS),150)" SEED="$(or $(SEED),$$(date +%s))" $(DRIVEN) tests/scenarios/power_cut.py
	@ROUNDS="$(or $(ROUNDS),40)" $(DRIVEN) tests/scenarios/power_cut_ext4.py

stops: $(PRELOADS) $(PROGRAMS) ## a server killed, failed and cut off at each of its calls (ten minutes)
	@STOPS=all $(DRIVEN) tests/scenarios/serve_cut.py

# What takes no server and asks no terminal: each command in the states that people leave a book in.
ALLOCATED := $(filter-out $(addprefix %/,batch_stream.sh bench.sh bench_peers.sh catalogue.sh install.sh lib.sh package.sh realdata.sh release.sh remote.sh security_key.sh served_batch.sh \
    served_proofs.sh setup.sh sim.sh ssh.sh ssh_keygen.sh three_checkers.sh timestamps.sh tlog_peers.sh two_writers.sh verify_bundle.sh watch.sh who_reads.sh \
    worked_book.sh year.sh),$(wildcard tests/scenarios/*.sh))
ALLOCATED := $(filter-out %/accounts.sh %/backup.sh %/bots.sh %/engagement.sh,$(ALLOCATED))

allocations: $(PRELOADS) $(PROGRAMS) ## no memory at each place, for the commands that scenarios run (POINTS=all, ONLY=post, SECONDS=600)
	@COUNTERSIGN=$(OUT)/countersign PRELOAD_DIR=$(OUT)/tests POINTS="$(or $(POINTS),40)" ONLY="$(ONLY)" SECONDS="$(or $(SECONDS),86400)" EVERY="$(if $(ONLY)$(SECONDS),,1)" tests/allocations $(ALLOCATED)
	@COUNTERSIGN=$(OUT)/countersign PRELOAD_DIR=$(OUT)/tests POINTS="$(or $(POINTS),40)" tests/scenarios/serve_starved.py

# Scenarios whose programs are another build's, or that measure memory or time, show nothing under a sanitizer.
SANITIZED := $(filter-out $(addprefix %/,batch_stream.sh bench.sh bench_peers.sh install.sh lib.sh package.sh realdata.sh release.sh setup.sh three_checkers.sh worked_book.sh year.sh \
    allocations.sh secrets.py serve_starved.py checker_bundles.py checker_decides.py checker_selftest.py cases.py coverage.py evidence_html.py realdata_selftest.py),$(wildcard tests/scenarios/*.sh tests/scenarios/*.py))

sanitized-scenarios: packages ## scenarios under the address, undefined and leak sanitizers; the server's under the thread sanitizer
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=asan programs preloads build/asan/sim
	@tests/sanitized_scenarios build/asan $(SANITIZED)
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=tsan programs preloads
	@tests/sanitized_scenarios build/tsan $(filter-out %/serve_starved.py,$(wildcard tests/scenarios/serve_*.py))

# Where calls that change files are counted, those that write the counts would be among them.
COUNTED := $(filter-out $(addprefix %/,serve_limits.py crash.py failing_disk.py power_cut.py power_cut_ext4.py serve_cut.py),$(SANITIZED))

coverage: packages ## lines of ledger/, controls/ and audit/ that no test reaches (tests/coverage.exceptions; half an hour)
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=coverage tests-built build/coverage/sim
	@find build/coverage -name '*.gcda' -delete
	@$(MAKE) --no-print-directory -s BUILD=coverage unit || failed=1; \
	    COUNTERSIGN=build/coverage/countersign PRELOAD_DIR=build/coverage/tests tests/run $(COUNTED) || failed=1; \
	    tests/line_coverage build/coverage && [ -z "$$failed" ]

# Left out: years and loads, which take hours there; and what has children read damaged LMDB files, where liblmdb reads what is not its own.
VALGRIND_TESTS := $(filter-out $(addprefix %/,test_year test_server_load test_tables test_verify test_verify_state test_crash),$(TESTS))

valgrind: packages ## the unit tests under valgrind (ONLY=keyfile: those with that in their name)
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=valgrind valgrind-run ONLY="$(ONLY)"

VALGRIND_CHOSEN := $(foreach test,$(VALGRIND_TESTS),$(if $(and $(ONLY),$(if $(findstring $(ONLY),$(notdir $(test))),,left)),,$(test)))

.PHONY: preloads valgrind-run
valgrind-run: $(VALGRIND_CHOSEN) $(PRELOADS) $(PROGRAMS)
	@COUNTERSIGN=$(OUT)/countersign PRELOAD_DIR=$(OUT)/tests TEST_UNDER=tests/memcheck tests/run $(VALGRIND_CHOSEN)

preloads: $(PRELOADS)

analyse: ## gcc -fanalyzer, clang-tidy and cppcheck, and what they may say (tests/analyse.exceptions)
	@tests/analyse

pages: packages ## every way to tamper with a bundle in evidence.html, of which make test takes each third
	@PAGES=all tests/scenarios/evidence_html.py

fuzz-cli: packages ## AFL++ on whole command lines for SECONDS (default 60); needs the package afl++
	@command -v afl-fuzz afl-clang-fast >/dev/null || { echo "make fuzz-cli needs the Debian package afl++" >&2; exit 4; }
	@AFL_QUIET=1 $(MAKE) --no-print-directory -s -j$$(nproc) BUILD=afl build/afl/fuzz_cli
	@tests/fuzz/run_afl $(or $(SECONDS),60) build/afl/fuzz_cli

gate-mutations: $(OUT)/tests/test_gate_mutation ## valid statements with one thing changed, years of them (SECONDS=60), of which make test takes days
	@GATE_MUTATIONS_SECONDS=$(or $(SECONDS),60) $(OUT)/tests/test_gate_mutation

sim: packages $(OUT)/sim ## simulated companies beside a model, seed after seed, for SECONDS (600); FROM is the first seed
	@tests/sim/run $(OUT)/sim "$(or $(SECONDS),600)" "$(FROM)"

agree: packages $(OUT)/sim $(OUT)/countersign ## simulated books, COUNT (1000) from FROM (1), read again by tests/checker.py
	@tests/sim/agree $(OUT)/sim $(OUT)/countersign "$(or $(COUNT),1000)" "$(or $(FROM),1)"

check-style: ## floors, include cycles, formatting rules
	@tests/check_floors

test: packages ## run every test
	@tests/all

demo: packages ## the main job on a made-up company (DATA=dir: on the real data too)
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=release programs
	@COUNTERSIGN=build/release/countersign DATA="$(DATA)" tests/demo/run

UNIT_BOOKS := $(addprefix $(OUT)/tests/,$(filter-out test_year test_worked_book,$(basename $(notdir $(shell grep -l 'support/company.h' tests/test_*.c)))))
unit-books: packages $(OUT)/countersign $(UNIT_BOOKS) ## each book that unit tests make, read again by tests/checker.py
	@tests/unit_books $(OUT)/countersign $(UNIT_BOOKS)

mutants: packages ## flip each comparison of each control; a test has to notice (ONLY=text)
	@tests/mutants/run --only "$(ONLY)"

seeded: packages ## defects seeded in twenty-one places, one at a time; a test named beside each has to fail (ONLY=text)
	@tests/mutants/seeded --only "$(ONLY)"

fuzz: packages ## fuzz each target for SECONDS (default 60; ONLY=name)
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=fuzz fuzzers
	@tests/fuzz/run $(or $(SECONDS),60) $(or $(ONLY:%=build/fuzz/fuzz_%),$(FUZZED:%=build/fuzz/%))

format: ## lay the sources out with clang-format
	@clang-format-14 -i $$(git ls-files '*.c' '*.h')

programs: $(PROGRAMS)

install: ## install with DESTDIR and PREFIX
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=release programs
	cli/package/stage build/release "$(DESTDIR)" "$(PREFIX)"

uninstall: ## remove what install put there
	cli/package/stage --remove "$(DESTDIR)" "$(PREFIX)"

release: packages ## the Debian package, its bill of materials and sums (RELEASE_KEY=file signs them)
	@$(MAKE) --no-print-directory -s -j$$(nproc) BUILD=release programs
	@cli/package/build build/release build/release/package
	@cli/package/sign build/release/package "$(RELEASE_KEY)"

release-test: packages ## built twice and equal, upgraded from the release before, installed on a clean system
	@TEST_JOBS=1 TEST_SECONDS=3600 tests/run $(wildcard tests/release/*.sh)

clean: ## remove everything built
	rm -rf build

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  BUILD=debug|release|asan|tsan chooses build/<that>; DATA=dir names the real data"

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

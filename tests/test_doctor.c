/*
 * The doctor's checks, each against the facts of a machine that has just one thing wrong: it is named by its check, as a finding
 * or as advice, and no other check says anything. Then the looking itself, in a company's book.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/brought.h"
#include "cli/doctor.h"
#include "tests/support/cli_stub.h"
#include "tests/support/company.h"

enum { OWNER = 900, STRANGER = 1001 };

/* Files of an installation that is as it should be; a test changes one. */
enum { BOOK, JOURNAL, PERSONAL, KEY, SOCKET, LOG, PARENT, ROOT, PROGRAM, BIN, FILES };

struct machine {
    struct doctor_file files[FILES + 1]; /* room for one more */
    struct doctor_facts facts;
};

static void sound(struct machine *machine)
{
    static const struct doctor_file files[] = {
        [BOOK] = {.path = (char *)"/srv/book", .part = PART_BOOK, .mode = S_IFDIR | 0700, .uid = OWNER},
        [JOURNAL] = {.path = (char *)"/srv/book/journal", .part = PART_INSIDE, .mode = S_IFDIR | 0700, .uid = OWNER},
        [PERSONAL] = {.path = (char *)"/srv/book/personal",
                      .part = PART_PERSONAL,
                      .mode = S_IFDIR | 0700,
                      .uid = OWNER},
        [KEY] = {.path = (char *)"/srv/book.key", .part = PART_KEY, .mode = S_IFREG | 0600, .uid = OWNER},
        [SOCKET] = {.path = (char *)"/run/book.socket", .part = PART_SOCKET, .mode = S_IFSOCK | 0660, .uid = OWNER},
        [LOG] = {.path = (char *)"/var/log/book", .part = PART_LOG, .mode = S_IFREG | 0640, .uid = OWNER},
        [PARENT] = {.path = (char *)"/srv", .part = PART_PARENT, .mode = S_IFDIR | 0755},
        [ROOT] = {.path = (char *)"/", .part = PART_PARENT, .mode = S_IFDIR | 0755},
        [PROGRAM] = {.path = (char *)"/usr/bin/countersign", .part = PART_PROGRAM, .mode = S_IFREG | 0755},
        [BIN] = {.path = (char *)"/usr/bin", .part = PART_PROGRAM, .mode = S_IFDIR | 0755},
    };
    memset(machine, 0, sizeof *machine);
    memcpy(machine->files, files, sizeof files);
    for (size_t i = 0; i < FILES; i++)
        machine->files[i].group_shared = true;
    machine->facts = (struct doctor_facts){
        .book = "/srv/book",
        .owner = OWNER,
        .backup_days = DOCTOR_BACKUP_DAYS,
        .witness_days = DOCTOR_WITNESS_DAYS,
        .files = {.items = machine->files, .count = FILES, .reader = OWNER},
        .host = {.now_ms = 100 * DOCTOR_DAY_MS,
                 .clock_error_us = 20000,
                 .file_system = 0xEF53,
                 .free_bytes = (int64_t)100 << 30,
                 .total_inodes = 1000000,
                 .free_inodes = 900000,
                 .mount = "/srv",
                 .mount_options = "rw,relatime,rw,data=ordered",
                 .preload = "",
                 .memlock_bytes = 8 << 20,
                 .core_pattern = "core",
                 .kernel = "6.1.0-9-amd64",
                 .libraries = "libsodium 1.0.18"},
        .state = {.opened = true,
                  .entries = 1000,
                  .first_ms = DOCTOR_DAY_MS,
                  .head_ms = 100 * DOCTOR_DAY_MS - 60000,
                  .skew_ms = 300000,
                  .engine = 1,
                  .map_bytes = (uint64_t)1 << 40,
                  .file_bytes = 10 << 20,
                  .newest_release = "0.1.0",
                  .salt_named = true,
                  .salt_there = true,
                  .tables_opened = true,
                  .trust = TABLES_OK},
        .checkpoints = {.looked = true,
                        .count = 3,
                        .size = 1000,
                        .since_ms = DOCTOR_ALL,
                        .witnesses = 1,
                        .witness = "witness.example/audit",
                        .cosigned_size = 1000,
                        .cosigned_ms = 99 * DOCTOR_DAY_MS,
                        .uncosigned_since_ms = DOCTOR_ALL},
        .backup = {.given = true, .read = true, .name = "book.backup", .size = 1000, .since_ms = DOCTOR_ALL},
    };
}

/* The report of these facts has just one row that is not ok: of this check, with this result, saying this. */
static void one_row(struct machine *machine, const char *check, enum doctor_result result, const char *text)
{
    struct doctor_report report;
    struct err err;
    size_t others = 0;
    const struct doctor_row *found = NULL;
    assert_int_equal(doctor_run(&machine->facts, &report, &err), STATUS_OK);
    for (size_t i = 0; i < report.count; i++) {
        const struct doctor_row *row = &report.rows[i];
        assert_non_null(row->mend);
        if (row->result == DOCTOR_OK)
            continue;
        if (found != NULL)
            print_error("also %s: %s\n", row->check, row->seen);
        others += found != NULL;
        found = found == NULL ? row : found;
    }
    if (check == NULL) {
        if (found != NULL)
            print_error("%s: %s\n", found->check, found->seen);
        assert_null(found);
        doctor_report_done(&report);
        return;
    }
    if (found == NULL)
        print_error("nothing found for %s: %s\n", check, text);
    assert_non_null(found);
    assert_int_equal(others, 0);
    if (strcmp(found->check, check) != 0 || found->result != result || strstr(found->seen, text) == NULL)
        print_error("%s: %s: %s\n", found->check, doctor_result_word(found->result), found->seen);
    assert_string_equal(found->check, check);
    assert_int_equal(found->result, result);
    assert_non_null(strstr(found->seen, text));
    doctor_report_done(&report);
}

/* One change to one file of a sound machine. */
static void file_wrong(size_t file, mode_t add, const char *check, enum doctor_result result, const char *text)
{
    struct machine machine;
    sound(&machine);
    machine.files[file].mode |= add;
    one_row(&machine, check, result, text);
}

static void file_owned(size_t file, const char *check, enum doctor_result result, const char *text)
{
    struct machine machine;
    sound(&machine);
    machine.files[file].uid = STRANGER;
    one_row(&machine, check, result, text);
}

static void file_listed(size_t file, const char *check, enum doctor_result result)
{
    struct machine machine;
    sound(&machine);
    machine.files[file].acl = true;
    one_row(&machine, check, result, "access list");
}

static void a_sound_machine_has_no_findings(void **state)
{
    (void)state;
    struct machine machine;
    sound(&machine);
    one_row(&machine, NULL, DOCTOR_OK, "");
}

static void others_at_the_files_are_found(void **state)
{
    (void)state;
    file_wrong(BOOK, 0007, "folder", DOCTOR_FINDING, "written by anybody");
    file_wrong(BOOK, 0005, "folder", DOCTOR_FINDING, "read or entered by anybody");
    file_wrong(BOOK, 0070, "folder", DOCTOR_FINDING, "/srv/book can be written by its group");
    file_wrong(BOOK, 0050, "folder", DOCTOR_ADVICE, "read by its group");
    file_wrong(JOURNAL, 0002, "files", DOCTOR_FINDING, "/srv/book/journal can be written by anybody");
    file_wrong(JOURNAL, 0020, "files", DOCTOR_FINDING, "go round the controls");
    file_wrong(PERSONAL, 0004, "files", DOCTOR_FINDING, "/srv/book/personal can be read");
    file_wrong(JOURNAL, S_ISGID, "files", DOCTOR_FINDING, "set-group-id");
    file_owned(JOURNAL, "files", DOCTOR_FINDING, "does not belong to the owner");
    file_listed(JOURNAL, "files", DOCTOR_FINDING);
    file_listed(BOOK, "folder", DOCTOR_FINDING);
    file_wrong(KEY, 0040, "keys", DOCTOR_FINDING, "/srv/book.key is a private key that others");
    file_owned(KEY, "keys", DOCTOR_FINDING, "somebody else");
    file_listed(KEY, "keys", DOCTOR_FINDING);
    file_wrong(SOCKET, 0006, "socket", DOCTOR_ADVICE, "lets every account");
    file_owned(SOCKET, "socket", DOCTOR_FINDING, "somebody else's");
    file_wrong(LOG, 0020, "log", DOCTOR_FINDING, "proves nothing");
    file_wrong(LOG, 0004, "log", DOCTOR_ADVICE, "read by anybody");
    file_wrong(PARENT, 0022, "parents", DOCTOR_FINDING, "another folder in its place");
    file_wrong(PARENT, 01777, "parents", DOCTOR_ADVICE, "everybody's");
    file_owned(PARENT, "parents", DOCTOR_FINDING, "belongs to somebody else");
    file_listed(PARENT, "parents", DOCTOR_ADVICE);
    file_wrong(PROGRAM, 0002, "program", DOCTOR_FINDING, "can be changed by others");
    file_wrong(BIN, 0020, "program", DOCTOR_FINDING, "can be changed by others");
    file_wrong(PROGRAM, S_ISUID, "program", DOCTOR_FINDING, "somebody else's rights");
    file_owned(PROGRAM, "program", DOCTOR_ADVICE, "neither root");
}

static void files_that_are_no_files_are_found(void **state)
{
    (void)state;
    struct machine machine;
    sound(&machine);
    machine.files[JOURNAL].mode = S_IFLNK | 0777;
    one_row(&machine, "files", DOCTOR_FINDING, "symbolic link");
    sound(&machine);
    machine.files[KEY].with_book = true;
    one_row(&machine, "keys", DOCTOR_FINDING, "has both");
    sound(&machine);
    machine.files[KEY].mode = S_IFIFO | 0600;
    one_row(&machine, "keys", DOCTOR_FINDING, "no regular file");
    sound(&machine);
    machine.files[SOCKET].mode = S_IFREG | 0600;
    one_row(&machine, "socket", DOCTOR_FINDING, "is no socket");
    sound(&machine);
    machine.files[LOG].mode = S_IFIFO | 0600;
    one_row(&machine, "log", DOCTOR_FINDING, "no regular file");
    sound(&machine);
    machine.files[machine.facts.files.count++] =
        (struct doctor_file){.path = (char *)"/srv/book.new-1", .part = PART_LEFTOVER, .mode = S_IFDIR | 0700};
    one_row(&machine, "left behind", DOCTOR_ADVICE, "/srv/book.new-1");
    sound(&machine);
    machine.facts.files.cut = true;
    one_row(&machine, "files", DOCTOR_UNSEEN, "only the first");
    sound(&machine);
    machine.facts.owner = 0;
    for (size_t i = 0; i < FILES; i++)
        machine.files[i].uid = 0;
    one_row(&machine, "folder", DOCTOR_ADVICE, "runs as root");
}

/* A group that was made for one account is that account. */
static void a_group_of_one_is_the_owner(void **state)
{
    (void)state;
    struct machine machine;
    sound(&machine);
    for (size_t i = 0; i < FILES; i++) {
        machine.files[i].mode |= 0020;
        machine.files[i].group_shared = false;
    }
    machine.files[PARENT].group_shared = true;
    one_row(&machine, "parents", DOCTOR_FINDING, "/srv is above the book");
    machine.files[PARENT].group_shared = false;
    one_row(&machine, NULL, DOCTOR_OK, "");
}

static void mounted(const char *options, const char *text, enum doctor_result result)
{
    struct machine machine;
    sound(&machine);
    snprintf(machine.facts.host.mount_options, sizeof machine.facts.host.mount_options, "%s", options);
    one_row(&machine, "sync", result, text);
}

static void what_undoes_syncs_is_found(void **state)
{
    (void)state;
    struct machine machine;
    mounted("rw,nobarrier", "nobarrier", DOCTOR_FINDING);
    mounted("rw,rw,barrier=0", "barrier=0", DOCTOR_FINDING);
    mounted("norecovery,rw", "norecovery", DOCTOR_FINDING);
    mounted("rw,data=writeback", "data=writeback", DOCTOR_ADVICE);
    mounted("ro,relatime", "read-only", DOCTOR_FINDING);
    mounted("", "cannot be seen", DOCTOR_UNSEEN);
    sound(&machine);
    machine.facts.host.preload = "/usr/lib/libeatmydata.so";
    one_row(&machine, "preload", DOCTOR_FINDING, "LD_PRELOAD=/usr/lib/libeatmydata.so");
    machine.facts.host.preload = "/usr/lib/libjemalloc.so";
    one_row(&machine, "preload", DOCTOR_ADVICE, "libjemalloc");
    sound(&machine);
    snprintf(machine.facts.host.mapped, sizeof machine.facts.host.mapped, "/x/libfaketime.so.1");
    one_row(&machine, "preload", DOCTOR_FINDING, "libfaketime");
    sound(&machine);
    snprintf(machine.facts.host.preload_file, sizeof machine.facts.host.preload_file, "/x/any.so");
    one_row(&machine, "preload", DOCTOR_ADVICE, "every program");
}

static void clocks_that_are_wrong_are_found(void **state)
{
    (void)state;
    struct machine machine;
    sound(&machine);
    machine.facts.host.clock_state = 1;
    one_row(&machine, "clock", DOCTOR_FINDING, "not synchronised");
    machine.facts.host.clock_state = -1;
    one_row(&machine, "clock", DOCTOR_UNSEEN, "cannot be seen");
    sound(&machine);
    machine.facts.host.clock_error_us = 151 * 1000000;
    one_row(&machine, "clock", DOCTOR_ADVICE, "wrong by 151 s");
    machine.facts.host.clock_error_us = 149 * 1000000;
    one_row(&machine, NULL, DOCTOR_OK, "");
    sound(&machine);
    machine.facts.state.head_ms = machine.facts.host.now_ms + 5001;
    one_row(&machine, "clock", DOCTOR_FINDING, "ahead of this clock");
    machine.facts.state.head_ms = machine.facts.host.now_ms + 5000; /* the gate bridges it */
    one_row(&machine, NULL, DOCTOR_OK, "");
    machine.facts.state.head_ms = machine.facts.host.now_ms + 40 * DOCTOR_DAY_MS;
    machine.facts.state.simulated = true;
    one_row(&machine, NULL, DOCTOR_OK, "");
}

static void file_systems_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        unsigned long type;
        enum doctor_result result;
        const char *text;
    } kinds[] = {
        {0x01021994, DOCTOR_FINDING, "tmpfs is memory"},
        {0x794C7630, DOCTOR_FINDING, "container"},
        {0x6969, DOCTOR_FINDING, "nfs is on another host"},
        {0xFF534D42, DOCTOR_FINDING, "cifs is on another host"},
        {0x65735546, DOCTOR_FINDING, "fuse is some program"},
        {0x4D44, DOCTOR_FINDING, "vfat knows no owners"},
        {0x2FC12FC1, DOCTOR_ADVICE, "zfs"},
        {0x12345678, DOCTOR_ADVICE, "0x12345678"},
    };
    struct machine machine;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        sound(&machine);
        machine.facts.host.file_system = kinds[i].type;
        one_row(&machine, "file system", kinds[i].result, kinds[i].text);
    }
}

static void want_of_room_is_found(void **state)
{
    (void)state;
    struct machine machine;
    struct doctor_host *host = &machine.facts.host;
    struct doctor_book *book = &machine.facts.state;
    sound(&machine);
    host->free_bytes = (64 << 20) - 1;
    one_row(&machine, "space", DOCTOR_FINDING, "63 MB are free");
    sound(&machine);
    book->file_bytes = (uint64_t)98 << 30; /* in 98 days: a gigabyte a day, as far as was ever written */
    host->free_bytes = (int64_t)29 << 30;
    one_row(&machine, "space", DOCTOR_FINDING, "30 days");
    host->free_bytes = (int64_t)120 << 30;
    one_row(&machine, "space", DOCTOR_ADVICE, "180 days");
    sound(&machine);
    book->first_ms = book->head_ms - DOCTOR_DAY_MS; /* a young book has no pace */
    book->file_bytes = (uint64_t)1 << 30;
    host->free_bytes = (int64_t)2 << 30;
    one_row(&machine, NULL, DOCTOR_OK, "");
    host->free_bytes = (int64_t)1 << 29;
    one_row(&machine, "space", DOCTOR_ADVICE, "a copy of the journal");
    sound(&machine);
    host->free_inodes = 999;
    one_row(&machine, "space", DOCTOR_FINDING, "999 more files");
    host->total_inodes = 0; /* btrfs counts none */
    one_row(&machine, NULL, DOCTOR_OK, "");
    sound(&machine);
    host->free_bytes = -1;
    one_row(&machine, "space", DOCTOR_UNSEEN, "cannot be seen");
    sound(&machine);
    book->map_bytes = 100 << 20;
    book->file_bytes = 60 << 20;
    one_row(&machine, "space", DOCTOR_ADVICE, "60 of the 100 MB");
    book->file_bytes = 95 << 20;
    one_row(&machine, "space", DOCTOR_FINDING, "95 of the 100 MB");
}

static void where_keys_leak_is_found(void **state)
{
    (void)state;
    struct machine machine;
    struct doctor_host *host = &machine.facts.host;
    sound(&machine);
    host->memlock_bytes = 4096;
    one_row(&machine, "secrets", DOCTOR_ADVICE, "only 4 kB");
    sound(&machine);
    snprintf(host->swap, sizeof host->swap, "/dev/sda2");
    one_row(&machine, "secrets", DOCTOR_ADVICE, "/dev/sda2 is not encrypted");
    sound(&machine);
    host->dumpable = 1;
    one_row(&machine, NULL, DOCTOR_OK, "");
    host->core_bytes = 1;
    one_row(&machine, "secrets", DOCTOR_ADVICE, "a crash leaves the memory");
    host->core_bytes = 0;
    snprintf(host->core_pattern, sizeof host->core_pattern, "|/usr/lib/systemd-coredump");
    one_row(&machine, "secrets", DOCTOR_ADVICE, "systemd-coredump");
    host->dumpable = 0;
    one_row(&machine, NULL, DOCTOR_OK, "");
}

static void versions_are_compared(void **state)
{
    (void)state;
    struct machine machine;
    assert_true(doctor_release_later("0.10.0", "0.9.9"));
    assert_false(doctor_release_later("0.9.9", "0.10.0"));
    assert_false(doctor_release_later("1.2.3", "1.2.3"));
    assert_true(doctor_release_later("1.2.4", "1.2.3"));
    assert_false(doctor_release_later("", "0.0.0"));
    sound(&machine);
    snprintf(machine.facts.host.kernel, sizeof machine.facts.host.kernel, "4.12.9");
    one_row(&machine, "versions", DOCTOR_FINDING, "Linux 4.12.9");
    snprintf(machine.facts.host.kernel, sizeof machine.facts.host.kernel, "4.13.0");
    one_row(&machine, NULL, DOCTOR_OK, "");
    sound(&machine);
    machine.facts.state.engine = 0;
    one_row(&machine, "versions", DOCTOR_ADVICE, "engine 0");
    sound(&machine);
    snprintf(machine.facts.state.newest_release, sizeof machine.facts.state.newest_release, "999.0.0");
    machine.facts.state.newest_release_seq = 12;
    one_row(&machine, "release", DOCTOR_FINDING, "entry 12 was let in by release 999.0.0");
}

static void books_in_doubt_are_found(void **state)
{
    (void)state;
    static const struct {
        enum tables_trust trust;
        enum doctor_result result;
        const char *text;
    } doubts[] = {
        {TABLES_SUSPECT, DOCTOR_FINDING, "a checksum"},
        {TABLES_NEWER, DOCTOR_FINDING, "a later release"},
        {TABLES_OLDER, DOCTOR_ADVICE, "an earlier release"},
        {TABLES_UNCLEAN_BOOT, DOCTOR_ADVICE, "the machine stopped"},
    };
    struct machine machine;
    struct doctor_report report;
    struct err err;
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++) {
        sound(&machine);
        machine.facts.state.trust = doubts[i].trust;
        size_t found = 0; /* `lost` is then unseen too */
        assert_int_equal(doctor_run(&machine.facts, &report, &err), STATUS_OK);
        for (size_t row = 0; row < report.count; row++)
            if (strcmp(report.rows[row].check, "books") == 0 && report.rows[row].result == doubts[i].result)
                found += strstr(report.rows[row].seen, doubts[i].text) != NULL;
        assert_int_equal(found, 1);
        doctor_report_done(&report);
    }
    sound(&machine);
    machine.facts.state.behind = 3;
    one_row(&machine, "books", DOCTOR_ADVICE, "3 entries behind");
    sound(&machine);
    machine.facts.state.lost_due = true;
    machine.facts.state.lost = (struct journal_lost){.kept = 10, .to = 12};
    one_row(&machine, "lost", DOCTOR_FINDING, "entries 10 to 12");
    sound(&machine);
    machine.facts.state.lost_marked = true;
    one_row(&machine, NULL, DOCTOR_OK, "");
    sound(&machine);
    machine.facts.state.salt_there = false;
    one_row(&machine, "personal", DOCTOR_FINDING, "salt");
    sound(&machine);
    machine.facts.state.evidence_named = 7;
    machine.facts.state.evidence_missing = 2;
    one_row(&machine, "evidence", DOCTOR_ADVICE, "2 of the 7");
    sound(&machine);
    machine.files[PERSONAL].unnamed = true;
    one_row(&machine, "personal", DOCTOR_ADVICE, "/srv/book/personal is of a statement that never came in");
}

static void what_nobody_keeps_elsewhere_is_found(void **state)
{
    (void)state;
    struct machine machine;
    struct doctor_checkpoints *checkpoints = &machine.facts.checkpoints;
    struct doctor_backup *backup = &machine.facts.backup;
    const int64_t now_ms = 100 * DOCTOR_DAY_MS;
    sound(&machine);
    checkpoints->since_ms = now_ms - 8 * DOCTOR_DAY_MS;
    one_row(&machine, "checkpoint", DOCTOR_ADVICE, "goes back 8 d");
    sound(&machine);
    checkpoints->root_differs = true;
    one_row(&machine, "checkpoint", DOCTOR_FINDING, "other entries");
    sound(&machine);
    checkpoints->uncosigned_since_ms = now_ms - 8 * DOCTOR_DAY_MS;
    one_row(&machine, "witness", DOCTOR_FINDING, "goes back 8 d");
    checkpoints->uncosigned_since_ms = now_ms - 7 * DOCTOR_DAY_MS;
    one_row(&machine, NULL, DOCTOR_OK, "");
    sound(&machine);
    checkpoints->cosigned_size = 0;
    one_row(&machine, "witness", DOCTOR_FINDING, "none of the 1 witnesses");
    checkpoints->witnesses = 0;
    one_row(&machine, "witness", DOCTOR_FINDING, "nobody outside has ever cosigned");
    checkpoints->others = 2;
    one_row(&machine, "witness", DOCTOR_ADVICE, "whose keys were not brought");
    sound(&machine);
    checkpoints->uncosigned_since_ms = DOCTOR_UNKNOWN;
    one_row(&machine, "witness", DOCTOR_UNSEEN, "may not be read");
    sound(&machine);
    checkpoints->cosignature_bad = true;
    one_row(&machine, "witness", DOCTOR_FINDING, "does not verify");
    sound(&machine);
    backup->given = false;
    one_row(&machine, "backup", DOCTOR_ADVICE, "was not said");
    sound(&machine);
    backup->same_device = true;
    one_row(&machine, "backup", DOCTOR_ADVICE, "lost with it");
    sound(&machine);
    backup->since_ms = now_ms - DOCTOR_DAY_MS - 1;
    one_row(&machine, "backup", DOCTOR_FINDING, "what is in none goes back");
    backup->since_ms = now_ms - DOCTOR_DAY_MS;
    one_row(&machine, NULL, DOCTOR_OK, "");
    sound(&machine);
    backup->read = false;
    snprintf(backup->why, sizeof backup->why, "x.backup: line 7: is no entry");
    one_row(&machine, "backup", DOCTOR_FINDING, "line 7");
}

static void a_journal_that_does_not_open_is_a_finding(void **state)
{
    (void)state;
    struct machine machine;
    struct doctor_report report;
    struct err err;
    size_t findings = 0;
    sound(&machine);
    machine.facts.state = (struct doctor_book){.why = "journal/data.mdb: is truncated"};
    machine.facts.checkpoints = (struct doctor_checkpoints){.why = "not without the journal"};
    assert_int_equal(doctor_run(&machine.facts, &report, &err), STATUS_OK);
    for (size_t i = 0; i < report.count; i++) {
        findings += report.rows[i].result == DOCTOR_FINDING;
        if (strcmp(report.rows[i].check, "journal") == 0)
            assert_non_null(strstr(report.rows[i].seen, "truncated"));
        else
            assert_int_not_equal(report.rows[i].result, DOCTOR_FINDING);
    }
    assert_int_equal(findings, 1);
    doctor_report_done(&report);
}

/* Through a server: what needs the host is named once, and not judged. */
static void what_a_server_keeps_is_said(void **state)
{
    (void)state;
    struct machine machine;
    sound(&machine);
    machine.facts.far = true;
    machine.files[JOURNAL].mode |= 0002;
    machine.facts.host.file_system = 0x01021994;
    one_row(&machine, "host", DOCTOR_UNSEEN, "folder, files, keys");
}

/* Rows of a check that the command itself finds in a book; each has to hold the text. */
static void looked(const struct company *company, const char *book, const char *row_of[static 3])
{
    const char *check = row_of[0], *result = row_of[1], *text = row_of[2];
    struct cli_stub stub;
    char row[128];
    cli_stub_init(&stub);
    stub.now_ms = company->now_ms;
    const char *const words[] = {"doctor", "--book", book, "--json", NULL};
    (void)cli_stub_run(&stub, words);
    const char *out = cli_stub_out(&stub);
    snprintf(row, sizeof row, "{\"check\":\"%s\"", check);
    const char *at = strstr(out, row);
    bool found = false;
    for (; at != NULL && !found; at = strstr(at + 1, row)) {
        char line[2048];
        snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
        snprintf(row, sizeof row, "\"result\":\"%s\"", result);
        found = strstr(line, row) != NULL && strstr(line, text) != NULL;
        snprintf(row, sizeof row, "{\"check\":\"%s\"", check);
    }
    if (!found)
        print_error("no %s of %s saying %s in\n%s%s\n", result, check, text, out, cli_stub_err(&stub));
    assert_true(found);
    cli_stub_done(&stub);
}

#define LOOKED(book, ...) looked(&company, book, (const char *[]){__VA_ARGS__})

/* What the looking finds, in a copy of the book; and it writes nothing there. */
static void the_looking_sees_a_book_and_writes_nothing(void **state)
{
    (void)state;
    struct company company = {.unchecked = true};
    char copy[300], path[400], command[1024];
    company_open(&company, NULL);
    json_decref(company_submit(&company, "joe", company_credit_note(&company, "10442", "40251", "1.00")));
    snprintf(copy, sizeof copy, "%.280s/copied", company.dir);
    snprintf(command, sizeof command,
             "cp -a '%s' '%s' && cd '%s' && find . -name data.mdb -o -name state | xargs sha256sum >../sums",
             company.book, copy, copy);
    assert_int_equal(system(command), 0);
    LOOKED(copy, "journal", "ok", "entries, the last of");
    LOOKED(copy, "books", "ok", "in step");
    LOOKED(copy, "checkpoint", "finding", "no checkpoint was ever signed");
    LOOKED(copy, "witness", "finding", "nobody outside");
    LOOKED(copy, "evidence", "advice", "1 of the 1 files");
    LOOKED(copy, "files", "ok", "every file");
    snprintf(command, sizeof command, "cd '%s' && sha256sum --quiet -c ../sums && [ $(wc -l <../sums) -ge 3 ]", copy);
    assert_int_equal(system(command), 0);

    snprintf(path, sizeof path, "%s/journal/data.mdb", copy);
    assert_int_equal(chmod(path, 0602), 0);
    LOOKED(copy, "files", "finding", "journal/data.mdb can be written by anybody");
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 20000), 0);
    LOOKED(copy, "journal", "finding", "truncated");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_machine_has_no_findings),
        cmocka_unit_test(others_at_the_files_are_found),
        cmocka_unit_test(files_that_are_no_files_are_found),
        cmocka_unit_test(a_group_of_one_is_the_owner),
        cmocka_unit_test(what_undoes_syncs_is_found),
        cmocka_unit_test(clocks_that_are_wrong_are_found),
        cmocka_unit_test(file_systems_are_told_apart),
        cmocka_unit_test(want_of_room_is_found),
        cmocka_unit_test(where_keys_leak_is_found),
        cmocka_unit_test(versions_are_compared),
        cmocka_unit_test(books_in_doubt_are_found),
        cmocka_unit_test(what_nobody_keeps_elsewhere_is_found),
        cmocka_unit_test(a_journal_that_does_not_open_is_a_finding),
        cmocka_unit_test(what_a_server_keeps_is_said),
        cmocka_unit_test(the_looking_sees_a_book_and_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

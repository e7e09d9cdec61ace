/*
 * The machine under a book: what stands between a commit and the disk, the clock, the file system and its room, where a key
 * could leak to, and which versions do the work.
 */
#include <string.h>

#include "cli/doctor.h"
#include "cli/present.h"
#include "cli/release.h"
#include "cli/terminal.h"
#include "ledger/statement.h"

enum {
    CLOCK_AHEAD_MS_MAX = 5000,  /* what the gate bridges when its clock is behind the head (DESIGN 4) */
    CLOCK_SKEW_SHARE = 2,       /* the kernel's doubt about the clock stays under half of the permitted skew */
    SPACE_BYTES_MIN = 64 << 20, /* under that the next busy day is refused for want of room */
    SPACE_DAYS_FINDING = 30,    /* at the pace so far */
    SPACE_DAYS_ADVICE = 180,
    PACE_DAYS_MIN = 14, /* a younger book has no pace */
    INODES_MIN = 1000,  /* evidence and personal data are a file each */
    MAP_PERCENT_ADVICE = 50,
    MAP_PERCENT_FINDING = 90,
    MEMLOCK_BYTES_MIN = 64 << 10, /* a key, a passphrase and the work on both, a page each */
    KERNEL_MAJOR = 4,
    KERNEL_MINOR = 13 /* before it, a failed write could be forgotten before fdatasync was asked about it */
};

/* Whether a comma-separated list has the word. */
static bool has_option(const char *options, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = options; (at = strstr(at, word)) != NULL; at += length)
        if ((at == options || at[-1] == ',') && (at[length] == '\0' || at[length] == ','))
            return true;
    return false;
}

void doctor_sync(const struct doctor_facts *facts, struct doctor_report *report)
{
    static const char *const harmful[] = {"nobarrier", "barrier=0", "noload", "norecovery", "data=writeback", NULL};
    const char *options = facts->host.mount_options;
    size_t before = report->count;
    for (size_t i = 0; harmful[i] != NULL; i++)
        if (has_option(options, harmful[i]))
            doctor_say(report, strcmp(harmful[i], "data=writeback") == 0 ? DOCTOR_ADVICE : DOCTOR_FINDING,
                       "mount without it: a power cut may take what was acknowledged", "%s is mounted with %s",
                       facts->host.mount, harmful[i]);
    if (has_option(options, "ro"))
        doctor_say(report, DOCTOR_FINDING, "find out why: ext4 does so after an error of the disk",
                   "%s is mounted read-only", facts->host.mount);
    if (options[0] == '\0')
        doctor_say(report, DOCTOR_UNSEEN, "findmnt -T BOOK", "how the book's file system is mounted cannot be seen");
    else if (report->count == before)
        doctor_say(report, DOCTOR_OK, "",
                   "each commit is synced, which nothing switches off; %s is mounted without options that undo it; "
                   "whether the disk keeps what it says it has written cannot be seen from here",
                   facts->host.mount);
}

void doctor_preload(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_host *host = &facts->host;
    if (host->mapped[0] != '\0')
        doctor_say(report, DOCTOR_FINDING, "start it without",
                   "%s is loaded into this process: syncs or clocks may be made up", host->mapped);
    if (host->preload[0] != '\0')
        doctor_say(report,
                   strstr(host->preload, "eatmydata") != NULL || strstr(host->preload, "faketime") != NULL
                       ? DOCTOR_FINDING
                       : DOCTOR_ADVICE,
                   "unset it for whoever lets entries in",
                   "LD_PRELOAD=%s: what is loaded so can answer in the system's place", host->preload);
    if (host->preload_file[0] != '\0')
        doctor_say(report, DOCTOR_ADVICE, "look whether it has to be",
                   "/etc/ld.so.preload puts %s under every program of this machine", host->preload_file);
}

static void clock_against_head(const struct doctor_facts *facts, struct doctor_report *report)
{
    char ahead[AGE_BYTES];
    int64_t by = facts->state.head_ms - facts->host.now_ms;
    if (!facts->state.opened || facts->state.simulated || by <= CLOCK_AHEAD_MS_MAX)
        return;
    present_age(by, ahead);
    doctor_say(report, DOCTOR_FINDING,
               "set the clock; where it is right, `countersign clock` by two officers lets the book go on",
               "the last entry is %s ahead of this clock: nothing is let in until then", ahead);
}

void doctor_clock(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_host *host = &facts->host;
    size_t before = report->count;
    int64_t skew_us = facts->state.skew_ms * 1000;
    if (host->clock_state == 1)
        doctor_say(report, DOCTOR_FINDING, "chrony or systemd-timesyncd; timedatectl shows it",
                   "the kernel says that this clock is not synchronised with any other");
    else if (host->clock_state == 0 && facts->state.opened && host->clock_error_us > skew_us / CLOCK_SKEW_SHARE)
        doctor_say(report, DOCTOR_ADVICE, "a nearer time server",
                   "the clock may be wrong by %lld s, and statements are refused beyond %lld s",
                   (long long)(host->clock_error_us / 1000000), (long long)(facts->state.skew_ms / 1000));
    clock_against_head(facts, report);
    if (host->clock_state < 0)
        doctor_say(report, DOCTOR_UNSEEN, "timedatectl", "whether the clock is synchronised cannot be seen");
    else if (report->count == before)
        doctor_say(report, DOCTOR_OK, "", "synchronised%s",
                   !facts->state.opened     ? ""
                   : facts->state.simulated ? "; this book's own clock is SIMULATED: its times are what statements say"
                                            : ", and not behind the last entry");
}

/* Kinds of file systems, linux/magic.h. */
static const struct file_system {
    unsigned long type;
    const char *name;
    enum doctor_result result;
    const char *why;
} file_systems[] = {
    {0xEF53, "ext4", DOCTOR_OK, ""},
    {0x58465342, "xfs", DOCTOR_OK, ""},
    {0x9123683E, "btrfs", DOCTOR_OK, ""},
    {0xF2F52010, "f2fs", DOCTOR_OK, ""},
    {0x2FC12FC1, "zfs", DOCTOR_ADVICE, "works, and was not tried with power cuts here"},
    {0x01021994, "tmpfs", DOCTOR_FINDING, "is memory: the book is gone with the next stop"},
    {0x858458F6, "ramfs", DOCTOR_FINDING, "is memory: the book is gone with the next stop"},
    {0x794C7630, "overlay", DOCTOR_FINDING, "is a container's own layer: the book goes with the container"},
    {0x6969, "nfs", DOCTOR_FINDING, "is on another host, where locks do not hold"},
    {0x517B, "smb", DOCTOR_FINDING, "is on another host, where locks do not hold"},
    {0xFF534D42, "cifs", DOCTOR_FINDING, "is on another host, where locks do not hold"},
    {0xFE534D42, "smb2", DOCTOR_FINDING, "is on another host, where locks do not hold"},
    {0x5346414F, "afs", DOCTOR_FINDING, "is on another host, where locks do not hold"},
    {0x00C36400, "ceph", DOCTOR_FINDING, "is on another host, where locks do not hold"},
    {0x73757245, "coda", DOCTOR_FINDING, "is on another host, where locks do not hold"},
    {0x01021997, "9p", DOCTOR_FINDING, "is on another host, where locks do not hold"},
    {0x65735546, "fuse", DOCTOR_FINDING, "is some program's: whether a sync is one nobody knows"},
    {0x4D44, "vfat", DOCTOR_FINDING, "knows no owners and no journal"},
    {0x2011BAB0, "exfat", DOCTOR_FINDING, "knows no owners and no journal"},
    {0x5346544E, "ntfs", DOCTOR_ADVICE, "was not tried here"},
};

void doctor_file_system(const struct doctor_facts *facts, struct doctor_report *report)
{
    for (size_t i = 0; i < sizeof file_systems / sizeof file_systems[0]; i++) {
        const struct file_system *found = &file_systems[i];
        if (found->type != facts->host.file_system)
            continue;
        if (found->result == DOCTOR_OK)
            doctor_say(report, DOCTOR_OK, "", "%s, at %s", found->name, facts->host.mount);
        else
            doctor_say(report, found->result, "ext4, xfs or btrfs on a disk of this machine", "%s %s", found->name,
                       found->why);
        return;
    }
    doctor_say(report, DOCTOR_ADVICE, "ext4, xfs or btrfs on a disk of this machine",
               "a file system of a kind that was not tried (%#lx)", facts->host.file_system);
}

/* Bytes that the journal grows in a day, 0 while it is too young to say. */
static int64_t pace(const struct doctor_book *state)
{
    int64_t days = (state->head_ms - state->first_ms) / DOCTOR_DAY_MS;
    return state->opened && days >= PACE_DAYS_MIN ? (int64_t)state->file_bytes / days : 0;
}

static void judge_map(const struct doctor_book *state, struct doctor_report *report)
{
    char used[GROUPED_BYTES], all[GROUPED_BYTES];
    uint64_t percent = state->map_bytes == 0 ? 0 : state->file_bytes / (state->map_bytes / 100 + 1);
    if (!state->opened || percent < MAP_PERCENT_ADVICE)
        return;
    doctor_say(report, percent < MAP_PERCENT_FINDING ? DOCTOR_ADVICE : DOCTOR_FINDING,
               "a book made by restore from a backup has the larger map of this release",
               "the journal fills %s of the %s MB that it can ever grow to (%llu %%)",
               terminal_group_integer((int64_t)(state->file_bytes >> 20), used),
               terminal_group_integer((int64_t)(state->map_bytes >> 20), all), (unsigned long long)percent);
}

void doctor_space(const struct doctor_facts *facts, struct doctor_report *report)
{
    static const char mend[] = "more room, before entries are refused for want of it";
    char megabytes[GROUPED_BYTES];
    const struct doctor_host *host = &facts->host;
    int64_t bytes = (int64_t)facts->state.file_bytes, daily = pace(&facts->state);
    int64_t days = daily > 0 ? host->free_bytes / daily : INT64_MAX;
    size_t before = report->count;
    terminal_group_integer(host->free_bytes >> 20, megabytes);
    if (host->free_bytes < 0)
        doctor_say(report, DOCTOR_UNSEEN, "df BOOK", "how much room there is cannot be seen");
    else if (host->free_bytes < SPACE_BYTES_MIN || days < SPACE_DAYS_FINDING)
        doctor_say(report, DOCTOR_FINDING, mend, "%s MB are free%s", megabytes,
                   days < SPACE_DAYS_FINDING ? ", less than 30 days' growth" : "");
    else if (host->free_bytes < bytes || days < SPACE_DAYS_ADVICE)
        doctor_say(report, DOCTOR_ADVICE, mend, "%s MB are free%s", megabytes,
                   host->free_bytes < bytes ? ", less than a copy of the journal takes"
                                            : ", less than 180 days' growth");
    if (host->total_inodes > 0 && host->free_inodes < INODES_MIN)
        doctor_say(report, DOCTOR_FINDING, "a file system with more of them",
                   "%lld more files can be made: evidence and personal data take one each",
                   (long long)host->free_inodes);
    judge_map(&facts->state, report);
    if (report->count == before)
        doctor_say(report, DOCTOR_OK, "", "%s MB are free; the journal takes %lld", megabytes,
                   (long long)(bytes >> 20));
}

void doctor_secrets(const struct doctor_facts *facts, struct doctor_report *report)
{
    const struct doctor_host *host = &facts->host;
    bool swaps = host->swap[0] != '\0', locks = host->memlock_bytes >= MEMLOCK_BYTES_MIN || host->memlock_bytes < 0;
    if (!locks)
        doctor_say(report, swaps ? DOCTOR_FINDING : DOCTOR_ADVICE, "LimitMEMLOCK=64M, or ulimit -l",
                   "only %lld kB of memory may be locked: keys could be swapped out",
                   (long long)(host->memlock_bytes >> 10));
    if (swaps)
        doctor_say(report, DOCTOR_ADVICE, "encrypt it, or none",
                   "swap on %s is not encrypted: what was read of a book may stay there", host->swap);
    if (host->dumpable != 0 && (host->core_bytes > 0 || host->core_pattern[0] == '|'))
        doctor_say(report, DOCTOR_ADVICE, "LimitCORE=0, or ulimit -c 0; a pattern that does not pipe",
                   "a crash leaves the memory of a process, which holds keys, to `%s`",
                   host->core_pattern[0] != '\0' ? host->core_pattern : "core");
}

static bool kernel_is_old(const char *kernel)
{
    int major = 0, minor = 0;
    const char *at = kernel;
    for (; *at >= '0' && *at <= '9' && major < 1000; at++)
        major = major * 10 + (*at - '0');
    for (at += *at == '.' ? 1 : 0; *at >= '0' && *at <= '9' && minor < 1000; at++)
        minor = minor * 10 + (*at - '0');
    return at != kernel && (major < KERNEL_MAJOR || (major == KERNEL_MAJOR && minor < KERNEL_MINOR));
}

void doctor_versions(const struct doctor_facts *facts, struct doctor_report *report)
{
    if (kernel_is_old(facts->host.kernel))
        doctor_say(report, DOCTOR_FINDING, "Linux 4.13 or later",
                   "Linux %s can forget that a write failed before it is asked to sync", facts->host.kernel);
    if (facts->state.opened && facts->state.engine == ENGINE_DRAFT)
        doctor_say(report, DOCTOR_ADVICE, "no books that count before engine 1",
                   "this book is of engine 0, a draft: what it decided may be read otherwise by a later release");
    doctor_say(report, DOCTOR_OK, "", "countersign %s, %s, Linux %s", COUNTERSIGN_RELEASE, facts->host.libraries,
               facts->host.kernel);
}

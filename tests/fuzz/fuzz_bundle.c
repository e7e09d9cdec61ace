/*
 * Attacks the reader of bundles: bundle_manifest_read, bundle_lines_next, verify_item_check, and verify_bundle over all of them.
 *
 * An input is four parts with "\n--\n" between: manifest, entries, checkpoint, allowed_signers. Where the first is no manifest, one is
 * made that fits in form, its scope and counts from the part's first bytes, so that what comes after is reached at once. What
 * is read as a manifest must be written back byte for byte; entries are handed on in order, none twice.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "audit/bundle/lines.h"
#include "audit/bundle/manifest.h"
#include "audit/verify/parts.h"
#include "audit/verify/verify.h"
#include "ledger/canon.h"
#include "tests/fuzz/fuzz.h"

static char scratch[160], bundle[160];

static void folders_make(void)
{
    if (bundle[0] != '\0')
        return;
    snprintf(scratch, sizeof scratch, "%s/scratch", fuzz_dir());
    snprintf(bundle, sizeof bundle, "%s/bundle", fuzz_dir());
    must(mkdir(bundle, 0700) == 0);
}

static void write_file(const char *name, struct slice bytes)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", bundle, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, bytes.bytes, bytes.length) != (ssize_t)bytes.length)
        abort();
    close(fd);
}

/* The part up to the next mark; what is left goes on after it. */
static struct slice part_take(struct slice *rest)
{
    static const char mark[] = "\n--\n";
    const uint8_t *found = memmem(rest->bytes, rest->length, mark, sizeof mark - 1);
    struct slice part = *rest;
    if (found == NULL) {
        *rest = slice_of(rest->bytes + rest->length, 0);
        return part;
    }
    part.length = (size_t)(found - rest->bytes) + 1; /* with its LF */
    *rest = slice_of(found + sizeof mark - 1, rest->length - part.length - (sizeof mark - 2));
    return part;
}

/* Reasons for the entries of a part, which follow one another: one of each sort, from the hint's on. */
static void why_make(unsigned first, unsigned count, unsigned sort, char *room, size_t size)
{
    static const char *const reasons[] = {"charter",     "period",     "signer ana",       "document CN-1",
                                          "policy",      "book-key",   "invoice US01/I-1", "customer US01/C-1",
                                          "clock",       "grant GR-1", "affirmation AF-1", "sample entry 8",
                                          "period PE-1", "seed SE-1",  "mitigation MI-1"};
    int used = snprintf(room, size, ",\"why\":[");
    for (unsigned i = 0; i < count; i++)
        used += snprintf(room + used, size - (size_t)used, "%s{\"seq\":%u,\"why\":[\"%s\"]}", i > 0 ? "," : "",
                         first + i, reasons[(sort + i) % (sizeof reasons / sizeof reasons[0])]);
    snprintf(room + used, size - (size_t)used, "]");
}

/* A manifest that fits in form. */
static struct slice manifest_make(struct slice hint, char *room, size_t size)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    unsigned sort = hint.length > 0 ? hint.bytes[0] % 3 : 0, first = hint.length > 1 ? hint.bytes[1] % 8 : 0;
    unsigned count = hint.length > 2 ? hint.bytes[2] % 8 : 0, extra = hint.length > 3 ? hint.bytes[3] % 8 : 0;
    unsigned hashes = hint.length > 4 ? hint.bytes[4] % 5 : 0, total = first + count + extra;
    char range[80], scope[200], proof[400] = "", why[512] = "";
    if (sort < 2)
        extra = 0;
    first = sort == 0 ? 0 : first;
    total = first + count + extra;
    if (count == 0)
        snprintf(range, sizeof range, "{\"count\":0}");
    else
        snprintf(range, sizeof range, "{\"count\":%u,\"first\":%u,\"last\":%u}", count, first,
                 first + count - 1 + extra / 2);
    if (sort == 0)
        snprintf(scope, sizeof scope, "{\"sort\":\"book\"}");
    else if (sort == 1)
        snprintf(scope, sizeof scope, "{\"after\":{\"root\":\"%s\",\"size\":%u},\"sort\":\"extension\"}", zeros, first);
    else
        snprintf(scope, sizeof scope, "{\"from\":\"2026-01-01\",\"sort\":\"period\",\"to\":\"2026-01-31\"}");
    if (sort == 2)
        why_make(first, count, hint.length > 5 ? hint.bytes[5] : 0, why, sizeof why);
    for (unsigned i = 0; i < hashes; i++)
        snprintf(proof + strlen(proof), sizeof proof - strlen(proof), "%s\"%s\"", i > 0 ? "," : "", zeros);
    int length = snprintf(
        room, size,
        "{\"book\":\"%s\",\"bundle\":1,\"checkpoint\":{\"root\":\"%s\",\"size\":%u},\"entries\":%s,\"files\":[{"
        "\"bytes\":1,\"name\":\"allowed_signers\",\"sha256\":\"%s\"},{\"bytes\":1,"
        "\"name\":\"checkpoint.note\",\"sha256\":\"%s\"},{\"bytes\":1,\"name\":\"entries.jsonl\",\"sha256\":\"%s\"}],"
        "\"made\":{\"at\":\"2026-02-01T12:00:00.000Z\",\"by\":\"ana\",\"exe\":\"\",\"key\":\"ssh-ed25519 "
        "AAAAC3NzaC1lZDI1NTE5AAAAIJvjKHeVkHgJQH4UQ5/xmNW/x9zm+bx0PLNpFG9hC0gB\",\"release\":\"x\"},\"origin\":\"o\","
        "\"proof\":[%s],\"scope\":%s%s}\n",
        zeros, zeros, total, range, zeros, zeros, zeros, proof, scope, why);
    return slice_of(room, (size_t)length);
}

static bool manifest_check(struct slice bytes)
{
    struct bundle_manifest manifest;
    char *again = NULL;
    size_t length = 0;
    if (bundle_manifest_read(bytes, &manifest, NULL) != STATUS_OK)
        return false;
    if (canon_encode(manifest.json, &again, &length, NULL) != STATUS_OK || length + 1 != bytes.length ||
        memcmp(again, bytes.bytes, length) != 0)
        abort();
    free(again);
    bundle_manifest_done(&manifest);
    return true;
}

static void lines_check(struct slice bytes, bool dense)
{
    const struct bundle_range range = {.dense = dense, .count = 6, .first = dense ? 0 : 2, .last = dense ? 5 : 40};
    struct finding_list findings;
    static struct item_tools tools; /* for as long as the program runs */
    struct bundle_lines *lines = NULL;
    struct source_entry entry = {.owned = NULL};
    uint64_t next = 0, handed = 0;
    int fd = memfd_create("entries", MFD_CLOEXEC);
    if (fd < 0 || write(fd, bytes.bytes, bytes.length) != (ssize_t)bytes.length || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    if (tools.outline.nodes == NULL && verify_tools_init(TREES_NEEDED, &tools, NULL) != STATUS_OK)
        abort();
    finding_list_init(&findings, NULL, NULL);
    if (bundle_lines_new(fd, &range, &findings, &lines, NULL) != STATUS_OK)
        abort();
    while (bundle_lines_next(lines, &entry, NULL) == STATUS_OK) {
        struct verify_item item = {.seq = entry.seq, .bytes = entry.bytes, .owned = entry.owned};
        if (entry.seq < next || entry.seq < range.first || entry.seq > range.last || ++handed > range.count)
            abort();
        next = entry.seq + 1;
        verify_item_check(&tools, &item);
        verify_item_done(&item);
    }
    bundle_lines_free(lines);
    finding_list_done(&findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    struct slice manifest = part_take(&rest), entries = part_take(&rest), note = part_take(&rest);
    struct slice signers = part_take(&rest);
    struct verify_result result;
    char room[4096];
    const struct verify_options options = {.bundle_dir = bundle, .fast = true, .threads = 1, .scratch_dir = scratch};
    folders_make();
    if (!manifest_check(manifest))
        manifest = manifest_make(manifest, room, sizeof room);
    if (!manifest_check(manifest))
        abort();
    lines_check(entries, true);
    lines_check(entries, false);
    write_file("MANIFEST.json", manifest);
    write_file("entries.jsonl", entries);
    write_file("checkpoint.note", note);
    write_file("allowed_signers", signers);
    if (verify_bundle(&options, &result, NULL) != STATUS_OK || result.finding_count == 0)
        abort(); /* nobody has signed it: there is always something to find */
    return 0;
}

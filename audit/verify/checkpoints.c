/*
 * Checkpoints: those that the journal recorded when they were handed out, and those that the auditor kept or was given. Each
 * has to be signed by the book's key and to name the root that the entries have; witnesses' keys come from the auditor
 * alone. Implements FORMAT.md section 4 ("Checkpoint", "Cosignatures") and, for those of an epoch that is over, section 10.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/issued.h"
#include "audit/verify/parts.h"
#include "ledger/schema.h"

enum { WANTED_MAX = 1 << 20 };

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = ((const struct wanted_root *)a)->size, y = ((const struct wanted_root *)b)->size;
    return (x > y) - (x < y);
}

/* Roots of what was verified before are read, and not come by again. */
static enum status read_node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    return verify_node(context, level, index, ret_hash, err);
}

static enum status roots_before(struct verify *verify, struct err *err)
{
    const struct tree_reader reader = {.node = read_node, .context = verify};
    enum status status = STATUS_OK;
    for (; status == STATUS_OK && verify->wanted_next < verify->wanted_count; verify->wanted_next++) {
        struct wanted_root *wanted = &verify->wanted[verify->wanted_next];
        if (wanted->size > verify->before)
            break;
        status = tree_root(&reader, wanted->size, &wanted->root, err);
        wanted->known = status == STATUS_OK;
        wanted->latest_ms = verify->latest_ms; /* or earlier: entries are looked at when that is too late */
    }
    return status;
}

enum status verify_checkpoints_gather(struct verify *verify, struct err *err)
{
    uint64_t issued = 0;
    struct note *note = NULL;
    struct err what = {.status = STATUS_OK};
    enum status status = verify->source->issued_count(verify->source->context, &issued, &what);
    if (status == STATUS_MEMORY)
        return err_set(err, status, "%s", what.text);
    if (status != STATUS_OK)
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "cannot be read: %s", what.text);
    status = STATUS_OK;
    if (issued > WANTED_MAX)
        status = err_set(err, STATUS_LIMIT, "more than %d checkpoints", WANTED_MAX);
    if (status != STATUS_OK)
        goto done;
    note = malloc(sizeof *note);
    verify->result->checkpoints = issued;
    verify->wanted = calloc((size_t)issued + verify->options->note_count + 1, sizeof *verify->wanted);
    if (verify->wanted == NULL || note == NULL) {
        status = err_set(err, STATUS_MEMORY, "no memory for checkpoints");
        goto done;
    }
    for (uint64_t i = 0; i < issued; i++) {
        struct journal_checkpoint checkpoint;
        if (verify->source->issued(verify->source->context, i, &checkpoint, NULL) == STATUS_OK)
            verify->wanted[verify->wanted_count++].size = checkpoint.size;
    }
    for (size_t i = 0; i < verify->options->note_count; i++) {
        struct checkpoint checkpoint;
        if (issued_peek(verify->options->notes[i].bytes, &checkpoint, note, NULL) == STATUS_OK)
            verify->wanted[verify->wanted_count++].size = checkpoint.head.size;
    }
    qsort(verify->wanted, verify->wanted_count, sizeof *verify->wanted, by_size);
    if (verify->before > 0)
        status = roots_before(verify, err);
done:
    free(note);
    return status;
}

static const struct wanted_root *root_at(const struct verify *verify, uint64_t size)
{
    const struct wanted_root wanted = {.size = size};
    const struct wanted_root *found = bsearch(&wanted, verify->wanted, verify->wanted_count, sizeof wanted, by_size);
    /* Of several with one size only the first was filled, or all: look at the first. */
    while (found != NULL && found > verify->wanted && found[-1].size == size)
        found--;
    return found;
}

struct checking {
    struct verify *verify;
    const char *name; /* "checkpoint 3", or the file's */
    struct slice bytes;
    bool given;           /* by the auditor, or as the bundle's own: not one of the issued */
    struct issued issued; /* once it is known to be one of this book's */
};

/* The first bad entry before size says from where on a root differs. */
static void tell_other_root(const struct checking *checking)
{
    struct verify *verify = checking->verify;
    uint64_t size = checking->issued.checkpoint.head.size;
    const struct finding_list *findings = &verify->findings;
    if (findings->seq_count > 0 && findings->seqs[0] < size)
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "root differs from the %s of %llu, from entry %llu on",
                      checking->name, number(size), number(findings->seqs[0]));
    else if (verify->result->checkpoint_size > 0 && verify->result->checkpoint_size < size)
        finding_whole(&verify->findings, CHECK_CHECKPOINTS,
                      "root differs from the %s of %llu, somewhere from entry %llu on", checking->name, number(size),
                      number(verify->result->checkpoint_size));
    else
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "root differs from the %s of %llu", checking->name,
                      number(size));
}

/* The restore that ended an epoch: the first that began a later one; NULL while it lasts. */
static const json_t *ended_by(const struct verify *verify, uint64_t epoch)
{
    const json_t *restores = key_register_restores(verify->keys);
    for (size_t i = 0; i < json_array_size(restores); i++) {
        const json_t *restore = json_array_get(restores, i);
        if ((uint64_t)member_integer(restore, "epoch") > epoch)
            return restore;
    }
    return NULL;
}

/* Where the epoch of a restore begins; 0 for the first, and for one of which nothing is left. */
static uint64_t begins_after(const struct verify *verify, uint64_t epoch)
{
    const json_t *restores = key_register_restores(verify->keys);
    for (size_t i = 0; i < json_array_size(restores); i++)
        if ((uint64_t)member_integer(json_array_get(restores, i), "epoch") == epoch)
            return (uint64_t)member_integer(json_array_get(restores, i), "seq");
    return 0;
}

/* A checkpoint of an epoch that is over, beyond what was kept: not of this journal, and known not to be. */
static void tell_lost(const struct checking *checking, const json_t *restore)
{
    struct verify *verify = checking->verify;
    uint64_t size = checking->issued.checkpoint.head.size, to = (uint64_t)member_integer(restore, "to");
    char beyond[80] = "";
    if (size - 1 > to)
        snprintf(beyond, sizeof beyond, "; nobody has said so of entries %llu to %llu", number(to + 1),
                 number(size - 1));
    finding_whole(&verify->findings, CHECK_CHECKPOINTS,
                  "the %s of %llu entries, of epoch %llu, was issued before the restore in entry %llu, which says that "
                  "entries %llu to %llu were lost%s",
                  checking->name, number(size), number(checking->issued.epoch),
                  number((uint64_t)member_integer(restore, "seq")), number((uint64_t)member_integer(restore, "from")),
                  number(to), beyond);
}

/* Whether the epoch that a checkpoint bears is that of its size. errors CORRUPT: it is not, which has been told. */
static enum status check_epoch(const struct checking *checking)
{
    struct verify *verify = checking->verify;
    const struct tree_head *head = &checking->issued.checkpoint.head;
    const struct wanted_root *root = root_at(verify, head->size);
    const json_t *restore = ended_by(verify, checking->issued.epoch);
    if (checking->issued.epoch > verify->result->epoch) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS,
                      "the %s is of epoch %llu, and the journal has come to epoch %llu: it was put back",
                      checking->name, number(checking->issued.epoch), number(verify->result->epoch));
        return STATUS_CORRUPT;
    }
    if (checking->issued.epoch > 0 && head->size <= begins_after(verify, checking->issued.epoch)) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS,
                      "the %s of %llu entries bears epoch %llu, which begins with entry %llu", checking->name,
                      number(head->size), number(checking->issued.epoch),
                      number(begins_after(verify, checking->issued.epoch)));
        return STATUS_CORRUPT;
    }
    bool same = root != NULL && root->known && hash_equal(&root->root, &head->root);
    if (restore == NULL || head->size <= (uint64_t)member_integer(restore, "from") ||
        (same && head->size <= (uint64_t)member_integer(restore, "seq")))
        return STATUS_OK;
    tell_lost(checking, restore);
    return STATUS_CORRUPT;
}

/* errors CORRUPT when it is not this journal's; that has been told. */
static enum status check_root(const struct checking *checking)
{
    struct verify *verify = checking->verify;
    const struct tree_head *head = &checking->issued.checkpoint.head;
    const struct wanted_root *root = root_at(verify, head->size);
    if (head->size > verify->frontier.size && !verify->gap) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS,
                      "the %s is of %llu entries, the journal has %llu: its end is cut off, or it was put back",
                      checking->name, number(head->size), number(verify->frontier.size));
        return STATUS_CORRUPT;
    }
    if (verify->gap && (root == NULL || !root->known)) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "the %s of %llu cannot be compared: entry %llu is missing",
                      checking->name, number(head->size), number(verify->gap_seq));
        return STATUS_CORRUPT;
    }
    if (root == NULL || !root->known || !hash_equal(&root->root, &head->root)) {
        tell_other_root(checking);
        return STATUS_CORRUPT;
    }
    return STATUS_OK;
}

/* Somebody saw these entries at that time. */
static enum status take_time(const struct checking *checking, struct verify_witnessed *witnessed, const char *who,
                             int64_t seconds, struct err *err)
{
    uint64_t size = checking->issued.checkpoint.head.size;
    const struct time_bound bound = {.size = size, .seconds = seconds, .who = who};
    if (size > witnessed->size || (size == witnessed->size && seconds < witnessed->seconds))
        witnessed->seconds = seconds;
    if (size > witnessed->size)
        witnessed->size = size;
    if (seconds > witnessed->newest_seconds)
        witnessed->newest_seconds = seconds;
    witnessed->count++;
    return verify_times_bound(checking->verify, root_at(checking->verify, size), &bound, err);
}

static enum status check_witnesses(struct checking *checking, struct err *err)
{
    struct verify *verify = checking->verify;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < verify->options->witness_count; i++) {
        const struct note_key *key = &verify->options->witnesses[i];
        struct verify_witnessed *witnessed = &verify->result->witnessed[i];
        int64_t seconds = 0;
        struct err what;
        bool timed = key->type == NOTE_COSIGNATURE;
        enum status found = timed ? note_verify_cosignature(&checking->issued.note, key, &seconds, &what)
                                  : note_verify(&checking->issued.note, key, &what);
        if (found == STATUS_OK && timed)
            status = take_time(checking, witnessed, key->name, seconds, err);
        else if (found == STATUS_OK && checking->issued.checkpoint.head.size > witnessed->size)
            witnessed->size = checking->issued.checkpoint.head.size;
        else if (found != STATUS_OK && found != STATUS_NOT_FOUND)
            finding_whole(&verify->findings, CHECK_CHECKPOINTS, "the %s of %llu: %s", checking->name,
                          number(checking->issued.checkpoint.head.size), what.text);
    }
    return status;
}

/* Where checkpoints were issued, those that came back from outside are among them: none is counted twice. */
static enum status check_stamp(struct checking *checking, struct err *err)
{
    struct verify *verify = checking->verify;
    int64_t seconds = 0;
    if (checking->given && verify->result->checkpoints > 0)
        return STATUS_OK;
    enum status status = verify_stamp(verify, checking->issued.checkpoint.head.size, checking->bytes, &seconds, err);
    return status == STATUS_OK && seconds > 0
               ? take_time(checking, &verify->result->stamped, "a time-stamping authority", seconds, err)
               : status;
}

/* A part of the book knows one root, that of its own checkpoint; where it has no charter, no key that could have signed it. */
static enum status check_one_of_part(struct checking *checking, struct err *err)
{
    struct verify *verify = checking->verify;
    struct issued *issued = &checking->issued;
    struct err what = {.status = STATUS_OK};
    enum status status = verify->chartered
                             ? issued_open(checking->bytes, verify->keys, member_text(verify->charter, "name"),
                                           verify->book, issued, &what)
                             : issued_peek(checking->bytes, &issued->checkpoint, &issued->note, &what);
    const struct tree_head *head = &issued->checkpoint.head;
    if (status != STATUS_OK) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "the %s: %s", checking->name, what.text);
    } else if (head->size != verify->claimed.size) {
        verify->result->bundle.uncompared++;
    } else if (!hash_equal(&head->root, &verify->claimed.root)) {
        tell_other_root(checking);
    } else if (verify->proven) {
        verify->result->checkpoint_size = head->size;
        status = check_witnesses(checking, err);
        return status == STATUS_OK ? check_stamp(checking, err) : status;
    }
    return STATUS_OK;
}

/* A checkpoint that may be bad: what is wrong is a finding. */
static enum status check_one(struct checking *checking, struct err *err)
{
    struct verify *verify = checking->verify;
    struct err what = {.status = STATUS_OK};
    if (verify->part)
        return check_one_of_part(checking, err);
    if (issued_open(checking->bytes, verify->keys, member_text(verify->charter, "name"), verify->book,
                    &checking->issued, &what) != STATUS_OK) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "the %s: %s", checking->name, what.text);
        return STATUS_OK;
    }
    if (check_epoch(checking) != STATUS_OK || check_root(checking) != STATUS_OK)
        return STATUS_OK;
    if (checking->issued.checkpoint.head.size > verify->result->checkpoint_size)
        verify->result->checkpoint_size = checking->issued.checkpoint.head.size;
    enum status status = check_witnesses(checking, err);
    return status == STATUS_OK ? check_stamp(checking, err) : status;
}

static enum status check_issued(struct checking *checking, uint64_t index, struct err *err)
{
    struct verify *verify = checking->verify;
    struct journal_checkpoint issued;
    struct err what = {.status = STATUS_OK};
    char name[160] = "checkpoint";
    if (verify->source->issued_name != NULL)
        snprintf(name, sizeof name, "checkpoint in %.128s",
                 verify->source->issued_name(verify->source->context, index));
    checking->name = name;
    if (verify->source->issued(verify->source->context, index, &issued, &what) != STATUS_OK) {
        finding_whole(&verify->findings, CHECK_CHECKPOINTS, "%s", what.text);
        return STATUS_OK;
    }
    checking->bytes = issued.note;
    uint64_t told = verify->findings.counts[CHECK_CHECKPOINTS];
    enum status status = check_one(checking, err);
    if (told == verify->findings.counts[CHECK_CHECKPOINTS] &&
        (checking->issued.checkpoint.head.size != issued.size ||
         !hash_equal(&checking->issued.checkpoint.head.root, &issued.root)))
        finding_whole(&verify->findings, CHECK_CHECKPOINTS,
                      "checkpoint number %llu is recorded beside another note's text", number(index));
    return status;
}

static void check_witnessed(struct verify *verify)
{
    for (size_t i = 0; i < verify->options->witness_count; i++)
        if (verify->result->witnessed[i].size == 0)
            finding_whole(&verify->findings, CHECK_CHECKPOINTS, "no good checkpoint bears the cosignature of %s",
                          verify->options->witnesses[i].name);
}

enum status verify_checkpoints(struct verify *verify, struct err *err)
{
    enum status status = STATUS_OK;
    struct checking *checking = calloc(1, sizeof *checking);
    if (checking == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for checkpoints");
    checking->verify = verify;
    if (!verify->chartered && !verify->part) {
        if (verify->result->checkpoints + verify->options->note_count > 0)
            finding_whole(&verify->findings, CHECK_CHECKPOINTS, "cannot be checked without the charter's book keys");
        goto done;
    }
    for (uint64_t i = 0; status == STATUS_OK && i < verify->result->checkpoints; i++)
        status = check_issued(checking, i, err);
    checking->given = true;
    for (size_t i = 0; status == STATUS_OK && i < verify->options->note_count; i++) {
        char name[160];
        snprintf(name, sizeof name, "checkpoint in %.128s", verify->options->notes[i].name);
        checking->name = name;
        checking->bytes = verify->options->notes[i].bytes;
        status = check_one(checking, err);
    }
    check_witnessed(verify);
done:
    free(checking);
    return status;
}

/*
 * One pass over the journal; see the header. The tree is made of the bytes that are read, so what is drawn from is what the
 * checkpoint was signed over. Which checkpoint counts is known when the seed's entry comes: the smallest later one that a
 * witness of the auditor's cosigned; the book's own signature and the root are asked when its size has been reached.
 */
#include "audit/sample/read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/issued.h"
#include "audit/verify/register.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/tree.h"

enum { PROGRESS_EVERY = 1024 };

static const char seal[] = "sha256:";

struct reading {
    const struct sample_request *request;
    struct sample_basis *basis;
    struct journal_snapshot *snapshot;
    struct key_register *keys;
    struct sample_collector *collector;
    struct tree_frontier frontier;
    char *name;   /* the charter's */
    char *chosen; /* bytes of the checkpoint that counts; owned */
    size_t chosen_length;
    bool found, rooted; /* the seed; and the checkpoint's root */
    struct note *note;  /* room: too large for the stack of a deep call */
};

/* Whether a witness of the auditor's cosigned it. errors SIGNATURE: one that does not verify. */
static enum status look_for_witness(const struct reading *reading, bool *ret_cosigned, char *ret_name,
                                    int64_t *ret_seconds, struct err *err)
{
    const struct sample_request *request = reading->request;
    *ret_cosigned = false;
    for (size_t i = 0; i < request->witness_count && !*ret_cosigned; i++) {
        const struct note_key *key = &request->witnesses[i];
        struct err what = {.status = STATUS_OK};
        enum status status = key->type == NOTE_COSIGNATURE
                                 ? note_verify_cosignature(reading->note, key, ret_seconds, &what)
                                 : note_verify(reading->note, key, &what);
        if (status == STATUS_OK) {
            *ret_cosigned = true;
            snprintf(ret_name, NOTE_NAME_BYTES_MAX + 1, "%s", key->name);
        } else if (status != STATUS_NOT_FOUND) {
            return err_set(err, status, "a checkpoint bears the name of the witness %s: %s", key->name, what.text);
        }
    }
    return STATUS_OK;
}

/* Takes a checkpoint where it is nearer to the seed than the one that counted so far. */
static enum status consider(struct reading *reading, struct slice bytes, struct err *err)
{
    struct sample_basis *basis = reading->basis;
    struct checkpoint checkpoint;
    char name[NOTE_NAME_BYTES_MAX + 1] = "";
    bool cosigned = false;
    int64_t seconds = 0;
    enum status status = issued_peek(bytes, &checkpoint, reading->note, err);
    if (status != STATUS_OK || checkpoint.head.size <= basis->before)
        return status;
    bool nearer = reading->chosen == NULL || checkpoint.head.size < basis->size ||
                  (checkpoint.head.size == basis->size && !basis->cosigned);
    if (!nearer)
        return STATUS_OK;
    status = look_for_witness(reading, &cosigned, name, &seconds, err);
    if (status != STATUS_OK || (!cosigned && !reading->request->own_checkpoint))
        return status;
    char *copy = malloc(bytes.length + 1);
    if (copy == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    memcpy(copy, bytes.bytes, bytes.length);
    free(reading->chosen);
    reading->chosen = copy;
    reading->chosen_length = bytes.length;
    basis->size = checkpoint.head.size;
    basis->cosigned = cosigned;
    basis->cosigned_s = seconds;
    snprintf(basis->witness, sizeof basis->witness, "%s", name);
    return STATUS_OK;
}

static enum status none_counts(const struct reading *reading, struct err *err)
{
    unsigned long long entry = (unsigned long long)reading->basis->before;
    if (reading->request->own_checkpoint)
        return err_set(err, STATUS_NOT_FOUND,
                       "no checkpoint was issued after entry %llu, where the seed stands: the custodian makes one with "
                       "'countersign checkpoint'",
                       entry);
    return err_set(err, STATUS_NOT_FOUND,
                   "no checkpoint after entry %llu, where the seed stands, bears a cosignature of a witness that was "
                   "brought: have the custodian make one with 'countersign checkpoint', have a witness cosign it, and "
                   "bring it with --checkpoint FILE; --own-checkpoint takes one that the book alone has signed",
                   entry);
}

static enum status choose_checkpoint(struct reading *reading, struct err *err)
{
    uint64_t issued = 0;
    enum status status = journal_checkpoint_count(reading->snapshot, &issued, err);
    for (uint64_t i = 0; status == STATUS_OK && i < issued; i++) {
        struct journal_checkpoint checkpoint;
        status = journal_checkpoint(reading->snapshot, i, &checkpoint, err);
        if (status == STATUS_OK && checkpoint.size > reading->basis->before)
            status = consider(reading, checkpoint.note, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < reading->request->note_count; i++) {
        status = consider(reading, reading->request->notes[i].bytes, err);
        if (status != STATUS_OK)
            err_prefix(err, "--checkpoint %.128s: ", reading->request->notes[i].name);
    }
    return status == STATUS_OK && reading->chosen == NULL ? none_counts(reading, err) : status;
}

/* A seed "sha256:<hash>" hides what is drawn with until the checkpoint is out. */
static enum status check_seal(struct reading *reading, struct err *err)
{
    struct sample_basis *basis = reading->basis;
    const char *reveal = reading->request->reveal;
    struct hash sealed, revealed;
    basis->sealed = strncmp(basis->seed, seal, strlen(seal)) == 0;
    if (!basis->sealed)
        return reveal == NULL
                   ? STATUS_OK
                   : err_set(err, STATUS_INPUT, "%s is an open seed: there is nothing to reveal", basis->document);
    if (hash_from_hex(basis->seed + strlen(seal), &sealed) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "%s: after sha256: 64 lower-case hex digits have to follow", basis->document);
    if (reveal == NULL)
        return err_set(err, STATUS_INPUT, "%s is a sealed seed: --reveal gives the text that it hides",
                       basis->document);
    hash_of(reveal, strlen(reveal), &revealed);
    return hash_equal(&sealed, &revealed)
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "what was revealed is not what the seed %s hides", basis->document);
}

/* The population ends before the entry in which the seed stands. */
static enum status take_seed(struct reading *reading, const struct entry *entry, const json_t *document,
                             const json_t *result, struct err *err)
{
    struct sample_basis *basis = reading->basis;
    const char *content = member_text(result, "content"), *seed = member_text(document, "seed");
    const char *purpose = member_text(document, "purpose");
    if (content == NULL || seed == NULL || purpose == NULL)
        return err_set(err, STATUS_CORRUPT,
                       "entry %" PRIu64 ": the seed has not the form of one: run countersign audit "
                       "verify",
                       entry->seq);
    reading->found = true;
    basis->seeded = true;
    basis->before = entry->seq;
    snprintf(basis->document, sizeof basis->document, "%s", member_text(result, "document"));
    snprintf(basis->content, sizeof basis->content, "%s", content);
    snprintf(basis->seed, sizeof basis->seed, "%s", seed);
    snprintf(basis->purpose, sizeof basis->purpose, "%s", purpose);
    snprintf(basis->actor, sizeof basis->actor, "%s", entry->statement.actor);
    enum status status = check_seal(reading, err);
    if (status == STATUS_OK)
        status = choose_checkpoint(reading, err);
    return status == STATUS_OK ? sample_collector_end(reading->collector, entry->time_ms, &basis->population, err)
                               : status;
}

/* "sample SE-1" among what a test-run says it ran. */
static void take_use(struct sample_basis *basis, const struct entry *entry, const json_t *document)
{
    const char *control = member_text(document, "control"), *result = member_text(document, "result");
    char wanted[SAMPLE_ID_BYTES + 8];
    snprintf(wanted, sizeof wanted, "sample %s", basis->document);
    if (control == NULL || result == NULL || strcmp(control, wanted) != 0 || basis->use_count == SAMPLE_USES_MAX)
        return;
    struct sample_use *use = &basis->uses[basis->use_count++];
    use->entry = entry->seq;
    snprintf(use->result, sizeof use->result, "%s", result);
}

/* Seeds and runs of tests among what an entry submits. *ret_seed: it brought the seed that is looked for. */
static enum status take_audit_work(struct reading *reading, const struct entry *entry, bool *ret_seed, struct err *err)
{
    const json_t *results = json_object_get(entry->decision, "results");
    enum status status = STATUS_OK;
    *ret_seed = false;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++) {
        const json_t *document = statement_document(&entry->statement, i), *result = json_array_get(results, i);
        const char *kind = member_text(document, "kind"), *outcome = member_text(result, "outcome");
        const char *number = member_text(result, "document");
        if (kind == NULL || number == NULL || outcome == NULL || strcmp(outcome, "in-force") != 0)
            continue;
        if (!reading->found && strcmp(kind, "seed") == 0 && strcmp(number, reading->request->seed) == 0) {
            *ret_seed = true;
            status = take_seed(reading, entry, document, result, err);
        } else if (reading->found && strcmp(kind, "test-run") == 0) {
            take_use(reading->basis, entry, document);
        }
    }
    return status;
}

static enum status take_charter(struct reading *reading, const struct entry *entry, struct err *err)
{
    const char *name = member_text(entry->statement.body, "name");
    if (entry->statement.verb != VERB_CHARTER || name == NULL)
        return err_set(err, STATUS_CORRUPT, "the book does not begin with its charter: run countersign audit verify");
    hash_to_hex(&entry->statement.hash, reading->basis->book);
    reading->name = strdup(name);
    return reading->name != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a name");
}

/* The size of the checkpoint has been reached: it has to be this book's, and of these entries. */
static enum status check_root(struct reading *reading, struct err *err)
{
    struct sample_basis *basis = reading->basis;
    struct issued *issued = malloc(sizeof *issued);
    if (issued == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    enum status status = issued_open(slice_of(reading->chosen, reading->chosen_length), reading->keys, reading->name,
                                     basis->book, issued, err);
    tree_frontier_root(&reading->frontier, &basis->root);
    if (status != STATUS_OK)
        err_prefix(err, "the checkpoint of %" PRIu64 " entries ", basis->size);
    else if (!hash_equal(&issued->checkpoint.head.root, &basis->root))
        status = err_set(err, STATUS_CORRUPT,
                         "the checkpoint of %" PRIu64 " entries names another root than the entries have: run "
                         "countersign audit verify",
                         basis->size);
    free(issued);
    reading->rooted = status == STATUS_OK;
    return status;
}

static enum status take_entry(struct reading *reading, const struct entry *entry, struct err *err)
{
    struct sample_basis *basis = reading->basis;
    bool seeded = reading->request->seed != NULL, is_seed = false;
    enum status status = reading->name == NULL ? take_charter(reading, entry, err) : STATUS_OK;
    if (status == STATUS_OK && seeded)
        status = take_audit_work(reading, entry, &is_seed, err);
    if (status == STATUS_OK && !reading->found)
        status = sample_collector_take(reading->collector, entry, err);
    if (status != STATUS_OK || !seeded || reading->rooted)
        return status;
    status = key_register_apply(reading->keys, entry, err);
    if (status == STATUS_OK)
        status = tree_frontier_add(&reading->frontier, &entry->leaf, NULL, err);
    return status == STATUS_OK && reading->found && reading->frontier.size == basis->size ? check_root(reading, err)
                                                                                          : status;
}

/* After the last entry: what was asked for has been met, or is not there. */
static enum status end_reading(struct reading *reading, uint64_t size, int64_t time_ms, struct err *err)
{
    struct sample_basis *basis = reading->basis;
    const struct sample_request *request = reading->request;
    if (request->seed == NULL) {
        basis->before = size < request->before ? size : request->before;
        return sample_collector_end(reading->collector, time_ms, &basis->population, err);
    }
    if (!reading->found)
        return err_set(err, STATUS_NOT_FOUND,
                       "there is no seed %.64s in this book: 'countersign audit record seed' puts one on record",
                       request->seed);
    if (!reading->rooted)
        return err_set(err, STATUS_CORRUPT,
                       "the checkpoint is of %" PRIu64 " entries, the journal has %" PRIu64
                       ": its end is cut off, or it was put back",
                       basis->size, size);
    const struct sample_origin origin = {.book = basis->book,
                                         .document = basis->document,
                                         .content = basis->content,
                                         .entry = basis->before,
                                         .reveal = request->reveal,
                                         .size = basis->size,
                                         .root = basis->root};
    return sample_draw_value(&origin, &basis->draw, err);
}

static enum status read_entries(struct reading *reading, struct err *err)
{
    const struct sample_request *request = reading->request;
    struct journal_head head;
    int64_t time_ms = 0;
    enum status status = journal_head(reading->snapshot, &head, err);
    uint64_t end = request->seed == NULL && request->before < head.size ? request->before : head.size;
    for (uint64_t seq = 0; status == STATUS_OK && seq < end; seq++) {
        struct entry entry;
        status = entry_at(reading->snapshot, seq, &entry, err);
        if (status != STATUS_OK)
            break;
        status = take_entry(reading, &entry, err);
        time_ms = entry.time_ms;
        entry_done(&entry);
        if (request->progress != NULL && seq % PROGRESS_EVERY == 0)
            request->progress(request->context, seq, end);
    }
    return status == STATUS_OK ? end_reading(reading, end, time_ms, err) : status;
}

enum status sample_read(const struct sample_request *request, struct sample_basis *ret_basis, struct err *err)
{
    struct reading reading = {.request = request, .basis = calloc(1, sizeof *ret_basis), .note = NULL};
    enum status status = STATUS_OK;
    reading.note = malloc(sizeof *reading.note);
    tree_frontier_init(&reading.frontier);
    if (reading.basis == NULL || reading.note == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory to read the journal");
    if (status == STATUS_OK)
        status = key_register_new(&reading.keys, err);
    if (status == STATUS_OK)
        status = sample_collector_new(request->filter, &reading.collector, err);
    if (status == STATUS_OK)
        status = journal_read_begin(request->journal, &reading.snapshot, err);
    if (status == STATUS_OK)
        status = read_entries(&reading, err);
    if (status == STATUS_OK)
        *ret_basis = *reading.basis;
    else if (reading.basis != NULL)
        sample_basis_done(reading.basis);
    journal_read_end(reading.snapshot);
    sample_collector_free(reading.collector);
    key_register_free(reading.keys);
    free(reading.name);
    free(reading.chosen);
    free(reading.note);
    free(reading.basis);
    return status;
}

void sample_basis_done(struct sample_basis *basis)
{
    sample_population_done(&basis->population);
}

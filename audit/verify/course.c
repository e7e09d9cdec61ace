/*
 * The course of a verification: entries are read in chunks; threads check each entry of a chunk by itself while those
 * before are judged in order (chain, tree, signers, numbers, replay); checkpoints and books come at the end. What each
 * part guarantees stands in its own room; this one guarantees that every entry passes through all of them once, and that
 * memory stays flat.
 */
#include "audit/verify/verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/verify/known_keys.h"
#include "audit/verify/parts.h"
#include "audit/verify/pool.h"
#include "audit/verify/reperform.h"
#include "audit/verify/tree_file.h"
#include "audit/verify/why.h"

/* A chunk, and how reading ended after it, which is told in its turn. */
struct stretch {
    struct verify_chunk chunk;
    struct err ended; /* status OK: it goes on, NOT_FOUND: nothing more is there */
};

/* A ring of chunks: one being judged, the others with the threads. */
struct course {
    struct verify *verify;
    struct verify_pool *pool;
    struct stretch *ring[CHUNKS_MAX];
    size_t first, count; /* of those with the threads */
    bool ended;
};

static void progress(const struct verify *verify, const char *what, uint64_t done)
{
    const struct verify_position position = {.what = what, .done = done, .total = verify->source->size};
    if (verify->options->progress != NULL)
        verify->options->progress(verify->options->context, &position);
}

static void stretch_fill(struct course *course, struct stretch *stretch)
{
    struct verify_chunk *chunk = &stretch->chunk;
    const struct verify_source *source = course->verify->source;
    size_t bytes = 0;
    chunk->count = 0;
    stretch->ended.status = STATUS_OK;
    while (stretch->ended.status == STATUS_OK && chunk->count < CHUNK_ITEMS_MAX && bytes < CHUNK_BYTES_MAX) {
        struct source_entry entry = {.owned = NULL};
        enum status status = source->next(source->context, &entry, &stretch->ended);
        stretch->ended.status = status;
        if (status != STATUS_OK)
            break;
        struct verify_item *item = &chunk->items[chunk->count++];
        item->seq = entry.seq;
        item->bytes = entry.bytes;
        item->owned = entry.owned;
        bytes += entry.bytes.length;
    }
    course->ended = stretch->ended.status != STATUS_OK;
}

/* Reads on as long as there is room. */
static void read_ahead(struct course *course)
{
    while (!course->ended && course->count < CHUNKS_MAX) {
        struct stretch *stretch = course->ring[(course->first + course->count) % CHUNKS_MAX];
        stretch_fill(course, stretch);
        verify_pool_add(course->pool, &stretch->chunk);
        course->count++;
    }
}

/* How reading ended after a stretch: what is wrong with the source is a finding, trouble of the machine ends everything. */
static enum status tell_end(struct verify *verify, const struct stretch *stretch, struct err *err)
{
    const struct err *ended = &stretch->ended;
    if (ended->status == STATUS_OK || ended->status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (ended->status != STATUS_CORRUPT && ended->status != STATUS_IO)
        return err_set(err, ended->status, "%s", ended->text);
    finding_whole(&verify->findings, CHECK_ENTRIES, "cannot be read to their end: %s", ended->text);
    return STATUS_OK;
}

static void chunk_done(struct verify_chunk *chunk)
{
    for (size_t i = 0; i < chunk->count; i++)
        verify_item_done(&chunk->items[i]);
    chunk->count = 0;
}

static enum status judge_item(struct verify *verify, struct verify_item *item, struct err *err)
{
    verify->result->entries++;
    enum status status = verify_chain(verify, item, err);
    if (status == STATUS_OK)
        status = verify_charter(verify, item, err);
    if (status != STATUS_OK)
        return status;
    if (verify->source->names != NULL)
        status = verify->source->names(verify->source->context, item, err);
    if (status != STATUS_OK)
        return status;
    verify_place(verify, item); /* before the entry's own keys and releases come into the register */
    status = verify_signers(verify, item, err);
    if (status != STATUS_OK)
        return status;
    if (verify->why != NULL)
        status = why_entry(verify->why, item, err);
    if (status == STATUS_OK && !verify->part)
        status = verify_numbers(verify, item, err);
    return status == STATUS_OK && !verify->options->fast ? verify_policies(verify, item, err) : status;
}

static enum status chunk_judge(struct verify *verify, struct verify_chunk *chunk, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < chunk->count; i++)
        status = judge_item(verify, &chunk->items[i], err);
    if (status == STATUS_OK && verify->replay != NULL && verify->chartered)
        status = replay_chunk(verify, chunk->items, chunk->count, err);
    progress(verify, "verifying entries", verify->next_seq);
    return status;
}

/* A stretch is judged when the next one has been read. */
static enum status run_chunks(struct course *course, struct err *err)
{
    struct verify *verify = course->verify;
    enum status status = STATUS_OK;
    read_ahead(course);
    status = tell_end(verify, course->ring[0], err);
    while (status == STATUS_OK && course->count > 0) {
        struct stretch *here = course->ring[course->first];
        verify_pool_wait(course->pool);
        course->first = (course->first + 1) % CHUNKS_MAX;
        course->count--;
        if (course->count > 0)
            status = tell_end(verify, course->ring[course->first], err);
        if (status == STATUS_OK && here->chunk.count > 0)
            status = chunk_judge(verify, &here->chunk, err);
        chunk_done(&here->chunk);
        if (status == STATUS_OK)
            read_ahead(course);
    }
    return status;
}

static unsigned thread_count(const struct verify_options *options)
{
    long processors = options->threads != 0 ? (long)options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > VERIFY_THREADS_MAX ? VERIFY_THREADS_MAX : (unsigned)processors;
}

static enum status run_entries(struct verify *verify, struct err *err)
{
    const enum item_trees trees = verify->why != NULL || verify->reperform != NULL          ? TREES_WHOLE
                                  : verify->replay != NULL || verify->source->names != NULL ? TREES_STATEMENTS
                                                                                            : TREES_NEEDED;
    struct course course = {.verify = verify};
    enum status status = verify_pool_new(thread_count(verify->options), trees, &course.pool, err);
    for (size_t i = 0; status == STATUS_OK && i < CHUNKS_MAX; i++) {
        course.ring[i] = calloc(1, sizeof *course.ring[i]);
        if (course.ring[i] == NULL)
            status = err_set(err, STATUS_MEMORY, "no memory for entries");
    }
    if (status == STATUS_OK)
        status = run_chunks(&course, err);
    verify_pool_free(course.pool);
    for (size_t i = 0; i < CHUNKS_MAX; i++) {
        if (course.ring[i] != NULL)
            chunk_done(&course.ring[i]->chunk);
        free(course.ring[i]);
    }
    return status;
}

enum status verify_run(struct verify *verify, struct err *err)
{
    enum status status = STATUS_OK;
    if (verify->source->node == NULL && !verify->part && verify->computed == NULL)
        status = tree_file_make(verify->options->scratch_dir, &verify->computed, err);
    if (status == STATUS_OK)
        status = verify_checkpoints_gather(verify, err);
    if (status == STATUS_OK && !verify->options->fast && !verify->part)
        status = replay_open(verify, err);
    if (status == STATUS_OK)
        status = run_entries(verify, err);
    if (verify->forked)
        return status;
    if (status == STATUS_OK && verify->reperform != NULL)
        status = reperform_end(verify->reperform, err);
    if (status == STATUS_OK)
        status = verify_chain_end(verify, err);
    if (status == STATUS_OK && verify->why != NULL)
        why_end(verify->why);
    if (status == STATUS_OK)
        verify_restore_end(verify);
    if (status == STATUS_OK)
        status = verify_checkpoints(verify, err);
    if (status == STATUS_OK)
        status = verify_stamps_end(verify, err);
    if (status == STATUS_OK)
        status = verify_times_end(verify, err);
    if (status != STATUS_OK || verify->replay == NULL)
        return status;
    status = replay_count_waiting(verify, err);
    verify->result->redecided = true;
    if (status != STATUS_OK || !verify->chartered || verify->source->compare == NULL)
        return status;
    progress(verify, "comparing the books", verify->next_seq);
    status = verify->source->compare(verify, replay_tables(verify->replay), err);
    return status;
}

static enum status parts_new(struct verify *verify, struct err *err)
{
    tree_frontier_init(&verify->frontier);
    verify->signers = json_object();
    verify->signed_here = json_object();
    verify->series = json_object();
    verify->recorded = json_array();
    if (verify->signers == NULL || verify->signed_here == NULL || verify->series == NULL || verify->recorded == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to verify");
    enum status status = known_keys_new(&verify->known, err);
    return status == STATUS_OK ? key_register_new(&verify->keys, err) : status;
}

void verify_result_count(struct verify_result *result, const struct finding_list *list)
{
    for (size_t i = 0; i < CHECK_COUNT; i++)
        result->findings[i] = list->counts[i];
    result->finding_count = list->count;
    result->recorded_count = list->recorded;
    result->bad_entries = list->bad_entries;
    result->has_first = list->has_first;
    result->first_seq = list->first_seq;
}

enum status verify_new(const struct verify_options *options, struct verify_result *result, struct verify **ret_verify,
                       struct err *err)
{
    *result = (struct verify_result){.entries = 0};
    if (options->witness_count > VERIFY_WITNESSES_MAX || options->note_count > VERIFY_NOTES_MAX)
        return err_set(err, STATUS_LIMIT, "at most %d witnesses and %d checkpoints can be given", VERIFY_WITNESSES_MAX,
                       VERIFY_NOTES_MAX);
    struct verify *verify = calloc(1, sizeof *verify);
    if (verify == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to verify");
    verify->options = options;
    verify->result = result;
    finding_list_init(&verify->findings, options->report, options->context);
    enum status status = parts_new(verify, err);
    if (status != STATUS_OK)
        verify_free(verify);
    else
        *ret_verify = verify;
    return status;
}

void verify_free(struct verify *verify)
{
    if (verify == NULL)
        return;
    verify_result_count(verify->result, &verify->findings);
    reperform_free(verify->reperform);
    replay_close(verify->replay);
    why_free(verify->why);
    free(verify->late);
    tree_file_free(verify->computed);
    free(verify->wanted);
    json_decref(verify->charter);
    json_decref(verify->series);
    json_decref(verify->recorded);
    json_decref(verify->signers);
    json_decref(verify->signed_here);
    key_register_free(verify->keys);
    known_keys_free(verify->known);
    finding_list_done(&verify->findings);
    free(verify);
}

void verify_recorded(struct verify *verify, enum finding_check check, uint64_t seq, const char *format, ...)
{
    char text[FINDING_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    finding_recorded(&verify->findings, check, seq, "%s", text);
    json_array_append_new(verify->recorded,
                          json_pack("{s:i, s:I, s:s}", "check", (int)check, "seq", (json_int_t)seq, "text", text));
}

enum status verify_node(const struct verify *verify, unsigned level, uint64_t index, struct hash *ret_hash,
                        struct err *err)
{
    if (verify->computed != NULL)
        return tree_file_node(verify->computed, level, index, ret_hash, err);
    return verify->source->node(verify->source->context, level, index, ret_hash, err);
}

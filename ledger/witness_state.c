/*
 * The witness's directory. One process at a time, under a lock, from reading what was cosigned to replacing it: two that read
 * the same memory could cosign two histories. A memory is replaced whole and synced (durable.h); a crash leaves the one before
 * or the one after, and a note leaves the witness only after its memory is there.
 */
#include "ledger/witness_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/hash.h"
#include "ledger/newfile.h"

enum { LOG_NAME_CHARS = 32, EVIDENCE_NAME_CHARS = 16, FILE_MODE = 0600 };

static enum status below(const char *dir, const char *name, struct path *ret_path, struct err *err)
{
    return path_set(ret_path, err, "%s/%s", dir, name);
}

enum status witness_state_key_path(const char *dir, struct path *ret_path, struct err *err)
{
    return below(dir, "key", ret_path, err);
}

enum status witness_state_create(const char *dir, struct err *err)
{
    static const char *const names[] = {"logs", "refused"};
    struct path path;
    enum status status = durable_make_dir(dir, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof names / sizeof names[0]; i++) {
        status = below(dir, names[i], &path, err);
        if (status == STATUS_OK)
            status = durable_make_dir(path.text, err);
    }
    if (status == STATUS_OK)
        status = durable_sync_dir(dir, err);
    return status == STATUS_OK ? durable_sync_parent(dir, err) : status;
}

enum status witness_state_name(const char *dir, const struct note_key *key, struct err *err)
{
    struct path path;
    char vkey[NOTE_VKEY_TEXT_MAX], line[NOTE_VKEY_TEXT_MAX + 1];
    note_key_format(key, vkey);
    snprintf(line, sizeof line, "%s\n", vkey);
    enum status status = below(dir, "vkey", &path, err);
    return status == STATUS_OK ? newfile_create(path.text, line, strlen(line), 0644, err) : status;
}

static enum status read_key(const char *dir, struct note_key *ret_key, struct err *err)
{
    struct path path;
    char text[NOTE_VKEY_TEXT_MAX + 1];
    size_t length = 0;
    enum status status = below(dir, "vkey", &path, err);
    if (status == STATUS_OK)
        status = newfile_read(path.text, false, text, sizeof text, &length, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, status, "%s: there is no witness here; countersign witness new makes one", dir);
    if (status != STATUS_OK)
        return status;
    if (length > 0 && text[length - 1] == '\n')
        length--;
    status = note_key_parse(text, length, ret_key, err);
    if (status == STATUS_OK && ret_key->type != NOTE_COSIGNATURE)
        status = err_set(err, STATUS_CORRUPT, "that is no key of a witness");
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", path.text);
    return status;
}

enum status witness_state_open(const char *dir, uint32_t wait_ms, struct witness_state *ret_state, struct err *err)
{
    struct witness_state state = {.dir = dir, .lock = {.fd = -1}};
    enum status status = read_key(dir, &state.key, err);
    if (status == STATUS_OK)
        status = writelock_take(dir, wait_ms, &state.lock, err);
    if (status == STATUS_OK)
        *ret_state = state;
    return status;
}

void witness_state_close(struct witness_state *state)
{
    if (state->dir != NULL)
        writelock_release(&state->lock);
    state->dir = NULL;
}

static enum status log_path(const struct witness_state *state, const char *origin, struct path *ret_path,
                            struct err *err)
{
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    hash_of(origin, strlen(origin), &hash);
    hash_to_hex(&hash, hex);
    return path_set(ret_path, err, "%s/logs/%.*s", state->dir, LOG_NAME_CHARS, hex);
}

enum status witness_state_load(const struct witness_state *state, const char *origin, struct witness_log *ret_log,
                               struct err *err)
{
    struct path path;
    struct witness_log log = {.key_count = 0};
    size_t length = 0;
    char *text = malloc(WITNESS_LOG_BYTES_MAX);
    enum status status =
        text != NULL ? log_path(state, origin, &path, err) : err_set(err, STATUS_MEMORY, "no memory for %s", origin);
    if (status == STATUS_OK)
        status = newfile_read(path.text, false, text, WITNESS_LOG_BYTES_MAX, &length, err);
    if (status == STATUS_OK) {
        status = witness_log_read(text, length, &log, err);
        if (status == STATUS_OK && strcmp(log.keys[0].name, origin) != 0) {
            witness_log_done(&log);
            status = err_set(err, STATUS_CORRUPT, "is the memory of %s", log.keys[0].name);
        }
        if (status != STATUS_OK)
            err_prefix(err, "%s: ", path.text);
    }
    free(text);
    if (status == STATUS_OK)
        *ret_log = log;
    return status;
}

enum status witness_state_save(const struct witness_state *state, const struct witness_log *log, struct err *err)
{
    struct path path;
    char *text = NULL;
    size_t length = 0;
    enum status status = log_path(state, log->keys[0].name, &path, err);
    if (status == STATUS_OK)
        status = witness_log_write(log, &text, &length, err);
    if (status == STATUS_OK)
        status = durable_replace(path.text, slice_of(text, length), FILE_MODE, err);
    free(text);
    return status;
}

static enum status keep(const struct path *path, struct slice bytes, struct err *err)
{
    enum status status = newfile_create(path->text, bytes.bytes, bytes.length, FILE_MODE, err);
    return status == STATUS_EXISTS ? STATUS_OK : status; /* named by what is in it */
}

enum status witness_state_accuse(const struct witness_state *state, const struct witness_log *log, struct slice request,
                                 struct path *ret_path, struct err *err)
{
    struct path held, shown;
    struct hash both[2], name;
    char hex[HASH_HEX_CHARS + 1];
    hash_of(log->note, log->note_length, &both[0]);
    hash_of(request.bytes, request.length, &both[1]);
    hash_of(both, sizeof both, &name);
    hash_to_hex(&name, hex);
    enum status status = path_set(&held, err, "%s/refused/%.*s.held", state->dir, EVIDENCE_NAME_CHARS, hex);
    if (status == STATUS_OK)
        status = path_set(&shown, err, "%s/refused/%.*s.shown", state->dir, EVIDENCE_NAME_CHARS, hex);
    if (status == STATUS_OK)
        status = keep(&held, slice_of(log->note, log->note_length), err);
    if (status == STATUS_OK)
        status = keep(&shown, request, err);
    if (status == STATUS_OK)
        *ret_path = shown;
    return status;
}

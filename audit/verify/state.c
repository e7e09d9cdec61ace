/*
 * The state of an incremental verification: its place on the disk. A copy is worked on, and takes the old one's place by the
 * replacement of one small file. What stands in state.json is for resume.c.
 */
#include "audit/verify/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/scratch.h"
#include "audit/verify/parts.h"
#include "audit/verify/resume.h"
#include "audit/verify/tree_file.h"
#include "ledger/durable.h"
#include "ledger/newfile.h"

enum { STATE_BYTES_MAX = 64 << 20, NAME_BYTES = 64, BLOCK_BYTES = 1 << 16 };

struct verify_state {
    struct path dir, old, next; /* folders; old and next are "" where there is none */
    struct path tables;         /* in next */
    int lock;
    json_t *json; /* of old; NULL: nothing was verified yet */
    struct tree_head head;
    char book[HASH_HEX_CHARS + 1];
};

static enum status lock_take(struct verify_state *state, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/lock", state->dir.text);
    if (status != STATUS_OK)
        return status;
    state->lock = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (state->lock < 0)
        return durable_fail(errno, path.text, "opening it", err);
    if (flock(state->lock, LOCK_EX | LOCK_NB) != 0)
        return err_set(err, STATUS_BUSY, "%s: another verification is at work on this state", state->dir.text);
    return STATUS_OK;
}

/* The folder that CURRENT names; "" where there is no such file. */
static enum status current_read(struct verify_state *state, struct err *err)
{
    struct path path;
    char name[NAME_BYTES];
    size_t length = 0;
    enum status status = path_set(&path, err, "%s/CURRENT", state->dir.text);
    if (status == STATUS_OK)
        status = newfile_read(path.text, false, name, sizeof name - 1, &length, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    name[length] = '\0';
    name[strcspn(name, "\n")] = '\0';
    if (name[0] < '0' || name[0] > '9' || strchr(name, '/') != NULL)
        return err_set(err, STATUS_INPUT, "%s: names no folder: begin with an empty state", path.text);
    return path_set(&state->old, err, "%s/%s", state->dir.text, name);
}

/* One line of JSON, and its hash on the next. */
static enum status json_read(struct verify_state *state, struct err *err)
{
    struct path path;
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    size_t length = 0;
    char *bytes = NULL;
    enum status status = path_set(&path, err, "%s/state.json", state->old.text);
    if (status == STATUS_OK && (bytes = malloc(STATE_BYTES_MAX)) == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory for the state");
    if (status == STATUS_OK)
        status = newfile_read(path.text, false, bytes, STATE_BYTES_MAX, &length, err);
    if (status != STATUS_OK)
        goto done;
    size_t line = length > HASH_HEX_CHARS + 1 ? length - HASH_HEX_CHARS - 2 : 0;
    hash_of(bytes, line, &hash);
    hash_to_hex(&hash, hex);
    bool whole = line > 0 && bytes[line] == '\n' && memcmp(bytes + line + 1, hex, HASH_HEX_CHARS) == 0;
    state->json = whole ? json_loadb(bytes, line, 0, NULL) : NULL;
    if (state->json == NULL)
        status = err_set(err, STATUS_INPUT, "%s: is damaged: begin with an empty state", path.text);
    else
        status = verify_resume_look(state->json, &state->head, state->book, err);
    if (state->json != NULL && status != STATUS_OK)
        err_prefix(err, "%s: ", path.text);
done:
    free(bytes);
    return status;
}

enum status verify_state_open(const char *dir, struct verify_state **ret_state, struct err *err)
{
    struct verify_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the state");
    state->lock = -1;
    enum status status = path_set(&state->dir, err, "%s", dir);
    if (status == STATUS_OK && mkdir(dir, 0700) != 0 && errno != EEXIST)
        status = durable_fail(errno, dir, "making it", err);
    if (status == STATUS_OK) /* also when it was there: its maker may have died before the sync */
        status = durable_sync_parent(dir, err);
    if (status == STATUS_OK)
        status = lock_take(state, err);
    if (status == STATUS_OK)
        status = current_read(state, err);
    if (status == STATUS_OK && state->old.text[0] != '\0')
        status = json_read(state, err);
    if (status != STATUS_OK)
        verify_state_close(state);
    else
        *ret_state = state;
    return status;
}

void verify_state_close(struct verify_state *state)
{
    if (state == NULL)
        return;
    if (state->next.text[0] != '\0')
        scratch_remove(&state->next);
    json_decref(state->json);
    if (state->lock >= 0)
        close(state->lock);
    free(state);
}

const struct tree_head *verify_state_head(const struct verify_state *state)
{
    return &state->head;
}

const char *verify_state_book(const struct verify_state *state)
{
    return state->book;
}

static enum status copy_bytes(int from, int to, const char *path, struct err *err)
{
    static const size_t block_bytes = BLOCK_BYTES;
    uint8_t *block = malloc(block_bytes);
    enum status status = block == NULL ? err_set(err, STATUS_MEMORY, "no memory to copy %s", path) : STATUS_OK;
    while (status == STATUS_OK) {
        ssize_t got = read(from, block, block_bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = durable_fail(errno, path, "reading", err);
        else if (got == 0)
            break;
        else
            status = durable_write(to, path, slice_of(block, (size_t)got), err);
    }
    free(block);
    return status;
}

static enum status copy_file(const char *from, const char *to, struct err *err)
{
    enum status status = STATUS_OK;
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;
    if (in < 0)
        return errno == ENOENT ? STATUS_OK : durable_fail(errno, from, "opening it", err);
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (out < 0)
        status = durable_fail(errno, to, "making it", err);
    if (status == STATUS_OK)
        status = copy_bytes(in, out, to, err);
    if (status == STATUS_OK && fsync(out) != 0) /* whoever opens it may find nothing to write, and sync nothing */
        status = durable_fail(errno, to, "sync", err);
    if (out >= 0 && close(out) != 0 && status == STATUS_OK)
        status = durable_fail(errno, to, "writing", err);
    close(in);
    return status;
}

/* The old folder's files in the new one, but the lock of the tables, which is the process's. */
static enum status copy_old(const struct verify_state *state, struct err *err)
{
    static const char *const names[] = {"hashes", "tables/data.mdb", "tables/state"};
    enum status status = durable_make_dir(state->tables.text, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof names / sizeof names[0]; i++) {
        struct path from, to;
        status = path_set(&from, err, "%s/%s", state->old.text, names[i]);
        if (status == STATUS_OK)
            status = path_set(&to, err, "%s/%s", state->next.text, names[i]);
        if (status == STATUS_OK)
            status = copy_file(from.text, to.text, err);
    }
    return status;
}

enum status verify_state_begin(struct verify_state *state, struct verify *verify, struct err *err)
{
    struct path hashes;
    enum status status = path_set(&state->next, err, "%s/next-XXXXXX", state->dir.text);
    if (status == STATUS_OK && mkdtemp(state->next.text) == NULL) {
        status = durable_fail(errno, state->next.text, "making it", err);
        state->next.text[0] = '\0';
    }
    if (status == STATUS_OK)
        status = path_set(&state->tables, err, "%s/tables", state->next.text);
    if (status == STATUS_OK)
        status = path_set(&hashes, err, "%s/hashes", state->next.text);
    if (status == STATUS_OK && state->json != NULL)
        status = copy_old(state, err);
    if (status == STATUS_OK)
        status = tree_file_open(hashes.text, state->head.size, &verify->computed, err);
    if (status == STATUS_CORRUPT) /* of the auditor's own files: nothing is said of the book */
        return err == NULL ? STATUS_INPUT : (err->status = STATUS_INPUT);
    if (status == STATUS_OK && state->json != NULL)
        status = verify_resume_load(state->json, verify, err);
    verify->tables_dir = state->tables.text;
    return status;
}

static enum status json_write(const struct verify_state *state, const struct verify *verify, struct err *err)
{
    struct path path;
    struct hash hash;
    char hex[HASH_HEX_CHARS + 1];
    char *line = NULL, *whole = NULL;
    json_t *json = verify_resume_save(verify);
    enum status status = path_set(&path, err, "%s/state.json", state->next.text);
    size_t length = 0;
    if (status != STATUS_OK)
        goto done;
    line = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
    length = line == NULL ? 0 : strlen(line);
    whole = line == NULL ? NULL : malloc(length + HASH_HEX_CHARS + 3);
    if (whole == NULL || length + HASH_HEX_CHARS + 3 > STATE_BYTES_MAX) {
        status = err_set(err, STATUS_MEMORY, "no memory for the state");
        goto done;
    }
    hash_of(line, length, &hash);
    hash_to_hex(&hash, hex);
    int printed = snprintf(whole, length + HASH_HEX_CHARS + 3, "%s\n%s\n", line, hex);
    status = durable_replace(path.text, slice_of(whole, (size_t)printed), 0600, err);
done:
    free(whole);
    free(line);
    json_decref(json);
    return status;
}

/* The new folder gets its name, and CURRENT names it. */
static enum status take_place(struct verify_state *state, uint64_t size, struct err *err)
{
    struct path place, current;
    char line[NAME_BYTES + 1];
    const char *random = strrchr(state->next.text, '-') + 1;
    snprintf(line, sizeof line, "%llu-%s\n", (unsigned long long)size, random);
    enum status status = path_set(&place, err, "%s/%.*s", state->dir.text, (int)strcspn(line, "\n"), line);
    if (status == STATUS_OK)
        status = path_set(&current, err, "%s/CURRENT", state->dir.text);
    if (status == STATUS_OK)
        status = durable_sync_dir(state->tables.text, err);
    if (status == STATUS_OK)
        status = durable_sync_dir(state->next.text, err);
    if (status == STATUS_OK)
        status = durable_rename_new(state->next.text, place.text, err);
    if (status != STATUS_OK)
        return status;
    state->next = place;
    status = durable_sync_dir(state->dir.text, err);
    if (status != STATUS_OK)
        return status;
    /* From here on CURRENT may name it, also where its sync fails: neither folder goes then. */
    state->next.text[0] = '\0';
    status = durable_replace(current.text, slice_of(line, strlen(line)), 0600, err);
    if (status != STATUS_OK)
        return status;
    if (state->old.text[0] != '\0')
        scratch_remove(&state->old);
    return STATUS_OK;
}

enum status verify_state_keep(struct verify_state *state, struct verify *verify, struct err *err)
{
    enum status status = tree_file_sync(verify->computed, err);
    struct replay *replay = verify->replay;
    verify->replay = NULL;
    if (status == STATUS_OK)
        status = replay_keep(replay, err);
    else
        replay_close(replay);
    if (status == STATUS_OK)
        status = json_write(state, verify, err);
    return status == STATUS_OK ? take_place(state, verify->frontier.size, err) : status;
}

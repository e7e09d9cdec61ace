/*
 * First line, checkpoint lines and last line of a backup. Implements FORMAT.md section 10 ("Backup").
 */
#include <stdlib.h>
#include <string.h>

#include "audit/backup/parts.h"
#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

enum { LINE_BYTES_MAX = BASE64_CHARS(JOURNAL_NOTE_BYTES_MAX) + 256 };

static const struct field place_fields[] = {
    {.name = "checkpoints", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "head", .type = FIELD_HASH},
    {.name = "root", .type = FIELD_HASH},
    {.name = "size", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX},
};
static const struct schema place_schema = SCHEMA("after", place_fields, NULL);

static const char *const begin_words[] = {"begin", NULL};
static const struct field header_fields[] = {
    {.name = "after", .type = FIELD_OBJECT, .schema = &place_schema, .optional = true},
    {.name = "backup", .type = FIELD_WORD, .words = begin_words},
    {.name = "book", .type = FIELD_HASH},
    {.name = "v", .type = FIELD_INTEGER, .min = BACKUP_FORMAT, .max = BACKUP_FORMAT},
};
static const struct schema header_schema = SCHEMA("first line", header_fields, NULL);

static const struct field lost_fields[] = {
    {.name = "kept", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX},
    {.name = "root", .type = FIELD_HASH},
    {.name = "size", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "to", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX},
};
static const struct schema lost_schema = SCHEMA("lost", lost_fields, NULL);

static const char *const end_words[] = {"end", NULL};
static const struct field trailer_fields[] = {
    {.name = "backup", .type = FIELD_WORD, .words = end_words},
    {.name = "lost", .type = FIELD_OBJECT, .schema = &lost_schema, .optional = true},
    {.name = "sha256", .type = FIELD_HASH},
    {.name = "v", .type = FIELD_INTEGER, .min = BACKUP_FORMAT, .max = BACKUP_FORMAT},
};
static const struct schema trailer_schema = SCHEMA("last line", trailer_fields, &place_schema);

static const struct field checkpoint_fields[] = {
    {.name = "checkpoint", .type = FIELD_BASE64, .max = JOURNAL_NOTE_BYTES_MAX},
    {.name = "number", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
};
static const struct schema checkpoint_schema = SCHEMA("checkpoint", checkpoint_fields, NULL);

static json_t *place_make(const struct backup_place *place)
{
    char head[HASH_HEX_CHARS + 1], root[HASH_HEX_CHARS + 1];
    hash_to_hex(&place->head, head);
    hash_to_hex(&place->root, root);
    return json_pack("{s:I, s:s, s:s, s:I}", "checkpoints", (json_int_t)place->checkpoints, "head", head, "root", root,
                     "size", (json_int_t)place->size);
}

json_t *backup_header_make(const char *book, const struct backup_place *after)
{
    json_t *line = json_pack("{s:s, s:s, s:i}", "backup", "begin", "book", book, "v", BACKUP_FORMAT);
    if (line != NULL && after->size > 0 && json_object_set_new(line, "after", place_make(after)) != 0) {
        json_decref(line);
        return NULL;
    }
    return line;
}

json_t *backup_trailer_make(const struct backup_trailer *trailer)
{
    char sha256[HASH_HEX_CHARS + 1], root[HASH_HEX_CHARS + 1];
    json_t *line = place_make(&trailer->place);
    hash_to_hex(&trailer->sha256, sha256);
    hash_to_hex(&trailer->lost.root, root);
    json_t *rest = json_pack("{s:s, s:s, s:i}", "backup", "end", "sha256", sha256, "v", BACKUP_FORMAT);
    bool whole = line != NULL && rest != NULL && json_object_update(line, rest) == 0;
    if (whole && trailer->has_lost)
        whole = json_object_set_new(line, "lost",
                                    json_pack("{s:I, s:s, s:I, s:I}", "kept", (json_int_t)trailer->lost.kept, "root",
                                              root, "size", (json_int_t)trailer->lost.size, "to",
                                              (json_int_t)trailer->lost.to)) == 0;
    json_decref(rest);
    if (!whole) {
        json_decref(line);
        return NULL;
    }
    return line;
}

/* The checked object of a line; gives. */
static enum status line_parse(struct slice line, const struct schema *schema, json_t **ret_json, struct err *err)
{
    json_t *json = NULL;
    enum status status = canon_parse((const char *)line.bytes, line.length, LINE_BYTES_MAX, &json, err);
    if (status == STATUS_OK)
        status = schema_check(schema, json, "", err);
    if (status == STATUS_OK)
        *ret_json = json;
    else
        json_decref(json);
    return status;
}

/* Of a checked object, so that nothing is left to fail. */
static void hash_take(const json_t *object, const char *member, struct hash *ret_hash)
{
    invariant(hash_from_hex(member_text(object, member), ret_hash) == STATUS_OK);
}

static void place_take(const json_t *object, struct backup_place *ret_place)
{
    ret_place->size = (uint64_t)member_integer(object, "size");
    ret_place->checkpoints = (uint64_t)member_integer(object, "checkpoints");
    hash_take(object, "head", &ret_place->head);
    hash_take(object, "root", &ret_place->root);
}

enum status backup_header_read(struct slice line, char ret_book[static HASH_HEX_CHARS + 1],
                               struct backup_place *ret_after, struct err *err)
{
    json_t *json = NULL;
    enum status status = line_parse(line, &header_schema, &json, err);
    if (status != STATUS_OK)
        return status;
    const json_t *after = json_object_get(json, "after");
    *ret_after = (struct backup_place){.size = 0};
    if (after != NULL)
        place_take(after, ret_after);
    memcpy(ret_book, member_text(json, "book"), HASH_HEX_CHARS + 1);
    json_decref(json);
    return STATUS_OK;
}

enum status backup_trailer_read(struct slice line, struct backup_trailer *ret_trailer, struct err *err)
{
    json_t *json = NULL;
    enum status status = line_parse(line, &trailer_schema, &json, err);
    if (status != STATUS_OK)
        return status;
    const json_t *lost = json_object_get(json, "lost");
    struct backup_trailer trailer = {.has_lost = lost != NULL};
    place_take(json, &trailer.place);
    hash_take(json, "sha256", &trailer.sha256);
    if (lost != NULL) {
        trailer.lost.kept = (uint64_t)member_integer(lost, "kept");
        trailer.lost.to = (uint64_t)member_integer(lost, "to");
        trailer.lost.size = (uint64_t)member_integer(lost, "size");
        hash_take(lost, "root", &trailer.lost.root);
        if (trailer.lost.to < trailer.lost.kept || trailer.lost.size > trailer.lost.to + 1)
            status = err_set(err, STATUS_INPUT, "lost: ends before it begins, or before its checkpoint");
    }
    json_decref(json);
    if (status == STATUS_OK)
        *ret_trailer = trailer;
    return status;
}

enum status backup_checkpoint_read(struct slice line, uint64_t *ret_number, char **ret_note, size_t *ret_length,
                                   struct err *err)
{
    json_t *json = NULL;
    size_t length = 0;
    enum status status = line_parse(line, &checkpoint_schema, &json, err);
    if (status != STATUS_OK)
        return status;
    const char *text = member_text(json, "checkpoint");
    size_t room = strlen(text);
    char *note = malloc(room + 1);
    status = note != NULL ? base64_decode(text, room, (uint8_t *)note, room, &length, err)
                          : err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    if (status == STATUS_OK) {
        *ret_number = (uint64_t)member_integer(json, "number");
        *ret_note = note;
        *ret_length = length;
    } else {
        free(note);
    }
    json_decref(json);
    return status;
}

static bool begins(struct slice line, const char *with)
{
    size_t length = strlen(with);
    return line.length >= length && memcmp(line.bytes, with, length) == 0;
}

enum backup_line backup_line_sort(struct slice line)
{
    if (begins(line, "{\"decision\":"))
        return BACKUP_LINE_ENTRY;
    if (begins(line, "{\"checkpoint\":"))
        return BACKUP_LINE_CHECKPOINT;
    return begins(line, "{\"backup\":\"end\",") ? BACKUP_LINE_TRAILER : BACKUP_LINE_OTHER;
}

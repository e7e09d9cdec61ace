/*
 * A row of a batch made a document. A row without a `ref` gets one from its own content, so that the same row sent again
 * is the same document: what was admitted under it answers with its first result. What a row leaves to the day it is
 * sent on (date, previous limit) is then taken from that first document.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/batch_parts.h"
#include "cli/compose.h"
#include "ledger/schema.h"
#include "ledger/text.h"

/* Words separated by blanks, in a copy. */
struct words {
    char *copy;
    const char *items[ALLOCATIONS_MAX];
    size_t count;
};

static enum status split_words(const char *text, size_t max, struct words *ret_words, struct err *err)
{
    *ret_words = (struct words){.copy = strdup(text)};
    if (ret_words->copy == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a row");
    for (char *at = ret_words->copy; *at != '\0';) {
        at += strspn(at, " ");
        if (*at == '\0')
            break;
        if (ret_words->count == max)
            return err_set(err, STATUS_LIMIT, "more than %zu", max);
        ret_words->items[ret_words->count++] = at;
        at += strcspn(at, " ");
        if (*at == ' ')
            *at++ = '\0';
    }
    return STATUS_OK;
}

/* Columns that came later: left empty they are no part of a ref, so that older rows keep theirs. */
static bool column_is_late(const struct csv_column *column)
{
    static const enum compose_field first = COMPOSE_TAXES;
    for (enum compose_field field = first; field < COMPOSE_FIELD_COUNT; field++)
        if (strcmp(compose_field_name(field), column->name) == 0)
            return true;
    return false;
}

static enum status derive_ref(struct batch_reader *reader, const struct batch_cells *cells, char ret_ref[static 48],
                              struct err *err)
{
    char *text = NULL;
    size_t length = 0;
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    int64_t before = 0;
    FILE *content = open_memstream(&text, &length);
    if (content == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a row");
    for (size_t i = 0; batch_columns[i].name != NULL; i++)
        if (strcmp(batch_columns[i].name, "ref") != 0 &&
            (!column_is_late(&batch_columns[i]) || cells->fields[i].present))
            fprintf(content, "%s=%s\x1f", batch_columns[i].name, cells->fields[i].text);
    if (fclose(content) != 0) {
        free(text);
        return err_set(err, STATUS_MEMORY, "no memory for a row");
    }
    hash_of(text, length, &hash);
    free(text);
    hash_to_hex(&hash, hex);
    hex[24] = '\0';
    enum status status = batch_seen_add(&reader->seen, &hash, &before, err);
    if (status != STATUS_OK)
        return status;
    if (before == 0)
        snprintf(ret_ref, 48, "B-%s", hex);
    else
        snprintf(ret_ref, 48, "B-%s-%lld", hex, (long long)before + 1);
    return STATUS_OK;
}

/* The entity under which the ref was entered, "" where the row does not tell. */
static enum status entity_of(const struct facts *facts, const struct compose *compose, char ret_entity[static 40],
                             struct err *err)
{
    const char *reverses = compose->values[COMPOSE_REVERSES], *entity = compose->values[COMPOSE_ENTITY];
    json_t *record = NULL;
    enum status status = STATUS_OK;
    ret_entity[0] = '\0';
    if (reverses[0] != '\0' && text_is_id(reverses, strlen(reverses)))
        status = facts_document(facts, reverses, &record, err);
    if (record != NULL)
        snprintf(ret_entity, 40, "%s", member_text(record, "entity"));
    else if (entity[0] != '\0' && text_is_code(entity, strlen(entity)))
        snprintf(ret_entity, 40, "%s", entity);
    else if (facts->policy->entity_count == 1)
        snprintf(ret_entity, 40, "%s", facts->policy->entities[0].entity);
    json_decref(record);
    return status;
}

/* The record of what was admitted under the ref before; NULL: nothing. */
static enum status find_first(const struct facts *facts, const struct compose *compose, json_t **ret_record,
                              struct err *err)
{
    char entity[40];
    json_t *under = NULL;
    const char *ref = compose->values[COMPOSE_REF];
    enum status status = entity_of(facts, compose, entity, err);
    if (status != STATUS_OK || entity[0] == '\0' || !text_is_id(ref, strlen(ref)))
        return status;
    struct books_key key = books_key_pair(entity, ref);
    status = books_get(facts->books, BOOKS_REFS, &key, &under, err);
    if (status == STATUS_OK)
        status = facts_document(facts, member_text(under, "document"), ret_record, err);
    json_decref(under);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static void place_trouble(const struct batch_cells *cells, const char *field, struct batch_trouble *trouble)
{
    snprintf(trouble->field, sizeof trouble->field, "%s", field);
    trouble->column = field[0] != '\0' ? batch_field(cells, field).column : 0;
}

enum status batch_row_time(const struct batch_reader *reader, const struct batch_cells *cells,
                           struct batch_row *ret_row, struct batch_trouble *ret_trouble)
{
    const struct csv_field at = batch_field(cells, "at");
    ret_row->has_time = at.present;
    if (!at.present)
        return STATUS_OK;
    place_trouble(cells, "at", ret_trouble);
    if (!session_is_simulated(reader->session))
        return err_set(&ret_trouble->err, STATUS_INPUT, "only in a book with a simulated clock");
    return session_read_time(at.text, &ret_row->time_ms, &ret_trouble->err);
}

static enum status compose_row(struct batch_reader *reader, const struct batch_cells *cells, struct compose *compose,
                               json_t **ret_document, struct err *err)
{
    char ref[48];
    json_t *first = NULL;
    enum status status = STATUS_OK;
    if (compose->values[COMPOSE_REF][0] == '\0') {
        status = derive_ref(reader, cells, ref, err);
        compose->values[COMPOSE_REF] = ref;
    }
    if (status == STATUS_OK)
        status = find_first(compose->facts, compose, &first, err);
    if (status == STATUS_OK) {
        compose->first = json_object_get(first, "document");
        status = compose_document(compose, ret_document, err);
    }
    json_decref(first);
    return status;
}

enum status batch_row_read(struct batch_reader *reader, const struct facts *facts, const struct batch_cells *cells,
                           struct batch_row *ret_row, struct batch_trouble *ret_trouble)
{
    struct words *allocations = calloc(1, sizeof *allocations), *evidence = calloc(1, sizeof *evidence);
    struct words *to = calloc(1, sizeof *to);
    struct compose compose = {.facts = facts,
                              .channel = reader->channel,
                              .run = reader->run,
                              .user = session_user(reader->session),
                              .book = session_book(reader->session),
                              .base_dir = reader->base_dir,
                              .known = reader->known,
                              .keep_evidence = !session_cli(reader->session)->dry_run,
                              .wrong = COMPOSE_FIELD_COUNT};
    struct err *err = &ret_trouble->err;
    enum status status = STATUS_OK;
    for (enum compose_field field = 0; field < COMPOSE_FIELD_COUNT; field++)
        compose.values[field] = batch_field(cells, compose_field_name(field)).text;
    if (allocations == NULL || to == NULL || evidence == NULL) {
        status = err_set(err, STATUS_MEMORY, "no memory for a row");
        goto done;
    }
    compose.wrong = COMPOSE_ALLOCATIONS;
    status = split_words(compose.values[COMPOSE_ALLOCATIONS], ALLOCATIONS_MAX, allocations, err);
    if (status != STATUS_OK)
        goto done;
    compose.wrong = COMPOSE_TO_ALLOCATIONS;
    status = split_words(compose.values[COMPOSE_TO_ALLOCATIONS], ALLOCATIONS_MAX, to, err);
    if (status != STATUS_OK)
        goto done;
    compose.wrong = COMPOSE_EVIDENCE;
    status = split_words(compose.values[COMPOSE_EVIDENCE], EVIDENCE_MAX, evidence, err);
    if (status != STATUS_OK)
        goto done;
    compose.allocations = (struct compose_texts){.items = allocations->items, .count = allocations->count};
    compose.to_allocations = (struct compose_texts){.items = to->items, .count = to->count};
    compose.evidence = (struct compose_texts){.items = evidence->items, .count = evidence->count};
    compose.wrong = COMPOSE_FIELD_COUNT;
    status = compose_row(reader, cells, &compose, &ret_row->document, err);
done:
    if (status != STATUS_OK)
        place_trouble(cells, compose.wrong < COMPOSE_FIELD_COUNT ? compose_field_name(compose.wrong) : "", ret_trouble);
    if (allocations != NULL)
        free(allocations->copy);
    if (to != NULL)
        free(to->copy);
    if (evidence != NULL)
        free(evidence->copy);
    free(to);
    free(allocations);
    free(evidence);
    return status;
}

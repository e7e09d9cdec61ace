/*
 * Who may read an entry: it belongs to the entities of its documents, all of them; a feed's to the entity of its file. What
 * the decision says goes with the statement. The charter says what book this is, so it is everyone's.
 */
#include <string.h>

#include "controls/read_parts.h"
#include "ledger/scan.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static enum status corrupt(struct err *err)
{
    return err_set(err, STATUS_CORRUPT, "an entry of the journal is none");
}

/* One member of a statement's list: the document it brings, the document it is about, or both. */
static enum status may_item(struct reader *reader, const struct statement *statement, size_t index, bool *ret_may,
                            struct err *err)
{
    const json_t *item = json_array_get(statement_list(statement), index);
    const json_t *document = statement_document(statement, index);
    const char *number = statement->verb == VERB_SUBMIT ? NULL : member_text(item, "document");
    bool may = document != NULL || number != NULL;
    enum status status = STATUS_OK;
    if (document != NULL)
        status = read_document(reader, document, &may, err);
    if (status == STATUS_OK && may && number != NULL)
        status = strlen(number) <= ID_BYTES_MAX ? read_document_number(reader, number, &may, err) : corrupt(err);
    if (status == STATUS_OK)
        *ret_may = may;
    return status;
}

static enum status may_list(struct reader *reader, struct slice bytes, bool *ret_may, struct err *err)
{
    struct statement statement;
    bool may = true;
    enum status status = statement_read(bytes, &statement, err);
    if (status != STATUS_OK)
        return corrupt(err);
    const json_t *list = statement_list(&statement);
    for (size_t i = 0; status == STATUS_OK && may && i < json_array_size(list); i++)
        status = may_item(reader, &statement, i, &may, err);
    statement_done(&statement);
    if (status == STATUS_OK)
        *ret_may = may;
    return status;
}

static bool is_verb(const char *text, size_t length, enum verb verb)
{
    return strlen(verb_name(verb)) == length && memcmp(text, verb_name(verb), length) == 0;
}

static enum status may_feed(const struct reader *reader, const char *bytes, const struct scan_member *member,
                            bool *ret_may, struct err *err)
{
    char entity[ID_BYTES_MAX + 1];
    const char *text;
    size_t length;
    if (scan_text(bytes, member, &text, &length, NULL) != STATUS_OK || length > ID_BYTES_MAX)
        return corrupt(err);
    memcpy(entity, text, length);
    entity[length] = '\0';
    *ret_may = reader_reads_entity(reader, entity);
    return STATUS_OK;
}

enum status reader_may_entry(struct reader *reader, struct slice bytes, bool *ret_may, struct err *err)
{
    struct scan_member members[] = {
        {.name = "seq"}, {.name = "statement"}, {.name = "statement/do"}, {.name = "statement/body/entity"}};
    const char *text = (const char *)bytes.bytes, *verb;
    size_t length;
    int64_t seq;
    if (reader->audits) {
        *ret_may = true;
        return STATUS_OK;
    }
    if (scan_object(text, bytes.length, ENTRY_BYTES_MAX, members, sizeof members / sizeof members[0], NULL) !=
            STATUS_OK ||
        scan_integer(text, &members[0], &seq, NULL) != STATUS_OK ||
        scan_text(text, &members[2], &verb, &length, NULL) != STATUS_OK)
        return corrupt(err);
    if (seq < 0 || (uint64_t)seq >= reader->facts->seq)
        *ret_may = false;
    else if (is_verb(verb, length, VERB_CHARTER))
        *ret_may = true;
    else if (is_verb(verb, length, VERB_FEED))
        return may_feed(reader, text, &members[3], ret_may, err);
    else if (is_verb(verb, length, VERB_RECOVER) || is_verb(verb, length, VERB_CLOCK) ||
             is_verb(verb, length, VERB_RESTORE))
        *ret_may = reader->governance;
    else
        return may_list(reader, slice_of(text + members[1].offset, members[1].length), ret_may, err);
    return STATUS_OK;
}

/*
 * Attacks statement_read and, where it accepts, judge_check_form, which knows every verb's body and every kind of document.
 *
 * The reader that trusts an earlier look at the form says the same as the one that does not. What is accepted has exactly the
 * envelope of FORMAT.md section 2, asked here of the tree alone, and is made again of its parts byte for byte. What is taken where it lies, without a tree, is
 * what its tree says.
 */
#include "controls/form.h"
#include "controls/judge.h"
#include "ledger/canon.h"
#include "ledger/hash.h"
#include "ledger/limits.h"
#include "ledger/outline.h"
#include "ledger/scan.h"
#include "ledger/statement.h"
#include "tests/fuzz/fuzz.h"

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    must(text != NULL);
    return text;
}

static void check_envelope(const struct statement *statement)
{
    const json_t *json = statement->json, *seen = json_object_get(json, "seen");
    must(json_object_size(json) == 8 && json_integer_value(json_object_get(json, "v")) == 1);
    must(json_is_object(json_object_get(json, "body")) && json_object_get(json, "body") == statement->body);
    must(strcmp(text_of(json, "actor"), statement->actor) == 0 && strcmp(text_of(json, "book"), statement->book) == 0);
    must(strcmp(text_of(json, "id"), statement->id) == 0 && strlen(statement->id) >= 1 && strlen(statement->id) <= 64);
    must(strcmp(text_of(json, "do"), verb_name(statement->verb)) == 0);
    must((statement->verb == VERB_CHARTER) == (statement->actor[0] == '\0'));
    must((statement->verb == VERB_CHARTER) == (statement->book[0] == '\0'));
    must(statement->verb == VERB_CHARTER || strlen(statement->book) == 64);
    must(json_is_null(seen) == (statement->seen_hash == NULL));
    must(json_is_null(seen) || (json_object_size(seen) == 2 && strlen(statement->seen_hash) == 64 &&
                                (uint64_t)json_integer_value(json_object_get(seen, "seq")) == statement->seen_seq));
}

/* The parts make the same bytes. */
static void check_made_again(const struct statement *statement)
{
    struct statement again;
    struct hash seen, hash;
    struct statement_head head = {
        statement->verb, statement->actor, statement->book, statement->id, statement->at_ms, NULL, statement->seen_seq};
    if (statement->seen_hash != NULL) {
        must(hash_from_hex(statement->seen_hash, &seen) == STATUS_OK);
        head.seen_hash = &seen;
    }
    must(statement_make(&head, statement->body, &again, NULL) == STATUS_OK);
    must(again.length == statement->length && memcmp(again.bytes, statement->bytes, again.length) == 0);
    hash_of(again.bytes, again.length, &hash);
    must(hash_equal(&again.hash, &statement->hash) && hash_equal(&hash, &again.hash));
    statement_done(&again);
}

/* Each document is known by its content, and by no other's. */
static void check_contents(const struct statement *statement)
{
    const json_t *list = statement_list(statement);
    struct hash before = {.bytes = {0}}, content;
    must(list == NULL || (json_array_size(list) >= 1 && json_array_size(list) <= DOCUMENTS_MAX));
    for (size_t i = 0; i < json_array_size(list) && i < 4; i++) {
        bool is_document = statement_document(statement, i) != NULL;
        must((statement_content(statement, i, &content, NULL) == STATUS_OK) == is_document);
        must(!is_document || !hash_equal(&content, &before));
        before = is_document ? content : before;
    }
    must(statement_document(statement, json_array_size(list)) == NULL);
}

/* What the reader that trusts has been promised: a statement stands one deeper than it is. */
static bool stands_in_an_entry(const char *text, size_t size)
{
    char *around = malloc(size + 16);
    must(around != NULL);
    int length = snprintf(around, 16, "{\"statement\":");
    memcpy(around + length, text, size);
    around[(size_t)length + size] = '}';
    bool stands = size <= STATEMENT_POLICY_BYTES_MAX &&
                  scan_check(around, (size_t)length + size + 1, ENTRY_BYTES_MAX, NULL) == STATUS_OK && text[0] == '{';
    free(around);
    return stands;
}

/* Where it lies it is taken when its tree is, with the same in it; of some a tree has to tell. */
static void check_looked(const char *text, size_t size, const struct statement *statement, bool holds)
{
    static struct outline_node nodes[1 << 16];
    struct outline outline = {.nodes = nodes, .room = sizeof nodes / sizeof nodes[0]};
    struct statement_look look;
    struct hash seen = {.bytes = {0}};
    if (scan_outline(text, size, STATEMENT_POLICY_BYTES_MAX, &outline, NULL) != STATUS_OK ||
        !statement_look(&outline, &nodes[0], &look))
        return;
    must(statement != NULL && look.verb == statement->verb && look.at_ms == statement->at_ms);
    must(slice_is(look.actor, statement->actor) && slice_is(look.book, statement->book));
    must(look.has_seen == (statement->seen_hash != NULL) && look.seen_seq == statement->seen_seq);
    must(!look.has_seen ||
         (hash_from_hex(statement->seen_hash, &seen) == STATUS_OK && hash_equal(&seen, &look.seen_hash)));
    must((look.list == NULL) == (statement_list(statement) == NULL));
    must(look.list == NULL || outline_count(&outline, look.list) == json_array_size(statement_list(statement)));
    must(holds || !form_holds(&look));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct statement statement, scanned;
    struct err err = {.status = STATUS_OK, .text = ""};
    char *text = fuzz_text(data, size);
    struct slice bytes = slice_of(text, size);
    bool canonical = stands_in_an_entry(text, size);
    enum status status = statement_read(bytes, &statement, &err);
    must(status == STATUS_OK || (err.status == status && err.text[0] != '\0'));
    must(status != STATUS_OK || canonical);
    if (canonical) {
        enum status other = statement_read_scanned(bytes, &scanned, NULL);
        must(other == status);
        if (other == STATUS_OK)
            statement_done(&scanned);
    }
    if (status == STATUS_OK) {
        must(statement.length == size && memcmp(statement.bytes, text, size) == 0);
        check_envelope(&statement);
        check_made_again(&statement);
        check_contents(&statement);
        err = (struct err){.status = STATUS_OK, .text = ""};
        status = judge_check_form(&statement, &err);
        must(status == STATUS_OK || err.text[0] != '\0');
        check_looked(text, size, &statement, status == STATUS_OK);
        statement_done(&statement);
    } else if (canonical) {
        check_looked(text, size, NULL, false);
    }
    free(text);
    return 0;
}

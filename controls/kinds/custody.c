/*
 * Documents about the book itself: keys that sign its checkpoints, releases of the program, legal holds and erasures, and
 * what auditors put on record (seeds of samples, dispositions, runs of tests), which changes nothing.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/limits.h"

static const struct field book_key_fields[] = {
    {.name = "key", .type = FIELD_KEY},
    {.name = "retires", .type = FIELD_KEY, .optional = true},
};
static const struct schema book_key_schema = SCHEMA("book key", book_key_fields, &document_schema);

static enum status book_key_check(const json_t *document, struct err *err)
{
    return strncmp(member_text(document, "key"), "ssh-ed25519 ", 12) == 0
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "key: checkpoints are signed by plain Ed25519 keys");
}

const struct kind kind_book_key = {
    .id = KIND_BOOK_KEY,
    .title = "book key",
    .schema = &book_key_schema,
    .govern = "govern.access",
    .two_persons = true,
    .check = book_key_check,
};

static const struct field release_fields[] = {
    {.name = "release", .type = FIELD_TEXT, .min = 1, .max = 128},
    {.name = "commit", .type = FIELD_TEXT, .min = 1, .max = 128},
    {.name = "exe", .type = FIELD_HASH},
};
static const struct schema release_schema = SCHEMA("release", release_fields, &document_schema);

const struct kind kind_release = {
    .id = KIND_RELEASE,
    .title = "release",
    .schema = &release_schema,
    .govern = "govern.policy",
    .two_persons = true,
};

static const struct field erasure_fields[] = {
    {.name = "personal", .type = FIELD_LIST_HASH, .min = 1, .max = 1000},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema erasure_schema = SCHEMA("erasure", erasure_fields, &document_schema);

const struct kind kind_erasure = {
    .id = KIND_ERASURE,
    .title = "erasure",
    .schema = &erasure_schema,
    .govern = "govern.access",
    .two_persons = true,
};

static const char *const state_words[] = {"on", "off", NULL};

static const struct field hold_fields[] = {
    {.name = "customers", .type = FIELD_LIST_ID, .min = 1, .max = 1000},
    {.name = "state", .type = FIELD_WORD, .words = state_words},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema hold_schema = SCHEMA("legal hold", hold_fields, &document_schema);

/* Putting one on reduces what may be done and takes one officer; C-31 asks two to take it off. */
const struct kind kind_legal_hold = {
    .id = KIND_LEGAL_HOLD,
    .title = "legal hold",
    .schema = &hold_schema,
    .govern = "govern.access",
};

static const struct field seed_fields[] = {
    {.name = "seed", .type = FIELD_TEXT, .min = 1, .max = 128},
    {.name = "purpose", .type = FIELD_TEXT, .min = 1},
};
static const struct schema seed_schema = SCHEMA("seed", seed_fields, &document_schema);

const struct kind kind_seed = {
    .id = KIND_SEED,
    .title = "seed of a sample",
    .schema = &seed_schema,
    .govern = "audit.commit",
};

static const struct field disposition_fields[] = {
    {.name = "about", .type = FIELD_TEXT, .min = 1},
    {.name = "conclusion", .type = FIELD_TEXT, .min = 1},
};
static const struct schema disposition_schema = SCHEMA("disposition", disposition_fields, &document_schema);

const struct kind kind_disposition = {
    .id = KIND_DISPOSITION,
    .title = "disposition",
    .schema = &disposition_schema,
    .govern = "audit.commit",
};

static const struct field run_fields[] = {
    {.name = "control", .type = FIELD_TEXT, .min = 1, .max = 64},
    {.name = "from", .type = FIELD_INTEGER, .min = 0, .max = INT64_C(9007199254740991)},
    {.name = "to", .type = FIELD_INTEGER, .min = 0, .max = INT64_C(9007199254740991)},
    {.name = "result", .type = FIELD_HASH},
    {.name = "count", .type = FIELD_INTEGER, .min = 0, .max = INT64_C(9007199254740991)},
};
static const struct schema run_schema = SCHEMA("test run", run_fields, &document_schema);

static enum status run_check(const json_t *document, struct err *err)
{
    return member_integer(document, "from") <= member_integer(document, "to")
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "to: has to be from's entry or a later one");
}

const struct kind kind_test_run = {
    .id = KIND_TEST_RUN,
    .title = "run of a test",
    .schema = &run_schema,
    .govern = "audit.commit",
    .check = run_check,
};

/*
 * countersign case: moves a dispute, an inquiry or an exception along: assigns it, waits, resolves it with an outcome,
 * closes or voids it.
 */
#include <ctype.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/compose_options.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"
#include "controls/facts_work.h"
#include "controls/kind.h"
#include "ledger/schema.h"

/* "await-customer" as AWAIT_CUSTOMER. */
static json_t *word(const char *text)
{
    char upper[64];
    size_t i = 0;
    for (; text[i] != '\0' && i + 1 < sizeof upper; i++)
        upper[i] = text[i] == '-' ? '_' : (char)toupper((unsigned char)text[i]);
    upper[i] = '\0';
    return json_string(upper);
}

static void set(json_t *document, const char *name, json_t *value)
{
    if (value != NULL)
        (void)json_object_set_new(document, name, value);
}

static json_t *text_option(const struct options *options, const char *name)
{
    const char *text = options_text(options, name);
    return text != NULL ? json_string(text) : NULL;
}

/* The entity is the case's. */
static enum status document_fill(const struct facts *facts, const struct options *options, json_t *document,
                                 struct err *err)
{
    json_t *record = NULL, *one = NULL;
    enum status status = find_document(facts, options_argument(options, 0), &record, err);
    if (status == STATUS_OK)
        status = facts_case(facts, options_argument(options, 0), &one, err);
    if (status == STATUS_OK && one == NULL)
        status = err_set(err, STATUS_INPUT, "%s is no dispute, inquiry or exception", options_argument(options, 0));
    if (status == STATUS_OK)
        set(document, "entity", json_string(member_text(one, "entity")));
    json_decref(one);
    json_decref(record);
    set(document, "kind", json_string("case-note"));
    set(document, "case", json_string(options_argument(options, 0)));
    set(document, "state", word(options_argument(options, 1)));
    set(document, "owner", text_option(options, "owner"));
    if (options_text(options, "outcome") != NULL)
        set(document, "outcome", word(options_text(options, "outcome")));
    set(document, "promised", text_option(options, "promised"));
    set(document, "root_cause", text_option(options, "root-cause"));
    set(document, "settled_by", text_option(options, "settled-by"));
    set(document, "note", text_option(options, "note"));
    return status;
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    const char *channel = NULL, *ref = options_text(options, "ref");
    char new_ref[SESSION_ID_BYTES];
    json_t *document = json_object();
    enum status status = document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
    if (status == STATUS_OK)
        status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK) {
        status = document_fill(facts, options, document, err);
        if (status == STATUS_OK)
            status = compose_channel(facts, session_user(session), &channel, err);
        session_end_facts(session);
    }
    if (status == STATUS_OK) {
        session_new_id(session, "R", new_ref);
        set(document, "ref", json_string(ref != NULL ? ref : new_ref));
        set(document, "channel", json_string(channel));
        status = kind_check_document(document, "case", err);
    }
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    json_t *document = NULL;
    struct err err = {0};
    enum status status = session_open(cli, options, SESSION_WRITE, &session, &err);
    if (status == STATUS_OK)
        status = make_document(session, &document, &err);
    int answered;
    if (status == STATUS_OK) {
        json_t *body = json_pack("{s:b, s:[o]}", "atomic", false, "documents", document);
        answered = present_submit(session, VERB_SUBMIT, body, false);
        json_decref(body);
    } else {
        answered = cli_error(cli, &err);
    }
    session_close(session);
    return answered;
}

static const struct option_spec options_of_case[] = {
    {"owner", 0, "USER", "assigned: who works it from now on", 0},
    {"outcome", 0, "OUTCOME",
     "resolved: credit-full, credit-partial, rebill, invalid-pay, settled, written-off; of "
     "an inquiry answered; of an exception corrected, accepted",
     0},
    {"settled-by", 0, "DOCUMENT", "the posted credit note, rebill or write-off that settled it", 0},
    {"promised", 0, "DATE", "when the customer was told to hear", 0},
    {"root-cause", 0, "CAUSE", "contract, price, meter, order, tax, delivery, bot or other", 0},
    {"note", 0, "TEXT", "what else there is to say", 0},
    {"ref", 0, "REF", "your own reference: sending it again notes nothing twice", 0},
    {0},
};

const struct command command_case = {
    .name = "case",
    .summary = "moves a dispute, inquiry or exception along",
    .arguments = "DOCUMENT assigned|await-customer|await-internal|resolved|closed|void",
    .text = "Its owner works a case; anybody who may work cases can take it or assign it. Another person than "
            "resolved it closes it, another one than opened it voids it. A credit that settled a dispute names it "
            "(post credit-note --dispute), and is named when the dispute is resolved.",
    .example = "countersign case DS-7 resolved --outcome credit-partial --settled-by CN-42 --root-cause price",
    .group = GROUP_SPECIALISTS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_case,
    .run = run,
};

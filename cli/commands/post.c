/*
 * countersign post: one correction from options, or a file of them.
 */
#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/compose_options.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"

static enum status check_usage(const struct options *options, struct err *err)
{
    bool batch = options_text(options, "batch") != NULL;
    bool kind = options_argument(options, 0) != NULL;
    if (batch == kind)
        return err_set(err, STATUS_INPUT,
                       batch ? "a batch names the kind in each row"
                             : "what? credit-note, correction, write-off, credit-limit, temporary-limit, hold-release, "
                               "dispute, inquiry, exception, or --batch FILE");
    if (!batch && options_flag(options, "atomic"))
        return err_set(err, STATUS_INPUT, "--atomic: only with --batch");
    if (batch && options_text(options, "to") != NULL)
        return err_set(err, STATUS_INPUT, "--to: only for one document");
    return STATUS_OK;
}

static int post_one(struct session *session, const char *kind)
{
    const struct compose_about about = {.kind = kind};
    json_t *document = NULL;
    struct err err = {0};
    if (compose_from_options(session, &about, &document, &err) != STATUS_OK)
        return cli_error(session_cli(session), &err);
    json_t *body = json_pack("{s:b, s:[o]}", "atomic", false, "documents", document);
    int answered = present_submit(session, VERB_SUBMIT, body, false);
    json_decref(body);
    return answered;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    int answered = EXIT_DONE;
    if (check_usage(options, &err) != STATUS_OK)
        return cli_usage_error(cli, &err);
    if (session_open(cli, options, SESSION_WRITE, &session, &err) != STATUS_OK)
        return cli_error(cli, &err);
    const char *batch = options_text(options, "batch");
    answered = batch != NULL ? batch_post(session, batch) : post_one(session, options_argument(options, 0));
    session_close(session);
    return answered;
}

static const struct option_spec options_of_post[] = {
    {"reason", 0, "CODE", "why: a reason code of the policy", 0},
    {"entity", 0, "CODE", "the legal entity; the policy's only one when not given", 0},
    COMPOSE_OPTION_ROWS,
    COMPOSE_COMMON_ROWS,
    {"batch", 0, "FILE", "post the rows of this CSV file", 0},
    {"atomic", 0, NULL, "with --batch: all rows or none", 0},
    {0},
};

const struct command command_post = {
    .name = "post",
    .summary = "posts a correction, a limit, a hold release or a dispute",
    .arguments =
        "[credit-note|correction|write-off|credit-limit|temporary-limit|hold-release|dispute|inquiry|exception]",
    .text = "Customer and currency follow from the invoice. What is within your own authority is posted at "
            "once, the\n"
            "rest waits for the levels that the answer names. The columns of a batch: kind, ref, entity, "
            "customer,\n"
            "currency, amount, reason, date, allocations (\"581483:1200.00 581484:50.00\"), on_account, "
            "direction,\n"
            "field, method, limit, previous, reverses, duplicate_of, note, evidence (\"contract:price.pdf\", "
            "relative to\n"
            "the file), requested_by, from, to, review, order, expires, owner, promised, "
            "customer_ref, about, dispute, and at in a book with a simulated clock. Rows that cannot be read are "
            "told with\n"
            "line and column; mend them and send the whole file again, nothing is posted twice.",
    .example = "countersign post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR "
               "--evidence price-list.pdf --note \"Contract price not applied\"",
    .group = GROUP_SPECIALISTS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_max = 1,
    .options = options_of_post,
    .run = run,
};

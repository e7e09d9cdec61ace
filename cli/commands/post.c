/*
 * countersign post: one correction from options, or a file of them.
 */
#include <string.h>

#include "cli/batch.h"
#include "cli/commands.h"
#include "cli/compose_meter.h"
#include "cli/compose_options.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"

static bool repeats_given(const struct options *options, const char *name)
{
    size_t count = 0;
    (void)options_list(options, name, &count);
    return count > 0;
}

/* Reads say all there is to say about amounts. */
static enum status check_reads(const struct options *options, struct err *err)
{
    static const char *const settled[] = {"amount",    "on-account", "customer", "currency",
                                          "direction", "taxes",      "batch"};
    const char *kind = options_argument(options, 0), *field = options_text(options, "field");
    if (kind == NULL || strcmp(kind, "correction") != 0 || field == NULL || strcmp(field, "meter") != 0)
        return err_set(err, STATUS_INPUT, "--read: only for post correction --field meter");
    for (size_t i = 0; i < sizeof settled / sizeof settled[0]; i++)
        if (options_text(options, settled[i]) != NULL)
            return err_set(err, STATUS_INPUT, "--%s: follows from the reads, leave it out", settled[i]);
    return repeats_given(options, "invoice")
               ? err_set(err, STATUS_INPUT, "--invoice: follows from the reads, leave it out")
               : STATUS_OK;
}

static enum status check_usage(const struct options *options, struct err *err)
{
    bool batch = options_text(options, "batch") != NULL;
    bool kind = options_argument(options, 0) != NULL;
    if (batch == kind)
        return err_set(err, STATUS_INPUT,
                       batch ? "a batch names the kind in each row"
                             : "what? credit-note, correction, write-off, credit-limit, rebill, recovery, adjustment, "
                               "temporary-limit, hold-release, dispute, inquiry, exception, or --batch FILE");
    if (kind && strcmp(options_argument(options, 0), "case-note") == 0)
        return err_set(err, STATUS_INPUT, "a case is moved along with 'countersign case'");
    if (!batch && options_text(options, "rows") != NULL)
        return err_set(err, STATUS_INPUT, "--rows: only with --batch");
    if (!batch && options_flag(options, "atomic"))
        return err_set(err, STATUS_INPUT, "--atomic: only with --batch");
    if (batch && options_text(options, "to") != NULL)
        return err_set(err, STATUS_INPUT, "--to: only for one document");
    if (repeats_given(options, "read"))
        return check_reads(options, err);
    if (options_text(options, "source") != NULL || repeats_given(options, "replaced"))
        return err_set(err, STATUS_INPUT, "--source and --replaced: of which --read?");
    return STATUS_OK;
}

/* A fall and a rise by the same reads: both, or none. */
static int post_reads(struct session *session)
{
    json_t *documents = NULL;
    struct err err = {0};
    if (compose_meter(session, &documents, &err) != STATUS_OK)
        return cli_error(session_cli(session), &err);
    json_t *body = json_pack("{s:b, s:o}", "atomic", json_array_size(documents) > 1, "documents", documents);
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
    const struct compose_about about = {.kind = options_argument(options, 0)};
    if (repeats_given(options, "read"))
        answered = post_reads(session);
    else
        answered = batch != NULL ? batch_post(session, batch) : compose_post(session, &about);
    session_close(session);
    return answered;
}

static const struct option_spec options_of_post[] = {
    {"reason", 0, "CODE", "why: a reason code of the policy", 0},
    {"entity", 0, "CODE", "the legal entity; the policy's only one when not given", 0},
    COMPOSE_OPTION_ROWS,
    {"read", 0, "READ=VALUE", "correction of a meter: what a read should have been; repeat for several",
     OPTION_REPEATS},
    {"source", 0, "SOURCE", "of the right values: remote, customer, technician (if not given), estimated or manual", 0},
    {"replaced", 0, "READ=FINAL:START", "the counter was exchanged before that read; repeat", OPTION_REPEATS},
    COMPOSE_COMMON_ROWS,
    {"emergency", 0, NULL, "made under emergency access (break-glass)", 0},
    {"batch", 0, "FILE", "post the rows of this file, - is the input: CSV or JSON lines", 0},
    {"rows", 0, "NUMBER", "with --batch: at most so many rows to a statement, answered together (1000)", 0},
    {"atomic", 0, NULL, "with --batch: all rows or none", 0},
    {0},
};

const struct command command_post = {
    .name = "post",
    .summary = "posts a correction, write-off, rebill, recovery, adjustment, limit, hold release or dispute",
    .arguments = "[credit-note|correction|write-off|credit-limit|rebill|recovery|adjustment|temporary-limit|"
                 "hold-release|dispute|inquiry|exception]",
    .text = "Customer and currency follow from the invoice. What is within your own authority is posted at "
            "once, the\n"
            "rest waits for the levels that the answer names. The columns of a batch: kind, ref, entity, "
            "customer,\n"
            "currency, amount, reason, date, allocations (\"581483:1200.00 581484:50.00\"), on_account, "
            "direction,\n"
            "field, method, limit, previous, reverses, duplicate_of, note, evidence (\"contract:price.pdf\", "
            "relative to\n"
            "the file), requested_by, taxes (\"SALES_TAX=100.00+8.25\"), case, charge, recovers, receipt, "
            "bill_to, bill_date,\n"
            "bill_due, bill_ref, bill_taxes, from, to, review, order, expires, owner, promised, customer_ref, about, "
            "dispute, behalf, of case notes (kind case-note) case, state, outcome, root_cause, settled_by, "
            "of\ntransfers to_customer, to_allocations, and at\n"
            "in a book with a simulated clock. In JSON lines each row is an object with these members, all strings; "
            "allocations,\n"
            "to_allocations, evidence, taxes and bill_taxes may be lists of strings. Rows that cannot be read are "
            "told with\n"
            "line and column; mend them and send the whole file again, nothing is posted twice. Rows are answered in "
            "order as\n"
            "each statement is; a batch that was cut off goes on where it stopped when it is sent again. With --json "
            "each row\n"
            "is a line: row, line, ref, outcome (posted, waiting, refused, repeat, bad), document, number, seq, and "
            "controls with\n"
            "each control's number, code, figures and sentence.\n\n"
            "With --read the amounts are recomputed from the reads: every bill up to the next actual read, pools with "
            "all their meters. What falls and what rises are two corrections, posted both or not at all.",
    .example = "countersign post credit-note --invoice 581483 --amount 1200.00 --reason PRICE_ERR "
               "--evidence price-list.pdf --note \"Contract price not applied\"",
    .group = GROUP_SPECIALISTS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_max = 1,
    .options = options_of_post,
    .run = run,
};

/*
 * countersign outbox take: what the ERP has not acknowledged, for the program that carries it there. Nothing is marked as
 * sent: what is not acknowledged is given out again the next time, under the same id, so that none is lost and the ERP can
 * tell what it has.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/delivery.h"
#include "cli/outlet.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "controls/facts_delivery.h"
#include "ledger/schema.h"

enum { TAKE_MAX = 1000000 };

struct taking {
    const struct facts *facts;
    struct outlet outlet;
    bool csv, rejected;
    int64_t max, count, lines;
};

static enum status write_one(struct taking *taking, const json_t *delivery, struct err *err)
{
    json_t *object = NULL;
    enum status status = delivery_object(taking->facts, delivery, &object, err);
    if (status == STATUS_OK && taking->csv)
        status = delivery_csv(object, taking->outlet.file, err);
    else if (status == STATUS_OK && (json_dumpf(object, taking->outlet.file, JSON_COMPACT | JSON_SORT_KEYS) != 0 ||
                                     fputc('\n', taking->outlet.file) == EOF))
        status = err_set(err, STATUS_IO, "%s: cannot be written", taking->outlet.name);
    taking->count++;
    taking->lines += (int64_t)json_array_size(json_object_get(object, "lines"));
    json_decref(object);
    return status;
}

/* What the ERP has twice is not given to it a third time. */
static enum status step(void *context, struct slice key, const json_t *delivery, bool *ret_more, struct err *err)
{
    struct taking *taking = context;
    const char *state = member_text(delivery, "state");
    (void)key;
    enum status status = STATUS_OK;
    if (strcmp(state, "open") == 0 || (taking->rejected && strcmp(state, "rejected") == 0))
        status = write_one(taking, delivery, err);
    *ret_more = taking->count < taking->max;
    return status;
}

static enum status take(struct taking *taking, struct session *session, const char *entity, struct err *err)
{
    struct cli *cli = session_cli(session);
    enum status status = session_begin_facts(session, &taking->facts, err);
    if (status != STATUS_OK)
        return status;
    if (policy_find_entity(taking->facts->policy, entity) == NULL)
        status = err_set(err, STATUS_NOT_FOUND, "the policy in force knows no entity %s", entity);
    if (status == STATUS_OK)
        status = outlet_open_whole(cli, options_text(session_options(session), "out"), &taking->outlet, err);
    if (status == STATUS_OK) {
        status = taking->csv ? delivery_csv_header(taking->outlet.file, err) : STATUS_OK;
        if (status == STATUS_OK)
            status = facts_outbox(taking->facts, entity, step, taking, err);
        status = outlet_close(cli, &taking->outlet, status, err);
    }
    session_end_facts(session);
    return status;
}

static int say(struct cli *cli, const struct taking *taking, const char *out)
{
    char count[GROUPED_BYTES], lines[GROUPED_BYTES];
    if (strcmp(out, "-") == 0)
        return EXIT_DONE;
    if (cli->json)
        return out_json(cli, json_pack("{s:I, s:I, s:s}", "deliveries", (json_int_t)taking->count, "lines",
                                       (json_int_t)taking->lines, "out", out));
    terminal_printf(cli->out, "%s deliver%s, %s ledger lines, in %s", terminal_group_integer(taking->count, count),
                    taking->count == 1 ? "y" : "ies", terminal_group_integer(taking->lines, lines), out);
    fputc('\n', cli->out);
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct options *options)
{
    struct taking taking = {
        .csv = options_flag(options, "csv"), .rejected = options_flag(options, "rejected"), .max = TAKE_MAX};
    struct session *session = NULL;
    struct err err = {0};
    const char *entity = NULL;
    enum status status = reading_code_option(options, "entity", &entity, &err);
    if (status == STATUS_OK)
        status = options_number(options, "max", 1, TAKE_MAX, &taking.max, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = take(&taking, session, entity, &err);
    session_close(session);
    return status == STATUS_OK ? say(cli, &taking, options_text(options, "out")) : cli_error(cli, &err);
}

static const struct option_spec options_of_outbox_take[] = {
    {"entity", 0, "CODE", "the legal entity whose ERP it is", OPTION_REQUIRED},
    {"out", 0, "FILE", "a new file; - is the output", OPTION_REQUIRED},
    {"max", 0, "NUMBER", "at most so many, the oldest", 0},
    {"rejected", 0, NULL, "those too that the ERP rejected", 0},
    {"csv", 0, NULL, "one row for each ledger line instead of one JSON object for each delivery", 0},
    {0},
};

const struct command command_outbox_take = {
    .name = "outbox take",
    .summary = "writes what the ERP has not acknowledged, for it to post",
    .arguments = "",
    .text = "Each delivery is a posted document with all its ledger lines, under an id that never changes: the legal "
            "number and\n"
            "the start of a hash of the lines. It is given out again until it is acknowledged ('countersign load "
            "acknowledgements'),\n"
            "so the ERP has to look whether it has the id. A reversal is a delivery of its own.",
    .example = "countersign outbox take --entity US01 --out -",
    .group = GROUP_FEEDS,
    .flags = COMMAND_BOOK,
    .options = options_of_outbox_take,
    .run = run,
};

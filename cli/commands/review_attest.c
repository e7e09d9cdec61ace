/*
 * countersign review attest: answers rows of a review, for other persons than oneself. A removal ends the grant at once.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"
#include "ledger/schema.h"

static enum status row_add(json_t *rows, const char *grant, const char *decision, struct err *err)
{
    return json_array_append_new(rows, json_pack("{s:s, s:s}", "decision", decision, "grant", grant)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int row_compare(const void *a, const void *b)
{
    return strcmp(member_text(*(json_t *const *)a, "grant"), member_text(*(json_t *const *)b, "grant"));
}

static enum status rows_sort(json_t *rows, json_t **ret_rows, struct err *err)
{
    size_t count = json_array_size(rows);
    json_t **sorted = calloc(count + 1, sizeof *sorted);
    json_t *list = json_array();
    for (size_t i = 0; sorted != NULL && i < count; i++)
        sorted[i] = json_array_get(rows, i);
    if (sorted != NULL && list != NULL) {
        qsort(sorted, count, sizeof *sorted, row_compare);
        for (size_t i = 0; i < count; i++)
            json_array_append(list, sorted[i]);
    }
    bool whole = sorted != NULL && list != NULL && json_array_size(list) == count;
    free(sorted);
    *ret_rows = list;
    return whole ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static enum status rows_add(const struct options *options, const char *option, json_t *rows, struct err *err)
{
    size_t count = 0;
    const char *const *grants = options_list(options, option, &count);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = row_add(rows, grants[i], option, err);
    return status;
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    json_t *rows = json_array(), *sorted = NULL;
    enum status status = rows != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
    if (status == STATUS_OK)
        status = rows_add(options, "keep", rows, err);
    if (status == STATUS_OK)
        status = rows_add(options, "remove", rows, err);
    if (status == STATUS_OK && json_array_size(rows) == 0)
        status = err_set(err, STATUS_INPUT, "say which grants: --keep GRANT, --remove GRANT; see 'review show'");
    if (status == STATUS_OK)
        status = rows_sort(rows, &sorted, err);
    json_decref(rows);
    if (status != STATUS_OK)
        return status;
    *ret_document = json_pack("{s:s, s:o}", "review", options_argument(options, 0), "rows", sorted);
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "attestation", make_document);
}

static const struct option_spec options_of_review_attest[] = {
    {"keep", 0, "GRANT", "this grant is still right", OPTION_REPEATS},
    {"remove", 0, "GRANT", "this one is not: it ends at once", OPTION_REPEATS},
    GOVERN_ROWS,
    {0},
};

const struct command command_review_attest = {
    .name = "review attest",
    .summary = "keeps or removes grants under review",
    .arguments = "REVIEW",
    .text = "Nobody attests a grant of his own, of his other accounts or of his bots.",
    .example = "countersign review attest AR-1 --keep GR-4 --remove GR-9",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_review_attest,
    .run = run,
};

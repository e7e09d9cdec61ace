/*
 * Worksheets read; see the header. Which of their results a selection needs is for the evaluation.
 */
#include "cli/sample_results.h"

#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/sample_show.h"
#include "ledger/money.h"

enum { RESULTS_MAX = SAMPLE_SIZE_MAX * 2 };

static enum status take_row(struct sample_results *results, const struct csv_row *row, int digits, struct err *err)
{
    struct csv_field item = csv_field(row, "item"), deviation = csv_field(row, "deviation");
    struct csv_field audited = csv_field(row, "audited");
    struct sample_tested tested = {
        .line = row->line, .has_deviation = deviation.present, .has_audited = audited.present};
    if (!item.present)
        return csv_field_error(row, "item", err, "is missing");
    if (deviation.present && strcmp(deviation.text, "yes") != 0 && strcmp(deviation.text, "no") != 0)
        return csv_field_error(row, "deviation", err, "'%.32s': write yes or no", deviation.text);
    tested.deviation = deviation.present && strcmp(deviation.text, "yes") == 0;
    struct err what = {0};
    if (audited.present && money_parse(audited.text, audited.length, digits, &tested.audited_minor, &what) != STATUS_OK)
        return csv_field_error(row, "audited", err, "%s", what.text);
    if (results->count == results->room) {
        size_t room = results->room == 0 ? 256 : results->room * 2;
        if (room > RESULTS_MAX)
            return err_set(err, STATUS_LIMIT, "more results than a sample can have items");
        struct sample_tested *larger = realloc(results->tested, room * sizeof *larger);
        if (larger == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for results");
        results->tested = larger;
        results->room = room;
    }
    tested.item = strdup(item.text);
    if (tested.item == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for results");
    results->tested[results->count++] = tested;
    return STATUS_OK;
}

enum status sample_results_read(const char *path, int digits, struct sample_results *results, struct err *err)
{
    struct csv *csv = NULL;
    bool more = true;
    enum status status = csv_open(path, NULL, sample_worksheet_columns, &csv, err);
    while (status == STATUS_OK) {
        struct csv_row row;
        status = csv_next(csv, &row, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = take_row(results, &row, digits, err);
    }
    csv_close(csv);
    return status;
}

void sample_results_done(struct sample_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        free((void *)(uintptr_t)results->tested[i].item);
    free(results->tested);
}

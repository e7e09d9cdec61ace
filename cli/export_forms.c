/*
 * One projection of the book, kept where --sqlite asks for it, and each other form written from it.
 */
#include "cli/export_forms.h"

#include <string.h>

#include "audit/sql.h"
#include "cli/outlet.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/release.h"

static const char *const forms[] = {"sqlite", "ads", "hledger", "beancount"};

enum status export_forms_asked(const struct options *options, bool *ret_asked, struct err *err)
{
    bool asked = false;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        asked = asked || options_text(options, forms[i]) != NULL;
    if (options_text(options, "ads") == NULL &&
        (options_text(options, "period") != NULL || options_text(options, "entity") != NULL))
        return err_set(err, STATUS_INPUT, "--period and --entity go with --ads");
    if (options_text(options, "ads") != NULL && options_text(options, "period") == NULL)
        return err_set(err, STATUS_INPUT, "--ads: of which time? give --period, as in --period 2026-Q3");
    *ret_asked = asked;
    return STATUS_OK;
}

static void show_progress(void *context, uint64_t done, uint64_t total)
{
    struct progress *progress = context;
    progress->total = (int64_t)total;
    progress_step(progress, (int64_t)done);
}

static enum status build(struct cli *cli, const struct options *options, struct journal *journal, struct sql **ret_sql,
                         struct err *err)
{
    struct progress progress;
    struct program program;
    program_identify(&program, true);
    const struct sql_options sql_options = {.path = options_text(options, "sqlite"),
                                            .scratch_dir = options_text(options, "scratch"),
                                            .release = COUNTERSIGN_RELEASE,
                                            .exe = program.exe,
                                            .progress = show_progress,
                                            .context = &progress};
    progress_begin(&progress, cli, "reading entries", 0);
    enum status status = sql_build(journal, &sql_options, ret_sql, err);
    progress_end(&progress);
    return status;
}

enum status export_forms_write(struct cli *cli, const struct options *options, struct journal *journal,
                               json_t **ret_written, struct err *err)
{
    struct sql *sql = NULL;
    json_t *written = json_object();
    enum status status =
        written != NULL ? build(cli, options, journal, &sql, err) : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && i < sizeof forms / sizeof forms[0]; i++) {
        const char *path = options_text(options, forms[i]);
        if (path == NULL)
            continue;
        if (json_object_set_new(written, forms[i], json_string(path)) != 0)
            status = err_set(err, STATUS_INPUT, "--%s: the name is not UTF-8", forms[i]);
    }
    sql_close(sql);
    if (status == STATUS_OK)
        *ret_written = written;
    else
        json_decref(written);
    return status;
}

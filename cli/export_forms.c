/*
 * One projection of the book, kept where --sqlite asks for it, and each other form written from it. What can be wrong with
 * the options is found before the book is read.
 */
#include "cli/export_forms.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/export/ads.h"
#include "audit/export/plaintext.h"
#include "audit/report/period.h"
#include "audit/report/source.h"
#include "audit/report/sql.h"
#include "audit/scratch.h"
#include "audit/sql/sql.h"
#include "cli/outlet.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/release.h"
#include "cli/session.h"

static const char *const forms[] = {"sqlite", "ads", "hledger", "beancount"};

/* What can be known before the book is read, which takes long. */
static enum status target_check(const struct options *options, const char *form, struct err *err)
{
    const char *path = options_text(options, form);
    struct stat there;
    return path != NULL && lstat(path, &there) == 0 ? durable_fail(EEXIST, path, "make", err) : STATUS_OK;
}

enum status export_forms_asked(const struct options *options, bool *ret_asked, struct err *err)
{
    const char *period_text = options_text(options, "period");
    bool asked = false;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof forms / sizeof forms[0]; i++) {
        asked = asked || options_text(options, forms[i]) != NULL;
        status = target_check(options, forms[i], err);
    }
    if (status != STATUS_OK)
        return status;
    if (options_text(options, "ads") == NULL && (period_text != NULL || options_text(options, "entity") != NULL))
        return err_set(err, STATUS_INPUT, "--period and --entity go with --ads");
    if (options_text(options, "ads") != NULL && period_text == NULL)
        return err_set(err, STATUS_INPUT, "--ads: of which time? give --period, as in --period 2026-Q3");
    if (period_text != NULL && audit_period_check(period_text, err) != STATUS_OK) {
        err_prefix(err, "--period: ");
        return STATUS_INPUT;
    }
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
    enum status status = program_identify(&program, true, err);
    if (status != STATUS_OK)
        return status;
    const struct sql_options sql_options = {.path = options_text(options, "sqlite"),
                                            .scratch_dir = options_text(options, "scratch"),
                                            .release = COUNTERSIGN_RELEASE,
                                            .exe = program.exe,
                                            .progress = show_progress,
                                            .context = &progress};
    progress_begin(&progress, cli, "reading entries", 0);
    status = sql_build(journal, &sql_options, ret_sql, err);
    progress_end(&progress);
    return status;
}

static enum status file_write(void *context, struct slice bytes, struct err *err)
{
    struct outlet *outlet = context;
    if (fwrite(bytes.bytes, 1, bytes.length, outlet->file) == bytes.length)
        return STATUS_OK;
    return durable_fail(errno, outlet->name, "write", err);
}

/* A directory of files that gets its name when all of them are whole. */
struct folder {
    struct cli *cli;
    struct path dir, file;
    struct outlet outlet;
};

static enum status folder_open(void *context, const char *name, struct export_sink *ret_sink, struct err *err)
{
    struct folder *folder = context;
    enum status status = path_set(&folder->file, err, "%s/%s", folder->dir.text, name);
    if (status == STATUS_OK)
        status = outlet_open(folder->cli, folder->file.text, &folder->outlet, err);
    if (status == STATUS_OK)
        *ret_sink = (struct export_sink){.write = file_write, .context = &folder->outlet};
    return status;
}

static enum status folder_close(void *context, enum status status, struct err *err)
{
    struct folder *folder = context;
    if (status == STATUS_OK && (fflush(folder->outlet.file) != 0 || fsync(fileno(folder->outlet.file)) != 0))
        status = durable_fail(errno, folder->outlet.name, "write", err);
    return outlet_close(folder->cli, &folder->outlet, status, err);
}

static enum status ads_out(const struct export_from *from, const char *path, struct sql *sql, struct err *err)
{
    struct cli *cli = from->cli;
    struct folder folder = {.cli = cli};
    const struct ads_folder to = {.open = folder_open, .close = folder_close, .context = &folder};
    struct audit_period period;
    uint64_t nonce = 0;
    random_fill(&cli->random, &nonce, sizeof nonce);
    const struct report_source source = report_source_sql(sql);
    struct ads_ask ask = {
        .entity = options_text(from->options, "entity"), .period = &period, .by = session_user(from->session)};
    enum status status = report_period_read(&source, options_text(from->options, "period"), ask.entity, &period, err);
    if (status == STATUS_OK)
        status = session_signer(from->session, &ask.signer, err);
    if (status == STATUS_OK)
        status = path_set(&folder.dir, err, "%s.part-%016llx", path, (unsigned long long)nonce);
    if (status == STATUS_OK)
        status = durable_make_dir(folder.dir.text, err);
    if (status != STATUS_OK)
        return status;
    status = ads_write(sql, &ask, &to, err);
    if (status == STATUS_OK)
        status = durable_sync_dir(folder.dir.text, err);
    if (status == STATUS_OK)
        status = durable_rename_new(folder.dir.text, path, err);
    if (status == STATUS_OK)
        status = durable_sync_parent(path, err);
    else
        scratch_remove(&folder.dir);
    return status;
}

static enum status plaintext_out(struct cli *cli, enum plaintext_form form, const char *path, struct sql *sql,
                                 struct err *err)
{
    struct outlet outlet = {.file = NULL};
    const struct export_sink sink = {.write = file_write, .context = &outlet};
    enum status status = outlet_open_whole(cli, path, &outlet, err);
    return status == STATUS_OK ? outlet_close(cli, &outlet, plaintext_write(sql, form, &sink, err), err) : status;
}

static enum status form_out(const struct export_from *from, const char *form, struct sql *sql, struct err *err)
{
    struct cli *cli = from->cli;
    const char *path = options_text(from->options, form);
    if (strcmp(form, "ads") == 0)
        return ads_out(from, path, sql, err);
    if (strcmp(form, "hledger") == 0)
        return plaintext_out(cli, PLAINTEXT_HLEDGER, path, sql, err);
    if (strcmp(form, "beancount") == 0)
        return plaintext_out(cli, PLAINTEXT_BEANCOUNT, path, sql, err);
    return STATUS_OK; /* the database is there already */
}

enum status export_forms_write(const struct export_from *from, json_t **ret_written, struct err *err)
{
    const struct options *options = from->options;
    struct sql *sql = NULL;
    json_t *written = json_object();
    enum status status = written != NULL ? build(from->cli, options, from->journal, &sql, err)
                                         : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && i < sizeof forms / sizeof forms[0]; i++) {
        const char *path = options_text(options, forms[i]);
        if (path == NULL)
            continue;
        status = form_out(from, forms[i], sql, err);
        if (status == STATUS_OK && json_object_set_new(written, forms[i], json_string(path)) != 0)
            status = err_set(err, STATUS_INPUT, "--%s: the name is not UTF-8", forms[i]);
    }
    /* A database from a command that failed would be in the way of the next try. */
    if (status != STATUS_OK && sql != NULL && options_text(options, "sqlite") != NULL)
        (void)unlink(options_text(options, "sqlite"));
    sql_close(sql);
    if (status == STATUS_OK)
        *ret_written = written;
    else
        json_decref(written);
    return status;
}

/*
 * Building the tables: each entry is compared with its hash, folded into books of the replay's own, and what it says happened
 * is noted (entry.c); at the end the documents (document.c) and the other records of those books are taken as they
 * stand, and book_fill.sql makes the remaining tables of them. The database is one transaction in a new file without a
 * rollback journal: a build that fails leaves nothing. Memory: SQLite's page cache and one entry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/embed.h"
#include "audit/scratch.h"
#include "audit/sql/parts.h"
#include "ledger/books.h"
#include "ledger/checkpoint.h"
#include "ledger/fold.h"
#include "ledger/instant.h"
#include "ledger/note.h"
#include "ledger/schema.h"
#include "ledger/tables.h"
#include "ledger/tree.h"

/* What one transaction of the replay's books takes: its pages stay in memory until it commits. */
enum { COMMIT_ENTRIES = 1000, COMMIT_BYTES = 2 << 20 };

/* Pages are written once and in any order, so a rollback journal is of no use; a cache of 32 MiB keeps the trees' upper
 * pages at hand. Temporary tables lie in files of the scratch directory's system. */
static const char prepare[] = "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA journal_mode = OFF;"
                              "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768; PRAGMA temp_store = FILE;"
                              "PRAGMA user_version = 1; BEGIN;";

static const char aside[] = "CREATE TEMP TABLE fed (feed TEXT, entity TEXT, id TEXT, seq INTEGER, time TEXT, user "
                            "TEXT, currency TEXT, record TEXT,"
                            " PRIMARY KEY (feed, entity, id)) WITHOUT ROWID;"
                            "CREATE TEMP TABLE staged (feed TEXT, entity TEXT, id TEXT, record TEXT, PRIMARY KEY "
                            "(feed, entity, id)) WITHOUT ROWID;";

/* Books whose records book_fill.sql reads, each as a table held_<name> of key and record in the order of the keys. */
static const struct {
    enum books_table table;
    const char *name;
} held[] = {
    {BOOKS_CUSTOMERS, "customers"},
    {BOOKS_INVOICES, "invoices"},
    {BOOKS_RECEIPTS, "receipts"},
    {BOOKS_PEOPLE, "people"},
    {BOOKS_CONTACTS, "contacts"},
    {BOOKS_DELIVERIES, "deliveries"},
    {BOOKS_ORDERS, "orders"},
    {BOOKS_USERS, "users"},
    {BOOKS_KEYS, "keys"},
    {BOOKS_BOOK_KEYS, "book_keys"},
    {BOOKS_GRANTS, "grants"},
    {BOOKS_DELEGATIONS, "delegations"},
    {BOOKS_MITIGATIONS, "mitigations"},
    {BOOKS_REVIEWS, "reviews"},
    {BOOKS_REVIEW_ROWS, "review_rows"},
    {BOOKS_BREAK_GLASS, "break_glass"},
    {BOOKS_BREAK_GLASS_USES, "break_glass_uses"},
    {BOOKS_POLICIES, "policies"},
    {BOOKS_COMPILED, "compiled"},
    {BOOKS_ENTITIES, "entities"},
    {BOOKS_RATES, "rates"},
    {BOOKS_RESTORES, "restores"},
    {BOOKS_CASES, "cases"},
    {BOOKS_BALANCES, "balances"},
    {BOOKS_ACCOUNTS, "accounts"},
};

enum status build_person(struct sql_build *build, const char *user, const char **ret_person, struct err *err)
{
    const char *known = json_string_value(json_object_get(build->persons, user));
    json_t *record = NULL;
    *ret_person = known;
    if (known != NULL || user == NULL || user[0] == '\0')
        return STATUS_OK;
    struct books_key key = books_key(user);
    enum status status = books_get(build->txn, BOOKS_USERS, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK && json_object_set(build->persons, user, json_object_get(record, "person")) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for a user");
    json_decref(record);
    *ret_person = json_string_value(json_object_get(build->persons, user));
    return status;
}

enum status build_record(struct sql_build *build, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    *ret_record = NULL;
    enum status status = books_get(build->txn, BOOKS_DOCUMENTS, &key, ret_record, err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status entry_take(struct sql_build *build, uint64_t seq, struct slice bytes, struct err *err)
{
    struct entry entry;
    enum status status = entry_read(bytes, &entry, err);
    if (status != STATUS_OK)
        return status;
    if (build->txn == NULL)
        status = tables_write_begin(build->tables, &build->txn, err);
    if (status == STATUS_OK)
        status = fold_entry(build->txn, &entry, err);
    if (status == STATUS_OK)
        status = sql_entry_take(build, &entry, bytes.length, err);
    build->uncommitted += bytes.length;
    if (status == STATUS_OK && ((seq + 1) % COMMIT_ENTRIES == 0 || build->uncommitted >= COMMIT_BYTES)) {
        struct tables_txn *txn = build->txn;
        build->txn = NULL;
        build->uncommitted = 0;
        status = tables_commit(txn, err);
    }
    entry_done(&entry);
    return status;
}

static enum status entries_take(struct sql_build *build, struct journal_snapshot *snapshot, uint64_t size,
                                struct err *err)
{
    enum status status = STATUS_OK;
    for (uint64_t seq = 0; status == STATUS_OK && seq < size; seq++) {
        const char *bytes = NULL;
        size_t length = 0;
        status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
        if (status == STATUS_OK)
            status = entry_take(build, seq, slice_of(bytes, length), err);
        if (status != STATUS_OK)
            err_prefix(err, "entry %llu: ", (unsigned long long)seq);
        else if (build->options->progress != NULL)
            build->options->progress(build->options->context, seq + 1, size);
    }
    if (status == STATUS_OK && build->txn == NULL)
        status = tables_write_begin(build->tables, &build->txn, err);
    return status;
}

static enum status checkpoint_row(struct sql_build *build, uint64_t number, const struct journal_checkpoint *one,
                                  struct err *err)
{
    const char *text = (const char *)one->note.bytes;
    struct note *note = malloc(sizeof *note);
    char origin[NOTE_NAME_BYTES_MAX + 1];
    if (note == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    enum status status = note_parse(text, one->note.length, note, err);
    if (status == STATUS_OK) {
        const char *end = memchr(note->text, '\n', note->text_length);
        snprintf(origin, sizeof origin, "%.*s", (int)(end - note->text), note->text);
        struct sql_fill fill = fill_begin(build, SQL_CHECKPOINT);
        fill_integer(&fill, ":number", (int64_t)number);
        fill_integer(&fill, ":size", (int64_t)one->size);
        fill_hash(&fill, ":root", &one->root);
        fill_text(&fill, ":origin", origin);
        fill_integer(&fill, ":signatures", (int64_t)note->signature_count);
        status = fill_end(&fill, err);
    }
    free(note);
    return status;
}

static enum status checkpoints_take(struct sql_build *build, struct journal_snapshot *snapshot, uint64_t size,
                                    struct err *err)
{
    uint64_t count = 0;
    enum status status = journal_checkpoint_count(snapshot, &count, err);
    for (uint64_t number = 0; status == STATUS_OK && number < count; number++) {
        struct journal_checkpoint one;
        status = journal_checkpoint(snapshot, number, &one, err);
        if (status == STATUS_OK && one.size <= size)
            status = checkpoint_row(build, number, &one, err);
        if (status != STATUS_OK)
            err_prefix(err, "checkpoint %llu: ", (unsigned long long)number);
    }
    return status;
}

static enum status meta_get(struct sql_build *build, const char *name, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(name);
    enum status status = books_get(build->txn, BOOKS_META, &key, ret_record, err);
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "the book has no %s", name) : status;
}

/* The one row about the book itself. */
static enum status book_row(struct sql_build *build, struct journal_snapshot *snapshot, const struct journal_head *head,
                            struct err *err)
{
    const struct tree_reader tree = journal_tree(snapshot);
    struct hash root;
    json_t *charter = NULL, *book = NULL;
    char origin[NOTE_NAME_BYTES_MAX + 1];
    uint64_t epoch = 0;
    enum status status = tree_root(&tree, head->size, &root, err);
    if (status == STATUS_OK)
        status = meta_get(build, "charter", &charter, err);
    if (status == STATUS_OK)
        status = meta_get(build, "book", &book, err);
    if (status == STATUS_OK)
        status = books_epoch(build->txn, &epoch, err);
    if (status == STATUS_OK) {
        checkpoint_origin(member_text(charter, "name"), member_text(book, "id"), epoch, origin);
        struct sql_fill fill = fill_begin(build, SQL_BOOK);
        fill_member(&fill, ":book", book, "id");
        fill_member(&fill, ":name", charter, "name");
        fill_text(&fill, ":origin", origin);
        fill_member(&fill, ":engine", charter, "engine");
        fill_member(&fill, ":clock", charter, "clock");
        fill_text(&fill, ":base", build->sql->reigns[0].policy->base);
        fill_integer(&fill, ":size", (int64_t)head->size);
        fill_hash(&fill, ":head", &head->leaf);
        fill_hash(&fill, ":root", &root);
        fill_text(&fill, ":first_time", "");
        fill_text(&fill, ":last_time", "");
        fill_text(&fill, ":release", build->options->release);
        fill_text(&fill, ":exe", build->options->exe);
        status = fill_end(&fill, err);
    }
    json_decref(charter);
    json_decref(book);
    return status;
}

struct holding {
    struct sql_build *build;
    sqlite3_stmt *insert;
};

static enum status held_step(void *context, struct slice key, struct slice value, bool *ret_more, struct err *err)
{
    struct holding *holding = context;
    (void)ret_more;
    int code = sqlite3_bind_blob64(holding->insert, 1, key.bytes, key.length, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text64(holding->insert, 2, (const char *)value.bytes, value.length, SQLITE_STATIC,
                                   SQLITE_UTF8);
    if (code == SQLITE_OK)
        code = sqlite3_step(holding->insert);
    (void)sqlite3_reset(holding->insert);
    return code == SQLITE_DONE ? STATUS_OK : sql_fail(holding->build->sql, code, "records of the books", err);
}

static enum status held_take(struct sql_build *build, size_t which, struct err *err)
{
    enum { TEXT_BYTES = 128 };
    struct holding holding = {.build = build};
    const struct books_walk walk = {.table = held[which].table, .bytes_step = held_step, .context = &holding};
    char text[TEXT_BYTES];
    snprintf(text, sizeof text, "CREATE TEMP TABLE held_%s (key BLOB, record TEXT)", held[which].name);
    enum status status = sql_run(build->sql, text, held[which].name, err);
    if (status != STATUS_OK)
        return status;
    snprintf(text, sizeof text, "INSERT INTO held_%s VALUES (?1, ?2)", held[which].name);
    int code = sqlite3_prepare_v2(build->sql->db, text, -1, &holding.insert, NULL);
    status = code == SQLITE_OK ? books_each(build->txn, &walk, err) : sql_fail(build->sql, code, held[which].name, err);
    (void)sqlite3_finalize(holding.insert);
    return status;
}

/* Runs an embedded file, one statement after the other, so that an error says which. */
static enum status file_run(struct sql *sql, struct slice file, const char *name, struct err *err)
{
    const char *at = (const char *)file.bytes, *end = at + file.length;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && at < end) {
        sqlite3_stmt *statement = NULL;
        const char *rest = end;
        int code = sqlite3_prepare_v2(sql->db, at, (int)(end - at), &statement, &rest);
        if (code == SQLITE_OK && statement != NULL)
            code = sqlite3_step(statement);
        if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
            status = sql_fail(sql, code, name, err);
            const char *text = statement != NULL ? sqlite3_sql(statement) : at;
            err_prefix(err, "%.60s: ", text + strspn(text, " \n"));
        }
        (void)sqlite3_finalize(statement);
        at = rest;
    }
    return status;
}

/* The views, with @amount(x, c) written out: exact decimal text of minor units x of currency c in plain SQL, so that any
 * reader of the file can run them. */
static enum status views_make(struct sql *sql, struct err *err)
{
    static const char expanded[] = "(SELECT CASE digits WHEN 0 THEN printf('%%d', %.*s) ELSE printf('%%s%%d.%%0*d', "
                                   "iif(%.*s < 0, '-', ''), abs(%.*s) / scale, digits, abs(%.*s) %% scale) END "
                                   "FROM currency WHERE currency.currency = %.*s AND %.*s IS NOT NULL)";
    const struct slice file = embed_book_views_sql();
    const char *at = (const char *)file.bytes, *end = at + file.length;
    sqlite3_str *text = sqlite3_str_new(sql->db);
    while (at < end) {
        const char *found = memmem(at, (size_t)(end - at), "@amount(", 8);
        sqlite3_str_append(text, at, (int)((found != NULL ? found : end) - at));
        if (found == NULL)
            break;
        const char *x = found + 8, *comma = memchr(x, ',', (size_t)(end - x));
        const char *close = comma != NULL ? memchr(comma, ')', (size_t)(end - comma)) : NULL;
        invariant(comma != NULL && close != NULL);
        int n = (int)(comma - x), m = (int)(close - comma - 1);
        sqlite3_str_appendf(text, expanded, n, x, n, x, n, x, n, x, m, comma + 1, n, x);
        at = close + 1;
    }
    int length = sqlite3_str_length(text), code = sqlite3_str_errcode(text);
    char *whole = sqlite3_str_finish(text);
    enum status status = code != SQLITE_OK || whole == NULL
                             ? sql_fail(sql, code != SQLITE_OK ? code : SQLITE_NOMEM, "the views", err)
                             : file_run(sql, slice_of(whole, (size_t)length), "the views", err);
    sqlite3_free(whole);
    return status;
}

static enum status head_take(struct sql_build *build, struct journal_snapshot *snapshot,
                             const struct journal_head *head, struct err *err)
{
    enum status status = sql_reigns_read(build->sql, build->txn, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof held / sizeof held[0]; i++)
        status = held_take(build, i, err);
    if (status == STATUS_OK)
        status = checkpoints_take(build, snapshot, head->size, err);
    if (status == STATUS_OK)
        status = book_row(build, snapshot, head, err);
    if (status == STATUS_OK)
        status = file_run(build->sql, embed_book_feeds_sql(), "the tables of feeds", err);
    if (status == STATUS_OK)
        status = sql_documents_take(build, err);
    if (status == STATUS_OK)
        status = file_run(build->sql, embed_book_fill_sql(), "the tables of people and rules", err);
    if (status == STATUS_OK)
        status = views_make(build->sql, err);
    return status;
}

/* The head as it was when the journal had so many entries. */
static enum status head_at(struct journal_snapshot *snapshot, uint64_t size, struct journal_head *head, struct err *err)
{
    if (size > head->size)
        return err_set(err, STATUS_INPUT, "the journal has %llu entries, not %llu", (unsigned long long)head->size,
                       (unsigned long long)size);
    head->size = size;
    return journal_node(snapshot, 0, size - 1, &head->leaf, err);
}

static enum status journal_take(struct sql_build *build, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {.size = 0};
    enum status status = journal_read_begin(build->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK && head.size == 0)
        status = err_set(err, STATUS_CORRUPT, "the journal has no entries");
    if (status == STATUS_OK && build->options->size > 0)
        status = head_at(snapshot, build->options->size, &head, err);
    if (status == STATUS_OK)
        status = entries_take(build, snapshot, head.size, err);
    if (status == STATUS_OK)
        status = head_take(build, snapshot, &head, err);
    journal_read_end(snapshot);
    return status;
}

static enum status tables_fill(struct sql_build *build, struct err *err)
{
    enum status status = sql_run(build->sql, prepare, "a new database", err);
    if (status == STATUS_OK)
        status = sql_functions_add(build->sql, err);
    if (status == STATUS_OK)
        status = file_run(build->sql, embed_book_sql(), "the schema", err);
    if (status == STATUS_OK)
        status = sql_run(build->sql, aside, "tables for the time being", err);
    if (status == STATUS_OK)
        status = fill_prepare(build, err);
    if (status == STATUS_OK)
        status = journal_take(build, err);
    fill_done(build);
    return status == STATUS_OK ? sql_run(build->sql, "COMMIT", "writing the tables", err) : status;
}

/* The replay's books, around everything. */
static enum status build_run(struct sql_build *build, struct err *err)
{
    const struct tables_options layout = books_layout(journal_map_bytes(build->journal));
    struct path dir;
    enum status status = scratch_make(build->options->scratch_dir, &dir, err);
    if (status != STATUS_OK)
        return status;
    build->persons = json_object();
    status = build->persons != NULL ? tables_create_scratch(dir.text, &layout, &build->tables, err)
                                    : err_set(err, STATUS_MEMORY, "no memory");
    scratch_remove(&dir); /* the tables are open: a signal that ends the process leaves nothing */
    if (status == STATUS_OK)
        status = tables_fill(build, err);
    tables_abort(build->txn);
    tables_close(build->tables);
    json_decref(build->persons);
    return status;
}

static enum status db_open(struct sql *sql, const char *path, int flags, struct err *err)
{
    int code = sqlite3_open_v2(path, &sql->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    return code == SQLITE_OK ? STATUS_OK : sql_fail(sql, code, path, err);
}

/* Who asks reads, and nothing else: no file is attached, no setting changed. */
static int only_reading(void *context, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)context, (void)b, (void)c, (void)d;
    /* How SQLite declares the columns of json_each; the file is opened to be read, and its schema is written by nobody. */
    if (action == SQLITE_UPDATE)
        return a != NULL && strcmp(a, "sqlite_master") == 0 ? SQLITE_OK : SQLITE_DENY;
    return action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION || action == SQLITE_RECURSIVE
               ? SQLITE_OK
               : SQLITE_DENY;
}

/* From now on it is only read. */
static enum status db_seal(struct sql *sql, struct err *err)
{
    enum status status = sql_functions_add(sql, err);
    if (status == STATUS_OK)
        (void)sqlite3_set_authorizer(sql->db, only_reading, NULL);
    return status;
}

/* One to be kept is built under another name and given its own when it is whole. */
static enum status kept_finish(struct sql *sql, const char *part, struct err *err)
{
    (void)sqlite3_close(sql->db);
    sql->db = NULL;
    enum status status = durable_rename_new(part, sql->path.text, err);
    if (status != STATUS_OK)
        return status;
    status = durable_sync_parent(sql->path.text, err);
    if (status == STATUS_OK)
        status = db_open(sql, sql->path.text, SQLITE_OPEN_READONLY, err);
    if (status == STATUS_OK)
        status = db_seal(sql, err);
    if (status != STATUS_OK)
        (void)unlink(sql->path.text);
    return status;
}

static enum status kept_build(struct sql_build *build, struct err *err)
{
    struct sql *sql = build->sql;
    struct path part = {.text = ""};
    enum status status = path_set(&sql->path, err, "%s", build->options->path);
    if (status == STATUS_OK && access(sql->path.text, F_OK) == 0)
        status = err_set(err, STATUS_EXISTS, "%s: is there already; nothing is replaced", sql->path.text);
    if (status == STATUS_OK)
        status = path_set(&part, err, "%s.part-%ld", sql->path.text, (long)getpid());
    if (status != STATUS_OK)
        return status;
    status = db_open(sql, part.text, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    if (status == STATUS_OK)
        status = build_run(build, err);
    if (status == STATUS_OK)
        status = kept_finish(sql, part.text, err);
    (void)unlink(part.text);
    return status;
}

/* One for the time being has no name as soon as it is open, so that it goes with the process, whatever ends that. */
static enum status scratch_build(struct sql_build *build, struct err *err)
{
    struct sql *sql = build->sql;
    struct path dir;
    enum status status = scratch_make(build->options->scratch_dir, &dir, err);
    if (status != STATUS_OK)
        return status;
    status = path_set(&sql->path, err, "%s/book.sqlite", dir.text);
    if (status == STATUS_OK)
        status = db_open(sql, sql->path.text, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);
    scratch_remove(&dir);
    if (status == STATUS_OK)
        status = build_run(build, err);
    if (status == STATUS_OK)
        status = sql_run(sql, "PRAGMA query_only = ON", "ending the tables", err);
    return status == STATUS_OK ? db_seal(sql, err) : status;
}

enum status sql_build(struct journal *journal, const struct sql_options *options, struct sql **ret_sql, struct err *err)
{
    struct sql *sql = calloc(1, sizeof *sql);
    if (sql == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    struct sql_build build = {.sql = sql, .options = options, .journal = journal};
    enum status status = options->path != NULL ? kept_build(&build, err) : scratch_build(&build, err);
    if (status == STATUS_OK)
        *ret_sql = sql;
    else
        sql_close(sql);
    return status;
}

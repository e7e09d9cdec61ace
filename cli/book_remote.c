/*
 * A book behind a server (PROTOCOL.md): read through stores that are elsewhere, written by statements that are sent until an
 * answer says what became of them. The same bytes may be sent any number of times: an entry that is there answers with its
 * first result.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/book_remote_parts.h"
#include "cli/remote_known.h"
#include "cli/terminal.h"
#include "cli/wire.h"
#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/schema.h"
#include "ledger/tables.h"

static const struct field answer_fields[] = {
    {.name = "decision", .type = FIELD_OBJECT},
    {.name = "leaf", .type = FIELD_HASH},
    {.name = "repeated", .type = FIELD_BOOLEAN},
    {.name = "seq", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "time", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
};
static const struct schema answer_schema = SCHEMA("answer", answer_fields, NULL);

enum status book_remote_no_form(const struct book_remote *far, const char *what, struct err *err)
{
    return err_set(err, STATUS_CORRUPT, "%s: the server's answer has no %s", remote_name(far->remote), what);
}

enum status book_remote_ask(struct book_remote *far, json_t *request, uint32_t wait_ms, json_t **ret_answer,
                            struct err *err)
{
    const int64_t until_us = remote_patience_us(far->remote) + (int64_t)wait_ms * 1000;
    enum status status = request != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a request");
    while (status == STATUS_OK) {
        if (remote_is_lost(far->remote))
            status = remote_again(far->remote, until_us, err);
        if (status != STATUS_OK)
            break;
        status = remote_ask_within(far->remote, json_incref(request), wait_ms, ret_answer, err);
        if (status == STATUS_OK)
            break;
        if (remote_is_lost(far->remote) && remote_now_us(far->remote) < until_us)
            status = STATUS_OK;
    }
    json_decref(request);
    return status;
}

void book_remote_refresh(struct book_remote *far)
{
    remote_store_refresh(far->books_store);
    remote_store_refresh(far->journal_store);
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static enum status read_answer(const struct book_remote *far, const json_t *answer, struct gate_answer *ret_answer,
                               struct err *err)
{
    struct err what = {0};
    const json_t *members = json_object_get(answer, "answer");
    if (!json_is_object(members) || schema_check(&answer_schema, members, "answer", &what) != STATUS_OK)
        return book_remote_no_form(far, "answer of its form", err);
    *ret_answer = (struct gate_answer){.seq = (uint64_t)member_integer(members, "seq"),
                                       .time_ms = member_integer(members, "time"),
                                       .repeated = json_is_true(json_object_get(members, "repeated"))};
    enum status status = hash_from_hex(member_text(members, "leaf"), &ret_answer->leaf);
    if (status == STATUS_OK)
        ret_answer->decision = json_incref(json_object_get(members, "decision"));
    return status;
}

/* What is known of a statement that was sent and not answered. */
struct sending {
    int64_t until_us;
    uint64_t seq; /* of its entry; UINT64_MAX: not known */
    bool open;    /* it may be recorded */
    bool asked_again;
};

/* Whether the same bytes are to be sent again. */
static bool may_send_again(struct book_remote *far, enum status status, struct sending *sending)
{
    bool lost = remote_is_lost(far->remote), unknown = status == STATUS_UNKNOWN && !lost;
    sending->open = sending->open || lost || unknown;
    if (unknown && remote_error_seq(far->remote) != UINT64_MAX)
        sending->seq = remote_error_seq(far->remote);
    if (lost)
        return remote_now_us(far->remote) < sending->until_us;
    bool again = unknown && !sending->asked_again;
    sending->asked_again = sending->asked_again || unknown;
    return again;
}

/* It ended without a word about what was sent before. */
static enum status say_open(const struct sending *sending, enum status status, struct err *err)
{
    if (!sending->open)
        return status;
    if (sending->seq != UINT64_MAX)
        err_prefix(err,
                   "entry %llu is recorded: do not send it again, the books will show it when they can be written: ",
                   (unsigned long long)sending->seq);
    else
        err_prefix(err,
                   "no answer came to what was sent, so it may be recorded: look with 'countersign log' before you "
                   "send it again, or give the same --ref, which is taken once: ");
    if (err != NULL)
        err->status = STATUS_UNKNOWN;
    return STATUS_UNKNOWN;
}

static enum status send_until_answered(struct book_remote *far, json_t *request, json_t **ret_answer,
                                       struct sending *sending, struct err *err)
{
    for (;;) {
        enum status status = STATUS_OK;
        if (remote_is_lost(far->remote))
            status = remote_again(far->remote, sending->until_us, err);
        if (status != STATUS_OK)
            return say_open(sending, status, err);
        status = remote_ask_within(far->remote, json_incref(request), 0, ret_answer, err);
        if (status == STATUS_OK)
            return status;
        if (!may_send_again(far, status, sending)) {
            bool said = !remote_is_lost(far->remote) && status != STATUS_UNKNOWN;
            return said ? status : say_open(sending, status, err);
        }
    }
}

static enum status remote_submit(struct book *book, struct slice bytes, const struct signature_list *signatures,
                                 struct gate_answer *ret_answer, struct err *err)
{
    struct book_remote *far = book->self;
    struct sending sending = {.until_us = remote_patience_us(far->remote), .seq = UINT64_MAX};
    json_t *answer = NULL;
    if (signatures->count == 0) /* the protocol has no form for it; a gate says the same */
        return err_set(err, STATUS_PERMISSION,
                       "the statement is not signed by a key of its actor, but by nobody; sign it first");
    json_t *request = json_pack("{s:s, s:o, s:o}", "do", "submit", "signatures", signature_list_to_json(signatures),
                                "statement", wire_bytes(bytes));
    if (request == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a request");
    book_remote_refresh(far);
    ret_answer->seq = UINT64_MAX;
    enum status status = send_until_answered(far, request, &answer, &sending, err);
    if (status == STATUS_OK)
        status = read_answer(far, answer, ret_answer, err);
    if (status == STATUS_UNKNOWN)
        ret_answer->seq = sending.seq;
    json_decref(answer);
    json_decref(request);
    return status;
}

static enum status remote_try(struct book *book, struct slice bytes, json_t **ret_decision, struct err *err)
{
    struct book_remote *far = book->self;
    json_t *answer = NULL;
    enum status status =
        book_remote_ask(far, json_pack("{s:s, s:o}", "do", "try", "statement", wire_bytes(bytes)), 0, &answer, err);
    if (status == STATUS_OK && !json_is_object(json_object_get(answer, "decision")))
        status = book_remote_no_form(far, "decision", err);
    if (status == STATUS_OK)
        *ret_decision = json_incref(json_object_get(answer, "decision"));
    json_decref(answer);
    return status;
}

static enum status read_head(const struct book_remote *far, const json_t *answer, struct journal_head *ret_head,
                             struct err *err)
{
    const json_t *size = json_object_get(answer, "size");
    const char *leaf = member_text(answer, "leaf");
    if (!json_is_integer(size) || json_integer_value(size) < 0 || leaf == NULL)
        return book_remote_no_form(far, "size", err);
    ret_head->size = (uint64_t)json_integer_value(size);
    return hash_from_hex(leaf, &ret_head->leaf);
}

static enum status remote_wait(struct book *book, uint64_t size, uint32_t wait_ms, struct journal_head *ret_head,
                               struct err *err)
{
    struct book_remote *far = book->self;
    const int64_t until_us = remote_now_us(far->remote) + (int64_t)wait_ms * 1000;
    for (;;) {
        json_t *answer = NULL;
        int64_t left_ms = (until_us - remote_now_us(far->remote)) / 1000;
        uint32_t part_ms = left_ms <= 0 ? 0 : left_ms > WIRE_WAIT_MS_MAX ? WIRE_WAIT_MS_MAX : (uint32_t)left_ms;
        enum status status = book_remote_ask(
            far, json_pack("{s:s, s:I, s:I}", "do", "wait", "ms", (json_int_t)part_ms, "size", (json_int_t)size),
            part_ms, &answer, err);
        if (status == STATUS_OK)
            status = read_head(far, answer, ret_head, err);
        json_decref(answer);
        book_remote_refresh(far);
        if (status != STATUS_OK || ret_head->size > size || remote_now_us(far->remote) >= until_us)
            return status;
    }
}

static enum status remote_checkpoint(struct book *book, char **ret_note, uint64_t *ret_size, struct err *err)
{
    struct book_remote *far = book->self;
    json_t *answer = NULL;
    enum status status = book_remote_ask(far, json_pack("{s:s}", "do", "checkpoint"), 0, &answer, err);
    const char *note = member_text(answer, "note");
    const json_t *size = json_object_get(answer, "size");
    if (status == STATUS_OK && (note == NULL || !json_is_integer(size)))
        status = book_remote_no_form(far, "checkpoint", err);
    char *copy = status == STATUS_OK ? strdup(note) : NULL;
    if (status == STATUS_OK && copy == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    if (status == STATUS_OK) {
        *ret_note = copy;
        *ret_size = (uint64_t)json_integer_value(size);
    }
    json_decref(answer);
    book_remote_refresh(far);
    return status;
}

static enum status remote_server_status(struct book *book, json_t **ret_status, struct err *err)
{
    struct book_remote *far = book->self;
    json_t *answer = NULL;
    enum status status = book_remote_ask(far, json_pack("{s:s}", "do", "status"), 0, &answer, err);
    if (status == STATUS_OK && !json_is_object(json_object_get(answer, "status")))
        status = book_remote_no_form(far, "status", err);
    if (status == STATUS_OK)
        *ret_status = json_incref(json_object_get(answer, "status"));
    json_decref(answer);
    return status;
}

/* What it reads may change before it begins, so the stores see to it too. */
static enum status remote_read_all(struct book *book, const char *what, struct err *err)
{
    struct book_remote *far = book->self;
    const char *user = book->options.user;
    if (!json_is_true(json_object_get(remote_reads(far->remote), "everything")))
        return err_set(
            err, STATUS_PERMISSION,
            "%s reads every entry and every record, so it is for those who have audit.read: %s does not hold "
            "that now",
            what, user != NULL ? user : "nobody");
    remote_store_whole(far->books_store);
    return STATUS_OK;
}

static void remote_used_by_child(struct book *book)
{
    struct book_remote *far = book->self;
    remote_drop(far->remote);
    book_remote_refresh(far);
}

static uint64_t remote_passed(const void *self)
{
    const struct book_remote *far = self;
    return remote_store_passed(far->books_store);
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

/* Lists were shown without what this user may not read: whoever looks at them has to know. */
static void say_passed(const struct book_remote *far)
{
    char entities[256] = "";
    size_t used = 0, index;
    const json_t *entity, *reads = far->remote != NULL ? remote_reads(far->remote) : NULL;
    if (far->books_store == NULL || remote_store_passed(far->books_store) == 0)
        return;
    json_array_foreach(json_object_get(reads, "books"), index, entity)
    {
        if (used + ID_BYTES_MAX + 3 < sizeof entities)
            used += (size_t)snprintf(entities + used, sizeof entities - used, "%s%s", index > 0 ? ", " : "",
                                     json_string_value(entity));
    }
    (void)fflush(far->cli->out);
    terminal_printf(far->cli->err, "what you may not read is left out: you read %s",
                    entities[0] != '\0' ? entities : "no entity's books");
    fputc('\n', far->cli->err);
}

static void remote_adapter_close(void *self)
{
    struct book_remote *far = self;
    say_passed(far);
    journal_close(far->books.journal);
    tables_close(far->books.tables);
    remote_store_free(far->books_store);
    remote_store_free(far->journal_store);
    remote_close(far->remote);
    json_decref(far->stamps);
    free(far);
}

static const struct book_adapter adapter = {
    .close = remote_adapter_close,
    .submit = remote_submit,
    .try = remote_try,
    .wait = remote_wait,
    .checkpoint = remote_checkpoint,
    .checkpoint_add = book_remote_checkpoint_add,
    .timestamp_put = book_remote_timestamp_put,
    .timestamp_get = book_remote_timestamp_get,
    .timestamps_each = book_remote_timestamps_each,
    .server_status = remote_server_status,
    .read_all = remote_read_all,
    .used_by_child = remote_used_by_child,
    .passed = remote_passed,
    .evidence_put = book_remote_evidence_put,
    .evidence_exists = book_remote_evidence_exists,
    .evidence_copy = book_remote_evidence_copy,
    .personal_put = book_remote_personal_put,
    .personal_get = book_remote_personal_get,
    .erase = book_remote_erase,
};

static enum status dial(void *context, struct remote_line *ret_line, struct err *err)
{
    const struct book_remote *far = context;
    return remote_line_open(&far->address, &far->ssh, ret_line, err);
}

/* A person can be asked where there is a terminal at all: ssh asks there, whatever our own streams are. */
static bool has_terminal(const struct cli *cli)
{
    int fd = cli->tty_path != NULL ? open(cli->tty_path, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static enum status connect_known(struct book *book, struct err *err)
{
    struct book_remote *far = book->self;
    char known[HASH_HEX_CHARS + 1];
    struct path path;
    struct err lost = {0};
    enum status status = remote_known_get(book->cli, book->address, known, &path, err);
    if (status == STATUS_OK)
        status = remote_open(book->cli, &far->dial, &book->options, known[0] != '\0' ? known : NULL, &far->remote, err);
    if (status == STATUS_CORRUPT && known[0] != '\0' && far->remote == NULL)
        err_prefix(err, "if that is right, remove %s: ", path.text);
    if (status == STATUS_OK && known[0] == '\0' &&
        remote_known_put(book->cli, book->address, remote_book(far->remote), &lost) != STATUS_OK) {
        terminal_printf(book->cli->err, "countersign: not remembered which book this is: %s", lost.text);
        fputc('\n', book->cli->err);
    }
    return status;
}

static enum status open_stores(struct book_remote *far, struct err *err)
{
    const struct tables_options layout = books_layout(0);
    enum status status = remote_store_new(far->remote, "journal", &far->journal_store, err);
    if (status == STATUS_OK)
        status = remote_store_new(far->remote, "books", &far->books_store, err);
    if (status != STATUS_OK)
        return status;
    const struct store_remote journal = remote_store_port(far->journal_store);
    const struct store_remote books = remote_store_port(far->books_store);
    status = journal_open_remote(&journal, &far->books.journal, err);
    return status == STATUS_OK ? tables_open_remote(&books, &layout, &far->books.tables, err) : status;
}

static enum status load_charter(struct book *book, struct err *err)
{
    struct book_remote *far = book->self;
    struct tables_txn *txn = NULL;
    json_t *id = NULL;
    const struct books_key charter_key = books_key("charter"), book_key = books_key("book");
    enum status status = tables_read_begin(far->books.tables, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = books_get(txn, BOOKS_META, &charter_key, &book->charter, err);
    if (status == STATUS_OK)
        status = books_get(txn, BOOKS_META, &book_key, &id, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_CORRUPT, "%s: the server's books hold no charter", book->address);
    const char *hex = member_text(id, "id"), *clock = member_text(book->charter, "clock");
    if (status == STATUS_OK && (hex == NULL || clock == NULL || strcmp(hex, remote_book(far->remote)) != 0 ||
                                (strcmp(clock, "simulated") == 0) != remote_is_simulated(far->remote)))
        status =
            err_set(err, STATUS_CORRUPT, "%s: the server's books are not of the book that it named", book->address);
    if (status == STATUS_OK)
        snprintf(book->id, sizeof book->id, "%s", hex);
    json_decref(id);
    tables_abort(txn);
    return status;
}

enum status book_remote_open(struct book *book, const char *address, struct err *err)
{
    struct book_remote *far = calloc(1, sizeof *far);
    if (far == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a book");
    book->adapter = &adapter;
    book->self = far;
    far->cli = book->cli;
    enum status status = remote_address_parse(address, &far->address, err);
    if (status != STATUS_OK)
        return status;
    far->ssh = (struct remote_ssh){.program = book->cli->environment.ssh, .may_ask = has_terminal(book->cli)};
    far->dial = (struct remote_dial){.dial = dial,
                                     .context = far,
                                     .greeting_ms = far->address.ssh ? REMOTE_SSH_MS : REMOTE_GREETING_MS,
                                     .name = address};
    status = connect_known(book, err);
    if (status == STATUS_OK)
        status = open_stores(far, err);
    if (status == STATUS_OK)
        status = load_charter(book, err);
    book->books = &far->books;
    return status;
}

/*
 * Journals of plain-text accounting. What people wrote (notes, titles) is data here: characters that would mean something to the
 * reader are escaped, so that no note can end a transaction, open a tag or change a date. A line of a document in another
 * currency than its entity's bears its functional amount as a total price, so that the reader balances functional amounts and
 * counts both.
 */
#include "audit/export/plaintext.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/sql/sql.h"

enum { PIECE_BYTES = 512 };

enum cell {
    CELL_PLACE, /* "seq.idx" */
    CELL_DAY,
    CELL_LEGAL,
    CELL_NUMBER,
    CELL_KIND,
    CELL_REASON,
    CELL_NOTE,
    CELL_SEQ,
    CELL_CONTENT,
    CELL_ROOT,
    CELL_ENTITY,
    CELL_ACCOUNT,
    CELL_AMOUNT,
    CELL_CURRENCY,
    CELL_PRICE,
    CELL_PRICE_CURRENCY,
    CELL_CUSTOMER,
    CELL_INVOICE,
    CELL_TAX,
    CELL_DIFFERENCE,
    CELL_COUNT
};

#define ROOT_OF_CLASS                                                                                                  \
    "CASE a.class WHEN 'receivable' THEN 'Assets' WHEN 'cash' THEN 'Assets' WHEN 'allowance' THEN 'Assets'"            \
    " WHEN 'tax' THEN 'Liabilities' WHEN 'liability' THEN 'Liabilities' WHEN 'revenue' THEN 'Income'"                  \
    " ELSE 'Expenses' END"

/* A difference has nothing in the document's currency: it is a line of functional currency. */
static const char lines_question[] =
    "SELECT l.seq || '.' || l.idx, l.day, l.legal_number, l.number, d.kind, d.reason, d.note, CAST(l.seq AS TEXT), "
    "d.content, " ROOT_OF_CLASS ", l.entity, l.account,"
    " CASE WHEN l.difference IS NULL THEN amount_text(l.signed_minor, l.currency)"
    "      ELSE amount_text(l.functional_signed_minor, l.functional_currency) END,"
    " CASE WHEN l.difference IS NULL THEN l.currency ELSE l.functional_currency END,"
    " CASE WHEN l.difference IS NULL THEN amount_text(l.functional_minor, l.functional_currency) END,"
    " l.functional_currency, l.customer, l.invoice, l.tax, l.difference"
    " FROM line l JOIN document d ON d.number = l.number LEFT JOIN account a ON a.account = l.account"
    " ORDER BY l.day, l.seq, l.idx, l.n";

static const char accounts_question[] =
    "SELECT DISTINCT " ROOT_OF_CLASS ", l.entity, l.account, a.title, l.day FROM"
    " (SELECT entity, account, MIN(day) AS day FROM line GROUP BY entity, account) l"
    " LEFT JOIN account a ON a.account = l.account ORDER BY 1, 2, 3";

static const char currencies_question[] =
    "SELECT c.currency, amount_text(1000 * c.scale, c.currency), (SELECT MIN(day) FROM line) FROM currency c WHERE "
    "c.currency IN"
    " (SELECT currency FROM line UNION SELECT functional_currency FROM line) ORDER BY 1";

/* beancount makes a price of one unit of a total, and is then off by a last digit of 28: a hundredth of a minor unit is let pass. */
static const char tolerances_question[] =
    "SELECT currency, '0.' || substr('000000', 1, digits + 1) || '1' FROM currency WHERE currency IN"
    " (SELECT functional_currency FROM line) ORDER BY 1";

struct plaintext {
    const struct export_sink *sink;
    enum plaintext_form form;
    char place[PIECE_BYTES]; /* of the transaction that is being written */
    enum status status;
    struct err *err;
};

static void put(struct plaintext *to, const char *text, size_t length)
{
    if (to->status == STATUS_OK && length > 0)
        to->status = to->sink->write(to->sink->context, slice_of(text, length), to->err);
}

static void say(struct plaintext *to, const char *text)
{
    put(to, text, strlen(text));
}

/* Texts one after the other, up to a NULL. */
static void say_all(struct plaintext *to, ...) __attribute__((sentinel));
static void say_all(struct plaintext *to, ...)
{
    va_list args;
    va_start(args, to);
    for (const char *text = va_arg(args, const char *); text != NULL; text = va_arg(args, const char *))
        say(to, text);
    va_end(args);
}

/* Percent-encodes what stands in `special`, and the percent sign. */
static void say_encoded(struct plaintext *to, const char *text, const char *special)
{
    for (const char *at = text; *at != '\0'; at++) {
        char piece[4];
        if (*at == '%' || strchr(special, *at) != NULL || (unsigned char)*at < 0x20) {
            snprintf(piece, sizeof piece, "%%%02X", (unsigned)(unsigned char)*at);
            put(to, piece, 3);
        } else {
            put(to, at, 1);
        }
    }
}

/* A beancount string: quotes and backslashes escaped. */
static void say_string(struct plaintext *to, const char *text)
{
    say(to, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            put(to, "\\", 1);
        put(to, at, 1);
    }
    say(to, "\"");
}

/* Part of a beancount account: codes have capitals, digits, '-' and '_', and '_' is none of its characters. */
static void say_part(struct plaintext *to, const char *code)
{
    for (const char *at = code; *at != '\0'; at++)
        put(to, *at == '_' && to->form == PLAINTEXT_BEANCOUNT ? "u" : at, 1);
}

static void say_account(struct plaintext *to, const char *root, const char *entity, const char *account)
{
    say_all(to, root, ":", NULL);
    say_part(to, entity);
    say(to, ":");
    say_part(to, account);
}

/* A line of beancount's metadata. */
static void say_meta(struct plaintext *to, const char *indent, const char *name, const char *text)
{
    say_all(to, "\n", indent, name, ": ", NULL);
    say_string(to, text);
}

static const char *text_of(const struct sql_row *row, size_t cell)
{
    return row->cells[cell].type == SQL_TEXT ? row->cells[cell].text : "";
}

static enum status account_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct plaintext *to = context;
    (void)ret_more;
    to->err = err;
    if (to->form == PLAINTEXT_HLEDGER) {
        say(to, "account ");
        say_account(to, text_of(row, 0), text_of(row, 1), text_of(row, 2));
        say(to, "  ; ");
        say_encoded(to, text_of(row, 3), ":;,[|");
        say(to, "\n");
    } else {
        say_all(to, text_of(row, 4), " open ", NULL);
        say_account(to, text_of(row, 0), text_of(row, 1), text_of(row, 2));
        say_meta(to, "  ", "title", text_of(row, 3));
        say(to, "\n");
    }
    return to->status;
}

static enum status currency_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct plaintext *to = context;
    const char *amount = text_of(row, 1);
    (void)ret_more;
    to->err = err;
    if (to->form == PLAINTEXT_HLEDGER) {
        const char *mark = strchr(amount, '.') == NULL ? ". " : " "; /* hledger asks for one */
        say_all(to, "commodity ", amount, mark, text_of(row, 0), "\n", NULL);
    } else {
        say_all(to, text_of(row, 2), " commodity ", text_of(row, 0), "\n", NULL);
    }
    return to->status;
}

static void heading(struct plaintext *to, const struct sql_row *row)
{
    bool noted = text_of(row, CELL_NOTE)[0] != '\0';
    say_all(to, "\n", text_of(row, CELL_DAY), NULL);
    if (to->form == PLAINTEXT_HLEDGER) {
        say_all(to, " (", text_of(row, CELL_LEGAL), ") ", text_of(row, CELL_KIND), " ", text_of(row, CELL_REASON),
                noted ? ": " : "", NULL);
        say_encoded(to, text_of(row, CELL_NOTE), ";|");
        say_all(to, "\n    ; document:", text_of(row, CELL_NUMBER), ", entry:", text_of(row, CELL_SEQ),
                ", content:", text_of(row, CELL_CONTENT), NULL);
    } else {
        say(to, " * ");
        say_string(to, text_of(row, CELL_KIND));
        say(to, " ");
        say_string(to, noted ? text_of(row, CELL_NOTE) : text_of(row, CELL_REASON));
        say_meta(to, "  ", "code", text_of(row, CELL_LEGAL));
        say_meta(to, "  ", "document", text_of(row, CELL_NUMBER));
        say_meta(to, "  ", "reason", text_of(row, CELL_REASON));
        say_all(to, "\n  entry: ", text_of(row, CELL_SEQ), NULL);
        say_meta(to, "  ", "content", text_of(row, CELL_CONTENT));
    }
    say(to, "\n");
}

/* What a line is about, as tags or metadata. */
static void about(struct plaintext *to, const struct sql_row *row)
{
    static const struct {
        enum cell cell;
        const char *name;
    } members[] = {
        {CELL_CUSTOMER, "customer"}, {CELL_INVOICE, "invoice"}, {CELL_TAX, "tax"}, {CELL_DIFFERENCE, "difference"}};
    bool first = true;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const char *text = text_of(row, members[i].cell);
        if (text[0] == '\0')
            continue;
        if (to->form == PLAINTEXT_HLEDGER)
            say_all(to, first ? "  ; " : ", ", members[i].name, ":", text, NULL);
        else
            say_meta(to, "    ", members[i].name, text);
        first = false;
    }
    say(to, "\n");
}

static enum status line_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct plaintext *to = context;
    const char *place = text_of(row, CELL_PLACE), *price = text_of(row, CELL_PRICE);
    (void)ret_more;
    invariant(row->count == CELL_COUNT);
    to->err = err;
    if (strcmp(place, to->place) != 0) {
        snprintf(to->place, sizeof to->place, "%s", place);
        heading(to, row);
    }
    say(to, to->form == PLAINTEXT_HLEDGER ? "    " : "  ");
    say_account(to, text_of(row, CELL_ROOT), text_of(row, CELL_ENTITY), text_of(row, CELL_ACCOUNT));
    say_all(to, "  ", text_of(row, CELL_AMOUNT), " ", text_of(row, CELL_CURRENCY), NULL);
    if (price[0] != '\0')
        say_all(to, " @@ ", price, " ", text_of(row, CELL_PRICE_CURRENCY), NULL);
    about(to, row);
    return to->status;
}

static enum status tolerance_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct plaintext *to = context;
    (void)ret_more;
    to->err = err;
    if (to->form != PLAINTEXT_BEANCOUNT)
        return STATUS_OK;
    say_all(to, "option \"inferred_tolerance_default\" \"", text_of(row, 0), ":", text_of(row, 1), "\"\n", NULL);
    return to->status;
}

static enum status book_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct plaintext *to = context;
    *ret_more = false;
    to->err = err;
    say_all(to, "; The ledger lines of ", text_of(row, 0), ", entries 0 to ", text_of(row, 1), "; head ",
            text_of(row, 2), "\n\n", NULL);
    return to->status;
}

enum status plaintext_write(struct sql *sql, enum plaintext_form form, const struct export_sink *sink, struct err *err)
{
    struct plaintext to = {.sink = sink, .form = form};
    const struct sql_question questions[] = {
        {.text = "SELECT name, CAST(size - 1 AS TEXT), head FROM book", .step = book_step, .context = &to},
        {.text = tolerances_question, .step = tolerance_step, .context = &to},
        {.text = currencies_question, .step = currency_step, .context = &to},
        {.text = accounts_question, .step = account_step, .context = &to},
        {.text = lines_question, .step = line_step, .context = &to},
    };
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < sizeof questions / sizeof questions[0]; i++)
        status = sql_query(sql, &questions[i], err);
    return status;
}

/*
 * One entry by itself: its form, all that its statement and decision hold, its leaf hash, its signatures. Needs nothing but
 * the bytes, so any thread may do it; what it means at its place in the journal is judged afterwards, in order. Implements
 * FORMAT.md sections 1 to 6 as far as form goes.
 *
 * Most entries are looked at where they lie, in one pass (entry_look). A tree is made where that cannot tell, so that what is
 * wrong is always said by the same rooms; and where somebody in order needs it: acts of officers, documents about keys, a replay.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/decision_form.h"
#include "audit/verify/item_facts.h"
#include "audit/verify/parts.h"
#include "controls/form.h"
#include "controls/judge.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"
#include "ledger/text.h"

enum {
    NODES_LOOKED = 1 << 15
}; /* values of an entry that is looked at: a thousand documents or so, and their decisions */

enum status verify_tools_init(enum item_trees trees, struct item_tools *ret_tools, struct err *err)
{
    struct outline_node *nodes = calloc(NODES_LOOKED, sizeof *nodes);
    if (nodes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for entries");
    *ret_tools = (struct item_tools){.trees = trees, .outline = {.nodes = nodes, .room = NODES_LOOKED}};
    return STATUS_OK;
}

void verify_tools_done(struct item_tools *tools)
{
    free(tools->outline.nodes);
    *tools = (struct item_tools){.trees = TREES_NEEDED};
}

/* Room for its signatures; most entries have one. */
static bool signatures_make(struct verify_item *item, size_t count)
{
    item->signatures = count == 1 ? &item->one_signature : calloc(count, sizeof *item->signatures);
    item->signature_count = item->signatures == NULL ? 0 : count;
    item->starved = item->signatures == NULL;
    return !item->starved;
}

static void check_signature(struct item_signature *seen, const struct sshsig *sshsig, const void *bytes, size_t length)
{
    seen->key = sshsig->key;
    seen->good = sshsig_check(sshsig, bytes, length, NULL) == STATUS_OK;
}

static void check_looked(struct verify_item *item, const struct entry_look *look)
{
    const struct slice bytes = look->statement.bytes;
    if (!signatures_make(item, look->signature_count))
        return;
    for (size_t i = 0; i < look->signature_count; i++)
        check_signature(&item->signatures[i], &look->signatures[i], bytes.bytes, bytes.length);
}

static void check_signatures(struct verify_item *item)
{
    const struct signature_list *list = item->entry.signatures;
    const struct statement *statement = &item->entry.statement;
    if (!signatures_make(item, list->count))
        return;
    for (size_t i = 0; i < list->count; i++) {
        struct sshsig sshsig;
        enum status status = sshsig_parse(list->items[i].bytes, list->items[i].length, &sshsig, NULL);
        invariant(status == STATUS_OK); /* entry_read has taken it apart */
        check_signature(&item->signatures[i], &sshsig, statement->bytes, statement->length);
    }
}

/* What the register of keys follows. */
static const char *const kept_kinds[] = {"book-key",     "enrolment", "grant",      "key-revocation",
                                         "key-rotation", "release",   "revocation", NULL};

/* Whether those in order do without a tree. */
static bool is_plain(const struct statement_look *statement)
{
    const struct outline *outline = statement->outline;
    if (statement->verb != VERB_SUBMIT && statement->verb != VERB_AMEND)
        return true;
    for (const struct outline_node *one = outline_first(outline, statement->list); one != NULL;
         one = outline_after(outline, statement->list, one))
        if (outline_is_one_of(outline, outline_get(outline, statement_look_document(statement, one), "kind"),
                              kept_kinds))
            return false;
    return true;
}

/* True: all is done. */
static bool look_at(struct item_tools *tools, struct verify_item *item)
{
    struct entry_look look;
    if (tools->trees == TREES_WHOLE || !entry_look(item->bytes, &tools->outline, &look) || !is_plain(&look.statement) ||
        !form_holds(&look.statement) || !decision_holds(&look.statement, look.decision) ||
        !item_facts_look(item, &look))
        return false;
    tree_leaf(item->bytes.bytes, item->bytes.length, &item->leaf);
    check_looked(item, &look);
    item->readable = item->sound = true;
    if (tools->trees == TREES_STATEMENTS) {
        item->has_entry = entry_read_looked(&look, &item->leaf, &item->entry, NULL) == STATUS_OK;
        item->starved = item->starved || !item->has_entry;
    }
    return true;
}

/* The acts of officers, and what concerns keys. What is not sound is kept as well: its findings may need it. */
static bool needs_tree(const struct verify_item *item)
{
    const struct statement *statement = &item->entry.statement;
    if (!item->sound || statement->verb == VERB_CHARTER ||
        (statement_list(statement) == NULL && statement->verb != VERB_FEED))
        return true;
    for (size_t i = 0; i < json_array_size(statement_list(statement)); i++)
        for (const char *const *kind = kept_kinds; *kind != NULL; kind++)
            if (text_is(member_text(statement_document(statement, i), "kind"), *kind))
                return true;
    return false;
}

static void read_whole(struct item_tools *tools, struct verify_item *item)
{
    struct err err = {.status = STATUS_OK};
    enum status status = entry_read(item->bytes, &item->entry, &err);
    item->readable = item->has_entry = item->whole = status == STATUS_OK;
    if (item->readable) {
        item->leaf = item->entry.leaf;
        check_signatures(item);
        status = judge_check_form(&item->entry.statement, &err);
        if (status != STATUS_OK)
            err_prefix(&err, "statement: ");
    } else {
        tree_leaf(item->bytes.bytes, item->bytes.length, &item->leaf);
    }
    if (status == STATUS_OK)
        status = verify_decision_form(&item->entry.statement, item->entry.decision, &err);
    item->sound = status == STATUS_OK;
    if (!item->sound)
        item->trouble = strdup(err.text);
    if (!item->readable)
        return;
    item_facts_take(item);
    if (tools->trees != TREES_NEEDED || needs_tree(item))
        return;
    entry_done(&item->entry);
    item->has_entry = item->whole = false;
}

void verify_item_check(struct item_tools *tools, struct verify_item *item)
{
    if (!look_at(tools, item))
        read_whole(tools, item);
}

void verify_item_done(struct verify_item *item)
{
    if (item->has_entry)
        entry_done(&item->entry);
    if (item->signatures != &item->one_signature)
        free(item->signatures);
    if (item->results != &item->one_result)
        free(item->results);
    free(item->texts);
    free(item->trouble);
    free(item->owned);
    item->signatures = NULL;
    item->results = NULL;
    item->texts = item->trouble = NULL;
    item->owned = NULL;
    item->signature_count = item->result_count = 0;
    item->has_entry = item->whole = item->readable = item->sound = item->starved = false;
}

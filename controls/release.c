/*
 * See the header. A policy that shuts out releases lets in the documents that approve one, or nobody could; and
 * what officers say of lost entries, since the approval may be among them.
 */
#include "controls/release.h"

#include <string.h>

#include "controls/functions.h"
#include "controls/policy.h"
#include "ledger/books.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static bool is_about_release(const struct statement *statement, size_t index)
{
    const json_t *document = statement_document(statement, index);
    const char *kind = member_text(document, "kind");
    const char *number = member_text(json_array_get(statement_list(statement), index), "document");
    if (document != NULL)
        return kind != NULL && kind_from_name(kind) == KIND_RELEASE;
    return number != NULL && strncmp(number, "RL-", 3) == 0;
}

static bool comes_first(const struct statement *statement)
{
    size_t count = json_array_size(statement_list(statement));
    if (statement->verb == VERB_RESTORE)
        return true;
    for (size_t i = 0; i < count; i++)
        if (!is_about_release(statement, i))
            return false;
    return count > 0;
}

enum status release_look(struct tables_txn *books, const struct policy *policy, const struct statement *statement,
                         const char *exe, struct release_standing *ret_standing, struct err *err)
{
    struct books_key key = books_key(exe);
    bool approved = false;
    enum status status = books_has(books, BOOKS_PROGRAMS, &key, &approved, err);
    if (status == STATUS_OK)
        *ret_standing = (struct release_standing){
            .approved = approved, .admitted = approved || !policy->releases_deny || comes_first(statement)};
    return status;
}

/*
 * Who may read what. Until the table of PROTOCOL.md section 3 is here, whoever has audit.read reads everything, and nobody
 * else reads anything but what tells nothing.
 */
#include "cli/server/rights.h"

#include <stdlib.h>

struct rights {
    bool audits;
    bool operates;
};

enum status rights_open(const struct facts *facts, const char *user, const char *key, struct rights **ret_rights,
                        struct err *err)
{
    bool valid = false;
    struct rights *rights = calloc(1, sizeof *rights);
    if (rights == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = facts_key_valid(facts, key, user, &valid, err);
    if (status == STATUS_OK && valid)
        status = facts_user_may(facts, user, "audit.read", NULL, &rights->audits, err);
    if (status == STATUS_OK && valid)
        status = facts_user_may(facts, user, "operate", NULL, &rights->operates, err);
    if (status == STATUS_OK)
        *ret_rights = rights;
    else
        rights_close(rights);
    return status;
}

void rights_close(struct rights *rights)
{
    free(rights);
}

enum status rights_may_record(const struct rights *rights, size_t table, struct slice key, struct slice value,
                              bool *ret_may, struct err *err)
{
    (void)table;
    (void)key;
    (void)value;
    (void)err;
    *ret_may = rights->audits;
    return STATUS_OK;
}

enum status rights_may_entry(const struct rights *rights, struct slice entry, bool *ret_may, struct err *err)
{
    (void)entry;
    (void)err;
    *ret_may = rights->audits;
    return STATUS_OK;
}

enum status rights_may_count(const struct rights *rights, size_t table, bool *ret_may, struct err *err)
{
    (void)table;
    (void)err;
    *ret_may = rights->audits;
    return STATUS_OK;
}

bool rights_audit(const struct rights *rights)
{
    return rights->audits;
}

bool rights_operate(const struct rights *rights)
{
    return rights->operates;
}

json_t *rights_tell(const struct rights *rights)
{
    return json_pack("{s:[], s:b, s:b}", "books", "governance", rights->audits, "operations",
                     rights->operates || rights->audits);
}

/*
 * Period documents from the command line; see the header.
 */
#include "cli/period.h"

#include <string.h>

#include "controls/facts_period.h"
#include "ledger/text.h"

enum status period_document(const struct options *options, const char *state, json_t **ret_document, struct err *err)
{
    const char *entity = options_argument(options, 0), *month = options_argument(options, 1);
    int32_t first, last;
    if (!text_is_code(entity, strlen(entity)))
        return err_set(err, STATUS_INPUT, "ENTITY: a legal entity's code, as the policy has it");
    enum status status = month_parse(month, &first, &last, err);
    if (status != STATUS_OK) {
        err_prefix(err, "the second argument ");
        return status;
    }
    *ret_document = json_pack("{s:s, s:s, s:s, s:s}", "entity", entity, "period", month, "reason",
                              options_text(options, "reason"), "state", state);
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

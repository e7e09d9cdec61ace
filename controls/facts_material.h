/*
 * Facts that an approval rests on (C-16): whether one of them changed after an approver looked. Errors as in facts.h.
 */
#ifndef CONTROLS_FACTS_MATERIAL_H
#define CONTROLS_FACTS_MATERIAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/limits.h"
#include "ledger/status.h"

struct material_change {
    const char *fact;          /* "open", "dispute", "limit", "related"; NULL: none changed. Lends for ever. */
    char id[ID_BYTES_MAX + 1]; /* the invoice or customer */
    uint64_t entry;            /* that changed it */
};

/*
 * The first fact about a document's invoices and customer that changed by something which had not been announced by the entry
 * after_seq: what waited there already, and took effect since, was before the approver's eyes.
 *
 * in      document: borrowed; a reversal stands for what it reverses.
 * cost    O(allocations).
 */
MUST_USE enum status facts_material(const struct facts *facts, const json_t *document, uint64_t after_seq,
                                    struct material_change *ret_change, struct err *err);

#endif

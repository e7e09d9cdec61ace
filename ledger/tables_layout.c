/*
 * How a record of the books lies in its store: a checksum before the value. Says nothing of content.
 */
#include "ledger/tables_layout.h"

#include <string.h>

#include "ledger/checksum.h"

enum status tables_unwrap(struct tables *tables, size_t table, const struct store_record *stored,
                          struct slice *ret_value, struct err *err)
{
    uint8_t sum[CHECKSUM_BYTES];
    struct slice value = {0};
    if (stored->value.length >= CHECKSUM_BYTES && stored->key.length <= CHECKSUM_KEY_BYTES_MAX) {
        value = slice_of(stored->value.bytes + CHECKSUM_BYTES, stored->value.length - CHECKSUM_BYTES);
        checksum_value(tables->names[table], stored->key, value, sum);
        if (memcmp(sum, stored->value.bytes, CHECKSUM_BYTES) == 0) {
            *ret_value = value;
            return STATUS_OK;
        }
    }
    if (!atomic_exchange(&tables->suspect, true) && !tables->scratch && !tables->read_only)
        mark_suspect(tables->dir.text);
    return err_set(err, STATUS_CORRUPT, "%s: %s: a record's checksum does not fit: the books must be rebuilt",
                   tables->dir.text, tables->names[table]);
}

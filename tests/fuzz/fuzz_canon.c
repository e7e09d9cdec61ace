/*
 * Attacks canon_parse and scan_check: aborts where the two do not agree on what is canonical.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool accepted = false;
    if (!json_pair_agrees((const char *)data, size, &accepted))
        abort();
    return 0;
}

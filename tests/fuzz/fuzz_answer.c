/*
 * Attacks the client's reader of answers; see answer_property.h.
 */
#include "tests/fuzz/answer_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    answer_property(data, size);
    return 0;
}

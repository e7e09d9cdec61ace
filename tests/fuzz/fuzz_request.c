/*
 * Attacks request_read and frame_cut: see request_property.h.
 */
#include <stdint.h>

#include "tests/fuzz/request_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    request_property(data, size);
    return 0;
}

/*
 * Attacks compile_policy, the filter before libfyaml first of all: aborts where the property does not hold. A crash or a
 * hang inside libfyaml behind the filter is a finding too.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/fuzz/policy_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool accepted = false;
    if (!policy_property_holds((const char *)data, size, &accepted))
        abort();
    return 0;
}

/*
 * Attacks sshsig_parse, sshsig_verify, sshsig_dearmour, sshkey_parse and sshkey_parse_line.
 */
#include "tests/fuzz/sshsig_property.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    sshsig_property(data, length);
    return 0;
}

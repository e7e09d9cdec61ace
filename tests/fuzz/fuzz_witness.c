/*
 * Attacks witness_request_parse: a request that is read must be written back byte for byte. Bytes that are none are tried as a
 * witness's memory, which must come back as it was read.
 */
#include "ledger/witness.h"
#include "tests/fuzz/fuzz.h"

static void check_memory(const char *text, size_t length)
{
    struct witness_log log;
    char *again = NULL;
    size_t again_length = 0;
    if (witness_log_read(text, length, &log, NULL) != STATUS_OK)
        return;
    if (witness_log_write(&log, &again, &again_length, NULL) != STATUS_OK || again_length != length ||
        memcmp(again, text, length) != 0)
        abort();
    free(again);
    witness_log_done(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct witness_request request;
    struct witness_log log = {.key_count = 0};
    struct checkpoint checkpoint;
    enum witness_step step;
    struct note_key key;
    bool is_new = false;
    char *again = NULL;
    size_t again_length = 0;
    static const char vkey[] = "ledger.example/ar+6a3c5859+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    const char *text = (const char *)data;
    if (witness_request_parse(text, size, &request, NULL) != STATUS_OK) {
        check_memory(text, size);
        return 0;
    }
    if (witness_request_format(&request, &again, &again_length, NULL) != STATUS_OK || again_length != size ||
        memcmp(again, data, size) != 0)
        abort();
    free(again);
    if (note_key_parse(vkey, sizeof vkey - 1, &key, NULL) != STATUS_OK ||
        witness_log_trust(&log, &key, &is_new, NULL) != STATUS_OK)
        abort();
    if (witness_judge(&log, &request, 1, &checkpoint, &step, NULL) == STATUS_OK && step != WITNESS_FIRST)
        abort();
    return 0;
}

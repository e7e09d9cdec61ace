/*
 * Attacks receipt_parse, and through it note_parse and checkpoint_parse: what is read must be written back byte for
 * byte. Bytes that are no receipt are tried as a checkpoint's text, whose first three lines must come back.
 */
#include "ledger/receipt.h"
#include "tests/fuzz/fuzz.h"

static void check_checkpoint(const char *text, size_t length)
{
    struct checkpoint checkpoint;
    char again[CHECKPOINT_TEXT_MAX];
    if (checkpoint_parse(text, length, &checkpoint, NULL) != STATUS_OK)
        return;
    if (checkpoint_format(&checkpoint, again, NULL) != STATUS_OK || strlen(again) > length ||
        memcmp(again, text, strlen(again)) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct receipt receipt;
    char *again = NULL;
    size_t again_length = 0;
    const char *text = (const char *)data;
    if (receipt_parse(text, size, &receipt, NULL) != STATUS_OK) {
        check_checkpoint(text, size);
        return 0;
    }
    if (receipt_format(&receipt, &again, &again_length, NULL) != STATUS_OK || again_length != size ||
        memcmp(again, data, size) != 0)
        abort();
    free(again);
    return 0;
}

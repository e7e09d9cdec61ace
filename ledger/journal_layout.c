/*
 * How the journal lies in its store: names of tables, keys, and a handle's life. Says nothing of content.
 */
#include "ledger/journal_layout.h"

#include <stdlib.h>

const char *const journal_table_names[JOURNAL_TABLES] = {"entries", "nodes", "checkpoints", "meta"};

struct journal_key journal_key_of(uint64_t number)
{
    struct journal_key key;
    for (int i = JOURNAL_NUMBER_BYTES - 1; i >= 0; i--) {
        key.bytes[i] = (uint8_t)(number & 0xFF);
        number >>= 8;
    }
    return key;
}

uint64_t journal_number_of(const uint8_t bytes[static JOURNAL_NUMBER_BYTES])
{
    uint64_t number = 0;
    for (int i = 0; i < JOURNAL_NUMBER_BYTES; i++)
        number = number << 8 | bytes[i];
    return number;
}

enum status journal_layout_open(const char *book_dir, const struct store_options *options, struct journal **ret_journal,
                                struct err *err)
{
    struct path dir;
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", book_dir);
    enum status status = path_set(&journal->dir, err, "%s", book_dir);
    if (status == STATUS_OK)
        status = path_set(&dir, err, "%s/journal", book_dir);
    if (status == STATUS_OK)
        status = store_open(dir.text, options, &journal->store, err);
    if (status != STATUS_OK) {
        journal_layout_close(journal);
        return status;
    }
    *ret_journal = journal;
    return STATUS_OK;
}

void journal_layout_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    store_close(journal->store);
    free(journal);
}

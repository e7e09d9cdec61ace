/*
 * What it takes to pack a bundle of a book of the bench; each correction names an evidence file of its own, which is not packed,
 * so the manifest has a line for each document.
 *
 *   pack whole|last|days|sample DIR SCRATCH    the book, its last 1,000 entries, five days, 60 documents from all over it
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/bundle/pack.h"
#include "controls/issue.h"
#include "ledger/checkpoint.h"
#include "ledger/instant.h"
#include "tests/bench/shared/made_book.h"
#include "tests/bench/shared/measure.h"

enum { SAMPLE = 60, LAST = 1000, DAYS = 5, NUMBER_BYTES = 24 };

static char numbers[SAMPLE][NUMBER_BYTES];
static const char *drawn[SAMPLE];

static enum status look_at_memory(void *context, const char *what, uint64_t done, uint64_t total, struct err *err)
{
    long *own_kib = context, own = memory_kib("RssAnon:");
    (void)what, (void)done, (void)total, (void)err;
    *own_kib = own > *own_kib ? own : *own_kib;
    return STATUS_OK;
}

static struct pack_scope scope_of(const char *name, const struct made_book *book)
{
    int32_t today = date_from_instant(book->company.now_ms, 0);
    if (strcmp(name, "whole") == 0)
        return (struct pack_scope){.sort = PACK_BOOK};
    if (strcmp(name, "last") == 0)
        return (struct pack_scope){.sort = PACK_EXTENSION,
                                   .after_size = book->entries > LAST ? book->entries - LAST : 1};
    if (strcmp(name, "days") == 0)
        return (struct pack_scope){.sort = PACK_PERIOD, .from = today - DAYS + 1, .to = today};
    if (strcmp(name, "sample") != 0)
        bench_usage("pack: one of whole, last, days, sample");
    for (size_t i = 0; i < SAMPLE; i++) {
        snprintf(numbers[i], sizeof numbers[i], "IC-%zu", 1 + i * book->documents / SAMPLE);
        drawn[i] = numbers[i];
    }
    return (struct pack_scope){.sort = PACK_SAMPLE, .documents = drawn, .document_count = SAMPLE};
}

static void work(int argc, char **argv, json_t *line)
{
    static struct made_book book;
    struct checkpoint checkpoint;
    struct pack_result result;
    struct err err = {.text = ""};
    char note[CHECKPOINT_NOTE_MAX], to[COMPANY_COPY_BYTES], command[COMPANY_COPY_BYTES + 16];
    long before = 0, own_kib = 0;
    if (argc != 4)
        bench_usage("usage: pack whole|last|days|sample DIR SCRATCH");
    made_book_open(&book, argv[2]);
    const struct signer *custodian = &company_user(&book.company, "book-key")->signer;
    const struct pack_scope scope = scope_of(argv[1], &book);
    const struct pack_maker maker = {.at_ms = book.company.now_ms,
                                     .by = "audrey",
                                     .exe = "0000000000000000",
                                     .release = "bench",
                                     .signer = &company_user(&book.company, "audrey")->signer};
    const struct pack_request request = {.journal = gate_books(book.company.gate)->journal,
                                         .to = to,
                                         .scope = &scope,
                                         .maker = &maker,
                                         .step = look_at_memory,
                                         .context = &own_kib};
    snprintf(to, sizeof to, "%s/bundle", argv[3]);
    if (issue_checkpoint(book.company.gate, custodian, &checkpoint, note, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    before = own_kib = memory_kib("RssAnon:");
    double begin = seconds_now(), worked = seconds_worked();
    if (pack_bundle(&request, &result, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    tell(line, "seconds", seconds_now() - begin);
    tell(line, "worked_seconds", seconds_worked() - worked);
    tell(line, "count", (double)result.entries);
    tell(line, "bundle_bytes", (double)result.bytes);
    tell(line, "own_kib", (double)(own_kib - before));
    made_book_close(&book);
    snprintf(command, sizeof command, "rm -rf '%s'", to);
    if (system(command) != 0)
        fail_msg("%s cannot be removed", to);
}

int main(int argc, char **argv)
{
    return bench_run(work, argc, argv);
}

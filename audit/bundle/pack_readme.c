/*
 * README.txt of a bundle: what it is, and how to check it with programs that everybody has. Its commands are run by
 * tests/scenarios/pack.sh as they stand there.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/bundle/pack_parts.h"
#include "ledger/entry.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/signer.h"

enum { README_BYTES = 16384, LINE_BYTES = 256 };

struct readme {
    char text[README_BYTES];
    size_t used;
};

static void put(struct readme *readme, const char *format, ...) PRINTF_LIKE(2, 3);
static void put(struct readme *readme, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(readme->text + readme->used, sizeof readme->text - readme->used, format, args);
    va_end(args);
    invariant(length >= 0 && (size_t)length < sizeof readme->text - readme->used);
    readme->used += (size_t)length;
}

static void scope_line(const struct pack_work *work, char ret_line[static LINE_BYTES])
{
    const struct pack_scope *scope = work->request->scope;
    char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES];
    switch (scope->sort) {
    case PACK_BOOK:
        snprintf(ret_line, LINE_BYTES, "the whole book up to the checkpoint");
        return;
    case PACK_EXTENSION:
        snprintf(ret_line, LINE_BYTES, "what came after the first %" PRIu64 " entries", scope->after_size);
        return;
    case PACK_PERIOD:
        date_format(scope->from, from);
        date_format(scope->to, to);
        snprintf(ret_line, LINE_BYTES, "the entries of %s to %s, and what follows", from, to);
        return;
    case PACK_DOCUMENT:
    case PACK_SAMPLE:
        snprintf(ret_line, LINE_BYTES, "%s%zu document%s with what is linked to them, and what follows",
                 scope->sort == PACK_SAMPLE ? "a sample of " : "", scope->document_count,
                 scope->document_count == 1 ? "" : "s");
        return;
    }
    invariant(false);
}

static void head(struct readme *readme, const struct pack_work *work)
{
    const struct pack_maker *maker = work->request->maker;
    char line[LINE_BYTES], root[HASH_HEX_CHARS + 1], print[SSHKEY_FINGERPRINT_CHARS + 1], at[INSTANT_TEXT_BYTES];
    scope_line(work, line);
    hash_to_hex(&work->result.checkpoint.root, root);
    sshkey_fingerprint(&maker->signer->key, print);
    instant_format(maker->at_ms, at);
    put(readme,
        "A bundle of countersign: a ledger of corrections to receivables, or a part of one, with what it takes to "
        "check\n"
        "it where nobody of the company is.\n\n"
        "book        %s\n"
        "checkpoint  %" PRIu64 " entries, root %s\n"
        "            %s\n"
        "scope       %s\n"
        "entries     %" PRIu64 "\n"
        "packed by   %s at %s, countersign %s\n"
        "            key %s\n\n",
        work->book, work->result.checkpoint.size, root, work->origin, line, work->count, maker->by, at, maker->release,
        print);
    put(readme,
        "Ask %s by another way than this folder whether that is the key, and the custodian or a witness whether that\n"
        "is the checkpoint: a folder cannot vouch for itself.\n\n",
        maker->by);
    if (pack_is_part(work))
        put(readme,
            "This is a part of the book. It shows that these entries are in it and who signed them. It does not show\n"
            "that nothing was left out, nor can decisions be made again from it.\n\n");
    if (work->result.absent + work->result.erased + work->result.left_out > 0)
        put(readme,
            "Not all evidence files are here: MANIFEST.json lists under \"missing\" which are not, and why.\n\n");
}

static void by_programs(struct readme *readme, const struct pack_work *work)
{
    put(readme,
        "To check all of it:                countersign-verify .\n"
        "The same in a browser, offline:    open evidence.html\n\n"
        "With programs that everybody has, in this folder:\n\n"
        "1. Every file is what the manifest lists. Nothing is printed when all are.\n\n"
        "    python3 -c 'import json; [print(f[\"sha256\"], \"\", f[\"name\"]) for f in "
        "json.load(open(\"MANIFEST.json\"))[\"files\"]]' | sha256sum --check --quiet\n\n"
        "2. The manifest is signed by the packer's key.\n\n"
        "    ssh-keygen -Y verify -f allowed_signers -I %s -n countersign-bundle -s MANIFEST.json.sig < "
        "MANIFEST.json\n\n",
        work->request->maker->by);
}

/* YYYYMMDDHHMMSSZ, as ssh-keygen takes times. */
static void ssh_time(int64_t ms, char ret_text[static INSTANT_TEXT_BYTES])
{
    char text[INSTANT_TEXT_BYTES];
    size_t used = 0;
    instant_format(ms, text);
    for (const char *at = text; *at != '.'; at++) {
        if (*at >= '0' && *at <= '9')
            ret_text[used++] = *at;
    }
    ret_text[used++] = 'Z';
    ret_text[used] = '\0';
}

static void one_statement(struct readme *readme, const struct entry *entry)
{
    char time[INSTANT_TEXT_BYTES];
    ssh_time(entry->time_ms, time);
    put(readme,
        "3. One statement, that of entry %" PRIu64
        ", is signed by %s with a key that was valid then. Any other is checked the\n"
        "   same way, with its number, its actor and its time.\n\n"
        "    python3 -c 'import json; e = next(e for e in map(json.loads, open(\"entries.jsonl\", encoding=\"utf-8\")) "
        "if "
        "e[\"seq\"] == %" PRIu64 "); print(\"-----BEGIN SSH SIGNATURE-----\", e[\"signatures\"][0], "
        "\"-----END SSH SIGNATURE-----\", sep=\"\\n\")' > /tmp/statement.sig\n\n"
        "    python3 -c 'import json, sys; e = next(e for e in map(json.loads, open(\"entries.jsonl\", "
        "encoding=\"utf-8\")) if "
        "e[\"seq\"] == %" PRIu64 "); sys.stdout.buffer.write(json.dumps(e[\"statement\"], separators=(\",\", \":\"), "
        "sort_keys=True, ensure_ascii=False).encode())' | ssh-keygen -Y verify -f allowed_signers -I %s -n countersign "
        "-O "
        "verify-time=%s -s /tmp/statement.sig\n\n",
        entry->seq, entry->statement.actor, entry->seq, entry->seq, entry->statement.actor, time);
}

static enum status statement_part(struct readme *readme, struct pack_work *work, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct entry entry;
    if (work->shown_seq == UINT64_MAX)
        return STATUS_OK;
    enum status status = journal_read_begin(work->request->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = entry_at(snapshot, work->shown_seq, &entry, err);
    if (status == STATUS_OK) {
        one_statement(readme, &entry);
        entry_done(&entry);
    }
    journal_read_end(snapshot);
    return status;
}

enum status pack_readme(struct pack_work *work, struct err *err)
{
    struct readme readme = {.used = 0};
    head(&readme, work);
    by_programs(&readme, work);
    enum status status = statement_part(&readme, work, err);
    put(&readme,
        "The format of this folder is BUNDLE.md, that of entries FORMAT.md, both in the sources of countersign.\n");
    return status == STATUS_OK ? pack_folder_put(&work->folder, "README.txt", slice_of(readme.text, readme.used), err)
                               : status;
}

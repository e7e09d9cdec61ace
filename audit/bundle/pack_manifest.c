/*
 * MANIFEST.json of a bundle (BUNDLE.md section 2) and its signature. Written piece by piece in its canonical form, since it
 * lists as many things as there are files and entries of a part; what was written is read back as it lies there to be signed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit/bundle/pack_parts.h"
#include "ledger/instant.h"
#include "ledger/signer.h"
#include "ledger/sshsig.h"

enum { PIECE_BYTES = 1024 };

/* The first failure stays, and what follows it is nothing. */
struct text {
    struct pack_file file;
    enum status status;
    struct err *err;
};

static void put(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
static void put(struct text *text, const char *format, ...)
{
    char piece[PIECE_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    invariant(length >= 0 && (size_t)length < sizeof piece);
    if (text->status == STATUS_OK)
        text->status = pack_file_add(&text->file, slice_of(piece, (size_t)length), text->err);
}

/* A string: of our own, or of the book, which has let no control character in. */
static void put_string(struct text *text, const char *string)
{
    put(text, "\"");
    for (const char *at = string; *at != '\0'; at++)
        put(text, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    put(text, "\"");
}

static void put_hash(struct text *text, const struct hash *hash)
{
    char hex[HASH_HEX_CHARS + 1];
    hash_to_hex(hash, hex);
    put(text, "\"%s\"", hex);
}

static void put_entries(struct text *text, const struct pack_work *work)
{
    put(text, ",\"entries\":{\"count\":%" PRIu64, work->count);
    if (work->count > 0)
        put(text, ",\"first\":%" PRIu64 ",\"last\":%" PRIu64, work->first_seq, work->last_seq);
    put(text, "}");
}

static void put_files(struct text *text, const struct pack_work *work)
{
    put(text, ",\"files\":[");
    for (size_t i = 0; i < work->folder.count; i++) {
        const struct pack_listed *file = &work->folder.files[i];
        put(text, "%s{\"bytes\":%" PRIu64 ",\"name\":\"%s\",\"sha256\":", i > 0 ? "," : "", file->bytes, file->name);
        put_hash(text, &file->hash);
        put(text, "}");
    }
    put(text, "]");
}

static void put_made(struct text *text, const struct pack_maker *maker)
{
    char at[INSTANT_TEXT_BYTES], key[PUBLIC_KEY_TEXT_MAX];
    instant_format(maker->at_ms, at);
    sshkey_format(&maker->signer->key, key);
    put(text, ",\"made\":{\"at\":\"%s\",\"by\":", at);
    put_string(text, maker->by);
    put(text, ",\"exe\":\"%s\",\"key\":\"%s\",\"release\":", maker->exe, key);
    put_string(text, maker->release);
    put(text, "}");
}

static void put_missing(struct text *text, const struct pack_work *work)
{
    bool any = false;
    for (size_t i = 0; i < work->evidence.count; i++) {
        const struct pack_evidence_item *item = &work->evidence.items[i];
        char hex[HASH_HEX_CHARS + 1];
        if (item->state == EVIDENCE_THERE)
            continue;
        hash_to_hex(&item->hash, hex);
        put(text, "%s{\"name\":\"evidence/%s\",\"why\":\"%s\"}", any ? "," : ",\"missing\":[", hex,
            pack_evidence_why(item->state));
        any = true;
    }
    if (any)
        put(text, "]");
}

static void put_proof(struct text *text, const struct pack_work *work)
{
    size_t count = 0;
    const struct hash *hashes = tree_multi_hashes(&work->proof, &count);
    put(text, ",\"proof\":[");
    for (size_t i = 0; i < count; i++) {
        put(text, "%s", i > 0 ? "," : "");
        put_hash(text, &hashes[i]);
    }
    put(text, "]");
}

static void put_documents(struct text *text, const struct pack_scope *scope)
{
    put(text, "\"documents\":[");
    for (size_t i = 0; i < scope->document_count; i++) {
        put(text, "%s", i > 0 ? "," : "");
        put_string(text, scope->documents[i]);
    }
    put(text, "]");
}

static void put_scope(struct text *text, const struct pack_work *work)
{
    const struct pack_scope *scope = work->request->scope;
    char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES];
    put(text, ",\"scope\":{");
    switch (scope->sort) {
    case PACK_BOOK:
        break;
    case PACK_EXTENSION:
        put(text, "\"after\":{\"root\":");
        put_hash(text, &work->after_root);
        put(text, ",\"size\":%" PRIu64 "},", scope->after_size);
        break;
    case PACK_PERIOD:
        date_format(scope->from, from);
        put(text, "\"from\":\"%s\",", from);
        break;
    case PACK_DOCUMENT:
        put_documents(text, scope);
        put(text, ",");
        break;
    case PACK_SAMPLE:
        put_documents(text, scope);
        put(text, ",\"seed\":");
        if (scope->seed != NULL)
            put_string(text, scope->seed);
        else
            put(text, "null");
        put(text, ",\"selection\":");
        put_hash(text, &scope->selection);
        put(text, ",");
        break;
    }
    put(text, "\"sort\":\"%s\"", pack_sort_name(scope->sort));
    if (scope->sort == PACK_PERIOD) {
        date_format(scope->to, to);
        put(text, ",\"to\":\"%s\"", to);
    }
    put(text, "}");
}

static void put_why(struct text *text, const struct pack_work *work)
{
    const struct pack_chosen *chosen = &work->chosen;
    if (!pack_is_part(work))
        return;
    put(text, ",\"why\":[");
    for (size_t place = 0; place < chosen->count;) {
        size_t after = pack_chosen_after(chosen, place);
        put(text, "%s{\"seq\":%" PRIu64 ",\"why\":[", place > 0 ? "," : "", chosen->items[place].seq);
        for (size_t i = place; i < after; i++) {
            put(text, "%s", i > place ? "," : "");
            put_string(text, pack_chosen_text(chosen, i));
        }
        put(text, "]}");
        place = after;
    }
    put(text, "]");
}

/* The members in their order. */
static enum status write_manifest(struct pack_work *work, struct err *err)
{
    struct text text = {.err = err};
    text.status = pack_file_begin(&work->folder, "MANIFEST.json", &text.file, err);
    put(&text, "{\"book\":\"%s\",\"bundle\":1,\"checkpoint\":{\"root\":", work->book);
    put_hash(&text, &work->result.checkpoint.root);
    put(&text, ",\"size\":%" PRIu64 "}", work->result.checkpoint.size);
    put_entries(&text, work);
    put_files(&text, work);
    put_made(&text, work->request->maker);
    put_missing(&text, work);
    put(&text, ",\"origin\":");
    put_string(&text, work->origin);
    put_proof(&text, work);
    put_scope(&text, work);
    put_why(&text, work);
    put(&text, "}\n");
    return pack_file_end(&text.file, false, text.status, err);
}

static enum status sign(struct pack_work *work, struct slice bytes, struct err *err)
{
    const struct sshsig_message message = {.purpose = SSHSIG_BUNDLE, .bytes = bytes.bytes, .length = bytes.length};
    uint8_t blob[SSHSIG_BYTES_MAX];
    char armour[SSHSIG_ARMOUR_BYTES_MAX];
    size_t length = 0;
    enum status status = sshsig_sign_message(work->request->maker->signer, &message, blob, &length, err);
    if (status != STATUS_OK)
        return status;
    sshsig_armour(blob, length, armour);
    return pack_folder_put(&work->folder, "MANIFEST.json.sig", slice_of(armour, strlen(armour)), err);
}

static enum status sign_manifest(struct pack_work *work, size_t length, struct err *err)
{
    struct path path;
    enum status status = path_set(&path, err, "%s/MANIFEST.json", work->folder.part.text);
    if (status != STATUS_OK)
        return status;
    int fd = open(path.text, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return durable_fail(errno, path.text, "open", err);
    void *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    status =
        bytes != MAP_FAILED ? sign(work, slice_of(bytes, length), err) : durable_fail(errno, path.text, "read", err);
    if (bytes != MAP_FAILED)
        (void)munmap(bytes, length);
    (void)close(fd);
    return status;
}

enum status pack_manifest(struct pack_work *work, struct err *err)
{
    pack_folder_sort(&work->folder);
    enum status status = write_manifest(work, err);
    if (status == STATUS_OK)
        status = sign_manifest(work, (size_t)work->folder.files[work->folder.count - 1].bytes, err);
    return status;
}

/*
 * Evidence of a document: files are copied beside the journal under their hash before the statement that names them is
 * signed, so that an admitted document never names a file that was not there. File names are personal data: they are kept
 * under a salted hash, or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/book.h"
#include "cli/compose.h"
#include "ledger/beside.h"
#include "ledger/durable.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/text.h"

enum { EVIDENCE_KIND_BYTES = 33 };

/* By the end of the file's name: what a person would open it with. */
static const char *media_of(const char *path)
{
    static const struct {
        const char *end, *media;
    } known[] = {
        {"pdf", "application/pdf"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"tif", "image/tiff"},
        {"tiff", "image/tiff"},
        {"csv", "text/csv"},
        {"txt", "text/plain"},
        {"eml", "message/rfc822"},
        {"html", "text/html"},
        {"xml", "text/xml"},
        {"json", "application/json"},
        {"zip", "application/zip"},
        {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(dot + 1, known[i].end) == 0)
            return known[i].media;
    return "application/octet-stream";
}

static bool has_kind(const json_t *evidence, const char *kind)
{
    for (size_t i = 0; i < json_array_size(evidence); i++)
        if (strcmp(member_text(json_array_get(evidence, i), "kind"), kind) == 0)
            return true;
    return false;
}

/* The first kind that the reason demands and nothing before has given. */
static const char *kind_wanted(const struct compose *compose, const json_t *document, const json_t *evidence)
{
    const struct policy_reason *reason = policy_find_reason(compose->facts->policy, member_text(document, "reason"));
    for (size_t i = 0; reason != NULL && i < reason->evidence_count; i++)
        if (!has_kind(evidence, reason->evidence[i]))
            return reason->evidence[i];
    return reason != NULL && reason->evidence_count > 0 ? reason->evidence[0] : "other";
}

/* KIND: before a path is lower-case letters, digits and '-'. */
static const char *path_of(const char *text, char ret_kind[static EVIDENCE_KIND_BYTES])
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
    ret_kind[0] = '\0';
    if (length == 0 || length >= EVIDENCE_KIND_BYTES || text[length] != ':' || text[length + 1] == '\0')
        return text;
    memcpy(ret_kind, text, length);
    ret_kind[length] = '\0';
    return text + length + 1;
}

/* What evidence_put would answer, without putting anything. */
static enum status look_at(const char *path, struct evidence *ret_evidence, struct err *err)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set(err, STATUS_NOT_FOUND, "%s: cannot be opened", path);
    enum status status = STATUS_OK;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        status = err_set(err, STATUS_INPUT, "%s: not a regular file", path);
    } else if ((uint64_t)about.st_size > EVIDENCE_BYTES_MAX) {
        status = err_set(err, STATUS_LIMIT, "%s: larger than a gigabyte", path);
    } else if (about.st_size == 0) {
        hash_of("", 0, &ret_evidence->hash);
        ret_evidence->bytes = 0;
    } else {
        size_t length = (size_t)about.st_size;
        void *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes == MAP_FAILED) {
            status = err_set(err, STATUS_IO, "%s: cannot be read: %s", path, strerror(errno));
        } else {
            hash_of(bytes, length, &ret_evidence->hash);
            ret_evidence->bytes = length;
            (void)munmap(bytes, length);
        }
    }
    (void)close(fd);
    return status;
}

static enum status keep_name(struct compose *compose, const char *path, json_t *one, struct err *err)
{
    uint8_t salt[PERSONAL_SALT_BYTES];
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (compose->random == NULL || !compose->keep_evidence || text_check(name, strlen(name), NULL) != STATUS_OK)
        return STATUS_OK;
    random_fill(compose->random, salt, sizeof salt);
    enum status status = book_personal_put(compose->book, salt, slice_of(name, strlen(name)), &hash, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&hash, hex);
    return json_object_set_new(one, "name", json_string(hex)) == 0 ? STATUS_OK
                                                                   : err_set(err, STATUS_MEMORY, "no memory");
}

/* Keeps or looks at a file, each once while a batch lasts. */
static enum status take_file(struct compose *compose, const char *path, struct evidence *ret_evidence, struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    const json_t *before = compose->known != NULL ? json_object_get(compose->known, path) : NULL;
    if (before != NULL) {
        ret_evidence->bytes = (uint64_t)member_integer(before, "bytes");
        return hash_from_hex(member_text(before, "sha256"), &ret_evidence->hash);
    }
    enum status status = compose->keep_evidence ? book_evidence_put(compose->book, path, ret_evidence, err)
                                                : look_at(path, ret_evidence, err);
    if (status != STATUS_OK || compose->known == NULL)
        return status;
    hash_to_hex(&ret_evidence->hash, hex);
    /* A name that is no UTF-8 is not remembered, and read again. */
    (void)json_object_set_new(compose->known, path,
                              json_pack("{s:I, s:s}", "bytes", (json_int_t)ret_evidence->bytes, "sha256", hex));
    return STATUS_OK;
}

static enum status add_file(struct compose *compose, const json_t *document, const char *text, json_t *list,
                            struct err *err)
{
    char kind[EVIDENCE_KIND_BYTES], hex[HASH_HEX_CHARS + 1];
    struct path path;
    struct evidence evidence;
    const char *file = path_of(text, kind);
    bool relative = compose->base_dir != NULL && file[0] != '/';
    enum status status = path_set(&path, err, "%s%s%s", relative ? compose->base_dir : "", relative ? "/" : "", file);
    if (status != STATUS_OK)
        return status;
    status = take_file(compose, path.text, &evidence, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&evidence.hash, hex);
    json_t *one = json_pack("{s:I, s:s, s:s, s:s}", "bytes", (json_int_t)evidence.bytes, "kind",
                            kind[0] != '\0' ? kind : kind_wanted(compose, document, list), "media", media_of(file),
                            "sha256", hex);
    if (one == NULL || json_array_append(list, one) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory for evidence");
    else
        status = keep_name(compose, file, one, err);
    json_decref(one);
    return status;
}

enum status compose_evidence(struct compose *compose, json_t *document, struct err *err)
{
    if (compose->evidence.count == 0)
        return STATUS_OK;
    json_t *list = json_object_get(document, "evidence");
    list = list != NULL ? json_incref(list) : json_array();
    enum status status = list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for evidence");
    if (status == STATUS_OK && compose->evidence.count + json_array_size(list) > EVIDENCE_MAX)
        status = err_set(err, STATUS_LIMIT, "at most %d files in one document", EVIDENCE_MAX);
    for (size_t i = 0; status == STATUS_OK && i < compose->evidence.count; i++)
        status = add_file(compose, document, compose->evidence.items[i], list, err);
    if (status == STATUS_OK)
        json_object_set(document, "evidence", list);
    json_decref(list);
    return status;
}

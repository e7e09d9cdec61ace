/*
 * evidence.html of a bundle (BUNDLE.md section 5): the template as it is, byte for byte, and one element of data filled in.
 * Guarantees that the program in the page is the same in every bundle of a release.
 */
#include "audit/bundle/pack_page.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "audit/bundle/pack_parts.h"
#include "audit/embed.h"
#include "ledger/base64.h"

#define ELEMENT "<script type=\"application/json\" id=\"bundle\">"

enum { PIECE_BYTES = 3 * 4096 }; /* a multiple of three: base64 of the pieces is that of the whole */

static enum status add_text(struct pack_file *page, const char *text, struct err *err)
{
    return pack_file_add(page, slice_of(text, strlen(text)), err);
}

static enum status read_full(int fd, const char *path, uint8_t *bytes, size_t *ret_length, struct err *err)
{
    size_t used = 0;
    while (used < PIECE_BYTES) {
        ssize_t got = read(fd, bytes + used, PIECE_BYTES - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return durable_fail(errno, path, "read", err);
        if (got == 0)
            break;
        used += (size_t)got;
    }
    *ret_length = used;
    return STATUS_OK;
}

static enum status add_base64(struct pack_file *page, const char *path, struct err *err)
{
    uint8_t bytes[PIECE_BYTES];
    char text[BASE64_CHARS(PIECE_BYTES) + 1];
    size_t length = PIECE_BYTES;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return durable_fail(errno, path, "open", err);
    enum status status = STATUS_OK;
    while (status == STATUS_OK && length == PIECE_BYTES) {
        status = read_full(fd, path, bytes, &length, err);
        if (status == STATUS_OK)
            status = base64_encode(bytes, length, text, sizeof text, err);
        if (status == STATUS_OK)
            status = add_text(page, text, err);
    }
    (void)close(fd);
    return status;
}

/* Names are our own, and neither they nor base64 have anything to escape. */
static enum status add_files(struct pack_file *page, struct err *err)
{
    const struct pack_folder *folder = page->folder;
    enum status status = add_text(page, "{\"files\":{", err);
    for (size_t i = 0; status == STATUS_OK && i < folder->count; i++) {
        struct path path;
        status = path_set(&path, err, "%s/%s", folder->part.text, folder->files[i].name);
        if (status == STATUS_OK)
            status = add_text(page, i > 0 ? ",\"" : "\"", err);
        if (status == STATUS_OK)
            status = add_text(page, folder->files[i].name, err);
        if (status == STATUS_OK)
            status = add_text(page, "\":\"", err);
        if (status == STATUS_OK)
            status = add_base64(page, path.text, err);
        if (status == STATUS_OK)
            status = add_text(page, "\"", err);
    }
    return status == STATUS_OK ? add_text(page, "}}", err) : status;
}

enum status pack_page_write(struct pack_folder *folder, struct slice template, uint64_t carried_max, struct err *err)
{
    struct pack_file page;
    const uint8_t *element = memmem(template.bytes, template.length, ELEMENT, sizeof ELEMENT - 1);
    uint64_t bytes = 0;
    if (element == NULL)
        return err_set(err, STATUS_INPUT, "evidence.html: the template has no element for the bundle");
    const size_t before = (size_t)(element - template.bytes) + sizeof ELEMENT - 1;
    for (size_t i = 0; i < folder->count; i++)
        bytes += folder->files[i].bytes;
    enum status status = pack_file_begin(folder, "evidence.html", &page, err);
    if (status == STATUS_OK)
        status = pack_file_add(&page, slice_of(template.bytes, before), err);
    if (status == STATUS_OK && bytes <= carried_max)
        status = add_files(&page, err);
    if (status == STATUS_OK)
        status = pack_file_add(&page, slice_of(template.bytes + before, template.length - before), err);
    return pack_file_end(&page, false, status, err);
}

enum status pack_page(struct pack_work *work, struct err *err)
{
    return pack_page_write(&work->folder, embed_evidence_html(), PACK_PAGE_BYTES_MAX, err);
}

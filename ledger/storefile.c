/*
 * The head of an LMDB 0.9 data file, read with bounds and no trust. It begins with two meta pages; each holds, behind a
 * 16-byte page header, the description of a whole state of the file, and the one with the greater transaction number is
 * the newest. What is checked is what LMDB takes for granted: kind, version, page size, roots inside the file, and that
 * the file is as long as its newest state needs. Numbers are in the byte order of the machine that wrote them, so a file
 * from another kind of machine fails on its magic number.
 *
 * That a state's last page is always written holds for a store whose commit extends the file to its recorded end
 * (store_lmdb.c does, after a commit); a process killed between the two would leave an unsynced store that is reported as
 * truncated here, and is rebuilt. The journal deletes nothing and keeps no value that it overwrites on pages of its own,
 * so there the last page is always written by the commit itself.
 */
#include "ledger/storefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ledger/durable.h"
#include "ledger/store.h"

enum {
    META_PAGES = 2,
    META_BYTES = 152,   /* page header and meta, to the end of the transaction number */
    AT_PAGE_FLAGS = 10, /* offsets of the fields from the start of the page */
    AT_MAGIC = 16,
    AT_VERSION = 20,
    AT_MAP_BYTES = 32,
    AT_TREES = 40, /* two descriptions of a tree: free pages, and the main one */
    AT_LAST_PAGE = 136,
    AT_TXN = 144,
    TREE_BYTES = 48,
    AT_TREE_PAGE_BYTES = 0, /* offsets within the description of a tree; the first field is the page size, */
    AT_TREE_FLAGS = 4,      /* in that of the free pages only */
    AT_TREE_DEPTH = 6,
    AT_TREE_ROOT = 40,
    PAGE_IS_META = 0x08,
    FREE_TREE_FLAGS = 0x08, /* its keys are numbers; the file's own flags stand here too, and it has none */
    MAIN_TREE_FLAGS = 0,
    FORMAT_VERSION = 1,
    FORMAT_VERSION_NEXT = 2, /* LMDB 1.0; and while it was being made */
    FORMAT_VERSION_DRAFT = 999,
    DEPTH_MAX = 32, /* LMDB's own stack of pages */
    PAGE_BYTES_MIN = 512,
    PAGE_BYTES_MAX = 65536,
    TRIES = 3 /* a reading that crosses another process's commit is repeated */
};

#define MAGIC   0xBEEFC0DEu
#define NO_PAGE UINT64_MAX

struct meta {
    uint8_t page[META_BYTES];
    uint64_t page_bytes;
    uint64_t last_page;
    uint64_t txn;
};

static uint16_t read_u16(const uint8_t *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint32_t read_u32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint64_t read_u64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static bool tree_is_possible(const uint8_t *tree, uint64_t last_page)
{
    uint64_t root = read_u64(tree + AT_TREE_ROOT);
    uint16_t depth = read_u16(tree + AT_TREE_DEPTH);
    if (root == NO_PAGE)
        return depth == 0;
    return root >= META_PAGES && root <= last_page && depth > 0 && depth <= DEPTH_MAX;
}

/* Decodes one meta page; the text says what is wrong with it, NULL when nothing is. */
static const char *meta_decode(struct meta *meta)
{
    const uint8_t *page = meta->page;
    meta->page_bytes = read_u32(page + AT_TREES + AT_TREE_PAGE_BYTES);
    meta->last_page = read_u64(page + AT_LAST_PAGE);
    meta->txn = read_u64(page + AT_TXN);
    if ((read_u16(page + AT_PAGE_FLAGS) & PAGE_IS_META) == 0 || read_u32(page + AT_MAGIC) != MAGIC)
        return "is not a countersign store";
    if (read_u32(page + AT_VERSION) != FORMAT_VERSION)
        return "is damaged: LMDB has no such version of its format";
    if (meta->page_bytes < PAGE_BYTES_MIN || meta->page_bytes > PAGE_BYTES_MAX ||
        (meta->page_bytes & (meta->page_bytes - 1)) != 0)
        return "is damaged: its page size is impossible";
    return NULL;
}

/*
 * What must hold of the newest state only: the write of a head can be cut short, and since its transaction number comes
 * last it is then still the older one, which nobody reads before it is written again.
 */
static const char *newest_check(const struct meta *meta)
{
    const uint8_t *trees = meta->page + AT_TREES;
    if (read_u64(meta->page + AT_MAP_BYTES) > STORE_MAP_BYTES_MAX)
        return "is damaged: its map size is impossible";
    if (read_u16(trees + AT_TREE_FLAGS) != FREE_TREE_FLAGS ||
        read_u16(trees + TREE_BYTES + AT_TREE_FLAGS) != MAIN_TREE_FLAGS)
        return "is damaged: its flags are impossible";
    if (meta->last_page < META_PAGES - 1 || meta->last_page > STORE_MAP_BYTES_MAX / meta->page_bytes)
        return "is damaged: its number of pages is impossible";
    if (!tree_is_possible(trees, meta->last_page) || !tree_is_possible(trees + TREE_BYTES, meta->last_page))
        return "is damaged: the root of a tree lies outside the file";
    return NULL;
}

/*
 * Each commit writes over the older head, and a file begins with two heads of none. Where one head is of another time, the older
 * one would pass for the newest, without its last commit. That the newest bears the number of the state before the older shows
 * nothing: LMDB leaves a head so whose write failed, and then the commit did.
 */
static bool follows(const struct meta *first, const struct meta *second)
{
    if (first->txn == 0 && second->txn == 0)
        return true;
    return (first->txn & 1) == 0 && (first->txn + 1 == second->txn || second->txn + 1 == first->txn);
}

static enum status meta_read(int fd, const char *path, uint64_t at, struct meta *ret_meta, struct err *err)
{
    const uint8_t *page = ret_meta->page;
    ssize_t got = pread(fd, ret_meta->page, sizeof ret_meta->page, (off_t)at);
    if (got < 0)
        return durable_fail(errno, path, "read", err);
    if (got < META_BYTES)
        return err_set(err, STATUS_CORRUPT, "%s: is not a countersign store, or is truncated", path);
    const uint32_t version = read_u32(page + AT_VERSION);
    if (read_u32(page + AT_MAGIC) == MAGIC && (version == FORMAT_VERSION_NEXT || version == FORMAT_VERSION_DRAFT))
        return err_set(err, STATUS_INPUT,
                       "%s: was made by another version of LMDB: open it with the release that "
                       "made it",
                       path);
    const char *wrong = meta_decode(ret_meta);
    if (wrong != NULL)
        return err_set(err, STATUS_CORRUPT, "%s: %s", path, wrong);
    return STATUS_OK;
}

static enum status check_open_file(int fd, const char *path, uint64_t *ret_bytes, struct err *err)
{
    struct stat facts;
    struct meta first = {0}, second = {0};
    if (fstat(fd, &facts) != 0)
        return durable_fail(errno, path, "look at", err);
    if (!S_ISREG(facts.st_mode))
        return err_set(err, STATUS_CORRUPT, "%s: is not a regular file", path);
    if (facts.st_size == 0) {
        *ret_bytes = 0;
        return STATUS_OK;
    }
    enum status status = meta_read(fd, path, 0, &first, err);
    if (status == STATUS_OK)
        status = meta_read(fd, path, first.page_bytes, &second, err);
    if (status != STATUS_OK)
        return status;
    if (first.page_bytes != second.page_bytes)
        return err_set(err, STATUS_CORRUPT, "%s: is damaged: its heads disagree", path);
    const struct meta *newest = second.txn > first.txn ? &second : &first;
    const char *wrong =
        follows(&first, &second) ? newest_check(newest) : "is damaged: its heads are of no two states in a row";
    if (wrong != NULL)
        return err_set(err, STATUS_CORRUPT, "%s: %s", path, wrong);
    uint64_t needed = (newest->last_page + 1) * newest->page_bytes;
    if (fstat(fd, &facts) != 0)
        return durable_fail(errno, path, "look at", err);
    if ((uint64_t)facts.st_size < needed)
        return err_set(err, STATUS_CORRUPT,
                       "%s: is truncated: it has %lld bytes where its last commit wrote up to %llu", path,
                       (long long)facts.st_size, (unsigned long long)needed);
    *ret_bytes = (uint64_t)facts.st_size;
    return STATUS_OK;
}

enum status storefile_check(const char *path, uint64_t *ret_bytes, struct err *err)
{
    enum status status = STATUS_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return durable_fail(errno, path, "open", err);
    for (int left = TRIES; left > 0; left--) {
        status = check_open_file(fd, path, ret_bytes, err);
        if (status != STATUS_CORRUPT)
            break;
        const struct timespec pause = {.tv_nsec = 1000000};
        nanosleep(&pause, NULL);
    }
    close(fd);
    return status;
}

/*
 * Reading the journal. Guarantees that what it lends lies within the stored value and that entries, tree and head agree
 * in number; whether bytes are those that were hashed is checked by journal_entry_checked, and over the whole by the
 * audit floor. Layout: journal_layout.h, the same as in FORMAT.md.
 */
#include "ledger/journal.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "ledger/journal_layout.h"
#include "ledger/limits.h"
#include "ledger/tree.h"

enum { FORMAT_DIGITS_MAX = 4 };

static_assert((int)JOURNAL_LEVELS_MAX < (int)TREE_LEVELS, "every level of a journal is a level of the tree");

/* Locks and a shared map do not work across hosts. */
static enum status check_file_system(const char *book_dir, struct err *err)
{
    static const unsigned long network[] = {0x6969,     0x517B,     0xFF534D42, 0xFE534D42,
                                            0x5346414F, 0x00C36400, 0x73757245, 0x01021997};
    struct statfs facts;
    if (statfs(book_dir, &facts) != 0)
        return durable_fail(errno, book_dir, "look at file system", err);
    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++)
        if ((unsigned long)facts.f_type == network[i])
            return err_set(err, STATUS_IO,
                           "%s: lies on a network file system, where locks do not hold: use a local one, and "
                           "`countersign serve` for other hosts",
                           book_dir);
    return STATUS_OK;
}

/* No book at book_dir: names the remains of a birth that was killed, if there are any. */
static enum status no_book(const char *book_dir, struct err *err)
{
    struct path pattern;
    glob_t found = {0};
    enum status status = path_set(&pattern, err, "%s.new-*", book_dir);
    if (status != STATUS_OK)
        return status;
    if (glob(pattern.text, GLOB_NOSORT, NULL, &found) == 0)
        status = err_set(err, STATUS_NOT_FOUND,
                         "%s: there is no book; %s is left of a birth that did not finish, and can be removed",
                         book_dir, found.gl_pathv[0]);
    else
        status =
            err_set(err, STATUS_NOT_FOUND, "%s: there is no book: name its directory, or make one with init", book_dir);
    globfree(&found);
    return status;
}

static enum status check_directory(const char *book_dir, struct err *err)
{
    struct path path;
    struct stat facts;
    enum status status = path_set(&path, err, "%s/journal", book_dir);
    if (status != STATUS_OK)
        return status;
    if (stat(book_dir, &facts) != 0 && errno == ENOENT)
        return no_book(book_dir, err);
    if (stat(book_dir, &facts) == 0 && !S_ISDIR(facts.st_mode))
        return err_set(err, STATUS_INPUT,
                       "%s: is no directory, and a book is one: name the book's directory, or a server as unix:PATH",
                       book_dir);
    if (stat(path.text, &facts) != 0 && errno == ENOENT)
        return err_set(err, STATUS_NOT_FOUND,
                       "%s: there is no book in this directory, it has no journal: name the book's own directory",
                       book_dir);
    return STATUS_OK;
}

/* A later format is a longer or another number; what is none was never written by a release. */
static bool is_a_format(struct slice format)
{
    bool digits = format.length > 0 && format.length <= FORMAT_DIGITS_MAX;
    for (size_t i = 0; digits && i < format.length; i++)
        digits = format.bytes[i] >= '0' && format.bytes[i] <= '9';
    return digits;
}

/* Format and head, which also remembers where the next writer must go on. */
static enum status check_content(struct journal *journal, bool unchecked, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct slice format = {0};
    struct journal_head head = {0};
    enum status status = journal_read_begin(journal, &snapshot, err);
    if (status == STATUS_OK)
        status = journal_meta_get(snapshot, "format", &format, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_CORRUPT, "%s: its journal does not name its format", journal->dir.text);
    if (status == STATUS_OK && !is_a_format(format))
        status = err_set(err, STATUS_CORRUPT, "%s: what its journal names as its format is damaged", journal->dir.text);
    if (status == STATUS_OK && (format.length != 1 || format.bytes[0] != '0' + JOURNAL_FORMAT))
        status = err_set(err, STATUS_INPUT,
                         "%s: its journal has the format '%.*s', this program knows %d: use another release",
                         journal->dir.text, (int)format.length, (const char *)format.bytes, JOURNAL_FORMAT);
    if (status == STATUS_OK && !unchecked)
        status = journal_head(snapshot, &head, err);
    journal_read_end(snapshot);
    if (status == STATUS_OK) {
        journal->seen_size = head.size;
        journal->seen_leaf = head.leaf;
    }
    return status;
}

enum status journal_open(const char *book_dir, const struct journal_options *options, struct journal **ret_journal,
                         struct err *err)
{
    static const struct journal_options usual = {.read_only = false};
    if (options == NULL)
        options = &usual;
    const struct store_options store_options = {.names = journal_table_names,
                                                .count = JOURNAL_TABLES,
                                                .map_bytes = options->map_bytes,
                                                .look = options->unchecked ? STORE_LOOK_NEVER
                                                        : options->whole   ? STORE_LOOK_WHOLE
                                                                           : STORE_LOOK_USUAL,
                                                .read_only = options->read_only};
    struct journal *journal = NULL;
    enum status status = check_directory(book_dir, err);
    if (status == STATUS_OK)
        status = check_file_system(book_dir, err);
    if (status == STATUS_OK)
        status = journal_layout_open(book_dir, &store_options, &journal, err);
    if (status == STATUS_OK)
        status = check_content(journal, options->unchecked, err);
    if (status != STATUS_OK) {
        journal_close(journal);
        return status;
    }
    *ret_journal = journal;
    return STATUS_OK;
}

enum status journal_open_remote(const struct store_remote *remote, struct journal **ret_journal, struct err *err)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", remote->name);
    journal->remote = true;
    enum status status = path_set(&journal->dir, err, "%s", remote->name);
    if (status == STATUS_OK)
        status = store_open_remote(remote, journal_table_names, JOURNAL_TABLES, &journal->store, err);
    if (status == STATUS_OK)
        status = check_content(journal, false, err);
    if (status == STATUS_OK)
        *ret_journal = journal;
    else
        journal_close(journal);
    return status;
}

void journal_close(struct journal *journal)
{
    journal_layout_close(journal);
}

bool journal_is_remote(const struct journal_snapshot *snapshot)
{
    return snapshot->journal->remote;
}

enum status journal_look_at(struct journal *journal, struct err *err)
{
    return store_look_at(journal->store, err);
}

const char *journal_store_version(void)
{
    return store_library_version();
}

uint64_t journal_map_bytes(const struct journal *journal)
{
    return store_map_bytes(journal->store);
}

enum status journal_read_begin(struct journal *journal, struct journal_snapshot **ret_snapshot, struct err *err)
{
    struct journal_snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", journal->dir.text);
    snapshot->journal = journal;
    enum status status = store_read_begin(journal->store, &snapshot->txn, err);
    if (status != STATUS_OK) {
        free(snapshot);
        return status;
    }
    *ret_snapshot = snapshot;
    return STATUS_OK;
}

void journal_read_end(struct journal_snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    store_abort(snapshot->txn);
    free(snapshot);
}

struct store_txn *journal_store(struct journal_snapshot *snapshot)
{
    return snapshot->txn;
}

enum status journal_head(struct journal_snapshot *snapshot, struct journal_head *ret_head, struct err *err)
{
    const char *dir = snapshot->journal->dir.text;
    struct journal_head head = {0};
    uint64_t nodes = 0;
    const char *bytes = NULL;
    size_t length = 0;
    enum status status = store_count(snapshot->txn, JOURNAL_ENTRIES, &head.size, err);
    if (status == STATUS_OK)
        status = store_count(snapshot->txn, JOURNAL_NODES, &nodes, err);
    if (status != STATUS_OK)
        return status;
    if (head.size != nodes)
        return err_set(err, STATUS_CORRUPT, "%s: has %llu entries but %llu leaves in its tree", dir,
                       (unsigned long long)head.size, (unsigned long long)nodes);
    if (head.size > 0)
        status = journal_node(snapshot, 0, head.size - 1, &head.leaf, err);
    if (status == STATUS_OK && head.size > 0 && !snapshot->journal->remote)
        status = journal_entry(snapshot, head.size - 1, &bytes, &length, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "%s: has %llu entries, but seq %llu is missing", dir,
                       (unsigned long long)head.size, (unsigned long long)(head.size - 1));
    if (status == STATUS_OK)
        *ret_head = head;
    return status;
}

enum status journal_entry(struct journal_snapshot *snapshot, uint64_t seq, const char **ret_bytes, size_t *ret_length,
                          struct err *err)
{
    struct journal_key key = journal_key_of(seq);
    struct slice value;
    enum status status = store_get(snapshot->txn, JOURNAL_ENTRIES, slice_of(key.bytes, sizeof key.bytes), &value, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_NOT_FOUND, "%s: there is no entry %llu", snapshot->journal->dir.text,
                       (unsigned long long)seq);
    if (status != STATUS_OK)
        return status;
    if (value.length == 0 || value.length > ENTRY_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "%s: seq %llu: has the impossible length %zu", snapshot->journal->dir.text,
                       (unsigned long long)seq, value.length);
    *ret_bytes = (const char *)value.bytes;
    *ret_length = value.length;
    return STATUS_OK;
}

enum status journal_entry_checked(struct journal_snapshot *snapshot, uint64_t seq, const char **ret_bytes,
                                  size_t *ret_length, struct err *err)
{
    const char *bytes = NULL;
    size_t length = 0;
    struct hash stored, actual;
    enum status status = journal_entry(snapshot, seq, &bytes, &length, err);
    if (status == STATUS_OK)
        status = journal_node(snapshot, 0, seq, &stored, err);
    if (status != STATUS_OK)
        return status;
    tree_leaf(bytes, length, &actual);
    if (!hash_equal(&stored, &actual))
        return err_set(err, STATUS_CORRUPT, "%s: seq %llu: its bytes are not those that were hashed",
                       snapshot->journal->dir.text, (unsigned long long)seq);
    *ret_bytes = bytes;
    *ret_length = length;
    return STATUS_OK;
}

/* A run of what was lent. */
struct span {
    const uint8_t *low, *high; /* NULL: nothing */
    size_t lent;
};

struct journal_walk {
    struct store_cursor *cursor;
    struct journal_key from;
    const char *dir;
    bool begun;
    const struct store_txn *txn;
    struct span now, before; /* lent since pages were last given back, and before that */
};

enum status journal_walk_begin(struct journal_snapshot *snapshot, uint64_t from_seq, struct journal_walk **ret_walk,
                               struct err *err)
{
    struct journal_walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", snapshot->journal->dir.text);
    walk->from = journal_key_of(from_seq);
    walk->dir = snapshot->journal->dir.text;
    walk->txn = snapshot->txn;
    enum status status = store_cursor_open(snapshot->txn, JOURNAL_ENTRIES, &walk->cursor, err);
    if (status != STATUS_OK) {
        free(walk);
        return status;
    }
    *ret_walk = walk;
    return STATUS_OK;
}

/*
 * A walk reads a file that may be larger than memory, and looks at nothing twice. Entries lie nearly in order, the tree's hashes
 * between them; what is far from that (a file's beginning that was used again) is left alone. What was lent last is still being
 * read by somebody, who would only have it mapped again: it is given back with the next run.
 */
static void walk_lent(struct journal_walk *walk, struct slice bytes)
{
    enum { GIVE_BACK_BYTES = 8 << 20, SPREAD = 4 };
    const uint8_t *end = bytes.bytes + bytes.length;
    struct span *now = &walk->now;
    now->low = now->low == NULL || bytes.bytes < now->low ? bytes.bytes : now->low;
    now->high = now->high == NULL || end > now->high ? end : now->high;
    now->lent += bytes.length;
    if (now->lent < GIVE_BACK_BYTES)
        return;
    size_t span = (size_t)(walk->before.high - walk->before.low);
    if (walk->before.low != NULL && span / SPREAD <= walk->before.lent)
        store_forget(walk->txn, slice_of(walk->before.low, span));
    walk->before = *now;
    *now = (struct span){.low = NULL};
}

enum status journal_walk_next(struct journal_walk *walk, uint64_t *ret_seq, struct slice *ret_bytes, struct err *err)
{
    struct store_record record = {.key = slice_of(walk->from.bytes, sizeof walk->from.bytes)};
    enum status status = store_cursor_move(walk->cursor, walk->begun ? STORE_NEXT : STORE_AT_OR_AFTER, &record, err);
    if (status != STATUS_OK)
        return status;
    walk->begun = true;
    if (record.key.length != JOURNAL_NUMBER_BYTES)
        return err_set(err, STATUS_CORRUPT, "%s: an entry lies under a key that is no number", walk->dir);
    *ret_seq = journal_number_of(record.key.bytes);
    *ret_bytes = record.value;
    walk_lent(walk, record.value);
    return STATUS_OK;
}

void journal_walk_end(struct journal_walk *walk)
{
    if (walk == NULL)
        return;
    store_cursor_close(walk->cursor);
    free(walk);
}

static size_t levels_completed_by(uint64_t seq)
{
    size_t levels = 1;
    for (; (seq & 1) != 0 && levels <= JOURNAL_LEVELS_MAX; seq >>= 1)
        levels++;
    return levels;
}

enum status journal_node(struct journal_snapshot *snapshot, unsigned level, uint64_t index, struct hash *ret_hash,
                         struct err *err)
{
    if (level > JOURNAL_LEVELS_MAX - 1 || index >= (TREE_SIZE_MAX >> level))
        return err_set(err, STATUS_NOT_FOUND, "%s: there is no node %llu on level %u", snapshot->journal->dir.text,
                       (unsigned long long)index, level);
    uint64_t seq = ((index + 1) << level) - 1;
    struct journal_key key = journal_key_of(seq);
    struct slice value;
    enum status status = store_get(snapshot->txn, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes), &value, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_NOT_FOUND, "%s: node %llu on level %u is not complete", snapshot->journal->dir.text,
                       (unsigned long long)index, level);
    if (status != STATUS_OK)
        return status;
    if (value.length != levels_completed_by(seq) * HASH_BYTES)
        return err_set(err, STATUS_CORRUPT, "%s: seq %llu: its hashes have the impossible length %zu",
                       snapshot->journal->dir.text, (unsigned long long)seq, value.length);
    memcpy(ret_hash->bytes, value.bytes + (size_t)level * HASH_BYTES, HASH_BYTES);
    return STATUS_OK;
}

static enum status reader_node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    return journal_node(context, level, index, ret_hash, err);
}

struct tree_reader journal_tree(struct journal_snapshot *snapshot)
{
    return (struct tree_reader){.node = reader_node, .context = snapshot};
}

enum status journal_meta_get(struct journal_snapshot *snapshot, const char *name, struct slice *ret_value,
                             struct err *err)
{
    return store_get(snapshot->txn, JOURNAL_META, slice_of(name, strlen(name)), ret_value, err);
}

enum status journal_checkpoint_count(struct journal_snapshot *snapshot, uint64_t *ret_count, struct err *err)
{
    return store_count(snapshot->txn, JOURNAL_CHECKPOINTS, ret_count, err);
}

enum status journal_checkpoint(struct journal_snapshot *snapshot, uint64_t number,
                               struct journal_checkpoint *ret_checkpoint, struct err *err)
{
    struct journal_key key = journal_key_of(number);
    struct slice value;
    enum status status =
        store_get(snapshot->txn, JOURNAL_CHECKPOINTS, slice_of(key.bytes, sizeof key.bytes), &value, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_NOT_FOUND, "%s: there is no checkpoint %llu", snapshot->journal->dir.text,
                       (unsigned long long)number);
    if (status != STATUS_OK)
        return status;
    if (value.length <= JOURNAL_CHECKPOINT_HEAD_BYTES ||
        value.length > JOURNAL_CHECKPOINT_HEAD_BYTES + JOURNAL_NOTE_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "%s: checkpoint %llu has the impossible length %zu",
                       snapshot->journal->dir.text, (unsigned long long)number, value.length);
    ret_checkpoint->size = journal_number_of(value.bytes);
    memcpy(ret_checkpoint->root.bytes, value.bytes + JOURNAL_NUMBER_BYTES, HASH_BYTES);
    ret_checkpoint->note =
        slice_of(value.bytes + JOURNAL_CHECKPOINT_HEAD_BYTES, value.length - JOURNAL_CHECKPOINT_HEAD_BYTES);
    return STATUS_OK;
}

/*
 * countersign init: makes a book from a charter that all founding officers have signed.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/block.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/program.h"
#include "cli/receipts.h"
#include "cli/statement_file.h"
#include "controls/birth.h"
#include "ledger/beside.h"
#include "ledger/durable.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

/* The salt of FILE.salt, which has to be the one that the charter names. */
static enum status read_salt(const char *charter_path, const struct statement *charter,
                             uint8_t ret_salt[static PERSONAL_SALT_BYTES], struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    struct path path;
    struct hash hash;
    size_t length = 0;
    enum status status = path_set(&path, err, "%s.salt", charter_path);
    if (status == STATUS_OK)
        status = newfile_read(path.text, false, ret_salt, PERSONAL_SALT_BYTES, &length, err);
    if (status != STATUS_OK)
        return status;
    hash_of(ret_salt, length, &hash);
    hash_to_hex(&hash, hex);
    const char *named = member_text(charter->body, "salt");
    if (length != PERSONAL_SALT_BYTES || named == NULL || strcmp(hex, named) != 0)
        return err_set(err, STATUS_INPUT, "%s is not the salt that the charter names", path.text);
    return STATUS_OK;
}

static int say(struct cli *cli, const char *dir, const struct statement *charter, const struct hash *leaf)
{
    char id[HASH_HEX_CHARS + 1], hex[HASH_HEX_CHARS + 1], hash[HASH_SHOWN_BYTES];
    struct err err = {0};
    hash_to_hex(&charter->hash, id);
    hash_to_hex(leaf, hex);
    if (cli->json)
        return out_json(cli, json_pack("{s:s, s:s, s:s, s:i}", "book", id, "directory", dir, "hash", hex, "seq", 0));
    present_hash(hex, hash);
    struct block *block = block_new(cli);
    block_head(block, STYLE_GOOD, member_text(charter->body, "name"), "founded in %s", dir);
    block_line(block, "book id", "%s", id);
    block_line(block, "entry 0", "%s   the charter", hash);
    block_line(block, "note", "%sembedded: whoever holds the files could go round the controls",
               member_integer(charter->body, "engine") == ENGINE_DRAFT ? "engine 0 is a draft; " : "");
    if (strcmp(member_text(charter->body, "clock"), "simulated") == 0)
        block_line(block, "SIMULATED", "the clock of this book is what statements say");
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

struct charter_file {
    struct statement *statement;
    struct signature_list *signatures;
    uint8_t salt[PERSONAL_SALT_BYTES];
};

static enum status found(struct cli *cli, const char *dir, const struct charter_file *charter, struct hash *ret_leaf,
                         struct err *err)
{
    struct program program;
    struct hash book;
    uint64_t nonce = 0;
    random_fill(&cli->random, &nonce, sizeof nonce);
    enum status status = program_identify(&program, true, err);
    if (status != STATUS_OK)
        return status;
    const struct book_birth birth = {.book_dir = dir,
                                     .facts = &program.facts,
                                     .now_ms = cli->now_ms(cli->clock_context),
                                     .nonce = nonce,
                                     .salt = charter->salt};
    return book_create(&birth, slice_of(charter->statement->bytes, charter->statement->length), charter->signatures,
                       &book, ret_leaf, err);
}

static enum status init(struct cli *cli, const char *path, const char *dir, struct charter_file *charter,
                        struct hash *ret_leaf, struct err *err)
{
    enum status status = statement_file_read(path, charter->statement, charter->signatures, err);
    if (status == STATUS_OK && charter->statement->verb != VERB_CHARTER)
        status = err_set(err, STATUS_INPUT, "%s is no charter: countersign submit %s", path, path);
    if (status == STATUS_OK)
        status = read_salt(path, charter->statement, charter->salt, err);
    return status == STATUS_OK ? found(cli, dir, charter, ret_leaf, err) : status;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *dir = cli_book(cli, options);
    struct statement charter = {.bytes = NULL};
    struct signature_list *signatures = calloc(1, sizeof *signatures);
    struct charter_file file = {.statement = &charter, .signatures = signatures};
    struct hash leaf;
    struct err err = {0};
    int answered = EXIT_DONE;
    enum status status = signatures != NULL ? STATUS_OK : err_set(&err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK && dir == NULL)
        status = err_set(&err, STATUS_INPUT, "where? give --book DIR");
    if (status == STATUS_OK && book_is_remote(dir))
        status = err_set(&err, STATUS_INPUT, "%s: a book is begun where its files lie; name the directory", dir);
    if (status == STATUS_OK)
        status = init(cli, options_argument(options, 0), dir, &file, &leaf, &err);
    answered = status == STATUS_OK ? say(cli, dir, &charter, &leaf) : cli_error(cli, &err);
    statement_done(&charter);
    free(signatures);
    return answered;
}

static const struct option_spec options_of_init[] = {
    {"book", 0, "DIR", "the directory to make (COUNTERSIGN_BOOK)", 0},
    {0},
};

const struct command command_init = {
    .name = "init",
    .summary = "makes a book from its signed charter",
    .arguments = "FILE",
    .text = "FILE.salt has to lie beside the charter. The directory must not be there yet; it appears whole "
            "or not at all.",
    .example = "countersign init charter.json --book us",
    .group = GROUP_SETUP,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_init,
    .run = run,
};

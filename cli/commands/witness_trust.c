/*
 * countersign witness trust: a witness learns a log, that is its origin and a key that signs its checkpoints, on somebody's
 * word. Nothing else teaches him one: a checkpoint of a log that he does not know is refused.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/block.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "ledger/newfile.h"
#include "ledger/witness_state.h"

static enum status key_read(const char *path, struct note_key *ret_key, struct err *err)
{
    char text[NOTE_VKEY_TEXT_MAX + 1];
    size_t length = 0;
    enum status status = newfile_read(path, false, text, sizeof text, &length, err);
    if (status != STATUS_OK)
        return status;
    if (length > 0 && text[length - 1] == '\n')
        length--;
    status = note_key_parse(text, length, ret_key, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", path);
    return status;
}

static int show(struct cli *cli, const struct witness_log *log, bool is_new)
{
    char size[GROUPED_BYTES];
    struct err err = {0};
    if (cli->json)
        return out_json(cli, json_pack("{s:I, s:b, s:s, s:I}", "keys", (json_int_t)log->key_count, "new", is_new,
                                       "origin", log->keys[0].name, "size", (json_int_t)log->head.size));
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, log->keys[0].name, "%s",
               !is_new               ? "this key was known"
               : log->key_count == 1 ? "is witnessed from now on"
                                     : "one more key signs its checkpoints");
    block_line(block, "keys", "%zu", log->key_count);
    if (log->head.size > 0)
        block_line(block, "cosigned", "up to %s entries", terminal_group_integer((int64_t)log->head.size, size));
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int run(struct cli *cli, const struct options *options)
{
    struct witness_state state = {.dir = NULL};
    struct witness_log log = {.key_count = 0};
    struct note_key key;
    struct err err = {0};
    bool is_new = false;
    enum status status = key_read(options_argument(options, 0), &key, &err);
    if (status == STATUS_OK)
        status = witness_state_open(options_text(options, "state"), WITNESS_WAIT_MS, &state, &err);
    if (status == STATUS_OK)
        status = witness_state_load(&state, key.name, &log, &err);
    if (status == STATUS_NOT_FOUND && state.dir != NULL)
        status = STATUS_OK;
    if (status == STATUS_OK)
        status = witness_log_trust(&log, &key, &is_new, &err);
    if (status == STATUS_OK && is_new)
        status = witness_state_save(&state, &log, &err);
    witness_state_close(&state);
    int answer = status == STATUS_OK ? show(cli, &log, is_new) : cli_error(cli, &err);
    witness_log_done(&log);
    return answer;
}

static const struct option_spec options_of_witness_trust[] = {
    {"state", 0, "DIR", "the witness's directory", OPTION_REQUIRED},
    {0},
};

const struct command command_witness_trust = {
    .name = "witness trust",
    .summary = "tells a witness which key signs a book's checkpoints",
    .arguments = "VKEYFILE",
    .text =
        "The file holds one verifier key, a line of `countersign book-key list --vkeys`. It is to be had from the "
        "book's "
        "officers on another way than the checkpoints, and compared with what they say. When a book-key document "
        "changes the key, the witness is told the new one in the same way; the old one stays, and nothing that was "
        "cosigned is forgotten.\n\n"
        "After a restore the book speaks under a new origin, whose last part counts its epochs. To the witness that "
        "is another log, which begins without a past: whoever asks him to trust it says which entries were lost.",
    .example = "countersign witness trust book.vkey --state audit-witness",
    .group = GROUP_AUDITORS,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_witness_trust,
    .run = run,
};

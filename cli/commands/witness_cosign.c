/*
 * countersign witness cosign: one act of a witness. What came is held against what he remembers; the new memory is on disk
 * before the cosigned checkpoint is written anywhere.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/block.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/terminal.h"
#include "ledger/instant.h"
#include "ledger/newfile.h"
#include "ledger/signer.h"
#include "ledger/witness_state.h"

/* One act in its parts. */
struct act {
    struct cli *cli;
    const struct options *options;
    struct witness_state state;
    struct witness_log log;
    char *text; /* of the request */
    size_t length;
    struct witness_request request;
    struct checkpoint checkpoint;
    enum witness_step step;
    int64_t seconds;
    char *note;
    struct path evidence; /* "" where none was kept */
};

static enum status request_read(struct act *act, struct err *err)
{
    const char *path = options_argument(act->options, 0);
    struct checkpoint checkpoint;
    struct note note;
    act->text = malloc(WITNESS_REQUEST_BYTES_MAX);
    enum status status = act->text != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for %s", path);
    if (status == STATUS_OK)
        status = newfile_read(path, false, act->text, WITNESS_REQUEST_BYTES_MAX, &act->length, err);
    if (status != STATUS_OK)
        return status;
    status = witness_request_parse(act->text, act->length, &act->request, err);
    if (status == STATUS_OK)
        status = note_parse(act->request.note, act->request.note_length, &note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note.text, note.text_length, &checkpoint, err);
    if (status != STATUS_OK) {
        err_prefix(err, "%s: ", path);
        return status;
    }
    status = witness_state_load(&act->state, checkpoint.origin, &act->log, err);
    if (status == STATUS_NOT_FOUND)
        status =
            err_set(err, STATUS_INPUT,
                    "%s: I do not know the log %s; if it is to be witnessed, have its key on another way and say so "
                    "(countersign witness trust)",
                    path, checkpoint.origin);
    return status;
}

/* A fork or a rollback: both sides are kept, whatever becomes of the message about it. */
static enum status accuse(struct act *act, struct err *err)
{
    struct err what = {0};
    if (act->log.note == NULL)
        return STATUS_CORRUPT;
    enum status status =
        witness_state_accuse(&act->state, &act->log, slice_of(act->text, act->length), &act->evidence, &what);
    char first[ERR_TEXT_BYTES];
    snprintf(first, sizeof first, "%s", err->text);
    if (status == STATUS_OK)
        return err_set(err, STATUS_CORRUPT, "%.700s; not cosigned, what came and what I hold are kept in %.*s.*", first,
                       (int)(strlen(act->evidence.text) - strlen(".shown")), act->evidence.text);
    return err_set(err, STATUS_CORRUPT, "%.700s; not cosigned, and the evidence could not be kept: %s", first,
                   what.text);
}

static enum status sign(struct act *act, const struct signer *signer, struct err *err)
{
    const struct note_cosigner cosigner = {.key = &act->state.key, .signer = signer, .seconds = act->seconds};
    const struct witness_signing signing = {
        .log = &act->log, .request = &act->request, .checkpoint = &act->checkpoint, .cosigner = &cosigner};
    enum status status = witness_cosign(&signing, &act->note, err);
    return status == STATUS_OK ? witness_state_save(&act->state, &act->log, err) : status;
}

/* Judged before the passphrase is asked for: what is refused needs none. */
static enum status cosign(struct act *act, struct err *err)
{
    struct path key_path;
    struct signer signer = {.sign = NULL};
    const char *out = options_text(act->options, "out");
    enum status status = request_read(act, err);
    act->seconds = act->cli->now_ms(act->cli->clock_context) / 1000;
    if (status == STATUS_OK) {
        status = witness_judge(&act->log, &act->request, act->seconds, &act->checkpoint, &act->step, err);
        if (status == STATUS_CORRUPT)
            status = accuse(act, err);
    }
    if (status == STATUS_OK)
        status = witness_state_key_path(act->state.dir, &key_path, err);
    if (status == STATUS_OK)
        status =
            prompt_key_file(act->cli, act->options, "Passphrase of the witness's key: ", key_path.text, &signer, err);
    if (status == STATUS_OK)
        status = sign(act, &signer, err);
    if (status == STATUS_OK)
        status = newfile_create(out, act->note, strlen(act->note), 0644, err);
    signer_close(&signer);
    return status;
}

static int show(const struct act *act)
{
    struct cli *cli = act->cli;
    const char *out = options_text(act->options, "out");
    char size[GROUPED_BYTES], at[INSTANT_TEXT_BYTES];
    static const char *const steps[] = {
        [WITNESS_FIRST] = "the first", [WITNESS_LATER] = "extends the last", [WITNESS_AGAIN] = "once more"};
    struct err err = {0};
    instant_format(act->seconds * 1000, at);
    if (cli->json)
        return out_json(cli, json_pack("{s:s, s:s, s:I, s:I, s:s}", "file", out, "origin", act->checkpoint.origin,
                                       "seconds", (json_int_t)act->seconds, "size",
                                       (json_int_t)act->checkpoint.head.size, "witness", act->state.key.name));
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, act->checkpoint.origin, "%s entries, %s",
               terminal_group_integer((int64_t)act->checkpoint.head.size, size), steps[act->step]);
    block_line(block, "cosigned", "by %s at %s", act->state.key.name, at);
    block_line(block, "file", "%s   to go back to the book: checkpoint add", out);
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int run(struct cli *cli, const struct options *options)
{
    struct act act = {.cli = cli, .options = options};
    struct err err = {0};
    enum status status = witness_state_open(options_text(options, "state"), WITNESS_WAIT_MS, &act.state, &err);
    if (status == STATUS_OK)
        status = cosign(&act, &err);
    int answer = status == STATUS_OK ? show(&act) : cli_error(cli, &err);
    witness_state_close(&act.state);
    witness_log_done(&act.log);
    free(act.note);
    free(act.text);
    return answer;
}

static const struct option_spec options_of_witness_cosign[] = {
    {"state", 0, "DIR", "the witness's directory", OPTION_REQUIRED},
    {"out", 0, "FILE", "where the cosigned checkpoint goes, a new file", OPTION_REQUIRED},
    {"passphrase-fd", 0, "NUMBER", "read the passphrase from this descriptor, its first line", 0},
    {0},
};

const struct command command_witness_cosign = {
    .name = "witness cosign",
    .summary = "cosigns a checkpoint that extends the last one",
    .arguments = "REQUEST",
    .text = "The request is what `countersign audit prove --since SIZE` writes, where SIZE is what the witness "
            "cosigned last, "
            "0 the first time: the body of add-checkpoint of the transparency-log witness protocol. The witness's "
            "clock goes "
            "into his cosignature: from then on nobody can say that those entries came later.\n\n"
            "He never cosigns two roots of one size, a smaller size, or a root to which no proof leads from the one "
            "that he "
            "remembers. These are refused with exit status 3, and what he held and what came are kept in the folder "
            "refused "
            "of his directory: two checkpoints under the book's signature that do not agree are the proof of a fork.",
    .example = "countersign witness cosign extension.txt --state audit-witness --out cosigned.note",
    .group = GROUP_AUDITORS,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_witness_cosign,
    .run = run,
};

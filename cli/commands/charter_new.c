/*
 * countersign charter new: the first statement of a book, in a file for all founding officers to sign. Compiles the
 * policy; makes the book's attribute salt, which goes to a file beside and into the book at init.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/block.h"
#include "cli/commands.h"
#include "cli/keys.h"
#include "cli/officers.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"
#include "cli/statement_file.h"
#include "cli/terminal.h"
#include "controls/compiler/compile.h"
#include "ledger/base64.h"
#include "ledger/beside.h"
#include "ledger/canon.h"
#include "ledger/durable.h"
#include "ledger/instant.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

enum { SKEW_SECONDS_DEFAULT = 300 };

static void print_finding(void *context, const struct compile_finding *finding)
{
    struct cli *cli = context;
    char text[FINDING_FORMAT_BYTES];
    compile_finding_format(finding, text);
    /* Line by line: the three lines are the format's, everything in them is data. */
    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        terminal_print_text(cli->err, line);
        fputc('\n', cli->err);
        line = end != NULL ? end + 1 : NULL;
    }
}

static enum status read_policy(struct cli *cli, const char *path, json_t **ret_policy, struct err *err)
{
    size_t length = 0;
    json_t *compiled = NULL;
    char *base64 = NULL;
    char *yaml = malloc(POLICY_YAML_BYTES_MAX + 1);
    if (yaml == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    enum status status = newfile_read(path, false, yaml, POLICY_YAML_BYTES_MAX, &length, err);
    const struct compile_input input = {.yaml = yaml, .length = length, .file_name = path};
    if (status == STATUS_OK)
        status = compile_policy(&input, print_finding, cli, &compiled, err);
    if (status == STATUS_OK)
        status = base64_encode_new(yaml, length, &base64, err);
    if (status == STATUS_OK) {
        *ret_policy = json_pack("{s:O, s:i, s:s}", "compiled", compiled, "compiler", COMPILER_VERSION, "yaml", base64);
        if (*ret_policy == NULL)
            status = err_set(err, STATUS_MEMORY, "no memory for a policy");
    }
    free(base64);
    json_decref(compiled);
    free(yaml);
    return status;
}

static enum status read_keys(const struct options *options, const char *name, json_t **ret_keys, struct err *err)
{
    size_t count = 0;
    const char *const *paths = options_list(options, name, &count);
    json_t *list = json_array();
    enum status status = list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        char key[PUBLIC_KEY_TEXT_MAX];
        status = keys_read_public(paths[i], key, err);
        if (status == STATUS_OK)
            json_array_append_new(list, json_string(key));
        else
            err_prefix(err, "--%s: ", name);
    }
    if (status == STATUS_OK)
        *ret_keys = list;
    else
        json_decref(list);
    return status;
}

static enum status read_recovery(const struct options *options, json_t **ret_recovery, struct err *err)
{
    json_t *keys = NULL;
    enum status status = read_keys(options, "recovery", &keys, err);
    if (status != STATUS_OK)
        return status;
    int64_t count = (int64_t)json_array_size(keys), threshold = count > 0 ? count / 2 + 1 : 0;
    status = options_number(options, "threshold", count > 0 ? 1 : 0, count, &threshold, err);
    if (status == STATUS_OK)
        *ret_recovery = json_pack("{s:O, s:I}", "keys", keys, "threshold", (json_int_t)threshold);
    json_decref(keys);
    return status;
}

struct founding {
    json_t *officers, *book_keys, *recovery, *policy;
    uint8_t salt[PERSONAL_SALT_BYTES];
    char salt_hex[HASH_HEX_CHARS + 1];
    char nonce[33];
    int64_t skew_seconds;
    const char *clock;
};

static enum status gather(struct cli *cli, const struct options *options, struct founding *ret, struct err *err)
{
    uint8_t nonce[16];
    struct hash hash;
    random_fill(&cli->random, nonce, sizeof nonce);
    for (size_t i = 0; i < sizeof nonce; i++)
        snprintf(ret->nonce + 2 * i, 3, "%02x", nonce[i]);
    random_fill(&cli->random, ret->salt, sizeof ret->salt);
    hash_of(ret->salt, sizeof ret->salt, &hash);
    hash_to_hex(&hash, ret->salt_hex);
    ret->clock = options_text(options, "clock") != NULL ? options_text(options, "clock") : "real";
    ret->skew_seconds = SKEW_SECONDS_DEFAULT;
    if (options_text(options, "at") != NULL && strcmp(ret->clock, "simulated") != 0)
        return err_set(err, STATUS_INPUT, "--at: only with --clock simulated");
    enum status status = options_number(options, "skew", 1, 3600, &ret->skew_seconds, err);
    if (status == STATUS_OK)
        status = officers_read(options, &ret->officers, err);
    if (status == STATUS_OK)
        status = read_keys(options, "book-key", &ret->book_keys, err);
    if (status == STATUS_OK)
        status = read_recovery(options, &ret->recovery, err);
    if (status == STATUS_OK)
        status = read_policy(cli, options_text(options, "policy"), &ret->policy, err);
    return status;
}

static enum status make(struct cli *cli, const struct options *options, const struct founding *founding,
                        struct statement *ret_statement, struct err *err)
{
    char id[24];
    struct statement_head head = {.verb = VERB_CHARTER, .actor = "", .book = "", .id = id};
    const char *at = options_text(options, "at");
    enum status status = STATUS_OK;
    snprintf(id, sizeof id, "C-%.16s", founding->nonce);
    head.at_ms = cli->now_ms(cli->clock_context);
    if (at != NULL)
        status = session_read_time(at, &head.at_ms, err);
    if (status != STATUS_OK)
        return status;
    json_t *body =
        json_pack("{s:O, s:s, s:i, s:s, s:s, s:O, s:O, s:O, s:s, s:I}", "book_keys", founding->book_keys, "clock",
                  founding->clock, "engine", ENGINE_LAST, "name", options_text(options, "name"), "nonce",
                  founding->nonce, "officers", founding->officers, "policy", founding->policy, "recovery",
                  founding->recovery, "salt", founding->salt_hex, "skew_seconds", (json_int_t)founding->skew_seconds);
    if (body == NULL)
        return err_set(err, STATUS_INPUT, "--name: cannot hold this text");
    status = statement_make(&head, body, ret_statement, err);
    json_decref(body);
    return status;
}

/* The salt first: a charter without its salt would found a book that cannot compare attributes. */
static enum status write_files(const char *to, const struct statement *statement, const struct founding *founding,
                               struct err *err)
{
    struct path salt;
    struct signature_list *none = calloc(1, sizeof *none);
    if (none == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    enum status status = path_set(&salt, err, "%s.salt", to);
    if (status == STATUS_OK)
        status = newfile_create(salt.text, founding->salt, sizeof founding->salt, 0600, err);
    if (status == STATUS_OK) {
        status = statement_file_write(to, statement, none, false, err);
        if (status != STATUS_OK)
            newfile_remove(salt.text);
    }
    free(none);
    return status;
}

static int say(struct cli *cli, const char *to, const struct founding *founding, const struct statement *statement)
{
    char hex[HASH_HEX_CHARS + 1];
    struct err err = {0};
    hash_to_hex(&statement->hash, hex);
    if (cli->json)
        return out_json(cli, json_pack("{s:s, s:s, s:s+}", "book", hex, "file", to, "salt_file", to, ".salt"));
    struct block *block = block_new(cli);
    block_head(block, STYLE_STRONG, "charter", "%s in %s", member_text(statement->body, "name"), to);
    block_line(block, "book id", "%s   once all have signed", hex);
    block_line(block, "clock", "%s%s", founding->clock,
               strcmp(founding->clock, "simulated") == 0 ? "   SIMULATED: for demonstrations and tests" : "");
    for (size_t i = 0; i < json_array_size(founding->officers); i++) {
        const json_t *officer = json_array_get(founding->officers, i);
        block_line(block, i == 0 ? "to sign" : "", "%s, who is %s", member_text(officer, "user"),
                   member_text(officer, "person"));
    }
    block_line(block, "salt", "%s.salt   needed at init, keep it with the charter", to);
    block_line(block, "next", "countersign sign %s   each officer, then countersign init %s --book DIR", to, to);
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int run(struct cli *cli, const struct options *options)
{
    const char *to = options_text(options, "to");
    struct founding founding = {.officers = NULL};
    struct statement statement = {.bytes = NULL};
    struct err err = {0};
    int answered = EXIT_DONE;
    enum status status = gather(cli, options, &founding, &err);
    if (status == STATUS_OK)
        status = make(cli, options, &founding, &statement, &err);
    if (status == STATUS_OK)
        status = write_files(to, &statement, &founding, &err);
    answered = status == STATUS_OK ? say(cli, to, &founding, &statement) : cli_error(cli, &err);
    statement_done(&statement);
    json_decref(founding.officers);
    json_decref(founding.book_keys);
    json_decref(founding.recovery);
    json_decref(founding.policy);
    return answered;
}

static const struct option_spec options_of_charter_new[] = {
    {"to", 0, "FILE", "the file to write; the salt goes to FILE.salt", OPTION_REQUIRED},
    {"name", 0, "NAME", "the book's name, like a URL without its scheme: ledger.example.com/us", OPTION_REQUIRED},
    {"officer", 0, "USER:PERSON:PUBKEYFILE", "a founding officer; two at least, three advised",
     OPTION_REQUIRED | OPTION_REPEATS},
    {"book-key", 0, "PUBKEYFILE", "a key that signs checkpoints", OPTION_REQUIRED | OPTION_REPEATS},
    {"recovery", 0, "PUBKEYFILE", "a key kept offline that can re-enrol officers", OPTION_REPEATS},
    {"threshold", 0, "NUMBER", "how many recovery keys are needed together; more than half when not given", 0},
    {"policy", 0, "FILE", "the first policy, YAML", OPTION_REQUIRED},
    {"clock", 0, "real|simulated", "what the time is taken from; real when not given", 0},
    {"skew", 0, "SECONDS", "how far a signer's clock may be off; 300 when not given", 0},
    {"at", 0, "TIME", "the time of the charter, with a simulated clock only", 0},
    {0},
};

const struct command command_charter_new = {
    .name = "charter new",
    .summary = "writes the first statement of a book for its officers to sign",
    .arguments = "",
    .text = "The policy is compiled and stands in the charter. Every officer signs the same file with "
            "'countersign\n"
            "sign FILE'; 'countersign init FILE --book DIR' then makes the book.",
    .example = "countersign charter new --to charter.json --name ledger.example.com/us "
               "--officer ana:P-1:ana.pub --officer ben:P-2:ben.pub --book-key book.pub --policy us.yaml",
    .group = GROUP_SETUP,
    .options = options_of_charter_new,
    .run = run,
};

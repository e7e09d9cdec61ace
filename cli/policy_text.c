/*
 * From a policy file to what a statement carries, and back for the check that an approver's command makes before it
 * signs. The compiler is deterministic, so equal text has equal bytes.
 */
#include "cli/policy_text.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "cli/terminal.h"
#include "controls/compiler/compile.h"
#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/limits.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"

struct findings_shown {
    struct cli *cli;
    struct policy_text *text;
};

/* The three lines are the format's, everything in them is data. */
static void print_lines(FILE *out, char *text)
{
    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        terminal_print_text(out, line);
        fputc('\n', out);
        line = end != NULL ? end + 1 : NULL;
    }
}

static void show_finding(void *context, const struct compile_finding *finding)
{
    struct findings_shown *shown = context;
    char text[FINDING_FORMAT_BYTES];
    if (finding->warning)
        shown->text->warnings++;
    else
        shown->text->errors++;
    if (shown->cli->json) {
        (void)out_json(shown->cli, json_pack("{s:I, s:s, s:I, s:s, s:s}", "column", (json_int_t)finding->column, "file",
                                             finding->file, "line", (json_int_t)finding->line, "severity",
                                             finding->warning ? "warning" : "error", "text", finding->text));
        return;
    }
    compile_finding_format(finding, text);
    print_lines(shown->cli->err, text);
}

enum status policy_text_read(struct cli *cli, const char *path, struct policy_text *ret_text, struct err *err)
{
    struct findings_shown shown = {.cli = cli, .text = ret_text};
    *ret_text = (struct policy_text){.yaml = malloc(POLICY_YAML_BYTES_MAX + 1)};
    if (ret_text->yaml == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    enum status status = newfile_read(path, false, ret_text->yaml, POLICY_YAML_BYTES_MAX, &ret_text->length, err);
    const struct compile_input input = {.yaml = ret_text->yaml, .length = ret_text->length, .file_name = path};
    if (status == STATUS_OK)
        status = compile_policy(&input, show_finding, &shown, &ret_text->compiled, err);
    return status;
}

void policy_text_done(struct policy_text *text)
{
    free(text->yaml);
    json_decref(text->compiled);
    text->yaml = NULL;
    text->compiled = NULL;
}

static enum status hash_same(const json_t *carried, const json_t *compiled, struct err *err)
{
    struct hash one, other;
    enum status status = canon_hash(carried, &one, err);
    if (status == STATUS_OK)
        status = canon_hash(compiled, &other, err);
    if (status == STATUS_OK && !hash_equal(&one, &other))
        status = err_set(err, STATUS_CORRUPT,
                         "the compiled policy is not what its text compiles to: don't sign it, ask who prepared it");
    return status;
}

enum status policy_document_check(const json_t *document, struct err *err)
{
    const char *base64 = member_text(document, "yaml");
    json_t *compiled = NULL;
    size_t length = 0;
    struct err why = {0};
    if (base64 == NULL || json_object_get(document, "compiled") == NULL)
        return err_set(err, STATUS_INPUT, "the document carries no policy");
    if (member_integer(document, "compiler") != COMPILER_VERSION)
        return err_set(err, STATUS_INPUT, "the policy was compiled by compiler %lld, this program has %d",
                       (long long)member_integer(document, "compiler"), COMPILER_VERSION);
    uint8_t *yaml = malloc(POLICY_YAML_BYTES_MAX);
    if (yaml == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    enum status status = base64_decode(base64, strlen(base64), yaml, POLICY_YAML_BYTES_MAX, &length, err);
    const struct compile_input input = {.yaml = (const char *)yaml, .length = length, .file_name = "the policy's text"};
    if (status == STATUS_OK) {
        status = compile_policy(&input, NULL, NULL, &compiled, &why);
        if (status == STATUS_INPUT || status == STATUS_LIMIT)
            status = err_set(err, STATUS_CORRUPT, "the policy's text does not compile: %.900s", why.text);
        else if (status != STATUS_OK && err != NULL)
            *err = why;
    }
    if (status == STATUS_OK)
        status = hash_same(json_object_get(document, "compiled"), compiled, err);
    json_decref(compiled);
    free(yaml);
    return status;
}

/*
 * Attacks compile_policy, the filter before libfyaml first of all. A crash or a hang inside libfyaml behind the filter is a finding
 * too.
 */
#include "controls/compiler/compile.h"
#include "controls/policy.h"
#include "ledger/canon.h"
#include "ledger/text.h"
#include "tests/fuzz/fuzz.h"

struct policy_watch {
    const char *bytes;
    size_t length;
    size_t errors;
    bool harmed;
};

static void policy_watch(void *context, const struct compile_finding *finding)
{
    struct policy_watch *watch = context;
    char text[FINDING_FORMAT_BYTES];
    compile_finding_format(finding, text);
    watch->errors += finding->warning ? 0 : 1;
    bool inside =
        finding->source >= watch->bytes && finding->source + finding->source_length <= watch->bytes + watch->length;
    /* Three lines of text that may be shown. */
    size_t lines = 0;
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '\n') {
            lines++;
            *at = ' ';
        }
    }
    if (!inside || lines != 3 || finding->line == 0 || finding->column == 0 ||
        text_check(text, strlen(text), NULL) != STATUS_OK)
        watch->harmed = true;
}

/*
 * Compiles bytes[0..length) twice. False when the two answers differ, a finding lies outside the text or is no three
 * lines that may be shown, an error comes without a finding, or what compiled cannot be read. *ret_accepted: it compiled.
 */
static bool policy_property_holds(const char *bytes, size_t length, bool *ret_accepted)
{
    const struct compile_input input = {bytes, length, "f.yaml"};
    struct policy_watch first = {.bytes = bytes, .length = length};
    struct policy_watch second = first;
    json_t *compiled = NULL;
    json_t *again = NULL;
    struct policy *policy = NULL;
    struct err err = {.text = ""};
    enum status status = compile_policy(&input, policy_watch, &first, &compiled, &err);
    bool holds = compile_policy(&input, policy_watch, &second, &again, &err) == status && !first.harmed &&
                 first.errors == second.errors && (status == STATUS_OK) == (first.errors == 0);
    if (holds && status == STATUS_OK) {
        struct hash a, b;
        holds = canon_hash(compiled, &a, &err) == STATUS_OK && canon_hash(again, &b, &err) == STATUS_OK &&
                hash_equal(&a, &b) && policy_read(compiled, &policy, &err) == STATUS_OK;
    }
    policy_free(policy);
    json_decref(compiled);
    json_decref(again);
    *ret_accepted = status == STATUS_OK;
    return holds;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool accepted = false;
    must(policy_property_holds((const char *)data, size, &accepted));
    return 0;
}

/*
 * The compiler as a whole: filter, tree, shape, check of the meaning, each only of what the one before has let through.
 * Findings of the check name a path in the compiled form; marks lead it back to the place in the file.
 */
#include "controls/compiler/compile.h"

#include <stdlib.h>

#include "controls/compiler/filter.h"
#include "controls/compiler/marks.h"
#include "controls/compiler/shape.h"
#include "controls/compiler/yaml.h"
#include "controls/policy.h"
#include "ledger/canon.h"

struct compile {
    struct findings findings;
    struct marks marks;
    json_t *compiled;
};

static void meaning_found(void *context, const struct policy_finding *finding)
{
    struct compile *compile = context;
    size_t offset = marks_find(&compile->marks, compile->compiled, finding->path);
    if (finding->warning)
        findings_warning(&compile->findings, offset, "%s", finding->text);
    else
        findings_error(&compile->findings, offset, "%s", finding->text);
}

/* The compiled form has to leave room in its statement for the YAML. */
static enum status size_check(struct compile *compile, struct err *err)
{
    char *bytes = NULL;
    size_t length = 0;
    enum status status = canon_encode(compile->compiled, &bytes, &length, err);
    free(bytes);
    if (status == STATUS_OK && length > POLICY_COMPILED_BYTES_MAX)
        findings_error(&compile->findings, 0, "compiles to %zu bytes, %d are allowed", length,
                       POLICY_COMPILED_BYTES_MAX);
    return status;
}

static enum status stages_run(struct compile *compile, struct err *err)
{
    struct yaml_tree *tree = NULL;
    filter_check(&compile->findings);
    if (compile->findings.errors > 0)
        return STATUS_OK;
    enum status status = yaml_parse(&compile->findings, &tree, err);
    if (status != STATUS_OK || tree == NULL)
        return status;
    status = shape_policy(yaml_root(tree), &compile->findings, &compile->marks, &compile->compiled, err);
    yaml_free(tree);
    if (status != STATUS_OK || compile->compiled == NULL)
        return status;
    status = policy_check(compile->compiled, meaning_found, compile);
    if (status == STATUS_OK)
        return size_check(compile, err);
    if (status == STATUS_INPUT)
        return STATUS_OK; /* its findings say so */
    return err_set(err, status, "no memory to check a policy");
}

enum status compile_policy(const struct compile_input *input, compile_report *report, void *context,
                           json_t **ret_compiled, struct err *err)
{
    struct compile compile = {.findings = {.source = input->yaml, .length = input->length}};
    enum status status = stages_run(&compile, err);
    if (status == STATUS_OK && compile.findings.failed)
        status = err_set(err, STATUS_MEMORY, "no memory for findings");
    if (status == STATUS_OK) {
        findings_report(&compile.findings, input->file_name, report, context, err);
        if (compile.findings.errors > 0)
            status = STATUS_INPUT;
    }
    if (status == STATUS_OK) {
        *ret_compiled = compile.compiled;
        compile.compiled = NULL;
    }
    json_decref(compile.compiled);
    marks_done(&compile.marks);
    findings_done(&compile.findings);
    return status;
}

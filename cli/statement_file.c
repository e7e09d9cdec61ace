/*
 * Statements in files. What is read has passed the gate's own checks of form, and every signature in it verifies, so
 * that whoever signs next signs the same bytes that the others did.
 */
#include "cli/statement_file.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/canon.h"
#include "ledger/durable.h"
#include "ledger/limits.h"
#include "ledger/newfile.h"
#include "ledger/schema.h"

static const struct field file_fields[] = {
    {.name = "statement", .type = FIELD_OBJECT},
};
static const struct schema file_schema = SCHEMA("statement file", file_fields, NULL);

static enum status signatures_read(const json_t *array, const struct statement *statement,
                                   struct signature_list *ret_signatures, struct err *err)
{
    ret_signatures->count = 0;
    if (!json_is_array(array))
        return err_set(err, STATUS_INPUT, "signatures: has to be a list");
    if (json_array_size(array) == 0)
        return STATUS_OK;
    enum status status = signature_list_from_json(array, ret_signatures, err);
    return status == STATUS_OK ? signature_list_verify(ret_signatures, statement, err) : status;
}

/* file: the whole object, signatures taken out on the way. */
static enum status file_take(json_t *file, struct statement *ret_statement, struct signature_list *ret_signatures,
                             struct err *err)
{
    char *bytes = NULL;
    size_t length = 0;
    struct statement statement = {.bytes = NULL};
    json_t *signatures = json_incref(json_object_get(file, "signatures"));
    (void)json_object_del(file, "signatures");
    enum status status = schema_check(&file_schema, file, "", err);
    if (status == STATUS_OK)
        status = canon_encode(json_object_get(file, "statement"), &bytes, &length, err);
    if (status == STATUS_OK)
        status = statement_read(slice_of(bytes, length), &statement, err);
    if (status == STATUS_OK)
        status = signatures_read(signatures, &statement, ret_signatures, err);
    if (status == STATUS_OK)
        *ret_statement = statement;
    else
        statement_done(&statement);
    free(bytes);
    json_decref(signatures);
    return status;
}

enum status statement_file_read(const char *path, struct statement *ret_statement,
                                struct signature_list *ret_signatures, struct err *err)
{
    size_t length = 0;
    json_t *file = NULL;
    char *bytes = malloc(ENTRY_BYTES_MAX);
    if (bytes == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to read %s", path);
    enum status status = newfile_read(path, false, bytes, ENTRY_BYTES_MAX, &length, err);
    if (status != STATUS_OK)
        goto done;
    if (length > 0 && bytes[length - 1] == '\n')
        length--;
    status = canon_parse(bytes, length, ENTRY_BYTES_MAX, &file, err);
    if (status == STATUS_OK)
        status = file_take(file, ret_statement, ret_signatures, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", path);
done:
    json_decref(file);
    free(bytes);
    return status;
}

enum status statement_file_write(const char *path, const struct statement *statement,
                                 const struct signature_list *signatures, bool replace, struct err *err)
{
    char *text = NULL;
    size_t length = 0;
    json_t *list = signatures->count > 0 ? signature_list_to_json(signatures) : json_array();
    json_t *file = list != NULL ? json_pack("{s:o, s:O}", "signatures", list, "statement", statement->json) : NULL;
    if (file == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to write %s", path);
    enum status status = canon_encode(file, &text, &length, err);
    json_decref(file);
    if (status != STATUS_OK)
        return status;
    text[length] = '\n'; /* over the closing NUL, which nobody needs here */
    if (replace)
        status = durable_replace(path, slice_of(text, length + 1), 0600, err);
    else
        status = newfile_create(path, text, length + 1, 0600, err);
    free(text);
    return status;
}

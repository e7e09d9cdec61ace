/*
 * allowed_signers against the register of keys. Lines are made again from the register and compared as texts; only where a
 * part's entries know less than the packer did, they are taken apart: then whose key it is and since when has to agree, and an end
 * that the entries know may not be later in the file, or missing.
 */
#include "audit/verify/allowed.h"

#include <stdlib.h>
#include <string.h>

#include "audit/bundle/files.h"
#include "audit/bundle/read.h"
#include "audit/verify/parts.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"

#define ALLOWED     "allowed_signers"
#define VALID_UNTIL ",valid-before=\""

enum { ALLOWED_BYTES_MAX = 64 << 20 }; /* a hundred thousand keys */

struct line {
    const char *text, *key; /* the key stands in the text */
    bool known;             /* the register has its key */
};

struct allowed {
    struct verify *verify;
    bool whole, complete; /* of the book; the register knows every key there is */
    struct line *lines;   /* after the packer's */
    size_t count;
    json_t *by_key;           /* key text -> place in lines */
    const json_t *signed_any; /* keys that signed entries of the bundle, or perhaps did */
    size_t next;              /* of the whole book: the line that comes now */
    bool differs;             /* one has differed */
};

static void tell(const struct allowed *allowed, size_t place, const char *what)
{
    finding_whole(&allowed->verify->findings, CHECK_BUNDLE, "%s: line %zu: %s", ALLOWED, place + 2, what);
}

/* The key stands after the second blank: neither a user nor the options have one. */
static const char *key_of(const char *line)
{
    const char *blank = strchr(line, ' ');
    blank = blank == NULL ? NULL : strchr(blank + 1, ' ');
    struct public_key key;
    return blank != NULL && sshkey_parse(blank + 1, &key, NULL) == STATUS_OK ? blank + 1 : NULL;
}

static enum status take_line(struct allowed *allowed, const char *text, struct err *err)
{
    const char *key = key_of(text);
    const size_t place = allowed->count;
    allowed->lines[allowed->count++] = (struct line){.text = text, .key = key};
    if (key == NULL) {
        tell(allowed, place, "is no line of such a file, nothing is read from here on");
        return STATUS_NOT_FOUND;
    }
    if (json_object_get(allowed->by_key, key) != NULL)
        tell(allowed, place, "its key stands there twice");
    else if (json_object_set_new(allowed->by_key, key, json_integer((json_int_t)place)) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for %s", ALLOWED);
    return STATUS_OK;
}

/* The first line lets the packer sign manifests; bytes are cut into lines where they stand. */
static enum status take_lines(struct allowed *allowed, const struct bundle *bundle, char *bytes, size_t length,
                              struct err *err)
{
    char wanted[SSHKEY_ALLOWED_LINE_MAX] = "";
    const char *by = member_text(json_object_get(bundle->manifest.json, "made"), "by");
    size_t count = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < length; i++)
        count += bytes[i] == '\n';
    if (length == 0 || bytes[length - 1] != '\n' || strlen(bytes) != length) {
        finding_whole(&allowed->verify->findings, CHECK_BUNDLE, "%s: is no text of lines", ALLOWED);
        return STATUS_NOT_FOUND;
    }
    allowed->lines = calloc(count, sizeof *allowed->lines);
    if (allowed->lines == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %s", ALLOWED);
    char *at = bytes;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        char *end = strchr(at, '\n');
        invariant(end != NULL); /* there are as many as were counted */
        *end = '\0';
        if (i > 0)
            status = take_line(allowed, at, err);
        else if (sshkey_allowed_under(&bundle->packer, by, sshsig_namespace(SSHSIG_BUNDLE), wanted, NULL) !=
                     STATUS_OK ||
                 strcmp(at, wanted) != 0)
            finding_whole(&allowed->verify->findings, CHECK_BUNDLE,
                          "%s: line 1: does not let %s sign manifests with the key that packed this", ALLOWED, by);
        at = end + 1;
    }
    return status;
}

/* Whether a line that the packer made with the whole book before him can stand beside what a part's entries say: the same but for
 * its end, which may be earlier. The key is the same. */
static bool agrees(const char *line, const char *made)
{
    static const size_t until_length = sizeof VALID_UNTIL - 1 + sizeof "20260701100000Z";
    const char *known = strstr(made, VALID_UNTIL), *options_end = strchr(strchr(made, ' ') + 1, ' ');
    size_t stem = (size_t)((known != NULL ? known : options_end) - made);
    if (strncmp(line, made, stem) != 0)
        return false;
    const char *until = line + stem;
    if (*until == ' ')
        return known == NULL;
    return strncmp(until, VALID_UNTIL, sizeof VALID_UNTIL - 1) == 0 && strcspn(until, " ") == until_length &&
           until[until_length - 1] == '"' && (known == NULL || strncmp(until, known, until_length) <= 0);
}

/* Line by line; from the first that differs on, no more is said. */
static void hold_whole(struct allowed *allowed, const char *made)
{
    const size_t place = allowed->next++;
    if (allowed->differs)
        return;
    allowed->differs = place >= allowed->count || strcmp(allowed->lines[place].text, made) != 0;
    if (allowed->differs)
        finding_whole(&allowed->verify->findings, CHECK_BUNDLE, "%s: line %zu: the entries make it %.300s", ALLOWED,
                      place + 2, made);
}

/* One key of the register. */
static enum status hold_key(void *context, const struct key_line *line, struct err *err)
{
    struct allowed *allowed = context;
    const struct key_window window = {.after = line->after, .before = line->before};
    const json_t *place = json_object_get(allowed->by_key, line->key);
    const bool has_signed = json_object_get(allowed->verify->signed_here, line->key) != NULL;
    struct public_key key;
    char made[SSHKEY_ALLOWED_LINE_MAX];
    (void)err;
    if (sshkey_parse(line->key, &key, NULL) != STATUS_OK ||
        sshkey_allowed_line(&key, line->user, &window, made, NULL) != STATUS_OK)
        return STATUS_OK; /* what is wrong with such an entry has been told */
    if (allowed->whole) {
        hold_whole(allowed, made);
        return STATUS_OK;
    }
    if (place == NULL && has_signed)
        finding_whole(&allowed->verify->findings, CHECK_BUNDLE, "%s: lacks a key of %s that signed here", ALLOWED,
                      line->user);
    if (place == NULL)
        return STATUS_OK;
    struct line *found = &allowed->lines[json_integer_value(place)];
    found->known = true;
    if (allowed->complete ? strcmp(found->text, made) != 0 : !agrees(found->text, made))
        finding_whole(&allowed->verify->findings, CHECK_BUNDLE, "%s: line %zu: the entries make it %.300s", ALLOWED,
                      (size_t)json_integer_value(place) + 2, made);
    return STATUS_OK;
}

/* What the register did not ask for. */
static void hold_rest(const struct allowed *allowed)
{
    if (allowed->whole && !allowed->differs && allowed->next < allowed->count)
        tell(allowed, allowed->next, "no entry enrolled this key");
    for (size_t i = 0; !allowed->whole && i < allowed->count; i++) {
        const struct line *line = &allowed->lines[i];
        const char *user = key_register_waits(allowed->verify->keys, line->key);
        const size_t length = user == NULL ? 0 : strlen(user);
        if (json_object_get(allowed->signed_any, line->key) == NULL)
            tell(allowed, i, "this key signed nothing here");
        else if (!line->known && allowed->complete)
            tell(allowed, i, "no entry enrolled this key");
        else if (!line->known && user != NULL && (strncmp(line->text, user, length) != 0 || line->text[length] != ' '))
            finding_whole(&allowed->verify->findings, CHECK_BUNDLE, "%s: line %zu: an entry here enrols this key of %s",
                          ALLOWED, i + 2, user);
    }
}

enum status verify_allowed(struct verify *verify, const struct bundle *bundle, struct err *err)
{
    const struct bundle_manifest *manifest = &bundle->manifest;
    struct allowed allowed = {
        .verify = verify, .whole = manifest->sort == BUNDLE_BOOK, .complete = !verify->part && verify->chartered};
    char *bytes = NULL;
    size_t length = 0;
    /* Entries that were verified before are compared, and not asked who signed them. */
    allowed.signed_any = verify->before > manifest->after.size ? verify->signers : verify->signed_here;
    if (bundle_manifest_file(manifest, ALLOWED) == NULL)
        return STATUS_OK;
    enum status status = bundle_file_read(bundle->folder, ALLOWED, ALLOWED_BYTES_MAX, &bytes, &length, err);
    if (status != STATUS_OK)
        return status == STATUS_MEMORY ? status : STATUS_OK; /* has been told with the files */
    allowed.by_key = json_object();
    status = allowed.by_key == NULL ? err_set(err, STATUS_MEMORY, "no memory for %s", ALLOWED)
                                    : take_lines(&allowed, bundle, bytes, length, err);
    if (status == STATUS_OK)
        status = key_register_each(verify->keys, hold_key, &allowed, err);
    if (status == STATUS_OK)
        hold_rest(&allowed);
    free(allowed.lines);
    json_decref(allowed.by_key);
    free(bytes);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

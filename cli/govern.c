/*
 * Governance from the command line: documents that say who may do what. What is read here is what the officer sees before
 * signing, so `seen` is the head of the same snapshot.
 */
#include "cli/govern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/hand.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/statement_file.h"
#include "cli/terminal.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/keyfile.h"
#include "ledger/schema.h"
#include "ledger/text.h"

static bool common_set(struct session *session, const char *kind, json_t *document)
{
    const struct options *options = session_options(session);
    const char *given = options_has(options, "ref") ? options_text(options, "ref") : NULL;
    char ref[SESSION_ID_BYTES];
    session_new_id(session, "R", ref);
    return json_object_set_new(document, "kind", json_string(kind)) == 0 &&
           json_object_set_new(document, "ref", json_string(given != NULL ? given : ref)) == 0 &&
           json_object_set_new(document, "channel", json_string("cli")) == 0;
}

int govern_submit(struct session *session, const char *kind, json_t *documents)
{
    bool all = documents != NULL;
    for (size_t i = 0; all && i < json_array_size(documents); i++)
        all = common_set(session, kind, json_array_get(documents, i));
    json_t *body = all ? json_pack("{s:b, s:O}", "atomic", 0, "documents", documents) : NULL;
    json_decref(documents);
    if (body == NULL)
        return cli_fail(session_cli(session), STATUS_MEMORY, "no memory for a document");
    int answer = present_submit(session, VERB_SUBMIT, body, true);
    json_decref(body);
    return answer;
}

int govern_run(struct cli *cli, const struct options *options, const char *kind, govern_make *make)
{
    struct session *session = NULL;
    struct hand *hand = NULL; /* of the new key */
    json_t *document = NULL;
    struct err err = {0};
    int answer;
    enum status status = session_open(cli, options, SESSION_WRITE, &session, &err);
    if (status == STATUS_OK)
        status = make(session, &document, &err);
    if (status == STATUS_OK && options_has(options, "new-key"))
        status = govern_cosign(session, &hand, &err);
    if (status == STATUS_OK) {
        answer = govern_submit(session, kind, json_pack("[o]", document));
    } else {
        json_decref(document);
        answer = cli_error(cli, &err);
    }
    session_close(session);
    hand_close(hand);
    return answer;
}

static enum status leave(struct session *session, enum verb verb, const char *actor, const json_t *body,
                         struct err *err)
{
    const char *to = options_text(session_options(session), "to");
    char id[SESSION_ID_BYTES];
    struct statement statement = {.bytes = NULL};
    struct journal_head journal = {.size = 0};
    struct signature_list *none = calloc(1, sizeof *none);
    session_new_id(session, "S", id);
    enum status status = none != NULL && body != NULL ? session_head(session, &journal, err)
                                                      : err_set(err, STATUS_MEMORY, "no memory for a statement");
    const struct statement_head head = {.verb = verb,
                                        .actor = actor,
                                        .book = book_id(session_book(session)),
                                        .id = id,
                                        .at_ms = session_time(session),
                                        .seen_hash = &journal.leaf,
                                        .seen_seq = journal.size - 1};
    if (status == STATUS_OK)
        status = statement_make(&head, body, &statement, err);
    if (status == STATUS_OK)
        status = statement_file_write(to, &statement, none, false, err);
    statement_done(&statement);
    free(none);
    return status;
}

int govern_leave(struct session *session, enum verb verb, const char *actor, json_t *body)
{
    struct cli *cli = session_cli(session);
    const char *to = options_text(session_options(session), "to");
    struct err err = {0};
    enum status status = leave(session, verb, actor, body, &err);
    json_decref(body);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    if (cli->json)
        return out_json(cli, json_pack("{s:s, s:s}", "do", verb_name(verb), "file", to));
    terminal_printf(cli->out, "%s in %s: countersign sign %s   each signer, then countersign submit %s",
                    verb_name(verb), to, to, to);
    fputc('\n', cli->out);
    return EXIT_DONE;
}

static int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once. */
static json_t *texts_list(const char **texts, size_t count)
{
    json_t *list = json_array();
    qsort(texts, count, sizeof texts[0], text_compare);
    for (size_t i = 0; list != NULL && i < count; i++)
        if (i == 0 || strcmp(texts[i - 1], texts[i]) != 0)
            json_array_append_new(list, json_string(texts[i]));
    return list;
}

json_t *govern_texts(const struct options *options, const char *option)
{
    size_t count = 0;
    const char *const *given = options_list(options, option, &count);
    const char **texts = calloc(count + 1, sizeof *texts);
    for (size_t i = 0; texts != NULL && i < count; i++)
        texts[i] = given[i];
    json_t *list = texts != NULL ? texts_list(texts, count) : NULL;
    free(texts);
    return list;
}

json_t *govern_arguments(const struct options *options, size_t from)
{
    size_t count = options_argument_count(options);
    const char **texts = calloc(count + 1, sizeof *texts);
    for (size_t i = from; texts != NULL && i < count; i++)
        texts[i - from] = options_argument(options, i);
    json_t *list = texts != NULL ? texts_list(texts, count > from ? count - from : 0) : NULL;
    free(texts);
    return list;
}

enum status govern_set_time(const struct options *options, const char *option, json_t *document, const char *member,
                            struct err *err)
{
    const char *text = options_text(options, option);
    char time[INSTANT_TEXT_BYTES];
    int64_t ms;
    if (text == NULL)
        return STATUS_OK;
    enum status status = session_read_time(text, &ms, err);
    if (status != STATUS_OK) {
        err_prefix(err, "--%s: ", option);
        return status;
    }
    instant_format(ms, time);
    return json_object_set_new(document, member, json_string(time)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a document");
}

enum status govern_new_key(const struct options *options, char ret_text[static PUBLIC_KEY_TEXT_MAX], struct err *err)
{
    const char *public = options_text(options, "public"), *file = options_text(options, "new-key");
    struct public_key key;
    if ((public == NULL) == (file == NULL))
        return err_set(err, STATUS_INPUT,
                       "give either --public FILE.pub, for its owner to sign, or --new-key FILE, to sign with it here");
    if (public != NULL || hand_is_public(file))
        return keys_read_public(public != NULL ? public : file, ret_text, err);
    enum status status = keyfile_public(file, &key, err);
    if (status == STATUS_OK)
        sshkey_format(&key, ret_text);
    return status;
}

enum status govern_cosign(struct session *session, struct hand **hand, struct err *err)
{
    const struct options *options = session_options(session);
    const struct signer *own = NULL, *new = NULL;
    const char *file = options_text(options, "new-key");
    if (file == NULL || session_cli(session)->dry_run)
        return STATUS_OK;
    /* One's own first: the order of the questions, and of the lines of --passphrase-fd. */
    enum status status = session_signer(session, &own, err);
    if (status == STATUS_OK)
        status = hand_open(session_cli(session), options, file, hand, err);
    if (status == STATUS_OK)
        status = hand_signer(*hand, 0, "the new key", &new, err);
    if (status == STATUS_OK)
        session_set_cosigner(session, new);
    return status;
}

struct key_walk {
    const struct facts *facts;
    govern_key_step *step;
    void *context;
};

static enum status key_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    const struct key_walk *walk = context;
    const uint8_t *zero = memchr(key.bytes, '\0', key.length);
    char text[PUBLIC_KEY_TEXT_MAX];
    json_t *record = NULL;
    (void)ignored;
    (void)ret_more;
    size_t begin = zero != NULL ? (size_t)(zero - key.bytes) + 1 : key.length;
    if (key.length - begin >= sizeof text)
        return err_set(err, STATUS_CORRUPT, "a key of the books is too long; run rebuild");
    memcpy(text, key.bytes + begin, key.length - begin);
    text[key.length - begin] = '\0';
    enum status status = facts_key(walk->facts, text, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_CORRUPT, "a user's key is not among the keys; run rebuild");
    if (status == STATUS_OK)
        status = walk->step(walk->context, text, record, err);
    json_decref(record);
    return status;
}

enum status govern_each_key(const struct facts *facts, const char *user, govern_key_step *step, void *context,
                            struct err *err)
{
    struct key_walk keys = {.facts = facts, .step = step, .context = context};
    struct books_key prefix = books_key(user);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_USER_KEYS, .prefix = &prefix, .step = key_step, .context = &keys};
    return books_each(facts->books, &walk, err);
}

void govern_fingerprint(const char *key_text, char ret_text[static SSHKEY_FINGERPRINT_CHARS + 1])
{
    struct public_key key;
    if (sshkey_parse(key_text, &key, NULL) == STATUS_OK)
        sshkey_fingerprint(&key, ret_text);
    else
        snprintf(ret_text, SSHKEY_FINGERPRINT_CHARS + 1, "%.*s", SSHKEY_FINGERPRINT_CHARS, key_text);
}

struct key_search {
    const struct facts *facts;
    const char *wanted; /* NULL: any valid one */
    char *text;
    size_t matches;
    char list[ERR_TEXT_BYTES / 2];
};

static enum status search_step(void *context, const char *key_text, const json_t *record, struct err *err)
{
    struct key_search *search = context;
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], state[STATE_BYTES];
    (void)err;
    govern_fingerprint(key_text, fingerprint);
    govern_key_state(search->facts, record, state);
    bool match = search->wanted == NULL ? govern_state_counts(state)
                                        : strcmp(search->wanted, key_text) == 0 ||
                                              strncmp(fingerprint, search->wanted, strlen(search->wanted)) == 0;
    if (!match)
        return STATUS_OK;
    size_t used = strlen(search->list);
    snprintf(search->list + used, sizeof search->list - used, "%s%s", search->matches > 0 ? ", " : "", fingerprint);
    snprintf(search->text, PUBLIC_KEY_TEXT_MAX, "%s", key_text);
    search->matches++;
    return STATUS_OK;
}

enum status govern_find_key(const struct facts *facts, const char *user, const char *wanted,
                            char ret_text[static PUBLIC_KEY_TEXT_MAX], struct err *err)
{
    struct key_search search = {.facts = facts, .wanted = wanted, .text = ret_text};
    enum status status = govern_check_user(facts, user, err);
    if (status == STATUS_OK && wanted != NULL && strlen(wanted) < 11)
        status =
            err_set(err, STATUS_INPUT, "a key is named by its fingerprint, SHA256:..., or at least 4 letters of it");
    if (status == STATUS_OK)
        status = govern_each_key(facts, user, search_step, &search, err);
    if (status != STATUS_OK)
        return status;
    if (search.matches == 0)
        return err_set(err, STATUS_NOT_FOUND, "%s has no %s; see 'countersign key list %s'", user,
                       wanted != NULL ? "such key" : "valid key", user);
    if (search.matches > 1)
        return err_set(err, STATUS_INPUT, "%s has %zu such keys, say which: %s", user, search.matches, search.list);
    return STATUS_OK;
}

enum status govern_key_revocation(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    const char *user = options_argument(options, 0);
    char key[PUBLIC_KEY_TEXT_MAX];
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = govern_find_key(facts, user, options_argument(options, 1), key, err);
    session_end_facts(session);
    if (status != STATUS_OK)
        return status;
    json_t *document =
        json_pack("{s:s, s:s, s:s}", "key", key, "reason", options_text(options, "reason"), "user", user);
    if (document == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a document");
    status = govern_set_time(options, "since", document, "since", err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

/* Instants of one fixed form compare as text. */
static void state_text(const struct facts *facts, const char *from, const char *until, const char *revoked,
                       char ret_text[static STATE_BYTES])
{
    char now[INSTANT_TEXT_BYTES];
    instant_format(facts->time_ms, now);
    if (revoked != NULL)
        snprintf(ret_text, STATE_BYTES, "revoked %.10s", revoked);
    else if (until != NULL && strcmp(until, now) <= 0)
        snprintf(ret_text, STATE_BYTES, "over since %.10s", until);
    else if (from != NULL && strcmp(from, now) > 0)
        snprintf(ret_text, STATE_BYTES, "from %.10s on", from);
    else if (until != NULL)
        snprintf(ret_text, STATE_BYTES, "valid until %.10s", until);
    else
        snprintf(ret_text, STATE_BYTES, "valid");
}

void govern_key_state(const struct facts *facts, const json_t *record, char ret_text[static STATE_BYTES])
{
    char until[INSTANT_TEXT_BYTES];
    int64_t end_ms = INT64_MAX;
    bool ends = facts_key_end(facts, record, &end_ms, NULL) == STATUS_OK && end_ms < INT64_MAX;
    if (ends)
        instant_format(end_ms, until);
    state_text(facts, member_text(record, "from"), ends ? until : NULL,
               member_text(json_object_get(record, "revoked"), "time"), ret_text);
}

void govern_grant_state(const struct facts *facts, const json_t *record, char ret_text[static STATE_BYTES])
{
    const char *answer_by = member_text(json_object_get(record, "review"), "until");
    char now[INSTANT_TEXT_BYTES];
    state_text(facts, member_text(record, "from"), member_text(record, "to"), member_text(record, "revoked"), ret_text);
    instant_format(facts->time_ms, now);
    if (answer_by != NULL && govern_state_counts(ret_text) && strcmp(now, answer_by) >= 0)
        snprintf(ret_text, STATE_BYTES, "suspended by %s", member_text(json_object_get(record, "review"), "number"));
}

enum status govern_key_ends(const struct facts *facts, const json_t *record, int64_t days, bool *ret_ends,
                            int64_t *ret_end_ms, struct err *err)
{
    int64_t end_ms = INT64_MAX;
    enum status status = facts_key_end(facts, record, &end_ms, err);
    if (status != STATUS_OK)
        return status;
    *ret_ends = json_object_get(record, "revoked") == NULL && end_ms > facts->time_ms &&
                end_ms - facts->time_ms <= days * INSTANT_DAY_MS;
    if (*ret_ends)
        *ret_end_ms = end_ms;
    return STATUS_OK;
}

bool govern_state_counts(const char *state)
{
    return strncmp(state, "valid", 5) == 0;
}

enum status govern_check_user(const struct facts *facts, const char *user, struct err *err)
{
    json_t *record = NULL;
    if (!text_is_id(user, strlen(user)))
        return err_set(err, STATUS_INPUT, "a user is letters, digits and . _ : / @ -, at most %d", ID_BYTES_MAX);
    enum status status = facts_user(facts, user, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_NOT_FOUND, "there is no user %s; see 'countersign user list'", user);
    json_decref(record);
    return status;
}

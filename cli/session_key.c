/*
 * Which key a session signs with: the one that --key names, else of those in ssh-agent one that counts for the user; and what
 * its user is told of it. Found before the gate is asked, so that nobody waits on the writer's lock while a passphrase is
 * typed or a security key is looked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/govern.h"
#include "cli/key_ending.h"
#include "cli/session_parts.h"
#include "cli/terminal.h"
#include "cli/wire.h"
#include "ledger/schema.h"

/* A reading that is about the key alone: what the user has seen of the book stays as it was. */
struct aside {
    const struct facts *facts;
    bool has_seen;
    struct journal_head seen;
};

static enum status aside_begin(struct session *session, struct aside *aside, struct err *err)
{
    aside->has_seen = session->has_seen;
    aside->seen = session->seen;
    return session_begin_facts(session, &aside->facts, err);
}

static void aside_end(struct session *session, const struct aside *aside)
{
    session_end_facts(session);
    session->has_seen = aside->has_seen;
    session->seen = aside->seen;
}

/* What there is of keys in the agent, as far as the book knows them. */
struct found {
    size_t first, valid; /* the first that counts, and how many do */
    size_t foreign;      /* not the user's */
    char own[ERR_TEXT_BYTES / 2];
};

/* "SHA256:... revoked 2026-01-06" for a key that was the user's and does not count. */
static enum status note_key(const struct session *session, const struct facts *facts, const char *text,
                            struct found *found, struct err *err)
{
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], state[STATE_BYTES];
    json_t *record = NULL;
    enum status status = facts_key(facts, text, &record, err);
    if (status != STATUS_OK)
        return status;
    if (record == NULL || strcmp(member_text(record, "user"), session->user) != 0) {
        found->foreign++;
    } else {
        size_t used = strlen(found->own);
        govern_fingerprint(text, fingerprint);
        govern_key_state(facts, record, state);
        snprintf(found->own + used, sizeof found->own - used, "%s%s %s", used > 0 ? ", " : "", fingerprint, state);
    }
    json_decref(record);
    return STATUS_OK;
}

static enum status look_at(const struct session *session, const struct facts *facts, struct found *found,
                           struct err *err)
{
    size_t count = 0;
    const struct public_key *keys = hand_keys(session->hand, &count);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        char text[PUBLIC_KEY_TEXT_MAX];
        bool valid = false;
        sshkey_format(&keys[i], text);
        status = facts_key_valid(facts, text, session->user, &valid, err);
        if (status == STATUS_OK && !valid)
            status = note_key(session, facts, text, found, err);
        else if (status == STATUS_OK && found->valid++ == 0)
            found->first = i;
    }
    return status;
}

static enum status none_counts(const struct session *session, const struct found *found, struct err *err)
{
    char there[64] = "none, or it is locked: ssh-add -X";
    if (found->foreign > 0)
        snprintf(there, sizeof there, "%zu that %s not", found->foreign, found->foreign == 1 ? "is" : "are");
    return err_set(err, STATUS_PERMISSION,
                   "ssh-agent holds no key of %s that counts now (it has %s%s%s); give --key FILE or use ssh-add",
                   session->user, found->own, found->own[0] != '\0' && found->foreign > 0 ? ", " : "",
                   found->own[0] != '\0' && found->foreign == 0 ? "" : there);
}

static enum status choose(struct session *session, size_t *ret_index, struct err *err)
{
    struct aside aside;
    struct found found = {.own = ""};
    *ret_index = 0;
    if (!hand_is_open_choice(session->hand))
        return STATUS_OK;
    enum status status = aside_begin(session, &aside, err);
    if (status != STATUS_OK)
        return status;
    status = look_at(session, aside.facts, &found, err);
    aside_end(session, &aside);
    if (status == STATUS_PERMISSION && session->has_proven) { /* may not read keys: the one that was good enough is */
        *ret_index = session->proven;
        return STATUS_OK;
    }
    if (status == STATUS_OK && found.valid == 0)
        return none_counts(session, &found, err);
    if (status != STATUS_OK)
        return status;
    if (found.valid > 1) {
        char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
        size_t count = 0;
        sshkey_fingerprint(&hand_keys(session->hand, &count)[found.first], fingerprint);
        terminal_printf(session->cli->err,
                        "countersign: ssh-agent holds %zu keys of %s, %s signs; --key FILE.pub takes another one",
                        found.valid, session->user, fingerprint);
        fputc('\n', session->cli->err);
    }
    *ret_index = found.first;
    return STATUS_OK;
}

/* That it cannot be told is no reason not to sign. */
static enum status find_ending(struct session *session, const struct facts *facts, struct err *err)
{
    json_t *record = NULL;
    enum status status = facts_key(facts, session->key_text, &record, err);
    if (status == STATUS_OK && record != NULL)
        status = key_ending_of(facts, record, &session->ending, err);
    json_decref(record);
    return status;
}

enum status session_warn_of_key(struct session *session, const struct public_key *key, struct err *err)
{
    struct aside aside;
    struct err why = {0};
    char sentence[KEY_ENDING_BYTES];
    sshkey_format(key, session->key_text);
    enum status status = aside_begin(session, &aside, &why);
    if (status == STATUS_OK) {
        status = find_ending(session, aside.facts, &why);
        aside_end(session, &aside);
    }
    if (status == STATUS_OK && session->ending.stage_days > 0) {
        key_ending_sentence(&session->ending, session->key_text, sentence);
        terminal_printf(session->cli->err, "countersign: %s", sentence);
        fputc('\n', session->cli->err);
    }
    return status == STATUS_MEMORY ? err_set(err, status, "%s", why.text) : STATUS_OK;
}

static enum status take_keys(struct session *session, struct err *err)
{
    return session->hand != NULL ? STATUS_OK
                                 : hand_open(session->cli, session->options, cli_key(session->cli, session->options),
                                             &session->hand, err);
}

static enum status signer_of(struct session *session, size_t index, const struct signer **ret_signer, struct err *err)
{
    return hand_signer(session->hand, index, session->user != NULL ? session->user : "this book", ret_signer, err);
}

enum status session_signer(struct session *session, const struct signer **ret_signer, struct err *err)
{
    if (session->signer == NULL) {
        size_t index = 0;
        enum status status = take_keys(session, err);
        if (status == STATUS_OK)
            status = choose(session, &index, err);
        if (status == STATUS_OK)
            status = signer_of(session, index, &session->signer, err);
        if (status == STATUS_OK)
            status = session_warn_of_key(session, &session->signer->key, err);
        if (status != STATUS_OK)
            return status;
    }
    *ret_signer = session->signer;
    return STATUS_OK;
}

enum status session_known_signer(struct session *session, const struct signer **ret_signer, struct err *err)
{
    const struct facts *facts = NULL;
    char text[PUBLIC_KEY_TEXT_MAX];
    bool valid = false;
    enum status status = session_signer(session, ret_signer, err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    sshkey_format(&(*ret_signer)->key, text);
    status = facts_key_valid(facts, text, session->user, &valid, err);
    session_end_facts(session);
    if (status == STATUS_OK && !valid)
        status =
            err_set(err, STATUS_PERMISSION, "--key: this is no key of %s that counts now, by the book", session->user);
    return status;
}

json_t *session_warnings(const struct session *session)
{
    return session->ending.stage_days > 0 ? json_pack("[o]", key_ending_json(&session->ending, session->key_text))
                                          : NULL;
}

/* The place among the keys at hand of the one that was offered at place i: the last first. */
static size_t offered_place(const struct session *session, size_t i)
{
    size_t count = 0;
    (void)hand_keys(session->hand, &count);
    return count - 1 - i;
}

/*
 * A key file is unlocked before it is offered: a passphrase is not typed while a server waits. Of an agent's keys the plain
 * ones are offered first, since a security key wants a touch for each connection; what it is to sign is chosen apart.
 */
enum status session_offer_keys(void *context, const struct public_key **ret_offered, size_t *ret_count, struct err *err)
{
    struct session *session = context;
    const struct signer *signer = NULL;
    size_t count = 0;
    enum status status = take_keys(session, err);
    if (status == STATUS_OK && !hand_is_open_choice(session->hand))
        status = signer_of(session, 0, &signer, err);
    if (status != STATUS_OK)
        return status;
    const struct public_key *keys = hand_keys(session->hand, &count);
    if (count == 0)
        return err_set(
            err, STATUS_PERMISSION,
            "ssh-agent holds no key of %s (it has none, or it is locked: ssh-add -X); give --key FILE or use "
            "ssh-add",
            session->user != NULL ? session->user : "the user");
    free(session->offered);
    session->offered = calloc(count + 1, sizeof *session->offered);
    if (session->offered == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for keys");
    for (size_t i = 0; i < count; i++)
        session->offered[i] = keys[offered_place(session, i)];
    *ret_offered = session->offered;
    *ret_count = count < WIRE_KEYS_MAX ? count : WIRE_KEYS_MAX;
    return STATUS_OK;
}

enum status session_choose_key(void *context, size_t chosen, const struct signer **ret_signer, struct err *err)
{
    struct session *session = context;
    session->proven = offered_place(session, chosen);
    session->has_proven = true;
    return signer_of(session, session->proven, ret_signer, err);
}

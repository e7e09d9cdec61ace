/*
 * Keys at hand, out of a key file or an agent; see the header. Leaves to the caller which of them is to sign, which takes a
 * book or a statement to tell.
 */
#include "cli/hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/keys.h"
#include "cli/prompt.h"
#include "ledger/agent.h"
#include "ledger/keyfile.h"
#include "ledger/newfile.h"

enum { QUESTION_BYTES = 160, BEGIN_BYTES = 64 };

struct hand {
    struct cli *cli;
    const struct options *options;
    const char *path; /* of the key file; NULL: ssh-agent */
    bool open_choice;
    struct agent *agent;
    struct public_key *keys;
    size_t count;
    struct signer *signers; /* of the keys; without a `sign` those that nobody has asked for */
};

bool hand_is_public(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".pub") == 0;
}

/* What ssh-keygen makes is for ssh-agent; there is nothing here that reads it. */
static bool is_openssh_key(const char *path)
{
    static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
    char text[BEGIN_BYTES] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, sizeof begin - 1, file);
    fclose(file);
    return length == sizeof begin - 1 && memcmp(text, begin, sizeof begin - 1) == 0;
}

static enum status open_file(struct hand *hand, const char *path, struct err *err)
{
    hand->path = path;
    hand->count = 1;
    enum status status = keyfile_public(path, &hand->keys[0], err);
    if (status == STATUS_INPUT && is_openssh_key(path))
        return err_set(err, STATUS_INPUT, "%s is a private key of OpenSSH: ssh-add %s, then give --key %s.pub", path,
                       path, path);
    return status;
}

static enum status open_agent(struct hand *hand, struct err *err)
{
    struct agent_identity *identities = calloc(AGENT_IDENTITIES_MAX, sizeof *identities);
    size_t count = 0;
    enum status status = identities != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for the agent's keys");
    if (status == STATUS_OK)
        status = agent_open(hand->cli->environment.ssh_auth_sock, AGENT_TIMEOUT_MS, &hand->agent, err);
    if (status == STATUS_OK)
        status = agent_list(hand->agent, identities, AGENT_IDENTITIES_MAX, &count, err);
    static const enum key_type order[] = {KEY_SK_ED25519, KEY_ED25519};
    for (size_t o = 0; status == STATUS_OK && o < sizeof order / sizeof order[0]; o++)
        for (size_t i = 0; i < count; i++)
            if (identities[i].key.type == order[o])
                hand->keys[hand->count++] = identities[i].key;
    free(identities);
    return status;
}

/* The key that a FILE.pub names; whether the agent has it shows when it is to sign. */
static enum status open_public(struct hand *hand, const char *path, struct err *err)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    enum status status = keys_read_public(path, text, err);
    if (status == STATUS_OK)
        status = sshkey_parse(text, &hand->keys[0], err);
    hand->count = 1;
    return status == STATUS_OK ? agent_open(hand->cli->environment.ssh_auth_sock, AGENT_TIMEOUT_MS, &hand->agent, err)
                               : status;
}

enum status hand_open(struct cli *cli, const struct options *options, const char *path, struct hand **ret_hand,
                      struct err *err)
{
    if (path == NULL && cli->environment.ssh_auth_sock == NULL)
        return err_set(err, STATUS_INPUT,
                       "no key to sign with: give --key FILE, set COUNTERSIGN_KEY, or start ssh-agent");
    struct hand *hand = calloc(1, sizeof *hand);
    if (hand != NULL) {
        size_t room = path != NULL ? 1 : AGENT_IDENTITIES_MAX;
        hand->keys = calloc(room, sizeof hand->keys[0]);
        hand->signers = calloc(room, sizeof hand->signers[0]);
    }
    if (hand == NULL || hand->keys == NULL || hand->signers == NULL) {
        hand_close(hand);
        return err_set(err, STATUS_MEMORY, "no memory for keys");
    }
    hand->cli = cli;
    hand->options = options;
    hand->open_choice = path == NULL;
    enum status status = path == NULL           ? open_agent(hand, err)
                         : hand_is_public(path) ? open_public(hand, path, err)
                                                : open_file(hand, path, err);
    if (status == STATUS_OK)
        *ret_hand = hand;
    else
        hand_close(hand);
    return status;
}

void hand_close(struct hand *hand)
{
    if (hand == NULL)
        return;
    for (size_t i = 0; hand->signers != NULL && i < hand->count; i++)
        signer_close(&hand->signers[i]);
    agent_close(hand->agent);
    free(hand->signers);
    free(hand->keys);
    free(hand);
}

const struct public_key *hand_keys(const struct hand *hand, size_t *ret_count)
{
    *ret_count = hand->count;
    return hand->keys;
}

bool hand_is_open_choice(const struct hand *hand)
{
    return hand->open_choice;
}

static enum status unlock(struct hand *hand, const char *whose, struct err *err)
{
    char question[QUESTION_BYTES];
    snprintf(question, sizeof question, "Passphrase for %.128s: ", whose);
    return prompt_key_file(hand->cli, hand->options, question, hand->path, &hand->signers[0], err);
}

enum status hand_signer(struct hand *hand, size_t index, const char *whose, const struct signer **ret_signer,
                        struct err *err)
{
    invariant(index < hand->count);
    struct signer *signer = &hand->signers[index];
    enum status status = signer->sign != NULL ? STATUS_OK
                         : hand->path != NULL ? unlock(hand, whose, err)
                                              : agent_signer(hand->agent, &hand->keys[index], signer, err);
    if (status != STATUS_OK)
        return status;
    *ret_signer = signer;
    return STATUS_OK;
}

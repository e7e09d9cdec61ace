/*
 * A table of keys by their bytes. Whoever wrote a journal chose the keys in it, so the table is one whose places nobody can foresee:
 * jansson's, which is seeded.
 */
#include "audit/verify/known_keys.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct known_keys {
    json_t *places;          /* bytes of a key -> its number */
    struct known_key **keys; /* by number */
    size_t count, room;
};

/* What a key is found by: a FIDO key's application is always the same one. */
struct key_bytes {
    char bytes[1 + ED25519_PUBLIC_BYTES];
};

static struct key_bytes bytes_of(const struct public_key *key)
{
    struct key_bytes found = {.bytes = {(char)key->type}};
    memcpy(found.bytes + 1, key->ed25519, sizeof key->ed25519);
    return found;
}

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory for keys");
}

enum status known_keys_new(struct known_keys **ret_keys, struct err *err)
{
    struct known_keys *keys = calloc(1, sizeof *keys);
    if (keys != NULL)
        keys->places = json_object();
    if (keys == NULL || keys->places == NULL) {
        known_keys_free(keys);
        return no_memory(err);
    }
    *ret_keys = keys;
    return STATUS_OK;
}

void known_keys_free(struct known_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->count; i++)
        free(keys->keys[i]);
    free((void *)keys->keys);
    json_decref(keys->places);
    free(keys);
}

static enum status add(struct known_keys *keys, const struct public_key *key, struct err *err)
{
    const struct key_bytes bytes = bytes_of(key);
    char text[PUBLIC_KEY_TEXT_MAX];
    sshkey_format(key, text);
    if (keys->count == keys->room) {
        const size_t room = keys->room == 0 ? 64 : keys->room * 2;
        struct known_key **grown = realloc((void *)keys->keys, room * sizeof(struct known_key *));
        if (grown == NULL)
            return no_memory(err);
        keys->keys = grown;
        keys->room = room;
    }
    struct known_key *known = malloc(sizeof *known + strlen(text) + 1);
    if (known == NULL || json_object_setn_new_nocheck(keys->places, bytes.bytes, sizeof bytes.bytes,
                                                      json_integer((json_int_t)keys->count)) != 0) {
        free(known);
        return no_memory(err);
    }
    sshkey_fingerprint(key, known->fingerprint);
    memcpy(known->text, text, strlen(text) + 1);
    keys->keys[keys->count++] = known;
    return STATUS_OK;
}

enum status known_keys_get(struct known_keys *keys, const struct public_key *key, const struct known_key **ret_known,
                           bool *ret_first, struct err *err)
{
    const struct key_bytes bytes = bytes_of(key);
    const json_t *number = json_object_getn(keys->places, bytes.bytes, sizeof bytes.bytes);
    enum status status = number == NULL ? add(keys, key, err) : STATUS_OK;
    if (status != STATUS_OK)
        return status;
    *ret_known = keys->keys[number == NULL ? keys->count - 1 : (size_t)json_integer_value(number)];
    *ret_first = number == NULL;
    return STATUS_OK;
}

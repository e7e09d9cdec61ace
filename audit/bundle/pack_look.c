/*
 * What an entry's bytes tell before they are parsed. What is not seen here is not read further, so these answer yes where they
 * cannot know.
 */
#include "audit/bundle/pack_look.h"

#include <stdio.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/limits.h"

enum { NEEDLE_BYTES = 96 };

bool pack_look_has(struct slice bytes, const char *member, const char *value)
{
    char needle[NEEDLE_BYTES];
    int length = snprintf(needle, sizeof needle, "\"%s\":\"%s\"", member, value);
    return memmem(bytes.bytes, bytes.length, needle, (size_t)length) != NULL;
}

bool pack_look_does(struct slice bytes, const char *verb)
{
    return pack_look_has(bytes, "do", verb);
}

bool pack_look_names(struct slice bytes, const char *member, const json_t *set)
{
    char needle[NEEDLE_BYTES];
    const size_t stem = (size_t)snprintf(needle, sizeof needle, "\"%s\":\"", member);
    const uint8_t *at = bytes.bytes, *end = bytes.bytes + bytes.length;
    while ((at = memmem(at, (size_t)(end - at), needle, stem)) != NULL) {
        at += stem;
        const uint8_t *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL)
            return true;
        if (json_object_getn(set, (const char *)at, (size_t)(quote - at)) != NULL)
            return true;
    }
    return false;
}

/* An entry ends with ,"time":"2026-01-06T09:00:05.000Z","v":1} */
int32_t pack_look_day(struct slice bytes)
{
    static const char after[] = "\",\"v\":1}";
    const size_t tail = sizeof after - 1 + INSTANT_TEXT_BYTES - 1;
    int64_t ms = 0;
    if (bytes.length < tail || memcmp(bytes.bytes + bytes.length - (sizeof after - 1), after, sizeof after - 1) != 0 ||
        instant_parse((const char *)bytes.bytes + bytes.length - tail, INSTANT_TEXT_BYTES - 1, &ms, NULL) != STATUS_OK)
        return -1;
    return date_from_instant(ms, 0);
}

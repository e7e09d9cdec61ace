/*
 * openssl does the cryptography; here stands what it is asked and how its answer is read. It is run by its absolute path, in an
 * environment of ours, with no configuration of the system's. The time is read from what it prints of the signed part only: the
 * status text before it is nobody's word, so what counts is the last line of that name.
 */
#include "audit/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/tool.h"
#include "ledger/hash.h"
#include "ledger/instant.h"
#include "ledger/timestamps.h"

enum { OPENSSL_WAIT_MS = 30000, TEXT_BYTES_MAX = 32768, DIGEST_HEX_BYTES = 2 * HASH_512_BYTES + 1 };

static enum status openssl_run(const char *const arguments[], struct slice input, struct tool_answer *answer,
                               struct err *err)
{
    static const char *const paths[] = {"/usr/bin/openssl", "/usr/local/bin/openssl", "/bin/openssl"};
    static char *const environment[] = {"OPENSSL_CONF=/dev/null", "LC_ALL=C", "TZ=UTC", NULL};
    struct tool_call call = {
        .arguments = arguments, .environment = environment, .input = input, .wait_ms = OPENSSL_WAIT_MS};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (call.path == NULL && access(paths[i], X_OK) == 0)
            call.path = paths[i];
    if (call.path == NULL)
        return err_set(err, STATUS_NOT_FOUND, "time stamps are made and checked by openssl, and there is none at %s",
                       paths[0]);
    return tool_run(&call, answer, err);
}

static void digest_hex(struct slice note, char ret_hex[static DIGEST_HEX_BYTES])
{
    uint8_t hash[HASH_512_BYTES];
    hash_512_of(note.bytes, note.length, hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", hash[i]);
}

enum status timestamp_query(struct slice note, uint8_t ret_query[static TIMESTAMP_QUERY_BYTES_MAX], size_t *ret_length,
                            struct err *err)
{
    char hex[DIGEST_HEX_BYTES];
    digest_hex(note, hex);
    const char *const arguments[] = {"openssl", "ts", "-query", "-digest", hex, "-sha512", "-cert", "-no_nonce", NULL};
    struct tool_answer answer = {.output = ret_query, .output_max = TIMESTAMP_QUERY_BYTES_MAX};
    enum status status = openssl_run(arguments, slice_of("", 0), &answer, err);
    if (status == STATUS_OK)
        *ret_length = answer.length;
    return status;
}

bool timestamp_names(struct slice reply, struct slice note)
{
    uint8_t hash[HASH_512_BYTES];
    hash_512_of(note.bytes, note.length, hash);
    return reply.length >= sizeof hash && memmem(reply.bytes, reply.length, hash, sizeof hash) != NULL;
}

/* What stands in the last line that begins so; NULL where there is none. */
static const char *after_last(const char *text, const char *words)
{
    const char *found = NULL;
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words))
        if (at == text || at[-1] == '\n')
            found = at + strlen(words);
    return found;
}

/* A number of at most digits_max digits after blanks, up to the end or what is no digit. -1 where there is none. */
static int take_number(const char **at, size_t digits_max)
{
    int number = 0;
    *at += strspn(*at, " ");
    size_t digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > digits_max)
        return -1;
    for (const char *end = *at + digits; *at < end; *at += 1)
        number = number * 10 + (**at - '0');
    return number;
}

/* A number and the sign after it. */
static int take_before(const char **at, char sign)
{
    int number = take_number(at, 2);
    bool there = **at == sign;
    *at += there ? 1 : 0;
    return there ? number : -1;
}

/* "Nov 22 13:15:59 2026 GMT", perhaps with a fraction of the second, which is left out: bounds take a second more. */
static enum status read_time(const char *text, int64_t *ret_seconds, struct err *err)
{
    static const char *const months[] = {"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ",
                                         "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "};
    char instant[80];
    int month = 1;
    int64_t ms = 0;
    while (month <= 12 && strncmp(text, months[month - 1], 4) != 0)
        month++;
    const char *at = text + (month <= 12 ? 4 : 0);
    int day = take_number(&at, 2), hour = take_before(&at, ':'), minute = take_before(&at, ':');
    int second = take_number(&at, 2);
    if (*at == '.')
        at += 1 + strspn(at + 1, "0123456789");
    int year = take_number(&at, 4);
    snprintf(instant, sizeof instant, "%04d-%02d-%02dT%02d:%02d:%02d.000Z", year, month, day, hour, minute, second);
    if (strncmp(at, " GMT\n", 5) != 0 || instant_parse(instant, strlen(instant), &ms, NULL) != STATUS_OK)
        return err_set(err, STATUS_SIGNATURE, "the time stamp's time is not in the form of openssl 1.1 to 3");
    *ret_seconds = ms / 1000;
    return STATUS_OK;
}

/* The time that a reply states, unverified. */
static enum status stated_time(struct slice reply, int64_t *ret_seconds, struct err *err)
{
    static const char *const arguments[] = {"openssl", "ts", "-reply", "-in", "/dev/stdin", "-text", NULL};
    uint8_t text[TEXT_BYTES_MAX + 1];
    struct tool_answer answer = {.output = text, .output_max = TEXT_BYTES_MAX};
    enum status status = openssl_run(arguments, reply, &answer, err);
    if (status == STATUS_REFUSED)
        return err_set(err, STATUS_SIGNATURE, "is no time-stamp reply that openssl can read");
    if (status != STATUS_OK)
        return status;
    if (memchr(text, '\0', answer.length) != NULL)
        return err_set(err, STATUS_SIGNATURE, "the time stamp's text holds a NUL");
    text[answer.length] = '\0';
    const char *time = after_last((const char *)text, "Time stamp: ");
    if (time == NULL)
        return err_set(err, STATUS_SIGNATURE, "is a reply without a time stamp: the authority refused");
    return read_time(time, ret_seconds, err);
}

enum status timestamp_check(struct slice reply, struct slice note, const char *ca_file, int64_t *ret_seconds,
                            struct err *err)
{
    char hex[DIGEST_HEX_BYTES], at[32];
    uint8_t said[1024];
    int64_t seconds = 0;
    struct tool_answer answer = {.output = said, .output_max = sizeof said};
    if (access(ca_file, R_OK) != 0)
        return err_set(err, STATUS_INPUT, "%s: cannot be read: it holds the authority's certificates", ca_file);
    enum status status = stated_time(reply, &seconds, err);
    if (status != STATUS_OK)
        return status;
    digest_hex(note, hex);
    snprintf(at, sizeof at, "%" PRId64, seconds);
    const char *const arguments[] = {"openssl",    "ts",      "-verify", "-digest", hex, "-in",
                                     "/dev/stdin", "-CAfile", ca_file,   "-attime", at,  NULL};
    status = openssl_run(arguments, reply, &answer, err);
    if (status == STATUS_REFUSED) {
        const char *last = strrchr(answer.said, ':');
        char why[96];
        snprintf(why, sizeof why, "%s", last != NULL ? last + 1 : answer.said);
        why[strcspn(why, "\n")] = '\0';
        return err_set(err, STATUS_SIGNATURE, "the time stamp does not verify under %s: %s", ca_file, why);
    }
    if (status == STATUS_OK)
        *ret_seconds = seconds;
    return status;
}

/*
 * Attacks a whole session with a server: greeting, proof, then any requests in any order, on a small book whose journal
 * stays as it is.
 *
 * Each line of an input is a request as a stranger sends it; "@0" to "@3" has a user of the book say hello and prove as one does,
 * "@0!" with one bit of the proof changed. Every request gets one answer, one line of JSON under its id; nobody is proven but by a
 * right proof; until then nothing is answered but hello and prove, and nothing goes on to the thread that writes or to the loop.
 * What a snapshot answers is in order, of the table's own, and the same when it is asked again.
 */
#include <jansson.h>

#include "cli/server/answer.h"
#include "cli/wire.h"
#include "ledger/base64.h"
#include "ledger/challenge.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/small_book.h"

enum { LINES_MAX = 60, LINE_BYTES_MAX = 1 << 16 };

static struct {
    struct small_book book;
    struct cli cli;
    struct random_seeded seeded;
    struct serve_options options;
    struct gate_facts facts;
    struct gate_options gate_options;
    struct issue_terms terms;
    struct service service;
} stage;

static int64_t no_time(void *context)
{
    (void)context;
    return 0;
}

static void stage_close(void)
{
    open_book_close(stage.service.book);
    small_book_free(&stage.book);
}

/* The book is made once; nothing that an input does changes its journal. */
static void stage_open(void)
{
    struct err err = {.text = ""};
    if (stage.service.book != NULL)
        return;
    small_book_make(&stage.book);
    stage.cli = (struct cli){.now_ms = no_time, .monotonic_us = no_time};
    stage.options = (struct serve_options){.book = stage.book.dir, .limits = server_limits_default()};
    stage.facts =
        (struct gate_facts){.release = "test", .exe = "0123456789abcdef", .mode = "served", .os_user = "tester"};
    stage.gate_options = (struct gate_options){.facts = &stage.facts, .now_ms = no_time};
    stage.service =
        (struct service){.cli = &stage.cli, .options = &stage.options, .facts = &stage.facts, .terms = &stage.terms};
    must(open_book_open(stage.book.dir, &stage.gate_options, &stage.service.book, &err) == STATUS_OK);
    must(atexit(stage_close) == 0);
}

struct session {
    struct guest guest;
    bool proves_rightly; /* the line at hand is a right proof */
    int64_t last_id;
};

/* What the first look at an answer has to show. Gives the message. */
static json_t *check_answer(const struct job *job)
{
    const char *end = job->answer_length > 0 ? memchr(job->answer, '\n', job->answer_length) : NULL;
    must(end == job->answer + job->answer_length - 1);
    json_t *message = json_loadb(job->answer, job->answer_length, JSON_REJECT_DUPLICATES, NULL);
    must(json_is_object(message));
    const json_t *error = json_object_get(message, "error");
    must(error == NULL || (json_string_value(json_object_get(error, "status")) != NULL &&
                           json_string_length(json_object_get(error, "text")) > 0));
    return message;
}

/* Records of one answer ascend, or descend where it was asked so. */
static void check_records(const json_t *message)
{
    const json_t *records = json_object_get(message, "records");
    must(json_array_size(records) <= WIRE_RECORDS_MAX);
    for (size_t i = 0; i < json_array_size(records); i++)
        must(json_array_size(json_array_get(records, i)) == 2);
}

/* One request. Steals line. False when the connection ends. */
static bool ask(struct session *session, char *line, size_t length)
{
    struct job *job = job_new(line, length);
    bool was_proven = session->guest.proven;
    must(job != NULL);
    job->service = &stage.service;
    job->guest = &session->guest;
    job->next = JOB_ANSWERED;
    answer_request(job);
    must(session->guest.proven == was_proven || session->proves_rightly);
    if (job->next != JOB_ANSWERED) {
        must(was_proven && job->answer == NULL);
        must((job->next == JOB_SUBMITS || job->next == JOB_TRIES) == job->has_statement);
        job_free(job);
        return true;
    }
    json_t *message = check_answer(job);
    must(json_integer_value(json_object_get(message, "id")) == job->id &&
         (job->id == 0 || job->id > session->last_id || job->closes || json_object_get(message, "error") != NULL));
    session->last_id = job->id > session->last_id ? job->id : session->last_id;
    bool is_greeting = json_object_get(message, "key") != NULL || json_object_get(message, "reads") != NULL;
    must(was_proven || is_greeting || json_object_get(message, "error") != NULL);
    check_records(message);
    json_decref(message);
    bool goes_on = !job->closes;
    job_free(job);
    return goes_on;
}

static bool ask_json(struct session *session, json_t *message)
{
    char *line = json_dumps(message, JSON_COMPACT);
    must(line != NULL);
    json_decref(message);
    return ask(session, line, strlen(line));
}

/* Hello and prove of a user, as his program says them. */
static bool prove(struct session *session, unsigned user, bool flipped)
{
    const struct signer *signer = &stage.book.signers[user];
    struct challenge challenge = {.key = signer->key, .user = small_user_name((enum small_user)user)};
    uint8_t blob[SSHSIG_BYTES_MAX];
    char text[BASE64_CHARS(SSHSIG_BYTES_MAX) + 1], key[PUBLIC_KEY_TEXT_MAX], nonce[HASH_HEX_CHARS + 1];
    size_t length = 0;
    must(hash_from_hex(stage.book.id, &challenge.book) == STATUS_OK);
    memset(&challenge.client, 7, sizeof challenge.client);
    challenge.server = session->guest.server_nonce;
    must(challenge_sign(&challenge, signer, blob, &length, NULL) == STATUS_OK);
    if (flipped)
        blob[length - 1] ^= 1;
    must(base64_encode(blob, length, text, sizeof text, NULL) == STATUS_OK);
    sshkey_format(&signer->key, key);
    hash_to_hex(&challenge.client, nonce);
    int64_t id = session->last_id + 1;
    if (!ask_json(session, json_pack("{s:s, s:I, s:[s], s:s, s:s}", "do", "hello", "id", (json_int_t)id, "keys", key,
                                     "nonce", nonce, "user", challenge.user)))
        return false;
    session->proves_rightly = !flipped;
    bool goes_on =
        ask_json(session, json_pack("{s:s, s:I, s:s}", "do", "prove", "id", (json_int_t)id + 1, "signature", text));
    session->proves_rightly = false;
    must(goes_on == session->guest.proven);
    return goes_on;
}

static bool take_line(struct session *session, const uint8_t *line, size_t length)
{
    if (length >= 2 && line[0] == '@')
        return prove(session, line[1] % 4u, length > 2);
    char *copy = fuzz_text(line, length);
    return ask(session, copy, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {5};
    struct session session = {.guest = {.receive_fd = -1}};
    struct job *greeting;
    stage_open();
    stage.cli.random = random_from_seed(seed, &stage.seeded);
    greeting = job_new(NULL, 0);
    must(greeting != NULL);
    greeting->service = &stage.service;
    greeting->guest = &session.guest;
    answer_greet(greeting);
    json_decref(check_answer(greeting));
    job_free(greeting);
    bool goes_on = true;
    for (unsigned lines = 0; goes_on && size > 0 && lines < LINES_MAX; lines++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t length = end != NULL ? (size_t)(end - data) : size;
        if (length > LINE_BYTES_MAX)
            break;
        goes_on = take_line(&session, data, length);
        size -= end != NULL ? length + 1 : length;
        data += end != NULL ? length + 1 : length;
    }
    answer_leave(&session.guest);
    return 0;
}

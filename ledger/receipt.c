/*
 * Receipts: index, path and signed checkpoint in one text. Parsing checks form only; verifying walks from the entry's
 * hash to the signed root. The extra line is carried, never believed. Implements "Receipt" of FORMAT.md; C2SP
 * tlog-proof.
 */
#include "ledger/receipt.h"

#include "ledger/base64.h"
#include "ledger/decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "c2sp.org/tlog-proof@v1\n";
static const char extra_word[] = "extra ";
static const char index_word[] = "index ";

enum { HASH_LINE_CHARS = BASE64_CHARS(HASH_BYTES) };

static enum status check_extra(const char *extra, size_t length, struct err *err)
{
    uint8_t bytes[RECEIPT_EXTRA_CHARS_MAX];
    size_t count = 0;
    if (length > RECEIPT_EXTRA_CHARS_MAX)
        return err_set(err, STATUS_LIMIT, "the receipt's extra data is longer than %d characters",
                       RECEIPT_EXTRA_CHARS_MAX);
    if (length == 0 || base64_decode(extra, length, bytes, sizeof bytes, &count, NULL) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "the receipt's extra data is not base64");
    return STATUS_OK;
}

/* What is wrong with a receipt's parts, before it is written. */
static enum status check_parts(const struct receipt *receipt, struct err *err)
{
    struct note note;
    enum status status = STATUS_OK;
    if (receipt->extra != NULL)
        status = check_extra(receipt->extra, receipt->extra_length, err);
    if (status == STATUS_OK)
        status = note_parse(receipt->note, receipt->note_length, &note, err);
    if (status == STATUS_OK && (receipt->index > TREE_SIZE_MAX || receipt->proof.count > TREE_PROOF_MAX))
        status = err_set(err, STATUS_LIMIT, "a receipt's index or proof is too large");
    return status;
}

static void append(char *text, size_t *length, const char *piece, size_t piece_length)
{
    memcpy(text + *length, piece, piece_length);
    *length += piece_length;
}

enum status receipt_format(const struct receipt *receipt, char **ret_text, size_t *ret_length, struct err *err)
{
    char index_line[sizeof index_word + DECIMAL_TEXT_MAX + 1];
    size_t length = 0;
    enum status status = check_parts(receipt, err);
    if (status != STATUS_OK)
        return status;
    int index_length = snprintf(index_line, sizeof index_line, "%s%" PRIu64 "\n", index_word, receipt->index);
    size_t extra_length = receipt->extra == NULL ? 0 : sizeof extra_word - 1 + receipt->extra_length + 1;
    char *text = malloc(sizeof magic - 1 + extra_length + (size_t)index_length +
                        receipt->proof.count * (HASH_LINE_CHARS + 1) + 1 + receipt->note_length + 1);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a receipt");
    append(text, &length, magic, sizeof magic - 1);
    if (receipt->extra != NULL) {
        append(text, &length, extra_word, sizeof extra_word - 1);
        append(text, &length, receipt->extra, receipt->extra_length);
        append(text, &length, "\n", 1);
    }
    append(text, &length, index_line, (size_t)index_length);
    for (size_t i = 0; i < receipt->proof.count; i++) {
        char line[HASH_LINE_CHARS + 1];
        invariant(base64_encode(receipt->proof.nodes[i].bytes, HASH_BYTES, line, sizeof line, NULL) == STATUS_OK);
        append(text, &length, line, HASH_LINE_CHARS);
        append(text, &length, "\n", 1);
    }
    append(text, &length, "\n", 1);
    append(text, &length, receipt->note, receipt->note_length);
    text[length] = '\0';
    *ret_text = text;
    *ret_length = length;
    return STATUS_OK;
}

/* A line that starts with a word: gives what follows it, up to the newline, and steps over. NULL when it is another. */
static const char *take_worded(const char **at, const char *end, const char *word, size_t *ret_length)
{
    size_t word_length = strlen(word);
    if ((size_t)(end - *at) < word_length || memcmp(*at, word, word_length) != 0)
        return NULL;
    const char *rest = *at + word_length;
    const char *newline = memchr(rest, '\n', (size_t)(end - rest));
    if (newline == NULL)
        return NULL;
    *ret_length = (size_t)(newline - rest);
    *at = newline + 1;
    return rest;
}

/* Hash lines up to the empty line, which is stepped over. */
static enum status parse_proof(const char **at, const char *end, struct tree_proof *ret_proof, struct err *err)
{
    ret_proof->count = 0;
    while (*at < end && **at != '\n') {
        size_t bytes = 0;
        if (ret_proof->count == TREE_PROOF_MAX)
            return err_set(err, STATUS_LIMIT, "a receipt's proof has at most %d hashes", TREE_PROOF_MAX);
        if (end - *at <= HASH_LINE_CHARS || (*at)[HASH_LINE_CHARS] != '\n' ||
            base64_decode(*at, HASH_LINE_CHARS, ret_proof->nodes[ret_proof->count].bytes, HASH_BYTES, &bytes, NULL) !=
                STATUS_OK ||
            bytes != HASH_BYTES)
            return err_set(err, STATUS_INPUT, "line %zu of the receipt's proof is not the base64 of a SHA-256",
                           ret_proof->count + 1);
        ret_proof->count++;
        *at += HASH_LINE_CHARS + 1;
    }
    if (*at == end)
        return err_set(err, STATUS_INPUT, "the receipt has no empty line before its checkpoint");
    *at += 1;
    return STATUS_OK;
}

enum status receipt_parse(const char *text, size_t length, struct receipt *ret_receipt, struct err *err)
{
    struct receipt receipt = {.extra = NULL};
    struct note note;
    struct checkpoint checkpoint;
    const char *at = text;
    const char *end = text + length;
    size_t number_length = 0;
    enum status status = STATUS_OK;
    if (length > RECEIPT_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a receipt of %zu bytes, at most %d are allowed", length, RECEIPT_BYTES_MAX);
    if (length < sizeof magic - 1 || memcmp(text, magic, sizeof magic - 1) != 0)
        return err_set(err, STATUS_INPUT, "not a receipt: the first line is not c2sp.org/tlog-proof@v1");
    at += sizeof magic - 1;
    receipt.extra = take_worded(&at, end, extra_word, &receipt.extra_length);
    if (receipt.extra != NULL)
        status = check_extra(receipt.extra, receipt.extra_length, err);
    if (status != STATUS_OK)
        return status;
    const char *number = take_worded(&at, end, index_word, &number_length);
    if (number == NULL)
        return err_set(err, STATUS_INPUT, "the receipt has no index line");
    status = decimal_parse(number, number_length, &receipt.index, err);
    if (status == STATUS_OK)
        status = parse_proof(&at, end, &receipt.proof, err);
    if (status != STATUS_OK)
        return status;
    receipt.note = at;
    receipt.note_length = (size_t)(end - at);
    status = note_parse(receipt.note, receipt.note_length, &note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note.text, note.text_length, &checkpoint, err);
    if (status != STATUS_OK)
        return status;
    *ret_receipt = receipt;
    return STATUS_OK;
}

enum status receipt_verify(const struct receipt *receipt, const struct hash *leaf, const struct note_key *key,
                           struct checkpoint *ret_checkpoint, struct err *err)
{
    struct checkpoint checkpoint;
    enum status status = checkpoint_open(receipt->note, receipt->note_length, key, &checkpoint, NULL, err);
    if (status == STATUS_OK)
        status = tree_verify_inclusion(&checkpoint.head, receipt->index, leaf, &receipt->proof, err);
    if (status == STATUS_OK && ret_checkpoint != NULL)
        *ret_checkpoint = checkpoint;
    return status;
}

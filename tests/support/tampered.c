/*
 * Asking about a book that somebody wrote in; see the header.
 */
#include "tests/support/tampered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/sanitized.h"

bool tampered_takes(unsigned long number, unsigned long each)
{
    const char *all = getenv("TAMPER");
    return (all != NULL && strcmp(all, "all") == 0) || number % (SANITIZED ? each * 12 : each) == 0;
}

void tampered_tell(const struct tampered *tampered, const char *title, enum flipped_question question)
{
    print_message("%s: %s, status %d: %.300s\n%.1200s\n", title, flipped_question_name((enum flipped_question)question),
                  tampered->flipped.now->status, tampered->flipped.now->err, tampered->flipped.now->out);
}

bool tampered_verify_finds(struct tampered *tampered, const char *title, long seq)
{
    flipped_book_lay(&tampered->flipped);
    flipped_book_ask(&tampered->flipped, ASK_VERIFY);
    tampered->asked++;
    enum flipped_outcome outcome = flipped_book_judge(&tampered->flipped, ASK_VERIFY);
    tampered->outcomes[ASK_VERIFY][outcome]++;
    bool good = outcome == OUTCOME_WORD && (seq < 0 || flipped_names(&tampered->flipped, (uint64_t)seq));
    if (!good)
        tampered_tell(tampered, title, ASK_VERIFY);
    return good;
}

bool tampered_readers_say(struct tampered *tampered, const char *title, bool exports, bool rewritten)
{
    bool good = true;
    for (enum flipped_question question = ASK_SHOW; question <= ASK_GATE; question++) {
        if (question == ASK_EXPORT && !exports) /* writes what is stored: a checker finds what is wrong with it */
            continue;
        flipped_book_lay(&tampered->flipped);
        flipped_book_ask(&tampered->flipped, question);
        tampered->asked++;
        enum flipped_outcome outcome = flipped_book_judge(&tampered->flipped, question);
        tampered->outcomes[question][outcome]++;
        if (outcome >= OUTCOME_WRONG && question == ASK_GATE && rewritten) {
            flipped_book_ask(&tampered->flipped, ASK_VERIFY_AFTER);
            outcome = flipped_book_judge(&tampered->flipped, ASK_VERIFY_AFTER);
        }
        if (outcome >= OUTCOME_WRONG) {
            tampered_tell(tampered, title, question);
            good = false;
        }
    }
    return good;
}

bool tampered_scalar_change(json_t *value, size_t *left)
{
    const char *name = NULL;
    json_t *member = NULL;
    void *next = NULL;
    size_t i = 0;
    if (json_is_object(value)) {
        json_object_foreach_safe(value, next, name, member)
        {
            if (json_is_object(member) || json_is_array(member)) {
                if (tampered_scalar_change(member, left))
                    return true;
            } else if ((*left)-- == 0) {
                json_t *changed = NULL;
                const char *text = json_string_value(member);
                if (json_is_integer(member))
                    changed = json_integer(json_integer_value(member) + 1);
                else if (text == NULL)
                    changed = json_boolean(!json_is_true(member));
                else {
                    char *copy = strdup(text);
                    size_t length = strlen(copy);
                    if (length > 0) /* a digit, a letter: another one of its sort */
                        copy[length - 1] = copy[length - 1] == '1' ? '2' : copy[length - 1] == 'd' ? 'e' : '1';
                    changed = json_string(length > 0 ? copy : "1");
                    free(copy);
                }
                json_object_set_new(value, name, changed);
                return true;
            }
        }
    }
    json_array_foreach(value, i, member)
    {
        if (json_is_object(member) || json_is_array(member)) {
            if (tampered_scalar_change(member, left))
                return true;
        } else if ((*left)-- == 0) {
            json_array_set_new(value, i, json_integer(json_is_integer(member) ? json_integer_value(member) + 1 : 1));
            return true;
        }
    }
    return false;
}

void tampered_tally(const struct tampered *tampered)
{
    print_message("%lu cases, %lu answers\n", tampered->cases, tampered->asked);
    for (int question = 0; question < ASK_COUNT; question++) {
        const unsigned long *outcomes = tampered->outcomes[question];
        print_message("  %-22s %lu same, %lu in words, %lu wrong, %lu crashes, %lu hangs\n",
                      flipped_question_name((enum flipped_question)question), outcomes[OUTCOME_SAME],
                      outcomes[OUTCOME_WORD], outcomes[OUTCOME_WRONG], outcomes[OUTCOME_CRASH], outcomes[OUTCOME_HANG]);
    }
}

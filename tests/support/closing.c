/*
 * Closers, periods, variants of a policy; see the header.
 */
#include "tests/support/closing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/schema.h"
#include "tests/support/golden.h"

enum { TEXT_MAX = 1 << 17 };

static void edit_apply(char *text, const struct edit *edit)
{
    char *at = strstr(text, edit->old);
    if (at == NULL)
        fail_msg("the policy has no '%s'", edit->old);
    size_t old = strlen(edit->old), new = strlen(edit->new), rest = strlen(at + old) + 1;
    assert_true(strlen(text) + new < TEXT_MAX);
    memmove(at + new, at + old, rest);
    memcpy(at, edit->new, new);
}

void variant_make(const struct edit *edits, char ret_path[static VARIANT_PATH_BYTES])
{
    variant_make_of("tests/policies/rules.yaml", edits, ret_path);
}

void variant_make_of(const char *policy, const struct edit *edits, char ret_path[static VARIANT_PATH_BYTES])
{
    char *text = calloc(1, TEXT_MAX);
    FILE *from = fopen(policy, "rb");
    assert_non_null(text);
    assert_non_null(from);
    assert_true(fread(text, 1, TEXT_MAX - 1, from) > 0);
    assert_int_equal(fclose(from), 0);
    for (; edits->old != NULL; edits++)
        edit_apply(text, edits);
    snprintf(ret_path, VARIANT_PATH_BYTES, "/tmp/countersign-policy-XXXXXX");
    int fd = mkstemp(ret_path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
    free(text);
}

void variant_done(const char *path)
{
    assert_int_equal(unlink(path), 0);
}

static json_t *submit_with(struct company *company, const char *user, json_t *document, const char *other)
{
    json_t *decision = company_do_with(company, user, VERB_SUBMIT,
                                       json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), other);
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    json_decref(decision);
    return result;
}

static void second(struct company *company, json_t *result)
{
    expect_done(company_approve(company, "oscar", result_number(expect(result, "waiting")), 1), "in-force");
    json_decref(result);
}

void closing_hire(struct company *company, const char *user, const char *person, const char *role, const char *entity)
{
    const char *sort = strncmp(role, "FEED_", 5) == 0 ? "feed" : "human";
    struct company_user *new_user = company_new_user(company, user);
    second(company, submit_with(company, "olga", company_enrolment(company, user, person, sort, new_user->key), user));
    json_t *grant = company_grant_document(company, user, role);
    company_with(grant, "entities", json_pack("[s]", entity));
    second(company, company_submit(company, "olga", grant));
}

void closing_closers(struct company *company)
{
    closing_hire(company, "cleo", "P-51", "PERIOD_CLOSER", "US01");
    closing_hire(company, "clive", "P-52", "PERIOD_CLOSER", "US01");
}

json_t *closing_period(struct company *company, const char *month, const char *state)
{
    json_t *document = company_document(company, "period");
    json_t *more =
        json_pack("{s:s, s:s, s:s, s:s}", "entity", "US01", "period", month, "reason", "month end", "state", state);
    json_object_update(document, more);
    json_decref(more);
    return document;
}

json_t *closing_exception(struct company *company, const char *month, const char *user, const char *until)
{
    json_t *document = closing_period(company, month, "open");
    return company_with(company_with(document, "user", json_string(user)), "until", json_string(until));
}

json_t *closing_note(struct company *company, const char *invoice, const char *amount, const char *date)
{
    const char *customer = strcmp(invoice, "581483") == 0 || strcmp(invoice, "581484") == 0 ? "16446" : "10442";
    return company_with(company_credit_note(company, customer, invoice, amount), "date", json_string(date));
}

void closing_policy(struct company *company, const struct edit *edits, const char *effective)
{
    closing_policy_of(company, "tests/policies/rules.yaml", edits, effective);
}

void closing_policy_ahead(struct company *company, const char *policy, const struct edit *edits, const char *effective)
{
    char path[VARIANT_PATH_BYTES];
    variant_make_of(policy, edits, path);
    json_t *document = company_document(company, "policy"), *body = company_policy_body(path);
    json_object_update(document, body);
    json_decref(body);
    variant_done(path);
    second(company, company_submit(company, "olga", company_with(document, "effective", json_string(effective))));
}

void closing_policy_of(struct company *company, const char *policy, const struct edit *edits, const char *effective)
{
    closing_policy_ahead(company, policy, edits, effective);
    company_at(company, effective);
}

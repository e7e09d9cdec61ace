/*
 * HR for tests; see the header.
 */
#include "tests/support/people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/golden.h"

json_t *people_whole(struct company *company, const char *user, json_t *document)
{
    json_t *decision =
        company_do(company, user, VERB_SUBMIT, json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document));
    json_t *result = json_incref(json_array_get(json_object_get(decision, "results"), 0));
    if (result == NULL)
        return decision;
    json_decref(decision);
    return result;
}

void people_open(struct company *company)
{
    company_open(company, "tests/policies/people.yaml");
    struct company_user *feed = company_new_user(company, "feedp");
    json_t *document = company_enrolment(company, "feedp", "P-34", "feed", feed->key);
    json_t *decision = company_do_with(company, "olga", VERB_SUBMIT,
                                       json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), "feedp");
    const char *number = result_number(json_array_get(json_object_get(decision, "results"), 0));
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    json_decref(decision);
    json_decref(company_grant(company, "feedp", "FEED_PEOPLE"));
}

json_t *people_event(const char *event, const char *change, const char *person, const char *date, const char *manager,
                     const char *successor)
{
    json_t *record =
        json_pack("{s:s, s:s, s:s, s:s}", "change", change, "date", date, "event", event, "person", person);
    if (manager != NULL)
        company_with(record, "manager", json_string(manager));
    if (successor != NULL)
        company_with(record, "successor", json_string(successor));
    return record;
}

json_t *people_file(struct company *company, int sequence, json_t *records)
{
    const struct company_file file = {.user = "feedp", .feed = "people", .sequence = sequence};
    return company_feed(company, &file, records);
}

void people_events(struct company *company, int sequence, json_t *records)
{
    expect_done(people_file(company, sequence, records), "closed");
}

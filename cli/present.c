/*
 * Small pieces of what is shown: amounts, hashes, ages, a document in one line, the answers of controls. Texts made here
 * are raw: whoever prints them goes through the escaping printers (cli/terminal.h, cli/block.h, cli/table.h).
 */
#include "cli/present.h"

#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"
#include "controls/kind.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/text.h"

void present_money(const char *amount_text, const char *currency, char ret_text[static MONEY_SHOWN_BYTES])
{
    char grouped[GROUPED_BYTES];
    ret_text[0] = '\0';
    if (amount_text != NULL && currency != NULL)
        snprintf(ret_text, MONEY_SHOWN_BYTES, "%s %.8s", terminal_group_decimal(amount_text, grouped), currency);
}

void present_minor(int64_t minor, const char *currency, char ret_text[static MONEY_SHOWN_BYTES])
{
    char text[MONEY_TEXT_MAX];
    int digits = currency != NULL ? currency_digits(currency) : -1;
    money_format_grouped(minor, digits >= 0 ? digits : 0, text);
    snprintf(ret_text, MONEY_SHOWN_BYTES, "%s %.8s", text, currency != NULL ? currency : "");
}

void present_hash(const char *hex, char ret_text[static HASH_SHOWN_BYTES])
{
    size_t length = hex != NULL ? strlen(hex) : 0;
    ret_text[0] = '\0';
    if (length >= 8)
        snprintf(ret_text, HASH_SHOWN_BYTES, "%.6s\xe2\x80\xa6%s", hex, hex + length - 2);
}

void present_age(int64_t age_ms, char ret_text[static AGE_BYTES])
{
    int64_t minutes = age_ms > 0 ? age_ms / 60000 : 0;
    if (minutes < 60)
        snprintf(ret_text, AGE_BYTES, "%d min", (int)minutes);
    else if (minutes < 48 * 60)
        snprintf(ret_text, AGE_BYTES, "%d h", (int)(minutes / 60));
    else
        snprintf(ret_text, AGE_BYTES, "%lld d", (long long)(minutes / (24 * 60)));
}

static void add_member(const json_t *document, const char *name, const char *word, char *ret_text)
{
    const char *value = member_text(document, name);
    if (value != NULL)
        text_add(ret_text, SUMMARY_BYTES, "  %s%s%s", word, word[0] != '\0' ? " " : "", value);
}

static void add_invoices(const json_t *document, char *ret_text)
{
    const json_t *allocations = json_object_get(document, "allocations");
    size_t count = json_array_size(allocations);
    if (count == 0)
        return;
    text_add(ret_text, SUMMARY_BYTES, "  %s", count > 1 ? "invoices" : "invoice");
    for (size_t i = 0; i < count && i < 3; i++)
        text_add(ret_text, SUMMARY_BYTES, "%s %s", i > 0 ? "," : "",
                 member_text(json_array_get(allocations, i), "invoice"));
    if (count > 3)
        text_add(ret_text, SUMMARY_BYTES, " and %zu more", count - 3);
}

/* Whom a transfer goes to. */
static void add_receiving(const json_t *document, char *ret_text)
{
    const json_t *to = json_object_get(document, "to");
    if (!json_is_object(to))
        return;
    add_member(to, "customer", "to customer", ret_text);
    add_invoices(to, ret_text);
}

void present_summary(const json_t *document, char ret_text[static SUMMARY_BYTES])
{
    char money[MONEY_SHOWN_BYTES];
    const char *name = member_text(document, "kind");
    const struct kind *kind = name != NULL ? kind_find(name) : NULL;
    snprintf(ret_text, SUMMARY_BYTES, "%s", kind != NULL ? kind->title : name != NULL ? name : "document");
    present_money(member_text(document, "amount"), member_text(document, "currency"), money);
    if (money[0] != '\0')
        text_add(ret_text, SUMMARY_BYTES, "  %s", money);
    add_member(document, "direction", "", ret_text);
    add_member(document, "customer", "customer", ret_text);
    present_money(member_text(document, "limit"), member_text(document, "currency"), money);
    if (money[0] != '\0')
        text_add(ret_text, SUMMARY_BYTES, "  new limit %s", money);
    add_invoices(document, ret_text);
    add_member(document, "reverses", "of", ret_text);
    add_member(document, "recovers", "of", ret_text);
    add_member(document, "charge", "", ret_text);
    add_receiving(document, ret_text);
    if (kind != NULL && kind->govern != NULL) { /* a month, an entity */
        add_member(document, "period", "", ret_text);
        add_member(document, "state", "", ret_text);
        add_member(document, "entity", "of", ret_text);
    }
    add_member(document, "user", "of", ret_text);
    add_member(document, "from_user", "of", ret_text);
    add_member(document, "to_user", "to", ret_text);
    add_member(document, "role", "role", ret_text);
    add_member(document, "grant", "of", ret_text);
    add_member(document, "effective", "from", ret_text);
}

void present_controls(struct block *block, const json_t *answers)
{
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *answer = json_array_get(answers, i);
        const char *what = member_text(answer, "answer");
        const char *label = "because";
        char sentence[SENTENCE_BYTES];
        if (what != NULL && strcmp(what, "deny") == 0)
            label = "refused";
        else if (what != NULL && strcmp(what, "flag") == 0)
            label = "noted";
        answer_sentence(answer, sentence);
        block_line(block, label, "%s   %s", sentence, member_text(answer, "control"));
    }
}

void present_flags(struct block *block, const json_t *answers)
{
    json_t *flags = json_array();
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const char *what = member_text(json_array_get(answers, i), "answer");
        if (what != NULL && strcmp(what, "flag") == 0)
            json_array_append(flags, json_array_get(answers, i));
    }
    present_controls(block, flags);
    json_decref(flags);
}

json_t *present_controls_json(const json_t *answers)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < json_array_size(answers); i++) {
        char sentence[SENTENCE_BYTES];
        json_t *answer = json_copy(json_array_get(answers, i));
        if (answer == NULL)
            continue;
        answer_sentence(answer, sentence);
        json_object_set_new(answer, "text", json_string(sentence));
        json_array_append_new(list, answer);
    }
    return list;
}

void present_lines(struct block *block, const struct facts *facts, const char *label, const json_t *lines)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const char *account = member_text(line, "account");
        const char *side = member_text(line, "side");
        const char *to = member_text(line, "invoice");
        const struct policy_account *known = account != NULL ? policy_find_account(facts->policy, account) : NULL;
        const char *functional = member_text(line, "functional"), *difference = member_text(line, "difference");
        char money[MONEY_SHOWN_BYTES];
        present_money(member_text(line, "amount"), member_text(line, "currency"), money);
        block_line(block, i == 0 ? label : "", "%s %s %s   %s%s%s%s%s%s%s",
                   side != NULL && side[0] == 'd' ? "Dr" : "Cr", account != NULL ? account : "?",
                   known != NULL ? known->title : "", money, to != NULL ? "   invoice " : "", to != NULL ? to : "",
                   functional != NULL ? "   booked as " : "", functional != NULL ? functional : "",
                   difference != NULL ? "   " : "",
                   difference == NULL              ? ""
                   : strcmp(difference, "fx") == 0 ? "exchange difference"
                                                   : "rounding");
    }
}

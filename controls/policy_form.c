/*
 * The form of a compiled policy (POLICY.md, "The compiled form"), as tables of members and one walk over them. The walk
 * goes as deep as the tables do, whatever the input is. Every deviation is reported with its path.
 */
#include "controls/policy_form.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/policy_parameters.h"
#include "controls/policy_words.h"
#include "controls/relaxable.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/text.h"

enum form_type {
    FORM_TEXT,     /* permitted text, min..max bytes */
    FORM_CODE,     /* FORMAT 1 */
    FORM_NULLABLE, /* a code or null */
    FORM_EVIDENCE, /* a kind of evidence: a member name by its grammar, at most 32 bytes */
    FORM_KIND,
    FORM_FUNCTION,
    FORM_CONTROL, /* one that emergency access may relax */
    FORM_CURRENCY,
    FORM_AMOUNT, /* zero or more, below what stands for "no bound" */
    FORM_INSTANT,
    FORM_DATE,
    FORM_DOMAIN,     /* of an e-mail address, in small letters */
    FORM_PARAMETERS, /* an object of policy_parameters */
    FORM_INTEGER,    /* min..max */
    FORM_TRUE,       /* true: said or left out */
    FORM_WORD,       /* one of an enum's words */
    FORM_OBJECT,
    FORM_LIST /* min..max members of type `of`; scalar ones sorted, none twice */
};

enum { DOMAIN_BYTES_MAX = 253 }; /* RFC 1035 */

struct form_object;

struct form_member {
    const char *name;
    enum form_type type;
    enum form_type of;
    bool optional;
    int64_t min, max;
    const char *(*word)(int);
    const struct form_object *object;
};

struct form_object {
    const struct form_member *members; /* ends with a NULL name */
};

struct form_walk {
    struct policy_findings *findings;
    int digits; /* of the base currency; -1 while that is not known */
};

#define CODE(name_)                                                                                                    \
    {                                                                                                                  \
        .name = (name_), .type = FORM_CODE                                                                             \
    }
#define INTEGER(name_, min_, max_)                                                                                     \
    {                                                                                                                  \
        .name = (name_), .type = FORM_INTEGER, .min = (min_), .max = (max_)                                            \
    }
#define TITLE(name_)                                                                                                   \
    {                                                                                                                  \
        .name = (name_), .type = FORM_TEXT, .min = 1, .max = POLICY_TITLE_BYTES_MAX                                    \
    }
#define WORD(name_, word_)                                                                                             \
    {                                                                                                                  \
        .name = (name_), .type = FORM_WORD, .word = (word_)                                                            \
    }
#define SCALARS(name_, of_, min_, max_)                                                                                \
    {                                                                                                                  \
        .name = (name_), .type = FORM_LIST, .of = (of_), .min = (min_), .max = (max_)                                  \
    }
#define OBJECTS(name_, object_, min_, max_)                                                                            \
    {                                                                                                                  \
        .name = (name_), .type = FORM_LIST, .of = FORM_OBJECT, .object = &(object_), .min = (min_), .max = (max_)      \
    }
#define OBJECT(name_, object_)                                                                                         \
    {                                                                                                                  \
        .name = (name_), .type = FORM_OBJECT, .object = &(object_)                                                     \
    }
#define PARAMETERS                                                                                                     \
    {                                                                                                                  \
        .name = "parameters", .type = FORM_PARAMETERS, .optional = true                                                \
    }
#define END                                                                                                            \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

static const struct form_member account_members[] = {CODE("account"), WORD("class", account_class_word), TITLE("title"),
                                                     END};
static const struct form_object account_form = {account_members};

static const struct form_member approval_members[] = {INTEGER("lapse_days", 1, 366),
                                                      INTEGER("list_max", 1, DOCUMENTS_MAX), END};
static const struct form_object approval_form = {approval_members};

static const struct form_member tier_members[] = {
    SCALARS("levels", FORM_INTEGER, 0, LEVELS_MAX), {.name = "upto", .type = FORM_AMOUNT, .optional = true}, END};
static const struct form_object tier_form = {tier_members};

static const struct form_member row_members[] = {{.name = "chain", .type = FORM_TRUE, .optional = true},
                                                 SCALARS("entities", FORM_CODE, 0, POLICY_ENTITIES_MAX),
                                                 CODE("row"),
                                                 OBJECTS("tiers", tier_form, 1, POLICY_TIERS_MAX),
                                                 END};
static const struct form_object row_form = {row_members};

static const struct form_member bots_members[] = {
    {.name = "document_max", .type = FORM_AMOUNT},
    INTEGER("documents_per_day_max", 0, 1000000),
    {.name = "kinds", .type = FORM_LIST, .of = FORM_KIND, .min = 1, .max = KIND_COUNT, .optional = true},
    {.name = "reasons", .type = FORM_LIST, .of = FORM_CODE, .min = 1, .max = POLICY_LIST_MAX, .optional = true},
    {.name = "run", .type = FORM_WORD, .word = required_word, .optional = true},
    {.name = "sum_per_day_max", .type = FORM_AMOUNT, .optional = true},
    END};
static const struct form_object bots_form = {bots_members};

static const struct form_member conflict_members[] = {CODE("a"), CODE("b"), WORD("mode", conflict_mode_word), END};
static const struct form_object conflict_form = {conflict_members};

static const struct form_member exclusive_members[] = {SCALARS("duties", FORM_CODE, 2, POLICY_DUTIES_MAX),
                                                       INTEGER("fewer_than", 2, POLICY_DUTIES_MAX), CODE("set"),
                                                       TITLE("title"), END};
static const struct form_object exclusive_form = {exclusive_members};

static const struct form_member window_members[] = {
    WORD("by", window_by_word),
    INTEGER("days", 0, 3660),
    SCALARS("kinds", FORM_KIND, 0, KIND_COUNT),
    {.name = "reversed", .type = FORM_WORD, .word = window_reversed_word, .optional = true},
    WORD("span", window_span_word),
    END};
static const struct form_object window_form = {window_members};

static const struct form_member duty_members[] = {
    CODE("duty"), SCALARS("functions", FORM_FUNCTION, 1, FUNCTION_NUMBERS), TITLE("title"), END};
static const struct form_object duty_form = {duty_members};

static const struct form_member offset_members[] = {
    {.name = "from", .type = FORM_INSTANT}, INTEGER("minutes", -840, 840), END};
static const struct form_object offset_form = {offset_members};

static const struct form_member entity_members[] = {
    {.name = "currency", .type = FORM_CURRENCY},
    CODE("entity"),
    INTEGER("fiscal_month", 1, 12),
    {.name = "holidays", .type = FORM_LIST, .of = FORM_DATE, .max = POLICY_HOLIDAYS_MAX, .optional = true},
    OBJECTS("offsets", offset_form, 1, POLICY_OFFSETS_MAX),
    PARAMETERS,
    END};
static const struct form_object entity_form = {entity_members};

static const struct form_member posting_members[] = {{.name = "fx_account", .type = FORM_CODE, .optional = true},
                                                     CODE("on_account_account"),
                                                     CODE("on_account_row"),
                                                     CODE("receivable_account"),
                                                     {.name = "rounding_account", .type = FORM_CODE, .optional = true},
                                                     END};
static const struct form_object posting_form = {posting_members};

static const struct form_member reason_members[] = {
    {.name = "account", .type = FORM_NULLABLE},
    {.name = "dispute", .type = FORM_WORD, .word = required_word, .optional = true},
    {.name = "error", .type = FORM_WORD, .word = yes_word, .optional = true},
    SCALARS("evidence", FORM_EVIDENCE, 0, EVIDENCE_MAX),
    SCALARS("kinds", FORM_KIND, 1, KIND_COUNT),
    INTEGER("note_bytes_min", 0, NOTE_BYTES_MAX),
    {.name = "precondition", .type = FORM_WORD, .word = precondition_word, .optional = true},
    CODE("reason"),
    CODE("row"),
    TITLE("title"),
    END};
static const struct form_object reason_form = {reason_members};

static const struct form_member role_members[] = {
    SCALARS("functions", FORM_FUNCTION, 0, FUNCTION_NUMBERS),
    {.name = "inherits", .type = FORM_LIST, .of = FORM_CODE, .min = 1, .max = POLICY_ROWS_MAX, .optional = true},
    CODE("role"),
    TITLE("title"),
    END};
static const struct form_object role_form = {role_members};

static const struct form_member tax_members[] = {CODE("account"), CODE("code"), END};
static const struct form_object tax_form = {tax_members};

static const struct form_member break_glass_members[] = {SCALARS("controls", FORM_CONTROL, 1, 100), END};
static const struct form_object break_glass_form = {break_glass_members};

static const struct form_member verification_members[] = {
    {.name = "from_level", .type = FORM_INTEGER, .min = 1, .max = LEVELS_MAX, .optional = true},
    {.name = "functions", .type = FORM_LIST, .of = FORM_FUNCTION, .min = 1, .max = FUNCTION_NUMBERS, .optional = true},
    END};
static const struct form_object verification_form = {verification_members};

static const struct form_member policy_members[] = {
    OBJECTS("accounts", account_form, 1, POLICY_LIST_MAX),
    OBJECT("approval", approval_form),
    OBJECTS("authority", row_form, 1, POLICY_ROWS_MAX),
    {.name = "base", .type = FORM_CURRENCY},
    OBJECT("bots", bots_form),
    {.name = "break_glass", .type = FORM_OBJECT, .optional = true, .object = &break_glass_form},
    OBJECTS("conflicts", conflict_form, 0, POLICY_CONFLICTS_MAX),
    OBJECTS("cumulative", window_form, 0, POLICY_WINDOWS_MAX),
    OBJECTS("duties", duty_form, 0, POLICY_DUTIES_MAX),
    OBJECTS("entities", entity_form, 1, POLICY_ENTITIES_MAX),
    {.name = "exclusive",
     .type = FORM_LIST,
     .of = FORM_OBJECT,
     .object = &exclusive_form,
     .min = 1,
     .max = POLICY_EXCLUSIVES_MAX,
     .optional = true},
    TITLE("name"),
    PARAMETERS,
    OBJECT("postings", posting_form),
    {.name = "public_email_domains",
     .type = FORM_LIST,
     .of = FORM_DOMAIN,
     .min = 1,
     .max = POLICY_DOMAINS_MAX,
     .optional = true},
    OBJECTS("reasons", reason_form, 1, POLICY_LIST_MAX),
    {.name = "releases", .type = FORM_WORD, .optional = true, .word = release_rule_word},
    OBJECTS("roles", role_form, 1, POLICY_ROWS_MAX),
    OBJECTS("taxes", tax_form, 0, POLICY_LIST_MAX),
    {.name = "verification", .type = FORM_OBJECT, .optional = true, .object = &verification_form},
    END};
static const struct form_object policy_form = {policy_members};

static void value_check(const struct form_walk *walk, const struct form_member *member, enum form_type type,
                        const json_t *value, const char *path);

static const struct form_member *member_find(const struct form_object *object, const char *name)
{
    for (const struct form_member *member = object->members; member->name != NULL; member++) {
        if (strcmp(member->name, name) == 0)
            return member;
    }
    return NULL;
}

static void object_check(const struct form_walk *walk, const struct form_object *object, const json_t *value,
                         const char *path)
{
    char text[POLICY_PATH_BYTES];
    const char *dot = path[0] == '\0' ? "" : ".";
    if (!json_is_object(value)) {
        policy_error(walk->findings, path, "an object is wanted here");
        return;
    }
    const char *name = NULL;
    json_t *ignored = NULL;
    json_object_foreach((json_t *)(uintptr_t)value, name, ignored)
    {
        char shown[TEXT_SHOW_MAX];
        text_show(name, strlen(name), shown);
        if (member_find(object, name) == NULL)
            policy_error(walk->findings, path, "unknown member '%s'", shown);
    }
    for (const struct form_member *member = object->members; member->name != NULL; member++) {
        const json_t *inner = json_object_get(value, member->name);
        if (inner != NULL)
            value_check(walk, member, member->type, inner, policy_place(text, "%s%s%s", path, dot, member->name));
        else if (!member->optional)
            policy_error(walk->findings, path, "'%s' is missing", member->name);
    }
}

/* Scalars of a list stand in ascending order: numbers by value, text by its bytes. */
static bool scalars_ascend(const json_t *before, const json_t *after)
{
    if (json_is_integer(before) && json_is_integer(after))
        return json_integer_value(before) < json_integer_value(after);
    if (json_is_string(before) && json_is_string(after))
        return strcmp(json_string_value(before), json_string_value(after)) < 0;
    return true; /* a wrong type is reported as such */
}

static void list_check(const struct form_walk *walk, const struct form_member *member, const json_t *value,
                       const char *path)
{
    char text[POLICY_PATH_BYTES];
    if (!json_is_array(value)) {
        policy_error(walk->findings, path, "a list is wanted here");
        return;
    }
    size_t count = json_array_size(value);
    if (count < (size_t)member->min || count > (size_t)member->max) {
        policy_error(walk->findings, path, "%zu members, the list has to have %lld to %lld", count,
                     (long long)member->min, (long long)member->max);
        return;
    }
    /* What applies to the list itself does not apply to its members. */
    struct form_member item = *member;
    if (member->of == FORM_INTEGER) {
        item.min = 1;
        item.max = LEVELS_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *inner = json_array_get(value, i);
        value_check(walk, &item, member->of, inner, policy_place(text, "%s[%zu]", path, i));
        if (i > 0 && member->of != FORM_OBJECT && !scalars_ascend(json_array_get(value, i - 1), inner))
            policy_error(walk->findings, text, "stands twice, or the list is not sorted");
    }
}

static void amount_check(const struct form_walk *walk, const char *text, const char *path)
{
    struct err err;
    int64_t minor = 0;
    if (walk->digits < 0)
        return; /* the base currency has been reported */
    if (money_parse(text, strlen(text), walk->digits, &minor, &err) != STATUS_OK)
        policy_error(walk->findings, path, "%s", err.text);
    else if (minor < 0 || minor == INT64_MAX)
        policy_error(walk->findings, path, "amount '%s': zero or more, and below the largest there is", text);
}

/* Labels of small letters, digits and hyphens, joined by dots. */
static bool text_is_domain(const char *text, size_t length)
{
    return length > 0 && length <= DOMAIN_BYTES_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") == length && strchr(text, '.') != NULL &&
           text[0] != '.' && text[length - 1] != '.' && strstr(text, "..") == NULL;
}

/* Strings whose grammar is a yes or no: answers what was wanted, or NULL when the text is that. */
static const char *string_wants(enum form_type type, const char *text)
{
    size_t length = strlen(text);
    switch (type) {
    case FORM_CODE:
    case FORM_NULLABLE:
        return text_is_code(text, length) ? NULL : "a code of A-Z, 0-9, - and _, at most 32";
    case FORM_EVIDENCE:
        return length <= TEXT_CODE_BYTES_MAX && text_is_key(text, length)
                   ? NULL
                   : "a kind of evidence of a-z, 0-9, -, _ and ., at most 32";
    case FORM_KIND:
        return kind_from_name(text) != KIND_UNKNOWN ? NULL : "a kind of document";
    case FORM_FUNCTION:
        return function_class(text, NULL, NULL) != FUNCTION_UNKNOWN ? NULL : "a function";
    case FORM_DOMAIN:
        return text_is_domain(text, length) ? NULL : "a domain in small letters, e.g. example.com";
    case FORM_CONTROL:
        return control_relaxable(text) ? NULL : "a control that emergency access may relax (POLICY.md lists them)";
    case FORM_CURRENCY:
        return currency_digits(text) >= 0 ? NULL : "a currency of ISO 4217";
    case FORM_TRUE:
    case FORM_WORD:
    case FORM_TEXT:
    case FORM_AMOUNT:
    case FORM_INSTANT:
    case FORM_DATE:
    case FORM_PARAMETERS:
    case FORM_INTEGER:
    case FORM_OBJECT:
    case FORM_LIST:
        break;
    }
    return NULL;
}

/* An enum's word; the finding lists those there are. */
static void word_check(const struct form_walk *walk, const struct form_member *member, const char *text,
                       const char *path)
{
    char words[ERR_TEXT_BYTES / 2] = "";
    char shown[TEXT_SHOW_MAX];
    if (word_value(member->word, text) >= 0)
        return;
    size_t used = 0;
    for (int value = 0; member->word(value) != NULL && used < sizeof words; value++)
        used +=
            (size_t)snprintf(words + used, sizeof words - used, "%s%s", value == 0 ? "" : ", ", member->word(value));
    text_show(text, strlen(text), shown);
    policy_error(walk->findings, path, "'%s' is none of %s", shown, words);
}

static void string_check(const struct form_walk *walk, const struct form_member *member, enum form_type type,
                         const json_t *value, const char *path)
{
    const char *text = json_string_value(value);
    struct err err;
    if (text == NULL || json_string_length(value) != strlen(text)) {
        policy_error(walk->findings, path, "text is wanted here");
        return;
    }
    size_t length = strlen(text);
    char shown[TEXT_SHOW_MAX];
    text_show(text, length, shown);
    const char *wanted = string_wants(type, text);
    if (wanted != NULL) {
        policy_error(walk->findings, path, "'%s' is not %s", shown, wanted);
    } else if (type == FORM_WORD) {
        word_check(walk, member, text, path);
    } else if (type == FORM_AMOUNT) {
        amount_check(walk, text, path);
    } else if (type == FORM_INSTANT) {
        int64_t ignored = 0;
        if (instant_parse(text, length, &ignored, &err) != STATUS_OK)
            policy_error(walk->findings, path, "%s", err.text);
    } else if (type == FORM_DATE) {
        int32_t ignored = 0;
        if (date_parse(text, length, &ignored, &err) != STATUS_OK)
            policy_error(walk->findings, path, "%s", err.text);
    } else if (type == FORM_TEXT) {
        if (text_check(text, length, &err) != STATUS_OK)
            policy_error(walk->findings, path, "%s", err.text);
        else if (length < (size_t)member->min || length > (size_t)member->max)
            policy_error(walk->findings, path, "%zu bytes of text, %lld to %lld are wanted", length,
                         (long long)member->min, (long long)member->max);
    }
}

static void parameters_check(const struct form_walk *walk, const json_t *value, const char *path)
{
    const char *name = NULL;
    json_t *inner = NULL;
    char text[POLICY_PATH_BYTES], shown[TEXT_SHOW_MAX];
    if (!json_is_object(value)) {
        policy_error(walk->findings, path, "an object is wanted here");
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)value, name, inner)
    {
        const struct parameter *parameter = parameter_find(name);
        if (parameter == NULL) {
            text_show(name, strlen(name), shown);
            policy_error(walk->findings, path, "unknown parameter '%s'", shown);
            continue;
        }
        const struct form_member member = {.name = name, .min = parameter->min, .max = parameter->max};
        value_check(walk, &member, parameter->unit == UNIT_AMOUNT ? FORM_AMOUNT : FORM_INTEGER, inner,
                    policy_place(text, "%s.%s", path, name));
    }
}

static void value_check(const struct form_walk *walk, const struct form_member *member, enum form_type type,
                        const json_t *value, const char *path)
{
    switch (type) {
    case FORM_OBJECT:
        object_check(walk, member->object, value, path);
        return;
    case FORM_LIST:
        list_check(walk, member, value, path);
        return;
    case FORM_PARAMETERS:
        parameters_check(walk, value, path);
        return;
    case FORM_INTEGER:
        if (!json_is_integer(value) || json_integer_value(value) < member->min ||
            json_integer_value(value) > member->max)
            policy_error(walk->findings, path, "a whole number from %lld to %lld is wanted", (long long)member->min,
                         (long long)member->max);
        return;
    case FORM_TRUE:
        if (!json_is_true(value))
            policy_error(walk->findings, path, "true is wanted, or nothing");
        return;
    case FORM_NULLABLE:
        if (json_is_null(value))
            return;
        break;
    case FORM_TEXT:
    case FORM_CODE:
    case FORM_EVIDENCE:
    case FORM_KIND:
    case FORM_FUNCTION:
    case FORM_CONTROL:
    case FORM_CURRENCY:
    case FORM_AMOUNT:
    case FORM_INSTANT:
    case FORM_DATE:
    case FORM_DOMAIN:
    case FORM_WORD:
        break;
    }
    string_check(walk, member, type, value, path);
}

void policy_form_check(const json_t *compiled, struct policy_findings *findings)
{
    struct form_walk walk = {.findings = findings, .digits = -1};
    const char *base = json_string_value(json_object_get(compiled, "base"));
    if (base != NULL)
        walk.digits = currency_digits(base);
    object_check(&walk, &policy_form, compiled, "");
    const json_t *verification = json_object_get(compiled, "verification");
    if (json_is_object(verification) && json_object_size(verification) == 0)
        policy_error(findings, "verification", "from_level, functions or both are wanted here");
}

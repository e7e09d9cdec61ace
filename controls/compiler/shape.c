/*
 * The keys of a policy's YAML (POLICY.md "The file") as tables, and the walk that makes the compiled form of them. The
 * walk is as deep as the tables are. What a key's text has to look like is checked on the compiled form, by the same
 * code as everywhere else; only what this compiler translates is read here.
 */
#include "controls/compiler/shape.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/compiler/items.h"
#include "controls/compiler/nearest.h"
#include "controls/compiler/values.h"
#include "controls/compiler/zones.h"
#include "controls/policy.h"
#include "ledger/instant.h"
#include "ledger/text.h"

enum member_type {
    MEMBER_TEXT,
    MEMBER_NULLABLE, /* text, or null when the key is not there */
    MEMBER_INTEGER,
    MEMBER_TEXTS,     /* list of text, sorted */
    MEMBER_FUNCTIONS, /* list of functions and ranges of them, sorted */
    MEMBER_LEVELS,    /* list of whole numbers, sorted */
    MEMBER_MAP,
    MEMBER_MAPS,  /* list of maps, sorted by `sort` if there is one */
    MEMBER_FINISH /* read by the map's finish */
};

enum { KEYS_MAX = 32, JOIN = 1 };

struct shape_map;

struct shape_member {
    const char *key;    /* in the YAML */
    const char *member; /* in the compiled form */
    enum member_type type;
    const char *fallback; /* NULL: the key must be there; "": nothing, or an empty list */
    const char *sort;     /* MEMBER_MAPS: the member they are sorted by */
    const struct shape_map *map;
};

typedef void shape_finish(struct shape *shape, const struct node *map, json_t *object);

struct shape_map {
    const struct shape_member *members; /* ends with a NULL key */
    shape_finish *finish;
};

static shape_finish entity_finish;
static shape_finish row_finish;
static shape_finish role_finish;
static shape_finish window_finish;
static shape_finish verification_finish;
static shape_finish bots_finish;
static shape_finish policy_finish;

static const struct shape_member account_members[] = {
    {.key = "account", .member = "account", .type = MEMBER_TEXT},
    {.key = "class", .member = "class", .type = MEMBER_TEXT},
    {.key = "title", .member = "title", .type = MEMBER_TEXT},
    {.key = NULL},
};
static const struct shape_map account_map = {account_members, NULL};

static const struct shape_member approval_members[] = {
    {.key = "lapse_days", .member = "lapse_days", .type = MEMBER_INTEGER, .fallback = "14"},
    {.key = "list_max", .member = "list_max", .type = MEMBER_INTEGER, .fallback = "50"},
    {.key = NULL},
};
static const struct shape_map approval_map = {approval_members, NULL};

static const struct shape_member tier_members[] = {
    {.key = "upto", .member = "upto", .type = MEMBER_TEXT, .fallback = ""},
    {.key = "levels", .member = "levels", .type = MEMBER_LEVELS},
    {.key = NULL},
};
static const struct shape_map tier_map = {tier_members, NULL};

static const struct shape_member row_members[] = {
    {.key = "row", .member = "row", .type = MEMBER_TEXT},
    {.key = "entities", .member = "entities", .type = MEMBER_TEXTS, .fallback = ""},
    {.key = "tiers", .member = "tiers", .type = MEMBER_MAPS, .map = &tier_map},
    {.key = "chain", .member = "chain", .type = MEMBER_FINISH, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map row_map = {row_members, row_finish};

static const struct shape_member bots_members[] = {
    {.key = "document_max", .member = "document_max", .type = MEMBER_TEXT},
    {.key = "documents_per_day_max", .member = "documents_per_day_max", .type = MEMBER_INTEGER},
    {.key = "sum_per_day_max", .member = "sum_per_day_max", .type = MEMBER_TEXT, .fallback = ""},
    {.key = "kinds", .member = "kinds", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "reasons", .member = "reasons", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "run", .member = "run", .type = MEMBER_TEXT, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map bots_map = {bots_members, bots_finish};

static const struct shape_member break_glass_members[] = {
    {.key = "controls", .member = "controls", .type = MEMBER_TEXTS},
    {.key = NULL},
};
static const struct shape_map break_glass_map = {break_glass_members, NULL};

static const struct shape_member verification_members[] = {
    {.key = "from_level", .member = "from_level", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "functions", .member = "functions", .type = MEMBER_FINISH, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map verification_map = {verification_members, verification_finish};

static const struct shape_member conflict_members[] = {
    {.key = "duty", .type = MEMBER_FINISH},
    {.key = "never", .type = MEMBER_FINISH},
    {.key = "document", .type = MEMBER_FINISH},
    {.key = "mitigated", .type = MEMBER_FINISH},
    {.key = NULL},
};
static const struct shape_map conflict_map = {conflict_members, NULL};

static const struct shape_member window_members[] = {
    {.key = "by", .member = "by", .type = MEMBER_TEXT},
    {.key = "span", .member = "span", .type = MEMBER_FINISH},
    {.key = "kinds", .member = "kinds", .type = MEMBER_TEXTS},
    {.key = "reversed", .member = "reversed", .type = MEMBER_TEXT, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map window_map = {window_members, window_finish};

static const struct shape_member duty_members[] = {
    {.key = "duty", .member = "duty", .type = MEMBER_TEXT},
    {.key = "title", .member = "title", .type = MEMBER_TEXT},
    {.key = "functions", .member = "functions", .type = MEMBER_FUNCTIONS},
    {.key = NULL},
};
static const struct shape_map duty_map = {duty_members, NULL};

static const struct shape_member entity_members[] = {
    {.key = "entity", .member = "entity", .type = MEMBER_TEXT},
    {.key = "currency", .member = "currency", .type = MEMBER_TEXT},
    {.key = "fiscal_year_begins", .member = "fiscal_month", .type = MEMBER_INTEGER, .fallback = "1"},
    {.key = "timezone", .member = "offsets", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "offsets", .member = "offsets", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "holidays", .member = "holidays", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "parameters", .member = "parameters", .type = MEMBER_FINISH, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map entity_map = {entity_members, entity_finish};

static const struct shape_member offset_members[] = {
    {.key = "from", .member = "from", .type = MEMBER_TEXT},
    {.key = "offset", .member = "minutes", .type = MEMBER_FINISH},
    {.key = NULL},
};
static shape_finish offset_finish;
static const struct shape_map offset_map = {offset_members, offset_finish};

static const struct shape_member posting_members[] = {
    {.key = "receivable", .member = "receivable_account", .type = MEMBER_TEXT},
    {.key = "on_account", .member = "on_account_account", .type = MEMBER_TEXT},
    {.key = "on_account_row", .member = "on_account_row", .type = MEMBER_TEXT},
    {.key = "fx", .member = "fx_account", .type = MEMBER_TEXT, .fallback = ""},
    {.key = "rounding", .member = "rounding_account", .type = MEMBER_TEXT, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map posting_map = {posting_members, NULL};

static const struct shape_member reason_members[] = {
    {.key = "reason", .member = "reason", .type = MEMBER_TEXT},
    {.key = "title", .member = "title", .type = MEMBER_TEXT},
    {.key = "kinds", .member = "kinds", .type = MEMBER_TEXTS},
    {.key = "row", .member = "row", .type = MEMBER_TEXT},
    {.key = "account", .member = "account", .type = MEMBER_NULLABLE, .fallback = ""},
    {.key = "evidence", .member = "evidence", .type = MEMBER_TEXTS, .fallback = ""},
    {.key = "precondition", .member = "precondition", .type = MEMBER_TEXT, .fallback = ""},
    {.key = "dispute", .member = "dispute", .type = MEMBER_TEXT, .fallback = ""},
    {.key = "note_bytes_min", .member = "note_bytes_min", .type = MEMBER_INTEGER, .fallback = "0"},
    {.key = "error", .member = "error", .type = MEMBER_TEXT, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map reason_map = {reason_members, NULL};

static const struct shape_member role_members[] = {
    {.key = "role", .member = "role", .type = MEMBER_TEXT},
    {.key = "title", .member = "title", .type = MEMBER_TEXT},
    {.key = "functions", .member = "functions", .type = MEMBER_FUNCTIONS, .fallback = ""},
    {.key = "inherits", .member = "inherits", .type = MEMBER_FINISH, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map role_map = {role_members, role_finish};

static const struct shape_member exclusive_members[] = {
    {.key = "set", .member = "set", .type = MEMBER_TEXT},
    {.key = "title", .member = "title", .type = MEMBER_TEXT},
    {.key = "duties", .member = "duties", .type = MEMBER_TEXTS},
    {.key = "fewer_than", .member = "fewer_than", .type = MEMBER_INTEGER},
    {.key = NULL},
};
static const struct shape_map exclusive_map = {exclusive_members, NULL};

static const struct shape_member tax_members[] = {
    {.key = "code", .member = "code", .type = MEMBER_TEXT},
    {.key = "account", .member = "account", .type = MEMBER_TEXT},
    {.key = NULL},
};
static const struct shape_map tax_map = {tax_members, NULL};

static const struct shape_member policy_members[] = {
    {.key = "name", .member = "name", .type = MEMBER_TEXT},
    {.key = "base_currency", .member = "base", .type = MEMBER_TEXT},
    {.key = "entities", .member = "entities", .type = MEMBER_MAPS, .sort = "entity", .map = &entity_map},
    {.key = "accounts", .member = "accounts", .type = MEMBER_MAPS, .sort = "account", .map = &account_map},
    {.key = "postings", .member = "postings", .type = MEMBER_MAP, .map = &posting_map},
    {.key = "taxes", .member = "taxes", .type = MEMBER_MAPS, .fallback = "", .sort = "code", .map = &tax_map},
    {.key = "roles", .member = "roles", .type = MEMBER_MAPS, .sort = "role", .map = &role_map},
    {.key = "duties", .member = "duties", .type = MEMBER_MAPS, .fallback = "", .sort = "duty", .map = &duty_map},
    {.key = "conflicts", .member = "conflicts", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "exclusive", .member = "exclusive", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "public_email_domains", .member = "public_email_domains", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "authority", .member = "authority", .type = MEMBER_MAPS, .sort = "row", .map = &row_map},
    {.key = "cumulative", .member = "cumulative", .type = MEMBER_MAPS, .fallback = "", .map = &window_map},
    {.key = "reasons", .member = "reasons", .type = MEMBER_MAPS, .sort = "reason", .map = &reason_map},
    {.key = "approval", .member = "approval", .type = MEMBER_MAP, .fallback = "", .map = &approval_map},
    {.key = "bots", .member = "bots", .type = MEMBER_MAP, .map = &bots_map},
    {.key = "parameters", .member = "parameters", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "break_glass", .member = "break_glass", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "releases", .member = "releases", .type = MEMBER_FINISH, .fallback = ""},
    {.key = "verification", .member = "verification", .type = MEMBER_FINISH, .fallback = ""},
    {.key = NULL},
};
static const struct shape_map policy_map = {policy_members, policy_finish};

static json_t *map_shape(struct shape *shape, const struct shape_map *map, const struct node *node);

/* What a map is sorted by: the text of one member; for a row of authority also its entities, one after the other. */
static char *sort_key(const json_t *object, const char *sort)
{
    const char *id = json_string_value(json_object_get(object, sort));
    const json_t *entities = json_object_get(object, "entities");
    size_t room = (id == NULL ? 0 : strlen(id)) + 1;
    for (size_t i = 0; i < json_array_size(entities); i++)
        room += json_string_length(json_array_get(entities, i)) + 1;
    char *key = calloc(1, room);
    if (key == NULL)
        return NULL;
    size_t used = (size_t)snprintf(key, room, "%s", id == NULL ? "" : id);
    for (size_t i = 0; i < json_array_size(entities); i++)
        used += (size_t)snprintf(key + used, room - used, "%c%s", JOIN, json_string_value(json_array_get(entities, i)));
    return key;
}

static json_t *maps_value(struct shape *shape, const struct shape_member *member, const struct node *node)
{
    struct items items = {.list = NULL};
    if (!value_list_wanted(shape, node))
        return NULL;
    for (const struct node *inner = node->first; inner != NULL && !shape->failed; inner = inner->next) {
        json_t *object = map_shape(shape, member->map, inner);
        if (object == NULL)
            continue;
        /* Without a sort member all keys are equal and the order of the file stays. */
        char *key = member->sort == NULL ? strdup("") : sort_key(object, member->sort);
        if (key == NULL) {
            shape->failed = true;
            json_decref(object);
        } else {
            items_add(&items, key, object, inner->offset);
        }
        free(key);
    }
    return value_from_items(shape, &items, node->offset);
}

static json_t *value_shape(struct shape *shape, const struct shape_member *member, const struct node *node)
{
    switch (member->type) {
    case MEMBER_TEXT:
    case MEMBER_NULLABLE:
        return value_from_text(shape, node);
    case MEMBER_INTEGER:
        return value_from_integer(shape, node);
    case MEMBER_TEXTS:
        return value_from_texts(shape, node);
    case MEMBER_FUNCTIONS:
        return value_from_functions(shape, node);
    case MEMBER_LEVELS:
        return value_from_levels(shape, node);
    case MEMBER_MAP:
        return map_shape(shape, member->map, node);
    case MEMBER_MAPS:
        return maps_value(shape, member, node);
    case MEMBER_FINISH:
        break;
    }
    return NULL;
}

/* What stands in the compiled form when the file does not have the key. NULL: nothing. */
static json_t *fallback_value(struct shape *shape, const struct shape_member *member, const struct node *around)
{
    const struct node nothing = {.type = NODE_MAP, .offset = around->offset};
    int64_t number = 0;
    switch (member->type) {
    case MEMBER_NULLABLE:
        return json_null();
    case MEMBER_INTEGER:
        if (!value_read_integer(member->fallback, &number))
            return NULL;
        return value_marked(shape, json_integer(number), around->offset);
    case MEMBER_TEXTS:
    case MEMBER_FUNCTIONS:
    case MEMBER_LEVELS:
    case MEMBER_MAPS:
        return value_marked(shape, json_array(), around->offset);
    case MEMBER_MAP:
        return map_shape(shape, member->map, &nothing);
    case MEMBER_TEXT:
    case MEMBER_FINISH:
        break;
    }
    return NULL;
}

/* Keys that the table does not have. */
static void keys_check(struct shape *shape, const struct shape_map *map, const struct node *node)
{
    const char *names[KEYS_MAX];
    size_t count = 0;
    for (const struct shape_member *member = map->members; member->key != NULL && count < KEYS_MAX; member++)
        names[count++] = member->key;
    for (const struct node *key = node->first; key != NULL; key = key->next) {
        size_t i = 0;
        while (i < count && strcmp(names[i], key->text) != 0)
            i++;
        if (i < count)
            continue;
        char shown[TEXT_SHOW_MAX];
        text_show(key->text, strlen(key->text), shown);
        const char *nearest = nearest_name(key->text, names, count);
        if (nearest != NULL)
            findings_error(shape->findings, key->offset, "unknown key '%s': did you mean '%s'?", shown, nearest);
        else
            findings_error(shape->findings, key->offset, "unknown key '%s'", shown);
    }
}

static json_t *map_shape(struct shape *shape, const struct shape_map *map, const struct node *node)
{
    if (node->type == NODE_TEXT && node->text[0] == '\0')
        return value_missing(shape, node->offset, "a value is missing here");
    if (node->type != NODE_MAP)
        return value_missing(shape, node->offset, "a map is wanted here, e.g. { key: value }");
    json_t *object = value_marked(shape, json_object(), node->offset);
    if (object == NULL)
        return NULL;
    keys_check(shape, map, node);
    for (const struct shape_member *member = map->members; member->key != NULL; member++) {
        const struct node *value = node_get(node, member->key);
        if (value == NULL && member->fallback == NULL) {
            findings_error(shape->findings, node->offset, "'%s' is missing", member->key);
            shape->holes++;
        } else if (value == NULL) {
            value_set(shape, object, member->member, fallback_value(shape, member, node));
        } else {
            value_set(shape, object, member->member, value_shape(shape, member, value));
        }
    }
    if (map->finish != NULL)
        map->finish(shape, node, object);
    return object;
}

static void role_finish(struct shape *shape, const struct node *map, json_t *object)
{
    const struct node *inherits = node_get(map, "inherits");
    if (inherits != NULL)
        value_set(shape, object, "inherits", value_from_texts(shape, inherits));
}

/* "life", "quarter", "1 day", "30 days" become span and days. */
static void window_finish(struct shape *shape, const struct node *map, json_t *object)
{
    const struct node *node = node_get(map, "span");
    const char *text = node == NULL ? NULL : value_text(shape, node);
    if (text == NULL)
        return;
    char number[VALUE_DIGITS_MAX + 1] = "0";
    int64_t days = 0;
    size_t digits = strspn(text, "0123456789");
    const char *span = digits > 0 ? "days" : text;
    if (digits > 0 && digits <= VALUE_DIGITS_MAX)
        (void)snprintf(number, sizeof number, "%.*s", (int)digits, text);
    bool known = strcmp(text, "life") == 0 || strcmp(text, "quarter") == 0 ||
                 (digits > 0 && digits <= VALUE_DIGITS_MAX && value_read_integer(number, &days) && days > 0 &&
                  strcmp(text + digits, days == 1 ? " day" : " days") == 0);
    if (!known) {
        (void)value_missing(shape, node->offset, "a span is 'life', 'quarter' or a number of days, e.g. '30 days'");
        return;
    }
    value_set(shape, object, "span", value_marked(shape, json_string(span), node->offset));
    value_set(shape, object, "days", value_marked(shape, json_integer(days), node->offset));
}

static json_t *change_value(struct shape *shape, const struct zone_change *change)
{
    char from[INSTANT_TEXT_BYTES];
    instant_format(change->from_ms, from);
    json_t *object = json_object();
    if (object == NULL || json_object_set_new(object, "from", json_string(from)) != 0 ||
        json_object_set_new(object, "minutes", json_integer(change->minutes)) != 0)
        shape->failed = true;
    return object;
}

static json_t *zone_value(struct shape *shape, const struct node *node)
{
    struct zone_change changes[ZONE_CHANGES_MAX];
    const char *text = value_text(shape, node);
    if (text == NULL)
        return NULL;
    size_t count = zone_changes(text, changes);
    if (count == 0) {
        char shown[TEXT_SHOW_MAX];
        text_show(text, strlen(text), shown);
        findings_error(shape->findings, node->offset,
                       "time zone '%s' is not one that the compiler knows: write its offsets as a list", shown);
        shape->holes++;
        return NULL;
    }
    json_t *list = value_marked(shape, json_array(), node->offset);
    for (size_t i = 0; list != NULL && i < count; i++) {
        if (json_array_append_new(list, change_value(shape, &changes[i])) != 0)
            shape->failed = true;
    }
    return list;
}

/* "+01:00" becomes minutes. */
static void offset_finish(struct shape *shape, const struct node *map, json_t *object)
{
    const struct node *node = node_get(map, "offset");
    const char *text = node == NULL ? NULL : value_text(shape, node);
    if (text == NULL)
        return;
    bool form = strlen(text) == 6 && (text[0] == '+' || text[0] == '-') && strspn(text + 1, "0123456789") == 2 &&
                text[3] == ':' && strspn(text + 4, "0123456789") == 2 && text[4] < '6' && strcmp(text, "-00:00") != 0;
    if (!form) {
        (void)value_missing(shape, node->offset, "an offset is written +01:00 or -05:00");
        return;
    }
    int minutes = ((text[1] - '0') * 10 + text[2] - '0') * 60 + (text[4] - '0') * 10 + text[5] - '0';
    value_set(shape, object, "minutes",
              value_marked(shape, json_integer(text[0] == '-' ? -minutes : minutes), node->offset));
}

/* Parameters that the file gives; a map without any, or none at all, leaves no trace in the compiled form. */
static void parameters_shape(struct shape *shape, const struct node *map, json_t *object)
{
    const char *names[PARAMETER_COUNT];
    const struct node *node = node_get(map, "parameters");
    if (node == NULL)
        return;
    if (node->type != NODE_MAP) {
        (void)value_missing(shape, node->offset, "a map is wanted here, e.g. { backdate_days: 5 }");
        return;
    }
    for (size_t i = 0; i < PARAMETER_COUNT; i++)
        names[i] = policy_parameters[i].name;
    json_t *values = value_marked(shape, json_object(), node->offset);
    for (const struct node *key = node->first; values != NULL && key != NULL; key = key->next) {
        const struct parameter *parameter = parameter_find(key->text);
        char shown[TEXT_SHOW_MAX];
        text_show(key->text, strlen(key->text), shown);
        if (parameter == NULL) {
            const char *nearest = nearest_name(key->text, names, PARAMETER_COUNT);
            findings_error(shape->findings, key->offset, "unknown parameter '%s'%s%s%s", shown,
                           nearest != NULL ? ": did you mean '" : "", nearest != NULL ? nearest : "",
                           nearest != NULL ? "'?" : "");
            continue;
        }
        const struct node *value = node_get(node, key->text);
        value_set(shape, values, parameter->name,
                  parameter->unit == UNIT_AMOUNT ? value_from_text(shape, value) : value_from_integer(shape, value));
    }
    value_set(shape, object, "parameters", values);
}

/* chain: yes, or not there: the compiled form of a row without it stays what it was. */
static void row_finish(struct shape *shape, const struct node *map, json_t *object)
{
    const struct node *chain = node_get(map, "chain");
    if (chain == NULL)
        return;
    if (chain->type == NODE_TEXT && strcmp(chain->text, "yes") == 0)
        value_set(shape, object, "chain", json_true());
    else if (chain->type != NODE_TEXT || strcmp(chain->text, "no") != 0)
        findings_error(shape->findings, chain->offset, "yes or no");
}

static void entity_finish(struct shape *shape, const struct node *map, json_t *object)
{
    const struct node *holidays = node_get(map, "holidays");
    if (holidays != NULL)
        value_set(shape, object, "holidays", value_from_texts(shape, holidays));
    parameters_shape(shape, map, object);
    static const struct shape_member list = {.key = "offsets", .type = MEMBER_MAPS, .map = &offset_map};
    const struct node *zone = node_get(map, "timezone");
    const struct node *offsets = node_get(map, "offsets");
    if ((zone == NULL) == (offsets == NULL))
        (void)value_missing(shape, map->offset, "an entity has either a timezone or a list of offsets");
    else if (zone != NULL)
        value_set(shape, object, "offsets", zone_value(shape, zone));
    else
        value_set(shape, object, "offsets", maps_value(shape, &list, offsets));
}

/* One pair, its duties in order; marked where the second was named. */
static void conflict_add(struct shape *shape, struct items *items, const struct node *const pair[2], const char *mode)
{
    char key[2 * (TEXT_CODE_BYTES_MAX + 1)];
    bool swap = strcmp(pair[0]->text, pair[1]->text) > 0;
    const struct node *a = pair[swap];
    const struct node *b = pair[!swap];
    json_t *object = value_marked(shape, json_object(), pair[1]->offset);
    if (object == NULL)
        return;
    value_set(shape, object, "a", value_marked(shape, json_string(a->text), a->offset));
    value_set(shape, object, "b", value_marked(shape, json_string(b->text), b->offset));
    value_set(shape, object, "mode", value_marked(shape, json_string(mode), pair[1]->offset));
    (void)snprintf(key, sizeof key, "%.32s%c%.32s", a->text, JOIN, b->text);
    items_add(items, key, object, pair[1]->offset);
}

/* A duty with those it is in conflict with, by mode. */
static void conflicts_collect(struct shape *shape, struct items *items, const struct node *node)
{
    static const char *const modes[] = {"never", "document", "mitigated"};
    if (node->type != NODE_MAP) {
        (void)value_missing(shape, node->offset, "a map is wanted here, e.g. { duty: A, never: [B, C] }");
        return;
    }
    keys_check(shape, &conflict_map, node);
    const struct node *duty = node_get(node, "duty");
    if (duty == NULL)
        (void)value_missing(shape, node->offset, "'duty' is missing");
    if (duty == NULL || value_text(shape, duty) == NULL)
        return;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        const struct node *list = node_get(node, modes[i]);
        if (list == NULL || !value_list_wanted(shape, list))
            continue;
        for (const struct node *other = list->first; other != NULL; other = other->next) {
            if (value_text(shape, other) != NULL)
                conflict_add(shape, items, (const struct node *[]){duty, other}, modes[i]);
        }
    }
}

/* Lists that leave no trace in the compiled form when the file does not give them. */
static void lists_given(struct shape *shape, const struct node *map, json_t *object)
{
    static const struct shape_member exclusive = {.key = "exclusive", .sort = "set", .map = &exclusive_map};
    const struct node *sets = node_get(map, "exclusive"), *domains = node_get(map, "public_email_domains");
    if (sets != NULL)
        value_set(shape, object, "exclusive", maps_value(shape, &exclusive, sets));
    if (domains != NULL)
        value_set(shape, object, "public_email_domains", value_from_texts(shape, domains));
}

/* Lists that bound nothing where they are left out, so that an empty one is a mistake. */
static void bots_finish(struct shape *shape, const struct node *map, json_t *object)
{
    static const char *const lists[] = {"kinds", "reasons"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const struct node *list = node_get(map, lists[i]);
        if (list != NULL)
            value_set(shape, object, lists[i], value_from_texts(shape, list));
    }
}

static void verification_finish(struct shape *shape, const struct node *map, json_t *object)
{
    const struct node *level = node_get(map, "from_level"), *functions = node_get(map, "functions");
    if (level != NULL)
        value_set(shape, object, "from_level", value_from_integer(shape, level));
    if (functions != NULL)
        value_set(shape, object, "functions", value_from_functions(shape, functions));
}

static void policy_finish(struct shape *shape, const struct node *map, json_t *object)
{
    struct items items = {.list = NULL};
    const struct node *conflicts = node_get(map, "conflicts");
    const struct node *break_glass = node_get(map, "break_glass"), *releases = node_get(map, "releases");
    const struct node *verification = node_get(map, "verification");
    parameters_shape(shape, map, object);
    lists_given(shape, map, object);
    if (break_glass != NULL)
        value_set(shape, object, "break_glass", map_shape(shape, &break_glass_map, break_glass));
    if (releases != NULL)
        value_set(shape, object, "releases", value_from_text(shape, releases));
    if (verification != NULL)
        value_set(shape, object, "verification", map_shape(shape, &verification_map, verification));
    if (conflicts != NULL && !value_list_wanted(shape, conflicts))
        return;
    if (conflicts != NULL) {
        for (const struct node *node = conflicts->first; node != NULL; node = node->next)
            conflicts_collect(shape, &items, node);
    }
    value_set(shape, object, "conflicts",
              value_from_items(shape, &items, conflicts == NULL ? map->offset : conflicts->offset));
}

enum status shape_policy(const struct node *root, struct findings *findings, struct marks *marks, json_t **ret_compiled,
                         struct err *err)
{
    struct shape shape = {.findings = findings, .marks = marks};
    json_t *compiled = map_shape(&shape, &policy_map, root);
    if (shape.failed || marks->failed) {
        json_decref(compiled);
        return err_set(err, STATUS_MEMORY, "no memory for a compiled policy");
    }
    if (shape.holes > 0) {
        json_decref(compiled);
        compiled = NULL;
    }
    marks_sort(marks);
    *ret_compiled = compiled;
    return STATUS_OK;
}

/*
 * YAML to a tree, through the events of libfyaml: no document builder of the library, so that aliases are never
 * followed and the size and depth of what is built are ours to bound. The parser gets a copy of the source that ends in
 * a line feed and 64 zero bytes, because it looks ahead.
 */
#include "controls/compiler/yaml.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/text.h"

enum {
    BUFFER_TAIL = 65, /* a line feed and 64 zero bytes */
    EVENTS_MAX = 3 * NODES_MAX,
    PARSER_ERRORS_MAX = 10
};

struct yaml_tree {
    struct node *root;
    struct node **nodes; /* all of them, for freeing */
    size_t count;
    size_t room;
};

/* Where the events have come to. */
struct build {
    struct yaml_tree *tree;
    struct findings *findings;
    struct node *open[NODE_DEPTH_MAX]; /* the maps and lists that are not closed yet */
    struct node *last[NODE_DEPTH_MAX]; /* the last member or key of each */
    size_t keys[NODE_DEPTH_MAX];
    size_t depth;
    size_t documents;
    bool stopped; /* a finding after which going on makes no sense */
    bool failed;  /* no memory */
};

static struct node *node_new(struct build *build, enum node_type type, size_t offset)
{
    struct yaml_tree *tree = build->tree;
    if (tree->count == NODES_MAX) {
        findings_error(build->findings, offset, "more than %d values", NODES_MAX);
        build->stopped = true;
        return NULL;
    }
    if (tree->count == tree->room) {
        size_t room = tree->room == 0 ? 256 : 2 * tree->room;
        struct node **nodes = realloc(tree->nodes, room * sizeof nodes[0]);
        if (nodes == NULL) {
            build->failed = true;
            return NULL;
        }
        tree->nodes = nodes;
        tree->room = room;
    }
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL) {
        build->failed = true;
        return NULL;
    }
    node->type = type;
    node->offset = offset;
    tree->nodes[tree->count++] = node;
    return node;
}

/* Puts a key into the map that is open. */
static void key_attach(struct build *build, struct node *map, struct node *key)
{
    size_t level = build->depth - 1;
    char shown[TEXT_SHOW_MAX];
    if (key->type != NODE_TEXT) {
        findings_error(build->findings, key->offset, "a key is plain text");
        build->stopped = true;
        return;
    }
    text_show(key->text, strlen(key->text), shown);
    if (strcmp(key->text, "<<") == 0)
        findings_error(build->findings, key->offset, "merge keys are not allowed: write the members out");
    else if (node_get(map, key->text) != NULL)
        findings_error(build->findings, key->offset, "key '%s' stands twice in this map", shown);
    if (++build->keys[level] > NODE_KEYS_MAX) {
        findings_error(build->findings, key->offset, "more than %d keys in one map", NODE_KEYS_MAX);
        build->stopped = true;
    }
    if (build->last[level] == NULL)
        map->first = key;
    else
        build->last[level]->next = key;
    build->last[level] = key;
}

/* Puts a finished or just opened node where the events have come to. */
static void node_attach(struct build *build, struct node *node)
{
    if (build->depth == 0) {
        build->tree->root = node;
        return;
    }
    size_t level = build->depth - 1;
    struct node *parent = build->open[level];
    if (parent->type == NODE_MAP && (build->last[level] == NULL || build->last[level]->value != NULL)) {
        key_attach(build, parent, node);
        return;
    }
    if (parent->type == NODE_MAP) {
        build->last[level]->value = node;
        if (node->type == NODE_TEXT && node->text[0] == '\0')
            node->offset = build->last[level]->offset; /* nothing is nowhere: the key is the place to look at */
        return;
    }
    if (build->last[level] == NULL)
        parent->first = node;
    else
        build->last[level]->next = node;
    build->last[level] = node;
}

static void open_event(struct build *build, enum node_type type, size_t offset)
{
    if (build->depth == NODE_DEPTH_MAX) {
        findings_error(build->findings, offset, "maps and lists nest at most %d deep", NODE_DEPTH_MAX);
        build->stopped = true;
        return;
    }
    struct node *node = node_new(build, type, offset);
    if (node == NULL)
        return;
    node_attach(build, node);
    if (build->stopped)
        return;
    build->open[build->depth] = node;
    build->last[build->depth] = NULL;
    build->keys[build->depth] = 0;
    build->depth++;
}

static void scalar_event(struct build *build, struct fy_event *event, size_t offset)
{
    struct err err;
    size_t length = 0;
    const char *text = event->scalar.value == NULL ? "" : fy_token_get_text(event->scalar.value, &length);
    struct node *node = node_new(build, NODE_TEXT, offset);
    if (node == NULL)
        return;
    char *copy = text == NULL ? NULL : malloc(length + 1);
    if (copy == NULL) {
        build->failed = true;
        return;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    node->text = copy;
    /* Escapes in double quotes and block text can make what the filter kept out. */
    if (text_check(copy, length, &err) != STATUS_OK) {
        findings_error(build->findings, offset, "%s", err.text);
        build->stopped = true;
        return;
    }
    node_attach(build, node);
}

/* A finding at a token, whose mark stands behind its sign (&, *) or at its beginning. */
static void refuse_token(struct build *build, struct fy_token *token, size_t offset, const char *text)
{
    const struct fy_mark *mark = fy_token_start_mark(token);
    if (mark != NULL)
        offset = mark->input_pos;
    if (mark != NULL && offset > 0 && strchr("&*", build->findings->source[offset - 1]) != NULL)
        offset--;
    findings_error(build->findings, offset, "%s", text);
    build->stopped = true;
}

/* What YAML has and a policy does not. */
static void refuse_features(struct build *build, struct fy_event *event, size_t offset)
{
    bool value = event->type == FYET_SCALAR || event->type == FYET_MAPPING_START || event->type == FYET_SEQUENCE_START;
    struct fy_token *anchor = value ? fy_event_get_anchor_token(event) : NULL;
    struct fy_token *tag = value ? fy_event_get_tag_token(event) : NULL;
    if (event->type == FYET_ALIAS)
        refuse_token(build, event->alias.anchor, offset, "aliases are not allowed: write the value out");
    else if (anchor != NULL)
        refuse_token(build, anchor, offset, "anchors are not allowed");
    else if (tag != NULL)
        refuse_token(build, tag, offset, "tags are not allowed: everything is text");
}

static void event_take(struct build *build, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    size_t offset = mark == NULL ? 0 : mark->input_pos;
    refuse_features(build, event, offset);
    if (build->stopped)
        return;
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (++build->documents > 1) {
            findings_error(build->findings, offset, "a policy is one document");
            build->stopped = true;
        }
        break;
    case FYET_MAPPING_START:
        open_event(build, NODE_MAP, offset);
        break;
    case FYET_SEQUENCE_START:
        open_event(build, NODE_LIST, offset);
        break;
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        build->depth--;
        break;
    case FYET_SCALAR:
        scalar_event(build, event, offset);
        break;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
    case FYET_ALIAS:
        break;
    }
}

/* What the parser itself found. */
static void parser_errors(struct build *build, struct fy_diag *diag)
{
    void *position = NULL;
    for (int i = 0; i < PARSER_ERRORS_MAX; i++) {
        struct fy_diag_error *error = fy_diag_errors_iterate(diag, &position);
        if (error == NULL)
            break;
        size_t line = error->line > 0 ? (size_t)error->line - 1 : 0;
        size_t column = error->column > 0 ? (size_t)error->column - 1 : 0;
        char shown[TEXT_SHOW_MAX];
        text_show(error->msg, strlen(error->msg), shown);
        findings_error(build->findings, findings_offset(build->findings, line, column), "%s", shown);
    }
    if (build->findings->errors == 0)
        findings_error(build->findings, 0, "this is not YAML");
}

static void output_nothing(struct fy_diag *diag, void *user, const char *text, size_t length)
{
    (void)diag, (void)user, (void)text, (void)length;
}

static void events_run(struct build *build, struct fy_parser *parser, struct fy_diag *diag)
{
    for (size_t i = 0; i < EVENTS_MAX && !build->stopped && !build->failed; i++) {
        struct fy_event *event = fy_parser_parse(parser);
        if (event == NULL) {
            if (fy_parser_get_stream_error(parser))
                parser_errors(build, diag);
            return;
        }
        event_take(build, event);
        fy_parser_event_free(parser, event);
    }
}

/* A document, with its marks, from a parser that is made and destroyed here. */
static void source_parse(struct build *build)
{
    struct findings *findings = build->findings;
    struct fy_parser *parser = NULL;
    const struct fy_diag_cfg diag_config = {.output_fn = output_nothing, .level = FYET_ERROR, .module_mask = ~0u};
    struct fy_diag *diag = fy_diag_create(&diag_config);
    char *buffer = calloc(1, findings->length + BUFFER_TAIL);
    if (diag != NULL && buffer != NULL) {
        const struct fy_parse_cfg config = {.search_path = "",
                                            .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 |
                                                     FYPCF_JSON_NONE,
                                            .diag = diag};
        fy_diag_set_collect_errors(diag, true);
        memcpy(buffer, findings->source, findings->length);
        buffer[findings->length] = '\n';
        parser = fy_parser_create(&config);
    }
    if (parser == NULL || fy_parser_set_string(parser, buffer, findings->length + 1) != 0)
        build->failed = true;
    else
        events_run(build, parser, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    free(buffer);
}

enum status yaml_parse(struct findings *findings, struct yaml_tree **ret_tree, struct err *err)
{
    struct yaml_tree *tree = calloc(1, sizeof *tree);
    if (tree == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a policy file");
    struct build build = {.tree = tree, .findings = findings};
    source_parse(&build);
    if (build.failed) {
        yaml_free(tree);
        return err_set(err, STATUS_MEMORY, "no memory for a policy file");
    }
    if (findings->errors == 0 && (tree->root == NULL || tree->root->type != NODE_MAP))
        findings_error(findings, 0, "a policy is a map: it begins with 'name: '");
    if (findings->errors > 0) {
        yaml_free(tree);
        tree = NULL;
    }
    *ret_tree = tree;
    return STATUS_OK;
}

void yaml_free(struct yaml_tree *tree)
{
    if (tree == NULL)
        return;
    for (size_t i = 0; i < tree->count; i++) {
        free((char *)(uintptr_t)tree->nodes[i]->text);
        free(tree->nodes[i]);
    }
    free(tree->nodes);
    free(tree);
}

const struct node *yaml_root(const struct yaml_tree *tree)
{
    return tree->root;
}

const struct node *node_get(const struct node *map, const char *key)
{
    if (map == NULL || map->type != NODE_MAP)
        return NULL;
    for (const struct node *node = map->first; node != NULL; node = node->next) {
        if (strcmp(node->text, key) == 0)
            return node->value;
    }
    return NULL;
}

const char *yaml_library_version(void)
{
    return fy_library_version();
}

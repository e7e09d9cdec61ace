/*
 * Selections on disk (SAMPLING.md section 6): one line about the whole draw, one line for each item, all of it canonical
 * JSON, so that the same draw is the same bytes and its SHA-256 can be put on record.
 */
#ifndef AUDIT_SAMPLE_FILE_H
#define AUDIT_SAMPLE_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/export/export.h"
#include "audit/sample/draw.h"
#include "audit/sample/population.h"
#include "audit/sample/read.h"
#include "audit/sample/size.h"
#include "ledger/slice.h"
#include "ledger/status.h"

#define SAMPLE_FORMAT "countersign-sample/1"

enum {
    SAMPLE_FILE_BYTES_MAX = 1 << 25, /* as many items as a sample can have, of some 200 bytes */
    SAMPLE_PERCENT_BYTES = 16
};

/* How the size came about. Texts borrowed. */
struct sample_plan {
    enum sample_method method;
    bool given;       /* the auditor named size or interval; else they were planned */
    int32_t risk_ppm; /* 0: no confidence was asked for */
    struct attribute_plan attribute;
    int64_t allowed; /* deviations that the planned size bears */
    struct mus_plan mus;
    const char *because; /* judgemental: why these */
};

/* A whole draw. Borrowed. */
struct sample_draft {
    const struct sample_plan *plan;
    const struct sample_filter *filter;
    const char *reveal; /* NULL: none */
    const struct sample_basis *basis;
    const struct sample_selection *selection;
    const struct sample_drawn *drawn;
};

struct sample_written {
    struct hash hash; /* of all bytes */
    size_t items;
};

/* errors MEMORY, INPUT (a text that canonical JSON does not admit), those of the sink. */
MUST_USE enum status sample_file_write(const struct sample_draft *draft, const struct export_sink *sink,
                                       struct sample_written *ret_written, struct err *err);

/* The line of pick number index, and the one about the whole; give, NULL without memory. */
json_t *sample_item_json(const struct sample_draft *draft, size_t index);
json_t *sample_header_json(const struct sample_draft *draft);

/* 50000 -> "5", 12500 -> "1.25": percent. */
void sample_percent(int32_t ppm, char ret_text[static SAMPLE_PERCENT_BYTES]);
/* The reverse; at most four decimals, in 0..100. errors INPUT. */
MUST_USE enum status sample_percent_parse(const char *text, int32_t *ret_ppm, struct err *err);

struct sample_file {
    json_t *header;
    json_t *items; /* a list */
    struct hash hash;
};

/*
 * Reads a selection.
 *
 * out     fills *ret_file; sample_file_done releases it. Members that this room writes are there and of their type.
 * errors  INPUT (line and what is wrong with it), LIMIT, MEMORY.
 */
MUST_USE enum status sample_file_parse(struct slice bytes, struct sample_file *ret_file, struct err *err);
void sample_file_done(struct sample_file *file);

#endif

/*
 * The outbox, counted in a snapshot that nobody owns: numbers without content, so no rights are asked here; who may have
 * them is the question of whoever tells them (answer.c).
 */
#include "cli/server/backlog.h"

#include "cli/server/open_book.h"
#include "controls/facts_delivery.h"

void backlog_ask_inside(struct open_book *book, int64_t now_ms, struct backlog *ret_backlog)
{
    const struct snapshot_owner nobody = {.now_ms = now_ms};
    struct snapshot *snapshot = NULL;
    struct outbox_depth depth = {.count = 0};
    struct err err;
    enum status status = snapshot_begin(book, false, &nobody, &snapshot, &err);
    if (status == STATUS_OK)
        status = facts_outbox_depth(snapshot_facts(snapshot), &depth, &err);
    snapshot_free(snapshot);
    *ret_backlog = (struct backlog){.known = status == STATUS_OK,
                                    .outbox = depth.count,
                                    .outbox_oldest_ms = depth.oldest_ms > 0 ? depth.oldest_ms : 0};
}

void backlog_ask(struct open_book *book, int64_t now_ms, struct backlog *ret_backlog)
{
    struct gate *gate = NULL;
    struct err err;
    *ret_backlog = (struct backlog){.known = false};
    if (open_book_enter(book, &gate, &err) != STATUS_OK)
        return;
    backlog_ask_inside(book, now_ms, ret_backlog);
    open_book_leave(book);
}

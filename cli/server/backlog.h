/*
 * What is on its way to the ERP, as whoever runs the server watches it: how much and since when, and nothing of what.
 */
#ifndef CLI_SERVER_BACKLOG_H
#define CLI_SERVER_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

struct open_book;

struct backlog {
    bool known; /* else the book was being opened again, or could not be read: nothing is told */
    uint64_t outbox;
    int64_t outbox_oldest_ms; /* when the oldest was posted; 0: there is none */
};

/* Reads the books: for workers, who are not inside. in: now_ms: of the wall clock. */
void backlog_ask(struct open_book *book, int64_t now_ms, struct backlog *ret_backlog);

/* The same for who is inside already. */
void backlog_ask_inside(struct open_book *book, int64_t now_ms, struct backlog *ret_backlog);

#endif

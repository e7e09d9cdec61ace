/*
 * What the service manager is told and hands over, without its library: sd_notify(3) and sd_listen_fds(3).
 */
#ifndef CLI_SERVER_NOTIFY_H
#define CLI_SERVER_NOTIFY_H

#include <stdint.h>

#include "cli/cli.h"
#include "ledger/status.h"

/* Tells: "READY=1", "STOPPING=1", "WATCHDOG=1". Nobody there is fine. Never blocks. */
void notify_send(const struct cli *cli, const char *text);

/* How often it wants to hear "WATCHDOG=1", in microseconds; 0: never. */
int64_t notify_watchdog_us(const struct cli *cli);

/*
 * The socket that it has handed over.
 *
 * out     *ret_fd: closed in programs that we start; -1: none was handed over.
 * errors  INPUT (several, or what is no listening Unix socket).
 */
MUST_USE enum status notify_take_socket(const struct cli *cli, int *ret_fd, struct err *err);

#endif

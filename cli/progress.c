/*
 * One rewritten line on err. The clock is the cli's monotonic one, so that a test sees the same lines every time. Rate
 * and time left are of the whole run so far: steadier than of the last moment, and good enough for waiting.
 */
#include "cli/progress.h"

#include <inttypes.h>

#include "cli/terminal.h"

enum {
    PROGRESS_EVERY_US = 100000, /* ten lines a second */
    PROGRESS_AFTER_US = 500000  /* short work shows nothing */
};

void progress_begin(struct progress *progress, const struct cli *cli, const char *what, int64_t total)
{
    int64_t now = cli->monotonic_us(cli->clock_context);
    *progress = (struct progress){.cli = cli, .what = what, .total = total, .begun_us = now};
    progress->shown_us = now + PROGRESS_AFTER_US - PROGRESS_EVERY_US;
}

static void print_left(FILE *err, int64_t seconds)
{
    if (seconds >= 3600)
        fprintf(err, ", %" PRId64 " h %02" PRId64 " min left", seconds / 3600, seconds / 60 % 60);
    else if (seconds >= 60)
        fprintf(err, ", %" PRId64 " min %02" PRId64 " s left", seconds / 60, seconds % 60);
    else
        fprintf(err, ", %" PRId64 " s left", seconds);
}

static void print_line(const struct progress *progress, int64_t done, int64_t elapsed_us)
{
    FILE *err = progress->cli->err;
    char done_text[GROUPED_BYTES], total_text[GROUPED_BYTES], rate_text[GROUPED_BYTES];
    double per_us = elapsed_us > 0 ? (double)done / (double)elapsed_us : 0.0;
    fputc('\r', err);
    terminal_print_text(err, progress->what);
    fprintf(err, "  %s", terminal_group_integer(done, done_text));
    if (progress->total > 0)
        fprintf(err, " of %s", terminal_group_integer(progress->total, total_text));
    fprintf(err, "  %s/s", terminal_group_integer((int64_t)(per_us * 1e6), rate_text));
    if (progress->total > done && per_us > 0.0)
        print_left(err, (int64_t)((double)(progress->total - done) / per_us / 1e6 + 0.5));
    fputs("\x1b[K", err);
    (void)fflush(err);
}

void progress_step(struct progress *progress, int64_t done)
{
    const struct cli *cli = progress->cli;
    if (!cli->err_is_terminal)
        return;
    int64_t now = cli->monotonic_us(cli->clock_context);
    if (now - progress->shown_us < PROGRESS_EVERY_US)
        return;
    progress->shown_us = now;
    progress->shown = true;
    print_line(progress, done, now - progress->begun_us);
}

void progress_end(struct progress *progress)
{
    if (!progress->shown)
        return;
    progress->shown = false;
    fputs("\r\x1b[K", progress->cli->err);
    (void)fflush(progress->cli->err);
}

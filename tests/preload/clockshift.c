/*
 * Preloaded into a program under test: its wall clock is CLOCKSHIFT_SECONDS ahead of the system's, or behind when that is
 * below zero. The monotonic clocks stay as they are. Where CLOCK_SYNCHRONISED is 1 or 0 the kernel says so of its clock.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ret_now)
{
    const char *shift = getenv("CLOCKSHIFT_SECONDS");
    int answer = (int)syscall(SYS_clock_gettime, clock, ret_now);
    if (answer == 0 && clock == CLOCK_REALTIME && shift != NULL)
        ret_now->tv_sec += strtol(shift, NULL, 10);
    return answer;
}

int adjtimex(struct timex *clock)
{
    const char *is = getenv("CLOCK_SYNCHRONISED");
    if (is == NULL)
        return (int)syscall(SYS_adjtimex, clock);
    memset(clock, 0, sizeof *clock);
    clock->status = strcmp(is, "1") == 0 ? 0 : STA_UNSYNC;
    return clock->status == 0 ? TIME_OK : TIME_ERROR;
}

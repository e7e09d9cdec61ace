/*
 * Preloaded into a program under test: its wall clock is CLOCKSHIFT_SECONDS ahead of the system's, or behind when that is
 * below zero. The monotonic clocks stay as they are.
 */
#include <stdlib.h>
#include <sys/syscall.h>
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

/*
 * Comes before every file of the build that counts lines (BUILD=coverage): who ends without exit() takes along what it has counted.
 */
#ifndef TESTS_SUPPORT_COUNTED_H
#define TESTS_SUPPORT_COUNTED_H

#include <stdlib.h>

void __gcov_dump(void);

static inline _Noreturn void counted_exit(int status)
{
    __gcov_dump();
    _Exit(status);
}

static inline _Noreturn void counted_abort(void)
{
    __gcov_dump();
    abort();
}

#define _exit counted_exit
#define abort counted_abort

#endif

/*
 * The last word of a program whose book is damaged where nobody looked before: which files, and what tells more. Guarantees an
 * exit status that is no success. Whether the file or the program is to blame it cannot know, and says so. Also the last word
 * where there is no memory to go on with.
 */
#include "cli/fault.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"

enum { STACK_BYTES = 64 << 10 };

static void tell(int number)
{
    static const char text[] = "countersign: ended while it read the book: a file of it is damaged, or the program has "
                               "a fault. Nothing that was "
                               "printed counts. 'countersign audit verify' says what is damaged, and 'countersign "
                               "rebuild' makes the books anew\n";
    (void)number;
    ssize_t told = write(STDERR_FILENO, text, sizeof text - 1);
    (void)told; /* there is nobody else to tell */
    _exit(EXIT_INTEGRITY);
}

void fault_no_memory(void)
{
    static const char text[] = "countersign: no memory\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(EXIT_ENVIRONMENT);
}

void *fault_malloc(size_t size)
{
    void *memory = malloc(size);
    if (memory == NULL)
        fault_no_memory();
    return memory;
}

void *fault_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        fault_no_memory();
    return memory;
}

void *fault_realloc(void *memory, size_t size)
{
    void *more = realloc(memory, size);
    if (more == NULL)
        fault_no_memory();
    return more;
}

void fault_tell(void)
{
    static const int faults[] = {SIGBUS, SIGSEGV, SIGABRT};
    static unsigned char stack[STACK_BYTES]; /* pages that lead round in a ring use up the program's own */
    const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    const struct sigaction action = {.sa_handler = tell, .sa_flags = (int)SA_RESETHAND | SA_ONSTACK};
    (void)sigaltstack(&own, NULL);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        (void)sigaction(faults[i], &action, NULL);
}

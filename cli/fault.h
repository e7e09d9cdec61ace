/*
 * What is said when the program faults while it reads a book: LMDB maps its files, so a page that points nowhere ends the
 * process that follows it. And when there is no memory, where only that can be said.
 */
#ifndef CLI_FAULT_H
#define CLI_FAULT_H

#include <stddef.h>

/*
 * From now on a fault in this process (a page that is not there, an assertion of LMDB's) ends it with EXIT_INTEGRITY and a
 * line that says what to do, instead of a signal.
 */
void fault_tell(void);

/*
 * Says that there is no memory and ends the process there and then with EXIT_ENVIRONMENT, which leaves a book as being killed does.
 * For where no status can say it.
 */
_Noreturn void fault_no_memory(void);

/*
 * As malloc, calloc and realloc, but for fault_no_memory where they have none: for libraries that would leave something out there
 * (jansson), or abort (libuv). Sizes are above 0.
 */
void *fault_malloc(size_t size);
void *fault_calloc(size_t count, size_t size);
void *fault_realloc(void *memory, size_t size);

#endif

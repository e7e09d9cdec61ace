/*
 * What memory is: for whoever hands a range of it to the system by numbers that a file told him.
 */
#ifndef LEDGER_MAPPING_H
#define LEDGER_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether all of a range lies in one mapping of this process that it shares with a file: giving its pages back loses nothing. False
 * also where it cannot be seen (a system without /proc).
 */
bool mapping_is_of_file(const void *begin, size_t length);

#endif

/*
 * What the analysers of tests/analyse cannot see from one file: err_set answers the status that it is given.
 */
#ifndef TESTS_SUPPORT_ANALYSED_H
#define TESTS_SUPPORT_ANALYSED_H

#include "ledger/status.h"

#define err_set(err, status, ...) ((void)!err_set(err, status, __VA_ARGS__), (status))

#endif

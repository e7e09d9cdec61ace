/*
 * What has to hold of a company's book at any moment; company_close asks it of every test.
 */
#ifndef TESTS_SUPPORT_COMPANY_CHECK_H
#define TESTS_SUPPORT_COMPANY_CHECK_H

#include "tests/support/company.h"

/* Both of the below. */
void company_check(struct company *company);

/*
 * The live books against themselves: balances are the sums of open items, pending is what waits, accounts balance, lines
 * balance, numbers are dense, approvals are by distinct persons who made nothing of the document.
 */
void company_check_books(struct company *company);

#endif

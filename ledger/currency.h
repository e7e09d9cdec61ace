/*
 * Currencies and their minor units. Part of the engine's meaning: the table is frozen with it and never read
 * from the system (CLDR and ICU give other digits for some forty codes). Source: ISO 4217 list one.
 */
#ifndef LEDGER_CURRENCY_H
#define LEDGER_CURRENCY_H

enum { CURRENCY_CODE_BYTES = 4, CURRENCY_DIGITS_MAX = 4 };

/*
 * Decimal digits of the minor unit: 2 for "USD", 0 for "JPY", 3 for "KWD"; -1 for a code that is not in the
 * list or has no minor unit (XAU, XXX), which no amount may be in. code is a NUL-terminated string, upper
 * case.
 */
int currency_digits(const char *code);

#endif

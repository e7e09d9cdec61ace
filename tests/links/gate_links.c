/*
 * Proves by linking that the ledger and the gate need no more than libsodium, lmdb, jansson and libc: this program takes in
 * the gate and the birth of a book and is linked against nothing else (DESIGN 12).
 */
#include <stddef.h>

#include "controls/birth.h"
#include "controls/gate.h"

/* Volatile, so that the compiler cannot leave the functions out. */
static enum status (*volatile submit)(struct gate *, struct slice, const struct signature_list *, struct gate_answer *,
                                      struct err *) = gate_submit;
static enum status (*volatile create)(const struct book_birth *, struct slice, const struct signature_list *,
                                      struct hash *, struct hash *, struct err *) = book_create;

int main(void)
{
    return submit != NULL && create != NULL ? 0 : 1;
}

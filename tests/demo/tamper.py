#!/usr/bin/python3
"""Does to a copy of a book what an administrator with an editor could: changes bytes of stored entries in place.

    tests/demo/tamper.py BOOK

Edits an amount in CN-2, and makes Ana's approval of CN-4 one of CN-3.
"""
import sys


def main():
    path = sys.argv[1] + "/journal/data.mdb"
    with open(path, "rb") as file:
        data = file.read()
    edits = [(b'"amount":"4180.00","channel"', b'"amount":"4780.00","channel"')]
    forged = data.find(b'"document":"CN-4","level":1,"version":1')
    for old, new in edits:
        if data.count(old) < 1:
            print("nothing to edit: %s" % old.decode())
            return 1
        print('   edited  %s -> %s' % (old[:19].decode(), new[:19].decode()))
        data = data.replace(old, new)
    if forged < 0:
        print("no approval to forge")
        return 1
    data = data[:forged] + b'"document":"CN-3","level":1' + data[forged + 27:]
    print('   forged  an approval of CN-4 now says CN-3')
    with open(path, "wb") as file:
        file.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())

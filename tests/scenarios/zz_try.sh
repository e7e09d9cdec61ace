#!/bin/bash
. "$(dirname "$0")/lib.sh"
CAST="$CAST audrey:P-73:human:AUDITOR"
found_company
for amount in 301 20 12.50 99.99; do
cs maria post credit-note --entity US01 --invoice 40251 --amount $amount --reason PRICE_ERR --evidence price-sheet:prices.pdf
cs joe post credit-note --entity US01 --invoice 581483 --amount $amount --reason PRICE_ERR --evidence price-sheet:prices.pdf
done
cs ana approve --inbox
cs priya approve --inbox
cs audrey audit record seed --seed 314159 --purpose "Credit notes of Q1"; echo "$OUT$ERR"
python3 $HERE/../support/cosign.py w corp-audit - 0 >w.pub
python3 $HERE/../support/cosign.py w corp-audit - 0
"$COUNTERSIGN" checkpoint --book $BOOK --key book-key.key --passphrase-fd 3 --out own.note 3<<<pass
python3 $HERE/../support/cosign.py w corp-audit own.note 1767700000 >cosigned.note
S="$COUNTERSIGN audit sample"
$S draw --book $BOOK --seed SE-1 --witness w.pub --checkpoint cosigned.note --kind credit-note --size 3; echo rc $?
$S draw --book $BOOK --seed SE-1 --witness w.pub --kind credit-note --size 3; echo rc $?
$S draw --book $BOOK --seed SE-1 --own-checkpoint --kind credit-note --tolerable-rate 10; echo rc $?
$S draw --book $BOOK --seed SE-1 --own-checkpoint --kind credit-note --method mus --tolerable-amount 500.00; echo rc $?
$S draw --book $BOOK --seed SE-1 --own-checkpoint --kind credit-note --method stratified --strata 50.00 --top 300.00 --size 3; echo rc $?
$S draw --book $BOOK --unit decision --method judgemental --control C-02 --because "asked" ; echo rc $?
$S draw --book $BOOK --seed SE-1 --own-checkpoint --unit decision --size 4 --json; echo rc $?
$S size --tolerable-rate 5 --population 200
$S size --size 25
$S size --method mus --tolerable-amount 50000.00 --population-amount 1000000.00

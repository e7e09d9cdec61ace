// Amounts, ledger lines and what invoices have open, as far as the entries say (FORMAT.md sections 5.4 and 6).

// {units, digits} of an amount as text, or null.
function amountOf(text) {
    const found = typeof text === "string" && /^-?(?:0|[1-9]\d*)(?:\.(\d+))?$/.exec(text);
    return found ? { units: BigInt(text.replace(".", "")), digits: found[1]?.length ?? 0 } : null;
}

function amountText(units, digits) {
    const sign = units < 0n ? "-" : "";
    const all = String(units < 0n ? -units : units).padStart(digits + 1, "0");
    return sign + (digits ? `${all.slice(0, -digits)}.${all.slice(-digits)}` : all);
}

// "1234.50" as "1,234.50".
function shownAmount(text) {
    return typeof text === "string" && /^-?\d+(\.\d+)?$/.test(text) ? text.replace(/^(-?)(\d+)/, (_, sign, whole) => sign + counted(whole)) : text;
}

// Debits and credits of lines, per currency, and of their functional amounts: [{currency, dr, cr, digits}]. Throws Bad.
function lineTotals(lines) {
    const totals = new Map();
    const add = (name, side, text) => {
        const amount = amountOf(text);
        if (!amount || (side !== "dr" && side !== "cr")) {
            throw new Bad("a ledger line without an amount or side");
        }
        const total = totals.get(name) ?? { currency: name, dr: 0n, cr: 0n, digits: amount.digits };
        if (total.digits !== amount.digits) {
            throw new Bad(`amounts in ${name} of different precision`);
        }
        total[side] += amount.units;
        totals.set(name, total);
    };
    for (const line of lines) {
        add(line.currency, line.side, line.amount);
        if (line.functional !== undefined) {
            add("functional", line.side, line.functional);
        }
    }
    return [...totals.values()];
}

class Invoices {
    constructor() {
        this.known = new Map();   // entity/invoice -> {record, currency, seq, open, digits}
        this.pending = new Map(); // entity -> what a file of cash that is not closed applies
    }

    feed(entry) {
        const { entity, feed, file, records, part } = entry.statement.body;
        if (entry.results[0]?.outcome === "refused") {
            return;
        }
        if (feed === "invoices") {
            for (const record of records) {
                const amount = amountOf(record.gross);
                this.known.set(`${entity}/${record.invoice}`, { record, currency: file.currency, seq: entry.seq, open: amount?.units ?? 0n, digits: amount?.digits ?? 0 });
            }
        } else if (feed === "cash") {
            const applied = (part === 1 ? [] : this.pending.get(entity) ?? []).concat(records.flatMap((record) => record.applied));
            this.pending.set(entity, applied);
            if (entry.results[0]?.outcome === "closed") {
                applied.forEach(({ invoice, amount }) => this.move(entity, invoice, -(amountOf(amount)?.units ?? 0n)));
                this.pending.delete(entity);
            }
        }
    }

    move(entity, invoice, units) {
        const known = this.known.get(`${entity}/${invoice}`);
        if (known) {
            known.open += units;
        }
    }

    // Posts lines; gives what each invoice had open before and has after.
    post(entity, lines) {
        const touched = new Map();
        for (const line of lines.filter((one) => one.invoice !== undefined)) {
            const known = this.known.get(`${entity}/${line.invoice}`);
            if (known) {
                const one = touched.get(line.invoice) ?? { invoice: line.invoice, known, before: known.open };
                known.open += (line.side === "dr" ? 1n : -1n) * (amountOf(line.amount)?.units ?? 0n);
                touched.set(line.invoice, { ...one, after: known.open });
            }
        }
        return [...touched.values()];
    }
}

// The tree of RFC 6962 over the entries: leaf and node hashes, roots of beginnings of a whole book, and the one proof for all
// entries of a part (BUNDLE.md section 3).

const HASHES_AT_ONCE = 512;

async function leafHash(bytes) {
    return sha256(joined(Uint8Array.of(0), bytes));
}

async function nodeHash(left, right) {
    return sha256(joined(Uint8Array.of(1), left, right));
}

// Of a whole book: hashes of all perfect subtrees, lowest first.
async function perfectSubtrees(leaves, pause) {
    const levels = [leaves];
    while (levels.at(-1).length > 1) {
        const below = levels.at(-1);
        const level = [];
        for (let i = 0; i + 1 < below.length; i += 2 * HASHES_AT_ONCE) {
            const pairs = [];
            for (let j = i; j + 1 < below.length && j < i + 2 * HASHES_AT_ONCE; j += 2) {
                pairs.push(nodeHash(below[j], below[j + 1]));
            }
            level.push(...await Promise.all(pairs));
            await pause();
        }
        levels.push(level);
    }
    return levels;
}

// Root, in hex, of the first `size` entries.
async function rootOf(levels, size) {
    if (size === 0) {
        return sha256Hex(new Uint8Array());
    }
    let root = null;
    let rest = size;
    for (let height = 0; rest > 0; height++) {
        if (rest % 2) {
            const left = levels[height][rest - 1];
            root = root ? await nodeHash(left, root) : left;
        }
        rest = Math.floor(rest / 2);
    }
    return hexOf(root);
}

function largestPowerBelow(length) {
    let power = 1;
    while (power * 2 < length) {
        power *= 2;
    }
    return power;
}

// Root, in hex, that a proof leads to: `numbers` (rising) and `leaves` of the entries that are here, in a tree of `size`. Throws Bad.
async function provenRoot(size, numbers, leaves, proof) {
    const from = (number) => { // index of the first entry that is here and not before `number`
        let low = 0;
        let high = numbers.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (numbers[middle] < number) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    };
    let used = 0;
    const walk = (begin, end) => {
        const first = from(begin);
        if (first === numbers.length || numbers[first] >= end) {
            if (used === proof.length) {
                throw new Bad("the proof has too few hashes");
            }
            return Promise.resolve(proof[used++]);
        }
        if (end - begin === 1) {
            return Promise.resolve(leaves[first]);
        }
        const middle = begin + largestPowerBelow(end - begin);
        const left = walk(begin, middle); // the left half first: it takes its hashes of the proof before the right one does
        return Promise.all([left, walk(middle, end)]).then(([a, b]) => nodeHash(a, b));
    };
    if (size === 0) {
        return sha256Hex(new Uint8Array());
    }
    const root = await walk(0, size);
    if (used !== proof.length) {
        throw new Bad(`the proof has ${plural(proof.length - used, "hash", "hashes")} too many`);
    }
    return hexOf(root);
}

// Root, in hex, of the first `size` entries, from the proof of all those after them, up to `total`. Throws Bad.
async function rootBefore(size, total, proof) {
    if (size === total && proof.length === 1) {
        return hexOf(proof[0]);
    }
    let count = 0;
    for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) {
        count += rest % 2;
    }
    if (count === 0 || proof.length !== count) {
        throw new Bad(`the proof has ${plural(proof.length, "hash", "hashes")} where ${count} are expected`);
    }
    let root = proof[count - 1];
    for (let i = count - 2; i >= 0; i--) {
        root = await nodeHash(proof[i], root);
    }
    return hexOf(root);
}

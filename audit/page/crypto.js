// What the browser has of SHA-256, SHA-512 and Ed25519, and whether it has them: each is tried on known answers first. Browsers
// differ in which odd keys and signatures they take, so what FORMAT.md section 3 refuses is refused here before they are asked.

const FIELD = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SMALL_ORDER = new Set([
    0n, 1n, FIELD - 1n,
    littleEndian(bytesOfHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
    littleEndian(bytesOfHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
]);

const able = { hashes: false, signatures: false };

function littleEndian(bytes) {
    return BigInt(`0x${hexOf(bytes.slice().reverse())}`);
}

async function sha256(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function sha512(bytes) {
    return new Uint8Array(await crypto.subtle.digest("SHA-512", bytes));
}

async function sha256Hex(bytes) {
    return hexOf(await sha256(bytes));
}

// Known answers: FIPS 180-4 "abc"; RFC 8032 section 7.1, test 2, and the same with another message.
async function probe() {
    try {
        const abc = utf8.encode("abc");
        able.hashes = (await sha256Hex(abc)).startsWith("ba7816bf8f01cfea") && hexOf(await sha512(abc)).startsWith("ddaf35a193617aba");
    } catch {
        able.hashes = false;
    }
    try {
        const key = bytesOfHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        const signature = bytesOfHex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        able.signatures = able.hashes && await verifies(key, Uint8Array.of(0x72), signature) &&
            !await verifies(key, Uint8Array.of(0x73), signature);
    } catch {
        able.signatures = false;
    }
}

const importedKeys = new Map();

async function verifies(key, message, signature) {
    const name = hexOf(key);
    if (!importedKeys.has(name)) {
        importedKeys.set(name, await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]));
    }
    return await crypto.subtle.verify({ name: "Ed25519" }, importedKeys.get(name), signature, message) === true;
}

// What is wrong with 32 bytes as a point: "" where nothing is.
function pointProblem(bytes) {
    const y = littleEndian(bytes) & (2n ** 255n - 1n);
    if (SMALL_ORDER.has(y % FIELD)) {
        return "of small order";
    }
    return y >= FIELD ? "not canonical" : "";
}

// Throws Bad unless the signature is good. Where the browser has no Ed25519 only the form is looked at: `able.signatures` says.
async function checkEd25519(key, message, signature) {
    if (signature.length !== 64) {
        throw new Bad(`signature of ${signature.length} bytes`);
    }
    for (const [bytes, what] of [[key, "key"], [signature.slice(0, 32), "R"]]) {
        const problem = pointProblem(bytes);
        if (problem) {
            throw new Bad(`${what} ${problem}`);
        }
    }
    if (littleEndian(signature.slice(32)) >= ORDER) {
        throw new Bad("S is not below the order of the group");
    }
    if (able.signatures && !await verifies(key, message, signature).catch(() => false)) {
        throw new Bad("it does not cover these bytes");
    }
}

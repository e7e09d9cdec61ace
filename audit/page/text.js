// Bytes and text: UTF-8, hex, base64 without leniency, and text from outside made harmless to look at. Nothing here knows
// what a book is.

const utf8 = new TextEncoder();
const utf8Strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// What is wrong with bytes from outside; `message` is for people.
class Bad extends Error {}

// Text of UTF-8 bytes. Throws Bad.
function textOf(bytes) {
    try {
        return utf8Strict.decode(bytes);
    } catch {
        throw new Bad("not UTF-8");
    }
}

function hexOf(bytes) {
    let hex = "";
    for (const byte of bytes) {
        hex += byte.toString(16).padStart(2, "0");
    }
    return hex;
}

// Bytes of lower-case hex, or null.
function bytesOfHex(text) {
    if (typeof text !== "string" || text.length % 2 || !/^[0-9a-f]*$/.test(text)) {
        return null;
    }
    const bytes = new Uint8Array(text.length / 2);
    for (let i = 0; i < bytes.length; i++) {
        bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
    }
    return bytes;
}

function base64Of(bytes) {
    let binary = "";
    for (let i = 0; i < bytes.length; i += 8192) {
        binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return btoa(binary);
}

// Bytes of base64, padded, or null. Canonical where it is short: what is large (a file) is held against its hash anyway.
function bytesOfBase64(text) {
    if (typeof text !== "string" || text.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
        return null;
    }
    let binary;
    try {
        binary = atob(text);
    } catch {
        return null;
    }
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) {
        bytes[i] = binary.charCodeAt(i);
    }
    return text.length > 1 << 16 || base64Of(bytes) === text ? bytes : null;
}

function joined(...parts) {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
    }
    return bytes;
}

function sameBytes(a, b) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function compareBytes(a, b) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
        if (a[i] !== b[i]) {
            return a[i] - b[i];
        }
    }
    return a.length - b.length;
}

// Characters that act instead of showing: controls, bidi, joiners, tags. They are shown by their number.
const ACTING = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

function visible(text) {
    return String(text).replace(ACTING, (char) => `\u27e8U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`);
}

// 12345 as 12,345.
function counted(number) {
    return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

// "1 entry", "2 entries".
function plural(number, one, many = `${one}s`) {
    return `${counted(number)} ${number === 1 ? one : many}`;
}

function short(hash) {
    return typeof hash === "string" && hash.length > 16 ? `${hash.slice(0, 16)}\u2026` : hash;
}

// Milliseconds of an instant as FORMAT.md section 1 has it, or NaN.
function instantMs(text) {
    return typeof text === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) ? Date.parse(text) : NaN;
}

// "2026-01-05 09:07:00 UTC"; milliseconds only where there are any.
function shownInstant(text) {
    return typeof text === "string" ? text.replace("T", " ").replace(/(\.000)?Z$/, " UTC") : "";
}

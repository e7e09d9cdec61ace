// Canonical JSON (FORMAT.md section 1). The reader takes canonical text and nothing else, and says at which character it stops
// being that; objects have no prototype, so no member name means anything. The writer makes the same text again.

const DEPTH_MAX = 16;
const MEMBER_NAME = /^[a-z0-9_.-]{1,64}$/;

class CanonReader {
    constructor(text) {
        this.text = text;
        this.at = 0;
        this.spans = new Map(); // of the members of the outermost object: where their text begins and ends
    }

    fail(what) {
        throw new Bad(`${what} (character ${counted(this.at + 1)})`);
    }

    take(char) {
        if (this.text[this.at] !== char) {
            this.fail(this.at < this.text.length ? `'${this.text[this.at]}' where '${char}' is expected` : "it ends too early");
        }
        this.at++;
    }

    value(depth) {
        const char = this.text[this.at];
        if (char === "{" || char === "[") {
            if (depth > DEPTH_MAX) {
                this.fail(`deeper than ${DEPTH_MAX}`);
            }
            return char === "{" ? this.object(depth) : this.list(depth);
        }
        if (char === "\"") {
            return this.string();
        }
        for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
            if (this.text.startsWith(word, this.at)) {
                this.at += word.length;
                return value;
            }
        }
        return this.integer();
    }

    object(depth) {
        const object = Object.create(null);
        let before = "";
        this.take("{");
        while (this.text[this.at] !== "}") {
            if (before) {
                this.take(",");
            }
            const name = this.text[this.at] === "\"" ? this.string() : this.fail("a member name is expected");
            if (!MEMBER_NAME.test(name)) {
                this.fail(`member name '${name}'`);
            }
            if (name <= before) {
                this.fail(name === before ? `member '${name}' stands twice` : `member '${name}' is out of order`);
            }
            before = name;
            this.take(":");
            const begin = this.at;
            object[name] = this.value(depth + 1);
            if (depth === 1) {
                this.spans.set(name, [begin, this.at]);
            }
        }
        this.at++;
        return object;
    }

    list(depth) {
        const list = [];
        this.take("[");
        while (this.text[this.at] !== "]") {
            if (list.length) {
                this.take(",");
            }
            list.push(this.value(depth + 1));
        }
        this.at++;
        return list;
    }

    string() {
        const { text } = this;
        const begin = ++this.at;
        let escaped = false;
        for (;;) {
            const code = text.charCodeAt(this.at);
            if (code === 34) {
                break;
            }
            if (code === 92) {
                const next = text[this.at + 1];
                if (next !== "\"" && next !== "\\") {
                    this.fail(`escape \\${next}`);
                }
                escaped = true;
                this.at++;
            } else if (Number.isNaN(code)) {
                this.fail("it ends too early");
            } else if (code < 32 || (code > 126 && forbidden(code))) {
                this.fail(`forbidden character U+${code.toString(16).toUpperCase().padStart(4, "0")}`);
            }
            this.at++;
        }
        const raw = text.slice(begin, this.at++);
        return escaped ? raw.replace(/\\(.)/gs, "$1") : raw;
    }

    integer() {
        const found = /-?(?:0|[1-9][0-9]{0,16})(?![0-9.eE])/y;
        found.lastIndex = this.at;
        const digits = found.exec(this.text)?.[0];
        if (digits === undefined || digits === "-0" || !Number.isSafeInteger(Number(digits))) {
            this.fail("no value of canonical JSON");
        }
        this.at += digits.length;
        return Number(digits);
    }
}

function forbidden(code) {
    return code < 0xa0 || code === 0x61c || code === 0x200e || code === 0x200f || code === 0xfeff || code === 0x2028 ||
        code === 0x2029 || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

// {value, spans} of canonical text. Throws Bad.
function readCanonical(text) {
    const reader = new CanonReader(text);
    const value = reader.value(1);
    if (reader.at !== text.length) {
        reader.fail("more follows");
    }
    if (writeCanonical(value) !== text) {
        throw new Bad("not canonical: written again it has other bytes");
    }
    return { value, spans: reader.spans };
}

function writeCanonical(value) {
    if (typeof value === "string") {
        return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
    }
    if (Array.isArray(value)) {
        return `[${value.map(writeCanonical).join(",")}]`;
    }
    if (value !== null && typeof value === "object") {
        return `{${Object.keys(value).sort().map((name) => `"${name}":${writeCanonical(value[name])}`).join(",")}}`;
    }
    return String(value);
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isCount = (value) => Number.isSafeInteger(value) && value >= 0;
const isHash = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

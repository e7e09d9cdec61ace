"""Bytes as ledger/FORMAT.md has them (sections 1, 3, 4): canonical JSON, scalars, keys and signatures, the tree, notes and
proofs. The floor under checker.py; it knows nothing of books. Shares no code with the program that wrote them.
"""
import base64
import binascii
import calendar
import functools
import hashlib
import json
import re
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ZERO = "0" * 64
STATEMENT_BYTES = 1 << 20
CHARTER_BYTES = 4 << 20
ENTRY_BYTES = 8 << 20
INT_MAX = (1 << 53) - 1
MINOR_MAX = (1 << 63) - 1

# ISO 4217, list of 2024-06-25, by minor units.
DIGITS = {}
for _digits, _codes in (
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
    (2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE"
        " CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD"
        " HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU"
        " MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG"
        " SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST"
        " XCD YER ZAR ZMW ZWG"),
):
    for _code in _codes.split():
        DIGITS[_code] = _digits


# ---------------------------------------------------------------- canonical JSON (FORMAT 1)

class Form(Exception):
    """What is wrong with the bytes."""


FORBIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
ESCAPE = re.compile(r'\\(.)', re.S)
NAME = re.compile(r"[a-z0-9_.-]{1,64}\Z")
DEPTH_MAX = 16


def canonical(value):
    """Bytes of a value in canonical form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _members(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        raise Form("member '%s' stands twice" % next(n for n in names if names.count(n) > 1))
    return members


def _no_real(text):
    raise Form("number %s is no integer" % text)


def _walk(value):
    """Names, ranges and depth of a parsed value; without recursion, the data is not ours."""
    todo, names = [([value], 0)], set()
    while todo:
        value, depth = todo.pop()
        if depth > DEPTH_MAX:
            raise Form("deeper than %d" % DEPTH_MAX)
        if type(value) is dict:
            for name in value.keys() - names:
                if not NAME.match(name):
                    raise Form("member name '%s'" % name)
                names.add(name)
            value = value.values()
        for member in value:
            sort = type(member)
            if sort is dict or sort is list:
                todo.append((member, depth + 1))
            elif sort is int and abs(member) > INT_MAX:
                raise Form("integer %d out of range" % member)


def parse(data):
    """The value of canonical bytes; Form says what is wrong with them."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Form("not UTF-8 at byte %d" % error.start)
    bad = FORBIDDEN.search(text)
    if bad:
        raise Form("forbidden character U+%04X" % ord(bad.group()))
    for escape in ESCAPE.finditer(text):
        if escape.group(1) not in '"\\':
            raise Form("escape \\%s" % escape.group(1))
    try:
        value = json.loads(text, object_pairs_hook=_members, parse_float=_no_real, parse_constant=_no_real)
    except Form:
        raise
    except RecursionError:
        raise Form("deeper than %d" % DEPTH_MAX)
    except ValueError as error:
        raise Form("not JSON: %s" % error)
    _walk(value)
    if canonical(value) != data:
        raise Form("not canonical: encoding it again gives other bytes")
    return value


# ---------------------------------------------------------------- scalars

def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def pattern(what, expression, limit=None):
    compiled = re.compile(expression)

    def check(value):
        if not isinstance(value, str) or not compiled.fullmatch(value) or (limit and len(value.encode()) > limit):
            return "is no %s" % what
        return None
    return check


t_id = pattern("id", r"[A-Za-z0-9][A-Za-z0-9._:/@-]*", 64)
t_code = pattern("code", r"[A-Z0-9][A-Z0-9_-]*", 32)
t_hash = pattern("hash", r"[0-9a-f]{64}")
t_request = pattern("request number", r"[A-Z]{2}-(?:(?:0|[1-9][0-9]*)\.)?[1-9][0-9]*", 64)
t_nonce = pattern("nonce", r"[0-9a-f]{32}")
t_book_name = pattern("book name", r"[A-Za-z0-9./_-]{1,128}")


def t_any(_value):
    return None


def t_bool(value):
    return None if isinstance(value, bool) else "is no boolean"


def t_object(value):
    return None if isinstance(value, dict) else "is no object"


def t_media(value):
    return t_text(value) or ("is longer than 128 bytes" if len(value.encode()) > 128 else None)


def t_text(value):
    if not isinstance(value, str):
        return "is no text"
    return "is longer than 2,000 bytes" if len(value.encode()) > 2000 else None


def t_reference(value):
    return t_text(value) or (None if 1 <= len(value.encode()) <= 64 else "is not of 1 to 64 bytes")


def t_integer(low, high=INT_MAX):
    def check(value):
        return None if is_int(value) and low <= value <= high else "is no integer from %d" % low
    return check


def t_one_of(*words):
    def check(value):
        return None if isinstance(value, str) and value in words else "is not one of %s" % " ".join(words)
    return check


def t_currency(value):
    return None if isinstance(value, str) and value in DIGITS else "is no currency with minor digits"


DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z")


@functools.lru_cache(maxsize=1 << 16)
def date_parts(value):
    match = isinstance(value, str) and DATE.fullmatch(value)
    if not match:
        return None
    year, month, day = (int(part) for part in match.groups())
    if not (1970 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    return year, month, day


def t_month(value):
    good = isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}", value) and date_parts(value + "-01")
    return None if good else "is no month"


def t_date(value):
    return None if date_parts(value) else "is no date"


@functools.lru_cache(maxsize=1 << 16)
def instant_ms(value):
    """Milliseconds since 1970, or None."""
    match = isinstance(value, str) and INSTANT.fullmatch(value)
    parts = match and date_parts(match.group(1))
    if not parts:
        return None
    hour, minute, second, ms = (int(part) for part in match.groups()[1:])
    if hour > 23 or minute > 59 or second > 59:
        return None
    return calendar.timegm((*parts, hour, minute, second)) * 1000 + ms


def t_instant(value):
    return None if instant_ms(value) is not None else "is no instant"


AMOUNT = [re.compile(r"-?(0|[1-9][0-9]*)" + (r"\.[0-9]{%d}" % digits if digits else "")) for digits in range(5)]


def minor(value, currency):
    """Minor units of an amount, or None."""
    digits = DIGITS.get(currency)
    if digits is None or not isinstance(value, str) or not AMOUNT[digits].fullmatch(value):
        return None
    units = int(value.replace(".", ""))
    if (units == 0 and value[0] == "-") or abs(units) > MINOR_MAX:
        return None
    return units


def t_amount(currency, low=None):
    """An amount of that currency, at least low minor units (None: any sign)."""
    def check(value):
        units = minor(value, currency)
        if units is None:
            return "is no amount in %s" % currency
        return "is below %d minor units" % low if low is not None and units < low else None
    return check


RATE = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{0,11}[1-9]))?")


def rate_units(value):
    """A rate in trillionths, or None."""
    match = isinstance(value, str) and RATE.fullmatch(value)
    if not match:
        return None
    units = int(match.group(1)) * 10**12 + int((match.group(2) or "").ljust(12, "0"))
    return units if 0 < units <= MINOR_MAX else None


def t_rate(value):
    return None if rate_units(value) else "is no rate"


def convert(units, rate, source, target):
    """Minor units of source in those of target, by a rate in trillionths, half to even."""
    whole, left = divmod(abs(units) * rate, 10**(12 + DIGITS[source] - DIGITS[target]))
    half = 10**(12 + DIGITS[source] - DIGITS[target])
    if 2 * left > half or (2 * left == half and whole % 2):
        whole += 1
    return -whole if units < 0 else whole


def month_end_before(date):
    """The last day of the month before a date."""
    year, month, _ = date_parts(date)
    year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return "%04d-%02d-%02d" % (year, month, calendar.monthrange(year, month)[1])


def unbase64(value):
    """Bytes of padded, canonical base64, or None."""
    if not isinstance(value, str):
        return None
    try:
        data = base64.b64decode(value.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None
    return data if base64.b64encode(data).decode() == value else None


def t_base64(value):
    return None if unbase64(value) is not None else "is no canonical base64"


# ---------------------------------------------------------------- keys and signatures (FORMAT 3)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER_Y = {
    0, 1, P - 1,
    int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
}
PLAIN = b"ssh-ed25519"
FIDO = b"sk-ssh-ed25519@openssh.com"


class Bad(Exception):
    """What is wrong with a key, a signature, a note or a proof."""


class Cursor:
    """Reads SSH wire strings and refuses to run over the end."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Bad("ends too early")
        part = self.data[self.at:self.at + count]
        self.at += count
        return part

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def string(self):
        return self.take(self.u32())

    def end(self, what):
        if self.at != len(self.data):
            raise Bad("%d trailing bytes in the %s" % (len(self.data) - self.at, what))


def check_point(data, what):
    """A canonical point encoding that is not of small order."""
    y = int.from_bytes(data, "little") & (2**255 - 1)
    if y % P in SMALL_ORDER_Y:
        raise Bad("%s of small order" % what)
    if y >= P:
        raise Bad("%s is not canonical" % what)


def read_key_blob(blob):
    """(type, 32 bytes, application) of a public key blob."""
    cursor = Cursor(blob)
    sort = cursor.string()
    if sort not in (PLAIN, FIDO):
        raise Bad("key type '%s'" % sort.decode("ascii", "replace"))
    public = cursor.string()
    if len(public) != 32:
        raise Bad("key of %d bytes" % len(public))
    application = cursor.string() if sort == FIDO else b""
    cursor.end("key")
    if sort == FIDO and application != b"ssh:":
        raise Bad("application '%s'" % application.decode("ascii", "replace"))
    check_point(public, "key")
    return sort, public, application


def key_blob(text):
    """Blob of a `key` scalar; Bad says what is wrong with it."""
    words = text.split(" ") if isinstance(text, str) else []
    if len(words) != 2:
        raise Bad("not a type and a base64 blob")
    blob = unbase64(words[1])
    if blob is None:
        raise Bad("base64")
    sort, _, _ = read_key_blob(blob)
    if sort.decode() != words[0]:
        raise Bad("type before the blob differs from the one inside")
    return blob


def t_key(value):
    try:
        key_blob(value)
    except Bad as error:
        return "is no key: %s" % error
    return None


def ed25519(public, message, signature, what="signature"):
    if len(signature) != 64:
        raise Bad("%s of %d bytes" % (what, len(signature)))
    check_point(public, "key")
    check_point(signature[:32], "R")
    if int.from_bytes(signature[32:], "little") >= L:
        raise Bad("S is not below L")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Bad("%s does not cover these bytes" % what)


def wire(data):
    return struct.pack(">I", len(data)) + data


def read_sshsig(blob):
    """(key blob, signature blob) of a bare SSHSIG blob, everything but the cryptography checked."""
    cursor = Cursor(blob)
    if cursor.take(6) != b"SSHSIG":
        raise Bad("no SSHSIG")
    if cursor.u32() != 1:
        raise Bad("SSHSIG version")
    key = cursor.string()
    if cursor.string() != b"countersign":
        raise Bad("namespace")
    if cursor.string() != b"":
        raise Bad("reserved field is not empty")
    if cursor.string() != b"sha512":
        raise Bad("hash algorithm")
    signature = cursor.string()
    cursor.end("signature")
    return key, signature


def signature_flags(packed):
    """The flags of a FIDO signature; 0 of a plain one. Believes the form."""
    cursor = Cursor(packed)
    if cursor.string() != FIDO:
        return 0
    cursor.string()
    return cursor.take(1)[0]


def verify_sshsig(blob, message):
    """Key blob of a good signature over message."""
    key, packed = read_sshsig(blob)
    sort, public, application = read_key_blob(key)
    signed = (b"SSHSIG" + wire(b"countersign") + wire(b"") + wire(b"sha512")
              + wire(hashlib.sha512(message).digest()))
    cursor = Cursor(packed)
    if cursor.string() != sort:
        raise Bad("signature type differs from the key's")
    signature = cursor.string()
    if sort == FIDO:
        flags, counter = cursor.take(1), cursor.take(4)
        if not flags[0] & 1:
            raise Bad("no user presence")
        signed = hashlib.sha256(application).digest() + flags + counter + hashlib.sha256(signed).digest()
    cursor.end("signature blob")
    ed25519(public, signed, signature)
    return key


# ---------------------------------------------------------------- tree, notes, proofs (FORMAT 4)

def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def tree_root(leaves):
    """RFC 6962 root over leaf hashes."""
    if not leaves:
        return sha256(b"")
    stack = []  # (root, size) of perfect subtrees, left to right
    for leaf in leaves:
        node, size = leaf, 1
        while stack and stack[-1][1] == size:
            node, size = node_hash(stack.pop()[0], node), size * 2
        stack.append((node, size))
    node = stack.pop()[0]
    while stack:
        node = node_hash(stack.pop()[0], node)
    return node


def proof_root(leaf, index, size, path):
    """Root that an inclusion proof leads to."""
    if not 0 <= index < size:
        raise Bad("index %d in a tree of %d" % (index, size))
    node, last, used = leaf, size - 1, 0
    while last > 0:
        if index & 1 or index == last:
            if index & 1:
                if used == len(path):
                    raise Bad("proof too short")
                node, used = node_hash(path[used], node), used + 1
        else:
            if used == len(path):
                raise Bad("proof too short")
            node, used = node_hash(node, path[used]), used + 1
        index, last = index >> 1, last >> 1
    if used != len(path):
        raise Bad("proof too long")
    return node


def read_note(data):
    """(text, [(name, key id, signature)]) of a signed note."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("not UTF-8")
    if any(ord(char) < 32 and char != "\n" for char in text):
        raise Bad("control character")
    head, blank, tail = text.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise Bad("no signature block")
    signatures = []
    for line in tail[:-1].split("\n"):
        words = line.split(" ")
        if len(words) != 3 or words[0] != "\u2014" or not words[1] or "+" in words[1] or len(words[1].split()) != 1:
            raise Bad("signature line")
        packed = unbase64(words[2])
        if packed is None or len(packed) < 5:
            raise Bad("signature line's base64")
        signatures.append((words[1], packed[:4], packed[4:]))
    return head + "\n", signatures


def key_id(name, sort, public):
    return sha256(name.encode() + b"\n" + bytes([sort]) + public)[:4]


def decimal(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text):
        raise Bad("number '%s'" % text)
    return int(text)


class Checkpoint:
    def __init__(self, data):
        self.text, self.signatures = read_note(data)
        lines = self.text.split("\n")
        if len(lines) < 4 or not lines[0] or "" in lines[:-1]:
            raise Bad("not three lines")
        self.origin, self.size, self.root = lines[0], decimal(lines[1]), unbase64(lines[2])
        if self.root is None or len(self.root) != 32:
            raise Bad("root hash")

    def check_signed(self, publics):
        """One of the keys has signed under the origin as name; a known key's bad signature is refused."""
        good = 0
        for name, ident, signature in self.signatures:
            for public in publics:
                if name == self.origin and ident == key_id(name, 1, public):
                    ed25519(public, self.text.encode(), signature)
                    good += 1
        if not good:
            raise Bad("not signed by a book key")


class Receipt:
    def __init__(self, data):
        head, blank, note = data.partition(b"\n\n")
        if not blank:
            raise Bad("no checkpoint in it")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise Bad("not ASCII before the checkpoint")
        if lines.pop(0) != "c2sp.org/tlog-proof@v1":
            raise Bad("first line")
        if lines and lines[0].startswith("extra "):
            if unbase64(lines.pop(0)[6:]) is None:
                raise Bad("extra's base64")
        if not lines or not lines[0].startswith("index "):
            raise Bad("no index")
        self.index = decimal(lines.pop(0)[6:])
        self.path = [unbase64(line) for line in lines]
        if any(node is None or len(node) != 32 for node in self.path) or len(self.path) > 63:
            raise Bad("hash in the proof")
        self.checkpoint = Checkpoint(note)

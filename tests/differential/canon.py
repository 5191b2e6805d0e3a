"""Prints random JSON texts with their canonical forms as CPython and Thessor's package make them.

One case a line: dialect, the text's hex, the form's hex (`!` where the vendor's code finds none), tab-separated.
"""

import json
import math
import random
import struct
import sys

SPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
LETTERS = "aAzZ09_<>&'/\"\\\b\x00\x01\x7f\x80\u00e9e\u0301\u200b\ufeff\ue000\uffff\U0001f600\U0010ffff" + SPACE


def lexeme(source):
    """A number as JSON text, of any length and shape that the grammar has."""
    kind = source.randrange(7)
    sign = source.choice(["", "-"])
    if kind == 0:
        return sign + str(source.randrange(10 ** source.randrange(1, 40)))
    if kind == 1:
        return sign + str(2 ** source.randrange(70) + source.randrange(-2, 3)).lstrip("-")
    if kind == 2:
        double = struct.unpack(">d", source.randbytes(8))[0]
        return "%.17e" % double if math.isfinite(double) else "0.5"
    if kind == 3:
        return sign + "%d.%s" % (source.randrange(1000), "".join(source.choices("0123456789", k=source.randrange(1, 25))))
    if kind == 4:
        return sign + "%de%+d" % (source.randrange(10**6), source.randrange(-330, 303))
    if kind == 5:
        # Halfway between two decimals of sixteen digits: the even one is written.
        return sign + "%d.%s" % (source.randrange(2**50, 2**51), source.choice(["25", "75", "5", "125"]))
    return sign + "%d.%sE%d" % (source.randrange(10), source.randrange(10**17), source.randrange(-25, 25))


def string(source):
    text = "".join(source.choices(LETTERS, k=source.randrange(8)))
    return json.dumps(text, ensure_ascii=source.random() < 0.5)


def value(source, depth):
    kind = source.randrange(5 if depth == 0 else 8)
    space = source.choice(["", " ", "\n", "\t\r"])
    if kind == 0:
        return source.choice(["null", "true", "false"])
    if kind <= 2:
        return lexeme(source)
    if kind <= 4:
        return string(source)
    if kind == 5:
        return "[" + ("," + space).join(value(source, depth - 1) for _ in range(source.randrange(5))) + space + "]"
    members = [string(source) + space + ":" + value(source, depth - 1) for _ in range(source.randrange(6))]
    members += source.sample(members, source.randrange(2)) if members else []
    return "{" + space + ("," + space).join(members) + "}"


def python(parsed):
    return json.dumps(parsed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def main():
    dialects = {"python": python}
    try:
        from thessor.crypto import canonicalize

        dialects["stripped"] = canonicalize
    except ImportError:
        pass
    source = random.Random(20)
    texts = [lexeme(source) for _ in range(6000)] + [value(source, 4) for _ in range(6000)]
    for text in texts:
        for dialect, form in dialects.items():
            written = form(json.loads(text))
            finite = b"Infinity" not in written and b"NaN" not in written
            print(dialect, text.encode().hex(), written.hex() if finite else "!", sep="\t")


sys.exit(main())

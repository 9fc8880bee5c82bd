"""A Python regular expression as the arguments of a grep that finds the same lines.

grep reads bytes here (``LC_ALL=C``): a line that is no UTF-8 is a line too, as in the checks. ``\\d``, ``\\w``, ``\\s``
and ``\\b`` mean the ASCII ones. What the two do not share (references back, possessive quantifiers, a flag other than
``(?i)``) is not translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from exlib.convert.shell.words import word
from exlib.environment import REFERENCE

_CLASSES = {"d": "0-9", "s": "[:space:]", "w": "[:alnum:]_"}
_CONTROLS = {"t": "\t", "f": "\f", "v": "\v", "a": "\a", "r": "\r"}
_ANCHORS = {"A": "^", "Z": "$", "b": "\\b", "B": "\\B"}
_TOKEN = re.compile(
    r"(?P<look>\(\?(?:<?[=!]))|(?P<open>\(\?:|\(\?P<\w+>|\((?!\?))|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})(?P<how>[?+]?))"
    r"|\\x(?P<hex>[0-9a-fA-F]{2})|\\u(?P<wide>[0-9a-fA-F]{4})|\\(?P<escaped>\D)|(?P<sign>[.^$|)])|(?P<char>[^\\(\[*+?])",
    re.DOTALL,
)
_SPECIAL = frozenset(".[]()*+?{}|^$\\")
_MEMBER = re.compile(r"\\(?P<class>[dsw])|\\(?P<control>[tfvar])|\\(?P<escaped>[^\w])|(?P<char>[^\\])", re.DOTALL)
_WIDE = r"[\xc0-\xff][\x80-\xbf]*+|[\x80-\xbf]"
"""A character beyond ASCII, or a byte that is none, as bytes."""


class _Untold(Exception):
    """What grep has no words for."""


def grep(pattern: str, option: str = "-q") -> str | None:
    """The command that finds the pattern in its input, or with ``-c`` counts its lines; None if grep cannot."""
    try:
        flags, translated, perl = _translated(pattern)
    except _Untold:
        return None
    return f"LC_ALL=C grep -a {option}{flags} -{'P' if perl else 'E'} -e {translated}"


def _translated(pattern: str) -> tuple[str, str, bool]:
    pieces = REFERENCE.split(pattern)
    # A reference has no fixed text: what stands for it until the end is a character of nobody's.
    text = "".join(chr(0xE000 + at // 2) if at % 2 else part for at, part in enumerate(pieces))
    flags = "i" if text.startswith("(?i)") else ""
    text = text.removeprefix("(?i)")
    if (flags and not text.isascii()) or "{,}" in text:
        raise _Untold
    tokens = list(_tokens(text))
    perl = len(pieces) > 1 or any(kind in ("look", "wide") for kind, _ in tokens)
    translated = "".join(_written(kind, said, perl) for kind, said in tokens)
    if len(pieces) == 1:
        return flags, word(translated), perl
    for at in range(1, len(pieces), 2):
        translated = translated.replace(chr(0xE000 + at // 2), f"${{{pieces[at]}}}")
    # A variable that is not set stands there as it is written, which is a pattern that no line matches.
    return flags, word(translated), perl


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kinds and texts: ``wide`` are those that stand for one character of any length in bytes."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _Untold
        at = found.end()
        yield from _token(found, text.startswith(("*", "+"), at))


def _token(found: re.Match[str], many: bool) -> Iterator[tuple[str, str]]:
    if found["repeat"]:
        if found["how"] == "+":
            raise _Untold
        repeat = found["repeat"].removesuffix("?") if found["how"] else found["repeat"]
        yield "sign", repeat.replace("{,", "{0,")
    elif found["look"] or found["open"]:
        yield ("look", found["look"]) if found["look"] else ("sign", "(")
    elif found["set"]:
        yield _set(found["set"], many)
    elif found["sign"]:
        yield ("wide", "") if found["sign"] == "." and not many else ("sign", found["sign"])
    elif found["escaped"]:
        yield _escaped(found["escaped"], many)
    else:
        code = found["hex"] or found["wide"]
        yield "char", chr(int(code, 16)) if code else found["char"]


def _escaped(letter: str, many: bool) -> tuple[str, str]:
    if letter in _ANCHORS:
        return "sign", _ANCHORS[letter]
    if letter in _CLASSES:
        return "sign", f"[{_CLASSES[letter]}]"
    if letter.lower() in _CLASSES:
        return _negated(_CLASSES[letter.lower()], many)
    if letter in _CONTROLS:
        return "char", _CONTROLS[letter]
    if letter.isalnum():
        raise _Untold
    return "char", letter


def _set(text: str, many: bool) -> tuple[str, str]:
    """A set in the order in which POSIX takes every member for itself, and which Perl reads alike."""
    negated = text.startswith("[^")
    inner = text[2 if negated else 1 : -1]
    members, last, dash, at = [], "", "", 0
    while at < len(inner):
        found = _MEMBER.match(inner, at)
        if found is None:
            raise _Untold
        at = found.end()
        if found["class"]:
            members.append(_CLASSES[found["class"]])
            continue
        char = found["escaped"] or found["char"] or _CONTROLS[found["control"]]
        if not char.isascii() or char in "\\\0" or ord(char) >= 0xE000:
            raise _Untold
        if inner[at : at + 1] == "-" and inner[at + 1 : at + 2] not in ("", "]", "\\", "["):
            end = inner[at + 1]
            if not (char.isalnum() and end.isalnum() and end.isascii()):
                raise _Untold
            members.append(f"{char}-{end}")
            at += 2
        elif char == "]":
            members.insert(0, char)
        elif char == "-":
            dash = "-"
        elif char in "[^":
            last += char
        else:
            members.append(char)
    body = "".join(members)
    if "]" in members:
        body = "]" + "".join(member for member in members if member != "]")
    body += ("[" if "[" in last else "") + ("^" if "^" in last else "") + dash
    if body == "^" and not negated:
        return "char", "^"
    if body.startswith("^") and not negated:
        raise _Untold
    return _negated(body, many) if negated else ("sign", f"[{body}]")


def _negated(body: str, many: bool) -> tuple[str, str]:
    return ("sign", f"[^{body}]") if many else ("wide", body)


def _written(kind: str, said: str, perl: bool) -> str:
    if kind == "wide":
        narrow = f"[^{said}\\x80-\\xff]" if said else r"[\x00-\x7f]"
        return f"(?:{narrow}|{_WIDE})"
    if kind != "char":
        return said
    if said in _SPECIAL:
        return f"\\{said}"
    if said.isascii() or 0xE000 <= ord(said) < 0xF900:
        return said
    return f"(?:{said})" if perl else f"({said})"

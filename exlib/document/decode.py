"""Bytes to text to JSON, refusing with a position whatever a workflow must not hold."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any, NamedTuple

_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|-?Infinity|NaN', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
MAX_DEPTH = 500
"""Nesting that is still told apart from an attack; real workflows need six levels."""


class Flaw(NamedTuple):
    """Something the text must not hold, at a character offset."""

    code: str
    message: str
    offset: int
    mend: str | None = None


class Refused(Exception):
    """The bytes are not an acceptable JSON object; ``text`` is what could be decoded."""

    def __init__(self, text: str, *flaws: Flaw) -> None:
        super().__init__(flaws[0].message)
        self.text = text
        self.flaws = flaws


def to_text(raw: bytes) -> str:
    """Decode UTF-8, with or without a BOM. Raises Refused for any other encoding."""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            raise Refused("", _wrong_encoding(name))
    if raw[:64].count(0) > len(raw[:64]) // 4:
        raise Refused("", _wrong_encoding("UTF-16 or binary data"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8-sig", errors="replace")
        shown = raw.decode("utf-8-sig", errors="replace")
        byte = raw[error.start]
        flaw = Flaw("E101", f"byte 0x{byte:02x} is not valid UTF-8", len(good), "save the file as UTF-8")
        raise Refused(shown, flaw) from None


def to_data(text: str) -> dict[str, Any]:
    """Parse the text of one JSON object. Raises Refused with every flaw that can be told apart."""
    repeated = False
    constants = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        made = dict(items)
        if len(made) != len(items):
            repeated = True
        return made

    def constant(name: str) -> float:
        nonlocal constants
        constants = True
        return 0.0

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=constant)
    try:
        data = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise Refused(text, _syntax(text, error)) from None
    except RecursionError:
        raise Refused(text, _too_deep(text)) from None
    except ValueError:  # an integer of more digits than Python converts
        long_number = re.search(r"\d{4300,}", text)
        raise Refused(
            text, Flaw("E102", "a number has too many digits", long_number.start() if long_number else 0)
        ) from None
    flaws = [*_scan(text, repeated, constants), *_bad_escapes(text)]
    if not isinstance(data, dict):
        start = len(text) - len(text.lstrip())
        kind = {list: "a list", str: "a string", bool: "a boolean", type(None): "null"}.get(type(data), "a number")
        mend = 'wrap it: {"application_name": "...", "jobs": [...]}' if isinstance(data, list) else None
        flaws.append(Flaw("E108", f"a workflow is a JSON object, this is {kind}", start, mend))
    if flaws:
        raise Refused(text, *sorted(flaws, key=lambda flaw: flaw.offset))
    return data  # type: ignore[no-any-return]


def _wrong_encoding(name: str) -> Flaw:
    return Flaw("E107", f"the input is {name}, not UTF-8", 0, "convert it, e.g. iconv -f UTF-16 -t UTF-8 FILE")


def _syntax(text: str, error: json.JSONDecodeError) -> Flaw:
    at = error.pos
    rest = text[at:].strip()
    if not rest:
        return Flaw(
            "E102", "the document ends in the middle", len(text.rstrip()), "the file was cut off: write it again, whole"
        )
    before = text[:at].rstrip()
    if error.msg.startswith("Expecting property name") and before.endswith(",") and rest[0] == "}":
        return Flaw("E102", "a comma before the closing }", len(before) - 1, "remove the comma")
    if error.msg.startswith(("Expecting value", "Illegal trailing comma")) and before.endswith(",") and rest[0] == "]":
        return Flaw("E102", "a comma before the closing ]", len(before) - 1, "remove the comma")
    if error.msg.startswith("Illegal trailing comma"):
        return Flaw("E102", "a comma before the closing bracket", at, "remove the comma")
    if error.msg.startswith("Invalid control character"):
        return Flaw(
            "E102",
            f"a raw control character U+{ord(text[at]):04X} in a string",
            at,
            "write it as an escape: \\n, \\t or \\u00XX",
        )
    if error.msg.startswith("Unterminated string"):
        return Flaw("E102", "a string that starts here is not closed", at, 'close it with "')
    if error.msg.startswith("Extra data"):
        return Flaw("E102", "text after the end of the document", at, "one document a file")
    if rest.startswith(("//", "/*", "#")):
        return Flaw("E102", "JSON has no comments", at, 'use a key that starts with "_" for notes')
    if rest.startswith("'"):
        return Flaw("E102", "a string in single quotes", at, 'use double quotes "..."')
    return Flaw("E102", f"not valid JSON: {error.msg[0].lower()}{error.msg[1:]}", at)


def _too_deep(text: str) -> Flaw:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                return Flaw("E105", f"nested deeper than {MAX_DEPTH} levels", token.start())
        elif token[0] in "}]":
            depth -= 1
    return Flaw("E105", "nested too deeply to be read", 0)


def _scan(text: str, repeated: bool, constants: bool) -> list[Flaw]:
    """Find repeated keys and NaN or Infinity; a walk over tokens that is paid only when there are some."""
    if not (repeated or constants):
        return []
    flaws: list[Flaw] = []
    seen: list[dict[str, int] | None] = []
    expect_key = False
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word == "{":
            seen.append({})
            expect_key = True
        elif word == "[":
            seen.append(None)
            expect_key = False
        elif word in "}]":
            seen.pop()
            expect_key = False
        elif word == ",":
            expect_key = bool(seen) and seen[-1] is not None
        elif word == ":":
            expect_key = False
        elif word[0] == '"':
            keys = seen[-1] if seen else None
            if expect_key and keys is not None:
                key = json.loads(word, strict=False)
                if key in keys:
                    line = text.count("\n", 0, keys[key]) + 1
                    flaws.append(
                        Flaw(
                            "E104",
                            f'key "{key}" stands twice in one object, first on line {line}',
                            token.start(),
                            "remove one of the two",
                        )
                    )
                keys.setdefault(key, token.start())
        else:
            flaws.append(Flaw("E103", f"{word} is not a JSON number", token.start(), "write a number, or null"))
    return flaws


def _bad_escapes(text: str) -> list[Flaw]:
    """Find NUL and lone surrogates written as escapes: no command or environment can hold them."""
    if _SUSPECT.search(text) is None:
        return []
    flaws: list[Flaw] = []
    high: int | None = None
    last_end = -1
    for escape in _ESCAPE.finditer(text):
        unit = int(escape[1], 16) if escape[1] else -1
        if high is not None and not (escape.start() == last_end and 0xDC00 <= unit <= 0xDFFF):
            flaws.append(_surrogate(high))
            high = None
        if unit == 0:
            flaws.append(
                Flaw(
                    "E106",
                    "a NUL character: neither a command nor a variable can hold it",
                    escape.start(),
                    "remove \\u0000",
                )
            )
        elif 0xD800 <= unit <= 0xDBFF:
            high = escape.start()
        elif 0xDC00 <= unit <= 0xDFFF:
            if high is None:
                flaws.append(_surrogate(escape.start()))
            high = None
        last_end = escape.end()
    if high is not None:
        flaws.append(_surrogate(high))
    return flaws


def _surrogate(offset: int) -> Flaw:
    return Flaw("E106", "half of a surrogate pair: not a character", offset, "write the character itself")

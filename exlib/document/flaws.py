"""What the text of a document must not hold, each with its offset: found by walks over tokens, linear and flat."""

import json
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from exlib.document.positions import Positions

# Possessive, so that a string that is never closed costs one pass and not one a character.
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|-?(?:[0-9][0-9.eE+-]*+|Infinity)|NaN', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
MAX_DEPTH = 500
"""Nesting that is still told apart from an attack; real workflows need six levels."""
_SHOWN = 40


class Flaw(NamedTuple):
    """Something the text must not hold, at a character offset."""

    code: str
    message: str
    offset: int
    mend: str | None = None


def openers(text: str, end: int | None = None) -> Iterator[list[int]]:
    """After each bracket of ``text``: the offsets of the brackets that are open there (one list, reused)."""
    stack: list[int] = []
    for token in TOKEN.finditer(text, 0, len(text) if end is None else end):
        if token[0] in "{[":
            stack.append(token.start())
            yield stack
        elif token[0] in "}]":
            if stack:
                stack.pop()
            yield stack


def too_deep(text: str, end: int | None = None) -> Flaw | None:
    """The first bracket that opens one level too many, if ``text`` up to ``end`` has one."""
    for stack in openers(text, end):
        if len(stack) > MAX_DEPTH:
            return Flaw("E105", f"nested deeper than {MAX_DEPTH} levels", stack[-1], "a workflow needs about six")
    return None


def numbers(text: str) -> Iterator[Flaw]:
    """NaN, Infinity, and numbers too large to be held."""
    for token in TOKEN.finditer(text):
        word = token[0]
        if word in ("NaN", "Infinity", "-Infinity"):
            yield Flaw("E103", f"{word} is not a JSON number", token.start(), "write a number, or null")
        elif len(word) > 4 and word[0] in "-0123456789" and _endless(word):
            yield Flaw("E103", f"the number {_short(word)} is too large", token.start(), "write a smaller one")


def _endless(word: str) -> bool:
    try:
        return math.isinf(float(word)) if set(word) & set(".eE") else int(word) is None
    except ValueError:  # more digits than Python converts
        return True


def repeated_keys(text: str) -> Iterator[Flaw]:
    """Keys that stand twice in one object, each at its later place."""
    places = Positions(text)
    seen: list[dict[str, int] | None] = []
    expect_key = False
    for token in TOKEN.finditer(text):
        word = token[0]
        if word == "{":
            seen.append({})
        elif word == "[":
            seen.append(None)
        elif word in "}]":
            seen.pop()
        elif expect_key and word[0] == '"' and seen and (keys := seen[-1]) is not None:
            key = json.loads(word)
            if key in keys:
                line, _ = places.line_column(keys[key])
                message = f"key {_short(word)} stands twice in one object, first on line {line}"
                yield Flaw("E104", message, token.start(), "remove one of the two")
            keys.setdefault(key, token.start())
        expect_key = word in "{,"


def escapes(text: str) -> Iterator[Flaw]:
    """NUL and lone surrogates written as escapes: no command or variable can hold them."""
    if _SUSPECT.search(text) is None:
        return
    high: int | None = None  # where a first half waits for its second
    end = -1
    for escape in _ESCAPE.finditer(text):
        unit = int(escape[1], 16) if escape[1] else -1
        second = 0xDC00 <= unit <= 0xDFFF
        paired = second and high is not None and escape.start() == end
        if high is not None and not paired:
            yield _half(high)
        if second and not paired:
            yield _half(escape.start())
        if unit == 0:
            message = "a NUL character: neither a command nor a variable can hold it"
            yield Flaw("E106", message, escape.start(), "remove \\u0000")
        high = escape.start() if 0xD800 <= unit <= 0xDBFF else None
        end = escape.end()
    if high is not None:
        yield _half(high)


def _half(offset: int) -> Flaw:
    return Flaw("E106", "half of a surrogate pair: not a character", offset, "write the character itself")


def _short(word: str) -> str:
    return word if len(word) <= _SHOWN else f"{word[:_SHOWN]}… ({len(word)} characters)"

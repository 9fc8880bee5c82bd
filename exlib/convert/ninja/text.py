"""The texts of a ninja file: their escapes, their references to variables, and the logical lines they stand on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from exlib.convert.source import Source

_REFERENCE = re.compile(r"\$(?:\{([\w.-]+)\}|([\w-]+)|(.)|\Z)", re.ASCII | re.DOTALL)
_CONTINUED = re.compile(r"(?<!\$)((?:\$\$)*)\$\Z")


class Line(NamedTuple):
    """A logical line from ``first`` to ``last``, without its indent and with its lines joined."""

    first: int
    last: int
    text: str
    indented: bool


def lines_of(source: Source) -> Iterator[Line]:
    """The lines that say something, comments included; a ``$`` at an end joins the next line."""
    texts = source.lines
    at = 0
    while at < len(texts):
        start, text = at, texts[at]
        if "\t" in text[: len(text) - len(text.lstrip())] and text.strip():
            raise source.refuse(at + 1, "a tab is no indent in a ninja file", "use blanks")
        indented = text.startswith(" ")
        text = text.lstrip(" ")
        while not text.startswith("#") and _CONTINUED.search(text) and at + 1 < len(texts):
            at += 1
            text = text[:-1] + texts[at].lstrip(" ")
        at += 1
        if text.strip():
            yield Line(start + 1, at, text, indented)


def expanded(text: str, value: Callable[[str], str], refuse: Callable[[str], Exception]) -> str:
    """The text with its escapes and its references replaced."""

    def replaced(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name:
            return value(name)
        if match[3] in ("$", " ", ":"):
            return match[3]
        raise refuse("a $ is followed by what is no name: write $$ for a plain one")

    return _REFERENCE.sub(replaced, text)


def split_paths(text: str) -> list[str]:
    """The words of a list of paths, not yet expanded; ``|``, ``||`` and ``|@`` stand alone, ``:`` ends a word."""
    words: list[str] = []
    at, word = 0, ""
    while at < len(text):
        char = text[at]
        if char == "$":
            match = _REFERENCE.match(text, at)
            assert match is not None
            word += match[0]
            at = match.end()
            continue
        if char in " :|":
            if word:
                words.append(word)
                word = ""
            if char == "|":
                sign = text[at : at + 2] if text[at : at + 2] in ("||", "|@") else "|"
                words.append(sign)
                at += len(sign)
                continue
            if char == ":":
                words.append(":")
        else:
            word += char
        at += 1
    return [*words, word] if word else words


def canonical(path: str) -> str:
    """The path as ninja compares it: without ``.``, ``..`` and doubled slashes where they can go."""
    kept: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        else:
            kept.append(part)
    return ("/" if path.startswith("/") else "") + "/".join(kept) or "."

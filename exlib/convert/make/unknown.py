"""What only a run can tell: an environment variable, the output of a command. It stands in texts as a mark.

A mark is a number between two control characters, which no source holds. Where a mark reaches a recipe, the shell can
look up some of them itself; where it reaches a condition or a list, nothing is decided.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["environment", "here", "newer", "shell", "opaque"]
MARK = re.compile("\x01(\\d+)\x02")


class Unknown(NamedTuple):
    """One of them. ``text`` is the variable's name, or the command; ``shown`` is how the source writes it."""

    kind: Kind
    text: str
    shown: str

    @property
    def by_shell(self) -> bool:
        """Whether the shell of a recipe finds the same value."""
        return self.kind in ("environment", "here", "newer")


class Unknowns:
    """Those of one conversion, by number."""

    def __init__(self) -> None:
        self._all: list[Unknown] = []
        self._numbers: dict[Unknown, int] = {}

    def mark(self, kind: Kind, text: str, shown: str) -> str:
        """The mark for one."""
        unknown = Unknown(kind, text, shown)
        if unknown not in self._numbers:
            self._numbers[unknown] = len(self._all)
            self._all.append(unknown)
        return f"\x01{self._numbers[unknown]}\x02"

    def within(self, text: str) -> list[Unknown]:
        """Those whose marks stand in a text, each once."""
        return list(dict.fromkeys(self._all[int(number)] for number in MARK.findall(text)))

    def shown(self, text: str) -> str:
        """The text with each mark as the source writes it."""
        return MARK.sub(lambda match: self._all[int(match[1])].shown, text)

    def in_shell(self, text: str) -> str:
        """A shell's text with each mark as what the shell replaces itself, in whatever quotes it stands."""
        pieces: list[str] = []
        quote, at = "", 0
        while at < len(text):
            char = text[at]
            if char == "\x01":
                end = text.index("\x02", at)
                pieces.append(_quoted(_for_shell(self._all[int(text[at + 1 : end])]), quote))
                at = end + 1
                continue
            if char == "\\" and quote != "'" and at + 1 < len(text) and text[at + 1] != "\x01":
                pieces.append(text[at : at + 2])
                at += 2
                continue
            if char in "'\"":
                quote = "" if quote == char else quote or char
            pieces.append(char)
            at += 1
        return "".join(pieces)


def is_known(text: str) -> bool:
    """Whether no mark stands in a text."""
    return "\x01" not in text


def _for_shell(unknown: Unknown) -> str:
    if unknown.kind == "shell":
        return f"$({unknown.text})"
    return unknown.shown if unknown.kind == "opaque" else f"${{{unknown.text}}}"


def _quoted(text: str, quote: str) -> str:
    return f"'\"{text}\"'" if quote == "'" else text

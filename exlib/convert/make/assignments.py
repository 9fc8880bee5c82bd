"""Assignments: how a line that sets a variable is told from a rule, and what the variable then is."""

from __future__ import annotations

import re
from typing import NamedTuple

from exlib.convert.make.lines import reference_end, without_comment

_MODIFIERS = ("override", "export", "private")
_OPERATOR = re.compile(r"[ \t]*(:::=|::=|:=|\?=|\+=|!=|=)")


class Assignment(NamedTuple):
    """``NAME operator value`` with the words before it; of a ``define`` the value is what follows."""

    name: str
    operator: str
    value: str
    override: bool = False
    exported: bool | None = None
    private: bool = False
    define: bool = False


def assignment_of(text: str) -> Assignment | None:
    """The assignment that a line is; None if it is none."""
    rest = text.lstrip(" \t")
    given: set[str] = set()
    while True:
        plain = _plain(rest)
        if plain is not None:
            return plain._replace(
                override="override" in given, exported=True if "export" in given else None, private="private" in given
            )
        word, _, tail = rest.replace("\t", " ").partition(" ")
        if word == "define":
            return _defined(rest[len(word) :], given)
        if word not in _MODIFIERS or not tail.strip():
            return None
        given.add(word)
        rest = rest[len(word) :].lstrip(" \t")


def _plain(rest: str) -> Assignment | None:
    at = _name_end(rest)
    operator = _OPERATOR.match(rest, at)
    if operator is None:
        return None
    return Assignment(rest[:at], operator[1], rest[operator.end() :].lstrip(" \t"))


def _name_end(text: str) -> int:
    at = 0
    while at < len(text):
        char = text[at]
        if char == "$":
            at = reference_end(text, at)
            continue
        if char in " \t#" or _OPERATOR.match(text, at):
            return at
        if char == ":":
            return 0
        at += 1
    return at


def _defined(rest: str, given: set[str]) -> Assignment | None:
    name = without_comment(rest)[0].strip()
    operator = "="
    for sign in (":::=", "::=", ":=", "?=", "+=", "!=", "="):
        if name.endswith(sign):
            name, operator = name[: -len(sign)].rstrip(), sign
            break
    exported = True if "export" in given else None
    return Assignment(name, operator, "", "override" in given, exported, "private" in given, True)

"""Where references to variables go in a script of a POSIX shell, in place of expressions that only a run knows.

GitHub pastes the value into the text before the shell reads it. A reference ``${NAME?}`` is split into words as the
pasted text would be, stops the script if the variable is not set, and whatever the value holds is never read as code.
Inside single quotes it has to leave them; where nothing is expanded it cannot stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_HEREDOC = re.compile(r"<<(-?)[ \t]*(?:(['\"])([^'\"\n]+)\2|(\\?)([A-Za-z0-9_.+-]+))")
_CLOSERS = {"plain": "", "double": '"', "single": "'", "ansi": "'", "parens": ")", "backtick": "`", "brace": "}"}


class Reference(NamedTuple):
    """A variable by name, in place of an expression."""

    name: str


class _Heredoc(NamedTuple):
    end: str
    tabs: bool
    quoted: bool


def with_references(pieces: Sequence[str | Reference]) -> str | None:
    """The script; None if a reference stands where no shell would expand it."""
    scanner = _Scanner()
    made: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            scanner.read(piece)
            made.append(piece)
        elif (found := scanner.reference(piece.name)) is not None:
            made.append(found)
        else:
            return None
    return "".join(made)


class _Scanner:
    """Follows the quotes of a script, as far as it must to tell what is expanded where it stands."""

    def __init__(self) -> None:
        self._open = ["plain"]
        self._pending: list[_Heredoc] = []
        self._body: _Heredoc | None = None
        self._line = ""  # of the body of a here-document
        self._comment = False
        self._before = "\n"

    def reference(self, name: str) -> str | None:
        if self._comment:
            return name
        if self._body is not None:
            return None if self._body.quoted else f"${{{name}?}}"
        self._before = "x"
        if self._open[-1] == "single":
            return f"'\"${{{name}?}}\"'"
        return None if self._open[-1] in ("ansi", "brace") else f"${{{name}?}}"

    def read(self, text: str) -> None:
        at = 0
        while at < len(text):
            if self._body is not None:
                at = self._in_body(text, at)
                continue
            step = self._step(text, at)
            self._before = text[at + step - 1 : at + step] or self._before
            at += step

    def _step(self, text: str, at: int) -> int:
        """How many characters are read at once."""
        sign, state = text[at], self._open[-1]
        if sign == "\n" and (state not in ("single", "double", "ansi") or self._comment):
            self._comment = False
            if self._pending:
                self._body = self._pending.pop(0)
            return 1
        if self._comment:
            return 1
        if state == "single":
            if sign == "'":
                self._open.pop()
            return 1
        if sign == "\\":
            return 2
        if len(self._open) > 1 and sign == _CLOSERS[state]:
            self._open.pop()
            return 1
        return 1 if state == "ansi" else self._opened(text, at)

    def _opened(self, text: str, at: int) -> int:
        sign, two, quoted = text[at], text[at : at + 2], self._open[-1] == "double"
        if two in ("$(", "${"):
            self._open.append("parens" if two == "$(" else "brace")
            return 2
        if sign == "`":
            self._open.append("backtick")
        elif sign == '"':
            self._open.append("double")
        elif quoted:
            return 1
        elif two == "$'":
            self._open.append("ansi")
            return 2
        elif sign == "'":
            self._open.append("single")
        elif sign == "(":
            self._open.append("parens")
        elif sign == "#" and self._before in " \t\n;&|(" and self._open[-1] != "brace":
            self._comment = True
        elif two == "<<" and self._open[-1] != "brace":
            return self._heredoc(text, at)
        return 1

    def _heredoc(self, text: str, at: int) -> int:
        if text[at + 2 : at + 3] == "<":
            return 3
        found = _HEREDOC.match(text, at)
        if found is None or text[max(0, at - 2) : at].endswith("(("):
            return 2
        self._pending.append(_Heredoc(found[3] or found[5], bool(found[1]), bool(found[2] or found[4])))
        return found.end() - at

    def _in_body(self, text: str, at: int) -> int:
        if self._body is None:
            raise AssertionError("no here-document is open")
        end = text.find("\n", at)
        self._line += text[at : end if end >= 0 else len(text)]
        if end < 0:
            return len(text)
        line = self._line.lstrip("\t") if self._body.tabs else self._line
        self._line = ""
        if line == self._body.end:
            self._body = self._pending.pop(0) if self._pending else None
        return end + 1

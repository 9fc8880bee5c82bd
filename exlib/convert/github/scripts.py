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
_INDEX = re.compile(r"\w\[[^\]\s]*$")
_CLOSERS = {
    "plain": "",
    "double": '"',
    "single": "'",
    "ansi": "'",
    "parens": ")",
    "backtick": "`",
    "brace": "}",
    "group": ")",
}


_READ = frozenset("'\"\\`$;&|<>()#")
"""Signs that a shell reads where they stand without quotes; within double quotes those of ``_READ_WITHIN``."""
_READ_WITHIN = frozenset('"\\`$')


class Reference(NamedTuple):
    """A variable by name, in place of an expression; ``likely`` is the value that would be pasted, if it is known."""

    name: str
    likely: str = ""


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
        elif (found := scanner.reference(piece)) is not None:
            made.append(found)
        else:
            return None
    return "".join(made)


class _Scanner:
    """Follows the quotes of a script, as far as it must to tell what is expanded where it stands.

    Where it is not certain any more, it stays so, and no reference can stand.
    """

    def __init__(self) -> None:
        self._open = ["plain"]
        self._pending: list[_Heredoc] = []
        self._body: _Heredoc | None = None
        self._line = ""  # of the body of a here-document
        self._comment = False
        self._before = "\n"
        self._lost = False
        self._cut = False  # what ends here may go on in what stands for the reference

    def reference(self, wanted: Reference) -> str | None:
        name, state = wanted.name, self._open[-1]
        if self._comment and not self._lost:
            return name
        if self._lost or self._cut:
            return None
        if self._body is not None:
            self._line += "\0"
            return None if self._body.quoted or _READ_WITHIN & set(wanted.likely) else f"${{{name}?}}"
        self._before = "x"
        if state == "single":
            return f"'\"${{{name}?}}\"'" if "'" not in wanted.likely else None
        if state in ("ansi", "brace", "arith", "group"):
            return None
        return f"${{{name}?}}" if not (_READ_WITHIN if state == "double" else _READ) & set(wanted.likely) else None

    def read(self, text: str) -> None:
        at = 0
        self._cut = False
        while at < len(text):
            if self._body is not None:
                at = self._in_body(text, at)
                continue
            step = self._step(text, at)
            if text[at : at + 2] != "\\\n":  # a line goes on
                self._before = text[at + step - 1 : at + step] or self._before
            at += step
        if self._body is not None:
            self._cut = _ends_open(text)
        elif not self._comment and self._open[-1] != "single":
            self._cut = self._cut or at > len(text) or _ends_open(text)

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
            # Within backquotes it may quote what is read twice, and not every shell knows $'…'.
            self._lost |= "backtick" in self._open or (state == "ansi" and text[at + 1 : at + 2] == "'")
            return 2
        if state == "arith":
            return self._in_arithmetic(text, at)
        if len(self._open) > 1 and sign == _CLOSERS[state]:
            self._open.pop()
            return 1
        return 1 if state == "ansi" else self._opened(text, at)

    def _in_arithmetic(self, text: str, at: int) -> int:
        """Within ``$((`` or ``((``: ``<<`` is a shift. What is not closed by two parentheses was none."""
        if text[at] != ")":
            return self._opened(text, at)
        self._open.pop()
        self._lost |= text[at + 1 : at + 2] != ")"
        return 2

    def _opened(self, text: str, at: int) -> int:
        sign, two, state = text[at], text[at : at + 2], self._open[-1]
        counted = state in ("arith", "group")
        if text.startswith("$((", at) or (
            text.startswith("((", at) and not counted and state not in ("double", "brace")
        ):
            self._open.append("arith")
            return 3 if sign == "$" else 2
        if two in ("$(", "${"):
            self._open.append("parens" if two == "$(" else "brace")
            return 2
        if sign == "`":
            self._open.append("backtick")
        elif sign == '"':
            self._open.append("double")
        elif state == "double":
            return 1
        elif sign == "'" and self._is_within_double():
            self._lost = True  # it quotes in ${x#'y'}, and is a sign like any other in ${x:-it's}
        elif two == "$'":
            self._open.append("ansi")
            return 2
        elif sign == "'":
            self._open.append("single")
        elif sign == "(":
            self._open.append("group" if counted else "parens")
        elif two == "$[":
            self._lost = True
        elif not counted and state != "brace":
            return self._in_words(text, at)
        return 1

    def _is_within_double(self) -> bool:
        """Whether this is within ``${…}`` within double quotes."""
        return self._open[-1] == "brace" and next((s for s in reversed(self._open) if s != "brace"), "") == "double"

    def _in_words(self, text: str, at: int) -> int:
        if text[at] == "#" and self._before in " \t\n;&|(":
            self._comment = True
        elif text[at] == "#" and self._before in ")<>`":
            self._lost = True
        elif text.startswith("<<", at):
            return self._heredoc(text, at)
        elif text.startswith("case", at) and self._before in " \t\n;&|(`" and len(self._open) > 1:
            # The parentheses of its patterns are closed and never opened.
            self._lost |= text[at + 4 : at + 5] in ("", " ", "\t", "\n", "\\", '"', "'", "$")
        return 1

    def _heredoc(self, text: str, at: int) -> int:
        if text[at + 2 : at + 3] == "<":
            return 3
        found = _HEREDOC.match(text, at)
        follows = text[found.end() : found.end() + 1] if found else "x"
        # An index a[1<<2] is no here-document, and an end that is quoted in part is not read here.
        if found is None or follows not in ("", *" \t\n;&|<>()") or _INDEX.search(text, 0, at):
            self._lost = True
            return 2
        self._cut = not follows
        self._pending.append(_Heredoc(found[3] or found[5], bool(found[1]), bool(found[2] or found[4])))
        return found.end() - at

    def _in_body(self, text: str, at: int) -> int:
        if self._body is None:
            raise AssertionError("no here-document is open")
        end = text.find("\n", at)
        if not self._body.quoted and re.search(r"\$[({]|`", text[at : end if end >= 0 else len(text)]):
            self._lost = True  # quotes begin anew in there
        self._line += text[at : end if end >= 0 else len(text)]
        if end < 0:
            return len(text)
        line = self._line.lstrip("\t") if self._body.tabs else self._line
        self._line = ""
        if line == self._body.end:
            self._body = self._pending.pop(0) if self._pending else None
        return end + 1


def _ends_open(text: str) -> bool:
    """Whether what follows the text belongs to its last sign."""
    return text.endswith("$") or (len(text) - len(text.rstrip("\\"))) % 2 == 1

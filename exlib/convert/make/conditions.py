"""Conditional lines: which branch of ``ifeq`` and its like is read, and when that cannot be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from exlib.convert.make.expand import Expander, arguments_of
from exlib.convert.make.lines import without_comment
from exlib.convert.make.unknown import MARK, is_known
from exlib.convert.make.variables import ENVIRONMENT, Scope
from exlib.errors import InputError

_WORDS = re.compile(r"[ \t]*(ifeq|ifneq|ifdef|ifndef|else|endif)(?=[ \t(\"'#]|$)[ \t]*(.*)", re.DOTALL)
_QUOTED = re.compile(r"""(["'])(.*?)\1[ \t]*(["'])(.*?)\3[ \t]*\Z""", re.DOTALL)


@dataclass
class Frame:
    """One ``if`` that is open: whether its present branch is read, one was read, or nobody can tell."""

    reading: bool
    done: bool
    undecided: str | None = None
    had_else: bool = False


class Conditions:
    """The frames that are open, of one file."""

    def __init__(self, expander: Expander, scope: Scope, refuse: Callable[[str], InputError]) -> None:
        self.frames: list[Frame] = []
        self._expander = expander
        self._scope = scope
        self._refuse = refuse

    @property
    def reading(self) -> bool:
        """Whether what comes next is read."""
        return all(frame.reading for frame in self.frames)

    @property
    def undecided(self) -> str | None:
        """The condition that only the run can decide, where one is around what comes next."""
        return next((frame.undecided for frame in self.frames if frame.undecided), None)

    def take(self, text: str) -> str | None:
        """Take a line; None if it is no conditional one, else what is to be said of it: "" or the undecided one."""
        match = _WORDS.match(text)
        if match is None:
            return None
        word, rest = match[1], match[2]
        if word == "endif":
            self._open(word)
            return self.frames.pop().undecided or ""
        if word == "else":
            return self._else(without_comment(rest)[0].strip())
        self.frames.append(self._begun(word, rest) if self.reading else Frame(False, True))
        return self.frames[-1].undecided or ""

    def _open(self, word: str) -> Frame:
        if not self.frames:
            raise self._refuse(f"{word} without an if before it")
        return self.frames[-1]

    def _else(self, rest: str) -> str:
        frame = self._open("else")
        if frame.had_else:
            raise self._refuse("only one else belongs to an if")
        if frame.undecided:
            frame.had_else = not rest
            frame.reading = True
            return frame.undecided
        frame.reading = False
        if rest and not frame.done and all(outer.reading for outer in self.frames[:-1]):
            match = _WORDS.match(rest)
            if match is None:
                raise self._refuse(f"else is followed by {rest}, which is no condition")
            begun = self._begun(match[1], match[2])
            frame.reading, frame.done, frame.undecided = begun.reading, begun.done, begun.undecided
        elif not rest:
            frame.had_else = True
            frame.reading = not frame.done
            frame.done = True
        return frame.undecided or ""

    def _begun(self, word: str, rest: str) -> Frame:
        truth, shown = self._defined(rest) if word.endswith("def") else self._equal(word, rest)
        if truth is None:
            return Frame(True, False, f"{word} {' '.join(shown.split())}")
        truth = truth != word.startswith("ifn")
        return Frame(truth, truth)

    def _defined(self, rest: str) -> tuple[bool | None, str]:
        name = self._expander.expand(without_comment(rest)[0], self._scope).strip()
        if len(name.split()) != 1:
            raise self._refuse("ifdef and ifndef take the name of one variable")
        if not is_known(name):
            return None, rest
        variable = self._scope.find(name)
        if variable is None:
            if name not in ENVIRONMENT and name != "CURDIR":
                self._expander.not_defined(name)
            return name in ENVIRONMENT or name == "CURDIR", rest
        return bool(variable.value), rest

    def _equal(self, word: str, rest: str) -> tuple[bool | None, str]:
        sides = self._sides(rest.strip())
        if sides is None:
            raise self._refuse(f"{word} takes (one,other) or two texts in quotes")
        left, right = (self._expander.expand(side, self._scope) for side in sides)
        if left == right:
            sure = all(unknown.by_shell for unknown in self._expander.unknowns.within(left))
            return (True if sure else None), rest
        if is_known(left) and is_known(right):
            return False, rest
        return self._never_empty(left, right), rest

    def _never_empty(self, left: str, right: str) -> bool | None:
        """False where one side is empty and the other surely not; None if only the run knows."""
        there = self._expander.unknowns.within(left + right)
        sure = MARK.sub("", left + right).strip() or all(unknown.kind in ("environment", "here") for unknown in there)
        return False if "" in (left, right) and sure else None

    def _sides(self, rest: str) -> tuple[str, str] | None:
        if rest.startswith("("):
            text = without_comment(rest)[0].rstrip()
            if not text.endswith(")"):
                end = text.rfind(")")
                if end < 0:
                    return None
                text = text[: end + 1]
            sides = arguments_of(text[1:-1])
            return (sides[0].rstrip(), ",".join(sides[1:]).lstrip()) if len(sides) >= 2 else None
        match = _QUOTED.match(without_comment(rest)[0].rstrip())
        return (match[2], match[4]) if match else None

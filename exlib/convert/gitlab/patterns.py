"""Patterns of RE2, by which GitLab matches: what this reads, it reads as RE2 does; of the rest nothing is known.

All states of a pattern go through the text at once, so none takes longer than the text times the pattern. What stands
in a group is of no use to rules, and neither is whether a repeat is greedy: a pattern is found, or it is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

LONGEST: Final = 1000
"""Characters that a pattern is tried on."""
_MOST_STEPS = 1000
_MOST_REPEATS = 1000
_DEEPEST = 50
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_DIGITS = frozenset("0123456789")
_SPACES = frozenset("\t\n\f\r ")
_PERL = {"d": _DIGITS, "w": _WORD, "s": _SPACES}
_LOWER = frozenset(letter for letter in _WORD if letter.islower())
_UPPER = frozenset(letter for letter in _WORD if letter.isupper())
_GRAPH = frozenset(map(chr, range(33, 127)))
_POSIX = {
    "alnum": _WORD - {"_"},
    "alpha": _LOWER | _UPPER,
    "ascii": frozenset(map(chr, range(128))),
    "blank": frozenset("\t "),
    "cntrl": frozenset(map(chr, [*range(32), 127])),
    "digit": _DIGITS,
    "graph": _GRAPH,
    "lower": _LOWER,
    "print": _GRAPH | {" "},
    "punct": _GRAPH - _WORD | {"_"},
    "space": _SPACES | {"\v"},
    "upper": _UPPER,
    "word": _WORD,
    "xdigit": frozenset("0123456789abcdefABCDEF"),
}
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_COUNT = re.compile(r"\{(\d{1,4})(?:(,)(\d{1,4})?)?\}", re.ASCII)
_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")
_NAMED = re.compile(r"\(\?P<[A-Za-z_]\w*>", re.ASCII)
_FLAGGED = re.compile(r"\(\?([imsU]+)([:)])")

Test = Callable[[str], bool]


class Unread(ValueError):
    """What is no pattern of RE2, or none that this reads."""


class _Step(NamedTuple):
    """One state: what a character must be, or what must hold between two; and the states after it."""

    kind: str  # character, split, assertion, found
    test: Test | None = None
    name: str = ""


class _Group(NamedTuple):
    """A set of characters: the plain ones, ranges of them, and sets that are all but something."""

    plain: frozenset[str]
    ranges: tuple[tuple[str, str], ...]
    without: tuple[frozenset[str], ...]

    def holds(self, character: str) -> bool:
        """Whether a character is in it."""
        if character in self.plain or any(low <= character <= high for low, high in self.ranges):
            return True
        return any(character not in one for one in self.without)


class Pattern:
    """A pattern that was read."""

    def __init__(self, text: str, flags: str = "") -> None:
        """Read a pattern. Raises Unread."""
        reader = _Reader(text, flags)
        fragment = reader.whole()
        self._plain = text.isascii() or not reader.folds
        self._folds = reader.folds
        self._steps: list[_Step] = []
        self._after: list[list[int]] = []
        self._write(fragment)

    def search(self, text: str) -> bool | None:
        """Whether it is found in a text; None if that is not known."""
        if len(text) > LONGEST or (self._folds and not (text.isascii() and self._plain)):
            return None
        now: set[int] = set()
        for at in range(len(text) + 1):
            now = self._reached([*now, 0], text, at)
            if any(self._steps[one].kind == "found" for one in now):
                return True
            if at < len(text):
                now = {after for one in now if self._takes(one, text[at]) for after in self._after[one]}
        return False

    def _takes(self, one: int, character: str) -> bool:
        test = self._steps[one].test
        return test is not None and test(character)

    def _reached(self, begin: Iterable[int], text: str, at: int) -> set[int]:
        """The states that are reached without a character."""
        found: set[int] = set()
        pending = list(begin)
        while pending:
            one = pending.pop()
            if one in found:
                continue
            found.add(one)
            step = self._steps[one]
            if step.kind == "split" or (step.kind == "assertion" and _between(step.name, text, at)):
                pending += self._after[one]
        return found

    def _write(self, whole: _Fragment) -> None:
        """The states, the first one first."""
        ends = self._add(whole, [self._state(_Step("split"))])
        self._join(ends, self._state(_Step("found")))

    def _state(self, step: _Step) -> int:
        if len(self._steps) >= _MOST_STEPS:
            raise Unread("it is too long")
        self._steps.append(step)
        self._after.append([])
        return len(self._steps) - 1

    def _join(self, ends: Iterable[int], to: int) -> None:
        for end in ends:
            self._after[end].append(to)

    def _add(self, fragment: _Fragment, ends: list[int]) -> list[int]:
        """Add what a fragment is behind the states that end; the states that end then."""
        if fragment.step is not None:
            state = self._state(fragment.step)
            self._join(ends, state)
            return [state]
        if fragment.choice:
            return [end for one in fragment.inner for end in self._add(one, ends)]
        for one in fragment.inner:
            ends = self._add(one, ends)
        return self._add_repeats(fragment, ends)

    def _add_repeats(self, fragment: _Fragment, ends: list[int]) -> list[int]:
        if fragment.repeated is None:
            return ends
        for _ in range(fragment.least):
            ends = self._add(fragment.repeated, ends)
        if fragment.most is None:
            again = self._state(_Step("split"))
            self._join(ends, again)
            self._join(self._add(fragment.repeated, [again]), again)
            return [again]
        left = list(ends)
        for _ in range(fragment.most - fragment.least):
            before = self._state(_Step("split"))
            self._join(ends, before)
            left.append(before)
            ends = self._add(fragment.repeated, [before])
        return [*left, *ends]


class _Fragment(NamedTuple):
    """A part of a pattern: one state, a choice, a row, or a repeat."""

    step: _Step | None = None
    choice: bool = False
    inner: tuple[_Fragment, ...] = ()
    repeated: _Fragment | None = None
    least: int = 0
    most: int | None = None


class _Reader:
    """One pass over the text of a pattern. ``folds``: letters are alike, large or small, somewhere in it."""

    def __init__(self, text: str, flags: str) -> None:
        self._text = text
        self._at = 0
        self._flags = frozenset(flags)
        self._depth = 0
        self.folds = "i" in flags

    def whole(self) -> _Fragment:
        fragment = self._choice()
        if self._at < len(self._text):
            raise Unread("a parenthesis is closed that was not opened")
        return fragment

    def _takes(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise Unread("it ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _choice(self) -> _Fragment:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unread("it is nested too deeply")
        rows = [self._row()]
        while self._takes("|"):
            rows.append(self._row())
        self._depth -= 1
        return _Fragment(choice=True, inner=tuple(rows))

    def _row(self) -> _Fragment:
        found = [_Fragment(step=_Step("split"))]
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            one = self._one()
            if one is not None:
                found.append(self._repeated(one))
        return _Fragment(inner=tuple(found))

    def _repeated(self, one: _Fragment) -> _Fragment:
        bounds = self._bounds()
        if bounds is None:
            return one
        if one.step is not None and one.step.kind == "assertion":
            raise Unread("what takes no character is repeated")
        self._takes("?")
        if self._at < len(self._text) and self._text[self._at] in "*+?{":
            raise Unread("a repeat is repeated")
        return _Fragment(repeated=one, least=bounds[0], most=bounds[1])

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._takes(sign):
                return bounds
        if not self._text.startswith("{", self._at):
            return None
        count = _COUNT.match(self._text, self._at)
        if count is None:
            raise Unread("a brace stands there for itself")
        self._at = count.end()
        least = int(count[1])
        most = int(count[3]) if count[3] else None if count[2] else least
        if max(least, most or 0) > _MOST_REPEATS or (most is not None and most < least):
            raise Unread("it is repeated too often")
        return least, most

    def _one(self) -> _Fragment | None:
        """One character, set, assertion or group; None for flags, which hold from there on."""
        if self._text.startswith("(", self._at):
            return self._group()
        character = self._next()
        if character in "*+?{":
            raise Unread("a repeat of nothing")
        if character == "[":
            return self._of(self._set())
        if character == "\\":
            return self._escaped(self._next())
        if character == ".":
            return self._of(_any if "s" in self._flags else _any_of_a_line, folded=False)
        if character in "^$":
            return _assertion(character + ("m" if "m" in self._flags else ""))
        return self._of(character.__eq__)

    def _group(self) -> _Fragment | None:
        before = self._flags
        if (flagged := _FLAGGED.match(self._text, self._at)) is not None:
            self._at = flagged.end()
            self._flags = before | frozenset(flagged[1])
            self.folds = self.folds or "i" in self._flags
            if flagged[2] == ")":
                return None
        elif (named := _NAMED.match(self._text, self._at)) is not None:
            self._at = named.end()
        elif not self._takes("(?:"):
            self._at += 1
            if self._text.startswith(("?", "*"), self._at):
                raise Unread("a group of another kind")
        inner = self._choice()
        if not self._takes(")"):
            raise Unread("a parenthesis is not closed")
        self._flags = before
        return inner

    def _of(self, test: Callable[[str], object], *, folded: bool = True) -> _Fragment:
        if folded and "i" in self._flags:
            return _Fragment(step=_Step("character", lambda one: bool(test(one.lower()) or test(one.upper()))))
        return _Fragment(step=_Step("character", lambda one: test(one) is True))

    def _escaped(self, letter: str) -> _Fragment:
        if letter in ("A", "z"):
            return _assertion("^" if letter == "A" else "$")
        if letter in ("b", "B"):
            return _assertion(letter)
        if letter in _PERL:
            return self._of(_PERL[letter].__contains__)
        if letter.lower() in _PERL:
            wanted = _PERL[letter.lower()]
            return self._of(lambda one: one not in wanted, folded=False)
        return self._of(_escape(letter).__eq__)

    def _set(self) -> Callable[[str], bool]:
        """A set of characters, which begins behind its bracket."""
        negated = self._takes("^")
        plain: set[str] = set()
        ranges: list[tuple[str, str]] = []
        without: list[frozenset[str]] = []
        if self._text.startswith("]", self._at):
            raise Unread("a set that begins with its end")
        while not self._takes("]"):
            if self._text.startswith("[:", self._at):
                positive, named = self._posix()
                plain |= named if positive else set()
                without += [] if positive else [named]
            elif self._text[self._at : self._at + 1] == "\\" and self._perl() in _PERL:
                wanted = _PERL[self._perl()]
                if self._text[self._at + 1].islower():
                    plain |= wanted
                else:
                    without.append(wanted)
                self._at += 2
            else:
                low, high = self._range()
                ranges.append((low, high))
        group = _Group(frozenset(plain), tuple(ranges), tuple(without))
        if not negated:
            return group.holds
        if "i" in self._flags:
            return _neither(group)
        return lambda one: not group.holds(one)

    def _perl(self) -> str:
        return self._text[self._at + 1 : self._at + 2].lower()

    def _posix(self) -> tuple[bool, frozenset[str]]:
        found = _CLASS.match(self._text, self._at)
        if found is None or found[2] not in _POSIX:
            raise Unread("there is no such class")
        if found[1] and "i" in self._flags:
            raise Unread("all but a class, where letters are alike")
        self._at = found.end()
        return not found[1], _POSIX[found[2]]

    def _range(self) -> tuple[str, str]:
        low = self._member()
        following = self._text[self._at : self._at + 2]
        if not following.startswith("-") or len(following) < 2 or following[1] == "]":
            return low, low
        self._at += 1
        high = self._member()
        if high < low:
            raise Unread("a range that ends before it begins")
        return low, high

    def _member(self) -> str:
        character = self._next()
        if character == "[" and self._text.startswith((":", ".", "="), self._at):
            raise Unread("a class within a range")
        return _escape(self._next()) if character == "\\" else character


def _neither(group: _Group) -> Callable[[str], bool]:
    """All but a set in which letters are alike, large or small."""
    return lambda one: not (group.holds(one.lower()) or group.holds(one.upper()))


def _escape(letter: str) -> str:
    if letter in _CONTROL:
        return _CONTROL[letter]
    if letter in _POSIX["punct"] - {"_"}:
        return letter
    raise Unread("an escape of another kind")


def _assertion(name: str) -> _Fragment:
    return _Fragment(step=_Step("assertion", name=name))


def _any(_one: str) -> bool:
    return True


def _any_of_a_line(one: str) -> bool:
    return one != "\n"


def _between(name: str, text: str, at: int) -> bool:
    """Whether an assertion holds before the character at a place."""
    if name.startswith("^"):
        return at == 0 or (name == "^m" and text[at - 1] == "\n")
    if name.startswith("$"):
        return at == len(text) or (name == "$m" and text[at] == "\n")
    inside = (at > 0 and text[at - 1] in _WORD) != (at < len(text) and text[at] in _WORD)
    return inside == (name == "b")

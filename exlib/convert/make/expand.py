"""Expansion of a makefile's text: references to variables, substitutions, calls of functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from exlib.convert.account import Place
from exlib.convert.make.functions import TEXT_FUNCTIONS, map_words
from exlib.convert.make.lines import find_outside, reference_end
from exlib.convert.make.unknown import Unknowns, is_known
from exlib.convert.make.variables import ENVIRONMENT, Scope, Variable
from exlib.errors import InputError

if TYPE_CHECKING:
    from exlib.convert.make.calls import Calls

LONGEST = 4 << 20
DEEPEST = 60
MOST = 300_000
_NAMED = re.compile(r"\s*([a-z-]+)(?:[ \t]+|$)", re.DOTALL)
_VARIABLE = re.compile(r"[A-Za-z_][\w.-]*\Z")
Refuse = Callable[[str], InputError]


class Expander:
    """Expands texts in a scope. What only a run can tell becomes a mark.

    ``undefined`` are the names that were asked for and that nothing defines; ``here`` is the line in whose name an
    error is refused.
    """

    def __init__(self, top: Scope, unknowns: Unknowns, refuse: Refuse) -> None:
        self.top = top
        self.unknowns = unknowns
        self.refuse = refuse
        self.undefined: dict[str, Place] = {}
        self.where: Callable[[], Place] = lambda: Place("")
        self.calls: Calls | None = None
        self._under: list[str] = []
        self._written = 0
        self._asked = 0

    def expand(self, text: str, scope: Scope) -> str:
        """The text with all references replaced. Raises InputError if they go in a circle, or grow without end."""
        if "$" not in text:
            return text
        self._asked += 1
        if self._asked > MOST:
            raise self.refuse(f"more than {MOST} references are no workflow")
        try:
            return self._expanded(text, scope)
        except RecursionError:
            raise self.refuse("references are nested deeper than anything that a person wrote") from None

    def _expanded(self, text: str, scope: Scope) -> str:
        pieces: list[str] = []
        at = 0
        while (dollar := text.find("$", at)) >= 0:
            pieces.append(text[at:dollar])
            following = text[dollar + 1 : dollar + 2]
            if following in ("$", ""):
                pieces.append("$")
                at = dollar + 2
                continue
            end = reference_end(text, dollar)
            whole = text[dollar:end]
            if following in "({":
                if len(whole) < 3 or whole[-1] not in ")}":
                    raise self.refuse(f"the reference {_short(whole)} is not closed")
                pieces.append(self._reference(whole[2:-1], whole, scope))
            else:
                pieces.append(self.value(following, scope))
            at = end
        pieces.append(text[at:])
        whole = "".join(pieces)
        self._written += len(whole)
        if self._written > LONGEST * 8 or len(whole) > LONGEST:
            raise self.refuse("its variables expand to more text than any workflow has")
        return whole

    def _reference(self, inner: str, whole: str, scope: Scope) -> str:
        named = _NAMED.match(inner)
        if named and inner[named.end(1) :] and named[1] in TEXT_FUNCTIONS:
            arguments = [self.expand(argument, scope) for argument in arguments_of(inner[named.end() :], named[1])]
            return self._text_function(named[1], arguments, whole, scope)
        if named and self.calls is not None and named[1] in self.calls.table and inner[named.end(1) :]:
            return self.calls.table[named[1]](inner[named.end() :], whole, scope)
        colon = find_outside(inner, ":")
        if colon > 0:
            equals = find_outside(inner, "=", colon)
            if equals > 0:
                return self._substituted(inner[:colon], inner[colon + 1 : equals], inner[equals + 1 :], whole, scope)
        name = self.expand(inner, scope)
        if not is_known(name):
            return self.opaque(whole, scope)
        return self.value(name, scope)

    def _text_function(self, name: str, arguments: list[str], whole: str, scope: Scope) -> str:
        function = TEXT_FUNCTIONS[name]
        if len(arguments) < function.least:
            raise self.refuse(f"{name} takes {function.least} arguments, and here are {len(arguments)}")
        fixed = arguments[function.passed :] if function.passed else arguments
        if not all(map(is_known, fixed)):
            return self.opaque(whole, scope)
        try:
            return function.call(*arguments[: function.most])
        except ValueError as error:
            raise self.refuse(f"{name}: {error}") from None

    def _substituted(self, name: str, old: str, new: str, whole: str, scope: Scope) -> str:
        value = self.value(self.expand(name, scope), scope)
        old, new = self.expand(old, scope), self.expand(new, scope)
        if not is_known(value) or not is_known(old):
            return self.opaque(whole, scope)
        if "%" not in old:
            old, new = f"%{old}", f"%{new}"
        return map_words(old, new, value)

    def value(self, name: str, scope: Scope) -> str:
        """The value of a variable: expanded, a mark where only the run knows it, nothing if nothing defines it."""
        variable = scope.find(name)
        if variable is None:
            return self._undefined(name)
        if variable.simple:
            return variable.value
        if name in self._under:
            raise self.refuse(f"the variable {name} refers to itself")
        self._under.append(name)
        try:
            return self.expand(variable.value, scope)
        finally:
            self._under.pop()

    def called(self, name: str, variable: Variable, scope: Scope) -> str:
        """The value of a variable that may refer to itself, as a function that is called does."""
        held, self._under = self._under, []
        try:
            if len(held) > DEEPEST:
                raise self.refuse(f"{name} calls itself without end")
            return self.expand(variable.value, scope)
        finally:
            self._under = held

    def _undefined(self, name: str) -> str:
        if name in ENVIRONMENT:
            return self.unknowns.mark("environment", name, f"$({name})")
        if name == "CURDIR":
            return self.unknowns.mark("here", "CURDIR", "$(CURDIR)")
        self.not_defined(name)
        return ""

    def not_defined(self, name: str) -> None:
        """Note a name that nothing defines, where it was asked for first; numbers are arguments of no call."""
        if _VARIABLE.match(name):
            self.undefined.setdefault(name, self.where())

    def opaque(self, whole: str, scope: Scope) -> str:
        """The mark for what cannot be computed here; it is shown as the source writes it."""
        return self.unknowns.mark("opaque", whole, whole)


def arguments_of(text: str, name: str = "") -> list[str]:
    """The arguments of a call, at commas outside of parentheses; the last one of a function takes what is left."""
    most = TEXT_FUNCTIONS[name].most if name in TEXT_FUNCTIONS else 0
    arguments: list[str] = []
    depth, start, at = 0, 0, 0
    while at < len(text):
        char = text[at]
        if char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        elif char == "," and depth <= 0 and len(arguments) + 1 != most:
            arguments.append(text[start:at])
            start = at + 1
        at += 1
    return [*arguments, text[start:]]


def _short(text: str) -> str:
    first = text.split("\n")[0]
    return first if len(first) < 40 else f"{first[:37]}…"

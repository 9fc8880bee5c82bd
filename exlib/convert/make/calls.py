"""make's functions that look further than their text: at variables, at files, at what the makefile itself becomes."""

from __future__ import annotations

import glob
import os
import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from exlib.convert.make.expand import DEEPEST, Expander, arguments_of
from exlib.convert.make.functions import TEXT_FUNCTIONS
from exlib.convert.make.unknown import MARK, is_known
from exlib.convert.make.variables import ENVIRONMENT, Scope, Variable

if TYPE_CHECKING:
    from exlib.convert.make.parse import Makefile

_MOST_FILES = 10_000


class Calls:
    """The functions by name; each takes the text of its arguments, the whole call and the scope."""

    def __init__(self, makefile: Makefile, expander: Expander) -> None:
        self.makefile = makefile
        self.expander = expander
        self.depth = 0
        self.table: dict[str, Callable[[str, str, Scope], str]] = {
            "if": self._if, "or": self._or, "and": self._and, "foreach": self._foreach, "call": self._call,
            "value": self._value, "origin": self._origin, "flavor": self._flavor, "shell": self._shell,
            "wildcard": self._wildcard, "realpath": self._realpath, "abspath": self._abspath, "error": self._error,
            "info": self._print, "warning": self._print, "eval": self._eval, "file": self._file, "guile": self._other,
        }  # fmt: skip

    def _expand(self, text: str, scope: Scope) -> str:
        return self.expander.expand(text, scope)

    def _if(self, text: str, whole: str, scope: Scope) -> str:
        condition, *branches = [*arguments_of(text), ""]
        branches = [branches[0], ",".join(branches[1:-1])] if branches[:-1] else ["", ""]
        truth = self._truth(self._expand(condition.strip(), scope))
        if truth is None:
            return self.expander.opaque(whole, scope)
        return self._expand(branches[0 if truth else 1], scope)

    def _truth(self, value: str) -> bool | None:
        """Whether a text is not empty; None if only the run knows."""
        if is_known(value):
            return bool(value)
        sure = all(unknown.kind in ("here", "environment") for unknown in self.expander.unknowns.within(value))
        return True if MARK.sub("", value) or sure else None

    def _or(self, text: str, whole: str, scope: Scope) -> str:
        for argument in arguments_of(text):
            value = self._expand(argument.strip(), scope)
            truth = self._truth(value)
            if truth is None:
                return self.expander.opaque(whole, scope)
            if truth:
                return value
        return ""

    def _and(self, text: str, whole: str, scope: Scope) -> str:
        value = ""
        for argument in arguments_of(text):
            value = self._expand(argument.strip(), scope)
            truth = self._truth(value)
            if truth is None:
                return self.expander.opaque(whole, scope)
            if not truth:
                return ""
        return value

    def _foreach(self, text: str, whole: str, scope: Scope) -> str:
        arguments = arguments_of(text)
        if len(arguments) < 3:
            raise self.expander.refuse("foreach takes 3 arguments")
        name, words = self._expand(arguments[0], scope).strip(), self._expand(arguments[1], scope)
        if not is_known(name) or not is_known(words):
            return self.expander.opaque(whole, scope)
        body = ",".join(arguments[2:])
        pieces = []
        for word in words.split():
            inner = Scope(scope, inner=True)
            inner.own[name] = Variable(word, True, "automatic")
            pieces.append(self._expand(body, inner))
        return " ".join(pieces)

    def _call(self, text: str, whole: str, scope: Scope) -> str:
        values = [self._expand(argument, scope) for argument in arguments_of(text)]
        name = values[0].strip()
        if not is_known(name):
            return self.expander.opaque(whole, scope)
        if name in TEXT_FUNCTIONS or name in self.table:
            return self._built_in(name, values[1:], whole, scope)
        variable = scope.find(name)
        if variable is None:
            return self.expander.value(name, scope)
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.expander.refuse(f"{name} calls itself without end")
        inner = Scope(scope, inner=True)
        for index in range(max(10, len(values))):
            value = name if index == 0 else values[index] if index < len(values) else ""
            inner.own[str(index)] = Variable(value, True, "automatic")
        try:
            return variable.value if variable.simple else self.expander.called(name, variable, inner)
        finally:
            self.depth -= 1

    def _built_in(self, name: str, values: list[str], whole: str, scope: Scope) -> str:
        inner = Scope(scope, inner=True)
        for index, value in enumerate(values, 1):
            inner.own[str(index)] = Variable(value, True, "automatic")
        given = ",".join(f"$({index})" for index in range(1, len(values) + 1))
        return self._expand(f"$({name} {given})", inner)

    def _value(self, text: str, _whole: str, scope: Scope) -> str:
        name = self._expand(text, scope).strip()
        variable = scope.find(name)
        return variable.value if variable is not None else self.expander.value(name, scope)

    def _origin(self, text: str, _whole: str, scope: Scope) -> str:
        name = self._expand(text, scope).strip()
        variable = scope.find(name)
        if variable is None:
            return "environment" if name in ENVIRONMENT else "file" if name == "CURDIR" else "undefined"
        return variable.origin

    def _flavor(self, text: str, _whole: str, scope: Scope) -> str:
        name = self._expand(text, scope).strip()
        variable = scope.find(name)
        if variable is None:
            return "recursive" if name in ENVIRONMENT else "undefined"
        return "simple" if variable.simple else "recursive"

    def _shell(self, text: str, whole: str, scope: Scope) -> str:
        command = self._expand(text, scope)
        return self.makefile.output_of(command, whole, scope)

    def _wildcard(self, text: str, whole: str, scope: Scope) -> str:
        patterns = self._expand(text, scope)
        if not is_known(patterns):
            return self.expander.opaque(whole, scope)
        found: list[str] = []
        for pattern in patterns.split():
            if not self.makefile.is_beside(pattern):
                return self.expander.opaque(whole, scope)
            found += self._matching(pattern)
        self.makefile.note_files(whole)
        return " ".join(found)

    def _matching(self, pattern: str) -> list[str]:
        """Sorted as make sorts them; hidden ones only where the pattern says so."""
        folder = self.makefile.folder
        names: list[str] = []
        for path in glob.iglob(pattern, root_dir=folder):
            names.append(path)
            if len(names) > _MOST_FILES:
                raise self.expander.refuse(f"the wildcard {pattern} matches more than {_MOST_FILES} files")
        return sorted(names, key=os.fsencode)

    def _realpath(self, text: str, whole: str, scope: Scope) -> str:
        words = self._expand(text, scope)
        return "" if is_known(words) and not words.split() else self.expander.opaque(whole, scope)

    def _abspath(self, text: str, whole: str, scope: Scope) -> str:
        words = self._expand(text, scope)
        here = self.expander.value("CURDIR", scope)
        pieces = []
        for word in words.split():
            if not is_known(word) and not word.startswith(here):
                return self.expander.opaque(whole, scope)
            tail = word[len(here) :] if word.startswith(here) and here else None
            if tail is None and word.startswith("/"):
                pieces.append(posixpath.normpath(word).replace("//", "/"))
                continue
            inner = posixpath.normpath((tail if tail is not None else word).lstrip("/") or ".")
            if inner.startswith("..") or not is_known(inner):
                return self.expander.opaque(whole, scope)
            pieces.append(here if inner == "." else f"{here}/{inner}")
        return " ".join(pieces)

    def _error(self, text: str, whole: str, scope: Scope) -> str:
        said = self.expander.unknowns.shown(self._expand(text, scope))
        return self.makefile.stop(said, whole)

    def _print(self, text: str, whole: str, scope: Scope) -> str:
        self._expand(text, scope)
        self.makefile.note_print(whole)
        return ""

    def _eval(self, text: str, whole: str, scope: Scope) -> str:
        made = self._expand(text, scope)
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.expander.refuse("eval goes deeper than anything that a person wrote")
        try:
            self.makefile.evaluate(made, whole)
        finally:
            self.depth -= 1
        return ""

    def _file(self, text: str, whole: str, scope: Scope) -> str:
        self._expand(text, scope)
        self.makefile.note_shell(whole)
        return self.expander.opaque(whole, scope)

    def _other(self, _text: str, whole: str, scope: Scope) -> str:
        return self.expander.opaque(whole, scope)

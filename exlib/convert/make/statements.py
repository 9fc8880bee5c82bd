"""The statements of a makefile beside its rules: variables are set, exported, brought in from other files."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator

from exlib.convert.make.assignments import Assignment
from exlib.convert.make.lines import Line, joined, without_comment
from exlib.convert.make.reading import Reading
from exlib.convert.make.unknown import is_known
from exlib.convert.make.variables import ENVIRONMENT, Scope, Variable
from exlib.convert.source import Source
from exlib.errors import InputError


class Statements(Reading, ABC):
    """Takes statements one by one."""

    @abstractmethod
    def file(self, source: Source) -> None:
        """Read a file; the class below says how."""

    def assign(self, found: Assignment, lines: Iterator[Line], told: bool) -> None:
        """Set a variable of the makefile."""
        first = self.line
        value = self.body(lines) if found.define else without_comment(found.value)[0]
        self.line = Line(first.source, first.first, max(first.last, self.line.last), first.raw)
        name = self.expander.expand(found.name, self.scope).strip()
        if not name:
            raise self.refuse("a variable needs a name")
        if not is_known(name):
            self.unsure.append(f"which variable {self.unknowns.shown(found.name)} is, only the run knows")
        self.set(self.scope, name, found.operator, value, found.override)
        if found.exported:
            self.scope.exports[name] = True
        if told:
            self._told_variable(found, name, value)

    def body(self, lines: Iterator[Line]) -> str:
        """The lines up to the ``endef`` of a ``define``."""
        body: list[str] = []
        depth = 1
        for line in lines:
            self.line = line
            text = joined(line.raw)
            if not text.startswith("\t"):
                word = text.split(maxsplit=1)[0] if text.strip() else ""
                depth += (word == "define") - (word == "endef")
                if depth == 0:
                    return "\n".join(body)
            body.append(text)
        raise self.refuse("a define is not closed by endef")

    def set(
        self, scope: Scope, name: str, operator: str, value: str, override: bool = False, private: bool = False
    ) -> None:
        """Set a variable in a scope, as its operator says; what only one side of a condition sets is not known."""
        there = scope.find(name)
        origin = "override" if override else "file"
        simple = operator in (":=", "::=", ":::=")
        if self.undecided:
            value, simple = self.unknowns.mark("opaque", f"$({name})", f"$({name})"), True
        elif operator == "!=":
            value, simple = self.output_of(self.expander.expand(value, scope), f"$({name})", scope), True
        elif operator == "?=":
            if there is not None or name in ENVIRONMENT:
                return
        elif operator == "+=" and there is not None:
            if there.origin == "command line" and not override:
                return
            added = self.expander.expand(value, scope) if there.simple else value
            value = f"{there.value} {added}" if there.value else added
            simple = there.simple
        elif operator == "+=" and name in ENVIRONMENT:
            value = f"{self.expander.value(name, scope)} {value}"
        elif simple:
            value = self.expander.expand(value, scope)
        scope.set(name, Variable(value, simple, "override" if origin == "override" else "file", private))

    def _told_variable(self, found: Assignment, name: str, value: str) -> None:
        shells = self.notes.shells or (self.run is None and re.findall(r"\$[({]shell\s", value))
        if self.undecided:
            self.tell("manual", "variable", f"whether it is set depends on {self.undecided}")
        elif self.notes.runs:
            self.tell("approximated", "variable", "the command was run, and what it printed now is taken")
        elif shells:
            self.tell(
                "manual",
                "variable",
                "make runs a command for it, which is not run here: jobs that use it wait for a person; "
                "--evaluate runs it",
            )
        elif not is_known(self.scope.own[name].value if name in self.scope.own and name == ".DEFAULT_GOAL" else ""):
            self.tell("manual", "variable", "only the run knows it")
        elif self.notes.files or re.search(r"\$[({]wildcard\s", value):
            self.tell("approximated", "variable", "the files that are there now are taken")
        elif found.operator == "?=" and name not in self.given:
            self.tell("approximated", "variable", "the environment could set it otherwise, as --var does")
        elif name in self.given and not found.override:
            self.tell("exact", "variable", "--var decides it")
        else:
            self.tell("exact", "variable")

    def directive(self, word: str, rest: str, told: bool) -> None:
        """Take a line that begins with the word of a directive."""
        if word.endswith("include"):
            self._include(word, rest, told)
        elif word in ("export", "unexport"):
            names = self.expander.expand(rest, self.scope)
            if not names.strip():
                self.export_all = word == "export"
            for name in names.split():
                self.scope.exports[name] = word == "export"
            self.tell_if(told, "exact", "directive")
        elif word == "undefine":
            self.scope.own.pop(self.expander.expand(rest, self.scope).strip(), None)
            self.tell_if(told, "exact", "directive")
        elif word == "vpath":
            self.search_path.append(rest)
            self.tell_if(
                told,
                "manual",
                "directive",
                "files are not searched for: the jobs whose files it may find elsewhere wait for a person",
            )
        elif word == "endef":
            raise self.refuse("endef without a define before it")
        else:
            self.unsure.append("make loads code of its own there")
            self.tell_if(told, "manual", "directive", "code is not loaded here: all jobs wait for a person")

    def _include(self, word: str, rest: str, told: bool) -> None:
        names = self.expander.expand(rest, self.scope)
        line = self.line
        if not is_known(names):
            self.unsure.append(f"which files {_one_line(rest)} are, only the run knows")
            self.tell_if(
                told, "manual", "directive", "which files these are, only the run knows: all jobs wait for a person"
            )
            return
        missing = []
        for name in names.split():
            try:
                included = line.source.opened(os.path.join(self.folder, name), at=line.first)
            except InputError:
                missing.append(name)
                continue
            self.file(included)
            self.line = line
        if not missing:
            self.tell_if(told, "exact", "directive", "read in its place")
        elif word == "include":
            self.unsure.append(f"{', '.join(missing)} cannot be read")
            self.tell_if(
                told, "manual", "directive", f"{', '.join(missing)} cannot be read here: all jobs wait for a person"
            )
        else:
            self.tell_if(
                told, "approximated", "directive", f"{', '.join(missing)} is not there now, and is not looked for later"
            )


def _one_line(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) < 80 else f"{first[:77]}…"

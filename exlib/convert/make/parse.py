"""Reading a makefile line by line, as make does: variables are set, rules are collected, other files brought in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from exlib.convert.account import Account
from exlib.convert.make.assignments import assignment_of
from exlib.convert.make.calls import Calls
from exlib.convert.make.conditions import Conditions
from exlib.convert.make.lines import Line, joined, lines_of, without_comment
from exlib.convert.make.reading import Notes
from exlib.convert.make.ruling import Ruling
from exlib.convert.make.statements import Statements
from exlib.convert.make.unknown import is_known
from exlib.convert.notes import read_note
from exlib.convert.source import Source
from exlib.errors import InputError

_DIRECTIVE = re.compile(
    r"[ \t]*(include|-include|sinclude|export|unexport|undefine|vpath|endef|load|-load)(?=[ \t]|$)(.*)", re.DOTALL
)
_DEEPEST = 20
_MOST_LINES = 200_000


class Makefile(Statements):
    """A makefile as it is read. Raises InputError where make would stop."""

    def __init__(self, source: Source, account: Account, given: Mapping[str, str], goals: tuple[str, ...]) -> None:
        super().__init__(source, account, given, goals)
        self.expander.calls = Calls(self, self.expander)
        self.ruling = Ruling(self)
        self._lines = 0

    def read(self) -> None:
        """Read it all."""
        self.file(self.source)

    def evaluate(self, text: str, whole: str) -> None:
        """Read a text that the makefile made itself, at the present line."""
        if not is_known(text):
            self.unsure.append(f"what {_one_line(self.unknowns.shown(whole))} adds is not known")
            return
        held = self.line
        self._lines_of(lines_of(held.source, text.split("\n"), held.first, fixed=True), told=False)
        self.line = held

    def file(self, source: Source) -> None:
        """Read a file where the present line stands."""
        if self.files >= _DEEPEST:
            raise self.refuse("files include each other without end")
        self.files += 1
        self.scope.own["MAKEFILE_LIST"].value += f" {_relative(source.name, self.folder)}"
        self._lines_of(lines_of(source, source.lines), told=True)
        self.files -= 1

    def _lines_of(self, lines: Iterator[Line], told: bool) -> None:
        conditions = Conditions(self.expander, self.scope, self.refuse)
        self.open_conditions.append(conditions)
        self.ruling.leave()
        for line in lines:
            self._lines += 1
            if self._lines > _MOST_LINES:
                raise self.refuse("it reads more lines than any workflow has")
            self.line = line
            self.notes = Notes()
            try:
                self._one(line, conditions, lines, told)
            except InputError as error:
                if not self.undecided:
                    raise
                self.unsure.append(f"make may stop: {error}")
                self.tell_if(told, "manual", "line", f"make may stop here: {error}")
        if conditions.frames:
            raise self.refuse("an if is not closed by endif")
        self.ruling.leave()
        self.open_conditions.pop()

    def _one(self, line: Line, conditions: Conditions, lines: Iterator[Line], told: bool) -> None:
        prefix = self.expander.value(".RECIPEPREFIX", self.scope)[:1] or "\t"
        if line.raw.startswith(prefix) and self.ruling.takes_recipe:
            if conditions.reading:
                self.ruling.recipe_line(line, prefix)
            elif told and line.raw.strip():
                self.tell("dropped", "recipe of a condition", "the condition decides against it")
            return
        text = joined(line.raw).lstrip(" \t")
        if line.raw.startswith("\t") and not text.startswith("#"):
            text = text.lstrip(" \t")
        if not text.strip():
            self.ruling.blank()
            return
        taken = conditions.take(text)
        if taken is not None:
            if told:
                self._told_condition(taken, conditions)
            return
        if not conditions.reading:
            self._skip(text, lines)
            if told:
                self.tell("dropped", "line of a condition", "the condition decides against it", lines_to=self.line)
            return
        if text.startswith("#"):
            self._comment(text, told)
            return
        self._statement(line, text, lines, told)

    def _told_condition(self, taken: str, conditions: Conditions) -> None:
        if taken:
            self.tell(
                "manual",
                "condition",
                f"{self.unknowns.shown(taken)} cannot be decided here: jobs that depend on it wait for a person; "
                "--var or --evaluate may decide it",
            )
        else:
            self.tell("exact", "condition", "decided")

    def _skip(self, text: str, lines: Iterator[Line]) -> None:
        """A line that is not read; a definition goes to its end."""
        found = assignment_of(text) if text.split()[0] in ("define", "override", "export", "private") else None
        if found is not None and found.define:
            first = self.line
            self.body(lines)
            self.line = Line(first.source, first.first, max(first.last, self.line.last), first.raw)

    def _comment(self, text: str, told: bool) -> None:
        note = read_note(text) if told else None
        if told:
            self.ruling.comment(text, note)

    def _statement(self, line: Line, text: str, lines: Iterator[Line], told: bool) -> None:
        assignment = assignment_of(text)
        if assignment is not None:
            self.ruling.leave()
            self.assign(assignment, lines, told)
            return
        directive = _DIRECTIVE.match(text)
        if directive is not None and not _is_rule(directive[2]):
            self.ruling.leave()
            self.directive(directive[1], without_comment(directive[2])[0].strip(), told)
            return
        self.ruling.rule(line, text, told)


def _relative(name: str, folder: str) -> str:
    return os.path.relpath(name, folder) if not name.startswith("<") else "Makefile"


def _is_rule(rest: str) -> bool:
    """Whether a line that begins with the word of a directive is a rule all the same: ``export: all``."""
    stripped = rest.lstrip(" \t")
    return stripped.startswith(":") and not stripped.startswith((":=", "::="))


def _one_line(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) < 80 else f"{first[:77]}…"

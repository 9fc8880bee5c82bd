"""Reading a makefile line by line, as make does: variables are set, rules are collected, other files brought in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from exlib.convert.account import Account, Place
from exlib.convert.make.assignments import Assignment, assignment_of
from exlib.convert.make.calls import Calls
from exlib.convert.make.conditions import Conditions
from exlib.convert.make.expand import Expander
from exlib.convert.make.lines import Line, find_outside, joined, lines_of, without_comment
from exlib.convert.make.ruling import Ruling
from exlib.convert.make.rules import Rule, Setting
from exlib.convert.make.unknown import Unknowns, is_known
from exlib.convert.make.variables import DEFAULTS, ENVIRONMENT, Flags, Scope, Variable, flags_of
from exlib.convert.notes import read_note
from exlib.convert.source import Source
from exlib.errors import InputError

_DIRECTIVE = re.compile(r"[ \t]*(include|-include|sinclude|export|unexport|undefine|vpath|endef|load|-load)(?=[ \t]|$)(.*)", re.DOTALL)  # fmt: skip  # noqa: E501
_DEEPEST = 20
_MOST_LINES = 200_000


@dataclass
class Notes:
    """What the expansion of a line came across."""

    shells: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    prints: list[str] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)


class Makefile:
    """A makefile as it is read. Raises InputError where make would stop."""

    def __init__(self, source: Source, account: Account, given: Mapping[str, str], goals: tuple[str, ...]) -> None:
        self.source = source
        self.account = account
        self.folder = source.folder
        self.unknowns = Unknowns()
        self.scope = Scope()
        self.expander = Expander(self.scope, self.unknowns, self.refuse)
        self.expander.calls = Calls(self, self.expander)
        self.rules: list[Rule] = []
        self.settings: list[Setting] = []
        self.special: dict[str, list[str]] = {}
        self.suffixes = [".c", ".cc", ".cpp", ".C", ".o", ".s", ".S", ".a", ".y", ".l", ".sh"]
        self.comments: list[str] = []
        self.note: dict[str, object] = {}
        self.unsure: list[str] = []
        self.search_path: list[str] = []
        self.export_all = False
        self.notes = Notes()
        self.line = Line(source, 1, 1, "")
        self.ruling = Ruling(self)
        self._files = 0
        self._lines = 0
        self._conditions: list[Conditions] = []
        for name, value in DEFAULTS.items():
            self.scope.own[name] = Variable(value, False, "default")
        for name, value in given.items():
            self.scope.own[name] = Variable(value, False, "command line")
            self.scope.exports[name] = True
        self.scope.own["MAKECMDGOALS"] = Variable(" ".join(goals), True, "default")
        self.scope.own[".SUFFIXES"] = Variable(" ".join(self.suffixes), True, "default")
        self.scope.own["MAKEFILE_LIST"] = Variable("", True, "file")
        self.given = given

    def read(self) -> None:
        """Read it all."""
        self._file(self.source)
        self._undefined_names()

    def refuse(self, message: str, mend: str | None = None) -> InputError:
        """The error to raise about the line that is being read."""
        return self.line.source.refuse(self.line.first, message, mend)

    @property
    def undecided(self) -> str | None:
        """The condition that only the run can decide, around the present line."""
        return next((frame.undecided for frame in self._conditions if frame.undecided), None)

    @property
    def flags(self) -> Flags:
        """What MAKEFLAGS ask for."""
        return flags_of(self.unknowns.shown(self.expander.value("MAKEFLAGS", self.scope)))

    def place(self, line: Line | None = None) -> Place:
        """The place of a line, the present one unless another is named."""
        line = line or self.line
        return line.source.place(line.first, line.last)

    def is_beside(self, pattern: str) -> bool:
        """Whether a name stays in the folder of the makefile."""
        return not pattern.startswith(("/", "~")) and ".." not in pattern.split("/")

    # What the functions tell while a line is expanded.

    def note_shell(self, whole: str) -> None:
        """A command that make would run."""
        self.notes.shells.append(whole)

    def note_files(self, whole: str) -> None:
        """Files that were looked at."""
        self.notes.files.append(whole)

    def note_print(self, whole: str) -> None:
        """Something that make would print."""
        self.notes.prints.append(whole)

    def stop(self, said: str, whole: str) -> str:
        """The makefile ends here by itself, unless nobody can tell whether it comes here."""
        self.notes.stops.append(said)
        if self.undecided:
            self.unsure.append(f"it may stop itself: {said}")
        elif self._files:
            raise self.refuse(f"the makefile stops itself: {said}")
        return self.unknowns.mark("opaque", whole, whole)

    def evaluate(self, text: str, whole: str) -> None:
        """Read a text that the makefile made itself, at the present line."""
        if not is_known(text):
            self.unsure.append(f"what {_one_line(self.unknowns.shown(whole))} adds is not known")
            return
        held = self.line
        self._lines_of(lines_of(held.source, text.split("\n"), held.first, fixed=True), told=False)
        self.line = held

    # Lines.

    def _file(self, source: Source) -> None:
        if self._files >= _DEEPEST:
            raise self.refuse("files include each other without end")
        self._files += 1
        self.scope.own["MAKEFILE_LIST"].value += f" {_relative(source.name, self.folder)}"
        self._lines_of(lines_of(source, source.lines), told=True)
        self._files -= 1

    def _lines_of(self, lines: Iterator[Line], told: bool) -> None:
        conditions = Conditions(self.expander, self.scope, self.refuse)
        self._conditions.append(conditions)
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
                self._tell_if(told, "manual", "line", f"make may stop here: {error}")
        if conditions.frames:
            raise self.refuse("an if is not closed by endif")
        self.ruling.leave()
        self._conditions.pop()

    def _one(self, line: Line, conditions: Conditions, lines: Iterator[Line], told: bool) -> None:
        prefix = self.expander.value(".RECIPEPREFIX", self.scope)[:1] or "\t"
        if line.raw.startswith(prefix) and self.ruling.takes_recipe:
            if conditions.reading:
                self.ruling.recipe_line(line, prefix)
            elif told and line.raw.strip():
                self._tell("dropped", "recipe of a condition", "the condition decides against it")
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
                self._tell("dropped", "line of a condition", "the condition decides against it", lines_to=self.line)
            return
        if text.startswith("#"):
            self._comment(text, told)
            return
        self._statement(line, text, lines, told)

    def _told_condition(self, taken: str, conditions: Conditions) -> None:
        if taken:
            self._tell("manual", "condition", f"{self.unknowns.shown(taken)} cannot be decided here: jobs that depend on it wait for a person; --var or --evaluate may decide it")  # noqa: E501
        else:
            self._tell("exact", "condition", "decided")

    def _skip(self, text: str, lines: Iterator[Line]) -> None:
        """A line that is not read; a definition goes to its end."""
        found = assignment_of(text) if text.split()[0] in ("define", "override", "export", "private") else None
        if found is not None and found.define:
            first = self.line
            self._body(lines)
            self.line = Line(first.source, first.first, max(first.last, self.line.last), first.raw)

    def _comment(self, text: str, told: bool) -> None:
        note = read_note(text) if told else None
        if told:
            self.ruling.comment(text, note)

    def _statement(self, line: Line, text: str, lines: Iterator[Line], told: bool) -> None:
        assignment = assignment_of(text)
        if assignment is not None:
            self.ruling.leave()
            self._assign(assignment, lines, told)
            return
        directive = _DIRECTIVE.match(text)
        if directive is not None and not _is_rule(directive[2]):
            self.ruling.leave()
            self._directive(directive[1], without_comment(directive[2])[0].strip(), told)
            return
        self.ruling.rule(line, text, told)

    # Variables.

    def _assign(self, found: Assignment, lines: Iterator[Line], told: bool) -> None:
        first = self.line
        value = self._body(lines) if found.define else without_comment(found.value)[0]
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

    def _body(self, lines: Iterator[Line]) -> str:
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

    def set(self, scope: Scope, name: str, operator: str, value: str, override: bool = False, private: bool = False) -> None:  # noqa: E501
        """Set a variable in a scope, as its operator says; what only one side of a condition sets is not known."""
        there = scope.find(name)
        origin = "override" if override else "file"
        simple = operator in (":=", "::=", ":::=")
        if self.undecided:
            value, simple = self.unknowns.mark("opaque", f"$({name})", f"$({name})"), True
        elif operator == "!=":
            command = self.expander.expand(value, scope)
            self.note_shell(f"{name} != {value}")
            value, simple = self.unknowns.mark("shell", command, f"$({name})"), True
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
        shells = self.notes.shells or re.findall(r"\$[({]shell\s", value)
        if self.undecided:
            self._tell("manual", "variable", f"whether it is set depends on {self.undecided}")
        elif shells or found.operator == "!=":
            self._tell("manual", "variable", "make runs a command for it, which is not run here: jobs that use it wait for a person; --evaluate runs it")  # noqa: E501
        elif not is_known(self.scope.own[name].value if name in self.scope.own and name == ".DEFAULT_GOAL" else ""):
            self._tell("manual", "variable", "only the run knows it")
        elif self.notes.files or re.search(r"\$[({]wildcard\s", value):
            self._tell("approximated", "variable", "the files that are there now are taken")
        elif found.operator == "?=" and name not in self.given:
            self._tell("approximated", "variable", f"the environment could set it otherwise: --var {name}=… does")
        elif name in self.given and not found.override:
            self._tell("exact", "variable", "--var decides it")
        else:
            self._tell("exact", "variable")

    # Directives.

    def _directive(self, word: str, rest: str, told: bool) -> None:
        if word.endswith("include"):
            self._include(word, rest, told)
        elif word in ("export", "unexport"):
            names = self.expander.expand(rest, self.scope)
            if not names.strip():
                self.export_all = word == "export"
            for name in names.split():
                self.scope.exports[name] = word == "export"
            self._tell_if(told, "exact", word)
        elif word == "undefine":
            self.scope.own.pop(self.expander.expand(rest, self.scope).strip(), None)
            self._tell_if(told, "exact", word)
        elif word == "vpath":
            self.search_path.append(rest)
            self._tell_if(told, "manual", word, "files are not searched for: the jobs whose files it may find elsewhere wait for a person")  # noqa: E501
        elif word == "endef":
            raise self.refuse("endef without a define before it")
        else:
            self.unsure.append("make loads code of its own there")
            self._tell_if(told, "manual", word, "code is not loaded here: all jobs wait for a person")

    def _include(self, word: str, rest: str, told: bool) -> None:
        names = self.expander.expand(rest, self.scope)
        line = self.line
        if not is_known(names):
            self.unsure.append(f"which files {_one_line(rest)} are, only the run knows")
            self._tell_if(told, "manual", word, "which files these are, only the run knows: all jobs wait for a person")
            return
        missing = []
        for name in names.split():
            try:
                included = line.source.opened(os.path.join(self.folder, name), at=line.first)
            except InputError:
                missing.append(name)
                continue
            self._file(included)
            self.line = line
        if not missing:
            self._tell_if(told, "exact", word, "read in its place")
        elif word == "include":
            self.unsure.append(f"{', '.join(missing)} cannot be read")
            self._tell_if(told, "manual", word, f"{', '.join(missing)} cannot be read here: all jobs wait for a person")
        else:
            self._tell_if(told, "approximated", word, f"{', '.join(missing)} is not there now, and is not looked for later")  # noqa: E501

    # The account.

    def _tell_if(self, told: bool, fate: str, construct: str, reason: str = "") -> None:
        if told:
            self._tell(fate, construct, reason)

    def _tell(self, fate: str, construct: str, reason: str = "", lines_to: Line | None = None) -> None:
        if self.undecided and fate == "exact":
            fate, reason = "manual", f"whether it counts depends on {self.undecided}"
        getattr(self.account, fate)(self.place(), construct, *([reason] if reason else []))

    def _undefined_names(self) -> None:
        return


def _relative(name: str, folder: str) -> str:
    return os.path.relpath(name, folder) if not name.startswith("<") else "Makefile"


def _is_rule(rest: str) -> bool:
    """Whether a line that begins with the word of a directive is a rule all the same: ``export: all``."""
    stripped = rest.lstrip(" \t")
    return stripped.startswith(":") and not stripped.startswith((":=", "::="))


def _one_line(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) < 80 else f"{first[:77]}…"


__all__ = ["Makefile", "find_outside"]

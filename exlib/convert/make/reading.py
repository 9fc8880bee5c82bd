"""The state of a makefile that is being read: its variables, its rules, its present line, what that came across."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exlib.convert.account import Account, Place
from exlib.convert.make.expand import Expander, Refuse
from exlib.convert.make.lines import Line
from exlib.convert.make.rules import Rule, Setting
from exlib.convert.make.unknown import Unknowns, is_known
from exlib.convert.make.variables import DEFAULTS, SUFFIXES, Flags, Scope, Variable, flags_of
from exlib.convert.source import Source
from exlib.errors import InputError

if TYPE_CHECKING:
    from exlib.convert.make.conditions import Conditions


@dataclass
class Notes:
    """What the expansion of a line came across."""

    shells: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    prints: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)


class Reading:
    """The state of a makefile as it is read."""

    def __init__(self, source: Source, account: Account, given: Mapping[str, str], goals: tuple[str, ...]) -> None:
        self.source = source
        self.run: Callable[[list[str], str, Refuse], str] | None = None
        self.account = account
        self.folder = source.folder
        self.unknowns = Unknowns()
        self.scope = Scope()
        self.expander = Expander(self.scope, self.unknowns, self.refuse)
        self.expander.where = self.place
        self.rules: list[Rule] = []
        self.settings: list[Setting] = []
        self.special: dict[str, list[str]] = {}
        self.suffixes = list(SUFFIXES)
        self.comments: list[str] = []
        self.note: dict[str, object] = {}
        self.unsure: list[str] = []
        self.search_path: list[str] = []
        self.export_all = False
        self.notes = Notes()
        self.line = Line(source, 1, 1, "")
        self.files = 0
        self.open_conditions: list[Conditions] = []
        for name, value in DEFAULTS.items():
            self.scope.own[name] = Variable(value, False, "default")
        for name, value in given.items():
            self.scope.own[name] = Variable(value, False, "command line")
            self.scope.exports[name] = True
        self.scope.own["MAKECMDGOALS"] = Variable(" ".join(goals), True, "default")
        self.scope.own[".SUFFIXES"] = Variable(" ".join(self.suffixes), True, "default")
        self.scope.own["MAKEFILE_LIST"] = Variable("", True, "file")
        self.given = given

    def refuse(self, message: str, mend: str | None = None) -> InputError:
        """The error to raise about the line that is being read."""
        return self.line.source.refuse(self.line.first, message, mend)

    @property
    def undecided(self) -> str | None:
        """The condition that only the run can decide, around the present line."""
        return next((frame.undecided for frame in self.open_conditions if frame.undecided), None)

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

    def output_of(self, command: str, whole: str, scope: Scope) -> str:
        """What a command prints, on one line: run where that was asked for, else a mark."""
        if self.run is not None and is_known(command):
            shell = [self.expander.value("SHELL", scope), *self.expander.value(".SHELLFLAGS", scope).split()]
            self.notes.runs.append(whole)
            return self.run([*shell, command], self.folder, self.refuse)
        self.note_shell(whole)
        if is_known(command) and "\n" not in command:
            return self.unknowns.mark("shell", command, whole)
        return self.unknowns.mark("opaque", whole, whole)

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
        elif self.files:
            raise self.refuse(f"the makefile stops itself: {said}")
        return self.unknowns.mark("opaque", whole, whole)

    def tell_if(self, told: bool, fate: str, construct: str, reason: str = "") -> None:
        """Say of the present line what became of it, unless it is one that the makefile made itself."""
        if told:
            self.tell(fate, construct, reason)

    def tell(self, fate: str, construct: str, reason: str = "", lines_to: Line | None = None) -> None:
        """Say of the present line what became of it."""
        if self.undecided and fate == "exact":
            fate, reason = "manual", f"whether it counts depends on {self.undecided}"
        getattr(self.account, fate)(self.place(), construct, *([reason] if reason else []))

    def tell_undefined(self) -> None:
        """Say of each name that nothing defines that nothing stands for it."""
        for name, place in self.expander.undefined.items():
            self.account.approximated(
                place._replace(path=name, text=name, whole=False), "undefined variable",
                "nothing is taken for it: the environment could set it, as --var does",
            )  # fmt: skip

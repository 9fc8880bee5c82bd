"""How a recipe is run: its variables, its environment, its shell, and the tests that make makes before it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from exlib.convert.make.functions import stem_of
from exlib.convert.make.parse import Makefile
from exlib.convert.make.recipe import Shell, Step, compose
from exlib.convert.make.search import Made
from exlib.convert.make.unknown import Unknown, is_known
from exlib.convert.make.variables import ENVIRONMENT, Scope, Variable
from exlib.convert.shell.current import newer_line, unless_current, unless_there
from exlib.convert.shell.oneline import several_lines
from exlib.environment import NAME, REFERENCE

_NEVER_EXPORTED = frozenset("MAKEFLAGS MAKELEVEL MFLAGS SHELL MAKEFILE_LIST MAKEFILES CURDIR GNUMAKEFLAGS".split())
_PREFIXES = "@-+ \t"
_LINE_END = re.compile(r"(?<!\\)((?:\\\\)*)\n")


class Command(NamedTuple):
    """What a job runs, and what keeps it from running; ``data`` are its inputs and outputs, where they are stated."""

    text: str
    shell: str | None
    env: dict[str, str]
    reasons: list[str]
    data: tuple[list[str], list[str]] | None


class Running:
    """Makes commands of recipes."""

    def __init__(self, makefile: Makefile) -> None:
        self._makefile = makefile
        self._scopes: dict[str, Scope] = {}

    def scope_of(self, target: str, outer: Scope) -> Scope:
        """The variables of a target: what is set for its name, over those of the one that it is made for."""
        make = self._makefile
        scope = Scope(outer)
        patterns = [one for one in make.settings if "%" in one.pattern and (stem_of(one.pattern, target) or "") != ""]
        patterns.sort(key=lambda one: -len(stem_of(one.pattern, target) or ""))
        settings = [*patterns, *(one for one in make.settings if one.pattern == target)]
        if not settings and not any(variable.private for variable in outer.own.values()):
            return outer
        for one in settings:
            make.set(scope, one.name, one.operator, one.value, one.override, one.private)
            if one.exported:
                scope.exports[one.name] = True
        return scope

    def automatic(self, made: Made, outer: Scope, stem: str = "") -> Scope:
        """The scope of a recipe: ``$@`` and its like."""
        scope = Scope(outer, inner=True)
        needs = list(made.needs)
        once = list(dict.fromkeys(needs))
        first = made.implicit[0] if made.implicit else needs[0] if needs else ""
        values = {
            "@": [made.target], "<": [first] if first else [], "^": once, "+": needs,
            "|": list(dict.fromkeys(made.order_only)), "*": [made.stem or stem or self._stem(made.target)], "%": [],
        }  # fmt: skip
        for name, words in values.items():
            scope.own[name] = Variable(" ".join(words), True, "automatic")
            scope.own[f"{name}D"] = Variable(
                " ".join(os.path.dirname(word) or "." for word in words if word), True, "automatic"
            )
            scope.own[f"{name}F"] = Variable(" ".join(os.path.basename(word) for word in words), True, "automatic")
        newer = self._makefile.unknowns.mark("newer", "newer", "$?") if once else ""
        scope.own["?"] = Variable(newer, True, "automatic")
        return scope

    def _stem(self, target: str) -> str:
        """For an explicit rule: the name without a suffix that make knows."""
        for suffix in self._makefile.suffixes:
            if target.endswith(suffix):
                return target[: -len(suffix)]
        return ""

    def command(self, made: Made, outer: Scope, phony: bool, always: bool, missing: Sequence[str]) -> Command | None:
        """What a recipe comes to; None if it is nothing. ``always``: something that it needs is never up to date."""
        make = self._makefile
        rule = made.rule
        assert rule is not None
        make.line = make.line._replace(first=rule.place.line, last=rule.place.end_line)
        scope = self.automatic(made, outer)
        make.notes = type(make.notes)()
        steps = self._steps(made, scope)
        stopped = make.notes.stops
        if stopped:
            said = make.unknowns.shown(stopped[0]).replace("\n", " ")
            steps = [Step(f"echo {_quote(said)} >&2; exit 2")]
        if not steps:
            return None
        shell = self._shell(scope)
        env, exports = self.environment(scope)
        before = [*self.missing_lines(missing)]
        data = None
        phonies = make.special.get(".PHONY", ())
        if not phony and not always:
            before.append(unless_current(made.together or [made.target], list(dict.fromkeys(made.needs))))
        if not phony and all(map(is_known, [made.target, *made.needs])):
            data = ([name for name in dict.fromkeys(made.needs) if name not in phonies], made.together or [made.target])
        after = self._deletion(made, phony)
        found = make.unknowns.within(
            "".join([*(step.text for step in steps), *exports, *before, *self._shell_words(scope)])
        )
        if any(unknown.kind == "newer" for unknown in found):
            before.append(newer_line(made.target, list(dict.fromkeys(made.needs))))
        if any(unknown.kind == "here" for unknown in found):
            before.insert(0, "CURDIR=$(pwd); export CURDIR")
        before += exports
        steps = [step._replace(text=_decoded(make.unknowns.in_shell(step.text))) for step in steps]
        composed = compose(
            steps, shell, [make.unknowns.in_shell(line) for line in before], make.unknowns.in_shell(after)
        )
        reasons = [_why(unknown) for unknown in found if not unknown.by_shell and not stopped]
        text = composed.command
        if any(unknown.kind == "opaque" for unknown in found) and not stopped:
            text = _refusing(found) + text
        searched = make.search_path or make.expander.value("VPATH", make.scope).strip()
        if searched and any(name not in make_targets(make) for name in made.needs):
            reasons.append("VPATH or vpath may find its prerequisites elsewhere")
        return Command(text, composed.shell, env, reasons, data)

    def missing_lines(self, names: Sequence[str]) -> list[str]:
        """Lines that fail where a file is not there that nothing makes and that is not here now."""
        return [self._makefile.unknowns.in_shell(unless_there(name)) for name in dict.fromkeys(names)]

    def _steps(self, made: Made, scope: Scope) -> list[Step]:
        make = self._makefile
        assert made.rule is not None
        texts = [line.text for line in made.rule.recipe or []]
        ignore = make.special.get(".IGNORE")
        all_ignored = make.flags.ignore or (ignore is not None and (not ignore or made.target in ignore))
        if ".ONESHELL" in make.special and texts:
            return self._one_shell(texts, scope, all_ignored)
        steps: list[Step] = []
        for raw in texts:
            bare = raw.lstrip(_PREFIXES)
            signs = raw[: len(raw) - len(bare)]
            for line in _split(make.expander.expand(bare, scope)):
                text = line.lstrip(_PREFIXES)
                inner = line[: len(line) - len(text)]
                if text.strip():
                    steps.append(Step(text, all_ignored or "-" in signs or "-" in inner))
        return steps

    def _one_shell(self, texts: list[str], scope: Scope, all_ignored: bool) -> list[Step]:
        make = self._makefile
        first = texts[0].lstrip(_PREFIXES)
        ignored = all_ignored or "-" in texts[0][: len(texts[0]) - len(first)]
        rest = texts[1:]
        if self._shell(scope).is_posix:
            rest = [text.lstrip(_PREFIXES) for text in rest]
        whole = make.expander.expand("\n".join([first, *rest]), scope)
        return [Step(whole, ignored)] if whole.strip() else []

    def _shell_words(self, scope: Scope) -> tuple[str, str]:
        value = self._makefile.expander.value
        return value("SHELL", scope).strip(), value(".SHELLFLAGS", scope).strip()

    def _shell(self, scope: Scope) -> Shell:
        make = self._makefile
        program, flags = self._shell_words(scope)
        if not is_known(program + flags):
            program, flags = "", ""  # the job waits for a person
        program, flags = program or "/bin/sh", flags or "-c"
        if ".POSIX" in make.special and flags == "-c":
            flags = "-ec"
        return Shell(program, flags)

    def environment(self, scope: Scope) -> tuple[dict[str, str], list[str]]:
        """The variables that a recipe sees: those that a document can say, and lines for the others."""
        make = self._makefile
        env: dict[str, str] = {}
        lines: list[str] = []
        for name in sorted(scope.names()):
            variable = scope.find(name)
            said = scope.exported(name)
            if said is None:
                own = variable is not None and variable.origin in ("file", "override")
                said = own and (make.export_all or name in ENVIRONMENT)
            if not said or variable is None or not NAME.match(name) or name in _NEVER_EXPORTED:
                continue
            value = make.expander.value(name, scope)
            found = make.unknowns.within(value)
            plain = not REFERENCE.search(value) and all(one.kind == "environment" for one in found)
            if plain:
                env[name] = make.unknowns.in_shell(value)
            else:
                lines.append(f"export {name}={_quote(value)}")
        return env, lines

    def _deletion(self, made: Made, phony: bool) -> str:
        make = self._makefile
        if ".DELETE_ON_ERROR" not in make.special or phony:
            return ""
        precious = make.special.get(".PRECIOUS", ())
        names = [name for name in made.together or [made.target] if name not in precious]
        return f"rm -f {' '.join(_quote(name) for name in names)}" if names else ""


def make_targets(makefile: Makefile) -> set[str]:
    """The names that explicit rules make."""
    return {target for rule in makefile.rules for target in rule.targets}


def _decoded(text: str) -> str:
    """A command of several lines that one of ours was written of."""
    return several_lines(text) or text


def _split(text: str) -> list[str]:
    return _LINE_END.sub(r"\1\0", text).split("\0")


def _quote(text: str) -> str:
    import shlex

    return shlex.quote(text) if "\x01" not in text else "'" + text.replace("'", "'\"'\"'") + "'"


def _why(unknown: Unknown) -> str:
    shown = " ".join(unknown.shown.split())
    shown = shown if len(shown) < 80 else f"{shown[:77]}…"
    if unknown.kind == "shell":
        return f"make runs {shown} for it; here its shell does"
    return f"only make knows {shown}"


def _refusing(found: Sequence[Unknown]) -> str:
    opaque = [unknown.shown for unknown in found if unknown.kind == "opaque"]
    said = f"what make computes has to be put in: {', '.join(' '.join(text.split()) for text in opaque)}"
    return f"echo {_quote(said)} >&2; exit 2\n"

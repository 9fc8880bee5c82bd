"""From targets to jobs: what ninja would run, dependencies first."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from exlib.convert.account import Place
from exlib.convert.draft import Draft, depend, guard
from exlib.convert.ninja.parse import NinjaFile
from exlib.convert.ninja.statements import Build, Rule
from exlib.convert.ninja.text import expanded
from exlib.convert.shell.carried import digest, restore
from exlib.convert.shell.current import unless_current, unless_there
from exlib.convert.shell.oneline import several_lines

NOTHING = ":"
_DEEPEST = 100
_FATES = {
    "depfile": ("approximated", "what it lists is known when the job has run: the job always runs"),
    "deps": ("approximated", "what it lists is known when the job has run: the job always runs"),
    "msvc_deps_prefix": ("dropped", "what a compiler prints is not read"),
    "dyndep": ("manual", "more inputs become known while ninja runs: the job waits for a person"),
    "generator": ("dropped", "a change of the command is not seen anyway"),
    "restat": ("exact", "what needs the output looks at its time anyway"),
    "description": ("exact", ""),
    "rspfile": ("exact", "the command writes it"),
    "rspfile_content": ("exact", "the command writes it"),
    "pool": ("dropped", "jobs are limited together, by max_workers"),
}


@dataclass
class Result:
    """What became of a path: jobs to wait for, files to look at, and whether it is always out of date."""

    ends: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    always: bool = False


class Building:
    """Fills a draft with the jobs that targets need."""

    def __init__(self, ninja: NinjaFile, draft: Draft) -> None:
        self.ninja = ninja
        self.draft = draft
        self.results: dict[str, Result] = {}
        self.pools: list[str] = []
        self._open: dict[int, Build] = {}
        self._wanted: list[str] = []
        self._order: dict[str, int] = {}
        self._missing: dict[str, None] = {}
        self._shared = _shared(ninja)
        for build in ninja.builds:
            build.order_only = [name for name in build.order_only if name != build.note.get("after")]

    def build(self, target: str) -> None:
        """Make a target, what it needs before it, and what is to validate it."""
        self._wanted.append(target)
        while self._wanted:
            self._one(self._wanted.pop(0))

    def _one(self, target: str) -> None:
        if target in self.results:
            return
        if target not in self.ninja.by_output:
            self.results[target] = self._source(target)
            return
        stack = [self._enter(self.ninja.by_output[target])]
        while stack:
            build, todo = stack[-1]
            name = next(todo, None)
            if name is None:
                stack.pop()
                del self._open[id(build)]
                self._leave(build, goal=not stack and target in build.all_outputs)
            elif name not in self.results:
                below = self.ninja.by_output.get(name)
                if below is None:
                    self.results[name] = self._source(name)
                elif id(below) in self._open:
                    raise self.ninja.refuse(build.place, f"a circle: {name} needs itself", "leave one of the edges out")
                else:
                    stack.append(self._enter(below))

    def _enter(self, build: Build) -> tuple[Build, Iterator[str]]:
        self._open[id(build)] = build
        self._wanted += build.validations
        return build, iter([*build.inputs, *build.implicit, *build.order_only])

    def _source(self, name: str) -> Result:
        if not os.path.exists(os.path.join(self.ninja.source.folder, name)):
            self._missing[name] = None
        return Result([], [name])

    def _leave(self, build: Build, goal: bool) -> None:
        needs = [*build.inputs, *build.implicit]
        waits = list(dict.fromkeys(end for name in [*needs, *build.order_only] for end in self.results[name].ends))
        files = list(dict.fromkeys(file for name in needs for file in self.results[name].files))
        always = any(self.results[name].always for name in needs)
        if build.rule == "phony":
            result = self._phony(build, goal, waits, files, always)
        else:
            job = self._job(build, waits, files, always)
            result = Result([job["id"]], [], False)
        for output in build.all_outputs:
            self.results[output] = Result(
                result.ends, [output] if build.rule != "phony" else result.files, result.always
            )

    def _phony(self, build: Build, goal: bool, waits: list[str], files: list[str], always: bool) -> Result:
        build.said = True
        account, ends = self.ninja.account, waits
        if goal and not build.note.get("goal"):
            job = self.draft.job(self._id(build), NOTHING, description=self._description(build, ""))
            self._depend(job, waits)
            ends = [job["id"]]
            account.exact(build.place, "statement", job=job["id"])
        else:
            account.exact(build.place, "statement", "what it needs is needed in its place")
        for _, place in build.comments:
            account.exact(place, "comment")
        for place in build.bindings.values():
            account.dropped(place, "variable", "a phony statement runs nothing")
        there = all(os.path.exists(os.path.join(self.ninja.source.folder, name)) for name in build.all_outputs)
        nothing = not build.inputs and not build.implicit and not build.order_only
        return Result(
            ends, [*files, *(build.all_outputs if nothing and there else [])], always or (nothing and not there)
        )

    def _job(self, build: Build, waits: list[str], files: list[str], always: bool) -> dict[str, Any]:
        build.said = True
        rule = build.scope.rule(build.rule)
        assert rule is not None
        value = _Values(self.ninja, build, rule).value
        command = value("command").removeprefix(self._shared)
        lines = [
            unless_there(name)
            for name in dict.fromkeys([*build.inputs, *build.implicit, *build.order_only])
            if name in self._missing
        ]
        native = self.ninja.note.get("always") in build.implicit
        if not always and not native and not value("depfile") and not value("deps"):
            lines.append(unless_current(build.all_outputs, files))
        folders = list(dict.fromkeys(os.path.dirname(name) for name in build.all_outputs if os.path.dirname(name)))
        if folders and not native:
            lines.append(f"mkdir -p {' '.join(map(shlex.quote, folders))} || exit")
        response = value("rspfile")
        if response:
            lines += _response(response, value("rspfile_content"))
            command = f"(\n{command}\n) || exit\nrm -f {shlex.quote(response)}"
        command = several_lines(command) or command
        job = self.draft.job(
            self._id(build), "\n".join([*lines, command]), description=self._description(build, value("description"))
        )
        if not native:
            job |= {"inputs": files, "outputs": build.all_outputs}
        self._depend(job, waits)
        restore(job, build.note, job["command"])
        if value("dyndep"):
            guard(job, "more of what it needs becomes known while ninja runs")
        pool = value("pool")
        if pool and pool not in self.ninja.pools:
            raise self.ninja.refuse(build.place, f"there is no pool {pool}")
        self.pools.append(pool)
        self._tell(build, rule, job["id"])
        return job

    def _depend(self, job: dict[str, Any], waits: list[str]) -> None:
        """Let a job wait for others, in the order in which they were made."""
        depend(job, sorted(waits, key=self._order.__getitem__))
        self._order[job["id"]] = len(self._order)

    def _id(self, build: Build) -> str:
        return str(build.note.get("id") or build.all_outputs[0])

    def _description(self, build: Build, described: str) -> str:
        return "\n".join([*(text for text, _ in build.comments), *([described] if described else [])])

    def _tell(self, build: Build, rule: Rule, job: str) -> None:
        account = self.ninja.account
        account.exact(build.place, "statement", job=job)
        for _, place in build.comments:
            account.exact(place, "comment", job=job)
        for key, place in build.bindings.items():
            fate, reason = _FATES.get(key, ("exact", ""))
            self._say(fate, place, reason, job)
        self._tell_rule(rule)

    def _tell_rule(self, rule: Rule) -> None:
        if "rule" not in rule.said:
            self.ninja.account.exact(rule.place, "statement")
        for key, place in rule.places.items():
            if "rule" not in rule.said:
                fate, reason = _FATES.get(
                    key,
                    (
                        "approximated",
                        "it runs where an input is newer; ninja also runs it where the command has changed",
                    ),
                )
                self._say(fate, place, reason, None)
        rule.said.add("rule")

    def _say(self, fate: str, place: Place, reason: str, job: str | None) -> None:
        getattr(self.ninja.account, fate)(place, "variable", reason, job=job)

    def finish(self, targets: list[str]) -> None:
        """Say of what the targets do not need that it is not in the result: each statement with what belongs to it."""
        account = self.ninja.account
        named = f"{' '.join(targets[:3])}{' …' if targets[3:] else ''}"
        for build in self.ninja.builds:
            if not build.said:
                place = _whole(build.place, [place for _, place in build.comments], build.bindings)
                account.dropped(place, "statement", f"{named} does not need it: --target brings it along")
        for rule in self.ninja.rules:
            if "rule" not in rule.said:
                account.dropped(_whole(rule.place, [], rule.places), "statement", "nothing that is made uses it")


def _shared(ninja: NinjaFile) -> str:
    """What stands before each command to set the variables of all, as it was written; nothing if it was edited."""
    text = ninja.top.value("environment")
    return f"{text}; " if text and ninja.note.get("environment") == digest(text) else ""


def _whole(place: Place, above: list[Place], below: dict[str, Place]) -> Place:
    """A statement with its variables, and the comments above it; its text is that of the statement itself."""
    parts = [place, *below.values()]
    first = min(part.line for part in [*above, *parts])
    last = max(max(part.line, part.end_line) for part in parts)
    return place._replace(line=first, end_line=last)


def _response(name: str, content: str) -> list[str]:
    return [f"printf %s {shlex.quote(content)} > {shlex.quote(name)} || exit"]


class _Values:
    """The variables of a build statement: its own, those of its rule, those of its file."""

    def __init__(self, ninja: NinjaFile, build: Build, rule: Rule) -> None:
        self._ninja = ninja
        self._build = build
        self._rule = rule
        self._under: list[str] = []

    def value(self, name: str) -> str:
        """The value of a variable, expanded."""
        build = self._build
        if name in ("in", "in_newline"):
            return ("\n" if name == "in_newline" else " ").join(map(_quoted, build.inputs))
        if name == "out":
            return " ".join(map(_quoted, build.outputs))
        own = build.scope if build.bindings or build.scope.outer is None else build.scope.outer
        if name in own.variables:
            return own.variables[name]
        if name not in self._rule.bindings:
            return build.scope.value(name)
        if name in self._under or len(self._under) > _DEEPEST:
            raise self._ninja.refuse(
                self._rule.place, f"the variable {name} of the rule {self._rule.name} refers to itself"
            )
        self._under.append(name)
        found = expanded(
            self._rule.bindings[name], self.value, lambda message: self._ninja.refuse(self._rule.place, message)
        )
        self._under.pop()
        return found


def _quoted(path: str) -> str:
    """As ninja quotes a path for a shell."""
    if path and all(char.isascii() and (char.isalnum() or char in "_+-./") for char in path):
        return path
    return "'" + path.replace("'", "'\\''") + "'"

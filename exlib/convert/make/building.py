"""From goals to jobs: what make would make, in its order, as jobs that wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from exlib.convert.draft import Draft, depend, guard
from exlib.convert.make.lines import joined
from exlib.convert.make.parse import Makefile
from exlib.convert.make.rules import Rule, file_words
from exlib.convert.make.running import Running
from exlib.convert.make.search import Made, Search
from exlib.convert.make.unknown import is_known
from exlib.convert.make.variables import Scope
from exlib.convert.shell.carried import restore
from exlib.errors import InputError

NOTHING = ":"


@dataclass
class Step:
    """A target on the way: what it still has to go through, before its own recipe."""

    target: str
    all_made: list[Made]
    scope: Scope
    todo: Iterator[str]
    phony: bool
    goal: bool


@dataclass
class Result:
    """What became of a target: the jobs to wait for, and whether what needs it is always out of date."""

    ends: list[str] = field(default_factory=list)
    always: bool = False
    missing: list[str] = field(default_factory=list)


class Building:
    """Fills a draft with the jobs that the goals need."""

    def __init__(self, makefile: Makefile, draft: Draft) -> None:
        self.makefile = makefile
        self.draft = draft
        self.search = Search(makefile)
        self.running = Running(makefile)
        self.results: dict[str, Result] = {}
        self.phony = set(makefile.special.get(".PHONY", []))
        self.ids_of: dict[int, list[str]] = {}
        self.ends_of_group: dict[tuple[str, ...], list[str]] = {}
        self._open: set[str] = set()
        self.order: dict[str, int] = {}

    def goals(self, wanted: tuple[str, ...]) -> list[str]:
        """What is to be made: the goals that are named, else the default one. Raises InputError if there is none."""
        if wanted:
            for name in wanted:
                made = self.search.made(name, name in self.phony)
                if not made.rules and made.rule is None and not self._default(name):
                    close = get_close_matches(name, self.search.explicit, n=1)
                    mend = f"did you mean {close[0]}?" if close else None
                    raise InputError(f"no rule makes {name}", place=self.makefile.source.name, mend=mend)
            return list(wanted)
        stated = self.makefile.expander.value(".DEFAULT_GOAL", self.makefile.scope)
        if stated.strip() and is_known(stated):
            return file_words(stated)[:1]
        if stated.strip():
            self.makefile.unsure.append("which goal is the default one, only the run knows: --target names it")
        for rule in self.makefile.rules:
            first = rule.targets[0]
            if rule.undecided:
                why = f"whether {self.makefile.unknowns.shown(first)} is the default goal, only the run knows"
                self.makefile.unsure.append(f"{why}: --target names it")
            elif not rule.is_pattern and (not first.startswith(".") or "/" in first):
                return [first]
        return [rule.targets[0] for rule in self.makefile.rules if rule.undecided and not rule.is_pattern][:1]

    def _default(self, name: str) -> bool:
        return ".DEFAULT" in self.makefile.special

    def build(self, goal: str) -> None:
        """Make a goal, and all that it needs before it."""
        if goal in self.results:
            return
        stack = [self._enter(goal, self.makefile.scope, True)]
        while stack:
            step = stack[-1]
            name = next(step.todo, None)
            if name is None:
                self._leave(step)
                self._open.discard(step.target)
                stack.pop()
            elif name in self._open:
                self._circular(step, name)
            elif name not in self.results:
                stack.append(self._enter(name, step.scope, False))

    def _circular(self, step: Step, name: str) -> None:
        rule = step.all_made[0].rules[0] if step.all_made[0].rules else None
        for made in step.all_made:
            made.needs = [need for need in made.needs if need != name]
            made.order_only = [need for need in made.order_only if need != name]
        place = rule.place if rule else self.makefile.place()
        reason = f"{step.target} needs {name}, which needs {step.target}: make leaves that out too"
        self.makefile.account.dropped(place, "circular dependency", reason)

    def _enter(self, target: str, outer: Scope, goal: bool) -> Step:
        scope = self.running.scope_of(target, outer)
        phony = target in self.phony
        all_made = self.search.double(target) or [self.search.made(target, phony)]
        for made in all_made:
            self._second(made, scope)
            if made.rule is None and not made.rules and not self.search.exists(target):
                self._by_default(made)
        self._open.add(target)
        names = dict.fromkeys(name for made in all_made for name in [*made.needs, *made.order_only])
        return Step(target, all_made, scope, iter(list(names)), phony, goal)

    def _second(self, made: Made, scope: Scope) -> None:
        for text, stem in made.second:
            inner = self.running.automatic(made, scope, stem)
            needs, _, order = self.makefile.expander.expand(joined(text), inner).partition("|")
            from exlib.convert.make.functions import fill

            made.needs += [fill(name, stem) if stem else name for name in file_words(needs)]
            made.order_only += [fill(name, stem) if stem else name for name in file_words(order)]

    def _by_default(self, made: Made) -> None:
        for rule in self.makefile.rules:
            if rule.targets[0] == ".DEFAULT" and rule.recipe:
                made.rule = rule

    def _leave(self, step: Step) -> None:
        ends: dict[str, None] = {}
        always = step.phony
        missing: list[str] = []
        for made in step.all_made:
            needs = [self.results[name] for name in [*made.needs, *made.order_only] if name in self.results]
            waits = list(dict.fromkeys([*ends, *(end for need in needs for end in need.ends)]))
            job = self._job(step, made, waits)
            if job is not None:
                ends = dict.fromkeys([*ends, job["id"]]) if len(step.all_made) > 1 else {job["id"]: None}
            else:
                ends = dict.fromkeys(waits)
                # make takes what has no recipe for updated if there is no such file; else it is as old as it is
                always = always or (bool(made.rules) and not self.search.exists(step.target))
                if not made.rules and made.rule is None and not step.phony and not self.search.exists(step.target):
                    missing = [step.target]
                else:
                    missing = self._missing(made)
        self.results[step.target] = Result(list(ends), always, missing)

    def _job(self, step: Step, made: Made, waits: list[str]) -> dict[str, Any] | None:
        group = tuple(made.together)
        if group in self.ends_of_group:
            return {"id": self.ends_of_group[group][0]}
        if made.rule is None or made.rule.recipe is None:
            return self._without_recipe(step, made, waits)
        always = any(self.results[name].always for name in made.needs if name in self.results)
        missing = self._missing(made)
        command = self.running.command(
            made, step.scope, step.phony or (made.rule.double and not made.needs), always, missing
        )
        if command is None:
            return self._without_recipe(step, made, waits)
        job = self._add(made, command.text, waits, shell=command.shell)
        if command.env:
            job["env_variables"] = command.env
        if command.data:
            job["inputs"], job["outputs"] = command.data
        restore(job, made.rule.note, command.text)
        self._guard(job, [*made.reasons, *command.reasons, *self.makefile.unsure, *_strange(self.makefile)])
        self._tell_rule(made, job, command.reasons)
        if group:
            self.ends_of_group[group] = [job["id"]]
        return job

    def _missing(self, made: Made) -> list[str]:
        """Files that nothing makes and that are not here now, of what a target needs."""
        names = [name for name in [*made.needs, *made.order_only] if name in self.results]
        return list(dict.fromkeys(one for name in names for one in self.results[name].missing))

    def _add(self, made: Made, command: str, waits: list[str], **keys: Any) -> dict[str, Any]:
        rule = made.rule or (made.rules[0] if made.rules else None)
        note = dict(rule.note) if rule is not None else {}
        wanted = str(note.get("id") or self.makefile.unknowns.shown(made.target))
        job = self.draft.job(wanted, command, **keys)
        description = self._description(made)
        if description:
            job["description"] = description
        depend(job, sorted(waits, key=self.order.__getitem__))
        self.order[job["id"]] = len(self.order)
        return job

    def _description(self, made: Made) -> str:
        lines: list[str] = []
        for rule in made.rules:
            lines += [text for text, _ in rule.comments]
            if rule.description:
                lines.append(rule.description)
        return "\n".join(lines)

    def _without_recipe(self, step: Step, made: Made, waits: list[str]) -> dict[str, Any] | None:
        """A goal without a recipe is a job that does nothing; else what it needs is handed on."""
        reasons = [*made.reasons, *self.makefile.unsure, *_strange(self.makefile)]
        known = [rule for rule in made.rules if rule.note.get("goal")]
        if (not step.goal and not reasons) or known or not made.rules:
            for rule in made.rules:
                self._tell_handed(rule, made)
            return None
        command = "\n".join([*self.running.missing_lines(self._missing(made)), NOTHING])
        job = self._add(made, command, waits)
        self._guard(job, reasons)
        self._tell_rule(made, job, [])
        return job

    def _tell_handed(self, rule: Rule, made: Made) -> None:
        if rule.said:
            return
        rule.said = True
        reason = "it has no recipe: what it needs is needed in its place"
        if not made.needs and not made.order_only and made.target not in self.phony:
            there = self.search.exists(made.target)
            reason = "it is there: it is as old as its file" if there else "it is not there: what needs it always runs"
        self.makefile.account.exact(rule.place, "rule", reason)
        for _, place in rule.comments:
            self.makefile.account.exact(place, "comment")

    def _guard(self, job: dict[str, Any], reasons: list[str]) -> None:
        for reason in dict.fromkeys(reasons):
            guard(job, reason)

    def _tell_rule(self, made: Made, job: dict[str, Any], reasons: list[str]) -> None:
        account, name = self.makefile.account, job["id"]
        for rule in [*made.rules, *([made.rule] if made.rule else [])]:
            original = rule.origin or rule
            if original.said or original.built_in:
                continue
            original.said = True
            whys = [*made.reasons, *reasons]
            if whys:
                account.manual(original.place, "rule", "; ".join(dict.fromkeys(whys)), job=name)
            elif made.guessed:
                account.approximated(
                    original.place,
                    "rule",
                    f"{' '.join(made.implicit) or 'what it needs'} is not there now, and is taken for one that will be",
                    job=name,
                )
            else:
                account.exact(original.place, "rule", "", job=name)
            for _, place in original.comments:
                account.exact(place, "comment", job=name)
            for line in original.recipe or []:
                if line.place == original.place:
                    continue
                if whys:
                    account.manual(line.place, "recipe line", "its job waits for a person", job=name)
                else:
                    ignored = line.text.lstrip("@+ \t").startswith("-")
                    reason = "its failure holds nothing back here either" if ignored else ""
                    account.exact(line.place, "recipe line", reason, job=name)


def _strange(makefile: Makefile) -> list[str]:
    """Why nothing is certain where MAKEFLAGS say something that changes what runs."""
    flag = makefile.flags.strange
    return [f"MAKEFLAGS hold {flag}, which changes what make runs"] if flag else []

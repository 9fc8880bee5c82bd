"""A makefile, read as GNU make reads it: what its goals need becomes jobs, in the order of make."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from exlib.convert.account import Account, Place
from exlib.convert.draft import Draft
from exlib.convert.make.building import NOTHING, Building
from exlib.convert.make.evaluate import run
from exlib.convert.make.parse import Makefile
from exlib.convert.make.rules import Rule
from exlib.convert.make.running import Running
from exlib.convert.shell.carried import restore_settings
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.document import STDIN_NAME

WORKERS = 8
"""Jobs at once where make has no limit."""
_PLAIN_NAMES = ("makefile", "gnumakefile")


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The jobs of the goals. Nothing is run; raises InputError where make would stop."""
    makefile = Makefile(source, account, wishes.variables, wishes.targets)
    if wishes.evaluate:
        makefile.run = run
        account.approximated(
            Place(source.name), "--evaluate",
            "the commands of $(shell …) and != were run, as make runs them while it reads",
        )  # fmt: skip
    makefile.read()
    draft = Draft(_name(source), "make")
    building = Building(makefile, draft)
    goals = building.goals(wishes.targets)
    for goal in goals:
        building.build(goal)
    _settings(makefile, draft)
    _unreached(makefile, goals, account)
    makefile.tell_undefined()
    source.settle(account)
    return [draft] if draft.jobs else []


def _name(source: Source) -> str:
    if source.name == STDIN_NAME:
        return "make"
    stem = os.path.splitext(os.path.basename(source.name))[0]
    return os.path.basename(source.folder) or "make" if stem.lower() in _PLAIN_NAMES else stem


def _settings(makefile: Makefile, draft: Draft) -> None:
    draft.settings["default_timeout"] = None
    flags = makefile.flags
    if flags.jobs != 1 and ".NOTPARALLEL" not in makefile.special:
        draft.settings |= {"parallel": True, "max_workers": flags.jobs or WORKERS}
    if flags.keep_going:
        draft.settings["continue_on_error"] = True
    _shared(draft, Running(makefile).environment(makefile.scope)[0])
    restore_settings(draft.settings, draft.kept, makefile.note)
    if makefile.comments:
        draft.kept["comments"] = makefile.comments


def _shared(draft: Draft, exported: Mapping[str, str]) -> None:
    """Variables that all jobs have are those of the workflow, with the value that is alike or the makefile's own."""
    every: list[dict[str, Any]] = [job.get("env_variables", {}) for job in draft.jobs if job["command"] != NOTHING]
    common = {
        name: value for name, value in (every[0] if every else {}).items()
        if all(name in one and one[name] == value for one in every)
    }  # fmt: skip
    for name, value in exported.items():
        if all(name in one for one in every) and any(one[name] == value for one in every):
            common[name] = value
    if not common:
        return
    draft.settings["env_variables"] = common
    for job in draft.jobs:
        own = {name: value for name, value in job.pop("env_variables", {}).items() if common.get(name) != value}
        if own:
            job["env_variables"] = own


def _unreached(makefile: Makefile, goals: list[str], account: Account) -> None:
    """What no goal needs is not in the result: each rule with its recipe and the comments above it."""
    unneeded = f"{' '.join(goals[:3])}{' …' if goals[3:] else ''} does not need it: --target brings it along"
    for rule in makefile.rules:
        if rule.said:
            continue
        rule.said = True
        place = _whole(rule)
        if rule.reasons:
            account.manual(place, "rule", "; ".join(dict.fromkeys(rule.reasons)))
        elif rule.is_pattern or rule.targets[0].startswith("."):
            account.dropped(place, "rule", "nothing that is made uses it")
        else:
            account.dropped(place, "rule", unneeded if goals else "nothing is made")


def _whole(rule: Rule) -> Place:
    """The rule with all that belongs to it; its text is that of the rule itself."""
    above = [place for _, place in rule.comments]
    parts = [rule.place, *(line.place for line in rule.recipe or [] if line.place != rule.place)]
    first = min(place.line for place in [*above, *parts])
    last = max(max(place.line, place.end_line) for place in parts)
    return rule.place._replace(line=first, end_line=last)

"""A ninja file: what its targets need becomes jobs, each with ninja's test whether it has something to do."""

from __future__ import annotations

import os

from exlib.convert.account import Account, Place
from exlib.convert.draft import Draft
from exlib.convert.ninja.building import Building
from exlib.convert.ninja.parse import NinjaFile
from exlib.convert.shell.carried import restore_settings
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.document import STDIN_NAME
from exlib.errors import InputError

WORKERS = 8


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The jobs of the targets. Raises InputError where ninja would stop."""
    ninja = NinjaFile(source, account)
    ninja.read()
    draft = Draft(_name(source), "ninja")
    building = Building(ninja, draft)
    targets = _targets(ninja, wishes)
    for target in targets:
        building.build(target)
    building.finish(targets)
    _settings(ninja, draft, building, account)
    for place in ninja.default_places:
        account.exact(place, "statement")
    source.settle(account)
    return [draft] if draft.jobs else []


def _name(source: Source) -> str:
    if source.name == STDIN_NAME:
        return "ninja"
    stem = os.path.splitext(os.path.basename(source.name))[0]
    return os.path.basename(source.folder) or "ninja" if stem == "build" else stem


def _targets(ninja: NinjaFile, wishes: Wishes) -> list[str]:
    """What is to be made: the targets that are named, else the default ones, else what nothing needs."""
    if wishes.targets:
        for name in wishes.targets:
            if name not in ninja.by_output:
                from difflib import get_close_matches

                close = get_close_matches(name, ninja.by_output, n=1)
                mend = f"did you mean {close[0]}?" if close else None
                raise InputError(f"nothing makes {name}", place=ninja.source.name, mend=mend)
        return list(wishes.targets)
    if ninja.defaults:
        for name, place in zip(ninja.defaults, [*ninja.default_places] * len(ninja.defaults), strict=False):
            if name not in ninja.by_output:
                raise ninja.refuse(place, f"the default {name} is made by nothing")
        return ninja.defaults
    needed = {name for one in ninja.builds for name in [*one.inputs, *one.implicit, *one.order_only]}
    roots = [name for one in ninja.builds for name in one.all_outputs if name not in needed]
    return roots or [name for one in ninja.builds[:1] for name in one.all_outputs]  # in a circle, which is refused


def _settings(ninja: NinjaFile, draft: Draft, building: Building, account: Account) -> None:
    if not draft.jobs:
        return
    draft.settings["default_timeout"] = None
    pools = {name or "" for name in building.pools}
    depth = ninja.pools.get(next(iter(pools)), 0) if len(pools) == 1 else 0
    if depth:
        workers = depth
    else:
        workers = WORKERS
        account.approximated(
            Place(ninja.source.name), "parallelism",
            f"ninja takes as many jobs at once as fit the processors; here {WORKERS}",
        )  # fmt: skip
    if workers > 1:
        draft.settings |= {"parallel": True, "max_workers": workers}
    for name, places in ninja.pool_places.items():
        for place in places:
            if len(pools) == 1 and name in pools:
                account.exact(place, "statement", "max_workers")
            else:
                account.dropped(place, "statement", "jobs are limited together, by max_workers")
    restore_settings(draft.settings, draft.kept, ninja.note)
    if ninja.comments:
        draft.kept["comments"] = ninja.comments

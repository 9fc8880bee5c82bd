"""One object in three versions, key by key: what only one side changed counts, what both changed is a conflict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from exlib.document.edit import dump
from exlib.document.patchwork import Listing, Made, Piece, Table, Taken
from exlib.merge.conflicts import ABSENT, Conflict, Kind, Side
from exlib.merge.order import woven
from exlib.merge.sameness import SETS, key_meaning, meaning, members_of
from exlib.workflow import dependency_target, env_text

VARIABLES = "env_variables"


@dataclass
class Judge:
    """Collects the conflicts; with ``favour`` that side counts, and they are kept apart as settled."""

    favour: Side | None = None
    conflicts: list[Conflict] = field(default_factory=list)
    settled: list[Conflict] = field(default_factory=list)

    def decide(self, conflict: Conflict, ours: Piece | None, theirs: Piece | None) -> Piece | None:
        """The side that counts; while nobody has decided it is ours, and theirs where ours has nothing."""
        (self.conflicts if self.favour is None else self.settled).append(conflict)
        if self.favour is not None:
            return theirs if self.favour == "theirs" else ours
        return ours if ours is not None else theirs


@dataclass(frozen=True, slots=True)
class Versions:
    """The same object in the base and on both sides, and how its keys are spelt in each; None where it is not."""

    base: Taken | None
    ours: Taken | None
    theirs: Taken | None

    def keys(self, spelt: Callable[[Mapping[str, Any]], dict[str, str]]) -> tuple[dict[str, Taken], ...]:
        """The values of each version by today's names."""
        sides = (self.base, self.ours, self.theirs)
        return tuple(
            {key: side.below(old) for key, old in spelt(side.value).items()} if side is not None else {}
            for side in sides
        )


def merged_keys(
    versions: Versions, spelt: Callable[[Mapping[str, Any]], dict[str, str]], job: str | None, judge: Judge
) -> dict[str, Piece]:
    """The members of the merged object, in the order and the spelling of the side that they come from."""
    base, ours, theirs = versions.keys(spelt)
    made: dict[str, Piece] = {}
    for key in woven(list(base), list(ours), list(theirs)):
        piece = _one(key, base.get(key), ours.get(key), theirs.get(key), job, judge)
        if piece is not None:
            made[_spelling(piece, key, ours, theirs)] = piece
    return made


def _spelling(piece: Piece, key: str, ours: Mapping[str, Taken], theirs: Mapping[str, Taken]) -> str:
    """How the key is written on the side that the value comes from."""
    home = piece if isinstance(piece, Taken) else None if isinstance(piece, Made) else piece.home
    side = home or ours.get(key) or theirs.get(key)
    return key if side is None else str(side.pointer[-1])


def _one(
    key: str, base: Taken | None, ours: Taken | None, theirs: Taken | None, job: str | None, judge: Judge
) -> Piece | None:
    first, mine, other = (None if side is None else key_meaning(key, side.value) for side in (base, ours, theirs))
    if mine == other:
        return newer(base, ours, theirs)
    if first in (mine, other):
        return theirs if first == mine else ours
    if key in SETS:
        return _set(key, base, ours, theirs, job, judge)
    if key == VARIABLES and all(side is None or isinstance(side.value, dict) for side in (base, ours, theirs)):
        return _variables(Versions(base, ours, theirs), job, judge)
    return judge.decide(conflict("changed", job, key, base, ours, theirs), ours, theirs)


def newer(base: Taken | None, ours: Taken | None, theirs: Taken | None) -> Taken | None:
    """Of two that mean the same, theirs where only they wrote it anew, else ours."""
    if ours is None or theirs is None or base is None:
        return ours
    return theirs if written(ours) == written(base) else ours


def written(side: Taken) -> tuple[str | int, str]:
    """A value as it is written, white space aside, and the spelling of its key."""
    return (side.pointer[-1] if side.pointer and isinstance(side.pointer[-1], str) else 0, dump(side.value))


def conflict(
    kind: Kind, job: str | None, key: str | None, base: Taken | None, ours: Taken | None, theirs: Taken | None
) -> Conflict:
    """A conflict with the values of all versions."""
    values = (ABSENT if side is None else side.value for side in (base, ours, theirs))
    return Conflict(kind, job, key, *values)


def _set(
    key: str, base: Taken | None, ours: Taken | None, theirs: Taken | None, job: str | None, judge: Judge
) -> Piece | None:
    """Ours without what they took out, and with what they added."""
    before, mine, other = (_members(key, side) for side in (base, ours, theirs))
    kept = {word: piece for word, piece in mine.items() if word not in before or word in other}
    added = {word: piece for word, piece in other.items() if word not in before and word not in mine}
    pieces = [*kept.values(), *added.values()]
    if key == "dependencies" and _waits_twice(pieces):
        return judge.decide(conflict("changed", job, key, base, ours, theirs), ours, theirs)
    if not pieces and (ours is None or theirs is None):
        return None
    home = next((side for side in (ours, theirs) if side is not None and isinstance(side.value, list)), None)
    return Listing(pieces, home)


def _members(key: str, side: Taken | None) -> dict[str, Piece]:
    if side is None:
        return {}
    if not isinstance(side.value, list):
        return {word: Made(entry) for word, entry in members_of(key, side.value).items()}
    found: dict[str, Piece] = {}
    for place, entry in enumerate(side.value):
        for word in members_of(key, [entry]):
            found.setdefault(word, side.below(place))
    return found


def _waits_twice(pieces: list[Piece]) -> bool:
    """Whether one job is waited for in two ways: both sides changed the same entry."""
    values = (piece.value for piece in pieces if isinstance(piece, (Taken, Made)))
    targets = [target for entry in values if (target := dependency_target(entry)) is not None]
    return len(targets) != len(set(targets))


def _variables(versions: Versions, job: str | None, judge: Judge) -> Piece | None:
    """The table of variables, name by name."""
    base, ours, theirs = versions.keys(lambda table: {name: name for name in table})
    members: dict[str, Piece] = {}
    for name in woven(list(base), list(ours), list(theirs)):
        sides = [side.get(name) for side in (base, ours, theirs)]
        first, mine, other = (None if side is None else _text(side.value) for side in sides)
        piece: Piece | None
        if mine == other:
            piece = newer(*sides)
        elif first in (mine, other):
            piece = sides[2] if first == mine else sides[1]
        else:
            found = conflict("changed", job, f"{VARIABLES}.{name}", *sides)
            piece = judge.decide(found, sides[1], sides[2])
        if piece is not None:
            members[name] = piece
    if not members and (versions.ours is None or versions.theirs is None):
        return None
    return Table(members, versions.ours or versions.theirs)


def _text(value: Any) -> str:
    return meaning(value) if isinstance(value, (dict, list)) else env_text(value)

"""The settings of several documents made into one set of settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from exlib.document.patchwork import Listing, Made, Piece, Table, Taken
from exlib.merge.parts import Part
from exlib.merge.sameness import SETS, key_meaning, meaning, members_of, settings_of
from exlib.workflow import env_text

Policy = Literal["first", "last", "fail"]
OF_A_DOCUMENT = frozenset(["application_name", "description", "$schema", "version"])
"""What a document says of itself: that these differ is no disagreement."""


@dataclass
class Disagreement:
    """A setting with different values: which documents (by number) have it, and whose value counts."""

    key: str
    holders: list[int]
    chosen: int
    variable: bool = False


@dataclass
class Settings:
    """The members of the merged document but for its jobs, and what is to be told of them."""

    members: dict[str, Piece] = field(default_factory=dict)
    disagreements: list[Disagreement] = field(default_factory=list)
    spread: dict[int, list[str]] = field(default_factory=dict)
    """Settings that came from a later document alone and now hold for all jobs, by that document's number."""


def settled(parts: Sequence[Part], policy: Policy) -> Settings:
    """The settings of all documents under today's names; each in its first document's spelling and place."""
    made = Settings()
    holders: dict[str, list[int]] = {}
    spelt = [settings_of(part.document.data) for part in parts]
    for number, keys in enumerate(spelt):
        for key in keys:
            holders.setdefault(key, []).append(number)
    for key, held in holders.items():
        taken = [(number, Taken(parts[number].document, (spelt[number][key],))) for number in held]
        made.members[spelt[held[0]][key]] = _one(key, taken, policy, made)
        if held[0] and not key.startswith(("_", "x-")) and key not in OF_A_DOCUMENT:
            made.spread.setdefault(held[0], []).append(key)
    return made


def _one(key: str, taken: Sequence[tuple[int, Taken]], policy: Policy, made: Settings) -> Piece:
    if len({key_meaning(key, piece.value) for _, piece in taken}) == 1:
        return taken[0][1]
    if key in SETS:
        return united(key, [piece for _, piece in taken])
    if key == "env_variables" and all(isinstance(piece.value, dict) for _, piece in taken):
        return Table(dict(_variables(taken, policy, made)), taken[0][1])
    chosen = taken[-1 if policy == "last" else 0]
    if key not in OF_A_DOCUMENT:
        made.disagreements.append(Disagreement(key, [number for number, _ in taken], chosen[0]))
    return chosen[1]


def united(key: str, lists: Sequence[Taken]) -> Piece:
    """One list with the members of all, each once."""
    known: set[str] = set()
    items: list[Piece] = []
    for piece in lists:
        raw = piece.value
        for place, (word, entry) in enumerate(_members(key, raw)):
            if word not in known:
                known.add(word)
                items.append(piece.below(place) if isinstance(raw, list) else Made(entry))
    return Listing(items, lists[0] if isinstance(lists[0].value, list) else None)


def _members(key: str, raw: Any) -> list[tuple[str, Any]]:
    if isinstance(raw, list):
        return [(next(iter(members_of(key, [entry])), ""), entry) for entry in raw]
    return list(members_of(key, raw).items())


def _variables(taken: Sequence[tuple[int, Taken]], policy: Policy, made: Settings) -> Iterator[tuple[str, Piece]]:
    holders: dict[str, list[tuple[int, Taken]]] = {}
    for number, table in taken:
        for name in table.value:
            holders.setdefault(name, []).append((number, table.below(name)))
    for name, held in holders.items():
        number, piece = held[-1 if policy == "last" else 0]
        if len({_text(item.value) for _, item in held}) > 1:
            made.disagreements.append(Disagreement(name, [holder for holder, _ in held], number, variable=True))
        yield name, piece


def _text(value: Any) -> str:
    return meaning(value) if isinstance(value, (dict, list)) else env_text(value)

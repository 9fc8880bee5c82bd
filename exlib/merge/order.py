"""Two orders made into one: what stands in both stays where the leading one has it."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def woven(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Our order, with what only theirs has behind what it follows there; theirs leads where only they changed it."""
    if _of(ours, set(base)) == _of(base, set(ours)) and _of(theirs, set(base)) != _of(base, set(theirs)):
        return _into(theirs, ours)
    return _into(ours, theirs)


def _of(names: Sequence[str], among: Collection[str]) -> list[str]:
    return [name for name in names if name in among]


def _into(leading: Sequence[str], other: Sequence[str]) -> list[str]:
    known = set(leading)
    behind: dict[str | None, list[str]] = {}
    before: str | None = None
    for name in other:
        if name in known:
            before = name
        else:
            behind.setdefault(before, []).append(name)
    made = list(behind.get(None, ()))
    for name in leading:
        made += [name, *behind.get(name, ())]
    return made

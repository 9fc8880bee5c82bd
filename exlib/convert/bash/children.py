"""Statements that a script runs in the background and waits for: where they become jobs beside each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from exlib.convert.bash.effects import CHILDREN
from exlib.convert.bash.grammar import exit_code, name_of, said, words
from exlib.convert.bash.units import Unit

if TYPE_CHECKING:
    from tree_sitter import Node

_KEPT = re.compile(r'([A-Za-z_]\w*)="?\$\{?!\}?"?')
_PID = re.compile(r'"?\$\{?([A-Za-z_]\w*)\}?"?')


class Waiting(NamedTuple):
    """What a ``wait`` waits for (None: for all), and whose failure is its own; ``strict``: that ends the script."""

    on: tuple[int, ...] | None
    counts: tuple[int, ...] = ()
    strict: bool = False


class Region(NamedTuple):
    """Statements ``first`` to ``last``, behind which nothing is in the background; ``waits``, ``kept`` by statement."""

    first: int
    last: int
    waits: dict[int, Waiting]
    kept: dict[int, int]


def regions(units: list[Unit]) -> list[Region] | None:
    """The regions of a script; those that are not clear have no waits. None if something is never waited for."""
    found: list[Region] = []
    at = 0
    while at < len(units):
        if not units[at].background:
            at += 1
            continue
        region = _region(units, at)
        if region is None:
            return None
        found.append(region)
        at = region.last + 1
    return found


def _region(units: list[Unit], first: int) -> Region | None:
    running: list[int] = []
    waits: dict[int, Waiting] = {}
    kept: dict[int, int] = {}
    names: dict[str, int] = {}
    for at in range(first, len(units)):
        unit = units[at]
        if unit.background:
            running.append(at)
            continue
        if (match := _KEPT.fullmatch(unit.text)) and at - 1 in running:
            kept[at] = names[match[1]] = at - 1
            continue
        waited = _waited(unit.node)
        if waited is None:
            continue
        known = tuple(names.get(name, -1) for name in waited)
        if -1 in known:
            return _unclear(units, first)
        if not waited:
            waits[at] = Waiting(None)
            running = []
        else:
            waits[at] = Waiting(known, known[-1:], unit.node.type == "list")
            running = [one for one in running if one not in known]
        if not running:
            clear = _is_clear(units, names, {*waits, *kept})
            return Region(first, at, waits, kept) if clear else _unclear(units, first)
    return None if waits else _unclear(units, first)


def _unclear(units: list[Unit], first: int) -> Region | None:
    """Up to the last statement that has to do with children, all stays in one process."""
    last = max((at for at in range(first, len(units)) if CHILDREN in units[at].effects.needs), default=first)
    begun = max(at for at in range(first, last + 1) if units[at].background)
    waits = any("wait" in unit.effects.calls for unit in units[begun : last + 1])
    return Region(first, last, {}, {}) if waits else None


def _waited(node: Node) -> list[str] | None:
    """The names that a ``wait`` names, none for all; None if it is no clear wait."""
    if node.type == "list" and len(node.children) == 3 and node.children[1].type == "||":
        if node.children[2].type != "command" or name_of(node.children[2]) != "exit":
            return None
        if exit_code(node.children[2]) == 0 or len(words(node.children[2])) > 2:
            return None
        node = node.children[0]
    if node.type != "command" or name_of(node) != "wait":
        return None
    names = []
    for word in words(node)[1:]:
        match = _PID.fullmatch(said(word))
        if match is None:
            return None
        names.append(match[1])
    return names


def _is_clear(units: list[Unit], names: dict[str, int], used: set[int]) -> bool:
    """Whether what keeps the number of a child is spoken of nowhere else."""
    for at, unit in enumerate(units):
        if at not in used and (names.keys() & unit.effects.needs or CHILDREN in unit.effects.needs):
            return False
    return True

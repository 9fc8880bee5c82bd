"""Which statements of a script become one job, and which job waits for which.

Statements stay together when one leaves something in the shell that the other needs, with all that stands between.
Why a script stays whole is a sentence, ``Whole``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from exlib.convert.bash.children import Region, Waiting, regions
from exlib.convert.bash.effects import ANY, AROUND, CHILDREN
from exlib.convert.bash.units import Unit, ends_well, errexit_after, says_nothing

if TYPE_CHECKING:
    from tree_sitter import Node

_CD = re.compile(r"""cd\s+["']?([^\s"']+)["']?""")
_MAKES = re.compile(r"\b(mkdir|clone|cp|mv|tar|unzip|install|rsync|ln)\b")
DETACHED = "a process in the background that nothing waits for"


class Whole(Exception):
    """The script stays one job, and why."""


@dataclass
class Block:
    """Statements ``first`` to ``last`` as one job; ``after`` are the blocks that it waits for.

    ``ignored``: its failure does not keep what follows from running, nor is it the script's. ``passes``: what counts is
    whether the script ends within it, not the exit code of its last command.
    """

    first: int
    last: int
    after: list[int] = field(default_factory=list)
    ignored: bool = False
    passes: bool = False


class Plan(NamedTuple):
    """The blocks in order; ``said`` are statements that need no job, as the order of the jobs says the same.

    ``width`` is how many jobs may run at the same time.
    """

    blocks: list[Block]
    said: dict[int, str]
    width: int


def plan(units: list[Unit], carry: Callable[[Node], bool], sections: list[int], errexit: bool) -> Plan:
    """The plan of a script; statements of one section stay together. Raises Whole."""
    closing = len(units) - 1 if len(units) > 1 and says_nothing(units[-1]) else len(units)
    body = units[:closing]
    for unit in body:
        if unit.effects.whole:
            raise Whole(unit.effects.whole)
    beside = regions(body)
    if beside is None:
        raise Whole(DETACHED)
    apart = {at: region for region in beside if region.waits for at in range(region.first, region.last + 1)}
    together = [(region.first, region.last) for region in beside if not region.waits]
    together += _bound(body, carry, apart, errexit)
    together += [(at - 1, at) for at in range(1, len(body)) if sections[at] == sections[at - 1]]
    made = _ordered(_merged(together, len(body), beside), body, apart)
    _close(made, body)
    told = closing == len(units) or ends_well(units[-1].node) is None  # the last failure is the script's
    for block in made.blocks:
        if not (block.first == block.last and block.first in apart and body[block.first].background):
            inside = not (told and block.last == len(body) - 1)
            block.ignored, block.passes = inside and not body[block.last].errexit, inside
    if not told:
        for at, waiting in made.waits.items():
            if at == len(body) - 1 and not body[at].errexit and not waiting.strict:
                for one in waiting.counts:
                    made.numbers[one].ignored = True
    if closing < len(units):
        made.said[closing] = "the end of the script"
    sides = [region for region in beside if region.waits and body[region.first].background]
    width = max((region.last - region.first + 1 - len(region.waits) - len(region.kept) for region in sides), default=1)
    return Plan(made.blocks, made.said, width if any(body[one.first].background for one in made.blocks) else 1)


def _bound(
    units: list[Unit], carry: Callable[[Node], bool], apart: dict[int, Region], errexit: bool
) -> list[tuple[int, int]]:
    """Spans that state binds together; finds which statements are carried, and where a failure ends the script."""
    dirty: dict[str, int] = {}
    spans: list[tuple[int, int]] = []
    for at, unit in enumerate(units):
        needs = unit.effects.needs - _set_anew(unit)
        spoken = at in apart and (at in apart[at].waits or at in apart[at].kept)
        unit.carried = not (spoken or unit.background or needs & dirty.keys()) and carry(unit.node)
        if unit.carried and not errexit and _may_come(unit, units[at + 1 :]):
            unit.carried = False
        if unit.carried:
            errexit = errexit_after(unit.node, errexit)
            if unit.node.type.startswith("variable_assignment"):
                for name in unit.effects.leaves:
                    if not name.startswith("%"):
                        dirty.pop(name, None)
        elif not spoken:
            known = [dirty[name] for name in (dirty if ANY in needs else needs | AROUND) if name in dirty]
            if known:
                spans.append((min(known), at))
            if unit.effects.previous and at:
                spans.append((at - 1, at))
            if "wait" in unit.effects.calls:
                dirty.pop(CHILDREN, None)
            for name in unit.effects.leaves:
                dirty.setdefault(name, at)
        unit.errexit = errexit
    if CHILDREN in dirty:
        raise Whole(DETACHED)
    return spans


def _may_come(unit: Unit, later: list[Unit]) -> bool:
    """Whether a folder that it goes to may not be there yet, and is made later: then it would go there too late."""
    folder = _CD.fullmatch(unit.text)
    name = re.split(r"/", folder[1].rstrip("/"))[-1] if folder else ""
    if name in ("", ".", ".."):
        return False
    return any(_MAKES.search(other.text) and name in other.text for other in later)


def _set_anew(unit: Unit) -> set[str]:
    """The variables of an assignment whose values before do not matter."""
    if not unit.node.type.startswith("variable_assignment") or "+=" in unit.text or "[" in unit.text:
        return set()
    return {name for name in unit.effects.leaves if len(re.findall(rf"\b{name}\b", unit.text)) == 1}


def _merged(together: list[tuple[int, int]], count: int, beside: list[Region]) -> list[tuple[int, int]]:
    """Every statement in one span; a span that reaches into a region takes all of it."""
    glued = [False] * count  # whether a statement stays with the one before
    for first, last in together:
        for at in range(first + 1, last + 1):
            glued[at] = True
    changed = True
    while changed:
        changed = False
        for region in beside:
            inside = range(region.first, min(region.last + 2, count))
            if any(glued[at] for at in inside) or glued[region.first]:
                for at in range(region.first + 1, region.last + 1):
                    changed |= not glued[at]
                    glued[at] = True
    spans: list[tuple[int, int]] = []
    for at in range(count):
        if at and glued[at]:
            spans[-1] = (spans[-1][0], at)
        else:
            spans.append((at, at))
    return spans


class _Made(NamedTuple):
    blocks: list[Block]
    said: dict[int, str]
    numbers: dict[int, Block]
    waits: dict[int, Waiting]
    frontier: list[int]


def _ordered(spans: list[tuple[int, int]], units: list[Unit], apart: dict[int, Region]) -> _Made:
    """Blocks with what they wait for; statements that are carried, or that only wait, are none."""
    made = _Made([], {}, {}, {}, [])
    frontier = made.frontier
    running: dict[int, int] = {}
    for first, last in spans:
        region = apart.get(first) if first == last else None
        if region is not None and first in region.kept:
            made.said[first] = "its job is known by its id"
        elif region is not None and first in region.waits:
            waiting = made.waits[first] = region.waits[first]
            ended = [at for at in running if waiting.on is None or at in waiting.on]
            strict = waiting.strict or units[first].errexit or first == len(units) - 1
            for at in ended:
                made.numbers[at].ignored = at not in waiting.counts or not strict
            ready = [running.pop(at) for at in ended]
            before = {one for number in ready for one in made.blocks[number].after}
            frontier[:] = [number for number in frontier if number not in before] + ready
            made.said[first] = "what follows waits for their jobs"
        elif not all(units[at].carried for at in range(first, last + 1)):
            block = Block(first, last, list(frontier))
            made.blocks.append(block)
            if units[last].background and region is not None:
                made.numbers[first] = block
                running[first] = len(made.blocks) - 1
            else:
                frontier[:] = [len(made.blocks) - 1]
    return made


def _close(made: _Made, units: list[Unit]) -> None:
    """What is carried behind the last command stays with it, or is a job of its own: it may fail too."""
    if not made.blocks:
        raise Whole("commands that set up the shell alone")
    last, at = made.blocks[-1], len(units)
    while at and units[at - 1].carried:
        at -= 1
    if at == len(units):
        return
    if last.last == at - 1 and not units[last.last].background:
        last.last = len(units) - 1
    elif any(unit.node.type != "function_definition" for unit in units[at:]):
        made.blocks.append(Block(at, len(units) - 1, list(made.frontier)))

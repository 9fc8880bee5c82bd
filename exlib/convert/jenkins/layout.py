"""An order of jobs as stages can say it: blocks one after the other, in each of them chains side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

Chain = list[str]


class Layout(NamedTuple):
    """``waits`` is what each job then waits for; ``stricter`` are the jobs that wait for more than they have to."""

    blocks: list[list[Chain]]
    waits: dict[str, list[str]]
    stricter: frozenset[str]


def layout(ids: Sequence[str], dependencies: Mapping[str, Sequence[str]], *, side_by_side: bool) -> Layout:
    """Blocks for jobs that stand in an order that their dependencies allow.

    Exact where the jobs are what stages can say; else a block is a level, which waits for all of the level before.
    """
    blocks = _blocks(ids, dependencies) if side_by_side else [[list(ids)]] if ids else []
    waits: dict[str, list[str]] = {}
    tails: list[str] = []
    for block in blocks:
        for chain in block:
            for before, job in zip([None, *chain], chain, strict=False):
                waits[job] = tails if before is None else [before]
        tails = [chain[-1] for chain in block]
    wanted, made = _reach(ids, dependencies), _reach(ids, waits)
    return Layout(blocks, waits, frozenset(job for job in ids if made[job] != wanted[job]))


def _reach(ids: Sequence[str], dependencies: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """All that a job waits for, as bits."""
    bit = {job: 1 << at for at, job in enumerate(ids)}
    found: dict[str, int] = {}
    for job in sorted(ids, key=bit.__getitem__):
        reach = 0
        for other in dependencies.get(job, ()):
            reach |= found.get(other, 0) | bit[other]
        found[job] = reach
    return found


def _blocks(ids: Sequence[str], dependencies: Mapping[str, Sequence[str]]) -> list[list[Chain]]:
    needed = _reduced(ids, dependencies)
    dependents: dict[str, list[str]] = {job: [] for job in ids}
    for job in ids:
        for other in needed[job]:
            dependents[other].append(job)
    waiting = {job: len(needed[job]) for job in ids}
    ready = [job for job in ids if not waiting[job]]
    blocks: list[list[Chain]] = []
    while ready:
        chains = [_chain(head, needed, dependents) for head in ready]
        following = _following(chains, waiting, dependents)
        ends = {chain[-1] for chain in chains}
        if any(needed[job] != ends for job in following[0]):
            chains = [[head] for head in ready]
            following = _following(chains, waiting, dependents)
        ready, waiting = following
        blocks.append(chains)
    return blocks


def _chain(head: str, needed: Mapping[str, set[str]], dependents: Mapping[str, Sequence[str]]) -> Chain:
    """The job and those that follow it and nothing else, each followed by nothing else."""
    chain = [head]
    while len(dependents[chain[-1]]) == 1 and needed[after := dependents[chain[-1]][0]] == {chain[-1]}:
        chain.append(after)
    return chain


def _following(
    chains: Sequence[Chain], waiting: Mapping[str, int], dependents: Mapping[str, Sequence[str]]
) -> tuple[list[str], dict[str, int]]:
    """The jobs that are ready after these, in the order of the document, and the counts then."""
    counts = dict(waiting)
    inside = {job for chain in chains for job in chain}
    for job in inside:
        counts.pop(job)
    for job in inside:
        for other in dependents[job]:
            if other in counts:
                counts[other] -= 1
    return [job for job, count in counts.items() if not count], counts


def _reduced(ids: Sequence[str], dependencies: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """The dependencies without those that follow from others."""
    reach = _reach(ids, dependencies)
    bit = {job: 1 << at for at, job in enumerate(ids)}
    found = {}
    for job in ids:
        listed = set(dependencies.get(job, ()))
        beyond = 0
        for other in listed:
            beyond |= reach[other]
        found[job] = {other for other in listed if not beyond & bit[other]}
    return found

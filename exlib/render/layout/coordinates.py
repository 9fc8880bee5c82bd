"""Where nodes stand across their rows, once the order is known.

Row by row, each node is drawn to the mean of its neighbours' places and the whole row is put where the squares of the
distances to those are least, with nodes apart as they must be and in their order. That is isotonic regression, which
pooling adjacent violators solves exactly in linear time (Ayer, Brunk, Ewing, Reid and Silverman, "An Empirical
Distribution Function for Sampling with Incomplete Information", 1955). Sweeps go down and up as in Sugiyama's priority
method; links of bends weigh more than those of boxes, as in Gansner, Koutsofios, North and Vo (1993), so that long
edges run straight. Aligning blocks (Brandes and Köpf, 2001) was tried: with many long edges its blocks push each other
aside without end, and 2,000 jobs came out fifty times as wide.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise

from exlib.render.layout.bends import Chains

_STRAIGHT = 24.0
"""How much a link between bends weighs; all that a bend has to boxes weigh 2 together, a box's own 1 each."""
_ANCHOR = 3.0
"""How much the place of a box in a row of a broken layer weighs."""
_SNAP = 10.0
"""Kinks smaller than this are made straight at the end."""


def across(
    graph: Chains, rows: Sequence[Sequence[int]], breadths: Sequence[float], gap: float, broken: Collection[int] = ()
) -> list[float]:
    """The middle of each node; neighbours in a row are ``gap`` apart, bends half of it.

    Boxes of the rows in ``broken`` are drawn to where they stand when all rows are centred, too: the rows of one layer
    make a block, where they would drift aside to the one trunk that all of them share.
    """
    half = [breadth / 2 + (gap if node < graph.boxes else gap / 2) / 2 for node, breadth in enumerate(breadths)]
    at = [0.0] * len(graph.rows)
    offsets = [_offsets(row, half) for row in rows]
    for row, offset in zip(rows, offsets, strict=True):
        shift = -offset[-1] / 2 if offset else 0.0
        for node, apart in zip(row, offset, strict=True):
            at[node] = apart + shift
    anchored = [place if node < graph.boxes else None for node, place in enumerate(at)]
    for number, row in enumerate(rows):
        if number not in broken:
            for node in row:
                anchored[node] = None
    both = [one + other for one, other in zip(graph.above, graph.below, strict=True)]
    down, up = list(zip(rows, offsets, strict=True)), list(zip(rows, offsets, strict=True))[::-1]
    rounds = 4 if len(at) > 20_000 else 16
    for _ in range(rounds):
        _sweep(down, both, graph.boxes, anchored, at)
        _sweep(up, both, graph.boxes, anchored, at)
    for row, offset in down:
        _straighten(row, offset, graph, at)
    return at


def _sweep(
    rows: Sequence[tuple[Sequence[int], Sequence[float]]],
    neighbours: Sequence[Sequence[int]],
    first_bend: int,
    anchored: Sequence[float | None],
    at: list[float],
) -> None:
    for row, offset in rows:
        wanted, weights = [], []
        for node in row:
            anchor = anchored[node]
            total, weight = (0.0, 0.0) if anchor is None else (anchor * _ANCHOR, _ANCHOR)
            others = neighbours[node]
            for other in others:
                pull = 1.0 if node < first_bend else _STRAIGHT if other >= first_bend else 2 / len(others)
                total += at[other] * pull
                weight += pull
            wanted.append(total / weight if weight else at[node])
            weights.append(weight or 0.1)
        for node, place in zip(row, _nearest(wanted, weights, offset), strict=True):
            at[node] = place


def _straighten(row: Sequence[int], offset: Sequence[float], graph: Chains, at: list[float]) -> None:
    """Bends come exactly under the bend above if boxes leave room, boxes under their one neighbour if it is near.

    Least squares make of a long edge that must go aside many small steps; people would rather see one.
    """
    wanted, weights = [], []
    for node in row:
        place, others = at[node], graph.above[node]
        if node >= graph.boxes:
            place = next((at[other] for other in others if other >= graph.boxes), place)
        elif len(others) == 1 and abs(at[others[0]] - place) < _SNAP:
            place = at[others[0]]
        wanted.append(place)
        weights.append(1.0 if node >= graph.boxes else 1000.0)
    for node, place in zip(row, _nearest(wanted, weights, offset), strict=True):
        at[node] = place


def _offsets(row: Sequence[int], half: Sequence[float]) -> list[float]:
    """How far each node of a row is from its first at least."""
    return list(accumulate((half[one] + half[other] for one, other in pairwise(row)), initial=0.0)) if row else []


def _nearest(wanted: Sequence[float], weights: Sequence[float], offset: Sequence[float]) -> list[float]:
    """Places at least as far apart as ``offset`` has them, nearest to those wanted by weighted squares."""
    pools: list[tuple[float, float, int]] = []  # where, weight, how many nodes
    for place, weight, apart in zip(wanted, weights, offset, strict=True):
        at, count = place - apart, 1
        while pools and pools[-1][0] > at:
            before, heavy, many = pools.pop()
            at = (before * heavy + at * weight) / (heavy + weight)
            weight += heavy
            count += many
        pools.append((at, weight, count))
    steady = [at for at, _, count in pools for _ in range(count)]
    return [at + apart for at, apart in zip(steady, offset, strict=True)]

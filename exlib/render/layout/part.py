"""One part of a graph, laid out by itself: rows, orders and coordinates put together, still across and along."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from exlib.render.layout.bends import Chains, chains
from exlib.render.layout.coordinates import across
from exlib.render.layout.crossing import first_order, ordered
from exlib.render.layout.layering import Edge, broken, widest_row
from exlib.render.layout.model import Band, Piece, Point

GAP = 28.0
"""Between neighbours in a row."""
_LAYERS_APART, _ROWS_APART = 56.0, 34.0
"""Between layers, and between the rows of one layer."""
_LEAST = 1500.0
"""Rows up to this wide are not broken however many boxes they have: a window shows them."""
_WHOLE = 40
"""Boxes of a layer up to which it is one row in any case: in two rows they look as if some came later."""
_BENDS = 20_000


class Part(NamedTuple):
    """A part in terms of across and along; ``corners`` as (across, along)."""

    breadth: float
    depth: float
    corners: list[Point]
    layers: list[int]
    pieces: list[Piece]
    routes: list[list[int]]
    bands: list[Band]
    straight: int


def part(boxes: Sequence[Point], edges: Sequence[Edge], layers: Sequence[int], aspect: float) -> Part:
    """A layout of ``boxes`` (breadth, depth); each of ``edges`` leads from a layer to a later one."""
    used = {layer: place for place, layer in enumerate(sorted(set(layers)))}
    rows, continued = _rows(boxes, edges, [used[layer] for layer in layers], aspect)
    row_of = [0] * len(boxes)
    for number, row in enumerate(rows):
        for node in row:
            row_of[node] = number
    graph = chains(row_of, edges, _BENDS)
    order = ordered(graph, _seeded(graph, rows))
    breadths = [breadth for breadth, _ in boxes] + [0.0] * (len(graph.rows) - len(boxes))
    middle = across(graph, order, breadths, _gap(aspect), {row - 1 for row in continued} | continued)
    least = min([at - breadth / 2 for at, breadth in zip(middle, breadths, strict=True)], default=0.0)
    middle = [at - least for at in middle]
    tops, bottoms = _alongs(boxes, graph, order, middle, continued)
    corners = [
        (middle[node] - breadth / 2, (tops[row_of[node]] + bottoms[row_of[node]] - depth) / 2)
        for node, (breadth, depth) in enumerate(boxes)
    ]
    pieces, routes = _pieces(graph, boxes, corners, middle, tops, bottoms)
    wide = max([at + breadth / 2 for at, breadth in zip(middle, breadths, strict=True)], default=0.0)
    bands = _bands(layers, row_of, tops, bottoms)
    straight = sum(len(route) == 2 and row_of[route[1]] - row_of[route[0]] > 1 for route in graph.routes)
    return Part(wide, bottoms[-1] if bottoms else 0.0, corners, list(layers), pieces, routes, bands, straight)


def _gap(aspect: float) -> float:
    """Boxes are lower than wide, and so is what sets them apart where rows are columns of them."""
    return GAP if aspect > 1 else GAP * 0.6


def _rows(
    boxes: Sequence[Point], edges: Sequence[Edge], layers: Sequence[int], aspect: float
) -> tuple[list[list[int]], set[int]]:
    """The rows in order, each a list of nodes in a first order, and which of them continue the layer above."""
    graph = chains(layers, edges, _BENDS)
    starts = sorted(range(len(boxes)), key=lambda node: (layers[node], node))
    order = ordered(graph, first_order(graph, starts))
    real = [[node for node in row if node < len(boxes)] for row in order]
    breadths = [breadth + _gap(aspect) for breadth, _ in boxes]
    depths = [max([boxes[node][1] for node in row], default=0.0) + _ROWS_APART for row in real]
    least = _LEAST * (1.0 if aspect > 1 else 0.6)
    widest = widest_row([[breadths[node] for node in row] for row in real], depths, least, aspect)
    rows: list[list[int]] = []
    continued: set[int] = set()
    for layer in real:
        split = [layer] if len(layer) <= _WHOLE else broken(layer, breadths, widest)
        continued.update(range(len(rows) + 1, len(rows) + len(split)))
        rows += split
    return rows, continued


def _seeded(graph: Chains, rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """The rows with their bends, each where the mean of its chains' ends is; boxes keep their order.

    Places are counted from a row's middle, since that is how rows will stand above each other.
    """
    at: dict[int, float] = {}
    for row in rows:
        at.update((node, number - (len(row) - 1) / 2) for number, node in enumerate(row))
    sums: dict[int, list[float]] = {}
    for route in graph.routes:
        for bend in route[1:-1]:
            sums.setdefault(bend, []).append((at[route[0]] + at[route[-1]]) / 2)
    at.update((bend, sum(found) / len(found)) for bend, found in sums.items())
    return [sorted(row, key=lambda node: (at[node], node)) for row in graph.in_rows()]


def _alongs(
    boxes: Sequence[Point],
    graph: Chains,
    order: Sequence[Sequence[int]],
    middle: Sequence[float],
    continued: set[int],
) -> tuple[list[float], list[float]]:
    """Where each row begins and ends. Rows stand further apart where links between them reach far across."""
    tops: list[float] = []
    bottoms: list[float] = []
    for number, row in enumerate(order):
        reach = max((abs(middle[node] - middle[other]) for node in row for other in graph.above[node]), default=0.0)
        least = _ROWS_APART if number in continued else _LAYERS_APART
        apart = min(least + reach * 0.05, least + 60)
        tops.append(bottoms[-1] + apart if bottoms else 0.0)
        bottoms.append(tops[-1] + max([boxes[node][1] for node in row if node < len(boxes)], default=0.0))
    return tops, bottoms


def _pieces(
    graph: Chains,
    boxes: Sequence[Point],
    corners: Sequence[Point],
    middle: Sequence[float],
    tops: Sequence[float],
    bottoms: Sequence[float],
) -> tuple[list[Piece], list[list[int]]]:
    """Each link once, and for each route the places of its pieces."""
    places: dict[Edge, int] = {}
    pieces: list[Piece] = []
    routes: list[list[int]] = []
    for route in graph.routes:
        found = []
        for upper, lower in pairwise(route):
            if (upper, lower) not in places:
                places[upper, lower] = len(pieces)
                box = upper < len(boxes)
                start = corners[upper][1] + boxes[upper][1] if box else bottoms[graph.rows[upper]]
                if lower < len(boxes):
                    bend = end = (middle[lower], corners[lower][1])
                else:
                    row = graph.rows[lower]
                    bend, end = (middle[lower], tops[row]), (middle[lower], bottoms[row])
                pieces.append(Piece((middle[upper], start), bend, end))
            found.append(places[upper, lower])
        routes.append(found)
    return pieces, routes


def _bands(layers: Sequence[int], row_of: Sequence[int], tops: Sequence[float], bottoms: Sequence[float]) -> list[Band]:
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for layer, row in zip(layers, row_of, strict=True):
        first[layer] = min(first.get(layer, row), row)
        last[layer] = max(last.get(layer, row), row)
    return [Band(layer, tops[first[layer]], bottoms[last[layer]]) for layer in sorted(first)]

"""A whole layout: the parts of a graph, each laid out, packed, and turned into the direction wanted."""

from __future__ import annotations

from collections.abc import Sequence

from exlib.render.layout.layering import Edge, pulled_ranks, turned
from exlib.render.layout.model import Band, Layout, Piece, Point, Route
from exlib.render.layout.packing import packed, parts
from exlib.render.layout.part import GAP, Part, part

_ASPECT = 1.7
"""How much wider than high a picture is made where there is a choice."""

_ROOM = 750.0
"""Across: small parts up to this broad together stand beside a large one even if it is narrower."""


def layout(
    sizes: Sequence[tuple[float, float]], edges: Sequence[Edge], direction: str = "TB", given: Sequence[int] = ()
) -> Layout:
    """Places for boxes of ``sizes`` (width, height) so that edges (source, target) lead in ``direction``.

    ``direction`` is TB, LR, BT or RL. ``given`` layers, where each edge leads to a later one, are kept, and no part
    is laid out alone, so that layers can be told apart by bands; where an edge does not, they are left out of account.
    """
    backward = turned(len(sizes), edges)
    forward = [(edge[1], edge[0]) if place in backward else edge for place, edge in enumerate(edges)]
    linking = [place for place, (source, target) in enumerate(forward) if source != target]
    if given and any(given[forward[place][0]] >= given[forward[place][1]] for place in linking):
        given = ()
    lying = direction in ("LR", "RL")
    boxes = [(height, width) if lying else (width, height) for width, height in sizes]
    aspect = 1 / _ASPECT if lying else _ASPECT
    groups = [list(range(len(sizes)))] if given else parts(len(sizes), [forward[place] for place in linking])
    inside: list[list[int]] = [[] for _ in groups]
    group_of = {node: number for number, group in enumerate(groups) for node in group}
    for place in linking:
        inside[group_of[forward[place][0]]].append(place)
    canvas = _Canvas(len(sizes), len(edges))
    drawn: list[Part] = []
    for group, places in zip(groups, inside, strict=True):
        number = {node: place for place, node in enumerate(group)}
        linked = [(number[forward[place][0]], number[forward[place][1]]) for place in places]
        layers = [given[node] for node in group] if given else pulled_ranks(len(group), linked)
        drawn.append(part([boxes[node] for node in group], linked, layers, aspect))
    corners = _beside(drawn, [[boxes[node] for node in group] for group in groups])
    corners = corners or packed([(found.breadth, found.depth) for found in drawn], GAP, aspect)
    for group, places, found, corner in zip(groups, inside, drawn, corners, strict=True):
        canvas.put(found, corner, group, places)
    routes = [Route(pieces, place in backward) for place, pieces in enumerate(canvas.routes)]
    return _turned_to(direction, boxes, canvas, routes, drawn[0].bands if given else [])


def _beside(drawn: Sequence[Part], boxes: Sequence[Sequence[Point]]) -> list[Point] | None:
    """Corners of a few small parts close beside the first rows of a large one, None if that is not what there is.

    Begun elsewhere they would be far away, or look as if they came after the rest.
    """
    if len(drawn) < 2:
        return None
    main = max(range(len(drawn)), key=lambda number: (drawn[number].breadth * drawn[number].depth, -number))
    small = [number for number in range(len(drawn)) if number != main]
    deepest = max(drawn[number].depth for number in small)
    room = sum(drawn[number].breadth + GAP for number in small)
    if deepest > drawn[main].depth / 2 or room > max(drawn[main].breadth, _ROOM):
        return None
    left = _reach(drawn[main], boxes[main], deepest) + 2 * GAP
    corners = [(0.0, 0.0)] * len(drawn)
    for number in small:
        corners[number] = (left, 0.0)
        left += drawn[number].breadth + GAP
    return corners


def _reach(found: Part, boxes: Sequence[Point], until: float) -> float:
    """How far across a part reaches in its first rows, as far along as ``until``."""
    ends = [
        across + breadth for (across, along), (breadth, _) in zip(found.corners, boxes, strict=True) if along < until
    ]
    ends += [across for piece in found.pieces if piece.start[1] < until for across, _ in piece]
    return max(ends, default=0.0)


class _Canvas:
    """Parts at their places, in terms of across and along, and in the numbers of the whole graph."""

    def __init__(self, boxes: int, edges: int) -> None:
        self.breadth = self.depth = 0.0
        self.corners: list[Point] = [(0.0, 0.0)] * boxes
        self.layers = [0] * boxes
        self.straight = 0
        self.pieces: list[Piece] = []
        self.routes: list[list[int]] = [[] for _ in range(edges)]

    def put(self, found: Part, corner: Point, nodes: Sequence[int], places: Sequence[int]) -> None:
        """Take over a part whose boxes are ``nodes`` and whose edges are at ``places``."""
        left, top = corner
        self.straight += found.straight
        self.breadth = max(self.breadth, left + found.breadth)
        self.depth = max(self.depth, top + found.depth)
        for node, (across, along), layer in zip(nodes, found.corners, found.layers, strict=True):
            self.corners[node], self.layers[node] = (left + across, top + along), layer
        for place, route in zip(places, found.routes, strict=True):
            self.routes[place] = [len(self.pieces) + piece for piece in route]
        for piece in found.pieces:
            self.pieces.append(Piece(*((left + across, top + along) for across, along in piece)))


def _turned_to(
    direction: str, boxes: Sequence[Point], canvas: _Canvas, routes: Sequence[Route], bands: Sequence[Band]
) -> Layout:
    back = direction in ("BT", "RL")
    lying = direction in ("LR", "RL")

    def point(across: float, along: float) -> Point:
        along = canvas.depth - along if back else along
        return (along, across) if lying else (across, along)

    corners = [
        point(across, along + depth if back else along)
        for (across, along), (_, depth) in zip(canvas.corners, boxes, strict=True)
    ]
    pieces = [Piece(point(*start), point(*bend), point(*end)) for start, bend, end in canvas.pieces]
    if back:
        bands = [Band(layer, canvas.depth - end, canvas.depth - start) for layer, start, end in bands]
    width, height = (canvas.depth, canvas.breadth) if lying else (canvas.breadth, canvas.depth)
    return Layout(width, height, corners, canvas.layers, pieces, routes, bands, canvas.straight)

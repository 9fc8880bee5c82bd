"""What a layout says: where boxes, bends and layers are."""

from collections.abc import Sequence
from typing import NamedTuple

Point = tuple[float, float]


class Piece(NamedTuple):
    """A curve between two rows, from ``start`` to ``bend``, then straight through a row to ``end``.

    ``bend`` and ``end`` are one where the piece ends at a box.
    """

    start: Point
    bend: Point
    end: Point


class Route(NamedTuple):
    """The pieces of an edge, as places in ``Layout.pieces``, shared with other edges of its source or target.

    A ``turned`` route runs against the direction: its pieces lead from its target to its source. An edge of a box to
    itself has no pieces.
    """

    pieces: Sequence[int]
    turned: bool


class Band(NamedTuple):
    """Where a layer lies in the direction of the drawing, from ``start`` to ``end``."""

    layer: int
    start: float
    end: float


class Layout(NamedTuple):
    """``corners`` are the left upper ones of the boxes, ``layers`` the layer of each, in the order of the boxes.

    ``bands`` are there when layers were given. ``straight`` is the number of edges that go straight on, behind boxes in
    their way, since there are too many long ones to lead them all between the boxes.
    """

    width: float
    height: float
    corners: Sequence[Point]
    layers: Sequence[int]
    pieces: Sequence[Piece]
    routes: Sequence[Route]
    bands: Sequence[Band]
    straight: int

"""What every layout keeps: boxes apart, edges that lead on and end at their boxes, and the same for the same graph."""

from __future__ import annotations

import math
import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.render.layout import Layout, layout
from exlib.render.layout.layering import Edge

DIRECTIONS = ["TB", "LR", "BT", "RL"]
ALONG = {"TB": (1, 1), "LR": (0, 1), "BT": (1, -1), "RL": (0, -1)}
"""Which coordinate grows, or shrinks, in a direction."""

Sizes = list[tuple[float, float]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Sizes, list[Edge]]:
    """Any graph: cycles, edges of a box to itself and edges that are there twice are among them."""
    count = draw(st.integers(0, 14))
    sizes = [(float(draw(st.integers(20, 300))), float(draw(st.integers(20, 80)))) for _ in range(count)]
    nodes = st.integers(0, max(count - 1, 0))
    return sizes, draw(st.lists(st.tuples(nodes, nodes), max_size=30)) if count else []


def check(sizes: Sizes, edges: list[Edge], direction: str, found: Layout) -> None:
    check_apart(sizes, found)
    axis, sign = ALONG[direction]
    for (source, target), route in zip(edges, found.routes, strict=True):
        if source == target:
            assert not route.pieces
            assert route.turned
            continue
        first, last = (target, source) if route.turned else (source, target)
        assert found.layers[first] < found.layers[last]
        pieces = [found.pieces[place] for place in route.pieces]
        assert touches(found, sizes, first, pieces[0].start)
        assert touches(found, sizes, last, pieces[-1].end)
        for one, other in pairwise(pieces):
            assert one.end == other.start
        way = [point[axis] * sign for piece in pieces for point in piece]
        assert way == sorted(way)


def check_apart(sizes: Sizes, found: Layout) -> None:
    places = [(left, top, width, height) for (left, top), (width, height) in zip(found.corners, sizes, strict=True)]
    for left, top, width, height in places:
        assert left >= -0.01
        assert top >= -0.01
        assert left + width <= found.width + 0.01
        assert top + height <= found.height + 0.01
    for (x, y, width, height), (ox, oy, other_width, other_height) in combinations(places, 2):
        assert x + width < ox or ox + other_width < x or y + height < oy or oy + other_height < y


def touches(found: Layout, sizes: Sizes, node: int, point: tuple[float, float]) -> bool:
    (left, top), (width, height), (x, y) = found.corners[node], sizes[node], point
    inside = left - 0.01 <= x <= left + width + 0.01 and top - 0.01 <= y <= top + height + 0.01
    edge = min(abs(x - left), abs(x - left - width), abs(y - top), abs(y - top - height)) < 0.01
    return inside and edge


@given(graphs(), st.sampled_from(DIRECTIONS))
def test_any_graph(graph: tuple[Sizes, list[Edge]], direction: str) -> None:
    sizes, edges = graph
    found = layout(sizes, edges, direction)
    check(sizes, edges, direction, found)
    assert found == layout(sizes, edges, direction)


@given(graphs())
def test_only_edges_of_cycles_are_turned(graph: tuple[Sizes, list[Edge]]) -> None:
    sizes, edges = graph
    forward = [(source, target) for source, target in edges if source < target]
    assert not any(route.turned for route in layout(sizes, forward).routes)


@given(graphs(), st.sampled_from(DIRECTIONS))
def test_given_layers_are_kept_and_have_bands_that_hold_them(graph: tuple[Sizes, list[Edge]], direction: str) -> None:
    sizes, edges = graph
    edges = [(source, target) for source, target in edges if source < target]
    levels = [3 * node for node in range(len(sizes))]
    found = layout(sizes, edges, direction, levels)
    check(sizes, edges, direction, found)
    assert list(found.layers) == levels
    assert [band.layer for band in found.bands] == levels
    axis = ALONG[direction][0]
    for band, corner, size in zip(found.bands, found.corners, sizes, strict=True):
        assert band.start - 0.01 <= corner[axis]
        assert corner[axis] + size[axis] <= band.end + 0.01


def test_layers_that_edges_do_not_keep_are_left_out_of_account() -> None:
    found = layout([(100, 40)] * 2, [(0, 1)], given=[1, 0])
    assert (list(found.layers), list(found.bands)) == ([0, 1], [])


def test_a_cycle_is_drawn_with_one_edge_turned() -> None:
    found = layout([(100, 40)] * 3, [(0, 1), (1, 2), (2, 0)])
    assert [route.turned for route in found.routes] == [False, False, True]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    ("name", "edges"),
    [
        ("single jobs", []),
        ("one before all", [(0, node) for node in range(1, 400)]),
        ("all before one", [(node, 399) for node in range(399)]),
        ("pairs", [(node, node + 1) for node in range(0, 400, 2)]),
        ("two layers", [(node, 200 + (node * 7 + step) % 200) for node in range(200) for step in range(3)]),
    ],
)
def test_many_jobs_make_no_endless_line(name: str, edges: list[Edge], direction: str) -> None:
    sizes = [(160.0, 44.0)] * 400
    found = layout(sizes, edges, direction)
    check(sizes, edges, direction, found)
    assert 0.4 < found.width / found.height < 8


def test_a_chain_is_straight() -> None:
    found = layout([(100.0 + node, 40.0) for node in range(50)], [(node, node + 1) for node in range(49)])
    assert all(math.isclose(piece.start[0], piece.end[0], abs_tol=0.01) for piece in found.pieces)


def test_a_long_edge_runs_straight_beside_the_boxes() -> None:
    chains = [(node, node + 1) for node in range(11) if node != 5]
    found = layout([(100.0, 40.0)] * 12, [*chains, (0, 11)])
    way = [found.pieces[place] for place in found.routes[-1].pieces]
    assert found.corners[0][0] != found.corners[11][0]
    assert len({piece.end[0] for piece in way[:-1]}) == 1


def test_edges_of_one_source_share_what_is_the_same_of_their_way() -> None:
    found = layout([(100.0, 40.0)] * 6, [*((node, node + 1) for node in range(5)), (0, 4), (0, 5)])
    four, five = found.routes[-2:]
    assert list(four.pieces[:-1]) == list(five.pieces[:3])
    assert len(set(found.pieces)) == len(found.pieces)


def test_a_tree_has_no_edges_that_cross() -> None:
    edges = [((node - 1) // 3, node) for node in range(1, 40)]
    random.Random(1).shuffle(edges)
    found = layout([(60.0, 30.0)] * 40, edges)
    by_row: dict[float, list[tuple[float, float]]] = {}
    for piece in found.pieces:
        by_row.setdefault(piece.start[1], []).append((piece.start[0], piece.end[0]))
    for links in by_row.values():
        for (one, one_end), (other, other_end) in combinations(links, 2):
            assert (one - other) * (one_end - other_end) >= -0.01


def test_thousands_of_jobs_deep_and_wide() -> None:
    """No recursion, no squares: it ends."""
    chance = random.Random(7)
    chain = [(node, node + 1) for node in range(4999)]
    layout([(100.0, 40.0)] * 5000, chain)
    edges = sorted({(min(pair), max(pair)) for pair in (chance.sample(range(3000), 2) for _ in range(9000))})
    sizes = [(100.0, 40.0)] * 3000
    found = layout(sizes, edges)
    assert len(found.routes) == len(edges)
    assert all(route.pieces for route in found.routes)
    assert 0 < found.straight < len(edges)
    rows: dict[float, list[float]] = {}
    for left, top in found.corners:
        rows.setdefault(top, []).append(left)
    for lefts in rows.values():
        lefts.sort()
        assert all(other - one > 100 for one, other in pairwise(lefts))


SIZE = (100.0, 30.0)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_lone_boxes_stand_close_beside_the_first_level(direction: str) -> None:
    fan = [(0, node) for node in range(1, 6)] + [(node, 6) for node in range(1, 6)]
    edges = [*fan, (6, 7), (7, 8)]
    found = layout([SIZE] * 11, edges, direction)
    check([SIZE] * 11, edges, direction, found)
    axis, _ = ALONG[direction]
    first, lone, other = (found.corners[node] for node in (0, 9, 10))
    assert first[axis] == lone[axis] == other[axis]
    near = 2.5 * SIZE[1 - axis] + 60
    assert 0 < lone[1 - axis] - first[1 - axis] < near
    assert 0 < other[1 - axis] - lone[1 - axis] < near


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_a_level_is_one_row_up_to_forty_boxes(direction: str) -> None:
    axis, _ = ALONG[direction]
    for count, whole in ((40, True), (200, False)):
        found = layout([SIZE] * (count + 1), [(0, node) for node in range(1, count + 1)], direction)
        assert (len({corner[axis] for corner in found.corners[1:]}) == 1) is whole

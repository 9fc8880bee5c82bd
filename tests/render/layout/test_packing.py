"""Parts that nothing links, and how they are packed."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from exlib.render.layout.packing import packed, parts

RECTANGLES = st.lists(st.tuples(st.floats(1, 500), st.floats(1, 500)), max_size=20)


@given(RECTANGLES)
def test_nothing_overlaps(sizes: list[tuple[float, float]]) -> None:
    places = list(zip(packed(sizes, 10, 1.7), sizes, strict=True))
    for ((x, y), (width, height)), ((ox, oy), (other_width, other_height)) in combinations(places, 2):
        assert x + width < ox or ox + other_width < x or y + height < oy or oy + other_height < y


def test_equal_rectangles_keep_their_order_in_a_good_form() -> None:
    corners = packed([(100, 50)] * 100, 10, 1.7)
    assert corners == sorted(corners, key=lambda corner: (corner[1], corner[0]))
    assert 1 < (max(x for x, _ in corners) + 100) / (max(y for _, y in corners) + 50) < 2.5


def test_parts_come_in_the_order_of_their_first() -> None:
    assert parts(6, [(4, 1), (0, 5), (2, 4)]) == [[0, 5], [1, 2, 4], [3]]

"""Blocks of chains: no order is lost, and what stages can say is said exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.jenkins.layout import layout


@pytest.mark.parametrize(
    ("edges", "blocks"),
    [
        ({"a": "", "b": "a", "c": "b"}, [[["a", "b", "c"]]]),
        ({"a": "", "b": "", "c": ""}, [[["a"], ["b"], ["c"]]]),
        ({"a": "", "b": "a", "c": "a", "d": "bc"}, [[["a"]], [["b"], ["c"]], [["d"]]]),
        ({"a": "", "b": "a", "c": "", "d": "bc"}, [[["a", "b"], ["c"]], [["d"]]]),
        (
            {"a": "", "b": "", "c": "ab", "d": "ab", "e": "cd", "f": "ae"},
            [[["a"], ["b"]], [["c"], ["d"]], [["e", "f"]]],
        ),
    ],
)
def test_what_stages_can_say(edges: dict[str, str], blocks: list[list[list[str]]]) -> None:
    made = layout(list(edges), {job: list(before) for job, before in edges.items()}, side_by_side=True)
    assert made.blocks == blocks
    assert not made.stricter


def test_what_they_cannot_say_is_stricter() -> None:
    made = layout(list("abcd"), {"c": ["a"], "d": ["a", "b"]}, side_by_side=True)
    assert made.blocks == [[["a"], ["b"]], [["c"], ["d"]]]
    assert made.stricter == {"c"}


def test_one_at_a_time() -> None:
    made = layout(list("abc"), {"c": ["a"]}, side_by_side=False)
    assert made.blocks == [[["a", "b", "c"]]]
    assert made.stricter == {"b", "c"}


@given(st.lists(st.sets(st.integers(0, 11)), max_size=12), st.booleans())
def test_no_order_is_lost(drawn: list[set[int]], side_by_side: bool) -> None:
    ids = [str(number) for number in range(len(drawn))]
    edges = {str(job): [str(other) for other in sorted(before) if other < job] for job, before in enumerate(drawn)}
    made = layout(ids, edges, side_by_side=side_by_side)
    assert sorted(job for block in made.blocks for chain in block for job in chain) == sorted(ids)
    reach: dict[str, set[str]] = {}
    for block in made.blocks:
        for chain in block:
            for job in chain:
                reach[job] = {other for each in made.waits[job] for other in (each, *reach[each])}
    for job in ids:
        assert set(edges[job]) <= reach[job]
        wanted: set[str] = set()
        for other in edges[job]:
            wanted |= {other} | _ancestors(other, edges)
        assert (job in made.stricter) == (reach[job] != wanted)


def _ancestors(job: str, edges: dict[str, list[str]]) -> set[str]:
    return {found for other in edges[job] for found in (other, *_ancestors(other, edges))}

"""Chains of long edges: which bends they share, and what becomes of them when there are too many."""

from __future__ import annotations

from exlib.render.layout.bends import chains


def test_edges_of_one_source_share_their_bends() -> None:
    found = chains([0, 1, 2, 3], [(0, 2), (0, 3), (0, 1)], 10)
    first, second, _ = found.routes
    assert first == [0, 4, 2]
    assert second[:2] == [0, 4]
    assert len(found.rows) == 6


def test_edges_of_one_target_share_their_bends() -> None:
    found = chains([0, 0, 0, 2], [(0, 3), (1, 3), (2, 3)], 10)
    assert found.routes == [[0, 4, 3], [1, 4, 3], [2, 4, 3]]


def test_the_longest_edges_go_without_bends_when_there_are_too_many() -> None:
    found = chains([0, 0, 2, 9], [(0, 3), (1, 2)], 3)
    assert found.routes == [[0, 3], [1, 4, 2]]
    assert found.below[0] == []

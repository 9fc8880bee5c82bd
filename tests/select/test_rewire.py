"""What the kept jobs depend on once others are gone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flows import chain, graphs_and_kept, job, roster
from hypothesis import given

from exlib.document import Document
from exlib.graph import Graph
from exlib.select import Roster, cut, rewire
from exlib.workflow import dependency_entries, dependency_ids


def left(flow: Roster, kept: str, *, bridge: bool = True) -> dict[str, Any]:
    """The dependencies of the kept jobs, by id."""
    nodes = sorted(flow.index[name] for name in kept)
    product = Document(cut(flow, nodes, rewire(flow, nodes, bridge=bridge)))
    return {raw["id"]: raw["dependencies"] for raw in product.jobs}


def reach(graph: Graph) -> set[tuple[str, str]]:
    """Which job comes before which."""
    return {(graph.ids[n], graph.ids[m]) for n in range(len(graph)) for m in graph.ancestors([n])}


@given(graphs_and_kept())
def test_the_order_among_kept_jobs_stays(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    names = {flow.ids[node] for node in kept}
    after = Roster(Document(cut(flow, kept, rewire(flow, kept))))
    assert after.ids == [flow.ids[node] for node in kept]
    assert reach(after.graph) == {pair for pair in reach(flow.graph) if names.issuperset(pair)}
    assert not after.graph.missing


@given(graphs_and_kept())
def test_own_dependencies_stay_and_none_is_there_twice(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    names = {flow.ids[node] for node in kept}
    for node, entries in rewire(flow, kept).entries.items():
        wanted = dependency_ids({"dependencies": entries})
        assert len(wanted) == len(entries)
        own = [name for name in dependency_ids(flow.document.jobs[node]) if name in names]
        assert [name for name in wanted if name in own] == own


@given(graphs_and_kept())
def test_nothing_is_inherited_that_another_dependency_implies(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    after = Roster(Document(cut(flow, kept, rewire(flow, kept))))
    for place, node in enumerate(kept):
        own = dependency_ids(flow.document.jobs[node])
        direct = after.graph.dependencies[place]
        implied = after.graph.ancestors(direct)
        assert not [after.ids[n] for n in direct if n in implied and after.ids[n] not in own]


@given(graphs_and_kept(cyclic=True))
def test_cycles_end_the_walk_and_no_job_comes_to_wait_for_itself(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    names = {flow.ids[node] for node in kept}
    after = Roster(Document(cut(flow, kept, rewire(flow, kept))))
    before = {(a, b) for a, b in reach(flow.graph) if {a, b} <= names and a != b}
    assert {(a, b) for a, b in reach(after.graph) if a != b} == before
    for place, node in enumerate(kept):
        if place in after.graph.dependencies[place]:
            assert node in flow.graph.dependencies[node]


@given(graphs_and_kept())
def test_without_bridging_just_the_edges_to_removed_jobs_go(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    rewiring = rewire(flow, kept, bridge=False)
    after = Roster(Document(cut(flow, kept, rewiring)))
    for place, node in enumerate(kept):
        stayed = [flow.ids[other] for other in flow.graph.dependencies[node] if other in kept]
        gone = [other for other in flow.graph.dependencies[node] if other not in kept]
        assert [after.ids[other] for other in after.graph.dependencies[place]] == stayed
        assert [other for job_node, other in dict.fromkeys(rewiring.dropped) if job_node == node] == gone


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("ad", {"a": [], "d": ["a"]}),
        ("bd", {"b": [], "d": ["b"]}),
        ("abd", {"a": [], "b": ["a"], "d": ["b"]}),
        ("d", {"d": []}),
    ],
)
def test_a_chain(kept: str, expected: dict[str, Any]) -> None:
    assert left(chain("abcd"), kept) == expected


def test_inherited_ones_stand_where_the_removed_one_stood() -> None:
    flow = roster(job("a"), job("b"), job("c"), job("x", "b", "a"), job("z", "c", "x", "a"))
    assert left(flow, "abcz")["z"] == ["c", "b", "a"]


def test_waits_of_a_removed_job_are_inherited_once() -> None:
    wait = {"plugin": "file", "params": {"path": "in.csv"}}
    same = {"params": {"path": "in.csv"}, "plugin": "file"}
    flow = roster(job("a", wait), job("b", same, "a"), job("z", "a", "b"))
    assert left(flow, "z") == {"z": [wait]}


def test_what_stands_on_an_edge_is_inherited_with_it() -> None:
    flow = roster(job("a"), job("b", {"job": "a", "x-when": "night"}), job("z", "b"))
    assert left(flow, "az")["z"] == [{"job": "a", "x-when": "night"}]


def test_an_unknown_id_is_inherited_and_told() -> None:
    flow = roster(job("a", "ghost"), job("b", "a", "phantom"), job("c", "spectre"))
    assert left(flow, "bc") == {"b": ["ghost", "phantom"], "c": ["spectre"]}
    assert rewire(flow, [1, 2]).unknown == [(1, "ghost"), (1, "phantom"), (2, "spectre")]


def test_what_another_dependency_implies_is_not_inherited() -> None:
    flow = roster(job("a"), job("b", "a"), job("c", "a"), job("d", "b", "c"))
    assert left(flow, "acd")["d"] == ["c"]


def test_what_is_implied_through_others_is_not_inherited() -> None:
    flow = roster(job("a"), job("b", "a"), job("c", "a"), job("d", "c"), job("e", "d"), job("f", "b", "e"))
    assert left(flow, "acdef")["f"] == ["e"]
    assert left(flow, "aef") == {"a": [], "e": ["a"], "f": ["e"]}


def test_a_removed_job_hands_on_no_more_than_needed() -> None:
    flow = roster(job("a"), job("b", "a"), job("r", "a", "b"), job("x", "r"), job("y", "r"))
    assert left(flow, "abxy") == {"a": [], "b": ["a"], "x": ["b"], "y": ["b"]}


def test_a_job_that_continues_on_error_implies_nothing() -> None:
    flow = roster(job("a"), job("b", "a"), job("c", "a", continue_on_error=True), job("d", "b", "c"))
    assert left(flow, "acd")["d"] == ["a", "c"]


def test_a_cycle_through_removed_jobs_is_cut_and_told() -> None:
    flow = roster(job("a", "b"), job("b", "c"), job("c", "a"))
    assert left(flow, "a") == {"a": []}
    assert rewire(flow, [0]).cut == [0]
    assert left(flow, "ab") == {"a": ["b"], "b": ["a"]}


def test_jobs_on_a_cycle_do_not_imply_each_other_away() -> None:
    flow = roster(
        job("x", "r"), job("r", "y"), job("y", "s"), job("s", "x"), job("z", "t"), job("t", "x", "y"), job("q", "z")
    )
    assert left(flow, "xyzq") == {"x": ["y"], "y": ["x"], "z": ["x", "y"], "q": ["z"]}


def test_a_comma_string_stays_unless_it_must_change() -> None:
    flow = roster(job("a"), job("b"), {"id": "c", "dependencies": "a , b"}, {"id": "d", "dependencies": "c,a"})
    assert left(flow, "abd") == {"a": [], "b": [], "d": ["b", "a"]}
    assert left(flow, "abc")["c"] == "a , b"


def test_entries_that_no_one_can_read_stay() -> None:
    flow = roster(job("a"), job("b", "a", 7, None, ["a"], {"job": 3}))
    assert left(flow, "b")["b"] == [7, None, ["a"], {"job": 3}]


@pytest.mark.parametrize("step", [1, -1])
def test_long_chains_neither_recurse_nor_copy(step: int) -> None:
    count = 100_000
    jobs = [{"id": f"n{n}", "dependencies": [f"n{n - 1}"] if n else []} for n in range(count)]
    flow = Roster(Document(json.dumps({"jobs": jobs[::step]}).encode()))
    every_second = range(0, count, 2)
    rewiring = rewire(flow, every_second)
    assert rewiring.inherited == count // 2 - 1
    last = flow.index[f"n{count - 1}"]
    assert rewire(flow, {last, flow.index["n0"]}).entries == {last: ["n0"]}


def test_leaves_of_a_long_removed_chain_share_what_they_inherit() -> None:
    count = 30_000
    jobs = [{"id": f"n{n}", "dependencies": [f"n{n - 1}"] if n else []} for n in range(count)]
    jobs += [{"id": f"leaf{n}", "dependencies": [f"n{n}"]} for n in range(count)]
    flow = Roster(Document(json.dumps({"jobs": jobs}).encode()))
    rewiring = rewire(flow, [0, *range(count, 2 * count)])
    assert rewiring.inherited == count - 1
    assert all(entries == ["n0"] for entries in rewiring.entries.values())


def test_layers_do_not_multiply() -> None:
    width, depth = 12, 40
    jobs = [
        {
            "id": f"l{level}_{n}",
            "dependencies": [f"l{level - 1}_{m % width}" for m in (n, n + 1, n + 5)] if level else [],
        }
        for level in range(depth)
        for n in range(width)
    ]
    flow = Roster(Document(json.dumps({"jobs": jobs}).encode()))
    entries = rewire(flow, [node for node in range(len(flow)) if node % 4 == 0]).entries
    assert max(len(listed) for listed in entries.values()) <= width
    assert all(len(dependency_entries({"dependencies": listed})) == len(listed) for listed in entries.values())

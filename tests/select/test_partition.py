"""One document into several: each job in exactly one, linked jobs together."""

from __future__ import annotations

import pytest
from flows import graphs_and_kept, job, roster
from hypothesis import given
from hypothesis import strategies as st

from exlib.document import Document
from exlib.select import Part, Roster, by_component, by_tag, cut, into_parts, rewire
from exlib.select.partition import file_names


def shown(flow: Roster, parts: list[Part]) -> dict[str, str]:
    return {part.name: "".join(flow.ids[node] for node in part.nodes) for part in parts}


@given(graphs_and_kept())
def test_components_hold_each_job_once_and_cut_no_dependency(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    rewiring = rewire(flow, kept)
    parts = by_component(flow, kept, rewiring)
    assert sorted(node for part in parts for node in part.nodes) == kept
    whole = Roster(Document(cut(flow, kept, rewiring)))
    edges = 0
    for part in parts:
        alone = Roster(Document(cut(flow, part.nodes, rewiring)))
        assert not alone.graph.missing
        edges += sum(map(len, alone.graph.dependencies))
    assert edges == sum(map(len, whole.graph.dependencies))


@given(graphs_and_kept(), st.integers(1, 5))
def test_parts_are_balanced_as_far_as_components_allow(drawn: tuple[Roster, list[int]], count: int) -> None:
    flow, kept = drawn
    rewiring = rewire(flow, kept)
    groups = [set(part.nodes) for part in by_component(flow, kept, rewiring)]
    parts = into_parts(flow, kept, rewiring, count)
    assert len(parts) == min(count, len(groups))
    assert sorted(node for part in parts for node in part.nodes) == kept
    assert all(any(group <= set(part.nodes) for part in parts) for group in groups)
    sizes = [len(part.nodes) for part in parts]
    assert max(sizes) - min(sizes) <= max(map(len, groups))
    assert all(part.nodes == sorted(part.nodes) for part in parts)


def test_jobs_linked_by_a_removed_job_alone_are_apart() -> None:
    flow = roster(job("r"), job("a", "r"), job("b", "r"))
    assert shown(flow, by_component(flow, [1, 2], rewire(flow, [1, 2]))) == {"component-1": "a", "component-2": "b"}


def test_numbers_are_as_wide_as_the_last() -> None:
    flow = roster(*(job(f"j{n}") for n in range(10)))
    nodes = list(range(10))
    names = [part.name for part in by_component(flow, nodes, rewire(flow, nodes))]
    assert names[0] == "component-01"
    assert names[-1] == "component-10"


def test_a_job_stands_under_its_first_tag_and_others_under_untagged() -> None:
    flow = roster(job("a", tags=["x", "y"]), job("b", tags=["y", "x"]), job("c"), job("d", tags=[]), job("e", tags="x"))
    made = by_tag(flow, range(5))
    assert shown(flow, made.parts) == {"x": "ae", "y": "b", "untagged": "cd"}
    assert not made.crossing


def test_documents_of_tags_are_listed_in_the_order_in_which_they_run() -> None:
    flow = roster(job("z", "a", tags=["late"]), job("a", "m", tags=["early"]), job("m", tags=["first"]))
    made = by_tag(flow, range(3))
    assert [part.name for part in made.parts] == ["first", "early", "late"]
    assert made.crossing == [(0, 1), (1, 2)]
    assert made.ordered


def test_documents_that_wait_for_each_other_have_no_order() -> None:
    flow = roster(job("a", tags=["x"]), job("b", "a", tags=["y"]), job("c", "b", tags=["x"]))
    made = by_tag(flow, range(3))
    assert [part.name for part in made.parts] == ["x", "y"]
    assert not made.ordered
    inner = rewire(flow, made.parts[0].nodes)
    assert inner.entries == {2: ["a"]}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["db", "DB", "db-2"], ["db", "DB-2", "db-2-2"]),
        (["a/b", "../../etc", "a b", "a:b"], ["a-b", "etc", "a-b-2", "a-b-3"]),
        (["", ".", "..", "-"], ["part", "part-2", "part-3", "part-4"]),
        (["é", "e\u0301"], ["é", "é-2"]),
        (["x" * 300], ["x" * 60]),
        (["untagged", "untagged"], ["untagged", "untagged-2"]),
    ],
)
def test_file_names(wanted: list[str], names: list[str]) -> None:
    assert file_names(wanted) == names


@given(st.lists(st.text(max_size=80), max_size=6))
def test_file_names_are_plain_and_differ(wanted: list[str]) -> None:
    names = file_names(wanted)
    assert len({name.casefold() for name in names}) == len(wanted)
    for name in names:
        assert name
        assert not set(name) & set("/\\\0\n:*?\"<>|' ")
        assert not name.startswith((".", "-"))
        assert len(f"{name}.json".encode()) <= 255

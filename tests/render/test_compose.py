"""From a workflow to a picture: what is drawn, what is left out, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.graph import Graph
from exlib.render.measures import Ending, Measures, reckoned
from exlib.render.picture import Picture
from tests.graphs import acyclic
from tests.render.pictures import DIAMOND, chain, picture, workflow


def edges(shown: Picture) -> set[tuple[str, str]]:
    return {(shown.boxes[arrow.source].id, shown.boxes[arrow.target].id) for arrow in shown.arrows}


def ids(shown: Picture) -> list[str]:
    return [box.id for box in shown.boxes]


def test_arrows_lead_from_the_dependency() -> None:
    shown = picture(workflow(DIAMOND))
    assert edges(shown) == {("prepare", "left"), ("prepare", "right"), ("left", "join"), ("right", "join")}
    assert [box.level for box in shown.boxes] == [0, 1, 1, 2]


def as_workflow(graph: Graph) -> dict[str, Any]:
    names = graph.ids
    return workflow({name: [names[other] for other in graph.dependencies[n]] for n, name in enumerate(names)})


def reach(pairs: set[tuple[str, str]], names: list[str]) -> dict[str, frozenset[str]]:
    graph = Graph(names, [[source for source, target in pairs if target == name] for name in names])
    return {name: frozenset(names[other] for other in graph.ancestors([n])) for n, name in enumerate(names)}


@given(acyclic())
def test_a_reduced_picture_orders_its_boxes_in_the_same_way(graph: Graph) -> None:
    whole, thin = (picture(as_workflow(graph), reduce=wanted, critical=True) for wanted in (False, True))
    assert edges(thin) <= edges(whole)
    assert reach(edges(thin), ids(thin)) == reach(edges(whole), ids(whole))


@given(acyclic())
def test_the_critical_path_is_one_line_of_arrows_reduced_or_not(graph: Graph) -> None:
    shown = picture(as_workflow(graph), reduce=True, critical=True)
    critical = [n for n, box in enumerate(shown.boxes) if box.critical]
    assert len([arrow for arrow in shown.arrows if arrow.critical]) == max(len(critical) - 1, 0)
    assert {arrow.source for arrow in shown.arrows if arrow.critical} <= set(critical)


def test_many_boxes_are_reduced_unless_somebody_objects() -> None:
    jobs = chain([f"job{n}" for n in range(101)]) | {"job100": ["job99", "job0"]}
    assert len(picture(workflow(jobs)).arrows) == 100
    assert len(picture(workflow(jobs), reduce=False).arrows) == 101
    assert picture(workflow(jobs)).note == "1 implied arrow left out"
    few = {name: needs for name, needs in jobs.items() if name != "job0"} | {"job1": [], "job100": ["job99", "job1"]}
    assert len(picture(workflow(few)).arrows) == 100


@given(acyclic(), st.integers(0, 3))
def test_around_shows_what_is_within_so_many_steps(graph: Graph, depth: int) -> None:
    if not len(graph):
        return
    shown = picture(as_workflow(graph), around=[graph.ids[0]], depth=depth)
    near = {0}
    for steps in (graph.dependencies, graph.dependents):
        edge = {0}
        for _ in range(depth):
            edge = {other for node in edge for other in steps[node]}
            near |= edge
    assert ids(shown) == [graph.ids[node] for node in sorted(near)]


def test_a_circle_is_drawn_and_marked() -> None:
    shown = picture(workflow({"first": [], "egg": ["hen", "first"], "hen": ["egg"], "last": ["hen"]}), critical=True)
    wrong = {(shown.boxes[a.source].id, shown.boxes[a.target].id) for a in shown.arrows if a.wrong}
    assert wrong == {("egg", "hen"), ("hen", "egg")}
    assert not any(box.critical for box in shown.boxes)  # where nothing can end there is no path to the end


def test_a_missing_job_is_a_ghost() -> None:
    shown = picture(workflow({"a": ["nowhere"], "b": ["a", "nowhere"]}))
    assert [box.id for box in shown.boxes if box.missing] == ["nowhere"]
    assert sum(arrow.wrong for arrow in shown.arrows) == 2


@pytest.mark.parametrize(
    ("prefixes", "expected"),
    [
        (["1"], ["stage1.*", "stage2.*", "PR_*", "alone", "x_y"]),
        (["2"], ["stage1.load.*", "stage1.index.c", "stage2.a", "stage2.b", "PR_1", "PR_2", "alone", "x_y"]),
        (["PR"], ["stage1.load.a", "stage1.load.b", "stage1.index.c", "stage2.a", "stage2.b", "PR*", "alone", "x_y"]),
        (["stage1.load.", "stage"], ["stage1.load.*", "stage*", "PR_1", "PR_2", "alone", "x_y"]),
        (["nothing"], None),
    ],
)
def test_prefixes_collapse(prefixes: list[str], expected: list[str] | None) -> None:
    names = "stage1.load.a stage1.load.b stage1.index.c stage2.a stage2.b PR_1 PR_2 alone x_y".split()
    shown = picture(workflow({name: [] for name in names}), prefixes=prefixes)
    assert ids(shown) == (expected or names)


def test_a_group_is_named_by_the_glob_that_finds_its_jobs() -> None:
    from fnmatch import fnmatchcase

    names = "stage1.load.a stage1.load.b stage1.index.c PR_1 PR_2".split()
    for box in picture(workflow({name: [] for name in names}), prefixes=["1"]).boxes:
        assert list(box.members) == [name for name in names if fnmatchcase(name, box.id)]


def test_tags_collapse_before_prefixes() -> None:
    data = workflow({"a_1": [], "a_2": ["a_1"], "a_3": ["a_2"], "a_4": ["a_3"]})
    data["jobs"][0]["tags"] = data["jobs"][1]["tags"] = ["slow", "db"]
    shown = picture(data, prefixes=["1"], tags=["d*"])
    assert ids(shown) == ["tag db", "a_*"]
    assert edges(shown) == {("tag db", "a_*")}


def test_merged_arrows_count_dependencies() -> None:
    shown = picture(workflow({"a_1": [], "a_2": [], "b_1": ["a_1", "a_2"], "b_2": ["a_1"]}), prefixes=["1"])
    assert [arrow.merged for arrow in shown.arrows] == [3]


def test_a_circle_of_groups_is_told_apart_from_one_of_jobs() -> None:
    shown = picture(workflow({"a_1": [], "b": ["a_1"], "a_2": ["b"], "c": ["c"]}), prefixes=["1"])
    assert {shown.boxes[a.source].id for a in shown.arrows if a.mutual} == {"a_*", "b"}
    assert [shown.boxes[a.source].id for a in shown.arrows if a.wrong] == ["c"]
    assert "circle" in shown.note
    sound = picture(workflow({"a_1": [], "a_2": ["a_1"], "b": ["a_1", "a_2"]}), prefixes=["1"])
    assert "circle" not in sound.note


@given(acyclic(), st.lists(st.sampled_from(["0", "1", "2", "3"]), min_size=12, max_size=12))
def test_collapsing_loses_no_job_and_no_dependency(graph: Graph, tags: list[str]) -> None:
    data = as_workflow(graph)
    for job, tag in zip(data["jobs"], tags, strict=False):
        job["tags"] = [tag]
    shown = picture(data, tags=["*"])
    home = {name: n for n, box in enumerate(shown.boxes) for name in box.members or [box.id]}
    assert sorted(home) == sorted(graph.ids)
    between = [(home[graph.ids[o]], home[graph.ids[n]]) for n in range(len(graph)) for o in graph.dependencies[n]]
    outside = [pair for pair in between if pair[0] != pair[1]]
    assert {(arrow.source, arrow.target): arrow.merged for arrow in shown.arrows} == {
        pair: outside.count(pair) for pair in outside
    }


def test_a_job_called_as_a_group_keeps_a_box_of_its_own() -> None:
    shown = picture(workflow({"a_1": [], "a_2": [], "a_*": []}), prefixes=["a_1", "a_2"])
    assert len(set(ids(shown))) == 3
    shown = picture(workflow({"b_*": [], "x": ["b_*"]}) | {"jobs": workflow({"b_*": [], "b_1": [], "b_2": []})["jobs"]})
    assert ids(shown) == ["b_*", "b_1", "b_2"]


def test_what_a_run_did_is_shown() -> None:
    endings = {"prepare": Ending("success", "2026-01-01T00:00:00Z", 1.5, 2), "left": Ending("failed", "x", 0.5, 1)}
    shown = picture(workflow(DIAMOND), Measures(endings=endings, run="run 1, failed"), labels=("id", "duration"))
    assert [box.status for box in shown.boxes] == ["success", "failed", "pending", "pending"]
    assert [list(box.lines) for box in shown.boxes] == [["1.5s, 2 tries"], ["0.50s"], [], []]
    assert shown.run == "run 1, failed"


def test_a_group_is_as_bad_as_its_worst_job() -> None:
    endings = {"a_1": Ending("success"), "a_2": Ending("failed"), "b_1": Ending("success"), "b_2": Ending("reused")}
    shown = picture(workflow({name: [] for name in endings}), Measures(endings=endings, run="run 1"), prefixes=["1"])
    assert [box.status for box in shown.boxes] == ["failed", "success"]
    assert list(shown.boxes[0].lines) == ["2 jobs", "1 failed, 1 success"]


def test_details_are_there_when_asked_for_and_values_of_variables_never() -> None:
    data = workflow({"a": []}, env_variables={"NAME": "the value"}, description="words", timeout=5, max_retries=2)
    assert picture(data).boxes[0].detail == {}
    detail = picture(data, details=True).boxes[0].detail
    assert detail["env"] == ["NAME"]
    assert (detail["description"], detail["timeout"], detail["retries"]) == ("words", 5, 2)
    assert "the value" not in str(detail)


def test_durations_come_from_runs_then_timeouts_then_nowhere() -> None:
    from exlib.document import Document
    from exlib.render.sketch import sketch

    jobs, _ = sketch(Document(b'{"jobs":[{"id":"a","command":"x","timeout":5},{"id":"b","command":"x","timeout":9}]}'))
    assert reckoned(jobs.jobs, {}) == ({"a": 5, "b": 9}, "by timeouts")
    assert reckoned(jobs.jobs, {"a": 2.0}) == ({"a": 2.0, "b": 2.0}, "by past runs")
    alike, _ = sketch(Document(b'{"jobs":[{"id":"a","command":"x"},{"id":"b","command":"x"}]}'))
    assert reckoned(alike.jobs, {}) == ({"a": 1.0, "b": 1.0}, "")


def test_a_wide_graph_leads_to_the_right() -> None:
    assert picture(workflow({"a": []} | {f"b{n}": ["a"] for n in range(9)})).direction == "LR"
    assert picture(workflow(DIAMOND)).direction == "TB"
    assert picture(workflow(DIAMOND), direction="BT").direction == "BT"


def test_what_cannot_be_read_is_left_out_and_the_rest_drawn() -> None:
    data = {
        "jobs": [{"id": "a"}, 5, {"command": "x", "dependencies": ["a"]}, {"id": "a", "command": 3, "timeout": "x"}]
    }
    shown = picture(data)
    assert ids(shown) == ["a", "(job 2)", "(job 3)", "a (2)"]
    assert edges(shown) == {("a", "(job 3)")}

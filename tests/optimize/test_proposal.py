"""Documents as they come out: what changes, what stays byte for byte, and that their order is the one they had."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from exlib import rules, schema
from exlib.document import Document
from exlib.graph import Graph
from exlib.optimize.edits import DROPPED
from exlib.optimize.proposal import Proposal, propose
from exlib.report.optimize_json import as_json
from exlib.report.optimize_sheet import sheet
from exlib.report.optimize_words import done
from exlib.report.sheet_markdown import sheet_markdown
from exlib.select import Roster
from exlib.simulation.durations import of_one_unit
from exlib.simulation.past import Past
from exlib.simulation.sources import Source
from exlib.workflow import Workflow
from tests.graphs import acyclic
from tests.optimize.test_advice import of_runs


def proposed(text: str, past: Mapping[str, Past] | None = None, **options: Any) -> Proposal:
    document = Document(text.encode())
    assert not rules.errors(document), rules.errors(document)
    workflow = Workflow.from_document(document)
    source = Source(of_one_unit(workflow.jobs, "a test"), past or {}, [])
    return propose(Roster(document), workflow, source=source, workers=2, **options)


def optimized(text: str, **options: Any) -> str:
    return proposed(text, **options).raw.decode()


def workflow_of(*jobs: tuple[str, Any], **more: Any) -> str:
    made = [{"id": name, "command": "true", "dependencies": wanted} for name, wanted in jobs]
    return json.dumps({"jobs": made, **more})


def lists(text: str) -> list[Any]:
    return [job.get("dependencies") for job in json.loads(text)["jobs"]]


def pairs(text: str) -> set[tuple[int, int]]:
    graph = Roster(Document(text.encode())).graph
    return {(node, other) for node in range(len(graph)) for other in graph.ancestors([node])}


def around_the_lists(text: str) -> list[str]:
    """The text without the values of ``dependencies``."""
    document, pieces, at = Document(text.encode()), [], 0
    for node in range(len(document.jobs)):
        span = document.positions.span(("jobs", node, "dependencies"))
        pieces.append(text[at : span.start])
        at = span.end
    return [*pieces, text[at:]]


CHAIN: tuple[tuple[str, Any], ...] = (("a", []), ("b", ["a"]))


@pytest.mark.parametrize(
    ("listed", "left"),
    [
        (["a", "b"], ["b"]),
        (["b", "a", "b"], ["b"]),
        ("a, b", "b"),
        ("a,b , b", "b"),
        ("b", "b"),
        ([{"job": "a"}, {"job": "b"}], [{"job": "b"}]),
        ([{"job": "a", "x-why": "a licence"}, "b"], [{"job": "a", "x-why": "a licence"}, "b"]),
        ([{"job": "a", "x-why": "a licence"}, "a", "b"], [{"job": "a", "x-why": "a licence"}, "b"]),
        (["a", {"plugin": "file", "params": {"path": "/x"}}, "b"], [{"plugin": "file", "params": {"path": "/x"}}, "b"]),
        ([{"plugin": "file", "params": {"path": "/x"}}] * 2, [{"plugin": "file", "params": {"path": "/x"}}] * 2),
        ([], []),
        (None, None),
    ],
)
def test_every_way_to_write_dependencies(listed: Any, left: Any) -> None:
    assert lists(optimized(workflow_of(*CHAIN, ("c", listed))))[2] == left


def test_what_stays_stays_byte_for_byte() -> None:
    text = (
        '\ufeff{ "jobs" : [\r\n {"job_id":"a","command":"true"},\r\n'
        ' {"id":"b", "command":"true", "dependencies":["a"],"x-n":1.0},\r\n'
        ' {"id":"c", "command":"true", "dependencies":[\r\n    "a",\r\n    {"job": "b"} ] } ]\r\n}'
    )
    expected = text.replace('\r\n    "a",\r\n    {"job": "b"} ]', '\r\n    {"job": "b"} ]')
    assert optimized(text) == expected
    untouched = expected.replace('"b", "command"', '"b",   "command"')
    assert optimized(untouched) == untouched


def test_order_that_is_given_up_is_noted_in_the_job() -> None:
    jobs = [
        {"id": "a", "command": "true", "inputs": [], "outputs": ["x"]},
        {"id": "b", "command": "true", "inputs": ["y"], "outputs": [], "dependencies": ["a"], DROPPED: {"z": "was so"}},
        {"id": "c", "command": "true", "inputs": ["x"], "outputs": [], "dependencies": ["b"]},
        {"id": "d", "command": "true", "inputs": [], "dependencies": ["c"]},
    ]
    text = json.dumps({"jobs": jobs})
    assert json.loads(optimized(text)) == {"jobs": jobs}
    made = json.loads(optimized(text, aggressive=True))["jobs"]
    reason = "no shared data, by inputs and outputs"
    assert [job.get("dependencies") for job in made] == [None, [], ["a"], ["c", "b"]]
    assert [job.get(DROPPED) for job in made] == [None, {"z": "was so", "a": reason}, {"b": reason}, None]


def test_advice_is_taken_when_asked_for_and_not_else() -> None:
    past = {"a": of_runs((100.0,) * 20, 20, 0), "b": of_runs((1.0,) * 8, 10, 3)}
    text = json.dumps({"jobs": [{"id": "a", "command": "true"}, {"id": "b", "command": "true", "timeout": 1}]})
    assert optimized(text, past=past) == text
    made = proposed(text, past=past, applied=frozenset(["timeouts", "retries"]))
    assert json.loads(made.raw)["jobs"] == [
        {"id": "a", "command": "true", "timeout": 200},
        {"id": "b", "command": "true", "timeout": 60, "max_retries": 3},
    ]
    assert list(done(made))[1:] == ["2 timeouts set", "1 job given retries"]


def test_hazards_are_told_and_nothing_is_added() -> None:
    jobs = [
        {"id": "a", "command": "true", "outputs": ["out/*.csv"]},
        {"id": "b", "command": "true", "inputs": ["out/x.csv"]},
        {"id": "c", "command": "true", "inputs": ["out/x.txt"]},
    ]
    made = proposed(json.dumps({"jobs": jobs}), aggressive=True)
    assert json.loads(made.raw)["jobs"] == jobs
    assert made.order.hazards == [(1, 0)]
    assert "b reads what a writes: out/x.csv, out/\\*.csv" in sheet_markdown(sheet(made))


def test_the_prediction_is_better_by_what_is_not_justified() -> None:
    jobs = [
        {"id": name, "command": "true", "inputs": [], "outputs": [name], "dependencies": wanted}
        for name, wanted in (("a", []), ("b", ["a"]), ("c", ["b"]))
    ]
    made = proposed(json.dumps({"jobs": jobs}))
    assert made.forecast is not None
    assert made.forecast.then is not None
    assert (made.forecast.now.makespan, made.forecast.then.makespan) == (3, 2)
    assert [(found.node, found.now, found.then) for found in made.forecast.sooner] == [(2, 2, 0), (1, 1, 0)]
    assert made.forecast.then.sweep.enough == 3
    text = sheet_markdown(sheet(made))
    assert "Without that order all is done 1 unit sooner, 33%." in text


def documents() -> st.SearchStrategy[tuple[str, Graph]]:
    """Random documents of random layouts whose dependencies are written in every way."""

    @st.composite
    def draw_one(draw: st.DrawFn) -> tuple[str, Graph]:
        graph = draw(acyclic(9))
        jobs: list[dict[str, Any]] = []
        for node in range(len(graph)):
            wanted: list[Any] = [graph.ids[other] for other in graph.dependencies[node]]
            wanted += draw(st.lists(st.sampled_from(wanted), max_size=2)) if wanted else []
            job: dict[str, Any] = {"id": graph.ids[node], "command": "true"}
            if draw(st.booleans()):
                job["dependencies"] = ", ".join(wanted)
            else:
                forms = (str, lambda name: {"job": name}, lambda name: {"job": name, "x-n": [1]})
                waits = draw(st.lists(st.just({"plugin": "file", "params": {"path": "/in"}}), max_size=1))
                job["dependencies"] = [draw(st.sampled_from(forms))(name) for name in wanted] + waits
            for key in ("inputs", "outputs"):
                if draw(st.sampled_from([True, True, True, False])):
                    job[key] = draw(st.lists(st.sampled_from(["x", "y", "d/*", "d/z"]), max_size=2))
            jobs.append(dict(sorted(job.items(), key=lambda _: draw(st.integers(0, 9)))))
        layout = draw(st.sampled_from([{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}]))
        return json.dumps({"jobs": jobs}, **layout), graph

    return draw_one()


@given(documents())
def test_the_order_stays_and_so_does_every_other_byte(case: tuple[str, Graph]) -> None:
    text, _ = case
    made = proposed(text)
    out = made.raw.decode()
    assert pairs(out) == pairs(text)
    before, after = json.loads(text)["jobs"], json.loads(out)["jobs"]
    for old, new in zip(before, after, strict=True):
        assert {**old, "dependencies": 0} == {**new, "dependencies": 0}
        assert list(old) == list(new)
        for entries in (old["dependencies"], new["dependencies"]):
            if isinstance(entries, list) and isinstance(old["dependencies"], list):
                waits = [entry for entry in entries if isinstance(entry, dict) and len(entry) > 1]
                assert waits == [e for e in old["dependencies"] if isinstance(e, dict) and len(e) > 1]
    assert not rules.errors(Document(made.raw))
    assert optimized(out) == out
    assert around_the_lists(out) == around_the_lists(text)
    Draft202012Validator(schema.load("optimization")).validate(json.loads(as_json(made)))


@given(documents())
def test_what_is_given_up_is_all_that_is_lost(case: tuple[str, Graph]) -> None:
    text, _ = case
    made = proposed(text, aggressive=True)
    lost = set(made.loose.lost) if made.loose else set()
    assert pairs(made.raw.decode()) == pairs(text) - lost
    assert not rules.errors(Document(made.raw))
    report = json.loads(as_json(made))
    Draft202012Validator(schema.load("optimization")).validate(report)
    assert (report["unjustified"] is None) == (not lost)
    noted = [job.get(DROPPED, {}) for job in json.loads(made.raw)["jobs"]]
    given_up = made.loose.unjustified if made.loose else []
    assert [(node, other) for node, reasons in enumerate(noted) for other in reasons] == [
        (node, made.ids[other]) for node, other in given_up
    ]
    once = made.raw.decode()
    assert json.loads(optimized(once, aggressive=True)) == json.loads(once)

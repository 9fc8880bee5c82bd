"""The document that is left: its jobs alone change, and of these only what must."""

from __future__ import annotations

import json

from flows import graphs, graphs_and_kept
from hypothesis import given

from exlib.document import Document
from exlib.select import Roster, cut, rewire

TEXT = """{ "application_name":"nightly", "x-note": [1,  2],
  "jobs": [
    {"id": "extract", "command": "true"},
    {"id": "clean",   "command": "true", "dependencies": ["extract"]},

    {"id": "load", "n": 1.50, "dependencies": [ "clean" ], "tags": ["db" ,"\\u0061"]},
    {"id": "report", "dependencies": "load"} ],
  "email_address": null   }
"""


def cut_text(*names: str) -> str:
    flow = Roster(Document(TEXT.encode()))
    kept = sorted(flow.index[name] for name in names)
    return cut(flow, kept, rewire(flow, kept)).decode()


def test_only_what_must_change_changes() -> None:
    expected = TEXT.replace(',\n    {"id": "clean",   "command": "true", "dependencies": ["extract"]}', "")
    assert cut_text("extract", "load", "report") == expected.replace('[ "clean" ]', '[ "extract" ]')


def test_a_comma_string_that_must_change_becomes_a_list() -> None:
    assert '{"id": "report", "dependencies": ["extract"]} ],' in cut_text("extract", "report")


@given(graphs())
def test_a_selection_of_everything_is_the_input(flow: Roster) -> None:
    nodes = list(range(len(flow)))
    assert cut(flow, nodes, rewire(flow, nodes)) == flow.document.raw


@given(graphs_and_kept())
def test_text_outside_the_jobs_and_every_other_key_stay(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    document = flow.document
    product = cut(flow, kept, rewire(flow, kept)).decode()
    span = document.positions.span(("jobs",))
    assert product.startswith(document.text[: span.start])
    assert product.endswith(document.text[span.end :])
    for node, raw in zip(kept, json.loads(product)["jobs"], strict=True):
        before = {key: value for key, value in document.jobs[node].items() if key != "dependencies"}
        assert {key: value for key, value in raw.items() if key != "dependencies"} == before


@given(graphs_and_kept())
def test_a_second_filter_finds_nothing_to_do(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    once = cut(flow, kept, rewire(flow, kept))
    again = Roster(Document(once))
    nodes = list(range(len(again)))
    assert cut(again, nodes, rewire(again, nodes)) == once


@given(graphs_and_kept())
def test_a_kept_job_whose_dependencies_all_stay_keeps_its_bytes(drawn: tuple[Roster, list[int]]) -> None:
    flow, kept = drawn
    product = Document(cut(flow, kept, rewire(flow, kept)))
    for place, node in enumerate(kept):
        if set(flow.graph.dependencies[node]) <= set(kept):
            old, new = flow.document.positions.span(("jobs", node)), product.positions.span(("jobs", place))
            assert product.text[new.start : new.end] == flow.document.text[old.start : old.end]

"""The drawing for the terminal: never wider than it, whole, and legible without colours and box characters."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.console import width
from exlib.graph import Graph
from exlib.render.measures import WORST_FIRST, Ending, Measures
from exlib.render.pen import PLAIN_MARKS, Pen
from exlib.render.text import drawing
from tests.graphs import acyclic
from tests.render.pictures import DIAMOND, HOSTILE, chain, picture, workflow
from tests.render.test_compose import as_workflow


@given(acyclic(), st.integers(40, 200), st.booleans(), st.booleans())
def test_no_line_is_wider_than_the_terminal(graph: Graph, columns: int, levels: bool, fine: bool) -> None:
    shown = picture(as_workflow(graph), levels=levels, labels=("id", "command"))
    assert all(width(line) <= columns for line in drawing(shown, Pen(columns, fine)).splitlines())


@pytest.mark.parametrize("columns", [40, 80, 160])
@pytest.mark.parametrize("count", [1, 30, 61, 199, 1_000])
def test_many_hostile_or_wide(columns: int, count: int) -> None:
    names = [f"{HOSTILE[n % len(HOSTILE)]} {n}" for n in range(count)]
    for jobs in (chain(names), {name: [] for name in names}, {names[0]: []} | dict.fromkeys(names[1:], names[:1])):
        lines = drawing(picture(workflow(jobs)), Pen(columns)).splitlines()
        assert all(width(line) <= columns for line in lines)
        assert all(line.isprintable() for line in lines)


def test_every_job_has_a_line_in_a_small_drawing() -> None:
    names = [f"job_{n}_{'x' * n}" for n in range(40)]
    text = drawing(picture(workflow(chain(names))), Pen(80))
    assert [line.split()[-1] for line in text.splitlines()[2:]] == names


def test_jobs_without_room_for_rails_are_listed_with_what_they_wait_for() -> None:
    left = {f"left_{n}": [] for n in range(20)}
    text = drawing(picture(workflow(left | {"join": list(left)})), Pen(80))
    assert re.search(r"^ +2  ● join +left_0, left_1, .* and \d+ more$", text, re.MULTILINE)


def test_a_large_graph_is_told_by_level_and_adds_up() -> None:
    jobs = {"start": []} | {f"part_{n}": ["start"] for n in range(500)} | {"end": [f"part_{n}" for n in range(500)]}
    text = drawing(picture(workflow(jobs)), Pen(80))
    assert text.splitlines()[2:] == [
        "level  jobs", "    1     1  ● start", "    2   500  ● part_* (500)", "    3     1  ● end", "",
        "500 implied arrows left out" if "implied" in text else "",
    ][: len(text.splitlines()) - 2]  # fmt: skip


def test_what_failed_is_named_however_large_the_graph() -> None:
    names = [f"part_{n}" for n in range(500)]
    endings = {name: Ending("success") for name in names} | {"part_77": Ending("failed"), "part_78": Ending("timeout")}
    text = drawing(picture(workflow({name: [] for name in names}), Measures(endings=endings, run="run 1")), Pen(80))
    assert "✗ part_77  ◷ part_78  ✓ part_* (498)" in text


@pytest.mark.parametrize("fine", [True, False])
def test_statuses_are_told_apart_without_colour(fine: bool) -> None:
    endings = {status: Ending(status) for status in WORST_FIRST}
    shown = picture(workflow({status: [] for status in WORST_FIRST}), Measures(endings=endings, run="run 1"))
    text = drawing(shown, Pen(160, fine))
    signs = re.findall(r"(\S) (\w+)", text.splitlines()[-1])
    assert len({sign for sign, _ in signs}) == len(WORST_FIRST)
    assert {status for _, status in signs} == set(WORST_FIRST)
    if not fine:
        assert text.isascii()


def test_plain_signs_alone_where_the_encoding_has_no_others() -> None:
    text = drawing(picture(workflow(DIAMOND), critical=True, labels=("id", "duration")), Pen(80, fine=False))
    assert text.replace("…", "").replace("≤", "").isascii()


def test_an_empty_workflow_is_one_line() -> None:
    assert drawing(picture({"jobs": []}), Pen()) == "sample: 0 jobs\n"


def test_no_plain_mark_looks_like_a_rail() -> None:
    assert not {*PLAIN_MARKS.values(), "*", "#"} & set("+|'`-")


def test_short_columns_have_their_room_before_long_ones() -> None:
    data = workflow({"a": []}, description="d" * 70, command="c" * 70)
    shown = picture(data, Measures(typical={"a": 83.0}), labels=("id", "description", "command", "duration"))
    line = next(line for line in drawing(shown, Pen(80)).splitlines() if "ddd" in line)
    assert line.endswith("~1m 23s")
    assert (width(line), "ccc" in line) == (80, True)

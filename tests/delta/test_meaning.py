"""Critical path, levels, what is downstream, and what jobs inherit from settings."""

from __future__ import annotations

import json
from typing import Any

from exlib.delta import ABSENT, delta
from exlib.delta.effects import Effect, Effects, effects
from exlib.delta.meaning import Meaning, Moved, meaning
from exlib.delta.order import order
from exlib.delta.summary import sentence
from exlib.document import Document
from exlib.workflow import Workflow


def document(data: Any) -> Document:
    return Document(json.dumps(data).encode())


def jobs(*edges: str) -> dict[str, Any]:
    """``b<a`` is a job b that waits for a."""
    parts = [edge.partition("<") for edge in edges]
    return {"jobs": [{"id": name, "command": name, "dependencies": waits} for name, _, waits in parts]}


def means(before: dict[str, Any], after: dict[str, Any]) -> Meaning:
    one, other = document(before), document(after)
    return meaning(one, other, delta(one, other, renames=True))


def inherited(before: dict[str, Any], after: dict[str, Any]) -> Effects:
    one, other = document(before), document(after)
    typed = [Workflow.from_document(each) for each in (one, other)]
    return effects(typed[0], typed[1], delta(one, other, renames=True))


def test_a_job_in_between_makes_the_critical_path_longer() -> None:
    found = means(jobs("a", "b<a", "c<b", "z"), jobs("z", "v<a", "a", "b<v", "c<b"))
    assert found.critical == (("a", "b", "c"), ("a", "v", "b", "c"))
    assert found.levels == (3, 4)
    assert set(found.moved) == {Moved("b", 2, 3), Moved("c", 3, 4)}
    assert set(found.added) == {("v", "a"), ("b", "v")}
    assert found.removed == (("b", "a"),)
    assert (set(found.touched), found.downstream) == ({"v", "b"}, ("c",))
    assert (found.able, found.unable) == ((0, ()), (0, ()))


def test_jobs_that_may_run_at_the_same_time_now() -> None:
    found = means(jobs("a", "b<a", "c<b"), jobs("a", "b<a", "c<a"))
    assert found.able == (1, (("c", "b"),))
    assert found.unable == (0, ())
    assert means(jobs("a", "b<a", "c<a"), jobs("a", "b<a", "c<b")).unable == (1, (("c", "b"),))


def test_an_order_that_is_turned_round_frees_nobody() -> None:
    found = means(jobs("a", "b<a"), jobs("a<b", "b"))
    assert (found.able, found.unable) == ((0, ()), (0, ()))


def test_a_rename_changes_no_edge() -> None:
    found = means(jobs("a", "b<a"), {"jobs": [{"id": "x", "command": "a"}, jobs("b<x")["jobs"][0]]})
    assert (found.added, found.removed, found.touched, found.downstream) == ((), (), (), ())
    assert found.critical == (("x", "b"), ("x", "b"))


def test_words_and_notes_touch_nothing_downstream() -> None:
    after = jobs("a", "b<a")
    after["jobs"][0] |= {"description": "new", "x-note": 1, "tags": ["t"]}
    assert means(jobs("a", "b<a"), after).downstream == ()
    after["jobs"][0]["command"] = "other"
    assert means(jobs("a", "b<a"), after).downstream == ("b",)


def test_a_circle_has_no_critical_path() -> None:
    found = means(jobs("a", "b<a"), jobs("a<b", "b<a"))
    assert (found.critical, found.levels, found.able) == (None, None, None)
    assert found.added == (("a", "b"),)


def test_a_default_is_told_for_the_jobs_that_inherit_it() -> None:
    before = {"default_timeout": 60, "jobs": [{"id": "a", "command": "a"}, {"id": "b", "command": "b", "timeout": 5}]}
    found = inherited(before, before | {"default_timeout": 90, "default_max_retries": 2})
    assert found.inherited == (
        Effect("timeout", "default_timeout", 60, 90, ("a",)),
        Effect("max_retries", "default_max_retries", 0, 2, ("a", "b")),
    )


def test_variables_and_directories_of_the_document() -> None:
    job = {"id": "b", "command": "b", "env_variables": {"MODE": "own"}, "working_dir": "/own"}
    before = {"env_variables": {"MODE": "x"}, "jobs": [{"id": "a", "command": "a"}, job]}
    found = inherited(before, before | {"env_variables": {"MODE": "y", "NEW": "1"}, "working_dir": "/w"})
    assert found.inherited == (
        Effect("working_dir", "working_dir", None, "/w", ("a",)),
        Effect("env_variables.MODE", "env_variables.MODE", "x", "y", ("a",)),
        Effect("env_variables.NEW", "env_variables.NEW", ABSENT, "1", ("a", "b")),
    )


def test_a_value_that_now_comes_from_the_default_changes_nothing() -> None:
    before = {"jobs": [{"id": "a", "command": "a", "timeout": 60}]}
    after = {"default_timeout": 60, "jobs": [{"id": "a", "command": "a"}]}
    assert inherited(before, after) == Effects((), (("a", "timeout"),))


def test_what_moved_is_the_fewest_jobs() -> None:
    one, other = document(jobs("a", "b", "c", "d")), document(jobs("b", "c", "d", "a"))
    assert order(one, other, delta(one, other)).jobs == ("a",)
    swapped = document({"x": 1, "jobs": [{"command": "b", "id": "b"}]})
    plain = document({"jobs": [{"id": "b", "command": "b"}], "x": 1})
    assert not order(plain, swapped, delta(plain, swapped)).jobs
    more = [{"jobs": [{"id": "b", "command": "b", "dependencies": deps}]} for deps in (["x", "y"], ["y", "x"])]
    found = order(document(more[0]), document(more[1]), delta(document(more[0]), document(more[1])))
    assert found.dependencies == ("b",)
    assert bool(found)


def test_one_sentence() -> None:
    one, other = document(jobs("a", "b<a", "c<b")), document(jobs("a", "v<a", "b<a,v", "c<b", "w", "x"))
    found = delta(one, other, renames=True)
    assert sentence(found, meaning(one, other, found)) == "3 jobs added, b now waits for v"

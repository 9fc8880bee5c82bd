"""What differs between two documents, and what does not though it is written differently."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exlib.delta import ABSENT, Change, Delta, JobDelta, delta
from exlib.document import Document


def between(before: Any, after: Any) -> Delta:
    return delta(*(Document(json.dumps(data).encode()) for data in (before, after)))


def of_job(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    found = between({"jobs": [{"id": "a", **before}]}, {"jobs": [{"id": "a", **after}]})
    assert found == Delta((), (), found.changed, ())
    return [change for job in found.changed for change in job.changes]


def test_jobs_that_came_went_and_changed() -> None:
    before = {"jobs": [{"id": "a", "command": "true"}, {"id": "b", "command": "x"}, {"id": "c", "command": "c"}]}
    after = {
        "jobs": [{"id": "d", "command": "d"}, {"id": "c", "command": "c"}, {"id": "b", "command": "y", "timeout": 5}]
    }
    changes = (Change("command", "x", "y"), Change("timeout", ABSENT, 5))
    assert between(before, after) == Delta(("d",), ("a",), (JobDelta("b", changes),), ())
    assert [change.kind for change in changes] == ["changed", "added"]


def test_the_document_s_own_keys() -> None:
    found = between({"max_workers": 2, "jobs": []}, {"parallel": True, "jobs": []})
    assert found.settings == (Change("max_workers", 2, ABSENT), Change("parallel", ABSENT, True))
    assert found.settings[0].kind == "removed"


def test_variables_one_by_one() -> None:
    changes = of_job({"env_variables": {"A": "1", "B": "x"}}, {"env_variables": {"A": 1, "C": None}})
    assert changes == [Change("env_variables.B", "x", ABSENT), Change("env_variables.C", ABSENT, None)]
    assert of_job({}, {"env_variables": {"A": "1"}}) == [Change("env_variables.A", ABSENT, "1")]
    assert of_job({"env_variables": None}, {}) == []


def test_dependencies_that_went_and_came() -> None:
    assert of_job({"dependencies": ["x", "y"]}, {"dependencies": ["y", "z"]}) == [Change("dependencies", ["x"], ["z"])]
    assert of_job({}, {"dependencies": [{"plugin": "file"}]}) == [Change("dependencies", ABSENT, [{"plugin": "file"}])]


def test_what_is_written_differently_and_means_the_same() -> None:
    assert of_job({"dependencies": "x, y"}, {"dependencies": ["y", {"job": "x"}]}) == []
    assert of_job({"timeout": 60}, {"timeout": 60.0}) == []
    assert of_job({"job_description": "d"}, {"description": "d"}) == []
    assert not between({"name": "n", "jobs": [{"job_id": "a"}]}, {"application_name": "n", "jobs": [{"id": "a"}]})


def test_dependencies_of_no_known_shape_are_compared_as_values() -> None:
    assert of_job({"dependencies": 5}, {"dependencies": {"a": 1}}) == [Change("dependencies", 5, {"a": 1})]
    assert of_job({"dependencies": []}, {"dependencies": None}) == []


def test_true_is_not_one() -> None:
    assert of_job({"priority": 1}, {"priority": True}) == [Change("priority", 1, True)]
    assert of_job(
        {"pre_checks": [{"name": "f", "params": {"n": 1}}]}, {"pre_checks": [{"name": "f", "params": {"n": True}}]}
    )


def test_what_cannot_be_read_is_a_change_of_the_jobs() -> None:
    found = between({"jobs": [3, {"id": 4}, None]}, {"jobs": "none"})
    assert found == Delta((), (), (), (Change("jobs", [3, None, {"id": 4}], ["none"]),))
    assert of_job({"env_variables": [1]}, {"env_variables": {"A": "1"}}) == [Change("env_variables", [1], {"A": "1"})]


letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text(letters, max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(letters, max_size=2), inner, max_size=2),
    max_leaves=4,
)
keys = st.sampled_from(["id", "job_id", "command", "dependencies", "env_variables", "timeout", "x"])
documents = st.fixed_dictionaries({"jobs": st.lists(st.dictionaries(keys, values, max_size=4), max_size=4)})


@given(documents)
def test_nothing_differs_from_itself(document: Any) -> None:
    assert not between(document, document)


@given(documents, documents)
def test_back_is_the_same_the_other_way_round(one: Any, other: Any) -> None:
    forth, back = between(one, other), between(other, one)
    assert sorted(forth.added) == sorted(back.removed)
    there = {(job.job, c.key, repr(c.before), repr(c.after)) for job in forth.changed for c in job.changes}
    again = {(job.job, c.key, repr(c.after), repr(c.before)) for job in back.changed for c in job.changes}
    assert there == again


def test_what_is_no_job_is_told_as_a_change_of_the_jobs() -> None:
    named, other = {"id": "a", "command": "x"}, {"command": "no id"}
    assert between({"jobs": [named]}, {"jobs": [named, other]}).settings == (Change("jobs", ABSENT, [other]),)
    assert between({"jobs": [other, named]}, {"jobs": [named, None]}).settings == (Change("jobs", [other], [None]),)
    twice = {"id": "a", "command": "y"}
    assert between({"jobs": [named]}, {"jobs": [twice, named]}).settings == (Change("jobs", ABSENT, [twice]),)
    assert not between({"jobs": [other, named, None]}, {"jobs": [None, named, other]})

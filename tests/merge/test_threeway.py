"""Three ways: the laws on random documents, and each kind of conflict."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exlib.document import Document
from exlib.merge.conflicts import MARK
from exlib.merge.report import lines
from exlib.merge.sameness import job_meaning, key_meaning, meaning, settings_of
from exlib.merge.threeway import Outcome, threeway
from exlib.rules import errors
from exlib.workflow import dependency_ids, job_id
from tests.merge.flows import by_id, data, document, documents, jobs


def said(whole: Document) -> str:
    """What a document means, whatever the order of its jobs and keys."""
    found = {key: key_meaning(key, whole.data[old]) for key, old in settings_of(whole.data).items()}
    return meaning([found, {str(job_id(job)): job_meaning(job) for job in whole.jobs}])


def respaced(whole: Document) -> Document:
    """The same in another layout, so that no shortcut for equal bytes is taken."""
    return Document(json.dumps(whole.data, indent=3).encode(), whole.name)


def merge(base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any], **options: Any) -> Outcome:
    names = zip((base, ours, theirs), ("base.json", "ours.json", "theirs.json"), strict=True)
    return threeway(*(document(each, name) for each, name in names), **options)


@given(documents(), documents())
def test_what_one_side_alone_changed_counts(base: Document, one: Document) -> None:
    for made in (threeway(base, one, respaced(base)), threeway(base, respaced(base), one)):
        assert made.is_clean
        assert said(Document(made.raw)) == said(one)
    assert threeway(base, one, base).raw == one.raw
    assert threeway(base, base, one).raw == one.raw
    assert threeway(base, one, one).raw == one.raw


@given(documents(), documents(), documents())
def test_sides_are_equal_where_nothing_is_in_conflict(base: Document, one: Document, two: Document) -> None:
    left, right = threeway(base, one, two), threeway(base, two, one)
    assert left.is_clean == right.is_clean
    assert len(left.conflicts) == len(right.conflicts)
    if left.is_clean:
        assert said(Document(left.raw)) == said(Document(right.raw))


@given(documents(), documents(), documents(), st.sampled_from(["ours", "theirs"]))
def test_a_conflict_is_marked_and_the_document_then_refused(
    base: Document, one: Document, two: Document, side: Any
) -> None:
    made = threeway(base, one, two)
    found = Document(made.raw)
    marks = found.data.get(MARK, []) + [mark for job in found.jobs for mark in job.get(MARK, [])]
    assert len(marks) == len(made.conflicts)
    assert bool(marks) == any(finding.code == "E506" for finding in errors(found))
    decided = threeway(base, one, two, favour=side)
    assert not decided.conflicts
    assert len(decided.settled) == len(made.conflicts)
    assert MARK not in decided.raw.decode()


@given(documents(), documents(), documents())
def test_no_job_is_lost_that_somebody_wants(base: Document, one: Document, two: Document) -> None:
    made = by_id(threeway(base, one, two).raw)
    before, mine, other = (by_id(each.raw) for each in (base, one, two))
    for name in mine.keys() | other.keys():
        kept_by_both = name in mine and name in other
        assert name in made or (name in before and not kept_by_both)
        if kept_by_both:
            waits = [set(dependency_ids(version[name])) for version in (mine, other)]
            assert (waits[0] & waits[1]) <= set(dependency_ids(made[name]))


def test_keys_of_one_job_changed_on_both_sides_go_together() -> None:
    base, ours, theirs = jobs("a", "b", "c < a"), jobs("a", "b", "c < a b"), jobs("a", "b", "d", "c < d")
    ours["jobs"][0]["timeout"], theirs["jobs"][0]["tags"] = 5, ["x"]
    made = merge(base, ours, theirs)
    assert made.is_clean
    assert by_id(made.raw) == {
        "a": {"id": "a", "command": "true", "dependencies": [], "timeout": 5, "tags": ["x"]},
        "b": {"id": "b", "command": "true", "dependencies": []},
        "d": {"id": "d", "command": "true", "dependencies": []},
        "c": {"id": "c", "command": "true", "dependencies": ["b", "d"]},
    }
    assert [job["id"] for job in data(made.raw)["jobs"]] == ["a", "b", "d", "c"]


def test_variables_are_merged_by_name_and_never_shown() -> None:
    base = jobs("a", env_variables={"X": "1", "Y": "1", "Z": "1"})
    ours = jobs("a", env_variables={"X": "2", "Y": "hidden-1", "Z": "1"})
    theirs = jobs("a", env_variables={"X": "1", "Y": "hidden-2", "W": "3"})
    made = merge(base, ours, theirs)
    assert data(made.raw)["env_variables"] == {"X": "2", "Y": "hidden-1", "W": "3"}
    assert list(lines(made)) == ["conflict: both sides change env_variables.Y, each in its own way"]


def test_each_kind_of_conflict_is_told() -> None:
    base, ours, theirs = jobs("a", "b", "c", max_workers=1), jobs("a", "b", "d", max_workers=2), jobs("a", "c", "d")
    ours["jobs"][0]["command"], theirs["jobs"][0]["command"] = "1", "2"
    ours["jobs"][1]["timeout"], theirs["jobs"][1]["timeout"] = 1, 2
    ours["jobs"][2]["timeout"], theirs["jobs"][2]["timeout"] = 1, 2
    made = merge(base, ours, theirs)
    assert list(lines(made)) == [
        "conflict: max_workers was 1, ours has 2, theirs has not there",
        'conflict: job "a": both sides change command, each in its own way',
        'conflict: job "c": ours deletes it, theirs changes it',
        'conflict: job "b": theirs deletes it, ours changes it',
        'conflict: job "d": timeout was not there, ours has 1, theirs has 2',
    ]
    found = by_id(made.raw)
    assert found["b"]["timeout"] == 1
    assert found["c"]["timeout"] == 2
    assert found["d"][MARK] == [{"conflict": "changed", "key": "timeout", "ours": 1, "theirs": 2}]
    mine = by_id(merge(base, ours, theirs, favour="ours").raw)
    assert mine == {job["id"]: job for job in ours["jobs"]}
    others = merge(base, ours, theirs, favour="theirs")
    assert by_id(others.raw) == {job["id"]: job for job in theirs["jobs"]}
    assert "max_workers" not in data(others.raw)


def test_a_circle_that_neither_side_has_is_told_with_its_sides() -> None:
    made = merge(jobs("a", "b", "c < b"), jobs("a < c", "b", "c < b"), jobs("a", "b < a", "c < b"))
    assert not made.conflicts
    assert list(lines(made)) == [
        'circle: "a" waits for "c" (ours), "c" waits for "b" (both), "b" waits for "a" (theirs)'
    ]


def test_a_job_that_one_side_deletes_and_the_other_waits_for_is_told() -> None:
    made = merge(jobs("a", "b"), jobs("b"), jobs("a", "b < a"))
    assert list(lines(made)) == ['missing: job "b" waits for "a" (theirs), which ours deletes']
    assert any(finding.code == "E302" for finding in errors(Document(made.raw)))


def test_what_was_wrong_before_is_not_the_merges_to_tell() -> None:
    assert merge(jobs("a"), jobs("a < nowhere"), jobs("a", "b < c", "c < b")).is_clean


def test_new_spellings_of_one_side_are_kept() -> None:
    base = {"name": "x", "jobs": [{"job_id": "a", "command": "1", "dependencies": "b, c"}]}
    ours = {"name": "x", "jobs": [{"job_id": "a", "command": "2", "dependencies": "b, c"}]}
    theirs = {"application_name": "x", "jobs": [{"id": "a", "command": "1", "dependencies": ["c", "b"]}]}
    made = merge(base, ours, theirs)
    assert data(made.raw) == {
        "application_name": "x",
        "jobs": [{"id": "a", "command": "2", "dependencies": ["c", "b"]}],
    }


def test_one_dependency_changed_in_two_ways_is_a_conflict() -> None:
    def waits(**more: str) -> dict[str, Any]:
        return {
            "jobs": [{"id": "a", "command": "1"}, {"id": "b", "command": "1", "dependencies": [{"job": "a", **more}]}]
        }

    made = merge(waits(), waits(_x="1"), waits(_x="2"))
    assert [(conflict.job, conflict.key) for conflict in made.conflicts] == [("b", "dependencies")]


def test_our_text_stays_and_theirs_takes_its_style() -> None:
    base = '{"jobs": [\n  {"id": "a", "command": "1"},\n  {"id": "b", "command": "1", "tags": []}\n]}\n'
    ours = base.replace('"1"}', '"1",   "n": 1.50}')
    theirs = json.dumps({"jobs": [*json.loads(base)["jobs"], {"id": "c", "x": [1, {"y": 2}]}]}, indent=4)
    made = threeway(*(Document(text.encode()) for text in (base, ours, theirs)))
    assert made.raw.decode() == ours.replace("[]}\n", '[]},\n  {"id": "c", "x": [1, {"y": 2}]}\n')

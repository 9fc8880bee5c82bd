"""Documents side by side: ids, dependencies, settings, and what stays byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exlib.document import Document
from exlib.errors import AnswerNo
from exlib.merge.sameness import job_meaning, meaning
from exlib.merge.together import together
from exlib.workflow import dependency_ids
from tests.merge.flows import by_id, data, document, documents, jobs, ordered, workflows


def merged(*whole: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The merged data of documents that are called one, two, three …"""
    names = ("one", "two", "three", "four")
    listed = [document(each, f"{name}.json") for each, name in zip(whole, names, strict=False)]
    made: dict[str, Any] = data(together(listed, **options).raw)
    return made


def waits(made: dict[str, Any]) -> dict[str, list[str]]:
    return {job["id"]: dependency_ids(job) for job in made["jobs"]}


def test_what_has_nothing_in_common_stands_side_by_side() -> None:
    made = merged(jobs("a", "b < a", x=1), jobs("c < a"))
    assert waits(made) == {"a": [], "b": ["a"], "c": ["a"]}


def test_dependencies_follow_renamed_ids_in_every_spelling() -> None:
    one = {"jobs": [{"id": "a", "command": "1"}, {"id": "b", "command": "b", "dependencies": "a"}]}
    two = {
        "jobs": [
            {"job_id": "a", "command": "2"},
            {"id": "c", "command": "c", "dependencies": ["a", {"plugin": "file"}]},
            {"id": "d", "command": "d", "dependencies": [{"job": "a", "_why": "x"}, "c"]},
            {"id": "e", "command": "e", "dependencies": " a, c"},
        ]
    }
    made = {job.get("id", job.get("job_id")): job.get("dependencies") for job in merged(one, two)["jobs"]}
    assert made == {
        "one_a": None,
        "b": ["one_a"],
        "two_a": None,
        "c": ["two_a", {"plugin": "file"}],
        "d": [{"job": "two_a", "_why": "x"}, "c"],
        "e": ["two_a", "c"],
    }


def test_equal_jobs_that_wait_for_different_ones_are_different() -> None:
    one = jobs("a", "b < a", "c < b")
    two = jobs("a", "b < a", "c < b")
    two["jobs"][0]["command"] = "false"
    assert waits(merged(one, two)) == {
        "one_a": [],
        "one_b": ["one_a"],
        "one_c": ["one_b"],
        "two_a": [],
        "two_b": ["two_a"],
        "two_c": ["two_b"],
    }


def test_the_prefix_is_the_name_or_the_file_and_unique() -> None:
    first, second, third = (jobs("a", application_name=name) for name in ("Nacht lauf/1", "x", "x"))
    second["jobs"][0]["command"], third["jobs"][0]["command"] = "2", "3"
    assert list(waits(merged(first, second, third))) == ["Nacht_lauf_1_a", "two_a", "three_a"]
    blocked = jobs("a", "two_a")
    blocked["jobs"][0]["command"] = "4"
    assert list(waits(merged(blocked, jobs("a")))) == ["one_a", "two_a", "two_a_2"]


def test_a_dependency_on_an_id_that_two_others_have_waits_for_both() -> None:
    one, two = jobs("a"), jobs("a")
    two["jobs"][0]["command"] = "false"
    made = together([document(one, "one.json"), document(two, "two.json"), document(jobs("z < a"), "three.json")])
    assert waits(data(made.raw))["z"] == ["one_a", "two_a"]
    assert made.widened == [(2, "z", "a", ["one_a", "two_a"])]


def test_no_prefix_names_every_conflict_with_its_places() -> None:
    one, two = jobs("a", "b", "c"), jobs("b", "a")
    for job in two["jobs"]:
        job["command"] = "false"
    with pytest.raises(AnswerNo) as caught:
        merged(one, two, naming="never")
    assert caught.value.message.splitlines() == [
        "2 ids mean different jobs:",
        '  "a"',
        "    one.json:3:5",
        "    two.json:8:5",
        '  "b"',
        "    one.json:8:5",
        "    two.json:3:5",
    ]


def test_override_takes_the_later_job_where_the_first_stood() -> None:
    one, two = jobs("a", "b < a", "c"), jobs("b")
    assert waits(merged(one, two, naming="override")) == {"a": [], "b": [], "c": []}


def test_settings_that_disagree_are_decided_and_told() -> None:
    one = jobs("a", max_workers=1, parallel=True, env_variables={"X": 1, "Y": "2"}, secrets=["X"])
    two = jobs("b", max_workers=2, parallel=True, env_variables={"X": "1", "Y": "3", "Z": ""}, secrets=["Z"])
    listed = [document(one, "one.json"), document(two, "two.json")]
    made = together(listed)
    assert data(made.raw) | {"jobs": 0} == {
        "max_workers": 1,
        "parallel": True,
        "env_variables": {"X": 1, "Y": "2", "Z": ""},
        "secrets": ["X", "Z"],
        "jobs": 0,
    }
    assert [(found.key, found.variable) for found in made.disagreements] == [("max_workers", False), ("Y", True)]
    last = data(together(listed, policy="last").raw)
    assert (last["max_workers"], last["env_variables"]["Y"]) == (2, "3")
    with pytest.raises(AnswerNo, match="2 settings that disagree"):
        together(listed, policy="fail")


def test_an_old_name_and_a_new_one_are_one_setting() -> None:
    assert merged(jobs("a", name="x"), jobs("b", application_name="y"), application_name="z")["name"] == "z"


def test_chain_lets_first_jobs_wait_for_the_last_of_the_document_before() -> None:
    made = merged(jobs("a", "b < a", "c < a"), jobs("d", "e < d", "f"), jobs("g"), chain=True)
    assert waits(made) == {
        "a": [],
        "b": ["a"],
        "c": ["a"],
        "d": ["b", "c"],
        "e": ["d"],
        "f": ["b", "c"],
        "g": ["e", "f"],
    }


def test_a_chain_does_not_turn_on_a_job_that_both_have() -> None:
    assert waits(merged(jobs("a", "b < a"), jobs("b < a", "c < b"), chain=True)) == {"a": [], "b": ["a"], "c": ["b"]}


def test_a_circle_that_only_the_merge_makes_is_refused_with_its_edges() -> None:
    with pytest.raises(AnswerNo) as caught:
        merged(jobs("a < b"), jobs("b < a"))
    assert '"a" waits for "b" (one.json)' in caught.value.message
    assert '"b" waits for "a" (two.json)' in caught.value.message


def test_the_first_document_keeps_its_text_and_lends_its_style() -> None:
    first = """{ "jobs":[
    {"id": "a", "n": 1.50, "command": "true"},

    {"id": "b",   "command": "true"} ],
  "_note" : [1,  2]  }
"""
    second = '{"x-y": 1e5, "jobs": [{\n  "id": "c",\n  "dependencies": [\n    "a"\n  ]\n}]}'
    made = together([Document(first.encode(), "one.json"), Document(second.encode(), "two.json")]).raw.decode()
    assert made == first.replace("} ],", '},\n    {"id":"c","dependencies":["a"]} ],').replace(
        "[1,  2]  }", '[1,  2],\n  "x-y":1e5  }'
    )


@given(documents())
def test_merging_with_itself_changes_nothing(one: Document) -> None:
    assert together([one, one]).raw == one.raw
    assert together([one, one, one], chain=True).raw == one.raw
    assert together([one, one], naming="override").raw == one.raw


@given(documents(), documents(name="two.json"), documents(name="three.json"))
def test_no_job_is_lost_and_every_ordered_pair_stays_ordered(one: Document, two: Document, three: Document) -> None:
    parts = [one, two, three]
    try:
        made = together(parts)
    except AnswerNo:
        assume(False)
    names = by_id(made.raw).keys()
    pairs = ordered(made.raw)
    new = {(number, old): name for number, old, name in made.renamed}
    for number, part in enumerate(parts):
        assert {new.get((number, job), job) for job in by_id(part.raw)} <= names
        assert {(new.get((number, a), a), new.get((number, b), b)) for a, b in ordered(part.raw)} <= pairs


@given(workflows(), st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=6, max_size=6))
def test_merging_is_associative_without_conflicts(whole: dict[str, Any], shares: list[tuple[bool, ...]]) -> None:
    """Three documents that share jobs, some of which wait for jobs of another."""
    one, two, three = (
        document({**whole, "jobs": [job for job, held in zip(whole["jobs"], shares, strict=False) if held[number]]})
        for number in range(3)
    )

    def both(left: Document, right: Document) -> Document:
        return Document(together([left, right]).raw, left.name)

    made = [both(both(one, two), three), both(one, both(two, three)), Document(together([one, two, three]).raw)]
    assert len({meaning(said(each)) for each in made}) == 1


def said(whole: Document) -> Any:
    """What a document means, whatever the order of its keys."""
    return {**whole.data, "jobs": [job_meaning(job) for job in whole.jobs]}

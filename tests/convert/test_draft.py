"""Documents in the making: ids, guards, dependencies, and that what comes out is a document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib import rules
from exlib.convert.draft import Draft, clean, depend, guard, guard_of
from exlib.document import Document


def test_a_document_has_its_name_its_origin_and_its_jobs() -> None:
    draft = Draft("nightly", "make")
    draft.settings["parallel"] = True
    job = draft.job("all", "make", tags=["a"], timeout=None, dependencies=[], source={"phony": True})
    job["priority"] = 3
    assert draft.name == "nightly"
    assert json.loads(draft.raw) == {
        "application_name": "nightly",
        "parallel": True,
        "x-source": {"format": "make"},
        "jobs": [{"id": "all", "command": "make", "tags": ["a"], "x-source": {"phony": True}, "priority": 3}],
    }


def test_keys_that_say_something_stay() -> None:
    job = Draft("x", "make").job("a", "true", max_retries=0, continue_on_error=False, timeout=None)
    assert job == {"id": "a", "command": "true", "max_retries": 0, "continue_on_error": False}


@pytest.mark.parametrize(
    ("wanted", "is_id"),
    [("a b", "a b"), (" a\n\tb ", "a b"), ("", "job"), ("\u200b", "job"), ("é/ü", "é/ü"), ("a\x00b", "a b")],
)
def test_ids_are_as_near_as_can_be(wanted: str, is_id: str) -> None:
    assert Draft("x", "make").new_id(wanted) == is_id


def test_equal_ids_get_numbers() -> None:
    draft = Draft("x", "make")
    assert draft.new_id("two  blanks") == "two  blanks"
    assert [draft.new_id(name) for name in ("a", "a", "a_2", "a", " a")] == ["a", "a_2", "a_2_2", "a_3", "a_4"]


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300)


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_any_texts_make_a_sound_document(texts: list[str], name: str) -> None:
    draft = Draft(name, "make")
    for text in texts:
        job = draft.job(text, "true", description=text)
        guard(job, text)
        depend(job, [draft.jobs[0]["id"]])
    found = rules.errors(Document(draft.raw, "x"))
    assert not found, found[0].message


def test_a_guard_is_one_check_before_all_others() -> None:
    job: dict[str, Any] = {"id": "a", "pre_checks": [{"name": "check_command", "params": {"command": "true"}}]}
    assert guard_of(job) is None
    guard(job, "it runs by hand there")
    guard(job, "its condition\nis unknown")
    assert [check["name"] for check in job["pre_checks"]] == ["check_allowed", "check_command"]
    assert guard_of(job) == "it runs by hand there; its condition is unknown"


def test_dependencies_are_listed_once_and_never_on_itself() -> None:
    job: dict[str, Any] = {"id": "a"}
    depend(job, [])
    assert "dependencies" not in job
    depend(job, ["b", "c", "b", "a"])
    depend(job, iter(["c", "d"]))
    assert job["dependencies"] == ["b", "c", "d"]


def test_clean_is_one_line_that_everybody_sees() -> None:
    assert clean(" a\u2028b\x1b[0m\u200e  c\ufeff\n") == "a b [0m c"

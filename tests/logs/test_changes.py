"""What is said of two documents that differ, and what is not."""

from __future__ import annotations

import json
from typing import Any

from exlib.delta import delta
from exlib.document import Document
from exlib.logs.views.changes import delta_parts
from exlib.report.sheet import Listing, Section, Sheet, Words
from exlib.report.sheet_markdown import sheet_markdown


def parts(before: Any, after: Any) -> list[Any]:
    found = delta(*(Document(json.dumps(data).encode()) for data in (before, after)))
    return list(delta_parts(found, lambda text: text.replace("s3cret", "****")))


def lines(before: Any, after: Any) -> list[str]:
    (listing,) = [part for part in parts(before, after) if isinstance(part, Listing)]
    return listing.text.split("\n")


def of_job(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return lines({"jobs": [{"id": "load", **before}]}, {"jobs": [{"id": "load", **after}]})


def test_equal_documents_are_said_to_be() -> None:
    (only,) = parts({"jobs": [{"id": "a"}]}, {"jobs": [{"job_id": "a"}]})
    assert isinstance(only, Words)
    assert "the same" in str(only.text)


def test_a_document_that_cannot_be_read_is_no_difference() -> None:
    (only,) = delta_parts(None, str)
    assert isinstance(only, Words)
    assert "cannot be read" in str(only.text)


def test_a_summary_and_then_each_key() -> None:
    before = {"max_workers": 2, "jobs": [{"id": "a"}, {"id": "gone"}]}
    after = {"max_workers": 3, "jobs": [{"id": "a", "timeout": 5}, {"id": "new"}]}
    text = sheet_markdown(Sheet("t", "", [Section("s", parts(before, after))]))
    assert "- **1 job added**: `new`" in text
    assert "- **1 job removed**: `gone`" in text
    assert "- **1 job changed**: `a` (timeout)" in text
    assert "- **settings of the document**: `max_workers`" in text
    assert lines(before, after) == ["- max_workers: 2", "+ max_workers: 3", "@@ a", "+ timeout: 5"]


def test_long_values_are_cut_to_where_they_differ() -> None:
    same = "x" * 100
    assert of_job({"command": f"{same}one{same}"}, {"command": f"{same}two{same}"}) == [
        "@@ load",
        f"- command: …{'x' * 24}one{'x' * 24}…",
        f"+ command: …{'x' * 24}two{'x' * 24}…",
    ]


def test_what_is_a_part_of_the_other_is_still_told() -> None:
    assert of_job({"command": "aa"}, {"command": "aaa"}) == ["@@ load", "- command: aa", "+ command: aaa"]


def test_lines_of_a_command_are_compared_as_lines() -> None:
    assert of_job({"command": "a\nb\nc\nd"}, {"command": "a\nB\nc\nd"}) == [
        "@@ load", "  command:", "  …", "    a", "-   b", "+   B", "    c",
    ]  # fmt: skip


def test_variables_are_told_without_values_and_secrets_are_hidden() -> None:
    before = {"env_variables": {"A": "one"}, "command": "run s3cret"}
    after = {"env_variables": {"A": "two"}, "command": "go s3cret"}
    text = "\n".join(of_job(before, after))
    assert "env_variables.A" in text
    assert not {"one", "two", "s3cret"} & set(text.split())
    password = lines({"smtp_password": "one"}, {"smtp_password": "two"})
    assert not {"one", "two"} & set(" ".join(password).split())


def test_a_large_difference_is_cut_off_and_says_so() -> None:
    shown = lines({}, {f"x-{number}": number for number in range(500)})
    assert shown[-1] == "@@ and 380 more lines"
    assert len(shown) == 121

"""The canonical form: what it looks like, that it loses nothing, and that forming twice is forming once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib import schema
from exlib.canonical import WIDTH, differences, formatted
from exlib.console import Console
from exlib.document import Document
from exlib.findings import DocumentRefused
from exlib.report.findings_diff import unified
from tests.corpus import place

ROOT = Path(__file__).resolve().parents[1]


def formed(text: str, **options: bool) -> str:
    return formatted(Document(text.encode()), **options)


def test_known_keys_have_an_order_and_others_follow_as_they_were() -> None:
    text = '{"jobs":[{"zeta":1,"x-a":2,"command":"true","alpha":3,"id":"a"}],"x-z":0,"max_workers":2,"$schema":"s"}'
    assert formed(text) == (
        '{\n  "$schema": "s",\n  "max_workers": 2,\n  "x-z": 0,\n  "jobs": [\n    {\n      "id": "a",\n'
        '      "command": "true",\n      "zeta": 1,\n      "x-a": 2,\n      "alpha": 3\n    }\n  ]\n}\n'
    )


def test_the_order_is_the_one_that_the_documentation_has() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    table = page[page.index("## A job") : page.index("A **dependency**")]
    current = [key for key, value in schema.load("workflow")["$defs"]["job"]["properties"].items()
               if not value.get("deprecated")]  # fmt: skip
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == current


def test_numbers_and_strings_are_kept_as_they_are_written() -> None:
    numbers = "[1.0, 1e3, -0, 1E+2, 0.10, 12345678901234567890]"
    strings = r'["\u00e9", "é", "\/", "/", "\ud83d\ude00", "\u202e"]'
    out = formed(f'{{"x-n":{numbers},"x-s":{strings}}}')
    assert numbers in out
    assert strings in out


def test_a_list_that_fits_is_on_one_line_and_another_one_has_a_line_an_item() -> None:
    def job(count: int) -> str:
        return formed(json.dumps({"jobs": [{"id": "x", "dependencies": [f"job_{n:02}" for n in range(count)]}]}))

    assert '"dependencies": ["job_00", "job_01"]' in job(2)
    widest = max(count for count in range(1, 30) if "\n        " not in job(count))
    assert WIDTH - len('"job_00", ') < max(map(len, job(widest).splitlines())) <= WIDTH
    assert job(widest + 1).count('\n        "job_') == widest + 1


def test_windows_line_ends_and_the_mark_at_the_beginning_go() -> None:
    document = Document('\ufeff{"jobs":\r\n []}'.encode())
    assert formatted(document) == '{\n  "jobs": []\n}\n'


def test_sorted_dependencies_follow_the_jobs() -> None:
    jobs = [{"id": "a"}, {"id": "b"}, {"id": "c", "dependencies": ["gone", {"plugin": "p"}, "b", {"job": "a"}, 7]}]
    data = json.loads(formed(json.dumps({"jobs": jobs}), sort_dependencies=True))
    assert data["jobs"][2]["dependencies"] == [{"job": "a"}, "b", "gone", {"plugin": "p"}, 7]
    assert json.loads(formed(json.dumps({"jobs": jobs})))["jobs"] == jobs


def test_deep_nesting_does_not_make_the_text_grow_without_bounds() -> None:
    text = '{"x": ' + "[" * 480 + ",".join("1" * 1000) + "]" * 480 + "}"
    out = formed(text)
    assert json.loads(out) == json.loads(text)
    assert len(out) < 60 * len(text)


def test_a_key_that_stands_twice_is_refused_with_its_place() -> None:
    with pytest.raises(DocumentRefused) as refused:
        formed('{"jobs": [],\n "jobs": []}')
    assert [(found.code, found.line, found.column) for found in refused.value.findings] == [("E104", 2, 2)]


def characters() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def values() -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        scalars | characters(),
        lambda below: st.lists(below, max_size=6) | st.dictionaries(characters() | keys(), below, max_size=6),
        max_leaves=40,
    )


def keys() -> st.SearchStrategy[str]:
    return st.sampled_from(["id", "job_id", "command", "dependencies", "pre_checks", "params", "plugin", "jobs", "x-n"])


def documents() -> st.SearchStrategy[dict[str, Any]]:
    jobs = st.lists(st.dictionaries(keys(), values(), max_size=5) | values(), max_size=4)
    return st.dictionaries(keys() | characters(), values(), max_size=5).flatmap(
        lambda top: st.fixed_dictionaries({}, optional={"jobs": jobs | values()}).map(lambda more: {**top, **more})
    )


@given(documents(), st.booleans(), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_nothing_is_lost_and_twice_is_once(
    data: dict[str, Any], ascii_only: bool, indent: int | str | None, sort: bool
) -> None:
    text = json.dumps(data, ensure_ascii=ascii_only, indent=indent)
    once = formed(text)
    assert json.loads(once) == data
    assert formed(once) == once
    ordered = formed(text, sort_dependencies=True)
    assert formed(ordered, sort_dependencies=True) == ordered


@given(documents(), st.sampled_from([None, 1, 4]), st.sampled_from(["", "\ufeff"]))
def test_the_differences_lead_from_the_one_to_the_other(data: dict[str, Any], indent: int | None, mark: str) -> None:
    document = Document((mark + json.dumps(data, indent=indent, ensure_ascii=False)).encode())
    text = formatted(document)
    source, made, at = mark + document.text, [], 0
    for start, end, new in differences(document, text):
        made += [source[at : start + len(mark)], new]
        at = end + len(mark)
    assert "".join([*made, source[at:]]) == text


def test_a_diff_shows_only_what_changes() -> None:
    jobs = [{"id": f"j{n}", "command": "true"} for n in range(2_000)]
    text = formed(json.dumps({"jobs": jobs})).replace('"id": "j1000",', '"id":   "j1000",')
    document = Document(text.encode(), "w.json")
    splices = list(differences(document, formatted(document)))
    lines = unified(document.raw, splices, "w.json", Console(), on_stdout=False).decode().splitlines()
    assert [line for line in lines if line[0] in "+-"][2:] == ['-      "id":   "j1000",', '+      "id": "j1000",']


@pytest.mark.skipif(not place.CORPUS.is_dir(), reason="../shared/corpus is absent")
def test_documents_that_people_wrote() -> None:
    tried = 0
    for path in sorted(place.CORPUS.rglob("*.json"))[:300]:
        try:
            document = Document(path.read_bytes(), str(path))
        except DocumentRefused:
            continue
        tried += 1
        once = formatted(document)
        assert json.loads(once) == document.data, path
        assert formed(once) == once, path
    assert tried

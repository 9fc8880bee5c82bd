"""Includes: who wins, which paths, which messages, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from exlib import rules
from exlib.document import Document
from exlib.findings import DocumentRefused
from exlib.merge.includes import MOST_DEEP, Resolved, resolved
from exlib.merge.origin import as_text, origins
from tests.merge.flows import documents, jobs


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def put(name: str, whole: Any) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(whole if isinstance(whole, str) else json.dumps(whole, indent=1), encoding="utf-8")


def read(name: str) -> Document:
    return resolved(Document(Path(name).read_bytes(), name))


def refusal(name: str) -> tuple[str, str]:
    """Place and message of the one finding that a document is refused with."""
    with pytest.raises(DocumentRefused) as caught:
        read(name)
    [found] = caught.value.findings
    assert found.code == "E109"
    return found.place, found.message


@given(documents())
def test_a_document_without_includes_is_itself(one: Document) -> None:
    assert resolved(one) is one


def test_the_including_document_wins_and_of_its_includes_the_later() -> None:
    put("one.json", jobs("a", "b", default_timeout=1, max_workers=1, env_variables={"X": "1", "Y": "1"}, secrets=["X"]))
    put("two.json", jobs("b < a", "c", max_workers=2, name="two", env_variables={"Y": "2", "Z": "2"}, secrets=["Z"]))
    own = jobs("c < b", "d", includes=["one.json", "two.json"], env_variables={"Z": "3"}, secrets=["Q"])
    put("main.json", own)
    assert read("main.json").data == {
        "env_variables": {"Z": "3", "X": "1", "Y": "2"},
        "secrets": ["Q", "Z", "X"],
        "default_timeout": 1,
        "max_workers": 2,
        "jobs": jobs("a", "b < a", "c < b", "d")["jobs"],
    }


def test_own_text_stays_and_the_rest_takes_its_style() -> None:
    put("common.json", {"max_workers": 2, "jobs": [{"id": "a", "command": "true"}]})
    put("main.json", '{ "includes": ["common.json"],\n  "jobs": [\n    {"id": "b",   "n": 1.50} ] }\n')
    assert read("main.json").text == (
        '{ "max_workers": 2,\n  "jobs": [\n    {"id": "a", "command": "true"},\n    {"id": "b",   "n": 1.50} ] }\n'
    )


def test_paths_start_from_the_file_that_names_them() -> None:
    put("deep/er/last.json", jobs("z"))
    put("deep/middle.json", jobs("y", includes=["er/last.json"], dependency_plugins=["p.py", {"path": "/q.py"}]))
    put("main.json", {"includes": ["deep/middle.json"]})
    made = read("main.json")
    assert [job["id"] for job in made.jobs] == ["z", "y"]
    assert made.data["dependency_plugins"] == ["deep/p.py", {"path": "/q.py"}]
    assert [origin.file for origin in origins(made) if origin.job] == ["deep/er/last.json", "deep/middle.json"]


def test_jobs_that_only_the_included_have_stand_a_line_each() -> None:
    put("common.json", json.dumps(jobs("a", "b")))
    put("main.json", '{\n  "includes": ["common.json"]\n}\n')
    assert read("main.json").text == (
        '{\n  "jobs": [\n'
        '    {"id": "a", "command": "true", "dependencies": []},\n'
        '    {"id": "b", "command": "true", "dependencies": []}\n'
        "  ]\n}\n"
    )


def test_on_standard_input_paths_start_from_the_current_directory() -> None:
    put("common.json", jobs("a"))
    assert [job["id"] for job in resolved(Document(b'{"includes": ["common.json"]}')).jobs] == ["a"]


def test_messages_name_the_file_and_the_line_that_a_value_came_from() -> None:
    put(
        "common.json", '{"jobs": [\n\n{"id": "a", "command": "true", "timeout": "x"},\n{"id": "b", "command": "true"}]}'
    )
    put("main.json", {"includes": ["common.json"], "jobs": [{"id": "b", "command": "true", "dependencies": ["q"]}]})
    made = read("main.json")
    found = rules.check(made, environ={})
    assert [(finding.code, finding.file, finding.line) for finding in found if finding.severity == "error"] == [
        ("E302", "main.json", 10),
        ("E203", "common.json", 3),
    ]
    assert found[-1].source_line.startswith('{"id": "a"')
    assert as_text(origins(made)) == 'common.json:3  job "a"\nmain.json:6    job "b"\n'


def test_two_jobs_of_one_id_in_one_file_stay_an_error() -> None:
    put("common.json", jobs("a", "a"))
    put("main.json", {"includes": ["common.json"], "jobs": []})
    [found] = [finding for finding in rules.errors(read("main.json")) if finding.code == "E301"]
    assert found.file == "common.json"
    assert "on line 4" in found.message


@pytest.mark.parametrize("bad", ['"jobs": 5', '"jobs": [5]', '"jobs": [{"command": "true"}]', '"env_variables": []'])
def test_what_is_ill_shaped_is_told_where_it_stands(bad: str) -> None:
    put("common.json", "{" + bad + "}")
    put("main.json", {"includes": ["common.json"], "jobs": []} if "env" in bad else {"includes": ["common.json"]})
    assert {finding.file for finding in rules.errors(read("main.json"))} == {"common.json"}


def test_a_diamond_is_no_circle() -> None:
    put("base.json", jobs("a"))
    for level in range(MOST_DEEP - 1):  # without care this would be read 2 ** 15 times
        below = "base.json" if not level else f"l{level - 1}.json"
        put(f"l{level}.json", {"includes": [below, below], "jobs": []})
    put("main.json", {"includes": [f"l{MOST_DEEP - 2}.json"], "jobs": []})
    assert [job["id"] for job in read("main.json").jobs] == ["a"]


def test_a_circle_is_told_with_its_chain() -> None:
    put("a.json", {"includes": ["sub/b.json"]})
    put("sub/b.json", {"includes": ["../a.json"]})
    place, message = refusal("a.json")
    assert place == "sub/b.json:3:3"
    assert message == "the includes lead in a circle: a.json includes sub/b.json includes a.json"
    put("self.json", {"includes": ["./self.json"]})
    assert "self.json includes self.json" in refusal("self.json")[1]


def test_the_depth_is_limited() -> None:
    for level in range(MOST_DEEP + 2):
        put(f"{level}.json", {"includes": [f"{level + 1}.json"]})
    assert refusal("0.json") == (f"{MOST_DEEP}.json:3:3", "more than 16 documents include each other in a row")
    put("1.json", {"includes": []})
    assert read("0.json").jobs == []


@pytest.mark.parametrize(
    ("includes", "message"),
    [
        ("common.json", "includes must be a list of files"),
        ([5], "an include must be the path of a file"),
        ([""], "an include must be the path of a file"),
        (["none.json"], "cannot read the included none.json: no such file or directory"),
        (["."], "the included . is no file"),
        (["/dev/zero"], "the included /dev/zero is no file"),
        (["https://example.com/x.json"], "an include is a file; nothing is fetched"),
        (["a\0b"], "an include must be the path of a file"),
    ],
)
def test_what_cannot_be_included_is_told_at_its_place(includes: Any, message: str) -> None:
    own = json.dumps({"jobs": [], "includes": includes}).encode()
    if "\\u0000" in own.decode():
        with pytest.raises(DocumentRefused):
            resolved(Document(own, "main.json"))
        return
    Path("main.json").write_bytes(own)
    place, said = refusal("main.json")
    assert (place.split(":")[:2], said) == (["main.json", "1"], message)


def test_an_included_document_that_is_no_json_is_refused_at_its_own_place() -> None:
    put("common.json", "{\n oops")
    put("main.json", {"includes": ["common.json"]})
    with pytest.raises(DocumentRefused) as caught:
        read("main.json")
    assert caught.value.findings[0].place == "common.json:2:2"


def test_what_was_resolved_includes_nothing_any_more() -> None:
    put("common.json", jobs("a"))
    put("main.json", {"includes": ["common.json"]})
    made = read("main.json")
    assert isinstance(made, Resolved)
    again = Document(made.raw, made.name)
    assert resolved(again) is again

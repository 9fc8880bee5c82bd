"""The safe mends: each of them, what must be left alone, and that mending twice is mending once."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib import rules
from exlib.document import Document
from exlib.fix import Mended, mend
from exlib.workflow import Workflow


def mended(text: str) -> str:
    return mend(Document(text.encode())).raw.decode()


def of_job(job: dict[str, Any], *others: dict[str, Any]) -> dict[str, Any]:
    """The first job of a document after the mends."""
    result = json.loads(mended(json.dumps({"application_name": "w", "jobs": [job, *others]})))
    first: dict[str, Any] = result["jobs"][0]
    return first


def test_old_spellings_keep_their_place_and_layout() -> None:
    text = (
        '{ "name":"w",\n\t"x-note": [ 1,2 ],\n"jobs": [{"command": "true", "job_id" :"a","job_description":"A"} ] }\n'
    )
    expected = (
        text.replace('"name"', '"application_name"').replace("job_id", "id").replace("job_description", "description")
    )
    assert mended(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "old", "application_name": "new", "jobs": []}',
        '{"jobs": [{"id": "a", "job_id": "b", "command": "true"}]}',
        '{"jobs": [{"id": " a ", "job_id": "a", "command": "true"}]}',
        '{"jobs": [{"id": "a", "command": "true", "description": "x", "job_description": "y"}]}',
        '{"jobs": [{"id": "a ", "command": "true"}, {"id": "a", "command": "true"}]}',
        '{"jobs": [{"id": "a ", "command": "true"}, {"id": " a", "command": "true"}]}',
        '{"jobs": [{"id": " a", "command": "true"}, {"id": " a", "command": "true"}]}',
        '{"jobs": [{"id": "  ", "command": "true"}]}',
        '{"jobs": [{"id": "a", "command": "true", "timeout": "soon"}]}',
        '{"jobs": [{"id": "a", "command": "true", "priority": "1.5"}]}',
        '{"jobs": [{"id": "a", "command": "true", "timeout": "1e3"}]}',
        '{"jobs": [{"id": "a", "command": "true", "timeout": "010"}]}',
        '{"jobs": [{"id": "a", "command": "true", "env_variables": {"N": "5"}, "working_dir": "5", "tags": ["5"]}]}',
        '{"version": "1", "jobs": []}',
        '{"jobs": [{"id": "a,b", "command": "true"}, {"id": "c", "command": "true", "dependencies": ["a,b"]}]}',
        '{"jobs": "a, b"}',
        '{"jobs": [null, 7, "x", [], {}]}',
        "{}",
    ],
)
def test_left_alone(text: str) -> None:
    assert mend(Document(text.encode())) == Mended(text.encode(), (), ())


@pytest.mark.parametrize(
    ("written", "listed"),
    [("a", ["a"]), ("a, b", ["a", "b"]), (" a,,b , a", ["a", "b"]), ("", []), (" , ", []), ("gone", ["gone"])],
)
def test_dependency_strings_become_lists(written: str, listed: list[str]) -> None:
    job = {"id": "c", "command": "true", "dependencies": written}
    assert of_job(job, {"id": "a"}, {"id": "b"})["dependencies"] == listed


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (["a", "b", "a"], ["a", "b"]),
        (["a", {"job": "a"}], ["a"]),
        ([{"job": "a"}, "a"], [{"job": "a"}]),
        ([{"job": "a"}, {"job": "a", "x-why": "kept"}], [{"job": "a"}, {"job": "a", "x-why": "kept"}]),
        (["a", " a"], ["a"]),
        (["gone", "gone"], ["gone"]),
        ([{"plugin": "file"}, {"plugin": "file"}, 3, 3], [{"plugin": "file"}, {"plugin": "file"}, 3, 3]),
    ],
)
def test_repeated_dependencies_go(written: list[Any], kept: list[Any]) -> None:
    job = {"id": "c", "command": "true", "dependencies": written}
    assert of_job(job, {"id": "a"}, {"id": "b"})["dependencies"] == kept


def test_ids_are_trimmed_with_the_references_to_them() -> None:
    text = """{"jobs": [
      {"id": " load ", "command": "true"},
      {"job_id": "check\\t", "command": "true", "dependencies": [" load "]},
      {"id": "mail", "command": "true", "dependencies": "load, check"},
      {"id": "tell", "command": "true", "dependencies": [{"job": " load "}, "check\\t ", "load"]}
    ]}"""
    assert (
        mended(text)
        == """{"jobs": [
      {"id": "load", "command": "true"},
      {"id": "check", "command": "true", "dependencies": ["load"]},
      {"id": "mail", "command": "true", "dependencies": ["load", "check"]},
      {"id": "tell", "command": "true", "dependencies": [{"job": "load"}, "check"]}
    ]}"""
    )


def test_a_reference_to_an_id_that_keeps_its_blanks_is_kept() -> None:
    text = '{"jobs": [{"id": "a "}, {"id": "a"}, {"id": "b", "dependencies": ["a ", "a"]}]}'
    assert mended(text) == text


@pytest.mark.parametrize(
    ("key", "written", "number"),
    [
        ("timeout", '"60"', "60"),
        ("timeout", '" 1.5 "', "1.5"),
        ("retry_delay", '"0"', "0"),
        ("priority", '"-3"', "-3"),
        ("retry_on_exit_codes", '[1, "2"]', "[1, 2]"),
        ("dependencies", '[{"plugin": "file", "timeout": "9"}]', '[{"plugin": "file", "timeout": 9}]'),
        (
            "post_checks",
            '[{"name": "check_disk_space", "params": {"path": "5", "min_gb": "5"}}]',
            '[{"name": "check_disk_space", "params": {"path": "5", "min_gb": 5}}]',
        ),
    ],
)
def test_quoted_numbers_lose_their_quotes(key: str, written: str, number: str) -> None:
    text = f'{{"jobs": [{{"id": "a", "command": "true", "{key}": %s}}]}}'
    assert mended(text % written) == text % number


def test_numbers_of_the_whole_workflow_too() -> None:
    assert mended('{"max_workers": "4", "default_timeout": "90"}') == '{"max_workers": 4, "default_timeout": 90}'


def test_byte_order_mark_line_ends_and_escapes_stay() -> None:
    raw = codecs.BOM_UTF8 + b'{\r\n\t"name": "\\u00e4\xc3\xa4",\r\n\t"jobs": []\r\n}\r\n\r\n'
    assert mend(Document(raw)).raw == raw.replace(b'"name"', b'"application_name"')


def test_every_mend_is_told_with_line_and_job() -> None:
    text = '{"name": "w",\n"jobs": [\n{"job_id": "a ", "timeout": "5",\n"dependencies": "b"}]}'
    told = [(each.line, each.job, each.message) for each in mend(Document(text.encode())).mends]
    assert told == [
        (1, None, 'the key "name" is now "application_name"'),
        (3, "a ", 'the key "job_id" is now "id"'),
        (3, "a ", 'the id "a " is now "a"'),
        (3, "a ", 'timeout "5" is now 5'),
        (4, "a ", 'dependencies "b" is now ["b"]'),
    ]


IDS = st.sampled_from(["a", "b", "c", "é", " a", "b ", "\tc\n", " ", "", "a,b", "\u2003d"])
NUMBERS = st.one_of(
    st.integers(-2, 9), st.sampled_from(["5", " 7", "1.5", "-1", "0x1", "", "1e3", "99999999999999999999"])
)
DEPENDENCIES = st.one_of(
    st.lists(IDS, max_size=4).map(", ".join),
    st.lists(
        st.one_of(
            IDS,
            IDS.map(lambda name: {"job": name}),
            IDS.map(lambda name: {"job": name, "x-note": name}),
            NUMBERS.map(lambda number: {"plugin": "file", "params": {"path": "x"}, "timeout": number}),
        ),
        max_size=5,
    ),
)
JOB = st.fixed_dictionaries(
    {},
    optional={
        "id": IDS,
        "job_id": IDS,
        "description": IDS,
        "job_description": IDS,
        "dependencies": DEPENDENCIES,
        "timeout": NUMBERS,
        "priority": NUMBERS,
        "max_retries": NUMBERS,
        "retry_on_exit_codes": st.lists(NUMBERS, max_size=3),
        "x-anything": st.recursive(IDS, lambda inner: st.lists(inner, max_size=2)),
    },
)
SOUND_JOB = st.fixed_dictionaries(
    {"command": st.just("true")},
    optional={
        "description": IDS,
        "job_description": IDS,
        "timeout": st.integers(1, 9),
        "tags": st.lists(st.sampled_from(["5", "t"]), max_size=2),
        "env_variables": st.dictionaries(st.sampled_from(["A", "B"]), NUMBERS),
    },
)


@st.composite
def written(draw: st.DrawFn, jobs: st.SearchStrategy[list[Any]]) -> bytes:
    """A document in one of many layouts, its keys in any order."""
    top = draw(
        st.fixed_dictionaries({}, optional={"name": IDS, "application_name": IDS, "max_workers": st.integers(1, 3)})
    )
    top["jobs"] = [dict(draw(st.permutations(list(job.items())))) for job in draw(jobs)]
    indent = draw(st.sampled_from([None, 0, 2, "\t"]))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]))
    text = json.dumps(top, indent=indent, separators=separators, ensure_ascii=draw(st.booleans()))
    return draw(st.sampled_from([b"", codecs.BOM_UTF8])) + text.encode()


@st.composite
def sound_jobs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Jobs with different ids that depend on earlier ones only, in old and new spellings."""
    names = draw(st.lists(st.sampled_from(["a", " b", "c ", "é", "\u2003f", "g"]), unique=True, max_size=5))
    made = []
    for place, name in enumerate(names):
        job = {draw(st.sampled_from(["id", "job_id"])): name, **draw(SOUND_JOB)}
        earlier = st.lists(st.sampled_from(names[:place]), max_size=4) if place else st.just([])
        needs = draw(earlier)
        plain = all(need == need.strip() for need in needs)
        job["dependencies"] = ", ".join(needs) if plain and draw(st.booleans()) else needs
        made.append(job)
    return made


@given(written(st.lists(JOB, max_size=4)))
def test_mending_twice_is_mending_once(raw: bytes) -> None:
    mended = mend(Document(raw))
    assert (mended.raw == raw) == (not mended.mends)
    assert mend(Document(mended.raw)) == Mended(mended.raw, (), ())


@given(written(st.lists(JOB, max_size=4)))
def test_what_is_unknown_stays_and_so_does_the_order(raw: bytes) -> None:
    new_names = {"name": "application_name", "job_id": "id", "job_description": "description"}
    before, after = json.loads(raw), json.loads(mend(Document(raw)).raw)
    assert len(before) == len(after)
    for old, new in zip(before["jobs"], after["jobs"], strict=True):
        assert [new_names.get(key, key) for key in old] == [new_names.get(key, key) for key in new]
        assert old.get("x-anything") == new.get("x-anything")


@given(written(sound_jobs()))
def test_the_mended_document_means_the_same(raw: bytes) -> None:
    before = Document(raw)
    assert rules.errors(before) == []
    after = Document(mend(before).raw)
    assert trimmed(Workflow.from_document(before)) == Workflow.from_document(after)


def trimmed(workflow: Workflow) -> Workflow:
    """The same workflow with blanks around ids gone: the one thing that a mend may change."""
    jobs = (
        job._replace(id=job.id.strip(), dependencies=tuple(map(str.strip, job.dependencies))) for job in workflow.jobs
    )
    return workflow._replace(jobs=tuple(jobs))


CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "executioner"


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.json")) or [CORPUS], ids=lambda path: path.name)
def test_real_documents_keep_their_meaning(file: Path) -> None:
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is absent")
    document = Document(file.read_bytes(), str(file))
    once = Document(mend(document).raw, str(file))
    assert "name" not in once.data
    if not rules.errors(document):
        assert Workflow.from_document(document) == Workflow.from_document(once)

"""Files made one: includes, their rules, their inputs, and what is not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exlib.convert.account import Account, Entry
from exlib.convert.draft import guard_of
from exlib.convert.gitlab.reader import read
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import InputError


def converted(folder: Path, **files: str) -> tuple[dict[str, Any], list[Entry]]:
    """The document of ``main`` beside other files, whose names end in .yml."""
    return told(folder, {}, **files)


def told(folder: Path, variables: dict[str, str], **files: str) -> tuple[dict[str, Any], list[Entry]]:
    """The document, with variables that were told."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    name = str(folder / "main.yml")
    account = Account()
    made = read(Source(Path(name).read_bytes(), name), Wishes(variables=variables), account)
    assert not [entry for entry in account.entries if entry.reason == "nothing here reads it"]
    return made[0].data(), account.entries


def commands(document: dict[str, Any]) -> dict[str, str]:
    """The commands by id."""
    return {job["id"]: job["command"] for job in document["jobs"]}


def test_the_including_file_is_over_what_it_includes_and_the_later_over_the_earlier(tmp_path: Path) -> None:
    document, _ = converted(
        tmp_path,
        main="include: [a.yml, /b.yml]\nvariables: {X: main}\njob: {script: [main]}\n",
        a="variables: {X: a, Y: a, Z: a}\njob: {script: [a], before_script: [a]}\nother: {script: a}\n",
        b="include: {local: c.yml}\nvariables: {Y: b}\nother: {script: b}\n",
        c="third: {script: c}\n",
    )
    assert commands(document) == {"job": "a\nmain", "other": "b", "third": "c"}
    assert document["env_variables"] == {"X": "main", "Y": "b", "Z": "a"}


def test_a_wildcard_stays_within_a_folder(tmp_path: Path) -> None:
    document, _ = converted(
        tmp_path,
        main="include: ci/*.yml\n",
        ci__a="a: {script: a}\n",
        ci__b="b: {script: b}\n",
        other="x: {script: x}\n",
    )
    assert commands(document) == {"a": "a", "b": "b"}


def test_inputs_are_put_in_with_their_types(tmp_path: Path) -> None:
    document, _ = converted(
        tmp_path,
        main="include:\n  - {local: t.yml, inputs: {name: web, count: 2, lines: [one, two]}}\n",
        t="""
spec:
  inputs:
    name: {options: [web, db]}
    count: {type: number}
    lines: {type: array, default: []}
    prefix: {default: long-prefix}
---
"$[[ inputs.name ]]-job":
  parallel: $[[ inputs.count ]]
  script: $[[ inputs.lines ]]
  variables: {P: "$[[ inputs.prefix | truncate(0, 4) ]]/$[[ inputs.name ]]"}
""",
    )
    assert commands(document) == {"web-job 1/2": "one\ntwo", "web-job 2/2": "one\ntwo"}
    assert document["jobs"][0]["env_variables"] == {"P": "long/web"}


def test_the_inputs_of_the_file_itself_are_told_by_var(tmp_path: Path) -> None:
    text = "spec: {inputs: {n: {type: number}}}\n---\na:\n  script: x\n  parallel: $[[ inputs.n ]]\n"
    assert len(told(tmp_path, {"n": "3"}, main=text)[0]["jobs"]) == 3


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ("{}", "the input name is asked for"),
        ("{name: other}", "none of its options"),
        ("{name: web, more: 1}", "asks for no input more"),
        ("{name: 1}", "must be of type string"),
        ("{name: web, version: 1x}", "does not match"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(tmp_path: Path, inputs: str, said: str) -> None:
    header = "spec: {inputs: {name: {options: [web]}, version: {default: v1, regex: '^v\\d+$'}}}\n"
    with pytest.raises(InputError, match=said):
        converted(
            tmp_path, main=f"include: [{{local: t.yml, inputs: {inputs}}}]\n", t=f"{header}---\na: {{script: x}}\n"
        )


def test_blocks_without_a_header_stay_as_they_are(tmp_path: Path) -> None:
    document, _ = converted(tmp_path, main="a: {script: 'echo $[[ inputs.x ]]'}\n")
    assert commands(document) == {"a": "echo $[[ inputs.x ]]"}


def test_rules_of_an_include(tmp_path: Path) -> None:
    main = "include: [{local: a.yml, rules: [{if: $X == 'yes'}]}]\nj: {script: j}\n"
    assert commands(told(tmp_path, {"X": "yes"}, main=main, a="a: {script: a}\n")[0]) == {"a": "a", "j": "j"}
    assert commands(told(tmp_path, {"X": "no"}, main=main)[0]) == {"j": "j"}
    document, entries = told(tmp_path, {}, main=main)
    assert guard_of(document["jobs"][0]) == "files that it includes were not read"
    assert [entry.place.path for entry in entries if entry.fate == "manual"] == ["include[0]"]


def test_a_rule_behind_one_that_is_open_decides_nothing(tmp_path: Path) -> None:
    rules = "[{if: $X, when: never}, {if: $CI == 'true'}]"
    main = f"include: [{{local: a.yml, rules: {rules}}}]\nj: {{script: j}}\n"
    assert commands(told(tmp_path, {}, main=main, a="a: {script: a}\n")[0]) == {"j": "j"}
    assert commands(told(tmp_path, {"X": ""}, main=main)[0]) == {"a": "a", "j": "j"}


@pytest.mark.parametrize(
    "include",
    ["{remote: 'https://x/y.yml'}", "'https://x/y.yml'", "{project: a/b, file: c.yml}", "{template: A.yml}",
     "{component: $CI_SERVER_FQDN/a/b@1}", "{local: '$X.yml'}"],
)  # fmt: skip
def test_nothing_runs_by_itself_where_something_was_not_fetched(tmp_path: Path, include: str) -> None:
    text = f"include: [{include}]\na: {{stage: build, script: a}}\nb: {{script: b}}\nc: {{needs: [], script: c}}\n"
    document, entries = converted(tmp_path, main=text)
    guarded = {job["id"]: guard_of(job) is not None for job in document["jobs"]}
    assert guarded == {"a": True, "b": False, "c": True}
    assert {entry.fate for entry in entries if entry.construct == "include"} == {"manual"}
    assert len(document["x-source"]["include"]) == 1


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ("include: none.yml\n", "cannot read"),
        ("include: ../outside.yml\n", "outside"),
        ("include: main.yml\n", "includes itself"),
        ("include: a*.yml\n", "no file matches"),
        ("include: [{nothing: x}]\n", "names no file"),
        ("include: [1]\n", "a path or a map"),
    ],
)
def test_an_include_that_cannot_be_is_refused(tmp_path: Path, main: str, said: str) -> None:
    (tmp_path / "below").mkdir()
    with pytest.raises(InputError, match=said):
        converted(tmp_path / "below", main=main)


def test_a_message_about_an_included_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        converted(tmp_path, main="include: a.yml\n", a="\nj: {script: [{x: y}]}\n")
    assert str(raised.value.place).endswith("a.yml:2")


def test_what_is_covered_by_another_file_is_said(tmp_path: Path) -> None:
    _, entries = converted(tmp_path, main="include: a.yml\nj: {script: main}\n", a="j: {script: a, retry: 1}\n")
    said = {(entry.place.file.split("/")[-1], entry.place.path): entry.reason for entry in entries}
    assert said["a.yml", "j.script"] == "another value is over it"

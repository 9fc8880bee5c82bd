"""Findings for programs: each format is parsed back and says the same as the findings."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from exlib import schema
from exlib.console import Console
from exlib.errors import Exit, UsageError
from exlib.findings import Finding
from exlib.report import findings_github, findings_json, findings_junit, findings_rules, findings_sarif
from exlib.report.findings import Checked
from exlib.rules.catalog import CATALOG

TIMEOUT = Finding(
    "E203", "error", 'timeout must be a number, got "60"', "a b/nightly.json", 202, 18, 22, '"60"', "write 60", "load"
)
KEY = Finding("W501", "warning", "100% odd\nkey", "a b/nightly.json", 3, 7, 15, "", pointer=("jobs", 0, "a/b~c"))
GONE = Finding("E100", "error", "cannot be read: no such file or directory", "/tmp/gone,1:2.json")
CHECKED = (
    Checked("a b/nightly.json", (TIMEOUT, KEY)),
    Checked("clean.json", ()),
    Checked("/tmp/gone,1:2.json", (GONE,), Exit.USAGE),
)
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
FINDINGS = st.builds(
    Finding,
    code=st.sampled_from(list(CATALOG)),
    severity=st.sampled_from(["error", "warning"]),
    message=TEXT,
    file=st.just("f.json"),
    line=st.integers(0, 9),
    column=st.integers(1, 9),
    end_column=st.integers(1, 9),
    mend=st.none() | TEXT,
    job=st.none() | TEXT,
    pointer=st.lists(st.integers(0, 9) | TEXT, max_size=3).map(tuple),
)
REPORTS = st.lists(st.builds(Checked, TEXT, st.lists(FINDINGS, max_size=3).map(tuple)), min_size=1, max_size=3)


def described(document: Any, part: str) -> None:
    whole = schema.load("findings")
    Draft202012Validator.check_schema(whole)
    Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": whole["$defs"]}).validate(document)


def test_json_says_it_all() -> None:
    report = json.loads(findings_json.render(CHECKED))
    described(report, "report")
    assert report["counts"] == {"files": 3, "errors": 2, "warnings": 1}
    assert report["ok"] is False
    assert [one["exit_code"] for one in report["files"]] == [1, 0, 2]
    assert report["findings"][0] == {
        "code": "E203",
        "severity": "error",
        "message": 'timeout must be a number, got "60"',
        "mend": "write 60",
        "job": "load",
        "file": "a b/nightly.json",
        "line": 202,
        "column": 18,
        "end_column": 22,
        "pointer": "",
    }
    assert report["findings"][1]["pointer"] == "/jobs/0/a~1b~0c"
    assert report["findings"][2]["line"] is None


@given(REPORTS)
def test_json_always_follows_its_schema(checked: list[Checked]) -> None:
    described(json.loads(findings_json.render(checked)), "report")


def test_github_escapes_what_its_runner_reads() -> None:
    assert findings_github.render(CHECKED).splitlines() == [
        "::error file=a b/nightly.json,line=202,col=18,endColumn=22,title=E203::"
        'job "load": timeout must be a number, got "60"%0Amend: write 60',
        "::warning file=a b/nightly.json,line=3,col=7,endColumn=15,title=W501::100%25 odd\\nkey",
        "::error file=/tmp/gone%2C1%3A2.json,title=E100::cannot be read: no such file or directory",
    ]


@given(REPORTS)
def test_github_is_one_well_formed_line_a_finding(checked: list[Checked]) -> None:
    lines = findings_github.render(checked).split("\n")[:-1]
    assert len(lines) == sum(len(one.findings) for one in checked)
    for line in lines:
        assert re.fullmatch(r"::(error|warning) file=[^,:]*(,[a-zA-Z]+=[^,:]*)*::([^%]|%25|%0A|%0D)*", line)


def check_sarif(log: dict[str, Any]) -> None:
    """What SARIF 2.1.0 requires of the parts that we write (sections 3.13 to 3.30 of the standard)."""
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert driver["name"]
    assert len(set(ids)) == len(ids)
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in driver["rules"])
    assert all(rule["defaultConfiguration"]["level"] in ("error", "warning") for rule in driver["rules"])
    assert run["columnKind"] == "unicodeCodePoints"
    assert all(isinstance(call["executionSuccessful"], bool) for call in run["invocations"])
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning")
        assert ids[result["ruleIndex"]] == result["ruleId"]
        (location,) = result["locations"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%:-]+", location["physicalLocation"]["artifactLocation"]["uri"])
        region = location["physicalLocation"].get("region")
        if region is not None:
            assert region["startLine"] >= 1
            assert 1 <= region["startColumn"] <= region["endColumn"]


def test_sarif_is_what_the_standard_asks_for() -> None:
    log = json.loads(findings_sarif.render(CHECKED))
    check_sarif(log)
    (run,) = log["runs"]
    assert len(run["tool"]["driver"]["rules"]) == len(CATALOG)
    assert run["invocations"] == [{"executionSuccessful": False}]
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert uris == ["a%20b/nightly.json", "a%20b/nightly.json", "file:///tmp/gone%2C1%3A2.json"]
    assert run["results"][0]["message"]["text"] == ('job "load": timeout must be a number, got "60". Mend: write 60')


@given(REPORTS)
def test_sarif_of_anything(checked: list[Checked]) -> None:
    check_sarif(json.loads(findings_sarif.render(checked)))


def test_junit_has_a_suite_a_file_and_a_case_a_finding() -> None:
    root = ElementTree.fromstring(findings_junit.render(CHECKED))
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == [one.file for one in CHECKED]
    counts = [[suite.get(key) for key in ("tests", "failures", "errors")] for suite in root]
    assert counts == [["2", "1", "0"], ["1", "0", "0"], ["1", "0", "1"]]
    timeout, key = suites["a b/nightly.json"]
    failure = timeout.find("failure")
    assert failure is not None
    assert failure.get("type") == "E203"
    assert failure.text == (
        'a b/nightly.json:202:18: error E203: job "load": timeout must be a number, got "60"\nmend: write 60'
    )
    assert key.find("failure") is None
    assert "100% odd" in key.findtext("system-out", "")


@given(REPORTS)
def test_junit_is_well_formed_whatever_the_text(checked: list[Checked]) -> None:
    root = ElementTree.fromstring(findings_junit.render(checked))
    for suite, one in zip(root, checked, strict=True):
        assert len(suite.findall(".//failure")) == sum(f.severity == "error" for f in one.findings)


@pytest.mark.parametrize("word", ["E203", "e203", " wrong-type "])
def test_a_rule_is_found_by_code_or_name(word: str) -> None:
    assert findings_rules.find(word).code == "E203"


@pytest.mark.parametrize(("word", "nearest"), [("E2O3", "E203"), ("wrong-typ", "E203 (wrong-type)")])
def test_an_unknown_rule_names_the_nearest(word: str, nearest: str) -> None:
    with pytest.raises(UsageError) as error:
        findings_rules.find(word)
    assert nearest in (error.value.mend or "")


def test_rules_as_json_follow_the_schema() -> None:
    listed = json.loads(findings_rules.table("json", Console()))
    described(listed, "rules")
    assert [rule["code"] for rule in listed["rules"]] == list(CATALOG)
    described(json.loads(findings_rules.page("E203", "json", Console())), "rules")


def test_the_table_has_a_line_a_rule() -> None:
    lines = findings_rules.table("text", Console()).splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOG)


@pytest.mark.parametrize("code", CATALOG)
def test_every_code_has_a_page(code: str) -> None:
    text = findings_rules.page(code, "text", Console())
    assert code in text.splitlines()[0]
    assert len(text.splitlines()) > 3

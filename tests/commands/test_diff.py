"""ex-diff: exit codes, standard input, every format, secrets, runs, and its page in a browser."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonpatch
import jsonschema
import pytest
from markdown_it import MarkdownIt

from tests.browser import opened
from tests.pages import prints_what_it_says

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "delta.schema.json").read_text())
SHOWN = ["text", "brief", "json", "markdown", "github", "html"]
"""Formats that a person or a log may see: no secret is in them."""
SECRETS = ["hunter2-old", "hunter2-new", "mail-old", "mail-new", "token-in-a-note"]
VARIABLES = ["value-of-mode-old", "value-of-mode-new", "value-of-own"]
HOSTILE = '<img src=x onerror=alert(1)>`**|"'
BEFORE: dict[str, Any] = {
    "application_name": "nightly",
    "default_timeout": 3600,
    "smtp_password": "mail-old",
    "env_variables": {"DB_PASSWORD": "hunter2-old", "MODE": "value-of-mode-old"},
    "jobs": [
        {"id": "extract", "command": "bin/extract"},
        {"id": "load", "command": "load --password hunter2-old", "dependencies": ["extract"], "timeout": 60},
        {"id": "old", "command": "report", "dependencies": ["load"]},
        {"id": "mail", "command": "send\nmail", "dependencies": ["old"], "x-api": {"api_token": "token-in-a-note"}},
    ],
}
AFTER: dict[str, Any] = {
    "application_name": "nightly",
    "default_timeout": 7200,
    "smtp_password": "mail-new",
    "env_variables": {"DB_PASSWORD": "hunter2-new", "MODE": "value-of-mode-new"},
    "jobs": [
        {"id": "extract", "command": "bin/extract"},
        {"id": HOSTILE, "command": f"echo '{HOSTILE}'", "dependencies": ["extract"]},
        {"id": "load", "command": "load --password hunter2-new", "dependencies": ["extract", HOSTILE], "timeout": 60},
        {"id": "report", "command": "report", "dependencies": ["load"]},
        {
            "id": "mail",
            "command": "send\nmore\nmail",
            "dependencies": ["report"],
            "env_variables": {"OWN": "value-of-own"},
            "x-api": {"api_token": "token-in-a-note", "more": [1]},
        },
    ],
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "old.json").write_text(json.dumps(BEFORE))
    (tmp_path / "new.json").write_text(json.dumps(AFTER, indent=2))
    return tmp_path


def ran(place: Path, *argv: str, data: str = "", **environ: str) -> Any:
    return subprocess.run(
        ["ex-diff", *argv],
        cwd=place,
        input=data,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environ},
    )


def test_exit_codes(place: Path) -> None:
    assert ran(place, "old.json", "old.json").returncode == 0
    assert ran(place, "old.json", "new.json").returncode == 1
    missing = ran(place, "old.json", "newer.json")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "newer.json" in missing.stderr
    (place / "broken.json").write_text('{"jobs": [}')
    broken = ran(place, "old.json", "broken.json")
    assert (broken.returncode, broken.stdout) == (2, "")
    assert broken.stderr.startswith("broken.json:1:11:")


@pytest.mark.parametrize("form", ["text", "brief", "json", "json-patch", "markdown", "github", "html"])
def test_equal_documents_are_equal_in_every_format(place: Path, form: str) -> None:
    assert ran(place, "old.json", "old.json", "--format", form).returncode == 0


def test_one_of_the_two_may_be_standard_input(place: Path) -> None:
    for argv in (["-", "old.json"], ["old.json", "-"]):
        assert ran(place, *argv, data=json.dumps(BEFORE)).returncode == 0
        assert ran(place, *argv, data=json.dumps(AFTER)).returncode == 1
        assert ran(place, *argv, data=" \n").returncode == 3
    both = ran(place, "-", "-", data=json.dumps(BEFORE))
    assert (both.returncode, both.stdout) == (2, "")
    assert "both documents are standard input" in both.stderr


@pytest.mark.parametrize(
    "argv",
    [
        ["old.json"],
        ["old.json", "new.json", "old.json"],
        ["--apply"],
        ["--db", "x", "old.json", "new.json"],
        ["--textconv", "--git-config"],
        ["--textconv", "old.json", "new.json"],
        ["--run", "1", "2", "old.json"],
    ],
    ids=" ".join,
)
def test_what_does_not_fit_together_is_usage(place: Path, argv: list[str]) -> None:
    result = ran(place, *argv)
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize("form", SHOWN)
def test_no_secret_and_no_variable_is_shown(place: Path, form: str) -> None:
    shown = ran(place, "old.json", "new.json", "--format", form).stdout
    assert "MODE" in shown
    assert not [value for value in SECRETS + VARIABLES if value in shown]
    asked = ran(place, "old.json", "new.json", "--format", form, "--show-values").stdout
    assert not [value for value in SECRETS if value in asked]
    if form != "brief":
        assert all(value in asked for value in VARIABLES[:2])


def test_json_keeps_its_schema(place: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    told = json.loads(ran(place, "old.json", "new.json", "--format", "json", "--order").stdout)
    jsonschema.validate(told, SCHEMA)
    assert told["jobs"]["added"] == [HOSTILE]
    assert told["jobs"]["renamed"] == [{"before": "old", "after": "report", "exact": True}]
    assert [one["job"] for one in told["jobs"]["changed"]] == ["load", "mail"]
    assert {"job": "load", "waits_for": HOSTILE} in told["dependencies"]["added"]
    assert told["dependencies"]["removed"] == []
    jobs = {one["key"]: one["jobs"] for one in told["inherited"]}
    assert jobs["timeout"] == ["extract", "report", "mail"]
    runs = [one["job"] for one in told["resume"]["runs"]]
    assert runs == ["extract", HOSTILE, "load", "report", "mail"]
    same = json.loads(ran(place, "old.json", "old.json", "--format", "json").stdout)
    jsonschema.validate(same, SCHEMA)
    assert same["equal"]


def test_a_document_with_errors_is_compared_as_far_as_that_goes(place: Path) -> None:
    (place / "odd.json").write_text(json.dumps({"jobs": [{"id": "a"}, {"id": "b", "timeout": "x"}, 7]}))
    for form in SHOWN:
        assert ran(place, "old.json", "odd.json", "--format", form).returncode == 1
    told = json.loads(ran(place, "old.json", "odd.json", "--format", "json").stdout)
    jsonschema.validate(told, SCHEMA)
    assert (told["unsound"], told["resume"], told["inherited"]) == (["odd.json"], None, None)


def test_json_patch_applies(place: Path) -> None:
    operations = json.loads(ran(place, "old.json", "new.json", "--format", "json-patch").stdout)
    assert jsonpatch.JsonPatch(operations).apply(BEFORE) == AFTER


def test_what_a_resume_does_is_what_is_told(place: Path) -> None:
    """The engine itself is asked: a run of one document, resumed with the other."""
    jobs = [
        {"id": "a", "command": "true"},
        {"id": "b", "command": "true", "dependencies": ["a"]},
        {"id": "c", "command": "true", "dependencies": ["b"]},
        {"id": "d", "command": "true", "timeout": 5},
    ]
    (place / "w.json").write_text(json.dumps({"application_name": "w", "jobs": jobs}))
    (place / "before.json").write_text((place / "w.json").read_text())
    assert subprocess.run(["ex-run", "-q", "w.json"], cwd=place, check=False).returncode == 0
    jobs[1]["command"] = "true again"
    jobs[3]["timeout"] = 9
    jobs.append({"id": "e", "command": "true"})
    (place / "w.json").write_text(json.dumps({"application_name": "w", "jobs": jobs}))
    told = json.loads(ran(place, "before.json", "w.json", "--format", "json").stdout)
    line = ["ex-run", "-q", "--resume", "last", "w.json", "--events", "events"]
    subprocess.run(line, cwd=place, check=False)
    events = [json.loads(event) for event in (place / "events").read_text().splitlines()]
    started = {event["job"] for event in events if event["event"] == "attempt_started"}
    assert {one["job"] for one in told["resume"]["runs"]} == started == {"b", "c", "e"}
    assert told["resume"]["done_already"] == 2


def test_markdown_holds_no_markup_of_the_document(place: Path) -> None:
    for form in ("markdown", "github"):
        text = ran(place, "old.json", "new.json", "--format", form).stdout
        rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
        assert "<img" not in rendered
    assert text.count("<details>") == text.count("</details>") > 1
    assert "1 job added, 1 renamed, 2 changed" in text


def test_a_summary_for_github_stays_below_its_limit(place: Path) -> None:
    jobs = [{"id": f"job_{number}", "command": "x" * 500} for number in range(9000)]
    (place / "large.json").write_text(json.dumps({"jobs": jobs}))
    shown = ran(place, "old.json", "large.json", "--format", "github").stdout
    assert len(shown.encode()) < 1 << 20


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1200, 380])
def test_the_page_stands_side_by_side(place: Path, browser: Any, dark: bool, width: int) -> None:
    ran(place, "old.json", "new.json", "--format", "html", "-o", "page.html")
    with opened(browser, place / "page.html", dark=dark, width=width) as page:
        assert page.locator("article.job").count() == 5
        assert page.locator("img").count() == 0
        assert HOSTILE in page.locator("article.job").all_inner_texts()[1]
        row = page.locator("article.job", has_text="load").locator(".row.changed").first
        before, after = (row.locator(side).bounding_box() for side in (".before", ".after"))
        if width > 700:
            assert before["x"] + before["width"] <= after["x"] + 1
            assert before["y"] == after["y"]
        else:
            assert before["y"] + before["height"] <= after["y"] + 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        colours = {
            side: row.locator(side).evaluate("e => getComputedStyle(e).backgroundColor") for side in (".before",)
        }
        assert colours[".before"] != "rgba(0, 0, 0, 0)"


def test_two_runs(place: Path, browser: Any) -> None:
    document: dict[str, Any] = {"application_name": "n", "jobs": [{"id": "a", "command": "true"}]}
    for command, code in (("true", 0), ("exit 3", 1)):
        document["jobs"][0]["command"] = command
        (place / "n.json").write_text(json.dumps(document))
        assert subprocess.run(["ex-run", "-q", "n.json"], cwd=place, check=False).returncode == code
    assert ran(place, "--run", "1", "1").returncode == 0
    text = ran(place, "--run", "1", "2")
    assert text.returncode == 1
    assert "1 job ended differently" in text.stdout
    assert "+ command: exit 3" in text.stdout
    assert ran(place, "--run", "1", "2", "--format", "brief").stdout == "! a: success -> failed\n~ a: command\n"
    told = json.loads(ran(place, "--run", "1", "2", "--format", "json").stdout)
    jsonschema.validate(told, SCHEMA)
    assert told["runs"]["jobs"][0]["after"]["status"] == "failed"
    assert "<details>" in ran(place, "--run", "1", "2", "--format", "github").stdout
    assert "# n: run 1 and run 2" in ran(place, "--run", "1", "2", "--format", "markdown").stdout
    ran(place, "--run", "1", "2", "--format", "html", "-o", "runs.html")
    with opened(browser, place / "runs.html") as page:
        assert "ended differently" in page.inner_text("body")
    assert ran(place, "--run", "1", "7").returncode == 1


def test_the_page_of_the_documentation(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert prints_what_it_says("ex-diff.md", tmp_path, request) >= 5

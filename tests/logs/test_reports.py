"""Reports on real runs, from the command to the page in a browser: trends, post-mortem, comparison, and the others."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt

from tests.browser import opened

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "schemas" / "log-analysis.schema.json").read_text())
SECRET = "hunter2-is-no-password"
HOSTILE = "<img src=x onerror=alert(1)>"
FAILING = f"""echo 'Connecting with {SECRET}'
echo '{HOSTILE}'
echo 'Traceback (most recent call last):'
echo '  File "load.py", line 14, in <module>'
echo "KeyError: 'customer_id' {SECRET}"
exit 3"""


def workflow(*, broken: bool) -> dict[str, Any]:
    jobs: list[dict[str, Any]] = [
        {"id": "extract", "command": "sleep 0.01"},
        {"id": "load", "command": FAILING if broken else "true", "dependencies": ["extract"], "timeout": 60},
        {"id": "flaky", "command": "test $EX_ATTEMPT = 2", "max_retries": 1, "retry_delay": 0.01},
        {"id": "report", "command": "true", "dependencies": ["load"]},
        {"id": f"mail {HOSTILE}", "command": "true", "dependencies": ["report"]},
    ]
    if broken:
        jobs[0]["command"] = "sleep 0.4"
        jobs[0]["env_variables"] = {"REGION": "not-to-be-told"}
        jobs.append({"id": "new", "command": "true"})
    return {
        "application_name": "nightly",
        "parallel": True,
        "max_workers": 2,
        "continue_on_error": True,
        "env_variables": {"API_TOKEN": SECRET},
        "secrets": ["API_TOKEN"],
        "jobs": jobs,
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six runs that went well, and a seventh, of a changed document, that did not."""
    folder = tmp_path_factory.mktemp("reports")
    for number in range(7):
        (folder / "nightly.json").write_text(json.dumps(workflow(broken=number == 6)))
        done = typed(folder, "ex-run", "-q", "nightly.json")
        assert done.returncode == (number == 6), done.stderr
    return folder


def typed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT / "bin"), os.environ["PATH"]])
    environ = os.environ | {"PATH": path, "EX_DB": str(folder / "h.db"), "XDG_STATE_HOME": str(folder), "TZ": "UTC"}
    return subprocess.run(
        words, cwd=folder, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def told(folder: Path, *words: str, code: int = 0) -> str:
    done = typed(folder, "ex-analyze-logs", *words)
    assert (done.returncode, done.stderr) == (code, "")
    return done.stdout


VIEWS = {
    "summary": ["--summary"],
    "errors": ["--errors-only"],
    "patterns": ["--patterns"],
    "trends": ["--trends"],
    "post-mortem": ["--post-mortem", "last"],
    "compare": ["--compare", "6", "7"],
}


def code_of(view: str) -> int:
    return int(view == "compare")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dark", [False, True])
def test_a_page_loads_is_sorted_and_runs_nothing(
    browser: Any, place: Path, tmp_path: Path, view: str, dark: bool
) -> None:
    file = tmp_path / "page.html"
    assert told(place, *VIEWS[view], "--format", "html", "-o", str(file), code=code_of(view)) == ""
    with opened(browser, file, dark=dark) as shown:
        assert shown.locator("h1").text_content()
        assert shown.locator("section").count() >= 1
        assert shown.locator("img").count() == 0
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for head in shown.locator("table.data th").all()[:3]:
            head.press("Enter")
            assert head.get_attribute("aria-sort") == "ascending"
        assert SECRET not in file.read_text()


def test_a_bar_of_the_timeline_tells_its_details_to_pointer_and_keys(browser: Any, place: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    told(place, "--post-mortem", "last", "--format", "html", "-o", str(file))
    with opened(browser, file) as shown:
        detail = shown.locator("#bar-detail")
        assert "arrow keys" in detail.text_content()
        first = shown.locator(".gantt .bar").first
        first.focus()
        first.press("ArrowRight")
        met = detail.locator("h3").text_content()
        shown.keyboard.press("ArrowRight")
        assert detail.locator("h3").text_content() != met or "try" in detail.text_content()
        shown.locator(".gantt .bar[data-status=failed]").last.hover()
        assert "took" in detail.text_content()
        assert SECRET not in shown.content()


@pytest.mark.parametrize("view", VIEWS)
def test_markdown_is_markdown_and_has_no_markup_of_others(place: Path, view: str) -> None:
    text = told(place, *VIEWS[view], "--format", "markdown", code=code_of(view))
    rendered = MarkdownIt("commonmark").enable("table").render(text)
    assert rendered.startswith("<h1>")
    assert "<img" not in rendered
    assert SECRET not in text


@pytest.mark.parametrize("view", ["trends", "post-mortem", "compare"])
def test_text_fits_a_terminal_of_eighty_columns(place: Path, view: str) -> None:
    lines = told(place, *VIEWS[view], code=code_of(view)).splitlines()
    wide = [line for line in lines if len(line) > 80]
    assert not [line for line in wide if not line.strip().startswith(("From its log", "ex-", "│", "logs"))]
    assert SECRET not in "".join(lines)


@pytest.mark.parametrize("view", ["trends", "compare", "post-mortem"])
def test_json_keeps_its_schema(place: Path, view: str) -> None:
    body = json.loads(told(place, *VIEWS[view], "--format", "json", code=code_of(view)))
    jsonschema.Draft202012Validator(SCHEMA).validate(body)
    assert body["view"] == view


def test_a_post_mortem_as_json_says_what_the_report_says(place: Path) -> None:
    text = told(place, "--post-mortem", "last", "--format", "json")
    body = json.loads(text)
    assert next((job["job"], job["first"]) for job in body["run"]["jobs"]) == ("load", True)
    assert {cause["chain"][0] for cause in body["causes"]} == {"load"}
    assert len(body["causes"]) == 2
    assert body["last_good"]["run"] < body["run"]["run"]
    assert body["last_good"]["document"]["changed"]
    assert body["earlier"] >= 1
    assert SECRET not in text


def test_the_schema_refuses_what_it_does_not_describe(place: Path) -> None:
    body = json.loads(told(place, "--compare", "6", "7", "--format", "json", code=1))
    next(one for one in body["jobs"] if one["job"] == "load")["before"]["status"] = 5
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(body)


def test_a_post_mortem_says_what_failed_first_what_it_cost_and_what_had_changed(place: Path) -> None:
    text = " ".join(told(place, "--post-mortem", "last").split())
    assert "job load failed" in text
    assert "with KeyError: 'customer_id' ********; 2 jobs never ran because of it." in text
    assert "exit code: its command said that it failed" in text
    assert "JOB BECAUSE OF BY WAY OF report load load > report mail <img" in text
    assert "Since run 6, the last that went well" in text
    assert "1 job added: new" in text
    assert "2 jobs changed: extract (command, env_variables), load (command)" in text
    assert "- command: sleep 0.01 " in text
    assert "+ command: sleep 0.4 " in text
    assert "+ env_variables.REGION: (its value is not shown)" in text
    assert "not-to-be-told" not in text
    assert "JOB TOOK MEDIAN TIMES extract" in text
    assert "ex-run --resume 7" in text
    assert "ex-filter" in text
    assert "--failed 7 --with-dependents | ex-run" in text


def test_the_commands_shown_name_the_history_that_was_named(place: Path) -> None:
    text = told(place, "--post-mortem", "7", "--db", str(place / "h.db"))
    shown = [line for line in text.splitlines() if line.startswith("  ex-")]
    assert len(shown) == 5
    assert all(f"--db {place / 'h.db'}" in line for line in shown)


def test_a_post_mortem_of_a_run_that_went_well(place: Path) -> None:
    text = told(place, "--post-mortem", "1")
    assert "success: all that was asked for succeeded, 1 of them after retries." in text
    assert "No job was kept from running." in text
    assert "There is no earlier run of this application that went well." in text
    assert "No earlier run cannot" not in text
    assert "No earlier run can tell" in text
    assert "What to do next" not in text


def test_two_runs_that_ended_alike_are_equal(place: Path) -> None:
    assert "All jobs ended alike." in told(place, "--compare", "5", "6")
    assert json.loads(told(place, "--compare", "5", "6", "--format", "json"))["equal"] is True


def test_a_comparison_says_what_ended_differently(place: Path) -> None:
    body = json.loads(told(place, "--compare", "6", "7", "--format", "json", code=1))
    differs = {one["job"]: one for one in body["jobs"] if one["differs"]}
    assert set(differs) == {"load", "report", f"mail {HOSTILE}", "new"}
    assert differs["new"]["before"] is None
    assert (differs["load"]["before"]["status"], differs["load"]["after"]["status"]) == ("success", "failed")
    assert body["document"]["added"] == ["new"]
    assert {one["job"]: [key["key"] for key in one["keys"]] for one in body["document"]["changed"]} == {
        "extract": ["command", "env_variables.REGION"],
        "load": ["command"],
    }


def test_trends_know_a_job_that_only_a_retry_saves(place: Path) -> None:
    (nightly,) = json.loads(told(place, "--trends", "--format", "json"))["applications"]
    jobs = {one["job"]: one for one in nightly["jobs"]}
    assert jobs["flaky"]["flaky"]["recoveries"] == 7
    assert jobs["load"]["flaky"] is None
    assert not any(one["judged"] for one in jobs.values())
    assert [sample["run"] for sample in nightly["run"]["samples"]] == list("1234567")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--compare", "1", "2", "--last", "3"], "--compare does not go with --last"),
        (["--post-mortem", "1", "--trends"], "--post-mortem does not go with another view"),
        (["--post-mortem", "1", "--compare", "1", "2"], "--post-mortem does not go with --compare"),
        (["--post-mortem", "1", "events.jsonl"], "--post-mortem does not go with FILEs"),
        (["--post-mortem", "1", "--format", "csv"], "it can be text, markdown, html"),
        (["--trends", "--format", "csv"], "it can be text, json, markdown, html"),
    ],
)
def test_what_does_not_go_together_is_refused(place: Path, words: list[str], said: str) -> None:
    done = typed(place, "ex-analyze-logs", *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_run_that_is_not_there_is_a_no(place: Path) -> None:
    done = typed(place, "ex-analyze-logs", "--compare", "1", "99")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no run 99" in done.stderr


def test_attempts_of_a_run_are_told_apart_with_their_documents(tmp_path: Path) -> None:
    for broken in (True, False):
        (tmp_path / "nightly.json").write_text(json.dumps(workflow(broken=broken)))
        again = [] if broken else ["--resume", "1"]
        assert typed(tmp_path, "ex-run", "-q", "nightly.json", *again).returncode == broken
    first = told(tmp_path, "--post-mortem", "1.1")
    assert first.startswith("Run 1.1 of nightly")
    assert "It was resumed since: attempt 2 ended as success." in first
    assert "ex-analyze-logs --post-mortem 1 " in first
    assert "ex-run --resume" not in first
    both = told(tmp_path, "--compare", "1.1", "1.2", code=1)
    assert both.startswith("nightly: run 1.1 and run 1.2")
    assert "1 job removed: new" in both
    assert "reused" not in both.split("Durations")[1]

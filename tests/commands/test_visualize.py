"""ex-visualize as a person starts it: real processes, terminals, histories."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exlib.render import plot
from tests.browser import opened
from tests.pages import DOCS, prints_what_it_says

DOCUMENT = {
    "application_name": "nightly",
    "jobs": [
        {"id": "extract", "command": "sleep 0.3"},
        {"id": "other", "command": "true"},
        {"id": "load", "command": "true", "dependencies": ["extract", "other"]},
    ],
}


def ran(*argv: str, data: Any = DOCUMENT, **more: Any) -> subprocess.CompletedProcess[bytes]:
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    source = data if isinstance(data, bytes) else json.dumps(data).encode()
    return subprocess.run(["ex-visualize", *argv], input=source, check=False, timeout=120, **settings)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "nightly.json").write_text(json.dumps(DOCUMENT))
    return tmp_path


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
@pytest.mark.skipif(not plot.ways(), reason="no Graphviz: install the extra 'viz'")
def test_the_suffix_of_the_output_is_the_format(suffix: str, place: Path) -> None:
    assert ran("nightly.json", "-o", f"x.{suffix}", cwd=place).returncode == 0
    beginning = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix]
    assert (place / f"x.{suffix}").read_bytes().startswith(beginning)


@pytest.mark.parametrize(("suffix", "beginning"), [("gv", b"digraph"), ("MMD", b"flowchart"), ("txt", b"nightly:")])
def test_other_suffixes(suffix: str, beginning: bytes, place: Path) -> None:
    assert ran("nightly.json", "-o", f"x.{suffix}", cwd=place).returncode == 0
    assert (place / f"x.{suffix}").read_bytes().startswith(beginning)
    assert ran("nightly.json", "-o", f"x.{suffix}", "--format", "dot", cwd=place).returncode == 0
    assert (place / f"x.{suffix}").read_bytes().startswith(b"digraph")


def test_a_binary_picture_is_no_text_for_a_terminal(place: Path) -> None:
    master, slave = pty.openpty()
    result = ran("--format", "png", stdout=slave)
    os.close(slave)
    os.close(master)
    assert result.returncode == 2
    assert b"-o workflow.png" in result.stderr


@pytest.mark.parametrize("columns", [50, 120])
def test_the_drawing_fits_the_terminal_and_is_coloured_there(columns: int, place: Path) -> None:
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environ = {**os.environ, "TERM": "xterm"}
    environ.pop("COLUMNS", None)
    data = {"jobs": [{"id": "x" * 300, "command": "true"}]}
    result = ran("--critical-path", data=data, stdout=slave, env=environ)
    os.close(slave)
    shown = os.read(master, 10_000).decode()
    os.close(master)
    assert result.returncode == 0
    assert "\x1b[35;1m◆" in shown
    bare = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(len, bare.splitlines())) == columns


def test_durations_of_past_runs_decide_the_critical_path(place: Path) -> None:
    history = ["--db", f"{place}/h.db"]
    before = ran("nightly.json", "--critical-path", cwd=place)
    assert b"by the number of jobs" in before.stderr
    argv = ["ex-run", "-q", *history, "--log-dir", f"{place}/logs", "nightly.json"]
    subprocess.run(argv, cwd=place, check=True, capture_output=True)
    after = ran("nightly.json", "--critical-path", "--label", "duration", *history, cwd=place)
    assert b"by the durations of past runs" in after.stderr
    lines = after.stdout.decode().splitlines()
    assert next(line for line in lines if "extract" in line).startswith("◆")
    assert "~" in next(line for line in lines if "extract" in line)
    assert not next(line for line in lines if "other" in line).startswith("◆")


def test_a_page_says_that_it_leaves_past_runs_out(place: Path) -> None:
    environ = {**os.environ, "EX_DB": f"{place}/h.db"}
    argv = ["ex-run", "-q", "--log-dir", f"{place}/logs", "nightly.json"]
    subprocess.run(argv, cwd=place, check=True, capture_output=True, env=environ)
    page = "<!-- executioner:graph nightly.json critical-path{} -->\n<!-- /executioner:graph -->\n"
    (place / "page.md").write_text(page.format(""))
    assert b"as past runs do not count in pages unless db=FILE names them" in (
        ran("--inject", "page.md", cwd=place, env=environ).stderr
    )
    (place / "page.md").write_text(page.format(f" db={place}/h.db"))
    assert b"by the durations of past runs" in ran("--inject", "page.md", cwd=place, env=environ).stderr


def test_a_run_of_another_application_is_warned_about(place: Path) -> None:
    argv = ["ex-run", "-q", "--db", f"{place}/h.db", "--log-dir", f"{place}/logs"]
    other = {
        "application_name": "weekly",
        "jobs": [{"id": "extract", "command": "true"}, {"id": "z", "command": "true"}],
    }
    subprocess.run(argv, input=json.dumps(other).encode(), check=True, capture_output=True)
    result = ran("--status", "1", "--db", f"{place}/h.db")
    assert result.returncode == 0
    assert b'run 1 is one of "weekly", this document is "nightly"' in result.stderr
    assert b"1 job of run 1 not in this document" in result.stderr
    assert ran("--status", "last", "--db", f"{place}/h.db").returncode == 1
    assert ran("--status", "last:weekly", "--db", f"{place}/h.db").returncode == 0


def test_secrets_stay_hidden(place: Path) -> None:
    job = {"id": "a", "command": "login hunter22 topsecret1", "description": "as hunter22",
           "env_variables": {"DB_PASSWORD": "hunter22"}}  # fmt: skip
    environ = {**os.environ, "API_TOKEN": "topsecret1"}
    for form in ("text", "dot", "mermaid"):
        result = ran("--label", "command,description", "--format", form, data={"jobs": [job]}, env=environ)
        assert b"hunter22" not in result.stdout + result.stderr
        assert b"topsecret1" not in result.stdout + result.stderr


@pytest.mark.parametrize("form", ["text", "dot", "mermaid"])
def test_an_image_of_ten_thousand_jobs_is_text_in_no_time(form: str) -> None:
    jobs = [{"id": f"j{n}", "command": "true", "dependencies": [f"j{m}" for m in {n // 2, n // 3} - {n}]}
            for n in range(10_000)]  # fmt: skip
    result = ran("--format", form, data={"jobs": jobs})
    assert result.returncode == 0
    assert b"bug" not in result.stderr
    assert (b"Mermaid refuses more than 500 arrows" in result.stderr) == (form == "mermaid")


def test_a_page_is_not_touched_when_nothing_changes(place: Path) -> None:
    page = place / "README.md"
    page.write_text("<!-- executioner:graph nightly.json -->\n<!-- /executioner:graph -->\n")
    assert ran("--inject", "README.md", cwd=place).returncode == 0
    before = page.stat()
    assert ran("--inject", "README.md", cwd=place).returncode == 0
    assert (page.stat().st_ino, page.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_if_one_page_cannot_be_renewed_none_is(place: Path) -> None:
    good = "<!-- executioner:graph nightly.json -->\n<!-- /executioner:graph -->\n"
    (place / "good.md").write_text(good)
    (place / "bad.md").write_text(good.replace("nightly.json", "absent.json"))
    result = ran("--inject", "good.md", "--inject", "bad.md", cwd=place)
    assert result.returncode == 2
    assert b"absent.json" in result.stderr
    assert (place / "good.md").read_text() == good


def test_a_page_elsewhere_names_documents_beside_it(place: Path) -> None:
    (place / "docs").mkdir()
    (place / "docs" / "page.md").write_text("<!-- executioner:graph ../nightly.json -->\n<!-- /executioner:graph -->")
    assert ran("--inject", "docs/page.md", cwd=place).returncode == 0
    assert "extract" in (place / "docs" / "page.md").read_text()


def test_what_a_page_shows_does_not_depend_on_this_machines_history(place: Path) -> None:
    page = place / "page.md"
    page.write_text("<!-- executioner:graph nightly.json critical-path label=duration -->\n<!-- /executioner:graph -->")
    assert ran("--inject", "page.md", cwd=place).returncode == 0
    subprocess.run(["ex-run", "-q", "--log-dir", "logs", "nightly.json"], cwd=place, check=True, capture_output=True)
    assert ran("--inject", "page.md", "--check", cwd=place).returncode == 0


def test_a_stream_of_events_shows_the_run_while_it_goes_on(place: Path) -> None:
    argv = ["ex-run", "-q", "--events", "events.jsonl", "--log-dir", "logs", "nightly.json"]
    subprocess.run(argv, cwd=place, check=True, capture_output=True)
    whole = (place / "events.jsonl").read_bytes()
    result = ran("nightly.json", "--events", "events.jsonl", cwd=place)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.decode().count("✓") == 4  # three jobs and the legend
    begun = whole[: whole.index(b'"attempt_started"')]
    begun += whole[len(begun) :].split(b"\n")[0]
    result = ran("nightly.json", "--events", "-", cwd=place, data=begun + b'\n{"cut')
    assert result.returncode == 0
    assert "▸ running".encode() in result.stdout
    assert "· pending".encode() in result.stdout
    assert b"the last line is cut off" in result.stderr


def test_events_of_another_application_are_warned_about(place: Path) -> None:
    argv = ["ex-run", "-q", "--events", "events.jsonl", "--log-dir", "logs", "nightly.json"]
    subprocess.run(argv, cwd=place, check=True, capture_output=True)
    weekly = {"application_name": "weekly", "jobs": [{"id": "extract", "command": "true"}]}
    result = ran("--events", "events.jsonl", cwd=place, data=weekly)
    assert result.returncode == 0
    assert b'warning: the run in events.jsonl is one of "nightly", this document is "weekly"' in result.stderr
    assert b"run 1, success, by the events of events.jsonl" in result.stdout
    torn = b"".join((place / "events.jsonl").read_bytes().splitlines(keepends=True)[1:])
    (place / "torn.jsonl").write_bytes(torn)
    result = ran("--events", "torn.jsonl", cwd=place, data=weekly)
    assert (result.returncode, b"is one of" in result.stderr) == (0, False)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--events", "-"], b"cannot both be standard input"),
        (["nightly.json", "--events", "x", "--status", "last"], b"both say how jobs ended"),
        (["nightly.json", "--events", "nightly.json"], b"has no event of a job"),
        (["nightly.json", "--events", "absent"], b"cannot read absent"),
    ],
)
def test_events_that_are_none(argv: list[str], said: bytes, place: Path) -> None:
    result = ran(*argv, cwd=place)
    assert result.returncode == 2
    assert said in result.stderr


def test_a_page_holds_details_and_no_secret(place: Path, browser: Any) -> None:
    data = json.loads(json.dumps(DOCUMENT))
    data["jobs"][2] |= {
        "command": "echo it was hunter22; exit 3", "env_variables": {"DB_PASSWORD": "hunter22", "NAME": "a value"},
        "description": "</script><script>alert(1)</script>",
    }  # fmt: skip
    (place / "nightly.json").write_text(json.dumps(data))
    argv = ["ex-run", "-q", "--db", "h.db", "--log-dir", "logs", "nightly.json"]
    subprocess.run(argv, cwd=place, check=False, capture_output=True)
    result = ran("nightly.json", "--status", "last", "--db", "h.db", "-o", "page.html", cwd=place)
    assert result.returncode == 0
    text = (place / "page.html").read_text()
    assert "hunter22" not in text
    assert "a value" not in text
    with opened(browser, place / "page.html") as page:
        shown = json.loads(page.locator("#data").text_content())
        load = next(job for job in shown["jobs"] if job["id"] == "load")
        assert (load["status"], load["detail"]["env"]) == ("failed", ["DB_PASSWORD", "NAME"])
        assert load["detail"]["tail"] == "it was ********"
        assert load["detail"]["reason"] == "exit code 3"
        assert load["detail"]["description"] == data["jobs"][2]["description"]


WITHOUT = """
import sys
from exlib.render import plot
from exlib.launch import main
plot.ways = list
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("form", "code"), [("svg", 2), ("dot", 0), ("mermaid", 0), ("text", 0)])
def test_what_needs_no_graphviz_comes_out_without_one(form: str, code: int, place: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    argv = [sys.executable, "-c", WITHOUT, "ex-visualize", "--format", form, "nightly.json"]
    result = subprocess.run(argv, cwd=place, env=environ, capture_output=True, check=False)
    assert result.returncode == code
    assert (b"executioner[viz]" in result.stderr) == (code == 2)


@pytest.mark.skipif(not plot.ways(), reason="no Graphviz: install the extra 'viz'")
def test_the_page_prints_what_it_says_and_shows_what_it_draws(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert prints_what_it_says("ex-visualize.md", tmp_path, request) >= 12
    drawn, shown = tmp_path / "nightly-run.svg", DOCS / "images" / "nightly-run.svg"
    if request.config.getoption("--repopulate"):
        shown.write_bytes(drawn.read_bytes())
    assert essence(drawn.read_text()) == essence(shown.read_text())


def essence(svg: str) -> list[str]:
    """What a picture shows, wherever a release of Graphviz and the fonts of a machine put it."""
    return sorted(re.findall(r"<title>.*?</title>|>[^<]+</text>|(?:fill|stroke)=\"#\w+\"", svg))

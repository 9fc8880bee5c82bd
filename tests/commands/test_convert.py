"""ex-convert as a process: what it writes and where, what it says, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from exlib import schema

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = {
    "application_name": "nightly",
    "jobs": [
        {"id": "a", "command": "echo a > a.txt"},
        {"id": "b", "command": "echo b > b.txt", "dependencies": ["a"], "tags": ["daily"]},
    ],
}


def tool(*arguments: str, cwd: Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "bin" / "ex-convert"), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        input=given or "",
        timeout=60,
    )


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "nightly.json").write_text(json.dumps(DOCUMENT))
    return tmp_path


def test_a_document_is_the_default_on_both_sides(here: Path) -> None:
    done = tool("nightly.json", cwd=here)
    assert (done.returncode, done.stdout) == (0, json.dumps(DOCUMENT))
    assert done.stderr == "executioner to executioner: 2 jobs; of 1 construct 1 exact\n"
    assert tool("-q", "nightly.json", cwd=here).stderr == ""


def test_the_name_of_the_output_tells_the_format(here: Path) -> None:
    assert tool("nightly.json", "-o", "x.mmd", cwd=here).returncode == 0
    assert (here / "x.mmd").read_text().startswith("flowchart ")


def test_losses_are_said_with_their_places_and_reasons(here: Path) -> None:
    done = tool("nightly.json", "--to", "dot", cwd=here)
    assert "nightly.json:1  dropped       jobs[1].tags: a drawing shows the jobs and their order alone\n" in done.stderr
    assert "exact         jobs[0].id" not in done.stderr
    assert "exact         jobs[0].id" in tool("-v", "nightly.json", "--to", "dot", cwd=here).stderr


def test_strict_writes_nothing_if_anything_is_lost(here: Path) -> None:
    done = tool("nightly.json", "--to", "dot", "--strict", "--report", "account.json", "-o", "x.dot", cwd=here)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("nothing was written, as --strict asks for no loss\n")
    assert not (here / "x.dot").exists()
    assert json.loads((here / "account.json").read_text())["counts"]["dropped"] == 3
    assert tool("nightly.json", "--strict", cwd=here).returncode == 0


def test_the_report_keeps_its_schema(here: Path) -> None:
    tool("nightly.json", "--to", "dot", "--report", "account.json", cwd=here)
    report = json.loads((here / "account.json").read_text())
    Draft202012Validator(schema.load("conversion")).validate(report)
    assert report["counts"] == {"exact": 5, "approximated": 0, "dropped": 3, "manual": 0}
    assert sum(report["counts"].values()) == len(report["constructs"])
    dropped = [each for each in report["constructs"] if each["path"] == "jobs[1].tags"]
    assert dropped[0]["text"] == '["daily"]'
    assert dropped[0]["job"] == "b"


def test_a_report_does_not_take_the_place_of_the_source(here: Path) -> None:
    done = tool("nightly.json", "--report", "nightly.json", cwd=here)
    assert done.returncode == 2
    assert json.loads((here / "nightly.json").read_text()) == DOCUMENT
    both = tool("nightly.json", "--report", "-", cwd=here)
    assert (both.returncode, both.stdout) == (2, "")


def test_another_format_does_not_take_the_place_of_the_source(here: Path) -> None:
    (here / "Makefile").write_text("a:\n\ttrue\n")
    done = tool("Makefile", "--to", "executioner", "-o", "Makefile", cwd=here)
    assert (done.returncode, (here / "Makefile").read_text()) == (2, "a:\n\ttrue\n")


def test_no_value_of_a_secret_is_in_the_report(here: Path) -> None:
    jobs = [{"id": "a", "command": "login -p hunter22", "env_variables": {"DB_PASSWORD": "hunter22"}}]
    (here / "w.json").write_text(json.dumps({"jobs": jobs}))
    done = tool("w.json", "--to", "make", "--report", "account.json", "-o", "Makefile", "-v", cwd=here)
    report = (here / "account.json").read_text()
    assert "hunter22" not in report + done.stderr
    assert "jobs[0].command: it holds the value of a secret" in done.stderr


def test_an_option_that_the_formats_do_not_heed_is_refused(here: Path) -> None:
    done = tool("nightly.json", "--granularity", "stage", cwd=here)
    assert done.returncode == 2
    assert done.stderr == (
        "ex-convert: error: --granularity means nothing from executioner to executioner\n  mend: it is for bash\n"
    )


@pytest.mark.parametrize("value", ["X", "=1"])
def test_a_variable_needs_a_name_and_a_value(here: Path, value: str) -> None:
    done = tool("nightly.json", "--var", value, cwd=here)
    assert done.returncode == 2
    assert "write NAME=VALUE" in done.stderr


def test_what_nothing_tells_is_refused_with_its_mend(here: Path) -> None:
    done = tool(cwd=here, given="hello\n")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "<stdin>:1: error: nothing tells which format this is\n  mend: name it with --from\n"


def test_what_an_input_says_does_not_drive_the_terminal(here: Path) -> None:
    (here / "ci.yml").write_text('on: push\njobs:\n  a:\n    needs: "\\e[31mred\\u009b"\n    steps: [{run: x}]\n')
    done = tool("ci.yml", "--from", "github", cwd=here)
    assert done.returncode == 2
    assert "\\x1b[31mred\\x9b" in done.stderr
    assert "\x1b[31m" not in done.stderr


def test_a_document_with_errors_is_refused_with_its_findings(here: Path) -> None:
    (here / "wrong.json").write_text('{"jobs": [{"id": "a", "command": "true", "dependencies": ["b"]}]}')
    done = tool("wrong.json", "--to", "dot", cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert "wrong.json:1:59: error E302" in done.stderr


def test_includes_are_resolved(here: Path) -> None:
    (here / "over.json").write_text('{"includes": ["nightly.json"], "jobs": [{"id": "c", "command": "true"}]}')
    done = tool("over.json", cwd=here)
    assert [job["id"] for job in json.loads(done.stdout)["jobs"]] == ["a", "b", "c"]
    drawn = tool("over.json", "--to", "mermaid", cwd=here).stdout
    assert all(f'("{name}")' in drawn for name in "abc")


def test_a_directory_takes_files_by_the_name_of_the_workflow(here: Path) -> None:
    assert tool("nightly.json", "--to", "dot", "-o", "pictures/", cwd=here).returncode == 0
    assert [path.name for path in (here / "pictures").iterdir()] == ["nightly.dot"]


def test_the_formats_are_listed(here: Path) -> None:
    listed = tool("--formats", cwd=here).stdout.splitlines()
    assert "github       from to  GitHub Actions workflow" in listed
    assert "mermaid           to  Mermaid flowchart" in listed

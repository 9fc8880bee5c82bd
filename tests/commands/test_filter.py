"""ex-filter as a process: what it reads, writes, loads, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exlib.document import Document
from exlib.history.sqlite import open_store
from tests.pages import prints_what_it_says

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")


def tool(name: str, *arguments: str, cwd: Path | None = None, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(ROOT / "bin" / name), *arguments], cwd=cwd, input=stdin, capture_output=True, check=False
    )


def kept(directory: Path, *arguments: str) -> list[str]:
    result = tool("ex-filter", "w.json", *arguments, "--list", cwd=directory)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode().split()


def write(path: Path, *jobs: dict[str, Any], **top: Any) -> None:
    path.write_text(json.dumps({**top, "jobs": jobs}))


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with w.json, of which ``broken`` failed in run 1, so that ``after`` and ``last`` never ran."""
    monkeypatch.setenv("EX_DB", str(tmp_path / "history.db"))
    write(
        tmp_path / "w.json",
        {"id": "first", "command": "true"},
        {"id": "broken", "command": "test -e mended", "dependencies": ["first"]},
        {"id": "after", "command": "true", "dependencies": ["broken"]},
        {"id": "last", "command": "true", "dependencies": ["after"]},
        application_name="one",
    )
    assert tool("ex-run", "w.json", "--working-dir", str(tmp_path), cwd=tmp_path).returncode == 1
    return tmp_path


def test_failed_is_what_did_not_succeed_in_a_run(ran: Path) -> None:
    assert kept(ran, "--failed", "1") == ["broken", "after", "last"]
    assert kept(ran, "--failed", "last") == ["broken", "after", "last"]
    assert kept(ran, "--failed", "last", "--pattern", "a*") == ["after"]
    assert kept(ran, "--failed", "last", "--invert") == ["first"]


def test_failed_follows_the_run_through_its_attempts(ran: Path) -> None:
    (ran / "mended").touch()
    assert tool("ex-run", "--resume", "1", "--working-dir", str(ran), cwd=ran).returncode == 0
    assert kept(ran, "--failed", "1.1") == ["broken", "after", "last"]
    result = tool("ex-filter", "w.json", "--failed", "last", cwd=ran)
    assert result.returncode == 1
    assert result.stdout == b""
    assert b"every job succeeded" in result.stderr


def test_a_job_marked_as_done_has_not_failed(ran: Path) -> None:
    store = open_store(str(ran / "history.db"))
    store.mark_success(1, ["broken"], "me", "done by hand")
    store.close()
    assert kept(ran, "--failed", "1") == ["after", "last"]


def test_the_last_run_is_one_of_the_same_application(ran: Path) -> None:
    write(ran / "other.json", {"id": "first", "command": "false"}, application_name="two")
    assert tool("ex-run", "other.json", cwd=ran).returncode == 1
    assert kept(ran, "--failed", "last") == ["broken", "after", "last"]
    result = tool("ex-filter", "w.json", "--failed", "2", "--list", cwd=ran)
    assert result.stdout == b"first\n"
    assert b'run 2 is one of "two", this document is "one"' in result.stderr


def test_failed_jobs_that_are_no_longer_there_are_named(ran: Path) -> None:
    write(ran / "w.json", {"id": "broken", "command": "true"}, {"id": "new", "command": "true"}, application_name="one")
    result = tool("ex-filter", "w.json", "--failed", "last", "--list", cwd=ran)
    assert result.stdout == b"broken\n"
    assert result.stderr == b"not in this document: after, last\n"


@pytest.mark.parametrize(("run", "code"), [("7", 1), ("1.5", 1), ("yesterday", 2), ("", 2)])
def test_a_run_that_is_not_there(ran: Path, run: str, code: int) -> None:
    result = tool("ex-filter", "w.json", "--failed", run, cwd=ran)
    assert result.returncode == code, result.stderr
    assert result.stdout == b""
    assert b"error:" in result.stderr


def test_db_says_where_the_history_is(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EX_DB")
    assert kept(ran, "--failed", "1", "--db", "history.db") == ["broken", "after", "last"]


def test_reading_the_history_changes_nothing_in_it(ran: Path) -> None:
    before = (ran / "history.db").read_bytes()
    kept(ran, "--failed", "last")
    assert (ran / "history.db").read_bytes() == before


def test_the_pipe_runs_just_what_is_selected(tmp_path: Path) -> None:
    write(tmp_path / "w.json", *({"id": name, "command": f"touch {name}"} for name in "abc"))
    line = f"ex-filter w.json --pattern '[ac]' | ex-run -q --working-dir {tmp_path}"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert [(tmp_path / name).exists() for name in "abc"] == [True, False, True]


@pytest.mark.parametrize("extra", [[], ["--minimal"], ["--list"], ["--no-bridge"]])
def test_no_slow_module_is_loaded(tmp_path: Path, extra: list[str]) -> None:
    write(tmp_path / "w.json", {"id": "a"}, {"id": "b", "dependencies": ["a"]}, {"id": "c", "dependencies": ["b"]})
    arguments = ["ex-filter", "w.json", "--pattern", "re:[ac]", "--with-deps", "--exclude-pattern", "b", *extra]
    code = f"import sys; from exlib.launch import main; main({arguments!r}); print(*sys.modules, file=sys.stderr)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    loaded = set(result.stderr.decode().split())
    assert "exlib.select" in loaded
    assert not loaded & {"jsonschema", "networkx", "difflib", "sqlite3", "tempfile", "subprocess", "exlib.rules"}


def test_output_in_place_is_whole_and_keeps_the_mode(tmp_path: Path) -> None:
    write(tmp_path / "w.json", {"id": "a"}, {"id": "b"})
    (tmp_path / "w.json").chmod(0o640)
    assert tool("ex-filter", "w.json", "-j", "a", "-o", "w.json", cwd=tmp_path).stdout == b""
    assert json.loads((tmp_path / "w.json").read_text()) == {"jobs": [{"id": "a"}]}
    assert (tmp_path / "w.json").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["w.json"]


def test_nothing_selected_leaves_the_output_alone(tmp_path: Path) -> None:
    write(tmp_path / "w.json", {"id": "a"})
    (tmp_path / "out.json").write_text("old")
    assert tool("ex-filter", "w.json", "-p", "x", "-o", "out.json", cwd=tmp_path).returncode == 1
    assert (tmp_path / "out.json").read_text() == "old"


def test_a_reader_that_leaves_early_ends_the_filter(tmp_path: Path) -> None:
    write(tmp_path / "w.json", *({"id": f"job{n}", "command": "x" * 200} for n in range(2000)))
    line = "ex-filter w.json | head -c 1; echo ${PIPESTATUS[0]}"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, check=False)
    assert done.stdout == b"{141\n"
    assert done.stderr == b""


def test_a_split_holds_every_job_once(tmp_path: Path) -> None:
    jobs = [{"id": f"j{n}", "command": "true", "dependencies": [f"j{n - 3}"] if n > 2 else []} for n in range(30)]
    write(tmp_path / "w.json", *jobs, application_name="s")
    result = tool("ex-filter", "w.json", "--split", "2", "-o", "a/b", cwd=tmp_path)
    files = result.stdout.decode().split()
    assert files == ["a/b/part-1.json", "a/b/part-2.json"]
    parts = [json.loads((tmp_path / file).read_text()) for file in files]
    assert sorted(job["id"] for part in parts for job in part["jobs"]) == sorted(str(job["id"]) for job in jobs)
    assert [len(part["jobs"]) for part in parts] == [20, 10]
    assert all(part["application_name"] == "s" for part in parts)


def test_a_split_never_writes_outside_its_directory(tmp_path: Path) -> None:
    write(
        tmp_path / "w.json",
        {"id": "a", "tags": ["../../up"]},
        {"id": "b", "tags": ["/etc/x"]},
        {"id": "c", "tags": [".."]},
    )
    files = tool("ex-filter", "w.json", "--split-by", "tag", "-o", "out", cwd=tmp_path).stdout.decode().split()
    assert sorted(files) == sorted(f"out/{name}" for name in os.listdir(tmp_path / "out"))
    assert sorted(os.listdir(tmp_path)) == ["out", "w.json"]


def test_a_directory_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    write(tmp_path / "w.json", {"id": "a"})
    result = tool("ex-filter", "w.json", "--split", "1", "-o", "/proc/none/here", cwd=tmp_path)
    assert result.returncode == 74
    assert b"cannot write to /proc/none/here" in result.stderr


def test_a_terminal_is_not_driven_by_ids(tmp_path: Path) -> None:
    write(tmp_path / "w.json", {"id": "a\u001b[2J"}, {"id": "b", "dependencies": ["a\u001b[2J", "x\u001b[31m"]})
    result = tool("ex-filter", "w.json", "-j", "b", "--no-bridge", "--color", "never", cwd=tmp_path)
    assert b"\x1b" not in result.stderr
    assert b"\\x1b[2J" in result.stderr


@needs_corpus
@pytest.mark.parametrize("path", sorted((CORPUS / "executioner").glob("*.json")), ids=lambda path: path.stem)
def test_real_documents_pass_unchanged_or_are_refused_with_a_place(path: Path) -> None:
    result = tool("ex-filter", str(path))
    if result.returncode == 0:
        assert result.stdout == path.read_bytes()
    else:
        assert path.stem == "invalid_config_bad_types"
        assert result.stderr.decode().startswith(f"{path}:")
        assert result.stdout == b""


@needs_corpus
def test_the_release_of_the_issue() -> None:
    path = CORPUS / "executioner" / "96.0.json"
    result = tool("ex-filter", str(path), "--pattern", "PR_1047*", "--pattern", "PR_104181")
    product = Document(result.stdout)
    dependencies = {job["id"]: job["dependencies"] for job in product.jobs}
    assert dependencies == {
        "PR_104719": [],
        "PR_104739": ["PR_104719"],
        "PR_104740": ["PR_104739"],
        "PR_104181": ["PR_104740"],
        "PR_104780": ["PR_104181"],
        "PR_104781": ["PR_104780"],
    }
    kept_lines = result.stdout.decode().splitlines()
    original = path.read_text().splitlines()
    assert [line for line in kept_lines if line not in original] == []


@needs_corpus
def test_a_recorded_execution_keeps_its_order_when_thinned(tmp_path: Path) -> None:
    """Every third task of the largest recorded execution, against the reach among these in the whole."""
    path = max((CORPUS / "wfinstances").glob("*.json"), key=lambda path: path.stat().st_size)
    tasks = json.loads(path.read_text())["workflow"]["specification"]["tasks"]
    parents = {task["id"]: task["parents"] for task in tasks}
    write(tmp_path / "w.json", *({"id": name, "command": "true", "dependencies": p} for name, p in parents.items()))
    names = list(parents)[::3]
    (tmp_path / "ids").write_text(",".join(names))
    line = 'ex-filter w.json --jobs "$(cat ids)"'
    result = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, check=True)
    after = {job["id"]: job["dependencies"] for job in json.loads(result.stdout)["jobs"]}
    assert list(after) == names
    wanted = set(names)
    assert all(before(name, after) == before(name, parents) & wanted for name in names)


def before(name: str, dependencies: dict[str, list[str]]) -> set[str]:
    """All that comes before a job."""
    seen: set[str] = set()
    stack = [name]
    while stack:
        for other in dependencies[stack.pop()]:
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def test_the_page_prints_what_it_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    assert prints_what_it_says("ex-filter.md", tmp_path, request) >= 12

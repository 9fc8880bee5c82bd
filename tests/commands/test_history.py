"""ex-history as a person and a script use it; what it prints word for word is in tests/cases/history."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from exlib.history.sqlite import open_store
from tests.history.processes import Process
from tests.history.story import NEW_YEAR, Story


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A history with a failed run of two jobs."""
    path = str(tmp_path / "h.db")
    monkeypatch.setenv("EX_DB", path)
    store = open_store(path)
    story = Story(store, ["extract", "load"], log_dir=tmp_path)
    story.runs("extract")
    story.runs("load", "failed", 7)
    story.finishes("failed", 1)
    store.close()
    return path


def history(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ex-history", *arguments], capture_output=True, text=True, timeout=120, **settings)  # type: ignore[call-overload, no-any-return]


def statuses(db: str) -> list[str]:
    store = open_store(db, readonly=True)
    found = [job.status for job in store.jobs(1)]
    store.close()
    return found


@pytest.mark.parametrize(("answer", "exit_code", "after"), [("y", 0, "success"), ("n", 1, "failed"), ("", 1, "failed")])
def test_marking_asks_on_a_terminal(db: str, answer: str, exit_code: int, after: str) -> None:
    child = pexpect.spawn("ex-history", ["mark-success", "1", "load", "--reason", "by hand"], encoding="utf-8")
    child.expect_exact("Count load of run 1 (nightly) as done? [y/N]:")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == exit_code
    assert statuses(db) == ["success", after]


def test_an_empty_reason_is_no_reason(db: str) -> None:
    done = history("mark-success", "1", "load", "--yes", "--reason", " ")
    assert (done.returncode, statuses(db)) == (2, ["success", "failed"])


def test_the_database_can_be_named_before_the_verb_and_after_it(db: str, tmp_path: Path) -> None:
    elsewhere = {**os.environ, "EX_DB": str(tmp_path / "none.db")}
    for arguments in (["--db", db, "list"], ["list", "--db", db], ["--db", db]):
        assert "nightly" in history(*arguments, env=elsewhere).stdout
    assert history("list", env=elsewhere).stdout == ""


def test_colour_follows_the_flag_before_the_verb_and_after_it(db: str) -> None:
    assert "\x1b[" not in history("list").stdout
    for arguments in (["--color=always", "list"], ["list", "--color=always"], ["--color=always", "show"]):
        assert "\x1b[31;1m✗ failed\x1b[0m" in history(*arguments).stdout
    assert "\x1b[" not in history("--color=always", "list", "--color=never").stdout


def test_a_product_in_a_file_is_whole_and_plain(db: str, tmp_path: Path) -> None:
    done = history("list", "-o", str(tmp_path / "runs.txt"), "--color=always")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert (tmp_path / "runs.txt").read_text() == history("list").stdout


def test_reading_works_while_a_run_goes_on_and_after_it_was_killed(db: str) -> None:
    engine = Process(f"story = Story(open_store({db!r}), ['a', 'b']); story.starts('a'); say('there'); wait()")
    assert engine.heard() == "there"
    shown = json.loads(history("show", "last", "--format", "json").stdout)["run"]
    assert (shown["status"], shown["jobs"][0]["status"]) == ("running", "running")
    assert "ex-history logs 2 JOB --follow" in history("show").stdout
    engine.kill()
    shown = json.loads(history("show", "last", "--format", "json").stdout)["run"]
    assert (shown["status"], shown["jobs"][0]["status"]) == ("lost", "lost")
    page = history("show").stdout
    assert "1 lost, 1 not reached" in page
    assert "  1 lost\n" in history("list").stdout
    assert "ex-run --resume 2" in page


def test_following_prints_what_comes_and_ends_with_the_job(db: str, tmp_path: Path) -> None:
    log = tmp_path / "a.1.log"
    log.write_bytes(b"one\n")
    engine = Process(f"""
story = Story(open_store({db!r}), ['a'], log_dir={str(tmp_path)!r}); story.starts('a'); say('there'); wait()
open({str(log)!r}, 'ab').write(b'\\xff two\\n'); story.ends('a')
""")
    assert engine.heard() == "there"
    with subprocess.Popen(["ex-history", "logs", "last", "a", "--follow"], stdout=subprocess.PIPE) as follower:
        assert follower.stdout is not None
        assert follower.stdout.readline() == b"one\n"
        engine.go_on()
        assert follower.stdout.read() == b"\xff two\n"
        assert follower.wait(timeout=60) == 0
    engine.end()


def test_following_goes_on_through_all_tries(db: str, tmp_path: Path) -> None:
    (tmp_path / "a.1.log").write_bytes(b"one\n")
    (tmp_path / "a.2.log").write_bytes(b"two\n")
    engine = Process(f"""
story = Story(open_store({db!r}), ['a'], log_dir={str(tmp_path)!r}); story.starts('a'); say('there'); wait()
story.retries('a', 1); wait()
story.starts('a', 2); story.ends('a', 'failed', 1, 2)
""")
    assert engine.heard() == "there"
    follower = subprocess.Popen(
        ["ex-history", "logs", "last", "a", "-f"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert follower.stdout is not None
    assert follower.stdout.readline() == b"one\n"
    engine.go_on()
    engine.go_on()
    assert follower.communicate(timeout=60) == (b"two\n", b"==> a, try 2 <==\n")
    assert follower.returncode == 0
    engine.end()


def test_without_a_job_all_logs_are_printed_under_headings(db: str, tmp_path: Path) -> None:
    (tmp_path / "extract.1.log").write_bytes(b"no line end")
    (tmp_path / "load.1.log").write_bytes(b"\n")
    done = history("logs", "last")
    assert (done.stdout, done.returncode) == ("==> extract <==\nno line end\n\n==> load <==\n\n", 0)
    (tmp_path / "extract.1.log").unlink()
    done = history("logs", "1.1")
    assert (done.stdout, done.returncode) == ("==> extract <==\n\n==> load <==\n\n", 1)
    assert "extract.1.log cannot be read" in done.stderr


@pytest.mark.parametrize("option", ["--follow", "--attempt=1"])
def test_what_concerns_one_job_needs_its_name(db: str, option: str) -> None:
    done = history("logs", "last", option)
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs a JOB" in done.stderr


def test_the_page_keeps_the_order_of_the_document(db: str, tmp_path: Path) -> None:
    store = open_store(db)
    story = Story(store, ["z", "a"])
    story.runs("a")
    story.runs("z")
    store.close()
    assert [line[0] for line in history("show").stdout.splitlines() if line[:2] in ("a ", "z ")] == ["z", "a"]


def test_interrupting_a_follower_is_130_without_a_word(db: str, tmp_path: Path) -> None:
    (tmp_path / "a.1.log").write_bytes(b"one\n")
    engine = Process(
        f"story = Story(open_store({db!r}), ['a'], log_dir={str(tmp_path)!r}); story.starts('a'); say('there'); wait()"
    )
    assert engine.heard() == "there"
    follower = subprocess.Popen(
        ["ex-history", "logs", "last", "a", "-f"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert follower.stdout is not None
    assert follower.stdout.readline() == b"one\n"
    follower.send_signal(signal.SIGINT)
    assert follower.communicate(timeout=60) == (b"", b"")
    assert follower.returncode == 130
    engine.kill()


def test_a_reader_that_leaves_ends_it_as_it_ends_cat(db: str, tmp_path: Path) -> None:
    (tmp_path / "load.1.log").write_bytes(b"x" * 10_000_000)
    with subprocess.Popen(["ex-history", "logs", "1", "load"], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read(1)
        child.stdout.close()
        assert child.wait(timeout=60) == -signal.SIGPIPE


def test_times_choose_runs(db: str) -> None:
    store = open_store(db)
    Story(store, ["j"], name="later", start=NEW_YEAR + 5 * 86_400).finishes()
    store.close()

    def listed(*choice: str) -> list[int]:
        runs = json.loads(history("list", "--format", "json", *choice, env={**os.environ, "TZ": "UTC"}).stdout)["runs"]
        return [run["run"] for run in runs]

    assert listed() == [2, 1]
    assert listed("--since", "2026-01-02") == [2]
    assert listed("--until", "2026-01-01") == [1]
    assert listed("--since", "2026-01-06T00:00:00Z", "--until", "2026-01-06T01:00:00+01:00") == [2]
    assert listed("--limit", "1") == [2]
    assert listed("--app", "nightly") == listed("--application", "nightly") == [1]


def test_export_takes_runs_or_a_choice(db: str) -> None:
    assert [run["run"] for run in json.loads(history("export", "--format", "json").stdout)["runs"]] == [1]
    assert history("export", "--format", "joblog", "1", "last").stdout.count("run extract") == 2
    assert history("export", "--format", "csv", "--status", "success").stdout.count("\n") == 1
    done = history("export", "--format", "csv", "--app", "nightly", "1")
    assert (done.returncode, done.stdout) == (2, "")


def test_pruning_leaves_a_strangers_directory_and_says_so(db: str, tmp_path: Path) -> None:
    done = history("prune", "--older-than", "0s")
    assert done.returncode == 0
    assert "was left alone: it holds no run.log" in done.stderr
    assert "removed 1 run" in done.stderr
    assert tmp_path.is_dir()
    assert history("list").stdout == ""


def test_damage_is_named_with_its_mend(db: str) -> None:
    Path(db).write_bytes(b"SQLite format 3\0" + b"\0" * 4080)
    done = history("show", "1")
    assert done.returncode == 74
    assert db in done.stderr
    assert "mend:" in done.stderr


@pytest.mark.parametrize("arguments", [["list"], ["show", "1"], ["export", "--format", "json"]])
def test_nothing_slow_is_loaded(db: str, arguments: list[str]) -> None:
    slow = ["networkx", "jsonschema", "deepdiff", "graphviz", "rich", "email", "smtplib", "subprocess", "hashlib"]
    code = (
        "import sys; from exlib.launch import main; "
        f"code = main(['ex-history', *{arguments!r}]); "
        f"print([m for m in {slow!r} if m in sys.modules], code, file=sys.stderr)"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.stderr == "[] 0\n"


def test_the_original_programs_flags_reach_it(db: str) -> None:
    done = subprocess.run(["executioner", "--list-runs", "nightly"], capture_output=True, text=True)
    assert done.stdout == history("list", "--app", "nightly").stdout
    done = subprocess.run(["executioner", "--mark-success", "-r", "1", "-j", "load"], capture_output=True, text=True)
    assert (done.returncode, statuses(db)) == (0, ["success", "success"])

"""Resuming a run: what is reused, what runs again, and what is refused."""

from __future__ import annotations

import json
import os
import signal

import pytest

from exlib.engine import survivors
from tests.commands.run.lab import PATIENCE, Lab, alive, job
from tests.commands.run.test_endings import end, engine_of

CHAIN = [job("a", "echo a >> out"), job("b", "echo b >> out; test -e mended", "a"), job("c", "echo c >> out", "b")]


def test_finished_jobs_are_reused_and_the_document_is_found_again(lab: Lab) -> None:
    assert lab.run(CHAIN).code == 1
    (lab.path / "mended").touch()
    done = lab.call("ex-run", "--resume", "last")
    assert done.code == 0, done.err
    assert (lab.path / "out").read_text().split() == ["a", "b", "b", "c"]
    assert lab.status() == {"a": "success", "b": "success", "c": "success"}
    assert [(run.attempt, run.status) for run in lab.runs()] == [(1, "failed"), (2, "success")]
    assert lab.log("b", 1, "run-1.2") == b""


def test_a_document_from_stdin_is_kept_for_the_resume(lab: Lab) -> None:
    file = lab.write(CHAIN)
    assert lab.call("ex-run", stdin=file.read_bytes()).code == 1
    file.unlink()
    (lab.path / "mended").touch()
    assert lab.call("ex-run", "--resume", "1").code == 0
    assert lab.status() == {"a": "success", "b": "success", "c": "success"}


def test_a_document_with_secrets_is_not_kept_and_must_be_named(lab: Lab) -> None:
    file = lab.write(CHAIN, env_variables={"DB_PASSWORD": "correct horse battery"})
    document = file.read_bytes()
    assert lab.call("ex-run", stdin=document).code == 1
    file.unlink()
    refused = lab.call("ex-run", "--resume", "1")
    assert refused.code == 2
    assert "ex-run --resume 1 FILE" in refused.err
    (lab.path / "mended").touch()
    assert lab.call("ex-run", "--resume", "1", "-", stdin=document).code == 0
    raw = b"".join(path.read_bytes() for path in lab.path.glob("history.db*") if path.is_file())
    assert b"correct horse" not in raw


def test_failed_only_leaves_alone_what_never_ran(lab: Lab) -> None:
    lab.run(CHAIN)
    (lab.path / "mended").touch()
    assert lab.call("ex-run", "--resume", "1", "--failed-only").code == 0
    assert (lab.path / "out").read_text().split() == ["a", "b", "b"]


def test_what_changed_runs_again_with_what_follows_from_it(lab: Lab) -> None:
    lab.run([job("a", "echo a >> out"), job("b", "echo b >> out", "a"), job("c", "exit 1", "b")])
    changed = [job("a", "echo A >> out"), job("b", "echo b >> out", "a"), job("c", "true", "b")]
    done = lab.run(changed, "--resume", "1")
    assert done.code == 0, done.err
    assert (lab.path / "out").read_text().split() == ["a", "b", "A", "b"]
    assert "runs again: a (its command, environment, dependencies or checks changed)" in done.err
    assert 'runs again: b ("a" runs again)' in done.err


def test_on_change_reuse_and_refuse(lab: Lab) -> None:
    lab.run([job("a", "echo a >> out"), job("b", "exit 1", "a")])
    changed = [job("a", "echo A >> out"), job("b", "true", "a")]
    refused = lab.run(changed, "--resume", "1", "--on-change", "refuse")
    assert refused.code == 1
    assert "changed since they succeeded: a" in refused.err
    assert lab.run(changed, "--resume", "1", "--on-change", "reuse").code == 0
    assert (lab.path / "out").read_text().split() == ["a"]


def test_a_changed_variable_is_a_change_too(lab: Lab) -> None:
    jobs = [job("a", "echo $WORD >> out"), job("b", "exit 1", "a")]
    lab.run(jobs, "--env", "WORD=one")
    lab.run(jobs, "--env", "WORD=two", "--resume", "1")
    assert (lab.path / "out").read_text().split() == ["one", "two"]


def test_a_marked_job_counts_as_done(lab: Lab) -> None:
    lab.run(CHAIN)
    marked = lab.call("ex-history", "mark-success", "1", "b", "--reason", "done by hand", "--yes")
    assert marked.code == 0, marked.err
    assert lab.call("ex-run", "--resume", "1").code == 0
    assert (lab.path / "out").read_text().split() == ["a", "b", "c"]


def test_after_a_kill_what_was_in_flight_runs_again_and_is_named(lab: Lab) -> None:
    jobs = [
        job("a", "echo a >> out"),
        job("b", "echo b >> out; touch here; test -e go || sleep 987", "a"),
        job("c", "true", "b"),
    ]
    with lab.running(jobs) as run:
        lab.wait_for("here")
        os.kill(engine_of(run), signal.SIGKILL)
        end(run)
    (lab.path / "go").touch()
    done = lab.call("ex-run", "--resume", "last")
    assert done.code == 0, done.err
    assert "cut off in the attempt before, run again: b" in done.err
    assert (lab.path / "out").read_text().split() == ["a", "b", "b"]


def test_a_run_that_goes_on_is_not_resumed(lab: Lab) -> None:
    jobs = [job("a", "touch here; until test -e go; do sleep 0.01; done")]
    with lab.running(jobs) as run:
        lab.wait_for("here")
        refused = lab.call("ex-run", "--resume", "1")
        assert refused.code == 1
        assert "still going on" in refused.err
        (lab.path / "go").touch()
        assert end(run)[0] == 0


def test_dry_run_shows_what_a_resume_would_do_and_writes_nothing(lab: Lab) -> None:
    lab.run(CHAIN)
    before = snapshot(lab)
    done = lab.call("ex-run", "--resume", "1", "--dry-run")
    assert done.code == 0, done.err
    rows = [line.split() for line in done.out.splitlines()]
    assert ["1", "2", "b"] in [row[:3] for row in rows]
    assert ["-", "1", "a", "succeeded", "in", "attempt", "1"] in rows
    assert snapshot(lab) == before


def snapshot(lab: Lab) -> dict[str, int]:
    """All files but those that SQLite keeps beside an open database."""
    files = (path for path in lab.path.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal")))
    return {str(path): path.stat().st_mtime_ns for path in files}


def test_there_is_no_such_run(lab: Lab) -> None:
    lab.run([job("a")])
    done = lab.call("ex-run", "--resume", "77")
    assert done.code == 1
    assert "77" in done.err
    assert lab.call("ex-run", "--resume", "nonsense").code == 2
    assert lab.call("ex-run", "--failed-only", str(lab.path / "wf.json")).code == 2


def test_a_resume_takes_over_the_options_of_the_run(lab: Lab) -> None:
    jobs = [
        job("a", "echo $WORD >> out"),
        job("b", "echo b $WORD >> out; test -e mended", "a"),
        job("left", "echo left >> out"),
        job("c", "echo c $WORD >> out", "b"),
    ]
    logs = lab.path / "elsewhere"
    done = lab.run(jobs, "--env", "WORD=one", "--skip", "left", "--log-dir", str(logs), "--workers", "2")
    assert done.code == 1
    (lab.path / "mended").touch()
    again = lab.call("ex-run", "--resume", "1")
    assert again.code == 0, again.err
    assert "runs again" not in again.err
    assert (lab.path / "out").read_text().splitlines() == ["one", "b one", "b one", "c one"]
    assert sorted(path.name for path in (logs / "lab").iterdir()) == ["run-1", "run-1.2"]
    assert [run.workers for run in lab.runs()] == [2, 2]


def test_what_is_said_anew_counts(lab: Lab) -> None:
    lab.run(CHAIN, "--env", "A=1", "--workers", "3")
    lab.call("ex-run", "--resume", "1", "--workers", "1", "--env", "B=2")
    assert [run.workers for run in lab.runs()] == [3, 1]


def test_a_resume_goes_on_in_the_directory_of_the_run(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> None:
    document = json.dumps({"application_name": "here", "jobs": CHAIN}).encode()
    assert lab.call("ex-run", stdin=document).code == 1
    (lab.path / "mended").touch()
    other = Lab(tmp_path_factory.mktemp("other"))
    other.env = lab.env
    assert other.call("ex-run", "--resume", "last").code == 0
    assert (lab.path / "out").read_text().split() == ["a", "b", "b", "c"]
    assert not (other.path / "out").exists()


def test_a_secret_variable_has_to_be_said_again(lab: Lab) -> None:
    first = lab.run(CHAIN, "--env", "API_TOKEN=hush-hush-1")
    assert "ex-run --resume 1 --env API_TOKEN=…" in first.err
    refused = lab.call("ex-run", "--resume", "1")
    assert refused.code == 2
    assert "API_TOKEN" in refused.err
    (lab.path / "mended").touch()
    assert lab.call("ex-run", "--resume", "1", "--env", "API_TOKEN=hush-hush-1").code == 0
    assert (lab.path / "out").read_text().split() == ["a", "b", "b", "c"]


def test_a_document_of_another_application_is_refused(lab: Lab) -> None:
    lab.run(CHAIN)
    done = lab.run([job("x", "touch x")], "--resume", "1", application_name="other")
    assert done.code == 2
    assert 'run 1 is of "lab", and this document is "other"' in done.err
    assert not (lab.path / "x").exists()
    other = json.dumps({"application_name": "other", "jobs": CHAIN}).encode()
    assert lab.call("ex-run", "--resume", "last", "-", stdin=other).code == 1, "there is no run of it"
    assert lab.call("ex-run", "--resume", "1.1").code == 2


def test_a_mark_counts_even_if_what_it_depends_on_runs_again(lab: Lab) -> None:
    lab.run([job("a", "echo a >> out"), job("b", "echo b >> out; exit 1", "a")])
    assert lab.call("ex-history", "mark-success", "1", "b", "--reason", "by hand", "--yes").code == 0
    assert lab.run([job("a", "echo A >> out"), job("b", "echo b >> out; exit 1", "a")], "--resume", "1").code == 0
    assert (lab.path / "out").read_text().split() == ["a", "b", "A"]


@pytest.mark.parametrize("choice", ["end", "wait", "refuse"])
def test_a_job_that_outlived_engine_and_guard_is_never_doubled(lab: Lab, choice: str) -> None:
    command = (
        "echo $$ > leader; echo begun >> out; touch here; until test -e go; do sleep 0.01; done; echo ended >> out"
    )
    with lab.running([job("a", command)]) as run:
        lab.wait_for("here")
        engine = engine_of(run)
        os.kill(run.pid, signal.SIGSTOP)  # so that it cannot sweep up
        os.kill(engine, signal.SIGKILL)
        os.kill(run.pid, signal.SIGKILL)
        run.communicate(timeout=PATIENCE)
    left = survivors.find({str(lab.logs / "lab" / "run-1")}, {"a"})
    assert set(left.values()) == {"a"}
    leader = int((lab.path / "leader").read_text())
    if choice == "wait":
        (lab.path / "go").touch()
    done = lab.call("ex-run", "--resume", "1", "--on-alive", choice, "--timeout", "3")
    assert "still running from the attempt before: a" in done.err or choice == "wait"
    if choice == "refuse":
        assert done.code == 1
        os.killpg(leader, signal.SIGKILL)
        return
    if choice == "end":
        assert done.code == 124, "the second one waits for go in vain"
        assert not alive(leader)
        assert (lab.path / "out").read_text().split() == ["begun", "begun"]
    else:
        assert done.code == 0, done.err
        assert (lab.path / "out").read_text().split() == ["begun", "ended", "begun", "ended"]

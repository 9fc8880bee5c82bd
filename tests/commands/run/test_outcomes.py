"""What a run does with success, failure, retries and timeouts, and what its history says of it."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest

from tests.commands.run.lab import Lab, job


def test_jobs_run_in_order_and_are_on_record(lab: Lab) -> None:
    done = lab.run([job("b", "echo b >> out", "a"), job("a", "echo a >> out")], description="two")
    assert done.code == 0, done.err
    assert done.out == ""
    assert (lab.path / "out").read_text() == "a\nb\n"
    [run] = lab.runs()
    assert (run.status, run.exit_code, run.total, run.completed, run.failed, run.skipped) == ("success", 0, 2, 2, 0, 0)
    assert run.working_dir == str(lab.path)
    assert run.application == "lab"
    assert run.command_line.startswith("ex-run ")
    first = next(record for record in lab.jobs() if record.job == "a")
    assert (first.status, first.exit_code, first.signal, first.retries) == ("success", 0, None, 0)
    assert first.command == "echo a >> out"
    assert first.log == str(lab.logs / "lab" / "run-1" / "a.1.log")
    assert first.fingerprint
    assert first.cpu is not None
    assert first.started is not None
    assert first.ended is not None
    assert run.started <= first.started <= first.ended <= (run.ended or 0)


def test_a_failure_stops_what_has_not_begun(lab: Lab) -> None:
    jobs = [job("bad", "exit 3"), job("child", "true", "bad"), job("other")]
    done = lab.run(jobs)
    assert done.code == 1
    assert lab.status() == {"bad": "failed", "child": "skipped", "other": "cancelled"}
    assert lab.reasons() == {
        "bad": "exit code 3",
        "child": 'its dependency "bad" ended as failed',
        "other": 'not started: job "bad" ended as failed',
    }
    [run] = lab.runs()
    assert (run.status, run.exit_code, run.completed, run.failed, run.skipped) == ("failed", 1, 0, 1, 2)


@pytest.mark.parametrize("how", ["flag", "document"])
def test_continue_on_error_runs_the_rest_and_still_fails(lab: Lab, how: str) -> None:
    jobs = [job("bad", "exit 3"), job("child", "true", "bad"), job("other")]
    done = lab.run(jobs, "--continue-on-error") if how == "flag" else lab.run(jobs, continue_on_error=True)
    assert done.code == 1
    assert lab.status() == {"bad": "failed", "child": "skipped", "other": "success"}


def test_a_signal_is_named_and_counted_as_128_plus_its_number(lab: Lab) -> None:
    lab.run([job("killed", "kill -KILL $$")])
    [record] = lab.jobs()
    assert (record.exit_code, record.signal, record.reason) == (137, "SIGKILL", "killed by SIGKILL")


def test_every_attempt_of_a_retried_job_is_on_record(lab: Lab) -> None:
    command = "echo try $EX_ATTEMPT; test $EX_ATTEMPT -ge 3 || exit 9"
    done = lab.run([job("flaky", command, max_retries=5, retry_delay=0.01, retry_jitter=0)])
    assert done.code == 0
    tries = lab.tries("flaky")
    assert [(one.number, one.status, one.exit_code) for one in tries] == [
        (1, "failed", 9), (2, "failed", 9), (3, "success", 0)
    ]  # fmt: skip
    assert all(one.duration is not None and one.pid for one in tries)
    assert lab.jobs()[0].retries == 2
    assert [lab.log("flaky", number) for number in (1, 2, 3)] == [b"try 1\n", b"try 2\n", b"try 3\n"]


def test_exit_codes_decide_about_retries(lab: Lab) -> None:
    policy = {"max_retries": 2, "retry_delay": 0.01, "retry_on_exit_codes": [75]}
    lab.run([job("a", "exit 75", **policy), job("b", "exit 1", **policy)], "-k")
    assert len(lab.tries("a")) == 3
    assert len(lab.tries("b")) == 1


def test_a_timeout_ends_the_whole_group_even_if_it_ignores_term(lab: Lab) -> None:
    command = "trap '' TERM; (trap '' TERM; echo $$ > pid; sleep 987) & sleep 987"
    done = lab.run([job("stuck", command, timeout=0.5)], "--grace", "0.2")
    assert done.code == 1
    [record] = lab.jobs()
    assert record.status == "timeout"
    assert record.reason == "ran longer than its timeout of 0.5 s"
    [one] = lab.tries("stuck")
    assert (one.status, one.signal) == ("timeout", "SIGKILL")


def test_a_job_that_ends_on_term_is_not_killed(lab: Lab) -> None:
    command = "trap 'sleep 0.3; echo asked; exit 0' TERM; while :; do sleep 0.05; done"
    lab.run([job("polite", command, timeout=0.6)], "--grace", "20")
    assert lab.log("polite").endswith(b"asked\n")
    assert lab.status() == {"polite": "timeout"}


def test_a_run_timeout(lab: Lab) -> None:
    done = lab.run([job("long", "sleep 987"), job("next")], "--timeout", "0.5")
    assert done.code == 124
    assert lab.status() == {"long": "cancelled", "next": "cancelled"}
    assert lab.runs()[0].status == "timeout"


def test_skip_and_only_count_as_done_for_what_depends_on_them(lab: Lab) -> None:
    jobs = [job("a", "touch a"), job("b", "touch b", "a"), job("c", "touch c", "b")]
    assert lab.run(jobs, "--skip", "a,b").code == 0
    assert lab.status() == {"a": "skipped", "b": "skipped", "c": "success"}
    assert lab.run(jobs, "--only", "b").code == 0
    assert lab.status(2) == {"a": "skipped", "b": "success", "c": "skipped"}
    wrong = lab.run(jobs, "--skip", "bb")
    assert wrong.code == 2
    assert 'did you mean "b"?' in wrong.err


def test_workers_run_at_the_same_time(lab: Lab) -> None:
    # Each of the two waits for the other one's file: neither ends unless both run.
    meet = "touch {0}; until test -e {1}; do sleep 0.01; done"
    jobs = [job("a", meet.format("a", "b")), job("b", meet.format("b", "a"))]
    assert lab.run(jobs, "--workers", "2", "--timeout", "60").code == 0
    for name in "ab":
        (lab.path / name).unlink()
    assert lab.run(jobs, "--parallel", "--timeout", "60", max_workers=2).code == 0
    for name in "ab":
        (lab.path / name).unlink()
    sequential = lab.run(jobs, "--sequential", "--timeout", "1", parallel=True, max_workers=2)
    assert sequential.code == 124


def test_a_job_reads_an_empty_stdin_whatever_the_run_reads(lab: Lab) -> None:
    document = lab.write([job("reader", "cat; echo end")]).read_bytes()
    done = lab.call("ex-run", stdin=document)
    assert done.code == 0, done.err
    assert lab.log("reader") == b"end\n"
    assert lab.call("ex-run", str(lab.path / "wf.json"), stdin=b"meant for somebody else").code == 0
    assert lab.log("reader", run="run-2") == b"end\n"


def test_output_is_kept_byte_for_byte(lab: Lab) -> None:
    data = random.Random(7).randbytes(3_000_000)
    (lab.path / "data").write_bytes(data)
    lab.run(
        [job("out", "cat data; cat data >&2"), job("many", "i=0; while [ $i -lt 1000 ]; do echo $i; i=$((i+1)); done")]
    )
    assert hashlib.sha256(lab.log("out")).digest() == hashlib.sha256(data + data).digest()
    assert lab.log("many") == b"".join(b"%d\n" % n for n in range(1000))
    assert (lab.logs / "lab" / "run-1" / "out.1.log").stat().st_mode & 0o777 == 0o600


def test_what_a_job_leaves_in_its_group_ends_with_it_unless_it_detaches(lab: Lab) -> None:
    jobs = [
        job("leaves", "sleep 987 & echo $! > left; echo done"),
        job("detaches", "sleep 3 & echo $! > kept; echo done", detach=True),
    ]
    assert lab.run(jobs).code == 0
    from tests.commands.run.lab import alive, wait_until_gone

    wait_until_gone([int((lab.path / "left").read_text())])
    kept = int((lab.path / "kept").read_text())
    assert alive(kept)
    import os
    import signal

    os.kill(kept, signal.SIGKILL)


@pytest.mark.parametrize("name", ["../evil", "a/b", "ü", "x" * 190, "con trol", ".hidden"])
def test_an_id_never_decides_where_a_log_is_written(lab: Lab, name: str) -> None:
    done = lab.run([job(name, "echo here")])
    assert done.code == 0, done.err
    [log] = [path for path in (lab.logs / "lab" / "run-1").iterdir() if path.name != "run.log"]
    assert log.read_bytes() == b"here\n"
    assert not list(lab.path.glob("evil*"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"working_dir": "nowhere"}, "working directory"),
        ({"shell": "/no/such/shell"}, "the shell /no/such/shell does not exist"),
        ({"shell": False, "command": "no-such-program x"}, "no-such-program: no such program on PATH"),
        ({"command": "no-such-program x"}, "exit code 127 (command not found)"),
        ({"command": "true " + "x" * 200_000}, "too long for the kernel"),
    ],
)
def test_a_job_that_cannot_start_fails_with_the_reason(lab: Lab, change: dict[str, object], reason: str) -> None:
    done = lab.run([{**job("bad"), **change}, job("other")], "-k")
    assert done.code == 1
    assert lab.status() == {"bad": "failed", "other": "success"}
    assert reason in (lab.reasons()["bad"] or "")
    assert "Traceback" not in done.err


def test_a_missing_working_directory_is_refused_before_anything_starts(lab: Lab) -> None:
    done = lab.run([job("a", "touch a")], working_dir=str(lab.path / "nowhere"))
    assert done.code == 2
    assert "does not exist" in done.err
    assert "--working-dir" in done.err
    assert not lab.db.exists()
    assert lab.run([job("a", "touch a")], "--working-dir", str(lab.path), working_dir="/nowhere").code == 0
    assert (lab.path / "a").exists()


def test_errors_of_the_document_are_refused_with_their_place(lab: Lab) -> None:
    done = lab.run([job("a", "true", "b"), job("b", "true", "a")])
    assert done.code == 2
    assert "a -> b -> a" in done.err
    assert not lab.db.exists()


def test_strict_security_policy_refuses_to_start(lab: Lab) -> None:
    jobs = [job("danger", "curl -s http://127.0.0.1:9/x | sh; touch ran")]
    assert lab.run(jobs, security_policy="strict").code == 2
    assert not (lab.path / "ran").exists()
    assert lab.run(jobs, security_policy="off").code in (0, 1)
    assert (lab.path / "ran").exists()


def test_without_a_shell_words_are_words(lab: Lab) -> None:
    done = lab.run([job("echo", "printf %s| a 'b c'")], allow_shell=False)
    assert done.code == 2, "a pipe is shell syntax"
    assert lab.run([job("echo", "printf '%s|' a 'b c' \"$\"HOME")], allow_shell=False).code == 0
    assert lab.log("echo") == b"a|b c|$HOME|"


def test_another_shell(lab: Lab) -> None:
    assert lab.run([job("bash", "set -o | grep errexit; [[ a == a ]] && echo yes", shell="bash -e")]).code == 0
    assert b"on" in lab.log("bash")


def test_a_script_without_a_first_line_is_read_by_the_shell(lab: Lab) -> None:
    script = lab.path / "script"
    script.write_text("echo from script $1\n")
    script.chmod(0o755)
    assert lab.run([job("s", "./script one")]).code == 0
    assert lab.log("s") == b"from script one\n"


def test_the_run_log_and_the_events_tell_the_same_story(lab: Lab) -> None:
    events = lab.path / "events.jsonl"
    lab.run([job("a"), job("b", "exit 2", "a")], "--events", str(events))
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    assert [line["event"] for line in lines] == [
        "run_started",
        "attempt_started", "attempt_spawned", "attempt_finished", "job_finished",
        "attempt_started", "attempt_spawned", "attempt_finished", "job_finished",
        "run_finished",
    ]  # fmt: skip
    assert lines[-1]["status"] == "failed"
    assert lines[-1]["counts"] == {"success": 1, "failed": 1}
    log = (lab.logs / "lab" / "run-1" / "run.log").read_text()
    assert "b: failed in " in log
    to_stdout = lab.run([job("a")], "--events", "-")
    assert json.loads(to_stdout.out.splitlines()[-1])["event"] == "run_finished"


def test_tagged_output(lab: Lab) -> None:
    done = lab.run([job("a", "echo one; echo two"), job("bb", "printf three", "a")], "--tag")
    assert [line.split() for line in done.out.splitlines()] == [
        ["a", "│", "one"],
        ["a", "│", "two"],
        ["bb", "│", "three"],
    ]


def test_old_runs_and_their_logs_are_removed_on_request(lab: Lab) -> None:
    for _ in range(3):
        lab.run([job("a", "echo x")])
    assert sorted(path.name for path in (lab.logs / "lab").iterdir()) == ["run-1", "run-2", "run-3"]
    assert lab.run([job("a", "echo x")], "--keep-runs", "2").code == 0
    assert sorted(path.name for path in (lab.logs / "lab").iterdir()) == ["run-3", "run-4"]
    assert not lab.runs(1)


def test_a_log_directory_that_cannot_be_made_is_refused_before_anything_starts(lab: Lab) -> None:
    (lab.path / "file").write_text("")
    done = lab.run([job("a", "touch a")], "--log-dir", str(lab.path / "file" / "logs"))
    assert done.code == 74
    assert "--log-dir" in done.err
    assert not (lab.path / "a").exists()
    assert not lab.runs(1)


def test_a_history_that_cannot_be_opened_is_refused_before_anything_starts(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = lab.run([job("a", "touch a")], "--db", str(tmp_path / "file" / "h.db"))
    assert done.code == 74
    assert not (lab.path / "a").exists()

"""What jobs see, what they wait for, what is checked around them, and who is told."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.commands.run.lab import PATIENCE, Lab, job
from tests.commands.run.test_endings import end


def env_of(lab: Lab, name: str, run: str = "run-1") -> dict[str, str]:
    return dict(line.split("=", 1) for line in lab.log(name, run=run).decode().splitlines())


def test_variables_by_precedence(lab: Lab) -> None:
    lab.env |= {"A": "shell", "B": "shell", "C": "shell", "D": "shell"}
    lab.write([])
    done = lab.run(
        [job("env", "env", env_variables={"C": "job", "D": "job", "E": "${B}/sub"})],
        "--env", "D=cli,with,commas", "--env", "F=x=y",
        env_variables={"B": "app", "C": "app", "D": "app", "N": 5, "T": True},
    )  # fmt: skip
    assert done.code == 0, done.err
    seen = env_of(lab, "env")
    expected = {
        "A": "shell",
        "B": "app",
        "C": "job",
        "D": "cli,with,commas",
        "E": "app/sub",
        "F": "x=y",
        "N": "5",
        "T": "true",
    }
    assert {name: seen[name] for name in expected} == expected
    assert seen["EX_RUN_ID"] == "1"
    assert seen["EX_JOB_ID"] == "env"
    assert seen["EX_ATTEMPT"] == "1"
    assert seen["EX_LOG"] == str(lab.logs / "lab" / "run-1" / "env.1.log")
    assert seen["PWD"] == str(lab.path)


@pytest.mark.parametrize(
    ("setting", "present", "absent"),
    [(True, {"HOME", "SPECIAL"}, set()), (False, set(), {"HOME", "SPECIAL"}), ("default", {"HOME"}, {"SPECIAL"}),
     (["SPECIAL"], {"SPECIAL"}, {"HOME"})],
)  # fmt: skip
def test_what_is_inherited(lab: Lab, setting: object, present: set[str], absent: set[str]) -> None:
    lab.env["SPECIAL"] = "1"
    assert lab.run([job("env", "/usr/bin/env")], inherit_shell_env=setting).code == 0
    seen = set(env_of(lab, "env"))
    assert present <= seen
    assert not absent & seen


def test_env_file(lab: Lab) -> None:
    (lab.path / "vars").write_text('# comment\n\nexport A=1\nB="two words"\nC=a#b\n')
    assert lab.run([job("env", "env")], "--env-file", "vars", "--env", "A=2").code == 0
    seen = env_of(lab, "env")
    assert (seen["A"], seen["B"], seen["C"]) == ("2", "two words", "a#b")
    (lab.path / "vars").write_text("A=1\nnonsense\n")
    done = lab.run([job("env", "env")], "--env-file", "vars")
    assert done.code == 2
    assert "vars:2" in done.err
    assert lab.run([job("env", "env")], "--env", "1X=3").code == 2


def test_show_env_masks_secrets(lab: Lab) -> None:
    done = lab.run(
        [job("a", "true", env_variables={"API_TOKEN": "very-secret", "PLAIN": "seen"})],
        "--show-env", "--dry-run", env_variables={"MINE": "also-secret"}, secrets=["MINE"],
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "PLAIN=seen" in done.err
    assert "API_TOKEN=********" in done.err
    assert "MINE=********" in done.err
    assert "very-secret" not in done.err + done.out
    assert "also-secret" not in done.err + done.out


def test_jobs_inherit_no_descriptor_but_the_standard_three(lab: Lab) -> None:
    command = "for n in 3 4 5 6 7 8 9; do (eval 'echo leaked >&'$n) 2>/dev/null && echo $n; done; true"
    file = lab.write([job("a", command)])
    with_more = ["sh", "-c", 'exec "$@" 3>three 7>seven', "sh", *lab.argv("ex-run", str(file))]
    subprocess.run(with_more, cwd=lab.path, env=lab.env, check=True, capture_output=True)
    assert lab.log("a") == b""
    assert (lab.path / "seven").read_bytes() == b""


def test_relative_directories_start_at_the_document(lab: Lab) -> None:
    (lab.path / "sub" / "deep").mkdir(parents=True)
    jobs = [job("a", "pwd"), job("b", "pwd", working_dir="deep")]
    assert lab.run(jobs, working_dir="sub").code == 0
    assert lab.log("a") == f"{lab.path}/sub\n".encode()
    assert lab.log("b") == f"{lab.path}/sub/deep\n".encode()


def test_checks_before_and_after(lab: Lab) -> None:
    exists = {"name": "check_file_exists", "params": {"path": "input"}}
    clean = {"name": "check_no_ora_errors", "params": {"log_file": "${EX_LOG}"}}
    command = {"name": "check_command", "params": {"command": "test -s made"}}
    jobs = [
        job("pre", "touch ran", pre_checks=[exists]),
        job("post", "echo ORA-00942: table or view does not exist", post_checks=[clean]),
        job("good", "echo fine | tee made", post_checks=[clean, command]),
    ]
    assert lab.run(jobs, "-k").code == 1
    assert lab.status() == {"pre": "failed", "post": "failed", "good": "success"}
    reasons = lab.reasons()
    assert "pre-check check_file_exists" in (reasons["pre"] or "")
    assert "post-check check_no_ora_errors" in (reasons["post"] or "")
    assert "ORA-00942" in (reasons["post"] or "")
    assert not (lab.path / "ran").exists()
    assert lab.log("good") == b"fine\n", "a check writes nothing into the job's log"


def test_a_failed_check_may_be_retried(lab: Lab) -> None:
    check = {"name": "check_file_exists", "params": {"path": "second"}}
    command = "test $EX_ATTEMPT -lt 2 || touch second"
    done = lab.run([job("a", command, post_checks=[check], max_retries=2, retry_delay=0.01)])
    assert done.code == 0
    assert [one.status for one in lab.tries("a")] == ["failed", "success"]


def test_a_check_of_a_plugin_that_crashes_is_the_jobs_failure(lab: Lab) -> None:
    (lab.path / "mine.py").write_text(
        "import os\n"
        "class Crash:\n    def __init__(self, params): pass\n    def check(self): os._exit(0)\n"
        "PLUGIN_CLASS = Crash\n"
    )
    done = lab.run(
        [job("a", post_checks=[{"name": "mine"}]), job("b")], "-k", dependency_plugins=[str(lab.path / "mine.py")]
    )
    assert done.code == 1, done.err
    assert lab.status() == {"a": "failed", "b": "success"}
    assert "Traceback" not in done.err


def test_a_job_waits_for_a_file_without_taking_a_worker(lab: Lab) -> None:
    waits = {"plugin": "file", "params": {"path": "signal"}}
    jobs = [
        {**job("late", "echo late >> out"), "dependencies": [waits]},
        job("other", "echo other >> out; touch signal"),
    ]
    done = lab.run(jobs)
    assert done.code == 0, done.err
    assert (lab.path / "out").read_text().split() == ["other", "late"]


def test_a_wait_has_an_end(lab: Lab) -> None:
    waits = {"plugin": "file", "params": {"path": "never"}, "timeout": 0.1}
    done = lab.run([{**job("late"), "dependencies": [waits]}])
    assert done.code == 1
    assert "waited longer than 0.1 s" in (lab.reasons()["late"] or "")


def test_a_job_waits_for_another_workflow(lab: Lab) -> None:
    waits = {"plugin": "workflow", "params": {"application": "upstream", "job": "load"}}
    downstream = [{**job("report", "touch reported"), "dependencies": [waits]}]
    with lab.running(downstream, application_name="downstream") as run:
        lab.wait_for("history.db")
        assert not (lab.path / "reported").exists()
        assert (
            lab.call("ex-run", stdin=json.dumps({"application_name": "upstream", "jobs": [job("load")]}).encode()).code
            == 0
        )
        assert end(run)[0] == 0
    assert (lab.path / "reported").exists()


def test_a_wait_of_a_plugin_file_runs_in_a_process_of_its_own(lab: Lab) -> None:
    (lab.path / "gate.py").write_text(
        "import os\n"
        "class Gate:\n    def __init__(self, params): self.path = params['path']\n"
        "    def check(self): return os.path.exists(self.path)\n"
        "PLUGIN_CLASS = Gate\n"
    )
    waits = {"plugin": "gate", "params": {"path": "open", "poll_seconds": 0.05}}
    jobs = [{**job("late", "echo late >> out"), "dependencies": [waits]}, job("other", "echo other >> out; touch open")]
    done = lab.run(jobs, "--timeout", str(PATIENCE), dependency_plugins=[str(lab.path / "gate.py")])
    assert done.code == 0, done.err
    assert (lab.path / "out").read_text().split() == ["other", "late"]


def test_dry_run_starts_and_writes_nothing(lab: Lab) -> None:
    jobs = [job("c", "touch c", "a", "b"), job("a", "touch a"), job("b", "touch b", priority=1)]
    done = lab.run(jobs, "--dry-run", "--workers", "2")
    assert done.code == 0
    assert [line.split()[:3] for line in done.out.splitlines()[3:]] == [
        ["1", "1", "b"],
        ["2", "1", "a"],
        ["3", "2", "c"],
    ]
    assert sorted(os.listdir(lab.path)) == ["wf.json"]


def test_a_million_characters_of_nonsense_is_no_traceback(lab: Lab) -> None:
    for junk in (b"\x00" * 1000, b"[" * 200_000, b"null", b'{"jobs": 5}', "\u00fc".encode("latin-1")):
        done = lab.call("ex-run", stdin=junk)
        assert done.code == 2
        assert "Traceback" not in done.err
    assert lab.call("ex-run", stdin=b"").code == 3


def test_secrets_are_nowhere_in_what_is_kept_or_said(lab: Lab) -> None:
    secret, other = "tok3n-value-42", 'pass w/ "quotes" 7'
    jobs = [
        job("a", f'echo using {secret}; test -n "$URL" && exit 3', env_variables={"URL": "https://u:${API_TOKEN}@h"}),
        job("b", "true", env_variables={"DB_PASSWORD": other}),
    ]
    events = lab.path / "events.jsonl"
    done = lab.run(jobs, "-k", "-v", "--show-env", "--env", f"API_TOKEN={secret}", "--events", str(events))
    assert done.code == 1
    shown = lab.call("ex-history", "show", "1").out + lab.call("ex-history", "export").out
    kept = b"".join(path.read_bytes() for path in lab.path.glob("history.db*") if path.is_file())
    run_log = (lab.logs / "lab" / "run-1" / "run.log").read_text()
    for text in (done.out, done.err, shown, run_log, events.read_text(), kept.decode("latin-1")):
        assert secret not in text
        assert other not in text
    assert b"echo using ********" in kept


def test_a_run_needs_some_time(lab: Lab) -> None:
    done = lab.run([job("a", "touch ran")], "--timeout", "0")
    assert done.code == 2
    assert not (lab.path / "ran").exists()


@pytest.mark.parametrize(
    ("span", "good"), [("90", True), ("1.5m", True), ("1h30m", True), ("1h30", False), ("x", False)]
)
def test_spans_of_time(lab: Lab, span: str, good: bool) -> None:
    done = lab.run([job("a")], "--timeout", span)
    assert done.code == (0 if good else 2), done.err
    assert good or "is no span of time" in done.err

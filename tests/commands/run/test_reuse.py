"""What is told of a job that several resumes have reused."""

from __future__ import annotations

from tests.commands.run.lab import Lab, job

JOBS = [job("a", "true"), job("b", "test -e ready", "a"), job("c", "test -e mended", "b")]


def test_a_reused_job_names_the_attempt_in_which_it_ran(lab: Lab) -> None:
    lab.run(JOBS)
    (lab.path / "ready").touch()
    for _ in range(3):
        assert lab.call("ex-run", "--resume", "1").code == 1
    assert lab.reasons() == {"a": "succeeded in attempt 1", "b": "succeeded in attempt 2", "c": "exit code 1"}


def test_it_says_so_of_one_that_changed_and_changed_back(lab: Lab) -> None:
    lab.run(JOBS)
    changed = [job("a", "echo other"), *JOBS[1:]]
    for _ in range(2):
        lab.run(changed, "--resume", "1", "--on-change", "reuse")
        assert lab.reasons()["a"] == "succeeded in attempt 1, though it changed since"
    lab.run(JOBS, "--resume", "1")
    assert lab.reasons()["a"] == "succeeded in attempt 1"

"""What failed by itself, of which kind, and what it dragged along."""

from __future__ import annotations

import pytest

from exlib.history.store import JobRecord
from exlib.logs.advice import advice, commands
from exlib.logs.excerpt import Excerpt
from exlib.logs.failures import CATEGORIES, Failure, category, failures_of
from exlib.logs.model import Execution, Job
from exlib.logs.patterns import recognise
from exlib.logs.reading.events import read_events
from tests.logs.story import NEW_YEAR, raw, told

RUN = read_events([raw(told())], "x").executions[0].run


def job(
    name: str = "load",
    status: str = "failed",
    reason: str | None = None,
    *,
    started: float | None = NEW_YEAR,
    code: int | None = None,
    signal: str | None = None,
    ended: float = NEW_YEAR + 1,
    cpu: float = 0.5,
    retries: int = 0,
) -> Job:
    how = code, signal, retries, "/logs/load.1.log", None, 204800, cpu, None
    return Job(JobRecord(1, 1, name, status, reason, started, ended, ended - (started or ended), "run", *how))


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (job(status="timeout", reason="ran longer than its timeout of 60 s"), "timeout"),
        (job(code=3, reason="exit code 3"), "exit code"),
        (job(code=127, reason="exit code 127 (command not found)"), "could not start"),
        (job(code=126, reason="exit code 126 (cannot be executed)"), "could not start"),
        (job(reason="working directory /x: no such file or directory"), "could not start"),
        (job(code=137, signal="SIGKILL", reason="killed by SIGKILL"), "signal"),
        (job(code=137, reason="exit code 137 (as if killed by SIGKILL)"), "signal"),
        (job(code=0, reason="post-check check_pattern: no line matches"), "check"),
        (job(reason="pre-check check_file_exists: x is not there"), "check"),
        (job(status="lost", reason="it was running when the engine ended"), "lost"),
        (job(reason="file /x did not appear in 60 s", started=None), "waited in vain"),
        (job(status="cancelled", reason="the run was interrupted (SIGINT)"), "cancelled"),
        (job(status="skipped", reason='its dependency "a" ended as failed', started=None), "dependency"),
        (job(status="cancelled", reason='not started: job "a" ended as failed', started=None), "dependency"),
        (job(), "failed"),
    ],
)
def test_the_category(failed: Job, expected: str) -> None:
    assert category(failed) == expected
    assert expected in CATEGORIES


def test_the_first_failure_is_told_apart_from_what_followed() -> None:
    execution = Execution(
        RUN,
        (
            job("late", code=1, ended=NEW_YEAR + 9),
            job("early", code=1, ended=NEW_YEAR + 2),
            job("next", "skipped", 'its dependency "early" ended as failed', started=None),
            job("after next", "skipped", 'its dependency "next" was skipped', started=None),
            job('od"d', "skipped", 'its dependency "after next" was skipped', started=None),
            job("other", "cancelled", 'not started: job "late" ended as failed', started=None),
            job("left out", "skipped", "left out by --skip", started=None),
            job("good", "success", None),
        ),
    )
    found = failures_of(execution)
    assert [(one.job.record.job, one.dragged) for one in found.failures] == [
        ("early", ("next", "after next", 'od"d')),
        ("late", ("other",)),
    ]
    assert found.adrift == (("left out", "left out by --skip"),)


def test_causes_that_go_in_circles_are_left_alone() -> None:
    execution = Execution(
        RUN,
        (
            job("a", "skipped", 'its dependency "b" was skipped', started=None),
            job("b", "skipped", 'its dependency "a" was skipped', started=None),
        ),
    )
    assert [name for name, _ in failures_of(execution).adrift] == ["a", "b"]


@pytest.mark.parametrize(
    ("failed", "line", "word"),
    [
        (job(status="timeout", reason="ran longer than its timeout of 60 s", cpu=59.0), "", '"timeout": 120'),
        (job(status="timeout", reason="ran longer than its timeout of 60 s", cpu=0.1), "", "waited for something"),
        (job(code=137, signal="SIGKILL"), "", "dmesg"),
        (job(code=137), "", "dmesg"),
        (job(code=137, signal="SIGKILL"), "", "200 MiB"),
        (job(code=127, reason="exit code 127 (command not found)"), "", "PATH"),
        (job(status="lost"), "", "resume"),
        (job(code=1), "Connection refused", "max_retries"),
    ],
)
def test_advice_is_concrete(failed: Job, line: str, word: str) -> None:
    found = Excerpt((line,), 0, recognise(line))
    assert any(word in one for one in advice(Failure(failed, category(failed)), found))


def test_who_retries_already_is_not_told_to() -> None:
    found = Excerpt(("Connection refused",), 0, recognise("Connection refused"))
    assert not advice(Failure(job(code=1, retries=2), "exit code"), found)


def test_the_commands_that_go_on_name_the_run_the_job_and_the_history() -> None:
    found = failures_of(Execution(RUN, (job("lo ad", code=1),)))
    assert [command for command, _ in commands(found, "my.db")] == [
        "ex-history logs 1 'lo ad' --db my.db",
        "ex-run --resume 1 --db my.db",
    ]
    assert not commands(found._replace(run=RUN._replace(source=RUN.source._replace(kind="joblog"))), None)
    assert not commands(found._replace(run=RUN._replace(run=None)), None)

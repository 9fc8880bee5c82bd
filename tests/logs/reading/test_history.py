"""The history told as runs, and told the same as by the events of the same run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from exlib.console import Console
from exlib.history.sqlite import open_store
from exlib.logs.model import Execution, Job
from exlib.logs.reading.events import read_events
from exlib.logs.reading.history import Needs, dependencies_of, read_history, ready_at
from exlib.logs.sink import pour
from exlib.logs.summary import Summary
from exlib.logs.tojson import summary_json
from exlib.logs.views import Telling
from exlib.report.wording import Voice

WORKFLOW = {
    "application_name": "nightly",
    "continue_on_error": True,
    "jobs": [
        {"id": "extract", "command": "echo 1200 rows"},
        {"id": "load", "command": "exit 7", "dependencies": ["extract"], "max_retries": 1, "retry_delay": 0.01},
        {"id": "report", "command": "true", "dependencies": "load, extract"},
        {"id": "stopped", "command": "kill -KILL $$"},
        {"id": "late", "command": "sleep 60", "timeout": 0.1},
    ],
}


def run(directory: Path, *arguments: str) -> None:
    environ = os.environ | {"EX_DB": str(directory / "history.db"), "XDG_STATE_HOME": str(directory / "state")}
    command = ["ex-run", "-q", *arguments]
    subprocess.run(command, cwd=directory, env=environ, capture_output=True, check=False, stdin=subprocess.DEVNULL)


def workflow(directory: Path) -> None:
    (directory / "nightly.json").write_text(json.dumps(WORKFLOW))


def real_runs(directory: Path) -> tuple[list[Execution], list[Execution]]:
    """A failed run and its resumption: as the history has them, and as their event streams have them."""
    workflow(directory)
    run(directory, "nightly.json", "--events", "1.jsonl")
    run(directory, "--resume", "1", "--events", "2.jsonl")
    store = open_store(str(directory / "history.db"), readonly=True)
    try:
        stored = list(read_history(store, store.runs(), "history.db"))
    finally:
        store.close()
    streamed = read_events([(directory / name).read_bytes() for name in ("1.jsonl", "2.jsonl")], "x").executions
    return stored, list(streamed)


def plain(job: Job) -> Job:
    """Without what one source alone knows; of an only try the history has the job's duration, microseconds more."""
    tries = tuple(one._replace(pid=None) for one in job.tries)
    if len(tries) == 1:
        tries = (tries[0]._replace(duration=job.record.duration),)
    return job._replace(ready=None, needs=None, tries=tries)


def test_the_history_and_the_events_tell_the_same(tmp_path: Path) -> None:
    stored, streamed = real_runs(tmp_path)
    assert [len(execution.jobs) for execution in stored] == [5, 5]
    for one, other in zip(stored, streamed, strict=True):
        assert one.run._replace(source=other.run.source, document=other.run.document) == other.run
        ran = {job.record.job: plain(job) for job in one.jobs if not job.reused}
        also = {job.record.job: plain(job) for job in other.jobs if not job.reused}
        assert ran == also
        assert {job.record.job for job in one.jobs if job.reused} == {j.record.job for j in other.jobs if j.reused}


def figures(executions: list[Execution]) -> dict[str, Any]:
    """The summary as JSON, without what one source alone knows."""
    summary = Summary()
    pour(executions, summary)
    body: dict[str, Any] = json.loads(summary_json(summary, Telling(Voice(Console(), None), 80, 0.0)))
    for one in body["applications"]:
        one["last_run"].pop("source")
    for name in ("wait", "sources", "time"):
        body.pop(name)
    return body


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """The leaves of a JSON value by their paths."""
    if isinstance(value, dict):
        return {name: leaf for key, one in value.items() for name, leaf in flat(one, f"{path}.{key}").items()}
    if isinstance(value, list):
        return {name: leaf for at, one in enumerate(value) for name, leaf in flat(one, f"{path}.{at}").items()}
    return {path: value}


def test_the_history_and_the_events_give_the_same_summary(tmp_path: Path) -> None:
    stored, streamed = (flat(figures(executions)) for executions in real_runs(tmp_path))
    assert stored.keys() == streamed.keys()
    for path, value in stored.items():
        if isinstance(value, float):  # of an only try the history has the job's duration, microseconds more
            value = pytest.approx(value, abs=0.005)
        assert streamed[path] == value, path


def test_a_job_is_ready_when_its_last_dependency_ended(tmp_path: Path) -> None:
    stored, _ = real_runs(tmp_path)
    first = {job.record.job: job for job in stored[0].jobs}
    assert first["extract"].ready == stored[0].run.started
    assert first["load"].ready == first["extract"].record.ended
    assert first["report"].ready is None  # it never ran
    again = {job.record.job: job for job in stored[1].jobs}
    assert again["extract"].reused
    assert again["load"].ready == stored[1].run.started


def test_a_clock_that_was_set_back_makes_no_negative_wait(tmp_path: Path) -> None:
    stored, _ = real_runs(tmp_path)
    load = next(job for job in stored[0].jobs if job.record.job == "load")
    started = load.record.started
    assert started is not None
    assert ready_at(stored[0].run, load, {"load": Needs(("extract",), False)}, {"extract": started + 60}) == started


def test_dependencies_are_read_in_every_spelling() -> None:
    jobs = [
        {"id": "a"},
        {"job_id": "b", "dependencies": "a, c"},
        {"id": "c", "dependencies": [{"job": "a"}]},
        {"id": "d", "dependencies": ["a", {"plugin": "file_exists", "params": {"path": "x"}}]},
        "not a job",
    ]
    edges = dependencies_of(json.dumps({"jobs": jobs}).encode(), "x")
    needs = {"a": (), "b": ("a", "c"), "c": ("a",), "d": ("a",)}
    assert edges == {name: Needs(ids, name == "d") for name, ids in needs.items()}
    assert dependencies_of(b"{", "x") is None

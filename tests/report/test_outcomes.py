"""A run of the history as a picture shows it, from a real database."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from exlib.history.lookup import find_run
from exlib.history.sqlite import open_store
from exlib.render.measures import Ending
from exlib.report.outcomes import caption, of_run

JOBS = [
    {"id": "good", "command": "true"},
    {"id": "bad", "command": "exit 3", "max_retries": 1, "retry_delay": 0.01},
    {"id": "behind", "command": "true", "dependencies": ["bad"]},
    {"id": "slow", "command": "sleep 60", "timeout": 0.2},
]


@pytest.fixture
def db(tmp_path: Path) -> str:
    document = json.dumps({"application_name": "nightly", "continue_on_error": True, "jobs": JOBS})
    argv = ["ex-run", "-q", "--db", f"{tmp_path}/h.db", "--log-dir", f"{tmp_path}/logs"]
    assert subprocess.run(argv, input=document.encode(), capture_output=True, check=False).returncode == 1
    return f"{tmp_path}/h.db"


def shown(db: str, wanted: str) -> tuple[dict[str, Ending], str]:
    store = open_store(db, readonly=True)
    try:
        run, whole = find_run(store, wanted), "." not in wanted
        return of_run(store, run, whole=whole), caption(run, whole=whole)
    finally:
        store.close()


def test_every_job_with_how_and_why_it_ended(db: str) -> None:
    endings, said = shown(db, "last")
    assert said == "run 1, failed"
    assert {job: ending.status for job, ending in endings.items()} == {
        "good": "success", "bad": "failed", "behind": "skipped", "slow": "timeout",
    }  # fmt: skip
    assert (endings["bad"].attempts, endings["bad"].reason) == (2, "exit code 3")
    assert (endings["behind"].attempts, endings["behind"].started) == (0, None)
    assert "timeout" in (endings["slow"].reason or "")
    assert Path(endings["bad"].log or "").is_file()


def test_one_attempt_or_the_run_as_it_stands(db: str, tmp_path: Path) -> None:
    argv = ["ex-run", "-q", "--db", db, "--resume", "1"]
    subprocess.run(argv, capture_output=True, cwd=tmp_path, check=False)
    assert shown(db, "1.2")[1] == "run 1.2, failed"
    assert shown(db, "1")[0]["good"].status == shown(db, "1.1")[0]["good"].status == "success"


def test_a_mark_is_told(db: str) -> None:
    argv = ["ex-history", "--db", db, "mark-success", "1", "bad", "--reason", "loaded by hand", "--yes"]
    subprocess.run(argv, capture_output=True, check=True)
    endings, said = shown(db, "1")
    assert endings["bad"].status == "success"
    assert "loaded by hand" in (endings["bad"].reason or "")
    assert said == "run 1, failed, 1 job marked as done"

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from exlib.history.export import export_csv, export_joblog, export_json, run_json, runs_json
from exlib.history.sqlite import SqliteStore, open_store
from tests.history.story import Story

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "history.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.fixture
def told(store: SqliteStore) -> SqliteStore:
    story = Story(store, ["extract", "load", "check", "report"])
    story.runs("extract")
    story.starts("load")
    story.retries("load", 7)
    story.starts("load", 2)
    story.ends("load", "failed", None, 2, "ended by SIGKILL")
    story.runs("check", "failed", 0, "the post-check check_file_exists failed")
    story.skips("report")
    story.finishes("failed", 1)
    store.mark_success(1, ["report"], "ann", "not needed")
    Story(store, ["extract"], resumed=1).reuses("extract")
    return store


def checked(text: str) -> Any:
    body = json.loads(text)
    VALIDATOR.validate(body)
    return body


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_json_says_all_that_is_known(told: SqliteStore) -> None:
    (run,) = checked(export_json(told, told.runs()))["runs"]
    assert (run["run"], run["attempt"], run["status"]) == (1, 2, "running")
    assert [attempt["status"] for attempt in run["attempts"]] == ["failed", "running"]
    jobs = {job["job"]: job for job in run["jobs"]}
    assert [one["number"] for one in jobs["load"]["tries"]] == [1, 2]
    assert (jobs["load"]["signal"], jobs["load"]["exit_code"]) == ("SIGKILL", None)
    assert (run["redacted"], run["options"], run["marked"]) == (False, {}, 1)
    assert jobs["extract"]["started"] == "2026-01-01T00:00:01.000Z"
    assert jobs["report"]["mark"]["why"] == "not needed"
    assert set(run) == set(SCHEMA["$defs"]["whole_run"]["properties"])
    assert set(jobs["load"]) == set(SCHEMA["$defs"]["job"]["properties"])
    assert set(jobs["load"]["tries"][0]) == set(SCHEMA["$defs"]["try"]["properties"])


def test_one_attempt_can_be_told_alone(told: SqliteStore) -> None:
    first = told.attempts_of_run(1)[0]
    run = checked(run_json(told, first, whole=False))["run"]
    assert run["attempt"] == 1
    assert {job["attempt"] for job in run["jobs"]} == {1}
    assert len(checked(run_json(told, first, whole=True))["run"]["jobs"]) == 4


def test_the_list_is_told_without_jobs(told: SqliteStore) -> None:
    (run,) = checked(runs_json(told.runs()))["runs"]
    assert set(run) == set(SCHEMA["$defs"]["run"]["properties"])
    assert checked(runs_json([]))["runs"] == []


def test_csv_has_a_row_a_job(told: SqliteStore) -> None:
    found = {row["job"]: row for row in csv.DictReader(io.StringIO(export_csv(told, told.runs())))}
    assert found["load"]["application"] == "nightly"
    assert (found["load"]["status"], found["load"]["signal"], found["load"]["retries"]) == ("failed", "SIGKILL", "1")
    assert (found["report"]["marked_by"], found["report"]["mark_reason"]) == ("ann", "not needed")


def test_seconds_have_no_more_than_six_decimals(store: SqliteStore) -> None:
    story = Story(store, ["a"], start=0.0)
    story.now = 0.3
    story.runs("a")
    took = 3.3 - 0.3 - 2 + 0.008582984999520704
    store._connection.execute("UPDATE job_history SET duration=?, cpu_seconds=?", (took, took))
    (run,) = checked(export_json(store, store.runs()))["runs"]
    (row,) = csv.DictReader(io.StringIO(export_csv(store, store.runs())))
    told = [run["jobs"][0]["duration"], run["jobs"][0]["tries"][0]["duration"], row["duration"], row["cpu"]]
    assert list(map(str, told)) == ["1.008583"] * 4


def test_the_joblog_is_that_of_parallel(told: SqliteStore) -> None:
    lines = export_joblog(told, told.runs()).splitlines()
    assert lines[0] == "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand"
    assert lines[1:] == [
        "1\t:\t1767225601.000\t     2.000\t0\t0\t0\t0\trun extract",
        "2\t:\t1767225604.000\t     5.000\t0\t0\t0\t9\trun load",
        "3\t:\t1767225610.000\t     2.000\t0\t0\t1\t0\trun check",  # exit 0 and a failed check is a failure
    ]


def test_a_command_of_several_lines_is_one_line_of_the_joblog(store: SqliteStore) -> None:
    story = Story(store, ["a\nb"])
    story.runs("a\nb")
    assert export_joblog(store, store.runs()).count("\n") == 2


def test_bytes_that_are_no_text_can_be_exported(store: SqliteStore) -> None:
    odd = os.fsdecode(b"/caf\xe9")
    Story(store, ["a"], working_dir=odd, log_dir=odd).runs("a")
    (run,) = checked(export_json(store, store.runs()).encode().decode())["runs"]
    assert os.fsencode(run["log_dir"]) == b"/caf\xe9"
    assert export_csv(store, store.runs()).encode()


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(job=words, why=words, name=words)
def test_any_text_comes_back_from_json_and_csv(
    job: str, why: str, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = open_store(str(tmp_path_factory.mktemp("any") / "h.db"))
    Story(store, [job], name=name).runs(job, "failed", 1, reason=why)
    (run,) = checked(export_json(store, store.runs()))["runs"]
    assert (run["application"], run["jobs"][0]["job"], run["jobs"][0]["reason"]) == (name, job, why)
    (row,) = csv.DictReader(io.StringIO(export_csv(store, store.runs()), newline=""))
    assert (row["application"], row["job"], row["reason"]) == (name, job, why)
    store.close()

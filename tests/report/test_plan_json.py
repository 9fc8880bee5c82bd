"""A plan as data: it is what the schema says, whatever the plan, and tells what the plan holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from jsonschema import Draft202012Validator

from exlib.report.plan_json import as_json
from exlib.report.plan_words import Told
from exlib.simulation.outlook import Wanted, look_ahead
from exlib.simulation.past import Past
from tests.report.plans import hostile, plans, small, units
from tests.simulation.plans import known

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "plan.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def checked(told: Told) -> Any:
    body = json.loads(as_json(told))
    VALIDATOR.validate(body)
    return body


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@given(plans())
def test_every_plan_is_what_the_schema_says(told: Told) -> None:
    checked(told)


def test_the_schema_names_every_key() -> None:
    body = checked(small())
    assert set(body) == set(SCHEMA["properties"])
    assert set(body["jobs"][0]) == set(SCHEMA["$defs"]["job"]["properties"])


def test_a_small_plan() -> None:
    body = checked(small())
    assert (body["version"], body["unit"], body["workers"], body["makespan"]) == (1, "second", 2, 75.0)
    assert body["critical_path"] == ["first", "left", "last"]
    assert body["limits"] == {
        "critical_path": 75.0,
        "work": 105.0,
        "alone": 0.0,
        "least": 75.0,
        "most": 90.0,
        "speedup": 1.4,
        "jobs_at_once": 2,
        "jobs_at_once_exact": True,
    }
    jobs = {job["id"]: job for job in body["jobs"]}
    assert (jobs["right"]["start"], jobs["right"]["end"], jobs["right"]["slack"]) == (10.0, 40.0, 30.0)
    assert (jobs["left"]["samples"], jobs["left"]["p10"], jobs["left"]["p90"]) == (3, 52.0, 84.0)
    assert (jobs["lone"]["worker"], jobs["lone"]["level"]) == (None, 1)
    assert [job["id"] for job in sorted(body["jobs"], key=lambda job: job["order"])][:2] == ["first", "lone"]
    assert body["range"]["p10"] <= body["range"]["p50"] <= body["range"]["p90"]
    assert [risk["code"] for risk in body["risks"]] == ["no-timeout", "default-timeout", "dominant-job"]
    assert body["sweep"]["enough"] == 2


def test_units_are_said_to_be_units() -> None:
    told = small()
    body = checked(units(*told.outlook.jobs))
    assert (body["unit"], body["durations"]["basis"], body["range"]) == ("unit", "unit", None)


def test_changes_come_with_the_plan_before() -> None:
    told = small()
    body = checked(told._replace(before=told.outlook, changes=["left takes 5s, not 60s"]))
    assert body["changes"]["said"] == ["left takes 5s, not 60s"]
    assert body["changes"]["before"]["makespan"] == 75.0


def test_failures_of_the_past_are_told() -> None:
    jobs = small().outlook.jobs
    past = {"first": Past((1.0, 1.0), None, 4, 2, flaky=True)}
    look = look_ahead(jobs, known(jobs, [1.0] * 5), Wanted(), past=past)
    (first, left, *_) = checked(Told("nightly", look))["jobs"]
    assert (first["tries"], first["failed_tries"], first["flaky"]) == (4, 2, True)
    assert (left["tries"], left["flaky"]) == (0, False)


def test_a_name_that_is_no_text_can_be_written() -> None:
    as_json(hostile()._replace(name="\udcff")).encode()

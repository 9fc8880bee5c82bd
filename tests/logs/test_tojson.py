"""Every view as JSON is as its schema says, and as CSV it has the columns that it promises."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from exlib.console import Console
from exlib.events import Event
from exlib.logs.model import Source
from exlib.logs.reading.events import EventReader
from exlib.logs.views import VIEWS, Telling, forms
from exlib.report.wording import Voice
from tests.logs.story import NEW_YEAR, raw, told
from tests.logs.test_summary import good

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "log-analysis.schema.json").read_text())
OURS = ("summary", "errors", "patterns")
STREAMS: dict[str, list[Event]] = {
    "nothing": [],
    "failed": told(),
    "under way": told()[:7],
    "several": [*told(), *good(2, NEW_YEAR + 20), *told(3, at=NEW_YEAR + 90)],
}


def product(view: str, form: str, events: list[Event]) -> str:
    telling = Telling(Voice(Console(), None), 80, NEW_YEAR)
    shape = forms(view)[form]
    sink = shape.reader(telling)
    reader = EventReader(Source("events", "x.jsonl"), sink)
    reader.feed(raw(events) + b"oops\n")
    reader.finish()
    damages = reader.damages
    return shape.write(sink, telling._replace(damages=tuple(damages.first), damaged=damages.counts))


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("view", OURS)
def test_json_is_as_the_schema_says(view: str, stream: str) -> None:
    body = json.loads(product(view, "json", STREAMS[stream]))
    jsonschema.Draft202012Validator(SCHEMA).validate(body)
    assert body["view"] == view
    assert body["damaged"]["lines"][-1]["why"] == "no JSON"


def test_the_schema_is_one_and_refuses_something() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    body = json.loads(product("summary", "json", told()))
    body["runs"].pop("count")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(body, SCHEMA)


def test_the_figures_of_the_summary() -> None:
    body = json.loads(product("summary", "json", told()))
    assert body["runs"]["statuses"] == {"failed": 1}
    assert body["jobs"]["ran"] == {"success": 1, "failed": 1}
    assert body["jobs"]["not_run"] == {"skipped": 1}
    assert body["work"] == {"seconds": 6.0, "wasted_by_retries": 0.0, "wasted_by_failures": 4.0}
    assert [one["job"] for one in body["per_job"]] == ["load", "extract"]


def test_a_run_without_an_end_is_not_passed_over() -> None:
    assert json.loads(product("errors", "json", STREAMS["under way"]))["unfinished"] == 1
    assert "1 run has no end here" in product("errors", "text", STREAMS["under way"])
    assert "no end" not in product("errors", "text", STREAMS["failed"])


def rows(view: str, events: list[Event]) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(product(view, "csv", events))))


def test_csv_has_a_row_a_job_a_failure_and_a_group() -> None:
    events = STREAMS["several"]
    assert [(row["application"], row["job"], row["ran"], row["failed"]) for row in rows("summary", events)] == [
        ("hourly", "fetch", "1", "0"),
        ("nightly", "load", "2", "2"),
        ("nightly", "extract", "2", "0"),
    ]
    assert [(row["run"], row["job"], row["category"], row["tries"]) for row in rows("errors", events)] == [
        ("1", "load", "exit code", "2"),
        ("3", "load", "exit code", "2"),
    ]
    assert [(row["count"], row["shape"], row["jobs"]) for row in rows("patterns", events)] == [
        ("5", "exit code 3", "nightly/load hourly/fetch")
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_text_and_json(view: str) -> None:
    assert {"text", "json"} <= forms(view).keys()


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("view", OURS)
def test_text_fits_its_columns(view: str, stream: str) -> None:
    for line in product(view, "text", STREAMS[stream]).splitlines():
        assert len(line) <= 80

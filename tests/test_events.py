from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.events import Event, JobFinished, JobReused, Notice, RunFinished, iso, kind, to_json

CLASSES = get_args(Event)
KINDS = """run_started job_reused job_waiting attempt_started attempt_spawned attempt_finished log_truncated
    job_retrying job_finished notice run_finished""".split()
SAMPLES: dict[str, Any] = {"float": 1.5, "int": 7, "str": 'x"\n\u00e9', "dict[str, int]": {"success": 2}}


def example(cls: type[Any], absent: bool) -> Any:
    """An event with a value of its declared type in every field; None where that is allowed and wanted."""
    values = {}
    for name, hint in cls.__annotations__.items():
        said = hint.__name__ if isinstance(hint, type) else str(hint)
        declared = said.removesuffix(" | None")
        values[name] = None if absent and declared != said else SAMPLES[declared]
    return cls(**values)


@pytest.mark.parametrize("absent", [False, True])
@pytest.mark.parametrize(("cls", "name"), list(zip(CLASSES, KINDS, strict=True)))
def test_every_event_is_one_json_line_of_its_fields(cls: type[Any], name: str, absent: bool) -> None:
    event = example(cls, absent)
    line = to_json(event)
    assert "\n" not in line
    body = json.loads(line)
    assert list(body) == ["version", "event", *cls._fields]
    assert (body.pop("version"), body.pop("event")) == (1, name)
    assert kind(event) == name
    expected = event._asdict()
    for moment in ("time", "started"):
        if expected.get(moment) is not None:
            expected[moment] = "1970-01-01T00:00:01.500Z"
    assert body == expected


def test_spans_stay_numbers_of_seconds() -> None:
    body = json.loads(to_json(RunFinished(0.0, 1, 1, "success", 0, 2.25, {"success": 1, "reused": 0}, None)))
    assert (body["duration"], body["counts"], body["reason"]) == (2.25, {"success": 1, "reused": 0}, None)


def test_a_job_that_never_ran_has_no_start() -> None:
    finished = JobFinished(1.0, "a", "skipped", "b failed", "true", 0, None, 0.0, None, None, 0.0, 0, None)
    assert json.loads(to_json(finished))["started"] is None


@given(st.text() | st.text(st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF)))
def test_any_text_can_be_written_and_read_again(text: str) -> None:
    line = to_json(JobReused(0.0, text, "\u00e9"))
    assert json.loads(line.encode("utf-8", "backslashreplace"))["job"] == text


def test_readable_text_is_written_as_itself() -> None:
    assert '"message": "n\u00e4chtlich \U0001f600"' in to_json(Notice(0.0, "warning", "n\u00e4chtlich \U0001f600"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_769_903_999.123, "2026-01-31T23:59:59.123Z"),
        (1.001, "1970-01-01T00:00:01.001Z"),  # 1.001 * 1000 is 1000.9999999999999
        (0.9996, "1970-01-01T00:00:01.000Z"),
        (1_735_689_599.9996, "2025-01-01T00:00:00.000Z"),
        (951_782_400.0, "2000-02-29T00:00:00.000Z"),
        (-0.5, "1969-12-31T23:59:59.500Z"),
        (-1, "1969-12-31T23:59:59.000Z"),
        (-0.0004, "1970-01-01T00:00:00.000Z"),
        (-2_208_988_800.25, "1899-12-31T23:59:59.750Z"),
        (4_102_444_800, "2100-01-01T00:00:00.000Z"),
    ],
)
def test_moments(seconds: float, text: str) -> None:
    assert iso(seconds) == text


@given(st.integers(-(10**12), 10**13))
def test_every_millisecond_is_written_as_itself(milliseconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    assert iso(milliseconds / 1000) == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from exlib import events as ev
from exlib.errors import StorageError, UsageError
from exlib.report import eventlog
from exlib.report.eventlog import EventWriter
from tests.report.story import EVERY_KIND, job_finished, run_started

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "event.schema.json").read_text())


def lines_of(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_event_class_is_told_of_and_fits_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    writer = EventWriter(str(path))
    writer.read(EVERY_KIND)
    writer.close()
    told = lines_of(path.read_bytes())
    validator = Draft202012Validator(SCHEMA)
    assert [error.message for event in told for error in validator.iter_errors(event)] == []
    assert {event["event"] for event in told} == set(SCHEMA["$defs"])
    assert {type(event) for event in EVERY_KIND} == set(ev.Event.__args__)


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: ev.kind(event))
def test_the_schema_describes_every_field_and_demands_it(event: ev.Event) -> None:
    form = SCHEMA["$defs"][ev.kind(event)]
    told = json.loads(ev.to_json(event))
    assert list(form["properties"]) == list(told)
    assert form["required"] == list(told)
    assert form["description"]
    for name, field in form["properties"].items():
        assert field.get("description"), name


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: ev.kind(event))
def test_the_schema_refuses_an_event_with_a_field_less_or_a_wrong_type(event: ev.Event) -> None:
    validator = Draft202012Validator(SCHEMA)
    told = json.loads(ev.to_json(event))
    for name in told:
        assert not validator.is_valid({key: value for key, value in told.items() if key != name})
        assert not validator.is_valid(told | {name: [[]]})


def test_each_turn_is_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    writer = EventWriter(str(path))
    writer.read([run_started()])
    assert len(lines_of(path.read_bytes())) == 1
    writer.read([job_finished("a"), job_finished("b")])
    assert len(lines_of(path.read_bytes())) == 3
    assert writer.interval is None


def test_whatever_a_path_holds_the_line_is_json(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    writer = EventWriter(str(path))
    odd = os.fsdecode(b"/data/\xff\n\x7f\xe2\x80\xa8")
    writer.read([run_started(working_dir=odd)])
    (told,) = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    assert told["working_dir"] == odd


def test_to_a_descriptor_that_the_shell_opened() -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    writer = EventWriter(f"fd:{writing}")
    assert not os.get_inheritable(writing)
    writer.read([run_started()])
    assert lines_of(os.read(reading, 65536))[0]["event"] == "run_started"
    writer.close()
    os.fstat(writing)  # still the shell's
    os.close(writing)
    os.close(reading)


def test_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    writer = EventWriter("-")
    writer.read([run_started()])
    writer.close()
    assert lines_of(capfdbinary.readouterr().out)[0]["run"] == 12


def test_a_reader_that_goes_away_ends_it_silently() -> None:
    reading, writing = os.pipe()
    writer = EventWriter(f"fd:{writing}")
    writer.read([run_started()])
    os.close(reading)
    for _ in range(3):
        writer.read([job_finished("a")])
    writer.tick()
    writer.close()
    os.close(writing)


def test_a_slow_reader_holds_nothing_up_and_gets_everything() -> None:
    reading, writing = os.pipe()
    writer = EventWriter(f"fd:{writing}")
    for n in range(2000):
        writer.read([job_finished(f"job{n}")])
    got = b""
    while writer.interval is not None:
        got += os.read(reading, 1 << 20)
        writer.tick()
    got += os.read(reading, 1 << 20)
    assert [event["job"] for event in lines_of(got)] == [f"job{n}" for n in range(2000)]
    os.close(writing)
    os.close(reading)


def test_a_reader_that_stays_behind_is_left_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(eventlog, "_LIMIT", 1 << 20)
    reading, writing = os.pipe()
    writer = EventWriter(f"fd:{writing}")
    for _ in range(3):
        writer.read([job_finished("x" * 500_000)])
    assert "the reader is 1 MiB behind; no further events are written" in capfd.readouterr().err
    os.close(reading)
    writer.close()
    os.close(writing)


def test_a_full_disk_is_told_once() -> None:
    writer = EventWriter("/dev/full")
    with pytest.raises(StorageError, match="no space left on device"):
        writer.read([run_started()])
    writer.read([job_finished("a")])
    writer.close()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/no/such/dir/events", "no such file or directory"),
        (".", "is a directory"),
        ("fd:x", "a descriptor is written fd:3"),
        ("fd:", "a descriptor is written fd:3"),
        ("fd:98765", "descriptor 98765 is not open for writing"),
        ("a\0b", "null"),
    ],
)
def test_a_target_that_cannot_be_written_is_refused_at_the_start(target: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        EventWriter(target)


def test_a_descriptor_open_for_reading_is_refused() -> None:
    with open(os.devnull) as stream, pytest.raises(UsageError, match="not open for writing"):
        EventWriter(f"fd:{stream.fileno()}")


def test_a_closed_standard_output_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(UsageError, match="standard output is closed"):
        EventWriter("-")

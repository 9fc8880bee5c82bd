"""Where durations come from: a real history, files, and what is said when there is nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exlib.document import Document
from exlib.errors import AnswerNo, InputError
from exlib.history.sqlite import open_store
from exlib.simulation.sources import find
from exlib.workflow import Workflow
from tests.history.story import Story


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A history in which "nightly" ran once: load succeeded, check failed."""
    path = str(tmp_path / "h.db")
    store = open_store(path)
    story = Story(store, ["load", "check"])
    story.runs("load")
    story.runs("check", "failed", 1)
    story.finishes("failed", 1)
    store.close()
    return path


def workflow(name: str = "nightly") -> Workflow:
    jobs = [{"id": name, "command": "true", "timeout": 60} for name in ("load", "check")]
    return Workflow.from_document(Document(json.dumps({"application_name": name, "jobs": jobs}).encode(), "w.json"))


def test_history_is_taken_where_there_is_any(db: str) -> None:
    found = find(None, workflow(), db)
    assert found.durations.basis == "history"
    assert [guess.source for guess in found.durations.guesses] == ["history", "typical"]
    assert found.past["check"].failures == 1
    assert find("history", workflow(), db) == found


def test_without_history_each_job_is_one_unit_and_that_is_said(db: str, tmp_path: Path) -> None:
    assert "there is no history yet" in find(None, workflow(), str(tmp_path / "none.db")).durations.said
    assert not (tmp_path / "none.db").exists()
    other = find(None, workflow("weekly"), db).durations
    assert (other.basis, 'no job of "weekly" has succeeded' in other.said) == ("unit", True)


def test_history_that_is_asked_for_and_not_there_is_a_no(db: str) -> None:
    with pytest.raises(AnswerNo, match="weekly"):
        find("history", workflow("weekly"), db)


def test_what_the_history_knows_of_failures_is_told_whatever_the_durations(db: str) -> None:
    for choice in ("timeout", "unit", '{"load": 5}'):
        assert find(choice, workflow(), db).past["check"].failures == 1
    assert find("timeout", workflow(), db).durations.seconds == [60.0, 60.0]
    assert find("unit", workflow(), db).durations.seconds == [1.0, 1.0]


def test_a_file_and_json_say_the_same_and_ids_of_no_job_are_named(db: str, tmp_path: Path) -> None:
    text = '{"load": 5, "chekc": 3}'
    (tmp_path / "d.json").write_text(text)
    inline, file = find(f" {text}", workflow(), db), find(str(tmp_path / "d.json"), workflow(), db)
    assert inline.durations.guesses == file.durations.guesses
    assert inline.unknown == file.unknown == ["chekc"]
    assert file.durations.said.startswith(f"as given by {tmp_path}/d.json; 1 of 2 jobs has none")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read no-such-file"):
        find("no-such-file", workflow(), str(tmp_path / "h.db"))
    (tmp_path / "latin").write_bytes(b'{"\xe9": 1}')
    with pytest.raises(InputError, match="not UTF-8"):
        find(str(tmp_path / "latin"), workflow(), str(tmp_path / "h.db"))

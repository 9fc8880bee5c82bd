"""Where durations come from: a real history, files, and what is said when there is nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from exlib.document import Document
from exlib.errors import AnswerNo, InputError
from exlib.history.sqlite import open_store
from exlib.simulation import sources
from exlib.simulation.sources import Source
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


def document(name: str = "nightly", **kept: object) -> Document:
    jobs = [{"id": job, "command": "true", "timeout": 60} for job in ("load", "check")]
    raw = [{**job, **({"x-source": kept[str(job["id"])]} if job["id"] in kept else {})} for job in jobs]
    return Document(json.dumps({"application_name": name, "jobs": raw}).encode(), "w.json")


def find(choice: str | None, document: Document, db: str | None) -> Source:
    return sources.find(choice, document, Workflow.from_document(document), db)


def test_history_is_taken_where_there_is_any(db: str) -> None:
    found = find(None, document(), db)
    assert found.durations.basis == "history"
    assert [guess.source for guess in found.durations.guesses] == ["history", "typical"]
    assert found.past["check"].failures == 1
    assert find("history", document(), db) == found


def test_without_history_each_job_is_one_unit_and_that_is_said(db: str, tmp_path: Path) -> None:
    assert "there is no history yet" in find(None, document(), str(tmp_path / "none.db")).durations.said
    assert not (tmp_path / "none.db").exists()
    other = find(None, document("weekly"), db).durations
    assert (other.basis, 'no job of "weekly" has succeeded' in other.said) == ("unit", True)


def test_history_that_is_asked_for_and_not_there_is_a_no(db: str) -> None:
    with pytest.raises(AnswerNo, match="weekly"):
        find("history", document("weekly"), db)


def test_what_the_history_knows_of_failures_is_told_whatever_the_durations(db: str) -> None:
    for choice in ("timeout", "unit", '{"load": 5}'):
        assert find(choice, document(), db).past["check"].failures == 1
    assert find("timeout", document(), db).durations.seconds == [60.0, 60.0]
    assert find("unit", document(), db).durations.seconds == [1.0, 1.0]


def test_a_file_and_json_say_the_same_and_ids_of_no_job_are_named(db: str, tmp_path: Path) -> None:
    text = '{"load": 5, "chekc": 3}'
    (tmp_path / "d.json").write_text(text)
    inline, file = find(f" {text}", document(), db), find(str(tmp_path / "d.json"), document(), db)
    assert inline.durations.guesses == file.durations.guesses
    assert inline.unknown == file.unknown == ["chekc"]
    assert file.durations.said.startswith(f"as given by {tmp_path}/d.json; 1 of 2 jobs has none")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read no-such-file"):
        find("no-such-file", document(), str(tmp_path / "h.db"))
    (tmp_path / "latin").write_bytes(b'{"\xe9": 1}')
    with pytest.raises(InputError, match="not UTF-8"):
        find(str(tmp_path / "latin"), document(), str(tmp_path / "h.db"))


def test_what_the_source_of_a_document_had_recorded(db: str) -> None:
    found = find("recorded", document(load={"runtimeInSeconds": 4.5}, check={"runtime": 9}), db).durations
    assert [(guess.seconds, guess.source) for guess in found.guesses] == [(4.5, "given"), (9.0, "given")]
    part = find("recorded", document(load={"runtime": 3}, check={"runtime": "no"}), db).durations
    assert [(guess.seconds, guess.source) for guess in part.guesses] == [(3.0, "given"), (3.0, "typical")]
    with pytest.raises(AnswerNo, match=r"no job of w\.json has a recorded runtime"):
        find("recorded", document(load={"runtime": True}, check="x"), db)

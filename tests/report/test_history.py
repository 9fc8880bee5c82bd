"""The pages of ex-history as strings; whole ones are in tests/cases/history and docs/ex-history.md."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from exlib.console import Console
from exlib.history.sqlite import SqliteStore, open_store
from exlib.report.history import run_page, runs_table
from exlib.report.wording import Voice
from tests.history.story import Story


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = open_store(str(tmp_path / "h.db"))
    yield opened
    opened.close()


def voice(encoding: str = "utf-8") -> Voice:
    return Voice(Console(), io.TextIOWrapper(io.BytesIO(), encoding=encoding))


def page(store: SqliteStore, unreached: int = 0, encoding: str = "utf-8", db: str | None = None) -> str:
    attempts = store.attempts_of_run(1)
    return run_page(
        attempts,
        attempts[-1],
        store.jobs(1),
        store.attempts(1),
        unreached,
        store.counts(attempts[-1]),
        voice(encoding),
        db,
    )


def test_a_run_going_on_says_what_is_to_come_and_how_to_watch(store: SqliteStore) -> None:
    story = Story(store, ["a", "b", "c"])
    story.runs("a")
    story.starts("b")
    told = page(store, unreached=1)
    assert "run 1 of nightly: ▸ running\n" in told
    assert ", still running\n" in told
    assert "3: 1 completed, 1 running, 1 to come\n" in told
    assert "--resume" not in told
    assert "ex-history logs 1 JOB --follow" in told


def test_every_way_to_end_is_called_by_its_name(store: SqliteStore) -> None:
    story = Story(store, ["a", "b", "c", "d", "e"])
    story.runs("a", "timeout", None)
    story.runs("b", "cancelled", None)
    story.runs("c", "lost", None)
    story.skips("d")
    story.starts("e")
    story.retries("e", 1)
    words = "1 timed out, 1 lost, 1 skipped, 1 cancelled"
    assert f"5: {words}, 1 waiting for a retry\n" in page(store)
    assert f"  {words}\n" in runs_table(store.runs(), voice(), store.counts)
    story.ends("e", "failed", 1, 2)
    story.finishes("cancelled", 130)
    assert f"  1 failed, {words}\n" in runs_table(store.runs(), voice(), store.counts)
    store.mark_success(1, ["b", "c"], "ann", "by hand")
    assert f"  1 failed, {words}, 2 marked\n" in runs_table(store.runs(), voice(), store.counts)


def test_a_log_that_may_be_cut_off_is_told_with_its_job(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    story.starts("a")
    story.truncates("a")
    story.ends("a")
    story.finishes("failed", 74)
    assert "    its log may be cut off, no space was left for it\n" in page(store)


def test_a_run_that_succeeded_has_nothing_to_do_next(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    story.runs("a")
    story.finishes()
    assert "Next" not in page(store)
    assert "Attempts" not in page(store)


def test_a_run_that_left_jobs_out_on_request_has_nothing_to_do_next(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    story.runs("a")
    story.skips("b", "left out on request")
    story.finishes()
    assert "Next" not in page(store)
    assert "Next" not in page(store, unreached=1)


@pytest.mark.parametrize(
    ("document", "redacted", "file"),
    [
        ("<stdin>", True, " FILE"),
        ("<stdin>", False, ""),
        ("gone.json", True, " FILE"),
        ("here.json", True, ""),
        ("gone.json", False, ""),
    ],
)
def test_a_resume_names_the_document_when_it_cannot_do_without(
    store: SqliteStore, tmp_path: Path, document: str, redacted: bool, file: str
) -> None:
    (tmp_path / "here.json").touch()
    story = Story(store, ["a"])
    story.runs("a", "failed", 1)
    story.finishes("failed", 1)
    (told,) = store.attempts_of_run(1)
    name = document if document == "<stdin>" else str(tmp_path / document)
    told = told._replace(document_name=name, redacted=redacted)
    shown = run_page([told], told, store.jobs(1), store.attempts(1), 0, {}, voice(), "x.db")
    assert f"ex-run --resume 1{file} --db x.db  " in shown


def test_the_list_tells_how_many_jobs_are_marked(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    story.runs("a", "failed", 1)
    story.skips("b")
    story.finishes("failed", 1)
    assert "marked" not in runs_table(store.runs(), voice())
    store.mark_success(1, ["a"], "ann", "by hand")
    assert "1 failed, 1 skipped, 1 marked\n" in runs_table(store.runs(), voice(), store.counts)
    Story(store, ["a", "b"], resumed=1)
    assert [attempt.marked for attempt in store.attempts_of_run(1)] == [1, 1]
    assert "1 marked, attempt 2\n" in runs_table(store.runs(), voice())


def test_names_are_quoted_in_commands_and_cannot_drive_the_terminal(store: SqliteStore) -> None:
    story = Story(store, ["it's; rm"], name="evil\x1b[2J")
    story.runs("it's; rm", "failed", 1, reason="\x1b]0;title\x07")
    story.finishes("failed", 1)
    told = page(store, db="my db")
    assert """ex-history logs 1 'it'"'"'s; rm' --db 'my db'""" in told
    assert "ex-run --resume 1 --db 'my db'" in told
    assert "\x1b" not in told
    assert "\x1b" not in runs_table(store.runs(), voice())


def test_a_reason_is_not_said_twice(store: SqliteStore) -> None:
    story = Story(store, ["a", "b"])
    story.runs("a", "failed", 7, "exit code 7")
    story.runs("b", "failed", 0, "the post-check failed")
    story.finishes("failed", 1)
    told = page(store)
    assert "exit code 7" not in told
    assert "    the post-check failed\n" in told


def test_an_old_terminal_gets_letters_for_marks(store: SqliteStore) -> None:
    story = Story(store, ["a"])
    story.runs("a", "failed", 1)
    story.finishes("failed", 1)
    assert page(store, encoding="ascii").isascii()
    assert "x failed" in runs_table(store.runs(), voice("ascii"))


def test_no_runs_are_no_table() -> None:
    assert runs_table([], voice()) == ""

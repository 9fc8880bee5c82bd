from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from exlib.history.location import RUN_LOG
from exlib.history.lock import RunLock
from exlib.history.retention import remove_logs
from exlib.history.sqlite import SqliteStore, open_store
from exlib.history.store import RunRecord
from tests.history.processes import Process
from tests.history.story import NEW_YEAR, Story

DAY = 86_400.0


def runs(store: SqliteStore, *names: str, root: Path | None = None) -> None:
    """One run of each application named, a day apart, each with a log directory below ``root``."""
    for day, name in enumerate(names):
        log_dir = root / f"{name}-{day}" if root else "/var/log/x"
        if isinstance(log_dir, Path):
            log_dir.mkdir()
            (log_dir / RUN_LOG).write_text("started\n")
            (log_dir / "j.1.log").write_text("output\n")
        story = Story(store, ["j"], name=name, start=NEW_YEAR + day * DAY, log_dir=log_dir, working_dir="/")
        story.runs("j")
        story.finishes()


def numbers(records: list[RunRecord]) -> list[int]:
    return [record.run for record in records]


def test_rules_by_age_and_by_number(store: SqliteStore) -> None:
    runs(store, "a", "b", "a", "b", "a")
    assert numbers(store.prune(before=NEW_YEAR + 2 * DAY, dry_run=True)) == [2, 1]
    assert numbers(store.prune(keep=1, dry_run=True)) == [3, 2, 1]
    assert numbers(store.prune(keep=2, dry_run=True)) == [1]
    assert numbers(store.prune(before=NEW_YEAR + 2 * DAY, keep=2, dry_run=True)) == [1]
    assert numbers(store.prune(keep=0, application="b", dry_run=True)) == [4, 2]
    assert numbers(store.runs()) == [5, 4, 3, 2, 1]


def test_everything_about_a_run_goes(store: SqliteStore, db: str) -> None:
    runs(store, "a")
    Story(store, ["j"], name="a", resumed=1).finishes("failed", 1)
    runs(store, "b")
    removed = store.prune(application="a")
    assert [(record.run, record.attempt) for record in removed] == [(1, 1), (1, 2)]
    connection = sqlite3.connect(db)
    for table in ("run_summary", "job_history", "retry_history"):
        assert {row[0] for row in connection.execute(f"SELECT run_id FROM {table}")} == {2}
    assert connection.execute("SELECT count(*) FROM document").fetchone() == (1,)
    assert store.document(2) is not None


def test_a_running_run_stays_a_dead_one_goes_with_its_lock(store: SqliteStore, db: str) -> None:
    engine = Process(f"Story(open_store({db!r}), ['j']); say('there'); wait()")
    assert engine.heard() == "there"
    assert store.prune(keep=0) == []
    engine.kill()
    assert os.path.exists(RunLock(db, 1).path)
    assert numbers(store.prune(keep=0)) == [1]
    assert not os.path.exists(RunLock(db, 1).path)


def test_logs_of_pruned_runs_go_and_no_others(store: SqliteStore, tmp_path: Path) -> None:
    runs(store, "a", "b", "c", root=tmp_path)
    removed = store.prune(keep=0, application="b")
    assert remove_logs(removed, store.log_dirs()) == []
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[1:2] == "-") == ["a-0", "c-2"]
    assert remove_logs(removed, store.log_dirs()) == []  # gone already is no matter


def record(store: SqliteStore, log_dir: Path, working_dir: Path | str = "/") -> list[RunRecord]:
    story = Story(store, ["j"], log_dir=log_dir, working_dir=str(working_dir))
    story.finishes()
    store.close()
    later = open_store(store.path)
    removed = later.prune(keep=0)
    later.close()
    return removed


def test_a_directory_without_our_run_log_is_left(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "thesis.tex").touch()
    (kept,) = remove_logs(record(store, tmp_path / "logs"), ())
    assert kept.log_dir == str(tmp_path / "logs")
    assert kept.reason == f"it holds no {RUN_LOG}, so it may not be ours"
    assert (tmp_path / "logs" / "thesis.tex").exists()


@pytest.mark.parametrize("precious", ["home", "working_dir"])
def test_home_and_working_directory_are_left(
    store: SqliteStore, tmp_path: Path, precious: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "logs" / "inner"
    place.mkdir(parents=True)
    (tmp_path / "logs" / RUN_LOG).touch()
    if precious == "home":
        monkeypatch.setenv("HOME", str(place))
    (kept,) = remove_logs(record(store, tmp_path / "logs", place if precious == "working_dir" else "/"), ())
    assert kept.reason == f"{place} is in it"
    assert place.exists()


def test_a_link_or_a_shared_directory_is_left(store: SqliteStore, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / RUN_LOG).touch()
    (tmp_path / "link").symlink_to(real)
    (kept,) = remove_logs(record(store, tmp_path / "link"), ())
    assert kept.reason == "it is not a directory of its own"
    (kept,) = remove_logs(record(open_store(store.path), real), {str(real)})
    assert kept.reason == "another run keeps its logs there"
    assert (real / RUN_LOG).exists()


def test_links_inside_are_removed_not_followed(store: SqliteStore, tmp_path: Path) -> None:
    logs, outside = tmp_path / "logs", tmp_path / "outside"
    logs.mkdir()
    outside.mkdir()
    (outside / "precious").touch()
    (logs / RUN_LOG).touch()
    (logs / "way-out").symlink_to(outside)
    assert remove_logs(record(store, logs), ()) == []
    assert not logs.exists()
    assert (outside / "precious").exists()


def test_a_pruned_run_cannot_be_resumed(store: SqliteStore, db: str) -> None:
    runs(store, "a")
    store.close()
    resuming = open_store(db)
    resuming.claim(1)
    pruning = open_store(db)
    assert pruning.prune(keep=0) == []  # somebody holds it
    resuming.close()
    assert numbers(pruning.prune(keep=0)) == [1]
    pruning.close()

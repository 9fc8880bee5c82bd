"""A history that is cut, killed in a migration, newer, corrupt, full or out of reach."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from exlib.history import connection as opening
from exlib.history import redo
from exlib.history.migrations import STEPS, migrate, version_of
from exlib.history.sqlite import open_store
from tests.commands.run.lab import Done, Lab, job
from tests.history.story import Story
from tests.torture.trial import Trial

_TABLES = ("counter", "run_summary", "job_history", "retry_history", "job_mark", "document")
_SECTOR = 512
_QUICK = "/dev/shm" if os.path.isdir("/dev/shm") else None
"""Where a sync costs nothing: none of these trials is about the power of the machine."""


# -- the write-ahead log, cut -------------------------------------------------------------------------


def cut_log(jobs: int, rng: random.Random, place: Path) -> str:
    """Whatever part of the write-ahead log reached the disk, it opens to a moment of the history as it was."""
    db = place / "history.db"
    store = open_store(str(db))
    states = [_content(db)]

    def noting(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            answer = method(*arguments)
            states.append(_content(db))
            return answer

        return call

    store.begin = noting(store.begin)  # type: ignore[method-assign]
    store.read = noting(store.read)  # type: ignore[method-assign]
    story = Story(store, [f"j{n}" for n in range(jobs)])
    emptied = rng.randrange(jobs) if rng.random() < 0.5 else None
    for n in range(jobs):
        if n == emptied:  # what came before is in the database itself, and the log begins anew over its old content
            store._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        story.runs(f"j{n}") if rng.random() < 0.7 else story.skips(f"j{n}")
    kept, log = db.read_bytes(), Path(f"{db}-wal").read_bytes()
    store.close()
    at = 0
    for length in range(0, len(log) + _SECTOR, _SECTOR):
        found = _opened_with(kept, log[:length] + _tail(rng, len(log) - length))
        assert found in states[at:], f"cut at {length} of {len(log)}: a state that never was, or one of before"
        at = states.index(found, at)
    assert at == len(states) - 1, "the whole log has the whole history"
    return "log begun anew" if emptied is not None else "log in one piece"


def _tail(rng: random.Random, length: int) -> bytes:
    """What may stand on the disk after the part that was written: nothing, zeros, or what was there before."""
    return rng.choice([lambda _: b"", bytes, rng.randbytes])(max(0, min(length, 3 * _SECTOR)))


def _opened_with(kept: bytes, log: bytes) -> dict[str, list[Any]]:
    """The content of the history when a database and a log of these bytes are opened."""
    with TemporaryDirectory(dir=_QUICK) as place:
        db = Path(place) / "history.db"
        db.write_bytes(kept)
        Path(f"{db}-wal").write_bytes(log)
        with closing(open_store(str(db))) as store:
            assert store._connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return _content(db)


def _content(db: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES}


# -- migrations, killed -------------------------------------------------------------------------------


def killed_migration(version: int, _: random.Random, place: Path) -> str:
    """SIGKILL at each statement of the way from a version to the newest: the schema of one version, all rows."""
    old = place / "old.db"
    if version:
        with closing(sqlite3.connect(old, isolation_level=None)) as connection:
            migrate(connection, str(old), STEPS[:version])
            connection.execute("UPDATE counter SET last_run=41")
            connection.execute("INSERT INTO document VALUES ('f00d', 2, x'00')")
    statements = 0
    while True:
        with TemporaryDirectory(dir=_QUICK) as quick:
            db = Path(quick) / "history.db"
            if version:
                shutil.copyfile(old, db)
            if not _killed_at(statements, str(db)):
                return f"{statements} statements"
            _check_migrated(version, db, statements)
        statements += 1


def _check_migrated(version: int, db: Path, statement: int) -> None:
    """What a kill at that statement left is of one version, and the next who opens it goes on from there."""
    if db.exists():
        with closing(sqlite3.connect(db)) as connection:
            assert version <= version_of(connection) <= len(STEPS)
            assert _schema(connection) == _schema_of(version_of(connection)), f"killed at statement {statement}"
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    open_store(str(db)).close()
    content = _content(db)
    assert content["counter"] == [(41 if version else 0,)]
    assert content["document"] == ([("f00d", 2, b"\0")] if version else [])


def _killed_at(statement: int, db: str) -> bool:
    """Open a database in a process that SIGKILL ends before that statement; False if it was done before."""
    child = os.fork()
    if child == 0:
        try:
            _open_and_die(statement, db)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"it ended by itself: {status}"
    return status != 0


def _open_and_die(statement: int, db: str) -> None:
    left = statement
    connect = sqlite3.connect

    def count(_statement: str) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def counted(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = counted
    opening.connect(db).close()


def _schema(connection: sqlite3.Connection) -> list[Any]:
    return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()


def _schema_of(version: int) -> list[Any]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, ":memory:", STEPS[:version])
        return _schema(connection)


# -- newer, and corrupt -------------------------------------------------------------------------------


def newer(rng: random.Random, place: Path) -> None:
    """What a newer release wrote is refused by every command and stays as it is."""
    lab = _with_history(place)
    with closing(sqlite3.connect(lab.db, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version={rng.randint(len(STEPS) + 1, 2**31 - 1)}")
    _check_refused(lab, "written by a newer release")


def corrupt(rng: random.Random, place: Path) -> str:
    """A file that is no history, or one no more, is named by every command and stays as it is."""
    lab = _with_history(place)
    good = lab.db.read_bytes()
    how = rng.choice(["a letter", "zeros", "random bytes", "no header", "only a header", "all but the header", "cut"])
    lab.db.write_bytes(
        {
            "a letter": b"This is a letter to my aunt.\n" * rng.randint(1, 999),
            "zeros": bytes(rng.randint(1, 99_999)),
            "random bytes": rng.randbytes(rng.randint(1, 99_999)),
            "no header": rng.randbytes(100) + good[100:],
            "only a header": good[: rng.randint(100, 4095)],
            "all but the header": good[:100] + rng.randbytes(len(good) - 100),
            "cut": good[: 4096 * rng.randint(1, 3)],
        }[how]
    )
    _check_refused(lab, "history.db ")
    return how


def _with_history(place: Path) -> Lab:
    lab = Lab(place)
    assert lab.run([job(f"j{n}") for n in range(30)]).code == 0
    lab.write([job("again", "touch ran")])
    return lab


def _check_refused(lab: Lab, words: str) -> None:
    before = lab.db.read_bytes()
    for tool, *args in (("ex-run", "wf.json"), ("ex-run", "--resume", "1"), ("ex-history", "list")):
        done = lab.call(tool, *args)
        assert (done.code, words in done.err, "Traceback" in done.err) == (74, True, False), (tool, args, done)
        assert str(lab.db) in done.err
        assert lab.db.read_bytes() == before
    assert not (lab.path / "ran").exists()


# -- no room ------------------------------------------------------------------------------------------


def full_disk(rng: random.Random, place: Path) -> str:
    """The disk of the history fills up in the middle of a run; with room made, the run is resumed."""
    lab = Lab(place)
    disk = place / "disk"
    disk.mkdir()
    lab.db = disk / "history.db"
    lab.env["EX_DB"] = str(lab.db)
    with _small_disk(disk, rng.randint(9, 150) * 4) as mounted:
        if not mounted:
            return "no small file system can be mounted here"
        return _filled_up(rng, lab, [], lambda: _resize(disk, 51_200))


def no_growth(rng: random.Random, place: Path) -> str:
    """The same where the files of the engine may not grow further (``ulimit -f``), which needs no privilege."""
    limit = ["sh", "-c", f'ulimit -f {rng.randint(9, 150) * 8}; exec "$@"', "sh"]
    return _filled_up(rng, Lab(place), limit, lambda: None)


def _filled_up(rng: random.Random, lab: Lab, limit: list[str], make_room: Callable[[], None]) -> str:
    names = [f"j{n}" for n in range(80)]
    jobs = [
        job(name, f"echo s {name} >> told; sleep 0.0{rng.randint(0, 3)}; echo e {name} >> told", *names[n - n % 3 : n])
        for n, name in enumerate(names)
    ]  # fmt: skip
    workers = rng.choice("128")
    done = _call(lab, limit, "-q", "--workers", workers, str(lab.write(jobs)))
    assert "Traceback" not in done.err
    make_room()
    if done.code == 0:
        return "there was room enough"
    assert done.code == 74, done
    assert str(lab.db) in done.err, done.err
    begun, ended = _told(lab)
    assert begun == ended, "what was running ended"
    assert len(set(begun)) == len(begun)
    if redo.any_left(str(lab.db)):
        open_store(str(lab.db), readonly=True).close()  # whoever reads it next writes up what was kept
    with closing(sqlite3.connect(lab.db)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        known = version_of(connection) and dict(connection.execute("SELECT job_id, status FROM job_history"))
    if not begun:
        return "full before anything started"
    assert known
    assert set(begun) <= set(known), "it ran and is not on record"
    finished = {name for name, status in known.items() if status == "success"}
    assert finished <= set(ended)
    again = _call(lab, [], "-q", "--resume", "1")
    assert again.code == 0, again
    assert lab.status() == dict.fromkeys(names, "success")
    begun, ended = _told(lab)
    assert all(begun.count(name) == 1 for name in finished), "a finished job ran again"
    assert set(ended) == set(names)
    return "full in the middle of the run"


def _told(lab: Lab) -> tuple[list[str], list[str]]:
    path = lab.path / "told"
    lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
    return tuple(sorted(name for word, name in lines if word == wanted) for wanted in "se")  # type: ignore[return-value]


def _call(lab: Lab, before: list[str], *args: str) -> Done:
    done = subprocess.run(
        [*before, *lab.argv("ex-run", *args)], stdin=subprocess.DEVNULL, capture_output=True, cwd=lab.path,
        env=lab.env, timeout=120,
    )  # fmt: skip
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def _small_disk(where: Path, kib: int) -> Iterator[bool]:
    """A file system of that size, if this user may mount one."""
    tool = shutil.which("mount")
    mount = [tool or "mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(where)]
    mounted = bool(tool) and os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(where)], check=True)


def _resize(where: Path, kib: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={kib}k", str(where)], check=True)


# -- out of reach -------------------------------------------------------------------------------------


def out_of_reach(rng: random.Random, place: Path) -> str:
    """A place that cannot be written is refused before anything starts, and the same is fine once it can be."""
    what = rng.choice(["file", "directory", "new", "missing", "link", "locks", "logs", "in the way", "itself"])
    lab = Lab(place)
    lab.db = place / "shut" / ("deep/er/history.db" if what == "missing" else "history.db")
    lab.env["EX_DB"] = str(lab.db)
    (place / "shut").mkdir()
    if what in ("file", "directory", "locks"):
        assert lab.run([job("before")]).code == 0
    shut, options = _to_shut(what, lab)
    lab.write([job("a", "touch ran")])
    with _read_only(shut):
        done = _call(lab, [], "wf.json", *options)
        assert (done.code, "Traceback" in done.err) == (74, False), (what, done)
        assert str(place / "shut") in done.err, (what, done)
        assert not (place / "ran").exists()
    if what not in ("in the way", "itself"):
        done = _call(lab, [], "wf.json", *options)
        assert (done.code, (place / "ran").exists()) == (0, True), (what, done)
    return what


def _to_shut(what: str, lab: Lab) -> tuple[Path, list[str]]:
    """Arrange it; returns what is to be made read-only, and options that lead there."""
    shut = lab.path / "shut"
    if what == "in the way":
        lab.db.touch()
        lab.env["EX_DB"] = str(lab.db / "history.db")
    elif what == "itself":
        lab.db.mkdir()
    elif what == "link":
        lab.env["EX_DB"] = str(lab.path / "link")
        (lab.path / "link").symlink_to(lab.db)
    elif what == "logs":
        lab.env["EX_DB"] = str(lab.path / "history.db")
        return shut, ["--log-dir", str(shut / "logs")]
    return {"file": lab.db, "locks": shut / "history.db.locks"}.get(what, shut), []


@contextmanager
def _read_only(path: Path) -> Iterator[None]:
    """Nobody writes there; root minds no permissions, but a mount."""
    before = path.stat().st_mode
    path.chmod(0o555 if path.is_dir() else 0o444)
    mounts = [["mount", "--bind", str(path), str(path)], ["mount", "-o", "remount,bind,ro", str(path)]]
    for command in mounts if os.geteuid() == 0 else ():
        subprocess.run(command, check=True)
    try:
        yield
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", "--lazy", str(path)], check=True)
        path.chmod(before)


TRIALS: tuple[Trial, ...] = (
    Trial("cut-log", "the log cut at every 512 bytes opens to a prefix of the commits", 5, 0, partial(cut_log, 60)),
    Trial("cut-short-log", "the same with a shorter log", 20, 1, partial(cut_log, 2)),
    Trial(
        "kill-first-migration", "a kill at each statement leaves no tables or all", 3, 1, partial(killed_migration, 0)
    ),
    Trial(
        "kill-migration",
        "a kill at each statement leaves the old schema or the new",
        3,
        1,
        partial(killed_migration, 1),
    ),
    Trial("newer-schema", "what a newer release wrote is refused and left as it is", 5, 1, newer),
    Trial("corrupt-file", "a corrupt file is named and left as it is", 70, 2, corrupt),
    Trial("full-disk", "launching stops, jobs end, exit 74, and a resume finishes", 40, 1, full_disk),
    Trial("no-growth", "launching stops, jobs end, exit 74, and a resume finishes", 40, 1, no_growth),
    Trial("out-of-reach", "a place that cannot be written is refused before anything starts", 45, 2, out_of_reach),
)

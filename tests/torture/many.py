"""Many starts, resumes, writers and readers at once on one history."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from exlib.events import AttemptStarted
from exlib.history import redo
from tests.commands.run.lab import PATIENCE, Lab, job, wait_until_gone
from tests.commands.run.test_endings import engine_of
from tests.torture.trial import Trial

_STARTS = 30
_RESUMES = 20
_WAITS = "touch here.$$; until test -e go; do sleep 0.02; done; echo done >> out"
_READINGS = ("list", "show 1", "show last --format json", "logs last j0", "export --format json")


def thirty_starts(rng: random.Random, place: Path) -> None:
    """Each start has a number of its own, and all of its rows."""
    lab = Lab(place)
    names = [f"j{n}" for n in range(rng.randint(2, 6))]
    file = lab.write([job(name, "true", *rng.sample(names[:n], min(n, 1))) for n, name in enumerate(names)])
    with ExitStack() as stack:
        runs = [
            stack.enter_context(started(lab, "-q", "--workers", rng.choice("128"), str(file))) for _ in range(_STARTS)
        ]
        assert [(run.communicate()[1], run.returncode) for run in runs] == [("", 0)] * _STARTS
    with closing(sqlite3.connect(lab.db)) as connection:
        numbers = [number for (number,) in connection.execute("SELECT run_id FROM run_summary ORDER BY 1")]
        assert numbers == list(range(1, _STARTS + 1))
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = connection.execute("SELECT run_id, job_id, status FROM job_history").fetchall()
        tries = connection.execute("SELECT run_id, job_id, status FROM retry_history WHERE pid IS NOT NULL").fetchall()
    assert sorted(kept) == sorted(tries) == [(run, name, "success") for run in numbers for name in names]


def twenty_resumes(rng: random.Random, place: Path) -> str:
    """One resume works and nineteen are told who; killed, it leaves the way free at once."""
    lab = Lab(place)
    assert lab.run([job("a", "exit 1"), job("b", _WAITS)]).code == 1
    lab.write([job("a"), job("b", _WAITS, "a")])
    whom = rng.choice(["engine", "engine and guard"])
    with ExitStack() as stack:
        _kill(_one_resume_of_many(stack, lab), whom)
        assert (place / "history.db.locks" / "run-1").exists(), "a killed engine leaves the file of its lock"
        for left in place.glob("here.*"):
            left.unlink()
        winner = _one_resume_of_many(stack, lab)
        (place / "go").touch()
        _, err = winner.communicate(timeout=PATIENCE)
        assert winner.returncode == 0, err
    assert lab.status() == {"a": "success", "b": "success"}
    assert (place / "out").read_text() == "done\n"
    assert [run.status for run in lab.runs()] == ["failed", "lost", "success"]
    assert not (place / "history.db.locks" / "run-1").exists()
    return f"{whom} killed"


def _one_resume_of_many(stack: ExitStack, lab: Lab) -> subprocess.Popen[str]:
    """Start all at once; return the one that works, once all others were refused with its name."""
    crowd = [stack.enter_context(started(lab, "-q", "--resume", "1")) for _ in range(_RESUMES)]
    until = time.monotonic() + 4 * PATIENCE
    while len(going := [one for one in crowd if one.poll() is None]) > 1 or not list(lab.path.glob("here.*")):
        assert going, [one.communicate()[1] for one in crowd]
        assert time.monotonic() < until, f"{len(going)} resumes go on"
        time.sleep(0.02)
    (winner,) = going
    holder = f"run 1 is still going on: pid {engine_of(winner)} on {os.uname().nodename} holds it"
    for one in crowd:
        if one is not winner:
            _, err = one.communicate()
            assert (one.returncode, holder in err) == (1, True), err
    return winner


def _kill(run: subprocess.Popen[str], whom: str) -> None:
    engine = engine_of(run)
    if "guard" in whom:
        run.send_signal(signal.SIGSTOP)  # it must not sweep up before it is killed
    os.kill(engine, signal.SIGKILL)
    if "guard" in whom:
        run.kill()
    run.wait(PATIENCE)
    wait_until_gone([engine])


def locked(seconds: float, rng: random.Random, place: Path) -> None:
    """Another process holds the write lock in the middle of a run: it goes on, keeps every start and misses no row."""
    lab = Lab(place)
    names = [f"j{n}" for n in range(80)]
    needs = {name: rng.sample(names[max(0, n - 9) : n], min(n, rng.randint(0, 2))) for n, name in enumerate(names)}
    jobs = [job(name, f"echo {name} >> started; sleep 0.0{rng.randint(0, 5)}", *needs[name]) for name in names]
    with started(lab, "-q", "--workers", rng.choice("128"), str(lab.write(jobs))) as run:
        _wait_for_lines(place / "started", rng.randint(1, 40))
        with closing(sqlite3.connect(lab.db, isolation_level=None, timeout=PATIENCE)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            known = {name for (name,) in holder.execute("SELECT job_id FROM retry_history")}
            time.sleep(seconds)
            begun = set((place / "started").read_text().split())
            kept = redo.turns(redo.path_of(str(lab.db), 1))
            known |= {event.job for turn in kept for event in turn if isinstance(event, AttemptStarted)}
            assert begun <= known, "it ran and was not on record"
            holder.execute("ROLLBACK")
        _, err = run.communicate(timeout=4 * PATIENCE)
        assert run.returncode == 0, err
        assert err.count("is locked by another process") <= 1, err
        assert seconds < 10 or "is locked by another process" in err
    assert lab.status() == dict.fromkeys(names, "success")
    assert sorted((place / "started").read_text().split()) == sorted(names)
    with closing(sqlite3.connect(lab.db)) as connection:
        assert connection.execute("SELECT count(*), count(pid) FROM retry_history").fetchone() == (80, 80)


def readers(rng: random.Random, place: Path) -> str:
    """Readers of every kind beside a run, one of them never done, some killed: the run does not notice."""
    lab = Lab(place)
    names = [f"j{n}" for n in range(120)]
    jobs = [
        job(name, f"echo {name}; sleep 0.0{rng.randint(1, 9)}", *names[max(0, n - 3) : n][:1])
        for n, name in enumerate(names)
    ]
    with started(lab, "-q", "--workers", "4", str(lab.write(jobs))) as run:
        lab.wait_for("logs/lab/run-1/j0.1.log")
        asked, seen = 0, 0
        with closing(sqlite3.connect(f"file:{lab.db}?mode=ro", uri=True, isolation_level=None)) as lingering:
            lingering.execute("BEGIN")
            before = lingering.execute("SELECT count(*) FROM job_history").fetchone()
            while run.poll() is None:
                asked += 1
                seen = _reading(lab, rng, seen)
            assert lingering.execute("SELECT count(*) FROM job_history").fetchone() == before, "it sees one moment"
        assert (run.returncode, run.communicate()[1]) == (0, "")
    assert lab.status() == dict.fromkeys(names, "success")
    return "10 or more readings" if asked >= 10 else "fewer than 10 readings"


def _reading(lab: Lab, rng: random.Random, seen: int) -> int:
    """Ask for something, or die while asking; returns how many jobs were done, never fewer than ``seen`` before."""
    what = rng.choice(_READINGS).split()
    with subprocess.Popen(
        lab.argv("ex-history", *what), env=lab.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as reader:
        if rng.random() < 0.3:
            with suppress(subprocess.TimeoutExpired):
                reader.wait(rng.uniform(0, 0.2))
            reader.kill()
            return seen
        out, err = reader.communicate(timeout=PATIENCE)
    assert (reader.returncode, err) == (0, ""), (what, err)
    if what[0] != "export":
        return seen
    done = sum(one["status"] == "success" for one in json.loads(out)["runs"][0]["jobs"])
    assert done >= seen
    return done


@contextmanager
def started(lab: Lab, *args: str) -> Iterator[subprocess.Popen[str]]:
    """A run that goes on meanwhile; ended with all it started, should it still do so afterwards."""
    with subprocess.Popen(
        lab.argv("ex-run", *args), env=lab.env, cwd=lab.path, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def _wait_for_lines(path: Path, count: int) -> None:
    until = time.monotonic() + PATIENCE
    while not path.exists() or path.read_text().count("\n") < count:
        assert time.monotonic() < until, f"{path} never had {count} lines"
        time.sleep(0.01)


TRIALS: tuple[Trial, ...] = (
    Trial("30-starts", "30 simultaneous starts have 30 numbers and complete histories", 10, 0, thirty_starts),
    Trial("20-resumes", "1 of 20 simultaneous resumes works, 19 are told who; a kill frees it", 10, 1, twenty_resumes),
    Trial("locked-20-s", "a history locked for 20 s costs no row", 5, 0, partial(locked, 20.0)),
    Trial("locked-2-s", "a history locked for 2 s costs no row", 20, 1, partial(locked, 2.0)),
    Trial("readers-beside-a-run", "ex-history sees whole turns and disturbs no run", 10, 1, readers),
)

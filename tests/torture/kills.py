"""The engine, the guard above it or both are killed with SIGKILL, and the run is resumed."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.commands.run.lab import Lab, alive, job
from tests.torture.processes import engine_of, of_jobs, wait_until
from tests.torture.trial import Trial

JOBS = 300
_LINE = len("b000\n")
_NAMED = re.compile(r"cut off in the attempt before, run again: (.*)")


def jobs(rng: random.Random) -> list[dict[str, Any]]:
    """Jobs that write down that they begin and end, each after up to two of the twenty before it."""
    made = []
    for number in range(JOBS):
        before = range(max(0, number - 20), number)
        needs = [f"j{k:03}" for k in rng.sample(before, min(number, rng.randint(0, 2)))]
        pause = rng.choice(["", "", f"sleep 0.0{rng.randint(0, 20):02}; "])
        made.append(job(f"j{number:03}", f"echo b{number:03} >> ev; {pause}echo e{number:03} >> ev", *needs))
    return made


class Evidence:
    """What the jobs themselves wrote: how often each began and ended."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text().split() if path.exists() else []
        self.begun = Counter("j" + line[1:] for line in lines if line[0] == "b")
        self.ended = Counter("j" + line[1:] for line in lines if line[0] == "e")


def lines(path: Path) -> int:
    try:
        return path.stat().st_size // _LINE
    except OSError:
        return 0


def wait_for_the_moment(rng: random.Random, run: subprocess.Popen[bytes], ev: Path) -> None:
    """Any moment of the run: one in ten before the first job, one in ten about the end, the others between."""
    kind = rng.random()
    if kind < 0.1:
        time.sleep(rng.uniform(0, 0.4))
        return
    wanted = 2 * JOBS if kind > 0.9 else rng.randrange(1, 2 * JOBS)
    wait_until(lambda: lines(ev) >= wanted or run.poll() is not None, f"line {wanted} of the evidence")
    time.sleep(rng.uniform(0, 0.03 if wanted == 2 * JOBS else 0.005))


def kill_engine(guard: int) -> None:
    os.kill(engine_of(guard) or guard, signal.SIGKILL)


def kill_guard(guard: int) -> None:
    engine = engine_of(guard)
    os.kill(guard, signal.SIGKILL)
    wait_until(lambda: engine is None or not alive(engine), "the end of the engine whose guard was killed")


def kill_both(guard: int) -> None:
    """As near to the same moment as can be: the guard is stopped first, so that it cannot sweep up."""
    os.kill(guard, signal.SIGSTOP)
    engine = engine_of(guard)
    if engine is not None:
        os.kill(engine, signal.SIGKILL)
    os.kill(guard, signal.SIGKILL)


@dataclass(frozen=True)
class Recorded:
    """What the history says of attempt 1."""

    runs: list[str]
    jobs: dict[str, str]

    @property
    def successes(self) -> set[str]:
        return {name for name, status in self.jobs.items() if status == "success"}

    @property
    def in_flight(self) -> set[str]:
        return {name for name, status in self.jobs.items() if status == "lost"}


def recorded(lab: Lab) -> Recorded | None:
    """The history as ex-history would tell it; None if the run is not in it. It must be a sound database."""
    if not lab.db.exists():
        return None
    connection = sqlite3.connect(lab.db)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='run_summary'").fetchone():
            return None
    finally:
        connection.close()
    runs = [record.status for record in lab.runs()]
    return Recorded(runs, lab.status(1, 1)) if runs else None


def trial(kill: Callable[[int], None], workers: int, swept: bool) -> Callable[[random.Random, Path], str]:
    """Run, kill, look, resume, look; ``swept`` says that nothing of the jobs may be left after the kill."""

    def act(rng: random.Random, path: Path) -> str:
        lab = Lab(path)
        ev = path / "ev"
        document = str(lab.write(jobs(rng)))
        run = subprocess.Popen(
            lab.argv("ex-run", "-q", "-j", str(workers), document),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=path, env=lab.env,
        )  # fmt: skip
        wait_for_the_moment(rng, run, ev)
        if run.poll() is None:
            kill(run.pid)
        _, said = run.communicate()
        assert not swept or not of_jobs(path), "processes of jobs outlived the kill"
        before = recorded(lab)
        if before is None:
            assert lines(ev) == 0, "a job began that is not on record"
            return "killed before the run was on record"
        check_what_is_recorded(before, Evidence(ev), workers)
        done = lab.call("ex-run", "-q", "--resume", "last", "-j", str(workers))
        assert done.code == 0, f"{said.decode()}{done.err}"
        check_the_resumed(lab, before, Evidence(ev), workers, done.err)
        return _when(before)

    return act


def check_what_is_recorded(before: Recorded, evidence: Evidence, workers: int) -> None:
    """The history and the evidence agree on what the killed engine did."""
    half = {name for name in before.successes if not evidence.begun[name] == evidence.ended[name] == 1}
    assert not half, f"recorded as success, but did not run to their end once: {half}"
    unknown = {name for name in evidence.begun if name not in before.jobs}
    assert not unknown, f"began without being on record: {unknown}"
    finished_alone = set(evidence.begun) - before.successes
    assert len(finished_alone) <= workers, f"more than {workers} in flight: {finished_alone}"
    assert len(before.in_flight) <= workers, f"more than {workers} lost: {before.in_flight}"
    assert set(before.jobs.values()) <= {"success", "lost", "cancelled"}, before.jobs


def check_the_resumed(lab: Lab, before: Recorded, evidence: Evidence, workers: int, said: str) -> None:
    """Every job ran to its end, those once that had ended before; what ran again was named."""
    everything = {f"j{number:03}" for number in range(JOBS)}
    assert set(evidence.ended) == everything, f"never ended: {everything - set(evidence.ended)}"
    redone = {name for name in before.successes if evidence.begun[name] != 1}
    assert not redone, f"finished, yet run again: {redone}"
    twice = {name for name, count in evidence.begun.items() if count > 1}
    assert len(twice) <= workers, f"more than {workers} ran again: {twice}"
    assert max(evidence.begun.values()) <= 2
    told = _NAMED.search(said)
    named = set(told[1].split(", ")) if told else set()
    assert named == before.in_flight, f"named {named}, in flight {before.in_flight}"
    stopped = {name for name, status in before.jobs.items() if status == "cancelled"}
    assert twice <= named | stopped, f"ran again without being named: {twice - named}"
    after = recorded(lab)
    assert after is not None
    assert lab.status() == dict.fromkeys(everything, "success")
    assert after.runs == [*before.runs, "success"]


def _when(before: Recorded) -> str:
    if before.runs == ["success"]:
        return "the run had ended"
    hundred = min(len(before.successes) // 100, 2) * 100
    return f"killed with {hundred}-{hundred + 99} done" if before.successes else "killed before the first end"


_HELD = "no false success, none lost, none twice but those in flight, which are named; the database is sound"
TRIALS: tuple[Trial, ...] = (
    Trial("kill-engine-2-workers", _HELD, 200, 1, trial(kill_engine, 2, swept=True)),
    Trial("kill-engine-8-workers", _HELD, 200, 0, trial(kill_engine, 8, swept=True)),
    Trial("kill-guard-2-workers", _HELD, 200, 0, trial(kill_guard, 2, swept=True)),
    Trial("kill-guard-8-workers", _HELD, 200, 1, trial(kill_guard, 8, swept=True)),
    Trial("kill-both-2-workers", _HELD, 200, 0, trial(kill_both, 2, swept=False)),
    Trial("kill-both-8-workers", _HELD, 200, 1, trial(kill_both, 8, swept=False)),
)

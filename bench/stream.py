"""Event streams of any length, as ex-run writes them, for measuring ex-analyze-logs: ``python -m bench.stream``.

python -m bench.stream write 1000000 > events.jsonl     so many events, of runs of 250 jobs
python -m bench.stream measure 1000000                  the whole process: events a second, peak memory
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from exlib.events import (
    AttemptFinished,
    AttemptSpawned,
    AttemptStarted,
    Event,
    JobFinished,
    JobRetrying,
    RunFinished,
    RunStarted,
    to_json,
)

ROOT = Path(__file__).resolve().parents[1]
NEW_YEAR = 1_767_225_600.0
JOBS = 250


def events(count: int, jobs: int = JOBS) -> Iterator[Event]:
    """At least ``count`` events of runs one after another; a job in fifty fails once, and one in a hundred for good."""
    dice = random.Random(4711)
    told, run, at = 0, 0, NEW_YEAR
    while told < count:
        run += 1
        for event in _run(run, at, jobs, dice):
            told += 1
            at = max(at, event.time)
            yield event
        at += 60


def _run(run: int, at: float, jobs: int, dice: random.Random) -> Iterator[Event]:
    began, logs = at, f"/home/ann/.local/state/executioner/logs/nightly/run-{run}"
    yield RunStarted(at, run, 1, "nightly", "nightly.json", jobs, 8, "/srv/nightly", logs, 4711)
    counts = {"success": 0, "failed": 0}
    for number in range(jobs):
        job, command = f"load_table_{number:04d}", f"psql -v ON_ERROR_STOP=1 -f load_table_{number:04d}.sql warehouse"
        fate = dice.random()
        tries = 2 if fate < 0.03 else 1
        first = at
        for one in range(1, tries + 1):
            failed = one < tries or fate < 0.01
            took = dice.lognormvariate(0, 1)
            log = f"{logs}/{job}.{one}.log"
            yield AttemptStarted(at, job, one, command, log, "9f2c6e1b5a7d4c3e")
            yield AttemptSpawned(at, job, one, 4720 + number)
            at += took / 8
            how = ("failed", 3, None) if failed else ("success", 0, None)
            yield AttemptFinished(at, job, one, *how, took, took / 3, 18432, "exit code 3" if failed else None)
            if one < tries:
                yield JobRetrying(at, job, one + 1, 1.0, "exit code 3")
        word, code = ("failed", 3) if fate < 0.01 else ("success", 0)
        counts[word] += 1
        why = "exit code 3" if code else None
        spent = at - first, code, None, 0.21, 18432, log
        yield JobFinished(at, job, word, why, command, tries, first, *spent)
    status = ("failed", 1) if counts["failed"] else ("success", 0)
    yield RunFinished(at, run, 1, *status, at - began, counts, None)


def write(count: int, jobs: int, out: str) -> int:
    """Write a stream to a file; returns how many events it has."""
    written = 0
    with open(out, "w", encoding="utf-8") as stream:
        for event in events(count, jobs):
            stream.write(to_json(event) + "\n")
            written += 1
    return written


def measure(count: int, jobs: int) -> None:
    """Time the whole process on such a stream."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/events.jsonl"
        written = write(count, jobs, path)
        size = os.path.getsize(path) / 1e6
        tool = [str(ROOT / "bin" / "ex-analyze-logs"), path, "-o", f"{folder}/out"]
        for extra in ([], ["--errors-only"], ["--format", "json"]):
            began = time.perf_counter()
            process = subprocess.Popen([*tool, *extra])
            _, _, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - began
            peak, worked = usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime
            name = " ".join(extra) or "--summary"
            told = f"{took:.1f} s ({worked:.1f} s CPU), {written / took:,.0f} a second, {peak:.0f} MiB"
            print(f"{name:16} {written:,} events, {size:.0f} MB: {told}")


if __name__ == "__main__":
    verb, number = sys.argv[1], int(sys.argv[2])
    size_of_runs = int(sys.argv[3]) if len(sys.argv) > 3 else JOBS
    if verb == "write":
        write(number, size_of_runs, "/dev/stdout")
    else:
        measure(number, size_of_runs)

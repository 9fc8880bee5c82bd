"""Measure commands in turns: wall seconds, peak memory, and whether the work was really done.

Commands take turns (A B C A B C …), so that a machine whose speed drifts drifts for all. A directory is made once for
a peer and used again in each turn: removing files, and making them soon after, would be measured instead.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers import INPUT, Peer
from bench.workloads import Workload

STARTER = Path(__file__).with_name("starter.py")
LIMIT = 60.0
"""Seconds that one run may take before it is ended and told as too long."""
PATIENCE = 10.0
"""Seconds after which a run is slow: its peer is run twice and no more, and the first run counts."""
_ENDING = 15.0
"""Seconds from TERM to KILL for what is over the limit."""


class Failed(Exception):
    """A command that did not do what it was to do: what was seen instead."""


class TooLong(Exception):
    """A command that was ended because it was over its limit."""


@dataclass(frozen=True)
class Run:
    """One run of one command."""

    seconds: float
    peak: int
    """KiB of the largest process."""
    began: float
    """Seconds since 1970."""


@dataclass
class Result:
    """All counted runs of a command, or why there is none."""

    runs: list[Run] = field(default_factory=list)
    word: str = ""
    """What the table shows instead of a time."""
    reason: str = ""

    @property
    def seconds(self) -> float:
        """The median of the wall seconds."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def short(self) -> str:
        """The median or the word, for those who wait."""
        return f"{self.seconds:.3f}" if self.runs else self.word

    @property
    def peak(self) -> int:
        """The highest peak, in KiB."""
        return max(run.peak for run in self.runs)


def run(argv: Sequence[str], folder: Path, environ: Mapping[str, str], limit: float = LIMIT) -> Run:
    """Run a command to its end in a folder; its output goes to the file ``output`` there.

    Raises ``TooLong`` after ``limit`` seconds and ``Failed`` with the end of its output if its exit code is not 0.
    """
    output = folder / "output"
    with subprocess.Popen(
        [sys.executable, "-IS", str(STARTER), str(output), *argv],
        cwd=folder, env=environ, stdout=subprocess.PIPE, start_new_session=True, text=True,
    ) as starter:  # fmt: skip
        try:
            figures, _ = starter.communicate(timeout=limit)
        except BaseException as error:
            _end_group(starter)
            if isinstance(error, subprocess.TimeoutExpired):
                raise TooLong from None
            raise
    seconds, peak, code, began = figures.split()
    if code != "0":
        said = output.read_text(errors="replace").strip().splitlines() or ["(nothing was said)"]
        raise Failed(f"exit code {code}: {said[-1][:200]}")
    return Run(float(seconds), int(peak), float(began))


def _end_group(starter: subprocess.Popen[str]) -> None:
    """End what a command started, and wait until it is gone."""
    until = time.monotonic() + _ENDING
    try:
        os.killpg(starter.pid, signal.SIGTERM)
        while time.monotonic() < until:
            starter.poll()
            os.killpg(starter.pid, 0)
            time.sleep(0.05)
        os.killpg(starter.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def in_turns(commands: Mapping[str, Callable[[], Run]], runs: int) -> dict[str, Result]:
    """Call each of the commands ``runs`` times in turns, after one round that is not counted."""
    results = {name: Result() for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            result = results[name]
            if result.word or (_slow(result) and len(result.runs) > 1):
                continue
            try:
                measured = command()
            except TooLong:
                results[name] = Result(word="too long")
            except Failed as failure:
                results[name] = Result(word="fails", reason=str(failure))
            else:
                if turn or measured.seconds > PATIENCE:
                    result.runs.append(measured)
    return results


def _slow(result: Result) -> bool:
    return bool(result.runs) and result.runs[0].seconds > PATIENCE


class Stand:
    """Where one peer runs one workload: a directory with its input in it."""

    def __init__(self, peer: Peer, workload: Workload, place: Path, workers: int, environ: Mapping[str, str]) -> None:
        self.peer, self.workload = peer, workload
        self.folder = place / peer.name.replace(" ", "-")
        self.argv = peer.argv(workload, workers)
        self.environ = {**environ, **peer.environ, "EX_DB": str(self.folder / "history.db")}
        (self.folder / "out").mkdir(parents=True, exist_ok=True)
        (self.folder / "small").write_text("A few bytes to copy.\n")
        (self.folder / f"{INPUT}{peer.ending}").write_text(peer.write(workload))

    def run(self, limit: float = LIMIT) -> Run:
        """Run it once; what precedes and follows is not part of the time."""
        self._forget()
        before = self.folder / "before"
        before.touch()
        measured = run(self.argv, self.folder, self.environ, limit)
        if self.workload.program == "cp":
            self._check(before.stat().st_mtime_ns)
        return measured

    def _forget(self) -> None:
        old = self.folder / "old" / str(time.monotonic_ns())
        old.mkdir(parents=True)
        for name in self.peer.remembers:
            if (self.folder / name).exists():
                (self.folder / name).rename(old / name)
        for name in self.peer.needs:
            (self.folder / name).mkdir(exist_ok=True)

    def _check(self, began: int) -> None:
        """Every job ran since ``began``, and none before one that it needs."""
        files = {name: self.folder / "out" / name for name, _, _ in self.workload}
        ended = {name: file.stat().st_mtime_ns if file.exists() else 0 for name, file in files.items()}
        done = sum(time >= began for time in ended.values())
        if done < self.workload.jobs:
            raise Failed(f"{done} of {self.workload.jobs} jobs ran")
        for name, needs, _ in self.workload:
            if any(ended[need] > ended[name] for need in needs):
                raise Failed(f"{name} ran before one of {', '.join(needs)}")

"""Every shape of job under every way of ending it: nothing is left running."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.commands.run.lab import Lab, job
from tests.torture.processes import PATIENCE, engine_of, of_jobs, still_alive, wait_until
from tests.torture.trial import Trial

_STUBBORN = "trap '' TERM; sh -c 'trap \"\" TERM; echo $$ >> pids; while :; do sleep 1; done'"
SHAPES = {
    "plain": ("echo $$ >> pids; {rest}", 1),
    "child": ("sleep 987 & echo $! >> pids; echo $$ >> pids; {rest}", 2),
    "session": ("setsid sh -c 'echo $$ >> pids; exec sleep 987' & echo $$ >> pids; {rest}", 2),
    "stubborn": (f"{_STUBBORN} & echo $$ >> pids; {{rest}}", 2),
}
"""What a job does, and how many processes write their ids to ``pids``; ``rest`` is what its leader does last."""
_FOR_EVER = "while :; do sleep 987; done"
_UNTIL_FAILED = "until test -e failed; do sleep 0.01; done; exit 3"

Ending = Callable[[Lab, str, int, random.Random], float]
"""Runs a job of that shape, brings it to its end, and returns when (monotonic) that end was asked for."""


def pids(lab: Lab) -> list[int]:
    """The ids that were written as a whole line."""
    path = lab.path / "pids"
    return [int(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []


def end_all(lab: Lab) -> None:
    """A broken promise leaves nothing behind either."""
    for pid in still_alive({*pids(lab), *of_jobs(lab.path)}, 0):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def by_timeout(lab: Lab, shape: str, number: int, rng: random.Random) -> float:
    limit = rng.uniform(0.02, 0.3)
    begun = time.monotonic()
    done = lab.run([job("a", shape.format(rest=_FOR_EVER), timeout=limit)], "-q", "--grace", "0.2")
    assert (done.code, lab.status()) == (1, {"a": "timeout"}), done.err
    return begun


def by_failure_elsewhere(lab: Lab, shape: str, number: int, rng: random.Random) -> float:
    """Running jobs finish after a failure; this one takes it as a reason to give up, and leaves its children."""
    ready = f'until test "$(cat pids | wc -l)" = {number}; do sleep 0.01; done; '
    jobs = [job("a", shape.format(rest=_UNTIL_FAILED)), job("b", ready + "touch failed; exit 1"), job("c", "true", "a")]
    done = lab.run(jobs, "-q", "-j", "2")
    assert done.code == 1, done.err
    assert (lab.status()["a"], lab.status()["b"]) == ("failed", "failed")
    return (lab.path / "failed").stat().st_mtime - time.time() + time.monotonic()


def by(harm: Callable[[subprocess.Popen[bytes]], None], code: int, status: str) -> Ending:
    """The run goes on for ever until ``harm`` is done to it."""

    def ending(lab: Lab, shape: str, number: int, rng: random.Random) -> float:
        with lab.running([job("a", shape.format(rest=_FOR_EVER)), job("b", "true", "a")], "-q") as run:
            wait_until(lambda: len(pids(lab)) >= number or run.poll() is not None, "the job's processes")
            time.sleep(rng.uniform(0, 0.02))
            begun = time.monotonic()
            harm(run)
            _, err = run.communicate(timeout=PATIENCE)
        assert run.returncode == code, err.decode()
        assert lab.status()["a"] == status
        return begun

    return ending


def interrupt_twice(run: subprocess.Popen[bytes]) -> None:
    assert run.stderr is not None
    run.send_signal(signal.SIGINT)
    said = b""
    while b"interrupt again" not in said:
        assert select.select([run.stderr], [], [], PATIENCE)[0], "it says nothing about the interrupt"
        said += (more := os.read(run.stderr.fileno(), 4096))
        assert more, said
    time.sleep(0.25)  # within a fifth of a second it would be the same request
    run.send_signal(signal.SIGINT)


def kill_engine(run: subprocess.Popen[bytes]) -> None:
    engine = engine_of(run.pid)
    assert engine is not None
    os.kill(engine, signal.SIGKILL)


ENDINGS: dict[str, Ending] = {
    "timeout": by_timeout,
    "failure-elsewhere": by_failure_elsewhere,
    "two-sigints": by(interrupt_twice, 130, "cancelled"),
    "sigterm": by(lambda run: run.send_signal(signal.SIGTERM), 143, "cancelled"),
    "kill-9": by(kill_engine, 137, "lost"),
}


def trial(shape: str, ending: str) -> Callable[[random.Random, Path], str]:
    """End a job of one shape in one way and look for its processes."""

    def act(rng: random.Random, path: Path) -> str:
        lab = Lab(path)
        try:
            begun = ENDINGS[ending](lab, *SHAPES[shape], rng)
            left = still_alive({*pids(lab), *of_jobs(path)}, 2.0)
            took = time.monotonic() - begun
            assert not left, f"still alive 2 s after the end of the run: {left}"
            assert not of_jobs(path)
        finally:
            end_all(lab)
        return f"gone within {'2' if took <= 2 else 'more than 2'} s"

    return act


def leaked_pipe(rng: random.Random, path: Path) -> str:
    """The leader prints and exits while its child would keep stdout open for a minute."""
    lab, size = Lab(path), rng.randrange(1, 100_000)
    (path / "said").write_text(rng.randbytes(size).hex())
    child = "sleep 60 & echo $! > pids; cat said"
    begun = time.monotonic()
    try:
        done = lab.run([job("a", child), job("b", "echo b", "a")], "-q", *rng.choice([(), ("--tag",)]))
        took = time.monotonic() - begun
        assert done.code == 0, done.err
        assert took < 30, f"the job was not done at once: {took:.1f} s"
        assert lab.log("a") == (path / "said").read_bytes()
        assert not still_alive(pids(lab), 2.0), "the child outlived the job"
    finally:
        end_all(lab)
    return f"done within {'2' if took <= 2 else 'more than 2'} s"


TRIALS: tuple[Trial, ...] = (
    *(
        Trial(
            f"orphans-{ending}-{shape}",
            f"{shape}, ended by {ending}: nothing of the job is alive",
            25,
            int((shape, ending) in {("session", "failure-elsewhere"), ("stubborn", "two-sigints")}),
            trial(shape, ending),
        )
        for ending in ENDINGS
        for shape in SHAPES
    ),
    Trial("leaked-pipe", "a child that keeps stdout open delays nothing, and no byte is missing", 25, 1, leaked_pipe),
)

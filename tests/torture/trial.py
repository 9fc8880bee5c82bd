"""One way of harming the engine, and how it is tried many times: each time from a seed of its own."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True)
class Trial:
    """A harm that is done to the engine, and what must hold afterwards."""

    name: str
    """Short words that also choose it on the command line, such as ``kill-engine-8-workers``."""
    promise: str
    """What must hold, as one line of the table."""
    times: int
    """How often ``make torture`` tries it."""
    share: int
    """How often ``make test`` does."""
    act: Callable[[random.Random, Path], str | None]
    """Does it in an empty directory; an AssertionError is a broken promise. What it returns is counted in the table."""


@dataclass
class Tally:
    """What came of one trial's repetitions."""

    trial: Trial
    tried: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list)
    """The seed of each repetition in which the promise was broken, with the reason."""
    seen: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def seeds(first: int, times: int) -> Iterator[int]:
    """The seeds of a trial: consecutive, so that any of them is repeated by ``--seed N --times 1``."""
    yield from range(first, first + times)


def attempt(trial: Trial, seed: int, above: Path | None = None) -> str | None:
    """Make one repetition.

    Raises:
        AssertionError: The promise was broken.
    """
    with TemporaryDirectory(prefix="torture-", dir=above, ignore_cleanup_errors=True) as place:
        return trial.act(random.Random(f"{trial.name}:{seed}"), Path(place))


def repeat(trial: Trial, wanted: Iterable[int], above: Path | None = None) -> Tally:
    """Make all repetitions, go on after a broken one, and count."""
    tally = Tally(trial)
    begun = time.monotonic()
    for seed in wanted:
        tally.tried += 1
        try:
            what = attempt(trial, seed, above)
        except Exception:
            tally.broken.append((seed, traceback.format_exc()))
        else:
            if what is not None:
                tally.seen[what] = tally.seen.get(what, 0) + 1
    tally.seconds = time.monotonic() - begun
    return tally

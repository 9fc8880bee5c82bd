"""A makespan as a range: the same schedule again and again, each job as long as in one of its past runs."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from exlib.analysis.quantiles import quantile
from exlib.simulation.durations import Guess
from exlib.simulation.simulate import Simulator

ROUNDS = 200
BUDGET = 50_000
"""Jobs that are simulated for a range unless a person asks for more: they take less than a second."""
LEAST = 20
"""Rounds below which a tenth of them says nothing."""


class Spread(NamedTuple):
    """Quantiles of the makespan in seconds over so many ``rounds``."""

    p10: float
    p50: float
    p90: float
    rounds: int
    seed: int


def rounds_for(jobs: int, wanted: int | None) -> int:
    """How many rounds are made: as many as are wanted, else as many as the budget allows, none if those are few."""
    if wanted is not None:
        return wanted
    allowed = min(ROUNDS, BUDGET // max(jobs, 1))
    return allowed if allowed >= LEAST else 0


def spread(simulator: Simulator, guesses: Sequence[Guess], workers: int, rounds: int, seed: int) -> Spread | None:
    """The range, each job drawing one of its samples, independently of the others; None if nothing varies."""
    if not rounds or all(len(set(guess.samples)) < 2 for guess in guesses):
        return None
    dice = random.Random(seed)
    ends = sorted(simulator.run(_drawn(guesses, dice), workers).makespan for _ in range(rounds))
    return Spread(quantile(ends, 0.1), quantile(ends, 0.5), quantile(ends, 0.9), rounds, seed)


def _drawn(guesses: Sequence[Guess], dice: random.Random) -> list[float]:
    return [
        guess.samples[int(dice.random() * len(guess.samples))] if guess.samples else guess.seconds for guess in guesses
    ]

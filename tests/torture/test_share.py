"""A smaller share of every trial; ``make torture`` makes them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.catalog import TRIALS
from tests.torture.trial import Trial, attempt, seeds

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to look for processes")
SHARE = [(trial, seed) for trial in TRIALS for seed in seeds(1, trial.share)]


@pytest.mark.parametrize(("trial", "seed"), SHARE, ids=[f"{trial.name}-{seed}" for trial, seed in SHARE])
def test_a_promise_holds(trial: Trial, seed: int, tmp_path: Path) -> None:
    attempt(trial, seed, tmp_path)


def test_names_are_unique() -> None:
    names = [trial.name for trial in TRIALS]
    assert len(names) == len(set(names))

"""Surroundings that are wrong: limits, missing things, clocks, and sizes of workflows."""

from __future__ import annotations

from tests.torture.trial import Trial

TRIALS: tuple[Trial, ...] = ()

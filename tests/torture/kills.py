"""The engine, the guard above it or both are killed with SIGKILL, and the run is resumed."""

from __future__ import annotations

from tests.torture.trial import Trial

TRIALS: tuple[Trial, ...] = ()

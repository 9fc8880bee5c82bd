"""A history that is cut, killed in a migration, newer, corrupt, full or locked."""

from __future__ import annotations

from tests.torture.trial import Trial

TRIALS: tuple[Trial, ...] = ()

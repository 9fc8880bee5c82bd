"""What jobs print: however much, whatever the bytes, wherever it goes."""

from __future__ import annotations

from tests.torture.trial import Trial

TRIALS: tuple[Trial, ...] = ()

"""Every shape of job under every way of ending it: nothing is left running."""

from __future__ import annotations

from tests.torture.trial import Trial

TRIALS: tuple[Trial, ...] = ()

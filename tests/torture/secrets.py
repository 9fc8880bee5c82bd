"""Values that must appear nowhere, in whatever form."""

from __future__ import annotations

from tests.torture.trial import Trial

TRIALS: tuple[Trial, ...] = ()

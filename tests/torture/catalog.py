"""All trials, in the order of the promises in docs/guarantees.md."""

from __future__ import annotations

from tests.torture import database, kills, many, orphans, output, secrets, surroundings
from tests.torture.trial import Trial

TRIALS: tuple[Trial, ...] = (
    *kills.TRIALS,
    *orphans.TRIALS,
    *many.TRIALS,
    *database.TRIALS,
    *output.TRIALS,
    *surroundings.TRIALS,
    *secrets.TRIALS,
)

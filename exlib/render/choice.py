"""What somebody wants to see of a workflow."""

from collections.abc import Sequence
from typing import NamedTuple

LABELS = ("id", "description", "duration", "command")


class Choice(NamedTuple):
    """The options of a picture. None leaves it to the graph; ``depth`` counts steps from ``around``."""

    direction: str | None = None
    critical: bool = False
    levels: bool = False
    reduce: bool | None = None
    prefixes: Sequence[str] = ()
    tags: Sequence[str] = ()
    around: Sequence[str] = ()
    depth: int = 2
    labels: Sequence[str] = ("id",)
    details: bool = False

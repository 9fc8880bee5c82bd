"""What a picture shows, whatever draws it: boxes, arrows, and what is told beside them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Box(NamedTuple):
    """A job, or several collapsed into one (``members`` has their ids, empty for a job).

    ``title`` is its first line, ``lines`` what follows, both free of control characters and not yet wrapped; ``level``
    counts from 0. ``missing`` is a job that others depend on and that is not in the document. ``detail`` is what a page
    shows of the job when asked: text, numbers, lists and mappings of these, under the keys of ``DETAILS``.
    """

    id: str
    title: str
    lines: Sequence[str]
    level: int
    status: str | None = None
    critical: bool = False
    members: Sequence[str] = ()
    detail: Mapping[str, Any] = {}
    missing: bool = False


DETAILS = {
    "description": "what the document says of the job",
    "command": "its command, secrets hidden",
    "tags": "list of tags",
    "env": "list of names of its variables, never their values",
    "checks": "list of names of checks, 'before: NAME' or 'after: NAME'",
    "waits": "list of the plugins that it waits for",
    "timeout": "seconds it may take, None for no limit",
    "retries": "attempts after the first at most",
    "typical": "seconds it takes as a rule, None if that is not known",
    "start": "earliest start in seconds from the run's start, if workers were no matter",
    "slack": "seconds by which it can be late",
    "started": "when it started in the run that is shown, ISO 8601",
    "duration": "seconds it took in that run",
    "attempts": "how often it was tried in that run",
    "reason": "why it ended as it did",
    "log": "path of its log",
    "tail": "the last lines of its log, secrets hidden",
}


class Arrow(NamedTuple):
    """``target`` depends on ``source`` (places in ``boxes``); ``merged`` dependencies between collapsed jobs in one.

    ``wrong`` is one that cannot be kept: its jobs wait for each other in a circle, or its source is missing.
    ``mutual`` is one on a circle of collapsed jobs, where the jobs themselves have none.
    """

    source: int
    target: int
    critical: bool = False
    merged: int = 1
    wrong: bool = False
    mutual: bool = False


class Picture(NamedTuple):
    """A drawing before it is drawn. ``direction`` is TB, LR, BT or RL; ``note`` says what was left out or merged."""

    title: str
    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    direction: str = "TB"
    levels: bool = False
    note: str = ""
    run: str = ""
    """Which run the statuses are of, for a caption: ``run 12, failed``."""
    critical: str = ""
    """What the critical path amounts to, for the legend: ``1m 20s, by past runs``."""

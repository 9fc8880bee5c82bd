"""What is known of a workflow's jobs besides the document: how long they take, and how they ended."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from exlib.workflow import Job

WORST_FIRST = (
    "failed", "timeout", "lost", "running", "retrying", "waiting", "cancelled", "pending", "skipped", "success",
    "reused",
)  # fmt: skip
"""Which of its jobs' statuses a box of several has."""


class Ending(NamedTuple):
    """How a job stands or ended in the run that is shown; ``started`` as ISO 8601, ``duration`` in seconds."""

    status: str
    started: str | None = None
    duration: float | None = None
    attempts: int = 0
    reason: str | None = None
    log: str | None = None
    tail: str = ""


class Measures(NamedTuple):
    """Everything by job id. ``typical`` are seconds of past runs; ``durations`` what the critical path is made of.

    ``basis`` says where these come from: ``by past runs``, ``by timeouts``, or empty if every job counts as 1. ``run``
    names the run that ``endings`` are of; a job without one was not reached. It is empty where no run is shown.
    """

    typical: Mapping[str, float] = {}
    durations: Mapping[str, float] = {}
    basis: str = ""
    endings: Mapping[str, Ending] = {}
    run: str = ""


def reckoned(jobs: Sequence[Job], typical: Mapping[str, float]) -> tuple[dict[str, float], str]:
    """Seconds for every job and their basis: past runs, else timeouts that differ, else all jobs alike.

    A job that never succeeded counts as the median of the others, one without a timeout as the longest.
    """
    known = [typical[job.id] for job in jobs if job.id in typical]
    if known:
        middle = median(known)
        return {job.id: typical.get(job.id, middle) for job in jobs}, "by past runs"
    limits = [job.timeout for job in jobs if job.timeout is not None]
    if len(set(limits)) > 1:
        longest = max(limits)
        return {job.id: longest if job.timeout is None else job.timeout for job in jobs}, "by timeouts"
    return dict.fromkeys((job.id for job in jobs), 1.0), ""

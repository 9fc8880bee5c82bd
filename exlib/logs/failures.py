"""What failed in a run: each failure with its category, the first apart from what it dragged along."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from exlib.logs.model import FAILURES, UNDERWAY, Execution, Job, Run

CATEGORIES = {
    "timeout": "it ran longer than it may",
    "exit code": "its command said that it failed",
    "signal": "a signal ended it",
    "check": "a check before or after its command said no",
    "could not start": "its command was never executed",
    "lost": "the engine ended while it ran",
    "waited in vain": "what it waited for outside the workflow did not come",
    "cancelled": "the run was ended while it ran, or before",
    "dependency": "it never ran, because of another job",
    "failed": "no more is known",
}
"""Why a job did not succeed, and what each word means."""

_DEPENDENCY = re.compile(r'its dependency "(.*)" (?:was skipped|ended as \w+)', re.DOTALL)
_STEPS = 5_000_000
_STOPPED_BY = re.compile(r'not started: job "(.*)" ended as \w+', re.DOTALL)


class Failure(NamedTuple):
    """A job that went wrong by itself, and the jobs that never ran because of it, in the order of their ends.

    A job that needs several that failed never ran because of each of them.
    """

    job: Job
    category: str
    dragged: tuple[str, ...] = ()


class Failures(NamedTuple):
    """The failures of one attempt of a run in the order of their ends; the first of them may have led to the others.

    ``adrift`` are the jobs that never ran for another reason, with the reason; ``mended`` is the later attempt of the
    same run that succeeded, None if there is none; ``underway`` are the jobs that are not known to have ended.
    """

    run: Run
    failures: tuple[Failure, ...]
    adrift: tuple[tuple[str, str], ...]
    mended: int | None = None
    underway: tuple[str, ...] = ()


def failures_of(execution: Execution) -> Failures:
    """What failed in one attempt of a run, and what became of the rest for that."""
    failed = [job for job in execution.jobs if job.record.status in FAILURES or _interrupted(job)]
    failed.sort(key=lambda job: (job.record.ended or float("inf"), job.record.job))
    causes = {name: cause for job in execution.jobs if (name := job.record.job) and (cause := dragged_by(job))}
    dragged: dict[str, list[str]] = {job.record.job: [] for job in failed}
    needing = _needing(execution.jobs, dragged)
    adrift: list[tuple[str, str]] = []
    for job in execution.jobs:
        name = job.record.job
        if job.record.status in ("skipped", "cancelled") and not _interrupted(job):
            root = _root(name, causes)
            needed = needing.get(name, []) if name in causes else []
            roots = dict.fromkeys([root, *needed] if root in dragged else needed)
            for one in roots:
                dragged[one].append(name)
            if not roots:
                adrift.append((name, job.record.reason or job.record.status))
    found = tuple(Failure(job, category(job), tuple(dragged[job.record.job])) for job in failed)
    underway = tuple(job.record.job for job in execution.jobs if job.ran and job.record.status in UNDERWAY)
    return Failures(execution.run, found, tuple(adrift), None, underway)


def why(failure: Failure, reason: str) -> str:
    """Its category and its reason, in which the category need not stand again."""
    return reason if failure.category in reason else f"{failure.category}: {reason}" if reason else ""


def category(job: Job) -> str:
    """Why a job did not succeed, as one of CATEGORIES."""
    record = job.record
    reason = record.reason or ""
    if record.status in ("timeout", "lost", "cancelled"):
        return "dependency" if dragged_by(job) else record.status
    if record.status == "skipped":
        return "dependency"
    if record.started is None:
        return "waited in vain"
    if reason.startswith(("pre-check", "post-check")):
        return "check"
    if record.signal or (record.exit_code is not None and record.exit_code > 128):
        return "signal"
    if record.exit_code is None or record.exit_code in (126, 127):
        return "could not start" if reason or record.exit_code else "failed"
    return "exit code" if record.exit_code else "failed"


def dragged_by(job: Job) -> str | None:
    """The job because of which this one never ran."""
    if job.record.started is not None:
        return None
    found = _DEPENDENCY.match(job.record.reason or "") or _STOPPED_BY.match(job.record.reason or "")
    return found[1] if found else None


def _interrupted(job: Job) -> bool:
    return job.record.status == "cancelled" and job.record.started is not None


def _needing(jobs: Iterable[Job], failed: Collection[str]) -> dict[str, list[str]]:
    """For jobs that never ran the failed ones that they need, directly or through others that never ran.

    Known as far as the dependencies are. Where that would take long, in runs with thousands of failures, nothing is
    told: the reasons on record name one cause each.
    """
    dependents: dict[str, list[str]] = {}
    edges = 0
    for job in jobs:
        if job.record.status in ("skipped", "cancelled") and not _interrupted(job):
            for need in job.needs or ():
                dependents.setdefault(need, []).append(job.record.job)
                edges += 1
    found: dict[str, list[str]] = {}
    if edges * len(failed) > _STEPS:
        return found
    for one in failed:
        met: set[str] = set()
        ways = [one]
        while ways:
            for name in dependents.get(ways.pop(), ()):
                if name not in met:
                    met.add(name)
                    ways.append(name)
                    found.setdefault(name, []).append(one)
    return found


def _root(name: str, causes: dict[str, str]) -> str:
    """The job at the beginning of a chain of causes."""
    met = {name}
    while (cause := causes.get(name)) is not None and cause not in met:
        met.add(cause)
        name = cause
    return name

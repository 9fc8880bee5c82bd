"""The laws of single jobs: their tries, retries, timeouts and checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from exlib.engine.scheduler import END_GRACE
from exlib.events import (
    AttemptFinished,
    AttemptSpawned,
    AttemptStarted,
    Event,
    JobFinished,
    JobRetrying,
)
from exlib.workflow import Check, Job
from tests.engine.fakes import ABSENT, Fake
from tests.engine.tape import Spawned

HELD = 2.0
"""Seconds for which a task is held at most when no process can be made."""


def tries_are_numbered_and_end_once(told: list[Event]) -> None:
    numbers: dict[str, int] = defaultdict(int)
    began: dict[str, AttemptStarted] = {}
    first: dict[str, float] = {}
    spawned: set[tuple[str, int]] = set()
    now = 0.0
    for event in told:
        assert event.time >= now
        now = event.time
        if isinstance(event, AttemptStarted):
            numbers[event.job] += 1
            assert event.number == numbers[event.job]
            assert event.job not in began
            began[event.job] = event
            first.setdefault(event.job, event.time)
        elif isinstance(event, AttemptSpawned):
            assert began[event.job].number == event.number
            spawned.add((event.job, event.number))
        elif isinstance(event, AttemptFinished):
            start = began.pop(event.job)
            assert (event.number, event.duration) == (start.number, event.time - start.time)
            ran = (event.job, event.number) in spawned
            assert event.exit_code is None or ran, "what never ran has no exit code"
            assert not (ran and (event.reason or "").startswith("not started")), "what ran is not said to have not"
        elif isinstance(event, JobFinished):
            assert event.job not in began
            assert event.attempts == numbers[event.job]
            assert event.started == first.get(event.job)
            assert event.duration == (event.time - event.started if event.started is not None else 0.0)
    assert not began


def retries_keep_their_limits(fake: Fake, told: list[Event]) -> None:
    jobs = {job.id: job for job in fake.jobs}
    of_job: dict[str, list[Event]] = defaultdict(list)
    for event in told:
        if isinstance(event, (AttemptStarted, AttemptFinished, JobRetrying, JobFinished)):
            of_job[event.job].append(event)
    for name, events in of_job.items():
        began = next((event.time for event in events if isinstance(event, AttemptStarted)), 0.0)
        delays: list[float] = []
        for event, after in pairwise(events):
            if isinstance(event, AttemptFinished):
                assert isinstance(after, (JobRetrying, JobFinished))
                if isinstance(after, JobRetrying):
                    _may_be_retried(jobs[name], event, after, began)
                    delays.append(after.delay)
                else:
                    assert event.status == after.status
                    given_up = "not retried: " in (after.reason or "")
                    assert given_up or not _must_be_retried(jobs[name], event, began)
            elif isinstance(event, JobRetrying) and isinstance(after, AttemptStarted):
                assert after.number == event.number
                assert after.time >= event.time + event.delay
        if not jobs[name].retry.jitter:
            assert delays == sorted(delays)


def _may_be_retried(job: Job, ended: AttemptFinished, again: JobRetrying, began: float) -> None:
    retry = job.retry
    assert ended.status not in ("success", "cancelled")
    assert again.number == ended.number + 1 <= retry.limit + 1
    assert retry.on_status == {"ERROR", "FAILED", "TIMEOUT"} or (
        ended.status == "timeout" or ended.exit_code in retry.on_exit_codes
    )
    plain = retry.delay * retry.backoff ** (ended.number - 1)
    assert plain * (1 - retry.jitter) <= again.delay <= plain * (1 + retry.jitter)
    assert not retry.max_time or again.time - began + again.delay <= retry.max_time


def _must_be_retried(job: Job, ended: AttemptFinished, began: float) -> bool:
    retry = job.retry
    if ended.status in ("success", "cancelled") or ended.number > retry.limit:
        return False
    if ended.status != "timeout" and "FAILED" not in retry.on_status and ended.exit_code not in retry.on_exit_codes:
        return False
    longest = retry.delay * retry.backoff ** (ended.number - 1) * (1 + retry.jitter)
    return not retry.max_time or ended.time - began + longest <= retry.max_time


def timeouts_are_kept(fake: Fake, told: list[Event]) -> None:
    limits = {job.id: job.timeout for job in fake.jobs}
    held = HELD if fake.busy else 0.0
    for event in told:
        if isinstance(event, AttemptFinished):
            limit = limits[event.job]
            assert event.status != "timeout" or (limit is not None and event.duration >= limit)
            # One that was being ended with the run when its own time was over has the grace of the run.
            grace = max(fake.options.grace, END_GRACE) if event.status == "cancelled" else fake.options.grace
            assert limit is None or event.duration <= limit + grace + held


def a_failed_check_is_a_failure(fake: Fake, told: list[Event]) -> None:
    """No success with a check that never passes, and no command behind a pre-check that does not."""
    hopeless = {job.id for job in fake.jobs if _never_passes((*job.pre_checks, *job.post_checks))}
    for event in told:
        if isinstance(event, AttemptFinished) and event.status == "success":
            assert event.job not in hopeless
            assert event.exit_code in (0, None)
    for entry in fake.tape:
        if isinstance(entry, Spawned) and entry.task.fresh:
            assert not _never_passes(fake.jobs[entry.task.key].pre_checks)


def _never_passes(checks: Sequence[Check]) -> bool:
    return any(check == ABSENT or check.params.get("passes") == [False] for check in checks)

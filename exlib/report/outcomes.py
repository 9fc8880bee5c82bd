"""How the jobs of a run ended, as a picture shows it."""

from __future__ import annotations

from exlib.console import plural
from exlib.events import iso
from exlib.history.store import JobRecord, RunRecord, Store
from exlib.render.measures import Ending


def of_run(store: Store, record: RunRecord, *, whole: bool) -> dict[str, Ending]:
    """By job id, of one attempt of a run, or of the run as it stands."""
    return {job.job: _ending(job) for job in store.jobs(record.run, None if whole else record.attempt)}


def caption(record: RunRecord, *, whole: bool) -> str:
    """The run in a few words: ``run 12, failed, 2026-01-31 18:30``."""
    number = str(record.run) if whole else f"{record.run}.{record.attempt}"
    marked = f", {plural(record.marked, 'job')} marked as done" if record.marked else ""
    return f"run {number}, {record.status}{marked}"


def _ending(job: JobRecord) -> Ending:
    return Ending(
        status=job.status,
        started=None if job.started is None else iso(job.started),
        duration=job.duration,
        attempts=job.retries + 1 if job.started is not None else 0,
        reason=_reason(job),
        log=job.log,
    )


def _reason(job: JobRecord) -> str | None:
    if job.mark is not None:
        return f"marked as done by {job.mark.who}: {job.mark.why}"
    if job.reason or job.status == "success":
        return job.reason
    if job.signal:
        return f"ended by {job.signal}"
    return None if job.exit_code is None else f"exit code {job.exit_code}"

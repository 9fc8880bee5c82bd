"""How the jobs of a run ended or stand, as a picture shows it: from the history or from a stream of events."""

from __future__ import annotations

from collections.abc import Mapping

from exlib.console import plural
from exlib.events import iso
from exlib.history.store import JobRecord, RunRecord, Store
from exlib.logs.model import FAILURES
from exlib.logs.reading.events import Standing
from exlib.masking import Mask
from exlib.render.measures import Ending
from exlib.render.palette import LOOKS
from exlib.report.tail import last_lines

MANY = 500
"""Jobs above which a page has the logs of failed ones alone."""
_TAIL = 15
"""Lines of a log that a page shows."""
_SHOWN_AS = {"unfinished": "running"}
"""A stream may end before its run does; what else has no look of its own has not begun."""


def of_run(store: Store, record: RunRecord, *, whole: bool) -> dict[str, Ending]:
    """By job id, of one attempt of a run, or of the run as it stands."""
    return {job.job: _ending(job) for job in store.jobs(record.run, None if whole else record.attempt)}


def of_events(standing: Standing) -> dict[str, Ending]:
    """By job id, as the last run of a stream left them."""
    endings = {}
    for job, state in standing.jobs.items():
        ending = _ending(state.record)
        endings[job] = ending._replace(status="reused") if state.reused else ending
    return endings


def caption(record: RunRecord, *, whole: bool) -> str:
    """The run in a few words: ``run 12, failed, 2026-01-31 18:30``."""
    number = str(record.run) if whole else f"{record.run}.{record.attempt}"
    marked = f", {plural(record.marked, 'job')} marked as done" if record.marked else ""
    return f"run {number}, {record.status}{marked}"


def with_tails(endings: Mapping[str, Ending], mask: Mask) -> dict[str, Ending]:
    """The same with the last lines of each job's log that can be read; of many jobs those that went wrong alone."""
    wanted = endings if len(endings) <= MANY else {job for job, ending in endings.items() if ending.status in FAILURES}
    return {
        job: ending._replace(tail="\n".join(last_lines(ending.log, _TAIL, mask=mask))) if job in wanted else ending
        for job, ending in endings.items()
    }


def _ending(job: JobRecord) -> Ending:
    return Ending(
        status=job.status if job.status in LOOKS else _SHOWN_AS.get(job.status, "pending"),
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

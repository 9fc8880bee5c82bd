"""The same records out of a history: runs with their attempts, jobs and tries, and when each job was ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from exlib.document import Document
from exlib.history.store import AttemptRecord, JobRecord, RunRecord, Store
from exlib.logs.model import Execution, Job, Run, Source
from exlib.workflow import dependency_entries, dependency_target, job_id


def read_history(store: Store, records: Iterable[RunRecord], name: str) -> Iterator[Execution]:
    """Every attempt of these runs with its jobs, in the order of the records; one run is held at a time."""
    for record in records:
        yield from read_run(store, record.run, name)


def read_run(store: Store, run: int, name: str, attempt: int | None = None) -> Iterator[Execution]:
    """The attempts of one run, oldest first, or one of them."""
    tries: dict[tuple[int, str], list[AttemptRecord]] = {}
    for one in store.attempts(run):
        tries.setdefault((one.attempt, one.job), []).append(one)
    document = store.document(run)
    edges = dependencies_of(document.raw, document.name) if document is not None else None
    for record in store.attempts_of_run(run):
        if attempt in (None, record.attempt):
            jobs = [
                _job(job, tuple(tries.get((record.attempt, job.job), ())), record)
                for job in store.jobs(run, record.attempt)
            ]
            jobs.sort(key=lambda job: job.record.ended or float("inf"))
            told = _run(record, Source("history", name))
            yield Execution(told, with_ready(told, jobs, edges) if edges is not None else tuple(jobs))


Edges = Mapping[str, tuple[str, ...] | None]
"""Job ids that a job depends on, by its id; None for a job that waits for something outside its document too."""


def dependencies_of(raw: bytes, name: str) -> Edges | None:
    """The edges of a document, read tolerantly; None if it cannot be read."""
    from exlib.errors import ExecutionerError

    try:
        jobs = Document(raw, name).jobs
    except ExecutionerError:
        return None
    edges: dict[str, tuple[str, ...] | None] = {}
    for job in jobs:
        if isinstance(job, dict) and isinstance(own := job_id(job), str):
            edges[own] = _targets(job)
    return edges


def with_ready(run: Run, jobs: Sequence[Job], edges: Edges) -> tuple[Job, ...]:
    """The jobs, those that ran with the moment from which on they could have: when the last dependency had ended."""
    ends = {job.record.job: job.record.ended for job in jobs}
    return tuple(job._replace(ready=ready_at(run, job, edges, ends)) if job.ran else job for job in jobs)


def ready_at(run: Run, job: Job, edges: Edges, ends: Mapping[str, float | None]) -> float | None:
    """When a job could have begun: when the last of its dependencies ended (``ends``); None where that is not known."""
    before = edges.get(job.record.job)
    if before is None or run.started is None or job.record.started is None:
        return None
    ready = max([run.started, *(ends.get(other) or run.started for other in before)])
    return min(ready, job.record.started)  # times are rounded to milliseconds, and clocks are set


def _targets(job: Mapping[str, Any]) -> tuple[str, ...] | None:
    targets = [dependency_target(entry) for entry in dependency_entries(job)]
    return None if None in targets else tuple(target for target in targets if target is not None)


def _job(record: JobRecord, tries: tuple[AttemptRecord, ...], run: RunRecord) -> Job:
    """A job without what a person marked since. One that succeeded without a try of this attempt was reused."""
    reused = record.status == "success" and not tries and (record.started or 0) < run.started
    if record.mark is not None and not reused:
        record = record._replace(status=record.mark.was)
    return Job(record, tries, None, reused)


def _run(record: RunRecord, source: Source) -> Run:
    return Run(
        source=source,
        run=record.run,
        attempt=record.attempt,
        application=record.application,
        status=record.status,
        started=record.started,
        ended=record.ended,
        duration=record.duration if record.ended is not None else None,
        exit_code=record.exit_code,
        reason=record.reason,
        workers=record.workers,
        total=record.total,
        document=record.document_name,
        working_dir=record.working_dir,
        log_dir=record.log_dir,
    )

"""The same records out of a history: runs with their attempts, jobs and tries, and when each job was ready."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

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
    places = {name: place for place, name in enumerate(edges or ())}
    for record in store.attempts_of_run(run):
        if attempt in (None, record.attempt):
            jobs = [
                _job(job, tuple(tries.get((record.attempt, job.job), ())), record)
                for job in store.jobs(run, record.attempt)
            ]
            jobs.sort(key=lambda job: (job.record.ended or float("inf"), places.get(job.record.job, len(places))))
            told = _run(record, Source("history", name))
            yield Execution(told, with_needs(told, jobs, edges) if edges is not None else tuple(jobs))


class Needs(NamedTuple):
    """The ids of the jobs that a job depends on, and whether it waits for something outside its document too."""

    jobs: tuple[str, ...]
    outside: bool


Edges = Mapping[str, Needs]
"""What each job needs, by its id, in the order of the document."""


def dependencies_of(raw: bytes, name: str) -> Edges | None:
    """The edges of a document, read tolerantly; None if it cannot be read."""
    from exlib.errors import ExecutionerError

    try:
        jobs = Document(raw, name).jobs
    except ExecutionerError:
        return None
    edges: dict[str, Needs] = {}
    for job in jobs:
        if isinstance(job, dict) and isinstance(own := job_id(job), str):
            edges[own] = _needs(job)
    return edges


def with_needs(run: Run, jobs: Sequence[Job], edges: Edges) -> tuple[Job, ...]:
    """The jobs with what they depend on, and those that ran with the moment from which on they could have."""
    ends = {job.record.job: job.record.ended for job in jobs}
    return tuple(with_its_needs(run, job, edges, ends) for job in jobs)


def with_its_needs(run: Run, job: Job, edges: Edges, ends: Mapping[str, float | None]) -> Job:
    """A job with what it depends on, and with the moment in which the last of that had ended (``ends``)."""
    before = edges.get(job.record.job)
    if before is None:
        return job
    return job._replace(needs=before.jobs, ready=ready_at(run, job, edges, ends) if job.ran else None)


def ready_at(run: Run, job: Job, edges: Edges, ends: Mapping[str, float | None]) -> float | None:
    """When a job could have begun: when the last of its dependencies ended (``ends``); None where that is not known."""
    before = edges.get(job.record.job)
    if before is None or before.outside or run.started is None or job.record.started is None:
        return None
    ready = max([run.started, *(ends.get(other) or run.started for other in before.jobs)])
    return min(ready, job.record.started)  # times are rounded to milliseconds, and clocks are set


def _needs(job: Mapping[str, Any]) -> Needs:
    targets = [dependency_target(entry) for entry in dependency_entries(job)]
    return Needs(tuple(dict.fromkeys(target for target in targets if target is not None)), None in targets)


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

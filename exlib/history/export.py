"""The history as data for other programs: JSON, CSV, and the job log of GNU parallel.

The names are those of the events (``schemas/event.schema.json``); the JSON has ``schemas/history.schema.json``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from exlib.events import iso
from exlib.history.store import AttemptRecord, JobRecord, Mark, RunRecord, Store

VERSION = 1

_TIMES = frozenset(["started", "ended", "when"])
_CSV_COLUMNS = (
    "run attempt application run_status job status reason started ended duration exit_code signal retries"
    " memory cpu fingerprint marked_by marked_at mark_reason command log log_truncated"
).split()
JOBLOG_COLUMNS = "Seq Host Starttime JobRuntime Send Receive Exitval Signal Command".split()


def runs_json(records: Sequence[RunRecord]) -> str:
    """The runs of ``ex-history list``."""
    return _dump({"version": VERSION, "runs": [_plain(record) for record in records]})


def run_json(store: Store, record: RunRecord, *, whole: bool) -> str:
    """One run with its attempts, jobs and tries; ``whole`` means as it stands after all its attempts."""
    return _dump({"version": VERSION, "run": _run_tree(store, record, whole=whole)})


def export_json(store: Store, records: Iterable[RunRecord]) -> str:
    """Whole runs, each with its attempts, jobs and tries."""
    return _dump({"version": VERSION, "runs": [_run_tree(store, record, whole=True) for record in records]})


def export_csv(store: Store, records: Iterable[RunRecord]) -> str:
    """One row a job, each as it stands; RFC 4180 with a header."""
    import csv
    import io

    stream = io.StringIO()
    writer = csv.DictWriter(stream, _CSV_COLUMNS, extrasaction="ignore")
    writer.writeheader()
    for run in records:
        for job in store.jobs(run.run):
            row = _plain(job) | {"application": run.application, "run_status": run.status}
            if job.mark is not None:
                row |= {"marked_by": job.mark.who, "marked_at": iso(job.mark.when), "mark_reason": job.mark.why}
            writer.writerow(row)
    return encodable(stream.getvalue())


def export_joblog(store: Store, records: Iterable[RunRecord]) -> str:
    """What ``parallel --joblog`` writes: a line a job that ran, in the order of their starts."""
    lines = ["\t".join(JOBLOG_COLUMNS)]
    for run in records:
        for sequence, job in enumerate((job for job in store.jobs(run.run) if job.started is not None), 1):
            lines.append("\t".join(joblog_fields(sequence, job)))
    return encodable("\n".join(lines) + "\n")


def joblog_fields(sequence: int, job: JobRecord) -> Iterator[str]:
    """A line of GNU parallel's job log on a job that ran."""
    yield str(sequence)
    yield ":"  # parallel's name for the local machine
    yield f"{job.started:.3f}"
    yield f"{job.duration or 0.0:10.3f}"
    yield from ("0", "0")
    number = _signal_number(job.signal)
    # A job may exit 0 and still have failed, by a check after it; one that a person marked counts as done.
    failed = job.status != "success"
    yield str((job.exit_code or (0 if number else 1)) if failed else 0)
    yield str(number if failed else 0)
    yield job.command.replace("\n", "\0")  # as parallel keeps one line a job


def _signal_number(name: str | None) -> int:
    import signal

    try:
        return int(signal.Signals[name]) if name else 0
    except KeyError:  # a real-time signal, or another system's
        return 0


def _run_tree(store: Store, record: RunRecord, *, whole: bool) -> dict[str, Any]:
    attempts = store.attempts_of_run(record.run)
    tries: dict[str, list[dict[str, Any]]] = {}
    for taken in store.attempts(record.run):
        if whole or taken.attempt == record.attempt:
            tries.setdefault(taken.job, []).append(_plain(taken, leave_out=("run", "job")))
    jobs = store.jobs(record.run, None if whole else record.attempt)
    tree = _plain(record)
    tree["attempts"] = [_plain(attempt, leave_out=("run",)) for attempt in attempts]
    tree["jobs"] = [_plain(job, leave_out=("run",)) | {"tries": tries.get(job.job, [])} for job in jobs]
    return tree


def _plain(record: RunRecord | JobRecord | AttemptRecord | Mark, leave_out: Sequence[str] = ()) -> dict[str, Any]:
    """A record as JSON values, times in ISO 8601."""
    body: dict[str, Any] = {}
    for name, value in record._asdict().items():
        if name in leave_out:
            continue
        if isinstance(value, Mark):
            value = _plain(value)
        elif name in _TIMES and value is not None:
            value = iso(value)
        elif isinstance(value, float):
            value = round(value, 6)
        body[name] = value
    if isinstance(record, RunRecord):
        body["duration"] = None if record.duration is None else round(record.duration, 3)
        body["options"] = json.loads(record.options)
    return body


def _dump(body: dict[str, Any]) -> str:
    return encodable(json.dumps(body, ensure_ascii=False, indent=2)) + "\n"


def encodable(text: str) -> str:
    """A path that is not valid UTF-8 has its bytes shown as ``\\udcff``, which JSON can hold."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()

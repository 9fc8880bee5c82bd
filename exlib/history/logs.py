"""The log of one try of a job: found by name, copied byte for byte, followed while it grows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from exlib.console import printable
from exlib.errors import AnswerNo
from exlib.history.marks import known_jobs, no_job
from exlib.history.store import AttemptRecord, RunRecord, Store

_CHUNK = 1 << 18
_LOOK_EVERY = 0.1


class Target(Protocol):
    """What bytes are copied to."""

    def write(self, data: bytes, /) -> int: ...  # noqa: D102
    def flush(self) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Log:
    """The log of one try, and the attempt of the run that it belongs to."""

    run: RunRecord
    job: str
    path: str
    number: int
    attempt: int


def find_log(
    store: Store, run: RunRecord, job: str, number: int | None = None, *, whole: bool = True, wait: bool = False
) -> Log:
    """The log of a job's last try, or of try ``number`` of the latest attempt of the run that it took part in.

    ``whole`` looks at all attempts of the run, else at ``run``'s alone; ``wait`` waits for a job that a running
    run has not started yet. Raises AnswerNo when there is none.
    """
    while True:
        underway = _is_running(store, run)  # before the look, so that nothing can begin after the last one
        tries = [one for one in store.attempts(run.run, job) if whole or one.attempt == run.attempt]
        latest = [one for one in tries if one.attempt == tries[-1].attempt and one.log]
        found = next((one for one in reversed(latest) if number in (None, one.number)), None)
        if found is not None:
            return Log(run, job, found.log or "", found.number, found.attempt)
        if not (wait and underway):
            raise _no_log(store, run, job, number, latest)
        if job not in known_jobs(store.jobs(run.run), store.document(run.run)):
            raise _no_log(store, run, job, number, latest)
        time.sleep(_LOOK_EVERY)


def copy(store: Store, log: Log, target: Target, *, follow: bool = False) -> None:
    """Copy the log's bytes; with ``follow`` until the try has ended. Raises AnswerNo if the file is gone."""
    try:
        source = open(log.path, "rb", buffering=0)  # noqa: SIM115
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise AnswerNo(f"the log {log.path} cannot be read: {cause}") from None
    with source:
        while True:
            underway = follow and _is_underway(store, log)
            while chunk := source.read(_CHUNK):
                target.write(chunk)
            target.flush()
            if not underway:
                return
            time.sleep(_LOOK_EVERY)


def next_log(store: Store, log: Log) -> Log | None:
    """The log of the try after this one, waited for while one may follow; None if this was the last."""
    while True:
        goes_on = any(
            record.job == log.job and record.status in ("running", "retrying")
            for record in store.jobs(log.run.run, log.attempt)
        )  # before the look, so that nothing can begin after the last one
        for one in store.attempts(log.run.run, log.job):
            if one.attempt == log.attempt and one.number > log.number and one.log:
                return Log(log.run, log.job, one.log, one.number, one.attempt)
        if not goes_on:
            return None
        time.sleep(_LOOK_EVERY)


def all_logs(store: Store, run: RunRecord, target: BinaryIO, *, whole: bool = True) -> list[AnswerNo]:
    """Copy the last log of every job, each under a heading as of ``tail``; returns why some could not be read.

    Raises AnswerNo if no job has a log.
    """
    jobs = {record.job: record for record in store.jobs(run.run, None if whole else run.attempt)}
    known = known_jobs(list(jobs.values()), store.document(run.run))
    found = [(job, record) for job in known if (record := jobs.get(job)) is not None and record.log]
    if not found:
        raise AnswerNo(f"run {run.run} has no logs: none of its jobs has started")
    missing: list[AnswerNo] = []
    ends = _LastByte(target)
    for job, record in found:
        ends.heading(job)
        try:
            copy(store, Log(run, job, record.log or "", record.retries + 1, record.attempt), ends)
        except AnswerNo as error:
            missing.append(error)
    return missing


class _LastByte:
    """A target that knows whether a line was left unfinished."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._last = b""

    def write(self, data: bytes) -> int:
        self._last = data[-1:] or self._last
        return self._target.write(data)

    def flush(self) -> None:
        self._target.flush()

    def heading(self, job: str) -> None:
        gap = {b"": "", b"\n": "\n"}.get(self._last, "\n\n")
        self.write(f"{gap}==> {printable(job)} <==\n".encode())


def _is_running(store: Store, run: RunRecord) -> bool:
    attempts = store.attempts_of_run(run.run)
    return bool(attempts) and attempts[-1].status == "running"


def _is_underway(store: Store, log: Log) -> bool:
    return any(
        one.status == "running"
        for one in store.attempts(log.run.run, log.job)
        if (one.attempt, one.number) == (log.attempt, log.number)
    )


def _no_log(store: Store, run: RunRecord, job: str, number: int | None, tries: list[AttemptRecord]) -> AnswerNo:
    jobs = store.jobs(run.run)
    known = known_jobs(jobs, store.document(run.run))
    if job not in known:
        return no_job(run.run, job, known)
    if number is not None and tries:
        return AnswerNo(f'job "{job}" of run {run.run} has no try {number}', mend=f"its last is {tries[-1].number}")
    status = next((record.status for record in jobs if record.job == job), "pending")
    return AnswerNo(f'job "{job}" of run {run.run} has no log: it is {status} and never started')

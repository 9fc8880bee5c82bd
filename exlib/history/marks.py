"""A person's word that a job counts as done, and the errors about runs and jobs that are not there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exlib.console import printable
from exlib.document import Document
from exlib.errors import AnswerNo
from exlib.events import iso
from exlib.history.records import Records
from exlib.history.store import JobRecord, StoredDocument
from exlib.workflow import job_id

_INSERT = """
INSERT OR REPLACE INTO job_mark (run_id, job_id, attempt, marked_by, mark_time, reason, status_before)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_SET = """
INSERT INTO job_history (run_id, job_id, attempt, status, command) VALUES (?, ?, ?, 'success', ?)
ON CONFLICT DO UPDATE SET status='success'"""


@dataclass(frozen=True, slots=True)
class Word:
    """Who says it, when (seconds since the epoch) and why."""

    who: str
    when: float
    why: str


def no_run(run: int) -> AnswerNo:
    """There is no run of this number."""
    return AnswerNo(f"there is no run {run}", mend="ex-history list shows the runs")


def no_job(run: int, job: str, known: Iterable[str]) -> AnswerNo:
    """The run has no such job; the nearest id is suggested."""
    import difflib

    near = difflib.get_close_matches(job, list(known), n=1)
    mend = f'did you mean "{printable(near[0])}"?' if near else f"ex-history show {run} lists the jobs"
    return AnswerNo(f'run {run} has no job "{job}"', mend=mend)


def known_jobs(records: Sequence[JobRecord], document: StoredDocument | None) -> dict[str, str]:
    """The command of every job of a run by its id: in the document's order, whether it was reached or not."""
    commands: dict[str, str] = {}
    if document is not None:
        for raw in Document(document.raw, document.name).jobs:
            name = job_id(raw)
            if name is not None:
                commands[name] = str(raw.get("command", ""))
    return commands | {record.job: record.command for record in records}


def mark_success(
    connection: sqlite3.Connection,
    records: Records,
    document: StoredDocument | None,
    run: int,
    jobs: Sequence[str],
    word: Word,
) -> None:
    """Record the word for each job, inside the caller's transaction; see the Store protocol."""
    latest = records.latest(run)
    if latest is None:
        raise no_run(run)
    found = {record.job: record for record in records.jobs(run)}
    commands = known_jobs(list(found.values()), document)
    for job in dict.fromkeys(jobs):
        if job not in commands:
            raise no_job(run, job, commands)
        record = found.get(job)
        _refuse(job, record, latest.status == "running")
        attempt, was = (record.attempt, record.status) if record else (latest.attempt, "pending")
        connection.execute(_SET, (run, job, attempt, commands[job]))
        # Not before the job began, whatever was done to the clock: such a mark would not count.
        when = max(word.when, (record and record.started) or 0.0)
        connection.execute(_INSERT, (run, job, attempt, word.who, iso(when), word.why, was))


def _refuse(job: str, record: JobRecord | None, going_on: bool) -> None:
    status = record.status if record else "pending"
    if status == "success":
        how = "was marked so before" if record and record.mark else "succeeded by itself"
        raise AnswerNo(f'job "{job}" {how}: there is nothing to mark', mend="leave it out")
    if going_on and status in ("pending", "queued", "running", "retrying"):
        raise AnswerNo(f'job "{job}" is {status} in a run that is going on', mend="wait for the run, or stop it first")


def user_name(environ: Mapping[str, str] = os.environ) -> str:
    """Who is at work: the name of the user id, and with sudo the one behind it."""
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user without an entry
        name = f"uid {os.getuid()}"
    behind = environ.get("SUDO_USER", "")
    return f"{name} ({behind} through sudo)" if behind and behind != name else name

"""The history for a person: the table of runs, and one run with its jobs, tries, marks and what to do next."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from exlib.console import plural, span
from exlib.document import STDIN_NAME
from exlib.history.store import AttemptRecord, JobRecord, RunRecord
from exlib.report.tables import Cell, Column, table
from exlib.report.wording import LOG_TRUNCATED, MARKS, STYLES, Voice

_RUN_COLUMNS = (
    Column("RUN", right=True),
    Column("STATUS"),
    Column("APPLICATION"),
    Column("STARTED"),
    Column("TOOK", right=True),
    Column("DONE", right=True),
    Column("NOTES"),
)
_JOB_COLUMNS = (
    Column("JOB"),
    Column("STATUS"),
    Column("STARTED"),
    Column("TOOK", right=True),
    Column("TRIES", right=True),
    Column("EXIT"),
    Column("LOG"),
)
_ONGOING = {"running": "started", "pending": "waiting", "queued": "waiting"}
"""Statuses that borrow the mark of another word."""
_UNDONE = ("failed", "timeout", "lost", "skipped", "cancelled")
_WORDS = {"success": "completed", "timeout": "timed out", "retrying": "waiting for a retry"}


def runs_table(
    records: Sequence[RunRecord], voice: Voice, counts: Callable[[RunRecord], Mapping[str, int]] | None = None
) -> str:
    """The table of ``ex-history list``; ``counts`` gives a run's jobs by status if they are still there to be asked."""
    rows = [
        [
            Cell(str(record.run), ("bold",)),
            _status(record.status, voice),
            Cell(record.application),
            Cell(clock(record.started)),
            Cell(_took(record.duration)),
            Cell(f"{record.completed}/{record.total}"),
            Cell(_notes(record, counts), ("dim",)),
        ]
        for record in records
    ]
    return "".join(f"{line}\n" for line in table(_RUN_COLUMNS, rows, voice))


def run_page(
    attempts: Sequence[RunRecord],
    shown: RunRecord,
    jobs: Sequence[JobRecord],
    tries: Sequence[AttemptRecord],
    unreached: int,
    counts: Mapping[str, int],
    voice: Voice,
    db: str | None = None,
) -> str:
    """The page of ``ex-history show``: the head, the jobs, the attempts of the run, and what to do next.

    ``counts`` are the jobs of ``shown`` by status. ``db`` is the history that was named on the command line, which
    the commands shown have to name too.
    """
    sections = [
        list(_head(shown, counts, voice)),
        list(_jobs(shown, jobs, tries, voice)),
        list(_attempts(attempts, voice)),
        list(_next(shown, jobs, unreached, db, voice)) if shown.attempt == attempts[-1].attempt else [],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def clock(seconds: float) -> str:
    """A moment in local time: ``2026-01-31 23:59:59``."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _status(status: str, voice: Voice) -> Cell:
    word = _ONGOING.get(status, status)
    fine, plain, _ = MARKS.get(word, ("?", "?", ()))
    return Cell(f"{voice.pick(fine, plain)} {status}", STYLES.get(word, ()))


def _took(seconds: float | None) -> str:
    return "-" if seconds is None else span(seconds)


def _notes(record: RunRecord, counts: Callable[[RunRecord], Mapping[str, int]] | None) -> str:
    parts = [f"{number} {word}" for number, word in ((record.failed, "failed"), (record.skipped, "skipped")) if number]
    if parts and counts is not None:
        parts = _counted(counts(record), _UNDONE)
    if record.marked:
        parts.append(f"{record.marked} marked")
    if record.attempt > 1:
        parts.append(f"attempt {record.attempt}")
    return ", ".join(parts)


def _counted(counts: Mapping[str, int], statuses: Sequence[str]) -> list[str]:
    return [f"{number} {_WORDS.get(status, status)}" for status in statuses if (number := counts.get(status))]


def _head(run: RunRecord, counts: Mapping[str, int], voice: Voice) -> Iterator[str]:
    cell = _status(run.status, voice)
    title = voice.style(f"run {run.run} of {voice.plain(run.application)}", "bold")
    attempt = f", attempt {run.attempt}" if run.attempt > 1 else ""
    code = "" if run.exit_code is None else f", exit code {run.exit_code}"
    yield f"{title}{attempt}: {voice.style(cell.text, *cell.styles)}{code}"
    running = run.status == "running"
    took = "still running" if running else "" if run.duration is None else f"took {span(run.duration)}"
    told = _counted(counts, ("success", *_UNDONE, "running", "retrying"))
    rest = run.total - sum(number for status, number in counts.items() if status not in ("pending", "queued"))
    if rest > 0:
        told.append(f"{rest} {'to come' if running else 'not reached'}")
    facts = {
        "reason": run.reason or "",
        "started": ", ".join(filter(None, [clock(run.started), took])),
        "jobs": f"{run.total}: {', '.join(told) or 'none begun'}",
        "document": f"{run.document_name}, sha256 {run.document_sha[:12]}",
        "directory": run.working_dir,
        "logs": run.log_dir,
        "engine": f"{run.user} on {run.host}, pid {run.pid}, {plural(run.workers, 'worker')}",
        "command": run.command_line,
    }
    for name, fact in facts.items():
        if fact:
            yield f"  {voice.style(name.ljust(11), 'dim')}{voice.plain(fact)}"


def _jobs(run: RunRecord, jobs: Sequence[JobRecord], tries: Sequence[AttemptRecord], voice: Voice) -> Iterator[str]:
    """The jobs' table, below each job what is to be said about it."""
    rows = [_job_row(run, job, voice) for job in jobs]
    lines = table(_JOB_COLUMNS, rows, voice)
    yield from lines[:1]
    taken: dict[tuple[str, int], list[AttemptRecord]] = {}
    for one in tries:
        taken.setdefault((one.job, one.attempt), []).append(one)
    for job, line in zip(jobs, lines[1:], strict=True):
        yield line
        yield from _remarks(job, taken.get((job.job, job.attempt), []), voice)


def _job_row(run: RunRecord, job: JobRecord, voice: Voice) -> list[Cell]:
    started = "-" if job.started is None else clock(job.started)
    if run.started <= (job.started or 0) and started[:10] == clock(run.started)[:10]:
        started = started[11:]
    return [
        Cell(job.job),
        _status(job.status, voice),
        Cell(started),
        Cell(_took(job.duration)),
        Cell("-" if job.started is None else str(job.retries + 1)),
        Cell(job.signal or ("-" if job.exit_code is None else str(job.exit_code))),
        Cell(_short(job.log, run.log_dir), ("dim",)),
    ]


def _remarks(job: JobRecord, tries: Sequence[AttemptRecord], voice: Voice) -> Iterator[str]:
    mark = job.mark
    said = mark is not None and f"by {mark.who}: {mark.why}" in (job.reason or "")
    remarks = [job.reason] if job.reason and job.reason != _code(job) and not said else []
    if mark is not None:
        remarks.append(f"was {mark.was}, marked as success by {mark.who} at {clock(mark.when)}: {mark.why}")
    if job.log_truncated:
        remarks.append(LOG_TRUNCATED)
    if len(tries) > 1:
        remarks += [_try(one) for one in tries]
    for remark in remarks:
        yield f"    {voice.style(voice.plain(remark), 'dim')}"


def _try(one: AttemptRecord) -> str:
    took = "" if one.duration is None else f"took {span(one.duration)}"
    cut = LOG_TRUNCATED if one.log_truncated else ""
    return f"try {one.number}: " + ", ".join(filter(None, [one.status, one.reason or _code(one), took, cut]))


def _code(ended: AttemptRecord | JobRecord) -> str:
    """What the status column and the exit column say already."""
    if ended.signal:
        return f"ended by {ended.signal}"
    return "" if ended.exit_code is None else f"exit code {ended.exit_code}"


def _short(log: str | None, log_dir: str) -> str:
    """A log as seen from the run's log directory, which the head names; one from elsewhere whole."""
    if not log:
        return "-"
    near = os.path.dirname(log_dir)
    return os.path.relpath(log, log_dir) if log_dir and log.startswith(f"{near}{os.sep}") else log


def _attempts(attempts: Sequence[RunRecord], voice: Voice) -> Iterator[str]:
    if len(attempts) < 2:
        return
    yield voice.style("Attempts", "bold")
    for one in attempts:
        cell = _status(one.status, voice)
        why = f", {voice.plain(one.reason)}" if one.reason else ""
        took = "" if one.duration is None else f", took {span(one.duration)}"
        yield f"  {one.run}.{one.attempt}  {voice.style(cell.text, *cell.styles)}, {clock(one.started)}{took}{why}"


def _next(latest: RunRecord, jobs: Sequence[JobRecord], unreached: int, db: str | None, voice: Voice) -> Iterator[str]:
    """The commands that go on from here; none for a run that succeeded."""
    if latest.status == "success":  # what it left out was left out on request
        return
    run = latest.run
    where = f" --db {_word(db)}" if db else ""
    left = [job for job in jobs if job.status not in ("success", "running", "retrying", "pending")]
    broken = next((job for job in left if job.log), None)
    commands = []
    if broken is not None:
        commands.append((f"ex-history logs {run} {_word(broken.job)}{where}", "see what it printed"))
    if latest.status == "running":
        commands = [(f"ex-history logs {run} JOB --follow{where}", "watch a job's output")]
    elif left or unreached:
        again = f"ex-run --resume {run}{' FILE' if _needs_document(latest) else ''}{where}"
        commands.append((again, "run what is left; finished jobs are reused"))
        if broken is not None:
            commands.append(
                (f"ex-history mark-success {run} {_word(broken.job)} --reason TEXT{where}", "count it as done")
            )
    if not commands:
        return
    yield voice.style("Next", "bold")
    widest = max(len(text) for text, _ in commands)
    for text, meaning in commands:
        yield f"  {voice.style(voice.plain(text.ljust(widest)), 'cyan')}  {voice.style(meaning, 'dim')}"


def _needs_document(run: RunRecord) -> bool:
    """Whether a resume has to name the document: its file is not there, and the history keeps no secrets."""
    return run.redacted and (run.document_name == STDIN_NAME or not os.path.exists(run.document_name))


def _word(job: str) -> str:
    import shlex

    return shlex.quote(job)

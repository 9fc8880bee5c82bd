"""--post-mortem: one run as a report: what happened, what failed first, what that cost, what had changed, what next."""

from __future__ import annotations

import json
import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from exlib.console import plural, span
from exlib.document import STDIN_NAME
from exlib.history.store import RunRecord
from exlib.logs.advice import watching
from exlib.logs.excerpt import Excerpt, excerpt, printed
from exlib.logs.failures import Failure
from exlib.logs.postmortem import PostMortem
from exlib.logs.views.difference import changed
from exlib.logs.views.failing import FAILURES, ending, failed, impact
from exlib.logs.views.layout import day_and_time
from exlib.logs.views.naming import attempt_name
from exlib.logs.views.timeline import timeline
from exlib.masking import Mask
from exlib.report.sheet import (
    Cell,
    Code,
    Commands,
    Facts,
    Line,
    Number,
    Part,
    Piece,
    Section,
    Sheet,
    Status,
    Table,
    Words,
)

_ROWS = 40
_MARKED = 5
_ORDER = ("success", "failed", "timeout", "lost", "skipped", "cancelled", "running", "retrying")
_VERBS = {"timeout": "ran into its timeout", "lost": "was lost", "cancelled": "was ended"}
_FROM_OUTSIDE = ("cancelled", "timeout", "lost")
"""How a run ends that something else than a failed job brought to its end."""
Hide = Callable[[str], str]


def post_mortem_sheet(found: PostMortem, mask: Mask, db: str | None = None) -> Sheet:
    """The report. ``db`` is the history that was named, which the commands shown have to name too."""
    looks = [excerpt(failure.job.record.log, mask) for failure in found.failures.failures[:FAILURES]]
    sections = [
        *failed(found, looks, mask.text),
        Section("Timeline", [timeline(found.execution, mask.text)]),
        Section("Impact", list(impact(found))),
        Section("What changed", list(changed(found, mask.text))),
        Section("What to do next", list(_next(found, db))),
        Section("Jobs", [_jobs(found, mask.text)]),
        Section("The run", [_facts(found, mask.text)]),
    ]
    record = found.record
    title = f"Run {attempt_name(record, exact=len(found.attempts) > 1)} of {record.application}"
    return Sheet(title, _subtitle(found), sections, _figures(found), _lead(found, looks))


def _subtitle(found: PostMortem) -> str:
    record = found.record
    took = "" if record.duration is None else f", took {span(record.duration)}"
    again = f", attempt {record.attempt} of {len(found.attempts)}" if len(found.attempts) > 1 else ""
    return f"{day_and_time(record.started)}{took}, on {record.host}{again}"


def _figures(found: PostMortem) -> list[tuple[str, str]]:
    counts = Counter(job.record.status for job in found.execution.jobs)
    failed = sum(counts[status] for status in ("failed", "timeout", "lost"))
    never = counts["skipped"] + counts["cancelled"] + len(found.unreached)
    return [
        (f"{counts['success']:,} of {found.record.total:,}", "jobs succeeded"),
        (f"{failed:,}", "failed"),
        (f"{never:,}", "never ran or were ended"),
        (span(found.wasted), "spent in tries that came to nothing"),
    ]


# -- what happened ---------------------------------------------------------------------------------------------------


def _lead(found: PostMortem, looks: Sequence[Excerpt]) -> Cell:
    """What happened in one sentence."""
    record, failures = found.record, found.failures.failures
    status: list[Piece] = [Status(record.status), ": "]
    own = [(failure, look) for failure, look in zip_longest(failures, looks) if failure.category != "cancelled"]
    ended = len(failures) - len(own)
    while_ran = f"; it ended {plural(ended, 'job')} that ran" if ended else ""
    if record.status in _FROM_OUTSIDE and record.reason and own:
        status.append(f"{record.reason}{while_ran}. {_when(found, own[0][0])}, ")
    elif not own:
        return Line((*status, _without_failure(found).removesuffix("."), f"{while_ran}."))
    first, look = own[0]
    said: list[Piece] = [*status, "job ", Code(first.job.record.job), f" {_VERBS.get(first.category, 'failed')}"]
    if first.job.record.ended is not None:
        said.append(f" {span(max(first.job.record.ended - record.started, 0.0))} into the run")
    message = look.message if look is not None else None
    if message:
        said.append(f" with {message.strip()}")
    elif first.job.record.reason:
        said.append(f": {first.job.record.reason.strip()}")
    elif first.category != "timeout" and ending(first):
        said.append(f", {ending(first)}")
    rest = []
    if first.dragged:
        rest.append(f"{plural(len(first.dragged), 'job')} never ran because of it")
    if len(own) > 1:
        rest.append(f"{plural(len(own) - 1, 'further job')} failed")
    said.append(f"; {' and '.join(rest)}." if rest else ".")
    return Line(said)


def _when(found: PostMortem, failure: Failure) -> str:
    """Whether a job failed before the run was brought to its end, told by what was given up then."""
    given_up = [job.record.ended for job in found.execution.jobs if job.record.status == "cancelled"]
    times = [at for at in given_up if at is not None]
    if not times or failure.job.record.ended is None:
        return "Besides"
    return "Before that" if failure.job.record.ended <= min(times) else "After that"


def _without_failure(found: PostMortem) -> str:
    record = found.record
    retried = sum(job.record.retries > 0 for job in found.execution.jobs if job.ran)
    if record.status == "success":
        helped = f", {plural(retried, 'of them', 'of them')} after retries" if retried else ""
        return f"all that was asked for succeeded{helped}."
    if record.status == "running":
        return "it is still under way."
    return f"{record.reason or 'no job failed by itself'}."


# -- what next, and the rest -----------------------------------------------------------------------------------------


def _next(found: PostMortem, db: str | None) -> Iterator[Part]:
    record = found.record
    if record.status == "success":
        return
    where = f" --db {shlex.quote(db)}" if db else ""
    if record.status == "running":
        yield Commands(watching(f"{record.run}", record.status, found.failures.underway[:3], where))
        return
    told: list[tuple[str, str]] = []
    if len(found.attempts) > record.attempt:
        latest = found.attempts[-1]
        yield Words(f"It was resumed since: attempt {latest.attempt} ended as {latest.status}.")
        told.append((f"ex-analyze-logs --post-mortem {latest.run}{where}", "the same of the latest attempt"))
    else:
        told += _going_on(found, where)
    if found.good is not None:
        own = attempt_name(record, exact=len(found.attempts) > 1)
        compare = f"ex-analyze-logs --compare {attempt_name(found.good.record)} {own}{where}"
        told.append((compare, "both runs beside each other"))
    if told:
        yield Commands(told)


def _going_on(found: PostMortem, where: str) -> Iterator[tuple[str, str]]:
    """The commands that go on from the latest attempt of a run."""
    record, failures = found.record, found.failures.failures
    file = "" if record.document_name == STDIN_NAME else f" {shlex.quote(record.document_name)}"
    missing = record.redacted and (not file or not os.path.exists(record.document_name))
    for one in failures[:3]:
        if printed(one):
            log = f"ex-history logs {record.run} {shlex.quote(one.job.record.job)}{where}"
            yield log, f"see all that {one.job.record.job} printed"
    yield (
        f"ex-run --resume {record.run}{' FILE' if missing else ''}{where}",
        "run what is left; finished jobs are reused",
    )
    if not _narrowed(record):
        again = f"ex-filter{file or ' FILE'} --failed {record.run} --with-dependents{where} | ex-run"
        yield (
            f"{again} -C {shlex.quote(record.working_dir)}",
            "run the failed jobs and what needs them as a run of its own",
        )
    marked = [shlex.quote(one.job.record.job) for one in failures if one.category != "cancelled"]
    if marked and len(marked) <= _MARKED:
        done = "count it as done, then resume" if len(marked) == 1 else "count them as done, then resume"
        yield f"ex-history mark-success {record.run} {' '.join(marked)} --reason TEXT{where}", done


def _narrowed(record: RunRecord) -> bool:
    """Whether options of the run had a say in what its jobs did: a run of its own would go without them."""
    try:
        kept = json.loads(record.options)
    except ValueError:
        return True
    return any(kept.get(name) for name in ("env", "secret_env", "skip", "only", "timeout"))


def _jobs(found: PostMortem, hide: Hide) -> Table:
    rows: list[list[Cell]] = []
    for job in found.execution.jobs:
        record = job.record
        started = "-" if record.started is None or job.reused else span(max(record.started - found.record.started, 0.0))
        offset = Number(started, -1.0 if started == "-" else (record.started or 0.0) - found.record.started)
        took = Number("-", -1.0) if record.duration is None else Number(span(record.duration), record.duration)
        tries = Number("-", 0) if record.started is None else Number(f"{record.retries + 1}", record.retries + 1)
        reason = hide(record.reason or "") if record.status != "success" or record.retries else ""
        rows.append([Code(record.job), Status("reused" if job.reused else record.status), offset, took, tries, reason])
    return Table(["Job", "Ended", "Start", "Took", "Tries", "Reason"], rows, right=(2, 3, 4), most=_ROWS)


def _facts(found: PostMortem, hide: Hide) -> Facts:
    record = found.record
    counts = Counter(job.record.status for job in found.execution.jobs)
    jobs = ", ".join(f"{counts[status]:,} {status}" for status in _ORDER if counts[status])
    facts: list[tuple[str, Cell]] = [
        (
            "status",
            Line((Status(record.status), "" if record.exit_code is None else f", exit code {record.exit_code}")),
        ),
        ("reason", hide(record.reason or "")),
        ("started", day_and_time(record.started)),
        ("ended", "" if record.ended is None else day_and_time(record.ended)),
        ("jobs", f"{record.total:,}: {jobs or 'none begun'}"),
        ("document", f"{record.document_name}, sha256 {record.document_sha[:12]}"),
        ("directory", record.working_dir),
        ("logs", record.log_dir),
        ("engine", f"{record.user} on {record.host}, pid {record.pid}, {plural(record.workers, 'worker')}"),
        ("command", Code(hide(record.command_line))),
        ("history", found.execution.run.source.name),
    ]
    for one in found.attempts if len(found.attempts) > 1 else ():
        took = "" if one.duration is None else f", took {span(one.duration)}"
        why = f", {hide(one.reason)}" if one.reason else ""
        facts.append(
            (f"attempt {one.attempt}", Line((Status(one.status), f", {day_and_time(one.started)}{took}{why}")))
        )
    return Facts([(name, fact) for name, fact in facts if fact])

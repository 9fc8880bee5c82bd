"""--post-mortem: one run as a report: what happened, what failed first, what that cost, what had changed, what next."""

from __future__ import annotations

import os
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from exlib.console import cut, names, plural, span
from exlib.document import STDIN_NAME
from exlib.history.store import RunRecord
from exlib.logs.advice import advice
from exlib.logs.excerpt import Excerpt, excerpt
from exlib.logs.failures import CATEGORIES, Failure
from exlib.logs.postmortem import EARLIER, FAR, FEWEST, Good, PostMortem
from exlib.logs.views.changes import delta_parts
from exlib.logs.views.timeline import timeline
from exlib.masking import Mask
from exlib.report.sheet import (
    Cell,
    Code,
    Commands,
    Facts,
    Line,
    Listing,
    Loud,
    Number,
    Part,
    Piece,
    Points,
    Section,
    Sheet,
    Status,
    Table,
    Words,
)

_FAILURES = 10
"""Failed jobs told with their logs; further ones are in a table."""
_ROWS = 40
_LINKS = 6
_COMMAND = 240
_ORDER = ("success", "failed", "timeout", "lost", "skipped", "cancelled", "running", "retrying")
_VERBS = {"timeout": "ran into its timeout", "lost": "was lost", "cancelled": "was ended"}
Hide = Callable[[str], str]


def post_mortem_sheet(found: PostMortem, mask: Mask, db: str | None = None) -> Sheet:
    """The report. ``db`` is the history that was named, which the commands shown have to name too."""
    looks = [excerpt(failure.job.record.log, mask) for failure in found.failures.failures[:_FAILURES]]
    sections = [
        *_failed(found, looks, mask.text),
        Section("Timeline", [timeline(found.execution)]),
        Section("Impact", list(_impact(found))),
        Section("What changed", list(_changed(found, mask.text))),
        Section("What to do next", list(_next(found, db))),
        Section("Jobs", [_jobs(found, mask.text)]),
        Section("The run", [_facts(found, mask.text)]),
    ]
    record = found.record
    title = f"Run {_label(record)} of {record.application}"
    return Sheet(title, _subtitle(found), sections, _figures(found), _lead(found, looks))


def _label(record: RunRecord) -> str:
    return f"{record.run}.{record.attempt}" if record.attempt > 1 else str(record.run)


def _subtitle(found: PostMortem) -> str:
    record = found.record
    took = "" if record.duration is None else f", took {span(record.duration)}"
    again = f", attempt {record.attempt} of {len(found.attempts)}" if len(found.attempts) > 1 else ""
    return f"{_moment(record.started)}{took}, on {record.host}{again}"


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
    if not failures:
        return Line((*status, _without_failure(found)))
    first = failures[0]
    said: list[Piece] = [*status, "job ", Code(first.job.record.job), f" {_VERBS.get(first.category, 'failed')}"]
    if first.job.record.ended is not None:
        said.append(f" {span(max(first.job.record.ended - record.started, 0.0))} into the run")
    message = looks[0].message or first.job.record.reason or _code(first)
    said.append(f" with {message.strip()}" if message else "")
    rest = []
    if first.dragged:
        rest.append(f"{plural(len(first.dragged), 'job')} never ran because of it")
    if len(failures) > 1:
        rest.append(f"{plural(len(failures) - 1, 'further job')} failed")
    said.append(f"; {' and '.join(rest)}." if rest else ".")
    return Line(said)


def _without_failure(found: PostMortem) -> str:
    record = found.record
    retried = sum(job.record.retries > 0 for job in found.execution.jobs if job.ran)
    if record.status == "success":
        helped = f", {plural(retried, 'of them', 'of them')} after retries" if retried else ""
        return f"all that was asked for succeeded{helped}."
    if record.status == "running":
        return "it is still under way."
    return f"{record.reason or 'no job failed by itself'}."


def _code(failure: Failure) -> str:
    record = failure.job.record
    if record.signal:
        return f"ended by {record.signal}"
    return "" if record.exit_code is None else f"exit code {record.exit_code}"


# -- what failed -----------------------------------------------------------------------------------------------------


def _failed(found: PostMortem, looks: Sequence[Excerpt], hide: Hide) -> Iterator[Section]:
    failures = found.failures.failures
    for number, (failure, look) in enumerate(zip(failures, looks, strict=False)):
        heading = "What failed first" if len(failures) > 1 else "What failed"
        job = failure.job.record.job
        parts = list(_failure(found, failure, look, hide))
        yield Section(heading if not number else f"Then {job} failed", parts, level=2 if not number else 3)
    if len(failures) > _FAILURES:
        rows: list[list[Cell]] = [
            [Code(one.job.record.job), one.category, hide(one.job.record.reason or _code(one))]
            for one in failures[_FAILURES:]
        ]
        yield Section("Further failures", [Table(["Job", "Category", "Reason"], rows, most=_ROWS)], level=3)


def _failure(found: PostMortem, failure: Failure, look: Excerpt, hide: Hide) -> Iterator[Part]:
    record = failure.job.record
    facts: list[tuple[str, Cell]] = [("job", Code(record.job))]
    facts.append(("category", f"{failure.category}: {CATEGORIES[failure.category]}"))
    if record.reason and record.reason != _code(failure):
        facts.append(("reason", hide(record.reason)))
    if record.ended is not None:
        took = "" if record.duration is None else f", after {span(record.duration)}"
        facts.append(
            (
                "when",
                f"{_moment(record.ended)}{took}, {span(max(record.ended - found.record.started, 0.0))} into the run",
            )
        )
    if record.retries:
        facts.append(("tries", f"{record.retries + 1}"))
    code = _code(failure)
    if code and code != record.reason:
        facts.append(("ended", code))
    facts.append(("command", Code(cut(hide(record.command.strip()), _COMMAND))))
    if look.pattern is not None:
        facts.append(("known as", Line((Loud(look.pattern.name), f": {look.pattern.meaning}"))))
    yield Facts(facts)
    if look.lines:
        lit = () if look.at is None else (look.at,)
        which = "The end of its log" if look.at is None else "From its log"
        yield Listing("\n".join(look.lines), lit, f"{which}, {record.log}:", "text")
    else:
        yield Words(f"{(look.missing or 'nothing is known of its log').capitalize()}.")
    told = advice(failure, look)
    if told:
        yield Points([f"{one[:1].upper()}{one[1:]}" for one in told])


# -- what it cost ----------------------------------------------------------------------------------------------------


def _impact(found: PostMortem) -> Iterator[Part]:
    rows: list[list[Cell]] = []
    for failure in found.failures.failures:
        for job in sorted(failure.dragged, key=lambda job: len(found.chain(job))):
            chain = found.chain(job)
            middle = ["…"] if len(chain) > _LINKS else []
            way = [*chain[: _LINKS // 2], *middle, *chain[-_LINKS // 2 :]] if middle else chain
            rows.append([Code(job), Code(failure.job.record.job), " > ".join(way)])
    if rows:
        yield Words(f"{plural(len(rows), 'job')} never ran because of a job that failed:")
        yield Table(["Job", "Because of", "By way of"], rows, most=_ROWS)
    if found.failures.adrift:
        adrift: list[list[Cell]] = [[Code(job), reason] for job, reason in found.failures.adrift]
        yield Words(f"{plural(len(adrift), 'job')} never ran for another reason:")
        yield Table(["Job", "Reason"], adrift, most=_ROWS)
    if found.unreached:
        listed = names(found.unreached, len(found.unreached), 200)
        yield Words(f"The run never came to {plural(len(found.unreached), 'job')}: {listed}.")
    if found.wasted:
        yield Words(f"{span(found.wasted)} were spent in tries that came to nothing.")
    if not (rows or found.failures.adrift or found.unreached):
        yield Words("No job was kept from running.")


# -- what changed ----------------------------------------------------------------------------------------------------


def _changed(found: PostMortem, hide: Hide) -> Iterator[Part]:
    good = found.good
    if good is None:
        yield Words("There is no earlier run of this application that went well.")
    else:
        ago = span(max(found.record.started - good.record.started, 0.0))
        yield Words(
            f"Since run {_label(good.record)}, the last that went well, {ago} before ({_moment(good.record.started)}):"
        )
        yield from delta_parts(good.delta, hide)
        rows = list(_surroundings(found.record, good, hide))
        if rows:
            yield Table(["", f"Run {_label(good.record)}", f"Run {_label(found.record)}"], rows)
        else:
            yield Words("Workers, host, user, directory and command line were the same.")
    yield from _odd(found)


def _surroundings(record: RunRecord, good: Good, hide: Hide) -> Iterator[list[Cell]]:
    other = good.record
    for name, one, now in (
        ("workers", f"{other.workers}", f"{record.workers}"),
        ("host", other.host, record.host),
        ("user", other.user, record.user),
        ("directory", other.working_dir, record.working_dir),
        ("document", other.document_name, record.document_name),
        ("command", other.command_line, record.command_line),
    ):
        if one != now:
            yield [name, hide(one), hide(now)]


def _odd(found: PostMortem) -> Iterator[Part]:
    """Durations as never before in the runs before this one."""
    if found.earlier < FEWEST:
        few = f"{plural(found.earlier, 'earlier run')} tell too little of what is usual" if found.earlier else ""
        yield Words(f"{few or 'No earlier run tells'} how long the jobs take; {FEWEST} are needed.")
        return
    if not found.odd:
        yield Words(
            f"No job took longer or shorter than in the {found.earlier} runs before, by {FAR} times its median."
        )
        return
    rows: list[list[Cell]] = [
        [
            Code(one.job),
            Number(span(one.seconds), one.seconds),
            Number(span(one.usual), one.usual),
            Number(f"{one.seconds / one.usual:.1f} x" if one.usual else "-", one.seconds / (one.usual or 1.0)),
        ]
        for one in found.odd
    ]
    yield Words(f"Longer or shorter than ever in up to {EARLIER} runs before, and {FAR} times their median or more:")
    yield Table(["Job", "Took", "Median", "Times"], rows, right=(1, 2, 3), most=_ROWS)


# -- what next, and the rest -----------------------------------------------------------------------------------------


def _next(found: PostMortem, db: str | None) -> Iterator[Part]:
    record = found.record
    if record.status in ("success", "running"):
        return
    where = f" --db {shlex.quote(db)}" if db else ""
    file = "" if record.document_name == STDIN_NAME else f" {shlex.quote(record.document_name)}"
    missing = record.redacted and (not file or not os.path.exists(record.document_name))
    told = [
        (f"ex-history logs {record.run} {shlex.quote(one.job.record.job)}{where}", "see all that it printed")
        for one in found.failures.failures[:3]
        if one.job.record.log
    ]
    resume = f"ex-run --resume {record.run}{' FILE' if missing else ''}{where}"
    told.append((resume, "run what is left; finished jobs are reused"))
    again = f"ex-filter{file or ' FILE'} --failed {record.run} --with-dependents{where} | ex-run"
    told.append((again, "run the failed jobs and what needs them as a run of its own"))
    if found.failures.failures:
        job = shlex.quote(found.failures.failures[0].job.record.job)
        told.append(
            (f"ex-history mark-success {record.run} {job} --reason TEXT{where}", "count it as done, then resume")
        )
    if found.good is not None:
        told.append(
            (f"ex-analyze-logs --compare {found.good.record.run} {record.run}{where}", "both runs beside each other")
        )
    if len(found.attempts) > record.attempt:
        latest = found.attempts[-1]
        yield Words(f"It was resumed since: attempt {latest.attempt} ended as {latest.status}.")
    yield Commands(told)


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
        ("started", _moment(record.started)),
        ("ended", "" if record.ended is None else _moment(record.ended)),
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
        facts.append((f"attempt {one.attempt}", Line((Status(one.status), f", {_moment(one.started)}{took}{why}"))))
    return Facts([(name, fact) for name, fact in facts if fact])


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))

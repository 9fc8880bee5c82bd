"""--errors-only: what failed, why, what it dragged along, and what to do next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from exlib.console import cut, names, plural, span, width
from exlib.logs.advice import advice, commands
from exlib.logs.excerpt import Excerpt, excerpt
from exlib.logs.failures import Failure, Failures, failures_of, why
from exlib.logs.model import Execution, Job, Run
from exlib.logs.tally import Tally
from exlib.logs.tojson import errors_csv, errors_json
from exlib.logs.views import Form, Telling
from exlib.logs.views.failures_sheet import earlier, errors_sheet
from exlib.logs.views.layout import damage_lines, day_and_time, in_attempts, wrapped
from exlib.logs.views.naming import run_name
from exlib.logs.views.writing import written
from exlib.report.wording import STYLES

KEPT = 1000
"""Failed attempts of runs that are kept in detail, the newest; of earlier ones the number."""
MANY = 100_000
"""Jobs without success that are kept of these, and of any one run."""
_JOBS = 30
_STATUS_MARKS = {"unfinished": "waiting", "running": "started"}


class Failed:
    """A Sink that keeps what failed, an attempt of a run at a time; ``bad`` counts these attempts."""

    def __init__(self) -> None:
        self.ends = Tally()
        self.went_badly = Tally()
        self.bad = 0
        self.untold = 0
        self.kept: deque[Failures] = deque()
        self._sizes: deque[int] = deque()
        self._jobs: list[Job] = []

    def begin(self, run: Run) -> None:
        """A run begins."""
        self._jobs = []

    def job(self, run: Run, job: Job) -> None:
        """Keep a job that did not succeed."""
        if job.record.status == "success":
            return
        if len(self._jobs) < MANY:
            self._jobs.append(job)
        else:
            self.untold += 1

    def end(self, run: Run) -> None:
        """Sort out what failed first and what followed."""
        found = failures_of(Execution(run, tuple(self._jobs)))
        size = len(self._jobs)
        self._jobs = []
        bad = found.failures or run.status in ("failed", "timeout", "cancelled", "lost")
        self.ends.add(run, run.status)
        self.went_badly.add(run, "bad" if bad else "")
        if bad:
            self.bad += 1
            self.kept.append(found)
            self._sizes.append(size)
        elif run.status == "success" and run.attempt > 1:
            self._mend(run)
        while len(self.kept) > KEPT or (sum(self._sizes) > MANY and len(self.kept) > 1):
            self.kept.popleft()
            self._sizes.popleft()

    @property
    def unfinished(self) -> int:
        """Runs whose end is not known."""
        return self.ends.words["unfinished"]

    @property
    def counts(self) -> dict[str, int]:
        """Runs, and what could not be kept of them."""
        return {
            "runs": self.ends.runs,
            "attempts": self.ends.attempts,
            "failed": self.went_badly.words["bad"],
            "unfinished": self.unfinished,
            "jobs_left_out": self.untold,
        }

    def _mend(self, run: Run) -> None:
        """A resumed run came to a good end: its earlier attempts leave nothing to do."""
        for place, found in enumerate(self.kept):
            if (found.run.source, found.run.application, found.run.run) == (run.source, run.application, run.run):
                self.kept[place] = found._replace(mended=run.attempt)


def text(failed: Failed, telling: Telling) -> str:
    """The failed runs for a terminal, the newest first."""
    newest = list(failed.kept)[::-1][: telling.top]
    sections = [
        list(_run(found, telling, latest=_is_latest(found, newest[:number]))) for number, found in enumerate(newest)
    ]
    rest = failed.bad - len(newest)
    if rest > 0:
        sections.append([telling.voice.style(f"and {earlier(rest, failed.ends)}; --top N shows more", "dim")])
    if failed.untold:
        sections.append([f"{plural(failed.untold, 'further job')} without success, too many to keep"])
    if not failed.bad:
        sections.append([f"nothing failed in {in_attempts(failed.ends.runs, failed.ends.attempts)}"])
    if failed.unfinished:
        runs = plural(failed.unfinished, "run has", "runs have")
        sections.append(wrapped(f"{runs} no end here: still going on, or the engine was killed", telling, ""))
    sections.append(damage_lines(telling))
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _is_latest(found: Failures, newer: Sequence[Failures]) -> bool:
    """Whether no newer attempt of the same run failed too: that one has the commands to go on from."""
    key = found.run.application, found.run.run
    return all((one.run.application, one.run.run) != key for one in newer)


def _run(found: Failures, telling: Telling, *, latest: bool) -> Iterator[str]:
    run, voice = found.run, telling.voice
    mark = voice.mark(run.status if run.status in STYLES else _STATUS_MARKS.get(run.status, "waiting"))
    took = "" if run.duration is None else f" after {span(run.duration)}"
    when = "" if run.started is None else f", started {day_and_time(run.started)}"
    yield f"{mark} {voice.style(voice.plain(run_name(run)), 'bold')} {run.status}{took}{when}"
    if run.reason:
        yield from wrapped(voice.plain(run.reason), telling, "  ")
    for number, failure in enumerate(found.failures[:_JOBS]):
        yield ""
        yield from _failure(failure, run, telling, first=number == 0 and len(found.failures) > 1)
    if len(found.failures) > _JOBS:
        yield ""
        yield f"  and {plural(len(found.failures) - _JOBS, 'failed job')} more"
    if found.adrift:
        yield ""
        adrift = [voice.plain(job) for job, _ in found.adrift]
        listed = names(adrift, len(adrift), telling.columns - 40)
        yield from wrapped(f"never ran: {listed} ({voice.plain(found.adrift[0][1])})", telling, "  ")
    if latest:
        yield from _next(found, telling)


def _failure(failure: Failure, run: Run, telling: Telling, *, first: bool) -> Iterator[str]:
    record, voice = failure.job.record, telling.voice
    label = voice.style("first ", "red", "bold") if first else ""
    took = f", after {span(record.duration)}" if record.duration is not None else ""
    tries = f" and {record.retries + 1} tries" if record.retries else ""
    reason = voice.plain(record.reason or "")
    said = why(failure, reason)
    used = 4 + 6 * first + 2 + width(voice.plain(record.job)) + width(took + tries)
    inline = bool(said) and used + width(said) <= telling.columns
    head = f"  {label}{voice.mark(record.status)} {voice.style(voice.plain(record.job), 'bold')}"
    yield f"{head}  {voice.style(said if inline else failure.category, 'red')}{took}{tries}"
    if reason and not inline:
        yield from wrapped(reason, telling, "      ")
    found = look(failure, run, telling)
    if failure.category != "could not start" or found.lines:
        yield from _excerpt(found, telling)
    for one in advice(failure, found):
        yield from _hanging("try   ", one, telling)
    if failure.dragged:
        dragged = [voice.plain(job) for job in failure.dragged]
        listed = names(dragged, len(dragged), telling.columns - 50)
        kept = f"{plural(len(dragged), 'job')} never ran because of it: {listed}"
        yield from _hanging("cost  ", kept, telling)


def look(failure: Failure, run: Run, telling: Telling) -> Excerpt:
    """The lines of a failed job's log that tell why."""
    return excerpt(failure.job.record.log, telling.mask(run))


def _excerpt(found: Excerpt, telling: Telling) -> Iterator[str]:
    voice = telling.voice
    bar = voice.pick("│", "|")
    if found.missing:
        yield f"      {voice.style(found.missing, 'dim')}"
    for number, line in enumerate(found.lines):
        shown = cut(voice.plain(line), max(telling.columns - 8, 20), voice.pick("…", "~"))
        hit = number == found.at
        sign = voice.style(voice.pick("▸", ">") if hit else bar, "cyan")
        yield f"      {sign} {shown if hit else voice.style(shown, 'dim')}"
    if found.pattern is not None and not found.pattern.vague:
        yield from _hanging("means ", f"{found.pattern.name}: {found.pattern.meaning}", telling)


def _hanging(label: str, told: str, telling: Telling) -> Iterator[str]:
    indent = " " * (6 + len(label))
    lines = wrapped(told, telling, indent)
    yield f"      {telling.voice.style(label, 'cyan')}{lines[0].lstrip()}"
    yield from lines[1:]


def _next(found: Failures, telling: Telling) -> Iterator[str]:
    told = commands(found, telling.db)
    voice = telling.voice
    if found.mended is not None:
        yield ""
        yield f"  {voice.mark('success')} mended: attempt {found.mended} of the run succeeded"
    if not told:
        return
    yield ""
    yield f"  {voice.style('Next', 'bold')}"
    widest = max(len(voice.plain(command)) for command, _ in told)
    for command, meaning in told:
        yield f"    {voice.style(voice.plain(command).ljust(widest), 'cyan')}  {voice.style(meaning, 'dim')}"


_WRITTEN = written(errors_sheet)
FORMS = {
    "text": Form(lambda _: Failed(), text),
    "json": Form(
        lambda _: Failed(),
        lambda failed, telling: errors_json(failed.kept, failed.counts, telling),
    ),
    "csv": Form(lambda _: Failed(), lambda failed, telling: errors_csv(failed.kept, telling)),
    "markdown": Form(lambda _: Failed(), _WRITTEN["markdown"]),
    "html": Form(lambda _: Failed(), _WRITTEN["html"]),
}

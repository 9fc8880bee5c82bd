"""--trends: durations and failures over the runs, and which jobs changed, with what makes that sure."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from exlib.analysis import series
from exlib.console import names, plural, span
from exlib.logs.jsonreports import trends_json
from exlib.logs.trends import ApplicationTrend, Flaky, Sample, Shift, Trend, Trends, Turn
from exlib.logs.views import Form, Telling
from exlib.logs.views.layout import in_attempts
from exlib.logs.views.naming import application_name
from exlib.logs.views.writing import written
from exlib.render.chart import Change, Point, line
from exlib.report.sheet import (
    Cell,
    Code,
    Figure,
    Line,
    Loud,
    Number,
    Part,
    Section,
    Series,
    Sheet,
    Table,
    Words,
)

_CHARTS = 30
"""Jobs of an application that get a part of their own; further ones are in the table."""
_ROWS = 30
_WINDOW = 10
_LEGEND = "Durations of successes, by run. Cross: failed; diamond: timed out; square: retried, cancelled or lost."
_SHOWN_BAD = ("failed", "timeout", "lost", "cancelled")
_RULE = (
    f"Slower and quicker: rank-sum test (Mann and Whitney) of the durations of successes before and after, told from "
    f"p < {series.LEVEL} on, corrected for the places and the jobs looked at, and from {series.RATIO} times and "
    f"{series.SECONDS} s on. Failures: Fisher's exact test, told from {series.SHARE:.0%} on. Flaky: failed and then "
    f"succeeded unchanged, at least {series.RECOVERIES} times; the share of failures is given with 95% confidence "
    f"(Wilson). Under {series.LEAST} runs nothing is said."
)


def trends_sheet(found: Sequence[ApplicationTrend]) -> Sheet:
    """The report."""
    one = found[0] if len(found) == 1 else None
    title = f"Trends of {application_name(one.application)}" if one else "Trends"
    sections = [section for application in found for section in _application(application, alone=one is not None)]
    return Sheet(title, _subtitle(found), sections, _figures(found), footer=_RULE if found else "")


def told(trend: Trend) -> Iterator[Cell]:
    """What is to be said of a job or a run, a sentence each."""
    if trend.shift:
        yield _slower(trend.shift)
    if trend.turn:
        yield _failing(trend.turn)
    if trend.flaky:
        yield _flaky(trend.flaky)


def sureness(p: float) -> str:
    """``p = 0.002``."""
    return f"p = {p:.2g}" if p >= 0.001 else "p < 0.001"


def _slower(shift: Shift) -> Cell:
    slower = shift.after > shift.before
    times = f"{max(shift.ratio, 1 / max(shift.ratio, 1e-9)):.1f} times {'slower' if slower else 'quicker'}"
    return Line(
        (
            Loud(times, "bad" if slower else "good"),
            f" since run {shift.since}: median {span(shift.before)} -> {span(shift.after)} over {shift.runs_before} "
            f"and {plural(shift.runs_after, 'run')}, {sureness(shift.p)}",
        )
    )


def _failing(turn: Turn) -> Cell:
    return Line(
        (
            Loud(f"fails {'more' if turn.rose else 'less'} often", "bad" if turn.rose else "good"),
            f" since run {turn.since}: {turn.failed_before:,} of {turn.runs_before:,} -> {turn.failed_after:,} of "
            f"{plural(turn.runs_after, 'run')}, {sureness(turn.p)}",
        )
    )


def _flaky(flaky: Flaky) -> Cell:
    return Line(
        (
            Loud("flaky", "bad"),
            f": {flaky.failed:,} of {flaky.tries:,} tries failed ({flaky.low:.0%} to {flaky.high:.0%}), "
            f"{flaky.recoveries:,} times followed by a success with nothing changed",
        )
    )


def _subtitle(found: Sequence[ApplicationTrend]) -> str:
    runs = [sample for application in found for sample in application.run.samples]
    when = sorted(sample.when for sample in runs if sample.when is not None)
    of = f" of {plural(len(found), 'application')}" if len(found) > 1 else ""
    period = f", {_day(when[0])} to {_day(when[-1])}" if when else ""
    latest = [sample for sample in runs if not sample.superseded]
    return f"{in_attempts(len(latest), len(runs))}{of}{period}"


def _figures(found: Sequence[ApplicationTrend]) -> list[tuple[str, str]]:
    ended = [sample for application in found for sample in application.run.ended]
    jobs = [trend for application in found for trend in application.jobs]
    slower = sum(trend.shift is not None and trend.shift.ratio > 1 for trend in jobs)
    quicker = sum(trend.shift is not None and trend.shift.ratio < 1 for trend in jobs)
    worse = sum(trend.turn is not None and trend.turn.rose for trend in jobs)
    flaky = sum(trend.flaky is not None for trend in jobs)
    shown = []
    if ended:
        failed = sum(sample.failed for sample in ended)
        runs = sum(len(application.run.runs) for application in found)
        by_themselves = "" if len(ended) == runs else " that came to an end of their own"
        shown.append((share(failed, len(ended)), f"of {plural(len(ended), 'run')}{by_themselves} failed"))
    typical = found[0].run.quantile(0.5) if len(found) == 1 else None
    if typical is not None:
        since = ", since it changed" if found[0].run.shift else ""
        shown.append((span(typical), f"median duration of a run{since}"))
    counted = ((slower, "slower"), (quicker, "quicker"), (worse, "failing more often"), (flaky, "flaky"))
    changes = [(f"{number:,}", f"{'job' if number == 1 else 'jobs'} {word}") for number, word in counted if number]
    return shown + (changes or [("0", "jobs changed")])


def share(part: int, whole: int) -> str:
    """``4%``, and never 0 or 100 for what is not quite."""
    if 0 < part < whole:
        return f"{min(max(part / whole, 0.01), 0.99):.0%}"
    return f"{part / whole:.0%}" if whole else "-"


def _application(found: ApplicationTrend, *, alone: bool) -> Iterator[Section]:
    if not alone:
        yield Section(application_name(found.application), [Words(_subtitle([found]))])
    level = 2 if alone else 3
    yield Section("The run", [*_sentences(found.run), *_charts(found.run)], level=level)
    notable = [trend for trend in found.jobs if trend.notable]
    notable.sort(key=_weight)
    for trend in notable[:_CHARTS]:
        yield Section(trend.job or "", [*_sentences(trend), *_charts(trend)], level=level)
    if len(notable) > _CHARTS:
        more = Words(f"{plural(len(notable) - _CHARTS, 'more job')} changed; --format json has them all")
        yield Section("Further changes", [more], level=level)
    note = (
        "Durations from the oldest run to the newest, crossed where it failed (of a flaky job: where a try did); "
        "median and p90 since the last change."
    )
    yield Section("Jobs", [_table(found), *_undecided(found)], note, level)


def _weight(trend: Trend) -> tuple[int, float]:
    """Slower jobs by the seconds that they lose come first, then those that fail."""
    if trend.shift is not None:
        return 0, trend.shift.before - trend.shift.after
    return 1, -(trend.flaky.failed if trend.flaky else trend.failures)


def _sentences(trend: Trend) -> Iterator[Part]:
    said = list(told(trend))
    if not said and trend.job is None:
        said = ["No change that could be told from chance." if trend.judged else "Too few runs to tell a change."]
    yield from (Words(sentence) for sentence in said)


def _charts(trend: Trend) -> Iterator[Part]:
    """Durations; and where something failed, the share of failures in a window that moves along."""
    name = f'job "{trend.job}"' if trend.job is not None else "the run"
    if any(sample.seconds is not None for sample in trend.samples):
        drawn = line([_point(sample) for sample in trend.samples], f"Durations of {name}", change=_change(trend))
        yield Figure(drawn, _LEGEND, text=[Words(_series(trend))])
    if trend.failures and (trend.job is None or trend.turn) and len(trend.ended) > _WINDOW:
        drawn = line(list(_rolling(trend)), f"Failures of {name}", "share", change=_turned(trend), height=130)
        yield Figure(drawn, f"Share of failures among {_WINDOW} runs, each with the {_WINDOW - 1} before it.")


def _point(sample: Sample) -> Point:
    took = "" if sample.seconds is None else f", {span(sample.seconds)}"
    tries = f", {len(sample.tries)} tries" if len(sample.tries) > 1 else ""
    when = "" if sample.when is None else f", {time.strftime('%Y-%m-%d %H:%M', time.localtime(sample.when))}"
    bad = sample.status if sample.status in _SHOWN_BAD else "retrying" if any(sample.tries) else "success"
    return Point(sample.seconds, sample.run, f"run {sample.run}{when}: {sample.status}{took}{tries}", bad)


def _series(trend: Trend) -> Series:
    bad = [at for at, sample in enumerate(trend.samples) if (any(sample.tries) if trend.flaky else sample.failed)]
    return Series([sample.seconds for sample in trend.samples], bad, f"durations of {trend.job or 'the run'}")


def _change(trend: Trend) -> Change | None:
    shift = trend.shift
    if shift is None:
        return None
    word = "slower" if shift.after > shift.before else "quicker"
    return Change(shift.at, shift.before, shift.after, f"{word} since run {shift.since}")


def _turned(trend: Trend) -> Change | None:
    turn = trend.turn
    if turn is None:
        return None
    at = sum(sample.counts for sample in trend.samples[: turn.at])
    before, after = turn.failed_before / turn.runs_before, turn.failed_after / turn.runs_after
    return Change(at, before, after, f"{'more' if turn.rose else 'less'} often since run {turn.since}")


def _rolling(trend: Trend) -> Iterator[Point]:
    ended = trend.ended
    for at, sample in enumerate(ended):
        window = ended[max(at - _WINDOW + 1, 0) : at + 1]
        failed = sum(one.failed for one in window)
        tip = f"run {sample.run}: {sample.status}; {failed} of {len(window)} failed up to it"
        yield Point(failed / len(window), sample.run, tip)


def _table(found: ApplicationTrend) -> Table:
    rows: list[list[Cell]] = []
    for trend in sorted(found.jobs, key=lambda trend: -(trend.quantile(0.5) or 0.0)):
        ended = len(trend.ended)
        failed = Loud(f"{trend.failures:,}", "bad") if trend.failures else Number("-", 0)
        rows.append(
            [
                Code(trend.job or ""),
                Number(f"{ended:,}", ended),
                failed,
                _seconds(trend.quantile(0.5)),
                _seconds(trend.quantile(0.9)),
                _series(trend),
            ]
        )
    return Table(["Job", "Runs", "Failed", "Median", "p90", "Durations"], rows, right=(1, 2, 3, 4), most=_ROWS)


def _seconds(value: float | None) -> Number:
    return Number("-", -1) if value is None else Number(span(value), value)


def _undecided(found: ApplicationTrend) -> Iterator[Part]:
    short = [trend.job or "" for trend in found.jobs if not trend.judged]
    if short:
        few = f"fewer than {series.LEAST} runs in which they succeeded"
        yield Words(f"Not judged, for they have {few}: {names(short, len(short), 200)}")


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


def _reader(_: Telling) -> Trends:
    return Trends()


_WRITTEN = written(lambda found, _: trends_sheet(found.judged()))
FORMS = {
    "text": Form(_reader, _WRITTEN["text"]),
    "json": Form(_reader, trends_json),
    "markdown": Form(_reader, _WRITTEN["markdown"]),
    "html": Form(_reader, _WRITTEN["html"]),
}

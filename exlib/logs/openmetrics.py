"""The summary as OpenMetrics 1.0, for the textfile collector of a node exporter, or to be served as it is.

Counters count what was read: to go up from one time to the next, the whole history has to be read each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from exlib.logs.model import UNDERWAY
from exlib.logs.summary import Summary

Labels = dict[str, str]
Sample = tuple[str, Labels, float]

_PREFIX = "executioner"
_QUANTILES = (0.5, 0.9, 0.99)


def openmetrics(summary: Summary) -> str:
    """The whole exposition, ``# EOF`` at its end."""
    lines = [line for family in (_runs(summary), _jobs(summary)) for line in family]
    return "\n".join([*lines, "# EOF"]).encode("utf-8", "backslashreplace").decode() + "\n"


def _runs(summary: Summary) -> Iterator[str]:
    applications = sorted(summary.applications.items())
    yield from _family(
        "runs", "counter", "Runs by what became of them.", "",
        (
            ("_total", {"application": name, "status": status}, count)
            for name, one in applications
            for status, count in sorted(one.tally.words.items())
            if status not in UNDERWAY
        ),
    )  # fmt: skip
    spans = (
        sample
        for name, one in applications
        if one.spans.count
        for sample in _summary({"application": name}, one.spans.quantile, one.spans.count, one.spans.total)
    )
    yield from _family("run_duration", "summary", "Seconds that attempts of runs took.", "seconds", spans)
    lasts = [(name, one.last) for name, one in applications if one.last is not None]
    for metric, help_, unit, values in (
        ("last_run", "When the newest run ended.", "timestamp_seconds", [last.ended for _, last in lasts]),
        ("last_run_duration", "Seconds that the newest run took.", "seconds", [last.duration for _, last in lasts]),
        (
            "last_run_success",
            "Whether the newest run succeeded.",
            "",
            [float(last.status == "success") for _, last in lasts],
        ),
    ):
        named = zip([name for name, _ in lasts], values, strict=True)
        samples = [("", {"application": name}, value) for name, value in named if value is not None]
        yield from _gauge(metric, help_, unit, samples)
    samples = [("", {"application": name}, one.last_success) for name, one in applications if one.last_success]
    yield from _gauge("last_success", "When a run last succeeded.", "timestamp_seconds", samples)


def _jobs(summary: Summary) -> Iterator[str]:
    jobs = [({"application": app, "job": job}, figures) for (app, job), figures in sorted(summary.jobs.items())]
    for metric, help_, values in (
        ("job_runs", "Runs of the job that ended.", [figures.ran for _, figures in jobs]),
        (
            "job_failures",
            "Runs in which the job failed, timed out or was lost.",
            [figures.failed for _, figures in jobs],
        ),
        ("job_retries", "Tries of the job after the first of a run.", [figures.retries for _, figures in jobs]),
    ):
        samples = (("_total", labels, value) for (labels, _), value in zip(jobs, values, strict=True))
        yield from _family(metric, "counter", help_, "", samples)
    wasted = (("_total", labels, figures.wasted) for labels, figures in jobs)
    yield from _family("job_wasted_seconds", "counter", "Seconds in tries that came to nothing.", "seconds", wasted)
    spans = (
        sample for labels, figures in jobs for sample in _summary(labels, figures.quantile, figures.ran, figures.total)
    )
    yield from _family(
        "job_duration", "summary", "Seconds that the job took, all its tries together.", "seconds", spans
    )
    samples_ = [("", labels, figures.ended) for labels, figures in jobs if figures.ended is not None]
    yield from _gauge("job_last_success", "When the job last succeeded.", "timestamp_seconds", samples_)


def _summary(labels: Labels, quantile: object, count: int, total: float) -> Iterator[Sample]:
    for share in _QUANTILES:
        value = quantile(share) if callable(quantile) else None
        if value is not None:
            yield "", labels | {"quantile": str(share)}, value
    yield "_count", labels, count
    yield "_sum", labels, total


def _gauge(metric: str, help_: str, unit: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield from _family(metric, "gauge", help_, unit, samples)


def _family(metric: str, kind: str, help_: str, unit: str, samples: Iterable[Sample]) -> Iterator[str]:
    """The lines of one metric; one without samples is left out."""
    name = f"{_PREFIX}_{metric}"
    if unit and not name.endswith(unit):
        name = f"{name}_{unit}"
    unit = "seconds" if unit.endswith("seconds") else unit
    lines = [f"{name}{suffix}{{{_labels(labels)}}} {_number(value)}" for suffix, labels, value in samples]
    if lines:
        yield f"# TYPE {name} {kind}"
        if unit:
            yield f"# UNIT {name} {unit}"
        yield f"# HELP {name} {help_}"
        yield from lines


def _labels(labels: Labels) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6f}".rstrip("0").rstrip(".")

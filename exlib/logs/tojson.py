"""The views as JSON (``schemas/log-analysis.schema.json``) and as CSV (RFC 4180, with a header)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from exlib.events import iso
from exlib.history.export import encodable
from exlib.logs.advice import advice, commands
from exlib.logs.excerpt import excerpt
from exlib.logs.failures import Failure, Failures
from exlib.logs.grouping import Group, Grouping
from exlib.logs.model import Run
from exlib.logs.sketch import Sketch
from exlib.logs.summary import JobFigures, Summary
from exlib.logs.views import Telling

VERSION = 1
_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
_JOB_COLUMNS = ("application job ran succeeded failed retries p50 p90 p99 max total wasted last_success").split()
_ERROR_COLUMNS = (
    "application run attempt job first category status reason started ended duration tries exit_code signal pattern"
    " message dragged log"
).split()
_PATTERN_COLUMNS = "count pattern shape first last runs jobs example".split()


def document(view: str, telling: Telling, body: dict[str, Any]) -> str:
    """A view as a JSON document: its version, its name, its body, and what of the input was damaged."""
    damaged = {
        "counts": dict(telling.damaged),
        "lines": [{"source": one.source.name, "line": one.line, "why": one.why} for one in telling.damages],
    }
    whole = {"version": VERSION, "view": view, "time": iso(telling.now), **body, "damaged": damaged}
    return encodable(json.dumps(whole, ensure_ascii=False, indent=2)) + "\n"


def summary_json(summary: Summary, telling: Telling) -> str:
    """The summary with every job."""
    applications = [
        {
            "application": name,
            "attempts": one.tally.attempts,
            "runs": one.tally.runs,
            "succeeded": one.tally.words["success"],
            "duration": spans(one.spans),
            "last_run": one.last and run_body(one.last),
            "last_success": moment(one.last_success),
        }
        for name, one in summary.applications.items()
    ]
    body = {
        "sources": dict(summary.sources),
        "first": moment(summary.first),
        "last": moment(summary.last),
        "runs": {
            "count": summary.runs.total(),
            "attempts": summary.attempts,
            "statuses": dict(summary.runs),
            "success_rate": rounded(summary.success_rate),
            "duration": spans(summary.run_spans),
        },
        "jobs": {"ran": dict(summary.statuses), "not_run": dict(summary.idle), "duration": spans(summary.job_spans)},
        "retries": {"count": summary.retries, "jobs": summary.retried, "succeeded": summary.saved},
        "work": {
            "seconds": rounded(summary.busy),
            "wasted_by_retries": rounded(summary.by_retries),
            "wasted_by_failures": rounded(summary.by_failures),
        },
        "wait": spans(summary.waits) | {"work_of_these": rounded(summary.waited_busy)},
        "utilisation": rounded(summary.utilisation),
        "applications": applications,
        "per_job": [job_body(*one) for one in summary.slowest(len(summary.jobs))],
        "jobs_left_out": summary.untold,
    }
    return document("summary", telling, body)


def jobs_csv(summary: Summary) -> str:
    """A row a job, the slowest first."""
    rows = []
    for one in summary.slowest(len(summary.jobs)):
        body = job_body(*one)
        rows.append(body | body.pop("duration"))
    return rows_csv(_JOB_COLUMNS, rows)


def job_body(application: str, job: str, figures: JobFigures) -> dict[str, Any]:
    """One job over all its runs."""
    duration: dict[str, Any] = {name: rounded(figures.quantile(share)) for name, share in _QUANTILES.items()}
    return {
        "application": application,
        "job": job,
        "ran": figures.ran,
        "succeeded": figures.succeeded,
        "failed": figures.failed,
        "retries": figures.retries,
        "duration": duration | {"max": rounded(figures.worst), "total": rounded(figures.total)},
        "wasted": rounded(figures.wasted),
        "last_success": moment(figures.ended),
    }


def errors_json(kept: Iterable[Failures], counts: dict[str, int], telling: Telling) -> str:
    """The failed attempts of runs, oldest first, after the numbers of what was read."""
    return document("errors", telling, counts | {"failures": [failures_body(found, telling) for found in kept]})


def failures_body(found: Failures, telling: Telling) -> dict[str, Any]:
    """One attempt of a run and what failed in it."""
    return run_body(found.run) | {
        "jobs": [
            _failure_body(failure, found.run, telling, first=number == 0)
            for number, failure in enumerate(found.failures)
        ],
        "mended": found.mended,
        "never_ran": [{"job": job, "reason": reason} for job, reason in found.adrift],
        "next": [{"command": command, "meaning": meaning} for command, meaning in commands(found, telling.db)],
    }


def _failure_body(failure: Failure, run: Run, telling: Telling, *, first: bool) -> dict[str, Any]:
    record = failure.job.record
    found = excerpt(record.log, telling.mask(run))
    return {
        "job": record.job,
        "first": first,
        "category": failure.category,
        "status": record.status,
        "reason": record.reason,
        "started": moment(record.started),
        "ended": moment(record.ended),
        "duration": rounded(record.duration),
        "tries": record.retries + 1 if record.started is not None else 0,
        "exit_code": record.exit_code,
        "signal": record.signal,
        "command": record.command,
        "log": record.log,
        "excerpt": {"lines": list(found.lines), "at": found.at, "missing": found.missing},
        "pattern": found.pattern and {"name": found.pattern.name, "meaning": found.pattern.meaning},
        "advice": advice(failure, found),
        "dragged": list(failure.dragged),
    }


def errors_csv(kept: Iterable[Failures], telling: Telling) -> str:
    """A row a failed job, oldest first."""
    rows = []
    for found in kept:
        for number, failure in enumerate(found.failures):
            body = _failure_body(failure, found.run, telling, first=number == 0)
            lines, at = body["excerpt"]["lines"], body["excerpt"]["at"]
            body |= {"application": found.run.application, "run": found.run.run, "attempt": found.run.attempt}
            body |= {"message": lines[at] if at is not None else "", "dragged": " ".join(body["dragged"])}
            body["pattern"] = body["pattern"]["name"] if body["pattern"] else ""
            body["first"] = "yes" if body["first"] else "no"
            rows.append(body)
    return rows_csv(_ERROR_COLUMNS, rows)


def patterns_json(grouping: Grouping, telling: Telling) -> str:
    """All groups, the largest first."""
    groups = [_group_body(group) for group in grouping.groups()]
    told = {"tries": grouping.tries, "without_log": grouping.unread, "ungrouped": grouping.ungrouped}
    return document("patterns", telling, told | {"groups": groups})


def patterns_csv(grouping: Grouping) -> str:
    """A row a group, the largest first."""
    rows = []
    for group in grouping.groups():
        body = _group_body(group)
        jobs = " ".join(f"{one['application']}/{one['job']}" for one in body["jobs"])
        rows.append(body | {"jobs": jobs, "pattern": body["pattern"]["name"] if body["pattern"] else ""})
    return rows_csv(_PATTERN_COLUMNS, rows)


def _group_body(group: Group) -> dict[str, Any]:
    return {
        "count": group.count,
        "shape": group.shape,
        "example": group.example,
        "pattern": group.pattern and {"name": group.pattern.name, "meaning": group.pattern.meaning},
        "first": moment(group.first or None),
        "last": moment(group.last or None),
        "runs": len(group.runs),
        "jobs": [
            {"application": application, "job": job, "count": count}
            for (application, job), count in sorted(group.jobs.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def run_body(run: Run) -> dict[str, Any]:
    """One attempt of a run."""
    return {
        "source": {"kind": run.source.kind, "name": run.source.name},
        "application": run.application,
        "run": run.run,
        "attempt": run.attempt,
        "status": run.status,
        "started": moment(run.started),
        "ended": moment(run.ended),
        "duration": rounded(run.duration),
        "exit_code": run.exit_code,
        "reason": run.reason,
    }


def spans(sketch: Sketch) -> dict[str, Any]:
    """Number, sum, ends and quantiles of spans."""
    told = {name: rounded(sketch.quantile(share)) for name, share in _QUANTILES.items()}
    ends = {"min": rounded(sketch.quantile(0.0) and sketch.least), "max": rounded(sketch.quantile(1.0))}
    return {"count": sketch.count, "total": rounded(sketch.total), "mean": rounded(sketch.mean), **told, **ends}


def moment(seconds: float | None) -> str | None:
    """A time as JSON has it."""
    return None if seconds is None else iso(seconds)


def rounded(value: float | None) -> float | None:
    """A figure without digits that mean nothing."""
    return None if value is None else round(value, 6)


def rows_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> str:
    """RFC 4180 with a header."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return encodable(stream.getvalue())

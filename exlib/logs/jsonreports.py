"""Trends, comparisons and post-mortems as JSON (``schemas/log-analysis.schema.json``)."""

from __future__ import annotations

from typing import Any

from exlib.analysis import series
from exlib.delta import Change, Delta
from exlib.logs.comparison import Comparison, Pair, Side
from exlib.logs.model import Job
from exlib.logs.postmortem import Good, PostMortem
from exlib.logs.tojson import document, failures_body, moment, rounded, run_body
from exlib.logs.trends import ApplicationTrend, Sample, Trend, Trends
from exlib.logs.views import Telling


def trends_json(found: Trends, telling: Telling) -> str:
    """Every application with every job and all that it was judged by."""
    rules = {
        "level": series.LEVEL,
        "ratio": series.RATIO,
        "seconds": series.SECONDS,
        "share": series.SHARE,
        "recoveries": series.RECOVERIES,
        "least": series.LEAST,
    }
    return document("trends", telling, {"rules": rules, "applications": [_application(one) for one in found.judged()]})


def comparison_json(found: Comparison, telling: Telling) -> str:
    """Both runs, every job in both, and the keys of the documents that differ; never their values."""
    body = comparison_body(found) | {"document": None if found.delta is None else _delta(found.delta)}
    return document("compare", telling, body)


def comparison_body(found: Comparison) -> dict[str, Any]:
    """Both runs and every job in both, without what their documents say."""
    return {
        "equal": found.equal,
        "before": _side(found.before),
        "after": _side(found.after),
        "jobs": [_pair(pair) for pair in found.pairs],
    }


def post_mortem_json(found: PostMortem, telling: Telling) -> str:
    """One attempt of a run: what failed, why others never ran, what it cost, what had changed."""
    good = found.good
    body = {
        "attempts": [attempt.attempt for attempt in found.attempts],
        "run": failures_body(found.failures, telling),
        "jobs": [{"job": job.record.job, **(_job(job) or {})} for job in found.execution.jobs],
        "causes": [{"job": job, "chain": found.chain(job)} for job in found.causes],
        "unreached": list(found.unreached),
        "wasted": rounded(found.wasted),
        "last_good": None if good is None else _good(good),
        "odd": [
            {"job": odd.job, "seconds": rounded(odd.seconds), "usual": rounded(odd.usual), "runs": odd.runs}
            for odd in found.odd
        ],
        "earlier": found.earlier,
    }
    return document("post-mortem", telling, body)


def _good(good: Good) -> dict[str, Any]:
    record = good.record
    changed = None if good.delta is None else _delta(good.delta)
    return {"run": record.run, "attempt": record.attempt, "started": moment(record.started), "document": changed}


def _application(found: ApplicationTrend) -> dict[str, Any]:
    return {
        "application": found.application,
        "run": _trend(found.run),
        "jobs": [{"job": trend.job, **_trend(trend)} for trend in found.jobs],
    }


def _trend(trend: Trend) -> dict[str, Any]:
    shift, turn, flaky = trend.shift, trend.turn, trend.flaky
    return {
        "ended": len(trend.ended),
        "failed": trend.failures,
        "median": rounded(trend.quantile(0.5)),
        "p90": rounded(trend.quantile(0.9)),
        "judged": trend.judged,
        "duration_change": shift
        and {
            "since": shift.since,
            "before": rounded(shift.before),
            "after": rounded(shift.after),
            "ratio": rounded(shift.ratio),
            "runs_before": shift.runs_before,
            "runs_after": shift.runs_after,
            "p": shift.p,
        },
        "failure_change": turn
        and {
            "since": turn.since,
            "failed_before": turn.failed_before,
            "runs_before": turn.runs_before,
            "failed_after": turn.failed_after,
            "runs_after": turn.runs_after,
            "p": turn.p,
        },
        "flaky": flaky
        and {
            "failed": flaky.failed,
            "tries": flaky.tries,
            "recoveries": flaky.recoveries,
            "low": rounded(flaky.low),
            "high": rounded(flaky.high),
        },
        "samples": [_sample(sample) for sample in trend.samples],
    }


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "run": sample.run,
        "started": moment(sample.when),
        "status": sample.status,
        "seconds": rounded(sample.seconds),
        "tries": len(sample.tries),
        "failed_tries": sum(sample.tries),
    }


def _side(side: Side) -> dict[str, Any]:
    record = side.record
    more = {
        "jobs": record.total,
        "retries": side.retries,
        "workers": record.workers,
        "host": record.host,
        "user": record.user,
        "working_dir": record.working_dir,
        "document": record.document_name,
        "document_sha256": record.document_sha,
    }
    return run_body(side.execution.run) | more


def _pair(pair: Pair) -> dict[str, Any]:
    return {"job": pair.job, "differs": pair.differs, "before": _job(pair.before), "after": _job(pair.after)}


def _job(job: Job | None) -> dict[str, Any] | None:
    if job is None:
        return None
    return {
        "status": job.record.status,
        "reused": job.reused,
        "duration": rounded(job.record.duration),
        "retries": job.record.retries,
        "reason": job.record.reason,
    }


def _delta(found: Delta) -> dict[str, Any]:
    return {
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": [{"job": one.job, "keys": [_change(change) for change in one.changes]} for one in found.changed],
        "settings": [_change(change) for change in found.settings],
    }


def _change(change: Change) -> dict[str, Any]:
    return {"key": change.key, "change": change.kind}

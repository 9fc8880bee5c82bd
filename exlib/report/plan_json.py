"""A plan as data for other programs; the format is stated in schemas/plan.schema.json."""

from __future__ import annotations

import json
from typing import Any

from exlib.report.plan_words import Told
from exlib.simulation.outlook import Outlook
from exlib.simulation.timeline import running

VERSION = 1


def as_json(told: Told) -> str:
    """The whole plan; jobs are in the order of the document."""
    body = {"version": VERSION, "application": told.name, **_outlook(told.outlook), "changes": None}
    if told.before is not None:
        body["changes"] = {"said": list(told.changes), "before": _brief(told.before)}
    return _encodable(json.dumps(body, ensure_ascii=False, indent=None, separators=(",", ":"))) + "\n"


def _outlook(look: Outlook) -> dict[str, Any]:
    ids, limits, schedule = look.graph.ids, look.limits, look.schedule
    return {
        "unit": "second" if look.durations.timed else "unit",
        "workers": schedule.workers,
        "durations": {"basis": look.durations.basis, "said": look.durations.said},
        **_brief(look),
        "range": look.spread and {
            "p10": _round(look.spread.p10),
            "p50": _round(look.spread.p50),
            "p90": _round(look.spread.p90),
            "rounds": look.spread.rounds,
            "seed": look.spread.seed,
        },
        "limits": {
            "critical_path": _round(limits.span),
            "work": _round(limits.work),
            "alone": _round(limits.serial),
            "least": _round(limits.floor(schedule.workers)),
            "most": _round(limits.ceiling(schedule.workers)),
            "speedup": _round(limits.speedup),
            "jobs_at_once": look.width.jobs,
            "jobs_at_once_exact": look.width.exact,
        },
        "levels": [[ids[node] for node in nodes] for nodes in look.levels],
        "chain": [{"job": ids[link.node], "why": link.why} for link in look.chain],
        "passed_by_all": [ids[node] for node in look.gates],
        "gains": [{"job": ids[gain.node], "sooner": _round(gain.seconds)} for gain in look.gains],
        "sweep": _sweep(look),
        "busy": [_round(share) for share in look.busy],
        "running": [[_round(at), count] for at, count in running(schedule)],
        "risks": [
            {
                "code": risk.code,
                "message": risk.message,
                "mend": risk.mend,
                "jobs": [
                    {"job": ids[node], "note": note} for node, note in zip(risk.jobs, risk.notes, strict=True)
                ],
            }
            for risk in look.risks
        ],
        "jobs": _jobs(look),
    }  # fmt: skip


def _brief(look: Outlook) -> dict[str, Any]:
    return {
        "makespan": _round(look.schedule.makespan),
        "work": _round(look.limits.work),
        "critical_path": [look.graph.ids[node] for node in look.timing.critical],
        "count": len(look.jobs),
    }


def _sweep(look: Outlook) -> dict[str, Any] | None:
    if not look.sweep.points:
        return None
    points = [
        {
            "workers": point.workers,
            "makespan": _round(point.makespan),
            "speedup": _round(point.speedup),
            "efficiency": _round(point.efficiency),
            "least": _round(point.floor),
        }
        for point in look.sweep.points
    ]
    return {"points": points, "enough": look.sweep.enough, "never_busier_than": look.sweep.idle_from}


def _jobs(look: Outlook) -> list[dict[str, Any]]:
    schedule, timing = look.schedule, look.timing
    place = {node: number for number, node in enumerate(schedule.order, 1)}
    critical = set(timing.critical)
    found = []
    for node, (job, guess) in enumerate(zip(look.jobs, look.durations.guesses, strict=True)):
        low, high = guess.spread
        past = look.past.get(job.id)
        found.append({
            "id": job.id,
            "order": place[node],
            "level": look.level[node],
            "worker": schedule.lane[node] or None,
            "start": _round(schedule.start[node]),
            "end": _round(schedule.end[node]),
            "duration": _round(guess.seconds),
            "source": guess.source,
            "samples": guess.runs,
            "p10": _round(low),
            "p90": _round(high),
            "slack": _round(look.slack[node]),
            "critical": node in critical,
            "earliest": _round(timing.start[node]),
            "slack_of_graph": _round(timing.slack[node]),
            "tries": past.tries if past else 0,
            "failed_tries": past.failures if past else 0,
            "flaky": past is not None and past.flaky,
        })  # fmt: skip
    return found


def _round(seconds: float) -> float:
    return round(seconds, 6)


def _encodable(text: str) -> str:
    """A name that is not valid Unicode has its bytes shown as ``\\udcff``, which JSON can hold."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()

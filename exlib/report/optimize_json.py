"""A proposal as data for other programs; the format is stated in schemas/optimization.schema.json."""

from __future__ import annotations

import json
from typing import Any

from exlib.optimize.advice import RETRY_RULE, TIMEOUT_RULE
from exlib.optimize.forecast import Forecast, Prediction
from exlib.optimize.order import Order
from exlib.optimize.proposal import Proposal

VERSION = 1


def as_json(proposal: Proposal) -> str:
    """The whole report; pairs are {"job": the later one, "dependency" or "earlier": the other}."""
    ids, order = proposal.ids, proposal.order
    body = {
        "version": VERSION,
        "application": proposal.name,
        "aggressive": proposal.aggressive,
        "applied": sorted(proposal.applied),
        "dependencies": {
            "before": proposal.listed,
            "after": proposal.left,
            "implied": [
                {"job": ids[node], "dependency": ids[other], "by": ids[through]}
                for node, other, through in order.redundant
            ],
            "repeated": _pairs(proposal, proposal.duplicates),
            "kept": _pairs(proposal, order.held),
        },
        "unjustified": None if proposal.loose is None else _loose(proposal, proposal.loose),
        "hazards": {"count": order.hazard_count, "pairs": [_hazard(proposal, *pair) for pair in order.hazards]},
        "data_said": proposal.data.said,
        "time": proposal.forecast and _time(proposal, proposal.forecast),
        "timeouts": {
            "rule": TIMEOUT_RULE,
            "jobs": [
                {"job": ids[found.node], "timeout": found.seconds, "now": found.now, "why": found.why,
                 "runs": found.runs, "p99": _round(found.p99), "longest": _round(found.longest)}
                for found in proposal.timeouts
            ],
        },
        "retries": {
            "rule": RETRY_RULE,
            "jobs": [
                {"job": ids[found.node], "max_retries": found.retries, "failures": found.failures, "tries": found.tries}
                for found in proposal.retries
            ],
        },
    }  # fmt: skip
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _pairs(proposal: Proposal, found: list[tuple[int, int]]) -> list[dict[str, str]]:
    return [{"job": proposal.ids[node], "dependency": proposal.ids[other]} for node, other in found]


def _loose(proposal: Proposal, loose: Order) -> dict[str, Any]:
    ids = proposal.ids
    return {
        "given_up": proposal.aggressive,
        "dependencies": _pairs(proposal, loose.unjustified),
        "added": _pairs(proposal, loose.added),
        "lost_count": loose.lost_count,
        "lost": [{"job": ids[node], "earlier": ids[other]} for node, other in loose.lost],
    }


def _hazard(proposal: Proposal, later: int, earlier: int) -> dict[str, Any]:
    found = proposal.data.shared(earlier, later)
    assert found is not None
    return {
        "jobs": [proposal.ids[earlier], proposal.ids[later]],
        "how": {"reads what {} writes": "write-read", "writes what {} reads": "read-write"}.get(
            found.how, "write-write"
        ),
        "paths": [found.first, found.second],
    }


def _time(proposal: Proposal, found: Forecast) -> dict[str, Any]:
    return {
        "unit": "second" if found.durations.timed else "unit",
        "durations": {"basis": found.durations.basis, "said": found.durations.said},
        "workers": found.workers,
        "now": _prediction(found, found.now),
        "without_unjustified": found.then and _prediction(found, found.then),
        "sooner": [
            {"job": proposal.ids[job.node], "earliest": _round(job.now), "then": _round(job.then)}
            for job in found.sooner
        ],
    }


def _prediction(found: Forecast, side: Prediction) -> dict[str, Any]:
    bounds = side.limits
    return {
        "makespan": _round(side.makespan),
        "least": _round(bounds.floor(found.workers)),
        "work": _round(bounds.work),
        "critical_path": _round(bounds.span),
        "alone": _round(bounds.serial),
        "speedup": _round(bounds.speedup),
        "speedup_by_amdahl": _round(bounds.work / bounds.serial) if bounds.serial else None,
        "workers_enough": side.sweep.enough,
    }


def _round(value: float) -> float:
    return round(value, 6)

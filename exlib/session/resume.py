"""Which jobs of an earlier attempt are reused, which run again, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exlib.engine.states import State
from exlib.errors import AnswerNo
from exlib.graph import Graph
from exlib.session.choice import Settled
from exlib.session.request import Request
from exlib.workflow import Job

if TYPE_CHECKING:
    from exlib.history.store import JobRecord

_FAILED = frozenset({"failed", "timeout", "lost", "running", "retrying"})
_RAN, _CHANGED = "succeeded in attempt ", ", though it changed since"
_IN_FLIGHT = frozenset({"lost", "running", "retrying"})


@dataclass(slots=True)
class Resumption:
    """``reused`` and ``left_out`` jobs are not run; ``again`` run though finished, ``in_flight`` were cut off."""

    reused: Settled = field(default_factory=dict)
    left_out: Settled = field(default_factory=dict)
    again: dict[int, str] = field(default_factory=dict)
    in_flight: list[str] = field(default_factory=list)


def decide(
    jobs: Sequence[Job],
    graph: Graph,
    records: Sequence[JobRecord],
    fingerprint: Callable[[Job], str],
    request: Request,
) -> Resumption:
    """Decide for every job, dependencies first: what runs again takes the finished jobs behind it along.

    Raises AnswerNo when a finished job changed and ``--on-change`` is refuse, naming all of them.
    """
    known = {record.job: record for record in records}
    result = Resumption(in_flight=[r.job for r in records if r.status in _IN_FLIGHT])
    refused: list[str] = []
    for node in graph.order():
        job = jobs[node]
        record = known.get(job.id)
        if record is None or record.status != "success":
            if request.failed_only and (record is None or record.status not in _FAILED):
                result.left_out[node] = (State.SKIPPED, "left out by --failed-only: it did not fail")
            continue
        changed = record.mark is None and record.fingerprint not in (None, fingerprint(job))
        if changed and request.on_change == "refuse":
            refused.append(job.id)
        ahead = next((other for other in graph.dependencies[node] if other in result.again), None)
        if changed and request.on_change == "rerun":
            result.again[node] = "its command, environment, dependencies or checks changed"
        elif ahead is not None and record.mark is None:
            result.again[node] = f'"{jobs[ahead].id}" runs again'
        else:
            result.reused[node] = (State.SUCCESS, _why(record, changed))
    if refused:
        raise AnswerNo(
            f"changed since they succeeded: {', '.join(refused)}",
            mend="choose with --on-change: rerun runs them again, reuse takes them as done",
        )
    return result


def _why(record: JobRecord, changed: bool) -> str:
    if record.mark is not None:
        return f"marked as success by {record.mark.who}: {record.mark.why}"
    # A reused record is a copy: it says itself in which attempt the job ran.
    earlier = (record.reason or "").removesuffix(_CHANGED)
    ran = earlier if earlier.startswith(_RAN) else f"{_RAN}{record.attempt}"
    return ran + (_CHANGED if changed else "")

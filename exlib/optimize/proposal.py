"""All that can be proposed for a document, and the document with what is asked for of it."""

from collections.abc import Mapping
from typing import NamedTuple

from exlib.graph import Graph
from exlib.optimize.advice import Retries, Timeout, retries, timeouts
from exlib.optimize.data import Data, stated
from exlib.optimize.edits import Rewriting, pinned
from exlib.optimize.forecast import Forecast, forecast
from exlib.optimize.order import Order, justified, reduce
from exlib.select import Roster
from exlib.simulation.past import Past
from exlib.simulation.sources import Source
from exlib.workflow import Workflow, dependency_entries, dependency_target

NOT_BY_DATA = "no shared data, by inputs and outputs"


class Proposal(NamedTuple):
    """``order`` is what the document gets, ``loose`` what its data justifies, if that is less than it states.

    ``aggressive``: they are the same. ``listed`` counts the dependencies as they were, ``duplicates`` are
    (job, dependency) that went because they stood there already, ``applied`` what of the advice was taken.
    """

    name: str
    ids: tuple[str, ...]
    data: Data
    order: Order
    loose: Order | None
    aggressive: bool
    listed: int
    duplicates: list[tuple[int, int]]
    applied: frozenset[str]
    timeouts: list[Timeout]
    retries: list[Retries]
    forecast: Forecast | None
    raw: bytes

    @property
    def left(self) -> int:
        """How many dependencies the document has now."""
        return sum(map(len, self.order.dependencies))


def propose(
    roster: Roster,
    workflow: Workflow,
    *,
    aggressive: bool = False,
    applied: frozenset[str] = frozenset(),
    source: Source | None = None,
    workers: int = 0,
) -> Proposal:
    """Look at a document without error findings. With ``workers`` a run is predicted, for which a source is needed."""
    graph, stay = roster.graph, list(pinned(roster))
    data = stated(roster.document, workflow)
    less = justified(graph, data, stay) if data.complete and (aggressive or workers) else None
    if less is not None and not less.lost_count:
        less = None
    past: Mapping[str, Past] = source.past if source else {}
    own = _stated(roster, workflow)
    limits, tries = list(timeouts(workflow.jobs, past, own)), list(retries(workflow.jobs, past))
    order = less if aggressive and less else reduce(graph, data, stay)
    made = _rewritten(roster, order, limits if "timeouts" in applied else [], tries if "retries" in applied else [])
    return Proposal(
        name=workflow.name,
        ids=graph.ids,
        data=data,
        order=order,
        loose=less,
        aggressive=aggressive,
        listed=sum(
            dependency_target(entry) is not None for raw in roster.document.jobs for entry in dependency_entries(raw)
        ),
        duplicates=made.duplicates,
        applied=applied,
        timeouts=limits,
        retries=tries,
        forecast=_forecast(workflow, graph, less, source, workers) if source and workers else None,
        raw=made.result(),
    )


def _rewritten(roster: Roster, order: Order, limits: list[Timeout], tries: list[Retries]) -> Rewriting:
    made = Rewriting(roster)
    for node, wanted in enumerate(order.dependencies):
        made.dependencies(node, wanted)
    given_up: dict[int, dict[str, str]] = {}
    for node, other in order.unjustified:
        given_up.setdefault(node, {})[roster.ids[other]] = NOT_BY_DATA
    for limit in limits:
        made.set(limit.node, "timeout", limit.seconds)
    for advice in tries:
        made.set(advice.node, "max_retries", advice.retries)
    for node, reasons in given_up.items():
        made.note(node, reasons)
    return made


def _forecast(workflow: Workflow, graph: Graph, loose: Order | None, source: Source, workers: int) -> Forecast:
    ids = graph.ids
    then = None if loose is None else Graph(ids, [[ids[other] for other in found] for found in loose.dependencies])
    return forecast(workflow.jobs, graph, then, source.durations, workers)


def _stated(roster: Roster, workflow: Workflow) -> frozenset[int]:
    """The jobs whose timeout the document states, for them or for all."""
    if "default_timeout" in roster.document.data:
        return frozenset(range(len(workflow.jobs)))
    return frozenset(node for node, raw in enumerate(roster.document.jobs) if "timeout" in raw)

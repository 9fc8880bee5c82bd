"""What a difference means for the graph: the critical path, levels, what may run at once, what is downstream.

Jobs of both documents go by their ids in the second. A critical path is a longest chain of jobs, each counted as one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from exlib.analysis.timing import timing
from exlib.delta.model import Change, Delta
from exlib.delta.reading import Raw, jobs_of
from exlib.document import Document
from exlib.graph import Graph
from exlib.workflow.keys import dependency_ids

MOST = 20_000
"""Jobs from which on pairs are not counted: that is of the order of jobs times dependencies."""
_EXAMPLES = 5
_BLOCK = 4096
_PROSE = frozenset(["$schema", "description", "job_description", "tags"])

Edge = tuple[str, str]
"""A job and the one that it waits for."""


class Pairs(NamedTuple):
    """Jobs of both documents, two by two: how many pairs, and the first of them."""

    number: int
    examples: tuple[Edge, ...]


class Moved(NamedTuple):
    """A job of both documents on another level; levels count from 1."""

    job: str
    before: int
    after: int


class Meaning(NamedTuple):
    """``added`` and ``removed`` edges; critical paths and levels are None where jobs wait in a circle.

    ``able`` are pairs that may now run at the same time and could not before, ``unable`` the reverse; both are None
    where that was not counted. ``touched`` jobs are those of which a run notices something, and ``downstream`` those
    behind them.
    """

    added: tuple[Edge, ...]
    removed: tuple[Edge, ...]
    critical: tuple[tuple[str, ...], tuple[str, ...]] | None
    levels: tuple[int, int] | None
    moved: tuple[Moved, ...]
    able: Pairs | None
    unable: Pairs | None
    touched: tuple[str, ...]
    downstream: tuple[str, ...]


def meaning(before: Document, after: Document, found: Delta, inheriting: Iterable[str] = ()) -> Meaning:
    """Compare the graphs; ``inheriting`` are jobs for which a setting means something else."""
    names = {one.before: one.after for one in found.renamed}
    new = jobs_of(after)
    old = {names.get(job, job): raw for job, raw in jobs_of(before).items()}
    # In one order, whatever the order of the documents: else paths of the same length would come and go.
    graphs = (_graph([*filter(old.__contains__, new), *found.removed], old, names), _graph(list(new), new, {}))
    one, other = (_edges(graph) for graph in graphs)
    came, went = [edge for edge in other if edge not in one], [edge for edge in one if edge not in other]
    orders = [graph.order() for graph in graphs]
    sound = all(len(order) == len(graph) for order, graph in zip(orders, graphs, strict=True))
    able, unable = _pairs(graphs, orders) if sound and (came or went) else (Pairs(0, ()), Pairs(0, ()))
    touched = list(dict.fromkeys([*found.added, *_noticed(found), *inheriting]))
    downstream = graphs[1].descendants(graphs[1].index[job] for job in touched)
    levels = [_levels(graph) for graph in graphs]
    return Meaning(
        added=tuple(came),
        removed=tuple(went),
        critical=(_critical(graphs[0]), _critical(graphs[1])) if sound else None,
        levels=(max(levels[0].values(), default=0), max(levels[1].values(), default=0)) if sound else None,
        moved=tuple(_moved(levels[0], levels[1])) if sound else (),
        able=able if sound else None,
        unable=unable if sound else None,
        touched=tuple(touched),
        downstream=tuple(graphs[1].ids[node] for node in sorted(downstream) if graphs[1].ids[node] not in touched),
    )


def is_prose(change: Change) -> bool:
    """Whether no run notices it: words, tags and notes."""
    return change.key in _PROSE or change.key.startswith(("_", "x-"))


def _noticed(found: Delta) -> Iterator[str]:
    return (one.job for one in found.changed if not all(map(is_prose, one.changes)))


def _graph(jobs: Sequence[str], raws: Mapping[str, Raw], names: Mapping[str, str]) -> Graph:
    return Graph(jobs, ([names.get(job, job) for job in dependency_ids(raws[name])] for name in jobs))


def _edges(graph: Graph) -> dict[Edge, None]:
    """Every dependency, those on jobs that are missing too."""
    ids = graph.ids
    found = {(ids[node], ids[other]): None for node, others in enumerate(graph.dependencies) for other in others}
    return found | {(ids[node], name): None for node, name in graph.missing}


def _critical(graph: Graph) -> tuple[str, ...]:
    return tuple(graph.ids[node] for node in timing(graph, [1.0] * len(graph)).critical)


def _levels(graph: Graph) -> dict[str, int]:
    return {graph.ids[node]: number for number, nodes in enumerate(graph.levels(), 1) for node in nodes}


def _moved(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Moved]:
    for job, level in after.items():
        if before.get(job, level) != level:
            yield Moved(job, before[job], level)


def _pairs(graphs: Sequence[Graph], orders: Sequence[Sequence[int]]) -> tuple[Pairs | None, Pairs | None]:
    """Pairs of common jobs that are ordered in one graph alone: ordered in the first, then in the second.

    Who is above whom is kept as bits of integers, for some thousand jobs at a time.
    """
    before, after = graphs
    if max(len(before), len(after)) > MOST:
        return None, None
    common = [job for job in after.ids if job in before.index]
    places = [(before.index[job], after.index[job]) for job in common]
    freed, bound = _Counted(), _Counted()
    for first in range(0, len(common), _BLOCK):
        names = common[first : first + _BLOCK]
        (above_then, below_then), (above_now, below_now) = (
            (_reach(graph, order, graph.dependencies, names), _reach(graph, order[::-1], graph.dependents, names))
            for graph, order in zip(graphs, orders, strict=True)
        )
        for job, (then, now) in zip(common, places, strict=True):
            up_then, up_now = above_then[then], above_now[now]
            if up_then != up_now:
                freed.add(job, up_then & ~(up_now | below_now[now]), names)
                bound.add(job, up_now & ~(up_then | below_then[then]), names)
    return freed.pairs(), bound.pairs()


class _Counted:
    def __init__(self) -> None:
        self._count = 0
        self._examples: list[Edge] = []

    def add(self, job: str, bits: int, names: Sequence[str]) -> None:
        """Count the jobs whose bits are set; each pair is met from its later job alone."""
        if not bits:
            return
        self._count += bits.bit_count()
        while bits and len(self._examples) < _EXAMPLES:
            lowest = bits & -bits
            self._examples.append((job, names[lowest.bit_length() - 1]))
            bits ^= lowest

    def pairs(self) -> Pairs:
        return Pairs(self._count, tuple(self._examples))


def _reach(graph: Graph, order: Sequence[int], steps: Sequence[Sequence[int]], names: Sequence[str]) -> list[int]:
    """By node which of ``names``, as bits, are reached over ``steps``, itself left out; ``order`` has them first."""
    found = [0] * len(graph)
    own = [0] * len(graph)
    for bit, name in enumerate(names):
        own[graph.index[name]] = 1 << bit
    for node in order:
        bits = 0
        for other in steps[node]:
            bits |= found[other] | own[other]
        found[node] = bits
    return found

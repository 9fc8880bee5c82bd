"""Long edges as chains from row to row, so that they are led between the boxes in their way."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from exlib.render.layout.layering import Edge


class Chains(NamedTuple):
    """Nodes from ``boxes`` on are bends: each has a row but is no job.

    ``rows[n]`` is the row of node ``n``; ``above`` and ``below`` are its neighbours in the rows next to its own;
    ``routes`` has for each edge the nodes it passes, both ends among them. The route of an edge for which no bends
    were left is just its ends, which are then no neighbours.
    """

    boxes: int
    rows: list[int]
    above: list[list[int]]
    below: list[list[int]]
    routes: list[list[int]]

    def in_rows(self) -> list[list[int]]:
        """The nodes of each row, in no particular order."""
        found: list[list[int]] = [[] for _ in range(max(self.rows, default=-1) + 1)]
        for node, row in enumerate(self.rows):
            found[row].append(node)
        return found


def chains(rows: Sequence[int], edges: Sequence[Edge], bends: int) -> Chains:
    """Chains for ``edges``, each from a row to a later one, of ``bends`` bends at most; the longest edges go without.

    Edges share bends with the others of their source, or of their target where it has more: a trunk with branches.
    It says the same as single lines, and a job that 500 others wait for needs one line through a row, not 500.
    """
    count = len(rows)
    leaving, entering = [0] * count, [0] * count
    for source, target in edges:
        leaving[source] += 1
        entering[target] += 1
    row_of = list(rows)
    trunks: dict[tuple[int, int], int] = {}
    routes: list[list[int]] = [[source, target] for source, target in edges]
    links: dict[Edge, None] = {}
    for place in sorted(range(len(edges)), key=lambda place: (rows[edges[place][1]] - rows[edges[place][0]], place)):
        source, target = edges[place]
        passed = range(rows[source] + 1, rows[target])
        if passed and len(trunks) + len(passed) > bends:
            break
        trunk = source if leaving[source] >= entering[target] else -1 - target
        for row in passed:
            if (trunk, row) not in trunks:
                trunks[trunk, row] = len(row_of)
                row_of.append(row)
        route = routes[place] = [source, *(trunks[trunk, row] for row in passed), target]
        links.update(dict.fromkeys(pairwise(route)))
    above: list[list[int]] = [[] for _ in row_of]
    below: list[list[int]] = [[] for _ in row_of]
    for upper, lower in links:
        below[upper].append(lower)
        above[lower].append(upper)
    return Chains(count, row_of, above, below, routes)

"""Transitive reduction: the edges that no longer way implies."""

from __future__ import annotations

from exlib.graph import Graph


def reduced(graph: Graph) -> Graph:
    """The graph with the fewest dependencies that orders its jobs in the same way; ``graph`` has no cycle.

    Ancestors are bits of integers, taken in topological order (Aho, Garey and Ullman, "The Transitive Reduction of a
    Directed Graph", 1972). An ancestor set is kept only until the last dependent of its job has been seen, so that a
    wide or long graph of many jobs needs memory for its widest front alone.
    """
    order = graph.order()
    place = {node: number for number, node in enumerate(order)}
    waiting = [len(others) for others in graph.dependents]
    reach: dict[int, int] = {}
    kept: list[list[str]] = [[] for _ in graph.ids]
    for node in order:
        wanted = sorted(graph.dependencies[node], key=place.__getitem__, reverse=True)
        seen, needed = 0, set()
        for other in wanted:  # the latest first: whatever it reaches comes before it
            bit = 1 << place[other]
            if not seen & bit:
                needed.add(other)
                seen |= reach[other] | bit
        for other in wanted:
            waiting[other] -= 1
            if not waiting[other]:
                del reach[other]
        if waiting[node]:
            reach[node] = seen
        kept[node] = [graph.ids[other] for other in graph.dependencies[node] if other in needed]
    return Graph(graph.ids, kept)

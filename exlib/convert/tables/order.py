"""The dependencies of the rows: each has to name a job of the table, and none may lead back to itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exlib.graph import Graph
from exlib.rules.nearest import Nearest
from exlib.workflow import dependency_target


def check_order(jobs: Sequence[dict[str, Any]], refused: Callable[[str, str, str | None], Exception]) -> None:
    """Raise what ``refused`` makes of a job's id, a message and a mend, if the order cannot be kept."""
    ids = [job["id"] for job in jobs]
    known = set(ids)
    edges = [[name for entry in job.get("dependencies", ()) if (name := dependency_target(entry))] for job in jobs]
    for name, listed in zip(ids, edges, strict=True):
        for other in listed:
            if other not in known:
                close = Nearest(ids).to(other)
                mend = f"did you mean {close}?" if close else "add its row, or remove the dependency"
                raise refused(name, f'it depends on "{other}", and no row has this id', mend)
    for circle in Graph(ids, edges).cycles():
        shown = " -> ".join(ids[node] for node in [*circle, circle[0]])
        raise refused(ids[circle[0]], f"circular dependency: {shown}", "remove one dependency of the circle")

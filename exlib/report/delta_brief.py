"""A difference as a list for scripts: ``+ id``, ``- id``, ``> old -> new``, ``~ id: keys``, one a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exlib.console import printable
from exlib.delta.difference import Difference

_STYLES = {"+": "green", "-": "red", ">": "cyan", "~": "yellow", "=": "dim"}


def delta_brief(found: Difference, style: Callable[..., str]) -> str:
    """The list; jobs first, then ``~ (settings): keys``, then what is in another order."""
    return "".join(f"{style(sign, _STYLES[sign])} {printable(text)}\n" for sign, text in _lines(found))


def _lines(found: Difference) -> Iterator[tuple[str, str]]:
    delta = found.delta
    yield from (("+", job) for job in delta.added)
    yield from (("-", job) for job in delta.removed)
    yield from ((">", f"{one.before} -> {one.after}") for one in delta.renamed)
    for job in delta.changed:
        yield "~", f"{job.job}: {', '.join(change.key for change in job.changes)}"
    if delta.settings:
        yield "~", f"(settings): {', '.join(change.key for change in delta.settings)}"
    for one in found.effects.inherited if found.effects else ():
        yield "~", f"(inherited) {one.key}: {', '.join(one.jobs)}"
    if found.order:
        jobs = dict.fromkeys([*found.order.jobs, *found.order.keys, *found.order.dependencies])
        yield "=", f"(order): {', '.join([*jobs, *(['(settings)'] if found.order.settings else [])])}"

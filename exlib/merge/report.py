"""What a merge in three ways found, as data for other programs and in words for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from exlib.console import printable
from exlib.merge.conflicts import Conflict, in_words
from exlib.merge.soundness import Edge, told
from exlib.merge.threeway import Outcome

VERSION = 1


def as_json(outcome: Outcome, names: tuple[str, str, str], hide: Callable[[str], str]) -> str:
    """The report of schemas/merge.schema.json; ``hide`` takes the secrets out of a text."""
    base, ours, theirs = names
    report = {
        "version": VERSION,
        "clean": outcome.is_clean,
        "base": base,
        "ours": ours,
        "theirs": theirs,
        "conflicts": [_record(conflict, hide) for conflict in outcome.conflicts],
        "settled": [_record(conflict, hide) for conflict in outcome.settled],
        "circles": [list(map(_edge, circle.edges)) for circle in outcome.circles],
        "missing": list(map(_edge, outcome.missing)),
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _record(conflict: Conflict, hide: Callable[[str], str]) -> dict[str, Any]:
    found: dict[str, Any] = {"conflict": conflict.kind, "job": conflict.job, "key": conflict.key}
    if conflict.is_confidential:
        return found | dict.fromkeys(conflict.values())
    if conflict.key is None:  # a whole job: its keys, for its variables are not to be shown
        return found | {side: sorted(value) for side, value in conflict.values().items()}
    return found | {side: _hidden(value, hide) for side, value in conflict.values().items()}


def _hidden(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        return [_hidden(item, hide) for item in value]
    return {hide(key): _hidden(item, hide) for key, item in value.items()} if isinstance(value, dict) else value


def _edge(edge: Edge) -> dict[str, str]:
    return {"job": edge.job, "waits_for": edge.target, "side": edge.side}


def lines(outcome: Outcome) -> list[str]:
    """Every conflict, every dependency that leads nowhere and every circle, a line each."""
    return [printable(line) for line in _lines(outcome)]


def _lines(outcome: Outcome) -> Iterator[str]:
    yield from (f"conflict: {in_words(conflict)}" for conflict in outcome.conflicts)
    for edge in outcome.missing:
        other = {"ours": "theirs deletes", "theirs": "ours deletes"}.get(edge.side, "no side keeps")
        yield f'missing: job "{edge.job}" waits for "{edge.target}" ({edge.side}), which {other}'
    for circle in outcome.circles:
        yield f"circle: {', '.join(told(circle.edges))}"

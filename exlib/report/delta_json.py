"""A difference as data for other programs (``schemas/delta.schema.json``), and as a JSON Patch."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from exlib.delta import ABSENT, Change
from exlib.delta.difference import Difference
from exlib.delta.effects import Effect
from exlib.delta.hiding import Hiding
from exlib.delta.meaning import Edge, Meaning, Pairs
from exlib.delta.nested import parts
from exlib.delta.patch import patch
from exlib.digest import sha256_hex
from exlib.document import Document
from exlib.history.export import encodable

VERSION = 1


def delta_json(found: Difference, hiding: Hiding, **more: Any) -> str:
    """Everything; values that are hidden are left out and marked."""
    delta, order = found.delta, found.order
    idle = frozenset(found.effects.idle if found.effects else ())
    origin = {one.after: one.before for one in delta.renamed}
    body = {
        "version": VERSION,
        "equal": found.equal,
        "summary": found.sentence,
        "before": _document(found.names[0], found.before),
        "after": _document(found.names[1], found.after),
        "jobs": {
            "added": list(delta.added),
            "removed": list(delta.removed),
            "renamed": [one._asdict() for one in delta.renamed],
            "changed": [
                {
                    "job": one.job,
                    "was": origin.get(one.job, one.job),
                    "changes": [
                        _change(change, hiding) | {"idle": (one.job, change.key) in idle} for change in one.changes
                    ],
                }
                for one in delta.changed
            ],
        },
        "dependencies": {"added": _edges(found.meaning.added), "removed": _edges(found.meaning.removed)},
        "settings": [_change(change, hiding) for change in delta.settings],
        "inherited": None if found.effects is None else [_effect(one, hiding) for one in found.effects.inherited],
        "order": None if order is None else order._asdict(),
        "meaning": _meaning(found.meaning),
        "resume": found.redone
        and {
            "runs": [{"job": job, "why": why} for job, why in found.redone.again],
            "done_already": found.redone.reused,
        },
        "unsound": list(found.unsound),
        **more,
    }
    return encodable(json.dumps(body, ensure_ascii=False, indent=2)) + "\n"


def delta_patch(found: Difference) -> str:
    """The JSON Patch, which has all values as they are."""
    operations = patch(found.before, found.after, found.delta.renamed)
    lines = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in operations)
    return encodable(f"[\n  {lines}\n]\n" if operations else "[]\n")


def _document(name: str, document: Document) -> dict[str, Any]:
    return {"name": name, "sha256": sha256_hex(document.raw), "jobs": len(document.jobs)}


def _change(change: Change, hiding: Hiding) -> dict[str, Any]:
    inner = parts(change)
    told = {"key": change.key, "change": change.kind, **_values(change.key, change.before, change.after, hiding)}
    if inner != [change]:
        told["inside"] = [
            {"place": one.key, "change": one.kind, **_values(one.key, one.before, one.after, hiding)} for one in inner
        ]
    return told


def _values(key: str, before: Any, after: Any, hiding: Hiding) -> dict[str, Any]:
    """Both values as far as they are there and shown."""
    if hiding.hides(key):
        return {"hidden": True}
    sides = (("before", before), ("after", after))
    return {name: hiding.scrubbed(_data(value), key) for name, value in sides if value is not ABSENT}


def _data(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value


def _effect(one: Effect, hiding: Hiding) -> dict[str, Any]:
    values = _values(one.key, one.before, one.after, hiding)
    return {"key": one.key, "setting": one.setting, **values, "jobs": list(one.jobs)}


def _edges(edges: Iterable[Edge]) -> list[dict[str, str]]:
    return [{"job": job, "waits_for": other} for job, other in edges]


def _meaning(means: Meaning) -> dict[str, Any]:
    sides = ("before", "after")
    return {
        "critical_path": means.critical and dict(zip(sides, map(list, means.critical), strict=True)),
        "levels": means.levels
        and {**dict(zip(sides, means.levels, strict=True)), "moved": [one._asdict() for one in means.moved]},
        "able_at_once": _pairs(means.able),
        "unable_at_once": _pairs(means.unable),
        "touched": list(means.touched),
        "downstream": list(means.downstream),
    }


def _pairs(pairs: Pairs | None) -> dict[str, Any] | None:
    return pairs and {"pairs": pairs.number, "examples": [list(pair) for pair in pairs.examples]}

"""What differs inside a value that is a list or an object: its places, found by deepdiff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exlib.delta.model import ABSENT, Change


def parts(change: Change) -> list[Change]:
    """The change as changes of what stands inside it, ``post_checks[0].params.file``; itself if that says no more."""
    before, after = change.before, change.after
    alike = isinstance(before, dict | list) and type(before) is type(after)
    if not alike or change.key == "dependencies":
        return [change]
    return sorted(_inside(change), key=lambda one: one.key) or [change]


def _inside(change: Change) -> Iterator[Change]:
    from deepdiff import DeepDiff

    found = DeepDiff(change.before, change.after, view="tree", ignore_numeric_type_changes=True)
    for differences in found.values():
        for one in differences:
            place = change.key + "".join(_step(step) for step in one.path(output_format="list"))
            yield Change(place, _value(one.t1), _value(one.t2))


def _step(step: Any) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"


def _value(value: Any) -> Any:
    """``value``; deepdiff has an object of its own for what is not there."""
    return ABSENT if type(value).__name__ == "NotPresent" else value

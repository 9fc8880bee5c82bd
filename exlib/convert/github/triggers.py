"""What starts a workflow: whether an event that is known does, and the inputs that it brings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from exlib.convert.github.templates import OPEN, scalar_text
from exlib.convert.yaml.tree import Node

CALL, BY_HAND = "workflow_call", "workflow_dispatch"
_PUSHED = {"refs/heads/": "branches", "refs/tags/": "tags"}
_SIGN = re.compile(r"\\.|\*\*/|\*\*|\*|\[[^\]]*\]|.", re.DOTALL)


def triggers(node: Node | None) -> list[str]:
    """The names of the events that start a workflow."""
    if node is None:
        return []
    if node.is_map:
        return list(node.members)
    return [item.text for item in node.items] if node.is_list else [node.text]


def event(on: Node | None, variables: Mapping[str, str]) -> str | None:
    """The event, where it is told or the only one; a workflow that is called has that of its caller."""
    told = variables.get("github.event_name")
    if told is not None:
        return told
    names = triggers(on)
    return names[0] if len(names) == 1 and names[0] != CALL else None


def has_no_inputs(on: Node | None, name: str | None) -> bool:
    """Whether it is certain that nobody gives an input."""
    return name not in (None, BY_HAND) and CALL not in triggers(on)


def inputs(on: Node | None, name: str | None) -> dict[str, str]:
    """The defaults of the inputs, where it is certain which ones hold."""
    first = BY_HAND if name == BY_HAND else CALL if triggers(on) == [CALL] else None
    stated = on.get(first, "inputs") if on is not None and first is not None else None
    found = {}
    for each, node in (stated.members if stated is not None else {}).items():
        default = node.get("default")
        if default is not None and default.is_scalar and OPEN not in default.text:
            found[each] = scalar_text(default)
    return found


def excluded(on: Node | None, name: str | None, variables: Mapping[str, str]) -> str:
    """Why an event starts nothing; empty if it does, or might."""
    names = triggers(on)
    if name is None or CALL in names or not names:
        return ""
    if name not in names:
        return f"{name} does not start it"
    told = on.get(name) if on is not None else None
    if told is None or not told.is_map:
        return ""
    ref, base = variables.get("github.ref", ""), variables.get("github.base_ref", "")
    if name == "push":
        for start, kind in _PUSHED.items():
            if ref.startswith(start):
                other = next(one for one in _PUSHED.values() if one != kind)
                return _filtered(told, kind, other, ref.removeprefix(start))
    if name in ("pull_request", "pull_request_target") and base:
        return _filtered(told, "branches", "", base)
    return ""


def _filtered(told: Node, kind: str, other: str, name: str) -> str:
    wanted, unwanted = told.get(kind), told.get(f"{kind}-ignore")
    if wanted is not None:
        return "" if _is_among(name, _texts(wanted)) else f"{name} is not among its {kind}"
    if unwanted is not None:
        return f"{name} is among its {kind}-ignore" if _is_among(name, _texts(unwanted)) else ""
    if other and (told.get(other) or told.get(f"{other}-ignore")) is not None:
        return f"it is started by {other} alone"
    return ""


def _texts(node: Node) -> list[str]:
    return [item.text for item in node.items] if node.is_list else [node.text]


def _is_among(name: str, patterns: list[str]) -> bool:
    """Whether the last pattern that fits is one without ``!``."""
    found = False
    for pattern in patterns:
        if re.fullmatch(_expression(pattern.removeprefix("!")), name, re.DOTALL):
            found = not pattern.startswith("!")
    return found


def _expression(pattern: str) -> str:
    """A pattern of GitHub's as a regular expression; ``?`` and ``+`` are for the sign before them."""
    made = []
    for sign in _SIGN.findall(pattern):
        if sign == "**/":
            made.append("(?:.*/)?")
        elif sign in ("*", "**"):
            made.append("[^/]*" if sign == "*" else ".*")
        elif sign in ("?", "+"):
            made.append(sign if made and made[-1] not in ("?", "+") and made[-1][-1] != "*" else re.escape(sign))
        elif re.fullmatch(r"\[(?:[A-Za-z0-9_](?:-[A-Za-z0-9_])?)+\]", sign):
            made.append(sign)
        else:
            made.append(re.escape(sign[-1] if sign.startswith("\\") else sign))
    return "".join(made)

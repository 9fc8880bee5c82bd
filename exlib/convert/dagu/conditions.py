"""Preconditions as checks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from exlib.convert.dagu.scene import Scene
from exlib.convert.shellwords import word
from exlib.convert.yamltree import Node


def take_conditions(scene: Scene, node: Node | None, job: dict[str, Any]) -> None:
    """Take the preconditions of a step as checks of its job."""
    if node is None:
        return
    job["pre_checks"] = [*job.get("pre_checks", ()), *checks_of(node)]
    reason = "an unmet condition fails the job, where Dagu skips it; what depends on it does not run either way"
    scene.account.approximated(node.whole, "preconditions", reason, job=job["id"])


def checks_of(node: Node) -> Iterator[dict[str, Any]]:
    """Conditions as checks. Raises InputError for what is none."""
    for one in node.items if node.is_list else [node]:
        condition = one if one.is_scalar else one.get("condition") or one.get("command")
        if condition is None or not condition.is_scalar or not condition.text.strip():
            raise one.refuse("a precondition needs a condition")
        expected, negate = one.get("expected"), one.get("negate")
        unless = negate is not None and negate.plain() is True
        if expected is None:
            params: dict[str, Any] = {"command": f"! {{ {condition.text}\n}}" if unless else condition.text}
        else:
            params = {"command": f'said="{_quoted(condition.text)}"\n' + _compare(expected.text, unless)}
        yield {"name": "check_command", "params": params}


def _quoted(text: str) -> str:
    """Text within double quotes of a shell, in which references and backticks stay alive."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if at % 2 else piece.replace("\\", "\\\\").replace('"', '\\"') for at, piece in enumerate(pieces)
    )


def _compare(expected: str, unless: bool) -> str:
    if expected.startswith("re:"):
        return f"{'! ' if unless else ''}printf '%s\\n' \"$said\" | grep -Eq -e {shlex.quote(expected[3:])}"
    return f'[ "$said" {"!=" if unless else "="} {word(expected)} ]'

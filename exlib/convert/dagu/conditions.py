"""Preconditions as checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from exlib.convert.dagu.scene import Scene
from exlib.convert.draft import guard
from exlib.convert.shell.patterns import grep
from exlib.convert.shell.words import word
from exlib.convert.yaml.tree import Node

UNTOLD = "its condition has a pattern that no check can say"
_GO = re.compile(r"\\(?P<escaped>.)|\[:(?P<class>\^?\w+):\]|(?P<group>\(\?(?!:|P<))", re.DOTALL)
_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "xdigit": "0-9a-fA-F",
    "word": r"\w", "space": r"\s",
}  # fmt: skip


def take_conditions(scene: Scene, node: Node | None, job: dict[str, Any]) -> None:
    """Take the preconditions of a step as checks of its job."""
    if node is None:
        return
    add_checks(job, node)
    reason = "an unmet condition fails the job, where Dagu skips it; what depends on it does not run either way"
    tell_conditions(scene, node, reason, job["id"])


def add_checks(job: dict[str, Any], node: Node | None) -> None:
    """Give a job the checks of conditions; for one that no check can try it waits. Raises InputError for others."""
    for check in _checks(node) if node is not None else ():
        if check is None:
            guard(job, UNTOLD)
        else:
            job["pre_checks"] = [*job.get("pre_checks", ()), check]


def tell_conditions(scene: Scene, node: Node, reason: str, job: str | None = None) -> None:
    """Say what became of conditions; ``reason`` is what differs if all are checks."""
    if None in _checks(node):
        scene.account.manual(node.whole, "preconditions", f"{UNTOLD}: write a check_command", job=job)
    else:
        scene.account.approximated(node.whole, "preconditions", reason, job=job)


def _checks(node: Node) -> Iterator[dict[str, Any] | None]:
    for one in node.items if node.is_list else [node]:
        condition = one if one.is_scalar else one.get("condition") or one.get("command")
        if condition is None or not condition.is_scalar or not condition.text.strip():
            raise one.refuse("a precondition needs a condition")
        expected, negate = one.get("expected"), one.get("negate")
        unless = negate is not None and negate.plain() is True
        if expected is None:
            params: dict[str, Any] = {"command": f"! {{ {condition.text}\n}}" if unless else condition.text}
        else:
            compared = _compare(expected.text, unless)
            if compared is None:
                yield None
                continue
            params = {"command": f'said="{_quoted(condition.text)}"\n{compared}'}
        yield {"name": "check_command", "params": params}


def _quoted(text: str) -> str:
    """Text within double quotes of a shell, in which references and backticks stay alive."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(
        piece if at % 2 else piece.replace("\\", "\\\\").replace('"', '\\"') for at, piece in enumerate(pieces)
    )


def _compare(expected: str, unless: bool) -> str | None:
    if expected.startswith("re:"):
        pattern = as_python(expected[3:])
        find = grep(pattern, "-c") if pattern is not None else None
        return find and f'{"! " if unless else ""}[ "$(printf \'%s\\n\' "$said" | {find})" -gt 0 ]'
    return f'[ "$said" {"!=" if unless else "="} {word(expected)} ]'


def as_python(pattern: str) -> str | None:
    """A regular expression of Go as one of Python; None where they differ in more than its names."""
    flag = "(?i)" if pattern.startswith("(?i)") else ""
    told = True

    def translated(found: re.Match[str]) -> str:
        nonlocal told
        if found["escaped"] is not None:
            told = told and found["escaped"] not in "pPQECZ1234567890"
            return r"\Z" if found["escaped"] == "z" else found[0]
        told = told and found["group"] is None and found["class"] in _CLASSES
        return _CLASSES.get(found["class"], "")

    result = flag + _GO.sub(translated, pattern.removeprefix("(?i)"))
    try:
        re.compile(result)
    except re.error:
        return None
    return result if told else None

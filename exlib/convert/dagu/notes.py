"""Comments of a DAG: those that ex-convert wrote give back what Dagu has no words for, the others are kept."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from exlib.convert.account import Account
from exlib.convert.dagu.scene import Scene
from exlib.convert.dagu.schedule import taken
from exlib.convert.notes import read_note
from exlib.convert.yaml.tree import Node

_TEXT = "of"
"""The key of a note that tells which text its command became; if that was edited, the file is believed."""
_CHECKS = ("command", "pre_checks", "post_checks")
_RUN = "run"
_ATTEMPTS = frozenset(["max_retries", "retry_delay", "retry_backoff", "retry_jitter", "max_retry_time", "timeout",
                       "retry_on_status", "retry_on_exit_codes"])  # fmt: skip
"""Keys that a text stands for that makes the attempts itself."""
_UNSTATED = "unstated"


_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 40


def fitting(name: str) -> str:
    """The name of a DAG that is nearest to the name of a workflow."""
    return _NAME.sub("_", name)[:_LONGEST_NAME].strip("_") or "workflow"


def mark(text: str) -> str:
    """What tells a text from others."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:12]


def apply_notes(scene: Scene, root: Node, made: list[tuple[dict[str, Any], Node]]) -> None:
    """Give each job, and the document, the keys of its note; keep the comments that belong to no job."""
    for job, node in made:
        for comment in scene.tree.above(node):
            keys = read_note(comment.text)
            if keys is not None:
                _apply(job, node, keys)
                scene.account.exact(scene.tree.place(comment), "note", job=job["id"])
    _top(scene, root, scene.account)


def _apply(job: dict[str, Any], node: Node, keys: dict[str, Any]) -> None:
    text = node.get("script") or node.get("command")
    of = keys.pop(_TEXT, None)
    kept = {key: keys.pop(key) for key in _CHECKS if key in keys}
    run = keys.pop(_RUN, None)
    if isinstance(run, dict):
        kept |= {key: value for key, value in run.items() if key in _ATTEMPTS}
    if of is not None and text is not None and mark(text.text) == of:
        job.pop("shell", None)
        job |= kept
        if "shell" in keys:
            job["shell"] = keys["shell"]
    keys.pop("shell", None)
    for key in ("id", "dependencies"):
        keys.pop(key, None)
    job |= keys


def _top(scene: Scene, root: Node, account: Account) -> None:
    said = {entry.place.path for entry in account.entries if entry.place.file == scene.tree.source.name}
    first, last = _range(scene, root)
    left = []
    for comment in scene.tree.comments:
        place = scene.tree.place(comment)
        if not first <= comment.line <= last or place.path in said or not comment.text:
            continue
        keys = read_note(comment.text) if comment.alone else None
        if keys is None:
            left.append(comment.text)
            account.exact(place, "comment", "kept in x-source")
            continue
        source = keys.pop("x-source", None)
        keys.pop("jobs", None)
        if fitting(str(keys.get("application_name", ""))) != scene.draft.name:
            keys.pop("application_name", None)
        if isinstance(unstated := keys.pop(_UNSTATED, None), list) and "continue_on_error" in unstated:
            scene.draft.settings.pop("continue_on_error", None)
        scene.draft.settings |= keys
        if isinstance(source, dict):
            scene.draft.kept |= taken(scene.draft.kept, source)
        account.exact(place, "note")
    if left:
        scene.draft.kept["comment"] = "\n".join(left)


def _range(scene: Scene, root: Node) -> tuple[int, int]:
    """The lines of the document that ``root`` is."""
    roots = scene.tree.roots
    at = next(number for number, one in enumerate(roots) if one.path == root.path)
    first = roots[at - 1].end_line + 1 if at else 1
    last = root.end_line if at + 1 < len(roots) else len(scene.tree.source.lines)
    return first, last

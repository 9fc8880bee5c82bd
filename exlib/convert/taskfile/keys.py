"""Keys of a task that are no commands, and what becomes of them."""

from __future__ import annotations

from typing import Any

from exlib.convert.taskfile.files import Task
from exlib.convert.taskfile.scope import Book

_NOTHING = {
    "silent": "ex-run prints no commands", "interactive": "a job reads nothing", "internal": "", "run": "",
    "aliases": "other names to call it by", "set": "", "shopt": "", "platforms": "", "ignore_error": "",
    "failfast": "ex-run starts nothing more after a failure",
}  # fmt: skip
_NO_WORD = {
    "label": "a job has one name", "prefix": "each job has a log of its own",
    "method": "nothing is compared: it runs each time",
    "watch": "nothing watches files", "use_gitignore": "nothing is compared: it runs each time",
}  # fmt: skip
_PATTERN = frozenset("{~$!")


def say_keys(book: Book, task: Task, made: list[dict[str, Any]]) -> None:
    """Account for them, and state the files that the jobs of a task read and write."""
    job = made[-1]["id"] if made else None
    if not task.node.is_map:
        return
    for key, node in task.node.members.items():
        if key in _NOTHING:
            book.say("exact", node, key, _NOTHING[key], job)
        elif key in _NO_WORD:
            book.say("dropped", node, key, _NO_WORD[key], job)
        elif key in ("desc", "summary"):
            used = key == "desc" or "desc" not in task.node.members
            fate = "exact" if used and made and "{{" not in node.text else "dropped"
            book.say(fate, node, key, "" if fate == "exact" else "the job is described by desc", job)
        elif key in ("sources", "generates"):
            _files(book, task, made, key)


def _files(book: Book, task: Task, made: list[dict[str, Any]], key: str) -> None:
    node = task.node.members[key]
    job = made[-1]["id"] if made else None
    names = [one.text for one in node.items if one.is_scalar]
    plain = len(names) == len(node.items) and all(name.strip() and not _PATTERN & {*name} for name in names)
    if plain and len(made) == 1:
        made[0]["inputs" if key == "sources" else "outputs"] = names
        book.say("approximated", node, key, "stated as its data; it runs each time, changed or not", job)
    else:
        book.say("dropped", node, key, "it runs each time, changed or not", job)

"""Recorded executions of scientific workflows (WfFormat 1.5) as documents: their tasks and parents, nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Task = dict[str, Any]


def tasks(path: Path) -> list[Task]:
    """The tasks of a recording."""
    found: list[Task] = json.loads(path.read_bytes())["workflow"]["specification"]["tasks"]
    return found


def edges(path: Path) -> list[tuple[str, str]]:
    """Every (task, parent) of a recording."""
    return [(task["id"], parent) for task in tasks(path) for parent in task["parents"]]


def document(path: Path) -> bytes:
    """A recording as a document whose jobs are the tasks, each with the command ``true``."""
    jobs = [
        {"id": task["id"], "description": task["name"], "command": "true", "dependencies": task["parents"]}
        for task in tasks(path)
    ]
    return json.dumps({"application_name": path.stem, "jobs": jobs}, indent=2).encode()

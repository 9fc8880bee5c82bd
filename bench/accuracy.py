"""Predict the makespan of recorded executions (WfFormat) as ex-plan does, and compare it with what was recorded.

The durations are the recorded runtimes of the tasks, the workers are the recorded machines' cores. What the systems
that were recorded do besides running tasks (queueing, copying data) is in no duration, so a prediction is too short by
that. Two more columns say how much: how many workers would explain the record, and the seconds that are left over for
each job of the critical path.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.machine import ROOT
from bench.page import block, keep
from exlib.document import Document
from exlib.simulation.durations import from_mapping, read_mapping
from exlib.simulation.outlook import Wanted, look_ahead
from exlib.workflow import Workflow

PAGE = ROOT / "docs" / "ex-plan.md"
CORPUS = ROOT.parent / "shared" / "corpus" / "wfinstances"
_MOST = 1_000


class Row(NamedTuple):
    """One execution. Times in seconds; ``by_machine`` is predicted with one worker a machine, not one a core.

    ``fitting`` is the fewest workers with which no later an end is predicted than was recorded, None if that needs
    more than there are jobs; ``left`` is what the prediction lacks for each job of the critical path.
    """

    name: str
    jobs: int
    machines: int
    cores: int
    recorded: float
    predicted: float
    by_machine: float
    fitting: int | None
    left: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and with --write keep it in the documentation."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS, help="where the instances are")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {PAGE.name}")
    options = parser.parse_args(arguments)
    rows = [row for path in sorted(options.folder.glob("*.json")) if (row := compared(path)) is not None]
    if not rows:
        parser.error(f"{options.folder} has no recorded execution")
    text = table(rows)
    print(text)
    if options.write:
        keep("accuracy", block(text), PAGE)
    return 0


def compared(path: Path) -> Row | None:
    """The prediction for one instance; None for a file that records no execution."""
    data = json.loads(path.read_bytes())
    execution = data.get("workflow", {}).get("execution")
    if not execution:
        return None
    workflow, durations = _read(data["workflow"])
    machines = execution["machines"]
    cores = sum(machine["cpu"].get("coreCount", 1) for machine in machines)
    recorded = float(execution["makespanInSeconds"])
    look = look_ahead(workflow.jobs, durations, Wanted(cores, (), 0))
    ends = {cores: look.schedule.makespan}

    def end(workers: int) -> float:
        if workers not in ends:
            ends[workers] = look_ahead(workflow.jobs, durations, Wanted(workers, (), 0)).schedule.makespan
        return ends[workers]

    fitting = next(
        (workers for workers in range(1, min(len(workflow.jobs), _MOST) + 1) if end(workers) <= recorded), None
    )
    predicted = look.schedule.makespan
    left = (recorded - predicted) / len(look.timing.critical)
    return Row(
        path.stem, len(workflow.jobs), len(machines), cores, recorded, predicted, end(len(machines)), fitting, left
    )


def _read(workflow: dict[str, Any]) -> tuple[Workflow, Any]:
    """The tasks as jobs, and what each took."""
    tasks = workflow["specification"]["tasks"]
    jobs = [{"id": task["id"], "command": "true", "dependencies": task["parents"]} for task in tasks]
    made = Workflow.from_document(Document(json.dumps({"jobs": jobs}).encode(), "instance"))
    took = {task["id"]: task["runtimeInSeconds"] for task in workflow["execution"]["tasks"]}
    return made, from_mapping(made.jobs, read_mapping(json.dumps(took), "recorded"), "recorded")


def table(rows: Sequence[Row]) -> str:
    """One line an execution."""
    wide = max(len(row.name) for row in rows)
    heads = (
        ("", "", "machines", "recorded", "a job a core", "", "a machine", "", "as if", "left"),
        ("recorded execution", "jobs", "x cores", "s", "s", "off", "s", "off", "workers", "s/step"),
    )
    cells = [_cells(row) for row in rows]
    return "\n".join(_line(wide, line) for line in (*heads, *cells))


def _cells(row: Row) -> Sequence[str]:
    return (
        row.name,
        str(row.jobs),
        f"{row.machines} x {row.cores // row.machines}",
        f"{row.recorded:.0f}",
        f"{row.predicted:.0f}",
        _off(row.predicted, row.recorded),
        f"{row.by_machine:.0f}",
        _off(row.by_machine, row.recorded),
        str(row.fitting or "-"),
        f"{row.left:.0f}",
    )


def _line(wide: int, cells: Sequence[str]) -> str:
    name, *others = cells
    columns = (5, 9, 9, 13, 6, 10, 6, 8, 7)
    return f"{name:{wide}}" + "".join(f"{cell:>{column}}" for cell, column in zip(others, columns, strict=True))


def _off(predicted: float, recorded: float) -> str:
    return f"{predicted / recorded - 1:+.0%}"


if __name__ == "__main__":
    raise SystemExit(main())

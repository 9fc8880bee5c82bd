"""Run the graphs of recorded executions with ex-run, as sleeps at a fraction of their time, and predict the next run.

The first run fills a history, ex-plan predicts from it, and the second run says how long it really takes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.accuracy import CORPUS, PAGE
from bench.machine import ROOT, description, environ
from bench.measure import run
from bench.page import block, keep
from exlib.analysis.timing import timing
from exlib.graph import Graph


class Row(NamedTuple):
    """One graph. Times in seconds; ``took`` is what the history says of the second run."""

    name: str
    jobs: int
    predicted: float
    took: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the table, and with --write keep it in the documentation."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS, help="where the instances are")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long a run takes at least, about (default 10)")
    parser.add_argument("--workers", type=int, default=8, help="jobs at a time (default 8)")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {PAGE.name}")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        variables = environ(place)
        rows = []
        for path in sorted(options.folder.glob("*.json")):
            workflow = json.loads(path.read_bytes()).get("workflow", {})
            if "execution" in workflow:
                print(f"{path.stem} …", file=sys.stderr, flush=True)
                rows.append(_replayed(path.stem, workflow, place, variables, options.seconds, options.workers))
        head = description(place)
    text = f"{head}\n{options.workers} workers\n\n{table(rows)}"
    print(text)
    if options.write:
        keep("the replay", block(text), PAGE)
    return 0


def _replayed(
    name: str, workflow: dict[str, Any], place: Path, variables: Mapping[str, str], seconds: float, workers: int
) -> Row:
    tasks = workflow["specification"]["tasks"]
    took = {task["id"]: task["runtimeInSeconds"] for task in workflow["execution"]["tasks"]}
    graph = Graph([task["id"] for task in tasks], [task["parents"] for task in tasks])
    longest = timing(graph, [took[name] for name in graph.ids]).makespan
    scale = seconds / max(sum(took.values()) / workers, longest)
    jobs = [
        {"id": task["id"], "command": f"sleep {took[task['id']] * scale:.4f}", "dependencies": task["parents"]}
        for task in tasks
    ]
    document = place / f"{name}.json"
    document.write_text(json.dumps({"application_name": name, "jobs": jobs}))
    tool, line = str(ROOT / "bin"), ["-j", str(workers), str(document)]
    variables = {**variables, "EX_DB": str(place / f"{name}.db")}
    run([f"{tool}/ex-run", "-q", "--log-dir", str(place / "logs"), *line], place, variables)
    plan = place / "plan.json"
    run([f"{tool}/ex-plan", "-q", "--format", "json", "-o", str(plan), "--rounds", "0", *line], place, variables)
    run([f"{tool}/ex-run", "-q", "--log-dir", str(place / "logs"), *line], place, variables)
    shown = place / "shown.json"
    run([f"{tool}/ex-history", "show", "last", "--format", "json", "-o", str(shown)], place, variables)
    predicted = json.loads(plan.read_bytes())["makespan"]
    return Row(name, len(jobs), predicted, json.loads(shown.read_bytes())["run"]["duration"])


def table(rows: Sequence[Row]) -> str:
    """One line a graph."""
    wide = max(len(row.name) for row in rows)
    lines = [f"{'replayed by ex-run':{wide}}  {'jobs':>5}  {'predicted s':>11}  {'took s':>7}  {'off':>6}"]
    for row in rows:
        off = f"{row.predicted / row.took - 1:+.1%}"
        lines.append(f"{row.name:{wide}}  {row.jobs:>5}  {row.predicted:>11.2f}  {row.took:>7.2f}  {off:>6}")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())

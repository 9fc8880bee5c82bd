"""What a single job and a pipe of three tools take: the start of the tools, mostly."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from bench.measure import Result, in_turns, run
from bench.peers import PEERS
from bench.workloads import Workload

PIPED = 20
"""Jobs of the workflow that goes through the pipe."""


def starts(place: Path, runs: int, environ: Mapping[str, str]) -> dict[str, Result]:
    """The result of each start by what it is."""
    for jobs in (1, PIPED):
        (place / f"{jobs}.json").write_text(PEERS["ex-run"].write(Workload("flat", jobs, "true")))
    variables = {**environ, "EX_DB": str(place / "history.db")}
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "ex-run, one job": ["ex-run", "-q", "1.json"],
        f"ex-validate | ex-filter | ex-run, {PIPED} jobs": [
            *("sh", "-c", f"ex-validate {PIPED}.json | ex-filter --with-deps | ex-run -q")
        ],
    }
    return in_turns({name: partial(run, argv, place, variables) for name, argv in commands.items()}, runs)


def lines(results: Mapping[str, Result]) -> str:
    """A line for each: median, least and most wall seconds."""
    rows = [f"{'':<44}{'median':>8}{'min':>8}{'max':>8}"]
    for name, result in results.items():
        seconds = [run.seconds for run in result.runs]
        figures = f"{result.seconds:8.3f}{min(seconds):8.3f}{max(seconds):8.3f}" if seconds else f"{result.word:>8}"
        rows.append(f"{name:<44}{figures}")
    return "\n".join(rows)

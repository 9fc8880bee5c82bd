"""Measure how the cost of a job, the start and the memory grow from 1,000 to 100,000 jobs, and draw it.

All jobs are `true` in one level, two at a time. The first one copies a file, whose time tells when it ran.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.machine import ROOT, description, environ
from bench.measure import Failed, Result, Run, Stand, in_turns, run
from bench.page import block, keep
from bench.peers import PEERS
from bench.plot import Panel, svg
from bench.workloads import Workload

PAGE = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "images" / "curve.svg"
COMPARED = ("ex-run", "ninja")
LIMIT = 900.0
"""Seconds that one run may take."""


@dataclass(frozen=True)
class Point:
    """What one tool needed for so many jobs."""

    jobs: int
    milliseconds: float
    """Wall time a job, the start of the tool included."""
    first: float
    """Seconds from the start of the tool to the first job."""
    peak: float
    """MiB of the largest process."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with --write keep the figures and the plot in the docs."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.where) as name:
        place = Path(name)
        variables = environ(place)
        head = description(place)
        names = [peer for peer in COMPARED if PEERS[peer].found(variables["PATH"])]
        lines, interpreter = _measured(names, options, place, variables)
    text = f"{head}\n\n{_table(lines)}\n\n{_conclusions(lines[COMPARED[0]], interpreter)}"
    print(text)
    if options.write:
        PLOT.write_text(_plot(lines), encoding="utf-8")
        keep("the curve", block(text), PAGE)
    return 0


def _measured(
    names: Sequence[str], options: argparse.Namespace, place: Path, variables: Mapping[str, str]
) -> tuple[dict[str, list[Point]], float]:
    """The points of each tool, and the MiB of a bare interpreter."""
    first: dict[tuple[str, int], float] = {}
    commands: dict[str, Callable[[], Run]] = {}
    for jobs in options.jobs:
        workload = Workload("flat", jobs, "true", first="/bin/cp small out/first")
        (place / str(jobs)).mkdir()
        for name in names:
            stand = Stand(PEERS[name], workload, place / str(jobs), options.workers, variables)
            commands[f"{name} {jobs}"] = partial(_timed, stand, first, (name, jobs))
    bare = partial(run, [sys.executable, "-c", "pass"], place, variables)
    results = in_turns({**commands, "python": bare}, options.runs)
    lines = {
        name: [_point(jobs, results[f"{name} {jobs}"], first[name, jobs]) for jobs in options.jobs] for name in names
    }
    return lines, results["python"].peak / 1024


def _timed(stand: Stand, first: dict[tuple[str, int], float], key: tuple[str, int]) -> Run:
    """Run it and keep the shortest time to the first job: what is longer is the machine's."""
    print(f"{key[0]}, {key[1]} jobs …", file=sys.stderr, flush=True)
    measured = stand.run(LIMIT)
    after = (stand.folder / "out" / "first").stat().st_mtime - measured.began
    first[key] = min(first.get(key, after), after)
    return measured


def _point(jobs: int, result: Result, first: float) -> Point:
    if not result.runs:
        raise Failed(result.reason or result.word)
    return Point(jobs, result.seconds / jobs * 1000, first, result.peak / 1024)


def _table(lines: Mapping[str, Sequence[Point]]) -> str:
    heads = "".join(f"{name:>10}" for name in lines)
    rows = [f"{'':>8}{'ms a job':>20}{'first job after s':>20}{'peak MiB':>20}", f"{'jobs':>8}{heads * 3}"]
    for points in zip(*lines.values(), strict=True):
        cost = "".join(f"{point.milliseconds:>10.3f}" for point in points)
        first = "".join(f"{point.first:>10.2f}" for point in points)
        peak = "".join(f"{point.peak:>10.0f}" for point in points)
        rows.append(f"{points[0].jobs:>8,}{cost}{first}{peak}")
    return "\n".join(rows)


def _conclusions(points: Sequence[Point], interpreter: float) -> str:
    costs = [point.milliseconds for point in points]
    last = points[-1]
    return (
        f"{COMPARED[0]}, highest cost of a job / lowest: {max(costs) / min(costs):.2f}\n"
        f"start to the first of {last.jobs:,} jobs: {last.first:.2f} s\n"
        f"memory a job above the interpreter's {interpreter:.0f} MiB: "
        f"{(last.peak - interpreter) * 1024 / last.jobs:.2f} KiB"
    )


def _plot(lines: Mapping[str, Sequence[Point]]) -> str:
    def panel(head: str, unit: str, value: Callable[[Point], float]) -> Panel:
        return Panel(head, unit, {name: [(point.jobs, value(point)) for point in line] for name, line in lines.items()})

    return svg(
        "What a job costs, when the first one starts and how much memory is needed, from 1,000 to 100,000 jobs",
        [
            panel("cost of a job", "milliseconds of wall time", lambda point: point.milliseconds),
            panel("until the first job", "seconds", lambda point: point.first),
            panel("peak memory", "MiB", lambda point: point.peak),
        ],
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.curve", description=__doc__)
    sizes = [1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]
    parser.add_argument("--jobs", type=int, nargs="+", default=sizes, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="jobs at a time [2]")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="counted runs of each; slow ones: two [3]")
    parser.add_argument("--in", dest="where", metavar="DIR", help="where files are made [the temporary directory]")
    parser.add_argument("--write", action="store_true", help="keep figures and plot in docs/")
    return parser


if __name__ == "__main__":
    sys.exit(main())

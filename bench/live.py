"""Measure what the live view costs: the same run on a terminal with the view and without it, in turns.

The terminal is a pseudo-terminal whose other end is read all the time, as a terminal emulator does.
"""

from __future__ import annotations

import argparse
import os
import pty
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.machine import environ
from bench.measure import Failed
from bench.peers import PEERS
from bench.workloads import Workload

WAYS = {"with the live view": [], "with --quiet": ["--quiet"]}
GOAL = 1.10
"""The view may make a run a tenth longer at the most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the view is dearer than it may be."""
    options = _parser().parse_args(arguments)
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    shown: dict[str, int] = {}
    with tempfile.TemporaryDirectory(dir=options.where) as name:
        place = Path(name)
        document = place / "flat.json"
        document.write_text(PEERS["ex-run"].write(Workload("flat", options.jobs, "true")))
        variables = {**environ(place), "EX_DB": str(place / "history.db")}
        for turn in range(options.runs + 1):
            for way, flags in WAYS.items():
                argv = ["ex-run", "-j", str(options.workers), *flags, str(document)]
                took, shown[way] = on_a_terminal(argv, place, variables)
                if turn:
                    seconds[way].append(took)
    print(f"{options.jobs:,} jobs of true, {options.workers} workers, {options.runs} runs each")
    for way, times in seconds.items():
        figures = f"{statistics.median(times):8.3f} s, {min(times):.3f} to {max(times):.3f}"
        print(f"{way:<20}{figures}; {shown[way]:,} bytes on the terminal")
    ratio = statistics.median(seconds["with the live view"]) / statistics.median(seconds["with --quiet"])
    print(f"the live view costs {ratio - 1:+.1%} (goal: under {GOAL - 1:.0%})")
    return int(ratio >= GOAL)


def on_a_terminal(argv: Sequence[str], folder: Path, variables: Mapping[str, str]) -> tuple[float, int]:
    """Wall seconds of a command on a terminal of its own, and the bytes that it wrote there.

    Raises ``Failed`` if its exit code is not 0.
    """
    began = time.perf_counter()
    child, terminal = pty.fork()
    if not child:
        try:
            os.chdir(folder)
            os.execvpe(argv[0], list(argv), variables)
        finally:
            os._exit(127)
    shown = b""
    count = 0
    try:
        while piece := os.read(terminal, 65536):
            count += len(piece)
            shown = piece
    except OSError:  # how Linux says that nobody has the other end open any more
        pass
    _, status = os.waitpid(child, 0)
    took = time.perf_counter() - began
    os.close(terminal)
    if status:
        raise Failed(f"exit code {os.waitstatus_to_exitcode(status)}: {shown.decode(errors='replace')[-200:]}")
    return took, count


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--jobs", type=int, default=5000, metavar="N", help="[5000]")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="jobs at a time [2]")
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="counted runs of each way [7]")
    parser.add_argument("--in", dest="where", metavar="DIR", help="where files are made [the temporary directory]")
    return parser


if __name__ == "__main__":
    sys.exit(main())

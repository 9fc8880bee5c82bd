"""Measure ex-run against ninja in the same minute, and the start of a single job and of a pipe.

Commands take turns (A B A B …), so that a machine whose speed drifts drifts for both; what counts is the ratio of
the medians. History and logs are on, as a user runs it; ninja keeps its own build log.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BIN = Path(sys.executable).parent


def main() -> int:
    """Measure, print the table, return 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000, help="jobs in one level (default 1000)")
    parser.add_argument("--workers", type=int, default=2, help="jobs at a time (default 2)")
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each command, after one that is not")
    options = parser.parse_args()
    ninja = shutil.which("ninja", path=os.pathsep.join([str(BIN), os.environ["PATH"]]))
    if ninja is None:
        parser.error("ninja is not there: make test installs it")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        os.environ |= {
            "HOME": name,
            "EX_DB": str(place / "history.db"),
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }
        many = _documents(place, options.jobs)
        one, twenty = _documents(place, 1), _documents(place, 20)
        ours = ["ex-run", "-q", "-j", str(options.workers), f"{many}.json"]
        theirs = [ninja, "--quiet", "-j", str(options.workers), "-f", f"{many}.ninja", "-C", name]
        pipe = f"ex-validate {shlex.quote(f'{twenty}.json')} | ex-filter --with-deps | ex-run -q"
        clean = lambda: (place / ".ninja_log").unlink(missing_ok=True)  # noqa: E731 - it would build nothing twice
        rows = _alternate({"ex-run": ours, "ninja": theirs}, options.runs, clean)
        rows |= _alternate({"one job": ["ex-run", "-q", f"{one}.json"]}, options.runs, clean)
        rows |= _alternate({"pipe of 20": ["sh", "-c", pipe]}, options.runs, clean)
    _print(rows, options.jobs, options.workers)
    return 0


def _documents(place: Path, jobs: int) -> Path:
    """A workflow and a ninja file of jobs that do nothing, all in one level."""
    base = place / f"flat-{jobs}"
    names = [f"j{n}" for n in range(jobs)]
    base.with_suffix(".json").write_text(
        json.dumps({"application_name": "flat", "jobs": [{"id": name, "command": "true"} for name in names]})
    )
    builds = "".join(f"build {name}: job\n" for name in names)
    base.with_suffix(".ninja").write_text(f"rule job\n  command = true\n{builds}")
    return base


def _alternate(commands: dict[str, list[str]], runs: int, before: Callable[[], None]) -> dict[str, list[float]]:
    """Wall seconds of each command, taken in turns after one round that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            before()
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            if turn:
                seconds[name].append(time.perf_counter() - began)
    return seconds


def _print(rows: dict[str, list[float]], jobs: int, workers: int) -> None:
    labels = {
        "ex-run": f"ex-run, {jobs} x true, {workers} workers",
        "ninja": f"ninja, {jobs} x true, {workers} workers",
        "one job": "ex-run, one job",
        "pipe of 20": "ex-validate | ex-filter | ex-run, 20 jobs",
    }
    print(f"{'wall seconds':<44}{'median':>8}{'min':>8}{'max':>8}")
    for name, times in rows.items():
        print(f"{labels[name]:<44}{statistics.median(times):8.3f}{min(times):8.3f}{max(times):8.3f}")
    ratio = statistics.median(rows["ex-run"]) / statistics.median(rows["ninja"])
    print(f"\nex-run / ninja: {ratio:.2f} (ratio of the medians)")


if __name__ == "__main__":
    sys.exit(main())

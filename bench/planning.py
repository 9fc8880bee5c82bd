"""Measure ex-plan on a large graph: 10,000 jobs that wait for up to five earlier ones each, nearly 50,000 edges."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.accuracy import PAGE
from bench.machine import ROOT, description, environ
from bench.measure import in_turns, run
from bench.page import block, keep

_NEAR = 400
"""A job waits for some of so many before it."""
WAYS = {
    "text": (),
    "json": ("--format", "json"),
    "html": ("--format", "html"),
    "text, --sweep 1-16": ("--sweep", "1-16"),
    "text, --rounds 20": ("--rounds", "20"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and with --write keep the figures in the documentation."""
    parser = argparse.ArgumentParser(prog="python -m bench.planning", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {PAGE.name}")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        edges = _write(place, options.jobs)
        variables = {**environ(place), "EX_DB": str(place / "none.db")}
        plan = [str(ROOT / "bin" / "ex-plan"), "-q", "big.json", "--durations", "took.json", "-j", "16", "-o", "plan"]
        ways = {way: partial(run, [*plan, *more], place, variables) for way, more in WAYS.items()}
        results = in_turns(ways, options.runs)
        head = description(place)
    # The shortest: whatever else the machine did can only have made it longer.
    lines = [
        f"{way:20} {min(one.seconds for one in result.runs):6.2f} s {result.peak / 1024:6.0f} MiB"
        for way, result in results.items()
    ]
    what = f"{options.jobs:,} jobs, {edges:,} edges, 16 workers; the whole process, shortest of {options.runs}"
    text = "\n".join([head, what, "", *lines])
    print(text)
    if options.write:
        keep("the speed", block(text), PAGE)
    return 0


def _write(place: Path, count: int) -> int:
    """The document and its durations; returns the number of its edges."""
    dice = random.Random(3)
    jobs = []
    for number in range(count):
        needs = {dice.randrange(max(0, number - _NEAR), number) for _ in range(5)} if number else set()
        needed = [f"job_{other:05}" for other in sorted(needs)]
        jobs.append({"id": f"job_{number:05}", "command": f"process {number} && echo done", "dependencies": needed})
    (place / "big.json").write_text(json.dumps({"application_name": "big", "jobs": jobs}, indent=1))
    took = {f"job_{number:05}": [dice.expovariate(1 / 60) for _ in range(3)] for number in range(count)}
    (place / "took.json").write_text(json.dumps(took))
    return sum(len(job["dependencies"]) for job in jobs)


if __name__ == "__main__":
    raise SystemExit(main())

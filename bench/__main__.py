"""Measure ex-run and its peers on the same jobs and print one table.

Each graph of jobs is run by every peer that is installed, in turns; the table has the medians, the ratios to ninja and
the peak memory. History and logs of ex-run are on, as a user runs it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.machine import description, environ, versions
from bench.measure import LIMIT, Result, Stand, in_turns
from bench.page import block, keep
from bench.peers import PEERS, Peer
from bench.starts import lines, starts
from bench.table import IMPOSSIBLE, OURS, table
from bench.workloads import PROGRAMS, SHAPES, Workload


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if ex-run failed somewhere."""
    options = _parser().parse_args(arguments)
    if options.quick:
        options.jobs, options.runs, options.program = [1000], 3, ["true"]
    peers = [PEERS[name] for name in options.peers]
    with tempfile.TemporaryDirectory(dir=options.where) as name:
        place = Path(name)
        variables = environ(place)
        head = f"{description(place)}\n{versions(peers, variables)}"
        results: dict[Workload, dict[str, Result]] = {}
        for jobs in options.jobs:
            for program in options.program:
                for shape in options.graphs:
                    workload = Workload(shape, jobs, program)
                    _say(f"{workload} …")
                    hopeless = _hopeless(workload, results)
                    row = _row(
                        workload, [peer for peer in peers if peer.name not in hopeless], place, options, variables
                    )
                    results[workload] = row = row | {name: Result(word="too long") for name in hopeless}
                    _say("  " + ", ".join(f"{name} {result.short}" for name, result in row.items() if result.short))
        first = lines(starts(place, options.runs, variables)) if OURS in options.peers else ""
        _say("removing the files …")
    counted = f"{options.workers} workers, {options.runs} runs each in turns after one that is not counted"
    text = f"{head}\n{counted}\n\n{table(results, options.peers)}\n\n{first}".rstrip()
    print(text)
    if options.write:
        keep("the table", block(text))
    return int(any(row[OURS].word for row in results.values() if OURS in row))


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _hopeless(workload: Workload, results: Mapping[Workload, Mapping[str, Result]]) -> set[str]:
    """The peers whose time for fewer of these jobs says that this many would take more than twice the limit."""
    fewer = [one for one in results if (one.shape, one.program) == (workload.shape, workload.program)]
    return {
        name
        for one in fewer
        for name, result in results[one].items()
        if result.runs and result.seconds * workload.jobs / one.jobs > 2 * LIMIT
    }


def _row(
    workload: Workload, peers: Sequence[Peer], place: Path, options: argparse.Namespace, variables: Mapping[str, str]
) -> dict[str, Result]:
    """The result of each peer that is installed; what it has no way to do is left blank."""
    here = [peer for peer in peers if peer.found(variables["PATH"])]
    row = {peer.name: IMPOSSIBLE for peer in here if not peer.can(workload)}
    stands = {
        peer.name: Stand(peer, workload, place, options.workers, variables) for peer in here if peer.can(workload)
    }
    return row | in_turns({name: stand.run for name, stand in stands.items()}, options.runs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--jobs", type=int, nargs="+", default=[1000, 10_000], metavar="N", help="[1000 10000]")
    parser.add_argument("--graphs", nargs="+", choices=SHAPES, default=list(SHAPES), help="[all]")
    parser.add_argument("--program", nargs="+", choices=list(PROGRAMS), default=list(PROGRAMS), help="[both]")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS), metavar="PEER", help="[all]")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="jobs at a time [2]")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="counted runs of each [5]")
    parser.add_argument("--in", dest="where", metavar="DIR", help="where files are made [the temporary directory]")
    parser.add_argument("--quick", action="store_true", help="1000 jobs of true, three runs: some minutes")
    parser.add_argument("--write", action="store_true", help="keep the table in bench/README.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())

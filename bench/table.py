"""The table as text, and the mean that says it in one number."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

from bench.measure import LIMIT, PATIENCE, Result
from bench.workloads import Workload

OURS, YARDSTICK = "ex-run", "ninja"
ABSENT, IMPOSSIBLE = Result(word="not here"), Result(word="")
Results = Mapping[Workload, Mapping[str, Result]]
_NAME, _CELL = 17, 15


def table(results: Results, peers: Sequence[str]) -> str:
    """A block for each number of jobs; a row a peer, a column a graph and program."""
    blocks = [_block(jobs, results, peers) for jobs in dict.fromkeys(workload.jobs for workload in results)]
    return "\n\n".join(["\n\n".join(blocks), *_means(results), _notes(results)])


def ratios(workloads: Iterable[Workload], results: Results) -> list[float]:
    """How many times the yardstick's time ours is, for each workload that both have done."""
    found = []
    for workload in workloads:
        ours, theirs = (results[workload].get(name, ABSENT) for name in (OURS, YARDSTICK))
        if ours.runs and theirs.runs:
            found.append(ours.seconds / theirs.seconds)
    return found


def _block(jobs: int, results: Results, peers: Sequence[str]) -> str:
    workloads = [workload for workload in results if workload.jobs == jobs]
    heads = "".join(f"{f'{workload.shape}, {workload.program}':>{_CELL}}" for workload in workloads)
    lines = [f"{f'{jobs:,} jobs':<{_NAME}}{heads}{'peak MiB':>10}"]
    for peer in peers:
        row = [results[workload].get(peer, ABSENT) for workload in workloads]
        peaks = [result.peak for result in row if result.runs]
        cells = "".join(_cell(result, results[workload]) for result, workload in zip(row, workloads, strict=True))
        lines.append(f"{peer:<{_NAME}}{cells}{_mebibytes(peaks):>10}".rstrip())
    return "\n".join(lines)


def _cell(result: Result, row: Mapping[str, Result]) -> str:
    if not result.runs:
        return f"{result.word:>{_CELL}}"
    yardstick = row.get(YARDSTICK, ABSENT)
    ratio = f" ×{result.seconds / yardstick.seconds:.2f}" if yardstick.runs else ""
    mark = "*" if result.runs[0].seconds > PATIENCE else " "
    return f"{f'{result.seconds:.3f}{ratio}{mark}':>{_CELL}}"


def _mebibytes(peaks: Sequence[int]) -> str:
    return f"{max(peaks) / 1024:.0f}" if peaks else ""


def _means(results: Results) -> list[str]:
    lines = []
    for jobs in dict.fromkeys(workload.jobs for workload in results):
        some = ratios([workload for workload in results if workload.jobs == jobs], results)
        if some:
            lines.append(f"{jobs:>9,} jobs: {statistics.geometric_mean(some):.2f}   ({_span(some)})")
    whole = ratios(results, results)
    if len(lines) > 1:
        lines.append(f"{'all rows':>14}: {statistics.geometric_mean(whole):.2f}   ({_span(whole)})")
    return [f"{OURS} / {YARDSTICK}, geometric mean of the ratios above\n" + "\n".join(lines)] if lines else []


def _span(some: Sequence[float]) -> str:
    return f"{min(some):.2f} to {max(some):.2f}"


def _notes(results: Results) -> str:
    found = [(peer, str(workload), result) for workload, row in results.items() for peer, result in row.items()]
    notes = [f"Median wall seconds, and how many times {YARDSTICK}'s; peak of the largest process, highest of the row."]
    if any(result.runs and result.runs[0].seconds > PATIENCE for _, _, result in found):
        notes.append(f"* a run takes over {PATIENCE:.0f} s: the median of two runs, or one")
    if any(result.word == "too long" for _, _, result in found):
        notes.append(f"too long: a run was ended after {LIMIT:.0f} s, or would have taken over twice that")
    if any(result is ABSENT for _, _, result in found):
        notes.append("not here: not installed on the machine that was measured")
    notes += [f"{peer}, {workload}: {result.reason}" for peer, workload, result in found if result.reason]
    return "\n".join(notes)

"""Everything that is known of a run before it begins, joined: the schedule, its limits, what holds it up, the risks."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from exlib.analysis.bottlenecks import Width, gates, width
from exlib.analysis.limits import Limits, limits
from exlib.analysis.timing import Timing, timing
from exlib.graph import Graph
from exlib.simulation.durations import Durations
from exlib.simulation.past import Past
from exlib.simulation.risks import Facts, Risk, risks
from exlib.simulation.simulate import Schedule, Simulator, runs_something
from exlib.simulation.spread import Spread, rounds_for, spread
from exlib.simulation.sweep import Sweep, sweep
from exlib.simulation.timeline import Link, chain, slack, utilisation
from exlib.workflow import Job

_TRIED = 5
"""Jobs of which it is tried what the run would gain if they took no time."""
_TRY_UP_TO = 3_000
_WORTH_TELLING = 0.01
_SWEEP_UP_TO = 1_000
"""Jobs up to which a few numbers of workers are tried without being asked for."""


class Gain(NamedTuple):
    """By how many seconds the run would end sooner if a job took no time; that is the most that mending it can gain."""

    node: int
    seconds: float


class Wanted(NamedTuple):
    """What is asked of a plan. ``counts`` None: a few numbers of workers where that is cheap; ``rounds`` likewise."""

    workers: int = 1
    counts: tuple[int, ...] | None = None
    rounds: int | None = None
    seed: int = 0


class Outlook(NamedTuple):
    """By node: ``level`` from 1, ``slack`` in the schedule; ``timing`` is with workers enough for all that is ready."""

    jobs: Sequence[Job]
    graph: Graph
    durations: Durations
    past: Mapping[str, Past]
    levels: list[list[int]]
    level: list[int]
    timing: Timing
    limits: Limits
    schedule: Schedule
    slack: list[float]
    chain: list[Link]
    busy: list[float]
    spread: Spread | None
    spread_skipped: bool
    sweep: Sweep
    width: Width
    gates: list[int]
    gains: list[Gain]
    risks: list[Risk]


def look_ahead(
    jobs: Sequence[Job],
    durations: Durations,
    wanted: Wanted,
    stated: frozenset[int] = frozenset(),
    past: Mapping[str, Past] | None = None,
) -> Outlook:
    """The outlook of a run with so many workers. ``stated`` are the nodes whose timeout the document states."""
    graph = Graph([job.id for job in jobs], [job.dependencies for job in jobs])
    seconds, timed = durations.seconds, durations.timed
    levels = graph.levels()
    level = [0] * len(graph)
    for number, nodes in enumerate(levels, 1):
        for node in nodes:
            level[node] = number
    simulator = Simulator(jobs, graph)
    times = timing(graph, seconds)
    bounds = limits(graph, seconds, times.makespan)
    schedule = simulator.run(seconds, wanted.workers)
    waited = chain(graph, schedule)
    at_once = width(graph, [node for node, job in enumerate(jobs) if runs_something(job)])
    rounds = rounds_for(len(jobs), wanted.rounds)
    return Outlook(
        jobs=jobs,
        graph=graph,
        durations=durations,
        past=past or {},
        levels=levels,
        level=level,
        timing=times,
        limits=bounds,
        schedule=schedule,
        slack=slack(graph, schedule),
        chain=waited,
        busy=utilisation(schedule),
        spread=spread(simulator, durations.guesses, wanted.workers, rounds, wanted.seed),
        spread_skipped=not rounds and wanted.rounds is None,
        sweep=sweep(simulator, seconds, _counts(wanted, len(jobs), at_once), bounds),
        width=at_once,
        gates=[node for node in gates(graph) if graph.dependencies[node] or graph.dependents[node]],
        gains=_gains(
            simulator, seconds, schedule, {*times.critical, *(link.node for link in waited)} if timed else set()
        ),
        risks=risks(Facts(jobs, durations, schedule, times.critical, stated, past or {})),
    )


def _counts(wanted: Wanted, jobs: int, at_once: Width) -> Sequence[int]:
    """The numbers of workers to try: those asked for, else up to eight and powers of two that can all be busy."""
    if wanted.counts is not None:
        return wanted.counts
    if not 1 < jobs <= _SWEEP_UP_TO:
        return ()
    useful = min(max(at_once.jobs, 1), 64)
    few = {*range(1, min(useful, 8) + 1), *(2**power for power in range(useful.bit_length()))}
    few |= {wanted.workers, useful}
    return sorted(few) if len(few) > 1 else ()


def _gains(simulator: Simulator, seconds: Sequence[float], schedule: Schedule, candidates: set[int]) -> list[Gain]:
    """For the longest of the jobs that the end waits for; for large graphs none, as each is a simulation."""
    if len(seconds) > _TRY_UP_TO or schedule.workers == 1:  # with one worker each job delays by what it takes
        return []
    longest = sorted(candidates, key=lambda node: (-seconds[node], node))[:_TRIED]
    found = []
    for node in longest:
        without = [0.0 if other == node else value for other, value in enumerate(seconds)]
        gain = schedule.makespan - simulator.run(without, schedule.workers).makespan
        if gain > _WORTH_TELLING * schedule.makespan:
            found.append(Gain(node, gain))
    return sorted(found, key=lambda gain: -gain.seconds)

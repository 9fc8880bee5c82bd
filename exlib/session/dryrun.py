"""``--dry-run``: the order in which the scheduler would start the jobs, found by the scheduler itself."""

from __future__ import annotations

from collections.abc import Sequence

from exlib.console import Console, plural, printable
from exlib.engine.attempt import Place
from exlib.engine.command import DEFAULT_SHELL
from exlib.engine.executors.dryrun import DryRunExecutor
from exlib.engine.journal import Journal
from exlib.engine.outcome import Options
from exlib.engine.plan import Plan
from exlib.engine.scheduler import Scheduler
from exlib.engine.states import State
from exlib.events import AttemptStarted, Event, Reader
from exlib.graph import Graph
from exlib.masking import UNMASKED, Mask
from exlib.session.choice import Settled
from exlib.workflow import Job, Workflow


class _Order(Reader):
    """Collects the ids of the jobs as they start."""

    def __init__(self) -> None:
        self.jobs: list[str] = []

    def read(self, events: Sequence[Event]) -> None:
        self.jobs += [event.job for event in events if isinstance(event, AttemptStarted)]


def order(jobs: Sequence[Job], graph: Graph, settled: Settled, workers: int) -> list[int]:
    """Jobs in the order of their starts, if each took as long as the others and none failed."""
    # What the jobs would do does not matter here; the command only has to be one for the shell.
    bare = [
        job._replace(command=":;", shell=DEFAULT_SHELL, pre_checks=(), post_checks=(), waits=(), timeout=None)
        for job in jobs
    ]
    plan = Plan(graph, [job.priority for job in jobs])
    plan.start((node, state) for node, (state, _) in settled.items())
    seen = _Order()
    place = Place({}, {}, "/", "")
    Scheduler(
        bare, plan, DryRunExecutor(workers), lambda _job, _number: place, Journal(seen),
        options=Options(), clock=lambda: 0.0, wall=lambda: 0.0,
    ).run()  # fmt: skip
    return [graph.index[name] for name in seen.jobs]


def plan_text(
    workflow: Workflow, graph: Graph, settled: Settled, workers: int, console: Console, mask: Mask = UNMASKED
) -> str:
    """The plan as a table for a person: order, level, job, command; then what is left out and why."""
    import sys

    def style(text: str, *styles: str) -> str:
        return console.style(text, *styles, stream=sys.stdout)

    jobs = workflow.jobs
    level = {node: number for number, nodes in enumerate(graph.levels(), 1) for node in nodes}
    sequence = order(jobs, graph, settled, workers)
    done = sum(state is State.SUCCESS for state, _ in settled.values())
    facts = [plural(len(sequence), "job"), plural(len(set(map(level.get, sequence))), "level")]
    facts += [plural(workers, "worker"), *([f"{done} done already"] if done else [])]
    width = min(max((len(jobs[node].id) for node in sequence), default=3), 40)
    lines = [f"{style(printable(workflow.name), 'bold')}: {', '.join(facts)}; nothing is started", ""]
    lines.append(style(f"{'order':>5}  {'level':>5}  {'job':<{width}}  command", "dim"))
    for number, node in enumerate(sequence, 1):
        job = jobs[node]
        command = printable(mask.text(job.command.strip())) or style("(nothing to run)", "dim")
        lines.append(f"{number:>5}  {level[node]:>5}  {printable(job.id):<{width}}  {command}")
    for node, (_, why) in sorted(settled.items()):
        lines.append(f"{'-':>5}  {level[node]:>5}  {printable(jobs[node].id):<{width}}  {style(printable(why), 'dim')}")
    return "\n".join(lines) + "\n"

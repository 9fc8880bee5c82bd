"""What a plan says in words, whatever the format: amounts, the figures at its head, and its findings as sentences."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from exlib.console import plural, span
from exlib.masking import UNMASKED, Mask
from exlib.simulation.durations import Guess
from exlib.simulation.outlook import Outlook
from exlib.simulation.risks import Risk
from exlib.simulation.sweep import WORTH


class Told(NamedTuple):
    """A plan to be told: of the workflow ``name``; ``before`` is the plan without the ``changes`` that are tried."""

    name: str
    outlook: Outlook
    before: Outlook | None = None
    changes: Sequence[str] = ()
    mask: Mask = UNMASKED

    @property
    def amount(self) -> Callable[[float], str]:
        """How an amount of time is written: units have no seconds."""
        return amount(self.outlook.durations.timed)

    def name_of(self, node: int) -> str:
        """The id of a job."""
        return self.outlook.graph.ids[node]


def amount(timed: bool) -> Callable[[float], str]:
    """``span`` for seconds, plain numbers for units."""
    return span if timed else lambda value: f"{value:.4g}"


def headline(told: Told) -> str:
    """``12 jobs in 5 levels, 3 workers``."""
    look = told.outlook
    sizes = [plural(len(look.jobs), "job"), plural(len(look.levels), "level")]
    return f"{' in '.join(sizes)}, {plural(look.schedule.workers, 'worker')}"


def figures(told: Told) -> Iterator[tuple[str, str, str]]:
    """The few numbers at the head: what, how much, and a remark."""
    look, short = told.outlook, told.amount
    schedule, limits = look.schedule, look.limits
    yield "ends after", with_unit(told, schedule.makespan), range_said(told)
    gain = limits.work / schedule.makespan if schedule.makespan else 1.0
    busy = sum(look.busy) / len(look.busy) if look.busy else 0.0
    yield "one worker", short(limits.work), f"speed-up {gain:.2f}, the workers are busy {busy:.0%} of the time"
    yield "at best", short(limits.span), "the critical path; no number of workers ends sooner"
    most = "at most" if look.width.exact else "at least"
    yield "at once", f"{look.width.jobs:,}", f"jobs can run beside each other {most}"


def range_said(told: Told) -> str:
    """The range of the makespan, or why there is none."""
    look, short = told.outlook, told.amount
    if look.spread is not None:
        if short(look.spread.p10) == short(look.spread.p90):
            return f"and hardly more or less in {look.spread.rounds} rounds"
        return f"{short(look.spread.p10)} to {short(look.spread.p90)} in 8 of 10 cases ({look.spread.rounds} rounds)"
    if look.spread_skipped and any(len(guess.samples) > 1 for guess in look.durations.guesses):
        return "no range for so many jobs, unless --rounds N asks for it"
    return ""


def critical_path(told: Told) -> str:
    """``4.1s, 5 of 12 jobs``."""
    look = told.outlook
    return f"{told.amount(look.timing.makespan)}, {len(look.timing.critical):,} of {plural(len(look.jobs), 'job')}"


def gains(told: Told) -> Iterator[str]:
    """Sentences on the jobs that are worth being made quicker."""
    look, short = told.outlook, told.amount
    for gain in look.gains:
        takes = short(look.durations.guesses[gain.node].seconds)
        sooner = f"the run ends at most {short(gain.seconds)} sooner if it is made quicker"
        yield f"{told.name_of(gain.node)} takes {takes}: {sooner}"


def bottlenecks(told: Told) -> Iterator[str]:
    """Sentences on where the graph is narrow or wide, and where jobs wait for workers."""
    look, short = told.outlook, told.amount
    if look.gates:
        alone = f" ({short(look.limits.serial)} in which nothing else can run)" if look.limits.serial else ""
        yield f"everything passes {some(told, look.gates)}{alone}"
    level = max(range(len(look.levels)), key=lambda at: len(look.levels[at]), default=None)
    if level is not None and len(look.jobs) > len(look.levels) > 1:
        jobs = plural(len(look.levels[level]), "job")
        yield f"level {level + 1:,} of {len(look.levels):,} is the widest, with {jobs}"
    waits = [link for link in look.chain if link.why == "worker"]
    if waits:
        yield (
            f"the end waits for {plural(len(look.chain), 'job')} in turn, {len(waits):,} of them began only when "
            f"a worker came free: {some(told, [link.node for link in waits])}"
        )


def sweep_said(told: Told) -> str:
    """From which number of workers on more of them do not help, with the rule."""
    found = told.outlook.sweep
    if len(found.points) < 2:
        return ""
    if found.enough is None:
        most = found.points[-1].workers
        return f"Up to {plural(most, 'worker')} more of them end the run over {WORTH:.0%} sooner; still more may help."
    text = (
        f"{plural(found.enough, 'worker')} {'is' if found.enough == 1 else 'are'} enough: "
        f"no larger number here ends more than {WORTH:.0%} sooner."
    )
    if found.idle_from is not None:
        text += f" More than {found.idle_from} are never all busy."
    return text


def comparison(told: Told) -> Iterator[tuple[str, str, str, str]]:
    """What the changes make of the plan: what, before, after, difference."""
    if told.before is None:
        return
    old, new, short = told.before, told.outlook, told.amount
    pairs = [
        ("ends after", old.schedule.makespan, new.schedule.makespan),
        ("critical path", old.limits.span, new.limits.span),
        ("one worker", old.limits.work, new.limits.work),
    ]
    for name, before, after in pairs:
        yield name, short(before), short(after), _difference(before, after, short)
    yield "jobs", f"{len(old.jobs):,}", f"{len(new.jobs):,}", ""


def named(told: Told, risk: Risk, most: int = 5) -> str:
    """The jobs of a risk with what is said of each."""
    shown = [
        f"{told.name_of(node)} ({note})" if note else told.name_of(node)
        for node, note in zip(risk.jobs[:most], risk.notes, strict=False)
    ]
    rest = len(risk.jobs) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def guess_said(guess: Guess, short: Callable[[float], str]) -> str:
    """How sure a duration is: ``8 runs, 3.1s to 4.0s``, or its source."""
    if guess.runs:
        low, high = guess.spread
        varies = "" if low == high else f", {short(low)} to {short(high)}"
        since = "" if guess.since is None else f" since run {guess.since}"
        return f"{plural(guess.runs, 'run')}{since}{varies}"
    if guess.samples:
        low, high = guess.spread
        return f"{guess.source}, {short(low)} to {short(high)}"
    return {"typical": "as the others", "nothing": "nothing to run"}.get(guess.source, guess.source)


def some(told: Told, nodes: Sequence[int], most: int = 5) -> str:
    """``a, b, c and 9 more``."""
    shown = ", ".join(told.name_of(node) for node in nodes[:most])
    return shown if len(nodes) <= most else f"{shown} and {len(nodes) - most:,} more"


def with_unit(told: Told, value: float) -> str:
    """An amount that stands alone."""
    return told.amount(value) if told.outlook.durations.timed else plural_units(value)


def plural_units(value: float) -> str:
    """``1 unit``, ``2.5 units``."""
    return f"{value:.4g} {'unit' if value == 1 else 'units'}"


def _difference(before: float, after: float, short: Callable[[float], str]) -> str:
    gap = after - before
    if abs(gap) < 1e-9:
        return "the same"
    share = f" ({gap / before:+.0%})" if before else ""
    if before and gap > 10 * before:  # percents tell nothing there
        share = f" ({after / before:,.0f} times)"
    return f"{short(abs(gap))} {'later' if gap > 0 else 'sooner'}{share}"

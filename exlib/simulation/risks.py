"""What may go wrong with a plan, each with its mend: limits that are missing or odd, jobs that fail, time lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from exlib.console import plural, span
from exlib.simulation.durations import Durations, Guess
from exlib.simulation.past import Past
from exlib.simulation.simulate import Schedule
from exlib.workflow import DEFAULT_TIMEOUT, Job


class Risk(NamedTuple):
    """``code`` is stable; ``jobs`` are the nodes it is about, in document order; ``notes`` what is said of each."""

    code: str
    message: str
    mend: str
    jobs: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


class Facts(NamedTuple):
    """What the risks are found in. ``stated`` has the nodes whose timeout is written in the document."""

    jobs: Sequence[Job]
    durations: Durations
    schedule: Schedule
    critical: Sequence[int]
    stated: frozenset[int]
    past: Mapping[str, Past]


TIGHT = 1.5
"""A timeout below so many times the 90th percentile may end a job that only had a slow day."""
LOOSE = 20.0
"""A timeout above so many times the 90th percentile, and ten minutes, lets a job hang for long."""
_LONG = 600.0
DOMINANT = 0.5


def risks(facts: Facts) -> list[Risk]:
    """All that is found, the gravest kinds first."""
    found: list[Risk] = []
    for look in _LOOKS:
        found += look(facts)
    return found


def _too_short(facts: Facts) -> Iterator[Risk]:
    """A job that usually takes longer than it may, or nearly so."""
    ended, tight = [], []
    for node, (job, guess) in enumerate(_measured(facts)):
        if job.timeout is None:
            continue
        if guess.seconds >= job.timeout:
            ended.append((node, f"takes {span(guess.seconds)}, may take {span(job.timeout)}"))
        elif guess.spread[1] * TIGHT > job.timeout:
            slow = "takes up to" if guess.samples else "takes"
            tight.append((node, f"{slow} {span(guess.spread[1])}, may take {span(job.timeout)}"))
    if ended:
        message = f"{plural(len(ended), 'job')} will be ended by the timeout before the work is done"
        yield _risk("timeout-too-short", message, 'raise "timeout", or make the job quicker', ended)
    if tight:
        message = f"{plural(len(tight), 'job')} may be ended by the timeout on a slow day"
        yield _risk("timeout-tight", message, f'set "timeout" to {TIGHT:g} times the 90th percentile or more', tight)


def _failing(facts: Facts) -> Iterator[Risk]:
    """A job that fails ever since some run is broken: no retry helps it."""
    found = []
    for node, job in enumerate(facts.jobs):
        past = facts.past.get(job.id)
        if past is not None and past.failing is not None:
            found.append((node, f"its last {past.streak} runs, since run {past.failing}"))
    if found:
        message = f"{plural(len(found), 'job')} failed in every run lately"
        mend = "mend it first, as no retry helps: 'ex-analyze-logs --errors-only' says why it fails"
        yield _risk("failing", message, mend, found)


def _flaky(facts: Facts) -> Iterator[Risk]:
    found = []
    for node, job in enumerate(facts.jobs):
        past = facts.past.get(job.id)
        if past is not None and past.flaky and not job.retry.limit:
            found.append((node, f"{past.failures} of {past.tries} tries failed"))
    if found:
        message = f"{plural(len(found), 'job')} failed now and then in recent runs and {_is(found)} not retried"
        yield _risk("flaky-without-retry", message, 'give it "max_retries": 2, or mend what makes it fail', found)


def _no_timeout(facts: Facts) -> Iterator[Risk]:
    """On the critical path a job that hangs holds up the end until its timeout."""
    critical = sorted(facts.critical)
    endless = [(node, "") for node in critical if facts.jobs[node].timeout is None]
    if endless:
        message = f"{plural(len(endless), 'job')} on the critical path {_has(endless)} no timeout"
        yield _risk(
            "no-timeout", message, 'state a "timeout", else a job that hangs holds up the run for ever', endless
        )
    silent = [
        (node, "")
        for node in critical
        if node not in facts.stated and facts.jobs[node].timeout is not None and facts.jobs[node].command.strip()
    ]
    if silent:
        message = (
            f"{plural(len(silent), 'job')} on the critical path {_has(silent)} no timeout stated: "
            f"the default of {span(DEFAULT_TIMEOUT)} applies"
        )
        yield _risk("default-timeout", message, 'state "timeout" for the job, or "default_timeout" for all', silent)


def _endless_waits(facts: Facts) -> Iterator[Risk]:
    waiting = [(node, ", ".join(wait.plugin for wait in job.waits)) for node, job in enumerate(facts.jobs) if job.waits]
    if waiting:
        endless = [node for node, _ in waiting if any(wait.timeout is None for wait in facts.jobs[node].waits)]
        message = (
            f"{plural(len(waiting), 'job')} {_wait(waiting)} for something outside; the plan counts no time for it"
        )
        mend = 'give each wait a "timeout"' if endless else "add what you expect with --set JOB=SECONDS"
        yield _risk("waits-outside", message, mend, waiting)


def _too_long(facts: Facts) -> Iterator[Risk]:
    found = []
    for node, (job, guess) in enumerate(_measured(facts)):
        usual = guess.spread[1]
        if node in facts.stated and job.timeout and job.timeout > max(LOOSE * usual, usual + _LONG):
            found.append((node, f"takes {span(guess.seconds)}, may take {span(job.timeout)}"))
    if found:
        message = f"{plural(len(found), 'job')} may hang for long: the timeout is over {LOOSE:g} times what is usual"
        yield _risk("timeout-loose", message, 'lower "timeout" to a few times the usual duration', found)


def _dominant(facts: Facts) -> Iterator[Risk]:
    makespan, seconds = facts.schedule.makespan, facts.durations.seconds
    if facts.durations.basis == "unit" or len(facts.jobs) < 3 or facts.schedule.workers == 1:
        return
    found = [
        (node, f"{seconds[node] / makespan:.0%} of the whole")
        for node in facts.critical
        if makespan and seconds[node] > DOMINANT * makespan
    ]
    if found:
        yield _risk("dominant-job", "one job takes most of the run", "split it, or start it earlier", found)


def _idle(facts: Facts) -> Iterator[Risk]:
    idle = facts.schedule.workers - facts.schedule.peak
    if idle > 0 and facts.schedule.peak:
        message = f"{idle} of {facts.schedule.workers} workers never get a job"
        end = "ends" if facts.schedule.peak == 1 else "end"
        yield Risk("idle-workers", message, f"{plural(facts.schedule.peak, 'worker')} {end} just as soon")


_LOOKS: tuple[Callable[[Facts], Iterator[Risk]], ...] = (
    _failing, _too_short, _flaky, _no_timeout, _endless_waits, _dominant, _too_long, _idle,
)  # fmt: skip


def _measured(facts: Facts) -> Iterator[tuple[Job, Guess]]:
    """Every job with its guess, one that says nothing where it was neither measured nor given."""
    for job, guess in zip(facts.jobs, facts.durations.guesses, strict=True):
        known = guess.source in ("history", "given", "set")
        yield (job if known else job._replace(timeout=None)), guess


def _risk(code: str, message: str, mend: str, found: Sequence[tuple[int, str]]) -> Risk:
    return Risk(code, message, mend, tuple(node for node, _ in found), tuple(note for _, note in found))


def _is(found: Sequence[object]) -> str:
    return "is" if len(found) == 1 else "are"


def _has(found: Sequence[object]) -> str:
    return "has" if len(found) == 1 else "have"


def _wait(found: Sequence[object]) -> str:
    return "waits" if len(found) == 1 else "wait"

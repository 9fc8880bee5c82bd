"""What is asked of a run as a whole, and how it ended."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from exlib.engine.states import FAILURES, State
from exlib.errors import Exit


class Options(NamedTuple):
    """``timeout`` and ``grace`` (between TERM and KILL when a job times out) in seconds."""

    continue_on_error: bool = False
    timeout: float | None = None
    grace: float = 5.0


class Outcome(NamedTuple):
    """How a run ended: its status word, the exit code, why it stopped early, and jobs counted by final state."""

    status: str
    exit_code: Exit
    reason: str | None
    duration: float
    counts: dict[str, int]


_FROM_OUTSIDE = (Exit.INTERRUPTED, Exit.TERMINATED, Exit.RUN_TIMEOUT)


def outcome(states: Sequence[State], stopped: Exit, reason: str | None, duration: float) -> Outcome:
    """The outcome of a run whose jobs ended in these states; ``stopped`` is the exit code of what cut it short."""
    failed = any(state in FAILURES for state in states)
    if stopped in _FROM_OUTSIDE and not failed and State.CANCELLED not in states:
        stopped, reason = Exit.OK, None  # it came too late to keep any job from its end
    if stopped in (Exit.INTERRUPTED, Exit.TERMINATED):
        status = "cancelled"
    elif stopped is Exit.RUN_TIMEOUT:
        status = "timeout"
    else:
        status = "failed" if failed or stopped else "success"
    counts = dict(Counter(state.value for state in states))
    return Outcome(status, stopped or (Exit.NO if failed else Exit.OK), reason, duration, counts)

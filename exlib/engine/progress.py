"""What is known of a job that has begun, and the events that tell it."""

from __future__ import annotations

from dataclasses import dataclass

from exlib.engine.attempt import Attempt, Result
from exlib.engine.states import State
from exlib.events import AttemptFinished, JobFinished
from exlib.workflow import Job


@dataclass(slots=True)
class Progress:
    """``started`` is seconds since the epoch, ``since`` the monotonic clock at the same moment; sums over attempts."""

    started: float
    since: float
    attempts: int = 0
    cpu: float = 0.0
    memory: int = 0
    log: str | None = None
    last: Result | None = None

    def conclude(self, attempt: Attempt, result: Result, wall: float, clock: float) -> AttemptFinished:
        """Add an attempt that ended."""
        self.cpu += attempt.cpu
        self.memory = max(self.memory, attempt.memory)
        self.last = result
        return AttemptFinished(
            time=wall,
            job=attempt.job.id,
            number=attempt.number,
            status=result.state.value,
            exit_code=result.exit_code,
            signal=result.signal,
            duration=clock - attempt.since,
            cpu=attempt.cpu,
            memory=attempt.memory,
            reason=result.reason,
        )


_NEVER = Progress(0.0, 0.0)


def finished(
    job: Job, state: State, reason: str | None, known: Progress | None, wall: float, clock: float
) -> JobFinished:
    """The last event of a job, whether it ever began (``known``) or not."""
    seen = known or _NEVER
    last = seen.last
    return JobFinished(
        time=wall,
        job=job.id,
        status=state.value,
        reason=reason,
        command=job.command,
        attempts=seen.attempts,
        started=known.started if known else None,
        duration=clock - known.since if known else 0.0,
        exit_code=last.exit_code if last else None,
        signal=last.signal if last else None,
        cpu=seen.cpu,
        memory=seen.memory,
        log=seen.log,
    )

"""The job state machine: one explicit table. A move that it lacks is a bug and raises."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a job is in one attempt of a run."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCESS = "success"
    FAILED = "failed"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    LOST = "lost"


S = State
MOVES: dict[State, frozenset[State]] = {
    # Ready, or settled without being run: reused from an earlier attempt, skipped, given up.
    S.PENDING: frozenset({S.QUEUED, S.SUCCESS, S.SKIPPED, S.CANCELLED}),
    # Failed from here: what the job waits for outside the document cannot come.
    S.QUEUED: frozenset({S.RUNNING, S.FAILED, S.CANCELLED}),
    S.RUNNING: frozenset({S.RETRYING, S.SUCCESS, S.FAILED, S.TIMEOUT, S.CANCELLED, S.LOST}),
    S.RETRYING: frozenset({S.RUNNING, S.FAILED, S.TIMEOUT, S.CANCELLED}),
    S.SUCCESS: frozenset(),
    S.FAILED: frozenset(),
    S.TIMEOUT: frozenset(),
    S.SKIPPED: frozenset(),
    S.CANCELLED: frozenset(),
    S.LOST: frozenset(),
}
FINAL = frozenset(state for state, moves in MOVES.items() if not moves)
FAILURES = frozenset({S.FAILED, S.TIMEOUT, S.LOST})


class IllegalMove(RuntimeError):
    """The engine tried a move that the table lacks: a bug of ours."""


def check_move(old: State, new: State) -> None:
    """Raise IllegalMove unless ``old`` may become ``new``."""
    if new not in MOVES[old]:
        raise IllegalMove(f"a job cannot go from {old} to {new}")

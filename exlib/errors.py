"""The errors a person can cause or mend; each knows its exit code, its place and its mend.

Library code raises these; ``launch.py`` is the one place that prints them and exits.
Anything else that reaches the boundary is a bug of ours (exit 70).
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every tool, as docs/exit-codes.md states them."""

    OK = 0
    NO = 1
    USAGE = 2
    EMPTY_INPUT = 3
    BUG = 70
    STORAGE = 74
    RUN_TIMEOUT = 124
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


class ExecutionerError(Exception):
    """An expected failure: what is wrong, where (``place``), and how to mend it (``mend``)."""

    exit_code: Exit = Exit.BUG

    def __init__(self, message: str, *, place: str | None = None, mend: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.mend = mend


class AnswerNo(ExecutionerError):
    """The tool worked and the answer is no: findings, differences, failed jobs, nothing matched."""

    exit_code = Exit.NO


class UsageError(ExecutionerError):
    """Options that do not fit together, or name something that does not exist."""

    exit_code = Exit.USAGE


class InputError(ExecutionerError):
    """Input that cannot be read: no such file, no permission, not the expected format."""

    exit_code = Exit.USAGE


class EmptyInput(ExecutionerError):
    """Standard input was empty: the stage before this one failed."""

    exit_code = Exit.EMPTY_INPUT


class StorageError(ExecutionerError):
    """The history, a log or another file cannot be written."""

    exit_code = Exit.STORAGE


class Busy(StorageError):
    """Another process keeps it locked at the moment: nothing was changed, and the same may be tried again."""

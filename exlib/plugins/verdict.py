"""What a check or a wait answers, what it is told, and how a host process's answer is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from exlib.console import printable

MESSAGE_LIMIT = 500
"""Characters of a message that are kept; a verdict is one line for a person."""


class Verdict(NamedTuple):
    """Whether the condition holds, and one line that says what was found."""

    passed: bool
    message: str


class PluginContext(NamedTuple):
    """What a check or wait may know: the job's environment and directory, and since when it waits (epoch seconds).

    ``allow_shell`` is the workflow's: when it is false, nothing may be handed to a shell.
    """

    env: Mapping[str, str]
    cwd: str
    started: float = 0.0
    allow_shell: bool = True

    @property
    def job(self) -> str:
        """The job's id, empty when the plugin is tried by hand."""
        return self.env.get("EX_JOB_ID", "")

    @property
    def run(self) -> str:
        """The run's number as text."""
        return self.env.get("EX_RUN_ID", "")

    @property
    def log(self) -> str:
        """The path of the attempt's log, where the plugin's own output goes too."""
        return self.env.get("EX_LOG", "")


def one_line(text: str) -> str:
    """``text`` as one printable line of bounded length."""
    line = printable(" ".join(text[: 4 * MESSAGE_LIMIT].split()))
    return line if len(line) <= MESSAGE_LIMIT else line[: MESSAGE_LIMIT - 1] + "…"


def to_line(verdict: Verdict) -> bytes:
    """A verdict as the JSON line that a host writes."""
    body = {"passed": verdict.passed, "message": one_line(verdict.message)}
    return json.dumps(body, ensure_ascii=True).encode("ascii") + b"\n"


def read_verdict(answer: bytes, exit_code: int | None) -> Verdict:
    """What a host process found, from the bytes it wrote to descriptor 3 and its exit code.

    A signal counts as its negative number or as 128 plus it. The check passed only if it said so and then ended with
    exit code 0; anything else did not pass.
    """
    said = _last_line(answer)
    if said is not None and exit_code in ((0,) if said.passed else (1, 2)):
        return said
    ending = _ending(exit_code)
    if said is None:
        return Verdict(False, f"{ending} without an answer; its output is in the job's log")
    if said.passed:
        return Verdict(False, f"answered that it passed, and then {ending}")
    return Verdict(False, f"{ending}; its last answer: {said.message}")


def _last_line(answer: bytes) -> Verdict | None:
    line = answer.rstrip().rpartition(b"\n")[2]
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not isinstance(body.get("passed"), bool):
        return None
    return Verdict(body["passed"], one_line(str(body.get("message", ""))))


def _ending(exit_code: int | None) -> str:
    import signal

    number = -exit_code if exit_code is not None and exit_code < 0 else (exit_code or 0) - 128
    if number > 0:
        try:
            return f"was killed by {signal.Signals(number).name}"
        except ValueError:
            pass
    return f"ended with exit code {exit_code}"

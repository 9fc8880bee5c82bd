"""The commands of a task as the text of a job."""

from __future__ import annotations

import shlex

from exlib.convert.taskfile.commands import Step, missing

SHELL = "bash -e"


def text_of(part: list[Step], *, ignored: bool) -> str:
    """The commands one after the other, each with a shell of its own; ``ignored``: the failures of all are."""
    shown = [step for step in part if step.command or step.held]
    return "\n".join(piece for piece in (_piece(step, shown, step.ignored or ignored) for step in shown) if piece)


def _piece(step: Step, shown: list[Step], ignored: bool) -> str:
    if step.held:
        return missing(step)
    if step.deferred:
        return _deferred(shown, step)
    text = step.command
    if len(shown) > 1 or ignored or step.when:
        text = f"{SHELL} -c {shlex.quote(text)} || true" if ignored else f"(\n{_said(text)}\n)"
    if step.when:
        text = f"if {SHELL} -c {shlex.quote(step.when)}; then\n{text}\nfi"
    return text


def _said(text: str) -> str:
    """The text of a command, which brackets may stand around: they cannot around comments alone."""
    text = text.rstrip("\n")
    nothing = all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))
    return f"{text}\n:" if nothing else text


def _deferred(part: list[Step], step: Step) -> str:
    """A trap for all that is deferred up to here, the last of it first."""
    known = part[: part.index(step) + 1]
    late = [f"{SHELL} -c {shlex.quote(one.command)} || true" for one in reversed(known) if one.deferred]
    return f"trap {shlex.quote('code=$?; ' + '; '.join(late) + '; exit $code')} EXIT"

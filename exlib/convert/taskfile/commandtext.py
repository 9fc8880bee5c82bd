"""The commands of a task as the text of one job."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from exlib.convert.taskfile.commands import Step

SHELL = "bash -e"


def text_of(part: Sequence[Step], *, ignored: bool) -> str:
    """The commands one after the other, each with a shell of its own; ``ignored``: whatever becomes of them."""
    shown = [step for step in part if step.command and not step.held]
    pieces = []
    for step in shown:
        text = step.command
        if step.deferred:
            pieces.append(_deferred(shown, step))
            continue
        passed_over = step.ignored or ignored
        if len(shown) > 1 or passed_over or step.when:
            text = f"{SHELL} -c {shlex.quote(text)} || true" if passed_over else f"(\n{text.rstrip(chr(10))}\n)"
        if step.when:
            text = f"if {SHELL} -c {shlex.quote(step.when)}; then\n{text}\nfi"
        pieces.append(text)
    return "\n".join(piece for piece in pieces if piece)


def _deferred(part: Sequence[Step], step: Step) -> str:
    """A trap for all that is deferred up to here, the last of it first."""
    known = part[: part.index(step) + 1]
    late = [f"{SHELL} -c {shlex.quote(one.command)} || true" for one in reversed(known) if one.deferred]
    return f"trap {shlex.quote('code=$?; ' + '; '.join(late) + '; exit $code')} EXIT"

"""A recipe as the command of a job: each line for a shell of its own, and make's own tests before them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

_SH = ("/bin/sh", "sh", "/usr/bin/sh")
_SHELLS = re.compile(r"(?:.*/)?(?:ba|da|k|z|a|mk|pdk)?sh\Z")
_STATEFUL = frozenset(
    ". : alias bg break cd command continue eval exec exit export fg getopts hash jobs popd pushd read readonly return "
    "set shift source times trap type ulimit umask unalias unset wait if for while until case ! [[ function then do "
    "shopt local declare typeset let enable time coproc".split()
)
_QUOTED = re.compile(r"""'[^']*'|"(?:[^"\\`$]|\\.|\$\{?\w+\}?)*"|\$\{\w+\}""", re.DOTALL)
_FLAGS = re.compile(r"(-\w*)c\Z")


class Step(NamedTuple):
    """A line of a recipe that is expanded, and whether its failure is ignored."""

    text: str
    ignored: bool = False


class Shell(NamedTuple):
    """What runs the lines: SHELL and .SHELLFLAGS."""

    program: str = "/bin/sh"
    flags: str = "-c"

    @property
    def is_default(self) -> bool:
        """Whether it is what ex-run takes anyway."""
        return self.program in _SH and self.flags.split() == ["-c"]

    @property
    def is_posix(self) -> bool:
        """Whether it reads what a shell reads."""
        return _SHELLS.match(self.program) is not None

    @property
    def key(self) -> str | None:
        """What a job says in ``shell``; None if no such words mean it."""
        words = [self.program, *self.flags.split()]
        match = _FLAGS.match(words[-1])
        if match is None or len(words) < 2 or any(set(word) & set("'\"\\$`") for word in words):
            return None
        return " ".join([*words[:-1], *([match[1]] if match[1] != "-" else [])])


class Composed(NamedTuple):
    """A command and the shell that reads it, where that is not the usual one."""

    command: str
    shell: str | None = None


def compose(steps: Sequence[Step], shell: Shell, before: Sequence[str] = (), after: str = "") -> Composed:
    """The command that runs the lines one after the other, each in a shell of its own, up to the first failure.

    ``before`` are lines for ``/bin/sh``; ``after`` is what is run where one of the lines fails.
    """
    key, inner = None, shell
    simple = len(steps) == 1 and not after and not steps[0].ignored
    if (
        not shell.is_default
        and shell.key is not None
        and ((simple and not before) or (shell.is_posix and (simple or shell.flags.split() == ["-c"])))
    ):
        key, inner = shell.key, Shell()
    lines = list(_joined(steps, inner))
    if after:
        lines = ["(", *lines, f") || {{ code=$?; {after}; exit $code; }}"]
    return Composed("\n".join([*before, *lines]), key)


def _joined(steps: Sequence[Step], shell: Shell) -> list[str]:
    lines = []
    steps = [step for step in steps if not _is_comment(step.text)] or steps[:1]
    for number, step in enumerate(steps, 1):
        last = number == len(steps)
        text = step.text if shell.is_default else _given(step.text, shell)
        if step.ignored:
            lines.append(f"{_apart(text)} || true")
        elif last:
            lines.append(text)
        else:
            lines.append(f"{_apart(text)} || exit")
    return lines


def _is_comment(text: str) -> bool:
    return text.startswith("#") and "\n" not in text


def _given(text: str, shell: Shell) -> str:
    return " ".join([shlex.quote(shell.program), *map(shlex.quote, shell.flags.split()), shlex.quote(text)])


def _apart(text: str) -> str:
    """The line so that it changes nothing for the next one, and can be followed by ``||``."""
    if is_plain(text):
        return text
    if "#" in text or "<<" in text or text.endswith("\\"):
        return f"(\n{text}\n)"
    return f"( {text} )" if text.startswith("(") else f"({text})"


def is_plain(text: str) -> bool:
    """Whether a line is one simple command, a pipe or a row of such, that leaves nothing behind in its shell."""
    bare = _QUOTED.sub("q", text)
    for piece in re.split(r"&&|\|\|?", bare):
        words = piece.split()
        if not words or words[0] in _STATEFUL or "=" in words[0] or "$" in words[0]:
            return False
        if re.fullmatch(r"(?:[^;&|(){}<>#\\\n\"'`!]|>{1,2}(?!&)|2>&1|<(?!<))+", piece) is None:
            return False
    return True


def decomposed(command: str) -> list[Step] | None:
    """The lines that a command may be made of, as ``compose`` joins them; None if it is one text."""
    steps = []
    lines = command.split("\n")
    for number, line in enumerate(lines, 1):
        if line.endswith(" || true"):
            steps.append(Step(_bare(line.removesuffix(" || true")), True))
        elif number < len(lines) and line.endswith(" || exit"):
            steps.append(Step(_bare(line.removesuffix(" || exit"))))
        elif number == len(lines):
            steps.append(Step(line))
        else:
            return None
    return steps


def _bare(text: str) -> str:
    if text.startswith("( (") and text.endswith(" )"):
        return text[2:-2]
    return text[1:-1] if text.startswith("(") and text.endswith(")") and not is_plain(text) else text

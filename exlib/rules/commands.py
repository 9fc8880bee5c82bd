"""Commands: where they stand, whether a shell reads them, and shell syntax where there is no shell."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from exlib.findings import Pointer
from exlib.rules.subject import Subject, shown

SHELLS = frozenset(["sh", "bash", "dash", "zsh", "ksh", "mksh", "ash"])


def runs_in_shell(subject: Subject, raw: Mapping[str, Any]) -> bool:
    """Whether a job's command is read by a shell whose grammar we know."""
    if not subject.top.get("allow_shell", True):
        return False
    shell = raw.get("shell", True)
    if isinstance(shell, str):
        return not shell.split() or os.path.basename(shell.split()[0]) in SHELLS
    return bool(shell)


def runs_directly(subject: Subject, raw: Mapping[str, Any]) -> bool:
    """Whether a job's command is split into words and started without a shell."""
    return not subject.top.get("allow_shell", True) or raw.get("shell") is False


def commands_of(raw: Mapping[str, Any], index: int) -> Iterator[tuple[str, Pointer]]:
    """A job's command and those of its checks, each with its place."""
    if command := raw.get("command"):
        yield command, ("jobs", index, "command")
    yield from check_commands(raw, index)


def check_commands(raw: Mapping[str, Any], index: int) -> Iterator[tuple[str, Pointer]]:
    """The commands of a job's ``check_command`` checks, which go to a shell unless the workflow allows none."""
    for key in ("pre_checks", "post_checks"):
        for place, check in enumerate(raw.get(key) or ()):
            params = check.get("params") if check is not None and check.get("name") == "check_command" else None
            command = (params or {}).get("command")
            if isinstance(command, str) and command.strip():
                yield command, ("jobs", index, key, place, "params", "command")


def check_shell_syntax(subject: Subject) -> None:
    """Report E413: shell syntax in a command that is started without a shell."""
    no_shell = not subject.top.get("allow_shell", True)
    for index, raw in enumerate(subject.jobs):
        command = raw.get("command")
        if command and runs_directly(subject, raw) and (what := _syntax(command)) is not None:
            subject.report(
                "E413",
                f"the command runs without a shell and holds {what}",
                ("jobs", index, "command"),
                mend=f"quote what is meant as it stands, or {_shell_again(subject, raw)}",
            )
        for checked, at in check_commands(raw, index) if no_shell else ():
            if (what := _syntax(checked)) is not None:
                subject.report(
                    "E413",
                    f"the check's command runs without a shell and holds {what}",
                    at,
                    mend='quote what is meant as it stands, or put it into a script; "allow_shell" is false',
                )


def _shell_again(subject: Subject, raw: Mapping[str, Any]) -> str:
    """What a person has to change before the job's command goes to a shell."""
    if subject.top.get("allow_shell", True):
        return "allow the shell for this job"
    both = ', and "shell": false from the job' if raw.get("shell") is False else ""
    return f'put it into a script; for a shell, remove "allow_shell": false from the document{both}'


def _syntax(command: str) -> str | None:
    """The first piece of shell syntax outside quotes, described; None if there is none."""
    from exlib.rules.words import read

    script = read(command)
    if script.operators:
        return "a line end" if script.operators[0] == "\n" else f"the operator {script.operators[0]}"
    for word in script.words:
        if word.dynamic:
            return f"the expansion {shown(word.raw)}"
        if word.glob:
            return f"the pattern {shown(word.raw)}"
        if word.raw.startswith("~"):
            return f"the home folder {shown(word.raw)}"
    if any(simple.assignments for simple in script.commands):
        return f"the assignment {shown(script.commands[0].assignments[0].raw)}"
    if script.beyond:
        return script.beyond if " " in script.beyond else f"the word {script.beyond}"
    if script.words and script.words[0] not in (word for simple in script.commands for word in simple.words):
        return f"the word {script.words[0].text}"
    return "a comment" if script.comment else None

"""Folders: where a job would run, and whether that exists here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from exlib.document import STDIN_NAME
from exlib.environment import expand, layered
from exlib.rules.subject import Grouped, Subject, shown
from exlib.workflow import env_text


def folder_of(subject: Subject, raw: Mapping[str, Any]) -> str | None:
    """The folder that a job would run in; None if it does not exist here or is not known."""
    base = _base(subject)
    own = raw.get("working_dir")
    folder = _resolved(subject, own, base) if own and (base or os.path.isabs(own)) else None if own else base
    return folder if folder is not None and os.path.isdir(folder) else None


def _base(subject: Subject) -> str | None:
    """The folder that the document names for all jobs, else the current one; None if it is not known here."""
    text = subject.top.get("working_dir")
    return _resolved(subject, text, subject.document.directory) if text else os.getcwd()


def _resolved(subject: Subject, text: str, base: str | None) -> str | None:
    """A path of the document as an absolute one; None if it holds what is not known here."""
    if "$" in text:
        # As the engine does: ${HOME} in a path is the person's, whatever the jobs inherit.
        own = {key: env_text(value) for key, value in (subject.top.get("env_variables") or {}).items()}
        text = expand(text, {**subject.environ, **layered(subject.inherited, own)})
    text = os.path.expanduser(text)
    if "${" in text or text.startswith("~") or (base is None and not os.path.isabs(text)):
        return None
    return os.path.normpath(os.path.join(base or "/", text))


def check_working_dirs(subject: Subject) -> None:
    """Report W411: working directories that do not exist on this machine."""
    directory = subject.document.directory
    if text := subject.top.get("working_dir"):
        problem = _problem(subject, text, directory)
        if problem is not None:
            relative = not os.path.isabs(os.path.expanduser(text)) and subject.document.name != STDIN_NAME
            mend = "it starts at the document's file" if relative else "create it, or run with --working-dir"
            subject.report("W411", problem, ("working_dir",), mend=mend)
    base = _base(subject)
    if base is None or not os.path.isdir(base):
        base = None  # one finding about it is enough
    missing = Grouped()
    known: dict[str, str | None] = {}
    for index, raw in enumerate(subject.jobs):
        if text := raw.get("working_dir"):
            if text not in known:
                known[text] = _problem(subject, text, base)
            if (found := known[text]) is not None:
                missing.add("W411", found, ("jobs", index, "working_dir"), "create it before the run")
    missing.report(subject)


def _problem(subject: Subject, text: str, base: str | None) -> str | None:
    folder = _resolved(subject, text, base)
    if folder is None or os.path.isdir(folder):
        return None
    what = "is not a folder" if os.path.exists(folder) else "does not exist on this machine"
    full = "" if folder == text else f" ({folder})"
    return f"the working directory {shown(text)}{full} {what}"

"""Variables: what ``${NAME}`` refers to, in values, paths and commands, and names that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from exlib.environment import NAME, references
from exlib.findings import Pointer
from exlib.rules.commands import runs_in_shell
from exlib.rules.subject import Grouped, Subject, shown

RUNTIME = frozenset(["EX_RUN_ID", "EX_JOB_ID", "EX_ATTEMPT", "EX_LOG"])
"""What the engine itself sets for every job."""
_OF_THE_SHELL = frozenset(
    "PWD OLDPWD IFS PPID OPTARG OPTIND PS1 PS2 PS4 RANDOM SECONDS LINENO UID EUID HOSTNAME HOSTTYPE OSTYPE MACHTYPE "
    "SHLVL SHELL BASH BASHPID BASH_VERSION BASH_SOURCE FUNCNAME REPLY PIPESTATUS".split()
)
_BRINGS_MORE = re.compile(r"(?:^|[\s;&|({])(?:\.|source|eval)\s")
_UNDEFINED_MEND = "define it in env_variables, or give it with ex-run --env"


def check_names(subject: Subject) -> None:
    """Report E404 and W405: names of variables that cannot be, or that no shell can refer to."""
    for at, env in _environments(subject):
        for name in env:
            if NAME.match(name):
                continue
            if not name or "=" in name:
                subject.report(
                    "E404",
                    f"no variable can have the name {shown(name)}",
                    (*at, name),
                    mend="use letters, digits and _, not a digit first",
                    at_key=True,
                )
            else:
                subject.report(
                    "W405",
                    f"no shell can refer to a variable named {shown(name)}",
                    (*at, name),
                    mend="use letters, digits and _, not a digit first",
                    at_key=True,
                )


def check_references(subject: Subject) -> None:
    """Report W402 and W403: references to nothing, and variables that are defined through themselves."""
    top = _env(subject.top)
    in_jobs = {name for raw in subject.jobs for name in _env(raw)}
    outside = subject.inherited.keys() | RUNTIME
    outside_or_top = outside | top.keys()
    found = Grouped()
    for at, text in _top_texts(subject):
        own = at[-1] if len(at) > 1 else ""
        for name in dict.fromkeys(references(text)):
            if name not in outside and name not in in_jobs and (name not in top or name == own):
                _undefined(subject, name, at, own)
    _circles(subject, ("env_variables",), top, top)
    for index, raw in enumerate(subject.jobs):
        own_env = _env(raw)
        for key, value in own_env.items():
            for name in dict.fromkeys(references(value) if isinstance(value, str) else ()):
                below = name in top or name in outside
                if not (below or (name in own_env and name != key)):
                    _undefined(subject, name, ("jobs", index, "env_variables", key), key)
        if any(isinstance(value, str) and "${" in value for value in own_env.values()):
            _circles(subject, ("jobs", index, "env_variables"), own_env, {**top, **own_env})
        for name in dict.fromkeys(references(raw.get("working_dir") or "")):
            if not (name in outside or name in top or name in own_env):
                _undefined(subject, name, ("jobs", index, "working_dir"), "")
        for at, text in _parameters(raw, index):
            for name in dict.fromkeys(references(text)):
                if not (name in outside or name in top or name in own_env):
                    _undefined(subject, name, at, "")
        command = raw.get("command", "")
        if "${" in command and runs_in_shell(subject, raw):
            for name in _unset(command, outside_or_top | own_env.keys() if own_env else outside_or_top):
                found.add("W402", f"nothing defines ${{{name}}}", ("jobs", index, "command"), _UNDEFINED_MEND)
    found.report(subject)


def _undefined(subject: Subject, name: str, at: Pointer, own: str | int) -> None:
    if name == own:
        subject.report(
            "W403", f"{name} refers to itself, and nothing below defines it", at, mend=f"remove ${{{name}}} from it"
        )
    else:
        subject.report("W402", f"nothing defines ${{{name}}}; it stays as it is written", at, mend=_UNDEFINED_MEND)


def _unset(command: str, known: Set[str]) -> list[str]:
    """The ``${NAME}`` of a command that nothing outside it and nothing in it sets."""
    unset = [
        name
        for name in dict.fromkeys(references(command))
        if name not in known and name not in _OF_THE_SHELL and not _sets(command, name)
    ]
    if not unset or _BRINGS_MORE.search(command):
        return []
    from exlib.rules.words import read  # only now: nearly no command comes to this

    expanded = {name for word in read(command).words for name in word.references}  # not those in single quotes
    return [name for name in unset if name in expanded]


def _sets(command: str, name: str) -> bool:
    return bool(re.search(rf"\b{name}\+?=|\b(?:for|read|getopts|select|mapfile)\b[^;&|]*\b{name}\b", command))


def _circles(
    subject: Subject,
    at: Pointer,
    own: Mapping[str, Any],
    merged: Mapping[str, Any],
) -> None:
    """Report each circle of variables that one environment closes, at its first variable there."""
    settled: set[str] = set()
    for root in own:
        path: list[str] = []
        stack = [iter([root])]
        while stack:
            name = next(stack[-1], None)
            if name is None:
                stack.pop()
                if path:
                    settled.add(path.pop())
            elif name in path:
                circle = path[path.index(name) :]
                if any(each in own for each in circle):
                    first = next(each for each in circle if each in own)
                    where = circle.index(first)
                    shape = [*circle[where:], *circle[:where], first]
                    subject.report(
                        "W403",
                        f"variables refer to each other: {' -> '.join(shape)}",
                        (*at, first),
                        mend="give one of them a value of its own",
                    )
                settled.update(path)
            elif name in merged and name not in settled:
                path.append(name)
                stack.append(iter([other for other in _refers(merged, name) if other != name]))


def _refers(env: Mapping[str, Any], name: str) -> list[str]:
    value = env[name]
    return references(value) if isinstance(value, str) else []


def _parameters(raw: Mapping[str, Any], index: int) -> Iterator[tuple[Pointer, str]]:
    """The texts among the parameters of a job's checks and plugins in which references are expanded."""
    for key in ("pre_checks", "post_checks", "dependencies"):
        entries = raw.get(key)
        for place, entry in enumerate(entries if isinstance(entries, list) else ()):
            params = entry.get("params") if isinstance(entry, dict) else None
            for name, value in (params or {}).items():
                # In a command the shell decides, in a pattern ${ may mean itself.
                if isinstance(value, str) and "${" in value and name not in ("command", "pattern"):
                    yield ("jobs", index, key, place, "params", name), value


def _env(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return raw.get("env_variables") or {}


def _environments(subject: Subject) -> list[tuple[Pointer, Mapping[str, Any]]]:
    found: list[tuple[Pointer, Mapping[str, Any]]] = [(("env_variables",), _env(subject.top))]
    for index, raw in enumerate(subject.jobs):
        if env := raw.get("env_variables"):
            found.append((("jobs", index, "env_variables"), env))
    return found


def _top_texts(subject: Subject) -> list[tuple[Pointer, str]]:
    """Every text at the top in which references are expanded."""
    texts: list[tuple[Pointer, str]] = [
        (("env_variables", key), value) for key, value in _env(subject.top).items() if isinstance(value, str)
    ]
    for key in ("working_dir", "log_dir"):
        if isinstance(subject.top.get(key), str):
            texts.append(((key,), subject.top[key]))
    return texts

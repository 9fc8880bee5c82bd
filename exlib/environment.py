"""What a job sees as its environment: inherited, application, job and command line, in that order.

``${NAME}`` is expanded in values and paths; the shell itself expands what stands in a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
DEFAULT_INHERITED = frozenset(
    [
        "PATH",
        "LD_LIBRARY_PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "HOSTNAME",
        "TERM",
        "DISPLAY",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "TMPDIR",
        "TEMP",
        "TMP",
        "JAVA_HOME",
        "PYTHON_HOME",
        "NODE_PATH",
    ]
)
"""What ``inherit_shell_env: "default"`` lets through."""

_SECRET = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|APIKEY|(?:^|_)(?:PASS|KEY|CREDENTIALS?)(?:_|$)|TOKENS?(?:_|$)|_(?:PWD|AUTH)$",
    re.IGNORECASE,
)
MASK = "********"
LONGEST = 1 << 20
"""Characters an expanded value may have, more than any system hands to a process: doubling cannot fill the memory."""


def is_secret(name: str, named: Iterable[str] = ()) -> bool:
    """Whether a variable's value must not be shown: by its name, or because it is named as a secret."""
    return name in named or _sounds_secret(name)


@lru_cache(maxsize=4096)
def _sounds_secret(name: str) -> bool:
    """Ten thousand jobs share a handful of names."""
    return _SECRET.search(name) is not None


def masked(env: Mapping[str, str], named: Iterable[str] = ()) -> dict[str, str]:
    """The same variables with the values of secrets replaced."""
    names = frozenset(named)
    return {key: MASK if value and is_secret(key, names) else value for key, value in env.items()}


def inherited(setting: bool | str | Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The part of ``environ`` that ``inherit_shell_env`` lets through."""
    if setting is True:
        return dict(environ)
    if setting is False:
        return {}
    wanted = DEFAULT_INHERITED if isinstance(setting, str) else frozenset(setting)
    return {key: value for key, value in environ.items() if key in wanted}


def layered(*layers: Mapping[str, str]) -> dict[str, str]:
    """Merge layers, lowest first, and expand ``${NAME}`` in all but the first (the inherited one).

    A reference means the variable as it is in the end, but one to the value's own name means the layer below
    (``PATH: "${PATH}:/opt/bin"``). What is undefined, or defined only through itself, stays as it is written.
    """
    result = dict(layers[0])
    pending: dict[str, list[str]] = {}
    hidden: list[str] = []
    for layer in layers[1:]:
        if not pending and not any("${" in value for value in layer.values()):
            result.update(layer)
            continue
        for key, value in layer.items():
            parts = REFERENCE.split(value) if "${" in value else []
            if key in parts[1::2] and (key in result or key in pending):
                hidden.append(f"{key}\0{len(hidden)}")  # the value below, by a name that no variable can have
                _rename(key, hidden[-1], result, pending)
                parts[1::2] = [hidden[-1] if name == key else name for name in parts[1::2]]
            if len(parts) > 1:
                pending[key] = parts
                result.pop(key, None)
            else:
                result[key] = value
                pending.pop(key, None)
    if pending:
        _settle(pending, result)
    for name in hidden:
        result.pop(name, None)
    return result


def expand(text: str, env: Mapping[str, str]) -> str:
    """Replace each ``${NAME}`` that ``env`` knows; leave the others as they are."""
    if "${" not in text:
        return text
    return REFERENCE.sub(lambda match: env.get(match[1], match[0]), text)


def references(text: str) -> list[str]:
    """The names that a value refers to, in order."""
    return REFERENCE.findall(text) if "${" in text else []


def _rename(old: str, new: str, result: dict[str, str], pending: dict[str, list[str]]) -> None:
    if old in pending:
        # With nothing below it, its reference to itself is one to nothing.
        pending[new] = [f"{old}\0" if n % 2 and part == old else part for n, part in enumerate(pending[old])]
    else:
        result[new] = result[old]


def _settle(pending: dict[str, list[str]], result: dict[str, str]) -> None:
    """Move every pending value, split into text and names by turns, to ``result``: in order, without recursion."""
    users: dict[str, list[str]] = {}
    waiting: dict[str, int] = {}
    for name, parts in pending.items():
        wanted = {other for other in parts[1::2] if other in pending}
        waiting[name] = len(wanted)
        for other in wanted:
            users.setdefault(other, []).append(name)
    ready = [name for name, count in waiting.items() if not count]
    while ready:
        name = ready.pop()
        result[name] = _joined(pending.pop(name), result)
        for user in users.get(name, ()):
            waiting[user] -= 1
            if not waiting[user]:
                ready.append(user)
    # What is left waits for itself: those references stay.
    result.update({name: _joined(parts, result) for name, parts in pending.items()})


def _joined(parts: list[str], result: Mapping[str, str]) -> str:
    pieces = parts.copy()
    for n in range(1, len(parts), 2):
        name = parts[n]
        pieces[n] = result[name] if name in result else f"${{{name.partition(chr(0))[0]}}}"
    return "".join(pieces)[:LONGEST]

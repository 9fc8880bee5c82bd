"""What a job sees as its environment: inherited, application, job and command line, in that order.

``${NAME}`` is expanded in values and paths; the shell itself expands what stands in a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

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
    r"(?:^|_)(?:PASS|PASSWD|PASSWORD|PASSPHRASE|SECRETS?|TOKENS?|KEY|APIKEY|CREDENTIALS?|AUTH)(?:_|$)|PASSWORD|PASSWD|SECRET|APIKEY",
    re.IGNORECASE,
)
MASK = "********"


def is_secret(name: str, named: Iterable[str] = ()) -> bool:
    """Whether a variable's value must not be shown: by its name, or because it is named as a secret."""
    return name in named or _SECRET.search(name) is not None


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

    A value that refers to its own name means the layer below (``PATH: "${PATH}:/opt/bin"``). What is
    undefined, or defined only through itself, stays as it is written.
    """
    result = dict(layers[0])
    declared: dict[str, str] = {}
    for layer in layers[1:]:
        for key, value in layer.items():
            if "${" in value and f"${{{key}}}" in value:
                below = declared.get(key, result.get(key))
                value = value.replace(f"${{{key}}}", below) if below is not None else value
            declared[key] = value
    result.update(declared)
    if any("${" in value for value in declared.values()):
        settled: dict[str, str] = {}
        for key in declared:
            result[key] = _settle(key, declared, settled, result)
    return result


def expand(text: str, env: Mapping[str, str]) -> str:
    """Replace each ``${NAME}`` that ``env`` knows; leave the others as they are."""
    if "${" not in text:
        return text
    return REFERENCE.sub(lambda match: env.get(match[1], match[0]), text)


def references(text: str) -> list[str]:
    """The names that a value refers to, in order."""
    return REFERENCE.findall(text) if "${" in text else []


def _settle(name: str, declared: Mapping[str, str], settled: dict[str, str], base: Mapping[str, str]) -> str:
    """Expand one declared value with all it refers to, by an explicit stack: chains may be long."""
    stack = [name]
    active = {name}
    while stack:
        key = stack[-1]
        wanted = next(
            (r for r in references(declared[key]) if r in declared and r not in settled and r not in active), None
        )
        if key not in settled and wanted is not None:
            stack.append(wanted)
            active.add(wanted)
            continue
        known = {r: settled.get(r, base.get(r)) for r in references(declared[key]) if r in settled or r not in declared}
        settled[key] = expand(declared[key], {r: value for r, value in known.items() if value is not None})
        active.discard(stack.pop())
    return settled[name]

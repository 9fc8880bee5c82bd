"""Variables from ``--env K=V`` and from files of such lines."""

from __future__ import annotations

from collections.abc import Iterable

from exlib.environment import NAME
from exlib.errors import InputError, UsageError


def assignments(pairs: Iterable[str]) -> dict[str, str]:
    """``K=V`` each; everything after the first ``=`` is the value, commas too. Raises UsageError."""
    env: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not NAME.match(name):
            # Not the value: what stands behind a misspelt name may be a secret.
            said = f"{name}=…" if equals else pair
            raise UsageError(f"--env {said}: not of the form NAME=VALUE", mend="e.g. --env DATE=2026-01-31")
        if "\0" in value:
            raise UsageError(f"--env {name}: a value cannot hold a NUL character")
        env[name] = value
    return env


def from_file(path: str) -> dict[str, str]:
    """The variables of an environment file: ``NAME=VALUE`` lines, ``#`` comments, optional ``export`` and quotes.

    Nothing is expanded, as in ``docker run --env-file``. Raises InputError with the line.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
    except OSError as error:
        raise InputError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text") from None
    env: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip().removeprefix("export ").lstrip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not NAME.match(name.rstrip()):
            # The line is not shown: it may be one of a secret's.
            raise InputError("not of the form NAME=VALUE", place=f"{path}:{number}", mend="# begins a comment")
        env[name.rstrip()] = _unquoted(value.strip())
    return env


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value

"""What a repository's configuration and attributes have to say for a tool of ours to be one of git's drivers."""

import os
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exlib.errors import AnswerNo, InputError, StorageError, UsageError


class Settings(NamedTuple):
    """``config`` has (key, value) each; ``attributes`` (pattern, attribute), such as ``*.json`` and ``diff=x``."""

    config: Sequence[tuple[str, str]]
    attributes: Sequence[tuple[str, str]]


def commands(settings: Settings) -> str:
    """The shell commands that make the settings."""
    lines = [shlex.join(["git", "config", key, value]) for key, value in settings.config]
    lines += [f"echo {shlex.quote(_line(*one))} >> .gitattributes" for one in settings.attributes]
    return "".join(f"{line}\n" for line in lines)


def apply(settings: Settings, directory: str = ".") -> list[str]:
    """Make what is missing of the settings in the repository; returns what was done, a line each.

    Raises UsageError outside of a repository, and AnswerNo, having changed nothing, for what is there and differs.
    """
    root = _git(directory, "rev-parse", "--show-toplevel")
    if root is None or not root.strip():
        raise UsageError("this is no git repository with files", mend="go to one, or set it up with git init")
    path = os.path.join(root.rstrip("\n"), ".gitattributes")
    present = _read(path)
    missing = [(key, value) for key, value in settings.config if _configured(directory, key) is None]
    lines = [one for one in settings.attributes if one not in _entries(present)]
    differing = [*_other_config(directory, settings), *_other_attributes(present, settings)]
    if differing:
        raise AnswerNo(f"nothing is changed: {'; '.join(differing)}", mend="remove that first, if it is not wanted")
    for key, value in missing:
        if _git(directory, "config", "--local", key, value) is None:
            raise StorageError(f"git could not set {key}", mend="is the repository's configuration writable?")
    if lines:
        # In front: what others wrote goes first where both match, for git heeds the last line.
        _write(path, "".join(f"{_line(*one)}\n" for one in lines) + present)
    return [f"set {key}" for key, _ in missing] + [f"added to .gitattributes: {_line(*one)}" for one in lines]


def _line(pattern: str, attribute: str) -> str:
    """A line of .gitattributes; a pattern with blanks or quotes is written as git reads it."""
    if any(c in pattern for c in ' \t"\\') or pattern.startswith(("#", "[attr]")):
        escaped = pattern.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
        pattern = f'"{escaped}"'
    return f"{pattern} {attribute}"


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line.lstrip().startswith('"'):
            name, _, rest = line.lstrip()[1:].partition('" ')
            words = [name.replace('\\"', '"').replace("\\t", "\t").replace("\\\\", "\\"), *rest.split()]
        else:
            words = line.split()
        if words and not words[0].startswith("#"):
            yield from ((words[0], attribute) for attribute in words[1:])


def _other_config(directory: str, settings: Settings) -> Iterator[str]:
    for key, value in settings.config:
        there = _configured(directory, key)
        if there is not None and there != value:
            yield f"{key} is {there} already"


def _other_attributes(text: str, settings: Settings) -> Iterator[str]:
    for pattern, attribute in settings.attributes:
        for known, other in _entries(text):
            if known == pattern and _name(other) == _name(attribute) and other != attribute:
                yield f".gitattributes has {other} for {pattern} already"


def _name(attribute: str) -> str:
    return attribute.lstrip("-!").partition("=")[0]


def _configured(directory: str, key: str) -> str | None:
    found = _git(directory, "config", "--local", "--get-all", key)
    return None if found is None else found.rstrip("\n")


def _git(directory: str, *arguments: str) -> str | None:
    """What git prints, None if it refuses."""
    try:
        done = subprocess.run(["git", "-C", directory, *arguments], capture_output=True, text=True, check=False)
    except OSError:
        raise InputError("git is not installed, or not on PATH") from None
    return done.stdout if done.returncode == 0 else None


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise InputError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None

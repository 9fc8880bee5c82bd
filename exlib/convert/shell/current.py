"""Whether a file is current, asked by a command of a shell as make and ninja ask: newer than all that it needs."""

from __future__ import annotations

import shlex
from collections.abc import Sequence


def words_of(names: Sequence[str]) -> str:
    """Names of files as words for find; one that looks like an option is made none."""
    return " ".join(_name(name) for name in names)


def _name(name: str) -> str:
    if "\x01" in name:
        return f'"{name}"' if not set(name) & set('"$`\\') else shlex.quote(name)
    return shlex.quote(f"./{name}" if name.startswith(("-", "(", "!", ")", ",")) else name)


def unless_current(targets: Sequence[str], needs: Sequence[str]) -> str:
    """The line that ends a command where its targets are there and no prerequisite is newer, or missing."""
    tests = [f"[ -e {_name(target)} ]" for target in targets]
    if needs:
        every = words_of(needs)
        tests += [f'[ -z "$(find -H {every} -prune -newer {_name(target)} 2>&1)" ]' for target in targets]
    return " && ".join([*tests, "exit"])


def unless_there(name: str) -> str:
    """The line that ends a command where a file is missing that nothing makes."""
    said = f"no rule makes {name}"
    return f"[ -e {_name(name)} ] || {{ echo {shlex.quote(said)} >&2; exit 2; }}"


def newer_line(target: str, needs: Sequence[str]) -> str:
    """The line that finds what ``$?`` stands for: the prerequisites newer than the target, or all if it is missing."""
    every = words_of(needs)
    name = _name(target)
    return f"newer=$(if [ -e {name} ]; then find -H {every} -prune -newer {name}; else echo {every}; fi); export newer"

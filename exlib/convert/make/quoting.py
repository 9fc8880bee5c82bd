"""Names, values and lines as a makefile has to write them."""

from __future__ import annotations

import re

from exlib.convert.make.variables import DEFAULTS, ENVIRONMENT
from exlib.environment import REFERENCE

_SAFE = re.compile(r"(?![.-])[A-Za-z0-9_./+-]+(?<!/)\Z")
_UNSAFE = re.compile(r"[^A-Za-z0-9_+-]+")
_OWN = frozenset([*DEFAULTS, "MAKEFILE_LIST", "CURDIR", "MAKECMDGOALS", "SHELL"])
_LEADING = re.compile(r"[\s@+-]")


class Names:
    """The names of targets: ids, where make can say them, else ones like them, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, wanted: str, spare: bool = False) -> str:
        """The name for an id; ``spare`` ones are not of a job, and make way."""
        base = wanted if is_safe(wanted) else _UNSAFE.sub("_", wanted).strip("_-") or "job"
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def is_safe(name: str) -> bool:
    """Whether a name is a target as it is. Makefiles themselves are none: make would make them first, and again."""
    lower = name.lower()
    odd = lower.endswith(("makefile", ".mk", ".make")) or "//" in name or "/./" in name
    return bool(_SAFE.match(name)) and not odd and len(name) < 200


def assignable(name: str, value: str) -> bool:
    """Whether a variable can be set by ``:=``: what it refers to is looked up when make starts."""
    unknown = [one for one in REFERENCE.findall(value) if one not in ENVIRONMENT]
    return name not in _OWN and not unknown and "\n" not in value and "\r" not in value


def assigned(value: str) -> str:
    """A value behind ``:=``."""
    pieces = []
    for at, part in enumerate(REFERENCE.split(value)):
        pieces.append(f"$({part})" if at % 2 else _escaped(part))
    text = "".join(pieces)
    if text[:1].isspace():
        text = f"$(){text}"
    return f"{text}$()" if text.endswith(("\\", " ", "\t")) else text


def _escaped(text: str) -> str:
    text = text.replace("$", "$$")
    return re.sub(r"(\\*)#", lambda match: match[1] * 2 + r"\#", text)


def recipe_lines(text: str) -> list[str]:
    """The line of a recipe, or the lines if it goes on, each behind its tab."""
    return ["\t" + line for line in text.replace("$", "$$").split("\n")]


def is_recipe_line(text: str) -> bool:
    """Whether a command can stand as a line of a recipe, as it is."""
    odd = (len(text) - len(text.rstrip("\\"))) % 2
    return bool(text.strip()) and not odd and "\n" not in text and not _LEADING.match(text)


def is_comment(text: str) -> bool:
    """Whether a line can stand behind a ``#`` and comes back as it is."""
    return text == text.strip() and bool(text) and not text.endswith("\\") and not text.startswith("#")

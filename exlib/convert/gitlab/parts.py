"""A configuration as GitLab sees it: values that know where they stand, merged from files, templates and references.

A tree of YAML is one file; a ``Part`` may be put together from many. Each leads back to the nodes that it came from, so
what is said of it is said of their lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from exlib.console import printable
from exlib.convert.account import Account, Fate
from exlib.convert.yaml.tree import Node
from exlib.errors import InputError

REFERENCE = "!reference"
UNREAD = "unread"
"""The kind of a part that stands in a file which was not read."""
_TRUE = re.compile(r"(?i:yes|true|on)")
_FALSE = re.compile(r"(?i:no|false|off)")
_NULL = re.compile(r"(?:~|null|Null|NULL|)")
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}")
_INTEGER = re.compile(r"[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)")
_OCTAL = re.compile(r"[-+]?0[0-7_,]+")
_HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-fA-F_,]+")
_BINARY = re.compile(r"[-+]?0b[01_,]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_,]*[eE][-+]?[0-9]+")


def resolved(text: str) -> Any:
    """What plain text means in Ruby's YAML, which is that of 1.1: ``yes`` and ``on`` are true, ``010`` is eight."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return _TRUE.fullmatch(text) is not None
    if len(text) > 300:
        return text
    digits = re.sub("[,_]", "", text)
    if _INTEGER.fullmatch(text):
        return int(digits)
    for pattern, base in ((_OCTAL, 8), (_HEXADECIMAL, 16), (_BINARY, 2)):
        if pattern.fullmatch(text):
            return _based(digits, base, text)
    if _BASE60.fullmatch(text):
        return _sexagesimal(digits)
    if _FLOAT.fullmatch(text) and any(character.isdigit() for character in text):
        return float(digits)
    return text


def _based(digits: str, base: int, text: str) -> Any:
    try:
        return int(digits, base)
    except ValueError:
        return text


def _sexagesimal(digits: str) -> int:
    sign = -1 if digits.startswith("-") else 1
    total = 0
    for piece in digits.lstrip("+-").split(":"):
        total = total * 60 + int(piece)
    return sign * total


def written(value: Any) -> str:
    """A scalar as Ruby writes it: ``true``, ``1.1``, nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Part:
    """A value: a map (``members``), a list (``items``), a reference (``items``) or a scalar (``value``).

    ``node`` is where it stands; ``through`` are the references that led to it, ``over`` the parts that it covers.
    """

    def __init__(self, node: Node, kind: str, value: Any = None) -> None:
        self.node = node
        self.kind = kind
        self.value = value
        self.members: dict[str, Part] = {}
        self.items: list[Part] = []
        self.through: list[Node] = []
        self.over: list[Part] = []

    @property
    def is_map(self) -> bool:
        """Whether it has keys."""
        return self.kind == "map"

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return self.kind == "list"

    @property
    def is_scalar(self) -> bool:
        """Whether it is a plain value."""
        return self.kind == "scalar"

    @property
    def is_null(self) -> bool:
        """Whether it is a value that says nothing."""
        return self.is_scalar and self.value is None

    @property
    def text(self) -> str:
        """A scalar as text."""
        return written(self.value) if self.is_scalar else ""

    def get(self, *keys: str) -> Part | None:
        """The part under a key, or under keys one below another."""
        part: Part | None = self
        for key in keys:
            part = part.members.get(key) if part is not None else None
        return part

    def plain(self) -> Any:
        """The value in Python's own types, for ``x-source``."""
        if self.is_map:
            return {key: part.plain() for key, part in self.members.items()}
        if self.is_list:
            return [part.plain() for part in self.items]
        if self.kind == "reference":
            return "!reference " + str([step.text for step in self.items])
        return self.value

    def copied(self, node: Node | None = None) -> Part:
        """A part like it, whose members and items can be changed without changing those of this one."""
        twin = Part(node or self.node, self.kind, self.value)
        twin.members, twin.items = dict(self.members), list(self.items)
        twin.through, twin.over = list(self.through), list(self.over)
        return twin

    def walk(self) -> Iterator[Part]:
        """The part and all below it."""
        pending = [self]
        while pending:
            part = pending.pop()
            yield part
            pending += reversed([*part.members.values(), *part.items])

    def refuse(self, message: str, mend: str | None = None) -> InputError:
        """The error to raise about it."""
        return self.node.refuse(message, mend)


def merged(below: Part | None, above: Part) -> Part:
    """Two parts, key by key where both are maps; else the upper one."""
    if below is None or not below.is_map or not above.is_map:
        return above
    result = above.copied()
    result.members = dict(below.members)
    result.over = [*below.over, *above.over]
    for key, part in above.members.items():
        covered = below.members.get(key)
        result.members[key] = merged(covered, part)
        if covered is not None and result.members[key] is part:
            result.over.append(covered)
    result.through = [*below.through, *above.through]
    return result


class Teller:
    """What is said of parts: each thing once of each place, however many jobs take it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._said: set[tuple[str, str, str, str]] = set()
        self.told: set[tuple[str, str]] = set()

    def tell(self, part: Part, fate: Fate, construct: str, reason: str = "", job: str | None = None) -> None:
        """Say of a part and all below it what became of it."""
        for node in part.through:
            self.node(node, "exact", "reference", "what it leads to stands in its place", job)
        if part.kind == UNREAD:
            self.node(part.node, "manual", construct, "it stands in a file that was not read", job)
        elif _is_of_one_piece(part):
            self.node(part.node, fate, construct, reason, job)
        else:
            for below in (*part.members.values(), *part.items):
                self.tell(below, fate, construct, reason, job)

    def node(self, node: Node, fate: Fate, construct: str, reason: str = "", job: str | None = None) -> None:
        """Say of a value in a file and all below it what became of it."""
        place, reason = node.whole, printable(reason)
        if (key := (place.file, place.path, fate, reason)) not in self._said:
            self._said.add(key)
            self.told.add((place.file, place.path))
            getattr(self.account, fate)(place, construct, reason, job=job)

    def has(self, node: Node) -> bool:
        """Whether something was said of a value, or of what holds it."""
        file, path = node.place.file, node.path
        return any((file, above) in self.told for above in _and_above(path))

    def manual(self, part: Part, construct: str, reason: str, job: str | None = None) -> None:
        """Say what a person has to do about a part."""
        self.tell(part, "manual", construct, reason, job)


def _is_of_one_piece(part: Part) -> bool:
    """Whether all that is below it stands below it in the file too."""
    home, file = part.node.path, part.node.place.file
    if part.is_scalar or not (part.members or part.items):
        return True
    for below in part.walk():
        if below is not part and (below.through or not _is_below(below.node.path, home)):
            return False
        if below.node.place.file != file:
            return False
    return len([*part.walk()]) == _size(part.node)


def _and_above(path: str) -> Iterator[str]:
    yield path
    for at in range(len(path) - 1, 0, -1):
        if path[at] in ".[":
            yield path[:at]


def _is_below(path: str, home: str) -> bool:
    return not home or path == home or path.startswith((home + ".", home + "["))


def _size(node: Node) -> int:
    return 1 + sum(map(_size, (*node.members.values(), *node.items)))

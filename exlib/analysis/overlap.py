"""Which paths and globs can name one file: ``*`` and ``?`` within a part of a path, ``**`` over any number of them.

A path stands for all that is below it as well. ``[…]`` counts as any character, so that two globs are held to overlap
rather too often than too seldom.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST = 200_000
"""Pairs with a glob that are compared; each takes some ten microseconds."""
_TOKEN = re.compile(r"(\*\*)/?|(\*)|(\?)|(\[[^/\]]+\])|(.)", re.DOTALL)
_DEEP, _STAR, _ANY = "**", "*", "?"
_WILD = re.compile(r"[*?]|\[[^/\]]+\]")


class TooMany(Exception):
    """There are more globs than can be compared with each other."""


def overlaps(paths: Sequence[str]) -> list[list[int]]:
    """For each of some different paths the places of those that it overlaps with, itself included. Raises TooMany."""
    heads = [path[: wild.start()] if (wild := _WILD.search(path)) else path for path in paths]
    plain = [head == path for head, path in zip(heads, paths, strict=True)]
    tokens: dict[int, list[str]] = {}
    by_head: dict[str, list[int]] = {}
    for at, head in enumerate(heads):
        by_head.setdefault(head, []).append(at)
    found: list[list[int]] = [[at] for at in range(len(paths))]
    compared = 0
    for at, head in enumerate(heads):
        # Two can only meet if the one's beginning is the beginning of the other's.
        for length in range(len(head) + 1):
            for other in by_head.get(head[:length], ()):
                if length == len(head) and other >= at:
                    continue
                if plain[at] and plain[other]:
                    meet = _is_below(paths[at], paths[other])
                else:
                    compared += 1
                    if compared > MOST:
                        raise TooMany
                    for one in (at, other):
                        if one not in tokens:
                            tokens[one] = _tokens(paths[one])
                    meet = _meet(tokens[at], tokens[other])
                if meet:
                    found[at].append(other)
                    found[other].append(at)
    return found


def overlap(one: str, other: str) -> bool:
    """Whether two paths or globs can name one file, or one of them a directory above what the other names."""
    return _meet(_tokens(one), _tokens(other))


def _is_below(path: str, above: str) -> bool:
    return path == above or path.startswith(above if above.endswith("/") else above + "/")


def _tokens(path: str) -> list[str]:
    found: list[str] = []
    for deep, star, any_one, group, character in _TOKEN.findall(path.rstrip("/")):
        token = _DEEP if deep else _STAR if star else _ANY if any_one or group else character
        if token in (_DEEP, _STAR) and found and found[-1] == token:
            continue
        found.append(token)
    return found


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether some text fits both: both are walked at once, from every pair of places that can be reached."""
    stack, seen = [(0, 0)], {(0, 0)}
    while stack:
        a, b = stack.pop()
        first = one[a] if a < len(one) else ""
        second = other[b] if b < len(other) else ""
        if (not first and second in ("", "/")) or (not second and first == "/"):
            return True
        for step in _steps(first, second):
            place = a + step[0], b + step[1]
            if place not in seen:
                seen.add(place)
                stack.append(place)
    return False


def _steps(first: str, second: str) -> list[tuple[int, int]]:
    """How far each can go from its token: past a star, or past a character that both take."""
    loose_first, loose_second = first in (_DEEP, _STAR), second in (_DEEP, _STAR)
    steps = [(1, 0)] if loose_first else []
    if loose_second:
        steps.append((0, 1))
    if loose_first and loose_second:
        return steps
    if loose_first:
        return [*steps, (0, 1)] if _takes(first, second) else steps
    if loose_second:
        return [*steps, (1, 0)] if _takes(second, first) else steps
    if first and second and (first == second or (_ANY in (first, second) and "/" not in (first, second))):
        steps.append((1, 1))
    return steps


def _takes(star: str, character: str) -> bool:
    return character != "" and (star == _DEEP or character != "/")

"""make's functions on text: each takes expanded arguments and gives a text."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import NamedTuple


class TextFunction(NamedTuple):
    """A function: how many arguments it needs and takes, and how many first ones it passes on without looking."""

    call: Callable[..., str]
    least: int
    most: int
    passed: int = 0


def split_pattern(pattern: str) -> tuple[str, str] | None:
    """The texts before and after the ``%`` of a pattern; None if it has none."""
    before, at = "", 0
    while at < len(pattern):
        if pattern[at] == "\\" and pattern[at + 1 : at + 2] in ("%", "\\"):
            slashes = len(pattern[at:]) - len(pattern[at:].lstrip("\\"))
            if pattern[at + slashes : at + slashes + 1] != "%":
                before += "\\" * slashes
                at += slashes
                continue
            before += "\\" * (slashes // 2)
            at += slashes
            if slashes % 2:
                before += "%"
                at += 1
            continue
        if pattern[at] == "%":
            return before, pattern[at + 1 :]
        before += pattern[at]
        at += 1
    return None


def stem_of(pattern: str, word: str) -> str | None:
    """What the ``%`` of a pattern stands for in a word; None if it does not match. Without one: the word itself."""
    parts = split_pattern(pattern)
    if parts is None:
        return "" if pattern.replace("\\%", "%") == word else None
    before, after = parts
    if len(word) >= len(before) + len(after) and word.startswith(before) and word.endswith(after):
        return word[len(before) : len(word) - len(after)]
    return None


def fill(pattern: str, stem: str) -> str:
    """The pattern with its ``%`` replaced."""
    parts = split_pattern(pattern)
    return pattern if parts is None else f"{parts[0]}{stem}{parts[1]}"


def map_words(old: str, new: str, text: str) -> str:
    """Each word that matches a pattern, by another pattern."""
    words = []
    has_stem = split_pattern(old) is not None
    for word in text.split():
        stem = stem_of(old, word)
        words.append(word if stem is None else fill(new, stem) if has_stem else new)
    return " ".join(words)


def _subst(old: str, new: str, text: str) -> str:
    return text.replace(old, new) if old else text + new


def _filtered(keep: bool) -> Callable[[str, str], str]:
    def call(patterns: str, text: str) -> str:
        asked = patterns.split()
        return " ".join(
            word for word in text.split() if any(stem_of(pattern, word) is not None for pattern in asked) == keep
        )

    return call


def _number(text: str, least: int) -> int:
    text = text.strip()
    if not text.isdigit() or int(text) < least:
        raise ValueError(f'"{text}" is no number from {least} on')
    return int(text)


def _word(number: str, text: str) -> str:
    index, words = _number(number, 1), text.split()
    return words[index - 1] if index <= len(words) else ""


def _wordlist(first: str, last: str, text: str) -> str:
    return " ".join(text.split()[_number(first, 1) - 1 : _number(last, 0)])


def _each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: " ".join(filter(None, map(change, text.split())))


def _dir(word: str) -> str:
    return word[: word.rfind("/") + 1] or "./"


def _suffix(word: str) -> str:
    name = word[word.rfind("/") + 1 :]
    return name[name.rfind(".") :] if "." in name else ""


def _basename(word: str) -> str:
    suffix = _suffix(word)
    return word[: -len(suffix)] if suffix else word


def _join(left: str, right: str) -> str:
    first, second = left.split(), right.split()
    length = max(len(first), len(second))
    first += [""] * (length - len(first))
    second += [""] * (length - len(second))
    return " ".join(f"{one}{other}" for one, other in zip(first, second, strict=True))


def _sort(text: str) -> str:
    return " ".join(sorted(set(text.split()), key=lambda word: word.encode()))


def _abspath(text: str) -> str:
    """Absolute names alone: where a relative one is, only the run knows, and the caller sees to that."""
    return " ".join(posixpath.normpath(word) for word in text.split())


TEXT_FUNCTIONS: dict[str, TextFunction] = {
    "subst": TextFunction(_subst, 3, 3),
    "patsubst": TextFunction(map_words, 3, 3),
    "strip": TextFunction(lambda text: " ".join(text.split()), 1, 1),
    "findstring": TextFunction(lambda needle, text: needle if needle in text else "", 2, 2),
    "filter": TextFunction(_filtered(True), 2, 2),
    "filter-out": TextFunction(_filtered(False), 2, 2),
    "sort": TextFunction(_sort, 1, 1),
    "word": TextFunction(_word, 2, 2),
    "words": TextFunction(lambda text: str(len(text.split())), 1, 1),
    "wordlist": TextFunction(_wordlist, 3, 3),
    "firstword": TextFunction(lambda text: (text.split() or [""])[0], 1, 1),
    "lastword": TextFunction(lambda text: (text.split() or [""])[-1], 1, 1),
    "dir": TextFunction(_each(_dir), 1, 1),
    "notdir": TextFunction(_each(lambda word: word[word.rfind("/") + 1 :]), 1, 1),
    "suffix": TextFunction(_each(_suffix), 1, 1),
    "basename": TextFunction(_each(_basename), 1, 1),
    "addprefix": TextFunction(lambda prefix, text: " ".join(prefix + word for word in text.split()), 2, 2, 1),
    "addsuffix": TextFunction(lambda suffix, text: " ".join(word + suffix for word in text.split()), 2, 2, 1),
    "join": TextFunction(_join, 2, 2),
}

"""Lengths of time in words, as GitLab reads and writes them: ``1h 30m``, ``90 minutes``, ``1 day``."""

from __future__ import annotations

import re

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
    "d": 86400, "day": 86400, "w": 604800, "week": 604800, "mo": 2592000, "mon": 2592000, "mos": 2592000,
    "month": 2592000, "y": 31536000, "yr": 31536000, "year": 31536000,
}  # fmt: skip
_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60",
    "ninety": "90",
}  # fmt: skip
_PIECE = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]*)[\s,]*(?:and\b)?[\s,]*")
_CLOCK = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):(\d{1,6})")
NEVER = "never"


def seconds(words: str) -> float | None:
    """The seconds that words mean; None if they mean none. A number without a unit counts seconds."""
    text = words.strip().lower()
    for word, digits in _WORDS.items():
        text = re.sub(rf"\b{word}\b", digits, text)
    if clock := _CLOCK.fullmatch(text):
        return float(int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3]))
    total, at = 0.0, 0
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            return None
        unit = match[2] or "s"
        size = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
        if size is None:
            return None
        total += float(match[1]) * size
        at = match.end()
    return total or None


def words(length: float) -> str:
    """Seconds in words; parts of a second are rounded up, for GitLab counts whole ones."""
    left = int(-(-length // 1))
    pieces = []
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, left = divmod(left, size)
        if count:
            pieces.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(pieces)

"""Finding the values of secrets in text, in whatever form they are written there.

Hundreds of values in a dozen forms each are thousands of words to look for, and one expression of them all would try
each at every place. So an expression of their first four bytes, as a tree, says where one may begin, and a table has
the few words that begin so. Words that overlap are hidden together.

Base64 is broken into lines, and a value may stand across the end of one. So text is searched as if it had no such
line ends; they are the ones with 48 or more characters of base64 before them and one more behind.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from exlib.environment import MASK
from exlib.masking.forms import forms

_HARMLESS = frozenset(["", "true", "false", "none", "null"])
_MIN_SECRET = 4
_BEGINNING = 4
"""Bytes of a form that the first search looks at; none is shorter."""
_HIDDEN = MASK.encode()

_WRAPPED = 48
BEHIND = _WRAPPED + 2
"""Bytes before a place that decide whether a line end there is one of wrapped base64."""
_LINE = rb"[A-Za-z0-9+/_-]{%d}" % _WRAPPED
_MORE = rb"(?=[A-Za-z0-9+/=_-]|\Z)"
_WRAP = re.compile(rb"\n(?<=%b\n)%b" % (_LINE, _MORE))
_WRAP_CR = re.compile(rb"\n(?<=%b\n)%b|\r\n(?<=%b\r\n)%b|\r\Z(?<=%b\r)" % (_LINE, _MORE, _LINE, _MORE, _LINE))


class View(NamedTuple):
    """Text without the line ends of wrapped base64: before ``places[n]``, ``gone[n + 1]`` bytes were left out."""

    text: bytes
    places: list[int]
    gone: list[int]

    def origin(self, place: int) -> int:
        """Where the byte at ``place`` stood."""
        return place + self.gone[bisect_right(self.places, place)]

    def place(self, origin: int) -> int:
        """Where the first byte that stood at ``origin`` or behind it is now."""
        if not self.places:
            return origin
        ahead = bisect_left([place + gone for place, gone in zip(self.places, self.gone, strict=False)], origin)
        return max(origin - self.gone[ahead], self.places[ahead - 1]) if ahead else origin


class Mask:
    """Replaces secret values in what jobs wrote; a secret of several lines is known by each of its lines."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        found = {view(form).text for value in _values(secrets) for form in forms(value)}
        self._known: dict[bytes, list[bytes]] = {}
        for form in sorted(found, key=len, reverse=True):
            self._known.setdefault(form[:_BEGINNING], []).append(form)
        self._shorter = frozenset(form[:length] for form in self._known for length in range(1, _BEGINNING))
        self._search = re.compile(_one_of(self._known), re.DOTALL).search if found else None
        self.active = bool(found)
        """Whether there is anything to hide."""
        longest = max(map(len, found), default=0)
        self.longest = longest + 2 * (longest // _WRAPPED + 1) + BEHIND if found else 0
        """Bytes that one value in its longest form, and what decides about its line ends, can span."""

    def __call__(self, data: bytes) -> bytes:
        """``data`` with every secret value replaced."""
        if self._search is None:
            return data
        seen = view(data)
        spans, _ = self.find(seen.text)
        return cover(data, seen, spans, 0, len(data))[0] if spans else data

    def text(self, text: str) -> str:
        """The same for text."""
        if self._search is None:
            return text
        data = text.encode("utf-8", "surrogateescape")
        hidden = self(data)
        return text if hidden is data else hidden.decode("utf-8", "surrogateescape")

    def find(self, text: bytes, start: int = 0, *, more: bool = False) -> tuple[list[tuple[int, int]], int]:
        """Where secrets stand from ``start`` on; with ``more`` to come also from where on that is not decided yet."""
        spans: list[tuple[int, int]] = []
        if self._search is None:
            return spans, len(text)
        met = self._search(text, start)
        while met is not None:
            begin = met.start()
            for form in self._known[met[0]]:
                if more and begin + len(form) > len(text) and form.startswith(text[begin:]):
                    return spans, begin
                if text.startswith(form, begin):
                    spans.append((begin, begin + len(form)))
                    break
            met = self._search(text, begin + 1)
        for begin in range(max(start, len(text) - _BEGINNING + 1), len(text)) if more else ():
            if text[begin:] in self._shorter:
                return spans, begin
        return spans, len(text)


def view(data: bytes) -> View:
    """The text to search."""
    places: list[int] = []
    gone = [0]
    pieces: list[bytes] = []
    at = 0
    # The first is twenty times as quick, and few programs write carriage returns.
    for wrap in (_WRAP_CR if b"\r" in data else _WRAP).finditer(data):
        begin, end = wrap.span()
        places.append(begin - gone[-1])
        gone.append(gone[-1] + end - begin)
        pieces.append(data[at:begin])
        at = end
    return View(b"".join([*pieces, data[at:]]) if places else data, places, gone)


def cover(data: bytes, seen: View, spans: Iterable[tuple[int, int]], start: int, end: int) -> tuple[bytes, int]:
    """``data`` from ``start`` to ``end`` with the spans of its view replaced; and where the last of them ends."""
    pieces: list[bytes] = []
    done = start
    for first, last in spans:
        begin = seen.origin(first)
        if begin >= done:
            pieces += (data[done:begin], _HIDDEN)
        done = max(done, seen.origin(last - 1) + 1)
    pieces.append(data[done:end])
    return b"".join(pieces), done


def _values(secrets: Iterable[str]) -> Iterator[str]:
    """The parts of secrets that are looked for: their lines, and the whole if not all lines are long enough."""
    for secret in set(secrets):
        lines = [line.strip() for line in secret.splitlines()]
        if len(lines) > 1 and min(map(len, lines)) < _MIN_SECRET:
            lines.append(secret.strip())
        # Shorter values (1, on, yes) are no secrets, and masking them would spoil every line.
        yield from (line for line in lines if len(line) >= _MIN_SECRET and line.lower() not in _HARMLESS)


def _one_of(words: Collection[bytes]) -> bytes:
    """An expression that matches any of these words, all of one length, as a tree of their bytes."""
    following: dict[int, list[bytes]] = {}
    for word in words:
        following.setdefault(word[0], []).append(word[1:])
    if not any(next(iter(following.values()))):
        return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(following)) + b"]"
    return b"(?:" + b"|".join(b"\\x%02x" % byte + _one_of(rest) for byte, rest in sorted(following.items())) + b")"


UNMASKED = Mask()

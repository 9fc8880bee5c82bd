"""Masking what comes in pieces, such as a job's output, as if it had come in one."""

from __future__ import annotations

from exlib.masking.mask import BEHIND, Mask, cover, view


class MaskStream:
    """Passes on masked bytes at once, but for an end that may be the beginning of a secret.

    What it holds back is no longer than the longest form of a secret (``Mask.longest``). However the stream is cut,
    the pieces together are what ``Mask`` makes of the whole.
    """

    __slots__ = ("_behind", "_covered", "_held", "_mask")

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._behind = b""
        self._held = b""
        self._covered = 0  # bytes of what is held, or to come, that the last replacement stands for already

    def feed(self, data: bytes) -> bytes:
        """What can be passed on now that ``data`` came."""
        return self._pass_on(data, more=True) if self._mask.active else data

    def flush(self) -> bytes:
        """The rest, when nothing more comes."""
        return self._pass_on(b"", more=False) if self._held else b""

    def _pass_on(self, data: bytes, *, more: bool) -> bytes:
        start = len(self._behind)
        whole = self._behind + self._held + data
        seen = view(whole)
        spans, undecided = self._mask.find(seen.text, seen.place(start), more=more)
        end = seen.origin(undecided) if undecided < len(seen.text) else len(whole)
        passed, done = cover(whole, seen, spans, start + self._covered, end)
        self._covered = max(done - end, 0)
        self._behind, self._held = whole[max(0, end - BEHIND) : end], whole[end:]
        return passed

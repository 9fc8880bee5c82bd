"""What a drawing for the terminal is made with: its width, its signs and their colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from exlib.render.palette import LOOKS
from exlib.render.picture import Arrow, Box

PLAIN_MARKS = {
    "success": "v", "reused": "=", "failed": "x", "timeout": "T", "lost": "?", "skipped": "/", "cancelled": "!",
    "running": ">", "retrying": "~", "waiting": ".", "pending": "o",
}  # fmt: skip
STYLES = {
    "success": ("green",), "reused": ("green",), "failed": ("red", "bold"), "timeout": ("red", "bold"),
    "lost": ("red", "bold"), "skipped": ("dim",), "cancelled": ("yellow",), "running": ("cyan",),
    "retrying": ("yellow",), "waiting": ("dim",), "pending": ("dim",),
}  # fmt: skip
BAD = frozenset(["failed", "timeout", "lost"])


class Pen(NamedTuple):
    """How wide the lines may be, whether box-drawing characters can be shown, and what colours a piece of text."""

    columns: int = 80
    fine: bool = True
    style: Callable[..., str] = lambda text, *_styles: text

    def mark(self, box: Box) -> str:
        """The sign of a job: how it ended, else whether it is on the critical path or a ghost."""
        if box.missing:
            return self.style("?", "red")
        if box.status:
            return self.style(LOOKS[box.status].mark if self.fine else PLAIN_MARKS[box.status], *STYLES[box.status])
        if box.critical:
            return self.style("◆" if self.fine else "#", "magenta", "bold")
        return "●" if self.fine else "*"

    def title(self, box: Box, title: str) -> str:
        """A job's name in the colour of what there is to be seen about it."""
        if box.missing:
            return self.style(title, "red")
        if box.critical:
            return self.style(title, "magenta", "bold")
        return self.style(title, *STYLES[box.status or ""]) if box.status in BAD else title


def beside(arrow: Arrow) -> bool:
    """Whether an arrow is told in words, as no order can keep it."""
    return arrow.mutual or arrow.wrong

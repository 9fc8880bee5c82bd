"""One frame of the live view, drawn with rich: the run's line, its counts, running jobs and the newest output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from rich.console import Console as RichConsole
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from exlib.console import Console, cut, span, width
from exlib.report.wording import MARKS, Voice

if TYPE_CHECKING:
    from rich.console import RenderableType

    from exlib.report.progress import Running, State

_STYLES = {
    "success": "green",
    "failed": "red",
    "timeout": "red",
    "lost": "red",
    "skipped": "dim",
    "cancelled": "yellow",
}
_BAR = 24


class Painter:
    """Renders frames for one stream; every line is at least one column narrower than the terminal."""

    def __init__(self, console: Console, stream: TextIO) -> None:
        self._voice = Voice(console, stream)
        # Not written to: frames are captured, and the live view writes them.
        self._rich = RichConsole(
            file=stream,
            force_terminal=True,
            color_system="standard" if self._voice.coloured else None,
            no_color=not self._voice.coloured,
            legacy_windows=False,
            highlight=False,
            emoji=False,
            markup=False,
            safe_box=False,
        )

    def paint(self, state: State, now: float, columns: int, rows: int) -> tuple[list[str], list[int]]:
        """The lines of a frame that fits into the terminal, and the columns each takes."""
        self._rich.size = (max(columns - 1, 1), max(rows, 1))
        parts = self._parts(state, now, columns - 1, rows - 1)
        with self._rich.capture() as captured:
            for part in parts:
                self._rich.print(part, no_wrap=True, overflow="ellipsis", crop=True)
        lines = captured.get().removesuffix("\n").split("\n")[: max(rows - 1, 1)]
        return lines, [min(max(columns - 1, 1), width(Text.from_ansi(line).plain)) for line in lines]

    def _parts(self, state: State, now: float, columns: int, rows: int) -> list[RenderableType]:
        parts: list[RenderableType] = [self._headline(state, now, columns)]
        running = state.running or []
        if rows >= 3:
            parts.append(self._counts(state, len(running)))
        tail = min(len(state.output), 3) if rows >= 9 else 0
        room = rows - len(parts) - (tail + 1 if tail else 0)
        room -= len(running) > room  # the line that tells how many more
        if running and room > 0:
            parts.append(self._table(running[:room], now, columns))
            if len(running) > room:
                parts.append(Text(f"   and {len(running) - room} more", style="dim"))
        if tail:
            parts.append(Text(f" {self._voice.pick('┌', ',')} {self._voice.plain(state.source)}", style="dim"))
            bar = self._voice.pick("│", "|")
            parts.extend(Text(f" {bar} {self._voice.plain(line)}", style="dim") for line in state.output[-tail:])
        return parts

    def _headline(self, state: State, now: float, columns: int) -> RenderableType:
        share = state.finished / state.total if state.total else 0.0
        elapsed = span_clock(now - state.since)
        left = f"  about {span(state.remaining)} left" if state.remaining is not None else ""
        facts = f"{state.finished}/{state.total}  {elapsed}{left}"
        name = cut(f"{state.application} run {state.run}", max(columns // 3, 8), self._voice.pick("…", "~"))
        room = columns - width(name) - width(facts) - 5
        line = Table.grid(padding=(0, 2, 0, 0))
        cells: list[RenderableType] = [Text(name, style="bold"), Text(facts)]
        if room >= 10:
            cells.insert(1, self._bar(share, min(room, 40), "green"))
        line.add_row(*cells)
        return line

    def _counts(self, state: State, running: int) -> Text:
        counts: Mapping[str, int] = state.counts or {}
        parts = [Text(f"{running} running", style="cyan")]
        for status, style in _STYLES.items():
            if counts.get(status):
                fine, plain, _ = MARKS[status]
                parts.append(Text(f"{self._voice.pick(fine, plain)} {counts[status]} {status}", style=style))
        left = state.total - state.finished - running
        if left > 0:
            parts.append(Text(f"{left} to come", style="dim"))
        return Text("  ").join([Text(), *parts])

    def _table(self, running: list[Running], now: float, columns: int) -> Table:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(max_width=max(columns // 3, 8), no_wrap=True, overflow="ellipsis")
        bar_room = min(_BAR, columns - columns // 3 - 32)
        for job in running:
            elapsed = max(now - job.since, 0.0)
            took = span_clock(elapsed) + (f" of about {span(job.typical)}" if job.typical else "")
            if job.number > 1:
                took += f", attempt {job.number}"
            name = f"   {self._voice.plain(job.job)}"
            cells: list[RenderableType] = [Text(name, no_wrap=True)]
            if bar_room >= 6:
                cells.append(self._job_bar(job, elapsed, bar_room))
            cells.append(Text(took, style="dim", no_wrap=True))
            grid.add_row(*cells)
        return grid

    def _job_bar(self, job: Running, elapsed: float, columns: int) -> RenderableType:
        """Against the usual duration; without one there is nothing to measure against, and no bar is drawn."""
        if not job.typical:
            return Text(self._voice.pick("·", ".") * columns, style="dim")
        share = elapsed / job.typical
        return self._bar(min(share, 1.0), columns, "cyan" if share <= 1.5 else "yellow")

    def _bar(self, share: float, columns: int, style: str) -> RenderableType:
        if not self._voice.unicode:
            full = int(share * columns)
            return Text("#" * full + "-" * (columns - full))
        return ProgressBar(
            total=1.0, completed=share, width=columns, style="dim", complete_style=style, finished_style=style
        )


def span_clock(seconds: float) -> str:
    """Running time as a clock: ``0:07``, ``12:34``, ``1:02:03``."""
    whole = int(max(seconds, 0))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"

"""Who follows a run: the live view or lines, tagged output, the event stream, the run log."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from typing import TextIO

from exlib.console import Console, is_terminal
from exlib.events import Reader
from exlib.graph import Graph
from exlib.history.location import RUN_LOG
from exlib.masking import Mask
from exlib.session.request import Request


def readers(
    console: Console, request: Request, graph: Graph, typical: Mapping[str, float], log_dir: str, mask: Mask
) -> list[Reader]:
    """The readers that this request wants, besides the history and the event stream."""
    from exlib.report.runlog import RunLog

    found: list[Reader] = [RunLog(os.path.join(log_dir, RUN_LOG))]
    width = max(map(len, graph.ids), default=0)
    if request.tag and sys.stdout is not None:
        from exlib.report.tag import Tagged

        found.append(Tagged(console, sys.stdout, id_width=width, mask=mask))
    if wants_live(console, request):
        from exlib.report.estimate import Estimate
        from exlib.report.live import Live

        found.append(Live(console, estimate=Estimate(graph, typical, request.workers), mask=mask))
    elif sys.stderr is not None:
        from exlib.report.lines import Lines

        found.append(Lines(console, id_width=width))
    return found


def event_writer(request: Request) -> list[Reader]:
    """The event stream, if one is wanted. Raises UsageError if its target cannot be opened."""
    if not request.events:
        return []
    from exlib.report.eventlog import EventWriter

    return [EventWriter(request.events)]


def wants_live(console: Console, request: Request) -> bool:
    """Whether the live view is drawn: on a terminal, unless lines were asked for or would be disturbed by it."""
    return (
        is_terminal(sys.stderr)
        and os.environ.get("TERM", "dumb") != "dumb"
        and not (console.quiet or console.verbose or request.tag)
        # Whoever reads the events through a pipe writes to this terminal, too, as ex-analyze-logs --follow does.
        and not (request.events in ("-", "fd:1", "fd:2") and (is_terminal(sys.stdout) or _is_pipe(sys.stdout)))
    )


def _is_pipe(stream: TextIO | None) -> bool:
    return stream is not None and stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)

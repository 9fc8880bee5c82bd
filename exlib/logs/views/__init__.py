"""What ex-analyze-logs can show: one module a view, in one table that imports none of them.

A view's module has ``FORMS``: by the name of a format, a Form. A Form makes a Sink, which takes the runs as they are
read, and writes the product from that Sink.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from exlib.logs.model import Damage, Run
from exlib.masking import UNMASKED, Mask
from exlib.report.wording import Voice


class Telling(NamedTuple):
    """How a view speaks: the stream it writes for, its columns, and what its readers should know besides.

    ``db`` is the history that was named on the command line, which the commands shown have to name too; ``mask`` hides
    the secrets of a run's workflow in what is shown of its logs; ``now`` is the time of the analysis.
    """

    voice: Voice
    columns: int
    now: float
    db: str | None = None
    mask: Callable[[Run], Mask] = lambda _: UNMASKED
    damages: tuple[Damage, ...] = ()
    damaged: Mapping[str, int] = {}
    top: int = 10


class Form(NamedTuple):
    """One format of a view: what reads the runs (a ``sink.Sink``), and what writes the product from it."""

    reader: Callable[[Telling], Any]
    write: Callable[[Any, Telling], str]


VIEWS: dict[str, str] = {
    "summary": "exlib.logs.views.summary",
    "errors": "exlib.logs.views.errors",
    "patterns": "exlib.logs.views.patterns",
    "trends": "exlib.logs.views.trends",
}
"""The module of each view by its name."""


def forms(view: str) -> Mapping[str, Form]:
    """The formats of a view by their names."""
    found: Mapping[str, Form] = import_module(VIEWS[view]).FORMS
    return found

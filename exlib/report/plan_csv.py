"""A plan's jobs as a table for a spreadsheet, in the order in which they start."""

from __future__ import annotations

import csv
import io

from exlib.report.plan_words import Told

COLUMNS = (
    "order", "job", "level", "worker", "start", "end", "duration", "p10", "p90", "samples", "source", "slack",
    "critical", "earliest", "slack_of_graph", "dependencies",
)  # fmt: skip


def as_csv(told: Told) -> str:
    """One line a job; times in seconds, or in units where nothing is known of durations."""
    look = told.outlook
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    critical = set(look.timing.critical)
    for number, node in enumerate(look.schedule.order, 1):
        guess = look.durations.guesses[node]
        low, high = guess.spread
        times = look.schedule.start[node], look.schedule.end[node], guess.seconds, low, high
        writer.writerow((
            number,
            told.name_of(node),
            look.level[node],
            look.schedule.lane[node] or "",
            *(f"{time:.6g}" if time < 1e6 else f"{time:.3f}" for time in times),
            guess.runs,
            guess.source,
            f"{look.slack[node]:.6g}",
            "yes" if node in critical else "no",
            f"{look.timing.start[node]:.6g}",
            f"{look.timing.slack[node]:.6g}",
            " ".join(look.graph.ids[other] for other in look.graph.dependencies[node]),
        ))  # fmt: skip
    return text.getvalue()

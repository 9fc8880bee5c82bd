"""Two plugins for Executioner: a check that is a function, and a wait that is a class."""

from __future__ import annotations

import csv
import os
from typing import Any


def check_row_count(params: dict[str, Any], context: Any) -> tuple[bool, str]:
    """Pass when the CSV file ``path`` has at least ``min_rows`` rows below its header."""
    path = os.path.join(context.cwd, params["path"])
    with open(path, newline="") as stream:
        rows = sum(1 for _ in csv.reader(stream)) - 1
    print(f"counted {path} for job {context.job}")  # the job's log has what a plugin prints
    return rows >= params["min_rows"], f"{params['path']} has {rows} rows, {params['min_rows']} are required"


class QuietMachine:
    """Wait until the load average has been below ``below`` at ``times`` polls in a row."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.below = float(params["below"])
        self.times = int(params.get("times", 1))
        self.seen = 0

    def check(self) -> bool | str:
        """Answer one poll: True, or what is still missing."""
        load = os.getloadavg()[0]
        self.seen = self.seen + 1 if load < self.below else 0
        return self.seen >= self.times or f"the load is {load:.2f}, quiet for {self.seen} of {self.times} polls"

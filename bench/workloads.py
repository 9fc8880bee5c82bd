"""What is measured: graphs of jobs as data, the same for every peer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

WIDTH = 50
"""Jobs in a layer of the layered graph."""
NEEDED = 3
"""Jobs of the layer before that a job of the layered graph needs."""
SHAPES = ("flat", "layered", "chain")
PROGRAMS = {"true": "true", "cp": "/bin/cp small out/{name}"}
"""Commands by the name of the program: nothing, and a real one that leaves a file behind."""


@dataclass(frozen=True)
class Workload:
    """A graph of so many jobs, each of which runs the same program."""

    shape: str
    jobs: int
    program: str
    first: str = ""
    """What the first job runs instead, if anything."""

    def __iter__(self) -> Iterator[tuple[str, list[str], str]]:
        """Each job's name, the names of those it needs, and its command."""
        for number in range(self.jobs):
            yield f"j{number}", [f"j{need}" for need in self._needs(number)], self.command(number)

    def __str__(self) -> str:
        return f"{self.shape}-{self.jobs}-{self.program}"

    @property
    def flat(self) -> bool:
        """No job needs another: tools without a graph can run it too."""
        return self.shape == "flat"

    def command(self, number: int) -> str:
        """What a job runs."""
        if self.first and number == 0:
            return self.first
        return PROGRAMS[self.program].format(name=f"j{number}")

    def _needs(self, number: int) -> list[int]:
        if self.shape == "chain":
            return [number - 1] if number else []
        if self.shape == "layered" and number >= WIDTH:
            start, place = number // WIDTH * WIDTH - WIDTH, number % WIDTH
            return sorted(start + (place + step) % WIDTH for step in range(NEEDED))
        return []

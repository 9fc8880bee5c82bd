"""Runs out of event streams (``schemas/event.schema.json``), line by line, in memory that does not grow with them.

A stream may hold several runs, begin in the middle of one, or end there. A line that cannot be read is counted and
named, and is never fatal; what an event says of fields and kinds that are not known here is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from exlib.logs.model import Damage, Job, Reading, Run, Source
from exlib.logs.reading.assembly import Assembler
from exlib.logs.reading.eventline import SPAWNED, Body, Damaged, parse
from exlib.logs.reading.lines import Damages
from exlib.logs.reading.linewise import LineReader
from exlib.logs.sink import Collector, Sink


class EventReader(LineReader):
    """Feeds a Sink from bytes that come in pieces; ``finish`` when nothing more comes.

    ``heard`` is told each event as it comes, after the Sink.
    """

    def __init__(self, source: Source, sink: Sink, heard: Callable[[Body], None] | None = None) -> None:
        super().__init__(Damages(source))
        self._heard = heard
        self.assembler = Assembler(source, sink)
        self._assemble = self.assembler.take

    def finish(self) -> None:
        """Nothing more comes: a last line without an end is read if it is whole, and what is under way is told."""
        super().finish()
        self.assembler.break_off()

    def take(self, number: int, line: str, *, cut: bool = False) -> None:
        """Take a line."""
        if line.startswith(SPAWNED) and not cut:
            return
        try:
            event = parse(line)
        except Damaged as damage:
            if cut and damage.why == "no JSON":
                damage = Damaged("the last line is cut off")
            self.damages.add(number, damage.why, damage.detail)
        else:
            if event is not None:
                self._assemble(event)
                if self._heard is not None:
                    self._heard(event)


def read_events(chunks: Iterable[bytes], name: str) -> Reading:
    """All runs of a stream with all their jobs, in memory."""
    collector = Collector()
    reader = EventReader(Source("events", name), collector)
    for chunk in chunks:
        reader.feed(chunk)
    reader.finish()
    return Reading(tuple(collector.executions), tuple(reader.damages.first), reader.damages.counts)


class Standing(NamedTuple):
    """How the jobs stand, by id, after ``run``, None where there is none; the first lines that could not be read."""

    run: Run | None
    jobs: dict[str, Job]
    damages: tuple[Damage, ...]


def last_states(raw: bytes, name: str) -> Standing:
    """How each job stands after the last run of a stream.

    Where that is a further attempt of a run whose earlier attempts are in the stream too, a job that it reused is
    told as it ran then.
    """
    reading = read_events([raw], name)
    if not reading.executions:
        return Standing(None, {}, reading.damages)
    last = reading.executions[-1].run
    states: dict[str, Job] = {}
    for execution in reading.executions:
        if (execution.run.run, execution.run.application) == (last.run, last.application):
            for job in execution.jobs:
                if not (job.reused and job.record.job in states):
                    states[job.record.job] = job
    return Standing(last, states, reading.damages)

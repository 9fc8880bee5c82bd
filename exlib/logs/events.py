"""Runs out of event streams (``schemas/event.schema.json``), line by line, in memory that does not grow with them.

A stream may hold several runs, begin in the middle of one, or end there. A line that cannot be read is counted and
named, and is never fatal; what an event says of fields and kinds that are not known here is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from exlib.history.store import AttemptRecord, JobRecord
from exlib.logs.eventline import SPAWNED, Body, Damaged, moment, parse, span
from exlib.logs.lines import Damages, Lines
from exlib.logs.model import Damage, Job, Reading, Run, Source
from exlib.logs.sink import Collector, Sink

_MESSAGES = 100


class EventReader:
    """Feeds a Sink from bytes that come in pieces; ``finish`` when nothing more comes.

    Kept meanwhile are the jobs that are under way, not those that ended.
    """

    def __init__(self, source: Source, sink: Sink, damages: Damages | None = None) -> None:
        self.damages = damages or Damages(source)
        self.running = False
        self._source = source
        self._sink = sink
        self._lines = Lines(self.damages)
        self._run = self._nothing = _unheard(source)
        self._begun: dict[str, Body] = {}
        self._tries: dict[str, list[AttemptRecord]] = {}
        self._truncated: set[tuple[str, int]] = set()
        self._takers: dict[str, Callable[[Body], None]] = {
            "run_started": self._run_started,
            "job_reused": self._job_reused,
            "attempt_started": self._attempt_started,
            "attempt_finished": self._attempt_finished,
            "log_truncated": self._log_truncated,
            "job_finished": self._job_finished,
            "notice": self._notice,
            "run_finished": self._run_finished,
        }

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        for number, line in self._lines.feed(data):
            if not line.startswith(SPAWNED):
                self._take(number, line)

    def finish(self) -> None:
        """Nothing more comes: a last line without an end is read if it is whole, and what is under way is told."""
        last = self._lines.finish()
        if last is not None:
            self._take(*last, cut=True)
        self._break_off()

    def _take(self, number: int, line: str, *, cut: bool = False) -> None:
        try:
            body = parse(line)
            if body is not None:
                self._takers[body["event"]](body)
        except Damaged as damage:
            if cut and damage.why == "no JSON":
                damage = Damaged("the last line is cut off")
            self.damages.add(number, damage.why, damage.detail)

    # -- one method a kind of event; each takes its times first, for they may be damaged ------------------------

    def _run_started(self, e: Body) -> None:
        at = moment(e["time"])
        self._break_off()
        self._run = self._nothing._replace(
            run=e["run"],
            attempt=e["attempt"],
            application=e["application"],
            started=at,
            workers=e["workers"],
            total=e["jobs"],
            document=e["document"],
            working_dir=e["working_dir"],
            log_dir=e["log_dir"],
        )
        self.running = True
        self._sink.begin(self._run)

    def _job_reused(self, e: Body) -> None:
        self._heard(moment(e["time"]))
        record = self._record(e["job"], "success", e["reason"])
        self._sink.job(self._run, Job(record, reused=True))

    def _attempt_started(self, e: Body) -> None:
        e["time"] = moment(e["time"])
        self._heard(e["time"])
        self._begun[e["job"]] = e

    def _attempt_finished(self, e: Body) -> None:
        at, duration = moment(e["time"]), span(e["duration"])
        self._heard(at - duration)
        job, number = e["job"], e["number"]
        begun = self._begun.get(job)
        if begun is None or begun["number"] != number:
            begun = {"time": at - duration, "log": None}
        cut = bool(self._truncated) and (job, number) in self._truncated
        run = self._run
        self._tries.setdefault(job, []).append(
            AttemptRecord(
                run.run or 0,
                run.attempt,
                job,
                number,
                e["status"],
                begun["time"],
                duration,
                e["exit_code"],
                e["signal"],
                e["reason"],
                None,
                begun["log"],
                e["memory"],
                span(e["cpu"]),
                cut,
            )
        )

    def _log_truncated(self, e: Body) -> None:
        number = e.get("number")
        if type(number) is int:
            self._truncated.add((e["job"], number))

    def _job_finished(self, e: Body) -> None:
        ended, duration, cpu = moment(e["time"]), span(e["duration"]), span(e["cpu"])
        started = None if e["started"] is None else moment(e["started"])
        self._heard(ended if started is None else started)
        job, run = e["job"], self._run
        tries = tuple(self._tries.pop(job, ()))
        begun = self._begun.pop(job, None)
        record = JobRecord(
            run.run or 0,
            run.attempt,
            job,
            e["status"],
            e["reason"],
            started,
            ended,
            None if started is None else duration,
            e["command"],
            e["exit_code"],
            e["signal"],
            max(e["attempts"] - 1, 0),
            e["log"],
            None if begun is None else begun["fingerprint"],
            None if started is None else e["memory"],
            None if started is None else cpu,
            None,
            any(one.log_truncated for one in tries),
        )
        self._sink.job(run, Job(record, tries))

    def _notice(self, e: Body) -> None:
        at = moment(e["time"])
        self._heard(at)
        if len(self._run.messages) < _MESSAGES:
            told = (at, e["level"], e["message"])
            self._run = self._run._replace(messages=(*self._run.messages, told))

    def _run_finished(self, e: Body) -> None:
        at, duration = moment(e["time"]), span(e["duration"])
        self._heard(at - duration)
        started = self._run.started
        self._run = self._run._replace(
            run=e["run"],
            attempt=e["attempt"],
            status=e["status"],
            started=at - duration if started is None else started,
            ended=at,
            duration=duration,
            exit_code=e["exit_code"],
            reason=e["reason"],
        )
        self._break_off()

    # -- what belongs together ----------------------------------------------------------------------------------

    def _heard(self, at: float) -> None:
        """An event of a run whose beginning the stream does not have: it is heard of now."""
        if not self.running:
            self.running = True
            self._sink.begin(self._run)

    def _break_off(self) -> None:
        """Tell the run as over, with what is under way in it."""
        if not self.running:
            return
        for job, begun in self._begun.items():
            tries = tuple(self._tries.pop(job, ()))
            if not tries or tries[-1].number != begun["number"]:
                tries += (self._under_way(job, begun),)
            record = self._record(job, "unfinished", None)._replace(
                started=tries[0].started,
                command=begun["command"],
                log=begun["log"],
                fingerprint=begun["fingerprint"],
                retries=max(begun["number"] - 1, 0),
            )
            self._sink.job(self._run, Job(record, tries))
        self._sink.end(self._run)
        self.running = False
        self._run = self._nothing
        self._begun.clear()
        self._tries.clear()
        self._truncated.clear()

    def _record(self, job: str, status: str, reason: str | None) -> JobRecord:
        run = self._run
        return JobRecord(run.run or 0, run.attempt, job, status, reason, *(None,) * 3, "", None, None, 0, *(None,) * 5)

    def _under_way(self, job: str, begun: Body) -> AttemptRecord:
        run = self._run
        what = begun["number"], "unfinished", begun["time"]
        return AttemptRecord(run.run or 0, run.attempt, job, *what, *(None,) * 5, begun["log"], None, None)


def read_events(chunks: Iterable[bytes], name: str) -> Reading:
    """All runs of a stream with all their jobs, in memory."""
    collector = Collector()
    reader = EventReader(Source("events", name), collector)
    for chunk in chunks:
        reader.feed(chunk)
    reader.finish()
    return Reading(tuple(collector.executions), tuple(reader.damages.first), reader.damages.counts)


def last_states(raw: bytes, name: str) -> tuple[dict[str, Job], tuple[Damage, ...]]:
    """How each job stands after the last run of a stream, by id, and the first lines that could not be read.

    Where that is a further attempt of a run whose earlier attempts are in the stream too, a job that it reused is
    told as it ran then.
    """
    reading = read_events([raw], name)
    if not reading.executions:
        return {}, reading.damages
    last = reading.executions[-1].run
    states: dict[str, Job] = {}
    for execution in reading.executions:
        if (execution.run.run, execution.run.application) == (last.run, last.application):
            for job in execution.jobs:
                if not (job.reused and job.record.job in states):
                    states[job.record.job] = job
    return states, reading.damages


def _unheard(source: Source) -> Run:
    return Run(source, None, 1, "", "unfinished", *(None,) * 10)

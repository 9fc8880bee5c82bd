"""From events to runs and jobs: what belongs together is put together, and handed to a Sink when it is whole."""

from __future__ import annotations

from collections.abc import Callable

from exlib.history.store import AttemptRecord, JobRecord
from exlib.logs.model import Job, Run, Source
from exlib.logs.reading.eventline import Body
from exlib.logs.sink import Sink

_MESSAGES = 100


class Assembler:
    """Takes the events of one source in order, as ``eventline.parse`` gives them; ``break_off`` when no more come.

    Kept meanwhile are the jobs that are under way, not those that ended.
    """

    def __init__(self, source: Source, sink: Sink) -> None:
        self.running = False
        self._sink = sink
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

    def take(self, event: Body) -> None:
        """Take the next event; one that says nothing about what a run was is passed over."""
        taker = self._takers.get(event["event"])
        if taker is not None:
            taker(event)

    # -- one method a kind of event -----------------------------------------------------------------------------

    def _run_started(self, e: Body) -> None:
        at = e["time"]
        self.break_off()
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
        self._heard(e["time"])
        record = self._record(e["job"], "success", e["reason"])
        self._sink.job(self._run, Job(record, reused=True))

    def _attempt_started(self, e: Body) -> None:
        self._heard(e["time"])
        self._begun[e["job"]] = e

    def _attempt_finished(self, e: Body) -> None:
        at, duration = e["time"], e["duration"]
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
                e["cpu"],
                cut,
            )
        )

    def _log_truncated(self, e: Body) -> None:
        self._truncated.add((e["job"], e["number"]))

    def _job_finished(self, e: Body) -> None:
        ended, started = e["time"], e["started"]
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
            None if started is None else e["duration"],
            e["command"],
            e["exit_code"],
            e["signal"],
            max(e["attempts"] - 1, 0),
            e["log"],
            None if begun is None else begun["fingerprint"],
            None if started is None else e["memory"],
            None if started is None else e["cpu"],
            None,
            any(one.log_truncated for one in tries),
        )
        self._sink.job(run, Job(record, tries))

    def _notice(self, e: Body) -> None:
        at = e["time"]
        self._heard(at)
        if len(self._run.messages) < _MESSAGES:
            told = (at, e["level"], e["message"])
            self._run = self._run._replace(messages=(*self._run.messages, told))

    def _run_finished(self, e: Body) -> None:
        at, duration = e["time"], e["duration"]
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
        self.break_off()

    # -- what belongs together ----------------------------------------------------------------------------------

    def _heard(self, at: float) -> None:
        """An event of a run whose beginning the stream does not have: it is heard of now."""
        if not self.running:
            self.running = True
            self._sink.begin(self._run)

    def break_off(self) -> None:
        """Tell the run as over, with what is under way in it."""
        if not self.running:
            return
        for job in [*self._begun, *(job for job in self._tries if job not in self._begun)]:
            self._sink.job(self._run, self._left(job))
        self._sink.end(self._run)
        self.running = False
        self._run = self._nothing
        self._begun.clear()
        self._tries.clear()
        self._truncated.clear()

    def _left(self, job: str) -> Job:
        """A job that is under way as the source ends; one whose beginning the source does not have has tries alone."""
        tries = tuple(self._tries.get(job, ()))
        begun = self._begun.get(job)
        if begun is not None and (not tries or tries[-1].number != begun["number"]):
            tries += (self._under_way(job, begun),)
        record = self._record(job, "unfinished", None)
        record = record._replace(started=tries[0].started, log=tries[-1].log, retries=max(tries[-1].number - 1, 0))
        if begun is not None:
            record = record._replace(command=begun["command"], fingerprint=begun["fingerprint"])
        return Job(record, tries)

    def _record(self, job: str, status: str, reason: str | None) -> JobRecord:
        run = self._run
        return JobRecord(run.run or 0, run.attempt, job, status, reason, *(None,) * 3, "", None, None, 0, *(None,) * 5)

    def _under_way(self, job: str, begun: Body) -> AttemptRecord:
        run = self._run
        what = begun["number"], "unfinished", begun["time"]
        return AttemptRecord(run.run or 0, run.attempt, job, *what, *(None,) * 5, begun["log"], None, None)


def _unheard(source: Source) -> Run:
    return Run(source, None, 1, "", "unfinished", *(None,) * 10)

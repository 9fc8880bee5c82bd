"""Runs made up for tests: jobs given by how they went."""

from __future__ import annotations

from collections.abc import Sequence

from exlib.history.store import AttemptRecord, JobRecord
from exlib.logs.model import Job, Run, Source

DAY = 86_400.0
START = 1_760_000_000.0


def run(number: int, status: str = "success", duration: float | None = 60.0, **fields: object) -> Run:
    started = START + number * DAY
    whole = Run(
        source=Source("history", "h.db"),
        run=number,
        attempt=1,
        application="nightly",
        status=status,
        started=started,
        ended=None if duration is None else started + duration,
        duration=duration,
        exit_code=int(status != "success"),
        reason=None,
        workers=4,
        total=3,
        document="nightly.json",
        working_dir="/srv",
        log_dir=f"/logs/run-{number}",
    )
    return whole._replace(**fields)  # type: ignore[arg-type]


def job(
    of: Run,
    name: str,
    *tries: str,
    seconds: Sequence[float] = (),
    start: float = 0.0,
    fingerprint: str | None = "f",
    **fields: object,
) -> Job:
    """A job whose tries ended so, one after the other; without any it never began."""
    spans = [*seconds, *(1.0 for _ in tries[len(seconds) :])]
    at = (of.started or 0.0) + start
    listed, moment = [], at
    for number, (status, took) in enumerate(zip(tries, spans, strict=True), 1):
        code = {"success": 0, "failed": 1}.get(status)
        signal = "SIGTERM" if status == "timeout" else None
        log = f"{name}.{number}.log"
        listed.append(
            AttemptRecord(
                of.run or 0, of.attempt, name, number, status, moment, took, code, signal, None, None, log, 0, 0.0
            )
        )
        moment += took
    last = listed[-1] if listed else None
    record = JobRecord(
        run=of.run or 0,
        attempt=of.attempt,
        job=name,
        status=last.status if last else "skipped",
        reason=None,
        started=at if last else None,
        ended=moment,
        duration=moment - at if last else None,
        command=f"run {name}",
        exit_code=last.exit_code if last else None,
        signal=last.signal if last else None,
        retries=max(len(listed) - 1, 0),
        log=last.log if last else None,
        fingerprint=fingerprint,
        memory=0,
        cpu=0.0,
        mark=None,
    )
    return Job(record._replace(**fields), tuple(listed))  # type: ignore[arg-type]

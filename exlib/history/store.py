"""What a history can do: one protocol, and the records it returns.

A *run* has a number. Resuming it makes a further *attempt of the run*; within one of these a job may take
several *attempts* (retries), numbered from 1. Times are seconds since the epoch, durations seconds, memory KiB.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from exlib.errors import AnswerNo
from exlib.events import Event


class NewRun(NamedTuple):
    """What is known when a run, or a further attempt of one, begins.

    ``options`` is a JSON object: the options of ex-run that a resume takes over.
    """

    application: str
    document_name: str
    document: bytes
    redacted: bool
    working_dir: str
    total_jobs: int
    workers: int
    command_line: str
    options: str = "{}"


class RunRecord(NamedTuple):
    """One attempt of a run. ``status`` is running, success, failed, timeout, cancelled or lost.

    ``redacted`` says that secret values were taken out of its document; ``options`` is as in NewRun; ``marked`` is
    the number of jobs that a person counts as done; ``duration`` is None while it runs, and never below zero,
    whatever was done to the clock between ``started`` and ``ended``.
    """

    run: int
    attempt: int
    application: str
    status: str
    started: float
    ended: float | None
    total: int
    completed: int
    failed: int
    skipped: int
    exit_code: int | None
    reason: str | None
    working_dir: str
    log_dir: str
    document_name: str
    document_sha: str
    workers: int
    host: str
    user: str
    pid: int
    command_line: str
    redacted: bool
    options: str
    marked: int
    duration: float | None


class Mark(NamedTuple):
    """A person's word that a job counts as done: who, when and why, and the status it had (``was``)."""

    who: str
    when: float
    why: str
    was: str


class JobRecord(NamedTuple):
    """One job in one attempt of a run. ``retries`` is the number of attempts after the first.

    ``status`` already counts a mark: a failed job that a person marked is a success. What the job itself did
    stays in ``exit_code``, ``signal`` and ``reason``, and ``mark.was`` has its own status. A mark that no longer
    counts, because the job ran again or was left out since, is not told. ``log_truncated`` is of any of its tries.
    """

    run: int
    attempt: int
    job: str
    status: str
    reason: str | None
    started: float | None
    ended: float | None
    duration: float | None
    command: str
    exit_code: int | None
    signal: str | None
    retries: int
    log: str | None
    fingerprint: str | None
    memory: int | None
    cpu: float | None
    mark: Mark | None
    log_truncated: bool = False


class AttemptRecord(NamedTuple):
    """One try of a job. ``log_truncated``: no space was left for its log, which may be cut off."""

    run: int
    attempt: int
    job: str
    number: int
    status: str
    started: float
    duration: float | None
    exit_code: int | None
    signal: str | None
    reason: str | None
    pid: int | None
    log: str | None
    memory: int | None
    cpu: float | None
    log_truncated: bool = False


class JobSample(NamedTuple):
    """A job in a run in which it succeeded or failed; ``seconds`` with its ``retries``, each a try that failed."""

    run: int
    seconds: float
    failed: bool
    retries: int
    fingerprint: str | None = None


class StoredDocument(NamedTuple):
    """The document of a run as it was; ``redacted`` if secret values were taken out before storing."""

    name: str
    raw: bytes
    redacted: bool


class Remains(NamedTuple):
    """Where processes of lost jobs may be: the directories of their logs, and (process id, start time) by job."""

    log_dirs: set[str]
    processes: dict[tuple[int, int], str]


class NoHistory(AnswerNo):
    """There is no database yet: nothing was ever run with it."""


class Store(Protocol):
    """A history. Every method raises errors.StorageError when it cannot do its work."""

    def claim(self, run: int) -> None:
        """Become the one engine of an existing run until ``close``; what a dead engine left is settled as lost.

        Call it before reading what a resume is to reuse. Raises AnswerNo if there is no such run, or if it is
        still going on.
        """

    def begin(self, new: NewRun, resumed: int | None = None) -> tuple[int, int]:
        """Record a new run, or a further attempt of run ``resumed``; returns (run, attempt), durably.

        The run is claimed for this process before anybody can see it, and stays so until ``close``.
        """

    def keep(self, events: Sequence[Event]) -> None:
        """Keep one turn's events; durable against a crash of the process on return, though not in the tables yet."""

    def read(self, events: Sequence[Event]) -> None:
        """Write the events of one or several turns, kept or not, into the tables in one transaction; durable too.

        Raises Busy soon, having changed nothing, while another process keeps the history locked.
        """

    def runs(
        self,
        *,
        application: str | None = None,
        status: str | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int | None = None,
    ) -> list[RunRecord]:
        """The latest attempt of each run, newest first."""

    def attempts_of_run(self, run: int) -> list[RunRecord]:
        """All attempts of a run, oldest first; empty if there is no such run."""

    def jobs(self, run: int, attempt: int | None = None) -> list[JobRecord]:
        """Jobs of one attempt; without it each job as it stands after the latest attempt it took part in."""

    def counts(self, record: RunRecord) -> Mapping[str, int]:
        """How many jobs of one attempt of a run have each status, a marked one the status it had before."""

    def attempts(self, run: int, job: str | None = None) -> list[AttemptRecord]:
        """Tries of one job, or of all, over all attempts of the run, oldest first."""

    def remains(self, run: int) -> Remains:
        """Where processes of the run's lost jobs may be; what ran before the machine was restarted is nowhere."""

    def document(self, run: int, attempt: int = 0) -> StoredDocument | None:
        """The document of the run's latest attempt (0), or of the one that is named."""

    def mark_success(self, run: int, jobs: Sequence[str], who: str, why: str) -> None:
        """Record that a person counts these jobs as done.

        Raises AnswerNo, and then records nothing, for an unknown run, and if a job is unknown, running, or
        successful already.
        """

    def last_job(self, application: str, job: str | None) -> JobRecord | RunRecord | None:
        """The newest record of a job, or of the whole run when ``job`` is None."""

    def typical_durations(self, application: str) -> Mapping[str, float]:
        """Median seconds of each job's successes in recent runs, by job id; for estimates."""

    def job_samples(self, application: str) -> Mapping[str, Sequence[JobSample]]:
        """How each job did in the newest runs, by job id, oldest first; for plans."""

    def prune(
        self,
        *,
        before: float | None = None,
        keep: int | None = None,
        application: str | None = None,
        dry_run: bool = False,
    ) -> list[RunRecord]:
        """Remove ended runs; returns the record of each attempt that is (to be) removed, newest run first.

        A run (of ``application``, or of any) goes if it ended before ``before`` and is not among the newest
        ``keep`` of its application; a rule that is None spares nothing. Logs are left alone: see
        ``retention.remove_logs``.
        """

    def close(self) -> None:
        """Write what is left and let go of the database."""

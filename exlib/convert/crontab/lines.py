"""The lines of a crontab to be: which jobs go into one, and which variables are set for it and those below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exlib.convert.crontab.command import DEFAULT_SHELL
from exlib.convert.crontab.schedule import is_schedule
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.job import environment
from exlib.environment import REFERENCE


class Line:
    """One line: jobs that are linked, in their order, with the variables that lines above it can set.

    ``raw`` is its command as the crontab had it that it came from, ``literal`` are variables which that command needs.
    """

    def __init__(self, jobs: Sequence[OutJob]) -> None:
        self.jobs = list(jobs)
        kept = [metadata(job) for job in jobs]
        self.schedules = list(
            dict.fromkeys(str(each["schedule"]) for each in kept if is_schedule(each.get("schedule")))
        )
        self.users = list(dict.fromkeys(str(each["user"]) for each in kept if _is_word(each.get("user"))))
        zones = list(dict.fromkeys(str(each["timezone"]) for each in kept if _is_word(each.get("timezone"))))
        self.zone = zones[0] if len(zones) == 1 else None
        self.trouble = ""
        if len(self.schedules) > 1:
            self.trouble = "its jobs are linked, and have different schedules"
        elif len(self.users) > 1:
            self.trouble = "its jobs are linked, and have different users"
        elif len(zones) > 1:
            self.trouble = "its jobs are linked, and have different time zones"
        elif any(job.job.waits for job in jobs):
            self.trouble = "it waits for what ex-run alone can see"
        elif not self.schedules:
            self.trouble = "it has no schedule" if len(jobs) == 1 else "its jobs have no schedule"
        self.shell = DEFAULT_SHELL
        self.raw: str | None = None
        self.literal: Mapping[str, str] = {}
        self.variables: dict[str, str] = {}

    @property
    def single(self) -> OutJob | None:
        """The job, if it is alone."""
        return self.jobs[0] if len(self.jobs) == 1 else None


def metadata(job: OutJob) -> Mapping[str, object]:
    """What ``x-source`` keeps of the job, whichever format it came from."""
    source = job.raw.get("x-source")
    return source if isinstance(source, dict) else {}


def lines_of(outgoing: Outgoing) -> list[Line]:
    """The lines in the order of their first jobs; those with a time zone last, as a crontab cannot take one back."""
    groups: dict[int, list[OutJob]] = {}
    root = list(range(len(outgoing.jobs)))
    place = {job.job.id: number for number, job in enumerate(outgoing.jobs)}

    def top(number: int) -> int:
        while root[number] != number:
            root[number] = root[root[number]]
            number = root[number]
        return number

    for number, job in enumerate(outgoing.jobs):
        for other in job.job.dependencies:
            first, second = sorted((top(number), top(place[other])))
            root[second] = first
    for number, job in enumerate(outgoing.jobs):
        groups.setdefault(top(number), []).append(job)
    lines = [Line(jobs) for jobs in groups.values()]
    lines.sort(key=lambda line: min(job.index for job in line.jobs))
    return sorted(lines, key=lambda line: line.zone is not None)


def settle_variables(lines: Sequence[Line], defaults: Mapping[str, str]) -> None:
    """Leave to each line the variables that lines of a crontab can set: all lines below have them too."""
    for line in lines:
        shared: dict[str, str] | None = None
        for job in line.jobs:
            values = {name: value for name, value in values_of(job).items() if sayable(value)}
            shared = (
                values
                if shared is None
                else {name: shared[name] for name in shared if values.get(name) == shared[name]}
            )
        line.variables = {**defaults, **(shared or {}), **line.literal}
        if line.zone:
            line.variables["CRON_TZ"] = line.zone
    later: set[str] | None = None
    for line in reversed(lines):
        later = set(line.variables) if later is None else later & line.variables.keys()
        line.variables = {name: value for name, value in line.variables.items() if name in later}


def values_of(job: OutJob) -> dict[str, str]:
    """The variables of a job that are no secrets, with those whose ``${…}`` is to stay as it is."""
    values, _ = environment(job)
    return values


def sayable(value: str) -> bool:
    """Whether a line of a crontab can set it: nothing there is replaced, and the value is on one line."""
    return not REFERENCE.search(value) and "\n" not in value and quoted(value) is not None


def quoted(value: str) -> str | None:
    """The value as it stands in a line; None if cron has no way to say it."""
    if value and value == value.strip() and value[0] not in "\"'":
        return value
    return next((f"{quote}{value}{quote}" for quote in "\"'" if quote not in value), None)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value.split()) == 1 and value == value.strip()

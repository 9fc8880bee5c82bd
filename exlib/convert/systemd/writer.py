"""A oneshot service for each job, a service for the whole that waits for all of them, and timers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from exlib.convert.account import Place
from exlib.convert.outgoing import Outgoing, OutJob, Speaker
from exlib.convert.shell.job import environment, held, say_no_limit, script
from exlib.convert.shell.words import number
from exlib.convert.systemd.calendar import calendar
from exlib.convert.systemd.naming import argument, escaped, plain, quoted
from exlib.convert.wishes import File, Wishes

_UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
_USER = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """The units."""
    units = _Units(outgoing)
    files = [file for before, job in enumerate(outgoing.jobs) for file in units.job(job, outgoing.jobs[:before])]
    files += units.whole()
    _account(outgoing)
    return files


class _Units:
    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._whole = outgoing.workflow
        self._app = escaped(outgoing.workflow.name)
        self._apart = {job.job.id for job in outgoing.jobs if _schedules(job)}

    def job(self, job: OutJob, before: Sequence[OutJob]) -> Iterator[File]:
        """The service of a job, and its timer if it has a schedule of its own."""
        name = self._name(job.job.id)
        yield File(f"{name}.service", _text(Unit=self._unit(job, before), Service=self._service(job)))
        timer = _timer(job, plain(job.job.description) or plain(job.job.id))
        if timer is not None:
            yield File(f"{name}.timer", timer)

    def whole(self) -> Iterator[File]:
        """The service that succeeds when all jobs have, and its timer."""
        jobs = [self._unit_of(job.job.id) for job in self._outgoing.jobs if job.job.id not in self._apart]
        if not jobs:
            return
        unit = [f"Description={plain(self._whole.description or self._whole.name)}"]
        unit += [f"{key}={' '.join(some)}" for key in ("Requires", "After") for some in _few(jobs)]
        yield File(f"{self._app}.service", _text(Unit=unit, Service=["Type=oneshot", "ExecStart=/bin/true"]))
        timer = _timer(self._outgoing, plain(self._whole.name))
        if timer is not None:
            yield File(f"{self._app}.timer", timer)

    def _name(self, job: str) -> str:
        return f"{self._app}-{escaped(job)}"

    def _unit_of(self, job: str) -> str:
        return f"{self._name(job)}.service"

    def _unit(self, job: OutJob, before: Sequence[OutJob]) -> list[str]:
        needs = [self._unit_of(name) for name in job.job.dependencies]
        order = list(needs)
        if before and not self._beside() and job.job.id not in self._apart:
            last = next((one.job.id for one in reversed(before) if one.job.id not in self._apart), None)
            order += [self._unit_of(last)] if last is not None and self._unit_of(last) not in needs else []
        lines = [f"Description={plain(job.job.description) or plain(job.job.id)}"]
        lines += [f"Requires={' '.join(some)}" for some in _few(needs)]
        lines += [f"After={' '.join(some)}" for some in _few(order)]
        job.exact("id")
        if job.job.waits:
            job.manual("dependencies", "what only ex-run can wait for: the job fails until EX_ALLOW names it")
        else:
            job.exact("dependencies")
        return lines

    def _beside(self) -> bool:
        return self._whole.parallel and self._whole.max_workers > 1

    def _service(self, job: OutJob) -> list[str]:
        done = {aspect for aspect, fits in (("env", _is_settled(job)), ("working_dir", self._is_known(job))) if fits}
        lines = ["Type=oneshot", f"WorkingDirectory={plain(self._directory(job, 'working_dir' in done))}"]
        lines += _user(job)
        if "env" in done:
            lines += self._environment(job)
        elif environment(job)[1]:
            lines.append(self._secrets())
        if not job.job.retry.limit:
            done.add("timeout")
            lines += _limit(job)
        text = "\n".join([*held(job), script(job, done=frozenset(done))])
        if "working_dir" in done:
            job.exact("working_dir")
        return [*lines, f"ExecStart=/bin/sh -c {argument(text)}"]

    def _is_known(self, job: OutJob) -> bool:
        paths = (self._whole.working_dir, job.job.working_dir)
        return not any(path and ("${" in path or path.startswith("~")) for path in paths)

    def _directory(self, job: OutJob, known: bool) -> str:
        steps = [path for path in (self._whole.working_dir, job.job.working_dir) if path and known]
        return os.path.normpath(os.path.join(self._whole.directory or os.getcwd(), *steps))

    def _environment(self, job: OutJob) -> Iterator[str]:
        values, secret = environment(job)
        yield from (f"Environment={quoted(f'{name}={value}')}" for name, value in values.items())
        if secret:
            yield self._secrets()
            job.manual("env_variables", f"{', '.join(secret)}: to be set in the file of EnvironmentFile=")
        else:
            job.exact("env_variables")

    def _secrets(self) -> str:
        return f"EnvironmentFile=%E/{_UNSAFE.sub('_', self._whole.name)}.env"


def _is_settled(job: OutJob) -> bool:
    """Whether no variable refers to what the caller has: systemd expands nothing there."""
    return not any("${" in value for value in environment(job)[0].values())


def _user(job: OutJob) -> Iterator[str]:
    """The user that a system crontab names."""
    kept = job.raw.get("x-source")
    user = kept.get("user") if isinstance(kept, dict) else None
    if isinstance(user, str) and _USER.fullmatch(user):
        yield f"User={user}"


def _limit(job: OutJob) -> Iterator[str]:
    limit = job.job.timeout
    job.exact("timeout")
    if limit is not None and job.states_limit:
        yield f"TimeoutStartSec={number(limit)}"


def _schedules(speaker: Speaker) -> list[str]:
    kept = speaker.raw.get("x-source")
    value = kept.get("schedule") if isinstance(kept, dict) else None
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, str) and one.strip()]


def _timer(speaker: Speaker, about: str) -> str | None:
    """The timer for the schedules of a job or of the whole; None if there are none that systemd can keep."""
    lines, beyond = [], []
    for schedule in _schedules(speaker):
        expressions = calendar(schedule)
        if schedule.strip().lower() == "@reboot":
            lines.append("OnBootSec=0")
        elif expressions is None:
            beyond.append(schedule)
        else:
            lines += [f"OnCalendar={expression}{_zone(speaker)}" for expression in expressions]
    if beyond:
        speaker.manual("x-source", f"no calendar expression says {', '.join(beyond)}: write OnCalendar= yourself")
    elif lines:
        speaker.exact("x-source")
    if not lines:
        return None
    unit = [f"Description={about}"]
    return _text(Unit=unit, Timer=[*lines, "AccuracySec=1s"], Install=["WantedBy=timers.target"])


def _zone(speaker: Speaker) -> str:
    kept = speaker.raw.get("x-source")
    zone = kept.get("timezone") if isinstance(kept, dict) else None
    return f" {zone}" if isinstance(zone, str) and zone and not zone.split()[1:] else ""


def _few(names: Sequence[str], most: int = 50) -> Iterator[Sequence[str]]:
    """Names for several lines: a line of units has an end."""
    yield from (names[at : at + most] for at in range(0, len(names), most))


def _text(**sections: Sequence[str]) -> str:
    return "\n".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in sections.items())


def _account(outgoing: Outgoing) -> None:
    """What became of the keys of the workflow itself."""
    say_no_limit(outgoing)
    outgoing.exact("application_name", "description", "secrets", "allow_shell", "parallel", "default_max_retries")
    outgoing.exact("default_retry_delay", "default_retry_backoff", "default_max_retry_time")
    outgoing.exact("default_retry_on_exit_codes", "default_timeout")
    outgoing.approximated("default_retry_jitter", "the delays are those of the document, not spread")
    hidden = sorted({name for job in outgoing.jobs for name in environment(job)[1] if name in outgoing.workflow.env})
    if hidden:
        outgoing.manual("env_variables", f"{', '.join(hidden)}: to be set in the file of EnvironmentFile=")
    else:
        outgoing.exact("env_variables")
    if outgoing.workflow.parallel:
        outgoing.approximated("max_workers", "systemd starts all that can start")
    else:
        outgoing.exact("max_workers")
    outgoing.exact("working_dir")
    outgoing.approximated("inherit_shell_env", "a service sees what systemd gives it, and what the units set")
    here = Place(outgoing.document.name, 1, 1)
    if "working_dir" not in outgoing.raw:
        reason = "a service has no folder that it was started in: that of the document is taken"
        outgoing.account.approximated(here._replace(path="working_dir"), "current directory", reason)
    if outgoing.workflow.continue_on_error:
        outgoing.exact("continue_on_error")
    elif len(outgoing.jobs) > 1:
        reason = "after a failure systemd goes on with what does not depend on it"
        outgoing.said.add("continue_on_error")
        outgoing.account.approximated(here._replace(path="continue_on_error"), "continue_on_error", reason)

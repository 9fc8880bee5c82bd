"""When a DAG starts by itself: schedules that another format had, in Dagu's words and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from exlib.convert.outgoing import Outgoing, OutJob

_FIELDS = re.compile(r"[\d*/,A-Za-z-]+(?: +[\d*/,A-Za-z-]+){4}")
_WORDS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_ZONED = re.compile(r"(?:CRON_TZ|TZ)=(\S+) +(.*)")
_JENKINS = re.compile(r"(?:^|[ ,/])H", re.IGNORECASE)


def native(source: Mapping[str, Any]) -> tuple[str | list[str] | None, list[str]]:
    """The schedules that ``x-source`` names, as Dagu takes them, and those that it does not take."""
    stated = source.get("schedule")
    listed = [one for one in (stated if isinstance(stated, list) else [stated]) if isinstance(one, str) and one.strip()]
    zone = source.get("timezone")
    before = f"CRON_TZ={zone} " if isinstance(zone, str) and zone and not zone.split()[1:] else ""
    known, beyond = [], []
    for one in listed:
        fields = _WORDS.get(one.strip().lower(), one.strip())
        if _FIELDS.fullmatch(fields) and not _JENKINS.search(fields):
            known.append(before + fields)
        else:
            beyond.append(one)
    return (known if isinstance(stated, list) else known[0]) if known else None, beyond


def taken(kept: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    """The ``x-source`` that a note holds, with the schedules of the DAG, as that format has them."""
    stated = kept.pop("schedule", None)
    listed = stated if isinstance(stated, list) else [stated] if stated is not None else []
    zones, plain = set(), []
    for one in listed:
        match = _ZONED.fullmatch(one) if isinstance(one, str) else None
        zones.add(match[1] if match else None)
        plain.append(match[2] if match else one)
    zone = zones.pop() if len(zones) == 1 else None
    if not plain or "schedule" in source:
        return source
    if zone is None:
        plain = listed
    found = {"schedule": plain if isinstance(stated, list) else plain[0], **({"timezone": zone} if zone else {})}
    return {**source, **found}


def say_schedules(outgoing: Outgoing, beyond: list[str]) -> None:
    """Say what no schedule of a DAG is: one of another form, and one of a single job."""
    if beyond:
        outgoing.manual("x-source", f"Dagu has no schedule of the form {', '.join(beyond)}: write one")
    for job in outgoing.jobs:
        if of_job(job):
            job.manual("x-source", "a schedule of Dagu is of a whole DAG: write one of its own for this job")


def of_job(job: OutJob) -> bool:
    """Whether a job has a schedule of its own."""
    source = job.raw.get("x-source")
    return isinstance(source, dict) and bool(source.get("schedule"))

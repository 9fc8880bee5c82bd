"""Schedules that a document of another origin kept, as triggers."""

from __future__ import annotations

import re
from typing import Any

from exlib.convert.jenkins.groovytext import quoted
from exlib.convert.outgoing import Outgoing

_CRON = re.compile(r"[-*/,0-9]+(?: [-*/,0-9]+){4}")
_ZONE = re.compile(r"[A-Za-z][\w+/-]*", re.ASCII)
_WORDS = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip


def triggers(outgoing: Outgoing) -> list[str]:
    """The trigger for the schedules of the document; of those that are not in it a person is told."""
    for job in outgoing.jobs:
        if _kept(job.raw).get("schedule"):
            job.manual("x-source", "its schedule is its own, and a pipeline has one for all: make a pipeline of it")
    kept = _kept(outgoing.raw)
    found = kept.get("schedule")
    wanted = found if isinstance(found, list) else [found] if found else []
    zone = kept.get("timezone")
    lines = [line for one in wanted for line in _lines(one)]
    if not lines or not all(map(_lines, wanted)) or (zone and not (isinstance(zone, str) and _ZONE.fullmatch(zone))):
        if wanted:
            outgoing.manual("x-source", "no trigger says its schedule: write triggers { cron(…) } yourself")
        return []
    return [f"cron({quoted(chr(10).join([f'TZ={zone}', *lines] if zone else lines))})"]


def _kept(raw: Any) -> dict[str, Any]:
    kept = raw.get("x-source")
    return kept if isinstance(kept, dict) else {}


def _lines(schedule: object) -> list[str]:
    """Lines as Jenkins reads them: where cron takes either of two days Jenkins takes both; empty if none say it."""
    text = " ".join(schedule.split()) if isinstance(schedule, str) else ""
    text = _WORDS.get(text, text)
    if not _CRON.fullmatch(text):
        return []
    minute, hour, day, month, weekday = text.split()
    if day[0] == "*" or weekday[0] == "*":
        return [text]
    return [f"{minute} {hour} {day} {month} *", f"{minute} {hour} * {month} {weekday}"]

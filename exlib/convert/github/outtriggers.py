"""When a workflow starts: by hand, and at the times that the source of the document was started at."""

from __future__ import annotations

import re
from typing import Any

from exlib.convert.outgoing import Outgoing, Speaker

_FIELDS = re.compile(r"[\d*/,A-Za-z-]+(?: [\d*/,A-Za-z-]+){4}")
_NICKNAMES = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
_UTC = frozenset(["", "utc", "etc/utc", "gmt"])


def triggers(outgoing: Outgoing) -> dict[str, Any]:
    """The map ``on`` of a document that came from elsewhere; the account is told of its times."""
    found: dict[str, None] = {}
    whole = _schedules(outgoing)
    jobs = {job.job.id: _schedules(job) for job in outgoing.jobs}
    apart = any(jobs.values()) and len({tuple(times or whole) for times in jobs.values()}) > 1
    for speaker, times in ((outgoing, whole), *((job, jobs[job.job.id]) for job in outgoing.jobs)):
        if not times:
            continue
        crons = {time: _cron(time) for time in times}
        found.update({cron: None for cron in crons.values() if cron})
        _say(speaker, [time for time, cron in crons.items() if not cron], _zone(speaker) or _zone(outgoing), apart)
    return {"workflow_dispatch": None} | ({"schedule": [{"cron": cron} for cron in found]} if found else {})


def _say(speaker: Speaker, beyond: list[str], zone: str, apart: bool) -> None:
    reasons = [f"GitHub has no time for {', '.join(beyond)}"] if beyond else []
    if zone.lower() not in _UTC:
        reasons.append(f"GitHub's clock is UTC: move the times from {zone}")
    if apart:
        reasons.append("GitHub starts all jobs at each of the times: make a workflow of the jobs of each time")
    if reasons:
        speaker.manual("x-source", "; ".join(reasons))
    elif zone:
        speaker.exact("x-source")
    else:
        speaker.approximated("x-source", "GitHub's clock is UTC, and it starts some minutes late")


def _schedules(speaker: Speaker) -> list[str]:
    kept = speaker.raw.get("x-source")
    value = kept.get("schedule") if isinstance(kept, dict) else None
    listed = value if isinstance(value, list) else [value]
    return [" ".join(one.split()) for one in listed if isinstance(one, str) and one.strip()]


def _cron(time: str) -> str | None:
    time = _NICKNAMES.get(time.lower(), time)
    return time if _FIELDS.fullmatch(time) else None


def _zone(speaker: Speaker) -> str:
    kept = speaker.raw.get("x-source")
    zone = kept.get("timezone") if isinstance(kept, dict) else None
    return zone.strip() if isinstance(zone, str) else ""

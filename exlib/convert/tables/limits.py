"""Columns and cells that limit a job beyond its command: to a condition, to a time, to a place, to a user.

What they mean is not known here, so a person decides: a job runs by itself only where they plainly say that it does.
"""

from __future__ import annotations

import re
from typing import Literal

from exlib.convert.tables import cells

Limit = Literal["condition", "time", "place", "user", "failure"]

_WORDS: dict[Limit, str] = {
    "condition": (
        "enabled enable active activated disabled disable deactivated inactive skip skipped condition conditional "
        "conditions conditioned when if unless only except manual manually approval approve approved approver "
        "hold held "
        "status state lifecycle precondition preconditions prerequisite prerequisites trigger triggers triggered event "
        "wait waits waiting lock locks mutex semaphore exclusive excludes conflicts suspended paused "
        "allowed permitted criteria criterion requirement requirements"
    ),
    "time": (
        "schedule scheduled scheduling cron crontab calendar day days date dates weekday weekdays month months hour "
        "hours time times window frequency interval period recurrence start starts begin until "
        "holiday holidays timezone deadline every"
    ),
    "place": (
        "host hosts hostname server servers machine machines node nodes agent agents runner runners cluster site "
        "datacenter location platform os image container queue pool partition target targets vm instance runs_on run_on"
    ),
    "user": "user users username runas run_as sudo account login uid credential credentials su",
    "failure": (
        "failure failures fail fails failed failing error errors rollback fallback recovery compensation cleanup "
        "abort otherwise else exception"
    ),
}
_BY_WORD: dict[str, Limit] = {word: limit for limit, words in _WORDS.items() for word in words.split()}
_INFORMATION = frozenset(
    "notify notification notifications mail email e contact contacts alert alerts log logs logfile owner author "
    "ticket documentation docs doc url link note notes remark remarks responsible created changed modified updated "
    "version runtime duration last average avg estimate estimated expected".split()
)
"""Words that make information of a column: who is told of a failure, when it was changed."""
_RUNS = {
    "condition": frozenset(["active", "activated", "enabled", "ready", "live", "in use", "released", "approved", "ok"]),
    "place": frozenset(["localhost", "127.0.0.1", "local"]),
}
_YES_RUNS = frozenset(
    ["enabled", "enable", "active", "activated", "status", "state", "approved", "allowed", "permitted"]
)
_NO_RUNS = frozenset(
    "disabled disable deactivated inactive skip skipped manual manually hold held suspended paused".split()
)
_CELL = re.compile(
    r"(?:de-?activated|disabled?|inactive|not active|off|(?:on |is )?hold|held|on ice|done|finished|completed?|closed|"
    r"obsolete|deprecated|retired|suspended|paused|cancell?ed|skip(?:ped)?|manual(?:ly)?|by hand|never|"
    r"(?:do not|don't|dont|must not|should not) .*|not (?:run|used|needed|in use|yet).*|on demand|ad[ -]?hoc|draft|"
    r"planned|pending|blocked|broken|removed|deleted|archived|stopped|expired|unused|"
    r"(?:(?:runs?|only|start(?:s|ed)?) )?"
    r"(?:if|when|unless|only|except|on (?:failure|error)|after (?:failure|error))\b.*)"
    r"[.!]?",
    re.IGNORECASE | re.DOTALL,
)


def limit_of(title: str) -> Limit | None:
    """What a column limits by its name; None if that is information."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.strip().lower()).strip("_")
    words = plain.split("_")
    if _INFORMATION & set(words):
        return None
    if plain in _BY_WORD:
        return _BY_WORD[plain]
    for limit in ("failure", "user", "condition", "place", "time"):
        if any(_BY_WORD.get(word) == limit for word in words) or (limit == "user" and "run_as" in plain):
            return limit
    return None


def runs(title: str, limit: Limit, text: str) -> bool:
    """Whether a cell of such a column plainly says that the job runs here, by itself."""
    key, said = title.strip().lower(), text.strip().lower()
    if said in _RUNS.get(limit, ()):
        return True
    if key in _YES_RUNS and cells.is_yes(said):
        return True
    return (key in _NO_RUNS or limit == "failure") and cells.is_no(said)


def holds(text: str) -> bool:
    """Whether a cell of any column says that its job does not run, or not always."""
    return _CELL.fullmatch(" ".join(text.split())) is not None

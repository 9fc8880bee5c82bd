"""What a runner has to be for a job, by its tags."""

from __future__ import annotations

from exlib.convert.gitlab.gather import expanded
from exlib.convert.gitlab.parts import Part
from exlib.convert.gitlab.plan import Plan, Planned

_STRANGERS = ("windows", "win-", "macos", "darwin", "osx", "powershell", "pwsh")


def strange(tags: Part, job: Planned, plan: Plan) -> str:
    """Why a job must not run here by itself; empty if it may."""
    lookup = plan.lookup(job.variables, [name for name in job.hidden_globals if name not in job.variables])
    listed = [item.text for item in tags.walk() if item.is_scalar and item.text]
    words = [(word, expanded(word, lookup)) for word in listed]
    if unknown := [word for word, value in words if value is None]:
        return f"what it runs on is not known: {', '.join(unknown)}"
    found = [value for _, value in words if value and any(part in value.lower() for part in _STRANGERS)]
    return f"it is for {', '.join(found)}, another system" if found else ""

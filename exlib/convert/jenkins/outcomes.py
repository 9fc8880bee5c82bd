"""What makes a run of Jenkins unstable while it goes on, and what hangs on that: parts of ``post``, stages to skip.

ex-run has no such outcome. Within one stage the text of its job records it; what other stages made of the run nobody
here can tell, so what hangs on it waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from exlib.convert.draft import Draft, guard, guard_of
from exlib.convert.jenkins.ledger import Ledger, digest
from exlib.convert.jenkins.scope import UNKNOWN, Scope, static
from exlib.convert.jenkins.syntax import Call, Literal, Span

BY_OUTCOME = frozenset(["success", "unstable", "failure", "unsuccessful"])
"""The parts of ``post`` that ask for more than the exit code."""
_DECIDED = frozenset(["success", "unstable"])
"""Those that would run too often if the outcome were not asked for."""
_WORSE = ("SUCCESS", "UNSTABLE", "FAILURE")
_ALWAYS_JUDGING = frozenset(
    "publishCoverage recordCoverage cobertura jacoco xunit testNG allure checkstyle pmd findbugs".split()
)
_GATES = ("quality", "unstable", "fail")


class Marks(NamedTuple):
    """What a step may make of its stage: ``stage`` and ``run`` are results; None is one that is not known."""

    stage: str | None
    run: str | None


def judges(node: Call) -> bool:
    """Whether a report may make the run unstable."""
    if node.name in ("junit", "step"):
        value = node.argument("skipMarkingBuildUnstable")
        return not (isinstance(value, Literal) and value.value is True)
    if node.name == "recordIssues":
        return any(gate in key.lower() for key, _ in node.named for gate in _GATES)
    return node.name in _ALWAYS_JUDGING


def caught(node: Call, scope: Scope) -> Marks:
    """What a failure within ``catchError`` or ``warnError`` makes of the stage and of the run."""
    if node.name == "warnError":
        return Marks("UNSTABLE", "UNSTABLE")
    build = _result(node, "buildResult", "FAILURE", scope)
    own = _result(node, "stageResult", "SUCCESS", scope)
    if build is None or own is None:
        return Marks(None, build)
    return Marks(max(build, own, key=_WORSE.index), build)


def _result(node: Call, key: str, default: str, scope: Scope) -> str | None:
    given = node.argument(key)
    if given is None or (isinstance(given, Literal) and given.value is None):
        return default
    value = static(given, scope)
    return value if value is not UNKNOWN and value in _WORSE else None


class _Part(NamedTuple):
    """A part of ``post``; ``own`` are the steps of its own stage whose outcome nothing records."""

    job: str
    name: str
    at: Span
    path: str
    own: tuple[str, ...]


class Outcomes:
    """The stages that may leave the run other than they found it, and what hangs on them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._results: dict[str, set[str | None]] = {}
        self._parts: list[_Part] = []

    def may_be(self, job: str, results: Iterable[str | None]) -> None:
        """Note what the steps of a job may make of the run."""
        found = {result for result in results if result != "SUCCESS"}
        if found:
            self._results.setdefault(job, set()).update(found)

    def hangs(self, job: str, part: Call, path: str, own: Sequence[str]) -> None:
        """Note a part of ``post`` that runs by the outcome; what becomes of it is said at the end."""
        self._parts.append(_Part(job, part.name, part.at, path, tuple(dict.fromkeys(own))))

    def settle(self, draft: Draft, skips: tuple[Span, str] | None) -> None:
        """Guard what hangs on an outcome that is not known. ``skips`` is the option skipStagesAfterUnstable."""
        jobs = {job["id"]: job for job in draft.jobs}
        reach = _Reach(draft.jobs)
        for part in self._parts:
            others = [name for name in self._results if name != part.job and not reach.has(name, part.job)]
            self._settle_part(part, jobs[part.job], others)
        if skips is not None:
            self._settle_skips(skips, jobs, reach)

    def _settle_part(self, part: _Part, job: dict[str, Any], others: Sequence[str]) -> None:
        say = self._ledger.head
        why = [f"what {name} finds" for name in part.own] + ([f"how {_listed(others)} ended"] if others else [])
        if not why:
            say("exact", part.at, part.path, part.name, job=part.job)
        elif part.name in _DECIDED:
            reason = f"post {part.name} depends on {' and '.join(why)}"
            _hold(job, reason)
            say("manual", part.at, part.path, part.name, f"{reason}: it waits until EX_ALLOW names it", job=part.job)
        else:
            reason = f"it goes by what the steps themselves did, and not by {' and '.join(why)}"
            say("approximated", part.at, part.path, part.name, reason, job=part.job)

    def _settle_skips(self, skips: tuple[Span, str], jobs: dict[str, dict[str, Any]], reach: _Reach) -> None:
        at, path = skips
        name = path.rpartition(".")[2]
        doubtful = [job for job, results in self._results.items() if results & {"UNSTABLE", None}]
        held = []
        for job, made in jobs.items():
            before = [each for each in doubtful if _may_come_before(each, made, reach)]
            if before:
                _hold(made, f"stages are skipped once {_listed(before)} is unstable")
                held.append(job)
        if held:
            reason = f"whether {_listed(doubtful)} is unstable is not known here: {_listed(held)} waits for EX_ALLOW"
            self._ledger.say("manual", at, path, name, reason)
        else:
            self._ledger.say("exact", at, path, name, "no stage here becomes unstable before another one")


def _may_come_before(other: str, job: dict[str, Any], reach: _Reach) -> bool:
    """Whether a job may be over when another begins: stages side by side begin together, those that follow do not."""
    if other == job["id"] or reach.has(other, job["id"]):
        return False
    return reach.has(job["id"], other) or any(
        each != other and not reach.has(other, each) for each in job.get("dependencies", ())
    )


def _hold(job: dict[str, Any], reason: str) -> None:
    """Guard a job that was made already; what it keeps knows of the reason, which the source gives anew."""
    guard(job, reason)
    job.setdefault("x-source", {})["guard"] = digest(guard_of(job) or "")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


class _Reach:
    """All that each job waits for, as bits."""

    def __init__(self, jobs: Sequence[dict[str, Any]]) -> None:
        self._bit = {job["id"]: 1 << at for at, job in enumerate(jobs)}
        self._found: dict[str, int] = {}
        for job in jobs:
            reach = 0
            for other in job.get("dependencies", ()):
                reach |= self._found.get(other, 0) | self._bit[other]
            self._found[job["id"]] = reach

    def has(self, job: str, other: str) -> bool:
        """Whether a job waits for another one."""
        return bool(self._found[job] & self._bit[other])

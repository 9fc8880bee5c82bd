"""Whatever a run of GitHub's would have known: no job runs here by itself that would not have run there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.draft import guard_of
from exlib.convert.wishes import Wishes
from tests.convert.converting import imported

Condition = Callable[[dict[str, str], bool], bool]
"""Whether a job runs where nothing fails, told the context github and whether all before it ran."""
CONDITIONS: list[tuple[str | None, Condition]] = [
    (None, lambda _, ran: ran),
    ("true", lambda _, ran: ran),
    ("false", lambda _, ran: False),
    ("success()", lambda _, ran: ran),
    ("always()", lambda _, ran: True),
    ("failure()", lambda _, ran: False),
    ("!cancelled()", lambda _, ran: True),
    ("cancelled() || failure()", lambda _, ran: False),
    ("github.ref == 'x'", lambda known, ran: ran and known["ref"] == "x"),
    ("github.ref == 'x' || true", lambda _, ran: ran),
    ("github.ref != 'x' && github.sha == 'x'", lambda known, ran: ran and known["ref"] != "x" and known["sha"] == "x"),
    ("always() && github.sha == 'x'", lambda known, ran: known["sha"] == "x"),
    ("success() || github.sha == 'x'", lambda known, ran: ran or known["sha"] == "x"),
    ("failure() || github.ref == 'x'", lambda known, ran: known["ref"] == "x"),
    ("${{ !failure() && github.ref }}", lambda known, ran: known["ref"] != ""),
    ("always() && !contains(needs.*.result, 'failure')", lambda _, ran: True),
    ("always() && contains(needs.*.result, 'skipped') && false", lambda _, ran: False),
]


@st.composite
def workflows(draw: Any) -> tuple[dict[str, Any], dict[str, Condition]]:
    jobs: dict[str, Any] = {}
    tests: dict[str, Condition] = {}
    for number in range(draw(st.integers(1, 7))):
        text, tests[f"j{number}"] = draw(st.sampled_from(CONDITIONS))
        needs = draw(st.lists(st.sampled_from(list(jobs)), unique=True, max_size=3)) if jobs else []
        jobs[f"j{number}"] = {"runs-on": "ubuntu-latest", "needs": needs, "steps": [{"run": "x"}]}
        jobs[f"j{number}"] |= {"if": text} if text is not None else {}
    return jobs, tests


def ran_there(jobs: dict[str, Any], tests: dict[str, Condition], known: dict[str, str]) -> set[str]:
    ran: set[str] = set()
    before: dict[str, set[str]] = {}
    for name, job in jobs.items():
        before[name] = {other for need in job["needs"] for other in (need, *before[need])}
        if tests[name](known, before[name] <= ran):
            ran.add(name)
    return ran


@settings(max_examples=200, deadline=None)
@given(
    workflows(), st.sampled_from(["", "x", "y"]), st.sampled_from(["", "x"]), st.sets(st.sampled_from(["ref", "sha"]))
)
def test_what_runs_here_would_have_run_there(
    made: tuple[dict[str, Any], dict[str, Condition]], ref: str, sha: str, told: set[str]
) -> None:
    jobs, tests = made
    known = {"ref": ref, "sha": sha}
    wishes = Wishes(variables={f"github.{name}": known[name] for name in told})
    document = imported(json.dumps({"on": ["push", "pull_request"], "jobs": jobs}), "github", wishes=wishes)[0][0]
    free: set[str] = set()
    for job in document["jobs"]:  # those that are needed come first, as they do in the source
        if guard_of(job) is None and set(job.get("dependencies", ())) <= free:
            free.add(job["id"])
    there = ran_there(jobs, tests, known)
    assert free <= there
    if told == {"ref", "sha"}:
        assert free == there


@given(workflows())
def test_an_order_of_the_source_is_an_order_here(made: tuple[dict[str, Any], dict[str, Condition]]) -> None:
    jobs, _ = made
    document = imported(json.dumps({"on": "push", "jobs": jobs}), "github")[0][0]
    waits: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for job in document["jobs"]:
        waits[job["id"]] = {other for need in job.get("dependencies", ()) for other in (need, *waits[need])}
    for name, job in jobs.items():
        before[name] = {other for need in job["needs"] for other in (need, *before[need])}
        if name in waits:
            assert waits[name] == before[name] & set(waits)

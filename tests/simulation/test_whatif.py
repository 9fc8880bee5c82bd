"""What is changed for a comparison: other durations, and jobs that are not there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exlib.document import Document
from exlib.errors import UsageError
from exlib.select import Roster
from exlib.simulation.durations import Guess, of_one_unit
from exlib.simulation.whatif import Change, changed, drop, read_changes
from exlib.workflow import Workflow
from tests.engine.fakes import job
from tests.simulation.plans import known


def roster(*jobs: tuple[str, list[str]], **top: Any) -> Roster:
    listed = [{"id": name, "command": "true", "dependencies": needs} for name, needs in jobs]
    return Roster(Document(json.dumps({**top, "jobs": listed}).encode(), "w.json"))


def test_durations_are_seconds_spans_or_multiples() -> None:
    values = ["a=90", "b=1h30m", "c=x2", "d=×0.5", "e=f=*3"]
    found = read_changes(values, roster(*((name, []) for name in ("a", "b", "c", "d", "e=f"))))
    assert found.pop("e=f") == Change(None, 3.0)
    assert found == {"a": Change(90.0), "b": Change(5400.0), "c": Change(None, 2.0), "d": Change(None, 0.5)}


@pytest.mark.parametrize("value", ["a", "=5", "a=", "a=-1", "a=soon", "a=x", "a=5 minutes", "a=nan", "a=1e9"])
def test_anything_else_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="--set"):
        read_changes([value], roster(("a", [])))


def test_an_unknown_job_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError) as refused:
        read_changes(["laod=5"], roster(("load", [])))
    assert refused.value.mend == 'did you mean "load"?'
    with pytest.raises(UsageError, match="--drop"):
        drop(roster(("load", [])), ["laod"])


def test_a_change_replaces_a_guess_and_a_multiple_keeps_its_spread() -> None:
    jobs = Workflow.from_document(roster(("a", []), ("b", [])).document).jobs
    before = known(jobs, [10.0, 20.0], a=(8.0, 12.0))
    assert changed(jobs, before, {"a": Change(3.0)}).guesses == [Guess(3.0, "set"), before.guesses[1]]
    assert changed(jobs, before, {"a": Change(None, 2.0)}).guesses[0] == Guess(20.0, "set", (16.0, 24.0), 2)


def test_a_job_that_has_nothing_to_run_cannot_be_given_a_time() -> None:
    jobs = [job(0, "a", command="")]
    with pytest.raises(UsageError, match="nothing to run"):
        changed(jobs, of_one_unit(jobs, "so"), {"a": Change(3.0)})


def test_a_dropped_job_hands_its_dependencies_on_as_in_a_filter() -> None:
    found = drop(roster(("a", []), ("b", ["a"]), ("c", ["b"]), ("d", ["c", "b"])), ["b"])
    assert (found.removed, found.rewired) == (["b"], [("c", ["a"]), ("d", ["c"])])
    assert [job.dependencies for job in Workflow.from_document(found.document).jobs] == [(), ("a",), ("c",)]


def test_not_every_job_can_be_dropped() -> None:
    with pytest.raises(UsageError, match="no job"):
        drop(roster(("a", [])), ["a"])

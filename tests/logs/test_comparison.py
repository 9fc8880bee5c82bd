"""How the jobs of two runs are paired, and what counts as a difference."""

from __future__ import annotations

from exlib.history.store import RunRecord
from exlib.logs.comparison import Comparison, Side, compare
from exlib.logs.model import Execution, Job
from tests.logs.runs import job, run


def side(number: int, status: str, *jobs: Job) -> Side:
    record = RunRecord(
        number, 1, "nightly", status, 0.0, 1.0, len(jobs), 0, 0, 0, 0, None, "/srv", "/logs", "n.json", "0" * 64,
        2, "host", "user", 1, "ex-run", False, "{}", 0, 1.0,
    )  # fmt: skip
    return Side(record, Execution(run(number, status), jobs))


def compared(before: Side, after: Side) -> Comparison:
    return compare(before, after, None)


OLD, NEW = run(1), run(2)


def test_alike_is_alike_whatever_it_took() -> None:
    one = side(1, "success", job(OLD, "a", "success", seconds=[1]))
    other = side(2, "success", job(NEW, "a", "success", seconds=[9]))
    assert compared(one, other).equal
    assert not compared(one, side(2, "failed", job(NEW, "a", "success"))).equal


def test_a_reused_success_is_a_success_and_tells_no_duration() -> None:
    one = side(1, "success", job(OLD, "a", "success"))
    found = compared(one, side(2, "success", job(NEW, "a", "success")._replace(reused=True)))
    assert found.equal
    assert not found.timed


def test_what_is_in_one_run_only_differs() -> None:
    found = compared(side(1, "success", job(OLD, "a", "success")), side(2, "success", job(NEW, "b", "success")))
    assert [(pair.job, pair.before is None, pair.after is None) for pair in found.different] == [
        ("b", True, False),
        ("a", False, True),
    ]
    assert not found.equal


def test_the_largest_difference_comes_first_whichever_way() -> None:
    one = side(1, "success", *(job(OLD, name, "success", seconds=[10]) for name in "abc"))
    times = {"a": 11, "b": 2, "c": 13}
    other = side(2, "success", *(job(NEW, name, "success", seconds=[took]) for name, took in times.items()))
    assert [(pair.job, pair.longer) for pair in compared(one, other).timed] == [("b", -8), ("c", 3), ("a", 1)]


def test_retries_are_those_of_jobs_that_ran() -> None:
    jobs = (job(OLD, "a", "failed", "success"), job(OLD, "b", "failed", "failed", "failed")._replace(reused=True))
    assert side(1, "success", *jobs).retries == 1

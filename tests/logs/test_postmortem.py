"""What is unusual in a run, the way from a failure to what never ran for it, and its timeline."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from exlib.logs.failures import failures_of
from exlib.logs.model import Execution, Job
from exlib.logs.postmortem import PostMortem, causes_of, odd
from exlib.logs.views.timeline import timeline
from exlib.report.sheet import Bars, Figure, Table, Words
from tests.logs.runs import job, run


def earlier(number: int, seconds: float = 10.0, status: str = "success") -> list[Execution]:
    runs = [run(at) for at in range(1, number + 1)]
    return [Execution(one, (job(one, "load", status, seconds=[seconds + at / 100]),)) for at, one in enumerate(runs)]


def last(*tries: str, seconds: list[float], reused: bool = False) -> Execution:
    one = run(99)
    return Execution(one, (job(one, "load", *tries, seconds=seconds)._replace(reused=reused),))


@pytest.mark.parametrize(
    ("execution", "before", "expected"),
    [
        (last("success", seconds=[30]), earlier(5), [30]),
        (last("success", seconds=[2]), earlier(5), [2]),
        (last("failed", seconds=[30]), earlier(5), [30]),
        (last("failed", seconds=[2]), earlier(5), []),  # what fails early is no wonder
        (last("success", seconds=[30]), earlier(4), []),  # too few
        (last("success", seconds=[11]), earlier(5), []),  # longer than ever, but by little
        (last("success", seconds=[30]), [*earlier(5), *earlier(1, 31)], []),  # it took so long before
        (last("failed", "success", seconds=[60, 10]), earlier(5), []),  # its last try alone counts
        (last("success", seconds=[30], reused=True), earlier(5), []),
        (last("success", seconds=[0.04]), earlier(5, 0.01), []),  # nobody waits for that
        (last("success", seconds=[30]), earlier(9, status="failed"), []),
    ],
)
def test_what_is_unusual(execution: Execution, before: list[Execution], expected: list[float]) -> None:
    assert [one.seconds for one in odd(execution, before)] == expected


def skipped(of: Execution, name: str, cause: str, word: str = "was skipped") -> Job:
    return job(of.run, name, reason=f'its dependency "{cause}" {word}')


def found(*jobs: Job) -> PostMortem:
    execution = Execution(run(7, "failed"), jobs)
    return PostMortem(
        record=None,  # type: ignore[arg-type]
        attempts=(),
        execution=execution,
        failures=failures_of(execution),
        causes=causes_of(jobs),
        wasted=0,
        unreached=(),
        good=None,
        odd=(),
        earlier=0,
    )


def test_the_way_from_a_failure_to_what_never_ran() -> None:
    empty = Execution(run(7, "failed"), ())
    made = found(
        job(empty.run, "a", "failed"),
        skipped(empty, "c", "b"),
        skipped(empty, "b", "a", "ended as failed"),
    )
    assert made.chain("c") == ["a", "b", "c"]
    assert made.chain("b") == ["a", "b"]
    assert made.failures.failures[0].dragged == ("c", "b")


def test_reasons_that_go_round_have_an_end() -> None:
    empty = Execution(run(7, "failed"), ())
    assert found(skipped(empty, "a", "b"), skipped(empty, "b", "a")).chain("a") == ["b", "a"]


def test_a_timeline_has_a_bar_for_each_try() -> None:
    one = run(7, "failed", 10.0)
    jobs = (
        job(one, "load", "failed", "timeout", seconds=[2, 3], start=1),
        job(one, "extract: <now>;", "success", seconds=[1]),
        job(one, "never"),
        job(one, "done before", "success")._replace(reused=True),
    )
    figure = timeline(Execution(one, jobs))
    assert isinstance(figure, Figure)
    assert figure.svg.count("<rect") == 3
    assert "extract: &lt;now&gt;;" in figure.svg
    assert isinstance(figure.text, Table)
    assert [row[1] for row in figure.text.rows] == [
        Bars([(0.0, 1.0, "success")], 10.0),
        Bars([(1.0, 3.0, "failed"), (3.0, 6.0, "timeout")], 10.0),
    ]
    tasks = re.findall(r"^    (\S.*) :(\w+), (\d+), (\d+)$", figure.markdown, re.MULTILINE)
    assert [(name, tone, int(end) - int(begin)) for name, tone, begin, end in tasks] == [
        ("1.0s", "done", 1000),
        ("1  2.0s", "crit", 2000),
        ("2  3.0s", "crit", 3000),
    ]
    assert re.findall(r"^    section (.*)$", figure.markdown, re.MULTILINE) == ["extract  <now>", "load"]


def test_where_nothing_began_there_is_no_timeline() -> None:
    assert isinstance(timeline(Execution(run(7), (job(run(7), "never"),))), Words)


def test_a_long_way_takes_no_long_time() -> None:
    empty = Execution(run(7, "failed"), ())
    names = [f"job {number}" for number in range(3000)]
    ways = [skipped(empty, name, cause) for cause, name in pairwise(names)]
    made = found(job(empty.run, "job 0", "failed"), *ways[::-1])
    assert made.depths() == {name: number for number, name in enumerate(names) if number}
    assert made.chain("job 2999") == names

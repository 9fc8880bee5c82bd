"""Each risk in a plan that has it and in one that is a little better."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from exlib.simulation.durations import Durations
from exlib.simulation.outlook import Wanted, look_ahead
from exlib.simulation.past import Past
from exlib.simulation.risks import Risk
from exlib.workflow import DEFAULT_TIMEOUT, Job, Wait
from tests.engine.fakes import NO_RETRY, job
from tests.simulation.plans import known


def one(**changes: object) -> Job:
    return job(0, "load", command="run", **{"timeout": 100.0, **changes})


def found(
    *jobs: Job,
    seconds: float = 10.0,
    samples: tuple[float, ...] = (),
    past: Mapping[str, Past] | None = None,
    stated: bool = True,
    workers: int = 1,
    durations: Durations | None = None,
) -> dict[str, Risk]:
    durations = durations or known(jobs, [seconds] * len(jobs), load=samples)
    nodes = frozenset(range(len(jobs))) if stated else frozenset()
    return {risk.code: risk for risk in look_ahead(jobs, durations, Wanted(workers), nodes, past).risks}


def test_a_plan_without_faults_has_none() -> None:
    assert found(one()) == {}


@pytest.mark.parametrize(
    ("seconds", "samples", "code"),
    [
        (100.0, (), "timeout-too-short"),
        (70.0, (), "timeout-tight"),
        (60.0, (60.0, 90.0), "timeout-tight"),
        (60.0, (), ""),
    ],
)
def test_a_timeout_that_is_too_near(seconds: float, samples: tuple[float, ...], code: str) -> None:
    assert list(found(one(), seconds=seconds, samples=samples)) == [code] * bool(code)


def test_a_timeout_that_is_too_far() -> None:
    risk = found(one(timeout=4000.0))["timeout-loose"]
    assert risk.notes == ("takes 10.0s, may take 1h 07m",)
    assert found(one(timeout=600.0)) == {}
    assert found(one(timeout=4000.0), seconds=300.0) == {}


def test_no_timeout_on_the_critical_path() -> None:
    assert list(found(one(timeout=None))) == ["no-timeout"]
    risk = found(one(timeout=DEFAULT_TIMEOUT), stated=False)["default-timeout"]
    assert "3h 00m" in risk.message
    aside = job(1, "aside", command="run", timeout=None)
    assert found(one(), aside, durations=known([one(), aside], [10.0, 9.0]), workers=2) == {}


def test_a_flaky_job_that_is_not_retried() -> None:
    past = {"load": Past((1.0,) * 18, None, 20, 2, flaky=True)}
    risk = found(one(), past=past)["flaky-without-retry"]
    assert (risk.notes, "is not retried" in risk.message) == (("2 of 20 tries failed",), True)
    assert found(one(retry=NO_RETRY._replace(limit=1)), past=past) == {}


def test_a_job_that_fails_since_some_run_is_broken_whether_it_is_retried_or_not() -> None:
    past = {"load": Past((1.0,) * 12, None, 22, 10, flaky=False, streak=10, failing=13)}
    for load in (one(), one(retry=NO_RETRY._replace(limit=1))):
        risk = found(load, past=past)["failing"]
        assert risk.notes == ("its last 10 runs, since run 13",)
        assert "max_retries" not in risk.mend
        assert "flaky-without-retry" not in found(load, past=past)


def test_waits_take_time_that_no_plan_knows() -> None:
    wait = Wait("file", {}, None)
    risk = found(one(waits=(wait,)))["waits-outside"]
    assert (risk.notes, "timeout" in risk.mend) == (("file",), True)
    assert "--set" in found(one(waits=(wait._replace(timeout=60.0),)))["waits-outside"].mend


def test_one_job_that_takes_most_of_the_run() -> None:
    jobs = [one(), *(job(number, f"j{number}", command="run", timeout=100.0) for number in (1, 2))]
    risk = found(*jobs, durations=known(jobs, [60.0, 9.0, 9.0]), workers=2)["dominant-job"]
    assert (risk.jobs, risk.notes) == ((0,), ("100% of the whole",))
    assert "dominant-job" not in found(*jobs, seconds=60.0, workers=2)


def test_workers_that_never_get_a_job() -> None:
    risk = found(one(), workers=4)["idle-workers"]
    assert (risk.message, risk.mend) == ("3 of 4 workers never get a job", "1 worker ends just as soon")


def test_a_guess_from_other_jobs_says_nothing_of_a_timeout() -> None:
    durations = Durations([known([one()], [500.0]).guesses[0]._replace(source="typical")], "history", "")
    assert found(one(), durations=durations) == {}

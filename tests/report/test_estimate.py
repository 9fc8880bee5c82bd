from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.report.estimate import Estimate
from tests.graphs import of_jobs

CHAIN = {"a": [], "b": ["a"], "c": ["b"]}


def test_a_chain_takes_the_sum_however_many_workers() -> None:
    assert Estimate(of_jobs(CHAIN), {"a": 1, "b": 2, "c": 3}, workers=8).remaining(0) == 6


def test_independent_jobs_are_shared_by_the_workers() -> None:
    jobs = of_jobs({name: [] for name in "abcd"})
    assert Estimate(jobs, dict.fromkeys("abcd", 2.0), workers=2).remaining(0) == 4


def test_what_ran_already_is_taken_off_and_what_takes_too_long_counts_nothing() -> None:
    estimate = Estimate(of_jobs(CHAIN), {"a": 10, "b": 2, "c": 3})
    estimate.start("a", at=100)
    assert estimate.remaining(104) == 11
    assert estimate.remaining(500) == 5
    estimate.finish("a")
    assert estimate.remaining(501) == 5


def test_without_earlier_runs_nothing_is_guessed() -> None:
    assert Estimate(of_jobs(CHAIN), {}).remaining(0) is None


def test_a_job_never_seen_counts_as_the_mean_of_the_others() -> None:
    assert Estimate(of_jobs(CHAIN), {"a": 1, "b": 3}).remaining(0) == 6


def test_when_most_of_what_is_left_is_unknown_nothing_is_guessed() -> None:
    estimate = Estimate(of_jobs(CHAIN), {"a": 1, "b": 3})
    estimate.finish("a")
    assert estimate.remaining(0) == 5
    estimate.finish("b")
    assert estimate.remaining(0) is None
    estimate.finish("c")
    assert estimate.remaining(0) == 0


def test_a_job_that_never_runs_is_off_the_list_and_unknown_ids_are_ignored() -> None:
    estimate = Estimate(of_jobs(CHAIN), {"a": 1, "b": 2, "c": 3})
    for job in ("c", "c", "nonsense"):
        estimate.finish(job)
    estimate.start("nonsense", 0)
    assert estimate.remaining(0) == 3


@given(st.data())
def test_it_never_exceeds_one_worker_doing_all_nor_beats_the_longest_chain(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    ids = [f"j{n}" for n in range(count)]
    wanted = [data.draw(st.lists(st.sampled_from(ids[:n]), unique=True)) if n else [] for n in range(count)]
    took = {job: float(data.draw(st.integers(0, 9))) for job in ids}
    estimate = Estimate(of_jobs(zip(ids, wanted, strict=True)), took, data.draw(st.integers(1, 4)))
    done: set[str] = set()
    now = 0.0
    for job in ids:  # document order is an order of the graph here
        left = [name for name in ids if name not in done]
        longest: dict[str, float] = {}
        for name in reversed(left):
            after = [longest[other] for other in left if name in wanted[ids.index(other)]]
            longest[name] = took[name] + max(after, default=0.0)
        guess = estimate.remaining(now)
        assert guess is not None
        assert max(longest.values()) <= guess <= sum(took[name] for name in left) + 1e-9
        estimate.start(job, now)
        now += took[job]
        estimate.finish(job)
        done.add(job)
    assert estimate.remaining(now) == pytest.approx(0)

"""The range of a makespan: what it is drawn from, that it can be repeated, and what it may cost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exlib.simulation.durations import Guess
from exlib.simulation.spread import BUDGET, LEAST, ROUNDS, rounds_for, spread
from tests.simulation.plans import Case, cases


def varying(case: Case) -> list[Guess]:
    """Each job takes its time, or a second or two more."""
    return [Guess(one + 1, "history", (one, one + 1, one + 2), 3) for one in case.seconds]


@given(cases(), st.integers(0, 99))
def test_it_lies_between_the_shortest_and_the_longest_that_can_be(case: Case, seed: int) -> None:
    found = spread(case.simulator, varying(case), 1, 20, seed)
    if not case.jobs:
        assert found is None
        return
    assert found is not None
    assert sum(case.seconds) <= found.p10 <= found.p50 <= found.p90 <= sum(case.seconds) + 2 * len(case.jobs)


@given(cases(), st.integers(0, 99))
def test_the_same_seed_gives_the_same_range(case: Case, seed: int) -> None:
    first = spread(case.simulator, varying(case), case.workers, 20, seed)
    assert first == spread(case.simulator, varying(case), case.workers, 20, seed)


@given(cases())
def test_there_is_no_range_where_nothing_varies(case: Case) -> None:
    guesses = [Guess(one, "history", (one, one), 2) for one in case.seconds]
    assert spread(case.simulator, guesses, case.workers, 20, 0) is None
    assert spread(case.simulator, varying(case), case.workers, 0, 0) is None


def test_rounds_are_bounded_by_what_they_cost() -> None:
    assert rounds_for(10, None) == ROUNDS
    assert rounds_for(BUDGET // LEAST, None) == LEAST
    assert rounds_for(BUDGET // LEAST + 1000, None) == 0
    assert rounds_for(10**6, 3) == 3

"""Guesses of durations: their medians and quantiles, what fills the gaps, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.errors import InputError
from exlib.simulation.durations import (
    Guess,
    from_mapping,
    from_past,
    from_timeouts,
    of_one_unit,
    read_mapping,
)
from exlib.simulation.past import Past
from exlib.workflow import Job
from tests.engine.fakes import job


def jobs(*names: str, **changes: object) -> list[Job]:
    return [job(number, name, command="run", **changes) for number, name in enumerate(names)]


def took(**durations: tuple[float, ...]) -> dict[str, Past]:
    return {job: Past(seconds, None, len(seconds), 0, flaky=False) for job, seconds in durations.items()}


def test_durations_that_changed_count_since_then_and_that_is_said() -> None:
    past = took(a=(9.0,), b=(1.0,))
    found = from_past(jobs("a", "b"), past | {"a": past["a"]._replace(since=30)})
    assert found is not None
    assert [guess.since for guess in found.guesses] == [30, None]
    assert found.said.endswith("of each job; of 1 job those since it became slower or quicker")


def test_history_gives_the_median_and_how_it_varies() -> None:
    found = from_past(jobs("a"), took(a=(9.0, 1.0, 2.0)))
    assert found is not None
    assert found.guesses == [Guess(2.0, "history", (1.0, 2.0, 9.0), 3)]
    assert found.guesses[0].spread == (pytest.approx(1.2), pytest.approx(7.6))
    assert found.said == "history, the median of 3 past runs of each job"


def test_a_job_without_samples_is_as_the_others_and_that_is_said() -> None:
    found = from_past(jobs("a", "b", "c"), took(a=(2.0,), b=(4.0, 4.0)))
    assert found is not None
    assert found.seconds == [2.0, 4.0, 3.0]
    assert found.guesses[2].source == "typical"
    assert found.said == (
        "history, the median of 1 to 2 past runs of each job; "
        "1 of 3 jobs has none and counts as the median of the others, 3.0s"
    )


def test_a_job_that_runs_nothing_takes_nothing_whatever_the_history_says() -> None:
    empty = job(1, "b", command=" ")
    found = from_past([*jobs("a"), empty], took(a=(2.0,), b=(5.0,)))
    assert found is not None
    assert (found.seconds, found.guesses[1].source) == ([2.0, 0.0], "nothing")
    assert of_one_unit([empty], "so").seconds == [0.0]


def test_a_history_of_other_jobs_is_none() -> None:
    assert from_past(jobs("a"), took(b=(2.0,), a=())) is None


def test_timeouts_are_the_longest_and_a_job_without_counts_as_the_longest_of_them() -> None:
    made = [*jobs("a", timeout=60.0), *jobs("b", timeout=600.0), *jobs("c", timeout=None)]
    found = from_timeouts(made)
    assert found.seconds == [60.0, 600.0, 600.0]
    assert "1 of 3 jobs has none and counts as the longest limit, 10m 00s" in found.said


def test_units_are_no_seconds() -> None:
    found = of_one_unit(jobs("a", "b"), "there is no history yet")
    assert (found.seconds, found.timed) == ([1.0, 1.0], False)
    assert found.said == "one unit for every job: there is no history yet"


def test_what_a_person_says_may_be_seconds_samples_or_quantiles() -> None:
    text = '{"a": 60, "b": [3, 1, 2], "c": {"p10": 10, "p50": 20, "p90": 100}}'
    given = read_mapping(text, "d.json")
    assert given["a"] == Guess(60.0, "given")
    assert given["b"] == Guess(2.0, "given", (1.0, 2.0, 3.0), 3)
    assert (given["c"].seconds, given["c"].runs) == (20.0, 0)
    assert given["c"].samples[0] == 10.0
    assert given["c"].samples[-1] == 100.0
    assert from_mapping(jobs("a", "b", "z"), given, "as given").seconds == [60.0, 2.0, 31.0]


def test_samples_made_of_quantiles_are_the_middles_of_equal_parts() -> None:
    samples = read_mapping('{"a": {"p0": 0, "p100": 100}}', "d")["a"].samples
    assert samples == pytest.approx([2.5 + 5 * number for number in range(20)])


def test_a_job_that_runs_nothing_takes_nothing_whatever_a_person_says() -> None:
    found = from_mapping([job(0, "a", command="")], read_mapping('{"a": 60}', "d"), "as given")
    assert (found.seconds, found.said) == ([0.0], "as given")


def test_a_single_quantile_is_taken_for_all() -> None:
    assert set(read_mapping('{"a": {"p90": 7}}', "d")["a"].samples) == {7.0}


@given(st.dictionaries(st.integers(0, 100), st.floats(0, 1e6), min_size=1, max_size=6))
def test_samples_made_of_quantiles_keep_within_them(points: dict[int, float]) -> None:
    values = dict(zip(sorted(points), sorted(points.values()), strict=True))
    guess = read_mapping(json.dumps({"a": {f"p{share}": value for share, value in values.items()}}), "d")["a"]
    assert list(guess.samples) == sorted(guess.samples)
    assert min(values.values()) - 1e-6 <= guess.samples[0] <= guess.samples[-1] <= max(values.values()) + 1e-6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "d.json is not JSON"),
        ("[" * 100_000, "d.json is not JSON"),
        ("[1]", "d.json is no object"),
        ('{"a": "60"}', 'job "a" has no duration in seconds'),
        ('{"a": -1}', 'job "a" has no duration in seconds'),
        ('{"a": true}', 'job "a" has no duration in seconds'),
        ('{"a": NaN}', 'job "a" has no duration in seconds'),
        ('{"a": []}', 'job "a" has no duration in seconds'),
        ('{"a": [1, "2"]}', 'job "a" has no duration in seconds'),
        ('{"a": {"p50": 9, "p90": 1}}', "do not grow"),
        ('{"a": {"median": 9}}', '"median" is no quantile'),
        ('{"a": {"p101": 9}}', '"p101" is no quantile'),
        ('{"a": {"p50": null}}', '"p50" is no quantile'),
    ],
)
def test_anything_else_is_refused_with_a_word_on_how_it_is_written(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        read_mapping(text, "d.json")
    assert refused.value.mend is not None
    assert "p50" in refused.value.mend

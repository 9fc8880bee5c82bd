from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.plugins.checks import CHECKS
from exlib.plugins.kinds import Kind, Parameter, Problem, bind, duration, expanded, problems
from exlib.plugins.waits import WAITS


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("15m", 900),
        ("24h", 86_400),
        ("7d", 604_800),
        ("1h30m", 5_400),
        ("1d 2h", 93_600),
        (90, 90),
        (0.5, 0.5),
    ],
)
def test_lengths_of_time(text: str | float, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "30", "1w", "30m1h", "-1h", "soon", True, "1.5h"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="is no length of time"):
        duration(text)


KIND = Kind(
    "sample",
    "a sample",
    (
        Parameter("text", "string", True, "some text"),
        Parameter("amount", "number", False, "how much", 1.5),
        Parameter("times", "integer", False, "how often"),
        Parameter("loud", "boolean", False, "whether"),
        Parameter("names", "list", False, "which"),
    ),
    True,
    None,
)


def test_all_problems_are_found_at_once() -> None:
    found = problems(KIND, {"amunt": 1, "amount": True, "times": 1.5, "loud": 1, "names": "a"})
    assert found == [
        Problem("amunt", 'parameter "amunt" is unknown', 'did you mean "amount"?'),
        Problem(None, 'parameter "text" is missing', "add it: some text"),
        Problem("amount", 'parameter "amount" must be a number, got True'),
        Problem("times", 'parameter "times" must be an integer, got 1.5'),
        Problem("loud", 'parameter "loud" must be a boolean, got 1'),
        Problem("names", "parameter \"names\" must be a list, got 'a'"),
    ]


def test_right_parameters_have_no_problem() -> None:
    assert not problems(KIND, {"text": "", "amount": 1, "times": 1, "loud": False, "names": []})


def test_a_third_party_kind_judges_its_own() -> None:
    assert not problems(Kind("x", "", None, False, None), {"anything": object()})


def test_defaults_are_filled_in_and_strings_expanded() -> None:
    bound = bind(KIND, {"text": "${A}-${B}", "names": ["${A}", {"k": "${A}"}]}, {"A": "1"})
    assert bound == {
        "text": "1-${B}",
        "amount": 1.5,
        "times": None,
        "loud": None,
        "names": ["1", {"k": "1"}],
    }


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text("abc"), lambda x: st.lists(x)))
def test_expanding_leaves_what_has_no_reference(value: object) -> None:
    assert expanded(value, {"a": "x"}) == value


@pytest.mark.parametrize("kind", [*CHECKS.values(), *WAITS.values()], ids=lambda kind: kind.name)
def test_every_built_in_kind_is_described(kind: Kind) -> None:
    assert kind.parameters is not None
    assert kind.run is not None
    for text in (kind.summary, *(parameter.summary for parameter in kind.parameters)):
        assert text
        assert not text.endswith(".")

"""Expressions of rules: what is true, what is false, and what nobody can know."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.gitlab.expressions import UNKNOWN, BadExpression, Unknown, decide

KNOWN = {"A": "a", "B": "b", "EMPTY": "", "BRANCH": "feature/x", "PATTERN": "/^feature/"}


def holds(expression: str, known: Mapping[str, str | None] = KNOWN) -> bool | None:
    """What the expression comes to."""
    return decide(expression, lambda name: known.get(name, UNKNOWN)).holds


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('$A == "a"', True),
        ("$A == 'b'", False),
        ("$A != $B", True),
        ("$A", True),
        ("$EMPTY", False),
        ("$EMPTY == null", False),
        ('$EMPTY == ""', True),
        ("$U == null", None),
        ("$BRANCH =~ /^feature/", True),
        ("$BRANCH =~ /^FEATURE/", False),
        ("$BRANCH =~ /^FEATURE/i", True),
        (r"$BRANCH =~ /^feature\/x$/", True),
        ("$BRANCH !~ /^main$/", True),
        ("$BRANCH =~ $PATTERN", True),
        ("$BRANCH =~ $A", False),
        ('$A == "a" && $B == "x"', False),
        ('$A == "x" || $B == "b"', True),
        ('$A == "a" || $B == "b" && $A == "x"', True),
        ('($A == "a" || $B == "b") && $A == "x"', False),
        ("$U", None),
        ('$U == "x" && $A == "x"', False),
        ('$A == "x" && $U', False),
        ('$U == "x" || $A == "a"', True),
        ('$A == "a" || $U', True),
        ('$U == "x" || $A == "x"', None),
        ("$U =~ /x/", None),
        ("$BRANCH =~ /(a+)+$/", False),
        ("$BRANCH !~ /^[[:alnum:]]+$/", True),
        ("$BRANCH !~ /^(?!main)/", None),
        ("$A =~ /a{,2}/", None),
    ],
)
def test_an_expression(expression: str, expected: bool | None) -> None:
    assert holds(expression) is expected


def test_an_empty_text_is_true_before_the_end_and_false_there() -> None:
    assert holds('$EMPTY && $A == "a"') is True
    assert holds('$EMPTY || $A == "a"') is False


def test_what_may_be_an_empty_text_is_settled_by_nothing_behind_it() -> None:
    assert holds('$U || $A == "a"') is None
    assert [holds('$U || $A == "a"', {**KNOWN, "U": value}) for value in ("", "x", None)] == [False, True, True]


def test_the_variables_that_were_asked_for_are_named() -> None:
    assert decide("$X && $Y == $X", lambda _: UNKNOWN).missing == ("X", "Y")


@pytest.mark.parametrize(
    "expression",
    ["", "  ", "$A ==", "== $A", "($A", "$A)", "$A $B", "${A} == 'a'", "a == b", "$A == 'x", "&&", "()", "null null"],
)
def test_what_is_no_expression_is_said_so(expression: str) -> None:
    with pytest.raises(BadExpression):
        decide(expression, lambda _: UNKNOWN)


atoms = st.sampled_from(
    ["$A", "$B", '"a"', '""', "null", '$A == "a"', '$B != "a"', "$A =~ /a/", "$B !~ /^$/", "$A == null"]
)
expressions = st.recursive(
    atoms, lambda inner: st.builds("({}) {} ({})".format, inner, st.sampled_from(["&&", "||"]), inner), max_leaves=8
)


@given(expressions)
def test_a_decision_without_a_variable_holds_for_every_value_of_it(expression: str) -> None:
    undecided = holds(expression, {})
    values: list[str | None] = ["", "a", "b", None]
    found = {holds(expression, {"A": a, "B": b}) for a in values for b in values}
    assert None not in found
    if undecided is not None:
        assert found == {undecided}


@given(st.text(alphabet="$AB=!~&|()'\"/ nul\\*+", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    def lookup(name: str) -> str | Unknown | None:
        return KNOWN.get(name, UNKNOWN)

    with contextlib.suppress(BadExpression):
        assert decide(text, lookup).holds in (True, False, None)

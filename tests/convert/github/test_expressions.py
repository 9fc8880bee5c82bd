"""Trees of expressions, and what is refused as GitHub refuses it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.github.expressions import (
    BadExpression,
    Call,
    Context,
    Index,
    Literal,
    Operation,
    parse,
    path,
    uses_status,
    walk,
)


def test_operators_bind_as_in_other_languages() -> None:
    tree = parse("a == 'x' || !b && c > 1", frozenset("abc"))
    a = Operation("==", (Context("a"), Literal("x")))
    b = Operation("!", (Context("b"),))
    c = Operation(">", (Context("c"), Literal(1.0)))
    assert tree == Operation("||", (a, Operation("&&", (b, c))))


def test_members_by_dots_brackets_and_stars() -> None:
    tree = parse("github['event'].commits.*.id[0]")
    event = Index(Context("github"), Literal("event"))
    commits = Index(event, Literal("commits"))
    assert tree == Index(Index(Index(commits, None), Literal("id")), Literal(0.0))


def test_names_of_functions_and_contexts_have_no_letter_case() -> None:
    assert parse("CONTAINS(GitHub.ref, 'x')") == Call(
        "contains", (Index(Context("github"), Literal("ref")), Literal("x"))
    )


def test_a_quote_in_a_text_is_doubled() -> None:
    assert parse("'it''s ''me'''") == Literal("it's 'me'")


@pytest.mark.parametrize("written", ["true.x", "env.true", "steps.a-b.outputs.c_d", "matrix.1x"])
def test_words_after_a_dot_are_names(written: str) -> None:
    if written in ("true.x", "matrix.1x"):
        with pytest.raises(BadExpression):
            parse(written)
    else:
        assert path(parse(written)) == written


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "nothing in it"),
        ("1 <", "too early"),
        ("(1", "too early"),
        ("1 2", "2 is not expected"),
        ("'a", "'a is not expected"),
        ("a.b", "no context a"),
        ("gihub.ref", "did you mean github?"),
        ("contain('a', 'b')", "did you mean contains?"),
        ("contains('a')", "does not take 1 argument"),
        ("github.ref = 'x'", "= is not expected at character 12"),
        ("case(true, 1, false, 2)", "pairs"),
        ("!" * 60 + "true", "too deeply"),
        ('github.ref == "x"', '"x" is not expected'),
        ("x" * 30_000, "at most 21,000"),
        ("0xG", "0xG is not expected"),
    ],
)
def test_what_is_wrong_is_said(written: str, says: str) -> None:
    with pytest.raises(BadExpression, match=says.replace("?", r"\?")):
        parse(written)


def test_status_functions_are_seen_wherever_they_stand() -> None:
    assert uses_status(parse("github.ref == 'x' && format('{0}', !Cancelled())"))
    assert not uses_status(parse("github.ref == 'always()'"))


@given(st.text(st.sampled_from("abc.'()[]!&|=<>,* 019+-$\n") | st.characters(), max_size=30))
def test_any_text_is_a_tree_or_refused(written: str) -> None:
    with contextlib.suppress(BadExpression):
        assert walk(parse(written))

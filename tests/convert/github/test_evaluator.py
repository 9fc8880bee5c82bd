"""Values of expressions: GitHub's loose equality, its functions, and what cannot be told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.github.evaluator import evaluate
from exlib.convert.github.expressions import BadExpression, parse
from exlib.convert.github.values import Filtered, Partial, Unknown, of_plain, text, truth

KNOWN = {
    "github": {"ref": "refs/heads/main", "event_name": "push", "n": 5},
    "matrix": {"os": "Linux", "list": [{"a": 1}, {"a": "two"}, {}], "empty": [], "flag": True, "none": None},
    "env": {"X": "1"},
}


def value(written: str, **contexts: Any) -> Any:
    return evaluate(parse(written), {**of_plain(KNOWN), **contexts})


@pytest.mark.parametrize(
    ("written", "want"),
    [
        ("1 == '1'", True), ("'A' == 'a'", True), ("null == ''", True), ("null == 0", True), ("true == '1'", True),
        ("true == 'true'", False), ("'x' == 0", False), ("'' == 0", True), ("matrix.list == matrix.list", True),
        ("matrix.list == 'Array'", False), ("NaN == NaN", False), ("'b' > 'A'", True), ("'2' > 10", False),
        ("null > -1", True), ("'x' > 1", False), ("1 >= '1.0'", True), ("true > false", True),
        ("matrix.OS", "Linux"), ("matrix['os']", "Linux"), ("matrix.none.deeper.still", None), ("matrix.nope", None),
        ("matrix.list[0].a", 1.0), ("matrix.list['1'].a", "two"), ("matrix.list[7]", None), ("matrix.list[-1]", None),
        ("join(matrix.list.*.a, '|')", "1|two"), ("matrix.*.x", Filtered()), ("join(matrix.empty)", ""),
        ("contains('Hello', 'ELL')", True), ("contains(matrix.list.*.a, 'TWO')", True), ("contains('abc', '')", True),
        ("startsWith(github.ref, 'REFS/heads')", True), ("endsWith(github.n, 5)", True),
        ("format('{0}{{{1}}}{0}', 'a', 1.50)", "a{1.5}a"), ("format('{0}', matrix.list)", "Array"),
        ("fromJSON('{\"a\": [1, true]}').a[1]", True), ("toJSON(fromJSON('[1,\"x\"]'))", '[\n  1,\n  "x"\n]'),
        ("toJSON(matrix.none)", "null"), ("case(false, 1, true, 'b', 'c')", "b"),
        ("'' || 'default'", "default"), ("'a' && 'b'", "b"), ("!''", True), ("!'false'", False), ("0 || null", None),
        ("1e3", 1000.0), ("0x1F", 31.0), (".5", 0.5), ("-0", 0.0), ("'ı' == 'I'", False),
    ],
)  # fmt: skip
def test_values(written: str, want: Any) -> None:
    assert value(written) == want
    assert type(value(written)) is type(want)


@pytest.mark.parametrize(
    ("number", "want"),
    [(1.0, "1"), (0.1, "0.1"), (1e20, "1E+20"), (123456.789, "123456.789"), (-0.0, "0"), (1e-7, "1E-07"),
     (1 / 3, "0.333333333333333")],
)  # fmt: skip
def test_numbers_as_text(number: float, want: str) -> None:
    assert text(number) == want


@pytest.mark.parametrize(
    "written",
    ["format('{0}')", "format('{a}', 1)", "format('}', 1)", "format('{', 1)",
     "fromJSON('x')", "fromJSON('')", "case('a', 1, 2)"],
)  # fmt: skip
def test_what_fails_there_fails(written: str) -> None:
    with pytest.raises(BadExpression):
        value(written)


def test_a_format_cannot_fill_the_memory() -> None:
    written = "'0123456789'"
    for _ in range(8):
        written = f"format('{'{0}' * 10}', {written})"
    with pytest.raises(BadExpression, match="too long"):
        value(written)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("false && secrets.X", False), ("secrets.X && false", False), ("true || secrets.X", True),
        ("secrets.X || true", True), ("secrets.X && true", None), ("secrets.X || false", None), ("!secrets.X", None),
        ("secrets.X == 'a'", None), ("github.sha == ''", None), ("github.ref == 'x' && github.sha", False),
        ("!(github.sha && false)", True), ("contains(secrets.X, '')", None), ("hashFiles('**')", None),
        ("github.event.a.b.c", None), ("case(true, 'a', secrets.X, 1, 2)", True), ("case(secrets.X, 1, 2)", None),
        ("(secrets.X || true) && false", False), ("(secrets.X && '') || github.ref", True),
        ("toJSON(github)", None), ("github.*", None), ("matrix[github.sha]", None),
    ],
)  # fmt: skip
def test_what_is_unknown_decides_nothing_and_undoes_nothing(written: str, known: bool | None) -> None:
    contexts = {"secrets": Partial(), "github": Partial(of_plain(KNOWN["github"]))}
    assert truth(value(written, **contexts)) is known


def test_an_unknown_says_what_it_depends_on() -> None:
    found = value("github.sha == env.X && vars.Y != 'b'", github=Partial(), vars=Partial())
    assert found == Unknown(("github.sha", "vars.Y"))


leaves = st.sampled_from(["github.a", "github.b", "github.c", "'a'", "''", "1", "0", "true", "false", "null", "'1'"])
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||", "==", "!=", "<", ">="]), inner).map(lambda t: f"({' '.join(t)})"),
        inner.map(lambda one: f"!{one}"),
        st.tuples(inner, inner).map(lambda t: f"contains({t[0]}, {t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"case({t[0]} == 1, {t[1]}, {t[2]})"),
        inner.map(lambda one: f"format('{{0}}', {one})"),
    ),
    max_leaves=8,
)
plain = st.sampled_from(["", "a", "1", 0.0, 1.0, True, False, None])


@given(trees, plain, plain, plain, st.sets(st.sampled_from("abc")))
def test_what_is_told_without_a_value_is_true_with_it(written: str, a: Any, b: Any, c: Any, hidden: set[str]) -> None:
    full = {"a": a, "b": b, "c": c}
    tree = parse(written)
    whole = evaluate(tree, {"github": full})
    part = evaluate(tree, {"github": Partial({key: one for key, one in full.items() if key not in hidden})})
    if isinstance(part, Unknown):
        assert part.paths
        assert part.truth is None or part.truth is truth(whole)
    else:
        assert json.dumps(part) == json.dumps(whole)

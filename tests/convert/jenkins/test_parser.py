"""Groovy's statements: calls in all their forms, and what is a program kept whole."""

from __future__ import annotations

from typing import Any

import pytest

from exlib.convert.jenkins.parser import Parsed
from exlib.convert.jenkins.syntax import (
    Assign,
    Binary,
    Call,
    Choice,
    Closure,
    GString,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Opaque,
    Property,
    Return,
    Unary,
)
from exlib.convert.source import Source


def shape(node: Any) -> Any:
    """A node without its places."""
    match node:
        case Literal():
            return node.value
        case GString():
            return ("$", *[part if isinstance(part, str) else shape(part) for part in node.parts])
        case Name():
            return f"<{node.name}>"
        case Property():
            return (shape(node.of), ".", node.name)
        case Index():
            return (shape(node.of), "[]", shape(node.key))
        case Call():
            made: dict[str, Any] = {"call": node.name}
            made |= {"of": shape(node.of)} if node.of else {}
            made |= {"args": [shape(each) for each in node.args]} if node.args else {}
            made |= {"named": {key: shape(value) for key, value in node.named}} if node.named else {}
            return made | ({"body": shape(node.body)} if node.body else {})
        case ListOf():
            return [shape(each) for each in node.items]
        case MapOf():
            return {key: shape(value) for key, value in node.entries}
        case Closure():
            return tuple(shape(each) for each in node.statements)
        case Unary():
            return (node.sign, shape(node.value))
        case Binary():
            return (shape(node.left), node.sign, shape(node.right))
        case Choice():
            return (shape(node.test), "?", shape(node.yes) if node.yes else None, shape(node.no))
        case Assign():
            return (shape(node.target), node.sign, shape(node.value))
        case Return():
            return ("return", shape(node.value) if node.value else None)
        case Opaque():
            return ("opaque", node.word)
    raise AssertionError(node)


def shapes(text: str) -> list[Any]:
    return [shape(each) for each in Parsed(Source(text.encode())).statements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sh 'make'", {"call": "sh", "args": ["make"]}),
        ("sh('make')", {"call": "sh", "args": ["make"]}),
        ("cleanWs()", {"call": "cleanWs"}),
        ("sh script: 'x', returnStatus: true", {"call": "sh", "named": {"script": "x", "returnStatus": True}}),
        ("sh(\n  script: 'x',\n  label: 'y'\n)", {"call": "sh", "named": {"script": "x", "label": "y"}}),
        ("echo 'a',\n  'b'", {"call": "echo", "args": ["a", "b"]}),
        (
            "timeout(time: 5, unit: 'HOURS') { x() }",
            {"call": "timeout", "named": {"time": 5, "unit": "HOURS"}, "body": ({"call": "x"},)},
        ),
        ("agent any", {"call": "agent", "args": ["<any>"]}),
        (
            "withEnv(['A=b', \"C=${d}\"]) { }",
            {"call": "withEnv", "args": [["A=b", ("$", "C=", "<d>", "")]], "body": ()},
        ),
        ("step([$class: 'X', n: 1.5])", {"call": "step", "args": [{"$class": "X", "n": 1.5}]}),
        ("checkout scm", {"call": "checkout", "args": ["<scm>"]}),
        ("a.b.c('x')", {"call": "c", "of": ("<a>", ".", "b"), "args": ["x"]}),
        (
            "docker.image('x').inside { y() }",
            {"call": "inside", "of": {"call": "image", "of": "<docker>", "args": ["x"]}, "body": ({"call": "y"},)},
        ),
        (
            "x = sh(returnStdout: true).trim()",
            ("<x>", "=", {"call": "trim", "of": {"call": "sh", "named": {"returnStdout": True}}}),
        ),
        ("def v = 'a'", ("<v>", "=", "a")),
        ("String v = a ? 'b' : c ?: 'd'", ("<v>", "=", ("<a>", "?", "b", ("<c>", "?", None, "d")))),
        ("a && !b || c == 'd'", (("<a>", "&&", ("!", "<b>")), "||", ("<c>", "==", "d"))),
        ("a + b * c - 1", (("<a>", "+", ("<b>", "*", "<c>")), "-", 1)),
        ("return env.X in ['a', 'b']", ("return", (("<env>", ".", "X"), "in", ["a", "b"]))),
        ("values 1, true, -2, null", {"call": "values", "args": [1, True, -2, None]}),
        (
            "parallel a: { x() }, 'b c': { y() }",
            {"call": "parallel", "named": {"a": ({"call": "x"},), "b c": ({"call": "y"},)}},
        ),
        ("foo 'a' // b\n  .bar()", {"call": "foo", "args": [{"call": "bar", "of": "a"}]}),
        ("m[0].x[:]", ("opaque", "m")),
        ("f([:], [])", {"call": "f", "args": [{}, []]}),
    ],
)
def test_statements(text: str, expected: Any) -> None:
    assert shapes(text) == [expected]


def test_a_program_is_kept_whole() -> None:
    text = """
if (a) {
  b()
} else if (c)
  d()
else { e() }
for (x in [1, 2]) { f(x) }
try { g() } catch (e) { h() } finally { i() }
def j(String k) { return k }
import a.b.C
@Library('x') _
class D { String e }
last()
"""
    words = ["if", "for", "try", "def", "import", "@", "class"]
    assert shapes(text) == [*(("opaque", word) for word in words), {"call": "last"}]


def test_what_is_no_pipeline_is_kept_whole_within_one() -> None:
    assert shapes("steps { def (a, b) = [1, 2]; sh 'x'\n for (;;) { y() }\n }") == [
        {"call": "steps", "body": (("opaque", "def"), {"call": "sh", "args": ["x"]}, ("opaque", "for"))}
    ]


def test_places_are_those_of_the_text() -> None:
    text = "a {\n  b 'c',\n    'd'\n}"
    call = Parsed(Source(text.encode())).statements[0]
    assert isinstance(call, Call)
    assert call.body
    inner = call.body.statements[0]
    assert (call.at.line, call.at.end_line, inner.at.line, inner.at.end_line) == (1, 4, 2, 3)
    assert text[inner.at.start : inner.at.end] == "b 'c',\n    'd'"


def test_a_closure_with_parameters_says_so() -> None:
    statements = Parsed(Source(b"a { x, y -> b() }; c { d() }")).statements
    assert [each.body.head for each in statements if isinstance(each, Call) and each.body] == [True, False]

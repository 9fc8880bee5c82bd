"""Groovy's tokens: strings in their six forms above all."""

from __future__ import annotations

import pytest

from exlib.convert.jenkins.lexer import Lexer
from exlib.convert.source import Source
from exlib.errors import InputError


def values(text: str) -> list[object]:
    return [token.value for token in Lexer(Source(text.encode())).tokens if token.kind in ("string", "gstring")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'", "a"),
        ("''", ""),
        (r"'it\'s'", "it's"),
        (r"'a\\b\tc\nd'", "a\\b\tc\nd"),
        (r"'\u0041\101\7'", "AA\x07"),
        (r"'\\u0041'", r"\u0041"),
        ("'$HOME ${x}'", "$HOME ${x}"),
        ('"plain"', "plain"),
        (r'"\${x} \$y"', "${x} $y"),
        ("'''a\n'b' ''c'''", "a\n'b' ''c"),
        ("'''a\\\nb'''", "ab"),
        ('"""a\n"b" ""c"""', 'a\n"b" ""c'),
        (r"x = /a\/b\d+$/", r"a/b\d+$"),
        ("x = $/a$$b/c$/d/$", "a$b/c/d"),
        ("''''a'''", "'a"),
    ],
)
def test_strings(text: str, value: str) -> None:
    assert values(text) == [value]


def test_an_interpolation_is_tokens_of_its_own() -> None:
    (value,) = values('"a ${f("}", [x: "${y}"])} b $c.d. $e"')
    assert isinstance(value, tuple)
    assert [part for part in value if isinstance(part, str)] == ["a ", " b ", ". ", ""]
    inner = [[token.text for token in part] for part in value if not isinstance(part, str)]
    assert inner[0] == ["f", "(", '"}"', ",", "[", "x", ":", '"${y}"', "]", ")", ""]
    assert inner[1:] == [["c", ".", "d", ""], ["e", ""]]


def test_a_slash_after_a_value_divides() -> None:
    tokens = Lexer(Source(b"a / b / c")).tokens
    assert [token.text for token in tokens] == ["a", "/", "b", "/", "c", ""]


def test_lines_are_counted_through_strings_and_comments() -> None:
    tokens = Lexer(Source(b"'''a\nb''' /* x\ny */ c\n// d\ne")).tokens
    assert {token.text: (token.line, token.end_line) for token in tokens if token.kind != "newline"} == {
        "'''a\nb'''": (1, 2), "c": (3, 3), "e": (5, 5), "": (5, 5),
    }  # fmt: skip


def test_comments_are_kept_apart() -> None:
    lexer = Lexer(Source(b"#!/usr/bin/env groovy\n// a\nx // b\n/* c\n */ y '// no' \"/* no */\""))
    assert [(comment.text, comment.line, comment.alone) for comment in lexer.comments] == [
        ("#!/usr/bin/env groovy", 1, True), ("// a", 2, True), ("// b", 3, False), ("/* c\n */", 4, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a\n'b", 2, "not closed"),
        ("a\n'b\nc'", 2, "not closed"),
        ("'''b\n", 1, "not closed"),
        ("x\n{ (\n}", 3, "closes nothing"),
        ("{\n(", 2, "the ( that begins here"),
        ('"${a"', 1, "not closed"),
        ("/* x", 1, "comment"),
        ('"costs 5$"', 1, "begins no name"),
        (r"'\d'", 1, r"\d is no escape"),
        ("a ` b", 1, "begins nothing"),
        ("(" * 100 + ")" * 100, 1, "deep"),
        ('"${' * 100 + "}" * 100, 1, "deep"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Lexer(Source(text.encode(), "Jenkinsfile"))
    assert caught.value.place == f"Jenkinsfile:{line}"
    assert message in caught.value.message

"""Trees of YAML: the text of values as it is meant."""

from __future__ import annotations

import warnings

from exlib.convert.source import Source
from exlib.convert.yamltree import Node, Tree


def value(text: str, *keys: str) -> Node:
    """The value under keys."""
    found = Tree(Source(text.encode(), "source")).root.get(*keys)
    assert found is not None
    return found


def test_a_folded_block_has_nothing_but_its_words() -> None:
    assert value("a: >-\n  one\n  two\n\n  three\n", "a").text == "one two\nthree"


def test_a_value_ends_before_the_comments_of_what_follows() -> None:
    text = "a:\n  b:\n  - x\n\n# about c\nc: |\n  # text\n# about d\nd: &d\n  e: 1\n# last\nf: *d\ng: [*d,\n  x]\n"
    assert [value(text, key).end_line for key in "acdfg"] == [3, 7, 10, 10, 14]


def test_an_escape_in_quotes_stays() -> None:
    assert value('a: "x\\ay"\n', "a").text == "x\ay"


def test_quoted_is_what_is_text_whatever_it_looks_like() -> None:
    assert value("a: 'yes'\n", "a").quoted
    assert value("a: |\n  yes\n", "a").quoted
    assert not value("a: yes\n", "a").quoted


def test_an_anchor_given_anew_is_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert value("a: &x 1\nb: &x 2\nc: *x\n", "c").text == "2"

"""Texts of scalars as YAML means them, whatever marks its parser leaves in them."""

from __future__ import annotations

from exlib.convert.source import Source
from exlib.convert.yamltree import Tree


def test_a_folded_text_has_no_marks_where_its_lines_ended() -> None:
    root = Tree(Source(b"a: >\n  one\n  two\n\n  three\nb: |\n  one\n  two\n", "x.yml")).root
    assert root.plain() == {"a": "one two\nthree\n", "b": "one\ntwo\n"}


def test_a_bell_that_is_meant_stays() -> None:
    assert Tree(Source(b'a: "ding \\a"\n', "x.yml")).root.plain() == {"a": "ding \x07"}


def test_what_is_bare_has_no_quotes() -> None:
    root = Tree(Source(b"a: 1.10\nb: '1.10'\nc: \"x\"\nd: |\n  1\ne: [x]\n", "x.yml")).root
    assert [name for name, node in root.members.items() if node.is_bare] == ["a"]

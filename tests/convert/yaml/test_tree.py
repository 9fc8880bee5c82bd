"""The tree of a YAML text against another reader of YAML, and its own words on a few texts."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exlib.convert.account import UNREAD, Account
from exlib.convert.source import Source
from exlib.convert.yaml.tree import Tree
from exlib.errors import ExecutionerError, InputError
from tests.convert.yamls import comments_of, values_of
from tests.corpus.place import CORPUS

TEXTS = (
    "a: # c1\nb: 1\n",
    "a:\n\n# c\nb:\n",
    "a: |\n  x\n  # not\n # c yes\nb: 1 # d\n",
    "a: | # head\n  x # no\n\n  # no\n\n# yes\nb: 2\n",
    "a: >-\n    x\n  # yes less indented than block?\nb: 2\n",
    "a: |2\n    x\n  # no\n# yes\nb: 2\n",
    "a: >1+\n   x\n # no\n# yes\nb: 2\n",
    "a: |\n\n  x\n  #no\n",
    "a: |\n  x\n\n\n",
    "a: |+\n  x\n\n# yes\n",
    "a: |\n# yes\nb: 1\n",
    "a: |\n  one\n# c1\n\n  # c2\nb: 1\n",
    "a: 'x # no\n  # no\n  y' # yes\n",
    'a: "x # no\n  # no\n  y" # yes\n',
    "a: 'it''s # no' # yes\n",
    "a: [1, # c1\n  2, # c2\n  {b: c} # c3\n] # c4\n",
    "a: {b: 'x#y', # one\n  c: d#e} # two\n",
    "a: [\n# x\n]\n",
    "a: []\n# x\n",
    "- a # x\n- # y\n  b\n-\n  # z\n  c\n",
    "a: b\n  c # x\nd: e\n",
    "key with # x\n",
    '\'k#1\': v # c\n"k # 2": v\n"k # 3":\n  - v # d\n',
    "? a # c\n: b # d\n",
    "&x a: &y b # c\nc: *y # d\n",
    "a: !reference [b, c] # c\n",
    "a: !!str # c\n  x\n",
    "a: &anchor # c\n  x: 1\n",
    "a: &anchor !tag # c\n # d\n  'x # no'\n",
    "--- # first\na: 1\n--- # second\nb: 2\n... # third\n",
    "a: 1\n   # trailing\n",
    "s:\n  - |\n    x\n    # no\n  # yes\n  - y\n",
    "s:\n- |\n  x\n # odd\n- y\n",
    "\ufeff# c\na: 1\n",
    "a: |\r\n  x # no\r\n# d\r\nb: 1",
)


def tree(text: str | bytes) -> Tree:
    return Tree(Source(text.encode() if isinstance(text, str) else text, "ci.yml"))


def assert_nothing_is_missed(text: str) -> None:
    """Every value and every comment that PyYAML sees is there, with its line, and none else."""
    found = tree(text)
    text = found.source.text
    assert [(comment.line, comment.text) for comment in found.comments] == comments_of(text)
    marked = [(node.line if node.text or node.plain() is not None else 0, node.text) for node in found.leaves()]
    assert sorted(marked) == values_of(text)


@pytest.mark.parametrize("text", TEXTS)
def test_it_has_every_value_and_every_comment(text: str) -> None:
    assert_nothing_is_missed(text)


FILES = sorted(path for format in ("github", "gitlab") for path in (CORPUS / format).rglob("*.y*ml"))


@pytest.mark.skipif(not FILES, reason="the corpus is not there")
def test_it_has_every_value_and_every_comment_of_real_files() -> None:
    refused = []
    for path in FILES:
        try:
            tree(path.read_bytes())
        except InputError as error:
            refused.append(str(error))
            continue
        assert_nothing_is_missed(path.read_text())
    assert len(FILES) > 200
    assert all("is in one map twice" in message for message in refused)


@pytest.mark.skipif(not FILES, reason="the corpus is not there")
def test_values_are_those_of_the_core_schema() -> None:
    from ruamel.yaml import YAML

    for path in FILES:
        text = path.read_text()
        if "!reference" in text or "duplicated" in str(path):
            continue
        loaded = list(YAML(typ="safe", pure=True).load_all(text))
        assert [as_text(root.plain()) for root in tree(text).roots] == [as_text(one) for one in loaded], path


def as_text(value: object) -> object:
    """The value with the keys as text; dates are none of the core schema."""
    if isinstance(value, dict):
        return {str(key): as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value]
    return value if isinstance(value, int | float | str) or value is None else str(value)


def test_a_value_knows_its_path_its_lines_and_its_text() -> None:
    found = tree("on: push\njobs:\n  build it:\n    steps:\n      - run: |\n          make\n\n# next\n")
    run = found.root.get("jobs", "build it", "steps").items[0].get("run")  # type: ignore[union-attr]
    assert run is not None
    assert (run.path, run.key_line, run.line, run.end_line) == ('jobs["build it"].steps[0].run', 5, 5, 6)
    assert run.place.text == "- run: |\n          make"
    assert run.text == "make\n"
    jobs = found.root.get("jobs")
    assert jobs is not None
    assert (jobs.key_line, jobs.line, jobs.end_line) == (2, 3, 6)
    assert jobs.place.text == "jobs:"
    assert jobs.whole.text.startswith("jobs:\n  build it:")
    assert found.root.get("jobs", "other", "steps") is None


def test_words_stay_words() -> None:
    found = tree("on: [yes, no, off, y]\nnull: 1\n1.0: x\n").root
    assert found.plain() == {"on": ["yes", "no", "off", "y"], "null": 1, "1.0": "x"}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12), ("012", 12), ("-0", 0), ("0x1F", 31), ("0o14", 12), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0),
        ("1_000", "1_000"), (".inf", ".inf"), ("1e999", "1e999"), ("1.2.3", "1.2.3"), ("0b11", "0b11"), ("0x", "0x"),
        ("~", None), ("", None), ("True", True), ("tRUE", "tRUE"), ("'12'", "12"), ('"true"', "true"),
        ("!!str 12", "12"), ("!x 12", 12), ("2024-01-01", "2024-01-01"), ("1" * 301, "1" * 301),
    ],
)  # fmt: skip
def test_plain_values(written: str, value: object) -> None:
    plain = tree(f"a: {written}\n").root.plain()["a"]
    assert plain == value
    assert type(plain) is type(value)


def test_a_folded_text_is_folded_and_nothing_more() -> None:
    assert tree("a: >\n  one\n  two\n\n  three\n").root.plain() == {"a": "one two\nthree\n"}


def test_a_tag_of_ones_own_stays() -> None:
    found = tree("a: !reference [.x, script]\nb: !!str x\nc: ! x\nd: x\n").root.members
    assert [node.tag for node in found.values()] == ["!reference", "", "", ""]


def test_nothing_stands_where_its_key_or_its_dash_stands() -> None:
    found = tree("a:\n\n# c\nb:\n  - # d\n\n  -\n  - x\n")
    assert [(node.path, node.line, node.end_line) for node in found.leaves()] == [
        ("a", 1, 1), ("b[0]", 5, 5), ("b[1]", 7, 7), ("b[2]", 8, 8),
    ]  # fmt: skip
    assert found.root.get("a").whole.text == "a:"  # type: ignore[union-attr]


def test_an_alias_leads_to_its_anchor_and_merges_give_way() -> None:
    found = tree(".b: &b {x: 1, y: 2}\n.c: &c {y: 3, z: 4}\na:\n  <<: [*b, *c]\n  x: 5\ne: *b\n").root
    merged = found.get("a")
    assert merged is not None
    assert merged.plain() == {"x": 5, "y": 2, "z": 4}
    assert merged.members["y"].path == '[".b"].y'
    assert found.members["e"].key_line == 1


@pytest.mark.filterwarnings("error")
def test_an_anchor_may_be_given_anew() -> None:
    assert tree("a: &x 1\nb: *x\nc: &x 2\nd: *x\n").root.plain() == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_comments_above_and_within() -> None:
    text = """\
        # the file

        # about a
        # still
        a:
          # in a
          s: # beside
          - x
          # last of a
        # about b
        b: 1 # beside b
        """
    found = tree(textwrap.dedent(text))
    a, b = found.root.members.values()
    assert [comment.text for comment in found.above(a)] == ["about a", "still"]
    assert [comment.text for comment in found.within(a)] == ["in a", "beside", "last of a"]
    assert [comment.text for comment in found.above(b)] == ["about b"]
    assert [comment.text for comment in found.within(b)] == ["beside b"]
    assert a.end_line == 9
    assert [comment.text for comment in found.comments if not comment.alone] == ["beside", "beside b"]


def test_an_item_ends_before_the_next_one() -> None:
    found = tree(
        "s:\n  - a: 1\n    b: |\n      x\n  # of the next\n  - c: {d: 1,\n      e: 2}\n  - - f\n    - g\nt: 1"
    ).root
    items = found.members["s"].items
    assert [(item.key_line, item.end_line) for item in items] == [(2, 4), (6, 7), (8, 9)]
    assert items[0].members["b"].end_line == 4
    assert found.members["s"].end_line == 9
    assert found.members["t"].end_line == 10
    assert tree("a:\n  b: |\n    x").root.members["a"].end_line == 3


def test_several_documents() -> None:
    found = tree("spec: 1\n---\na: 2\n")
    assert [root.plain() for root in found.roots] == [{"spec": 1}, {"a": 2}]
    assert [node.path for node in found.leaves()] == ["document 1.spec", "a"]


def test_what_nobody_spoke_of_is_dropped() -> None:
    found = tree("# top\na:\n  b: 1\n  c: [2, 3]\nd: 4 # four\n'e.f': {g: 5}\n#\n")
    account = Account()
    a, d = found.root.members["a"], found.root.members["d"]
    account.exact(a.place, "a")
    account.exact(a.members["b"].place, "b")
    account.exact(d.place, "d")
    found.settle(account)
    dropped = [(entry.construct, entry.place.path, entry.place.line, entry.reason) for entry in account.entries[3:]]
    assert dropped == [
        ("c", "a.c[0]", 4, UNREAD), ("c", "a.c[1]", 4, UNREAD), ("g", '["e.f"].g', 6, UNREAD),
        ("comment", "#1", 1, "it belongs to no job"), ("comment", "#5", 5, "it belongs to no job"),
    ]  # fmt: skip
    before = len(account.entries)
    found.settle(account)
    assert len(account.entries) == before


def test_what_is_said_of_the_whole_holds_for_all_below_and_no_other() -> None:
    found = tree("a:\n  b: {c: 1}\na2: {b: 1}\n'a.b': 2\n")
    account = Account()
    account.exact(found.root.members["a"].whole, "a")
    found.settle(account)
    assert [entry.place.path for entry in account.entries[1:]] == ["a2.b", '["a.b"]']


def test_the_whole_of_the_last_document_is_not_the_others() -> None:
    found = tree("a: 1\n---\nb: 2\n")
    account = Account()
    account.exact(found.root.whole, "document")
    found.settle(account)
    assert [entry.place.path for entry in account.entries[1:]] == ["document 1.a"]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "ci.yml:1", "there is nothing in it but comments"),
        ("# x\n", "ci.yml:1", "there is nothing in it but comments"),
        ("a: 1\nb: 2\na: 3\n", "ci.yml:3", 'the key "a" is in one map twice, first in line 1'),
        ("a: &a [*a]\n", "ci.yml:1", "it holds itself"),
        ("a: *b\n", "ci.yml:1", "found undefined alias 'b'"),
        ("? [a]: b\n: c\n", "ci.yml:1", "a key must be plain text"),
        ("a: 1\n\tb: 2\n", "ci.yml:2", "'\\t' that cannot start any token"),
        ("a: 1\t# c\n", "ci.yml:1", "'\\t' that cannot start any token"),
        ("a: b: c\n", "ci.yml:1", "mapping values are not allowed here"),
        ("a: [1\nb: 2\n", "ci.yml:2", "this is no YAML"),
        ("a: 'x\n", "ci.yml:2", "this is no YAML"),
        ("a: x\rb: y\n", "ci.yml:1", "a carriage return stands in it"),
        ('a: 1\nb: "\\ud800"\n', "ci.yml:2", "no text holds U+D800"),
        ('a: "x\\0"\n', "ci.yml:1", "no text holds U+0000"),
        ("a: \x0cb\n", "ci.yml", "this is no YAML: unacceptable character"),
        ("a: \x00b\n", "ci.yml:1", "control character U+0000"),
        ("- " * 5000, "ci.yml", "nested too deeply"),
        ("a: " + "[" * 150 + "]" * 150, "ci.yml:1", "nested too deeply"),
        (f"a: {'x' * (1 << 20)}\n", "ci.yml", "1.0 MB of YAML are no workflow"),
    ],
)
def test_what_is_no_yaml_is_refused_with_its_line(text: str, place: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        tree(text)
    assert caught.value.place == place
    assert message in str(caught.value)


def test_a_few_lines_of_aliases_that_mean_billions_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(InputError, match="aliases stand for more than 100,000 values"):
        tree("\n".join(lines))


PIECES = st.lists(
    st.sampled_from(
        ["a", "b:", ": ", "- ", "\n", "\n  ", "\n    ", "# x", " #", "'", '"', "|", ">-", "|2", "[", "]", "{", "}", ",",
         "&a ", "*a", "!t ", "<<: ", "---\n", "\t", "\\", "é", "\r\n", "? "]
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_any_text_is_a_tree_or_refused(pieces: list[str]) -> None:
    try:
        found = tree("".join(pieces))
    except ExecutionerError:
        return
    account = Account()
    found.settle(account)
    assert len(account.entries) >= sum(1 for _ in found.leaves())
    for node in found.leaves():
        assert 1 <= node.key_line <= len(found.source.lines) + 1
        assert node.line <= node.end_line
    found.root.plain()


def test_a_real_file_cut_anywhere_is_a_tree_or_refused() -> None:
    text = Path(__file__).parent.joinpath("cut.yml").read_bytes()
    for end in range(len(text)):
        try:
            tree(text[:end])
        except ExecutionerError:
            continue


def test_a_folded_text_has_no_marks_where_its_lines_ended() -> None:
    root = Tree(Source(b"a: >\n  one\n  two\n\n  three\nb: |\n  one\n  two\n", "x.yml")).root
    assert root.plain() == {"a": "one two\nthree\n", "b": "one\ntwo\n"}


def test_a_bell_that_is_meant_stays() -> None:
    assert Tree(Source(b'a: "ding \\a"\n', "x.yml")).root.plain() == {"a": "ding \x07"}


def test_what_is_not_quoted_has_a_type_by_its_text() -> None:
    root = Tree(Source(b"a: 1.10\nb: '1.10'\nc: \"x\"\nd: |\n  1\n", "x.yml")).root
    assert [name for name, node in root.members.items() if not node.quoted] == ["a"]


def test_an_anchor_given_anew_is_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        root = Tree(Source(b"a: &x 1\nb: &x 2\nc: *x\n", "x.yml")).root
    assert root.plain() == {"a": 1, "b": 2, "c": 2}

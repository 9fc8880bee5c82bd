"""The bytes of a source: what is text, its lines, and which files beside it may be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.convert.account import UNREAD, Account
from exlib.convert.source import LARGEST, Source
from exlib.document import STDIN_NAME
from exlib.errors import InputError


def test_lines_end_with_line_feeds_or_with_carriage_returns_before_them() -> None:
    source = Source(b"\xef\xbb\xbfa\r\nb\n\nc", "x")
    assert source.text == "a\nb\n\nc"
    assert source.lines == ["a", "b", "", "c"]


@pytest.mark.parametrize(
    ("raw", "lines"), [(b"", []), (b"\n", [""]), (b"a", ["a"]), (b"a\n", ["a"]), (b"\na", ["", "a"])]
)
def test_the_last_line_needs_no_end(raw: bytes, lines: list[str]) -> None:
    assert Source(raw, "x").lines == lines


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        (b"a\nb\xff\n", "x:2", "byte 4 is no UTF-8: this is no text"),
        (b"\xff\xfea\x00", "x:1", "byte 1 is no UTF-8"),
        (b"a\n\nb\x00", "x:3", "the control character U+0000 is in it: this is no text"),
        (b"a\x7f", "x:1", "the control character U+007F"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(raw: bytes, place: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        _ = Source(raw, "x").text
    assert caught.value.place == place
    assert message in str(caught.value)


def test_tabs_form_feeds_and_escapes_are_text() -> None:
    assert Source(b"\t\x0c\x1b[0m\n", "x").lines == ["\t\x0c\x1b[0m"]


def test_bytes_that_are_no_text_are_there_for_formats_that_are_none() -> None:
    assert Source(b"PK\x03\x04\x00", "x").raw == b"PK\x03\x04\x00"


def test_as_much_as_is_read_is_read_and_no_more() -> None:
    assert len(Source(b"a" * LARGEST, "x").text) == LARGEST
    with pytest.raises(InputError, match="8 MB are no workflow: up to 8 MB are read") as caught:
        Source(b"a" * (LARGEST + 1), "x")
    assert caught.value.place == "x"


def test_a_place_is_lines_with_their_text() -> None:
    source = Source(b"a\nb\nc\n", "x")
    assert source.place(2) == ("x", 2, 2, "", "b", True)
    assert source.place(1, 2, "p").text == "a\nb"
    assert source.place(1, 2, "p", "short") == ("x", 1, 2, "p", "short", True)


def test_an_error_names_the_line_if_there_is_one() -> None:
    source = Source(b"a\n", "x")
    assert source.refuse(3, "m", "n").place == "x:3"
    assert source.refuse(0, "m").place == "x"
    assert source.refuse(3, "m", "n").mend == "n"


def test_lines_that_nobody_spoke_of_are_dropped_in_their_runs() -> None:
    source = Source(b"a\nb\n\nc\nd\n  \ne\n", "x")
    account = Account()
    account.exact(source.place(4), "c")
    source.settle(account)
    dropped = account.entries[1:]
    assert [(entry.construct, entry.place.line, entry.place.end_line, entry.reason) for entry in dropped] == [
        ("lines", 1, 2, UNREAD), ("line", 5, 5, UNREAD), ("line", 7, 7, UNREAD),
    ]  # fmt: skip
    source.settle(account)
    assert len(account.entries) == 4


@given(st.lists(st.sampled_from(["a", "b c", "", "  "]), max_size=12), st.sets(st.integers(1, 12)))
def test_after_settling_every_line_is_spoken_of_once(lines: list[str], said: set[int]) -> None:
    source = Source("\n".join(lines).encode(), "x")
    account = Account()
    for number in said & set(range(1, len(source.lines) + 1)):
        account.exact(source.place(number), "line")
    source.settle(account)
    spoken = [n for entry in account.entries for n in range(entry.place.line, entry.place.end_line + 1)]
    assert len(spoken) == len(set(spoken))
    assert {n for n, line in enumerate(source.lines, 1) if line.strip()} <= set(spoken)


def test_a_file_beside_it_is_read_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "ci" / "deep").mkdir(parents=True)
    (tmp_path / "ci" / "a.yml").write_text("a")
    (tmp_path / "ci" / "deep" / "b.yml").write_text("b")
    source = Source(b"", str(tmp_path / "ci" / "main.yml"))
    assert source.beside("a.yml").text == "a"
    deep = source.beside("/deep/b.yml")
    assert deep.text == "b"
    assert deep.beside("a.yml").text == "a"  # the root stays


def test_a_file_outside_of_the_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "ci2").mkdir()
    (tmp_path / "ci2" / "a").write_text("a")
    source = Source(b"x", str(tmp_path / "ci" / "main.yml"))
    for path in ("../secret", "link", "../ci2/a"):
        with pytest.raises(InputError, match="is outside of") as caught:
            source.beside(path, at=1)
        assert caught.value.place == f"{source.name}:1"


def test_a_file_is_opened_from_the_folder_of_the_one_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "main").write_text("m")
    (tmp_path / "other").write_text("o")
    source = Source(b"x", str(tmp_path / "ci" / "main"))
    assert source.opened("../other").text == "o"
    assert source.opened("../other").opened("ci/main").text == "m"


@pytest.mark.parametrize("path", ["absent", "folder", "a\0b", "x" * 300, ""])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    source = Source(b"x", str(tmp_path / "main"))
    for read in (source.beside, source.opened):
        with pytest.raises(InputError, match="cannot read") as caught:
            read(path, at=1)
        assert caught.value.place == f"{source.name}:1"


def test_names_of_files_beside_it_are_as_the_source_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "a").write_text("a")
    monkeypatch.chdir(tmp_path)
    assert Source(b"", "ci/main").opened("a").name == "ci/a"
    assert Source(b"", "ci/main").beside("a").name == "ci/a"
    assert Source(b"", str(tmp_path / "ci/main")).opened("a").name == str(tmp_path / "ci/a")
    assert Source(b"", STDIN_NAME).opened("ci/a").name == "ci/a"


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    source = Source(b"x", str(tmp_path / "main"))
    with pytest.raises(InputError, match="cannot read pipe: it is no file"):
        source.opened("pipe", at=1)

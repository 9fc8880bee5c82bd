from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.plugins import scan
from exlib.plugins.scan import Hit, find_literal, find_pattern


@pytest.fixture(scope="module", autouse=True)
def small_pieces() -> Iterator[None]:
    """Limits so small that most generated lines are longer."""
    old = scan.CHUNK, scan.PIECE, scan.OVERLAP, scan._AROUND
    scan.CHUNK, scan.PIECE, scan.OVERLAP, scan._AROUND = 3, 5, 4, 4
    yield
    scan.CHUNK, scan.PIECE, scan.OVERLAP, scan._AROUND = old


LINES = st.lists(st.lists(st.sampled_from(["x", "ORA-", "OR", "A-", "SP2", "-", "é", "long enough"])).map("".join))
TEXTS = st.lists(st.sampled_from(["a", "b", "c", "ab", " ", "é", "aaaaaaaaaa", "b a b a b a b", "\n"]), min_size=5).map(
    "".join
)
PATTERNS = [
    r"^a",
    r"a$",
    r"^abc$",
    r"\bab\b",
    r"a.b",
    r"é",
    r"[éc]{2}",
    r"(?<=a)b",
    r"b(?!c)",
    r"^$",
    r"ab|ca",
    r"c\s$",
]


@given(LINES)
def test_the_first_literal_is_found_on_its_line(lines: list[str]) -> None:
    raw = "\n".join(lines).encode()
    expected = next((n for n, line in enumerate(lines, 1) if "ORA-" in line or "SP2-" in line), None)
    hit = find_literal(io.BytesIO(raw), [b"ORA-", b"SP2-"])
    assert (hit and hit.line) == expected
    assert hit is None or "ORA-" in hit.text or "SP2-" in hit.text


@given(TEXTS, st.sampled_from(PATTERNS))
def test_a_pattern_is_found_on_the_line_where_a_plain_loop_finds_it(text: str, pattern: str) -> None:
    lines = text.split("\n")[: -1 if text.endswith("\n") or not text else None]
    expected = next((n for n, line in enumerate(lines, 1) if re.search(pattern, line)), None)
    hit = find_pattern(io.BytesIO(text.encode()), re.compile(pattern))
    assert (hit and hit.line) == expected


@pytest.mark.parametrize(("pattern", "text"), [("ab", "ab"), (r"\bab\b", " ab "), ("aé.b", "aé-b"), ("b$", "b")])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_match_is_found_wherever_it_lies_among_the_pieces(pattern: str, text: str, end: str) -> None:
    for before in range(20):
        for after in range(1 if pattern.endswith("$") else 20):
            line = "x" * before + text + "x" * after + end
            assert find_pattern(io.BytesIO(line.encode()), re.compile(pattern)), line
        assert not find_pattern(io.BytesIO(("x" * before + end).encode()), re.compile(pattern))


def test_the_end_of_a_piece_is_not_the_end_of_the_line() -> None:
    for before in range(20):
        for after in range(1, 20):
            line = b"x" * before + b"b" + b"x" * after
            assert not find_pattern(io.BytesIO(line), re.compile("b$")), line


def test_the_shown_text_is_cut_around_the_match() -> None:
    raw = b"x" * 5_000 + b"ORA-00942: table" + b"y" * 5_000 + b"\n"
    assert find_literal(io.BytesIO(raw), [b"ORA-"]) == Hit(1, "xxxxORA-")


def test_foreign_bytes_neither_hide_a_match_nor_raise() -> None:
    hit = find_pattern(io.BytesIO(b"\xffdone\n"), re.compile("done"))
    assert hit == Hit(1, "�done")


def test_a_greedy_pattern_that_reaches_the_end_of_a_piece_matches() -> None:
    assert find_pattern(io.BytesIO(b"-" * 20 + b"error" + b"." * 100 + b"\n"), re.compile("error.*"))


def test_carriage_returns_are_not_part_of_a_line() -> None:
    assert find_pattern(io.BytesIO(b"done\r\n"), re.compile("done$")) == Hit(1, "done")


def test_nothing_is_found_in_nothing() -> None:
    assert find_pattern(io.BytesIO(b""), re.compile("")) is None
    assert find_literal(io.BytesIO(b""), [b"ORA-"]) is None

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.masking import Mask
from exlib.report.tail import last_lines, shown


def test_the_last_lines_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_bytes(b"one\ntwo\nthree\n\n \n")
    assert last_lines(str(log), 2) == ["two", "three"]
    assert last_lines(str(log), 9) == ["one", "two", "three"]


def test_a_log_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (None, str(tmp_path / "absent"), str(tmp_path), str(tmp_path / "pipe"), "a\0b"):
        assert last_lines(path, 5) == []


def test_of_a_huge_log_only_the_end_is_read_and_no_half_line_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    with log.open("wb") as stream:
        stream.truncate(50 << 30)  # sparse
        stream.seek(0, os.SEEK_END)
        stream.write(b"\n" + b"".join(b"line %04d\n" % n for n in range(2000)))
    assert last_lines(str(log), 999, limit=100) == [f"line {n}" for n in range(1991, 2000)]


def test_one_endless_line_is_shown_by_its_end(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_bytes(b"x" * 100_000 + b"end")
    assert last_lines(str(log), 5, limit=10) == ["xxxxxxxend"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07plain \x1b]8;;http://x\x1b\\link", "plain link"),
        (b"10%\r50%\r99%\r\n", "99%"),
        (b"a\tb", "a       b"),
        (b"bell\x07 null\x00 clear\x1bc", "bell\\x07 null\\x00 clear\\x1bc"),
        (b"caf\xe9 \xff", "caf� �"),
        ("日本".encode(), "日本"),
        ("\u202eevil\u2028".encode(), "\\u202eevil\\u2028"),
    ],
)
def test_a_line_cannot_drive_the_terminal(raw: bytes, text: str) -> None:
    assert shown(raw) == text


@given(st.binary(max_size=200))
def test_whatever_a_job_writes_is_printable(raw: bytes) -> None:
    assert shown(raw).isprintable()


def test_secrets_are_masked_but_common_words_are_not(tmp_path: Path) -> None:
    mask = Mask(["hunter22", "-----KEY-----\nabcdef\n", "1", "on", "true", ""])
    log = tmp_path / "job.log"
    log.write_bytes(b"true is on 1\npassword=hunter22\nabcdef\n")
    assert last_lines(str(log), 9, mask=mask) == ["true is on 1", "password=********", "********"]


def test_a_secret_is_masked_though_it_is_written_in_colours(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_bytes(b"grep: \x1b[01;31mhunt\x1b[m\x1b[Ker22\n")
    assert last_lines(str(log), 9, mask=Mask(["hunter22"])) == ["grep: ********"]


@pytest.mark.parametrize("limit", range(1, 40))
def test_a_secret_is_not_shown_in_part_wherever_the_reading_begins(tmp_path: Path, limit: int) -> None:
    (tmp_path / "log").write_text("x" * 30 + "S3CR3T-V4LU3" + "y" * 15)
    (line,) = last_lines(str(tmp_path / "log"), 9, limit=limit, mask=Mask(["S3CR3T-V4LU3"]))
    assert set(line) <= set("xy*")


@given(st.text("xyz \n", max_size=60), st.text("xyz \n", max_size=60), st.integers(1, 90))
def test_no_part_of_a_secret_survives_the_cut(before: str, after: str, limit: int) -> None:
    with tempfile.NamedTemporaryFile("w") as log:
        log.write(f"{before}S3CR3T-V4LU3{after}")
        log.flush()
        text = "".join(last_lines(log.name, 999, limit=limit, mask=Mask(["S3CR3T-V4LU3"])))
    assert set(text) <= set("xyz *")

"""The lines of a log that tell the cause: of any log, however large, whatever its bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.logs.excerpt import WINDOW, excerpt
from exlib.masking import Mask


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "load.1.log"


def test_the_first_error_that_is_known_by_name_with_lines_around_it(log: Path) -> None:
    log.write_text("one\ntwo\nthree\nORA-01555: snapshot too old\nfour\nfive\nsix\nSP2-0640: Not connected\n")
    found = excerpt(str(log))
    assert found.lines == ("two", "three", "ORA-01555: snapshot too old", "four", "five")
    assert found.message == "ORA-01555: snapshot too old"
    assert found.pattern is not None
    assert found.pattern.name == "ORA-01555"


def test_a_traceback_is_shown_from_its_beginning(log: Path) -> None:
    log.write_text('busy\nTraceback (most recent call last):\n  File "x.py", line 3\n    load()\nKeyError: 1\nbye\n')
    found = excerpt(str(log))
    assert found.lines[0] == "Traceback (most recent call last):"
    assert found.message == "KeyError: 1" == found.lines[-1]


def test_what_is_merely_loud_counts_if_nothing_better_is_there(log: Path) -> None:
    log.write_text("error: first\nerror: last\nend\n")
    assert excerpt(str(log)).message == "error: last"
    log.write_text("error: first\nNo space left on device\nerror: last\nend\n")
    assert excerpt(str(log)).message == "No space left on device"


def test_else_the_end(log: Path) -> None:
    log.write_text("".join(f"line {number}\n" for number in range(20)))
    found = excerpt(str(log))
    assert found.lines == tuple(f"line {number}" for number in range(15, 20))
    assert found.message is None


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\0\0"])
def test_a_log_with_nothing(log: Path, data: bytes) -> None:
    log.write_bytes(data)
    assert excerpt(str(log)).missing == "it printed nothing"


def test_no_log_and_a_log_that_is_gone(log: Path) -> None:
    assert excerpt(None).missing == "it has no log"
    assert excerpt(str(log)).missing == "its log is not there any more, or cannot be read"
    assert excerpt(str(log.parent)).missing == "its log is not there any more, or cannot be read"


def test_a_huge_log_is_read_at_its_end_alone(log: Path) -> None:
    with log.open("wb") as stream:
        stream.write(b"MemoryError\n")
        stream.truncate(10 << 30)
        stream.seek(0, 2)
        stream.write(b"\nConnection refused\n")
    found = excerpt(str(log))
    assert found.message == "Connection refused"
    assert sum(map(len, found.lines)) < 3 * 4096 * 8 < WINDOW


def test_bytes_that_are_no_text_and_escapes_are_made_visible(log: Path) -> None:
    log.write_bytes(b"\x1b[31mno such \xff table: No such file or directory\x1b[0m\x07\n")
    assert excerpt(str(log)).lines == ("no such � table: No such file or directory\\x07",)


def test_secrets_are_hidden(log: Path) -> None:
    log.write_text("connecting as ann/hunter42\nORA-01017: hunter42 is wrong\n")
    found = excerpt(str(log), Mask(["hunter42"]))
    assert found.lines == ("connecting as ann/********", "ORA-01017: ******** is wrong")


def test_a_secret_that_the_window_cuts_is_hidden(log: Path) -> None:
    mask = Mask(["hunter42secret"])
    for shift in range(20):
        log.write_bytes(b"x" * 100 + b"hunter42secret" + b"y" * (WINDOW - shift) + b"\nerror: z\n")
        assert not any("unter42" in line or "secret" in line for line in excerpt(str(log), mask).lines)


def test_a_secret_that_the_window_cuts_is_hidden_in_one_endless_line(log: Path) -> None:
    mask = Mask(["hunter42secret"])
    log.write_bytes(b"x" * 100 + b"hunter42secret" + b"y" * (WINDOW + mask.longest - 7))
    assert "2secret" not in excerpt(str(log), mask).lines[0]


@given(st.binary(max_size=500))
def test_no_log_is_too_much(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.log"
    path.write_bytes(data)
    assert all(line.isprintable() for line in excerpt(str(path)).lines)

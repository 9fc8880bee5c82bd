from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exlib.plugins.verdict import MESSAGE_LIMIT, Verdict, read_verdict, to_line

YES, NO = to_line(Verdict(True, "fine")), to_line(Verdict(False, "empty"))


@pytest.mark.parametrize(
    ("answer", "exit_code", "expected"),
    [
        (YES, 0, Verdict(True, "fine")),
        (NO, 1, Verdict(False, "empty")),
        (NO, 2, Verdict(False, "empty")),
        (b"noise\n" + YES, 0, Verdict(True, "fine")),
        (YES + b"\n\n", 0, Verdict(True, "fine")),
        (YES + NO, 1, Verdict(False, "empty")),
        (YES, 1, Verdict(False, "answered that it passed, and then ended with exit code 1")),
        (YES, -11, Verdict(False, "answered that it passed, and then was killed by SIGSEGV")),
        (NO, 0, Verdict(False, "ended with exit code 0; its last answer: empty")),
        (NO, -15, Verdict(False, "was killed by SIGTERM; its last answer: empty")),
        (b"", 0, Verdict(False, "ended with exit code 0 without an answer; its output is in the job's log")),
        (b"", 139, Verdict(False, "was killed by SIGSEGV without an answer; its output is in the job's log")),
        (b"true", 0, Verdict(False, "ended with exit code 0 without an answer; its output is in the job's log")),
        (YES + b"noise", 0, Verdict(False, "ended with exit code 0 without an answer; its output is in the job's log")),
    ],
)
def test_an_answer_is_believed_only_with_its_exit_code(answer: bytes, exit_code: int, expected: Verdict) -> None:
    assert read_verdict(answer, exit_code) == expected


@given(st.binary(), st.one_of(st.none(), st.integers(-70, 300)))
def test_noise_never_passes_and_never_raises(answer: bytes, exit_code: int | None) -> None:
    assert not read_verdict(answer, exit_code).passed


@given(st.text(), st.booleans())
def test_an_answer_comes_through_as_one_printable_line(message: str, passed: bool) -> None:
    read = read_verdict(to_line(Verdict(passed, message)), 0 if passed else 1)
    assert read.passed is passed
    assert read.message.isprintable()
    assert len(read.message) <= MESSAGE_LIMIT


def test_deep_nesting_is_no_answer() -> None:
    assert not read_verdict(b"[" * 100_000, 0).passed


@pytest.mark.parametrize("body", [b'{"passed": 1}', b'{"passed": "true"}', b"[true]", b"null", b'{"message": "x"}'])
def test_only_a_boolean_counts(body: bytes) -> None:
    assert not read_verdict(body, 0).passed

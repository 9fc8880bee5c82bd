from __future__ import annotations

import io

from exlib.console import Console
from exlib.render.palette import LOOKS
from exlib.report.wording import MARKS, Voice, cause, failure
from tests.report.story import attempt_finished, job_finished


def ascii_stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii")


def test_an_encoding_without_the_marks_gets_plain_ones() -> None:
    voice = Voice(Console(), ascii_stream())
    for status in MARKS:
        assert voice.mark(status).isascii()
        assert len(voice.mark(status)) == 1
    assert voice.plain("tägä\x1b[2J") == "t\\xe4g\\xe4\\x1b[2J"


def test_the_cause_is_the_most_telling_thing_known() -> None:
    assert cause(job_finished("a", "failed", reason="post-check failed", exit_code=3)) == "post-check failed"
    assert cause(attempt_finished("a", "failed", signal="SIGSEGV", exit_code=None)) == "ended by SIGSEGV"
    assert cause(attempt_finished("a", "failed", exit_code=3)) == "exit code 3"
    assert cause(attempt_finished("a", "lost", exit_code=None)) == "no reason is known"


def test_a_failure_in_one_line() -> None:
    voice = Voice(Console(), io.StringIO())
    late = job_finished("load\n", "timeout", reason="ran longer than 60s", attempts=2, duration=125.0)
    assert failure(late, voice) == "◷ load\\n timed out after 2m 05s and 2 attempts: ran longer than 60s"


def test_a_job_that_never_began_failed_after_no_time() -> None:
    never = job_finished("load", "failed", reason="waited longer than 1 s", attempts=0, started=None, duration=0.0)
    assert failure(never, Voice(Console(), io.StringIO())) == "✗ load failed: waited longer than 1 s"


def test_a_status_has_the_same_mark_in_words_and_in_pictures() -> None:
    assert {status: LOOKS[status].mark for status in MARKS if status in LOOKS} == {
        status: MARKS[status][0] for status in MARKS if status in LOOKS
    }
    assert MARKS["timeout"][0] == "◷"

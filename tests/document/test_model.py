from __future__ import annotations

from pathlib import Path

import pytest

from exlib.document import STDIN_NAME, Document

TEXT = '{"application_name": "x",\n "jobs": [\n  {"id": "a", "timeout": "60"}\n ]}\n'


def test_a_finding_points_at_the_value_or_at_its_key() -> None:
    document = Document(TEXT.encode(), "wf.json")
    finding = document.finding("E203", "error", "no", ("jobs", 0, "timeout"), mend="yes", job="a")
    assert (finding.place, finding.end_column) == ("wf.json:3:26", 30)
    assert finding.source_line == '  {"id": "a", "timeout": "60"}'
    assert (finding.mend, finding.job, finding.pointer) == ("yes", "a", ("jobs", 0, "timeout"))
    at_key = document.finding("E203", "error", "no", ("jobs", 0, "timeout"), at_key=True)
    assert (at_key.column, at_key.end_column) == (15, 24)


def test_a_finding_on_several_lines_is_marked_to_the_end_of_the_first() -> None:
    finding = Document(TEXT.encode(), "wf.json").finding("E201", "error", "no", ("jobs",))
    assert (finding.line, finding.column, finding.end_column) == (2, 10, 11)


def test_a_finding_on_what_is_absent_points_at_what_should_hold_it() -> None:
    document = Document(TEXT.encode(), "wf.json")
    assert document.finding("E202", "error", "no", ("jobs", 0, "command")).place == "wf.json:3:3"
    assert document.finding("E202", "error", "no", ("log_dir",)).place == "wf.json:1:1"
    # An item of a list has no key of its own to point at.
    assert document.finding("E202", "error", "no", ("jobs", 0), at_key=True).place == "wf.json:3:3"


@pytest.mark.parametrize("jobs", ["null", "{}", '"a"', "3"])
def test_jobs_that_are_no_list_are_no_jobs(jobs: str) -> None:
    assert Document(f'{{"jobs": {jobs}}}'.encode()).jobs == []
    assert Document(b"{}").jobs == []


def test_relative_paths_start_at_the_file_or_at_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Document(b"{}", "sub/wf.json").directory == str(tmp_path / "sub")
    assert Document(b"{}", "wf.json").directory == str(tmp_path)
    assert Document(b"{}", STDIN_NAME).directory == str(tmp_path)

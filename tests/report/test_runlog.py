from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from exlib.errors import StorageError
from exlib.report.runlog import RunLog
from tests.report.story import EVERY_KIND, job_finished, run_started

STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} ")


def test_events_are_stamped_lines(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    log = RunLog(str(path))
    log.read(EVERY_KIND)
    log.close()
    lines = path.read_text().splitlines()
    assert all(STAMP.match(line) for line in lines)
    assert [STAMP.sub("", line) for line in lines] == [
        "run 12 of nightly started, attempt 1: nightly.json, 3 jobs, 2 workers, pid 77, in /data",
        "extract: reused, finished in attempt 1, nothing changed",
        "load: waits, file /data/in.csv",
        "load: attempt 1 started, log load.1.log: do load",
        "load: attempt 1 failed after 1.5s: exit code 3",
        "load: attempt 1: its log may be cut off, no space was left for it",
        "load: attempt 2 follows in 30.0s: exit code 3",
        "load: failed in 1.5s, cpu 0.25s, memory 2048 KiB: ended by SIGKILL",
        "report: skipped, load failed",
        "warning: the disk is nearly full",
        "run 12 finished, failed after 1m 23s, exit code 1: 1 success, 1 failed, 1 skipped",
    ]


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        RunLog(str(tmp_path / "run.log")).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "run.log").stat().st_mode) == 0o600


def test_a_resumed_run_adds_to_it(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    for _ in range(2):
        log = RunLog(str(path))
        log.read([run_started()])
        log.close()
    assert len(path.read_text().splitlines()) == 2


def test_it_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("")
    (tmp_path / "run.log").symlink_to(tmp_path / "precious")
    with pytest.raises(StorageError, match="cannot write the run log"):
        RunLog(str(tmp_path / "run.log"))
    assert (tmp_path / "precious").read_text() == ""


def test_a_command_of_several_lines_stays_one_line(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    log = RunLog(str(path))
    log.read([job_finished("a\nb", "failed", reason="c\r\nd\x1b[2J")])
    log.close()
    assert path.read_text().count("\n") == 1
    assert "\x1b" not in path.read_text()


def test_a_full_disk_is_told_once(tmp_path: Path) -> None:
    log = RunLog(str(tmp_path / "run.log"))
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, log._fd)
    os.close(full)
    with pytest.raises(StorageError, match="no space left on device"):
        log.read([run_started()])
    log.read([run_started()])
    log.close()

"""Logs of the original program, in the form of each that it writes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from exlib.logs.failures import category
from exlib.logs.model import Execution, Source
from exlib.logs.reading.original import OriginalReader, is_original_log
from exlib.logs.sink import Collector

PRINTED = """\
ann@db1:~ > executioner.py -c nightly.json
\x1b[36m==========================================================================================\x1b[0m
\x1b[36m            STARTING EXECUTION Application nightly - RUN #17 [SEQUENTIAL]                  \x1b[0m
2026-01-31 13:00:00 - INFO - Starting job 'extract'
2026-01-31 13:00:00 - INFO - Running job: extract Command: sh extract.sh - all
2026-01-31 13:00:04 - INFO - Job 'extract' completed successfully in 3.57 seconds
2026-01-31 13:00:04 - INFO - Running job: load Command: psql -f load.sql
2026-01-31 13:00:10 - INFO - Will retry job load in 5.0 seconds (attempt 1/1)
2026-01-31 13:00:15 - INFO - Retry attempt 1/1 for job load
2026-01-31 13:00:20 - \x1b[31mERROR\x1b[0m - Job load failed with status 'FAILED' and exit code 3.\
 No retry conditions met.
2026-01-31 13:00:20 - ERROR - Job load failed after 2 attempts.
2026-01-31 13:00:20 - INFO - Running job: slow Command: sleep 99
2026-01-31 13:00:30 - ERROR - Job slow timed out after 10 seconds (job config).
2026-01-31 13:00:30 - ERROR - Job slow failed with status 'TIMEOUT' and exit code None. No retry conditions met.
2026-01-31 13:00:30 - INFO - Running job: check Command: true
2026-01-31 13:00:31 - ERROR - Job check failed post-checks after 0.10 seconds.
2026-01-31 13:00:31 - ERROR - Job check failed with status 'ERROR' and exit code 0. No retry conditions met.
2026-01-31 13:00:31 - ERROR - Pre-checks failed for job guarded. Skipping job execution.
2026-01-31 13:00:31 - INFO - Skipping previously successful job: done before
2026-01-31 13:00:31 - INFO - Job nothing: SUCCESS (empty command)
2026-01-31 13:00:31 - ERROR - Stopping execution.
2026-01-31 13:00:31 - WARNING - The following jobs were not completed: report, load
========================================
           EXECUTION SUMMARY
========================================
Application: nightly
Run ID: 17
\x1b[36mStatus:\x1b[0m \x1b[31mFAILED\x1b[0m
"""


def read(text: str, name: str = "out.txt") -> list[Execution]:
    collector = Collector()
    reader = OriginalReader(Source("original log", name), collector)
    reader.feed(text.encode())
    reader.finish()
    assert not reader.damages.counts
    return collector.executions


def test_what_it_printed() -> None:
    (found,) = read(PRINTED)
    run = found.run
    assert (run.run, run.application, run.status, run.duration) == (17, "nightly", "failed", 31.0)
    jobs = {job.record.job: job for job in found.jobs}
    assert {name: job.record.status for name, job in jobs.items()} == {
        "extract": "success",
        "load": "failed",
        "slow": "timeout",
        "check": "failed",
        "guarded": "failed",
        "done before": "success",
        "nothing": "success",
        "report": "skipped",
    }
    assert jobs["extract"].record.command == "sh extract.sh - all"
    assert jobs["extract"].record.duration == 3.57
    assert [(one.number, one.duration, one.exit_code) for one in jobs["load"].tries] == [(1, 6.0, None), (2, 5.0, 3)]
    assert (jobs["load"].record.retries, jobs["load"].record.duration) == (1, 16.0)
    assert category(jobs["slow"]) == "timeout"
    assert category(jobs["check"]) == category(jobs["guarded"]) == "check"
    assert jobs["done before"].reused


def test_an_applications_log_holds_several_runs() -> None:
    lines = [
        "2026-01-31 13:00:00 - INFO - [RUN #1] Running job: a Command: true",
        "2026-01-31 13:00:01 - INFO - [RUN #1] Job 'a' completed successfully in 0.50 seconds",
        "2026-01-31 13:00:01 - INFO - [RUN #1] Updated run summary for run ID: 1 with status: SUCCESS",
        "2026-02-01 13:00:00 - INFO - [RUN #2] Running job: a Command: true",
        "2026-02-01 13:00:09 - ERROR - [RUN #2] Job a failed after 3 attempts.",
    ]
    first, second = read("\n".join(lines), "/logs/executioner.nightly.log")
    assert (first.run.application, first.run.run, first.run.status) == ("nightly", 1, "success")
    assert (second.run.run, second.run.status, second.jobs[0].record.status) == (2, "unfinished", "failed")


def test_the_log_of_a_job_is_found_beside_it(tmp_path: Path) -> None:
    name = tmp_path / "executioner.nightly.run-4.log"
    beside = tmp_path / "executioner.nightly.job-a.run-4.log"
    beside.write_text("2026-01-31 13:00:00,123 - INFO - ORA-00942: table or view does not exist\n")
    begun = "2026-01-31 13:00:00 - INFO - Running job: a Command: x\n"
    lines = f"{begun}2026-01-31 13:00:01 - ERROR - Job a failed after 0.57 seconds.\n"
    (found,) = read(lines, str(name))
    assert found.jobs[0].record.log == str(beside)
    assert found.jobs[0].record.duration == 0.57
    traversal = lines.replace("job: a", "job: ../a").replace("Job a", "Job ../a")
    assert read(traversal, str(name))[0].jobs[0].record.log is None


@given(st.integers(0, len(PRINTED)))
def test_cut_anywhere_it_is_never_fatal(end: int) -> None:
    statuses = {job.record.job: job.record.status for job in read(PRINTED)[0].jobs}
    for execution in read(PRINTED[:end]):
        for job in execution.jobs:
            assert job.record.status in ("unfinished", statuses.get(job.record.job)) or end < len(PRINTED)


def test_it_is_told_by_its_lines() -> None:
    assert is_original_log("2026-01-31 13:00:00 - INFO - Starting job 'extract'")
    assert is_original_log("      STARTING EXECUTION Application nightly - RUN #17 [SEQUENTIAL]")
    assert not is_original_log("2026-01-31 13:00:00.123 load: success in 1.0s, cpu 0.00s")

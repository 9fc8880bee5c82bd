from __future__ import annotations

import os
import pwd
import time

import pytest

from exlib.errors import AnswerNo
from exlib.history.marks import user_name
from exlib.history.sqlite import SqliteStore, open_store
from tests.history.processes import Process
from tests.history.story import NEW_YEAR, Story


def failed_run(store: SqliteStore) -> None:
    story = Story(store, ["extract", "load", "report", "never"])
    story.runs("extract")
    story.runs("load", "failed", 7, "exit code 7")
    story.skips("report")
    story.finishes("failed", 1)


def test_who_when_and_why_are_kept_and_shown_ever_after(store: SqliteStore) -> None:
    failed_run(store)
    store.mark_success(1, ["load"], "ann", "loaded by hand")
    job = next(job for job in store.jobs(1) if job.job == "load")
    assert (job.status, job.exit_code, job.reason) == ("success", 7, "exit code 7")
    assert job.mark is not None
    assert (job.mark.who, job.mark.why, job.mark.was) == ("ann", "loaded by hand", "failed")
    second = Story(store, ["extract", "load"], resumed=1, start=NEW_YEAR + 60)
    second.reuses("load")
    second.finishes()
    again = next(job for job in store.jobs(1) if job.job == "load")
    assert (again.attempt, again.status, again.mark) == (2, "success", job.mark)


def test_a_mark_counts_though_the_clock_was_set_back_since_the_job_ran(store: SqliteStore) -> None:
    story = Story(store, ["load"], start=time.time() + 86_400)
    story.runs("load", "failed", 7)
    story.finishes("failed", 1)
    store.mark_success(1, ["load"], "ann", "loaded by hand")
    assert store.jobs(1)[0].status == "success"
    assert store.jobs(1)[0].mark is not None
    assert store.runs()[0].marked == 1


def test_skipped_jobs_and_those_never_reached_can_be_marked(store: SqliteStore) -> None:
    failed_run(store)
    store.mark_success(1, ["report", "never"], "ann", "not needed")
    found = {job.job: job for job in store.jobs(1)}
    assert [found[job].status for job in ("report", "never")] == ["success", "success"]
    assert [found[job].mark and found[job].mark.was for job in ("report", "never")] == ["skipped", "pending"]
    assert found["never"].command == "run never"


@pytest.mark.parametrize(
    ("jobs", "message", "mend"),
    [
        (["load", "reprot"], 'run 1 has no job "reprot"', 'did you mean "report"?'),
        (["load", "zzz"], 'run 1 has no job "zzz"', "ex-history show 1 lists the jobs"),
        (["load", "extract"], 'job "extract" succeeded by itself', "leave it out"),
    ],
)
def test_one_that_cannot_be_marked_refuses_them_all(
    store: SqliteStore, jobs: list[str], message: str, mend: str
) -> None:
    failed_run(store)
    before = store.jobs(1)
    with pytest.raises(AnswerNo, match=message) as caught:
        store.mark_success(1, jobs, "ann", "why")
    assert caught.value.mend == mend
    assert store.jobs(1) == before


def test_a_mark_is_not_made_twice(store: SqliteStore) -> None:
    failed_run(store)
    store.mark_success(1, ["load", "load"], "ann", "first")
    with pytest.raises(AnswerNo, match='job "load" was marked so before'):
        store.mark_success(1, ["load"], "bob", "second")
    with pytest.raises(AnswerNo, match="there is no run 9"):
        store.mark_success(9, ["load"], "bob", "second")


def test_what_runs_or_will_run_cannot_be_marked_what_was_lost_can(store: SqliteStore, db: str) -> None:
    engine = Process(f"""
story = Story(open_store({db!r}), ['a', 'b', 'c'])
story.runs('c', 'failed', 1); story.starts('a'); say('there'); wait()
""")
    assert engine.heard() == "there"
    for job, status in (("a", "running"), ("b", "pending")):
        with pytest.raises(AnswerNo, match=f'job "{job}" is {status} in a run that is going on'):
            store.mark_success(1, [job], "ann", "why")
    store.mark_success(1, ["c"], "ann", "it does not matter")
    engine.kill()
    store.mark_success(1, ["a", "b"], "ann", "done by hand")
    found = {job.job: job for job in store.jobs(1)}
    assert {job: (record.status, record.mark and record.mark.was) for job, record in found.items()} == {
        "a": ("success", "lost"),
        "b": ("success", "pending"),
        "c": ("success", "failed"),
    }
    resumed = open_store(db)
    resumed.claim(1)  # settling what was lost leaves the marks alone
    assert {job.status for job in resumed.jobs(1)} == {"success"}
    resumed.close()


@pytest.mark.parametrize("left_out", [False, True])
def test_a_mark_on_a_job_that_ran_again_or_was_left_out_since_no_longer_counts(
    store: SqliteStore, left_out: bool
) -> None:
    failed_run(store)
    store.mark_success(1, ["load"], "ann", "by hand")
    Story(store, ["load"], resumed=1).reuses("load")
    second = next(job for job in store.jobs(1) if job.job == "load")
    assert second.mark is not None
    story = Story(store, ["load"], resumed=1, start=time.time() + 9)
    story.skips("load", "left out by --skip") if left_out else story.runs("load", "failed", 1)
    third = next(job for job in store.jobs(1) if job.job == "load")
    assert (third.status, third.mark) == ("skipped" if left_out else "failed", None)
    Story(store, ["load"], resumed=1, start=time.time() + 99).runs("load")
    assert [job.mark for job in store.jobs(1) if job.job == "load"] == [None]
    assert [attempt.marked for attempt in store.attempts_of_run(1)] == [1, 1, 0, 0]


def test_a_mark_on_a_job_that_has_succeeded_by_itself_since_no_longer_counts(store: SqliteStore) -> None:
    failed_run(store)
    store.mark_success(1, ["load"], "ann", "by hand")
    Story(store, ["load"], resumed=1, start=time.time() + 9).runs("load")
    assert [job.mark for job in store.jobs(1) if job.job == "load"] == [None]
    assert [attempt.marked for attempt in store.attempts_of_run(1)] == [1, 0]


def test_behind_sudo_stands_a_person() -> None:
    name = pwd.getpwuid(os.getuid()).pw_name
    assert user_name({}) == name
    assert user_name({"SUDO_USER": name}) == name
    assert user_name({"SUDO_USER": "ann"}) == f"{name} (ann through sudo)"

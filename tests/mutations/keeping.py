"""The history: what is written and committed, who may write, what a dead engine left; and what a resume reuses."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

RECORDING = "exlib/history/recording.py"
SQLITE = "exlib/history/sqlite.py"
SETTLING = "exlib/history/settling.py"
LOCK = "exlib/history/lock.py"
RESUME = "exlib/session/resume.py"
RECORDING_TESTS = ("tests/history/test_recording.py",)
SQLITE_TESTS = "tests/history/test_sqlite.py"
SETTLING_TESTS = ("tests/history/test_settling.py",)
LOCK_TESTS = ("tests/history/test_lock.py",)
RESUME_TESTS = "tests/commands/run/test_resume.py"

MUTATIONS = (
    Mutation(
        "take-the-turn-back",
        SQLITE,
        '"COMMIT"',
        '"ROLLBACK"',
        (f"{SQLITE_TESTS}::test_a_kill_leaves_whole_turns",),
        after="def read(",
    ),
    Mutation(
        "sync-at-no-end",
        SQLITE,
        "type(events[-1]) is RunFinished",
        "False",
        (f"{SQLITE_TESTS}::test_the_log_is_synced_when_a_run_begins_and_ends",),
    ),
    Mutation(
        "begin-without-the-lock",
        SQLITE,
        "self._hold(run)",
        "pass",
        (f"{SQLITE_TESTS}::test_closing_lets_go_of_the_run",),
        after="def _new_run",
    ),
    Mutation(
        "claim-without-the-lock",
        SQLITE,
        "self._hold(run)",
        "pass",
        (f"{SQLITE_TESTS}::test_two_resumes_of_one_run_are_one_resume",),
        after="def claim",
    ),
    Mutation("settle-nothing", SQLITE, "settle(self._connection, self.path, run)", "pass", SETTLING_TESTS),
    Mutation("no-pid-on-record", RECORDING, "in self._spawned_now.items():", "in ():", RECORDING_TESTS),
    Mutation("lost-is-no-failure", RECORDING, '"timeout", "lost")', '"timeout")', RECORDING_TESTS),
    Mutation(
        "count-the-first-try-as-a-retry",
        RECORDING,
        "_JOB_AGAIN, (e.number - 1,",
        "_JOB_AGAIN, (e.number,",
        RECORDING_TESTS,
    ),
    Mutation(
        "a-new-try-overwrites-the-first",
        RECORDING,
        "e.number, time, log)",
        "1, time, log)",
        RECORDING_TESTS,
    ),
    Mutation("the-first-try-is-forgotten", RECORDING, "self._execute(_FIRST_TRY, where)", "pass", RECORDING_TESTS),
    Mutation(
        "reuse-any-attempt",
        RECORDING,
        "AND attempt<? ORDER BY attempt DESC LIMIT 1",
        "AND attempt<? ORDER BY attempt LIMIT 1",
        RECORDING_TESTS,
    ),
    Mutation(
        "retrying-for-ever", SETTLING, "AND status IN ('running', 'retrying')", "AND status='running'", SETTLING_TESTS
    ),
    Mutation("count-no-lost-one", SETTLING, "THEN 'lost' ELSE", "THEN status ELSE", SETTLING_TESTS),
    Mutation(
        "tries-run-for-ever",
        SETTLING,
        "attempt=:attempt AND status='running'\"",
        'attempt=:attempt AND 0"',
        SETTLING_TESTS,
    ),
    Mutation("share-the-lock", LOCK, "LOCK_EX | fcntl.LOCK_NB", "LOCK_SH | fcntl.LOCK_NB", LOCK_TESTS),
    Mutation("lock-a-file-that-is-gone", LOCK, "if _is_file(fd, self.path):", "if True:", LOCK_TESTS),
    Mutation("looking-takes-the-lock", LOCK, "LOCK_SH", "LOCK_EX", LOCK_TESTS, after="def is_held"),
    Mutation(
        "reuse-what-changed",
        RESUME,
        'changed and request.on_change == "rerun"',
        "False",
        (f"{RESUME_TESTS}::test_what_changed_runs_again_with_what_follows_from_it",),
    ),
    Mutation(
        "reuse-what-is-behind-it",
        RESUME,
        "elif ahead is not None and record.mark is None:",
        "elif False:",
        (f"{RESUME_TESTS}::test_what_changed_runs_again_with_what_follows_from_it",),
    ),
    Mutation(
        "reuse-whatever-ran",
        RESUME,
        'record.status != "success":',
        'record.status == "skipped":',
        (f"{RESUME_TESTS}::test_finished_jobs_are_reused_and_the_document_is_found_again",),
    ),
)

"""Processes: how they are made, watched, ended, swept up; and signals to the engine."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

PROCESS = "exlib/engine/process.py"
GUARD = "exlib/engine/guard.py"
LOCAL = "exlib/engine/executors/local.py"
LOGFILE = "exlib/engine/logfile.py"
LOGFILE_TESTS = ("tests/engine/test_logfile.py",)
LOCAL_TESTS = ("tests/engine/test_local.py",)
PROCESS_TESTS = ("tests/engine/test_process.py",)
OUTCOMES = "tests/commands/run/test_outcomes.py"
ENDINGS = "tests/commands/run/test_endings.py"
ROUGH = "tests/commands/run/test_rough.py"

MUTATIONS = (
    Mutation(
        "kill-the-leader-alone",
        PROCESS,
        "os.killpg(pid, number)",
        "os.kill(pid, number)",
        (f"{OUTCOMES}::test_what_a_job_leaves_in_its_group_ends_with_it_unless_it_detaches",),
    ),
    Mutation("kill-whoever-has-the-pid", PROCESS, "if start_time(pid) == born:", "if True:", PROCESS_TESTS),
    Mutation(
        "stdin-of-the-engine",
        PROCESS,
        "os.dup2(nothing, 0)",
        "pass",
        (f"{OUTCOMES}::test_a_job_reads_an_empty_stdin_whatever_the_run_reads",),
    ),
    Mutation("a-busy-machine-is-a-failure", PROCESS, "errno.EAGAIN, ", "", LOCAL_TESTS),
    Mutation("ignored-signals-are-inherited", PROCESS, '("SIGPIPE", ', "(", PROCESS_TESTS),
    Mutation("children-only", PROCESS, "stack.append(pid)", "pass", PROCESS_TESTS),
    Mutation(
        "a-script-needs-a-first-line",
        PROCESS,
        "if error.errno != errno.ENOEXEC:",
        "if True:",
        (f"{OUTCOMES}::test_a_script_without_a_first_line_is_read_by_the_shell",),
    ),
    Mutation(
        "sweep-nothing-up",
        GUARD,
        "swept = sweep()",
        "swept = 0",
        (f"{ENDINGS}::test_kill_9_of_the_engine_leaves_nothing_running",),
    ),
    Mutation(
        "orphans-go-elsewhere",
        GUARD,
        "_PR_SET_CHILD_SUBREAPER, 1,",
        "_PR_SET_CHILD_SUBREAPER, 0,",
        (f"{ENDINGS}::test_kill_9_of_the_engine_leaves_nothing_running",),
    ),
    Mutation(
        "outlive-the-guard",
        GUARD,
        "libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)",
        "pass",
        (f"{ENDINGS}::test_kill_9_of_the_guard_ends_the_run_as_sigterm_does",),
    ),
    Mutation(
        "pass-no-signal-on",
        GUARD,
        "os.kill(engine, number)",
        "pass",
        (f"{ENDINGS}::test_sigterm_ends_every_shape_of_job",),
    ),
    Mutation("count-no-worker", LOCAL, "self._counted += task.counted", "pass", LOCAL_TESTS),
    Mutation("write-into-an-older-log", LOGFILE, "os.O_CREAT | os.O_EXCL", "os.O_CREAT", LOGFILE_TESTS),
    Mutation(
        "follow-a-link-to-a-log",
        LOGFILE,
        "os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK",
        "os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK",
        LOGFILE_TESTS,
    ),
    Mutation("write-into-a-pipe", LOGFILE, "fresh or stat.S_ISREG(os.fstat(fd).st_mode)", "True", LOGFILE_TESTS),
    Mutation("believe-the-free-blocks", LOGFILE, "not _has_room(log)", "False", LOGFILE_TESTS),
    Mutation(
        "kill-at-once",
        LOCAL,
        "kill_at = time.monotonic() + grace",
        "kill_at = time.monotonic()",
        (f"{OUTCOMES}::test_a_job_that_ends_on_term_is_not_killed",),
    ),
    Mutation(
        "leave-the-group-behind",
        LOCAL,
        "if not task.detach or child.ending:",
        "if child.ending:",
        (f"{OUTCOMES}::test_what_a_job_leaves_in_its_group_ends_with_it_unless_it_detaches",),
    ),
    Mutation(
        "look-for-no-mark",
        LOCAL,
        "marked.get(log, set())",
        "set()",
        (f"{ROUGH}::test_a_process_that_left_group_and_parents_ends_with_its_job",),
    ),
    Mutation("look-for-no-descendant", LOCAL, "process.descendants(pid, table) | ", "", (*LOCAL_TESTS,)),
    Mutation("a-full-disk-is-fine", LOCAL, "log_full=not whole or is_full(task.log)", "log_full=False", LOCAL_TESTS),
    Mutation("a-log-stays-in-the-way", LOCAL, "os.unlink(task.log)", "pass", LOCAL_TESTS),
    Mutation(
        "watch-nobody-yet-run",
        LOCAL,
        "process.signal_group(pid, signal.SIGKILL)",
        "pass",
        LOCAL_TESTS,
        after="never learn of",
    ),
    Mutation(
        "forget-one-that-epoll-refused",
        "exlib/engine/watch.py",
        "os.close(fd)\n            raise",
        "raise",
        LOCAL_TESTS,
    ),
    Mutation(
        "one-keystroke-counts-twice",
        "exlib/engine/interrupts.py",
        "if again:",
        "if False:",
        ("tests/engine/test_interrupts.py",),
    ),
    Mutation(
        "run-beside-a-survivor",
        "exlib/session/execute.py",
        "self._settle_survivors(store, found.in_flight, interrupts)",
        "pass",
        ("tests/commands/run/test_resume.py::test_a_job_that_outlived_engine_and_guard_is_never_doubled",),
    ),
)

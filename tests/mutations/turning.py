"""The loop of the engine: what starts, what follows from an end, what stops. Nothing here is a process or a row."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

SCHEDULER = "exlib/engine/scheduler.py"
ATTEMPT = "exlib/engine/attempt.py"
JOURNAL = "exlib/engine/journal.py"
PLAN = "exlib/engine/plan.py"
OUTCOME = "exlib/engine/outcome.py"
SCHEDULES = "tests/engine/test_schedules.py"
SCHEDULER_TESTS = "tests/engine/test_scheduler.py"
PLAN_TESTS = ("tests/engine/test_plan.py", "tests/engine/test_plan_model.py")
LOOP = (SCHEDULER_TESTS, "tests/engine/test_stopping.py", SCHEDULES)
ATTEMPT_TESTS = ("tests/engine/test_attempt.py",)
OUTCOMES = "tests/commands/run/test_outcomes.py"

MUTATIONS = (
    Mutation(
        "spawn-what-is-not-on-record",
        SCHEDULER,
        "self._journal.record()",
        "(None if self._to_spawn else self._journal.record())",
        LOOP,
    ),
    Mutation("heed-no-refusal", SCHEDULER, "self._stop_launching(error.message)", "pass", LOOP),
    Mutation(
        "spawn-what-was-refused",
        SCHEDULER,
        'Result(State.CANCELLED, "CANCELLED", error.message)',
        "None",
        LOOP,
    ),
    Mutation("one-worker-too-many", SCHEDULER, "can_start(len(self._to_spawn))", "can_start()", LOOP),
    Mutation("launch-beside-what-is-held", SCHEDULER, "not self._held and ", "", LOOP),
    Mutation("forget-what-is-held", SCHEDULER, "self._to_spawn += held", "pass", LOOP),
    Mutation("begin-without-its-wait", SCHEDULER, ".waits and self._waiting.needs(node)", ".id is None", LOOP),
    Mutation("retry-after-a-stop", SCHEDULER, "elif self._stop is not None:", "elif False:", LOOP),
    Mutation("forget-a-retry", SCHEDULER, "self._due.append(node)", "pass", LOOP),
    Mutation("retry-at-once", SCHEDULER, "self._timers.at(now + delay,", "self._timers.at(now,", LOOP),
    Mutation("go-on-after-a-failure", SCHEDULER, "if state in FAILURES and not (", "if False and not (", LOOP),
    Mutation("a-timeout-hits-the-next-try", SCHEDULER, "attempt.number == number and ", "", LOOP),
    Mutation("a-timeout-ends-nothing", SCHEDULER, "self._executor.abort(node,", "id(node) or dict(", LOOP),
    Mutation("an-interrupt-ends-nothing", SCHEDULER, "self._executor.abort(grace=grace)", "pass", LOOP),
    Mutation("a-run-timeout-of-no-effect", SCHEDULER, "+ self._options.timeout, self._run", "+ 1e9, self._run", LOOP),
    Mutation(
        "a-wait-given-up-is-a-deadlock",
        SCHEDULER,
        " and not self._waiting.hosted",
        "",
        (SCHEDULER_TESTS,),
        after="def _wait(",
    ),
    Mutation("no-exit-code-is-a-failure", ATTEMPT, "if code:", "if False:", LOOP),
    Mutation(
        "a-failed-post-check-is-a-success",
        ATTEMPT,
        'yield from self._check(check, "post-check", code)',
        "None",
        LOOP,
    ),
    Mutation("a-timeout-may-be-a-success", ATTEMPT, "if self.ending is not None:", "if False:", LOOP),
    Mutation(
        "a-signal-is-an-exit-code",
        ATTEMPT,
        "if name is not None:",
        "if False:",
        (f"{OUTCOMES}::test_a_signal_is_named_and_counted_as_128_plus_its_number",),
    ),
    Mutation("one-retry-too-many", ATTEMPT, "number > retry.limit", "number > retry.limit + 1", ATTEMPT_TESTS),
    Mutation("retry-what-was-cancelled", ATTEMPT, "or result.state is State.CANCELLED ", "", ATTEMPT_TESTS),
    Mutation(
        "forget-the-delay-in-the-time",
        ATTEMPT,
        "elapsed + delay > retry.max_time",
        "elapsed > retry.max_time",
        ATTEMPT_TESTS,
    ),
    Mutation("delays-do-not-grow", ATTEMPT, "** (number - 1)", "** 0", ATTEMPT_TESTS),
    Mutation(
        "forget-what-was-refused",
        JOURNAL,
        "return error",
        "self._unkept.clear()",
        ("tests/engine/test_journal.py", SCHEDULES),
        after="def record(",
    ),
    Mutation(
        "owe-it-for-ever",
        JOURNAL,
        "self._unwritten = []",
        "pass",
        ("tests/engine/test_journal.py", SCHEDULES),
        after="def _write_up",
    ),
    Mutation(
        "owe-until-there-is-news",
        JOURNAL,
        "or not self._unwritten:",
        "or not self._untold:",
        ("tests/engine/test_journal.py", SCHEDULES),
    ),
    Mutation(
        "tell-a-secret",
        JOURNAL,
        "if self._mask.active else event",
        "if False else event",
        ("tests/engine/test_journal.py",),
    ),
    Mutation("ignore-a-dependency", PLAN, "[len(wanted) for", "[min(len(wanted), 1) for", PLAN_TESTS),
    Mutation("lowest-priority-first", PLAN, "[-number for", "[number for", PLAN_TESTS),
    Mutation("run-what-is-left-out", PLAN, "self._left_out.add(node)", "pass", PLAN_TESTS),
    Mutation(
        "leaving-out-takes-order",
        PLAN,
        "if not count and self.states[node] is State.PENDING:",
        "if node in self._left_out or not count and self.states[node] is State.PENDING:",
        PLAN_TESTS,
    ),
    Mutation("skip-children-only", PLAN, "stack.append(other)", "pass", PLAN_TESTS, after="def fail"),
    Mutation("any-move-is-legal", PLAN, "check_move(self.states[node], state)", "pass", PLAN_TESTS),
    Mutation("a-failure-is-exit-code-0", OUTCOME, "Exit.NO if failed else Exit.OK", "Exit.OK", LOOP),
)

"""The tools around the engine: order that is kept, changes that are not lost, conditions that are not decided."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

ORDER = "exlib/optimize/order.py"
REDUCTION = "exlib/analysis/reduction.py"
THREEWAY = "exlib/merge/threeway.py"
INCLUDES = "exlib/merge/includes.py"
EVENTS = "exlib/logs/reading/events.py"
CHECKS = "exlib/plugins/checks.py"
CONVERSION = "exlib/convert/conversion.py"
THREEWAY_TESTS = ("tests/merge/test_threeway.py",)
INCLUDES_TESTS = ("tests/merge/test_includes.py",)
CHECK_TESTS = ("tests/plugins/test_checks.py",)
CONVERSION_TESTS = ("tests/convert/test_conversion.py",)

MUTATIONS = (
    Mutation(
        "drop-a-dependency-that-orders",
        ORDER,
        "left &= ~(after[other] |",
        "left &= ~(-1 |",
        ("tests/optimize/test_engine.py", "tests/optimize/test_order.py"),
    ),
    Mutation(
        "reduce-by-what-came-before", REDUCTION, "reverse=True", "reverse=False", ("tests/analysis/test_reduction.py",)
    ),
    Mutation("a-deletion-wins-over-a-change", THREEWAY, "if first in (mine, other):", "if True:", THREEWAY_TESTS),
    Mutation(
        "a-dependency-on-a-deleted-job-stays",
        THREEWAY,
        "if target not in wanted and not _was_missing(job, target, mine)",
        "if False",
        THREEWAY_TESTS,
    ),
    Mutation("a-circle-of-two-sides-goes-unseen", THREEWAY, "if not any(_has_all", "if any(_has_all", THREEWAY_TESTS),
    Mutation("the-included-document-wins", INCLUDES, "piece if known is None", "piece if included", INCLUDES_TESTS),
    Mutation("includes-in-a-circle", INCLUDES, "if step.path in (other.path", "if None in (other.path", INCLUDES_TESTS),
    Mutation(
        "a-damaged-line-goes-uncounted",
        EVENTS,
        "self.damages.add(number, damage.why, damage.detail)",
        "pass",
        ("tests/logs/reading/test_events.py",),
    ),
    Mutation("everybody-allows-a-job", CHECKS, 'os.environ.get("EX_ALLOW", "")', '"all"', CHECK_TESTS),
    Mutation(
        "a-part-of-an-id-allows-it",
        CHECKS,
        "context.job in (allowed,",
        "context.job.startswith(allowed) or context.job in (allowed,",
        CHECK_TESTS,
    ),
    Mutation("what-a-writer-leaves-out-goes-unsaid", CONVERSION, "out.settle()", "None", CONVERSION_TESTS),
    Mutation("what-is-no-workflow-comes-out", CONVERSION, "if not found:", "if True:", CONVERSION_TESTS),
)

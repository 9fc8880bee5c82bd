"""Plans to be told: small ones by hand, hostile ones, and random ones."""

from __future__ import annotations

from hypothesis import strategies as st

from exlib.masking import UNMASKED, Mask
from exlib.report.plan_words import Told
from exlib.simulation.durations import Durations, of_one_unit
from exlib.simulation.outlook import Wanted, look_ahead
from exlib.workflow import Job
from tests.engine.fakes import job
from tests.simulation.plans import cases, known

HOSTILE = "</script><img src=x onerror=alert(1)>&\"'|`*\x1b[31m"


def small(command: str = "run it", mask: Mask = UNMASKED, workers: int = 2, **wanted: object) -> Told:
    """``first`` before ``left`` (which varies) and ``right``, both before ``last``; ``lone`` beside them."""
    jobs = [
        job(0, "first", command=command, timeout=600.0),
        job(1, "left", ["first"], command=command, timeout=None),
        job(2, "right", ["first"], command=command, timeout=600.0),
        job(3, "last", ["left", "right"], command=command, timeout=600.0),
        job(4, "lone", command="", timeout=600.0),
    ]
    durations = known(jobs, [10.0, 60.0, 30.0, 5.0, 0.0], left=(50.0, 60.0, 90.0))
    return Told("nightly", look_ahead(jobs, durations, Wanted(workers, **wanted)), mask=mask)  # type: ignore[arg-type]


def hostile() -> Told:
    """Markup, Markdown and control characters wherever a document can have them."""
    jobs = [
        job(0, HOSTILE, command=HOSTILE, description=HOSTILE, timeout=None),
        job(1, f"{HOSTILE}2", [HOSTILE], command=HOSTILE, timeout=1.0),
    ]
    return Told(HOSTILE, look_ahead(jobs, known(jobs, [1.0, 2.0]), Wanted(3)))


def units(*jobs: Job) -> Told:
    """A plan of which no time is known."""
    return Told("nightly", look_ahead(jobs, of_one_unit(jobs, "there is no history yet"), Wanted(2)))


@st.composite
def plans(draw: st.DrawFn) -> Told:
    """Any plan, with or without what it is compared with."""
    case = draw(cases(10))
    samples = {one.id: (5.0, 6.0) for one in case.jobs if draw(st.booleans())}
    durations: Durations = known(case.jobs, case.seconds, **samples)
    wanted = Wanted(case.workers, draw(st.sampled_from([None, (1, 2, 3)])), draw(st.sampled_from([0, 3])))
    look = look_ahead(case.jobs, durations, wanted)
    before = draw(st.sampled_from([None, look]))
    return Told("nightly", look, before, ["left takes 5s"] if before else [])

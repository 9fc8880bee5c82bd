"""Random schedules on a fake machine, each held to every law of tests/engine/laws.py."""

from __future__ import annotations

from hypothesis import given, settings

from tests.engine.fakes import Fake
from tests.engine.laws import keeps_every_law
from tests.engine.worlds import kind_worlds, rough_worlds


@settings(max_examples=150)
@given(kind_worlds())
def test_every_schedule_keeps_the_laws(fake: Fake) -> None:
    keeps_every_law(fake, fake.run())


@settings(max_examples=250)
@given(rough_worlds())
def test_every_schedule_keeps_the_laws_in_rough_surroundings(fake: Fake) -> None:
    keeps_every_law(fake, fake.run())

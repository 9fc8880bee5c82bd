"""How often a person has to ask, and what counts as asking once."""

from __future__ import annotations

import signal
import time

import pytest

from exlib.engine.interrupts import Interrupts, Level

INT, TERM = signal.SIGINT, signal.SIGTERM


@pytest.mark.parametrize(
    ("signals", "level", "last"),
    [
        ([(0.0, INT)], Level.DRAIN, INT),
        ([(0.0, INT), (0.1, INT)], Level.DRAIN, INT),
        ([(0.0, INT), (1.0, INT)], Level.END, INT),
        ([(0.0, INT), (1.0, INT), (2.0, INT), (3.0, INT)], Level.KILL, INT),
        ([(0.0, TERM)], Level.END, TERM),
        ([(0.0, TERM), (0.1, TERM)], Level.END, TERM),
        ([(0.0, TERM), (1.0, TERM)], Level.KILL, TERM),
        ([(0.0, INT), (0.1, TERM)], Level.END, TERM),
        ([(0.0, TERM), (1.0, INT)], Level.KILL, TERM),
    ],
)
def test_levels(
    monkeypatch: pytest.MonkeyPatch, signals: list[tuple[float, signal.Signals]], level: Level, last: signal.Signals
) -> None:
    interrupts = Interrupts()
    for when, number in signals:
        monkeypatch.setattr(time, "monotonic", lambda when=when: 1000.0 + when)
        interrupts._note(number, None)
    assert (interrupts.level, interrupts.signal) == (level, last)

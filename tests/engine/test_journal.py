"""The history first, and what it refuses again later; nobody is told a secret."""

from __future__ import annotations

from collections.abc import Sequence

from exlib.engine.journal import PATIENCE, Journal
from exlib.errors import Busy, StorageError
from exlib.events import AttemptStarted, Event, Notice, Reader
from exlib.masking import Mask
from tests.engine.fakes import Clock


class Listener(Reader):
    def __init__(self, refusals: int = 0) -> None:
        self.heard: list[Event] = []
        self.refusals = refusals

    def read(self, events: Sequence[Event]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StorageError("full")
        self.heard += events


def test_what_the_history_refused_it_is_told_again_in_order() -> None:
    history, other = Listener(refusals=2), Listener()
    journal = Journal(history, [other])
    for word in ("one", "two", "three"):
        journal.notice("info", word)
        refused = journal.flush()
        assert (refused is None) == (word == "three")
    assert [event.message for event in history.heard if isinstance(event, Notice)] == ["one", "two", "three"]
    assert len(other.heard) == 3


def test_what_is_owed_is_offered_again_though_nothing_new_happened() -> None:
    history = Listener(refusals=1)
    journal = Journal(history)
    journal.notice("info", "one")
    assert journal.flush() is not None
    assert journal.flush() is None
    assert journal.flush() is None
    assert len(history.heard) == 1


def test_a_reader_that_cannot_write_is_left_out_and_named() -> None:
    history, broken = Listener(), Listener(refusals=9)
    journal = Journal(history, [broken])
    journal.notice("info", "one")
    assert journal.flush() is not None
    journal.notice("info", "two")
    assert journal.flush() is None
    assert broken.refusals == 8


def test_secrets_are_hidden_from_everybody() -> None:
    history, other = Listener(), Listener()
    journal = Journal(history, [other], Mask(["hunter-2222"]))
    journal.emit(AttemptStarted(1.0, "a", 1, "login hunter-2222", "a.log", ""))
    journal.notice("info", "hunter-2222 was used")
    journal.flush()
    assert "hunter" not in repr(history.heard) + repr(other.heard)
    assert "login ********" in repr(history.heard)


class Locked(Listener):
    """A history that another process keeps locked until ``until``, and that keeps turns meanwhile."""

    def __init__(self, clock: Clock, until: float) -> None:
        super().__init__()
        self.clock = clock
        self.until = until
        self.asked = 0
        self.kept: list[Event] = []

    def keep(self, events: Sequence[Event]) -> None:
        self.kept += events

    def read(self, events: Sequence[Event]) -> None:
        self.asked += 1
        if self.clock.now < self.until:
            raise Busy("the history is locked by another process", mend="look who")
        super().read(events)


def words(events: Sequence[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Notice)]


def test_a_turn_is_kept_before_it_is_written_up_and_told() -> None:
    clock = Clock()
    history, other = Locked(clock, 0), Listener()
    journal = Journal(history, [other], clock=clock)
    journal.notice("info", "one")
    assert journal.record() is None
    journal.notice("info", "two")
    assert journal.record() is None
    assert words(history.kept) == ["one", "two"]
    assert (history.heard, other.heard, journal.behind) == ([], [], True)
    assert journal.flush() is None
    assert words(history.heard) == words(other.heard) == ["one", "two"]
    assert not journal.behind


def test_a_locked_history_keeps_everything_and_is_written_up_in_order() -> None:
    clock = Clock()
    history, other = Locked(clock, clock.now + 20), Listener()
    journal = Journal(history, [other], clock=clock)
    for second in range(21):
        journal.notice("info", f"{second}")
        assert journal.flush() is None
        assert [word for word in words(history.kept) if word.isdigit()] == [str(n) for n in range(min(second + 1, 20))]
        assert second == 20 or journal.next_tick() is not None
        clock.now += 1
    assert [word for word in words(history.heard) if word.isdigit()] == [str(second) for second in range(21)]
    told = [word for word in words(other.heard) if "locked" in word]
    assert told == ["the history is locked by another process; it is written up when it is free (look who)"]


def test_a_locked_history_is_not_asked_again_at_every_turn() -> None:
    clock = Clock()
    history = Locked(clock, clock.now + 20)
    journal = Journal(history, clock=clock)
    for _ in range(1000):
        journal.notice("info", "busy")
        journal.flush()
        clock.now += 0.001
    assert history.asked < 10


def test_the_end_waits_for_a_locked_history_while_one_is_patient() -> None:
    clock = Clock()
    history = Locked(clock, clock.now + PATIENCE / 2)
    journal = Journal(history, clock=clock)

    def patient() -> bool:
        clock.now += 10
        return True

    journal.notice("info", "the end")
    assert isinstance(journal.finish(lambda: False), Busy)
    assert words(history.kept) == ["the end"]
    assert journal.finish(patient) is None
    assert "the end" in words(history.heard)


def test_patience_with_a_locked_history_ends() -> None:
    clock = Clock()
    journal = Journal(Locked(clock, float("inf")), clock=clock)

    def patient() -> bool:
        clock.now += 10
        return True

    journal.notice("info", "the end")
    since = clock.now
    assert isinstance(journal.finish(patient), Busy)
    assert clock.now - since >= PATIENCE

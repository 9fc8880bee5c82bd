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
    """A history that another process keeps locked until ``until``."""

    def __init__(self, clock: Clock, until: float) -> None:
        super().__init__()
        self.clock = clock
        self.until = until
        self.asked = 0

    def read(self, events: Sequence[Event]) -> None:
        self.asked += 1
        if self.clock.now < self.until:
            raise Busy("the history is locked by another process", mend="look who")
        super().read(events)


def words(listener: Listener) -> list[str]:
    return [event.message for event in listener.heard if isinstance(event, Notice)]


def test_a_locked_history_is_waited_for_and_told_everything_in_order() -> None:
    clock = Clock()
    history, other = Locked(clock, clock.now + 20), Listener()
    journal = Journal(history, [other], clock=clock)
    for second in range(21):
        journal.notice("info", f"{second}")
        assert journal.flush() is None
        assert (journal.locked is not None) == (second < 20)
        assert second == 20 or journal.next_tick() is not None
        clock.now += 1
    assert [word for word in words(history) if word.isdigit()] == [str(second) for second in range(21)]
    told = [word for word in words(other) if "locked" in word]
    assert told == ["the history is locked by another process; nothing new starts until it is free (look who)"]


def test_a_locked_history_is_not_asked_again_at_every_turn() -> None:
    clock = Clock()
    history = Locked(clock, clock.now + 20)
    journal = Journal(history, clock=clock)
    for _ in range(1000):
        journal.notice("info", "busy")
        journal.flush()
        clock.now += 0.001
    assert history.asked < 10


def test_patience_with_a_locked_history_ends_and_nothing_is_forgotten() -> None:
    clock = Clock()
    history = Locked(clock, clock.now + PATIENCE + 5)
    journal = Journal(history, clock=clock)
    journal.notice("info", "one")
    assert journal.flush() is None
    clock.now += PATIENCE
    refused = journal.flush()
    assert refused is not None
    assert refused.message == "the history is locked by another process, for 60 s already"
    assert journal.locked is None
    journal.notice("info", "two")
    assert journal.flush() is not None
    clock.now += 5
    assert journal.flush() is None
    assert words(history) == ["one", "two"]


def test_the_last_word_waits_for_a_locked_history_while_one_is_patient() -> None:
    clock = Clock()
    history, other = Locked(clock, clock.now + 20), Listener()
    journal = Journal(history, [other], clock=clock)

    def patient() -> bool:
        clock.now += 10
        return True

    journal.notice("info", "the end")
    assert journal.record_at_last(lambda: False) is journal.locked is not None
    journal.notice("info", "really")
    assert journal.record_at_last(patient) is None
    journal.tell()
    for listener in (history, other):
        assert [word for word in words(listener) if "locked" not in word] == ["the end", "really"]

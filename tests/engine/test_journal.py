"""The history first, and what it refuses again later; nobody is told a secret."""

from __future__ import annotations

from collections.abc import Sequence

from exlib.engine.journal import Journal
from exlib.errors import StorageError
from exlib.events import AttemptStarted, Event, Notice, Reader
from exlib.masking import Mask


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

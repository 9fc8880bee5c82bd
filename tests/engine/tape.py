"""What is written down of a run on a fake machine: what history, readers and executor were told, in order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, SupportsIndex

from exlib.engine.executor import Task
from exlib.engine.states import State
from exlib.errors import StorageError
from exlib.events import AttemptFinished, AttemptStarted, Event, JobFinished, Reader


class Recorded(NamedTuple):
    """The history took these events."""

    events: list[Event]


class Refused(NamedTuple):
    """The history was told these events and refused them."""

    events: list[Event]


class Told(NamedTuple):
    """The other readers were told these events."""

    events: list[Event]


class Spawned(NamedTuple):
    """The executor started a task; ``number`` counts the starts of its key."""

    task: Task


class Waited(NamedTuple):
    """The scheduler has nothing more to do at ``now`` and waits; ``room`` is whether a worker is free."""

    now: float
    until: float | None
    room: bool
    held: frozenset[int]


class Signalled(NamedTuple):
    """The scheduler's interrupts rose to ``level`` at ``now``."""

    now: float
    level: int


Entry = Recorded | Refused | Told | Spawned | Waited | Signalled
Tape = list[Entry]
"""What happened in a run between scheduler, history, readers and executor, in order."""


def emitted(tape: Tape) -> Iterator[tuple[Entry, list[Event]]]:
    """Each entry with the events that the history was offered then for the first time: what happened, as it did."""
    owed: list[Event] = []
    for entry in tape:
        fresh: list[Event] = []
        if isinstance(entry, (Recorded, Refused)):
            assert entry.events[: len(owed)] == owed, "what was refused is offered again, in order"
            fresh = entry.events[len(owed) :]
            owed = entry.events if isinstance(entry, Refused) else []
        yield entry, fresh


class WatchedStates(list[State]):
    """The states of a plan; every change is noted as (node, old, new)."""

    def __init__(self, states: Iterable[State]) -> None:
        super().__init__(states)
        self.moves: list[tuple[int, State, State]] = []

    def __setitem__(self, node: SupportsIndex | slice, state: object) -> None:
        assert isinstance(node, int)
        assert isinstance(state, State)
        self.moves.append((node, self[node], state))
        super().__setitem__(node, state)


class Recorder(Reader):
    """Keeps every event, turn by turn. Calls that bring new ones and whose number is in ``refusals`` are refused."""

    def __init__(self, tape: Tape | None = None, refusals: Collection[int] = ()) -> None:
        self.turns: list[list[Event]] = []
        self.refused = 0
        self._calls = 0
        self._kept = 0
        self._refusals = refusals
        self._tape: Tape = [] if tape is None else tape

    def read(self, events: Sequence[Event]) -> None:
        """Write up what was kept, and take what was not."""
        assert self.events[len(self.events) - self._kept :] == list(events[: self._kept])
        if len(events) > self._kept:
            self.keep(events[self._kept :])
        self._kept = 0

    def keep(self, events: Sequence[Event]) -> None:
        self._calls += 1
        if self._calls in self._refusals:
            self.refused += 1
            self._tape.append(Refused(list(events)))
            raise StorageError("the history is full")
        self.turns.append(list(events))
        self._kept += len(events)
        self._tape.append(Recorded(list(events)))

    @property
    def events(self) -> list[Event]:
        return [event for turn in self.turns for event in turn]

    def status(self) -> dict[str, str]:
        return {event.job: event.status for event in self.events if isinstance(event, JobFinished)}

    def reasons(self) -> dict[str, str | None]:
        return {event.job: event.reason for event in self.events if isinstance(event, JobFinished)}

    def starts(self) -> list[str]:
        return [event.job for event in self.events if isinstance(event, AttemptStarted)]

    def tries(self, name: str) -> list[AttemptFinished]:
        return [event for event in self.events if isinstance(event, AttemptFinished) and event.job == name]


class Listener(Reader):
    """Is told after the history, as displays and logs are."""

    def __init__(self, tape: Tape) -> None:
        self.heard: list[Event] = []
        self._tape = tape

    def read(self, events: Sequence[Event]) -> None:
        self.heard += events
        self._tape.append(Told(list(events)))

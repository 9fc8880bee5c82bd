"""What became of every construct of a source or a document: nothing is lost without a word.

Every construct ends with one of four fates. *exact*: the result does the same. *approximated*: it does nearly the
same, and the reason says what differs. *dropped*: it is not in the result. *manual*: a person has something to do
before the result does what the source did. What a reader has not accounted for when it ends is dropped by ``settle``,
so a construct that nobody thought of is in the report too.
"""

from typing import Literal, NamedTuple, get_args

Fate = Literal["exact", "approximated", "dropped", "manual"]
FATES: tuple[Fate, ...] = get_args(Fate)
UNREAD = "nothing here reads it"


class Place(NamedTuple):
    """Where a construct stands: lines count from 1, 0 is unknown; ``path`` is its place in the structure of its file.

    ``whole``: what is said of it holds for all below it too. Else it is its own line, key or value alone.
    """

    file: str
    line: int = 0
    end_line: int = 0
    path: str = ""
    text: str = ""
    whole: bool = False


class Entry(NamedTuple):
    """One construct and its fate; ``job`` is the id of the job that it became or became part of."""

    fate: Fate
    construct: str
    place: Place
    reason: str = ""
    job: str | None = None


class Account:
    """The entries, in the order in which they were made."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def exact(self, place: Place, construct: str, reason: str = "", *, job: str | None = None) -> None:
        """The result does the same; ``reason`` says how, where that is not plain."""
        self.entries.append(Entry("exact", construct, place, reason, job))

    def approximated(self, place: Place, construct: str, reason: str, *, job: str | None = None) -> None:
        """The result does nearly the same."""
        self.entries.append(Entry("approximated", construct, place, reason, job))

    def dropped(self, place: Place, construct: str, reason: str, *, job: str | None = None) -> None:
        """It is not in the result."""
        self.entries.append(Entry("dropped", construct, place, reason, job))

    def manual(self, place: Place, construct: str, reason: str, *, job: str | None = None) -> None:
        """A person has something to do; ``reason`` says what."""
        self.entries.append(Entry("manual", construct, place, reason, job))

    def count(self, fate: Fate) -> int:
        """How many constructs ended so."""
        return sum(entry.fate == fate for entry in self.entries)

    @property
    def lossless(self) -> bool:
        """Whether every construct is exact."""
        return all(entry.fate == "exact" for entry in self.entries)

    def covered_lines(self, file: str) -> set[int]:
        """The lines of a file that an entry speaks of."""
        covered: set[int] = set()
        for entry in self.entries:
            place = entry.place
            if place.file == file and place.line:
                covered.update(range(place.line, max(place.line, place.end_line) + 1))
        return covered

"""Everything that is told of two documents, in one record."""

from typing import NamedTuple

from exlib.delta.effects import Effects
from exlib.delta.meaning import Meaning
from exlib.delta.model import Delta, Order
from exlib.delta.summary import sentence
from exlib.document import Document


class Redone(NamedTuple):
    """What a resume would do after a success: jobs that run, with the reason, in document order; how many do not."""

    again: tuple[tuple[str, str], ...]
    reused: int


class Difference(NamedTuple):
    """``before`` and ``after`` go by ``names``. ``order`` is None unless it was asked for.

    ``effects`` and ``redone`` are None where nothing differs, and where ``unsound`` names documents with errors: what
    counts in them for a job, nobody can say.
    """

    names: tuple[str, str]
    before: Document
    after: Document
    delta: Delta
    meaning: Meaning
    order: Order | None
    effects: Effects | None
    redone: Redone | None
    unsound: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether the documents are the same as workflows."""
        return not self.delta and not self.order

    @property
    def sentence(self) -> str:
        """The difference in one sentence."""
        return sentence(self.delta, self.meaning, self.effects, self.order)

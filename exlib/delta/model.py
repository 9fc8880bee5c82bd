"""The records of a comparison of documents."""

from typing import Any, Final, NamedTuple


class _Absent:
    """No value: the key is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""Stands for the value of a key that is not there."""


class Change(NamedTuple):
    """A key with its values; ``env_variables`` are told one by one, as ``env_variables.NAME``.

    Of dependencies ``before`` has those that went and ``after`` those that came, as a document writes them.
    """

    key: str
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        return "added" if self.before is ABSENT else "removed" if self.after is ABSENT else "changed"


class JobDelta(NamedTuple):
    """A job that is in both documents, by its id in the second, and what of it differs."""

    job: str
    changes: tuple[Change, ...]


class Rename(NamedTuple):
    """A job of the first document that has another id in the second; ``exact`` if nothing else of it differs."""

    before: str
    after: str
    exact: bool


class Order(NamedTuple):
    """What stands in another order alone: jobs that moved, and jobs whose keys or dependencies did.

    ``settings`` tells whether the document's own keys moved.
    """

    jobs: tuple[str, ...]
    keys: tuple[str, ...]
    dependencies: tuple[str, ...]
    settings: bool

    def __bool__(self) -> bool:
        """Whether anything stands elsewhere."""
        return bool(self.jobs or self.keys or self.dependencies or self.settings)


class Delta(NamedTuple):
    """From the first document to the second. ``settings`` are keys of the document itself; all in document order.

    ``renamed`` jobs are neither added nor removed; one that differs besides is in ``changed`` too, by its new id.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[JobDelta, ...]
    settings: tuple[Change, ...]
    renamed: tuple[Rename, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.added or self.removed or self.changed or self.settings or self.renamed)

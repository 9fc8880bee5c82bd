"""A document with other dependencies and limits: only the lists and values that change are written anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from exlib.document import Document, Editor
from exlib.document.edit import Splice
from exlib.select import Roster
from exlib.workflow import dependency_entries, dependency_target

DROPPED = "x-dropped-dependencies"
"""The note in a job with the dependencies that were given up: each id with the reason."""


class Rewriting:
    """Collects what becomes of the jobs of one document."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._document: Document = roster.document
        self._editor = Editor(roster.document)
        self.duplicates: list[tuple[int, int]] = []
        """(job, dependency) that were listed more often than once; one for each that went."""

    def dependencies(self, node: int, wanted: Sequence[int]) -> None:
        """Let a job depend on these jobs; its waits, and entries that are more than an id, stay as they are."""
        raw = self._document.jobs[node]
        entries = dependency_entries(raw)
        left = dict.fromkeys(wanted)
        seen: set[int] = set()
        kept = []
        for at, entry in enumerate(entries):
            other = self._node(entry)
            if other is None or not is_plain(entry):
                kept.append(at)
            elif other in seen:
                self.duplicates.append((node, other))
            elif other in left:
                kept.append(at)
            if other is not None:
                seen.add(other)
        added = [self._roster.ids[other] for other in wanted if other not in seen]
        if len(kept) < len(entries) or added:
            self._write(node, raw["dependencies"], [entries[at] for at in kept], kept, added)

    def set(self, node: int, key: str, value: Any) -> None:
        """Give a job's key a value."""
        if key in self._document.jobs[node]:
            self._editor.replace(("jobs", node, key), value)
        else:
            self._editor.add(("jobs", node), key, value)

    def note(self, node: int, reasons: Mapping[str, str]) -> None:
        """Say in the job which of its dependencies were given up, beside those of earlier times."""
        known = self._document.jobs[node].get(DROPPED)
        self.set(node, DROPPED, {**(known if isinstance(known, dict) else {}), **reasons})

    def result(self) -> bytes:
        """The document as it now is; without a change the bytes that it came with."""
        return self._editor.result() if self._editor.changed else self._document.raw

    def splices(self) -> list[Splice]:
        """The changes, over the text of the document."""
        return self._editor.splices()

    def _write(self, node: int, value: Any, entries: list[Any], kept: list[int], added: list[str]) -> None:
        at = ("jobs", node, "dependencies")
        if isinstance(value, str):  # the old spelling stays where it can say it: an id with a comma needs a list
            names = [*entries, *added]
            plain = names and not any("," in name or name != name.strip() for name in names)
            self._editor.replace(at, (", " if ", " in value else ",").join(names) if plain else names)
        elif added:
            self._editor.replace_array(at, [*entries, *added])
        else:
            self._editor.keep_items(at, frozenset(kept))

    def _node(self, entry: Any) -> int | None:
        target = dependency_target(entry)
        return None if target is None else self._roster.index.get(target)


def is_plain(entry: Any) -> bool:
    """Whether a dependency is a job's id and nothing else, in either form."""
    return isinstance(entry, str) or len(entry) == 1


def pinned(roster: Roster) -> Iterator[tuple[int, int]]:
    """(job, dependency) whose entry says more than the id: a condition of later versions, a note, a wait."""
    for node, raw in enumerate(roster.document.jobs):
        for entry in dependency_entries(raw):
            if not is_plain(entry):
                other = roster.index.get(dependency_target(entry) or "")
                if other is not None:
                    yield node, other

"""``includes``: the documents that a document names are laid under it, so that what it says itself wins.

A path is relative to the file that names it, on standard input to the current directory. Of several the later wins,
and an included document may include others. A job counts whole; variables are settled one by one; ``secrets`` and
``dependency_plugins`` are united. What a document says of itself (its name, its description) is not handed on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from exlib.document import STDIN_NAME, Document
from exlib.document.patchwork import Listing, Made, Piece, Table, Taken, write
from exlib.findings import DocumentRefused, Pointer
from exlib.merge.sameness import members_of, settings_of
from exlib.merge.settings import OF_A_DOCUMENT
from exlib.workflow import job_id

KEY = "includes"
MOST_DEEP = 16
"""How many documents may include each other in a row."""
_UNITED = ("secrets", "dependency_plugins")


class Resolved(Document):
    """A document put together from several, ``own`` being the first: messages name the file that a value came from."""

    def __init__(self, own: Document, root: Piece) -> None:
        super().__init__(write(root, own), own.name)
        self.own = own
        self.root = root

    def origin(self, pointer: Pointer) -> tuple[Document, Pointer]:
        """The document that a value was taken from, and where it stands there."""
        piece = self.root
        found: tuple[Document, Pointer] = (self.own, ())  # what was made for the merge stands nowhere
        for depth, step in enumerate(pointer):
            below = _below(piece, step)
            if below is None:
                break
            piece = below
            home = piece if isinstance(piece, Taken) else None if isinstance(piece, Made) else piece.home
            if home is not None:
                found = (home.document, home.pointer)
            if isinstance(piece, Taken):
                found = (piece.document, (*piece.pointer, *pointer[depth + 1 :]))
                break
        document, at = found
        return document.origin(at)


def _below(piece: Piece, step: str | int) -> Piece | None:
    if isinstance(piece, Table):
        return piece.members.get(str(step))
    if isinstance(piece, Listing) and isinstance(step, int) and step < len(piece.items):
        return piece.items[step]
    return None


def resolved(document: Document) -> Document:
    """The document with what it includes; itself if it includes nothing. Raises DocumentRefused."""
    if KEY not in document.data:
        return document
    start = () if document.name == STDIN_NAME else (_Step(document.name, os.path.realpath(document.name)),)
    layer = _Reader(document.directory).layer(document, start)
    members = dict(layer.settings.values())
    jobs = layer.jobs_piece(document)
    if jobs is not None:
        members["jobs"] = jobs
    own = [key for key in document.data if key in members]
    new = [key for key in members if key not in document.data]
    at = own.index("jobs") if "jobs" in own else len(own)
    order = [*own[:at], *new, *own[at:]]
    return Resolved(document, Table({key: members[key] for key in order}, Taken(document)))


@dataclass(frozen=True, slots=True)
class _Step:
    """A file on the way from the first document, as it is shown and as it is."""

    shown: str
    path: str


@dataclass
class _Layer:
    """What a document and its includes say: settings by today's names with their spelling, jobs in their order."""

    settings: dict[str, tuple[str, Piece]] = field(default_factory=dict)
    jobs: list[tuple[str | None, Piece]] = field(default_factory=list)
    no_list: Piece | None = None
    has_jobs: bool = False

    def put(self, other: _Layer, *, included: bool) -> None:
        """Lay another layer over this one."""
        for key, (spelt, piece) in other.settings.items():
            if included and key in OF_A_DOCUMENT:
                continue
            known = self.settings.get(key)
            self.settings[key] = (spelt, piece if known is None else _over(key, known[1], piece))
        taken = {name for name, _ in other.jobs if name is not None}
        self.jobs = [job for job in self.jobs if job[0] not in taken] + other.jobs
        self.no_list = other.no_list or self.no_list
        self.has_jobs |= other.has_jobs

    def jobs_piece(self, document: Document) -> Piece | None:
        """The jobs as a piece; None if no document has any."""
        if self.no_list is not None:
            return self.no_list
        if not self.has_jobs:
            return None
        home = Taken(document, ("jobs",)) if isinstance(document.data.get("jobs"), list) else None
        return Listing([piece for _, piece in self.jobs], home)


def _over(key: str, below: Piece, above: Piece) -> Piece:
    """One setting over another."""
    if key == "env_variables" and isinstance(below, Table) and isinstance(above, Table):
        home = above.home
        own = {} if home is None else {name: above.members[name] for name in above.members}
        return Table({**own, **{name: piece for name, piece in below.members.items() if name not in own}}, home)
    if key in _UNITED and isinstance(below, Listing) and isinstance(above, Listing):
        words = {word for piece in above.items for word in _words(key, piece)}
        more = [piece for piece in below.items if words.isdisjoint(_words(key, piece))]
        return Listing([*above.items, *more], above.home)
    return above


def _words(key: str, piece: Piece) -> list[str]:
    return list(members_of(key, [piece.value])) if isinstance(piece, (Taken, Made)) else []


class _Reader:
    """Reads documents and what they include; each file once."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._layers: dict[str, _Layer] = {}

    def layer(self, document: Document, way: Sequence[_Step]) -> _Layer:
        """A document over what it includes."""
        made = _Layer()
        for place, entry in enumerate(_entries(document)):
            at: Pointer = (KEY, place)
            shown = os.path.normpath(os.path.join(_folder(document), entry))
            step = _Step(shown, os.path.realpath(os.path.join(document.directory, entry)))
            if step.path in (other.path for other in way):
                chain = " includes ".join(printed for printed in (*(other.shown for other in way), shown))
                raise _refused(document, at, f"the includes lead in a circle: {chain}", "remove one of them")
            if len(way) > MOST_DEEP:
                raise _refused(document, at, f"more than {MOST_DEEP} documents include each other in a row", None)
            if step.path not in self._layers:
                self._layers[step.path] = self.layer(_read(document, at, step, entry), [*way, step])
            made.put(self._layers[step.path], included=True)
        made.put(self._alone(document), included=False)
        return made

    def _alone(self, document: Document) -> _Layer:
        """What a document says itself."""
        made = _Layer()
        for key, spelt in settings_of(document.data).items():
            if key != KEY:
                made.settings[key] = (spelt, self._setting(key, Taken(document, (spelt,))))
        made.has_jobs = "jobs" in document.data
        if made.has_jobs and not isinstance(document.data["jobs"], list):
            made.no_list = Taken(document, ("jobs",))
        made.jobs = [(job_id(raw), Taken(document, ("jobs", place))) for place, raw in enumerate(document.jobs)]
        return made

    def _setting(self, key: str, home: Taken) -> Piece:
        """A setting in pieces that can be united with others."""
        value = home.value
        if key == "env_variables" and isinstance(value, dict):
            return Table({name: home.below(name) for name in value}, home)
        if key in _UNITED and isinstance(value, list):
            items: list[Piece] = [home.below(place) for place in range(len(value))]
            if key == "dependency_plugins" and home.document.directory != self._directory:
                items = [Made(self._moved(entry, home.document.directory)) for entry in value]
            return Listing(items, home)
        return home

    def _moved(self, entry: Any, folder: str) -> Any:
        """A plugin's path, relative to the first document."""
        if isinstance(entry, dict) and isinstance(entry.get("path"), str):
            return {**entry, "path": self._moved(entry["path"], folder)}
        if not isinstance(entry, str) or os.path.isabs(entry):
            return entry
        return os.path.relpath(os.path.join(folder, entry), self._directory)


def _entries(document: Document) -> list[str]:
    """The paths of ``includes``. Raises DocumentRefused unless it is a list of them."""
    listed = document.data.get(KEY, [])
    if not isinstance(listed, list):
        raise _refused(document, (KEY,), "includes must be a list of files", 'write ["common.json"]')
    for place, entry in enumerate(listed):
        if not isinstance(entry, str) or not entry.strip():
            raise _refused(document, (KEY, place), "an include must be the path of a file", 'write "common.json"')
        if "://" in entry:
            raise _refused(
                document, (KEY, place), "an include is a file; nothing is fetched", "fetch it first, and name the file"
            )
    return listed


def _read(document: Document, at: Pointer, step: _Step, entry: str) -> Document:
    try:
        if os.path.exists(step.path) and not os.path.isfile(step.path):
            raise _refused(document, at, f"the included {step.shown} is no file", None)
        with open(step.path, "rb") as stream:
            return Document(stream.read(), step.shown)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        home = "the current directory" if document.name == STDIN_NAME else f"the folder of {document.name}"
        mend = None if os.path.isabs(entry) else f"the path starts from {home}"
        raise _refused(document, at, f"cannot read the included {step.shown}: {reason}", mend) from None


def _folder(document: Document) -> str:
    return "" if document.name == STDIN_NAME else os.path.dirname(document.name)


def _refused(document: Document, at: Pointer, message: str, mend: str | None) -> DocumentRefused:
    return DocumentRefused([document.finding("E109", "error", message, at, mend=mend)])

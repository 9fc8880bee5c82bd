"""One conversion: read, check what came out, write; with the account of both ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from exlib.convert.account import Account, Entry, Fate
from exlib.convert.draft import Made
from exlib.convert.formats import FORMATS, OWN, reader, writer
from exlib.convert.outgoing import Outgoing
from exlib.convert.source import Source
from exlib.convert.wishes import File, Wishes
from exlib.document import Document
from exlib.document.edit import dump
from exlib.environment import is_secret
from exlib.errors import AnswerNo, InputError
from exlib.findings import DocumentRefused
from exlib.masking import Mask
from exlib.masking.documents import secret_values

_WITHOUT_SECRETS = frozenset(["env_variables", "jobs", "secrets"])
"""Writers leave out the values of variables; jobs are looked at one by one."""
_UNSAFE = re.compile(r"[^\w.+-]+")


class Conversion(NamedTuple):
    """What came out. ``incoming`` is the account of the source, ``outgoing`` that of the documents on their way out."""

    origin: str
    target: str
    files: Sequence[File]
    incoming: Sequence[Entry]
    outgoing: Sequence[Entry]
    jobs: int

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Both accounts."""
        return (*self.incoming, *self.outgoing)

    def count(self, fate: Fate) -> int:
        """How many constructs ended so."""
        return sum(entry.fate == fate for entry in self.entries)

    @property
    def lossless(self) -> bool:
        """Whether every construct is exact."""
        return all(entry.fate == "exact" for entry in self.entries)


def convert(source: Source, origin: str, target: str, wishes: Wishes) -> Conversion:
    """Convert a source. Raises InputError or DocumentRefused if it cannot be; a document that comes out is sound."""
    incoming, outgoing = Account(), Account()
    read, write = reader(origin), writer(target)
    made = read(source, wishes, incoming)
    if not made:
        raise AnswerNo("there is no job in it", place=source.name)
    files: list[File] = []
    taken: set[str] = set()
    secrets: set[str] = set()
    jobs = 0
    for one in made:
        document = _checked(one, source, origin)
        jobs += len(document.jobs)
        out = Outgoing(document if target == OWN else _up_to_date(document), outgoing)
        for file in write(out, wishes):
            files.append(_named(file, one, target, taken) if len(made) > 1 or wishes.each or file.name else file)
        own = secret_values(document, out.workflow.secrets)
        if target != OWN:
            out.settle()
            _tell_secrets(out, Mask(own))
        secrets |= own
    mask = Mask(secrets)
    return Conversion(origin, target, files, _masked(incoming, mask), _masked(outgoing, mask), jobs)


def _tell_secrets(out: Outgoing, mask: Mask) -> None:
    """Name the texts that hold the value of a secret: they were written as they stand."""
    for speaker in (out, *out.jobs) if mask.active else ():
        for key, value in speaker.raw.items():
            if key in _WITHOUT_SECRETS or is_secret(key):
                continue
            text = value if isinstance(value, str) else dump(value)
            if mask.text(text) is not text:
                speaker.manual(key, "it holds the value of a secret: write a variable there, and set it elsewhere")


def _masked(account: Account, mask: Mask) -> list[Entry]:
    """The entries without the values of secrets: a report is a thing to show."""
    if not mask.active:
        return account.entries
    return [
        entry._replace(place=entry.place._replace(text=mask.text(entry.place.text)), reason=mask.text(entry.reason))
        for entry in account.entries
    ]


def _up_to_date(document: Document) -> Document:
    """The document in today's spellings: writers look for no others."""
    from exlib.fix import mend

    mended = mend(document)
    return Document(mended.raw, document.name) if mended.mends else document


def _checked(made: Made, source: Source, origin: str) -> Document:
    """The document, which ex-validate has nothing against. An error in what a reader made is told of its source."""
    from exlib import rules

    document = Document(made.raw, source.name if origin == OWN else f"<{made.name}>")
    found = rules.errors(document)
    if not found:
        return document
    if origin == OWN:
        raise DocumentRefused(found)
    first = found[0]
    about = f' of job "{first.job}"' if first.job else ""
    raise InputError(f"what comes out{about} is no workflow: {first.message}", place=source.name, mend=first.mend)


def _named(file: File, made: Made, target: str, taken: set[str]) -> File:
    """The file with a name of its own: the writer's, else the workflow's."""
    safe = _UNSAFE.sub("_", made.name).strip("._") or "workflow"
    name = file.name or FORMATS[target].file.replace("*", safe)
    stem, dot, suffix = name.partition(".")
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}{dot}{suffix}"
    taken.add(name)
    return File(name, file.content)

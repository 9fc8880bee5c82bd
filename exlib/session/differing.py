"""Two documents compared to the end: their keys, their graphs, what jobs inherit and what a resume would do."""

from __future__ import annotations

import os
from collections.abc import Iterable

from exlib import rules
from exlib.delta import delta
from exlib.delta.difference import Difference
from exlib.delta.effects import effects
from exlib.delta.hiding import Hiding
from exlib.delta.meaning import meaning
from exlib.delta.order import order
from exlib.document import Document
from exlib.environment import is_secret
from exlib.masking import Mask
from exlib.masking.documents import secret_values
from exlib.session.redone import redone
from exlib.workflow import Workflow


def difference(
    before: Document,
    after: Document,
    *,
    renames: bool = True,
    ordered: bool = False,
    names: tuple[str, str] | None = None,
) -> Difference:
    """Compare two documents; what needs sound ones is left out where one is not."""
    found = delta(before, after, renames=renames)
    called = names or (before.name, after.name)
    apart = called if called[0] != called[1] else (f"{called[0]} as it was", f"{called[1]} as it is")
    unsound = (
        tuple(name for name, sound in zip(apart, _sound(before, after), strict=True) if not sound) if found else ()
    )
    inherited = again = None
    if found and not unsound:
        one, other = Workflow.from_document(before), Workflow.from_document(after)
        inherited = effects(one, other, found)
        again = redone(one, other)
    jobs = [job for effect in inherited.inherited for job in effect.jobs] if inherited else []
    means = meaning(before, after, found, jobs)
    places = order(before, after, found) if ordered else None
    return Difference(called, before, after, found, means, places, inherited, again, unsound)


def _sound(before: Document, after: Document) -> tuple[bool, bool]:
    sound = rules.is_sound(after)
    return rules.is_sound(before, after if sound else None), sound


def hiding(documents: Iterable[Document], *, variables: bool = False) -> Hiding:
    """What hides the secrets of these documents, and those of the environment, by their names."""
    named: set[str] = set()
    values: set[str] = set()
    for document in documents:
        listed = document.data.get("secrets")
        named |= {one for one in (listed if isinstance(listed, list) else ()) if type(one) is str}
    for document in documents:
        values |= secret_values(document, named)
    values |= {os.environ[name] for name in os.environ if is_secret(name, named)}
    return Hiding(Mask(values).text, named, variables=variables)

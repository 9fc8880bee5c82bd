"""A workflow document, byte for byte."""

from __future__ import annotations

from exlib.convert.outgoing import Outgoing
from exlib.convert.wishes import File, Wishes


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """The document as it is; there is nothing to account for."""
    return [File("", outgoing.document.raw)]

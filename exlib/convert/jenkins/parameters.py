"""The parameters of a pipeline as it was kept: their names, and what they are without an answer."""

from __future__ import annotations

from exlib.convert.jenkins.ledger import literal_text
from exlib.convert.jenkins.parser import Parsed
from exlib.convert.jenkins.pipeline import default_of
from exlib.convert.jenkins.syntax import Call
from exlib.convert.source import Source
from exlib.errors import ExecutionerError


def named_by(text: str) -> tuple[str, Call | None]:
    """The name of the parameter that a text declares, and its declaration."""
    try:
        statements = Parsed(Source(text.encode())).statements
    except ExecutionerError:
        return "", None
    only = statements[0] if len(statements) == 1 else None
    if not isinstance(only, Call):
        return "", None
    return literal_text(only.argument("name")) or "", only


def default_given(call: Call | None, value: str) -> bool:
    """Whether a parameter alone gives a variable this value, or keeps it secret."""
    return call is not None and (call.name in ("password", "credentials") or default_of(call) == value)

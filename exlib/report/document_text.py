"""A document as text that only changes when the workflow does: jobs by id, keys by name, dependencies sorted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from exlib.console import printable
from exlib.delta.hiding import Hiding
from exlib.delta.reading import entries_of, jobs_of, settings_of
from exlib.digest import sha256_hex
from exlib.document import Document
from exlib.environment import MASK
from exlib.workflow.keys import env_text

_DIGITS = 8


def document_text(document: Document, hiding: Hiding) -> str:
    """The settings, then each job; of values that are not shown a digest stands there, of secrets not even that."""
    lines = [line for key, value in sorted(settings_of(document).items()) for line in _member(key, value, hiding, "")]
    for job, raw in sorted(jobs_of(document).items()):
        lines += ["", f"job {printable(job)}"]
        for key, value in sorted(raw.items()):
            if key == "dependencies":
                lines += [f"  waits for {printable(one)}" for one in sorted(_waits(raw))]
            else:
                lines += _member(key, value, hiding, "  ")
    return "".join(f"{line}\n" for line in lines)


def _waits(raw: dict[str, Any]) -> list[str]:
    return [entry.removeprefix("job ") for entry in entries_of(raw, {})]


def _member(key: str, value: Any, hiding: Hiding, indent: str) -> Iterator[str]:
    if key == "env_variables" and isinstance(value, dict):
        yield f"{indent}env_variables:"
        yield from (
            f"{indent}  {printable(name)}={_variable(name, one, hiding)}" for name, one in sorted(value.items())
        )
    else:
        shown = MASK if hiding.hides(key) else hiding.scrubbed(value, key)
        yield from _value(printable(key), shown, indent)


def _variable(name: str, value: Any, hiding: Hiding) -> str:
    text = env_text(value) if not isinstance(value, dict | list) else json.dumps(value, sort_keys=True)
    if hiding.is_secret(name):
        return MASK
    if hiding.hides(f"env_variables.{name}"):
        return f"(not shown, {sha256_hex(text.encode('utf-8', 'surrogatepass'))[:_DIGITS]})"
    return printable(hiding.mask(text))


def _value(key: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, str):
        lines = value.split("\n")
        if len(lines) == 1:
            yield f"{indent}{key}: {printable(value)}"
        else:
            yield f"{indent}{key}:"
            yield from (f"{indent}  | {printable(line)}" for line in lines)
    elif isinstance(value, dict) and value:
        yield f"{indent}{key}:"
        for name, item in sorted(value.items()):
            yield from _value(printable(name), item, indent + "  ")
    elif isinstance(value, list) and value:
        yield f"{indent}{key}:"
        yield from (f"{indent}  - {printable(_short(item))}" for item in value)
    else:
        yield f"{indent}{key}: {_short(value)}"


def _short(value: Any) -> str:
    if isinstance(value, str) and "\n" not in value:
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False)

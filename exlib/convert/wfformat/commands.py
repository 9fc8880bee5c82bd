"""What a recorded task ran, as a command of a shell."""

from __future__ import annotations

import os
import shlex
from typing import Any

from exlib.convert.account import Account
from exlib.convert.draft import guard
from exlib.convert.wfformat.record import Record
from exlib.findings import Pointer

NOTHING = "true"
_UNKNOWN = "the record has no command for this task"


def command(record: Record, pointer: Pointer | None) -> tuple[str, str]:
    """The command of the object at a pointer, and what is to be said of it; empty texts if there is none."""
    stated = record.object(pointer) if pointer is not None else {}
    program, arguments = stated.get("program"), stated.get("arguments")
    if pointer is None or not program:
        return "", ""
    if not isinstance(program, str):
        raise record.refuse((*pointer, "program"), "this must be a text")
    words = _arguments(record, (*pointer, "arguments"), arguments)
    if not words and any(character.isspace() for character in program.strip()):
        return program, "it is taken for a text of /bin/sh, as the record does not say what read it"
    said = ""
    if any(character.isspace() or character in "<>|;&" for word in words for character in word):
        said = "what looks like several words, or like syntax of a shell, is passed as one argument"
    elif words and os.path.basename(words[0]) == os.path.basename(program):
        said = "the first argument is the program again, as the record has it"
    return shlex.join([program, *words]), said


def _arguments(record: Record, pointer: Pointer, value: Any) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise record.refuse(pointer, "this must be a list")
    for number, one in enumerate(value):
        if isinstance(one, bool) or not isinstance(one, str | int | float):
            raise record.refuse((*pointer, number), "this must be a text")
    return [str(one) for one in value]


def hold(job: dict[str, Any], record: Record, at: Pointer, account: Account) -> None:
    """Keep a job without a command from running: there is nothing to do, and a person has to say that it is done."""
    guard(job, f"{_UNKNOWN}: to allow it is to count it as done")
    account.manual(record.place(at, whole=False), "command", f"{_UNKNOWN}: it counts as done once EX_ALLOW names it",
                   job=job["id"])  # fmt: skip

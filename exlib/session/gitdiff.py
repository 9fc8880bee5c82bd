"""What git is told when ex-diff is its diff driver: a difference of workflows, or plain text where there is none."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from exlib.console import printable
from exlib.document import Document
from exlib.errors import ExecutionerError
from exlib.gitsettings import Settings

NAME = "executioner"
SEVEN, NINE = 7, 9
"""Arguments of git: path, then file, hash and mode of both versions; two more for a file that was renamed."""
NOTHING = b'{"jobs": []}'
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[mK]")
_ABSENT = "/dev/null"


class Versions(NamedTuple):
    """A file as git hands it over: its path in both versions, and for each the file to read, its hash and its mode."""

    paths: tuple[str, str]
    files: tuple[str, str]
    hashes: tuple[str, str]
    modes: tuple[str, str]


def settings(patterns: Sequence[str]) -> Settings:
    """What makes ex-diff git's driver for files of these patterns."""
    config = (
        (f"diff.{NAME}.command", "ex-diff --"),
        (f"diff.{NAME}.textconv", "ex-diff --textconv --"),
        (f"diff.{NAME}.xfuncname", "^job .*"),
    )
    return Settings(config, [(pattern, f"diff={NAME}") for pattern in patterns])


def versions(arguments: Sequence[str]) -> Versions | None:
    """What git's arguments say; None if they are not git's."""
    if len(arguments) not in (SEVEN, NINE):
        return None
    path, old, old_hash, old_mode, new, new_hash, new_mode, *renamed = arguments
    return Versions((path, renamed[0] if renamed else path), (old, new), (old_hash, new_hash), (old_mode, new_mode))


def documents(found: Versions) -> tuple[Document, Document] | None:
    """Both versions as documents, an absent one empty; None if one of them is no workflow."""
    read = []
    for path, file, mode in zip(found.paths, found.files, found.modes, strict=True):
        if mode.startswith("12"):  # a symbolic link
            return None
        try:
            with open(file, "rb") as stream:
                raw = NOTHING if file == _ABSENT else stream.read()
            document = Document(raw, path)
        except (OSError, ExecutionerError):
            return None
        if not is_workflow(document):
            return None
        read.append(document)
    return read[0], read[1]


def is_workflow(document: Document) -> bool:
    """Whether a document looks like one of ours, and not like any other JSON."""
    return isinstance(document.data.get("jobs"), list)


def heading(found: Versions) -> list[str]:
    """The lines that begin a file's part of the output."""
    one, other = (printable(path) for path in found.paths)
    return [f"diff --{NAME} a/{one} b/{other}", *_modes(found)]


def plain(found: Versions, *, coloured: bool) -> str:
    """The difference of lines as git itself writes it, for what is no workflow in both versions."""
    one, other = found.paths
    lines = [f"diff --git a/{one} b/{other}", *_modes(found)]
    hashes = [value[:7] if value != "." else "0000000" for value in found.hashes]
    color = "always" if coloured else "never"
    done = subprocess.run(
        ["git", "diff", "--no-index", "--no-ext-diff", "--no-textconv", f"--color={color}", "--", *found.files],
        capture_output=True,
        check=False,
        env={key: value for key, value in os.environ.items() if key != "GIT_EXTERNAL_DIFF"},
    )
    body = done.stdout.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    first = next((at for at, line in enumerate(body) if _ESCAPES.sub("", line).startswith(("@@", "Binary "))), None)
    if first is None:
        return "".join(f"{line}\n" for line in lines)
    lines.append(f"index {hashes[0]}..{hashes[1]}")
    if _ESCAPES.sub("", body[first]).startswith("Binary "):
        return "".join(f"{line}\n" for line in [*lines, f"Binary files a/{one} and b/{other} differ"])
    absent = [file == _ABSENT for file in found.files]
    lines += [f"--- {_ABSENT if absent[0] else f'a/{one}'}", f"+++ {_ABSENT if absent[1] else f'b/{other}'}"]
    return "".join(f"{line}\n" for line in lines) + "".join(body[first:])


def _modes(found: Versions) -> list[str]:
    old, new = found.modes
    if found.files[0] == _ABSENT:
        return [f"new file mode {new}"]
    if found.files[1] == _ABSENT:
        return [f"deleted file mode {old}"]
    return [f"old mode {old}", f"new mode {new}"] if old != new else []

"""Running what make runs while it reads, where the caller asked for that: the commands of ``$(shell …)`` and ``!=``."""

from __future__ import annotations

import subprocess

from exlib.convert.make.expand import LONGEST, Refuse

SECONDS = 60


def run(argv: list[str], folder: str, refuse: Refuse) -> str:
    """What a command prints, its lines joined by blanks; its exit code counts for nothing, as in make."""
    try:
        done = subprocess.run(
            argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise refuse(f"{argv[-1]} cannot be run: {error}") from None
    text = done.stdout[:LONGEST].decode("utf-8", "replace").replace("\r\n", "\n")
    return text.rstrip("\n").replace("\n", " ").replace("\x01", " ").replace("\x02", " ")

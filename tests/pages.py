"""Pages of the documentation whose ``console`` blocks are typed as they stand, on the files that they show."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


def prints_what_it_says(name: str, folder: Path, request: pytest.FixtureRequest) -> int:
    """Run a page's commands in ``folder`` and compare (or, with --repopulate, rewrite); returns their number."""
    path = DOCS / name
    page = path.read_text(encoding="utf-8")
    for file, content in re.findall(r"^```json (\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        (folder / file).write_text(content, encoding="utf-8")

    def rerun(block: re.Match[str]) -> str:
        commands = re.findall(r"^\$ (.*)\n", block[0], re.MULTILINE)
        return "```console\n" + "".join(f"$ {command}\n{printed(command, folder)}" for command in commands) + "```"

    today = re.sub(r"^```console\n.*?^```$", rerun, page, flags=re.MULTILINE | re.DOTALL)
    if request.config.getoption("--repopulate"):
        path.write_text(today, encoding="utf-8")
    else:
        assert today == page
    return len(re.findall(r"^\$ ", today, re.MULTILINE))


def printed(command: str, folder: Path) -> str:
    """What a command prints, stdout and stderr together."""
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{command}"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.stdout

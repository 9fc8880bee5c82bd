"""Convert every file of a corpus and count what became of the constructs, format by format."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.accuracy import CORPUS
from bench.machine import ROOT
from bench.page import keep
from exlib.convert.account import FATES
from exlib.convert.conversion import convert
from exlib.convert.formats import OWN
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.errors import ExecutionerError

PAGE = ROOT / "docs" / "ex-convert.md"
FOLDERS = {
    "github": ("github", "*/*.yml"),
    "gitlab": ("gitlab", "*/.gitlab-ci.yml"),
    "crontab": ("crontab", "*.crontab"),
    "wfformat": ("wfinstances", "*-*.json"),
    "executioner": ("executioner", "*.json"),
    "prhelper": ("executioner", "*.txt"),
}
"""Where the files of each format are in the corpus."""


class Row(NamedTuple):
    """One format: files, those refused, jobs that came out, constructs by fate."""

    format: str
    files: int
    refused: list[str]
    jobs: int
    fates: Counter[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert, print the table, and with --write keep it in the documentation."""
    parser = argparse.ArgumentParser(prog="python -m bench.conversions", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS.parent, help="where the corpus is")
    parser.add_argument("--write", action="store_true", help=f"keep the table in {PAGE.name}")
    parser.add_argument("--format", help="one format alone, with every refusal")
    options = parser.parse_args(arguments)
    rows = [row(name, options.folder) for name in FOLDERS if options.format in (None, name)]
    print(table(rows))
    if options.format:
        print("\n".join(line for row in rows for line in row.refused), file=sys.stderr)
    if options.write:
        keep("conversions", table(rows), PAGE)
    return 0


def files(name: str, folder: Path) -> Iterator[Path]:
    """The files of a format in the corpus."""
    place, pattern = FOLDERS[name]
    yield from (path for path in sorted((folder / place).glob(pattern)) if not path.name.endswith(".schema.json"))


def row(name: str, folder: Path) -> Row:
    """Convert all files of a format; what is refused has a reason."""
    refused, jobs, fates, count = [], 0, Counter[str](), 0
    wishes = Wishes(upgrade=name == OWN)
    for path in files(name, folder):
        count += 1
        try:
            done = convert(Source(path.read_bytes(), os.path.relpath(path)), name, OWN, wishes)
        except ExecutionerError as error:
            refused.append(f"{path}: {error.message}")
        else:
            jobs += done.jobs
            fates.update(entry.fate for entry in done.incoming)
    return Row(name, count, refused, jobs, fates)


def table(rows: Sequence[Row]) -> str:
    """The table in Markdown."""
    lines = [f"| format | files | refused | jobs | {' | '.join(FATES)} |", "|---|" + "---:|" * (3 + len(FATES))]
    for each in rows:
        counts = " | ".join(f"{each.fates[fate]:,}" for fate in FATES)
        lines.append(f"| {each.format} | {each.files} | {len(each.refused)} | {each.jobs:,} | {counts} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

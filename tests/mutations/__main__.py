"""Break one line of the engine after the other, each in a copy of the tree, and see whether its tests notice.

Exit code 0: every mutation was caught. 1: one survived, or is not found any more where it was.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutations.catalog import MUTATIONS
from tests.mutations.mutation import ROOT, Mutation, Verdict, attempt, baseline, copied


def chosen(words: list[str]) -> list[Mutation]:
    return [one for one in MUTATIONS if not words or any(word in one.name for word in words)]


def row(mutation: Mutation, verdict: Verdict) -> str:
    word = "caught" if verdict.caught else "-"
    file = mutation.file.removeprefix("exlib/")
    return f"{mutation.name:<38} {file:<26} {word:<7} {verdict.seconds:>5.1f}  {verdict.what}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("name", nargs="*", help="mutations whose name contains one of these words; all without")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at the same time")
    parser.add_argument("--list", action="store_true", help="list them")
    options = parser.parse_args()
    mutations = chosen(options.name)
    if options.list:
        for one in mutations:
            print(f"{one.name:<38} {one.file}: {one.old.strip()!r} -> {one.new.strip()!r}")
        return 0
    if not mutations:
        parser.error("none has such a name; --list shows them")
    with TemporaryDirectory(prefix="mutations-", ignore_cleanup_errors=True) as work:
        return tried(mutations, copied(ROOT, Path(work)), options.jobs)


def tried(mutations: list[Mutation], source: Path, jobs: int) -> int:
    """Try all, print the table, and return the exit code."""
    begun = time.monotonic()
    failed = baseline(mutations, source)
    if failed is not None:
        print(f"the tests fail without any mutation:\n{failed}")
        return 1
    print(f"{'mutation':<38} {'file':<26} {'':<7} {'sec':>5}  first to notice", flush=True)
    missed = 0
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for mutation, verdict in zip(mutations, pool.map(partial(attempt, source=source), mutations), strict=True):
                missed += not verdict.caught
                print(row(mutation, verdict), flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    print(f"{len(mutations) - missed} of {len(mutations)} caught in {time.monotonic() - begun:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

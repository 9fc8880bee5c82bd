"""Try every promise the full number of times and print what was tried, held and broken.

Exit code 0: all held. 1: a promise was broken; each is printed with its seed and the command that repeats it.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.torture.catalog import TRIALS
from tests.torture.trial import Tally, Trial, repeat, seeds


def chosen(words: list[str]) -> list[Trial]:
    return [trial for trial in TRIALS if not words or any(word in trial.name for word in words)]


def row(tally: Tally) -> str:
    seen = ", ".join(f"{count} x {what}" for what, count in sorted(tally.seen.items()))
    held = tally.tried - len(tally.broken)
    line = f"{tally.trial.name:<34} {tally.tried:>5} {held:>5} {len(tally.broken):>6} {tally.seconds:>8.1f}"
    return f"{line}  {tally.trial.promise}" + (f"\n{'':<62}  {seen}" if seen else "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("name", nargs="*", help="trials whose name contains one of these words; all without")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--times", type=int, help="how often, instead of each trial's own number")
    parser.add_argument("--in", dest="above", type=Path, help="the directory to work in, instead of the temporary one")
    parser.add_argument("--list", action="store_true", help="list the trials")
    options = parser.parse_args()
    # A shell that starts this in the background has it ignore SIGINT, and all runs under trial would too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    trials = chosen(options.name)
    if options.list:
        for trial in trials:
            print(f"{trial.name:<34} {trial.times:>5}  {trial.promise}")
        return 0
    if not trials:
        parser.error("no trial has such a name; --list shows them")
    print(f"{'trial':<34} {'tried':>5} {'held':>5} {'broken':>6} {'seconds':>8}  what must hold", flush=True)
    broken = 0
    for trial in trials:
        tally = repeat(trial, seeds(options.seed, options.times or trial.times), options.above)
        print(row(tally), flush=True)
        broken += len(tally.broken)
        for seed, reason in tally.broken:
            print(
                f"BROKEN; again with: python -m tests.torture {trial.name} --seed {seed} --times 1\n{reason}",
                flush=True,
            )
    print(f"{broken} promises broken" if broken else "every promise held")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""The original program's flags, translated into the tool and the command line that mean the same today."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from exlib.commands.contract import Forward, tool, write_output
from exlib.console import Console
from exlib.errors import UsageError
from exlib.sample import SAMPLE, SIMPLE

DEFAULT_CONFIG = "jobs_config.json"
DEFAULT_REASON = "marked with executioner --mark-success"
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


@tool(
    "executioner",
    short_help="the original program's flags",
    epilog="Each flag has its place in a tool today: see 'executioner help run' and 'executioner help history'.",
)
@click.option("-c", "--config", metavar="FILE", help=f"The workflow to run (default {DEFAULT_CONFIG}).")
@click.option("--parallel", is_flag=True, help="Run independent jobs at the same time.")
@click.option("--sequential", is_flag=True, help="Run one job after another.")
@click.option("--workers", metavar="N", help="How many jobs run at the same time.")
@click.option("--dry-run", is_flag=True, help="Show the plan and start nothing.")
@click.option("--skip", metavar="ID,…", multiple=True, help="Jobs not to run.")
@click.option("--env", metavar="NAME=VALUE,…", multiple=True, help="Variables for all jobs.")
@click.option("--continue-on-error", is_flag=True, help="After a failure skip only what depends on it.")
@click.option("--resume-from", metavar="RUN", help="Resume this run.")
@click.option("--resume-failed-only", is_flag=True, help="With --resume-from: run only what failed.")
@click.option("--visible", is_flag=True, help="Show the environment of the jobs, secrets masked.")
@click.option("--debug", is_flag=True, help="Say more on stderr, as --verbose does.")
@click.option("--list-runs", metavar="[APP]", is_flag=False, flag_value="", help="List past runs.")
@click.option("--limit", metavar="N", help="With --list-runs: how many.")
@click.option("--show-run", metavar="RUN", help="Show one past run.")
@click.option("--mark-success", is_flag=True, help="Count jobs (-j) of a run (-r) as done.")
@click.option("-r", "--run", "run_id", metavar="RUN", help="With --mark-success: the run.")
@click.option("-j", "--jobs", metavar="ID,…", help="With --mark-success: the jobs.")
@click.option("--reason", metavar="TEXT", help="With --mark-success: why.")
@click.option("--sample-config", is_flag=True, help="Print a workflow to start from.")
@click.option("--simple-config", is_flag=True, help="Print the smallest useful workflow.")
def command(console: Console, **options: Any) -> Forward | None:
    """Run a workflow with the flags of the original program.

    'executioner COMMAND' runs the tools of today; 'executioner --help' lists them.
    """
    given = {name: value for name, value in options.items() if value not in (None, False, ())}
    action = _action(given)
    if action in _SAMPLES:
        write_output(_SAMPLES[action])
        return None
    loudness = console.verbosity + (1 if "debug" in given else 0)
    shared = ["--verbose"] * loudness + ["--quiet"] * -loudness
    if console.color != "auto":
        shared.append(f"--color={console.color}")
    return Forward("run" if action == "run" else "history", [*shared, *_TRANSLATIONS[action](given)])


def _action(given: dict[str, Any]) -> str:
    """What is asked for: one of the actions, else a run. Options that do not belong to it are refused."""
    actions = [name for name in _OPTIONS_OF if name in given]
    if len(actions) > 1:
        raise UsageError(f"{_flag(actions[0])} does not go with {_flag(actions[1])}", mend="ask for one at a time")
    action = actions[0] if actions else "run"
    fitting = {action, "debug"} | _OPTIONS_OF.get(action, _RUN_OPTIONS)
    for name in given.keys() - fitting:
        needed = next((_flag(other) for other, options in _OPTIONS_OF.items() if name in options), None)
        if actions:
            raise UsageError(f"{_flag(name)} does not go with {_flag(action)}", mend=f"leave {_flag(name)} out")
        raise UsageError(f"{_flag(name)} means nothing without {needed}", mend=f"add {needed}")
    return action


def _run(given: dict[str, Any]) -> Iterator[str]:
    if "resume_failed_only" in given and "resume_from" not in given:
        raise UsageError("--resume-failed-only needs the run to resume", mend="add --resume-from RUN")
    for name in ("parallel", "sequential", "dry_run", "continue_on_error"):
        if name in given:
            yield _flag(name)
    if "workers" in given:
        yield f"--workers={given['workers']}"
    for job in _split(given.get("skip", ())):
        yield f"--skip={job}"
    for pair in _assignments(given.get("env", ())):
        yield f"--env={pair}"
    if "resume_from" in given:
        yield f"--resume={given['resume_from']}"
    if "resume_failed_only" in given:
        yield "--failed-only"
    if "visible" in given:
        yield "--show-env"
    yield from ("--", given.get("config", DEFAULT_CONFIG))


def _list_runs(given: dict[str, Any]) -> Iterator[str]:
    yield "list"
    if given["list_runs"]:
        yield f"--application={given['list_runs']}"
    if "limit" in given:
        yield f"--limit={given['limit']}"


def _show_run(given: dict[str, Any]) -> Iterator[str]:
    yield from ("show", given["show_run"])


def _mark_success(given: dict[str, Any]) -> Iterator[str]:
    for name, letter in (("run_id", "-r RUN"), ("jobs", "-j ID,…")):
        if name not in given:
            raise UsageError(f"--mark-success needs {letter}", mend="--mark-success -r RUN -j ID,…")
    # The original never asked, and scripts rely on it.
    yield from ("mark-success", "--yes", f"--reason={given.get('reason', DEFAULT_REASON)}", "--")
    yield from (given["run_id"], *_split([given["jobs"]]))


def _split(values: Iterable[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _assignments(values: Iterable[str]) -> Iterator[str]:
    """``A=1,B=2`` is two variables as it always was; ``A=1,2`` is one, for a comma may be part of a value."""
    for value in values:
        pieces = [piece.strip() for piece in value.split(",")]
        if all(_ASSIGNMENT.match(piece) for piece in pieces):
            yield from pieces
        else:
            yield value


def _flag(name: str) -> str:
    return {"run_id": "-r", "jobs": "-j"}.get(name, f"--{name.replace('_', '-')}")


_SAMPLES = {"sample_config": SAMPLE, "simple_config": SIMPLE}
_OPTIONS_OF: dict[str, set[str]] = {
    "sample_config": set(),
    "simple_config": set(),
    "list_runs": {"limit"},
    "show_run": set(),
    "mark_success": {"run_id", "jobs", "reason", "config"},  # the run says which workflow; old scripts name it too
}
_RUN_OPTIONS = {
    "config",
    "parallel",
    "sequential",
    "workers",
    "dry_run",
    "skip",
    "env",
    "continue_on_error",
    "resume_from",
    "resume_failed_only",
    "visible",
}
_TRANSLATIONS: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "run": _run,
    "list_runs": _list_runs,
    "show_run": _show_run,
    "mark_success": _mark_success,
}

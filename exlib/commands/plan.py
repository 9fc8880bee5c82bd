"""ex-plan: what a run would be like, without running anything."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from exlib.commands import contract
from exlib.console import Console, is_terminal, plural, printable
from exlib.document import Document
from exlib.errors import Exit, UsageError
from exlib.findings import DocumentRefused
from exlib.workflow import Workflow

if TYPE_CHECKING:
    from exlib.engine.site import Site
    from exlib.masking import Mask
    from exlib.report.plan_words import Told
    from exlib.simulation.sources import Source
    from exlib.simulation.whatif import Change

HELP = """Say what a run would be like, without running anything: order and levels, the critical
path, when all is done with so many workers, what holds it up, and what may go wrong.

\b
The schedule is made by ex-run's own scheduler on a clock that jumps ahead. How
long each job takes is known from past runs; where there are none, each job
counts as one unit. Nothing is started, and nothing is written but the report.
"""

EPILOG = """\b
Examples:
  ex-plan nightly.json
  ex-plan nightly.json --workers 4 --sweep 1-16
  ex-plan nightly.json --set load=10m --drop report
  ex-plan nightly.json --durations '{"load": 90, "index": {"p50": 60, "p90": 95}}'
  ex-filter nightly.json --until report | ex-plan --format html -o plan.html
  ex-plan nightly.json --format shell > nightly.sh

\b
Exit codes: 0 told; 1 there is no history of it; 2 unusable input or options;
3 empty input; 74 the history cannot be read, or the report not be written.
"""

SECTIONS = {
    "How many workers": ("parallel", "sequential", "workers", "counts"),
    "How long jobs take": ("durations", "rounds", "seed", "db"),
    "What if": ("changes", "drop"),
    "What is written": ("form", "whole", "output"),
}
FORMATS = ("text", "json", "markdown", "html", "csv", "shell")
_MOST_COUNTS = 1_000
_NARROWEST = 70
"""Columns that the tables need."""
_MOST_SWEPT = 3_000_000
"""Jobs that a sweep simulates in all: they take about a minute."""


def _counts(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """Numbers of workers: 1-16, or 1,2,4-8."""
    if value is None:
        return None
    found: set[int] = set()
    for part in value.split(","):
        match = re.fullmatch(r"\s*([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?\s*", part)
        last = int(match[2] or match[1]) if match else 0
        if match is None or last < int(match[1]):
            raise click.BadParameter(f'"{value}" names no numbers of workers: write 1-16 or 1,2,4', context, parameter)
        found.update(range(int(match[1]), last + 1))
    if len(found) > _MOST_COUNTS:
        raise click.BadParameter(f"at most {_MOST_COUNTS:,} numbers of workers, not {len(found):,}", context, parameter)
    return tuple(sorted(found))


@contract.tool("ex-plan", help=HELP, epilog=EPILOG, sections=SECTIONS)
@contract.file_argument
@contract.worker_options
@click.option(
    "--sweep", "counts", metavar="N-M", callback=_counts, help="Try these numbers of workers: 1-16, or 1,2,4."
)
@click.option(
    "--durations",
    metavar="SOURCE",
    help="history, timeout, unit, recorded, a file or JSON. [history, else one unit each]",
)
@click.option(
    "--rounds", metavar="N", type=click.IntRange(0, 100_000), help="Runs simulated for the range. [up to 200]"
)
@click.option("--seed", metavar="N", type=int, default=0, help="Draw other durations for the range. [0]")
@click.option("--db", metavar="FILE", help="The history (default: EX_DB, else in the user's state directory).")
@click.option(
    "--set", "changes", metavar="JOB=TIME", multiple=True, help="What if it took 90, 10m, or x2 as long. Repeatable."
)
@click.option("--drop", metavar="ID", multiple=True, help="What if this job were not there. Repeatable.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to write it. [by the suffix of -o, else text]")
@click.option("--all", "whole", is_flag=True, help="List every job in text and Markdown, however many.")
@contract.output_option
def command(console: Console, file: str, form: str | None, output: str, **options: Any) -> int:
    """Read, look ahead, write."""
    contract.refuse_contradicting_workers(options)
    form = contract.chosen_format(form, output, FORMATS)
    contract.refuse_overwriting(output, file)
    document = contract.load(file)
    _check(document)
    if form == "shell":
        contract.write_output(_script(document, options), output)
        return Exit.OK
    told = _plan(console, document, options)
    contract.write_output(_formatted(told, form, options["whole"], console, output), output)
    return Exit.OK


def _check(document: Document) -> None:
    """Refuse a document that could not be run."""
    from exlib import rules

    found = rules.errors(document)
    if found:
        from exlib.session.redaction import without_secrets

        raise DocumentRefused(without_secrets(found, document, os.environ, ()))


def _plan(console: Console, document: Document, options: Mapping[str, Any]) -> Told:
    """Look ahead, and with changes also at the plan without them."""
    from exlib.report.plan_words import Told
    from exlib.select import Roster
    from exlib.simulation.outlook import Wanted, look_ahead
    from exlib.simulation.sources import find
    from exlib.simulation.whatif import changed, drop, read_changes

    workflow = Workflow.from_document(document)
    _refuse_endless(options["counts"] or (), len(workflow.jobs))
    roster = Roster(document)
    changes = read_changes(options["changes"], roster)
    if both := changes.keys() & set(options["drop"]):
        raise UsageError(f"--set and --drop both name {printable(min(both))}", mend="leave one of the two out")
    dropped = drop(roster, options["drop"]) if options["drop"] else None
    wanted = Wanted(_workers(console, workflow, options), options["counts"], options["rounds"], options["seed"])
    source = find(options["durations"], document, workflow, options["db"])
    console.note(f"durations: {printable(source.durations.said)}")
    _name_unknown(console, source, workflow)
    mask = _mask(document, workflow)
    now = look_ahead(workflow.jobs, source.durations, wanted, _stated(document), source.past)
    if not changes and dropped is None:
        return Told(workflow.name, now, mask=mask)
    said = [f"{name} takes {_new_time(change, source, roster.index[name])}" for name, change in changes.items()]
    after, durations = workflow, changed(workflow.jobs, source.durations, changes)
    if dropped is not None:
        document, after = dropped.document, Workflow.from_document(dropped.document)
        guesses = dict(zip((job.id for job in workflow.jobs), durations.guesses, strict=True))
        durations = durations._replace(guesses=[guesses[job.id] for job in after.jobs])
        said.append(f"without {', '.join(dropped.removed)}")
        said += [f"{name} then waits for {', '.join(others) or 'nothing'}" for name, others in dropped.rewired]
    then = look_ahead(after.jobs, durations, wanted, _stated(document), source.past)
    return Told(workflow.name, then, now, said, mask)


def _refuse_endless(counts: Sequence[int], jobs: int) -> None:
    if len(counts) * jobs > _MOST_SWEPT:
        most = max(_MOST_SWEPT // jobs, 1)
        raise UsageError(
            f"--sweep: {len(counts):,} numbers of workers are too many for {jobs:,} jobs",
            mend=f"name {most:,} or fewer, such as 1,2,4,8,16",
        )


def _workers(console: Console, workflow: Workflow, options: Mapping[str, Any]) -> int:
    workers = contract.workers_of(options, workflow)
    if options["parallel"] and workers == 1:
        console.note("--parallel: the document has no max_workers, so one job runs at a time; add --workers N")
    return workers


def _new_time(change: Change, source: Source, node: int) -> str:
    """``10s, not 4s``."""
    from exlib.report.plan_words import amount

    guess, short = source.durations.guesses[node], amount(source.durations.timed)
    return f"{short(change.applied(guess).seconds)}, not {short(guess.seconds)}"


def _name_unknown(console: Console, source: Source, workflow: Workflow) -> None:
    if not source.unknown:
        return
    from exlib.select.roster import nearest

    shown = source.unknown[:10]
    for name, near in zip(shown, nearest(shown, [job.id for job in workflow.jobs]), strict=True):
        meant = f'; did you mean "{printable(near)}"?' if near else ""
        console.warn(f'--durations: there is no job "{printable(name)}"{meant}')
    if len(source.unknown) > len(shown):
        console.warn(f"--durations: and {plural(len(source.unknown) - len(shown), 'more id')} that no job has")


def _stated(document: Document) -> frozenset[int]:
    """The jobs whose timeout the document states, for them or for all."""
    if "default_timeout" in document.data:
        return frozenset(range(len(document.jobs)))
    return frozenset(node for node, job in enumerate(document.jobs) if "timeout" in job)


def _mask(document: Document, workflow: Workflow) -> Mask:
    """Hides the values of secrets that the document holds or the environment has."""
    from exlib.masking import Mask
    from exlib.masking.documents import secret_values

    return Mask(_site(workflow).secret_values() | secret_values(document, workflow.secrets))


def _site(workflow: Workflow) -> Site:
    from exlib.engine.site import Site

    return Site(workflow, os.environ, {}, None)


def _formatted(told: Told, form: str, whole: bool, console: Console, output: str) -> str:
    if form == "json":
        from exlib.report.plan_json import as_json

        return as_json(told)
    if form == "csv":
        from exlib.report.plan_csv import as_csv

        return as_csv(told)
    if form == "markdown":
        from exlib.report.plan_markdown import as_markdown

        return as_markdown(told, whole=whole)
    if form == "html":
        from exlib.report.plan_html import as_html

        return as_html(told)
    from exlib.report.plan_text import as_text
    from exlib.report.wording import Voice

    return as_text(told, Voice(console, sys.stdout if output == "-" else None), _columns(output), whole=whole)


def _columns(output: str) -> int:
    """How wide text may be: 80 columns, what COLUMNS says, or as the terminal is; from 70 to 120."""
    import shutil

    if output != "-" or (not is_terminal(sys.stdout) and "COLUMNS" not in os.environ):
        return 80
    return min(max(shutil.get_terminal_size((80, 24)).columns, _NARROWEST), 120)


def _script(document: Document, options: Mapping[str, Any]) -> str:
    """The jobs as a shell script, in the order in which one worker takes them."""
    from exlib.report.plan_shell import as_shell
    from exlib.select import Roster
    from exlib.simulation.simulate import in_order
    from exlib.simulation.whatif import drop

    for name, option in (("changes", "--set"), ("counts", "--sweep"), ("rounds", "--rounds"), ("workers", "--workers")):
        if options[name]:
            raise UsageError(
                f"{option} changes nothing in a script, which runs the jobs one after another", mend="leave it out"
            )
    if options["drop"]:
        document = drop(Roster(document), options["drop"]).document
    workflow = Workflow.from_document(document)
    return as_shell(workflow, _site(workflow), in_order(workflow.jobs), _mask(document, workflow))

"""ex-optimize: drop the dependencies that say nothing, and say what else would make a workflow quicker or safer."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from exlib.commands import contract
from exlib.console import Console, is_terminal, names, plural, printable
from exlib.document import Document
from exlib.errors import Exit, UsageError
from exlib.findings import DocumentRefused
from exlib.workflow import Workflow

if TYPE_CHECKING:
    from exlib.optimize.proposal import Proposal
    from exlib.simulation.sources import Source

HELP = """Write the workflow without the dependencies that say nothing: those that others imply,
and repeated ones. Every job that ran before another one still does; the rest of the
document stays byte for byte.

\b
The report says more: order that the jobs' inputs and outputs do not justify, and
order that they lack; what could be gained with so many workers; timeouts and
retries that past runs speak for. Nothing of it is done unless it is asked for.
"""

EPILOG = """\b
Examples:
  ex-optimize nightly.json -o slim.json
  ex-optimize nightly.json --dry-run --max-parallel 4
  ex-optimize nightly.json --aggressive --report why.md --format markdown | ex-run
  ex-optimize nightly.json --apply timeouts,retries | ex-diff nightly.json -
  ex-optimize nightly.json | ex-validate | ex-visualize --format mermaid

\b
Exit codes: 0 written; 1 there is no history of it; 2 unusable input or options;
3 empty input; 74 the history cannot be read, or the output not be written.
"""

SECTIONS = {
    "What is done": ("aggressive", "applied"),
    "What is reckoned with": ("workers", "durations", "db"),
    "What is written": ("output", "dry_run", "report", "form"),
}
FORMATS = ("text", "json", "markdown")
_ADVICE = ("timeouts", "retries")


def _applied(context: click.Context, parameter: click.Parameter, value: str | None) -> frozenset[str]:
    """timeouts, retries, or both with a comma."""
    wanted = frozenset(part.strip() for part in (value or "").split(",")) - {""}
    if (value is not None and not wanted) or not wanted <= set(_ADVICE):
        raise click.BadParameter(f'"{value}" is no advice to take: write {" or ".join(_ADVICE)}', context, parameter)
    return wanted


@contract.tool("ex-optimize", help=HELP, epilog=EPILOG, sections=SECTIONS)
@contract.file_argument
@click.option("--aggressive", is_flag=True, help="Give up order between jobs that state their data and share none.")
@click.option(
    "--apply", "applied", metavar="WHAT", callback=_applied, help="Take advice: timeouts, retries, or timeouts,retries."
)
@click.option(
    "-j", "--max-parallel", "workers", metavar="N", callback=contract.number_of_workers,
    help="Predict for N jobs at a time; auto: one a processor. [as the document says]",
)  # fmt: skip
@click.option(
    "--durations", metavar="SOURCE", help="history, timeout, unit, recorded, a file or JSON. [history, else one unit]"
)
@click.option("--db", metavar="FILE", help="The history (default: EX_DB, else in the user's state directory).")
@click.option("--dry-run", is_flag=True, help="Write the report and no document.")
@click.option("--report", metavar="FILE", help="Write the report to FILE, beside the document.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="How the report is written. [text]")
@contract.output_option
def command(console: Console, file: str, output: str, **options: Any) -> int:
    """Read, propose, write."""
    _refuse_odd_options(options, output)
    contract.refuse_overwriting(output if options["dry_run"] else options["report"], file)
    document = contract.load(file)
    _check(document)
    proposal = _proposal(console, document, options)
    if options["dry_run"]:
        contract.write_output(_formatted(proposal, options["form"] or "text", console, output), output)
        return Exit.OK
    if options["report"]:
        report = _formatted(proposal, options["form"] or "text", console, options["report"])
        contract.write_output(report, options["report"])
    contract.write_output(proposal.raw, output)
    _tell(console, proposal)
    return Exit.OK


def _refuse_odd_options(options: Mapping[str, Any], output: str) -> None:
    if options["dry_run"] and options["report"]:
        raise UsageError("--dry-run writes the report itself", mend="leave out --report; -o FILE writes it to a file")
    reports = options["dry_run"] or options["report"]
    if options["report"] not in (None, "-") and os.path.realpath(options["report"]) == os.path.realpath(output):
        raise UsageError("the document and the report cannot both go to one file", mend="name two files")
    if options["report"] == "-" and output == "-":
        raise UsageError("the document and the report cannot both go to stdout", mend="add -o FILE, or use --dry-run")
    for name, option in (("form", "--format"), ("workers", "--max-parallel"), ("durations", "--durations")):
        if options[name] and not reports:
            raise UsageError(f"{option} is for the report", mend="add --dry-run or --report FILE, or leave it out")
    if options["db"] and not (reports or options["applied"]):
        raise UsageError("--db says where the report and --apply look", mend="add one of them, or leave --db out")


def _check(document: Document) -> None:
    """Refuse a document that could not be run."""
    from exlib import rules

    found = rules.errors(document)
    if found:
        from exlib.session.redaction import without_secrets

        raise DocumentRefused(without_secrets(found, document, os.environ, ()))


def _proposal(console: Console, document: Document, options: Mapping[str, Any]) -> Proposal:
    """Look at the document, and at its history where the report or the advice needs it."""
    from exlib.optimize.proposal import propose
    from exlib.select import Roster

    workflow = Workflow.from_document(document)
    reports = options["dry_run"] or options["report"]
    source = _source(console, document, workflow, options) if reports or options["applied"] else None
    workers = options["workers"] or (workflow.max_workers if workflow.parallel else 1)
    return propose(
        Roster(document),
        workflow,
        aggressive=options["aggressive"],
        applied=options["applied"],
        source=source,
        workers=workers if reports else 0,
    )


def _source(console: Console, document: Document, workflow: Workflow, options: Mapping[str, Any]) -> Source:
    from exlib.simulation.sources import find

    source = find(options["durations"], document, workflow, options["db"])
    if options["durations"] or not source.durations.timed:
        console.note(f"durations: {printable(source.durations.said)}")
    if source.unknown:
        console.warn(
            f"--durations: no job has the id {names(list(map(printable, source.unknown)), len(source.unknown))}"
        )
    return source


def _formatted(proposal: Proposal, form: str, console: Console, output: str) -> str:
    if form == "json":
        from exlib.report.optimize_json import as_json

        return as_json(proposal)
    from exlib.report.optimize_sheet import sheet

    if form == "markdown":
        from exlib.report.sheet_markdown import sheet_markdown

        return sheet_markdown(sheet(proposal))
    from exlib.report.sheet_text import sheet_text
    from exlib.report.wording import Voice

    return sheet_text(sheet(proposal), Voice(console, sys.stdout if output == "-" else None), _columns(output))


def _columns(output: str) -> int:
    """How wide text may be: 80 columns, more on a wider terminal."""
    import shutil

    if output != "-" or not is_terminal(sys.stdout):
        return 80
    return min(max(shutil.get_terminal_size().columns, 70), 120)


def _tell(console: Console, proposal: Proposal) -> None:
    """Say on stderr what was done, and what a person should look at."""
    from exlib.report.optimize_words import done, pair

    for line in done(proposal):
        console.note(line)
    order = proposal.order
    if order.hazard_count:
        one, other = order.hazards[0]
        jobs = plural(order.hazard_count, "pair")
        console.warn(f"{jobs} of jobs use the same data and no order: {printable(pair(proposal, one, other))}")
    if proposal.data.said:
        console.warn(proposal.data.said)

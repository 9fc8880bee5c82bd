"""ex-visualize: draw a workflow, as it is or as a run of it ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from exlib.commands import contract
from exlib.console import Console, is_terminal, plural, printable
from exlib.document import Document
from exlib.errors import Exit, UsageError
from exlib.render.choice import LABELS, Choice
from exlib.workflow import Workflow

if TYPE_CHECKING:
    from exlib.findings import Finding
    from exlib.render.measures import Measures
    from exlib.render.picture import Picture

HELP = """Draw a workflow: jobs as boxes, dependencies as arrows.

\b
The format is what --format says, else what the suffix of -o FILE says, else
text: a drawing for the terminal. dot and mermaid are text for other programs,
svg, png and pdf need Graphviz.

\b
A document with errors is drawn as well, what is wrong in red, as far as there
is a list of jobs.
"""

EPILOG = """\b
Examples:
  ex-visualize nightly.json
  ex-visualize nightly.json --critical-path -o nightly.svg
  ex-visualize nightly.json --status last --format png -o last-night.png
  ex-filter nightly.json --tag load --with-deps | ex-visualize --format mermaid
  ex-visualize big.json --collapse-prefix 1 --levels -o big.pdf
  ex-visualize big.json --around load_orders --depth 1

\b
Exit codes: 0 drawn; 1 Graphviz could not, or the history has no such run;
2 usage, no Graphviz, or input that cannot be read; 3 empty input.
"""

SECTIONS = {
    "What is drawn": ("around", "depth", "prefixes", "tags", "reduce"),
    "What is shown of it": ("labels", "levels", "critical", "run", "db"),
    "How": ("form", "direction", "limit", "output"),
}
SUFFIXES = {
    ".txt": "text", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid", ".svg": "svg",
    ".png": "png", ".pdf": "pdf",
}  # fmt: skip
FORMATS = ("text", "dot", "mermaid", "svg", "png", "pdf")
BINARY = ("png", "pdf")


def _labels(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    listed = tuple(name.strip() for name in value.split(",") if name.strip())
    wrong = [name for name in listed if name not in LABELS]
    if wrong or not listed:
        raise click.BadParameter(
            f"{wrong[0]!r} is none of {', '.join(LABELS)}" if wrong else "name one", context, parameter
        )
    return listed


@contract.tool("ex-visualize", help=HELP, epilog=EPILOG, sections=SECTIONS)
@contract.file_argument
@click.option("--around", metavar="JOB", multiple=True, help="Only this job and what is near it. Repeatable.")
@click.option("--depth", metavar="N", type=click.IntRange(min=0), help="How many steps count as near. [default: 2]")
@click.option(
    "--collapse-prefix",
    "prefixes",
    metavar="PREFIX|N",
    multiple=True,
    help="One box for jobs whose ids begin with PREFIX, or are alike in the first N parts. Repeatable.",
)
@click.option(
    "--collapse-tag", "tags", metavar="GLOB", multiple=True, help="One box for the jobs of each tag that matches."
)
@click.option(
    "--reduce/--no-reduce", default=None, help="Leave out arrows that a longer way implies. [above 100 boxes]"
)
@click.option(
    "--label",
    "labels",
    metavar="LIST",
    callback=_labels,
    help=f"What stands in a box, commas between: {', '.join(LABELS)}. [id, and with --status duration]",
)
@click.option("--levels", is_flag=True, help="Show which jobs can run at the same time.")
@click.option("--critical-path", "critical", is_flag=True, help="Mark the jobs that decide when all is done.")
@click.option("--status", "run", metavar="RUN", help="Show how the jobs ended: 12, 12.1, last or last:APPLICATION.")
@click.option("--db", metavar="FILE", help="The history of --status and of durations (default: EX_DB, else the usual).")
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to draw it. [by the suffix of -o, else text]")
@click.option(
    "--direction", type=click.Choice(["TB", "LR", "BT", "RL"]), default="TB", help="Where arrows lead. [default: TB]"
)
@click.option(
    "--time-limit", "limit", metavar="SECONDS", type=click.FloatRange(min=0, min_open=True), help="For Graphviz. [60]"
)
@contract.output_option
def command(console: Console, file: str, output: str, **options: Any) -> int:
    """Read, compose, draw, write."""
    form = _format(options["form"], output)
    _refuse_odd_options(options, form, output)
    product = _drawn(contract.load(file), form, output, options, console)
    contract.write_output(product, output)
    return Exit.OK


def _format(wanted: str | None, output: str) -> str:
    if wanted:
        return wanted
    suffix = os.path.splitext(output)[1].lower()
    if output == "-" or not os.path.basename(output).strip(".") or output.startswith("/dev/"):
        return "text"
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise UsageError(f"the suffix of {output} tells no format", mend=f"add --format, or use one of {known}")
    return SUFFIXES[suffix]


def _refuse_odd_options(options: dict[str, Any], form: str, output: str) -> None:
    if form in BINARY and output == "-" and is_terminal(sys.stdout):
        raise UsageError(f"{form} is nothing for a terminal", mend=f"name a file: -o workflow.{form}")
    if options["depth"] is not None and not options["around"]:
        raise UsageError("--depth says how far --around looks", mend="add --around JOB, or leave --depth out")
    if options["limit"] is not None and form not in ("svg", "png", "pdf"):
        raise UsageError(f"--time-limit is for Graphviz, which {form} does not need", mend="leave it out")
    if options["direction"] != "TB" and form == "text":
        raise UsageError("a drawing of text always leads down", mend="leave --direction out, or name another --format")


def _drawn(document: Document, form: str, output: str, options: dict[str, Any], console: Console) -> bytes | str:
    from exlib.render.compose import compose
    from exlib.render.sketch import sketch

    workflow, errors = sketch(document)
    _tell_errors(document, errors, workflow, console)
    _refuse_unknown_jobs(workflow, options["around"])
    measures = _measures(workflow, options, console)
    choice = _choice(options)
    texts = set(choice.labels) & {"description", "command"}
    picture = compose(workflow, choice, measures, _mask(document, workflow) if texts else str)
    _tell(picture, choice, console)
    return _in_format(picture, form, output, options, console)


def _choice(options: dict[str, Any]) -> Choice:
    labels = options["labels"] or (("id", "duration") if options["run"] else ("id",))
    return Choice(
        direction=options["direction"],
        critical=options["critical"],
        levels=options["levels"],
        reduce=options["reduce"],
        prefixes=options["prefixes"],
        tags=options["tags"],
        around=options["around"],
        depth=2 if options["depth"] is None else options["depth"],
        labels=labels,
    )


def _measures(workflow: Workflow, options: dict[str, Any], console: Console) -> Measures:
    """What the history knows, if it is asked for anything."""
    from exlib.render.measures import Measures, reckoned

    run, wants_times = options["run"], options["critical"] or "duration" in (options["labels"] or ())
    typical: dict[str, float] = {}
    measures = Measures()
    if run is not None or wants_times:
        from exlib.history.store import NoHistory

        try:
            measures, typical = _from_history(workflow, run, options["db"], console)
        except NoHistory:
            if run is not None or options["db"] is not None:
                raise
    durations, basis = reckoned(workflow.jobs, typical)
    if options["critical"]:
        _tell_basis(workflow, typical, basis, console)
    return measures._replace(typical=typical, durations=durations, basis=basis)


def _from_history(
    workflow: Workflow, wanted: str | None, db: str | None, console: Console
) -> tuple[Measures, dict[str, float]]:
    from exlib.history.lookup import find_run
    from exlib.history.sqlite import open_store
    from exlib.render.measures import Measures
    from exlib.report.outcomes import caption, of_run

    store = open_store(db, readonly=True)
    try:
        typical = store.typical_durations(workflow.name)
        if wanted is None:
            return Measures(), typical
        run = find_run(store, f"last:{workflow.name}" if wanted == "last" else wanted)
        whole = "." not in wanted
        endings = of_run(store, run, whole=whole)
        told = caption(run, whole=whole)
    finally:
        store.close()
    if run.application != workflow.name:
        console.warn(
            f'run {run.run} is one of "{printable(run.application)}", this document is "{printable(workflow.name)}"'
        )
    absent = endings.keys() - {job.id for job in workflow.jobs}
    if absent:
        console.note(f"{plural(len(absent), 'job')} of run {run.run} not in this document")
    return Measures(endings=endings, run=told), typical


def _tell_basis(workflow: Workflow, typical: dict[str, float], basis: str, console: Console) -> None:
    if basis == "by past runs":
        unknown = sum(job.id not in typical for job in workflow.jobs)
        rest = f"; {plural(unknown, 'job')} never succeeded, taken as the median" if unknown else ""
        console.note(f"critical path: by the durations of past runs{rest}")
    elif basis:
        console.note("critical path: by timeouts, as there are no past runs")
    else:
        console.note("critical path: by the number of jobs, as there are no past runs and all timeouts are alike")


def _mask(document: Document, workflow: Workflow) -> Callable[[str], str]:
    """What hides the values of secrets, wherever a run of this document would."""
    from exlib.engine.site import Site
    from exlib.masking import Mask
    from exlib.session.redaction import secret_values

    site = Site(workflow, os.environ, {}, os.curdir)
    return Mask(site.secret_values() | secret_values(document, workflow.secrets)).text


def _tell_errors(document: Document, errors: list[Finding], workflow: Workflow, console: Console) -> None:
    if not errors:
        return
    from exlib.session.redaction import without_secrets

    first = without_secrets(errors[:1], document, os.environ, workflow.secrets)[0]
    more = f" (and {len(errors) - 1} more: 'ex-validate' shows them)" if len(errors) > 1 else ""
    console.warn(f"{printable(first.place)}: {first.code}: {printable(first.message)}{more}")


def _refuse_unknown_jobs(workflow: Workflow, wanted: tuple[str, ...]) -> None:
    known = {job.id for job in workflow.jobs}
    for name in wanted:
        if name not in known:
            from exlib.rules.nearest import Nearest

            near = Nearest(known).to(name)
            mend = f'did you mean "{printable(near)}"?' if near else "ex-filter --list shows every id"
            raise UsageError(f'--around: no job has the id "{printable(name)}"', mend=mend)


def _tell(picture: Picture, choice: Choice, console: Console) -> None:
    """Say what the picture leaves out or adds; whether a circle is one of the workflow is no small matter."""
    for part in picture.note.split("; ") if picture.note else ():
        if part.startswith("the circle"):
            console.warn(part)
        elif part.endswith("left out") and choice.reduce is None:
            console.note(f"{part}, as there are more than 100 boxes; --no-reduce draws them")


def _in_format(picture: Picture, form: str, output: str, options: dict[str, Any], console: Console) -> bytes | str:
    if form == "dot":
        from exlib.render.dot import dot

        return dot(picture)
    if form == "mermaid":
        from exlib.render.mermaid import mermaid

        return mermaid(picture)
    if form == "text":
        return _as_text(picture, output, console)
    from exlib.render.plot import TIME_LIMIT, plotted

    return plotted(picture, form, options["limit"] or TIME_LIMIT)


def _as_text(picture: Picture, output: str, console: Console) -> str:
    """Fitted to the terminal that stdout is, else to 80 columns or what COLUMNS says."""
    import shutil

    from exlib.render.text import Pen, drawing
    from exlib.report.wording import Voice

    voice = Voice(console, sys.stdout if output == "-" else None)
    columns = max(shutil.get_terminal_size((80, 24)).columns, 20)
    return drawing(picture, Pen(columns, voice.unicode, voice.style))

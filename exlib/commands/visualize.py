"""ex-visualize: draw a workflow, as it is or as a run of it ended."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from exlib.commands import contract
from exlib.console import Console, is_terminal, printable
from exlib.errors import Exit, InputError, UsageError
from exlib.render.choice import LABELS, Choice

if TYPE_CHECKING:
    from exlib.document import Document
    from exlib.render.inject import Marked
    from exlib.render.picture import Picture

HELP = """Draw a workflow: jobs as boxes, dependencies as arrows.

\b
The format is what --format says, else what the suffix of -o FILE says, else
text: a drawing for the terminal. dot and mermaid are text for other programs,
svg, png and pdf need Graphviz, html is a page to wander in.

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
  ex-visualize nightly.json --status last -o nightly.html
  ex-visualize --inject README.md --check

\b
Exit codes: 0 drawn; 1 Graphviz could not, the history has no such run, or a
graph is not current; 2 usage, no Graphviz, or input that cannot be read; 3
empty input.
"""

SECTIONS = {
    "What is drawn": ("around", "depth", "prefixes", "tags", "reduce"),
    "What is shown of it": ("labels", "levels", "critical", "run", "events", "db"),
    "How": ("form", "direction", "limit", "output"),
    "Pages of a documentation": ("pages", "name", "check"),
}
FORMATS = ("text", "dot", "mermaid", "svg", "png", "pdf", "html")
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
@click.argument("file", metavar="[FILE]", required=False)
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
@click.option("--events", metavar="FILE", help="The same, of the last run in a stream that ex-run --events wrote.")
@click.option("--db", metavar="FILE", help="The history of --status and of durations (default: EX_DB, else the usual).")
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to draw it. [by the suffix of -o, else text]")
@click.option(
    "--direction",
    type=click.Choice(["TB", "LR", "BT", "RL"]),
    help="Where arrows lead. [TB, or LR where that is a better shape]",
)
@click.option(
    "--time-limit", "limit", metavar="SECONDS", type=click.FloatRange(min=0, min_open=True), help="For Graphviz. [60]"
)
@contract.output_option
@click.option(
    "--inject", "pages", metavar="PAGE", multiple=True, help="Renew the graphs between markers in a page. Repeatable."
)
@click.option("--name", metavar="NAME", help="Which graph of the page FILE is. [its application_name]")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and show the difference if a graph is not current.")
def command(console: Console, file: str | None, output: str, **options: Any) -> int:
    """Read, compose, draw, write."""
    if options["pages"]:
        _refuse_odd_with_pages(options, file, output)
        return _renew(file, options, console)
    form = contract.chosen_format(options["form"], output, FORMATS, strict=True)
    _refuse_odd_options(options, file, form, output)
    contract.refuse_overwriting(output, file or "-", options["events"] or "-")
    picture = _drawn(_load(file or "-"), options, console, page=form == "html")
    contract.write_output(_in_format(picture, form, output, options, console), output)
    return Exit.OK


def _load(file: str) -> Document:
    return contract.load(file, "draw the workflow, with this as --events FILE")


def _refuse_odd_with_pages(options: Mapping[str, Any], file: str | None, output: str) -> None:
    if options["form"] not in (None, "mermaid") or output != "-":
        raise UsageError("--inject puts a Mermaid graph into its page", mend="leave --format and -o out")
    if options["name"] is not None and file is None:
        raise UsageError("--name says which graph FILE is", mend="name the FILE, or - for stdin")


def _refuse_odd_options(options: Mapping[str, Any], file: str | None, form: str, output: str) -> None:
    if form in BINARY and output == "-" and is_terminal(sys.stdout):
        raise UsageError(f"{form} is nothing for a terminal", mend=f"name a file: -o workflow.{form}")
    if options["name"] is not None or options["check"]:
        raise UsageError(
            f"--{'check' if options['check'] else 'name'} is for graphs in pages", mend="add --inject PAGE"
        )
    if options["run"] is not None and options["events"] is not None:
        raise UsageError("--status and --events both say how jobs ended", mend="leave one of the two out")
    if options["events"] == "-" and file in (None, "-"):
        raise UsageError("the document and the events cannot both be standard input", mend="name the FILE of one")
    if options["depth"] is not None and not options["around"]:
        raise UsageError("--depth says how far --around looks", mend="add --around JOB, or leave --depth out")
    if options["limit"] is not None and form not in ("svg", "png", "pdf"):
        raise UsageError(f"--time-limit is for Graphviz, which {form} does not need", mend="leave it out")
    if options["direction"] is not None and form == "text":
        raise UsageError("a drawing of text always leads down", mend="leave --direction out, or name another --format")


def _drawn(document: Document, options: Mapping[str, Any], console: Console, *, page: bool = False) -> Picture:
    """The picture; a ``page`` has a switch for the critical path, and shows details when asked."""
    from exlib.session.drawing import Wish, drawn

    labels = options["labels"] or (("id", "duration") if options["run"] or options["events"] else ("id",))
    choice = Choice(
        direction=options["direction"],
        critical=options["critical"] or page,
        levels=options["levels"],
        reduce=options["reduce"],
        prefixes=options["prefixes"],
        tags=options["tags"],
        around=options["around"],
        depth=2 if options["depth"] is None else options["depth"],
        labels=labels,
        details=page,
    )
    wish = Wish(choice, options["run"], options["db"], bool(options["pages"]), _events(options["events"]))
    return drawn(document, wish, console)


def _events(path: str | None) -> tuple[bytes, str] | None:
    return None if path is None else (contract.read_bytes(path), "<stdin>" if path == "-" else path)


def _in_format(picture: Picture, form: str, output: str, options: Mapping[str, Any], console: Console) -> bytes | str:
    if form == "dot":
        from exlib.render.dot import dot

        return dot(picture)
    if form == "mermaid":
        return _mermaid(picture, console)
    if form == "html":
        from exlib.render.graph_page import graph_page

        return graph_page(picture)
    if form == "text":
        return _as_text(picture, output, console)
    from exlib.render.plot import TIME_LIMIT, plotted

    plot = plotted(picture, form, options["limit"] or TIME_LIMIT)
    if plot.remark:
        console.warn(plot.remark)
    return plot.product


def _as_text(picture: Picture, output: str, console: Console) -> str:
    """Fitted to the terminal that stdout is, else to 80 columns or what COLUMNS says."""
    import shutil

    from exlib.render.pen import Pen
    from exlib.render.text import drawing
    from exlib.report.wording import Voice

    voice = Voice(console, sys.stdout if output == "-" else None)
    columns = max(shutil.get_terminal_size((80, 24)).columns, 40)
    return drawing(picture, Pen(columns, voice.unicode, voice.style))


def _mermaid(picture: Picture, console: Console) -> str:
    from exlib.render.mermaid import MOST_ARROWS, MOST_TEXT, mermaid

    text = mermaid(picture)
    if len(picture.arrows) > MOST_ARROWS or len(text) > MOST_TEXT:
        console.warn(
            f"Mermaid refuses more than {MOST_ARROWS} arrows or {MOST_TEXT:,} characters unless it is told otherwise: "
            f"here are {len(picture.arrows):,} and {len(text):,}; --collapse-prefix 1 draws less"
        )
    return text


def _renew(file: str | None, options: Mapping[str, Any], console: Console) -> int:
    """Renew, or check, the graphs of all pages: of FILE alone, or each from the document that its marker names."""
    document = None if file is None else _load(file)
    from exlib.session.pages import show_difference

    pages = [(path, *_renewed(path, document, options, console)) for path in options["pages"]]
    stale = [(path, old, new) for path, old, new in pages if old != new]
    for path, old, new in stale:
        if options["check"]:
            show_difference(path, old, new, console)
        else:
            contract.write_file(path, new)
            console.note(f"{path}: renewed")
    for path in (path for path, old, new in pages if old == new):
        console.detail(f"{path}: current")
    return Exit.NO if stale and options["check"] else Exit.OK


def _renewed(path: str, document: Document | None, options: Mapping[str, Any], console: Console) -> tuple[bytes, bytes]:
    """A page as it is and as it should be."""
    from exlib.render.inject import renewed
    from exlib.session.pages import beside, own

    page = contract.read_bytes(path)
    graphs = own(page, path, document, options["name"], console)

    def draw(graph: Marked) -> str:
        source = document or _load(beside(path, graph.name))
        return _mermaid(_drawn(source, _with_marker(graph, path, options), console), console)

    return page, renewed(page, graphs, draw)


_IN_MARKERS = {
    "around", "depth", "collapse-prefix", "collapse-tag", "reduce", "no-reduce", "label", "levels", "critical-path",
    "status", "db", "direction",
}  # fmt: skip


def _with_marker(graph: Marked, path: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that stand in a marker, below those of the command line."""
    for word in graph.options:
        name = word.lstrip("-").partition("=")[0]
        if name not in _IN_MARKERS:
            known = ", ".join(sorted(_IN_MARKERS))
            raise InputError(
                f"{printable(word)} is no option of a graph", place=f"{path}:{graph.line}", mend=f"known: {known}"
            )
    context = click.get_current_context()
    argv = [f"--{word.lstrip('-')}" for word in graph.options]
    try:
        inner = context.command.make_context(str(context.info_name), argv, obj=context.obj)
    except click.UsageError as error:
        message = error.format_message()
        raise InputError(message[:1].lower() + message[1:].rstrip("."), place=f"{path}:{graph.line}") from None
    given = {name for name in options if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    return {**inner.params, "pages": options["pages"], **{name: options[name] for name in given}}

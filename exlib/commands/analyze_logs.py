"""ex-analyze-logs: what runs were like, what failed and why, out of events, logs and the history."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from exlib.commands.contract import chosen_format, output_option, refuse_overwriting, tool, write_output
from exlib.console import Console, is_terminal, printable
from exlib.document import STDIN_NAME
from exlib.errors import EmptyInput, Exit, InputError, UsageError

if TYPE_CHECKING:
    from exlib.logs.sink import Sink

FORMATS = ("text", "json", "csv", "markdown", "html", "openmetrics", "joblog")
LAST = 20
"""Runs of the history that are looked at when nothing else is said."""
LAST_OF_TRENDS = 200

VIEW_FLAGS = {
    "summary": ("--summary", "Figures over all runs (the default)."),
    "errors": ("--errors-only", "What failed, why, what it cost, and what to do next."),
    "patterns": ("--patterns", "The messages of failed tries, grouped by their shape."),
    "trends": ("--trends", f"Jobs that became slower, fail more often or are flaky, in {LAST_OF_TRENDS} runs."),
}
"""The flag of each view of ``exlib.logs.views`` and what it shows."""

HELP = """Say what runs were like, what failed and why.

\b
FILEs are event streams (ex-run --events), run logs, GNU parallel's job logs
and logs of the original program, plain or gzipped, told by what is in them;
- is standard input. Without a FILE, at a terminal or with --run, --last,
--since or --app, the history is read: its last 20 runs, unless you say.
"""

EPILOG = """\b
Examples:
  ex-analyze-logs --last 50 --app nightly
  ex-analyze-logs --errors-only --run last
  ex-analyze-logs --patterns --since 4w
  ex-analyze-logs --trends --app nightly --format html -o trends.html
  ex-analyze-logs --post-mortem last --format markdown
  ex-analyze-logs --compare 39 40
  ex-run -q nightly.json --events - | ex-analyze-logs --follow
  ex-analyze-logs --format openmetrics -o /var/lib/node_exporter/ex.prom

\b
A RUN is a number, NUMBER.ATTEMPT, 'last' or 'last:APPLICATION'. TIME is a date
(2026-01-31), a date and time, or a span back from now: 90s, 10m, 2h, 3d, 1w.

\b
Exit codes: 0 written; 1 there is no such run, --follow saw a run that did not
succeed, or --compare jobs that ended differently; 2 usage, or input that cannot
be read; 3 empty input; 130 --follow was interrupted.
"""

SECTIONS = {
    "Which runs (of the history)": ("runs", "last", "since", "application", "db"),
    "What to show": (*VIEW_FLAGS, "post_mortem", "compare", "follow", "top", "document"),
    "What is written": ("form", "output"),
}


def _since(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    from exlib.history.lookup import point_in_time

    if value is None:
        return None
    try:
        return point_in_time(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


def _no_events(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        mend = f"name the FILE itself: ex-analyze-logs {'-' if value == '-' else shlex.quote(value)}"
        raise UsageError("--events is an option of ex-run", mend=mend)


def _view_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for name, (flag, text) in reversed(VIEW_FLAGS.items()):
        function = click.option(flag, name, is_flag=True, help=text)(function)
    return function


def _chosen_view(given: dict[str, Any]) -> str:
    wanted = [name for name in VIEW_FLAGS if given.get(name)]
    if len(wanted) > 1:
        flags = " and ".join(VIEW_FLAGS[name][0] for name in wanted)
        raise UsageError(f"{flags} are two views", mend="ask for one at a time")
    return wanted[0] if wanted else "summary"


@tool("ex-analyze-logs", help=HELP, epilog=EPILOG, sections=SECTIONS)
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("--run", "runs", metavar="RUN", multiple=True, help="This run with all its attempts. Repeatable.")
@click.option("--last", metavar="N", type=click.IntRange(min=1), help=f"The newest N runs (default {LAST}).")
@click.option("--since", metavar="TIME", callback=_since, help="Runs started at or after TIME.")
@click.option("-a", "--app", "--application", "application", metavar="NAME", help="Runs of this application.")
@click.option("--db", metavar="FILE", help="The history (default: EX_DB, else in the user's state directory).")
@_view_options
@click.option("--post-mortem", metavar="RUN", help="Report on one run: what failed first, what it cost, what changed.")
@click.option("--compare", nargs=2, metavar="RUN RUN", help="Two runs beside each other; exit code 1 if jobs differ.")
@click.option("--follow", is_flag=True, help="Show a live event stream line by line, then the view.")
@click.option("--top", metavar="N", type=click.IntRange(min=1), default=10, help="How many to list (default 10).")
@click.option("--document", metavar="FILE", help="The workflow of an event stream: tells when its jobs were ready.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How to write it; see the page for each view's. [by the suffix of -o, else text]",
)
@click.option("--events", metavar="FILE", hidden=True, expose_value=False, callback=_no_events, help="Refused.")
@output_option
def command(console: Console, files: tuple[str, ...], form: str | None, output: str, **more: Any) -> int:
    """Read runs from files, standard input or the history, and write one view of them."""
    from exlib.logs.views import forms

    view = _chosen_view(more)
    form = chosen_format(form, output, FORMATS)
    refuse_overwriting(output, *files)
    if more["post_mortem"] or more["compare"]:
        return _about_named(console, files, form, output, more)
    known = forms(view)
    if form not in known:
        raise UsageError(f"this view is not written as {form}", mend=f"it can be {', '.join(known)}")
    chosen = {name: more[name] for name in ("runs", "last", "since", "application", "db")}
    telling = _telling(console, output, more)
    if more["follow"]:
        return _follow(console, files, chosen, view, form, output, telling, more["document"])
    if files and any(chosen.values()):
        raise UsageError("name FILEs or choose runs of the history, not both")
    shape = known[form]
    sink = shape.reader(telling)
    if any(chosen.values()) or (not files and _nothing_on_stdin()):
        if more["document"] is not None:
            raise UsageError("--document is for event streams: the history has the documents of its runs")
        limit = LAST_OF_TRENDS if view == "trends" else None if form == "openmetrics" else LAST
        _read_history(console, sink, chosen, limit)
    else:
        telling = _read_files(console, sink, files or ("-",), telling, more["document"])
    write_output(shape.write(sink, telling), output)
    return Exit.OK


def _about_named(console: Console, files: tuple[str, ...], form: str, output: str, more: dict[str, Any]) -> int:
    """A report on one or two runs of the history, which are all that is read."""
    from exlib.logs.reading.chosen import opened
    from exlib.logs.views.named import autopsy, comparison

    option = "--post-mortem" if more["post_mortem"] else "--compare"
    views = any(more[name] for name in VIEW_FLAGS)
    others: dict[str, Any] = {
        "FILEs": files,
        "another view": views,
        "--follow": more["follow"],
        "--document": more["document"],
    }
    others |= {f"--{name}": more[key] for name, key in (("run", "runs"), ("last", "last"), ("since", "since"))}
    others |= {"--app": more["application"], "--compare": more["post_mortem"] and more["compare"]}
    for name, given in others.items():
        if given:
            raise UsageError(f"{option} does not go with {name}", mend=f"{option} names its runs of the history itself")
    for run in more["compare"] or (more["post_mortem"],):
        if os.path.isfile(run):
            mend = f"ex-analyze-logs --errors-only {shlex.quote(run)} says what failed in it"
            raise UsageError(f"{option} reads runs of the history alone, and {run} is a file", mend=mend)
    telling = _telling(console, output, more)
    alike = True
    with opened(more["db"]) as store:
        if more["post_mortem"]:
            product = autopsy(store, more["post_mortem"], form, telling)
        else:
            product, alike = comparison(store, more["compare"], form, telling)
    write_output(product, output)
    return Exit.OK if alike else Exit.NO


def _telling(console: Console, output: str, more: dict[str, Any]) -> Any:
    from exlib.logs.views import Telling
    from exlib.report.wording import Voice
    from exlib.session.masks import Masks

    stream = sys.stdout if output == "-" else None
    columns = shutil.get_terminal_size((80, 24)).columns if is_terminal(stream) else 80
    return Telling(Voice(console, stream), columns, time.time(), more["db"], Masks(), top=more["top"])


def _nothing_on_stdin() -> bool:
    """Whether no stage of a pipe writes to standard input: it is a terminal, or a device such as /dev/null."""
    if sys.stdin is None:
        return False
    return stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode)


# -- the history ----------------------------------------------------------------------------------------------------


def _read_history(console: Console, sink: Sink, chosen: dict[str, Any], limit: int | None) -> None:
    from exlib.logs.reading.chosen import chosen_runs, opened
    from exlib.logs.reading.history import read_run
    from exlib.logs.sink import pour

    with opened(chosen["db"]) as store:
        records = chosen_runs(store, chosen, limit)
        console.detail(f"{printable(store.path)}: history")
        for record, attempt in records:
            pour(read_run(store, record.run, store.path, attempt), sink)


# -- files and pipes ------------------------------------------------------------------------------------------------


def _read_files(console: Console, sink: Sink, files: Sequence[str], telling: Any, document: str | None) -> Any:
    from exlib.logs.reading.sources import Intake

    intake = Intake(_ready(sink, document), console.detail)
    for file in files:
        if file != "-":
            intake.file(file)
        elif sys.stdin is None:
            raise EmptyInput("standard input is closed", mend="name a FILE, or pipe events in")
        elif is_terminal(sys.stdin):
            raise UsageError("standard input is a terminal", mend="name a FILE, or pipe events in")
        else:
            try:
                intake.stream(sys.stdin.buffer, STDIN_NAME)
            except OSError as error:
                raise InputError(f"cannot read standard input: {(error.strerror or str(error)).lower()}") from None
    return telling._replace(damages=tuple(intake.damages), damaged=intake.damaged)


def _ready(sink: Sink, document: str | None) -> Sink:
    if document is None:
        return sink
    from exlib.commands.contract import read_bytes, with_includes
    from exlib.document import Document
    from exlib.logs.reading.history import dependencies_of
    from exlib.logs.reading.ready import Readied

    raw = read_bytes(document)
    edges = dependencies_of(raw, document)
    if edges is None:
        raise InputError(f"{document} is no workflow", mend=f"see 'ex-validate {document}'")
    whole = with_includes(Document(raw, document))
    return Readied(sink, dependencies_of(whole.raw, whole.name) or edges)


def _follow(
    console: Console,
    files: tuple[str, ...],
    chosen: dict[str, Any],
    view: str,
    form: str,
    output: str,
    telling: Any,
    document: str | None,
) -> int:
    """Show a stream as it comes, on stdout, then what the view makes of it."""
    from exlib.logs.reading.follow import Follower
    from exlib.logs.views import forms
    from exlib.report.lines import Lines

    if len(files) > 1 or any(chosen.values()):
        raise UsageError("--follow reads one event stream", mend="name its FILE, or pipe it in")
    if form != "text" or output != "-":
        raise UsageError("--follow writes text to standard output", mend="read the stream again for another format")
    if sys.stdout is None:
        raise UsageError("--follow writes text to standard output, which is closed")
    file = files[0] if files else "-"
    if file == "-" and _nothing_on_stdin():
        raise UsageError("--follow needs an event stream", mend="name the FILE of ex-run --events FILE, or pipe it in")
    shape = forms(view)[form]
    sink = shape.reader(telling)
    name = STDIN_NAME if file == "-" else file
    follower = Follower(name, Lines(console, sys.stdout), _ready(sink, document), console.note)
    if file != "-":
        follower.file(file)
    elif sys.stdin is None:
        raise EmptyInput("standard input is closed", mend="name a FILE, or pipe events in")
    else:
        follower.pipe(sys.stdin.fileno())
        if not follower.met:
            raise EmptyInput("standard input is empty: the stage before this one failed")
    damages = follower.events.damages
    telling = telling._replace(damages=tuple(damages.first), damaged=damages.counts)
    write_output("\n" + shape.write(sink, telling))
    if follower.interrupted:
        return Exit.INTERRUPTED
    return Exit.OK if follower.status == "success" else Exit.NO

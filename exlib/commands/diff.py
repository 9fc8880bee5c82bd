"""ex-diff: compare two documents as workflows."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from exlib.commands import contract
from exlib.console import Console, is_terminal
from exlib.document import Document
from exlib.errors import Exit, UsageError

if TYPE_CHECKING:
    from exlib.delta.difference import Difference
    from exlib.delta.hiding import Hiding

FORMATS = ("text", "brief", "json", "json-patch", "markdown", "github", "html")

HELP = """Compare two documents as workflows: jobs, dependencies, settings, and what that means.

\b
The order of jobs, keys and dependencies does not matter, and spellings that
mean the same are the same. One of the two may be -, standard input.
"""

EPILOG = """\b
Examples:
  ex-diff old.json new.json
  ex-filter full.json --tag load | ex-diff - full.json --format brief

\b
Exit codes: 0 equal; 1 different; 2 usage, or input that cannot be read;
3 empty input.
"""


@contract.tool("ex-diff", help=HELP, epilog=EPILOG)
@click.argument("files", metavar="FILE FILE", nargs=-1)
@click.option("--order", is_flag=True, help="Let the order of jobs, keys and dependencies count.")
@click.option("--no-renames", is_flag=True, help="Tell a job with another id as removed and added.")
@click.option("--show-values", is_flag=True, help="Show the values of variables; those of secrets stay hidden.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to write it.")
@contract.output_option
def command(console: Console, files: tuple[str, ...], form: str, output: str, **options: Any) -> int:
    """Read two, compare, write."""
    from exlib.session.differing import difference, hiding

    before, after = _documents(files)
    found = difference(before, after, renames=not options["no_renames"], ordered=options["order"])
    hidden = hiding((before, after), variables=options["show_values"])
    contract.write_output(_written(form, found, hidden, console, output), output)
    return Exit.OK if found.equal else Exit.NO


def _documents(files: tuple[str, ...]) -> tuple[Document, Document]:
    """The two; standard input stands for one that is not named, as ``FILE`` does elsewhere."""
    if not files and is_terminal(sys.stdin):
        contract.show_short_help()
    if files.count("-") > 1:
        raise UsageError("both documents are standard input", mend="name a FILE for one of them")
    if len(files) > 2:
        raise UsageError(f"two documents are compared, not {len(files)}", mend="name two FILEs, one of them may be -")
    if len(files) < 2:
        raise UsageError(
            "the second document is missing" if files else "two documents are needed",
            mend="name two FILEs; one of them may be -, standard input",
        )
    before, after = map(contract.load, files)
    return before, after


def _written(form: str, found: Difference, hidden: Hiding, console: Console, output: str) -> str:
    from exlib.report.delta_formats import written
    from exlib.report.wording import Voice

    stream = sys.stdout if output == "-" else None
    columns = shutil.get_terminal_size((80, 24)).columns if is_terminal(stream) else 80
    return written(form, found, hidden, Voice(console, stream), columns)

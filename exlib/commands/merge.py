"""ex-merge: several workflows into one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

from exlib.commands import contract
from exlib.console import Console, plural, printable
from exlib.document import Document
from exlib.document.patchwork import on_one_line
from exlib.errors import Exit, UsageError
from exlib.merge.settings import Policy
from exlib.merge.together import Merged, Naming, together

SHOWN = 10
"""How many remarks of one sort are written out."""

HELP = """Merge workflows into one document, in the style of the first.

\b
A job that stands in several documents and means the same in all is one job.
Different jobs of one id get the names of their workflows before the id, and
what waits for them follows. Each other key keeps its text and its place.
"""

EPILOG = """\b
Examples:
  ex-merge extract.json load.json | ex-run
  ex-merge --chain -a release schema.json data.json checks.json -o release.json
  ex-merge base.json production.json --override

\b
Exit codes: 0 merged; 1 a conflict, which is named; 2 input that cannot be
read; 3 empty input.
"""

SECTIONS = {
    "Ids that mean different jobs": ("naming",),
    "What is written": ("settings", "chain", "application_name", "output"),
}
_NAMINGS: tuple[tuple[Naming, tuple[str, ...], str], ...] = (
    ("on-conflict", ("--prefix-on-conflict",), "Put the workflow's name before them (default)."),
    ("always", ("--prefix",), "Put the workflow's name before every id."),
    ("never", ("--no-prefix",), "Merge nothing, and name every such id with its places."),
    ("override", ("--override",), "The job of the last document counts, and so do its settings."),
)


def _naming_options(function: contract.F) -> contract.F:
    for naming, names, words in reversed(_NAMINGS):
        function = click.option(*names, "naming", flag_value=naming, help=words)(function)
    return function


@contract.tool("ex-merge", help=HELP, epilog=EPILOG, sections=SECTIONS)
@click.argument("files", metavar="[FILE]...", nargs=-1)
@_naming_options
@click.option(
    "--settings",
    type=click.Choice(["first", "last", "fail"]),
    help="Whose value counts where settings and variables disagree (default first).",
)
@click.option("--chain", is_flag=True, help="Let each document wait for the one before.")
@click.option("-a", "--application-name", metavar="NAME", help="Give the merged workflow this name.")
@contract.output_option
@click.option("--app-name", "original_name", hidden=True, help="As the original program spelt --application-name.")
@click.option("--prefix-job-ids", "naming", flag_value="always", hidden=True, help="As the original spelt --prefix.")
@click.option("--compact", is_flag=True, hidden=True, help="All on one line, as the original wrote it.")
def command(console: Console, files: Sequence[str], output: str, **options: Any) -> int:
    """Read all, merge, write."""
    if (
        click.get_current_context().command_path == "executioner merge"
        and len(files) == 1
        and _is_original_list(files[0])
    ):
        files = [name.strip() for name in files[0].split(",") if name.strip()]
        options["chain"] = True
        console.note("a list with commas, as the original program took it: each document waits for the one before")
    documents = _documents(files or ("-",))
    naming: Naming = options["naming"] or "on-conflict"
    policy: Policy = options["settings"] or ("last" if naming == "override" else "first")
    name = options["application_name"] or options["original_name"]
    if name is not None and not name.strip():
        raise UsageError("--application-name is empty", mend="leave it out, or name the workflow")
    made = together(documents, naming=naming, policy=policy, chain=options["chain"], application_name=name)
    _tell(console, made, decided=options["settings"] is not None or naming == "override")
    console.detail(f"merged {plural(len(documents), 'document')} into {plural(made.jobs, 'job')}")
    contract.write_output(on_one_line(made.raw) if options["compact"] else made.raw, output)
    return Exit.OK


def _is_original_list(argument: str) -> bool:
    """Whether this is a list of files as the original program took it, and not a file with a comma in its name."""
    umbrella = click.get_current_context().command_path == "executioner merge"
    return umbrella and "," in argument and not os.path.exists(argument)


def _documents(files: Sequence[str]) -> list[Document]:
    if files.count("-") > 1:
        raise UsageError("standard input can be read once", mend="name - once, and the others by their files")
    return [contract.load(file) for file in files]


def _tell(console: Console, made: Merged, *, decided: bool) -> None:
    """Say what did not simply stay as it was."""
    names = [document.name for document in made.documents]
    _listed(
        console.note,
        [f'job "{printable(old)}" of {names[number]} is now "{printable(new)}"' for number, old, new in made.renamed],
    )
    _listed(console.note, [f'job "{printable(job)}" is that of {names[number]}' for job, number in made.overridden])
    for found in made.disagreements:
        what = f"the variable {found.key}" if found.variable else found.key
        others = " and ".join(names[number] for number in found.holders)
        say = console.note if decided else console.warn
        say(f"{others} disagree about {printable(what)}: that of {names[found.chosen]} counts")
    for number, keys in made.spread.items():
        listed = ", ".join(map(printable, keys))
        console.note(f"only {names[number]} sets {listed}; in the merged document it holds for all jobs")
    _listed(
        console.warn,
        [
            f'job "{printable(job)}" of {names[number]} depends on "{printable(target)}", '
            f"which several other documents have: it waits for {', '.join(map(printable, found))}"
            for number, job, target, found in made.widened
        ],
    )
    _listed(
        console.warn,
        [
            f'job "{printable(job)}" of {names[number]} depends on "{printable(target)}", which no document has'
            for number, job, target in made.unknown
        ],
    )


def _listed(say: Any, lines: Sequence[str]) -> None:
    for line in lines[:SHOWN]:
        say(line)
    if len(lines) > SHOWN:
        say(f"and {len(lines) - SHOWN} more like that")

"""ex-convert: a workflow from the format in which it is, into the one in which it is wanted."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from exlib.commands import contract
from exlib.console import Console
from exlib.document import STDIN_NAME
from exlib.errors import Exit, StorageError, UsageError

if TYPE_CHECKING:
    from exlib.convert.conversion import Conversion
    from exlib.convert.source import Source
    from exlib.convert.wishes import File, Wishes

HELP = """Convert a workflow from another format, or to one. Nothing is fetched, and nothing of it
is run unless --evaluate says so.

\b
Whatever the source says is accounted for: as exact, approximated, dropped or manual,
with its line and the reason. A condition that cannot be decided here is never taken
for true: its job, and all that depends on it, waits until EX_ALLOW names it.
"""

EPILOG = """\b
Examples:
  ex-convert .gitlab-ci.yml -o ci.json --report account.json
  ex-convert --from make --target release Makefile | ex-run --parallel
  ex-convert nightly.json --to github -o .github/workflows/nightly.yml
  crontab -l | ex-convert --from crontab -o schedules/
  ex-convert --formats

\b
Exit codes: 0 converted; 1 there is no job in it, or with --strict a loss;
2 unusable input or options; 3 empty input; 74 the output cannot be written.
"""

SECTIONS = {
    "From what, into what": ("origin", "target", "formats"),
    "How it is read": ("granularity", "targets", "variables", "split_steps", "evaluate", "upgrade", "sheet"),
    "What is written": ("output", "report", "strict"),
}
_OPTIONS = {
    "granularity": "--granularity", "targets": "--target", "variables": "--var", "split_steps": "--split-steps",
    "evaluate": "--evaluate", "upgrade": "--upgrade", "sheet": "--sheet",
}  # fmt: skip


def _variables(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    for value in values:
        if "=" not in value[1:]:
            raise click.BadParameter(f'"{value}" sets nothing: write NAME=VALUE', context, parameter)
    return {name: text for name, _, text in (value.partition("=") for value in values)}


@contract.tool("ex-convert", help=HELP, epilog=EPILOG, sections=SECTIONS)
@contract.file_argument
@click.option("--from", "origin", metavar="FORMAT", help="The format of FILE. [guessed, and said]")
@click.option("--to", "target", metavar="FORMAT", help="The format to write. [by the suffix of -o, else executioner]")
@click.option("--formats", is_flag=True, help="List the formats, and end.")
@click.option(
    "--granularity", type=click.Choice(["script", "stage", "command"]), help="bash: what becomes a job. [command]"
)
@click.option("--target", "targets", metavar="NAME", multiple=True, help="make, ninja, taskfile: what is to be made.")
@click.option(
    "--var", "variables", metavar="NAME=VALUE", multiple=True, callback=_variables,
    help="Decide what depends on it: a variable, an input, a context.",
)  # fmt: skip
@click.option("--split-steps", is_flag=True, help="github: a job of its own for each step.")
@click.option("--evaluate", is_flag=True, help="make: run its $(shell …) to read it.")
@click.option("--upgrade", is_flag=True, help="executioner: bring old spellings up to date.")
@click.option("--sheet", metavar="NAME", help="xlsx: the sheet to read. [the first]")
@click.option("--report", metavar="FILE", help="Write the whole account to FILE, as JSON.")
@click.option("--strict", is_flag=True, help="Write nothing and exit with 1 if anything is not exact.")
@click.option("-o", "--output", metavar="FILE", default="-", help="Write to FILE, or each file to a directory (DIR/).")
def command(console: Console, file: str, output: str, **options: Any) -> int:
    """Read, convert, write, say what was lost."""
    if options["formats"]:
        from exlib.report.conversion import formats_table

        contract.write_output(formats_table(console), output)
        return Exit.OK
    if options["report"] == "-" and output == "-":
        raise UsageError("the result and the report cannot both go to stdout", mend="add -o FILE")
    contract.refuse_overwriting(options["report"], file)
    source = _source(file)
    origin = _origin(console, source, options["origin"])
    target = _target(options["target"], output)
    if origin != target:
        contract.refuse_overwriting(output, file)
    conversion = _convert(source, origin, target, _wishes(options, origin, target, output))
    refused = options["strict"] and not conversion.lossless
    if not refused:
        _write(conversion.files, output)
    if options["report"]:
        from exlib.report.conversion_json import as_json

        contract.write_output(as_json(conversion), options["report"])
    _tell(console, conversion, refused)
    return Exit.NO if refused else Exit.OK


def _source(file: str) -> Source:
    from exlib.convert.source import Source

    raw, name = contract.read_bytes(file), STDIN_NAME if file == "-" else file
    contract.refuse_events(raw, name)
    return Source(raw, name)


def _origin(console: Console, source: Source, wanted: str | None) -> str:
    """The format that --from names, else the guess, which is said unless it is the usual one."""
    if wanted:
        return wanted
    from exlib.convert.formats import OWN
    from exlib.convert.guess import guess

    found = guess(source)
    if found.format != OWN:
        console.note(f"{source.name}: taken for {found.format}, {found.why}")
    return found.format


def _target(wanted: str | None, output: str) -> str:
    if wanted:
        return wanted
    from exlib.convert.guess import target_of

    return target_of(output)


def _wishes(options: Mapping[str, Any], origin: str, target: str, output: str) -> Wishes:
    """What the options say. Raises UsageError for one that neither format heeds."""
    from exlib.convert.formats import FORMATS
    from exlib.convert.wishes import Wishes

    given = {name: options[name] for name in _OPTIONS if options[name]}
    heeded = {name for form in (origin, target) if form in FORMATS for name in FORMATS[form].heeds}
    for name in given:
        if name not in heeded:
            heeding = [form.name for form in FORMATS.values() if name in form.heeds]
            raise UsageError(
                f"{_OPTIONS[name]} means nothing from {origin} to {target}",
                mend=f"it is for {', '.join(heeding)}" if heeding else None,
            )
    return Wishes(**given, each=_is_folder(output))


def _is_folder(output: str) -> bool:
    return output != "-" and (output.endswith("/") or os.path.isdir(output))


def _convert(source: Source, origin: str, target: str, wishes: Wishes) -> Conversion:
    from exlib.convert.conversion import convert
    from exlib.convert.formats import OWN

    if origin == OWN:
        source = _with_includes(source)
    return convert(source, origin, target, wishes)


def _with_includes(source: Source) -> Source:
    from exlib.convert.source import Source
    from exlib.document import Document

    resolved = contract.with_includes(Document(source.raw, source.name))
    return source if resolved.raw == source.raw else Source(resolved.raw, source.name)


def _write(files: Sequence[File], output: str) -> None:
    """One file where it is wanted; several into a directory."""
    if not _is_folder(output):
        if len(files) > 1:
            names = ", ".join(file.name for file in files[:4]) + (" …" if len(files) > 4 else "")
            raise UsageError(f"these are {len(files)} files: {names}", mend="name a directory: -o DIR/")
        contract.write_output(files[0].content, output)
        return
    for file in files:
        path = os.path.join(output, file.name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise StorageError(f"cannot write {output}: {why}") from None
        contract.write_output(file.content, path)


def _tell(console: Console, conversion: Conversion, refused: bool) -> None:
    from exlib.report.conversion import losses, summary

    for line in losses(conversion, console, whole=console.verbose):
        console.note(line)
    console.note(summary(conversion, console))
    if refused:
        console.say("nothing was written, as --strict asks for no loss")

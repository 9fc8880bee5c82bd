"""ex-fmt: write workflows in their one canonical form, or say which are not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from exlib.canonical import differences, formatted
from exlib.commands import contract
from exlib.console import Console, plural, printable
from exlib.document import STDIN_NAME, Document
from exlib.errors import EmptyInput, ExecutionerError, Exit, UsageError
from exlib.findings import DocumentRefused

HELP = """Write a workflow in the one canonical form: the keys in the order of docs/formats.md,
two blanks a level, one job key a line, short lists and objects on one line. No
value, no job and no key is lost, and numbers and texts stay as they are written.

\b
  ex-fmt nightly.json             print it
  ex-fmt -w workflows/*.json      rewrite files where that changes them
  ex-fmt --check workflows/*.json name those that are not canonical, as in CI
  ex-fmt --diff nightly.json      show what would change
"""

EPILOG = """\b
With git: what a change of a workflow means, and not how it was typed.
  echo '*.workflow.json diff=workflow' >> .gitattributes
  git config diff.workflow.textconv 'ex-fmt --textconv'

\b
Exit codes: 0 written, or all are canonical; 1 --check or --diff found one that
is not; 2 input that cannot be read; 3 empty input; 74 a file cannot be written.
"""


@dataclass(frozen=True, slots=True)
class _Request:
    """What the command line asks of every file."""

    files: tuple[str, ...]
    write: bool
    check: bool
    diff: bool
    textconv: bool
    sort: bool
    output: str

    def __post_init__(self) -> None:
        modes = [name for name in ("write", "check", "textconv") if getattr(self, name)]
        if len(modes) > 1 or (modes and modes != ["check"] and self.diff):
            first, second = [f"--{name}" for name in [*modes, *(["diff"] if self.diff else [])]][:2]
            raise UsageError(f"{first} does not go with {second}", mend="leave one of the two out")
        if len(self.files) > 1 and not (self.write or self.check or self.diff):
            raise UsageError("only one document can be passed on", mend="to rewrite several files, add -w")
        if self.files.count("-") > 1:
            raise UsageError("stdin can be read only once", mend="name - once")
        if self.write and self.output != "-":
            raise UsageError("-w rewrites the files themselves, -o writes another one", mend="leave one of the two out")
        for file in self.files if self.write else ():
            if file == "-":
                raise UsageError("stdin cannot be rewritten", mend="leave out -w to have it on stdout, or name a FILE")
            if os.path.exists(file) and not os.path.isfile(file):
                raise UsageError(f"{file} is no regular file and cannot be rewritten", mend="use stdin")


@contract.tool(
    "ex-fmt",
    help=HELP,
    epilog=EPILOG,
    short_help="Write workflows in their one canonical form.",
    sections={"What is written": ["write", "check", "diff", "textconv", "output"], "The form": ["sort"]},
)
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("-w", "--write", is_flag=True, help="Rewrite each FILE in its place, where that changes it.")
@click.option("--check", is_flag=True, help="Only name the files that are not canonical; exit 1 if there are any.")
@click.option("--diff", is_flag=True, help="Show what would change, and change nothing; exit 1 if something would.")
@click.option("--textconv", is_flag=True, help="For git: what is no workflow is passed on as it is.")
@click.option(
    "--sort-dependencies", "sort", is_flag=True, help="List dependencies in the order of the jobs. [as they were]"
)
@contract.output_option
def command(
    console: Console,
    files: tuple[str, ...],
    write: bool,
    check: bool,
    diff: bool,
    textconv: bool,
    sort: bool,
    output: str,
) -> int:
    """Read, form, write."""
    request = _Request(files or ("-",), write, check, diff, textconv, sort, output)
    if textconv:
        contract.write_output(_converted(request), output)
        return Exit.OK
    if not (write or check or diff):
        contract.write_output(formatted(contract.load_alone(request.files[0]), sort_dependencies=sort), output)
        return Exit.OK
    return _each(request, console)


def _converted(request: _Request) -> bytes:
    """The canonical form, or the bytes as they came: git asks for an old version that may be no workflow yet."""
    try:
        raw = contract.read_bytes(request.files[0])
    except EmptyInput:
        return b""
    try:
        return formatted(Document(raw), sort_dependencies=request.sort).encode()
    except DocumentRefused:
        return raw


def _each(request: _Request, console: Console) -> int:
    """Rewrite, name or show every file that is not canonical; one that cannot be read does not stop the others."""
    worst, changed, product = Exit.OK, 0, bytearray()
    for file in request.files:
        try:
            document = contract.load_alone(file)
        except ExecutionerError as error:
            if len(request.files) == 1:
                raise
            _explain(error, file, console)
            worst = max(worst, error.exit_code)
            continue
        text = formatted(document, sort_dependencies=request.sort)
        if text.encode() == document.raw:
            continue
        changed += 1
        if request.write:
            contract.write_file(file, text.encode())
            console.note(f"rewritten: {printable(file)}")
            continue
        worst = max(worst, Exit.NO)
        product += b"".join(_told(document, text, request, console))
    contract.write_output(bytes(product), request.output)
    if not request.write:
        console.note(_counted(changed, request.files))
    return worst


def _told(document: Document, text: str, request: _Request, console: Console) -> Iterator[bytes]:
    """A file that would change, as its name or as a diff."""
    if not request.diff:
        yield f"{document.name}\n".encode("utf-8", "surrogateescape")
        return
    from exlib.report.findings_diff import unified

    splices = list(differences(document, text))
    yield unified(document.raw, splices, document.name, console, on_stdout=request.output == "-")


def _explain(error: ExecutionerError, file: str, console: Console) -> None:
    if isinstance(error, DocumentRefused):
        from exlib.report.findings import as_text

        console.say(as_text(error.findings, console))
        return
    name = STDIN_NAME if file == "-" else file
    console.say(f"{printable(name)}: {console.style('error:', 'red', 'bold')} {error.message}")


def _counted(changed: int, files: Sequence[str]) -> str:
    if not changed:
        return "canonical" if len(files) == 1 else f"all {plural(len(files), 'file')} canonical"
    return f"{changed:,} of {plural(len(files), 'file')} {'is' if changed == 1 else 'are'} not canonical"

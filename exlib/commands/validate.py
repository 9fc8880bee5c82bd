"""ex-validate: check workflows, say what to mend, mend what is safe, pass on what is clean."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from exlib.commands import contract
from exlib.console import Console, is_terminal, plural, printable
from exlib.document import STDIN_NAME, Document
from exlib.errors import EmptyInput, Exit, InputError, UsageError
from exlib.findings import DocumentRefused, Finding
from exlib.report.findings import FORMATS, Checked, counted, render

if TYPE_CHECKING:
    from exlib.fix import Mend


@dataclass(frozen=True, slots=True)
class _Request:
    """What the command line asks of every file."""

    files: tuple[str, ...]
    check: bool
    strict: bool
    ignored: frozenset[str]
    format: str
    fix: bool
    diff: bool
    output: str | None

    def __post_init__(self) -> None:
        if self.diff and not self.fix:
            raise UsageError("--diff shows what --fix would do", mend="give both: --fix --diff")
        if self.diff and (self.check or self.strict or self.ignored or self.format != "text"):
            raise UsageError(
                "--diff shows changes, not findings", mend="leave out --check, --strict, --ignore, --format"
            )
        if len(self.files) > 1 and not (self.check or self.fix):
            raise UsageError("only one document can be passed on", mend="to check several files, add --check")
        if len(self.files) > 1 and self.output is not None and not (self.check or self.diff):
            raise UsageError("several documents cannot go to one file", mend="leave out -o to mend each in its place")
        piped = [file for file in self.files if file != "-" and os.path.exists(file) and not os.path.isfile(file)]
        if self.in_place and piped:
            raise UsageError(f"{piped[0]} is no regular file and cannot be mended in its place", mend="use stdin")
        if self.fix and self.check and "-" in self.files:
            raise UsageError("--check writes no document, so what --fix mends in stdin would be lost")
        if self.files.count("-") > 1:
            raise UsageError("stdin can be read only once", mend="name - once")

    @property
    def in_place(self) -> bool:
        """Whether ``--fix`` writes the files themselves; ``-o``, be it to stdout, leaves them alone."""
        return self.fix and not self.diff and (self.check or self.output is None)


@contract.tool(
    "ex-validate",
    short_help="Check a workflow and say what to mend.",
    sections={
        "Findings": ["check", "format_name", "strict", "ignore"],
        "Mending": ["fix", "diff"],
        "Explanations": ["explain", "list_rules"],
    },
)
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("--check", is_flag=True, help="Write findings to stdout and no document; takes any number of FILEs.")
@click.option(
    "--format",
    "format_name",
    metavar="NAME",
    type=click.Choice(FORMATS),
    default="text",
    help=f"How findings are written: {', '.join(FORMATS)}.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the document, or with --check the findings, to FILE.")
@click.option("--fix", is_flag=True, help="Mend what is safe to mend: FILE in its place, stdin to stdout.")
@click.option("--diff", is_flag=True, help="With --fix: show the changes and make none; exit 1 if there are any.")
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.option(
    "--ignore", metavar="CODE", multiple=True, help="Leave out a warning; repeatable, or with commas. Errors stay."
)
@click.option("--explain", metavar="CODE", help="Print what a code means, why it matters and how to mend it.")
@click.option("--list-rules", is_flag=True, help="Print all codes, a line each (or everything: --format json).")
def command(
    console: Console,
    files: tuple[str, ...],
    check: bool,
    strict: bool,
    ignore: tuple[str, ...],
    format_name: str,
    fix: bool,
    diff: bool,
    explain: str | None,
    list_rules: bool,
    output: str | None,
) -> int:
    """Check a workflow and say what to mend.

    \b
      ex-validate nightly.json | ex-run --parallel    run it if it is right
      ex-validate --check workflows/*.json            only check, as in a hook or CI
      ex-validate --fix nightly.json                  mend what is safe to mend

    Findings go to stderr, each with its line and its mend. A document without errors goes on to the pipe byte
    for byte (a terminal is shown the verdict alone); one with errors does not go on.

    Exit codes: 0 no error, 1 errors, 2 input that cannot be read, 3 empty stdin.
    """
    if explain is not None or list_rules:
        return _tell_rules(console, explain, format_name, output)
    request = _Request(files or ("-",), check, strict, _ignorable(ignore), format_name, fix, diff, output)
    return _show_diff(request, console) if diff else _validate(request, console)


def _validate(request: _Request, console: Console) -> int:
    """Check every file; then write the report, and the document where one is to be passed on."""
    checked: list[Checked] = []
    document: Document | None = None
    for file in request.files:
        one, document = _examine(file, request, console)
        checked.append(one)
        console.detail(_verdict(one, document))
    worst = max(one.exit_code for one in checked)
    if request.check:
        text = render(request.format, checked, console, sys.stdout)
        contract.write_output(text, request.output or "-")
    else:
        _report(request, checked, console)
        if worst == Exit.OK and document is not None:
            _pass_on(document, request)
    if not console.verbose and is_terminal(sys.stderr) and not any(one.findings for one in checked):
        one_file = len(checked) == 1
        console.note(_verdict(checked[0], document) if one_file else f"no findings in {plural(len(checked), 'file')}")
    return worst


def _examine(file: str, request: _Request, console: Console) -> tuple[Checked, Document | None]:
    """Read, mend if asked, and check one file."""
    from exlib import rules

    one, document = _read(file, request)
    if document is None:
        return one, None
    if request.fix:
        try:
            document = contract.with_includes(_mended(document, request, console))
        except DocumentRefused as refused:
            return Checked(one.file, refused.findings, refused.exit_code), None
    findings = [f for f in rules.check(document) if not (f.severity == "warning" and f.code in request.ignored)]
    if request.strict:
        findings = [finding.as_error() for finding in findings]
    return Checked(one.file, tuple(findings)), document


def _read(file: str, request: _Request) -> tuple[Checked, Document | None]:
    """Read one file, without its includes if it is to be mended. What cannot be read is a finding: the others go on."""
    name = STDIN_NAME if file == "-" else file
    try:
        return Checked(name, ()), contract.load_alone(file) if request.fix or request.diff else contract.load(file)
    except DocumentRefused as refused:
        return Checked(name, refused.findings, refused.exit_code), None
    except (EmptyInput, InputError) as error:
        if isinstance(error, EmptyInput) and len(request.files) == 1:
            raise
        message = f"cannot be read: {error.message.removeprefix(f'cannot read {name}: ')}"
        return Checked(name, (Finding("E100", "error", message, name, mend=error.mend),), error.exit_code), None


def _report(request: _Request, checked: Sequence[Checked], console: Console) -> None:
    """Findings on stderr, beside the document: with ``--quiet`` only the errors, where it is for people."""
    if request.format == "text" and console.quiet:
        checked = [one.errors_only() for one in checked]
    text = render(request.format, checked, console, sys.stderr).rstrip("\n")
    if text:
        console.say(text)


def _pass_on(document: Document, request: _Request) -> None:
    """Write the document, unless it was mended in its place or a person at a terminal only wants the verdict."""
    if request.output is None and (
        (request.fix and document.name != STDIN_NAME) or (is_terminal(sys.stdout) and not request.fix)
    ):
        return
    contract.write_output(document.raw, request.output or "-")


def _verdict(one: Checked, document: Document | None) -> str:
    jobs = f" in {plural(len(document.jobs), 'job')}" if document is not None else ""
    return f"{printable(one.file)}: {counted(one.findings)}{jobs}"


def _mended(document: Document, request: _Request, console: Console) -> Document:
    """The document after the safe mends, written to its file where that is asked for."""
    from exlib.fix import mend

    mended = mend(document)
    if not mended.mends:
        return document
    if request.in_place and document.name != STDIN_NAME:
        contract.write_file(document.name, mended.raw)
    for made in mended.mends:
        console.note(_mend_line(made, document, console))
    console.note(f"{plural(len(mended.mends), 'mend')} in {printable(document.name)}")
    return Document(mended.raw, document.name)


def _mend_line(made: Mend, document: Document, console: Console) -> str:
    subject = f'job "{made.job}": ' if made.job is not None else ""
    place = console.style(f"{printable(document.name)}:{made.line}:", "bold")
    return f"{place} {console.style('mended:', 'green', 'bold')} {printable(subject + made.message)}"


def _show_diff(request: _Request, console: Console) -> int:
    """Print what ``--fix`` would change; nothing is written to the files."""
    from exlib.fix import mend
    from exlib.report.findings_diff import unified

    worst = Exit.OK
    output = request.output or "-"
    parts: list[bytes] = []
    for file in request.files:
        one, document = _read(file, request)
        if document is None:
            _report(request, [one], console)
            worst = max(worst, one.exit_code)
            continue
        mended = mend(document)
        if mended.mends:
            worst = max(worst, Exit.NO)
            parts.append(unified(document.raw, mended.splices, document.name, console, on_stdout=output == "-"))
    contract.write_output(b"".join(parts), output)
    return worst


def _ignorable(codes: Sequence[str]) -> frozenset[str]:
    """The codes of ``--ignore``, which must be those of warnings."""
    if not codes:
        return frozenset()
    from exlib.report.findings_rules import find

    rules = [find(code) for listed in codes for code in listed.split(",")]
    for rule in rules:
        if rule.severity == "error":
            raise UsageError(f"{rule.code} is an error and cannot be ignored; only warnings can")
    return frozenset(rule.code for rule in rules)


def _tell_rules(console: Console, code: str | None, format_name: str, output: str | None) -> int:
    """Answer ``--explain`` and ``--list-rules``."""
    from exlib.report import findings_rules

    if format_name not in ("text", "json"):
        raise UsageError(f"rules are not written as {format_name}", mend="use --format text or json")
    product = findings_rules.page(code, format_name, console) if code else findings_rules.table(format_name, console)
    contract.write_output(product, output or "-")
    return Exit.OK

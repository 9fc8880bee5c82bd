"""ex-diff: compare two documents or two runs as workflows, for people, programs and git."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from exlib.commands import contract
from exlib.console import Console, is_terminal, printable
from exlib.document import STDIN_NAME, Document
from exlib.errors import ExecutionerError, Exit, UsageError

if TYPE_CHECKING:
    from exlib.delta.difference import Difference
    from exlib.delta.hiding import Hiding
    from exlib.report.wording import Voice
    from exlib.session.gitdiff import Versions

FORMATS = ("text", "brief", "json", "json-patch", "markdown", "github", "html")
PATTERN = "*.json"

HELP = """Compare two documents as workflows: jobs, dependencies, settings, and what that means.

\b
The order of jobs, keys and dependencies does not matter, and spellings that
mean the same are the same. One of the two may be -, standard input.
"""

EPILOG = """\b
Examples:
  ex-diff old.json new.json
  ex-diff old.json new.json --format html -o difference.html
  ex-diff old.json new.json --format github >> "$GITHUB_STEP_SUMMARY"
  ex-filter full.json --tag load | ex-diff - full.json --format brief
  ex-diff --run 12 13
  ex-diff --git-config --apply 'workflows/*.json'

\b
Exit codes: 0 equal; 1 different; 2 usage, or input that cannot be read;
3 empty input. For git, as its diff driver, it is always 0.
"""

SECTIONS = {
    "What counts as a difference": ("order", "no_renames"),
    "What is written": ("form", "show_values", "output"),
    "Which runs (of the history)": ("runs", "db"),
    "For git": ("git_config", "apply", "textconv"),
}


@contract.tool("ex-diff", help=HELP, epilog=EPILOG, sections=SECTIONS)
@click.argument("files", metavar="FILE FILE", nargs=-1)
@click.option("--order", is_flag=True, help="Let the order of jobs, keys and dependencies count.")
@click.option("--no-renames", is_flag=True, help="Tell a job with another id as removed and added.")
@click.option("--show-values", is_flag=True, help="Show the values of variables; those of secrets stay hidden.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How to write it.")
@click.option("--run", "runs", nargs=2, metavar="RUN RUN", help="Compare two runs of the history, and their documents.")
@click.option("--db", metavar="FILE", help="The history that --run reads.")
@click.option("--git-config", is_flag=True, help=f"Print git's settings for files of the PATTERNs named ({PATTERN}).")
@click.option("--apply", is_flag=True, help="With --git-config: make them, where nothing else is set.")
@click.option("--textconv", is_flag=True, help="Write one FILE as text that changes only when the workflow does.")
@contract.output_option
def command(console: Console, files: tuple[str, ...], form: str, output: str, **options: Any) -> int:
    """Read two, compare, write; or do as git asks."""
    _refuse_odd_options(options)
    if options["git_config"]:
        return _git_config(console, files or (PATTERN,), output, apply=options["apply"])
    if options["textconv"]:
        return _textconv(files, output, variables=options["show_values"])
    if options["runs"]:
        return _runs(console, files, form, output, options)
    if len(files) in (7, 9) or (len(files) == 1 and "GIT_DIFF_PATH_COUNTER" in os.environ):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # git gives up if the reader's going away ends what it calls
        try:
            _for_git(console, files, form, options)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left unwritten has to go somewhere
        return Exit.OK
    from exlib.session.differing import difference, hiding

    contract.refuse_overwriting(output, *files)
    before, after = _documents(files, contract.load_alone if form == "json-patch" else contract.load)
    found = difference(before, after, renames=not options["no_renames"], ordered=options["order"])
    hidden = hiding((before, after), variables=options["show_values"])
    contract.write_output(_written(form, found, hidden, console, output), output)
    return Exit.OK if found.equal else Exit.NO


def _refuse_odd_options(options: dict[str, Any]) -> None:
    if options["apply"] and not options["git_config"]:
        raise UsageError("--apply makes the settings of --git-config", mend="add --git-config, or leave --apply out")
    if options["db"] and not options["runs"]:
        raise UsageError("--db says where --run looks", mend="add --run RUN RUN, or leave --db out")
    if options["textconv"] and options["git_config"]:
        raise UsageError("--textconv and --git-config exclude each other")


def _documents(files: tuple[str, ...], load: Callable[[str], Document]) -> tuple[Document, Document]:
    """The two documents that are named."""
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
    before, after = map(load, files)
    return before, after


def _written(form: str, found: Difference, hidden: Hiding, console: Console, output: str) -> str:
    from exlib.report.delta_formats import written

    return written(form, found, hidden, *_voice(console, output))


def _voice(console: Console, output: str) -> tuple[Voice, int]:
    from exlib.report.wording import Voice

    stream = sys.stdout if output == "-" else None
    columns = shutil.get_terminal_size((80, 24)).columns if is_terminal(stream) else 80
    return Voice(console, stream), columns


def _runs(console: Console, files: tuple[str, ...], form: str, output: str, options: dict[str, Any]) -> int:
    from exlib.history.sqlite import open_store
    from exlib.session.differing_runs import two_runs
    from exlib.session.runs_written import runs_written

    if files:
        raise UsageError("name two FILEs or two runs, not both")
    store = open_store(options["db"], readonly=True)
    try:
        found = two_runs(
            store,
            options["runs"],
            renames=not options["no_renames"],
            ordered=options["order"],
            variables=options["show_values"],
        )
    finally:
        store.close()
    contract.write_output(runs_written(form, found, *_voice(console, output)), output)
    return Exit.OK if found.equal else Exit.NO


# -- for git --------------------------------------------------------------------------------------------------------


def _git_config(console: Console, patterns: tuple[str, ...], output: str, *, apply: bool) -> int:
    from exlib import gitsettings
    from exlib.session.gitdiff import settings

    wanted = settings(patterns)
    if not apply:
        contract.write_output(gitsettings.commands(wanted), output)
        return Exit.OK
    for done in gitsettings.apply(wanted) or ["all of it is set already"]:
        console.note(printable(done))
    return Exit.OK


def _textconv(files: tuple[str, ...], output: str, *, variables: bool) -> int:
    """A file that is no workflow is written as it is: git shows its lines then."""
    from exlib.report.document_text import document_text
    from exlib.session.differing import hiding
    from exlib.session.gitdiff import is_workflow

    if len(files) > 1:
        raise UsageError(f"--textconv writes one FILE, not {len(files)}")
    name = files[0] if files else "-"
    raw = contract.read_bytes(name)
    product: str | bytes = raw
    try:
        document = Document(raw, STDIN_NAME if name == "-" else name)
        if is_workflow(document):
            product = document_text(document, hiding([document], variables=variables))
    except ExecutionerError:
        pass
    contract.write_output(product, output)
    return Exit.OK


def _for_git(console: Console, arguments: tuple[str, ...], form: str, options: dict[str, Any]) -> None:
    """One file of ``git diff``: whatever it holds, git goes on with the next."""
    from exlib.session import gitdiff

    if console.color == "auto" and os.environ.get("GIT_PAGER_IN_USE") and not os.environ.get("NO_COLOR"):
        console.color = "always"  # the pager shows colours, though standard output is a pipe to it
    found = gitdiff.versions(arguments)
    if found is None:
        contract.write_output(f"* Unmerged path {printable(arguments[0])}\n")
        return
    pair = gitdiff.documents(found)
    product = None
    if pair is not None:
        try:
            product = _told_to_git(console, found, pair, form, options)
        except Exception as error:  # what is a bug here must not keep git from showing this file and the others
            console.warn(f"{printable(found.paths[1])} is shown as text: {type(error).__name__}: {error}")
    contract.write_output(product or gitdiff.plain(found, coloured=_voice(console, "-")[0].coloured))


def _told_to_git(
    console: Console, versions: Versions, pair: tuple[Document, Document], form: str, options: dict[str, Any]
) -> str:
    from exlib.session.differing import difference, hiding
    from exlib.session.gitdiff import heading

    found = difference(*pair, renames=not options["no_renames"], ordered=options["order"], names=versions.paths)
    hidden = hiding(pair, variables=options["show_values"])
    head = "\n".join(console.style(line, "bold", stream=sys.stdout) for line in heading(versions))
    return f"{head}\n{_written(form, found, hidden, console, '-')}\n"

"""ex-merge: several workflows into one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from exlib.commands import contract
from exlib.console import Console, plural, printable
from exlib.document import Document
from exlib.document.patchwork import on_one_line
from exlib.errors import AnswerNo, Exit, UsageError
from exlib.findings import DocumentRefused
from exlib.merge.git import CONFIG, merge_by_lines
from exlib.merge.settings import Policy
from exlib.merge.together import Merged, Naming, together

if TYPE_CHECKING:
    from exlib.merge.threeway import Outcome

MOST = 50
"""How many conflicts are written out; a report has them all."""
SHOWN = 10
"""How many remarks of one sort are written out."""

HELP = """Merge workflows into one document, in the style of the first.

\b
A job that stands in several documents and means the same in all is one job.
Different jobs of one id get the names of their workflows before the id, and
what waits for them follows. Each other key keeps its text and its place.

\b
With --base two documents that changed a third are merged, by job and by key.
What both changed in different ways is a conflict: it is told, and nothing is
written, unless --ours, --theirs or --mark says what to do.
"""

EPILOG = """\b
Examples:
  ex-merge extract.json load.json | ex-run
  ex-merge --chain -a release schema.json data.json checks.json -o release.json
  ex-merge base.json production.json --override
  ex-merge --base before.json mine.json yours.json -o both.json
  ex-merge --git-config | sh

\b
Exit codes: 0 merged; 1 a conflict, which is named; 2 input that cannot be
read; 3 empty input.
"""

SECTIONS = {
    "Ids that mean different jobs": ("naming",),
    "What is written": ("settings", "chain", "application_name", "output"),
    "Includes": ("flatten", "origin"),
    "Two documents that changed a third": ("base", "favour", "mark", "form", "conflicts"),
    "As git's merge driver": ("git_config", "git_driver"),
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
@click.option("--flatten", is_flag=True, help="Write one document with all that it includes.")
@click.option("--origin", is_flag=True, help="Say where each job and setting came from, instead of the document.")
@click.option("--base", metavar="FILE", help="What both documents, OURS and THEIRS, were made from.")
@click.option("--ours", "favour", flag_value="ours", help="Conflicts: take what OURS has.")
@click.option("--theirs", "favour", flag_value="theirs", help="Conflicts: take what THEIRS has.")
@click.option("--mark", is_flag=True, help="Conflicts: write the document with marks (x-merge-conflict), exit 1.")
@click.option(
    "--format", "form", type=click.Choice(["document", "json"]), help="Write the document (default), or a report."
)
@click.option("--conflicts", metavar="FILE", help="Write the report to FILE besides.")
@click.option("--git-config", is_flag=True, help="Print the commands that make git merge workflows with this.")
@click.option("--git-driver", is_flag=True, help="What git calls: merge the files %O %A %B of %P into %A.")
@click.option("--app-name", "original_name", hidden=True, help="As the original program spelt --application-name.")
@click.option("--prefix-job-ids", "naming", flag_value="always", hidden=True, help="As the original spelt --prefix.")
@click.option("--compact", is_flag=True, hidden=True, help="All on one line, as the original wrote it.")
def command(console: Console, files: Sequence[str], output: str, **options: Any) -> int:
    """Read all, merge, write."""
    _refuse_odd_options(files, options)
    contract.refuse_overwriting(options["conflicts"], *files, options["base"] or "-")
    if options["git_config"]:
        contract.write_output(CONFIG, output)
        return Exit.OK
    if options["git_driver"]:
        return _as_git_driver(console, *files)
    if options["base"] is not None:
        return _in_three_ways(console, files, output, options)
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
    if options["origin"]:
        contract.write_output(_origins(made, as_data=options["form"] == "json"), output)
    else:
        contract.write_output(on_one_line(made.raw) if options["compact"] else made.raw, output)
    return Exit.OK


def _origins(made: Merged, *, as_data: bool) -> str:
    from exlib.merge.origin import as_json, as_text, origins

    found = origins(made.document)
    return as_json(found, made.documents[0].name) if as_data else as_text(found)


def _is_original_list(argument: str) -> bool:
    """Whether this is a list of files as the original program took it, and not a file with a comma in its name."""
    umbrella = click.get_current_context().command_path == "executioner merge"
    return umbrella and "," in argument and not os.path.exists(argument)


def _refuse_odd_options(files: Sequence[str], options: Mapping[str, Any]) -> None:
    """Raise UsageError for options of one way to merge that are given with another."""
    said = click.get_current_context().meta.get("exlib.arguments", ())
    for alike in (("--ours", "--theirs", "--mark"), ("--prefix", "--prefix-on-conflict", "--no-prefix", "--override")):
        found = [flag for flag in alike if flag in said]
        if len(found) > 1:
            raise UsageError(f"{found[0]} and {found[1]} exclude each other", mend="leave one of the two out")
    given = [flag for name, flag in _FLAGS.items() if options[name]]
    both = [flag for name, flag in _TWO_WAYS.items() if options[name]]
    if options["origin"] and given == ["--format"]:
        given = []
    if options["flatten"] and len(files) > 1:
        raise UsageError("--flatten takes one document", mend="leave it out: what is merged is flat too")
    if options["base"] is None and given:
        raise UsageError(f"{given[0]} means nothing without --base", mend="add --base FILE, or leave it out")
    if options["base"] is not None and both:
        raise UsageError(f"{both[0]} does not go with --base", mend="leave one of the two out")
    if options["base"] is not None and len(files) != 2:
        raise UsageError("--base takes two documents", mend="ex-merge --base BASE OURS THEIRS")
    if options["git_driver"] and len(files) != 4:
        raise UsageError("--git-driver takes what git gives it: %O %A %B %P", mend="see 'ex-merge --git-config'")


_FLAGS = {
    "favour": "--ours or --theirs",
    "mark": "--mark",
    "form": "--format",
    "conflicts": "--conflicts",
}
_TWO_WAYS = {
    "flatten": "--flatten",
    "origin": "--origin",
    "naming": "a prefix, or --override,",
    "settings": "--settings",
    "chain": "--chain",
    "application_name": "--application-name",
    "original_name": "--app-name",
    "compact": "--compact",
}


def _in_three_ways(console: Console, files: Sequence[str], output: str, options: Mapping[str, Any]) -> int:
    """Merge OURS and THEIRS; what is not settled is told, and written only where that is asked for."""
    from exlib.merge.report import as_json
    from exlib.merge.threeway import threeway

    base, ours, theirs = documents = _documents((options["base"], *files), contract.load_alone)
    made = threeway(base, ours, theirs, favour=options["favour"])
    report = ""
    if options["form"] == "json" or options["conflicts"] is not None:
        report = as_json(made, (base.name, ours.name, theirs.name), _hiding(documents))
    if options["conflicts"] is not None:
        contract.write_file(options["conflicts"], report.encode())
    if options["form"] == "json":
        contract.write_output(report, output)
    elif made.is_clean or options["mark"]:
        contract.write_output(made.raw, output)
    if made.settled:
        console.note(f"{plural(len(made.settled), 'conflict')} settled: what {options['favour']} has counts")
    if not made.is_clean:
        decided = options["favour"] is not None or options["mark"]
        edit = "decide with --ours or --theirs, or edit what --mark writes"
        if not made.conflicts:
            edit = "no flag decides this: change one of the two documents, and merge again"
        raise _unsettled(made, None if decided and made.conflicts else edit)
    return Exit.OK


def _unsettled(made: Outcome, mend: str | None) -> AnswerNo:
    from exlib.merge.report import lines

    told = lines(made)
    more = [f"and {len(told) - MOST} more"] if len(told) > MOST else []
    return AnswerNo("\n  ".join(["ours and theirs do not go together:", *told[:MOST], *more]), mend=mend)


def _hiding(documents: Sequence[Document]) -> Callable[[str], str]:
    """What takes the secrets that the documents hold, and those of the environment, out of a text."""
    from exlib.environment import is_secret
    from exlib.masking import Mask
    from exlib.masking.documents import secret_values

    listed = [document.data.get("secrets") for document in documents]
    names = {name for value in listed if isinstance(value, list) for name in value if isinstance(name, str)}
    values = {os.environ[name] for name in os.environ if is_secret(name, names)}
    return Mask(values.union(*(secret_values(document, names) for document in documents))).text


def _as_git_driver(console: Console, ancestor: str, ours: str, theirs: str, path: str) -> int:
    """Merge into the file of ours. 1 tells git that there is a conflict; the versions themselves stay in its index."""
    from exlib.merge.threeway import is_workflow, threeway

    documents: list[Document] = []
    for side, file in (("base", ancestor), ("ours", ours), ("theirs", theirs)):
        raw = contract.read_bytes(file)
        if side == "base" and not raw.strip():
            raw = b'{"jobs": []}'  # both sides added the file
        try:
            documents.append(Document(raw, file))
        except DocumentRefused as refused:
            line = refused.findings[0].line
            console.warn(f"{printable(path)}: {side} cannot be read as JSON (line {line}), so it is merged by lines")
            merge_by_lines(ancestor, ours, theirs)
            return Exit.NO
    if not all(map(is_workflow, documents)):
        return Exit.OK if merge_by_lines(ancestor, ours, theirs) else Exit.NO
    made = threeway(documents[0], documents[1], documents[2])
    contract.write_file(ours, made.raw)
    if made.is_clean:
        return Exit.OK
    error = _unsettled(made, "settle what stands under x-merge-conflict, then 'git add' the file")
    raise AnswerNo(error.message, place=printable(path), mend=error.mend if made.conflicts else None)


def _documents(files: Sequence[str], load: Callable[[str], Document] = contract.load) -> list[Document]:
    if files.count("-") > 1:
        raise UsageError("standard input can be read once", mend="name - once, and the others by their files")
    return [load(file) for file in files]


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

"""ex-filter: select jobs, keeping the rest of the document as it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from exlib.commands import contract
from exlib.console import Console, plural, printable
from exlib.errors import Exit, StorageError, UsageError
from exlib.select import Criteria, Part, Rewiring, Roster, by_component, by_tag, cut, into_parts, rewire, select
from exlib.workflow import application_name

SHOWN = 10
"""How many warnings of one sort are written out."""
MANY = 100_000
"""Inherited dependencies that are said to be many."""

HELP = """Select jobs of a workflow and write the workflow with these alone.

\b
Options of one kind add up, different kinds narrow each other: --tag db
--tag load --keyword index keeps what is tagged db or load and described with
"index". Then --with-deps and --with-dependents add to the selection,
--invert turns it round, and --exclude-pattern takes away last. Without any
of these every job is selected.

\b
A job that is left out hands its dependencies on to the jobs that waited for
it, so the order stays. Everything else stays as it was, byte for byte.
"""

EPILOG = """\b
Examples:
  ex-filter nightly.json --pattern 'PR_104*' --with-deps | ex-run
  ex-filter nightly.json --pattern 're:_(load|index)$' --list
  ex-filter nightly.json --from extract --until report
  ex-filter nightly.json --failed last --with-dependents | ex-run
  ex-filter nightly.json --split-by component -o parts/

\b
Exit codes: 0 written; 1 no job is selected; 2 an unknown id, or input that
cannot be read; 3 empty input.
"""

SECTIONS = {
    "Select jobs (each option may be repeated)": (
        *("patterns", "keywords", "tags", "jobs", "job_lists", "until", "origins"),
        *("failed", "db"),
    ),
    "Change the selection": ("with_deps", "with_dependents", "invert", "exclude"),
    "What is written": ("no_bridge", "minimal", "listing", "count", "split_by", "output"),
}


def _many(*names: str, metavar: str, help: str) -> Callable[[contract.F], contract.F]:
    return click.option(*names, metavar=metavar, multiple=True, help=help)


@contract.tool("ex-filter", help=HELP, epilog=EPILOG, sections=SECTIONS)
@contract.file_argument
@_many(
    "-p", "--pattern", "patterns", metavar="GLOB", help="The whole id matches, e.g. 'PR_*'. 're:REGEX' matches a part."
)
@_many("--keyword", "keywords", metavar="TEXT", help="The description holds TEXT, in any letter case.")
@_many("-t", "--tag", "tags", metavar="TAG", help="The job has this tag.")
@_many("-j", "--job", "jobs", metavar="ID", help="This job.")
@_many("--jobs", "job_lists", metavar="ID,ID,...", help="These jobs.")
@_many("--until", metavar="ID", help="This job and all that it needs.")
@_many("--from", "origins", metavar="ID", help="This job and all that need it.")
@click.option("--failed", metavar="RUN", help="What did not succeed in a run: a number, or 'last'. Only one.")
@click.option("--db", metavar="FILE", help="The history that --failed reads.")
@click.option("-d", "--with-deps", is_flag=True, help="Add all that the selected jobs need.")
@click.option("-D", "--with-dependents", is_flag=True, help="Add all that need the selected jobs.")
@click.option("--invert", is_flag=True, help="Take the other jobs instead.")
@_many("-x", "--exclude-pattern", "exclude", metavar="GLOB", help="Leave out ids that match, as --pattern. Repeatable.")
@click.option("--no-bridge", is_flag=True, help="Drop dependencies on jobs left out, and say which.")
@click.option("--minimal", is_flag=True, help="Leave out prose, tags, notes, and settings that say the default.")
@click.option("-l", "--list", "listing", is_flag=True, help="Print the ids, one a line, instead of a document.")
@click.option(
    "--split", "count", metavar="N", type=int, help="Write N documents of like size; linked jobs stay together."
)
@click.option(
    "--split-by", type=click.Choice(["tag", "component"]), help="Write a document for each first tag or linked group."
)
@click.option(
    "-o", "--output", metavar="FILE", default="-", help="Write FILE, whole or not at all; for a split, a directory."
)
def command(console: Console, file: str, output: str, **options: Any) -> int:
    """Read, select, write."""
    splitting = options["count"] is not None or options["split_by"] is not None
    _refuse_odd_options(options, output, splitting)
    roster = Roster(contract.load(file))
    selection = select(roster, _criteria(roster, options, console))
    for remark in selection.remarks:
        console.note(remark)
    if options["listing"]:
        contract.write_output("".join(f"{roster.ids[node]}\n" for node in selection.kept), output)
        return Exit.OK
    if splitting:
        _write_parts(console, roster, selection.kept, output, options)
        return Exit.OK
    rewiring = rewire(roster, selection.kept, bridge=not options["no_bridge"])
    product = cut(roster, selection.kept, rewiring, minimal=options["minimal"])
    _tell(console, roster, rewiring)
    inherited = plural(rewiring.inherited, "dependency", "dependencies")
    console.detail(f"kept {len(selection.kept):,} of {plural(len(roster), 'job')}, {inherited} handed on")
    contract.write_output(product, output)
    return Exit.OK


def _refuse_odd_options(options: dict[str, Any], output: str, splitting: bool) -> None:
    if options["count"] is not None and options["split_by"] is not None:
        raise UsageError("--split and --split-by exclude each other")
    if options["count"] is not None and options["count"] < 1:
        raise UsageError(f"--split takes the number of documents, 1 or more, not {options['count']}")
    if splitting and options["listing"]:
        raise UsageError("--list and a split exclude each other", mend="a split prints the files that it writes")
    if splitting and output == "-":
        raise UsageError("a split needs a directory", mend="name it: -o DIR")
    if splitting and os.path.exists(output) and not os.path.isdir(output):
        raise UsageError(f"{output} is no directory, and a split needs one", mend="name another: -o DIR")
    if options["db"] is not None and options["failed"] is None:
        raise UsageError("--db says where --failed looks", mend="add --failed RUN, or leave --db out")


def _criteria(roster: Roster, options: dict[str, Any], console: Console) -> Criteria:
    listed = [name.strip() for names in options["job_lists"] for name in names.split(",") if name.strip()]
    if options["job_lists"] and not listed:
        raise UsageError("--jobs names no job")
    run = options["failed"]
    return Criteria(
        jobs=(*options["jobs"], *listed),
        patterns=options["patterns"],
        keywords=options["keywords"],
        tags=options["tags"],
        until=options["until"],
        origins=options["origins"],
        among=None if run is None else _not_succeeded(roster, run, options["db"], console),
        among_option=f"--failed {run}",
        with_deps=options["with_deps"],
        with_dependents=options["with_dependents"],
        invert=options["invert"],
        exclude=options["exclude"],
    )


def _not_succeeded(roster: Roster, wanted: str, db: str | None, console: Console) -> frozenset[str]:
    """The jobs of a run that did not succeed, those that it never came to included."""
    from exlib.history.lookup import find_run
    from exlib.history.marks import known_jobs
    from exlib.history.sqlite import open_store

    application = application_name(roster.document)
    store = open_store(db, readonly=True)
    try:
        run = find_run(store, f"last:{application}" if wanted == "last" else wanted)
        records = store.jobs(run.run, run.attempt if "." in wanted else None)
        planned = known_jobs(records, store.document(run.run))
    finally:
        store.close()
    if run.application != application:
        console.warn(f'run {run.run} is one of "{run.application}", this document is "{application}"')
    if run.ended is None:
        console.warn(f"run {run.run} has not ended: what still runs or waits counts as not succeeded")
    done = {record.job for record in records if record.status == "success"}
    absent = [name for name in planned if name not in done and name not in roster.index]
    if absent:
        console.note(f"not in this document: {_some(absent)}")
    return frozenset(planned.keys() - done)


def _write_parts(
    console: Console, roster: Roster, kept: Sequence[int], directory: str, options: Mapping[str, Any]
) -> None:
    """Write one document a part and print the files' names in the order in which they can be run."""
    whole = rewire(roster, kept, bridge=not options["no_bridge"])
    if options["split_by"] == "tag":
        parts = _tag_parts(console, roster, kept)
        rewirings = [rewire(roster, part.nodes, bridge=not options["no_bridge"]) for part in parts]
    else:
        parts = (
            by_component(roster, kept, whole)
            if options["split_by"]
            else into_parts(roster, kept, whole, options["count"])
        )
        rewirings = [whole] * len(parts)
    if options["count"] and len(parts) < options["count"]:
        console.note(f"linked jobs stay together, so there are only {plural(len(parts), 'document')}")
    _tell(console, roster, whole)
    paths = [os.path.join(directory, f"{part.name}.json") for part in parts]
    _make_directory(directory, paths, console)
    for path, part, rewiring in zip(paths, parts, rewirings, strict=True):
        contract.write_file(path, cut(roster, part.nodes, rewiring, minimal=options["minimal"]))
        console.detail(f"{path}: {plural(len(part.nodes), 'job')}")
    contract.write_output("".join(f"{path}\n" for path in paths))


def _tag_parts(console: Console, roster: Roster, kept: Sequence[int]) -> list[Part]:
    made = by_tag(roster, kept)
    if made.crossing:
        lost = plural(len(made.crossing), "dependency", "dependencies")
        advice = "run them in the order listed" if made.ordered else "no order of the documents keeps them all"
        console.warn(f"{lost} between jobs of different documents cannot be written: {advice}")
        for node, other in made.crossing:
            console.detail(f'  job "{_name(roster, node)}" waited for "{_name(roster, other)}"')
    return made.parts


def _make_directory(directory: str, paths: Sequence[str], console: Console) -> None:
    try:
        os.makedirs(directory, exist_ok=True)
        present = os.listdir(directory)
    except OSError as error:
        raise StorageError(f"cannot write to {directory}: {(error.strerror or str(error)).lower()}") from None
    written = {os.path.basename(path) for path in paths}
    others = sorted(name for name in present if name.endswith(".json") and name not in written)
    if others:
        console.warn(f"{directory} holds other documents, which stay: {_some(others)}")


def _tell(console: Console, roster: Roster, rewiring: Rewiring) -> None:
    """Say what became of dependencies that could not stay as they were."""
    for node, other in rewiring.dropped:
        console.note(f'job "{_name(roster, node)}" no longer waits for "{_name(roster, other)}"')
    if rewiring.inherited > MANY:
        console.warn(
            f"{rewiring.inherited:,} dependencies are inherited from jobs left out: "
            "a job that joins many others is better kept"
        )
    for node in rewiring.cut[:SHOWN]:
        console.warn(f'job "{_name(roster, node)}" waited for itself through removed jobs; that cycle is gone')
    _more(console, len(rewiring.cut))
    for node, name in rewiring.unknown[:SHOWN]:
        console.warn(
            f'job "{_name(roster, node)}" depends on "{printable(name)}", which is not in the document; it stays so '
            f"({roster.place(('jobs', node, 'dependencies'))})"
        )
    _more(console, len(rewiring.unknown))


def _more(console: Console, count: int) -> None:
    if count > SHOWN:
        console.warn(f"and {count - SHOWN} more like that")


def _name(roster: Roster, node: int) -> str:
    return printable(roster.ids[node])


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(map(printable, names[:3]))
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"

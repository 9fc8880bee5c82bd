"""ex-history: look at past runs, their jobs and their logs; mark, prune and export them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from exlib.commands.contract import Group, output_option, tool, write_output
from exlib.console import Console, is_terminal, plural, printable
from exlib.errors import AnswerNo, Exit, UsageError

if TYPE_CHECKING:
    from exlib.history.logs import Log
    from exlib.history.sqlite import SqliteStore
    from exlib.history.store import RunRecord

_STATUSES = ("running", "success", "failed", "timeout", "cancelled", "lost")
_STATUS_HELP = f"Runs in this state: {', '.join(_STATUSES)}."
_RUN_HELP = "RUN is a number, NUMBER.ATTEMPT, 'last' or 'last:APPLICATION'."


def _db_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--db``, before the verb or after it."""
    text = "The history's database (default: EX_DB, else in the user's state directory)."
    return click.option("--db", metavar="FILE", callback=_remember_db, expose_value=False, help=text)(function)


def _remember_db(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta["exlib.db"] = value


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    from exlib.history.lookup import point_in_time

    if value is None:
        return None
    try:
        return point_in_time(value, end_of_day=parameter.name == "until")
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None


def _choosing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose among runs."""
    for option in reversed(
        (
            click.option("--app", "--application", "application", metavar="NAME", help="Runs of this application."),
            click.option(
                "--status",
                metavar="STATUS",
                type=click.Choice(_STATUSES),
                help=f"Runs in this state: {', '.join(_STATUSES)}.",
            ),
            click.option("--since", metavar="TIME", callback=_moment, help="Started at or after TIME."),
            click.option("--until", metavar="TIME", callback=_moment, help="Started at or before TIME."),
            click.option("--limit", metavar="N", type=click.IntRange(min=0), help="The newest N of these."),
        )
    ):
        function = option(function)
    return function


_TIMES = "TIME is a date (2026-01-31), a date and time, or a span back from now: 90s, 10m, 2h, 3d, 1w."


@contextmanager
def _history(*, readonly: bool = True) -> Iterator[SqliteStore]:
    from exlib.history.sqlite import open_store

    store = open_store(click.get_current_context().meta.get("exlib.db"), readonly=readonly)
    try:
        yield store
    finally:
        store.close()


@tool("ex-history", cls=Group, invoke_without_command=True, subcommand_metavar="[VERB] [OPTION]...")
@_db_option
def command(console: Console) -> int | None:
    """Look at past runs, their jobs and their logs.

    Without a verb it lists the runs. A RUN is a number, NUMBER.ATTEMPT, 'last' or 'last:APPLICATION'.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        result: int | None = context.invoke(list_runs)
        return result
    return None


@tool("ex-history list", short_help="The runs, newest first.", epilog=_TIMES)
@_choosing
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to write them.")
@output_option
@_db_option
def list_runs(console: Console, form: str = "text", output: str = "-", **choice: Any) -> int:
    """List the runs, newest first."""
    from exlib.history.store import NoHistory
    from exlib.report.history import runs_table

    try:
        with _history() as store:
            records = store.runs(**choice)
            table = "" if form == "json" else runs_table(records, _voice(console, output), store.counts)
        if not records:
            console.note("no run matches" if any(value is not None for value in choice.values()) else "no run yet")
    except NoHistory as nothing:
        # To list what is not there yet is no failure: a script may ask before the first run.
        console.note(f"{nothing.message}: the first ex-run makes it")
        records = []
    if form == "json":
        from exlib.history.export import runs_json

        write_output(runs_json(records), output)
    elif records:
        write_output(table, output)
    return Exit.OK


@tool("ex-history show", short_help="One run with its jobs.", epilog=_RUN_HELP)
@click.argument("run", default="last")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to write it.")
@output_option
@_db_option
def show(console: Console, run: str, form: str, output: str) -> int:
    """Show one run: its jobs with times, exits, tries, marks and logs, and how to resume it."""
    from exlib.history.lookup import find_run

    with _history() as store:
        record = find_run(store, run)
        whole = "." not in run
        if form == "json":
            from exlib.history.export import run_json

            page = run_json(store, record, whole=whole)
        else:
            page = _page(store, record, whole, console, output)
    write_output(page, output)
    return Exit.OK


@tool("ex-history logs", short_help="What a job printed.", epilog=_RUN_HELP)
@click.argument("run")
@click.argument("job", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on until the job has ended, through all its tries.")
@click.option("--attempt", "number", metavar="N", type=click.IntRange(min=1), help="Its Nth try, not the last.")
@_db_option
def logs(console: Console, run: str, job: str | None, follow: bool, number: int | None) -> int:
    """Print the log of a job, byte for byte; without JOB the last of every job, each under a heading."""
    from exlib.history.logs import all_logs, copy, find_log, next_log
    from exlib.history.lookup import find_run

    if job is None and (follow or number is not None):
        raise UsageError(f"{'--follow' if follow else '--attempt'} needs a JOB", mend="ex-history show lists the jobs")
    whole = "." not in run
    with _history() as store:
        record = find_run(store, run)
        sys.stdout.flush()
        if job is None:
            missing = all_logs(store, record, sys.stdout.buffer, whole=whole)
            for error in missing:
                console.warn(error.message)
            return Exit.NO if missing else Exit.OK
        found: Log | None = find_log(store, record, job, number, whole=whole, wait=follow)
        while found is not None:
            copy(store, found, sys.stdout.buffer, follow=follow)
            found = next_log(store, found) if follow and number is None else None
            if found is not None:
                console.note(f"==> {printable(job)}, try {found.number} <==")
    return Exit.OK


@tool("ex-history mark-success", short_help="Count jobs of a run as done.", epilog=_RUN_HELP)
@click.argument("run")
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept and shown from then on.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed off a terminal.")
@_db_option
def mark_success(console: Console, run: str, jobs: tuple[str, ...], reason: str, yes: bool) -> int:
    """Count jobs as done, so that a resume goes on behind them; who, when and why are kept."""
    from exlib.history.lookup import find_run
    from exlib.history.marks import user_name

    if not reason.strip():
        raise UsageError("--reason is empty", mend="say why the jobs count as done")
    with _history() as store:  # nothing is made or migrated for a run that is not there
        record = find_run(store, run)
    what = f"{printable(', '.join(dict.fromkeys(jobs)))} of run {record.run} ({printable(record.application)})"
    if not yes:
        if not is_terminal(sys.stdin):
            raise UsageError("mark-success asks before it writes, and stdin is no terminal", mend="add --yes")
        if not click.confirm(f"Count {what} as done?", err=True):
            raise AnswerNo("nothing was marked")
    with _history(readonly=False) as store:
        store.mark_success(record.run, jobs, user_name(), reason.strip())
    console.note(f"marked {what} as success")
    return Exit.OK


@tool("ex-history prune", short_help="Remove old runs and their logs.")
@click.option("--older-than", "before", metavar="TIME", callback=_moment, help="Runs that ended before: 30d, 8w.")
@click.option("--keep", metavar="N", type=click.IntRange(min=0), help="Spare the newest N runs of each application.")
@click.option("--app", "--application", "application", metavar="NAME", help="Only runs of this application.")
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be removed.")
@_db_option
def prune(console: Console, before: float | None, keep: int | None, application: str | None, dry_run: bool) -> int:
    """Remove old runs and their log directories, and print which.

    With both rules a run must be older AND beyond the newest N to go. Running runs always stay.
    """
    if before is None and keep is None:
        raise UsageError("prune needs a rule", mend="say --older-than 30d, or --keep 20, or both")
    from exlib.history.retention import remove_logs
    from exlib.report.history import runs_table

    with _history() as store:  # a history that is not there is not made
        pass
    with _history(readonly=dry_run) as store:
        removed = store.prune(before=before, keep=keep, application=application, dry_run=dry_run)
        still_there = store.log_dirs()
    newest = {record.run: record for record in removed}
    write_output(runs_table(list(newest.values()), _voice(console, "-")))
    if not dry_run:
        for kept in remove_logs(removed, still_there):
            console.warn(f"{kept.log_dir} was left alone: {kept.reason}")
    console.note(f"{'would remove' if dry_run else 'removed'} {plural(len(newest), 'run')}")
    return Exit.OK


@tool("ex-history export", short_help="Runs as data for other programs.", epilog=f"{_RUN_HELP} {_TIMES}")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@_choosing
@click.option(
    "--format", "form", type=click.Choice(["json", "csv", "joblog"]), required=True, help="joblog: as GNU parallel's."
)
@output_option
@_db_option
def export(console: Console, runs: tuple[str, ...], form: str, output: str, **choice: Any) -> int:
    """Write runs with all their jobs: the RUNs named, else those that the options choose, oldest first."""
    from exlib.history import export as formats
    from exlib.history.lookup import find_run

    if runs and any(value is not None for value in choice.values()):
        raise UsageError("name runs or choose them by options, not both")
    with _history() as store:
        records = [find_run(store, run) for run in runs] if runs else store.runs(**choice)[::-1]
        write = {"json": formats.export_json, "csv": formats.export_csv, "joblog": formats.export_joblog}[form]
        product = write(store, records)
    write_output(product, output)
    return Exit.OK


for _verb in (list_runs, show, logs, mark_success, prune, export):
    command.add_command(_verb, _verb.name.partition(" ")[2])  # type: ignore[attr-defined, union-attr]


def _page(store: SqliteStore, record: RunRecord, whole: bool, console: Console, output: str) -> str:
    from exlib.history.marks import known_jobs
    from exlib.report.history import run_page

    jobs = store.jobs(record.run, None if whole else record.attempt)
    known = list(known_jobs(jobs, store.document(record.run)))
    unreached = len(known) - len(jobs) if whole else 0
    place = {job: number for number, job in enumerate(known)}
    jobs.sort(key=lambda job: place[job.job])
    attempts = store.attempts_of_run(record.run)
    tries = store.attempts(record.run)
    db = click.get_current_context().meta.get("exlib.db")
    return run_page(attempts, record, jobs, tries, unreached, store.counts(record), _voice(console, output), db)


def _voice(console: Console, output: str) -> Any:
    """How the product is coloured: by the terminal that stdout is, never in a file."""
    from exlib.report.wording import Voice

    return Voice(console, sys.stdout if output == "-" else None)

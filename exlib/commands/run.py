"""ex-run: run a workflow, durably, and resume it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from exlib.commands.contract import (
    load,
    refuse_contradicting_workers,
    show_short_help,
    tool,
    worker_options,
    workers_of,
    write_output,
)
from exlib.console import Console, is_terminal, printable, read_span
from exlib.document import STDIN_NAME, Document
from exlib.engine.site import Site
from exlib.errors import Exit, UsageError
from exlib.findings import DocumentRefused
from exlib.masking import Mask
from exlib.workflow import Workflow

if TYPE_CHECKING:
    from exlib.history.store import RunRecord
    from exlib.session.request import Request

HELP = """Run the jobs of a workflow in the order of their dependencies.

Every step is recorded in the history before the next one depends on it, so a run that was cut off, by a
failure or by kill -9, is resumed with --resume: finished jobs are not run again. Output of the jobs goes to
log files, one an attempt; progress and the summary to stderr.

After a failure nothing new starts and running jobs finish. ^C does the same; a second ^C ends the jobs.
"""

EPILOG = """\b
Examples:
  ex-run nightly.json
  ex-validate release.json | ex-filter --pattern 'PR_104*' --with-deps | ex-run --parallel --workers 4
  ex-run nightly.json --env DATE=2026-01-31 --continue-on-error
  ex-run nightly.json --dry-run
  ex-run --resume last

\b
Exit codes: 0 all jobs succeeded; 1 a job failed; 2 unusable input or options;
3 empty input; 74 the history or a log cannot be written; 124 --timeout;
130 and 143 interrupted by SIGINT and SIGTERM.
"""

SECTIONS = {
    "Which jobs": ("skip", "only", "dry_run"),
    "How they run": ("parallel", "sequential", "workers", "continue_on_error", "timeout", "grace"),
    "What they see": ("env", "env_file", "secrets", "working_dir", "show_env"),
    "Go on with an earlier run": ("resume", "failed_only", "on_change", "on_alive"),
    "History, logs and output": ("db", "log_dir", "keep_runs", "keep_days", "events", "tag"),
}


def _span(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """Seconds, or numbers with units: 90, 1.5m, 1h30m, 1d."""
    if value is None:
        return None
    seconds = read_span(value)
    if seconds is None:
        raise click.BadParameter(f'"{value}" is no span of time: write 90, 90s, 10m, 1h30m or 1d', context, parameter)
    if parameter.name == "timeout" and not seconds:
        raise click.BadParameter("a run needs more time than none", context, parameter)
    return seconds


def _names(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Names of variables. A value that somebody wrote behind one is not repeated."""
    for value in values:
        if "=" in value:
            name = value.partition("=")[0]
            raise click.BadParameter(
                f"it takes a name alone: --secret-env {name}, with the value in the environment or by --env",
                context,
                parameter,
            )
    return values


@tool("ex-run", help=HELP, epilog=EPILOG, sections=SECTIONS)
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--skip", metavar="ID", multiple=True, help="Do not run this job; what depends on it runs. Repeatable.")
@click.option("--only", metavar="ID", multiple=True, help="Run these jobs alone, as if all others were done.")
@click.option("-n", "--dry-run", is_flag=True, help="Show the plan with order, levels and commands; start nothing.")
@worker_options
@click.option("-k", "--continue-on-error", is_flag=True, help="After a failure skip only what depends on it.")
@click.option("--timeout", metavar="SPAN", callback=_span, help="End the run after this time (seconds, or 10m, 1h30m).")
@click.option(
    "--grace", metavar="SPAN", callback=_span, default="5", help="From TERM to KILL when a job times out. [5]"
)
@click.option("-e", "--env", metavar="K=V", multiple=True, help="A variable for every job. Repeatable.")
@click.option("--env-file", metavar="FILE", multiple=True, help="Variables from a file of K=V lines.")
@click.option(
    "--secret-env",
    "secrets",
    metavar="NAME",
    multiple=True,
    callback=_names,
    help="Show and keep this variable's value nowhere. Repeatable.",
)
@click.option("-C", "--working-dir", metavar="DIR", help="Run there instead of the document's working_dir.")
@click.option("--show-env", is_flag=True, help="Print the variables of each job first, secrets masked.")
@click.option("--resume", metavar="RUN", help="A number, or last. Without FILE its own document is used.")
@click.option("--failed-only", is_flag=True, help="Of the resumed run only what failed, nothing that never ran.")
@click.option(
    "--on-change",
    type=click.Choice(["rerun", "reuse", "refuse"]),
    default="rerun",
    help="What to do with finished jobs that changed since. [default: rerun]",
)
@click.option(
    "--on-alive",
    type=click.Choice(["end", "wait", "refuse"]),
    default="end",
    help="What to do with processes that outlived their engine. [default: end]",
)
@click.option("--db", metavar="FILE", help="The history (default: EX_DB, else in the user's state directory).")
@click.option("--log-dir", metavar="DIR", help="Where each run makes the directory of its logs.")
@click.option("--keep-runs", metavar="N", type=click.IntRange(min=1), help="Keep the newest N runs, remove older ones.")
@click.option("--keep-days", metavar="N", type=click.FloatRange(min=0), help="Remove runs that ended N days ago.")
@click.option("--events", metavar="TARGET", help="Write events as JSON Lines to a file, - (stdout) or fd:N.")
@click.option("--tag", is_flag=True, help="Show the jobs' output on stdout as it comes, prefixed by job.")
def command(console: Console, file: str | None, **options: Any) -> int:
    """Check the document, then run it, or show what would be run."""
    _refuse_contradictions(options)
    if file is None and not options["resume"] and is_terminal(sys.stdin):
        show_short_help()
    document = load(file or "-") if file is not None or not options["resume"] else None
    record = None
    if options["resume"]:
        from exlib.session.takeover import document_of, enter, resumed_run

        record = resumed_run(options["resume"], options["db"], document)
        document = document or document_of(record, options["db"])
        if document.name == STDIN_NAME or file is None:
            enter(record)
    assert document is not None
    from exlib.masking.documents import secret_values

    env = _variables(options)
    _check(document, console, {**os.environ, **env}, options["secrets"])
    workflow = Workflow.from_document(document)
    request = _request(options, workflow, record, env)
    workflow = workflow._replace(secrets=(*workflow.secrets, *request.secrets))
    site = Site(workflow, os.environ, request.env, request.working_dir)
    mask = Mask(site.secret_values() | secret_values(document, workflow.secrets))
    for name in request.secrets:
        if not site.defines(name):
            console.warn(f"--secret-env {printable(name)}: there is no such variable, so nothing is hidden for it")
    if options["parallel"] and request.workers == 1:
        console.note("--parallel: the document has no max_workers, so one job runs at a time; add --workers N")
    if options["show_env"]:
        _show_environment(workflow, site, console, mask)
    if options["dry_run"]:
        return _dry_run(workflow, site, request, console, mask)
    site.require_directory()
    from exlib.session.execute import Session

    return Session(document, workflow, site, request, console, mask).execute()


def _refuse_contradictions(options: dict[str, Any]) -> None:
    refuse_contradicting_workers(options)
    if options["failed_only"] and not options["resume"]:
        raise UsageError("--failed-only needs the run to resume", mend="add --resume RUN, or --resume last")
    if options["events"] in ("-", "fd:1") and options["tag"]:
        raise UsageError("--tag and --events both want standard output", mend="write the events to a file")


def _check(document: Document, console: Console, environ: Mapping[str, str], named: Sequence[str]) -> None:
    """Refuse a document with errors; say what the security lint thinks of one without."""
    from exlib import rules
    from exlib.session.redaction import without_secrets

    found = rules.before_run(document)
    if not found:
        return
    found = without_secrets(found, document, environ, named)
    if any(finding.severity == "error" for finding in found):
        raise DocumentRefused([finding for finding in found if finding.severity == "error"])
    if not console.quiet:
        from exlib.report.findings import as_text

        console.say(as_text(found, console))


def _variables(options: dict[str, Any]) -> dict[str, str]:
    """The variables that the options give."""
    from exlib.session.envfile import assignments, from_file

    env: dict[str, str] = {}
    for path in options["env_file"]:
        env |= from_file(path)
    return env | assignments(options["env"])


def _request(options: dict[str, Any], workflow: Workflow, record: RunRecord | None, env: Mapping[str, str]) -> Request:
    """The options given, over those with which a resumed run began."""
    from exlib.session.request import Request

    context = click.get_current_context()
    for name in ("db", "log_dir", "working_dir"):
        options[name] = options[name] and os.path.abspath(os.path.expanduser(options[name]))
    given = {name: options[name] for name in Request._fields if name in options} | {
        "workers": workers_of(options, workflow),
        "env": env,
        "continue_on_error": options["continue_on_error"] or workflow.continue_on_error,
        "resume": record.run if record else None,
    }
    if record is not None:
        from exlib.session.takeover import taken_over

        asked = {name for name in given if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
        asked |= {"workers"} if options["parallel"] or options["sequential"] else set()
        given |= taken_over(record, asked, env, options["secrets"])
    line = shlex.join(["ex-run", *context.meta["exlib.arguments"]])
    again = shlex.join(["ex-run", *(["--db", options["db"]] if options["db"] else []), "--resume"])
    return Request(**given, command_line=line, resume_with=again)


def _show_environment(workflow: Workflow, site: Site, console: Console, mask: Mask) -> None:
    """Print each job's variables to stderr, those of secrets masked."""
    from exlib.environment import masked

    for job in workflow.jobs:
        console.say(console.style(printable(job.id), "bold") + f"  in {printable(mask.text(site.directory(job)))}")
        for name, value in sorted(masked(site.environment(job), workflow.secrets).items()):
            console.say(f"  {console.style(name, 'cyan')}={printable(mask.text(value))}")


def _dry_run(workflow: Workflow, site: Site, request: Request, console: Console, mask: Mask) -> int:
    from exlib.graph import Graph
    from exlib.session.choice import left_out
    from exlib.session.dryrun import plan_text

    jobs = workflow.jobs
    graph = Graph([job.id for job in jobs], [job.dependencies for job in jobs])
    settled = left_out(jobs, request.skip, request.only)
    if request.resume is not None:
        from exlib.history.sqlite import open_store
        from exlib.session.resume import decide

        store = open_store(request.db, readonly=True)
        try:
            found = decide(jobs, graph, store.jobs(request.resume), site.fingerprint, request)
        finally:
            store.close()
        settled = found.reused | found.left_out | settled
    write_output(plan_text(workflow, graph, settled, request.workers, console, mask))
    return Exit.OK

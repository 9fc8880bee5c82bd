"""How a tool is declared: its help, the options that all share, and how many jobs run at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from exlib import __version__
from exlib.console import Console
from exlib.errors import Exit, UsageError

if TYPE_CHECKING:
    from exlib.workflow import Workflow

F = TypeVar("F", bound=Callable[..., Any])

file_argument = click.argument("file", metavar="[FILE]", default="-", required=False)
output_option = click.option(
    "-o", "--output", metavar="FILE", default="-", help="Write the product to FILE, whole or not at all."
)


@dataclass(frozen=True, slots=True)
class Forward:
    """What a command returns when another tool is to do the work: its name and its command line."""

    command: str
    arguments: list[str]


class Command(click.Command):
    """A command whose help lists its options under headings, ``sections``; the rest follow as Options."""

    sections: Mapping[str, Sequence[str]] = {}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, one list a section."""
        options = [option for option in self.get_params(ctx) if isinstance(option, click.Option)]
        left: dict[str | None, list[Any]] = {}
        for option in options:  # several may set one parameter
            left.setdefault(option.name, []).append(option.get_help_record(ctx))
        for heading, names in self.sections.items():
            self._write_section(formatter, heading, [record for name in names for record in left.pop(name)])
        self._write_section(formatter, "Options", [record for records in left.values() for record in records])

    def _write_section(self, formatter: click.HelpFormatter, heading: str, records: Sequence[Any]) -> None:
        shown = [record for record in records if record is not None]
        if shown:
            with formatter.section(heading):
                formatter.write_dl(shown)


class Group(click.Group, Command):
    """A tool of several verbs; its help lists them before the options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs, then the options."""
        self.format_commands(ctx, formatter)
        Command.format_options(self, ctx, formatter)


def tool(
    name: str, *, sections: Mapping[str, Sequence[str]] | None = None, cls: type[Command] = Command, **settings: Any
) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a command with the options that all tools share; its function gets the Console first.

    The function returns its exit code (None means 0) and raises our errors; ``launch`` prints them.
    ``sections`` are headings for the help, each with the names of its options' parameters. A tool of several verbs
    has the class Group, and declares each verb in the same way with the name ``ex-TOOL VERB``.
    """

    def declare(function: Callable[..., Any]) -> click.Command:
        context = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        command = click.command(name, cls=cls, context_settings=context, **settings)(click.pass_obj(function))
        command.params += _shared_options(name)
        command.sections = sections or {}
        return command

    return declare


def _shared_options(name: str) -> list[click.Parameter]:
    """What every tool takes, listed after its own options."""
    colors = click.Choice(["auto", "always", "never"])

    def version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
        if wanted and not context.resilient_parsing:
            click.echo(f"{name} {__version__}")
            context.exit()

    declared: list[tuple[list[str], dict[str, Any]]] = [
        (["-q", "--quiet"], {"count": True, "callback": _set_quiet, "help": "Say only errors on stderr."}),
        (["-v", "--verbose"], {"count": True, "callback": _set_verbose, "help": "Say more on stderr."}),
        (["--color"], {"type": colors, "callback": _set_color, "help": "Colour the output (default auto)."}),
        (["--version"], {"is_flag": True, "is_eager": True, "callback": version, "help": "Show the version and exit."}),
    ]
    return [click.Option(names, expose_value=False, **attributes) for names, attributes in declared]


def number_of_workers(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """A number from 1, or auto for the number of processors."""
    if value == "auto":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if value is not None and not re.fullmatch(r"[1-9]\d{0,4}", value):
        raise click.BadParameter(f'"{value}" is no number of workers: write 1, 2, 3 … or auto', context, parameter)
    return None if value is None else int(value)


_WORKERS = (
    click.option("--parallel", is_flag=True, help="Run as many jobs at a time as the document's max_workers says."),
    click.option("--sequential", is_flag=True, help="Run one job at a time, whatever the document says."),
    click.option(
        "-j", "--workers", metavar="N", callback=number_of_workers, help="Run N jobs at a time; auto: one a processor."
    ),
)


def worker_options(function: F) -> F:
    """``--parallel``, ``--sequential`` and ``--workers``, which ``workers_of`` reads."""
    for option in reversed(_WORKERS):
        function = option(function)
    return function


def refuse_contradicting_workers(options: Mapping[str, Any]) -> None:
    """Raise UsageError if one job at a time is asked for, and several are too."""
    if options["sequential"] and (options["parallel"] or (options["workers"] or 1) > 1):
        other = "--parallel" if options["parallel"] else "--workers"
        raise UsageError(f"--sequential does not go with {other}", mend="leave one of the two out")


def workers_of(options: Mapping[str, Any], workflow: Workflow) -> int:
    """How many jobs run at a time: what the options say, else what the document says."""
    if options["sequential"]:
        return 1
    if options["workers"]:
        return int(options["workers"])
    return workflow.max_workers if options["parallel"] or workflow.parallel else 1


def show_short_help() -> None:
    """Print usage to stderr and leave with exit code 2: no FILE was named and stdin is a terminal."""
    context = click.get_current_context()
    name = context.info_name
    click.echo(
        f"{context.get_usage()}\n\nName a FILE, or pipe a workflow in. '{name} --help' shows the options.", err=True
    )
    context.exit(Exit.USAGE)


def _set_color(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:  # a verb's option that is not given leaves its tool's as it is
        context.ensure_object(Console).color = value


def _set_verbose(context: click.Context, _parameter: click.Parameter, value: int) -> None:
    context.ensure_object(Console).verbosity += value


def _set_quiet(context: click.Context, _parameter: click.Parameter, value: int) -> None:
    context.ensure_object(Console).verbosity -= value

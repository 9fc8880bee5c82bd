"""What every tool keeps: FILE or stdin in, the product alone on stdout, ``-o``, ``-q``, ``-v``, ``--color``."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from exlib import __version__
from exlib.console import Console, is_terminal
from exlib.document import STDIN_NAME, Document
from exlib.errors import EmptyInput, Exit, InputError, StorageError, UsageError

if TYPE_CHECKING:
    from exlib.workflow import Workflow

F = TypeVar("F", bound=Callable[..., Any])

file_argument = click.argument("file", metavar="[FILE]", default="-", required=False)
output_option = click.option(
    "-o", "--output", metavar="FILE", default="-", help="Write the product to FILE, whole or not at all."
)

_STANDARD = {"/dev/stdout": 1, "/dev/stderr": 2}
_EVENT = re.compile(rb'\s*\{"version": ?\d+, ?"event": ?"[a-z_]+", ?"time": ?"')
"""How a line of an event stream begins."""
_DESCRIPTOR = re.compile(r"/dev/std(?:out|err)|/(?:dev|proc/self)/fd/([0-9]{1,9})")


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


SUFFIXES = {
    ".txt": "text", ".json": "json", ".csv": "csv", ".md": "markdown", ".markdown": "markdown", ".html": "html",
    ".htm": "html", ".sh": "shell", ".prom": "openmetrics", ".joblog": "joblog", ".dot": "dot", ".gv": "dot",
    ".mmd": "mermaid", ".mermaid": "mermaid", ".svg": "svg", ".png": "png", ".pdf": "pdf",
}  # fmt: skip
"""Which format a file's name tells, where --format does not."""


def chosen_format(wanted: str | None, output: str, formats: Sequence[str], *, strict: bool = False) -> str:
    """The format that --format says, else the suffix of -o FILE, else text.

    A suffix that tells a format which the tool does not write is refused; ``strict``, every other one is, too.
    """
    if wanted:
        return wanted
    form = SUFFIXES.get(os.path.splitext(output)[1].lower())
    if form in formats and form is not None:
        return form
    no_file = output == "-" or not os.path.basename(output).strip(".") or output.startswith("/dev/")
    if no_file or (form is None and not strict):
        return "text"
    known = ", ".join(suffix for suffix, form in SUFFIXES.items() if form in formats)
    raise UsageError(f"the suffix of {output} tells no format here", mend=f"add --format, or use one of {known}")


_EVENTS_MEND = "'ex-analyze-logs FILE' tells what it holds"


def load(file: str, events_mend: str = _EVENTS_MEND) -> Document:
    """The document from FILE or stdin with what it includes. Raises InputError, EmptyInput or DocumentRefused.

    ``events_mend`` says what is to be done with a stream of events, which is easily taken for a document.
    """
    return with_includes(load_alone(file, events_mend))


def load_alone(file: str, events_mend: str = _EVENTS_MEND) -> Document:
    """The document from FILE or stdin as it stands there, its includes not read."""
    raw, name = read_bytes(file), STDIN_NAME if file == "-" else file
    if _EVENT.match(raw):
        raise InputError("this is a stream of events of ex-run, not a workflow", place=name, mend=events_mend)
    return Document(raw, name)


def with_includes(document: Document) -> Document:
    """The document with what it includes; itself if it includes nothing."""
    if "includes" not in document.data:
        return document
    from exlib.merge.includes import resolved

    return resolved(document)


def read_bytes(file: str) -> bytes:
    """All bytes of FILE, ``-`` being stdin; on a terminal the tool's short help is shown instead (exit 2)."""
    if file != "-":
        try:
            with open(file, "rb") as stream:
                return stream.read()
        except OSError as error:
            raise InputError(f"cannot read {file}: {_reason(error)}", mend=_read_mend(file, error)) from None
    if sys.stdin is None:
        raise EmptyInput("standard input is closed", mend="name a FILE, or pipe a workflow in")
    if is_terminal(sys.stdin):
        show_short_help()
    try:
        raw = sys.stdin.buffer.read()
    except OSError as error:
        raise InputError(f"cannot read standard input: {_reason(error)}") from None
    if not raw.strip():
        raise EmptyInput("standard input is empty: the stage before this one failed")
    return raw


def show_short_help() -> None:
    """Print usage to stderr and leave with exit code 2: no FILE was named and stdin is a terminal."""
    context = click.get_current_context()
    name = context.info_name
    click.echo(
        f"{context.get_usage()}\n\nName a FILE, or pipe a workflow in. '{name} --help' shows the options.", err=True
    )
    context.exit(Exit.USAGE)


def refuse_overwriting(output: str | None, *read: str) -> None:
    """Raise UsageError if a report would take the place of a file that is read."""
    if output in (None, "-") or not os.path.isfile(output):
        return
    if any(file != "-" and os.path.exists(file) and os.path.samefile(file, output) for file in read):
        raise UsageError(f"{output} is read here, and the report would take its place", mend="name another file")


def write_output(product: bytes | str, output: str = "-") -> None:
    """Write the whole product to stdout, or to a file through a temporary one and a rename."""
    data = product.encode("utf-8", "surrogateescape") if isinstance(product, str) else product
    if output != "-":
        write_file(output, data)
        return
    if sys.stdout is None:
        raise StorageError("cannot write to standard output: it is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write to standard output: {_reason(error)}") from None


def write_file(path: str, data: bytes) -> None:
    """Replace a file atomically, keeping its mode. Raises StorageError and then leaves it as it was."""
    try:
        if match := _DESCRIPTOR.fullmatch(path):  # opened by its name, a file would lose what it holds already
            _write_through(os.dup(_STANDARD.get(path) or int(match[1])), data)
        elif os.path.exists(path) and not os.path.isfile(path):  # a pipe or a device cannot be renamed over
            _write_through(os.open(path, os.O_WRONLY), data)
        else:
            _replace(os.path.realpath(path), data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {_reason(error)}", mend=_write_mend(path, error)) from None


def _write_through(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)


def _replace(target: str, data: bytes) -> None:
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".ex-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _keep_owner_and_mode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _keep_owner_and_mode(target: str, temporary: str) -> None:
    try:
        old = os.stat(target)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        return
    with contextlib.suppress(PermissionError):  # only root may give files away
        os.chown(temporary, old.st_uid, old.st_gid)
    os.chmod(temporary, old.st_mode & 0o7777)


def _write_mend(path: str, error: OSError) -> str | None:
    directory = os.path.dirname(os.path.realpath(path))
    if isinstance(error, FileNotFoundError):
        if os.path.isdir(directory):  # such as /proc
            return f"no file can be made in {directory}: name another directory"
        return f"create the directory {directory}"
    if isinstance(error, PermissionError):
        return f"the directory {directory} must be writable, as a file is replaced whole"
    return None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _read_mend(file: str, error: OSError) -> str | None:
    if isinstance(error, IsADirectoryError):
        return "name a file in it"
    if not isinstance(error, FileNotFoundError):
        return None
    import difflib

    directory, wanted = os.path.split(file)
    try:
        others = [name for name in os.listdir(directory or ".") if name != wanted]
    except OSError:
        return None
    close = difflib.get_close_matches(wanted, others, n=1, cutoff=0.75)
    return f"did you mean {os.path.join(directory, close[0])}?" if close else None


def _set_color(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:  # a verb's option that is not given leaves its tool's as it is
        context.ensure_object(Console).color = value


def _set_verbose(context: click.Context, _parameter: click.Parameter, value: int) -> None:
    context.ensure_object(Console).verbosity += value


def _set_quiet(context: click.Context, _parameter: click.Parameter, value: int) -> None:
    context.ensure_object(Console).verbosity -= value

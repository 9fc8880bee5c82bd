"""What every tool keeps: FILE or stdin in, the product alone on stdout, ``-o``, ``-q``, ``-v``, ``--color``."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from exlib import __version__
from exlib.console import Console, is_terminal
from exlib.document import STDIN_NAME, Document
from exlib.errors import EmptyInput, Exit, InputError, StorageError

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
        left = {option.name: option.get_help_record(ctx) for option in options}
        for heading, names in self.sections.items():
            self._write_section(formatter, heading, [left.pop(name) for name in names])
        self._write_section(formatter, "Options", list(left.values()))

    def _write_section(self, formatter: click.HelpFormatter, heading: str, records: Sequence[Any]) -> None:
        shown = [record for record in records if record is not None]
        if shown:
            with formatter.section(heading):
                formatter.write_dl(shown)


def tool(
    name: str, *, sections: Mapping[str, Sequence[str]] | None = None, **settings: Any
) -> Callable[[Callable[..., Any]], click.Command]:
    """Declare a command with the options that all tools share; its function gets the Console first.

    The function returns its exit code (None means 0) and raises our errors; ``launch`` prints them.
    ``sections`` are headings for the help, each with the names of its options' parameters.
    """

    def declare(function: Callable[..., Any]) -> click.Command:
        context = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        command = click.command(name, cls=Command, context_settings=context, **settings)(click.pass_obj(function))
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
        (["--color"], {"type": colors, "default": "auto", "callback": _set_color, "help": "Colour the output."}),
        (["--version"], {"is_flag": True, "is_eager": True, "callback": version, "help": "Show the version and exit."}),
    ]
    return [click.Option(names, expose_value=False, **attributes) for names, attributes in declared]


def load(file: str, console: Console) -> Document:
    """The document from FILE or stdin. Raises InputError, EmptyInput or DocumentRefused."""
    del console
    return Document(read_bytes(file), STDIN_NAME if file == "-" else file)


def read_bytes(file: str) -> bytes:
    """All bytes of FILE, ``-`` being stdin; on a terminal the tool's short help is shown instead (exit 2)."""
    if file != "-":
        try:
            with open(file, "rb") as stream:
                return stream.read()
        except OSError as error:
            raise InputError(f"cannot read {file}: {_reason(error)}", mend=_nearby(file)) from None
    if is_terminal(sys.stdin):
        show_short_help()
    raw = sys.stdin.buffer.read() if sys.stdin is not None else b""
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
    import tempfile

    temporary = ""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as device:  # a pipe or /dev/stdout cannot be renamed over
                device.write(data)
            return
        target = os.path.realpath(path)
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".ex-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
        temporary = ""
    except OSError as error:
        raise StorageError(f"cannot write {path}: {_reason(error)}") from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _nearby(file: str) -> str | None:
    import difflib

    try:
        names = os.listdir(os.path.dirname(file) or ".")
    except OSError:
        return None
    close = difflib.get_close_matches(os.path.basename(file), names, n=1)
    return f"did you mean {os.path.join(os.path.dirname(file), close[0])}?" if close else None


def _set_color(context: click.Context, _parameter: click.Parameter, value: str) -> None:
    context.ensure_object(Console).color = value


def _set_verbose(context: click.Context, _parameter: click.Parameter, value: int) -> None:
    context.ensure_object(Console).verbosity += value


def _set_quiet(context: click.Context, _parameter: click.Parameter, value: int) -> None:
    context.ensure_object(Console).verbosity -= value

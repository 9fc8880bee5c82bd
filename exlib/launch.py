"""From argv[0] to a command, and from its errors to exit codes: the one boundary."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from exlib.console import Console
from exlib.errors import ExecutionerError, Exit
from exlib.findings import DocumentRefused

COMMANDS = {
    "validate": "check a workflow and say what to mend",
    "filter": "select jobs, keeping the rest of the document as it is",
    "run": "run a workflow, durably, and resume it",
    "history": "look at past runs, their jobs and their logs",
}
"""Each tool's name and its one line; top-level help imports none of them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool that argv[0] names (``ex-run``, or ``executioner run``); return its exit code."""
    program, *arguments = list(sys.argv if argv is None else argv)
    name = os.path.basename(program).removesuffix(".py")
    if name.startswith("ex-"):
        return run(name.removeprefix("ex-"), name, arguments)
    return umbrella(arguments)


def umbrella(arguments: list[str]) -> int:
    """``executioner validate …`` is ``ex-validate …``; the original program's flags are translated."""
    if arguments and arguments[0] in COMMANDS:
        return run(arguments[0], f"executioner {arguments[0]}", arguments[1:])
    raise SystemExit(2)


def run(command: str, shown_name: str, arguments: list[str]) -> int:
    """Run one command inside the error boundary."""
    if command != "run":  # ex-run finishes its jobs when nobody reads what it prints
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    import click

    console = Console()
    try:
        module = import_module(f"exlib.commands.{command.replace('-', '_')}")
        result = module.command.main(arguments, prog_name=shown_name, standalone_mode=False, obj=console)
        return int(result) if isinstance(result, int) else 0
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        _tell(console, shown_name, error.format_message(), mend=f"see '{shown_name} --help'")
        return Exit.USAGE
    except DocumentRefused as refused:
        from exlib.report.findings import as_text

        console.say(as_text(refused.findings, console))
        return refused.exit_code
    except ExecutionerError as error:
        _tell(console, error.place or shown_name, error.message, mend=error.mend)
        return error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return Exit.BROKEN_PIPE
    except Exception as error:
        return _bug(console, shown_name, error)


def _tell(console: Console, place: str, message: str, *, mend: str | None) -> None:
    console.say(f"{console.style(place + ':', 'bold')} {console.style('error:', 'red', 'bold')} {message}")
    if mend:
        console.say(f"  {console.style('mend:', 'cyan')} {mend}")


def _bug(console: Console, name: str, error: Exception) -> int:
    """Say that it is our mistake, with the traceback in a file to send rather than on the terminal."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix=f"{name.split()[0]}-", suffix=".traceback", delete=False) as stream:
        traceback.print_exception(error, file=stream)
    _tell(console, name, f"a bug of ours: {type(error).__name__}: {error}", mend=f"please report it with {stream.name}")
    return Exit.BUG


def _silence_stdout() -> None:
    """Point stdout at /dev/null so that the interpreter's last flush cannot fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

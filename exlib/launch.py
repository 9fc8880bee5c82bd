"""From argv[0] to a command, and from its errors to exit codes: the one boundary."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from exlib import __version__
from exlib.console import Console, printable
from exlib.errors import ExecutionerError, Exit, StorageError, UsageError
from exlib.findings import DocumentRefused

if TYPE_CHECKING:
    import click

COMMANDS = {
    "validate": "check a workflow and say what to mend",
    "fmt": "write workflows in their one canonical form",
    "filter": "select jobs, keeping the rest of the document as it is",
    "merge": "make one workflow of several, or of two that changed a third",
    "diff": "compare two workflows, and say what the difference means",
    "optimize": "drop dependencies that say nothing, and say what else would help",
    "visualize": "draw a workflow, as it is or as a run of it ended",
    "plan": "say what a run would be like, without running anything",
    "run": "run a workflow, durably, and resume it",
    "history": "look at past runs, their jobs and their logs",
    "analyze-logs": "say what runs were like, what failed and why",
    "convert": "bring workflows from other formats, and to them",
}
"""Each tool's name and its one line; top-level help imports none of them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool that argv[0] names (``ex-run``, or ``executioner run``); return its exit code."""
    _secure_descriptors()
    program, *arguments = list(sys.argv if argv is None else argv)
    name = os.path.basename(program).removesuffix(".py")
    gc.disable()  # a tool reads, writes and ends; the engine collects again once all is loaded
    try:
        code = run(name.removeprefix("ex-"), name, arguments) if name.startswith("ex-") else umbrella(arguments)
    finally:
        _settle_stderr()
    _leave_at_once(code)
    return code


def umbrella(arguments: list[str]) -> int:
    """``executioner validate …`` is ``ex-validate …``; the original program's flags are translated."""
    first, *rest = arguments or ["help"]
    if first == "help" and rest:
        if rest[0] == "flags":
            return run("executioner", "executioner", ["--help"])
        first, rest = rest[0], [*rest[1:], "--help"]
    if first in COMMANDS:
        return run(first, f"executioner {first}", rest)
    if first in ("help", "-h", "--help"):
        return _inside("executioner", lambda _: _print(overview()))
    if first in ("-V", "--version"):
        return _inside("executioner", lambda _: _print(f"executioner {__version__}\n"))
    if first.startswith("-"):
        return run("executioner", "executioner", arguments)
    return _inside("executioner", lambda _: _no_such_command(first))


def overview() -> str:
    """The table of tools that ``executioner`` alone prints."""
    style = Console().style
    width = max(map(len, COMMANDS)) + 2
    tools = (f"  {style(name.ljust(width), 'cyan', stream=sys.stdout)}{line}" for name, line in COMMANDS.items())
    head = (line if line.startswith(" ") else style(line, "bold", stream=sys.stdout) for line in _HEAD.splitlines())
    return "\n".join([*head, *tools, _TAIL])


_HEAD = """\
Executioner: the Unix toolkit for job graphs

Usage
  executioner COMMAND [OPTION]... [FILE]      the same as ex-COMMAND [OPTION]... [FILE]

Commands"""

_TAIL = """
Tools read a workflow from FILE or stdin and write to stdout, so they pipe together:

  ex-validate nightly.json | ex-filter --pattern 'load_*' --with-deps | ex-run --parallel

  executioner help COMMAND     the options of one command
  executioner --sample-config  a workflow to start from
  executioner help flags       the flags of the original program, which keep working here
  executioner --version        the version
"""


def run(command: str, shown_name: str, arguments: list[str]) -> int:
    """Run one command inside the error boundary."""
    if command != "run":  # ex-run finishes its jobs when nobody reads what it prints
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    return _inside(shown_name, lambda console: _invoke(command, shown_name, arguments, console))


def _invoke(command: str, shown_name: str, arguments: list[str], console: Console) -> int:
    """Import the command's module and call it; the original's flags end in a call of another tool."""
    from exlib.commands.contract import Forward

    module = import_module(f"exlib.commands.{command.replace('-', '_')}")
    declared: click.Command = module.command
    # Not command.main(): that turns a broken pipe into exit 1 and an interrupt into Abort.
    with declared.make_context(shown_name, list(arguments), obj=console) as context:
        context.meta["exlib.arguments"] = arguments
        result = declared.invoke(context)
    if isinstance(result, Forward):
        return run(result.command, f"executioner {result.command}", result.arguments)
    return result if isinstance(result, int) else 0


def _inside(shown_name: str, work: Callable[[Console], int]) -> int:
    """The boundary: do ``work`` and turn whatever comes out of it into words and an exit code."""
    console = Console()
    try:
        try:
            code = work(console)
        except Exception as error:
            code = _explain(error, console, shown_name)
        return _flushed(code)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not break the way out
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return Exit.BROKEN_PIPE
    except OSError as error:
        _abandon_stdout()
        _tell(console, shown_name, f"cannot write to standard output: {(error.strerror or str(error)).lower()}")
        return Exit.STORAGE


def _explain(error: Exception, console: Console, shown_name: str) -> int:
    """Say what a failure means and return its exit code; a broken pipe goes on to the boundary."""
    match error:
        case BrokenPipeError():
            raise error
        case DocumentRefused():
            from exlib.report.findings import as_text

            console.say(as_text(error.findings, console))
            return error.exit_code
        case ExecutionerError():
            _tell(console, error.place or shown_name, error.message, error.mend)
            return error.exit_code
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG):
            _tell(console, shown_name, f"cannot write {error.filename or 'output'}: {(error.strerror or '').lower()}")
            return Exit.STORAGE
        case FileNotFoundError(filename=None):  # os.getcwd() alone names no file
            _tell(console, shown_name, "the current directory does not exist any more", "go to one that does")
            return Exit.USAGE
        case ModuleNotFoundError(name="click"):
            _tell(console, shown_name, *_without_click())
            return Exit.USAGE
    import click

    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort():
            return Exit.INTERRUPTED
        case click.ClickException():
            return _usage(error, console, shown_name)
    return _bug(console, shown_name, error)


def _usage(error: click.ClickException, console: Console, shown_name: str) -> int:
    """A wrong command line in our words: what is wrong, the nearest right one, where the options are listed."""
    context = getattr(error, "ctx", None)
    place = context.command_path if context else shown_name
    possible = getattr(error, "possibilities", None)
    message = getattr(error, "message", "") if possible is not None else error.format_message()
    mend = f"did you mean {' or '.join(possible[:2])}? " if possible else ""
    options = "executioner help flags" if place == "executioner" else f"{place} --help"
    _tell(console, place, message[:1].lower() + message[1:].rstrip(". "), f"{mend}see '{options}'")
    return Exit.USAGE


def _no_such_command(name: str) -> int:
    import difflib

    near = difflib.get_close_matches(name.removeprefix("ex-"), COMMANDS, n=1)
    hint = f"did you mean 'executioner {near[0]}'? " if near else ""
    raise UsageError(f"there is no command {name!r}", mend=f"{hint}'executioner --help' lists the commands")


def _tell(console: Console, place: str, message: str, mend: str | None = None) -> None:
    """Say what is wrong; whatever of an input stands in the words cannot drive the terminal."""
    place, message, mend = (_harmless(text) for text in (place, message, mend or ""))
    console.say(f"{console.style(place + ':', 'bold')} {console.style('error:', 'red', 'bold')} {message}")
    if mend:
        console.say(f"  {console.style('mend:', 'cyan')} {mend}")


def _harmless(text: str) -> str:
    return text if text.isprintable() else "\n".join(map(printable, text.split("\n")))


def _bug(console: Console, name: str, error: Exception) -> int:
    """Say that it is our mistake, with the traceback in a file to send rather than on the terminal."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    try:
        handle, path = tempfile.mkstemp(prefix=f"{name.split()[0]}-", suffix=".traceback", text=True)
        with os.fdopen(handle, "w", errors="backslashreplace") as stream:
            stream.write(text)
        mend = f"please report it with {path}"
    except OSError:
        mend = "please report it; run it again where a temporary file can be written to get the details"
    _tell(console, name, f"a bug of ours: {type(error).__name__}: {error}", mend)
    return Exit.BUG


def _print(text: str) -> int:
    if sys.stdout is None:
        raise StorageError("cannot write to standard output: it is closed")
    sys.stdout.write(text)
    return Exit.OK


def _flushed(code: int) -> int:
    """Write out what stdout still holds while a failure can still be told; errors go to the boundary."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError:
        if code == Exit.OK:
            raise
        _abandon_stdout()  # the failure was told already
    return code


def _abandon_stdout() -> None:
    """Point stdout at /dev/null so that the interpreter's last flush cannot fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _settle_stderr() -> None:
    """Drop what a stderr that nobody reads still holds: the interpreter's last flush would turn it into exit 120."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _leave_at_once(code: int) -> None:
    """End the engine below a guard here: all is written and closed, and taking a large run apart takes long."""
    guard = sys.modules.get("exlib.engine.guard")
    if guard is not None and guard.stands():
        os._exit(code)


def _secure_descriptors() -> None:
    """Occupy closed standard descriptors, so that no file we open becomes stdin, stdout or stderr.

    Output descriptors are opened for reading: writing to a stdout that was closed fails instead of being lost.
    """
    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)


def _without_click() -> tuple[str, str]:
    """What is wrong and its mend, where the launcher took another Python than the checkout's own or there is none."""
    made = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), ".venv")
    if os.path.lexists(made) and not os.access(os.path.join(made, "bin", "python"), os.X_OK):
        return (
            f"this user cannot use {made}, and {sys.executable} has no click",
            "let this user read where its bin/python leads, or install Executioner for this user",
        )
    return f"{sys.executable} has no click", "run 'make demo' in the checkout first"

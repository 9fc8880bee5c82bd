"""The inside of the process that runs one check, or polls one wait, for the engine; ``hosting`` is its outside.

It runs in the job's directory and environment. Standard output and error are the job's log; the answer, one JSON line,
goes to descriptor 3 (a wait rewrites it at every poll, so that the last one tells what it waited for). Exit code 0:
passed, 1: not passed, 2: the plugin crashed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from exlib.errors import ExecutionerError
from exlib.plugins.verdict import PluginContext, Verdict, one_line, to_line

ANSWER_FD = 3
POLL_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one check or wait: ROLE NAME PARAMS [OPTIONS]; without a descriptor 3 the answer goes to stdout."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt ends us as it ends any command, without a traceback
    _undo_locale_coercion()
    answer = _Answer()
    role, name, params_json, *rest = sys.argv[1:] if arguments is None else arguments
    options = json.loads(rest[0]) if rest else {}
    sys.path += [entry for entry in options.get("path", ()) if entry not in sys.path]
    context = _context(options.get("allow_shell", True))
    try:
        verdict = _run(role, name, json.loads(params_json), context, options.get("sources", ()), answer)
        code = 0 if verdict.passed else 1
    except ExecutionerError as error:
        verdict, code = Verdict(False, error.message), 1
    except BaseException as error:  # SystemExit too: a plugin that leaves has not answered
        verdict, code = Verdict(False, _crash(name, error)), 2
    answer.write(verdict)
    return code


class _Answer:
    """Descriptor 3, moved out of the plugin's way and closed for its children."""

    def __init__(self) -> None:
        import stat

        try:
            self._fd = os.dup(ANSWER_FD)
            os.close(ANSWER_FD)
            found = os.fstat(self._fd)
            self._is_file, self._length = stat.S_ISREG(found.st_mode), found.st_size
        except OSError:
            self._fd, self._is_file, self._length = os.dup(1), False, 0

    def write(self, verdict: Verdict) -> None:
        """Put the verdict in place of the one before, or after it where the answer goes to no file of its own."""
        sys.stdout.flush()
        line = to_line(verdict)
        if self._is_file:
            # One write over the answer before, filled up to its length: whenever we are killed there is an answer.
            self._length = max(self._length, len(line))
            os.pwrite(self._fd, line.ljust(self._length), 0)
            return
        while line:
            line = line[os.write(self._fd, line) :]


def _run(
    role: str,
    name: str,
    params: dict[str, Any],
    context: PluginContext,
    sources: Sequence[Sequence[str]],
    answer: _Answer,
) -> Verdict:
    if role == "check":
        from exlib.plugins.checks import CHECKS, run_bound

        if name in CHECKS:
            return run_bound(CHECKS[name], params, context)
    from exlib.plugins.kinds import expanded
    from exlib.plugins.loading import find, prepare

    params = expanded(params, context.env)
    ask = prepare(name, find(role, name, sources), params, context)
    return ask() if role == "check" else _poll(ask, params, answer)


def _poll(ask: Callable[[], Verdict], params: Mapping[str, Any], answer: _Answer) -> Verdict:
    """Ask until the answer is yes; how long that may take is the engine's to say."""
    import time

    pause = max(float(params.get("poll_seconds", POLL_SECONDS)), 0.05)
    while not (verdict := ask()).passed:
        answer.write(verdict)
        time.sleep(pause)
    return verdict


def _context(allow_shell: bool) -> PluginContext:
    import time

    return PluginContext(dict(os.environ), os.getcwd(), time.time(), allow_shell)


def _crash(name: str, error: BaseException) -> str:
    """One line for the verdict; the whole traceback goes to the job's log."""
    import traceback

    traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    if isinstance(error, SystemExit):
        return one_line(f"{name} called sys.exit({error.code!r}) instead of giving an answer{place}")
    return one_line(f"{name} crashed: {type(error).__name__}: {error}{place}")


def _undo_locale_coercion() -> None:
    """Take back the LC_CTYPE that the interpreter sets in a C locale: the job's commands must not see it."""
    try:
        with open("/proc/self/environ", "rb") as stream:
            given = [entry[9:] for entry in stream.read().split(b"\0") if entry.startswith(b"LC_CTYPE=")]
    except OSError:
        return
    if given:
        os.environb[b"LC_CTYPE"] = given[0]
    else:
        os.environ.pop("LC_CTYPE", None)


if __name__ == "__main__":
    sys.exit(main())

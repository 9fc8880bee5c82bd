"""The command of ``check_command``: its output goes where the host's goes, and may be looked at on the way."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import subprocess
import sys

from exlib.plugins.paths import why_unreadable
from exlib.plugins.scan import CHUNK, Hit, find_pattern
from exlib.plugins.verdict import PluginContext, Verdict


class _Tee(io.RawIOBase):
    """Reads a pipe and hands on every byte to standard output, so that the job's log has it."""

    def __init__(self, source: int) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = os.read(self._source, len(buffer))
        buffer[: len(data)] = data
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(sys.stdout.fileno(), rest) :]
        return len(data)


def run_command(command: str, wanted_code: int, wanted_output: str | None, context: PluginContext) -> Verdict:
    """Run ``command`` in the job's directory and environment, and judge how it ended and what it printed.

    /bin/sh runs it, or nothing but the program it names where the workflow allows no shell.
    """
    pipe = subprocess.PIPE if wanted_output is not None else None
    try:
        argv = ["/bin/sh", "-c", command] if context.allow_shell else shlex.split(command)
        child = subprocess.Popen(argv, stdout=pipe, stdin=subprocess.DEVNULL, cwd=context.cwd, env=context.env)
    except ValueError as error:
        return Verdict(False, f"the command cannot be split into words: {str(error).lower()}: {command}")
    except OSError as error:
        return Verdict(False, f"the command could not be started: {why_unreadable(error)}")
    hit: Hit | None = None
    if child.stdout is not None and wanted_output is not None:
        with io.BufferedReader(_Tee(child.stdout.fileno()), CHUNK) as output:
            hit = find_pattern(output, re.compile(wanted_output))
            while output.read1(CHUNK):
                pass
    code = child.wait()
    if code != wanted_code:
        ended = f"ended with exit code {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"
        return Verdict(False, f"the command {ended}, not {wanted_code}: {command}")
    if wanted_output is None:
        return Verdict(True, f"the command ended with exit code {code}")
    if hit is None:
        return Verdict(False, f"no line of the command's output matches /{wanted_output}/: {command}")
    return Verdict(True, f"line {hit.line} of the command's output: {hit.text}")

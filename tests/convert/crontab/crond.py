"""What cron does with a crontab, written from its manual page and without the reader: for tests of the meaning."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

NICKNAME = re.compile(r"@[a-z]+[ \t]+(.*)")
FIVE = re.compile(r"(?:[^ \t]+[ \t]+){5}(.*)")


def run_all(crontab: str, home: Path) -> None:
    """Run every entry once, in the order of the file, as cron runs one whose time has come."""
    environ = {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "HOME": str(home), "LOGNAME": "someone"}
    for text in crontab.splitlines():
        line = text.strip(" \t")
        if not line or line.startswith("#"):
            continue
        setting = re.fullmatch(r"""(["']?)(\w+)\1\s*=\s*(.*?)\s*""", line)
        if setting:
            value = setting[3]
            if value[:1] in ("'", '"'):
                value = value[1:-1]
            environ[setting[2]] = value
            continue
        match = NICKNAME.fullmatch(line) or FIVE.fullmatch(line)
        assert match, line
        command, stdin = _percent(match[1])
        where = environ["HOME"]
        subprocess.run([environ["SHELL"], "-c", command], input=stdin, env=environ, cwd=where, check=False, timeout=60)


def _percent(text: str) -> tuple[bytes, bytes]:
    raw = os.fsencode(text)
    command, at = b"", 0
    while at < len(raw) and raw[at : at + 1] != b"%":
        if raw[at : at + 1] == b"\\" and at + 1 < len(raw):
            command += b"%" if raw[at + 1 : at + 2] == b"%" else raw[at : at + 2]
            at += 2
        else:
            command += raw[at : at + 1]
            at += 1
    rest, stdin = raw[at + 1 :], b""
    at = 0
    while at < len(rest):
        if rest[at : at + 2] == b"\\%":
            stdin += b"%"
            at += 2
        else:
            stdin += b"\n" if rest[at : at + 1] == b"%" else rest[at : at + 1]
            at += 1
    return command, stdin + (b"\n" if stdin and not stdin.endswith(b"\n") else b"")

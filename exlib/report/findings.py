"""Findings as a person reads them: place, cause, the source line with the spot underlined, and the mend."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TextIO

from exlib.console import Console, is_terminal, plural, printable
from exlib.errors import Exit
from exlib.findings import Finding

FORMATS = ("text", "json", "github", "sarif", "junit")
"""Text is written here; each other is a module beside this one with a function ``render``."""
OFF_TERMINAL_WIDTH = 100
"""Columns that a source line may take where there is no terminal to ask."""
_TAB = "    "
_STYLES = {"error": "red", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Checked:
    """One input and what was found in it; ``unreadable`` is the exit code of one that could not be read at all."""

    file: str
    findings: tuple[Finding, ...]
    unreadable: Exit | None = None

    @property
    def exit_code(self) -> Exit:
        """0 when nothing is wrong, 1 for errors, 2 or 3 for what cannot be read."""
        if self.unreadable is not None:
            return self.unreadable
        return Exit.NO if any(finding.severity == "error" for finding in self.findings) else Exit.OK

    def errors_only(self) -> Checked:
        """The same without warnings."""
        return replace(self, findings=tuple(f for f in self.findings if f.severity == "error"))


def render(name: str, checked: Sequence[Checked], console: Console, stream: TextIO) -> str:
    """A report of every file in one of ``FORMATS``, with its line end; text is empty when nothing was found."""
    if name == "text":
        text = as_text((f for one in checked for f in one.findings), console, stream=stream, checked=len(checked))
        return text + "\n" if text else ""
    rendered: str = import_module(f"exlib.report.findings_{name}").render(checked)
    # Half surrogates come from file names that are not UTF-8, and from keys that the document was refused for.
    return rendered.encode("utf-8", "replace").decode("utf-8")


def as_text(findings: Iterable[Finding], console: Console, *, stream: TextIO | None = None, checked: int = 1) -> str:
    """Every finding as a compiler would print it, and a closing count; empty when there is none.

    ``stream`` (stderr by default) decides about colour and width; ``checked`` is the number of files looked at.
    The text has no line end.
    """
    found = list(findings)
    if not found:
        return ""
    stream = stream or sys.stderr
    blocks = [_block(finding, console, stream) for finding in found]
    return "\n\n".join([*blocks, _closing(found, console, stream, checked)])


def title(finding: Finding) -> str:
    """The cause in one line, with the job it concerns, safe to print."""
    message = finding.message
    if finding.job is not None and not message.startswith(f'job "{finding.job}"'):
        message = f'job "{finding.job}": {message}'
    return printable(message)


def counted(findings: Iterable[Finding]) -> str:
    """``2 errors, 1 warning``; ``no findings`` when there is none."""
    severities = [finding.severity for finding in findings]
    counts = [(severities.count(name), name) for name in ("error", "warning")]
    return ", ".join(plural(count, name) for count, name in counts if count) or "no findings"


def _block(finding: Finding, console: Console, stream: TextIO) -> str:
    color = _STYLES[finding.severity]
    place = console.style(f"{printable(finding.place)}:", "bold", stream=stream)
    verdict = console.style(f"{finding.severity} {finding.code}:", "bold", color, stream=stream)
    lines = [f"{place} {verdict} {console.style(title(finding), 'bold', stream=stream)}"]
    gutter = " " * 7
    if finding.line and finding.source_line and not finding.source_line.isspace():
        excerpt, underline = source_excerpt(finding, width(stream) - len(gutter) - 2)
        number, bar = f"{finding.line:>6} ", console.style("|", "dim", stream=stream)
        lines.append(f"{console.style(number, 'dim', stream=stream)}{bar} {excerpt}")
        lines.append(f"{gutter}{bar} {underline[0]}{console.style(underline[1], 'bold', color, stream=stream)}")
    if finding.mend:
        lines.append(f"{gutter}{console.style('mend:', 'cyan', stream=stream)} {printable(finding.mend)}")
    return "\n".join(lines)


def _closing(findings: Sequence[Finding], console: Console, stream: TextIO, checked: int) -> str:
    files = list(dict.fromkeys(finding.file for finding in findings))
    if checked == 1:
        where = printable(files[0])
    else:
        where = f"{len(files)} of {plural(checked, 'file')}" if len(files) < checked else plural(checked, "file")
    worst = "error" if any(finding.severity == "error" for finding in findings) else "warning"
    count = console.style(counted(findings), "bold", _STYLES[worst], stream=stream)
    return f"{count} in {where}"


def width(stream: TextIO) -> int:
    """Columns of the terminal behind ``stream``, or a fixed width off a terminal."""
    if is_terminal(stream):
        try:
            return max(os.get_terminal_size(stream.fileno()).columns, 40)
        except (OSError, ValueError):
            pass
    return OFF_TERMINAL_WIDTH


def source_excerpt(finding: Finding, room: int) -> tuple[str, tuple[str, str]]:
    """The source line cut to about ``room`` columns around the finding, and (indent, underline) for below it."""
    line = finding.source_line
    start = min(max(finding.column - 1, 0), len(line))
    end = max(min(finding.end_column - 1, len(line)), start + 1)
    low, high = _window(len(line), start, end, room)
    before, after = "…" if low else "", "…" if high < len(line) else ""
    lead = before + "".join(_shown(line[low:start]))
    spot = "".join(_shown(line[start : min(end, high)]))
    rest = "".join(_shown(line[end:high]))
    mark = "^" + "~" * (_columns(spot) - 1)
    return (lead + spot + rest).rstrip() + after, (" " * _columns(lead), mark)


def _window(length: int, start: int, end: int, room: int) -> tuple[int, int]:
    """Which characters to show: everything if it fits, else the span with some of what stands around it."""
    if length <= room:
        return 0, length
    room -= 2  # for the marks of what was cut
    shown = min(end - start, room)
    low = max(0, min(start - (room - shown) // 2, length - room))
    return low, min(length, low + room)


def _shown(text: str) -> Iterator[str]:
    return (_TAB if c == "\t" else c if c.isprintable() else printable(c) for c in text)


def _columns(text: str) -> int:
    """How many columns of a terminal ``text`` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)

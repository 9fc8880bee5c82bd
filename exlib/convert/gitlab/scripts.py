"""A job's scripts as one command for ``bash -eo pipefail``, and back.

A plain script is its lines. What else a job does around its script is written in one form that ``taken_apart`` reads
back: other attempts, a failure that is ignored, a script afterwards in a shell of its own. ``set -e`` is off around the
parts, for within ``||`` and ``if`` it would be off inside of them too.
"""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from exlib.convert.gitlab.parts import UNREAD, Part

SHELL = "bash -eo pipefail"
_DEEPEST = 20
_OPEN = "set +e\n"
_LOOP = "for attempt in {numbers}; do\n"
_MAIN = "(set -e\n{main}\n)\nended=$?\n"
_NEXT = '[ "$ended" -ne 0 ] || break\ndone\n'
_AFTER = (
    'CI_JOB_STATUS=success; [ "$ended" -eq 0 ] || CI_JOB_STATUS=failed\nexport CI_JOB_STATUS\n(set -e\n{after}\n)\n'
)
_ALL = '[ "$ended" -eq 0 ] || echo "exit code $ended, which the job allows" >&2\nexit 0'
_SOME = 'case $ended in {codes}) echo "exit code $ended, which the job allows" >&2; exit 0 ;; esac\nexit "$ended"'
_NONE = 'exit "$ended"'
_DOTENV = (
    'if [ -f "{path}" ]; then while IFS= read -r pair || [ -n "$pair" ]; do '
    'case $pair in [A-Za-z_]*=*) export "${{pair?}}" ;; esac; done <"{path}"; fi'
)
_HERE = re.compile(r"/bin/sh -c \"\$\(cat <<'(SH_*)'\n(.*)\n\1\n\)\"", re.DOTALL)
_PLAIN_PATH = re.compile(r"[\w./${}@%+=:, -]+")


class Scripts(NamedTuple):
    """What a job does. ``allowed`` are the exit codes that count as success: None for all, empty for 0 alone."""

    main: str
    after: str = ""
    allowed: frozenset[int] | None = frozenset()
    attempts: int = 1


def command(scripts: Scripts) -> str:
    """The command that does it."""
    if scripts == Scripts(scripts.main):
        return scripts.main
    inner = _MAIN.replace("{main}", scripts.main)
    if scripts.after:
        inner += _AFTER.replace("{after}", scripts.after)
    if scripts.attempts > 1:
        numbers = " ".join(str(number) for number in range(1, scripts.attempts + 1))
        inner = _LOOP.replace("{numbers}", numbers) + inner + _NEXT
    return _OPEN + inner + _ending(scripts.allowed)


def taken_apart(text: str) -> Scripts:
    """The scripts of a command, as far as it is in the form above; else it is a script as a whole."""
    if not text.startswith(_OPEN):
        return Scripts(text)
    rest, attempts = text[len(_OPEN) :], 1
    if match := re.match(r"for attempt in 1((?: \d+)*); do\n", rest):
        attempts, rest = 1 + len(match[1].split()), rest[match.end() :]
    for ending, allowed in _endings(rest):
        body = rest[: -len(ending)]
        if attempts > 1:
            body = body.removesuffix(_NEXT)
        for main, after in _bodies(body):
            scripts = Scripts(main, after, allowed, attempts)
            if command(scripts) == text:
                return scripts
    return Scripts(text)


def by_sh(text: str) -> str:
    """A text for ``/bin/sh`` as a command for GitLab's shell, in which it stands as it is."""
    if "'" not in text or text.endswith("\n"):
        return f"/bin/sh -c {shlex.quote(text)}"
    end = "SH"
    while end in text.split("\n"):
        end += "_"
    return f"/bin/sh -c \"$(cat <<'{end}'\n{text}\n{end}\n)\""


def of_sh(text: str) -> str | None:
    """The text that ``by_sh`` made a command of; None if it did not."""
    if match := _HERE.fullmatch(text):
        inner = match[2]
    else:
        try:
            words = shlex.split(text) if text.startswith("/bin/sh -c ") else []
        except ValueError:
            words = []
        inner = words[2] if len(words) == 3 else ""
    quoted = f"/bin/sh -c {shlex.quote(inner)}"  # what has quotes in it was once written so, too
    return inner if inner and text in (by_sh(inner), quoted) else None


def lines(part: Part | None, *, what: str = "script") -> list[str]:
    """The lines of a script: a text, or lists of texts within each other. Raises InputError for what is neither."""
    if part is None or part.is_null:
        return []
    if part.is_scalar:
        return [_text(part, what)]
    if not part.is_list and part.kind != UNREAD:
        raise part.refuse(f"{what} must be a text or a list of texts")
    found: list[str] = []
    pending = [(item, 1) for item in reversed(part.items or [part])] if part.items or not part.is_list else []
    while pending:
        item, depth = pending.pop()
        if depth > _DEEPEST:
            raise item.refuse(f"{what} is nested too deeply")
        if item.is_list:
            pending += [(each, depth + 1) for each in reversed(item.items)]
        elif item.kind == UNREAD:
            found.append("echo 'lines are missing here: they were not read' >&2; exit 1")
        else:
            found.append(_text(item, what))
    return found


def dotenv(path: str) -> str | None:
    """The line that takes up the variables of a file that an earlier job wrote; None for a path it cannot hold."""
    return _DOTENV.format(path=path) if _PLAIN_PATH.fullmatch(path) and "$(" not in path else None


def _text(part: Part, what: str) -> str:
    if not isinstance(part.value, str):
        mend = "put quotes around it"
        raise part.refuse(f"a line of {what} must be text, and YAML takes this for something else", mend)
    return part.value.rstrip("\n")


def _ending(allowed: frozenset[int] | None) -> str:
    if allowed is None:
        return _ALL
    return _SOME.replace("{codes}", "|".join(str(code) for code in sorted(allowed))) if allowed else _NONE


def _endings(text: str) -> list[tuple[str, frozenset[int] | None]]:
    found: list[tuple[str, frozenset[int] | None]] = []
    if text.endswith(_ALL):
        found.append((_ALL, None))
    if match := re.search(r"case \$ended in (\d+(?:\|\d+)*)\) [^\n]*\nexit \"\$ended\"\Z", text):
        found.append((match[0], frozenset(map(int, match[1].split("|")))))
    if text.endswith(_NONE):
        found.append((_NONE, frozenset()))
    return found


def _bodies(body: str) -> list[tuple[str, str]]:
    head, tail = _MAIN.split("{main}")
    before, end = _AFTER.split("{after}")
    found = []
    if body.startswith(head) and body.endswith(tail):
        found.append((body[len(head) : -len(tail)], ""))
    at = body.find(tail + before)
    # Where the form is within itself, nothing tells which of its parts is which: it stays a script as a whole.
    if body.startswith(head) and at >= 0 and body.endswith(end) and body.count(tail + before) == 1:
        found.append((body[len(head) : at], body[at + len(tail + before) : -len(end)]))
    return found

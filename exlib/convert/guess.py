"""Which format a source is in, by its name, else by what stands in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

from exlib.convert.source import Source
from exlib.errors import InputError, UsageError

_NAMES: tuple[tuple[str, str], ...] = (
    (r"(.*/)?\.github/workflows/[^/]+\.ya?ml", "github"),
    (r"(.*/)?(.*[.-])?gitlab-ci\.ya?ml", "gitlab"),
    (r"(.*/)?(GNUmakefile|[Mm]akefile|.*\.mk)", "make"),
    (r"(.*/)?.*\.ninja", "ninja"),
    (r"(.*/)?(Jenkinsfile.*|.*\.jenkinsfile)", "jenkins"),
    (r"(.*/)?([Tt]askfile)(\.dist)?\.ya?ml", "taskfile"),
    (r"(.*/)?cron\.d/[^/]+|/etc/crontab|.*\.cron\.d", "cron.d"),
    (r"(.*/)?(crontab|.*\.(crontab|cron))", "crontab"),
    (r"(.*/)?.*\.(sh|bash|ksh)", "bash"),
    (r"(.*/)?.*\.(csv|tsv)", "csv"),
    (r"(.*/)?.*\.xlsx", "xlsx"),
)
_YAML_NAME = re.compile(r".*\.ya?ml")
_FIVE = r"(?:[-*/,0-9A-Za-z]+[ \t]+){5}\S"
_TOP = re.compile(r"""^["']?([A-Za-z_.$][\w.$ -]*)["']?[ \t]*:(?=[ \t]|$)""", re.MULTILINE)


class Guess(NamedTuple):
    """The name of a format, and what told it."""

    format: str
    why: str


def guess(source: Source) -> Guess:
    """The format of a source. Raises InputError if nothing tells it."""
    name = source.name.replace(os.sep, "/")
    for pattern, form in _NAMES:
        if re.fullmatch(pattern, name):
            if form == "crontab" and _names_users(source):
                return Guess("cron.d", "by the users behind its schedules")
            return Guess(form, "by its name")
    if source.raw[:4] == b"PK\x03\x04":
        return Guess("xlsx", "by its first bytes")
    for form, looks in _LOOKS:
        if looks(source.text):
            if form == "crontab" and _names_users(source):
                return Guess("cron.d", "by the users behind its schedules")
            return Guess(form, "by what stands in it")
    raise source.refuse(1, "nothing tells which format this is", "name it with --from")


def _names_users(source: Source) -> bool:
    from exlib.convert.crontab.accounts import names_users

    try:
        return names_users(source)
    except InputError:  # it is no text, which the reader says
        return False


def _json(*keys: str) -> Callable[[str], bool]:
    def looks(text: str) -> bool:
        return text.lstrip().startswith("{") and all(re.search(rf'"{key}"\s*:', text) for key in keys)

    return looks


def _match(pattern: str, flags: re.RegexFlag = re.MULTILINE) -> Callable[[str], bool]:
    found = re.compile(pattern, flags).search
    return lambda text: found(text) is not None


def _yaml(*keys: str, besides: str = "") -> Callable[[str], bool]:
    """Whether all the keys stand at the top of what looks like YAML, and something that matches ``besides``."""

    def looks(text: str) -> bool:
        top = set(_TOP.findall(text))
        return set(keys) <= top and (not besides or re.search(besides, text, re.MULTILINE) is not None)

    return looks


_LOOKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("wfformat", _json("schemaVersion", "workflow")),
    ("executioner", _json("jobs")),
    ("executioner", lambda text: text.lstrip().startswith(("{", "["))),
    ("bash", _match(r"\A#!\s*\S*(?:/|\s)(?:ba|da|k|z)?sh\b")),
    ("make", _match(r"\A#!\s*\S*make\b")),
    ("jenkins", _match(r"^\s*(?:pipeline|node(?:\s*\([^\n)]*\))?)\s*\{")),
    ("prhelper", _match(r"^(?:-+ \* Start of Release|sqlplus /nolog @|run -u )")),
    ("github", _yaml("on", "jobs")),
    ("github", _yaml("jobs", besides=r"^\s+(?:-\s+)?(?:runs-on|uses|steps):")),
    ("taskfile", _yaml("tasks")),
    ("dagu", _yaml("steps")),
    ("gitlab", _yaml(besides=r"^\s+(?:script|extends|trigger|rules):")),
    ("gitlab", _yaml("stages")),
    ("gitlab", _yaml("include")),
    ("ninja", _match(r"^build [^\n=]+: \S+")),
    ("crontab", _match(rf"^[ \t]*(?:@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)\b|{_FIVE})")),
    ("make", _match(r"^[^\s#:=][^:=\n]*::?(?!=)[^\n]*\n(?:\t|(?:#[^\n]*)?\n)")),
    ("csv", _match(r"\A[^\n]*\bcommand\b[^\n]*[,;\t]|\A[^\n]*[,;\t][^\n]*\bcommand\b")),
)


_TARGETS = {
    ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid", ".sh": "bash", ".bash": "bash",
    ".mk": "make", ".ninja": "ninja", ".json": "executioner", ".crontab": "crontab", ".cron": "crontab",
    ".jenkinsfile": "jenkins", ".py": "airflow", ".service": "systemd", ".timer": "systemd", "": "executioner",
}  # fmt: skip
_SEVERAL = {".yml": "github, gitlab or dagu", ".yaml": "dagu, github or gitlab"}


def target_of(output: str) -> str:
    """The format that the name of an output tells; a document on stdout, in a directory, in a file without a suffix.

    Raises UsageError for a suffix that no workflow document has, and that tells no format or several.
    """
    if output == "-" or output.endswith("/") or os.path.isdir(output) or output.startswith("/dev/"):
        return "executioner"
    name = output.replace(os.sep, "/")
    for pattern, form in _NAMES[:8]:
        if form != "taskfile" and re.fullmatch(pattern, name):
            return form
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in _TARGETS:
        mend = f"add --to {_SEVERAL.get(suffix, 'FORMAT')}; --formats lists them"
        raise UsageError(f"the suffix of {output} tells no format", mend=mend)
    return _TARGETS[suffix]

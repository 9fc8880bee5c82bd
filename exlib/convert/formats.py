"""The formats, in one lazy table: what each is called, what it can do, and which wishes it heeds."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple

from exlib.convert.account import Account
from exlib.convert.draft import Made
from exlib.convert.outgoing import Outgoing
from exlib.convert.source import Source
from exlib.convert.wishes import File, Wishes
from exlib.errors import UsageError

OWN = "executioner"
Read = Callable[[Source, Wishes, Account], Sequence[Made]]
Write = Callable[[Outgoing, Wishes], list[File]]


class Format(NamedTuple):
    """A format. ``file`` is how a file of it is usually called, ``*`` standing for the workflow's name.

    ``heeds`` are the wishes that its reader or writer looks at; ``package`` is the library beyond the usual ones.
    """

    name: str
    title: str
    reads: bool
    writes: bool
    file: str
    heeds: tuple[str, ...] = ()
    room: str = ""

    @property
    def module(self) -> str:
        """Where its reader and its writer are."""
        return f"exlib.convert.{self.room or self.name}"


FORMATS = {
    format.name: format
    for format in (
        Format(OWN, "Executioner workflow", True, True, "*.json", ("upgrade",)),
        Format("airflow", "Airflow DAG in Python", False, True, "*.py"),
        Format("bash", "shell script", True, True, "*.sh", ("granularity",)),
        Format("cron.d", "system crontab, with users", True, True, "*", ("each",), room="crontab"),
        Format("crontab", "crontab of one user", True, True, "*.crontab", ("each",)),
        Format("csv", "table of jobs, CSV", True, False, "*.csv", room="tables"),
        Format("dagu", "Dagu workflow", True, True, "*.yaml", ("variables",)),
        Format("dot", "Graphviz DOT", False, True, "*.dot", room="drawings"),
        Format("github", "GitHub Actions workflow", True, True, "*.yml", ("split_steps", "variables")),
        Format("gitlab", "GitLab CI configuration", True, True, "*.gitlab-ci.yml", ("variables",)),
        Format("jenkins", "Jenkinsfile, declarative", True, True, "*.jenkinsfile", ("variables",)),
        Format("make", "Makefile", True, True, "*.mk", ("targets", "variables", "evaluate")),
        Format("mermaid", "Mermaid flowchart", False, True, "*.mmd", room="drawings"),
        Format("ninja", "Ninja build file", True, True, "*.ninja", ("targets",)),
        Format("prhelper", "PR helper text of a database release", True, False, "*.txt"),
        Format("systemd", "systemd services and timers", False, True, "*"),
        Format("taskfile", "Taskfile", True, False, "*.yml", ("targets", "variables")),
        Format("wfformat", "WfFormat, recorded scientific workflows", True, False, "*.json"),
        Format("xlsx", "table of jobs, Excel", True, False, "*.xlsx", ("sheet",), room="tables"),
    )
}


def reader(name: str) -> Read:
    """The function that reads a format. Raises UsageError if there is none."""
    found = _named(name)
    if not found.reads:
        known = ", ".join(each.name for each in FORMATS.values() if each.reads)
        raise UsageError(f"{found.title} can be written, and not read", mend=f"--from takes {known}")
    module = import_module(f"{found.module}.reader")
    read: Read = getattr(module, f"read_{_word(name)}", None) or module.read
    return read


def writer(name: str) -> Write:
    """The function that writes a format. Raises UsageError if there is none."""
    found = _named(name)
    if not found.writes:
        known = ", ".join(each.name for each in FORMATS.values() if each.writes)
        raise UsageError(f"{found.title} can be read, and not written", mend=f"--to takes {known}")
    module = import_module(f"{found.module}.writer")
    write: Write = getattr(module, f"write_{_word(name)}", None) or module.write
    return write


def _word(name: str) -> str:
    return name.replace(".", "_")


def _named(name: str) -> Format:
    if name not in FORMATS:
        from difflib import get_close_matches

        close = get_close_matches(name, FORMATS, n=1)
        mend = f"did you mean {close[0]}?" if close else f"there are {', '.join(FORMATS)}"
        raise UsageError(f"there is no format {name}", mend=mend)
    return FORMATS[name]

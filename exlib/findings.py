"""What a check of a document reports: a stable code, a place, a cause and a mend."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

from exlib.errors import ExecutionerError, Exit

Severity = Literal["error", "warning"]
Pointer = tuple[str | int, ...]
"""A path into a document: ``("jobs", 3, "timeout")``."""


class Finding(NamedTuple):
    """One thing to mend. Lines and columns count from 1, columns in characters; 0 means unknown."""

    code: str
    severity: Severity
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    end_column: int = 0
    source_line: str = ""
    mend: str | None = None
    job: str | None = None
    pointer: Pointer = ()

    @property
    def place(self) -> str:
        """``file:line:column``, as compilers and editors write it."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def as_error(self) -> Self:
        """The same finding with the severity that ``--strict`` gives it."""
        return self._replace(severity="error")


class DocumentRefused(ExecutionerError):
    """A document that cannot be used, with every finding that says why."""

    exit_code = Exit.USAGE

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings[0].message if findings else "the document was refused")
        self.findings = tuple(findings)

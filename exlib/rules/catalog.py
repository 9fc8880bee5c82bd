"""The catalogue of findings: a stable code, a name, a severity, a line and a page each.

A code that was released keeps its meaning; one that is retired is not used again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from exlib.findings import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding. ``page`` is what ``ex-validate --explain CODE`` prints."""

    code: str
    severity: Severity
    name: str
    summary: str

    @property
    def page(self) -> str:
        """The rule's page in Markdown: what it means, why it matters, an example, and the mend."""
        with open(os.path.join(_PAGES, f"{self.code}.md"), encoding="utf-8") as stream:
            text = stream.read()
        head = f"# {self.code} {self.name}\n\n{self.severity.capitalize()}. {self.summary}\n\n"
        return head + text + _SILENCE.get(self.code[0], "").format(self.code)


_SILENCE = {
    "W": "\nTo leave it out: `ex-validate --ignore {0}`.\n",
    "S": """
To leave it out: `ex-validate --ignore {0}`; for all of the lint `"security_policy": "off"` in the document. Under
`"security_policy": "strict"` it is an error, and `ex-run` refuses to start. It is lint and no sandbox.
""",
}
_PAGES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pages")
_TABLE: tuple[tuple[str, str, str], ...] = (
    ("E100", "unreadable-file", "A file that cannot be opened, or an empty standard input."),
    ("E101", "encoding", "A byte that is not valid UTF-8."),
    ("E102", "syntax", "Text that is not JSON, or that ends in the middle."),
    ("E103", "not-a-number", "NaN or Infinity, which JSON does not have."),
    ("E104", "duplicate-key", "A key that stands twice in one object."),
    ("E105", "nesting", "Lists and objects nested too deeply."),
    ("E106", "unusable-character", "NUL, or half of a surrogate pair."),
    ("E107", "utf-16", "UTF-16, UTF-32 or binary data instead of UTF-8."),
    ("E108", "not-an-object", "A document that is not a JSON object."),
    ("E109", "includes", "Includes that cannot be read, or lead in a circle."),
    ("E201", "missing-key", "A key that must be there is missing."),
    ("E202", "empty-value", "An id, a command or another needed text is empty."),
    ("E203", "wrong-type", "A value of the wrong type, a number in quotes for example."),
    ("E204", "out-of-range", "A number beyond its limits."),
    ("E205", "unknown-value", "A word that is not among the allowed ones."),
    ("E206", "email-format", "Something that is not a mail address."),
    ("E301", "duplicate-id", "Two jobs with the same id."),
    ("E302", "missing-dependency", "A dependency on a job that does not exist."),
    ("E303", "self-dependency", "A job that waits for itself."),
    ("E304", "circular-dependency", "Jobs that wait for each other."),
    ("E305", "control-character-in-id", "An id with a line end, a tab or another control character."),
    ("E306", "long-id", "An id of more than 200 bytes."),
    ("W307", "clashing-ids", "Ids that differ only by letter case or Unicode form."),
    ("W308", "path-in-id", "An id with characters of a path."),
    ("W309", "blanks-around-id", "An id that begins or ends with a blank."),
    ("W310", "duplicate-dependency", "A dependency that is listed twice."),
    ("W311", "invisible-character-in-id", "An id with a character that nobody sees."),
    ("W401", "program-not-found", "A command whose program is not on PATH."),
    ("W402", "undefined-variable", "A ${NAME} that nothing defines."),
    ("W403", "circular-variable", "A variable that is defined through itself."),
    ("E404", "impossible-variable-name", "A variable's name that is empty or holds an equals sign."),
    ("W405", "unusual-variable-name", "A variable's name that no shell can refer to."),
    ("W406", "retry-without-retries", "Retry settings that can have no effect."),
    ("W407", "workers-without-parallel", "max_workers without parallel."),
    ("W408", "mail-without-effect", "Mail settings that send no mail."),
    ("W409", "impossible-times", "Times that contradict each other."),
    ("W410", "very-long-time", "A time beyond thirty days."),
    ("W411", "missing-working-dir", "A working directory that does not exist here."),
    ("W412", "no-jobs", "A workflow without jobs."),
    ("E413", "shell-syntax-without-shell", "Shell syntax in a command that runs without a shell."),
    ("W414", "control-character-in-name", "A workflow's name with a line end or another control character."),
    ("W501", "unknown-key", "A key that means nothing."),
    ("W502", "key-without-effect", "A key that was read once and has no effect."),
    ("W503", "old-spelling", "An old name of a key."),
    ("W504", "dependency-string", "Dependencies written as one string."),
    ("W505", "both-spellings", "The old and the new name of a key side by side."),
    ("E506", "merge-conflict", "A conflict of a merge that nobody has settled yet."),
    ("S601", "root-deletion", "Recursive deletion of a root path, or of what may become one."),
    ("S602", "download-to-shell", "A download that is run at once."),
    ("S603", "world-writable", "A mode that lets everybody write."),
    ("S604", "credential-in-command", "A password, token or key in a command."),
    ("S605", "other-user", "A command run as another user with sudo, su or doas."),
    ("S606", "password-in-document", "The mail server's password in the document."),
    ("E701", "unknown-check", "A check that does not exist."),
    ("E702", "unknown-plugin", "A dependency plugin that does not exist."),
    ("E703", "wrong-parameter", "A parameter of a check or plugin that is unknown, missing or of the wrong type."),
    ("E704", "plugin-file", "A file of dependency_plugins that cannot be used."),
)

CATALOG: dict[str, Rule] = {
    code: Rule(code, "error" if code[0] == "E" else "warning", name, summary) for code, name, summary in _TABLE
}
"""Every rule by its code. S6xx are warnings; under ``security_policy: strict`` they are reported as errors."""

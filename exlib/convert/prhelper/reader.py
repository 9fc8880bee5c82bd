"""The SQL and ``run -u`` lines of a release become a chain; what a person has to do in between holds it up."""

from __future__ import annotations

import re
from itertools import pairwise

from exlib.convert.account import Account
from exlib.convert.draft import Draft, clean, depend, guard
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes

_SQL = re.compile(r"sqlplus\b.*?@(?P<file>[^\s;|&'\"]*?(?P<stem>[^\s/;|&'\"]+)\.sql)\b.*", re.IGNORECASE)
_RUN = re.compile(r"run\s+-u\s+\S+\s+\S.*")
_BANNER = re.compile(r"-{3,}\s*\*?\s*(.*?)\s*\*?\s*-{3,}")
_FACT = re.compile(
    r"(Current year|Source Release dir|Source PR Directory|Work Directory|Log Directory)\s*:\s*(.*)", re.IGNORECASE
)
_SECTION = re.compile(r"((?:Before|After)\b[^:\[]*):\s*(?:\[(.*)\])?")
_WARNING = re.compile(r"\*+\s*CRITICAL\s*:?\s*(.*)")
_INDEX = re.compile(r"\S+\.sql\s*:\s*\S.*")
_CRITICAL = "critical_check"


def read(source: Source, _wishes: Wishes, account: Account) -> list[Draft]:
    """The release as one document; the first job is the CRITICAL warning, where there is one."""
    reader = _Reader(source, account)
    for number, text in enumerate(source.lines, 1):
        if text.strip():
            reader.line(number, text.strip())
    return reader.drafts()


class _Reader:
    def __init__(self, source: Source, account: Account) -> None:
        self.source = source
        self.account = account
        self.facts: dict[str, str] = {}
        self.headings: list[str] = []
        self.draft = Draft("release", "prhelper")
        self.draft.new_id(_CRITICAL)
        self.reasons: list[list[str]] = []  # by job: what a person has to do before it
        self.section = ""
        self.waiting: list[str] = []  # what a person has to do before the next step
        self.warnings: list[str] = []
        self.indexes: list[str] = []
        self.runs = 0

    def line(self, number: int, text: str) -> None:
        """Take one line that is not blank."""
        for pattern, take in (
            (_SQL, self._sql), (_RUN, self._run), (_WARNING, self._warning), (_BANNER, self._banner),
            (_FACT, self._fact), (_SECTION, self._section),
        ):  # fmt: skip
            match = pattern.fullmatch(text)
            if match is not None:
                take(number, match)
                return
        if self.warnings and _INDEX.fullmatch(text):
            self.indexes.append(text)
            self.account.manual(self.source.place(number), "index", f"to be seen to before EX_ALLOW names {_CRITICAL}")
            return
        self._instruction(number, text)

    def drafts(self) -> list[Draft]:
        """The chain of the steps, with the warning in front."""
        draft = self.draft
        if not draft.jobs:
            return []
        if self.headings:
            draft.settings["application_name"] = self.headings[0]
        draft.settings["default_timeout"] = None
        if work := self.facts.get("work directory"):
            draft.settings["working_dir"] = work
        draft.kept |= {"facts": self.facts} if self.facts else {}
        draft.kept |= {"headings": self.headings} if self.headings else {}
        draft.kept |= {"afterwards": self.waiting} if self.waiting else {}
        if self.warnings:
            self._warn_first()
        for job, reasons in zip(draft.jobs, self.reasons, strict=True):
            for reason in reasons:
                guard(job, reason)
        for before, job in pairwise(draft.jobs):
            depend(job, [before["id"]])
        self.source.settle(self.account)
        return [draft]

    def _warn_first(self) -> None:
        """Put the warning in front of the steps; what is to be done before the first step is to be done before it."""
        text = "\n".join([*self.warnings, *self.indexes])
        self.draft.jobs.insert(0, {"id": _CRITICAL, "description": text, "command": "true"})
        self.reasons[0:1] = [["; ".join(self.warnings), *self.reasons[0]], []]

    # Lines

    def _sql(self, number: int, match: re.Match[str]) -> None:
        stem = match["stem"]
        digits = re.search(r"\d{3,}", stem)
        folder = self.facts.get("log directory", "").rstrip("/")
        log = f"{folder}/" * bool(folder) + f"*{digits[0] if digits else stem}*.log"
        place = self.source.place(number)
        job = self._step(stem, match[0], f"Running {stem}.sql", log)
        if folder:
            self.account.exact(place, "SQL step", "its log is searched for ORA- errors", job=job)
        else:
            reason = f"no log directory is named above it: {log} is searched"
            self.account.approximated(place, "SQL step", reason, job=job)

    def _run(self, number: int, match: re.Match[str]) -> None:
        self.runs += 1
        job = self._step(f"run_cmd_{self.runs}", match[0], f"Run command: {match[0]}", None)
        self.account.exact(self.source.place(number), "run step", job=job)

    def _step(self, name: str, command: str, description: str, log: str | None) -> str:
        """Add a job, and say its id."""
        checks = [{"name": "check_no_ora_errors", "params": {"log_file": log}}] if log else None
        source = {"section": self.section} if self.section else None
        job = self.draft.job(name, command, description=description, post_checks=checks, source=source)
        self.reasons.append(self.waiting)
        self.waiting = []
        return str(job["id"])

    def _warning(self, number: int, match: re.Match[str]) -> None:
        self.warnings.append(clean(match[1]) or "CRITICAL")
        reason = f"the first job, {_CRITICAL}, holds up all others until EX_ALLOW names it"
        self.account.manual(self.source.place(number), "warning", reason, job=_CRITICAL)

    def _banner(self, number: int, match: re.Match[str]) -> None:
        if match[1]:
            self.headings.append(clean(match[1]))
        self.account.exact(self.source.place(number), "heading", "kept beside the jobs")

    def _fact(self, number: int, match: re.Match[str]) -> None:
        name, value = match[1].lower(), match[2].strip()
        place = self.source.place(number)
        if name == "work directory" and self.facts.get(name, value) != value:
            self._instruction(number, match[0])
            return
        self.facts[name] = value
        used = {"work directory": "the working directory", "log directory": "the checks look there"}
        self.account.exact(place, "fact", used.get(name, "kept beside the jobs"))

    def _section(self, number: int, match: re.Match[str]) -> None:
        self.section = clean(match[1])
        place = self.source.place(number)
        said = clean(f"{match[1]}: {match[2]}" if match[2] else match[1])
        if self.section.lower().startswith("after"):
            self.waiting = [*self.waiting, said]
            self.account.manual(place, "section", "what follows it waits until a person says that this was done")
        else:
            self.account.exact(place, "section", "kept with its jobs")

    def _instruction(self, number: int, text: str) -> None:
        said = clean(text.strip("* \t"))
        if not said:
            self.account.exact(self.source.place(number), "line", "it only parts others")
            return
        self.waiting = [*self.waiting, said]
        self.account.manual(
            self.source.place(number), "instruction", "a person has to do it; the next job waits for that"
        )

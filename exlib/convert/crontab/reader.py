"""A crontab becomes jobs that do not depend on each other, each with its schedule beside it, as ex-run has no clock."""

from __future__ import annotations

import os
import re
import shlex
from typing import Any

from exlib.convert.account import Account, Place
from exlib.convert.crontab import comments, schedule
from exlib.convert.crontab.accounts import user_in
from exlib.convert.crontab.command import DEFAULT_SHELL, joined, line, links, split, told
from exlib.convert.crontab.entry import Entry, Variable, parse
from exlib.convert.crontab.naming import name_of
from exlib.convert.draft import Draft, guard
from exlib.convert.notes import read_note
from exlib.convert.shell.carried import restore_meaning
from exlib.convert.source import Source
from exlib.convert.wishes import Wishes
from exlib.document import STDIN_NAME
from exlib.environment import MASK, NAME, REFERENCE, is_secret

ORIGIN = "crontab"
DEFAULTS = {"SHELL": DEFAULT_SHELL, "PATH": "/usr/bin:/bin"}
"""What cron itself sets; HOME and LOGNAME it takes from the user's account."""
INHERITED = ["HOME", "LOGNAME", "USER", "LANG", "LC_ALL", "EX_ALLOW"]
NOTED = ("id", "description", "tags", "priority", "inputs", "outputs", "continue_on_error", "detach")
"""Keys of a job that a note in a comment may hold."""
NOTED_LINK = (*NOTED, "dependencies")
"""Keys of each of several jobs that one line runs, in the note's ``jobs``."""
NOTED_TOP = ("application_name", "description", "email_address", "email_on_success", "email_on_failure", "secrets")
_MAIL = frozenset(["MAILTO", "MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"])
_MOST = 10_000  # workers


def read(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """The crontab of one user."""
    return _Reader(source, wishes, account, users=False).drafts()


def read_cron_d(source: Source, wishes: Wishes, account: Account) -> list[Draft]:
    """``/etc/crontab`` or a file of ``/etc/cron.d``: a user stands behind the schedule of each entry."""
    return _Reader(source, wishes, account, users=True).drafts()


class _Job:
    """An entry with what was above it: its comments, and the variables that hold from there on."""

    def __init__(self, line: int, entry: Entry, variables: dict[str, str]) -> None:
        self.line = line
        self.entry = entry
        self.variables = variables
        self.description: list[str] = []
        self.comments: list[str] = []
        self.note: dict[str, Any] = {}

    @property
    def group(self) -> tuple[str, str | None, str | None]:
        """What has to be equal for jobs to be started together."""
        return self.entry.schedule, self.variables.get("CRON_TZ"), self.entry.user


class _Reader:
    def __init__(self, source: Source, wishes: Wishes, account: Account, *, users: bool) -> None:
        self.source = source
        self.wishes = wishes
        self.account = account
        self.users = users
        self.variables: dict[str, str] = {}
        self.jobs: list[_Job] = []
        self.top: dict[str, Any] = {}
        self.block: list[str] = []  # comments that may turn out to be the description of the entry below
        self.comments: list[str] = []
        self.note: dict[str, Any] = {}

    def drafts(self) -> list[Draft]:
        """Read line by line; an entry takes what stands above it."""
        for number, text in enumerate(self.source.lines, 1):
            if not text.strip():
                self._pass_block()
            elif text.lstrip(" \t").startswith("#"):
                self._comment(number, text)
            else:
                found = parse(self.source, number, users=self.users)
                if isinstance(found, Variable):
                    self._variable(number, found)
                else:
                    self._entry(number, found)
        self._pass_block()
        if not self.jobs:
            return []
        # No other cron reads such a line, so the whole file is for supercronic: it hands commands on as they are.
        self.bare = any(job.entry.form > len(schedule.FIVE) for job in self.jobs)
        self._tell_surroundings()
        groups = list(dict.fromkeys(job.group for job in self.jobs))
        if not self.wishes.each or len(groups) == 1:
            made = [self._draft(self._name(), self.jobs)]
        else:
            made = [
                self._draft(f"{self._name()} {_slug(group)}", [job for job in self.jobs if job.group == group])
                for group in groups
            ]
        if self.comments:
            made[-1].kept["comments"] = self.comments
        self.source.settle(self.account)
        return made

    # Lines

    def _pass_block(self) -> None:
        self.comments += self.block
        self.block = []

    def _comment(self, number: int, text: str) -> None:
        place = self.source.place(number)
        note = read_note(text)
        if note is not None:
            self.account.exact(place, "note", "what a crontab has no words for")
            known = NOTED_TOP if "application_name" in note else (*NOTED, "jobs", "run")
            for key in note.keys() - set(known):
                self.account.dropped(place, f"{key} of the note", "no such key is looked for in a note here")
            kept = {key: value for key, value in note.items() if key in known}
            if "application_name" in note:
                self.top |= kept
            else:
                self.note |= kept
            return
        said = comments.said(text)
        switched_off = comments.is_entry(said, users=self.users)
        if switched_off or comments.is_header(said):
            self._pass_block()
            self.comments.append(said)
            reason = "an entry that is switched off stays a comment" if switched_off else "kept beside the jobs"
            self.account.exact(place, "comment", reason)
        else:
            self.block.append(said)
            self.account.exact(place, "comment", "it is kept with the entry below")

    def _variable(self, number: int, found: Variable) -> None:
        self._pass_block()
        text = self.source.lines[number - 1].strip()
        if found.value and is_secret(found.name):
            text = text.replace(found.value, MASK)
        place = self.source.place(number, text=text)
        if not NAME.match(found.name):
            self.account.dropped(place, "variable", "the name of a variable consists of letters, digits and _ here")
            return
        if "\0" in found.value:
            raise self.source.refuse(number, "a value holds a byte that no variable can have")
        self.variables[found.name] = found.value
        self._tell_variable(place, found)

    def _tell_variable(self, place: Place, found: Variable) -> None:
        name, value = found
        if name in _MAIL and value:
            self.account.approximated(
                place,
                "variable",
                "it is set, and nothing is mailed: for mail of outcomes set email_address and email_on_failure",
            )
        elif name == "CRON_TZ":
            self.account.manual(place, "time zone", f"kept: what starts ex-run has to reckon in {value or 'UTC'}")
        elif name == "RANDOM_DELAY":
            self.account.manual(place, "random delay", "kept: what starts ex-run has to wait so long, or to let it be")
        elif name == "HOME" and not value.startswith("/"):
            self.account.approximated(place, "variable", "it is set; jobs start in the user's home directory")
        elif name in ("LOGNAME", "USER"):
            self.account.approximated(place, "variable", "it is set; cron itself would not take it")
        elif REFERENCE.search(value):
            self.account.exact(place, "variable", "each command sets it, since its ${…} is to stay as it is")
        else:
            self.account.exact(place, "variable")

    def _entry(self, number: int, found: Entry) -> None:
        job = _Job(number, found, dict(self.variables))
        job.description, self.block = self.block, []
        job.comments, self.comments = self.comments, []
        job.note, self.note = self.note, {}
        self.jobs.append(job)

    # Documents

    def _name(self) -> str:
        if isinstance(self.top.get("application_name"), str):
            return str(self.top["application_name"])
        if self.source.name == STDIN_NAME:
            return "crontab"
        stem, suffix = os.path.splitext(os.path.basename(self.source.name))
        stem, suffix = (stem[:-5], ".cron.d") if f"{stem}{suffix}".endswith(".cron.d") else (stem, suffix)
        return stem if suffix in (".crontab", ".cron", ".cron.d", ".txt") and stem else stem + suffix

    def _tell_surroundings(self) -> None:
        whole = Place(self.source.name)
        if self.bare:
            self.account.exact(
                whole, "surroundings", "the environment and the directory of who starts it, as in supercronic"
            )
            return
        self.account.approximated(
            whole,
            "surroundings",
            "as cron has them: HOME as directory, SHELL=/bin/sh, PATH=/usr/bin:/bin; what a login adds is not known",
        )

    def _draft(self, name: str, jobs: list[_Job]) -> Draft:
        draft = Draft(name, ORIGIN)
        shared = self._shared(jobs)
        home = shared.get("HOME", "")
        draft.settings |= {key: value for key, value in self.top.items() if key != "application_name"}
        if self.bare:
            draft.kept["cron"] = "supercronic"
        else:
            draft.settings |= {"working_dir": home if home.startswith("/") else "~", "inherit_shell_env": INHERITED}
        draft.settings |= {
            "parallel": True, "max_workers": min(len(jobs), _MOST), "default_timeout": None, "continue_on_error": True,
        }  # fmt: skip
        environment = {**({} if self.bare else DEFAULTS), **shared}
        if environment:
            draft.settings["env_variables"] = environment
        for job in jobs:
            self._job(draft, job, shared)
        return draft

    def _shared(self, jobs: list[_Job]) -> dict[str, str]:
        """The variables of the first entry, which all have; what later lines change is said in the jobs."""
        return {name: value for name, value in jobs[0].variables.items() if not REFERENCE.search(value)}

    def _job(self, draft: Draft, job: _Job, shared: dict[str, str]) -> None:
        entry, place = job.entry, self.source.place(job.line)
        literal = {name: value for name, value in job.variables.items() if REFERENCE.search(value)}
        own = {
            name: value for name, value in job.variables.items() if name not in literal and shared.get(name) != value
        }
        shell = job.variables.get("SHELL") or DEFAULT_SHELL
        command, shell_key = joined(entry.command, literal, shell, plain=self.bare)
        kept: dict[str, Any] = {"schedule": entry.schedule}
        zone, delay = job.variables.get("CRON_TZ"), job.variables.get("RANDOM_DELAY")
        kept |= {"timezone": zone} if zone else {}
        kept |= {"random_delay": delay} if delay else {}
        kept |= {"user": entry.user} if entry.user else {}
        kept |= {"quiet": True} if entry.quiet else {}
        if literal or line(command, plain=self.bare) != entry.command:
            kept["command"] = entry.command
        if literal:
            kept["variables"] = literal
        if job.comments:
            kept["comments"] = job.comments
        home = own.get("HOME", "")
        jobs = [(command, job.note)] if kept.get("command") or shell_key else self._parts(place, job, command)
        for number, (part, note) in enumerate(jobs):
            made = draft.job(
                str(note.get("id") or name_of(told(split(entry.command)[0]))),
                part,
                description="\n".join(job.description) if not number else None,
                env_variables=own,
                working_dir=home if home.startswith("/") else None,
                shell=shell_key,
                tags=[entry.schedule],
                source={key: value for key, value in kept.items() if not number or key != "comments"},
            )
            made |= {key: value for key, value in note.items() if key in NOTED_LINK and key != "id"}
            restore_meaning(made, note, part)
            if entry.user:
                guard(made, user_reason(entry.user))
            elif (suspect := self._suspect(entry)) is not None:
                guard(made, f"{suspect} may be its user, and no command")
            if not number:
                self._tell_entry(place, job, made["id"])

    def _suspect(self, entry: Entry) -> str | None:
        """The user that a crontab of one user seems to name, which only those of the system do."""
        return None if self.users or self.bare else user_in(entry.command)

    def _parts(self, place: Place, job: _Job, command: str) -> list[tuple[str, dict[str, Any]]]:
        """The commands that one line runs one after the other, each with its note; mostly one."""
        notes, commands = job.note.get("jobs"), links(command)
        if notes is None:
            return [(command, job.note)]
        if isinstance(notes, list) and len(notes) == len(commands) and all(isinstance(note, dict) for note in notes):
            return list(zip(commands, notes, strict=True))
        self.account.dropped(place, "note", "the line is no longer the one that its note tells of")
        return [(command, {})]

    def _tell_entry(self, place: Place, job: _Job, name: str) -> None:
        entry, source, number = job.entry, self.source, job.line
        tell = self.account
        if entry.user:
            reason = f"it waits for EX_ALLOW: ex-run has to be started by {entry.user}"
            tell.manual(source.place(number, text=entry.user), "user", reason, job=name)
        elif (suspect := self._suspect(entry)) is not None:
            reason = "it looks like the user of a system crontab: --from cron.d reads it so; the job waits for EX_ALLOW"
            tell.manual(source.place(number, text=suspect), "user", reason, job=name)
        when = source.place(number, text=entry.schedule)
        if entry.quiet:
            tell.dropped(source.place(number, text="-"), "sign", "it keeps cron's own log quiet", job=name)
        start = f"ex-filter --tag {shlex.quote(entry.schedule)} FILE | ex-run"
        if schedule.is_random(entry.schedule):
            tell.approximated(when, "random time", "cron picks a time in the range; the range is kept", job=name)
        if entry.schedule == "@reboot":
            tell.manual(when, "schedule", f"ex-run has no clock: let the boot start {start}", job=name)
        else:
            tell.manual(when, "schedule", f"ex-run has no clock: let cron or a timer start {start}", job=name)
        said = source.place(number, text=entry.command)
        if self.bare:
            tell.exact(said, "command", job=name)
            return
        _, stdin = split(entry.command)
        reason = "its standard input is in the command" if stdin else "" if "%" not in entry.command else r"\% is %"
        tell.exact(said, "command", reason, job=name)


def user_reason(user: str) -> str:
    """Why a job with a user waits for a person."""
    return f"it runs as {user} there"


def _slug(group: tuple[str, str | None, str | None]) -> str:
    """A schedule, a time zone and a user as a part of a name."""
    text = " ".join(part for part in group if part)
    return re.sub(r"[^\w@~,-]+", "_", text.replace("*", "x").replace("/", "%")).replace("%", "by").strip("_")

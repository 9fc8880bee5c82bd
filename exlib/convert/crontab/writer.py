"""Jobs with a schedule become lines of a crontab; jobs that are linked become one line that runs them in order."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from exlib.convert.account import Place
from exlib.convert.crontab import comments
from exlib.convert.crontab.command import DEFAULT_SHELL, chain, joined, line, split, told
from exlib.convert.crontab.lines import Line, lines_of, metadata, quoted, settle_variables, values_of
from exlib.convert.crontab.naming import name_of
from exlib.convert.crontab.reader import DEFAULTS, INHERITED, NOTED, NOTED_LINK, NOTED_TOP, ORIGIN, user_reason
from exlib.convert.crontab.schedule import FIVE, is_plain, is_schedule
from exlib.convert.draft import guard_of
from exlib.convert.notes import note
from exlib.convert.outgoing import Outgoing, OutJob
from exlib.convert.shell.carried import meaning
from exlib.convert.shell.job import environment, script
from exlib.convert.shell.words import word
from exlib.convert.source import CONTROL
from exlib.convert.wishes import File, Wishes
from exlib.document import STDIN_NAME
from exlib.environment import NAME
from exlib.workflow import DEFAULT_TIMEOUT

_LONGEST = 998  # characters of a command in the crons of Debian and BSD
_FIELDS = "MINUTE HOUR DAY MONTH WEEKDAY"
_BY_ITSELF = "cron starts each line by its time, whatever the others do"
_IN_NOTE = "kept in a comment: cron does nothing with it"


def write(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """The crontab of one user."""
    return [File("", _Writer(outgoing, users=False).text())]


def write_cron_d(outgoing: Outgoing, _wishes: Wishes) -> list[File]:
    """A file for ``/etc/cron.d``, whose lines name a user."""
    return [File("", _Writer(outgoing, users=True).text())]


class _Writer:
    def __init__(self, outgoing: Outgoing, *, users: bool) -> None:
        self.outgoing = outgoing
        self.users = users
        self.kept = outgoing.kept(ORIGIN)
        self.lines = lines_of(outgoing)
        self.bare = any(len(when.split()) > len(FIVE) for each in self.lines for when in each.schedules)
        self.defaults = {} if self.bare else DEFAULTS
        self.ids: set[str] = set()
        self.variables = dict(self.defaults)
        self.meanings: dict[str, dict[str, Any]] = {}
        """What the texts of the jobs stand for, by their ids."""

    def text(self) -> str:
        """The whole file."""
        lines = self.lines
        for each in lines:
            self._check(each)
        if not any(each.schedules for each in lines):
            return self._whole()
        pieces = [self._top()]
        sound = [each for each in lines if not each.trouble]
        for each in sound:
            self._recall(each)
        settle_variables(sound, self.defaults)
        for each in sound:
            self._shell(each)
        for each in lines:
            pieces.append(self._trouble(each) if each.trouble else self._paragraph(each))
        if isinstance(self.kept.get("comments"), list):
            pieces.append(
                "".join(f"\n{comments.written(text)}" for text in self._comments(self.kept["comments"])) + "\n"
            )
        self._tell_top()
        return "".join(pieces)

    def _check(self, each: Line) -> None:
        if self.users and not each.users and not each.trouble:
            each.trouble = "nothing says which user it runs as"

    # The file as a whole

    def _top(self) -> str:
        raw = self.outgoing.raw
        keys = {"application_name": self.outgoing.workflow.name}
        keys |= {key: raw[key] for key in NOTED_TOP if key in raw and key != "application_name"}
        return f"# {note(keys, to_line_end=True)}\n"

    def _tell_top(self) -> None:
        top, workflow = self.outgoing, self.outgoing.workflow
        top.exact("application_name")
        for key in NOTED_TOP:
            if key != "application_name":
                top.approximated(key, _IN_NOTE)
        together = workflow.parallel and workflow.continue_on_error
        for key in ("parallel", "max_workers", "continue_on_error"):
            top.exact(key) if together else top.approximated(key, _BY_ITSELF)
        if top.raw.get("inherit_shell_env", True) == (True if self.bare else INHERITED):
            top.exact("inherit_shell_env")
        else:
            top.approximated("inherit_shell_env", "cron gives HOME, LOGNAME, SHELL and PATH, and what the file sets")
        if not self.bare and top.raw.get("working_dir") is None:
            place = Place(top.document.name)
            top.account.approximated(
                place, "surroundings", "cron starts in the user's home directory, with an environment of its own"
            )
        if (workflow.working_dir or "~")[0] not in "/~":
            top.approximated("working_dir", "cron starts from the user's home directory")
        top.exact("working_dir", "default_timeout", "allow_shell", "security_policy")
        for key in top.unsaid():
            if key.startswith("default_"):
                top.exact(key)
        secret = sorted({name for job in top.jobs for name in environment(job)[1]})
        if secret:
            top.manual(
                "env_variables", f"the values of secrets are not written: set {', '.join(secret)} in the crontab"
            )
        top.exact("env_variables")

    def _whole(self) -> str:
        """A document without schedules of its jobs: one line that lets ex-run run all of it."""
        top = self.outgoing
        source = top.raw.get("x-source")
        found = source.get("schedule") if isinstance(source, dict) else None
        wanted = [text for text in (found if isinstance(found, list) else [found]) if is_schedule(text)]
        name = "workflow.json" if top.document.name == STDIN_NAME else top.document.name
        command = line(f"ex-run {shlex.quote(name)}")
        user = "USER " if self.users else ""
        place = Place(top.document.name)
        for speaker in (top, *top.jobs):
            for key in speaker.unsaid():
                speaker.exact(key)
        if wanted and not self.users:
            top.account.manual(place, "document", f"cron starts ex-run, which reads {name}: give its full path")
            return "".join(f"{when} {command}\n" for when in wanted)
        what = (
            "a user and the full path"
            if wanted
            else "the schedule, the user and the full path"
            if self.users
            else "the schedule and the full path"
        )
        top.account.manual(place, "document", f"put {what} of {name} into the line, and take its # away")
        return "".join(f"#{when} {user}{command}\n" for when in wanted or [_FIELDS])

    # One line

    def _recall(self, each: Line) -> None:
        """The command as the crontab had it, if it still comes to the job's command."""
        job = each.single
        if job is None or not self.kept or not self._is_plain(job):
            return
        raw, variables = metadata(job).get("command"), metadata(job).get("variables", {})
        if not isinstance(raw, str) or "\n" in raw or not isinstance(variables, dict):
            return
        if not all(NAME.match(name) and isinstance(value, str) and _fits(value) for name, value in variables.items()):
            return
        made = joined(raw, variables, _shell_variable(job), plain=self.bare)
        if made == (job.job.command, job.raw.get("shell")):
            each.raw, each.literal = raw, variables

    def _shell(self, each: Line) -> None:
        """Which shell the line asks cron for."""
        job = each.single
        if job is None:
            return
        if any(each.variables.get(name) != value for name, value in each.literal.items()):
            each.raw = None
        shell = job.job.shell
        if each.raw is not None:
            each.shell = _shell_variable(job)
        elif shell is not None and shell[1:] == ("-c",) and shell[0].startswith("/") and self._is_plain(job):
            each.shell = shell[0]

    def _is_plain(self, job: OutJob) -> bool:
        """Whether nothing but the command has to be said."""
        checked = (job.job.pre_checks and not self._is_guarded_by_user(job)) or job.job.post_checks
        limited = job.job.timeout is not None and ("timeout" in job.raw or job.job.timeout != DEFAULT_TIMEOUT)
        return not checked and not limited and job.job.retry.limit == 0

    def _is_guarded_by_user(self, job: OutJob) -> bool:
        """Whether all that holds it back is the user, whom the line names."""
        user = metadata(job).get("user")
        return self.users and len(job.job.pre_checks) == 1 and guard_of(job.raw) == user_reason(str(user))

    def _paragraph(self, each: Line) -> str:
        command = self._command(each)
        above = [comments.written(text) for job in each.jobs for text in self._comments(metadata(job).get("comments"))]
        setting = [
            f"{name}={quoted(value)}" for name, value in each.variables.items() if self.variables.get(name) != value
        ]
        self.variables |= each.variables
        told_of = self._described(each, command)
        user = f"{each.users[0]} " if self.users else ""
        quiet = "-" if each.single is not None and metadata(each.single).get("quiet") else ""
        entry = f"{quiet}{each.schedules[0]} {user}{command}"
        self._tell_schedule(each, len(entry))
        lines = [*above, *([""] if above else []), *setting, *told_of, entry]
        return ("\n" if len(lines) > 1 else "") + "\n".join(lines) + "\n"

    def _command(self, each: Line) -> str:
        if not self.bare or each.shell != self.variables.get("SHELL", DEFAULT_SHELL):
            each.variables["SHELL"] = each.shell
        scripts = [self._script(job, each) for job in each.jobs]
        if each.raw is not None:
            return each.raw
        return line(scripts[0] if len(scripts) == 1 else chain(scripts), plain=self.bare)

    def _script(self, job: OutJob, each: Line) -> str:
        """The text of one job for the line's shell."""
        values, secret = environment(job)
        own = [f': "${{{name}:?it is a secret, and has to be set above}}"' for name in secret]
        beyond = {name: value for name, value in values.items() if each.variables.get(name) != value}
        own += [f"export {name}={word(value)}" for name, value in beyond.items()]
        done = {"env"}
        home = each.variables.get("HOME")
        if all(path in (None, "~", home) for path in (job.workflow.working_dir, job.job.working_dir)):
            done.add("working_dir")
            job.exact("working_dir")
        if each.shell != DEFAULT_SHELL:
            done.add("shell")
            job.exact("shell")
        if self._is_guarded_by_user(job):
            done.add("checks")
            job.exact("pre_checks")
        if secret:
            job.manual(
                "env_variables", f"the values of secrets are not written: set {', '.join(secret)} in the crontab"
            )
        job.exact("env_variables")
        text = "\n".join([*own, script(job, done=frozenset(done))])
        self.meanings[job.job.id] = meaning(job, text, native=done & {"working_dir", "shell"}, beyond=beyond)
        return text

    def _described(self, each: Line, command: str) -> list[str]:
        """The description and the note of a line; what is in them is said of the jobs."""
        job = each.single
        if job is None:
            return [f"# {note({'jobs': [self._link(linked, each) for linked in each.jobs]}, to_line_end=True)}"]
        keys = {key: job.raw[key] for key in NOTED if key in job.raw and key not in ("id", "description", "tags")}
        description = job.job.description.split("\n") if job.job.description else []
        if not all(comments.tells(text, users=self.users) for text in description):
            keys["description"], description = job.job.description, []
        if self._next_id(name_of(told(split(command)[0]))) != job.job.id:
            keys["id"] = job.job.id
        self.ids.add(job.job.id)
        if job.raw.get("tags", each.schedules) != each.schedules:
            keys["tags"] = job.raw["tags"]
        for key in keys:
            job.approximated(key, _IN_NOTE)
        job.exact("id", "description", "tags")
        keys |= self.meanings.get(job.job.id, {}) if each.raw is None else {}
        return [*([f"# {note(keys, to_line_end=True)}"] if keys else []), *map(comments.written, description)]

    def _link(self, job: OutJob, each: Line) -> dict[str, object]:
        """What the note of a line with several jobs keeps of one of them."""
        self.ids.add(job.job.id)
        keys = {key: job.raw[key] for key in NOTED_LINK if key in job.raw}
        if keys.get("tags") == each.schedules:
            del keys["tags"]
        for key in keys:
            if key != "dependencies":
                job.approximated(key, _IN_NOTE)
        job.exact("tags")
        return keys | (self.meanings.get(job.job.id, {}) if each.raw is None else {})

    def _next_id(self, wanted: str) -> str:
        """The id that the reader would give the next entry."""
        name, number = wanted, 1
        while name in self.ids:
            number += 1
            name = f"{wanted}_{number}"
        return name

    def _tell_schedule(self, each: Line, length: int) -> None:
        when = each.schedules[0]
        for job in each.jobs:
            user = metadata(job).get("user")
            if user and not self.users:
                job.manual("x-source", f"it is for the crontab of {user}: this one names no user")
            if not is_plain(when):
                job.approximated("x-source", f"not every cron knows {when}")
            elif not self.kept:
                job.approximated("x-source", "its schedule, its user and its time zone alone")
            job.exact("x-source")
            if length > _LONGEST:
                job.manual("command", f"its line has {length} characters: some crons read {_LONGEST}")
            if each.single is None:
                job.approximated(
                    "dependencies", "one line runs the jobs one after the other, and ends at the first that fails"
                )
            job.exact("dependencies")

    def _trouble(self, each: Line) -> str:
        """Jobs that cannot be started by cron yet: a comment, so that nothing runs without its order."""
        user = f"{each.users[0] if len(each.users) == 1 else 'USER'} " if self.users else ""
        when = each.schedules[0] if len(each.schedules) == 1 else _FIELDS
        above = []
        for job in each.jobs:
            text = script(job)
            job.manual("command", f"{each.trouble}: its line is a comment until a person completes it")
            above += [f"# {job.job.id}: {each.trouble}".replace("\n", " "), f"#{when} {user}{line(text)}"]
            job.exact("id")
            job.dropped("dependencies", "the lines of a crontab know no order")
        return "\n" + "\n".join(above) + "\n\n"

    def _comments(self, kept: object) -> Iterator[str]:
        for text in kept if isinstance(kept, list) else ():
            if isinstance(text, str):
                yield from CONTROL.sub(" ", text).split("\n")


def _fits(value: str) -> bool:
    return "\n" not in value and quoted(value) is not None


def _shell_variable(job: OutJob) -> str:
    return values_of(job).get("SHELL") or DEFAULT_SHELL

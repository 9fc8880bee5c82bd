"""One job of the plan as a job of a document."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Any

from exlib.convert.draft import Draft, clean, guard
from exlib.convert.gitlab import durations
from exlib.convert.gitlab.conditions import Way
from exlib.convert.gitlab.environ import Environ
from exlib.convert.gitlab.keywords import CONDITIONS, GUARDED, KEPT, LIMIT, MANUAL, READ, deploys
from exlib.convert.gitlab.parts import Part
from exlib.convert.gitlab.plan import Plan, Planned
from exlib.convert.gitlab.retries import attempts, is_after_script, put_retries
from exlib.convert.gitlab.runners import strange
from exlib.convert.gitlab.scripts import SHELL, Scripts, command, dotenv, lines, of_sh
from exlib.errors import InputError
from exlib.rules.nearest import Nearest

_OTHERWISE = ("trigger", "run")
"""Keys of jobs that do their work without a script."""


class Maker:
    """Makes the jobs; ``ids`` are those of the jobs that are made, by the names that GitLab shows."""

    def __init__(self, plan: Plan, draft: Draft) -> None:
        self.plan = plan
        self.draft = draft
        self.teller = plan.teller
        self.ids: dict[str, str] = {}
        self._open = {job.name for job in plan.jobs if job.way is None}
        self.environ = Environ(plan)

    def make(self, job: Planned, ident: str, taken_up: list[str]) -> dict[str, Any]:
        """The job; ``taken_up`` are files of variables that it takes up from jobs before."""
        part, way = job.part, job.way
        env, prologue = self.environ.of_job(job)
        scripts, again = self._scripts(job, [*prologue, *taken_up])
        made = self.draft.job(ident, "", dependencies=[self.ids[name] for name in job.needs or ()])
        self.ids[job.name] = made["id"]
        made["command"], shell = _command(scripts)
        if shell:
            made["shell"] = shell
        put_retries(made, again, job, self.teller)
        self._timeout(made, job)
        if env:
            made["env_variables"] = env
        kept = self._kept(job)
        if optional := [self.ids[name] for name in job.needs or () if name in job.optional & self._open]:
            kept["optional_needs"] = optional
        self._guards(made, job, way, kept)
        self._dependencies(part, job)
        if kept:
            made["x-source"] = kept
        return made

    def _scripts(self, job: Planned, prologue: list[str]) -> tuple[Scripts, int]:
        part = job.part
        for key in ("before_script", "script", "after_script"):
            if (stated := part.get(key)) is not None and not stated.is_null:
                said = "its limit of five minutes is not kept" if key == "after_script" else ""
                self.teller.tell(stated, "approximated" if said else "exact", key, said, job.name)
        script = self._main(job)
        if not any(key in part.members for key in _OTHERWISE):
            script = [*prologue, *lines(part.get("before_script"), what="before_script"), *script]
        main = script
        if (way := job.way) is not None and way.when == "delayed":
            main.insert(0, f"sleep {self._delay(job):g}")
        after = "\n".join(lines(part.get("after_script"), what="after_script"))
        allowed = self._allowed(job)
        again = attempts(job)
        if allowed == frozenset() or not is_after_script(job):
            return Scripts("\n".join(main), after, allowed), again
        return Scripts("\n".join(main), after, allowed, again + 1), 0

    def _main(self, job: Planned) -> list[str]:
        script = lines(job.part.get("script"))
        beyond = [key for key in _OTHERWISE if key in job.part.members]
        if job.missing:
            job.guards.append(f"it takes {', '.join(dict.fromkeys(job.missing))} from what was not read")
            extends = job.part.get("extends")
            if extends is not None:
                self.teller.manual(extends, "extends", "it stands in a file that was not read", job.name)
        if any(line.strip() for line in script) and not beyond:
            return script
        if not beyond and not job.missing and self.plan.gathered.unread:
            job.guards.append("its script is missing from what was not read")
        elif not beyond and not job.missing:
            raise _without_script(job)
        why = f"{GUARDED[beyond[0]]}" if beyond else "its script was not read"
        return [f"echo {shlex.quote(why)} >&2", "exit 1"]

    def _delay(self, job: Planned) -> float:
        way = job.way
        part = (way.get("start_in") if way is not None else None) or job.part.get("start_in")
        length = durations.seconds(part.text) if part is not None else None
        if part is None or length is None:
            raise (part or job.part).refuse("start_in must be a length of time", "for instance 30 minutes")
        self.teller.tell(part, "approximated", "start_in", "it sleeps at its start, each time it is tried", job.name)
        return length

    def _allowed(self, job: Planned) -> frozenset[int] | None:
        """The exit codes that count as success beside 0; None for all."""
        way = job.way or Way("on_success")
        stated = way.get("allow_failure") or job.part.get("allow_failure")
        if stated is None or stated.is_null or stated.value is False:
            if stated is not None:
                self.teller.tell(stated, "exact", "allow_failure", job=job.name)
            return frozenset()
        codes = stated.get("exit_codes")
        if codes is not None:
            listed = codes.items if codes.is_list else [codes]
            if not all(isinstance(code.value, int) and 0 <= code.value < 256 for code in listed) or not listed:
                raise codes.refuse("exit_codes must be numbers")
            self.teller.tell(stated, "exact", "allow_failure", job=job.name)
            return frozenset(code.value for code in listed) - {0}
        if stated.value is not True:
            raise stated.refuse("allow_failure must be true, false or a map with exit_codes")
        self.teller.tell(stated, "approximated", "allow_failure", "a timeout is a failure all the same", job.name)
        return None

    def _timeout(self, made: dict[str, Any], job: Planned) -> None:
        stated = job.part.get("timeout")
        length = durations.seconds(stated.text) if stated is not None and not stated.is_null else None
        if stated is not None and not stated.is_null:
            if length is None:
                raise stated.refuse(f"{stated.text} is no length of time", "for instance 1h 30m")
            self.teller.tell(stated, "exact", "timeout", job=job.name)
        shared = self.plan.limit is not None and stated is self.plan.default["timeout"]
        if (way := job.way) is not None and way.when == "delayed":
            length = (length or LIMIT) + self._delay(job)
        elif shared:
            return  # it is the document's
        if length is None and self.plan.limit is not None:
            length = LIMIT
        if length is not None:
            made["timeout"] = int(length) if length == int(length) else length

    def _kept(self, job: Planned) -> dict[str, Any]:
        """The keys that come back on export, with what becomes of each."""
        kept: dict[str, Any] = {}
        if "stage" in job.part.members:
            kept["stage"] = job.stage
        for key, part in job.part.members.items():
            if key in READ:
                continue
            if key in KEPT:
                kept[key] = _flattened(part.plain())
                self._beyond(key, part, kept[key], job)
            else:
                self.teller.tell(part, "dropped", key, "no key of a job is called so", job.name)
        for key in ("inherit", "parallel", "extends"):
            stated = job.part.members.get(key)
            if stated is not None and not job.missing:
                self.teller.tell(stated, "exact", key, job=job.name)
        if job.entry in ("pages", "pages:deploy") and "pages" not in job.part.members:
            self.teller.manual(job.part.members["script"], "pages", KEPT["pages"][1], job.name)
        return kept

    def _beyond(self, key: str, part: Part, value: Any, job: Planned) -> None:
        """Say what becomes of a key that a document has no word for, and guard what must not run for it."""
        fate, reason = KEPT[key]
        held = GUARDED.get(key, "") if key != "environment" or deploys(value) else ""
        if key == "tags":
            held = strange(part, job, self.plan)
        if held:
            job.guards.append(held)
        if held and key not in ("release", "trigger", "run"):
            fate, reason = "manual", held
        self.teller.tell(part, fate, key, reason, job.name)

    def _guards(self, made: dict[str, Any], job: Planned, way: Way | None, kept: dict[str, Any]) -> None:
        """Guards for what is not decided or not done, and what was said of it."""
        reasons = list(job.guards)
        if way is None:
            reasons.insert(0, job.verdict.open or MANUAL)
        elif way.when == "manual":
            reasons.insert(0, MANUAL)
        for reason in reasons:
            guard(made, reason)
        stays = way is None or way.when == "manual"
        for key in CONDITIONS:
            part = job.part.members.get(key)
            if part is None:
                continue
            if stays and (key != "allow_failure" or part.value is False) and key != "start_in":
                conditions = _flattened(part.plain())
                if key != "rules" or not any("needs" in rule for rule in conditions if isinstance(rule, dict)):
                    kept[key] = conditions  # rules that set needs are not written again: needs are settled here
            self._say_condition(key, part, job, way)

    def _say_condition(self, key: str, part: Part, job: Planned, way: Way | None) -> None:
        if key in ("only", "except"):
            if way is None:
                self.teller.manual(
                    part, key, f"{job.verdict.open}: --var CI_COMMIT_BRANCH=… and the like tell", job.name
                )
            else:
                self.teller.tell(part, "exact", key, "decided while converting", job.name)
        elif key == "when":
            when = way.when if way is not None else part.text
            fates = {
                "always": ("approximated", "it runs after success alone"),
                "manual": ("manual", "it waits until EX_ALLOW names it"),
            }
            fate, said = fates.get(when, ("exact", ""))
            self.teller.tell(
                part, "manual" if fate == "manual" else "approximated" if said else "exact", key, said, job.name
            )
        elif key == "rules":
            self.teller.tell(part, "exact", key, job=job.name) if not part.items else None
            self._say_rule(part, way, job)
        elif key == "allow_failure" and part.is_null:
            self.teller.tell(part, "exact", key, job=job.name)
        elif key == "start_in" and (way is None or way.when != "delayed"):
            self.teller.tell(part, "exact", key, "it is not delayed", job.name)

    def _say_rule(self, rules: Part, way: Way | None, job: Planned) -> None:
        """What the rule that holds says beside its condition."""
        when = way.get("when") if way is not None else None
        if when is not None and way is not None and way.when == "manual":
            self.teller.manual(when, "when", "it waits until EX_ALLOW names it", job.name)
        elif when is not None and way is not None and way.when == "always":
            self.teller.tell(when, "approximated", "when", "it runs after success alone", job.name)

    def _dependencies(self, part: Part, job: Planned) -> None:
        dependencies = part.get("dependencies")
        if dependencies is None or dependencies.is_null:
            return
        entries = {other.entry for other in self.plan.jobs} | {other.name for other in self.plan.jobs}
        for item in dependencies.items:
            if item.is_scalar and item.text not in entries and not self.plan.gathered.unread:
                raise item.refuse(f"there is no job {item.text}")
        said = "all jobs work in one folder: files of other jobs are there too"
        self.teller.tell(dependencies, "approximated", "dependencies", said, job.name)


def dotenv_lines(job: Planned) -> list[str]:
    """The lines by which later jobs take up the variables that a job leaves in files."""
    part = job.part.get("artifacts", "reports", "dotenv")
    if part is None:
        return []
    listed = part.items if part.is_list else [part]
    return [line for item in listed if item.is_scalar and (line := dotenv(item.text))]


def _without_script(job: Planned) -> InputError:
    """What is wrong with a job that does nothing: most likely a key that nobody knows."""
    known = (*READ, *KEPT)
    for key, part in job.part.members.items():
        if key not in known:
            near = Nearest(known).to(key)
            mend = f"write {near}" if near else "remove it, and write a script"
            return part.refuse(f"the job {job.entry} has no script, and no key of a job is called {key}", mend)
    return job.part.refuse(f"the job {job.entry} has no script", "a name with a dot before it is no job")


def _flattened(value: Any) -> Any:
    """Lists within a list, which references leave behind, as one list."""
    if not isinstance(value, list):
        return value
    return [each for item in value for each in (_flattened(item) if isinstance(item, list) else [item])]


def _command(scripts: Scripts) -> tuple[str, str]:
    """The command, and its shell: that of GitLab, unless the script only calls a plain one."""
    text = command(scripts)
    inner = of_sh(text)
    if inner is not None:
        return inner, ""
    return text, SHELL


def described(comments: Iterable[str]) -> str:
    """The comments above a job as its description."""
    return "\n".join(comments) if any(clean(comment) for comment in comments) else ""

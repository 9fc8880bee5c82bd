"""One call of a task as jobs: its dependencies, its commands in their order, the calls among them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from exlib.convert.draft import depend, guard
from exlib.convert.taskfile.commands import Step, here, prologue, steps
from exlib.convert.taskfile.commandtext import SHELL, text_of
from exlib.convert.taskfile.files import Task
from exlib.convert.taskfile.keys import say_keys
from exlib.convert.taskfile.scope import assumption, environment, joined
from exlib.convert.taskfile.template import ASSUMED, Unknown, render
from exlib.convert.yaml.tree import Node

if TYPE_CHECKING:
    from exlib.convert.taskfile.plan import Plan

_GLOBS = frozenset("*?[{~")


class Call:
    """One call of a task on its way to jobs."""

    def __init__(self, plan: Plan, task: Task, call: Mapping[str, Any]) -> None:
        self.plan = plan
        self.book = plan.book
        self.task = task
        self.values = plan.scope.of_task(task, call)
        self.reasons: list[str] = []
        """Why the whole task waits for a person."""
        self.lacks: list[str] = []
        """What it cannot do without, so that it fails even if it is allowed."""
        self.before: list[dict[str, Any]] = []
        """The checks of its first job."""
        self.keys: dict[str, Any] = {}
        """What all its jobs have."""
        self.made: list[dict[str, Any]] = []

    def jobs(self, after: list[str]) -> list[str]:
        """Add them; the ids of those that have to be done before the task is."""
        task = self.task
        if not self._decide():
            return after
        self._settings()
        parts = self._parts()
        guards = self._up_to_date(parts)
        dependencies = list(steps(self.book, task.get("deps"), self.values, calls=True))
        assumed = self._assumed()
        starts = parts[0] if parts and isinstance(parts[0], list) else None
        if (self.reasons or self.lacks) and (dependencies or starts is None):
            gate = self.plan.held(f"{task.name}.gate", "; ".join([*self.reasons, *self.lacks]), after)
            gate["command"] = self._lacking() + "true"
            self.reasons, self.lacks, after = [], [], [gate["id"]]
        if assumed and dependencies:
            gate = self.plan.draft.job(f"{task.name}.gate", "true", pre_checks=assumed)
            depend(gate, after)
            after = [gate["id"]]
        else:
            self.before = [*assumed, *self.before]
        if self.before and starts is None:
            parts.insert(0, [Step(task.node, command="true")])
        at = self._dependencies(dependencies, after)
        count = sum(isinstance(part, list) for part in parts)
        number = 0
        for part in parts:
            if isinstance(part, list):
                number += 1
                at = [self._job(task.name if number == count else f"{task.name}.{number}", part, at, guards)]
            else:
                at = self._calls(part, at)
        say_keys(self.book, task, self.made)
        if task.node.is_scalar and task.node.plain() is None:
            self.book.say("exact", task.node, "task", "it does nothing")
        return at

    def _assumed(self) -> list[dict[str, Any]]:
        """The check that the environment does not have what defaults stand for."""
        stated = self.task.get("env")
        names = []
        for name in sorted(self.values.get(ASSUMED, ())):
            if stated is not None and name in stated.members:
                why = f"a template asks for {name}, which the environment of the job has: give it with --var {name}=…"
                self.lacks.append(why)
                self.book.say("manual", stated.members[name], name, why)
            else:
                names.append(name)
        if not names:
            return []
        why = (
            f"{', '.join(names)}: not to be in the environment, as templates ask for it: give ex-convert --var instead"
        )
        text = f'test -z "{"".join(f"${name}" for name in names)}" || {{ echo {shlex.quote(why)} >&2; false; }}'
        return [{"name": "check_command", "params": {"command": text}}]

    def _lacking(self) -> str:
        """The lines that fail for what is lacking."""
        return "".join(f"echo {shlex.quote(f'this is to be written: {why}')} >&2\nexit 1\n" for why in self.lacks[:1])

    def _decide(self) -> bool:
        """Whether the task runs at all, as far as that is known."""
        try:
            if not here(self.task.get("platforms")):
                self.book.say("dropped", self.task.node, "task", "it is not for Linux", None)
                return False
        except Unknown as why:
            self.reasons.append(str(why))
        condition, prompt, requires = self.task.get("if"), self.task.get("prompt"), self.task.get("requires")
        if condition is not None:
            self.reasons.append("it runs under a condition")
            self.book.say("manual", condition, "if", "the whole task waits for a person, as a command decides it")
        if prompt is not None:
            self.reasons.append("it asks before it runs")
            self.book.say("manual", prompt, "prompt", "nobody answers a question here: EX_ALLOW lets it run")
        self._require(requires)
        return True

    def _require(self, requires: Node | None) -> None:
        listed = requires.get("vars") if requires is not None else None
        for one in listed.items if listed is not None else ():
            name = (one.get("name") or one).text if one.is_map else one.text
            allowed = one.get("enum") if one.is_map else None
            value = self.values.get(name)
            if value is None or isinstance(value, Unknown):
                self.lacks.append(f"it needs {name}: give it with --var {name}=…")
                self.book.say("manual", one, "requires", f"give it with --var {name}=…")
            elif allowed is not None and allowed.is_list and value not in [item.plain() for item in allowed.items]:
                self.lacks.append(f"{name} may not be {value}")
                self.book.say("manual", one, "requires", f"{name} may not be {value}")
            else:
                self.book.say("exact", one, "requires", f"{name} is known")

    def _settings(self) -> None:
        task, root = self.task, self.task.file.root
        try:
            stated = task.get("dir")
            place = joined(task.file.folder, render(stated.text, self.values) if stated is not None else "")
            self.keys["working_dir"] = place or None
            if stated is not None:
                self.book.say("approximated", stated, "dir", "it has to be there; Task would make it")
        except Unknown as why:
            self._unknown(task.get("dir"), "dir", why)
        main = self.plan.files.main.root.get("env")
        env: dict[str, str] = {}
        for node in (main, root.get("env") if root is not self.plan.files.main.root else None, task.get("env")):
            found, unknown = environment(self.book, node, self.values, self.plan.scope.given)
            env |= found
            self.lacks += unknown
        self.literal = {name: value for name, value in env.items() if "${" in value}
        self.keys["env_variables"] = {name: value for name, value in env.items() if name not in self.literal}
        for one in (task.get("preconditions"),):
            self._preconditions(one)
        for holder in [root] if root is self.plan.files.main.root else [self.plan.files.main.root, root]:
            self._dotenv(holder.get("dotenv"))
        self._dotenv(task.get("dotenv"))

    def _dotenv(self, node: Node | None) -> None:
        """Variables that stand in files, which may hold secrets and are not read."""
        files = [one.text for one in node.items] if node is not None and node.is_list else []
        if node is not None and files:
            given = " ".join(f"--env-file {shlex.quote(name)}" for name in files)
            why = f"variables stand in files: give ex-run {given}"
            self.reasons.append(why)
            self.book.say("manual", node, "dotenv", why)

    def _unknown(self, node: Node | None, construct: str, why: Unknown) -> None:
        self.lacks.append(str(why))
        if node is not None:
            self.book.say("manual", node, construct, str(why))

    def _preconditions(self, node: Node | None) -> None:
        for one in node.items if node is not None else ():
            test = one.get("sh") if one.is_map else one
            if test is None:
                raise one.refuse("a precondition needs sh")
            said = one.get("msg") if one.is_map else None
            try:
                text = f"{SHELL} -c {shlex.quote(render(test.text, self.values))}"
                if said is not None:
                    text += f" || {{ printf '%s\\n' {shlex.quote(render(said.text, self.values))} >&2; false; }}"
                text = text.replace("${", "$''{")  # within single quotes: the shell looks it up, and nothing before it
                self.before.append({"name": "check_command", "params": {"command": text}})
                self.book.say("exact", one, "precondition", "a check before it", self.task.name)
            except Unknown as why:
                self._unknown(one, "precondition", why)

    def _dependencies(self, dependencies: list[Step], after: list[str]) -> list[str]:
        """What they hold back, at once; without any, what was before them."""
        found: dict[str, None] = {}
        for step in dependencies:
            found |= dict.fromkeys(self._calls(step, after))
        return list(found) or after

    def _calls(self, step: Step, after: list[str]) -> list[str]:
        """The jobs of a call; those that hold back what follows."""
        if not step.task and not step.held:
            self.book.say("dropped", step.node, "task", "it is not for Linux")
            return after
        if step.held or step.when or step.ignored:
            why = step.held or ("a condition decides on it" if step.when else "its failures are ignored")
            name = f"{self.task.name}.{step.task or 'call'}"
            self.book.say("manual", step.node, "task", f"{why}: the call waits for a person", self.task.name)
            full = self.task.file.full(step.task)
            if step.held or self.plan.is_open(full):
                return [self.plan.lacking(name, why, after)]
            return self.plan.call(full, step.call, [self.plan.held(name, why, after)["id"]], step.node)
        fate, why = ("approximated", "it runs after a success alone") if step.deferred else ("exact", "")
        if step.taken:
            fate, why = "approximated", assumption(step.taken)
        self.book.say(fate, step.node, "task", why or f"the jobs of {step.task}", self.task.name)
        return self.plan.call(self.task.file.full(step.task), step.call, after, step.node)

    def _parts(self) -> list[list[Step] | Step]:
        """The commands in runs between the calls; what is deferred comes last, the last of it first."""
        parts: list[list[Step] | Step] = []
        late: list[Step] = []
        task = self.task
        listed = [*steps(self.book, task.get("cmds"), self.values), *steps(self.book, task.get("cmd"), self.values)]
        for step in listed:
            if step.deferred and (step.task or step.held):
                late.insert(0, step)
            elif step.task and not step.deferred:
                parts.append(step)
            elif parts and isinstance(parts[-1], list):
                parts[-1].append(step)
            else:
                parts.append([step])
        commands = [part for part in parts if isinstance(part, list)]
        if len(parts) > 1 or len(commands) != 1:
            self._move_deferred(parts)
        return [part for part in [*parts, *late] if part]

    def _move_deferred(self, parts: list[list[Step] | Step]) -> None:
        """With other tasks between the commands, what is deferred becomes the last job."""
        late: list[Step] = []
        for part in parts:
            if isinstance(part, list):
                late = [*[step for step in reversed(part) if step.deferred], *late]
                part[:] = [step for step in part if not step.deferred]
        if late:
            parts.append([step._replace(deferred=False) for step in late])
            for step in late:
                self.book.say("approximated", step.node, "defer", "it runs after a success alone")

    def _up_to_date(self, parts: list[list[Step] | Step]) -> str:
        """The lines that end a job whose task says that it is up to date."""
        status = self.task.get("status")
        if status is None:
            return ""
        if self.task.get("sources") is not None:
            why = "it runs each time, as its sources are taken for changed"
            self.book.say("approximated", status, "status", why, self.task.name)
            return ""
        try:
            tests = [f"{SHELL} -c {shlex.quote(render(one.text, self.values))}" for one in status.items]
        except Unknown as why:
            self._unknown(status, "status", why)
            return ""
        if len(parts) == 1 and isinstance(parts[0], list) and tests:
            self.book.say("exact", status, "status", "the job ends where they all hold", self.task.name)
            return f"if {' && '.join(tests)}; then exit 0; fi\n"
        if not parts:
            self.book.say("exact", status, "status", "the task has no commands", self.task.name)
        else:
            self.reasons.append("it calls other tasks only where it is not up to date")
            self.book.say("manual", status, "status", "whether it calls other tasks is known when it runs")
        return ""

    def _job(self, name: str, part: list[Step], after: Sequence[str], guards: str) -> str:
        exports = "".join(f"export {key}={shlex.quote(value)}\n" for key, value in self.literal.items())
        lines = prologue(self.plan.files.main.root) + prologue(self.task.node) + exports + guards
        job = self.plan.draft.job(name, "true", shell=SHELL, **self.keys)
        for step in part:
            self._say_step(step, job)
        if not self.made:
            lines += self._lacking()
        job["command"] = lines + text_of(part, ignored=self._is_ignored()) or "true"
        if not self.made:
            if self.before:
                job["pre_checks"] = [*self.before, *job.get("pre_checks", ())]
            for reason in (*self.reasons, *self.lacks):
                guard(job, reason)
        described = self.task.get("desc") or self.task.get("summary")
        if described is not None and "{{" not in described.text:
            job["description"] = described.text
        elif above := self.task.file.tree.above(self.task.node):
            job["description"] = "\n".join(comment.text for comment in above)
        depend(job, after)
        self.made.append(job)
        return str(job["id"])

    def _say_step(self, step: Step, job: dict[str, Any]) -> None:
        if step.held:
            guard(job, step.held)
            why = f"{step.held}; it fails until it is written"
            self.book.say("manual", step.node, "command", why, job["id"])
        elif not step.command:
            self.book.say("dropped", step.node, "command", "it is empty, or not for Linux", job["id"])
        elif step.taken:
            self.book.say("approximated", step.node, "command", assumption(step.taken), job["id"])
        elif step.ignored or self._is_ignored():
            self.book.say("approximated", step.node, "command", "its failure is passed over", job["id"])
        else:
            self.book.say("exact", step.node, "command", "", job["id"])

    def _is_ignored(self) -> bool:
        """Whether the failures of all commands of the task are passed over."""
        whole = self.task.get("ignore_error")
        return whole is not None and whole.plain() is True
